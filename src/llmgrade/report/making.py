"""Verdicts → Report: points are added up, evidence put into words, places made clickable. Nothing is decided here."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from llmgrade.checking.evidence import Evidence, Matched, Proved, Refuted, Tested, Undecided
from llmgrade.checking.model import JudgedAttempt, JudgedClaim, JudgedPart, JudgedProblem
from llmgrade.report.annotations import annotate
from llmgrade.report.chat import span_report, views
from llmgrade.report.model import (
    AttemptReport,
    ClaimReport,
    EvidenceReport,
    Finding,
    PartReport,
    ProblemReport,
    Report,
    Score,
    TranscriptReport,
    UnreadReport,
)
from llmgrade.source import Source
from llmgrade.transcript.model import Transcript

__all__ = ["evidence_report", "make"]


def make(transcript: Transcript, judged: Sequence[JudgedProblem], *, checker: str = "", seed: str = "") -> Report:
    """The report of one chat.

    ``checker`` is the grader's version, ``seed`` what its sample points came from: with both a verdict can be replayed.
    """
    source = transcript.source
    problems = tuple(_problem(problem, source) for problem in judged)
    told = TranscriptReport(
        source=source.name,
        format=transcript.format,
        turns=len(transcript.turns),
        model=transcript.model,
        title=transcript.title,
        id=transcript.id,
    )
    return Report(
        transcript=told,
        problems=problems,
        annotations=annotate(transcript, problems),
        score=sum((problem.score for problem in problems), Score()),
        findings=tuple(
            Finding(part=f"{problem.rubric}:{part.id}", turn=attempt.turn, claim=_claim(claim, source))
            for problem in judged
            for part in problem.parts
            for attempt in part.attempts
            for claim in attempt.findings
        ),
        unread=tuple(UnreadReport(span=span_report(source, gap.span), why=gap.why) for gap in transcript.unread),
        notes=transcript.notes,
        checker=f"{checker} seed {seed}".strip() if seed else checker,
        chat=views(transcript),
    )


def _problem(problem: JudgedProblem, source: Source) -> ProblemReport:
    parts = tuple(_part(part, source) for part in problem.parts)
    score = Score(
        first=round(sum(p.points * p.attempts[0].credit for p in parts if p.attempts), 6),
        final=round(sum(p.points * p.attempts[-1].credit for p in parts if p.attempts), 6),
        max=round(sum(p.points for p in parts), 6),
        undecided=round(sum(p.points for p in parts if p.final == "undecided"), 6),
    )
    return ProblemReport(
        rubric=problem.rubric,
        rubric_version=problem.version,
        title=problem.title,
        certificate=problem.certificate,
        score=score,
        parts=parts,
    )


def _part(part: JudgedPart, source: Source) -> PartReport:
    return PartReport(
        id=part.id,
        title=part.title,
        points=part.points,
        first=part.first.value,
        final=part.final.value,
        attempts=tuple(_attempt(attempt, source) for attempt in part.attempts),
    )


def _attempt(attempt: JudgedAttempt, source: Source) -> AttemptReport:
    return AttemptReport(
        attempt=attempt.number,
        turn=attempt.turn,
        prompted_by=attempt.prompted_by if attempt.number > 1 else None,
        prompt_kind=attempt.prompt_kind if attempt.number > 1 else None,
        verdict=attempt.verdict.value,
        pitfalls=attempt.pitfalls,
        feedback=(*attempt.feedback, *attempt.reasons),
        credit=attempt.credit,
        follows=attempt.follows,
        claims=tuple(_claim(claim, source) for claim in attempt.claims),
    )


def _claim(claim: JudgedClaim, source: Source) -> ClaimReport:
    return ClaimReport(
        kind=claim.kind,
        text=claim.text,
        reading=claim.reading,
        latex=claim.latex,
        span=span_report(source, claim.span),
        verdict=claim.verdict.value,
        evidence=evidence_report(claim.evidence),
        pitfalls=claim.pitfalls,
        item=claim.item,
        decisive=claim.decisive,
        group=_group(claim),
    )


def _group(claim: JudgedClaim) -> str | None:
    """The fingerprint of its value, else of what it was taken to say."""
    if not claim.decisive or claim.group is not None:
        return claim.group
    if not claim.reading:
        return None
    return hashlib.sha256(f"{claim.kind} {' '.join(claim.reading.split()).casefold()}".encode()).hexdigest()[:16]


def evidence_report(evidence: Evidence) -> EvidenceReport:
    """The contract's evidence, in words and numbers."""
    match evidence:
        case Proved(argument=argument, certificate=certificate, notes=notes):
            return EvidenceReport(method="proved", detail=_sentence(argument, notes), certificate=certificate)
        case Tested(points=points, bound=bound, argument=argument, seed=seed, notes=notes):
            chance = "no bound known" if bound is None else f"chance of accidental agreement at most {bound:.1e}"
            told = f"agrees at {points} random point{'s' if points != 1 else ''}; {chance}"
            detail = _sentence(f"{argument}: {told}" if argument else told, notes)
            return EvidenceReport(method="tested", detail=detail, bound=bound, seed=seed)
        case Refuted(reason=reason, witness=witness, got=got, expected=expected, notes=notes):
            values = f"; this gives {got}, expected {expected}" if got is not None and expected is not None else ""
            detail = _sentence(reason + (values if got is None or got not in reason else ""), notes)
            return EvidenceReport(method="refuted", detail=detail, witness=dict(witness) or None)
        case Matched(wording=wording, opposite=opposite):
            told = f"says the opposite of what is so: “{wording}”" if opposite else f"“{wording}”"
            return EvidenceReport(method="matched", detail=told)
        case Undecided(reason=reason, readings=readings):
            return EvidenceReport(method="none", detail=reason, readings=readings)


def _sentence(text: str, notes: tuple[str, ...]) -> str:
    return "; ".join((text, *notes))
