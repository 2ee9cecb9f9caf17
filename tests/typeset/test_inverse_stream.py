"""Runs of formula lines taken apart while they are read."""

from __future__ import annotations

import pytest

from llmgrade.typeset.forward import flatten
from llmgrade.typeset.inverse_chat import ChatHabits, rows_of_latex
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


SURE = ChatHabits(rows_of_latex([r"w^* = A y", r"V^T V = I", r"X = U \Sigma V^T", r"\sqrt{\lambda}"]))


@pytest.mark.parametrize(
    ("as_the_chat_writes", "otherwise"),
    [
        (r"U \Sigma V^T y", r"U \Sigma^T V y"),  # neighbours
        (r"w^* = V y", r"w = V^* y"),  # a star
        (r"\sqrt{\lambda} w", r"\frac{\lambda}{w}"),  # a root
    ],
)
def test_what_a_chat_is_sure_to_write_decides_what_the_page_leaves_open(
    as_the_chat_writes: str, otherwise: str
) -> None:
    assert SURE.bonus(parse(as_the_chat_writes)) > SURE.bonus(parse(otherwise))


def test_a_transpose_is_no_habit_of_a_letter() -> None:
    habits = ChatHabits(rows_of_latex([r"V^T", r"V^T a", r"U", r"U b"]))
    assert habits.bonus(parse("V^T")) == habits.bonus(parse("V"))
    assert ChatHabits().bonus(parse("w^*")) == 0.0
