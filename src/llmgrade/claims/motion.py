"""Words of direction in running text, wherever they stand; what they mean there is for the finders to say."""

from __future__ import annotations

from dataclasses import dataclass

from llmgrade.claims.lexicon import DIRECTIONS, EITHER_WORDS, words

__all__ = ["Hit", "hits_of"]

_READING_OF = {
    " ".join(word.casefold().split()): reading
    for reading, spelled in (*DIRECTIONS.items(), ("either", EITHER_WORDS))
    for word in spelled.split("|")
}
_PATTERN = words(*DIRECTIONS.values(), EITHER_WORDS)


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
    found = []
    for match in _PATTERN.finditer(text):
        word = " ".join(match[0].casefold().split())
        found.append(Hit(match.start(), match.end(), _READING_OF[word], word))
    return found
