"""Each row of `answers_in_words` is called what the row says; a wrong one is never called correct."""

from __future__ import annotations

import importlib.util
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

from llmgrade.checking.evidence import Proved, Refuted, Tested, Undecided
from llmgrade.checking.verdict import Verdict
from llmgrade.grading import judge_answer
from llmgrade.rubric.loading import load_all
from llmgrade.rubric.model import Rubrics

ROOT = Path(__file__).resolve().parents[3]
FOUR = ("vector-calculus", "svd-least-squares", "ridge-regression", "relu-elbow")


def _rows() -> ModuleType:
    path = Path(__file__).with_name("answers_in_words.py")
    spec = importlib.util.spec_from_file_location("answers_in_words", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@cache
def rubrics() -> Rubrics:
    return load_all([ROOT / "rubrics" / f"{name}.yaml" for name in FOUR])


ALLOWED = {
    "correct": {"correct"},
    "wrong": {"incorrect", "partial"},
    "open": {"undecided", "unanswered", "incorrect", "partial"},
    "not-correct": {"undecided", "unanswered", "incorrect", "partial"},
}


@pytest.mark.parametrize("row", _rows().ANSWERS, ids=lambda row: f"{row[0]}:{row[1]} {row[2][:40]}")
def test_an_answer_is_called_what_it_is(row: tuple[str, str, str, str]) -> None:
    rubric, part, answer, expected = row
    _, judged = judge_answer(rubrics()[rubric], part, answer)
    assert (judged.verdict.value if judged else "unanswered") in ALLOWED[expected]


def _judged(rubric: str, part: str, answer: str, **more: str):  # type: ignore[no-untyped-def]
    _, judged = judge_answer(rubrics()[rubric], part, answer, **more)
    assert judged is not None
    return judged


def test_a_direction_is_refuted_by_numbers_inside_the_case() -> None:
    judged = _judged("relu-elbow", "b.ii", "The slope decreases and the elbow moves right.")
    assert judged.pitfalls == ("elbow-direction-one-sided",)
    (wrong,) = [claim for claim in judged.claims if claim.verdict is Verdict.INCORRECT]
    assert isinstance(wrong.evidence, Refuted)
    w, b, x, step = (float(wrong.evidence.witness[name]) for name in ("w", "b", "x", "lambda"))
    assert w > 0
    assert x > 0
    assert w * x + b > 0
    assert -(b - step) / (w - step * x) < -b / w  # it goes left there
    assert any("w = " in line for line in judged.feedback)


def test_a_direction_that_holds_everywhere_is_proved() -> None:
    judged = _judged("relu-elbow", "b.iii", "The slope increases and the elbow moves right.")
    assert all(isinstance(claim.evidence, Proved) for claim in judged.claims if claim.decisive)


def test_numbers_outside_their_case_are_noticed_beside_a_right_answer() -> None:
    judged = _judged("relu-elbow", "b.iii", "The slope increases and the elbow moves right, e.g. $w=2$, $b=1$, $x=-1$.")
    assert judged.verdict is Verdict.CORRECT
    assert "example-outside-case" in judged.pitfalls
    assert judged.findings


def test_a_vector_set_equal_to_a_matrix_is_refuted_for_its_shape() -> None:
    judged = _judged("svd-least-squares", "b", r"$w^*=(X^TX)^{-1}X^T$, so the matrix is $A=V\Sigma^\dagger U^T$.")
    assert judged.verdict is Verdict.CORRECT
    (finding,) = judged.findings
    assert isinstance(finding.evidence, Refuted)
    assert finding.evidence.kind == "shape"


def test_y_may_stay_where_nobody_asked_for_the_matrix_alone() -> None:
    answer = r"$w^*=V\Sigma^\dagger U^Ty$"
    assert _judged("svd-least-squares", "b", answer).pitfalls == ()
    asked = _judged("svd-least-squares", "b", answer, prompt="the matrix in front of y by SVD, without y")
    assert asked.pitfalls == ("leftover-y",)
    assert asked.verdict is Verdict.PARTIAL


def test_both_factors_of_an_objective_are_compared_up_to_a_common_factor() -> None:
    right = _judged("ridge-regression", "c", r"$-\log p=\frac{3}{2\lambda}\|y-Xw\|^2+\frac32\|w\|^2$")
    assert right.verdict is Verdict.CORRECT
    assert isinstance(right.claims[-1].evidence, Tested)
    wrong = _judged("ridge-regression", "c", r"$-\log p=\frac{3}{2\lambda}\|y-Xw\|^2+\frac12\|w\|^2$")
    assert wrong.verdict is Verdict.INCORRECT


def test_what_cannot_be_read_is_undecided_with_the_reason() -> None:
    judged = _judged("vector-calculus", "d", r"The answer is $\boxed{x^T(A+A^T}$.")
    assert judged.verdict is Verdict.UNDECIDED
    assert isinstance(judged.claims[-1].evidence, Undecided)
    assert judged.claims[-1].evidence.reason
