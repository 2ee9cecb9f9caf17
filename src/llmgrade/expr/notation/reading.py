"""What a text turned out to say: the expression, remarks about it, and other ways to read it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from llmgrade.expr.nodes import Expr, children
from llmgrade.source import Span

__all__ = ["Alternative", "Located", "Note", "Reading"]


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


@dataclass(frozen=True, slots=True)
class Located:
    """The same expression read again with places; every node of ``expr`` is an object of its own."""

    expr: Expr
    spans: Mapping[int, Span]
    """``id(node)`` → where it stands in the text."""
    whole: Span

    def span(self, node: Expr) -> Span:
        """Where a node of ``expr`` stands: from its first to its last part that was written."""
        return self._span(node) or self.whole

    def _span(self, node: Expr) -> Span | None:
        found = self.spans.get(id(node))
        if found is not None:
            return found
        return Span.cover(span for part in children(node) if (span := self._span(part)) is not None)


class Reading:
    """An expression read from a text.

    ``alternatives`` and ``located`` cost further passes over the text and are made when first asked for.
    """

    __slots__ = ("_alternatives", "_located", "_more", "_where", "expr", "notes", "text")

    def __init__(
        self,
        expr: Expr,
        notes: tuple[Note, ...] = (),
        text: str = "",
        more: Callable[[], tuple[Alternative, ...]] | None = None,
        where: Callable[[], Located] | None = None,
    ) -> None:
        self.expr, self.notes, self.text = expr, notes, text
        self._more, self._where = more, where
        self._alternatives: tuple[Alternative, ...] | None = None
        self._located: Located | None = None

    @property
    def alternatives(self) -> tuple[Alternative, ...]:
        """Other readings, likeliest first; empty where the text leaves no doubt."""
        if self._alternatives is None:
            self._alternatives = self._more() if self._more is not None else ()
        return self._alternatives

    @property
    def whole(self) -> Span:
        """The span of the whole text."""
        return Span(0, len(self.text))

    def with_notes(self, before: tuple[Note, ...]) -> Reading:
        """The same reading with further notes in front."""
        return Reading(self.expr, (*before, *self.notes), self.text, self._more, self._where)

    def located(self) -> Located | None:
        """The expression with places, or None where it was not read from a text."""
        if self._located is None and self._where is not None:
            self._located = self._where()
        return self._located

    def __repr__(self) -> str:
        return f"Reading({self.expr!r}, notes={self.notes!r})"
