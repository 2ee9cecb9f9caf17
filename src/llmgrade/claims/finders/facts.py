"""Sentences of prose that say something: which space, whether it is unique, why it diverges."""

from __future__ import annotations

import re
from collections.abc import Iterator

from llmgrade.claims.clauses import clauses, sentences
from llmgrade.claims.flow import Flow, plain
from llmgrade.claims.found import Found, condition_of, quoted
from llmgrade.claims.lexicon import CLOSERS, FORMULA
from llmgrade.claims.model import Manner, Statement
from llmgrade.claims.sections import Kind, Line, Speech
from llmgrade.transcript.model import Formula

__all__ = ["find", "normalised"]

_WORD = re.compile(r"[^\W\d_]{2,}|[\u4e00-\u9fff]")
_TEXT = re.compile(r"\\(?:text|mbox|textbf|textit|mathrm)\s*\{([^{}]*)\}")
_MARKS = re.compile(r"[\u2300-\u23ff\u2600-\u27bf\U0001f000-\U0001faff\ufe0f]+")


def normalised(text: str) -> str:
    """A sentence for matching: lower case, no emphasis or emoji, formulas kept as ``$LaTeX$`` as they are.

    >>> normalised("✅ **AX** is the  Projector onto $\\\\mathrm{Col}(X)$.")
    'ax is the projector onto $\\\\mathrm{Col}(X)$'
    """
    parts = re.split(r"(\$[^$]*\$)", plain(_MARKS.sub(" ", text)))
    return "".join(part if part.startswith("$") else part.casefold() for part in parts).strip(" .,;:!*_→⇒-–—")


def find(speech: Speech) -> Iterator[Found]:
    """Every sentence of two words or more that is no question, no title and no offer of help."""
    flow = speech.flow
    for line in speech.lines:
        for place, formula in flow.formulas(line.start, line.stop):
            yield from _in_formula(flow, line, place, formula)
        if line.kind in {Kind.HEADING, Kind.DISPLAY}:
            continue
        for start, stop in sentences(flow, line.start, line.stop):
            text = flow.text[start:stop]
            if CLOSERS.search(text) or text.rstrip(" *_\n").endswith(("?", "？")):
                continue
            count = len(_WORD.findall(text))
            if count < (1 if line.kind is Kind.CELL or (line.marked and FORMULA not in text) else 2):
                continue
            clause = next((c for c in clauses(flow, line.start, line.stop) if c.start <= start < c.stop), None)
            span = flow.span(start, stop)
            yield Found(
                start,
                stop,
                Statement(
                    Manner.FACT,
                    0,
                    0,
                    line.label,
                    quoted(flow, span),
                    span,
                    subject=line.header.casefold() or None,
                    reading=normalised(flow.show(start, stop)),
                    condition=condition_of(flow, clause, line, clause.body()[0]) if clause else None,
                    from_table=line.kind is Kind.CELL,
                    context=line.row or flow.show(line.start, line.stop),
                ),
                line,
            )


def _in_formula(flow: Flow, line: Line, place: int, formula: Formula) -> Iterator[Found]:
    """Words set inside a formula, with the mathematics around them."""
    latex = formula.latex
    if latex is None or ("\\text" not in latex and "\\mbox" not in latex and "\\mathrm" not in latex):
        return
    words = " ".join(match[1] for match in _TEXT.finditer(latex))
    if len(_WORD.findall(words)) < 2 or line.kind is Kind.HEADING:
        return
    said = normalised(" ".join(words.replace("~", " ").split()))
    yield Found(
        place,
        place + 1,
        Statement(
            Manner.FACT,
            0,
            0,
            line.label,
            quoted(flow, formula.span),
            formula.span,
            formula=formula,
            latex=latex,
            reading=f"{said} ${latex}$",
            boxed=formula.boxed,
            from_table=line.kind is Kind.CELL,
            context=line.row or said,
        ),
        line,
    )
