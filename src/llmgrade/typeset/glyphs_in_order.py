"""Formulas of a page that KaTeX did not set: MathJax's HTML, and MathML as a browser lays it out.

Both paint a formula's glyphs in the order in which it is written. MathJax brings fonts of its own; MathML takes a
mathematical font for its letters and often another for digits and signs, which may be that of the words around.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Final, Literal

from llmgrade.typeset import tree
from llmgrade.typeset.forward import glyph_stream
from llmgrade.typeset.geometry import Line, Placed, Unreadable
from llmgrade.typeset.geometry_in_order import ACCENT_SIGNS, read_in_order
from llmgrade.typeset.glyphs import PageFormula, PageGlyph, PageRule
from llmgrade.typeset.latex import LatexError, parse
from llmgrade.typeset.spelling import canonical, spell
from llmgrade.typeset.symbols import METRICS, NAMED_OPERATORS
from llmgrade.typeset.tree import Row

__all__ = ["find_in_order", "is_accent", "is_mathematical"]

_MATHJAX: Final = re.compile(r"MathJax_(\w+(?:-\w+)?)|MJX(?:TEX|-TEX|ZERO)?[_-]?(\w+)", re.IGNORECASE)
_NATIVE: Final = re.compile(r"math|stix|xits|asana|cambria ?math|neo ?euler|newcm|dejavumathtexgyre", re.IGNORECASE)
_LONGEST: Final = 900
_SURE: Final = 1.0
_ORDERLY: Final = 0.9
"""How sure a formula is whose places and order agree but which says a thing in a way that does not read back the same."""
_CHARS: Final = {
    "|": "∣", "ħ": "ℏ", "‖": "∥", "-": "−", "*": "∗", "·": "⋅", "′": "′", "'": "′", "\u00a0": "\u00a0", "∆": "Δ", "Ω": "Ω", "µ": "μ",
    "〈": "⟨", "〉": "⟩", "⟮": "(", "⟯": ")", "ε": "ε", "ϵ": "ϵ", "◦": "∘", "‐": "−", "﹣": "−", "⊺": "⊤",
}  # fmt: skip


def is_mathematical(font: str) -> bool:
    """Whether a font is one that only formulas are set in (KaTeX's own apart)."""
    return "KaTeX" not in font and (_MATHJAX.search(font) is not None or _NATIVE.search(font) is not None)


def is_accent(glyph: PageGlyph, formulas: Sequence[PageFormula]) -> bool:
    """Whether a glyph outside of all formulas is an accent that the page painted later over a letter of one."""
    return glyph.char in ACCENT_SIGNS and any(
        x0 - 2 < glyph.x + glyph.width / 2 < x1 + 2 and y0 - glyph.size < glyph.y < y1 + 0.3 * glyph.size
        for x0, y0, x1, y1 in (formula.box for formula in formulas)
    )


def find_in_order(glyphs: Sequence[PageGlyph], rules: Sequence[PageRule] = ()) -> tuple[PageFormula, ...]:
    """The formulas of one page that KaTeX did not set, in content order."""
    if not _mathematical_faces(glyphs):
        return ()
    runs = list(_runs(glyphs))
    inside = {k for start, stop in runs for k in range(start, stop)}
    prose = [g for k, g in enumerate(glyphs) if k not in inside and g.char.strip() and "KaTeX" not in g.font]
    sizes = _sizes([glyphs[k] for k in inside], prose)
    spans = [span for start, stop in runs for span in _formulas(glyphs, rules, prose, start, stop)]
    spans = [span for span in spans if any(g.char.strip() and g.size > 0 for g in glyphs[slice(*span)])]
    # Some pages paint accents after everything else.
    apart = [span for span in spans if all(g.char in ACCENT_SIGNS for g in glyphs[slice(*span)])]
    signs = [g for span in apart for g in glyphs[slice(*span)]] + [g for g in prose if g.char in ACCENT_SIGNS]
    found = [_formula(glyphs, rules, prose, span, signs, sizes) for span in sorted(spans) if span not in apart]
    return tuple(_alone(formula, found) for formula in found)


def _alone(formula: PageFormula, found: Sequence[PageFormula]) -> PageFormula:
    """A formula that stands in another's place is a layer of it: neither can be read by itself."""
    x0, y0, x1, y1 = formula.box
    for other in found:
        u0, v0, u1, v1 = other.box
        if (
            other is not formula
            and min(x1, u1) - max(x0, u0) > 1
            and min(y1, v1) - max(y0, v0) > 0.3 * min(y1 - y0, v1 - v0)
        ):
            return replace(formula, latex=None, confidence=0.0, reason="not read: painted in layers")
    return formula


_Sizes = tuple[float, float, float]
"""The sizes of a page's formulas: of the line, of scripts, of scripts of scripts; 0 where there is none."""


def _sizes(glyphs: Sequence[PageGlyph], prose: Sequence[PageGlyph]) -> _Sizes:
    """Fonts differ in how much smaller they make scripts; a page sets all its formulas alike."""
    counts = Counter(round(g.size, 1) for g in glyphs if g.char.strip() and g.size > 0.1)
    if not counts:
        return 0.0, 0.0, 0.0
    usual = counts.most_common(1)[0][0]
    # Where fractions in the line are the commonest, the commonest size is a script's.
    usual = max((s for s in counts if 0.64 < usual / s < 0.84 and 5 * counts[s] > counts[usual]), default=usual)
    words = Counter(round(g.size, 1) for g in prose if g.char.isalpha())
    body = words.most_common(1)[0][0] if words else usual
    if 0.64 < usual / body < 0.84:
        usual = body
    script = max((s for s in counts if 0.6 * usual < s < 0.87 * usual), default=0.71 * usual)
    small = max((s for s in counts if 0.6 * script < s < 0.87 * script), default=0.71 * script)
    return usual, script, small


# ---------------------------------------------------------------------------------------------------------- where


def _runs(glyphs: Sequence[PageGlyph]) -> Iterator[tuple[int, int]]:
    """Stretches of content that are mathematics."""
    kinds, own = _kinds(glyphs)
    for start, stop in _stretches(kinds):
        first, last = start, stop
        # Accents that close a stretch may be those of a whole page, painted after everything else.
        while last > first and glyphs[last - 1].char in ACCENT_SIGNS:
            last -= 1
        if last < stop:
            yield last, stop
        while first < last and not glyphs[first].char.strip():
            first += 1
        while last > first and (
            not glyphs[last - 1].char.strip() or (glyphs[last - 1].char in ",.;:!?" and not own[last - 1])
        ):
            last -= 1
        if any(g.char.strip() for g in glyphs[first:last]):
            yield first, last


def _stretches(flags: Sequence[bool]) -> Iterator[tuple[int, int]]:
    """Where flags that are set follow one another, each time from the first to behind the last."""
    at = 0
    for flag, some in groupby(flags):
        start, at = at, at + sum(1 for _ in some)
        if flag:
            yield start, at


def _kinds(glyphs: Sequence[PageGlyph]) -> tuple[list[bool], list[bool]]:
    """For each glyph whether it is of a formula (joined to one), and whether its own font says so."""
    faces = _mathematical_faces(glyphs)
    own = [g.font in faces for g in glyphs]
    if not any(o and _MATHJAX.search(g.font) is None for o, g in zip(own, glyphs, strict=True)):
        return own, own
    words = Counter(g.font for g, o in zip(glyphs, own, strict=True) if not o and g.char.isalpha())
    body = _family(words.most_common(1)[0][0]) if words else ""
    second = _second_faces(glyphs, own, body)
    own = [o or _family(g.font) in second for g, o in zip(glyphs, own, strict=True)]
    kinds = list(own)
    for step in (1, -1):
        order = range(len(glyphs)) if step == 1 else range(len(glyphs) - 1, -1, -1)
        for k in order:
            before = k - step
            if (
                not kinds[k]
                and 0 <= before < len(glyphs)
                and kinds[before]
                and _joined(glyphs[min(k, before)], glyphs[max(k, before)])
            ):
                kinds[k] = "KaTeX" not in glyphs[k].font
    return kinds, own


def _mathematical_faces(glyphs: Sequence[PageGlyph]) -> set[str]:
    """The fonts of a page that formulas are set in; one in which whole words are set, blanks and all, is the page's own."""
    faces = {g.font for g in glyphs if is_mathematical(g.font)}
    for face in list(faces):
        if _MATHJAX.search(face) is None:
            letters = [g.char for g in glyphs if g.font == face]
            if sum(c.isascii() and c.islower() for c in letters) > 0.5 * len(letters) and len(letters) > 40:
                faces.discard(face)
    return faces


def _family(font: str) -> str:
    return re.split(r"[-,]", font.split("+", 1)[-1], maxsplit=1)[0]


def _second_faces(glyphs: Sequence[PageGlyph], own: Sequence[bool], body: str) -> set[str]:
    """The faces of digits and signs: nearly always next to mathematical letters or to one another."""
    near: Counter[str] = Counter()
    far: Counter[str] = Counter()
    other = [
        not o and _family(g.font) != body and "KaTeX" not in g.font and g.char not in ACCENT_SIGNS
        for o, g in zip(own, glyphs, strict=True)
    ]
    for start, stop in _stretches(other):
        touches = (start > 0 and own[start - 1]) or (stop < len(glyphs) and own[stop])
        for family in {_family(g.font) for g in glyphs[start:stop]}:
            (near if touches else far)[family] += 1
    return {family for family in near if near[family] > far[family]}


def _joined(a: PageGlyph, b: PageGlyph) -> bool:
    """Whether two glyphs that follow one another are of one formula: no blank between, and near."""
    if not a.char.strip() or not b.char.strip():
        return False
    size = max(a.size, b.size)
    return -4 * size < b.x - a.x - a.width < 0.5 * size and abs(b.y - a.y) < 1.3 * size


def _formulas(
    glyphs: Sequence[PageGlyph], rules: Sequence[PageRule], prose: Sequence[PageGlyph], first: int, last: int
) -> Iterator[tuple[int, int]]:
    """One formula after the other: what stands wholly below what came before, or far to its right, is another."""
    for start, stop in _bands(glyphs, rules, prose, first, last):
        left_after = {stop: 1e9}
        for k in range(stop - 1, start - 1, -1):
            left_after[k] = min(left_after[k + 1], glyphs[k].x)
        begin, right = start, -1e9
        for k in range(start, stop):
            gap = left_after[k] - right
            if k > begin and (
                gap > 3.2 * glyphs[k].size or (gap > 0 and _words_between(prose, right, left_after[k], glyphs[k]))
            ):
                yield begin, k
                begin, right = k, -1e9
            right = max(right, glyphs[k].x + glyphs[k].width)
        yield begin, stop


def _bands(
    glyphs: Sequence[PageGlyph], rules: Sequence[PageRule], prose: Sequence[PageGlyph], first: int, last: int
) -> Iterator[tuple[int, int]]:
    """Lines of formulas, one below the other."""
    lows, highs = zip(*(_reach(g) for g in glyphs[first:last]), strict=True)
    count = last - first
    top_after = [-1e9] * (count + 1)
    for k in range(count - 1, -1, -1):
        top_after[k] = max(top_after[k + 1], highs[k])
    start, bottom = 0, 1e9
    for k in range(count):
        here = glyphs[first + k]
        gap = bottom - top_after[k]
        if k > start and (gap > 1.05 * here.size or (gap > 0.1 and _words_beside(prose, here))):
            above = glyphs[first + start : first + k]
            if not _ruled(rules, above, top_after[k], bottom) and not (gap < 0.3 * here.size and _limit(above, here)):
                yield first + start, first + k
                start, bottom = k, 1e9
        bottom = min(bottom, lows[k])
    yield first + start, last


def _ruled(rules: Sequence[PageRule], above: Sequence[PageGlyph], low: float, high: float) -> bool:
    """Whether a fraction bar stands under some glyphs, between them and what follows."""
    left, right = min(g.x for g in above), max(g.x + g.width for g in above)
    return any(r.y1 - r.y0 < 2 and low - 1 < r.y0 < high + 1 and r.x0 < right and r.x1 > left for r in rules)


def _limit(held: Sequence[PageGlyph], g: PageGlyph) -> bool:
    """Whether small glyphs stand over one that follows: an upper limit is painted before its operator."""
    over = min(h.x for h in held) < g.x + g.width and max(h.x + h.width for h in held) > g.x
    return over and all(h.size < 0.8 * g.size for h in held)


def _words_beside(prose: Sequence[PageGlyph], g: PageGlyph) -> bool:
    return any(abs(p.y - g.y) < 1.5 for p in prose)


def _words_between(prose: Sequence[PageGlyph], left: float, right: float, g: PageGlyph) -> bool:
    return any(left < p.x + p.width / 2 < right and abs(p.y - g.y) < g.size for p in prose)


def _reach(g: PageGlyph) -> tuple[float, float]:
    font, char = _known(g)
    found = METRICS.get(font, {}).get(char) or METRICS["Main-Regular"].get(char)
    if found is None:
        return g.y, g.y + 0.7 * g.size
    return g.y - found.depth * g.size, g.y + found.height * g.size


# ---------------------------------------------------------------------------------------------------------- what


def _known(g: PageGlyph) -> tuple[str, str]:
    """A glyph's face by KaTeX's name, and its character."""
    found = _MATHJAX.search(g.font)
    char = _CHARS.get(g.char, g.char)
    if found is not None:
        name = found[1] or found[2] or ""
        if name.startswith("Vector") and char == "→":
            return "Main-Regular", "\u20d7"
        face = _FACES.get(name, name)
        return (face if face in METRICS else "Main-Regular"), char
    plain = _plain(char)
    if plain != char:
        said = unicodedata.name(char, "")
        for word, face in _ALPHABETS:
            if word in said:
                return face, plain
        return "Main-Regular", plain
    if char.isalpha() and not char.isascii() and unicodedata.category(char) == "Ll":
        return "Math-Italic", char
    return "Main-Regular", char


def _plain(char: str) -> str:
    """The letter of a mathematical alphabet as a letter; other characters as they are."""
    said = unicodedata.decomposition(char) if len(char) == 1 and char not in "ℓℏ" else ""
    return chr(int(said.split()[1], 16)) if said.startswith("<font>") and len(said.split()) == 2 else char


_FACES: Final = {"Main": "Main-Regular", "Math": "Math-Italic", "I": "Math-Italic", "R": "Main-Regular"}
_ALPHABETS: Final = (
    ("DOUBLE-STRUCK", "AMS-Regular"), ("FRAKTUR", "Fraktur-Regular"), ("BLACK-LETTER", "Fraktur-Regular"),
    ("BOLD SCRIPT", "Caligraphic-Regular"), ("SCRIPT", "Caligraphic-Regular"), ("SANS-SERIF", "SansSerif-Regular"),
    ("MONOSPACE", "Typewriter-Regular"), ("BOLD ITALIC", "Math-BoldItalic"), ("BOLD", "Main-Bold"), ("ITALIC", "Math-Italic"),
    ("PLANCK", "Math-Italic"),
)  # fmt: skip


def _formula(
    glyphs: Sequence[PageGlyph],
    rules: Sequence[PageRule],
    prose: Sequence[PageGlyph],
    span: tuple[int, int],
    signs: Sequence[PageGlyph],
    sizes: _Sizes,
) -> PageFormula:
    start, stop = span
    part = [g for g in glyphs[start:stop] if g.size > 0]
    inked = [g for g in part if g.char.strip()]
    usual, script, small = sizes
    em = max((g.size for g in inked if not usual or g.size < 3 * usual), default=usual)
    if em < 0.87 * usual and min(abs(em - script), abs(em - small)) < 0.06 * usual:
        em = usual
    ladder = ((em * script / usual, 0.7), (em * small / usual, 0.5)) if usual else ()
    solid = [g for g in inked if g.size < 3 * em] or inked
    low, high = min(_reach(g)[0] for g in solid), max(_reach(g)[1] for g in solid)
    left, right = min(g.x for g in solid), max(g.x + g.width for g in solid)
    box = (left, low, right, high)
    inline = any(abs(p.y - g.y) < 0.8 for g in inked if g.size > 0.9 * em for p in prose) or em > 1.2 * max(
        g.size for g in inked
    )
    mode: Literal["display", "inline"] = "inline" if inline else "display"
    if len(part) > _LONGEST:
        return PageFormula(None, mode, 0.0, box, start, stop, f"not read: more than {_LONGEST} glyphs")
    placed: list[Placed] = []
    over = [
        g for g in signs if left - 0.2 * em < g.x + g.width / 2 < right + 0.2 * em and low - em < g.y < high + 0.5 * em
    ]
    for g in [*part, *over]:
        face, char = _known(g)
        if not char.strip() and _operator_before(placed, g.size / em):
            continue
        size = next((scale for at, scale in ladder if abs(g.size - at) < 0.06 * em), g.size / em)
        here = Placed(len(placed), char, face, size, (g.x - left) / em, (g.y - low) / em, g.width / em)
        if placed and _words_apart(placed[-1], here):
            end = placed[-1].x + placed[-1].width
            placed.append(Placed(len(placed), "\u00a0", face, here.size, end, here.y, here.x - end))
            here = replace(here, index=len(placed))
        placed.append(here)
    lines = [
        Line((r.x0 - left) / em, (r.y0 - low) / em, (r.x1 - left) / em, (r.y1 - low) / em, r.kind)
        for r in rules
        if r.kind != "path" and _touches(r, box, em) and (r.y1 - r.y0 < 0.12 * em or r.y1 - r.y0 < 40 * em)
    ]
    try:
        row = read_in_order(placed, lines)
        _nothing_lost(row, placed)
        latex, sure = _spelled(row)
    except (Unreadable, LatexError, RecursionError, ValueError, IndexError) as error:
        return PageFormula(None, mode, 0.0, box, start, stop, f"not read: {error}")
    return PageFormula(latex, mode, sure, box, start, stop)


def _words_apart(a: Placed, b: Placed) -> bool:
    """Whether a blank of a text stands between two upright letters; some printers leave it out."""
    if b.size <= 0:
        return False
    gap = (b.x - a.x - a.width) / b.size
    letters = a.char.isalpha() and b.char.isalpha() and a.font == b.font == "Main-Regular"
    return letters and a.size == b.size and abs(a.y - b.y) < 0.01 and 0.2 < gap < 0.45


def _operator_before(placed: Sequence[Placed], size: float) -> bool:
    """Whether the upright letters just placed name an operator, limits apart: a blank after it is no text's."""
    name = ""
    for g in reversed(placed[-24:]):
        if not name and g.size < 0.9 * size:
            continue
        if not g.char.isalpha() or g.font != "Main-Regular" or g.size < 0.9 * size:
            break
        name = g.char + name
    return name in NAMED_OPERATORS


def _touches(r: PageRule, box: tuple[float, float, float, float], em: float) -> bool:
    left, low, right, high = box
    if r.y1 - r.y0 < 0.12 * em:
        return left - 0.6 * em < r.x0 and r.x1 < right + 0.6 * em and low - 0.5 * em < r.y0 < high + 0.5 * em
    # A frame about all of it or a part; not the bubble or the page that it stands in.
    return left - em < r.x0 and r.x1 < right + em and low - em < r.y0 and r.y1 < high + em


def _nothing_lost(row: Row, placed: Sequence[Placed]) -> None:
    """Refuses a reading that, set anew, would not have the same letters, digits and signs."""
    want = Counter(g[3] for g in glyph_stream(row, "display") if _said(g[3]))
    have = Counter(g.char for g in placed if _said(g.char))
    if want != have:
        raise Unreadable("a glyph would be lost")


def _said(char: str) -> bool:
    """Whether a character is always typeset as itself; brackets and accents may be drawn or put together."""
    return (
        (char.isalnum() or tree.symbol(char).kind in ("rel", "bin")) and char not in ACCENT_SIGNS and char not in "↼⇀∥"
    )


def _spelled(row: Row) -> tuple[str, float]:
    latex = spell(row)
    if not latex.strip():
        raise Unreadable("nothing but blanks")
    return latex, _SURE if canonical(parse(latex)) == canonical(row) else _ORDERLY
