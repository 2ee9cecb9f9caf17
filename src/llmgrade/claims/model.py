"""What is asserted, of what, and exactly where. No rubric is known here.

A `Statement` is the smallest thing that can be right or wrong: an equation, a condition, a direction, a fact in a
sentence, a worked number, a row of a table. It knows the label it stands under (``b.ii``), so that `attempts` can tell
which part of which problem it answers.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from llmgrade.source import Span
from llmgrade.transcript.model import Formula

__all__ = ["Label", "Manner", "Standing", "Statement"]


class Manner(StrEnum):
    """What kind of statement it is."""

    FORMULA = "formula"
    """Mathematics: an expression, an equation or chain of them, a condition, a limit."""
    DIRECTION = "direction"
    """Something moves: left, right, up, down, either, unchanged; ``subject`` says what."""
    EXAMPLE = "example"
    """Numbers put in for symbols, with or without a result."""
    FACT = "fact"
    """A sentence of prose."""


class Standing(StrEnum):
    """Whether the writer stands by it."""

    ASSERTED = "asserted"
    REJECTED = "rejected"
    """Quoted in order to be refused ("it is not true that ...", "the formula you propose")."""
    WITHDRAWN = "withdrawn"
    """Said, and taken back later in the same message."""
    RESTATED = "restated"
    """The task said again, in a heading or a "we want to show"; not an answer."""
    HEDGED = "hedged"
    """"probably", "I think", "in general": asserted all the same, and shown."""


@dataclass(frozen=True, slots=True)
class Label:
    """The label a statement stands under: ``("b", "ii")``; the span of the marker itself; () is no label."""

    path: tuple[str, ...] = ()
    span: Span | None = None
    problem: str | None = None
    """A problem's number or title where the message names one ("Problem 2", "Set 1")."""
    title: str = ""
    """The words beside the marker, or the conditions of a table's row, that may tell the part where no letter does."""

    @property
    def text(self) -> str:
        return ".".join(self.path)


@dataclass(frozen=True, slots=True)
class Statement:
    """Something asserted in one turn."""

    manner: Manner
    turn: int
    order: int
    """Rank within the turn, in reading order."""
    label: Label
    text: str
    """The source's own words at ``span``."""
    span: Span
    standing: Standing = Standing.ASSERTED
    formula: Formula | None = None
    """The formula of a FORMULA or EXAMPLE."""
    latex: str | None = None
    """What is asserted, as LaTeX; None where there is no formula or it could not be read."""
    subject: str | None = None
    """What a DIRECTION is of, in normal form: ``slope``, ``elbow``, another noun, or a symbol's LaTeX; for a FORMULA the
    words it is said of ("singular values"), or its column's header."""
    reading: str | None = None
    """A DIRECTION in one word: left, right, up, down, either, unchanged, undetermined, and steeper or flatter where the
    size is meant and the sign is not said; what a FACT says, normalised."""
    condition: str | None = None
    """The condition a statement is limited to ("if w > b x"), as written."""
    boxed: bool = False
    final: bool = False
    """Introduced as the result ("Final answer:", "Thus", a box, the last of its section)."""
    from_table: bool = False
    context: str = ""
    """The sentence or row around it, for people and for matching words."""
    numbers: dict[str, str] = field(default_factory=dict)
    """An EXAMPLE's values by symbol."""
    results: tuple[str, ...] = ()
    """What an EXAMPLE says comes out, as LaTeX in reading order."""
    hypothesis: bool = False
    """A formula that something else is limited to ("if w > b x"), not a result by itself."""
