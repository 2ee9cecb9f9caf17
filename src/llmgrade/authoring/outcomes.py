"""The words a rubric's tests use for what came out."""

from __future__ import annotations

from llmgrade.checking.model import JudgedAttempt
from llmgrade.checking.verdict import Verdict

__all__ = ["outcome_of"]


def outcome_of(judged: JudgedAttempt | None) -> set[str]:
    """The outcomes a test may name for what came out."""
    if judged is None:
        return {"unread", "reject"}
    found = set(judged.pitfalls)
    if judged.verdict is Verdict.CORRECT and not found:
        found.add("correct")
    elif judged.verdict in {Verdict.PARTIAL, Verdict.UNDECIDED}:
        found.add(judged.verdict.value)
    if judged.verdict in {Verdict.INCORRECT, Verdict.PARTIAL, Verdict.UNANSWERED}:
        found.add("reject")
    return found
