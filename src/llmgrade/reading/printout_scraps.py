"""Pieces of one formula that was not understood as a whole: put together again, as one formula that is not read.

Where a formula's build is unknown, its lines are taken for several small ones, each of which would fill a place of its
own and push the formulas behind it out of theirs. Such pieces show: a lone transpose, a bracket that nothing closes, an
equals sign at either end. Pieces in a row are one formula; what stands alone is left as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from llmgrade.typeset.inverse_stream import StreamFormula

__all__ = ["balanced", "rejoined"]

_ENDS_OPEN = re.compile(
    r"(?:[=<>+\-−([,]|\\(?:leq?|geq?|approx|sim|propto|cdot|times|in|log|exp|ln|max|min|quad|qquad))\s*\.?$"
)
_BEGINS_OPEN = re.compile(r"^(?:[=+)\]]|\\cdot|\\times)")
_SCRIPT = re.compile(r"^(?:\^?\{?(?:T|\\top|\\dagger|-1|\\prime|')\}?|[+\-−=])$")
_TWISTED = re.compile(r"\\boxed\{\\boxed|\\sqrt\{\\sqrt|\\frac\{[^\w\\]?\}|\\vec\{|\^\{[+\-−]\}[A-Za-z]")
_SMALL = re.compile(r"^(?:\d|[A-Za-z]\.|\\?[A-Za-z]+\\quad.*)$")


def rejoined(found: Sequence[StreamFormula], lines: Sequence[str]) -> list[StreamFormula]:
    """The formulas of a run with pieces that follow each other made one; ``lines`` are the run's."""
    out: list[StreamFormula] = []
    for group in _groups(found):
        out.append(group[0] if len(group) == 1 else _one(group, lines))
    return out


def _groups(found: Sequence[StreamFormula]) -> Iterator[list[StreamFormula]]:
    """Formulas one by one; pieces in a row, at least one of them surely a piece, together."""
    group: list[tuple[StreamFormula, float]] = []
    for formula in found:
        sure = _piece(formula)
        if not sure:
            yield from _settled(group)
            group = []
            yield [formula]
            continue
        group.append((formula, sure))
    yield from _settled(group)


def _settled(group: Sequence[tuple[StreamFormula, float]]) -> Iterator[list[StreamFormula]]:
    if len(group) > 1 and sum(sure for _, sure in group) >= 1.5:
        yield [formula for formula, _ in group]
    else:
        yield from ([formula] for formula, _ in group)


def _piece(formula: StreamFormula) -> float:
    """How surely a formula is a piece of one, from 0 to 1."""
    if not formula.readings:
        return 1.0
    latex = formula.readings[0].latex.strip()
    if _SCRIPT.match(latex) or _TWISTED.search(latex) or not balanced(latex) or _ENDS_OPEN.search(latex):
        return 1.0
    return 0.5 if _BEGINS_OPEN.match(latex) or _SMALL.match(latex) else 0.0


def balanced(latex: str) -> bool:
    """Whether every round or square bracket and every double bar has its partner; ``]a, b[`` has not."""
    bare = re.sub(r"\\[A-Za-z]+|\\.", "", latex)
    return bare.count("(") + bare.count("[") == bare.count(")") + bare.count("]") and latex.count("\\|") % 2 == 0


def _one(group: Sequence[StreamFormula], lines: Sequence[str]) -> StreamFormula:
    first, last = group[0], group[-1]
    written = list(lines[first.first : last.last + 1])
    # Only its own share of the first and the last line.
    stop = written[-1].rfind(last.written[-1])
    if stop >= 0:
        written[-1] = written[-1][: stop + len(last.written[-1])]
    start = written[0].find(first.written[0])
    if start > 0 and first.first == first.last and len(first.written[0]) + start == len(lines[first.first]):
        written[0] = written[0][start:]
    return StreamFormula(first.first, last.last, tuple(written), (), "display")
