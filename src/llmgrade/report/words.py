"""How verdicts, places and evidence are put into words: what every renderer says in the same way."""

from __future__ import annotations

import re

from llmgrade.report.model import AttemptReport, ClaimReport, EvidenceReport, PartReport, Report, Score, SpanReport

__all__ = [
    "MARKS",
    "attempt_heading",
    "evidence",
    "faults",
    "number",
    "one_line",
    "place",
    "score",
    "summary",
    "witness",
]

MARKS = {"correct": "✓", "partial": "◐", "incorrect": "✗", "undecided": "?", "unanswered": "–"}


def number(value: float) -> str:
    """A number of points without a needless fraction.

    >>> number(2.0), number(2.5), number(1 / 3)
    ('2', '2.5', '0.33')
    """
    return f"{value:.2f}".rstrip("0").rstrip(".")


def one_line(text: str, width: int = 160) -> str:
    """``text`` on one line, cut with an ellipsis where it is longer than ``width``; invisible marks left out."""
    flat = re.sub(r"\s+", " ", text.replace("\u200b", "")).strip()
    return flat if len(flat) <= width else flat[: width - 1].rstrip() + "…"


def place(span: SpanReport) -> str:
    """``page 17, lines 2013–2014``; a structured file's pointer where there are no pages."""
    found = [] if span.page is None else [f"page {span.page}"]
    if span.pointer is not None:
        found.append(span.pointer)
    if span.line_start is not None:
        end = span.line_end or span.line_start
        found.append(f"line {span.line_start}" if end == span.line_start else f"lines {span.line_start}–{end}")
    return ", ".join(found)


def witness(values: dict[str, str | int | float] | None) -> str:
    """``w = 1, b = 3, x = 1``."""
    return ", ".join(f"{name} = {value}" for name, value in (values or {}).items())


def evidence(found: EvidenceReport) -> str:
    """How a verdict is known, in one sentence, with its numbers."""
    word = {
        "proved": "proved",
        "tested": "tested",
        "refuted": "refuted",
        "matched": "matched to the rubric",
        "none": "not decided",
    }[found.method]
    text = f"{word}: {found.detail}" if found.detail else word
    numbers = witness(found.witness)
    if numbers and numbers not in text:
        text += f" [{numbers}]"
    if len(found.readings) > 1:
        text += " Readings that matter: " + " | ".join(found.readings)
    return text


def score(found: Score) -> str:
    """``first 6, final 9.5 of 10`` with what is open, if anything."""
    text = f"first {number(found.first)}, final {number(found.final)} of {number(found.max)}"
    return text + (f" ({number(found.undecided)} undecided)" if found.undecided else "")


def summary(report: Report) -> str:
    """The whole in one line, for the top of a report and the end of a batch."""
    if not report.problems:
        return "nothing to grade: no known problem was found in this chat"
    tally = report.tally("final")
    told = ", ".join(f"{count} {word}" for word, count in tally.items() if count)
    mended = sum(p.first != "correct" and p.final == "correct" for b in report.problems for p in b.parts)
    lost = sum(p.first == "correct" and p.final in {"incorrect", "partial"} for b in report.problems for p in b.parts)
    tail = f"; {mended} put right by reprompting" if mended else ""
    return told + tail + (f"; {lost} right answer{'s' if lost > 1 else ''} given up" if lost else "")


def faults(part: PartReport) -> list[tuple[AttemptReport, ClaimReport]]:
    """Decisive claims of the part that are not correct, with their attempts, in order."""
    return [
        (attempt, claim)
        for attempt in part.attempts
        for claim in attempt.claims
        if claim.decisive and claim.verdict in {"incorrect", "partial", "undecided"}
    ]


def attempt_heading(attempt: AttemptReport) -> str:
    """``attempt 2 (turn 11, after an objection)``."""
    kind = f", after {attempt.prompt_kind}" if attempt.prompt_kind and attempt.attempt > 1 else ""
    return f"attempt {attempt.attempt} (turn {attempt.turn}{kind})"
