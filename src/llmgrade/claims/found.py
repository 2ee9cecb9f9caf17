"""What every finder gives: a statement and the stretch of the turn's flow it was found in."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from llmgrade.claims.clauses import Clause, clauses
from llmgrade.claims.flow import Flow
from llmgrade.claims.lexicon import CASE_WORDS, DETERMINERS, SUBJECTS, words
from llmgrade.claims.model import Statement
from llmgrade.claims.sections import Kind, Line, Speech
from llmgrade.source import Span

__all__ = ["Finder", "Found", "condition_of", "context_of", "normal_subject", "quoted"]


@dataclass(frozen=True, slots=True)
class Found:
    """A statement with its place in the flow, by which statements are put in order and judged for their standing."""

    start: int
    stop: int
    statement: Statement
    line: Line


Finder = Callable[[Speech], Iterator[Found]]

_CASE_WORD = re.compile(rf"(?:{CASE_WORDS})(?:\s*\w{{1,3}})?", re.IGNORECASE)
_KNOWN = {normal: words(spelled) for normal, spelled in SUBJECTS.items()}


def quoted(flow: Flow, span: Span) -> str:
    """The source's own words at a span."""
    return flow.source[span]


def condition_of(flow: Flow, clause: Clause, line: Line, at: int) -> str | None:
    """The conditions something at ``at`` is limited to, as written; formulas as ``$LaTeX$``."""
    parts = [_bare(flow.show(start, stop)) for start, stop in clause.conditions(at)]
    if line.regime and not clause.before and line.kind is not Kind.HEADING:
        parts.insert(0, line.regime)
    if line.lead is not None and not parts:
        parts = _lead_conditions(flow, line)
    return "; ".join(part for part in parts if part) or None


def _bare(shown: str) -> str:
    shown = shown.strip(" ,:;.*_→⇒")
    if shown.startswith("(") and ")" not in shown:
        shown = shown[1:]
    if shown.endswith(")") and "(" not in shown:
        shown = shown[:-1]
    shown = shown.strip()
    return "" if _CASE_WORD.fullmatch(shown) else shown


def _lead_conditions(flow: Flow, line: Line) -> list[str]:
    assert line.lead is not None
    found: list[str] = []
    for clause in clauses(flow, *line.lead):
        found = [_bare(flow.show(*stretch)) for stretch in clause.before]
        if not clause.before:
            whole = flow.show(*line.lead).strip(" ,:;*_")
            opens = _OPEN_LEAD.match(whole)
            found = [whole] if opens and len(whole.split()) <= 14 else []
    return found


_OPEN_LEAD = words("if|when|for|under|in the case|si|cuando|para|wenn|falls|für|quand|lorsque|pour|当|若")


def context_of(flow: Flow, clause: Clause, line: Line) -> str:
    """The sentence or row around a statement."""
    if line.row:
        return line.row
    shown = flow.show(*clause.sentence)
    if line.lead is not None:
        return f"{flow.show(*line.lead)} {shown}"
    return shown


def normal_subject(phrase: str) -> str | None:
    """A noun phrase in normal form: a known subject's own word, else the words without article and emphasis.

    >>> normal_subject("The corner"), normal_subject("all weights"), normal_subject("Slope Update")
    ('elbow', 'weight', 'slope')
    """
    bare = phrase.strip(" *_:.,;()\n\t").casefold()
    for normal, pattern in _KNOWN.items():
        if pattern.search(bare):
            return normal
    kept = bare.split()
    while kept and kept[0] in DETERMINERS:
        kept.pop(0)
    return " ".join(kept) or None
