"""The grammar: one precedence core for LaTeX, Unicode, plain and numpy-like text.

A hand-written Pratt reader. It threads a list of tokens and a position through small functions, tells a `Builder` what it finds, and
never looks inside what the builder returns, except for statements and collections, which are always nodes. Precedences are one
table. Nothing is skipped: a token that has no place is a `Misread` with its index, and `read` turns that into a place in the text.
"""

# `a == x or a == y` is what the hot loop can afford; a membership test would build a tuple each time.
# ruff: noqa: SIM109

from __future__ import annotations

from collections.abc import Callable
from itertools import chain
from typing import Any

from llmgrade.expr.functions import FUNCTIONS
from llmgrade.expr.nodes import (
    Abs,
    Add,
    Adjoint,
    At,
    BigOp,
    Const,
    Derivative,
    Expr,
    Given,
    Index,
    Integral,
    Interval,
    Limit,
    Logic,
    Matrix,
    Mul,
    Neg,
    Norm,
    Num,
    Percent,
    Piecewise,
    PlusMinus,
    Quantity,
    Relation,
    Seq,
    Set,
    SetBuilder,
    SetOp,
    Sym,
    Vector,
    Word,
    children,
    rebuild,
    walk,
)
from llmgrade.expr.notation import tokens as t
from llmgrade.expr.notation.builder import NeedTree
from llmgrade.expr.notation.lexicon import Lexicon, Unreadable
from llmgrade.expr.notation.quick import CONSTANT_NAMES, NEVER, PASS, SMALL_NUMBERS, quick_reader
from llmgrade.expr.notation.tokens import LEXEME, Token

__all__ = ["Misread", "Parser"]

# Binding powers. IMPLICIT is the strength of juxtaposition: with it above PRODUCT, `1/2x` is 1/(2x).
CONDITION, OR, AND, RELATION, SET, CAP, SUM, UNARY, PRODUCT, TIGHT, POWER, POSTFIX = (
    1,
    2,
    3,
    5,
    7,
    8,
    10,
    15,
    20,
    22,
    40,
    45,
)

_STARTERS = (t.NUM, t.SYM, t.LP, t.LB, t.FUNC, t.FRAC, t.SQRT, t.OBAR, t.BIG, t.BEGIN, t.PARTIAL, t.NABLA, t.LANG, t.BINOM, t.INT, t.LIM, t.DIFF,
             t.MAYBE, t.BAR, t.DBAR, t.BOX, t.THOUSANDS, t.SETL, t.ACCENT, t.DOTS, t.UNIT, t.MONEY, t.WORD)  # fmt: skip
_BINDS: dict[int, int] = {
    t.COND: CONDITION,
    t.REMARK: CONDITION, t.LOGIC: OR, t.REL: RELATION, t.SETOP: SET, t.COLON: 9, t.PLUS: SUM, t.MINUS: SUM, t.PM: SUM, t.STAR: PRODUCT, t.SLASH: PRODUCT, t.CDOT: PRODUCT,
    t.INFIX: PRODUCT, t.MOD: 18, t.CARET: POWER, t.POST: POSTFIX, t.PRIME: POSTFIX, t.BANG: POSTFIX, t.UNDER: POSTFIX, t.PERCENT: POSTFIX, t.DEGREE: POSTFIX,
    t.METHOD: POSTFIX, t.OVER: 4, **dict.fromkeys(_STARTERS, PRODUCT),
}  # fmt: skip
_OPENERS = frozenset(
    (
        t.LP,
        t.LB,
        t.PLUS,
        t.MINUS,
        t.STAR,
        t.CDOT,
        t.SLASH,
        t.REL,
        t.COMMA,
        t.SEMI,
        t.AMP,
        t.ROW,
        t.PM,
        t.LOGIC,
        t.COND,
        t.SETL,
        t.COLON,
        t.NUM,
    )
)
_EOF: Token = (t.EOF, None, "")
_ENDS = [_EOF] * 4
_UNSAID = Const("unsaid")
_ARRAYS = (Vector, Matrix)


class Misread(Exception):
    """The text stops making sense at a token; ``limit`` says a budget ran out."""

    def __init__(self, reason: str, at: int, *, limit: bool = False, hint: str | None = None) -> None:
        super().__init__(reason)
        self.reason, self.at, self.limit, self.hint = reason, at, limit, hint


class Parser:
    """A reader compiled for one lexicon. ``tight`` makes juxtaposition bind tighter than a slash.

    Not for two threads at once: `notation.read` keeps one per thread.
    """

    def __init__(
        self, lexicon: Lexicon, *, tight: bool = False, chars: int = 20_000, most_tokens: int = 4_000, depth: int = 120
    ) -> None:
        self.lexicon = lexicon
        self.chars, self.most_tokens, self.most_depth = chars, most_tokens, depth
        self.doubts: set[str] = set()
        """What could have been read another way, by the codes of `reading.Alternative`."""
        self.notes: list[tuple[str, str]] = []
        self.parse: Callable[[str], Any] = self._compile(tight)

    def _compile(self, tight: bool) -> Callable[[str], Any]:
        lexicon = self.lexicon
        build: Any = lexicon.builder
        b_add, b_mul, b_div, b_neg, b_powi, b_pow = build.add, build.mul, build.div, build.neg, build.powi, build.pow
        b_num, b_node, b_call, b_infix, b_transpose = build.num, build.node, build.call, build.infix, build.transpose
        bind = [0] * 64
        for kind, power_ in _BINDS.items():
            bind[kind] = power_
        implicit = TIGHT if tight else PRODUCT
        for kind in _STARTERS:
            bind[kind] = implicit
        starters = frozenset(_STARTERS)
        openers = _OPENERS
        findall, get, flat = LEXEME.findall, lexicon.__getitem__, chain.from_iterable
        plain_products = lexicon.plain_products
        most_depth, most_tokens, most_chars = self.most_depth, self.most_tokens, self.chars
        doubts, notes = self.doubts, self.notes
        NUM, SYM, LP, RP, LB, RB, PLUS, MINUS, STAR, SLASH, CARET, POST, REL, COMMA, CDOT, EOF = (
            t.NUM, t.SYM, t.LP, t.RP, t.LB, t.RB, t.PLUS, t.MINUS, t.STAR, t.SLASH, t.CARET, t.POST, t.REL, t.COMMA, t.CDOT, t.EOF)  # fmt: skip
        UNDER, DIFF, BAR, DBAR, FUNC, MAYBE = t.UNDER, t.DIFF, t.BAR, t.DBAR, t.FUNC, t.MAYBE
        t_declared = lexicon.table.get("T") is not None
        small_numbers, constants = SMALL_NUMBERS, CONSTANT_NAMES
        quick: Callable[[list[Token]], Any] | None = None
        if not tight:
            quick = quick_reader(
                build, t_declared=t_declared, plain_products=plain_products, most_depth=most_depth // 3
            )  # fmt: skip
        toks: list[Token] = []
        i = 0
        depth = 0
        bars = 0  # open |…| or ‖…‖ written with the same sign at both ends
        brackets = 0  # open brackets of any kind
        integrals = 0
        variable: Any = None  # the variable of the innermost integral, once its d… was met
        side: str | None = None  # of a limit's target, while one is being read
        in_bound = False

        def fail(reason: str, at: int | None = None, *, limit: bool = False, hint: str | None = None) -> Misread:
            return Misread(reason, i if at is None else at, limit=limit, hint=hint)

        def enter() -> None:
            nonlocal depth
            depth += 1
            if depth > most_depth:
                raise fail(f"nested deeper than {most_depth}", limit=True)

        # --- the precedence core --------------------------------------------------------------------------------------
        def expr(right: int) -> Any:
            nonlocal i
            kind, value, written = toks[i]
            i += 1
            if kind == SYM or kind == NUM:
                left = value
            elif kind == LP or kind == LB:
                left = group(kind, value)
            elif kind == MINUS:
                enter()
                left = b_neg(expr(UNARY if right < UNARY else right))
                leave()
            else:
                left = prefix(kind, value, written)
            while True:
                kind, value, written = toks[i]
                power_ = bind[kind]
                if power_ <= right:
                    return left
                if power_ >= POWER:
                    raised = mark_above(left, toks[i - 1]) if kind == CARET else None
                    left = postfix(left, kind, value) if raised is None else raised
                elif power_ >= PRODUCT:
                    left = product(left, right)
                    kind = toks[i][0]
                    if bind[kind] > right and kind in starters:
                        return left  # a bar or bracket that closes something outside
                elif power_ == SUM:
                    terms = [left]
                    while True:
                        kind = toks[i][0]
                        if kind == PLUS:
                            i += 1
                            terms.append(term())
                        elif kind == MINUS:
                            i += 1
                            terms.append(b_neg(term()))
                        elif kind == t.PM:
                            upper = toks[i][1]
                            i += 1
                            terms.append(b_node(PlusMinus, expr(SUM), upper))
                        else:
                            break
                    left = b_add(terms)
                elif power_ == RELATION:
                    left = relation(left)
                else:
                    done = loose(left, kind, value, right)
                    if done is None:
                        return left
                    left = done

        def leave() -> None:
            nonlocal depth
            depth -= 1

        def term() -> Any:
            """``expr(SUM)``, quick for a name or number that stands alone."""
            nonlocal i
            kind, value, _ = toks[i]
            if (kind == SYM or kind == NUM) and bind[toks[i + 1][0]] <= SUM:
                i += 1
                return value
            return expr(SUM)

        def mark_above(base: Any, before: Token) -> Any:
            """At a caret: the commonest powers, with nothing attached to them. None: `power` has to look."""
            nonlocal i
            kind, value, written = toks[i + 1]
            step, sign = 2, 1
            if kind == LB:
                kind, value, written = toks[i + 2]
                step = 4
                if kind == MINUS:
                    kind, value, written = toks[i + 3]
                    step, sign = 5, -1
                if toks[i + step - 1][0] != RB:
                    return None
            if bind[toks[i + step][0]] >= POWER:
                return None
            if kind == NUM:
                whole_ = small_numbers.get(written)
                if whole_ is None:
                    return None
                i += step
                return b_powi(base, whole_ if sign > 0 else -whole_)
            if sign > 0 and ((kind == SYM and written == "T") or (kind == POST and value == "T")):
                if kind == SYM and (t_declared or before[0] == NUM or before[2] in constants):
                    return None
                i += step
                return b_transpose(base)
            return None

        def product(left: Any, right: int) -> Any:
            nonlocal i
            factors = [left]
            while True:
                kind, value, written = toks[i]
                power_ = bind[kind]
                if power_ <= right or power_ < PRODUCT:
                    break
                if kind == SYM:
                    after = toks[i + 1][0]
                    if bind[after] < POWER:  # nothing raised or indexed: no recursion needed
                        i += 1
                        factors.append(value)
                    elif after == CARET:
                        i += 1
                        raised = mark_above(value, toks[i - 1])
                        if raised is None:
                            i -= 1
                            raised = expr(implicit)
                        factors.append(raised)
                    else:
                        factors.append(expr(implicit))
                elif kind == STAR:
                    if value == "star" or (written == "*" and toks[i + 1][0] in (REL, EOF, RP, RB, COMMA)):
                        i += 1
                        factors[-1] = starred(factors[-1])
                        continue
                    i += 1
                    factors.append(expr(PRODUCT))
                elif kind == CDOT:
                    number_beside = toks[i - 1][0] == NUM or toks[i + 1][0] in (NUM, MINUS)
                    i += 1
                    other = expr(PRODUCT)
                    if plain_products or number_beside:
                        factors.append(other)
                    else:
                        whole = factors[0] if len(factors) == 1 else b_mul(factors)
                        factors = [b_infix("dot", whole, other)]
                elif kind == SLASH:
                    if toks[i + 1][0] == DIFF or toks[i + 1][0] == t.PARTIAL:
                        quotient = over_differential(factors)
                        if quotient is not None:
                            factors = [quotient]
                            continue
                    i += 1
                    whole = factors[0] if len(factors) == 1 else b_mul(factors)
                    bottom = expr(PRODUCT)
                    if toks[i][0] in starters and not tight and written == "/":
                        doubts.add("slash")
                    factors = [b_div(whole, bottom)]
                elif kind == t.INFIX:
                    i += 1
                    whole = factors[0] if len(factors) == 1 else b_mul(factors)
                    factors = [b_node_infix(value, whole, expr(PRODUCT))]
                elif kind == DIFF and integrals:
                    break
                elif kind == BAR or kind == DBAR:
                    if kind == BAR and not bars and toks[i + 1][0] == UNDER:
                        i += 1  # `f |_{x = 0}`
                        factors = [evaluated_at(factors[0] if len(factors) == 1 else b_mul(factors))]
                        continue
                    if not opens_bar(kind, written):
                        break
                    factors.append(expr(implicit))
                elif kind == t.UNIT:
                    whole = factors[0] if len(factors) == 1 else b_mul(factors)
                    factors = [quantity(whole, unit())]
                elif kind == t.MONEY:
                    if toks[i + 1][0] in (NUM, t.THOUSANDS):
                        raise fail("a number beside an amount of money")
                    i += 1
                    whole = factors[0] if len(factors) == 1 else b_mul(factors)
                    factors = [quantity(whole, ((value, 1),))]
                elif kind == NUM:
                    if toks[i - 1][0] == NUM and (i < 2 or toks[i - 2][0] in openers):
                        factors[-1] = beside(factors[-1])
                        continue
                    factors.append(expr(implicit))
                elif kind == t.FRAC and toks[i - 1][0] == NUM and len(factors) == 1 and str(toks[i - 1][2]).isdecimal():
                    mixed = mixed_number(factors[-1])
                    factors[-1:] = [mixed] if mixed is not None else [factors[-1], expr(implicit)]
                elif kind == t.WORD:
                    noun = word_after(factors, value)
                    if noun is None:
                        raise fail(f"“{written}” is no mathematics")
                    factors = [noun]
                elif kind == LP and value in ("(", "[") and call_like(factors):
                    factors[-1] = applied(factors[-1])
                else:
                    factors.append(expr(implicit))
            return factors[0] if len(factors) == 1 else b_mul(factors)

        def b_node_infix(op: str, left: Any, right: Any) -> Any:
            return b_infix(op, left, right)

        def postfix(left: Any, kind: int, value: Any) -> Any:
            nonlocal i
            if kind == CARET:
                i += 1
                return power(left)
            if kind == POST:
                i += 1
                return post(left, value)
            if kind == UNDER:
                return indexed(left)
            i += 1
            if kind == t.BANG:
                if toks[i][0] == t.BANG:
                    i += 1
                    return b_call("factorial2", [left], None)
                return b_call("factorial", [left], None)
            if kind == t.PERCENT:
                if value == "mod" and toks[i][0] in (NUM, SYM, LP) and toks[i][0] != EOF:
                    return b_infix("mod", left, expr(PRODUCT))
                return b_node(Percent, left)
            if kind == t.DEGREE:
                return degrees(left)
            if kind == t.PRIME:
                if value == 1 and not lexicon.bare:
                    return b_transpose(left)
                raise fail("a prime after a compound expression: a transpose or a derivative?", i - 1)
            if kind == t.METHOD:
                return method(left, value)
            raise fail("cannot be read here", i - 1)

        def degrees(left: Any) -> Any:
            nonlocal i
            kind, _value, written = toks[i]
            if kind == SYM and written in ("C", "F") and toks[i + 1][0] in (EOF, RB, RP, COMMA, REL):
                i += 1
                return quantity(left, (("°" + written, 1),))
            return quantity(left, (("deg", 1),))

        def post(left: Any, value: Any) -> Any:
            nonlocal side
            if value == "T":
                return b_transpose(left)
            if (
                in_bound
                and toks[i - 1][2] in ("+", "⁻")
                and toks[i - 2][0] in (NUM, SYM)
                and toks[i][0] in (EOF, RB, RP, COMMA, t.SEMI, t.COND, t.LOGIC)
            ):
                side = "+" if value == "pinv" else "-"
                return left
            if isinstance(value, int):
                return b_powi(left, value)
            if value == "pinv":
                return build.pinv(left)
            if value == "inv":
                return b_powi(left, -1)
            if value == "H":
                return b_node(Adjoint, left)
            raise fail("cannot be read here", i - 1)

        def starred(left: Any) -> Any:
            """``w* = …``: a star with nothing after it belongs to the name before it."""
            kind, _, name = toks[i - 2]
            if kind == SYM and not name.startswith("="):
                return build.sym(name + "^*")
            raise fail("a product with nothing after its sign", i - 1)

        # --- statements -----------------------------------------------------------------------------------------------
        def relation(left: Any) -> Any:
            nonlocal i, in_bound, side
            ops: list[str] = []
            terms = [left]
            while toks[i][0] == REL:
                op = toks[i][1]
                i += 1
                if op == "->":
                    kept = in_bound, side
                    in_bound, side = True, None if not kept[0] else side
                    terms.append(expr(RELATION))
                    if not kept[0] and side:
                        op += side
                    in_bound, side = kept if not kept[0] else (True, side)
                else:
                    terms.append(expr(RELATION))
                ops.append(op)
                if toks[i][0] == t.MOD and toks[i][1] == "p":
                    i += 1
                    modulus = argument()
                    terms[-1] = b_infix("mod", terms[-1], modulus)
            flipped = {"ni": "in", "supset": "subset", "supseteq": "subseteq", "<-": "->", "succ": ">", "prec": "<"}
            if len(ops) == 1 and ops[0] in ("ni", "supset", "supseteq", "<-"):
                ops, terms = [flipped[ops[0]]], terms[::-1]
            return b_node(Relation, tuple(ops), tuple(terms))

        def loose(left: Any, kind: int, value: Any, right: int) -> Any:
            """The operators below a relation, and set operations, ratios and remainders."""
            nonlocal i
            if kind == t.SETOP:
                op = value
                args = [left]
                power_ = CAP if op == "intersection" else SET
                if power_ <= right:
                    return None
                while toks[i][0] == t.SETOP and toks[i][1] == op:
                    i += 1
                    args.append(expr(CAP if op in ("union", "intersection") else SET))
                return b_node(SetOp, op, tuple(interval(arg) for arg in args))
            if kind == t.MOD:
                i += 1
                if value == "p":
                    return b_infix("mod", left, argument())
                return b_infix("mod", left, expr(18))
            if kind == t.COLON:
                if in_set_or_call():
                    return None
                i += 1
                if toks[i][0] == REL and toks[i][1] == "=":
                    raise fail("“:=” with a space in it")
                return b_infix("ratio", left, expr(9))
            if kind == t.OVER:
                if right >= 4:
                    return None
                i += 1
                bottom = expr(4)
                return b_div(left, bottom) if value == "div" else b_call("binom", [left, bottom], None)
            if kind == t.LOGIC:
                return logic(left, value, right)
            if kind == t.COND:
                return condition(left, value, right)
            if kind == t.REMARK:
                if right >= CONDITION or brackets:
                    return None
                i += 1
                notes.append(("remark", f"{value} stands beside it"))
                return left
            raise fail("cannot be read here")

        def logic(left: Any, op: str, right: int) -> Any:
            nonlocal i
            power_ = AND if op == "and" else OR if op in ("or", "xor") else CONDITION
            if power_ <= right:
                return None
            args = [left]
            if op == "implies" and toks[i + 1][0] == EOF and brackets == 0:
                i += 1
                notes.append(("unfinished", "an arrow of implication at the end leads on to what is not here"))
                return left
            while toks[i][0] == t.LOGIC and toks[i][1] == op:
                i += 1
                if op == "implies" and toks[i][0] == EOF and brackets == 0 and len(args) > 1:
                    notes.append(("unfinished", "an arrow of implication at the end leads on to what is not here"))
                    break
                args.append(expr(power_))
            if op in ("and", "or") and not all(is_statement(arg) for arg in args):
                # "6 and 8" lists two values; "x = 1 or 2" gives x two.
                if (
                    isinstance(args[0], Relation)
                    and args[0].ops[-1] == "="
                    and not any(is_statement(arg) for arg in args[1:])
                ):
                    first = args[0]
                    return b_node(Relation, first.ops, (*first.terms[:-1], Seq((first.terms[-1], *args[1:]), "")))
                return b_node(Seq, tuple(args), "")
            return b_node(Logic, op, tuple(args))

        def is_statement(value: Any) -> bool:
            return (
                isinstance(value, Relation | Logic)
                or (isinstance(value, Const) and value.name in ("true", "false"))
                or isinstance(value, Given)
            )

        def condition(left: Any, word: str, right: int) -> Any:
            nonlocal i
            if right >= CONDITION:
                return None
            i += 1
            if word in ("otherwise", "else"):
                if isinstance(left, Given) and word == "else":
                    other = expr(0)
                    return b_node(Piecewise, ((left.body, left.condition), (other, None)))
                return b_node(Given, left, Const("otherwise"))
            if word in ("forall", "exists"):
                return b_node(Given, left, b_node(Logic, word, (statements(),)))
            wanted = expr(CONDITION)
            if word == "unless":
                wanted = b_node(Logic, "not", (wanted,))
            return b_node(Given, left, wanted)

        def in_set_or_call() -> bool:
            return set_depth > 0

        set_depth = 0

        # --- groups ---------------------------------------------------------------------------------------------------
        def group(kind: int, opener: str | None) -> Any:
            nonlocal i, depth, bars, brackets, set_depth
            enter()
            kept, bars = bars, 0
            kept_set, set_depth = set_depth, 0
            if kind == LB:
                if opener == "left":
                    left = listing()
                elif toks[i][0] == RB:
                    raise fail("an empty pair of braces")
                else:
                    left = expr(0)
                    if toks[i][0] in (COMMA, t.SEMI, REL, BAR, t.COLON):
                        left = braces(left)
                if toks[i][0] == DIFF and integrals:
                    left = b_mul([left, differential()])
                if opener == "left" and toks[i][0] in (t.CBAR, BAR) and toks[i + 1][0] in (UNDER, CARET):
                    toks[i] = (RB, "right", "|")
                if toks[i][0] != RB:
                    raise fail("a brace is not closed" if toks[i][0] == EOF else "cannot be read here")
                i += 1
                if (opener == "left" and toks[i][0] == UNDER) or (toks[i - 1][1] == "right" and toks[i][0] == UNDER):
                    left = evaluated_at(left)
            else:
                brackets += 1
                left = bracketed(opener or "(")
                brackets -= 1
            bars, set_depth = kept, kept_set
            depth -= 1
            return left

        def braces(first: Any) -> Any:
            """``{1, 2}`` written as a bare set, or a LaTeX group around a list."""
            nonlocal i
            if toks[i][0] == BAR or toks[i][0] == t.COLON:
                i += 1
                return b_node(SetBuilder, first, statements())
            items = [first]
            while toks[i][0] in (COMMA, t.SEMI):
                i += 1
                if toks[i][0] == t.LOGIC:
                    i += 1
                items.append(expr(0))
            return b_node(Set, tuple(items))

        def bracketed(opener: str) -> Any:
            nonlocal i
            if toks[i][0] == RP:
                if opener == "[" or opener == "(":
                    raise fail("an empty pair of brackets")
                raise fail("nothing to round")
            first = expr(0)
            kind, value, _ = toks[i]
            if kind == RP and value != opener and {value, opener} == {"(", ")"}:
                i += 1
                return grouped(first)
            if kind == RP and opener == "[" and value == "]":
                i += 1
                return first if not isinstance(first, Seq) or first.brackets == "" else b_node(Seq, (first,), "[]")
            if kind == RP and opener in ("floor", "ceil"):
                if value not in ("floor", "ceil"):
                    raise fail("a rounding bracket is not closed")
                i += 1
                return b_call(
                    "floor" if opener == value == "floor" else "ceil" if opener == value else "round", [first], None
                )
            if kind in (COMMA, t.SEMI, t.ROW):
                return listed(opener, first)
            if kind == DIFF and integrals:
                first = b_mul([first, differential()])
                if toks[i][0] == RP:
                    i += 1
                    return first
            if kind == BAR:
                i += 1
                given = statements()
                if toks[i][0] != RP:
                    raise fail("a bracket is not closed")
                i += 1
                return b_node(Given, first, given)
            if kind == t.LOGIC or kind == t.COND:
                raise fail("cannot be read here")
            if kind == EOF:
                raise fail("a bracket is not closed")
            raise fail("cannot be read here")

        def grouped(inner: Any) -> Any:
            """``(1, 2)`` already read as a bare list keeps its brackets; anything else is just grouped."""
            return b_node(Seq, inner.items, "()") if isinstance(inner, Seq) and inner.brackets == "" else inner

        def listed(opener: str, first: Any) -> Any:
            nonlocal i
            rows: list[list[Any]] = [[first]]
            semis = False
            while toks[i][0] in (COMMA, t.SEMI, t.ROW):
                separator = toks[i][0]
                i += 1
                if toks[i][0] == RP:
                    break  # a trailing comma, as code has
                if toks[i][0] == t.LOGIC and separator == COMMA:
                    i += 1
                if separator == COMMA:
                    rows[-1].append(item())
                else:
                    semis = True
                    rows.append([item()])
            kind, closer, _ = toks[i]
            if kind != RP or closer in ("floor", "ceil"):
                raise fail("a bracket is not closed" if kind == EOF else "cannot be read here")
            i += 1
            if opener == "[" and closer == "]" and semis:
                return array(rows)
            if semis and all(len(row) == 1 for row in rows):
                rows = [[row[0] for row in rows]]
            elif semis:
                raise fail("rows in round brackets", i - 1)
            items = tuple(rows[0])
            if opener == "[" and closer == "]":
                if len(items) > 1 and all(isinstance(x, Seq) and x.brackets == "[]" for x in items):
                    return array([list(x.items) for x in items])
                return b_node(Seq, items, "[]")
            if (opener != closer and {opener, closer} in ({"(", "]"}, {"[", ")"}, {"]", "["})) or (
                opener == "(" and closer == "]"
            ):
                if len(items) != 2:
                    raise fail("an interval has two ends", i - 1)
                return b_node(Interval, *items, opener == "[", closer == "]")
            if closer == ")" and len(items) == 2 and opener == "(" and (infinite(items[0]) or infinite(items[1])):
                return b_node(Interval, *items, False, False)
            return b_node(Seq, items, "()")

        def item() -> Any:
            return expr(0)

        def infinite(value: Any) -> bool:
            if isinstance(value, Neg | PlusMinus):
                value = value.arg
            if isinstance(value, Add) and len(value.terms) == 1:
                value = value.terms[0]
            return isinstance(value, Const) and value.name == "oo"

        def interval(value: Any) -> Any:
            """Among sets, a pair is an interval."""
            if isinstance(value, Seq) and len(value.items) == 2 and value.brackets in ("()", "[]"):
                closed = value.brackets == "[]"
                return Interval(*value.items, closed, closed)
            return value

        def array(rows: list[list[Any]]) -> Any:
            width = len(rows[0])
            if any(len(row) != width for row in rows):
                raise fail("rows of different lengths", i - 1)
            if width == 1:
                return b_node(Vector, tuple(row[0] for row in rows))
            return b_node(Matrix, tuple(tuple(row) for row in rows))

        def listing() -> Any:
            """A statement, or several separated by commas or semicolons."""
            nonlocal i
            first = expr(0)
            if toks[i][0] not in (COMMA, t.SEMI):
                return first
            outer: list[list[Any]] = [[first]]
            commas = semis = False
            while toks[i][0] in (COMMA, t.SEMI):
                separator = toks[i][0]
                i += 1
                kind = toks[i][0]
                if kind in (EOF, RB):
                    break
                if kind == t.LOGIC and toks[i][1] in ("and", "or"):
                    i += 1
                if kind == t.COND:
                    # "x/x = 1, if x ≠ 0": the comma introduces the condition.
                    wrapped = condition(outer[-1].pop(), toks[i][1], 0)
                    outer[-1].append(wrapped)
                    continue
                if separator == COMMA:
                    commas = True
                    outer[-1].append(expr(0))
                else:
                    semis = True
                    outer.append([expr(0)])
            if semis and commas:
                return b_node(Seq, tuple(row[0] if len(row) == 1 else Seq(tuple(row), "") for row in outer), ";")
            items = [x for row in outer for x in row]
            # "1, 2 and 3" is one list.
            if isinstance(items[-1], Seq) and items[-1].brackets == "" and len(items) > 1:
                items[-1:] = items[-1].items
            return items[0] if len(items) == 1 else b_node(Seq, tuple(items), "")

        statements = listing

        # --- bars -----------------------------------------------------------------------------------------------------
        def opens_bar(kind: int, written: str) -> bool:
            """Whether a bar after an operand opens (``2|x|``) rather than closes, or stands for "given"."""
            if bars:
                return False
            if kind == BAR and (toks[i][1] == "mid" or set_depth):
                return False
            if kind == BAR and toks[i][1] != "mid":
                ahead, level = i + 1, 0
                while ahead < len(toks):
                    k = toks[ahead][0]
                    if k in (LP, LB, t.SETL, t.BEGIN):
                        level += 1
                    elif k in (RP, RB, t.SETR, t.END):
                        if level == 0:
                            return False
                        level -= 1
                    elif k == EOF:
                        return False
                    elif k == BAR and level == 0:
                        return True
                    ahead += 1
                return False
            return True

        def closing(kinds: tuple[int, ...], what: str) -> None:
            nonlocal i
            if toks[i][0] not in kinds:
                raise fail(f"{what} is not closed")
            i += 1

        def same_bars(kind: int) -> Any:
            nonlocal i, bars
            enter()
            bars += 1
            kept = brackets
            inner = expr(0)
            if toks[i][0] in (COMMA,):
                raise fail("a comma inside bars")
            bars -= 1
            leave()
            if kind == DBAR and toks[i][0] == BAR and toks[i + 1][0] == BAR:
                i += 1
            elif kind == BAR and toks[i][0] == DBAR and toks[i][2] == "||":
                # `|x||w|`: two single bars that were read as one double.
                splice(i, 1, [(BAR, None, "|"), (BAR, None, "|")])
            elif kind == DBAR and toks[i][0] == BAR and toks[i - 1][0] != BAR:
                raise fail("a double bar is not closed")
            assert kept == brackets
            closing((BAR, DBAR, t.CBAR), "a bar")
            return normed(inner, "norm" if kind == DBAR else "bar")

        def normed(inner: Any, kind: str) -> Any:
            nonlocal i
            if toks[i][0] != UNDER:
                if kind == "bar":
                    return b_node(Abs, inner) if isinstance(inner, Expr) else build.abs(inner)
                return build.norm(inner, "")
            i += 1
            name, weight = norm_kind()
            if kind == "bar" and name == "" and weight is not None:
                return evaluated(inner, weight)
            if weight is not None:
                return b_node(Norm, inner, "", weight)
            return build.norm(inner, name)

        def norm_kind() -> tuple[str, Any]:
            """What stands below ‖…‖."""
            nonlocal i
            kind, _value, _written = toks[i]
            start = i
            if kind == LB:
                inner, closer = toks[i + 1], toks[i + 2][0]
                if closer == RB and (name := norm_name(inner)) is not None:
                    i += 3
                    return name, None
            elif (name := norm_name(toks[i])) is not None:
                i += 1
                return name, None
            i = start
            return "", argument()

        def norm_name(token: Token) -> str | None:
            kind, _, written = token
            if kind == NUM:
                return str(written)
            names = {"F": "F", "=oo": "inf", "nuc": "nuc", "fro": "F", "op": "2", "frob": "F"}
            if kind in (SYM, FUNC, t.WORD, MAYBE) and str(written) in names:
                return names[str(written)]
            if kind == STAR:
                return "nuc"
            return None

        def evaluated_at(body: Any) -> Any:
            nonlocal i
            i += 1
            return evaluated(body, argument())

        def evaluated(body: Any, where: Any) -> Any:
            """``f |_{x = 3}``, ``[F]_a^b``."""
            nonlocal i
            if isinstance(where, Relation) and where.ops == ("=",):
                return b_node(At, body, where.terms[0], where.terms[1], None)
            if toks[i][0] == CARET:
                i += 1
                return b_node(At, body, None, argument(), where)
            return b_node(At, body, None, where, None)

        # --- prefix forms -----------------------------------------------------------------------------------------------
        def prefix(kind: int, value: Any, written: Any) -> Any:
            nonlocal i, integrals, set_depth
            if kind == FUNC:
                return function(value)
            if kind == t.FRAC:
                return fraction()
            if kind == t.SQRT:
                return root(value)
            if kind == MAYBE:
                if toks[i][0] == LP and toks[i][1] in ("(", "[") and call_like([value]):
                    return applied(value)
                return value
            if kind == PLUS:
                enter()
                inner = expr(UNARY)
                leave()
                return inner
            if kind == t.OBAR:
                enter()
                left = inside_sided()
                leave()
                return normed(left, value)
            if kind == BAR or kind == DBAR:
                return same_bars(kind)
            if kind == t.BEGIN:
                return environment(value)
            if kind == t.BIG:
                return big(value)
            if kind == t.INT:
                return integral(value)
            if kind == t.LIM:
                return limit()
            if kind == t.UNDERSET:
                return underset()
            if kind == t.PARTIAL:
                return partial()
            if kind == t.NABLA:
                return nabla()
            if kind == DIFF:
                return bare_differential(value)
            if kind == t.BINOM:
                return b_call("binom", [argument(), argument()], None)
            if kind == t.PM:
                return b_node(PlusMinus, expr(UNARY), value)
            if kind == t.THOUSANDS:
                if brackets == 0 and set_depth == 0:
                    doubts.add("thousands")
                    return value
                splice(i - 1, 1, list(written))
                i -= 1
                return expr(UNARY)
            if kind == t.SETL:
                return curly()
            if kind == t.LANG:
                return angle()
            if kind == REL:
                i -= 1
                if value in ("<", "up", "down") and written == "<":
                    left = try_angle()
                    if left is not None:
                        return left
                return relation(_UNSAID)
            if kind == t.NOT:
                return b_node(Logic, "not", (expr(AND),))
            if kind == t.COND:
                if value in ("forall", "exists"):
                    return b_node(Logic, value, (expr(CONDITION),))
                if value == "otherwise":
                    return Const("otherwise")
                if value == "if":
                    premise = expr(CONDITION)
                    if toks[i][0] == COMMA:
                        i += 1
                        return b_node(Given, expr(0), premise)
                    if brackets == 0:
                        return premise
                raise fail(f"“{written}” with nothing before it", i - 1)
            if kind == t.BOX:
                if toks[i][0] != LB:
                    raise fail("\\boxed without its braces")
                i += 1
                enter()
                if toks[i][0] == RB:
                    raise fail("an empty box")
                left = listing()
                leave()
                if toks[i][0] != RB:
                    raise fail("a brace is not closed" if toks[i][0] == EOF else "cannot be read here")
                i += 1
                return left
            if kind == t.DOTS:
                return Const("dots")
            if kind == t.ACCENT:
                return b_call(value, [argument()], None)
            if kind == t.WORD:
                return b_node(Word, value)
            if kind == t.UNIT:
                if len(value) == 1 and value[0][1] == 1:
                    return b_node(Word, str(written).strip().lower())
                raise fail("a unit without a number", i - 1)
            if kind == t.MONEY:
                if toks[i][0] in (NUM, t.THOUSANDS, t.MINUS):
                    amount = expr(PRODUCT)
                    return quantity(amount, ((value, 1),))
                raise fail(f"“{written}” without an amount", i - 1)
            if kind == STAR or kind == CDOT or kind == SLASH:
                raise fail("an operator with nothing before it", i - 1)
            if kind == EOF:
                raise fail("the text ends where something should follow" if i > 1 else "nothing to read", i - 1)
            if kind == t.LOGIC:
                raise fail(f"“{written}” with nothing before it", i - 1)
            if kind == POST and value == "T":
                raise fail("a transpose with nothing before it", i - 1)
            if kind == t.COLON:
                raise fail("a colon with nothing before it", i - 1)
            if kind == t.MOD:
                raise fail("“mod” with nothing before it", i - 1)
            if kind in (RP, RB, t.SETR, t.CBAR, t.RANG):
                raise fail("closes what was never opened", i - 1)
            raise fail("cannot be read here", i - 1)

        def inside_sided() -> Any:
            nonlocal i, bars
            kept, bars = bars, 0
            inner = listing()
            bars = kept
            closing((t.CBAR, BAR, DBAR, RB), "a bar")
            return inner

        def try_angle() -> Any:
            """``<a, b>`` typed with less-than signs."""
            nonlocal i
            start = i
            i += 1
            if brackets > 20:
                i = start
                return None
            try:
                first = expr(RELATION)
                if toks[i][0] == COMMA:
                    i += 1
                    second = expr(RELATION)
                    if toks[i][0] == REL and toks[i][2] == ">":
                        i += 1
                        return b_infix("inner", first, second)
            except Misread:
                pass
            i = start
            return None

        def angle() -> Any:
            nonlocal i
            enter()
            first = expr(0)
            items = [first]
            if toks[i][0] == BAR:
                i += 1
                items.append(expr(0))
            while toks[i][0] == COMMA:
                i += 1
                items.append(expr(0))
            leave()
            closing((t.RANG,), "an angle bracket")
            if len(items) == 2:
                value = b_infix("inner", *items)
                if toks[i][0] == UNDER:
                    i += 1
                    name, weight = norm_kind()
                    if weight is not None or name != "F":
                        raise fail("an inner product with a subscript", i - 1)
                return value
            return b_node(Seq, tuple(items), "<>")

        def curly() -> Any:
            nonlocal i, set_depth, bars
            enter()
            set_depth += 1
            kept, bars = bars, 0
            if toks[i][0] in (t.SETR, RB) and toks[i][1] != "right":
                i += 1
                left: Any = Const("empty")
            else:
                first = expr(0)
                if toks[i][0] in (BAR, t.COLON):
                    i += 1
                    set_depth -= 1
                    left = b_node(SetBuilder, first, listing())
                    set_depth += 1
                else:
                    items = [first]
                    while toks[i][0] in (COMMA, t.SEMI):
                        i += 1
                        if toks[i][0] == t.LOGIC:
                            i += 1
                        items.append(expr(0))
                    left = b_node(Set, tuple(items))
                    if len(items) == 1 and isinstance(first, Seq) and first.brackets == "":
                        left = b_node(Set, first.items)
                closing((t.SETR,), "a brace")
            bars = kept
            set_depth -= 1
            leave()
            return left

        def fraction() -> Any:
            nonlocal i
            kind, _value, _written = toks[i]
            if kind == LB and (toks[i + 1][0] == t.PARTIAL or toks[i + 1][0] == DIFF or is_d(toks[i + 1])):
                derived = derivative()
                if derived is not None:
                    return derived
            enter()
            top = digit() if kind == NUM else argument()
            bottom = digit() if toks[i][0] == NUM else argument()
            leave()
            return b_div(top, bottom)

        def digit() -> Any:
            """``\\frac12``: TeX takes one digit and leaves the rest."""
            nonlocal i
            _, value, written = toks[i]
            if isinstance(written, str) and len(written) > 1 and written.isdecimal():
                toks[i] = (NUM, b_num(written[1:]), written[1:])
                return b_num(written[0])
            i += 1
            return value

        def argument() -> Any:
            """What a command takes: a braced group, or a single token with nothing attached."""
            nonlocal i
            kind, value, _written = toks[i]
            i += 1
            if kind == LB:
                return group(LB, value)
            if kind in (SYM, NUM, MAYBE, t.THOUSANDS):
                return value
            if kind == t.WORD:
                return b_node(Word, value)
            if kind == EOF:
                raise fail("the text ends where something should follow", i - 1)
            i -= 1
            enter()
            value = expr(POSTFIX)
            leave()
            return value

        def root(degree: int) -> Any:
            nonlocal i
            index: Any = None
            if toks[i][0] == LP and toks[i][1] == "[":
                i += 1
                index = expr(0)
                if toks[i][0] != RP or toks[i][1] != "]":
                    raise fail("the index of a root is not closed")
                i += 1
            kind, value, _written = toks[i]
            enter()
            if kind == LB or kind == LP:
                i += 1
                inner = group(kind, value)
            elif kind in (NUM, SYM):
                i += 1
                inner = value
                if kind == SYM and toks[i][0] == POST and isinstance(toks[i][1], int):
                    doubts.add("root")
            else:
                inner = expr(POSTFIX)
            leave()
            if index is not None:
                return b_call("root", [inner, index], None)
            return b_call("sqrt", [inner], None) if degree == 2 else b_call("root", [inner, b_num(str(degree))], None)

        # --- powers -----------------------------------------------------------------------------------------------------
        def power(left: Any) -> Any:
            nonlocal i
            kind, value, written = toks[i]
            before = toks[i - 2]
            if kind == LB:
                inner = toks[i + 1]
                after = toks[i + 2][0] if i + 2 < len(toks) else EOF
                if after == RB:
                    k, v, w = inner
                    if k == NUM and isinstance(w, str) and w.isdecimal():
                        i += 3
                        return b_powi(left, int(w)) if len(w) < 10 else b_pow(left, v)
                    mark = raised_mark(left, k, v, w, before)
                    if mark is not None:
                        i += 3
                        return mark
                elif inner[0] == MINUS and i + 3 < len(toks) and toks[i + 3][0] == RB:
                    k, v, w = toks[i + 2]
                    if k == NUM and isinstance(w, str) and w.isdecimal() and len(w) < 10:
                        i += 4
                        return b_powi(left, -int(w))
                    if k in (POST, SYM) and is_transpose(k, v, w, before):
                        i += 4
                        return b_transpose(b_powi(left, -1))
                elif in_bound and inner[0] in (PLUS, MINUS):
                    pass
                i += 1
                return b_pow(left, group(LB, None))
            if kind == NUM:
                i += 1
                if (
                    isinstance(written, str)
                    and written.isdecimal()
                    and len(written) < 10
                    and toks[i][0] not in (CARET, POST, t.BANG, UNDER)
                ):
                    return b_powi(left, int(written))
                i -= 1
                return b_pow(left, expr(POWER - 1))
            mark = raised_mark(left, kind, value, written, before)
            if mark is not None:
                i += 1
                return mark
            if kind == SYM and bind[toks[i + 1][0]] < POWER:
                i += 1
                return b_pow(left, value)
            if kind == MINUS:
                k, v, w = toks[i + 1]
                if k == NUM and isinstance(w, str) and w.isdecimal() and len(w) < 10 and bind[toks[i + 2][0]] < POWER:
                    i += 2
                    return b_powi(left, -int(w))
                if k in (POST, SYM) and is_transpose(k, v, w, before):
                    i += 2
                    return b_transpose(b_powi(left, -1))
                i += 1
                enter()
                exponent = b_neg(expr(POWER - 1))
                leave()
                return b_pow(left, exponent)
            enter()
            if kind == LP:
                i += 1
                exponent = group(LP, value)
                if toks[i][0] == CARET:
                    i += 1
                    exponent = power(exponent)
            else:
                exponent = expr(POWER - 1)
            leave()
            return b_pow(left, exponent)

        def is_transpose(kind: int, value: Any, written: Any, before: Token) -> bool:
            if kind == POST:
                return bool(value == "T")
            if kind == SYM and written == "T" and lexicon.table.get("T") is None:
                return not (before[0] == NUM or before[2] in ("=e", "=pi", "=i"))
            return False

        def raised_mark(left: Any, kind: int, value: Any, written: Any, before: Token) -> Any:
            """``^T``, ``^\\dagger``, ``^+``, ``^*``, ``^\\circ``, ``^\\prime``; ``3^+`` in a limit."""
            nonlocal side
            if kind == SYM:
                if is_transpose(kind, value, written, before):
                    return b_transpose(left)
                if written == "H" and lexicon.table.get("H") is None and not lexicon.plain_products:
                    return b_node(Adjoint, left)
                return None
            if kind == POST:
                return post(left, value)
            if kind in (PLUS, MINUS):
                braced = toks[i][0] == LB
                following = toks[i + 3][0] if braced else toks[i + 1][0]
                sign = "+" if kind == PLUS else "-"
                if in_bound and before[0] in (NUM, SYM) and following in (RB, EOF, COMMA, RP):
                    side = sign
                    return left
                if braced or (kind == PLUS and following != NUM and not (before[0] == NUM or before[2] == "=e")):
                    if kind == PLUS:
                        return build.pinv(left)
                    if kind == MINUS and braced:
                        raise fail("a power that is only a minus sign: which generalized inverse?")
                return None
            if kind == STAR:
                return star_above(left)
            if kind == t.INFIX and value == "compose":
                return degrees_after(toks[i][0] == LB, left)
            if kind == t.DEGREE:
                return quantity(left, (("deg", 1),))
            if kind == t.PRIME:
                if not lexicon.bare:
                    return b_transpose(left)
                raise fail("a prime after a compound expression: a transpose or a derivative?")
            if kind == t.PERCENT:
                return b_node(Percent, left)
            return None

        def star_above(left: Any) -> Any:
            return b_node(Adjoint, left)

        def degrees_after(braced: bool, left: Any) -> Any:
            following = toks[i + 3] if braced else toks[i + 1]
            if following[0] == SYM and following[2] in ("C", "F"):
                splice(i + (3 if braced else 1), 1, [])
                return quantity(left, (("°" + following[2], 1),))
            return quantity(left, (("deg", 1),))

        def unit() -> tuple[tuple[str, int], ...]:
            """Units that follow each other: ``\\text{N}\\cdot\\text{m}``, ``\\text{m}/\\text{s}^2``."""
            nonlocal i
            powers: dict[str, int] = {}
            sign = 1
            while True:
                found = toks[i][1]
                i += 1
                raised_ = 1
                if toks[i][0] == CARET or (toks[i][0] == POST and isinstance(toks[i][1], int)):
                    raised_ = unit_power()
                for position, (name, power_) in enumerate(found):
                    power_ *= raised_ if position == len(found) - 1 else 1
                    powers[name] = powers.get(name, 0) + sign * power_
                if toks[i][0] == t.UNIT:
                    continue
                if toks[i][0] in (CDOT, STAR, SLASH) and toks[i + 1][0] == t.UNIT:
                    sign = -1 if toks[i][0] == SLASH else sign
                    i += 1
                    continue
                return tuple((name, power_) for name, power_ in powers.items() if power_)

        def unit_power() -> int:
            nonlocal i
            if toks[i][0] == POST:
                i += 1
                return int(toks[i - 1][1])
            i += 1
            sign = 1
            braced = toks[i][0] == LB
            i += braced
            if toks[i][0] == MINUS:
                sign = -1
                i += 1
            digits = str(toks[i][2])
            if toks[i][0] != NUM or not digits.isdecimal() or len(digits) > 1:
                raise fail("a power of a unit was expected")
            i += 1
            if braced:
                if toks[i][0] != RB:
                    raise fail("a power of a unit was expected")
                i += 1
            return sign * int(digits)

        def quantity(value: Any, unit: Any) -> Any:
            if isinstance(value, Quantity):
                merged = dict(value.unit)
                for name, exponent in unit:
                    merged[name] = merged.get(name, 0) + exponent
                return b_node(Quantity, value.value, tuple((n, p) for n, p in merged.items() if p))
            return b_node(Quantity, value, unit)

        # --- numbers side by side -----------------------------------------------------------------------------------------
        def beside(left: Any) -> Any:
            """``1 1/2`` is a mixed number; two bare numbers side by side are no product."""
            nonlocal i
            previous, here = toks[i - 1][2], toks[i][2]
            if isinstance(previous, str) and previous.isdecimal() and isinstance(here, str) and here.isdecimal():
                if toks[i + 1][0] == SLASH and toks[i + 2][0] == NUM and str(toks[i + 2][2]).isdecimal():
                    top, bottom = int(here), int(toks[i + 2][2])
                    if 0 < top < bottom and bind[toks[i + 3][0]] < POWER:
                        value = b_add([left, b_div(toks[i][1], toks[i + 2][1])])
                        i += 3
                        notes.append(("mixed-number", f"{previous} {top}/{bottom} read as a mixed number"))
                        doubts.add("mixed")
                        return value
            elif (
                isinstance(previous, str)
                and previous.isdecimal()
                and isinstance(here, str)
                and len(here) == 1
                and not here.isascii()
            ):
                value = b_add([left, toks[i][1]])  # 3½
                i += 1
                return value
            raise fail("two numbers side by side")

        def mixed_number(left: Any) -> Any:
            """``2\\frac{1}{4}`` is 9/4 where the fraction is a proper one of written-out numbers."""
            nonlocal i
            start = i
            found = written_fraction()
            if found is None:
                i = start
                return None
            top, bottom = found
            whole = toks[start - 1][2]
            notes.append(("mixed-number", f"{whole} {top}/{bottom} read as a mixed number"))
            doubts.add("mixed")
            return b_add([left, b_div(b_num(str(top)), b_num(str(bottom)))])

        def written_fraction() -> tuple[int, int] | None:
            nonlocal i
            i += 1
            numbers: list[int] = []
            if toks[i][0] == NUM and len(str(toks[i][2])) == 2 and str(toks[i][2]).isdecimal():
                numbers = [int(toks[i][2][0]), int(toks[i][2][1])]
                i += 1
            else:
                for _ in range(2):
                    if toks[i][0] == LB and toks[i + 1][0] == NUM and toks[i + 2][0] == RB:
                        text, step = str(toks[i + 1][2]), 3
                    elif toks[i][0] == NUM:
                        text, step = str(toks[i][2]), 1
                    else:
                        return None
                    if not text.isdecimal() or len(text) > 30:
                        return None
                    numbers.append(int(text))
                    i += step
            if not 0 < numbers[0] < numbers[1] or bind[toks[i][0]] >= POWER:
                return None
            return numbers[0], numbers[1]

        def word_after(factors: list[Any], word: str) -> Any:
            """A noun after a number is its unit: ``6 apples``."""
            nonlocal i
            if len(factors) == 1 and len(word) > 1 and word.replace(" ", "").replace("-", "").isalpha():
                i += 1
                return quantity(factors[0], ((word, 1),))
            return None

        # --- calls --------------------------------------------------------------------------------------------------------
        def call_like(factors: list[Any]) -> bool:
            """Whether a bracket after this letter is a call: always for f, for P and its like only around one name or a list."""
            kind, _value, written = toks[i - 1]
            if kind != MAYBE or toks[i][0] != LP or toks[i][1] not in ("(", "["):
                return False
            name = str(written).rstrip("'").split("_")[0]
            if name in ("f", "g", "h", "E", "O", "o", "Pr", "Gamma", "zeta", "erf", "Var", "Cov") or str(
                written
            ).endswith("'"):
                return True
            if name in ("u", "v", "y", "N"):
                return False
            level, ahead = 1, i + 1
            names = 0
            while ahead < len(toks) and level:
                kind = toks[ahead][0]
                if kind in (LP, LB):
                    level += 1
                elif kind in (RP, RB):
                    level -= 1
                elif level == 1 and kind in (COMMA, REL, BAR, t.SETOP, t.WORD, t.COND):
                    return True
                elif kind in (PLUS, MINUS, STAR, SLASH, t.FRAC) and name not in ("Theta", "Omega"):
                    return False
                elif kind == SYM:
                    names += 1
                ahead += 1
            return names == 1 or name in ("Theta", "Omega") or ahead - i == 3

        def applied(value: Any) -> Any:
            nonlocal i
            written = str(toks[i - 1][2])
            args = call_arguments()
            names = {"Gamma": "gamma", "zeta": "zeta", "Pr": "P"}
            return b_call(names.get(written, written), args, None)

        def call_arguments() -> list[Any]:
            """``(a, b)`` after a function's name, already known to stand there."""
            nonlocal i, bars, brackets, set_depth
            closer = {"(": ")", "[": "]"}.get(toks[i][1])
            opener = toks[i][0]
            if opener == LB:
                closer = None
            i += 1
            enter()
            kept, bars = bars, 0
            kept_set, set_depth = set_depth, 0
            brackets += 1
            args: list[Any] = []
            if toks[i][0] not in (RP, RB):
                args.append(slice_or_expr())
                while toks[i][0] in (COMMA, t.SEMI):
                    i += 1
                    if toks[i][0] in (RP, RB):
                        break
                    args.append(slice_or_expr())
                if toks[i][0] in (BAR, t.COLON) and args:
                    i += 1
                    args = [b_node(Given, args[0] if len(args) == 1 else Seq(tuple(args), ""), listing())]
                elif toks[i][0] == DIFF and integrals and args:
                    args[-1] = b_mul([args[-1], differential()])
            brackets -= 1
            bars, set_depth = kept, kept_set
            leave()
            if toks[i][0] != (RB if opener == LB else RP) or (closer is not None and toks[i][1] != closer):
                raise fail("a call is not closed" if toks[i][0] == EOF else "cannot be read here")
            i += 1
            return args

        def slice_or_expr() -> Any:
            nonlocal i
            if toks[i][0] == t.COLON:
                i += 1
                return Const("all")
            return expr(0)

        def function(name: str) -> Any:
            nonlocal i
            sub: Any = None
            exponent: Any = None
            raised = None
            for _ in range(2):
                kind, value, _ = toks[i]
                if kind == UNDER and sub is None:
                    i += 1
                    sub = argument()
                elif kind == CARET and exponent is None:
                    i += 1
                    raised = function_power()
                    exponent = raised
                elif kind == POST and exponent is None:
                    if name in ("eye", "ones", "zeros") and value == "T":
                        break
                    i += 1
                    exponent = value if isinstance(value, int) else ("post", value)
                elif kind == t.PRIME:
                    i += 1
                    name = name + "'" * value
                else:
                    break
            result = called(name, sub)
            if exponent is None:
                return result
            if exponent == -1 and name in _INVERSES:
                return inverted
            if isinstance(exponent, int):
                return b_powi(result, exponent)
            if isinstance(exponent, tuple) and len(exponent) == 2 and exponent[0] == "post":
                return post(result, exponent[1])
            return b_pow(result, exponent)

        inverted: Any = None

        def function_power() -> Any:
            """``\\sin^2 x``, ``\\sin^{-1} x``, ``\\ln^{n} x``."""
            nonlocal i
            kind, value, written = toks[i]
            if kind == NUM and str(written).isdecimal() and len(written) < 6:
                i += 1
                return int(written)
            if kind == MINUS and toks[i + 1][0] == NUM and str(toks[i + 1][2]).isdecimal() and len(toks[i + 1][2]) < 6:
                i += 2
                return -int(toks[i - 1][2])
            if kind == LB:
                inner = toks[i + 1]
                if toks[i + 2][0] == RB and inner[0] == NUM and str(inner[2]).isdecimal() and len(inner[2]) < 6:
                    i += 3
                    return int(inner[2])
                if toks[i + 2][0] == RB and inner[0] in (POST,):
                    i += 3
                    return ("post", inner[1])
                if toks[i + 2][0] == RB and inner[0] == SYM and is_transpose(SYM, inner[1], inner[2], (SYM, None, "")):
                    i += 3
                    return ("post", "T")
                if (
                    inner[0] == MINUS
                    and toks[i + 3][0] == RB
                    and toks[i + 2][0] == NUM
                    and str(toks[i + 2][2]).isdecimal()
                    and len(toks[i + 2][2]) < 6
                ):
                    i += 4
                    return -int(toks[i - 2][2])
            if kind == t.PRIME:
                raise fail("a prime on a function")
            if kind == POST:
                i += 1
                return ("post", value)
            if kind == SYM and is_transpose(kind, value, written, (SYM, None, "")):
                i += 1
                return ("post", "T")
            if kind == LP:
                i += 1
                return group(LP, value)
            return argument()

        def called(name: str, sub: Any) -> Any:
            """The call itself: with brackets, with braces, or around the run of simple factors that follows."""
            nonlocal i, inverted
            kind, value, _written = toks[i]
            if name == "eye":
                if kind == LP and value == "(":
                    size = call_arguments()
                    return build.identity(size[0])
                if kind == LB:
                    i += 1
                    return build.identity(group(LB, None))
                return build.identity(sub)
            if name in ("ones", "indicator") and sub is not None and kind != LP:
                args = [sub]
                sub = None
            elif name == "ones" and kind not in (LP, LB):
                args = [Const("all")]
            elif kind == LP and value == "[" and name == "sqrt" and (typed := root_index()) is not None:
                return typed
            elif (kind == LP and value in ("(", "[")) or kind == LB:
                args = call_arguments()
            elif kind == LP:
                args = [expr(POSTFIX)]
            elif name == "sqrt" and kind in (NUM, SYM):
                i += 1
                args = [value]
            else:
                if kind in (EOF, RB, RP, COMMA, REL, PLUS, t.SETR) and kind != PLUS:
                    if kind != LP and name in lexicon.table.symbols:
                        return build.sym(name)  # a declared function spoken of, not called
                    raise fail(f"{name} of what?")
                enter()
                args = [run()]
                leave()
            return finish(name, args, sub)

        def root_index() -> Any:
            """``sqrt[3]{x}`` typed without its backslash; None where the bracket holds the argument."""
            ahead, level = i + 1, 1
            while ahead < len(toks) and level:
                level += (toks[ahead][0] == LP) - (toks[ahead][0] == RP)
                ahead += 1
            return root(2) if ahead < len(toks) and toks[ahead][0] in (LB, LP) else None

        def run() -> Any:
            """``\\sin 2x``, ``\\log xy``, ``\\det A``: juxtaposed simple factors up to the next function, operator or bracket."""
            nonlocal i
            kind = toks[i][0]
            if kind == MINUS:
                i += 1
                return b_neg(run())
            factors = [expr(TIGHT)]
            while True:
                kind, _value, _written = toks[i]
                if kind in (SYM, NUM, t.FRAC, t.SQRT) and not (kind == NUM and toks[i - 1][0] == NUM):
                    factors.append(expr(TIGHT))
                    doubts.add("run")
                elif kind == MAYBE and toks[i + 1][0] != LP:
                    factors.append(expr(TIGHT))
                else:
                    return factors[0] if len(factors) == 1 else b_mul(factors)

        def finish(name: str, args: list[Any], sub: Any) -> Any:
            """Words that are nodes: inv, norm, transpose, dot, solve, array, log2, ….

            A function raised to -1 leaves its inverse in ``inverted``."""
            nonlocal inverted
            count = len(args)
            inverse = _INVERSES.get(name)
            if inverse is not None:
                inverted = (
                    b_call(inverse, args, None) if inverse != "reciprocal" else b_powi(b_call(name, args, sub), -1)
                )
            one = {"inv": lambda a: b_powi(a, -1), "pinv": build.pinv, "transpose": b_transpose, "conj": lambda a: b_call("conj", [a], None),
                   "abs": build.abs, "square": lambda a: b_powi(a, 2)}.get(name)  # fmt: skip
            if one is not None:
                if count < 1 or (count > 1 and name != "inv"):
                    raise fail(f"{name} takes one argument, not {count}", i - 1)
                return one(args[0])
            if name in ("norm",):
                return named_norm(args)
            if name in ("dot", "inner", "matmul", "outer", "solve", "hadamard", "cross", "kron", "mod", "power"):
                if count != 2:
                    raise fail(f"{name} takes two arguments, not {count}", i - 1)
                a, b = args
                if name == "matmul":
                    return b_mul([a, b])
                if name == "outer":
                    return b_mul([a, b_transpose(b)])
                if name == "solve":
                    return b_mul([b_powi(a, -1), b])
                if name == "power":
                    return b_pow(a, b)
                return b_infix(name, a, b) if name != "dot" or not plain_products else b_mul([a, b])
            if name == "array":
                return as_array(args)
            if name in ("log2", "log10"):
                return b_call("log", args, b_num(name[3:]))
            if name == "log1p":
                return b_call("log", [b_add([b_num("1"), args[0]])], None)
            if name == "expm1":
                return b_add([b_call("exp", args, None), b_neg(b_num("1"))])
            if name == "arg" and count == 1:
                return b_call("arg", args, sub)
            if name == "log" and count == 2 and sub is None:
                return b_call("log", [args[0]], args[1])
            if name in ("max", "min") and count == 1 and isinstance(args[0], Seq | Set):
                args = list(args[0].items)
            known = _ARITY.get(name)
            if known is not None and not (known[0] <= count and (known[1] is None or count <= known[1])):
                raise fail(f"{name} does not take {count} arguments", i - 1)
            return b_call(name, args, sub)

        def named_norm(args: list[Any]) -> Any:
            if len(args) == 1:
                return build.norm(args[0], "")
            kind = args[1]
            if isinstance(kind, Relation) and kind.ops == ("=",):
                kind = kind.terms[1]
            if isinstance(kind, Num):
                return build.norm(args[0], str(kind.value))
            if isinstance(kind, Const) and kind.name == "oo":
                return build.norm(args[0], "inf")
            if isinstance(kind, Sym | Word):
                text = kind.name if isinstance(kind, Sym) else kind.text
                if text in ("F", "fro"):
                    return build.norm(args[0], "F")
            raise fail("a norm of which kind?", i - 1)

        def as_array(args: list[Any]) -> Any:
            if len(args) != 1 or not isinstance(args[0], Seq | Vector | Matrix):
                raise fail("an array of what?", i - 1)
            value = args[0]
            return b_node(Vector, value.items) if isinstance(value, Seq) else value

        def method(left: Any, name: str) -> Any:
            nonlocal i
            if toks[i][0] != LP:
                raise fail(f".{name} without its brackets")
            i_before = i
            if toks[i + 1][0] == RP:
                i += 2
                args: list[Any] = []
            else:
                args = call_arguments()
            if name == "dot":
                if len(args) != 1:
                    raise fail("dot takes one argument", i_before)
                return b_infix("dot", left, args[0]) if not plain_products else b_mul([left, args[0]])
            if args:
                raise fail(f".{name} takes no argument here", i_before)
            words = {
                "transpose": "transpose",
                "inverse": "inv",
                "inv": "inv",
                "trace": "tr",
                "sum": "sum",
                "det": "det",
                "norm": "norm",
            }
            return finish(words[name], [left], None)

        # --- big operators --------------------------------------------------------------------------------------------------
        def bounds() -> tuple[Any, Any]:
            """What stands below and above, in either order."""
            nonlocal i
            below = above = None
            for _ in range(2):
                if toks[i][0] == UNDER and below is None:
                    i += 1
                    below = bound_text()
                elif toks[i][0] == CARET and above is None:
                    i += 1
                    above = argument() if toks[i][0] != MINUS else minus_argument()
                elif toks[i][0] == POST and isinstance(toks[i][1], int) and above is None:
                    above = b_num(str(toks[i][1]))
                    i += 1
                else:
                    break
            return below, above

        def minus_argument() -> Any:
            nonlocal i
            i += 1
            return b_neg(argument())

        def bound_text() -> Any:
            nonlocal i, in_bound, side
            kept, in_bound, side = in_bound, True, None
            if toks[i][0] == LB:
                i += 1
                enter()
                found = listing()
                leave()
                if toks[i][0] != RB:
                    raise fail("cannot be read here")
                i += 1
            elif toks[i][0] == MINUS:
                found = minus_argument()
            else:
                found = argument()
            in_bound = kept
            return found

        def big(op: str) -> Any:
            nonlocal i
            if op == "arg":
                raise fail("arg of what?")
            if op in ("max", "min", "argmin", "argmax", "sup", "inf") and toks[i][0] != UNDER:
                kind, value, _ = toks[i]
                if op in ("argmin", "argmax") and kind != LP and kind != LB:
                    return b_node(BigOp, op, expr(SUM), None, None, None, None)
                if kind == CARET:
                    raise fail("cannot be read here")
                args = (
                    call_arguments()
                    if (kind == LP and value in ("(", "[")) or kind == LB
                    else list(curly_items())
                    if kind == t.SETL
                    else [expr(SUM)]
                )
                return finish(op, args, None)
            if op == "sum" and toks[i][0] == LP and toks[i - 1][2] == "sum":
                return finish("sum", call_arguments(), None)
            below, above = bounds()
            enter()
            body = expr(SUM)
            leave()
            return quantified(op, body, below, above)

        def underset() -> Any:
            """``\\underset{w}{\\arg\\min} f``: what stands below a big operator, written first."""
            nonlocal i
            below = bound_text()
            if toks[i][0] != LB or toks[i + 1][0] != t.BIG or toks[i + 2][0] != RB:
                raise fail("something set under what is no operator")
            op = toks[i + 1][1]
            i += 3
            enter()
            body = expr(SUM)
            leave()
            return quantified(op, body, below, None)

        def curly_items() -> tuple[Any, ...]:
            nonlocal i
            i += 1
            found = curly()
            if not isinstance(found, Set):
                raise fail("a set of values was expected", i - 1)
            return found.items

        def quantified(op: str, body: Any, below: Any, above: Any) -> Any:
            name: Any = None
            lower = domain = None
            if isinstance(below, Relation):
                if below.ops == ("=",):
                    name, lower = below.terms
                elif below.ops == ("in",):
                    name, domain = below.terms[0], below
                    if isinstance(name, Seq):
                        return b_node(BigOp, op, _bound(body, name.items), name, None, above, domain)
                else:
                    domain = below
                    name = _free(below)
            elif isinstance(below, Seq):
                if all(isinstance(x, Sym) for x in below.items):
                    inner = body
                    for one in reversed(below.items):
                        inner = b_node(BigOp, op, _bound(inner, (one,)), one, None, None, None)
                    return inner
                first, *rest = below.items
                condition = rest[0] if len(rest) == 1 else Logic("and", tuple(rest))
                inner = quantified(op, body, first, above)
                if isinstance(inner, BigOp):
                    return b_node(BigOp, op, inner.body, inner.variable, inner.lower, inner.upper, condition)
                raise fail("cannot read what stands below the operator")
            elif below is not None:
                name = below
            if name is not None and not isinstance(name, Sym | Index | Const):
                if isinstance(name, Expr) and op in ("argmin", "argmax", "min", "max", "sup", "inf"):
                    return b_node(BigOp, op, body, name, lower, above, domain)
                if not isinstance(name, Expr):
                    return b_node(BigOp, op, body, name, lower, above, domain)
                raise fail("cannot read what stands below the operator")
            if isinstance(name, Const):
                if name.name not in ("i", "e"):
                    raise fail("cannot read what stands below the operator")
                body, name = _as_variable(body, name), Sym(name.name)
                above = _as_variable(above, Const(name.name)) if above is not None else None
                if isinstance(domain, Relation):
                    domain = _as_variable(domain, Const(name.name))
            return b_node(
                BigOp, op, _bound(body, (name,)) if isinstance(name, Sym) else body, name, lower, above, domain
            )

        def limit() -> Any:
            nonlocal i, side
            if toks[i][0] != UNDER:
                raise fail("a limit of what, where?")
            i += 1
            kept = side
            below = bound_text()
            found, side = side, kept
            if not (isinstance(below, Relation) and below.ops in (("->",), ("in",))) and not (
                isinstance(below, Logic) and below.op == "implies" and len(below.args) == 2
            ):
                if isinstance(below, Expr):
                    raise fail("cannot read where the limit is taken")
                raise NeedTree
            variable_, to = below.terms if isinstance(below, Relation) else below.args
            enter()
            body = expr(SUM)
            leave()
            return b_node(Limit, body, variable_, to, found or "")

        def integral(count: int) -> Any:
            nonlocal i, integrals, variable
            lower, upper = bounds()
            if isinstance(lower, Relation) and len(lower.ops) > 0:
                raise fail("an integral over a set we cannot name")
            mark_differentials()
            kept_variable, variable = variable, None
            integrals += 1
            kept_bind = bind[DIFF]
            bind[DIFF] = 0
            enter()
            body: Any
            try:
                if toks[i][0] == DIFF:
                    found = differential_name()
                    body = expr(PRODUCT - 1) if starts_factor() else b_num("1")
                else:
                    body = expr(RELATION)
                    if toks[i][0] == DIFF:
                        found = differential_name()
                    elif variable is not None:
                        found = variable
                    else:
                        raise fail("an integral without its d…")
                names = [found]
                while len(names) < count:
                    if toks[i][0] != DIFF:
                        raise fail("an integral without its d…")
                    names.append(differential_name())
            finally:
                integrals -= 1
                bind[DIFF] = kept_bind if integrals == 0 else 0
                variable = kept_variable
            leave()
            result = body
            for index, name in enumerate(names):
                last = index == len(names) - 1
                result = b_node(Integral, result, name, lower if last else None, upper if last else None)
            return result

        def starts_factor() -> bool:
            return toks[i][0] in starters and toks[i][0] != DIFF and not (toks[i][0] in (BAR, DBAR) and bars)

        def mark_differentials() -> None:
            """``d`` and a name after it, written apart, become one token."""
            at = i
            while at + 1 < len(toks):
                if is_d(toks[at]) and toks[at + 1][0] in (SYM, MAYBE) and not is_d(toks[at + 1]):
                    splice(at, 2, [(DIFF, (toks[at][1], (toks[at + 1],)), "d")])
                at += 1

        def differential_name() -> Any:
            nonlocal i
            _, value, _ = toks[i]
            if value[0] == "over":
                raise fail("cannot be read here")
            i += 1
            return value[1][0][1]

        def differential() -> Any:
            """A ``dx`` inside a fraction or bracket of an integrand: says the variable, counts as 1."""
            nonlocal variable
            variable = differential_name()
            return b_num("1")

        # --- derivatives ------------------------------------------------------------------------------------------------------
        def is_d(token: Token) -> bool:
            return token[0] == SYM and token[2] == "d" and lexicon.table.name_of("d") is None

        def bare_differential(value: Any) -> Any:
            """``d/dx f``, ``dy/dx``; anywhere else ``dx`` is d times x, inside an integral a factor 1."""
            nonlocal i, variable
            if value[0] == "over":
                return operator(value[1])
            if integrals:
                i -= 1
                return differential()
            splice(i - 1, 1, [(SYM, value[0], "d"), *value[1]])
            if toks[i + len(value[1])][0] == SLASH and (
                toks[i + len(value[1]) + 1][0] == DIFF or is_d(toks[i + len(value[1]) + 1])
            ):
                body_token = toks[i]
                i += len(value[1]) + 1
                name = toks[i]
                if name[0] == DIFF and name[1][0] != "over":
                    i += 1
                    return b_node(Derivative, body_token[1], (name[1][1][0][1],), "d")
                raise fail("cannot be read here")
            return toks[i - 1][1]

        def operator(order: int) -> Any:
            """``d/dx`` or ``d^2/dx^2`` and what it is taken of."""
            nonlocal i
            kind, _value, _written = toks[i]
            if kind not in (SYM, MAYBE, t.PARTIAL, LB) or is_d(toks[i]):
                raise fail("a derivative by what?")
            if kind == t.PARTIAL:
                i += 1
            name = argument()
            taken = 1
            if toks[i][0] == CARET:
                i += 1
                taken = whole()
            elif toks[i][0] == POST and isinstance(toks[i][1], int):
                taken = toks[i][1]
                i += 1
            if taken != order:
                raise fail("a derivative whose orders do not match", i - 1)
            return taken_of((name,) * order, "d")

        def taken_of(names: tuple[Any, ...], kind: str) -> Any:
            if not starts_factor():
                raise fail("a derivative of what?")
            enter()
            body = expr(PRODUCT - 1)
            leave()
            return b_node(Derivative, body, names, kind)

        def whole() -> int:
            nonlocal i
            kind, _, written = toks[i]
            if kind == LB and toks[i + 1][0] == NUM and toks[i + 2][0] == RB:
                written = toks[i + 1][2]
                i += 3
            elif kind == NUM:
                i += 1
            else:
                raise fail("a whole number was expected")
            if not str(written).isdecimal() or int(written) > 20:
                raise fail("a derivative of order 1 to 20 was expected", i - 1)
            return int(written)

        def derivative() -> Any:
            """``\\frac{\\partial f}{\\partial x}``, ``\\frac{d}{dx}``, ``\\frac{d^2 y}{dx^2}``, ``\\frac{\\partial^2 f}{\\partial x\\,\\partial y}``; None where it is a fraction."""
            nonlocal i
            start = i
            if integrals and toks[i + 1][0] == DIFF:
                return None
            i += 1
            kind, value, _ = toks[i]
            notation = "partial" if kind == t.PARTIAL else "d"
            body: Any = None
            order = 1
            bottom = i
            level = 1
            while bottom < len(toks) and level:  # is the denominator one of differentials?
                level += (toks[bottom][0] == LB) - (toks[bottom][0] == RB)
                bottom += 1
            if (
                bottom + 1 >= len(toks)
                or toks[bottom][0] != LB
                or not (toks[bottom + 1][0] in (t.PARTIAL, DIFF) or is_d(toks[bottom + 1]))
            ):
                i = start
                return None
            if kind == DIFF:
                if value[0] == "over":
                    raise fail("cannot be read here")
                splice(i, 1, [(SYM, value[0], "d"), *value[1]])
            i += 1
            if toks[i][0] == CARET:
                i += 1
                order = whole()
            elif toks[i][0] == POST and isinstance(toks[i][1], int):
                order = toks[i][1]
                i += 1
            if toks[i][0] != RB:
                enter()
                body = expr(0)
                leave()
            if toks[i][0] != RB:
                raise fail("cannot be read here")
            i += 2
            names = differential_names()
            if toks[i][0] != RB:
                raise fail("cannot be read here")
            i += 1
            if len(names) != order:
                raise fail("a derivative whose orders do not match", i - 1)
            if body is None:
                return taken_of(names, notation)
            return b_node(Derivative, body, names, notation)

        def differential_names() -> tuple[Any, ...]:
            nonlocal i
            names: list[Any] = []
            while True:
                kind, value, _ = toks[i]
                if kind == DIFF and value[0] != "over":
                    splice(i, 1, [(SYM, value[0], "d"), *value[1]])
                    i += 1
                elif kind == t.PARTIAL or is_d(toks[i]):
                    i += 1
                else:
                    break
                if toks[i][0] in (LB, LP):
                    name = argument() if toks[i][0] == LB else expr(POSTFIX)
                elif toks[i][0] in (SYM, MAYBE):
                    name = toks[i][1]
                    i += 1
                    if toks[i][0] == LP and toks[i][1] == "(":
                        written = str(toks[i - 1][2])
                        name = b_call(written, call_arguments(), None)
                else:
                    name = expr(POWER)
                times = 1
                if toks[i][0] == CARET:
                    i += 1
                    if (toks[i][0] == SYM and is_transpose(SYM, toks[i][1], toks[i][2], (SYM, None, ""))) or (
                        toks[i][0] == POST and toks[i][1] == "T"
                    ):
                        i += 1
                        name = b_transpose(name)
                    elif (
                        toks[i][0] == LB and toks[i + 2][0] == RB and (toks[i + 1][0] == POST or toks[i + 1][2] == "T")
                    ):
                        i += 3
                        name = b_transpose(name)
                    elif toks[i][0] == LB and toks[i + 1][0] == LP:
                        name = b_pow(name, argument())  # a label such as ^{(1)}, not an order
                    else:
                        times = whole()
                elif toks[i][0] == POST:
                    if toks[i][1] == "T":
                        name = b_transpose(name)
                    elif isinstance(toks[i][1], int):
                        times = toks[i][1]
                    i += 1
                elif toks[i][0] == UNDER:
                    name = indexed(name)
                if not 1 <= times <= 20:
                    raise fail("a derivative of order 1 to 20 was expected", i - 1)
                names.extend([name] * times)
            if not names:
                raise fail("a derivative by what?")
            return tuple(names)

        def partial() -> Any:
            """``∂f/∂x`` and ``∂/∂x f`` on one line; ``∂_x f``."""
            nonlocal i
            order = 1
            if toks[i][0] == UNDER:
                i += 1
                return taken_of((argument(),), "partial")
            if toks[i][0] == CARET:
                i += 1
                order = whole()
            elif toks[i][0] == POST and isinstance(toks[i][1], int):
                order = toks[i][1]
                i += 1
            body: Any = None
            if toks[i][0] != SLASH:
                body = expr(PRODUCT)
            if toks[i][0] != SLASH or toks[i + 1][0] not in (t.PARTIAL, DIFF):
                raise fail("a derivative by what?")
            i += 1
            names = differential_names()
            if len(names) != order:
                raise fail("a derivative whose orders do not match", i - 1)
            if body is None:
                return taken_of(names, "partial")
            return b_node(Derivative, body, names, "partial")

        def over_differential(factors: list[Any]) -> Any:
            """``dy/dx`` met as ``d·y / dx`` in a product; None where it is a plain quotient."""
            nonlocal i
            if is_d(toks[i - 1]):
                raise fail("a derivative by what?", i - 1)
            return None

        def nabla() -> Any:
            nonlocal i
            names: tuple[Any, ...] = ()
            kind = "nabla"
            for _ in range(2):
                if toks[i][0] == UNDER:
                    i += 1
                    found = argument()
                    names = found.items if isinstance(found, Seq) else (found,)
                elif toks[i][0] == CARET and toks[i + 1][0] == NUM and toks[i + 1][2] == "2":
                    i += 2
                    kind = "hessian"
                elif toks[i][0] == POST and toks[i][1] == 2:
                    i += 1
                    kind = "hessian"
                elif toks[i][0] == CDOT:
                    i += 1
                    kind = "divergence"
                elif toks[i][0] == STAR and toks[i][2] == "×":
                    i += 1
                    kind = "curl"
            if not starts_factor():
                raise fail("a gradient of what?")
            enter()
            body = expr(TIGHT) if toks[i][0] in (SYM, MAYBE, LP) else expr(PRODUCT)
            leave()
            return b_node(Derivative, body, names, kind)

        # --- indices --------------------------------------------------------------------------------------------------------
        def indexed(left: Any) -> Any:
            """A subscript that is no part of a name: a base after a number, entries of anything else, ``[F]_a^b``, ``f|_{x=0}``."""
            nonlocal i
            before = toks[i - 1]
            i += 1
            if before[0] == NUM:
                return based(before)
            if before[0] == RB and before[1] == "right":
                return evaluated(left, argument())
            inner = bound_text()
            if isinstance(inner, Relation) and inner.ops == ("=",):
                return b_node(At, left, inner.terms[0], inner.terms[1], None)
            if before[0] == RP and toks[i][0] == CARET and before[1] == "]":
                i += 1
                return b_node(At, left, None, argument(), inner)
            if isinstance(inner, Seq):
                return b_node(Index, left, inner.items)
            if isinstance(inner, Expr) and not isinstance(inner, Word):
                if (
                    isinstance(inner, Mul)
                    and len(inner.factors) == 2
                    and all(isinstance(f, Sym | Num | Const) for f in inner.factors)
                ):
                    return b_node(Index, left, inner.factors)
                if (
                    isinstance(inner, Num)
                    and isinstance(inner.value, int)
                    and inner.decimals is None
                    and 10 < inner.value < 100
                ):
                    return b_node(Index, left, (Num(inner.value // 10), Num(inner.value % 10)))
            return b_node(Index, left, (inner,))

        def based(token: Token) -> Any:
            """``101_2``: digits in a base."""
            nonlocal i
            at = i
            base = argument()
            digits = str(token[2])
            if not isinstance(base, Num) or not isinstance(base.value, int) or not digits.isdecimal():
                if not isinstance(base, Expr):
                    raise NeedTree
                if digits == "1":
                    return b_call("ones", [base], None)
                if digits == "0":
                    return b_call("zeros", [base], None)
                raise fail("a number with a subscript that is no base", at)
            if not 2 <= base.value <= 36 or any(int(d) >= base.value for d in digits):
                raise fail(f"{digits} has no meaning in base {base.value}", at)
            notes.append(("base", f"{digits} read in base {base.value}"))
            return Num(int(digits, base.value))

        # --- environments ---------------------------------------------------------------------------------------------------
        def environment(name: str) -> Any:
            nonlocal i, bars, set_depth, brackets
            enter()
            kept = (bars, set_depth)
            bars, set_depth = 0, 0
            brackets += 1
            if name == "array" and toks[i][0] == LB:
                while toks[i][0] not in (RB, EOF):
                    i += 1
                i += 1
            if name in ("cases", "dcases", "rcases"):
                value = cases()
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
                value = aligned()
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
                value = matrix(name)
            else:
                raise fail(f"an environment {name!r} we do not know", i - 1)
            brackets -= 1
            bars, set_depth = kept
            leave()
            return value

        def close_environment() -> None:
            nonlocal i
            if toks[i][0] != t.END:
                raise fail("an environment is not closed" if toks[i][0] == EOF else "cannot be read here")
            i += 1

        def matrix(name: str) -> Any:
            nonlocal i
            rows: list[list[Any]] = [[]]
            while True:
                kind = toks[i][0]
                if kind == t.END:
                    break
                if kind in (t.ROW,):
                    i += 1
                    rows.append([])
                elif kind == t.AMP:
                    i += 1
                    if toks[i][0] in (t.AMP, t.ROW, t.END):
                        raise fail("an empty cell")
                else:
                    if rows[-1] and toks[i - 1][0] not in (t.AMP,):
                        raise fail("cannot be read here")
                    rows[-1].append(expr(0))
            close_environment()
            if rows and not rows[-1]:
                rows.pop()
            if not rows or any(not row for row in rows):
                raise fail("an empty matrix", i - 1)
            value = array(rows)
            if name == "vmatrix":
                return b_call("det", [value], None)
            if name == "Vmatrix":
                return build.norm(value, "")
            return value

        def cases() -> Any:
            nonlocal i
            branches: list[tuple[Any, Any]] = []
            while toks[i][0] != t.END:
                body = listing_until_amp()
                wanted: Any = None
                while toks[i][0] in (t.AMP, COMMA):
                    i += 1
                if toks[i][0] == t.COND:
                    word = toks[i][1]
                    i += 1
                    if word == "if":
                        wanted = listing()
                    elif word in ("otherwise", "else"):
                        wanted = None
                        while toks[i][0] in (COMMA,) or toks[i][0] == t.LOGIC:
                            raise fail("cannot be read here")
                    elif word == "forall":
                        wanted = listing()
                    else:
                        raise fail("cannot be read here", i - 1)
                elif toks[i][0] not in (t.ROW, t.END):
                    wanted = listing()
                elif isinstance(body, Given):
                    given = body
                    body, wanted = given.body, given.condition
                    if wanted == Const("otherwise"):
                        wanted = None
                elif isinstance(body, Seq) and len(body.items) == 2 and body.brackets == "":
                    body, wanted = body.items
                branches.append((body, wanted))
                while toks[i][0] in (t.ROW, COMMA, t.SEMI):
                    i += 1
                if toks[i][0] == EOF:
                    break
            close_environment()
            if not branches:
                raise fail("cases without a case", i - 1)
            if all(isinstance(body, Relation) and wanted is None for body, wanted in branches):
                return b_node(Seq, tuple(body for body, _ in branches), "")  # a system of equations
            return b_node(Piecewise, tuple(branches))

        def listing_until_amp() -> Any:
            nonlocal i
            body = expr(0)
            if toks[i][0] == COMMA and toks[i + 1][0] in (t.AMP, t.COND):
                i += 1
            elif toks[i][0] == COMMA:
                i += 1
                return b_node(Given, body, listing())
            return body

        def aligned() -> Any:
            nonlocal i
            items: list[Any] = []
            while toks[i][0] != t.END:
                if toks[i][0] in (t.AMP, t.ROW, COMMA):
                    i += 1
                    continue
                if toks[i][0] == REL and items:
                    last = items.pop()
                    more = relation(_UNSAID)
                    if not isinstance(more, Relation):
                        raise NeedTree
                    head = last if isinstance(last, Relation) else Relation((), (last,))
                    items.append(b_node(Relation, (*head.ops, *more.ops), (*head.terms, *more.terms[1:])))
                    continue
                if toks[i][0] == EOF:
                    raise fail("an environment is not closed")
                items.append(expr(0))
            close_environment()
            if not items:
                raise fail("an empty environment", i - 1)
            return items[0] if len(items) == 1 else b_node(Seq, tuple(items), "")

        # --- the whole text -----------------------------------------------------------------------------------------------
        origin: list[int] | None = None

        def splice(at: int, count: int, new: list[Token]) -> None:
            toks[at : at + count] = new
            if origin is not None:
                origin[at : at + count] = [origin[at]] * len(new)

        def parse(text: str, places: list[int] | None = None) -> Any:
            """The value of a whole text. Raises Misread. ``places``, if given, receives the lexeme number of each token."""
            nonlocal toks, i, depth, bars, brackets, integrals, set_depth, origin, in_bound, side, variable
            if len(text) > most_chars:
                raise Misread(f"longer than {most_chars} characters", 0, limit=True)
            if doubts:
                doubts.clear()
            if notes:
                notes.clear()
            lexemes = findall(text)
            if len(lexemes) > most_tokens:
                raise Misread(f"more than {most_tokens} lexemes", 0, limit=True)
            if quick is not None and places is None:
                toks = [*flat(map(get, lexemes)), *_ENDS]
                value = quick(toks)
                if value is NEVER:
                    raise NeedTree
                if value is not PASS:
                    return value
                del toks[-4:]
            i = depth = bars = brackets = integrals = set_depth = 0
            in_bound, side, variable = False, None, None
            bind[DIFF] = implicit
            origin = places
            if places is None:
                if quick is None:
                    toks = list(flat(map(get, lexemes)))
            else:
                toks = []
                for number, lexeme in enumerate(lexemes):
                    try:
                        found = get(lexeme)
                    except Unreadable as why:
                        places.append(number)
                        raise Misread(str(why), len(toks), limit=why.limit) from None
                    toks.extend(found)
                    places.extend([number] * len(found))
                places.append(len(lexemes))
            toks += _ENDS
            if len(toks) > 2 * most_tokens:
                raise Misread(f"more than {2 * most_tokens} tokens", 0, limit=True)
            try:
                value = listing()
            except RecursionError:
                raise Misread("nested too deep", i, limit=True) from None
            kind, _what, written = toks[i]
            if kind != EOF:
                raise Misread(_leftover(kind, written), i)
            return value

        self._position = lambda: i
        return parse


def _leftover(kind: int, written: Any) -> str:
    if kind in (t.RP, t.RB, t.SETR, t.CBAR, t.RANG):
        return "closes what was never opened"
    if kind == t.AMP:
        return "an alignment mark outside a matrix"
    return f"“{written}” cannot be read here"


_INVERSES: dict[str, str] = {
    name: "arc" + name
    for name in ("sin", "cos", "tan", "cot", "sec", "csc", "sinh", "cosh", "tanh", "coth", "sech", "csch")
}


_ARITY: dict[str, tuple[int, int | None]] = {name: (known.least, known.most) for name, known in FUNCTIONS.items()}


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
    if constant not in walk(expr):
        return expr
    if expr == constant:
        return Sym(constant.name)
    parts = [_as_variable(part, constant) for part in _children(expr)]
    return rebuild(expr, parts) if parts else expr
