"""A report filled into a mould is, to the byte, what grading the answer by itself gives."""

from __future__ import annotations

import pytest

from llmgrade.batch.model import Job
from llmgrade.batch.moulds import Form
from llmgrade.batch.work import MET, REMEMBERED, Assignment, Grader
from llmgrade.limits import Limits
from llmgrade.rubric.loading import load_all

ALIKE = [
    (r"$(X^TX+\lambda I)^{-1}X^Ty$", r"$\left(X^TX + \lambda I\right)^{-1} X^Ty$", r"(X^TX +\lambda I)^{-1}X^Ty"),
    (
        r"$2(X^TX+\lambda I)^{-1}X^Ty$",
        r"The answer is $2\left(X^TX+ \lambda I\right)^{-1} X^Ty$.",
        r"$\boxed{2(X^TX+\lambda I)^{-1}X^Ty}$",
    ),
    (r"$(X^TX)^{-1}X^Ty$", r"  $ (X^TX)^{ -1} X^Ty$ ", r"\(\left(X^TX\right)^{-1}X^Ty\)"),
]


def _grader() -> Grader:
    return Grader(Assignment.of(load_all(()), Limits(), "a seed"))


def _job(answer: str) -> Job:
    return Job(id="r", problem="ridge-regression", part="a", answer=answer)


@pytest.mark.parametrize("answers", ALIKE)
def test_answers_set_differently_share_a_mould_and_nothing_else(answers: tuple[str, ...]) -> None:
    one = _grader()
    for answer in answers:
        assert one.outcomes(_job(answer)) == _grader().outcomes(_job(answer)), answer
    assert len(one._moulds) == 1


@pytest.mark.parametrize(
    ("one", "other"), [("$x y$", "$x(y)$"), ("$xy$", "$x^y$"), ("$ab$", "$a-b$"), (r"$\frac{a}{b}$", r"$\frac{b}{a}$")]
)
def test_other_formulas_have_other_forms(one: str, other: str) -> None:
    first, second = Form.of(one), Form.of(other)
    assert first is not None
    assert second is not None
    assert first.key != second.key


def test_a_formula_that_came_once_leaves_no_mould() -> None:
    grader = _grader()
    grader.outcomes(_job("$2(X^TX)^{-1}X^Ty$"))
    assert not grader._moulds
    grader.outcomes(_job(r"$2\left(X^TX\right)^{-1}X^Ty$"))
    assert len(grader._moulds) == 1


def test_what_is_remembered_has_an_end() -> None:
    grader = _grader()
    for n in range(REMEMBERED):
        grader._remembered["p", "a", str(n), ""] = ("", "")
        grader._moulds["p", "a", str(n), ""] = None  # type: ignore[assignment]
    for n in range(-MET, 0):
        grader._met[n] = None
    grader.outcomes(_job("$2(X^TX)^{-1}X^Ty$"))
    grader.outcomes(_job("$2(X^TX)^{-1} X^Ty$"))
    assert len(grader._remembered) == REMEMBERED // 2 + 2
    assert len(grader._moulds) == REMEMBERED // 2 + 1
    assert len(grader._met) == MET // 2 + 1
