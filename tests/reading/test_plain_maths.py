"""Which stretches of a line without delimiters are formulas. Each row: the line, and its formulas in order."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmgrade.reading.plain_maths import formulas_in

ROWS: list[tuple[str, list[str]]] = [
    # Unicode
    ("a) ŵ = (XᵀX + λI)⁻¹Xᵀy, with λ > 0.", ["ŵ = (XᵀX + λI)⁻¹Xᵀy", "λ > 0"]),
    ("a) ∇L = −2Xᵀ(y − Xw) + 2λw = 0  ⇒  ŵ = (XᵀX + λI)⁻¹Xᵀy.", ["∇L = −2Xᵀ(y − Xw) + 2λw = 0  ⇒  ŵ = (XᵀX + λI)⁻¹Xᵀy"]),
    ("   σᵢ ≫ λ: ≈ 1/σᵢ (as in plain least squares).", ["σᵢ ≫ λ", "1/σᵢ"]),
    ("g) λ → ∞: ŵ → 0.", ["λ → ∞", "ŵ → 0"]),
    ("𝑥 = −𝑏/𝑤", ["𝑥 = −𝑏/𝑤"]),
    ("Thus ∇_w L = 2X^T(Xw − y) + 2λw.", ["∇_w L = 2X^T(Xw − y) + 2λw"]),
    ("X̂ = [X ; √λ·I], ŷ = [y ; 0]", ["X̂ = [X ; √λ·I]", "ŷ = [y ; 0]"]),
    ("x ∈ ℝⁿ, A ∈ ℝⁿˣⁿ", ["x ∈ ℝⁿ", "A ∈ ℝⁿˣⁿ"]),
    ("w ← w − λ∂ℓ/∂w", ["w ← w − λ∂ℓ/∂w"]),
    # plain text
    ("(a) x^T c", ["x^T c"]),
    ("(a)(i) b/w", ["b/w"]),
    ("(a)(iv) φ − y if wx + b > 0, else 0", ["φ − y", "wx + b > 0"]),
    ("(a) c^T, (b) 2x^T, (c) A, (d) x^T(A+A^T)", ["c^T", "2x^T", "A", "x^T(A+A^T)"]),
    ("The minimizer is w = (X^T X)^{-1} X^T y.", ["w = (X^T X)^{-1} X^T y"]),
    ("The derivative is 2x.", ["2x"]),
    ("w_ridge = (X'X + lambda I)^-1 X'y", ["w_ridge = (X'X + lambda I)^-1 X'y"]),
    ("||Xw - y||_2^2 + λ||w||_2^2", ["||Xw - y||_2^2 + λ||w||_2^2"]),
    ("f(x) = max(0, wx + b), so f'(x) = w for wx+b > 0", ["f(x) = max(0, wx + b)", "f'(x) = w", "wx+b > 0"]),
    ("as lambda -> infinity, w -> 0", ["lambda -> infinity", "w -> 0"]),
    ("For sigma << lambda it's about zero", ["sigma << lambda"]),
    ("e' = -1.9/0.7 = -2.714", ["e' = -1.9/0.7 = -2.714"]),
    ("only symmetric A (A = Aᵀ) will do", ["A = Aᵀ"]),
    ("Si λ → 0 y X es alta, w → (XᵀX)⁻¹Xᵀy", ["λ → 0", "w → (XᵀX)⁻¹Xᵀy"]),
    ("We get sum_i x_i A_ij y_j", ["sum_i x_i A_ij y_j"]),
    ("norm(w)**2 + lam * norm(y - X@w)**2", ["norm(w)**2 + lam * norm(y - X@w)**2"]),
    ("so it is inv(X.T @ X) @ X.T @ y", ["inv(X.T @ X) @ X.T @ y"]),
    ("w = \\frac{1}{2} \\lambda for \\lambda > 0", ["w = \\frac{1}{2} \\lambda", "\\lambda > 0"]),
    ("**w = 3**", ["w = 3"]),
    # numbers, where somebody says that they are the answer
    ("(b) 3/4", ["3/4"]),
    ("**Answer:** 42", ["42"]),
    # words
    ("(b)(ii) slope decreases, elbow right", []),
    ("It costs $5, or 4.50 € (a bargain), and/or 20% more.", []),
    ("On 2024-10-01 at 10:30 I ran v1.2.3 of GPT-4 with k-means along the x-axis.", []),
    ("A/B testing; C++ and I/O; 24/7, see https://example.org/a=b", []),
    ("12 h at 19 °C, 500 g flour, 5 m² of CO₂", []),
    ("file_name.txt, max_iter and snake_case", []),
    ("I have 3 apples and 4 pears, i.e. 7 fruits (a lot).", []),
    ("Check the matrix(s) and the function(s)", []),
    ("Hier ist z. B. die Lösung, d. h. die Antwort", []),
    ("用户问了一个问题", []),
]  # fmt: skip


@pytest.mark.parametrize(("line", "expected"), ROWS, ids=[row[0][:40] for row in ROWS])
def test_formulas_are_told_from_words(line: str, expected: list[str]) -> None:
    assert [line[start:stop] for start, stop in formulas_in(line)] == expected


@given(st.text("abwxXyλΣᵀ²₁ ()[]{}|‖=+-−*/^_.,:;'$\\→∞0123456789", max_size=80))
def test_formulas_of_a_line_stand_in_order_and_begin_and_end_with_something(line: str) -> None:
    last = 0
    for start, stop in formulas_in(line):
        assert last <= start < stop <= len(line)
        assert not line[start].isspace()
        assert not line[stop - 1].isspace()
        last = stop
