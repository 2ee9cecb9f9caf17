"""The bare answer in a short text around it."""

from __future__ import annotations

import pytest

from llmgrade.errors import ExpressionError
from llmgrade.expr import nodes as n
from llmgrade.expr.notation import read, read_answer
from llmgrade.expr.show import plain

ROWS = [
    (r"\boxed{42}", "42"),
    (r"Adding up gives $3 + 4 = 7$, so the sum is $\boxed{7}$.", "7"),
    (r"$$\boxed{\frac{5}{9}}$$", "5/9"),
    (r"First \boxed{1}. After correcting: \boxed{2}", "2"),
    (r"\boxed{4} and \boxed{-4}", "4, -4"),
    (r"so $x \in \boxed{[0, 2)}$", "[0, 2)"),
    (r"\boxed{35} percent", r"35\%"),
    ("**Final answer:** 12.5", "12.5"),
    ("Final Answer: The final answer is $17$. I hope it is correct.", "17"),
    ("The answer is 0.125", "0.125"),
    ("✅ Answer: **9**", "9"),
    (r"We conclude that \( x = 3 \).", "x = 3"),
    (r"$3$ or $-3$", "3, -3"),
    ("<think>maybe 5?</think> The answer is 6", "6"),
    ("2,345,678", "2345678"),
    ("12 345", "12345"),
    ("3,5 €", r"3.5 \text{ EUR}"),
    ("0,75", "0.75"),
    ("$1,250.50", r"1250.50 \text{ USD}"),
    ("8 weeks", r"8 \text{ week}"),
    ("15 square meters", r"15 \text{ m^2}"),
    ("yes", r"\text{yes}"),
    (r"\text{Even}", r"\text{even}"),
    ("(C)", "C"),
    (r"\textbf{(B)}", "B"),
    ("No real solutions", r"\text{no real solutions}"),
    ("4:05 PM", "clock(16, 5, 0)"),
    (r"\\frac{3}{4}", "3/4"),
]


@pytest.mark.parametrize(("text", "shown"), ROWS)
def test_the_answer_is_found(text: str, shown: str) -> None:
    assert plain(read_answer(text).expr) == shown


def test_what_was_set_aside_is_said() -> None:
    assert [note.code for note in read_answer("The final answer is $17$").notes] == ["set-aside"]
    assert "guessed" in [note.code for note in read_answer("Tom ends up with 17 marbles in the bag").notes]


def test_a_formula_needs_no_finding() -> None:
    text = r"\frac{x}{2} + \sin x"
    assert read_answer(text).expr == read(text).expr
    assert not read_answer(text).notes


def test_a_word_may_still_be_letters_multiplied() -> None:
    reading = read_answer("even")
    assert reading.expr == n.Word("even")
    assert [other.code for other in reading.alternatives] == ["letters"]


@pytest.mark.parametrize(
    "text",
    ["__import__('os').system('ls')", 'eval("7")', "7 if open('f').read() else 7", r"\input{7}", "\\boxed{}", ""],
)
def test_no_number_is_fished_out_of_a_program(text: str) -> None:
    with pytest.raises(ExpressionError):
        read_answer(text)


@pytest.mark.parametrize(
    "text",
    [
        "(" * 5000 + "5" + ")" * 5000,
        "(" * 5000 + "5",
        "so " + "(" * 5000 + "5" + ")" * 5000,
        "1+" * 4500 + "5",
        "the value ((((5))))",
        "the area is computed as 3 + 5",
        "x" * 5000 + " 5",
    ],
    ids=lambda text: text[:12],
)
def test_no_number_is_fished_out_of_mathematics_that_was_not_read(text: str) -> None:
    with pytest.raises(ExpressionError):
        read_answer(text)
