"""The characters of flattened lines, and what stood between them.

A separator is written ``"j"`` (joined), ``"s"`` (a blank) or ``"n"`` (a new line). It is all that is left of where
a glyph stood, so no reading may normalise white space before this.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from llmgrade.typeset.boxes import Glyph

__all__ = ["MARK", "NOT", "UNKNOWN", "Tokens", "blank_may_follow", "fits", "own_may_end", "tokens", "wide_gap"]

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

    def part(self, i: int, j: int) -> Tokens:
        """Tokens ``i:j`` on their own."""
        gaps = "n" + self.gaps[i + 1 : j] if j > i else ""
        return Tokens(self.chars[i:j], gaps, self.places[i:j])

    def lines(self) -> list[str]:
        """The lines they were."""
        out: list[str] = []
        for char, gap in zip(self.chars, self.gaps, strict=True):
            if gap == "n":
                out.append(char)
            else:
                out[-1] += " " + char if gap == "s" else char
        return out


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


def blank_may_follow(char: str) -> bool:
    """Whether the extractor writes a blank after this character at all; if not, a small gap leaves no trace."""
    code = ord(char)
    return code < 0x700 or 0x2000 <= code <= 0x20CF


def fits(a: Glyph, b: Glyph, gap: str, slack: float, rise: float) -> bool:
    """Whether the extractor may have written ``gap`` between glyph ``a`` and the next, ``b``.

    ``slack`` is the tolerance sideways around its thresholds and ``rise`` up and down, both in em of ``b``; a U+200B is
    moved by the alignment around it and gets more.
    """
    size = b[2]
    apart = (b[0] - a[0] - a[4]) / size
    off = abs(b[1] - a[1]) / size
    if a[3] == MARK or b[3] == MARK:
        slack += 0.06
    if gap == "n":
        return off > 0.8 - rise or apart > 0.8 - slack or apart < -0.8 + slack
    if off >= 0.8 + rise or not -0.8 - slack < apart < 0.8 + slack:
        return False
    if gap == "j":
        return apart < 0.15 + slack or not blank_may_follow(a[3])
    return apart > 0.15 - slack and blank_may_follow(a[3])


def wide_gap(tokens: Tokens, k: int) -> bool:
    """Whether a script's width broke the line before token ``k`` of an own text; before and behind U+200B it breaks anyway."""
    return tokens.gaps[k] == "n" and tokens.chars[k] != MARK and tokens.chars[k - 1] != MARK


def own_may_end(tokens: Tokens, i: int, e: int) -> bool:
    """Whether own text ``i:e`` may end at ``e``, by the gap there.

    Its first layer stands where the first mark or gap calls for one. Unless that is at its very end, the pen goes back
    to the left for it, which breaks the line.
    """
    return e >= len(tokens) or tokens.gaps[e] == "n" or tokens.chars.find(MARK, i, max(i, e - 2)) < 0
