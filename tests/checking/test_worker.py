"""SymPy is asked only where it is wanted, and never waited for."""

from __future__ import annotations

import time

import pytest

from llmgrade import check
from llmgrade.checking.worker import second_opinion
from llmgrade.expr.notation import read
from llmgrade.expr.symbols import SymbolTable

ALTERNATING = r"\sum_{n=1}^{\infty} \frac{(-1)^{n+1}}{n}"


@pytest.mark.slow
def test_a_second_opinion_decides_what_would_stay_undecided() -> None:
    assert check(ALTERNATING, r"\ln 2").undecided
    decision = check(ALTERNATING, r"\ln 2", second_opinion=30)
    assert decision.equal
    assert "decided by a second opinion" in decision.notes


@pytest.mark.slow
def test_no_second_opinion_refuses() -> None:
    assert check(ALTERNATING, r"\ln 3", second_opinion=20).undecided


def test_time_that_is_up_is_up() -> None:
    start = time.monotonic()
    hard = read(r"\int_0^1 x^{x^{x}} \sin(e^{x^2}) dx").expr
    assert second_opinion(hard, read("5").expr, SymbolTable.empty(), 0.2) is None
    assert time.monotonic() - start < 5
