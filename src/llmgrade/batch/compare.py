"""Two models on the same problems: by how much, on which parts and pitfalls, and how sure that is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from llmgrade.batch import statistics
from llmgrade.batch.statistics import Paired
from llmgrade.batch.summary import PartRow, When, by_problem
from llmgrade.errors import UsageError

__all__ = ["Comparison", "ItemDifference", "compare"]


@dataclass(frozen=True, slots=True)
class ItemDifference:
    """One part or pitfall: how often each side has it, on the pairs where just one has, and the p for that."""

    name: str
    first: float
    second: float
    only_first: int
    only_second: int
    p: float
    """McNemar, exact."""
    corrected: float
    """The same, corrected for the number of parts or pitfalls (Holm)."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """``first`` against ``second``; positive differences are in favour of the first."""

    first: str
    second: str
    final: Paired
    first_try: Paired
    parts: tuple[ItemDifference, ...]
    pitfalls: tuple[ItemDifference, ...]
    more_problems: int | None
    """Problems still missing to see a difference of the size found (80 % power); None where there is none."""
    asked: float
    """The difference asked about, as a share of the points."""
    for_asked: int | None
    """Problems still missing to see a difference of that size."""
    unpaired: int
    """Answers that have no counterpart and are left out."""


def compare(
    first: str, one: Iterable[PartRow], second: str, other: Iterable[PartRow], asked: float = 0.05
) -> Comparison:
    """Compare the parts that both sides answered, paired by problem, part and sample.

    Raises:
        UsageError: there is nothing that both answered.
    """
    left, right = list(one), list(other)
    pairs = _pairs(left, right)
    if not pairs:
        raise UsageError(f"`{first}` and `{second}` have no part in common")
    mine, theirs = [a for a, _ in pairs], [b for _, b in pairs]
    final = _paired(mine, theirs, "final")
    pitfalls: dict[str, set[str]] = defaultdict(set)
    for row in (*mine, *theirs):
        pitfalls[row.item] |= _fell_into(row)
    return Comparison(
        first,
        second,
        final,
        _paired(mine, theirs, "first"),
        _differences(pairs, lambda row: {row.item} if row.final == "correct" else set(), lambda row: {row.item}),
        _differences(pairs, _fell_into, lambda row: pitfalls[row.item]),
        statistics.more_problems(final.deviation, final.difference, final.problems),
        asked,
        statistics.more_problems(final.deviation, asked, final.problems),
        len(left) + len(right) - 2 * len(pairs),
    )


def _pairs(left: list[PartRow], right: list[PartRow]) -> list[tuple[PartRow, PartRow]]:
    """Rows of both sides for the same part and sample; samples without a number are paired in order."""
    waiting: dict[tuple[str, str | None], list[PartRow]] = defaultdict(list)
    for row in right:
        waiting[row.item, row.sample].append(row)
    found = []
    for row in left:
        queue = waiting[row.item, row.sample]
        if queue:
            found.append((row, queue.pop(0)))
    return found


def _paired(mine: list[PartRow], theirs: list[PartRow], when: When) -> Paired:
    return statistics.paired(by_problem(mine, when), by_problem(theirs, when))


def _fell_into(row: PartRow) -> set[str]:
    return {f"{row.problem}:{name}" for name in (*row.first_pitfalls, *row.pitfalls)}


def _differences(
    pairs: list[tuple[PartRow, PartRow]], has: Callable[[PartRow], set[str]], about: Callable[[PartRow], set[str]]
) -> tuple[ItemDifference, ...]:
    """``has`` says which names a row carries, ``about`` which names it could carry: the pairs a name is counted over."""
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0, 0])
    for mine, theirs in pairs:
        ours, others = has(mine), has(theirs)
        for name in sorted(about(mine)):
            row = counts[name]
            row[0] += 1
            row[1] += name in ours
            row[2] += name in others
            row[3] += name in ours and name not in others
            row[4] += name in others and name not in ours
    values = {name: statistics.mcnemar(row[3], row[4]) for name, row in counts.items()}
    adjusted = statistics.holm(values)
    return tuple(
        ItemDifference(name, row[1] / row[0], row[2] / row[0], row[3], row[4], values[name], adjusted[name])
        for name, row in counts.items()
    )
