"""Formulas that a page draws as pictures (MathJax's SVG): they can be seen and not read, which has to be said."""

from __future__ import annotations

from collections.abc import Sequence

from llmgrade.reading.printout_glyphs import Sheet
from llmgrade.typeset.glyphs import PageFormula, PageRule

__all__ = ["drawn_formulas"]

_WHY = "the page draws this formula as a picture; its letters are not in the PDF"


def drawn_formulas(sheet: Sheet, size: float) -> list[PageFormula]:
    """Groups of small outlines in a hole of a line's words, or by themselves in the middle of the column.

    For pages on which no formula is set in type: there such outlines are a page's signs and buttons.
    """
    shapes = [
        rule
        for rule in sheet.rules
        if rule.kind == "path" and 0.2 < rule.x1 - rule.x0 < 6 * size and 0.2 < rule.y1 - rule.y0 < 5 * size
    ]
    solid = [g for g in sheet.glyphs if g.char.strip() and g.size > 0]
    left, right = min((g.x for g in solid), default=0.0), max((g.x + g.width for g in solid), default=sheet.width)
    drawn = []
    for x0, y0, x1, y1, count in _groups(shapes, size):
        middle = (y0 + y1) / 2
        beside = [g for g in solid if g.y - 0.4 * g.size < middle < g.y + 1.1 * g.size]
        if any(x0 < g.x + g.width / 2 < x1 for g in beside):
            continue  # a background, a frame, a stroke through words
        before, after = [g for g in beside if g.x < x0], [g for g in beside if g.x > x1]
        near = bool(before) and x0 - max(g.x + g.width for g in before) < 1.2 * size
        in_line = near or (bool(after) and bool(before) and min(g.x for g in after) - x1 < 1.2 * size)
        if (in_line and count >= 1 and y1 - y0 > 0.3 * size) or (
            not beside and count >= 3 and x1 - x0 > 2 * size and abs((x0 - left) - (right - x1)) < 0.25 * (right - left)
        ):
            drawn.append(PageFormula(None, "inline" if in_line else "display", 0.0, (x0, y0, x1, y1), 0, 0, _WHY))
    return drawn


def _groups(shapes: Sequence[PageRule], size: float) -> list[tuple[float, float, float, float, int]]:
    """Outlines that stand together: their box, and how many stand apart from one another."""
    groups: list[list[float]] = []
    for shape in sorted(set(shapes), key=lambda shape: (shape.x0, shape.y0)):
        for group in groups:
            x0, y0, x1, y1, _ = group
            if shape.x0 < x1 + 0.9 * size and shape.y0 < y1 + 0.5 * size and shape.y1 > y0 - 0.5 * size:
                new = shape.x0 > x1 - 0.05 * size or shape.y0 > y1 or shape.y1 < y0
                group[:] = [x0, min(y0, shape.y0), max(x1, shape.x1), max(y1, shape.y1), group[4] + new]
                break
        else:
            groups.append([shape.x0, shape.y0, shape.x1, shape.y1, 1])
    return [(group[0], group[1], group[2], group[3], int(group[4])) for group in groups]
