"""The parser of one lexicon: every family of the grammar, the table of what a token may begin, and the whole text."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain
from typing import Any

from llmgrade.expr.nodes import Const, Logic, PlusMinus, Word
from llmgrade.expr.notation.builder import NeedTree
from llmgrade.expr.notation.grammar.bars import Bars
from llmgrade.expr.notation.grammar.big_operators import BigOperators
from llmgrade.expr.notation.grammar.brackets import Brackets
from llmgrade.expr.notation.grammar.calculus import Calculus
from llmgrade.expr.notation.grammar.calls import Calls
from llmgrade.expr.notation.grammar.core import Core
from llmgrade.expr.notation.grammar.environments import Environments
from llmgrade.expr.notation.grammar.operands import Operands
from llmgrade.expr.notation.grammar.quantities import Quantities
from llmgrade.expr.notation.grammar.scripts import Scripts
from llmgrade.expr.notation.grammar.state import AND, END, UNARY, Misread
from llmgrade.expr.notation.grammar.statements import Statements
from llmgrade.expr.notation.lexicon import Lexicon, Unreadable
from llmgrade.expr.notation.quick import NEVER, PASS, quick_reader
from llmgrade.expr.notation.tokens import (
    ACCENT,
    AMP,
    BAR,
    BEGIN,
    BIG,
    BINOM,
    BOX,
    CBAR,
    COND,
    DBAR,
    DIFF,
    DOTS,
    EOF,
    FRAC,
    FUNC,
    INT,
    LANG,
    LEXEME,
    LIM,
    MAYBE,
    MONEY,
    NABLA,
    NOT,
    OBAR,
    PARTIAL,
    PLUS,
    PM,
    RANG,
    RB,
    REL,
    RP,
    SETL,
    SETR,
    SQRT,
    THOUSANDS,
    UNDERSET,
    UNIT,
    WORD,
    Token,
)

__all__ = ["Parser"]


class Parser(
    Core, Statements, Brackets, Bars, Operands, Scripts, Quantities, Calls, BigOperators, Calculus, Environments
):
    """A reader for one lexicon. ``tight`` makes juxtaposition bind tighter than a slash.

    Not for two threads at once: `notation.read` keeps one per thread.
    """

    def __init__(
        self, lexicon: Lexicon, *, tight: bool = False, chars: int = 20_000, most_tokens: int = 4_000, depth: int = 120
    ) -> None:
        super().__init__(lexicon, tight, depth)
        self.chars, self.most_tokens = chars, most_tokens
        self._look_up = lexicon.__getitem__
        self._quick: Callable[[list[Token]], Any] | None = None
        if not tight:
            self._quick = quick_reader(
                self.build, t_declared=self.t_declared, plain_products=self.plain_products, most_depth=depth // 3
            )

    def parse(self, text: str, places: list[int] | None = None) -> Any:
        """The value of a whole text. Raises Misread. ``places``, if given, receives the lexeme number of each token."""
        if len(text) > self.chars:
            raise Misread(f"longer than {self.chars} characters", 0, limit=True)
        if self.doubts:
            self.doubts.clear()
        if self.notes:
            self.notes.clear()
        lexemes = _FIND_ALL(text)
        if len(lexemes) > self.most_tokens:
            raise Misread(f"more than {self.most_tokens} lexemes", 0, limit=True)
        if places is not None:
            tokens = self._placed(lexemes, places)
        else:
            tokens = [*_FLAT(map(self._look_up, lexemes)), *_ENDS]
            if self._quick is not None:
                value = self._quick(tokens)
                if value is NEVER:
                    raise NeedTree
                if value is not PASS:
                    return value
        if len(tokens) > 2 * self.most_tokens:
            raise Misread(f"more than {2 * self.most_tokens} tokens", 0, limit=True)
        self.begin(tokens, places)
        try:
            value = self.listing()
        except RecursionError:
            raise Misread("nested too deep", self.at, limit=True) from None
        kind, _, written = tokens[self.at]
        if kind != EOF:
            raise Misread(_leftover(kind, written), self.at)
        return value

    def _placed(self, lexemes: list[str], places: list[int]) -> list[Token]:
        """The tokens, with the lexeme each comes from in ``places``. Raises Misread at a lexeme that means nothing."""
        tokens: list[Token] = []
        for number, lexeme in enumerate(lexemes):
            try:
                found = self.lexicon[lexeme]
            except Unreadable as why:
                places.append(number)
                raise Misread(str(why), len(tokens), limit=why.limit) from None
            tokens.extend(found)
            places.extend([number] * len(found))
        places.append(len(lexemes))
        return [*tokens, *_ENDS]

    def prefix(self, kind: int, value: Any, written: Any) -> Any:
        """What begins with a token that is no name, number, bracket or minus sign."""
        return _PREFIXES.get(kind, Parser.nothing_before)(self, value, written)


_ENDS = [END] * 4
_FIND_ALL, _FLAT = LEXEME.findall, chain.from_iterable
_PREFIXES: dict[int, Callable[[Parser, Any, Any], Any]] = {
    FUNC: lambda p, value, _: p.function(value),
    FRAC: lambda p, *_: p.fraction(),
    SQRT: lambda p, value, _: p.root(value),
    MAYBE: lambda p, value, _: p.maybe_called(value),
    PLUS: lambda p, *_: p.signed(),
    OBAR: lambda p, value, _: p.sided(value),
    BAR: lambda p, *_: p.same_bars(BAR),
    DBAR: lambda p, *_: p.same_bars(DBAR),
    BEGIN: lambda p, value, _: p.environment(value),
    BIG: lambda p, value, _: p.big(value),
    INT: lambda p, value, _: p.integral(value),
    LIM: lambda p, *_: p.limit(),
    UNDERSET: lambda p, *_: p.underset(),
    PARTIAL: lambda p, *_: p.partial(),
    NABLA: lambda p, *_: p.nabla(),
    DIFF: lambda p, value, _: p.bare_differential(value),
    BINOM: lambda p, *_: p.build.call("binom", [p.argument(), p.argument()], None),
    PM: lambda p, value, _: p.build.node(PlusMinus, p.expr(UNARY), value),
    THOUSANDS: Parser.thousands,
    SETL: lambda p, *_: p.curly(),
    LANG: lambda p, *_: p.angle(),
    REL: Parser.opening_relation,
    NOT: lambda p, *_: p.build.node(Logic, "not", (p.expr(AND),)),
    COND: Parser.opening_condition,
    BOX: lambda p, *_: p.boxed(),
    DOTS: lambda *_: Const("dots"),
    ACCENT: lambda p, value, _: p.build.call(value, [p.argument()], None),
    WORD: lambda p, value, _: p.build.node(Word, value),
    UNIT: Parser.unit_alone,
    MONEY: Parser.money,
}
"""Token kind → what it begins; of all others `nothing_before` says why not."""


def _leftover(kind: int, written: Any) -> str:
    if kind in (RP, RB, SETR, CBAR, RANG):
        return "closes what was never opened"
    if kind == AMP:
        return "an alignment mark outside a matrix"
    return f"“{written}” cannot be read here"
