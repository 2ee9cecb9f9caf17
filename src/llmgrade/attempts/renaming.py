"""A chat's own letters: where the task says ``‖t − Φθ‖² + α‖θ‖²``, Φ is the rubric's X.

A rubric's ``setup`` holds the formulas any telling of the task contains. One of them is laid over every formula of the
person's message, part by part; where the two have the same build, their names are each other's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import permutations

from llmgrade.attempts.stated import split_claims, unboxed
from llmgrade.errors import ExpressionError
from llmgrade.expr.names import GREEK_NAMES, canonical_name
from llmgrade.expr.nodes import Add, Call, Expr, Infix, Mul, Norm, Num, Pow, Sym, children, walk
from llmgrade.expr.notation import read
from llmgrade.expr.symbols import SymbolTable
from llmgrade.limits import Limits
from llmgrade.rubric.model import Rubric

__all__ = ["Renaming", "renaming"]

_MOST = 120
"""Formulas of a message that are looked at."""


@dataclass(frozen=True, slots=True)
class Renaming:
    """The chat's spelling → the rubric's name, where they differ; ``weight`` is how much of the setup was found."""

    names: Mapping[str, str]
    weight: int = 0


def renaming(rubric: Rubric, formulas: Iterable[str], limits: Limits, words: str = "") -> Renaming:
    """How a message's letters map to a rubric's; empty names where they are the rubric's own or nothing fits.

    ``words`` is the message itself, which may give sizes outside its formulas ("a p × q matrix").
    """
    best: dict[str, str] = {}
    weight = 0
    formulas = list(formulas)[:_MOST]
    read_formulas = [expr for latex in formulas for expr in _readings(latex, limits)]
    for text in rubric.setup:
        pattern = _pattern(text, limits)
        if pattern is None:
            continue
        size = sum(1 for _ in walk(pattern))
        for expr in read_formulas:
            for binding in _laid_over(pattern, expr):
                merged = _merged(best, binding)
                if merged is not None:
                    best, weight = merged, weight + size
                    break
            else:
                continue
            break
    names: dict[str, str] = {}
    for ours, theirs in best.items():
        declared = next((name for name in rubric.symbols if canonical_name(name) == ours), None)
        if declared is not None and theirs != ours:
            names[_spelling(theirs)] = declared
    if weight:
        names |= _sizes(rubric, [*formulas, words], set(best.values()))
    return Renaming(names, weight)


_SIZE = re.compile(r"(?<![\w\\])([A-Za-z])\s*(?:\\times|×)\s*([A-Za-z])(?![\w(])")
_DECLARED = re.compile(r"matrix\(\s*(\w)\s*,\s*(\w)\s*\)")


def _sizes(rubric: Rubric, formulas: Iterable[str], taken: set[str]) -> dict[str, str]:
    """``H is p×q`` where the rubric's matrix is m×n: p is its m, and ``I_p`` its ``I_m``; {} where two sizes are given."""
    ours = next((m for s in rubric.symbols.values() if (m := _DECLARED.search(s.is_)) and m[1] != m[2]), None)
    given = {m.groups() for latex in formulas for m in _SIZE.finditer(latex)}
    if ours is None or len(given) != 1:
        return {}
    ((rows, columns),) = given
    if rows == columns or {rows, columns} & (taken | set(rubric.symbols)) or (rows, columns) == ours.groups():
        return {}
    found: dict[str, str] = {}
    for theirs, own in zip((rows, columns), ours.groups(), strict=True):
        found |= {theirs: own, f"I_{theirs}": f"I_{own}"} if theirs != own else {}
    return found


def _merged(known: dict[str, str], more: dict[str, str]) -> dict[str, str] | None:
    """Both together, where no name means two things."""
    merged = {**more, **known}
    if any(known.get(ours, theirs) != theirs for ours, theirs in more.items()):
        return None
    return merged if len(set(merged.values())) == len(merged) else None


def _spelling(name: str) -> str:
    accent, _, base = name.rpartition(" ")
    bare, _, index = base.partition("_")
    letter = f"\\{bare}" if bare in GREEK_NAMES else bare
    shown = f"\\{accent}{{{letter}}}" if accent else letter
    return f"{shown}_{{{index}}}" if index else shown


@lru_cache(maxsize=512)
def _pattern(text: str, limits: Limits) -> Expr | None:
    try:
        return read(text, SymbolTable.empty(), limits).expr
    except ExpressionError:
        return None


def _readings(latex: str, limits: Limits) -> Iterator[Expr]:
    for text, _ in split_claims(unboxed(latex)):
        try:
            yield read(text.replace("\\,", " "), SymbolTable.empty(), limits).expr
        except ExpressionError:
            continue


def _laid_over(pattern: Expr, whole: Expr) -> Iterator[dict[str, str]]:
    for part in walk(whole):
        binding: dict[str, str] = {}
        if _fits(pattern, part, binding):
            yield binding


def _fits(pattern: Expr, expr: Expr, binding: dict[str, str]) -> bool:
    """Whether an expression has the build of a pattern; names met are bound one to one."""
    pattern, expr = _plain(pattern), _plain(expr)
    if isinstance(pattern, Sym):
        if not isinstance(expr, Sym):
            return False
        if pattern.name in binding:
            return binding[pattern.name] == expr.name
        if expr.name in binding.values():
            return False
        binding[pattern.name] = expr.name
        return True
    if isinstance(pattern, Num):
        return isinstance(expr, Num) and pattern.value == expr.value
    if type(pattern) is not type(expr):
        return False
    if isinstance(pattern, Call) and isinstance(expr, Call) and pattern.function != expr.function:
        return False
    ours, theirs = list(children(pattern)), list(children(expr))
    if isinstance(pattern, Norm):
        ours, theirs = ours[:1], theirs[:1]
    if len(ours) != len(theirs):
        return False
    orders = permutations(theirs) if isinstance(pattern, Add | Call) and len(theirs) <= 3 else (tuple(theirs),)
    for order in orders:
        trial = dict(binding)
        if all(_fits(p, e, trial) for p, e in zip(ours, order, strict=True)):
            binding.clear()
            binding.update(trial)
            return True
    return False


def _plain(expr: Expr) -> Expr:
    """Dots between factors are products; a fraction of one is nothing."""
    if isinstance(expr, Infix) and expr.op == "dot":
        return Mul((expr.left, expr.right))
    if isinstance(expr, Pow) and expr.exponent == Num(1):
        return expr.base
    return expr
