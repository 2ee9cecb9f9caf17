"""``a + (b + c)`` becomes ``a + b + c`` and ``a(bc)`` becomes ``abc``. Never reorders."""

from __future__ import annotations

from llmgrade.expr.nodes import Add, Expr, Mul
from llmgrade.expr.traverse import upwards

__all__ = ["flatten"]


def flatten(expr: Expr) -> Expr:
    """Sums inside sums and products inside products opened up.

    >>> from llmgrade.expr.notation import read
    >>> flatten(read("a + (b + c)").expr) == read("a + b + c").expr
    True
    """
    return upwards(expr, _open)


def _open(expr: Expr) -> Expr:
    match expr:
        case Add(terms) if any(isinstance(term, Add) for term in terms):
            return Add(tuple(part for term in terms for part in (term.terms if isinstance(term, Add) else (term,))))
        case Mul(factors) if any(isinstance(factor, Mul) for factor in factors):
            return Mul(
                tuple(part for factor in factors for part in (factor.factors if isinstance(factor, Mul) else (factor,)))
            )
        case _:
            return expr
