"""How well a formula's stream fits some text: an alignment whose costs say what extractors get wrong.

A character is evidence, a U+200B less so (browsers drop one in a hundred and never add one), a line break or blank
that no layout explains is evidence against. U+FFFD, the remains of a lost byte, fits any character.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from llmgrade.typeset.symbols import ZERO_WIDTH

__all__ = ["CHARACTER", "EXTRA_MARK", "MISSING_MARK", "SEPARATOR", "cost"]

CHARACTER: Final = 1.0
MISSING_MARK: Final = 0.45
EXTRA_MARK: Final = 1.0
SEPARATOR: Final = 0.6
_NEVER: Final = 1e9
_LOST: Final = "\ufffd"


def cost(
    stream: Sequence[tuple[str, int]], chars: Sequence[str], before: Sequence[int], bound: float = _NEVER
) -> float:
    """The least cost of reading ``chars`` (with the separators ``before`` them) as ``stream``; at least ``bound`` + 1
    as soon as it must exceed ``bound``."""
    n, m = len(stream), len(chars)
    # The commonest case by far is the perfect fit or none at all.
    if n == m:
        for k in range(n):
            char, mask = stream[k]
            if chars[k] != char or not (k == 0 or before[k] & mask):
                break
        else:
            return 0.0
    row = [j * EXTRA_MARK for j in range(m + 1)]
    after_mark = False
    for k in range(n):
        char, mask = stream[k]
        missing = MISSING_MARK if char == ZERO_WIDTH else CHARACTER
        diagonal = row[0]
        left = diagonal + missing
        new = [left]
        least = left
        for j in range(m):
            up = row[j + 1]
            found = chars[j]
            if found in (char, _LOST):
                # The separator after a mark that the page dropped says nothing.
                fits = k == 0 or before[j] & mask or (after_mark and (j == 0 or chars[j - 1] != ZERO_WIDTH))
                best = diagonal if fits else diagonal + SEPARATOR
            elif found == ZERO_WIDTH or char == ZERO_WIDTH:
                best = _NEVER
            else:
                best = diagonal + CHARACTER
            if up + missing < best:
                best = up + missing
            if left + EXTRA_MARK < best:
                best = left + EXTRA_MARK
            new.append(best)
            left = best
            diagonal = up
            if best < least:
                least = best
        if least > bound:
            return bound + 1.0
        row = new
        after_mark = char == ZERO_WIDTH
    return row[m]
