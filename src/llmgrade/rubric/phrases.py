"""Wordings to look for in prose, as authors write them.

``column space`` finds these two words; ``project*`` any word with that stem; ``project* … column space`` allows words in
between within a sentence; ``a|b`` is either; ``/…/`` is a regular expression on the text as it is; ``@vanishes`` is a
meaning (see `meanings`), with all the ways people say it. Case, accents and dashes do not matter.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cached_property, lru_cache

from llmgrade.rubric.meanings import MEANINGS, meaning

__all__ = [
    "Wording",
    "find_phrase",
    "find_regime",
    "first_phrase",
    "fold",
    "phrase_pattern",
    "signs",
    "unknown_meaning",
]

_DASHES = re.compile("[‐-―−]")
_GAP = r"(?:[^.!?;:\n]|\.(?=\d)){0,90}?"


@lru_cache(maxsize=1024)
def fold(text: str) -> str:
    """Text without case, accents, emphasis marks and kinds of dash, letter for letter where that is possible.

    >>> fold("Más **pequeña** − x̂")
    'mas pequena - x̂'
    """
    bare = []
    for char in unicodedata.normalize("NFC", _DASHES.sub("-", text)):
        kept = unicodedata.normalize("NFD", char)
        latin = "a" <= kept[0].lower() <= "z" and unicodedata.combining(kept[-1]) and len(kept) == 2
        bare.append(
            kept[0] if (latin and kept[1] not in "\u0302\u030c\u0303") or (latin and kept[0] in "aeioun") else char
        )
    folded = "".join(bare).casefold().replace("$", " ")
    return " ".join(re.sub(r"\*\*|__|[\u200b\u00ad]", "", folded).split())


class Wording:
    """The pattern of a phrase, for folded text. It is compiled when a text has the words that it needs, and not before."""

    def __init__(self, phrase: str) -> None:
        patterns = []
        needed: list[tuple[str, ...]] = []
        for alternative in _alternatives(phrase):
            if len(alternative) > 2 and alternative[0] == "/" == alternative[-1]:
                patterns.append(f"(?:{alternative[1:-1]})")
                needed.append(())
            else:
                words = fold(alternative)
                patterns.append(_words(words))
                needed.append(tuple(_literal(word) for word in words.split()))
        self.pattern = "|".join(patterns)
        self._needed = tuple(needed)

    @cached_property
    def _compiled(self) -> re.Pattern[str]:
        try:
            return re.compile(self.pattern, re.IGNORECASE)
        except re.error:  # a bad regular expression matches nothing
            return re.compile(r"(?!)")

    def _possible(self, text: str) -> bool:
        low = _low(text)
        return any(all(word in low for word in words) for words in self._needed)

    def search(self, text: str) -> re.Match[str] | None:
        """The first match, or None."""
        return self._compiled.search(text) if self._possible(text) else None

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        """Every match in order."""
        return self._compiled.finditer(text) if self._possible(text) else iter(())


@lru_cache(maxsize=8192)
def phrase_pattern(phrase: str) -> Wording:
    """The pattern of a phrase, for folded text. A bad regular expression matches nothing."""
    return Wording(phrase)


def _literal(word: str) -> str:
    """Letters that must stand in a text for the word to be found there ("" where there are none to be sure of)."""
    if word == "…" or (word[:1] == "@" and word[1:] in MEANINGS) or not word.isascii():
        return ""
    return word[:-1] if word.endswith("*") and len(word) > 1 else word


@lru_cache(maxsize=64)
def _low(text: str) -> str:
    return text.casefold()


def _alternatives(phrase: str) -> list[str]:
    """Split at ``|``, but not inside ``/…/``."""
    found: list[str] = []
    rest = phrase.strip()
    while rest:
        if rest.startswith("/"):
            stop = next((m.start() for m in re.finditer(r"/(?=\||$)", rest[1:])), len(rest) - 2) + 2
            found.append(rest[:stop])
            rest = rest[stop:].lstrip("|")
        else:
            head, _, rest = rest.partition("|")
            if head.strip():
                found.append(head.strip())
    return found


def _words(text: str) -> str:
    parts = []
    for word in text.split():
        if word == "…":
            parts.append(_GAP)
            continue
        if word[:1] == "@" and word[1:] in MEANINGS:
            parts.append(meaning(word[1:]))
            continue
        stem = word.endswith("*") and len(word) > 1
        body = re.escape(word[:-1] if stem else word)
        head = r"(?<!\w)" if word[0].isalnum() and ord(word[0]) < 0x2E80 else ""
        tail = r"\w*" if stem else (r"(?!\w)" if word[-1].isalnum() and ord(word[-1]) < 0x2E80 else "")
        parts.append(head + body + tail)
    return r"(?:[\s,]|\b)*?".join(parts) if any(p == _GAP for p in parts) else r"[\s,]*".join(parts)


def unknown_meaning(phrase: str) -> str | None:
    """The first ``@name`` of a phrase that is no meaning, or None."""
    if phrase.startswith("/"):
        return None
    return next(
        (word for word in re.findall(r"(?<!\S)@[\w-]+", phrase.replace("|", " ")) if word[1:] not in MEANINGS), None
    )


def find_phrase(phrases: Iterable[str], text: str, *, folded: bool = False) -> re.Match[str] | None:
    """The first match of any phrase in the text (by phrase order), or None."""
    where = text if folded else fold(text)
    for phrase in phrases:
        found = phrase_pattern(phrase).search(where)
        if found and found.group(0):
            return found
    return None


def first_phrase(phrases: Iterable[str], text: str) -> str | None:
    """The first phrase found in the text, as its author wrote it, or None."""
    where = fold(text)
    for phrase in phrases:
        found = phrase_pattern(phrase).search(where)
        if found and found.group(0):
            return phrase
    return None


_SIGNS = {
    "\\\\ll": "≪", "\\\\gg": "≫", "<<": "≪", ">>": "≫", "\\\\rightarrow": "→", "\\\\to": "→", "->": "→", "\\\\infty": "∞", "\\\\lambda": "λ",
    "\\\\sigma": "σ", "\\\\leq": "≤", "\\\\geq": "≥", "\\\\le": "≤", "\\\\ge": "≥", "<=": "≤", ">=": "≥", "\\\\gt": ">", "\\\\lt": "<",
    "lambda": "λ", "sigma": "σ", "infinity": "∞", "\\\\varphi": "φ", "\\\\phi": "φ", "ϕ": "φ", "²": "^2",
}  # fmt: skip
_SIGN = re.compile("|".join(f"{key}(?![A-Za-z])" if key[-1].isalpha() else re.escape(key) for key in _SIGNS))
_INDEX = re.compile(r"_\{?\\?[ijkn]\}?|[ᵢⱼₖₙ]")


@lru_cache(maxsize=8192)
def signs(text: str) -> str:
    """A condition for comparing as written: signs in Unicode, no blanks, indices and dollars.

    >>> signs(r"$\\sigma_i \\ll \\lambda$"), signs("σᵢ << λ")
    ('σ≪λ', 'σ≪λ')
    """
    found = _SIGN.sub(
        lambda m: _SIGNS.get(m.group().replace("\\", "\\\\"), _SIGNS.get(m.group(), m.group())), _INDEX.sub("", text)
    )
    found = re.sub(r"[$\\{}]+", " ", re.sub(r"\\[,;:! ]", " ", found.replace("⟶", "→")))
    return " ".join(re.sub(r"\s*([<>≪≫→≤≥=])\s*", r"\1", found).split()).casefold()


def find_regime(phrases: Iterable[str], text: str) -> str | None:
    """The first regime named in the text: ``σ ≪ λ`` however it is spelled, or words."""
    written: str | None = None
    for phrase in phrases:
        if re.search(r"[<>≪≫→≤≥=]|\\(?:ll|gg|to)", phrase):
            written = signs(text) if written is None else written
            sought = signs(phrase)
            if re.search(rf"(?<![\w^]){re.escape(sought)}(?![\w^])", written):
                return phrase
        elif find_phrase([phrase], text) or find_phrase([phrase], signs(text)):
            return phrase
    return None
