"""Which problem a chat poses, which part an answer is of, in which turn, and what prompted it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from llmgrade import claims
from llmgrade.attempts.attribution import attribute
from llmgrade.attempts.model import Attempt, PromptKind
from llmgrade.attempts.renaming import renaming
from llmgrade.attempts.spelling import speller, tidy
from llmgrade.attempts.stated import split_claims, split_members, unboxed
from llmgrade.limits import Limits
from llmgrade.reading import read
from llmgrade.rubric.loading import load_all
from llmgrade.rubric.model import Rubrics

ROOT = Path(__file__).resolve().parents[2]
FOUR = ("vector-calculus", "svd-least-squares", "ridge-regression", "relu-elbow")


@cache
def rubrics() -> Rubrics:
    return load_all([ROOT / "rubrics" / f"{name}.yaml" for name in FOUR])


def attempts(chat: str) -> list[Attempt]:
    (transcript,) = read(chat.encode(), name="chat.md")
    return list(attribute(transcript, claims.find_statements(transcript), rubrics()))


def places(chat: str) -> list[tuple[str, int | None]]:
    return [(f"{a.rubric.id}:{a.part.id}", a.turn) for a in attempts(chat)]


RELU = """**User:** A ReLU unit with loss ½(φ − y)², one gradient step of rate λ, φ(x) − y = 1. Slope and elbow?
(b) (i) $\\phi(x)=0$
(b) (ii) $w>0$, $x>0$, $\\phi(x)>0$
(b) (iii) $w>0$, $x<0$, $\\phi(x)>0$
(b) (iv) $w<0$, $x>0$, $\\phi(x)>0$

**Assistant:**
(i) Slope and elbow unchanged.
(ii) Slope decreases, elbow right.
(iii) Slope increases, elbow left.
(iv) Slope decreases, elbow left.

"""


def test_a_chat_about_something_else_has_no_problem() -> None:
    assert places("**User:** (a) How much flour? (b) How hot?\n\n**Assistant:** (a) 500 g. (b) 220 °C.") == []


def test_what_is_asked_and_not_answered_has_no_turn() -> None:
    chat = "**User:** Ridge regression, ‖y − Xw‖² + λ‖w‖². \n(a) the minimiser\n(g) λ → ∞\n(f) kernel form\n\n**Assistant:** (g) $w\\to0$"
    assert set(places(chat)) == {("ridge-regression:a", None), ("ridge-regression:g", 1), ("ridge-regression:f", None)}


def test_a_follow_up_answers_the_part_it_names() -> None:
    chat = (
        RELU
        + "**User:** no, (iii) is wrong, the elbow goes right there\n\n**Assistant:** You are right, the elbow moves right."
    )
    again = [a for a in attempts(chat) if a.number > 1]
    assert [(a.part.id, a.turn) for a in again] == [("b.iii", 3)]
    assert again[0].prompt is not None
    assert again[0].prompt.kind is PromptKind.ANSWER


def test_a_follow_up_that_only_doubts_gives_nothing_away() -> None:
    chat = RELU + "**User:** Are you sure about (iii)?\n\n**Assistant:** The elbow moves right."
    (again,) = [a for a in attempts(chat) if a.number > 1]
    assert again.prompt is not None
    assert again.prompt.kind is not PromptKind.ANSWER


def test_rows_of_a_table_are_attempts_of_their_parts() -> None:
    table = "| Case | Slope | Elbow |\n|---|---|---|\n| (ii) | decreases | either |\n| (iv) | decreases | left |\n"
    chat = RELU + f"**User:** Put it in a table.\n\n**Assistant:**\n\n{table}"
    assert [(a.part.id, a.turn) for a in attempts(chat) if a.number > 1] == [("b.ii", 3), ("b.iv", 3)]


def test_relettered_items_find_their_parts_by_their_words() -> None:
    chat = (
        "**User:** Ridge regression with penalty λ. (a) What happens for $\\lambda\\to\\infty$? (b) The kernel form? (c) The minimiser?\n\n"
        "**Assistant:** (a) $w\\to0$\n\n(b) $w=X^T(XX^T+\\lambda I)^{-1}y$\n\n(c) $w=(X^TX+\\lambda I)^{-1}X^Ty$"
    )
    assert places(chat) == [("ridge-regression:a", 1), ("ridge-regression:f", 1), ("ridge-regression:g", 1)]
    assert all(a.statements[0].label.path == {"a": ("c",), "f": ("b",), "g": ("a",)}[a.part.id] for a in attempts(chat))


@pytest.mark.parametrize(
    ("formula", "names"),
    [
        (r"\|t-\Phi\theta\|^2+\alpha\|\theta\|^2", {r"\Phi": "X", r"\theta": "w", "t": "y", r"\alpha": "λ"}),
        (r"\min_\beta \|b-A\beta\|_2^2+\mu\|\beta\|_2^2", {"A": "X", r"\beta": "w", "b": "y", r"\mu": "λ"}),
        (r"\|y-Xw\|^2+\lambda\|w\|^2", {}),
        (r"\|p\|^2", {}),
    ],
)
def test_a_chats_letters_are_read_off_its_task(formula: str, names: dict[str, str]) -> None:
    found = dict(renaming(rubrics()["ridge-regression"], [formula], Limits()).names)
    assert {k: v for k, v in names.items() if found.get(k) != v} == {}
    assert names or not found


def test_sizes_given_in_words_name_the_identities() -> None:
    names = renaming(rubrics()["svd-least-squares"], ["\\|Kz - t\\|^2"], Limits(), "a full rank r × s matrix K").names
    assert (names["r"], names["I_s"]) == ("m", "I_n")


def test_labels_before_a_wrapped_line_count_as_well() -> None:
    chat = (
        "**User:** Ridge regression, minimise ‖y − Xw‖² + λ‖w‖²: (a) the minimiser, (f) its kernel form,\n"
        "(g) the limit λ → ∞.\n\n**Assistant:** (f) $w = X^T(XX^T+\\lambda I)^{-1}y$\n\n(g) $w \\to 0$"
    )
    assert set(places(chat)) == {("ridge-regression:a", None), ("ridge-regression:f", 1), ("ridge-regression:g", 1)}


@pytest.mark.parametrize("written", [r"W^{(1)}_i", r"W_i^{(1)}", "W1_i", "W₁ᵢ", r"W_{1,i}", r"(W_1)_i", "(W_{1})_{i}"])
def test_one_weight_has_many_spellings(written: str) -> None:
    rubric = rubrics()["relu-elbow"]
    assert speller(rubric.symbols_of(rubric.part("d"))).spell(written).strip() == "w_i"


@pytest.mark.parametrize(
    "written", [r"\hat w", "w^*", r"w_{\text{ridge}}", "ŵ", r"\mathbf{w}^\star", r"\hat{w}_{\lambda}"]
)
def test_decorated_weights_are_the_weights(written: str) -> None:
    rubric = rubrics()["ridge-regression"]
    assert speller(rubric.symbols_of(rubric.part("a"))).spell(written).strip() == "w"


def test_only_names_are_respelled() -> None:
    rubric = rubrics()["ridge-regression"]
    spell = speller(rubric.symbols_of(rubric.part("a")))
    assert spell.spell("inv(X.T@X + 2*y)") == "inv(X.T@X + 2*y)"
    assert tidy(r"\left(a\right)\,b.") == "(a) b"


def test_a_formula_is_cut_into_its_claims() -> None:
    assert [text.strip() for text, _ in split_claims(r"a = b \Rightarrow c = d, e = f")] == ["a = b", "c = d", "e = f"]
    assert [text.strip() for text, _ in split_claims(r"f(x, y) = [1, 2]")] == ["f(x, y) = [1, 2]"]
    assert split_members(r"\|w\|^2 = \begin{cases} 1 & x>0 \end{cases}")[1] == ("=",)
    assert unboxed(r"\text{so } \boxed{e = -b/w}").strip() == "e = -b/w"
