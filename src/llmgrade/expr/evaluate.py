"""Expr → number, vector or matrix at a point, in whatever number system is asked for.

One walk serves them all: `Evaluator` knows what a node means, the `Algebra` how its numbers add and multiply. What
cannot be said in the system at hand raises `Beyond` (ask another), what does not exist raises `Undefined`, what does
not fit raises `ShapeMismatch`, what would take too long raises `OverBudget`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from flint import fmpq

from llmgrade.expr.evaluate_algebra import (
    MAX_BITS,
    MAX_TERMS,
    MAX_WORK,
    Algebra,
    Beyond,
    OverBudget,
    ShapeMismatch,
    SquareRoot,
    Undefined,
    binomial,
)
from llmgrade.expr.nodes import (
    Abs,
    Add,
    Adjoint,
    At,
    BigOp,
    Call,
    Const,
    Derivative,
    Div,
    Expr,
    Given,
    Identity,
    Index,
    Infix,
    Integral,
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
    Sym,
    Transpose,
    Vector,
    walk,
)  # fmt: skip

__all__ = ["Evaluator", "rational"]

Value = Any
_SMALL = 10_000

_REMEMBERED = 200
"""Numbers whose values a point keeps: answers bring new ones without end."""


class Evaluator:
    """Values of names, and the walk. ``values`` may hold ints: integer symbols and sizes, usable as exponents and bounds."""

    def __init__(
        self,
        algebra: Algebra,
        values: Mapping[str, Value],
        *,
        secret: bytes = b"",
        definitions: Mapping[str, tuple[tuple[str, ...], Expr]] | None = None,
        columns: Mapping[str, str] | None = None,
    ) -> None:
        self.algebra = algebra
        self.values: dict[str, Value] = dict(values)
        self.secret = secret
        self.definitions = definitions or {}
        """Declared functions: parameters and body."""
        self.columns = columns or {}
        """Names of indexed parts (``u``, ``sigma``) → the declared matrix (``U``, ``Sigma``) they are columns or entries of."""
        self.bound: dict[str, Value] = {}
        self._numbers: dict[Any, Value] = {}
        self._ends: dict[int, tuple[BigOp, fmpq | None]] = {}
        """How far sums without ends run, by address: an inner one is asked once for each term of the outer."""
        self.unknown: dict[str, Value] = {}
        """Undeclared names met on the way, with the values they were given."""
        self.twin: Evaluator | None = None
        """The same point in exact rationals, for what balls cannot tell: ranks."""

    # -- entry --------------------------------------------------------------------------------------------------
    def value(self, expr: Expr) -> Value:
        rule = _RULES.get(type(expr))
        if rule is None:
            raise Beyond(f"a {type(expr).__name__.lower()} as a value")
        return rule(self, expr)

    def scalar_value(self, expr: Expr) -> Value:
        """A scalar, or `ShapeMismatch`."""
        value = self.algebra.plain(self.value(expr))
        if self.algebra.is_matrix(value):
            raise ShapeMismatch("a matrix where a scalar is needed")
        return value

    def rational(self, expr: Expr) -> fmpq | None:
        """The exact value of a number, a size or an integer symbol; None where it is none of these."""
        return rational(expr, self.values, self.bound)

    # -- atoms ---------------------------------------------------------------------------------------------------
    def _num(self, expr: Num) -> Value:
        number = expr.value
        found = self._numbers.get(number)
        if found is None:
            if len(self._numbers) >= _REMEMBERED:
                self._numbers.clear()
            found = self._numbers[number] = self.algebra.scalar(_fmpq(number))
        return found

    def _sym(self, expr: Sym) -> Value:
        name = expr.name
        found = self.bound.get(name)
        if found is None:
            found = self.values.get(name)
            if found is None:
                found = self._unknown(name)
        return self.algebra.scalar(found) if type(found) is int else found

    def _unknown(self, name: str) -> Value:
        part = self._part_of_matrix(name)
        if part is not None:
            return part
        if name.startswith("bar ") and self.algebra.complex_names and name[4:] in self.values:
            return self.algebra.function("conj", [self.value(Sym(name[4:]))])
        if name in self.definitions and not self.definitions[name][0]:
            return self.value(self.definitions[name][1])
        found = self.unknown.get(name)
        if found is None:
            found = self.unknown[name] = self.algebra.scalar(_drawn(self.secret, name))
            self.values[name] = found
        return found

    def _part_of_matrix(self, name: str) -> Value | None:
        """``sigma_2``, ``u_i``: an entry of a declared diagonal, a column of a declared orthonormal matrix."""
        base, _, index = name.rpartition("_")
        if not base:
            return None
        whole = self.values.get(base)
        if not self.algebra.is_matrix(whole):
            whole = self.values.get(self.columns.get(base, ""))
            if not self.algebra.is_matrix(whole):
                return None
            number = self._index_number(index)
            if number is None:
                return None
            if base in self.columns and self.columns.get(base + "\0diagonal"):
                return self.algebra.entry(whole, (number, number))
            return self.algebra.entry(whole, (number,))
        numbers = [self._index_number(part) for part in (index.strip("{}").split(",") if "," in index else [index])]
        if any(n is None for n in numbers):
            if len(index) == 2:
                numbers = [self._index_number(c) for c in index]
            if any(n is None for n in numbers):
                return None
        return self.algebra.entry(whole, [n for n in numbers if n is not None])

    def _index_number(self, text: str) -> int | None:
        text = text.strip("{}")
        if text.isdecimal():
            return int(text)
        found = self.bound.get(text, self.values.get(text))
        return found if type(found) is int else None

    def _const(self, expr: Const) -> Value:
        return self.algebra.constant(expr.name)

    def _identity(self, expr: Identity) -> Value:
        if expr.size is None:
            return self.algebra.one
        size = self.rational(expr.size)
        if size is None or size.q != 1:
            return self.algebra.one
        if size < 1:
            raise Undefined("an identity without a size")
        return self.algebra.eye(int(size.p))

    # -- arithmetic ------------------------------------------------------------------------------------------------
    def _add(self, expr: Add) -> Value:
        algebra = self.algebra
        terms = expr.terms
        total = self.value(terms[0])
        for term in terms[1:]:
            if type(term) is Neg:
                total = algebra.sub(total, self.value(term.arg))
            else:
                total = algebra.add(total, self.value(term))
        return total

    def _mul(self, expr: Mul) -> Value:
        factors = expr.factors
        total = self.value(factors[0])
        for factor in factors[1:]:
            total = self.algebra.mul(total, self.value(factor))
        return total

    def _neg(self, expr: Neg) -> Value:
        return self.algebra.neg(self.value(expr.arg))

    def _div(self, expr: Div) -> Value:
        return self.algebra.div(self.value(expr.top), self.value(expr.bottom))

    def _pow(self, expr: Pow) -> Value:
        algebra = self.algebra
        base, exponent = expr.base, expr.exponent
        kind = type(exponent)
        if kind is Num and type(exponent.value) is int:  # type: ignore[attr-defined]
            return algebra.int_power(self.value(base), exponent.value)  # type: ignore[attr-defined]
        if kind is Sym and self.bound.get(exponent.name) is None and type(self.values.get(exponent.name)) is algebra.S:  # type: ignore[attr-defined]
            number = None
        else:
            number = self.rational(exponent)
        if number is None:
            if type(base) is Const and base.name == "e":
                return algebra.matrix_function("exp", [self.value(exponent)])
            return algebra.power(self.scalar_value(base), self.scalar_value(exponent))
        if number.q == 1:
            return algebra.int_power(self.value(base), int(number.p))
        value = algebra.plain(self.value(base))
        if type(value) is SquareRoot:
            raise Beyond("a fractional power of a root")
        if number.q == 2 and algebra.modular:
            constant = self.constant(base)
            if constant is not None:
                return algebra.int_power(algebra.number_root(constant), int(number.p))  # type: ignore[attr-defined]
            if number.p == 1:
                return SquareRoot(value, sure=False)
        return algebra.rational_power(value, number)

    def constant(self, expr: Expr) -> fmpq | None:
        """The exact value of a number written without names."""
        return rational(expr, {}, {})

    def _percent(self, expr: Percent) -> Value:
        return self.algebra.div(self.value(expr.arg), self.algebra.scalar(100))

    def _quantity(self, expr: Quantity) -> Value:
        raise Beyond("a quantity with a unit")

    def _infix(self, expr: Infix) -> Value:
        algebra = self.algebra
        op = expr.op
        if op == "mod":
            left, right = self.rational(expr.left), self.rational(expr.right)
            if left is None or right is None or left.q != 1 or right.q != 1 or right == 0:
                raise Beyond("a remainder")
            return algebra.scalar(int(left.p) % int(right.p))
        a, b = self.value(expr.left), self.value(expr.right)
        if op == "dot":
            return algebra.dot(a, b)
        if op == "inner":
            return algebra.inner(a, b)
        if op == "hadamard":
            return algebra.hadamard(a, b)
        if op in ("kron", "outer"):
            return algebra.kronecker(a, b)
        if op == "cross":
            return self._cross(a, b)
        if op == "ratio":
            return algebra.div(a, b)
        raise Beyond(op)

    def _cross(self, a: Value, b: Value) -> Value:
        algebra = self.algebra
        if not (algebra.is_matrix(a) and algebra.is_matrix(b)):
            return algebra.mul(a, b)
        if (a.nrows(), a.ncols()) != (3, 1) or (b.nrows(), b.ncols()) != (3, 1):
            raise ShapeMismatch("a cross product of vectors that are not of length 3")
        x, y = algebra.entries(a), algebra.entries(b)
        return algebra.matrix(3, 1, [x[1] * y[2] - x[2] * y[1], x[2] * y[0] - x[0] * y[2], x[0] * y[1] - x[1] * y[0]])

    # -- vectors and matrices -----------------------------------------------------------------------------------------
    def _transpose(self, expr: Transpose) -> Value:
        return self.algebra.transpose(self.value(expr.arg))

    def _adjoint(self, expr: Adjoint) -> Value:
        value = self.algebra.transpose(self.value(expr.arg))
        if self.algebra.is_matrix(value):
            return value
        return self.algebra.function("conj", [value])

    def _pinv(self, expr: PInv) -> Value:
        try:
            return self.algebra.pseudo_inverse(self.value(expr.arg))
        except Beyond:
            return self._exactly(expr)

    def _exactly(self, expr: Expr) -> Value:
        """The value by way of exact rationals. Raises Beyond where they do not know it either."""
        if self.twin is None or self.bound:
            raise Beyond("a matrix of unknown rank")
        value = self.twin.value(expr)
        if not self.twin.algebra.is_matrix(value):
            return self.algebra.scalar(value)
        entries = [self.algebra.scalar(x) for x in value.entries()]
        return self.algebra.matrix(value.nrows(), value.ncols(), entries)

    def _abs(self, expr: Abs) -> Value:
        if self.algebra.modular:
            constant = self.constant(expr.arg)
            if constant is not None:
                return self.algebra.scalar(abs(constant))
        value = self.value(expr.arg)
        self._sized(expr.arg, value)
        return self.algebra.bars(value)

    def _norm(self, expr: Norm) -> Value:
        if expr.weight is not None:
            x, m = self.value(expr.arg), self.value(expr.weight)
            algebra = self.algebra
            return algebra.root_of(algebra.plain(algebra.mul(algebra.mul(algebra.transpose(x), m), x)))
        value = self.value(expr.arg)
        self._sized(expr.arg, value)
        return self.algebra.norm(value, expr.kind)

    def _sized(self, expr: Expr, value: Value) -> None:
        """Raises Beyond for what depends on the size of an identity matrix that has none."""
        if type(expr) in _MAY_HOLD_ONE and self.is_multiple_of_one(expr, value):
            raise Beyond("an identity matrix whose size nobody says")

    def _vector(self, expr: Vector) -> Value:
        return self._blocks([[item] for item in expr.items])

    def _matrix(self, expr: Matrix) -> Value:
        return self._blocks([list(row) for row in expr.rows])

    def _blocks(self, rows: Sequence[Sequence[Expr]]) -> Value:
        algebra = self.algebra
        cells = [[algebra.plain(self.value(cell)) for cell in row] for row in rows]
        width = max(len(row) for row in cells)
        if any(len(row) != width for row in cells):
            raise ShapeMismatch("rows of different lengths")
        if not any(algebra.is_matrix(cell) for row in cells for cell in row):
            if any(type(cell) is SquareRoot for row in cells for cell in row):
                raise Beyond("a matrix of roots")
            return algebra.matrix(len(cells), width, [cell for row in cells for cell in row])
        return self._assemble(cells, width)

    def _assemble(self, cells: list[list[Value]], width: int) -> Value:
        algebra = self.algebra
        heights = [max((c.nrows() for c in row if algebra.is_matrix(c)), default=1) for row in cells]
        widths = [max((row[j].ncols() for row in cells if algebra.is_matrix(row[j])), default=1) for j in range(width)]
        entries: list[Value] = []
        for row, height in zip(cells, heights, strict=True):
            blocks = [self._block(cell, height, w) for cell, w in zip(row, widths, strict=True)]
            entries.extend(
                block[r, c] for r in range(height) for block, w in zip(blocks, widths, strict=True) for c in range(w)
            )
        return algebra.matrix(sum(heights), sum(widths), entries)

    def _block(self, cell: Value, height: int, width: int) -> Value:
        algebra = self.algebra
        if algebra.is_matrix(cell):
            if (cell.nrows(), cell.ncols()) != (height, width):
                raise ShapeMismatch("blocks that do not fit together")
            return cell
        if algebra.is_zero(cell):
            return algebra.matrix(height, width, [algebra.zero] * (height * width))
        if height == width:
            return algebra.eye(height) * cell
        raise ShapeMismatch("blocks that do not fit together")

    def _index(self, expr: Index) -> Value:
        base = self.value(expr.base)
        numbers = []
        for index in expr.indices:
            if type(index) is Sym:
                place = self.bound.get(index.name)
                if type(place) is int:
                    numbers.append(place + expr.zero_based)
                    continue
            number = self.rational(index)
            if number is None or number.q != 1:
                raise Beyond("a symbolic index")
            numbers.append(int(number.p) + int(expr.zero_based))
        if not self.algebra.is_matrix(base) and type(expr.base) is Sym:
            return self._unknown(expr.base.name + "_" + ",".join(map(str, numbers)))
        return self.algebra.entry(base, numbers)

    # -- functions -----------------------------------------------------------------------------------------------------
    def _call(self, expr: Call) -> Value:
        name = expr.function
        if not expr.args and (name in _SPECIAL or name in KNOWN_FUNCTIONS):
            raise Beyond(f"{name} of nothing")
        special = _SPECIAL.get(name)
        if special is not None:
            found = special(self, expr)
            if found is not None:
                return found
        if expr.sub is not None and name == "log":
            top = self.algebra.function("log", [self.scalar_value(expr.args[0])])
            return self.algebra.div(top, self.algebra.function("log", [self.scalar_value(expr.sub)]))
        definition = self.definitions.get(name)
        if definition is not None and len(definition[0]) == len(expr.args):
            return self._apply(definition, [self.value(a) for a in expr.args])
        args = [self.value(a) for a in expr.args]
        if name in KNOWN_FUNCTIONS:
            if name in _OF_SIZE and self.is_multiple_of_one(expr.args[0], args[0]):
                raise Beyond("an identity matrix whose size nobody says")
            return self.algebra.matrix_function(name, args)
        return self._unknown_function(expr, args)

    def is_multiple_of_one(self, expr: Expr, value: Value) -> bool:
        """Whether the value, a scalar here, stands for a multiple of an identity matrix without a size: ``2λI``, ``I + I``."""
        if self.algebra.is_matrix(self.algebra.plain(value)):
            return False
        kind = type(expr)
        if kind is Identity:
            return expr.size is None  # type: ignore[attr-defined]
        if kind is Mul:
            parts = expr.factors  # type: ignore[attr-defined]
            return any(
                type(f) in _MAY_HOLD_ONE
                and self._holds_one(f)
                and self._is_number(parts[:i])
                and self._is_number(parts[i + 1 :])
                for i, f in enumerate(parts)
            )
        if kind is Add:
            return any(type(t) in _MAY_HOLD_ONE and self._holds_one(t) for t in expr.terms)  # type: ignore[attr-defined]
        return kind in _MAY_HOLD_ONE and self._holds_one(expr)

    def _is_number(self, factors: Sequence[Expr]) -> bool:
        """Whether a product, perhaps of nothing, is a scalar."""
        return not factors or not self.algebra.is_matrix(self.algebra.plain(self._mul(Mul(tuple(factors)))))

    def _holds_one(self, expr: Expr) -> bool:
        inner = expr
        kind = type(expr)
        if kind is Neg or kind is Transpose or kind is PInv or kind is Adjoint:
            inner = expr.arg  # type: ignore[attr-defined]
        elif kind is Pow:
            inner = expr.base  # type: ignore[attr-defined]
        elif kind is Div:
            inner = expr.top  # type: ignore[attr-defined]
        elif kind is Call:
            if expr.function not in ("inv", "pinv", "transpose") or len(expr.args) != 1:  # type: ignore[attr-defined]
                return False
            inner = expr.args[0]  # type: ignore[attr-defined]
        if inner is expr and kind not in (Mul, Add, Identity):
            return False
        return self.is_multiple_of_one(inner, self.value(inner))

    def _apply(self, definition: tuple[tuple[str, ...], Expr], args: Sequence[Value]) -> Value:
        before = self.bound
        self.bound = {**before, **dict(zip(definition[0], args, strict=True))}
        try:
            return self.value(definition[1])
        finally:
            self.bound = before

    def _unknown_function(self, expr: Call, args: Sequence[Value]) -> Value:
        """A function nobody declared: the same value for the same arguments, in exact systems; else a random smooth one."""
        algebra = self.algebra
        args = [algebra.plain(a) for a in args]
        if any(type(a) is SquareRoot for a in args):
            raise Beyond("a function of a root")
        label = f"{expr.function}/{len(args)}"
        if expr.sub is not None:
            sub = self.value(expr.sub)
            args = [sub, *args]
        if algebra.exact:
            text = label + "|" + "|".join(str(_frozen(a)) for a in args)
            return algebra.scalar(_drawn(self.secret, text))
        total: Value = algebra.scalar(_small(self.secret, label))
        for k, arg in enumerate(args):
            for j, x in enumerate(algebra.entries(arg) if algebra.is_matrix(arg) else [arg]):
                speed = algebra.scalar(_small(self.secret, f"{label}.{k}.{j}.speed"))
                height = algebra.scalar(_small(self.secret, f"{label}.{k}.{j}.height"))
                wave = algebra.function("sin", [x * speed + height])
                total = total + wave * height + wave * total * algebra.scalar(fmpq(1, 3))
        return total

    # -- big operators ---------------------------------------------------------------------------------------------------
    def _bigop(self, expr: BigOp) -> Value:
        if expr.op not in ("sum", "prod", "max", "min"):
            raise Beyond(expr.op)
        variable = expr.variable
        if isinstance(variable, Sym):
            if expr.upper == Const("oo") and expr.op == "sum" and expr.lower is not None and expr.domain is None:
                return self._series(expr, variable.name)
            low, high, keep = self._range(expr, variable.name)
        else:
            raise Beyond("a sum over something that is no index")
        self.work += max(0, high - low + 1)
        if high - low > MAX_TERMS or self.work > MAX_WORK:
            raise OverBudget("a sum of that many terms")
        self.algebra.degree *= max(1, high - low + 1)
        return self._fold(expr, variable.name, low, high, keep)

    work = 0

    def _series(self, expr: BigOp, name: str) -> Value:
        from llmgrade.expr.evaluate_calculus import series_value

        assert expr.lower is not None
        start = self.rational(expr.lower)
        if start is None or start.q != 1:
            raise Beyond("a sum that starts at no number")
        return series_value(self, expr, name, int(start.p))

    def _fold(self, expr: BigOp, name: str, low: int, high: int, keep: Expr | None) -> Value:
        algebra = self.algebra
        before = self.bound
        total: Value = None
        self.bound = bound = {**before}
        try:
            for k in range(low, high + 1):
                bound[name] = k
                if keep is not None and not self.holds(keep):
                    continue
                value = self.value(expr.body)
                if total is None:
                    total = value
                elif expr.op == "sum":
                    total = algebra.add(total, value)
                elif expr.op == "prod":
                    total = algebra.mul(total, value)
                else:
                    total = algebra.function(expr.op, [algebra.plain(total), algebra.plain(value)])
        finally:
            self.bound = before
        if total is None:
            if expr.op in ("sum", "prod"):
                return algebra.zero if expr.op == "sum" else algebra.one
            raise Undefined("the largest of nothing")
        return total

    def _range(self, expr: BigOp, name: str) -> tuple[int, int, Expr | None]:
        keep = expr.domain
        low = rational(expr.lower, self.values, self.bound) if expr.lower is not None else None
        if expr.upper is not None:
            high = rational(expr.upper, self.values, self.bound)
        elif expr.lower is not None and keep is None:
            high = self._natural_end(expr, name)
        else:
            high = self._natural_end(expr, name)
        if expr.lower is None:
            low = fmpq(1)
        if low is None or high is None or low.q != 1 or high.q != 1:
            raise Beyond("bounds that are no numbers")
        return int(low.p), int(high.p), keep

    def _natural_end(self, expr: BigOp, name: str) -> fmpq | None:
        """A sum over ``i`` without bounds: the size of whatever ``i`` indexes; of undeclared ``x_i``, a fixed small number."""
        known = self._ends.get(id(expr))
        if known is not None and known[0] is expr:
            return known[1]
        if len(self._ends) >= _REMEMBERED:
            self._ends.clear()
        end = self._looked_up_end(expr, name)
        self._ends[id(expr)] = (expr, end)
        return end

    def _looked_up_end(self, expr: BigOp, name: str) -> fmpq | None:
        for node in walk(expr.body):
            if isinstance(node, Index):
                for place, index in enumerate(node.indices):
                    if type(index) is Sym and index.name == name:
                        if type(node.base) is Sym:
                            value = self.values.get(node.base.name)
                        else:
                            value = self.value(node.base) if not _mentions(node.base, name) else None
                        if value is not None and self.algebra.is_matrix(value):
                            one = len(node.indices) == 1 and value.ncols() > 1
                            return fmpq(value.ncols() if one or place == 1 else value.nrows())
            if isinstance(node, Sym) and "_" in node.name:
                base, _, index_text = node.name.rpartition("_")
                if index_text.strip("{}") == name:
                    whole = self.values.get(base, self.values.get(self.columns.get(base, "")))
                    if whole is not None and self.algebra.is_matrix(whole):
                        return fmpq(whole.nrows() if whole.ncols() == 1 else whole.ncols())
        return fmpq(4)

    # -- calculus ------------------------------------------------------------------------------------------------------
    def _derivative(self, expr: Derivative) -> Value:
        from llmgrade.expr.evaluate_calculus import derivative_value

        return derivative_value(self, expr)

    def _integral(self, expr: Integral) -> Value:
        from llmgrade.expr.evaluate_calculus import integral_value

        return integral_value(self, expr)

    def _limit(self, expr: Limit) -> Value:
        from llmgrade.expr.evaluate_calculus import limit_value

        return limit_value(self, expr)

    def _at(self, expr: At) -> Value:
        if not isinstance(expr.variable, Sym):
            raise Beyond("a value at an unsaid place")
        high = self.with_bound(expr.variable.name, self.value(expr.value), expr.body)
        if expr.low is None:
            return high
        return self.algebra.sub(high, self.with_bound(expr.variable.name, self.value(expr.low), expr.body))

    def with_bound(self, name: str, value: Value, body: Expr) -> Value:
        """The value of ``body`` where ``name`` has ``value``."""
        before = self.bound
        self.bound = {**before, name: value}
        try:
            return self.value(body)
        finally:
            self.bound = before

    # -- conditions ------------------------------------------------------------------------------------------------------
    def _given(self, expr: Given) -> Value:
        return self.value(expr.body)

    def _piecewise(self, expr: Piecewise) -> Value:
        for body, condition in expr.branches:
            if condition is None or self.holds(condition):
                return self.value(body)
        raise Undefined("a point no branch covers")

    def _relation_value(self, expr: Expr) -> Value:
        """An Iverson bracket: 1 where the statement holds."""
        return self.algebra.one if self.holds(expr) else self.algebra.zero

    def holds(self, condition: Expr) -> bool:
        """Whether a condition is true here. Raises Beyond where the number system has no order."""
        if isinstance(condition, Logic):
            if condition.op == "not":
                return not self.holds(condition.args[0])
            if condition.op == "and":
                return all(self.holds(a) for a in condition.args)
            if condition.op == "or":
                return any(self.holds(a) for a in condition.args)
            if condition.op == "implies":
                return not self.holds(condition.args[0]) or self.holds(condition.args[1])
            if condition.op == "iff":
                return self.holds(condition.args[0]) == self.holds(condition.args[1])
            raise Beyond(condition.op)
        if isinstance(condition, Relation):
            return self._chain_holds(condition)
        if isinstance(condition, Const) and condition.name in ("true", "false"):
            return condition.name == "true"
        raise Beyond("a condition of that kind")

    def _chain_holds(self, relation: Relation) -> bool:
        integers = all(self.rational(t) is not None for t in relation.terms)
        if integers:
            numbers = [self.rational(t) for t in relation.terms]
            return all(_compare(op, a, b) for op, a, b in zip(relation.ops, numbers, numbers[1:], strict=False))
        if self.algebra.modular:
            raise Beyond("an order in a finite field")
        values = [self.algebra.plain(self.value(t)) for t in relation.terms]
        return all(_compare(op, a, b) for op, a, b in zip(relation.ops, values, values[1:], strict=False))


def _mentions(expr: Expr, name: str) -> bool:
    return any(isinstance(node, Sym) and node.name == name for node in walk(expr))


def _compare(op: str, a: Value, b: Value) -> bool:
    if op == "<":
        return bool(a < b)
    if op == "<=":
        return bool(a <= b)
    if op == ">":
        return bool(a > b)
    if op == ">=":
        return bool(a >= b)
    if op == "=":
        return bool(a == b)
    if op == "!=":
        return bool(a != b)
    raise Beyond(f"the relation {op}")


def _fmpq(number: int | Fraction) -> fmpq:
    return fmpq(number) if isinstance(number, int) else fmpq(number.numerator, number.denominator)


def rational(expr: Expr, values: Mapping[str, Value], bound: Mapping[str, Value], depth: int = 40) -> fmpq | None:
    """The exact value of a small rational expression in numbers and integer names; None where it is none.

    Raises OverBudget for numbers of more than `MAX_BITS` bits, Undefined for a division by zero.
    """
    kind = type(expr)
    if kind is Num:
        return _fmpq(expr.value)  # type: ignore[attr-defined]
    if kind is Sym:
        name = expr.name  # type: ignore[attr-defined]
        found = bound.get(name)
        if found is None:
            found = values.get(name)
        return fmpq(found) if type(found) is int else None
    if depth <= 0:
        return None
    if kind is Neg:
        inner = rational(expr.arg, values, bound, depth - 1)  # type: ignore[attr-defined]
        return None if inner is None else -inner
    if kind is Percent:
        inner = rational(expr.arg, values, bound, depth - 1)  # type: ignore[attr-defined]
        return None if inner is None else inner / 100
    if kind is Add or kind is Mul:
        parts = expr.terms if kind is Add else expr.factors  # type: ignore[attr-defined]
        total = fmpq(0 if kind is Add else 1)
        for part in parts:
            value = rational(part, values, bound, depth - 1)
            if value is None:
                return None
            total = total + value if kind is Add else total * value
        return _checked(total)
    if kind is Div:
        top = rational(expr.top, values, bound, depth - 1)  # type: ignore[attr-defined]
        bottom = None if top is None else rational(expr.bottom, values, bound, depth - 1)  # type: ignore[attr-defined]
        if top is None or bottom is None:
            return None
        if bottom == 0:
            raise Undefined("division by zero")
        return _checked(top / bottom)
    if kind is Pow:
        base = rational(expr.base, values, bound, depth - 1)  # type: ignore[attr-defined]
        exponent = None if base is None else rational(expr.exponent, values, bound, depth - 1)  # type: ignore[attr-defined]
        if base is None or exponent is None or exponent.q != 1:
            return None
        n = int(exponent.p)
        if abs(n) * max(base.p.bit_length(), base.q.bit_length(), 1) > MAX_BITS:
            raise OverBudget("a number that large")
        if base == 0 and n < 0:
            raise Undefined("division by zero")
        return base**n
    return None


def _checked(number: fmpq) -> fmpq:
    if number.p.bit_length() > MAX_BITS or number.q.bit_length() > MAX_BITS:
        raise OverBudget("a number that large")
    return number


def _drawn(secret: bytes, name: str) -> int:
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=7, key=secret[:64]).digest(), "little")


def _small(secret: bytes, name: str) -> fmpq:
    """A secret fraction between 1/2 and 2."""
    return fmpq(_drawn(secret, name) % 3000 + 1001, 2000)


def _frozen(value: Value) -> str:
    if hasattr(value, "nrows"):
        return f"{value.nrows()}x{value.ncols()}:" + ",".join(map(str, value.entries()))
    return str(value)


# -- functions of exact numbers -----------------------------------------------------------------------------------------
def _factorial(self: Evaluator, expr: Call) -> Value | None:
    n = self.rational(expr.args[0])
    if n is None or n.q != 1:
        return None
    if n < 0:
        raise Undefined("the factorial of a negative number")
    number = int(n.p) - (1 if expr.function == "gamma" else 0)
    if number < 0:
        raise Undefined("Γ at 0")
    if number > 20_000:
        if self.algebra.exact:
            raise OverBudget("a factorial that large")
        return None
    from flint import fmpz

    return self.algebra.scalar(fmpq(fmpz.fac_ui(fmpz(number))))


def _binom(self: Evaluator, expr: Call) -> Value | None:
    if len(expr.args) != 2:
        return None
    n, k = self.rational(expr.args[0]), self.rational(expr.args[1])
    if k is None or k.q != 1:
        if self.algebra.exact:
            raise Beyond("a binomial coefficient")
        top, bottom = self.scalar_value(expr.args[0]), self.scalar_value(expr.args[1])
        a = self.algebra
        one = a.one
        return a.div(
            a.function("gamma", [top + one]),
            a.function("gamma", [bottom + one]) * a.function("gamma", [top - bottom + one]),
        )
    if n is not None and n.q == 1 and 0 <= n <= 2000:
        return self.algebra.scalar(fmpq(binomial(int(n.p), int(k.p))))
    if k < 0 or k > 200:
        raise Beyond("a binomial coefficient")
    x = self.scalar_value(expr.args[0])
    total = self.algebra.one
    for j in range(int(k.p)):
        total = self.algebra.div(total * (x - self.algebra.scalar(j)), self.algebra.scalar(j + 1))
    self.algebra.degree *= max(1, int(k.p))
    return total


def _sqrt(self: Evaluator, expr: Call) -> Value | None:
    algebra = self.algebra
    if algebra.modular:
        constant = self.constant(expr.args[0])
        if constant is not None:
            return algebra.number_root(constant)  # type: ignore[attr-defined]
        value = algebra.plain(self.value(expr.args[0]))
        if algebra.is_matrix(value) or type(value) is SquareRoot:
            raise Beyond("the root of that")
        return SquareRoot(value, sure=False)
    return None


def _root(self: Evaluator, expr: Call) -> Value | None:
    """``root(x, n)``: the n-th root."""
    if len(expr.args) == 2:
        return self.value(Pow(expr.args[0], Div(Num(1), expr.args[1])))
    return None


def _exp(self: Evaluator, expr: Call) -> Value | None:
    n = self.rational(expr.args[0]) if len(expr.args) == 1 else None
    if n is not None and n.q == 1:
        return self.algebra.int_power(self.algebra.constant("e"), int(n.p))
    return None


def _gcd(self: Evaluator, expr: Call) -> Value | None:
    from math import gcd, lcm

    numbers = [self.rational(a) for a in expr.args]
    if any(n is None or n.q != 1 for n in numbers):
        raise Beyond(expr.function)
    return self.algebra.scalar((gcd if expr.function == "gcd" else lcm)(*(int(n.p) for n in numbers if n is not None)))


def _extreme(self: Evaluator, expr: Call) -> Value | None:
    """max and min of exact numbers, in any system."""
    numbers = [self.rational(a) for a in expr.args]
    exact = [n for n in numbers if n is not None]
    if exact and len(exact) == len(numbers):
        return self.algebra.scalar(max(exact) if expr.function == "max" else min(exact))
    if len(expr.args) == 1:
        value = self.value(expr.args[0])
        if self.algebra.is_matrix(value):
            return self.algebra.function(expr.function, self.algebra.entries(value))
    return None


def _rounded(self: Evaluator, expr: Call) -> Value | None:
    n = self.rational(expr.args[0])
    if n is None:
        return None
    return self.algebra.scalar(int(n.floor()) if expr.function == "floor" else int(n.ceil()))


def _indicator(self: Evaluator, expr: Call) -> Value | None:
    if len(expr.args) == 1 and isinstance(expr.args[0], Relation | Logic):
        return self._relation_value(expr.args[0])
    return None


def _logdet(self: Evaluator, expr: Call) -> Value | None:
    return self.algebra.function("log", [self.algebra.det(self.value(expr.args[0]))])


def _clock(self: Evaluator, expr: Call) -> Value | None:
    """A time of day, in seconds after midnight."""
    total = self.algebra.zero
    for part, seconds in zip(expr.args, (3600, 60, 1), strict=False):
        total = self.algebra.add(total, self.algebra.mul(self.scalar_value(part), self.algebra.scalar(seconds)))
    return total


def _by_rank(self: Evaluator, expr: Call) -> Value | None:
    """Ranks and pseudo-inverses, which balls cannot tell."""
    return None if self.algebra.exact or self.twin is None else self._exactly(expr)


_SPECIAL: dict[str, Callable[[Evaluator, Call], Value | None]] = {
    "rank": _by_rank,
    "pinv": _by_rank,
    "factorial": _factorial,
    "gamma": _factorial,
    "binom": _binom,
    "sqrt": _sqrt,
    "root": _root,
    "exp": _exp,
    "gcd": _gcd,
    "lcm": _gcd,
    "max": _extreme,
    "min": _extreme,
    "floor": _rounded,
    "ceil": _rounded,
    "indicator": _indicator,
    "logdet": _logdet,
    "clock": _clock,
}

_OF_SIZE = frozenset({"tr", "det", "rank", "norm", "abs", "diag", "logdet"})
_MAY_HOLD_ONE = frozenset((Identity, Mul, Add, Neg, Transpose, Adjoint, PInv, Pow, Div, Call))

KNOWN_FUNCTIONS = frozenset(
    [
        "tr",
        "det",
        "inv",
        "pinv",
        "transpose",
        "norm",
        "abs",
        "diag",
        "solve",
        "rank",
        "exp",
        "log",
        "ln",
        "log2",
        "log10",
        "sqrt",
        "cbrt",
        "sin",
        "cos",
        "tan",
        "cot",
        "sec",
        "csc",
        "sinh",
        "cosh",
        "tanh",
        "coth",
        "sech",
        "csch",
        "arcsin",
        "arccos",
        "arctan",
        "arccot",
        "arcsec",
        "arccsc",
        "arcsinh",
        "arccosh",
        "arctanh",
        "arccoth",
        "arcsech",
        "arccsch",
        "erf",
        "erfc",
        "gamma",
        "lgamma",
        "zeta",
        "sign",
        "floor",
        "ceil",
        "round",
        "max",
        "min",
        "relu",
        "sigmoid",
        "softplus",
        "factorial",
        "conj",
        "re",
        "im",
        "arg",
        "atan2",
        "vec",
        "logit",
        "sinc",
        "digamma",
        "heaviside",
        "frac_part",
        "log1p",
        "expm1",
    ]
)
"""Functions the number systems know; any other name is a function nobody has declared."""

_RULES: dict[type, Callable[[Evaluator, Any], Value]] = {
    Num: Evaluator._num,
    Sym: Evaluator._sym,
    Const: Evaluator._const,
    Identity: Evaluator._identity,
    Add: Evaluator._add,
    Mul: Evaluator._mul,
    Neg: Evaluator._neg,
    Div: Evaluator._div,
    Pow: Evaluator._pow,
    Percent: Evaluator._percent,
    Quantity: Evaluator._quantity,
    Infix: Evaluator._infix,
    Transpose: Evaluator._transpose,
    Adjoint: Evaluator._adjoint,
    PInv: Evaluator._pinv,
    Abs: Evaluator._abs,
    Norm: Evaluator._norm,
    Vector: Evaluator._vector,
    Matrix: Evaluator._matrix,
    Index: Evaluator._index,
    Call: Evaluator._call,
    BigOp: Evaluator._bigop,
    Derivative: Evaluator._derivative,
    Integral: Evaluator._integral,
    Limit: Evaluator._limit,
    At: Evaluator._at,
    Given: Evaluator._given,
    Piecewise: Evaluator._piecewise,
    Relation: Evaluator._relation_value,
    Logic: Evaluator._relation_value,
}
