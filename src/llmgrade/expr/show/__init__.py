"""Expressions as text: `plain` (one line of Unicode), `latex`, `mathml`. What is shown reads back as the same expression."""

from __future__ import annotations

from llmgrade.expr.show.latex import latex
from llmgrade.expr.show.mathml import mathml
from llmgrade.expr.show.plain import plain
from llmgrade.expr.show.spellings import spellings

__all__ = ["PRINTERS", "latex", "mathml", "plain", "spellings"]

PRINTERS = {"plain": plain, "latex": latex, "mathml": mathml}
"""Every way to show an expression, by name."""
