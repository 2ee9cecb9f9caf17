"""Integrals, differentials, derivatives, gradients."""

from __future__ import annotations

from typing import Any

from llmgrade.expr.nodes import Derivative, Integral, Relation, Seq
from llmgrade.expr.notation.grammar.state import POSTFIX, POWER, PRODUCT, RELATION, STARTERS, TIGHT, State
from llmgrade.expr.notation.tokens import (
    BAR,
    CARET,
    CDOT,
    DBAR,
    DIFF,
    LB,
    LP,
    MAYBE,
    NUM,
    PARTIAL,
    POST,
    RB,
    SLASH,
    STAR,
    SYM,
    UNDER,
    Token,
)

__all__ = ["Calculus"]


class Calculus(State):
    """Integrals, differentials, derivatives, gradients.."""

    def integral(self, count: int) -> Any:
        lower, upper = self.bounds()
        if isinstance(lower, Relation) and len(lower.ops) > 0:
            raise self.fail("an integral over a set we cannot name")
        self.mark_differentials()
        kept_variable, self.variable = self.variable, None
        self.integrals += 1
        kept_bind = self.bind[DIFF]
        self.bind[DIFF] = 0
        self.enter()
        body: Any
        try:
            if self.kind() == DIFF:
                found = self.differential_name()
                body = self.expr(PRODUCT - 1) if self.starts_factor() else self.build.num("1")
            else:
                body = self.expr(RELATION)
                if self.kind() == DIFF:
                    found = self.differential_name()
                elif self.variable is not None:
                    found = self.variable
                else:
                    raise self.fail("an integral without its d…")
            names = [found]
            while len(names) < count:
                if self.kind() != DIFF:
                    raise self.fail("an integral without its d…")
                names.append(self.differential_name())
        finally:
            self.integrals -= 1
            self.bind[DIFF] = kept_bind if self.integrals == 0 else 0
            self.variable = kept_variable
        self.leave()
        result = body
        for index, name in enumerate(names):
            last = index == len(names) - 1
            result = self.build.node(Integral, result, name, lower if last else None, upper if last else None)
        return result

    def starts_factor(self) -> bool:
        return self.kind() in STARTERS and self.kind() != DIFF and not (self.kind() in (BAR, DBAR) and self.bars)

    def mark_differentials(self) -> None:
        """``d`` and a name after it, written apart, become one token."""
        at = self.at
        while at + 1 < len(self.tokens):
            if (
                self.is_d(self.tokens[at])
                and self.tokens[at + 1][0] in (SYM, MAYBE)
                and not self.is_d(self.tokens[at + 1])
            ):
                self.splice(at, 2, [(DIFF, (self.tokens[at][1], (self.tokens[at + 1],)), "d")])
            at += 1

    def differential_name(self) -> Any:
        _, value, _ = self.tokens[self.at]
        if value[0] == "over":
            raise self.fail("cannot be read here")
        self.at += 1
        return value[1][0][1]

    def differential(self) -> Any:
        """A ``dx`` inside a fraction or bracket of an integrand: says the variable, counts as 1."""
        self.variable = self.differential_name()
        return self.build.num("1")

    def is_d(self, token: Token) -> bool:
        return token[0] == SYM and token[2] == "d" and self.lexicon.table.name_of("d") is None

    def bare_differential(self, value: Any) -> Any:
        """``d/dx f``, ``dy/dx``; anywhere else ``dx`` is d times x, inside an integral a factor 1."""
        if value[0] == "over":
            return self.operator(value[1])
        if self.integrals:
            self.at -= 1
            return self.differential()
        self.splice(self.at - 1, 1, [(SYM, value[0], "d"), *value[1]])
        if self.tokens[self.at + len(value[1])][0] == SLASH and (
            self.tokens[self.at + len(value[1]) + 1][0] == DIFF or self.is_d(self.tokens[self.at + len(value[1]) + 1])
        ):
            body_token = self.tokens[self.at]
            self.at += len(value[1]) + 1
            name = self.tokens[self.at]
            if name[0] == DIFF and name[1][0] != "over":
                self.at += 1
                return self.build.node(Derivative, body_token[1], (name[1][1][0][1],), "d")
            raise self.fail("cannot be read here")
        return self.tokens[self.at - 1][1]

    def operator(self, order: int) -> Any:
        """``d/dx`` or ``d^2/dx^2`` and what it is taken of."""
        kind, _value, _written = self.tokens[self.at]
        if kind not in (SYM, MAYBE, PARTIAL, LB) or self.is_d(self.tokens[self.at]):
            raise self.fail("a derivative by what?")
        if kind == PARTIAL:
            self.at += 1
        name = self.argument()
        if self.order() != order:
            raise self.fail("a derivative whose orders do not match", self.at - 1)
        return self.taken_of((name,) * order, "d")

    def taken_of(self, names: tuple[Any, ...], kind: str) -> Any:
        if not self.starts_factor():
            raise self.fail("a derivative of what?")
        self.enter()
        body = self.expr(PRODUCT - 1)
        self.leave()
        return self.build.node(Derivative, body, names, kind)

    def order(self) -> int:
        """The order raised on a d or on what it is taken by: 1 where nothing is."""
        if self.kind() == CARET:
            self.at += 1
            return self.whole()
        raised = self.tokens[self.at][1]
        if self.kind() == POST and isinstance(raised, int):
            self.at += 1
            return raised
        return 1

    def whole(self) -> int:
        kind, _, written = self.tokens[self.at]
        if kind == LB and self.kind(1) == NUM and self.kind(2) == RB:
            written = self.tokens[self.at + 1][2]
            self.at += 3
        elif kind == NUM:
            self.at += 1
        else:
            raise self.fail("a whole number was expected")
        if not str(written).isdecimal() or int(written) > 20:
            raise self.fail("a derivative of order 1 to 20 was expected", self.at - 1)
        return int(written)

    def derivative(self) -> Any:
        """``\\frac{\\partial f}{\\partial x}``, ``\\frac{d}{dx}``, ``\\frac{d^2 y}{dx^2}``, ``\\frac{\\partial^2 f}{\\partial x\\,\\partial y}``; None where it is a fraction."""
        start = self.at
        if self.integrals and self.kind(1) == DIFF:
            return None
        self.at += 1
        kind, value, _ = self.tokens[self.at]
        notation = "partial" if kind == PARTIAL else "d"
        body: Any = None
        bottom = self.at
        level = 1
        while bottom < len(self.tokens) and level:  # is the denominator one of differentials?
            level += (self.tokens[bottom][0] == LB) - (self.tokens[bottom][0] == RB)
            bottom += 1
        if (
            bottom + 1 >= len(self.tokens)
            or self.tokens[bottom][0] != LB
            or not (self.tokens[bottom + 1][0] in (PARTIAL, DIFF) or self.is_d(self.tokens[bottom + 1]))
        ):
            self.at = start
            return None
        if kind == DIFF:
            if value[0] == "over":
                raise self.fail("cannot be read here")
            self.splice(self.at, 1, [(SYM, value[0], "d"), *value[1]])
        self.at += 1
        order = self.order()
        if self.kind() != RB:
            self.enter()
            body = self.expr(0)
            self.leave()
        if self.kind() != RB:
            raise self.fail("cannot be read here")
        self.at += 2
        names = self.differential_names()
        if self.kind() != RB:
            raise self.fail("cannot be read here")
        self.at += 1
        if len(names) != order:
            raise self.fail("a derivative whose orders do not match", self.at - 1)
        if body is None:
            return self.taken_of(names, notation)
        return self.build.node(Derivative, body, names, notation)

    def differential_names(self) -> tuple[Any, ...]:
        names: list[Any] = []
        while True:
            kind, value, _ = self.tokens[self.at]
            if kind == DIFF and value[0] != "over":
                self.splice(self.at, 1, [(SYM, value[0], "d"), *value[1]])
                self.at += 1
            elif kind == PARTIAL or self.is_d(self.tokens[self.at]):
                self.at += 1
            else:
                break
            if self.kind() in (LB, LP):
                name = self.argument() if self.kind() == LB else self.expr(POSTFIX)
            elif self.kind() in (SYM, MAYBE):
                name = self.tokens[self.at][1]
                self.at += 1
                if self.kind() == LP and self.tokens[self.at][1] == "(":
                    written = str(self.tokens[self.at - 1][2])
                    name = self.build.call(written, self.call_arguments(), None)
            else:
                name = self.expr(POWER)
            times = 1
            if self.kind() == CARET:
                self.at += 1
                if (
                    self.kind() == SYM
                    and self.is_transpose(SYM, self.tokens[self.at][1], self.tokens[self.at][2], (SYM, None, ""))
                ) or (self.kind() == POST and self.tokens[self.at][1] == "T"):
                    self.at += 1
                    name = self.build.transpose(name)
                elif (
                    self.kind() == LB
                    and self.kind(2) == RB
                    and (self.kind(1) == POST or self.tokens[self.at + 1][2] == "T")
                ):
                    self.at += 3
                    name = self.build.transpose(name)
                elif self.kind() == LB and self.kind(1) == LP:
                    name = self.build.pow(name, self.argument())  # a label such as ^{(1)}, not an order
                else:
                    times = self.whole()
            elif self.kind() == POST:
                if self.tokens[self.at][1] == "T":
                    name = self.build.transpose(name)
                elif isinstance(self.tokens[self.at][1], int):
                    times = self.tokens[self.at][1]
                self.at += 1
            elif self.kind() == UNDER:
                name = self.indexed(name)
            if not 1 <= times <= 20:
                raise self.fail("a derivative of order 1 to 20 was expected", self.at - 1)
            names.extend([name] * times)
        if not names:
            raise self.fail("a derivative by what?")
        return tuple(names)

    def partial(self) -> Any:
        """``∂f/∂x`` and ``∂/∂x f`` on one line; ``∂_x f``."""
        if self.kind() == UNDER:
            self.at += 1
            return self.taken_of((self.argument(),), "partial")
        order = self.order()
        body: Any = None
        if self.kind() != SLASH:
            body = self.expr(PRODUCT)
        if self.kind() != SLASH or self.kind(1) not in (PARTIAL, DIFF):
            raise self.fail("a derivative by what?")
        self.at += 1
        names = self.differential_names()
        if len(names) != order:
            raise self.fail("a derivative whose orders do not match", self.at - 1)
        if body is None:
            return self.taken_of(names, "partial")
        return self.build.node(Derivative, body, names, "partial")

    def nabla(self) -> Any:
        names: tuple[Any, ...] = ()
        kind = "nabla"
        for _ in range(2):
            if self.kind() == UNDER:
                self.at += 1
                found = self.argument()
                names = found.items if isinstance(found, Seq) else (found,)
            elif self.kind() == CARET and self.kind(1) == NUM and self.tokens[self.at + 1][2] == "2":
                self.at += 2
                kind = "hessian"
            elif self.kind() == POST and self.tokens[self.at][1] == 2:
                self.at += 1
                kind = "hessian"
            elif self.kind() == CDOT:
                self.at += 1
                kind = "divergence"
            elif self.kind() == STAR and self.tokens[self.at][2] == "×":
                self.at += 1
                kind = "curl"
        if not self.starts_factor():
            raise self.fail("a gradient of what?")
        self.enter()
        body = self.expr(TIGHT) if self.kind() in (SYM, MAYBE, LP) else self.expr(PRODUCT)
        self.leave()
        return self.build.node(Derivative, body, names, kind)
