"""Words of direction in running text, wherever they stand; what they mean there is for the finders to say."""

from __future__ import annotations

from dataclasses import dataclass

from llmgrade.claims.lexicon import DIRECTIONS, EITHER, words

__all__ = ["Hit", "hits_of"]

_PATTERNS = (*((reading, words(spelled)) for reading, spelled in DIRECTIONS.items()), ("either", EITHER))


@dataclass(frozen=True, slots=True)
class Hit:
    """A word of direction at ``[start, stop)``: its reading, and the word itself in lower case."""

    start: int
    stop: int
    reading: str
    word: str


def hits_of(text: str) -> list[Hit]:
    """Every word of direction in order, the longest where they overlap.

    >>> [hit.reading for hit in hits_of("slope decreases, elbow right")]
    ['down', 'right']
    """
    found = [
        Hit(match.start(), match.end(), reading, " ".join(match[0].casefold().split()))
        for reading, pattern in _PATTERNS
        for match in pattern.finditer(text)
    ]
    found.sort(key=lambda hit: (hit.start, -hit.stop))
    kept: list[Hit] = []
    for hit in found:
        if not kept or hit.start >= kept[-1].stop:
            kept.append(hit)
    return kept
