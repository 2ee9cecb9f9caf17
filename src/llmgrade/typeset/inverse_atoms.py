"""What one atom of a row may be, given its own text at ``p`` and the layers at ``q``.

One method per way of writing: characters and words with their scripts, the constructs whose own text is a U+200B
(fractions, limits, roots, boxes, columns), and those without own text (accents, operators, tall delimiters).
"""

from __future__ import annotations

from collections.abc import Iterator
from operator import attrgetter
from typing import Final

from llmgrade.typeset import boxes, tree
from llmgrade.typeset.boxes import CRAMPED, DENOMINATOR, NUMERATOR, SIZE, SUBSCRIPT, SUPERSCRIPT, MeasuredRow
from llmgrade.typeset.inverse_habits import is_column
from llmgrade.typeset.inverse_parts import BLANK, Atom, Group, Groups, Shape, lost_in, unbalanced
from llmgrade.typeset.inverse_prior import END, role
from llmgrade.typeset.inverse_tokens import MARK, NOT, UNKNOWN, blank_may_follow
from llmgrade.typeset.inverse_words import word_at
from llmgrade.typeset.symbols import ACCENTS, BIG_OPERATORS, NO_BREAK
from llmgrade.typeset.tree import Node

__all__ = ["Atoms"]

ACCENT_OF: Final = {char: name for name, char in ACCENTS.items() if char}
BIG: Final = dict(reversed(BIG_OPERATORS.values())) | {"∫": False}
LEFT: Final = {"(": "(", "[": "[", "{": r"\{", "∣": "|", "∥": r"\|", "⟨": r"\langle", "⌊": r"\lfloor", "⌈": r"\lceil"}
RIGHT: Final = {")": ")", "]": "]", "}": r"\}", "∣": "|", "∥": r"\|", "⟩": r"\rangle", "⌋": r"\rfloor", "⌉": r"\rceil"}
PARTNER: Final = {"(": ")", "[": "]", "{": "}", "∣": "∣", "∥": "∥", "⟨": "⟩", "⌊": "⌋", "⌈": "⌉"}
LIMITED: Final = (
    "arg\u2009min",
    "arg\u2009max",
    "lim\u2009sup",
    "lim\u2009inf",
    "lim",
    "min",
    "max",
    "sup",
    "inf",
    "det",
    "gcd",
    "Pr",
)
LOST: Final = (("∝", 1.0), ("ρ", 1.5), ("←", 2.5), ("⇐", 4.0))
"""What a byte lost to cp1252 most often was."""
NAME_COST: Final = 2.0
MARK_MISSING: Final = 3.0
DERIVATIVE: Final = 3.0
"""Nats off for a fraction of two differentials."""
ODD_ROOT: Final = 6.0
"""Nats for the root of a differential, or of what begins with a sign."""
_COST: Final = attrgetter("cost")
BINOMIAL: Final = 2.0
NOTHING_ABOVE: Final = 4.0
"""Nats for a numerator that is zero."""
BLANK_TYPED: Final = 2.5
"""Nats for a blank typed between two things that are no words."""
BIG_BRACKET: Final = 1.5
INDEXED_ROOT: Final = 6.0
SIGNED_NORM: Final = 3.0
"""Nats for a norm or an absolute value of what begins with a minus sign."""
RELATIONS: Final = frozenset({"equals", "rel", "in"})
"""Roles of atoms that stand between two sides."""
CASES: Final = frozenset({"line", "cell"})
"""Places of a table of cases: it is a side of an equation, never half a fraction, a power or what a root is of."""
ROOT_OF_PRODUCT: Final = 3.0
"""Nats for the root of something times a bracket: rather half a fraction."""
NO_SCRIPTS: Final = frozenset({"rel", "open", "punct", "inner"})


def differential(row: tree.Row) -> bool:
    """Whether a row begins with ∂, as half of a derivative does."""
    return bool(row) and role(row[0]) in ("partial", "nabla", "minus")


def is_derivative(above: tree.Row, below: tree.Row) -> bool:
    """Whether a fraction is a derivative: ∂ above and below."""
    return bool(above) and bool(below) and role(above[0]) == role(below[0]) == "partial" and len(below) > 1


def _odd_root(row: tree.Row) -> float:
    """What a root of this row costs for being one."""
    product = any(isinstance(n, tree.Sym) and n.kind == "open" for n in row[1:])
    return ODD_ROOT * differential(row) + ROOT_OF_PRODUCT * product


def _aligned(cell: tree.Row, *, right: bool) -> bool:
    """Whether a cell is what people put before or behind ``&``: right ones begin with a relation, left ones have none."""
    if right:
        return role(cell[0]) in RELATIONS
    return not any(role(node) in RELATIONS for node in cell)


class Atoms:
    """The atoms of one `Reader`."""

    def __init__(self, reader: Groups) -> None:
        self.r = reader
        self._known: dict[tuple[int, int, int, int, str, int, bool], list[Atom]] = {}
        self._shapes: dict[tuple[Node, int], Shape] = {}
        self._words: dict[tuple[int, int], list[tuple[Node, int, float]]] = {}
        self._scripts: dict[tuple[int, int, int, int, bool, bool, str, float], list[Atom]] = {}
        self._fraction_lists: dict[tuple[int, int], list[Atom]] = {}
        self._root_lists: dict[tuple[int, int, int], list[Atom]] = {}

    def at(self, p: int, e: int, q: int, style: int, align: int, place: str, q_max: int) -> list[Atom]:
        """The atoms that may stand at (``p``, ``q``) in own text that ends at ``e``, with layers up to ``q_max``."""
        key = (p, e, q, style, place, align, q_max == q)
        found = self._known.get(key)
        if found is None:
            layers = q < q_max
            found = [a for a in self._all(p, e, q, style, align, place, layers) if a.p <= e]
            found.sort(key=_COST)
            self._known[key] = found
        return found

    def _all(self, p: int, e: int, q: int, style: int, align: int, place: str, layers: bool) -> Iterator[Atom]:
        if p < e:
            if self.r.chars[p] == MARK:
                if layers:
                    yield from self._marked(p, e, q, style, align, place)
            else:
                yield from self._written(p, e, q, style, align, place, layers)
        if layers and q < self.r.n:
            yield from self._layered(p, e, q, style, align, place)

    # ---- building

    def _atom(self, node: Node, cost: float, p: int, q: int, style: int, align: int) -> Atom:
        self.r.tick()
        atom = Atom(Shape(node, boxes.setting(style, None, align)), role(node), cost, p, q)
        if self.r.effort.lost_marks:
            atom.lost = lost_in(node)
        return atom

    def _plain(self, node: Node, style: int, align: int) -> Shape:
        key = (node, style)
        shape = self._shapes.get(key)
        if shape is None:
            shape = self._shapes[key] = Shape(node, boxes.setting(style, None, align))
        return shape

    # ---- own characters

    def _written(self, p: int, e: int, q: int, style: int, align: int, place: str, layers: bool) -> Iterator[Atom]:
        r = self.r
        char = r.chars[p]
        words = self._words.get((p, e))
        if words is None:
            words = self._words[p, e] = list(word_at(r.tokens, p, e))
        for node, p2, cost in words:
            yield from self._scripted(node, p2, e, q, style, align, cost, layers)
        if char == "\xa0":
            blank = self._atom(tree.Space(NO_BREAK), BLANK_TYPED, p + 1, q, style, align)
            blank.role = BLANK
            yield blank
            return
        if char == UNKNOWN:
            for lost, price in LOST:
                symbol = tree.symbol(lost)
                yield from self._scripted(symbol, p + 1, e, q, style, align, 3.0 + price, layers)
            return
        if char in "⟹⟺⟸":
            yield self._atom(tree.LongArrow(char), 1.0, p + 1, q, style, align)
            return
        symbol = tree.symbol(char)
        cost = r.prior.char(place, symbol) + (8.0 if char == "′" and place != "p" else 0.0)
        yield from self._scripted(symbol, p + 1, e, q, style, align, cost, layers)
        if char in "([" and p + 1 < r.n and r.gaps[p + 1] == "s" and r.chars[p + 1] in "−+":
            # ``\\big(`` is no opening bracket to TeX: a sign behind it is set as one between two terms.
            big = self._atom(tree.Fixed(char, 1, "mord"), cost + BIG_BRACKET, p + 1, q, style, align)
            big.role = role(symbol)
            yield big
        if char == "∣":
            yield self._atom(tree.Sym(char, "rel"), r.prior.char(place, tree.Sym(char, "rel")), p + 1, q, style, align)
        elif char == "⊥":
            yield from self._scripted(tree.Sym(char, "textord"), p + 1, e, q, style, align, cost + 1.0, layers)
        if layers and q < r.n:
            if r.chars[q] == NOT and symbol.kind == "rel":
                yield self._atom(tree.Negated(char), 0.5, p + 1, q + 1, style, align)
            elif char == "∈" and r.chars[q] == "/":
                yield self._atom(tree.NotIn(), 0.5, p + 1, q + 1, style, align)

    def _scripted(
        self, base: Node, p: int, e: int, q: int, style: int, align: int, cost: float, layers: bool, bare: bool = True
    ) -> Iterator[Atom]:
        """``base``, read up to ``p``, alone and with every script that may follow. ``bare``: alone too."""
        if isinstance(base, tree.Sym):
            key = (p, q, style, align, p < e, layers, base.char + base.kind, cost)
            known = self._scripts.get(key)
            if known is None:
                known = self._scripts[key] = list(self._scripted_anew(base, p, e, q, style, align, cost, layers, bare))
            return iter(known)
        return self._scripted_anew(base, p, e, q, style, align, cost, layers, bare)

    def _scripted_anew(
        self, base: Node, p: int, e: int, q: int, style: int, align: int, cost: float, layers: bool, bare: bool
    ) -> Iterator[Atom]:
        r = self.r
        prior = r.prior
        if bare:
            yield Atom(self._plain(base, style, align), role(base), cost + prior.shape(base, ""), p, q)
        if not layers or q >= r.n:
            return
        if isinstance(base, tree.Text) or (isinstance(base, tree.Sym) and base.kind in NO_SCRIPTS):
            return
        if isinstance(base, tree.Sym) and base.kind == "bin" and base.char not in "∗†":
            return
        own = self._own_end(base)
        if not own or p >= e or r.gaps[p] != "j" or not blank_may_follow(own):
            for sup in r.groups(q, SUPERSCRIPT[style], 0, "p"):
                if not self._has_room(sup, own, p, e):
                    continue
                node = tree.Scripts(base, None, sup.row)
                price = prior.shape(base, "p") + prior.content(base, "p", sup.written, sup.cost)
                yield self._atom(node, cost + price, p, sup.end, style, align)
        missing = not (p < e and r.chars[p] == MARK)
        if missing and (not r.effort.lost_marks or (p < e and r.gaps[p] == "j" and blank_may_follow(own or " "))):
            return
        yield from self._lowered(base, p if missing else p + 1, q, style, align, cost, int(missing))

    def _lowered(self, base: Node, p: int, q: int, style: int, align: int, cost: float, missing: int) -> Iterator[Atom]:
        """``base`` with a lower script, and with both; ``missing``: without its mark on the page."""
        r = self.r
        prior = r.prior
        cost += MARK_MISSING * missing
        lower, both = prior.shape(base, "b"), prior.shape(base, "bp")
        for sub in r.groups(q, SUBSCRIPT[style], 0, "b"):
            price = cost + prior.content(base, "b", sub.written, sub.cost)
            one = self._atom(tree.Scripts(base, sub.row, None), price + lower, p, sub.end, style, align)
            yield self._unmarked(one) if missing else one
            for sup in r.groups(sub.end, SUPERSCRIPT[style], 0, "p"):
                if r.dear(sub.cost + sup.cost, q, sup.end):
                    continue
                node = tree.Scripts(base, sub.row, sup.row)
                more = both + prior.content(base, "p", sup.written, sup.cost)
                two = self._atom(node, price + more, p, sup.end, style, align)
                yield self._unmarked(two) if missing else two

    @staticmethod
    def _own_end(base: Node) -> str:
        """The last own character of a base, "" if it has none or ends in a layer."""
        match base:
            case tree.Sym(char):
                return char
            case tree.Operator(name):
                return name[-1]
            case _:
                return ""

    def _has_room(self, sup: Group, own: str, p: int, e: int) -> bool:
        """Whether the gap behind the base leaves room for a superscript as wide as this."""
        if not own or p >= e or self.r.chars[p] == MARK:
            return True
        gap = self.r.gaps[p]
        width = sup.row.box.width + 0.05
        return gap == "n" or width < 0.95

    # ---- constructs with a mark

    def _marked(self, p: int, e: int, q: int, style: int, align: int, place: str) -> Iterator[Atom]:
        yield from self._fractions(p + 1, q, style, align)
        yield from self._limits(p + 1, q, style, align)
        yield from self._roots(p + 1, e, q, style, align)
        yield from self._arrays(p, e, q, style, align)
        if style < 4 and place != "cell":
            yield from self._between_bars(p, e, q, style, align)
        if style in (0, 2) and place == "line" and self._alone(p):
            for body in self.r.groups(q, 0, align, "line"):
                if role(body.row[0]) in RELATIONS:
                    continue
                rest = (0.0 if body.end == self.r.n or self.r.gaps[body.end] == "n" else 3.0) + (
                    0.0 if style == 0 else 4.0
                )
                if not any((isinstance(n, tree.Sym) and n.kind == "rel") or isinstance(n, tree.Text) for n in body.row):
                    rest += 1.0 if len(body.row) < 4 and not isinstance(body.row[0], tree.Fraction) else 2.0
                yield self._atom(tree.Boxed(body.row), body.cost + rest, p + 1, body.end, style, align)

    def _alone(self, p: int) -> bool:
        """Whether the mark at ``p`` is all there is on its line, as a box's is, or starts everything."""
        gaps = self.r.gaps
        return p == 0 or (gaps[p] == "n" and (p + 1 == self.r.n or gaps[p + 1] == "n"))

    def _fractions(self, p: int, q: int, style: int, align: int) -> Iterator[Atom]:
        known = self._fraction_lists.get((q, style))
        if known is None:
            known = self._fraction_lists[q, style] = list(self._fractions_at(q, style, align))
        for atom in known:
            yield Atom(atom.shape, atom.role, atom.cost, p, atom.q, atom.lost)

    def _fractions_at(self, q: int, style: int, align: int) -> Iterator[Atom]:
        r = self.r
        sizes = [("", style, 0.0)]
        if r.effort.sizes:
            sizes.append(("d", boxes._TEXT[style] if style >= 4 else 0, 3.0) if style >= 2 else ("t", 2, 4.5))
        for size, inner, cost in sizes:
            for below in r.groups(q, DENOMINATOR[inner], 1, "part"):
                for above in r.groups(below.end, NUMERATOR[inner], 1, "part"):
                    if r.dear(below.cost + above.cost, q, above.end):
                        continue
                    node = tree.Fraction(above.row, below.row, size)
                    price = cost + below.cost + above.cost - DERIVATIVE * is_derivative(above.row, below.row)
                    price += NOTHING_ABOVE * (above.written == "0")
                    yield self._atom(node, price, 0, above.end, style, align)
        if q < r.n and r.chars[q] == "(":
            for below in r.groups(q + 1, DENOMINATOR[style], 1, "part"):
                for above in r.groups(below.end, NUMERATOR[style], 1, "part"):
                    if above.end < r.n and r.chars[above.end] == ")":
                        node = tree.Fraction(above.row, below.row, "", "(", ")", bar=False)
                        price = below.cost + above.cost + BINOMIAL + NOTHING_ABOVE * (above.written == "0")
                        yield self._atom(node, price, 0, above.end + 1, style, align)

    def _limits(self, p: int, q: int, style: int, align: int) -> Iterator[Atom]:
        """Operators with something below them; ``p`` is behind their mark."""
        r = self.r
        display = SIZE[style] == 0
        if display:
            for sub in r.groups(q, SUBSCRIPT[style], 1, "b"):
                for node, after in self._operators(sub.end):
                    yield from self._with_limits(node, sub, p, after, style, align, 1)
        if q < r.n and r.chars[q] in BIG and not (display and BIG[r.chars[q]]):
            node = tree.BigOperator(r.chars[q], BIG[r.chars[q]])
            for sub in r.groups(q + 1, SUBSCRIPT[style], 0, "b"):
                yield from self._with_limits(node, sub, p, sub.end, style, align, 0)

    def _with_limits(
        self, node: tree.BigOperator | tree.Operator, sub: Group, p: int, q: int, style: int, align: int, centred: int
    ) -> Iterator[Atom]:
        prior = self.r.prior
        cost = prior.content(node, "b", sub.written, sub.cost)
        only = tree.Scripts(node, sub.row, None)
        yield self._atom(only, cost + prior.shape(node, "b"), p, q, style, align)
        for sup in self.r.groups(q, SUPERSCRIPT[style], centred, "p"):
            both = tree.Scripts(node, sub.row, sup.row)
            price = prior.shape(node, "bp") + prior.content(node, "p", sup.written, sup.cost)
            yield self._atom(both, cost + price, p, sup.end, style, align)

    def _operators(self, q: int) -> Iterator[tuple[tree.BigOperator | tree.Operator, int]]:
        chars = self.r.chars
        if q >= self.r.n:
            return
        if chars[q] in BIG:
            if BIG[chars[q]]:
                yield tree.BigOperator(chars[q], True), q + 1
            return
        for name in LIMITED:
            letters = name.replace("\u2009", "")
            if chars.startswith(letters, q):
                yield tree.Operator(name, True), q + len(letters)
                return

    def _plain_roots(self, q: int, style: int, align: int) -> list[Atom]:
        known = self._root_lists.get((q, style, align))
        if known is None:
            bodies = self.r.groups(q, CRAMPED[style], align, "part")
            known = [self._atom(tree.Root(b.row), b.cost + _odd_root(b.row), 0, b.end, style, align) for b in bodies]
            for b in bodies if self.r.effort.drawn else ():
                if len(b.row) > 1:
                    known.append(self._atom(tree.Ruled(True, b.row), b.cost + 1.5, 0, b.end, style, align))
                    if all(isinstance(n, tree.Sym) and n.kind == "mathord" for n in b.row):
                        hat = tree.Stretchy(r"\widehat", b.row)
                        known.append(self._atom(hat, b.cost + 4.0, 0, b.end, style, align))
                elif isinstance(b.row[0], tree.Sym) and b.row[0].kind == "mathord":
                    known.append(self._atom(tree.Accent(r"\vec", b.row), b.cost + 6.0, 0, b.end, style, align))
            self._root_lists[q, style, align] = known
        return known

    def _roots(self, p: int, e: int, q: int, style: int, align: int) -> Iterator[Atom]:
        r = self.r
        for atom in self._plain_roots(q, style, align):
            yield Atom(atom.shape, atom.role, atom.cost, p, atom.q, atom.lost)
        for index in r.groups(q, 6, align, "p"):
            if index.end - q > 2 or index.written in ("1", "2"):
                continue
            for body in r.groups(index.end, CRAMPED[style], align, "part"):
                node = tree.Root(body.row, index.row)
                yield from self._scripted(
                    node, p, e, body.end, style, align, body.cost + index.cost + INDEXED_ROOT, False
                )
        for body in r.groups(q, CRAMPED[style], 1, "part"):
            if body.end < r.n and r.chars[body.end] in ACCENT_OF and len(body.row) <= 2:
                accented = tree.Accent(ACCENT_OF[r.chars[body.end]], body.row)
                extra = 0.5 if len(body.row) == 1 else 3.0
                yield from self._scripted(accented, p, e, body.end + 1, style, align, body.cost + extra, True)

    def _between_bars(self, p: int, e: int, q: int, style: int, align: int) -> Iterator[Atom]:
        """``\\left\\|`` … ``\\right\\|`` around something tall: both bars are drawn, and leave a mark each."""
        r = self.r
        closing = [k for k in range(p + 2, e) if r.chars[k] == MARK]
        if not closing:
            return
        reached = r.spread(p + 1, closing[-1], q, style, align, "line", "mopen", r.n)
        for k in closing:
            for end, states in reached.get(k, {}).items():
                for state in states:
                    if state.atom is None or any(s.role in RELATIONS for s in state.atoms()):
                        continue
                    row = MeasuredRow(state.nodes())
                    row.box = state.box()
                    cost = state.cost + r.prior.follow("line", state.role, END) + 3.0 * unbalanced(row)
                    cost += SIGNED_NORM * (role(row[0]) == "minus")
                    for bar, price in ((r"\|", 0.5), ("|", 2.5 if any(map(is_column, row)) else 1.0)):
                        node = tree.LeftRight(bar, row, bar)
                        own = boxes.build(node, boxes.setting(style, None, align)).own
                        if own and own[0][3] == own[-1][3] == MARK:
                            yield from self._scripted(node, k + 1, e, end, style, align, cost + price, True)

    # ---- arrays

    def _arrays(self, p: int, e: int, q: int, style: int, align: int) -> Iterator[Atom]:
        r = self.r
        marks = 0
        while p + marks < e and r.chars[p + marks] == MARK and marks < 8:
            marks += 1
        if style == 0 and self._alone(p):
            for columns in (2, 4, 1) if r.effort.sizes else (2,):
                if columns <= marks:
                    env = "aligned" if columns > 1 else "gathered"
                    for cells, cost, end in self._cells(q, columns, 0, env):
                        node = tree.Array(env, cells)
                        yield self._atom(node, cost + (1.0 if columns == 2 else 9.0), p + columns, end, style, align)
        for columns in range(1, marks - 1):
            for cells, cost, end in self._cells(q, columns, 2, "matrix"):
                for left, right, price in (("[", "]", 1.0), ("(", ")", 1.2), ("|", "|", 2.5)):
                    if len(cells) < 3 and left != "|":
                        continue
                    price += 4.0 if columns == 1 else 0.0
                    matrix = tree.LeftRight(left, (tree.Array("matrix", cells),), right)
                    yield self._atom(matrix, cost + price, p + columns + 2, end, style, align)

    def matrix(self, p: int, e: int, q: int, style: int, align: int, left: str, p_left: int) -> Iterator[Atom]:
        """An array behind the tall delimiter ``left``; ``q`` is behind it, ``p`` behind its own mark if it has one."""
        r = self.r
        marks = 0
        while p + marks < e and r.chars[p + marks] == MARK and marks < 8:
            marks += 1
        if left == "{":
            for columns in (2, 1):
                if columns > marks:
                    continue
                for env, inner, price in (("cases", 2, 0.5), ("dcases", 0, 3.0)):
                    for cells, cost, end in self._cells(q, columns, inner, env):
                        node = tree.LeftRight(r"\{", (tree.Array(env, cells),), ".")
                        yield self._atom(node, cost + price, p + columns, end, style, align)
            return
        if p_left != p:
            return
        for columns in range(1, marks + 1):
            for cells, cost, end in self._cells(q, columns, 2, "matrix"):
                if end < r.n and r.chars[end] == PARTNER.get(left) and left in LEFT:
                    node = tree.LeftRight(LEFT[left], (tree.Array("matrix", cells),), RIGHT[r.chars[end]])
                    raised = 6.0 if columns == 1 else 0.0
                    for atom in self._scripted(node, p + columns, e, end + 1, style, align, cost + 0.5, True):
                        if isinstance(atom.node, tree.Scripts):
                            # A column with a power is rather a fraction in parentheses.
                            atom.cost += raised
                        yield atom

    def _cells(
        self, q: int, columns: int, style: int, env: str
    ) -> Iterator[tuple[tuple[tuple[tuple[Node, ...], ...], ...], float, int]]:
        """Cells column by column, each top to bottom: the rows of cells, their cost, and where they end."""
        for lines in (2, 3, 4, 5, 6):
            if lines > 4 and columns > 2:
                break
            states: list[tuple[float, tuple[tuple[Node, ...], ...], int]] = [(0.0, (), q)]
            for k in range(columns * lines):
                column, line = divmod(k, lines)
                states = self._next_cells(states, q, columns, column, line, style, env)
                if not states:
                    break
            for cost, cells, end in states[:6]:
                yield tuple(tuple(cells[c * lines + i] for c in range(columns)) for i in range(lines)), cost, end
            if not states and lines > 3:
                break

    def _next_cells(
        self,
        states: list[tuple[float, tuple[tuple[Node, ...], ...], int]],
        first: int,
        columns: int,
        column: int,
        line: int,
        style: int,
        env: str,
    ) -> list[tuple[float, tuple[tuple[Node, ...], ...], int]]:
        r = self.r
        if env == "aligned":
            align = 0 if column % 2 else 2
        else:
            align = 0 if "cases" in env else 1
        new: list[tuple[float, tuple[tuple[Node, ...], ...], int]] = []
        r.tick()
        for cost, cells, at in states:
            if at < r.n and not (cells and cells[-1] and r.gaps[at] != "n"):
                for group in r.groups(at, style, align, "cell"):
                    if env == "aligned" and not _aligned(group.row, right=bool(column % 2)):
                        continue
                    if r.dear(cost + group.cost, first, group.end):
                        continue
                    # A cell behind & is set with an empty atom before it, so its own measures don't hold.
                    row: tuple[Node, ...] = tuple(group.row) if env == "aligned" and column % 2 else group.row
                    new.append((cost + group.cost, (*cells, row), group.end))
            if (env == "aligned" and column == 0 and line > 0) or (env == "matrix" and cells and columns > 1):
                new.append((cost + (1.0 if env == "aligned" else 3.5), (*cells, ()), at))
        new.sort(key=lambda s: s[0] - r.paid[s[2]])
        kept: list[tuple[float, tuple[tuple[Node, ...], ...], int]] = []
        seen: dict[int, int] = {}
        for state in new:
            if seen.get(state[2], 0) < 2:
                seen[state[2]] = seen.get(state[2], 0) + 1
                kept.append(state)
            if len(kept) >= 12:
                break
        return kept

    # ---- constructs without own text

    def _layered(self, p: int, e: int, q: int, style: int, align: int, place: str) -> Iterator[Atom]:
        r = self.r
        char = r.chars[q]
        if 0 < p < e and r.gaps[p] == "j" and r.chars[p - 1] != MARK and blank_may_follow(r.chars[p - 1]):
            return
        if char in BIG:
            big = tree.BigOperator(char, BIG[char])
            price = r.prior.shape(big, "")
            yield self._atom(big, price, p, q + 1, style, align)
            if not (SIZE[style] == 0 and BIG[char]):
                for sup in r.groups(q + 1, SUPERSCRIPT[style], 0, "p"):
                    price = r.prior.shape(big, "p") + r.prior.content(big, "p", sup.written, sup.cost)
                    yield self._atom(tree.Scripts(big, None, sup.row), price, p, sup.end, style, align)
            return
        yield from self._accents(p, e, q, style, align)
        if char in LEFT and (r.chars.find(PARTNER[char], q + 1) > 0 or char == "{"):
            yield from self._delimited(p, e, q, style, align, place)
        if r.effort.drawn:
            yield from self._drawn(p, e, q, style, align)
        if char == "⎩" and place in CASES and p < e and r.chars[p] == MARK and r.chars.startswith("⎩⎨⎧", q):
            yield from self.matrix(p + 1, e, q + 3, style, align, "{", p)
        if r.effort.lost_marks and style < 4:
            yield from self._lost(p, e, q, style, align)

    def _accents(self, p: int, e: int, q: int, style: int, align: int) -> Iterator[Atom]:
        r = self.r
        for length in (1, 2, 3):
            end = q + length
            if end >= r.n or r.chars[end] not in ACCENT_OF:
                continue
            letters = r.chars[q:end]
            if not all(c.isalnum() or (length > 1 and c in "+−") for c in letters):
                return
            body = tuple(tree.symbol(c) for c in letters)
            node = tree.Accent(ACCENT_OF[r.chars[end]], body)
            cost = sum(r.prior.char("line", s) for s in body) + (0.5 if length == 1 else 3.0 * length)
            if not self._plain(node, style, align).box.own:
                yield from self._scripted(node, p, e, end + 1, style, align, cost, True)
            elif r.effort.lost_marks:
                for atom in self._scripted(node, p, e, end + 1, style, align, cost + MARK_MISSING, True):
                    if not atom.lost:
                        yield self._unmarked(atom)
            return

    def _drawn(self, p: int, e: int, q: int, style: int, align: int) -> Iterator[Atom]:
        """``\\vec``, ``\\overline`` and ``\\widehat`` over letters without depth: all that is typed is a layer."""
        r = self.r
        if r.gaps[q] != "n" and p < e:
            return
        for length in (1, 2, 3):
            letters = r.chars[q : q + length]
            if len(letters) < length or not all(c.isalpha() for c in letters):
                return
            body = tuple(tree.symbol(c) for c in letters)
            cost = sum(r.prior.char("line", s) for s in body) + 6.0
            names: list[Node] = [tree.Accent(r"\vec", body)] if length == 1 else [tree.Ruled(True, body)]
            if length > 1:
                names.append(tree.Stretchy(r"\widehat", body))
            for k, node in enumerate(names):
                if self._plain(node, style, align).box.own:
                    continue
                yield from self._scripted(node, p, e, q + length, style, align, cost + k, length == 1)

    def _delimited(self, p: int, e: int, q: int, style: int, align: int, place: str) -> Iterator[Atom]:
        """``\\left`` … ``\\right``: the delimiters are layers around those of what they hold."""
        r = self.r
        left = r.chars[q]
        if left != "{" or place in CASES:
            yield from self.matrix(p, e, q + 1, style, align, left, p)
        partner = PARTNER[left]
        reached = r.spread(p, e, q + 1, style, align, "line", "mopen", r.n)
        for p2, by_q in reached.items():
            for q2, states in by_q.items():
                if q2 >= r.n or r.chars[q2] not in RIGHT:
                    continue
                odd = 0.0 if r.chars[q2] == partner else 5.0
                if left in "∣∥" and odd:
                    continue
                for state in states:
                    if state.atom is None:
                        continue
                    row = MeasuredRow(state.nodes())
                    row.box = state.box()
                    node = tree.LeftRight(LEFT[left], row, RIGHT[r.chars[q2]])
                    cost = state.cost + r.prior.follow("line", state.role, "$") + odd
                    yield from self._scripted(node, p2, e, q2 + 1, style, align, cost, True)

    def _lost(self, p: int, e: int, q: int, style: int, align: int) -> Iterator[Atom]:
        """Constructs whose mark is missing on the page, and marks that are drawn and not typed (``\\vec``)."""
        for atom in [
            *self._fractions(p, q, style, align),
            *self._limits(p, q, style, align),
            *self._marked_roots(p, q, style, align),
        ]:
            atom.cost += MARK_MISSING
            yield self._unmarked(atom)

    @staticmethod
    def _unmarked(atom: Atom) -> Atom:
        """The atom as it is on the page without its mark."""
        box = atom.box
        own = [g for g in box.own if g[3] != MARK]
        atom.shape = atom.shape.painted(boxes.Box(box.cls, box.width, box.height, box.depth, own, box.after))
        atom.lost += 1
        return atom

    def _marked_roots(self, p: int, q: int, style: int, align: int) -> Iterator[Atom]:
        for atom in self._plain_roots(q, style, align):
            if isinstance(atom.node, tree.Root):
                yield Atom(atom.shape, atom.role, atom.cost, p, atom.q, atom.lost)
