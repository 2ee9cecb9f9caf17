"""The second checker: it confirms what is so, and it does not confirm what is not."""

from __future__ import annotations

import pytest

from llmgrade.checking.equivalence import decide
from llmgrade.checking.evidence import Proved, Refuted
from llmgrade.checking.recheck import certificate_holds, witness_holds
from llmgrade.expr.notation import read_answer
from llmgrade.expr.symbols import SymbolTable

TABLE = SymbolTable.empty()
PLACES: dict[str, dict[str, str]] = {"x": {"x": "-1"}, "none": {}, "m": {"unit m": "1"}, "element": {"element": "-24"}}


def shown(gold: str, answer: str, place: str) -> bool | None:
    one, other = (read_answer(text, TABLE).expr for text in (gold, answer))
    return witness_holds(one, other, Refuted("the two differ", PLACES[place]))


@pytest.mark.parametrize(
    ("gold", "same", "other", "place"),
    [
        (r"\sqrt[3]{\sin x}", r"(\sin x)^{1/3}", r"(\sin x)^{2/3}", "x"),
        (r"5 \text{ km}", r"5000 \text{ m}", r"5 \text{ m}", "m"),
        ("12:00", "12:00", "1:00", "none"),
        (r"\{2k : k \in \mathbb{Z}\}", r"\{2k + 2 : k \in \mathbb{Z}\}", r"\{2k + 1 : k \in \mathbb{Z}\}", "element"),
        (r"\sum_{n=1}^{\infty} \frac{1}{n^2}", r"\frac{\pi^2}{6}", r"\frac{\pi^2}{8}", "none"),
        (r"\int 2x \, dx", "x^2 + 7", "x^3", "x"),
        ("f(x + 1)", "f(1 + x)", "f(x)", "x"),
        (r"O(n \log n)", r"O(n \log n)", "O(n^2)", "none"),
        ("x = 1, y = 2", "(y, x) = (2, 1)", "(y, x) = (1, 2)", "none"),
        ("(x + 1)^{5000}", "(1 + x)^{5000}", "(x - 1)^{5000}", "none"),
        (r"\sum_i x_i^2", r"\sum_k x_k^2", r"\sum_i x_i^3", "none"),
        ("5.3", r"\approx 5.3", r"\approx 5.4", "none"),
    ],
)
def test_what_is_the_same_does_not_pass_for_different(gold: str, same: str, other: str, place: str) -> None:
    assert shown(gold, other, place) is True
    assert shown(gold, same, place) is False


def test_equations_with_the_same_zeros_show_their_factors() -> None:
    evidence = decide("w(12.5-w)=25", "2w+50/w=25").evidence
    assert isinstance(evidence, Proved)
    assert evidence.certificate is not None
    assert certificate_holds(evidence.certificate) is True
    for old, new in (("+ -10)", "+ -11)"), (")^1", ")^2"), ("= (2) ", "= (3) "), ("let g0", "let g1")):
        assert old in evidence.certificate
        assert certificate_holds(evidence.certificate.replace(old, new, 1)) is False
