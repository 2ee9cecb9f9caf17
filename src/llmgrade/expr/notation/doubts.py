"""Second readings of a text that was read: explicit, few, each with what it would mean to read it so.

They are tried by a checker only after the strict reading was refuted, and reported when used.
"""

from __future__ import annotations

import re

from llmgrade.expr.infer import Misfit, shape
from llmgrade.expr.nodes import (
    Add,
    Adjoint,
    Call,
    Div,
    Expr,
    Identity,
    Interval,
    Mul,
    Neg,
    Num,
    Seq,
    Sym,
    Word,
    children,
    rebuild,
)
from llmgrade.expr.notation.builder import number
from llmgrade.expr.notation.reading import Alternative
from llmgrade.expr.symbols import SymbolTable

__all__ = ["other_readings"]

MOST = 6
"""No text is read in more ways than this."""


def other_readings(
    expr: Expr, text: str, doubts: frozenset[str], symbols: SymbolTable, tight: Expr | None
) -> tuple[Alternative, ...]:
    """Other ways to read a text, likeliest first.

    >>> from llmgrade.expr.notation import read
    >>> [other.why for other in read("1/2x").alternatives]
    ['everything after the slash is below it']
    """
    found: list[Alternative] = []

    def add(other: Expr | None, why: str, code: str) -> None:
        if other is not None and other != expr and all(other != seen.expr for seen in found) and len(found) < MOST:
            found.append(Alternative(other, why, code))

    add(tight, "everything after the slash is below it", "slash")
    if not symbols.only_scalars:
        add(
            _scalars_as_identities(expr, symbols),
            "a scalar added to a matrix is that multiple of I",
            "scalar-plus-matrix",
        )
    if "mixed" in doubts:
        add(_mixed_as_product(expr), "the number and the fraction multiplied", "mixed-number")
    if "thousands" in doubts:
        add(_listed(text), "a list of numbers", "list")
    if "run" in doubts:
        add(_run_ends_early(expr), "the function takes the first factor only", "run")
    plain = text.strip().strip("$").strip()
    if (comma := re.fullmatch(r"([-+]?)(\d+),(\d+)", plain)) is not None:
        value = Num(*number(f"{comma[2]}.{comma[3]}"))
        add(Neg(value) if comma[1] == "-" else value, "a decimal comma", "decimal-comma")
    if (clock := re.fullmatch(r"(\d{1,2}):([0-5]\d)", plain)) is not None and int(clock[1]) < 24:
        add(Call("clock", (Num(int(clock[1])), Num(int(clock[2])), Num(0))), "a time of day", "clock")
    if isinstance(expr, Seq) and len(expr.items) == 2 and expr.brackets in ("()", "[]"):
        closed = expr.brackets == "[]"
        add(Interval(*expr.items, closed, closed), "an interval", "interval")
    if len(symbols) == 0 and re.fullmatch(r"[A-Za-z]{3,}", plain):
        add(Word(plain.lower()), "a word", "word")
    if len(symbols) == 0:
        add(_named_calls(expr), "the letter before a bracket multiplies it", "product")
        add(_logs_to_base_ten(expr), "logarithms to base 10", "log")
        add(_star_as_adjoint(expr), "a star is a conjugate transpose", "star")
    return tuple(found)


def _scalars_as_identities(expr: Expr, symbols: SymbolTable) -> Expr | None:
    """``XᵀX + λ`` with λI for λ, wherever that makes sizes fit."""
    changed = expr
    for _ in range(5):
        try:
            shape(changed, symbols)
        except Misfit as why:
            where = why.node
            if not isinstance(where, Add):
                return None
            terms: list[Expr] = []
            for term in where.terms:
                try:
                    lone = shape(term, symbols).is_scalar
                except Misfit:
                    return None
                terms.append((Mul((term, Identity())) if term != Num(1) else Identity()) if lone and not isinstance(term, Neg) else
                             Neg(Mul((term.arg, Identity())) if term.arg != Num(1) else Identity()) if lone and isinstance(term, Neg) else term)  # fmt: skip
            replacement = Add(tuple(terms))
            if replacement == where:
                return None
            changed = _replaced(changed, where, replacement)
        else:
            return changed if changed is not expr else None
    return None


def _replaced(expr: Expr, old: Expr, new: Expr) -> Expr:
    if expr == old:
        return new
    parts = [_replaced(part, old, new) for part in children(expr)]
    return rebuild(expr, parts) if parts else expr


def _mixed_as_product(expr: Expr) -> Expr:
    if isinstance(expr, Add) and len(expr.terms) == 2:
        whole, part = expr.terms
        if (
            isinstance(whole, Num)
            and isinstance(part, Div)
            and isinstance(part.top, Num)
            and isinstance(part.bottom, Num)
        ):
            return Mul((whole, part))
    parts = [_mixed_as_product(part) for part in children(expr)]
    return rebuild(expr, parts) if parts else expr


def _listed(text: str) -> Expr | None:
    parts = [part.strip() for part in text.strip().strip("$").split(",")]
    if not all(part.isdecimal() for part in parts):
        return None
    return Seq(tuple(Num(int(part)) for part in parts), "")


def _run_ends_early(expr: Expr) -> Expr:
    """``sin x y`` as (sin x) y."""
    if isinstance(expr, Call) and len(expr.args) == 1 and isinstance(expr.args[0], Mul):
        factors = expr.args[0].factors
        cut = 2 if isinstance(factors[0], Num) and len(factors) > 2 else 1
        if len(factors) > cut:
            inner = factors[0] if cut == 1 else Mul(factors[:cut])
            if not isinstance(inner, Num):
                return Mul((Call(expr.function, (inner,), expr.sub), *factors[cut:]))
    parts = [_run_ends_early(part) for part in children(expr)]
    return rebuild(expr, parts) if parts else expr


def _named_calls(expr: Expr) -> Expr:
    """``f(x)`` as f times x, for a single letter that was not declared."""
    parts = [_named_calls(part) for part in children(expr)]
    rebuilt = rebuild(expr, parts) if parts else expr
    if isinstance(rebuilt, Call) and len(rebuilt.function) == 1 and len(rebuilt.args) == 1 and rebuilt.sub is None:
        return Mul((Sym(rebuilt.function), rebuilt.args[0]))
    return rebuilt


def _logs_to_base_ten(expr: Expr) -> Expr:
    parts = [_logs_to_base_ten(part) for part in children(expr)]
    rebuilt = rebuild(expr, parts) if parts else expr
    if isinstance(rebuilt, Call) and rebuilt.function == "log" and rebuilt.sub is None:
        return Call("log", rebuilt.args, Num(10))
    return rebuilt


def _star_as_adjoint(expr: Expr) -> Expr:
    if isinstance(expr, Sym) and expr.name.endswith("^*"):
        return Adjoint(Sym(expr.name[:-2]))
    parts = [_star_as_adjoint(part) for part in children(expr)]
    return rebuild(expr, parts) if parts else expr
