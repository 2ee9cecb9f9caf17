"""A report for issue trackers, wikis and pull requests."""

from __future__ import annotations

import re

from llmgrade.report import words
from llmgrade.report.model import ClaimReport, PartReport, ProblemReport, Report

__all__ = ["render"]


def render(report: Report) -> str:
    """GitHub-flavoured Markdown; text from the chat is escaped, so that it can't change the report's own."""
    lines = [f"# {_plain(report.transcript.source)}", "", f"**{words.summary(report)}**", ""]
    if report.problems:
        lines += [f"Score: {words.score(report.score)}", ""]
    for problem in report.problems:
        lines += _problem(problem)
    if report.findings:
        lines += ["## False side statements", ""]
        lines += [
            f"- **{finding.part}**, turn {finding.turn}, {words.place(finding.claim.span)}: "
            f"{_quoted(finding.claim)} — {_plain(words.evidence(finding.claim.evidence))}"
            for finding in report.findings
        ]
        lines.append("")
    if report.annotations:
        lines += ["## Margin notes", "", "| note | where | about | verdicts |", "|---|---|---|---|"]
        for note in report.annotations:
            agrees = {True: "agree", False: "disagree: " + ", ".join(note.disagreements), None: "–"}[note.agrees]
            lines.append(
                f"| {_cell(note.text)} | {words.place(note.span)} | {', '.join(note.parts) or '–'} | {_cell(agrees)} |"
            )
        lines.append("")
    lines += [f"> {_plain(note)}" for note in report.notes]
    return "\n".join(lines).rstrip() + "\n"


def _problem(problem: ProblemReport) -> list[str]:
    lines = [
        f"## {problem.title or problem.rubric}",
        "",
        f"`{problem.rubric}` {problem.rubric_version}: {words.score(problem.score)}",
        "",
        "| part | first | final | points | how it went | pitfalls |",
        "|---|---|---|---|---|---|",
    ]
    for part in problem.parts:
        pitfalls = sorted({p for attempt in part.attempts for p in attempt.pitfalls})
        lines.append(
            f"| {part.id} | {words.MARKS[part.first]} {part.first} | {words.MARKS[part.final]} {part.final} | "
            f"{words.number(part.points)} | {part.story} | {', '.join(f'`{p}`' for p in pitfalls)} |"
        )
    lines.append("")
    for part in problem.parts:
        lines += _faults(part)
    return lines


def _faults(part: PartReport) -> list[str]:
    found = words.faults(part)
    if not found:
        return []
    lines = [f"**{part.id}** {_plain(part.title)}", ""]
    for attempt, claim in found:
        lines.append(
            f"- {words.attempt_heading(attempt)}, {words.place(claim.span)}: {words.MARKS[claim.verdict]} "
            f"{_quoted(claim)} — {_plain(words.evidence(claim.evidence))}"
        )
    told = dict.fromkeys(text for attempt in part.attempts for text in attempt.feedback)
    lines += [f"  - {_plain(text)}" for text in told]
    return [*lines, ""]


def _quoted(claim: ClaimReport) -> str:
    text = words.one_line(claim.latex or claim.text)
    return f"`{text}`" if "`" not in text else _plain(text)


def _plain(text: str) -> str:
    return re.sub(r"([\\`*_{}\[\]<>#|~$])", r"\\\1", words.one_line(text, 600))


def _cell(text: str) -> str:
    return _plain(text)
