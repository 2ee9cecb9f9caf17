"""A scorer for Inspect AI (the extra ``llmgrade[inspect]``): first try and final as two scores, with their reasons.

In a task: ``scorer=claims(rubrics="my-rubrics")``. On a log that is there already::

    inspect score LOG --scorer llmgrade/claims -S problem=ridge-regression --action append

A sample whose metadata has ``problem`` (and ``part``) is graded as that; one that no rubric fits stays unscored.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any

from llmgrade.integrations.chats import Measured, measure, rubrics_of

__all__ = ["graded"]


def graded(
    messages: Sequence[Any],
    metadata: dict[str, Any],
    rubrics: str | Sequence[str] | None,
    problem: str | None = None,
    part: str | None = None,
) -> Measured | None:
    """A sample's messages as Inspect keeps them (``role`` and ``text``); what the sample's metadata says goes first."""
    said = [{"role": str(one.role), "content": str(one.text)} for one in messages if str(one.role) in _SPOKEN]
    return measure(
        said, rubrics_of(rubrics), metadata.get("problem", problem), metadata.get("part", part), seed="inspect"
    )


_SPOKEN = frozenset({"system", "user", "assistant"})


def _registered() -> Any:
    """The scorer, in the host's registry; a host looks for it when it loads this module."""
    from anyio import to_thread
    from inspect_ai.scorer import Score, mean, scorer, stderr

    def claims(rubrics: str | list[str] | None = None, problem: str | None = None, part: str | None = None) -> Any:
        """Grade the mathematics of a chat. ``rubrics``: files or folders (default: those that ship)."""

        async def score(state: Any, target: Any) -> Any:
            found = await to_thread.run_sync(graded, state.messages, state.metadata or {}, rubrics, problem, part)
            if found is None:
                return None
            return Score(
                value={"first": found.first, "final": found.final},
                answer=found.answer,
                explanation=found.explanation,
                metadata={
                    "undecided": found.undecided,
                    "verdicts": found.verdicts,
                    "pitfalls": list(found.pitfalls),
                },
            )

        return score

    return scorer(metrics={"first": [mean(), stderr()], "final": [mean(), stderr()]})(claims)


if find_spec("inspect_ai") is not None:
    claims = _registered()
