"""LaTeX environments: matrices, cases, aligned lines."""

from __future__ import annotations

from typing import Any

from llmgrade.expr.nodes import Const, Given, Piecewise, Relation, Seq
from llmgrade.expr.notation.builder import NeedTree
from llmgrade.expr.notation.grammar.state import UNSAID, State
from llmgrade.expr.notation.tokens import AMP, COMMA, COND, END, EOF, LB, LOGIC, RB, REL, ROW, SEMI

__all__ = ["Environments"]


class Environments(State):
    """LaTeX environments."""

    def environment(self, name: str) -> Any:
        self.enter()
        kept = (self.bars, self.set_depth)
        self.bars, self.set_depth = 0, 0
        self.brackets += 1
        if name == "array" and self.kind() == LB:
            while self.kind() not in (RB, EOF):
                self.at += 1
            self.at += 1
        if name in ("cases", "dcases", "rcases"):
            value = self.cases()
        elif name in (
            "aligned",
            "align",
            "gathered",
            "gather",
            "split",
            "equation",
            "eqnarray",
            "alignat",
            "multline",
            "displaymath",
            "math",
        ):
            value = self.aligned()
        elif name.rstrip("*") in (
            "pmatrix",
            "bmatrix",
            "matrix",
            "vmatrix",
            "Vmatrix",
            "Bmatrix",
            "smallmatrix",
            "array",
        ):
            value = self.matrix(name)
        else:
            raise self.fail(f"an environment {name!r} we do not know", self.at - 1)
        self.brackets -= 1
        self.bars, self.set_depth = kept
        self.leave()
        return value

    def close_environment(self) -> None:
        if self.kind() != END:
            raise self.fail("an environment is not closed" if self.kind() == EOF else "cannot be read here")
        self.at += 1

    def matrix(self, name: str) -> Any:
        rows: list[list[Any]] = [[]]
        while True:
            kind = self.kind()
            if kind == END:
                break
            if kind in (ROW,):
                self.at += 1
                rows.append([])
            elif kind == AMP:
                self.at += 1
                if self.kind() in (AMP, ROW, END):
                    raise self.fail("an empty cell")
            else:
                if rows[-1] and self.kind(-1) not in (AMP,):
                    raise self.fail("cannot be read here")
                rows[-1].append(self.expr(0))
        self.close_environment()
        if rows and not rows[-1]:
            rows.pop()
        if not rows or any(not row for row in rows):
            raise self.fail("an empty matrix", self.at - 1)
        value = self.array(rows)
        if name == "vmatrix":
            return self.build.call("det", [value], None)
        if name == "Vmatrix":
            return self.build.norm(value, "")
        return value

    def cases(self) -> Any:
        branches: list[tuple[Any, Any]] = []
        while self.kind() != END:
            body = self.listing_until_amp()
            wanted: Any = None
            while self.kind() in (AMP, COMMA):
                self.at += 1
            if self.kind() == COND:
                word = self.tokens[self.at][1]
                self.at += 1
                if word == "if":
                    wanted = self.listing()
                elif word in ("otherwise", "else"):
                    wanted = None
                    while self.kind() in (COMMA,) or self.kind() == LOGIC:
                        raise self.fail("cannot be read here")
                elif word == "forall":
                    wanted = self.listing()
                else:
                    raise self.fail("cannot be read here", self.at - 1)
            elif self.kind() not in (ROW, END):
                wanted = self.listing()
            elif isinstance(body, Given):
                given = body
                body, wanted = given.body, given.condition
                if wanted == Const("otherwise"):
                    wanted = None
            elif isinstance(body, Seq) and len(body.items) == 2 and body.brackets == "":
                body, wanted = body.items
            branches.append((body, wanted))
            while self.kind() in (ROW, COMMA, SEMI):
                self.at += 1
            if self.kind() == EOF:
                break
        self.close_environment()
        if not branches:
            raise self.fail("cases without a case", self.at - 1)
        if all(isinstance(body, Relation) and wanted is None for body, wanted in branches):
            return self.build.node(Seq, tuple(body for body, _ in branches), "")  # a system of equations
        return self.build.node(Piecewise, tuple(branches))

    def listing_until_amp(self) -> Any:
        body = self.expr(0)
        if self.kind() == COMMA and self.kind(1) in (AMP, COND):
            self.at += 1
        elif self.kind() == COMMA:
            self.at += 1
            return self.build.node(Given, body, self.listing())
        return body

    def aligned(self) -> Any:
        items: list[Any] = []
        while self.kind() != END:
            if self.kind() in (AMP, ROW, COMMA):
                self.at += 1
                continue
            if self.kind() == REL and items:
                last = items.pop()
                more = self.relation(UNSAID)
                if not isinstance(more, Relation):
                    raise NeedTree
                head = last if isinstance(last, Relation) else Relation((), (last,))
                items.append(self.build.node(Relation, (*head.ops, *more.ops), (*head.terms, *more.terms[1:])))
                continue
            if self.kind() == EOF:
                raise self.fail("an environment is not closed")
            items.append(self.expr(0))
        self.close_environment()
        if not items:
            raise self.fail("an empty environment", self.at - 1)
        return items[0] if len(items) == 1 else self.build.node(Seq, tuple(items), "")
