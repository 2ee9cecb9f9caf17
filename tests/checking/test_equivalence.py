"""Does an answer say what was expected? Tables that read like mathematics."""

from __future__ import annotations

from typing import Any

import pytest

from llmgrade import check
from llmgrade.checking.equivalence import Tolerance, decide
from llmgrade.checking.evidence import Proved, Refuted, Tested, Undecided
from llmgrade.expr.symbols import SymbolTable

RIDGE: dict[str, Any] = {
    "X": {"type": "matrix", "shape": ["n", "d"]},
    "y": {"type": "vector", "shape": ["n", 1]},
    "w": {"type": "vector", "shape": ["d", 1]},
    "\\lambda": {"assume": ["positive"]},
    "I": {"type": "identity", "shape": ["fits", "fits"]},
}
SQUARE: dict[str, Any] = {
    "A": {"type": "matrix", "shape": ["n", "n"], "assume": ["invertible"]},
    "B": {"type": "matrix", "shape": ["n", "n"], "assume": ["invertible"]},
    "x": {"type": "vector", "shape": ["n", 1]},
    "I": {"type": "identity", "shape": ["n", "n"]},
}
SVD: dict[str, Any] = {
    "X": {"type": "matrix", "shape": ["n", "d"], "is": r"U \Sigma V^T"},
    "U": {"type": "matrix", "shape": ["n", "d"], "assume": ["orthonormal columns"]},
    "\\Sigma": {"type": "matrix", "shape": ["d", "d"], "assume": ["diagonal", "positive"]},
    "V": {"type": "matrix", "shape": ["d", "d"], "assume": ["orthogonal"]},
    "y": {"type": "vector", "shape": ["n", 1]},
}
NONE: dict[str, Any] = {}

EQUAL = [
    # numbers
    (r"\frac{1}{2}", "0.5", NONE),
    ("1/12", "0.0833333333333333", NONE),
    (r"\sqrt{12}", r"2\sqrt{3}", NONE),
    ("1000", "10^3", NONE),
    ("28%", "0.28", NONE),
    ("2i", r"\sqrt{-4}", NONE),
    # one unknown
    (r"\sin^2 x", r"\frac{1-\cos 2x}{2}", NONE),
    (r"\frac{x^3-1}{x-1}", "x^2+x+1", NONE),
    ("|x|", r"\sqrt{x^2}", {"x": {}}),
    (r"\max(0, x)", r"\frac{x+|x|}{2}", {"x": {}}),
    (r"\frac{1}{1+e^{-x}}", r"\frac{e^x}{1+e^x}", {"x": {}}),
    (r"\cos(n\pi)", "(-1)^n", {"n": {"assume": ["integer"]}}),
    (r"\ln(xy)", r"\ln x + \ln y", {"x": {"assume": ["positive"]}, "y": {"assume": ["positive"]}}),
    (r"\frac{d}{dx} x^3", "3x^2", {"x": {}}),
    (r"\int_0^1 x^2 dx", "1/3", NONE),
    (r"\int x\,dx", r"\frac{x^2}{2} + C", NONE),
    ("x^2 + C", "C + (x-1)(x+1)", NONE),
    (r"\lim_{x\to 0}\frac{\sin x}{x}", "1", NONE),
    (r"\sum_{n=1}^{\infty}\frac{1}{n^2}", r"\frac{\pi^2}{6}", NONE),
    (r"\sum_{k=0}^{n}\binom{n}{k}", "2^n", {"n": {"assume": ["integer", "positive"]}}),
    # matrices
    ("(AB)^T", "B^TA^T", SQUARE),
    ("(A^{-1}+B^{-1})^{-1}", "A(A+B)^{-1}B", SQUARE),
    (r"(X^TX+\lambda I)^{-1}X^Ty", r"X^T(XX^T+\lambda I)^{-1}y", RIDGE),
    (r"\|y-Xw\|^2", "y^Ty-2w^TX^Ty+w^TX^TXw", RIDGE),
    ("X^+ y", r"V\Sigma^{-1}U^Ty", SVD),
    ("X^TX", r"V\Sigma^2V^T", SVD),
    ("x^TAx", r"\sum_i\sum_j A_{ij}x_ix_j", SQUARE),
    # names, lists, sets
    ("5", "x = 5", NONE),
    (r"\{1, 2\}", "x = 1 or x = 2", NONE),
    (r"1 \pm \sqrt{2}", r"1-\sqrt2, 1+\sqrt2", NONE),
    ("x = 1, y = 2", "y = 2, x = 1", NONE),
    ("x = 1, y = 2", "(x, y) = (1, 2)", NONE),
    ("-5, -2, 7", r"7, -2, \text{ and } -5", NONE),
    ("1:2:3", "2:4:6", NONE),
    # equations, inequalities, intervals
    ("y = 2x + 1", "2x - y + 1 = 0", NONE),
    ("2w + 50/w = 25", "w(12.5 - w) = 25", NONE),
    ("|x - 1| < 2", "(-1, 3)", NONE),
    ("[0, 2]", r"[0, 1] \cup [1, 2]", NONE),
    (r"\frac{1}{x} > 1", "(0, 1)", NONE),
    ("w > bx", r"x < \frac{w}{b}", {"b": {"assume": ["positive"]}, "w": {}, "x": {}}),
    (r"\{2k : k \in \mathbb{Z}\}", r"\{2k + 2 : k \in \mathbb{Z}\}", NONE),
    # units
    (r"5 \text{ km}", r"5000 \text{ m}", NONE),
    (r"10 \text{ m/s}", r"36 \text{ km/h}", NONE),
    ("10", r"10 \text{ cm}", NONE),
]

DIFFERENT = [
    ("1/3", "0.333", NONE, "value"),
    ("5", "5.0001", NONE, "value"),
    (r"10^{-20}", "0", NONE, "value"),
    ("0.28", "28", NONE, "value"),
    ("|x|", "x", {"x": {}}, "value"),
    (r"\cos(n\pi)", "1", {"n": {"assume": ["integer"]}}, "value"),
    (
        r"\begin{cases} 1 & x \ge 0 \\ 0 & x < 0 \end{cases}",
        r"\begin{cases} 1 & x > 0 \\ 0 & x \le 0 \end{cases}",
        {"x": {}},
        "value",
    ),
    (r"\sqrt{ab}", r"\sqrt a\sqrt b", {"a": {"assume": ["negative"]}, "b": {"assume": ["negative"]}}, "value"),
    ("(A+B)^2", "A^2+2AB+B^2", SQUARE, "value"),
    ("A^TA", "AA^T", SQUARE, "value"),
    (r"(X^TX+\lambda I)^{-1}X^Ty", r"(XX^T+\lambda I)^{-1}X^Ty", RIDGE, "shape"),
    ("X(X^TX)^{-1}X^T", "I", RIDGE, "value"),
    ("x^2 + C", "x^2", NONE, "form"),
    ("x^2 = 4", "x = 2", NONE, "value"),
    ("xy = 0", "x = 0", NONE, "value"),
    ("0 < x \\le 1", "[0, 1)", NONE, "value"),
    ("[0, 2]", r"[0, 1) \cup (1, 2]", NONE, "value"),
    ("w > bx", r"x < \frac{w}{b}", {"b": {"assume": ["negative"]}, "w": {}, "x": {}}, "value"),
    ("w > bx", r"w \ge bx", {"b": {}, "w": {}, "x": {}}, "value"),
    (r"\pm 2021", "2021", NONE, "form"),
    (r"\{1, 2, 3\}", r"\{1, 2\}", NONE, "form"),
    ("5", "5 = 6", NONE, "value"),
    ("5", "6 = 5", NONE, "value"),
    ("5", "> 5", NONE, "form"),
    (r"5 \text{ km}", r"5 \text{ m}", NONE, "value"),
    (r"\text{True}", r"\text{False}", NONE, "form"),
    ("5", "", NONE, "form"),
]


@pytest.mark.parametrize(("gold", "answer", "symbols"), EQUAL)
def test_the_same_mathematics_in_another_dress_is_accepted(gold: str, answer: str, symbols: dict[str, Any]) -> None:
    decision = check(gold, answer, symbols)
    assert decision.equal, decision
    assert isinstance(decision.evidence, Proved | Tested)


@pytest.mark.parametrize(("gold", "answer", "symbols", "kind"), DIFFERENT)
def test_other_mathematics_is_refused_with_its_reason(
    gold: str, answer: str, symbols: dict[str, Any], kind: str
) -> None:
    decision = check(gold, answer, symbols)
    assert decision.different, decision
    assert isinstance(decision.evidence, Refuted)
    assert decision.evidence.kind == kind


@pytest.mark.parametrize(
    ("gold", "answer", "symbols"), [row for row in EQUAL if row[0] not in ("28%", "5", "10", r"\int x\,dx")]
)
def test_gold_and_answer_may_change_places(gold: str, answer: str, symbols: dict[str, Any]) -> None:
    assert check(answer, gold, symbols).equal


@pytest.mark.parametrize("text", [gold for gold, *_ in EQUAL + [row[:3] for row in DIFFERENT]])
def test_everything_equals_itself(text: str) -> None:
    assert check(text, text).equal


def test_a_witness_is_small_and_exact() -> None:
    evidence = check("x^2", "2x", {"x": {}}).evidence
    assert isinstance(evidence, Refuted)
    x = int(evidence.witness["x"])
    assert x**2 != 2 * x
    assert (evidence.expected, evidence.got) == (str(x**2), str(2 * x))


def test_an_agreement_carries_its_chance_of_an_accident() -> None:
    decision = decide("(a+b)^2", "a^2+2ab+b^2", proofs=False)
    assert isinstance(decision.evidence, Tested)
    assert decision.evidence.bound is not None
    assert decision.evidence.bound < 2**-32


def test_a_seed_replays_the_whole_decision() -> None:
    first = check("x^2 y", "x y^2")
    again = [check("x^2 y", "x y^2", seed="on record") for _ in range(2)]
    assert again[0] == again[1]
    assert first.verdict is again[0].verdict


def test_a_tolerance_is_used_only_where_it_was_asked_for() -> None:
    assert check("1/3", "0.333").different
    assert check("1/3", "0.333", tolerance=0.01).equal
    assert check("1/3", "0.3", tolerance=0.01).different
    assert check("0", "0.001", tolerance=Tolerance(absolute=0.01)).equal


def test_a_claim_has_to_hold_for_every_rank_and_proportion_that_the_declarations_allow() -> None:
    gold, answer = "X^+", "(X^TX)^{-1}X^T"
    free, full = (
        {"X": {"type": "matrix", "shape": ["n", "d"], "assume": words}} for words in ([], ["full column rank"])
    )
    assert check(gold, answer, full).equal
    assert check(gold, answer, free).different
    assert check(gold, answer, free, strata=("tall",)).different
    assert check(r"\det(XX^T)", "0", free, strata=("tall",)).equal
    assert check(r"\det(XX^T)", "0", free).different


def test_what_cannot_be_read_is_undecided_with_its_place() -> None:
    decision = check("5", r"\frac{1}{")
    assert decision.undecided
    assert isinstance(decision.evidence, Undecided)
    assert "cannot be read" in decision.evidence.reason


def test_a_name_left_out_is_noted() -> None:
    assert any("name" in note for note in check("5", "x = 5").notes)


def test_conditions_may_be_given_beside_the_declarations() -> None:
    assert check(r"\sqrt{x^2}", "x", {"x": {}}).different
    assert check(r"\sqrt{x^2}", "x", {"x": {}}, given=("x > 0",)).equal


def test_an_undeclared_transpose_never_commutes() -> None:
    assert check("X^T X", "X X^T").different
    assert check("x^T A x", "x^T A^T x").equal


def test_a_decomposition_is_inferred_only_where_the_table_says_as_much() -> None:
    table = {k: v for k, v in SVD.items() if k != "X"} | {"X": {"type": "matrix", "shape": ["n", "d"]}}
    decision = decide("X^TX", r"V\Sigma^2V^T", SymbolTable.from_json(table))
    assert decision.equal
    assert any("decomposition" in note for note in decision.notes)
