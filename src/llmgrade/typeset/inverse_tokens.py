"""The characters of flattened lines, and what stood between them.

A separator is written ``"j"`` (joined), ``"s"`` (a blank) or ``"n"`` (a new line). It is all that is left of where
a glyph stood, so no reading may normalise white space before this.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

__all__ = ["MARK", "NOT", "UNKNOWN", "Tokens", "tokens"]

MARK: Final = "\u200b"
"""U+200B: in a level's own text, the right end of a sub, fraction, limit, root, box or column."""
NOT: Final = "\ue020"
"""The stroke of ``\\neq``, a glyph in a private font."""
UNKNOWN: Final = "\ufffd"
"""A character lost on the way: stands for any one."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """``chars[k]`` is preceded by ``gaps[k]``; ``places[k]`` is its (line, column)."""

    chars: str
    gaps: str
    places: tuple[tuple[int, int], ...]

    def __len__(self) -> int:
        return len(self.chars)


def tokens(lines: Sequence[str]) -> Tokens:
    """The characters of the lines without blanks, each with the separator before it.

    >>> tokens(["x T", "y"]).gaps
    'nsn'
    """
    chars: list[str] = []
    gaps: list[str] = []
    places: list[tuple[int, int]] = []
    for n, line in enumerate(lines):
        gap = "n"
        for column, char in enumerate(line):
            if char in " \t\r":
                gap = "s" if gap == "j" else gap
                continue
            chars.append(char)
            gaps.append(gap)
            places.append((n, column))
            gap = "j"
    return Tokens("".join(chars), "".join(gaps), tuple(places))
