"""``rubric diff``: the same answers under two versions of a rubric, and the rule that makes the difference."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from llmgrade.checking.model import JudgedAttempt
from llmgrade.grading import judge_answer
from llmgrade.limits import Limits
from llmgrade.rubric.model import Rubric

__all__ = ["Answered", "Change", "changes"]


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer to a part, and how often it was given."""

    part: str
    answer: str
    count: int = 1
    source: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """A verdict that is another one now."""

    part: str
    answer: str
    before: str
    after: str
    rule: str
    count: int


def changes(old: Rubric, new: Rubric, answers: Iterable[Answered], limits: Limits | None = None) -> Iterator[Change]:
    """Answers whose verdict, credit or pitfalls differ between the two."""
    limits = limits or Limits()
    theirs = {part.id for part in new.parts}
    for answered in answers:
        before = _told(judge_answer(old, answered.part, answered.answer, limits=limits, seed="diff")[1])
        if answered.part not in theirs:
            yield Change(answered.part, answered.answer, before, "not asked", "the part is gone", answered.count)
            continue
        judged = judge_answer(new, answered.part, answered.answer, limits=limits, seed="diff")[1]
        after = _told(judged)
        if before != after:
            yield Change(answered.part, answered.answer, before, after, _rule(judged), answered.count)


def _told(judged: JudgedAttempt | None) -> str:
    if judged is None:
        return "unanswered"
    named = f" [{', '.join(judged.pitfalls)}]" if judged.pitfalls else ""
    return f"{judged.verdict.value} {judged.credit:g}{named}"


def _rule(judged: JudgedAttempt | None) -> str:
    """What the new version decides it by."""
    if judged is None:
        return "nothing in it answers the part"
    if judged.pitfalls:
        return f"pitfall {judged.pitfalls[0]}"
    items = [claim.item for claim in judged.claims if claim.decisive and claim.item]
    return f"answer of {items[0]}" if items else "no rule of its own"
