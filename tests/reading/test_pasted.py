"""What a person copies from a page with KaTeX: formulas stand there twice, and both together say how they are built."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmgrade.reading import read
from llmgrade.reading.pasted import pasted_formulas
from llmgrade.transcript.model import Formula, Method

ITALIC = {chr(97 + n): chr(0x1D44E + n) for n in range(26)} | {chr(65 + n): chr(0x1D434 + n) for n in range(26)} | {"h": "ℎ"}  # fmt: skip


def copied(tokens: str, built: str) -> str:
    """A paragraph as Chromium copies it: the tokens of the MathML, and then the lines, Z for U+200B."""
    words = tokens.split(" ")
    return "\n".join(ITALIC.get(each, each) for each in words) + "\n" + built.replace("|", "\n").replace("Z", "\u200b")


@pytest.mark.parametrize(
    ("tokens", "built", "latex"),
    [
        ("A x = b", "Ax=b", "A x=b"),
        ("x T c", "x |T| c", "x^{T}c"),
        ("x i", "x |i|Z| ", "x_{i}"),
        ("x i 2", "x |i|2|Z| ", "x_{i}^{2}"),
        ("e ′ = b", "e |′| =b", "e'=b"),
        ("v = 2 g", "v= |g|2|Z| ", "v=\\frac{2}{g}"),
        ("w ^ = y", "w|^| =y", "\\hat{w}=y"),
        ("μ ^ = S n", "μ|^|Z| = |n|S|Z| ", "\\hat{μ}=\\frac{S}{n}"),
        ("y = x", "y= |x|Z| ", "y=\\sqrt{x}"),
        ("∑ i = 1 n x i", "i=1|∑|n|Z| x |i|Z| ", "∑_{i=1}^{n}x_{i}"),
        ("c ≠ y", "c|\ue020|=y", "c\\neq y"),
        ("ln \u2061 x", "lnx", "\\ln x"),
        ("e k x k 2", "k |2| |e |kx| |Z| ", "\\frac{e^{k x}}{k^{2}}"),
        ("w = y", "w=y|Z| ", "\\boxed{w=y}"),
    ],
)  # fmt: skip
def test_the_lines_say_how_it_is_built_and_the_tokens_in_which_order(tokens: str, built: str, latex: str) -> None:
    text = "It follows\n\n" + copied(tokens, built) + "\n\nand so on."
    (found,) = pasted_formulas(text)
    assert found.latex == latex
    assert found.display


@pytest.mark.parametrize(
    ("tokens", "built"),
    [
        ("X λ", "X |λ|Z| "),  # X times a root of λ, or X with λ below
        ("( a b )", "( |a|b|Z|  )"),  # a column, or what not
        ("x y", "x |y|z|Z| "),  # other letters came with it
        ("5", "5|Z| "),  # the root of 5, or 5 in a box
    ],
)
def test_what_can_be_built_in_two_ways_or_in_none_is_kept_unread(tokens: str, built: str) -> None:
    text = "Look at " + copied("A B", "AB") + " and\n" + copied(tokens, built) + "."
    assert [each.latex for each in pasted_formulas(text)][1:] in ([None], [])


def test_formulas_stand_in_their_sentences() -> None:
    text = f"User: minimum?\n\nAssistant: Since \n{copied('x T c', 'x |T| c')} is linear, \n{copied('A', 'A')} stays:\n\n{copied('A = B', 'A=B')}\n\n"
    (found,) = read(text.encode(), name="chat")
    assert found.format == "text"
    assert any("pasted from a page: 3 formulas" in note for note in found.notes)
    formulas = [piece for piece in found.turns[1].pieces if isinstance(piece, Formula)]
    assert [(each.latex, each.mode.value) for each in formulas] == [("x^{T}c", "inline"), ("A", "inline"), ("A=B", "display")]  # fmt: skip
    assert {each.method for each in formulas} == {Method.INVERSE}
    for each in formulas:
        assert found.source[each.span] == each.written


def test_plain_text_is_not_taken_for_a_paste() -> None:
    assert pasted_formulas("x\nx\nA\nA\n2\n2\n") == ()
    assert pasted_formulas("The letter 𝑥 stands alone, and 𝑥 = 2.") == ()


@given(st.lists(st.sampled_from(["𝑥", "𝑦", "x ", "y", " =x", "=", "2", "\u200b", " ", "", "∑", "^", "words here", "x2"]), max_size=24))  # fmt: skip
def test_whatever_is_pasted_formulas_are_apart_in_order_and_soon_found(lines: list[str]) -> None:
    text = "\n".join(lines)
    at = 0
    for each in pasted_formulas(text):
        assert at <= each.start < each.stop <= len(text)
        at = each.stop
