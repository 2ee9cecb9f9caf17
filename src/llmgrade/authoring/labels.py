"""Whether a mutant is wrong: by numpy, at points of its own, so that the comparison under test is judged from outside.

A mutant is wrong where its value differs from the answer's, or where it has none and the answer has one. Points of all the
proportions the declarations leave open are used (tall, wide, of lower rank); *weakened* samplers show what a careless choice
of points would have let through.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from itertools import islice
from typing import Any

import numpy as np

from llmgrade.authoring.derive import points, proportions
from llmgrade.authoring.numeric import Unknown, Values, differ, value
from llmgrade.checking.bench import Bench
from llmgrade.errors import ExpressionError
from llmgrade.expr.nodes import Expr, Interval, Logic, Relation

__all__ = ["WEAKENED", "Label", "Labels", "affine_labels", "labels_of"]

WEAKENED = ("symmetric", "ones", "unit", "full rank")
"""Samplers weakened on purpose: square matrices symmetric, all sizes one, positive scalars one, nothing of lower rank."""
LOOKS = 6
CONDITION_LOOKS = 60
"""A condition is true or false: it takes more points to see both."""


class Label(Enum):
    """What a mutant is."""

    WRONG = "wrong"
    SAME = "same"
    UNKNOWN = "unknown"


Distinct = Callable[[Any, Any], bool]


class Labels:
    """Labels for the mutants of one answer; its values at the points are worked out once."""

    def __init__(self, right: Sequence[Expr], at: Mapping[str, Sequence[Values]]) -> None:
        self.right, self._places = right, at
        self._values: dict[tuple[Expr, int], Any] = {}
        self._at = {kind: self._valued(places) for kind, places in at.items()}

    def _valued(self, places: Sequence[Values]) -> list[tuple[Values, list[Any]]]:
        found = []
        for at in places:
            values = []
            for gold in self.right:
                try:
                    values.append(self.of(gold, at))
                except (Unknown, TypeError):
                    values.append(None)
            if values[0] is not None:
                found.append((at, values))
        return found

    def places(self) -> Mapping[str, Sequence[Values]]:
        """The points, by sampler."""
        return self._places

    def of(self, expr: Expr, at: Values) -> Any:
        """What is compared of an expression at a point."""
        return _measure(expr, at)

    def label(self, mutant: Expr, operator: str, *, lenient: bool = False) -> Label:
        """Wrong, the same, or nobody knows; ``lenient`` reads a number beside a matrix as that multiple of I."""
        places = [*self._at["plain"], *self._at["deficient"]]
        if not places:
            return Label.UNKNOWN
        if operator == "strictness" and isinstance(self.right[0], Relation | Interval | Logic):
            return Label.WRONG  # they part at the boundary, where random points never fall
        return Label.WRONG if self._apart(mutant, places, lenient) else Label.SAME

    def alike(self, one: Expr, other: Expr) -> bool:
        """Whether two wrong answers have one value wherever either is looked at; False where neither has any."""
        seen = 0
        for at, _ in self._at["plain"][:4]:
            a, b = self._known(one, at), self._known(other, at)
            if a is None or b is None:
                return False
            try:
                if self.differ(a, b):
                    return False
            except (Unknown, TypeError, ValueError):
                return False
            seen += 1
        return seen > 0

    def _known(self, expr: Expr, at: Values) -> Any:
        key = (expr, id(at))
        if key not in self._values:
            try:
                self._values[key] = self.of(expr, at)
            except (Unknown, TypeError):
                self._values[key] = None
        return self._values[key]

    def hidden(self, mutant: Expr, weak: str) -> bool:
        """Whether a weakened sampler would not have seen that a wrong mutant is wrong."""
        if weak == "full rank":
            return (
                bool(self._at["plain"]) and bool(self._at["deficient"]) and not self._apart(mutant, self._at["plain"])
            )
        places = self._at.get(weak, [])
        return bool(places) and not self._apart(mutant, places)

    def _apart(self, mutant: Expr, places: list[tuple[Values, list[Any]]], lenient: bool = False) -> bool:
        told: dict[int, bool] = {}
        for at, values in places:
            at.lenient = lenient
            try:
                got = self.of(mutant, at)
            except (Unknown, TypeError):
                return True
            finally:
                at.lenient = False
            for k, expected in enumerate(values):
                if expected is None or told.get(k):
                    continue
                try:
                    told[k] = bool(self.differ(expected, got))
                except (Unknown, TypeError, ValueError):
                    told[k] = True
            if all(told.get(k, True) for k in range(len(values))):
                return True
        return all(told.get(k, True) for k in range(len(self.right))) if told else False

    def differ(self, expected: Any, got: Any) -> bool:
        """Whether two values are different."""
        if isinstance(expected, tuple) or isinstance(got, tuple):
            return _residuals_differ(expected, got)
        return differ(expected, got)


def labels_of(bench: Bench, right: Sequence[Expr], given: tuple[str, ...] = ()) -> Labels:
    """Labels under a part's symbols, inside its conditions and those ``given``."""
    condition = isinstance(right[0], Relation) and not set(right[0].ops) <= {"="}
    looks = CONDITION_LOOKS if condition or isinstance(right[0], Logic) else LOOKS
    inside = _inside(bench, given)
    at: dict[str, list[Values]] = {"plain": [], "deficient": []}
    for sizes in proportions(bench):
        at["plain"] += _some(bench, inside, looks, sizes)
        if any(not symbol.shape.is_scalar for symbol in bench.table):
            at["deficient"] += _some(bench, inside, looks // 2, sizes, "deficient")
    for weak in WEAKENED[:-1]:
        at[weak] = _some(bench, inside, max(3, looks // 2), None, weak)
    return Labels(right, at)


def _inside(bench: Bench, given: tuple[str, ...]) -> Callable[[Values], bool]:
    texts = (*bench.rubric.given, *bench.part.given, *given)
    try:
        conditions = [bench.gold(text) for text in texts]
    except ExpressionError:
        conditions = []
    pinned = [c for c in conditions if not (isinstance(c, Relation) and "=" in c.ops)]

    def inside(at: Values) -> bool:
        try:
            return all(bool(value(c, at)) for c in pinned)
        except Unknown:
            return True

    return inside


def _some(
    bench: Bench, inside: Callable[[Values], bool], count: int, sizes: Mapping[str, int] | None, weak: str = ""
) -> list[Values]:
    drawn = islice(points(bench, sizes=sizes, weak=weak), 40 * count)
    return list(islice((at for at in drawn if inside(at)), count))


def _measure(expr: Expr, at: Values) -> Any:
    """A value, a truth, or for an equation its residual as a tuple: equations may be multiplied through."""
    if isinstance(expr, Relation) and expr.ops == ("=",):
        left, right = value(expr.terms[0], at), value(expr.terms[1], at)
        try:
            gap = np.asarray(left, dtype=float) - np.asarray(right, dtype=float)
        except (TypeError, ValueError):
            raise Unknown("sides that do not fit") from None
        return tuple(gap.reshape(-1).tolist()) if gap.size else ()
    return value(expr, at)


def _residuals_differ(expected: Any, got: Any) -> bool:
    if not (isinstance(expected, tuple) and isinstance(got, tuple)) or len(expected) != len(got):
        return True
    a, b = np.asarray(expected), np.asarray(got)
    if bool(np.any(np.abs(a) > 1e-9)) != bool(np.any(np.abs(b) > 1e-9)):
        return True
    size = float(np.linalg.norm(a) * np.linalg.norm(b))
    return abs(abs(float(a @ b)) - size) > 1e-9 * max(size, 1e-12) if len(a) > 1 else (size == 0) != (not a.any())


def affine_labels(bench: Bench, right: Sequence[Expr], variable: str) -> Labels:
    """Labels for an objective: any increasing affine function of it has the same minimiser."""
    return _Objectives(right, variable, labels_of(bench, right).places())


def _moved(at: Values, name: str) -> list[Values]:
    at.settle()
    found = []
    for _ in range(5):
        other = Values(at.table, at.generator, at.sizes, at.weak)
        kept = {n: v for n, v in at.known.items() if (s := at.table.get(n)) is None or not s.definition}
        here = at[name]
        moved = here + at.generator.normal(size=np.shape(here)) if np.ndim(here) else here + at.generator.normal()
        other.known = {**kept, name: moved}
        found.append(other)
    return found


class _Objectives(Labels):
    """An objective's value at several places of its variable, all else kept."""

    def __init__(self, right: Sequence[Expr], variable: str, at: Mapping[str, Sequence[Values]]) -> None:
        self._around: dict[int, list[Values]] = {}
        self.variable = variable
        super().__init__(right, at)

    def of(self, expr: Expr, at: Values) -> Any:
        if id(at) not in self._around:
            self._around[id(at)] = _moved(at, self.variable)
        around = self._around[id(at)]
        found = []
        for place in around:
            place.lenient = at.lenient
            found.append(float(np.squeeze(np.asarray(value(expr, place), dtype=float))))
        return np.asarray(found)

    def differ(self, expected: Any, got: Any) -> bool:
        a, b = expected - expected[0], got - got[0]
        slope = float(a @ b) / max(float(a @ a), 1e-12)
        return slope <= 0 or bool(np.max(np.abs(b - slope * a)) > 1e-7 * max(1.0, float(np.max(np.abs(b)))))
