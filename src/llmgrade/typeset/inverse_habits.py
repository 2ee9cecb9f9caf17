"""Habits of mathematical writing that reach over a whole product: symmetry, and new minus old.

The page sometimes leaves open which of two equal letters is raised (``V^T V`` or ``V V^T``), or which one has the
prime. People write symmetric products and inverses of them, and they subtract the old from the new.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from llmgrade.typeset import tree
from llmgrade.typeset.inverse_prior import core, flat
from llmgrade.typeset.tree import Node, Row

__all__ = ["far_fetched", "habits", "is_column"]

TRANSPOSES: Final = frozenset({"T", "⊤", "∗", "†", "H"})
SYMMETRIC: Final = 0.7
"""Nats for each factor of a symmetric product."""
INVERSE: Final = 3.0
"""Nats for the inverse of something that is symmetric as a whole."""
NEW_OLD: Final = 0.8
OWN_POWER: Final = 2.5
"""Nats for a letter raised to something with itself in it."""
REPEATED: Final = 1.5
LIKE_TERMS: Final = 2.0
"""Nats for a fraction added to a fraction: people add like to like."""
NESTED: Final = 3.0
"""Nats for a fraction right in a fraction: people write 1/(2a), not (1/a)/2."""
LIKE_NORMS: Final = 2.5
"""Nats for a norm without a power among norms that have one."""
ROOT_BEHIND: Final = 1.5
"""Nats for a root right behind a letter: people write it before."""
TRANSPOSED_POWER: Final = 4.0
"""Nats for a power that is a transposed letter."""
COLUMN_BEFORE: Final = 8.0
"""Nats for a norm right behind a column of numbers: a factor is written before a vector."""
SAME_SIDES: Final = 6.0
"""Nats for an equation of something with itself."""
LETTER_BEFORE: Final = 2.0
"""Nats for a derivative right behind a letter: rather the next formula's."""
TWO_BOXES: Final = 8.0
"""Nats for a box right behind another, or in one: an answer is framed once."""


def habits(row: Row) -> float:
    """What a row costs more or less for its symmetries; negative is likelier."""
    cost = _of(tuple(row)) - LIKE_TERMS * _sums_of_fractions(row) + LIKE_NORMS * _bare_norms(row)
    cost += SAME_SIDES * _same_sides(row)
    for before, node in zip((None, *row), row, strict=False):
        cost += _inside(node)
        if isinstance(node, tree.Root) and isinstance(before, tree.Sym) and before.kind == "mathord":
            cost += ROOT_BEHIND * (not before.char.isdigit())
        if isinstance(node, tree.Boxed):
            cost += TWO_BOXES * (isinstance(before, tree.Boxed) or any(isinstance(n, tree.Boxed) for n in node.body))
        if isinstance(before, tree.Sym) and before.kind == "mathord" and _is_derivative(node):
            cost += LETTER_BEFORE
        if before is not None and is_column(before) and _between_bars(node):
            cost += COLUMN_BEFORE
        if isinstance(node, tree.Scripts) and node.sup is not None and _transposed(node.sup):
            cost += TRANSPOSED_POWER
        if isinstance(node, tree.Scripts) and node.sup is not None and node.base is not None and node.base in node.sup:
            cost += OWN_POWER
        if isinstance(node, tree.Fraction):
            cost += NESTED * any(
                len(body) == 1 and isinstance(core(body[0]), tree.Fraction) for _, body in tree.rows_of(node)
            )
    return cost


def _same_sides(row: Row) -> int:
    """How often an equation says that something is itself: rather two equations without a sign between them."""
    sides: list[list[Node]] = [[]]
    for node in row:
        if isinstance(node, tree.Sym) and node.char == "=":
            sides.append([])
        elif not isinstance(node, tree.Space):
            sides[-1].append(node)
    return sum(a == b != [] for a, b in zip(sides, sides[1:], strict=False))


def _is_derivative(node: Node) -> bool:
    """Whether a node is a fraction of two differentials."""
    if not isinstance(node, tree.Fraction) or not node.numerator or not node.denominator:
        return False
    halves = (node.numerator[0], node.denominator[0])
    return all(isinstance(half, tree.Sym) and half.char == "∂" for half in halves)


def is_column(node: Node) -> bool:
    """Whether a node is a vector written as a column, with all its entries below each other."""
    match core(node):
        case tree.LeftRight(_, (tree.Array(_, cells),), _):
            return all(len(line) == 1 for line in cells)
        case _:
            return False


def _between_bars(node: Node) -> bool:
    inner = core(node)
    return isinstance(inner, tree.LeftRight) and inner.left in ("|", r"\|")


def _bare_norms(row: Row) -> int:
    """How many norms of a row have no power, where others have one."""
    closing = [n for n in row if isinstance(core(n), tree.Sym) and core(n).char == "∥"][1::2]  # type: ignore[union-attr]
    closing += [n for n in row if _between_bars(n)]
    raised = sum(isinstance(n, tree.Scripts) and n.sup is not None for n in closing)
    return len(closing) - raised if raised else 0


def _sums_of_fractions(row: Row) -> int:
    plain = [n for n in row if not isinstance(n, tree.Space)]
    return sum(
        isinstance(a, tree.Fraction)
        and isinstance(b, tree.Fraction)
        and isinstance(sign, tree.Sym)
        and sign.char in "+−"
        for a, sign, b in zip(plain, plain[1:], plain[2:], strict=False)
    )


def _transposed(power: Row) -> bool:
    """Whether a power is nothing but a transposed letter."""
    only = power[0] if len(power) == 1 else None
    return isinstance(only, tree.Scripts) and only.sup is not None and flat(only.sup) in TRANSPOSES


def far_fetched(row: Row) -> bool:
    """Whether a row explains gaps by wide spaces in the midst of things, or layers by accents that are only drawn."""
    for before, node, behind in zip((None, *row), row, (*row[1:], None), strict=False):
        if isinstance(node, tree.Space):
            if node.mu < 18 or any(_parting(n) for n in (before, behind)):
                continue
            return True
        inner = core(node)
        if isinstance(inner, tree.Stretchy) or (isinstance(inner, tree.Accent) and inner.name == r"\vec"):
            return True
        if isinstance(inner, tree.Array) and inner.env == "gathered":
            return True
        if any(far_fetched(body) for _, body in tree.rows_of(node)):
            return True
    return False


def _parting(node: Node | None) -> bool:
    """Whether a wide space beside this is usual: words, commas, arrows between statements."""
    return isinstance(node, (tree.Text, tree.LongArrow)) or (
        isinstance(node, tree.Sym) and (node.kind == "punct" or node.char in "⇒⇔∀∃")
    )


def _inside(node: Node) -> float:
    inner = node.base if isinstance(node, tree.Scripts) and node.base is not None else node
    return sum(habits(body) for _, body in tree.rows_of(inner))


@lru_cache(maxsize=4096)
def _of(row: Row) -> float:
    cost = 0.0
    terms: list[list[object]] = [[]]
    stack: list[list[list[object]]] = []
    for node in row:
        inner = core(node)
        if isinstance(node, tree.Space):
            continue
        if isinstance(inner, tree.Sym) and inner.char in "([" and inner.kind == "open":
            stack.append(terms)
            terms = [[]]
        elif isinstance(inner, tree.Sym) and inner.char in ")]" and inner.kind == "close" and stack:
            whole = all(_symmetric(t) for t in terms) and any(len(t) > 1 for t in terms)
            cost -= sum(_symmetries(t) for t in terms) - _repeated(terms)
            key = (
                ("group", tuple(tuple(t) for t in terms))
                if not whole
                else ("symmetric", tuple(tuple(t) for t in terms))
            )
            script = flat(node.sup) if isinstance(node, tree.Scripts) and node.sup is not None else None
            if whole and script is not None and script.startswith("−"):
                cost -= INVERSE
            terms = stack.pop()
            turned = script is not None and script in TRANSPOSES
            terms[-1].append((key, turned and not whole))
        elif (isinstance(inner, tree.Sym) and inner.kind in ("bin", "rel", "punct", "inner")) or isinstance(
            inner, (tree.Negated, tree.LongArrow, tree.Text, tree.Operator, tree.BigOperator)
        ):
            terms.append([])
        else:
            terms[-1].append(_factor(node))
    while stack:
        cost -= sum(_symmetries(t) for t in terms)
        terms = stack.pop()
    cost -= sum(_symmetries(t) for t in terms) - _repeated(terms)
    return cost - NEW_OLD * _new_before_old(row)


def _repeated(terms: list[list[object]]) -> float:
    """Nats for equal neighbours in a sum: people write 2x, not x + x."""
    return REPEATED * sum(a == b and bool(a) for a, b in zip(terms, terms[1:], strict=False))


def _factor(node: Node) -> object:
    """A factor and whether it is transposed."""
    if isinstance(node, tree.Scripts) and node.sup is not None and node.base is not None:
        script = flat(node.sup)
        if script in TRANSPOSES:
            return ((node.base, node.sub), True)
        return ((node.base, node.sub, node.sup), False)
    if isinstance(node, tree.Scripts):
        return ((node.base, node.sub), False)
    return ((node, None), False)


def _is_number(factor: object) -> bool:
    key = factor[0] if isinstance(factor, tuple) else None
    base = key[0] if isinstance(key, tuple) else None
    return isinstance(base, tree.Sym) and (base.char.isdigit() or base.char == "λ")


def _mirrored(a: object, b: object) -> bool:
    assert isinstance(a, tuple)
    assert isinstance(b, tuple)
    return a[0] == b[0] and bool(a[1] != b[1])


def _middle(a: object) -> bool:
    """Whether a single factor may stand in the middle of a symmetric product."""
    assert isinstance(a, tuple)
    return not a[1]


def _palindrome(factors: list[object]) -> bool:
    n = len(factors)
    half = all(_mirrored(factors[k], factors[n - 1 - k]) for k in range(n // 2))
    return half and (n % 2 == 0 or (n > 1 and _middle(factors[n // 2])))


def _symmetric(factors: list[object]) -> bool:
    rest = [f for f in factors if not _is_number(f)]
    return len(rest) <= 1 or _palindrome(rest)


def _symmetries(factors: list[object]) -> float:
    """The most factors that disjoint symmetric stretches cover, in nats."""
    n = len(factors)
    if n < 2 or n > 24:
        return 0.0
    best = [0.0] * (n + 1)
    for end in range(1, n + 1):
        best[end] = best[end - 1]
        for start in range(max(0, end - 9), end - 1):
            if _palindrome(factors[start:end]):
                best[end] = max(best[end], best[start] + SYMMETRIC * (end - start - 1))
    return best[n]


def _new_before_old(row: Row) -> int:
    """How often a primed letter comes right before the bare one, less how often right behind it."""
    plain = [n for n in row if not isinstance(n, tree.Space)]
    count = 0
    for a, sign, b in zip(plain, plain[1:], plain[2:], strict=False):
        if isinstance(sign, tree.Sym) and ((sign.kind == "rel" and sign.char != "=") or sign.char == "−"):
            count += _primed(a, b) - _primed(b, a)
    return count


def _primed(a: Node, b: Node) -> int:
    if not isinstance(a, tree.Scripts) or a.sup is None or flat(a.sup) != "′":
        return 0
    bare = a.base if a.sub is None else tree.Scripts(a.base, a.sub, None)
    return int(bare == b)
