"""Markdown's emphasis in the words of a chat: which characters only mark, and which words they mark. Nothing is rewritten."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from llmgrade.report.model import PieceView

__all__ = ["Marked", "emphasis"]

Style = Literal["strong", "em", "code"]

_CODE = re.compile(r"(?<![`\\])(`{1,2})(?=[^`\s])((?:(?!\1).)*?[^`\s])\1(?!`)")
_STRONG = re.compile(r"(?<![\w*\\])(\*\*|__)(?=[^\s*_])(.*?[^\s\\])\1(?![\w*])", re.DOTALL)
_EM = re.compile(r"(?<![\w*\\])(\*)(?=[^\s*])([^*\n]*?[^\s*\\])\*(?![\w*])")
_HEADING = re.compile(r"\A(#{1,6}[ \t]+)(.*?)([ \t]+#+[ \t]*)?\Z", re.DOTALL)
_HELD = "\ufffc"
_LONGEST = 20_000


@dataclass(frozen=True, slots=True)
class Marked:
    """A stretch of text in one style; where ``style`` is None it is the mark itself, which is not shown."""

    start: int
    stop: int
    style: Style | None


def emphasis(pieces: Sequence[PieceView]) -> tuple[Marked, ...]:
    """The styles and marks in a turn's pieces, by the places of their characters in the chat's text."""
    found: list[Marked] = []
    for text, places in _paragraphs(pieces):
        if not {"*", "_", "`"}.isdisjoint(text) and len(text) <= _LONGEST:
            found.extend(
                Marked(places[a], places[b - 1] + 1, style)
                for a, b, style in _styles(text)
                if places[b - 1] >= places[a]
            )
    for piece in pieces:
        if piece.kind == "heading" and (heading := _HEADING.match(piece.text)):
            for start, stop in (heading.span(1), heading.span(3)):
                if stop > start >= 0:
                    found.append(Marked(piece.start + start, piece.start + stop, None))
    return tuple(sorted(found, key=lambda one: one.start))


def _paragraphs(pieces: Sequence[PieceView]) -> Iterator[tuple[str, list[int]]]:
    """Texts between empty lines, formulas held by one character each, with the place of every character."""
    text: list[str] = []
    places: list[int] = []
    before = ""
    for piece in pieces:
        if piece.new_line or before == piece.kind == "prose":
            yield "".join(text), places
            text, places = [], []
        before = piece.kind
        if piece.kind == "formula" and not piece.display:
            text.append(_HELD)
            places.append(piece.start)
            continue
        if piece.kind not in {"prose", "heading"}:
            yield "".join(text), places
            text, places = [], []
            continue
        at = 0
        for end in [*(gap.start() for gap in re.finditer(r"\n[ \t]*\n", piece.text)), len(piece.text)]:
            text.append(piece.text[at:end])
            places.extend(range(piece.start + at, piece.start + end))
            at = end
            if end < len(piece.text) or piece.text.endswith("\n"):
                yield "".join(text), places
                text, places = [], []
    yield "".join(text), places


def _styles(text: str) -> Iterator[tuple[int, int, Style | None]]:
    taken = text
    for pattern, style in ((_CODE, "code"), (_STRONG, "strong"), (_EM, "em")):
        for match in pattern.finditer(taken):
            mark = len(match[1])
            yield match.start(), match.start() + mark, None
            yield match.start() + mark, match.end() - mark, style  # type: ignore[misc]
            yield match.end() - mark, match.end(), None
            if style == "code":  # nothing inside it is emphasis
                taken = taken[: match.start()] + "\0" * len(match[0]) + taken[match.end() :]
            else:
                taken = (
                    taken[: match.start()]
                    + "\0" * mark
                    + taken[match.start() + mark : match.end() - mark]
                    + "\0" * mark
                    + taken[match.end() :]
                )
