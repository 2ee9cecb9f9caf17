"""Transcript → statements: what is asserted, of what, and exactly where. No rubric is known here.

``FINDERS`` is the table of manners, one file each. `find_statements` runs them over every answer on the chat's current
path; what the person says, thinking, tool output, quotations and hidden text make no statements.
"""

from __future__ import annotations

import re
from dataclasses import replace

from llmgrade.claims.asking import Asking, Leak, Objection, Polarity, asked, numbered_by_digits
from llmgrade.claims.clauses import sentences
from llmgrade.claims.finders import directions, examples, facts, formulas
from llmgrade.claims.found import Finder, Found
from llmgrade.claims.labels import roman, spoken_of
from llmgrade.claims.model import Label, Manner, Standing, Statement
from llmgrade.claims.sections import Kind, Speech, speech_of
from llmgrade.claims.standing import with_standing
from llmgrade.claims.values import assignments, has_relation, is_number
from llmgrade.source import Source
from llmgrade.transcript.model import Role, Transcript, Turn

__all__ = [
    "FINDERS",
    "Asking",
    "Label",
    "Leak",
    "Manner",
    "Objection",
    "Polarity",
    "Standing",
    "Statement",
    "asked",
    "find_statements",
    "statements_of",
]

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
    found = [shared for item in found for shared in _shared_out(speech, item)]
    found = [_placed(speech, item, asked_digits) for item in found]
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


def _shared_out(speech: Speech, item: Found) -> list[Found]:
    """A direction said of other parts than the one it stands in ("right in both (ii) and (iii)") belongs to those."""
    if item.statement.manner is not Manner.DIRECTION or item.line.kind is not Kind.BODY:
        return [item]
    sentence = next(
        ((a, b) for a, b in sentences(speech.flow, item.line.start, item.line.stop) if a <= item.start < b), None
    )
    groups = spoken_of(speech.flow.text, *sentence) if sentence else ()
    inside = [group for group in groups if item.start <= group[0] < item.stop] or [
        group for group in groups if group[1] <= item.start
    ][-1:]
    if not inside:
        return [item]
    label = item.statement.label
    paths = inside[0][2]
    keys = [path[0] for path in paths]
    outer = label.path[:-1] if label.path and all(roman(key) or key == label.path[-1] for key in keys) else ()
    if len(label.path) == 1 and all(roman(key) for key in keys) and not roman(label.path[0]):
        outer = label.path
    span = speech.flow.span(*inside[0][:2])
    return [
        Found(
            item.start, item.stop, replace(item.statement, label=Label((*outer, *path), span, label.problem)), item.line
        )
        for path in paths
    ]


_REVISES = re.compile(
    r"\b(?:slip|mistake|error|wrong|incorrect|correct\w*|right|lost|dropped|forgot\w*|fix\w*|revis\w*|should|must|sorry|apologi\w*|"
    r"fehler|falsch|korrig\w*|vergessen|error|equivoc\w*|corrig\w*|corrij\w*|debe\w*|erreur|faux|oubli\w*)\b",
    re.IGNORECASE,
)


def _placed(speech: Speech, item: Found, digits: bool) -> Found:
    """What stands under no label and is said of one part ("in (c) I lost a sign: …") belongs to that part."""
    label = item.statement.label
    if label.path or item.line.kind is not Kind.BODY:
        return item
    found: tuple[int, int, tuple[tuple[str, ...], ...]] | None = None
    for start, stop in sentences(speech.flow, item.line.start, item.line.stop):
        if start >= item.stop:
            break
        own = start <= item.start and not re.search(r"[.!?:]\s", speech.flow.text[start : item.start].rstrip())
        groups = [g for g in spoken_of(speech.flow.text, start, stop, digits=digits) if not own or g[0] < item.stop]
        if len(groups) > 1 and own and item.statement.manner is Manner.FACT:
            return item
        if groups:
            kept = own or _REVISES.search(speech.flow.text, start, stop)
            found = groups[-1] if kept else None
    if found is None or len(found[2]) != 1:
        return item
    span = speech.flow.span(*found[:2])
    return Found(
        item.start, item.stop, replace(item.statement, label=Label(found[2][0], span, label.problem)), item.line
    )


def _is_mention(item: Found) -> bool:
    """Whether a formula is only spoken of: no relation, nothing it is said to be, and words around it."""
    statement = item.statement
    if statement.manner is not Manner.FORMULA or statement.from_table or statement.subject or statement.condition:
        return False
    if item.line.kind is not Kind.BODY or has_relation(statement.latex):
        return False
    return len(statement.context.replace(statement.latex or "", "").split()) > 4


def _last_is_final(found: list[Found]) -> list[Found]:
    """In a part where nothing is announced as the result, the last thing asserted is it."""
    last: dict[tuple[str | None, tuple[str, ...], Manner], int] = {}
    mentioned: set[tuple[str | None, tuple[str, ...], Manner]] = set()
    settled: set[tuple[str | None, tuple[str, ...], Manner]] = set()
    for index, item in enumerate(found):
        statement = item.statement
        if statement.manner not in {Manner.FORMULA, Manner.DIRECTION} or statement.hypothesis:
            continue
        if statement.standing not in {Standing.ASSERTED, Standing.HEDGED} or (
            item.line.kind is Kind.HEADING and item.line.row
        ):
            continue
        key = (statement.label.problem, statement.label.path, statement.manner)
        if _is_mention(item):
            # An expression in passing ("which is 1/λ times the objective") gives way to any equation.
            if key in last and key not in mentioned:
                continue
            mentioned.add(key)
        else:
            mentioned.discard(key)
        last[key] = index
        if statement.final:
            settled.add(key)
    ends = {index for key, index in last.items() if key not in settled}
    return [
        Found(item.start, item.stop, replace(item.statement, final=True), item.line) if index in ends else item
        for index, item in enumerate(found)
    ]
