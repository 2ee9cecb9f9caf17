"""The pages of a PDF written down: one readable text in reading order, and the turns' pieces with their places in it.

Each row of a page becomes a line of the text; a formula stands in it as ``$…$`` or ``$$…$$``, unread ones as the lines
an extractor would give. Rows that go on with a paragraph belong to one piece of prose.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from statistics import median

from llmgrade.reading.printout_glyphs import Area, Sheet
from llmgrade.reading.printout_lines import ZERO_WIDTH
from llmgrade.reading.printout_rows import Chunk, Row
from llmgrade.reading.printout_sides import Leaf, Sides
from llmgrade.reading.printout_typed import typed
from llmgrade.source import Source, Span
from llmgrade.transcript.model import (
    Annotation,
    Block,
    Formula,
    Heading,
    Method,
    Mode,
    Piece,
    Prose,
    Role,
    Setting,
    Table,
    Turn,
    Unread,
)
from llmgrade.typeset.forward import lines_of

__all__ = ["Written", "write"]

_UNFINISHED = re.compile(
    r"(?:[=<>+\-,]|\\(?:leq?|geq?|neq|approx|sim|propto|to|rightarrow|Rightarrow|implies|iff|cdot|times|in|pm|ll|gg))\s*$"
)
"""LaTeX that a line break of the page cut."""
_MONO = re.compile(r"mono|courier|consol|code|menlo", re.IGNORECASE)


@dataclass(slots=True)
class Written:
    """The source, and what stands in it."""

    source: Source
    turns: tuple[Turn, ...]
    annotations: tuple[Annotation, ...]
    unread: tuple[Unread, ...]
    unread_formulas: int = 0


@dataclass(slots=True)
class _Speech:
    """A turn in the making."""

    role: str
    pieces: list[Piece] = field(default_factory=list)
    start: int = 0
    stop: int = 0


def write(sides: Sides, name: str, size: float) -> Written:
    """Everything on the pages, as text with places."""
    return _Writer(sides, size).all(name)


class _Writer:
    def __init__(self, sides: Sides, size: float) -> None:
        self.sides, self.size = sides, size
        self.text: list[str] = []
        self.length = 0
        self.pages: list[tuple[int, int]] = []
        self.turns: list[_Speech] = []
        self.annotations: list[Annotation] = []
        self.unread: list[Unread] = []
        self.unread_formulas = 0
        self.starts: list[tuple[int, Row]] = []

    def all(self, name: str) -> Written:
        for leaf in self.sides.leaves:
            self.pages.append((self.length, leaf.sheet.number))
            self.starts = []
            self._speech(leaf)
            self._margin(leaf)
            self._furniture(leaf)
        source = Source(name, "".join(self.text), page_starts=tuple(self.pages))
        turns = tuple(
            Turn(
                index,
                Role(speech.role),
                tuple(speech.pieces),
                Span(speech.start, max(speech.start, speech.stop)),
                inferred=self.sides.told_by != "labels",
            )
            for index, speech in enumerate(self.turns)
        )
        return Written(source, turns, tuple(self.annotations), tuple(self.unread), self.unread_formulas)

    def _put(self, text: str) -> Span:
        start = self.length
        self.text.append(text)
        self.length += len(text)
        return Span(start, self.length)

    # speech

    def _speech(self, leaf: Leaf) -> None:
        groups: list[tuple[str, list[Row]]] = []
        labels = {at: (row, role) for row, role, at in leaf.labels}
        for index, (role, row) in enumerate(leaf.speech):
            if not groups or groups[-1][0] != role or index in labels:
                groups.append((role, []))
            groups[-1][1].append(row)
        told = {
            id(rows[0]): labels[at]
            for _, rows in groups
            for at in labels
            if leaf.speech[at : at + 1] and leaf.speech[at][1] is rows[0]
        }
        for role, rows in groups:
            label = told.get(id(rows[0]))
            if label is not None:
                self.unread.append(Unread(self._put(label[0].text), f"names the speaker ({role})"))
                self._put("\n")
            if not self.turns or self.turns[-1].role != role or (label is not None and self.turns[-1].pieces):
                if self.turns:
                    self._put("\n")
                self.turns.append(_Speech(role, start=self.length))
            self._rows(self.turns[-1], rows, leaf)
            self.turns[-1].stop = self.length

    def _rows(self, speech: _Speech, rows: Sequence[Row], leaf: Leaf) -> None:
        right = self.sides.right
        if speech.role == "user":
            inside = [b for b in leaf.bubbles if b.holds(rows[0].x0, rows[0].y + 0.3 * rows[0].size)]
            right = max((row.x1 for row in rows), default=right) if len(rows) > 1 else right
            right = min(right, inside[0].x1) if inside else right
        leading = _leading(rows, self.size)
        index = 0
        while index < len(rows):
            stop = _table_end(rows, index, leading) if speech.role != "user" else index
            if stop > index:
                speech.pieces.append(self._table(rows[index:stop], leaf.sheet))
                index = stop
                continue
            stop = _code_end(rows, index)
            if stop > index:
                speech.pieces.append(self._code(rows[index:stop]))
                index = stop
                continue
            stop = index + 1
            while stop < len(rows) and self._flows(rows[stop - 1], rows[stop], leading, right, leaf.sheet):
                if _table_end(rows, stop, leading) > stop and speech.role != "user":
                    break
                stop += 1
            said = len(speech.pieces)
            self._paragraph(speech, rows[index:stop])
            setting = self._setting(rows[index], leaf.sheet) if speech.role != "user" else Setting.ANSWER
            if setting is not Setting.ANSWER:
                speech.pieces[said:] = [replace(piece, setting=setting) for piece in speech.pieces[said:]]
            index = stop

    def _setting(self, row: Row, sheet: Sheet) -> Setting:
        """Words beside a line down the page are quoted, or, in small type, thought."""
        beside = [
            rule for rule in sheet.rules
            if rule.x1 - rule.x0 < 5 and rule.y0 < row.y + 0.2 * row.size < rule.y1 and rule.y1 - rule.y0 > row.size
        ]  # fmt: skip
        if len(beside) != 1 or not 1 < row.x0 - beside[0].x1 < 2.5 * self.size:
            return Setting.ANSWER
        return Setting.THINKING if row.size < 0.93 * self.size else Setting.QUOTE

    def _flows(self, row: Row, after: Row, leading: float, right: float, sheet: Sheet) -> bool:
        """Whether ``after`` goes on with ``row``'s paragraph."""
        if row.shown or after.shown or abs(row.size - after.size) > 0.6 or row.bold != after.bold:
            return False
        if self._setting(row, sheet) is not self._setting(after, sheet):
            return False
        if row.y - after.y > 1.6 * leading or after.x0 < row.x0 - 2.5 * self.size or _bullet(after, sheet):
            return False
        word = (after.text.split() or ["…"])[0]
        first = after.chunks[0]
        width = first.x1 - first.x0 if first.formula is not None else 0.52 * after.size * len(word)
        return row.x1 + 0.3 * row.size + 0.92 * width > right

    def _paragraph(self, speech: _Speech, rows: Sequence[Row]) -> None:
        heading = len(rows) <= 2 and speech.role != "user" and self._is_heading(rows)
        start: int | None = None
        for number, row in enumerate(rows):
            self.starts.append((self.length, row))
            for chunk in row.chunks:
                if chunk.formula is None:
                    start = self.length if start is None else start
                    self._put(("  " if chunk.gap else "") + chunk.text)
                    continue
                if start is not None:
                    self._close(speech, start, heading)
                    start, heading = None, False
                self._add(speech, self._formula(chunk), goes_on=number > 0 and chunk is row.chunks[0])
            last = number == len(rows) - 1
            if last and start is not None:
                self._close(speech, start, heading)
                start = None
            # A question keeps its own line breaks apart from those that the bubble's width made.
            self._put("\n" if last or speech.role != "user" else " " if self.text[-1][-1:] != " " else "")

    def _add(self, speech: _Speech, formula: Formula, *, goes_on: bool) -> None:
        """Adds a formula; one that begins a line goes on with the one before, where that ended in mid-relation."""
        before = speech.pieces[-1] if speech.pieces else None
        if (
            goes_on
            and isinstance(before, Formula)
            and before.latex is not None
            and formula.latex is not None
            and _UNFINISHED.search(before.latex)
            and before.mode is Mode.INLINE
        ):
            span = before.span | formula.span
            written = self._tail(span.start)[: span.stop - span.start]
            speech.pieces[-1] = replace(
                before,
                written=written,
                span=span,
                latex=f"{before.latex} {formula.latex}",
                cost=max(before.cost, formula.cost),
                lines=(*before.lines, *formula.lines),
            )
            return
        speech.pieces.append(formula)

    def _close(self, speech: _Speech, start: int, heading: bool) -> None:
        text = self._tail(start)
        if not text.strip():
            return
        span = Span(start, start + len(text))
        if heading:
            speech.pieces.append(Heading(text, span, 2))
        else:
            prose = Prose(text, span)
            speech.pieces.extend(typed(prose) if speech.role != "user" else [prose])

    def _tail(self, start: int) -> str:
        """The text written since ``start``."""
        tail: list[str] = []
        length = self.length
        for part in reversed(self.text):
            if length <= start:
                break
            tail.append(part)
            length -= len(part)
        return "".join(reversed(tail))[start - length :] if length <= start else ""

    def _is_heading(self, rows: Sequence[Row]) -> bool:
        words = rows[0].text
        if not words or any(chunk.gap for row in rows for chunk in row.chunks):
            return False
        larger = all(row.size > 1.08 * self.size for row in rows)
        bold = all(row.bold for row in rows) and words[-1] not in ".:;,!?"
        return larger or bold

    def _formula(self, chunk: Chunk) -> Formula:
        found = chunk.formula
        assert found is not None
        mode = Mode.DISPLAY if found.mode == "display" else Mode.INLINE
        lines = _flattened(chunk)
        if found.latex is None:
            self.unread_formulas += 1
            span = self._put(" ".join(lines).replace(ZERO_WIDTH, "").strip() or "\ufffd")
            written = self._tail(span.start)
            why = found.reason or "the glyphs make no formula that is known"
            return Formula(written, span, None, mode, Method.UNREAD, lines=lines, why=why)
        mark = "$$" if mode is Mode.DISPLAY else "$"
        self._put(mark)
        span = self._put(found.latex)
        self._put(mark)
        return Formula(
            found.latex,
            span,
            found.latex,
            mode,
            Method.PDF,
            round(1.0 - found.confidence, 4),
            boxed="\\boxed" in found.latex,
            lines=lines,
        )

    def _code(self, rows: Sequence[Row]) -> Block:
        start = self.length
        left = min(row.x0 for row in rows)
        for number, row in enumerate(rows):
            indent = round((row.x0 - left) / (0.6 * row.size))
            self._put(
                " " * indent + "".join(chunk.text for chunk in row.chunks) + ("\n" if number < len(rows) - 1 else "")
            )
        span = Span(start, self.length)
        block = Block(self._tail(start), span)
        self._put("\n")
        return block

    # tables

    def _table(self, rows: Sequence[Row], sheet: Sheet) -> Table:
        start = self.length
        edges = _columns(rows)
        laid: list[tuple[tuple[Piece, ...], ...]] = []
        for group in _table_rows(rows, sheet):
            cells: list[list[Chunk]] = [[] for _ in edges]
            written = [0.0] * len(edges)
            for row in group:
                for chunk in row.chunks:
                    column = max((i for i, edge in enumerate(edges) if edge <= chunk.x0 + 3), default=0)
                    if cells[column] and chunk.formula is None and written[column] != row.y:
                        chunk.text = " " + chunk.text.lstrip()
                    written[column] = row.y
                    cells[column].append(chunk)
            laid.append(tuple(self._cell(cell, last=i == len(cells) - 1) for i, cell in enumerate(cells)))
            self._put("\n")
        return Table(tuple(laid), Span(start, self.length))

    def _cell(self, chunks: Iterable[Chunk], *, last: bool) -> tuple[Piece, ...]:
        speech = _Speech("assistant")
        start: int | None = None
        for chunk in chunks:
            if chunk.formula is None:
                start = self.length if start is None else start
                self._put(chunk.text)
                continue
            if start is not None:
                self._close(speech, start, heading=False)
                start = None
            speech.pieces.append(self._formula(chunk))
        if start is not None:
            self._close(speech, start, heading=False)
        if not last:
            self._put(" | ")
        return tuple(speech.pieces)

    # margin and furniture

    def _margin(self, leaf: Leaf) -> None:
        for group in leaf.boxes:
            text = " ".join(row.text for row in group)
            self._note(text, leaf, group[0].y)
        for note in leaf.sheet.notes:
            self._note(note.text, leaf, (note.area.y0 + note.area.y1) / 2, note.area)

    def _note(self, text: str, leaf: Leaf, y: float, area: Area | None = None) -> None:
        span = self._put(text)
        self._put("\n")
        self.annotations.append(Annotation(text.replace("\n", " "), span, leaf.sheet.number, self._anchor(y, area)))

    def _anchor(self, y: float, area: Area | None) -> Span | None:
        """The words beside the note; all of the page's where it stands below or above them."""
        if not self.starts:
            return None
        beside = [at for at, row in self.starts if area is not None and area.y0 - 4 <= row.y <= area.y1 + 4]
        if area is not None and beside:
            return Span(min(beside), self._line_end(max(beside)))
        return Span(self.starts[0][0], self._line_end(self.starts[-1][0]))

    def _line_end(self, at: int) -> int:
        following = [start for start, _ in self.starts if start > at]
        return min(following) - 1 if following else self.turns[-1].stop

    def _furniture(self, leaf: Leaf) -> None:
        for row, why in leaf.furniture:
            self.unread.append(Unread(self._put(row.text), why))
            self._put("\n")


def _flattened(chunk: Chunk) -> tuple[str, ...]:
    """The formula's lines as an extractor gives them: for recognising candidates where the glyphs alone do not do."""
    glyphs = [g for g in chunk.glyphs if g.char != " "]
    if not glyphs:
        return ()
    em = max(g.size for g in glyphs)
    return tuple(lines_of([(g.x / em, g.y / em, g.size / em, g.char, g.width / em, g.font) for g in glyphs]))


def _leading(rows: Sequence[Row], size: float) -> float:
    """The usual distance from row to row."""
    gaps = [a.y - b.y for a, b in zip(rows, rows[1:], strict=False) if 0.8 * size < a.y - b.y < 2.4 * size]
    return median(gaps) if gaps else 1.6 * size


def _bullet(row: Row, sheet: Sheet) -> bool:
    """Whether a list's mark stands left of the row."""
    return any(
        area.width < 0.6 * row.size
        and area.height < 0.6 * row.size
        and row.x0 - 2.6 * row.size < area.x1 < row.x0
        and row.y - 0.2 * row.size < area.y0 < row.y + 0.8 * row.size
        for area in sheet.areas
    ) or bool(re.match(r"^(?:\(?[a-z]\)|\([ivx]+\)|\d+[.)]|[•◦▪–-])\s", row.text))


def _code_end(rows: Sequence[Row], start: int) -> int:
    stop = start
    while stop < len(rows) and _MONO.search(rows[stop].font) and not any(c.formula for c in rows[stop].chunks):
        stop += 1
    return stop


def _table_end(rows: Sequence[Row], start: int, leading: float) -> int:
    """The index after a table that begins at ``start``, or ``start`` where none does."""
    if not any(chunk.gap for chunk in rows[start].chunks):
        return start
    edges = [chunk.x0 for chunk in rows[start].chunks if chunk.gap or chunk is rows[start].chunks[0]]
    stop, wide = start, 0
    while stop < len(rows):
        row = rows[stop]
        begins = [chunk.x0 for chunk in row.chunks if chunk.gap or chunk is row.chunks[0]]
        fits = all(any(abs(x - edge) < 4 for edge in edges) for x in begins)
        spread = len(begins) > 1
        if not (fits or (spread and stop > start)):
            break
        if not spread and row.x0 <= edges[0] + 4 and (row.x1 > edges[1] or rows[stop - 1].y - row.y > 2.6 * leading):
            break
        wide += spread
        stop += 1
    return stop if wide >= 2 else start


def _columns(rows: Sequence[Row]) -> list[float]:
    """Where the table's columns begin."""
    starts = sorted(c.x0 for row in rows for c in row.chunks if c.gap or c is row.chunks[0])
    edges: list[float] = []
    for x in starts:
        if not edges or x - edges[-1] > 12:
            edges.append(x)
    return edges


def _table_rows(rows: Sequence[Row], sheet: Sheet) -> list[list[Row]]:
    """Rows of the page that make one row of the table each: between the rules that part them, else by distance."""
    top, bottom = max(row.top for row in rows) + 4, min(row.y for row in rows) - 12
    cuts = sorted(
        {
            round(rule.y0)
            for rule in sheet.rules
            if rule.y1 - rule.y0 < 2
            and rule.x1 - rule.x0 > 25
            and bottom < rule.y0 < top
            and not _crossed(rule.y0, rows)
        },
        reverse=True,
    )
    if len(cuts) >= 2:
        groups: list[list[Row]] = [[] for _ in range(len(cuts) + 1)]
        for row in rows:
            groups[sum(row.y < cut for cut in cuts)].append(row)
        return [group for group in groups if group]
    groups = []
    for row in rows:
        spread = sum(chunk.gap for chunk in row.chunks)
        near = groups and groups[-1][-1].y - row.y < 0.9 * row.size
        if groups and (near or not spread):
            groups[-1].append(row)
        else:
            groups.append([row])
    return groups


def _crossed(y: float, rows: Sequence[Row]) -> bool:
    """Whether a rule stands inside a row: a fraction bar, an underline."""
    return any(row.y + 0.1 * row.size < y < row.y + 0.7 * row.size for row in rows)
