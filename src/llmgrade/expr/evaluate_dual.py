"""Derivatives at a point by dual numbers: exact in exact systems, for matrices as for scalars.

A dual number carries a value and its rate of change along one direction; the rules of calculus are the rules of its
arithmetic. Gradients ask one direction per entry; second derivatives nest.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from flint import fmpq

from llmgrade.expr.evaluate_algebra import Algebra, Beyond, ShapeMismatch, SquareRoot, Undefined
from llmgrade.expr.nodes import Derivative, Expr, Sym, walk

if TYPE_CHECKING:
    from llmgrade.expr.evaluate import Evaluator

__all__ = ["Dual", "DualAlgebra", "differentiate", "directional"]

Value = Any


class Dual:
    """``value + ε·rate``; a rate of None is 0."""

    __slots__ = ("rate", "value")

    def __init__(self, value: Value, rate: Value = None) -> None:
        self.value, self.rate = value, rate

    def nrows(self) -> int:
        return int(self.value.nrows())

    def ncols(self) -> int:
        return int(self.value.ncols())


class DualAlgebra(Algebra):
    """Dual numbers over another system; matrices are duals of matrices."""

    S: ClassVar[Any] = Dual
    M: ClassVar[Any] = type("NoMatrix", (), {})

    def __init__(self, inner: Algebra) -> None:
        self.inner_ = inner
        self.exact = inner.exact  # type: ignore[misc]
        self.modular = False  # type: ignore[misc]
        super().__init__()

    # -- pieces -------------------------------------------------------------------------------------------------------
    def lift(self, value: Value) -> Dual:
        return value if isinstance(value, Dual) else Dual(value)

    def scalar(self, number: int | fmpq) -> Value:
        return Dual(self.inner_.scalar(number))

    def constant(self, name: str) -> Value:
        return Dual(self.inner_.constant(name))

    def is_matrix(self, value: Value) -> bool:
        return self.inner_.is_matrix(value.value)

    def plain(self, value: Value) -> Value:
        if self.is_matrix(value) and value.nrows() == 1 == value.ncols():
            inner = self.inner_
            return Dual(inner.plain(value.value), None if value.rate is None else inner.plain(value.rate))
        return value

    def matrix(self, rows: int, cols: int, entries: Sequence[Value]) -> Value:
        inner = self.inner_
        duals = [self.lift(e) for e in entries]
        value = inner.matrix(rows, cols, [d.value for d in duals])
        if all(d.rate is None for d in duals):
            return Dual(value)
        return Dual(value, inner.matrix(rows, cols, [inner.zero if d.rate is None else d.rate for d in duals]))

    def entries(self, value: Value) -> list[Value]:
        values = self.inner_.entries(value.value)
        if value.rate is None:
            return [Dual(v) for v in values]
        return [Dual(v, r) for v, r in zip(values, self.inner_.entries(value.rate), strict=True)]

    def eye(self, size: int) -> Value:
        return Dual(self.inner_.eye(size))

    def is_zero(self, a: Value) -> bool:
        return self.inner_.is_zero(a.value)

    def finite(self, value: Value) -> bool:
        return self.inner_.finite(value.value)

    def _rate(self, value: Value) -> Value:
        """The rate, as something that can be added."""
        if value.rate is not None:
            return value.rate
        inner = self.inner_
        if inner.is_matrix(value.value):
            rows, cols = value.nrows(), value.ncols()
            return inner.matrix(rows, cols, [inner.zero] * (rows * cols))
        return inner.zero

    # -- arithmetic -------------------------------------------------------------------------------------------------------
    def _both(self, a: Value, b: Value, op: Callable[[Value, Value], Value]) -> Value:
        a, b = self.plain(a), self.plain(b)
        value = op(a.value, b.value)
        if a.rate is None and b.rate is None:
            return Dual(value)
        return Dual(value, op(self._rate(a), self._rate(b)))

    def add(self, a: Value, b: Value) -> Value:
        return self._both(a, b, self.inner_.add)

    def sub(self, a: Value, b: Value) -> Value:
        return self._both(a, b, self.inner_.sub)

    def neg(self, a: Value) -> Value:
        return Dual(self.inner_.neg(a.value), None if a.rate is None else self.inner_.neg(a.rate))

    def _bilinear(self, a: Value, b: Value, op: Callable[[Value, Value], Value]) -> Value:
        value = op(a.value, b.value)
        rates = []
        if a.rate is not None:
            rates.append(op(a.rate, b.value))
        if b.rate is not None:
            rates.append(op(a.value, b.rate))
        if not rates:
            return Dual(value)
        return Dual(value, rates[0] if len(rates) == 1 else self.inner_.add(rates[0], rates[1]))

    def mul(self, a: Value, b: Value) -> Value:
        return self._bilinear(a, b, self.inner_.mul)

    def dot(self, a: Value, b: Value) -> Value:
        return self._bilinear(a, b, self.inner_.dot)

    def inner(self, a: Value, b: Value) -> Value:
        return self._bilinear(a, b, self.inner_.inner)

    def hadamard(self, a: Value, b: Value) -> Value:
        return self._bilinear(a, b, self.inner_.hadamard)

    def kronecker(self, a: Value, b: Value) -> Value:
        return self._bilinear(a, b, self.inner_.kronecker)

    def div(self, a: Value, b: Value) -> Value:
        b = self.plain(b)
        if self.is_matrix(b):
            raise ShapeMismatch("division by a matrix")
        return self.mul(a, self.inverse(b))

    def inverse(self, a: Value) -> Value:
        inner = self.inner_
        value = inner.inverse(a.value)
        if a.rate is None:
            return Dual(value)
        return Dual(value, inner.neg(inner.mul(inner.mul(value, a.rate), value)))

    def int_power(self, a: Value, n: int) -> Value:
        a = self.plain(a)
        if self.is_matrix(a):
            return self._matrix_power(a, n)
        inner = self.inner_
        if isinstance(a.value, SquareRoot):
            if n % 2:
                raise Beyond("an odd power of a root")
            raise Beyond("a power of a root")
        value = inner.int_power(a.value, n)
        if a.rate is None or n == 0:
            return Dual(value)
        slope = inner.mul(inner.scalar(n), inner.int_power(a.value, n - 1))
        return Dual(value, inner.mul(slope, a.rate))

    def _matrix_power(self, a: Value, n: int) -> Value:
        if a.nrows() != a.ncols():
            if n == 2:
                return self.square_sum(a)
            raise ShapeMismatch("a power of a matrix that is not square")
        if n < 0:
            a, n = self.inverse(a), -n
        if n > 64:
            raise Beyond("a matrix power that large")
        result = self.eye(a.nrows())
        for _ in range(n):
            result = self.mul(result, a)
        return result

    def transpose(self, a: Value) -> Value:
        inner = self.inner_
        return Dual(inner.transpose(a.value), None if a.rate is None else inner.transpose(a.rate))

    def trace(self, a: Value) -> Value:
        inner = self.inner_
        return Dual(inner.trace(a.value), None if a.rate is None else inner.trace(a.rate))

    def det(self, a: Value) -> Value:
        inner = self.inner_
        value = inner.det(a.value)
        if a.rate is None:
            return Dual(value)
        return Dual(value, inner.mul(value, inner.trace(inner.mul(inner.inverse(a.value), a.rate))))

    def pseudo_inverse(self, a: Value) -> Value:
        """Of full rank."""
        t = self.transpose(a)
        if a.nrows() >= a.ncols():
            return self.mul(self.inverse(self.mul(t, a)), t)
        return self.mul(t, self.inverse(self.mul(a, t)))

    def square_sum(self, a: Value) -> Value:
        return self.inner(a, a)

    def diagonal(self, a: Value) -> Value:
        inner = self.inner_
        return Dual(inner.diagonal(a.value), None if a.rate is None else inner.diagonal(a.rate))

    def entry(self, a: Value, indices: Sequence[int]) -> Value:
        inner = self.inner_
        return Dual(inner.entry(a.value, indices), None if a.rate is None else inner.entry(a.rate, indices))

    def norm(self, a: Value, kind: str = "") -> Value:
        a = self.plain(a)
        if not self.is_matrix(a):
            return self.absolute(a)
        if kind not in ("", "2", "F") or (kind != "F" and 1 not in (a.nrows(), a.ncols())):
            raise Beyond(f"the derivative of the {kind}-norm")
        return self.root_of(self.square_sum(a))

    def bars(self, a: Value) -> Value:
        a = self.plain(a)
        if self.is_matrix(a):
            return self.det(a) if a.nrows() == a.ncols() else self.norm(a)
        return self.absolute(a)

    def absolute(self, value: Value) -> Value:
        return self.function("abs", [value])

    def root_of(self, value: Value) -> Value:
        inner = self.inner_
        if inner.exact:
            root = inner.root_of(value.value)
            if isinstance(root, SquareRoot):
                raise Beyond("the derivative of a root")
        else:
            root = inner.root_of(value.value)
        if value.rate is None:
            return Dual(root)
        return Dual(root, inner.div(value.rate, inner.mul(inner.scalar(2), root)))

    # -- functions ------------------------------------------------------------------------------------------------------------
    def function(self, name: str, args: Sequence[Value]) -> Value:
        inner = self.inner_
        if all(a.rate is None for a in args):
            return Dual(inner.function(name, [a.value for a in args]))
        if name in ("max", "min"):
            best = args[0]
            for other in args[1:]:
                if self._less(best, other) == (name == "max"):
                    best = other
            return best
        if len(args) != 1:
            raise Beyond(f"the derivative of {name}")
        rule = _SLOPES.get(name)
        if rule is None:
            raise Beyond(f"the derivative of {name}")
        x = args[0]
        value = inner.function(name, [x.value])
        return Dual(value, inner.mul(rule(inner, x.value, value), x.rate))

    def _less(self, a: Value, b: Value) -> bool:
        if bool(a.value < b.value):
            return True
        if bool(a.value > b.value):
            return False
        raise Undefined("a derivative at a corner")

    def rational_power(self, base: Value, exponent: fmpq) -> Value:
        inner = self.inner_
        value = inner.rational_power(base.value, exponent)
        if base.rate is None:
            return Dual(value)
        slope = inner.mul(inner.scalar(exponent), inner.div(value, base.value))
        return Dual(value, inner.mul(slope, base.rate))

    def power(self, base: Value, exponent: Value) -> Value:
        """b^x = exp(x ln b), for b > 0."""
        inner = self.inner_
        value = inner.power(base.value, exponent.value)
        total = None
        if base.rate is not None:
            total = inner.mul(inner.mul(exponent.value, inner.div(value, base.value)), base.rate)
        if exponent.rate is not None:
            part = inner.mul(inner.mul(value, inner.function("log", [base.value])), exponent.rate)
            total = part if total is None else inner.add(total, part)
        return Dual(value, total)

    def same_scalars(self, a: Value, b: Value) -> bool:
        return self.inner_.same_scalars(a.value, b.value)


Slope = Callable[[Algebra, Value, Value], Value]


def _f(algebra: Algebra, name: str, x: Value) -> Value:
    return algebra.function(name, [x])


_SLOPES: dict[str, Slope] = {
    "exp": lambda a, x, y: y,
    "log": lambda a, x, y: a.div(a.one, x),
    "ln": lambda a, x, y: a.div(a.one, x),
    "log2": lambda a, x, y: a.div(a.one, a.mul(x, _f(a, "log", a.scalar(2)))),
    "log10": lambda a, x, y: a.div(a.one, a.mul(x, _f(a, "log", a.scalar(10)))),
    "sqrt": lambda a, x, y: a.div(a.one, a.mul(a.scalar(2), y)),
    "sin": lambda a, x, y: _f(a, "cos", x),
    "cos": lambda a, x, y: a.neg(_f(a, "sin", x)),
    "tan": lambda a, x, y: a.add(a.one, a.mul(y, y)),
    "cot": lambda a, x, y: a.neg(a.add(a.one, a.mul(y, y))),
    "sec": lambda a, x, y: a.mul(y, _f(a, "tan", x)),
    "csc": lambda a, x, y: a.neg(a.mul(y, _f(a, "cot", x))),
    "sinh": lambda a, x, y: _f(a, "cosh", x),
    "cosh": lambda a, x, y: _f(a, "sinh", x),
    "tanh": lambda a, x, y: a.sub(a.one, a.mul(y, y)),
    "arcsin": lambda a, x, y: a.div(a.one, _f(a, "sqrt", a.sub(a.one, a.mul(x, x)))),
    "arccos": lambda a, x, y: a.neg(a.div(a.one, _f(a, "sqrt", a.sub(a.one, a.mul(x, x))))),
    "arctan": lambda a, x, y: a.div(a.one, a.add(a.one, a.mul(x, x))),
    "sigmoid": lambda a, x, y: a.mul(y, a.sub(a.one, y)),
    "softplus": lambda a, x, y: _f(a, "sigmoid", x),
    "abs": lambda a, x, y: _f(a, "sign", x),
    "relu": lambda a, x, y: a.div(a.add(a.one, _f(a, "sign", x)), a.scalar(2)),
    "erf": lambda a, x, y: a.div(a.mul(a.scalar(2), _f(a, "exp", a.neg(a.mul(x, x)))), _f(a, "sqrt", a.constant("pi"))),
}


def _lifted(evaluator: Evaluator, algebra: DualAlgebra) -> Evaluator:
    from llmgrade.expr.evaluate import Evaluator as Walker

    def lift(values: dict[str, Value]) -> dict[str, Value]:
        return {n: (v if type(v) is int else algebra.lift(v)) for n, v in values.items()}

    walker = Walker(
        algebra,
        lift(evaluator.values),
        secret=evaluator.secret,
        definitions=evaluator.definitions,
        columns=evaluator.columns,
    )
    walker.bound = lift(evaluator.bound)
    return walker


def directional(evaluator: Evaluator, body: Expr, name: str, direction: Value) -> Value:
    """The rate of change of ``body`` as ``name`` moves along ``direction``."""
    algebra = DualAlgebra(evaluator.algebra)
    walker = _lifted(evaluator, algebra)
    here = evaluator.bound.get(name, evaluator.values.get(name))
    if here is None:
        here = evaluator.value(Sym(name))
    if type(here) is int:
        here = evaluator.algebra.scalar(here)
    walker.bound[name] = Dual(here, direction)
    result = walker.value(body)
    if isinstance(result, SquareRoot):
        raise Beyond("the derivative of a root")
    return algebra._rate(result)


def differentiate(evaluator: Evaluator, expr: Derivative) -> Value:
    """The value of a derivative. Of an unexplained name it is a name of its own."""
    body = expr.body
    variables = expr.variables
    if isinstance(body, Sym) and body not in variables and body.name not in evaluator.definitions:
        return evaluator._unknown(f"derivative of {body.name} {expr.kind} by {','.join(map(str, variables))}")
    if any(not isinstance(v, Sym) for v in variables) or not variables:
        raise Beyond("a derivative by something that is no name")
    if expr.kind not in ("d", "partial", "nabla", "jacobian"):
        raise Beyond(f"a {expr.kind}")
    first = variables[0]
    assert isinstance(first, Sym)
    if len(variables) > 1:
        rest = Derivative(body, variables[1:], expr.kind)
        body = rest
    here = evaluator.bound.get(first.name, evaluator.values.get(first.name))
    if here is not None and evaluator.algebra.is_matrix(here):
        return _gradient(evaluator, body, first.name, here, expr.kind)
    return directional(evaluator, body, first.name, evaluator.algebra.one)


def _gradient(evaluator: Evaluator, body: Expr, name: str, here: Value, kind: str) -> Value:
    """Entry by entry; of a vector's value the Jacobian, rows for the value's entries."""
    algebra = evaluator.algebra
    rows, cols = here.nrows(), here.ncols()
    if rows * cols > 64:
        raise Beyond("a gradient that large")
    rates = []
    for i in range(rows * cols):
        direction = algebra.matrix(rows, cols, [algebra.one if j == i else algebra.zero for j in range(rows * cols)])
        rates.append(algebra.plain(directional(evaluator, body, name, direction)))
    if not algebra.is_matrix(rates[0]):
        return algebra.matrix(rows, cols, rates)
    if cols != 1 or rates[0].ncols() != 1:
        raise Beyond("a derivative with more than two axes")
    height = rates[0].nrows()
    return algebra.matrix(height, rows, [rates[j][i, 0] for i in range(height) for j in range(rows)])


def mentions(expr: Expr, name: str) -> bool:
    return any(isinstance(node, Sym) and node.name == name for node in walk(expr))
