"""The same answer in other dress: ways to write an expression that keep its meaning.

Spellings (LaTeX, Unicode, plain, numpy) of the expression and of what algebra makes of it: terms in another order, brackets
multiplied out, a transpose pulled through a product, a double negation, a fraction as a power, one and nothing added.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice, permutations

from llmgrade.expr import nodes as n
from llmgrade.expr.nodes import Expr, children, rebuild
from llmgrade.expr.show.latex import latex
from llmgrade.expr.show.plain import plain
from llmgrade.expr.show.spellings import spellings
from llmgrade.expr.symbols import SymbolTable

__all__ = ["rewrites", "rewritten"]

LEAST = 100
"""How many rewrites are tried of an answer that has as many."""


def rewrites(expr: Expr, table: SymbolTable, most: int = 120) -> tuple[str, ...]:
    """Texts that mean the same as the expression, each once."""
    found: dict[str, None] = {}
    for form in rewritten(expr, table, depth=2):
        for text in (plain(form), latex(form), *islice(spellings(form, table, 8), 8)):
            found[text] = None
            if len(found) >= most:
                return tuple(found)
    return tuple(found)


def rewritten(expr: Expr, table: SymbolTable, depth: int = 1) -> Iterator[Expr]:
    """Expressions of the same value, the expression itself first; ``depth`` rewrites one upon another."""
    seen: dict[Expr, None] = {expr: None}
    yield expr
    layer = [expr]
    for _ in range(depth):
        following = []
        for form in layer:
            for made in _somewhere(form, table):
                if made not in seen:
                    seen[made] = None
                    following.append(made)
                    yield made
        layer = following


def _somewhere(expr: Expr, table: SymbolTable) -> Iterator[Expr]:
    for rule in RULES:
        yield from rule(expr, table)
    parts = list(children(expr))
    for place, part in enumerate(parts):
        for made in _somewhere(part, table):
            yield rebuild(expr, [*parts[:place], made, *parts[place + 1 :]])


def _is_scalar(expr: Expr, table: SymbolTable) -> bool:
    """Whether every name in it is a scalar: then everything commutes."""
    if isinstance(expr, n.Sym):
        symbol = table.get(expr.name)
        return symbol is None or (symbol.shape.is_scalar and symbol.type != "identity")
    if isinstance(expr, n.Identity | n.Transpose | n.PInv | n.Matrix | n.Vector):
        return False
    return all(_is_scalar(part, table) for part in children(expr))


def _terms_in_another_order(expr: Expr, table: SymbolTable) -> Iterator[Expr]:
    if isinstance(expr, n.Add):
        for order in islice(permutations(expr.terms), 1, 4):
            yield n.Add(tuple(order))


def _scalars_in_another_order(expr: Expr, table: SymbolTable) -> Iterator[Expr]:
    if isinstance(expr, n.Mul) and all(_is_scalar(f, table) for f in expr.factors):
        for order in islice(permutations(expr.factors), 1, 3):
            yield n.Mul(tuple(order))


def _multiplied_out(expr: Expr, table: SymbolTable) -> Iterator[Expr]:
    if isinstance(expr, n.Mul):
        for place, factor in enumerate(expr.factors):
            if isinstance(factor, n.Add):
                before, after = expr.factors[:place], expr.factors[place + 1 :]
                yield n.Add(tuple(_product((*before, term, *after)) for term in factor.terms))


def _product(factors: tuple[Expr, ...]) -> Expr:
    signs = sum(isinstance(f, n.Neg) for f in factors)
    bare: list[Expr] = []
    for factor in factors:
        inner = factor.arg if isinstance(factor, n.Neg) else factor
        bare.extend(inner.factors if isinstance(inner, n.Mul) else (inner,))
    made = bare[0] if len(bare) == 1 else n.Mul(tuple(bare))
    return n.Neg(made) if signs % 2 else made


def _transposed_twice(expr: Expr, table: SymbolTable) -> Iterator[Expr]:
    if isinstance(expr, n.Mul) and not _is_scalar(expr, table):
        arrays = [f for f in expr.factors if not _is_scalar(f, table)]
        scalars = [f for f in expr.factors if _is_scalar(f, table)]
        if len(arrays) > 1 and not any(isinstance(a, n.Identity) for a in arrays):
            turned = tuple(a.arg if isinstance(a, n.Transpose) else n.Transpose(a) for a in reversed(arrays))
            whole = n.Transpose(n.Mul(turned))
            yield n.Mul((*scalars, whole)) if scalars else whole


def _sum_transposed(expr: Expr, table: SymbolTable) -> Iterator[Expr]:
    if isinstance(expr, n.Transpose) and isinstance(expr.arg, n.Add):
        yield n.Add(tuple(t.arg if isinstance(t, n.Transpose) else n.Transpose(t) for t in expr.arg.terms))


def _negated_twice(expr: Expr, table: SymbolTable) -> Iterator[Expr]:
    if isinstance(expr, n.Neg) and isinstance(expr.arg, n.Div):
        yield n.Div(n.Neg(expr.arg.top), expr.arg.bottom)
        yield n.Div(expr.arg.top, n.Neg(expr.arg.bottom))
    elif isinstance(expr, n.Neg) and isinstance(expr.arg, n.Add):
        yield n.Add(tuple(t.arg if isinstance(t, n.Neg) else n.Neg(t) for t in expr.arg.terms))
    elif isinstance(expr, n.Add) and any(isinstance(t, n.Neg) for t in expr.terms):
        yield n.Neg(n.Add(tuple(t.arg if isinstance(t, n.Neg) else n.Neg(t) for t in expr.terms)))


def _fraction_as_product(expr: Expr, table: SymbolTable) -> Iterator[Expr]:
    if isinstance(expr, n.Div) and _is_scalar(expr, table):
        yield n.Mul((expr.top, n.Pow(expr.bottom, n.Neg(n.Num(1)))))
        yield n.Mul((n.Div(n.Num(1), expr.bottom), expr.top))
        yield n.Div(n.Mul((n.Num(2), expr.top)), n.Mul((n.Num(2), expr.bottom)))


def _one_and_nothing(expr: Expr, table: SymbolTable) -> Iterator[Expr]:
    if isinstance(expr, n.Sym | n.Transpose | n.Pow | n.Div):
        yield n.Mul((n.Num(1), expr))
    if isinstance(expr, n.Mul | n.Transpose | n.Sym):
        half = n.Div(n.Num(1), n.Num(2))
        yield n.Add((n.Mul((half, expr)), n.Mul((half, expr))))


def _relation_turned(expr: Expr, table: SymbolTable) -> Iterator[Expr]:
    turned = {"=": "=", "<": ">", ">": "<", "<=": ">=", ">=": "<=", "!=": "!="}
    if isinstance(expr, n.Relation) and len(expr.ops) == 1 and expr.ops[0] in turned:
        left, right = expr.terms
        yield n.Relation((turned[expr.ops[0]],), (right, left))
        if expr.ops[0] != "!=":
            yield n.Relation(expr.ops, (n.Add((left, n.Neg(right))), n.Num(0)))


Rule = Callable[[Expr, SymbolTable], Iterator[Expr]]
RULES: tuple[Rule, ...] = (
    _terms_in_another_order,
    _scalars_in_another_order,
    _multiplied_out,
    _transposed_twice,
    _sum_transposed,
    _negated_twice,
    _fraction_as_product,
    _one_and_nothing,
    _relation_turned,
)
