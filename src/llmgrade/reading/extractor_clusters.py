"""Lines of set mathematics as an extractor left them on the page: which formulas they are, as far as the places tell.

A fraction is a line above and a line below the line it belongs to; where in that line it stood, the line's own signs
must say: behind a relation or an operator with nothing after it, or as a derivative before the relation. Everything
else stays unread: it is kept, shown and judged by nobody.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from llmgrade.reading.extractor_habits import only_marks, short_scraps
from llmgrade.reading.extractor_linear import MOST, Habits, row_readings, spelled
from llmgrade.reading.printout_lines import ZERO_WIDTH
from llmgrade.typeset.tree import BigOperator, Fraction, Node, Row, Scripts, rows_of, symbol

__all__ = ["Found", "clustered", "derived", "read_line", "read_with_scraps"]

_RELATION = re.compile(r"[=<>≤≥≈→⇒∝∈≡⟺⇔]")
_ENDS_OPEN = re.compile(r"[=<>≤≥≈→⇒∝∈+−±⋅×]\s*$")
_BEGINS_OPEN = re.compile(r"^\s*[=<>≤≥≈→⇒∝∈+±⋅×]")
_HOLE = re.compile(r"(?<=[=→]) (?=[=→])")
_ACCENT = re.compile(r"^[\^ˆˉ~ˇ˙]")
_LONE = re.compile(r"^[^\W\d_]$")
_LARGE = re.compile(r"[∑∏∫]|\blim\b|\bmax\b|\bmin\b")
_DERIVATIVE = re.compile(r"^(?:∂|d)2?\S{0,2}$")
_BY = re.compile(r"^[∂d][^\W\d_]2?$")

Ways = list[tuple[Row, float]]


@dataclass(frozen=True, slots=True)
class Found:
    """A formula in lines ``first`` to ``last`` (from 0) of a cluster; ``readings`` are LaTeX and cost, empty where it is not read."""

    first: int
    last: int
    readings: tuple[tuple[str, float], ...]


def clustered(lines: Sequence[str], habits: Habits, *, marked: bool, torn: bool) -> list[Found]:
    """The formulas of consecutive lines of set mathematics.

    ``marked`` says that the extractor writes U+200B, so that each fraction and index must have one; ``torn`` that it
    does not keep scripts behind their letters, so that only what has none can be read.
    """
    said = [unicodedata.normalize("NFKC", line.replace(ZERO_WIDTH, " ")).strip() for line in lines]
    marks = sum(line.count(ZERO_WIDTH) for line in lines) if marked else None
    kept = [n for n, line in enumerate(lines) if not only_marks(line) and said[n]]
    if not kept:
        return []
    stacked = _with_accents([said[n] for n in kept])
    whole = [n for n, text in enumerate(stacked) if _complete(text)]
    if len(stacked) == len(kept) and len(whole) == len(kept) > 1 and not marks:
        return [Found(n, n, _checked(row_readings(said[n], habits), 0 if marked else None, torn)) for n in kept]
    ways = _stack(stacked, habits) if not torn or (len(stacked) == 1 and not _gapped(stacked[0])) else []
    return [Found(kept[0], kept[-1], _checked(ways, marks, torn))]


def read_line(text: str, habits: Habits, *, torn: bool, marks: int | None = None) -> tuple[tuple[str, float], ...]:
    """The readings of a formula among the words of a line; ``marks`` are the U+200B that belong to it."""
    text = unicodedata.normalize("NFKC", text.replace(ZERO_WIDTH, " ")).strip()
    if _ACCENT.match(text) or _BEGINS_OPEN.match(text) or _ENDS_OPEN.search(text) or (torn and _gapped(text)):
        return ()
    return _checked(row_readings(text, habits), marks, torn)


def read_with_scraps(
    text: str, above: Sequence[str], below: Sequence[str], habits: Habits
) -> tuple[tuple[str, float], ...]:
    """The readings of the one formula of a line whose fraction's other half stands above or below."""
    text = unicodedata.normalize("NFKC", text).strip()
    half = [*above, *below]
    if len(half) != 1 or len(half[0].split()) != 1:
        return ()
    groups = text.split(" ")
    of = _derivatives(groups, half[0])
    plain = [
        n
        for n, group in enumerate(groups)
        if re.fullmatch(r"[^\W\d_]|\d+", group) and any(_RELATION.search(g) for g in groups[:n])
    ]
    places = (of[:1] if below else []) if half[0][0] in "∂d" and len(half[0]) > 1 else plain
    if len(places) != 1:
        return ()
    k = places[0]
    parts = (groups[k], half[0]) if below else (half[0], groups[k])
    return spelled(_around(" ".join(groups[:k]), parts, " ".join(groups[k + 1 :]), habits))


def derived(text: str, above: Sequence[str], below: Sequence[str]) -> bool:
    """Whether the scrap below can only belong to a derivative in this formula."""
    return not above and len(below) == 1 and bool(_derivatives(text.strip().split(" "), below[0]))


def _derivatives(groups: Sequence[str], by: str) -> list[int]:
    return [n for n, group in enumerate(groups) if _BY.match(by) and _DERIVATIVE.match(group) and group[0] == by[0]]


def _gapped(text: str) -> bool:
    """Whether a blank parts what could be one product: something stood raised or below there, or in a fraction."""
    return bool(re.search(r"(?<!ln)(?<!log)(?<!exp)(?<!sin)(?<!cos)(?<!tan)(?<=[\w)\]∥′†∗]) +(?=[\w(\[∥])", text))


def _complete(text: str) -> bool:
    """Whether a line by itself can be a whole formula: a relation with something on both sides, and no end left open."""
    match = _RELATION.search(text)
    return bool(match and match.start() and not _ENDS_OPEN.search(text) and not _BEGINS_OPEN.match(text)) and not _ACCENT.match(text)  # fmt: skip


def _with_accents(texts: Sequence[str]) -> list[str]:
    """Lines that begin with an accent together with the letter above or below that bears it."""
    out = list(texts)
    k = 0
    while k < len(out):
        if _ACCENT.match(out[k]):
            for other in (k - 1, k + 1):
                if 0 <= other < len(out) and _LONE.match(out[other]):
                    low = min(k, other)
                    out[low : low + 2] = [f"{out[other]}{out[k][0]} {out[k][1:].strip()}"]
                    break
        k += 1
    return out


def _stack(texts: Sequence[str], habits: Habits) -> Ways:
    """The ways to read lines that stand above each other as one formula."""
    if len(texts) == 1:
        text = texts[0]
        if _ACCENT.match(text) or _BEGINS_OPEN.match(text) or _ENDS_OPEN.search(text) or _HOLE.search(text):
            return []
        return row_readings(text.rstrip(".,;"), habits)
    middle = list(texts[1:-1])
    over, under = texts[0], texts[-1]
    if len(texts) == 3 and _ENDS_OPEN.search(texts[0]) and not _RELATION.search(texts[1] + texts[2]):
        over, middle, under = texts[1], [texts[0]], texts[2]  # the extractor wrote the line first, then its fraction
    elif len(texts) == 3 and _BEGINS_OPEN.match(texts[2]) and not _RELATION.search(texts[0] + texts[1]):
        over, middle, under = texts[0], [texts[2]], texts[1]
    if _RELATION.search(over) or _RELATION.search(under) or not middle or len(over) > 30 or len(under) > 30:
        return []
    if any(_LARGE.search(text) for text in texts):
        return []
    line = _one_line(middle)
    if line is None or not _RELATION.search(line):
        return []
    return _with_fraction(line, over, under.rstrip(".,;"), habits)


def _one_line(parts: Sequence[str]) -> str | None:
    """Pieces of one line that the extractor put on lines of their own, around a relation that stands alone."""
    alone = [n for n, part in enumerate(parts) if _RELATION.fullmatch(part)]
    if len(parts) == 1:
        return parts[0]
    if len(alone) != 1 or len(parts) > 3 or any(short_scraps(part) and len(part) > 4 for part in parts):
        return None
    return " ".join(parts)


def _with_fraction(line: str, over: str, under: str, habits: Habits) -> Ways:
    hole = _HOLE.search(line)
    parts = (over, under)
    if hole:
        return _around(line[: hole.start()], parts, line[hole.end() :], habits)
    if _ENDS_OPEN.search(line):
        return _around(line, parts, "", habits) if _one_group(over) and _one_group(under) else []
    if _BEGINS_OPEN.match(line):
        return _around("", parts, line, habits) if _one_group(over) and _one_group(under) else []
    if over in ("∂", "d") and _BY.match(under):
        return _around("", parts, line, habits)
    return []


def _one_group(text: str) -> bool:
    """Whether a line above or below can be half of one fraction: blanks in it stand around signs only."""
    return all(re.search(r"[+−±⋅=<>()]$|^(?:ln|log|exp|sin|cos|tan|det|tr)$", a) or re.search(r"^[+−±⋅=<>()]", b) for a, b in _neighbours(text))  # fmt: skip


def _neighbours(text: str) -> Iterator[tuple[str, str]]:
    words = text.split()
    yield from zip(words, words[1:], strict=False)


def _around(before: str, halves: tuple[str, str], behind: str, habits: Habits) -> Ways:
    """A fraction between two pieces of a line."""
    over, under = (row_readings(half, habits) for half in halves)
    first = row_readings(before, habits) if before.strip() else [((), 0.0)]
    last = row_readings(behind, habits) if behind.strip() else [((), 0.0)]
    found: Ways = []
    for left, a in first:
        for top, b in over:
            for bottom, c in under:
                found.extend(((*left, Fraction(top, bottom), *right), a + b + c + d) for right, d in last)
    return found if len(found) <= 2 * MOST else []


def _checked(ways: Ways, marks: int | None, torn: bool) -> tuple[tuple[str, float], ...]:
    """Readings that have as many fractions and indices as there are marks."""
    if marks is not None:
        ways = [(row, cost) for row, cost in ways if _marks(row) == marks]
    if torn:
        ways = [] if len(ways) != 1 or _scripted(ways[0][0]) else ways
    readings = spelled(ways)
    return readings if len(readings) <= MOST else ()


def _marks(row: Row) -> int:
    """How many U+200B a row leaves."""
    return sum(_mark(node) + sum(_marks(inner) for _, inner in rows_of(node)) for node in row)


def _mark(node: Node) -> int:
    match node:
        case Fraction():
            return 1
        case Scripts(base, sub, sup):
            return int(sub is not None or (isinstance(base, BigOperator) and sup is not None))
        case _:
            return 0


def _scripted(row: Row) -> bool:
    """Whether anything is raised, lowered or in a fraction, or a letter may be a script that lost its place."""
    flat = all(not list(rows_of(node)) for node in row)
    return not flat or any(node in (symbol("T"), symbol("^"), symbol("′"), symbol("∗")) for node in row)
