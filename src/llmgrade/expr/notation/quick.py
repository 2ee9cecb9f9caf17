"""Most answers are plain: sums, products, quotients and small powers of names and numbers, in brackets. One pass values them.

The grammar threads a position through small functions, which is what the whole notation needs and costs a call for every
precedence. Here the same tokens go through one loop with a stack of open brackets, straight into values. Whatever is not
plain (a relation, a comma, an index, a bar, a sign beside a sign, a slash before a juxtaposition, …) is passed on to the
grammar, which reads the text from its beginning: what this loop returns is what the grammar would have returned.
"""

# Comparisons one by one are what this loop can afford; a membership test would build a tuple each time.
# ruff: noqa: SIM109

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from llmgrade.expr.notation import tokens as t
from llmgrade.expr.notation.tokens import Token

__all__ = ["CONSTANT_NAMES", "PASS", "SMALL_NUMBERS", "Arithmetic", "quick_reader"]

PASS: Any = object()
"""Not plain: the grammar is to read it."""
SMALL_NUMBERS = {str(number): number for number in range(100)}
CONSTANT_NAMES = frozenset(("=e", "=pi", "=i"))
"""Constants as tokens spell them: e^T is no transpose."""
_CALLED = frozenset(
    {"tr", "det", "exp", "log", "ln", "sin", "cos", "tan", "cot", "sec", "csc", "sinh", "cosh", "tanh", "arcsin"}
    | {"arccos", "arctan", "sigmoid", "relu", "sqrt", "erf", "sign"}
)
_RUNS_ON = frozenset((t.SYM, t.NUM, t.FRAC, t.SQRT, t.MAYBE))
"""After ``\\ln x`` these go on with its argument."""
_STARTERS = frozenset((t.NUM, t.SYM, t.LP, t.LB, t.FUNC, t.FRAC, t.SQRT, t.MAYBE))
_PRODUCT, _QUOTIENT, _DOT = 1, 2, 3
_BOTTOM, _ABOVE, _ARGUMENT, _BRACED_ARGUMENT = -1, -2, -3, -4
_MARKS = frozenset((t.CARET, t.POST, t.UNDER, t.PRIME, t.BANG, t.PERCENT, t.DEGREE, t.METHOD))


class Arithmetic(Protocol):
    """What values must be able to do. Names are the builder's; each may raise what evaluation raises."""

    def plus(self, a: Any, b: Any) -> Any: ...
    def minus(self, a: Any, b: Any) -> Any: ...
    def times(self, a: Any, b: Any) -> Any: ...
    def neg(self, a: Any) -> Any: ...
    def div(self, a: Any, b: Any) -> Any: ...
    def pow(self, base: Any, exponent: Any) -> Any: ...
    def powi(self, base: Any, exponent: int) -> Any: ...
    def transpose(self, a: Any) -> Any: ...
    def pinv(self, a: Any) -> Any: ...
    def infix(self, op: str, left: Any, right: Any) -> Any: ...
    def call(self, function: str, args: list[Any], sub: Any) -> Any: ...


class _Nothing:
    """Arithmetic that only goes through the motions: is a text plain, whatever its values?"""

    def plus(self, a: Any, b: Any) -> Any:
        return 1

    minus = times = div = pow = powi = plus

    def neg(self, a: Any) -> Any:
        return 1

    transpose = pinv = neg

    def infix(self, op: str, left: Any, right: Any) -> Any:
        return 1

    call = infix


_VALUED = frozenset((t.SYM, t.NUM, t.MAYBE))


def quick_reader(
    build: Arithmetic, *, t_declared: bool, plain_products: bool, most_depth: int, refusals: tuple[type[Exception], ...]
) -> Callable[[list[Token]], Any]:
    """A function from tokens (four ends behind them) to the value, or `PASS`.

    ``refusals`` are the exceptions that say something about the whole answer; they are raised only when all of it is plain.
    """
    loop = _loop(build, t_declared, plain_products, most_depth)
    motions = _loop(_Nothing(), t_declared, plain_products, most_depth)

    def read(toks: list[Token]) -> Any:
        try:
            return loop(toks)
        except refusals:
            if motions([(kind, 1 if kind in _VALUED else value, text) for kind, value, text in toks]) is PASS:
                return PASS
            raise

    return read


def _loop(build: Arithmetic, t_declared: bool, plain_products: bool, most_depth: int) -> Callable[[list[Token]], Any]:
    plus, minus, times, neg, div = build.plus, build.minus, build.times, build.neg, build.div
    power, powi, transpose, pinv, call, infix = (
        build.pow, build.powi, build.transpose, build.pinv, build.call, build.infix)  # fmt: skip
    SYM, NUM, LP, RP, LB, RB, PLUS, MINUS, EOF = t.SYM, t.NUM, t.LP, t.RP, t.LB, t.RB, t.PLUS, t.MINUS, t.EOF
    CARET, POST, FRAC, FUNC, SQRT, MAYBE, STAR, SLASH, CDOT = (
        t.CARET, t.POST, t.FRAC, t.FUNC, t.SQRT, t.MAYBE, t.STAR, t.SLASH, t.CDOT)  # fmt: skip
    small, constants, starters, called = SMALL_NUMBERS, CONSTANT_NAMES, _STARTERS, _CALLED
    marks = [kind in _MARKS for kind in range(64)]

    def loop(toks: list[Token]) -> Any:
        frames: list[tuple[int, Any, Any, Any, bool, int]] = []
        total: Any = None  # of the terms before this one
        product: Any = None  # of the factors before this one
        negative = False  # this term
        pending = 0  # the sign between the product and what comes
        i = 0
        while True:
            kind, value, text = toks[i]
            i += 1
            if kind == SYM:
                pass
            elif kind == NUM:
                if toks[i - 2][0] == NUM:
                    return PASS
            elif kind == LP or kind == LB:
                if value != "(" and value is not None and value != "[":
                    return PASS
                frames.append((kind, value, total, product, negative, pending))
                if len(frames) > most_depth:
                    return PASS
                total = product = None
                negative, pending = False, 0
                continue
            elif kind == PLUS or kind == MINUS:
                if pending:
                    return PASS
                if product is None:
                    if total is not None or negative or kind == PLUS:
                        return PASS
                    negative = True
                    continue
                if total is None:
                    total = neg(product) if negative else product
                elif type(total) is not type(product):
                    total = minus(total, product) if negative else plus(total, product)
                else:
                    try:
                        total = total - product if negative else total + product
                    except (TypeError, ValueError):
                        total = minus(total, product) if negative else plus(total, product)
                product = None
                negative = kind == MINUS
                continue
            elif kind == RP or kind == RB or kind == EOF:
                if product is None or pending:
                    return PASS
                inner = product
                if total is None:
                    if negative:
                        inner = neg(inner)
                elif type(total) is not type(inner):
                    inner = minus(total, inner) if negative else plus(total, inner)
                else:
                    try:
                        inner = total - inner if negative else total + inner
                    except (TypeError, ValueError):
                        inner = minus(total, inner) if negative else plus(total, inner)
                if kind == EOF:
                    return PASS if frames else inner
                if not frames:
                    return PASS
                opened, held, total, product, negative, pending = frames.pop()
                if opened == LP or opened == _ARGUMENT:
                    if kind != RP or value != ("]" if held == "[" else ")"):
                        return PASS
                elif kind != RB or value is not None:
                    return PASS
                if opened == LP or opened == LB:
                    value = inner
                elif opened == FRAC:
                    if toks[i][0] != LB or toks[i][1] is not None:
                        return PASS
                    i += 1
                    frames.append((_BOTTOM, inner, total, product, negative, pending))
                    total = product = None
                    negative, pending = False, 0
                    continue
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
                frames.append((FRAC, None, total, product, negative, pending))
                if len(frames) > most_depth:
                    return PASS
                total = product = None
                negative, pending = False, 0
                continue
            elif kind == STAR or kind == CDOT or kind == SLASH:
                if product is None or pending or value is not None:
                    return PASS
                if kind == SLASH:
                    pending = _QUOTIENT
                elif kind == STAR or plain_products or toks[i - 2][0] == NUM or toks[i][0] == NUM:
                    pending = _PRODUCT
                else:
                    pending = _DOT
                continue
            elif kind == FUNC or kind == SQRT:
                following, held, text = toks[i]
                if kind == SQRT:
                    if value != 2:
                        return PASS
                    value = "sqrt"
                elif value not in called:
                    return PASS
                if (following == LB and held is None) or (following == LP and held == "(" and kind == FUNC):
                    i += 1
                    opened = _ARGUMENT if following == LP else _BRACED_ARGUMENT
                    frames.append((opened, value, total, product, negative, pending))
                    if len(frames) > most_depth:
                        return PASS
                    total = product = None
                    negative, pending = False, 0
                    continue
                after = toks[i + 1][0]
                if following != SYM or marks[after] or after in _RUNS_ON or (kind == FUNC and value == "sqrt"):
                    return PASS
                i += 1
                value = call(value, [held], None)
            elif kind == MAYBE:
                if toks[i][0] == LP:
                    return PASS
            else:
                return PASS
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
                        # an exponent of several tokens: a bracket of its own
                        i += 2
                        frames.append((_ABOVE, value, total, product, negative, pending))
                        if len(frames) > most_depth:
                            return PASS
                        total = product = None
                        negative, pending = False, 0
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
                elif kind == SYM:
                    if text == "T" or text == "H":
                        if text == "H" or sign < 0 or t_declared or base[0] == NUM or base[2] in constants:
                            return PASS
                        value = transpose(value)
                    else:
                        value = power(value, raised if sign > 0 else neg(raised))
                elif kind == POST and sign > 0 and raised == "T":
                    value = transpose(value)
                elif kind == POST and sign > 0 and raised == "pinv":
                    value = pinv(value)
                else:
                    return PASS
                i += step
            else:
                if product is None:
                    product = value
                elif pending == 0 or pending == _PRODUCT:
                    try:
                        product = product * value
                    except (TypeError, ValueError):
                        product = times(product, value)
                    pending = 0
                elif pending == _QUOTIENT:
                    if toks[i][0] in starters:
                        return PASS
                    product = div(product, value)
                    pending = 0
                else:
                    product = infix("dot", product, value)
                    pending = 0

    return loop
