"""Fingerprints: values at secret points that every expression of a part shares, worked out once an expression.

A part compares an answer with its gold, its other forms and every pitfall: mostly things that differ. Different values at
one point where both are defined prove that; only where the fingerprints agree is it worth climbing the ladder.
"""

from __future__ import annotations

from typing import Any

from flint import nmod, nmod_mat

from llmgrade.checking.scene import Point, Scene
from llmgrade.errors import ExpressionError
from llmgrade.expr.evaluate_algebra import Beyond, OverBudget, ShapeMismatch, Undefined
from llmgrade.expr.nodes import Expr, Num, Sym, walk
from llmgrade.expr.symbols import Symbol, SymbolTable

__all__ = ["Prints"]

_MOST = 64
_NO_VALUE = (
    Beyond,
    ExpressionError,
    OverBudget,
    ShapeMismatch,
    Undefined,
    AttributeError,
    TypeError,
    ValueError,
    ZeroDivisionError,
)
"""Whatever keeps an expression from having one value here sends it up the ladder instead."""


class Prints:
    """Fingerprints of expressions under one table."""

    def __init__(self, table: SymbolTable, seed: str | None, strata: tuple[str, ...]) -> None:
        self._known: dict[Expr, tuple[Any, ...]] = {}
        names = [s for s in table if s.type not in ("identity", "function")]
        plain = [s for s in names if s.definition is None]
        # A definition the field cannot follow (a maximum) leaves the plain names and the other definitions.
        self._points = _points(table, names, seed, strata)
        self._blind: frozenset[str] = frozenset()
        if not self._points:
            defined = [s for s in names if s.definition is not None]
            followed = [s for s in defined if len(defined) > 1 and _points(table, [*plain, s], seed, strata)]
            self._points = _points(table, [*plain, *followed], seed, strata)
            self._blind = frozenset(s.name for s in defined if s not in followed)

    def differ(self, one: Expr, other: Expr) -> bool:
        """Whether the two are surely different; False says nothing."""
        if not self._points:
            return False
        return any(
            type(a) is type(b) and _shape(a) == _shape(b) and a != b
            for a, b in zip(self._print(one), self._print(other), strict=True)
            if a is not None and b is not None
        )

    def key(self, expr: Expr) -> str | None:
        """Equal for equivalent expressions; None where the expression has no value."""
        told = [str(value) for value in self._print(expr) if value is not None]
        return "|".join(told) or None

    def _print(self, expr: Expr) -> tuple[Any, ...]:
        found = self._known.get(expr)
        if found is None:
            # A decimal may stand for what it was rounded from: that is not for exact values to judge.
            exact = not any(
                (isinstance(node, Num) and node.decimals is not None)
                or (isinstance(node, Sym) and node.name in self._blind)
                for node in walk(expr)
            )
            found = tuple(_value(point, expr) if exact else None for point in self._points)
            if len(self._known) >= _MOST:
                self._known.clear()
            self._known[expr] = found
        return found


def _points(table: SymbolTable, names: list[Symbol], seed: str | None, strata: tuple[str, ...]) -> list[Point]:
    try:
        scene = Scene(table, [Sym(s.name) for s in names], seed=seed, strata=strata)
        # Complex names and whole numbers in exponents need more than a few points: those take the ladder.
        return [] if scene.complex or scene.free_integers else list(scene.field_points)
    except _NO_VALUE:
        return []


def _value(point: Point, expr: Expr) -> nmod | nmod_mat | None:
    algebra = point.evaluator.algebra
    try:
        value = algebra.plain(point.evaluator.value(expr))
    except _NO_VALUE:
        return None
    if type(value) is nmod_mat and value.nrows() == 1 == value.ncols():
        value = value[0, 0]
    return value if type(value) in (nmod, nmod_mat) else None


def _shape(value: Any) -> tuple[int, int]:
    return (value.nrows(), value.ncols()) if type(value) is nmod_mat else (1, 1)
