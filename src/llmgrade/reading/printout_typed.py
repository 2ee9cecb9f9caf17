"""Mathematics that a printed page shows as typed characters: Unicode, plain or LaTeX that the page did not set."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from llmgrade.reading.markup import pieces
from llmgrade.transcript.model import Formula, Piece, Prose

__all__ = ["is_markup", "typed", "types_powers"]

_MARKUP = re.compile(r"\\\(|\\\[|\$\$|\$[^$\n]+\$|^\s*```", re.MULTILINE)
_MATHS = re.compile(r"[=<>≤≥≈≠∝≪≫^_√∑∫∏→⇒\\+*/†×·⋅±]|[⁰¹²³⁴-ₜ]|[α-ωΑ-Ω∂∇]")


_ITEM = re.compile(r"^\s*(?:\(?(?:[a-z]|[ivx]{1,4}|\d{1,2})[).])\s+[A-Z][A-Za-z]{1,2}\s*$")
"""An item of a list that is a product and nothing else: ``3. Kz``."""
_WRAPPED = re.compile(r"[-+=<>≤≥*/·×^|(\[−] ?\n(?=[\w|(\\√‖])")
"""A line break in the midst of a formula: after an operator, where a bubble's width made it."""
_POWERS = re.compile(r"[\w|‖)\]}]\s?\^|[⁰¹²³⁴-ⁿᵀ]|\\[A-Za-z]{2}")


def types_powers(text: str) -> bool:
    """Whether a message writes its powers and indices out (``X^T``, ``Xᵀ``), so that what it types is whole.

    Where the page raised them instead, the extractor left them on lines of their own, and what remains in line is torn.
    """
    return bool(_POWERS.search(text))


def is_markup(text: str) -> bool:
    """Whether ``text`` shows LaTeX or code fences as they were typed."""
    return bool(_MARKUP.search(text))


def typed(prose: Prose) -> Sequence[Piece]:
    """The piece with its typed formulas taken out; itself where it has none."""
    item = bool(_ITEM.match(prose.text))
    if not item and not _MATHS.search(prose.text):
        return (prose,)
    found = pieces(_WRAPPED.sub(lambda match: match[0].replace("\n", " "), prose.text), prose.span.start)
    if not all(isinstance(piece, Prose | Formula) for piece in found):
        return (prose,)
    formulas = [piece for piece in found if isinstance(piece, Formula)]
    if not formulas or not (item or all(_MATHS.search(formula.written) for formula in formulas)):
        return (prose,)
    out: list[Piece] = []
    for piece in found:
        # The words themselves, with the line breaks that they have on the page.
        text = prose.text[piece.span.start - prose.span.start : piece.span.stop - prose.span.start]
        if isinstance(piece, Prose):
            out.append(replace(piece, text=text, wrapped=prose.wrapped, flows=prose.flows and not out))
        elif isinstance(piece, Formula):
            out.append(replace(piece, written=text) if "\n" in text else piece)
    return out
