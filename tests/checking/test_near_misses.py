"""What is true at ordinary points only is never accepted, and what is true everywhere is not refused."""

from __future__ import annotations

import pytest
from tests.checking.near_misses import ROWS, TABLES, Row, oracle

from llmgrade.checking.compiled import Part
from llmgrade.checking.equivalence import decide
from llmgrade.checking.evidence import Refuted
from llmgrade.expr.symbols import SymbolTable

NAMES = [f"{row.gold} | {row.answer}" for row in ROWS]
SEEDS = ("first", "second", "third")


@pytest.mark.parametrize("row", ROWS, ids=NAMES)
def test_numpy_agrees_with_the_label(row: Row) -> None:
    assert oracle(row) is row.same


@pytest.mark.parametrize("row", ROWS, ids=NAMES)
def test_a_near_miss_is_refused_and_an_identity_accepted_by_the_ladder_and_by_a_compiled_question(row: Row) -> None:
    table = SymbolTable.from_json(TABLES[row.table])
    for seed in SEEDS:
        ladder = decide(row.gold, row.answer, table, seed=seed)
        part = Part.compile(row.gold, table, seed=seed).check(row.answer)
        assert (ladder.equal, part.equal) == (row.same, row.same)
        assert (ladder.different, part.different) == (not row.same, not row.same)


def test_the_list_is_long_enough() -> None:
    assert sum(not row.same for row in ROWS) >= 100
    assert sum(row.same for row in ROWS) >= 50


@pytest.mark.parametrize(
    ("table", "gold", "answer"),
    [
        ("square", r"A A^\dagger b", r"A^\dagger A b"),
        ("square", r"\det(-A)", r"-\det(A)"),
        ("turned", r"\det(Q)", "1"),
        ("real", "|x-100|", "100-x"),
        ("natural", r"\gcd(n,97)", "1"),
    ],
)
def test_the_refusal_shows_numbers_from_the_corner(table: str, gold: str, answer: str) -> None:
    evidence = decide(gold, answer, SymbolTable.from_json(TABLES[table])).evidence
    assert isinstance(evidence, Refuted)
    assert evidence.witness


@pytest.mark.parametrize(
    ("gold", "answer"),
    [(r"\det(c I)", "c"), (r"\operatorname{tr}(I)", "1"), (r"\operatorname{tr}(I)", "3"), (r"\|I\|_F", "1")],
)
def test_an_identity_whose_size_nobody_says_has_no_trace_and_no_determinant(gold: str, answer: str) -> None:
    assert decide(gold, answer, SymbolTable.from_json(TABLES["square"])).undecided


@pytest.mark.parametrize(
    ("gold", "answer"),
    [
        (r"A^\dagger A x = x", "x = x"),
        (r"A A^\dagger b = b", r"A^\dagger A b = b"),
        ("Ax = b", "A^TAx = A^Tb"),
        ("Ax = b", r"A^\dagger A x = A^\dagger b"),
    ],
)
def test_an_equation_that_follows_only_at_full_rank_is_not_accepted(gold: str, answer: str) -> None:
    table = SymbolTable.from_json(TABLES["square"])
    assert not decide(gold, answer, table).equal
    assert not decide(answer, gold, table).equal
    assert decide(gold, gold.replace("=", "+ c b = c b +"), table).equal


@pytest.mark.parametrize(
    ("gold", "answer"),
    [
        (r"\lambda_{\max}(A^TA)", r"\lambda_{\max}(AA^T)"),
        (r"\sigma_{\max}(A)^2", r"\lambda_{\max}(A^TA)"),
        (r"\kappa(A)", r"\sigma_{\max}(A)/\sigma_{\min}(A)"),
    ],
)
def test_eigenvalues_are_not_refused_for_want_of_a_way_to_compute_them(gold: str, answer: str) -> None:
    table = SymbolTable.from_json(TABLES["square"])
    assert decide(gold, answer, table).undecided
    assert Part.compile(gold, table).check(answer).undecided
    assert decide(gold, gold, table).equal
