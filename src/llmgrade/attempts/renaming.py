"""A chat's own letters: where the task says ``‖t − Φθ‖² + α‖θ‖²``, Φ is the rubric's X.

A rubric's ``setup`` holds the formulas any telling of the task contains. One of them is laid over every formula of the
person's message, part by part; where the two have the same build, their names are each other's.
"""

from __future__ import annotations

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


def renaming(rubric: Rubric, formulas: Iterable[str], limits: Limits) -> Renaming:
    """How a message's letters map to a rubric's; empty names where they are the rubric's own or nothing fits."""
    best: dict[str, str] = {}
    weight = 0
    read_formulas = [expr for latex in list(formulas)[:_MOST] for expr in _readings(latex, limits)]
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
    return Renaming(names, weight)


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
