r"""A formula on one line of a page's text, its scripts put down among the letters: every way to raise them again.

Extractors that read a page from left to right give ``(XTX + λI)−1XTy`` for ``(X^T X + \lambda I)^{-1} X^T y``. Most of
it can only be read one way, for typeset mathematics has no number behind a letter and no T behind a matrix but as
scripts. What can be read in several ways gets several readings, so that nothing is judged by one of them alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from llmgrade.typeset.spelling import spell
from llmgrade.typeset.tree import Accent, BigOperator, Node, Operator, Row, Scripts, Sym, symbol

__all__ = ["MOST", "Habits", "line_readings", "row_readings", "spelled"]

MOST = 16
"""Readings of one formula; what has more is not read."""
_UNLIKELY = 0.3
"""What a reading costs that hardly anybody means: it may clear an answer, not condemn it."""
_ODD = 0.4
_NAMES = ("argmax", "argmin", "log", "ln", "exp", "sin", "cos", "tan", "max", "min", "det", "rank", "tr", "lim", "diag")
_ACCENTS = {"^": "\\hat", "ˆ": "\\hat", "ˉ": "\\bar", "¯": "\\bar", "~": "\\tilde", "˜": "\\tilde", "ˇ": "\\check", "˙": "\\dot", "¨": "\\ddot"}  # fmt: skip
_RAISED = frozenset("†∗⊤′‡")
_RELATION = frozenset("=<>≤≥≠≈≡∝→⇒∈∼↦⟹⟺⇔≪≫:∣")
_BINARY = frozenset("+−±⋅×∗∓")
_OPEN, _CLOSE = frozenset("([{"), frozenset(")]}")
_BARS = frozenset("∥‖")
_INDEX = frozenset("ijknmt")
_ONLY_INDEX = frozenset("ij")
"""Letters that hardly ever are a factor."""
_LARGE = frozenset("∑∏∫")
_SPACES = re.compile(r"[ \u00a0\u2000-\u200b]+")


@dataclass(frozen=True, slots=True)
class _Way:
    """A reading of the first atoms."""

    row: Row = ()
    cost: float = 0.0


@dataclass(frozen=True, slots=True)
class Habits:
    """What the rest of a chat's text says of its letters and of its extractor."""

    letters: frozenset[str] = frozenset()
    """Names that stand for quantities in this chat though they look like scripts (a time ``T``)."""
    indexed: frozenset[str] = frozenset()
    """Letters that a 1 or 0 stands behind somewhere: a 2 behind them may be an index."""
    spaced: bool = True
    """Whether the extractor leaves blanks around binary signs, so that one without stands in a script."""


def line_readings(text: str, habits: Habits = Habits()) -> tuple[tuple[str, float], ...]:
    r"""LaTeX and cost of the ways to read one line, the likeliest first; () where there are too many or none.

    >>> line_readings("w^ = (XTX + λI)−1XTy")
    (('\\hat{w} = (X^{T}X + \\lambda I)^{-1}X^{T}y', 0.0),)
    """
    return spelled(row_readings(text, habits))


def spelled(ways: Sequence[tuple[Row, float]]) -> tuple[tuple[str, float], ...]:
    """The ways as LaTeX, each once, the likeliest first."""
    found: dict[str, float] = {}
    for row, cost in sorted(ways, key=lambda way: way[1]):
        found.setdefault(spell(row), cost)
    return tuple(found.items())


def row_readings(text: str, habits: Habits = Habits()) -> list[tuple[Row, float]]:
    """As `line_readings`, as trees."""
    chars = [(char, bool(before.strip())) for before, char in _atoms(text)]
    if not chars or len(chars) > 90 or not _balanced(text):
        return []
    reader = _Linear(chars, habits)
    ways = reader.ways(0, len(chars))
    return [(way.row, way.cost) for way in ways] if len(ways) <= MOST else []


def _atoms(text: str) -> Iterator[tuple[str, str]]:
    before = " "
    for char in text:
        if not _SPACES.fullmatch(char):
            yield before, char
        before = char if not _SPACES.fullmatch(char) else " "


def _balanced(text: str) -> bool:
    depth = 0
    for char in text:
        depth += (char in _OPEN) - (char in _CLOSE)
        if depth < 0:
            return False
    return depth == 0


def _letter_of(node: Node) -> str:
    return node.char if isinstance(node, Sym) else ""


class _Linear:
    """Reads ``chars``: ``(character, whether it is joined to the one before)``."""

    def __init__(self, chars: list[tuple[str, bool]], habits: Habits) -> None:
        self.chars = chars
        self.letters, self.indexed, self.spaced = habits.letters, habits.indexed, habits.spaced
        self.closing = self._closing_bars()

    def _closing_bars(self) -> frozenset[int]:
        bars = [k for k, (char, _) in enumerate(self.chars) if char in _BARS]
        return frozenset(bars[1::2]) if len(bars) % 2 == 0 else frozenset(bars)

    def ways(self, start: int, stop: int) -> list[_Way]:
        """All readings of ``chars[start:stop]``; more than `MOST` where there are too many."""
        reached: dict[int, list[_Way]] = {start: [_Way()]}
        for k in range(start, stop):
            for way in reached.pop(k, ()):
                for end, row, cost in self._steps(k, stop, way.row):
                    ways = reached.setdefault(end, [])
                    if len(ways) <= 4 * MOST:
                        ways.append(_Way(row, way.cost + cost))
        found = reached.get(stop, [])
        found.sort(key=lambda way: way.cost)
        return found

    def _steps(self, k: int, stop: int, row: Row) -> Iterator[tuple[int, Row, float]]:
        char, joined = self.chars[k]
        base = row[-1] if row else None
        if char in _ACCENTS and base is not None and isinstance(base, Sym) and base.char.isalpha():
            yield k + 1, (*row[:-1], Accent(_ACCENTS[char], (base,))), 0.0
            return
        ends = k + 1 == stop or self.chars[k + 1][0] in _RELATION or self.chars[k + 1][0] in _CLOSE
        if base is not None and char in _RAISED and self._takes_script(base, k) and (joined or ends or char != "∗"):
            yield from self._raise(row, k + 1, (symbol(char),), 0.0)
            return
        if char.isdigit():
            yield from self._number(k, stop, row, base)
            return
        if char in "−-" and base is not None and self._joined(k + 1, stop) and self._takes_script(base, k):
            if joined or self.spaced:
                yield from self._exponent(k, stop, row)
                return
        if char.isalpha():
            yield from self._letter(k, stop, row, base, joined)
            return
        yield k + 1, (*row, BigOperator(char, char != "∫") if char in _LARGE else symbol(char)), 0.0

    def _joined(self, k: int, stop: int) -> bool:
        return k < stop and self.chars[k][1]

    def _takes_script(self, base: Node, k: int) -> bool:
        """Whether the node before ``k`` can bear a script."""
        match base:
            case Sym(char):
                if char in _BARS:
                    return k - 1 in self.closing
                return (char.isalpha() and char not in "∂∇∑∏∫") or char in _CLOSE
            case Accent() | Scripts():
                return True
            case _:
                return False

    def _raise(self, row: Row, end: int, script: Row, cost: float) -> Iterator[tuple[int, Row, float]]:
        match row[-1]:
            case Scripts(inner, sub, None):
                yield end, (*row[:-1], Scripts(inner, sub, script)), cost
            case Scripts(inner, sub, sup) if sup is not None:
                yield end, (*row[:-1], Scripts(inner, sub, (*sup, *script))), cost
            case node:
                yield end, (*row[:-1], Scripts(node, None, script)), cost

    def _lower(self, row: Row, end: int, script: Row, cost: float) -> Iterator[tuple[int, Row, float]]:
        node = row[-1]
        if not isinstance(node, Scripts):
            yield end, (*row[:-1], Scripts(node, script, None)), cost

    def _number(self, k: int, stop: int, row: Row, base: Node | None) -> Iterator[tuple[int, Row, float]]:
        end = k + 1
        while end < stop and self.chars[end][1] and (self.chars[end][0].isdigit() or (self.chars[end][0] == "." and end + 1 < stop and self.chars[end + 1][0].isdigit())):  # fmt: skip
            end += 1
        digits: Row = tuple(symbol(char) for char, _ in self.chars[k:end])
        if base is None or not self._takes_script(base, k):
            if isinstance(base, Sym) and base.char.isdigit():
                return  # two numbers side by side: one of them is a script of something that stands elsewhere
            yield end, (*row, *digits), 0.0
            return
        closes = isinstance(base, Sym) and base.char in _CLOSE
        bars = isinstance(base, Sym) and base.char in _BARS
        if bars and len(digits) == 2:
            yield end, (*row[:-1], Scripts(base, digits[:1], digits[1:])), 0.0
            return
        if isinstance(base, Scripts) and base.sup is not None:
            return
        yield from self._raise(row, end, digits, 0.0)
        if not closes and not isinstance(base, Scripts):
            # Who has an x with index 2 has one with index 1 too.
            counted = digits[0] in (symbol("0"), symbol("1")) or bars or _letter_of(base) in self.indexed
            yield from self._lower(row, end, digits, 0.0 if counted else _UNLIKELY)
            if len(digits) == 2:
                yield end, (*row[:-1], Scripts(base, digits[:1], digits[1:])), _UNLIKELY

    def _exponent(self, k: int, stop: int, row: Row) -> Iterator[tuple[int, Row, float]]:
        """A minus joined on both sides: in a script, or (where blanks say nothing) between terms."""
        minus = symbol("−")
        ends = self._script_ends(k, stop)
        if self.chars[k + 1][0].isdigit():
            end = ends[0]
            behind = self.chars[end][0] if end < stop else ""
            yield from self._raise(row, end, (minus, *self._plain(k + 1, end)), 0.0)
            if not (behind.isalpha() or behind == "("):
                yield k + 1, (*row, minus), _UNLIKELY if self.spaced else 0.0
            return
        base = row[-1]
        natural = isinstance(base, Sym) and base.char == "e"
        for end in ends[-1:]:
            for way in self.ways(k + 1, end)[:4]:
                yield from self._raise(
                    row, end, (minus, *way.row), way.cost + (0.0 if natural or self.spaced else _UNLIKELY)
                )
        for end in ends[:-1]:
            yield from self._raise(row, end, (minus, *self._plain(k + 1, end)), _ODD)
        yield k + 1, (*row, minus), _UNLIKELY if natural or self.spaced else 0.0

    def _plain(self, start: int, stop: int) -> Row:
        return tuple(symbol(char) for char, _ in self.chars[start:stop])

    def _script_ends(self, k: int, stop: int) -> list[int]:
        """Where a script that begins at ``k`` may end: after its first number or letter, or where the joined stretch does."""
        first = k + 1
        if self.chars[k][0] in "−-" and first < stop:
            first += 1
            while first < stop and self.chars[first][1] and self.chars[first - 1][0].isdigit() and self.chars[first][0].isdigit():  # fmt: skip
                first += 1
        end, depth = k + 1, int(self.chars[k][0] in _OPEN)
        while end < stop:
            char, joined = self.chars[end]
            if depth == 0 and (not joined or char in _RELATION or char in _CLOSE or char in _BARS or char in ",.;"):
                break
            depth += (char in _OPEN) - (char in _CLOSE)
            end += 1
        return sorted({first, end})

    def _letter(self, k: int, stop: int, row: Row, base: Node | None, joined: bool) -> Iterator[tuple[int, Row, float]]:
        char = self.chars[k][0]
        word = "".join(c for c, _ in self.chars[k : k + 6])
        name = next((name for name in _NAMES if word.startswith(name) and self._together(k, len(name))), None)
        if name is not None:
            yield k + len(name), (*row, Operator(name, name in ("max", "min", "lim", "argmax", "argmin"))), 0.0
            return
        if char == "T" and "T" not in self.letters and base is not None and self._takes_script(base, k):
            if not (isinstance(base, Scripts) and base.sup is not None):
                yield from self._raise(row, k + 1, (symbol("T"),), 0.0)
                return
        if isinstance(base, BigOperator) and joined and char in _INDEX:
            yield k + 1, (*row[:-1], Scripts(base, (symbol(char),), None)), 0.0
            return
        if isinstance(base, Sym) and base.char == "e" and joined and len(row) >= 1:
            ends = self._script_ends(k, stop)
            for way in self.ways(k, ends[-1])[:3]:
                yield from self._raise(row, ends[-1], way.row, way.cost)
            if ends[0] != ends[-1]:
                yield from self._raise(row, ends[0], self._plain(k, ends[0]), _UNLIKELY)
            yield k + 1, (*row, symbol(char)), _UNLIKELY
            return
        node: Node = symbol(char)
        indexed = (
            (joined or base == symbol("I"))
            and char in _INDEX
            and isinstance(base, Sym)
            and base.char.isalpha()
            and base.char not in "d∂"
        )
        if not indexed or base is None or not self._takes_script(base, k):
            yield k + 1, (*row, node), 0.0
            return
        likely = char in _ONLY_INDEX or base == symbol("I")
        yield from self._lower(row, k + 1, (symbol(char),), 0.0 if likely else _UNLIKELY)
        yield k + 1, (*row, node), _UNLIKELY if likely else 0.0

    def _together(self, k: int, length: int) -> bool:
        return all(joined for _, joined in self.chars[k + 1 : k + length])
