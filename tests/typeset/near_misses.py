"""Single-edit near misses of a formula: a sign flipped, a transpose moved, a factor dropped, an index changed."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace

from llmgrade.typeset import tree
from llmgrade.typeset.forward import flatten
from llmgrade.typeset.latex import LatexError, parse
from llmgrade.typeset.spelling import canonical, spell
from llmgrade.typeset.tree import Node, Row, rows_of, symbol, with_rows

FLIPPED = {"+": "−", "−": "+", "<": ">", ">": "<", "≤": "≥", "≥": "≤", "∪": "∩", "∩": "∪", "∧": "∨", "∨": "∧"}
OTHER_INDEX = {"i": "j", "j": "i", "k": "i", "1": "2", "2": "1", "n": "m", "m": "n"}
TRANSPOSED: Row = (symbol("T"),)


def near_misses(latex: str, count: int = 10, seed: int = 0) -> list[tuple[str, str]]:
    """Up to ``count`` pairs (kind of edit, LaTeX), spread over the kinds; edits of edits where one edit gives too few."""
    row = parse(latex)
    seen = {canonical(row)}
    pool: dict[str, list[str]] = {}

    def keep(kind: str, edited: Row) -> None:
        try:
            text = spell(edited)
            form = canonical(parse(text))
            flatten(text)
        except LatexError:
            return
        if text and form not in seen and form == canonical(edited):
            seen.add(form)
            pool.setdefault(kind, []).append(text)

    single = list(edits(row))
    for kind, edited in single:
        keep(kind, edited)
    if sum(map(len, pool.values())) < count:
        for _, edited in single:
            for _, twice in edits(edited):
                keep("double", twice)
            if sum(map(len, pool.values())) >= count:
                break
    chance = random.Random(f"{latex}/{seed}")
    for texts in pool.values():
        chance.shuffle(texts)
    out: list[tuple[str, str]] = []
    while len(out) < count and any(pool.values()):
        for kind in sorted(pool):
            if pool[kind] and len(out) < count:
                out.append((kind, pool[kind].pop()))
    return out


def edits(row: Row) -> Iterator[tuple[str, Row]]:
    """Every single edit of a row and of what is inside it, each as (kind, whole edited row)."""
    yield from _row_edits(row)
    for k, node in enumerate(row):
        for kind, edited in _node_edits(node):
            yield kind, (*row[:k], *edited, *row[k + 1 :])


def _node_edits(node: Node) -> Iterator[tuple[str, Row]]:
    match node:
        case tree.Sym(char):
            if char in FLIPPED:
                yield ("sign" if char in "+−" else "relation"), (symbol(FLIPPED[char]),)
            if char.isdigit():
                yield "number", (symbol(str((int(char) + 1) % 10)),)
        case tree.Scripts(base, sub, sup) if base is not None:
            if sup is not None:
                kind = "transpose" if canonical(sup) in (("T",), ("⊤",)) else "exponent"
                yield kind, (base if sub is None else replace(node, sup=None),)
                if canonical(sup) == ("−", "1"):
                    yield "inverse", (replace(node, sup=(symbol("1"),)),)
            if sub is not None:
                index = canonical(sub)
                if len(index) == 1 and index[0] in OTHER_INDEX:
                    yield "index", (replace(node, sub=(symbol(OTHER_INDEX[str(index[0])]),)),)
                yield "index", (base if sup is None else replace(node, sub=None),)
        case tree.Fraction(numerator, denominator):
            yield "swap", (replace(node, numerator=denominator, denominator=numerator),)
        case tree.Accent(_, body):
            yield "hat", body
        case _:
            pass
    for path, inner in rows_of(node):
        for kind, edited in edits(inner):
            yield kind, (with_rows(node, path, edited),)
    if isinstance(node, tree.Scripts) and node.base is not None:
        for kind, edited in _node_edits(node.base):
            if len(edited) == 1:
                yield kind, (replace(node, base=edited[0]),)


def _ordinary(node: Node) -> bool:
    if isinstance(node, tree.Sym):
        return node.kind in ("mathord", "textord") and node.char not in "∣∥.′"
    return isinstance(node, (tree.Scripts, tree.Fraction, tree.Accent, tree.Root, tree.Font))


def _row_edits(row: Row) -> Iterator[tuple[str, Row]]:
    for k, node in enumerate(row):
        after = row[k + 1] if k + 1 < len(row) else None
        if _ordinary(node):
            if isinstance(node, tree.Sym) and node.char.isascii() and node.char.isupper():
                yield "transpose", (*row[:k], tree.Scripts(node, None, TRANSPOSED), *row[k + 1 :])
            if (k and _ordinary(row[k - 1])) or (after is not None and _ordinary(after)):
                yield "factor", row[:k] + row[k + 1 :]
            if after is not None and _ordinary(after):
                yield "order", (*row[:k], after, node, *row[k + 2 :])
                yield from _moved_scripts(row, k, node, after)
        if k == 0 and isinstance(node, tree.Sym) and node.char == "−":
            yield "sign", row[1:]
        if isinstance(node, tree.Sym) and node.kind == "rel" and after is not None:
            if isinstance(after, tree.Sym) and after.char == "−":
                yield "sign", row[: k + 1] + row[k + 2 :]
            elif _ordinary(after):
                yield "sign", (*row[: k + 1], symbol("−"), *row[k + 1 :])
        if (
            k + 2 < len(row)
            and isinstance(after, tree.Sym)
            and after.char == "−"
            and _ordinary(node)
            and _ordinary(row[k + 2])
        ):
            yield "order", (*row[:k], row[k + 2], after, node, *row[k + 3 :])


def _moved_scripts(row: Row, k: int, a: Node, b: Node) -> Iterator[tuple[str, Row]]:
    if isinstance(a, tree.Scripts) and a.sub is None and a.base is not None and isinstance(b, tree.Sym):
        yield "move", (*row[:k], a.base, tree.Scripts(b, None, a.sup), *row[k + 2 :])
    if isinstance(b, tree.Scripts) and b.sub is None and b.base is not None and isinstance(a, tree.Sym):
        yield "move", (*row[:k], tree.Scripts(a, None, b.sup), b.base, *row[k + 2 :])
