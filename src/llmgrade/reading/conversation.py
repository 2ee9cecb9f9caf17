"""A conversation out of a structured file, before its text is laid out: messages of parts, each with its pointer.

Readers of JSON, HTML and logs make these, cheaply; `Conversation.transcript` lays the text out on one sheet and marks
up its pieces, which costs far more and is done only for conversations somebody wants to see.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from llmgrade.limits import Limits
from llmgrade.reading.decoding import without_surrogates
from llmgrade.reading.markup import code, pieces
from llmgrade.source import Source, Span
from llmgrade.transcript.model import (
    Block,
    Formula,
    Heading,
    Piece,
    Prose,
    Role,
    Setting,
    Table,
    Transcript,
    Turn,
    Unread,
)

__all__ = ["Conversation", "Message", "Part", "answered", "shifted"]


@dataclass(slots=True)
class Part:
    """One stretch of a message: its text, what kind of speech it is, and where it comes from."""

    text: str
    setting: Setting = Setting.ANSWER
    pointer: str = ""
    language: str | None = None
    """The language of a part that is code as a whole; None where the text is Markdown."""
    pieces: Sequence[Piece] | None = None
    """The pieces, where the reader knows them already (spans count in ``text``)."""


@dataclass(slots=True)
class Message:
    """One turn in the making."""

    role: Role
    parts: list[Part] = field(default_factory=list)
    track: str = ""
    cut_off: bool = False
    pointer: str = ""

    def say(self, text: str, setting: Setting = Setting.ANSWER, pointer: str = "") -> None:
        """Adds a part, if there is any text."""
        if text.strip():
            self.parts.append(Part(text, setting, pointer))


@dataclass(slots=True)
class Conversation:
    """One conversation in the making."""

    messages: list[Message]
    title: str | None = None
    id: str | None = None
    model: str | None = None
    notes: list[str] = field(default_factory=list)
    lost: list[tuple[int, str]] = field(default_factory=list)
    """``(message index, why)``: what was set aside or not understood."""
    attempts_inferred: bool = False

    def transcript(self, name: str, format: str, limits: Limits | None = None) -> Transcript:
        """The conversation laid out and marked up; messages are separated by an empty line."""
        limits = limits or Limits()
        sheet = _Sheet()
        turns: list[Turn] = []
        notes = list(self.notes)
        messages = self.messages
        if len(messages) > limits.turns:
            notes.append(f"{len(messages) - limits.turns} of {len(messages)} turns left out (limit {limits.turns})")
            messages = messages[: limits.turns]
        for index, message in enumerate(messages):
            turns.append(sheet.lay(index, message))
        text = "".join(sheet.text)
        unread = tuple(
            Unread(turns[index].span if 0 <= index < len(turns) else Span(0, 0), why) for index, why in self.lost
        )
        source = Source(name, text, pointers=tuple(sheet.pointers))
        return Transcript(
            source=source,
            format=format,
            turns=tuple(turns),
            unread=unread,
            model=self.model,
            title=self.title,
            notes=tuple(notes),
            id=self.id,
            attempts_inferred=self.attempts_inferred,
        )


class _Sheet:
    """The readable text, as it grows."""

    def __init__(self) -> None:
        self.text: list[str] = []
        self.size = 0
        self.pointers: list[tuple[int, str]] = []

    def write(self, text: str) -> None:
        self.text.append(text)
        self.size += len(text)

    def lay(self, index: int, message: Message) -> Turn:
        if self.size:
            self.write("\n\n")
        start = self.size
        found: list[Piece] = []
        for part in message.parts:
            if self.size > start:
                self.write("\n\n")
            offset = self.size
            if part.pointer or message.pointer:
                self.pointers.append((offset, part.pointer or message.pointer))
            if part.pieces is not None:
                self.write(part.text)
                found.extend(shifted(piece, offset, part.setting) for piece in part.pieces)
                continue
            text = without_surrogates(part.text)
            if "\r" in text:
                text = text.replace("\r\n", "\n").replace("\r", "\n")
            self.write(text)
            if part.language is not None:
                found.extend(code(text, offset, part.language, setting=part.setting))
                continue
            found.extend(pieces(text, offset, setting=part.setting))
        return Turn(index, message.role, tuple(found), Span(start, self.size), message.track, message.cut_off)


def shifted(piece: Piece, by: int, setting: Setting = Setting.ANSWER) -> Piece:
    """``piece`` with its span moved; a setting other than ANSWER is laid over it."""
    span = Span(piece.span.start + by, piece.span.stop + by)
    laid = setting if setting is not Setting.ANSWER else piece.setting
    match piece:
        case Table():
            rows = tuple(tuple(tuple(shifted(p, by, setting) for p in cell) for cell in row) for row in piece.rows)
            return replace(piece, rows=rows, span=span, setting=laid)
        case Prose() | Heading() | Formula() | Block():
            return replace(piece, span=span, setting=laid)


def answered(found: Iterable[Conversation | None], notes: list[str], one: str, several: str) -> Iterator[Conversation]:
    """The conversations that hold an answer; the others (None) are left out, counted in ``notes`` as ``one`` or ``several``."""
    left = 0
    for conversation in found:
        if conversation is None:
            left += 1
        else:
            yield conversation
    if left:
        notes.append(f"{left} {several if left > 1 else one} without an answer left out")
