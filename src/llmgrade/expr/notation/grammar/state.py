"""Where a reading stands: the tokens, the position, what is open; and what the families of the grammar ask of each other."""

from __future__ import annotations

from typing import Any

from llmgrade.expr.nodes import Const
from llmgrade.expr.notation.lexicon import Lexicon
from llmgrade.expr.notation.tokens import (
    ACCENT,
    AMP,
    BANG,
    BAR,
    BEGIN,
    BIG,
    BINOM,
    BOX,
    CARET,
    CDOT,
    COLON,
    COMMA,
    COND,
    DBAR,
    DEGREE,
    DIFF,
    DOTS,
    EOF,
    FRAC,
    FUNC,
    INFIX,
    INT,
    LANG,
    LB,
    LIM,
    LOGIC,
    LP,
    MAYBE,
    METHOD,
    MINUS,
    MOD,
    MONEY,
    NABLA,
    NUM,
    OBAR,
    OVER,
    PARTIAL,
    PERCENT,
    PLUS,
    PM,
    POST,
    PRIME,
    REL,
    REMARK,
    ROW,
    SEMI,
    SETL,
    SETOP,
    SLASH,
    SQRT,
    STAR,
    SYM,
    THOUSANDS,
    UNDER,
    UNIT,
    WORD,
    Token,
)

__all__ = ["BINDS", "END", "OPENERS", "STARTERS", "UNSAID", "Misread", "State"]

# Binding powers. IMPLICIT is the strength of juxtaposition: with it above PRODUCT, `1/2x` is 1/(2x).
CONDITION, OR, AND, RELATION, SET, CAP, SUM, UNARY, PRODUCT, TIGHT, POWER, POSTFIX = (
    1, 2, 3, 5, 7, 8, 10, 15, 20, 22, 40, 45,
)  # fmt: skip

STARTERS = frozenset((SYM, NUM, LP, LB, FUNC, FRAC, SQRT, OBAR, BIG, BEGIN, PARTIAL, NABLA, LANG, BINOM, INT, LIM, DIFF,
                      MAYBE, BAR, DBAR, BOX, THOUSANDS, SETL, ACCENT, DOTS, UNIT, MONEY, WORD))  # fmt: skip
"""What an operand may begin with: beside another operand, a product."""
BINDS: dict[int, int] = {
    COND: CONDITION,
    REMARK: CONDITION, LOGIC: OR, REL: RELATION, SETOP: SET, COLON: 9, PLUS: SUM, MINUS: SUM, PM: SUM, STAR: PRODUCT, SLASH: PRODUCT, CDOT: PRODUCT,
    INFIX: PRODUCT, MOD: 18, CARET: POWER, POST: POSTFIX, PRIME: POSTFIX, BANG: POSTFIX, UNDER: POSTFIX, PERCENT: POSTFIX, DEGREE: POSTFIX,
    METHOD: POSTFIX, OVER: 4,
}  # fmt: skip
OPENERS = frozenset(
    (LP, LB, PLUS, MINUS, STAR, CDOT, SLASH, REL, COMMA, SEMI, AMP, ROW, PM, LOGIC, COND, SETL, COLON, NUM)
)
"""After these a number begins anew."""
END: Token = (EOF, None, "")
UNSAID = Const("unsaid")


class Misread(Exception):
    """The text stops making sense at a token; ``limit`` says a budget ran out."""

    def __init__(self, reason: str, at: int, *, limit: bool = False, hint: str | None = None) -> None:
        super().__init__(reason)
        self.reason, self.at, self.limit, self.hint = reason, at, limit, hint


class State:
    """One reading. Each family of the grammar adds methods; `parser.Parser` is all of them."""

    def __init__(self, lexicon: Lexicon, tight: bool, most_depth: int) -> None:
        self.lexicon, self.tight, self.most_depth = lexicon, tight, most_depth
        self.build: Any = lexicon.builder
        self.plain_products = lexicon.plain_products
        self.t_declared = lexicon.table.get("T") is not None
        self.implicit = TIGHT if tight else PRODUCT
        self.bind = [BINDS.get(kind, self.implicit if kind in STARTERS else 0) for kind in range(64)]
        self.doubts: set[str] = set()
        """What could have been read another way, by the codes of `reading.Alternative`."""
        self.notes: list[tuple[str, str]] = []
        self.tokens: list[Token] = []
        self.inverted: Any = None
        """The inverse of the function just called, applied to the same arguments."""
        self.begin([], None)

    def begin(self, tokens: list[Token], origin: list[int] | None) -> None:
        """At the first token of a text. ``origin`` has the lexeme number of each token, where anybody asks for places."""
        self.tokens, self.origin = tokens, origin
        self.at = 0
        self.depth = 0
        self.bars = 0
        """Open |…| or ‖…‖ written with the same sign at both ends."""
        self.brackets = 0
        """Open brackets of any kind."""
        self.set_depth = 0
        self.integrals = 0
        self.variable: Any = None
        """The variable of the innermost integral, once its d… was met."""
        self.side: str | None = None
        """Of a limit's target, while one is being read."""
        self.in_bound = False
        self.bind[DIFF] = self.implicit

    def kind(self, ahead: int = 0) -> int:
        """The kind of the token at the position, or of one ``ahead`` of it."""
        return self.tokens[self.at + ahead][0]

    def fail(self, reason: str, at: int | None = None, *, limit: bool = False, hint: str | None = None) -> Misread:
        """What to raise: ``reason`` at the position, or at another token."""
        return Misread(reason, self.at if at is None else at, limit=limit, hint=hint)

    def enter(self) -> None:
        """One level deeper. Raises Misread at the deepest."""
        self.depth += 1
        if self.depth > self.most_depth:
            raise self.fail(f"nested deeper than {self.most_depth}", limit=True)

    def leave(self) -> None:
        self.depth -= 1

    def splice(self, at: int, count: int, new: list[Token]) -> None:
        """Other tokens in the place of ``count`` of them."""
        self.tokens[at : at + count] = new
        if self.origin is not None:
            self.origin[at : at + count] = [self.origin[at]] * len(new)

    # --- what the families ask of each other --------------------------------------------------------------------------
    def prefix(self, kind: int, value: Any, written: Any) -> Any:
        raise NotImplementedError

    def expr(self, right: int) -> Any:
        raise NotImplementedError

    def run(self) -> Any:
        raise NotImplementedError

    def listing(self) -> Any:
        raise NotImplementedError

    def loose(self, left: Any, kind: int, value: Any, right: int) -> Any:
        raise NotImplementedError

    def relation(self, left: Any) -> Any:
        raise NotImplementedError

    def array(self, rows: list[list[Any]]) -> Any:
        raise NotImplementedError

    def curly(self) -> Any:
        raise NotImplementedError

    def group(self, kind: int, opener: str | None) -> Any:
        raise NotImplementedError

    def interval(self, value: Any) -> Any:
        raise NotImplementedError

    def try_angle(self) -> Any:
        raise NotImplementedError

    def closing(self, kinds: tuple[int, ...], what: str) -> None:
        raise NotImplementedError

    def evaluated(self, body: Any, where: Any) -> Any:
        raise NotImplementedError

    def evaluated_at(self, body: Any) -> Any:
        raise NotImplementedError

    def norm_kind(self) -> tuple[str, Any]:
        raise NotImplementedError

    def opens_bar(self, kind: int, written: str) -> bool:
        raise NotImplementedError

    def argument(self) -> Any:
        raise NotImplementedError

    def root(self, degree: int) -> Any:
        raise NotImplementedError

    def indexed(self, left: Any) -> Any:
        raise NotImplementedError

    def is_transpose(self, kind: int, value: Any, written: Any, before: Token) -> bool:
        raise NotImplementedError

    def post(self, left: Any, value: Any) -> Any:
        raise NotImplementedError

    def power(self, left: Any) -> Any:
        raise NotImplementedError

    def beside(self, left: Any) -> Any:
        raise NotImplementedError

    def degrees(self, left: Any) -> Any:
        raise NotImplementedError

    def degrees_after(self, braced: bool, left: Any) -> Any:
        raise NotImplementedError

    def mixed_number(self, left: Any) -> Any:
        raise NotImplementedError

    def quantity(self, value: Any, unit: Any) -> Any:
        raise NotImplementedError

    def unit(self) -> tuple[tuple[str, int], ...]:
        raise NotImplementedError

    def word_after(self, factors: list[Any], word: str) -> Any:
        raise NotImplementedError

    def applied(self, value: Any) -> Any:
        raise NotImplementedError

    def call_arguments(self) -> list[Any]:
        raise NotImplementedError

    def call_like(self, factors: list[Any]) -> bool:
        raise NotImplementedError

    def finish(self, name: str, args: list[Any], sub: Any) -> Any:
        raise NotImplementedError

    def method(self, left: Any, name: str) -> Any:
        raise NotImplementedError

    def bound_text(self) -> Any:
        raise NotImplementedError

    def bounds(self) -> tuple[Any, Any]:
        raise NotImplementedError

    def derivative(self) -> Any:
        raise NotImplementedError

    def differential(self) -> Any:
        raise NotImplementedError

    def is_d(self, token: Token) -> bool:
        raise NotImplementedError
