"""What holds over a whole case."""

from __future__ import annotations

from fractions import Fraction

import pytest

from llmgrade.checking.conditions import always, equivalent_conditions, implies, satisfiable, sign_over
from llmgrade.checking.evidence import Proved, Refuted
from llmgrade.checking.recheck import certificate_holds
from llmgrade.expr.symbols import SymbolTable

ELBOW = SymbolTable.from_json(
    {"λ": {"assume": ["positive"]}, "e": {"is": "-b/w"}, "e'": {"is": "-(b - λ)/(w - λ x)"}, "w'": {"is": "w - λ x"}}
)
CHANGE = "e' - e"


@pytest.mark.parametrize(
    ("case", "sign"),
    [
        (["w > 0", "x > 0", "w x + b > 0"], "mixed"),
        (["w > 0", "x > 0", "w x + b > 0", "w > b x"], "+"),
        (["w > 0", "x > 0", "w x + b > 0", "w < b x"], "-"),
        (["w > 0", "x < 0", "w x + b > 0"], "+"),
        (["w < 0", "x > 0", "w x + b > 0"], "-"),
        (["w < 0", "x < 0", "w x + b > 0"], "mixed"),
        (["w > 0", "w < 0"], "empty"),
    ],
)
def test_the_elbow_moves_as_the_case_says_for_a_small_step(case: list[str], sign: str) -> None:
    assert sign_over(CHANGE, case, ELBOW, small="λ").sign == sign


@pytest.mark.parametrize(
    ("expression", "case", "sign"),
    [
        ("x^2 + 1", [], "+"),
        ("x^2", [], ">=0"),
        ("-x^2 y^2", [], "<=0"),
        ("x - x", [], "0"),
        ("x^2 + y^2 - 2xy", [], ">=0"),
        ("x^2 - 2", ["x > 2"], "+"),
        ("|x| - x", ["x < 0"], "+"),
        ("w - λ x - w", ["x > 0"], "-"),
    ],
)
def test_signs_over_a_case(expression: str, case: list[str], sign: str) -> None:
    found = sign_over(expression, case, ELBOW)
    assert found.sign == sign
    assert isinstance(found.evidence, Proved)


def test_both_directions_have_a_witness_that_anyone_can_check() -> None:
    found = sign_over(CHANGE, ["w > 0", "x > 0", "w x + b > 0"], ELBOW, small="λ")
    for sign in "+-":
        w, b, x, step = (Fraction(found.witnesses[sign][n]) for n in ("w", "b", "x", "lambda"))
        assert w > 0
        assert x > 0
        assert w * x + b > 0
        change = -(b - step) / (w - step * x) + b / w
        assert (change > 0) == (sign == "+")


def test_a_true_claim_is_proved_and_the_proof_holds_again() -> None:
    found = always("w - b x > 0", ["w > 0", "x < 0", "w x + b > 0"])
    assert found.truth is True
    assert isinstance(found.evidence, Proved)
    assert found.evidence.certificate is not None
    assert certificate_holds(found.evidence.certificate) is True


def test_a_false_claim_is_broken_by_a_point_of_the_case() -> None:
    found = always("w - b x > 0", ["w > 0", "x > 0", "w x + b > 0"])
    assert isinstance(found.evidence, Refuted)
    w, b, x = (Fraction(found.evidence.witness[n]) for n in ("w", "b", "x"))
    assert w > 0
    assert x > 0
    assert w * x + b > 0
    assert w - b * x <= 0


@pytest.mark.parametrize(
    ("one", "other", "given", "same"),
    [
        ("w > b x", "w - b x > 0", [], True),
        ("w > b x", "x < w/b", ["b > 0"], True),
        ("w > b x", "x < w/b", ["b < 0"], False),
        ("w > b x", "w >= b x", [], False),
        ("x^2 < 4", "-2 < x < 2", [], True),
        ("x^2 > 4", "x > 2", [], False),
        ("|x| < 1", "x^2 < 1", [], True),
    ],
)
def test_conditions_that_say_the_same(one: str, other: str, given: list[str], same: bool) -> None:
    assert equivalent_conditions(one, other, given).truth is same


def test_one_condition_may_imply_another() -> None:
    assert implies("x > 2", "x^2 > 4").truth is True
    assert implies("x^2 > 4", "x > 2").truth is False


def test_an_empty_case_is_noticed() -> None:
    assert satisfiable(["x > 1", "x < 0"]).truth is False
    assert satisfiable(["x > 1", "x < 2", "x^2 = 2"]).truth is True
