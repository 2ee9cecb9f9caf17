"""Formulas, their conditions and what they are said of; examples; facts."""

from __future__ import annotations

import pytest
from claim_chats import chat

from llmgrade.claims import Manner, Statement, find_statements


def formulas(text: str) -> list[Statement]:
    return [s for s in find_statements(chat(text)) if s.manner is Manner.FORMULA and not s.hypothesis]


LIMITED = [
    ("$\\sigma \\ll \\lambda$: $\\approx \\sigma/\\lambda$", ["$\\sigma \\ll \\lambda$"]),
    ("tall: $A=1$; wide: $B=2$", ["tall", "wide"]),
    (
        "$\\lambda \\to 0$: tall X: $w \\to a$. Wide X: $w \\to b$.",
        ["$\\lambda \\to 0$; tall X", "$\\lambda \\to 0$; Wide X"],
    ),
    ("As $\\lambda\\to\\infty$ we have $w\\to0$.", ["As $\\lambda\\to\\infty$"]),
    (
        "Si $\\sigma\\ll\\lambda$, valen $1/\\sigma$; si $\\sigma\\gg\\lambda$, $\\sigma/\\lambda$.",
        ["Si $\\sigma\\ll\\lambda$", "si $\\sigma\\gg\\lambda$"],
    ),
    ("For a wide $X$ with independent rows it gives $w=X^Ty$.", ["For a wide $X$ with independent rows"]),
    ("Active unit: $e'=1/w$\n\nInactive unit: $e'=e$", ["Active unit", "Inactive unit"]),
    (
        "For an active unit\n\n$$e'=1/w,$$\n\nand for an inactive one $e'=e$.",
        ["For an active unit", "for an inactive one"],
    ),
    ("Everything is shrunk away: $w\\to0$.", [None]),
    ("Multiply by two: $x=2$", [None]),
    ("Final answer: $x=2$", [None]),
    ("$x=2$ if $w>0$.", ["if $w>0$"]),
]


@pytest.mark.parametrize(("text", "conditions"), LIMITED, ids=[row[0][:40] for row in LIMITED])
def test_a_formula_knows_the_case_it_is_limited_to(text: str, conditions: list[str | None]) -> None:
    assert [s.condition for s in formulas(f"(b) {text}")] == conditions


def test_if_and_otherwise_in_words_are_one_statement() -> None:
    (found,) = formulas("(iii) $\\partial_w=(y-\\phi)x$ if $wx+b>0$, otherwise $0$\n")
    assert (
        found.latex
        == "\\partial_w= \\begin{cases} (y-\\phi)x & \\text{if } wx+b>0 \\\\ 0 & \\text{otherwise} \\end{cases}"
    )
    assert found.text.startswith("$\\partial_w")
    assert found.text.endswith("$0$")


@pytest.mark.parametrize(
    ("text", "final"),
    [
        ("(a) $x=1$\n\nThus $y=2$.\n\nNote $z=3$.", ["y=2"]),
        ("(a) $x=1$\n\n✅ Final answer:\n\n$$y=2$$\n\nwhere $z=3$.", ["y=2"]),
        ("(a) $x=1$, then $y=2$.\n\n(b) $z=3$", ["y=2", "z=3"]),
        ("(a) $x=1$\n\n$$\\boxed{y=2}$$\n\n$$z=3$$", ["y=2"]),
        ("(a) $x=1$, which is $2\\lambda + 1$ times the objective.", ["x=1"]),
    ],
)
def test_the_result_of_a_part_is_marked_final(text: str, final: list[str]) -> None:
    assert [s.latex for s in formulas(text) if s.final] == final


def test_single_symbols_are_statements_only_where_they_are_the_answer() -> None:
    text = "(a) Let $x$ be a vector and $c$ another.\nThe derivative is $A$.\n\n| Part | Derivative |\n|---|---|\n| (b) | $c$ |\n"
    assert [(s.label.text, s.latex, s.subject) for s in formulas(text)] == [
        ("a", "A", "derivative"),
        ("b", "c", "derivative"),
    ]


def test_a_chain_over_two_displays_is_kept_whole() -> None:
    found = formulas("(b)\n\n$$AX = V\\Sigma$$\n\n$$= VV^T$$\n")
    assert [s.latex for s in found] == ["AX = V\\Sigma", "AX = V\\Sigma = VV^T"]


def test_the_boxed_end_of_a_derivation_is_a_statement_of_its_own() -> None:
    found = formulas("(b)\n\n$$f = 2x \\Longrightarrow \\boxed{g = 2x^T}$$\n")
    assert [(s.latex, s.boxed) for s in found][-1] == ("g = 2x^T", True)


EXAMPLES = [
    (
        "- $w=4,\\ b=1,\\ x=1$: from $-0.25$ to $-0.9/3.9\\approx-0.231$, right.",
        [({"w": "4", "b": "1", "x": "1"}, ("-0.25", "-0.9/3.9\\approx-0.231"), "right")],
    ),
    (
        "I use $\\lambda=0.1$.\n- $w=2,\\ b=-5$: to $2.684$; with $w=1,\\ b=3$ it goes to $-3.625$, left.",
        [
            ({"\\lambda": "0.1", "w": "2", "b": "-5"}, ("2.684",), None),
            ({"\\lambda": "0.1", "w": "1", "b": "3"}, ("-3.625",), "left"),
        ],
    ),
    (
        "Numerical example: say $w = 2$, $b = 1$, $x = -1$.\nOld: $e = -\\frac{1}{2} = -0.5$\nNew: $e' \\approx -0.429$\n",
        [({"w": "2", "b": "1", "x": "-1"}, ("e = -\\frac{1}{2} = -0.5", "e' \\approx -0.429"), None)],
    ),
    ("If $x=0$ then $y=z$.", []),
    ("$x=1$ and so on.", []),
]


@pytest.mark.parametrize(("text", "expected"), EXAMPLES, ids=[row[0][:40] for row in EXAMPLES])
def test_a_worked_example_has_its_values_and_results(text: str, expected: list[object]) -> None:
    found = [s for s in find_statements(chat(f"(ii) Look.\n{text}")) if s.manner is Manner.EXAMPLE]
    assert [(s.numbers, s.results, s.reading) for s in found] == expected


def test_what_one_example_does_is_no_claim_about_the_case() -> None:
    found = find_statements(chat("(ii) The corner can move either way.\n- $w=4,\\ b=1$: from $-1$ to $-2$, right.\n"))
    assert [s.reading for s in found if s.manner is Manner.DIRECTION] == ["either"]


def test_a_fact_keeps_its_formulas_and_loses_its_dress() -> None:
    found = find_statements(chat("(c) ✅ **$AX$** is the orthogonal projector onto the Column space of $X$.\n"))
    assert [s.reading for s in found if s.manner is Manner.FACT] == [
        "$AX$ is the orthogonal projector onto the column space of $X$"
    ]


def test_words_in_a_formula_are_a_fact() -> None:
    found = find_statements(chat("(h)\n\n$$\\hat w \\to \\text{minimum-norm solution}$$\n"))
    assert [s.reading for s in found if s.manner is Manner.FACT] == [
        "minimum-norm solution $\\hat w \\to \\text{minimum-norm solution}$"
    ]
