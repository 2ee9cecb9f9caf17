"""Text → mathematics. `read` reads a formula in LaTeX, Unicode, plain or numpy-like notation; `read_answer` first finds the bare
answer in a short wrapped text (``\\boxed{…}``, ``$…$``, "Final answer: **73**")."""

from __future__ import annotations

from functools import partial

from llmgrade.errors import ExpressionError, LimitExceeded
from llmgrade.expr.nodes import Word
from llmgrade.expr.notation.answer import find_answer
from llmgrade.expr.notation.builder import Builder, NeedTree, TreeBuilder
from llmgrade.expr.notation.fitting import shape_of
from llmgrade.expr.notation.reader import Reader, reader_for
from llmgrade.expr.notation.reading import Alternative, Note, Reading
from llmgrade.expr.symbols import SymbolTable
from llmgrade.limits import Limits
from llmgrade.source import Span

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
    "shape_of",
]

_LIMITS = Limits()
LONGEST_WORDS = 400
"""An answer in words may have this many letters."""


def read(text: str, symbols: SymbolTable | None = None, limits: Limits = _LIMITS) -> Reading:
    """The mathematics of a formula's text, under a table of what its names mean.

    Raises ExpressionError with the place and the reason where it cannot be read whole, LimitExceeded where a budget runs out.

    >>> table = SymbolTable.from_json({"X": {"type": "matrix", "shape": ["n", "d"]}, "w": {"type": "vector", "shape": ["d"]}})
    >>> read("X^TXw", table).expr == read("Xᵀ X w", table).expr == read("X.T @ X @ w", table).expr
    True
    """
    return reader_for(symbols if symbols is not None else SymbolTable.empty(), limits).read(text)


def read_answer(text: str, symbols: SymbolTable | None = None, limits: Limits = _LIMITS) -> Reading:
    """Like `read`, of the bare answer in a short text around it; what was set aside is a note of the reading.

    >>> reading = read_answer("Final Answer: **73**")
    >>> reading.expr, [note.code for note in reading.notes]
    (Num(value=73, decimals=None), ['set-aside'])
    """
    table = symbols if symbols is not None else SymbolTable.empty()
    if len(text) > limits.text_chars:
        return read(text, table, limits)
    first: ExpressionError | None = None
    for bare in find_answer(text, table):
        if bare.why:
            raise ExpressionError(bare.why, text, Span(0, len(text)))
        if bare.word:
            if len(bare.text) > LONGEST_WORDS:
                raise LimitExceeded(f"an answer of {len(bare.text)} letters", text, Span(0, len(text)))
            return Reading(
                Word(" ".join(bare.text.lower().split())),
                bare.notes,
                text,
                partial(_as_product, bare.text, table, limits),
            )
        try:
            reading = read(bare.text, table, limits)
        except ExpressionError as why:
            first = first or why
            continue
        return reading.with_notes(bare.notes) if bare.notes else reading
    assert first is not None
    raise first


def _as_product(text: str, table: SymbolTable, limits: Limits) -> tuple[Alternative, ...]:
    try:
        return (Alternative(read(text, table, limits).expr, "letters multiplied", "letters"),)
    except ExpressionError:
        return ()
