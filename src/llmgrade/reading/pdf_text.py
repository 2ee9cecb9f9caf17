"""Text out of a PDF printout of a chat page: pages with furniture and margin notes, turns, words and torn-out formulas."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from llmgrade.errors import UnreadableInput
from llmgrade.limits import Deadline, Limits
from llmgrade.reading.decoding import decode
from llmgrade.reading.extractor_habits import Habit, habit_of
from llmgrade.reading.extractor_pages import Laid, laid_out
from llmgrade.reading.opening import Input
from llmgrade.reading.printout_formulas import RunReader, doubt, look_of
from llmgrade.reading.printout_lines import ZERO_WIDTH
from llmgrade.reading.printout_pages import Pages, notes_of, pages_of
from llmgrade.reading.printout_pieces import TornOut, message_pieces
from llmgrade.reading.printout_places import Look, Slot
from llmgrade.reading.printout_repair import repair
from llmgrade.reading.printout_scraps import rejoined
from llmgrade.reading.printout_told import sniff
from llmgrade.reading.printout_turns import Talk, told_apart
from llmgrade.source import Source, Span
from llmgrade.transcript import model
from llmgrade.transcript.model import Annotation, Formula, Method, Piece, Reading, Role, Table, Transcript, Turn, Unread
from llmgrade.typeset.forward import flatten
from llmgrade.typeset.inverse_stream import StreamFormula
from llmgrade.typeset.latex import LatexError

__all__ = ["read", "sniff", "transcript_of"]

_ID = "pdf-text"
_BY_LAYOUT = "nothing in the text says who speaks: turns were told apart by the page's layout"
_READING_SECONDS = 120.0
"""Time for reading the formulas of one printout back (seconds); those not reached keep their lines and say so."""
_PAGE_SECONDS = 48.0
"""The same for one page with formulas."""


def read(input: Input, limits: Limits) -> Iterator[Transcript]:
    """The one conversation of a printout."""
    decoded = decode(input.data, input.name, mend=False)
    repaired = repair(decoded.text)
    yield transcript_of(repaired.text, input.name, limits, (*decoded.notes, *repaired.notes))


def transcript_of(text: str, name: str, limits: Limits, notes: tuple[str, ...] = ()) -> Transcript:
    """The conversation that a printout's (repaired) text holds.

    Raises:
        UnreadableInput: the text is empty.
    """
    if not text.strip():
        raise UnreadableInput(name, "the file is empty")
    text = _PAGE_BREAK.sub("\n\f", text)
    lines = text.split("\n")
    pages = pages_of(lines)
    source = Source(name, text)
    if pages.paged:
        starts = tuple((source.line_span(page.first).start, page.number) for page in pages.pages)
        source = Source(name, text, page_starts=starts)
    habit = habit_of(pages.pages, lines)
    if habit is not Habit.TORN:
        return _out_of_order(laid_out(pages.pages, lines, source, habit), pages, lines, source, notes)
    talk = told_apart(pages.pages, lines)
    reader = _FormulaReader(talk, limits)
    pieces = message_pieces(talk, source, reader)
    turns: list[Turn] = []
    for message, laid in zip(talk.messages, pieces, strict=True):
        numbers = [line.number for stretch in message.stretches for line in stretch.lines]
        numbers += [message.label.number] if message.label is not None else []
        cover = Span.cover([*_spans(laid), *(source.line_span(n) for n in numbers)])
        if cover is None:
            continue
        turns.append(Turn(len(turns), Role(message.role), laid, cover, inferred=not talk.labelled))
    return Transcript(
        source,
        _ID,
        tuple(turns),
        annotations=_annotations(pages, lines, source),
        unread=_set_aside(pages, talk, source),
        title=pages.title,
        notes=(*notes, *_notes(pages, talk, turns, reader)),
        attempts_inferred=True,
    )


_PAGE_BREAK = re.compile(r"(?<=[^\n])\f")
"""A page's end in the midst of a line, where pages were joined by it alone."""


def _out_of_order(
    found: Laid, pages: Pages, lines: Sequence[str], source: Source, notes: tuple[str, ...]
) -> Transcript:
    """What the lines of other extractors than PyMuPDF hold."""
    turns = tuple(
        Turn(index, Role(role), pieces, cover, inferred=not found.labelled)
        for index, (role, pieces, cover) in enumerate(found.turns)
    )
    aside = [*(each for page in pages.pages for each in page.furniture), *found.aside]
    told = () if found.labelled or not turns else (_BY_LAYOUT,)
    return Transcript(
        source,
        _ID,
        turns,
        annotations=_annotations(pages, lines, source),
        unread=tuple(Unread(source.line_span(number), why) for number, why in sorted(aside)),
        title=pages.title,
        notes=(*notes, *told, *found.notes),
        attempts_inferred=True,
    )


def _spans(pieces: Iterable[Piece]) -> Iterator[Span]:
    """Where pieces stand, those in a table's cells included: a cell's formula stands far from its words."""
    for piece in pieces:
        yield piece.span
        if isinstance(piece, Table):
            for row in piece.rows:
                for cell in row:
                    yield from _spans(cell)


class _FormulaReader:
    """Reads runs of formula lines, each with its share of the work that a whole printout may cost."""

    def __init__(self, talk: Talk, limits: Limits) -> None:
        pages = len({run.page.number for run in talk.runs})
        seconds = min(_PAGE_SECONDS * pages, _READING_SECONDS, limits.transcript_seconds)
        runs = [[line.text for line in run.lines] for run in talk.runs]
        self._reader = RunReader(runs, _roots_asked_for(talk), Deadline.work(seconds))
        self.unread = 0

    def __call__(self, lines: Sequence[str], slots: Sequence[Slot]) -> Sequence[TornOut]:
        found = rejoined(self._reader.formulas(lines, slots), lines)
        self.unread += sum(1 for formula in found if not formula.readings)
        return [_torn_out(formula) for formula in found]


_ROOT = re.compile(r"√\s*\(?\s*(\w)")


def _roots_asked_for(talk: Talk) -> list[str]:
    """Roots that the person's messages name in words of the page, as LaTeX: an answer is likely to have them too."""
    words = " ".join(line.text for m in talk.messages if m.role == "user" for s in m.stretches for line in s.lines)
    return [rf"\sqrt{{{char}}}" for char in dict.fromkeys(_ROOT.findall(words))]


def _torn_out(found: StreamFormula) -> TornOut:
    def formula(span: Span) -> Formula:
        mode = model.Mode.DISPLAY if found.mode == "display" else model.Mode.INLINE
        written = "\n".join(found.written)
        if not found.readings:
            why = "these lines fit no formula that could be set like this (or the time for reading them was up)"
            return Formula(written, span, None, mode, Method.UNREAD, lines=found.written, why=why)
        ranked = sorted(found.readings, key=doubt)
        best, *others = ranked
        return Formula(
            written,
            span,
            best.latex,
            mode,
            Method.INVERSE,
            doubt(best),
            tuple(Reading(other.latex, doubt(other)) for other in others),
            boxed="\\boxed" in best.latex,
            lines=found.written,
        )

    return TornOut(found.first, found.last, found.written, formula, _look_of(found))


def _look_of(found: StreamFormula) -> Look:
    """Whether a formula looks inline or displayed; one that is set alike in both modes tells by its length and end alone."""
    look = look_of(found)
    if max(look) < _SETTLED or not found.readings or "\\boxed" in found.readings[0].latex:
        return look
    latex = found.readings[0].latex
    try:
        alike = flatten(latex, "display") == flatten(latex, "inline")
    except LatexError:
        return look
    if not alike:
        return look
    closed = latex.rstrip().endswith((".", ","))
    return Look(3.0 if closed else 0.8 if len(found.written) > _LONG else 0.3, 0.3)


_SETTLED = 6.0
"""From here on a look is as good as certain."""
_LONG = 6
"""From more lines on a formula that is set alike in both modes is likely a displayed one."""


def _annotations(pages: Pages, lines: Sequence[str], source: Source) -> tuple[Annotation, ...]:
    found = []
    for page, note in notes_of(pages.pages, lines):
        anchor = source.lines_span(page.body[0], page.body[-1]) if page.body else None
        span = source.lines_span(note.lines[0], note.lines[-1])
        found.append(Annotation(note.text, span, page.number, anchor, note.fragment))
    return tuple(found)


def _set_aside(pages: Pages, talk: Talk, source: Source) -> tuple[Unread, ...]:
    aside = [(number, why) for page in pages.pages for number, why in page.furniture]
    aside += [(m.label.number, f"names the speaker ({m.role})") for m in talk.messages if m.label is not None]
    return tuple(Unread(source.line_span(number), why) for number, why in sorted(aside))


def _notes(pages: Pages, talk: Talk, turns: Sequence[Turn], reader: _FormulaReader) -> list[str]:
    notes = []
    if not talk.labelled and turns:
        notes.append(_BY_LAYOUT)
    if talk.runs and not any(ZERO_WIDTH in line.text for run in talk.runs for line in run.lines):
        notes.append(
            "the formulas' lines carry no marks (U+200B) where scripts and fractions end: "
            "their reading is less certain than with PyMuPDF 1.24 or later"
        )
    if talk.in_sight:
        notes.append(
            "the extractor kept formulas in sight, their scripts and fractions on lines of their own: they cannot be read "
            "safely and are shown as words; give the PDF itself, or its text as PyMuPDF extracts it"
        )
    if reader.unread:
        notes.append(f"{reader.unread} formulas could not be read back; their lines are kept")
    return notes
