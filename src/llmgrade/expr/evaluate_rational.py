"""Exact rationals: small numbers a person can check, and truth of conditions without doubt."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from flint import fmpq, fmpq_mat, fmpz

from llmgrade.expr.evaluate_algebra import Algebra, Beyond, Undefined

__all__ = ["Rationals"]

Value = Any


class Rationals(Algebra):
    """ℚ."""

    S: ClassVar[Any] = fmpq
    M: ClassVar[Any] = fmpq_mat

    def scalar(self, number: int | fmpq) -> Value:
        return number if type(number) is fmpq else fmpq(number)

    def matrix(self, rows: int, cols: int, entries: Sequence[Value]) -> Value:
        try:
            return fmpq_mat(rows, cols, [x if type(x) is fmpq else fmpq(x) for x in entries])
        except TypeError:
            raise Beyond("a matrix of roots") from None

    def coerce(self, value: Value) -> Value:
        return value if type(value) is fmpq else fmpq(value)

    def absolute(self, value: Value) -> Value:
        return abs(value)

    def root_of(self, value: Value) -> Value:
        """√value where it is rational."""
        return self.rational_power(value, fmpq(1, 2))

    def rational_power(self, base: Value, exponent: fmpq) -> Value:
        p, q = int(exponent.p), int(exponent.q)
        if base < 0 and q % 2 == 0:
            raise Undefined("an even root of a negative number")
        if q > 64:
            raise Beyond("a root of that order")
        sign = -1 if base < 0 else 1
        top, bottom = fmpz(abs(base.p)), fmpz(base.q)
        rt, rb = top.root(q), bottom.root(q)
        if rt**q != top or rb**q != bottom:
            raise Beyond("an irrational root")
        return self.int_power(fmpq(sign * rt, rb), p)

    def function(self, name: str, args: Sequence[Value]) -> Value:
        x = args[0]
        if name == "sqrt":
            return self.root_of(x)
        if name == "max":
            return max(args)
        if name == "min":
            return min(args)
        if name == "sign":
            return fmpq((x > 0) - (x < 0))
        if name == "relu":
            return x if x > 0 else fmpq(0)
        if name == "floor":
            return fmpq(x.floor())
        if name == "ceil":
            return fmpq(x.ceil())
        if name == "exp" and x == 0:
            return fmpq(1)
        if name == "log" and len(args) == 1 and x == 1:
            return fmpq(0)
        raise Beyond(name)
