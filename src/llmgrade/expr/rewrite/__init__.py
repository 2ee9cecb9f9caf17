"""Passes: each takes an expression and returns one of the same value, and done twice changes nothing more. `PASSES` is their order."""

from __future__ import annotations

from collections.abc import Callable

from llmgrade.expr.nodes import Expr
from llmgrade.expr.rewrite.flatten import flatten
from llmgrade.expr.rewrite.identities import identities
from llmgrade.expr.rewrite.numbers import numbers
from llmgrade.expr.rewrite.signs import signs
from llmgrade.expr.rewrite.transposes import transposes

__all__ = ["PASSES", "tidy"]

PASSES: dict[str, Callable[[Expr], Expr]] = {
    "flatten": flatten,
    "transposes": transposes,
    "signs": signs,
    "numbers": numbers,
    "identities": identities,
}


def tidy(expr: Expr, rounds: int = 4) -> Expr:
    """All passes, in order, until nothing changes or ``rounds`` are over."""
    for _ in range(rounds):
        before = expr
        for change in PASSES.values():
            expr = change(expr)
        if expr == before:
            return expr
    return expr
