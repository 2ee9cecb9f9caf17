"""The PDF of a printed chat page itself: formulas from the glyphs' places, turns from the layout, notes from annotations."""

from __future__ import annotations

from collections.abc import Iterator

from llmgrade.errors import UnreadableInput
from llmgrade.limits import Limits
from llmgrade.reading.opening import Input, Looks
from llmgrade.reading.printout_drawn import drawn_formulas
from llmgrade.reading.printout_glyphs import Sheet, sheets
from llmgrade.reading.printout_rows import body_size, formulas_of, rows_of
from llmgrade.reading.printout_sides import Sides, sides_of
from llmgrade.reading.printout_writing import Written, write
from llmgrade.transcript.model import Transcript

__all__ = ["read", "sniff"]

_ID = "pdf"


def sniff(input: Input) -> float:
    """Whether the file begins as PDFs do (stray bytes before it are allowed, and a damaged first line)."""
    return 1.0 if input.looks is Looks.PDF else 0.0


def read(input: Input, limits: Limits) -> Iterator[Transcript]:
    """The one conversation of a PDF.

    Raises:
        UnreadableInput: encrypted, damaged, without text (scanned), or no PDF library is installed.
    """
    found = list(sheets(input.data, input.name, limits))
    if not any(glyph.char.strip() for sheet in found for glyph in sheet.glyphs):
        pictures = any(sheet.pictures for sheet in found)
        reason = "the PDF holds pictures of pages and no text" if pictures else "the PDF holds no text"
        raise UnreadableInput(input.name, reason, hint="run it through text recognition (OCR), or print the chat again")
    size = body_size(found)
    formulas = [formulas_of(sheet) for sheet in found]
    if not any(formulas):
        formulas = [drawn_formulas(sheet, size) for sheet in found]
    pages = [(sheet, rows_of(sheet, here)) for sheet, here in zip(found, formulas, strict=True)]
    sides = sides_of(pages, size)
    written = write(sides, input.name, size)
    yield Transcript(
        written.source,
        _ID,
        written.turns,
        annotations=written.annotations,
        unread=written.unread,
        title=sides.title,
        notes=tuple(_notes(sides, written, found)),
        attempts_inferred=True,
    )


def _notes(sides: Sides, written: Written, found: list[Sheet]) -> list[str]:
    said = {
        "labels": None,
        "bubbles": "turns were told apart by the bubbles that a user's words stand in",
        "indents": "turns were told apart by the indent of a user's words",
        "words": "nothing on the pages says who speaks: turns were told apart by the layout of the words",
    }[sides.told_by]
    notes = [said] if said else []
    if written.unread_formulas:
        notes.append(f"{written.unread_formulas} formulas could not be rebuilt from their glyphs; their lines are kept")
    empty = [str(sheet.number) for sheet in found if sheet.pictures and not sheet.glyphs]
    if empty:
        notes.append(f"pages without text (pictures only): {', '.join(empty)}")
    return notes
