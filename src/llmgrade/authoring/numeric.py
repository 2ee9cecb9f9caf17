"""Values by numpy: a second road to what an expression is worth.

The comparer works in a prime field and with balls; this room re-derives answers and labels mutants, so it shares the reader's
nodes with it and not a line of arithmetic. Floats at random points are enough: what is decided here are gross differences
(a lost transpose, a sign), and a difference below `SAME` at every point counts as none.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from llmgrade.expr import nodes as n
from llmgrade.expr.symbols import Symbol, SymbolTable

__all__ = ["SAME", "Members", "Unknown", "Values", "differ", "value"]

SAME = 1e-7
"""Relative difference below which two values are one."""
SIZES = {"m": 5, "n": 4, "d": 3, "k": 2, "p": 3, "q": 2, "r": 2, "N": 7}
"""Sizes of letters a rubric does not sample: distinct, so that a lost transpose shows as a shape."""

Array = NDArray[np.float64]


class Unknown(Exception):
    """No numeric value: a construct this road does not know, a shape that does not fit, a point outside the domain."""


class Members:
    """A set of numbers: whether one is in it, and the numbers at which that may change."""

    def __init__(self, contains: Callable[[float], bool], edges: Iterable[float]) -> None:
        self.contains, self.edges = contains, tuple(edges)

    def probes(self, other: Members) -> list[float]:
        """Numbers that tell two sets apart where they differ: the edges, between them, and beyond."""
        edges = sorted({e for e in (*self.edges, *other.edges) if abs(e) < 1e11})
        if not edges:
            return [0.0]
        return [edges[0] - 1, *edges, *((a + b) / 2 for a, b in zip(edges, edges[1:], strict=False)), edges[-1] + 1]


class _Eye:
    """An identity that takes the size of what it meets, times a factor."""

    def __init__(self, factor: float = 1.0) -> None:
        self.factor = factor


class Values:
    """A random point for the names of a table."""

    def __init__(
        self, table: SymbolTable, generator: np.random.Generator, sizes: Mapping[str, int] | None = None, weak: str = ""
    ) -> None:
        self.table, self.generator = table, generator
        self.sizes = {**SIZES, **(sizes or {})}
        self.weak = weak
        """A sampler weakened on purpose: ``symmetric``, ``ones`` (every size 1), ``unit`` (positive scalars are 1)."""
        if weak == "ones":
            self.sizes = dict.fromkeys(self.sizes, 1)
        self.lenient = False
        """A number beside a square matrix counts as that multiple of the identity."""
        self.known: dict[str, Any] = {}

    def settle(self) -> None:
        """Draw every name now, so that a moved point keeps all the others."""
        for symbol in self.table:
            if not symbol.definition and symbol.type not in {"function", "random variable"}:
                self[symbol.name]

    def size(self, letter: int | str | None) -> int:
        """The size a letter stands for at this point."""
        if isinstance(letter, int):
            return 1 if self.weak == "ones" else letter
        if letter is None:
            return 1
        if letter not in self.sizes:
            self.sizes[letter] = 1 if self.weak == "ones" else 3 + sum(map(ord, letter)) % 4
        return self.sizes[letter]

    def __getitem__(self, name: str) -> Any:
        if name not in self.known:
            symbol = self.table.get(name)
            if symbol is None:
                raise Unknown(f"no value for {name}")
            if name in self.table.sizes and name not in self.table.symbols:
                return float(self.size(name))  # a letter used as a size is that size
            self.known[name] = self._defined(symbol) if symbol.definition else self._drawn(symbol)
        return self.known[name]

    def _defined(self, symbol: Symbol) -> Any:
        assert symbol.definition is not None
        return value(_definition(self.table, symbol.definition), self)

    def _drawn(self, symbol: Symbol) -> Any:
        rows, columns = self.size(symbol.shape.rows), self.size(symbol.shape.columns)
        draw = self.generator
        if symbol.type == "identity":
            return _Eye()
        if symbol.shape.is_scalar:
            return self._scalar(symbol)
        made: Array = draw.normal(size=(rows, columns)) + 0.3
        if symbol.has("orthogonal") or symbol.has("orthonormal columns"):
            made = np.linalg.qr(draw.normal(size=(rows, rows)))[0][:, :columns]
        elif symbol.has("diagonal"):
            made = np.zeros((rows, columns))
            np.fill_diagonal(made, draw.uniform(0.5, 2.0, size=min(rows, columns)))
        elif symbol.has("invertible") and rows == columns and not symbol.has("symmetric"):
            made = made + 2 * np.eye(rows)
        elif symbol.has("psd"):
            made = made @ made.T + (np.eye(rows) if symbol.has("spd") else 0)
        elif symbol.has("symmetric") or (self.weak == "symmetric" and rows == columns and columns > 1):
            made = made + made.T
        elif symbol.has("unit"):
            made = made / np.linalg.norm(made)
        if self.weak == "deficient" and min(rows, columns) > 1 and not any(map(symbol.has, _OF_FULL_RANK)):
            made = _of_lower_rank(made, symbol)
        return made

    def _scalar(self, symbol: Symbol) -> float:
        draw = self.generator
        if symbol.has("integer"):
            least = 1 if symbol.has("positive") else 0 if symbol.has("nonnegative") else -4
            return float(draw.integers(least, 6))
        if self.weak == "unit" and symbol.has("positive"):
            return 1.0
        low, high = _range(symbol)
        made = float(draw.uniform(low, high))
        return made if abs(made) > 0.05 or not symbol.has("nonzero") else 0.5


_OF_FULL_RANK = (
    "invertible",
    "orthonormal columns",
    "orthonormal rows",
    "full column rank",
    "full row rank",
    "full rank",
)


def _of_lower_rank(made: Array, symbol: Symbol) -> Array:
    """The same matrix with its last direction gone, its structure kept."""
    last = min(made.shape) - 1
    if symbol.has("symmetric"):
        made[last, :], made[:, last] = 0.0, 0.0
    else:
        made[:, last] = made[:, 0] if last and not symbol.has("diagonal") else 0.0
    return made


_DEFINITIONS: WeakKeyDictionary[SymbolTable, dict[str, n.Expr]] = WeakKeyDictionary()


def _definition(table: SymbolTable, text: str) -> n.Expr:
    """What a derived name stands for, read once per table."""
    from llmgrade.expr.notation import read

    known = _DEFINITIONS.setdefault(table, {})
    if text not in known:
        known[text] = read(text, table).expr
    return known[text]


@lru_cache(maxsize=512)
def _range(symbol: Symbol) -> tuple[float, float]:
    low, high = -2.0, 2.0
    if symbol.has("positive") or symbol.has("nonnegative"):
        low, high = 0.2, 2.5
    elif symbol.has("negative"):
        low, high = -2.5, -0.2
    empty = Values(SymbolTable.empty(), np.random.default_rng(0))
    for bound in symbol.bounds:
        try:
            at = float(value(bound.value, empty))
        except Unknown:
            continue
        if bound.op in {">", ">="}:
            low = at + 0.02
            high = max(high, low + 2.0)
        elif bound.op in {"<", "<="}:
            high = at - 0.02
            low = min(low, high - 2.0) if low >= high else low
    return low, high


def differ(one: Any, other: Any) -> bool:
    """Whether two values are different; shapes count, but a 1×1 matrix is its entry."""
    if isinstance(one, Members) or isinstance(other, Members):
        one, other = _as_set(one), _as_set(other)
        if not (isinstance(one, Members) and isinstance(other, Members)):
            return True
        return any(one.contains(probe) != other.contains(probe) for probe in one.probes(other))
    whole, part = np.asarray(_plain(one), dtype=float), np.asarray(_plain(other), dtype=float)
    if whole.shape != part.shape and not whole.size == 1 == part.size:
        return True
    a, b = np.squeeze(whole), np.squeeze(part)
    if not (np.all(np.isfinite(a)) and np.all(np.isfinite(b))):
        raise Unknown("not finite")
    scale = max(1.0, float(np.max(np.abs(a), initial=0.0)), float(np.max(np.abs(b), initial=0.0)))
    return bool(np.max(np.abs(a - b), initial=0.0) > SAME * scale)


def _as_set(found: Any) -> Any:
    """``(1, 2)`` beside a set is an interval, though by itself it is a pair."""
    if isinstance(found, np.ndarray) and found.shape == (1, 2):
        low, high = found[0]
        return Members(lambda x: bool(low < x < high), (float(low), float(high)))
    return found


def _plain(found: Any) -> Any:
    return found.factor if isinstance(found, _Eye) else found


def value(expr: n.Expr, at: Values) -> Any:
    """The value at a point: a float, a 2-d array, a bool for a condition.

    Raises:
        Unknown: there is none.
    """
    try:
        with np.errstate(all="ignore"):
            found = _value(expr, at)
    except (ValueError, ZeroDivisionError, OverflowError, np.linalg.LinAlgError, RecursionError) as error:
        raise Unknown(str(error)) from None
    return found


def _value(expr: n.Expr, at: Values) -> Any:
    common = _COMMON.get(type(expr))
    return common(expr, at) if common is not None else _rare(expr, at)


_COMMON: dict[type[n.Expr], Callable[[Any, Values], Any]] = {
    n.Num: lambda expr, at: float(expr.value),
    n.Sym: lambda expr, at: at[expr.name],
    n.Add: lambda expr, at: _sum([_value(term, at) for term in expr.terms], at.lenient),
    n.Mul: lambda expr, at: _product([_value(factor, at) for factor in expr.factors]),
    n.Neg: lambda expr, at: _product([-1.0, _value(expr.arg, at)]),
    n.Div: lambda expr, at: _product([_value(expr.top, at), _power(_value(expr.bottom, at), -1.0)]),
    n.Pow: lambda expr, at: _power(_value(expr.base, at), _number(_value(expr.exponent, at))),
    n.Transpose: lambda expr, at: _turned(_value(expr.arg, at)),
    n.Adjoint: lambda expr, at: _turned(_value(expr.arg, at)),
}
"""What nearly every node is."""


def _turned(found: Any) -> Any:
    return found.T if isinstance(found, np.ndarray) else found


def _rare(expr: n.Expr, at: Values) -> Any:
    match expr:
        case n.Const(name=name):
            return _constant(name)
        case n.Identity(size=None):
            return _Eye()
        case n.Identity(size=size):
            assert size is not None
            letter = size.name if isinstance(size, n.Sym) else None
            return np.eye(at.size(letter) if letter is not None else int(_number(_value(size, at))))
        case n.PInv(arg=arg):
            return np.linalg.pinv(_array(_value(arg, at)))
        case n.Abs(arg=arg):
            return abs(_number(_value(arg, at)))
        case n.Norm(arg=arg, kind=kind):
            return _norm(_array(_value(arg, at)), kind)
        case n.Vector(items=items):
            return np.vstack([np.atleast_2d(_value(item, at)) for item in items])
        case n.Matrix(rows=rows):
            return _beside([[_value(entry, at) for entry in row] for row in rows], at.lenient)
        case n.Seq(items=items, brackets="[]" | "()"):
            return _beside([[_value(item, at) for item in items]], at.lenient)
        case n.Interval() | n.Set() | n.SetOp() | n.SetBuilder():
            return _members(expr, at)
        case n.BigOp():
            raise Unknown("a sum over an index")
        case n.Quantity(value=number):
            return _value(number, at)
        case n.Percent(arg=arg):
            return _value(arg, at) / 100
        case n.Call():
            return _call(expr, at)
        case n.Piecewise(branches=branches):
            for body, condition in branches:
                if condition is None or _value(condition, at):
                    return _value(body, at)
            raise Unknown("no branch holds")
        case n.Relation(ops=ops, terms=terms):
            return _relation(ops, [_value(term, at) for term in terms])
        case n.Logic(op=op, args=args):
            told = [bool(_value(arg, at)) for arg in args]
            return {"and": all(told), "or": any(told), "not": not told[0]}[op]
        case _:
            raise Unknown(f"{type(expr).__name__} has no value by numpy")


_GRID = tuple(-6 + k / 4 for k in range(49))


def _members(expr: n.Expr, at: Values) -> Members:
    """A set of numbers, by what is in it."""
    match expr:
        case n.Interval(low=low, high=high, closed_low=closed_low, closed_high=closed_high):
            a, b = (_number(_value(end, at)) for end in (low, high))
            return Members(lambda x: (a < x or (closed_low and x == a)) and (x < b or (closed_high and x == b)), (a, b))
        case n.Set(items=items):
            inside = {_number(_value(item, at)) for item in items}
            return Members(lambda x: any(abs(x - y) <= SAME * max(1.0, abs(y)) for y in inside), inside)
        case n.SetBuilder(element=n.Sym(name=name), condition=condition):

            def holds(x: float) -> bool:
                there = Values(at.table, at.generator, at.sizes, at.weak)
                there.known = {**at.known, name: x}
                return bool(_value(condition, there))

            numbers = [_number(_value(node, at)) for node in n.walk(condition) if isinstance(node, n.Num)]
            return Members(holds, (*_GRID, *numbers, *(-number for number in numbers)))
        case n.SetOp(op=op, args=args) if op in {"union", "intersection", "minus", "complement"}:
            parts = [_members(arg, at) for arg in args]
            edges = [edge for part in parts for edge in part.edges]
            first, rest = parts[0], parts[1:]
            tests: dict[str, Callable[[float], bool]] = {
                "union": lambda x: any(part.contains(x) for part in parts),
                "intersection": lambda x: all(part.contains(x) for part in parts),
                "minus": lambda x: first.contains(x) and not any(part.contains(x) for part in rest),
                "complement": lambda x: not first.contains(x),
            }
            return Members(tests[op], edges)
        case n.Const(name="reals" | "R" | "ℝ"):
            return Members(lambda x: True, ())
        case _:
            raise Unknown(f"{type(expr).__name__} is no set by numpy")


def _constant(name: str) -> float:
    known = {"pi": math.pi, "e": math.e, "true": 1.0, "false": 0.0, "inf": 1e12, "infinity": 1e12, "oo": 1e12}
    if name not in known:
        raise Unknown(name)
    return known[name]


def _number(found: Any) -> float:
    plain = _plain(found)
    if isinstance(plain, np.ndarray):
        if plain.size != 1:
            raise Unknown("a number was expected")
        return float(plain.reshape(-1)[0])
    return float(plain)


def _array(found: Any) -> Array:
    if isinstance(found, _Eye):
        raise Unknown("an identity of no size")
    return np.atleast_2d(np.asarray(found, dtype=float))


def _beside(rows: list[list[Any]], lenient: bool) -> Any:
    """A block matrix; an identity without a size takes that of its row, or of its column."""
    wide = [[np.atleast_2d(e) for e in row if not isinstance(e, _Eye) and np.ndim(e)] for row in rows]
    made = []
    for row, arrays in zip(rows, wide, strict=True):
        size = arrays[0].shape[0] if arrays else next((a.shape[1] for other in wide for a in other), 0)
        made.append([_fitted(entry, size, lenient) for entry in row])
    return np.block(made)


def _fitted(entry: Any, size: int, lenient: bool) -> Array:
    if isinstance(entry, _Eye) and size:
        return entry.factor * np.eye(size)
    if lenient and size and not isinstance(entry, _Eye) and not np.ndim(entry):
        return float(entry) * np.eye(size)
    return _array(entry)


def _sum(terms: list[Any], lenient: bool = False) -> Any:
    arrays = [t for t in terms if isinstance(t, np.ndarray) and t.size != 1]
    if not arrays:
        if all(isinstance(t, _Eye) for t in terms):
            return _Eye(sum(t.factor for t in terms))
        return sum(_number(t) for t in terms)
    shape = arrays[0].shape
    total = np.zeros(shape)
    for term in terms:
        if isinstance(term, _Eye):
            if shape[0] != shape[1]:
                raise Unknown("an identity beside a matrix that is not square")
            total = total + term.factor * np.eye(shape[0])
        elif isinstance(term, np.ndarray) and term.shape == shape:
            total = total + term
        elif lenient and shape[0] == shape[1] and not isinstance(term, np.ndarray):
            total = total + term * np.eye(shape[0])
        else:
            raise Unknown("shapes do not fit in a sum")
    return total


def _product(factors: list[Any]) -> Any:
    found: Any = 1.0
    for factor in factors:
        if isinstance(factor, _Eye):
            found = found * factor.factor if not isinstance(found, float) else _Eye(found * factor.factor)
        elif isinstance(found, _Eye):
            found = found.factor * factor if isinstance(factor, np.ndarray) else _Eye(found.factor * _number(factor))
        elif isinstance(found, np.ndarray) and isinstance(factor, np.ndarray):
            if found.size == 1 or (factor.size == 1 and found.shape[1] != 1):
                found = found * factor
            elif found.shape[1] != factor.shape[0]:
                raise Unknown("shapes do not fit in a product")
            else:
                found = found @ factor
        else:
            found = found * factor
    return found


def _power(base: Any, exponent: float) -> Any:
    if isinstance(base, _Eye):
        return _Eye(base.factor**exponent)
    if isinstance(base, np.ndarray) and base.size != 1:
        if base.shape[0] != base.shape[1] or exponent != int(exponent):
            raise Unknown("a power of a matrix that is not square")
        if exponent < 0 and np.linalg.cond(base) > 1e10:
            raise Unknown("a singular matrix has no inverse")
        return np.linalg.matrix_power(base, int(exponent))
    number = _number(base)
    if number < 0 and exponent != int(exponent):
        raise Unknown("a root of a negative number")
    return number**exponent


def _norm(array: Array, kind: str) -> float:
    if kind in {"", "2"}:
        return float(np.linalg.norm(array)) if 1 in array.shape else float(np.linalg.norm(array, 2))
    if kind in {"F", "fro"}:
        return float(np.linalg.norm(array))
    if kind == "1":
        return float(np.abs(array).sum())
    if kind in {"inf", "oo", "infinity"}:
        return float(np.abs(array).max())
    raise Unknown(f"the norm {kind}")


_SCALAR: dict[str, Callable[[float], Any]] = {
    "sin": math.sin, "cos": math.cos, "tan": math.tan, "exp": math.exp, "log": math.log, "ln": math.log, "sqrt": math.sqrt,
    "sinh": math.sinh, "cosh": math.cosh, "tanh": math.tanh, "arctan": math.atan, "arcsin": math.asin, "arccos": math.acos,
    "abs": abs, "sign": lambda v: float(np.sign(v)), "sigmoid": lambda v: 1 / (1 + math.exp(-v)), "relu": lambda v: max(0.0, v),
    "cot": lambda v: 1 / math.tan(v), "sec": lambda v: 1 / math.cos(v), "csc": lambda v: 1 / math.sin(v), "log2": math.log2,
    "log10": math.log10, "gamma": math.gamma, "factorial": lambda v: math.gamma(v + 1),
    "floor": math.floor, "ceil": math.ceil, "erf": math.erf,
}  # fmt: skip
_MATRIX: dict[str, Callable[[Array], Any]] = {
    "det": lambda a: float(np.linalg.det(a)), "trace": lambda a: float(np.trace(a)), "tr": lambda a: float(np.trace(a)),
    "rank": lambda a: float(np.linalg.matrix_rank(a)), "inv": np.linalg.inv, "pinv": np.linalg.pinv, "transpose": np.transpose,
}  # fmt: skip


def _call(expr: n.Call, at: Values) -> Any:
    if expr.sub is not None and expr.function == "log" and len(expr.args) == 1:
        return math.log(_number(_value(expr.args[0], at))) / math.log(_number(_value(expr.sub, at)))
    if expr.sub is not None:
        raise Unknown(f"{expr.function} with a subscript")
    if expr.function in {"indicator", "on", "1"}:
        return 1.0 if _value(expr.args[0], at) else 0.0
    args = [_value(arg, at) for arg in expr.args]
    if expr.function in {"max", "min"}:
        return (max if expr.function == "max" else min)(_number(arg) for arg in args)
    if expr.function == "diag":
        array = _array(args[0])
        return np.diag(array.reshape(-1)) if 1 in array.shape else np.diag(array).reshape(-1, 1)
    if expr.function in _MATRIX and len(args) == 1:
        return _MATRIX[expr.function](_array(args[0]))
    if expr.function in _SCALAR and len(args) == 1:
        return float(_SCALAR[expr.function](_number(args[0])))
    raise Unknown(f"the function {expr.function}")


def _relation(ops: Iterable[str], terms: list[Any]) -> bool:
    for op, left, right in zip(ops, terms, terms[1:], strict=False):
        if op in {"=", "!=", "≠"}:
            same = not differ(left, right)
            holds = same if op == "=" else not same
        elif op in {"<", "<=", ">", ">="}:
            a, b = _number(left), _number(right)
            holds = {"<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b}[op]
        else:
            raise Unknown(f"the relation {op}")
        if not holds:
            return False
    return True
