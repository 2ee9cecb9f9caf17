"""Near misses: what a wrong answer usually is, made from a right one by one small change to its expression."""

from __future__ import annotations

import random
from collections.abc import Iterator
from fractions import Fraction

from llmgrade.expr.nodes import (
    Abs,
    Add,
    BigOp,
    Call,
    Div,
    Expr,
    Identity,
    Index,
    Mul,
    Neg,
    Norm,
    Num,
    PInv,
    Pow,
    Sym,
    Transpose,
    children,
    rebuild,
    walk,
)  # fmt: skip
from llmgrade.expr.symbols import SymbolTable

__all__ = ["mutants"]

ONE, TWO = Num(1), Num(2)
OTHER = {
    "sin": "cos", "cos": "sin", "tan": "sin", "exp": "ln", "log": "exp", "ln": "exp", "sinh": "cosh", "cosh": "sinh",
    "tanh": "tan", "tr": "det", "det": "tr", "arctan": "arcsin",
}  # fmt: skip


def _several(kind: type[Expr], parts: tuple[Expr, ...]) -> Expr:
    return parts[0] if len(parts) == 1 else kind(parts)


def _local(node: Expr, table: SymbolTable, names: list[str]) -> Iterator[Expr]:
    """Changes of one node."""
    match node:
        case Add(terms):
            for i, term in enumerate(terms):
                flipped = term.arg if isinstance(term, Neg) else Neg(term)
                yield Add((*terms[:i], flipped, *terms[i + 1 :]))
                yield _several(Add, terms[:i] + terms[i + 1 :])
                yield Add((*terms[:i], Mul((TWO, term)), *terms[i + 1 :]))
        case Mul(factors):
            for i in range(len(factors)):
                yield _several(Mul, factors[:i] + factors[i + 1 :])
                if i and not table.only_scalars:
                    yield Mul((*factors[: i - 1], factors[i], factors[i - 1], *factors[i + 1 :]))
        case Div(top, bottom):
            yield Div(bottom, top)
            yield top
            yield Div(top, Mul((TWO, bottom)))
        case Neg(arg):
            yield arg
        case Pow(base, Num(n)):
            yield base
            if isinstance(n, int):
                yield Pow(base, Num(n + 1))
        case Pow(base, Neg(Num(n))):
            yield base if n == 1 else Pow(base, Num(n))
        case Pow(base, exponent):
            yield Pow(base, Neg(exponent))
            yield Pow(base, Mul((TWO, exponent)))
            yield base
        case Transpose(arg) | PInv(arg) | Abs(arg) | Norm(arg):
            yield arg
            if isinstance(node, PInv):
                yield Transpose(arg)
        case Sym(name):
            declared = table.get(name)
            if declared is not None and not declared.shape.is_scalar:
                yield Transpose(node)
            elif declared is None or declared.shape.is_scalar:
                yield Neg(node)
                yield Pow(node, TWO)
            for other in names:
                if other != name and _alike(table, name, other):
                    yield Sym(other)
        case Num(value, decimals):
            yield Num(value + 1, decimals)
            if value > 1:
                yield Num(value - 1, decimals)
            if isinstance(value, int) and value >= 10:
                digits = str(value)
                yield Num(int(digits[:-2] + digits[-1] + digits[-2]))
            if isinstance(value, Fraction) and decimals:
                yield Num(value * 10, decimals - 1 if decimals > 1 else None)
        case Call(function, args) if len(args) == 1:
            if function in OTHER:
                yield Call(OTHER[function], args)
            if function == "sqrt":
                yield args[0]
            yield Call(function, (Mul((TWO, args[0])),))


def _alike(table: SymbolTable, one: str, other: str) -> bool:
    a, b = table.get(one), table.get(other)
    return (a is None) == (b is None) and (a is None or b is None or (a.shape == b.shape and a.type == b.type))


def _everywhere(expr: Expr, table: SymbolTable, names: list[str]) -> Iterator[Expr]:
    yield from _local(expr, table, names)
    if isinstance(expr, Identity):
        return  # the size of an identity is no place where answers go wrong, nor is an index
    if isinstance(expr, Index):
        return
    if isinstance(expr, BigOp):
        for changed in _everywhere(expr.body, table, names):
            yield BigOp(expr.op, changed, expr.variable, expr.lower, expr.upper, expr.domain)
        return
    parts = list(children(expr))
    for i, part in enumerate(parts):
        for changed in _everywhere(part, table, names):
            yield rebuild(expr, [*parts[:i], changed, *parts[i + 1 :]])


def mutants(expr: Expr, table: SymbolTable, count: int, rng: random.Random) -> list[Expr]:
    """Up to ``count`` different changes, single ones first, then two at once."""
    names = sorted({n.name for n in walk(expr) if isinstance(n, Sym)})
    found = list(dict.fromkeys([*_everywhere(expr, table, names), Neg(expr), Mul((TWO, expr)), Div(expr, TWO)]))
    rng.shuffle(found)
    chosen = [m for m in found if m != expr][:count]
    for _ in range(6 * count):
        if len(chosen) >= count or not found:
            break
        again = list(_everywhere(rng.choice(found), table, names))
        if again:
            twice = rng.choice(again)
            if twice != expr and twice not in chosen:
                chosen.append(twice)
    return chosen
