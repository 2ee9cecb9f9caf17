"""A message's words and formulas put together again, in reading order.

The words of a page and the formulas torn out of them meet here: `printout_places` says where each formula stood, and
the pieces of every message are laid in that order, each with the span where its text really stands.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from llmgrade.reading.markup import pieces as marked_up
from llmgrade.reading.printout_lines import Line
from llmgrade.reading.printout_places import UNFILLED, Look, Slot, alike, place, slots_of
from llmgrade.reading.printout_tables import Filled, Grid, cell_kinds, cell_runs, filled, grids, loose_runs
from llmgrade.reading.printout_turns import FormulaRun, Stretch, Talk
from llmgrade.reading.printout_typed import is_markup, typed, types_powers
from llmgrade.source import Source, Span
from llmgrade.transcript.model import Formula, Heading, Method, Mode, Piece, Prose, Table

__all__ = ["Readings", "message_pieces"]

Readings = Callable[[Sequence[str], Sequence[Slot]], Sequence["TornOut"]]
"""Given a run's lines, and the places that the words around it have for formulas: its formulas in order."""

_STARTS_PARAGRAPH = re.compile(
    r"^(?:(?i:\(?[a-z]\)|\([ivx]+\)|\d+[.)]|[-•*→⇒])"
    r"|(?:Part|Case|Problem|Question|Step|Parte|Caso|Problema|Apartado|Teil|Fall|Aufgabe|Partie|Cas|Problème)\s\(?(?:[a-z]|[ivx]+|\d+)\)?[.:]?)\s"
)

_LABEL = re.compile(r"^ ?\(([a-z])\) (?=\s*\Z|[^\W\d_]*[^\W\d_a-z]|\d)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class TornOut:
    """A formula of a run: its first and last line (from 0), its own text in them, and the formula without its place."""

    first: int
    last: int
    written: tuple[str, ...]
    formula: Callable[[Span], Formula]
    look: Look


def message_pieces(talk: Talk, source: Source, readings: Readings) -> list[tuple[Piece, ...]]:
    """The pieces of every message, in the order of ``talk.messages``."""
    gathered: list[list[Piece]] = [[] for _ in talk.messages]
    laid: dict[int, list[Piece]] = {}
    before = _lines_before(talk)
    ended: set[int] = set()
    for run in talk.runs:
        opening = {key: line for key, line in before.items() if line.number not in ended}
        for stretch, pieces in _run_pieces(run, source, talk.widths.column, readings, opening):
            laid[id(stretch)] = pieces
            if pieces and isinstance(pieces[-1], Formula) and stretch.lines:
                ended.add(stretch.lines[-1].number)
    for index, message in enumerate(talk.messages):
        width = talk.widths.bubble if message.role == "user" else talk.widths.column
        powers = types_powers("\n".join(line.text for stretch in message.stretches for line in stretch.lines))
        for stretch in message.stretches:
            if id(stretch) not in laid:
                grid = grids(stretch.lines, width) if message.role != "user" else []
                layer = _Layer(source, stretch.lines, [], {}, grid, width, message.role != "user")
                layer.typed = not talk.in_sight and (powers or message.role != "user")
                laid[id(stretch)] = layer.pieces()
            gathered[index].extend(laid[id(stretch)])
    return [tuple(pieces) for pieces in gathered]


def _lines_before(talk: Talk) -> dict[int, Line]:
    """For every stretch of words that goes on from the page before (by id), the last line there."""
    found = {}
    for message in talk.messages:
        for stretch, following in pairwise(message.stretches):
            if stretch.lines:
                found[id(following)] = stretch.lines[-1]
    return found


def _run_pieces(
    run: FormulaRun, source: Source, column: float, readings: Readings, before: dict[int, Line]
) -> list[tuple[Stretch, list[Piece]]]:
    """The pieces of the stretches of words that a run of formulas belongs to."""
    stretches = [stretch for _, stretch in run.owners]
    tables = [grids(stretch.lines, column) for stretch in stretches]
    slots: list[list[Slot]] = []
    loose = [loose_runs(stretch.lines, column, found) for stretch, found in zip(stretches, tables, strict=True)]
    for stretch, found, runs in zip(stretches, tables, loose, strict=True):
        kinds = {index: "cell" for cells in cell_runs(stretch.lines, column) for index in cells}
        kinds.update({index: "loose" for cells in runs for index in cells})
        for grid in found:
            kinds.update(cell_kinds(grid))
        slots.append(
            slots_of(stretch.lines, column, kinds, before.get(id(stretch))) or [Slot(-1, 0, 0.0, 0.0, 0.0, 0.0)]
        )
    every = [slot for some in slots for slot in some]
    torn = readings([line.text for line in run.lines], every)
    texts = ["\n".join(formula.written) for formula in torn]
    paired = [False, *(alike(text, before) for before, text in pairwise(texts))]
    place(every, [formula.look for formula in torn], paired)
    formulas = _placed(torn, run, source)
    for stretch, own in zip(stretches, slots, strict=True):
        _mark_empty(stretch, own, formulas, source)
    _set_as_placed(formulas, every, [formula.look for formula in torn])
    laid = []
    for stretch, own, found, runs in zip(stretches, slots, tables, loose, strict=True):
        full = [table for cells in runs if (table := _fill_run(stretch.lines, own, cells)) is not None]
        layer = _Layer(source, stretch.lines, own, formulas, [*found, *full], column, True)
        laid.append((stretch, layer.pieces()))
    return laid


def _mark_empty(stretch: Stretch, slots: Sequence[Slot], formulas: dict[int, Formula], source: Source) -> None:
    """Holes that no formula was left for: two were taken for one, so what stands in the others is not sure either."""
    for slot in slots:
        if slot.empty < UNFILLED or slot.formulas or slot.index < 0:
            continue
        line = source.line_span(stretch.lines[slot.index].number)
        at = min(line.start + slot.offset, line.stop)
        index = len(formulas)
        formulas[index] = Formula("", Span(at, at), None, Mode.INLINE, Method.UNREAD, lines=("",), why=_NOTHING_LEFT)
        slot.formulas.append(index)


_NOTHING_LEFT = (
    "a formula was taken out here, but the page's formulas were read as fewer than its words have places for"
)


def _fill_run(lines: Sequence[Line], slots: Sequence[Slot], cells: range) -> Filled | None:
    """The table without row labels that these lines and the formulas among them make; its formulas leave their slots."""
    inside = [slot for slot in slots if slot.index in cells]
    standing = [formula for slot in inside for formula in slot.formulas]
    table = filled(lines, cells, len(standing))
    if table is None:
        return None
    for slot in inside:
        slot.formulas.clear()
    rows = tuple(tuple((line, tuple(standing[n] for n in some)) for line, some in row) for row in table.rows)
    return Filled(table.first, table.last, rows)


def _placed(torn: Sequence[TornOut], run: FormulaRun, source: Source) -> dict[int, Formula]:
    """The formulas with their spans; two formulas of one line share it out between them."""
    placed: dict[int, Formula] = {}
    used: dict[int, int] = {}
    for index, formula in enumerate(torn):
        first, last = run.lines[formula.first], run.lines[formula.last]
        opening, closing = source.line_span(first.number), source.line_span(last.number)
        start, stop = opening.start, closing.stop
        if formula.written:
            low = used.get(first.number, 0)
            at = source[opening].find(formula.written[0], low)
            start = opening.start + max(at, 0)
            if formula.first == formula.last:
                stop = start + len(formula.written[0]) if at >= 0 else closing.stop
            else:
                stop = closing.start + min(len(formula.written[-1]), closing.stop - closing.start)
            used[last.number] = stop - closing.start
        placed[index] = formula.formula(Span(start, max(start, stop)))
    return placed


def _set_as_placed(formulas: dict[int, Formula], slots: Sequence[Slot], looks: Sequence[Look]) -> None:
    """Where a formula sets alike in both modes, its place says whether it is a displayed one."""
    for slot in slots:
        for nth, index in enumerate(slot.formulas):
            if index >= len(looks):
                continue
            alone_in_hole = slot.empty >= UNFILLED and len(slot.formulas) == 1
            shown = slot.shows(looks[index], first=not nth) and not alone_in_hole
            if formulas[index].mode is Mode.INLINE and shown:
                formulas[index] = replace(formulas[index], mode=Mode.DISPLAY)
            elif formulas[index].mode is Mode.DISPLAY and not shown and not formulas[index].boxed:
                formulas[index] = replace(formulas[index], mode=Mode.INLINE)


class _Layer:
    """Lays the pieces of one stretch of words."""

    def __init__(
        self,
        source: Source,
        lines: Sequence[Line],
        slots: Sequence[Slot],
        formulas: dict[int, Formula],
        tables: Sequence[Grid | Filled],
        width: float,
        assistant: bool,
    ) -> None:
        self.source, self.lines, self.formulas, self.width = source, lines, formulas, width
        self.tables, self.assistant, self.typed = tables, assistant, True
        self.after: dict[int, list[Slot]] = {}
        for slot in slots:
            if slot.formulas:
                self.after.setdefault(slot.index, []).append(slot)

    def pieces(self) -> list[Piece]:
        """All pieces, in reading order."""
        if self.lines and self.assistant and not self.formulas:
            span = self.source.lines_span(self.lines[0].number, self.lines[-1].number)
            if is_markup(self.source[span]):
                return list(marked_up(self.source[span], span.start))
        out: list[Piece] = [self.formulas[i] for slot in self.after.get(-1, ()) for i in slot.formulas]
        starts = {grid.first: grid for grid in self.tables}
        index = 0
        while index < len(self.lines):
            grid = starts.get(index)
            if grid is not None:
                out.append(self._filled(grid) if isinstance(grid, Filled) else self._table(grid))
                index = grid.last + 1
                continue
            index = self._paragraph(index, out, {grid.first for grid in self.tables})
        return out

    def _paragraph(self, index: int, out: list[Piece], stops: set[int]) -> int:
        """Lay one paragraph; returns the index of the line after it."""
        first = last = index
        while last + 1 < len(self.lines) and last + 1 not in stops and self._flows(last, last + 1):
            if self._next_label(first, last + 1):
                break
            last += 1
        out.extend(self._inside(first, last, heading=first == last))
        return last + 1

    def _flows(self, i: int, j: int) -> bool:
        """Whether line ``j`` goes on with line ``i``'s paragraph."""
        line, after = self.lines[i], self.lines[j]
        if after.number != line.number + 1 or after.begins_with_emoji or _STARTS_PARAGRAPH.match(after.text):
            return False
        if after.begins_with_blank or after.opens_with_punctuation or line.blank:
            return True
        shown = [f for slot in self.after.get(i, ()) for f in slot.formulas]
        if line.ends_in_blank and (shown or not self.assistant):
            # After a hole at a line's end the text goes on only if it does not begin anew.
            return after.begins_lower or not self.assistant
        return line.width + after.first_word > 0.95 * self.width

    def _next_label(self, first: int, j: int) -> bool:
        """Whether line ``j`` begins the next of several parts that the page set as one paragraph, each under its label."""
        before, after = _LABEL.match(self.lines[first].text), _LABEL.match(self.lines[j].text)
        if not self.assistant or before is None or after is None or not self.lines[j].begins_with_blank:
            return False
        return before[1].lower() < after[1].lower() <= chr(ord(before[1].lower()) + 3)

    def _inside(self, first: int, last: int, *, heading: bool = False) -> list[Piece]:
        """The words of lines ``first`` to ``last`` with their formulas, as pieces."""
        out: list[Piece] = []
        spans = [self.source.line_span(self.lines[i].number) for i in range(first, last + 1)]
        start = spans[0].start
        for i in range(first, last + 1):
            line_start = spans[i - first].start
            for slot in self.after.get(i, ()):
                stop = min(line_start + slot.offset, spans[i - first].stop)
                self._say(out, Span(start, max(start, stop)))
                out.extend(self.formulas[f] for f in slot.formulas)
                start = stop
                if slot.offset >= len(self.lines[i].text) and i < last:
                    start = spans[i + 1 - first].start
        alone = heading and not out
        self._say(out, Span(start, max(start, spans[-1].stop)), heading=alone)
        return out

    def _say(self, out: list[Piece], span: Span, *, heading: bool = False) -> None:
        text = self.source[span]
        if not text.strip():
            return
        if heading and self._is_heading(text):
            out.append(Heading(text, span, 2))
        else:
            prose = Prose(text, span, flows=bool(out), wrapped=self.assistant)
            out.extend(typed(prose) if self.typed else [prose])

    def _is_heading(self, text: str) -> bool:
        bare = text.strip()
        if not self.assistant or bare[-1] in ".!?:;," or "\n" in bare or text != text.rstrip(" "):
            return False
        line = Line(0, text)
        if line.words and line.begins_with_emoji and line.width < 0.8 * self.width:
            return True
        return line.is_title and not line.is_label and line.width < 0.6 * self.width

    def _table(self, grid: Grid) -> Table:
        rows: list[tuple[tuple[Piece, ...], ...]] = [tuple(tuple(self._inside(i, i)) for i in grid.header)]
        for row in grid.rows:
            cells: list[tuple[Piece, ...]] = []
            label = self._inside(row.label, row.label)
            cells.append(tuple(piece for piece in label if not isinstance(piece, Formula)))
            alone = [piece for piece in label if isinstance(piece, Formula)]
            said = [tuple(self._inside(cell[0], cell[-1])) for cell in row.cells]
            if grid.formula_cells(row):
                shown = _shared_out(alone, grid.formula_cells(row))
                cells.extend([*said, *shown] if grid.formulas_last(row) else [*shown, *said])
            else:
                cells[0] = (*cells[0], *alone)
                cells.extend(said)
            rows.append(tuple(cells))
        first, last = self.lines[grid.first].number, self.lines[grid.last].number
        return Table(tuple(rows), self.source.lines_span(first, last))

    def _filled(self, grid: Filled) -> Table:
        rows = tuple(
            tuple(
                (*(self._inside(line, line) if line is not None else ()), *(self.formulas[n] for n in some))
                for line, some in row
            )
            for row in grid.rows
        )
        first, last = self.lines[grid.first].number, self.lines[grid.last].number
        return Table(rows, self.source.lines_span(first, last))


def _shared_out(formulas: Sequence[Piece], columns: int) -> list[tuple[Piece, ...]]:
    """Formulas over so many cells, in order; what is left over goes to the first."""
    extra = max(0, len(formulas) - columns)
    cells = [tuple(formulas[: extra + 1])]
    cells += [tuple(formulas[extra + i : extra + i + 1]) for i in range(1, columns)]
    return cells
