"""Formulas are rebuilt from the glyphs and drawn lines of a printed page."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from llmgrade.typeset.boxes import bases
from llmgrade.typeset.glyphs import PageFormula, PageGlyph, PageRule, find_formulas
from llmgrade.typeset.latex import parse
from llmgrade.typeset.spelling import canonical, same_formula

HERE = Path(__file__).parent
SHARED = HERE.parents[2] / "shared" / "flatten"
PRINTS = [json.loads(line) for line in (HERE / "prints_glyphs.jsonl").read_text(encoding="utf-8").splitlines()]
EM = 14.52


def rebuilt(row: dict[str, Any]) -> tuple[PageFormula, ...]:
    glyphs = [PageGlyph(*g) for g in row["glyphs"]]
    return find_formulas(glyphs, [PageRule(*r) for r in row["rules"]])


def set_anew(
    latex: str, mode: str = "display", x: float = 100.0, y: float = 400.0
) -> tuple[list[PageGlyph], list[PageRule]]:
    """A page with one formula as the simulator sets it, bars drawn as rectangles."""
    glyphs: list[PageGlyph] = []
    rules: list[PageRule] = []
    for piece, _, drawn in bases(parse(latex), mode):
        glyphs += [
            PageGlyph(c, f"KaTeX_{font}", s * EM, x + gx * EM, y + gy * EM, a * EM) for gx, gy, s, c, a, font in piece
        ]
        rules += [
            PageRule(x + dx * EM, y + dy * EM, x + (dx + w) * EM, y + (dy + h) * EM)
            for kind, dx, dy, w, h in drawn
            if kind == "bar"
        ]
    return glyphs, rules


def test_own_prints_are_rebuilt() -> None:
    exact, wrong, silent = 0, [], []
    for row in PRINTS:
        found = rebuilt(row)
        if len(found) != 1 or found[0].latex is None:
            silent.append(row["latex"])
        elif same_formula(found[0].latex, row["latex"]):
            exact += 1
        elif found[0].confidence >= 0.9:
            wrong.append((row["latex"], found[0].latex))
    assert exact >= 0.92 * len(PRINTS), silent
    assert len(wrong) <= 2, wrong


@pytest.mark.parametrize(
    "latex",
    [
        r"a^2 + b^2 = c^2", r"\frac{a + b}{c_1}", r"\frac{1}{1 + \frac{1}{x}}", r"x_{i_j}^{2^n}", r"\sum_{i=1}^n i^2",
        r"\mathbb{R}^{n \times d}", r"\log p(x \mid \theta)", r"\left( \frac{u}{v} \right)^2", r"f''(x) \geq 0",
        r"\lim_{h \to 0} \frac{f(x+h)}{h}", r"\mathbf{A} \mathcal{L} = -\lambda", r"\hat{y}_i - y_i", r"\binom{n}{k}",
        r"\begin{cases} x & x > 0 \\ 0 & x \leq 0 \end{cases}", r"\int_0^1 g(t) \, dt",
    ],
)  # fmt: skip
def test_a_formula_set_anew_is_read_back(latex: str) -> None:
    (found,) = find_formulas(*set_anew(latex))
    assert found.latex is not None
    assert same_formula(found.latex, latex)
    assert found.confidence == 1.0


def test_letters_keep_their_fonts() -> None:
    (found,) = find_formulas(*set_anew(r"\mathbb{R} \mathbf{x} \mathcal{N} d"))
    assert found.latex == r"\mathbb{R}\mathbf{x}\mathcal{N}d"


def prose(text: str, x: float, y: float) -> list[PageGlyph]:
    return [PageGlyph(c, "DejaVuSans", 12.0, x + 7 * k, y, 7.0) for k, c in enumerate(text)]


def test_formulas_of_a_line_stand_apart_where_prose_is_between() -> None:
    first, _ = set_anew("x_1 > 0", "inline", 100, 400)
    second, _ = set_anew("y = 2", "inline", 220, 400)
    words = prose("and also", 155, 400)
    found = find_formulas([*words, *first, *second])
    assert [f.latex for f in found] == ["x_{1} > 0", "y = 2"]
    assert {f.mode for f in found} == {"inline"}


def test_displays_below_one_another_stand_apart() -> None:
    first, _ = set_anew("a = b", y=400)
    second, _ = set_anew("c^2 = d", y=360)
    assert [f.latex for f in find_formulas([*first, *second])] == ["a = b", "c^{2} = d"]


def test_prose_alone_has_no_formulas() -> None:
    assert find_formulas(prose("No formula here", 100, 400)) == ()


def test_glyphs_that_form_nothing_are_said_to() -> None:
    glyphs, _ = set_anew(r"\frac{a}{b} + \frac{c}{d}")
    (found,) = find_formulas(glyphs)  # the bars are missing
    assert found.latex is None or found.confidence < 0.9
    assert found.latex is not None or found.reason


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from("abxΣ∑∫()[]{=+−1²∣√^⎧⎨⎩\u200b"), st.sampled_from(["KaTeX_Main-Regular", "KaTeX_Math-Italic",
            "KaTeX_Size2-Regular", "Other"]), st.sampled_from([0.75, 7.26, 10.16, 14.52]), st.floats(0, 300), st.floats(0, 200),
            st.floats(0, 15),
        ), max_size=25,
    ),
    st.lists(st.tuples(*[st.floats(0, 300)] * 4, st.sampled_from(["rect", "line", "path"])), max_size=5),
)  # fmt: skip
def test_any_page_is_read_or_refused(glyphs: Sequence[Any], rules: Sequence[Any]) -> None:
    page = [PageGlyph(*g) for g in glyphs]
    found = find_formulas(page, [PageRule(min(a, c), min(b, d), max(a, c), max(b, d), k) for a, b, c, d, k in rules])
    for formula in found:
        assert 0 <= formula.first < formula.last <= len(page)
        if formula.latex is not None:
            parse(formula.latex)


@pytest.mark.shared
@pytest.mark.slow
def test_the_formulas_of_a_printed_chat_are_rebuilt_in_order() -> None:
    pdfplumber = pytest.importorskip("pdfplumber")
    if not SHARED.exists():
        pytest.skip(f"{SHARED} is not beside this checkout")
    gold = [json.loads(line) for line in (SHARED / "chat_spectra.gold.jsonl").read_text(encoding="utf-8").splitlines()]
    found: list[PageFormula] = []
    with pdfplumber.open(SHARED / "chat_spectra.pdf") as document:
        for page in document.pages:
            glyphs = [
                PageGlyph("\u200b" if c["text"] == " " and c["size"] < 2 else c["text"], c["fontname"], c["size"],
                          c["matrix"][4], c["matrix"][5], c["x1"] - c["x0"])
                for c in page.chars
            ]  # fmt: skip
            rules = [
                PageRule(o["x0"], o["y0"], o["x1"], o["y1"], kind)
                for kind, drawn in (("rect", page.rects), ("line", page.lines), ("path", page.curves))
                for o in drawn
            ]
            found += find_formulas(glyphs, rules)
    assert [canonical(parse(f.latex or "")) for f in found] == [canonical(parse(g["latex"])) for g in gold]
    assert [f.mode for f in found] == [g["mode"] for g in gold]
