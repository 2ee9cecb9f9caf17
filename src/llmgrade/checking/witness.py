"""A witness: small exact numbers under which the two sides differ, which anyone can check by hand."""

from __future__ import annotations

from typing import Any

from llmgrade.checking.evidence import Refuted
from llmgrade.checking.outcome import Decision, different
from llmgrade.checking.scene import Point, Scene, to_balls
from llmgrade.checking.wording import value_text, witness_text
from llmgrade.expr.evaluate import Evaluator
from llmgrade.expr.evaluate_algebra import Beyond, OverBudget, ShapeMismatch, Undefined
from llmgrade.expr.evaluate_balls import Balls, ComplexBalls
from llmgrade.expr.nodes import Expr
from llmgrade.limits import Deadline

__all__ = ["with_witness"]

_TRIES = 48


def with_witness(scene: Scene, gold: Expr, answer: Expr, decision: Decision, deadline: Deadline) -> Decision:
    """The refusal with a point at which it can be seen; unchanged where it has one, needs none, or none was found."""
    evidence = decision.evidence
    if not isinstance(evidence, Refuted) or evidence.kind == "shape":
        return decision
    if evidence.witness and evidence.kind == "value" and all(len(v) <= 6 for v in evidence.witness.values()):
        return decision
    for point in scene.small_points(_TRIES if scene.symbols else 1):
        if deadline.passed():
            break
        found = _differ(scene, point, gold, answer)
        if found is not None:
            expected, got = found
            names = {s.name for s in scene.symbols} | set(scene.letters)
            shown = witness_text({n: v for n, v in point.evaluator.values.items() if n in names})
            reason = "the two differ" if got is not None else evidence.reason
            return different(
                Refuted(
                    reason,
                    shown,
                    evidence.kind,
                    None if got is None else value_text(got),
                    value_text(expected),
                    evidence.notes,
                ),
                *decision.notes,
            )
    return decision


def _differ(scene: Scene, point: Point, gold: Expr, answer: Expr) -> tuple[Any, Any] | None:
    """Both values where they differ for certain; the second None where only the first exists."""
    found = _values(point.evaluator, gold, answer)
    if found == "beyond":
        algebra = ComplexBalls() if scene.complex else Balls()
        values = {name: to_balls(algebra, value) for name, value in point.evaluator.values.items()}
        evaluator = Evaluator(
            algebra, values, secret=scene.secret, definitions=scene.definitions, columns=scene.columns
        )
        found = _values(evaluator, gold, answer)
        if isinstance(found, tuple) and not (
            algebra.finite(found[0]) and found[1] is not None and algebra.finite(found[1])
        ):
            return None
    return found if isinstance(found, tuple) else None


def _values(evaluator: Evaluator, gold: Expr, answer: Expr) -> tuple[Any, Any] | str | None:
    algebra = evaluator.algebra
    try:
        expected = algebra.plain(evaluator.value(gold))
    except (Undefined, ZeroDivisionError, ShapeMismatch, OverBudget):
        return None
    except Beyond:
        return "beyond"
    try:
        got = algebra.plain(evaluator.value(answer))
        if algebra.same(expected, got):
            return None
    except (Undefined, ZeroDivisionError):
        return expected, None
    except (ShapeMismatch, OverBudget):
        return None
    except Beyond:
        return "beyond"
    return expected, got
