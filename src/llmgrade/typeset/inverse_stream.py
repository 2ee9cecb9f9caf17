"""A page's run of formula lines: which lines belong to which formula, and how each of them reads.

Formulas follow each other without a sign between them, and short inline ones share a line. A beam of unfinished
formulas moves over the run, from piece to piece; wherever one may end others start, and all that end somewhere make a
lattice. The cheapest way through it is the run's formulas, unless who asks knows better (`Choice`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate
from typing import Final, TypeAlias

from llmgrade.limits import Deadline
from llmgrade.typeset.inverse import LineReading, Mode, read_lines, readings_of
from llmgrade.typeset.inverse_chat import ChatHabits
from llmgrade.typeset.inverse_formula import Partial, bare, extend, piece_ends, weight
from llmgrade.typeset.inverse_parts import ONLY_IN_LAYERS, Effort, OutOfTime, usual_costs
from llmgrade.typeset.inverse_prior import START, usual
from llmgrade.typeset.inverse_rows import Reader
from llmgrade.typeset.inverse_tokens import MARK, Tokens, tokens
from llmgrade.typeset.spelling import spell
from llmgrade.typeset.tree import Row, symbol

__all__ = ["Arc", "Choice", "Lattice", "StreamFormula", "cheapest", "lattice_of", "likely", "read_stream", "split"]

FORMULA: Final = -0.25
"""Nats for one more formula: less than nothing, as chats have more short ones than the collection of the prior has."""
SAME_LINE: Final = 2.25
"""Nats for one more that starts in the middle of a line."""
DISPLAY: Final = 0.3
"""Nats for a formula on a line of its own."""
LONGEST: Final = 110
"""Tokens of the longest formula looked for."""
BEAM: Final = 10
"""Unfinished formulas of each mode that are carried on from a token."""
BEHIND: Final = 14.0
"""Nats by which an unfinished formula may be worse than the best that reads the same tokens."""
WEIGHED: Final = 6
"""Readings of a formula that are weighed as a whole."""
DRIFT: Final = 0.6
"""What reading costs at the least compared with `usual_costs` (.85 on average): to compare what ends at different tokens."""
UNREADABLE: Final = 12.0
"""Nats for a line that fits nothing and for each of its tokens, above their usual cost."""
NEARLY: Final = 5.0
"""Nats within which readings count as alike likely."""
SEARCH: Final = 0.55
"""Share of the work that finding the formulas may take; what is left of it is for reading them."""
MEND: Final = 0.35
"""Share of the work that looking anew at what is not read well may take."""
EFFORT: Final = Effort(2, 9, 20, 8.5, joining=7.0)
HARDER: Final = Effort(4, 20, 50, 14.0, joining=7.0)
"""Where the lines are not read well."""
WITHOUT_MARKS: Final = Effort(3, 16, 40, 10.0, lost_marks=True, joining=7.0)
"""Where the lines fit nothing: a browser does not paint every U+200B."""
DOUBTFUL: Final = 8.0
"""Nats above the usual from which on a formula is looked at anew."""
STRANGE: Final = -1.5
"""What the chat's habits say (nats) below which a formula is looked at anew."""
MENDED: Final = 200
"""Most tokens read anew."""
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


@dataclass(frozen=True)
class Arc:
    """Tokens ``start:stop`` of a run as one formula, at ``cost`` nats. ``found`` is how, best first; empty where nothing fits.

    ``weights`` are what the first few of these cost as wholes.
    """

    start: int
    stop: int
    cost: float
    mode: Mode
    found: tuple[Partial, ...]
    weights: tuple[float, ...] = ()

    @cached_property
    def latex(self) -> str:
        """How its best reading is written; empty where it has none."""
        return spell(bare(self.found[0].nodes)) if self.found else ""

    def as_in(self, chat: ChatHabits) -> Arc:
        """The arc with the readings first that are written as the chat writes, and at their cost."""
        if not self.found:
            return self
        heads = [(w - chat.bonus(p.nodes), p) for w, p in zip(self.weights, self.found, strict=False)]
        heads.sort(key=lambda head: head[0])
        found = (*(p for _, p in heads), *self.found[len(heads) :])
        return Arc(self.start, self.stop, self.cost - min(self.weights) + heads[0][0], self.mode, found, self.weights)


@dataclass(frozen=True, slots=True)
class Lattice:
    """Every formula that a run of tokens may hold; some arcs lead from its first token to behind its last."""

    run: Tokens
    arcs: tuple[Arc, ...]
    """By where they start."""


Choice: TypeAlias = Callable[[Lattice], Sequence[Arc]]
"""A way through a lattice: arcs that follow each other, from the first token to behind the last."""


def split(lines: Sequence[str], *, seconds: float = 20.0) -> tuple[tuple[int, int], ...]:
    """The first and last line (inclusive, from 0) of each formula, in order; two formulas of one line name it twice."""
    return tuple((f.first, f.last) for f in read_stream(lines, readings=False, seconds=seconds))


def cheapest(lattice: Lattice) -> list[Arc]:
    """The formulas that cost least together."""
    best: dict[int, tuple[float, Arc | None]] = {0: (0.0, None)}
    for arc in lattice.arcs:
        cost = best[arc.start][0] + arc.cost if arc.start in best else math.inf
        if arc.stop not in best or cost < best[arc.stop][0]:
            best[arc.stop] = cost, arc
    chosen: list[Arc] = []
    last = best[len(lattice.run)][1]
    while last is not None:
        chosen.append(last)
        last = best[last.start][1]
    return chosen[::-1]


def lattice_of(lines: Sequence[str], *, seconds: float = 20.0) -> Lattice | None:
    """The lattice of a run of lines; None where there is nothing. ``seconds`` are those for finding and reading together."""
    run = tokens(lines)
    return _Search(run, EFFORT, Deadline.work(SEARCH * seconds)).lattice() if len(run) else None


def likely(lattice: Lattice) -> list[list[Row]]:
    """For each formula of the cheapest way, the readings that are nearly as likely as the first."""
    out: list[list[Row]] = []
    for arc in cheapest(lattice):
        if arc.found:
            near = zip(arc.weights, arc.found, strict=False)
            out.append([p.nodes for w, p in near if w < arc.weights[0] + NEARLY])
    return out


def read_stream(
    lines: Sequence[str],
    *,
    choose: Choice = cheapest,
    chat: ChatHabits | None = None,
    lattice: Lattice | None = None,
    seconds: float = 20.0,
    readings: bool = True,
) -> tuple[StreamFormula, ...]:
    """The formulas of a run of lines in order, each with its readings.

    A reading that is written as the ``chat`` writes is preferred. ``lattice`` is that of the lines, where it is known
    already. ``seconds`` bounds the work for the whole run.
    """
    lattice = lattice or lattice_of(lines, seconds=seconds)
    if lattice is None:
        return ()
    run, chat = lattice.run, chat or ChatHabits()
    deadline = Deadline.work((1.0 - SEARCH) * seconds)
    lattice = replace(lattice, arcs=tuple(arc.as_in(chat) for arc in lattice.arcs))
    chosen = _mended(lattice, choose, chat, deadline.sooner(MEND * seconds))
    out: list[StreamFormula] = []
    for k, arc in enumerate(chosen):
        part = run.part(arc.start, arc.stop)
        found: tuple[LineReading, ...] = ()
        if readings:
            share = Deadline.work(deadline.left() / (len(chosen) - k))
            found = _readings(part, arc, chat, share)
        first, last = run.places[arc.start][0], run.places[arc.stop - 1][0]
        out.append(StreamFormula(first, last, tuple(part.lines()), found, found[0].mode if found else arc.mode))
    return tuple(out)


def _mended(lattice: Lattice, choose: Choice, chat: ChatHabits, deadline: Deadline) -> list[Arc]:
    """The formulas chosen; where they are not read well, from among those that a harder look finds there too."""
    chosen = list(choose(lattice))
    for effort, doubt in ((HARDER, DOUBTFUL), (WITHOUT_MARKS, math.inf)):
        more: list[Arc] = []
        time = deadline.sooner(0.6 * deadline.left())
        for start, stop in _windows(lattice.run, chosen, chat, doubt):
            if stop - start <= MENDED and not time.passed():
                found = _Search(lattice.run.part(start, stop), effort, time).lattice().arcs
                more += [replace(a, start=a.start + start, stop=a.stop + start).as_in(chat) for a in found if a.found]
        if more:
            lattice = replace(lattice, arcs=tuple(sorted((*lattice.arcs, *more), key=lambda arc: arc.start)))
            chosen = list(choose(lattice))
    return chosen


def _windows(run: Tokens, chosen: Sequence[Arc], chat: ChatHabits, doubt: float) -> list[tuple[int, int]]:
    """Where formulas are not read, cost ``doubt`` more than is usual or are strange to the chat, with a neighbour on each side."""
    paid = [0.0, *accumulate(usual_costs(run))]
    doubtful = [
        not a.found or a.cost > paid[a.stop] - paid[a.start] + doubt or chat.bonus(a.found[0].nodes) < STRANGE
        for a in chosen
    ]
    out: list[tuple[int, int]] = []
    for k in range(len(chosen)):
        if any(doubtful[max(0, k - 1) : k + 2]):
            if out and out[-1][1] == chosen[k].start:
                out[-1] = out[-1][0], chosen[k].stop
            else:
                out.append((chosen[k].start, chosen[k].stop))
    return out


def _readings(part: Tokens, arc: Arc, chat: ChatHabits, deadline: Deadline) -> tuple[LineReading, ...]:
    found = readings_of(part, arc.mode, arc.found, chat, deadline.sooner(2.0)) if arc.found else ()
    return found or read_lines(part.lines(), seconds=min(3.0, deadline.left()))


class _Search:
    """The beam that finds a run's lattice."""

    def __init__(self, run: Tokens, effort: Effort, deadline: Deadline) -> None:
        self.run, self.n, self.deadline = run, len(run), deadline
        self.reader = Reader(run, usual(), effort, deadline)
        self.ends = frozenset(j for j in range(1, self.n) if run.gaps[j] == "n" or _may_part(run, j)) | {self.n}
        self.opened: dict[Mode, dict[int, list[Partial]]] = {"inline": {}, "display": {}}
        self.done: dict[Mode, dict[int, list[Partial]]] = {"inline": {}, "display": {}}
        self.arcs: list[Arc] = []
        self.best = [0.0] + [math.inf] * self.n
        """What the cheapest formulas up to a token cost."""
        self.passing = [math.inf] * (self.n + 1)
        """What the cheapest piece that passes over a token costs there."""

    def lattice(self) -> Lattice:
        """All the formulas found until the time was up; from there on, lines that are not read."""
        for i in range(self.n):
            self._close(i)
            if self.best[i] < math.inf:
                self._leave_unread(i)
                self._open(i)
            if not self.deadline.passed():
                try:
                    self._go_on(i)
                except OutOfTime:
                    continue
        self._close(self.n)
        return Lattice(self.run, tuple(sorted(self.arcs, key=lambda arc: arc.start)))

    def _add(self, arc: Arc) -> None:
        self.arcs.append(arc)
        self.best[arc.stop] = min(self.best[arc.stop], self.best[arc.start] + arc.cost)

    def _price(self, i: int, mode: Mode) -> float:
        """What starting a formula at ``i`` costs."""
        return FORMULA + (SAME_LINE if self.run.gaps[i] != "n" else 0.0) + (DISPLAY if mode == "display" else 0.0)

    def _close(self, j: int) -> None:
        """The formulas that end at ``j``."""
        for mode, ends in self.done.items():
            found = ends.pop(j, None)
            if not found or (mode == "display" and j < self.n and self.run.gaps[j] != "n"):
                continue
            by_start: dict[int, list[Partial]] = {}
            for partial in found:
                by_start.setdefault(partial.start, []).append(partial)
            for i, some in by_start.items():
                some.sort(key=lambda p: p.cost)
                heads = sorted(((weight(p), p) for p in some[:WEIGHED]), key=lambda head: head[0])
                weights = tuple(w for w, _ in heads)
                ranked = (*(p for _, p in heads), *some[WEIGHED:])
                stray = STRAY_SCRIPT if _stray(self.run, i, j) else 0.0
                self._add(Arc(i, j, self._price(i, mode) + weights[0] + stray, mode, ranked, weights))

    def _leave_unread(self, i: int) -> None:
        """The rest of token ``i``'s line as something that is not read."""
        j, paid = i + 1, self.reader.paid
        while j < self.n and self.run.gaps[j] != "n":
            j += 1
        self._add(Arc(i, j, paid[j] - paid[i] + UNREADABLE * (j - i + 1), "inline", ()))

    def _open(self, i: int) -> None:
        """Formulas that start at ``i``."""
        fresh = Partial(0.0, (), START, "leftmost", 0, None, i, self.best[i] + self._price(i, "inline"))
        self.opened["inline"].setdefault(i, []).append(fresh)
        if self.run.gaps[i] == "n" and not _set_alike(self.run, i, _line_end(self.run, i, 4)):
            shown = replace(fresh, base=self.best[i] + self._price(i, "display"))
            self.opened["display"].setdefault(i, []).append(shown)

    def _go_on(self, i: int) -> None:
        """Every unfinished formula at ``i``, longer by a piece."""
        beams = {mode: opened.pop(i, []) for mode, opened in self.opened.items()}
        totals = [p.total for beam in beams.values() for p in beam]
        if not totals:
            return
        most = min(min(totals), self.passing[i]) + BEHIND
        for mode, beam in beams.items():
            near = sorted((p for p in beam if p.total <= most and i - p.start < LONGEST), key=lambda p: p.total)
            if near:
                self._extend(i, mode, near[:BEAM])

    def _extend(self, i: int, mode: Mode, beam: Sequence[Partial]) -> None:
        reader, opened, done = self.reader, self.opened[mode], self.done[mode]
        style, alignment = (0, 1) if mode == "display" else (2, 0)
        for before, bars in sorted({(p.cls, p.bars) for p in beam}):
            same = [p for p in beam if p.cls == before and p.bars == bars]
            outer = before if before == "leftmost" else "mrel"
            for e, cut in piece_ends(reader.tokens, i):
                for state, j in reader.piece(i, e, style, alignment, outer, bars):
                    ends = done if j in self.ends else None
                    extend(same, state, i, e, j, reader, style, opened if cut else None, ends)
                    self._pass(i, j, same[0].total + state.cost)

    def _pass(self, i: int, j: int, cost: float) -> None:
        """What has read tokens ``i:j`` at once is compared with what stands at one between them."""
        paid = self.reader.paid
        for k in range(i + 1, j):
            self.passing[k] = min(self.passing[k], cost - DRIFT * (paid[j] - paid[k]))


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
    return before not in ("rel", "bin", "open", "punct") and behind not in ("bin", "close", "punct")
