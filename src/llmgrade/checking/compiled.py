"""A question prepared once for many answers."""

from __future__ import annotations

from typing import Any

from llmgrade.checking.equivalence import Ladder, Question, Tolerance, decide_text
from llmgrade.checking.outcome import Decision
from llmgrade.expr.nodes import Expr
from llmgrade.expr.notation import read_answer
from llmgrade.expr.symbols import SymbolTable
from llmgrade.limits import Limits

__all__ = ["Part"]

_MEMO = 100_000


class Part:
    """What was expected, its symbols, and everything about it that does not depend on the answer."""

    def __init__(self, gold: Expr, question: Question) -> None:
        self.gold, self.question = gold, question
        self._memo: dict[str, Decision] = {}

    @classmethod
    def compile(
        cls,
        gold: Expr | str,
        symbols: SymbolTable | None = None,
        limits: Limits | None = None,
        *,
        seed: str | None = None,
        tolerance: Tolerance | None = None,
        strata: tuple[str, ...] = ("tall",),
        given: tuple[Expr, ...] = (),
        transposed: bool = False,
        proofs: bool = False,
    ) -> Part:
        """Raises ExpressionError for a gold that cannot be read."""
        table = symbols if symbols is not None else SymbolTable.empty()
        limits = limits or Limits()
        expr = read_answer(gold, table, limits).expr if isinstance(gold, str) else gold
        return cls(expr, Question(table, limits, seed, tolerance, strata, given, transposed, proofs))

    def check(self, answer: str | Expr) -> Decision:
        """The decision for one answer; a text seen before costs a look-up."""
        if not isinstance(answer, str):
            return Ladder(self.question).decide(self.gold, answer)
        found = self._memo.get(answer)
        if found is None:
            found = decide_text(self.gold, answer, self.question)
            if len(self._memo) < _MEMO:
                self._memo[answer] = found
        return found

    def key(self, answer: str) -> Any:
        """Equal answers have equal keys (and, but for a negligible chance, only they)."""
        return ("text", answer)
