"""Glyphs of a PDF page → formulas in LaTeX, from fonts, sizes, positions and drawn lines.

Whatever reads the PDF fills these plain values; nothing here knows a PDF library.
Lengths are PDF points; **y runs up** (PDF's own direction); a glyph's ``y`` is its baseline.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

__all__ = ["PageFormula", "PageGlyph", "PageRule", "find_formulas"]


@dataclass(frozen=True, slots=True)
class PageGlyph:
    """One character of a page, in the order of the page's content."""

    char: str
    font: str
    """The PDF's font name, with or without its subset prefix: ``AAAAAA+KaTeX_Math-Italic``."""
    size: float
    x: float
    y: float
    width: float = 0.0
    """The advance, 0 where unknown."""


@dataclass(frozen=True, slots=True)
class PageRule:
    """A filled or stroked line, rectangle or path: its bounding box."""

    x0: float
    y0: float
    x1: float
    y1: float
    kind: Literal["line", "rect", "path"] = "rect"


@dataclass(frozen=True, slots=True)
class PageFormula:
    """A formula of a page."""

    latex: str | None
    """None where the glyphs could not be read as a formula; ``reason`` says why."""
    mode: Literal["display", "inline"]
    confidence: float
    """1.0: setting ``latex`` anew puts every glyph where the page has it."""
    box: tuple[float, float, float, float]
    """x0, y0, x1, y1 in points, y up."""
    first: int
    last: int
    """The glyphs ``[first, last)`` of the input that it covers, in content order."""
    reason: str = ""


def find_formulas(glyphs: Sequence[PageGlyph], rules: Sequence[PageRule] = ()) -> tuple[PageFormula, ...]:
    """The formulas of one page in content order; glyphs in none of them are prose."""
    return ()
