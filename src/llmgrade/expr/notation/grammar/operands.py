"""What an expression may begin with, and what commands take: fractions, roots, braced arguments."""

# Comparisons one by one are quicker than a membership test, which builds a tuple.
# ruff: noqa: SIM109

from __future__ import annotations

from typing import Any

from llmgrade.expr.nodes import Const, Given, Logic, Word
from llmgrade.expr.notation.grammar.state import CONDITION, POSTFIX, PRODUCT, UNARY, UNSAID, State
from llmgrade.expr.notation.tokens import (
    CBAR,
    CDOT,
    COLON,
    COMMA,
    DIFF,
    EOF,
    LB,
    LOGIC,
    LP,
    MAYBE,
    MINUS,
    MOD,
    NUM,
    PARTIAL,
    POST,
    RANG,
    RB,
    RP,
    SETR,
    SLASH,
    STAR,
    SYM,
    THOUSANDS,
    WORD,
)

__all__ = ["Operands"]


class Operands(State):
    """What an expression may begin with, and what commands take."""

    def fraction(self) -> Any:
        kind, _value, _written = self.tokens[self.at]
        if kind == LB and (self.kind(1) == PARTIAL or self.kind(1) == DIFF or self.is_d(self.tokens[self.at + 1])):
            derived = self.derivative()
            if derived is not None:
                return derived
        self.enter()
        top = self.digit() if kind == NUM else self.argument()
        bottom = self.digit() if self.kind() == NUM else self.argument()
        self.leave()
        return self.build.div(top, bottom)

    def digit(self) -> Any:
        """``\\frac12``: TeX takes one digit and leaves the rest."""
        _, value, written = self.tokens[self.at]
        if isinstance(written, str) and len(written) > 1 and written.isdecimal():
            self.tokens[self.at] = (NUM, self.build.num(written[1:]), written[1:])
            return self.build.num(written[0])
        self.at += 1
        return value

    def argument(self) -> Any:
        """What a command takes: a braced group, or a single token with nothing attached."""
        kind, value, _written = self.tokens[self.at]
        self.at += 1
        if kind == LB:
            return self.group(LB, value)
        if kind in (SYM, NUM, MAYBE, THOUSANDS):
            return value
        if kind == WORD:
            return self.build.node(Word, value)
        if kind == EOF:
            raise self.fail("the text ends where something should follow", self.at - 1)
        self.at -= 1
        self.enter()
        value = self.expr(POSTFIX)
        self.leave()
        return value

    def root(self, degree: int) -> Any:
        index: Any = None
        if self.kind() == LP and self.tokens[self.at][1] == "[":
            self.at += 1
            index = self.expr(0)
            if self.kind() != RP or self.tokens[self.at][1] != "]":
                raise self.fail("the index of a root is not closed")
            self.at += 1
        kind, value, _written = self.tokens[self.at]
        self.enter()
        if kind == LB or kind == LP:
            self.at += 1
            inner = self.group(kind, value)
        elif kind in (NUM, SYM):
            self.at += 1
            inner = value
            if kind == SYM and self.kind() == POST and isinstance(self.tokens[self.at][1], int):
                self.doubts.add("root")
        else:
            inner = self.expr(POSTFIX)
        self.leave()
        if index is not None:
            return self.build.call("root", [inner, index], None)
        return (
            self.build.call("sqrt", [inner], None)
            if degree == 2
            else self.build.call("root", [inner, self.build.num(str(degree))], None)
        )

    def signed(self) -> Any:
        """``+x``."""
        self.enter()
        inner = self.expr(UNARY)
        self.leave()
        return inner

    def maybe_called(self, value: Any) -> Any:
        """A letter that is a function when a bracket follows."""
        if self.kind() == LP and self.tokens[self.at][1] in ("(", "[") and self.call_like([value]):
            return self.applied(value)
        return value

    def thousands(self, value: Any, written: Any) -> Any:
        """``1,234``: one number, but two values in brackets."""
        if self.brackets == 0 and self.set_depth == 0:
            self.doubts.add("thousands")
            return value
        self.splice(self.at - 1, 1, list(written))
        self.at -= 1
        return self.expr(UNARY)

    def opening_relation(self, value: Any, written: Any) -> Any:
        """``≠ 5``, ``> 5``: the left side goes without saying; or an inner product typed with less-than signs."""
        self.at -= 1
        if value in ("<", "up", "down") and written == "<":
            left = self.try_angle()
            if left is not None:
                return left
        return self.relation(UNSAID)

    def opening_condition(self, value: Any, written: Any) -> Any:
        """``∀ x …``, ``if x > 0, …``, ``otherwise``."""
        if value in ("forall", "exists"):
            return self.build.node(Logic, value, (self.expr(CONDITION),))
        if value == "otherwise":
            return Const("otherwise")
        if value == "if":
            premise = self.expr(CONDITION)
            if self.kind() == COMMA:
                self.at += 1
                return self.build.node(Given, self.expr(0), premise)
            if self.brackets == 0:
                return premise
        raise self.fail(f"“{written}” with nothing before it", self.at - 1)

    def boxed(self) -> Any:
        if self.kind() != LB:
            raise self.fail("\\boxed without its braces")
        self.at += 1
        self.enter()
        if self.kind() == RB:
            raise self.fail("an empty box")
        left = self.listing()
        self.leave()
        if self.kind() != RB:
            raise self.fail("a brace is not closed" if self.kind() == EOF else "cannot be read here")
        self.at += 1
        return left

    def unit_alone(self, value: Any, written: Any) -> Any:
        if len(value) == 1 and value[0][1] == 1:
            return self.build.node(Word, str(written).strip().lower())
        raise self.fail("a unit without a number", self.at - 1)

    def money(self, value: Any, written: Any) -> Any:
        if self.kind() in (NUM, THOUSANDS, MINUS):
            amount = self.expr(PRODUCT)
            return self.quantity(amount, ((value, 1),))
        raise self.fail(f"“{written}” without an amount", self.at - 1)

    def nothing_before(self, value: Any, written: Any) -> Any:
        """What can begin nothing, in words. Raises Misread."""
        kind = self.kind(-1)
        reason = "cannot be read here"
        if kind in (STAR, CDOT, SLASH):
            reason = "an operator with nothing before it"
        elif kind == EOF:
            reason = "the text ends where something should follow" if self.at > 1 else "nothing to read"
        elif kind == LOGIC:
            reason = f"“{written}” with nothing before it"
        elif kind == POST and value == "T":
            reason = "a transpose with nothing before it"
        elif kind == COLON:
            reason = "a colon with nothing before it"
        elif kind == MOD:
            reason = "“mod” with nothing before it"
        elif kind in (RP, RB, SETR, CBAR, RANG):
            reason = "closes what was never opened"
        raise self.fail(reason, self.at - 1)
