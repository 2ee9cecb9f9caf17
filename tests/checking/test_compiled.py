"""A compiled question gives the ladder's verdicts, only sooner."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from llmgrade import compile as compiled
from llmgrade.checking.compiled import Part
from llmgrade.checking.equivalence import decide
from llmgrade.checking.evidence import Refuted
from llmgrade.expr.symbols import SymbolTable

QUESTIONS = json.loads(
    (Path(__file__).resolve().parents[2] / "benchmarks" / "core" / "questions.json").read_text(encoding="utf-8")
)
ROWS = [(kind, row) for kind, rows in QUESTIONS.items() for row in rows]


@pytest.mark.parametrize(("kind", "row"), ROWS, ids=[row["gold"][:40] for _, row in ROWS])
def test_right_rewrites_are_accepted_and_plausible_mistakes_refused(kind: str, row: dict[str, Any]) -> None:
    table = SymbolTable.from_json(row["symbols"])
    part = Part.compile(row["gold"], table, transposed=kind == "matrices")
    assert [text for text in row["equal"] if not part.check(text).equal] == []
    assert [text for text in row["wrong"] if not part.check(text).different] == []


@pytest.mark.parametrize(("kind", "row"), ROWS[::4], ids=[row["gold"][:40] for _, row in ROWS[::4]])
def test_the_ladder_says_the_same(kind: str, row: dict[str, Any]) -> None:
    table = SymbolTable.from_json(row["symbols"])
    part = Part.compile(row["gold"], table)
    for text in row["equal"] + row["wrong"]:
        assert part.check(text).verdict is decide(row["gold"], text, table, proofs=False).verdict, text


def test_equal_answers_have_one_key_and_others_have_others() -> None:
    part = compiled(r"\frac{\lambda - b}{w - \lambda x}", {n: {} for n in ("w", "b", "x", "\\lambda")})
    same = [r"\frac{\lambda - b}{w - \lambda x}", r"-\frac{b-\lambda}{w-\lambda x}", r"\frac{b-\lambda}{\lambda x - w}"]
    other = [r"\frac{b-\lambda}{w-\lambda x}", r"\lambda - b", "1"]
    assert len({part.key(text) for text in same}) == 1
    assert len({part.key(text) for text in same + other}) == 4


def test_keys_group_matrices_and_numbers_with_roots() -> None:
    ridge = {"X": {"type": "matrix", "shape": ["n", "d"]}, "\\lambda": {"assume": ["positive"]}}
    part = compiled(r"(X^TX+\lambda I)^{-1}X^T", ridge)
    assert part.key(r"X^T(XX^T+\lambda I)^{-1}") == part.key(r"(\lambda I+X^TX)^{-1}X^T") != part.key("X^T")
    root = compiled(r"\sqrt{a^2+b^2}", {"a": {}, "b": {}})
    assert root.key(r"(b^2+a^2)^{1/2}") == root.key(r"\sqrt{a^2+b^2}") != root.key("a+b")


def test_an_unreadable_answer_is_its_own_key() -> None:
    part = compiled("2x")
    assert part.key("\\frac{") == part.key("\\frac{ ") != part.key("2x")


def test_a_refusal_on_the_hot_path_still_has_its_witness() -> None:
    evidence = compiled("x^2 + y", {"x": {}, "y": {}}).check("x^2 - y").evidence
    assert isinstance(evidence, Refuted)
    assert set(evidence.witness) == {"x", "y"}


def test_a_text_seen_before_is_the_same_decision() -> None:
    part = compiled("2x")
    assert part.check("x + x") is part.check("x + x")


def test_proofs_come_where_they_are_asked_for() -> None:
    part = Part.compile("(a+b)^2", proofs=True)
    assert type(part.check("a^2+2ab+b^2").evidence).__name__ == "Proved"


def test_second_readings_are_tried_before_an_answer_is_refused() -> None:
    part = compiled(r"\frac{1}{2x}", {"x": {}})
    decision = part.check("1/2x")
    assert decision.equal
    assert any("second reading" in note for note in decision.notes)


def test_an_identity_without_a_size_is_a_matrix_however_often_it_was_met() -> None:
    part = compiled("A^{-1}A", {"A": {"type": "matrix", "shape": ["d", "d"]}, "I": {"type": "identity"}})
    assert [text for text in ("I", "I I", "I^2", "2I/2", r"\frac{2I}{2}") if not part.check(text).equal] == []
    assert part.check("1").different
    assert part.check("2I").different


def test_a_misfit_is_told_by_the_shapes_that_met() -> None:
    part = compiled("X^Ty", {"X": {"type": "matrix", "shape": ["n", "d"]}, "y": {"type": "vector", "shape": ["n", 1]}})
    evidence = part.check("Xy").evidence
    assert isinstance(evidence, Refuted)
    assert (evidence.kind, evidence.reason) == ("shape", "cannot multiply 4×3 by 4×1")
