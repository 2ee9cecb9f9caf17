"""Bars of absolute values, determinants and norms, and the bar after which a value is taken at a place."""

from __future__ import annotations

from typing import Any

from llmgrade.expr.nodes import Abs, At, Expr, Norm, Relation
from llmgrade.expr.notation.grammar.state import State
from llmgrade.expr.notation.tokens import (
    BAR,
    BEGIN,
    CARET,
    CBAR,
    COMMA,
    DBAR,
    END,
    EOF,
    FUNC,
    LB,
    LP,
    MAYBE,
    NUM,
    RB,
    RP,
    SETL,
    SETR,
    STAR,
    SYM,
    UNDER,
    WORD,
    Token,
)

__all__ = ["Bars"]


class Bars(State):
    """Bars of absolute values, determinants and norms, and the bar after which a value is taken at a place.."""

    def opens_bar(self, kind: int, written: str) -> bool:
        """Whether a bar after an operand opens (``2|x|``) rather than closes, or stands for "given"."""
        if self.bars:
            return False
        if kind == BAR and (self.tokens[self.at][1] == "mid" or self.set_depth):
            return False
        if kind == BAR and self.tokens[self.at][1] != "mid":
            ahead, level = self.at + 1, 0
            while ahead < len(self.tokens):
                k = self.tokens[ahead][0]
                if k in (LP, LB, SETL, BEGIN):
                    level += 1
                elif k in (RP, RB, SETR, END):
                    if level == 0:
                        return False
                    level -= 1
                elif k == EOF:
                    return False
                elif k == BAR and level == 0:
                    return True
                ahead += 1
            return False
        return True

    def closing(self, kinds: tuple[int, ...], what: str) -> None:
        if self.kind() not in kinds:
            raise self.fail(f"{what} is not closed")
        self.at += 1

    def same_bars(self, kind: int) -> Any:
        self.enter()
        self.bars += 1
        kept = self.brackets
        inner = self.expr(0)
        if self.kind() in (COMMA,):
            raise self.fail("a comma inside bars")
        self.bars -= 1
        self.leave()
        if kind == DBAR and self.kind() == BAR and self.kind(1) == BAR:
            self.at += 1
        elif kind == BAR and self.kind() == DBAR and self.tokens[self.at][2] == "||":
            # `|x||w|`: two single bars that were read as one double.
            self.splice(self.at, 1, [(BAR, None, "|"), (BAR, None, "|")])
        elif kind == DBAR and self.kind() == BAR and self.kind(-1) != BAR:
            raise self.fail("a double bar is not closed")
        assert kept == self.brackets
        self.closing((BAR, DBAR, CBAR), "a bar")
        return self.normed(inner, "norm" if kind == DBAR else "bar")

    def normed(self, inner: Any, kind: str) -> Any:
        if self.kind() != UNDER:
            if kind == "bar":
                return self.build.node(Abs, inner) if isinstance(inner, Expr) else self.build.abs(inner)
            return self.build.norm(inner, "")
        self.at += 1
        name, weight = self.norm_kind()
        if kind == "bar" and name == "" and weight is not None:
            return self.evaluated(inner, weight)
        if weight is not None:
            return self.build.node(Norm, inner, "", weight)
        return self.build.norm(inner, name)

    def norm_kind(self) -> tuple[str, Any]:
        """What stands below ‖…‖."""
        kind, _value, _written = self.tokens[self.at]
        start = self.at
        if kind == LB:
            inner, closer = self.tokens[self.at + 1], self.kind(2)
            if closer == RB and (name := self.norm_name(inner)) is not None:
                self.at += 3
                return name, None
        elif (name := self.norm_name(self.tokens[self.at])) is not None:
            self.at += 1
            return name, None
        self.at = start
        return "", self.argument()

    def norm_name(self, token: Token) -> str | None:
        kind, _, written = token
        if kind == NUM:
            return str(written)
        names = {"F": "F", "=oo": "inf", "nuc": "nuc", "fro": "F", "op": "2", "frob": "F"}
        if kind in (SYM, FUNC, WORD, MAYBE) and str(written) in names:
            return names[str(written)]
        if kind == STAR:
            return "nuc"
        return None

    def evaluated_at(self, body: Any) -> Any:
        self.at += 1
        return self.evaluated(body, self.argument())

    def evaluated(self, body: Any, where: Any) -> Any:
        """``f |_{x = 3}``, ``[F]_a^b``."""
        if isinstance(where, Relation) and where.ops == ("=",):
            return self.build.node(At, body, where.terms[0], where.terms[1], None)
        if self.kind() == CARET:
            self.at += 1
            return self.build.node(At, body, None, self.argument(), where)
        return self.build.node(At, body, None, where, None)

    def sided(self, kind: str) -> Any:
        """``\\left| … \\right|``, ``\\lVert … \\rVert``."""
        self.enter()
        kept, self.bars = self.bars, 0
        inner = self.listing()
        self.bars = kept
        self.closing((CBAR, BAR, DBAR, RB), "a bar")
        self.leave()
        return self.normed(inner, kind)
