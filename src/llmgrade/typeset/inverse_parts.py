"""What reading back works with: atoms, rows read so far, groups, and what each usually costs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Protocol, TypeAlias

from llmgrade.typeset import boxes, tree
from llmgrade.typeset.boxes import Box, MeasuredRow
from llmgrade.typeset.inverse_prior import START, Prior, core, role, usual
from llmgrade.typeset.inverse_tokens import MARK, Tokens
from llmgrade.typeset.inverse_words import word_at
from llmgrade.typeset.symbols import ACCENTS, BIG_OPERATORS
from llmgrade.typeset.tree import Node

Point: TypeAlias = boxes.Glyph

ONLY_IN_LAYERS: Final = frozenset(
    [c for c in ACCENTS.values() if c] + [c for c, _ in BIG_OPERATORS.values()] + list("⎧⎨⎩⎫⎬⎭\ue020")
)
"""Characters that are never anybody's own text."""

USUAL: Final = {
    "lower": 2.4, "Upper": 2.4, "greek": 2.6, "digit": 2.0, "rel": 1.9, "bin": 2.0, "partial": 2.2, "nabla": 2.2, "d": 4.0,
    "equals": 2.4, "open": 2.8, "close": 2.8, "minus": 3.6, "comma": 3.8, "prime": 3.6, "dot": 8.0, "slash": 6.5, "bang": 8.0,
}  # fmt: skip
"""Usual cost of one more character: what makes readings of different length comparable."""
MARK_USUAL: Final = 1.8
OTHER_USUAL: Final = 4.2


MANY: Final = frozenset({"lower", "Upper", "greek", "digit", "rel", "bin", "partial", "nabla"})
"""Roles whose characters are more or less frequent, which is no reading's merit."""


@lru_cache(maxsize=2048)
def usual_cost(char: str) -> float:
    """What reading this character usually costs, wherever it stands."""
    if char == MARK:
        return MARK_USUAL
    if char == "\xa0":
        return 1.0
    symbol = tree.symbol(char)
    name = role(symbol)
    return USUAL.get(name, OTHER_USUAL) + (usual().char("line", symbol) if name in MANY else 0.0)


DEPTH: Final = 14
"""Deepest nesting of groups."""
SPACES: Final = ((3.0, 0.167, 2.0), (5.0, 0.278, 2.2), (18.0, 1.0, 1.4), (36.0, 2.0, 2.4))
"""Explicit spaces: mu, em, cost of supposing one."""
CLOSER: Final = ((-3.0, -0.167, 1.0), *SPACES)
"""The same before what opens: some people set it closer to the name before it."""
OPENING_ROLES: Final = frozenset({"open", "delimited"})


def space_cost(place: str, mu: float, before: str, behind: str) -> float:
    """What it costs more to suppose a space where none is usual."""
    if mu < 0:
        return 0.0 if before == "op" else 3.0
    if place != "line":
        return 6.0 if place in ("b", "p") else 5.0 if mu > 5 else 1.5 if behind == "d" else 4.0
    if before in ("comma", "punct") or behind == "text":
        return 0.0
    if before == "text":
        return 1.0
    if mu <= 5:
        return 0.0 if behind == "d" or before == "close" else 3.0
    return 2.0 if before in ("rel", "equals") or behind in ("rel", "open") else 4.0


@lru_cache(maxsize=1024)
def _letter_cost(char: str) -> float:
    """What a letter costs by its rarity alone: a chat may have its own letters, and none of them is a misreading."""
    return 1.5 + usual().char("line", tree.symbol(char)) if char.isalpha() else 0.0


def usual_costs(tokens: Tokens) -> list[float]:
    """The usual cost of each token; words cost less than products of their letters, and rare letters what they cost."""
    out = [max(usual_cost(c), _letter_cost(c)) for c in tokens.chars]
    p = 0
    while p < len(tokens):
        longest = max(word_at(tokens, p, len(tokens)), key=lambda w: w[1], default=None)
        if longest is None:
            p += 1
            continue
        _, end, cost = longest
        out[p:end] = [(cost + 2.0) / (end - p)] * (end - p)
        p = end
    return out


BARE_END_BAR: Final = 0.6
"""Nats for a closing bar without scripts: the prior's bars are half of them opening ones, which never have any."""


def is_given(node: Node) -> bool:
    """Whether this is the bar of a condition, a relation only by its spacing."""
    return isinstance(node, tree.Sym) and node.char == "∣"


def bar_bit(node: Node) -> int:
    """Which of the two kinds of bar a node of role ``bar`` is."""
    bar = core(node)
    return 1 if isinstance(bar, tree.Sym) and bar.char == "∥" else 2


BLANK: Final = "blank"
"""Role of a typed blank: what stands beside it follows what stands before it."""


class OutOfTime(Exception):
    """The reader's time is up; what was found so far stands."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How hard to look: readings kept per end and per group, whether marks may be missing on the page."""

    copies: int = 3
    groups: int = 16
    wide: int = 40
    margin: float = 7.0
    sizes: bool = False
    drawn: bool = False
    lost_marks: bool = False
    joining: float = 0.0
    """Nats more for a wide space in the midst of things, where another formula may follow instead."""


class Shape:
    """A node and the box it takes up where it stands, built when it is first asked for: most are refused by their cost."""

    __slots__ = ("_box", "_setting", "node")

    def __init__(self, node: Node, setting: boxes.Setting, box: Box | None = None) -> None:
        self.node, self._setting, self._box = node, setting, box

    @property
    def box(self) -> Box:
        """The node's box."""
        if self._box is None:
            self._box = boxes.build(self.node, self._setting)
        return self._box

    def painted(self, box: Box) -> Shape:
        """The same node, painted otherwise."""
        return Shape(self.node, self._setting, box)


@dataclass(slots=True)
class Atom:
    """One atom read: its shape, its part of the cost, and how far it reads own text and layers."""

    shape: Shape
    role: str
    cost: float
    p: int
    q: int
    lost: int = 0
    """How many marks are supposed to be missing from the page."""

    @property
    def node(self) -> Node:
        """What it is."""
        return self.shape.node

    @property
    def box(self) -> Box:
        """The room it takes."""
        return self.shape.box


@dataclass(slots=True)
class Group:
    """One reading of a group that starts somewhere: its row, its cost, and where it ends."""

    row: MeasuredRow
    cost: float
    end: int
    written: str | None


class LossyRow(MeasuredRow):
    """A measured row that knows how many marks it supposes to be missing."""

    lost: int


def lost_in(node: Node) -> int:
    """How many marks the rows of a node suppose to be missing."""
    count = sum(getattr(row, "lost", 0) for _, row in tree.rows_of(node))
    if isinstance(node, tree.Scripts) and node.base is not None:
        count += lost_in(node.base)
    return count


class State:
    """A row read so far (a chain of atoms), with the pen and the last glyphs painted in its own text and its layers."""

    __slots__ = (
        "after", "at", "atom", "bars", "before", "cls", "cost", "first_after", "first_cls", "last", "lost", "own", "pen", "role",
        "space",
    )  # fmt: skip

    def __init__(self, cls: str, bars: int = 0) -> None:
        self.cost = 0.0
        self.before: State | None = None
        self.atom: Atom | None = None
        self.at = 0.0
        self.space = 0.0
        self.pen = 0.0
        self.cls = cls
        self.first_cls = ""
        self.last: Box | None = None
        self.role = START
        self.own: Point | None = None
        self.after: Point | None = None
        self.first_after: Point | None = None
        self.bars, self.lost = bars, 0

    def atoms(self) -> list[State]:
        """The states of the chain that hold an atom, in order."""
        chain: list[State] = []
        state: State | None = self
        while state is not None and state.atom is not None:
            chain.append(state)
            state = state.before
        chain.reverse()
        return chain

    def nodes(self) -> list[Node]:
        """The nodes of the row, explicit spaces among them."""
        out: list[Node] = []
        for state in self.atoms():
            if state.space:
                out.append(tree.Space(state.space))
            assert state.atom is not None
            out.append(state.atom.node)
        return out

    def box(self) -> Box:
        """The row as one box."""
        width = height = depth = 0.0
        own: list[boxes.Glyph] = []
        after: list[boxes.Glyph] = []
        for state in self.atoms():
            assert state.atom is not None
            b = state.atom.box
            own += boxes.moved(b.own, state.at, 0.0)
            after += boxes.moved(b.after, state.at, 0.0)
            height, depth = max(height, b.height), max(depth, b.depth)
        width = self.pen
        return Box("mord", width, height, depth, own, after)


def point(glyph: boxes.Glyph, dx: float) -> Point:
    """A glyph moved sideways."""
    return (glyph[0] + dx, *glyph[1:])


_GLUE = {
    style: {
        a: {b: mu / 18 * boxes._SIGMA["quad"][boxes._ROW[style]] * boxes.SCALE[style] for b, mu in row.items()}
        for a, row in (boxes._TIGHT_GLUE if style >= 4 else boxes._GLUE).items()
    }
    for style in range(8)
}
_NO_GLUE: dict[str, float] = {}


def glue(style: int, before: str, behind: str) -> float:
    """The glue between two classes of atoms, in em."""
    return _GLUE[style].get(before, _NO_GLUE).get(behind, 0.0)


def unbalanced(row: tuple[Node, ...]) -> int:
    """How many plain brackets and bars of a row have no partner; big ones are only read where they open."""
    depth = wrong = bars = doubles = 0
    for node in row:
        if isinstance(node, tree.Scripts):
            if node.base is None:
                continue
            node = node.base
        if isinstance(node, tree.Fixed):
            depth += 1
        elif isinstance(node, tree.Sym):
            if node.kind == "open" or node.char in "([":
                depth += 1
            elif node.kind == "close" and node.char not in "!?":
                depth -= 1
                if depth < 0:
                    wrong, depth = wrong + 1, 0
            elif node.char == "∥":
                doubles += 1
            elif node.char == "∣" and node.kind != "rel":
                bars += 1
    return wrong + depth + bars % 2 + doubles % 2


class Groups(Protocol):
    """What finding atoms asks of the reader whose rows they stand in."""

    tokens: Tokens
    chars: str
    gaps: str
    n: int
    prior: Prior
    effort: Effort
    paid: list[float]

    def groups(self, i: int, style: int, align: int, place: str) -> list[Group]: ...

    def tick(self) -> None: ...

    def dear(self, cost: float, i: int, j: int) -> bool: ...

    @property
    def spread(self) -> Callable[..., dict[int, dict[int, list[State]]]]: ...
