"""What each assumption of a part is for: take one away, and see whether anything comes out differently.

Facts are what the part says at random points of its case: the signs of a change, whether a condition and its definition
agree, whether a right answer equals the key and a wrong one differs from it. An assumption without which all facts stay the
same is idle; one without which a right answer fails is load-bearing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Literal

import numpy as np

from llmgrade.authoring.derive import points
from llmgrade.authoring.numeric import Unknown, Values, differ, value
from llmgrade.checking.bench import Bench
from llmgrade.errors import ExpressionError, LlmgradeError
from llmgrade.expr.nodes import Expr, Relation, Sym, walk
from llmgrade.limits import Limits
from llmgrade.rubric.model import Direction, Item, Rubric, Symbol

__all__ = ["Assumption", "SymbolAssumption", "ablate", "ablate_symbols"]

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


@dataclass(frozen=True, slots=True)
class SymbolAssumption:
    """A property a symbol is declared with, and what it does: in the whole rubric, or in one part's own declaration."""

    name: str
    part: int | None
    """The part whose declaration it is; None for the rubric's."""
    text: str
    """The property, in the author's words: ``> 0``, ``symmetric``."""
    effect: Literal["idle", "load-bearing"]
    hangs: str = ""
    """The first part that hangs on it."""
    why: str = ""


LOOKS = 14
"""Points of a part at which a symbol's property is tried."""


def ablate_symbols(rubric: Rubric, limits: Limits) -> Iterator[SymbolAssumption]:
    """Each property of each symbol, with what becomes of the parts without it; a symbol nobody can weaken is left out."""
    holders: list[tuple[int | None, Mapping[str, Symbol]]] = [(None, rubric.symbols)]
    holders += [(i, part.symbols) for i, part in enumerate(rubric.parts)]
    known: dict[tuple[int, str], list[tuple[str, str]]] = {}
    for holder, symbols in holders:
        for name, symbol in symbols.items():
            for text, weaker in _weaker(symbol):
                changed = {**symbols, name: weaker}
                yield from _without(rubric, limits, holder, name, text, changed, known)


def _without(
    rubric: Rubric,
    limits: Limits,
    holder: int | None,
    name: str,
    text: str,
    symbols: Mapping[str, Symbol],
    known: dict[tuple[int, str], list[tuple[str, str]]],
) -> Iterator[SymbolAssumption]:
    """One property taken away, looked at part by part."""
    weak = "deficient" if text in _OF_RANK else ""
    tried = False
    for index, part in enumerate(rubric.parts):
        if holder not in {None, index} or (holder is None and name in part.symbols):
            continue
        if (index, weak) not in known:
            known[index, weak] = _said(rubric, index, limits, weak)
        if not known[index, weak]:
            continue
        if holder is None:
            changed = rubric.model_copy(update={"symbols": dict(symbols)})
        else:
            parts = list(rubric.parts)
            parts[index] = part.model_copy(update={"symbols": dict(symbols)})
            changed = rubric.model_copy(update={"parts": tuple(parts)})
        tried = True
        for before, after in zip(known[index, weak], _said(changed, index, limits, weak), strict=False):
            if before != after:
                why = f"without it {before[0]} {after[1]}, not {before[1]}"
                yield SymbolAssumption(name, holder, text, "load-bearing", part.id, why)
                return
    if tried:
        yield SymbolAssumption(name, holder, text, "idle")


_OF_RANK = frozenset({"full rank", "full column rank", "full row rank", "invertible"})
"""Properties that random matrices have anyway: they are tried with matrices of lower rank."""
_OF_SIZES = frozenset({"tall", "wide"})
"""Properties of the sizes, which the sample sets."""


def _said(rubric: Rubric, index: int, limits: Limits, weak: str = "") -> list[tuple[str, str]]:
    """The facts of a part at points inside its conditions; [] where it cannot be tried."""
    try:
        bench = Bench(rubric, rubric.parts[index], {}, limits, "ablation")
        conditions = [bench.gold(text) for text in (*rubric.given, *bench.part.given, *bench.part.granted)]
        inside = (
            at for at in islice(points(bench, seed=17, weak=weak), 40 * LOOKS) if all(_holds(c, at) for c in conditions)
        )
        return list(_facts(bench, list(islice(inside, LOOKS))))
    except (LlmgradeError, ValueError):
        return []


_PLAIN = re.compile(r"^(symmetric|spd|invertible|orthogonal|diagonal)\s*\(([^()]*)\)")


def _weaker(symbol: Symbol) -> Iterator[tuple[str, Symbol]]:
    """Every property of a symbol, and the symbol without it."""
    text = symbol.is_
    typed = _PLAIN.match(text)
    if typed:
        sizes = [size.strip() for size in typed[2].split(",")]
        bare = f"matrix({sizes[0]}, {sizes[-1]})"
        yield typed[1], symbol.model_copy(update={"is_": bare + text[typed.end() :]})
    head, _, rest = text.partition(" = ")
    sized = head.find(")") + 1
    for word in re.findall(r",\s*[a-z][a-z ]*", head[sized:]):
        kept = head[:sized] + head[sized:].replace(word, "", 1) + (f" = {rest}" if rest else "")
        if word.strip(", ") in _OF_SIZES:
            continue
        yield word.strip(", "), symbol.model_copy(update={"is_": kept})
    ranged = re.match(r"^(scalar|real|integer)\s*((?:<|>|≤|≥|!=|≠)=?.*)$", text)
    if ranged:
        yield ranged[2].strip(), symbol.model_copy(update={"is_": ranged[1]})
    if re.match(r"^[^<>=]+(?:<=?|≤)\s*\w+\s*(?:<=?|≤)[^<>=]+$", text):
        yield f"in its range {text}", symbol.model_copy(update={"is_": "scalar"})
    for word in symbol.assume:
        yield word, symbol.model_copy(update={"assume": tuple(w for w in symbol.assume if w != word)})


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
        if text is None:
            return []
        one, other = bench.gold(answer), bench.gold(text)
    except ExpressionError:
        return []
    if isinstance(other, Relation) and not isinstance(one, Relation):
        other = other.terms[-1]  # an answer with its name: ``A = V Σ† Uᵀ``
    return [(text, one, other)]


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
        except (Unknown, TypeError, ValueError):
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
