"""What was read of a chat, in short: for every turn its problems, parts and claims. For people; nothing is graded."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from llmgrade.claims.asking import Asking
from llmgrade.claims.model import Manner, Standing, Statement
from llmgrade.source import Source

__all__ = ["Part", "TurnSummary", "as_json", "as_text", "summarise"]

_WIDTH = 100


@dataclass(frozen=True, slots=True)
class Part:
    """What one turn says under one label; ``label`` is empty for what stands under none."""

    problem: str | None
    label: str
    title: str
    statements: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class TurnSummary:
    """One turn: what the person asks for, or what the model claims part by part."""

    turn: int
    asking: Asking | None
    parts: tuple[Part, ...]


def summarise(statements: Iterable[Statement], asked: Iterable[Asking] = ()) -> tuple[TurnSummary, ...]:
    """Statements and requests by turn and part, in order of appearance."""
    by_turn: dict[int, dict[tuple[str | None, str], list[Statement]]] = {}
    for statement in statements:
        parts = by_turn.setdefault(statement.turn, {})
        parts.setdefault((statement.label.problem, statement.label.text), []).append(statement)
    asking = {request.turn: request for request in asked}
    found = []
    for turn in sorted({*by_turn, *asking}):
        rows = by_turn.get(turn, {})
        spoken = tuple(
            Part(problem, label, next((s.label.title for s in some if s.label.title), ""), tuple(some))
            for (problem, label), some in rows.items()
        )
        found.append(TurnSummary(turn, asking.get(turn), spoken))
    return tuple(found)


def said(statement: Statement) -> str:
    """A claim in one line.

    A direction reads ``elbow: right (if w > bx)``, an example ``w=2, b=1: −0.5``.
    """
    if statement.manner is Manner.DIRECTION:
        body = f"{statement.subject or 'it'}: {statement.reading}"
    elif statement.manner is Manner.EXAMPLE:
        values = ", ".join(f"{name}={value}" for name, value in statement.numbers.items())
        body = f"{values}: {'; '.join(statement.results)}" + (f", {statement.reading}" if statement.reading else "")
    elif statement.manner is Manner.FORMULA:
        body = statement.latex if statement.latex is not None else "(not read) " + " ".join(statement.text.split())
    else:
        body = " ".join(statement.text.split())
    if statement.condition and statement.manner is not Manner.FACT:
        body += f" ({statement.condition})"
    return body if len(body) <= _WIDTH else body[: _WIDTH - 1] + "…"


def as_text(summaries: Iterable[TurnSummary], source: Source, *, facts: bool = False) -> str:
    """The summary for a terminal, one claim a line with the line it stands on; sentences only where ``facts`` is set."""
    lines: list[str] = []
    for summary in summaries:
        if summary.asking is not None:
            request = summary.asking
            names = ", ".join(_name(label.problem, label.text) for label in request.labels) or "nothing by name"
            kind = "asks for" if request.new_task else f"{request.polarity.value} about"
            lines.append(
                f"turn {summary.turn} (user) {kind}: {names}" + ("" if request.new_task else f" [{request.leak.value}]")
            )
        if summary.parts:
            lines.append(f"turn {summary.turn} (assistant)")
        for part in summary.parts:
            shown = [s for s in part.statements if facts or s.manner is not Manner.FACT]
            if not shown:
                continue
            lines.append(
                f"  {_name(part.problem, part.label) or '(no part)'}" + (f"  {part.title}" if part.title else "")
            )
            for statement in shown:
                standing = "" if statement.standing is Standing.ASSERTED else f" [{statement.standing.value}]"
                place = source.place(statement.span)
                lines.append(
                    f"    {'=' if statement.final else '-'} {place.line_start}: {statement.manner.value}{standing} {said(statement)}"
                )
    return "\n".join(lines)


def as_json(summaries: Iterable[TurnSummary], source: Source) -> list[dict[str, object]]:
    """The summary as plain values: turns, their parts, their claims with places."""
    return [
        {
            "turn": summary.turn,
            "asked": None
            if summary.asking is None
            else {
                "parts": [_name(label.problem, label.text) for label in summary.asking.labels],
                "new_task": summary.asking.new_task,
                "polarity": summary.asking.polarity.value,
                "leak": summary.asking.leak.value,
            },
            "parts": [
                {
                    "problem": part.problem,
                    "label": part.label,
                    "title": part.title,
                    "claims": [
                        {
                            "kind": statement.manner.value,
                            "text": statement.text,
                            "said": said(statement),
                            "standing": statement.standing.value,
                            "final": statement.final,
                            "span": source.place(statement.span).to_json(),
                        }
                        for statement in part.statements
                    ],
                }
                for part in summary.parts
            ],
        }
        for summary in summaries
    ]


def _name(problem: str | None, label: str) -> str:
    return " ".join(part for part in (problem or "", f"({label})" if label else "") if part)
