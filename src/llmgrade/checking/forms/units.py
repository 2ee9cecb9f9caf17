"""Quantities with units: 5 km is 5000 m, 5 km is not 5 m, 90° is π/2 inside a sine.

Policy: a unit written on one side only is set aside with a note (the question usually said it); units on both sides are
converted and must agree. Amounts of money, degrees and counted things are units of their own.
"""

from __future__ import annotations

from fractions import Fraction

from llmgrade.expr.functions import UNITS
from llmgrade.expr.nodes import (
    Add,
    Call,
    Const,
    Div,
    Expr,
    Mul,
    Neg,
    Num,
    Pow,
    Quantity,
    Sym,
    children,
    kinds_of,
    rebuild,
)

__all__ = ["converted", "has_unit", "stripped"]

_HALF_TURN = Div(Const("pi"), Num(180))


def has_unit(expr: Expr) -> bool:
    return Quantity in kinds_of(expr)


def stripped(expr: Expr) -> Expr:
    """Without its units; degrees inside a function stay angles."""
    if isinstance(expr, Call):
        return converted(expr)
    if isinstance(expr, Quantity):
        return stripped(expr.value)
    if not has_unit(expr):
        return expr
    return rebuild(expr, [stripped(part) for part in children(expr)])


def converted(expr: Expr, *, angles: bool = False) -> Expr:
    """Every quantity as a number times base units, which become names of their own."""
    if not has_unit(expr):
        return expr
    if isinstance(expr, Quantity):
        return _in_base_units(converted(expr.value), expr.unit, angles)
    inside = angles or isinstance(expr, Call | Add)
    return rebuild(expr, [converted(part, angles=inside) for part in children(expr)])


def _in_base_units(value: Expr, unit: tuple[tuple[str, int], ...], angles: bool) -> Expr:
    factor = Fraction(1)
    powers: dict[str, int] = {}
    factors: list[Expr] = [value]
    for name, power in unit:
        if name in ("deg", "°") and (angles or len(unit) > 1):
            factors.append(_HALF_TURN)
            continue
        meaning = UNITS.get(name)
        base = meaning.base if meaning is not None else ((name, 1),)
        if meaning is not None:
            factor *= Fraction(meaning.factor) ** power
        for base_name, base_power in base:
            powers[base_name] = powers.get(base_name, 0) + base_power * power
    if factor != 1:
        factors.append(Num(int(factor) if factor.denominator == 1 else factor))
    for name, power in sorted(powers.items()):
        symbol = Sym(f"unit {name}")
        if power == 1:
            factors.append(symbol)
        elif power:
            factors.append(Pow(symbol, Num(power) if power > 0 else Neg(Num(-power))))
    return factors[0] if len(factors) == 1 else Mul(tuple(factors))
