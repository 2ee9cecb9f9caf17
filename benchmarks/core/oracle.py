"""A second opinion that shares no evaluator with the engine: mpmath for scalars, numpy for matrices.

``agree`` says True, False, or None where it cannot tell.
"""

from __future__ import annotations

import contextlib
import random
from typing import Any

import mpmath as mp
import numpy as np

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
    Percent,
    PInv,
    Pow,
    Sym,
    Transpose,
    walk,
)  # fmt: skip
from llmgrade.expr.symbols import Symbol, SymbolTable

__all__ = ["agree"]

Value = Any
SIZES = {"n": 6, "m": 5, "d": 4, "k": 3, "p": 7, "r": 3, "q": 5}


class Unsure(Exception):
    """The oracle cannot evaluate this."""


class Gone(Exception):
    """No value: a shape that does not fit, a division by zero."""


class _Eye:
    """A multiple of an identity whose size is not known yet."""

    def __init__(self, factor: Any) -> None:
        self.factor = factor


def _number(value: Any, matrices: bool) -> Any:
    from fractions import Fraction

    exact = Fraction(value)
    if matrices:
        return float(exact)
    return mp.mpf(exact.numerator) / exact.denominator


class Oracle:
    def __init__(self, values: dict[str, Value], matrices: bool) -> None:
        self.values, self.matrices = values, matrices

    def value(self, expr: Expr) -> Value:
        match expr:
            case Num(number):
                return _number(number, self.matrices)
            case Sym(name):
                if name not in self.values:
                    raise Unsure(name)
                return self.values[name]
            case Const("pi"):
                return float(mp.pi) if self.matrices else +mp.pi
            case Const("e"):
                return float(mp.e) if self.matrices else +mp.e
            case Const("i") if not self.matrices:
                return mp.mpc(0, 1)
            case Identity():
                return _Eye(1.0)
            case Percent(arg):
                return self.value(arg) / 100
            case Neg(arg):
                return self._times(-1.0 if self.matrices else mp.mpf(-1), self.value(arg))
            case Add(terms):
                total = self.value(terms[0])
                for term in terms[1:]:
                    total = self._plus(total, self.value(term))
                return total
            case Mul(factors):
                total = self.value(factors[0])
                for factor in factors[1:]:
                    total = self._times(total, self.value(factor))
                return total
            case Infix("dot", left, right):
                a, b = self.value(left), self.value(right)
                if np.ndim(a) == 2 and np.shape(a) == np.shape(b) and np.shape(a)[1] == 1 and len(a) > 1:
                    return float((a * b).sum())
                return self._times(a, b)
            case Div(top, bottom):
                a, b = self.value(top), self._scalar(self.value(bottom))
                if b == 0:
                    raise Gone
                return self._times(a, 1 / b)
            case Pow(base, exponent):
                return self._power(self.value(base), self.value(exponent), expr)
            case Transpose(arg):
                a = self.value(arg)
                return a.T if np.ndim(a) == 2 else a
            case PInv(arg):
                a = self.value(arg)
                return np.linalg.pinv(a) if np.ndim(a) == 2 else 1 / self._scalar(a)
            case Abs(arg):
                a = self.value(arg)
                if np.ndim(a) == 2 and np.size(a) > 1:
                    raise Unsure("bars")
                return abs(self._scalar(a))
            case Norm(arg, kind, weight):
                return self._norm(self.value(arg), kind, weight)
            case Call():
                return self._call(expr)
        raise Unsure(type(expr).__name__)

    def _scalar(self, a: Value) -> Any:
        if isinstance(a, _Eye):
            raise Unsure("an identity as a scalar")
        if np.ndim(a) == 2:
            if np.size(a) != 1:
                raise Gone
            return float(a[0, 0])
        return a

    def _plus(self, a: Value, b: Value) -> Value:
        if isinstance(a, _Eye) and isinstance(b, _Eye):
            return _Eye(a.factor + b.factor)
        for one, other in ((a, b), (b, a)):
            if isinstance(one, _Eye):
                if np.ndim(other) != 2 or len(other) != len(other.T):
                    raise Unsure("an identity beside that")
                return one.factor * np.eye(len(other)) + other
        if np.ndim(a) == 2 and np.size(a) == 1:
            a = float(a[0, 0])
        if np.ndim(b) == 2 and np.size(b) == 1:
            b = float(b[0, 0])
        if np.ndim(a) != np.ndim(b):
            raise Unsure("a scalar beside a matrix")
        if np.shape(a) != np.shape(b):
            raise Gone
        return a + b

    def _times(self, a: Value, b: Value) -> Value:
        if isinstance(a, _Eye) or isinstance(b, _Eye):
            one, other = (a, b) if isinstance(a, _Eye) else (b, a)
            if isinstance(other, _Eye):
                return _Eye(one.factor * other.factor)
            return one.factor * other if np.ndim(other) == 2 else _Eye(one.factor * other)
        if np.ndim(a) == 2 == np.ndim(b):
            if a.shape[1] == b.shape[0]:
                return a @ b
            if a.size == 1 or b.size == 1:
                return a * b
            raise Gone
        return a * b

    def _power(self, a: Value, n: Value, expr: Pow) -> Value:
        if isinstance(a, _Eye):
            raise Unsure("a power of an identity")
        n = self._scalar(n)
        if np.ndim(a) == 2:
            if n != int(n) or abs(n) > 20:
                raise Unsure("a matrix power")
            if a.shape[0] != a.shape[1]:
                if n == 2 and 1 in a.shape:
                    return float((a * a).sum())
                raise Gone
            if n < 0:
                if np.linalg.cond(a) > 1e9:
                    raise Gone
                return np.linalg.matrix_power(np.linalg.inv(a), -int(n))
            return np.linalg.matrix_power(a, int(n))
        if a == 0 and n < 0:
            raise Gone
        if self.matrices:
            if isinstance(a, float) and a < 0 and n != int(n):
                raise Gone
            return float(a) ** float(n)
        if mp.im(a) == 0 and mp.im(n) == 0 and a < 0 and n != int(n):
            raise Unsure("a branch")
        if abs(n) > 10**6:
            raise Unsure("a power that large")
        return mp.power(a, n)

    def _norm(self, a: Value, kind: str, weight: Expr | None) -> Value:
        if weight is not None or isinstance(a, _Eye):
            raise Unsure("a weighted norm")
        if np.ndim(a) != 2:
            return abs(a)
        if kind not in ("", "2", "F") or (kind != "F" and 1 not in a.shape):
            raise Unsure("a norm")
        return float(np.linalg.norm(a))

    def _call(self, expr: Call) -> Value:
        name = expr.function
        args = [self.value(a) for a in expr.args]
        if name in ("tr", "det", "inv", "transpose") and len(args) == 1:
            a = args[0]
            if np.ndim(a) != 2:
                raise Unsure(name)
            if name == "transpose":
                return a.T
            if a.shape[0] != a.shape[1]:
                raise Gone
            if name == "inv" and np.linalg.cond(a) > 1e9:
                raise Gone
            return {
                "tr": lambda: float(np.trace(a)),
                "det": lambda: float(np.linalg.det(a)),
                "inv": lambda: np.linalg.inv(a),
            }[name]()
        args = [self._scalar(a) for a in args]
        functions = {
            "sin": mp.sin, "cos": mp.cos, "tan": mp.tan, "sec": mp.sec, "csc": mp.csc, "cot": mp.cot, "exp": mp.exp,
            "ln": mp.log, "log": mp.log, "sqrt": mp.sqrt, "sinh": mp.sinh, "cosh": mp.cosh, "tanh": mp.tanh,
            "arctan": mp.atan, "arcsin": mp.asin, "arccos": mp.acos, "abs": abs, "log2": lambda x: mp.log(x, 2),
            "log10": lambda x: mp.log(x, 10), "factorial": mp.factorial, "gamma": mp.gamma, "sigmoid": lambda x: 1 / (1 + mp.exp(-x)),
            "relu": lambda x: max(x, mp.mpf(0)), "sign": mp.sign, "floor": mp.floor, "ceil": mp.ceil,
        }  # fmt: skip
        if name in ("max", "min"):
            return (max if name == "max" else min)(args)
        if name == "binom" and len(args) == 2:
            return mp.binomial(*args)
        if name == "root" and len(args) == 2:
            if args[0] < 0:
                raise Unsure("a branch")
            return mp.power(args[0], 1 / args[1])
        if name not in functions or len(args) != 1:
            raise Unsure(name)
        x = args[0]
        if name in ("sqrt", "ln", "log", "log2", "log10") and mp.im(x) == 0 and x < 0:
            raise Unsure("a branch")
        if name in ("ln", "log", "log2", "log10") and x == 0:
            raise Gone
        if expr.sub is not None:
            base = self._scalar(self.value(expr.sub))
            if name != "log" or base <= 0 or base == 1:
                raise Unsure("a base")
            return mp.log(x, base)
        result = functions[name](x)
        if self.matrices:
            if abs(mp.im(result)) > 1e-12:
                raise Gone
            return float(mp.re(result))
        return result


def _draw(symbol: Symbol, r: Any, rr: random.Random, matrices: bool) -> Value:
    if symbol.shape.is_scalar:
        return _draw_scalar(symbol, rr, matrices)
    a, b = (s if isinstance(s, int) else SIZES.get(s or "", 4) for s in (symbol.shape.rows, symbol.shape.columns))
    m = r.normal(size=(a, b))
    if symbol.has("diagonal"):
        d = np.zeros((a, b))
        np.fill_diagonal(d, r.uniform(0.5, 2, min(a, b)))
        return d
    if symbol.has("orthonormal columns"):
        return np.linalg.qr(r.normal(size=(a, a)))[0][:, :b]
    if symbol.has("psd"):
        return m @ m.T + 0.1 * np.eye(a)
    if symbol.has("symmetric"):
        return m + m.T
    if symbol.has("unit"):
        return m / np.linalg.norm(m)
    if any(
        symbol.has(w) for w in ("skew", "singular", "rank deficient", "projection", "triangular", "orthonormal rows")
    ):
        raise Unsure("a kind of matrix")
    return m


def _draw_scalar(symbol: Symbol, rr: random.Random, matrices: bool) -> Value:
    if symbol.bounds or symbol.has("complex"):
        raise Unsure("a range")
    if symbol.has("integer"):
        n = rr.randrange(3, 9)
        if symbol.has("even") and n % 2:
            n += 1
        if symbol.has("odd") and n % 2 == 0:
            n += 1
        return float(n) if matrices else mp.mpf(n)
    v = rr.uniform(0.2, 0.9) if rr.random() < 0.5 else rr.uniform(1.1, 2.3)
    if symbol.has("negative") or (not symbol.has("positive") and not symbol.has("nonnegative") and rr.random() < 0.5):
        v = -v
    return v if matrices else mp.mpf(v)


def agree(gold: Expr, answer: Expr, table: SymbolTable) -> bool | None:
    """Whether the two have the same value wherever the expected one has one."""
    names = {n.name for e in (gold, answer) for n in walk(e) if isinstance(n, Sym)}
    names |= {
        n.size.name for e in (gold, answer) for n in walk(e) if isinstance(n, Identity) and isinstance(n.size, Sym)
    }
    symbols = [table.get(n) or Symbol(n, "scalar", assume=frozenset({"real"})) for n in sorted(names)]
    if any(s.definition for s in symbols):
        return None
    matrices = any(not s.shape.is_scalar for s in symbols)
    good = 0
    for seed in range(30):
        with mp.workdps(80):
            try:
                r, rr = np.random.default_rng(seed + 100), random.Random(seed + 100)
                values: dict[str, Value] = {}
                for s in symbols:
                    values[s.name] = float(SIZES.get(s.name, 4)) if s.name in table.sizes else _draw(s, r, rr, matrices)
                a = Oracle(values, matrices).value(gold)
            except (Gone, ZeroDivisionError, OverflowError, ValueError, np.linalg.LinAlgError):
                continue
            except (Unsure, TypeError, AttributeError):
                if any(n.has("integer") for n in symbols):
                    return None
                if seed < 29 and names:
                    continue
                return None
            try:
                b = Oracle(values, matrices).value(answer)
            except (Gone, ZeroDivisionError):
                return False
            except (Unsure, OverflowError, ValueError, TypeError, AttributeError, np.linalg.LinAlgError):
                return None
            same = _same(a, b, matrices)
            if same is None:
                return None
            if not same:
                return False
        good += 1
        if good >= (8 if names else 1):
            return True
    return None


def _same(a: Value, b: Value, matrices: bool) -> bool | None:
    if matrices:
        for one, other in ((a, b), (b, a)):
            if isinstance(one, _Eye):
                return None
            del other
        x, y = np.atleast_2d(np.asarray(a, float)), np.atleast_2d(np.asarray(b, float))
        if x.shape != y.shape:
            return (
                None
                if 1 in (x.size, y.size) and x.size != y.size and (np.abs(y).max() == 0 or np.abs(x).max() == 0)
                else False
            )
        if not np.all(np.isfinite(x)):
            return None
        if not np.all(np.isfinite(y)):
            return False
        gap, scale = float(np.abs(x - y).max()), float(max(np.abs(x).max(), 1e-6))
        if gap < 1e-8 * scale:
            return True
        return False if gap > 1e-6 * scale else None
    with contextlib.suppress(TypeError):
        if not mp.isfinite(a):
            return None
        if not mp.isfinite(b):
            return False
        return bool(abs(a - b) <= mp.mpf(10) ** -45 * (abs(a) + mp.mpf(10) ** -10))
    return None
