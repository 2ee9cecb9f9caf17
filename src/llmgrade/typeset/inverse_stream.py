"""A page's run of formula lines: which lines belong to which formula, and how each of them reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from llmgrade.typeset.inverse import LineReading, Mode, read_lines

__all__ = ["StreamFormula", "read_stream", "split"]


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


def split(lines: Sequence[str], *, holes: int = 0) -> tuple[tuple[int, int], ...]:
    """The first and last line (inclusive, from 0) of each formula, in order; two formulas of one line name it twice.

    ``holes`` is a lower bound on the number of formulas, counted in the prose they were torn out of; 0 if unknown.
    """
    return tuple((f.first, f.last) for f in read_stream(lines, holes=holes, readings=False))


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
    return tuple(
        StreamFormula(i, i, (line,), read_lines([line]) if readings else (), "inline") for i, line in enumerate(lines)
    )
