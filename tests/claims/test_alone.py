"""An answer that is one formula: what is made of it without looking is what looking would have found."""

from __future__ import annotations

import pytest

from llmgrade import claims
from llmgrade.claims.alone import alone
from llmgrade.grading import _as_transcript, grade_answer
from llmgrade.rubric.loading import load_all

AS_FOUND = [
    r"$x^2+1$",
    r"$$x^2+1$$",
    r"\(x^2+1\)",
    r"\[\frac{a}{b}\]",
    r"$ (X^TX)^{-1}X^Ty $",
    r"$\boxed{x^2+1}$",
    r"  $2\,x^T$",
    r"\frac{1}{2}(x)",
    r"$-\frac{b}{w} + 3 - 3$",
    r"So the answer is $x+1$.",
    r"The final answer is $x^T(A+A^T)$",
    r"Answer: $x+1$",
]
LOOKED_FOR = [
    "",
    "$x$ and $y$",
    "$x = 2$",
    "$w > 0$",
    "$a, b$",
    r"$\text{right}$",
    "to the right",
    "is x^2",
    "so x + 1",
    "Yes (both)",
    r"$\boxed{x}+1$",
    r"$\begin{cases}1\end{cases}$",
    "$x$, not $y$",
    "So the answer is not $x$.",
    "* x^2",
    "1) x",
    "$x+1$\n$x+2$",
    "x" * 5_000,
]


@pytest.mark.parametrize("answer", AS_FOUND)
def test_one_formula_is_what_looking_finds(answer: str) -> None:
    found = alone(answer)
    assert found is not None
    transcript, statement = found
    looked = _as_transcript(answer)
    (only,) = [s for s in claims.find_statements(looked) if s.manner is claims.Manner.FORMULA]
    shared = ("manner", "text", "span", "latex", "formula", "boxed", "final", "condition", "standing")
    assert {name: getattr(statement, name) for name in shared} == {name: getattr(only, name) for name in shared}
    assert transcript.turns[0].pieces == looked.turns[0].pieces


@pytest.mark.parametrize("answer", LOOKED_FOR)
def test_anything_else_is_looked_at(answer: str) -> None:
    assert alone(answer) is None


@pytest.mark.parametrize(
    ("answer", "formula"),
    [("A^2 + AB +BA + B^2", True), ("- 2x(y - wx - b)", True), ("-b/w", True), ("2x^T", True), ("w increases", False)],
)
def test_a_formula_without_dollars_is_a_formula_as_a_whole(answer: str, formula: bool) -> None:
    found = alone(answer)
    assert (found is not None) is formula
    if found is not None:
        assert found[1].latex == answer
        assert found[1].span.start == 0


def test_a_formula_in_pieces_of_prose_was_never_its_last_piece() -> None:
    """``A² + AB + BA + B²`` typed without dollars is no list that begins with a dash, and no answer ``+BA + B²``."""
    rubric = load_all(())["vector-calculus"]
    for answer in ("x^T A + x^T A^T", "- (-x^T(A + A^T))"):
        report, _ = grade_answer(rubric, "d", answer, seed="s")
        assert report.problems[0].parts[0].final == "correct", answer
