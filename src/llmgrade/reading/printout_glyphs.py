"""The pages of a PDF as plain values: glyphs in content order, drawn rules, filled areas, and annotations.

The only file that has met a PDF library. pdfplumber is imported when a PDF is read and not before.
"""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from llmgrade.errors import UnreadableInput
from llmgrade.limits import Limits
from llmgrade.reading.printout_lines import ZERO_WIDTH
from llmgrade.typeset.glyphs import PageGlyph, PageRule

__all__ = ["Area", "PageNote", "Sheet", "sheets"]

_CID = re.compile(r"^\(cid:\d+\)$")
_LIGATURES = {0xFB00: "ff", 0xFB01: "fi", 0xFB02: "fl", 0xFB03: "ffi", 0xFB04: "ffl", 0xFB05: "st", 0xFB06: "st"}
_SMALLEST = 0.1
"""Points; damaged and hidden text may have no size at all."""
_MOST_PAGES = 2_000
_MOST_GLYPHS = 3_000_000
_NOTES = frozenset(
    (
        "FreeText",
        "Text",
        "Highlight",
        "Underline",
        "StrikeOut",
        "Squiggly",
        "Stamp",
        "Square",
        "Circle",
        "Line",
        "Ink",
        "Caret",
    )
)


@dataclass(frozen=True, slots=True)
class Area:
    """A filled rectangle (or path, by its bounding box), in points, y up."""

    x0: float
    y0: float
    x1: float
    y1: float
    drawn: str = "rect"
    """``rect``, or ``path`` where its corners are round."""
    colour: str = ""
    """What it is filled with, as the PDF says; printers may leave backgrounds out and fill in white."""

    @property
    def width(self) -> float:
        return self.x1 - self.x0

    @property
    def height(self) -> float:
        return self.y1 - self.y0

    def holds(self, x: float, y: float) -> bool:
        """Whether a point lies inside."""
        return self.x0 - 1 <= x <= self.x1 + 1 and self.y0 - 1 <= y <= self.y1 + 1


@dataclass(frozen=True, slots=True)
class PageNote:
    """An annotation of the PDF: its words and where it stands."""

    text: str
    area: Area
    kind: str


@dataclass
class Sheet:
    """One page; ``coloured`` are the indices of glyphs that are not painted black or grey."""

    number: int
    width: float
    height: float
    glyphs: list[PageGlyph] = field(default_factory=list)
    rules: list[PageRule] = field(default_factory=list)
    areas: list[Area] = field(default_factory=list)
    notes: list[PageNote] = field(default_factory=list)
    coloured: set[int] = field(default_factory=set)
    pictures: int = 0

    @cached_property
    def edges(self) -> list[tuple[float, float, float]]:
        """Where the cells of ruled tables meet: ``(x, lowest y, highest y)`` of thin rules that end where others begin."""
        thin = [rule for rule in self.rules if rule.y1 - rule.y0 < 2 and rule.x1 - rule.x0 > 12]
        meets: dict[int, list[float]] = {}
        begins = {(round(rule.x0), round(rule.y0)) for rule in thin}
        for rule in thin:
            if (round(rule.x1), round(rule.y0)) in begins:
                meets.setdefault(round(rule.x1), []).append(rule.y0)
        return [(float(x), min(ys), max(ys)) for x, ys in meets.items()]


def sheets(data: bytes, name: str, limits: Limits) -> Iterator[Sheet]:
    """The pages of a PDF, one by one.

    Raises:
        UnreadableInput: no PDF library is installed; the file is encrypted or damaged, or has too many pages.
    """
    try:
        import pdfplumber
    except ImportError:
        raise UnreadableInput(
            name, "reading a PDF needs pdfplumber, which is not installed", hint="pip install 'llmgrade[pdf]'"
        ) from None
    # What the library finds odd in a font is of no use to the reader of a chat.
    logging.getLogger("pdfminer").setLevel(logging.ERROR)
    try:
        pdf = pdfplumber.open(io.BytesIO(data))
    except Exception as error:  # pdfminer raises anything at all on damaged files, plain Exceptions included
        raise _refusal(name, error) from None
    with ExitStack() as closing:
        closing.callback(lambda: _closed(pdf))
        pages = _guarded(name, lambda: pdf.pages)
        if len(pages) > _MOST_PAGES:
            raise UnreadableInput(name, f"the PDF has {len(pages)} pages (limit {_MOST_PAGES})")
        left = _MOST_GLYPHS
        for page in pages:
            sheet = _guarded(name, lambda page=page: _sheet(page))
            left -= len(sheet.glyphs)
            if left < 0:
                raise UnreadableInput(name, f"the PDF has more than {_MOST_GLYPHS:,} characters")
            page.close()
            yield sheet


def _closed(pdf: Any) -> None:
    with suppress(Exception):  # closing reads a damaged file's pages once more
        pdf.close()


def _guarded(name: str, call: Any) -> Any:
    try:
        return call()
    except UnreadableInput:
        raise
    except (Exception, RecursionError) as error:  # as above: the library's own faults on damaged files
        raise _refusal(name, error) from None


def _refusal(name: str, error: BaseException) -> UnreadableInput:
    said = f"{type(error).__name__} {error}"
    inner = error.args[0] if error.args and isinstance(error.args[0], BaseException) else error
    if "Password" in type(inner).__name__ or "Password" in said or "ncrypt" in said:
        return UnreadableInput(
            name, "the PDF is encrypted and asks for a password", hint="save a copy without a password and read that"
        )
    reason = str(inner).strip() or type(inner).__name__
    return UnreadableInput(name, f"the PDF is damaged ({reason[:120]})", hint="print the chat again")


def _sheet(page: Any) -> Sheet:
    sheet = Sheet(int(page.page_number), float(page.width), float(page.height))
    for char in page.chars:
        text = str(char["text"])
        if _CID.match(text):
            text = "\ufffd"
        text = text.translate(_LIGATURES)
        matrix = char.get("matrix") or (1, 0, 0, 1, char["x0"], char["y0"])
        size = max(abs(float(char["size"])), _SMALLEST)
        if text == " " and size < 2 and "KaTeX" in char["fontname"]:
            text = ZERO_WIDTH  # KaTeX's marks are painted as tiny blanks
        if _is_colour(char.get("non_stroking_color")):
            sheet.coloured.add(len(sheet.glyphs))
        width = float(char["x1"]) - float(char["x0"])
        sheet.glyphs.append(PageGlyph(text, str(char["fontname"]), size, float(matrix[4]), float(matrix[5]), width))
    for kind, drawn in (("rect", page.rects), ("line", page.lines), ("path", page.curves)):
        for shape in drawn:
            _draw(sheet, kind, shape)
    sheet.pictures = len(page.images)
    for note in page.annots:
        _annotate(sheet, note)
    return sheet


def _is_colour(colour: Any) -> bool:
    if not isinstance(colour, tuple | list) or len(colour) < 3:
        return False
    numbers = [float(part) for part in colour[:3] if isinstance(part, int | float)]
    return len(numbers) == 3 and len(colour) == 3 and max(numbers) - min(numbers) > 0.35


def _draw(sheet: Sheet, kind: str, shape: Any) -> None:
    box = (float(shape["x0"]), float(shape["y0"]), float(shape["x1"]), float(shape["y1"]))
    sheet.rules.append(PageRule(*box, kind=kind))  # type: ignore[arg-type]
    if shape.get("fill") and kind != "line":
        sheet.areas.append(Area(*box, drawn=kind, colour=str(shape.get("non_stroking_color"))))


def _annotate(sheet: Sheet, note: Any) -> None:
    kind = str((note.get("data") or {}).get("Subtype", "")).strip("/'")
    words = note.get("contents")
    if isinstance(words, bytes):
        words = words.decode("utf-16" if words.startswith((b"\xfe\xff", b"\xff\xfe")) else "latin-1", "replace")
    if kind in _NOTES and isinstance(words, str) and words.strip():
        text = re.sub(r"\r\n?", "\n", words).strip()
        area = Area(float(note["x0"]), float(note["y0"]), float(note["x1"]), float(note["y1"]))
        sheet.notes.append(PageNote(text, area, kind))
