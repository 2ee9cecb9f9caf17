"""Arithmetic of written numbers: ``2 + 3`` becomes 5, ``6/4`` three halves, ``0.50`` one half. Budgets hold: no power is computed that is long."""

from __future__ import annotations

from fractions import Fraction

from llmgrade.expr.nodes import Add, Div, Expr, Mul, Neg, Num, Percent, Pow
from llmgrade.expr.traverse import upwards

__all__ = ["numbers"]

MOST_BITS = 4_000
"""No number grows beyond this while rewriting; larger ones stay as written."""


def numbers(expr: Expr) -> Expr:
    """Every part that is a number made of numbers, as one exact number.

    >>> from llmgrade.expr.notation import read
    >>> numbers(read("(2 + 3)x + 6/4").expr)
    Add(terms=(Mul(factors=(Num(value=5, decimals=None), Sym(name='x'))), Num(value=Fraction(3, 2), decimals=None)))
    """
    return upwards(expr, _folded)


def _value(expr: Expr) -> Fraction | None:
    match expr:
        case Num(value):
            return Fraction(value)
        case Neg(Num(value)):
            return -Fraction(value)
        case _:
            return None


def _made(value: Fraction) -> Expr:
    size = abs(value)
    number = Num(int(size) if size.denominator == 1 else size)
    return Neg(number) if value < 0 else number


def _folded(expr: Expr) -> Expr:
    found: Fraction | None = None
    match expr:
        case Num(exact, decimals) if decimals is not None:
            return Num(exact)
        case Neg(Num(0)):
            return Num(0)
        case Add(terms) | Mul(terms):
            values = [_value(term) for term in terms]
            if all(value is not None for value in values):
                found = Fraction(0) if isinstance(expr, Add) else Fraction(1)
                for value in values:
                    assert value is not None
                    found = found + value if isinstance(expr, Add) else found * value
        case Div(top, bottom):
            over, under = _value(top), _value(bottom)
            if over is not None and under:
                found = over / under
        case Percent(arg):
            inner = _value(arg)
            found = inner / 100 if inner is not None else None
        case Pow(base, exponent):
            inner, times = _value(base), _value(exponent)
            if (
                inner is not None
                and times is not None
                and times.denominator == 1
                and abs(times) <= 1000
                and (inner or times > 0)
            ):
                length = max(inner.numerator.bit_length(), inner.denominator.bit_length()) * abs(int(times))
                if length <= MOST_BITS:
                    found = inner ** int(times)
        case _:
            return expr
    if found is None or max(found.numerator.bit_length(), found.denominator.bit_length()) > MOST_BITS:
        return expr
    return _made(found)
