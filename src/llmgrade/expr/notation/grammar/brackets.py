"""What stands in brackets: groups, lists, intervals, sets, rows of a matrix typed as code, angle brackets."""

# Comparisons one by one are quicker than a membership test, which builds a tuple.
# ruff: noqa: SIM109

from __future__ import annotations

from typing import Any

from llmgrade.expr.nodes import Add, Const, Given, Interval, Matrix, Neg, PlusMinus, Seq, Set, SetBuilder, Vector
from llmgrade.expr.notation.grammar.state import RELATION, Misread, State
from llmgrade.expr.notation.tokens import (
    BAR,
    CARET,
    CBAR,
    COLON,
    COMMA,
    COND,
    DIFF,
    EOF,
    LB,
    LOGIC,
    RANG,
    RB,
    REL,
    ROW,
    RP,
    SEMI,
    SETR,
    UNDER,
)

__all__ = ["Brackets"]


class Brackets(State):
    """What stands in brackets."""

    def group(self, kind: int, opener: str | None) -> Any:
        self.enter()
        kept, self.bars = self.bars, 0
        kept_set, self.set_depth = self.set_depth, 0
        if kind == LB:
            if opener == "left":
                left = self.listing()
            elif self.kind() == RB:
                raise self.fail("an empty pair of braces")
            else:
                left = self.expr(0)
                if self.kind() in (COMMA, SEMI, REL, BAR, COLON):
                    left = self.braces(left)
            if self.kind() == DIFF and self.integrals:
                left = self.build.mul([left, self.differential()])
            if opener == "left" and self.kind() in (CBAR, BAR) and self.kind(1) in (UNDER, CARET):
                self.tokens[self.at] = (RB, "right", "|")
            if self.kind() != RB:
                raise self.fail("a brace is not closed" if self.kind() == EOF else "cannot be read here")
            self.at += 1
            if (opener == "left" and self.kind() == UNDER) or (
                self.tokens[self.at - 1][1] == "right" and self.kind() == UNDER
            ):
                left = self.evaluated_at(left)
        else:
            self.brackets += 1
            left = self.bracketed(opener or "(")
            self.brackets -= 1
        self.bars, self.set_depth = kept, kept_set
        self.depth -= 1
        return left

    def braces(self, first: Any) -> Any:
        """``{1, 2}`` written as a bare set, or a LaTeX group around a list."""
        if self.kind() == BAR or self.kind() == COLON:
            self.at += 1
            return self.build.node(SetBuilder, first, self.listing())
        return self.build.node(Set, self.members(first))

    def members(self, first: Any) -> tuple[Any, ...]:
        """The members of a set from ``first`` on, ``1, 2, and 3``."""
        items = [first]
        while self.kind() in (COMMA, SEMI):
            self.at += 1
            if self.kind() == LOGIC:
                self.at += 1
            items.append(self.expr(0))
        return tuple(items)

    def bracketed(self, opener: str) -> Any:
        if self.kind() == RP:
            if opener == "[" or opener == "(":
                raise self.fail("an empty pair of brackets")
            raise self.fail("nothing to round")
        first = self.expr(0)
        kind, value, _ = self.tokens[self.at]
        if kind == RP and value != opener and {value, opener} == {"(", ")"}:
            self.at += 1
            return self.grouped(first)
        if kind == RP and opener == "[" and value == "]":
            self.at += 1
            return first if not isinstance(first, Seq) or first.brackets == "" else self.build.node(Seq, (first,), "[]")
        if kind == RP and opener in ("floor", "ceil"):
            if value not in ("floor", "ceil"):
                raise self.fail("a rounding bracket is not closed")
            self.at += 1
            return self.build.call(
                "floor" if opener == value == "floor" else "ceil" if opener == value else "round", [first], None
            )
        if kind in (COMMA, SEMI, ROW):
            return self.listed(opener, first)
        if kind == DIFF and self.integrals:
            first = self.build.mul([first, self.differential()])
            if self.kind() == RP:
                self.at += 1
                return first
        if kind == BAR:
            self.at += 1
            given = self.listing()
            if self.kind() != RP:
                raise self.fail("a bracket is not closed")
            self.at += 1
            return self.build.node(Given, first, given)
        if kind == LOGIC or kind == COND:
            raise self.fail("cannot be read here")
        if kind == EOF:
            raise self.fail("a bracket is not closed")
        raise self.fail("cannot be read here")

    def grouped(self, inner: Any) -> Any:
        """``(1, 2)`` already read as a bare list keeps its brackets; anything else is just grouped."""
        return self.build.node(Seq, inner.items, "()") if isinstance(inner, Seq) and inner.brackets == "" else inner

    def listed(self, opener: str, first: Any) -> Any:
        rows: list[list[Any]] = [[first]]
        semis = False
        while self.kind() in (COMMA, SEMI, ROW):
            separator = self.kind()
            self.at += 1
            if self.kind() == RP:
                break  # a trailing comma, as code has
            if self.kind() == LOGIC and separator == COMMA:
                self.at += 1
            if separator == COMMA:
                rows[-1].append(self.item())
            else:
                semis = True
                rows.append([self.item()])
        kind, closer, _ = self.tokens[self.at]
        if kind != RP or closer in ("floor", "ceil"):
            raise self.fail("a bracket is not closed" if kind == EOF else "cannot be read here")
        self.at += 1
        if opener == "[" and closer == "]" and semis:
            return self.array(rows)
        if semis and all(len(row) == 1 for row in rows):
            rows = [[row[0] for row in rows]]
        elif semis:
            raise self.fail("rows in round brackets", self.at - 1)
        items = tuple(rows[0])
        if opener == "[" and closer == "]":
            if len(items) > 1 and all(isinstance(x, Seq) and x.brackets == "[]" for x in items):
                return self.array([list(x.items) for x in items])
            return self.build.node(Seq, items, "[]")
        if (opener != closer and {opener, closer} in ({"(", "]"}, {"[", ")"}, {"]", "["})) or (
            opener == "(" and closer == "]"
        ):
            if len(items) != 2:
                raise self.fail("an interval has two ends", self.at - 1)
            return self.build.node(Interval, *items, opener == "[", closer == "]")
        if closer == ")" and len(items) == 2 and opener == "(" and (self.infinite(items[0]) or self.infinite(items[1])):
            return self.build.node(Interval, *items, False, False)
        return self.build.node(Seq, items, "()")

    def item(self) -> Any:
        return self.expr(0)

    def infinite(self, value: Any) -> bool:
        if isinstance(value, Neg | PlusMinus):
            value = value.arg
        if isinstance(value, Add) and len(value.terms) == 1:
            value = value.terms[0]
        return isinstance(value, Const) and value.name == "oo"

    def interval(self, value: Any) -> Any:
        """Among sets, a pair is an interval."""
        if isinstance(value, Seq) and len(value.items) == 2 and value.brackets in ("()", "[]"):
            closed = value.brackets == "[]"
            return Interval(*value.items, closed, closed)
        return value

    def array(self, rows: list[list[Any]]) -> Any:
        width = len(rows[0])
        if any(len(row) != width for row in rows):
            raise self.fail("rows of different lengths", self.at - 1)
        if width == 1:
            return self.build.node(Vector, tuple(row[0] for row in rows))
        return self.build.node(Matrix, tuple(tuple(row) for row in rows))

    def curly(self) -> Any:
        self.enter()
        self.set_depth += 1
        kept, self.bars = self.bars, 0
        if self.kind() in (SETR, RB) and self.tokens[self.at][1] != "right":
            self.at += 1
            left: Any = Const("empty")
        else:
            first = self.expr(0)
            if self.kind() in (BAR, COLON):
                self.at += 1
                self.set_depth -= 1
                left = self.build.node(SetBuilder, first, self.listing())
                self.set_depth += 1
            else:
                items = self.members(first)
                left = self.build.node(Set, items)
                if len(items) == 1 and isinstance(first, Seq) and first.brackets == "":
                    left = self.build.node(Set, first.items)
            self.closing((SETR,), "a brace")
        self.bars = kept
        self.set_depth -= 1
        self.leave()
        return left

    def angle(self) -> Any:
        self.enter()
        first = self.expr(0)
        items = [first]
        if self.kind() == BAR:
            self.at += 1
            items.append(self.expr(0))
        while self.kind() == COMMA:
            self.at += 1
            items.append(self.expr(0))
        self.leave()
        self.closing((RANG,), "an angle bracket")
        if len(items) == 2:
            value = self.build.infix("inner", *items)
            if self.kind() == UNDER:
                self.at += 1
                name, weight = self.norm_kind()
                if weight is not None or name != "F":
                    raise self.fail("an inner product with a subscript", self.at - 1)
            return value
        return self.build.node(Seq, tuple(items), "<>")

    def try_angle(self) -> Any:
        """``<a, b>`` typed with less-than signs."""
        start = self.at
        self.at += 1
        if self.brackets > 20:
            self.at = start
            return None
        try:
            first = self.expr(RELATION)
            if self.kind() == COMMA:
                self.at += 1
                second = self.expr(RELATION)
                if self.kind() == REL and self.tokens[self.at][2] == ">":
                    self.at += 1
                    return self.build.infix("inner", first, second)
        except Misread:
            pass
        self.at = start
        return None
