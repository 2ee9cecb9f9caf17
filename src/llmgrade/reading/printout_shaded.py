"""Which filled shapes of a printed chat are somebody's words: bubbles, grey boxes, shaded bands; and whose.

A printer that leaves backgrounds out still fills the shapes, in white, so that what counts is where a shape stands and
what it holds, and not its colour. Shapes of one kind (drawn alike, painted alike, on the same side) are one speaker's.
Code, table cells, marked words and a page's own background are filled too and are nobody's bubble.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from llmgrade.reading.printout_glyphs import Area, Sheet
from llmgrade.reading.printout_rows import Row

__all__ = ["Shading", "shading_of"]

_MONO = re.compile(r"mono|courier|consol|code|menlo", re.IGNORECASE)


@dataclass(slots=True)
class Shading:
    """The shapes that hold one speaker's words, page by page; none where no shape tells who speaks."""

    role: str = ""
    """Whose they are: ``user`` or ``assistant``; the rest is the other's. Empty where there are none."""
    areas: list[list[Area]] = field(default_factory=list)


@dataclass(slots=True)
class _Shape:
    page: int
    area: Area
    rows: list[tuple[int, Row]]
    """Its rows, each with its number in the whole document."""


_Kind = tuple[str, str, str]


def shading_of(
    sheets: Sequence[Sheet], body: Sequence[Sequence[Row]], left: float, right: float, size: float
) -> Shading:
    """Whose words the shapes hold; ``body`` are the rows of each page without furniture, ``size`` is running text's."""
    rows = [row for page in body for row in page]
    kinds: dict[_Kind, list[_Shape]] = {}
    before = 0
    for page, (sheet, here) in enumerate(zip(sheets, body, strict=True)):
        numbered = list(enumerate(here, before))
        before += len(here)
        for area in _distinct(sheet.areas):
            shape = _Shape(page, area, [(n, row) for n, row in numbered if _inside(row, area)])
            side = _side(area, left, right)
            if shape.rows and _speaks(shape, side, here, sheet, size):
                kinds.setdefault((area.drawn, area.colour, side), []).append(shape)
    kinds = {kind: shapes for kind, shapes in kinds.items() if not _everything(shapes, rows)}
    role, chosen = _whose(kinds, rows, size)
    areas: list[list[Area]] = [[] for _ in sheets]
    for shape in chosen:
        areas[shape.page].append(shape.area)
    return Shading(role, areas)


def _distinct(areas: Iterable[Area]) -> list[Area]:
    """A shape is often filled twice, its shadow or border first."""
    kept: list[Area] = []
    for area in areas:
        if not any(
            abs(area.x0 - other.x0) < 3
            and abs(area.x1 - other.x1) < 3
            and abs(area.y0 - other.y0) < 3
            and abs(area.y1 - other.y1) < 3
            for other in kept
        ):
            kept.append(area)
    return kept


def _inside(row: Row, area: Area) -> bool:
    return area.holds(row.x0, row.y + 0.3 * row.size) and area.holds(row.x1, row.y + 0.3 * row.size)


def _speaks(shape: _Shape, side: str, here: Sequence[Row], sheet: Sheet, size: float) -> bool:
    """Whether a shape may be a speaker's: whole lines of words stand in it, and nothing stands beside it."""
    area = shape.area
    if area.width < 2 * size or area.height < 1.2 * size:
        return False
    if area.width > 0.97 * sheet.width and area.height > 0.9 * sheet.height:
        return False
    words = [row for _, row in shape.rows if row.text]
    if not words or (side != "right" and all(_MONO.search(row.font) for row in words)):
        return False
    held = {id(row) for _, row in shape.rows}
    if any(area.y0 + 2 < row.y + 0.3 * row.size < area.y1 - 2 and id(row) not in held for row in here):
        return False
    return not any(
        other is not area
        and other.width > 2 * size
        and other.height > size
        and min(area.y1, other.y1) - max(area.y0, other.y0) > 0.6 * min(area.height, other.height)
        and (other.x0 >= area.x1 - 1 or other.x1 <= area.x0 + 1)
        for other in sheet.areas
    )


def _side(area: Area, left: float, right: float) -> str:
    wide = right - left
    if area.x0 > left + 0.04 * wide and area.x1 > right - 0.12 * wide:
        return "right"
    return "left" if area.x0 < left + 0.12 * wide else "between"


def _everything(shapes: Sequence[_Shape], rows: Sequence[Row]) -> bool:
    """Whether shapes of one kind hold all the words of the document: the page's own, or the whole chat's."""
    held = {n for shape in shapes for n, _ in shape.rows}
    return all(n in held for n, row in enumerate(rows) if row.text)


def _whose(kinds: dict[_Kind, list[_Shape]], rows: Sequence[Row], size: float) -> tuple[str, list[_Shape]]:
    """The user's shapes: those on the right, else those of the kind that the chat opens with; or the assistant's."""
    on_right = [shape for kind, shapes in kinds.items() if kind[2] == "right" for shape in shapes]
    if on_right:
        return "user", on_right
    opening = next((n for n, row in enumerate(rows) if row.text and not _titles(row, size)), None)
    if opening is None:
        return "", []
    for shapes in sorted(kinds.values(), key=len, reverse=True):
        held = {n for shape in shapes for n, _ in shape.rows}
        after = [row for n, row in enumerate(rows) if n > opening and n not in held and len(row.text.split()) > 2]
        if opening in held and after:
            return "user", shapes
        if opening not in held and _answers(held, rows, opening):
            return "assistant", shapes
    return "", []


def _answers(held: set[int], rows: Sequence[Row], opening: int) -> bool:
    """Whether shapes that the chat does not open with hold its answers: most of what is said, and nearly all formulas."""
    said = [n for n, row in enumerate(rows) if n >= opening and row.chunks]
    set_out = [n for n in said if any(chunk.formula is not None for chunk in rows[n].chunks)]
    inside = sum(n in held for n in said)
    return (
        bool(set_out) and sum(n in held for n in set_out) > 0.9 * len(set_out) and 0.4 * len(said) < inside < len(said)
    )


def _titles(row: Row, size: float) -> bool:
    """Whether a row looks like the title that stands over a chat, its date or its model's name."""
    return row.size > 1.15 * size or row.bold or row.size < 0.85 * size
