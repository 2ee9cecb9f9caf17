"""Numbers beside what they count: units, degrees, money, mixed numbers, nouns."""

from __future__ import annotations

from typing import Any

from llmgrade.expr.nodes import Quantity
from llmgrade.expr.notation.grammar.state import POWER, State
from llmgrade.expr.notation.tokens import (
    CARET,
    CDOT,
    COMMA,
    EOF,
    LB,
    MINUS,
    NUM,
    POST,
    RB,
    REL,
    RP,
    SLASH,
    STAR,
    SYM,
    UNIT,
)

__all__ = ["Quantities"]


class Quantities(State):
    """Numbers beside what they count."""

    def unit(self) -> tuple[tuple[str, int], ...]:
        """Units that follow each other: ``\\text{N}\\cdot\\text{m}``, ``\\text{m}/\\text{s}^2``."""
        powers: dict[str, int] = {}
        sign = 1
        while True:
            found = self.tokens[self.at][1]
            self.at += 1
            raised_ = 1
            if self.kind() == CARET or (self.kind() == POST and isinstance(self.tokens[self.at][1], int)):
                raised_ = self.unit_power()
            for position, (name, power_) in enumerate(found):
                power_ *= raised_ if position == len(found) - 1 else 1
                powers[name] = powers.get(name, 0) + sign * power_
            if self.kind() == UNIT:
                continue
            if self.kind() in (CDOT, STAR, SLASH) and self.kind(1) == UNIT:
                sign = -1 if self.kind() == SLASH else sign
                self.at += 1
                continue
            return tuple((name, power_) for name, power_ in powers.items() if power_)

    def unit_power(self) -> int:
        if self.kind() == POST:
            self.at += 1
            return int(self.tokens[self.at - 1][1])
        self.at += 1
        sign = 1
        braced = self.kind() == LB
        self.at += braced
        if self.kind() == MINUS:
            sign = -1
            self.at += 1
        digits = str(self.tokens[self.at][2])
        if self.kind() != NUM or not digits.isdecimal() or len(digits) > 1:
            raise self.fail("a power of a unit was expected")
        self.at += 1
        if braced:
            if self.kind() != RB:
                raise self.fail("a power of a unit was expected")
            self.at += 1
        return sign * int(digits)

    def quantity(self, value: Any, unit: Any) -> Any:
        if isinstance(value, Quantity):
            merged = dict(value.unit)
            for name, exponent in unit:
                merged[name] = merged.get(name, 0) + exponent
            return self.build.node(Quantity, value.value, tuple((n, p) for n, p in merged.items() if p))
        return self.build.node(Quantity, value, unit)

    def degrees(self, left: Any) -> Any:
        kind, _value, written = self.tokens[self.at]
        if kind == SYM and written in ("C", "F") and self.kind(1) in (EOF, RB, RP, COMMA, REL):
            self.at += 1
            return self.quantity(left, (("°" + written, 1),))
        return self.quantity(left, (("deg", 1),))

    def degrees_after(self, braced: bool, left: Any) -> Any:
        following = self.tokens[self.at + 3] if braced else self.tokens[self.at + 1]
        if following[0] == SYM and following[2] in ("C", "F"):
            self.splice(self.at + (3 if braced else 1), 1, [])
            return self.quantity(left, (("°" + following[2], 1),))
        return self.quantity(left, (("deg", 1),))

    def beside(self, left: Any) -> Any:
        """``1 1/2`` is a mixed number; two bare numbers side by side are no product."""
        previous, here = self.tokens[self.at - 1][2], self.tokens[self.at][2]
        if isinstance(previous, str) and previous.isdecimal() and isinstance(here, str) and here.isdecimal():
            if self.kind(1) == SLASH and self.kind(2) == NUM and str(self.tokens[self.at + 2][2]).isdecimal():
                top, bottom = int(here), int(self.tokens[self.at + 2][2])
                if 0 < top < bottom and self.bind[self.kind(3)] < POWER:
                    value = self.build.add([left, self.build.div(self.tokens[self.at][1], self.tokens[self.at + 2][1])])
                    self.at += 3
                    self.notes.append(("mixed-number", f"{previous} {top}/{bottom} read as a mixed number"))
                    self.doubts.add("mixed")
                    return value
        elif (
            isinstance(previous, str)
            and previous.isdecimal()
            and isinstance(here, str)
            and len(here) == 1
            and not here.isascii()
        ):
            value = self.build.add([left, self.tokens[self.at][1]])  # 3½
            self.at += 1
            return value
        raise self.fail("two numbers side by side")

    def mixed_number(self, left: Any) -> Any:
        """``2\\frac{1}{4}`` is 9/4 where the fraction is a proper one of written-out numbers."""
        start = self.at
        found = self.written_fraction()
        if found is None:
            self.at = start
            return None
        top, bottom = found
        whole = self.tokens[start - 1][2]
        self.notes.append(("mixed-number", f"{whole} {top}/{bottom} read as a mixed number"))
        self.doubts.add("mixed")
        return self.build.add([left, self.build.div(self.build.num(str(top)), self.build.num(str(bottom)))])

    def written_fraction(self) -> tuple[int, int] | None:
        self.at += 1
        numbers: list[int] = []
        if self.kind() == NUM and len(str(self.tokens[self.at][2])) == 2 and str(self.tokens[self.at][2]).isdecimal():
            numbers = [int(self.tokens[self.at][2][0]), int(self.tokens[self.at][2][1])]
            self.at += 1
        else:
            for _ in range(2):
                if self.kind() == LB and self.kind(1) == NUM and self.kind(2) == RB:
                    text, step = str(self.tokens[self.at + 1][2]), 3
                elif self.kind() == NUM:
                    text, step = str(self.tokens[self.at][2]), 1
                else:
                    return None
                if not text.isdecimal() or len(text) > 30:
                    return None
                numbers.append(int(text))
                self.at += step
        if not 0 < numbers[0] < numbers[1] or self.bind[self.kind()] >= POWER:
            return None
        return numbers[0], numbers[1]

    def word_after(self, factors: list[Any], word: str) -> Any:
        """A noun after a number is its unit: ``6 apples``."""
        if len(factors) == 1 and len(word) > 1 and word.replace(" ", "").replace("-", "").isalpha():
            self.at += 1
            return self.quantity(factors[0], ((word, 1),))
        return None
