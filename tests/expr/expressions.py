"""Expressions for laws: what a reader without a symbol table can produce, made by hypothesis."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import strategies as st

from llmgrade.expr import nodes as n
from llmgrade.expr.nodes import Expr

NAMES = [
    "a",
    "b",
    "c",
    "x",
    "y",
    "z",
    "w",
    "A",
    "B",
    "X",
    "lambda",
    "theta",
    "sigma_i",
    "x_1",
    "w_ridge",
    "hat w",
    "w^*",
    "x'",
    "alpha_2",
]

numerals = st.one_of(
    st.integers(0, 999).map(n.Num),
    st.tuples(st.integers(1, 9999), st.integers(1, 3)).map(lambda p: _decimal(*p)),
)
names = st.sampled_from(NAMES).map(n.Sym)
constants = st.sampled_from(["pi", "e", "i"]).map(n.Const)
atoms = st.one_of(numerals, names, names, constants)


def _decimal(digits: int, decimals: int) -> Expr:
    value = Fraction(digits, 10**decimals)
    return n.Num(int(value) if value.denominator == 1 else value, decimals)


def _terms(part: st.SearchStrategy[Expr]) -> st.SearchStrategy[tuple[Expr, ...]]:
    return st.lists(part, min_size=2, max_size=4).map(tuple)


def _compound(part: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
    one = st.sampled_from(
        ["sin", "cos", "tan", "exp", "ln", "sqrt", "arctan", "tr", "det", "rank", "floor", "conj", "sigmoid"]
    )
    return st.one_of(
        _terms(part).map(n.Add),
        _terms(part).map(n.Mul),
        part.map(n.Neg),
        st.tuples(part, part).map(lambda p: n.Div(*p)),
        # `x^{-0}` is read as `x^0`: the one power whose sign is lost.
        st.tuples(part, part).map(lambda p: n.Pow(*p)).filter(lambda e: e.exponent != n.Neg(n.Num(0))),
        st.tuples(part, st.integers(1, 12).map(n.Num)).map(lambda p: n.Pow(*p)),
        part.map(lambda p: n.Pow(p, n.Neg(n.Num(1)))),
        part.map(n.Transpose),
        part.map(n.PInv),
        part.map(n.Abs),
        st.tuples(part, st.sampled_from(["", "2", "F", "1", "inf"])).map(lambda p: n.Norm(*p)),
        st.tuples(one, part).map(lambda p: n.Call(p[0], (p[1],))),
        st.tuples(st.sampled_from(["max", "min", "gcd"]), _terms(part)).map(lambda p: n.Call(*p)),
        st.tuples(part, part).map(lambda p: n.Call("log", (p[0],), p[1])),
        st.tuples(part, part).map(lambda p: n.Call("binom", p)),
        part.map(lambda p: n.Call("factorial", (p,))),
        st.tuples(st.sampled_from(["hadamard", "kron", "inner"]), part, part).map(lambda p: n.Infix(*p)),
        part.map(lambda p: n.BigOp("sum", p, n.Sym("k"), n.Num(1), n.Sym("n"))),
        part.map(lambda p: n.Integral(p, n.Sym("t"), n.Num(0), n.Num(1))),
        part.map(lambda p: n.Limit(p, n.Sym("t"), n.Num(0), "+")),
        part.map(lambda p: n.Derivative(p, (n.Sym("t"),), "d")),
        part.map(lambda p: n.Derivative(p, (n.Sym("x"), n.Sym("y")), "partial")),
        part.map(lambda p: n.Add((n.Sym("q"), n.PlusMinus(p)))),
        _terms(part).map(n.Vector),
        st.tuples(part, part, part, part).map(lambda p: n.Matrix(((p[0], p[1]), (p[2], p[3])))),
    )


values: st.SearchStrategy[Expr] = st.recursive(atoms, _compound, max_leaves=10)
"""Anything with a value."""

_relations = st.tuples(st.sampled_from(["=", "<", "<=", "!=", ">", ">=", "~", "->", "prop"]), values, values).map(
    lambda p: n.Relation((p[0],), (p[1], p[2]))
)
statements: st.SearchStrategy[Expr] = st.one_of(
    _relations,
    st.tuples(values, values, values).map(lambda p: n.Relation(("<", "<="), p)),
    st.lists(_relations, min_size=2, max_size=3).map(lambda p: n.Logic("and", tuple(p))),
    st.lists(_relations, min_size=2, max_size=3).map(lambda p: n.Logic("or", tuple(p))),
    st.tuples(values, _relations).map(lambda p: n.Given(*p)),
    st.tuples(values, _relations, values).map(lambda p: n.Piecewise(((p[0], p[1]), (p[2], None)))),
    st.tuples(values, values, st.booleans()).map(lambda p: n.Interval(p[0], p[1], p[2], not p[2])),
    st.lists(values, min_size=2, max_size=4).map(lambda p: n.Seq(tuple(p), "()")),
    st.lists(values, min_size=1, max_size=4).map(lambda p: n.Set(tuple(p))),
    st.lists(values, min_size=2, max_size=4).map(lambda p: n.Seq(tuple(p), "")),
)
