"""``rubric diff``: the same answers under two versions of a rubric, and the rule that makes the difference."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from llmgrade.authoring.stored import rebuilt
from llmgrade.checking.model import JudgedAttempt
from llmgrade.grading import grade, judge_answer
from llmgrade.limits import Limits
from llmgrade.report.model import AttemptReport, Report
from llmgrade.rubric.model import Rubric, Rubrics

__all__ = ["Answered", "Change", "changes", "regraded"]


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


def regraded(old: Rubric, new: Rubric, reports: Iterable[Report], limits: Limits | None = None) -> Iterator[Change]:
    """Attempts of whole stored chats whose verdict, credit or pitfalls differ between the two; equal changes are one."""
    limits = limits or Limits()
    found: Counter[tuple[str, str, str, str, str]] = Counter()
    for report in reports:
        transcript = rebuilt(report)
        if transcript is None:
            continue
        before, after = (_attempts(grade(transcript, Rubrics((r,)), limits, seed="diff"), r.id) for r in (old, new))
        for key in sorted({*before, *after}):
            one, other = before.get(key), after.get(key)
            told, now = _told(one), _told(other)
            if told != now:
                found[key[0], _answer(one or other), told, now, _rule(other)] += 1
    for (part, answer, told, now, rule), count in found.items():
        yield Change(part, answer, told, now, rule, count)


def _attempts(report: Report, rubric: str) -> dict[tuple[str, int], AttemptReport]:
    return {(part.id, a.attempt): a for problem, part, a in report.attempts() if problem.rubric == rubric}


def _answer(attempt: AttemptReport | None) -> str:
    if attempt is None:
        return ""
    return "; ".join(dict.fromkeys(" ".join(c.text.split()) for c in attempt.claims if c.decisive))


def _told(attempt: AttemptReport | JudgedAttempt | None) -> str:
    if attempt is None:
        return "unanswered"
    named = f" [{', '.join(attempt.pitfalls)}]" if attempt.pitfalls else ""
    return f"{attempt.verdict} {attempt.credit:g}{named}"


def _rule(attempt: AttemptReport | JudgedAttempt | None) -> str:
    """What the new version decides it by."""
    if attempt is None:
        return "nothing in it answers the part"
    if attempt.pitfalls:
        return f"pitfall {attempt.pitfalls[0]}"
    if attempt.follows:
        return f"follows from {attempt.follows}"
    items = [claim.item for claim in attempt.claims if claim.decisive and claim.item]
    return f"answer of {items[0]}" if items else "no rule of its own"
