"""Transcript → statements: what is asserted, of what, and exactly where. No rubric is known here.

``FINDERS`` is the table of manners, one file each. `find_statements` runs them over every answer on the chat's current
path; what the person says, thinking, tool output, quotations and hidden text make no statements.
"""

from __future__ import annotations

from dataclasses import replace

from llmgrade.claims.asking import Asking, Leak, Objection, Polarity, asked, numbered_by_digits
from llmgrade.claims.finders import directions, examples, facts, formulas
from llmgrade.claims.found import Finder, Found
from llmgrade.claims.model import Label, Manner, Standing, Statement
from llmgrade.claims.sections import Kind, speech_of
from llmgrade.claims.standing import with_standing
from llmgrade.claims.values import assignments, is_number
from llmgrade.source import Source
from llmgrade.transcript.model import Role, Transcript, Turn

__all__ = ["FINDERS", "Asking", "Label", "Leak", "Manner", "Objection", "Polarity", "Standing", "Statement", "asked", "find_statements", "statements_of"]

FINDERS: tuple[Finder, ...] = (formulas.find, directions.find, examples.find, facts.find)
"""The manners, in the order in which statements at one place are listed."""


def find_statements(transcript: Transcript) -> tuple[Statement, ...]:
    """Everything the model asserts, restates, rejects or takes back, turn by turn, in reading order."""
    digits = numbered_by_digits(transcript)
    found: list[Statement] = []
    for turn in transcript.current:
        if turn.role is Role.ASSISTANT:
            found += statements_of(turn, transcript.source, asked_digits=digits)
    return tuple(found)


def statements_of(turn: Turn, source: Source, *, asked_digits: bool = False) -> tuple[Statement, ...]:
    """The statements of one turn. ``asked_digits``: the person numbers parts 1, 2, …, so "1." is a label."""
    speech = speech_of(turn, source, asked_digits=asked_digits)
    found = [item for finder in FINDERS for item in finder(speech)]
    found.sort(key=lambda item: item.start)
    judged = _last_is_final(with_standing(speech, _without_workings(found)))
    return tuple(replace(item.statement, turn=turn.index, order=rank) for rank, item in enumerate(judged))


def _without_workings(found: list[Found]) -> list[Found]:
    """The values and results of a worked example are the example's, no equations of their own."""
    examples_at = [(item.start, item.stop) for item in found if item.statement.manner is Manner.EXAMPLE]
    if not examples_at:
        return found
    return [
        item
        for item in found
        if item.statement.manner is not Manner.FORMULA
        or not any(start <= item.start < stop for start, stop in examples_at)
        or not (assignments(item.statement.latex) or is_number(item.statement.latex))
    ]


def _last_is_final(found: list[Found]) -> list[Found]:
    """In a part where nothing is announced as the result, the last thing asserted is it."""
    last: dict[tuple[str | None, tuple[str, ...], Manner], int] = {}
    settled: set[tuple[str | None, tuple[str, ...], Manner]] = set()
    for index, item in enumerate(found):
        statement = item.statement
        if statement.manner not in {Manner.FORMULA, Manner.DIRECTION} or statement.hypothesis:
            continue
        if statement.standing not in {Standing.ASSERTED, Standing.HEDGED} or item.line.kind is Kind.HEADING and item.line.row:
            continue
        key = (statement.label.problem, statement.label.path, statement.manner)
        last[key] = index
        if statement.final:
            settled.add(key)
    ends = {index for key, index in last.items() if key not in settled}
    return [Found(item.start, item.stop, replace(item.statement, final=True), item.line) if index in ends else item for index, item in enumerate(found)]
