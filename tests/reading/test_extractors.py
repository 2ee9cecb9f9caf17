"""Lines of other extractors than PyMuPDF: whose habits a text has, and what a line can mean."""

from __future__ import annotations

from pathlib import Path

import pytest

from llmgrade.reading.extractor_clusters import clustered
from llmgrade.reading.extractor_habits import Habit, habit_of
from llmgrade.reading.extractor_linear import Habits, line_readings
from llmgrade.reading.extractor_stream import stream_readings
from llmgrade.reading.printout_pages import pages_of

PRINTED = [*sorted((Path(__file__).parents[1] / "grading" / "printed_chats").glob("*.txt")), *sorted((Path(__file__).parent / "printed").glob("*.txt"))]  # fmt: skip


@pytest.mark.parametrize(
    ("line", "latex"),
    [
        ("w^ = (XTX + λI)−1XTy", r"\hat{w} = (X^{T}X + \lambda I)^{-1}X^{T}y"),
        ("w ∗ = V Σ† U T y", r"w^{*} = V\Sigma^{\dagger}U^{T}y"),
        ("(a − r)2 − b2", "(a - r)^{2} - b^{2}"),
        ("f(t) = ρe−ρt", r"f(t) = \rho e^{-\rho t}"),
        ("∥y − Xw∥22", r"\|y - Xw\|_{2}^{2}"),
        ("∑i ci xi", r"\sum_{i}c_{i}x_{i}"),
        ("r =a+b", "r = a + b"),
        ("x lnx − x", r"x\ln x - x"),
    ],
)
def test_a_line_is_read_with_its_scripts_raised_again(line: str, latex: str) -> None:
    assert line_readings(line)[0][0] == latex


@pytest.mark.parametrize(
    ("line", "other"),
    [("∥w∥2", r"\|w\|_{2}"), ("x1", "x^{1}"), ("a−b", "a - b"), ("ekx", "ekx")],
)
def test_what_can_be_meant_otherwise_has_another_reading(line: str, other: str) -> None:
    assert other in [latex for latex, _ in line_readings(line)]


@pytest.mark.parametrize("line", ["(a + b", "x 2 3 4", ")", "^ = w", "x" * 200])
def test_what_no_formula_can_be_is_not_read(line: str) -> None:
    assert all(found.readings == () for found in clustered([line], Habits(), marked=False, torn=False))


def test_a_letter_that_the_chat_names_is_no_transpose() -> None:
    assert line_readings("aT", Habits(letters=frozenset("T")))[0][0] == "aT"


@pytest.mark.parametrize(
    ("lines", "latex"),
    [
        (["S", "μ^ =", "n"], r"\hat{\mu} = \frac{S}{n}"),
        (["∂L", "= GT H", "∂W"], r"\frac{\partial L}{\partial W} = G^{T}H"),
        (["∂L", "=", "GTH", "∂W"], r"\frac{\partial L}{\partial W} = G^{T}H"),
        (["m =", "1", "ρ"], r"m = \frac{1}{\rho}"),
        (["∂", "∥x∥ 2 = 2xT", "∂x"], r"\frac{\partial}{\partial x}\|x\|^{2} = 2x^{T}"),
        (["w", "^ = XT y"], r"\hat{w} = X^{T}y"),
        (["^ = XT y", "w"], r"\hat{w} = X^{T}y"),
    ],
)
def test_a_fraction_is_put_where_only_it_can_have_stood(lines: list[str], latex: str) -> None:
    (found,) = clustered(lines, Habits(), marked=False, torn=False)
    assert found.readings[0][0] == latex


@pytest.mark.parametrize(
    "lines",
    [["1", "C = ZTZ", "n"], ["x", "∫ lnt dt = x lnx", "1"], ["Q S", "σ^2 = −", "n (n )"], ["−kt", "T = E + He"]],
)
def test_a_fraction_whose_place_is_open_is_not_read(lines: list[str]) -> None:
    assert not any(found.readings for found in clustered(lines, Habits(), marked=False, torn=False))


def test_marks_tell_a_letter_from_a_letter_under_a_root() -> None:
    (plain,) = clustered(["y = a"], Habits(), marked=True, torn=False)
    (root,) = clustered(["y = a", "\u200b"], Habits(), marked=True, torn=False)
    assert plain.readings
    assert not root.readings


@pytest.mark.parametrize("path", PRINTED, ids=lambda path: path.stem)
def test_text_of_the_usual_extractor_is_told(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").split("\n")
    assert habit_of(pages_of(lines).pages, lines) is Habit.TORN


@pytest.mark.parametrize(
    ("painted", "latex"),
    [
        ("=w^ (X X+T λI) X y−1 T", r"\hat{w} = (X^{T}X + \lambda I)^{-1}X^{T}y"),
        ("=w^ X (XX +T T λI) y−1", r"\hat{w} = X^{T}(XX^{T} + \lambda I)^{-1}y"),
        (" =∂W ∂L G HT", r"\frac{\partial L}{\partial W} = G^{T}H"),
        (" =∂H ∂L GW T", r"\frac{\partial L}{\partial H} = GW^{T}"),
        ("C =  Z Zn 1 T", r"C = \frac{1}{n}Z^{T}Z"),
        ("e = −  w b", r"e = - \frac{b}{w}"),
        ("(a − r) −2 b2", "(a - r)^{2} - b^{2}"),
    ],
)
def test_joined_lines_in_the_order_of_painting_are_read_by_their_blanks(painted: str, latex: str) -> None:
    assert [text for text, _ in stream_readings(painted)] == [latex]


def test_letters_that_lean_leave_it_open_where_a_script_stood() -> None:
    assert {text for text, _ in stream_readings("X = U ΣV T")} == {r"X = U^{T}\Sigma V", r"X = U\Sigma V^{T}"}


@pytest.mark.parametrize("painted", ["", "x", "=", "√2 + a", "a" * 60, "1 2 3 4"])
def test_what_cannot_have_been_painted_so_is_not_read(painted: str) -> None:
    assert stream_readings(painted) == ()
