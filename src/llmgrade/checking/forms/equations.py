"""Equations: two say the same when the same values solve them.

The cheap test is that left minus right of one is a constant multiple of the other's, everywhere. Where it is not, the
polynomials they come down to are compared without repeated factors: ``2w + 50/w = 25`` and ``w(12.5 − w) = 25`` agree.
"""

from __future__ import annotations

from typing import Any

from llmgrade.checking.boundary import moved_onto
from llmgrade.checking.corners import corner_points
from llmgrade.checking.evidence import Proved, Refuted, Tested
from llmgrade.checking.outcome import Decision, different, equal, unknown
from llmgrade.checking.scene import Point, Scene
from llmgrade.checking.wording import witness_text
from llmgrade.expr.evaluate import Evaluator
from llmgrade.expr.evaluate_algebra import Beyond, ShapeMismatch, SquareRoot, Undefined
from llmgrade.expr.nodes import Add, Expr, Neg, Relation
from llmgrade.limits import Deadline

__all__ = ["compare_equations", "difference"]

Value = Any


def difference(relation: Relation) -> Expr:
    """Left minus right."""
    return Add((relation.terms[0], Neg(relation.terms[1])))


def compare_equations(scene: Scene, gold: Relation, answer: Relation, deadline: Deadline) -> Decision:
    """Whether two equations have the same solutions."""
    try:
        decision = _proportional(scene, scene.more_field_points(3), gold, answer)
    except Beyond:
        try:
            decision = _proportional(scene, _finite_points(scene, gold), gold, answer)
        except Beyond as reason:
            return unknown(f"an equation that cannot be evaluated here: {reason}")
    except Undefined as reason:
        return different(Refuted(str(reason), kind="domain"))
    decision = decision or _same_zeros(scene, gold, answer)
    if decision is not None and decision.equal:
        return _in_corners(scene, gold, answer) or decision
    return decision or _refuted(scene, gold, answer, deadline)


def _in_corners(scene: Scene, gold: Relation, answer: Relation) -> Decision | None:
    """Where a rank is short or a size another, one equation may hold without the other; None where they stay together."""
    one, other = difference(gold), difference(answer)
    for point in corner_points(scene, one, other):
        algebra = point.evaluator.algebra
        try:
            a, b = _flat(point, point.evaluator.value(one)), _flat(point, point.evaluator.value(other))
        except (Undefined, Beyond, ShapeMismatch, ZeroDivisionError):
            continue
        empty = [all(algebra.same_scalars(x, algebra.zero) for x in values) for values in (a, b)]
        if empty[0] != empty[1]:
            return different(Refuted("one of the equations holds there without the other", kind="value"))
        j = _first(algebra, a)
        if j >= 0 and not all(algebra.same_scalars(x * b[j], y * a[j]) for x, y in zip(a, b, strict=False)):
            return unknown("the equations are no multiples of each other where a rank is short or a size another")
    return None


def _first(algebra: Any, values: list[Value]) -> int:
    """The place of the first value that is not 0; -1 where all are."""
    return next((i for i, x in enumerate(values) if not algebra.same_scalars(x, algebra.zero)), -1)


def _finite_points(scene: Scene, gold: Relation) -> list[Point]:
    found: list[Point] = []
    for index in range(40):
        try:
            point = scene.ball_point(index, scene.complex)
            value = point.evaluator.value(difference(gold))
        except (Undefined, ZeroDivisionError):
            continue
        except ShapeMismatch:
            raise
        if point.evaluator.algebra.finite(value):
            found.append(point)
        if len(found) == 3:
            return found
    raise Beyond("too few points where the expected equation has a value")


def _flat(point: Point, value: Value) -> list[Value]:
    algebra = point.evaluator.algebra
    value = algebra.plain(value)
    if isinstance(value, SquareRoot):
        raise Beyond("a root")
    return algebra.entries(value) if algebra.is_matrix(value) else [value]


def _proportional(scene: Scene, points: list[Point], gold: Relation, answer: Relation) -> Decision | None:
    """Equal when one difference is a constant times the other; None when that does not settle it."""
    left: list[Value] = []
    right: list[Value] = []
    for point in points:
        expected = point.evaluator.value(difference(gold))
        try:
            got = point.evaluator.value(difference(answer))
        except ShapeMismatch as reason:
            return different(Refuted(str(reason), kind="shape"))
        a, b = _flat(point, expected), _flat(point, got)
        if len(a) != len(b):
            return None
        left += a
        right += b
    algebra = points[0].evaluator.algebra
    if all(algebra.same_scalars(x, algebra.zero) for x in left):
        trivial = all(algebra.same_scalars(x, algebra.zero) for x in right)
        return equal(Tested(len(points), None, "both always hold", scene.seed)) if trivial else _never(scene)
    pivot = next(i for i, x in enumerate(left) if not algebra.same_scalars(x, algebra.zero))
    if algebra.same_scalars(right[pivot], algebra.zero):
        return None
    if all(algebra.same_scalars(x * right[pivot], y * left[pivot]) for x, y in zip(left, right, strict=True)):
        bound = None if not algebra.exact else algebra.degree * 4096 / scene.prime
        return equal(Tested(len(points), bound, "one equation is a constant times the other", scene.seed))
    return None


def _never(scene: Scene) -> Decision:
    return different(Refuted("the expected equation always holds, the answer's does not"))


def _same_zeros(scene: Scene, gold: Relation, answer: Relation) -> Decision | None:
    """By the polynomials' factors; None where they are no rational functions."""
    from llmgrade.checking.methods.normal_form import NoNormalForm, same_zeros, zeros

    try:
        certificate = same_zeros(zeros(difference(gold), scene), zeros(difference(answer), scene))
    except NoNormalForm:
        return None
    return equal(Proved("the same polynomial factors vanish", certificate)) if certificate is not None else None


def _refuted(scene: Scene, gold: Relation, answer: Relation, deadline: Deadline) -> Decision:
    """A point that solves one and not the other, where one can be found by solving for a name that stands linearly."""
    for one, other, mine in ((gold, answer, False), (answer, gold, True)):
        for point in scene.small_points(12):
            if deadline.passed():
                break
            solved = moved_onto(scene, point.evaluator, difference(one))
            if solved is None:
                continue
            try:
                gap = solved.value(difference(other))
            except (Undefined, Beyond, ShapeMismatch):
                continue
            if not solved.algebra.is_matrix(gap) and gap != 0:
                whose = (
                    "the answer's equation, not the expected one" if mine else "the expected equation, not the answer's"
                )
                names = {s.name for s in scene.symbols}
                witness = witness_text({n: v for n, v in solved.values.items() if n in names})
                return different(Refuted(f"this solves {whose}", witness))
    found = _by_trying(scene, gold, answer) or _by_factors(scene, gold, answer)
    if found is not None:
        return found
    return unknown("the equations are no multiples of each other, and no solution of one only was found")


def _by_factors(scene: Scene, gold: Relation, answer: Relation) -> Decision | None:
    from llmgrade.checking.methods.normal_form import NoNormalForm, zeros

    try:
        expected, got = zeros(difference(gold), scene), zeros(difference(answer), scene)
    except NoNormalForm:
        return None
    return different(Refuted("other polynomials vanish")) if expected.factors != got.factors else None


def _by_trying(scene: Scene, gold: Relation, answer: Relation) -> Decision | None:
    """Small numbers that happen to solve one of the two only."""
    names = {s.name for s in scene.symbols}
    for point in scene.small_points(160):
        evaluator = point.evaluator
        try:
            one, other = (_is_zero(evaluator, difference(r)) for r in (gold, answer))
        except Beyond:
            return None  # nothing rational to try
        except (Undefined, ShapeMismatch, ZeroDivisionError):
            continue
        if one != other:
            whose = "the expected equation, not the answer's" if one else "the answer's equation, not the expected one"
            return different(
                Refuted(f"this solves {whose}", witness_text({n: v for n, v in evaluator.values.items() if n in names}))
            )
    return None


def _is_zero(evaluator: Evaluator, expr: Expr) -> bool:
    value = evaluator.algebra.plain(evaluator.value(expr))
    if evaluator.algebra.is_matrix(value):
        return all(x == 0 for x in evaluator.algebra.entries(value))
    return bool(value == 0)
