"""Attempts: which part of which problem is answered in which turn, by which statements, and prompted by what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from llmgrade.claims.model import Statement
from llmgrade.rubric.model import Part, Rubric
from llmgrade.source import Span

__all__ = ["Attempt", "Prompt", "PromptKind"]


class PromptKind(StrEnum):
    """What the person's turn was, towards one part."""

    QUESTION = "question"
    """The task, or the task again, without a word about what is right."""
    HINT = "hint"
    """Something about what is wrong or how to look at it."""
    OBJECTION = "objection"
    """It says the answer is wrong, or not in the wished form."""
    ANSWER = "answer"
    """It gives the answer away."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """The person's turn before an answer."""

    turn: int
    kind: PromptKind
    text: str
    """The words that are about the part (the item of the task, or the whole of a short message)."""
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One assistant turn that answers a part; ``turn`` None is a part that was asked and never answered.

    ``statements`` are the ones of the part's section, in reading order, without what was quoted, rejected, withdrawn or
    only restated.
    """

    rubric: Rubric
    part: Part
    number: int
    turn: int | None
    statements: tuple[Statement, ...] = ()
    prompt: Prompt | None = None
    asked: str = ""
    """What was asked of this part, over all prompts so far (words for "leave y out" and the like)."""
    objected: str = ""
    """What the person says next about this part, if the next turn objects."""
    renamed: Mapping[str, str] = field(default_factory=dict)
    """The chat's own letters for the rubric's symbols, where they differ: ``{"Φ": "X"}``."""
    said_before: Mapping[str, str] = field(default_factory=dict)
    """What this chat answered in earlier parts, by part, as LaTeX: for following through an earlier mistake."""
    span: Span | None = None
    unsure: frozenset[int] = frozenset()
    """``order`` of the statements whose formula may not belong where it stands: on their page, torn lines could not all
    be put together."""
    earlier: tuple[Statement, ...] = ()
    """Of the statements those that may be an answer of their own, given before a question that the print hides."""
    hidden: bool = False
    """An answer before this one may have been taken into the question."""
    scattered: bool = False
    """It stands on a printed page whose torn lines could not all be put together: what it lacks may stand there unread."""
