"""The forward simulator: LaTeX → the lines a text extractor gives of a page that a browser printed from KaTeX.

`flatten` is exact for PyMuPDF (1.24 and later) on pages printed by Chromium: characters, order, blanks and line
breaks. `glyph_stream` and `separators` are the same knowledge in pieces, for recognising and for reading back.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final, Literal, TypeAlias

from llmgrade.typeset.boxes import Box, Glyph, bases, hcat, row_boxes, setting
from llmgrade.typeset.latex import parse
from llmgrade.typeset.symbols import ZERO_WIDTH
from llmgrade.typeset.tree import Row

__all__ = [
    "BLANK",
    "BREAK",
    "JOINED",
    "Mode",
    "Stream",
    "flatten",
    "glyph_stream",
    "lines_of",
    "piece_glyphs",
    "score",
    "separators",
    "stream",
    "tokenize",
]

Mode: TypeAlias = Literal["display", "inline"]

JOINED: Final = 1
BLANK: Final = 2
BREAK: Final = 4
"""What may stand between two glyphs, as bits of a mask."""

Stream: TypeAlias = tuple[tuple[str, int], ...]
"""Characters in paint order, each with the mask of separators that may stand before it."""

NEAR_X: Final = 0.008
NEAR_Y: Final = 0.03
"""x is good to about .002 em; y is rounded to whole pixels."""
NEAR_MARK: Final = 0.04
"""U+200B is so small that a pixel is much of its size."""


def leaves_blank(char: str) -> bool:
    """Whether MuPDF writes a blank for a gap after this character (it does not after most symbols).

    >>> leaves_blank("x"), leaves_blank("λ"), leaves_blank("−"), leaves_blank("∈")
    (True, True, False, False)
    """
    code = ord(char)
    return char != " " and (code < 0x700 or 0x2000 <= code <= 0x20CF)


def glyph_stream(formula: str | Row, mode: Mode = "display") -> list[Glyph]:
    """Every glyph of a formula in paint order, ``(x, y, size, character, advance, font)`` in em."""
    row = parse(formula) if isinstance(formula, str) else formula
    return [g for glyphs, _, _ in bases(row, mode) for g in glyphs]


def piece_glyphs(
    row: Row, style: int, align: int = 0, before: str = "leftmost", behind: str = "rightmost"
) -> list[Glyph]:
    """The glyphs of part of a formula on its own, as they come in paint order: a script, a cell, a piece of a line."""
    box: Box = hcat(row_boxes(row, setting(style, None, align), before, behind))
    return box.own + box.after


def separators(a: Glyph, b: Glyph, x: float = NEAR_X, y: float = NEAR_Y, mark: float = NEAR_MARK) -> int:
    """The mask of separators that may stand between two glyphs, allowing for rounding at the thresholds."""
    size = b[2]
    gap = (b[0] - a[0] - a[4]) / size
    off = abs(b[1] - a[1]) / size
    e = mark if b[3] == ZERO_WIDTH or a[3] == ZERO_WIDTH else x
    mask = 0
    if off < 0.8 + y:
        if -0.8 - e < gap < 0.15 + e:
            mask = JOINED
        if 0.15 - e < gap < 0.8 + e:
            mask |= BLANK if leaves_blank(a[3]) else JOINED
        if gap > 0.8 - e or gap < e - 0.8:
            mask |= BREAK
    if off > 0.8 - y:
        mask |= BREAK
    return mask


def lines_of(glyphs: Sequence[Glyph]) -> list[str]:
    """MuPDF's structured text of glyphs: its lines, with blanks where it puts them."""
    lines: list[str] = []
    current = ""
    previous: Glyph | None = None
    for g in glyphs:
        x, y, size, char = g[0], g[1], g[2], g[3]
        if previous is None:
            current = char
        else:
            if char == previous[3] and abs(x - previous[0]) + abs(y - previous[1]) < 0.1 * size:
                continue  # fake bold
            gap = (x - previous[0] - previous[4]) / size
            if abs(y - previous[1]) / size >= 0.8 or not -0.8 < gap < 0.8:
                lines.append(current)
                current = char
            elif gap >= 0.15 and char != " " and leaves_blank(previous[3]):
                current += " " + char
            else:
                current += char
        previous = g
    if previous is not None:
        lines.append(current)
    return lines


def flatten(formula: str | Row, mode: Mode = "display", extractor: str = "pymupdf") -> tuple[str, ...]:
    r"""The lines that an extractor gives of a formula alone on its page.

    Raises `latex.LatexError` for LaTeX that cannot be read and `KeyError` for an extractor not simulated
    line by line (`extractors.EXTRACTORS` says what is known of each).

    >>> flatten(r"M^T M v = M^T k")
    ('M Mv =', 'T', 'M k', 'T')
    """
    glyphs = glyph_stream(formula, mode)
    if extractor not in ("pymupdf", "pymupdf-1.23"):
        raise KeyError(f"{extractor} is not simulated line by line")
    if extractor == "pymupdf-1.23":
        glyphs = [g for g in glyphs if g[3] != ZERO_WIDTH]
    return tuple(lines_of(glyphs))


@lru_cache(maxsize=4096)
def stream(formula: str | Row, mode: Mode = "display", marks: bool = True, gaps: bool = True) -> Stream:
    """Characters with the separators that may stand before each; before a break point of the formula a line may wrap.

    Without ``marks`` U+200B is left out (extractors that drop it); without ``gaps`` any separator may stand anywhere.
    """
    row = parse(formula) if isinstance(formula, str) else formula
    out: list[tuple[str, int]] = []
    previous: Glyph | None = None
    for glyphs, _, _ in bases(row, mode):
        first = True
        for g in glyphs:
            if not marks and g[3] == ZERO_WIDTH:
                continue
            mask = JOINED | BLANK | BREAK if previous is None or not gaps else separators(previous, g)
            out.append((g[3], mask | BREAK if first else mask))
            first = False
            previous = g
    return tuple(out)


def tokenize(lines: Sequence[str]) -> tuple[list[str], list[int]]:
    """The characters of some lines and the separator before each; only U+0020 is a blank.

    >>> tokenize(["x =", "T"])
    (['x', '=', 'T'], [4, 2, 4])
    """
    chars: list[str] = []
    before: list[int] = []
    for line in lines:
        mark = BREAK
        for char in line:
            if char == " ":
                if mark == JOINED:
                    mark = BLANK
                continue
            chars.append(char)
            before.append(mark)
            mark = JOINED
    return chars, before


def score(lines: Sequence[str], formula: str | Row, mode: Mode = "display") -> float:
    """What it costs to take ``lines`` for ``formula``: 0 where every character and separator fits (`align.cost`)."""
    from llmgrade.typeset.align import cost

    return cost(stream(formula, mode), *tokenize(lines))
