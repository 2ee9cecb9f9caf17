"""What every number system here has in common: scalars, matrices of one size, and how the two combine.

A number system is chosen per question, never per project: a prime field where everything asked is rational, exact
rationals for witnesses, real or complex balls where roots and exponentials appear, 64 doubles at once as a screen.
The rules of shapes are the same in all of them, so they are written once, here:

* a 1×1 matrix is a scalar wherever a scalar is needed;
* ``A + c`` for a square ``A`` means ``A + c·I`` (models write it so; the reader of the answer is told);
* everything else that does not fit raises `ShapeMismatch`, which is a refutation in words.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from flint import fmpq, fmpz

__all__ = [
    "Algebra",
    "Beyond",
    "OverBudget",
    "ShapeMismatch",
    "SquareRoot",
    "Undefined",
    "shape_text",
]

Value = Any
"""A scalar or a matrix of the algebra at hand, or a `SquareRoot`."""


class ShapeMismatch(Exception):
    """Sizes that do not fit; the message says which. Values after it are named in it by their shapes, once it is asked for."""

    def __str__(self) -> str:
        text, *values = self.args
        return text.format(*map(shape_text, values)) if values else str(text)


class Beyond(Exception):
    """This number system cannot express the value asked for; another one may."""


class Undefined(Exception):
    """The value does not exist at this point: division by zero, the inverse of a singular matrix."""


class OverBudget(Exception):
    """The work would exceed a budget of `limits.Limits`."""


class SquareRoot:
    """``√square`` where only the square is a number of the field: ‖v‖, |x|. Comparable with its like."""

    __slots__ = ("square", "sure")

    def __init__(self, square: Value, sure: bool = True) -> None:
        self.square, self.sure = square, sure
        """``sure``: the square is never negative on the reals, so that √a·√b is √(ab)."""


MAX_EXPONENT = 1_000_000
MAX_BITS = 50_000
MAX_TERMS = 5_000
MAX_WORK = 20_000
MAX_SIDE = 200


def shape_text(value: Value) -> str:
    """``3×2``, or ``scalar``."""
    return f"{value.nrows()}×{value.ncols()}" if hasattr(value, "nrows") else "scalar"


class Algebra:
    """One number system. Subclasses give scalars, matrices and the functions they know."""

    S: ClassVar[Any]
    """The scalar type."""
    M: ClassVar[Any]
    """The matrix type."""
    exact: ClassVar[bool] = True

    def __init__(self) -> None:
        self.degree = 1.0
        """An upper bound on the degree in the sampled values, up to the number of leaves."""
        self.work = 0
        """Terms of sums and products evaluated so far."""
        self.complex_names = False
        """Some name stands for a complex number: |z|² is then not z²."""
        self._eyes: dict[int, Value] = {}
        self.one: Value = self.scalar(1)
        self.zero: Value = self.scalar(0)

    # -- to be given by each system -----------------------------------------------------------------------------
    def scalar(self, number: int | fmpq) -> Value:
        raise NotImplementedError

    def matrix(self, rows: int, cols: int, entries: Sequence[Value]) -> Value:
        raise NotImplementedError

    def constant(self, name: str) -> Value:
        """π, e, i, ∞."""
        raise Beyond(name)

    def function(self, name: str, args: Sequence[Value]) -> Value:
        """sin, exp, …: of scalars."""
        raise Beyond(name)

    def rational_power(self, base: Value, exponent: fmpq) -> Value:
        raise Beyond("a fractional power")

    def power(self, base: Value, exponent: Value) -> Value:
        raise Beyond("a power with a symbolic exponent")

    def absolute(self, value: Value) -> Value:
        return SquareRoot(value * value)

    def root_of(self, value: Value) -> Value:
        """√value."""
        return SquareRoot(value)

    # -- shapes ---------------------------------------------------------------------------------------------------
    def eye(self, size: int) -> Value:
        found = self._eyes.get(size)
        if found is None:
            if size > MAX_SIDE:
                raise OverBudget("an identity matrix that large")
            entries = [self.zero] * (size * size)
            entries[:: size + 1] = [self.one] * size
            found = self._eyes[size] = self.matrix(size, size, entries)
        return found

    def plain(self, value: Value) -> Value:
        """1×1 matrices as scalars."""
        if type(value) is self.M and value.nrows() == 1 == value.ncols():
            return value[0, 0]
        return value

    def is_matrix(self, value: Value) -> bool:
        return type(value) is self.M

    def entries(self, value: Value) -> list[Value]:
        return list(value.entries())

    # -- arithmetic -------------------------------------------------------------------------------------------------
    def add(self, a: Value, b: Value) -> Value:
        if type(a) is type(b):
            try:
                return a + b
            except (TypeError, ValueError):
                pass
        return self._mixed_sum(a, b, 1)

    def sub(self, a: Value, b: Value) -> Value:
        if type(a) is type(b):
            try:
                return a - b
            except (TypeError, ValueError):
                pass
        return self._mixed_sum(a, b, -1)

    def _mixed_sum(self, a: Value, b: Value, sign: int) -> Value:
        if type(a) is self.M and type(b) is self.S:
            side = a.nrows()
            if side == a.ncols() > 1:
                b = self.eye(side) * b
                return a + b if sign > 0 else a - b
        a, b = self.plain(a), self.plain(b)
        kinds = (type(a) is self.M, type(b) is self.M)
        if kinds == (True, True):
            if (a.nrows(), a.ncols()) != (b.nrows(), b.ncols()):
                raise ShapeMismatch("cannot add {} and {}", a, b)
            return a + b if sign > 0 else a - b
        if type(a) is SquareRoot or type(b) is SquareRoot:
            raise Beyond("a sum with a root")
        if kinds == (True, False):
            b = self.eye(self._side(a)) * b
        elif kinds == (False, True):
            a = self.eye(self._side(b)) * a
        return a + b if sign > 0 else a - b

    def _side(self, matrix: Value) -> int:
        side: int = matrix.nrows()
        if side != matrix.ncols():
            raise ShapeMismatch("adding a scalar to a {} matrix", matrix)
        return side

    def mul(self, a: Value, b: Value) -> Value:
        try:
            return a * b
        except (TypeError, ValueError):
            return self.odd_product(a, b)

    def odd_product(self, a: Value, b: Value) -> Value:
        """A product that the values themselves refuse: of 1×1 matrices, of roots, of shapes that do not fit."""
        if type(a) is self.M and type(b) is self.M:
            if a.nrows() == 1 == a.ncols():
                return b * a[0, 0]
            if b.nrows() == 1 == b.ncols():
                return a * b[0, 0]
            raise ShapeMismatch("cannot multiply {} by {}", a, b)
        if type(a) is SquareRoot and type(b) is SquareRoot and a.sure and b.sure:
            return SquareRoot(a.square * b.square)
        raise Beyond("a product with a root")

    def dot(self, a: Value, b: Value) -> Value:
        """``a · b``: the inner product of two columns, otherwise the plain product."""
        if type(a) is self.M and type(b) is self.M and a.ncols() == 1 == b.ncols() and a.nrows() == b.nrows() > 1:
            return (a.transpose() * b)[0, 0]
        return self.mul(a, b)

    def inner(self, a: Value, b: Value) -> Value:
        """``⟨a, b⟩``: the sum of products of entries."""
        a, b = self.plain(a), self.plain(b)
        if type(a) is self.M and type(b) is self.M:
            self._same_shape(a, b, "an inner product")
            return self.trace(a.transpose() * b)
        return self.mul(a, b)

    def _same_shape(self, a: Value, b: Value, what: str) -> None:
        if (a.nrows(), a.ncols()) != (b.nrows(), b.ncols()):
            raise ShapeMismatch(f"{what} of {shape_text(a)} and {shape_text(b)}")

    def div(self, a: Value, b: Value) -> Value:
        b = self.plain(b)
        if type(b) is self.M:
            raise ShapeMismatch("division by a {} matrix", b)
        try:
            if type(a) is self.S:
                return a / b
            if type(b) is not self.S or type(a) is not self.M:
                raise TypeError
            return a * (self.one / b)
        except ZeroDivisionError:
            raise Undefined("division by zero") from None
        except TypeError:
            if type(a) is SquareRoot and type(b) is SquareRoot and a.sure and b.sure:
                return SquareRoot(self.div(a.square, b.square))
            raise Beyond("a quotient with a root") from None

    def neg(self, a: Value) -> Value:
        if type(a) is SquareRoot:
            raise Beyond("the negative of a root")
        return -a

    def inverse(self, a: Value) -> Value:
        if type(a) is self.M:
            self.degree *= 2 * a.nrows()
            try:
                return a.inv()
            except ZeroDivisionError:
                raise Undefined("the inverse of a singular matrix") from None
            except ValueError:
                raise ShapeMismatch("the inverse of a {} matrix", a) from None
        if type(a) is self.S:
            return self.div(self.one, a)
        if type(a) is SquareRoot:
            if not a.sure:
                raise Beyond("the inverse of a root")
            return SquareRoot(self.div(self.one, a.square))
        raise Beyond("an inverse")

    def int_power(self, a: Value, n: int) -> Value:
        kind = type(a)
        if n == -1 and kind is self.M:
            return self.inverse(a)
        if not -MAX_EXPONENT <= n <= MAX_EXPONENT:
            raise OverBudget("the exponent is too large")
        if kind is fmpq and abs(n) * (a.p.bit_length() + a.q.bit_length()) > MAX_BITS:
            raise OverBudget("an exact power that large")
        if n > 1 or n < -1:
            self.degree *= abs(n)
        if kind is self.S:
            if n >= 0:
                return a**n
            try:
                return self.one / (a**-n)
            except ZeroDivisionError:
                raise Undefined("a negative power of zero") from None
        if kind is SquareRoot:
            if n % 2:
                raise Beyond("an odd power of a root")
            return self.int_power(a.square, n // 2)
        if kind is not self.M:
            raise Beyond("a power")
        if a.nrows() != a.ncols():
            if n == 2 and 1 in (a.nrows(), a.ncols()):
                return self.square_sum(a)  # v² of a vector is written for ‖v‖²
            raise ShapeMismatch("a power of a {} matrix", a)
        if n < 0:
            a, n = self.inverse(a), -n
        if n > 64 and not self.modular:
            raise OverBudget("a matrix power that large")
        return a**n

    modular: ClassVar[bool] = False

    def transpose(self, a: Value) -> Value:
        return a.transpose() if type(a) is self.M else a

    def pseudo_inverse(self, a: Value) -> Value:
        """Moore–Penrose, exactly: by the normal equations, or by a rank factorisation where the rank is short."""
        if type(a) is not self.M:
            return self.inverse(a)
        rows, cols = a.nrows(), a.ncols()
        self.degree *= 4 * min(rows, cols)
        t = a.transpose()
        try:
            return (t * a).inv() * t if rows >= cols else t * (a * t).inv()
        except ZeroDivisionError:
            pass
        if not self.exact:
            raise Beyond("the pseudo-inverse of a matrix of unknown rank")
        reduced, rank = a.rref()
        if rank == 0:
            return self.matrix(cols, rows, [self.zero] * (rows * cols))
        pivots, j = [], 0
        for i in range(rank):
            while reduced[i, j] == 0:
                j += 1
            pivots.append(j)
        c = self.matrix(rank, cols, [reduced[i, j] for i in range(rank) for j in range(cols)])
        b = self.matrix(rows, rank, [a[i, j] for i in range(rows) for j in pivots])
        ct, bt = c.transpose(), b.transpose()
        try:
            return ct * (c * ct).inv() * (bt * b).inv() * bt
        except ZeroDivisionError:  # isotropic vectors exist modulo p
            raise Undefined("a pseudo-inverse at this point") from None

    def trace(self, a: Value) -> Value:
        if type(a) is not self.M:
            return a
        if a.nrows() != a.ncols():
            raise ShapeMismatch("the trace of a {} matrix", a)
        total = a[0, 0]
        for i in range(1, a.nrows()):
            total = total + a[i, i]
        return total

    def det(self, a: Value) -> Value:
        if type(a) is not self.M:
            return a
        if a.nrows() != a.ncols():
            raise ShapeMismatch("the determinant of a {} matrix", a)
        self.degree *= a.nrows()
        return self.coerce(a.det())

    def coerce(self, value: Value) -> Value:
        return value

    def square_sum(self, a: Value) -> Value:
        """The sum of squares of all entries."""
        if type(a) is self.S:
            return a * a
        if type(a) is SquareRoot:
            return a.square
        if a.ncols() == 1:
            return (a.transpose() * a)[0, 0]
        if a.nrows() == 1:
            return (a * a.transpose())[0, 0]
        return self.trace(a.transpose() * a)

    def norm(self, a: Value, kind: str = "") -> Value:
        """‖a‖: Euclidean of a vector, Frobenius where asked for; of a scalar its absolute value."""
        a = self.plain(a)
        if type(a) is SquareRoot:
            return a
        if type(a) is self.S:
            return self.absolute(a)
        vector = 1 in (a.nrows(), a.ncols())
        if kind in ("", "2") and not vector:
            raise Beyond("the spectral norm")
        if kind in ("", "2", "F"):
            return self.root_of(self.square_sum(a))
        return self.other_norm(a, kind, vector)

    def other_norm(self, a: Value, kind: str, vector: bool) -> Value:
        raise Beyond(f"the {kind}-norm")

    def bars(self, a: Value) -> Value:
        """``|a|``: absolute value, determinant of a square matrix, length of a vector."""
        a = self.plain(a)
        if type(a) is self.M:
            return self.det(a) if a.nrows() == a.ncols() else self.norm(a)
        return a if type(a) is SquareRoot else self.absolute(a)

    def hadamard(self, a: Value, b: Value) -> Value:
        a, b = self.plain(a), self.plain(b)
        if type(a) is not self.M or type(b) is not self.M:
            return self.mul(a, b)
        self._same_shape(a, b, "an entrywise product")
        return self.matrix(a.nrows(), a.ncols(), [x * y for x, y in zip(a.entries(), b.entries(), strict=True)])

    def kronecker(self, a: Value, b: Value) -> Value:
        if type(a) is not self.M or type(b) is not self.M:
            return self.mul(a, b)
        ar, ac, br, bc = a.nrows(), a.ncols(), b.nrows(), b.ncols()
        if ar * br * ac * bc > 4096:
            raise OverBudget("a Kronecker product that large")
        return self.matrix(
            ar * br, ac * bc, [a[i // br, j // bc] * b[i % br, j % bc] for i in range(ar * br) for j in range(ac * bc)]
        )

    def diagonal(self, a: Value) -> Value:
        """diag: of a vector the matrix, of a matrix the vector."""
        if type(a) is not self.M:
            return a
        if 1 in (a.nrows(), a.ncols()):
            e = a.entries()
            n = len(e)
            return self.matrix(n, n, [e[i] if i == j else self.zero for i in range(n) for j in range(n)])
        k = min(a.nrows(), a.ncols())
        return self.matrix(k, 1, [a[i, i] for i in range(k)])

    def entry(self, a: Value, indices: Sequence[int]) -> Value:
        """``a[i]`` or ``a[i, j]``, counted from 1; one index into a matrix means its column."""
        if type(a) is not self.M:
            raise Beyond("an index into a scalar")
        try:
            if len(indices) == 2:
                i, j = indices
                if i < 1 or j < 1:
                    raise IndexError
                return a[i - 1, j - 1]
            (i,) = indices
            if i < 1:
                raise IndexError
            if a.ncols() == 1:
                return a[i - 1, 0]
            if a.nrows() == 1:
                return a[0, i - 1]
            return self.matrix(a.nrows(), 1, [a[r, i - 1] for r in range(a.nrows())])
        except IndexError:
            raise Undefined("an index out of range") from None

    def matrix_function(self, name: str, args: Sequence[Value]) -> Value:
        """A function of the list below, or `function` of scalars; entrywise where the function is."""
        rule = MATRIX_FUNCTIONS.get(name)
        if rule is not None:
            return rule(self, *args)
        if len(args) == 1 and type(args[0]) is self.S:
            return self.function(name, args)
        args = [self.plain(a) for a in args]
        if len(args) == 1 and type(args[0]) is self.M:
            if name not in ENTRYWISE:
                raise Beyond(f"{name} of a matrix")
            a = args[0]
            return self.matrix(a.nrows(), a.ncols(), [self.function(name, [x]) for x in self.entries(a)])
        if any(type(a) is SquareRoot for a in args):
            raise Beyond("a function of a root")
        if any(type(a) is self.M for a in args):
            if name in ("max", "min") and all(self.is_matrix(a) for a in args):
                pass
            raise Beyond(f"{name} of matrices")
        return self.function(name, args)

    # -- comparison --------------------------------------------------------------------------------------------------
    def same(self, a: Value, b: Value) -> bool:
        """Equal at this point (balls: cannot be told apart). Raises `ShapeMismatch` where the shapes differ."""
        a, b = self.plain(a), self.plain(b)
        ta, tb = type(a), type(b)
        if ta is SquareRoot and tb is SquareRoot:
            if a.sure != b.sure:
                raise Beyond("roots of different kinds")
            return self.same(a.square, b.square)
        if ta is SquareRoot or tb is SquareRoot:
            raise Beyond("a root beside a number")
        if ta is tb is self.M:
            if (a.nrows(), a.ncols()) != (b.nrows(), b.ncols()):
                raise ShapeMismatch(f"{shape_text(b)} instead of {shape_text(a)}")
            return self.same_matrices(a, b)
        if ta is self.M or tb is self.M:
            matrix, scalar = (a, b) if ta is self.M else (b, a)
            if self.is_zero(scalar):  # 0 stands for the zero matrix of any shape
                return self.same_matrices(
                    matrix, self.matrix(matrix.nrows(), matrix.ncols(), [self.zero] * (matrix.nrows() * matrix.ncols()))
                )
            if matrix.nrows() == matrix.ncols():
                return self.same(matrix, self.eye(matrix.nrows()) * scalar)
            raise ShapeMismatch(f"{shape_text(b)} instead of {shape_text(a)}")
        return self.same_scalars(a, b)

    def same_scalars(self, a: Value, b: Value) -> bool:
        return bool(a == b)

    def same_matrices(self, a: Value, b: Value) -> bool:
        return bool(a == b)

    def is_zero(self, a: Value) -> bool:
        return bool(a == 0)

    def finite(self, value: Value) -> bool:
        return True


def _solve(algebra: Algebra, a: Value, b: Value) -> Value:
    return algebra.mul(algebra.inverse(a), b)


def _rank(algebra: Algebra, a: Value) -> Value:
    if not algebra.exact:
        raise Beyond("a rank over balls")
    return algebra.scalar(a.rank() if algebra.is_matrix(a) else int(not algebra.is_zero(a)))


MATRIX_FUNCTIONS: dict[str, Callable[..., Value]] = {
    "tr": Algebra.trace,
    "det": Algebra.det,
    "inv": Algebra.inverse,
    "pinv": Algebra.pseudo_inverse,
    "transpose": Algebra.transpose,
    "norm": Algebra.norm,
    "abs": Algebra.bars,
    "diag": Algebra.diagonal,
    "solve": _solve,
    "rank": _rank,
}

ENTRYWISE = frozenset(["exp", "log", "ln", "sin", "cos", "tan", "tanh", "sigmoid", "relu", "sqrt", "sign", "abs"])


def binomial(n: int, k: int) -> fmpz:
    """C(n, k) for 0 ≤ n ≤ 2000."""
    if not 0 <= n <= 2000:
        raise Beyond("a binomial coefficient that large")
    return fmpz.bin_uiui(n, k) if 0 <= k <= n else fmpz(0)
