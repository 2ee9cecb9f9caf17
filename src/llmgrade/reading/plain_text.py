"""Markdown and plain text: speakers named in lines of any habit, or not named at all.

The source's text is the file's own, so every line number is the file's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from llmgrade.errors import UnreadableInput
from llmgrade.limits import Limits
from llmgrade.reading.labels import Labelled, find_labels, model_named
from llmgrade.reading.markup import fences, pieces
from llmgrade.reading.opening import Input
from llmgrade.reading.pasted import Pasted, pasted_formulas
from llmgrade.source import Source, Span
from llmgrade.transcript.model import Formula, Method, Mode, Piece, Prose, Role, Setting, Transcript, Turn, Unread

__all__ = ["read", "read_text", "sniff"]

_FRONT_MATTER = re.compile(r"\A---[ \t]*\n.*?\n---[ \t]*(?:\n|\Z)", re.DOTALL)
_TITLE = re.compile(r"^[ \t]*(?:#[ \t]+|title:[ \t]*)(?P<title>[^\n]{1,200})$", re.MULTILINE | re.IGNORECASE)
_MODEL_LINE = re.compile(
    r"^[ \t>*_]*(?:model|modell|modelo|modèle|模型)[*_]*[ \t]*[:：][*_]*[ \t]*`?(?P<model>[\w./:\- ]{2,60})`?",
    re.MULTILINE | re.IGNORECASE,
)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)|<think>.*?(?:</think>|\Z)", re.DOTALL)
_PART = re.compile(
    r"^[ \t]*(?:[-*+]\s+)?(?:[*_#]{1,6}\s*)?(?:part\s*)?\(?(?P<letter>[a-h])[).](?=[\s*_])",
    re.MULTILINE | re.IGNORECASE,
)
_ASKS = re.compile(
    r"\?|？|\b(?:find|show|prove|derive|compute|calculate|give|explain|determine|minimi[sz]e|what|how|why|when|which|please|help|solve|write|need"
    r"|zeige|berechne|bestimme|finde|erkläre|warum|wie|was|bitte|demuestra|calcula|halla|explica|encuentra|qué|cómo|por favor|montrer?|calculer?|trouver?"
    r"|démontrer?|pourquoi|comment)\b|求|证明|計算|计算|请",
    re.IGNORECASE,
)
_SEPARATOR = re.compile(
    r"[ \t]*(?:-{3,}|\*{3,}|_{3,}|={3,}|</?(?:user|assistant|human|system|ai)>)[ \t]*", re.IGNORECASE
)
_RULE = re.compile(r"^[ \t]*(?:-{3,}|\*{3,}|_{3,}|={3,})[ \t]*$", re.MULTILINE)


def sniff(file: Input) -> float:
    """Any text will do, when nothing else claims it; text with named speakers more so."""
    if file.archive is not None or file.large or file.is_json:
        return 0.0
    text = file.text
    if not text.strip():
        return 0.0
    if pasted_formulas(text[:400_000]):
        return 0.97  # it has lines torn apart as a printout's are, and is none
    return 0.4 if find_labels(text[:400_000], _skipped(text[:400_000])) else 0.1


def read(file: Input, limits: Limits) -> Iterator[Transcript]:
    """The one conversation of a text file."""
    yield read_text(file.name, file.text, limits, notes=file.decoded.notes)


def read_text(
    name: str, text: str, limits: Limits | None = None, *, notes: tuple[str, ...] = (), format: str = "text"
) -> Transcript:
    """A text as a conversation."""
    limits = limits or Limits()
    if not text.strip():
        raise UnreadableInput(name, "there is nothing in it")
    front = _FRONT_MATTER.match(text)
    begin = front.end() if front else 0
    pasted = pasted_formulas(text)
    if pasted:
        notes = (*notes, _how_pasted(pasted))
    skipped = sorted([*_skipped(text), *((each.start, each.stop) for each in pasted)])
    labels = find_labels(text, [(0, begin), *skipped] if begin else skipped)
    if not labels:
        return _unlabelled(name, text, begin, notes, format, pasted)
    turns: list[Turn] = []
    unread: list[Unread] = []
    said = list(notes)
    if len(labels) > limits.turns:
        said.append(f"{len(labels) - limits.turns} of {len(labels)} turns left out (limit {limits.turns})")
    for index, label in enumerate(labels[: limits.turns]):
        stop = labels[index + 1].start if index + 1 < len(labels) else len(text)
        turns.append(_turn(text, label, stop, len(turns), pasted))
    if text[: labels[0].start].strip():
        unread.append(Unread(_bare(text, 0, labels[0].start), "stands before the first speaker"))
    words = ", ".join(dict.fromkeys(f"“{label.words}”" for label in labels[:40]))
    said.append(f"speakers told by their labels: {words}")
    model = _model(text[: labels[0].start]) or next(
        (found for label in labels if label.role is Role.ASSISTANT and (found := model_named(label.words))), None
    )
    title = _TITLE.search(text[: labels[0].start])
    return Transcript(
        source=Source(name, text),
        format=format,
        turns=tuple(turns),
        unread=tuple(unread),
        model=model,
        title=title["title"].strip() if title else None,
        notes=tuple(said),
        attempts_inferred=True,
    )


def _turn(text: str, label: Labelled, stop: int, index: int, pasted: tuple[Pasted, ...]) -> Turn:
    if label.end is not None:
        stop = min(stop, label.end)
    span = _bare(text, label.content, stop)
    # The separators people put between turns belong to neither.
    while True:
        last = text.rfind("\n", span.start, span.stop) + 1
        if last > span.start and _SEPARATOR.fullmatch(text[last : span.stop]):
            span = _bare(text, span.start, last)
        else:
            break
    made = _words(text, span.start, span.stop, pasted)
    return Turn(index, label.role, made, span)


def _unlabelled(
    name: str, text: str, begin: int, notes: tuple[str, ...], format: str, pasted: tuple[Pasted, ...]
) -> Transcript:
    """One answer alone, or a request and its answer; both are guesses and say so."""
    hidden: list[Piece] = []
    if begin:
        hidden.append(Prose(text[:begin], Span(0, begin), Setting.HIDDEN))
    cut = _request_end(text, begin)
    turns: list[Turn] = []
    if cut is not None:
        request = _bare(text, begin, cut)
        turns.append(
            Turn(
                0,
                Role.USER,
                (*hidden, *_words(text, request.start, request.stop, pasted)),
                request,
                inferred=True,
            )
        )
        hidden, begin = [], cut
        note = (
            f"speakers are not named: taken for a request and, from line {text.count(chr(10), 0, cut) + 1}, its answer"
        )
    else:
        note = "speakers are not named: taken for one answer"
    answer = _bare(text, begin, len(text))
    turns.append(
        Turn(
            len(turns),
            Role.ASSISTANT,
            (*hidden, *_words(text, answer.start, answer.stop, pasted)),
            answer,
            inferred=True,
        )
    )
    return Transcript(
        source=Source(name, text),
        format=format,
        turns=tuple(turns),
        notes=(*notes, note),
        model=_model(text[:begin]),
        attempts_inferred=True,
    )


def _words(text: str, start: int, stop: int, pasted: tuple[Pasted, ...]) -> tuple[Piece, ...]:
    """The pieces of ``[start, stop)``: a pasted page's formulas where they stand, and what is between."""
    found: list[Piece] = []
    at = start
    for each in pasted:
        if each.start < at or each.start >= stop:
            continue
        first, last = each.start, min(each.stop, stop)  # the empty lines after it belong to no turn
        if not each.display:  # its lines stand in the middle of a sentence
            first -= text[at:first].endswith("\n") and not text[at:first].endswith("\n\n")
            last += text.startswith("\n ", last) and last + 1 < stop
        found.extend(pieces(text[at:first], at) if text[at:first].strip() else ())
        written = text[first:last]
        mode = Mode.DISPLAY if each.display else Mode.INLINE
        read = Method.INVERSE if each.latex else Method.UNREAD
        why = None if each.latex else "its lines do not tell how it is built"
        found.append(Formula(written, Span(first, last), each.latex, mode, read, why=why))
        at = last
    found.extend(pieces(text[at:stop], at) if text[at:stop].strip() else ())
    return tuple(found)


def _how_pasted(pasted: tuple[Pasted, ...]) -> str:
    unread = sum(each.latex is None for each in pasted)
    told = f"pasted from a page: {len(pasted)} formulas stand there twice and were put together from both"
    return told + (f"; {unread} of them could not be" if unread else "")


def _request_end(text: str, begin: int) -> int | None:
    """Where a request that stands before its answer ends, or None where there is no telling.

    Lettered parts that begin again from (a), or a rule after a first paragraph that asks.
    """
    letters = [(match["letter"].lower(), match.start()) for match in _PART.finditer(text, begin)]
    for index in range(1, len(letters)):
        if letters[index][0] == "a" and index >= 2:
            first = [letter for letter, _ in letters[:index]]
            rising = all(x <= y for x, y in pairwise(first)) and first[0] == "a"
            if not rising or not _ASKS.search(text[begin : letters[index][1]]):
                break
            gap = text.find("\n\n", letters[index - 1][1], letters[index][1])
            return gap + 2 if gap != -1 else letters[index][1]
    rule = _RULE.search(text, begin)
    if rule is not None and text[rule.end() :].strip():
        before = text[begin : rule.start()].strip()
        if before and len(before) < 6_000 and before.endswith(("?", "？")):
            return rule.end()
    return None


def _skipped(text: str) -> list[tuple[int, int]]:
    """Stretches whose lines name no speaker: fenced code, comments, thinking."""
    found = (
        [*fences(text), *(match.span() for match in _COMMENT.finditer(text))]
        if ("```" in text or "~~~" in text or "<" in text)
        else []
    )
    return sorted(found)


def _model(text: str) -> str | None:
    match = _MODEL_LINE.search(text)
    return match["model"].strip() if match else None


def _bare(text: str, start: int, stop: int) -> Span:
    while start < stop and text[start].isspace():
        start += 1
    while stop > start and text[stop - 1].isspace():
        stop -= 1
    return Span(start, stop)
