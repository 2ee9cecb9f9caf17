"""What checking hands on: every claim with its verdict and evidence, every attempt with what it comes to."""

from __future__ import annotations

from dataclasses import dataclass

from llmgrade.checking.evidence import Evidence
from llmgrade.checking.verdict import Verdict
from llmgrade.source import Span

__all__ = ["JudgedAttempt", "JudgedClaim", "JudgedPart", "JudgedProblem"]


@dataclass(frozen=True, slots=True)
class JudgedClaim:
    """One thing asserted, and whether it is so."""

    kind: str
    """The contract's ``kind``: expression, equation, condition, direction, cases, limit, example, fact, ..."""
    text: str
    """The source's own words at ``span``."""
    span: Span
    verdict: Verdict
    evidence: Evidence
    reading: str | None = None
    """What it was taken to say, in plain mathematics or one word."""
    latex: str | None = None
    pitfalls: tuple[str, ...] = ()
    item: str | None = None
    """Which of the part's expected items it answers; None for a side statement."""
    decisive: bool = True
    """Whether the part's verdict rests on it."""
    group: str | None = None
    """Fingerprint of the value it states; None where it has none."""


@dataclass(frozen=True, slots=True)
class JudgedAttempt:
    """One turn that answers a part."""

    number: int
    turn: int
    verdict: Verdict
    credit: float
    """Share of the part's points, 0 to 1."""
    pitfalls: tuple[str, ...] = ()
    feedback: tuple[str, ...] = ()
    """A teacher's words, witnesses filled in."""
    claims: tuple[JudgedClaim, ...] = ()
    prompted_by: str | None = None
    """The person's words that made the model answer again; None at the first attempt."""
    prompt_kind: str | None = None
    reasons: tuple[str, ...] = ()
    """Why the verdict is what it is where no claim says so, e.g. an item that was not answered."""
    follows: str | None = None
    """The part whose wrong answer this one follows from, where it is credited for that."""

    @property
    def findings(self) -> tuple[JudgedClaim, ...]:
        """False side statements: worth knowing, though the verdict does not rest on them."""
        return tuple(c for c in self.claims if not c.decisive and c.verdict is Verdict.INCORRECT)


@dataclass(frozen=True, slots=True)
class JudgedPart:
    """A part over all its attempts; none means it was asked and never answered."""

    id: str
    title: str
    points: float
    attempts: tuple[JudgedAttempt, ...] = ()

    @property
    def first(self) -> Verdict:
        return self.attempts[0].verdict if self.attempts else Verdict.UNANSWERED

    @property
    def final(self) -> Verdict:
        return self.attempts[-1].verdict if self.attempts else Verdict.UNANSWERED


@dataclass(frozen=True, slots=True)
class JudgedProblem:
    """A problem of the chat, judged by one rubric."""

    rubric: str
    version: str
    title: str
    parts: tuple[JudgedPart, ...]
    certificate: str | None = None
    """What the rubric's certificate says, where it has one."""
