"""How one chat writes: what all likely readings of its formulas have in common tells how the open ones go.

The page often leaves open whose script a character is (``w^* = V`` or ``w = V^*``), or what a vertical list is
(a root of λ before w, or λ over w). A chat writes its letters the same way throughout, so each way is counted where
it is certain, and a reading pays for its letters by these counts instead of by how people write in general.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Final, TypeAlias

from llmgrade.errors import ExpressionError
from llmgrade.typeset import tree
from llmgrade.typeset.inverse_habits import TRANSPOSES
from llmgrade.typeset.inverse_prior import core, flat, usual
from llmgrade.typeset.latex import parse
from llmgrade.typeset.spelling import spell
from llmgrade.typeset.tree import Row

__all__ = ["ChatHabits", "rows_of_latex"]

Element: TypeAlias = tuple[str, ...]

STRENGTH: Final = 4.0
"""How many letters of the chat weigh as much as what is usual elsewhere."""
MOST: Final = 3.0
"""Nats by which one letter may count for or against a reading."""
ROOT: Final = 2.5
"""Nats off for a root that the chat has elsewhere."""
TOGETHER: Final = 1.0
"""Nats off for two neighbours that stand together elsewhere."""
TREE: Final = "\\"
"""Begins a script that is more than characters."""
RAISED: Final = "^"
"""Stands for any power of e: where it is Euler's it has one, where it is a letter it has none."""
SPELLED: Final = 6.0
"""Nats supposed for a script that is not often seen."""


class ChatHabits:
    """What one chat is sure to write.

    ``formulas`` are the likely readings of each of its formulas; what all readings of one have in common is counted.
    """

    def __init__(self, formulas: Iterable[Sequence[Row]] = ()) -> None:
        self._seen: Counter[Element] = Counter()
        self._letters: Counter[str] = Counter()
        for readings in formulas:
            if not readings:
                continue
            common = set.intersection(*(set(_elements(row)) for row in readings))
            self._seen.update(common)
            self._letters.update(e[1] for e in common if e[0] == "letter")
        self._known: dict[Element, float] = {}

    def bonus(self, row: Row) -> float:
        """Nats off for writing as the chat does; negative where a row writes letters as the chat does not."""
        if not self._seen:
            return 0.0
        return sum(self._of(element) for element in _elements(row))

    def _of(self, element: Element) -> float:
        found = self._known.get(element)
        if found is None:
            found = self._known[element] = self._weighed(element)
        return found

    def _weighed(self, element: Element) -> float:
        seen = self._seen[element]
        if element[0] == "root":
            return ROOT * (seen > 0)
        if element[0] == "pair":
            return TOGETHER * (seen > 0)
        usually = _usually(element)
        letters = self._letters[element[1]]
        here = (seen + STRENGTH * usually) / (letters + STRENGTH)
        return max(-MOST, min(MOST, math.log(here / usually)))


def rows_of_latex(formulas: Iterable[str]) -> list[list[Row]]:
    """Formulas given as LaTeX, each with its one reading; what cannot be read is left out."""
    out: list[list[Row]] = []
    for latex in formulas:
        try:
            out.append([parse(latex)])
        except ExpressionError:
            continue
    return out


@lru_cache(maxsize=4096)
def _usually(element: Element) -> float:
    """How likely a letter has this name, as people write."""
    _, char, sub, sup = element
    base = tree.symbol(char)
    prior = usual()
    if not sub and not sup:
        return math.exp(-prior.shape(base, "")) + math.exp(-prior.shape(base, "p"))
    cost = prior.shape(base, "b" * bool(sub) + "p" * bool(sup))
    for slot, script in (("b", sub), ("p", sup)):
        if script and script != RAISED:
            cost += prior.content(base, slot, None if script[0] == TREE else script, SPELLED)
    return math.exp(-cost)


def _elements(row: Row) -> Iterator[Element]:
    """The letters of a row with the scripts that name them, its roots, and its neighbours of which one has scripts."""
    before = ""
    scripted = False
    for node in row:
        if isinstance(node, tree.Space):
            continue
        now = ""
        if isinstance(node, tree.Scripts) or scripted:
            now = spell((node,))
            if before:
                yield "pair", before, now
        before, scripted = now or spell((node,)), isinstance(node, tree.Scripts)
        inner = core(node)
        if isinstance(inner, tree.Root):
            yield "root", spell(inner.body)
        elif isinstance(inner, tree.Sym) and inner.kind == "mathord" and inner.char.isalpha():
            sub, sup = (node.sub, node.sup) if isinstance(node, tree.Scripts) else (None, None)
            yield "letter", inner.char, _script(sub), _name(inner.char, _script(sup))
        for _, body in tree.rows_of(inner):
            yield from _elements(body)
        if isinstance(node, tree.Scripts):
            for _, body in tree.rows_of(node):
                if flat(body) not in TRANSPOSES:
                    yield from _elements(body)


def _script(row: Row | None) -> str:
    """A script as its characters, or as LaTeX where it is more than that; empty where there is none."""
    if row is None:
        return ""
    return flat(row) or TREE + spell(row)


def _name(char: str, sup: str) -> str:
    """An upper script where it belongs to a name (a star, a prime, an index); a transpose or a number is done to one."""
    if char == "e":
        return RAISED if sup else ""
    if sup in ("∗", "+", "−", "±") or sup[:1] in ("′", "("):
        return sup
    return sup if sup[:1] != "−" and any(c.islower() for c in sup) else ""
