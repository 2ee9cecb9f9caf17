"""Functions: their names, powers, arguments with and without brackets, and words that are nodes of their own."""

from __future__ import annotations

from typing import Any

from llmgrade.expr.functions import FUNCTIONS
from llmgrade.expr.nodes import Const, Given, Matrix, Num, Relation, Seq, Set, Sym, Vector, Word
from llmgrade.expr.notation.grammar.state import POSTFIX, State
from llmgrade.expr.notation.tokens import (
    BAR,
    CARET,
    COLON,
    COMMA,
    COND,
    DIFF,
    EOF,
    FRAC,
    LB,
    LP,
    MAYBE,
    MINUS,
    NUM,
    PLUS,
    POST,
    PRIME,
    RB,
    REL,
    RP,
    SEMI,
    SETOP,
    SETR,
    SLASH,
    STAR,
    SYM,
    UNDER,
    WORD,
)

__all__ = ["Calls"]


_INVERSES: dict[str, str] = {
    name: "arc" + name
    for name in ("sin", "cos", "tan", "cot", "sec", "csc", "sinh", "cosh", "tanh", "coth", "sech", "csch")
}


_ARITY: dict[str, tuple[int, int | None]] = {name: (known.least, known.most) for name, known in FUNCTIONS.items()}


class Calls(State):
    """Functions."""

    def call_like(self, factors: list[Any]) -> bool:
        """Whether a bracket after this letter is a call: always for f, for P and its like only around one name or a list."""
        kind, _value, written = self.tokens[self.at - 1]
        if kind != MAYBE or self.kind() != LP or self.tokens[self.at][1] not in ("(", "["):
            return False
        name = str(written).rstrip("'").split("_")[0]
        if name in ("f", "g", "h", "E", "O", "o", "Pr", "Gamma", "zeta", "erf", "Var", "Cov") or str(written).endswith(
            "'"
        ):
            return True
        if name in ("u", "v", "y", "N"):
            return False
        level, ahead = 1, self.at + 1
        names = 0
        while ahead < len(self.tokens) and level:
            kind = self.tokens[ahead][0]
            if kind in (LP, LB):
                level += 1
            elif kind in (RP, RB):
                level -= 1
            elif level == 1 and kind in (COMMA, REL, BAR, SETOP, WORD, COND):
                return True
            elif kind in (PLUS, MINUS, STAR, SLASH, FRAC) and name not in ("Theta", "Omega"):
                return False
            elif kind == SYM:
                names += 1
            ahead += 1
        return names == 1 or name in ("Theta", "Omega") or ahead - self.at == 3

    def applied(self, value: Any) -> Any:
        written = str(self.tokens[self.at - 1][2])
        args = self.call_arguments()
        names = {"Gamma": "gamma", "zeta": "zeta", "Pr": "P"}
        return self.build.call(names.get(written, written), args, None)

    def call_arguments(self) -> list[Any]:
        """``(a, b)`` after a function's name, already known to stand there."""
        closer = {"(": ")", "[": "]"}.get(self.tokens[self.at][1])
        opener = self.kind()
        if opener == LB:
            closer = None
        self.at += 1
        self.enter()
        kept, self.bars = self.bars, 0
        kept_set, self.set_depth = self.set_depth, 0
        self.brackets += 1
        args: list[Any] = []
        if self.kind() not in (RP, RB):
            args.append(self.slice_or_expr())
            while self.kind() in (COMMA, SEMI):
                self.at += 1
                if self.kind() in (RP, RB):
                    break
                args.append(self.slice_or_expr())
            if self.kind() in (BAR, COLON) and args:
                self.at += 1
                args = [self.build.node(Given, args[0] if len(args) == 1 else Seq(tuple(args), ""), self.listing())]
            elif self.kind() == DIFF and self.integrals and args:
                args[-1] = self.build.mul([args[-1], self.differential()])
        self.brackets -= 1
        self.bars, self.set_depth = kept, kept_set
        self.leave()
        if self.kind() != (RB if opener == LB else RP) or (closer is not None and self.tokens[self.at][1] != closer):
            raise self.fail("a call is not closed" if self.kind() == EOF else "cannot be read here")
        self.at += 1
        return args

    def slice_or_expr(self) -> Any:
        if self.kind() == COLON:
            self.at += 1
            return Const("all")
        return self.expr(0)

    def function(self, name: str) -> Any:
        sub: Any = None
        exponent: Any = None
        raised = None
        for _ in range(2):
            kind, value, _ = self.tokens[self.at]
            if kind == UNDER and sub is None:
                self.at += 1
                sub = self.argument()
            elif kind == CARET and exponent is None:
                self.at += 1
                raised = self.function_power()
                exponent = raised
            elif kind == POST and exponent is None:
                if name in ("eye", "ones", "zeros") and value == "T":
                    break
                self.at += 1
                exponent = value if isinstance(value, int) else ("post", value)
            elif kind == PRIME:
                self.at += 1
                name = name + "'" * value
            else:
                break
        result = self.called(name, sub)
        if exponent is None:
            return result
        if exponent == -1 and name in _INVERSES:
            return self.inverted
        if isinstance(exponent, int):
            return self.build.powi(result, exponent)
        if isinstance(exponent, tuple) and len(exponent) == 2 and exponent[0] == "post":
            return self.post(result, exponent[1])
        return self.build.pow(result, exponent)

    def function_power(self) -> Any:
        """``\\sin^2 x``, ``\\sin^{-1} x``, ``\\ln^{n} x``."""
        kind, value, written = self.tokens[self.at]
        if kind == NUM and str(written).isdecimal() and len(written) < 6:
            self.at += 1
            return int(written)
        if (
            kind == MINUS
            and self.kind(1) == NUM
            and str(self.tokens[self.at + 1][2]).isdecimal()
            and len(self.tokens[self.at + 1][2]) < 6
        ):
            self.at += 2
            return -int(self.tokens[self.at - 1][2])
        if kind == LB:
            inner = self.tokens[self.at + 1]
            if self.kind(2) == RB and inner[0] == NUM and str(inner[2]).isdecimal() and len(inner[2]) < 6:
                self.at += 3
                return int(inner[2])
            if self.kind(2) == RB and inner[0] in (POST,):
                self.at += 3
                return ("post", inner[1])
            if self.kind(2) == RB and inner[0] == SYM and self.is_transpose(SYM, inner[1], inner[2], (SYM, None, "")):
                self.at += 3
                return ("post", "T")
            if (
                inner[0] == MINUS
                and self.kind(3) == RB
                and self.kind(2) == NUM
                and str(self.tokens[self.at + 2][2]).isdecimal()
                and len(self.tokens[self.at + 2][2]) < 6
            ):
                self.at += 4
                return -int(self.tokens[self.at - 2][2])
        if kind == PRIME:
            raise self.fail("a prime on a function")
        if kind == POST:
            self.at += 1
            return ("post", value)
        if kind == SYM and self.is_transpose(kind, value, written, (SYM, None, "")):
            self.at += 1
            return ("post", "T")
        if kind == LP:
            self.at += 1
            return self.group(LP, value)
        return self.argument()

    def called(self, name: str, sub: Any) -> Any:
        """The call itself: with brackets, with braces, or around the run of simple factors that follows."""
        kind, value, _written = self.tokens[self.at]
        if name == "eye":
            if kind == LP and value == "(":
                size = self.call_arguments()
                return self.build.identity(size[0])
            if kind == LB:
                self.at += 1
                return self.build.identity(self.group(LB, None))
            return self.build.identity(sub)
        if name in ("ones", "indicator") and sub is not None and kind != LP:
            args = [sub]
            sub = None
        elif name == "ones" and kind not in (LP, LB):
            args = [Const("all")]
        elif kind == LP and value == "[" and name == "sqrt" and (typed := self.root_index()) is not None:
            return typed
        elif (kind == LP and value in ("(", "[")) or kind == LB:
            args = self.call_arguments()
        elif kind == LP:
            args = [self.expr(POSTFIX)]
        elif name == "sqrt" and kind in (NUM, SYM):
            self.at += 1
            args = [value]
        else:
            if kind in (EOF, RB, RP, COMMA, REL, PLUS, SETR) and kind != PLUS:
                if kind != LP and name in self.lexicon.table.symbols:
                    return self.build.sym(name)  # a declared function spoken of, not called
                raise self.fail(f"{name} of what?")
            self.enter()
            args = [self.run()]
            self.leave()
        return self.finish(name, args, sub)

    def root_index(self) -> Any:
        """``sqrt[3]{x}`` typed without its backslash; None where the bracket holds the argument."""
        ahead, level = self.at + 1, 1
        while ahead < len(self.tokens) and level:
            level += (self.tokens[ahead][0] == LP) - (self.tokens[ahead][0] == RP)
            ahead += 1
        return self.root(2) if ahead < len(self.tokens) and self.tokens[ahead][0] in (LB, LP) else None

    def finish(self, name: str, args: list[Any], sub: Any) -> Any:
        """Words that are nodes: inv, norm, transpose, dot, solve, array, log2, ….

        A function raised to -1 leaves its inverse in ``inverted``."""
        count = len(args)
        inverse = _INVERSES.get(name)
        if inverse is not None:
            self.inverted = (
                self.build.call(inverse, args, None)
                if inverse != "reciprocal"
                else self.build.powi(self.build.call(name, args, sub), -1)
            )
        one = {"inv": lambda a: self.build.powi(a, -1), "pinv": self.build.pinv, "transpose": self.build.transpose, "conj": lambda a: self.build.call("conj", [a], None),
               "abs": self.build.abs, "square": lambda a: self.build.powi(a, 2)}.get(name)  # fmt: skip
        if one is not None:
            if count < 1 or (count > 1 and name != "inv"):
                raise self.fail(f"{name} takes one argument, not {count}", self.at - 1)
            return one(args[0])
        if name in ("norm",):
            return self.named_norm(args)
        if name in ("dot", "inner", "matmul", "outer", "solve", "hadamard", "cross", "kron", "mod", "power"):
            if count != 2:
                raise self.fail(f"{name} takes two arguments, not {count}", self.at - 1)
            a, b = args
            if name == "matmul":
                return self.build.mul([a, b])
            if name == "outer":
                return self.build.mul([a, self.build.transpose(b)])
            if name == "solve":
                return self.build.mul([self.build.powi(a, -1), b])
            if name == "power":
                return self.build.pow(a, b)
            return self.build.infix(name, a, b) if name != "dot" or not self.plain_products else self.build.mul([a, b])
        if name == "array":
            return self.as_array(args)
        if name in ("log2", "log10"):
            return self.build.call("log", args, self.build.num(name[3:]))
        if name == "log1p":
            return self.build.call("log", [self.build.add([self.build.num("1"), args[0]])], None)
        if name == "expm1":
            return self.build.add([self.build.call("exp", args, None), self.build.neg(self.build.num("1"))])
        if name == "arg" and count == 1:
            return self.build.call("arg", args, sub)
        if name == "log" and count == 2 and sub is None:
            return self.build.call("log", [args[0]], args[1])
        if name in ("max", "min") and count == 1 and isinstance(args[0], Seq | Set):
            args = list(args[0].items)
        known = _ARITY.get(name)
        if known is not None and not (known[0] <= count and (known[1] is None or count <= known[1])):
            raise self.fail(f"{name} does not take {count} arguments", self.at - 1)
        return self.build.call(name, args, sub)

    def named_norm(self, args: list[Any]) -> Any:
        if len(args) == 1:
            return self.build.norm(args[0], "")
        kind = args[1]
        if isinstance(kind, Relation) and kind.ops == ("=",):
            kind = kind.terms[1]
        if isinstance(kind, Num):
            return self.build.norm(args[0], str(kind.value))
        if isinstance(kind, Const) and kind.name == "oo":
            return self.build.norm(args[0], "inf")
        if isinstance(kind, Sym | Word):
            text = kind.name if isinstance(kind, Sym) else kind.text
            if text in ("F", "fro"):
                return self.build.norm(args[0], "F")
        raise self.fail("a norm of which kind?", self.at - 1)

    def as_array(self, args: list[Any]) -> Any:
        if len(args) != 1 or not isinstance(args[0], Seq | Vector | Matrix):
            raise self.fail("an array of what?", self.at - 1)
        value = args[0]
        return self.build.node(Vector, value.items) if isinstance(value, Seq) else value

    def method(self, left: Any, name: str) -> Any:
        if self.kind() != LP:
            raise self.fail(f".{name} without its brackets")
        i_before = self.at
        if self.kind(1) == RP:
            self.at += 2
            args: list[Any] = []
        else:
            args = self.call_arguments()
        if name == "dot":
            if len(args) != 1:
                raise self.fail("dot takes one argument", i_before)
            return (
                self.build.infix("dot", left, args[0]) if not self.plain_products else self.build.mul([left, args[0]])
            )
        if args:
            raise self.fail(f".{name} takes no argument here", i_before)
        words = {
            "transpose": "transpose",
            "inverse": "inv",
            "inv": "inv",
            "trace": "tr",
            "sum": "sum",
            "det": "det",
            "norm": "norm",
        }
        return self.finish(words[name], [left], None)
