"""Mathematics as values: frozen nodes, compared by what they say.

A node knows nothing of the text it came from: `notation.Reading.places()` says where each stood. Nodes are msgspec
structs because the reader makes thousands a second (0.1 µs each, against 0.5 µs for a frozen dataclass); they are
immutable, hashable, picklable, and match by position: ``case Add(terms)``.

Conventions every reader, pass and evaluator keeps:

* ``Num.value`` is an ``int``, or a ``Fraction`` that is no integer; it is never negative when read (``-2`` is ``Neg(Num(2))``).
* A difference is ``Add((a, Neg(b)))``; a product keeps its order; ``Add`` and ``Mul`` hold at least two parts and are
  flat where the text was flat: ``a + (b + c)`` keeps its inner ``Add``.
* An inverse is ``Pow(X, Neg(Num(1)))``, however it was written. A square root is ``Call("sqrt", (x,))``.
* ``Const`` is a name that means the same everywhere (π, e, i, ∞, ℝ); ``Sym`` is a name the symbol table may explain.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any, TypeAlias

import msgspec

__all__ = [
    "Adjoint", "Abs", "Add", "At", "BigOp", "Call", "Const", "Derivative", "Div", "Expr", "Given", "Identity", "Index",
    "Infix", "Integral", "Interval", "Limit", "Logic", "Matrix", "Mul", "Neg", "Norm", "Num", "PInv", "Percent",
    "Piecewise", "PlusMinus", "Pow", "Quantity", "Relation", "Seq", "Set", "SetBuilder", "SetOp", "Sym", "Transpose",
    "Unit", "Vector", "Word", "children", "kinds_of", "nodes_of", "rebuild", "walk",
]  # fmt: skip


class Expr(msgspec.Struct, frozen=True, gc=False):
    """Any piece of mathematics."""


# --- atoms -----------------------------------------------------------------------------------------------------------
class Num(Expr, frozen=True, gc=False):
    """An exact number. ``0.50`` is one half written with two decimals; ``1/2`` in text is a `Div`, never a `Num`."""

    value: int | Fraction
    decimals: int | None = None
    """Digits after the decimal point as written; None for a number written without one."""


class Sym(Expr, frozen=True, gc=False):
    """A name: ``x``, ``lambda``, ``sigma_i``, ``w_ridge``, ``x_{1,2}``, ``hat w``, ``x'``."""

    name: str


class Const(Expr, frozen=True, gc=False):
    """``pi``, ``e``, ``i``, ``oo``; the sets ``R``, ``C``, ``Q``, ``Z``, ``N``, ``empty``; ``true``, ``false``; ``dots`` (…);
    ``nan``; ``none`` (no solution, does not exist); ``all`` (a whole axis, as in ``A[:, 1]``)."""

    name: str


class Identity(Expr, frozen=True, gc=False):
    """The identity matrix; ``size`` None: whatever fits."""

    size: Expr | None = None


class Word(Expr, frozen=True, gc=False):
    """An answer in words: ``Word("yes")``, a choice letter, an unevaluated name. Lower case unless a single letter."""

    text: str


# --- arithmetic ------------------------------------------------------------------------------------------------------
class Add(Expr, frozen=True, gc=False):
    """A sum, in order."""

    terms: tuple[Expr, ...]


class Mul(Expr, frozen=True, gc=False):
    """A product, in order: factors need not commute."""

    factors: tuple[Expr, ...]


class Pow(Expr, frozen=True, gc=False):
    """``base ** exponent``; of a matrix, the matrix power."""

    base: Expr
    exponent: Expr


class Div(Expr, frozen=True, gc=False):
    """A quotient; over a matrix it has no meaning unless the matrix is a scalar."""

    top: Expr
    bottom: Expr


class Neg(Expr, frozen=True, gc=False):
    """``-arg``."""

    arg: Expr


class PlusMinus(Expr, frozen=True, gc=False):
    """``±arg`` (``upper`` True) or ``∓arg``; every ± of one expression takes the same side: ``a ± b`` is ``Add((a, ±b))``."""

    arg: Expr
    upper: bool = True


class Infix(Expr, frozen=True, gc=False):
    """Two operands and an operator with a name: ``dot`` (``a · b``, an inner product between vectors, else a product),
    ``inner`` (``⟨a, b⟩``), ``hadamard`` (⊙), ``kron`` (⊗), ``cross`` (× between vectors), ``compose`` (∘), ``mod``, ``floordiv``,
    ``ratio`` (``1:2``), ``oplus``, ``convolve``."""

    op: str
    left: Expr
    right: Expr


class Percent(Expr, frozen=True, gc=False):
    """``arg %``."""

    arg: Expr


Unit: TypeAlias = tuple[tuple[str, int], ...]
"""``(("m", 1), ("s", -2))``: unit names as `functions.UNITS` spells them, with whole powers."""


class Quantity(Expr, frozen=True, gc=False):
    """A value with its unit."""

    value: Expr
    unit: Unit


# --- vectors and matrices --------------------------------------------------------------------------------------------
class Transpose(Expr, frozen=True, gc=False):
    """``argᵀ``."""

    arg: Expr


class Adjoint(Expr, frozen=True, gc=False):
    """``arg*``, ``argᴴ``: the conjugate transpose."""

    arg: Expr


class PInv(Expr, frozen=True, gc=False):
    """``arg⁺``, ``arg†``: the Moore–Penrose inverse."""

    arg: Expr


class Abs(Expr, frozen=True, gc=False):
    """``|arg|``: an absolute value, of a matrix its determinant, of a set its size."""

    arg: Expr


class Norm(Expr, frozen=True, gc=False):
    """``‖arg‖``; ``kind`` is ``""`` (Euclid's, of a matrix not said), ``"2"``, ``"F"``, ``"1"``, ``"inf"``, ``"nuc"`` or another number;
    ``weight`` the matrix M of ``‖x‖_M``."""

    arg: Expr
    kind: str = ""
    weight: Expr | None = None


class Vector(Expr, frozen=True, gc=False):
    """A column written out; its entries may be blocks."""

    items: tuple[Expr, ...]


class Matrix(Expr, frozen=True, gc=False):
    """A matrix written out, row by row (at least two columns, or one written as a row); its entries may be blocks."""

    rows: tuple[tuple[Expr, ...], ...]


class Index(Expr, frozen=True, gc=False):
    """``A_{ij}``, ``(Xw)_i``, ``x[0]``: entries of a declared or compound object. ``zero_based`` for square brackets of code."""

    base: Expr
    indices: tuple[Expr, ...]
    zero_based: bool = False


# --- functions and operators -----------------------------------------------------------------------------------------
class Call(Expr, frozen=True, gc=False):
    """``function(args)``: names as `functions.FUNCTIONS` spells them, or a declared function's. ``sub`` is what stands below
    it: the base of ``log_2 x``, the variable of ``E_x[…]``."""

    function: str
    args: tuple[Expr, ...]
    sub: Expr | None = None


class BigOp(Expr, frozen=True, gc=False):
    """``sum``, ``prod``, ``min``, ``max``, ``sup``, ``inf``, ``argmin``, ``argmax``, ``union``, ``intersection`` over ``variable``: from ``lower`` to
    ``upper``, or where ``domain`` (a relation, ``i ∈ S`` or ``i ≠ j``) holds. Without either, over all values that make sense."""

    op: str
    body: Expr
    variable: Expr | None = None
    lower: Expr | None = None
    upper: Expr | None = None
    domain: Expr | None = None


class Integral(Expr, frozen=True, gc=False):
    """``∫ body d(variable)``, with limits or without."""

    body: Expr
    variable: Expr
    lower: Expr | None = None
    upper: Expr | None = None


class Limit(Expr, frozen=True, gc=False):
    """``lim body`` as ``variable → to``; ``side`` is ``"+"`` (from above), ``"-"`` or ``""``."""

    body: Expr
    variable: Expr
    to: Expr
    side: str = ""


class Derivative(Expr, frozen=True, gc=False):
    """``∂body/∂(variables…)``; a repeated derivative repeats its variable. ``kind``: ``d``, ``partial``, ``nabla`` (gradient, or
    with two variables the Hessian; no variable: by everything), ``jacobian``, ``laplacian``, ``divergence``, ``curl``."""

    body: Expr
    variables: tuple[Expr, ...] = ()
    kind: str = "d"


class At(Expr, frozen=True, gc=False):
    """``body |_{variable = value}``; with ``low``, the difference ``[body]_{low}^{value}``. ``variable`` may be unsaid there."""

    body: Expr
    variable: Expr | None
    value: Expr
    low: Expr | None = None


# --- statements ------------------------------------------------------------------------------------------------------
class Relation(Expr, frozen=True, gc=False):
    """A chain ``t0 op1 t1 op2 t2 …``: ``=``, ``!=``, ``<``, ``<=``, ``>``, ``>=``, ``~`` (approximately), ``sim`` (∼), ``prop`` (∝), ``->`` (tends to; ``->+`` from above, ``->-`` from below),
    ``in``, ``notin``, ``subset``, ``subseteq``, ``<<``, ``>>``, ``equiv`` (≡), ``perp``, ``mapsto``, ``cong``, ``divides``.

    A relation that opens the text (``≠ 5``, ``> 5``) has `Const("unsaid")` as its first term.
    """

    ops: tuple[str, ...]
    terms: tuple[Expr, ...]


class Logic(Expr, frozen=True, gc=False):
    """``and``, ``or``, ``not``, ``implies``, ``iff``, ``forall``, ``exists`` of statements."""

    op: str
    args: tuple[Expr, ...]


class Given(Expr, frozen=True, gc=False):
    """``body`` where ``condition`` holds: ``x/x = 1, x ≠ 0``; ``p(y | x)`` has one inside its call."""

    body: Expr
    condition: Expr


class Piecewise(Expr, frozen=True, gc=False):
    """Branches in order with their conditions; None is "otherwise"."""

    branches: tuple[tuple[Expr, Expr | None], ...]


# --- collections -----------------------------------------------------------------------------------------------------
class Seq(Expr, frozen=True, gc=False):
    """Several values in order: ``(1, 2)`` has ``brackets`` ``"()"``, ``[1, 2]`` ``"[]"``, bare ``1, 2`` ``""``, ``⟨1, 2⟩`` ``"<>"``.

    Two values in ``()`` or ``[]`` may also be an open or closed interval: what it is compared with decides.
    """

    items: tuple[Expr, ...]
    brackets: str = "()"


class Interval(Expr, frozen=True, gc=False):
    """``[low, high)`` and its kin, where the brackets or an infinite end leave no doubt."""

    low: Expr
    high: Expr
    closed_low: bool
    closed_high: bool


class Set(Expr, frozen=True, gc=False):
    """``{a, b, …}``, in the order written."""

    items: tuple[Expr, ...]


class SetBuilder(Expr, frozen=True, gc=False):
    """``{element | condition}``."""

    element: Expr
    condition: Expr


class SetOp(Expr, frozen=True, gc=False):
    """``union``, ``intersection``, ``minus`` (left to right), ``times`` of sets, ``complement`` of one."""

    op: str
    args: tuple[Expr, ...]


def children(expr: Expr) -> Iterator[Expr]:
    """The expressions directly inside, left to right as the fields say."""
    for name in expr.__struct_fields__:
        yield from _inside(getattr(expr, name))


def _inside(value: object) -> Iterator[Expr]:
    if isinstance(value, Expr):
        yield value
    elif isinstance(value, tuple):
        for part in value:
            yield from _inside(part)


def walk(expr: Expr) -> Iterator[Expr]:
    """The expression and everything inside it, outermost first; no recursion, so depth is no limit."""
    return iter(_listed(expr))


def nodes_of(expr: Expr) -> list[Expr]:
    """What `walk` gives, as a list that is remembered and not to be changed: one comparison asks many times."""
    found = _NODES.get(id(expr))
    if found is not None and found[0] is expr:
        return found[1]
    nodes = _listed(expr)
    if len(_NODES) >= _MOST_KEPT:
        _NODES.clear()
    _NODES[id(expr)] = (expr, nodes)
    return nodes


def kinds_of(expr: Expr) -> frozenset[type]:
    """The types of the expression and of everything inside it; remembered, because every form asks."""
    found = _KINDS.get(id(expr))
    if found is not None and found[0] is expr:
        return found[1]
    kinds = frozenset(map(type, nodes_of(expr)))
    if len(_KINDS) >= _MOST_KEPT:
        _KINDS.clear()
    _KINDS[id(expr)] = (expr, kinds)
    return kinds


def _listed(expr: Expr) -> list[Expr]:
    found: list[Expr] = []
    waiting = [expr]
    take, keep, push, parts_of = waiting.pop, found.append, waiting.extend, _PARTS.get
    while waiting:
        here = take()
        keep(here)
        parts = parts_of(type(here), _all_parts)
        if parts is not None:
            push(parts(here)[::-1])
    return found


_MOST_KEPT = 64
_NODES: dict[int, tuple[Expr, list[Expr]]] = {}
_KINDS: dict[int, tuple[Expr, frozenset[type]]] = {}
"""By address, with the expression itself, which keeps the address its own."""


def _all_parts(expr: Expr) -> tuple[Expr, ...]:
    return tuple(children(expr))


def _one(expr: Any) -> tuple[Expr, ...]:
    return (expr.arg,)


def _items(expr: Any) -> tuple[Expr, ...]:
    items: tuple[Expr, ...] = expr.items
    return items


_PARTS: dict[type, Callable[[Any], tuple[Expr, ...]] | None] = {
    **dict.fromkeys((Num, Sym, Const, Word)),
    **dict.fromkeys((Neg, Transpose, Adjoint, PInv, Abs, Percent), _one),
    **dict.fromkeys((Vector, Seq, Set), _items),
    Add: lambda e: e.terms,
    Mul: lambda e: e.factors,
    Div: lambda e: (e.top, e.bottom),
    Pow: lambda e: (e.base, e.exponent),
    Infix: lambda e: (e.left, e.right),
    Call: lambda e: e.args if e.sub is None else (*e.args, e.sub),
    Norm: lambda e: (e.arg,) if e.weight is None else (e.arg, e.weight),
    Index: lambda e: (e.base, *e.indices),
    Relation: lambda e: e.terms,
    BigOp: lambda e: tuple(part for part in (e.body, e.variable, e.lower, e.upper, e.domain) if part is not None),
    Identity: lambda e: () if e.size is None else (e.size,),
}
"""The commonest nodes' parts, without asking their fields one by one; None: atoms."""


def rebuild(expr: Expr, parts: Iterator[Expr] | list[Expr]) -> Expr:
    """The same kind of node around other ``parts``, given in the order of `children`.

    >>> rebuild(Add((Sym("a"), Sym("b"))), [Sym("x"), Sym("y")])
    Add(terms=(Sym(name='x'), Sym(name='y')))
    """
    supply = iter(parts)
    return type(expr)(*(_refill(getattr(expr, name), supply) for name in expr.__struct_fields__))


def _refill(value: object, supply: Iterator[Expr]) -> object:
    if isinstance(value, Expr):
        return next(supply)
    if isinstance(value, tuple):
        return tuple(_refill(part, supply) for part in value)
    return value
