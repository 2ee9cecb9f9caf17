"""Letters the chat declares itself."""

from __future__ import annotations

import pytest

from llmgrade.reading.declared import declared
from llmgrade.reading.plain_text import read_text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Let $\\Phi$ be the data matrix and $t$ the targets.", [("\\Phi", "data matrix"), ("t", "targets")]),
        ("Here $w$ is small, where $t$ denotes the target vector.", [("t", "target vector")]),
        ("let Φ be the data matrix.", [("Φ", "data matrix")]),
        ("With $A\\in\\mathbb{R}^{n\\times n}$ fixed", [("A", "\\mathbb{R}^{n\\times n}")]),
        ("We solve $Ax=b$ and $x$ follows.", []),
        ("> Let $X$ be the quoted matrix.", []),
    ],
)
def test_what_is_said_of_a_letter_is_found(text: str, expected: list[tuple[str, str]]) -> None:
    found = declared(read_text("x", text))
    assert [(each.name, each.words) for each in found] == expected
