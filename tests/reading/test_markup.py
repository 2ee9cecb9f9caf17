"""One message's text → its pieces. Rows read: text, then ``kind setting text`` of each piece."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_formats import check_places

from llmgrade.reading.decoding import decode, mend_mojibake
from llmgrade.reading.markup import pieces
from llmgrade.source import Source, Span
from llmgrade.transcript.model import (
    Block,
    Formula,
    Heading,
    Mode,
    Piece,
    Prose,
    Role,
    Setting,
    Table,
    Transcript,
    Turn,
)


def shown(text: str) -> list[str]:
    return [show(piece) for piece in pieces(text)]


def show(piece: Piece) -> str:
    mark = "" if piece.setting is Setting.ANSWER else f"{piece.setting} "
    match piece:
        case Formula():
            return f"{mark}F {piece.latex}"
        case Heading():
            return f"{mark}H{piece.level} {piece.text}"
        case Block():
            return f"{mark}B {piece.text}"
        case Prose():
            return f"{mark}P {piece.text.strip()}"
        case Table():
            return mark + "T " + " | ".join("/".join("+".join(map(show, cell)) for cell in row) for row in piece.rows)


ROWS: list[tuple[str, list[str]]] = [
    # delimiters
    (r"so $x^2$ and \(y\) hold", ["P so", "F x^2", "P and", "F y", "P hold"]),
    ("we get\n$$\na = b.\n$$\ndone", ["P we get", "F a = b", "P done"]),
    ("\\[\na = b\n\nc = d\n\\]", ["F a = b\n\nc = d"]),
    (r"\begin{align} a &= b \\ c &= d \end{align}", [r"F \begin{align} a &= b \\ c &= d \end{align}"]),
    (r"Thus \boxed{w = 0} follows", ["P Thus", r"F \boxed{w = 0}", "P follows"]),
    ("$$ x = 1 $$ and $ y $", ["F x = 1", "P and", "F y"]),
    (r"`$x$` and `X.T @ y` and `ls -la`", ["F x", "P and `", "F X.T @ y", "P ` and `ls -la`"]),
    # lost backslashes
    ("so\n[ x = frac{1}{sqrt{lambda}} ]", ["P so", r"F x = \frac{1}{\sqrt{\lambda}}"]),
    ("[\nx = \\frac{1}{2}\n]", [r"F x = \frac{1}{2}"]),
    (r"where ( \lambda_i ) is small", ["P where", r"F \lambda_i", "P is small"]),
    (r"with \\( \\frac{a}{b} \\) doubled", ["P with", r"F \frac{a}{b}", "P doubled"]),
    (r"a product (\alpha + 1)(x - \beta) = 0", ["P a product", r"F (\alpha + 1)(x - \beta) = 0"]),
    # money and words
    ("It costs $5 and $6, or $1,000 in all.", ["P It costs $5 and $6, or $1,000 in all."]),
    ("pay $5-$10 for $n$ items", ["P pay $5-$10 for", "F n", "P items"]),
    ("a link [text](http://x) and [note]", ["P a link [text](http://x) and [note]"]),
    # headings
    ("## Part (a)\ntext", ["H2 Part (a)", "P text"]),
    ("**Part (b)**\ntext", ["H4 Part (b)", "P text"]),
    ("Problem 2\ntext", ["H3 Problem 2", "P text"]),
    ("Title\n=====\ntext", ["H1 Title", "P text"]),
    ("### When is it $2x^TA$?", ["H3 When is it $2x^TA$?"]),
    (r"### Answer: $\boxed{4}$", ["H3 Answer:", r"F \boxed{4}"]),
    ("**$x = 3$**", ["F x = 3"]),
    ("a\n\n---\n\nb", ["P a", "P b"]),
    # settings
    ("> quoted $x$\n\nmine", ["quote P quoted", "quote F x", "P mine"]),
    ("<think>\nmaybe $x=1$\n</think>\n$x=2$", ["thinking P maybe", "thinking F x=1", "F x=2"]),
    ("maybe $x=1$\n</think>\n$x=2$", ["thinking P maybe", "thinking F x=1", "F x=2"]),
    ("<think>\nmaybe $x=1$ and cut", ["thinking P maybe", "thinking F x=1", "thinking P and cut"]),
    ("Thought for 12 s\n$x=2$", ["thinking P Thought for 12 s", "F x=2"]),
    ("a <!-- full marks --> b", ["P a", "hidden P <!-- full marks -->", "P b"]),
    ("so it is【4†source】.", ["P so it is", "citation P 【4†source】", "P ."]),
    ("the tag <think> is inline", ["P the tag <think> is inline"]),
    # code
    ("```python\n# (a)\nw = np.linalg.solve(A, b)  # ridge\nprint(w)\n```", ["P (a)", "F w = np.linalg.solve(A, b)", "P ridge", "B print(w)"]),
    ('```json\n{"verdict": "correct"}\n```', ['B {"verdict": "correct"}']),
    ("```\n(a) w = X^T y\n```", ["P (a)", "F w = X^T y"]),
    ("```math\nx = 1\n```", ["F x = 1"]),
    ("```bash\nx=$(ls)\n```\nafter", ["B x=$(ls)", "P after"]),
    ("```python\nfor i in x:\n    pass", ["B for i in x:\n    pass"]),
    ("````\n```\nUser: x\n```\n````", ["P User: x"]),
    # tables
    ("| a | b |\n|---|:-:|\n| (i) | $\\|x\\|$ |", ["T P a/P b | P (i)/F \\|x\\|"]),
    ("| a | b |\n|---|---|\n| $|x|$ | x^2 |\nafter", ["T P a/P b | F |x|/F x^2", "P after"]),
    ("Part\tResult\n(a)\tx^2\n(b)\ty", ["T P Part/P Result | P (a)/F x^2 | P (b)/P y"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), ROWS, ids=[row[0][:40] for row in ROWS])
def test_a_message_falls_into_its_pieces(text: str, expected: list[str]) -> None:
    assert shown(text) == expected


def test_modes_boxes_and_repairs_are_said() -> None:
    (inline, display, boxed) = [
        piece for piece in pieces(r"$x$ then $$y$$ and $\boxed{z}$") if isinstance(piece, Formula)
    ]
    assert (inline.mode, display.mode, boxed.boxed) == (Mode.INLINE, Mode.DISPLAY, True)
    (repaired,) = [piece for piece in pieces("[ x = frac{1}{2} ]") if isinstance(piece, Formula)]
    assert repaired.written == "x = frac{1}{2}"
    assert repaired.why == "backslashes were lost and are put back"


WORDS = st.sampled_from(
    ["$", "$$", "\\(", "\\)", "\\[", "\\]", "x", "x^2", "λ", "ŵ = Xᵀy", "\n", "\n\n", " ", "word", "**", "> ", "# ", "| ", "|---|", "```", "```python", "<think>",
     "</think>", "<!--", "-->", "(a)", "[", "]", "(", ")", "\\frac{a}{b}", "frac{", "}", "\\boxed{", "\\begin{align}", "\\end{align}", "5", "$5", "`", "\t", "- ",
     "Thought for 3 s", "【1†x】", "\u200b", "import numpy", "w = X @ y"]
)  # fmt: skip


@given(st.lists(WORDS, max_size=60).map("".join), st.integers(0, 50))
def test_every_piece_is_the_sources_own_text_at_its_span(text: str, offset: int) -> None:
    source = Source("x", "·" * offset + text)
    found = pieces(text, offset)
    whole = Span(offset, offset + len(text))
    check_places(Transcript(source, "text", (Turn(0, Role.ASSISTANT, found, whole),)))


@given(st.lists(WORDS, max_size=40).map("".join))
def test_no_word_is_lost(text: str) -> None:
    """Every letter of the text is in a piece; only markup stands between pieces."""
    kept = set()

    def keep(piece: Piece) -> None:
        if isinstance(piece, Table):
            for row in piece.rows:
                for cell in row:
                    for each in cell:
                        keep(each)
        else:
            kept.update(range(piece.span.start, piece.span.stop))

    for piece in pieces(text):
        keep(piece)
    lost = "".join(char if at not in kept else "\n" if char == "\n" else " " for at, char in enumerate(text))
    # What stands behind a fence's mark is its language.
    lost = "\n".join(line for line, whole in zip(lost.split("\n"), text.split("\n"), strict=True) if "```" not in whole)
    left = [
        word
        for word in lost.split()
        if word.strip("$`*_>#|-\\()[]{}<!/.,:;=~+\u200b") and any(c.isalpha() for c in word)
    ]
    # A tag of thinking is markup.
    assert all(any(mark in word for mark in ("think", "frac", "begin", "end")) for word in left), (text, left)


@pytest.mark.parametrize(
    ("data", "text", "says"),
    [
        ("λ → ∞".encode(), "λ → ∞", ""),
        ("λ".encode("utf-16"), "λ", "UTF-16"),
        ("user: λ → ∞ and so on".encode("utf-16-le"), "user: λ → ∞ and so on", "UTF-16"),
        (b"a\r\nb\rc", "a\nb\nc", ""),
        ("Î» â†’ âˆž".encode(), "λ → ∞", "decoded wrongly"),
        (b"caf\xe9", "café", "cp1252"),
        ("λ λ ".encode() + b"\xff" + " λ".encode(), "λ λ \ufffd λ", "line 1"),
    ],
)  # fmt: skip
def test_bytes_become_text_and_repairs_are_noted(data: bytes, text: str, says: str) -> None:
    found = decode(data, "x")
    assert found.text == text
    assert says in " ".join(found.notes)
    assert bool(found.notes) == bool(says)


def test_good_text_is_never_mended() -> None:
    for text in ("Ã la carte? No: à la carte.", "naïve café", "λ → ∞", "Âge", "ŵ = X̂ᵀŷ"):
        if "Ã" not in text:
            assert mend_mojibake(text) == (text, 0)
