"""Glyphs of a PDF page → formulas in LaTeX, from fonts, sizes, positions and drawn lines.

Whatever reads the PDF fills these plain values; nothing here knows a PDF library.
Lengths are PDF points; **y runs up** (PDF's own direction); a glyph's ``y`` is its baseline.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final, Literal

from llmgrade.typeset.forward import glyph_stream
from llmgrade.typeset.geometry import Line, Placed, Unreadable, read_row
from llmgrade.typeset.latex import LatexError, parse
from llmgrade.typeset.spelling import canonical, spell
from llmgrade.typeset.symbols import METRICS, ZERO_WIDTH, measure
from llmgrade.typeset.tree import Fixed, Node, Row, Scripts, Stretchy, rows_of, symbol, with_rows
from llmgrade.typeset.variants import settings

__all__ = ["PageFormula", "PageGlyph", "PageRule", "find_formulas"]


@dataclass(frozen=True, slots=True)
class PageGlyph:
    """One character of a page, in the order of the page's content."""

    char: str
    font: str
    """The PDF's font name, with or without its subset prefix: ``AAAAAA+KaTeX_Math-Italic``."""
    size: float
    x: float
    y: float
    width: float = 0.0
    """The advance, 0 where unknown."""


@dataclass(frozen=True, slots=True)
class PageRule:
    """A filled or stroked line, rectangle or path: its bounding box."""

    x0: float
    y0: float
    x1: float
    y1: float
    kind: Literal["line", "rect", "path"] = "rect"


@dataclass(frozen=True, slots=True)
class PageFormula:
    """A formula of a page."""

    latex: str | None
    """None where the glyphs could not be read as a formula; ``reason`` says why."""
    mode: Literal["display", "inline"]
    confidence: float
    """1.0: setting ``latex`` anew puts every glyph where the page has it."""
    box: tuple[float, float, float, float]
    """x0, y0, x1, y1 in points, y up."""
    first: int
    last: int
    """The glyphs ``[first, last)`` of the input that it covers, in content order."""
    reason: str = ""


def find_formulas(glyphs: Sequence[PageGlyph], rules: Sequence[PageRule] = ()) -> tuple[PageFormula, ...]:
    """The formulas of one page in content order; glyphs in none of them are prose."""
    prose = [g for g in glyphs if _font(g.font) is None and g.char.strip()]
    baselines = sorted({g.y for g in prose})
    return tuple(
        _formula(glyphs, rules, baselines, start, stop)
        for first, last in _runs(glyphs)
        for start, stop in _split(glyphs, rules, prose, first, last)
    )


_LONGEST: Final = 900
"""Glyphs of one formula; what is longer is no formula and would take too long."""


def _near_value(ascending: Sequence[float], value: float) -> bool:
    at = bisect_left(ascending, value - 0.8)
    return at < len(ascending) and ascending[at] < value + 0.8


# ---------------------------------------------------------------------------------------------------------- where

_EM_OF_MARK: Final = 19.36
"""U+200B is set in 1 px type, 1/19.36 em."""


def _font(name: str) -> str | None:
    """KaTeX's own name of a font, None for any other font."""
    at = name.find("KaTeX_")
    return None if at < 0 else name[at + 6 :]


def _mark(g: PageGlyph) -> bool:
    return g.char == ZERO_WIDTH or g.size < 2.5


def _runs(glyphs: Sequence[PageGlyph]) -> Iterator[tuple[int, int]]:
    """Stretches of content in KaTeX's fonts."""
    k = 0
    while k < len(glyphs):
        if _font(glyphs[k].font) is None:
            k += 1
            continue
        start = k
        while k < len(glyphs) and _font(glyphs[k].font) is not None:
            k += 1
        if any(not _mark(g) for g in glyphs[start:k]):
            yield start, k


def _reach(g: PageGlyph) -> tuple[float, float]:
    """How far a glyph goes down and up, in points."""
    found = measure(_font(g.font) or "", g.char) or METRICS["Main-Regular"].get(g.char)
    if found is None or _mark(g):
        return g.y, g.y + 0.4 * g.size
    return g.y - found.depth * g.size, g.y + found.height * g.size


def _split(
    glyphs: Sequence[PageGlyph], rules: Sequence[PageRule], prose: Sequence[PageGlyph], first: int, last: int
) -> list[tuple[int, int]]:
    """Where one formula of a run ends and the next begins: everything after lies below it, or right of prose beside it."""
    lows, highs = zip(*(_reach(g) for g in glyphs[first:last]), strict=True)
    n = last - first
    top_after = [0.0] * (n + 1)
    top_after[n] = -1e9
    for k in range(n - 1, -1, -1):
        top_after[k] = max(top_after[k + 1], highs[k])
    bands: list[tuple[int, int]] = []
    start = 0
    bottom = 1e9
    for k in range(n):
        if k > start and top_after[k] < bottom - 0.1:
            bands.append((first + start, first + k))
            start, bottom = k, 1e9
        bottom = min(bottom, lows[k])
    bands.append((first + start, last))
    bands = _rejoined(glyphs, rules, prose, bands)
    out: list[tuple[int, int]] = []
    for band in bands:
        out += _split_line(glyphs, rules, band, prose)
    return [b for b in out if any(not _mark(g) for g in glyphs[b[0] : b[1]])]


def _rejoined(
    glyphs: Sequence[PageGlyph], rules: Sequence[PageRule], prose: Sequence[PageGlyph], bands: list[tuple[int, int]]
) -> list[tuple[int, int]]:
    """Marks alone are the own line of what follows; lines close together without prose are one array."""
    out: list[tuple[int, int]] = []
    for start, stop in bands:
        if out:
            before = glyphs[out[-1][0] : out[-1][1]]
            if all(_mark(g) for g in before):
                out[-1] = (out[-1][0], stop)
                continue
            here = [g for g in glyphs[start:stop] if not _mark(g)]
            inked = [g for g in before if not _mark(g)]
            if here and inked:
                gap = min(_reach(g)[0] for g in inked) - max(_reach(g)[1] for g in here)
                size = max(g.size for g in inked)
                beside = any(abs(p.y - g.y) < 1.5 for p in prose for g in (here[0], inked[0]))
                if _embraced(inked, here, rules, size):
                    out[-1] = (out[-1][0], stop)
                    continue
                centre = abs(_middle(here) - _middle(inked))
                if gap < 0.62 * size and not beside and centre < 12 * size and _stacked(inked, here):
                    out[-1] = (out[-1][0], stop)
                    continue
        out.append((start, stop))
    return out


def _embraced(above: Sequence[PageGlyph], below: Sequence[PageGlyph], rules: Sequence[PageRule], size: float) -> bool:
    """Whether a drawn delimiter stands beside both."""
    low, high = max(_reach(g)[0] for g in below), min(_reach(g)[1] for g in above)
    left, right = min(g.x for g in below), max(g.x + g.width for g in below)
    return any(
        r.kind == "path" and r.y0 < low and r.y1 > high and r.x1 - r.x0 < size and left - 2 * size < r.x0 < right + size
        for r in rules
    )


def _stacked(above: Sequence[PageGlyph], below: Sequence[PageGlyph]) -> bool:
    left, right = min(g.x for g in above), max(g.x + g.width for g in above)
    return any(left - 2 <= g.x <= right + 2 for g in below)


def _middle(glyphs: Sequence[PageGlyph]) -> float:
    return (min(g.x for g in glyphs) + max(g.x + g.width for g in glyphs)) / 2


def _split_line(
    glyphs: Sequence[PageGlyph], rules: Sequence[PageRule], band: tuple[int, int], prose: Sequence[PageGlyph]
) -> list[tuple[int, int]]:
    """Inline formulas of one visual line stand apart, with prose between them."""
    start, stop = band
    inked = [k for k in range(start, stop) if not _mark(glyphs[k])]
    if not inked:
        return [band]
    low = min(_reach(glyphs[k])[0] for k in inked)
    high = max(_reach(glyphs[k])[1] for k in inked)
    size = max(glyphs[k].size for k in inked)
    beside = sorted(p.x + p.width / 2 for p in prose if low - 1 < p.y < high)
    left_after = {}
    least = 1e9
    for k in range(stop - 1, start - 1, -1):
        if not _mark(glyphs[k]):
            least = min(least, glyphs[k].x)
        left_after[k] = least
    out: list[tuple[int, int]] = []
    begin, right = start, -1e9
    for k in range(start, stop):
        if k > begin and right > -1e9 and left_after[k] > right - 0.3:
            at = bisect_left(beside, right)
            gap = left_after[k] - right
            prose_between = at < len(beside) and beside[at] < left_after[k]
            if (
                prose_between
                or gap > 3.2 * size
                or (
                    gap > 0.9 * size
                    and _complete(glyphs[begin:k])
                    and not _drawn_between(rules, right, left_after[k], low, high)
                )
            ):
                out.append((begin, k))
                begin, right = k, -1e9
        if not _mark(glyphs[k]):
            right = max(right, glyphs[k].x + glyphs[k].width)
    out.append((begin, stop))
    return out


def _drawn_between(rules: Sequence[PageRule], left: float, right: float, low: float, high: float) -> bool:
    """A root sign in the gap, or tall delimiters about the whole line: then its parts are of one formula."""
    return any(
        r.kind == "path" and r.y1 > low and r.y0 < high
        and (left - 1 < r.x0 < right or (r.y1 - r.y0 > 0.8 * (high - low) and r.y1 - r.y0 > 25 and r.x1 - r.x0 < 15))
        for r in rules
    )  # fmt: skip


def _complete(part: Sequence[PageGlyph]) -> bool:
    """Whether scripts are painted already and the line does not end in an operator: then its formula is over.

    KaTeX cuts a formula only after relations and binary operators; else all scripts come after the whole line.
    """
    inked = [g for g in part if not _mark(g)]
    size = max(g.size for g in inked)
    line = [g for g in inked if g.size > 0.95 * size]
    opened = sum((g.char in "([{⟨") - (g.char in ")]}⟩") for g in inked)
    if opened or len(line) == len(inked) or any(abs(g.y - line[0].y) > 1.5 for g in line):
        return False
    last = max(line, key=lambda g: g.x)
    cuts = [k for k, g in enumerate(inked) if g in line and symbol(g.char).kind in ("rel", "bin")]
    if all(g in line for g in inked[cuts[-1] + 1 if cuts else 0 :]):
        return False  # nothing hangs on the piece before the gap, so it may go on
    return symbol(last.char).kind not in ("rel", "bin", "punct")


# ---------------------------------------------------------------------------------------------------------- what


def _formula(
    glyphs: Sequence[PageGlyph], rules: Sequence[PageRule], baselines: Sequence[float], start: int, stop: int
) -> PageFormula:
    part = glyphs[start:stop]
    inked = [g for g in part if not _mark(g)]
    marks = [g.size for g in part if g.char == ZERO_WIDTH and g.size < 2.5]
    em = max(g.size for g in inked)
    if marks and any(abs(marks[0] * _EM_OF_MARK * scale - em) < 0.1 * em for scale in (1.0, 0.7, 0.5)):
        em = marks[0] * _EM_OF_MARK  # a formula may have nothing of full size
    low = min(_reach(g)[0] for g in inked)
    high = max(_reach(g)[1] for g in inked)
    left = min(g.x for g in inked)
    right = max(g.x + g.width for g in inked)
    near = [
        r for r in rules
        if r.y1 > low - 0.6 * em and r.y0 < high + 0.6 * em and (left - 1.4 * em < r.x0 or r.x1 - r.x0 > 50 * em) and r.x0 < right + 0.5 * em and r.x1 > left - 1.4 * em
        and (r.y1 - r.y0) < (high - low) + 3 * em and _is_own(r, em)
    ]  # fmt: skip
    placed = [
        Placed(k, g.char, _font(g.font) or "", g.size / em, (g.x - left) / em, (g.y - low) / em, g.width / em)
        for k, g in enumerate(part)
    ]
    lines = [Line((r.x0 - left) / em, (r.y0 - low) / em, (r.x1 - left) / em, (r.y1 - low) / em, r.kind) for r in near]
    box = (left, low, right, high)
    inline = any(_near_value(baselines, g.y) for g in inked if g.size > 0.9 * em)
    likely: Literal["display", "inline"] = "inline" if inline else "display"
    if len(part) > _LONGEST:
        return PageFormula(None, likely, 0.0, box, start, stop, f"not read: more than {_LONGEST} glyphs")
    try:
        row = read_row(placed, lines)
    except (Unreadable, RecursionError, ValueError, IndexError) as error:
        return PageFormula(None, likely, 0.0, box, start, stop, f"not read: {error}")
    return _checked(row, placed, likely, box, start, stop)


def _is_own(r: PageRule, em: float) -> bool:
    """Not the frame of a page, a table line or a code block."""
    if r.kind == "rect" and r.y1 - r.y0 < 0.09 * em:
        return r.y1 - r.y0 > 0.02 * em
    return r.y1 - r.y0 < 40 * em


def _checked(
    row: Row,
    placed: Sequence[Placed],
    likely: Literal["display", "inline"],
    box: tuple[float, float, float, float],
    start: int,
    stop: int,
) -> PageFormula:
    """The reading with its confidence: 1 where setting it anew gives every glyph in order and in place."""
    modes: tuple[Literal["display", "inline"], ...] = (
        ("display", "inline") if likely == "display" else ("inline", "display")
    )
    best = _best((row,), placed, modes)
    for _ in range(_CHANGES):
        if best[0] >= 1.0:
            break
        better = _best(_layouts(best[3]), placed, modes)
        if better[:2] <= best[:2]:
            break
        best = better
    sure, _, mode, layout = best
    if sure < 0.5:
        return PageFormula(None, likely, sure, box, start, stop, "set anew, the glyphs would come in another order")
    try:
        latex = spell(layout)
        if canonical(parse(latex)) != canonical(layout):
            sure = min(sure, 0.6)
    except LatexError as error:
        return PageFormula(None, likely, 0.0, box, start, stop, f"not read: {error}")
    return PageFormula(latex, mode if sure >= 0.9 and likely == "display" else likely, round(sure, 2), box, start, stop)


_Tried = tuple[float, int, Literal["display", "inline"], Row]
"""How sure a layout is, how many glyphs it has in order, its mode and the layout."""
_CHANGES: Final = 4
"""How many changes of its setting a formula may need: sizes of brackets, of fractions, places of limits."""


def _best(layouts: Iterable[Row], placed: Sequence[Placed], modes: Sequence[Literal["display", "inline"]]) -> _Tried:
    best: _Tried = (-1.0, -1, modes[0], ())
    for layout in layouts:
        for mode in modes:
            sure, matched = _agreement(layout, placed, mode)
            if (sure, matched) > (best[0] + 1e-9, best[1]) or (sure > best[0] - 1e-9 and matched > best[1]):
                best = (sure, matched, mode, layout)
        if best[0] >= 1.0:
            break
    return best


def _layouts(row: Row) -> Iterator[Row]:
    yield row
    yield tuple(_ordinary(node) for node in row)
    yield from islice(settings(row), 24)


def _ordinary(node: Node) -> Node:
    r"""With brackets of a fixed size as ``\big`` sets them, which are no opening and closing ones for the signs beside."""
    if isinstance(node, Fixed):
        return replace(node, cls="mord")
    if isinstance(node, Scripts) and node.base is not None:
        node = replace(node, base=_ordinary(node.base))
    for path, inner in rows_of(node):
        node = with_rows(node, path, tuple(_ordinary(one) for one in inner))
    return node


def _agreement(row: Row, placed: Sequence[Placed], mode: Literal["display", "inline"]) -> tuple[float, int]:
    """0 where characters disagree; .8 where their order agrees; up to 1 with sizes and heights; and how many agree."""
    try:
        want = [g for g in glyph_stream(row, mode) if g[3] != ZERO_WIDTH and g[3].strip()]
    except LatexError:
        return 0.0, 0
    have = [g for g in placed if g.char != ZERO_WIDTH and g.size > 0.2 and g.char.strip()]
    matched = next(
        (k for k, (w, h) in enumerate(zip(want, have, strict=False)) if w[3] != h.char), min(len(want), len(have))
    )
    if not want or matched < max(len(want), len(have)):
        return 0.0, matched
    y0 = have[0].y - want[0][1]
    good = 0
    for w, h in zip(want, have, strict=True):
        good += abs(w[2] - h.size) < 0.06 and abs(h.y - w[1] - y0) < 0.16
    share = good / len(want)
    sure = 1.0 if share == 1.0 else 0.7 + 0.25 * share
    # Drawn accents look alike from their boxes.
    return (min(sure, 0.6) if _has_drawn_accent(row) else sure), matched


def _has_drawn_accent(row: Row) -> bool:
    return any(
        isinstance(n, Stretchy)
        or (isinstance(n, Scripts) and n.base is not None and _has_drawn_accent((n.base,)))
        or any(_has_drawn_accent(r) for _, r in rows_of(n))
        for n in row
    )
