"""Formulas set by the simulator and read back, with nothing to compare with."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llmgrade.typeset.forward import flatten
from llmgrade.typeset.inverse import read_lines
from llmgrade.typeset.inverse_habits import far_fetched, habits
from llmgrade.typeset.inverse_prior import usual
from llmgrade.typeset.inverse_tokens import fits, tokens
from llmgrade.typeset.latex import parse
from llmgrade.typeset.spelling import same_formula
from llmgrade.typeset.tree import symbol

SHARED = Path(__file__).parents[3] / "shared"
SECONDS = 30.0
"""Plenty, so that a busy machine does not change what is read."""

FIRST = [
    (r"X^T X \beta = X^T y", "display"),
    (r"\hat{\beta} = (X^T X)^{-1} X^T y", "display"),
    (r"P = A (A^T A)^{-1} A^T", "inline"),
    (r"\frac{\partial L}{\partial u} = 2 C^T (C u - d)", "display"),
    (r"\frac{p}{q} + \frac{r}{s}", "inline"),
    (r"\frac{u_i - m}{s}", "display"),
    (r"\sum_{k=1}^{n} a_k b_k", "display"),
    (r"\sum_{k=1}^{n} a_k b_k", "inline"),
    (r"\min_u \|C u - d\|_2^2 + \mu \|u\|_2^2", "display"),
    (r"\int_0^1 g(t) \, dt = 3", "display"),
    (r"\boxed{v = (C^T C + \mu I)^{-1} C^T d}", "display"),
    (r"f(t) = \begin{cases} t & \text{if } t > 1 \\ 0 & \text{otherwise} \end{cases}", "display"),
    (r"C = \begin{bmatrix} 1 & 2 \\ 3 & 4 \end{bmatrix}", "display"),
    (r"\left( \frac{a}{b} \right)^2", "display"),
    (r"v_{k+1} = v_k - \eta \nabla g(v_k)", "inline"),
    (r"u \neq 0", "inline"),
    (r"s \notin A", "inline"),
    (r"\|u\|_2 \leq 1", "inline"),
    (r"p(a \mid b) = \frac{p(b \mid a) p(a)}{p(b)}", "display"),
    (r"\text{if } a = 0 \text{ then } b = 1", "inline"),
    (r"c > 0 \Rightarrow d < 0, \quad d \neq c", "display"),
]


@pytest.mark.parametrize(("latex", "mode"), FIRST)
def test_a_formula_is_read_back_first(latex: str, mode: str) -> None:
    readings = read_lines(flatten(latex, mode), mode, seconds=SECONDS)  # type: ignore[arg-type]
    assert readings, "nothing was read"
    assert same_formula(readings[0].latex, latex), readings[0].latex
    assert readings[0].cost == 0


AMONG = [
    (r"V^T V u", "inline"),
    (r"x_2^3 - y", "inline"),
    (r"\sqrt{a} b", "display"),
    (r"\sqrt{a^2 + b^2}", "display"),
    (r"\boxed{a' - a}", "display"),
    (r"\overline{a + b}", "inline"),
    (r"a^{b^2}", "display"),
]


@pytest.mark.parametrize(("latex", "mode"), AMONG)
def test_what_the_lines_leave_open_is_among_the_readings(latex: str, mode: str) -> None:
    readings = read_lines(flatten(latex, mode), mode, seconds=SECONDS)  # type: ignore[arg-type]
    assert any(same_formula(r.latex, latex) for r in readings), [r.latex for r in readings]
    assert len(readings) <= 5


def test_every_reading_at_no_cost_flattens_to_the_same_lines() -> None:
    lines = flatten(r"\frac{a_i}{b} = c^T d + 1", "display")
    exact = [r for r in read_lines(lines, "display", seconds=SECONDS) if r.cost == 0]
    assert exact
    assert all("".join(flatten(r.latex, "display")) == "".join(lines) for r in exact)


def test_without_a_mode_the_fitting_one_is_found() -> None:
    lines = flatten(r"\sum_{k=1}^{n} a_k", "display")
    best = read_lines(lines, seconds=SECONDS)[0]
    assert best.mode == "display"
    assert same_formula(best.latex, r"\sum_{k=1}^{n} a_k")


def test_a_lost_mark_costs_but_does_not_stop_the_reading() -> None:
    lines = list(flatten(r"b = -\frac{u - m}{v - m w}", "display"))
    assert lines == ["b = −", "\u200b", "v −mw", "u −m"]
    readings = read_lines(["b = −v −mw", "u −m"], "display", seconds=SECONDS)
    best = next(r for r in readings if same_formula(r.latex, r"b = -\frac{u - m}{v - m w}"))
    assert best.cost > 0


def test_a_lost_character_is_any_one() -> None:
    lines = [line.replace("∝", "\ufffd") for line in flatten(r"p(a) \propto p(b) p(c)", "inline")]
    readings = read_lines(lines, "inline", seconds=SECONDS)
    assert any(same_formula(r.latex, r"p(a) \propto p(b) p(c)") for r in readings)


@pytest.mark.parametrize(
    "lines", [[], [""], ["  "], ["\u200b"], ["\ue020"], ["⎩⎨"], ["(" * 50], ["\u200b"] * 60, ["x" * 2000]]
)
def test_nonsense_yields_no_traceback_and_ends_in_time(lines: list[str]) -> None:
    start = time.process_time()
    assert len(read_lines(lines, seconds=1.0)) <= 5
    assert time.process_time() - start < 3


def test_the_extractor_rule_tells_joined_from_apart() -> None:
    a = (0.0, 0.0, 1.0, "x", 0.5, "")
    near, far = (0.52, 0.0, 1.0, "y", 0.5, ""), (2.0, 0.0, 1.0, "y", 0.5, "")
    assert fits(a, near, "j", 0.02, 0.1)
    assert not fits(a, near, "n", 0.02, 0.1)
    assert fits(a, far, "n", 0.02, 0.1)
    assert not fits(a, far, "s", 0.02, 0.1)


def test_tokens_give_their_lines_back() -> None:
    lines = ["a b", "\u200bc", "d e"]
    assert tokens(lines).lines() == lines


def test_usual_scripts_are_cheaper_than_odd_ones() -> None:
    prior, x = usual(), symbol("x")
    assert prior.content(x, "p", "T", 6.0) < prior.content(x, "p", "q", 6.0)
    assert prior.content(x, "b", "i", 6.0) < prior.content(x, "b", "T", 6.0)


@pytest.mark.parametrize(
    ("likely", "odd"),
    [
        (r"(A A^T)^{-1}", r"(A^T A A^T)^{-1}"),
        (r"V S V^T V R", r"V S V V^T R"),
        ("a' - a", "a - a'"),
        (r"u (A + A^T)", r"u (A^T + A^T)"),
    ],
)
def test_symmetric_products_and_new_minus_old_are_habits(likely: str, odd: str) -> None:
    assert habits(parse(likely)) < habits(parse(odd))


def test_wide_spaces_in_the_midst_of_things_are_far_fetched() -> None:
    assert far_fetched(parse(r"a \quad b"))
    assert not far_fetched(parse(r"a = 1, \quad b = 2"))


# ---------------------------------------------------------------------------------------------------------- a law

_letters = st.sampled_from(["a", "b", "x", "y", "A", "X", r"\lambda", r"\theta", "2", "3"])


def _scripted(atom: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        atom,
        st.builds("{}_{{{}}}".format, st.sampled_from("abxyAX"), st.sampled_from(["i", "1", "n"])),
        st.builds("{}^{{{}}}".format, st.sampled_from("abxyAX"), st.sampled_from(["T", "2", "-1"])),
        st.builds(r"\frac{{{}}}{{{}}}".format, atom, atom),
    )


_products = st.lists(_scripted(_letters), min_size=1, max_size=2).map(" ".join)
_formulas = st.builds("{} {} {}".format, _products, st.sampled_from(["+", "-", "=", "<"]), _products)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(_formulas, st.sampled_from(["inline", "display"]))
def test_the_right_tree_of_a_small_formula_is_among_five(latex: str, mode: str) -> None:
    readings = read_lines(flatten(latex, mode), mode, seconds=SECONDS)  # type: ignore[arg-type]
    assert any(same_formula(r.latex, latex) for r in readings), [r.latex for r in readings]


# ---------------------------------------------------------------------------------------------------------- measures


@pytest.mark.shared
@pytest.mark.skipif(not (SHARED / "flatten" / "dev.jsonl").exists(), reason="the labelled data is not here")
def test_a_sample_of_the_labelled_formulas_is_read_back() -> None:
    rows = [json.loads(line) for line in (SHARED / "flatten" / "dev.jsonl").read_text("utf-8").splitlines()][::20]
    first = among = 0
    for row in rows:
        readings = read_lines(row["lines"], row["mode"], seconds=SECONDS)
        right = [same_formula(r.latex, row["latex"]) for r in readings]
        first += bool(right and right[0])
        among += any(right)
    assert first >= 0.8 * len(rows)
    assert among >= 0.88 * len(rows)
