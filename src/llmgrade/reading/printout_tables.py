"""Tables of a printout: cells that came out as one line each, found again by their header and their row labels.

Known here are tables whose rows begin with labels, ``(i)``, ``(ii)`` …, under a header of short titles, since such a
table answers the parts its labels name. A cell that holds nothing but a formula left no line at all: a row with fewer
lines than the header has titles has formula cells, one for each line that is missing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from llmgrade.reading.printout_lines import Line

__all__ = ["Grid", "Row", "cell_kinds", "grids"]

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
    """A table: the indices of its header's lines, its rows, and how many of its columns hold formulas only."""

    header: list[int]
    rows: list[Row]
    formula_columns: int = 0

    @property
    def first(self) -> int:
        return self.header[0]

    @property
    def last(self) -> int:
        return self.rows[-1].last


def grids(lines: Sequence[Line], column: float) -> list[Grid]:
    """The tables among a page's words, in order."""
    found: list[Grid] = []
    index = 0
    while index < len(lines):
        if lines[index].is_label and not lines[index].ends_in_blank:
            header = _header(lines, index, column, found[-1].last + 1 if found else 0)
            if len(header) >= 2:
                grid = _rows(lines, header, index, column)
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
    return list(range(start, label))


def _is_title(line: Line, column: float) -> bool:
    return (
        line.words >= 1
        and line.width < 0.4 * column
        and not (line.ends_in_blank or line.begins_with_blank or line.begins_lower or line.begins_with_emoji)
        and line.bare[-1] not in ".:!?,;"
    )


def _rows(lines: Sequence[Line], header: list[int], first: int, column: float) -> Grid:
    rows: list[Row] = []
    index = first
    while index < len(lines):
        line = lines[index]
        if line.is_label and not line.ends_in_blank:
            rows.append(Row(index))
        elif not rows or not _is_cell(line, column, len(rows[-1].cells) >= len(header) - 1):
            break
        elif rows[-1].cells and _goes_on(lines[rows[-1].cells[-1][-1]], line):
            rows[-1].cells[-1].append(index)
        else:
            rows[-1].cells.append([index])
        index += 1
    width = len(header) - 1
    filled = [len(row.cells) for row in rows if row.cells] or [0]
    return Grid(header, rows, max(0, width - max(set(filled), key=lambda n: (filled.count(n), n))))


def _is_cell(line: Line, column: float, full: bool) -> bool:
    if line.blank or full or line.begins_with_emoji:
        return False
    return line.width < 0.55 * column and not (line.words >= 4 and line.bare[-1] in ".:!?")


def _goes_on(before: Line, line: Line) -> bool:
    """Whether a cell's text was wrapped before this line."""
    return line.begins_lower or line.bare.startswith("(") or line.begins_with_blank or line.opens_with_punctuation


def cell_kinds(grid: Grid) -> dict[int, str]:
    """For each line of the table, what may stand after it: ``formula`` (a formula cell), ``end`` (of a row), ``text``."""
    kinds = dict.fromkeys(range(grid.first, grid.last + 1), "text")
    for row in grid.rows:
        if row.cells:
            kinds[row.last] = "end"
        if grid.formula_columns or not row.cells:
            # Formula cells follow the label: conditions stand before what happens under them.
            kinds[row.label] = "formula"
    return kinds
