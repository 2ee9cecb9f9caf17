"""Whether the writer stands by what is said: asserted, restated, rejected, withdrawn, hedged."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from llmgrade.claims.clauses import sentences
from llmgrade.claims.found import Found
from llmgrade.claims.lexicon import (
    CLOSERS,
    DENIALS,
    GIVENS,
    GOALS,
    HEDGES,
    INSTEAD,
    REJECTIONS,
    RETRACTIONS,
    TASKS,
    WEAK_TASKS,
)
from llmgrade.claims.model import Manner, Standing
from llmgrade.claims.sections import Kind, Line, Speech

__all__ = ["with_standing"]

_START = re.compile(
    r"[\s*_\-–—•→⇒:.)(\u2600-\u27bf\U0001f000-\U0001faff\ufe0f]*(?:(?:and|but|now|also|again|so|first|next|y|und|et)[,\s]+)?",
    re.IGNORECASE,
)
_CONCLUDES = re.compile(
    r"\b(?:so|thus|hence|therefore|then|we\s+get|gives|which\s+gives|we\s+obtain|luego|por\s+tanto|así\s+que|entonces|also|somit|dann|donc|alors)\b|⇒|[,:;]\s*(?=so\b)",
    re.IGNORECASE,
)
_TURNS = re.compile(
    r"[,;—–]\s*(?=(?:but|so|instead|rather|whereas|while|the\s+(?:correct|right|true|actual|proper)|it\s+should|it\s+is|sondern|sino|mais|pero|aber|la\s+correcta|lo\s+correcto)\b)",
    re.IGNORECASE,
)
_TAKES_BACK = re.compile(r"\b(?:wait|that['’]?s|this\s+is|that\s+is|was|sorry|oops|no,|above|earlier)\b", re.IGNORECASE)
_AGAIN = re.compile(
    r"\b(?:correct(?:ion|ed|ing)|revis(?:ed|ion|iting)|fix(?:ed|ing)?|redo(?:ne|ing)?|amend(?:ed|ment)|corrección|corregid[oa]|korrektur|korrigiert|rectification|更正|修正)\b",
    re.IGNORECASE,
)


def with_standing(speech: Speech, found: Sequence[Found]) -> list[Found]:
    """The statements with their standing; offers of help are left out."""
    judged = _Judge(speech)
    kept = [item for item in found if not judged.offers(item)]
    kept = [judged.first(item) for item in kept]
    kept = _withdrawn(speech, kept)
    return _answers_in_headings(kept)


def _put(item: Found, standing: Standing) -> Found:
    return Found(item.start, item.stop, replace(item.statement, standing=standing), item.line)


class _Judge:
    def __init__(self, speech: Speech) -> None:
        self.flow = speech.flow
        self.text = speech.flow.text
        self.sentence_of: dict[int, list[tuple[int, int]]] = {}
        self.answers: dict[tuple[int, int, int], bool] = {}
        self.announces = self._announcements(speech.lines)

    def _announcements(self, lines: Iterable[Line]) -> dict[int, bool]:
        """For each display (by its start), whether the line before announces a given or a goal ("We want:")."""
        found: dict[int, bool] = {}
        announced = False
        for line in lines:
            if line.kind is Kind.DISPLAY:
                found[line.start] = announced
                continue
            last = list(sentences(self.flow, line.start, line.stop))
            announced = (
                bool(last) and self._recalls(*last[-1]) and not _CONCLUDES.search(self.text, last[-1][0], last[-1][1])
            )
        return found

    def _recalls(self, start: int, stop: int) -> bool:
        lead = _START.match(self.text, start, stop)
        at = lead.end() if lead else start
        given = GIVENS.match(self.text, at, stop)
        # "Let", "define" and "where" bring in something of the writer's own.
        if given and given[0].casefold() not in {
            "let",
            "define",
            "we define",
            "where",
            "sea",
            "sean",
            "sei",
            "seien",
            "soit",
            "soient",
            "设",
            "пусть",
        }:
            return True
        return bool(GOALS.match(self.text, at, stop))

    def sentence(self, item: Found) -> tuple[int, int]:
        line = item.line
        if line.start not in self.sentence_of:
            self.sentence_of[line.start] = list(sentences(self.flow, line.start, line.stop))
        for start, stop in self.sentence_of[line.start]:
            if start <= item.start < stop:
                return start, stop
        return line.start, line.stop

    def offers(self, item: Found) -> bool:
        start, stop = self.sentence(item)
        return self.said(CLOSERS, start, stop) and item.statement.manner in {Manner.FACT, Manner.DIRECTION}

    def said(self, pattern: re.Pattern[str], start: int, stop: int) -> bool:
        """Whether a pattern is found in a sentence; several statements of one sentence ask the same."""
        key = (id(pattern), start, stop)
        if key not in self.answers:
            self.answers[key] = pattern.search(self.text, start, stop) is not None
        return self.answers[key]

    def first(self, item: Found) -> Found:
        if item.statement.standing is not Standing.ASSERTED:
            return item
        start, stop = self.sentence(item)
        if self._restates(item, start, stop):
            return _put(item, Standing.RESTATED)
        if self._rejects(item, start, stop):
            return _put(item, Standing.REJECTED)
        if self.said(HEDGES, start, stop) or self._lead_hedges(item):
            return _put(item, Standing.HEDGED)
        return item

    def _lead_hedges(self, item: Found) -> bool:
        return item.line.lead is not None and self.said(HEDGES, *item.line.lead)

    def _restates(self, item: Found, start: int, stop: int) -> bool:
        line = item.line
        if line.kind is Kind.HEADING or self.announces.get(line.start, False):
            return True
        if self.text[start:stop].rstrip(" *_\n").endswith(("?", "？")):
            return True
        if item.statement.manner is Manner.FACT and item.statement.formula is None:
            return False
        if self._recalls(start, stop):
            return not _CONCLUDES.search(self.text, start, item.start)
        if line.marked and start == line.start:
            lead = _START.match(self.text, start, stop)
            task = TASKS.match(self.text, lead.end() if lead else start, stop)
            if task and task[0].casefold() not in WEAK_TASKS:
                return not re.search(r"[:→⇒]", self.text[task.end() : item.start]) and not _CONCLUDES.search(
                    self.text, start, item.start
                )
        return False

    def _rejects(self, item: Found, start: int, stop: int) -> bool:
        # Only the half of the sentence in which the statement stands, "not X, but Y".
        turns = [start, *(match.end() for match in _TURNS.finditer(self.text, start, stop)), stop]
        for first, last in zip(turns, turns[1:], strict=False):
            if not first <= item.start < last or not self.said(REJECTIONS, first, last):
                continue
            if item.statement.manner is Manner.FACT and self._only_denies(first, last):
                continue
            # "Wait, that's wrong: x = 2" refuses what came before.
            colon = self.text.rfind(":", first, item.start)
            if colon == -1 or not _TAKES_BACK.search(self.text, first, colon):
                return True
        if item.statement.manner is Manner.FORMULA:
            if INSTEAD.search(self.text, max(start, item.start - 40), item.start):
                return True
            lead = item.line.lead
            return lead is not None and self.said(REJECTIONS, *lead)
        return False

    def _only_denies(self, start: int, stop: int) -> bool:
        """Whether a sentence refuses nothing, but says of something that it is not so: "it is not the identity"."""
        refusals = [match.start() for match in REJECTIONS.finditer(self.text, start, stop)]
        denials = {match.start() for match in DENIALS.finditer(self.text, start, stop)}
        return set(refusals) <= denials


def _key(item: Found) -> tuple[str, str]:
    """What a later statement must share to take this one's place."""
    statement = item.statement
    if statement.manner is Manner.DIRECTION:
        return "direction", statement.subject or ""
    latex = statement.latex or ""
    left = re.split(r"=|\\approx|≈|\\to(?![a-z])", latex)[0]
    return statement.manner.value, re.sub(r"[\s{}]|\\[,;!]|\\mathbf|\\hat", "", left) if len(left) < len(latex) else ""


def _withdrawn(speech: Speech, found: list[Found]) -> list[Found]:
    """Statements taken back later in the same message."""
    taken: set[int] = set()
    for at, line in _cues(speech):
        same = [i for i, item in enumerate(found) if _place(item) == (line.label.problem, line.label.path)]
        earlier = [i for i in same if found[i].stop <= at]
        later = {
            _key(found[i])
            for i in same
            if found[i].start >= at and found[i].statement.standing in {Standing.ASSERTED, Standing.HEDGED}
        }
        if not earlier:
            continue
        replaced = [
            i
            for i in earlier
            if found[i].statement.manner in {Manner.FORMULA, Manner.DIRECTION, Manner.EXAMPLE}
            and _key(found[i])[1]
            and _key(found[i]) in later
        ]
        taken.update(replaced)
        # What was said right before the cue is what the cue is about, even where nothing takes its place.
        nearest = max(found[i].stop for i in earlier)
        begin = max((found[i].start for i in earlier if found[i].stop == nearest), default=0)
        taken.update(i for i in earlier if found[i].line is found[max(earlier)].line and found[i].stop >= begin)
    return [
        _put(item, Standing.WITHDRAWN)
        if i in taken and item.statement.standing in {Standing.ASSERTED, Standing.HEDGED}
        else item
        for i, item in enumerate(found)
    ]


def _place(item: Found) -> tuple[str | None, tuple[str, ...]]:
    return item.line.label.problem, item.line.label.path


def _cues(speech: Speech) -> list[tuple[int, Line]]:
    found: list[tuple[int, Line]] = []
    seen: set[tuple[str | None, tuple[str, ...]]] = set()
    section: tuple[str | None, tuple[str, ...]] | None = None
    for line in speech.lines:
        place = (line.label.problem, line.label.path)
        title = line.label.title if line.kind is Kind.HEADING else ""
        if place != section:
            again = (
                place in seen
                and line.label.path
                and _AGAIN.search(title + " " + speech.flow.show(line.start, min(line.stop, line.start + 60)))
            )
            if again:
                found.append((line.start, line))
            section = place
            seen.add(place)
        if line.kind in {Kind.DISPLAY, Kind.CELL}:
            continue
        found += [(line.start + match.start("cue"), line) for match in RETRACTIONS.finditer(speech.text(line))]
    return found


def _answers_in_headings(found: list[Found]) -> list[Found]:
    """A part answered in its own heading ("### (a) $e = -b/w$"): where nothing else is said, the heading is the answer."""
    said = {
        _place(item)
        for item in found
        if item.statement.standing is not Standing.RESTATED and item.statement.manner is not Manner.FACT
    }
    result = []
    for item in found:
        line = item.line
        promoted = (
            item.statement.standing is Standing.RESTATED
            and line.kind is Kind.HEADING
            and line.marked
            and not line.row
            and line.label.path
            and _place(item) not in said
            and not TASKS.search(line.label.title)
            and not line.label.title.endswith("?")
            and not item.statement.hypothesis
            and not re.match(r"(?:case|caso|fall|cas)\b", line.label.title, re.IGNORECASE)
        )
        result.append(_put(item, Standing.ASSERTED) if promoted else item)
    return result
