"""How mathematics is usually written: what follows what, what is raised or lowered on what.

Counted on ``inverse_formulas.txt``, a collection of formulas of many subjects. The page shows the characters, so a
reading is not paid for its letters but for their places: each cost is ``-log`` of a smoothed relative frequency (nats).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable
from functools import cache, lru_cache, partial
from importlib import resources
from typing import Final

from llmgrade.typeset import tree
from llmgrade.typeset.latex import parse
from llmgrade.typeset.tree import Node, Row

__all__ = ["Prior", "flat", "role", "usual"]

START: Final = "^"
END: Final = "$"
OTHER_SIGN: Final = 0.5
"""Nats for a transpose written ``\\top``."""
POOLED: Final = 25.0
"""How many characters seen in one place weigh as much as what is usual in all of them."""
END_BAR: Final = "bar)"
"""Role of a bar that closes."""


def flat(row: Row) -> str | None:
    """The row as a string where it is nothing but characters and words, else None."""
    out = []
    for node in row:
        match node:
            case tree.Sym(char):
                out.append(char)
            case tree.Operator(name):
                out.append(name)
            case tree.Text(text):
                out.append(text)
            case tree.Font(_, body) | tree.Group(body):
                inner = flat(body)
                if inner is None:
                    return None
                out.append(inner)
            case tree.Space():
                continue
            case _:
                return None
    return "".join(out)


def content_kind(written: str | None) -> str:
    """The kind of a script's content."""
    if not written:
        return "tree"
    if written[0] in "([":
        return "index" if written[-1] in ")]" else "tree"
    if len(written) == 1:
        return _role_of_symbol(written, tree.symbol(written).kind)
    if written[0] == "−":
        return "negative" if written[1:].isdigit() or written[1:] in ("T", "k", "n", "⊤") else "exponent"
    if written.isdigit():
        return "digit"
    if written.isalpha():
        return "letters" if len(written) <= 2 else "word"
    if any(c in "=<>≤≥∈∼≠" for c in written):
        return "relation"
    return "short" if len(written) <= 3 else "long"


def core(node: Node) -> Node:
    """The node without fonts, braces and scripts around it."""
    while True:
        match node:
            case tree.Font(_, (only,)) | tree.Group((only,)):
                node = only
            case tree.Scripts(base) if base is not None:
                node = base
            case _:
                return node


_ROLE_OF_CHAR: Final = {"∂": "partial", "d": "d", ".": "dot", "∣": "bar", "∥": "bar", "′": "prime", "/": "slash", "!": "bang", "∇": "nabla", "Δ": "nabla", "−": "minus", "=": "equals", ",": "comma", "(": "open", ")": "close", "∈": "in"}  # fmt: skip
_ROLE_OF_NODE: Final = {
    tree.Operator: "op", tree.BigOperator: "big", tree.Text: "text", tree.Fraction: "frac", tree.Root: "root",
    tree.Accent: "accent", tree.Stretchy: "accent", tree.LeftRight: "delimited", tree.Array: "array", tree.Boxed: "box",
    tree.Negated: "rel", tree.NotIn: "rel", tree.LongArrow: "rel", tree.Ruled: "ruled", tree.Stack: "stack",
    tree.Brace: "brace", tree.LabelledArrow: "rel", tree.Fixed: "fixed",
}  # fmt: skip


@lru_cache(maxsize=4096)
def _role_of_symbol(char: str, kind: str) -> str:
    if char.isdigit():
        return "digit"
    if kind == "rel" and char in "∣∥":
        return "rel"
    known = _ROLE_OF_CHAR.get(char)
    if known is not None:
        return known
    if kind in ("bin", "rel", "open", "close", "punct", "inner"):
        return kind
    if char.isalpha():
        return "Upper" if char.isupper() else "lower" if char.isascii() else "greek"
    return "other"


def role(node: Node) -> str:
    """What kind of atom this is to its neighbours."""
    node = core(node)
    if isinstance(node, tree.Sym):
        return _role_of_symbol(node.char, node.kind)
    return _ROLE_OF_NODE.get(type(node), "other")


def base_key(node: Node | None) -> str:
    """What scripts hang on: the character, or the kind of node."""
    if node is None:
        return "nothing"
    node = core(node)
    match node:
        case tree.Sym(char):
            return char
        case tree.BigOperator(char):
            return char
        case tree.Operator(name):
            return name
        case _:
            return role(node)


class Prior:
    """Costs of readings, from counts over ``formulas`` (LaTeX)."""

    def __init__(self, formulas: Iterable[str]) -> None:
        self.pairs: Counter[tuple[str, str, str]] = Counter()
        self.before: Counter[tuple[str, str]] = Counter()
        self.chars: Counter[tuple[str, str, str]] = Counter()
        self.roles: Counter[tuple[str, str]] = Counter()
        self.shapes: Counter[tuple[str, str]] = Counter()
        self.bases: Counter[str] = Counter()
        self.contents: Counter[tuple[str, str, str]] = Counter()
        self.scripts: Counter[tuple[str, str]] = Counter()
        self.kinds: Counter[tuple[str, str, str]] = Counter()
        for formula in formulas:
            self._row(parse(formula), "line")
        self.followers: Counter[tuple[str, str]] = Counter((place, before) for place, before, _ in self.pairs)
        self.alone: Counter[str] = Counter()
        for (place, _, now), count in self.pairs.items():
            if not place:
                self.alone[now] += count
        self.all = sum(self.alone.values())
        self._followers: dict[str, Callable[[str, str], float]] = {}
        self._cache: dict[tuple[str, ...], float] = {}

    # ---- counting

    def _row(self, row: Row, place: str) -> None:
        before = START
        open_bars: set[str] = set()
        for node in row:
            if isinstance(node, tree.Space):
                continue
            now = role(node)
            if now == "bar":
                char = base_key(node)
                now = END_BAR if char in open_bars else now
                open_bars ^= {char}
            for where in {place, ""}:
                self.pairs[where, before, now] += 1
                self.before[where, before] += 1
            before = now
            self._node(node, place)
        for where in {place, ""}:
            self.pairs[where, before, END] += 1
            self.before[where, before] += 1

    def _node(self, node: Node, place: str) -> None:
        if isinstance(node, tree.Scripts):
            shape = ("b" if node.sub is not None else "") + ("p" if node.sup is not None else "")
            self._shape(node.base, shape)
            for content, slot in ((node.sub, "b"), (node.sup, "p")):
                if content is not None:
                    self._content(node.base, content, slot)
            if node.base is not None:
                self._inside(node.base, place)
        else:
            self._shape(node, "")
            self._inside(node, place)

    def _shape(self, base: Node | None, shape: str) -> None:
        for key in (base_key(base), "/" + (role(base) if base is not None else "nothing")):
            self.shapes[key, shape] += 1
            self.bases[key] += 1

    def _content(self, base: Node | None, content: Row, slot: str) -> None:
        written = flat(content)
        for key in (base_key(base), "/" + (role(base) if base is not None else "nothing"), ""):
            self.scripts[slot, key] += 1
            self.kinds[slot, key, content_kind(written)] += 1
            if written is not None:
                self.contents[slot, key, written] += 1
        self._row(content, slot)

    def _inside(self, node: Node, place: str) -> None:
        node = core(node)
        match node:
            case tree.Sym(char):
                now = role(node)
                for where in {place, ""}:
                    self.chars[where, now, char] += 1
                    self.roles[where, now] += 1
            case _:
                inner = {tree.Fraction: "part", tree.Array: "cell", tree.LeftRight: "line", tree.Boxed: "line"}
                for _, row in tree.rows_of(node):
                    self._row(row, inner.get(type(node), "part"))

    # ---- costs

    def follow(self, place: str, before: str, now: str) -> float:
        """Cost of an atom of role ``now`` after one of role ``before`` (``"^"`` at the start, ``"$"`` at the end)."""
        key = ("f", place, before, now)
        cost = self._cache.get(key)
        if cost is None:
            seen, kinds = self.before["", before], self.followers["", before]
            rare = 1.5 * kinds + 1.0
            pooled = (self.pairs["", before, now] + rare * self._alone(now)) / (seen + rare)
            here, rare = self.before[place, before], 4.0 * self.followers[place, before] + 2.0
            cost = -math.log((self.pairs[place, before, now] + rare * pooled) / (here + rare))
            self._cache[key] = cost
        return cost

    def _alone(self, now: str) -> float:
        """How often a role is met, whatever is before it."""
        return (self.alone[now] + 2.0) / (self.all + 80.0)

    def follower(self, place: str) -> Callable[[str, str], float]:
        """`follow` in one place, remembered."""
        if place not in self._followers:
            self._followers[place] = cache(partial(self.follow, place))
        return self._followers[place]

    def char(self, place: str, symbol: tree.Sym) -> float:
        """Cost of a character among those of its role in this place."""
        key = ("c", place, symbol.char, symbol.kind)
        cost = self._cache.get(key)
        if cost is None:
            now = role(symbol)
            pooled = (self.chars["", now, symbol.char] + 0.5) / (self.roles["", now] + 30.0)
            here = self.chars[place, now, symbol.char] + POOLED * pooled
            cost = -math.log(here / (self.roles[place, now] + POOLED))
            self._cache[key] = cost
        return cost

    def shape(self, base: Node | None, shape: str) -> float:
        """Cost of ``base`` having no script (``""``), a lower (``"b"``), an upper (``"p"``) or both (``"bp"``)."""
        char, kind = base_key(base), "/" + (role(base) if base is not None else "nothing")
        key = ("s", char, kind, shape)
        cost = self._cache.get(key)
        if cost is None:
            by_kind = (self.shapes[kind, shape] + 0.15) / (self.bases[kind] + 0.6)
            cost = -math.log((self.shapes[char, shape] + 5 * by_kind) / (self.bases[char] + 5.0))
            self._cache[key] = cost
        return cost

    def content(self, base: Node | None, slot: str, written: str | None, row_cost: float) -> float:
        """Cost of a script's content: as a whole that is often seen there, or spelled out at ``row_cost``."""
        char, kind = base_key(base), "/" + (role(base) if base is not None else "nothing")
        spelled = row_cost + self._kind_cost(slot, char, kind, content_kind(written))
        if written == "⊤":
            # However it is written, a transpose is a transpose.
            written, spelled = "T", spelled + OTHER_SIGN
        if written is None:
            return spelled
        key = ("w", slot, char, kind, written)
        whole = self._cache.get(key)
        if whole is None:
            p0 = self.contents[slot, "", written] / (self.scripts[slot, ""] + 4.0)
            p1 = (self.contents[slot, kind, written] + 4 * p0) / (self.scripts[slot, kind] + 4.0)
            whole = (self.contents[slot, char, written] + 4 * p1) / (self.scripts[slot, char] + 4.0)
            self._cache[key] = whole
        return -math.log(0.8 * whole + math.exp(-spelled))

    def _kind_cost(self, slot: str, char: str, kind: str, content: str) -> float:
        """Cost of this kind of content, where it has to be spelled out."""
        key = ("k", slot, char, kind, content)
        cost = self._cache.get(key)
        if cost is None:
            p0 = (self.kinds[slot, "", content] + 0.5) / (self.scripts[slot, ""] + 5.0)
            p1 = (self.kinds[slot, kind, content] + 6 * p0) / (self.scripts[slot, kind] + 6.0)
            p2 = (self.kinds[slot, char, content] + 4 * p1) / (self.scripts[slot, char] + 4.0)
            cost = self._cache[key] = 0.5 - math.log(p2)
        return cost


@lru_cache(maxsize=1)
def usual() -> Prior:
    """The prior counted on the collection that ships with the program."""
    text = resources.files(__package__).joinpath("inverse_formulas.txt").read_text(encoding="utf-8")
    return Prior(line for line in text.splitlines() if line and not line.startswith("# "))
