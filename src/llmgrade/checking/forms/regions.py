"""Sets of real numbers: intervals, unions, inequalities in one unknown. Equal when they hold the same numbers.

Both sets are asked at every end, root and gap of either, and on a grid between; strictness is seen at the ends themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from flint import arb, fmpq, fmpq_poly

from llmgrade.checking.evidence import Refuted, Tested
from llmgrade.checking.outcome import Decision, different, equal, unknown
from llmgrade.checking.polynomials import NotRational, Polynomials
from llmgrade.checking.scene import Scene
from llmgrade.checking.wording import value_text
from llmgrade.expr.evaluate import Evaluator
from llmgrade.expr.evaluate_algebra import Beyond, ShapeMismatch, Undefined
from llmgrade.expr.nodes import Const, Expr, Interval, Logic, Neg, Num, Relation, Seq, Set, SetBuilder, SetOp, Sym, walk
from llmgrade.expr.show import plain
from llmgrade.limits import Deadline

__all__ = ["compare_regions"]

Real = Any
_GRID = sorted(
    {fmpq(k, 4) for k in range(-48, 49)}
    | {sign * fmpq(2) ** k for k in range(4, 12) for sign in (1, -1)}
    | {sign * fmpq(1, 2**k) for k in range(3, 9) for sign in (1, -1)}
    | {fmpq(k) for k in range(-30, 31)}
)
_STEPS = 90
_MOST_ROOTS = 16


def compare_regions(
    scene: Scene, gold: Expr, answer: Expr, gold_name: str | None, answer_name: str | None, deadline: Deadline
) -> Decision:
    """Whether two sets of real numbers are the same. Other names are parameters; they are given a few values."""
    unknowns = {n for n in (gold_name, answer_name) if n is not None}
    parameters = [s for s in scene.symbols if s.name not in unknowns]
    asked = 0
    tried = 0
    for index in range(8 if parameters else 1):
        try:
            point = scene.ball_point(index)
            one = _Region(point.evaluator, gold, gold_name)
            other = _Region(point.evaluator, answer, answer_name)
            names: list[tuple[Real, Expr]] = []
            places = _places(one, other, deadline, names)
        except (Undefined, ZeroDivisionError):
            continue
        except (Beyond, ShapeMismatch) as reason:
            return unknown(f"a set that cannot be evaluated here: {reason}")
        tried += 1
        for x in places:
            if deadline.passed():
                return unknown("the time for one comparison was up")
            try:
                expected, got = one.holds(x), other.holds(x)
            except (Beyond, ShapeMismatch) as reason:
                return unknown(f"a set that cannot be evaluated here: {reason}")
            if expected != got:
                name = gold_name or answer_name or "x"
                shown = _shown(x, names)
                witness = {name: shown}
                for symbol in parameters:
                    witness[symbol.name] = value_text((point.exact or {}).get(symbol.name))
                says = ("belongs to", "does not belong to")
                return different(
                    Refuted(
                        f"{shown} {says[not got]} the answer's set and {says[not expected]} the expected one",
                        witness,
                        "value",
                        str(got).lower(),
                        str(expected).lower(),
                    )
                )
            asked += 1
        if tried >= 3:
            break
    if not tried:
        return unknown("the sets are not defined anywhere they were tried")
    return equal(Tested(asked, None, "the same numbers at all ends, roots and gaps", scene.seed))


def _shown(x: Real, names: list[tuple[Real, Expr]]) -> str:
    """A number a reader can check: exactly as an end was written, where it is one."""
    for value, written in names:
        if value.overlaps(x):
            return plain(written)
    exact = x.rad() == 0 or x.mid() == x.mid().floor()
    return value_text(x) if exact else str(x.str(34, radius=False))


class _Region:
    """A set at one point of its parameters."""

    def __init__(self, evaluator: Evaluator, expr: Expr, name: str | None) -> None:
        self.evaluator, self.expr, self.name = evaluator, expr, name
        if name is None:
            self.name = next(_element_names(expr), None)

    def ends(self) -> Iterator[tuple[Real, Expr]]:
        """Ends of intervals and members of sets, with what they were written as."""
        for node in walk(self.expr):
            found: tuple[Expr, ...] = ()
            if isinstance(node, Interval):
                found = (node.low, node.high)
            elif isinstance(node, Seq | Set) and not isinstance(self.expr, Relation):
                found = node.items
            for end in found:
                if not _infinite(end):
                    yield self._value(end), end

    def _value(self, expr: Expr) -> Real:
        return self.evaluator.scalar_value(expr)

    def conditions(self) -> Iterator[tuple[Expr, Expr]]:
        """Both sides of every comparison with the unknown in it."""
        for node in walk(self.expr):
            if isinstance(node, Relation) and self.name is not None:
                for a, b in zip(node.terms, node.terms[1:], strict=False):
                    if not (_infinite(a) or _infinite(b)) and not isinstance(b, Const | Interval | Seq | Set | SetOp):
                        yield a, b

    def exact_roots(self, a: Expr, b: Expr) -> list[Real] | None:
        """Every real zero and pole of a − b, where that is a rational function of the unknown alone; None elsewhere."""
        if self.name is None:
            raise Beyond("a relation that speaks of no name")
        ring = Polynomials([self.name])
        try:
            (at, ab), (bt, bb) = ring.fraction(a), ring.fraction(b)
        except NotRational:
            return None
        found: list[Real] = []
        for polynomial in (at * bb - bt * ab, ab, bb):
            if polynomial.is_constant():
                continue
            terms = {powers[0]: c for powers, c in polynomial.to_dict().items()}
            dense = fmpq_poly([terms.get(k, 0) for k in range(max(terms) + 1)])
            roots: Any = dense.complex_roots()
            found += [root.real for root, _ in roots if root.imag.contains(0)]
        return found

    def side_difference(self, a: Expr, b: Expr, x: Real) -> Real | None:
        """a − b with the unknown at x; None where it has no real value."""
        if self.name is None:
            raise Beyond("a relation that speaks of no name")
        evaluator = self.evaluator
        try:
            value = evaluator.algebra.sub(
                evaluator.algebra.plain(evaluator.with_bound(self.name, x, a)),
                evaluator.algebra.plain(evaluator.with_bound(self.name, x, b)),
            )
        except (Undefined, ZeroDivisionError):
            return None
        if evaluator.algebra.is_matrix(value):
            raise Beyond("an order among matrices")
        return value if value.is_finite() else None

    def holds(self, x: Real) -> bool:
        return self._holds(self.expr, x)

    def _holds(self, expr: Expr, x: Real) -> bool:
        match expr:
            case Const("R" | "all"):
                return True
            case Const("empty" | "none"):
                return False
            case Interval(low, high, closed_low, closed_high):
                return self._beyond(low, x, closed_low, True) and self._beyond(high, x, closed_high, False)
            case Seq(items, brackets) if len(items) == 2 and brackets in ("()", "[]"):
                closed = brackets == "[]"
                return self._beyond(items[0], x, closed, True) and self._beyond(items[1], x, closed, False)
            case Set(items) | Seq(items):
                return any(self._value(item).overlaps(x) for item in items)
            case SetOp("union", args):
                return any(self._holds(a, x) for a in args)
            case SetOp("intersection", args):
                return all(self._holds(a, x) for a in args)
            case SetOp("minus", args):
                return self._holds(args[0], x) and not any(self._holds(a, x) for a in args[1:])
            case SetOp("complement", args):
                return not self._holds(args[0], x)
            case SetBuilder(element, condition):
                inside = self._holds(element, x) if isinstance(element, Relation) else True
                return inside and self._holds(condition, x)
            case Logic("and", args):
                return all(self._holds(a, x) for a in args)
            case Logic("or", args):
                return any(self._holds(a, x) for a in args)
            case Logic("not", args):
                return not self._holds(args[0], x)
            case Relation():
                return self._chain(expr, x)
            case Num() | Neg():
                return bool(self._value(expr).overlaps(x))
        raise Beyond("a set of that kind")

    def _beyond(self, end: Expr, x: Real, closed: bool, low: bool) -> bool:
        if _infinite(end):
            return (end == Const("oo")) != low
        value = self._value(end)
        if value.overlaps(x):
            return closed
        return bool(x > value) if low else bool(x < value)

    def _chain(self, relation: Relation, x: Real) -> bool:
        for op, a, b in zip(relation.ops, relation.terms, relation.terms[1:], strict=False):
            if op == "in":
                if not (isinstance(a, Sym) and a.name == self.name):
                    raise Beyond("membership of something else")
                if not self._holds(b, x):
                    return False
                continue
            if op == "notin":
                if self._holds(b, x):
                    return False
                continue
            if _infinite(a) or _infinite(b):
                positive = b == Const("oo") or a == Neg(Const("oo"))
                if (op in ("<", "<=")) != positive:
                    return False
                continue
            value = self.side_difference(a, b, x)
            if value is None:
                return False
            if not _sign_fits(op, value):
                return False
        return True


def _sign_fits(op: str, value: Real) -> bool:
    zero = bool(value.contains(0)) if hasattr(value, "contains") else value == 0
    if op == "=":
        return zero
    if op == "!=":
        return not zero
    if zero:
        return op in ("<=", ">=")
    if op in ("<", "<="):
        return bool(value < 0)
    if op in (">", ">="):
        return bool(value > 0)
    raise Beyond(f"the relation {op}")


def _infinite(expr: Expr) -> bool:
    return expr == Const("oo") or (isinstance(expr, Neg) and expr.arg == Const("oo"))


def _element_names(expr: Expr) -> Iterator[str]:
    for node in walk(expr):
        if isinstance(node, SetBuilder):
            if isinstance(node.element, Sym):
                yield node.element.name
            elif isinstance(node.element, Relation) and isinstance(node.element.terms[0], Sym):
                yield node.element.terms[0].name
    for node in walk(expr):
        if isinstance(node, Relation):
            for inner in walk(node):
                if isinstance(inner, Sym):
                    yield inner.name


def _places(one: _Region, other: _Region, deadline: Deadline, names: list[tuple[Real, Expr]]) -> list[Real]:
    """Every end and root of both, a place in each gap, and the grid; ``names`` is told how ends were written."""
    critical: list[Real] = []
    by_grid = False
    for region in (one, other):
        for end, written in region.ends():
            _insert(critical, end)
            if not any(isinstance(n, Sym) for n in walk(written)):
                names.append((end, written))
        for a, b in region.conditions():
            exact = region.exact_roots(a, b)
            if exact is not None:
                for root in exact:
                    _insert(critical, root)
                continue
            by_grid = True
            for root in _roots(lambda x, r=region, a=a, b=b: r.side_difference(a, b, x), deadline):  # type: ignore[misc]
                _insert(critical, root)
    critical.sort(key=lambda x: float(x.mid()))
    places = list(critical)
    if critical:
        places.append(critical[0].mid() - 1)
        places.append(critical[-1].mid() + 1)
        places.extend((a.mid() + b.mid()) / 2 for a, b in zip(critical, critical[1:], strict=False))
    if by_grid:
        places.extend(arb(x) for x in _GRID)
    elif not places:
        places.append(arb(0))
    return sorted(places, key=lambda x: abs(float(x.mid())))


def _insert(found: list[Real], x: Real) -> None:
    if not isinstance(x, arb):
        raise Beyond("a set of complex numbers")
    if not x.is_finite():
        raise Undefined("an end without a value")
    if not any(x.overlaps(y) for y in found):
        found.append(x)


def _roots(f: Callable[[Real], Real | None], deadline: Deadline) -> Iterator[Real]:
    """Places where f changes sign, ends its domain, or is zero on the grid."""
    before: tuple[fmpq, int | None] | None = None
    found = 0
    for x in _GRID:
        if deadline.passed() or found >= _MOST_ROOTS:
            return
        sign = _sign(f(arb(x)))
        if sign == 0:
            yield arb(x)
        if before is not None and before[1] != sign and 0 not in (sign, before[1]):
            found += 1
            yield _bisect(f, arb(before[0]), arb(x), before[1])
        before = (x, sign)


def _sign(value: Real | None) -> int | None:
    if value is None:
        return None
    if value.contains(0):
        return 0
    return 1 if value > 0 else -1


def _bisect(f: Callable[[Real], Real | None], low: Real, high: Real, low_sign: int | None) -> Real:
    for _ in range(_STEPS):
        middle = ((low + high) / 2).mid()
        sign = _sign(f(middle))
        if sign == 0:
            return middle.union(middle)
        if sign == low_sign:
            low = middle
        else:
            high = middle
    return low.union(high)
