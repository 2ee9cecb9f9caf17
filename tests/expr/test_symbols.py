"""Declarations, names and shapes."""

from __future__ import annotations

from typing import Any

import pytest

from llmgrade.errors import UsageError
from llmgrade.expr.infer import Misfit, shape
from llmgrade.expr.names import canonical_name
from llmgrade.expr.notation import read
from llmgrade.expr.symbols import SymbolTable

TABLE = SymbolTable.from_json(
    {
        "X": "matrix(n, d)", "A": "matrix(n, n)", "B": "matrix(5, 5)", "C": "matrix(3, 5)", "x": "vector(n)", "y": "vector(n)", "w": "vector(d)",
        "b": "real", r"\lambda": "real > 0", "I": {"type": "identity", "shape": ["fits", "fits"]}, "f": "function",
    }
)  # fmt: skip


@pytest.mark.parametrize(
    ("written", "name"),
    [(r"\lambda", "lambda"), ("λ", "lambda"), (r"w_{\text{ridge}}", "w_ridge"), ("ŵ", "hat w"), (r"\hat{w}", "hat w"), ("σᵢ", "sigma_i"), (r"\sigma_{i, j}", "sigma_i,j"),
     ("w^{*}", "w^*"), (r"w^\star", "w^*"), (r"\mathbf{x}'", "x'"), ("x̄", "bar x"), (r"\varepsilon", "epsilon"), ("𝐗", "X")],
)  # fmt: skip
def test_a_name_has_one_spelling(written: str, name: str) -> None:
    assert canonical_name(written) == name


def test_assumptions_imply_others() -> None:
    table = SymbolTable.from_json(
        {"A": {"type": "matrix", "shape": ["n", "n"], "assume": ["spd"]}, "p": {"assume": ["0<v<1"]}, "k": "even"}
    )
    assert {"invertible", "symmetric", "square"} <= table["A"].assume
    assert "positive" in table["p"].assume
    assert len(table["p"].bounds) == 2
    assert "integer" in table["k"].assume
    assert "odd" not in table["k"].assume


@pytest.mark.parametrize(
    ("said", "mistake"),
    [({"x": {"type": "tensor"}}, "no such type"), ({"x": {"assume": ["postive"]}}, "did you mean `positive`"), ({"X": {"type": "matrix"}}, "needs a shape"),
     ({"x": {"assume": ["positive", "negative"]}}, "cannot be both"), ({"x": {"type": "vector", "shape": [0]}}, "at least 1"), ({"x": {"kind": "scalar"}}, "no such key"),
     ({"x": {"assume": ["0<v<w"]}}, "cannot read the range"), ({"x": "real", r"\mathbf{x}": "real"}, "declared twice"), ({"x": "real", "layout": "sideways"}, "neither row nor column")],
)  # fmt: skip
def test_a_wrong_declaration_is_refused(said: dict[str, Any], mistake: str) -> None:
    with pytest.raises(UsageError, match=mistake.replace("`", ".")):
        SymbolTable.from_json(said)


def test_an_alias_is_the_same_name() -> None:
    table = SymbolTable.from_json(
        {"w": {"type": "vector", "shape": ["d"], "aliases": [r"\hat{w}", "w^*", r"w_{\text{ridge}}"]}}
    )
    for text in ("ŵ", "w^*", "w_ridge", r"\hat{\mathbf{w}}", r"\mathbf{w}_{\mathrm{ridge}}"):
        assert read(text, table).expr == read("w", table).expr


@pytest.mark.parametrize(
    ("text", "said"),
    [("X w", "vector of n"), ("xᵀ x", "scalar"), ("x xᵀ", "n×n matrix"), ("XᵀX + λI", "d×d matrix"), ("‖x‖² + b", "scalar"), ("A⁻¹ x", "vector of n"), ("X†", "d×n matrix"),
     ("tr(A) x", "vector of n"), ("x · y", "scalar"), ("A - 0", "n×n matrix"), (r"\frac{\partial}{\partial x} xᵀ A x", "vector of n"), ("[X; λ I]", "?×d matrix"), ("A_{12}", "scalar"),
     ("x ⊙ y", "vector of n"), (r"\sum_i x_i^2", "scalar"), ("X ŵ", "vector of n"), ("X w^*", "vector of n"), (r"\begin{cases} x & b > 0 \\ y & b < 0 \end{cases}", "vector of n")],
)  # fmt: skip
def test_a_shape_is_inferred(text: str, said: str) -> None:
    assert str(shape(read(text, TABLE).expr, TABLE)) == said


@pytest.mark.parametrize(
    ("text", "reason", "hint"),
    [("A + λ", "cannot add a scalar to an n×n matrix", "did you mean `λI`?"), ("B C", "cannot multiply 5×5 by 3×5", None), ("x y", "cannot multiply a vector of n by a vector of n", "a transpose is missing?"),
     ("X⁻¹", "cannot invert an n×d matrix", "the pseudo-inverse, `⁺`, was meant?"), ("x^2", "cannot square a vector of n", "`‖…‖²` was meant?"), ("x + w", "cannot add a vector of d to a vector of n", None),
     ("b/x", "cannot divide by a vector of n", None), ("tr(X)", "tr of an n×d matrix, which is not square", None), ("x = xᵀ", "a vector of n cannot equal a row of n", "one of them transposed?"),
     ("|X|", "|…| of an n×d matrix has no meaning", "‖…‖ was meant?"), ("x - yᵀ", "cannot add a row of n to a vector of n", "one of them transposed?")],
)  # fmt: skip
def test_a_shape_that_does_not_fit_is_said_in_words(text: str, reason: str, hint: str | None) -> None:
    with pytest.raises(Misfit) as found:
        shape(read(text, TABLE).expr, TABLE)
    assert (found.value.reason, found.value.hint) == (reason, hint)


@pytest.mark.parametrize(("layout", "said"), [("row", "row of n"), ("column", "vector of n"), (None, "vector of n")])
def test_a_layout_says_how_a_derivative_lies(layout: str | None, said: str) -> None:
    table = TABLE.with_layout(layout)
    assert str(shape(read(r"\frac{\partial}{\partial x} xᵀ A x", table).expr, table)) == said
