"""What is raised or lowered: powers, transposes, inverses, indices, digits in a base."""

from __future__ import annotations

from typing import Any

from llmgrade.expr.nodes import Adjoint, At, Const, Expr, Index, Mul, Num, Percent, Relation, Seq, Sym, Word
from llmgrade.expr.notation.builder import NeedTree
from llmgrade.expr.notation.grammar.state import POWER, State
from llmgrade.expr.notation.tokens import (
    BANG,
    CARET,
    COMMA,
    COND,
    DEGREE,
    EOF,
    INFIX,
    LB,
    LOGIC,
    LP,
    MINUS,
    NUM,
    PERCENT,
    PLUS,
    POST,
    PRIME,
    RB,
    RP,
    SEMI,
    STAR,
    SYM,
    UNDER,
    Token,
)

__all__ = ["Scripts"]


class Scripts(State):
    """What is raised or lowered."""

    def power(self, left: Any) -> Any:
        kind, value, written = self.tokens[self.at]
        before = self.tokens[self.at - 2]
        if kind == LB:
            inner = self.tokens[self.at + 1]
            after = self.kind(2) if self.at + 2 < len(self.tokens) else EOF
            if after == RB:
                k, v, w = inner
                if k == NUM and isinstance(w, str) and w.isdecimal():
                    self.at += 3
                    return self.build.powi(left, int(w)) if len(w) < 10 else self.build.pow(left, v)
                mark = self.raised_mark(left, k, v, w, before)
                if mark is not None:
                    self.at += 3
                    return mark
            elif inner[0] == MINUS and self.at + 3 < len(self.tokens) and self.kind(3) == RB:
                k, v, w = self.tokens[self.at + 2]
                if k == NUM and isinstance(w, str) and w.isdecimal() and len(w) < 10:
                    self.at += 4
                    return self.build.powi(left, -int(w))
                if k in (POST, SYM) and self.is_transpose(k, v, w, before):
                    self.at += 4
                    return self.build.transpose(self.build.powi(left, -1))
            elif self.in_bound and inner[0] in (PLUS, MINUS):
                pass
            self.at += 1
            return self.build.pow(left, self.group(LB, None))
        if kind == NUM:
            self.at += 1
            if (
                isinstance(written, str)
                and written.isdecimal()
                and len(written) < 10
                and self.kind() not in (CARET, POST, BANG, UNDER)
            ):
                return self.build.powi(left, int(written))
            self.at -= 1
            return self.build.pow(left, self.expr(POWER - 1))
        mark = self.raised_mark(left, kind, value, written, before)
        if mark is not None:
            self.at += 1
            return mark
        if kind == SYM and self.bind[self.kind(1)] < POWER:
            self.at += 1
            return self.build.pow(left, value)
        if kind == MINUS:
            k, v, w = self.tokens[self.at + 1]
            if k == NUM and isinstance(w, str) and w.isdecimal() and len(w) < 10 and self.bind[self.kind(2)] < POWER:
                self.at += 2
                return self.build.powi(left, -int(w))
            if k in (POST, SYM) and self.is_transpose(k, v, w, before):
                self.at += 2
                return self.build.transpose(self.build.powi(left, -1))
            self.at += 1
            self.enter()
            exponent = self.build.neg(self.expr(POWER - 1))
            self.leave()
            return self.build.pow(left, exponent)
        self.enter()
        if kind == LP:
            self.at += 1
            exponent = self.group(LP, value)
            if self.kind() == CARET:
                self.at += 1
                exponent = self.power(exponent)
        else:
            exponent = self.expr(POWER - 1)
        self.leave()
        return self.build.pow(left, exponent)

    def is_transpose(self, kind: int, value: Any, written: Any, before: Token) -> bool:
        if kind == POST:
            return bool(value == "T")
        if kind == SYM and written == "T" and self.lexicon.table.get("T") is None:
            return not (before[0] == NUM or before[2] in ("=e", "=pi", "=i"))
        return False

    def raised_mark(self, left: Any, kind: int, value: Any, written: Any, before: Token) -> Any:
        """``^T``, ``^\\dagger``, ``^+``, ``^*``, ``^\\circ``, ``^\\prime``; ``3^+`` in a limit."""
        if kind == SYM:
            if self.is_transpose(kind, value, written, before):
                return self.build.transpose(left)
            if written == "H" and self.lexicon.table.get("H") is None and not self.lexicon.plain_products:
                return self.build.node(Adjoint, left)
            return None
        if kind == POST:
            return self.post(left, value)
        if kind in (PLUS, MINUS):
            braced = self.kind() == LB
            following = self.kind(3) if braced else self.kind(1)
            sign = "+" if kind == PLUS else "-"
            if self.in_bound and before[0] in (NUM, SYM) and following in (RB, EOF, COMMA, RP):
                self.side = sign
                return left
            if braced or (kind == PLUS and following != NUM and not (before[0] == NUM or before[2] == "=e")):
                if kind == PLUS:
                    return self.build.pinv(left)
                if kind == MINUS and braced:
                    raise self.fail("a power that is only a minus sign: which generalized inverse?")
            return None
        if kind == STAR:
            return self.star_above(left)
        if kind == INFIX and value == "compose":
            return self.degrees_after(self.kind() == LB, left)
        if kind == DEGREE:
            return self.quantity(left, (("deg", 1),))
        if kind == PRIME:
            if not self.lexicon.bare:
                return self.build.transpose(left)
            raise self.fail("a prime after a compound expression: a transpose or a derivative?")
        if kind == PERCENT:
            return self.build.node(Percent, left)
        return None

    def star_above(self, left: Any) -> Any:
        return self.build.node(Adjoint, left)

    def post(self, left: Any, value: Any) -> Any:
        if value == "T":
            return self.build.transpose(left)
        if (
            self.in_bound
            and self.tokens[self.at - 1][2] in ("+", "⁻")
            and self.kind(-2) in (NUM, SYM)
            and self.kind() in (EOF, RB, RP, COMMA, SEMI, COND, LOGIC)
        ):
            self.side = "+" if value == "pinv" else "-"
            return left
        if isinstance(value, int):
            return self.build.powi(left, value)
        if value == "pinv":
            return self.build.pinv(left)
        if value == "inv":
            return self.build.powi(left, -1)
        if value == "H":
            return self.build.node(Adjoint, left)
        raise self.fail("cannot be read here", self.at - 1)

    def indexed(self, left: Any) -> Any:
        """A subscript that is no part of a name: a base after a number, entries of anything else, ``[F]_a^b``, ``f|_{x=0}``."""
        before = self.tokens[self.at - 1]
        self.at += 1
        if before[0] == NUM:
            return self.based(before)
        if before[0] == RB and before[1] == "right":
            return self.evaluated(left, self.argument())
        inner = self.bound_text()
        if isinstance(inner, Relation) and inner.ops == ("=",):
            return self.build.node(At, left, inner.terms[0], inner.terms[1], None)
        if before[0] == RP and self.kind() == CARET and before[1] == "]":
            self.at += 1
            return self.build.node(At, left, None, self.argument(), inner)
        if isinstance(inner, Seq):
            return self.build.node(Index, left, inner.items)
        if isinstance(inner, Expr) and not isinstance(inner, Word):
            if (
                isinstance(inner, Mul)
                and len(inner.factors) == 2
                and all(isinstance(f, Sym | Num | Const) for f in inner.factors)
            ):
                return self.build.node(Index, left, inner.factors)
            if (
                isinstance(inner, Num)
                and isinstance(inner.value, int)
                and inner.decimals is None
                and 10 < inner.value < 100
            ):
                return self.build.node(Index, left, (Num(inner.value // 10), Num(inner.value % 10)))
        return self.build.node(Index, left, (inner,))

    def based(self, token: Token) -> Any:
        """``101_2``: digits in a base."""
        at = self.at
        base = self.argument()
        digits = str(token[2])
        if not isinstance(base, Num) or not isinstance(base.value, int) or not digits.isdecimal():
            if not isinstance(base, Expr):
                raise NeedTree
            if digits == "1":
                return self.build.call("ones", [base], None)
            if digits == "0":
                return self.build.call("zeros", [base], None)
            raise self.fail("a number with a subscript that is no base", at)
        if not 2 <= base.value <= 36 or any(int(d) >= base.value for d in digits):
            raise self.fail(f"{digits} has no meaning in base {base.value}", at)
        self.notes.append(("base", f"{digits} read in base {base.value}"))
        return Num(int(digits, base.value))
