"""Real and complex balls: every number with its error, so that "these differ" is certain.

Balls that are disjoint prove the values different. Balls that overlap prove nothing, however small: agreement is
"tested". What a ball could hide is a term far too small beside another (``sin x + 10⁻⁵⁰``), or a function pressed against
its limit (``tanh(10⁹x)``): both set `Balls.strained`, and a strained point counts for no agreement.
The precision is flint's, shared by all threads; `precision` raises it under a lock.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from operator import methodcaller
from typing import Any, ClassVar

from flint import acb, acb_mat, arb, arb_mat, ctx, fmpq

from llmgrade.expr.evaluate_algebra import Algebra, Beyond, OverBudget, Undefined

__all__ = ["BITS", "Balls", "ComplexBalls", "precision"]

Value = Any
BITS = 128
ctx.prec = BITS
_LOCK = threading.RLock()
_LARGEST_EXP = 5000


@contextmanager
def precision(bits: int) -> Iterator[None]:
    """Work with ``bits`` of precision inside the block."""
    with _LOCK:
        ctx.prec = bits
        try:
            yield
        finally:
            ctx.prec = BITS


def _exp(x: Value) -> Value:
    size = x.real if isinstance(x, acb) else x
    if not -_LARGEST_EXP < size < _LARGEST_EXP:
        raise OverBudget("an exponential that large")
    return x.exp()


def _method(name: str) -> Callable[[Value], Value]:
    return methodcaller(name)


_COMMON: dict[str, Callable[[Value], Value]] = {
    "exp": _exp,
    **{
        name: _method(name)
        for name in ["sin", "cos", "tan", "cot", "sec", "csc", "sinh", "cosh", "tanh", "coth", "sech", "csch", "log", "sqrt", "erf", "erfc", "gamma", "zeta", "lgamma"]
    },
    **{
        name: _method(method)
        for name, method in {
            "arcsin": "asin", "arccos": "acos", "arctan": "atan",
            "arcsinh": "asinh", "arccosh": "acosh", "arctanh": "atanh", "ln": "log",
        }.items()
    },
    "arccot": lambda x: (1 / x).atan(),
    "arcsec": lambda x: (1 / x).acos(),
    "arccsc": lambda x: (1 / x).asin(),
    "arccoth": lambda x: (1 / x).atanh(),
    "arcsech": lambda x: (1 / x).acosh(),
    "arccsch": lambda x: (1 / x).asinh(),
    "log2": lambda x: x.log() / type(x)(2).log(),
    "log10": lambda x: x.log() / type(x)(10).log(),
    "sigmoid": lambda x: 1 / (1 + _exp(-x)),
    "softplus": lambda x: (1 + _exp(x)).log(),
    "logit": lambda x: (x / (1 - x)).log(),
    "log1p": lambda x: (1 + x).log(),
    "expm1": lambda x: _exp(x) - 1,
    "digamma": _method("digamma"),
    "sinc": _method("sinc"),
    "factorial": lambda x: (x + 1).gamma(),
}  # fmt: skip


def _cbrt(x: arb) -> arb:
    return -((-x).root(3)) if x < 0 else x.root(3)


_REAL: dict[str, Callable[..., Value]] = {
    "abs": abs,
    "sign": lambda x: x.sgn(),
    "relu": lambda x: x.max(arb(0)),
    "floor": lambda x: x.floor(),
    "ceil": lambda x: x.ceil(),
    "heaviside": lambda x: (x.sgn() + 1) / 2,
    "frac_part": lambda x: x - x.floor(),
    "round": lambda x: (x + arb(0.5)).floor(),
    "cbrt": _cbrt,
    "conj": lambda x: x,
    "re": lambda x: x,
    "im": lambda x: arb(0),
    "arg": lambda x: arb(0) if x > 0 else arb.pi(),
}


_TINY, _HUGE, _FLAT, _USUAL = arb(2) ** -40, arb(2) ** 40, arb(40), arb(32)
_EXPLOSIVE = frozenset({"gamma", "factorial"})
_SATURATES = frozenset(["tanh", "coth", "sigmoid", "erf", "sech", "csch", "softplus", "erfc"])


class Balls(Algebra):
    """Real balls. A value outside the reals is not finite: `finite` tells."""

    S: ClassVar[Any] = arb
    M: ClassVar[Any] = arb_mat
    exact = False

    def __init__(self) -> None:
        super().__init__()
        self.strained = False
        """Something was too small, too large or too flat for agreement to mean much."""

    def add(self, a: Value, b: Value) -> Value:
        kind = self.S
        if type(a) is kind and type(b) is kind:
            total = a + b
            if total.overlaps(a) or total.overlaps(b):
                self._watch(total, a, b)
            return total
        total = super().add(a, b)
        if type(total) is kind:
            self._watch(total, a, b)
        return total

    def sub(self, a: Value, b: Value) -> Value:
        kind = self.S
        if type(a) is kind and type(b) is kind:
            total = a - b
            if total.overlaps(a) or total.overlaps(-b):
                self._watch(total, a, -b)
            return total
        total = super().sub(a, b)
        if type(total) is kind:
            self._watch(total, a, -b)
        return total

    def _watch(self, total: Value, a: Value, b: Value) -> None:
        """A sum that could be one of its terms alone."""
        a, b = self.plain(a), self.plain(b)
        if type(a) is self.S is type(b) and (
            (total.overlaps(a) and not b.contains(0)) or (total.overlaps(b) and not a.contains(0))
        ):
            self.strained = True

    def _watch_argument(self, name: str, x: Value) -> None:
        size = abs(x)
        if _TINY < size < _USUAL:
            return
        if (size < _TINY and not x.is_zero()) or size > _HUGE or (name in _SATURATES and size > _FLAT):
            self.strained = True

    def scalar(self, number: int | fmpq) -> Value:
        return arb(number)

    def matrix(self, rows: int, cols: int, entries: Sequence[Value]) -> Value:
        return arb_mat(rows, cols, [x if type(x) is arb else arb(x) for x in entries])

    def constant(self, name: str) -> Value:
        if name == "pi":
            return arb.pi()
        if name == "e":
            return arb(1).exp()
        raise Beyond(name)

    def absolute(self, value: Value) -> Value:
        return abs(value)

    def root_of(self, value: Value) -> Value:
        if 0 in value and value.is_finite() and value.rad() > 0:
            # a sum of squares is never negative: a ball that dips below zero only lost precision
            return value.nonnegative_part().sqrt()
        return value.sqrt()

    def other_norm(self, a: Value, kind: str, vector: bool) -> Value:
        entries = [abs(x) for x in a.entries()]
        if vector and kind == "1":
            return sum(entries, arb(0))
        if vector and kind == "inf":
            largest = entries[0]
            for x in entries[1:]:
                largest = largest.max(x)
            return largest
        raise Beyond(f"the {kind}-norm")

    def rational_power(self, base: Value, exponent: fmpq) -> Value:
        if type(base) is not arb:
            raise Beyond("a fractional power of a matrix")
        p, q = int(exponent.p), int(exponent.q)
        if q % 2 == 1 and base < 0:  # the real odd root, as schools read it
            if q > 10_000:
                raise OverBudget("a root of that order")
            root = (-base).root(q) ** p
            return -root if p % 2 else root
        if base == 0 and p < 0:
            raise Undefined("a negative power of zero")
        return base ** arb(exponent)

    def power(self, base: Value, exponent: Value) -> Value:
        if type(base) is not arb or type(exponent) is not arb:
            raise Beyond("a matrix in a power")
        self._watch_argument("power", exponent)
        return base**exponent

    def function(self, name: str, args: Sequence[Value]) -> Value:
        if len(args) == 1 and (usual := _COMMON.get(name)) is not None and name not in _EXPLOSIVE:
            self._watch_argument(name, args[0])
            return usual(args[0])
        if name in ("max", "min") and args:
            result = args[0]
            for other in args[1:]:
                result = result.max(other) if name == "max" else result.min(other)
            return result
        if name == "log" and len(args) == 2:
            return args[0].log() / args[1].log()
        if name == "atan2" and len(args) == 2:
            return arb.atan2(*args)
        if name in ("gamma", "factorial") and abs(args[0]) > 10**9:
            raise OverBudget("a factorial that large")
        rule = _COMMON.get(name) or _REAL.get(name)
        if rule is None or len(args) != 1:
            raise Beyond(name)
        if name not in _REAL:
            self._watch_argument(name, args[0])
        return rule(args[0])

    def same_scalars(self, a: Value, b: Value) -> bool:
        return bool(a.overlaps(b))

    def same_matrices(self, a: Value, b: Value) -> bool:
        return all(x.overlaps(y) for x, y in zip(a.entries(), b.entries(), strict=True))

    def is_zero(self, a: Value) -> bool:
        return bool(a.is_zero())

    def finite(self, value: Value) -> bool:
        if type(value) is self.M:
            return all(x.is_finite() for x in value.entries())
        return bool(value.is_finite())


_COMPLEX: dict[str, Callable[..., Value]] = {
    "abs": lambda x: acb(abs(x)),
    "conj": lambda x: x.conjugate(),
    "re": lambda x: acb(x.real),
    "im": lambda x: acb(x.imag),
    "arg": lambda x: acb(x.arg()),
    "sign": lambda x: x.sgn(),
    "cbrt": lambda x: x ** acb(fmpq(1, 3)),
    "floor": lambda x: acb(_real_part(x).floor()),
    "ceil": lambda x: acb(_real_part(x).ceil()),
    "relu": lambda x: acb(_real_part(x).max(arb(0))),
}


def _real_part(x: acb) -> arb:
    if not x.imag.is_zero():
        raise Beyond("an order among complex numbers")
    return x.real


class ComplexBalls(Balls):
    """Complex balls with principal values."""

    S: ClassVar[Any] = acb
    M: ClassVar[Any] = acb_mat

    def scalar(self, number: int | fmpq) -> Value:
        return acb(number)

    def coerce(self, value: Value) -> Value:
        return value if type(value) is acb else acb(value)

    def matrix(self, rows: int, cols: int, entries: Sequence[Value]) -> Value:
        return acb_mat(rows, cols, [x if type(x) is acb else acb(x) for x in entries])

    def constant(self, name: str) -> Value:
        if name == "i":
            return acb(0, 1)
        return acb(super().constant(name))

    def absolute(self, value: Value) -> Value:
        return acb(abs(value))

    def root_of(self, value: Value) -> Value:
        return value.sqrt()

    def other_norm(self, a: Value, kind: str, vector: bool) -> Value:
        raise Beyond(f"the {kind}-norm of complex entries")

    def square_sum(self, a: Value) -> Value:
        if type(a) is acb:
            return acb(abs(a)) ** 2
        return sum((acb(abs(x)) ** 2 for x in a.entries()), acb(0))

    def rational_power(self, base: Value, exponent: fmpq) -> Value:
        if type(base) is not acb:
            raise Beyond("a fractional power of a matrix")
        if base.is_zero() and exponent < 0:
            raise Undefined("a negative power of zero")
        if base.imag.is_zero() and base.real < 0 and exponent.q % 2 == 1:
            return acb(Balls.rational_power(_REALS, base.real, exponent))
        return base ** acb(exponent)

    def power(self, base: Value, exponent: Value) -> Value:
        if type(base) is not acb or type(exponent) is not acb:
            raise Beyond("a matrix in a power")
        self._watch_argument("power", exponent)
        return base**exponent

    def function(self, name: str, args: Sequence[Value]) -> Value:
        if name in ("max", "min"):
            return acb(_REALS.function(name, [_real_part(a) for a in args]))
        if name == "log" and len(args) == 2:
            return args[0].log() / args[1].log()
        rule = _COMMON.get(name) or _COMPLEX.get(name)
        if rule is None or len(args) != 1:
            raise Beyond(name)
        if name not in _COMPLEX:
            self._watch_argument(name, args[0])
        return rule(args[0])


_REALS = Balls()
