"""What was said: a conversation as frozen values, every piece of it tied to the text it came from.

Readers make these; nothing here opens a file or knows mathematics. A turn's ``pieces`` stand in *reading order*: where
a printout tore the formulas out of the prose, the reader has put them back into their holes, and each piece's span
still says where its text really stands in the source.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from llmgrade.source import Source, Span

__all__ = [
    "Annotation",
    "Block",
    "Formula",
    "Heading",
    "Method",
    "Mode",
    "Piece",
    "Prose",
    "Reading",
    "Role",
    "Setting",
    "Table",
    "Transcript",
    "Turn",
    "Unread",
]


class Role(StrEnum):
    """Who speaks."""

    USER = "user"
    ASSISTANT = "assistant"
    SYSTEM = "system"
    TOOL = "tool"


class Mode(StrEnum):
    """How a formula is set."""

    INLINE = "inline"
    DISPLAY = "display"
    UNKNOWN = "unknown"


class Method(StrEnum):
    """How a formula's LaTeX was had."""

    SOURCE = "source"
    """The text itself is LaTeX, Unicode or plain mathematics: nothing was guessed."""
    HTML = "html"
    """From a page's annotation or MathML."""
    PDF = "pdf"
    """Rebuilt from the glyphs' places."""
    SYNTHESIS = "synthesis"
    """A candidate that, set in type and flattened, gives exactly these lines."""
    INVERSE = "inverse"
    """Read back from flattened lines without a candidate."""
    UNREAD = "unread"
    """Not read: ``latex`` is None, and the formula says why."""


class Setting(StrEnum):
    """What kind of speech a piece is. Only ``ANSWER`` is graded; everything else is kept and shown."""

    ANSWER = "answer"
    THINKING = "thinking"
    TOOL_CALL = "tool-call"
    TOOL_RESULT = "tool-result"
    QUOTE = "quote"
    CITATION = "citation"
    HIDDEN = "hidden"
    """HTML comments, system notes inside a message, front matter."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read flattened lines: LaTeX, and what it costs (0 = every glyph and separator fits)."""

    latex: str
    cost: float = 0.0


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula as it was written, and as it is read.

    ``written`` is the source's own text (with its line breaks, where a printout flattened it). ``latex`` is the best
    reading, None where there is none (``why`` says so); ``alternatives`` are the other readings that fit as well.
    """

    written: str
    span: Span
    latex: str | None
    mode: Mode = Mode.UNKNOWN
    method: Method = Method.SOURCE
    cost: float = 0.0
    alternatives: tuple[Reading, ...] = ()
    boxed: bool = False
    """Whether the writer put it in a box, as final answers are."""
    lines: tuple[str, ...] = ()
    """The flattened lines exactly as written (blanks and U+200B kept), for recognising candidates; else empty."""
    why: str | None = None
    setting: Setting = Setting.ANSWER


@dataclass(frozen=True, slots=True)
class Prose:
    """Running words. ``text`` is the source's own text at ``span``.

    ``flows`` says that they go on in the line of the piece before, whatever stands between them in the source;
    ``wrapped`` that line breaks in them are only where a printed column ended.
    """

    text: str
    span: Span
    setting: Setting = Setting.ANSWER
    flows: bool = False
    wrapped: bool = False


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading, or a line that serves as one; ``level`` 1 is the highest."""

    text: str
    span: Span
    level: int = 1
    setting: Setting = Setting.ANSWER


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: code (``language`` as written, maybe empty), with the span of its inside."""

    text: str
    span: Span
    language: str = ""
    setting: Setting = Setting.ANSWER


@dataclass(frozen=True, slots=True)
class Table:
    """A table: rows of cells of pieces, the header row first where ``header`` says so."""

    rows: tuple[tuple[tuple[Piece, ...], ...], ...]
    span: Span
    header: bool = True
    setting: Setting = Setting.ANSWER


Piece = Prose | Heading | Formula | Block | Table


@dataclass(frozen=True, slots=True)
class Turn:
    """One message, in reading order.

    ``track`` tells apart what is not on the current path: ``""`` is the current path; ``regeneration`` and ``edited``
    turns are kept, shown and not graded as attempts.
    """

    index: int
    role: Role
    pieces: tuple[Piece, ...]
    span: Span
    track: str = ""
    cut_off: bool = False
    """The answer ended before it was done (``finish_reason: length`` and the like)."""
    inferred: bool = False
    """The source does not label its turns: this one was told apart by its looks."""


@dataclass(frozen=True, slots=True)
class Annotation:
    """A note somebody wrote in the margin; it is about what stands near ``anchor``."""

    text: str
    span: Span
    page: int | None = None
    anchor: Span | None = None
    fragment: bool = False
    """A note cut off by the printer, which carries no judgement."""


@dataclass(frozen=True, slots=True)
class Unread:
    """A stretch that was not understood, or set aside, and why; nothing is dropped silently."""

    span: Span
    why: str


@dataclass(frozen=True)
class Transcript:
    """One conversation."""

    source: Source = field(repr=False)
    format: str
    """The reader's id, e.g. ``pdf-text``."""
    turns: tuple[Turn, ...]
    annotations: tuple[Annotation, ...] = ()
    unread: tuple[Unread, ...] = ()
    model: str | None = None
    title: str | None = None
    notes: tuple[str, ...] = ()
    """What the reader wants a person to know: what it took the file for, repairs, what was lost."""
    id: str | None = None
    attempts_inferred: bool = False
    """The source has no tree of messages: which turn prompted which is inferred from their order."""

    @property
    def current(self) -> tuple[Turn, ...]:
        """The turns on the chat's current path."""
        return tuple(turn for turn in self.turns if not turn.track)
