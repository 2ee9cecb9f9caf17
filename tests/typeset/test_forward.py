"""The simulator gives the lines that Chromium's print and PyMuPDF gave."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmgrade.typeset.forward import BREAK, flatten, glyph_stream, lines_of, score, stream, tokenize
from llmgrade.typeset.latex import LatexError, parse
from llmgrade.typeset.spelling import canonical, same_formula, spell
from llmgrade.typeset.symbols import ZERO_WIDTH

HERE = Path(__file__).parent
SHARED = HERE.parents[2] / "shared" / "flatten"
OWN = [json.loads(line) for line in (HERE / "prints.jsonl").read_text(encoding="utf-8").splitlines()]


def rows(path: Path) -> list[dict[str, object]]:
    if not path.exists():
        pytest.skip(f"{path} is not beside this checkout")
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def characters(lines: Iterator[str] | list[str] | tuple[str, ...]) -> str:
    return "".join(lines).replace(ZERO_WIDTH, "").replace(" ", "")


def mode_of(row: dict[str, object]) -> str:
    return "display" if row["mode"] == "display" else "inline"


@pytest.mark.parametrize(
    ("latex", "lines"),
    [
        (r"M^T M v = M^T k", ("M Mv =", "T", "M k", "T")),
        (r"x_i", ("x", "\u200bi")),
        (r"\frac{a}{b}", ("\u200bb", "a")),
        (r"e' = -\frac{b}{w}", ("e =", "′", "−", "\u200b", "w", "b")),
        (r"x = -\sqrt{y}", ("x = −", "\u200by")),
        (r"x \neq 0", ("x =", "\ue020 0")),
    ],
)  # fmt: skip
def test_a_formula_leaves_these_lines(latex: str, lines: tuple[str, ...]) -> None:
    assert characters(flatten(latex)) == characters(lines)
    if "\ue020" not in "".join(lines):
        assert flatten(latex) == lines


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (r"A^T B", r"A B^T"),
        (r"\left( \frac{a}{b} \right)", r"( \frac{a}{b} )"),
        (r"\frac{a}{b}", r"\frac{b}{a}"),
        (r"x + y", r"x - y"),
        (r"\hat{x}", r"x"),
    ],
)
def test_these_two_leave_different_lines(one: str, other: str) -> None:
    assert flatten(one) != flatten(other)


@pytest.mark.parametrize("extractor", ["pymupdf-1.23"])
def test_an_extractor_without_marks_leaves_none(extractor: str) -> None:
    assert ZERO_WIDTH not in "".join(flatten(r"\frac{a_1}{b}", extractor=extractor))


def test_an_extractor_in_another_order_is_refused() -> None:
    with pytest.raises(KeyError, match="pdfminer"):
        flatten("x", extractor="pdfminer")


def test_own_prints_keep_their_characters_in_order() -> None:
    wrong = [r["latex"] for r in OWN if characters(flatten(r["latex"], r["mode"])) != characters(r["lines"])]
    assert len(wrong) <= 2, wrong


def test_own_prints_agree_line_by_line() -> None:
    exact = sum(flatten(r["latex"], r["mode"]) == tuple(r["lines"]) for r in OWN)
    assert exact >= 0.96 * len(OWN)


@pytest.mark.shared
def test_dev_rows_agree_line_by_line() -> None:
    found = rows(SHARED / "dev.jsonl")
    simulated = [flatten(str(r["latex"]), mode_of(r)) for r in found]  # type: ignore[arg-type]
    assert all(characters(s) == characters(r["lines"]) for s, r in zip(simulated, found, strict=True))  # type: ignore[arg-type]
    assert sum(s == tuple(r["lines"]) for s, r in zip(simulated, found, strict=True)) >= 605  # type: ignore[arg-type]


@pytest.mark.parametrize("row", OWN[::9], ids=lambda r: r["latex"])
def test_a_spelling_shows_the_same_formula(row: dict[str, str]) -> None:
    again = spell(parse(row["latex"]))
    assert same_formula(again, row["latex"])
    assert flatten(again) == flatten(row["latex"])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (r"\left(x\right)", "(x)"),
        (r"\mathbf{x}^{T}", "x^T"),
        (r"\dfrac{1}{2}\,x", r"\frac12 x"),
        (r"\begin{pmatrix} a \\ b \end{pmatrix}", r"\left( \begin{matrix} a \\ b \end{matrix} \right)"),
        (r"\text{tr}(A)", r"\operatorname{tr}(A)"),
    ],
)
def test_spellings_of_one_formula_compare_equal(one: str, other: str) -> None:
    assert same_formula(one, other)


@pytest.mark.parametrize(
    "latex", [r"\frac{a", r"x^", r"\left( x", "}", r"\unknowncommand", "{" * 400 + "}" * 400, "a & b"]
)
def test_what_katex_refuses_is_an_error_with_its_place(latex: str) -> None:
    with pytest.raises(LatexError) as refusal:
        parse(latex)
    assert refusal.value.span.stop <= len(latex)


@given(st.text(alphabet="abx12+-=^_{}()\\ &,'|\u03bb", max_size=40))
def test_any_text_parses_or_is_refused(text: str) -> None:
    try:
        row = parse(text)
        flatten(row)
    except LatexError:
        return
    assert canonical(parse(spell(row))) == canonical(row) or not spell(row)


@given(st.sampled_from([r["latex"] for r in OWN]), st.sampled_from(["display", "inline"]))
def test_a_formula_fits_its_own_lines(latex: str, mode: str) -> None:
    lines = flatten(latex, mode)  # type: ignore[arg-type]
    assert score(lines, latex, mode) == 0  # type: ignore[arg-type]
    assert [c for c, _ in stream(latex, mode)] == [g[3] for g in glyph_stream(latex, mode)]  # type: ignore[arg-type]
    assert tuple(lines_of(glyph_stream(latex, mode))) == lines  # type: ignore[arg-type]
    chars, before = tokenize(lines)
    assert before[0] == BREAK
    assert "".join(chars) == "".join(lines).replace(" ", "")
