"""Chats for the tables of this room: a Markdown subset made into a transcript, without any reader.

Dollar signs and ``\\(…\\)`` delimit formulas, ``$$`` and ``\\[…\\]`` displays; ``#`` opens a heading, ``|`` a table row,
``>`` a quotation; a line ``User:`` or ``Assistant:`` opens a turn; ``<think>…</think>`` is thinking.
"""

from __future__ import annotations

import re

from llmgrade.source import Source, Span
from llmgrade.transcript.model import Formula, Heading, Mode, Piece, Prose, Role, Setting, Table, Transcript, Turn

_MATHS = re.compile(r"\$\$(.+?)\$\$|\\\[(.+?)\\\]|\$(.+?)\$|\\\((.+?)\\\)", re.DOTALL)
_ROLE = re.compile(r"^(User|Assistant):[ \t]*\n?", re.MULTILINE)
_BLOCK = re.compile(
    r"(?P<think><think>.*?</think>)|(?P<quote>^(?:>.*\n?)+)|(?P<table>^(?:\|.*\n?)+)|^(?P<marks>#{1,6} )(?P<heading>.*)\n?",
    re.MULTILINE | re.DOTALL,
)
_BLOCK_LINE = re.compile(_BLOCK.pattern.replace(".*?</think>", r"[\s\S]*?</think>"), re.MULTILINE)


def _inline(text: str, start: int, setting: Setting = Setting.ANSWER) -> list[Piece]:
    pieces: list[Piece] = []
    at = 0
    for match in _MATHS.finditer(text):
        if match.start() > at:
            pieces.append(Prose(text[at : match.start()], Span(start + at, start + match.start()), setting))
        inside = next(group for group in match.groups() if group is not None)
        display = match[1] is not None or match[2] is not None
        boxed = re.fullmatch(r"\s*\\boxed\{(.*)\}\s*", inside, re.DOTALL)
        pieces.append(
            Formula(
                match[0],
                Span(start + match.start(), start + match.end()),
                boxed[1] if boxed else inside.strip(),
                Mode.DISPLAY if display else Mode.INLINE,
                boxed=boxed is not None,
                setting=setting,
            )
        )
        at = match.end()
    if at < len(text):
        pieces.append(Prose(text[at:], Span(start + at, start + len(text)), setting))
    return pieces


def _table(text: str, start: int) -> Table:
    rows = []
    offset = start
    for line in text.split("\n"):
        if "|" in line and line.strip("|:- "):
            cells = []
            at = offset + line.index("|") + 1
            for cell in line.strip().strip("|").split("|"):
                inner = cell.strip()
                begin = at + len(cell) - len(cell.lstrip())
                cells.append(tuple(_inline(inner, begin)))
                at += len(cell) + 1
            rows.append(tuple(cells))
        offset += len(line) + 1
    return Table(tuple(rows), Span(start, start + len(text)))


def pieces(text: str, start: int) -> tuple[Piece, ...]:
    """The pieces of one message."""
    found: list[Piece] = []
    at = 0
    for match in _BLOCK_LINE.finditer(text):
        found += _inline(text[at : match.start()], start + at)
        here = start + match.start()
        if match["think"]:
            found += _inline(match[0], here, Setting.THINKING)
        elif match["quote"]:
            found += _inline(match[0], here, Setting.QUOTE)
        elif match["table"]:
            found.append(_table(match[0], here))
        else:
            words = match["heading"]
            begin = start + match.start("heading")
            inside = _inline(words, begin)
            first = inside[0] if inside and isinstance(inside[0], Prose) else None
            found.append(
                Heading(
                    first.text if first else "", first.span if first else Span(begin, begin), len(match["marks"]) - 1
                )
            )
            found += inside[1:] if first else inside
        at = match.end()
    found += _inline(text[at:], start + at)
    return tuple(piece for piece in found if not (isinstance(piece, Prose) and not piece.text))


def chat(text: str) -> Transcript:
    """A transcript; a text without roles is one assistant turn."""
    source = Source("chat.md", text)
    marks = list(_ROLE.finditer(text))
    if not marks:
        return Transcript(source, "test", (Turn(0, Role.ASSISTANT, pieces(text, 0), Span(0, len(text))),))
    turns = []
    for index, mark in enumerate(marks):
        stop = marks[index + 1].start() if index + 1 < len(marks) else len(text)
        role = Role.USER if mark[1] == "User" else Role.ASSISTANT
        turns.append(Turn(index, role, pieces(text[mark.end() : stop], mark.end()), Span(mark.start(), stop)))
    return Transcript(source, "test", tuple(turns))
