"""Checks evidence by other means than those that found it: nothing here is shared with the evaluators or the provers.

* A witness is evaluated with Python's own fractions, and with mpmath where a root or a sine makes that necessary.
* A scalar identity is multiplied out with dictionaries of fractions.
* A matrix identity is replayed, step by step, with words as tuples of letters.
* An inequality's certificate is given to z3's general solver, which is not the procedure that found it.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import mpmath as mp

from llmgrade.checking.evidence import Refuted
from llmgrade.errors import ExpressionError
from llmgrade.expr.functions import FUNCTIONS
from llmgrade.expr.nodes import (
    Abs,
    Add,
    BigOp,
    Call,
    Const,
    Derivative,
    Div,
    Expr,
    Identity,
    Index,
    Infix,
    Integral,
    Interval,
    Limit,
    Logic,
    Matrix,
    Mul,
    Neg,
    Norm,
    Num,
    Percent,
    Piecewise,
    PInv,
    Pow,
    Quantity,
    Relation,
    Seq,
    Set,
    SetBuilder,
    SetOp,
    Sym,
    Transpose,
    Unit,
    Vector,
    walk,
)  # fmt: skip
from llmgrade.expr.notation import read

__all__ = ["certificate_holds", "witness_holds"]

Number = Any
Rows = list[list[Number]]
_DIGITS = 60
_CLOSE = mp.mpf(10) ** -25


class CannotCheck(Exception):
    """This checker does not know the operation."""


class NoValue(Exception):
    """There is no value at this point."""


class Misfit(NoValue):
    """Shapes that do not fit."""


# -- witnesses -------------------------------------------------------------------------------------------------------------
def witness_holds(
    gold: Expr,
    answer: Expr,
    evidence: Refuted,
    definitions: Mapping[str, Expr] | None = None,
    sizes: Mapping[str, int] | None = None,
) -> bool | None:
    """Whether the two really differ at the witness; None where this checker cannot tell (no witness, unknown operation).

    ``definitions`` are derived symbols; ``sizes`` gives letters of shapes a size where the evidence is about shapes.
    """
    with mp.workdps(_DIGITS):
        try:
            values = {name: _parsed(text) for name, text in evidence.witness.items()}
        except (ValueError, ExpressionError, CannotCheck, NoValue):
            return None
        for name, size in (sizes or {}).items():
            values.setdefault(name, Fraction(size))
        member = _MEMBER.match(evidence.reason)
        try:
            if member is not None and isinstance(gold, Interval | Seq) and isinstance(answer, Interval | Seq):
                point, x = _Point(values, definitions or {}), _parsed(member[1])
                return point.contains(gold, x) != point.contains(answer, x)
        except (ValueError, ExpressionError, CannotCheck, NoValue):
            return None
        if not values and not definitions and not any(isinstance(e, _STATES) for e in (gold, answer)):
            # no numbers were shown: any will do that tell two values apart
            names = sorted(
                {n.name for e in (gold, answer) for n in walk(e) if isinstance(n, Sym)} - _bound(gold, answer)
            )
            values = {name: Fraction(k + 3, k + 2) for k, name in enumerate(names)}
        return _differ(gold, answer, _Point(values, definitions or {}))


_MEMBER = re.compile(r"(\S+) (?:belongs to|does not belong to|is in) ")
"""A number that a refusal of a set speaks of."""


def _bound(*expressions: Expr) -> set[str]:
    return {
        n.variable.name
        for e in expressions
        for n in walk(e)
        if isinstance(n, BigOp | Integral | Limit) and isinstance(n.variable, Sym)
    }


def _differ(gold: Expr, answer: Expr, point: _Point) -> bool | None:
    named = _assigned(gold), _assigned(answer)
    if named[0] is not None and named[1] is not None and named[0].keys() == named[1].keys() and len(named[0]) > 1:
        each = [_differ(named[0][name], named[1][name], point) for name in named[0]]
        return True if True in each else None if None in each else False
    if isinstance(gold, Infix) and isinstance(answer, Infix) and gold.op == answer.op == "ratio":
        ends = [_differ(gold.left, answer.left, point), _differ(gold.right, answer.right, point)]
        if Num(0) in (gold.right, answer.right):  # 12:00 is no quotient: a pair
            return True if True in ends else None if None in ends else False
    if _is_antiderivative(gold) or _is_antiderivative(answer):
        return _rates_differ(gold, answer, point)
    if (isinstance(gold, Relation) or isinstance(answer, Relation)) and (point.is_free(gold) or point.is_free(answer)):
        return _values_differ(gold, answer, point)  # whether they hold depends on what a function is
    if (
        isinstance(gold, _STATES)
        or isinstance(answer, _STATES)
        or isinstance(gold, _REGIONS)
        or isinstance(answer, _REGIONS)
    ):
        try:
            return point.belongs(gold, answer) != point.belongs(answer, gold)
        except (CannotCheck, NoValue):
            return _values_differ(gold, answer, point)
    if isinstance(gold, Seq) and isinstance(answer, Seq) and len(gold.items) == len(answer.items):
        found = [_differ(g, a, point) for g, a in zip(gold.items, answer.items, strict=True)]
        return True if True in found else None if None in found else False
    try:
        expected = point.value(gold)
    except (CannotCheck, NoValue):
        return None
    try:
        got = point.value(answer)
    except NoValue:
        return True
    except CannotCheck:
        return None
    try:
        return not _same(expected, got)
    except Misfit:
        return True


def _assigned(expr: Expr) -> dict[str, Expr] | None:
    """``x = 1, y = 2`` and ``(x, y) = (1, 2)``: what each name is said to be."""
    match expr:
        case Relation(("=",), (Sym(name), value)):
            return {name: value}
        case Relation(("=",), (Seq(names), Seq(values))) if len(names) == len(values):
            pairs = [(n.name, v) for n, v in zip(names, values, strict=True) if isinstance(n, Sym)]
            return dict(pairs) if len(pairs) == len(names) else None
        case Seq(items):
            found: dict[str, Expr] = {}
            for item in items:
                one = _assigned(item)
                if one is None or not found.keys().isdisjoint(one):
                    return None
                found |= one
            return found
    return None


def _is_antiderivative(expr: Expr) -> bool:
    return isinstance(expr, Integral) and expr.lower is None and expr.upper is None


def _rates_differ(gold: Expr, answer: Expr, point: _Point) -> bool | None:
    """Antiderivatives differ by a constant: what is under the integral is compared with the other side's derivative."""
    variable = next(e.variable for e in (gold, answer) if isinstance(e, Integral))
    if not isinstance(variable, Sym) or _is_rows(point.values.get(variable.name)):
        return None
    rates = [
        e.body if isinstance(e, Integral) and e.variable == variable else Derivative(e, (variable,))
        for e in (gold, answer)
    ]
    return _differ(rates[0], rates[1], point)


def _values_differ(gold: Expr, answer: Expr, point: _Point) -> bool | None:
    """``f(x) = a`` beside ``f(x) = b``, or beside ``b``: the values, where a name is all that stands before them."""
    sides = []
    for expr in (gold, answer):
        if isinstance(expr, Relation):
            first = expr.terms[0]
            if expr.ops == ("~",) and first == Const("unsaid"):
                sides.append(expr.terms[1])
                continue
            if expr.ops != ("=",) or not isinstance(first, Sym | Call | Index | Const | Num | Add | Mul | Neg):
                return None
            if isinstance(first, Call) and first.function in FUNCTIONS:
                return None
            if not isinstance(first, Sym | Call | Index | Const) or first == Const("i"):
                try:
                    if not point.truth(expr):
                        return True  # an equation between numbers, and false
                except (CannotCheck, NoValue):
                    return None
            sides.append(expr.terms[-1])
        else:
            sides.append(expr)
    if sides[0] is gold and sides[1] is answer:
        return None
    return _differ(sides[0], sides[1], point)


_STATES = (Relation, Logic)
_REGIONS = (Interval, SetOp, Set, SetBuilder)


def _parsed(text: str) -> Number | Rows:
    """``3/2``, ``[[1, 2], [3, 4]]``, ``-0.5``, ``1 + 2i``."""
    if text.startswith("[["):
        return [[_scalar(cell) for cell in row.split(",")] for row in re.findall(r"\[([^\[\]]+)\]", text)]
    try:
        return _scalar(text)
    except ValueError:
        return _Point({}, {}).value(read(text).expr)  # an end as it was written: 2√3


def _scalar(text: str) -> Number:
    text = text.strip()
    if re.fullmatch(r"-?\d+(/\d+)?", text):
        return Fraction(text)
    found = re.fullmatch(r"(-?[\d.e+-]+?)(?: \+ (-?[\d.e+-]+)i)?", text)
    if found is None:
        raise ValueError(text)
    real = Fraction(found[1]) if "e" not in found[1] else mp.mpf(found[1])
    return real if found[2] is None else mp.mpc(mp.mpf(found[1]), mp.mpf(found[2]))


def _is_rows(value: Any) -> bool:
    return isinstance(value, list)


def _plain(value: Any) -> Any:
    return value[0][0] if _is_rows(value) and len(value) == 1 and len(value[0]) == 1 else value


def _same(a: Any, b: Any) -> bool:
    a, b = _plain(a), _plain(b)
    if _is_rows(a) != _is_rows(b):
        rows, scalar = (a, b) if _is_rows(a) else (b, a)
        if len(rows) == len(rows[0]) or _near(scalar, 0):
            wanted = [[scalar if i == j else 0 for j in range(len(rows[0]))] for i in range(len(rows))]
            return _same(rows, wanted)
        raise Misfit
    if not _is_rows(a):
        return _near(a, b)
    if (len(a), len(a[0])) != (len(b), len(b[0])):
        raise Misfit
    return all(_near(x, y) for r, s in zip(a, b, strict=True) for x, y in zip(r, s, strict=True))


def _near(a: Number, b: Number) -> bool:
    if isinstance(a, Fraction | int) and isinstance(b, Fraction | int):
        return a == b
    a, b = _mp(a), _mp(b)
    return bool(abs(a - b) <= _CLOSE * (1 + abs(a)))


def _mp(x: Number) -> Number:
    return mp.mpf(x.numerator) / x.denominator if isinstance(x, Fraction) else mp.mpmathify(x)


def _both(a: Number, b: Number) -> tuple[Number, Number]:
    if isinstance(a, Fraction | int) and isinstance(b, Fraction | int):
        return a, b
    return _mp(a), _mp(b)


class _Point:
    """Values of names, and the meaning of expressions there."""

    def __init__(self, values: Mapping[str, Any], definitions: Mapping[str, Expr]) -> None:
        self.values = dict(values)
        self.definitions = definitions

    def value(self, expr: Expr) -> Any:
        match expr:
            case Num(number):
                return Fraction(number)
            case Sym(name):
                return self._named(name)
            case Const("pi"):
                return +mp.pi
            case Const("e"):
                return +mp.e
            case Const("i"):
                return mp.mpc(0, 1)
            case Identity(size):
                return self._identity(size)
            case Neg(arg):
                return _scaled(Fraction(-1), self.value(arg))
            case Percent(arg):
                return self._divided(self.value(arg), Fraction(100))
            case Add(terms):
                total = self.value(terms[0])
                for term in terms[1:]:
                    total = _sum(total, self.value(term))
                return total
            case Mul(factors):
                total = self.value(factors[0])
                for factor in factors[1:]:
                    total = _product(total, self.value(factor))
                return total
            case Div(top, bottom):
                return self._divided(self.value(top), _plain(self.value(bottom)))
            case Infix("dot", left, right):
                a, b = self.value(left), self.value(right)
                if _is_rows(a) and _is_rows(b) and len(a[0]) == 1 == len(b[0]) and len(a) == len(b) > 1:
                    a = _flipped(a)
                return _product(a, b)
            case Infix("ratio", left, right):
                return self._divided(self.value(left), _plain(self.value(right)))
            case Infix("mod", left, right):
                return Fraction(int(self.value(left)) % int(self.value(right)))
            case Transpose(arg):
                a = self.value(arg)
                return _flipped(a) if _is_rows(a) else a
            case PInv(arg):
                return _pseudo_inverse(self.value(arg))
            case Pow(base, exponent):
                return self._power(expr, base, exponent)
            case Abs(arg):
                a = _plain(self.value(arg))
                return _det(a) if _is_rows(a) else abs(a)
            case Norm(arg, kind, None):
                return self._norm(self.value(arg), kind)
            case Vector(items):
                return [[_plain(self.value(i))] for i in items]
            case Matrix(rows):
                return [[_plain(self.value(c)) for c in row] for row in rows]
            case Index():
                return self._entry(expr)
            case BigOp("sum" | "prod", _, Sym(), _, upper, None) if upper != Const("oo"):
                return self._folded(expr)
            case BigOp("sum", body, Sym(name), lower, Const("oo"), None) if lower is not None:
                return mp.nsum(lambda k: _mp(self._with(name, mp.mpf(k)).value(body)), [_mp(self.value(lower)), mp.inf])
            case Integral(body, Sym(name), lower, upper) if lower is not None and upper is not None:
                return mp.quad(lambda x: _mp(self._with(name, x).value(body)), [self._end(lower), self._end(upper)])
            case Derivative(body, (Sym(name),), kind) if kind in ("d", "partial") and not _is_rows(
                self.values.get(name)
            ):
                return mp.diff(lambda x: _mp(self._with(name, x).value(body)), _mp(self._named(name)))
            case Limit(body, Sym(name), to, side):
                direction = -1 if side == "-" else 1
                return mp.limit(lambda x: _mp(self._with(name, x).value(body)), self._end(to), direction)
            case Piecewise(branches):
                for body, condition in branches:
                    if condition is None or self.truth(condition):
                        return self.value(body)
                raise NoValue
            case Quantity(value, unit):
                return self._in_base_units(self.value(value), unit)
            case Call():
                return self._call(expr)
        raise CannotCheck(type(expr).__name__)

    def _in_base_units(self, value: Any, unit: Unit) -> Any:
        """The value in what the witness takes for a metre, a second, …; as it stands where units were set aside."""
        bases = {name.removeprefix("unit "): x for name, x in self.values.items() if name.startswith("unit ")}
        for name, power in unit if bases else ():
            factor, base = _UNITS.get(name, (None, ""))
            if factor is None or base not in bases:
                raise CannotCheck(name)
            value = _scaled((factor * bases[base]) ** power, value)
        return value

    def is_free(self, expr: Expr) -> bool:
        """Whether a function nobody has defined is in it: ``f(2)``, ``F_k``."""
        return any(
            (isinstance(n, Call) and _is_any_function(n.function))
            or (isinstance(n, Index) and isinstance(n.base, Sym) and not _is_rows(self.values.get(n.base.name)))
            for n in walk(expr)
        )

    def _freely(self, name: str, args: Sequence[Number]) -> Fraction:
        """A value of a function of which nothing is known: any will do, as long as equal arguments give equal values."""
        told = ";".join(str(a) if isinstance(a, Fraction) else mp.nstr(_mp(a), 20) for a in args)
        return Fraction(int(hashlib.sha256(f"{name}({told})".encode()).hexdigest()[:12], 16), 997)

    def _with(self, name: str, value: Any) -> _Point:
        return _Point({**self.values, name: value}, self.definitions)

    def _end(self, expr: Expr) -> Any:
        if expr == Const("oo"):
            return mp.inf
        return -mp.inf if expr == Neg(Const("oo")) else _mp(self.value(expr))

    def _named(self, name: str) -> Any:
        if name in self.values:
            return self.values[name]
        if name in self.definitions:
            return self.value(self.definitions[name])
        raise CannotCheck(name)

    def _identity(self, size: Expr | None) -> Any:
        if size is None:
            return Fraction(1)
        n = self.value(size)
        return [[Fraction(int(i == j)) for j in range(int(n))] for i in range(int(n))]

    def _divided(self, a: Any, b: Any) -> Any:
        if _is_rows(b):
            raise Misfit
        if b == 0:
            raise NoValue
        return _scaled(1 / b if not isinstance(b, int) else Fraction(1, b), a)

    def _power(self, expr: Pow, base: Expr, exponent: Expr) -> Any:
        n = _plain(self.value(exponent))
        if _is_rows(n):
            raise Misfit
        a = _plain(self.value(base))
        if _is_rows(a):
            if not (isinstance(n, Fraction) and n.denominator == 1) or abs(n) > 60:
                raise CannotCheck("a matrix power")
            if len(a) != len(a[0]):
                if n == 2 and 1 in (len(a), len(a[0])):
                    return sum((x * x for row in a for x in row), Fraction(0))
                raise Misfit
            return _matrix_power(a, int(n))
        if a == 0 and (n.real if isinstance(n, mp.mpc) else n) < 0:
            raise NoValue
        return self._raised(a, n)

    def _raised(self, a: Number, n: Number) -> Number:
        """A power of numbers; an odd root of a negative number is the negative one."""
        if (
            isinstance(n, Fraction)
            and n.denominator == 1
            and (
                abs(n) < 2000
                or (
                    isinstance(a, Fraction)
                    and abs(n) * max(a.numerator.bit_length(), a.denominator.bit_length()) < 10**6
                )
            )
        ):
            return a ** int(n)
        if isinstance(n, Fraction) and n.denominator % 2 == 1 and not isinstance(a, mp.mpc) and a < 0:
            root = mp.root(-_mp(a), n.denominator) ** n.numerator
            return -root if n.numerator % 2 else root
        if isinstance(n, Fraction) and abs(n) > 10**6:
            raise CannotCheck("a power that large")
        return mp.power(_mp(a), _mp(n))

    def _norm(self, a: Any, kind: str) -> Any:
        if not _is_rows(a):
            return abs(a)
        if kind not in ("", "2", "F") or (kind != "F" and 1 not in (len(a), len(a[0]))):
            raise CannotCheck("a norm")
        total = sum((x * x for row in a for x in row), Fraction(0))
        return mp.sqrt(_mp(total))

    def _part(self, expr: Index) -> Any:
        """``sigma_i`` and ``u_i``: an entry of the diagonal Σ, a column of U."""
        assert isinstance(expr.base, Sym)
        name = expr.base.name
        whole: Any = self.values.get(name.capitalize() if len(name) > 1 else name.upper())
        if not _is_rows(whole) or len(expr.indices) != 1:
            raise CannotCheck(name)
        k = int(self.value(expr.indices[0])) - 1
        diagonal = all(x == 0 for i, row in enumerate(whole) for j, x in enumerate(row) if i != j)
        if diagonal and name in ("sigma", "lambda", "s", "d"):
            return whole[k][k]
        return [[row[k]] for row in whole]

    def _entry(self, expr: Index) -> Any:
        base = expr.base
        if isinstance(base, Sym) and base.name not in self.values and base.name not in self.definitions:
            try:
                return self._part(expr)
            except CannotCheck:
                return self._freely(base.name, [_plain(self.value(i)) for i in expr.indices])
        a = self.value(base)
        if isinstance(base, Sym) and not _is_rows(a):
            return self._freely(base.name, [_plain(self.value(i)) for i in expr.indices])
        numbers = [int(self.value(i)) + int(expr.zero_based) - 1 for i in expr.indices]
        if not _is_rows(a):
            raise CannotCheck("an index into a scalar")
        try:
            if len(numbers) == 2:
                return a[numbers[0]][numbers[1]]
            if len(a[0]) == 1:
                return a[numbers[0]][0]
        except IndexError:
            raise NoValue from None
        raise CannotCheck("a column")

    def _folded(self, expr: BigOp) -> Any:
        assert isinstance(expr.variable, Sym)
        if expr.lower is None and expr.upper is None:
            low, high = Fraction(1), Fraction(self._length(expr.body, expr.variable))
        elif expr.lower is None or expr.upper is None or expr.upper == Const("oo"):
            raise CannotCheck("a sum without ends")
        else:
            low, high = self.value(expr.lower), self.value(expr.upper)
        if not (isinstance(low, Fraction) and isinstance(high, Fraction)) or high - low > 3000:
            raise CannotCheck("a long sum")
        total: Any = Fraction(0 if expr.op == "sum" else 1)
        name = expr.variable.name
        for k in range(int(low), int(high) + 1):
            inner = _Point({**self.values, name: Fraction(k)}, self.definitions)
            term = inner.value(expr.body)
            first = k == int(low)
            total = term if first else _sum(total, term) if expr.op == "sum" else _product(total, term)
        return total

    def _length(self, body: Expr, variable: Sym) -> int:
        """How far an index without ends runs: to the end of what it counts; of names nobody has declared, to 4."""
        for node in walk(body):
            if isinstance(node, Index) and variable in node.indices:
                whole: Any = self.values.get(node.base.name) if isinstance(node.base, Sym) else self.value(node.base)
                if _is_rows(whole):
                    one = len(node.indices) == 1 and len(whole[0]) > 1
                    return len(whole[0]) if one or node.indices.index(variable) == 1 else len(whole)
        return 4

    def _call(self, expr: Call) -> Any:
        name = expr.function
        if name == "clock":
            hours, minutes, seconds = (self.value(a) for a in expr.args)
            return hours * 3600 + minutes * 60 + seconds
        if name == "indicator" and isinstance(expr.args[0], Relation | Logic):
            return Fraction(int(self.truth(expr.args[0])))
        args = [_plain(self.value(a)) for a in expr.args]
        if name in _OF_MATRICES and len(args) == 1:
            return _OF_MATRICES[name](args[0])
        if any(_is_rows(a) for a in args):
            raise CannotCheck(name)
        if name == "root" and len(args) == 2:
            if args[1] == 0:
                raise NoValue
            return self._raised(args[0], 1 / args[1])
        if _is_any_function(name):
            return self._freely(name, args)
        if name == "log" and expr.sub is not None:
            return mp.log(_mp(args[0])) / mp.log(_mp(_plain(self.value(expr.sub))))
        if name in ("max", "min"):
            return (max if name == "max" else min)(args)
        if name == "sign":
            return Fraction((args[0] > 0) - (args[0] < 0))
        if name == "abs":
            return abs(args[0])
        if name == "relu":
            return max(args[0], Fraction(0))
        if name in ("floor", "ceil"):
            return Fraction(int(mp.floor(_mp(args[0])) if name == "floor" else mp.ceil(_mp(args[0]))))
        if name in ("factorial", "gamma") and isinstance(args[0], Fraction) and args[0].denominator == 1:
            n = int(args[0]) - (name == "gamma")
            if n < 0:
                raise NoValue
            return Fraction(math.factorial(n)) if n < 3000 else mp.factorial(n)
        if name == "binom" and all(isinstance(a, Fraction) and a.denominator == 1 for a in args):
            n, k = (int(a) for a in args)
            return (
                Fraction(0)
                if k < 0 or 0 <= n < k
                else Fraction(math.comb(n, k) if n >= 0 else int(mp.nint(mp.binomial(n, k))))
            )
        rule = _FUNCTIONS.get(name)
        if rule is None or len(args) != 1:
            raise CannotCheck(name)
        x = _mp(args[0])
        if name in ("ln", "log", "log2", "log10") and x == 0:
            raise NoValue
        try:
            return rule(x)
        except (ZeroDivisionError, ValueError):
            raise NoValue from None

    # -- statements and sets ----------------------------------------------------------------------------------------------------
    def belongs(self, expr: Expr, beside: Expr) -> bool:
        """Whether a statement holds here, or the unknown the witness is about lies in a set."""
        if isinstance(expr, _STATES) and not (isinstance(expr, Relation) and expr.ops == ("in",)):
            return self.truth(expr)
        region = expr.terms[1] if isinstance(expr, Relation) else expr
        named = (
            {n.name for n in walk(beside) if isinstance(n, Sym)} & set(self.values)
            if isinstance(beside, _STATES)
            else set()
        )
        parameters = {n.name for n in walk(region) if isinstance(n, Sym)}
        unknown = sorted(named - parameters) or sorted(set(self.values) - parameters)
        if len(unknown) != 1:
            raise CannotCheck("a set about several unknowns")
        return self.contains(region, self.values[unknown[0]])

    def truth(self, expr: Expr) -> bool:
        match expr:
            case Logic("and", args):
                return all(self.truth(a) for a in args)
            case Logic("or", args):
                return any(self.truth(a) for a in args)
            case Logic("not", args):
                return not self.truth(args[0])
            case Relation(ops, terms):
                return all(self._holds(op, a, b) for op, a, b in zip(ops, terms, terms[1:], strict=False))
        raise CannotCheck(type(expr).__name__)

    def _holds(self, op: str, a: Expr, b: Expr) -> bool:
        if op == "in":
            return self.contains(b, _plain(self.value(a)))
        x, y = _both(_plain(self.value(a)), _plain(self.value(b)))
        equal = _near(x, y)
        if op == "=":
            return equal
        if op == "!=":
            return not equal
        if op in ("<=", ">=") and equal:
            return True
        if equal:
            return False
        if op in ("<", "<="):
            return bool(x < y)
        if op in (">", ">="):
            return bool(x > y)
        raise CannotCheck(op)

    def contains(self, region: Expr, x: Number) -> bool:
        match region:
            case Const("R"):
                return True
            case Const("empty"):
                return False
            case Interval(low, high, closed_low, closed_high):
                return self._above(low, x, closed_low) and self._below(high, x, closed_high)
            case Seq((low, high), brackets):
                return self._above(low, x, brackets == "[]") and self._below(high, x, brackets == "[]")
            case Set(items):
                return any(_near(self.value(i), x) for i in items)
            case SetBuilder(element, Relation(("in",), (Sym(name), Const("Z")))):
                return self._is_multiple(element, name, x)
            case SetOp("union", args):
                return any(self.contains(a, x) for a in args)
            case SetOp("intersection", args):
                return all(self.contains(a, x) for a in args)
            case SetOp("minus", args):
                return self.contains(args[0], x) and not any(self.contains(a, x) for a in args[1:])
        raise CannotCheck(type(region).__name__)

    def _is_multiple(self, element: Expr, name: str, x: Number) -> bool:
        """Whether ``x`` is ``a k + b`` for a whole k."""
        if not all(isinstance(n, Num | Sym | Add | Mul | Neg) for n in walk(element)):
            raise CannotCheck("a set of something crooked")
        start, one, two = (self._with(name, Fraction(k)).value(element) for k in range(3))
        step = one - start
        if two - one != step or step == 0 or not all(isinstance(v, Fraction) for v in (start, step, x)):
            raise CannotCheck("a set of something crooked")
        return bool(((x - start) / step).denominator == 1)

    def _above(self, low: Expr, x: Number, closed: bool) -> bool:
        if low == Neg(Const("oo")):
            return True
        a, b = _both(self.value(low), x)
        return closed if _near(a, b) else bool(b > a)

    def _below(self, high: Expr, x: Number, closed: bool) -> bool:
        if high == Const("oo"):
            return True
        a, b = _both(self.value(high), x)
        return closed if _near(a, b) else bool(b < a)


_UNITS: dict[str, tuple[Fraction, str]] = {
    "m": (Fraction(1), "m"), "km": (Fraction(1000), "m"), "dm": (Fraction(1, 10), "m"), "cm": (Fraction(1, 100), "m"),
    "mm": (Fraction(1, 1000), "m"), "in": (Fraction(254, 10000), "m"), "ft": (Fraction(3048, 10000), "m"),
    "yd": (Fraction(9144, 10000), "m"), "mi": (Fraction(1609344, 1000), "m"), "s": (Fraction(1), "s"),
    "ms": (Fraction(1, 1000), "s"), "min": (Fraction(60), "s"), "h": (Fraction(3600), "s"), "d": (Fraction(86400), "s"),
    "kg": (Fraction(1), "kg"), "g": (Fraction(1, 1000), "kg"), "mg": (Fraction(1, 10**6), "kg"), "t": (Fraction(1000), "kg"),
}  # fmt: skip
"""A unit as a multiple of one of the bases that witnesses speak of."""


def _is_any_function(name: str) -> bool:
    """Whether nothing is known of a function but its name: f, and the O of an order of growth."""
    return name not in FUNCTIONS or name in ("O", "o", "Theta", "Omega")


_FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "sin": mp.sin, "cos": mp.cos, "tan": mp.tan, "cot": mp.cot, "sec": mp.sec, "csc": mp.csc, "exp": mp.exp, "ln": mp.log,
    "log": mp.log, "sqrt": mp.sqrt, "sinh": mp.sinh, "cosh": mp.cosh, "tanh": mp.tanh, "coth": mp.coth, "sech": mp.sech,
    "csch": mp.csch, "arcsin": mp.asin, "arccos": mp.acos, "arctan": mp.atan, "arcsinh": mp.asinh, "arccosh": mp.acosh,
    "arctanh": mp.atanh, "arccot": lambda x: mp.atan(1 / x), "arcsec": lambda x: mp.acos(1 / x), "arccsc": lambda x: mp.asin(1 / x),
    "log2": lambda x: mp.log(x) / mp.log(2), "log10": lambda x: mp.log(x) / mp.log(10), "erf": mp.erf, "zeta": mp.zeta,
    "gamma": mp.gamma, "factorial": mp.factorial, "sigmoid": lambda x: 1 / (1 + mp.exp(-x)), "conj": mp.conj, "re": mp.re, "im": mp.im,
    "cbrt": lambda x: -mp.cbrt(-x) if x < 0 else mp.cbrt(x),
}  # fmt: skip


# -- matrices of any numbers, by hand ----------------------------------------------------------------------------------------
def _flipped(a: Rows) -> Rows:
    return [list(column) for column in zip(*a, strict=True)]


def _scaled(c: Number, a: Any) -> Any:
    if _is_rows(a):
        return [[_times(c, x) for x in row] for row in a]
    return _times(c, a)


def _times(a: Number, b: Number) -> Number:
    x, y = _both(a, b)
    return x * y


def _sum(a: Any, b: Any) -> Any:
    a, b = _plain(a), _plain(b)
    if _is_rows(a) != _is_rows(b):
        rows, scalar = (a, b) if _is_rows(a) else (b, a)
        if len(rows) != len(rows[0]):
            raise Misfit
        return [[_added(x, scalar) if i == j else x for j, x in enumerate(row)] for i, row in enumerate(rows)]
    if not _is_rows(a):
        return _added(a, b)
    if (len(a), len(a[0])) != (len(b), len(b[0])):
        raise Misfit
    return [[_added(x, y) for x, y in zip(r, s, strict=True)] for r, s in zip(a, b, strict=True)]


def _added(a: Number, b: Number) -> Number:
    x, y = _both(a, b)
    return x + y


def _product(a: Any, b: Any) -> Any:
    if not (_is_rows(a) and _is_rows(b)):
        return _scaled(a, b) if not _is_rows(a) else _scaled(b, a)
    if len(a[0]) != len(b):
        if len(a) == 1 == len(a[0]):
            return _scaled(a[0][0], b)
        if len(b) == 1 == len(b[0]):
            return _scaled(b[0][0], a)
        raise Misfit
    columns = _flipped(b)
    return [[_dot(row, column) for column in columns] for row in a]


def _dot(x: Sequence[Number], y: Sequence[Number]) -> Number:
    total: Number = Fraction(0)
    for a, b in zip(x, y, strict=True):
        total = _added(total, _times(a, b))
    return total


def _eliminated(a: Rows, right: Rows) -> tuple[Rows, Number]:
    """a⁻¹·right and det a, by elimination. Raises NoValue where a is singular."""
    n = len(a)
    if n != len(a[0]):
        raise Misfit
    work = [list(row) + list(extra) for row, extra in zip(a, right, strict=True)]
    det: Number = Fraction(1)
    for k in range(n):
        pivot = max(range(k, n), key=lambda i: abs(work[i][k]))
        if _near(work[pivot][k], 0):
            raise NoValue
        if pivot != k:
            work[k], work[pivot] = work[pivot], work[k]
            det = -det
        det = _times(det, work[k][k])
        head = work[k][k]
        work[k] = [x / head for x in work[k]]
        for i in range(n):
            if i != k and work[i][k] != 0:
                factor = work[i][k]
                work[i] = [_added(x, _times(-factor, y)) for x, y in zip(work[i], work[k], strict=True)]
    return [row[n:] for row in work], det


def _unit(n: int) -> Rows:
    return [[Fraction(int(i == j)) for j in range(n)] for i in range(n)]


def _inverse(a: Any) -> Any:
    if not _is_rows(a):
        if a == 0:
            raise NoValue
        return 1 / a
    if len(a) != len(a[0]):
        raise Misfit
    return _eliminated(a, _unit(len(a)))[0]


def _det(a: Any) -> Any:
    if not _is_rows(a):
        return a
    try:
        return _eliminated(a, [[] for _ in a])[1]
    except NoValue as reason:
        if isinstance(reason, Misfit):
            raise
        return Fraction(0)


def _trace(a: Any) -> Any:
    if not _is_rows(a):
        return a
    if len(a) != len(a[0]):
        raise Misfit
    total: Number = Fraction(0)
    for i in range(len(a)):
        total = _added(total, a[i][i])
    return total


def _matrix_power(a: Rows, n: int) -> Rows:
    if n < 0:
        a, n = _inverse(a), -n
    total = _unit(len(a))
    for _ in range(n):
        total = list(_product(total, a))
    return total


def _pseudo_inverse(a: Any) -> Any:
    """X = a⁺ is the one matrix with aXa = a and X in the right spaces; for full rank the normal equations give it."""
    if not _is_rows(a):
        return _inverse(a)
    t = _flipped(a)
    try:
        return _product(_inverse(_product(t, a)), t) if len(a) >= len(a[0]) else _product(t, _inverse(_product(a, t)))
    except NoValue:
        raise CannotCheck("the pseudo-inverse of a matrix of short rank") from None


_OF_MATRICES: dict[str, Callable[[Any], Any]] = {
    "tr": _trace, "det": _det, "inv": _inverse, "transpose": lambda a: _flipped(a) if _is_rows(a) else a, "pinv": _pseudo_inverse,
}  # fmt: skip


# -- certificates ------------------------------------------------------------------------------------------------------------
def certificate_holds(text: str) -> bool | None:
    """Whether a printed proof is one; None for a text that is no certificate of a kind known here."""
    if "\n----\n" in text:
        found = [certificate_holds(part) for part in text.split("\n----\n")]
        return False if False in found else None if None in found else True
    if text.startswith("scalar identity"):
        return _scalar_identity(text.splitlines()[1:])
    if text.startswith("the same zeros"):
        return _same_zeros(text.splitlines()[1:])
    if text.startswith("matrix identity"):
        from llmgrade.checking.recheck_words import matrix_identity_holds

        return matrix_identity_holds(text.splitlines()[1:])
    if "(check-sat)" in text:
        return all(_unsatisfiable(part) for part in text.split(";----"))
    return None


Poly = dict[tuple[tuple[str, int], ...], Fraction]


def read_polynomial(text: str) -> Poly:
    """``3*g0^2*g1 + (1/2)*g2 + -1`` as monomial → coefficient. Raises ValueError."""
    total: Poly = {}
    for term in text.split(" + "):
        coefficient = Fraction(1)
        powers: dict[str, int] = {}
        for factor in term.strip().split("*"):
            if re.fullmatch(r"\(?-?\d+(/\d+)?\)?", factor):
                coefficient *= Fraction(factor.strip("()"))
                continue
            name, _, power = factor.partition("^")
            if not re.fullmatch(r"[A-Za-z_]\w*", name):
                raise ValueError(factor)
            powers[name] = powers.get(name, 0) + (int(power) if power else 1)
        key = tuple(sorted(powers.items()))
        total[key] = total.get(key, Fraction(0)) + coefficient
    return {k: c for k, c in total.items() if c}


def _times_poly(a: Poly, b: Poly) -> Poly:
    total: Poly = {}
    for k1, c1 in a.items():
        for k2, c2 in b.items():
            powers = dict(k1)
            for name, power in k2:
                powers[name] = powers.get(name, 0) + power
            key = tuple(sorted(powers.items()))
            total[key] = total.get(key, Fraction(0)) + c1 * c2
    return {k: c for k, c in total.items() if c}


def _reduced(p: Poly, squares: Mapping[str, Poly]) -> Poly:
    for _ in range(200):
        found = next(((k, n) for k in p for n, power in k if power >= 2 and n in squares), None)
        if found is None:
            return p
        key, name = found
        coefficient = p.pop(key)
        rest = dict(key)
        rest[name] -= 2
        base: Poly = {tuple(sorted((n, power) for n, power in rest.items() if power)): coefficient}
        for k, c in _times_poly(base, squares[name]).items():
            p[k] = p.get(k, Fraction(0)) + c
            if not p[k]:
                del p[k]
    raise ValueError("no end of reductions")


def _scalar_identity(lines: Sequence[str]) -> bool:
    squares: dict[str, Poly] = {}
    sides: dict[str, tuple[Poly, Poly]] = {}
    known: set[str] = set()
    try:
        for line in lines:
            if line.startswith("let "):
                known.add(line[4:].partition(" = ")[0])
            elif line.startswith("with "):
                name, _, square = line[5:].partition("^2 = ")
                squares[name] = read_polynomial(square)
            elif line.startswith(("expected = ", "answer = ")):
                side, _, fraction = line.partition(" = ")
                top, _, bottom = fraction.partition(") / (")
                sides[side] = read_polynomial(top[1:]), read_polynomial(bottom[:-1])
        (n1, d1), (n2, d2) = sides["expected"], sides["answer"]
        used = {n for p in (n1, d1, n2, d2) for k in p for n, _ in k}
        if not used <= known or not _reduced(dict(d1), squares) or not _reduced(dict(d2), squares):
            return False
        left, right = _times_poly(n1, d2), _times_poly(n2, d1)
        difference = dict(left)
        for k, c in right.items():
            difference[k] = difference.get(k, Fraction(0)) - c
        return not _reduced({k: c for k, c in difference.items() if c}, squares)
    except (ValueError, KeyError):
        return False


_ZEROS = re.compile(r"(expected|answer) = \((.+?)\) = \((-?\d+(?:/\d+)?)\)((?: \(.+?\)\^\d+)+)")


def _same_zeros(lines: Sequence[str]) -> bool:
    """Both numerators multiplied out from their factors, which must be the same ones, none of them constant."""
    factors: dict[str, set[str]] = {}
    try:
        known = {line[4:].partition(" = ")[0] for line in lines if line.startswith("let ")}
        for line in lines:
            found = _ZEROS.fullmatch(line)
            if found is None:
                continue
            side, numerator, constant, product = found.groups()
            total: Poly = {(): Fraction(constant)}
            factors[side] = set()
            for factor, power in re.findall(r" \((.+?)\)\^(\d+)", product):
                one = read_polynomial(factor)
                if not any(one) or not 1 <= int(power) <= 100 or not {n for key in one for n, _ in key} <= known:
                    return False
                factors[side].add(factor)
                for _ in range(int(power)):
                    total = _times_poly(total, one)
            if total != read_polynomial(numerator) or not total:
                return False
    except ValueError:
        return False
    return "expected" in factors and factors["expected"] == factors.get("answer")


def _unsatisfiable(text: str) -> bool:
    import z3

    solver = z3.Solver(ctx=z3.Context())
    solver.set("timeout", 5000)
    try:
        solver.from_string(text.replace("(check-sat)", ""))
        return str(solver.check()) == "unsat"
    except z3.Z3Exception:
        return False
