"""Mathematics that a printed page shows as typed characters: Unicode, plain or LaTeX that the page did not set."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from llmgrade.reading.markup import pieces
from llmgrade.transcript.model import Formula, Piece, Prose

__all__ = ["is_markup", "typed"]

_MARKUP = re.compile(r"\\\(|\\\[|\$\$|\$[^$\n]+\$|^\s*```", re.MULTILINE)
_MATHS = re.compile(r"[=<>≤≥≈≠∝≪≫^_√∑∫∏→⇒\\+*/†]|[⁰¹²³⁴-ₜ]|[α-ωΑ-Ω∂∇]")


def is_markup(text: str) -> bool:
    """Whether ``text`` shows LaTeX or code fences as they were typed."""
    return bool(_MARKUP.search(text))


def typed(prose: Prose) -> Sequence[Piece]:
    """The piece with its typed formulas taken out; itself where it has none."""
    if not _MATHS.search(prose.text):
        return (prose,)
    found = pieces(prose.text, prose.span.start)
    if not all(isinstance(piece, Prose | Formula) for piece in found):
        return (prose,)
    formulas = [piece for piece in found if isinstance(piece, Formula)]
    if not formulas or not all(_MATHS.search(formula.written) for formula in formulas):
        return (prose,)
    if isinstance(found[0], Prose):
        found = [replace(found[0], flows=prose.flows), *found[1:]]
    return found
