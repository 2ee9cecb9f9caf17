"""A run of torn-out lines parted into formulas, cheaply: by how the lines of one formula usually follow each other.

Reading a run back tells for sure where each formula ends, but takes seconds a page. Here each line is only classed (a
script, a letter, a stretch that ends in a relation, one that U+200B marks …), with what the formula still owes: a blank
inside a product announces a script on a later line, U+200B the parts of a fraction or an index. How often one class
follows another inside a formula, and how often a formula ends there, was counted on formulas set and flattened by the
simulator (`printout_runs.json`). The cheapest way to part the run is found for each number of formulas, and the places
that the words have for formulas decide between those.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from llmgrade.reading.printout_lines import ZERO_WIDTH

__all__ = ["Part", "State", "classed", "first_state", "moved", "parted"]

_LONGEST = 56
"""Most lines in one formula."""
_RELATIONS = "=<>≤≥≈≠≡∈∉∼∝≪≫⇒→↦⟹⟺⇔⟶≷≶⊂⊆:\ue020"
_OPERATORS = "+−-⋅×±∓/∘⊗⊕"
_OPENS, _CLOSES = "([{⟨", ")]}⟩"
_GAP = re.compile(r"(?<=[^\W_])(?<![\d.]) (?=[^\W\d_(∥∣\[])|(?<=[)\]∥∣]) (?=[^\W_(∥\[)])|(?<=[^\W_]) (?=[)\]])")
_MARK = re.compile(r"^(?:[†∗⊤⊥′″]|−1|T ?−1|(?:T ?){2,}(?:−1)?|\(\d\)′?|T)$")
_TWO = re.compile(r"^[^\W\d_](?:,? ?[^\W\d_]|[=,]?\d)$")
_PLACE_WEIGHT = 1.2
"""Nats for a unit of what misplaced formulas cost (`printout_places`)."""


@dataclass(frozen=True, slots=True)
class Part:
    """One formula of a run: its first and last line (from 0), and its own part of their text."""

    first: int
    last: int
    written: tuple[str, ...]

    @property
    def shown(self) -> bool:
        """Whether it looks like a displayed formula: long, or boxed."""
        return len(self.written) >= 9 or (self.written[0] == ZERO_WIDTH and len(self.written) > 1)


@dataclass(frozen=True, slots=True)
class _Unit:
    """A line, or a part of one that may be a formula of its own; ``joined`` follows another on the same line."""

    line: int
    text: str
    joined: bool = False


@dataclass(frozen=True, slots=True)
class State:
    """A formula read up to a line: the line's class, and what the formula owes."""

    kind: str
    is_open: bool = False
    owed: int = 0
    depth: int = 0
    tail: str = ""
    """The last character of the formula's own text (not of a script or another part)."""

    @property
    def keys(self) -> tuple[str, ...]:
        """The state as the table knows it, ever more exactly."""
        return "*", f"{self.kind}{'o' if self.is_open else 'c'}", self.key

    @property
    def key(self) -> str:
        """The state as the table knows it."""
        owed = "-" if self.owed < 0 else str(min(self.owed, 2))
        return (
            f"{self.kind}{'o' if self.is_open else 'c'}{owed}{'(' if self.depth > 0 else ')' if self.depth < 0 else ''}"
        )


def classed(text: str) -> str:
    """The class of a line."""
    bare = text.replace(ZERO_WIDTH, "").strip()
    if not bare:
        return "z"
    head = "Z" if ZERO_WIDTH in text else ""
    if head:
        tail = text.rsplit(ZERO_WIDTH, 1)[1]
        if text.startswith(ZERO_WIDTH) and len(tail) <= 2 and tail[:1] not in ("", " ") and tail == bare:
            return "Zi" if tail[-1] not in _RELATIONS + _OPERATORS else "Z="
        return "Z=" if bare[-1] in _RELATIONS + _OPERATORS + _OPENS + "," else "Zx"
    if _MARK.match(bare):
        return "t" if bare == "T" else "m"
    if len(bare) == 1:
        if bare.isdigit():
            return "1"
        if bare.isalpha():
            return "i" if bare in "ijklmnrstd" else "a"
        return "=" if bare in _RELATIONS else "+" if bare in _OPERATORS else "s"
    if bare.lstrip("−").replace(".", "").isdigit():
        return "1"
    if _TWO.match(bare):
        return "2"
    begins = "=" if bare[0] in _RELATIONS else "+" if bare[0] in _OPERATORS else ""
    if bare[-1] in _RELATIONS + _OPERATORS + _OPENS:
        return begins + "o"
    return begins + ("g" if _GAP.search(bare) else "c")


def first_state(text: str) -> State:
    """After a formula's first line."""
    return moved(State(""), text)


def moved(state: State, text: str) -> State:
    """After one more line."""
    kind = classed(text)
    bare = text.replace(ZERO_WIDTH, "").strip()
    script = kind in ("t", "m", "1", "i", "a", "2") and state.kind != ""
    owed, is_open, tail = state.owed, state.is_open, state.tail
    part = owed > 0 and not (text.startswith(ZERO_WIDTH) and not is_open) and bare[:1] not in _RELATIONS
    if part or (script and not is_open):
        owed -= 1
    else:
        is_open = bool(bare) and bare[-1] in _RELATIONS + _OPERATORS + _OPENS + ","
    owed += len(_GAP.findall(bare)) + _marks_owe(text, "" if part else tail, alone=state.kind in ("", "z"))
    if not part and not (script and not state.is_open):
        tail = bare[-1:] or ZERO_WIDTH
    depth = state.depth + sum(c in _OPENS for c in bare) - sum(c in _CLOSES for c in bare)
    return State(kind, is_open, max(-1, min(owed, 6)), max(-2, min(depth, 3)), tail)


def _marks_owe(text: str, before: str, *, alone: bool) -> int:
    """How many lines the marks of a line announce: after a letter an index, after nothing a fraction's two parts."""
    owed = 0
    for at, char in enumerate(text):
        if char != ZERO_WIDTH:
            continue
        left = text[at - 1] if at else before
        if text == ZERO_WIDTH and alone:
            continue  # a box
        owed += 1 if left.isalnum() or left in (")", "]", "∥", "′") else 2
        following = text[at + 1 : at + 3]
        if at == 0 and following and not following.startswith(" ") and len(text) <= 3 and following[-1:].isalnum():
            owed -= 1  # the index itself stands right behind its mark
    return owed


def parted(lines: Sequence[str], fits: Callable[[Sequence[bool]], float]) -> tuple[Part, ...]:
    """The formulas of a run. ``fits`` prices the words' places for so many formulas (each: displayed or not)."""
    units = [unit for number, line in enumerate(lines) for unit in _units(number, line)]
    if not units:
        return ()
    best, back = _cheapest(units)
    last = len(units)
    chosen: tuple[float, list[tuple[int, int]]] | None = None
    least = min(row[last] for row in best)
    for count in range(1, last + 1):
        if best[count][last] > least + 12:
            continue
        bounds = _bounds(back, count, last)
        price = best[count][last] + _PLACE_WEIGHT * fits([_part(units[i:j]).shown for i, j in bounds])
        if chosen is None or price < chosen[0]:
            chosen = price, bounds
    assert chosen is not None
    return tuple(_part(units[i:j]) for i, j in chosen[1])


def _cheapest(units: Sequence[_Unit]) -> tuple[list[list[float]], list[list[int]]]:
    """For each number of formulas and each prefix of units, the least price and where the last formula begins."""
    n = len(units)
    price = [_prices(units, i) for i in range(n)]
    best = [[math.inf] * (n + 1) for _ in range(n + 1)]
    back = [[0] * (n + 1) for _ in range(n + 1)]
    best[0][0] = 0.0
    for count in range(1, n + 1):
        before, row, source = best[count - 1], best[count], back[count]
        for i in range(count - 1, n):
            base = before[i]
            if base == math.inf:
                continue
            for k, cost in enumerate(price[i]):
                j = i + 1 + k
                if base + cost < row[j]:
                    row[j], source[j] = base + cost, i
    return best, back


def _prices(units: Sequence[_Unit], i: int) -> list[float]:
    """What units ``i:j`` cost as one formula, for each ``j`` from ``i + 1`` on."""
    table = _table()
    state = first_state(units[i].text)
    cost = table.first(state.kind) + (1.5 if units[i].joined else 0.0)
    out = [cost + table.follow(state, "$")]
    for unit in units[i + 1 : i + _LONGEST]:
        after = moved(state, unit.text)
        cost += table.follow(state, after.kind) + (3.0 if unit.joined else 0.0)
        state = after
        out.append(cost + table.follow(state, "$"))
    return out


class _Table:
    """How often one class follows another; ``$`` is the formula's end."""

    def __init__(self, counts: dict[str, dict[str, int]]) -> None:
        self.counts = counts
        self.totals = {key: sum(row.values()) for key, row in counts.items()}
        self.cached: dict[tuple[str, str], float] = {}

    def first(self, kind: str) -> float:
        """Nats for a formula that begins with a line of this class."""
        row = self.counts["^"]
        return -math.log((row.get(kind, 0) + 0.5) / (self.totals["^"] + 10))

    def follow(self, state: State, kind: str) -> float:
        """Nats for a line of class ``kind`` (or the end) after ``state``."""
        key = state.key, kind
        found = self.cached.get(key)
        if found is None:
            found = self.cached[key] = -math.log(self._share(state, kind))
        return found

    def _share(self, state: State, kind: str) -> float:
        share = 1 / 24
        for key in state.keys:
            row = self.counts.get(key, {})
            weight = 4.0
            share = (row.get(kind, 0) + weight * share) / (self.totals.get(key, 0) + weight)
        return share


@cache
def _table() -> _Table:
    text = files("llmgrade.reading").joinpath("printout_runs.json").read_text(encoding="utf-8")
    return _Table(json.loads(text))


def _bounds(back: list[list[int]], count: int, last: int) -> list[tuple[int, int]]:
    bounds = []
    while count:
        first = back[count][last]
        bounds.append((first, last))
        count, last = count - 1, first
    return bounds[::-1]


def _part(units: Sequence[_Unit]) -> Part:
    texts: list[str] = []
    for number, unit in enumerate(units):
        if unit.joined and number:
            texts[-1] += " " + unit.text
        else:
            texts.append(unit.text)
    return Part(units[0].line, units[-1].line, tuple(texts))


def _units(number: int, line: str) -> list[_Unit]:
    """A line cut where one inline formula may end and another begin: ``w > 0 x > 0``."""
    cuts: list[int] = []
    for match in re.finditer(" ", line):
        left, right = line[: match.start()], line[match.end() :]
        if not left or left[-1] in _RELATIONS + _OPERATORS + _OPENS + "," or "\u00a0" in line:
            continue
        head = re.match(r"[^\W\d_]\w?(?:\([^()]*\))?[′]? ?(?=[" + re.escape(_RELATIONS) + "])", right)
        since = left[cuts[-1] :] if cuts else left
        if head and any(char in _RELATIONS for char in since):
            cuts.append(match.start())
    bounds = [0, *(cut + 1 for cut in cuts), len(line) + 1]
    return [
        _Unit(number, line[a : b - 1], joined=k > 0) for k, (a, b) in enumerate(zip(bounds, bounds[1:], strict=False))
    ]
