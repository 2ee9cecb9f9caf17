"""Sums, products, extrema and limits, with what stands below and above them."""

from __future__ import annotations

from typing import Any

from llmgrade.expr.nodes import (
    Add,
    BigOp,
    Const,
    Expr,
    Index,
    Limit,
    Logic,
    Mul,
    Neg,
    Num,
    Relation,
    Seq,
    Set,
    Sym,
    Word,
    children,
    rebuild,
    walk,
)
from llmgrade.expr.notation.builder import NeedTree
from llmgrade.expr.notation.grammar.state import SUM, State
from llmgrade.expr.notation.tokens import BIG, CARET, LB, LP, MINUS, POST, RB, SETL, UNDER

__all__ = ["BigOperators"]


class BigOperators(State):
    """Sums, products, extrema and limits, with what stands below and above them.."""

    def bounds(self) -> tuple[Any, Any]:
        """What stands below and above, in either order."""
        below = above = None
        for _ in range(2):
            if self.kind() == UNDER and below is None:
                self.at += 1
                below = self.bound_text()
            elif self.kind() == CARET and above is None:
                self.at += 1
                above = self.argument() if self.kind() != MINUS else self.minus_argument()
            elif self.kind() == POST and isinstance(self.tokens[self.at][1], int) and above is None:
                above = self.build.num(str(self.tokens[self.at][1]))
                self.at += 1
            else:
                break
        return below, above

    def minus_argument(self) -> Any:
        self.at += 1
        return self.build.neg(self.argument())

    def bound_text(self) -> Any:
        kept, self.in_bound, self.side = self.in_bound, True, None
        if self.kind() == LB:
            self.at += 1
            self.enter()
            found = self.listing()
            self.leave()
            if self.kind() != RB:
                raise self.fail("cannot be read here")
            self.at += 1
        elif self.kind() == MINUS:
            found = self.minus_argument()
        else:
            found = self.argument()
        self.in_bound = kept
        return found

    def big(self, op: str) -> Any:
        if op == "arg":
            raise self.fail("arg of what?")
        if op in ("max", "min", "argmin", "argmax", "sup", "inf") and self.kind() != UNDER:
            kind, value, _ = self.tokens[self.at]
            if op in ("argmin", "argmax") and kind != LP and kind != LB:
                return self.build.node(BigOp, op, self.expr(SUM), None, None, None, None)
            if kind == CARET:
                raise self.fail("cannot be read here")
            args = (
                self.call_arguments()
                if (kind == LP and value in ("(", "[")) or kind == LB
                else list(self.curly_items())
                if kind == SETL
                else [self.expr(SUM)]
            )
            return self.finish(op, args, None)
        if op == "sum" and self.kind() == LP and self.tokens[self.at - 1][2] == "sum":
            return self.finish("sum", self.call_arguments(), None)
        below, above = self.bounds()
        self.enter()
        body = self.expr(SUM)
        self.leave()
        return self.quantified(op, body, below, above)

    def underset(self) -> Any:
        """``\\underset{w}{\\arg\\min} f``: what stands below a big operator, written first."""
        below = self.bound_text()
        if self.kind() != LB or self.kind(1) != BIG or self.kind(2) != RB:
            raise self.fail("something set under what is no operator")
        op = self.tokens[self.at + 1][1]
        self.at += 3
        self.enter()
        body = self.expr(SUM)
        self.leave()
        return self.quantified(op, body, below, None)

    def curly_items(self) -> tuple[Any, ...]:
        self.at += 1
        found = self.curly()
        if not isinstance(found, Set):
            raise self.fail("a set of values was expected", self.at - 1)
        return found.items

    def quantified(self, op: str, body: Any, below: Any, above: Any) -> Any:
        name: Any = None
        lower = domain = None
        if isinstance(below, Relation):
            if below.ops == ("=",):
                name, lower = below.terms
            elif below.ops == ("in",):
                name, domain = below.terms[0], below
                if isinstance(name, Seq):
                    return self.build.node(BigOp, op, _bound(body, name.items), name, None, above, domain)
            else:
                domain = below
                name = _free(below)
        elif isinstance(below, Seq):
            if all(isinstance(x, Sym) for x in below.items):
                inner = body
                for one in reversed(below.items):
                    inner = self.build.node(BigOp, op, _bound(inner, (one,)), one, None, None, None)
                return inner
            first, *rest = below.items
            condition = rest[0] if len(rest) == 1 else Logic("and", tuple(rest))
            inner = self.quantified(op, body, first, above)
            if isinstance(inner, BigOp):
                return self.build.node(BigOp, op, inner.body, inner.variable, inner.lower, inner.upper, condition)
            raise self.fail("cannot read what stands below the operator")
        elif below is not None:
            name = below
        if name is not None and not isinstance(name, Sym | Index | Const):
            if isinstance(name, Expr) and op in ("argmin", "argmax", "min", "max", "sup", "inf"):
                return self.build.node(BigOp, op, body, name, lower, above, domain)
            if not isinstance(name, Expr):
                return self.build.node(BigOp, op, body, name, lower, above, domain)
            raise self.fail("cannot read what stands below the operator")
        if isinstance(name, Const):
            if name.name not in ("i", "e"):
                raise self.fail("cannot read what stands below the operator")
            body, name = _as_variable(body, name), Sym(name.name)
            above = _as_variable(above, Const(name.name)) if above is not None else None
            if isinstance(domain, Relation):
                domain = _as_variable(domain, Const(name.name))
        return self.build.node(
            BigOp, op, _bound(body, (name,)) if isinstance(name, Sym) else body, name, lower, above, domain
        )

    def limit(self) -> Any:
        if self.kind() != UNDER:
            raise self.fail("a limit of what, where?")
        self.at += 1
        kept = self.side
        below = self.bound_text()
        found, self.side = self.side, kept
        if not (isinstance(below, Relation) and below.ops in (("->",), ("in",))) and not (
            isinstance(below, Logic) and below.op == "implies" and len(below.args) == 2
        ):
            if isinstance(below, Expr):
                raise self.fail("cannot read where the limit is taken")
            raise NeedTree
        variable_, to = below.terms if isinstance(below, Relation) else below.args
        self.enter()
        body = self.expr(SUM)
        self.leave()
        return self.build.node(Limit, body, variable_, to, found or "")


def _free(statement: Relation) -> Expr | None:
    """The variable a condition below an operator is about: its first lone name."""
    for term in statement.terms:
        if isinstance(term, Sym):
            return term
        if isinstance(term, Const) and term.name == "i":
            return Sym("i")
    return None


def _bound(body: Any, names: tuple[Expr, ...]) -> Any:
    """Inside a sum over i, ``x_i`` is an entry of x, not a name of its own."""
    letters = {name.name for name in names if isinstance(name, Sym)}
    if not isinstance(body, Expr) or not letters:
        return body
    return _indexing(body, letters)


def _indexing(expr: Expr, letters: set[str]) -> Expr:
    if not any(type(node) is Sym and "_" in node.name for node in walk(expr)):
        return expr
    if isinstance(expr, Sym):
        base, mark, sub = expr.name.partition("_")
        if not mark or not base or not any(letter in sub for letter in letters):
            return expr
        indices = _indices(sub)
        return Index(Sym(base), indices) if indices is not None else expr
    if isinstance(expr, Num | Const | Word):
        return expr
    parts = [_indexing(part, letters) for part in _children(expr)]
    return rebuild(expr, parts) if parts else expr


def _indices(sub: str) -> tuple[Expr, ...] | None:
    """``i``, ``i+1``, ``i,j``, ``ij``, ``n-k-1`` as expressions; None for a word."""
    found: list[Expr] = []
    for part in sub.split(","):
        terms: list[Expr] = []
        sign = 1
        token = ""
        for char in part + "+":
            if char in "+-":
                if not token:
                    if char == "-" and not terms:
                        sign = -1
                        continue
                    return None
                piece: Expr
                if token.isdecimal():
                    piece = Num(int(token))
                elif len(token) == 1 or token in ("alpha", "beta", "ell", "mu", "nu"):
                    piece = Sym(token)
                elif len(token) == 2 and part == token and len(sub) == 2:
                    return (Sym(token[0]), Sym(token[1])) if token.isalpha() else (_atom(token[0]), _atom(token[1]))
                elif token[0].isdecimal() and len(token.lstrip("0123456789")) == 1:
                    piece = Mul((Num(int(token[:-1])), Sym(token[-1])))
                else:
                    return None
                terms.append(Neg(piece) if sign < 0 else piece)
                sign, token = (-1 if char == "-" else 1), ""
            else:
                token += char
        found.append(terms[0] if len(terms) == 1 else Add(tuple(terms)))
    return tuple(found)


def _atom(char: str) -> Expr:
    return Num(int(char)) if char.isdecimal() else Sym(char)


def _children(expr: Expr) -> list[Expr]:
    return list(children(expr))


def _as_variable(expr: Any, constant: Const) -> Any:
    """In ``\\sum_i``, i is an index and no imaginary unit."""
    if not isinstance(expr, Expr):
        return expr
    if expr == constant:
        return Sym(constant.name)
    before = list(_children(expr))
    after = [_as_variable(part, constant) for part in before]
    same = all(a is b for a, b in zip(before, after, strict=True))
    return expr if same else rebuild(expr, after)
