"""The ways a writer may have spelt one expression in LaTeX: useful to recognise it where only its pieces survive.

Spellings differ in looks (``^T`` or ``^\\top``, brackets that grow or not, bold letters), in the order of what commutes, and in small rewritings that
leave the meaning alone (a minus pulled out, ``1/2 x`` for ``x/2``). The list is bounded and always comes in the same order.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice, permutations, product

from llmgrade.expr.nodes import Add, Div, Expr, Mul, Neg, Num, Pow, Relation, Sym, children, rebuild, walk
from llmgrade.expr.show.latex import Style, latex
from llmgrade.expr.symbols import SymbolTable

__all__ = ["spellings"]


def spellings(expr: Expr, symbols: SymbolTable | None = None, most: int = 64) -> tuple[str, ...]:
    r"""At most ``most`` LaTeX spellings of an expression, the usual ones first, none twice.

    >>> from llmgrade.expr.notation import read
    >>> spellings(read("a + b").expr, most=2)
    ('a + b', 'b + a')
    """
    arrays = frozenset(s.name for s in symbols if not s.shape.is_scalar) if symbols is not None else frozenset()
    found: dict[str, None] = {}
    orders = list(islice(_orders(expr, arrays), 12))
    for style, order in product(_styles(expr, arrays), orders):
        found.setdefault(latex(order, style))
        if len(found) >= most:
            break
    return tuple(found)


def _styles(expr: Expr, arrays: frozenset[str]) -> list[Style]:
    plain = [
        Style(),
        Style(transpose="T"),
        Style(sized=False),
        Style(transpose="T", sized=False),
        Style(fraction="\\dfrac"),
        Style(norm="\\lVert"),
        Style(times="\\cdot"),
    ]
    used = frozenset(node.name for node in walk(expr) if isinstance(node, Sym) and node.name in arrays)
    if used:
        plain[2:2] = [Style(bold=used), Style(bold=used, transpose="T")]
    return plain


def _orders(expr: Expr, arrays: frozenset[str]) -> Iterator[Expr]:
    """The expression itself, then with sums, relations and scalar factors in other orders, one place at a time."""
    yield expr
    yield from _elsewhere(expr, arrays)


def _elsewhere(expr: Expr, arrays: frozenset[str]) -> Iterator[Expr]:
    yield from _here(expr, arrays)
    parts = list(children(expr))
    for index, part in enumerate(parts):
        for changed in _elsewhere(part, arrays):
            yield rebuild(expr, [*parts[:index], changed, *parts[index + 1 :]])


def _here(expr: Expr, arrays: frozenset[str]) -> Iterator[Expr]:
    match expr:
        case Add(terms) if len(terms) <= 4:
            for order in islice(permutations(terms), 1, 6):
                if not isinstance(order[0], Neg) or isinstance(terms[0], Neg):
                    yield Add(order)
        case Mul(factors):
            scalars = [factor for factor in factors if _scalar(factor, arrays)]
            rest = [factor for factor in factors if not _scalar(factor, arrays)]
            if scalars and rest and tuple(scalars + rest) != factors:
                yield Mul(tuple(scalars + rest))
            if not rest and len(scalars) == 2:
                yield Mul((scalars[1], scalars[0]))
            if isinstance(factors[0], Div) and factors[0].top == Num(1) and len(factors) > 1:
                yield Div(factors[1] if len(factors) == 2 else Mul(factors[1:]), factors[0].bottom)
        case Div(Neg(top), bottom):
            yield Neg(Div(top, bottom))
        case Neg(Div(top, bottom)):
            yield Div(Neg(top), bottom)
        case Div(top, Num() as bottom):
            yield Mul((Div(Num(1), bottom), top))
        case Relation(("=",), (left, right)):
            yield Relation(("=",), (right, left))
        case _:
            return


def _scalar(expr: Expr, arrays: frozenset[str]) -> bool:
    """Made of numbers and names that are no arrays, so that its place in a product does not matter."""
    if isinstance(expr, Sym):
        return expr.name not in arrays
    if isinstance(expr, Num):
        return True
    if isinstance(expr, Pow | Div | Add | Mul | Neg):
        return all(_scalar(part, arrays) for part in children(expr))
    return False
