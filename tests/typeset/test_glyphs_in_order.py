"""Formulas that MathJax set, and MathML that a browser laid out, are rebuilt from a printed page, or refused."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from llmgrade.typeset.glyphs import PageFormula, PageGlyph, PageRule
from llmgrade.typeset.glyphs_in_order import find_in_order
from llmgrade.typeset.latex import parse
from llmgrade.typeset.spelling import same_formula

PRINTS = [
    json.loads(line)
    for line in (Path(__file__).parent / "prints_in_order.jsonl").read_text(encoding="utf-8").splitlines()
]


def rebuilt(row: dict[str, Any]) -> tuple[PageFormula, ...]:
    return find_in_order([PageGlyph(*g) for g in row["glyphs"]], [PageRule(*r) for r in row["rules"]])


@pytest.mark.parametrize(("style", "least"), [("mathjax", 0.88), ("mathml", 0.75)])
def test_prints_are_rebuilt_and_never_wrongly(style: str, least: float) -> None:
    said: Counter[str] = Counter()
    wrong = []
    rows = [row for row in PRINTS if row["style"] == style]
    for row in rows:
        found = [f for f in rebuilt(row) if f.latex is not None]
        if not found:
            said["refused"] += 1
        elif len(found) == 1 and same_formula(found[0].latex or "", row["latex"]):
            said["right"] += 1
        else:
            wrong.append((row["latex"], [f.latex for f in found]))
    assert said["right"] >= least * len(rows), said
    assert len(wrong) <= 1, wrong


EM = 14.34


class Page:
    """Glyphs put down one after the other, as MathJax paints them."""

    def __init__(self) -> None:
        self.glyphs: list[PageGlyph] = []
        self.rules: list[PageRule] = []

    def put(self, text: str, x: float, y: float, size: float = 1.0, font: str = "Math-Italic") -> Page:
        for k, char in enumerate(text):
            face = font if char.isalpha() else "Main-Regular"
            self.glyphs.append(
                PageGlyph(
                    char, f"MathJax_{face}", size * EM, 100 + (x + 0.55 * size * k) * EM, 400 + y * EM, 0.5 * size * EM
                )
            )
        return self

    def bar(self, x0: float, x1: float, y: float) -> Page:
        self.rules.append(PageRule(100 + x0 * EM, 400 + y * EM, 100 + x1 * EM, 400.6 + y * EM))
        return self

    def read(self) -> str | None:
        (found,) = find_in_order(self.glyphs, self.rules)
        return found.latex


def test_a_numerator_is_what_is_painted_before_the_denominator() -> None:
    page = Page().put("a+b", 0.1, 0.7).put("c", 0.6, -0.7).bar(0, 1.8, 0.25)
    assert page.read() == r"\frac{a + b}{c}"


def test_a_fraction_painted_upside_down_is_refused() -> None:
    page = Page().put("c", 0.6, -0.7).put("a+b", 0.1, 0.7).bar(0, 1.8, 0.25)
    assert page.read() is None


def test_a_fraction_whose_bar_is_missing_is_refused() -> None:
    page = Page().put("y=", 0, 0).put("a", 1.5, 0.7).put("b", 1.5, -0.7)
    assert page.read() is None


def test_a_script_belongs_to_the_letter_before() -> None:
    page = Page().put("x", 0, 0).put("2", 0.55, 0.4, 0.7).put("y", 1.0, 0).put("i", 1.5, -0.2, 0.7)
    assert page.read() == "x^{2}y_{i}"


def test_a_script_painted_elsewhere_than_it_stands_is_refused() -> None:
    page = Page().put("x", 0, 0).put("y", 1.0, 0).put("2", 0.55, 0.4, 0.7)
    assert page.read() is None


def test_an_accent_is_over_its_letter_whenever_it_is_painted() -> None:
    first = Page().put("^", 0, 0).put("w=v", 0, 0)
    last = Page().put("w=v", 0, 0).put("^", 0, 0)
    assert first.read() == last.read() == r"\hat{w} = v"


def test_an_accent_over_several_letters_is_refused() -> None:
    page = Page()
    page.glyphs.append(PageGlyph("ˆ", "MathJax_Size3-Regular", EM, 100, 402, 1.4 * EM))
    assert page.put("QH", 0, 0).read() is None


def test_a_glyph_of_unknown_meaning_is_refused() -> None:
    assert Page().put("a\ufffdb", 0, 0).read() is None


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from("abxΣ∑∫()[]{=+−1²∣√^⎧⎨⎩ 𝑥𝑃→"),
            st.sampled_from(["MathJax_Main-Regular", "MathJax_Math-Italic", "MathJax_Size2-Regular", "STIXTwoMath", "Other"]),
            st.sampled_from([7.2, 10.1, 14.3, 7170.0]), st.floats(0, 300), st.floats(0, 200), st.floats(0, 15),
        ), max_size=25,
    ),
    st.lists(st.tuples(*[st.floats(0, 300)] * 4, st.sampled_from(["rect", "line", "path"])), max_size=5),
)  # fmt: skip
def test_any_page_is_read_or_refused(glyphs: Sequence[Any], rules: Sequence[Any]) -> None:
    page = [PageGlyph(*g) for g in glyphs]
    found = find_in_order(page, [PageRule(min(a, c), min(b, d), max(a, c), max(b, d), k) for a, b, c, d, k in rules])
    for formula in found:
        assert 0 <= formula.first < formula.last <= len(page)
        assert (formula.latex is None) == bool(formula.reason)
        if formula.latex is not None:
            parse(formula.latex)
