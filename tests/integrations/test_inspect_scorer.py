"""The scorer for Inspect: what it makes of a sample, and, where Inspect is there, a whole log scored by it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from llmgrade.integrations.inspect_scorer import graded

MADE = Path(__file__).parents[1] / "reading" / "made"
RIGHT, WRONG = r"$(X^TX+\lambda I)^{-1}X^Ty$", r"$7(X^TX+\lambda I)^{-1}X^Ty$"
TASK = r"Ridge regression: a) What is the closed form of the minimiser $\hat w$ of $\|y-Xw\|^2+\lambda\|w\|^2$ with penalty $\lambda$?"


@dataclass
class Message:
    """As Inspect's own: a role, and the text of its content."""

    role: str
    text: str


def test_a_chat_with_a_reprompt_has_a_first_try_and_a_final() -> None:
    chat = [
        Message("system", "Be brief."),
        Message("user", TASK),
        Message("assistant", f"a) {WRONG}"),
        Message("tool", "4"),
        Message("user", "That is wrong. Try a) again."),
        Message("assistant", f"a) {RIGHT}"),
    ]
    found = graded(chat, {}, None)
    assert found is not None
    assert (found.first < 1.0, found.final) == (True, 1.0)
    assert found.verdicts == {"ridge-regression:a": "correct"}
    assert "ridge-regression:a: incorrect, then correct" in found.explanation


def test_a_samples_metadata_says_which_part_it_is() -> None:
    found = graded([Message("assistant", RIGHT)], {"problem": "ridge-regression", "part": "a"}, None)
    assert found is not None
    assert found.final == 1.0


def test_a_sample_about_something_else_is_left_unscored() -> None:
    assert graded([Message("user", "Hello"), Message("assistant", "Hi")], {}, None) is None


def test_a_log_is_scored_by_inspect_itself() -> None:
    pytest.importorskip("inspect_ai")
    from inspect_ai import score
    from inspect_ai.log import read_eval_log

    from llmgrade.integrations.inspect_scorer import claims

    log = score(read_eval_log(str(MADE / "inspect.eval")), claims(), action="append", display="none")
    assert log.results is not None
    told = {(one.scorer, one.name): one.metrics["mean"].value for one in log.results.scores if "mean" in one.metrics}
    assert {name for scorer, name in told if scorer.endswith("claims")} == {"first", "final"}
    assert set(told.values()) == {1.0}
