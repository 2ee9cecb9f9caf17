"""What each assumption of a part is for: take one away, and see whether anything comes out differently.

Facts are what the part says at random points of its case: the signs of a change, whether a condition and its definition
agree, whether a right answer equals the key and a wrong one differs from it. An assumption without which all facts stay the
same is idle; one without which a right answer fails is load-bearing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from llmgrade.authoring.derive import points
from llmgrade.authoring.numeric import Unknown, Values, differ, value
from llmgrade.checking.bench import Bench
from llmgrade.errors import ExpressionError
from llmgrade.expr.nodes import Expr, Relation, Sym, walk
from llmgrade.rubric.model import Direction, Item

__all__ = ["Assumption", "ablate"]

DRAWS = 1_200
"""Points drawn per part; conditions are looked at afterwards, so that every ablation sees the same points."""
ENOUGH = 150


@dataclass(frozen=True, slots=True)
class Assumption:
    """One `given` of a part (``shared``: of the whole rubric), and what it does there."""

    index: int
    shared: bool
    text: str
    effect: Literal["idle", "load-bearing", "contradictory", "guard", "unknown"]
    """``guard``: it only keeps points out at which something has no value (``w != 0``)."""
    why: str = ""


def ablate(bench: Bench) -> Iterator[Assumption]:
    """Each condition of a part, in file order, with what becomes of the part without it."""
    texts = [(i, True, t) for i, t in enumerate(bench.rubric.given)]
    texts += [(i, False, t) for i, t in enumerate(bench.part.given)]
    if not texts:
        return
    try:
        conditions = [(bench.gold(text), i, shared, text) for i, shared, text in texts]
        granted = [bench.gold(text) for text in bench.part.granted]
    except ExpressionError:
        return
    drawn = [at for _, at in zip(range(DRAWS), points(bench, seed=11), strict=False)]
    table = [[_holds(c, at) for c in (*(c for c, *_ in conditions), *granted)] for at in drawn]
    whole = [at for at, row in zip(drawn, table, strict=True) if all(row)]
    if not whole:
        _, i, shared, text = conditions[-1]
        exact = any(_pins(c) for c, *_ in conditions)
        yield Assumption(i, shared, text, "unknown" if exact else "contradictory")
        return
    known = list(_facts(bench, whole[:ENOUGH]))
    for k, (condition, i, shared, text) in enumerate(conditions):
        if isinstance(condition, Relation) and "!=" in condition.ops:
            yield Assumption(i, shared, text, "guard")
            continue
        outside = [at for at, row in zip(drawn, table, strict=True) if all(row[:k] + row[k + 1 :]) and not row[k]]
        if not outside:
            yield Assumption(i, shared, text, "idle" if len(conditions) > 1 else "unknown")
            continue
        without = list(_facts(bench, [*whole[:ENOUGH], *outside[:ENOUGH]]))
        changed = [(before, after) for before, after in zip(known, without, strict=True) if before != after]
        if not changed:
            yield Assumption(i, shared, text, "idle")
        else:
            before, after = changed[0]
            yield Assumption(i, shared, text, "load-bearing", f"without it {before[0]} {after[1]}, not {before[1]}")


def _pins(condition: Expr) -> bool:
    """An equation pins a name down: random points never satisfy it."""
    return isinstance(condition, Relation) and "=" in condition.ops


def _holds(condition: Expr, at: Values) -> bool:
    try:
        return bool(value(condition, at))
    except Unknown:
        return False


def _facts(bench: Bench, at: list[Values]) -> Iterator[tuple[str, str]]:
    """What the part says at these points, each fact with a name for people."""
    for item in bench.part.expect:
        if isinstance(item, Direction):
            yield f"`{item.change}`", _signs(bench.gold(item.change), at)
            continue
        yield from _answers(bench, item, at)


def _answers(bench: Bench, item: Item, at: list[Values]) -> Iterator[tuple[str, str]]:
    pairs: list[tuple[str, Expr, Expr]] = []
    how = item.derive or bench.part.derive
    if isinstance(getattr(item, "answer", None), str):
        answer = item.answer  # type: ignore[attr-defined]
        for text in (answer, *_wrong(bench, item), *((how.iff, how.value) if how else ())):
            pairs += _pair(bench, answer, text)
    else:
        branches = getattr(item, "answer", ())
        for branch in branches if isinstance(branches, tuple) else ():
            then = getattr(branch, "then", None)
            if then is not None:
                yield f"`{branch.when}`", _truths(bench, branch.when, at)
    for text, one, other in pairs:
        yield f"`{text}`", _relation(one, other, at)


def _truths(bench: Bench, text: str, at: list[Values]) -> str:
    try:
        seen = {_holds(bench.gold(text), point) for point in at}
    except ExpressionError:
        return "cannot be read"
    return "both holds and fails" if len(seen) == 2 else "always holds" if seen == {True} else "never holds"


def _pair(bench: Bench, answer: str, text: str | None) -> list[tuple[str, Expr, Expr]]:
    try:
        return [] if text is None else [(text, bench.gold(answer), bench.gold(text))]
    except ExpressionError:
        return []


def _wrong(bench: Bench, item: Item) -> Iterable[str]:
    for pitfall in bench.rubric.pitfalls_of(bench.part):
        if not pitfall.item or item.id in pitfall.item:
            yield from (text for text in pitfall.when if isinstance(text, str))
    for outcome in ("correct", "reject"):
        yield from bench.part.tests.get(outcome, ())


def _signs(change: Expr, at: list[Values]) -> str:
    seen = set()
    for point in at:
        try:
            moved = float(np.squeeze(np.asarray(value(change, point), dtype=float)))
        except (Unknown, TypeError):
            continue
        seen.add("0" if abs(moved) < 1e-9 else "+" if moved > 0 else "-")
    return {"+": "is positive", "-": "is negative", "0": "is zero"}.get("".join(seen), "takes both signs")


def _relation(one: Expr, other: Expr, at: list[Values]) -> str:
    """Whether two answers are the same at these points, and whether they have values there at all."""
    same = different = none = 0
    for point in at:
        try:
            apart = _apart(one, other, point)
        except (Unknown, TypeError):
            none += 1
            continue
        different += apart
        same += not apart
        if different and same:
            break
    if not same + different:
        return "has no value"
    told = "sometimes equals the answer" if same and different else "equals the answer" if same else "differs from it"
    free = any(isinstance(node, Sym) for node in walk(one))
    return told + (" and sometimes has no value" if none and free else "")


def _apart(one: Expr, other: Expr, at: Values) -> bool:
    if isinstance(one, Relation) or isinstance(other, Relation):
        return bool(value(one, at)) != bool(value(other, at))
    return differ(value(one, at), value(other, at))
