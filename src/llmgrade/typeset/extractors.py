"""What each text extractor keeps of the same page: the order of paint, U+200B, gaps and line breaks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from llmgrade.typeset.symbols import ZERO_WIDTH

__all__ = ["EXTRACTORS", "Extractor", "extractor_of"]


@dataclass(frozen=True, slots=True)
class Extractor:
    """What survives in an extractor's text of a formula that KaTeX set and Chromium printed."""

    name: str
    ordered: bool
    """Characters come in paint order; without that no candidate can be laid over the text."""
    marks: bool
    """U+200B is kept."""
    gaps: bool
    """Blanks and line breaks say where glyphs stand."""


EXTRACTORS: Final[dict[str, Extractor]] = {
    e.name: e
    for e in (
        Extractor("pymupdf", True, True, True),
        Extractor("pymupdf-1.23", True, False, True),
        Extractor("pypdf", True, True, False),
        Extractor("pdftotext-raw", True, True, False),
        Extractor("pypdfium2", True, False, False),
        Extractor("pdftotext", False, True, False),
        Extractor("pdftotext-layout", False, True, False),
        Extractor("pdfminer", False, True, False),
        Extractor("pdfplumber", False, True, False),
        Extractor("clipboard", False, True, False),
    )
}
"""By name. Where ``ordered`` is false, recognition and reading back are not supported."""


def extractor_of(lines: Sequence[str]) -> str | None:
    """The likeliest ordered extractor of some flattened lines, None where nothing tells.

    PyMuPDF begins a line with nearly every U+200B; extractors that join lines leave it inside them.

    >>> extractor_of(["μ =", "\\u200b", "2", "λ", "\\u200b+λ", "\\u200b", "1", "2"])
    'pymupdf'
    """
    at_start = sum(line.startswith(ZERO_WIDTH) for line in lines)
    inside = sum(line.count(ZERO_WIDTH) for line in lines) - at_start
    if at_start + inside == 0:
        torn = sum(1 for line in lines if len(line.strip()) <= 2)
        return "pymupdf-1.23" if torn * 3 > len(lines) > 2 else None
    return "pymupdf" if at_start >= inside else "pypdf"
