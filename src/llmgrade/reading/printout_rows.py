"""Glyphs of a page → rows of text with their formulas, top to bottom and left to right, as a person reads them.

Where formulas stand is known from their boxes, so nothing has to be put back into holes here. A row is a line on the
page: words, and formulas on or near their baseline. A displayed formula is a row by itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate
from statistics import median

from llmgrade.reading.printout_glyphs import Area, Sheet
from llmgrade.reading.printout_lines import ZERO_WIDTH
from llmgrade.typeset.glyphs import PageFormula, PageGlyph, PageRule, find_formulas
from llmgrade.typeset.glyphs_in_order import find_in_order, is_accent, is_mathematical

__all__ = ["Chunk", "Row", "body_size", "formulas_of", "rows_of"]


@dataclass(slots=True)
class Chunk:
    """Words of a row between wide gaps or formulas, or one formula; ``x0`` and ``x1`` in points."""

    text: str
    x0: float
    x1: float
    formula: PageFormula | None = None
    glyphs: tuple[PageGlyph, ...] = ()
    gap: bool = False
    """Stands far from what is left of it: a cell of a table, or the other end of a header line."""


@dataclass(slots=True)
class Row:
    """A line of the page: its baseline ``y`` (up), type size, chunks from left to right."""

    y: float
    size: float
    chunks: list[Chunk] = field(default_factory=list)
    bold: bool = False
    coloured: bool = False
    font: str = ""
    top: float = 0.0

    @property
    def x0(self) -> float:
        return self.chunks[0].x0

    @property
    def x1(self) -> float:
        return self.chunks[-1].x1

    @property
    def text(self) -> str:
        """Its words only."""
        return "".join((" " if c.gap else "") + c.text for c in self.chunks if c.formula is None).strip()

    @property
    def only_formulas(self) -> bool:
        return all(chunk.formula is not None for chunk in self.chunks)

    @property
    def shown(self) -> bool:
        """A displayed formula by itself."""
        return self.only_formulas and any(c.formula is not None and c.formula.mode == "display" for c in self.chunks)


def body_size(sheets: Iterable[Sheet]) -> float:
    """The type size of running text: the commonest of all."""
    counts: Counter[float] = Counter()
    for sheet in sheets:
        counts.update(round(g.size, 1) for g in sheet.glyphs if g.char.isalpha() and not _formulaic(g))
    return counts.most_common(1)[0][0] if counts else 10.0


def _formulaic(glyph: PageGlyph) -> bool:
    return "KaTeX" in glyph.font or is_mathematical(glyph.font)


def _found(glyphs: Sequence[PageGlyph], rules: Sequence[PageRule]) -> list[PageFormula]:
    return sorted((*find_formulas(glyphs, rules), *find_in_order(glyphs, rules)), key=lambda formula: formula.first)


def formulas_of(sheet: Sheet) -> list[PageFormula]:
    """The formulas of a page; what stands in neighbouring cells of a table is not taken for one."""
    found: list[PageFormula] = []
    for formula in _found(sheet.glyphs, sheet.rules):
        cut = _cell_cut(formula, sheet)
        if cut is None:
            found.append(formula)
            continue
        for start, stop in ((formula.first, cut), (cut, formula.last)):
            found.extend(
                replace(part, first=part.first + start, last=part.last + start)
                for part in _found(sheet.glyphs[start:stop], sheet.rules)
            )
    return found


def _cell_cut(formula: PageFormula, sheet: Sheet) -> int | None:
    """The glyph from which on a formula stands in another cell than before, or None where it is in one place."""
    glyphs = sheet.glyphs[formula.first : formula.last]
    em = max((glyph.size for glyph in glyphs), default=0.0)
    right = glyphs[0].x if glyphs else 0.0
    left_after = list(accumulate((glyph.x for glyph in reversed(glyphs)), min))[::-1]
    for k in range(1, len(glyphs)):
        right = max(right, glyphs[k - 1].x + glyphs[k - 1].width)
        left = left_after[k]
        gap = left - right
        if gap > 6 * em:
            return formula.first + k
        y = glyphs[k].y
        if gap > 0.9 * em and any(
            right < edge <= left + 1 and low - 60 < y < high + 60 for edge, low, high in sheet.edges
        ):
            return formula.first + k
    return None


def rows_of(sheet: Sheet, formulas: Sequence[PageFormula]) -> list[Row]:
    """The rows of a page from top to bottom."""
    inside = {index for formula in formulas for index in range(formula.first, formula.last)}
    words = [(i, g) for i, g in enumerate(sheet.glyphs) if i not in inside and g.char.strip(ZERO_WIDTH) and g.size > 0]
    words = [(i, g) for i, g in words if not is_accent(g, formulas)]
    rows = _text_rows(words, sheet)
    alone = [formula for formula in formulas if not _seat(formula, rows, sheet)]
    for formula in alone:
        y0, y1 = formula.box[1], formula.box[3]
        rows.append(Row((y0 + y1) / 2, max(1.0, y1 - y0), [_boxed(formula, sheet)], top=y1))
    rows = _joined(rows)
    for row in rows:
        row.chunks.sort(key=lambda chunk: chunk.x0)
        _space(row)
    rows.sort(key=lambda row: (-row.top, row.x0))
    return rows


def _text_rows(words: Sequence[tuple[int, PageGlyph]], sheet: Sheet) -> list[Row]:
    """Glyphs by baseline; superscripts and the like, small and near, go with the row they belong to."""
    lines: list[list[tuple[int, PageGlyph]]] = []
    for i, glyph in sorted(words, key=lambda word: (-word[1].y, word[1].x)):
        for line in reversed(lines[-4:]):
            first = line[0][1]
            if abs(first.y - glyph.y) <= 0.25 * max(first.size, glyph.size):
                line.append((i, glyph))
                break
        else:
            lines.append([(i, glyph)])
    rows = []
    for line in lines:
        line.sort(key=lambda word: word[1].x)
        if not any(glyph.char.strip() for _, glyph in line):
            continue
        solid = [(i, glyph) for i, glyph in line if glyph.char.strip()]
        size = median(glyph.size for _, glyph in solid)
        row = Row(
            median(glyph.y for _, glyph in solid),
            size,
            _chunks(line, size),
            bold=sum("Bold" in glyph.font for _, glyph in solid) > 0.7 * len(solid),
            coloured=sum(i in sheet.coloured for i, _ in solid) > 0.7 * len(solid),
            font=Counter(_family(glyph.font) for _, glyph in solid).most_common(1)[0][0],
        )
        row.top = row.y + size
        rows.append(row)
    return rows


def _family(font: str) -> str:
    name = font.split("+", 1)[-1]
    return name.split("-", 1)[0].split(",", 1)[0]


def _chunks(line: Sequence[tuple[int, PageGlyph]], size: float) -> list[Chunk]:
    chunks: list[Chunk] = []
    text, start, end = "", 0.0, 0.0
    held: list[PageGlyph] = []
    last: tuple[str, float] | None = None
    for _, glyph in line:
        if last is not None and glyph.char == last[0] and abs(glyph.x - last[1]) < 0.1 * size:
            continue  # bold made by printing twice
        last = (glyph.char, glyph.x)
        gap = glyph.x - end
        if text and gap > 1.1 * size and glyph.char.strip():
            chunks.append(Chunk(text, start, end, glyphs=tuple(held), gap=bool(chunks) and chunks[-1].gap))
            chunks[-1].gap = len(chunks) > 1
            text, held = "", []
        if not text:
            if not glyph.char.strip():
                continue
            start = glyph.x
        elif gap > 0.2 * size and glyph.char.strip() and not text.endswith(" "):
            text += " "
        text += glyph.char
        held.append(glyph)
        if glyph.char.strip():
            end = glyph.x + glyph.width
    if text:
        chunks.append(Chunk(text, start, end, glyphs=tuple(held), gap=len(chunks) > 0))
    return chunks


def _boxed(formula: PageFormula, sheet: Sheet) -> Chunk:
    glyphs = tuple(sheet.glyphs[formula.first : formula.last])
    return Chunk("", formula.box[0], formula.box[2], formula, glyphs)


def _seat(formula: PageFormula, rows: list[Row], sheet: Sheet) -> bool:
    """Put an inline formula into the row of words on whose baseline it stands; False where there is none."""
    x0, y0, x1, y1 = formula.box
    glyphs = [g for g in sheet.glyphs[formula.first : formula.last] if g.char.strip(ZERO_WIDTH + " ")]
    largest = max((g.size for g in glyphs), default=0.0)
    baselines = Counter(round(g.y, 1) for g in glyphs if g.size >= 0.95 * largest)
    best: tuple[float, Row] | None = None
    for row in rows:
        if not row.y - 0.6 * row.size <= (y0 + y1) / 2 <= row.y + 1.2 * row.size:
            continue
        if any(c.x0 < x1 - 1 and x0 + 1 < c.x1 for c in row.chunks):
            pieces = [c for c in row.chunks if c.x0 < x1 - 1 and x0 + 1 < c.x1]
            if not all(_split(row, c, x0, x1) for c in pieces):
                continue
        # A fraction has no glyph on the baseline: its bar stands on the axis, a quarter of an em above it.
        off = min([*(abs(y - row.y) for y in baselines), abs((y0 + y1) / 2 - row.y - 0.25 * row.size)])
        if off <= 0.35 * row.size and (best is None or off < best[0]):
            best = off, row
    if best is None or formula.mode == "display":
        return False
    best[1].chunks.append(_boxed(formula, sheet))
    best[1].top = max(best[1].top, min(y1, best[1].y + 1.5 * best[1].size))
    return True


def _split(row: Row, chunk: Chunk, x0: float, x1: float) -> bool:
    """Part a chunk of words around a formula that stands in a gap inside it; False where words are in the way."""
    if chunk.formula is not None:
        return False
    left = [g for g in chunk.glyphs if g.x + g.width <= x0 + 1.5]
    right = [g for g in chunk.glyphs if g.x >= x1 - 1.5]
    if len([g for g in chunk.glyphs if g.char.strip()]) != len([g for g in left + right if g.char.strip()]):
        return False
    row.chunks.remove(chunk)
    for index, part in enumerate((left, right)):
        solid = [g for g in part if g.char.strip()]
        if solid:
            text = "".join(g.char for g in part)
            row.chunks.append(
                Chunk(
                    text.lstrip(" ") if index == 0 else text,
                    solid[0].x,
                    solid[-1].x + solid[-1].width,
                    glyphs=tuple(part),
                    gap=chunk.gap and index == 0,
                )
            )
    return True


def _joined(rows: list[Row]) -> list[Row]:
    """Formulas that stand side by side on one baseline without words make one row."""
    rows.sort(key=lambda row: -row.y)
    out: list[Row] = []
    for row in rows:
        before = out[-1] if out else None
        if (
            before is not None
            and row.only_formulas
            and before.only_formulas
            and not row.shown
            and not before.shown
            and abs(before.y - row.y) < 0.4 * max(row.size, before.size)
            and (row.x0 > before.x1 or before.x0 > row.x1)
        ):
            before.chunks.extend(row.chunks)
            before.chunks.sort(key=lambda chunk: chunk.x0)
            before.top = max(before.top, row.top)
        else:
            out.append(row)
    return out


def _space(row: Row) -> None:
    """Blanks between words and formulas, and the marks of wide gaps."""
    for left, right in zip(row.chunks, row.chunks[1:], strict=False):
        gap = right.x0 - left.x1
        right.gap = gap > 1.6 * row.size
        if right.gap:
            continue
        if left.formula is None and (left.text.endswith(" ") or gap > 0.12 * row.size):
            left.text = left.text.rstrip(" ") + " "
        elif right.formula is None and left.formula is not None and gap > 0.12 * row.size:
            right.text = " " + right.text.lstrip(" ")
    if row.chunks:
        row.chunks[0].gap = False


def covering(rows: Sequence[Row]) -> Area:
    """The smallest area around some rows."""
    return Area(
        min(row.x0 for row in rows),
        min(row.y for row in rows) - 2,
        max(row.x1 for row in rows),
        max(row.top for row in rows),
    )
