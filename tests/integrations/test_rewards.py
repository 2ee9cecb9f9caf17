"""Rewards are the shares `llmgrade` gives, in the shapes that training calls."""

from __future__ import annotations

import pytest

from llmgrade.errors import LlmgradeError
from llmgrade.integrations.chats import measure, rubrics_of
from llmgrade.integrations.verifiers_reward import reward, rewards

RIGHT, WRONG = r"$(X^TX+\lambda I)^{-1}X^Ty$", r"$7(X^TX+\lambda I)^{-1}X^Ty$"
TASK = r"Ridge regression: a) What is the closed form of the minimiser $\hat w$ of $\|y-Xw\|^2+\lambda\|w\|^2$ with penalty $\lambda$?"


def _said(text: str) -> list[dict[str, str]]:
    return [{"role": "assistant", "content": text}]


@pytest.mark.parametrize(("answer", "share"), [(RIGHT, 1.0), (WRONG, 0.0), ("no idea", 0.0), ("", 0.0)])
def test_an_answer_to_a_part_earns_its_share(answer: str, share: float) -> None:
    function = reward("ridge-regression", "a")
    assert function(prompt="?", completion=answer, answer="", state={}) == share
    assert function(completion=_said(answer)) == share


def test_a_chat_is_graded_by_what_was_asked() -> None:
    function = reward()
    assert function(prompt=[{"role": "user", "content": TASK}], completion=_said(f"a) {RIGHT}")) == 1.0
    assert function(prompt="What is the weather?", completion="Fine.") == 0.0


def test_first_try_and_final_are_told_apart() -> None:
    chat = [*_said(f"a) {WRONG}"), {"role": "user", "content": "That is wrong. Try a) again."}, *_said(f"a) {RIGHT}")]
    prompt = [{"role": "user", "content": TASK}]
    assert reward(when="first")(prompt=prompt, completion=chat) < reward()(prompt=prompt, completion=chat) == 1.0


def test_a_column_says_what_each_row_is_about() -> None:
    function = rewards()
    found = function(
        prompts=["?", "?", "?"],
        completions=[RIGHT, _said(WRONG), "$x^T(A+A^T)$"],
        problem=["ridge-regression", "ridge-regression", "vector-calculus"],
        part=["a", "a", "d"],
        trainer_state=None,
    )
    assert found == [1.0, 0.0, 1.0]
    assert function(prompts=["Hello"], completions=["Hi"]) == [None]
    assert function.__name__


def test_an_unknown_problem_is_told_in_words() -> None:
    with pytest.raises(LlmgradeError, match="no-such"):
        measure("x", rubrics_of(None), "no-such", "a")
    with pytest.raises(LlmgradeError, match="has no part"):
        measure("x", rubrics_of(None), "ridge-regression", "zz")
