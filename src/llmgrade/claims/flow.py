"""A turn as one running text in which every formula is a single character, with the way back to the source.

Prose and formulas stand in different places of a printout, but are spoken in one breath. Here they are joined, so that
one pattern can say "if ￼, the elbow shifts right"; `Flow.span` leads back to the words in the source.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field

from llmgrade.claims.lexicon import FORMULA
from llmgrade.source import Source, Span
from llmgrade.transcript.model import Block, Formula, Heading, Mode, Piece, Prose, Setting, Table, Turn

__all__ = ["BREAK", "Cell", "Flow", "Run", "flow_of", "plain"]

BREAK = "\u2029"
"""A break between two lines that no wrapping explains (a heading, a display, a cell)."""
# How far (code points) a formula may stand from words and still be quoted in one stretch with them: its delimiters.
_NEAR = 6
_MARKED = re.compile(r"[*_`]")


@dataclass(frozen=True, slots=True)
class Cell:
    """Where in which table a run stands."""

    table: int
    row: int
    column: int
    header: bool


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of the flow: words (offset ``source`` onward, character by character), or one formula."""

    start: int
    stop: int
    source: int
    formula: Formula | None = None
    heading: int = 0
    """Level of the heading this run is, 0 for none."""
    cell: Cell | None = None


@dataclass(frozen=True)
class Flow:
    """One turn's speech; offsets of this class count in ``text``."""

    source: Source = field(repr=False)
    text: str
    runs: tuple[Run, ...] = field(repr=False)
    starts: tuple[int, ...] = field(repr=False)
    places: tuple[tuple[int, Formula], ...] = field(default=(), repr=False)
    """Every formula with its place, in order."""
    positions: tuple[int, ...] = field(default=(), repr=False)
    memo: dict[tuple[int, int], tuple[object, ...]] = field(default_factory=dict, repr=False, compare=False)
    """What `clauses` found in a stretch, which several finders ask for."""

    def run_at(self, at: int) -> Run | None:
        """The run that covers ``at``, None for a synthetic break."""
        index = bisect_right(self.starts, at) - 1
        if index < 0 or at >= self.runs[index].stop:
            return None
        return self.runs[index]

    def runs_in(self, start: int, stop: int) -> tuple[Run, ...]:
        """The runs that touch ``[start, stop)``, in order."""
        first = max(0, bisect_right(self.starts, start) - 1)
        found = []
        for run in self.runs[first:]:
            if run.start >= stop:
                break
            if run.stop > start:
                found.append(run)
        return tuple(found)

    def formulas(self, start: int, stop: int) -> tuple[tuple[int, Formula], ...]:
        """The formulas within ``[start, stop)`` with their places."""
        return self.places[bisect_left(self.positions, start) : bisect_left(self.positions, stop)]

    def formula_at(self, at: int) -> Formula | None:
        run = self.run_at(at)
        return run.formula if run is not None else None

    def span(self, start: int, stop: int) -> Span:
        """The source's stretch of words in ``[start, stop)``, with the formulas that stand among or right beside them.

        A formula printed elsewhere on the page is left out: it has a span of its own.
        """
        spans: list[Span] = []
        apart: list[Span] = []
        for run in self.runs_in(start, stop):
            if run.formula is not None:
                apart.append(run.formula.span)
                continue
            first, last = max(start, run.start), min(stop, run.stop)
            words = self.text[first:last]
            inner = words.strip()
            if inner:
                begin = run.source + first - run.start + len(words) - len(words.lstrip())
                spans.append(Span(begin, begin + len(inner)))
        if not spans:
            spans, apart = apart[:1], apart[1:]
        if not spans:
            at = self.offset(start)
            return Span(at, at)
        cover = _cover(spans)
        for span in apart:
            if span.start <= cover.stop + _NEAR and span.stop >= cover.start - _NEAR:
                cover = cover | span
        return cover

    def offset(self, at: int) -> int:
        """The source's offset of a place in the flow (the nearest one before it, where it is a break)."""
        index = max(0, bisect_right(self.starts, at) - 1)
        if not self.runs:
            return 0
        run = self.runs[index]
        if run.formula is not None:
            return run.formula.span.start
        return run.source + min(max(at - run.start, 0), run.stop - run.start)

    def show(self, start: int, stop: int) -> str:
        """The stretch for people: formulas as ``$LaTeX$``, white space closed up."""
        parts = []
        at = start
        for place, formula in self.formulas(start, stop):
            parts.append(self.text[at:place])
            parts.append(_shown(formula))
            at = place + 1
        parts.append(self.text[at:stop])
        return plain("".join(parts))


def _shown(formula: Formula) -> str:
    return f"${formula.latex if formula.latex is not None else formula.written.strip()}$"


def plain(text: str) -> str:
    """Text without emphasis marks and with single blanks.

    >>> plain("**(a)**  the\\n slope")
    '(a) the slope'
    """
    if not _MARKED.search(text):
        return " ".join(text.replace(BREAK, " ").split())
    text = re.sub(r"\*\*|__|(?<!\w)[*`](?=\S)|(?<=\S)[*`](?!\w)", "", text.replace(BREAK, " "))
    return " ".join(text.split())


def _cover(spans: list[Span]) -> Span:
    return Span(min(s.start for s in spans), max(s.stop for s in spans))


class _Joiner:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.parts: list[str] = []
        self.runs: list[Run] = []
        self.length = 0
        self.tables = 0
        self.last_stop: int | None = None

    def put(self, text: str) -> None:
        self.parts.append(text)
        self.length += len(text)

    def ends_line(self) -> bool:
        return not self.parts or self.parts[-1][-1:] in {"\n", BREAK}

    def brk(self) -> None:
        if not self.parts or not self.parts[-1].endswith(BREAK):
            self.put(BREAK)

    def gap(self, start: int, *, prose: bool, flows: bool = False) -> None:
        """Keep the line break or blank that stood between two pieces."""
        text = self.source.text
        if self.ends_line():
            return
        if flows:
            if text[start : start + 1].isalnum():
                self.put(" ")
            return
        if self.last_stop is not None and self.last_stop <= start and start - self.last_stop < 200:
            between = text[self.last_stop : start]
            if not between.strip(" \t\n\r*_$\\()[]>"):
                if between.count("\n") > 1:
                    self.put("\n\n")
                elif "\n" in between:
                    self.put("\n")
                elif between and between[0].isspace():
                    self.put(" ")
                return
        if prose and start > 0 and text[start - 1] == "\n":
            self.put("\n")

    def add_words(self, text: str, start: int, heading: int, cell: Cell | None) -> None:
        if not text:
            return
        shown = text.replace(FORMULA, "□").replace(BREAK, "\n").replace("\r", " ")
        if heading:
            # A heading is one line however it is wrapped.
            shown = shown.replace("\n", " ")
        self.runs.append(Run(self.length, self.length + len(shown), start, None, heading, cell))
        self.put(shown)
        self.last_stop = start + len(text)

    def add_formula(self, formula: Formula, heading: int, cell: Cell | None) -> None:
        self.runs.append(Run(self.length, self.length + 1, formula.span.start, formula, heading, cell))
        self.put(FORMULA)
        self.last_stop = formula.span.stop

    def piece(self, piece: Piece, cell: Cell | None = None) -> None:
        if piece.setting is not Setting.ANSWER:
            self.brk()
            self.last_stop = None
            return
        if isinstance(piece, Table):
            self.table(piece)
        elif isinstance(piece, Heading):
            self.brk()
            text, start = _own(self.source, piece.text, piece.span)
            self.add_words(text, start, max(1, piece.level), cell)
        elif isinstance(piece, Formula):
            if piece.mode is Mode.DISPLAY and cell is None:
                self.brk()
                self.add_formula(piece, 0, cell)
                self.brk()
            else:
                self.gap(piece.span.start, prose=False)
                self.add_formula(piece, self.open_heading(piece), cell)
        elif isinstance(piece, Prose):
            if self.heading_is_over(piece):
                self.brk()
            text, start = _own(self.source, piece.text, piece.span)
            self.gap(start, prose=True, flows=piece.flows)
            if piece.wrapped:
                text = text.replace("\n", " ")
            self.add_words(text, start, self.open_heading(piece), cell)
        elif isinstance(piece, Block):
            self.brk()
            self.last_stop = None

    def open_heading(self, piece: Prose | Formula) -> int:
        """The level of the heading whose line goes on with this piece: readers may hand a heading over in bits."""
        last = self.runs[-1] if self.runs else None
        if last is None or not last.heading or self.ends_line():
            return 0
        return 0 if self.heading_is_over(piece) else last.heading

    def heading_is_over(self, piece: Prose | Formula) -> bool:
        last = self.runs[-1] if self.runs else None
        if last is None or not last.heading:
            return False
        if isinstance(piece, Formula):
            # In a printout a heading's formula stands elsewhere; in a text it stands on the heading's own line.
            return piece.mode is Mode.DISPLAY
        if self.last_stop is None:
            return True
        between = self.source.text[self.last_stop : piece.span.start]
        return "\n" in between or piece.text.startswith("\n") or len(between) > 80

    def table(self, table: Table) -> None:
        number = self.tables
        self.tables += 1
        self.brk()
        for row, cells in enumerate(table.rows):
            for column, pieces in enumerate(cells):
                cell = Cell(number, row, column, table.header and row == 0)
                if not pieces:
                    self.runs.append(Run(self.length, self.length, table.span.start, None, 0, cell))
                for piece in pieces:
                    self.piece(piece, cell)
                self.put(BREAK)
        self.last_stop = None


def _own(source: Source, text: str, span: Span) -> tuple[str, int]:
    """A piece's words as they stand in the source, and where: readers may have trimmed marks off a heading."""
    whole = source[span]
    if whole == text:
        return text, span.start
    at = whole.find(text)
    return (text, span.start + at) if text and at != -1 else (whole, span.start)


def flow_of(turn: Turn, source: Source) -> Flow:
    """What the writer says in this turn; thinking, tools, quotes and hidden text are left out."""
    joiner = _Joiner(source)
    for piece in turn.pieces:
        joiner.piece(piece)
    runs = tuple(joiner.runs)
    places = tuple((run.start, run.formula) for run in runs if run.formula is not None)
    starts = tuple(run.start for run in runs)
    return Flow(source, "".join(joiner.parts), runs, starts, places, tuple(place for place, _ in places))
