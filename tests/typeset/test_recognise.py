"""The right formula is recognised among near misses, a wrong one never, on its own lines and on a page."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from near_misses import near_misses

from llmgrade.typeset.forward import flatten, glyph_stream
from llmgrade.typeset.latex import LatexError, parse
from llmgrade.typeset.recognise import Candidate, choose, find
from llmgrade.typeset.spelling import same_formula
from llmgrade.typeset.symbols import ZERO_WIDTH

HERE = Path(__file__).parent
SHARED = HERE.parents[2] / "shared"
OWN = [json.loads(line) for line in (HERE / "prints.jsonl").read_text(encoding="utf-8").splitlines()]


def rows(path: Path) -> list[dict[str, object]]:
    if not path.exists():
        pytest.skip(f"{path} is not beside this checkout")
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def tally(found: Iterator[tuple[str, list[str]]]) -> tuple[int, int, int, int]:
    """(rows, right, wrong, accepted though absent) with the right formula among ten near misses."""
    count = right = wrong = accepted = 0
    for latex, lines in found:
        misses = [text for _, text in near_misses(latex)]
        if not misses:
            continue
        count += 1
        place = count % (len(misses) + 1)
        choice = choose(lines, [*misses[:place], latex, *misses[place:]])
        if choice is not None:
            right += choice.index == place
            wrong += choice.index != place
        accepted += choose(lines, misses) is not None
    return count, right, wrong, accepted


def test_own_prints_are_recognised_among_near_misses() -> None:
    count, right, wrong, accepted = tally((r["latex"], r["lines"]) for r in OWN[::4])
    assert wrong == 0
    assert right >= 0.97 * count
    assert accepted <= 0.01 * count


@pytest.mark.shared
def test_dev_rows_are_recognised_among_near_misses() -> None:
    found = rows(SHARED / "flatten" / "dev.jsonl")[::6]
    count, right, wrong, accepted = tally((str(r["latex"]), list(r["lines"])) for r in found)  # type: ignore[call-overload]
    assert wrong == 0
    assert right >= 0.995 * count
    assert accepted <= 0.005 * count


def typed(latex: str) -> str | None:
    """What someone types who cares for the mathematics only: no sizes, spaces or fonts."""
    text = re.sub(r"\\(?:left|right|quad|qquad|[,;:!]|[bB]igg?[lr]?|displaystyle)(?![a-zA-Z])", " ", latex)
    text = re.sub(r"\\[dt]frac", r"\\frac", text)
    text = re.sub(r"\\math(?:bb|bf|cal|rm|scr|sf|frak)\s*\{([A-Za-z])\}", r"\1", text)
    try:
        parse(text)
    except LatexError:
        return None
    return text


def test_formulas_typed_without_layout_are_recognised_too() -> None:
    count = right = wrong = 0
    for row in OWN[1::6]:
        text = typed(row["latex"])
        if text is None or r"\left." in row["latex"] or r"\right." in row["latex"]:
            continue
        misses = [m for m in (typed(m) for _, m in near_misses(row["latex"])) if m and not same_formula(m, text)]
        choice = choose(row["lines"], [*misses, text])
        count += 1
        right += choice is not None and choice.index == len(misses)
        wrong += choice is not None and choice.index != len(misses)
    assert wrong == 0
    assert right >= 0.95 * count


@pytest.mark.parametrize(
    ("page", "typed_as"),
    [
        (r"(A + B)^\top = A^\top + B^\top", "(A + B)^T = A^T + B^T"),
        (r"\boxed{w = \left( X^T X \right)^{-1} X^T y}", "w = (X^T X)^{-1} X^T y"),
        (r"f'(x) = \left( \frac{u}{v} \right)^2", r"f'(x) = (\frac{u}{v})^2"),
        (r"x = 1, \quad y = 2", "x = 1, y = 2"),
        (r"\mathbb{E}[X] = \mu", r"E[X] = \mu"),
        (r"\widehat{y} = \overline{x}", r"\hat{y} = \bar{x}"),
        (r"a \leqslant b", r"a \leq b"),
        (r"\varphi(x) > 0", r"\phi(x) > 0"),
        (r"\left| \frac{a}{b} \right| = 1", r"|\frac{a}{b}| = 1"),
    ],
)
def test_another_layout_is_the_same_formula(page: str, typed_as: str) -> None:
    assert choose(flatten(page), [typed_as]) is not None


@pytest.mark.parametrize(
    ("page", "other"),
    [
        (r"A^T B x", r"A B^T x"),
        (r"x^2 + y", r"x + y^2"),
        (r"x^T c", r"x c^T"),
        (r"\frac{a}{b}", r"\frac{b}{a}"),
        (r"x \leq 0", r"x \geq 0"),
        (r"w = -b", r"w = b"),
        (r"x_1^2", r"x_2^1"),
        (r"\hat{y} - y", r"y - \hat{y}"),
        (r"a - b", r"b - a"),
    ],
)
def test_another_formula_is_not_accepted(page: str, other: str) -> None:
    assert choose(flatten(page), [other]) is None
    assert choose(flatten(page), [other, page]).index == 1  # type: ignore[union-attr]


def test_a_tie_between_meanings_is_no_choice() -> None:
    lines = flatten("V^T V x")
    assert flatten("V V^T x") == lines
    assert choose(lines, ["V^T V x", "V V^T x"]) is None
    assert choose(lines, [Candidate("V^T V x", "projector"), Candidate("V V^T x", "projector")]) is not None


def test_sums_commute_only_where_asked() -> None:
    lines = flatten("a = x + y")
    assert choose(lines, ["a = y + x"]) is None
    assert choose(lines, ["a = y + x"], commuted=True) is not None
    assert choose(flatten("a = x - y"), ["a = y - x"], commuted=True) is None


def test_a_lost_byte_fits_any_character() -> None:
    lines = [line.replace("∝", "\ufffd") for line in flatten(r"p(x) \propto e^{-x}")]
    assert choose(lines, [r"p(x) \propto e^{-x}"]) is not None


def test_a_dropped_mark_is_forgiven() -> None:
    lines = [line.replace(ZERO_WIDTH, "", 1) for line in flatten(r"y = x_1 + z")]
    assert choose(lines, [r"y = x_1 + z"]) is not None


def test_an_unordered_extractor_gives_no_choice() -> None:
    assert choose(["x = 1"], ["x = 1"], extractor="pdfminer") is None
    assert find(["x = 1"], ["x = 1"], extractor="pdftotext-layout") == ()


@pytest.mark.parametrize("extractor", ["pypdf", "pypdfium2", "pymupdf-1.23"])
def test_ordered_extractors_are_recognised_by_order(extractor: str) -> None:
    lines = flatten(r"y = \frac{a_1}{b} + c")
    if extractor != "pypdf":
        lines = tuple(line.replace(ZERO_WIDTH, "") for line in lines if line != ZERO_WIDTH)
    joined = (
        ["".join(lines)]
        if extractor != "pymupdf-1.23"
        else list(flatten(r"y = \frac{a_1}{b} + c", extractor=extractor))
    )
    assert choose(joined, [r"y = \frac{b}{a_1} + c", r"y = \frac{a_1}{b} + c"], extractor=extractor).index == 1  # type: ignore[union-attr]


# ---- pages


def test_a_formula_is_found_between_others_with_its_lines() -> None:
    page = [
        "Each variable appears twice, hence",
        *flatten(r"a = 2 M x"),
        *flatten(r"b(x) = x^T x", "inline"),
        *flatten("c = 0"),
    ]
    (match,) = find(page, ["b(x) = x^T x", "b(x) = x x^T", "b(x) = x"])
    assert match.index == 0
    assert page[match.first : match.last] == list(flatten("b(x) = x^T x", "inline"))


def test_the_beginning_of_a_longer_formula_is_not_a_formula() -> None:
    page = [*flatten(r"b(x) = x^T x"), *flatten(r"L = \|Aw - y\|_2^2"), *flatten(r"g = M^T")]
    assert find(page, ["b(x) = x", r"L = \|Aw - y\|_2", "g = M"]) == ()


def page_texts(name: str) -> dict[int, list[str]]:
    path = SHARED / "flatten" / name
    if not path.exists():
        pytest.skip(f"{path} is not beside this checkout")
    pages: dict[int, list[str]] = {}
    for line in path.read_text(encoding="utf-8").split("\n"):
        head = re.fullmatch(r"--- Page (\d+) ---", line)
        if head:
            pages[int(head.group(1))] = []
        elif pages:
            pages[max(pages)].append(line)
    return pages


@pytest.mark.shared
def test_formulas_are_found_on_the_pages_of_a_chat() -> None:
    pages = page_texts("chat_spectra.txt")
    count = right = wrong = accepted = 0
    for row in rows(SHARED / "flatten" / "chat_spectra.gold.jsonl")[::2]:
        latex, page = str(row["latex"]), pages[int(str(row["page"]))]
        if sum(g[3] != ZERO_WIDTH for g in glyph_stream(latex)) < 8:
            continue
        misses = [text for _, text in near_misses(latex)]
        matches = find(page, [latex, *misses])
        count += 1
        right += bool(matches) and all(m.index == 0 for m in matches)
        wrong += any(m.index != 0 for m in matches)
        accepted += bool(find(page, misses))
    assert wrong == 0
    assert accepted == 0
    assert right >= 0.94 * count
