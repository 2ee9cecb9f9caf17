"""The shape of what was read, with the place of a mistake in the text."""

from __future__ import annotations

from llmgrade.errors import ExpressionError
from llmgrade.expr.infer import Misfit, shape
from llmgrade.expr.notation.reading import Reading
from llmgrade.expr.shapes import Shape
from llmgrade.expr.symbols import SymbolTable

__all__ = ["shape_of"]


def shape_of(reading: Reading, symbols: SymbolTable) -> Shape:
    """The shape of what was read. Raises ExpressionError (code ``shape-mismatch``) with the place of the part that does not fit.

    >>> from llmgrade.expr.notation import read
    >>> table = SymbolTable.from_json({"X": {"type": "matrix", "shape": ["n", "d"]}, "w": {"type": "vector", "shape": ["d"]}})
    >>> print(shape_of(read("X w", table), table))
    vector of n
    >>> shape_of(read("Xᵀ w", table), table)
    Traceback (most recent call last):
    llmgrade.errors.ExpressionError: cannot multiply d×n by a vector of d (at 0: 'Xᵀ w')
    """
    try:
        return shape(reading.expr, symbols)
    except Misfit as why:
        located = reading.located()
        if located is None:
            raise ExpressionError(
                why.reason, reading.text, reading.whole, hint=why.hint, code="shape-mismatch"
            ) from None
        try:
            shape(located.expr, symbols)
        except Misfit as again:
            why = again
        raise ExpressionError(
            why.reason, reading.text, located.span(why.node), hint=why.hint, code="shape-mismatch"
        ) from None
