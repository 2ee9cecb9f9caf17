r"""A formula's characters in the order they were painted, on one line: what can have been painted so.

Some extractors keep the order of painting but join lines, so that the new lines that tell scripts apart are gone. What
is left are blanks: a blank stands where there was one or where a new line was, none where glyphs touched or a line ended.
Every way to hang the layers (scripts, accents, halves of fractions) on the characters of their level is set again by the
simulator, and those that leave other blanks fall away.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import combinations, islice

from llmgrade.limits import Deadline
from llmgrade.typeset.forward import Mode, flatten
from llmgrade.typeset.inverse_tokens import MARK, tokens
from llmgrade.typeset.latex import LatexError
from llmgrade.typeset.spelling import spell
from llmgrade.typeset.tree import Accent, Fraction, Node, Row, Scripts, Sym, symbol

__all__ = ["stream_readings"]

_LONGEST = 48
_MOST = 12
_WAYS = 60
_SECONDS = 2.0
_HALF = 4
_SLANTED = frozenset("UNTWFMPVYf")
"""Letters that lean over what follows them: the gap behind them may count as a blank."""
_RAISED = frozenset("T†⊤∗′")
_INDEX = frozenset("ijknmt")
_ACCENTS = {"^": "\\hat", "ˉ": "\\bar", "~": "\\tilde", "ˇ": "\\check", "˙": "\\dot"}
_BEARS = frozenset(")]∥")
_NEVER = frozenset("√|∣∑∏∫{}⎧⎨⎩")

Piece = tuple[Row, int]


def stream_readings(text: str, *, marked: bool = True) -> tuple[tuple[str, float], ...]:
    """LaTeX and cost of everything that leaves these characters and blanks; () where nothing does, or too much.

    ``marked`` says that the extractor writes U+200B as one more blank. A ``T`` is a transpose.

    >>> [latex for latex, _ in stream_readings("=w^ (X X+T λI) X y−1 T")]
    ['\\\\hat{w} = (X^{T}X + \\\\lambda I)^{-1}X^{T}y']
    """
    return _readings(text.rstrip(".,; "), marked)


@lru_cache(maxsize=512)
def _readings(text: str, marked: bool) -> tuple[tuple[str, float], ...]:
    given = tokens([text])
    if not 1 < len(given) <= _LONGEST or set(given.chars) & _NEVER:
        return ()
    search = _Search(given.chars.replace(MARK, ""), _blanks(text), marked)
    found: dict[str, float] = {}
    split = False
    for row in islice(search.rows(0), 4 * _WAYS):
        latex = spell(row)
        if latex not in found and _sound(row) and search.leaves(row, 0, len(search.chars)):
            found[latex] = 0.0
            split = split or any(isinstance(node, Fraction) for node in row)
            if len(found) > _MOST or (split and len(found) > 1):
                return ()  # where a fraction is one way of several, something else may be there too
    return () if search.deadline.passed() else tuple(found.items())


def _blanks(text: str) -> tuple[int, ...]:
    """How many blanks stand before each character; one more before the first."""
    found, count = [], 1
    for char in text:
        if char in " \t\r" or char == MARK:
            count += 1
        else:
            found.append(count)
            count = 0
    return tuple(found)


class _Search:
    def __init__(self, chars: str, blanks: Sequence[int], marked: bool) -> None:
        self.chars, self.blanks, self.n, self.marked = chars, blanks, len(chars), marked
        self.deadline = Deadline.work(_SECONDS)
        self._known: dict[int, list[Piece]] = {}

    def rows(self, i: int) -> Iterator[Row]:
        """Everything that may have painted the characters from ``i`` on."""
        if i == self.n:
            yield ()
            return
        for piece, j in self._pieces(i):
            if self.deadline.passed():
                return
            for rest in self.rows(j):
                yield (*piece, *rest)

    def _pieces(self, i: int) -> list[Piece]:
        if i not in self._known:
            self._known[i] = [found for found in islice(self._made(i), 4000) if self.leaves(found[0], i, found[1])][
                :_WAYS
            ]
        return self._known[i]

    def _made(self, i: int) -> Iterator[Piece]:
        """Pieces that begin at ``i``: their own text up to a relation or sign, and the layers behind it."""
        for m in range(i, self.n + 1):
            own = self.chars[i:m]
            closed = bool(own) and symbol(own[-1]).kind in ("rel", "bin")
            if any(symbol(char).kind in ("rel", "bin") and (k or char not in "−") for k, char in enumerate(own[:-1])):
                return
            for layers, j in self._layers(m, 5):
                if not closed and j != self.n:
                    continue
                if not own and not any(len(layer) == 3 for layer in layers):
                    continue
                for row in _hung(own, layers):
                    yield row, j

    def _layers(self, m: int, most: int) -> Iterator[tuple[tuple[tuple[str, ...], ...], int]]:
        """Ways to cut layers from ``m`` on: ``(script,)``, ``(base, accent)``, ``("/", denominator, numerator)``."""
        yield (), m
        if not most or m >= self.n:
            return
        for layer, j in self._layer(m):
            for more, stop in self._layers(j, most - 1):
                yield (layer, *more), stop

    def _layer(self, m: int) -> Iterator[tuple[tuple[str, ...], int]]:
        char = self.chars[m]
        after = self.chars[m + 1 : m + 2]
        if char in _RAISED:
            yield (char,), m + 1
        if char.isdigit():
            yield (char,), m + 1
        if char == "−" and after.isdigit():
            yield (char + after,), m + 2
        if char in _INDEX:
            yield (char,), m + 1
        if char.isalpha() and after and after in _ACCENTS:
            yield (char, after), m + 2
        for under in self._half(m):
            for over in self._half(m + len(under)):
                yield ("/", under, over), m + len(under) + len(over)

    def _half(self, m: int) -> Iterator[str]:
        """A line above or below a bar: up to four letters and digits."""
        stop = m
        while stop < min(self.n, m + _HALF) and self.chars[stop].isalnum() and (stop == m or not self.blanks[stop]):
            stop += 1
            if stop == m + 1 or self.chars[m] == "d" or not any(char.isupper() for char in self.chars[m:stop]):
                yield self.chars[m:stop]  # nobody divides by a product of matrices
        if self.chars[m : m + 1] == "∂" and self.chars[m + 1 : m + 2].isalpha():
            yield self.chars[m : m + 2]

    def leaves(self, row: Row, i: int, j: int) -> bool:
        """Whether a row, set again, leaves characters ``i:j`` with their blanks."""
        self.deadline.passed()
        modes: tuple[Mode, ...] = ("display", "inline")
        return any(self._same(row, mode, i, j) for mode in modes)

    def _blank_fits(self, k: int, gap: str, *, across: bool) -> bool:
        """Whether the text's blanks before character ``k`` can come of this gap; signs' own blanks come and go."""
        given = self.blanks[k]
        if self.marked and across != (given > 1):
            return False
        if across or gap == "n" or (given > 0) == (gap == "s"):
            return True
        if gap == "j" and given == 1 and self.chars[k - 1] in _SLANTED:
            return True
        return any(symbol(char).kind in ("rel", "bin") for char in self.chars[k - 1 : k + 1])

    def _same(self, row: Row, mode: Mode, i: int, j: int) -> bool:
        try:
            lines = flatten(spell(row), mode)
        except LatexError:
            return False
        laid = tokens(lines)
        k, across = i, False
        for char, gap in zip(laid.chars, laid.gaps, strict=True):
            if char == MARK:
                across = True
                continue
            if k >= j or char != self.chars[k]:
                return False
            if (k > i or (not i and self.marked)) and not self._blank_fits(k, gap, across=across):
                return False
            k, across = k + 1, False
        return k == j


def _sound(row: Row) -> bool:
    """Whether a row can be a whole formula: no relation at its start, no sign left over at its end, no ∂ without its variable."""
    first, last = row[0], row[-1]
    if isinstance(first, Sym) and (first.kind == "rel" or first.char in "+±⋅"):
        return False
    if isinstance(last, Sym) and last.kind in ("rel", "bin"):
        return False
    for node, after in zip(row, (*row[1:], None), strict=True):
        if isinstance(node, Sym) and node.kind == "rel" and after in _BEHIND_NONE:
            return False
        if node == symbol("∂") and not (isinstance(after, Sym | Scripts) and after != symbol("∂")):
            return False
        if isinstance(node, Sym) and (node.char.isalpha() or node.char == ")") and isinstance(after, Sym):
            if after.char.isdigit():
                return False  # none stands behind a letter but as a script
        if node == symbol("T"):
            return False  # a transpose that lost its letter
        if isinstance(node, Fraction) and not (_half_sound(node.numerator) and _half_sound(node.denominator)):
            return False
    return True


_BEHIND_NONE = (symbol("∗"), symbol("⋅"), symbol("×"))
"""Signs that no side of a relation begins with."""


def _half_sound(half: Row) -> bool:
    return half not in ((symbol("T"),), (symbol("∂"),), (symbol("d"),)) or len(half) > 1


def _hung(own: str, layers: Sequence[tuple[str, ...]]) -> Iterator[Row]:
    """Own text with its layers hung on in order: scripts on characters, accents and fractions between them."""
    places = 2 * len(own) + 1
    for chosen in combinations(range(places), len(layers)):
        row: list[Node] = []
        at = dict(zip(chosen, layers, strict=True))
        for place in range(places):
            layer = at.get(place)
            if place % 2:  # on character place // 2
                char = own[place // 2]
                node: Node = symbol(char)
                if layer is not None:
                    if len(layer) != 1 or not _bears(char, layer[0]):
                        break
                    node = Scripts(node, None, tuple(symbol(c) for c in layer[0]))
                row.append(node)
            elif layer is not None:
                if len(layer) == 1:
                    break
                row.append(_between(layer))
        else:
            yield tuple(row)
            if any(len(layer) == 1 and (layer[0].isdigit() or layer[0] in _INDEX) for layer in layers):
                yield from _lowered(tuple(row))


def _lowered(row: Row) -> Iterator[Row]:
    """The row with one script below instead of above."""
    for k, node in enumerate(row):
        if isinstance(node, Scripts) and node.sup is not None and len(node.sup) == 1:
            char = node.sup[0]
            if isinstance(char, Sym) and (char.char.isdigit() or char.char in _INDEX):
                yield (*row[:k], Scripts(node.base, node.sup, None), *row[k + 1 :])


def _bears(char: str, script: str) -> bool:
    if script[0] == "−":
        return char.isalpha() or char in _BEARS
    return (char.isalpha() and char not in "∂d") or (char in _BEARS and script not in _INDEX)


def _between(layer: tuple[str, ...]) -> Node:
    if len(layer) == 2:
        return Accent(_ACCENTS[layer[1]], (symbol(layer[0]),))
    return Fraction(_of_half(layer[2]), _of_half(layer[1]))


def _of_half(text: str) -> Row:
    """The row of a half: a digit behind a letter is raised."""
    row: list[Node] = []
    for char in text:
        if row and char.isdigit() and isinstance(row[-1], Sym) and row[-1].char.isalpha():
            row[-1] = Scripts(row[-1], None, (symbol(char),))
        else:
            row.append(symbol(char))
    return tuple(row)
