r"""Other ways to typeset the same formula: what a person who types an answer cannot know about how it was set.

Every move keeps the meaning (and nearly every move the characters): ``\left(`` for ``(``, a box around, fonts, space
after punctuation, sizes of fractions, sums in another order. None adds free space between factors: there a gap is
the only sign of a script.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import permutations
from typing import Final

from llmgrade.typeset import tree
from llmgrade.typeset.symbols import DELIMITERS, ZERO_WIDTH
from llmgrade.typeset.tree import Node, Row, rows_of, with_rows

__all__ = ["moves", "plain", "respelled", "settings", "with_moved_scripts", "with_script", "with_space"]

_OPENS: Final = {"(": ")", "[": "]", "{": "}", "⟨": "⟩", "⌊": "⌋", "⌈": "⌉"}
_NAME_OF: Final = {char: name for name, char in DELIMITERS.items()}
_BARS: Final = ("∣", "∥")
_ALIKE: Final = (
    "T⊤", "ϕφ", "ϵε", "⇒⟹", "⇔⟺", "≤⩽", "≥⩾", "∅∅", "…⋯", "†H", "∗⋆", "→⟶", "⋅×",
)  # fmt: skip
"""Characters that people use for one another; the last pair only between numbers and products of scalars."""


def plain(row: Row) -> Row:
    r"""The row without layout: no ``\left``, fonts, explicit spaces, sizes."""
    out: list[Node] = []
    for node in row:
        out += _plain(node)
    return tuple(out)


def _plain(node: Node) -> Row:
    match node:
        case tree.Space():
            return ()
        case tree.Font(name, body) if name != r"\mathrm" or len(body) == 1:
            return plain(body)
        case tree.Splice(body) | tree.Style(_, body):
            return plain(body)
        case tree.LeftRight(left, body, right) if not any(isinstance(n, tree.Array) for n in body):
            inner = plain(body)
            return (*_delimiter(left, "open"), *inner, *_delimiter(right, "close"))
        case tree.Fixed(delimiter, _, cls):
            return _delimiter(delimiter, {"mopen": "open", "mclose": "close"}.get(cls, ""))
        case tree.Middle(delimiter):
            return _delimiter(delimiter, "")
        case tree.Scripts(base, sub, sup):
            return _plain_scripts(base, None if sub is None else plain(sub), None if sup is None else plain(sup))
        case tree.Fraction():
            return (replace(node, numerator=plain(node.numerator), denominator=plain(node.denominator), size=""),)
        case _:
            for path, inner in rows_of(node):
                node = with_rows(node, path, plain(inner))
            return (node,)


def _plain_scripts(base: Node | None, sub: Row | None, sup: Row | None) -> Row:
    if base is None:
        return (tree.Scripts(None, sub, sup),)
    inner = _plain(base)
    if not inner:
        return (tree.Scripts(None, sub, sup),)
    return (*inner[:-1], tree.Scripts(inner[-1], sub, sup))


def _delimiter(name: str, side: str) -> Row:
    if name in (".", ""):
        return ()
    char = DELIMITERS.get(name, name)
    if char in _BARS:
        return (tree.Sym(char, "textord"),)
    return (tree.symbol(char),)


# ---------------------------------------------------------------------------------------------------------- letters


def respelled(row: Row, present: frozenset[str] | set[str]) -> Iterator[Row]:
    """The row, and the row with characters the text lacks replaced by their likes that it has."""
    yield row
    chars = set(_characters(row))
    for pair in _ALIKE[:-1]:
        a, b = pair
        for old, new in ((a, b), (b, a)):
            if old in chars and new not in chars and new in present and old != new:
                yield _replaced(row, old, new)
    if any(isinstance(node, tree.Accent) for node in _nodes(row)):
        yield _with_wide_accents(row)
    # Tall delimiters are drawn and leave no characters.
    grown = _sized(tuple(map(_all_sized, row)))
    if grown != row:
        yield grown
    for start, stop in _pairs(row):
        if any(isinstance(node, (tree.Fraction, tree.Array)) for node in row[start:stop]):
            yield _sized_pair(row, start, stop)


def with_space(row: Row, tail: str, head: str) -> Iterator[Row]:
    """The row with one explicit space between neighbours of which one ends with ``tail``, the other begins with ``head``."""
    for mu in (3.0, 18.0):

        def local(line: Row, mu: float = mu) -> Iterator[Row]:
            for k in range(1, len(line)):
                if _ends_with(line[k - 1], tail) and _begins_with(line[k], head):
                    yield (*line[:k], tree.Space(mu), *line[k:])

        yield from _everywhere(row, local)


def _ends_with(node: Node, char: str) -> bool:
    match node:
        case tree.Sym(own):
            return own == char
        case tree.Scripts(base, sub, _):
            return char == ZERO_WIDTH if sub is not None else base is not None and _ends_with(base, char)
        case tree.Space():
            return False
        case _:
            return True


def _begins_with(node: Node, char: str) -> bool:
    match node:
        case tree.Sym(own):
            return own == char
        case tree.Scripts(base) if base is not None:
            return _begins_with(base, char)
        case tree.Space():
            return False
        case _:
            return True


def with_moved_scripts(row: Row, onto: frozenset[str]) -> Iterator[Row]:
    """The row with one superscript taken from its atom and put on one of the characters ``onto``."""
    for bare, script in _without_one_superscript(row):
        for grown, base, above in with_script(bare, script):
            if above and (base in onto or not base):
                yield grown


def _without_one_superscript(row: Row) -> Iterator[tuple[Row, Row]]:
    for k, node in enumerate(row):
        if isinstance(node, tree.Scripts):
            if node.sup is not None and node.base is not None:
                bare = node.base if node.sub is None else replace(node, sup=None)
                yield (*row[:k], bare, *row[k + 1 :]), node.sup
            if node.base is not None:
                for inner, script in _without_one_superscript((node.base,)):
                    if len(inner) == 1:
                        yield (*row[:k], replace(node, base=inner[0]), *row[k + 1 :]), script
        for path, line in rows_of(node):
            for inner, script in _without_one_superscript(line):
                yield (*row[:k], with_rows(node, path, inner), *row[k + 1 :]), script


def _nodes(row: Row) -> Iterator[Node]:
    for node in row:
        yield node
        if isinstance(node, tree.Scripts) and node.base is not None:
            yield from _nodes((node.base,))
        for _, inner in rows_of(node):
            yield from _nodes(inner)


def _characters(row: Row) -> Iterator[str]:
    for node in _nodes(row):
        if isinstance(node, tree.Sym):
            yield node.char


def _mapped(row: Row, change: object) -> Row:
    """The row with ``change`` (node → node) applied to every node, innermost first."""
    assert callable(change)
    out: list[Node] = []
    for node in row:
        if isinstance(node, tree.Scripts) and node.base is not None:
            base = _mapped((node.base,), change)
            node = replace(node, base=base[0])
        for path, inner in rows_of(node):
            node = with_rows(node, path, _mapped(inner, change))
        out.append(change(node))
    return tuple(out)


def _replaced(row: Row, old: str, new: str) -> Row:
    superscript_only = old in "T⊤H†"

    def change(node: Node) -> Node:
        if superscript_only:
            if isinstance(node, tree.Scripts) and node.sup is not None:
                sup = tuple(_same(tree.symbol(new), n) if _is(n, old) else n for n in node.sup)
                return replace(node, sup=sup)
            return node
        if _is(node, old):
            assert isinstance(node, tree.Sym)
            return tree.Sym(new, node.kind, "ams" if new in "⩽⩾" else "main")
        return node

    return _mapped(row, change)


def _is(node: Node, char: str) -> bool:
    return isinstance(node, tree.Sym) and node.char == char


def _same(new: Node, _old: Node) -> Node:
    return new


def _with_wide_accents(row: Row) -> Row:
    wide = {r"\hat": r"\widehat", r"\tilde": r"\widetilde", r"\check": r"\widecheck"}

    def change(node: Node) -> Node:
        if isinstance(node, tree.Accent):
            if node.name == r"\bar":
                return tree.Ruled(True, node.body)
            if node.name in wide:
                return tree.Stretchy(wide[node.name], node.body)
        return node

    return _mapped(row, change)


# ---------------------------------------------------------------------------------------------------------- layout


def moves(row: Row, commuted: bool = False) -> Iterator[Row]:
    """Rows that say the same set a little differently, the likeliest first; ``commuted``: sums in another order too."""
    if any(isinstance(node, tree.Tag) for node in row):
        return
    yield from _delimiter_moves(row)
    yield _mapped(row, _all_sized)
    yield from _box_moves(row)
    yield from _space_moves(row)
    yield from _font_moves(row)
    yield from _fraction_moves(row)
    yield from _word_moves(row)
    yield from _bar_moves(row)
    if commuted:
        yield from _order_moves(row)


def settings(row: Row) -> Iterator[Row]:
    """Only the moves that change how the same parts are set: delimiters, sizes, limits."""
    yield _sized(row)
    yield tuple(map(_all_sized, row))
    yield from _delimiter_moves(row)
    yield from _fraction_moves(row)
    yield from _word_moves(row)
    yield from _bar_moves(row)


def _everywhere(row: Row, local: object) -> Iterator[Row]:
    """Apply a move of one row (row → rows) at every depth, one place at a time."""
    assert callable(local)
    yield from local(row)
    for k, node in enumerate(row):
        if isinstance(node, tree.Scripts) and node.base is not None:
            for base in _everywhere((node.base,), local):
                if len(base) == 1:
                    yield (*row[:k], replace(node, base=base[0]), *row[k + 1 :])
        for path, inner in rows_of(node):
            for edited in _everywhere(inner, local):
                yield (*row[:k], with_rows(node, path, edited), *row[k + 1 :])


def _pairs(row: Row) -> Iterator[tuple[int, int]]:
    """Matching plain delimiters of one row; the closing one may carry scripts."""
    stack: list[tuple[int, str]] = []
    for k, node in enumerate(row):
        core = node.base if isinstance(node, tree.Scripts) else node
        if not isinstance(core, tree.Sym):
            continue
        char = core.char
        if char in _BARS:
            if stack and stack[-1][1] == char:
                yield stack.pop()[0], k
            elif not isinstance(node, tree.Scripts):
                stack.append((k, char))
        elif char in _OPENS and not isinstance(node, tree.Scripts):
            stack.append((k, char))
        elif char in _OPENS.values() and stack and _OPENS.get(stack[-1][1]) == char:
            yield stack.pop()[0], k


def _sized_pair(row: Row, start: int, stop: int) -> Row:
    first, last = row[start], row[stop]
    core = last.base if isinstance(last, tree.Scripts) else last
    assert isinstance(first, tree.Sym)
    assert isinstance(core, tree.Sym)
    node: Node = tree.LeftRight(
        _NAME_OF.get(first.char, first.char), row[start + 1 : stop], _NAME_OF.get(core.char, core.char)
    )
    if isinstance(last, tree.Scripts):
        node = replace(last, base=node)
    return (*row[:start], node, *row[stop + 1 :])


def _delimiter_moves(row: Row) -> Iterator[Row]:
    def local(line: Row) -> Iterator[Row]:
        for start, stop in _pairs(line):
            yield _sized_pair(line, start, stop)

    yield from _everywhere(row, local)


def _all_sized(node: Node) -> Node:
    """Every pair of plain delimiters inside a node as ``\\left … \\right``."""
    for path, inner in rows_of(node):
        node = with_rows(node, path, _sized(inner))
    return node


def _sized(row: Row) -> Row:
    while True:
        pair = next(_pairs(row), None)
        if pair is None:
            return row
        row = _sized_pair(row, *pair)


def _box_moves(row: Row) -> Iterator[Row]:
    yield _sized(row)
    if len(row) == 1 and isinstance(row[0], tree.Boxed):
        yield row[0].body
    else:
        yield (tree.Boxed(row),)
        yield (tree.Boxed(_sized(row)),)
        relations = [k for k, n in enumerate(row) if isinstance(n, tree.Sym) and n.kind == "rel"]
        for k in relations:
            if k + 1 < len(row):
                yield (*row[: k + 1], tree.Boxed(row[k + 1 :]))


def _space_moves(row: Row) -> Iterator[Row]:
    """Space where no script can hide: after punctuation, around words, before a differential."""

    def spaced(line: Row, mu: float) -> Row:
        out: list[Node] = []
        for k, node in enumerate(line):
            out.append(node)
            if isinstance(node, tree.Sym) and node.kind == "punct" and k + 1 < len(line):
                out.append(tree.Space(mu))
        return tuple(out)

    for mu in (18, 36, 5, 3):
        wider = spaced(row, mu)
        if wider != row:
            yield wider
    for mu in (18, 36):
        wider = _around_words(row, mu)
        if wider != row:
            yield wider
    for mu in (3, 4, 5, -3):
        wider = _mapped_rows(row, lambda line, mu=mu: _before_differentials(line, mu))
        if wider != row:
            yield wider
    for k, node in enumerate(row):
        if isinstance(node, tree.LongArrow) or (isinstance(node, tree.Sym) and node.char in "⇒⇔∣:"):
            for mu in (5, 18, 3):
                yield (*row[:k], tree.Space(mu), node, tree.Space(mu), *row[k + 1 :])


def _around_words(row: Row, mu: float) -> Row:
    out: list[Node] = []
    for k, node in enumerate(row):
        word = isinstance(node, tree.Text) and len(node.text.strip()) > 1
        if word and k and not isinstance(row[k - 1], tree.Space):
            out.append(tree.Space(mu))
        out.append(node)
        if word and k + 1 < len(row) and isinstance(node, tree.Text) and not node.text.endswith(" "):
            out.append(tree.Space(mu))
    return tuple(out)


def _mapped_rows(row: Row, change: object) -> Row:
    assert callable(change)
    out: list[Node] = []
    for node in row:
        for path, inner in rows_of(node):
            node = with_rows(node, path, _mapped_rows(inner, change))
        out.append(node)
    changed: Row = change(tuple(out))
    return changed


def _before_differentials(line: Row, mu: float) -> Row:
    integral = any(_big(n) in "∫∬∭∮" for n in line)
    if not integral:
        return line
    out: list[Node] = []
    for k, node in enumerate(line):
        differential = _is(node, "d") or (isinstance(node, tree.Font) and node.body and _is(node.body[0], "d"))
        if differential and k and k + 1 < len(line) and not _big(line[k - 1]).strip():
            out.append(tree.Space(mu))
        out.append(node)
    return tuple(out)


def _big(node: Node) -> str:
    core = node.base if isinstance(node, tree.Scripts) else node
    return core.char if isinstance(core, tree.BigOperator) else " "


_LETTERS: Final = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


def _font_moves(row: Row) -> Iterator[Row]:
    def in_font(name: str, letters: str) -> Row:
        def change(node: Node) -> Node:
            if isinstance(node, tree.Sym) and node.kind == "mathord" and node.char in letters:
                return tree.Font(name, (node,))
            return node

        return _mapped(row, change)

    have = {c for c in _characters(row) if c in _LETTERS}
    for name, letters in (
        (r"\mathbb", "RNZQC"), (r"\mathbb", "EP"), (r"\mathbf", _LETTERS), (r"\mathbf", _LETTERS[26:]),
        (r"\mathbf", _LETTERS[:26]), (r"\mathcal", "LNDFOJ"), (r"\mathrm", "d"), (r"\mathrm", "T"),
    ):  # fmt: skip
        if have & set(letters):
            yield in_font(name, letters)


def _fraction_moves(row: Row) -> Iterator[Row]:
    for size in ("d", "t"):

        def change(node: Node, size: str = size) -> Node:
            return replace(node, size=size) if isinstance(node, tree.Fraction) and node.bar else node

        sized = _mapped(row, change)
        if sized == row:
            return
        yield sized

    def local(line: Row) -> Iterator[Row]:
        for k, node in enumerate(line):
            if isinstance(node, tree.Fraction) and node.bar and not node.size:
                yield (*line[:k], replace(node, size="d"), *line[k + 1 :])

    yield from _everywhere(row, local)


def _word_moves(row: Row) -> Iterator[Row]:
    def as_text(node: Node) -> Node:
        return tree.Text(node.name) if isinstance(node, tree.Operator) and "\u2009" not in node.name else node

    def as_operator(node: Node) -> Node:
        if isinstance(node, tree.Text) and node.text.isalpha():
            return tree.Operator(node.text)
        if isinstance(node, tree.Font) and node.name == r"\mathrm" and len(node.body) > 1:
            letters = "".join(n.char for n in node.body if isinstance(n, tree.Sym))
            return tree.Operator(letters) if letters.isalpha() else node
        return node

    def without_thin(node: Node) -> Node:
        return tree.Operator(node.name.replace("\u2009", ""), node.limits) if isinstance(node, tree.Operator) else node

    def with_thin(node: Node) -> Node:
        if isinstance(node, tree.Operator) and node.name in ("argmin", "argmax"):
            return tree.Operator(f"arg\u2009{node.name[3:]}", node.limits)
        return node

    def other_limits(node: Node) -> Node:
        return tree.Operator(node.name, not node.limits) if isinstance(node, tree.Operator) else node

    for change in (as_text, as_operator, without_thin, with_thin, other_limits):
        changed = _mapped(row, change)
        if changed != row:
            yield changed


def _bar_moves(row: Row) -> Iterator[Row]:
    """``|`` as an ordinary symbol, as a relation, or as a pair of delimiters."""
    bars = [k for k, node in enumerate(row) if _is(node, "∣")]
    if len(bars) == 1:
        k = bars[0]
        node = row[k]
        assert isinstance(node, tree.Sym)
        yield (*row[:k], tree.Sym("∣", "rel" if node.kind != "rel" else "textord"), *row[k + 1 :])

    def local(line: Row) -> Iterator[Row]:
        for start, stop in _pairs(line):
            first, last = line[start], line[stop]
            core = last.base if isinstance(last, tree.Scripts) else last
            if isinstance(first, tree.Sym) and isinstance(core, tree.Sym) and first.char in _BARS:
                closing: Node = tree.Sym(core.char, "close")
                if isinstance(last, tree.Scripts):
                    closing = replace(last, base=closing)
                opening = tree.Sym(first.char, "open")
                yield (*line[:start], opening, *line[start + 1 : stop], closing, *line[stop + 1 :])

    yield from _everywhere(row, local)


# ---------------------------------------------------------------------------------------------------------- order


def _order_moves(row: Row) -> Iterator[Row]:
    """The two sides of an equation exchanged; sums in another order."""
    equals = [k for k, node in enumerate(row) if _is(node, "=")]
    if len(equals) == 1 and 0 < equals[0] < len(row) - 1:
        k = equals[0]
        yield (*row[k + 1 :], row[k], *row[:k])
    yield from _everywhere(row, _commuted)


def _commuted(line: Row) -> Iterator[Row]:
    start = 0
    for k, node in enumerate(line):
        if isinstance(node, tree.Sym) and node.kind in ("rel", "punct"):
            start = k + 1
    head, tail = line[:start], line[start:]
    for part, before, behind in ((tail, head, ()), (head[:-1], (), head[-1:] + tail)):
        terms = _terms(part)
        if 2 <= len(terms) <= 4:
            for order in permutations(terms):
                if list(order) != terms:
                    yield (*before, *_sum(order), *behind)


def _terms(row: Row) -> list[Row]:
    """The terms of a sum, each with its sign; none where the row is no flat sum."""
    terms: list[Row] = []
    current: list[Node] = []
    depth = 0
    for node in row:
        core = node.base if isinstance(node, tree.Scripts) else node
        if isinstance(core, tree.Sym):
            depth += (core.kind == "open") - (core.kind == "close")
            if core.kind in ("rel", "punct"):
                return []
            if depth == 0 and core.char in "+−" and isinstance(node, tree.Sym):
                if current:
                    terms.append(tuple(current))
                current = [node]
                continue
        current.append(node)
    if current:
        terms.append(tuple(current))
    return terms


def _sum(terms: tuple[Row, ...]) -> Row:
    out: list[Node] = []
    for k, term in enumerate(terms):
        if k == 0 and _is(term[0], "+"):
            term = term[1:]
        elif k and not (_is(term[0], "+") or _is(term[0], "−")):
            term = (tree.symbol("+"), *term)
        out += term
    return tuple(out)


# ---------------------------------------------------------------------------------------------------------- scripts


def with_script(row: Row, script: Row) -> Iterator[tuple[Row, str, bool]]:
    """The row with ``script`` added to any one atom that has room for it: row, the atom's character, whether above."""
    for k, node in enumerate(row):
        for grown, base, above in _grown(node, script):
            yield (*row[:k], grown, *row[k + 1 :]), base, above
        if isinstance(node, tree.Scripts) and node.base is not None:
            for inner, base, above in with_script((node.base,), script):
                yield (*row[:k], replace(node, base=inner[0]), *row[k + 1 :]), base, above
        for path, line in rows_of(node):
            for inner, base, above in with_script(line, script):
                yield (*row[:k], with_rows(node, path, inner), *row[k + 1 :]), base, above


def _grown(node: Node, script: Row) -> Iterator[tuple[Node, str, bool]]:
    match node:
        case tree.Scripts(base, sub, sup):
            char = _character(base)
            if sup is None:
                yield replace(node, sup=script), char, True
            if sub is None:
                yield replace(node, sub=script), char, False
        case tree.Sym(_, kind) if kind in ("rel", "bin", "open", "punct", "inner"):
            return
        case tree.Space() | tree.Tag() | tree.Text() | tree.Style():
            return
        case _:
            yield tree.Scripts(node, None, script), _character(node), True
            yield tree.Scripts(node, script, None), _character(node), False


def _character(node: Node | None) -> str:
    if isinstance(node, tree.Operator):
        return node.name
    if isinstance(node, tree.Font) and len(node.body) == 1:
        return _character(node.body[0])
    return node.char if isinstance(node, (tree.Sym, tree.BigOperator)) else ""
