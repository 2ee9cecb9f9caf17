"""Who speaks on the pages of a PDF, row by row, and what is not speech: furniture and text boxes in the margin.

A user's words stand in a bubble or a shaded box (`printout_shaded`), or are set in from the left, or are named by a
line ("You said:"). Where none of this is so, the words' own layout decides, as in a printout's
text (`printout_turns`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from llmgrade.reading.printout_glyphs import Area, Sheet
from llmgrade.reading.printout_pages import Page, furnished
from llmgrade.reading.printout_rows import Row
from llmgrade.reading.printout_shaded import Shading, shading_of
from llmgrade.reading.printout_turns import speaker_named, told_apart

__all__ = ["Leaf", "Sides", "sides_of"]

_EDGE = 0.075
"""The part of a page's height, at either end, in which furniture may stand."""


@dataclass(slots=True)
class Leaf:
    """A page with its rows sorted: speech with its speaker, furniture with its reason, boxes in the margin."""

    sheet: Sheet
    speech: list[tuple[str, Row]] = field(default_factory=list)
    furniture: list[tuple[Row, str]] = field(default_factory=list)
    labels: list[tuple[Row, str, int]] = field(default_factory=list)
    """``(row, role, how many rows of speech stand before it)``."""
    boxes: list[list[Row]] = field(default_factory=list)
    bubbles: list[Area] = field(default_factory=list)


@dataclass(slots=True)
class Sides:
    """All pages, the column's edges (points), how speakers were told, and the title that stands on every page."""

    leaves: list[Leaf]
    left: float
    right: float
    told_by: str
    title: str | None = None


def sides_of(pages: Sequence[tuple[Sheet, list[Row]]], size: float) -> Sides:
    """Sort the rows of all pages; ``size`` is the type size of running text."""
    leaves = [Leaf(sheet) for sheet, _ in pages]
    repeated = _repeated([rows for _, rows in pages], [sheet for sheet, _ in pages])
    body: list[list[Row]] = []
    titles: Counter[str] = Counter()
    for leaf, (sheet, rows) in zip(leaves, pages, strict=True):
        kept = []
        for row in rows:
            why = _furniture(row, sheet, size, repeated)
            if why is None:
                kept.append(row)
            else:
                leaf.furniture.append((row, why))
                titles.update(
                    c.text.strip() for c in row.chunks if c.text.strip() and furnished(c.text.strip()) is None
                )
        body.append(kept)
    title = next((text for text, count in titles.most_common(1) if count >= 0.6 * len(pages)), None)
    left, right = _column(body, leaves)
    fonts = Counter(row.font for rows in body for row in rows for _ in row.text)
    for number, (leaf, rows) in enumerate(zip(leaves, body, strict=True)):
        body[number] = _without_badges(leaf, _without_boxes(leaf, rows, fonts, left, right))
    shaded = shading_of([leaf.sheet for leaf in leaves], body, left, right, size)
    told_by = _speakers(leaves, body, left, right, shaded, size)
    for leaf, areas in zip(leaves, shaded.areas, strict=True):
        leaf.bubbles = areas if shaded.role == "user" else []
    _set_heading_aside(leaves)
    _set_foot_aside(leaves, left, right, size)
    return Sides(leaves, left, right, told_by, title)


# --- furniture ------------------------------------------------------------------------------------------------------


def _band(row: Row, sheet: Sheet) -> str | None:
    if row.y > (1 - _EDGE) * sheet.height:
        return "top"
    return "bottom" if row.top < _EDGE * sheet.height else None


def _repeated(pages: Sequence[list[Row]], sheets: Sequence[Sheet]) -> set[str]:
    """Texts (digits apart) that stand in the same band of most pages."""
    seen: Counter[str] = Counter()
    for rows, sheet in zip(pages, sheets, strict=True):
        seen.update({f"{band}{_shape(row)}" for row in rows if (band := _band(row, sheet))})
    return {text for text, count in seen.items() if count >= max(2, 0.7 * len(pages))}


def _shape(row: Row) -> str:
    return re.sub(r"\d+", "#", row.text)


def _furniture(row: Row, sheet: Sheet, size: float, repeated: set[str]) -> str | None:
    band = _band(row, sheet)
    if band is None or any(chunk.formula is not None for chunk in row.chunks):
        return None
    for chunk in row.chunks:
        why = furnished(chunk.text.strip())
        if why is not None:
            return why if len(row.chunks) == 1 else "print date, title, address or number"
    if f"{band}{_shape(row)}" in repeated and row.size < 0.95 * size:
        return "repeated on every page"
    return "printer's line" if row.size < 0.75 * size else None


# --- columns and bubbles --------------------------------------------------------------------------------------------


def _column(body: Sequence[list[Row]], leaves: Sequence[Leaf]) -> tuple[float, float]:
    """The edges of the column that answers fill: where most rows begin, and where the widest end."""
    starts: Counter[int] = Counter()
    for rows in body:
        starts.update(round(row.x0 / 2) for row in rows if not row.only_formulas)
    if not starts:
        return 0.0, max((leaf.sheet.width for leaf in leaves), default=600.0)
    most = starts.most_common(1)[0][1]
    left = 2.0 * min(x for x, count in starts.items() if count >= max(1, 0.15 * most))
    right = max(row.x1 for rows in body for row in rows)
    return left, right


# --- boxes in the margin --------------------------------------------------------------------------------------------


def _without_boxes(leaf: Leaf, rows: list[Row], fonts: Counter[str], left: float, right: float) -> list[Row]:
    """Sets rows aside that no chat page prints: another face in another colour, or outside the column."""
    total = sum(fonts.values())
    kept: list[Row] = []
    boxed: list[Row] = []
    for row in rows:
        foreign = bool(row.text) and fonts[row.font] < 0.08 * total
        outside = row.x1 < left - 5 or row.x0 > right + 5
        aside = foreign and (row.coloured or outside) and _alone(row, rows)
        (boxed if aside else kept).append(row)
    for row in boxed:
        group = leaf.boxes[-1] if leaf.boxes else None
        if group and abs(group[-1].x0 - row.x0) < 4 and group[-1].y - row.y < 2.2 * row.size:
            group.append(row)
        else:
            leaf.boxes.append([row])
    return kept


def _alone(row: Row, rows: Sequence[Row]) -> bool:
    """Whether no other row's words stand on its line."""
    return all(other is row or abs(other.y - row.y) > 0.2 * row.size for other in rows)


def _without_badges(leaf: Leaf, rows: list[Row]) -> list[Row]:
    """Sets aside the initials in a round that stand before somebody's words."""
    for row in rows:
        first = row.chunks[0]
        if len(row.chunks) < 2 or first.formula is not None or len(first.text.strip()) > 2:
            continue
        if any(
            area.drawn == "path"
            and area.width < 4 * row.size
            and abs(area.width - area.height) < 2
            and area.holds(first.x0, row.y)
            and area.x1 < row.chunks[1].x0 + 1
            for area in leaf.sheet.areas
        ):
            del row.chunks[0]
            row.chunks[0].gap = False
    return rows


# --- speakers -------------------------------------------------------------------------------------------------------


def _speakers(
    leaves: Sequence[Leaf], body: Sequence[list[Row]], left: float, right: float, shaded: Shading, size: float
) -> str:
    names = [role for rows in body for row in rows if (role := _named(row))]
    if set(names) == {"user", "assistant"}:
        _by_labels(leaves, body)
        return "labels"
    if shaded.role:
        other = "assistant" if shaded.role == "user" else "user"
        for leaf, rows, areas in zip(leaves, body, shaded.areas, strict=True):
            for row in rows:
                inside = any(area.holds(row.x0, row.y + 0.3 * row.size) for area in areas)
                leaf.speech.append((shaded.role if inside else other, row))
        return "bubbles"
    indent = left + 0.12 * (right - left)
    set_in = [_set_in(row, indent, right, left, size) for rows in body for row in rows]
    if any(set_in) and not all(set_in):
        for leaf, rows in zip(leaves, body, strict=True):
            leaf.speech = _by_indent(rows, indent, right, left, size)
        return "indents"
    _by_words(leaves, body)
    return "words"


def _set_heading_aside(leaves: Sequence[Leaf]) -> None:
    """What stands over the first question says who prints and what: a title, the model's name, a button."""
    for leaf in leaves:
        if not leaf.speech or leaf.labels:
            return
        asked = next((k for k, (role, _) in enumerate(leaf.speech) if role == "user"), None)
        above = [row for _, row in leaf.speech[:asked]]
        if asked is None or len(above) > 3 or not all(_heads(row) for row in above):
            return
        leaf.furniture.extend((row, "stands over the chat") for row in above)
        del leaf.speech[:asked]
        return


def _set_foot_aside(leaves: Sequence[Leaf], left: float, right: float, size: float) -> None:
    """Small print in the middle under the last answer: the page's own words."""
    last = next((leaf for leaf in reversed(leaves) if leaf.speech), None)
    while last is not None and len(last.speech) > 1:
        row = last.speech[-1][1]
        centred = row.x0 > left + 10 and abs((row.x0 - left) - (right - row.x1)) < 0.15 * (right - left)
        if row.size > 0.9 * size or not centred or any(chunk.formula is not None for chunk in row.chunks):
            return
        last.furniture.append((row, "stands under the chat"))
        del last.speech[-1]


def _heads(row: Row) -> bool:
    """Whether a row is no sentence: few words, no formula, no full stop."""
    words = row.text.split()
    return len(words) <= 10 and row.text[-1:] not in ".?!:" and all(chunk.formula is None for chunk in row.chunks)


def _named(row: Row) -> str | None:
    return speaker_named(row.text) if len(row.chunks) == 1 else None


def _by_labels(leaves: Sequence[Leaf], body: Sequence[list[Row]]) -> None:
    role = "user"
    for leaf, rows in zip(leaves, body, strict=True):
        for row in rows:
            named = _named(row)
            if named is not None:
                role = named
                leaf.labels.append((row, role, len(leaf.speech)))
            else:
                leaf.speech.append((role, row))


def _set_in(row: Row, indent: float, right: float, left: float, size: float) -> bool:
    """Set in from the left, and not in the middle of the column as formulas and small print are."""
    centred = abs((row.x0 - left) - (right - row.x1)) < 0.1 * (right - left)
    return bool(row.text) and row.x0 > indent and not (centred and (row.only_formulas or row.size < 0.9 * size))


def _by_indent(rows: Sequence[Row], indent: float, right: float, left: float, size: float) -> list[tuple[str, Row]]:
    return [("user" if _set_in(row, indent, right, left, size) else "assistant", row) for row in rows]


def _by_words(leaves: Sequence[Leaf], body: Sequence[list[Row]]) -> None:
    """The words' own layout: each row a line, formulas left out of it."""
    lines: list[str] = []
    pages = []
    rows_by_line: dict[int, tuple[Leaf, Row]] = {}
    for leaf, rows in zip(leaves, body, strict=True):
        first = len(lines) + 1
        for row in rows:
            lines.append("".join(c.text if c.formula is None else " " for c in row.chunks) or " ")
            rows_by_line[len(lines)] = leaf, row
        if len(lines) >= first:
            pages.append(Page(leaf.sheet.number, first, len(lines), tuple(range(first, len(lines) + 1))))
    roles: dict[int, str] = {}
    for message in told_apart(pages, lines).messages:
        for stretch in message.stretches:
            roles.update({line.number: message.role for line in stretch.lines})
    role = "user"
    for number in sorted(rows_by_line):
        leaf, row = rows_by_line[number]
        role = roles.get(number, "assistant" if row.only_formulas else role)
        leaf.speech.append((role, row))
