"""Rewards for training: functions in the shapes that verifiers and TRL call. No host is imported; both call plain functions.

verifiers, up to 0.3: ``vf.Rubric(funcs=[reward(problem="ridge-regression", part="a")])``. Later, inside a task::

    @vf.reward(weight=1.0)
    async def mathematics(self, trace) -> float:
        return reward(problem=...)(completion=trace.completion)

TRL's GRPO: ``reward_funcs=[rewards(problem="ridge-regression", part="a")]``; None there means: leave this one out.
Only the completion is looked at, so rewards can be worked out again from stored traces.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

from llmgrade.integrations.chats import measure, rubrics_of

__all__ = ["reward", "rewards"]

Completion = str | Sequence[Mapping[str, Any]]


def reward(
    problem: str | None = None,
    part: str | None = None,
    rubrics: str | Sequence[str] | None = None,
    *,
    when: Literal["first", "final"] = "final",
) -> Callable[..., float]:
    """A function of ``(prompt, completion, answer, state, **more)`` → share of the points, 0 to 1.

    What cannot be decided earns nothing, and so does a chat no rubric fits: a policy must not gain by being unreadable.
    """
    known = rubrics_of(rubrics)

    def mathematics(completion: Completion = "", prompt: Completion = "", **more: Any) -> float:
        chat = completion if problem is not None and part is not None else _whole(prompt, completion)
        found = measure(chat, known, problem, part, seed="reward")
        return getattr(found, when) if found is not None else 0.0

    return mathematics


def rewards(
    problem: str | None = None, part: str | None = None, rubrics: str | Sequence[str] | None = None
) -> Callable[..., list[float | None]]:
    """A function of ``(prompts, completions, **columns)`` → a share for each, None where nothing was decided.

    Columns named ``problem`` and ``part`` say what each row is about, where the data set has them.
    """
    known = rubrics_of(rubrics)

    def mathematics(
        prompts: Sequence[Completion], completions: Sequence[Completion], **columns: Any
    ) -> list[float | None]:
        made: list[float | None] = []
        for n, (prompt, completion) in enumerate(zip(prompts, completions, strict=True)):
            here, which = _column(columns, "problem", n, problem), _column(columns, "part", n, part)
            chat = completion if here and which else _whole(prompt, completion)
            found = measure(chat, known, here, which, seed="reward")
            made.append(None if found is None or found.undecided == 1.0 else found.final)
        return made

    return mathematics


def _column(columns: Mapping[str, Any], name: str, n: int, otherwise: str | None) -> str | None:
    values = columns.get(name)
    return str(values[n]) if isinstance(values, Sequence) and not isinstance(values, str) else otherwise


def _whole(prompt: Completion, completion: Completion) -> list[dict[str, Any]]:
    asked = [{"role": "user", "content": prompt}] if isinstance(prompt, str) else [dict(one) for one in prompt]
    said = (
        [{"role": "assistant", "content": completion}] if isinstance(completion, str) else [dict(c) for c in completion]
    )
    return [*(one for one in asked if one["content"]), *said]
