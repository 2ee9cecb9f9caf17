"""Text, and places in it.

Every message printed about a text ends in a place someone can click.
This room knows nothing of rubrics or mathematics; everything else may lean on it.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

__all__ = ["Place", "Source", "Span", "cells"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open stretch ``[start, stop)`` of a source's text, in code points."""

    start: int
    stop: int

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.stop:
            raise ValueError(f"a span runs forwards from 0, not {self.start}..{self.stop}")

    def __or__(self, other: Span) -> Span:
        """The smallest span that covers both."""
        return Span(min(self.start, other.start), max(self.stop, other.stop))

    def __contains__(self, offset: int) -> bool:
        return self.start <= offset < self.stop

    @staticmethod
    def cover(spans: Iterable[Span]) -> Span | None:
        """The smallest span over all of ``spans``, or None where there are none."""
        found = list(spans)
        if not found:
            return None
        return Span(min(s.start for s in found), max(s.stop for s in found))


@dataclass(frozen=True, slots=True)
class Place:
    """Where a span stands for a person: 1-based lines and columns, and a page where the source has pages."""

    line_start: int
    line_end: int
    column: int
    page: int | None = None
    pointer: str | None = None
    """Where in a structured file the text comes from, e.g. ``/messages/2/content``."""

    def to_json(self) -> dict[str, int | str | None]:
        """The contract's ``span``: page (null where there are none), first and last line."""
        found: dict[str, int | str | None] = {
            "page": self.page,
            "line_start": self.line_start,
            "line_end": self.line_end,
        }
        if self.pointer is not None:
            found["pointer"] = self.pointer
        return found


@dataclass(frozen=True)
class Source:
    """A named text with its lines and, where it has any, its pages.

    ``text`` is what every span counts in. For a plain file it is the file's own text, decoded and repaired line by
    line, so that line numbers are the file's. For a structured file (JSON, PDF) it is the readable text in reading
    order, and ``pointers`` says where each stretch came from.
    """

    name: str
    text: str = field(repr=False)
    page_starts: tuple[tuple[int, int], ...] = field(default=(), repr=False)
    """``(offset, page number)``, ascending: from that offset on, text stands on that page."""
    pointers: tuple[tuple[int, str], ...] = field(default=(), repr=False)
    """``(offset, pointer)``, ascending: from that offset on, text comes from that place of a structured file."""

    @cached_property
    def line_starts(self) -> tuple[int, ...]:
        """Offsets at which lines begin (split at ``\\n`` only, as editors count)."""
        starts = [0]
        position = self.text.find("\n")
        while position != -1:
            starts.append(position + 1)
            position = self.text.find("\n", position + 1)
        return tuple(starts)

    def line_of(self, offset: int) -> int:
        """The 1-based line on which ``offset`` stands."""
        return bisect_right(self.line_starts, offset)

    def line_span(self, line: int) -> Span:
        """The span of a 1-based line, without its line break."""
        starts = self.line_starts
        start = starts[line - 1]
        stop = starts[line] - 1 if line < len(starts) else len(self.text)
        return Span(start, max(start, stop))

    def line(self, number: int) -> str:
        """The text of a 1-based line."""
        return self[self.line_span(number)]

    def lines_span(self, first: int, last: int) -> Span:
        """The span from the start of line ``first`` to the end of line ``last``."""
        return self.line_span(first) | self.line_span(last)

    def page_of(self, offset: int) -> int | None:
        """The page on which ``offset`` stands, or None where the source has no pages."""
        return _last_at_or_before(self.page_starts, offset)

    def place(self, span: Span) -> Place:
        """Lines, column and page of a span, for people."""
        first = self.line_of(span.start)
        # A span that ends with a line break ends on the line before it.
        last = self.line_of(max(span.start, span.stop - 1))
        return Place(
            first,
            last,
            span.start - self.line_starts[first - 1] + 1,
            self.page_of(span.start),
            _last_at_or_before(self.pointers, span.start),
        )

    def __getitem__(self, span: Span) -> str:
        return self.text[span.start : span.stop]


def _last_at_or_before(marks: tuple[tuple[int, T], ...], offset: int) -> T | None:
    index = bisect_right(marks, offset, key=lambda mark: mark[0])
    return marks[index - 1][1] if index else None


def cells(text: str) -> int:
    """How many terminal cells ``text`` takes: ``x̂`` is one wide, ``甲`` two, U+200B none.

    >>> cells("x̂"), cells("甲"), cells("a\u200bb")
    (1, 2, 2)
    """
    width = 0
    for char in text:
        if unicodedata.combining(char) or unicodedata.category(char) in {"Cf", "Mn", "Me", "Cc"}:
            continue
        width += 2 if unicodedata.east_asian_width(char) in {"W", "F"} else 1
    return width
