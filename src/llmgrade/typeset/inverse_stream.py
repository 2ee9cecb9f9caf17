"""A page's run of formula lines: which lines belong to which formula, and how each of them reads.

Formulas follow each other without a sign between them, and short inline ones share a line. The run is read as a
sequence of formulas: from every place that one may start at, all its readings in both modes, and the cheapest chain of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from llmgrade.limits import Deadline
from llmgrade.typeset.inverse import LineReading, Mode, read_lines, readings_of
from llmgrade.typeset.inverse_formula import STRAY, Partial, formulas_from, weight
from llmgrade.typeset.inverse_parts import ONLY_IN_LAYERS, Effort
from llmgrade.typeset.inverse_prior import usual
from llmgrade.typeset.inverse_rows import Reader
from llmgrade.typeset.inverse_tokens import MARK, Tokens, tokens
from llmgrade.typeset.tree import symbol

__all__ = ["StreamFormula", "read_stream", "split"]

FORMULA: Final = 2.5
"""Nats for one more formula."""
SAME_LINE: Final = 1.5
"""Nats for one more that starts in the middle of a line."""
DISPLAY: Final = 0.3
"""Nats for a formula on a line of its own."""
LONGEST: Final = 110
"""Tokens of the longest formula looked for."""
BEHIND: Final = 24.0
"""Nats by which a chain may be worse than the best one that goes past it."""
UNREADABLE: Final = 12.0
"""Nats for a line that fits nothing and for each of its tokens, above their usual cost."""
EFFORT: Final = Effort(2, 9, 20, 8.5, joining=5.0)
SCRIPTS: Final = frozenset("T⊤′†∗∂−+=⋅123456789")
"""Characters that are hardly ever a formula of their own, but often a script or half a fraction."""
STRAY_SCRIPT: Final = 9.0


@dataclass(frozen=True, slots=True)
class StreamFormula:
    """One formula of a run of lines: ``lines[first : last + 1]`` hold it (two formulas may share a line).

    ``written`` is exactly its own part of those lines. ``readings`` are best first, empty where nothing fits.
    """

    first: int
    last: int
    written: tuple[str, ...]
    readings: tuple[LineReading, ...]
    mode: Mode


@dataclass(slots=True)
class _Link:
    """The cheapest chain of formulas up to somewhere: its last formula starts at ``start`` and was read as ``found``."""

    cost: float
    start: int
    mode: Mode
    found: list[Partial]


def split(lines: Sequence[str], *, holes: int = 0, seconds: float = 20.0) -> tuple[tuple[int, int], ...]:
    """The first and last line (inclusive, from 0) of each formula, in order; two formulas of one line name it twice.

    ``holes`` is a lower bound on the number of formulas, counted in the prose they were torn out of; 0 if unknown.
    """
    return tuple((f.first, f.last) for f in read_stream(lines, holes=holes, readings=False, seconds=seconds))


def read_stream(
    lines: Sequence[str],
    *,
    holes: int = 0,
    context: Sequence[str] = (),
    seconds: float = 20.0,
    readings: bool = True,
) -> tuple[StreamFormula, ...]:
    """The formulas of a run of lines in order, each with its readings.

    ``context`` is LaTeX already read elsewhere in the same chat: a reading whose parts occur there is preferred.
    ``seconds`` bounds the whole run.
    """
    run = tokens(lines)
    if not len(run):
        return ()
    deadline = Deadline.work(seconds)
    links = _chain(run, deadline.sooner(0.6 * seconds), 0.0)
    if 0 < len(links) < holes:
        more = _chain(run, deadline.sooner(0.2 * seconds), FORMULA)
        links = more if len(more) <= holes else links
    out: list[StreamFormula] = []
    for k, (end, link) in enumerate(links):
        part = run.part(link.start, end)
        first, last = run.places[link.start][0], run.places[end - 1][0]
        written = tuple(part.lines())
        found: tuple[LineReading, ...] = ()
        if readings:
            share = deadline.left() / (len(links) - k)
            found = readings_of(part, link.mode, link.found, context, Deadline.work(min(2.0, share)))
            if not found:
                found = read_lines(written, seconds=min(3.0, share))
        out.append(StreamFormula(first, last, written, found, found[0].mode if found else link.mode))
    return tuple(out)


def _chain(run: Tokens, deadline: Deadline, eager: float) -> list[tuple[int, _Link]]:
    """The cheapest chain of formulas: where each ends, and how it was read. ``eager`` nats are off for each formula."""
    n = len(run)
    reader = Reader(run, usual(), EFFORT, deadline)
    paid = reader.paid
    ends = frozenset(j for j in range(1, n) if run.gaps[j] == "n" or _may_part(run, j)) | {n}
    best: dict[int, _Link] = {0: _Link(0.0, 0, "inline", [])}
    for i in range(n):
        link = best.get(i)
        if link is None:
            continue
        here = link.cost - paid[i]
        if any(other.cost - paid[k] + BEHIND < here for k, other in best.items() if k > i):
            continue
        _unread_line(run, i, link.cost, paid, best)
        if deadline.passed():
            continue
        price = FORMULA - eager + (SAME_LINE if run.gaps[i] != "n" else 0.0)
        modes: tuple[Mode, ...] = ("inline", "display")
        for mode in modes:
            if mode == "display" and (run.gaps[i] != "n" or _set_alike(run, i, _line_end(run, i, 4))):
                continue
            for j, found in formulas_from(reader, mode, i, ends, min(n, i + LONGEST), STRAY).items():
                if mode == "display" and j < n and run.gaps[j] != "n":
                    continue
                least = min(weight(p) for p in sorted(found, key=lambda p: p.cost)[:3])
                least += STRAY_SCRIPT if _stray(run, i, j) else 0.0
                cost = link.cost + price + least + (DISPLAY if mode == "display" else 0.0)
                known = best.get(j)
                if known is None or cost < known.cost:
                    best[j] = _Link(cost, i, mode, found)
    out: list[tuple[int, _Link]] = []
    j = n
    while j > 0:
        link = best[j]
        out.append((j, link))
        j = link.start
    out.reverse()
    return out


def _line_end(run: Tokens, i: int, lines: int) -> int:
    """Where the given number of lines from token ``i`` on ends."""
    j = i + 1
    while j < len(run) and lines:
        lines -= run.gaps[j] == "n"
        j += 1
    return j


def _stray(run: Tokens, i: int, j: int) -> bool:
    """Whether tokens ``i:j`` look like something left over rather than a formula."""
    return run.chars[i] in SCRIPTS and j - i <= 2


def _set_alike(run: Tokens, i: int, j: int) -> bool:
    """Whether tokens ``i:j`` are set the same in both modes: nothing stands above or below anything."""
    chars = run.chars[i:j]
    return MARK not in chars and not any(c in ONLY_IN_LAYERS for c in chars)


def _may_part(run: Tokens, j: int) -> bool:
    """Whether one formula may end and another start at token ``j`` in the middle of a line."""
    if run.gaps[j] != "s" or run.chars[j - 1] == MARK or run.chars[j] == MARK:
        return False
    before, behind = symbol(run.chars[j - 1]).kind, symbol(run.chars[j]).kind
    return before not in ("rel", "bin", "open", "punct") and behind not in ("rel", "bin", "close", "punct")


def _unread_line(run: Tokens, i: int, cost: float, paid: Sequence[float], best: dict[int, _Link]) -> None:
    """Lets the chain go on behind the line of token ``i`` though nothing was read there."""
    j = i + 1
    while j < len(run) and run.gaps[j] != "n":
        j += 1
    cost += paid[j] - paid[i] + UNREADABLE * (j - i + 1)
    if j not in best or cost < best[j].cost:
        best[j] = _Link(cost, i, "inline", [])
