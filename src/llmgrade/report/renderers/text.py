"""A report for a terminal: as wide as it is, in colour where it has any."""

from __future__ import annotations

import io
import os
import sys

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from llmgrade.report import words
from llmgrade.report.model import ClaimReport, PartReport, ProblemReport, Report, VerdictWord

__all__ = ["render"]

STYLES: dict[str, str] = {
    "correct": "green",
    "partial": "yellow",
    "incorrect": "bold red",
    "undecided": "magenta",
    "unanswered": "dim",
}


def render(report: Report, *, width: int | None = None, colour: bool | None = None) -> str:
    """Text of at most ``width`` cells a line (default: the terminal's, else 100).

    Colour is on where standard output is a terminal and NO_COLOR is not set, unless ``colour`` says otherwise.
    """
    if colour is None:
        colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    if width is None:
        width = Console().width if sys.stdout.isatty() else 100
    out = io.StringIO()
    console = Console(
        file=out, width=width, force_terminal=colour, no_color=not colour, highlight=False, markup=False, emoji=False
    )
    _head(console, report)
    for problem in report.problems:
        _problem(console, problem)
    _findings(console, report)
    _annotations(console, report)
    for note in report.notes:
        console.print(Text(f"note: {note}", style="dim"))
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


def _head(console: Console, report: Report) -> None:
    told = report.transcript
    line = Text(told.source, style="bold")
    line.append(f"  {told.format}, {told.turns} turns" + (f", {told.model}" if told.model else ""), style="dim")
    console.print(line)
    console.print(Text(words.summary(report)))
    if report.problems:
        console.print(Text(f"score: {words.score(report.score)}", style="bold"))


def _problem(console: Console, problem: ProblemReport) -> None:
    console.print()
    line = Text(problem.title or problem.rubric, style="bold underline")
    line.append(f"  {problem.rubric}", style="not bold not underline dim")
    line.append(f"   {words.score(problem.score)}", style="not underline")
    console.print(line)
    table = Table(box=None, padding=(0, 2, 0, 0), show_edge=False, pad_edge=False, header_style="dim")
    for column in ("part", "first", "final", "points", "how it went", "pitfalls"):
        table.add_column(column, no_wrap=column in {"part", "first", "final", "points"})
    for part in problem.parts:
        pitfalls = dict.fromkeys(p for attempt in part.attempts for p in attempt.pitfalls)
        last = part.attempts[-1].credit if part.attempts else 0.0
        table.add_row(
            part.id,
            _verdict(part.first),
            _verdict(part.final),
            f"{words.number(last * part.points)}/{words.number(part.points)}",
            part.story,
            ", ".join(pitfalls),
        )
    console.print(Padding(table, (0, 0, 0, 2)))
    for part in problem.parts:
        _faults(console, part)


def _faults(console: Console, part: PartReport) -> None:
    found = words.faults(part)
    if not found:
        return
    console.print(Padding(Text(f"{part.id}  {part.title}".rstrip(), style="bold"), (1, 0, 0, 2)))
    said: set[str] = set()
    for attempt, claim in found:
        _claim(console, claim, f"{words.attempt_heading(attempt)}, {words.place(claim.span)}")
        for text in attempt.feedback:
            if text not in said:
                said.add(text)
                console.print(Padding(Text(f"→ {text}", style="cyan"), (0, 0, 0, 6)))


def _claim(console: Console, claim: ClaimReport, where: str) -> None:
    line = Text(f"{words.MARKS[claim.verdict]} ", style=STYLES[claim.verdict])
    line.append(f"“{words.one_line(claim.latex or claim.text)}”")
    line.append(f"  {where}", style="dim")
    console.print(Padding(line, (0, 0, 0, 4)))
    console.print(Padding(Text(words.evidence(claim.evidence)), (0, 0, 0, 6)))


def _findings(console: Console, report: Report) -> None:
    if not report.findings:
        return
    console.print()
    console.print(Text("False side statements (checked, but no verdict rests on them)", style="bold underline"))
    for finding in report.findings:
        _claim(console, finding.claim, f"{finding.part}, turn {finding.turn}, {words.place(finding.claim.span)}")


def _annotations(console: Console, report: Report) -> None:
    if not report.annotations:
        return
    console.print()
    console.print(Text("Margin notes", style="bold underline"))
    for note in report.annotations:
        agrees = {True: "✓ agrees", False: "✗ disagrees", None: "· no judgement"}[note.agrees]
        style = {True: "green", False: "red", None: "dim"}[note.agrees]
        line = Text(f"{agrees}  ", style=style)
        line.append(f"“{words.one_line(note.text)}”", style="default")
        line.append(f"  {words.place(note.span)}; {note.polarity}; {', '.join(note.parts) or 'no part'}", style="dim")
        console.print(Padding(line, (0, 0, 0, 2)))
        for reason in note.disagreements:
            console.print(Padding(Text(reason), (0, 0, 0, 6)))


def _verdict(word: VerdictWord) -> Text:
    return Text(f"{words.MARKS[word]} {word}", style=STYLES[word])
