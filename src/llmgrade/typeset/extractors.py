"""What each text extractor makes of the same page: which order it keeps, what it drops, where it breaks lines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from llmgrade.typeset.boxes import Glyph
from llmgrade.typeset.forward import lines_of

__all__ = ["EXTRACTORS", "Extractor"]


@dataclass(frozen=True, slots=True)
class Extractor:
    """A text extractor: its name and how it turns the glyphs of a formula into lines."""

    name: str
    lines: Callable[[Sequence[Glyph]], tuple[str, ...]]


EXTRACTORS: dict[str, Extractor] = {
    "pymupdf": Extractor("pymupdf", lambda glyphs: tuple(lines_of(glyphs))),
}
