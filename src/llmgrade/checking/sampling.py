"""Random points that fit the declarations: orthogonal, symmetric, low rank, between 0 and 1.

Every kind of matrix is drawn by a rational recipe (Cayley's for orthogonal ones, stereographic projection for unit
vectors, M Mᵀ for positive definite ones), never by rejection: the same recipe serves a finite field, exact rationals and,
through these, balls. Different letters of a shape get different sizes, so that a dropped transpose is a shape that does
not fit; sizes are at least 3 where they can be, because small matrices commute too much.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Protocol

from flint import fmpq, nmod, nmod_mat

from llmgrade.expr.evaluate import rational
from llmgrade.expr.evaluate_algebra import Algebra, Undefined
from llmgrade.expr.nodes import Const, Expr, Mul, Num
from llmgrade.expr.shapes import Size
from llmgrade.expr.symbols import Bound, Symbol, SymbolTable

__all__ = [
    "MASKED",
    "NOTHING",
    "Draws",
    "FieldDraws",
    "Ordinary",
    "Small",
    "Stratum",
    "draw_symbol",
    "draw_values",
    "may_lack_rank",
    "sizes_for",
]

Value = Any


class Draws(Protocol):
    """Where random numbers come from."""

    rng: random.Random

    def free(self) -> Value:
        """Any number."""

    def positive(self) -> Value:
        """A number above 0."""

    def between(self, low: fmpq | None, high: fmpq | None) -> Value:
        """A number strictly inside."""

    def integer(self, symbol: Symbol) -> int:
        """A whole number as declared."""


def _integer(rng: random.Random, symbol: Symbol, low: int, high: int, parity: int | None) -> int:
    value = rng.randrange(low, high)
    for bound in symbol.bounds:
        limit = exact(bound.value)
        if limit is None:
            continue
        if bound.op in (">", ">="):
            value = max(value, int(limit.floor()) + rng.randrange(1, 6))
        elif bound.op in ("<", "<="):
            value = min(value, int(limit.ceil()) - rng.randrange(1, 6))
    wanted = 0 if symbol.has("even") else 1 if symbol.has("odd") else parity
    if wanted is not None and value % 2 != wanted:
        value += 1
    if symbol.has("prime"):
        value = rng.choice([3, 5, 7, 11, 13])
    if symbol.has("negative"):
        value = -abs(value or 2)
    return value


class FieldDraws:
    """Numbers of F_p, uniformly; positive means nothing there. ``parities`` says which integer symbols are odd."""

    def __init__(self, rng: random.Random, prime: int, parity: int = 0) -> None:
        self.rng, self.prime, self.parity = rng, prime, parity
        self._met = 0

    def free(self) -> Value:
        return nmod(self.rng.getrandbits(64), self.prime)

    positive = free

    def between(self, low: fmpq | None, high: fmpq | None) -> Value:
        return self.free()

    def integer(self, symbol: Symbol) -> int:
        bit = self.parity >> self._met & 1
        self._met += 1
        return _integer(self.rng, symbol, 4, 30, bit)


@dataclass(slots=True)
class Ordinary:
    """Rationals of ordinary size, dyadic so that doubles hold them exactly. ``pattern`` gives the signs of free symbols."""

    rng: random.Random
    pattern: int = 0
    scale: int = 3
    """log₂ of the largest absolute value."""
    _met: int = field(default=0, init=False)

    def positive(self) -> Value:
        odd = self.rng.randrange(1 << 6, 1 << 10) * 2 + 1
        return fmpq(odd, 1 << (11 - self.scale)) if self.scale <= 11 else fmpq(odd << (self.scale - 11))

    def free(self) -> Value:
        bit = self.pattern >> (self._met % 12) & 1
        self._met += 1
        return -self.positive() if bit else self.positive()

    def between(self, low: fmpq | None, high: fmpq | None) -> Value:
        if low is not None and high is not None:
            return low + (high - low) * fmpq(self.rng.randrange(1, 128), 128)
        if low is not None:
            return low + self.positive()
        if high is not None:
            return high - self.positive()
        return self.free()

    def integer(self, symbol: Symbol) -> int:
        value = _integer(self.rng, symbol, 2, 12, self.pattern >> (self._met % 12) & 1)
        self._met += 1
        return value if symbol.has("nonnegative") or symbol.has("positive") or self.rng.random() < 0.7 else -value


@dataclass(slots=True)
class Small:
    """Small whole numbers, for witnesses people can check by hand; halves when ``size`` grows."""

    rng: random.Random
    size: int = 2

    def free(self) -> Value:
        return fmpq(self.rng.randrange(-self.size, self.size + 1))

    def positive(self) -> Value:
        return fmpq(self.rng.randrange(1, self.size + 1))

    def between(self, low: fmpq | None, high: fmpq | None) -> Value:
        if low is not None and high is not None:
            parts = self.rng.randrange(2, self.size + 2)
            return low + (high - low) * fmpq(self.rng.randrange(1, parts), parts)
        if low is not None:
            return low + self.positive()
        return high - self.positive() if high is not None else self.free()

    def integer(self, symbol: Symbol) -> int:
        if symbol.has("positive") or symbol.has("nonnegative"):
            return _integer(self.rng, symbol, 1 if symbol.has("positive") else 0, self.size + 2, None)
        return _integer(self.rng, symbol, -self.size, self.size + 1, None)


@dataclass(frozen=True, slots=True)
class Stratum:
    """Sizes of the letters, a name for people (``tall``, ``wide``, ``square``), and which corner of the declarations is drawn."""

    name: str
    sizes: Mapping[str, int]
    lack: int = 0
    """By how much matrices that nothing says are of full rank fall short of it; or `MASKED`, or `NOTHING`."""
    turn: int = 0
    """Tells strata of one kind apart."""
    shortage: int = 1
    """By how much matrices declared singular, rank deficient or idempotent fall short."""
    turned: bool = False
    """Orthogonal matrices of determinant −1."""

    @property
    def key(self) -> tuple[object, ...]:
        """Equal for equal strata."""
        return (self.name, tuple(self.sizes.items()), self.lack, self.turn, self.shortage, self.turned)


NOTHING, MASKED = 99, 50
"""Degrees of lack: everything is 0; rows and columns at random are."""
_PLAIN = Stratum("", {})


def exact(bound: Expr) -> fmpq | None:
    """A bound as a fraction; π and e by a fraction just inside."""
    try:
        return rational(_without_constants(bound), {}, {})
    except Undefined:
        return None


def _without_constants(expr: Expr) -> Expr:
    if isinstance(expr, Const):
        approximations = {"pi": Num(_PI), "e": Num(_E)}
        return approximations.get(expr.name, expr)
    if isinstance(expr, Mul):
        return Mul(tuple(_without_constants(f) for f in expr.factors))
    return expr


_PI, _E = Fraction(314159, 100000), Fraction(271828, 100000)


def _leans(symbol: Symbol) -> str:
    """``tall`` or ``wide`` where an assumption says so."""
    if any(symbol.has(a) for a in ("orthonormal columns", "full column rank", "tall")):
        return "tall"
    return "wide" if any(symbol.has(a) for a in ("orthonormal rows", "full row rank", "wide")) else ""


def sizes_for(table: SymbolTable, letters: Iterable[str], kind: str = "tall", smallest: int = 3) -> dict[str, int]:
    """A size for each letter, all different; ``tall``: rows outnumber columns wherever a matrix leaves the choice.

    Assumptions win: orthonormal columns, full column rank and ``tall`` need rows ≥ columns, their opposites the reverse.
    """
    letters = sorted(set(letters))
    above: dict[str, set[str]] = {letter: set() for letter in letters}  # letter → letters that must be smaller
    for symbol in sorted((s for s in table if s.definition is None), key=lambda s: not _leans(s)):
        rows, cols = symbol.shape.rows, symbol.shape.columns
        if not (isinstance(rows, str) and isinstance(cols, str)) or rows == cols:
            continue
        if rows not in above or cols not in above:
            continue
        tall = _leans(symbol) == "tall" if _leans(symbol) else kind != "wide"
        big, less = (rows, cols) if tall else (cols, rows)
        if big not in _below(above, less):
            above[big].add(less)
    order: list[str] = []
    waiting = list(letters)
    while waiting:
        ready = [a for a in waiting if not (above[a] - set(order))]
        chosen = ready[0] if ready else waiting[0]
        order.append(chosen)
        waiting.remove(chosen)
    if kind == "square":
        return dict.fromkeys(letters, smallest)
    return {letter: smallest + i for i, letter in enumerate(order)}


def _below(above: Mapping[str, set[str]], start: str) -> set[str]:
    found: set[str] = set()
    waiting = [start]
    while waiting:
        for other in above[waiting.pop()]:
            if other not in found:
                found.add(other)
                waiting.append(other)
    return found


def draw_values(algebra: Algebra, symbols: Iterable[Symbol], stratum: Stratum, draws: Draws) -> dict[str, Value]:
    """One point: a value for each symbol, sizes included. Derived symbols are left to the caller."""
    values: dict[str, Value] = dict(stratum.sizes)
    for symbol in symbols:
        if symbol.name in values or symbol.type in ("identity", "function"):
            continue
        values[symbol.name] = draw_symbol(algebra, symbol, stratum, draws)
    return values


def draw_symbol(algebra: Algebra, symbol: Symbol, stratum: Stratum, draws: Draws) -> Value:
    """A value that fits one declaration."""
    if symbol.shape.is_scalar and symbol.type != "matrix":
        return _scalar(symbol, draws)
    rows, cols = _side(symbol.shape.rows, stratum.sizes), _side(symbol.shape.columns, stratum.sizes)
    if stratum.lack == MASKED and may_lack_rank(symbol):
        return _masked(algebra, symbol, draw_symbol(algebra, symbol, _unmasked(stratum), draws), draws)
    if stratum.lack and may_lack_rank(symbol):
        return _lacking(algebra, symbol, rows, cols, draws, stratum.lack)
    if not _KINDS.isdisjoint(symbol.assume):
        for word, recipe in _RECIPES.items():
            if symbol.has(word):
                return recipe(algebra, symbol, rows, cols, draws, stratum)
    return _dense(algebra, rows, cols, draws)


_FULL = frozenset({"full rank", "full column rank", "full row rank", "invertible", "unit", "nonzero", "positive", "negative"}
                  | {"singular", "rank deficient", "projection", "idempotent"})  # fmt: skip


def may_lack_rank(symbol: Symbol) -> bool:
    """Whether nothing says that an array is of full rank, or how far it is from it."""
    return _FULL.isdisjoint(symbol.assume)


def _unmasked(stratum: Stratum) -> Stratum:
    return Stratum(stratum.name, stratum.sizes, 0, stratum.turn, stratum.shortage, stratum.turned)


def _masked(algebra: Algebra, symbol: Symbol, value: Value, draws: Draws) -> Value:
    """The matrix with rows and columns set to 0 at random: products then lose rank, and lose it one way round only."""
    rows, cols = value.nrows(), value.ncols()
    if min(rows, cols) == 1 or symbol.has("orthonormal columns") or symbol.has("orthonormal rows"):
        return value
    down = [draws.rng.random() < 0.6 for _ in range(rows)]
    same = any(symbol.has(word) for word in ("symmetric", "skew", "diagonal"))
    across = down if same else [draws.rng.random() < 0.6 for _ in range(cols)]
    kept = [value[i, j] if down[i] and across[j] else algebra.zero for i in range(rows) for j in range(cols)]
    return algebra.matrix(rows, cols, kept)


def _lacking(algebra: Algebra, symbol: Symbol, rows: int, cols: int, draws: Draws, lack: int) -> Value:
    """A matrix of the declared kind whose rank is short; a vector keeps its rank until it is 0."""
    rank = max(min(rows, cols) - lack, 0)
    if lack >= NOTHING:
        return algebra.matrix(rows, cols, [algebra.zero] * (rows * cols))
    if min(rows, cols) == 1:
        return _dense(algebra, rows, cols, draws)
    if symbol.has("diagonal"):
        full = _diagonal(algebra, symbol, rows, cols, draws, _PLAIN)
        kept = [full[i, j] if i < rank else algebra.zero for i in range(rows) for j in range(cols)]
        return algebra.matrix(rows, cols, kept)
    if symbol.has("triangular"):
        full = _triangular(algebra, symbol, rows, cols, draws, _PLAIN)
        kept = [full[i, j] if i != 0 or j != 0 else algebra.zero for i in range(rows) for j in range(cols)]
        return algebra.matrix(rows, cols, kept)
    rank = max(rank, 1)
    left = _dense(algebra, rows, rank, draws)
    if symbol.has("symmetric") or symbol.has("psd"):
        if not symbol.has("psd"):
            signs = [draws.free() if i == j else algebra.zero for i in range(rank) for j in range(rank)]
            return left * algebra.matrix(rank, rank, signs) * left.transpose()
        return left * left.transpose()
    if symbol.has("skew"):
        core = _dense(algebra, rank, rank, draws)
        return left * (core - core.transpose()) * left.transpose()
    return left * _dense(algebra, rank, cols, draws)


def _side(size: Size, sizes: Mapping[str, int]) -> int:
    if size is None:
        return 3
    return size if isinstance(size, int) else sizes.get(size, 3)


def _scalar(symbol: Symbol, draws: Draws) -> Value:
    if symbol.has("integer"):
        return draws.integer(symbol)
    if symbol.bounds:
        low, high = _interval(symbol.bounds)
        if low is not None or high is not None:
            return draws.between(low, high)
    if symbol.has("positive") or symbol.has("nonnegative"):
        return draws.positive()
    if symbol.has("negative") or symbol.has("nonpositive"):
        return -draws.positive()
    value = draws.free()
    if symbol.has("nonzero"):
        for _ in range(20):
            if value != 0:
                break
            value = draws.free()
    return value


def _interval(bounds: Iterable[Bound]) -> tuple[fmpq | None, fmpq | None]:
    low: fmpq | None = None
    high: fmpq | None = None
    for bound in bounds:
        value = exact(bound.value)
        if value is None:
            continue
        if bound.op in (">", ">="):
            low = value if low is None else max(low, value)
        elif bound.op in ("<", "<="):
            high = value if high is None else min(high, value)
    return low, high


Recipe = Callable[[Algebra, Symbol, int, int, Draws, Stratum], Value]


def _dense(algebra: Algebra, rows: int, cols: int, draws: Draws) -> Value:
    if isinstance(draws, FieldDraws):
        bits = draws.rng.getrandbits
        return nmod_mat(rows, cols, [bits(64) for _ in range(rows * cols)], draws.prime)
    return algebra.matrix(rows, cols, [draws.free() for _ in range(rows * cols)])


def _orthonormal_columns(
    algebra: Algebra, symbol: Symbol, rows: int, cols: int, draws: Draws, stratum: Stratum
) -> Value:
    """Cayley: (I − K)(I + K)⁻¹ for skew K is a rotation; its first columns are orthonormal. One column turned makes a reflection."""
    if cols > rows:
        return algebra.transpose(_orthonormal_columns(algebra, symbol, cols, rows, draws, stratum))
    for _ in range(20):
        k = _dense(algebra, rows, rows, draws)
        k = k - k.transpose()
        one = algebra.eye(rows)
        try:
            q = (one - k) * (one + k).inv()
        except ZeroDivisionError:
            continue
        signs = [-algebra.one if stratum.turned and j == 0 else algebra.one for j in range(cols)]
        return algebra.matrix(rows, cols, [q[i, j] * signs[j] for i in range(rows) for j in range(cols)])
    raise Undefined("no orthogonal matrix was found")


def _diagonal(algebra: Algebra, symbol: Symbol, rows: int, cols: int, draws: Draws, stratum: Stratum) -> Value:
    signed = symbol.has("positive") or symbol.has("nonnegative") or symbol.has("psd") or rows != cols
    draw = draws.positive if signed else draws.free
    return algebra.matrix(rows, cols, [draw() if i == j else algebra.zero for i in range(rows) for j in range(cols)])


def _gram(algebra: Algebra, symbol: Symbol, rows: int, cols: int, draws: Draws, stratum: Stratum) -> Value:
    m = _dense(algebra, rows, rows, draws)
    gram = m * m.transpose()
    return gram + algebra.eye(rows) if symbol.has("spd") and not algebra.modular else gram


def _symmetric(algebra: Algebra, symbol: Symbol, rows: int, cols: int, draws: Draws, stratum: Stratum) -> Value:
    m = _dense(algebra, rows, rows, draws)
    return m + m.transpose()


def _skew(algebra: Algebra, symbol: Symbol, rows: int, cols: int, draws: Draws, stratum: Stratum) -> Value:
    m = _dense(algebra, rows, rows, draws)
    return m - m.transpose()


def _triangular(algebra: Algebra, symbol: Symbol, rows: int, cols: int, draws: Draws, stratum: Stratum) -> Value:
    return algebra.matrix(
        rows, cols, [draws.free() if i <= j else algebra.zero for i in range(rows) for j in range(cols)]
    )


def _low_rank(algebra: Algebra, symbol: Symbol, rows: int, cols: int, draws: Draws, stratum: Stratum) -> Value:
    if stratum.shortage >= NOTHING:
        return algebra.matrix(rows, cols, [algebra.zero] * (rows * cols))
    rank = max(1, min(rows, cols) - max(1, stratum.shortage))
    return _dense(algebra, rows, rank, draws) * _dense(algebra, rank, cols, draws)


def _unit(algebra: Algebra, symbol: Symbol, rows: int, cols: int, draws: Draws, stratum: Stratum) -> Value:
    """Stereographic projection: a rational point of the sphere."""
    length = max(rows, cols)
    t = [draws.free() for _ in range(length - 1)]
    square = sum((x * x for x in t), algebra.scalar(0))
    below = algebra.div(algebra.one, square + algebra.one)
    two = algebra.scalar(2)
    return algebra.matrix(rows, cols, [*(two * x * below for x in t), (square - algebra.one) * below])


def _projection(algebra: Algebra, symbol: Symbol, rows: int, cols: int, draws: Draws, stratum: Stratum) -> Value:
    if stratum.shortage >= NOTHING:
        return algebra.matrix(rows, cols, [algebra.zero] * (rows * cols))
    rank = max(1, rows - stratum.shortage)
    b = _dense(algebra, rows, rank, draws)
    c = b if symbol.has("symmetric") or symbol.has("projection") else _dense(algebra, rows, rank, draws)
    ct = c.transpose()
    return b * algebra.inverse(ct * b) * ct


_RECIPES: dict[str, Recipe] = {
    "rank deficient": _low_rank,
    "singular": _low_rank,
    "diagonal": _diagonal,
    "orthonormal columns": _orthonormal_columns,
    "orthonormal rows": lambda a, s, r, c, d, t: a.transpose(_orthonormal_columns(a, s, c, r, d, t)),
    "projection": _projection,
    "idempotent": _projection,
    "psd": _gram,
    "symmetric": _symmetric,
    "skew": _skew,
    "triangular": _triangular,
    "unit": _unit,
}
_KINDS = frozenset(_RECIPES)
