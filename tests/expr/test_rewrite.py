"""Passes: the value stays, and a second time changes nothing more."""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from llmgrade.expr import nodes as n
from llmgrade.expr.nodes import Expr
from llmgrade.expr.notation import read
from llmgrade.expr.rewrite import PASSES, tidy
from llmgrade.expr.show import plain

from .expressions import values

Two = tuple[tuple[Fraction, Fraction], tuple[Fraction, Fraction]]
law = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])

names = st.sampled_from(["A", "B", "C"]).map(n.Sym)
matrices: st.SearchStrategy[Expr] = st.recursive(
    st.one_of(names, st.integers(0, 5).map(n.Num), st.just(n.Identity())),
    lambda part: st.one_of(
        st.lists(part, min_size=2, max_size=3).map(lambda p: n.Add(tuple(p))),
        st.lists(part, min_size=2, max_size=3).map(lambda p: n.Mul(tuple(p))),
        part.map(n.Neg),
        part.map(n.Transpose),
        st.tuples(part, st.integers(1, 4)).map(lambda p: n.Div(p[0], n.Num(p[1]))),
        st.tuples(part, st.integers(1, 3)).map(lambda p: n.Pow(p[0], n.Num(p[1]))),
    ),
    max_leaves=12,
)


def times(a: Two, b: Two) -> Two:
    return tuple(tuple(sum((a[i][k] * b[k][j] for k in (0, 1)), Fraction(0)) for j in (0, 1)) for i in (0, 1))  # type: ignore[return-value]


def at(expr: Expr, point: dict[str, Two]) -> Two:
    """The value with a 2×2 matrix for every name; a number c is c·I."""

    def scaled(a: Two, c: Fraction) -> Two:
        return tuple(tuple(entry * c for entry in row) for row in a)  # type: ignore[return-value]

    one: Two = ((Fraction(1), Fraction(0)), (Fraction(0), Fraction(1)))
    match expr:
        case n.Num(value):
            return scaled(one, Fraction(value))
        case n.Identity():
            return one
        case n.Sym(name):
            return point[name]
        case n.Neg(arg):
            return scaled(at(arg, point), Fraction(-1))
        case n.Add(terms):
            parts = [at(term, point) for term in terms]
            return tuple(tuple(sum((p[i][j] for p in parts), Fraction(0)) for j in (0, 1)) for i in (0, 1))  # type: ignore[return-value]
        case n.Mul(factors):
            out = one
            for factor in factors:
                out = times(out, at(factor, point))
            return out
        case n.Transpose(arg):
            (a, b), (c, d) = at(arg, point)
            return ((a, c), (b, d))
        case n.Div(top, bottom):
            return scaled(at(top, point), 1 / at(bottom, point)[0][0])
        case n.Pow(base, n.Num(value)):
            out = one
            for _ in range(int(value)):
                out = times(out, at(base, point))
            return out
        case _:
            raise AssertionError(expr)


def some_point(seed: int) -> dict[str, Two]:
    draw = random.Random(seed)
    return {
        name: tuple(tuple(Fraction(draw.randint(-5, 5), draw.randint(1, 3)) for _ in (0, 1)) for _ in (0, 1))
        for name in "ABC"
    }  # type: ignore[misc]


@pytest.mark.parametrize("name", PASSES)
@law
@given(expr=matrices, seed=st.integers(0, 10_000))
def test_a_pass_keeps_the_value(name: str, expr: Expr, seed: int) -> None:
    point = some_point(seed)
    assert at(PASSES[name](expr), point) == at(expr, point)


@pytest.mark.parametrize("name", PASSES)
@law
@given(expr=values)
def test_a_pass_done_twice_changes_nothing_more(name: str, expr: Expr) -> None:
    once: Any = PASSES[name](expr)
    assert PASSES[name](once) == once


@pytest.mark.parametrize(
    ("before", "after"),
    [("(AB + C)^T", "Bᵀ Aᵀ + Cᵀ"), ("a + (b + (c + d))", "a + b + c + d"), ("a(-b)(-c)", "a b c"), ("(-a)/(-b)", "a/b"), ("6/4 + 1", "(5/2)"), ("1x + 0", "x"), ("50\\%", "(1/2)"), ("((A^T)^T)^{-1}", "A⁻¹")],
)  # fmt: skip
def test_tidying_does_what_it_says(before: str, after: str) -> None:
    assert plain(tidy(read(before).expr)) == after
