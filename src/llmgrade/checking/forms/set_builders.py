"""Sets listed by a rule, ``{2k : k ∈ ℤ}``: compared through their members in a window."""

from __future__ import annotations

from typing import Any

from llmgrade.checking.evidence import Refuted, Tested
from llmgrade.checking.outcome import Decision, different, equal
from llmgrade.checking.scene import Scene
from llmgrade.checking.wording import value_text
from llmgrade.expr.evaluate import Evaluator
from llmgrade.expr.evaluate_algebra import Beyond, ShapeMismatch, Undefined
from llmgrade.expr.nodes import Const, Expr, Relation, SetBuilder, Sym

__all__ = ["compare_builders"]

_RANGE = 40
_WINDOW = 12


def _family(expr: Expr) -> tuple[Expr, str, int] | None:
    """The element, the whole-number index it runs over, and where it starts; None for other sets."""
    if not isinstance(expr, SetBuilder) or not isinstance(expr.condition, Relation):
        return None
    condition = expr.condition
    if condition.ops != ("in",) or not isinstance(condition.terms[0], Sym) or not isinstance(condition.terms[1], Const):
        return None
    index, kind = condition.terms[0].name, condition.terms[1].name
    if kind not in ("Z", "N") or (isinstance(expr.element, Sym) and expr.element.name == index):
        return None
    return expr.element, index, -_RANGE if kind == "Z" else 0


def compare_builders(scene: Scene, gold: Expr, answer: Expr) -> Decision | None:
    """Equal when each member in the middle of one's list is in the other's whole list; None where a set is no such list."""
    one, other = _family(gold), _family(answer)
    if one is None or other is None:
        return None
    asked = 0
    for index in range(3):
        point = scene.ball_point(index)
        try:
            mine, yours = _members(point.evaluator, *one), _members(point.evaluator, *other)
        except (Undefined, Beyond, ShapeMismatch):
            return None
        for inner, outer, whose in ((mine[0], yours[1], "expected"), (yours[0], mine[1], "answer's")):
            for x in inner:
                if not any(x.overlaps(y) for y in outer):
                    return different(Refuted(f"{value_text(x)} is in the {whose} set only", {"element": value_text(x)}))
                asked += 1
    return equal(Tested(asked, None, "the same members in a window", scene.seed))


def _members(evaluator: Evaluator, element: Expr, index: str, start: int) -> tuple[list[Any], list[Any]]:
    inner, outer = [], []
    for k in range(start, _RANGE + 1):
        value = evaluator.algebra.plain(evaluator.with_bound(index, k, element))
        outer.append(value)
        if -_WINDOW <= k <= _WINDOW:
            inner.append(value)
    return inner, outer
