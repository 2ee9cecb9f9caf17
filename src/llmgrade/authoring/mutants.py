"""Wrong answers made on purpose: one edit away from a right one, each named after what went wrong.

The name of the operator is the draft of a diagnosis ("transpose dropped"), so that an author who turns a mutant into a
pitfall only edits words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from llmgrade.expr import nodes as n
from llmgrade.expr.nodes import Expr, children, rebuild
from llmgrade.expr.symbols import SymbolTable

__all__ = ["DIRECTIONS", "Mutant", "directions", "mutants"]


@dataclass(frozen=True, slots=True)
class Mutant:
    """A wrong answer, and the edit that made it."""

    operator: str
    expr: Expr


DIRECTIONS = ("left", "right", "up", "down", "either", "unchanged")
Edit = Callable[[Expr, SymbolTable], Iterator[tuple[str, Expr]]]


def mutants(expr: Expr, table: SymbolTable, most: int = 200) -> tuple[Mutant, ...]:
    """Every single edit of an expression, each once, at most ``most``; some may still mean the same."""
    found: dict[Expr, str] = {}
    for operator, made in _everywhere(expr, table):
        if made != expr and made not in found and not _is_empty(made):
            found[made] = operator
            if len(found) >= most:
                break
    return tuple(Mutant(operator, made) for made, operator in found.items())


def _is_empty(expr: Expr) -> bool:
    """Whether an interval in it ends before it begins: no answer anybody would write."""
    return any(
        isinstance(node, n.Interval)
        and isinstance(node.low, n.Num)
        and isinstance(node.high, n.Num)
        and node.low.value >= node.high.value
        for node in n.walk(expr)
    )


def directions(answer: str) -> tuple[str, ...]:
    """The other words a direction could be, on its own axis."""
    axis = ("up", "down") if answer in {"up", "down"} else ("left", "right")
    return tuple(word for word in (*axis, "either", "unchanged") if word != answer)


def _everywhere(expr: Expr, table: SymbolTable) -> Iterator[tuple[str, Expr]]:
    for edit in EDITS:
        yield from edit(expr, table)
    parts = [] if isinstance(expr, n.Identity) else list(children(expr))
    for place, part in enumerate(parts):
        for operator, made in _everywhere(part, table):
            yield operator, rebuild(expr, [*parts[:place], made, *parts[place + 1 :]])


def _sign(expr: Expr, table: SymbolTable) -> Iterator[tuple[str, Expr]]:
    if isinstance(expr, n.Add):
        for place, term in enumerate(expr.terms):
            turned = term.arg if isinstance(term, n.Neg) else n.Neg(term)
            yield "sign", n.Add((*expr.terms[:place], turned, *expr.terms[place + 1 :]))
    elif isinstance(expr, n.Neg):
        yield "sign", expr.arg


def _factor(expr: Expr, table: SymbolTable) -> Iterator[tuple[str, Expr]]:
    if isinstance(expr, n.Num) and expr.value not in (0, 1):
        more = Fraction(expr.value) + 1
        yield "factor", n.Num(more.numerator if more.denominator == 1 else more)
        yield "factor", n.Num(1)
    elif isinstance(expr, n.Mul):
        numbers = [f for f in expr.factors if isinstance(f, n.Num)]
        if not numbers and len(expr.factors) > 1:
            yield "factor", n.Mul((n.Num(2), *expr.factors))


def _transposed(expr: Expr, table: SymbolTable) -> Iterator[tuple[str, Expr]]:
    if isinstance(expr, n.Transpose):
        yield "transpose dropped", expr.arg
    elif isinstance(expr, n.Sym):
        symbol = table.get(expr.name)
        if symbol is not None and not symbol.shape.is_scalar and symbol.type != "identity":
            yield "transpose added", n.Transpose(expr)


def _order(expr: Expr, table: SymbolTable) -> Iterator[tuple[str, Expr]]:
    if isinstance(expr, n.Mul):
        factors = expr.factors
        for place in range(len(factors) - 1):
            swapped = (*factors[:place], factors[place + 1], factors[place], *factors[place + 2 :])
            yield "order", n.Mul(swapped)


def _dropped(expr: Expr, table: SymbolTable) -> Iterator[tuple[str, Expr]]:
    if isinstance(expr, n.Add):
        for place in range(len(expr.terms)):
            left = (*expr.terms[:place], *expr.terms[place + 1 :])
            yield "term dropped", left[0] if len(left) == 1 else n.Add(left)
    elif isinstance(expr, n.Mul):
        for place in range(len(expr.factors)):
            left = (*expr.factors[:place], *expr.factors[place + 1 :])
            yield "factor dropped", left[0] if len(left) == 1 else n.Mul(left)


def _inverted(expr: Expr, table: SymbolTable) -> Iterator[tuple[str, Expr]]:
    if isinstance(expr, n.Div):
        yield "fraction turned over", n.Div(expr.bottom, expr.top)
    elif isinstance(expr, n.Pow):
        yield "power dropped", expr.base
        if isinstance(expr.exponent, n.Num):
            yield "power", n.Pow(expr.base, n.Num(expr.exponent.value + 1))
    elif isinstance(expr, n.PInv):
        yield "pseudo-inverse dropped", expr.arg
        yield "transpose for pseudo-inverse", n.Transpose(expr.arg)
    elif isinstance(expr, n.Call) and expr.function == "sqrt" and len(expr.args) == 1:
        yield "root dropped", expr.args[0]


def _swapped(expr: Expr, table: SymbolTable) -> Iterator[tuple[str, Expr]]:
    """Another name of the same type and shape in its place."""
    if not isinstance(expr, n.Sym):
        return
    symbol = table.get(expr.name)
    if symbol is None or symbol.type == "identity":
        return
    for other in table:
        same = other.type == symbol.type and other.shape == symbol.shape
        if same and other.name != symbol.name and other.definition is None:
            yield "symbol swapped", n.Sym(other.name)


_STRICT = {"<": "<=", "<=": "<", ">": ">=", ">=": ">"}
_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "!="}


def _relations(expr: Expr, table: SymbolTable) -> Iterator[tuple[str, Expr]]:
    if isinstance(expr, n.Relation):
        for place, op in enumerate(expr.ops):
            for name, turned in (("strictness", _STRICT.get(op)), ("direction", _TURNED.get(op))):
                if turned is not None:
                    yield name, n.Relation((*expr.ops[:place], turned, *expr.ops[place + 1 :]), expr.terms)
    elif isinstance(expr, n.Interval):
        yield "strictness", n.Interval(expr.low, expr.high, not expr.closed_low, expr.closed_high)
        yield "strictness", n.Interval(expr.low, expr.high, expr.closed_low, not expr.closed_high)


def _sets(expr: Expr, table: SymbolTable) -> Iterator[tuple[str, Expr]]:
    """Union for intersection, a member lost, a complement forgotten, the difference turned round, an end given up."""
    if isinstance(expr, n.SetOp):
        if expr.op in _OTHER:
            yield f"{_OTHER[expr.op]} for {expr.op}", n.SetOp(_OTHER[expr.op], expr.args)
        if expr.op == "minus":
            yield "difference turned round", n.SetOp("minus", tuple(reversed(expr.args)))
        if expr.op == "complement":
            yield "complement dropped", expr.args[0]
        elif len(expr.args) > 1:
            for place in range(len(expr.args)):
                left = (*expr.args[:place], *expr.args[place + 1 :])
                yield "set dropped", left[0] if len(left) == 1 else n.SetOp(expr.op, left)
    elif isinstance(expr, n.Set):
        for place in range(len(expr.items)):
            if len(expr.items) > 1:
                yield "member dropped", n.Set((*expr.items[:place], *expr.items[place + 1 :]))
            yield "member negated", n.Set((*expr.items[:place], n.Neg(expr.items[place]), *expr.items[place + 1 :]))
    elif isinstance(expr, n.Logic):
        if expr.op in _OTHER:
            yield f"{_OTHER[expr.op]} for {expr.op}", n.Logic(_OTHER[expr.op], expr.args)
            for place in range(len(expr.args)):
                left = (*expr.args[:place], *expr.args[place + 1 :])
                yield "condition dropped", left[0] if len(left) == 1 else n.Logic(expr.op, left)
        elif expr.op == "not":
            yield "denial dropped", expr.args[0]
    elif isinstance(expr, n.Interval):
        for low, high, closed_low, closed_high in (
            (n.Neg(n.Const("oo")), expr.high, False, expr.closed_high),
            (expr.low, n.Const("oo"), expr.closed_low, False),
        ):
            yield "end given up", n.Interval(low, high, closed_low, closed_high)


_OTHER = {"union": "intersection", "intersection": "union", "and": "or", "or": "and"}

EDITS: tuple[Edit, ...] = (_sign, _factor, _transposed, _order, _dropped, _inverted, _swapped, _relations, _sets)
