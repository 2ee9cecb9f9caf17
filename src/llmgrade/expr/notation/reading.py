"""What a text turned out to say: the expression, remarks about it, and other ways to read it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from llmgrade.expr.nodes import Expr
from llmgrade.source import Span

__all__ = ["Alternative", "Note", "Reading"]


@dataclass(frozen=True, slots=True)
class Note:
    """A remark a person should see: what was set aside or decided while reading."""

    code: str
    """A stable word: ``set-aside``, ``mixed-number``, ``slash``, ``repeating-decimal``, ``base``, …."""
    message: str


@dataclass(frozen=True, slots=True)
class Alternative:
    """A second reading of the same text, and what it would mean to read it so."""

    expr: Expr
    why: str
    code: str


class Reading:
    """An expression read from a text.

    ``alternatives`` and ``places`` cost a second pass over the text and are made when first asked for.
    """

    __slots__ = ("_alternatives", "_more", "_places", "_where", "expr", "notes", "text")

    def __init__(
        self,
        expr: Expr,
        notes: tuple[Note, ...] = (),
        text: str = "",
        more: Callable[[], tuple[Alternative, ...]] | None = None,
        where: Callable[[Expr], Mapping[int, Span]] | None = None,
    ) -> None:
        self.expr, self.notes, self.text = expr, notes, text
        self._more, self._where = more, where
        self._alternatives: tuple[Alternative, ...] | None = None
        self._places: Mapping[int, Span] | None = None

    @property
    def alternatives(self) -> tuple[Alternative, ...]:
        """Other readings, likeliest first; empty where the text leaves no doubt."""
        if self._alternatives is None:
            self._alternatives = self._more() if self._more is not None else ()
        return self._alternatives

    def with_notes(self, before: tuple[Note, ...]) -> Reading:
        """The same reading with further notes in front."""
        return Reading(self.expr, (*before, *self.notes), self.text, self._more, self._where)

    def places(self) -> Mapping[int, Span]:
        """``id(node)`` → its span in ``text``, for the nodes of ``expr``. Lives as long as the reading."""
        if self._places is None:
            self._places = self._where(self.expr) if self._where is not None else {}
        return self._places

    def span(self, node: Expr) -> Span:
        """Where a node of ``expr`` stands; the whole text for a node that is not its own."""
        return self.places().get(id(node), Span(0, len(self.text)))

    def __repr__(self) -> str:
        return f"Reading({self.expr!r}, notes={self.notes!r})"
