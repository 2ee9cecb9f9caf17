"""The second rung: both sides at a secret random point of a secret prime field. Exact, and a few microseconds.

Different values there prove two rational expressions different. Equal values leave a chance of degree/p to be wrong
(Schwartz and Zippel); a chance above 2⁻³² is no answer.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from llmgrade.checking.evidence import Refuted, Tested
from llmgrade.checking.outcome import Decision, different, equal, unknown
from llmgrade.checking.scene import Point, Scene
from llmgrade.expr.evaluate_algebra import Beyond, ShapeMismatch, SquareRoot, Undefined
from llmgrade.expr.nodes import Expr, nodes_of

__all__ = ["WEAKEST", "by_field", "gold_values"]

WEAKEST = 2.0**-32
_SAMPLING_DEGREE = 64
"""The recipes for orthogonal matrices and their kin multiply the degree by less than this."""


def gold_values(scene: Scene, gold: Expr) -> list[tuple[Point, Any]] | None:
    """The expected value at every field point where it is defined; None where the field cannot say."""
    found: list[tuple[Point, Any]] = []
    telling = 0
    for point in _points(scene):
        try:
            value = point.evaluator.value(gold)
        except Undefined:
            continue
        except Beyond:
            return None
        found.append((point, value))
        if not scene.free_integers:
            continue
        telling += point.evaluator.algebra.is_matrix(value) or not _bland(value)
        if telling >= 4 and len(found) >= 4:
            break
    if not found and scene.has_matrices:
        for point in _elsewhere(scene):
            try:
                return [(point, point.evaluator.value(gold))]
            except (Undefined, Beyond):
                continue
    return found


def _points(scene: Scene) -> Iterator[Point]:
    """The scene's points; where whole numbers are free, more, until the expected value is not 0 or ±1 at enough of them."""
    yield from scene.field_points
    if scene.free_integers:
        yield from scene.more_field_points(_MOST_WHOLE)


def _elsewhere(scene: Scene) -> Iterator[Point]:
    """Points of other proportions: ``(XXᵀ)⁻¹`` exists where X is wide."""
    for stratum in scene.corners(False, True):
        point = scene.corner(stratum)
        if point is not None:
            yield point


_MOST_WHOLE = 16


def _bland(value: Any) -> bool:
    """0 and ±1 are what binomials, signs and indicators come to at most points; they tell little."""
    return isinstance(value, SquareRoot) or value == 0 or value == 1 or value == -1


def by_field(
    scene: Scene, expected: list[tuple[Point, Any]], answer: Expr, *, transposed: bool = False
) -> Decision | None:
    """Equal or different where the field can tell; None where it cannot. A refusal carries no witness yet."""
    if not expected:
        return unknown("the expected value is not defined anywhere it was tried")
    bound = 0.0
    note = ""
    leaves = len(nodes_of(answer)) + 8
    for point, gold in expected:
        algebra = point.evaluator.algebra
        algebra.degree = 1.0
        point.evaluator.work = 0
        try:
            got = point.evaluator.value(answer)
            try:
                same = algebra.same(gold, got)
            except ShapeMismatch:
                if not (transposed and algebra.is_matrix(got) and 1 in (got.nrows(), got.ncols())):
                    raise
                same = algebra.same(gold, algebra.transpose(got))
                note = "laid out as the transpose of what was expected"
        except Beyond:
            return None
        except Undefined as reason:
            return different(Refuted(f"{reason}", kind="domain"))
        except ShapeMismatch as reason:
            return different(Refuted(f"{reason}", kind="shape"))
        if not same:
            return different(Refuted("the two differ", kind="value"))
        bound += algebra.degree * leaves * _SAMPLING_DEGREE / scene.prime
    if bound > WEAKEST:
        return unknown(f"agrees, but the degree is so high that the chance of an accident is 2^{math.log2(bound):.0f}")
    return equal(Tested(len(expected), bound, "at secret points of a prime field", scene.seed), note)
