"""Corners and jumps: ``≥`` against ``>`` in a piecewise answer shows only where the branches meet."""

from __future__ import annotations

from collections.abc import Iterator

from llmgrade.checking.boundary import moved_onto
from llmgrade.checking.evidence import Refuted
from llmgrade.checking.outcome import Decision, different
from llmgrade.checking.scene import Scene, to_balls
from llmgrade.checking.wording import value_text, witness_text
from llmgrade.expr.evaluate import Evaluator
from llmgrade.expr.evaluate_algebra import Algebra, Beyond, OverBudget, ShapeMismatch, Undefined
from llmgrade.expr.evaluate_balls import Balls, ComplexBalls
from llmgrade.expr.nodes import Add, Call, Expr, Logic, Neg, Num, Piecewise, Relation, kinds_of, nodes_of, walk
from llmgrade.limits import Deadline

__all__ = ["difference_on_an_edge", "has_edges"]

_JUMPING = frozenset({"sign", "heaviside", "floor", "ceil", "round", "frac_part"})
_EDGED = frozenset((Piecewise, Relation, Logic))
_POINTS = 3


def has_edges(expr: Expr) -> bool:
    """Whether the value may jump."""
    kinds = kinds_of(expr)
    if kinds & _EDGED:
        return True
    return Call in kinds and any(type(n) is Call and n.function in _JUMPING for n in nodes_of(expr))


def _gaps(expr: Expr) -> Iterator[Expr]:
    """Differences that vanish on the edges."""
    for node in walk(expr):
        if isinstance(node, Relation):
            for a, b in zip(node.terms, node.terms[1:], strict=False):
                yield Add((a, Neg(b)))
        elif isinstance(node, Call) and node.function in _JUMPING and len(node.args) == 1:
            yield Add((node.args[0], Num(0)))
            if node.function not in ("sign", "heaviside"):
                yield Add((node.args[0], Neg(Num(2))))
                yield Add((node.args[0], Num(1)))


def difference_on_an_edge(scene: Scene, gold: Expr, answer: Expr, deadline: Deadline) -> Decision | None:
    """A refusal where the two differ on some edge of either; None where they agree on all that could be reached."""
    seen: set[Expr] = set()
    for gap in [*_gaps(gold), *_gaps(answer)]:
        if gap in seen:
            continue
        seen.add(gap)
        reached = 0
        for point in scene.small_points(12):
            if deadline.passed() or reached >= _POINTS:
                break
            moved = moved_onto(scene, point.evaluator, gap)
            if moved is None:
                continue
            reached += 1
            found = _compare(scene, moved, gold, answer)
            if found is not None:
                return found
    return None


def _compare(scene: Scene, evaluator: Evaluator, gold: Expr, answer: Expr) -> Decision | None:
    exact = evaluator
    for walker in (exact, None):
        if walker is None:
            algebra: Algebra = ComplexBalls() if scene.complex else Balls()
            values = {n: to_balls(algebra, v) for n, v in exact.values.items()}
            walker = Evaluator(
                algebra, values, secret=scene.secret, definitions=scene.definitions, columns=scene.columns
            )
        try:
            expected = walker.algebra.plain(walker.value(gold))
            if not walker.algebra.finite(expected):
                return None
        except (Undefined, ZeroDivisionError, ShapeMismatch, OverBudget):
            return None
        except Beyond:
            continue
        names = {s.name for s in scene.symbols} | set(scene.letters)
        witness = witness_text({n: v for n, v in exact.values.items() if n in names})
        try:
            got = walker.algebra.plain(walker.value(answer))
        except (Undefined, ZeroDivisionError):
            return different(
                Refuted(
                    "the answer has no value at this edge, the expected one has",
                    witness,
                    "domain",
                    None,
                    value_text(expected),
                )
            )
        except (Beyond, ShapeMismatch, OverBudget):
            continue
        if walker.algebra.finite(got) and not walker.algebra.same(expected, got):
            return different(
                Refuted(
                    "the two differ on an edge between branches",
                    witness,
                    "value",
                    value_text(got),
                    value_text(expected),
                )
            )
        return None
    return None
