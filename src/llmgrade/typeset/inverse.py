"""Flattened lines back into LaTeX, with no candidates to compare with: the readings of one formula, best first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from llmgrade.limits import Deadline
from llmgrade.typeset.forward import Mode
from llmgrade.typeset.inverse_chat import ChatHabits
from llmgrade.typeset.inverse_formula import Candidate, Partial, candidates, set_again
from llmgrade.typeset.inverse_habits import far_fetched
from llmgrade.typeset.inverse_parts import Effort, usual_costs
from llmgrade.typeset.inverse_prior import usual
from llmgrade.typeset.inverse_rows import Reader
from llmgrade.typeset.inverse_tokens import Tokens, tokens
from llmgrade.typeset.spelling import canonical, spell

__all__ = ["LineReading", "Mode", "read_lines", "readings_of"]

TOP: Final = 5
LONGEST: Final = 400
"""Most tokens of one formula."""
UNUSUAL: Final = 11.0
"""Nats above the usual from which on a reading that fits is doubted and others are looked for (one formula in ten)."""


def efforts(length: int) -> tuple[tuple[Effort, float], ...]:
    """How hard to look at so many tokens, and the share of the time left for it; the next is for where nothing fits."""
    if length <= 14:
        first = Effort(4, 24, 60, 12.0, drawn=length <= 6)
    elif length <= 40:
        first = Effort(3, 16, 40, 10.0)
    else:
        first = Effort(3, 12, 30, 8.5)
    return (
        (first, 0.4),
        (Effort(3, 16, 40, 10.0, lost_marks=True), 0.5),
        (Effort(4, 30, 60, 18.0 if length <= 14 else 13.0 if length <= 30 else 10.0, sizes=True, drawn=True), 1.0),
    )


@dataclass(frozen=True, slots=True)
class LineReading:
    """One way to read a formula's lines. ``cost`` is 0 where every glyph, blank and line break fits, else how much does not.

    ``odds`` is how much less likely than the likeliest it is, as people write (nats).
    """

    latex: str
    cost: float
    mode: Mode = "display"
    odds: float = 0.0


def read_lines(lines: Sequence[str], mode: Mode | None = None, *, seconds: float = 5.0) -> tuple[LineReading, ...]:
    """The readings of one formula's lines, best first, at most five; none where nothing fits in ``seconds``.

    ``lines`` keep their blanks, U+200B, U+E020 and U+00A0 as extracted; U+FFFD stands for any one character.
    Without ``mode`` both are tried.
    """
    return _read(tuple(lines), mode, seconds)


@lru_cache(maxsize=2048)
def _read(lines: tuple[str, ...], mode: Mode | None, seconds: float) -> tuple[LineReading, ...]:
    stream = tokens(lines)
    if not 0 < len(stream) <= LONGEST:
        return ()
    deadline = Deadline.work(seconds)
    modes: tuple[Mode, ...] = ("inline", "display") if mode is None else (mode,)
    best: list[tuple[Candidate, Mode]] = []
    for effort, share in efforts(len(stream)):
        reader = Reader(stream, usual(), effort, deadline.sooner(deadline.left() * share))
        for each in modes:
            best += [(c, each) for c in candidates(reader, each, deadline, TOP)]
        if deadline.passed() or _enough(best, stream):
            break
    return _listed(best)


def readings_of(
    stream: Tokens, mode: Mode, found: Sequence[Partial], chat: ChatHabits, deadline: Deadline
) -> tuple[LineReading, ...]:
    """The readings among those ``found`` for one formula of a longer run; none if they are not good enough.

    A reading that is written as the ``chat`` writes is preferred.
    """
    candidates = set_again(found, stream, mode, TOP, deadline, bonus=chat.bonus)
    best = [(c, mode) for c in candidates]
    return _listed(best) if _enough(best, stream) else ()


def _enough(best: Sequence[tuple[Candidate, Mode]], stream: Tokens) -> bool:
    """Whether the best reading fits, costs no more than is usual, and supposes nothing odd."""
    first = min(best, key=lambda b: b[0].cost, default=None)
    if first is None or first[0].misfit > 0:
        return False
    return first[0].cost < sum(usual_costs(stream)) + UNUSUAL and not far_fetched(first[0].row)


def _listed(best: list[tuple[Candidate, Mode]]) -> tuple[LineReading, ...]:
    best.sort(key=lambda b: b[0].cost)
    out: list[LineReading] = []
    seen: set[object] = set()
    for candidate, mode in best:
        tree = canonical(candidate.row)
        if tree not in seen:
            seen.add(tree)
            odds = round(candidate.cost - best[0][0].cost, 2)
            out.append(LineReading(spell(candidate.row), round(candidate.misfit, 3), mode, odds))
    return tuple(out[:TOP])
