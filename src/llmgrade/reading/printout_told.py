"""How text out of a printout is told from other text. It is asked of every text, so it loads nothing that reads formulas."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from llmgrade.errors import UnreadableInput
from llmgrade.reading.decoding import decode
from llmgrade.reading.extractor_habits import in_sight
from llmgrade.reading.opening import Input
from llmgrade.reading.printout_lines import ZERO_WIDTH, Line
from llmgrade.reading.printout_pages import pages_of
from llmgrade.reading.printout_repair import repair

__all__ = ["sniff"]

_ENOUGH = 400
"""How many lines tell a printout from other text."""


def sniff(input: Input) -> float:
    """How sure it is that this is text out of a printed chat page."""
    head = input.head
    if input.looks_json or head.lstrip()[:1] == b"<" or head.startswith((b"%PDF", b"PK")):
        return 0.0
    try:
        text = repair(decode(head, input.name, mend=False).text).text
    except UnreadableInput:
        return 0.0
    lines = text.split("\n")[:4000]
    pages = pages_of(lines)
    sure = 0.0
    if pages.paged:
        sure = 0.45
        reasons = {why for page in pages.pages for _, why in page.furniture}
        sure += 0.15 * bool(reasons & {"page number"}) + 0.25 * bool(reasons & {"print date", "print date and title"})
    if in_sight(lines[:_ENOUGH]):
        sure = max(sure, 0.6)
    torn, holed = _flattened([line for page in pages.pages for line in _body(page.body, lines)][:_ENOUGH])
    if torn >= 3 or (holed >= 3 and torn):
        sure = max(sure + 0.2, 0.6)
    elif holed >= 3 and pages.paged:
        sure += 0.1
    return min(sure, 0.95)


def _body(numbers: Sequence[int], lines: Sequence[str]) -> list[Line]:
    return [Line(n, lines[n - 1]) for n in numbers]


def _flattened(lines: Sequence[Line]) -> tuple[int, int]:
    """How many lines can only be torn-out formulas, and how many have holes beside words."""
    torn = sum(1 for line in lines if line.text.startswith(ZERO_WIDTH) and not line.words)
    torn += 3 * any(_scraps(list(run)) for short, run in groupby(lines, _short) if short)
    holed = sum(1 for line in lines if line.words >= 2 and line.ends_in_blank and line.width < 30)
    return torn, holed


def _short(line: Line) -> bool:
    return not line.words and 0 < len(line.bare) <= 14


def _scraps(run: Sequence[Line]) -> bool:
    """Whether short lines one after the other are what is left of formulas, where an extractor gives no U+200B."""
    signs = sum(1 for line in run if any(char in _SIGNS for char in line.bare))
    return len(run) >= 5 and signs >= 3 and any(len(line.bare) == 1 and line.bare.isalnum() for line in run)


_SIGNS = frozenset("=+−∂∑∫∏√∇⊤ΣΦ^λμσρθπφε∣∥≤≥∈→")
