"""Trees to SymPy and back."""

from __future__ import annotations

import pytest
import sympy

from llmgrade.expr.notation import read
from llmgrade.expr.show import plain
from llmgrade.expr.symbols import SymbolTable
from llmgrade.expr.sympy_bridge import NoCounterpart, from_sympy, to_sympy


@pytest.mark.parametrize(
    ("text", "meant"),
    [(r"\int_0^1 x^2 \, dx", "1/3"), (r"\sum_{k=1}^{n} k", "n*(n + 1)/2"), (r"\lim_{x \to 0} \frac{\sin x}{x}", "1"), (r"\frac{d}{dx} x^3", "3*x**2"), (r"\binom{5}{2}", "10"),
     (r"e^{i\pi}", "-1"), (r"\prod_{k=1}^{4} k", "24"), (r"\log_2 8", "3"), (r"90^\circ", "pi/2"), (r"\sqrt[3]{27}", "3"), (r"75\%", "3/4")],
)  # fmt: skip
def test_sympy_works_out_what_was_read(text: str, meant: str) -> None:
    n = sympy.Symbol("n")
    assert sympy.simplify(to_sympy(read(text).expr).doit() - sympy.sympify(meant, locals={"n": n})) == 0


def test_matrices_do_not_commute_on_the_other_side() -> None:
    table = SymbolTable.from_json({"A": "matrix(n, n)", "B": "matrix(n, n)"})
    assert to_sympy(read("A B", table).expr, table) != to_sympy(read("B A", table).expr, table)
    assert to_sympy(read("(A B)^T", table).expr, table).doit() == to_sympy(read("B^T A^T", table).expr, table).doit()


def test_assumptions_cross_the_bridge() -> None:
    table = SymbolTable.from_json({"x": "real > 0"})
    assert to_sympy(read("√(x²)", table).expr, table) == to_sympy(read("x", table).expr, table)


@pytest.mark.parametrize(
    "text", ["x² + 1", "-x", "sin(x)/2", "√(x)", "x < 3", "[0, 1)", "|x|", "e^{x}", "max(x, y)", "1/3", "arctan(x)"]
)
def test_a_value_returns_from_sympy_with_its_meaning(text: str) -> None:
    there = to_sympy(read(text).expr)
    assert to_sympy(read(plain(from_sympy(there))).expr) == there


def test_what_has_no_counterpart_is_refused() -> None:
    with pytest.raises(NoCounterpart):
        to_sympy(read("1, 2 or x ≈ 3").expr)
