"""Placed glyphs and drawn lines of one formula → `tree.Row`, by where they stand and in which order they are painted.

Everything is in em of the formula's base font, y up. A fraction is what stands below and above its bar, a root what
follows its sign, a script a smaller glyph beside a larger one, an array glyphs of one size on several baselines.
Paint order settles what positions leave open: what belongs to a parent's own line is painted before what hangs on it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from llmgrade.typeset import tree
from llmgrade.typeset.symbols import ACCENTS, BIG_OPERATORS, DELIMITERS, METRICS, NAMED_OPERATORS, ZERO_WIDTH, measure
from llmgrade.typeset.tree import Node, Row

__all__ = ["Atom", "Line", "Placed", "Reader", "Unreadable", "extent", "read_row", "scale_of"]


class Unreadable(ValueError):
    """Glyphs that form no formula this reader knows; the message says why."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A glyph: ``index`` counts in paint order, ``font`` is KaTeX's name without ``KaTeX_``."""

    index: int
    char: str
    font: str
    size: float
    x: float
    y: float
    width: float


@dataclass(frozen=True, slots=True)
class Line:
    """Something drawn: its bounding box and whether it is a rectangle, a line or a path."""

    x0: float
    y0: float
    x1: float
    y1: float
    kind: str

    @property
    def height(self) -> float:
        return self.y1 - self.y0

    @property
    def width(self) -> float:
        return self.x1 - self.x0


@dataclass(slots=True)
class Atom:
    """A glyph or a finished piece: where it is, its baseline, its scale, and its paint indices."""

    node: Node | None
    x0: float
    x1: float
    y: float
    scale: float
    first: int
    last: int
    glyph: Placed | None = None
    low: float = 0.0
    high: float = 0.0
    side: str = ""
    """``open``/``close``/``bar`` for delimiters, ``sized`` ones with a capital."""
    whole: bool = False
    """A bracket put together of pieces or stretched, which may be painted before or after what it embraces."""


_ACCENT_OF: Final = {char: name for name, char in ACCENTS.items() if char}
_BIG: Final = {char: limits for char, limits in reversed(BIG_OPERATORS.values()) if char != "∫"} | {"∫": False}
_PIECES: Final = {"⎧": "{", "⎨": "{", "⎩": "{", "⎫": "}", "⎬": "}", "⎭": "}"}
_NAME_OF: Final = {char: name for name, char in DELIMITERS.items()}
_FONT_COMMANDS: Final = {
    "AMS-Regular": r"\mathbb", "Caligraphic-Regular": r"\mathcal", "Main-Bold": r"\mathbf", "Script-Regular": r"\mathscr",
    "Fraktur-Regular": r"\mathfrak", "Math-BoldItalic": r"\boldsymbol", "SansSerif-Regular": r"\mathsf",
    "Typewriter-Regular": r"\mathtt", "Main-Italic": r"\mathit", "Caligraphic-Bold": r"\mathcal",
}  # fmt: skip
_NEAR: Final = 0.09
_OVERLONG: Final = 50.0
"""The width, in em, of what is drawn longer than it is seen."""
_DEPTH: Final = 24


def read_row(glyphs: Sequence[Placed], lines: Sequence[Line]) -> Row:
    """The formula of these glyphs, all of them. Raises `Unreadable`."""
    return Reader().region(list(glyphs), list(lines), 0)


def scale_of(size: float) -> float:
    """The scale of a style (text, script, script of a script) that a glyph's size in em is nearest to."""
    return min((1.0, 0.7, 0.5), key=lambda s: abs(s - size))


def extent(g: Placed) -> tuple[float, float]:
    """From where to where a glyph goes, in em above the baseline; 0.7 of its size where nothing knows it."""
    found = measure(g.font, g.char) or METRICS["Main-Regular"].get(g.char)
    if found is None:
        return g.y, g.y + 0.7 * g.size
    return g.y - found.depth * g.size, g.y + found.height * g.size


def _is_mark(g: Placed) -> bool:
    return g.char == ZERO_WIDTH or g.size < 0.2


class Reader:
    """Reads glyphs that KaTeX painted; `geometry_in_order` reads those painted in the order of the formula."""

    in_order = False
    """Whether a formula's parts are painted in the order in which they are written."""

    # ---- regions

    def region(self, glyphs: list[Placed], lines: list[Line], depth: int) -> Row:
        """The row of a region: a formula, a script, a numerator, a cell."""
        if depth > _DEPTH:
            raise Unreadable("nested too deeply")
        atoms: list[Atom] = []
        glyphs = sorted(glyphs, key=lambda g: g.index)
        glyphs, lines = self.boxes(glyphs, lines, atoms, depth)
        glyphs, lines = self.braces(glyphs, lines, atoms, depth)
        glyphs, lines = self.arrows(glyphs, lines, atoms, depth)
        glyphs, lines = self.roots_and_bars(glyphs, lines, atoms, depth)
        marks = [g for g in glyphs if _is_mark(g)]
        for g in glyphs:
            if not _is_mark(g):
                low, high = extent(g)
                atoms.append(Atom(None, g.x, g.x + g.width, g.y, scale_of(g.size), g.index, g.index, g, low, high))
        if not [a for a in atoms if a.glyph is None or a.glyph.char.strip()]:
            return ()
        self.accents(atoms, lines)
        self.brace_pieces(atoms)
        self.tall_delimiters(atoms, lines)
        scale = max(a.scale for a in atoms)
        return self.assemble(atoms, scale, marks, depth)

    def boxes(
        self, glyphs: list[Placed], lines: list[Line], atoms: list[Atom], depth: int
    ) -> tuple[list[Placed], list[Line]]:
        """Frames around something."""
        for line in sorted(lines, key=lambda r: -r.width):
            if line.kind == "rect" and line.height > 0.9 and line.width > 0.9:
                inside = [
                    g
                    for g in glyphs
                    if line.x0 <= g.x <= line.x1 and line.y0 - 0.1 <= g.y <= line.y1 and not _is_mark(g)
                ]
                if not inside:
                    lines = [r for r in lines if r is not line]
                    continue
                first, last = min(g.index for g in inside), max(g.index for g in inside)
                # The marks before the body belong to the line around, those among it to the body.
                body = [
                    g for g in glyphs if g in inside or (_is_mark(g) and self.mark_inside(g, line, inside, first, last))
                ]
                inner_lines = [
                    r for r in lines if r is not line and line.x0 <= r.x0 <= line.x1 and line.y0 <= r.y0 <= line.y1
                ]
                row = self.region(body, inner_lines, depth + 1)
                own = [g.y for g in body if g.size > 0.9 and not _is_mark(g)]
                outer = [g.y for g in glyphs if g not in body]
                y = outer[0] if outer else (own[0] if own else line.y0)
                atoms.append(Atom(tree.Boxed(row), line.x0, line.x1, y, 1.0, first, last, None, line.y0, line.y1))
                return [g for g in glyphs if g not in body], [
                    r for r in lines if r is not line and r not in inner_lines
                ]
        return glyphs, lines

    def braces(
        self, glyphs: list[Placed], lines: list[Line], atoms: list[Atom], depth: int
    ) -> tuple[list[Placed], list[Line]]:
        """Braces lying under or over something: drawn in three overlong parts, the middle one further out."""
        parts = [r for r in lines if r.kind == "path" and r.width > _OVERLONG and 0.2 < r.height < 0.45]
        for middle in parts:
            ends = [r for r in parts if r is not middle and 0.1 < abs(r.y0 - middle.y0) < 0.3]
            if len(ends) < 2:
                continue
            left, right = max(ends, key=lambda r: r.x0), min(ends, key=lambda r: r.x1)
            x0, x1 = left.x0, right.x1
            over = middle.y0 > left.y0
            inked = [g for g in glyphs if not _is_mark(g) and x0 - 0.1 < g.x + g.width / 2 < x1 + 0.1]
            body = [g for g in inked if (g.y < left.y0 if over else g.y > left.y1 - 0.1)]
            label = [
                g for g in glyphs
                if g.size < 0.75 and g not in body and not _is_mark(g) and x0 - 1.5 < g.x < x1 + 1.5
                and (0 < g.y - middle.y1 < 1.2 if over else -1.6 < g.y - middle.y0 < 0)
            ]  # fmt: skip
            if not body:
                continue
            taken = {g.index for g in (*body, *label)}
            first, last = min(taken), max(taken)
            rest = [g for g in glyphs if g.index not in taken and not (_is_mark(g) and first <= g.index <= last)]
            inner = [r for r in lines if r not in (middle, left, right) and x0 - 0.1 <= r.x0 and r.x1 <= x1 + 0.1]
            marks = [
                g for g in glyphs if _is_mark(g) and min(g.index for g in body) <= g.index <= max(g.index for g in body)
            ]
            node: Node = tree.Brace(over, self.region([*body, *marks], inner, depth + 1))
            if label:
                script = self.region(label, [], depth + 1)
                node = tree.Scripts(node, None, script) if over else tree.Scripts(node, script, None)
            scale = max(scale_of(g.size) for g in body)
            y = next(g.y for g in body if scale_of(g.size) == scale)
            low, high = min(extent(g)[0] for g in body), max(extent(g)[1] for g in body)
            atoms.append(Atom(node, x0, x1, y, scale, first, last, None, low, high))
            gone = {id(r) for r in (middle, left, right, *inner)}
            return self.braces(rest, [r for r in lines if id(r) not in gone], atoms, depth)
        return glyphs, lines

    def arrows(
        self, glyphs: list[Placed], lines: list[Line], atoms: list[Atom], depth: int
    ) -> tuple[list[Placed], list[Line]]:
        """Arrows to the right with labels: drawn overlong to the left, so that only the labels tell how long they are."""
        for head in [r for r in lines if r.kind == "path" and r.width > _OVERLONG and 0.4 < r.height < 0.62]:
            middle = (head.y0 + head.y1) / 2
            near = [
                g for g in glyphs
                if g.size < 0.75 and not _is_mark(g) and g.x + g.width < head.x1 and -1.3 < g.y - middle < 1.2
            ]  # fmt: skip
            labels: list[Placed] = []
            reach = head.x1 - 0.4
            for g in sorted(near, key=lambda g: -(g.x + g.width)):
                if reach - (g.x + g.width) > 0.45:
                    break
                labels.append(g)
                reach = min(reach, g.x)
            if not labels:
                continue
            above = self.region([g for g in labels if g.y > middle], [], depth + 1)
            below = self.region([g for g in labels if g.y <= middle], [], depth + 1)
            node = tree.LabelledArrow(r"\xrightarrow", above, below or None)
            first, last = min(g.index for g in labels), max(g.index for g in labels)
            atoms.append(Atom(node, reach - 0.4, head.x1, middle - 0.25, 1.0, first, last, None, head.y0, head.y1))
            glyphs = [g for g in glyphs if g not in labels]
            lines = [
                r for r in lines
                if r is not head and not (r.width > _OVERLONG and abs((r.y0 + r.y1) / 2 - middle) < 0.1 and r.x1 < head.x1 + 0.1)
            ]  # fmt: skip
        return glyphs, lines

    def mark_inside(self, mark: Placed, line: Line, inside: list[Placed], first: int, last: int) -> bool:
        if not line.x0 <= mark.x <= line.x1:
            return False
        return not (mark.index < first and abs(mark.x - line.x1) < 0.35)

    def roots_and_bars(
        self, glyphs: list[Placed], lines: list[Line], atoms: list[Atom], depth: int
    ) -> tuple[list[Placed], list[Line]]:
        """Fractions, roots and overlines, the widest first."""
        # The bar of a very high root is part of its drawing.
        thin = [r for r in lines if r.height < 0.09 and (r.width > 0.12 if r.kind != "path" else r.width > _OVERLONG)]
        surds: list[tuple[Line, Line]] = []
        for drawn in lines:
            if drawn.kind == "path" and drawn.height > 0.5:
                over = [r for r in thin if abs(r.y1 - drawn.y1) < 0.08 and 0.1 < r.x0 - drawn.x0 < 1.3]
                if over:
                    surds.append((drawn, min(over, key=lambda r: r.x0)))
        tops = [bar for _, bar in surds]
        bars = [r for r in thin if r not in tops]
        todo: list[tuple[float, Line, Line | None]] = []
        for r in bars:
            both = self.sides(r, glyphs)
            todo.append((r.width + (0.5 if both[0] and both[1] else 0.0) * 1e-3 + (1e-4 * r.y0), r, None))
        for sign, bar in surds:
            right = self.root_end(bar, glyphs, sign)
            todo.append((right - sign.x0, bar, sign))
        todo.sort(key=lambda t: -t[0])
        gone: set[int] = set()
        for width, bar, path in todo:
            if id(bar) in gone:
                continue
            available = [r for r in lines if id(r) not in gone and r is not bar and r is not path]
            if path is not None:
                body = self.root_body(bar, path, width, glyphs)
                if not body:
                    continue
                inner = self.lines_in(available, body, bar.x0, path.x0 + width, path.y0, path.y1)
                row = self.region(body, inner, depth + 1)
                index = [
                    g for g in glyphs
                    if g not in body and not _is_mark(g) and g.size < 0.55 and path.x0 - 0.5 < g.x < bar.x0 - 0.2
                    and g.y > path.y0 + 0.3 and path.x0 - 0.1 < g.x + g.width
                    and self.is_root_index(g, body)
                ]  # fmt: skip
                node: Node = tree.Root(row, self.region(index, [], depth + 1) if index else None)
                inked = [g for g in body if not _is_mark(g)]
                first, last = min(g.index for g in inked), max(g.index for g in inked)
                scale = max(scale_of(g.size) for g in inked)
                main = [g for g in inked if scale_of(g.size) == scale and g.font[:4] != "Size"]
                y = (main or inked)[0].y
                if not main or any(isinstance(n, tree.Fraction) for n in row[:1]):
                    y = self.own_baseline(glyphs, body, first, path.x0 + width) or y
                used = body + index
                x0 = min([path.x0] + [g.x for g in index])
                atoms.append(Atom(node, x0, path.x0 + width, y, scale, first, last, None, path.y0, path.y1))
            else:
                below, above = self.sides(bar, glyphs)
                if not below and not above:
                    gone.add(id(bar))
                    continue
                used = below + above
                if below and above:
                    lower = self.lines_in(
                        [r for r in available if r.y1 <= bar.y0 + 0.02], below, bar.x0, bar.x1, -1e9, bar.y0
                    )
                    upper = self.lines_in(
                        [r for r in available if r.y0 >= bar.y1 - 0.02], above, bar.x0, bar.x1, bar.y1, 1e9
                    )
                    inner = lower + upper
                    node = tree.Fraction(self.region(above, upper, depth + 1), self.region(below, lower, depth + 1))
                    biggest = max(scale_of(g.size) for g in used if not _is_mark(g))
                    scale = self.fraction_scale(bar, glyphs, used, biggest)
                    y = (bar.y0 + bar.y1) / 2 - 0.25 * scale
                else:
                    inner = self.lines_in(available, used, bar.x0, bar.x1, -1e9, 1e9)
                    node = tree.Ruled(bool(below), self.region(used, inner, depth + 1))
                    inked = [g for g in used if not _is_mark(g)]
                    scale = max(scale_of(g.size) for g in inked)
                    y = next(g.y for g in inked if scale_of(g.size) == scale)
                inked = [g for g in used if not _is_mark(g)]
                atoms.append(
                    Atom(node, bar.x0, bar.x1, y, scale, min(g.index for g in inked), max(g.index for g in inked), None,
                          min(extent(g)[0] for g in inked), max(extent(g)[1] for g in inked))
                )  # fmt: skip
            gone |= {id(bar)} | ({id(path)} if path is not None else set()) | {id(r) for r in inner}
            taken = set(used)
            glyphs = [g for g in glyphs if g not in taken]
        return glyphs, [r for r in lines if id(r) not in gone]

    def is_root_index(self, g: Placed, body: list[Placed]) -> bool:
        return g.index < min(b.index for b in body) and g.index >= min(b.index for b in body) - 4

    def own_baseline(self, glyphs: list[Placed], body: list[Placed], first: int, right: float) -> float | None:
        """The baseline of the line around: that of the mark at the right end of a piece."""
        marks = [g for g in glyphs if _is_mark(g) and g not in body and g.index < first and abs(g.x - right) < 0.2]
        return marks[-1].y if marks else None

    def fraction_scale(self, bar: Line, glyphs: list[Placed], used: list[Placed], biggest: float) -> float:
        """A fraction whose parts are small is one in text style where its axis agrees with a larger line around."""
        if biggest < 1.0:
            middle = (bar.y0 + bar.y1) / 2
            larger = {1.0: (1.0,), 0.7: (1.0,), 0.5: (0.7,)}[biggest]
            for scale in larger:
                for g in glyphs:
                    if (
                        g not in used
                        and (_is_mark(g) or abs(scale_of(g.size) - scale) < 0.01)
                        and abs(middle - 0.25 * scale - g.y) < 0.07
                    ):
                        return scale
            if not [g for g in glyphs if g not in used]:
                return larger[0]
        return biggest

    def lines_in(
        self, lines: list[Line], glyphs: list[Placed], x0: float, x1: float, y0: float, y1: float
    ) -> list[Line]:
        inked = [g for g in glyphs if not _is_mark(g)]
        low = min((extent(g)[0] for g in inked), default=y0) - 0.35
        high = max((extent(g)[1] for g in inked), default=y1) + 0.45
        return [
            r for r in lines
            if x0 - 0.1 <= r.x0 <= x1 + 0.05 and max(low, y0 - 0.1) <= (r.y0 + r.y1) / 2 <= min(high, y1 + 0.1)
        ]  # fmt: skip

    def sides(self, bar: Line, glyphs: list[Placed]) -> tuple[list[Placed], list[Placed]]:
        """What is painted below a bar and then above it; either may be empty (an overline, an underline)."""
        middle = (bar.y0 + bar.y1) / 2
        within = [
            g for g in glyphs
            if (bar.x0 - 0.06 <= g.x <= bar.x1 + 0.14 if _is_mark(g) else bar.x0 - 0.06 <= g.x + g.width / 2 <= bar.x1 + 0.06)
        ]  # fmt: skip
        if not within:
            return [], []
        inked = [g for g in within if not _is_mark(g)]

        def is_below(g: Placed) -> bool:
            low, high = (g.y, g.y + 0.1) if _is_mark(g) else extent(g)
            return (low + high) / 2 < middle

        lower = [g for g in inked if is_below(g)]
        upper = [g for g in inked if not is_below(g)]
        if not lower or not upper:
            side = lower or upper
            if not side:
                return [], []
            nearest = min(side, key=lambda g: min(abs(e - middle) for e in extent(g)))
            gap = min(abs(e - middle) for e in extent(nearest))
            if gap > 0.6:
                return [], []
            run = self.run_around(nearest, within, glyphs, lambda g: is_below(g) == is_below(nearest))
            return (run, []) if lower else ([], run)
        start = min(lower, key=lambda g: middle - extent(g)[1])
        below = self.run_around(start, within, glyphs, is_below)
        after = max(g.index for g in below)
        order = sorted(glyphs, key=lambda g: g.index)
        inside = set(within)
        above: list[Placed] = []
        for g in order:
            if g.index <= after:
                continue
            if g in inside and not is_below(g):
                above.append(g)
            else:
                break
        while above and _is_mark(above[-1]) and not any(not _is_mark(g) for g in above[-1:]):
            above.pop()
        if not above:
            return below, []
        gap = min(extent(g)[0] for g in above if not _is_mark(g)) - middle
        if gap > 0.8:
            return below, []
        return below, above

    def run_around(self, start: Placed, within: list[Placed], glyphs: list[Placed], belongs: object) -> list[Placed]:
        """The stretch in paint order around a glyph of glyphs that stand within and belong."""
        assert callable(belongs)
        order = sorted(glyphs, key=lambda g: g.index)
        inside = set(within)
        k = order.index(start)
        low = k
        while low > 0 and order[low - 1] in inside and belongs(order[low - 1]):
            low -= 1
        high = k
        while high + 1 < len(order) and order[high + 1] in inside and belongs(order[high + 1]):
            high += 1
        run = order[low : high + 1]
        # Marks on the axis line before the first letter are the parent's own.
        while run and _is_mark(run[0]) and run[0].y > start.y + 0.2:
            run = run[1:]
        return run

    def root_end(self, bar: Line, glyphs: list[Placed], path: Line) -> float:
        """Where a root ends: its bar is drawn far too long, but the line around goes on or leaves a mark."""
        body = [g for g in glyphs if g.x >= bar.x0 - 0.06 and path.y0 - 0.4 < g.y < path.y1 and not _is_mark(g)]
        if not body:
            return bar.x0
        nearest = [g for g in body if abs(g.x - bar.x0) < 0.5] or body
        first = max(nearest, key=lambda g: (-abs(g.x - bar.x0) < -0.3, g.index))
        firsts = [g for g in nearest if abs(g.x - bar.x0) < 0.3]
        if firsts:
            first = min(firsts, key=lambda g: g.index)
        limit = bar.x1
        for g in glyphs:
            if g.index < first.index and g.x > bar.x0 + 0.15 and path.y0 - 1.0 < g.y < path.y1 + 1.0:
                limit = min(limit, g.x)
        right = bar.x0
        for g in sorted(body, key=lambda g: g.index):
            if g.index >= first.index and g.x < limit - 0.02:
                right = max(right, g.x + g.width)
        # A later base of the formula starts to the right of everything painted for this root.
        last = first
        end = first.x + first.width
        for g in sorted(glyphs, key=lambda g: g.index):
            if g.index <= first.index or _is_mark(g):
                continue
            if g.x >= limit - 0.02 or not path.y0 - 0.4 < g.y < path.y1 + 0.02 or g.x < bar.x0 - 0.06:
                break
            last = g
            end = max(end, g.x + g.width)
        return min(right, end) if last is not None else right

    def root_body(self, bar: Line, path: Line, width: float, glyphs: list[Placed]) -> list[Placed]:
        right = path.x0 + width
        inked = [
            g for g in glyphs
            if not _is_mark(g) and g.x >= bar.x0 - 0.06 and g.x + g.width / 2 <= right + 0.02 and path.y0 - 0.4 < g.y < path.y1
        ]  # fmt: skip
        if not inked:
            return []
        first, last = min(g.index for g in inked), max(g.index for g in inked)
        return [
            g
            for g in glyphs
            if g in inked or (_is_mark(g) and first - 1 <= g.index <= last and bar.x0 - 0.06 <= g.x < right - 0.01)
        ]

    # ---- marks above and around

    def accents(self, atoms: list[Atom], lines: list[Line]) -> None:
        for atom in [a for a in atoms if a.glyph is not None and a.glyph.char in _ACCENT_OF]:
            g = atom.glyph
            assert g is not None
            under = [
                a for a in atoms
                if a is not atom and abs(a.scale - atom.scale) < 0.01 and a.last < g.index and a.y <= g.y + 0.02
                and a.x0 - 0.45 <= g.x <= a.x1 + 0.3
            ]  # fmt: skip
            if not under:
                continue
            base = max(under, key=lambda a: a.last)
            body = (self.node_of(base),)
            new = Atom(tree.Accent(_ACCENT_OF[g.char], body), base.x0, base.x1, base.y, base.scale, base.first, g.index,
                        None, base.low, atom.high)  # fmt: skip
            atoms.remove(atom)
            atoms[atoms.index(base)] = new
        for r in [r for r in lines if r.kind == "path" and 0.08 < r.height < 0.5 and r.width < 60]:
            under = [
                a for a in atoms if a.x0 < r.x1 - 0.02 and r.x0 < a.x1 + 0.1 and a.y < r.y0 and r.y0 - a.high < 0.35
            ]
            over = [
                a for a in atoms if r.x0 - 0.1 < (a.x0 + a.x1) / 2 < r.x1 + 0.1 and a.low > r.y1 and a.low - r.y1 < 0.3
            ]
            if under and (not over or r.width < 1.0):
                under.sort(key=lambda a: a.x0)
                vec = r.width < 0.5 and r.height < 0.25 and abs(r.width - 0.44 * under[0].scale) < 0.06
                if vec:
                    under = [min(under, key=lambda a: abs((a.x0 + a.x1) / 2 - (r.x0 + r.x1) / 2))]
                marked: Row = tuple(self.node_of(a) for a in under)
                accented: Node = tree.Accent(r"\vec", marked) if vec else tree.Stretchy(_drawn_accent(r), marked)
                new = Atom(accented, under[0].x0, under[-1].x1, under[0].y, under[0].scale, under[0].first, under[-1].last,
                            None, min(a.low for a in under), r.y1)  # fmt: skip
                for a in under:
                    atoms.remove(a)
                atoms.append(new)

    def brace_pieces(self, atoms: list[Atom]) -> None:
        pieces = [a for a in atoms if a.glyph is not None and a.glyph.char in _PIECES]
        while pieces:
            first = pieces[0]
            assert first.glyph is not None
            char = _PIECES[first.glyph.char]
            same = [
                a
                for a in pieces
                if a.glyph is not None and _PIECES[a.glyph.char] == char and abs(a.x0 - first.x0) < 0.1
            ]
            low, high = min(a.low for a in same), max(a.high for a in same)
            for a in same:
                atoms.remove(a)
                pieces.remove(a)
            atoms.append(
                Atom(tree.symbol(char), first.x0, first.x1, (low + high) / 2 - 0.25, 1.0, min(a.first for a in same),
                      max(a.last for a in same), None, low, high, "Open" if char == "{" else "Close")
            )  # fmt: skip

    def tall_delimiters(self, atoms: list[Atom], lines: list[Line]) -> None:
        """Delimiters that are drawn: narrow tall paths."""
        tall = sorted(
            (r for r in lines if r.kind == "path" and r.width < 0.95 and r.height > (1.2 if r.width > 0.1 else 0.9)),
            key=lambda r: r.x0,
        )
        groups: list[list[Line]] = []
        for r in tall:
            if (
                groups
                and r.x0 < groups[-1][-1].x1 + 0.3
                and abs(r.y0 - groups[-1][0].y0) < 0.25
                and r.x0 - groups[-1][0].x0 < 0.45
            ):
                groups[-1].append(r)
            else:
                groups.append([r])
        for group in groups:
            x0, x1 = min(r.x0 for r in group), max(r.x1 for r in group)
            thin = [r for r in group if r.width < 0.1]
            wide = [r for r in group if r.width >= 0.1]
            if not wide:
                char, side = ("∥" if x1 - x0 > 0.12 else "∣"), "Bar"
            elif thin and wide and x1 - x0 < 0.45:
                left = abs(thin[0].x0 - x0) < 0.04
                char, side = ("[", "Open") if left else ("]", "Close")
            else:
                before = sum(1 for a in atoms if a.side == "Open" and a.node == tree.symbol("(") and a.x0 < x0)
                closed = sum(1 for a in atoms if a.side == "Close" and a.node == tree.symbol(")") and a.x0 < x0)
                char, side = (")", "Close") if before > closed else ("(", "Open")
            low, high = min(r.y0 for r in group), max(r.y1 for r in group)
            atoms.append(Atom(tree.symbol(char), x0, x1, (low + high) / 2 - 0.25, 1.0, -1, -1, None, low, high, side))

    # ---- rows

    def assemble(self, atoms: list[Atom], scale: float, marks: list[Placed], depth: int) -> Row:
        self.sides_of_delimiters(atoms)
        self.binomials(atoms, depth)
        atoms.sort(key=lambda a: a.x0)
        baseline = self.baseline(atoms, scale, marks)
        array = self.array(atoms, scale, baseline, depth)
        if array is not None:
            return array
        main: list[Atom] = []
        small: list[Atom] = []
        for a in atoms:
            if self.on_line(a, scale, baseline):
                main.append(a)
            else:
                small.append(a)
        if not main:
            raise Unreadable("no line of full size")
        attached: dict[int, list[Atom]] = {}
        units = self.words(main, small, baseline, scale)
        script = {1.0: 0.7, 0.7: 0.5}.get(scale, 0.5)
        owner, end = -1, -2
        for a in sorted(small, key=lambda a: a.first):
            # What is smaller than a script hangs on the script painted before it.
            if not (a.scale < script - 0.01 and end >= 0 and a.first - end <= 3):
                owner = self.owner(a, units, scale, baseline)
            end = a.last
            attached.setdefault(owner, []).append(a)
        self.in_sequence(units, attached)
        nodes: list[tuple[Node, list[Atom]]] = []
        if -1 in attached:
            nodes.append((self.scripted(None, attached[-1], scale, baseline, units[0][1] if units else [], depth), []))
        for k, (node, parts) in enumerate(units):
            scripts = attached.get(k)
            nodes.append(
                (node if scripts is None else self.scripted(node, scripts, scale, baseline, parts, depth), parts)
            )
        return _delimited(nodes, self.in_order)

    def in_sequence(self, units: list[tuple[Node, list[Atom]]], attached: dict[int, list[Atom]]) -> None:
        """Refuses a line whose parts were painted in an order that contradicts it; nothing to say of KaTeX's layers."""

    def binomials(self, atoms: list[Atom], depth: int) -> None:
        """Two lines between tall parentheses of which the lower is painted first."""
        for opening in [a for a in atoms if a.side == "Open" and _opening_char(a) == "("]:
            closing = [a for a in atoms if a.side == "Close" and a.x0 > opening.x0 and abs(a.low - opening.low) < 0.2]
            if not closing:
                continue
            end = min(closing, key=lambda a: a.x0)
            inside = [a for a in atoms if opening.x0 < a.x0 < end.x0 and a is not opening]
            axis = (opening.low + opening.high) / 2
            upper = [a for a in inside if a.y > axis - 0.1]
            lower = [a for a in inside if a.y <= axis - 0.1]
            if not upper or not lower or min(a.first for a in lower) > min(a.first for a in upper):
                continue
            if max(a.last for a in lower) > min(a.first for a in upper):
                continue
            if min(a.low for a in upper) < axis - 0.05 or max(a.high for a in lower) > axis + 0.05:
                continue
            centres = [(min(a.x0 for a in part) + max(a.x1 for a in part)) / 2 for part in (upper, lower)]
            if abs(centres[0] - centres[1]) > 0.2:
                continue
            above, below = self.assemble_part(upper, depth), self.assemble_part(lower, depth)
            node = tree.Fraction(above or (), below or (), "", "(", ")", False)
            scale = max(a.scale for a in inside)
            scale = 1.0 if scale < 1.0 and opening.glyph is not None and opening.glyph.size > 0.9 else scale
            for a in [*inside, opening, end]:
                atoms.remove(a)
            atoms.append(Atom(node, opening.x0, end.x1, axis - 0.25 * scale, scale, opening.first, end.last, None,
                               opening.low, opening.high))  # fmt: skip

    def baseline(self, atoms: list[Atom], scale: float, marks: list[Placed]) -> float:
        votes: dict[float, float] = {}
        for a in atoms:
            if abs(a.scale - scale) < 0.01 and not a.side.istitle() and not self.is_big(a):
                for known in votes:
                    if abs(known - a.y) < _NEAR:
                        votes[known] += 1
                        break
                else:
                    votes[a.y] = 1.0
        if not votes:
            return marks[0].y if marks else max(atoms, key=lambda a: a.scale).y
        return max(votes, key=lambda y: votes[y])

    def is_big(self, a: Atom) -> bool:
        return a.glyph is not None and (a.glyph.font.startswith("Size") or a.glyph.char in _BIG)

    def on_line(self, a: Atom, scale: float, baseline: float) -> bool:
        if a.side.istitle():
            return a.low < baseline + 0.25 * scale < a.high
        if self.is_big(a):
            return abs(a.scale - scale) < 0.01 and a.low < baseline + 0.25 * scale < a.high
        if (
            a.node is not None
            and isinstance(a.node, (tree.Fraction, tree.Root, tree.Boxed))
            and abs(a.y - baseline) < 0.13
        ):
            return a.scale >= scale - 0.01 or isinstance(a.node, tree.Root)
        return abs(a.scale - scale) < 0.01 and abs(a.y - baseline) < _NEAR + 0.03

    def owner(self, a: Atom, units: list[tuple[Node, list[Atom]]], scale: float, baseline: float) -> int:
        """The unit that a small atom hangs on: the operator it stands above or below, else what is left of it."""
        middle = (a.x0 + a.x1) / 2
        far = a.y < baseline - 0.5 * scale or a.y > baseline + 0.75 * scale
        best = -1
        if far:
            for k, (node, parts) in enumerate(units):
                if isinstance(node, tree.Operator) or (isinstance(node, tree.BigOperator) and node.limits):
                    x0, x1 = parts[0].x0, parts[-1].x1
                    reach = 0.9 * scale
                    if x0 - reach < middle < x1 + reach and (
                        best < 0 or abs(middle - (x0 + x1) / 2) < self.apart(units[best], middle)
                    ):
                        best = k
            if best >= 0:
                return best
        for k, (node, parts) in enumerate(units):
            if (
                isinstance(node, tree.Sym)
                and node.kind == "rel"
                and abs(middle - (parts[0].x0 + parts[-1].x1) / 2) < 0.3
            ):
                return k
        for k, (_, parts) in enumerate(units):
            if parts[-1].x1 <= a.x0 + 0.32 * scale and parts[0].x0 < a.x0 + 0.05:
                best = k
        return best

    def apart(self, unit: tuple[Node, list[Atom]], middle: float) -> float:
        return abs(middle - (unit[1][0].x0 + unit[1][-1].x1) / 2)

    def scripted(
        self, base: Node | None, scripts: list[Atom], scale: float, baseline: float, parts: list[Atom], depth: int
    ) -> Node:
        """A base with its scripts; smaller ones hang on the script painted with them."""
        size = max(a.scale for a in scripts)
        level = baseline + 0.1 * scale
        if parts and parts[0].side.istitle():
            level = (parts[0].low + parts[0].high) / 2
        if parts and isinstance(base, tree.BigOperator):
            level = baseline + 0.25 * scale
        lead = [a for a in scripts if abs(a.scale - size) < 0.01]
        above = [a for a in lead if a.y > level]
        below = [a for a in lead if a.y <= level]
        for a in scripts:
            if a in lead:
                continue
            if not below or (above and a.first > min(s.first for s in above)):
                above.append(a)
            elif not above or a.first < min(s.first for s in above):
                below.append(a)
        sup = self.assemble_part(above, depth)
        sub = self.assemble_part(below, depth)
        if isinstance(base, tree.Operator) and parts and below and min(a.y for a in below) < baseline - 0.5 * scale:
            base = tree.Operator(base.name, True)
        if isinstance(base, tree.Sym) and base.kind == "rel":
            if sup is not None and sub is None:
                return tree.Stack("overset", sup, (base,))
            if sub is not None and sup is None:
                return tree.Stack("underset", sub, (base,))
        return tree.Scripts(base, sub, sup)

    def assemble_part(self, atoms: list[Atom], depth: int) -> Row | None:
        if not atoms:
            return None
        if depth > _DEPTH:
            raise Unreadable("nested too deeply")
        return self.assemble(list(atoms), max(a.scale for a in atoms), [], depth + 1)

    # ---- arrays

    def array(self, atoms: list[Atom], scale: float, baseline: float, depth: int) -> Row | None:
        """Several lines of one size: an array between delimiters, or an alignment without any."""
        level: list[float] = []
        for a in sorted(atoms, key=lambda a: -a.y):
            full = abs(a.scale - scale) < 0.01 and not a.side.istitle() and not self.is_big(a)
            if (
                full
                and (a.glyph is None or a.glyph.font[:4] != "Size")
                and (not level or level[-1] - a.y > 0.45 * scale)
            ):
                level.append(a.y)
        if len(level) < 2:
            return None
        left = sorted((a for a in atoms if a.side in ("Open", "Bar")), key=lambda a: -a.x0)
        for opening in left:
            closing = [
                a for a in atoms
                if a.x0 > opening.x0 and (a.side == "Close" or a.side == "Bar") and abs(a.low - opening.low) < 0.3
            ]  # fmt: skip
            end = closing[0] if closing else None
            inside = [a for a in atoms if a.x0 > opening.x0 and a is not opening and (end is None or a.x0 < end.x0)]
            levels = [y for y in level if any(abs(a.y - y) < 0.3 and a in inside for a in atoms)]
            off = [
                y
                for y in levels
                if any(a in inside and abs(a.y - y) < 0.3 and abs(a.scale - scale) < 0.01 for a in atoms)
            ]
            if len(off) < 2:
                continue
            if end is None:
                inside = [a for a in inside if opening.low - 0.6 < a.y < opening.high + 0.3]
            grid = self.cells(inside, off, scale, depth, True)
            name = _NAME_OF.get(_opening_char(opening), _opening_char(opening))
            close = "." if end is None else _NAME_OF.get(_opening_char(end), _opening_char(end))
            env = "cases" if end is None and name == r"\{" else "matrix"
            node = tree.LeftRight(name, (tree.Array(env, grid),), close)
            rest = [a for a in atoms if a not in inside and a is not opening and a is not end]
            top = opening.high
            whole = Atom(node, opening.x0, end.x1 if end else max(a.x1 for a in inside), (opening.low + opening.high) / 2 - 0.25,
                          scale, max(opening.first, 0), max(a.last for a in inside), None, opening.low, top)  # fmt: skip
            return self.assemble([*rest, whole], scale, [], depth + 1)
        if left or depth > 3:
            return None
        lines = self.cells(atoms, level, scale, depth, False)
        columns = max(len(line) for line in lines)
        env = "aligned" if columns > 1 else "gathered"
        return (tree.Array(env, lines),)

    def cells(
        self, atoms: list[Atom], levels: list[float], scale: float, depth: int, delimited: bool
    ) -> tuple[tuple[Row, ...], ...]:
        """Columns stand apart between delimiters; in an alignment they are painted one after the other, downwards."""

        def line_of(a: Atom) -> int:
            if abs(a.scale - scale) < 0.01 and not self.is_big(a):
                return min(range(len(levels)), key=lambda k: abs(levels[k] - a.y))
            middle = (a.low + a.high) / 2 if a.high else a.y
            return min(range(len(levels)), key=lambda k: abs(levels[k] + 0.25 * scale - middle))

        columns: list[list[list[Atom]]] = []
        previous = -1
        reach = -1e9
        for a in sorted(atoms, key=lambda a: a.x0 if delimited else a.first):
            line = line_of(a)
            if not columns or (a.x0 > reach + 0.8 if delimited else line < previous):
                columns.append([[] for _ in levels])
            columns[-1][line].append(a)
            reach = max(reach, a.x1)
            previous = line
        if len(columns) == 1 and not delimited:
            columns = self.at_relations(columns[0])
        rows: list[tuple[Row, ...]] = []
        for k in range(len(levels)):
            rows.append(tuple(self.assemble_part(column[k], depth) or () for column in columns))
        return tuple(rows)

    def at_relations(self, column: list[list[Atom]]) -> list[list[list[Atom]]]:
        """Two columns where every line has a relation at the same place."""
        places = [
            [a.x0 for a in line if a.glyph is not None and tree.symbol(a.glyph.char).kind == "rel"] for line in column
        ]
        for x in places[0]:
            if all(any(abs(x - other) < 0.12 for other in line) for line in places):
                return [
                    [[a for a in line if a.x0 < x - 0.06] for line in column],
                    [[a for a in line if a.x0 >= x - 0.06] for line in column],
                ]
        return [column]

    # ---- letters

    def node_of(self, a: Atom) -> Node:
        if a.node is not None:
            return a.node
        assert a.glyph is not None
        return _symbol(a.glyph)

    def sides_of_delimiters(self, atoms: list[Atom]) -> None:
        for a in atoms:
            if a.glyph is None or a.side:
                continue
            char = a.glyph.char
            sized = a.glyph.font.startswith("Size")
            kind = "open" if char in "([{⟨⌊⌈" else "close" if char in ")]}⟩⌋⌉" else "bar" if char in "∣∥" else ""
            a.side = kind.title() if sized else kind

    def words(
        self, main: list[Atom], small: list[Atom], baseline: float, scale: float
    ) -> list[tuple[Node, list[Atom]]]:
        """Main atoms as nodes; upright letters that touch are one word, U+00A0 makes it text."""
        out: list[tuple[Node, list[Atom]]] = []
        k = 0
        while k < len(main):
            a = main[k]
            run = self.word_at(main, k)
            if not run:
                run = self.text_with_punctuation(main, k)
            elif run > 1:
                run = self.closed(main, k, k + run) - k
            if run:
                text = "".join(m.glyph.char for m in main[k : k + run] if m.glyph is not None)
                out += _word_units(text.replace("\xa0", " "), main[k : k + run])
                k += run
                continue
            if a.glyph is not None and a.glyph.char in ("\ue020", "/") and out:
                struck = out[-1]
                target = struck[1][0]
                if (
                    target.glyph is not None
                    and abs(target.x0 - a.x0) < 0.35
                    and target.last < a.first
                    and target.glyph.char in "=∈"
                ):
                    out[-1] = (tree.NotIn() if target.glyph.char == "∈" else tree.Negated(target.glyph.char), struck[1])
                    k += 1
                    continue
            if a.glyph is not None and a.glyph.char == "\ue020" and k + 1 < len(main):
                following = main[k + 1]
                if following.glyph is not None and abs(following.x0 - a.x0) < 0.2:
                    out.append((tree.Negated(following.glyph.char), [following]))
                    k += 2
                    continue
            if _glyph_char(a) == "∣" and 0 < k < len(main) - 1 and a.side == "bar":
                if a.x0 - main[k - 1].x1 > 0.2 * scale and main[k + 1].x0 - a.x1 > 0.2 * scale:
                    a.side = ""
                    out.append((tree.Sym("∣", "rel"), [a]))
                    k += 1
                    continue
            out.append((self.node_of(a), [a]))
            k += 1
        limits = [(a.x0 + a.x1) / 2 for a in small if a.y < baseline - 0.5 * scale]
        return _joined_arg(out, limits)

    def text_with_punctuation(self, main: list[Atom], k: int) -> int:
        """The length of words with blanks that begin with a parenthesis, a quote or an asterisk."""
        start = k
        while start < len(main) - 1 and _glyph_char(main[start]) in _BEFORE_WORDS and _touching(main, start + 1):
            start += 1
        if start == k:
            return 0
        run = self.word_at(main, start)
        if not run or not any(_blank(a) for a in main[start : start + run]):
            return 0
        return self.closed(main, k, start + run) - k

    def closed(self, main: list[Atom], start: int, end: int) -> int:
        """Where a run of words ends with the punctuation that belongs to it."""
        while end < len(main) and _touching(main, end) and _font_of(main[end]) == "Main-Regular":
            char = _glyph_char(main[end])
            said = "".join(_glyph_char(a) for a in main[start:end])
            belongs = (
                (char == ")" and said.count("(") > said.count(")"))
                or (char == "." and "." in said)
                or (char in '"*”' and said.count(char) % 2 == 1)
                or (char == "*" and said.count("*") in (2, 3))
            )
            if not belongs:
                break
            end += 1
        return end

    def word_at(self, main: list[Atom], k: int) -> int:
        def upright(a: Atom) -> bool:
            g = a.glyph
            return g is not None and g.font in ("Main-Regular", "Main-Bold", "Main-Italic") and (
                (g.char.isalpha() and g.char.isascii()) or g.char in "\xa0 "
            )  # fmt: skip

        if not upright(main[k]):
            return 0
        end = k + 1
        while end < len(main):
            a, b = main[end - 1], main[end]
            if b.x0 - a.x1 > 0.08:
                break
            if upright(b):
                end += 1
                continue
            g = b.glyph
            punctuation = (
                g is not None and g.font == "Main-Regular" and g.char in "’.,-:;()'/\"*" and end + 1 < len(main)
            )
            if punctuation and upright(main[end + 1]) and main[end + 1].x0 - b.x1 < 0.05 and g is not None and (
                g.char not in "()" or _blank(main[end - 1]) or _blank(main[end + 1])
            ):  # fmt: skip
                end += 1
                continue
            break
        if end - k == 1 and not _blank(main[k]):
            return 0
        return end - k


_BEFORE_WORDS: Final = frozenset('("*“')


def _drawn_accent(path: Line) -> str:
    """A hat or a tilde by how high it is drawn, which for each width of what is below is one or the other."""
    hat, tilde = next(
        (
            heights
            for width, heights in ((0.9, (0.159, 0.129)), (2.7, (0.22, 0.181)), (4.9, (0.233, 0.211)))
            if path.width < width
        ),
        (0.34, 0.254),
    )
    return r"\widetilde" if abs(path.height - tilde) < abs(path.height - hat) else r"\widehat"


def _touching(main: list[Atom], k: int) -> bool:
    return k > 0 and main[k].x0 - main[k - 1].x1 < 0.04


def _font_of(a: Atom) -> str:
    return a.glyph.font if a.glyph is not None else ""


def _glyph_char(a: Atom) -> str:
    return a.glyph.char if a.glyph is not None else ""


def _blank(a: Atom) -> bool:
    return a.glyph is not None and a.glyph.char in "\xa0 "


def _char(node: Node | None) -> str:
    return node.char if isinstance(node, tree.Sym) else ""


def _symbol(g: Placed) -> Node:
    if g.char in _BIG:
        return tree.BigOperator(g.char, _BIG[g.char])
    if g.char in "⟹⟺⟸":
        return tree.LongArrow(g.char)
    node = tree.symbol(g.char)
    if g.char.isalnum() and g.char.isascii():
        command = _FONT_COMMANDS.get(g.font)
        if command is not None:
            return tree.Font(command, (node,))
        if g.char.isalpha() and g.font == "Main-Regular":
            return tree.Font(r"\mathrm", (node,))
    elif g.font in ("Main-Bold", "Math-BoldItalic") and g.char.isalpha():
        return tree.Font(r"\boldsymbol", (node,))
    return node


def _word_units(text: str, parts: list[Atom]) -> list[tuple[Node, list[Atom]]]:
    font = parts[0].glyph.font if parts[0].glyph is not None else ""
    if " " not in text and font == "Main-Regular":
        if text in NAMED_OPERATORS:
            return [(tree.Operator(text, NAMED_OPERATORS[text]), parts)]
        return [(tree.Operator(text), parts)]
    if " " not in text and font in _FONT_COMMANDS:
        return [(_symbol(p.glyph), [p]) for p in parts if p.glyph is not None]
    return [(tree.Text(text), parts)]


def _joined_arg(units: list[tuple[Node, list[Atom]]], limits: list[float]) -> list[tuple[Node, list[Atom]]]:
    """``arg`` and ``min`` with a thin space between are one operator."""
    out: list[tuple[Node, list[Atom]]] = []
    for node, parts in units:
        last = out[-1] if out else None
        if (
            last is not None
            and isinstance(node, tree.Operator)
            and isinstance(last[0], tree.Operator)
            and (last[0].name, node.name) in {("arg", "min"), ("arg", "max"), ("lim", "sup"), ("lim", "inf")}
            and parts[0].x0 - last[1][-1].x1 < 0.25
            and (last[0].name == "lim" or _below_both(last[1], parts, limits))
        ):
            out[-1] = (tree.Operator(f"{last[0].name}\u2009{node.name}", True), last[1] + parts)
        else:
            out.append((node, parts))
    return out


def _below_both(first: list[Atom], second: list[Atom], limits: list[float]) -> bool:
    """Whether what stands below is centred under both words and not under the second alone."""
    if not limits:
        return False
    x0, middle, x1 = first[0].x0, second[0].x0, second[-1].x1
    near = [m for m in limits if x0 - 1 < m < x1 + 1]
    if not near:
        return False
    centre = (min(near) + max(near)) / 2
    return abs(centre - (x0 + x1) / 2) < abs(centre - (middle + x1) / 2)


# ---------------------------------------------------------------------------------------------------------- delimiters


def _delimited(units: list[tuple[Node, list[Atom]]], in_order: bool = False) -> Row:
    r"""Pairs of tall delimiters, and of those painted as layers, become ``\left … \right``."""
    stack: list[tuple[str, Atom | None, list[tuple[Node, list[Atom]]]]] = [("", None, [])]
    for node, parts in units:
        atom = parts[0] if len(parts) == 1 else None
        side = atom.side.lower() if atom is not None else ""
        core = node.base if isinstance(node, tree.Scripts) else node
        char = _char(core)
        if atom is None or not side or not char:
            stack[-1][2].append((node, parts))
            continue
        opened = stack[-1][1]
        closes = side == "close" or (side == "bar" and opened is not None and stack[-1][0] == char)
        scripted = isinstance(node, tree.Scripts)
        if side == "open" or (side == "bar" and not closes and not scripted):
            stack.append((char, atom, []))
            continue
        if side == "bar" and atom.side == "Bar" and not closes:
            inner = stack[-1][2]
            cut = max(
                (k + 1 for k, (n, _) in enumerate(inner) if isinstance(n, tree.Sym) and n.kind == "rel"), default=0
            )
            evaluated: Node = tree.LeftRight(".", tuple(n for n, _ in inner[cut:]), _NAME_OF.get(char, char))
            if isinstance(node, tree.Scripts):
                evaluated = tree.Scripts(evaluated, node.sub, node.sup)
            stack[-1][2][cut:] = [(evaluated, parts)]
            continue
        while side == "close" and len(stack) > 2 and stack[-1][0] in "∣∥" and stack[-2][1] is not None:
            bar_char, bar, after = stack.pop()
            middle: Node = tree.symbol(bar_char)
            if bar is not None and bar.side == "Bar":
                middle = tree.Middle(_NAME_OF.get(bar_char, bar_char))
            stack[-1][2].extend([(middle, [bar] if bar is not None else []), *after])
            opened = stack[-1][1]
        if not closes or opened is None:
            stack[-1][2].append((node, parts))
            continue
        _, opening, body = stack.pop()
        assert opening is not None
        stack[-1][2].extend(_pair(opening, body, node, atom, in_order))
    while len(stack) > 1:
        char, opening, body = stack.pop()
        assert opening is not None
        if opening.side.istitle():
            name = _NAME_OF.get(char, char)
            if opening.side == "Bar":
                inner = stack[-1][2]
                stack[-1] = (
                    stack[-1][0],
                    stack[-1][1],
                    [(tree.LeftRight(".", tuple(n for n, _ in inner), name), []), *body],
                )
            else:
                stack[-1][2].append((tree.LeftRight(name, tuple(n for n, _ in body), "."), [opening]))
        else:
            stack[-1][2].extend([(tree.symbol(char), [opening]), *body])
    return tuple(node for node, _ in stack[0][2])


def _pair(
    opening: Atom, body: list[tuple[Node, list[Atom]]], node: Node, closing: Atom, in_order: bool
) -> list[tuple[Node, list[Atom]]]:
    own = [p for _, parts in body for p in parts]
    drawn = opening.first < 0 or closing.first < 0
    tall = opening.side.istitle() or closing.side.istitle()
    in_line = [p for p in own if p.glyph is not None and p.glyph.char not in _BIG]
    if in_line:
        layered = min(p.first for p in in_line) < opening.first
    else:
        layered = bool(own) and tall and closing.first > max(p.last for p in own)
    core = node.base if isinstance(node, tree.Scripts) else node
    if drawn or layered or (tall and in_order):
        inner = tree.LeftRight(
            _NAME_OF.get(_opening_char(opening), _opening_char(opening)),
            tuple(n for n, _ in body),
            _NAME_OF.get(_char(core), _char(core)),
        )
        whole: Node = inner if not isinstance(node, tree.Scripts) else tree.Scripts(inner, node.sub, node.sup)
        atom = Atom(whole, opening.x0, closing.x1, opening.y, opening.scale, max(opening.first, 0), closing.last)
        return [(whole, [atom])]
    left: Node = tree.symbol(_opening_char(opening))
    right: Node = node
    if tall:
        size = int(opening.glyph.font[4]) if opening.glyph is not None and opening.glyph.font.startswith("Size") else 1
        left = tree.Fixed(_NAME_OF.get(_opening_char(opening), _opening_char(opening)), size, "mopen")
        shut = tree.Fixed(_NAME_OF.get(_char(core), _char(core)), size, "mclose")
        right = tree.Scripts(shut, node.sub, node.sup) if isinstance(node, tree.Scripts) else shut
    return [(left, [opening]), *body, (right, [closing])]


def _opening_char(opening: Atom) -> str:
    return opening.glyph.char if opening.glyph is not None else _char(opening.node)
