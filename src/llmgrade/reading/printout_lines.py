"""One line of a printout, looked at by itself: how wide it is, and whether it looks like words or like mathematics.

A printed chat page sets words and mathematics by different rules. Words are wrapped at the column's width and keep
their blanks; a flattened formula is a run of short tokens, carries U+200B, keeps U+00A0 between its own words, and
never ends in a blank. A prose line ends or begins in a blank where an inline formula was taken out.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

__all__ = ["ZERO_WIDTH", "Line", "is_emoji", "names_labels", "text_width", "with_row_labels"]

ZERO_WIDTH = "\u200b"
_NARROW = "iljI.,;:'|!()[]{}’‘·∣ "
_WIDE = "mwMWQO@%—✅"
_WORD = re.compile(r"^[\"'“‘(\[*_]*([^\W\d_]+(?:[-'’][^\W\d_]+)*)[\"'”’)\]*_.,;:!?…]*$")
_VOWEL = re.compile("[aeiouyáéíóúàèìòùäöüâêîôûãõåæøœаеёиоуыэюяαεηιουω]", re.IGNORECASE)
_CJK = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]{2,}")
_FUNCTIONS = frozenset(
    re.findall(
        r"\w+",
        "sin cos tan cot sec csc sinh cosh tanh arcsin arccos arctan log exp min max argmin argmax arg rank det diag "
        "sign sgn dim ker null span cov var std softmax relu sigmoid const mod gcd lcm inf sup lim trace vec proj erf "
        "otherwise else elif",
    )
)
_TITLE = re.compile(
    r"^(?:part|question|problem|step|exercise|case|section|parte|problema|ejercicio|paso|teil|aufgabe|schritt|fall|partie|problème|exercice|étape|cas|caso)\b[^.:]{0,40}$",
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"^(?:[QP]?\d{1,2}[.\s]?\(|\()?(?:[a-h]|[ivx]{1,5})\)(?:\s?\((?:[a-h]|[ivx]{1,5})\))?[.:]?$", re.IGNORECASE
)
_OPENS_PUNCTUATION = re.compile(r"^[,.;:!?)\]’”](?:\s|$|[)\].,;:])|^[,.;]")


def is_emoji(char: str) -> bool:
    """Whether ``char`` is a picture (or the wildcard that stands for a lost one at a heading's start)."""
    code = ord(char)
    return code >= 0x1F000 or 0x2600 <= code <= 0x27BF or code in (0x2B50, 0x2B55, 0x2B1B, 0x2B1C)


@lru_cache(maxsize=65536)
def text_width(text: str) -> float:
    """How wide ``text`` is in a sans-serif face, in em; good to a few per cent."""
    width = 0.0
    for char in text:
        if char in _NARROW:
            width += 0.29
        elif char in 'frt-\u00a0"*`':
            width += 0.34
        elif char in _WIDE:
            width += 0.87
        elif char.isascii():
            width += 0.67 if char.isupper() else 0.55
        elif char == ZERO_WIDTH or unicodedata.combining(char) or char == "\ufe0f":
            continue
        elif unicodedata.east_asian_width(char) in "WF":
            width += 1.0
        else:
            width += 0.6
    return width


@dataclass(frozen=True)
class Line:
    """A line of a page's body: its number (1-based) and its text as written."""

    number: int
    text: str
    row_label: bool = False
    """A bare letter or number that is a table's row label (`row_labels`)."""

    @cached_property
    def bare(self) -> str:
        """Without blanks at either end."""
        return self.text.strip(" \t\f\n")

    @cached_property
    def width(self) -> float:
        """In em, without blanks at the end."""
        return text_width(self.text.rstrip(" "))

    @cached_property
    def first_word(self) -> float:
        """The width of the first word, with the blank before it."""
        words = self.bare.split(" ", 1)
        return text_width(words[0]) + 0.29 if words[0] else 0.0

    @cached_property
    def blank(self) -> bool:
        """Blanks only."""
        return not self.bare

    @property
    def ends_in_blank(self) -> bool:
        return self.text.endswith(" ")

    @property
    def begins_with_blank(self) -> bool:
        return self.text.startswith(" ")

    @cached_property
    def opens_with_punctuation(self) -> bool:
        """Begins with a mark that belongs to something before it."""
        return bool(_OPENS_PUNCTUATION.match(self.text))

    @cached_property
    def words(self) -> int:
        """Natural words of three letters or more; those joined by U+00A0 belong to a formula and do not count."""
        return sum(1 for token in self.text.split(" ") if _is_word(token)) + len(_CJK.findall(self.text))

    @cached_property
    def is_label(self) -> bool:
        """A part's label alone: ``(a)``, ``(ii)``, ``b)``; in a table under "Part" the bare letter too."""
        return self.row_label or bool(_LABEL.match(self.bare))

    @cached_property
    def begins_with_emoji(self) -> bool:
        return bool(self.bare) and (is_emoji(self.bare[0]) or (self.bare[0] == "\ufffd" and self.bare[1:2] == " "))

    @cached_property
    def is_title(self) -> bool:
        """Looks like a heading by itself: an emoji and a few words, "Part (c)", or a label alone."""
        if self.ends_in_blank or not self.bare or self.bare[-1] in ".!?,;":
            return False
        return self.begins_with_emoji or self.is_label or bool(_TITLE.match(self.bare))

    @property
    def begins_lower(self) -> bool:
        """Begins in mid-sentence; a label like ``c)`` does not."""
        return self.text[:1].islower() and self.text[1:2] not in (")", ".")

    @cached_property
    def ends_sentence(self) -> bool:
        """Ends as paragraphs end."""
        return (
            not self.ends_in_blank and bool(self.bare) and (self.bare[-1] in ".!?:…。：？！" or is_emoji(self.bare[-1]))
        )

    @cached_property
    def looks(self) -> tuple[float, float, float]:
        """What it costs to take the line for ``(a user's words, an assistant's words, a formula's line)``."""
        if ZERO_WIDTH in self.text:
            return 5.0, 6.0, 0.0
        if self.blank:
            return 1.6, 0.2, 4.0
        if self.words >= 2:
            return 0.0, 0.0, 7.0
        if self.words == 1:
            if self.bare[-1] in ":.!?" or self.begins_with_emoji:
                return 0.2, 0.0, 5.0
            return 0.2, 0.3, 5.0 if self.ends_in_blank or self.begins_with_blank else 2.5
        return self._wordless()

    def _wordless(self) -> tuple[float, float, float]:
        if self.begins_with_emoji:
            return 0.6, 0.0, 4.0
        if self.is_label:
            return 0.2, 0.2, 3.0
        if self.ends_in_blank or self.begins_with_blank:
            return 0.5, 0.3, 4.0
        if self.opens_with_punctuation:
            return 0.6, 0.3, 0.9 if len(self.bare) == 1 else 1.5
        if self.bare[-1] == ":" and self.bare[:1].isalpha():
            return 0.3, 0.2, 2.5
        long = len(self.bare) > 14
        return (0.4, 1.6, 0.0) if long else (0.3, 2.5, 0.0)


_BARE = re.compile(r"(?:([a-h])|(\d{1,2})|([ivx]{1,4}))$")
_ROMAN = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x")
_NAMES_LABELS = re.compile(
    r"(?:part|case|item|question|sub-?part|task|no\.?|parte|apartado|caso|inciso|teil|fall|aufgabe|partie|cas|#)$",
    re.IGNORECASE,
)


def names_labels(title: str) -> bool:
    """Whether a table's title is that of the column with the labels."""
    return bool(_NAMES_LABELS.match(title))


def with_row_labels(lines: Sequence[Line]) -> list[Line]:
    """The lines, with bare letters and numbers known that are row labels: those that ascend below a header with "Part".

    >>> [line.row_label for line in with_row_labels([Line(n, t) for n, t in enumerate(("Part", "Result", "a", "c", "x"))])]
    [False, False, True, True, False]
    """
    out = list(lines)
    for start, line in enumerate(lines):
        if not names_labels(line.bare):
            continue
        at = start + 1
        while at < len(lines) and at - start < 6 and lines[at].words and lines[at].width < 14 and not _rank(lines[at]):
            at += 1
        last: tuple[int, int] | None = None
        while start + 1 < at < len(lines):
            rank = _rank(lines[at])
            if rank is None or (last is not None and (rank[0] != last[0] or rank[1] <= last[1])):
                if not lines[at].words or last is None:
                    break
            else:
                out[at], last = replace(lines[at], row_label=True), rank
            at += 1
    return out


def _rank(line: Line) -> tuple[int, int] | None:
    """The kind of a bare label and its place in its list."""
    match = _BARE.match(line.text)
    if match is None:
        return None
    if match[1]:
        return 1, ord(match[1])
    if match[2]:
        return 2, int(match[2])
    return (3, _ROMAN.index(match[3])) if match[3] in _ROMAN else None


@lru_cache(maxsize=65536)
def _is_word(token: str) -> bool:
    match = _WORD.match(token)
    if not match:
        return False
    word = match[1]
    if len(word) < 3 or word.lower() in _FUNCTIONS:
        return False
    if not (word[1:].islower() or (word.isupper() and len(word) > 3) or "-" in word or "'" in word or "’" in word):
        return False
    return bool(_VOWEL.search(word)) or not word.isascii()
