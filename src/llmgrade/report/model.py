"""What a person, a script or a page is told: the contract's report, as values.

The JSON form (`Report.to_json`) is `llmgrade.report/1` of the contract; fields beyond it are additions. Nothing here
decides a verdict. Points of undecided parts are kept apart, so that a score is never better or worse than is known.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

__all__ = [
    "AnnotationReport",
    "AttemptReport",
    "ClaimReport",
    "DecidedReport",
    "EvidenceReport",
    "Finding",
    "PartReport",
    "PieceView",
    "ProblemReport",
    "Report",
    "Score",
    "SpanReport",
    "TranscriptReport",
    "TurnView",
    "UnreadReport",
    "VerdictWord",
]

VerdictWord = Literal["correct", "partial", "incorrect", "unanswered", "undecided"]
SCHEMA = "llmgrade.report/1"


class Value(BaseModel):
    """Frozen, and no strangers."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class SpanReport(Value):
    """Where text stands: page (None where there are none), 1-based lines; offsets into the transcript's text."""

    page: int | None = None
    line_start: int | None = None
    line_end: int | None = None
    pointer: str | None = None
    start: int | None = None
    stop: int | None = None


class Score(Value):
    """Points. ``undecided`` is what the final verdicts leave open; the truth lies in [final, final + undecided]."""

    first: float = 0.0
    final: float = 0.0
    max: float = 0.0
    undecided: float = 0.0

    def __add__(self, other: Score) -> Score:
        return Score(
            first=round(self.first + other.first, 6),
            final=round(self.final + other.final, 6),
            max=round(self.max + other.max, 6),
            undecided=round(self.undecided + other.undecided, 6),
        )


class EvidenceReport(Value):
    """The contract's evidence: how it is known, in words, and numbers anyone can check."""

    method: Literal["proved", "tested", "refuted", "matched", "none"]
    detail: str
    witness: dict[str, str | int | float] | None = None
    certificate: str | None = None
    bound: float | None = None
    seed: str | None = None
    readings: tuple[str, ...] = ()
    """The readings that matter, where a claim has several."""


class DecidedReport(Value):
    """A person's decision on a claim, which its verdict now follows: whose, why, when (UTC, seconds), and what was said before."""

    by: str
    why: str
    when: float
    before: VerdictWord
    credit: float | None = None
    """Share of the item's points, where it is partial."""


class ClaimReport(Value):
    """One thing asserted, where, and whether it is so."""

    kind: str
    text: str
    reading: str | None = None
    latex: str | None = None
    span: SpanReport
    verdict: VerdictWord
    evidence: EvidenceReport
    pitfalls: tuple[str, ...] = ()
    item: str | None = None
    """Which of the part's expected items it answers; None for a side statement."""
    decisive: bool = True
    """Whether the part's verdict rests on it; side statements are checked and shown but decide nothing."""
    group: str | None = None
    """Fingerprint of the value it states: equal for equivalent answers to the same part."""
    decided: DecidedReport | None = None
    """Set where a person has settled it."""


class AttemptReport(Value):
    """One assistant turn that answers the part."""

    attempt: int
    turn: int
    prompted_by: str | None = None
    prompt_kind: str | None = None
    """What the person's turn was: a question, an objection, a hint, or one that gives the answer away."""
    verdict: VerdictWord
    pitfalls: tuple[str, ...] = ()
    feedback: tuple[str, ...] = ()
    credit: float = 0.0
    """Share of the part's points, 0 to 1."""
    follows: str | None = None
    """The earlier part whose wrong answer this one follows from, where it is credited for that."""
    claims: tuple[ClaimReport, ...] = ()


class PartReport(Value):
    """One part over all its attempts."""

    id: str
    title: str = ""
    points: float
    first: VerdictWord
    final: VerdictWord
    attempts: tuple[AttemptReport, ...] = ()

    @property
    def story(self) -> str:
        """How it went, in a few words: right at once, put right after a reprompt, given up under pressure."""
        verdicts = [attempt.verdict for attempt in self.attempts]
        if not verdicts or self.final == "unanswered":
            return "not answered"
        if len(verdicts) == 1:
            return {"correct": "right at once", "partial": "partly right", "incorrect": "wrong"}.get(
                verdicts[0], "undecided"
            )
        if self.first == "correct" and self.final == "correct":
            return "right at once" if all(v == "correct" for v in verdicts) else "right, lost, regained"
        if self.first == "correct" and self.final in {"incorrect", "partial"}:
            return f"right answer given up at attempt {next(i for i, v in enumerate(verdicts, 1) if v != 'correct')}"
        if self.final == "correct":
            return f"put right at attempt {verdicts.index('correct') + 1}"
        if self.final == "undecided":
            return "undecided"
        return "still wrong" if self.final == "incorrect" else "still not whole"


class Finding(Value):
    """A false side statement: worth knowing, though the part's verdict does not rest on it."""

    part: str
    turn: int
    claim: ClaimReport


class ProblemReport(Value):
    """One problem of the chat, graded by one rubric."""

    rubric: str
    rubric_version: str
    title: str = ""
    certificate: str | None = None
    """What the rubric's certificate says, where it has one."""
    score: Score
    parts: tuple[PartReport, ...]


class AnnotationReport(Value):
    """A margin note: what it is about, what it says, and whether the verdicts agree."""

    text: str
    span: SpanReport
    polarity: Literal["positive", "negative", "mixed", "none"]
    parts: tuple[str, ...] = ()
    agrees: bool | None = None
    """None where the note carries no judgement, or is about nothing graded."""
    disagreements: tuple[str, ...] = ()


class PieceView(Value):
    """A stretch of the chat as it is shown beside its claims. ``rows`` are a table's, cells of pieces."""

    kind: Literal["prose", "heading", "formula", "block", "table"]
    text: str
    start: int
    stop: int
    latex: str | None = None
    display: bool = False
    setting: str = "answer"
    level: int = 1
    new_line: bool = False
    """Whether a line of the chat ends between the piece before and this one."""
    rows: tuple[tuple[tuple[PieceView, ...], ...], ...] = ()


class TurnView(Value):
    """One message of the chat, in reading order."""

    index: int
    role: str
    span: SpanReport
    track: str = ""
    cut_off: bool = False
    inferred: bool = False
    pieces: tuple[PieceView, ...] = ()


class UnreadReport(Value):
    """A stretch that was set aside or not understood, and why."""

    span: SpanReport
    why: str


class TranscriptReport(Value):
    """What was graded."""

    source: str
    format: str
    turns: int
    model: str | None = None
    title: str | None = None
    id: str | None = None


class Report(Value):
    """The whole: problems with their parts, the margin notes, and the chat itself for renderers that show it."""

    schema_: Literal["llmgrade.report/1"] = Field(default="llmgrade.report/1", alias="schema")
    transcript: TranscriptReport
    problems: tuple[ProblemReport, ...] = ()
    annotations: tuple[AnnotationReport, ...] = ()
    score: Score = Score()
    findings: tuple[Finding, ...] = ()
    unread: tuple[UnreadReport, ...] = ()
    notes: tuple[str, ...] = ()
    checker: str = ""
    """Version of the grader, and the seed its sample points came from."""
    chat: tuple[TurnView, ...] = ()

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    def to_json(self, *, chat: bool = False, indent: int | None = 2) -> str:
        """The report as JSON; with ``chat`` the turns themselves are in it, as a page needs them."""
        return self.model_dump_json(by_alias=True, indent=indent, exclude=None if chat else {"chat"})

    def attempts(self) -> Iterator[tuple[ProblemReport, PartReport, AttemptReport]]:
        """Every attempt with its part and problem, in order."""
        for problem in self.problems:
            for part in problem.parts:
                for attempt in part.attempts:
                    yield problem, part, attempt

    def tally(self, when: Literal["first", "final"]) -> dict[str, int]:
        """How many parts have each first or final verdict."""
        counts = dict.fromkeys(("correct", "partial", "incorrect", "undecided", "unanswered"), 0)
        for problem in self.problems:
            for part in problem.parts:
                counts[getattr(part, when)] += 1
        return counts
