"""What the person asks for, turn by turn: parts, objections, praise, and whether a reprompt gives the answer away."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from llmgrade.claims.finders import directions
from llmgrade.claims.labels import mentions
from llmgrade.claims.lexicon import DOUBTS, FORMULA, OBJECTIONS, PRAISE, PUSHBACK
from llmgrade.claims.model import Label
from llmgrade.claims.sections import Kind, Line, Speech, speech_of
from llmgrade.source import Span
from llmgrade.transcript.model import Role, Transcript, Turn

__all__ = ["Asking", "Leak", "Objection", "Polarity", "asked", "numbered_by_digits"]


class Leak(StrEnum):
    """How much of the answer a reprompt says."""

    HINT_FREE = "hint-free"
    HINT = "hint"
    ANSWER_LEAKING = "answer-leaking"


class Polarity(StrEnum):
    """What the person thinks of what was answered before."""

    PRAISE = "praise"
    OBJECTION = "objection"
    PUSHBACK = "pushback"
    """Another answer is pressed for, by authority or insistence."""
    NEUTRAL = "neutral"


@dataclass(frozen=True, slots=True)
class Objection:
    """A complaint about earlier answers, with the labels it names."""

    labels: tuple[Label, ...]
    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class Asking:
    """One of the person's turns."""

    turn: int
    labels: tuple[Label, ...]
    """The parts it asks for, with their words as titles; where it lists none, the labels it names."""
    new_task: bool
    """Whether it lists parts of its own, rather than speaking of earlier ones."""
    objections: tuple[Objection, ...] = ()
    leak: Leak = Leak.HINT_FREE
    polarity: Polarity = Polarity.NEUTRAL
    text: str = ""


_NUMBERED = re.compile(r"^[\s>*_]*(?:\((\d{1,2})\)|(\d{1,2})[.)])\s+\S", re.MULTILINE)
_LETTERED = re.compile(r"^[\s>*_#]*(?:\(([a-h])\)|([a-h])\))[\s*]", re.MULTILINE)
_WORD = re.compile(r"[^\W\d_]{2,}")
_ASSERTS = re.compile(
    r"(?:\b(?:is|are|should\s+be|equals?|must\s+be|was|es|son|debería\s+ser|ist|sollte|est|devrait)\b|=)\s*(?:\*\*|just\s+|simply\s+)?",
    re.IGNORECASE,
)


def numbered_by_digits(transcript: Transcript) -> bool:
    """Whether the person numbers parts with digits and with no letters, so that "1." in an answer is a label."""
    text = "\n".join(transcript.source[turn.span] for turn in transcript.current if turn.role is Role.USER)
    digits = [int(first or second) for first, second in _NUMBERED.findall(text)]
    return {1, 2} <= set(digits) and not _LETTERED.search(text)


def asked(transcript: Transcript) -> tuple[Asking, ...]:
    """Every turn of the person on the chat's current path, in order."""
    digits = numbered_by_digits(transcript)
    found: list[Asking] = []
    answered = False
    for turn in transcript.current:
        if turn.role is Role.ASSISTANT:
            answered = True
        elif turn.role is Role.USER:
            found.append(_asking(turn, speech_of(turn, transcript.source, asked_digits=digits, task=True), answered))
    return tuple(found)


def _asking(turn: Turn, speech: Speech, answered: bool) -> Asking:
    flow = speech.flow
    listed = _listed(speech)
    shown = flow.show(0, len(flow.text))
    if listed and not _speaks_of_earlier(listed, speech, answered):
        rest = (
            " ".join(flow.show(line.start, line.stop) for line in speech.lines[:3] if not line.label.path)
            if answered
            else ""
        )
        polarity = Polarity.PRAISE if rest and PRAISE.search(rest) else Polarity.NEUTRAL
        return Asking(turn.index, tuple(listed), True, polarity=polarity, text=shown)
    named = _named(speech)
    if not answered:
        return Asking(turn.index, tuple(named), True, text=shown)
    leak = _leak(speech)
    polarity = _polarity(flow.text, speech)
    objections = _objections(speech, polarity)
    return Asking(turn.index, tuple(named), False, objections, leak, polarity, shown)


def _listed(speech: Speech) -> list[Label]:
    """The parts listed, each with the words that ask for it; parts within parts stand for their parent."""
    found: dict[tuple[str | None, tuple[str, ...]], Label] = {}
    for line in speech.lines:
        label = line.label
        if not label.path:
            continue
        key = (label.problem, label.path)
        words = speech.flow.show(line.start, line.stop)
        old = found.get(key)
        title = f"{old.title} {words}".strip() if old else words
        found[key] = Label(label.path, label.span or line_span(speech, line), label.problem, title)
    return list(found.values())


def line_span(speech: Speech, line: Line) -> Span:
    return speech.flow.span(line.start, line.stop)


def _speaks_of_earlier(listed: list[Label], speech: Speech, answered: bool) -> bool:
    """A reply that begins lines with labels ("(iv) is also wrong") lists no new parts."""
    if not answered:
        return False
    marked = [line for line in speech.lines if line.marked and line.kind is not Kind.CELL]
    complains = any(OBJECTIONS.search(speech.flow.show(line.start, min(line.stop, line.start + 60))) for line in marked)
    in_order = len(listed) >= 2 and (listed[0].path[-1] in {"a", "i", "1"})
    return (complains and not in_order) or (len(listed) < 2 and not in_order)


def _named(speech: Speech) -> list[Label]:
    flow = speech.flow
    found: dict[tuple[str, ...], Label] = {}
    for line in speech.lines:
        if line.marked and line.label.path:
            found.setdefault(line.label.path, line.label)
    for marker in mentions(flow.text):
        if not any(path[-len(marker.keys) :] == marker.keys for path in found):
            found[marker.keys] = Label(marker.keys, flow.span(marker.start, marker.stop))
    return list(found.values())


def _polarity(text: str, speech: Speech) -> Polarity:
    if PUSHBACK.search(text):
        return Polarity.PUSHBACK
    objects = bool(OBJECTIONS.search(text)) or any(True for _ in directions.find(speech))
    if objects or (DOUBTS.search(text) and not re.search(r"\bdetail|explain\b", text)):
        return Polarity.OBJECTION
    return Polarity.PRAISE if PRAISE.search(text) else Polarity.NEUTRAL


def _objections(speech: Speech, polarity: Polarity) -> tuple[Objection, ...]:
    if polarity not in {Polarity.OBJECTION, Polarity.PUSHBACK}:
        return ()
    flow = speech.flow
    start, stop = 0, len(flow.text)
    span = flow.span(start, stop)
    return (Objection(tuple(_named(speech)), flow.source[span], span),)


def _leak(speech: Speech) -> Leak:
    """Whether the answer itself is said: a direction, or what something is or equals; a question gives only a hint."""
    flow = speech.flow
    if any(True for _ in directions.find(speech)):
        return Leak.ANSWER_LEAKING
    hint = False
    for line in speech.lines:
        text = flow.text[line.start : line.stop]
        question = text.rstrip(" *_\n").endswith(("?", "？"))
        for place, formula in flow.formulas(line.start, line.stop):
            said = flow.text[line.start : place]
            assertive = bool(_ASSERTS.search(said[-16:])) or bool(formula.latex and re.search(r"=|\\to", formula.latex))
            if assertive and not question:
                return Leak.ANSWER_LEAKING
            hint = True
        bare = mentions(text)
        words = [word for word in _WORD.findall(text.replace(FORMULA, " ")) if len(word) > 2]
        hint = (
            hint
            or (len(words) > 12 + len(bare))
            or bool(OBJECTIONS.search(text) and len(words) > 4)
            or (question and not _DETAIL.search(text) and len(words) > 4)
        )
    return Leak.HINT if hint else Leak.HINT_FREE


_DETAIL = re.compile(
    r"\b(?:detail|details|explain|elaborate|step[s]?|again|more|derive|show|detalle|paso|genauer|détail)\b",
    re.IGNORECASE,
)
