"""Most texts are plain: sums, products, quotients and small powers of names and numbers, in brackets. One pass reads them.

The grammar threads a position through small functions, which is what the whole notation needs and costs a call for every
precedence. Here the same tokens go through one loop with a stack of open brackets, straight to the builder. Whatever is not
plain (a relation, a comma, an index, a sign beside a sign, a slash before a juxtaposition, …) is passed on to the grammar,
which reads the text from its beginning: what this loop returns is what the grammar would have returned.
"""

# Comparisons one by one are what this loop can afford; a membership test would build a tuple each time.
# ruff: noqa: SIM109

from __future__ import annotations

from collections.abc import Callable
from operator import is_
from typing import Any

from llmgrade.expr.notation import tokens as t
from llmgrade.expr.notation.tokens import Token

__all__ = ["CONSTANT_NAMES", "NEVER", "PASS", "SMALL_NUMBERS", "quick_reader"]

PASS: Any = object()
"""Not plain: the grammar is to read it."""
NEVER: Any = object()
"""A relation, a sum with an index: of a text that is to be a value the grammar would only find that it takes a tree."""
SMALL_NUMBERS = {str(number): number for number in range(100)}
CONSTANT_NAMES = frozenset(("=e", "=pi", "=i"))
"""Constants as tokens spell them: e^T is no transpose."""
_CALLED = frozenset(
    {"tr", "det", "exp", "log", "ln", "sin", "cos", "tan", "cot", "sec", "csc", "sinh", "cosh", "tanh", "arcsin"}
    | {"arccos", "arctan", "sigmoid", "relu", "sqrt", "erf", "sign"}
)
_RUNS_ON = frozenset((t.SYM, t.NUM, t.FRAC, t.SQRT, t.MAYBE))
"""After ``\\ln x`` these go on with its argument."""
_STARTERS = frozenset((t.NUM, t.SYM, t.LP, t.LB, t.FUNC, t.FRAC, t.SQRT, t.MAYBE, t.BAR, t.DBAR))
_PRODUCT, _QUOTIENT, _DOT = 1, 2, 3
_BOTTOM, _ABOVE, _ARGUMENT, _BRACED_ARGUMENT = -1, -2, -3, -4
_MARKS = frozenset((t.CARET, t.POST, t.UNDER, t.PRIME, t.BANG, t.PERCENT, t.DEGREE, t.METHOD))


class _Nothing:
    """A builder that only goes through the motions: is a text plain, whatever its values? Any function that takes as many
    parts and never fails will do; those written in C cost least."""

    add = mul = neg = transpose = pinv = abs = staticmethod(id)
    div = pow = powi = norm = staticmethod(is_)
    infix = call = staticmethod(slice)


def quick_reader(
    build: Any, *, t_declared: bool, plain_products: bool, most_depth: int
) -> Callable[[list[Token]], Any]:
    """A function from tokens (four ends behind them) to what the builder makes of them, `PASS` or `NEVER`.

    A builder of values names in ``refusals`` the exceptions that say something about the whole text; they are raised only
    where all of it is plain.
    """
    refusals: tuple[type[Exception], ...] | None = getattr(build, "refusals", None)
    loop = _loop(build, t_declared, plain_products, most_depth, values=refusals is not None)
    if refusals is None:
        return loop
    motions = _loop(_Nothing(), t_declared, plain_products, most_depth, values=True)

    def read(toks: list[Token]) -> Any:
        try:
            return loop(toks)
        except refusals:
            found = motions(toks)
            if found is PASS or found is NEVER:
                return found
            raise

    return read


def _loop(
    build: Any, t_declared: bool, plain_products: bool, most_depth: int, *, values: bool
) -> Callable[[list[Token]], Any]:
    add, mul, neg, div, power, powi, infix, call, norm, bars, transpose, pinv = (
        build.add, build.mul, build.neg, build.div, build.pow, build.powi, build.infix, build.call, build.norm, build.abs,
        build.transpose, build.pinv)  # fmt: skip
    SYM, NUM, LP, RP, LB, RB, PLUS, MINUS, EOF, CARET, POST, FRAC, FUNC, SQRT, MAYBE, STAR, SLASH, CDOT = (
        t.SYM, t.NUM, t.LP, t.RP, t.LB, t.RB, t.PLUS, t.MINUS, t.EOF, t.CARET, t.POST, t.FRAC, t.FUNC, t.SQRT, t.MAYBE, t.STAR,
        t.SLASH, t.CDOT)  # fmt: skip
    BAR, DBAR, UNDER, REL, BIG = t.BAR, t.DBAR, t.UNDER, t.REL, t.BIG
    small, constants, starters, called = SMALL_NUMBERS, CONSTANT_NAMES, _STARTERS, _CALLED
    marks = [kind in _MARKS for kind in range(64)]

    def loop(toks: list[Token]) -> Any:
        frames: list[tuple[int, Any, list[Any], list[Any], bool, int]] = []
        terms: list[Any] = []  # before this one
        factors: list[Any] = []  # of this term
        negative = False  # this term
        pending = 0  # the sign between the factors and what comes
        i = 0
        while True:
            kind, value, text = toks[i]
            i += 1
            opens = 0
            if kind == SYM:
                pass
            elif kind == NUM:
                if toks[i - 2][0] == NUM:
                    return PASS
            elif kind == LP or kind == LB:
                if value != "(" and value is not None and value != "[":
                    return PASS
                opens = kind
            elif kind == PLUS or kind == MINUS:
                if pending:
                    return PASS
                if not factors:
                    if terms or negative or kind == PLUS:
                        return PASS
                    negative = True
                    continue
                value = factors[0] if len(factors) == 1 else mul(factors)
                terms.append(neg(value) if negative else value)
                factors = []
                negative = kind == MINUS
                continue
            elif (
                kind == RP or kind == RB or kind == EOF
                or ((kind == BAR or kind == DBAR) and factors and frames and frames[-1][0] == kind)
            ):  # fmt: skip
                if pending or not factors:
                    return PASS
                inner = factors[0] if len(factors) == 1 else mul(factors)
                if negative:
                    inner = neg(inner)
                if terms:
                    terms.append(inner)
                    inner = add(terms)
                if kind == EOF:
                    return PASS if frames else inner
                if not frames:
                    return PASS
                opened, held, terms, factors, negative, pending = frames.pop()
                if opened == LP or opened == _ARGUMENT:
                    if kind != RP or value != ("]" if held == "[" else ")"):
                        return PASS
                    value = inner if opened == LP else call(held, [inner], None)
                elif opened == BAR or opened == DBAR:
                    if kind != opened:
                        return PASS
                    if toks[i][0] != UNDER:
                        value = norm(inner, "") if kind == DBAR else bars(inner)
                    else:
                        braced = toks[i + 1][0] == LB
                        below = toks[i + 2] if braced else toks[i + 1]
                        which = below[2] if below[0] == NUM else "F" if below[2] == "F" else None
                        if which is None or kind == BAR or (braced and toks[i + 3][0] != RB):
                            return PASS
                        i += 4 if braced else 2
                        value = norm(inner, which)
                elif kind != RB or value is not None:
                    return PASS
                elif opened == LB:
                    value = inner
                elif opened == FRAC:
                    if toks[i][0] != LB or toks[i][1] is not None:
                        return PASS
                    i += 1
                    opens, value = _BOTTOM, inner
                elif opened == _BOTTOM:
                    value = div(held, inner)
                elif opened == _ABOVE:
                    value = power(held, inner)
                else:
                    value = call(held, [inner], None)
            elif kind == FRAC:
                if toks[i][0] != LB or toks[i][1] is not None or toks[i + 1][2] == "d" or toks[i - 2][0] == NUM:
                    return PASS
                i += 1
                opens = FRAC
            elif kind == STAR or kind == CDOT or kind == SLASH:
                if not factors or pending or value is not None:
                    return PASS
                if kind == SLASH:
                    pending = _QUOTIENT
                elif kind == STAR or plain_products or toks[i - 2][0] == NUM or toks[i][0] == NUM:
                    pending = _PRODUCT
                else:
                    pending = _DOT
                continue
            elif kind == FUNC or kind == SQRT:
                following, argument, text = toks[i]
                if kind == SQRT:
                    if value != 2:
                        return PASS
                    value = "sqrt"
                elif value not in called:
                    return PASS
                i += 1
                if following == LB and argument is None:
                    opens = _BRACED_ARGUMENT
                elif following == LP and argument == "(" and kind == FUNC:
                    opens = _ARGUMENT
                else:
                    after = toks[i][0]
                    if following != SYM or marks[after] or after in _RUNS_ON or (kind == FUNC and value == "sqrt"):
                        return PASS
                    value = call(value, [argument], None)
            elif kind == MAYBE:
                if toks[i][0] == LP:
                    return PASS
            elif kind == BAR or kind == DBAR:
                if value is not None or (frames and (frames[-1][0] == BAR or frames[-1][0] == DBAR)):
                    return PASS
                if kind == BAR and factors and not pending:
                    return PASS  # whether it opens, closes or stands for "given" is for the grammar to say
                opens = kind
            elif values and (
                kind == REL or (kind == BIG and toks[i][0] == UNDER and (value == "sum" or value == "prod"))
            ):
                return NEVER
            else:
                return PASS
            if opens == 0:
                # an operand: what is raised above it, then into the product
                while marks[toks[i][0]]:
                    kind, raised, text = toks[i]
                    if kind == POST:
                        i += 1
                        if raised == "T":
                            value = transpose(value)
                        elif type(raised) is int:
                            value = powi(value, raised)
                        elif raised == "inv":
                            value = powi(value, -1)
                        elif raised == "pinv":
                            value = pinv(value)
                        else:
                            return PASS
                        continue
                    if kind != CARET:
                        return PASS
                    base = toks[i - 1]
                    kind, raised, text = toks[i + 1]
                    step, sign = 2, 1
                    if kind == LB:
                        if raised is not None:
                            return PASS
                        kind, raised, text = toks[i + 2]
                        step = 4
                        if kind == MINUS:
                            kind, raised, text = toks[i + 3]
                            step, sign = 5, -1
                        if toks[i + step - 1][0] != RB:
                            i += 2
                            opens = _ABOVE  # an exponent of several tokens: a bracket of its own
                            break
                    if marks[toks[i + step][0]]:
                        return PASS
                    if kind == NUM:
                        if text in small:
                            value = powi(value, small[text] if sign > 0 else -small[text])
                        elif step == 4 and not text.isdecimal():
                            value = power(value, raised)
                        else:
                            return PASS
                    elif kind == SYM and text != "T" and text != "H":
                        value = power(value, raised if sign > 0 else neg(raised))
                    elif kind == SYM and text == "T":
                        if t_declared or base[0] == NUM or base[2] in constants:
                            return PASS
                        value = transpose(value if sign > 0 else powi(value, -1))
                    elif kind == POST and raised == "T":
                        value = transpose(value if sign > 0 else powi(value, -1))
                    elif kind == POST and raised == "pinv" and sign > 0:
                        value = pinv(value)
                    else:
                        return PASS
                    i += step
            if opens:
                frames.append((opens, value, terms, factors, negative, pending))
                if len(frames) > most_depth:
                    return PASS
                terms, factors = [], []
                negative, pending = False, 0
            elif pending == 0 or pending == _PRODUCT:
                factors.append(value)
                pending = 0
            else:
                whole = factors[0] if len(factors) == 1 else mul(factors)
                if pending == _QUOTIENT:
                    if toks[i][0] in starters:
                        return PASS
                    factors = [div(whole, value)]
                else:
                    factors = [infix("dot", whole, value)]
                pending = 0

    return loop
