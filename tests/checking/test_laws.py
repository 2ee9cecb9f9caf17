"""Laws that hold whatever the expression: by hypothesis, over expressions and over broken text."""

from __future__ import annotations

import random
import sys
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from llmgrade import check
from llmgrade.checking.compiled import Part
from llmgrade.checking.verdict import Verdict
from llmgrade.expr.nodes import Add, Call, Div, Expr, Mul, Neg, Num, Pow, Sym
from llmgrade.expr.show import latex
from llmgrade.expr.symbols import SymbolTable

TABLE = SymbolTable.from_json({n: {} for n in "abxy"})
ROOT = Path(__file__).resolve().parents[2]
GENTLE = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])

leaves = st.one_of(st.integers(0, 12).map(Num), st.sampled_from([Sym(n) for n in "abxy"]))
polynomials: st.SearchStrategy[Expr] = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(Add),
        st.tuples(inner, inner).map(Mul),
        inner.map(Neg),
        st.tuples(inner, st.integers(2, 3)).map(lambda p: Pow(p[0], Num(p[1]))),
    ),
    max_leaves=8,
)
smooth: st.SearchStrategy[Expr] = st.one_of(
    polynomials,
    polynomials.map(lambda p: Call("sin", (p,))),
    st.tuples(polynomials, polynomials).map(lambda p: Div(*p)),
)


@GENTLE
@given(smooth)
def test_an_expression_agrees_with_its_own_print(expr: Expr) -> None:
    decision = Part.compile(expr, TABLE).check(latex(expr))
    assert not decision.different, decision


@GENTLE
@given(polynomials, polynomials, polynomials)
def test_multiplication_distributes(a: Expr, b: Expr, c: Expr) -> None:
    left, right = Mul((a, Add((b, c)))), Add((Mul((a, b)), Mul((a, c))))
    assert Part.compile(left, TABLE).check(right).equal


@GENTLE
@given(polynomials, st.integers(1, 9))
def test_adding_a_number_is_always_noticed(expr: Expr, n: int) -> None:
    assert Part.compile(expr, TABLE).check(Add((expr, Num(n)))).different


@GENTLE
@given(smooth, smooth)
def test_the_order_of_the_two_sides_does_not_matter(a: Expr, b: Expr) -> None:
    one, other = Part.compile(a, TABLE).check(b).verdict, Part.compile(b, TABLE).check(a).verdict
    assert {one, other} != {Verdict.CORRECT, Verdict.INCORRECT}


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60))
def test_any_text_at_all_gets_a_verdict(text: str) -> None:
    assert check("5", text).verdict in Verdict


def test_broken_formulas_get_a_verdict_too() -> None:
    sys.path.insert(0, str(ROOT))
    try:
        from benchmarks.core import fuzz
    finally:
        sys.path.remove(str(ROOT))
    rng = random.Random(23)
    known = fuzz.sources()
    for gold, symbols in fuzz.QUESTIONS:
        part = Part.compile(gold, SymbolTable.from_json(symbols))
        for text in fuzz.texts(rng, known, 120):
            assert part.check(text).verdict in Verdict, text


# texts on which something once broke
FINDS = [
    "½'",
    "½_i",
    "\\cap​{dxw²\\\\~^T",
    "A^{-A}",
    "I_{-n}",
    "I_{n^2} + A",
    "\\sum_{-i} x_i",
    "",
    "\\boxed{}",
    "x^",
    "_",
    "\\left(",
    "\\int  60x\\, dx",
]


def test_finds_of_the_past_stay_found() -> None:
    for text in FINDS:
        for gold, symbols in (
            ("5", {}),
            ("A + I", {"A": {"type": "matrix", "shape": ["n", "n"]}}),
            ("\\lim_{x \\to 3} a", {}),
        ):
            assert check(gold, text, symbols).verdict is not Verdict.CORRECT
