"""Margin notes held against the verdicts: what each is about, and whether it agrees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from llmgrade.claims.notes import Judgement, judgements, polarity
from llmgrade.report.chat import span_report
from llmgrade.report.model import AnnotationReport, AttemptReport, PartReport, ProblemReport
from llmgrade.transcript.model import Annotation, Role, Transcript

__all__ = ["annotate"]


@dataclass(frozen=True, slots=True)
class _Beside:
    """An attempt that stands on or beside the page of a note."""

    problem: ProblemReport
    part: PartReport
    attempt: AttemptReport
    on_page: bool

    @property
    def name(self) -> str:
        return f"{self.problem.rubric}:{self.part.id}"

    def called(self, label: tuple[str, ...]) -> bool:
        """Whether the part may be called by that label: ``ii`` and ``b.ii`` both mean ``b.ii``, ``b`` means all of b."""
        path = tuple(self.part.id.split("."))
        return path[: len(label)] == label or path[-len(label) :] == label


def annotate(transcript: Transcript, problems: tuple[ProblemReport, ...]) -> tuple[AnnotationReport, ...]:
    """Every margin note with its polarity, the parts it is about, and each disagreement in words."""
    by_page: dict[int | None, list[Annotation]] = {}
    for note in transcript.annotations:
        if not note.fragment:
            by_page.setdefault(_page(transcript, note), []).append(note)
    return tuple(_annotate(note, transcript, problems, by_page) for note in transcript.annotations)


def _annotate(
    note: Annotation,
    transcript: Transcript,
    problems: tuple[ProblemReport, ...],
    by_page: dict[int | None, list[Annotation]],
) -> AnnotationReport:
    span = span_report(transcript.source, note.span)
    if note.fragment:
        return AnnotationReport(text=note.text, span=span, polarity="none")
    page = _page(transcript, note)
    siblings = by_page[page]
    turns = _turns_on(transcript, page, siblings.index(note), len(siblings))
    beside = _beside(transcript, problems, page, turns)
    parts: dict[str, None] = {}
    against: dict[str, None] = {}
    judged = False
    for judgement in judgements(note.text):
        meant = _meant(judgement, beside)
        parts.update(dict.fromkeys(one.name for one in meant))
        if judgement.polarity == "none" or not meant:
            continue
        judged = True
        against.update(dict.fromkeys(_disagreements(judgement.polarity, meant)))
    return AnnotationReport(
        text=note.text,
        span=span,
        polarity=polarity(note.text),
        parts=tuple(parts),
        agrees=not against if judged else None,
        disagreements=tuple(against),
    )


def _page(transcript: Transcript, note: Annotation) -> int | None:
    return note.page if note.page is not None else transcript.source.page_of(note.span.start)


def _turns_on(transcript: Transcript, page: int | None, rank: int, notes: int) -> tuple[int, ...]:
    """Assistant turns that stand on the page.

    Where several notes and several answers share a page, the first notes are about the first answers.
    """
    found = [
        turn.index
        for turn in transcript.current
        if turn.role is Role.ASSISTANT
        and any(page is None or transcript.source.page_of(piece.span.start) == page for piece in turn.pieces)
    ]
    if notes > 1 and len(found) > 1:
        return (found[min(rank * len(found) // notes, len(found) - 1)],)
    return tuple(found)


def _beside(
    transcript: Transcript, problems: tuple[ProblemReport, ...], page: int | None, turns: tuple[int, ...]
) -> list[_Beside]:
    return [
        _Beside(problem, part, attempt, any(c.span.page == page for c in attempt.claims))
        for problem in problems
        for part in problem.parts
        for attempt in part.attempts
        if attempt.turn in turns
    ]


def _meant(judgement: Judgement, beside: list[_Beside]) -> list[_Beside]:
    """The attempts a clause is about: those it names, else those on the page that its words fit best."""
    if judgement.labels:
        return [one for one in beside if any(one.called(label) for label in judgement.labels)]
    if judgement.whole:
        return beside
    near = [one for one in beside if one.on_page] or beside
    if judgement.again:
        mended = [one for one in near if one.attempt.attempt > 1 and _was_wrong(one)]
        near = mended or [one for one in beside if one.attempt.attempt > 1 and _was_wrong(one)] or near
    spoken = [one for one in near if judgement.words & _claim_words(one)]
    return spoken or near


def _was_wrong(one: _Beside) -> bool:
    before = one.part.attempts[one.attempt.attempt - 2]
    return before.verdict != "correct" or bool(before.pitfalls)


def _claim_words(one: _Beside) -> set[str]:
    moving = [c for c in one.attempt.claims if c.kind == "direction" and c.reading != "unchanged"]
    return {
        word.lower().strip(".,:;()*").rstrip("s") for claim in moving for word in claim.text.split() if len(word) > 3
    }


def _disagreements(said: Literal["positive", "negative", "mixed", "none"], meant: list[_Beside]) -> list[str]:
    if said == "positive":
        return [
            _told(one, "the note calls it right") for one in meant if one.attempt.verdict in {"incorrect", "partial"}
        ]
    if said == "negative":
        return [
            _told(one, "the note calls it wrong")
            for one in meant
            if one.attempt.verdict == "correct" and not one.attempt.pitfalls
        ]
    faultless = all(one.attempt.verdict == "correct" and not one.attempt.pitfalls for one in meant)
    return [_told(one, "the note finds fault with it") for one in meant] if faultless else []


def _told(one: _Beside, said: str) -> str:
    return f"{one.name} at attempt {one.attempt.attempt} is {one.attempt.verdict}; {said}"
