"""A run of torn-out lines as formulas: the ways it can be read, and the places its words have, decided together.

Where a formula ends is often open by its lines alone (``m < n`` may go on with a minimum, or a minimum be displayed
below it), and where it stood is open by the words alone. So both are decided at once: the cheapest way through the
formulas that may be in the run, each put into one of the words' places, in order.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from llmgrade.limits import Deadline
from llmgrade.reading.printout_lines import ZERO_WIDTH
from llmgrade.reading.printout_places import Look, Slot
from llmgrade.typeset.inverse import LineReading
from llmgrade.typeset.inverse_chat import ChatHabits, rows_of_latex
from llmgrade.typeset.inverse_stream import Arc, Lattice, StreamFormula, lattice_of, likely, read_stream

__all__ = ["RunReader", "doubt", "look_of"]

LINE_SECONDS = 0.45
"""Work for each line of a run (seconds)."""
PLACE = 2.0
"""Nats for a unit of what places cost (`printout_places`)."""
AGAIN = 0.8
"""What a second inline formula in one place costs more than `printout_places` says, in its units."""
NEAR = 1
"""Characters between two formulas that share a line of the extracted text: a mark, not a word."""
_SHORT, _LONG = 4, 9
"""Up to so many lines a formula that sets alike in both modes is hardly a displayed one, from so many on likely one."""


class RunReader:
    """Reads the runs of one chat: what all of them are sure to write helps to read each."""

    def __init__(self, runs: Sequence[Sequence[str]], known: Sequence[str], deadline: Deadline) -> None:
        """``known`` is LaTeX that the chat is likely to have; ``deadline`` is for all the runs."""
        self._deadline = deadline
        self._share = deadline.left() / max(1, sum(map(len, runs)))
        self._lattices = {tuple(lines): self._lattice(lines) for lines in runs}
        sure = [readings for lattice in self._lattices.values() if lattice for readings in likely(lattice)]
        self._chat = ChatHabits([*rows_of_latex(known), *sure])

    def formulas(self, lines: Sequence[str], slots: Sequence[Slot]) -> tuple[StreamFormula, ...]:
        """The formulas of a run, in order. ``slots`` are the places that the words around it have for them."""
        return read_stream(
            lines,
            choose=lambda found: _Fitting(found, slots).chosen(),
            chat=self._chat,
            lattice=self._lattices.get(tuple(lines)),
            seconds=self._seconds(lines),
        )

    def _lattice(self, lines: Sequence[str]) -> Lattice | None:
        return lattice_of(lines, seconds=self._seconds(lines))

    def _seconds(self, lines: Sequence[str]) -> float:
        """Work for a run: a hard one may use what easy ones left, but never more than three times its own share."""
        return min(LINE_SECONDS * len(lines) + 1.0, 3 * self._share * len(lines) + 0.5, self._deadline.left())


CLEAR = 5.0
"""Nats from which on a reading is so much less likely than the likeliest that it counts as fitting less well."""
_PER_NAT = 0.02


def doubt(reading: LineReading) -> float:
    """What speaks against a reading: lines that do not fit, what it supposes, and that nobody writes so."""
    return reading.cost + _strain(reading.latex) + _PER_NAT * max(0.0, reading.odds - CLEAR)


_SUPPOSED = re.compile(r"\\(?:[,;:!]|(?:quad|qquad|vec|widehat|widetilde|overline|underline)(?![a-zA-Z]))")
_BOX = re.compile(r"\\boxed")


def _strain(latex: str) -> float:
    r"""What a reading supposes that leaves no trace in the lines, as an addition to its cost.

    A space typed by hand, a drawn accent, a box in the midst of a formula: where lines fit as well without them, that is how
    they came about.

    >>> _strain(r"(X^{T}X)^{-1}"), _strain(r"(X\,X^{T})^{-1}") > 0
    (0.0, True)
    """
    boxes_inside = len(_BOX.findall(latex)) - latex.startswith("\\boxed{")
    return 0.1 * (len(_SUPPOSED.findall(latex)) + max(0, boxes_inside))


_SIZED = re.compile(r"\\(?:[dt]?frac|sum|int|prod|lim|min|max|begin)(?![a-zA-Z])")
_CLOSED = re.compile(r"(?<!\.)[.,]$|\\quad|\\qquad")
_TINY = 6
"""Characters of a formula that is hardly ever displayed by itself."""
_SURELY = 6.0


def look_of(found: StreamFormula) -> Look:
    """Whether a formula looks like an inline or a displayed one."""
    latex = found.readings[0].latex if found.readings else ""
    size = sum(len(line) for line in found.written)
    return _look(latex, found.mode == "display", len(found.written), size, found.written[0])


def _look(latex: str, in_display_size: bool, lines: int, size: int, opening: str) -> Look:
    """A box, display size, punctuation inside (words have theirs outside) and wide spaces tell; else its length says little."""
    if latex.startswith("\\boxed") or (opening == ZERO_WIDTH and lines > 1):
        return Look(_SURELY, 0.0)
    if _SIZED.search(latex):
        return Look(_SURELY, 0.0) if in_display_size else Look(0.0, _SURELY)
    if _CLOSED.search(latex.rstrip()):
        return Look(3.0, 0.0)
    if lines >= _LONG:
        return Look(1.5, 0.0)
    return Look(0.0, 0.2 if lines > _SHORT else 0.6 if size > _TINY else 1.5)


@dataclass(slots=True)
class _State:
    """The cheapest way to read up to a token with the last formula in some slot."""

    cost: float
    before: tuple[int, int] | None
    """Token and slot of the state before."""
    arc: Arc | None


class _Fitting:
    """The cheapest way through a lattice, each formula in one of the slots."""

    def __init__(self, lattice: Lattice, slots: Sequence[Slot]) -> None:
        self.lattice, self.slots = lattice, slots
        self.empty = [0.0]
        """What leaving all slots before one empty costs."""
        for slot in slots:
            self.empty.append(self.empty[-1] + slot.empty)

    def chosen(self) -> list[Arc]:
        """The formulas, in order."""
        count, n = len(self.slots), len(self.lattice.run)
        reached: dict[int, dict[int, _State]] = {0: {-1: _State(0.0, None, None)}}
        for arc in self.lattice.arcs:
            here = reached.get(arc.start)
            if here is None:
                continue
            there = reached.setdefault(arc.stop, {})
            look = self._look(arc)
            joined = arc.start > 0 and self.lattice.run.gaps[arc.start] != "n"
            # The cheapest way to come from an earlier slot, as slots go by.
            low: tuple[float, int] | None = None
            for k in range(-1, count):
                state = here.get(k)
                if k >= 0:
                    self._enter(there, k, low, look, arc)
                    if state is not None:
                        price = state.cost + PLACE * self._again(k, look) + arc.cost
                        self._keep(there, k, price, (arc.start, k), arc)
                if state is not None:
                    cost = state.cost - PLACE * self.empty[k + 1]
                    if low is None or cost < low[0]:
                        low = cost, k
                if joined and not (low is not None and low[1] == k and self._near(k + 1)):
                    low = None
        return self._back(reached, n, count)

    def _near(self, k: int) -> bool:
        """Whether slot ``k`` is so near the one before that the extractor may have left their formulas on one line."""
        return k < len(self.slots) and self.slots[k].since <= NEAR

    def _again(self, k: int, look: Look) -> float:
        """What one more formula in slot ``k`` costs: where a formula ends is open here, so two inline ones are doubted more."""
        slot = self.slots[k]
        return min(slot.further + AGAIN + look.inline, slot.next_shown + look.shown)

    def _enter(self, there: dict[int, _State], k: int, low: tuple[float, int] | None, look: Look, arc: Arc) -> None:
        """The arc as the first formula of slot ``k``."""
        if low is None:
            return
        price = low[0] + PLACE * (self.empty[k] + self.slots[k].price(look, first=True)) + arc.cost
        self._keep(there, k, price, (arc.start, low[1]), arc)

    @staticmethod
    def _keep(there: dict[int, _State], k: int, cost: float, before: tuple[int, int], arc: Arc) -> None:
        known = there.get(k)
        if known is None or cost < known.cost:
            there[k] = _State(cost, before, arc)

    def _back(self, reached: dict[int, dict[int, _State]], n: int, count: int) -> list[Arc]:
        ends = reached[n]
        k = min(ends, key=lambda slot: ends[slot].cost + PLACE * (self.empty[count] - self.empty[slot + 1]))
        out: list[Arc] = []
        state = ends[k]
        while state.arc is not None and state.before is not None:
            out.append(state.arc)
            token, slot = state.before
            state = reached[token][slot]
        return out[::-1]

    def _look(self, arc: Arc) -> Look:
        places = self.lattice.run.places
        first, last = places[arc.start][0], places[arc.stop - 1][0]
        alone = arc.start + 1 >= arc.stop or self.lattice.run.gaps[arc.start + 1] == "n"
        opening = self.lattice.run.chars[arc.start] if alone else ""
        return _look(arc.latex, arc.mode == "display", last - first + 1, arc.stop - arc.start, opening)
