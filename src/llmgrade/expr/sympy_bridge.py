"""Expr ↔ SymPy: the only file that has met sympy, and it imports it when first asked.

SymPy sees trees, never text. Matrices with symbolic sizes stay non-commutative: a product keeps its order, a transpose its mark. What has
no faithful counterpart raises `NoCounterpart`; nothing is approximated on the way.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from llmgrade.expr import nodes as n
from llmgrade.expr.nodes import Expr
from llmgrade.expr.shapes import SCALAR
from llmgrade.expr.symbols import SymbolTable

if TYPE_CHECKING:
    import sympy

__all__ = ["NoCounterpart", "difference_vanishes", "from_sympy", "to_sympy"]


class NoCounterpart(Exception):
    """This node means nothing to the other side."""


_ASSUMED = {"real": "real", "integer": "integer", "positive": "positive", "negative": "negative", "nonnegative": "nonnegative", "nonpositive": "nonpositive",
            "nonzero": "nonzero", "even": "even", "odd": "odd", "prime": "prime", "rational": "rational", "complex": "complex", "finite": "finite"}  # fmt: skip
_SAME = {"sin": "sin", "cos": "cos", "tan": "tan", "cot": "cot", "sec": "sec", "csc": "csc", "sinh": "sinh", "cosh": "cosh", "tanh": "tanh", "coth": "coth", "sech": "sech",
         "csch": "csch", "arcsin": "asin", "arccos": "acos", "arctan": "atan", "arccot": "acot", "arcsec": "asec", "arccsc": "acsc", "arcsinh": "asinh", "arccosh": "acosh",
         "arctanh": "atanh", "arccoth": "acoth", "arcsech": "asech", "arccsch": "acsch", "exp": "exp", "ln": "log", "sqrt": "sqrt", "sign": "sign", "erf": "erf", "erfc": "erfc",
         "floor": "floor", "ceil": "ceiling", "max": "Max", "min": "Min", "gamma": "gamma", "zeta": "zeta", "digamma": "digamma", "factorial": "factorial",
         "factorial2": "factorial2", "binom": "binomial", "re": "re", "im": "im", "conj": "conjugate", "arg": "arg", "atan2": "atan2", "cbrt": "cbrt", "root": "root", "abs": "Abs",
         "heaviside": "Heaviside", "sinc": "sinc", "gcd": "gcd", "lcm": "lcm", "tr": "trace", "det": "det"}  # fmt: skip
_BACK = {"asin": "arcsin", "acos": "arccos", "atan": "arctan", "acot": "arccot", "asec": "arcsec", "acsc": "arccsc", "asinh": "arcsinh", "acosh": "arccosh", "atanh": "arctanh",
         "acoth": "arccoth", "log": "ln", "ceiling": "ceil", "Max": "max", "Min": "min", "binomial": "binom", "conjugate": "conj", "Abs": "abs", "Heaviside": "heaviside",
         "loggamma": "loggamma", "polygamma": "polygamma", "Ei": "Ei", "Si": "Si", "Ci": "Ci", "li": "li", "fresnels": "fresnels", "fresnelc": "fresnelc",
         "lowergamma": "lowergamma", "uppergamma": "uppergamma", "LambertW": "LambertW", "erfi": "erfi", "dilog": "dilog", "polylog": "polylog"}  # fmt: skip
_RELATIONS = {"=": "Eq", "!=": "Ne", "<": "Lt", "<=": "Le", ">": "Gt", ">=": "Ge"}


def to_sympy(expr: Expr, symbols: SymbolTable | None = None) -> sympy.Basic:
    """The same mathematics in SymPy, with the table's assumptions on its symbols. Raises NoCounterpart.

    >>> to_sympy(n.Add((n.Pow(n.Sym("x"), n.Num(2)), n.Num(1))))
    x**2 + 1
    """
    found: sympy.Basic = _Outward(symbols if symbols is not None else SymbolTable.empty()).of(expr)
    return found


def difference_vanishes(gold: Expr, answer: Expr, symbols: SymbolTable | None = None) -> bool:
    """Whether SymPy, after doing every integral, sum and limit it can, simplifies ``gold − answer`` to 0.

    It may run for a very long time: call it where it can be killed. Raises NoCounterpart, and what SymPy raises.
    """
    import sympy

    difference = (to_sympy(gold, symbols) - to_sympy(answer, symbols)).doit()
    return bool(sympy.simplify(difference) == 0)


def from_sympy(value: sympy.Basic) -> Expr:
    """A SymPy expression as a tree. Raises NoCounterpart.

    >>> import sympy
    >>> from_sympy(sympy.Symbol("x") + 1)
    Add(terms=(Sym(name='x'), Num(value=1, decimals=None)))
    """
    return _inward(value)


class _Outward:
    def __init__(self, symbols: SymbolTable) -> None:
        import sympy

        self.sp: Any = sympy
        self.symbols = symbols

    def symbol(self, name: str) -> Any:
        declared = self.symbols.get(name)
        if declared is None:
            return self.sp.Symbol(name)
        if declared.shape != SCALAR:
            sizes = [
                self.sp.Symbol(s, integer=True, positive=True) if isinstance(s, str) else s
                for s in (declared.shape.rows, declared.shape.columns)
            ]
            if None in sizes:
                raise NoCounterpart(f"{name} has no size")
            return self.sp.MatrixSymbol(name, *sizes)
        return self.sp.Symbol(name, **{_ASSUMED[word]: True for word in declared.assume if word in _ASSUMED})

    def of(self, expr: Expr) -> Any:
        sp = self.sp
        match expr:
            case n.Num(value):
                return sp.Integer(value) if isinstance(value, int) else sp.Rational(value.numerator, value.denominator)
            case n.Sym(name):
                return self.symbol(name)
            case n.Const(name):
                known = {"pi": sp.pi, "e": sp.E, "i": sp.I, "oo": sp.oo, "R": sp.S.Reals, "Z": sp.S.Integers, "N": sp.S.Naturals, "Q": sp.S.Rationals, "C": sp.S.Complexes,
                         "empty": sp.S.EmptySet, "true": sp.true, "false": sp.false, "nan": sp.nan}  # fmt: skip
                if name not in known:
                    raise NoCounterpart(name)
                return known[name]
            case n.Identity(size):
                if size is None:
                    raise NoCounterpart("an identity of no size")
                return sp.Identity(self.of(size))
            case n.Add(terms):
                return self.fold(sp.Add, sp.MatAdd, [self.of(term) for term in terms])
            case n.Mul(factors):
                return self.product([self.of(factor) for factor in factors])
            case n.Infix("dot", left, right):
                return self.product([self.of(left), self.of(right)])
            case n.Infix("inner", left, right):
                return self.product([self.of(left).T, self.of(right)])
            case n.Infix("mod", left, right):
                return sp.Mod(self.of(left), self.of(right))
            case n.Neg(arg):
                return -self.of(arg)
            case n.Div(top, bottom):
                below = self.of(bottom)
                return self.of(top) / below
            case n.Pow(base, exponent):
                return self.of(base) ** self.of(exponent)
            case n.Percent(arg):
                return self.of(arg) / 100
            case n.Quantity(value, (("deg", 1),)):
                return self.of(value) * sp.pi / 180
            case n.Transpose(arg):
                return sp.transpose(self.of(arg))
            case n.Adjoint(arg):
                return sp.adjoint(self.of(arg))
            case n.Abs(arg):
                inner = self.of(arg)
                return sp.det(inner) if getattr(inner, "is_Matrix", False) else sp.Abs(inner)
            case n.Vector(items):
                return sp.ImmutableMatrix([[self.of(item)] for item in items])
            case n.Matrix(rows):
                return sp.ImmutableMatrix([[self.of(entry) for entry in row] for row in rows])
            case n.Norm(arg, kind) if kind in ("", "2", "F"):
                inner = self.of(arg)
                return inner.norm() if hasattr(inner, "norm") else sp.Abs(inner)
            case n.Call(function, args, sub):
                return self.call(function, args, sub)
            case n.BigOp("sum" | "prod" as op, body, n.Sym() as variable, lower, upper, None) if (
                lower is not None and upper is not None
            ):
                made = sp.Sum if op == "sum" else sp.Product
                return made(self.of(body), (self.symbol(variable.name), self.of(lower), self.of(upper)))
            case n.Integral(body, n.Sym() as variable, lower, upper):
                by = self.symbol(variable.name)
                limits = by if lower is None or upper is None else (by, self.of(lower), self.of(upper))
                return sp.Integral(self.of(body), limits)
            case n.Limit(body, n.Sym() as variable, to, side):
                return sp.Limit(self.of(body), self.symbol(variable.name), self.of(to), dir=side or "+-")
            case n.Derivative(body, variables, "d" | "partial") if variables:
                return sp.Derivative(self.of(body), *(self.of(variable) for variable in variables))
            case n.Relation((op,), (left, right)) if op in _RELATIONS:
                return getattr(sp, _RELATIONS[op])(self.of(left), self.of(right))
            case n.Relation(("in",), (left, right)):
                return sp.Contains(self.of(left), self.of(right))
            case n.Relation(ops, terms) if all(op in _RELATIONS for op in ops):
                return sp.And(
                    *(
                        getattr(sp, _RELATIONS[op])(self.of(a), self.of(b))
                        for op, a, b in zip(ops, terms, terms[1:], strict=False)
                    )
                )
            case n.Logic("and" | "or" | "not" as op, args):
                return {"and": sp.And, "or": sp.Or, "not": sp.Not}[op](*map(self.of, args))
            case n.Piecewise(branches):
                return sp.Piecewise(
                    *((self.of(body), sp.true if wanted is None else self.of(wanted)) for body, wanted in branches)
                )
            case n.Interval(low, high, closed_low, closed_high):
                return sp.Interval(self.of(low), self.of(high), not closed_low, not closed_high)
            case n.Set(items):
                return sp.FiniteSet(*map(self.of, items))
            case n.SetOp("union" | "intersection" as op, args):
                return (sp.Union if op == "union" else sp.Intersection)(*map(self.of, args))
            case n.Seq(items):
                return sp.Tuple(*map(self.of, items))
            case _:
                raise NoCounterpart(type(expr).__name__)

    def fold(self, scalar: Any, matrices: Any, parts: list[Any]) -> Any:
        if any(getattr(part, "is_Matrix", False) for part in parts):
            total = parts[0]
            for part in parts[1:]:
                total = total + part
            return total
        return scalar(*parts)

    def product(self, parts: list[Any]) -> Any:
        total = parts[0]
        for part in parts[1:]:
            total = total * part
        return total

    def call(self, function: str, args: tuple[Expr, ...], sub: Expr | None) -> Any:
        sp = self.sp
        inner = [self.of(arg) for arg in args]
        if function == "log":
            return sp.log(inner[0]) if sub is None else sp.log(inner[0], self.of(sub))
        if sub is not None:
            raise NoCounterpart(f"{function} with a subscript")
        if function == "sigmoid":
            return 1 / (1 + sp.exp(-inner[0]))
        if function == "relu":
            return sp.Max(0, inner[0])
        if function == "indicator":
            return sp.Piecewise((1, inner[0]), (0, True))
        if function in _SAME:
            return getattr(sp, _SAME[function])(*inner)
        declared = self.symbols.get(function)
        if (declared is not None and declared.is_function) or len(function) == 1:
            return sp.Function(function)(*inner)
        raise NoCounterpart(function)


def _inward(value: Any) -> Expr:
    import sympy as sp

    if isinstance(value, sp.Integer):
        return _signed(int(value))
    if isinstance(value, sp.Rational):
        return _signed(Fraction(int(value.p), int(value.q)))
    if isinstance(value, sp.Symbol | sp.MatrixSymbol):
        return n.Sym(value.name)
    named = {sp.pi: "pi", sp.E: "e", sp.I: "i", sp.oo: "oo", sp.S.Reals: "R", sp.S.Integers: "Z", sp.S.Naturals: "N", sp.S.Complexes: "C", sp.S.EmptySet: "empty",
             sp.true: "true", sp.false: "false", sp.nan: "nan"}.get(value)  # fmt: skip
    if named is not None:
        return n.Const(named)
    if value == -sp.oo:
        return n.Neg(n.Const("oo"))
    if isinstance(value, sp.MatrixBase):
        rows = [[_inward(entry) for entry in value.row(i)] for i in range(value.rows)]
        return n.Vector(tuple(row[0] for row in rows)) if value.cols == 1 else n.Matrix(tuple(map(tuple, rows)))
    args = value.args
    if isinstance(value, sp.Add | sp.MatAdd):
        return (
            n.Add(tuple(_inward(arg) for arg in value.as_ordered_terms()))
            if isinstance(value, sp.Add)
            else n.Add(tuple(map(_inward, args)))
        )
    if isinstance(value, sp.Mul | sp.MatMul):
        return _product([_inward(arg) for arg in args])
    if isinstance(value, sp.exp):
        return n.Pow(n.Const("e"), _inward(args[0]))
    if isinstance(value, sp.Pow | sp.MatPow):
        base, exponent = args
        if exponent == sp.Rational(1, 2):
            return n.Call("sqrt", (_inward(base),))
        return n.Pow(_inward(base), _inward(exponent))
    if isinstance(value, sp.Inverse):
        return n.Pow(_inward(args[0]), n.Neg(n.Num(1)))
    if isinstance(value, sp.Transpose):
        return n.Transpose(_inward(args[0]))
    if isinstance(value, sp.Identity):
        return n.Identity(_inward(args[0]))
    if isinstance(value, sp.Abs):
        return n.Abs(_inward(args[0]))
    if isinstance(value, sp.Piecewise):
        return n.Piecewise(
            tuple((_inward(pair.expr), None if pair.cond == sp.true else _inward(pair.cond)) for pair in args)
        )
    for relation, made in (
        ("=", sp.Eq),
        ("!=", sp.Ne),
        ("<", sp.StrictLessThan),
        ("<=", sp.LessThan),
        (">", sp.StrictGreaterThan),
        (">=", sp.GreaterThan),
    ):
        if isinstance(value, made):
            return n.Relation((relation,), (_inward(args[0]), _inward(args[1])))
    if isinstance(value, sp.And | sp.Or | sp.Not):
        return n.Logic({sp.And: "and", sp.Or: "or", sp.Not: "not"}[type(value)], tuple(map(_inward, args)))
    if isinstance(value, sp.Interval):
        return n.Interval(_inward(value.start), _inward(value.end), not value.left_open, not value.right_open)
    if isinstance(value, sp.FiniteSet):
        return n.Set(tuple(map(_inward, args)))
    if isinstance(value, sp.Union | sp.Intersection):
        return n.SetOp("union" if isinstance(value, sp.Union) else "intersection", tuple(map(_inward, args)))
    if isinstance(value, sp.Tuple):
        return n.Seq(tuple(map(_inward, args)), "()")
    if isinstance(value, sp.Max | sp.Min):
        return n.Call("max" if isinstance(value, sp.Max) else "min", tuple(map(_inward, args)))
    if isinstance(value, sp.Function):
        name = type(value).__name__
        return n.Call(_BACK.get(name, name), tuple(map(_inward, args)))
    raise NoCounterpart(type(value).__name__)


def _signed(value: int | Fraction) -> Expr:
    if isinstance(value, Fraction):
        top, bottom = n.Num(abs(value.numerator)), n.Num(value.denominator)
        quotient = n.Div(top, bottom)
        return n.Neg(quotient) if value < 0 else quotient
    return n.Neg(n.Num(-value)) if value < 0 else n.Num(value)


def _product(factors: list[Expr]) -> Expr:
    """SymPy keeps a sign as a factor -1; here it stands before the product."""
    if isinstance(factors[0], n.Neg) and len(factors) > 1:
        rest = factors[1:] if factors[0].arg == n.Num(1) else [factors[0].arg, *factors[1:]]
        return n.Neg(rest[0] if len(rest) == 1 else n.Mul(tuple(rest)))
    return n.Mul(tuple(factors))
