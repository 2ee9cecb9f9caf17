"""How much of the texts of public graders' tests can be read, and that all of it shows and reads back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from llmgrade.errors import ExpressionError, LimitExceeded
from llmgrade.expr.notation import read, read_answer
from llmgrade.expr.show import latex, plain, spellings
from llmgrade.expr.symbols import SymbolTable

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "equivalence"
pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not SHARED.exists(), reason="the labelled data is not beside the checkout"),
]


def texts(name: str) -> list[tuple[str, SymbolTable, bool]]:
    found = []
    for line in (SHARED / name).read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        table = SymbolTable.from_json(row.get("symbols"))
        wicked = row.get("category") in ("pathological", "injection", "hedge")
        found += [(row["gold"], table, False), (row["pred"], table, wicked)]
    assert found
    return found


@pytest.mark.parametrize("name", ["pairs.jsonl", "adversarial.jsonl"])
def test_nearly_every_honest_text_is_read(name: str) -> None:
    refused = []
    honest = 0
    for text, table, wicked in texts(name):
        honest += not wicked
        try:
            read_answer(text, table)
        except LimitExceeded:
            assert wicked, text[:80]
        except ExpressionError as why:
            if not wicked:
                refused.append((text[-60:], why.reason))
    assert len(refused) <= 0.001 * honest, refused


def test_whatever_was_read_shows_and_reads_back() -> None:
    for text, table, _ in texts("pairs.jsonl") + texts("adversarial.jsonl"):
        try:
            expr = read_answer(text, table).expr
        except ExpressionError:
            continue
        assert read(plain(expr), table).expr == expr
        assert read(latex(expr), table).expr == expr


def test_every_spelling_of_a_matrix_formula_can_be_read() -> None:
    for text, table, _ in texts("adversarial.jsonl"):
        if len(table) and len(text) < 200:
            for spelling in spellings(read_answer(text, table).expr, table, most=8):
                read(spelling, table)
