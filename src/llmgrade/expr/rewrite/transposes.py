"""Transposes move inwards: ``(AB)ᵀ`` becomes ``BᵀAᵀ``, ``(A + B)ᵀ`` becomes ``Aᵀ + Bᵀ``, ``(Aᵀ)ᵀ`` becomes ``A``; numbers and identities lose theirs."""

from __future__ import annotations

from llmgrade.expr.nodes import Add, Div, Expr, Identity, Mul, Neg, Num, PInv, Pow, Transpose
from llmgrade.expr.traverse import upwards

__all__ = ["transposes"]


def transposes(expr: Expr) -> Expr:
    """Transposes only on names and on what cannot be opened.

    >>> from llmgrade.expr.notation import read
    >>> transposes(read("(AB + C)^T").expr) == read("B^T A^T + C^T").expr
    True
    """

    return upwards(expr, lambda node: _inwards(node.arg) if isinstance(node, Transpose) else node)


def _inwards(arg: Expr) -> Expr:
    """The transpose of ``arg``, whose own transposes are already inside."""
    match arg:
        case Transpose(inner):
            return inner
        case Mul(factors):
            return Mul(tuple(_inwards(factor) for factor in reversed(factors)))
        case Add(terms):
            return Add(tuple(map(_inwards, terms)))
        case Neg(inner):
            return Neg(_inwards(inner))
        case Div(top, bottom):
            return Div(_inwards(top), bottom)
        case Pow(base, exponent) if isinstance(exponent, Num | Neg):
            return Pow(_inwards(base), exponent)
        case PInv(inner):
            return PInv(_inwards(inner))
        case Num() | Identity():
            return arg
        case _:
            return Transpose(arg)
