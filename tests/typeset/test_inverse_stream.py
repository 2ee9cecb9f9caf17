"""Runs of formula lines taken apart while they are read."""

from __future__ import annotations

import pytest

from llmgrade.typeset.forward import flatten
from llmgrade.typeset.inverse_habits import familiar, familiarity
from llmgrade.typeset.inverse_stream import read_stream, split
from llmgrade.typeset.latex import parse
from llmgrade.typeset.spelling import same_formula

SECONDS = 60.0


def _run(*formulas: tuple[str, str]) -> tuple[list[str], list[tuple[int, int]]]:
    lines: list[str] = []
    places = []
    for latex, mode in formulas:
        own = flatten(latex, mode)  # type: ignore[arg-type]
        places.append((len(lines), len(lines) + len(own) - 1))
        lines += own
    return lines, places


RUNS = [
    [(r"C u = d", "inline"), (r"u^* = (C^T C)^{-1} C^T d", "display"), (r"m > n", "inline")],
    [(r"a \in \mathbb{R}^n", "inline"), (r"\frac{\partial g}{\partial a} = 2 a^T", "display"), (r"b", "inline")],
    [(r"u_1, \dots, u_k", "inline"), (r"\boxed{v = \frac{p}{q}}", "display"), (r"q \neq 0", "inline")],
]


@pytest.mark.parametrize("formulas", RUNS)
def test_formulas_that_follow_each_other_are_told_apart(formulas: list[tuple[str, str]]) -> None:
    lines, places = _run(*formulas)
    found = read_stream(lines, seconds=SECONDS)
    assert [(f.first, f.last) for f in found] == places
    for formula, (latex, _) in zip(found, formulas, strict=True):
        assert any(same_formula(r.latex, latex) for r in formula.readings), formula


def test_inline_formulas_may_share_a_line() -> None:
    found = read_stream(["a ∈Rn c ∈Rm"], seconds=SECONDS)
    assert [f.written for f in found] == [("a ∈Rn",), ("c ∈Rm",)]
    assert split(["a ∈Rn c ∈Rm"], seconds=SECONDS) == ((0, 0), (0, 0))


def test_nothing_of_a_run_is_lost() -> None:
    lines = ["a = 1", "\ue020⎩", "b ="]
    found = read_stream(lines, seconds=SECONDS)
    assert " ".join(part for f in found for part in f.written).replace(" ", "") == "".join(lines).replace(" ", "")


def test_an_empty_run_has_no_formulas() -> None:
    assert read_stream([]) == ()
    assert read_stream(["", " "]) == ()


def test_time_that_is_up_leaves_lines_unread_but_kept() -> None:
    lines, _ = _run(*RUNS[0])
    found = read_stream(lines, seconds=0.0)
    assert found[0].first == 0
    assert found[-1].last == len(lines) - 1


def test_neighbours_known_from_the_chat_are_preferred() -> None:
    known = familiar((r"X = U \Sigma V^T",))
    assert familiarity(parse(r"U \Sigma V^T y"), known) > familiarity(parse(r"U \Sigma^T V y"), known)
