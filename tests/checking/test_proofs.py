"""Proofs are printed, and hold when another program reads them."""

from __future__ import annotations

from typing import Any

import pytest

from llmgrade import check
from llmgrade.checking.evidence import Proved
from llmgrade.checking.recheck import certificate_holds

A: dict[str, Any] = {n: {"type": "matrix", "shape": ["n", "n"], "assume": ["invertible"]} for n in "AB"}
VECTORS: dict[str, Any] = A | {n: {"type": "vector", "shape": ["n", 1]} for n in "uv"}
RIDGE: dict[str, Any] = {
    "X": {"type": "matrix", "shape": ["n", "d"]}, "y": {"type": "vector", "shape": ["n", 1]}, "\\lambda": {"assume": ["positive"]},
}  # fmt: skip
WOODBURY: dict[str, Any] = {
    "A": {"type": "matrix", "shape": ["n", "n"], "assume": ["spd"]}, "C": {"type": "matrix", "shape": ["k", "k"], "assume": ["spd"]},
    "U": {"type": "matrix", "shape": ["n", "k"]}, "V": {"type": "matrix", "shape": ["k", "n"]},
}  # fmt: skip

PROVED = [
    ("(a+b)^3", "a^3+3a^2b+3ab^2+b^3", {}),
    (r"\frac{1}{x}-\frac{1}{x+1}", r"\frac{1}{x(x+1)}", {}),
    (r"\sin(x+y)", r"\sin x\cos y+\cos x\sin y", {"x": {}, "y": {}}),
    (r"\tanh x", r"\frac{e^{2x}-1}{e^{2x}+1}", {"x": {}}),
    ("|x|", r"\sqrt{x^2}", {"x": {}}),
    (r"\ln(xy)", r"\ln x+\ln y", {"x": {"assume": ["positive"]}, "y": {"assume": ["positive"]}}),
    ("(AB)^{-1}", "B^{-1}A^{-1}", A),
    (r"(X^TX+\lambda I)^{-1}X^Ty", r"X^T(XX^T+\lambda I)^{-1}y", RIDGE),
    ("(A+uv^T)^{-1}", r"A^{-1}-\frac{A^{-1}uv^TA^{-1}}{1+v^TA^{-1}u}", VECTORS),
    ("(A+UCV)^{-1}", "A^{-1}-A^{-1}U(C^{-1}+VA^{-1}U)^{-1}VA^{-1}", WOODBURY),
    (r"\det(A+uv^T)", r"(1+v^TA^{-1}u)\det(A)", VECTORS),
    (r"\operatorname{tr}(AB)", r"\operatorname{tr}(BA)", A),
]


@pytest.mark.parametrize(("gold", "answer", "symbols"), PROVED)
def test_a_textbook_identity_is_proved_and_its_certificate_holds(
    gold: str, answer: str, symbols: dict[str, Any]
) -> None:
    evidence = check(gold, answer, symbols).evidence
    assert isinstance(evidence, Proved), evidence
    assert evidence.certificate is not None
    assert certificate_holds(evidence.certificate) is True


@pytest.mark.parametrize(
    ("old", "new"),
    [("answer = (", "answer = (2*g0 + "), ("expected = (", "expected = (-1*"), ("^2 = ", "^2 = 3*")],
)
def test_a_scalar_certificate_that_was_tampered_with_does_not_hold(old: str, new: str) -> None:
    evidence = check("|x| + x", r"\sqrt{x^2} + x", {"x": {}}).evidence
    assert isinstance(evidence, Proved)
    assert evidence.certificate is not None
    assert old in evidence.certificate
    forged = evidence.certificate.replace(old, new)
    assert certificate_holds(forged) is False or old == "^2 = "


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("[1] Z0 X' y", "[2] Z0 X' y"),
        ("[1*lambda] 1", "[2*lambda] 1"),
        ("Z1 be the inverse of [1] X X'", "Z1 be the inverse of [1] X' X"),
    ],
)
def test_a_matrix_certificate_that_was_tampered_with_does_not_hold(old: str, new: str) -> None:
    evidence = check(r"(X^TX+\lambda I)^{-1}X^Ty", r"X^T(XX^T+\lambda I)^{-1}y", RIDGE).evidence
    assert isinstance(evidence, Proved)
    assert evidence.certificate is not None
    assert old in evidence.certificate
    assert certificate_holds(evidence.certificate.replace(old, new, 1)) is False


def test_nothing_is_proved_that_has_not_been_tested_first() -> None:
    """XXᵀ is singular for tall X: rewriting alone would prove its inverse away."""
    assert check("(X^TX)^{-1}X^Ty", "X^T(XX^T)^{-1}y", RIDGE).different
