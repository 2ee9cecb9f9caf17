"""Tables of a printout: cells that came out as one line each, found again by their header and their row labels.

Known best are tables whose rows begin with labels, ``(i)``, ``(ii)`` …, under a header of short titles, since such a
table answers the parts its labels name. A cell that holds nothing but a formula left no line at all: a row with fewer
lines than the header has titles has formula cells, one for each line that is missing. A table without row labels is
found where the short lines and the formulas among them fill whole rows under a header.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import product

from llmgrade.reading.printout_lines import Line, names_labels

__all__ = ["Filled", "Grid", "Row", "cell_kinds", "cell_runs", "filled", "grids", "loose_runs"]

_MOST_COLUMNS = 9


@dataclass(slots=True)
class Row:
    """One row: the index of its label's line, and for each text cell after it the indices of its lines."""

    label: int
    cells: list[list[int]] = field(default_factory=list)

    @property
    def last(self) -> int:
        """The index of the row's last line."""
        return self.cells[-1][-1] if self.cells else self.label


@dataclass(slots=True)
class Grid:
    """A table: the indices of its header's lines, and its rows."""

    header: list[int]
    rows: list[Row]
    labelled: bool = False
    """The first title is that of the labels ("Part"), so that no other line stands over the table."""

    @property
    def first(self) -> int:
        return self.header[0]

    @property
    def last(self) -> int:
        return self.rows[-1].last

    def formula_cells(self, row: Row) -> int:
        """How many cells of a row are left for formulas alone."""
        return max(0, len(self.header) - 1 - len(row.cells))

    def formulas_last(self, row: Row) -> bool:
        """Whether a row's words stand before its formulas: all the other rows end in a formula, being nothing else."""
        others = [other for other in self.rows if other is not row]
        return bool(row.cells) and len(others) >= 2 and not any(other.cells for other in others)


def grids(lines: Sequence[Line], column: float) -> list[Grid]:
    """The tables among a page's words, in order."""
    found: list[Grid] = []
    index = 0
    while index < len(lines):
        if lines[index].is_label:
            header = _header(lines, index, column, found[-1].last + 1 if found else 0)
            # Labels that a formula follows in their cell are lines of a list as well, but for a header of labels.
            holed = lines[index].ends_in_blank
            if len(header) >= 2 and (not holed or names_labels(lines[header[0]].bare)):
                grid = _rows(lines, header, index, column)
                grid.labelled = names_labels(lines[header[0]].bare)
                found.append(grid)
                index = grid.last + 1
                continue
        index += 1
    return found


def _header(lines: Sequence[Line], label: int, column: float, low: int) -> list[int]:
    """The lines of titles right above the first label."""
    start = label
    while start > low and label - start < _MOST_COLUMNS and _is_title(lines[start - 1], column):
        start -= 1
    named = [index for index in range(start, label - 1) if names_labels(lines[index].bare)]
    if named:
        return list(range(named[-1], label))
    while label - start > 2 and _heads(lines[start]):
        start += 1
    return list(range(start, label))


_HEADS = re.compile(
    r"\((?:[a-z]|[ivx]{1,4}|\d{1,2})\)|^(?:set|part|table|problem|question|exercise|section|parte|tabla|teil|tabelle|aufgabe|partie|tableau)\s+\S+$",
    re.IGNORECASE,
)


def _heads(line: Line) -> bool:
    """Whether a short line over a table's titles is the section's heading, and no column's title."""
    return bool(_HEADS.search(line.bare)) or len(line.bare.split()) > 4


_ROMAN = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x")


def _begins_again(lines: Sequence[Line], index: int, label: Line, column: float) -> bool:
    """Whether titles that start at ``index`` lead to a label that does not follow ``label``: the next table's header."""
    stop = index
    while (
        stop < len(lines)
        and not lines[stop].is_label
        and stop - index < _MOST_COLUMNS
        and _is_title(lines[stop], column)
    ):
        stop += 1
    if stop - index < 2 or stop == len(lines) or not lines[stop].is_label:
        return False
    before, after = _rank(label), _rank(lines[stop])
    return bool(before) and bool(after) and not before & {n - 1 for n in after}


def _rank(line: Line) -> set[int]:
    """The places in a list that a label may stand for: ``(i)`` is the first, or the ninth."""
    name = line.bare.strip("().:").lower().rpartition("(")[2]
    ranks = {_ROMAN.index(name) + 1} if name in _ROMAN else set()
    return ranks | ({ord(name) - 96} if len(name) == 1 and name.isalpha() else set())


def _is_title(line: Line, column: float) -> bool:
    return (
        line.words >= 1
        and line.width < 0.4 * column
        and not (line.ends_in_blank or line.begins_with_blank or line.begins_lower or line.begins_with_emoji)
        and line.bare[-1] not in ".:!?,;"
    )


def _rows(lines: Sequence[Line], header: list[int], first: int, column: float) -> Grid:
    gathered: list[list[int]] = []
    holed = lines[first].ends_in_blank
    index = first
    width = len(header) - 1
    while index < len(lines):
        line = lines[index]
        if line.is_label and (holed or not line.ends_in_blank):
            gathered.append([index])
        elif _begins_again(lines, index, lines[gathered[-1][0]], column) or not _is_cell(
            line, column, len(_merged(lines, gathered[-1][1:], None)) >= width
        ):
            break
        else:
            gathered[-1].append(index)
        index += 1
    counts = [len(some) - 1 for some in gathered if len(some) > 1]
    usual = min(counts) if len(counts) > 1 and min(counts) <= width else None
    rows = [Row(some[0], _merged(lines, some[1:], usual)) for some in gathered]
    return Grid(header, rows)


def _merged(lines: Sequence[Line], indices: Sequence[int], count: int | None) -> list[list[int]]:
    """Lines as cells: ``count`` of them where that is known, else a line that goes on joins the one before."""
    cells = [[index] for index in indices]
    if count is None:
        joined: list[list[int]] = []
        for cell in cells:
            if joined and _goes_on(lines[cell[0]]):
                joined[-1].extend(cell)
            else:
                joined.append(cell)
        return joined
    while len(cells) > max(1, count):
        best = max(range(1, len(cells)), key=lambda n: _wrap(lines[cells[n - 1][-1]], lines[cells[n][0]]))
        cells[best - 1 : best + 1] = [cells[best - 1] + cells[best]]
    return cells


def _wrap(before: Line, line: Line) -> float:
    """How much a cell's text looks wrapped between two lines."""
    open_bracket = before.bare.count("(") > before.bare.count(")")
    return 2.0 * _goes_on(line) + 2.0 * open_bracket + before.width / 40


def _is_cell(line: Line, column: float, full: bool) -> bool:
    if line.blank or full or line.begins_with_emoji:
        return False
    return line.width < 0.55 * column and not (line.words >= 4 and line.bare[-1] in ".:!?")


def _goes_on(line: Line) -> bool:
    """Whether the line looks like the second of a wrapped text."""
    return line.begins_lower or line.bare.startswith("(") or line.begins_with_blank or line.opens_with_punctuation


def cell_kinds(grid: Grid) -> dict[int, str]:
    """For each line of the table, what may stand after it: ``formula`` or ``spare`` (one for each cell of its own, with
    blanks between), ``end`` of a row, ``header``, other ``text``."""
    kinds = dict.fromkeys(range(grid.first, grid.last + 1), "text")
    kinds.update(dict.fromkeys(grid.header, "header"))
    for row in grid.rows:
        if row.cells:
            kinds[row.last] = "end"
        if missing := grid.formula_cells(row):
            # Formula cells follow the label: conditions stand before what happens under them. The last of several is
            # spare where the first of the titles may be the table's own.
            last = "spare" if missing > 1 and not grid.labelled else "formula"
            kinds[row.label] = " ".join([*["formula"] * (missing - 1), last])
    return kinds


@dataclass(frozen=True, slots=True)
class Filled:
    """A table without row labels: its lines ``first`` to ``last``, and rows of cells.

    A cell is ``(index of its line or None, its formulas)``; formulas count from the first that stands in the table.
    """

    first: int
    last: int
    rows: tuple[tuple[tuple[int | None, tuple[int, ...]], ...], ...]


def loose_runs(lines: Sequence[Line], column: float, known: Sequence[Grid] = ()) -> list[range]:
    """Runs of short lines that may be the cells of a table without row labels."""
    taken = {index for grid in known for index in range(grid.first, grid.last + 1)}
    found: list[range] = []
    start = 0
    for index in range(len(lines) + 1):
        if index < len(lines) and index not in taken and _is_short(lines[index], column):
            continue
        after = lines[index] if index < len(lines) else None
        cut = after is not None and (after.begins_with_blank or after.opens_with_punctuation)
        if index - start >= 4 and not cut and not any(line.begins_lower for line in lines[start : start + 2]):
            found.append(range(start, index))
        start = index + 1
    return found


def cell_runs(lines: Sequence[Line], column: float) -> list[range]:
    """Runs of short lines under three titles or more: cells of a table, whether or not its rows can be told."""
    found: list[range] = []
    start = 0
    for index in range(len(lines) + 1):
        if index < len(lines) and _is_narrow(lines[index], column):
            continue
        if index - start >= 6 and all(_is_title(line, column) for line in lines[start : start + 3]):
            found.append(range(start, index))
        start = index + 1
    return found


def _is_narrow(line: Line, column: float) -> bool:
    return line.width < 0.3 * column and line.bare[-1:] not in (":", "!", "?", ";") and not line.begins_with_emoji


def _is_short(line: Line, column: float) -> bool:
    return (
        line.words >= 1
        and line.width < 0.3 * column
        and len(line.bare.split()) <= 4
        and line.bare[-1] not in ".:!?,;"
        and not (line.begins_with_emoji or line.begins_with_blank or line.opens_with_punctuation)
        and not line.text.startswith("(")
    )


def filled(lines: Sequence[Line], run: range, formulas: int) -> Filled | None:
    """The table that a run of short lines and so many formulas make, or None where they fill no whole rows."""
    texts = list(run)
    titles = next((n for n, index in enumerate(texts) if lines[index].begins_lower), len(texts))
    widths = [titles] if titles < len(texts) else range(2, min(6, len(texts)))
    best: tuple[float, int, list[list[tuple[int | None, tuple[int, ...]]]]] | None = None
    for width in widths:
        body = texts[width:]
        holed = [lines[index].ends_in_blank for index in body]
        cells = len(body) + formulas - sum(holed)
        if not 2 <= width <= 6 or formulas < sum(holed) or formulas < 2 or cells % width or cells < 2 * width:
            continue
        for pattern in product((False, True), repeat=width):
            price, rows = _fill(body, holed, formulas, pattern, cells // width)
            if price <= 0.2 * cells and (best is None or (price, -width) < best[:2]):
                best = price, -width, rows
    if best is None:
        return None
    header = tuple((index, ()) for index in texts[: -best[1]])
    return Filled(run[0], run[-1], (header, *(tuple(row) for row in best[2])))


def _fill(
    body: Sequence[int], holed: Sequence[bool], formulas: int, pattern: Sequence[bool], rows: int
) -> tuple[float, list[list[tuple[int | None, tuple[int, ...]]]]]:
    """Cells filled row by row, ``pattern`` saying which columns hold formulas only; the price counts deviations."""
    width = len(pattern)
    texts_left, alone_left = len(body), formulas - sum(holed)
    price, nth, formula = 0.0, 0, 0
    table: list[list[tuple[int | None, tuple[int, ...]]]] = []
    for _ in range(rows):
        row: list[tuple[int | None, tuple[int, ...]]] = []
        for column in range(width):
            # A text with a hole may stand in a formula column, where more texts are left than text columns.
            wants_formula = pattern[column] and alone_left > 0
            surplus = (
                texts_left
                - sum(not p for p in pattern[column:])
                - sum(not p for p in pattern) * (rows - len(table) - 1)
            )
            if wants_formula and surplus > 0 and nth < len(body) and holed[nth]:
                wants_formula = False
                # A row unlike the others is most often the last: "any other", "otherwise".
                price += 0.8 - 0.1 * (len(table) + 1) / rows
            if not wants_formula and texts_left == 0:
                wants_formula = True
                price += 1
            elif wants_formula and alone_left == 0:
                wants_formula = False
                price += 1
            if wants_formula:
                row.append((None, (formula,)))
                formula += 1
                alone_left -= 1
            else:
                inside = (formula,) if holed[nth] else ()
                row.append((body[nth], inside))
                formula += len(inside)
                nth += 1
                texts_left -= 1
                price += 0.0 if not pattern[column] or inside else 0.5
        table.append(row)
    return price, table
