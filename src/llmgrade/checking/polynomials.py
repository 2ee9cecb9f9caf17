"""Rational functions of several names as pairs of exact polynomials, with every definition written out."""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from flint import Ordering, fmpq, fmpq_mpoly_ctx

from llmgrade.expr.evaluate import rational
from llmgrade.expr.nodes import Add, Div, Expr, Infix, Mul, Neg, Num, Percent, Pow, Sym, children, rebuild, walk
from llmgrade.expr.notation import read
from llmgrade.expr.symbols import SymbolTable

__all__ = ["NotRational", "Polynomials", "written_out"]

Poly = Any
_MOST_TERMS = 4000


class NotRational(Exception):
    """The expression is no rational function of scalar names, or too large a one."""


def written_out(expr: Expr, table: SymbolTable, depth: int = 12) -> Expr:
    """With every derived scalar replaced by what it stands for. Raises ExpressionError for a definition that cannot be read."""
    if not any(isinstance(n, Sym) and _definition(n, table) for n in walk(expr)) or depth <= 0:
        return expr
    return written_out(_replaced(expr, table), table, depth - 1)


def _definition(symbol: Sym, table: SymbolTable) -> str | None:
    declared = table.get(symbol.name)
    return None if declared is None or declared.parameters or declared.is_function else declared.definition


def _replaced(expr: Expr, table: SymbolTable) -> Expr:
    if isinstance(expr, Sym):
        text = _definition(expr, table)
        return expr if text is None else read(text, table).expr
    parts = [_replaced(part, table) for part in children(expr)]
    return rebuild(expr, parts) if parts else expr


class Polynomials:
    """The polynomial ring over ℚ in some names."""

    def __init__(self, names: list[str]) -> None:
        self.names = names
        self.context = fmpq_mpoly_ctx.get([f"v{i}" for i in range(max(1, len(names)))], Ordering.lex)
        self.gens: Mapping[str, Poly] = dict(zip(names, self.context.gens(), strict=False))
        self.one, self.zero = self.context.constant(1), self.context.constant(0)

    def fraction(self, expr: Expr) -> tuple[Poly, Poly]:
        """Numerator and denominator. Raises NotRational."""
        match expr:
            case Num(value):
                number = fmpq(value.numerator, value.denominator) if isinstance(value, Fraction) else fmpq(value)
                return self.context.constant(number), self.one
            case Sym(name):
                if name not in self.gens:
                    raise NotRational(name)
                return self.gens[name], self.one
            case Neg(arg):
                top, bottom = self.fraction(arg)
                return -top, bottom
            case Percent(arg):
                top, bottom = self.fraction(arg)
                return top, bottom * 100
            case Add(terms):
                total = self.fraction(terms[0])
                for term in terms[1:]:
                    total = self._sum(total, self.fraction(term))
                return total
            case Mul(factors):
                top, bottom = self.fraction(factors[0])
                for factor in factors[1:]:
                    t, b = self.fraction(factor)
                    top, bottom = self._times(top, t), self._times(bottom, b)
                return top, bottom
            case Infix("dot", left, right):
                return self.fraction(Mul((left, right)))
            case Div(above, below):
                (t, b), (u, c) = self.fraction(above), self.fraction(below)
                if u == 0:
                    raise NotRational("a division by zero")
                return self._times(t, c), self._times(b, u)
            case Pow(base, exponent):
                power = rational(exponent, {}, {})
                if power is None or power.q != 1 or abs(power.p) > 40:
                    raise NotRational("a power")
                top, bottom = self.fraction(base)
                n = int(power.p)
                if n < 0:
                    if top == 0:
                        raise NotRational("a division by zero")
                    top, bottom, n = bottom, top, -n
                return self._power(top, n), self._power(bottom, n)
        raise NotRational(type(expr).__name__)

    def _sum(self, one: tuple[Poly, Poly], other: tuple[Poly, Poly]) -> tuple[Poly, Poly]:
        (a, b), (c, d) = one, other
        if b == d:
            return a + c, b
        return self._times(a, d) + self._times(c, b), self._times(b, d)

    def _times(self, a: Poly, b: Poly) -> Poly:
        if len(a) * len(b) > 50 * _MOST_TERMS:
            raise NotRational("a polynomial that large")
        product = a * b
        if len(product) > _MOST_TERMS:
            raise NotRational("a polynomial that large")
        return product

    def _power(self, p: Poly, n: int) -> Poly:
        if math.comb(n + max(1, len(p)) - 1, n) > _MOST_TERMS:
            raise NotRational("a power that large")
        return p**n

    def sign_polynomial(self, expr: Expr) -> tuple[Poly, Poly]:
        """A polynomial with the sign of the expression wherever that has a value, and the denominator that must not vanish."""
        top, bottom = self.fraction(expr)
        if top == 0:
            return self.zero, bottom
        common = top.gcd(bottom)
        if not common.is_constant():
            pass  # a cancelled factor still marks a gap of the expression: it stays in the denominator
        return self.odd_part(top * bottom), self.odd_part(bottom)

    def odd_part(self, p: Poly) -> Poly:
        """The same sign with smaller powers: squares of factors are kept once squared."""
        if p == 0 or p.is_constant():
            return p
        constant, factors = p.factor()
        result = self.context.constant(1 if constant > 0 else -1)
        for factor, power in factors:
            result = result * (factor if int(power) % 2 else factor * factor)
        return result

    def coefficients(self, p: Poly, name: str) -> list[tuple[int, Poly]]:
        """Coefficients by ascending power of ``name``, the zero ones left out."""
        index = self.names.index(name)
        grouped: dict[int, dict[tuple[int, ...], Any]] = {}
        for powers, coefficient in p.to_dict().items():
            rest = tuple(0 if i == index else e for i, e in enumerate(powers))
            grouped.setdefault(powers[index], {})[rest] = coefficient
        return [(power, self.context.from_dict(terms)) for power, terms in sorted(grouped.items())]
