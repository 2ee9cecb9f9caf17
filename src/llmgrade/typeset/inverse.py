"""Flattened lines back into LaTeX, with no candidates to compare with: the readings of one formula, best first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from llmgrade.limits import Deadline
from llmgrade.typeset.forward import Mode
from llmgrade.typeset.inverse_formula import Candidate, candidates
from llmgrade.typeset.inverse_habits import far_fetched
from llmgrade.typeset.inverse_prior import usual
from llmgrade.typeset.inverse_rows import Effort, usual_costs
from llmgrade.typeset.inverse_tokens import tokens
from llmgrade.typeset.spelling import spell

__all__ = ["LineReading", "Mode", "read_lines"]

TOP: Final = 5
UNUSUAL: Final = 11.0
"""Nats above the usual from which on a reading that fits is doubted and others are looked for (one formula in ten)."""


def efforts(length: int) -> tuple[tuple[Effort, float], ...]:
    """How hard to look at so many tokens, and the share of the time left for it; the next is for where nothing fits."""
    if length <= 14:
        first = Effort(4, 24, 60, 12.0, drawn=length <= 6)
    elif length <= 40:
        first = Effort(3, 16, 40, 8.0)
    else:
        first = Effort(3, 12, 30, 7.0)
    return (
        (first, 0.4),
        (Effort(3, 16, 40, 9.0, lost_marks=True), 0.5),
        (Effort(4, 30, 60, 18.0, sizes=True, drawn=True), 1.0),
    )


@dataclass(frozen=True, slots=True)
class LineReading:
    """One way to read a formula's lines. ``cost`` is 0 where every glyph, blank and line break fits, else how much does not."""

    latex: str
    cost: float
    mode: Mode = "display"


def read_lines(lines: Sequence[str], mode: Mode | None = None, *, seconds: float = 5.0) -> tuple[LineReading, ...]:
    """The readings of one formula's lines, best first, at most five; none where nothing fits in ``seconds``.

    ``lines`` keep their blanks, U+200B, U+E020 and U+00A0 as extracted; U+FFFD stands for any one character.
    Without ``mode`` both are tried.
    """
    stream = tokens(lines)
    if not len(stream):
        return ()
    deadline = Deadline.after(seconds)
    enough = sum(usual_costs(stream)) + UNUSUAL
    modes: tuple[Mode, ...] = ("inline", "display") if mode is None else (mode,)
    best: list[tuple[Candidate, Mode]] = []
    for effort, share in efforts(len(stream)):
        for each in modes:
            part = deadline.sooner(deadline.left() * share)
            found, _ = candidates(stream, each, usual(), effort, part, TOP)
            best += [(c, each) for c in found]
        first = min(best, key=lambda b: b[0].cost, default=None)
        if deadline.passed() or (
            first is not None and first[0].misfit == 0 and first[0].cost < enough and not far_fetched(first[0].row)
        ):
            break
    best.sort(key=lambda b: b[0].cost)
    out: list[LineReading] = []
    seen: set[str] = set()
    for candidate, each in best:
        latex = spell(candidate.row)
        if latex not in seen:
            seen.add(latex)
            out.append(LineReading(latex, round(candidate.misfit, 3), each))
    return tuple(out[:TOP])
