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
    SPACED,
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
        self.lexemes: list[str] = []
        """Of the text read last."""
        self.unplaced = self._without_places()

    def parse(self, text: str, places: list[int] | None = None) -> Any:
        """The value of a whole text. Raises Misread. ``places``, if given, receives the lexeme number of each token."""
        if len(text) > self.chars:
            raise Misread(f"longer than {self.chars} characters", 0, limit=True)
        if places is None:
            return self.unplaced(text)
        self._forget()
        lexemes = LEXEME.findall(text)
        if len(lexemes) > self.most_tokens:
            raise self._too_many()
        return self._by_grammar(self._placed(lexemes, places), places)

    def _forget(self) -> None:
        self.doubts.clear()
        self.notes.clear()

    def _too_many(self) -> Misread:
        return Misread(f"more than {self.most_tokens} lexemes", 0, limit=True)

    def _without_places(self) -> Callable[..., Any]:
        """`parse` of a text of bearable length without places: what nearly every text takes, and so one function. A text
        whose lexemes another parser has found need not be searched again."""
        find, flat, look_up, most_tokens = (
            SPACED.findall,
            chain.from_iterable,
            self.lexicon.__getitem__,
            self.most_tokens,
        )
        doubts, notes, by_grammar = self.doubts, self.notes, self._by_grammar
        quick: Callable[[list[Token]], Any] | None = None
        if not self.tight:
            quick = quick_reader(
                self.build,
                t_declared=self.t_declared,
                plain_products=self.plain_products,
                most_depth=self.most_depth // 3,
            )

        def unplaced(text: str, lexemes: list[str] | None = None) -> Any:
            if doubts or notes:
                doubts.clear()
                notes.clear()
            if lexemes is None:
                lexemes = find(text)
            self.lexemes = lexemes
            if len(lexemes) > most_tokens:
                raise self._too_many()
            self.tokens = tokens = [*flat(map(look_up, lexemes)), END, END, END, END]
            if quick is not None:
                value = quick(tokens)
                if value is not PASS:
                    if value is NEVER:
                        raise NeedTree
                    return value
            return by_grammar(tokens, None)

        return unplaced

    def _by_grammar(self, tokens: list[Token], places: list[int] | None) -> Any:
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
