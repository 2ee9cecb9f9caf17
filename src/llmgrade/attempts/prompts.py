"""What the person asks: a message cut into problems and labelled items, and what kind of message it is."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from llmgrade.attempts.model import PromptKind
from llmgrade.claims.labels import mentions
from llmgrade.claims.notes import polarity
from llmgrade.claims.sections import speech_of
from llmgrade.rubric.phrases import fold
from llmgrade.source import Source, Span
from llmgrade.transcript.model import Turn

__all__ = ["Item", "Message", "Segment", "message_of", "mentioned", "numerals"]


@dataclass(frozen=True, slots=True)
class Item:
    """One labelled item of a task: ``("b", "ii")`` and its words, formulas as ``$LaTeX$``."""

    path: tuple[str, ...]
    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class Segment:
    """One problem of a message: its name where it has one, what stands before its items, and the items."""

    name: str | None
    preamble: str
    items: tuple[Item, ...]

    @property
    def text(self) -> str:
        return "\n".join([self.preamble, *(item.text for item in self.items)])


@dataclass(frozen=True, slots=True)
class Message:
    """One message of the person."""

    turn: int
    text: str
    span: Span
    segments: tuple[Segment, ...]


def message_of(turn: Turn, source: Source, *, digits: bool = False) -> Message:
    """A person's turn, cut where the problems change and where the labels begin again.

    ``digits``: the person numbers parts 1, 2, … and uses no letters.
    """
    speech = speech_of(turn, source, asked_digits=digits, task=True)
    flow = speech.flow
    segments: list[_Open] = [_Open(None)]
    for line in speech.lines:
        label = line.label
        here = segments[-1]
        if label.problem != here.name and (here.items or here.preamble) and label.problem is not None:
            here = _Open(label.problem)
            segments.append(here)
        elif label.problem is not None and here.name is None and not here.items:
            here.name = label.problem
        shown = flow.show(line.start, line.stop)
        if line.regime and not label.path:
            shown = f"{line.regime}: {shown}"
        if not label.path:
            (here.after if here.items else here.preamble).append(shown)
            continue
        if label.title and label.title not in shown:
            shown = f"{label.title} {shown}"
        if here.items and _again(label.path, here):
            here = _Open(label.problem)
            here.preamble = segments[-1].after
            segments[-1].after = []
            segments.append(here)
        here.put(label.path, shown, flow.span(line.start, line.stop))
    text = flow.show(0, len(flow.text))
    found = tuple(segment.closed() for segment in segments if segment.items or segment.preamble)
    found = tuple(_in_one_breath(segment, turn.span) for segment in found)
    return Message(turn.index, text, turn.span, found or (Segment(None, text, ()),))


_INLINE = re.compile(
    r"(?<![\w^_)$])\((?P<key>[a-h]|i{1,3}|iv|v|vi{1,3})\)(?:\s?\((?P<inner>i{1,3}|iv|v|vi{1,3})\))?[\s:]+(?=\S)"
)
_REFERS = re.compile(
    r"\b(?:from|in|of|by|part|parts|see|using|fix|for|about|and|to|like|than|when is|is)\s*$", re.IGNORECASE
)


def _in_one_breath(segment: Segment, span: Span) -> Segment:
    """A task told in one line, "(a) the minimiser? (b) the kernel form?": cut at its labels where they ascend."""
    if not segment.items:
        marks = _marks(segment.preamble, ())
        if len(marks) < 2:
            return segment
        return Segment(segment.name, segment.preamble[: marks[0][1].start()], _cut(segment.preamble, marks, span))
    items: list[Item] = []
    later = {item.path for item in segment.items}
    preamble = segment.preamble
    # Where the page wrapped the line decides which label begins one: the first labels may stand in running text.
    first = segment.items[0].path
    if first[0] not in {"a", "i", "1"}:
        marks = _marks(preamble, ())
        if marks and marks[0][0][0] == "a" and marks[-1][0] < first and not later & {path for path, _ in marks}:
            items += _cut(preamble, marks, span)
            preamble = preamble[: marks[0][1].start()]
    for item in segment.items:
        marks = [(path, match) for path, match in _marks(item.text, item.path) if path not in later]
        if not marks:
            items.append(item)
            continue
        items.append(Item(item.path, item.text[: marks[0][1].start()].strip(), item.span))
        items += _cut(item.text, marks, item.span)
    return Segment(segment.name, preamble, tuple(items))


def _cut(text: str, marks: list[tuple[tuple[str, ...], re.Match[str]]], span: Span) -> tuple[Item, ...]:
    ends = [*(match.start() for _, match in marks[1:]), len(text)]
    return tuple(
        Item(path, text[match.end() : end].strip(), span) for (path, match), end in zip(marks, ends, strict=True)
    )


def _marks(text: str, before: tuple[str, ...]) -> list[tuple[tuple[str, ...], re.Match[str]]]:
    """Labels in running text that go on from ``before``, letters ascending, Roman numerals inside them."""
    found: list[tuple[tuple[str, ...], re.Match[str]]] = []
    path = before
    for match in _INLINE.finditer(text):
        key, inner = match["key"], match["inner"]
        number = _ROMAN.get(key)
        last = _ROMAN.get(path[-1], 0) if len(path) > 1 else 0
        if inner:
            new: tuple[str, ...] = (key, inner)
        elif number is not None and path and number == last + 1 and not (key == "i" and path == ("h",)):
            new = (path[0], key)
        else:
            new = (key,)
        ascends = not path or new[0] > path[0] or (new[0] == path[0] and len(new) > 1 and _ROMAN.get(new[1], 0) > last)
        next_one = bool(path) and (
            len(new) == len(path)
            and ord(new[0][0]) - ord(path[0][0]) == (len(new) == 1)
            and (len(new) == 1 or _ROMAN.get(new[1], 0) == last + 1)
        )
        if not next_one and _REFERS.search(text[: match.start()]):
            continue
        if ascends and (path or new[0] in {"a", "b", "c"} or found):
            found.append((new, match))
            path = new
    return found


class _Open:
    def __init__(self, name: str | None) -> None:
        self.name = name
        self.preamble: list[str] = []
        self.after: list[str] = []
        self.items: dict[tuple[str, ...], tuple[list[str], Span]] = {}
        self.last: tuple[str, ...] = ()

    def put(self, path: tuple[str, ...], text: str, span: Span) -> None:
        if path in self.items:
            texts, old = self.items[path]
            self.items[path] = ([*texts, text], old | span)
        else:
            self.items[path] = ([text], span)
        self.last = path

    def closed(self) -> Segment:
        items = tuple(Item(path, " ".join(texts), span) for path, (texts, span) in self.items.items())
        return Segment(self.name, "\n".join([*self.preamble, *self.after]), items)


def _again(path: tuple[str, ...], here: _Open) -> bool:
    """Whether the labels begin again: ``(a)`` after ``(e)``, where ``(a)`` already had its say."""
    return path in here.items and path != here.last and path[0] in {"a", "1", "i"} and here.last[: len(path)] != path


def mentioned(text: str, *, digits: bool = False) -> tuple[tuple[str, ...], ...]:
    """The labels a short message names, in order: "no (ii) can go both ways and (iii) goes right".

    ``digits``: parts are numbered, so that "and 3?" names one.
    """
    found = [marker.keys for marker in mentions(text)]
    if not found:
        found = [tuple(g for g in match.groups() if g) for match in _LOOSE.finditer(text)]
    if not found and digits:
        found = [(match[1] or match[2],) for match in _DIGIT.finditer(text)]
    return tuple(dict.fromkeys(keys for keys in found if keys))


_DIGIT = re.compile(
    r"(?<![\w.$^_{}=<>+*/\\-])(?<![=<>] )(\d{1,2})(?=\s*[?:)]|\s+(?:should|must|is|was|are|looks?|seems?|can|again|please|wrong|muss|soll\w*|ist|debe\w*|es|doit|est)\b|\s*$)"
    r"|\b(?:in|for|part|question|item|number|no\.|nr\.|exercise)\s+(\d{1,2})(?=[\s,.;:?!)]|$)",
    re.IGNORECASE,
)
_LOOSE = re.compile(
    r"(?:^|[\s,])(?:part|for|in|fix|redo|about|question|item|parte|teil)\s+([a-h])(?:[.\-(]?\s?\(?(i{1,3}|iv)\)?)?(?=[\s,.;:?!]|$)|(?<![\w])([a-h])\)",
    re.IGNORECASE,
)
_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5, "vi": 6, "vii": 7, "viii": 8}


def numerals(key: str) -> int | None:
    """The number a problem's name has: ``Problem 2``, ``Set II``."""
    match = re.search(r"(\d+)|\b([IVX]{1,4})\b", key)
    if match is None:
        return None
    return int(match[1]) if match[1] else _ROMAN.get(match[2].lower())


_ASKS = re.compile(
    r"\?|\b(?:why|how|could you|can you|please|explain|derive|show|more detail|in detail|porqu[eé]|c[oó]mo|warum|wie|pourquoi)\b",
    re.IGNORECASE,
)
_OBJECTS = re.compile(
    r"\b(?:no|nope|wrong|incorrect|not (?:right|correct|true)|mistake|error|isn'?t right|are you sure|check (?:your|again|the)|fix|"
    r"instead|shouldn'?t|supposed to|disagree|certain that|falsch|incorrecto|mal|faux|corrige|korrigier)\b",
    re.IGNORECASE,
)


def kind_of(text: str, giveaways: Iterable[str] = ()) -> PromptKind:
    """What kind of message it is: it gives the answer away, objects, hints, or only asks."""
    folded = fold(text)
    if any(word in folded for word in giveaways):
        return PromptKind.ANSWER
    if _OBJECTS.search(text) or polarity(text) == "negative":
        return PromptKind.OBJECTION
    if _ASKS.search(text):
        return PromptKind.QUESTION
    return PromptKind.HINT
