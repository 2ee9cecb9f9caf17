"""What the reader tells its builder: the seam between grammar and meaning.

The reader (`grammar.Parser`) never looks inside what a builder returns, so one grammar serves many: `TreeBuilder` makes `nodes`;
a builder of field values computes the value of a text at a point without any tree, and raises `NeedTree` at the first
thing it has no value for, whereupon its caller reads again with the tree builder.

Values of `num`, `sym`, `const` and `identity` are remembered per lexeme: they are asked once for each spelling, not once for each use.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, Protocol, TypeVar

from llmgrade.expr import nodes
from llmgrade.expr.nodes import Expr

__all__ = ["Builder", "NeedTree", "TreeBuilder", "number"]

V = TypeVar("V")


class NeedTree(Exception):
    """A builder of values met something only a tree can hold; nothing is wrong with the text."""


class Builder(Protocol[V]):
    """The actions of the grammar. Any method may raise `NeedTree`; none may raise for bad mathematics but that."""

    def num(self, text: str) -> V:
        """``12``, ``0.50``, ``.5``, ``1e-3``: digits as written, without sign or separators."""

    def sym(self, name: str) -> V:
        """A canonical name, declared or not."""

    def const(self, name: str) -> V:
        """``pi``, ``e``, ``i``, ``oo``, ``R``, …: the names of `nodes.Const`."""

    def identity(self, size: V | None) -> V:
        """``I``, ``I_n``."""

    def add(self, terms: list[V]) -> V:
        """A sum of two or more, left to right; a subtracted term comes as `neg`."""

    def mul(self, factors: list[V]) -> V:
        """A product of two or more, left to right."""

    def div(self, top: V, bottom: V) -> V:
        """A quotient, by slash or fraction bar."""

    def neg(self, arg: V) -> V:
        """A minus sign."""

    def powi(self, base: V, exponent: int) -> V:
        """A power with a whole number written out: ``x^2``, ``A^{-1}``."""

    def pow(self, base: V, exponent: V) -> V:
        """Any other power."""

    def transpose(self, arg: V) -> V:
        """``ᵀ``, ``^T``, ``.T``, ``'`` on an object that is no named symbol."""

    def pinv(self, arg: V) -> V:
        """``⁺``, ``†``, ``pinv``."""

    def abs(self, arg: V) -> V:
        """``|…|``."""

    def norm(self, arg: V, kind: str) -> V:
        """``‖…‖`` with its kind as in `nodes.Norm`."""

    def infix(self, op: str, left: V, right: V) -> V:
        """The operators of `nodes.Infix`; ``dot`` only where the table declares vectors or matrices, else it comes as `mul`."""

    def call(self, function: str, args: list[V], sub: V | None) -> V:
        """A known or declared function: ``sqrt``, ``tr``, ``det``, ``log`` with ``sub`` as its base, …."""

    def node(self, kind: type[Expr], *fields: Any) -> V:
        """Anything else: the node class and its fields, with this builder's values where the node has expressions."""


def number(text: str) -> tuple[int | Fraction, int | None]:
    """The exact value of a decimal numeral, and how many decimals it was written with (None without a point).

    >>> number("0.50"), number("12"), number("1e-3")
    ((Fraction(1, 2), 2), (12, None), (Fraction(1, 1000), 3))
    """
    mantissa, _, raised = text.lower().partition("e")
    whole, point, rest = mantissa.partition(".")
    shift = int(raised) if raised else 0
    decimals = max(0, len(rest) - shift) if point or shift < 0 else None
    digits, power = int((whole + rest) or "0"), shift - len(rest)
    if power >= 0:
        return digits * 10**power, decimals
    value = Fraction(digits, 10**-power)
    return (value.numerator if value.denominator == 1 else value), decimals


class TreeBuilder:
    """Makes `nodes`. It has no state: one serves every table."""

    def num(self, text: str) -> Expr:
        return nodes.Num(*number(text))

    def sym(self, name: str) -> Expr:
        return nodes.Sym(name)

    def const(self, name: str) -> Expr:
        return nodes.Const(name)

    def identity(self, size: Expr | None) -> Expr:
        return nodes.Identity(size)

    def add(self, terms: Sequence[Expr]) -> Expr:
        return nodes.Add(tuple(terms))

    def mul(self, factors: Sequence[Expr]) -> Expr:
        return nodes.Mul(tuple(factors))

    div = staticmethod(nodes.Div)
    neg = staticmethod(nodes.Neg)
    pow = staticmethod(nodes.Pow)
    transpose = staticmethod(nodes.Transpose)
    pinv = staticmethod(nodes.PInv)
    abs = staticmethod(nodes.Abs)
    norm = staticmethod(nodes.Norm)
    infix = staticmethod(nodes.Infix)

    def powi(self, base: Expr, exponent: int) -> Expr:
        return nodes.Pow(base, _WHOLE.get(exponent) or _whole(exponent))

    def call(self, function: str, args: Sequence[Expr], sub: Expr | None) -> Expr:
        return nodes.Call(function, tuple(args), sub)

    def node(self, kind: type[Expr], *fields: Any) -> Expr:
        return kind(*fields)


def _whole(value: int) -> Expr:
    return nodes.Num(value) if value >= 0 else nodes.Neg(nodes.Num(-value))


_WHOLE: dict[int, Expr] = {value: _whole(value) for value in range(-20, 21)}
