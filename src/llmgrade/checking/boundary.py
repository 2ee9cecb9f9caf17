"""Moving a point onto a surface: along a scalar name in which a difference is linear, exactly."""

from __future__ import annotations

from typing import Any

from llmgrade.checking.sampling import exact
from llmgrade.checking.scene import Scene
from llmgrade.expr.evaluate import Evaluator
from llmgrade.expr.evaluate_algebra import Beyond, ShapeMismatch, Undefined
from llmgrade.expr.nodes import Expr
from llmgrade.expr.symbols import Symbol

__all__ = ["moved_onto"]


def moved_onto(scene: Scene, evaluator: Evaluator, gap: Expr) -> Evaluator | None:
    """The evaluator with one value changed so that ``gap`` is 0 and everything assumed still holds; None where that fails."""
    for symbol in scene.symbols:
        before = evaluator.values.get(symbol.name)
        if not symbol.shape.is_scalar or type(before) is int or symbol.has("integer"):
            continue
        try:
            samples = []
            for at in (1, 2, 3):
                evaluator.values[symbol.name] = evaluator.algebra.scalar(at)
                samples.append(evaluator.algebra.plain(evaluator.value(gap)))
            slope = samples[1] - samples[0]
            if slope == 0 or samples[2] - samples[1] != slope:
                raise Undefined
            place = 1 - samples[0] / slope
            evaluator.values[symbol.name] = place
            if evaluator.value(gap) == 0 and allowed(symbol, place) and all(evaluator.holds(g) for g in scene.given):
                return evaluator
        except (Undefined, Beyond, ShapeMismatch, TypeError, ZeroDivisionError):
            pass
        evaluator.values[symbol.name] = before
    return None


def allowed(symbol: Symbol, number: Any) -> bool:
    """Whether a value fits a scalar's declared sign and bounds."""
    signs = {
        "positive": number > 0,
        "negative": number < 0,
        "nonnegative": number >= 0,
        "nonpositive": number <= 0,
        "nonzero": number != 0,
    }
    if any(symbol.has(word) and not fits for word, fits in signs.items()):
        return False
    for bound in symbol.bounds:
        limit = exact(bound.value)
        if limit is None:
            return False
        fits = {
            "<": number < limit,
            "<=": number <= limit,
            ">": number > limit,
            ">=": number >= limit,
            "!=": number != limit,
        }
        if not fits[bound.op]:
            return False
    return True
