"""The precedence core: one loop for all infix operators, and the runs of factors that stand side by side."""

# Comparisons one by one are what the hot loop can afford; a membership test would build a tuple each time.
# ruff: noqa: SIM109

from __future__ import annotations

from typing import Any

from llmgrade.expr.nodes import Percent, PlusMinus
from llmgrade.expr.notation.grammar.state import OPENERS, POWER, PRODUCT, RELATION, STARTERS, SUM, TIGHT, UNARY, State
from llmgrade.expr.notation.quick import CONSTANT_NAMES, SMALL_NUMBERS
from llmgrade.expr.notation.tokens import (
    BANG,
    BAR,
    CARET,
    CDOT,
    COMMA,
    DBAR,
    DEGREE,
    DIFF,
    EOF,
    FRAC,
    INFIX,
    LB,
    LP,
    MAYBE,
    METHOD,
    MINUS,
    MONEY,
    NUM,
    PARTIAL,
    PERCENT,
    PLUS,
    PM,
    POST,
    PRIME,
    RB,
    REL,
    RP,
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

__all__ = ["Core"]


class Core(State):
    """Precedence."""

    def expr(self, right: int) -> Any:
        """An expression whose operators all bind tighter than ``right``."""
        tokens, bind = self.tokens, self.bind
        kind, value, written = tokens[self.at]
        self.at += 1
        if kind == SYM or kind == NUM:
            left = value
        elif kind == LP or kind == LB:
            left = self.group(kind, value)
        elif kind == MINUS:
            self.enter()
            left = self.build.neg(self.expr(UNARY if right < UNARY else right))
            self.leave()
        else:
            left = self.prefix(kind, value, written)
        while True:
            kind, value, _ = tokens[self.at]
            strength = bind[kind]
            if strength <= right:
                return left
            if strength >= POWER:
                raised = self.mark_above(left, tokens[self.at - 1]) if kind == CARET else None
                left = self.postfix(left, kind, value) if raised is None else raised
            elif strength >= PRODUCT:
                left = self.product(left, right)
                kind = tokens[self.at][0]
                if bind[kind] > right and kind in STARTERS:
                    return left  # a bar or bracket that closes something outside
            elif strength == SUM:
                left = self.sum(left)
            elif strength == RELATION:
                left = self.relation(left)
            else:
                done = self.loose(left, kind, value, right)
                if done is None:
                    return left
                left = done

    def sum(self, left: Any) -> Any:
        """The terms that follow the first."""
        tokens = self.tokens
        terms = [left]
        while True:
            kind = tokens[self.at][0]
            if kind == PLUS:
                self.at += 1
                terms.append(self.term())
            elif kind == MINUS:
                self.at += 1
                terms.append(self.build.neg(self.term()))
            elif kind == PM:
                upper = tokens[self.at][1]
                self.at += 1
                terms.append(self.build.node(PlusMinus, self.expr(SUM), upper))
            else:
                return self.build.add(terms)

    def term(self) -> Any:
        """``expr(SUM)``, quick for a name or number that stands alone."""
        kind, value, _ = self.tokens[self.at]
        if (kind == SYM or kind == NUM) and self.bind[self.tokens[self.at + 1][0]] <= SUM:
            self.at += 1
            return value
        return self.expr(SUM)

    def mark_above(self, base: Any, before: Token) -> Any:
        """At a caret: the commonest powers, with nothing attached to them. None: `power` has to look."""
        tokens, at = self.tokens, self.at
        kind, value, written = tokens[at + 1]
        step, sign = 2, 1
        if kind == LB:
            kind, value, written = tokens[at + 2]
            step = 4
            if kind == MINUS:
                kind, value, written = tokens[at + 3]
                step, sign = 5, -1
            if tokens[at + step - 1][0] != RB:
                return None
        if self.bind[tokens[at + step][0]] >= POWER:
            return None
        if kind == NUM:
            number = SMALL_NUMBERS.get(written)
            if number is None:
                return None
            self.at += step
            return self.build.powi(base, number if sign > 0 else -number)
        if sign > 0 and ((kind == SYM and written == "T") or (kind == POST and value == "T")):
            if kind == SYM and (self.t_declared or before[0] == NUM or before[2] in CONSTANT_NAMES):
                return None
            self.at += step
            return self.build.transpose(base)
        return None

    # --- products -----------------------------------------------------------------------------------------------------
    def product(self, left: Any, right: int) -> Any:
        """The factors that follow the first, with and without a sign between them."""
        tokens, bind = self.tokens, self.bind
        factors = [left]
        while True:
            kind, value, written = tokens[self.at]
            strength = bind[kind]
            if strength <= right or strength < PRODUCT:
                break
            if kind == SYM:
                after = tokens[self.at + 1][0]
                if bind[after] < POWER:  # nothing raised or indexed: no recursion needed
                    self.at += 1
                    factors.append(value)
                elif after == CARET:
                    self.at += 1
                    raised = self.mark_above(value, tokens[self.at - 1])
                    if raised is None:
                        self.at -= 1
                        raised = self.expr(self.implicit)
                    factors.append(raised)
                else:
                    factors.append(self.expr(self.implicit))
            elif kind == STAR:
                self.starred(factors, value, written)
            elif kind == CDOT:
                factors = self.dotted(factors)
            elif kind == SLASH:
                factors = self.divided(factors, written)
            elif kind == DIFF and self.integrals:
                break
            elif kind == BAR or kind == DBAR:
                if kind == BAR and not self.bars and tokens[self.at + 1][0] == UNDER:
                    self.at += 1  # `f |_{x = 0}`
                    factors = [self.evaluated_at(self.joined(factors))]
                elif self.opens_bar(kind, written):
                    factors.append(self.expr(self.implicit))
                else:
                    break
            elif kind == NUM:
                if tokens[self.at - 1][0] == NUM and (self.at < 2 or tokens[self.at - 2][0] in OPENERS):
                    factors[-1] = self.beside(factors[-1])
                else:
                    factors.append(self.expr(self.implicit))
            elif kind == LP and value in ("(", "[") and self.call_like(factors):
                factors[-1] = self.applied(factors[-1])
            elif kind in _COUNTED:
                factors = self.counted(factors, kind, value, written)
            else:
                factors.append(self.expr(self.implicit))
        return factors[0] if len(factors) == 1 else self.build.mul(factors)

    def joined(self, factors: list[Any]) -> Any:
        """The product so far."""
        return factors[0] if len(factors) == 1 else self.build.mul(factors)

    def starred(self, factors: list[Any], value: Any, written: Any) -> None:
        """``a * b``; ``w* = …``: a star with nothing after it belongs to the name before it."""
        if value != "star" and not (written == "*" and self.kind(1) in (REL, EOF, RP, RB, COMMA)):
            self.at += 1
            factors.append(self.expr(PRODUCT))
            return
        kind, _, name = self.tokens[self.at - 1]
        self.at += 1
        if kind != SYM or name.startswith("="):
            raise self.fail("a product with nothing after its sign", self.at - 1)
        factors[-1] = self.build.sym(name + "^*")

    def dotted(self, factors: list[Any]) -> list[Any]:
        """``a · b``: between numbers a product, else perhaps an inner one."""
        number_beside = self.kind(-1) == NUM or self.kind(1) in (NUM, MINUS)
        self.at += 1
        other = self.expr(PRODUCT)
        if self.plain_products or number_beside:
            return [*factors, other]
        return [self.build.infix("dot", self.joined(factors), other)]

    def divided(self, factors: list[Any], written: Any) -> list[Any]:
        if self.kind(1) in (DIFF, PARTIAL) and self.is_d(self.tokens[self.at - 1]):
            raise self.fail("a derivative by what?", self.at - 1)
        self.at += 1
        top = self.joined(factors)
        bottom = self.expr(PRODUCT)
        if self.kind() in STARTERS and not self.tight and written == "/":
            self.doubts.add("slash")
        return [self.build.div(top, bottom)]

    def counted(self, factors: list[Any], kind: int, value: Any, written: Any) -> list[Any]:
        """A named operator, a unit, money, a noun, a fraction that makes a mixed number."""
        if kind == INFIX:
            self.at += 1
            left = self.joined(factors)
            return [self.build.infix(value, left, self.expr(PRODUCT))]
        if kind == UNIT:
            left = self.joined(factors)
            return [self.quantity(left, self.unit())]
        if kind == MONEY:
            if self.kind(1) in (NUM, THOUSANDS):
                raise self.fail("a number beside an amount of money")
            self.at += 1
            return [self.quantity(self.joined(factors), ((value, 1),))]
        if kind == FRAC:
            mixed = None
            if self.kind(-1) == NUM and len(factors) == 1 and str(self.tokens[self.at - 1][2]).isdecimal():
                mixed = self.mixed_number(factors[-1])
            return [mixed] if mixed is not None else [*factors, self.expr(self.implicit)]
        noun = self.word_after(factors, value)
        if noun is None:
            raise self.fail(f"“{written}” is no mathematics")
        return [noun]

    def run(self) -> Any:
        """``\\sin 2x``, ``\\log xy``, ``\\det A``: juxtaposed simple factors up to the next function, operator or bracket."""
        if self.kind() == MINUS:
            self.at += 1
            return self.build.neg(self.run())
        factors = [self.expr(TIGHT)]
        while True:
            kind = self.kind()
            if kind in (SYM, NUM, FRAC, SQRT) and not (kind == NUM and self.kind(-1) == NUM):
                factors.append(self.expr(TIGHT))
                self.doubts.add("run")
            elif kind == MAYBE and self.kind(1) != LP:
                factors.append(self.expr(TIGHT))
            else:
                return self.joined(factors)

    # --- after an operand ---------------------------------------------------------------------------------------------
    def postfix(self, left: Any, kind: int, value: Any) -> Any:
        if kind == CARET:
            self.at += 1
            return self.power(left)
        if kind == POST:
            self.at += 1
            return self.post(left, value)
        if kind == UNDER:
            return self.indexed(left)
        self.at += 1
        if kind == BANG:
            if self.kind() == BANG:
                self.at += 1
                return self.build.call("factorial2", [left], None)
            return self.build.call("factorial", [left], None)
        if kind == PERCENT:
            if value == "mod" and self.kind() in (NUM, SYM, LP) and self.kind() != EOF:
                return self.build.infix("mod", left, self.expr(PRODUCT))
            return self.build.node(Percent, left)
        if kind == DEGREE:
            return self.degrees(left)
        if kind == PRIME:
            if value == 1 and not self.lexicon.bare:
                return self.build.transpose(left)
            raise self.fail("a prime after a compound expression: a transpose or a derivative?", self.at - 1)
        if kind == METHOD:
            return self.method(left, value)
        raise self.fail("cannot be read here", self.at - 1)


_COUNTED = frozenset((INFIX, UNIT, MONEY, FRAC, WORD))
