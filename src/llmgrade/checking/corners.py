"""A second look at an agreement: corners of the declarations where expressions that agree at ordinary points may part.

An ordinary point has matrices of full rank and of one size, numbers of ordinary size, a few whole numbers. ``A†A`` is
``AA†`` there, ``det(2A)`` is ``8 det A``, ``|x − 100|`` is ``100 − x`` and ``gcd(n, 97)`` is 1. What agrees is therefore
asked again: at other sizes and proportions, at ranks that are short and at zero, with reflections among the orthogonal
matrices, beside every kink, at very large and very small numbers, and at the whole numbers that the texts themselves name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from typing import Any

from flint import fmpq

from llmgrade.checking.boundary import allowed, moved_onto
from llmgrade.checking.evidence import Refuted
from llmgrade.checking.outcome import Decision, different, unknown
from llmgrade.checking.sampling import NOTHING, Ordinary, Stratum
from llmgrade.checking.scene import Point, Scene
from llmgrade.checking.wording import value_text, witness_text
from llmgrade.expr.evaluate import Evaluator
from llmgrade.expr.evaluate_algebra import Beyond, OverBudget, ShapeMismatch, Undefined
from llmgrade.expr.evaluate_rational import Rationals
from llmgrade.expr.nodes import (
    Abs,
    Add,
    Call,
    Const,
    Div,
    Expr,
    Identity,
    Infix,
    Mul,
    Neg,
    Norm,
    Num,
    Piecewise,
    PInv,
    Pow,
    Relation,
    Sym,
    Transpose,
    nodes_of,
    walk,
)  # fmt: skip
from llmgrade.expr.symbols import Symbol
from llmgrade.limits import Deadline

__all__ = ["corner_points", "looked_at_again", "names_in"]

_RANKED = frozenset({"rank", "pinv"})
_VOLUMES = frozenset({"det", "logdet", "abs"})
_KINKED = frozenset({"sqrt", "abs", "max", "min", "relu", "sign", "heaviside", "floor", "ceil", "round", "frac_part"})
_STEPPED = frozenset(
    {"floor", "ceil", "round", "gcd", "lcm", "max", "min", "abs", "sign", "sqrt", "frac_part", "indicator", "exp"}
    | {"sin", "cos", "tan", "cot", "sec", "csc"}
)
_PLAIN = frozenset((Num, Sym, Const, Add, Mul, Neg, Div, Transpose, Identity))
"""Nothing about these is odd anywhere."""
_MOST_GAPS = 6
_MISSING = (Undefined, ZeroDivisionError, OverBudget)


class _Traits:
    """What in an expression makes an ordinary point tell too little. Made for every answer: what is usual costs nothing."""

    names: frozenset[str] = frozenset()
    """Those written, bound ones too."""
    ranked: bool = False
    """It speaks of ranks or pseudo-inverses."""
    volume: bool = False
    """It speaks of determinants or sizes."""
    stepped: bool = False
    """Something steps, alternates or repeats: four whole numbers tell little about all."""
    gaps: tuple[Expr, ...] = ()
    """Differences that change sign at a kink away from 0."""


def looked_at_again(
    scene: Scene,
    gold: Expr,
    answer: Expr,
    deadline: Deadline,
    *,
    transposed: bool = False,
    plain: frozenset[str] | None = None,
) -> Decision | None:
    """A refusal where the two part in some corner; an undecided decision where a corner cannot be reached; None where they agree.

    ``plain``: the names in the answer, where it is known to hold nothing odd besides.
    """
    if scene.traits is None or scene.traits[0] is not gold:
        scene.traits = (gold, _traits([gold, *(body for _, body in scene.derived)] if scene.derived else [gold]))
    expected: _Traits = scene.traits[1]
    if plain is None:
        got = _traits([answer])
    else:
        got = _Traits()
        got.names = plain
    if scene.has_matrices or scene.letters:
        ranked = expected.ranked or got.ranked
        corners = scene.drawn_corners(ranked, expected.volume or got.volume, expected.names | got.names)
        found = _in_strata(scene, corners, gold, answer, ranked, transposed)
        if found is not None:
            return found
    if scene.free_integers and (expected.stepped or got.stepped):
        found = _compared(scene, _whole(scene, gold, answer), gold, answer, deadline)
        if found is not None:
            return found
    if not expected.gaps and not got.gaps:
        return None
    gaps = list(dict.fromkeys([*expected.gaps, *got.gaps]))[:_MOST_GAPS]
    return _compared(scene, _beside(scene, gaps), gold, answer, deadline)


def corner_points(scene: Scene, *expressions: Expr) -> Iterator[Point]:
    """A point of every corner that matters to the expressions, in the prime field."""
    if not (scene.has_matrices or scene.letters):
        return
    traits = _traits([*expressions, *(body for _, body in scene.derived)])
    for stratum in scene.corners(traits.ranked, traits.volume):
        point = scene.corner(stratum)
        if point is not None:
            yield point


def _traits(expressions: Iterable[Expr]) -> _Traits:
    found = _Traits()
    names: set[str] = set()
    for expr in expressions:
        nodes = nodes_of(expr)
        kinds = list(map(type, nodes))
        names.update([node.name for node, kind in zip(nodes, kinds, strict=True) if kind is Sym])  # type: ignore[attr-defined]
        if _PLAIN.issuperset(kinds):
            continue
        telling = any(kind is Num and node.value not in _ONES for node, kind in zip(nodes, kinds, strict=True))  # type: ignore[attr-defined]
        for node, kind in zip(nodes, kinds, strict=True):
            if kind not in _PLAIN:
                _note(found, node, kind, telling)
    found.names = frozenset(names)
    return found


def names_in(expr: Expr) -> frozenset[str]:
    """The names written in an expression, bound ones too."""
    return frozenset(node.name for node in nodes_of(expr) if type(node) is Sym)


def _note(found: _Traits, node: Expr, kind: type[Expr], telling: bool) -> None:
    """``telling``: numbers other than 0 and 1 are written somewhere, without which no kink lies away from 0."""
    if isinstance(node, Pow):
        found.stepped = found.stepped or not _has_name(node.base)
        if telling and type(node.exponent) is not Num:
            found.gaps += tuple(filter(_is_off_zero, _gaps_of(node)))
        return
    kinked = isinstance(node, Abs | Norm | Relation)
    if isinstance(node, Call):
        name = node.function
        found.ranked |= name in _RANKED
        found.volume |= name in _VOLUMES
        found.stepped |= name in _STEPPED
        kinked = name in _KINKED
    elif isinstance(node, Abs | Norm):
        found.volume = found.stepped = True
    elif isinstance(node, Relation):
        found.stepped = True
    else:
        found.ranked |= kind is PInv
        found.stepped |= kind is Piecewise or (isinstance(node, Infix) and node.op == "mod")
    if kinked and telling:
        found.gaps += tuple(filter(_is_off_zero, _gaps_of(node)))


def _has_name(expr: Expr) -> bool:
    """Whether a name is written in it; nearly always its first word is one."""
    first = expr
    while type(first) in _FIRST:
        first = _FIRST[type(first)](first)
    return type(first) is Sym or any(type(n) is Sym for n in walk(expr))


_FIRST: dict[type[Expr], Callable[[Any], Expr]] = {
    Add: lambda e: e.terms[0],
    Mul: lambda e: e.factors[0],
    Transpose: lambda e: e.arg,
}
_ONES = frozenset((0, 1))


# -- matrices -------------------------------------------------------------------------------------------------------------
def _in_strata(
    scene: Scene,
    corners: Iterable[tuple[Stratum, Point]],
    gold: Expr,
    answer: Expr,
    ranked: bool,
    transposed: bool,
) -> Decision | None:
    for stratum, point in corners:
        strict = ranked and stratum.lack != NOTHING
        try:
            found = _at_corner(point, gold, answer, strict, transposed)
        except Beyond:
            nearby = scene.corner(stratum, exact=True)
            try:
                found = None if nearby is None else _at_corner(nearby, gold, answer, strict, transposed)
            except Beyond:
                if stratum.lack:
                    return unknown("it cannot be told whether the two agree where a rank is short")
                continue
        if found is not None:
            scene.parted = stratum
            return found
    return None


def _at_corner(point: Point, gold: Expr, answer: Expr, strict: bool, transposed: bool) -> Decision | None:
    evaluator = point.evaluator
    algebra = evaluator.algebra
    evaluator.work = 0
    known = point.remembered
    expected = known[1] if known is not None and known[0] is gold else _expected(point, gold)
    if expected is None:
        return None
    try:
        got = evaluator.value(answer)
        if type(got) is type(expected) and algebra.modular and got == expected:
            return None
        got = algebra.plain(got)
        if not algebra.finite(got):
            raise Undefined("no finite value")
        if transposed and algebra.is_matrix(got) and algebra.is_matrix(expected) and got.nrows() != expected.nrows():
            got = algebra.transpose(got)
        if algebra.same(expected, got):
            return None
    except _MISSING as reason:
        return different(Refuted(str(reason), kind="domain")) if strict and not isinstance(reason, OverBudget) else None
    except ShapeMismatch as reason:
        return different(Refuted(str(reason), kind="shape"))
    return different(Refuted("the two differ", kind="value"))


def _expected(point: Point, gold: Expr) -> Any:
    """The gold's value, remembered with the point; None where it has none."""
    if point.remembered is not None and point.remembered[0] is gold:
        return point.remembered[1]
    algebra = point.evaluator.algebra
    try:
        value = algebra.plain(point.evaluator.value(gold))
        value = value if algebra.finite(value) else None
    except (*_MISSING, ShapeMismatch):
        value = None
    point.remembered = (gold, value, False)
    return value


# -- numbers --------------------------------------------------------------------------------------------------------------
class _Place:
    """An exact point, and what is expected there in fractions and in balls, found once for all answers."""

    __slots__ = ("_exact", "_expected", "_near", "values")

    def __init__(self, scene: Scene, values: dict[str, Any]) -> None:
        self.values = values
        self._exact = Evaluator(
            Rationals(), values, secret=scene.secret, definitions=scene.definitions, columns=scene.columns
        )
        self._near: Evaluator | None = None
        self._expected: dict[bool, tuple[Expr, Any]] = {}

    def told_apart(self, scene: Scene, gold: Expr, answer: Expr) -> tuple[Any, Any] | None:
        """Both values where they are certainly different."""
        for exact in (True, False):
            try:
                evaluator = self._evaluator(scene, exact)
                algebra = evaluator.algebra
                evaluator.work = 0
                expected = self._expects(evaluator, exact, gold)
                if expected is None:
                    return None
                got = algebra.plain(evaluator.value(answer))
                if not algebra.finite(got) or algebra.same(expected, got):
                    return None
            except Beyond:
                continue
            except (*_MISSING, ShapeMismatch, ArithmeticError, TypeError, ValueError):
                return None
            return expected, got
        return None

    def _evaluator(self, scene: Scene, exact: bool) -> Evaluator:
        if exact:
            return self._exact
        if self._near is None:
            self._near = scene.in_balls(self.values, "", scene.complex).evaluator
        return self._near

    def _expects(self, evaluator: Evaluator, exact: bool, gold: Expr) -> Any:
        """The gold's value; None where it has none. Raises Beyond as evaluation does."""
        known = self._expected.get(exact)
        if known is None or known[0] is not gold:
            algebra = evaluator.algebra
            value: Any
            try:
                value = algebra.plain(evaluator.value(gold))
                value = value if algebra.finite(value) else None
            except Beyond:
                value = _BEYOND
            except (*_MISSING, ShapeMismatch, ArithmeticError, TypeError, ValueError):
                value = None
            known = self._expected[exact] = (gold, value)
        if known[1] is _BEYOND:
            raise Beyond("what is expected")
        return known[1]


_BEYOND = object()


def _compared(scene: Scene, places: Iterable[_Place], gold: Expr, answer: Expr, deadline: Deadline) -> Decision | None:
    """The first exact point where the two have different values."""
    for index, place in enumerate(places):
        if index % 4 == 3 and deadline.passed():
            return None
        found = place.told_apart(scene, gold, answer)
        if found is not None:
            names = {s.name for s in scene.symbols} | set(scene.letters)
            witness = witness_text({n: v for n, v in place.values.items() if n in names})
            return different(Refuted("the two differ", witness, "value", value_text(found[1]), value_text(found[0])))
    return None


def _kept(scene: Scene, key: object, points: Callable[[], Iterator[dict[str, Any]]]) -> Iterator[_Place]:
    """The places of a kind, found when first asked for and kept with the scene."""
    kept = scene.places.get(key)
    if kept is None:
        kept = scene.places[key] = [_Place(scene, values) for values in points()]
    return iter(kept)


def _start(scene: Scene, index: int) -> dict[str, Any] | None:
    try:
        return dict(scene.ordinary_values(index)[0])
    except Undefined:
        return None


def _literals(*expressions: Expr) -> list[int]:
    """Whole numbers above 1 written in the expressions."""
    numbers = {Fraction(n.value) for expr in expressions for n in walk(expr) if isinstance(n, Num)}
    found = {abs(int(value)) for value in numbers if value.denominator == 1 and 1 < abs(value) <= 10**6}
    return sorted(found)[:6]


def _whole(scene: Scene, gold: Expr, answer: Expr) -> Iterator[_Place]:
    named = tuple(_literals(gold, answer))
    return _kept(scene, ("whole", named), lambda: _whole_numbers(scene, named))


def _whole_numbers(scene: Scene, named: tuple[int, ...]) -> Iterator[dict[str, Any]]:
    """Consecutive whole numbers, those the texts name, their neighbours and multiples; every name at its own pace."""
    start = _start(scene, 0)
    if start is None:
        return
    numbers = [*range(13), *(k for m in named for k in (m - 1, m, m + 1, 2 * m, 3 * m))]
    numbers += [-k for k in (1, 2, 3, 7, *named)]
    ranges = [[k for k in numbers if _is_declared(symbol, k)] for symbol in scene.free_integers]
    if not all(ranges):
        return
    paces = (1, 5, 7, 11, 3)
    for trial in range(len(numbers)):
        values = dict(start)
        for j, (symbol, own) in enumerate(zip(scene.free_integers, ranges, strict=True)):
            values[symbol.name] = own[(trial * paces[j % 5] + j) % len(own)]
        if scene.given and not _holds(scene, values):
            continue
        yield values


def _is_declared(symbol: Symbol, number: int) -> bool:
    if not allowed(symbol, fmpq(number)):
        return False
    if symbol.has("prime"):
        return number in (2, 3, 5, 7, 11, 13, 97)
    return not (symbol.has("even") and number % 2) and not (symbol.has("odd") and not number % 2)


def _holds(scene: Scene, values: dict[str, Any]) -> bool:
    evaluator = Evaluator(
        Rationals(), values, secret=scene.secret, definitions=scene.definitions, columns=scene.columns
    )
    try:
        return all(evaluator.holds(condition) for condition in scene.given)
    except (Undefined, Beyond, ShapeMismatch, ZeroDivisionError):
        return False


def _is_off_zero(gap: Expr) -> bool:
    """Whether a kink may lie away from 0: a number is added, or one stands there that is far from 1."""
    return any(
        (isinstance(n, Add) and any(_number(t) not in (None, 0, 1) for t in n.terms))
        or (isinstance(n, Num) and n.value != 0 and not Fraction(1, 10) < abs(Fraction(n.value)) < 10)
        for n in walk(gap)
    )


def _number(term: Expr) -> Fraction | None:
    while isinstance(term, Neg):
        term = term.arg
    if isinstance(term, Div) and isinstance(term.top, Num) and isinstance(term.bottom, Num) and term.bottom.value:
        return abs(Fraction(term.top.value) / Fraction(term.bottom.value))
    return abs(Fraction(term.value)) if isinstance(term, Num) else None


def _gaps_of(node: Expr) -> Iterator[Expr]:
    if isinstance(node, Abs | Norm):
        yield node.arg
    elif isinstance(node, Pow):
        yield node.base.base if isinstance(node.base, Pow) else node.base
    elif isinstance(node, Relation) or (isinstance(node, Call) and node.function in ("max", "min")):
        terms = node.terms if isinstance(node, Relation) else node.args
        for one, other in zip(terms, terms[1:], strict=False):
            yield Add((one, Neg(other)))
    elif isinstance(node, Call) and len(node.args) == 1:
        inner = node.args[0]
        yield inner.base if isinstance(inner, Pow) else inner


_STEPS = (fmpq(1, 3), fmpq(-1, 3), fmpq(5), fmpq(-5))


def _beside(scene: Scene, gaps: list[Expr]) -> Iterator[_Place]:
    """On both sides of each kink that can be reached by moving one name; then very large and very small numbers."""
    for gap in gaps:
        yield from _kept(scene, gap, lambda gap=gap: _astride(scene, gap))  # type: ignore[misc]
    yield from _kept(scene, "sizes", lambda: _sizes(scene))


def _astride(scene: Scene, gap: Expr) -> Iterator[dict[str, Any]]:
    for step in _STEPS:
        start = _start(scene, 0)
        if start is None:
            return
        evaluator = Evaluator(
            Rationals(), start, secret=scene.secret, definitions=scene.definitions, columns=scene.columns
        )
        shifted = Add((gap, Num(_fraction(-step))))
        if moved_onto(scene, evaluator, shifted) is not None:
            yield {n: evaluator.values[n] for n in start}


def _sizes(scene: Scene) -> Iterator[dict[str, Any]]:
    for scale in (9, 20, -12):
        for pattern in (0, 0xFFF, 0xAAA):
            try:
                point = scene.point_from(Rationals(), Ordinary(scene.chance, pattern, scale), scene.strata[0])
                values = dict(point.evaluator.values)
            except _MISSING:
                continue
            if not scene.given or _holds(scene, values):
                yield values


def _fraction(number: fmpq) -> Fraction:
    return Fraction(int(number.p), int(number.q))
