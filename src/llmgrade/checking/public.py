"""The two calls people import the package for: `check` one answer, `compile` a question for many.

Both are re-exported as ``llmgrade.check`` and ``llmgrade.compile``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from llmgrade.checking.compiled import Part
from llmgrade.checking.equivalence import Tolerance, decide
from llmgrade.checking.outcome import Decision
from llmgrade.errors import UsageError
from llmgrade.expr.notation import read
from llmgrade.expr.symbols import SymbolTable
from llmgrade.limits import Limits

__all__ = ["check", "compile", "table_of", "tolerance_of"]

Symbols = SymbolTable | Mapping[str, Any] | None


def table_of(symbols: Symbols) -> SymbolTable:
    """A symbol table from what a caller gives: a table, the contract's JSON, or nothing."""
    return symbols if isinstance(symbols, SymbolTable) else SymbolTable.from_json(symbols)


def tolerance_of(tolerance: Tolerance | float | None) -> Tolerance | None:
    """A number is a relative tolerance. Raises UsageError for a negative one."""
    if tolerance is None or isinstance(tolerance, Tolerance):
        return tolerance
    if tolerance < 0:
        raise UsageError(f"a tolerance is at least 0, not {tolerance}")
    return Tolerance(relative=float(tolerance))


def check(
    gold: str,
    answer: str,
    symbols: Symbols = None,
    *,
    tolerance: Tolerance | float | None = None,
    given: tuple[str, ...] = (),
    strata: tuple[str, ...] = (),
    seed: str | None = None,
    limits: Limits | None = None,
    second_opinion: float | None = None,
) -> Decision:
    """Whether an answer says what was expected, with the evidence.

    ``gold`` and ``answer`` are LaTeX, Unicode or plain text; ``symbols`` says what names mean (the contract's JSON or a table);
    ``given`` lists conditions under which the two must agree; ``second_opinion`` gives SymPy that many seconds over what would
    stay undecided. Raises ExpressionError where the *gold* cannot be read; an
    answer that cannot be read is undecided, with the reason.

    >>> str(check(r"\\frac{1}{2}", "0.5").verdict)
    'correct'
    >>> ridge = {"X": {"type": "matrix", "shape": ["n", "d"]}, "y": {"type": "vector", "shape": ["n", 1]},
    ...          "\\\\lambda": {"assume": ["positive"]}}
    >>> str(check(r"(X^T X + \\lambda I)^{-1} X^T y", r"X^T (X X^T + \\lambda I)^{-1} y", ridge).verdict)
    'correct'
    >>> wrong = check("x^2", "2x", seed="a")
    >>> str(wrong.verdict), sorted(wrong.evidence.witness)
    ('incorrect', ['x'])
    """
    table = table_of(symbols)
    limits = limits or Limits()
    conditions = tuple(read(text, table, limits).expr for text in given)
    return decide(
        gold,
        answer,
        table,
        limits,
        seed=seed,
        tolerance=tolerance_of(tolerance),
        strata=strata,
        given=conditions,
        second_opinion=second_opinion,
    )


def compile(
    gold: str,
    symbols: Symbols = None,
    *,
    tolerance: Tolerance | float | None = None,
    given: tuple[str, ...] = (),
    strata: tuple[str, ...] = (),
    seed: str | None = None,
    limits: Limits | None = None,
) -> Part:
    """A question prepared for many answers: ``part.check(text)`` costs microseconds, ``part.key(text)`` groups equal answers.

    >>> part = compile("2x + 1", seed="a")
    >>> [str(part.check(text).verdict) for text in ("1 + x + x", "2(x + 1)")]
    ['correct', 'incorrect']
    >>> part.key("1 + 2x") == part.key("x + x + 1")
    True
    """
    table = table_of(symbols)
    limits = limits or Limits()
    conditions = tuple(read(text, table, limits).expr for text in given)
    return Part.compile(
        gold, table, limits, seed=seed, tolerance=tolerance_of(tolerance), strata=strata, given=conditions
    )
