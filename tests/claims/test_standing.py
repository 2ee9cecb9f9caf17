"""Standing: what is only mentioned, refused, taken back or said again is not what the writer asserts."""

from __future__ import annotations

import pytest
from claim_chats import chat

from llmgrade.claims import Manner, find_statements

# What is said, and the formulas in order with their standing.
SAID = [
    ("(a) Show that $x=1$.\n\n$$x=1$$", "restated asserted"),
    ("(a) Show $x=1$\nFinal answer: $x=1$", "restated asserted"),
    ("(e) Under what condition is this equal to $2x^TA$?\n\n$$A=A^T$$", "restated asserted"),
    ("(e) We want:\n\n$$x=1$$\n\nSo $y=2$.", "restated asserted"),
    ("(a) Given: $\\phi - y = 1$. Then $x=1$.", "restated asserted"),
    (
        "(d) The shortcut your friend proposes produces $2x^TA$, which is not the derivative. It stays $x^TA + x^TA^T$.",
        "rejected asserted",
    ),
    ("(d) It's a common mistake to write $2x^TA$, but the correct derivative is $x^T(A+A^T)$.", "rejected asserted"),
    ("(d) One might think the answer is $2x^TA$. However, it is $x^T(A+A^T)$.", "rejected asserted"),
    ("(d) The derivative is $x^T(A+A^T)$, not $2x^TA$.", "asserted rejected"),
    ("(d) Use $x^T(A+A^T)$ instead of $2x^TA$.", "asserted rejected"),
    ("(d) Claiming $x=2$ is wrong.", "rejected"),
    ("(d) Es un error común escribir $x=2$. La respuesta es $x=1$.", "rejected asserted"),
    ("(c) $x=1$. Wait, that's wrong: $x=2$.", "withdrawn asserted"),
    ("(c) $x=1$.\n\nCorrection: $x=2$.", "withdrawn asserted"),
    ("(c) We get $x=a$ and $y=b$. Hold on, I dropped a sign. So $x=-a$.", "withdrawn withdrawn asserted"),
    ("(c) $x=1$\n\n(d) $y=1$\n\n### Correction to (c)\n\n$$x=2$$", "withdrawn asserted asserted"),
    ("(e) I think $A=A^T$ is probably required.", "hedged"),
    ("You're right, I had it the wrong way round.\n\n(a) $x=1$", "asserted"),
    ("(b) $X^TX$ is not invertible, so use $XX^T=B$.", "asserted asserted"),
    ("### (a) $e=-b/w$\n", "asserted"),
    ("(ii) Case: $w>0$, $x>0$\n$w'=w-\\lambda x$", "restated restated asserted"),
]


@pytest.mark.parametrize(("text", "standing"), SAID, ids=[row[0][:50] for row in SAID])
def test_formulas_have_the_standing_their_sentence_gives_them(text: str, standing: str) -> None:
    found = [s for s in find_statements(chat(text)) if s.manner is Manner.FORMULA]
    assert " ".join(s.standing.value for s in found) == standing


def test_a_direction_taken_back_is_withdrawn() -> None:
    found = find_statements(chat("(a) The elbow moves left. Hold on, I dropped a minus sign. The elbow moves right."))
    assert [(s.reading, s.standing.value) for s in found if s.manner is Manner.DIRECTION] == [
        ("left", "withdrawn"),
        ("right", "asserted"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "User:\nIs it $x=1$? The elbow moves left.\n",
        "User:\nHi\n\nAssistant:\n<think>$x=1$, the elbow moves left.</think>\n",
        "User:\nHi\n\nAssistant:\n> (a) $x=1$. The elbow moves left.\n",
    ],
    ids=["the person", "thinking", "a quotation"],
)
def test_what_the_model_does_not_say_makes_no_statement(text: str) -> None:
    assert find_statements(chat(text)) == ()


def test_offers_of_help_are_no_claims() -> None:
    assert find_statements(chat("Let me know if you want to see how the elbow moves left!")) == ()
