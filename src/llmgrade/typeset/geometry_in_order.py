"""Placed glyphs painted in the order of the formula (MathJax, a browser's MathML) → `tree.Row`.

Places say what a glyph is to its neighbours: above a bar, raised, between tall brackets. The order of painting says
what belongs together: a numerator is painted in one go and before its denominator, a script right after its base. Each
is read for itself, and a formula in which they disagree is refused: that is what makes a reading sure here, where
nothing can be set anew glyph by glyph.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from llmgrade.typeset import tree
from llmgrade.typeset.geometry import Atom, Line, Placed, Reader, Unreadable, extent, scale_of
from llmgrade.typeset.symbols import DELIMITERS
from llmgrade.typeset.tree import Node, Row

__all__ = ["ACCENT_SIGNS", "read_in_order"]

ACCENT_SIGNS: Final = {
    "^": r"\hat", "ˆ": r"\hat", "\u0302": r"\hat", "~": r"\tilde", "˜": r"\tilde", "\u0303": r"\tilde",
    "ˉ": r"\bar", "¯": r"\bar", "\u0304": r"\bar", "‾": r"\bar", "\u0305": r"\bar", "˙": r"\dot", "\u0307": r"\dot",
    "¨": r"\ddot", "\u0308": r"\ddot", "ˇ": r"\check", "\u030c": r"\check", "˘": r"\breve", "\u0306": r"\breve",
    "´": r"\acute", "ˊ": r"\acute", "\u0301": r"\acute", "`": r"\grave", "ˋ": r"\grave", "\u0300": r"\grave",
    "˚": r"\mathring", "\u030a": r"\mathring", "→": r"\vec", "\u20d7": r"\vec",
}  # fmt: skip
_PIECES: Final = {
    **dict.fromkeys("⎛⎜⎝", "("), **dict.fromkeys("⎞⎟⎠", ")"), **dict.fromkeys("⎡⎢⎣", "["), **dict.fromkeys("⎤⎥⎦", "]"),
    **dict.fromkeys("⎧⎨⎩", "{"), **dict.fromkeys("⎫⎬⎭", "}"), "⎪": "", "\x00": "",
}  # fmt: skip
_UPRIGHT: Final = frozenset("⎛⎜⎝⎞⎟⎠⎡⎢⎣⎤⎥⎦⎧⎨⎩⎫⎬⎭⎪∣∥√⎷\ue000\ue001")
"""What is stretched upwards: brackets, and pieces of them."""
_STRETCHED: Final = 6.0
"""The size, in em, that no type has."""
_ROOT_PIECES: Final = frozenset("√⎷\ue000\ue001")
_NAME_OF: Final = {char: name for name, char in DELIMITERS.items()}
_OPEN: Final = "([{⟨⌊⌈"
_CLOSE: Final = ")]}⟩⌋⌉"
_APART: Final = 0.45
"""The least distance of two lines of an array, in em."""
_COLUMN: Final = 0.55
"""The least gap between two columns."""
_DEPTH: Final = 24


def read_in_order(glyphs: Sequence[Placed], lines: Sequence[Line]) -> Row:
    """The formula of these glyphs, all of them.

    Raises:
        Unreadable: places and order contradict each other, or a glyph is unknown.
    """
    if any(g.char in "\ufffd\ue020" for g in glyphs):
        raise Unreadable("a glyph of unknown meaning")
    marks, rest = _accents(glyphs)
    if any(g.size > _STRETCHED and g.char not in _UPRIGHT for g in rest):
        raise Unreadable("a line that the page stretches, of unknown length")
    plain = [extent(g) for g in rest if g.size <= _STRETCHED]
    if not plain:
        raise Unreadable("nothing but brackets")
    reach = min(low for low, _ in plain), max(high for _, high in plain)
    return InOrder(marks, reach).region(rest, list(lines), 0)


def _accents(glyphs: Sequence[Placed]) -> tuple[dict[int, list[str]], list[Placed]]:
    """Accents by the index of the glyph that they stand over, and the other glyphs."""
    above: dict[int, list[str]] = {}
    rest: list[Placed] = []
    for g in glyphs:
        name = ACCENT_SIGNS.get(g.char)
        base = None if name is None else _under(g, glyphs)
        if name is None or base is None:
            if name is not None and g.char != "→":
                raise Unreadable("an accent over nothing, or over several letters")
            rest.append(g)
        else:
            above.setdefault(base.index, []).append(name)
    return above, rest


def _under(accent: Placed, glyphs: Sequence[Placed]) -> Placed | None:
    """The glyph that an accent stands over."""
    middle = accent.x + accent.width / 2
    near = [
        g
        for g in glyphs
        if g is not accent
        and g.char.isalpha()
        and g.char not in ACCENT_SIGNS
        and g.size > 0.9 * accent.size
        and abs(g.x + g.width / 2 - middle) < 0.36 * g.size
        and (-0.3 if accent.char in "‾¯ˉ" else -0.08) * g.size < accent.y - g.y < 0.75 * g.size
    ]
    if accent.char == "→":
        near = [g for g in near if accent.y - g.y > 0.2 * g.size]
    if accent.width > 1.3 * max((g.width for g in near), default=0.0) and accent.char not in ("→", "\u20d7"):
        return None
    return min(near, key=lambda g: (abs(g.x + g.width / 2 - middle), accent.y - g.y), default=None)


class InOrder(Reader):
    """The reader of `geometry` with its rules for KaTeX's order of painting replaced."""

    in_order = True

    def __init__(self, accents: dict[int, list[str]], reach: tuple[float, float]) -> None:
        self.over = accents
        self.low, self.high = reach
        self.line = 0.0
        """The baseline of the region read last."""

    def region(self, glyphs: list[Placed], lines: list[Line], depth: int) -> Row:
        if depth > _DEPTH:
            raise Unreadable("nested too deeply")
        atoms: list[Atom] = []
        glyphs = sorted(glyphs, key=lambda g: g.index)
        glyphs, lines = self.boxes(glyphs, lines, atoms, depth)
        glyphs, lines = self.roots_and_bars(glyphs, lines, atoms, depth)
        for g in glyphs:
            low, high = self.reach_of(g)
            stretched = g.size > _STRETCHED
            y, scale = ((low + high) / 2 - 0.25, 1.0) if stretched else (g.y, scale_of(g.size))
            atoms.append(Atom(None, g.x, g.x + g.width, y, scale, g.index, g.index, g, low, high, whole=stretched))
        if not [a for a in atoms if a.glyph is None or a.glyph.char.strip()]:
            return ()
        self.delimiter_pieces(atoms)
        scale = max(a.scale for a in atoms)
        line = self.baseline(atoms, scale, [])
        row = self.assemble(atoms, scale, [], depth)
        self.line = line
        return row

    def reach_of(self, g: Placed) -> tuple[float, float]:
        """How far a glyph goes down and up; one that the page stretches has lost its own measure and goes all the way."""
        return (self.low, self.high) if g.size > _STRETCHED else extent(g)

    # ---- bars

    def roots_and_bars(
        self, glyphs: list[Placed], lines: list[Line], atoms: list[Atom], depth: int
    ) -> tuple[list[Placed], list[Line]]:
        """Roots, fractions and overlines, the widest first."""
        thin = sorted((r for r in lines if r.height < 0.12 and r.width > 0.12), key=lambda r: -r.width)
        gone: set[int] = set()
        for bar in thin:
            if id(bar) in gone:
                continue
            around = [r for r in lines if r is not bar and id(r) not in gone]
            found = self.root(bar, glyphs, around, depth) or self.fraction(bar, glyphs, around, depth)
            found = found or self.ruled(bar, glyphs, around, depth)
            gone.add(id(bar))
            if found is None:
                continue
            atom, used, inner = found
            atoms.append(atom)
            gone |= {id(r) for r in inner}
            taken = {g.index for g in used}
            glyphs = [g for g in glyphs if g.index not in taken]
        return glyphs, [r for r in lines if id(r) not in gone]

    def root(
        self, bar: Line, glyphs: list[Placed], lines: list[Line], depth: int
    ) -> tuple[Atom, list[Placed], list[Line]] | None:
        signs = [
            g for g in glyphs
            if g.char in _ROOT_PIECES and abs(g.x + g.width - bar.x0) < 0.2 and extent(g)[0] < bar.y0 < g.y + 8.0
        ]  # fmt: skip
        if not signs:
            return None
        low = min(extent(g)[0] for g in signs)
        begun = max(g.index for g in signs)
        inside: set[int] = set()
        for g in sorted(glyphs, key=lambda g: g.index):
            if g.index <= begun:
                continue
            if not (bar.x0 - 0.06 <= g.x + g.width / 2 <= bar.x1 + 0.06 and g.y < bar.y1):
                break
            inside.add(g.index)
        body = [g for g in glyphs if g.index in inside]
        if not body:
            return None
        low = min([low, *(extent(g)[0] for g in body)])
        inner = [r for r in lines if bar.x0 - 0.1 <= r.x0 and r.x1 <= bar.x1 + 0.1 and low - 0.2 < r.y0 < bar.y0]
        row = self.region(body, inner, depth + 1)
        line = self.line
        sign = signs[0]
        index = [
            g for g in glyphs
            if g not in signs and g.index not in inside and g.size < 0.62 * max(b.size for b in body)
            and sign.x - 0.4 < g.x and g.x + g.width < bar.x0 - 0.1 and g.y > line + 0.2
        ]  # fmt: skip
        node = tree.Root(row, self.region(index, [], depth + 1) if index else None)
        used = [*signs, *body, *index]
        places = sorted(g.index for g in used)
        atom = Atom(node, min(g.x for g in [*signs, *index]), bar.x1, line, max(scale_of(g.size) for g in body),
                    places[0], places[-1], None, low, bar.y1)  # fmt: skip
        return atom, used, inner

    def fraction(
        self, bar: Line, glyphs: list[Placed], lines: list[Line], depth: int
    ) -> tuple[Atom, list[Placed], list[Line]] | None:
        middle = (bar.y0 + bar.y1) / 2
        order = sorted(glyphs, key=lambda g: g.index)
        sides = [_side(g, bar, middle) for g in order]
        turns = [
            k
            for k in range(len(order) - 1)
            if sides[k] > 0 > sides[k + 1] and _gap(order[k], middle) < 1.2 and _gap(order[k + 1], middle) < 1.2
        ]
        if not turns:
            return None
        turn = min(turns, key=lambda k: abs(order[k].y - middle) + abs(order[k + 1].y - middle))
        first, last = turn, turn + 1
        above, below = [order[turn]], [order[turn + 1]]
        bars = [r for r in lines if r.height < 0.12 and r.width > 0.12]
        while first > 0 and sides[first - 1] > 0 and _near(order[first - 1], above, bar, bars):
            first -= 1
            above.append(order[first])
        while last + 1 < len(order) and sides[last + 1] < 0 and _near(order[last + 1], below, bar, bars):
            last += 1
            below.append(order[last])
        if min(extent(g)[0] for g in above) - middle > 0.9 or middle - max(extent(g)[1] for g in below) > 0.9:
            return None
        used = above + below
        upper = _rules_in(lines, above, bar, middle, 1)
        lower = _rules_in(lines, below, bar, middle, -1)
        node = tree.Fraction(self.region(above, upper, depth + 1), self.region(below, lower, depth + 1))
        biggest = max(scale_of(g.size) for g in used)
        scale = self.fraction_scale(bar, glyphs, used, biggest)
        low, high = min(extent(g)[0] for g in below), max(extent(g)[1] for g in above)
        atom = Atom(
            node, bar.x0, bar.x1, middle - 0.25 * scale, scale, order[first].index, order[last].index, None, low, high
        )
        return atom, used, upper + lower

    def fraction_scale(self, bar: Line, glyphs: list[Placed], used: list[Placed], biggest: float) -> float:
        """As of KaTeX; a browser's own axis is a little lower."""
        taken = {g.index for g in used}
        middle = (bar.y0 + bar.y1) / 2
        around = [g for g in glyphs if g.index not in taken]
        fits: list[tuple[float, float]] = []
        for scale in {1.0: (1.0,), 0.7: (0.7, 1.0), 0.5: (0.5, 0.7, 1.0)}[biggest]:
            beside = [abs(middle - 0.25 * scale - g.y) / scale for g in around if abs(scale_of(g.size) - scale) < 0.01]
            if beside:
                fits.append((min(beside), scale))
        if fits and min(fits)[0] < 0.16:
            return min(fits)[1]
        return super().fraction_scale(bar, glyphs, used, biggest)

    def ruled(
        self, bar: Line, glyphs: list[Placed], lines: list[Line], depth: int
    ) -> tuple[Atom, list[Placed], list[Line]] | None:
        """What an overline or underline stands over or under: all glyphs within it that are near."""
        middle = (bar.y0 + bar.y1) / 2
        for side, over in ((-1, True), (1, False)):
            body = [g for g in glyphs if _side(g, bar, middle) == side and _gap(g, middle) < 0.45]
            if not body:
                continue
            ends = min(g.x for g in body), max(g.x + g.width for g in body)
            if (
                abs(ends[0] - bar.x0) > 0.2
                or abs(ends[1] - bar.x1) > 0.2
                or any(
                    g not in body and g.x < bar.x1 - 0.1 and g.x + g.width > bar.x0 + 0.1 and _gap(g, middle) < 0.45
                    for g in glyphs
                )
            ):
                raise Unreadable("a line over or under a part of something")
            inner = [r for r in lines if bar.x0 <= r.x0 <= bar.x1 and abs(r.y0 - middle) < 1.5]
            row = self.region(body, inner, depth + 1)
            places = [g.index for g in body]
            atom = Atom(tree.Ruled(over, row), bar.x0, bar.x1, self.line, max(scale_of(g.size) for g in body), min(places),
                        max(places), None, min(extent(g)[0] for g in body), max(extent(g)[1] for g in body))  # fmt: skip
            return atom, body, inner
        return None

    # ---- delimiters

    def delimiter_pieces(self, atoms: list[Atom]) -> None:
        """Brackets put together of pieces: those of one bracket stand one over the other."""
        pieces = [a for a in atoms if a.glyph is not None and a.glyph.char in _PIECES]
        while pieces:
            first = pieces[0]
            same = [a for a in pieces if abs((a.x0 + a.x1) - (first.x0 + first.x1)) < 0.3]
            named = {_PIECES[a.glyph.char] for a in same if a.glyph is not None} - {""}
            if len(named) != 1:
                raise Unreadable("pieces of a bracket that belong to none")
            (char,) = named
            for a in same:
                atoms.remove(a)
                pieces.remove(a)
            low, high = min(a.low for a in same), max(a.high for a in same)
            side = "Open" if char in _OPEN else "Close"
            atoms.append(
                Atom(tree.symbol(char), first.x0, first.x1, (low + high) / 2 - 0.25, 1.0, min(a.first for a in same),
                     max(a.last for a in same), None, low, high, side, whole=True)
            )  # fmt: skip

    def binomials(self, atoms: list[Atom], depth: int) -> None:
        """Two short lines between tall parentheses, all of it painted in order."""
        for opening in [a for a in atoms if a.side == "Open" and _char_of(a) == "("]:
            after = [a for a in atoms if a.side == "Close" and a.x0 > opening.x0 and abs(a.low - opening.low) < 0.2]
            if not after:
                continue
            end = min(after, key=lambda a: a.x0)
            inside = [a for a in atoms if opening.x0 < a.x0 < end.x0]
            axis = (opening.low + opening.high) / 2
            upper = [a for a in inside if a.low > axis - 0.08]
            lower = [a for a in inside if a.high < axis + 0.08]
            if not upper or not lower or len(upper) + len(lower) != len(inside):
                continue
            if max(len(_levels(_alike(part), 0.5)) for part in (upper, lower)) > 1:
                continue
            places = [opening.last, *(a.first for a in upper), *(a.first for a in lower), end.first]
            if max(a.last for a in upper) > min(a.first for a in lower) or places != sorted(places):
                continue
            above, below = self.assemble_part(upper, depth), self.assemble_part(lower, depth)
            node = tree.Fraction(above or (), below or (), "", "(", ")", False)
            for a in [*inside, opening, end]:
                atoms.remove(a)
            scale = max(1.0, *(a.scale for a in inside))
            atoms.append(Atom(node, opening.x0, end.x1, axis - 0.25 * scale, scale, opening.first, end.last, None,
                              opening.low, opening.high))  # fmt: skip

    # ---- arrays

    def array(self, atoms: list[Atom], scale: float, baseline: float, depth: int) -> Row | None:
        full = [
            a for a in atoms
            if abs(a.scale - scale) < 0.01 and not a.side.istitle() and not self.is_big(a) and _char_of(a) not in _OPEN + _CLOSE
        ]  # fmt: skip
        if len(_levels(full, scale)) < 2:
            return None
        for opening in sorted((a for a in atoms if a.side in ("Open", "Bar", "open", "bar")), key=lambda a: -a.x0):
            end = self.closing(opening, atoms)
            inside = [
                a
                for a in atoms
                if a.x0 >= opening.x1 - 0.15 and a is not opening and (end is None or a.x1 <= end.x0 + 0.15)
            ]
            held = {id(a) for a in inside}
            levels = _levels([a for a in full if id(a) in held], scale)
            if len(levels) < 2 or _crossed(opening, atoms) or (end is not None and _crossed(end, atoms)):
                continue
            if end is None and (
                _char_of(opening) != "{"
                or any(a.x1 > opening.x1 and id(a) not in held for a in atoms if a is not opening)
            ):
                continue
            grid, inner = self.grid(inside, levels, scale, depth)
            if not opening.side.istitle() and _char_of(opening) == "(" and len(grid) == 2 and len(grid[0]) == 1:
                raise Unreadable("a binomial coefficient or a vector")
            name = _NAME_OF.get(_char_of(opening), _char_of(opening))
            close = "." if end is None else _NAME_OF.get(_char_of(end), _char_of(end))
            node = tree.LeftRight(name, (tree.Array("cases" if end is None else "matrix", grid),), close)
            low, high = min(a.low for a in [*inside, opening]), max(a.high for a in [*inside, opening])
            whole = Atom(node, opening.x0, max(a.x1 for a in inside) if end is None else end.x1, baseline, scale,
                         min(opening.first, inner[0]), max(end.last if end is not None else 0, inner[1]), None, low, high)  # fmt: skip
            rest = [a for a in atoms if id(a) not in held and a is not opening and a is not end]
            if opening.side.istitle():
                whole.y = (opening.low + opening.high) / 2 - 0.25 * scale
            else:
                whole.y = opening.y
            beside = [a for a in rest if abs(a.scale - scale) < 0.01 and not a.side.istitle() and not self.is_big(a)]
            line = self.baseline(beside, scale, []) if beside else whole.y
            if abs(line - whole.y) < 0.3:
                whole.y = line
            whole.side = "table"
            return self.assemble([*rest, whole], scale, [], depth + 1)
        if depth > 3:
            raise Unreadable("several lines where one is expected")
        return self.lines_of(atoms, _levels(full, scale), scale, depth)

    def closing(self, opening: Atom, atoms: list[Atom]) -> Atom | None:
        """The bracket that ends what ``opening`` begins: as tall, at the same height."""
        wanted = {"Open": ("Close",), "open": ("close",), "Bar": ("Bar",), "bar": ("bar",)}[opening.side]
        after = [
            a for a in atoms
            if a.x0 > opening.x0 and a.side in wanted and abs(a.low - opening.low) < 0.3 and abs(a.high - opening.high) < 0.3
        ]  # fmt: skip
        return min(after, key=lambda a: a.x0, default=None)

    def grid(
        self, atoms: list[Atom], levels: list[float], scale: float, depth: int
    ) -> tuple[tuple[tuple[Row, ...], ...], tuple[int, int]]:
        """The cells of an array, painted line by line, and the first and last index in it."""
        edges: list[float] = []
        reach = -1e9
        for a in sorted(atoms, key=lambda a: a.x0):
            if a.x0 > reach + _COLUMN * scale:
                edges.append(a.x0)
            reach = max(reach, a.x1)
        cells: list[list[list[Atom]]] = [[[] for _ in edges] for _ in levels]
        for a in atoms:
            column = max(k for k, x in enumerate(edges) if x <= a.x0 + 1e-6)
            cells[self.level_of(a, levels, scale)][column].append(a)
        last = -1
        for line in cells:
            for cell in line:
                if cell and min(a.first for a in cell) < last:
                    raise Unreadable("the cells of an array are painted in another order")
                last = max([last, *(a.last for a in cell)])
        grid = tuple(tuple(self.assemble_part(cell, depth) or () for cell in line) for line in cells)
        return grid, (min(a.first for a in atoms), max(a.last for a in atoms))

    def lines_of(self, atoms: list[Atom], levels: list[float], scale: float, depth: int) -> Row:
        """Lines one below the other without brackets: an alignment."""
        lines: list[list[Atom]] = [[] for _ in levels]
        for a in atoms:
            lines[self.level_of(a, levels, scale)].append(a)
        last = -1
        for line in lines:
            if min(a.first for a in line) < last:
                raise Unreadable("the lines of an alignment are painted in another order")
            last = max(a.last for a in line)
        columns = self.at_relations(lines)
        env = "aligned" if len(columns) > 1 else "gathered"
        rows = range(len(levels))
        return (tree.Array(env, tuple(tuple(self.assemble_part(c[k], depth) or () for c in columns) for k in rows)),)

    def level_of(self, a: Atom, levels: list[float], scale: float) -> int:
        if abs(a.scale - scale) < 0.01 and not self.is_big(a) and not a.side.istitle():
            return min(range(len(levels)), key=lambda k: abs(levels[k] - a.y))
        return min(range(len(levels)), key=lambda k: abs(levels[k] + 0.25 * scale - (a.low + a.high) / 2))

    # ---- rows

    def node_of(self, a: Atom) -> Node:
        node = super().node_of(a)
        for name in self.over.get(a.glyph.index, ()) if a.glyph is not None else ():
            node = tree.Accent(name, (node,))
        return node

    def owner(self, a: Atom, units: list[tuple[Node, list[Atom]]], scale: float, baseline: float) -> int:
        """The unit painted before a script; limits stand over and under their operator, and the upper is painted first."""
        if scale > 0.6 and a.scale > scale - 0.01:
            raise Unreadable("something of full size beside the line")
        middle = (a.x0 + a.x1) / 2
        below, above = a.high < baseline - 0.03 * scale, a.low > baseline + 0.6 * scale
        before = max(
            (k for k, (_, parts) in enumerate(units) if parts[0].first < a.first),
            key=lambda k: units[k][1][0].first,
            default=-1,
        )
        after = min(
            (k for k, (_, parts) in enumerate(units) if parts[0].first > a.first),
            key=lambda k: units[k][1][0].first,
            default=-1,
        )
        for k in (before, after) if above else (before,):
            if k < 0 or not (above or below):
                continue
            node, parts = units[k]
            big = isinstance(node, tree.BigOperator) and node.limits
            centre, half = (parts[0].x0 + parts[-1].x1) / 2, (parts[-1].x1 - parts[0].x0) / 2
            stacks = isinstance(node, tree.Sym) and node.kind == "rel"
            if big or (isinstance(node, tree.Operator) and below) or (stacks and abs(middle - centre) < 0.3):
                if abs(middle - centre) < half + 0.9 * scale:
                    return k
        if any(parts[0].x0 + 0.02 < middle < parts[-1].x1 - 0.02 for _, parts in units):
            raise Unreadable("something that stands over or under another thing")
        beside = [
            k for k, (_, parts) in enumerate(units) if parts[-1].x1 <= a.x0 + 0.32 * scale and parts[0].x0 < a.x0 + 0.05
        ]
        if (beside[-1] if beside else -1) != before:
            raise Unreadable("a script that stands elsewhere than it is painted")
        return before

    def in_sequence(self, units: list[tuple[Node, list[Atom]]], attached: dict[int, list[Atom]]) -> None:
        if -1 in attached:
            raise Unreadable("a script that stands before everything")
        last = -1
        for k, (_, parts) in enumerate(units):
            here = [*parts, *attached.get(k, ())]
            if any(a.side.lower() == "open" for a in parts) and k in attached:
                raise Unreadable("a script on an opening bracket")
            if any(a.side == "table" or a.whole for a in here):
                continue
            if min(a.first for a in here) <= last:
                raise Unreadable("painted in another order than it stands")
            last = max(a.last for a in here)


def _alike(atoms: list[Atom]) -> list[Atom]:
    """Those of the largest size."""
    scale = max(a.scale for a in atoms)
    return [a for a in atoms if abs(a.scale - scale) < 0.01 and not a.side]


def _char_of(a: Atom) -> str:
    if a.glyph is not None:
        return a.glyph.char
    return a.node.char if isinstance(a.node, tree.Sym) else "\0"


def _side(g: Placed, bar: Line, middle: float) -> int:
    """1 above a bar, -1 below it, 0 beside it."""
    if not bar.x0 - 0.06 <= g.x + g.width / 2 <= bar.x1 + 0.06:
        return 0
    low, high = extent(g)
    return 1 if (low + high) / 2 > middle else -1


def _gap(g: Placed, middle: float) -> float:
    low, high = extent(g)
    return 0.0 if low <= middle <= high else min(abs(low - middle), abs(high - middle))


def _near(g: Placed, held: list[Placed], bar: Line, bars: list[Line]) -> bool:
    """Whether a glyph goes on with a numerator or denominator: not another line of an array that happens to be there."""
    low, high = extent(g)
    bottom, top = min(extent(h)[0] for h in held), max(extent(h)[1] for h in held)
    apart = max(low - top, bottom - high, 0.0)
    if apart < 0.3:
        return True
    # A fraction in the fraction: its narrower bar stands between.
    return apart < 1.6 and any(
        min(bottom, low) < r.y0 < max(top, high)
        and r.width < bar.width - 0.05
        and r.x0 - 0.1 < g.x + g.width / 2 < r.x1 + 0.1
        for r in bars
    )


def _rules_in(lines: list[Line], held: list[Placed], bar: Line, middle: float, side: int) -> list[Line]:
    """The lines that belong to a numerator or denominator."""
    low, high = min(extent(h)[0] for h in held) - 0.35, max(extent(h)[1] for h in held) + 0.45
    return [
        r for r in lines
        if bar.x0 - 0.1 <= r.x0 and r.x1 <= bar.x1 + 0.1 and low < r.y0 < high and (r.y0 - middle) * side > 0.02
    ]  # fmt: skip


def _levels(atoms: list[Atom], scale: float) -> list[float]:
    """The baselines of lines that stand apart, from the top."""
    levels: list[float] = []
    for a in sorted(atoms, key=lambda a: -a.y):
        if not levels or levels[-1] - a.y > (_APART if scale > 0.6 else 1.2) * scale:
            levels.append(a.y)
    return levels


def _crossed(bracket: Atom, atoms: list[Atom]) -> bool:
    """Whether something stands over or under a bracket: then it is one of a line, not of an array."""
    return any(a is not bracket and a.x0 < bracket.x1 - 0.1 and a.x1 > bracket.x0 + 0.1 for a in atoms)
