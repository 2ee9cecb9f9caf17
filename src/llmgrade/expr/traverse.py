"""How a pass walks: from the leaves up, one small change at a time, rebuilding only what changed."""

from __future__ import annotations

from collections.abc import Callable

from llmgrade.expr.nodes import Expr, children, rebuild

__all__ = ["upwards"]


def upwards(expr: Expr, change: Callable[[Expr], Expr]) -> Expr:
    """``change`` applied to every node, its parts first. An unchanged part is the same object afterwards."""
    parts = list(children(expr))
    if parts:
        changed = [upwards(part, change) for part in parts]
        if any(new is not old for new, old in zip(changed, parts, strict=True)):
            expr = rebuild(expr, changed)
    return change(expr)
