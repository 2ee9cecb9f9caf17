"""Reading as evaluating: a builder whose values are numbers at one point, so that no tree is made.

It speaks `notation`'s builder protocol over any `Algebra`. Where only a tree will do (relations, sums with an index, names
nobody knows) it raises `NeedTree`, and its caller reads again.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from operator import neg
from typing import Any

from flint import fmpq

from llmgrade.expr.evaluate import Evaluator
from llmgrade.expr.evaluate_algebra import Algebra, Beyond, ShapeMismatch, Undefined
from llmgrade.expr.nodes import Const, Expr, Identity, Num, Sym
from llmgrade.expr.notation.builder import NeedTree, number

__all__ = ["ValueBuilder"]

Value = Any
_SIMPLE = frozenset(
    [
        "tr",
        "det",
        "inv",
        "pinv",
        "transpose",
        "exp",
        "log",
        "ln",
        "sin",
        "cos",
        "tan",
        "cot",
        "sec",
        "csc",
        "sinh",
        "cosh",
        "tanh",
        "arcsin",
        "arccos",
        "arctan",
        "abs",
        "diag",
        "sigmoid",
        "relu",
        "max",
        "min",
        "sign",
        "erf",
        "log2",
        "log10",
    ]
)


class _Nothing:
    """No value: whatever touches it is a TypeError, and the text is read as a tree."""

    __slots__ = ()


_NOTHING = _Nothing()
_REMEMBERED = 200
_ANY_IDENTITY = Identity(None)


class ValueBuilder:
    """The values of one evaluator's point."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.algebra: Algebra = evaluator.algebra
        self.values: Mapping[str, Value] = evaluator.values
        algebra = self.algebra
        self._written: dict[int, tuple[Value, fmpq]] = {}
        """By address: residues that stand for a number as it was written, and that number."""
        self.refusals = (ShapeMismatch, Undefined)
        self.neg = neg
        self.div = algebra.div
        self.powi = algebra.int_power
        self.transpose = algebra.transpose
        self.pinv = algebra.pseudo_inverse
        self.abs = algebra.bars
        self.norm = algebra.norm
        self._add = algebra.add
        self._odd_product = algebra.odd_product

    def num(self, text: str) -> Value:
        return self._number(*number(text))

    def _number(self, value: int | Fraction, decimals: int | None) -> Value:
        if decimals is not None and decimals >= 10:
            raise NeedTree  # perhaps a float printed in full
        exact = value if isinstance(value, int) else fmpq(value.numerator, value.denominator)
        found = self.algebra.scalar(exact)
        if self.algebra.modular:
            if len(self._written) >= _REMEMBERED:
                self._written.clear()
            self._written[id(found)] = (found, fmpq(exact))
        return found

    def atom(self, expr: Expr) -> Value | None:
        """The value of a name, a number or a constant; None for anything else."""
        kind = type(expr)
        if kind is Sym:
            return self.sym(expr.name)  # type: ignore[attr-defined]
        if kind is Num:
            return self._number(expr.value, expr.decimals)  # type: ignore[attr-defined]
        if kind is Const:
            return self.const(expr.name)  # type: ignore[attr-defined]
        return self.identity(None) if expr == _ANY_IDENTITY else None

    def sym(self, name: str) -> Value:
        found = self.values.get(name)
        if found is None:
            return _NOTHING  # it may be no name at all: the T of a transpose, the d of a differential
        return self.algebra.scalar(found) if type(found) is int else found

    def const(self, name: str) -> Value:
        if name in ("pi", "e"):
            try:
                return self.algebra.constant(name)
            except Beyond:
                return _NOTHING
        return _NOTHING

    def identity(self, size: Value | None) -> Value:
        # which size is meant is for the tree to say, unless any will do
        return self.algebra.one if size is None else _NOTHING

    def add(self, terms: list[Value]) -> Value:
        total = terms[0]
        kind = type(total)
        for term in terms[1:]:
            if type(term) is kind:
                try:
                    total = total + term
                    continue
                except (TypeError, ValueError):
                    pass  # shapes that do not fit, roots
            total = self._add(total, term)
            kind = type(total)
        return total

    def mul(self, factors: list[Value]) -> Value:
        total = factors[0]
        for factor in factors[1:]:
            try:
                total = total * factor
            except (TypeError, ValueError):
                total = self._odd_product(total, factor)
        return total

    def pow(self, base: Value, exponent: Value) -> Value:
        if self.algebra.exact:
            raise NeedTree
        base, exponent = self.algebra.plain(base), self.algebra.plain(exponent)
        if type(base) is not self.algebra.S or type(exponent) is not self.algebra.S:
            raise NeedTree
        return self.algebra.power(base, exponent)

    def infix(self, op: str, left: Value, right: Value) -> Value:
        if op == "dot":
            return self.algebra.dot(left, right)
        if op == "inner":
            return self.algebra.inner(left, right)
        raise NeedTree

    def call(self, function: str, args: list[Value], sub: Value | None) -> Value:
        if sub is not None:
            raise NeedTree
        if function == "sqrt" and len(args) == 1:
            return self._sqrt(args[0])
        if function not in _SIMPLE:
            raise NeedTree
        return self.algebra.matrix_function(function, args)

    def _sqrt(self, value: Value) -> Value:
        if self.algebra.modular:
            known = self._written.get(id(value))
            if known is None:
                raise NeedTree  # √(2 + 2) is 2, and only the tree knows that it is a 4
            return self.algebra.number_root(known[1])  # type: ignore[attr-defined]
        value = self.algebra.plain(value)
        if type(value) is not self.algebra.S:
            raise NeedTree
        return self.algebra.function("sqrt", [value])

    def node(self, kind: type[Expr], *fields: Any) -> Value:
        raise NeedTree
