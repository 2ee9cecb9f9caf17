"""Inequalities and conditions about several unknowns: the same truth at every point, and on the boundary.

Truth is compared at exact points that satisfy what is assumed, then at points moved onto the boundary of one side, where
``<`` and ``≤`` part. Polynomial conditions are then proved equivalent where z3 can.
"""

from __future__ import annotations

from collections.abc import Iterator

from llmgrade.checking.evidence import Proved, Refuted, Tested
from llmgrade.checking.outcome import Decision, different, equal, unknown
from llmgrade.checking.polynomials import NotRational, Polynomials
from llmgrade.checking.scene import Scene
from llmgrade.checking.wording import witness_text
from llmgrade.expr.evaluate import Evaluator
from llmgrade.expr.evaluate_algebra import Beyond, ShapeMismatch, Undefined
from llmgrade.expr.nodes import Add, Const, Expr, Logic, Neg, Relation, walk
from llmgrade.limits import Deadline

__all__ = ["compare_statements"]

_POINTS = 96
_BOUNDARY = 12


def compare_statements(scene: Scene, gold: Expr, answer: Expr, deadline: Deadline) -> Decision:
    """Whether two statements are true of the same values."""
    multiple = _same_up_to_a_positive_factor(scene, gold, answer)
    if multiple is not None:
        return multiple
    tested = 0
    boundary = 0
    try:
        for evaluator in _evaluators(scene, gold, answer):
            if deadline.passed():
                return unknown("the time for one comparison was up")
            verdict = _compare(scene, evaluator, gold, answer)
            if verdict is None:
                continue
            if isinstance(verdict, Decision):
                return verdict
            tested += 1
            if tested >= _POINTS:
                break
        for evaluator in _on_the_boundary(scene, gold, answer):
            verdict = _compare(scene, evaluator, gold, answer)
            if isinstance(verdict, Decision):
                return verdict
            boundary += verdict is not None
            if boundary >= _BOUNDARY or deadline.passed():
                break
    except Beyond as reason:
        return unknown(f"a condition that cannot be evaluated here: {reason}")
    except ShapeMismatch as reason:
        return different(Refuted(str(reason), kind="shape"))
    if tested < 8:
        return unknown("too few points where both statements have a truth value")
    if boundary == 0 and _strictness(gold) != _strictness(answer):
        return unknown("agrees away from the boundary, and the boundary could not be reached")
    return equal(
        Tested(tested + boundary, None, f"the same truth, at {boundary} points of the boundary too", scene.seed)
    )


def _same_up_to_a_positive_factor(scene: Scene, gold: Expr, answer: Expr) -> Decision | None:
    """``x > y`` and ``2y < 2x``: the difference of the sides is the same polynomial, times a positive number."""
    one, other = _one_sided(gold), _one_sided(answer)
    if one is None or other is None or one[1] != other[1] or scene.derived:
        return None
    ring = Polynomials([s.name for s in scene.symbols if s.shape.is_scalar])
    try:
        (p, below), (q, also_below) = ring.fraction(one[0]), ring.fraction(other[0])
    except NotRational:
        return None
    if not (below.is_constant() and also_below.is_constant()) or p == 0 or q == 0:
        return None
    a, b = (
        p.leading_coefficient() / below.leading_coefficient(),
        q.leading_coefficient() / also_below.leading_coefficient(),
    )
    if a * b > 0 and p / p.leading_coefficient() == q / q.leading_coefficient():
        return equal(Proved("the sides differ by the same polynomial, up to a positive factor"))
    return None


def _one_sided(expr: Expr) -> tuple[Expr, str] | None:
    """A single comparison as ``difference > 0`` or ``>= 0``."""
    if not isinstance(expr, Relation) or len(expr.ops) != 1 or expr.ops[0] not in ("<", "<=", ">", ">="):
        return None
    (a, b), op = expr.terms, expr.ops[0]
    return (Add((a, Neg(b))), op) if op[0] == ">" else (Add((b, Neg(a))), op.replace("<", ">"))


def _evaluators(scene: Scene, gold: Expr, answer: Expr) -> Iterator[Evaluator]:
    for point in scene.small_points(64):
        yield point.evaluator
    for index in range(96):
        try:
            values, _ = scene.ordinary_values(index)
        except Undefined:
            return
        from llmgrade.expr.evaluate_rational import Rationals

        yield Evaluator(
            Rationals(), dict(values), secret=scene.secret, definitions=scene.definitions, columns=scene.columns
        )


def _compare(scene: Scene, evaluator: Evaluator, gold: Expr, answer: Expr) -> Decision | bool | None:
    expected = _truth(evaluator, gold)
    got = _truth(evaluator, answer)
    if expected is None and got is None:
        return None
    if expected is None or got is None:
        return None  # a gap of one side only: both are compared where both have a value
    if expected != got:
        names = {s.name for s in scene.symbols} | set(scene.letters)
        witness = witness_text({n: v for n, v in evaluator.values.items() if n in names})
        says = ("false", "true")
        return different(
            Refuted(
                f"the answer is {says[got]} there, the expected statement {says[expected]}",
                witness,
                "value",
                says[got],
                says[expected],
            )
        )
    return True


def _truth(evaluator: Evaluator, statement: Expr) -> bool | None:
    try:
        return evaluator.holds(statement)
    except (Undefined, ZeroDivisionError):
        return None


def _relations(expr: Expr) -> Iterator[tuple[Expr, Expr]]:
    for node in walk(expr):
        if isinstance(node, Relation):
            for a, b in zip(node.terms, node.terms[1:], strict=False):
                if not isinstance(a, Const) or not isinstance(b, Const):
                    yield a, b


def _on_the_boundary(scene: Scene, gold: Expr, answer: Expr) -> Iterator[Evaluator]:
    """Points where two sides of some comparison are equal, reached along a name in which the difference is linear."""
    from llmgrade.checking.boundary import moved_onto

    for a, b in [*_relations(gold), *_relations(answer)]:
        gap = Add((a, Neg(b)))
        for point in scene.small_points(10):
            moved = moved_onto(scene, point.evaluator, gap)
            if moved is not None:
                yield moved


def _strictness(expr: Expr) -> set[object]:
    found: set[object] = set()
    for node in walk(expr):
        if isinstance(node, Relation):
            found.update("=" in op and op != "!=" for op in node.ops)
        if isinstance(node, Logic) and node.op == "not":
            found.add("not")
    return found
