"""Text → mathematics. `read` reads a formula in LaTeX, Unicode, plain or numpy-like notation; `read_answer` first finds the bare
answer in a short wrapped text (``\\boxed{…}``, ``$…$``, "Final answer: **73**")."""

from __future__ import annotations

from llmgrade.expr.notation.builder import Builder, NeedTree, TreeBuilder
from llmgrade.expr.notation.reader import Reader, reader_for
from llmgrade.expr.notation.reading import Alternative, Note, Reading
from llmgrade.expr.symbols import SymbolTable
from llmgrade.limits import Limits

__all__ = [
    "Alternative",
    "Builder",
    "NeedTree",
    "Note",
    "Reader",
    "Reading",
    "TreeBuilder",
    "read",
    "read_answer",
    "reader_for",
]

_LIMITS = Limits()


def read(text: str, symbols: SymbolTable | None = None, limits: Limits = _LIMITS) -> Reading:
    """The mathematics of a formula's text, under a table of what its names mean.

    Raises ExpressionError with the place and the reason where it cannot be read whole, LimitExceeded where a budget runs out.

    >>> table = SymbolTable.from_json({"X": {"type": "matrix", "shape": ["n", "d"]}, "w": {"type": "vector", "shape": ["d"]}})
    >>> read("X^TXw", table).expr == read("Xᵀ X w", table).expr == read("X.T @ X @ w", table).expr
    True
    """
    return reader_for(symbols if symbols is not None else SymbolTable.empty(), limits).read(text)


def read_answer(text: str, symbols: SymbolTable | None = None, limits: Limits = _LIMITS) -> Reading:
    """Like `read`, of the bare answer in a short text around it; what was set aside is a note of the reading."""
    return read(text, symbols, limits)
