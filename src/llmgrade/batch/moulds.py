"""One report for all answers that are the same formula set differently: spaces, sizes of brackets, dollar signs.

Of such answers only the words quoted from them and their places differ. A mould is the report of one of them with these
left out; filled with another's it is, to the byte, what grading that one would have given.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from llmgrade.claims.alone import alone
from llmgrade.report.model import ClaimReport, Report, SpanReport

__all__ = ["Form", "Mould"]

_SIZES = re.compile(r"\\(?:left|right|bigl|bigr|Bigl|Bigr|big|Big)(?![A-Za-z])\s*(?=[()\[\]])")
_SPACE = re.compile(r"(?:\s|\\[,;! ])*([-+*/^_{})\]])(?:\s|\\[,;! ])*|([(\[])(?:\s|\\[,;! ])+")
"""Spaces that cannot mean anything; one before a round bracket might."""
_TEXT, _LATEX = "\u0001text", "\u0001latex"
_START, _STOP = 987_654_321, 987_654_322
_HOLES = re.compile(rf'"\\u0001(text|latex)"|\b({_START}|{_STOP})\b')


@dataclass(frozen=True, slots=True)
class Form:
    """An answer that is one formula."""

    key: str
    """The formula without what only sets it."""
    latex: str
    start: int
    stop: int

    @classmethod
    def of(cls, answer: str) -> Form | None:
        """None for an answer that is more than a formula, or in which spaces could mean something."""
        found = alone(answer)
        if found is None:
            return None
        statement = found[1]
        latex = statement.latex
        if latex is None or "|" in latex:
            return None
        if statement.boxed:
            latex = latex[
                len("\\boxed{") : -1
            ].strip()  # alone, a boxed formula is as much the answer as one without a box
        key = _SPACE.sub(r"\1\2", _SIZES.sub("", latex))
        return cls(key, statement.latex or "", statement.span.start, statement.span.stop)


@dataclass(frozen=True, slots=True)
class Mould:
    """A report's JSON in pieces, and what is to be put between them."""

    pieces: tuple[str, ...]
    holes: tuple[str, ...]
    group: str

    @classmethod
    def of(cls, report: Report, form: Form, group: str) -> Mould | None:
        """None where the report quotes anything but the formula as a whole."""
        claims = [c for _, _, attempt in report.attempts() for c in attempt.claims] + [f.claim for f in report.findings]
        if report.annotations or report.unread or not claims or not all(_is_of(claim, form) for claim in claims):
            return None
        hollow = report.model_copy(
            update={
                "problems": tuple(
                    problem.model_copy(
                        update={
                            "parts": tuple(
                                part.model_copy(
                                    update={
                                        "attempts": tuple(
                                            attempt.model_copy(update={"claims": tuple(map(_hollow, attempt.claims))})
                                            for attempt in part.attempts
                                        )
                                    }
                                )
                                for part in problem.parts
                            )
                        }
                    )
                    for problem in report.problems
                ),
                "findings": tuple(f.model_copy(update={"claim": _hollow(f.claim)}) for f in report.findings),
            }
        )
        told = hollow.to_json(indent=None)
        pieces: list[str] = []
        holes: list[str] = []
        at = 0
        for match in _HOLES.finditer(told):
            pieces.append(told[at : match.start()])
            holes.append(match[1] or ("start" if match[2] == str(_START) else "stop"))
            at = match.end()
        return cls((*pieces, told[at:]), tuple(holes), group)

    def filled(self, form: Form) -> str:
        """The report's JSON of another answer of the same form."""
        quoted = json.dumps(form.latex, ensure_ascii=False)
        values = {"text": quoted, "latex": quoted, "start": str(form.start), "stop": str(form.stop)}
        made = [self.pieces[0]]
        for hole, piece in zip(self.holes, self.pieces[1:], strict=True):
            made += (values[hole], piece)
        return "".join(made)


def _is_of(claim: ClaimReport, form: Form) -> bool:
    return (
        claim.text == claim.latex == form.latex
        and (claim.span.start, claim.span.stop) == (form.start, form.stop)
        and claim.verdict in {"correct", "incorrect"}
    )


def _hollow(claim: ClaimReport) -> ClaimReport:
    span: SpanReport = claim.span.model_copy(update={"start": _START, "stop": _STOP})
    return claim.model_copy(update={"text": _TEXT, "latex": _LATEX, "span": span})
