"""Flattened lines back into LaTeX, with no candidates to compare with: the readings of one formula, best first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

__all__ = ["LineReading", "Mode", "read_lines"]

Mode = Literal["inline", "display"]


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
    return ()
