"""Values for people: fractions, short matrices, balls to a few digits; and points as witnesses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flint import acb, acb_mat, arb, arb_mat, fmpq, fmpq_mat

from llmgrade.expr.evaluate_algebra import SquareRoot

__all__ = ["value_text", "witness_text"]


def value_text(value: Any) -> str:
    """``3/2``, ``[[1, 0], [0, 1]]``, ``0.70710678``."""
    if isinstance(value, SquareRoot):
        return f"√({value_text(value.square)})"
    if isinstance(value, fmpq):
        return str(value)
    if isinstance(value, arb):
        return _digits(value)
    if isinstance(value, acb):
        if value.imag.is_zero():
            return _digits(value.real)
        return f"{_digits(value.real)} + {_digits(value.imag)}i"
    if isinstance(value, fmpq_mat | arb_mat | acb_mat):
        rows = [", ".join(value_text(value[i, j]) for j in range(value.ncols())) for i in range(value.nrows())]
        return "[" + ", ".join(f"[{row}]" for row in rows) + "]"
    if isinstance(value, tuple | list):
        return "(" + ", ".join(value_text(v) for v in value) + ")"
    return str(value)


def _digits(value: arb) -> str:
    text: str = value.str(10, radius=False)
    return text.rstrip("0").rstrip(".") if "." in text and "e" not in text else text


def witness_text(values: Mapping[str, Any]) -> dict[str, str]:
    """The point, name by name."""
    return {name: value_text(value) for name, value in sorted(values.items()) if not name.startswith("\0")}
