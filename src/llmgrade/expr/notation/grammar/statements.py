"""Relations, logic, conditions, lists: what is said of values rather than what they are."""

from __future__ import annotations

from typing import Any

from llmgrade.expr.nodes import Const, Given, Logic, Piecewise, Relation, Seq, SetOp
from llmgrade.expr.notation.grammar.state import AND, CAP, CONDITION, OR, RELATION, SET, State
from llmgrade.expr.notation.tokens import COLON, COMMA, COND, EOF, LOGIC, MOD, OVER, RB, REL, REMARK, SEMI, SETOP

__all__ = ["Statements"]


class Statements(State):
    """Relations, logic, conditions, lists."""

    def relation(self, left: Any) -> Any:
        ops: list[str] = []
        terms = [left]
        while self.kind() == REL:
            op = self.tokens[self.at][1]
            self.at += 1
            if op == "->":
                kept = self.in_bound, self.side
                self.in_bound, self.side = True, None if not kept[0] else self.side
                terms.append(self.expr(RELATION))
                if not kept[0] and self.side:
                    op += self.side
                self.in_bound, self.side = kept if not kept[0] else (True, self.side)
            else:
                terms.append(self.expr(RELATION))
            ops.append(op)
            if self.kind() == MOD and self.tokens[self.at][1] == "p":
                self.at += 1
                modulus = self.argument()
                terms[-1] = self.build.infix("mod", terms[-1], modulus)
        flipped = {"ni": "in", "supset": "subset", "supseteq": "subseteq", "<-": "->", "succ": ">", "prec": "<"}
        if len(ops) == 1 and ops[0] in ("ni", "supset", "supseteq", "<-"):
            ops, terms = [flipped[ops[0]]], terms[::-1]
        return self.build.node(Relation, tuple(ops), tuple(terms))

    def loose(self, left: Any, kind: int, value: Any, right: int) -> Any:
        """The operators below a relation, and set operations, ratios and remainders."""
        if kind == SETOP:
            op = value
            args = [left]
            power_ = CAP if op == "intersection" else SET
            if power_ <= right:
                return None
            while self.kind() == SETOP and self.tokens[self.at][1] == op:
                self.at += 1
                args.append(self.expr(CAP if op in ("union", "intersection") else SET))
            return self.build.node(SetOp, op, tuple(self.interval(arg) for arg in args))
        if kind == MOD:
            self.at += 1
            if value == "p":
                return self.build.infix("mod", left, self.argument())
            return self.build.infix("mod", left, self.expr(18))
        if kind == COLON:
            if self.set_depth > 0:
                return None
            self.at += 1
            if self.kind() == REL and self.tokens[self.at][1] == "=":
                raise self.fail("“:=” with a space in it")
            return self.build.infix("ratio", left, self.expr(9))
        if kind == OVER:
            if right >= 4:
                return None
            self.at += 1
            bottom = self.expr(4)
            return self.build.div(left, bottom) if value == "div" else self.build.call("binom", [left, bottom], None)
        if kind == LOGIC:
            return self.logic(left, value, right)
        if kind == COND:
            return self.condition(left, value, right)
        if kind == REMARK:
            if right >= CONDITION or self.brackets:
                return None
            self.at += 1
            self.notes.append(("remark", f"{value} stands beside it"))
            return left
        raise self.fail("cannot be read here")

    def logic(self, left: Any, op: str, right: int) -> Any:
        power_ = AND if op == "and" else OR if op in ("or", "xor") else CONDITION
        if power_ <= right:
            return None
        args = [left]
        if op == "implies" and self.kind(1) == EOF and self.brackets == 0:
            self.at += 1
            self.notes.append(("unfinished", "an arrow of implication at the end leads on to what is not here"))
            return left
        while self.kind() == LOGIC and self.tokens[self.at][1] == op:
            self.at += 1
            if op == "implies" and self.kind() == EOF and self.brackets == 0 and len(args) > 1:
                self.notes.append(("unfinished", "an arrow of implication at the end leads on to what is not here"))
                break
            args.append(self.expr(power_))
        if op in ("and", "or") and not all(self.is_statement(arg) for arg in args):
            # "6 and 8" lists two values; "x = 1 or 2" gives x two.
            if (
                isinstance(args[0], Relation)
                and args[0].ops[-1] == "="
                and not any(self.is_statement(arg) for arg in args[1:])
            ):
                first = args[0]
                return self.build.node(Relation, first.ops, (*first.terms[:-1], Seq((first.terms[-1], *args[1:]), "")))
            return self.build.node(Seq, tuple(args), "")
        return self.build.node(Logic, op, tuple(args))

    def is_statement(self, value: Any) -> bool:
        return (
            isinstance(value, Relation | Logic)
            or (isinstance(value, Const) and value.name in ("true", "false"))
            or isinstance(value, Given)
        )

    def condition(self, left: Any, word: str, right: int) -> Any:
        if right >= CONDITION:
            return None
        self.at += 1
        if word in ("otherwise", "else"):
            if isinstance(left, Given) and word == "else":
                other = self.expr(0)
                return self.build.node(Piecewise, ((left.body, left.condition), (other, None)))
            return self.build.node(Given, left, Const("otherwise"))
        if word in ("forall", "exists"):
            return self.build.node(Given, left, self.build.node(Logic, word, (self.listing(),)))
        wanted = self.expr(CONDITION)
        if word == "unless":
            wanted = self.build.node(Logic, "not", (wanted,))
        return self.build.node(Given, left, wanted)

    def listing(self) -> Any:
        """A statement, or several separated by commas or semicolons."""
        first = self.expr(0)
        if self.kind() not in (COMMA, SEMI):
            return first
        outer: list[list[Any]] = [[first]]
        commas = semis = False
        while self.kind() in (COMMA, SEMI):
            separator = self.kind()
            self.at += 1
            kind = self.kind()
            if kind in (EOF, RB):
                break
            if kind == LOGIC and self.tokens[self.at][1] in ("and", "or"):
                self.at += 1
            if kind == COND:
                # "x/x = 1, if x ≠ 0": the comma introduces the condition.
                wrapped = self.condition(outer[-1].pop(), self.tokens[self.at][1], 0)
                outer[-1].append(wrapped)
                continue
            if separator == COMMA:
                commas = True
                outer[-1].append(self.expr(0))
            else:
                semis = True
                outer.append([self.expr(0)])
        if semis and commas:
            return self.build.node(Seq, tuple(row[0] if len(row) == 1 else Seq(tuple(row), "") for row in outer), ";")
        items = [x for row in outer for x in row]
        # "1, 2 and 3" is one list.
        if isinstance(items[-1], Seq) and items[-1].brackets == "" and len(items) > 1:
            items[-1:] = items[-1].items
        return items[0] if len(items) == 1 else self.build.node(Seq, tuple(items), "")
