"""Which habits a PDF's text shows: how its extractor tore the formulas of the page, and whether they can be read back.

PyMuPDF tears formulas out in the order they were painted, one token a line, and never writes a blank behind signs such
as − or →. Others follow the page from top to bottom and leave formulas among the words, their fractions on lines of
their own; others keep the order of painting and join lines. Told by content: nothing says which program was run.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum
from itertools import groupby, pairwise

from llmgrade.reading.printout_lines import ZERO_WIDTH, Line
from llmgrade.reading.printout_pages import Page
from llmgrade.reading.short_words import SHORT_WORDS

__all__ = ["Habit", "STRONG", "habit_of", "in_sight", "is_maths", "only_marks", "short_scraps"]

STRONG = frozenset("−∂∑∏∫∥∣√∇†ˉ∗′⊤→≤≥∈≠±⋅∝≈⇒∞")
"""Signs that a page sets and nobody types by hand."""
_TYPED = re.compile(
    r"\\[A-Za-z]|[\w)]\^[\w{(\\-]|[\w)] \^ [\w{(]|\|\||\w_[\w{]|\*\*|[ᵀ⁰¹²³⁴-₉]|\w\s?\*\s?\w|<=|>=|[a-zA-Z)] - "
)
_NO_BLANK = re.compile("[\u2212\u2208\u2192\u21d2\u2248\u221d] \\S")
"""A sign behind which PyMuPDF writes no blank, and a blank."""
_GLUED = re.compile(r"(?<![<>!=])=[A-Za-z∂\u0391-\u03c9]")
_MINUS_AHEAD = re.compile("[\\w)] \u2212[\\w(]")
_SCRIPTS = frozenset(["T", "⊤", "†", "−1", "∗", "′", "2"])
_LISTED = re.compile(r"\(?[a-z]{1,3}\)\s", re.IGNORECASE)
_PICTURED = re.compile("[\U0001d400-\U0001d7ff]")
_DATE = ("print date", "print date and title")


class Habit(StrEnum):
    """How an extractor leaves formulas."""

    TORN = "torn"
    """Out of the words, a token a line, in the order of painting: every gap says where a glyph stood (PyMuPDF)."""
    JOINED = "joined"
    """Out of the words, in the order of painting, lines joined: what is raised and what is a fraction is lost (pypdf, pypdfium2)."""
    SIGHT = "sight"
    """Among the words where they were seen (pdfplumber, pdfminer, pdftotext)."""


def only_marks(text: str) -> bool:
    """Whether a line holds U+200B and blanks alone."""
    return ZERO_WIDTH in text and not text.replace(ZERO_WIDTH, "").strip()


def types_maths(text: str) -> bool:
    r"""Whether a line writes mathematics as people type it: ``x^T``, ``\lambda``, ``||w||``."""
    return bool(_TYPED.search(text)) and not set(text) & STRONG


def is_maths(line: Line) -> bool:
    """Whether a line is mathematics that a page set, or a piece of it, and no words."""
    bare = line.bare.replace(ZERO_WIDTH, "").strip()
    if not bare or line.is_label or _LISTED.match(bare) or line.begins_with_emoji or types_maths(bare):
        return False
    tokens = re.findall(r"[^\W\d_]+", bare)
    short = sum(
        len(token) > 1 and (token.islower() or not n) and token[1:].islower() and token.lower() in SHORT_WORDS
        for n, token in enumerate(tokens)
    )
    if short and (len(tokens) > 2 or short == len(tokens)):
        return False
    if line.words == 0:
        return bool(re.search(r"[\w=<>]|[^\x00-\x7f]", bare)) and bare[-1] not in "?:"
    signs = sum(char in STRONG or char in "=" for char in bare)
    longest = max((len(token) for token in tokens), default=0)
    return line.words == 1 and signs >= 2 and longest <= 5


def short_scraps(text: str) -> bool:
    """Whether a line can only be what stands above or below another: tokens of one or two letters, ``i i i``, ``dϕ``."""
    tokens = text.replace(ZERO_WIDTH, "").split()
    return bool(tokens) and all(len(token) <= 2 or (token[0] in "d∂" and len(token) <= 3) for token in tokens) and not set(text) & set("=<>→≤≥")  # fmt: skip


def habit_of(pages: Sequence[Page], lines: Sequence[str]) -> Habit:
    """The habit of a printout's text; torn where nothing tells."""
    flat = [Line(n, lines[n - 1].strip("\f")) for page in pages for n in page.body if lines[n - 1].strip("\f ")]
    if len(pages) == 1 and not pages[0].furniture and any(_PICTURED.search(line.text) for line in flat):
        return Habit.TORN  # copied from a page, not taken from a PDF
    maths = [line for line in flat if is_maths(line) or is_maths(_unlabelled(line))]
    attached = sum(line.text.startswith(ZERO_WIDTH) and not only_marks(line.text) for line in flat)
    if attached >= 2:
        return Habit.TORN
    blanks = sum(bool(_NO_BLANK.search(line.text)) for line in maths)
    glued = sum(bool(_GLUED.search(line.text)) for line in maths)
    alone = sum(line.bare in _SCRIPTS for line in flat)
    top, end = _dated(pages)
    # PyMuPDF writes the date and the title, far apart on the page, on lines of their own.
    beside = any(why == "print date and title" for page in pages for _, why in page.furniture)
    whole = not blanks and not glued and not beside
    if whole and top <= end and (not maths or alone >= 3 or any(_MINUS_AHEAD.search(line.text) for line in maths)):
        return Habit.TORN
    if top > end and not (whole and (alone >= 3 or not maths) and not _spread(pages, lines)):
        return Habit.SIGHT
    if top == end and _among_words(flat, maths):
        return Habit.SIGHT
    return Habit.JOINED if blanks or glued or beside else Habit.TORN


def _unlabelled(line: Line) -> Line:
    match = _LISTED.match(line.bare)
    return Line(line.number, line.bare[match.end() :]) if match else line


def _spread(pages: Sequence[Page], lines: Sequence[str]) -> bool:
    """Whether an empty line stands behind nearly every other."""
    numbers = [n for page in pages for n in page.body]
    return sum(not lines[n - 1].strip() for n in numbers) > 0.3 * len(numbers)


def _dated(pages: Sequence[Page]) -> tuple[int, int]:
    """How many pages begin with the printer's date, and how many end with it: where it is painted last, and seen first."""
    first = last = 0
    for page in pages:
        dated = [n for n, why in page.furniture if why in _DATE]
        if dated and page.body:
            first += min(dated) < page.body[0]
            last += max(dated) > page.body[-1]
    return first, last


def _among_words(flat: Sequence[Line], maths: Sequence[Line]) -> bool:
    """Whether formulas stand among the words of many paragraphs and nowhere in a heap."""
    worded = [line for line in flat if line.words >= 2]
    inline = sum(1 for line in worded if set(line.text) & STRONG)
    holes = sum(1 for line in worded if re.search(r"\w{2,} [.,;:)](?:\s|$)|\w  +\w", line.text))
    kinds = [any(line is other for other in maths) for line in flat if not only_marks(line.text)]
    runs = [len(list(run)) for is_run, run in groupby(kinds) if is_run]
    marked = [line for line in flat if only_marks(line.text)]
    behind = sum(1 for a, b in pairwise(flat) if only_marks(b.text) and not only_marks(a.text))
    if marked and behind and len(marked) >= behind and not holes:
        return True
    led = [(a, b) for a, b in pairwise(flat) if (a.words and not a.ends_sentence) or a.bare.endswith(":") or a.is_label]
    shown = sum(is_maths(b) for _, b in led)
    left = sum(not is_maths(b) and (b.is_label or bool(_LISTED.match(b.bare))) for _, b in led)
    return inline > holes or (
        not holes and shown > left and len(runs) >= 2 and max(runs, default=0) <= 12 and _stacks(flat)
    )


def _stacks(flat: Sequence[Line]) -> bool:
    """Whether fractions stand as they are seen: a short line, a relation's line, a short line."""
    texts = [line.bare for line in flat]
    count = 0
    for k in range(1, len(texts) - 1):
        if short_scraps(texts[k - 1]) and "=" in texts[k] and not types_maths(texts[k]):
            below = next((text for text in texts[k + 1 : k + 3] if short_scraps(text)), None)
            count += below is not None
    return count > 0


def in_sight(lines: Sequence[str]) -> bool:
    """Whether text without any printer's marks was taken from a page whose formulas stand where they were seen."""
    flat = [Line(n, line.strip("\f")) for n, line in enumerate(lines, 1) if line.strip()]
    if any(_PICTURED.search(line.text) for line in flat):
        return False
    maths = [line for line in flat if is_maths(line)]
    signs = sum(bool(set(line.text) & STRONG) for line in maths)
    return signs >= 2 and _stacks(flat)
