"""A tree of messages: which branch is the chat's current path, and what the other branches are.

Answers beside the current one under the same question are *regenerations*, questions beside the current one are
*edited*; whatever hangs below keeps its branch's track. Never ``children[0]``: that is often the branch given up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from llmgrade.transcript.model import Role

__all__ = ["Node", "linked", "newest", "on_tracks"]


@dataclass(slots=True)
class Node:
    """One message of the tree; ``said`` is whatever the reader needs to make a message of it."""

    id: str
    parent: str | None
    role: Role | None
    said: Any = None
    when: float | str = 0.0
    order: int = 0
    children: list[str] = field(default_factory=list)


def linked(nodes: Iterable[Node]) -> dict[str, Node]:
    """Nodes by id, children listed in the order of the file; a parent that is missing counts as none."""
    found = {node.id: node for node in nodes}
    for node in found.values():
        node.children.clear()
    for node in found.values():
        if node.parent == node.id or node.parent not in found:
            node.parent = None
        if node.parent is not None:
            found[node.parent].children.append(node.id)
    return found


def newest(nodes: Mapping[str, Node]) -> str | None:
    """The leaf that was written last."""
    leaves = [node for node in nodes.values() if not node.children and node.role is not None]
    leaves = leaves or [node for node in nodes.values() if node.role is not None]
    if not leaves:
        return None
    return max(leaves, key=lambda node: (str(type(node.when)), node.when, node.order)).id


def on_tracks(nodes: Mapping[str, Node], leaf: str | None) -> tuple[list[tuple[Node, str]], str | None]:
    """All nodes with their tracks, branches given up standing before the current one; and a complaint, if any."""
    path: list[Node] = []
    seen: set[str] = set()
    complaint = None
    at = leaf
    while at is not None and at in nodes:
        if at in seen:
            complaint = "the messages run in a circle; cut where it closes"
            break
        seen.add(at)
        path.append(nodes[at])
        at = nodes[at].parent
    path.reverse()
    found: list[tuple[Node, str]] = []
    placed = set(seen)
    roots = [node for node in nodes.values() if node.parent is None and node.id not in seen]
    for node in roots:
        _branch(nodes, node, _track(node, None), placed, found)
    before: Node | None = None
    for index, node in enumerate(path):
        if before is not None:
            for child in before.children:
                if child not in placed:
                    _branch(nodes, nodes[child], _track(nodes[child], before), placed, found)
        found.append((node, ""))
        before = node
        if index == len(path) - 1:
            for child in node.children:
                if child not in placed:
                    _branch(nodes, nodes[child], _track(nodes[child], node), placed, found)
    missed = [node for node in nodes.values() if node.id not in placed]
    for node in missed:
        _branch(nodes, node, "regeneration", placed, found)
    return found, complaint


def _track(node: Node, parent: Node | None) -> str:
    return "edited" if node.role is Role.USER else "regeneration"


def _branch(nodes: Mapping[str, Node], top: Node, track: str, placed: set[str], found: list[tuple[Node, str]]) -> None:
    waiting = [top]
    while waiting:
        node = waiting.pop()
        if node.id in placed:
            continue
        placed.add(node.id)
        found.append((node, track))
        waiting.extend(nodes[child] for child in reversed(node.children))
