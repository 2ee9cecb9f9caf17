"""Answers re-derived from their definitions, by numpy: differences for derivatives, descent for minimisers, large and small
numbers for limits, residuals for solutions, sampling for directions.

A definition that contradicts the answer refuses the rubric; one that this road can't follow leaves the part underived, and
the report says so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, Literal

import numpy as np

from llmgrade.authoring.numeric import Array, Unknown, Values, differ, value
from llmgrade.checking.bench import Bench
from llmgrade.errors import ExpressionError
from llmgrade.expr.names import canonical_name
from llmgrade.expr.nodes import Expr
from llmgrade.rubric.model import Cases, Choice, Derivation, Direction, Item, Limit, Number, Objective

__all__ = ["Derived", "derive", "points", "proportions"]

STEP = 1e-5
NEAR = 1e-4
"""Relative agreement that differences and limits are held to."""
UNDERIVED = "underived"
"""The key of a part's ``waive`` that says why its answer has no definition."""
POINTS = 6
TRIES = 1_500
"""Draws to find points of a case."""
ENOUGH = 200
"""Points of a case that settle a direction."""


@dataclass(frozen=True, slots=True)
class Derived:
    """What re-deriving an answer came to."""

    outcome: Literal["derived", "contradicted", "underived"]
    how: str
    """In words: the Jacobian by differences, 4000 points of the case, ..."""


def derive(bench: Bench, item: Item, how: Derivation | None) -> Derived:
    """Re-derive one item's answer from its definition."""
    try:
        if isinstance(item, Direction):
            return _direction(bench, item, how)
        if isinstance(item, Cases) and how is not None and how.d is not None:
            return _cases(bench, item, how)
        if isinstance(item, Limit) and how is not None and how.limit is not None and how.as_ is None:
            how = how.model_copy(update={"as_": item.as_})
        answer = getattr(item, "answer", None)
        if isinstance(item, Number) and isinstance(answer, str) and how is not None and how.value is not None:
            return _number(bench, item, how.value)
        if isinstance(item, Choice) and how is not None and how.grows is not None:
            return _growth(bench, item, how)
        if how is not None and how.holds is not None and isinstance(answer, str):
            return _statement(bench, item, how.holds, answer)
        if isinstance(item, Objective) and how is not None and how.value is not None:
            return _objective(bench, item, how)
        if how is None or not isinstance(answer, str):
            return Derived("underived", bench.part.waive.get(UNDERIVED, "no definition is given"))
        gold = bench.gold(answer)
        for given, road in _ROADS.items():
            if getattr(how, given) is not None:
                return road(bench, gold, how)
    except Unknown as reason:
        return Derived("underived", f"the definition has no numeric value here: {reason}")
    except ExpressionError as error:
        return Derived("contradicted", f"the definition can't be read: {error.reason}")
    return Derived("underived", bench.part.waive.get(UNDERIVED, "no definition is given"))


def points(bench: Bench, *, sizes: Mapping[str, int] | None = None, weak: str = "", seed: int = 3) -> Iterator[Values]:
    """Random points for the names of a part, for ever; conditions are not looked at."""
    sampled = {letter: found[0] for letter, found in {**bench.rubric.sample, **bench.part.sample}.items() if found}
    generator = np.random.default_rng(seed)
    while True:
        yield Values(bench.table, generator, {**sampled, **(sizes or {})}, weak)


def case(bench: Bench, given: tuple[str, ...], tries: int = TRIES, *, weak: str = "") -> Iterator[Values]:
    """Random points at which all conditions of a part and an item hold."""
    conditions = [bench.gold(text) for text in (*bench.rubric.given, *bench.part.given, *bench.part.granted, *given)]
    for _, at in zip(range(tries), points(bench, weak=weak), strict=False):
        try:
            if all(value(condition, at) for condition in conditions):
                yield at
        except Unknown:
            continue


def _direction(bench: Bench, item: Direction, how: Derivation | None) -> Derived:
    change = bench.gold(how.simulate if how is not None and how.simulate is not None else item.change)
    seen: set[int] = set()
    count = 0
    for at in islice(case(bench, item.given), ENOUGH):
        moved = float(np.squeeze(np.asarray(value(change, at), dtype=float)))
        seen.add(0 if abs(moved) < 1e-9 else 1 if moved > 0 else -1)
        count += 1
    if not count:
        return Derived("underived", "no point of the case was found")
    up, down = ("up", "down") if item.axis == "up-down" else ("right", "left")
    found = {frozenset({1}): up, frozenset({-1}): down, frozenset({0}): "unchanged"}.get(frozenset(seen), "either")
    told = f"{count} points of the case: {found}"
    return Derived("derived" if found == item.answer else "contradicted", told)


def _cases(bench: Bench, item: Cases, how: Derivation) -> Derived:
    """Each branch's value against the derivative at points where its condition holds."""
    assert how.d is not None
    function, name = bench.gold(how.d), _name(how.wrt)
    count = 0
    for branch in item.answer:
        then = bench.gold(branch.then)
        for at in islice(case(bench, (*item.given, branch.when)), POINTS):
            jacobian = _jacobian(function, name, at)
            if not np.allclose(np.atleast_2d(np.asarray(value(then, at), dtype=float)), jacobian, rtol=NEAR, atol=NEAR):
                return Derived("contradicted", f"the derivative of {how.d} by {how.wrt} where {branch.when}: differs")
            count += 1
    if not count:
        raise Unknown("no point of any case was found")
    return Derived("derived", f"the derivative of {how.d} by {how.wrt}, by differences, {count} points of the cases")


def _number(bench: Bench, item: Number, body: str) -> Derived:
    """A number worked out from its definition, within the tolerance the item allows."""
    at = next(points(bench))
    claimed, found = (float(np.squeeze(np.asarray(value(bench.gold(text), at)))) for text in (item.answer, body))
    near = abs(claimed - found) <= max(item.tolerance, item.relative * abs(found), 1e-9)
    return Derived("derived" if near else "contradicted", f"{body} is {found:.6g}")


def _objective(bench: Bench, item: Objective, how: Derivation) -> Derived:
    """The objective in other words: the same up to an increasing affine map."""
    from llmgrade.authoring.labels import Label, affine_labels

    assert how.value is not None
    labels = affine_labels(bench, [bench.gold(item.answer)], canonical_name(item.wrt))
    found = labels.label(bench.gold(how.value), "")
    if found is Label.UNKNOWN:
        raise Unknown("the objective")
    told = f"an increasing affine function of {how.value}"
    return Derived("derived" if found is Label.SAME else "contradicted", told)


def _each(bench: Bench, check: Callable[[Values], bool | None], told: str) -> Derived:
    """Run a check at some points; None is a point that says nothing."""
    why = "no point"
    for sizes in proportions(bench):
        good = 0
        for at in islice(points(bench, sizes=sizes), 20 * POINTS):
            try:
                verdict = check(at)
            except Unknown as reason:
                why = str(reason)
                continue
            if verdict is False:
                return Derived("contradicted", f"{told}: differs")
            good += verdict is True
            if good >= POINTS:
                break
        if good:  # where the answer has no value in one proportion (wide, tall), the other counts
            return Derived("derived", f"{told}, {good} points")
    raise Unknown(why)


def proportions(bench: Bench) -> list[Mapping[str, int] | None]:
    """The sampled sizes, and the same the other way round where wide matrices are allowed."""
    sampled = {name: found[0] for name, found in {**bench.rubric.sample, **bench.part.sample}.items() if found}
    letters = sorted(bench.table.sizes, key=lambda name: sampled.get(name, 0))
    if "wide" not in bench.strata or len(letters) < 2:
        return [None]
    base = next(points(bench)).sizes
    known = {name: sampled.get(name, base.get(name, 3)) for name in letters}
    turned = dict(zip(known, reversed(list(known.values())), strict=True))
    return [None] if turned == known else [None, turned]


def _derivative(bench: Bench, gold: Expr, how: Derivation) -> Derived:
    assert how.d is not None
    function, name = bench.gold(how.d), _name(how.wrt)

    def check(at: Values) -> bool:
        jacobian = _jacobian(function, name, at)
        claimed = np.atleast_2d(np.asarray(_solid(value(gold, at)), dtype=float))
        if bench.rubric.layout == "any" and claimed.shape != jacobian.shape:
            jacobian = jacobian.T
        if bench.rubric.layout == "column":
            jacobian = jacobian.T
        return claimed.shape == jacobian.shape and bool(np.allclose(claimed, jacobian, rtol=NEAR, atol=NEAR))

    return _each(bench, check, f"the Jacobian of {how.d} by {how.wrt}, by differences")


def _jacobian(function: Expr, name: str, at: Values) -> Array:
    """Outputs as rows, inputs as columns."""
    base = np.asarray(_solid(at[name]), dtype=float)
    flat = np.atleast_1d(base).reshape(-1)
    columns = []
    for place in range(flat.size):
        moved = []
        for sign in (1, -1):
            step = flat.copy()
            step[place] += sign * STEP
            moved.append(
                np.asarray(_solid(value(function, _moved(at, name, step.reshape(base.shape)))), dtype=float).reshape(-1)
            )
        columns.append((moved[0] - moved[1]) / (2 * STEP))
    return np.stack(columns, axis=1)


def _moved(at: Values, name: str, to: Any) -> Values:
    """The same point with one name somewhere else; what is defined by it follows."""
    found = Values(at.table, at.generator, at.sizes, at.weak)
    at.settle()
    kept = {other: known for other, known in at.known.items() if (s := at.table.get(other)) is None or not s.definition}
    found.known = {**kept, name: to if np.ndim(to) else float(to)}
    return found


def _minimiser(bench: Bench, gold: Expr, how: Derivation) -> Derived:
    assert how.argmin is not None
    function, name = bench.gold(how.argmin), _name(how.over)

    def check(at: Values) -> bool:
        claimed = np.asarray(_solid(value(gold, at)), dtype=float)
        here = _moved(at, name, claimed if claimed.ndim else float(claimed))
        slope = _jacobian(function, name, here)
        scale = 1 + abs(float(np.squeeze(np.asarray(value(function, here)))))
        low = float(np.squeeze(np.asarray(value(function, here))))
        around = [
            float(
                np.squeeze(
                    np.asarray(
                        value(function, _moved(at, name, claimed + 0.1 * at.generator.normal(size=claimed.shape)))
                    )
                )
            )
            for _ in range(8)
        ]
        return bool(np.max(np.abs(slope)) < NEAR * scale and min(around) >= low - 1e-9 * scale)

    return _each(bench, check, f"the slope of {how.argmin} at the answer, and its neighbours")


def _solution(bench: Bench, gold: Expr, how: Derivation) -> Derived:
    assert how.solve is not None
    equation, name = bench.gold(how.solve), _name(how.for_)

    def check(at: Values) -> bool:
        return bool(value(equation, _moved(at, name, value(gold, at))))

    return _each(bench, check, f"the answer put into {how.solve}")


def _limit(bench: Bench, gold: Expr, how: Derivation) -> Derived:
    assert how.limit is not None
    body = bench.gold(how.limit)
    for sign, way in (("≪", -1), ("\\ll", -1), ("<<", -1), ("≫", 1), ("\\gg", 1), (">>", 1)):
        if sign in (how.as_ or ""):
            small, _, large = (how.as_ or "").partition(sign)
            return _compared(bench, gold, body, (_name(small.strip()), bench.gold(large.strip()), way), how)
    name, far = _regime(bench, how.as_ or "")

    def check(at: Values) -> bool | None:
        expected = np.asarray(_solid(value(gold, at)), dtype=float)
        near = [np.asarray(_solid(value(body, _moved(at, name, far(k)))), dtype=float) for k in (4, 6)]
        if near[0].shape != near[1].shape or (expected.size != 1 and near[0].shape != expected.shape):
            return False
        gaps = [float(np.max(np.abs(found - expected))) for found in near]
        size = 1 + float(np.max(np.abs(expected)))
        return gaps[1] < 1e-3 * size and gaps[1] <= gaps[0] + 1e-9

    return _each(bench, check, f"{how.limit} far out towards {how.as_}")


def _compared(bench: Bench, gold: Expr, body: Expr, regime: tuple[str, Expr, int], how: Derivation) -> Derived:
    """``σ ≪ λ``: what the ratio of the two tends to as the one is made ever smaller beside the other."""
    name, beside, way = regime

    def check(at: Values) -> bool | None:
        scale = float(np.squeeze(np.asarray(value(beside, at), dtype=float)))
        ratios = []
        for k in (3, 5):
            there = _moved(at, name, scale * 10.0 ** (way * k))
            ratios.append(
                float(np.squeeze(np.asarray(value(body, there)))) / float(np.squeeze(np.asarray(value(gold, there))))
            )
        return abs(ratios[1] - 1) < 1e-3 and abs(ratios[1] - 1) <= abs(ratios[0] - 1) + 1e-9

    return _each(bench, check, f"{how.limit} beside the answer where {how.as_}")


def _regime(bench: Bench, text: str) -> tuple[str, Callable[[int], float]]:
    """The name that runs, and where it is after k steps: ``λ → 0``, ``λ → ∞``, ``n → \\infty``."""
    for arrow in ("→", "->", "\\to", "\\rightarrow"):
        if arrow in text:
            name, goal = (part.strip() for part in text.split(arrow, 1))
            infinite = any(mark in goal for mark in ("∞", "infty", "inf", "oo"))
            if infinite:
                return _name(name), _far(-1.0 if goal.startswith("-") else 1.0)
            return _name(name), _close(value(bench.gold(goal.rstrip("+-⁺⁻ ")), next(points(bench))))
    raise Unknown(f"`{text}` is no regime such as `λ → 0`")


def _far(sign: float) -> Callable[[int], float]:
    return lambda k: sign * 10.0**k


def _close(target: Any) -> Callable[[int], float]:
    to = float(np.squeeze(np.asarray(target)))
    return lambda k: to + 10.0**-k


def _other_words(bench: Bench, gold: Expr, how: Derivation) -> Derived:
    assert how.value is not None
    body = bench.gold(how.value)
    return _each(bench, lambda at: not differ(value(body, at), value(gold, at)), f"the value of {how.value}")


def _condition(bench: Bench, gold: Expr, how: Derivation) -> Derived:
    """Both statements at points of the case; random matrices never are symmetric, so some are made so on purpose."""
    assert how.iff is not None
    body = bench.gold(how.iff)
    count = 0
    both: set[bool] = set()
    for weak in ("", "symmetric", "deficient"):
        for at in islice(case(bench, (), weak=weak), ENOUGH):
            told = bool(value(gold, at))
            if told != bool(value(body, at)):
                return Derived("contradicted", f"not the same as {how.iff} at a point of the case")
            both.add(told)
            count += 1
        if len(both) == 2:
            return Derived("derived", f"the same as {how.iff} at {count} points")
    raise Unknown("the condition was never both true and false")


def _statement(bench: Bench, item: Item, text: str, answer: str) -> Derived:
    """The answer put into a statement that tells it from its pitfalls."""
    if "{answer}" not in text:
        return Derived("contradicted", f"`{text}` has the answer nowhere in it: write {{answer}}")
    right = _each(bench, _holds(bench, text, answer), f"the answer put into {text}")
    wrong = [
        w
        for pitfall in bench.rubric.pitfalls_of(bench.part)
        if not pitfall.item or item.id in pitfall.item
        for w in pitfall.when
        if isinstance(w, str)
    ]
    for other in (*wrong, f"-({answer})", f"2 ({answer})"):
        try:
            if _each(bench, _holds(bench, text, other), "").outcome == "contradicted":
                return right
        except (Unknown, ExpressionError):
            continue
    raise Unknown(f"{text} holds whatever is put in")


def _holds(bench: Bench, text: str, answer: str) -> Callable[[Values], bool]:
    statement = bench.gold(text.replace("{answer}", f"({answer})"))
    return lambda at: bool(value(statement, at))


def _growth(bench: Bench, item: Choice, how: Derivation) -> Derived:
    """The option a count stays in proportion to, from a thousand to a billion."""
    assert how.grows is not None
    name, count = _name(how.wrt or "n"), bench.gold(how.grows)
    at = next(points(bench))
    fitting = []
    for letter, option in item.options.items():
        inside = re.fullmatch(r"\s*\\?(?:mathcal\s*\{?)?[OΘ]\}?\s*\(?(.*?)\)?\s*", option)
        body = bench.gold(inside[1] if inside else option)
        ratios = []
        for k in (10, 20, 30):
            there = _moved(at, name, 2.0**k)
            ratios.append(float(value(count, there)) / float(value(body, there)))
        if max(ratios) < 1.25 * min(ratios):
            fitting.append(letter)
    return Derived(
        "derived" if tuple(fitting) == tuple(item.answer) else "contradicted",
        f"{how.grows} is in proportion to {', '.join(fitting) or 'none'} of the options",
    )


def _name(text: str | None) -> str:
    return canonical_name(text or "")


def _solid(found: Any) -> Any:
    if not isinstance(found, float | int | bool | np.ndarray):
        raise Unknown("an identity of no size")
    return found


_ROADS: dict[str, Callable[[Bench, Expr, Derivation], Derived]] = {
    "d": _derivative,
    "argmin": _minimiser,
    "solve": _solution,
    "limit": _limit,
    "value": _other_words,
    "iff": _condition,
}
