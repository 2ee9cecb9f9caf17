"""The shape of an expression under a symbol table, or why it has none, in words a teacher would use.

"cannot multiply 5×5 by 3×5", "cannot add a scalar to a d×d matrix" (did you mean ``λI``?). Names that were not declared are scalars. A bare
zero fits every shape, as does an identity without a size. The mistake is found on the tree; `notation.shape_of` says where it stands in the text.
"""

from __future__ import annotations

from collections.abc import Iterable

from llmgrade.expr.names import GREEK
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
    PlusMinus,
    Pow,
    Quantity,
    Relation,
    Seq,
    Set,
    SetBuilder,
    SetOp,
    Sym,
    Transpose,
    Vector,
    Word,
)
from llmgrade.expr.shapes import SCALAR, Shape, Size, matrix, vector
from llmgrade.expr.symbols import SymbolTable

__all__ = ["Misfit", "shape"]


class Misfit(Exception):
    """Sizes that do not fit: the reason in words, the part of the expression it is about, and perhaps what was meant."""

    def __init__(self, reason: str, node: Expr, hint: str | None = None) -> None:
        super().__init__(reason)
        self.reason, self.node, self.hint = reason, node, hint


def shape(expr: Expr, symbols: SymbolTable) -> Shape:
    """The shape of an expression. Raises Misfit where sizes do not fit."""
    return _Inference(symbols).of(expr)


def _fits(one: Size, other: Size) -> bool:
    """Whether two sizes can be the same: a number above 1 and a letter can, two letters cannot."""
    if one is None or other is None or one == other:
        return True
    return isinstance(one, int) is not isinstance(other, int) and 1 not in (one, other)


def _same(one: Shape, other: Shape) -> bool:
    return _fits(one.rows, other.rows) and _fits(one.columns, other.columns) and one.is_scalar == other.is_scalar


def _merged(one: Shape, other: Shape) -> Shape:
    return Shape(other.rows if one.rows is None else one.rows, other.columns if one.columns is None else one.columns)


def _factor(shape: Shape) -> str:
    """A shape as a factor is named: ``5×5``, ``a vector of d``."""
    if shape.is_scalar:
        return "a scalar"
    return f"a {shape}" if shape.is_vector else shape.sizes()


def _article(shape: Shape) -> str:
    return f"an {shape}" if str(shape)[0] in "n8" else f"a {shape}"


class _Inference:
    def __init__(self, symbols: SymbolTable) -> None:
        self.symbols = symbols
        self.bound: dict[str, Shape] = {}

    def of(self, expr: Expr) -> Shape:
        match expr:
            case Num() | Const() | Word():
                return SCALAR
            case Sym(name):
                symbol = self.symbols.relative(name)
                if symbol is None:
                    return SCALAR
                # x_1 of a declared vector x is an entry; x with a word below it is another vector.
                if (
                    symbol.name != name
                    and not symbol.shape.is_scalar
                    and "_" in name
                    and name.rpartition("_")[2].isdecimal()
                ):
                    return SCALAR if symbol.shape.is_vector else vector(symbol.shape.rows)
                return symbol.shape
            case Identity(size):
                return matrix(*(2 * (_size(size),)))
            case Add(terms):
                return self._sum(expr, terms)
            case Mul(factors):
                return self._product(expr, factors)
            case Pow(base, exponent):
                return self._power(expr, base, exponent)
            case Div(top, bottom):
                below = self.of(bottom)
                if not below.is_scalar:
                    raise Misfit(
                        f"cannot divide by {_article(below)}",
                        bottom,
                        "an inverse was meant?" if below.is_square else None,
                    )
                return self.of(top)
            case Neg(arg) | PlusMinus(arg) | Percent(arg) | Quantity(arg) | At(arg):
                return self.of(arg)
            case Transpose(arg) | Adjoint(arg) | PInv(arg):
                return self.of(arg).transposed()
            case Infix(op, left, right):
                return self._infix(expr, op, left, right)
            case Abs(arg):
                inner = self.of(arg)
                if not inner.is_scalar and not inner.is_square:
                    raise Misfit(f"|…| of {_article(inner)} has no meaning", expr, "‖…‖ was meant?")
                return SCALAR
            case Norm(arg):
                self.of(arg)
                return SCALAR
            case Vector(items):
                parts = [self.of(item) for item in items]
                wide = [part.columns for part in parts if part.columns is not None]
                return Shape(self._stacked(expr, parts, rows=True), wide[0] if wide else 1)
            case Matrix(rows):
                return self._blocks(expr, rows)
            case Index(base, indices):
                return self._entry(expr, base, indices)
            case Call(function, args):
                return self._call(expr, function, args)
            case BigOp(op, body, variable):
                inner = self.of(body)
                return self.of(variable) if op in ("argmin", "argmax") and variable is not None else inner
            case Integral(body) | Limit(body) | Given(body):
                return self.of(body)
            case Derivative(body, variables, kind):
                return self._derivative(body, variables, kind)
            case Relation(ops, terms):
                return self._relation(expr, ops, terms)
            case Logic(_, args):
                for arg in args:
                    self.of(arg)
                return SCALAR
            case Piecewise(branches):
                return self._alike(expr, [body for body, _ in branches], "branches of")
            case Seq(items):
                for item in items:
                    self.of(item)
                return vector(len(items)) if expr.brackets else SCALAR
            case Set() | SetBuilder() | SetOp() | Interval():
                return SCALAR
            case _:
                raise Misfit(f"{type(expr).__name__} has no shape", expr)

    def _sum(self, whole: Expr, terms: tuple[Expr, ...]) -> Shape:
        found: Shape | None = None
        for term in terms:
            here = self.of(term)
            if _is_zero(term):
                continue
            if found is None:
                found = here
            elif not _same(found, here):
                raise self._unequal(whole, found, here)
            else:
                found = _merged(found, here)
        return found if found is not None else SCALAR

    def _unequal(self, whole: Expr, one: Shape, other: Shape) -> Misfit:
        if one.is_scalar or other.is_scalar:
            big = other if one.is_scalar else one
            hint = "did you mean `λI`?" if big.is_square and not big.is_scalar else None
            if hint is not None and isinstance(whole, Add):
                lone = next((t for t in whole.terms if self.of(t).is_scalar), None)
                name = _name(lone)
                hint = f"did you mean `{name}I`?" if name else "a multiple of I was meant?"
            return Misfit(f"cannot add a scalar to {_article(big)}", whole, hint)
        transposed = _same(one, other.transposed())
        return Misfit(
            f"cannot add {_article(other)} to {_article(one)}", whole, "one of them transposed?" if transposed else None
        )

    def _product(self, whole: Expr, factors: tuple[Expr, ...]) -> Shape:
        found = self.of(factors[0])
        for factor in factors[1:]:
            found = self._times(whole, found, self.of(factor))
        return found

    @staticmethod
    def _times(whole: Expr, left: Shape, right: Shape) -> Shape:
        if left.is_scalar:
            return right
        if right.is_scalar:
            return left
        if not _fits(left.columns, right.rows):
            hint = (
                "a transpose is missing?"
                if left.is_vector and right.is_vector and _fits(left.rows, right.rows)
                else None
            )
            if left.rows is None and left.columns is None:
                return right
            raise Misfit(f"cannot multiply {_factor(left)} by {_factor(right)}", whole, hint)
        rows = left.rows if left.rows is not None else right.rows if left.columns is None else None
        columns = right.columns if right.columns is not None else left.columns if right.rows is None else None
        return Shape(rows, columns)

    def _power(self, whole: Expr, base: Expr, exponent: Expr) -> Shape:
        inner = self.of(base)
        above = self.of(exponent)
        if not above.is_scalar:
            raise Misfit(f"an exponent that is {_article(above)}", exponent)
        if inner.is_scalar or inner.is_square:
            return inner
        if exponent == Neg(Num(1)):
            raise Misfit(f"cannot invert {_article(inner)}", whole, "the pseudo-inverse, `⁺`, was meant?")
        if inner.is_vector and exponent == Num(2):
            raise Misfit(f"cannot square {_article(inner)}", whole, "`‖…‖²` was meant?")
        raise Misfit(f"cannot raise {_article(inner)} to a power", whole)

    def _infix(self, whole: Expr, op: str, left: Expr, right: Expr) -> Shape:
        one, other = self.of(left), self.of(right)
        if op in ("dot", "inner"):
            if one.is_scalar or other.is_scalar:
                return other if one.is_scalar else one
            if _same(one, other) and (op == "inner" or one.is_vector):
                return SCALAR
            if op == "inner":
                raise Misfit(f"no inner product between {_article(one)} and {_article(other)}", whole)
            return self._times(whole, one, other)
        if op in ("hadamard", "oplus", "cross"):
            if not _same(one, other) and not (op == "oplus"):
                raise Misfit(f"{_article(one)} and {_article(other)} do not match entry by entry", whole)
            return _merged(one, other)
        if op == "kron":
            return Shape(_times(one.rows, other.rows), _times(one.columns, other.columns))
        return SCALAR if one.is_scalar and other.is_scalar else one

    def _stacked(self, whole: Expr, parts: list[Shape], *, rows: bool) -> Size:
        sizes = [part.rows if rows else part.columns for part in parts]
        total = 0
        letters: list[str] = []
        for size in sizes:
            if size is None:
                return None
            if isinstance(size, int):
                total += size
            else:
                letters.append(size)
        if not letters:
            return total
        return "+".join([*letters, *([str(total)] if total else [])])

    def _blocks(self, whole: Expr, rows: tuple[tuple[Expr, ...], ...]) -> Shape:
        shapes = [[self.of(entry) for entry in row] for row in rows]
        flat = [s for row in shapes for s in row]
        if all(s.is_scalar for s in flat):
            return matrix(len(rows), len(rows[0]))
        heights: list[Size] = []
        for row, written in zip(shapes, rows, strict=True):
            height: Size = None
            for block, entry in zip(row, written, strict=True):
                if _is_zero(entry):
                    continue
                if not _fits(height, block.rows):
                    raise Misfit(f"blocks of {height} and {block.rows} rows side by side", entry)
                height = height if height is not None else block.rows
            heights.append(height)
        widths: list[Size] = []
        for column in range(len(rows[0])):
            width: Size = None
            for row, written in zip(shapes, rows, strict=True):
                if _is_zero(written[column]):
                    continue
                if not _fits(width, row[column].columns):
                    raise Misfit(
                        f"blocks of {width} and {row[column].columns} columns above each other", written[column]
                    )
                width = width if width is not None else row[column].columns
            widths.append(width)
        tall = self._stacked(whole, [Shape(h, 1) for h in heights], rows=True)
        return matrix(tall, self._stacked(whole, [Shape(1, w) for w in widths], rows=False))

    def _entry(self, whole: Expr, base: Expr, indices: tuple[Expr, ...]) -> Shape:
        inner = self.of(base)
        everything = [i for i, index in enumerate(indices) if index == Const("all")]
        if len(indices) > 2:
            raise Misfit(f"{len(indices)} indices", whole)
        if inner.is_scalar:
            return SCALAR
        if len(indices) == 1:
            if everything:
                return inner
            return SCALAR if inner.is_vector or inner.rows == 1 else vector(inner.columns)
        if inner.is_vector and not everything and indices[1] not in (Num(0), Num(1)):
            raise Misfit("a vector has one index", whole)
        if len(everything) == 2:
            return inner
        if everything:
            return vector(inner.rows if everything == [0] else inner.columns)
        return SCALAR

    def _call(self, whole: Expr, name: str, args: tuple[Expr, ...]) -> Shape:
        shapes = [self.of(arg) for arg in args]
        declared = self.symbols.get(name)
        if declared is not None and declared.is_function:
            if declared.parameters and len(declared.parameters) != len(args):
                raise Misfit(f"{name} takes {len(declared.parameters)} arguments, not {len(args)}", whole)
            return declared.shape
        first = shapes[0] if shapes else SCALAR
        if name in ("tr", "det", "logdet", "expm", "logm", "sqrtm", "eig"):
            if not first.is_square:
                raise Misfit(f"{name} of {_article(first)}, which is not square", whole)
            return SCALAR if name in ("tr", "det", "logdet") else vector(first.rows) if name == "eig" else first
        if name in (
            "rank",
            "dim",
            "cond",
            "E",
            "P",
            "O",
            "o",
            "sum",
            "mean",
            "indicator",
            "Theta",
            "Omega",
            "gcd",
            "lcm",
            "argmax",
            "argmin",
            "clock",
        ):
            return first if name == "E" else SCALAR
        if name == "diag":
            if len(args) > 1:
                return matrix(len(args), len(args))
            return (
                matrix(first.rows, first.rows)
                if first.is_vector
                else vector(first.rows)
                if not first.is_scalar
                else SCALAR
            )
        if name == "vec":
            return vector(_times(first.rows, first.columns))
        if name in ("ones", "zeros"):
            sizes = [_size(arg) for arg in args]
            return vector(sizes[0]) if len(sizes) == 1 else matrix(sizes[0], sizes[1])
        if name in ("max", "min") and len(args) > 1:
            big = [s for s in shapes if not s.is_scalar]
            for one in big[1:]:
                if not _same(big[0], one):
                    raise Misfit(f"{name} of {_article(big[0])} and {_article(one)}", whole)
            return big[0] if big else SCALAR
        if name in ("max", "min"):
            return SCALAR
        return first

    def _derivative(self, body: Expr, variables: tuple[Expr, ...], kind: str) -> Shape:
        inner = self.of(body)
        if kind in ("divergence", "laplacian"):
            return SCALAR
        if not variables:
            return vector(None) if kind in ("nabla", "curl") else inner
        for variable in variables:
            by = self.of(variable)
            if by.is_scalar:
                continue
            row = self.symbols.layout == "row" and kind != "nabla"
            if kind == "hessian":
                return matrix(by.rows, by.rows)
            if inner.is_scalar:
                inner = by.transposed() if row else by
            elif inner.is_vector and by.is_vector:
                inner = matrix(inner.rows, by.rows) if row else matrix(by.rows, inner.rows)
            elif inner.rows == 1 and by.is_vector:
                inner = matrix(by.rows, inner.columns)
            else:
                inner = Shape(_times(inner.rows, by.rows), _times(inner.columns, by.columns))
        return inner

    def _relation(self, whole: Expr, ops: tuple[str, ...], terms: tuple[Expr, ...]) -> Shape:
        shapes = [self.of(term) for term in terms]
        for op, left, right, one, other in zip(ops, terms, terms[1:], shapes, shapes[1:], strict=False):
            if op not in ("=", "~", "->", "!=") or Const("unsaid") in (left, right):
                continue
            if _is_zero(left) or _is_zero(right) or isinstance(left, Seq | Call) or isinstance(right, Seq):
                continue
            if not _same(one, other):
                hint = "one of them transposed?" if _same(one, other.transposed()) else None
                raise Misfit(f"{_article(one)} cannot equal {_article(other)}", whole, hint)
        return SCALAR

    def _alike(self, whole: Expr, parts: Iterable[Expr], what: str) -> Shape:
        found: Shape | None = None
        for part in parts:
            here = self.of(part)
            if _is_zero(part):
                continue
            if found is not None and not _same(found, here):
                raise Misfit(f"{what} different shapes: {_article(found)} and {_article(here)}", whole)
            found = here
        return found if found is not None else SCALAR


def _is_zero(expr: Expr) -> bool:
    return _is_zero(expr.arg) if isinstance(expr, Neg) else isinstance(expr, Num) and expr.value == 0


def _size(expr: Expr | None) -> Size:
    if isinstance(expr, Sym):
        return expr.name
    if isinstance(expr, Num) and isinstance(expr.value, int):
        return expr.value
    return None


def _times(one: Size, other: Size) -> Size:
    if one is None or other is None:
        return None
    if isinstance(one, int) and isinstance(other, int):
        return one * other
    return other if one == 1 else one if other == 1 else f"{one}·{other}"


def _name(expr: Expr | None) -> str | None:
    return _LETTERS.get(expr.name, expr.name) if isinstance(expr, Sym) else None


_LETTERS = {word: char for char, word in reversed(GREEK.items())}
