"""Minus signs move outwards: ``a(-b)`` becomes ``-(ab)``, ``-(-a)`` becomes ``a``, ``(-a)/b`` becomes ``-(a/b)``."""

from __future__ import annotations

from llmgrade.expr.nodes import Div, Expr, Mul, Neg, Num, Transpose
from llmgrade.expr.traverse import upwards

__all__ = ["signs"]


def signs(expr: Expr) -> Expr:
    """At most one minus sign before a product or quotient, none inside it.

    >>> from llmgrade.expr.notation import read
    >>> signs(read("a(-b)").expr) == read("-ab").expr
    True
    """
    return upwards(expr, _outwards)


def _outwards(expr: Expr) -> Expr:
    match expr:
        case Neg(Neg(arg)):
            return arg
        case Neg(Num(0)):
            return expr.arg
        case Mul(factors) if any(isinstance(factor, Neg) for factor in factors):
            bare = Mul(tuple(factor.arg if isinstance(factor, Neg) else factor for factor in factors))
            return Neg(bare) if sum(isinstance(factor, Neg) for factor in factors) % 2 else bare
        case Div(Neg(top), Neg(bottom)):
            return Div(top, bottom)
        case Div(Neg(top), bottom) | Div(top, Neg(bottom)):
            return Neg(Div(top, bottom))
        case Transpose(Neg(arg)):
            return Neg(Transpose(arg))
        case _:
            return expr
