"""``1·x``, ``x + 0``, ``x^1`` and ``x/1`` become ``x``; a product with a written 0 becomes 0 only where its other factors are numbers."""

from __future__ import annotations

from llmgrade.expr.nodes import Add, Div, Expr, Mul, Num, Pow
from llmgrade.expr.traverse import upwards

__all__ = ["identities"]

_ZERO, _ONE = 0, 1


def identities(expr: Expr) -> Expr:
    """Neutral elements removed.

    >>> from llmgrade.expr.notation import read
    >>> identities(read("1x + 0").expr)
    Sym(name='x')
    """
    return upwards(expr, _neutral)


def _is(expr: Expr, value: int) -> bool:
    return isinstance(expr, Num) and expr.value == value


def _neutral(expr: Expr) -> Expr:
    match expr:
        case Add(terms) if any(_is(term, _ZERO) for term in terms):
            rest = tuple(term for term in terms if not _is(term, _ZERO))
            return rest[0] if len(rest) == 1 else Add(rest) if rest else terms[0]
        case Mul(factors) if any(_is(factor, _ONE) for factor in factors):
            rest = tuple(factor for factor in factors if not _is(factor, _ONE))
            return rest[0] if len(rest) == 1 else Mul(rest) if rest else factors[0]
        case Div(top, bottom) if _is(bottom, _ONE):
            return top
        case Pow(base, exponent) if _is(exponent, _ONE):
            return base
        case _:
            return expr
