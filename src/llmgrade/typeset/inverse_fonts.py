"""Fonts that text does not keep, put back where mathematics nearly always has them."""

from __future__ import annotations

from collections.abc import Iterator

from llmgrade.typeset import tree
from llmgrade.typeset.tree import Node, Row

__all__ = ["restored"]


def restored(row: Row) -> Iterator[tuple[Row, float]]:
    """The row with the usual blackboard and calligraphic letters, then as it is, each with its extra cost."""
    out: list[Node] = []
    for k, node in enumerate(row):
        core = node.base if isinstance(node, tree.Scripts) else node
        font = _font(core, row[k - 1] if k else None, row[k + 1] if k + 1 < len(row) else None)
        if font is None or core is None:
            out.append(node)
            continue
        dressed = tree.Font(font, (core,))
        out.append(tree.Scripts(dressed, node.sub, node.sup) if isinstance(node, tree.Scripts) else dressed)
    dressed_row = tuple(out)
    if dressed_row != row:
        yield dressed_row, 0.0
    yield row, 0.2


def _font(core: Node | None, before: Node | None, behind: Node | None) -> str | None:
    if not isinstance(core, tree.Sym):
        return None
    if core.char in "RZNQC" and isinstance(before, tree.Sym) and before.char in "∈→":
        return r"\mathbb"
    if core.char == "E" and isinstance(behind, tree.Sym) and behind.char == "[":
        return r"\mathbb"
    if core.char == "N" and isinstance(before, tree.Sym) and before.char == "∼":
        return r"\mathcal"
    return None
