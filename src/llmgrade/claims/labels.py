"""Which part is being spoken of: markers such as ``(b)``, ``b-ii``, ``Part c``, ``Problem 2``, and how they nest.

A marker begins a part only where a line, a cell or a heading begins; elsewhere it is a reference. Letters and Roman
numerals share signs: what came before, and what comes after, decides whether ``(i)`` follows ``(h)`` or opens a list.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from llmgrade.claims.lexicon import CASE_WORDS, FORMULA, PART_WORDS, PROBLEM_WORDS, REFERENCES

__all__ = ["DECORATION", "Marker", "Nesting", "is_reference", "mentions", "read_marker", "roman", "spoken_of"]

EMOJI = r"\u2300-\u23ff\u25a0-\u27bf\u2900-\u2bff\U0001f000-\U0001faff\ufe0f\u200d\u20e3\ufffd\u00a0"
# A keycap emoji (1️⃣) is a digit and two marks; the digit stays, the marks are decoration.
DECORATION = re.compile(rf"(?:[\s>*_#•·‣–—−\-|{EMOJI}\u200b]|\\(?=[*_#]))*")
"""What may stand before a marker: bullets, emphasis, emoji, rules."""

_KEY = r"(?:[ivx]{1,5}|[a-z]|\d{1,2})"
_PAREN = rf"[(\[（]\s*(?P<p{{n}}>{_KEY})\s*['′]?[)\]）]"
_FIRST = r"(?:[(\[（]\s*(?P<p1>" + _KEY + r")\s*[)\]）])"
_NEXT = r"(?:\s{0,3}[.,\-–]?\s{0,3}[(\[（]\s*(?P<p%d>" + _KEY + r")\s*[)\]）])?"
_CHAIN = _FIRST + (_NEXT % 2) + (_NEXT % 3)
_DOTTED = (
    r"(?P<open>[(\[])?(?:(?P<d0>\d{1,2})\s?[.\-–]\s?)?(?P<d1>[a-z])"
    r"(?:\s?[.\-–]\s?(?P<d2>[ivx]{1,5}|\d{1,2})|[(](?P<d3>i|ii|iii|iv|v|vi|vii|viii)[)])(?(open)[)\]])(?=[\s).:*,]|$)"
)
_ENDED = r"(?P<b1>" + _KEY + r")(?P<end>[).:]|\*\*)"
_NUMBERED = r"(?P<n1>\d{1,2})\s?[.\-–]?\s?(?:[(](?P<n2>[a-z])[)]|(?P<n3>[a-z])(?=[).:]))"
_PART = rf"(?:{PART_WORDS})"
_PROBLEM = rf"(?:{PROBLEM_WORDS})"
_CASE = rf"(?:{CASE_WORDS})"

_IN_PARENTHESES = re.compile(_CHAIN, re.IGNORECASE)
_WITH_DOT = re.compile(_DOTTED)
_WITH_END = re.compile(_ENDED, re.IGNORECASE)
_WITH_NUMBER = re.compile(_NUMBERED)
_WORD = re.compile(rf"(?P<word>{_PART}|{_CASE}|{_PROBLEM})(?![A-Za-zÀ-ÿ])\s*(?P<colon>:?)\s*", re.IGNORECASE)
_LOOSE = re.compile(
    rf"(?P<l1>{_KEY})(?:\s{{0,2}}[.\-–]?\s{{0,2}}[(]?(?P<l2>[ivx]{{1,5}}|[a-z])[)])?"
    rf"(?:\s?[.\-–]\s?(?P<l3>[ivx]{{1,5}}))?(?![\w'’])",
    re.IGNORECASE,
)
_NUMBER = re.compile(
    r"(?:nr\.?\s*|no\.?\s*|#\s*|№\s*)?(?P<number>\d{1,2}|[IVX]{1,4})(?:\s*[.\-–]?\s*[(]?(?P<letter>[a-z])[)]?(?![\w]))?(?!\w)"
)
_PART_WORD = re.compile(rf"(?:{_PART}|{_CASE})\Z", re.IGNORECASE)
_CASE_WORD = re.compile(rf"{_CASE}\Z", re.IGNORECASE)
_AMBIGUOUS = frozenset("ivx")
_BEFORE = re.compile(rf"([\w.'’]+(?:\s+in)?)[^\w{FORMULA}]*\Z")


@dataclass(frozen=True, slots=True)
class Marker:
    """A marker as written: the keys from outer to inner, the problem it names, where it ends."""

    keys: tuple[str, ...]
    start: int
    stop: int
    problem: str | None = None
    strong: bool = True
    """Whether its form alone makes it a label; a weak one ("a.", "1.") needs its neighbours to agree."""
    case: bool = False
    """Introduced by a word for case, which need not be a label at all ("Case 1: tall")."""


def roman(key: str) -> int | None:
    """The value of a Roman numeral below 40, else None.

    >>> roman("iv"), roman("ix"), roman("iix"), roman("b")
    (4, 9, None, None)
    """
    try:
        return _ROMAN.index(key.lower()) + 1
    except ValueError:
        return None


_ROMAN = [
    tens + ones
    for tens in ("", "x", "xx", "xxx")
    for ones in ("", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix")
][1:]


def _chain(match: re.Match[str], names: Sequence[str]) -> tuple[str, ...]:
    return tuple(match[name].lower() for name in names if match[name])


def read_marker(text: str, at: int, stop: int | None = None) -> Marker | None:
    """The marker that begins at ``at`` (decoration already skipped), or None.

    >>> read_marker("(b)(ii) slope", 0).keys
    ('b', 'ii')
    >>> read_marker("Problem 2 (svd)", 0).problem
    'Problem 2'
    """
    stop = len(text) if stop is None else stop
    match = _IN_PARENTHESES.match(text, at, stop)
    if match:
        keys = _chain(match, ("p1", "p2", "p3"))
        return _checked(text, Marker(keys, at, match.end()), stop)
    match = _WORD.match(text, at, stop)
    if match:
        return _after_word(text, match, stop)
    match = _WITH_DOT.match(text, at, stop)
    if match and f"{match['d1']}.{match['d2']}" not in {"i.e", "e.g", "a.s", "i.i"}:
        keys = _chain(match, ("d1", "d2", "d3"))
        if not re.match(r"\s*[=<>≤≥^_+]", text[match.end() : stop]):
            return Marker(keys, at, _skip_end(text, match.end()), problem=match["d0"])
    match = _WITH_NUMBER.match(text, at, stop)
    if match:
        letter = match["n2"] or match["n3"]
        end = match.end() + (1 if match["n3"] else 0)
        rest = _IN_PARENTHESES.match(text, end, stop)
        keys = (letter.lower(), *(_chain(rest, ("p1", "p2")) if rest else ()))
        return _checked(text, Marker(keys, at, rest.end() if rest else end, problem=match["n1"]), stop)
    match = _WITH_END.match(text, at, stop)
    if match:
        key, end_mark = match["b1"], match["end"]
        after = text[match.end() : match.end() + 1]
        if end_mark in {".", ":"} and after not in {"", " ", "\n", "*", "\t"}:
            return None
        if key.isupper() and end_mark != ")":
            return None
        if end_mark == "**" and text[max(0, at - 2) : at] != "**":
            return None
        if end_mark == ":" and text[max(0, at - 2) : at] != "**":
            return None
        rest = _IN_PARENTHESES.match(text, match.end(), stop)
        keys = (key.lower(), *(_chain(rest, ("p1", "p2")) if rest else ()))
        strong = (end_mark in {")", "**"} or text[max(0, at - 2) : at] == "**") and not key.isdigit()
        return Marker(keys, at, rest.end() if rest else match.end(), strong=strong)
    return None


def _checked(text: str, marker: Marker, stop: int) -> Marker | None:
    """None where the parenthesis is mathematics (``(x)``, ``(a)^T``) or a list of labels, not a marker."""
    after = text[marker.stop : stop]
    if after[:1] in {"^", "_", "²", "ᵀ", "⁻", "="} or re.match(r"[A-Za-z\d]", after):
        return None
    return marker


def _after_word(text: str, match: re.Match[str], stop: int) -> Marker | None:
    word, at = match["word"], match.start()
    case = bool(_CASE_WORD.match(word))
    chain = _IN_PARENTHESES.match(text, match.end(), stop)
    if chain and (case or _PART_WORD.match(word) or not chain["p1"].isdigit()):
        return Marker(_chain(chain, ("p1", "p2", "p3")), at, chain.end(), case=case)
    glued = match.end() == match.end("word") and word[-1] < "\u2e80"
    if match["colon"] or (
        glued and not (word.lower() in {"q", "ex"} and text[match.end() : match.end() + 1].isdigit())
    ):
        return None
    if (not case and not re.fullmatch(_PART, word, re.IGNORECASE)) or word.lower() in {"question", "section", "item"}:
        number = _NUMBER.match(text, match.end(), stop)
        if number:
            name = text[at : number.end("number")]
            keys: tuple[str, ...] = (number["letter"].lower(),) if number["letter"] else ()
            rest = _IN_PARENTHESES.match(text, number.end(), stop)
            if rest:
                keys += _chain(rest, ("p1", "p2"))
            end = rest.end() if rest else number.end()
            return Marker(keys, at, _skip_end(text, end), problem=" ".join(name.split()))
    if case or re.fullmatch(_PART, word, re.IGNORECASE):
        loose = _LOOSE.match(text, match.end(), stop)
        # "case a matrix ...", "part I ..." are words: a bare key ends with punctuation, a line end or a marker's close.
        if loose and re.match(r"\s*(?:[).:,;\-–—*(\n\u2029]|\Z)", text[loose.end() : stop]):
            keys = _chain(loose, ("l1", "l2", "l3"))
            return Marker(keys, at, _skip_end(text, loose.end()), case=case)
    return None


def _skip_end(text: str, at: int) -> int:
    return at + 1 if text[at : at + 1] in {")", ".", ":"} else at


@dataclass(slots=True)
class _Level:
    style: str
    index: int
    key: str


def _styles(key: str) -> tuple[tuple[str, int], ...]:
    if key.isdigit():
        return (("digit", int(key)),)
    value = roman(key)
    letter = (("letter", ord(key) - 96),) if len(key) == 1 and "a" <= key <= "z" else ()
    if value is None:
        return letter
    return (("roman", value), *letter)


@dataclass(slots=True)
class Nesting:
    """The labels one stands under, kept up to date marker by marker."""

    problem: str | None = None
    levels: list[_Level] = field(default_factory=list)

    @property
    def path(self) -> tuple[str, ...]:
        return tuple(level.key for level in self.levels)

    def copy(self) -> Nesting:
        return Nesting(self.problem, [_Level(level.style, level.index, level.key) for level in self.levels])

    def reset(self, problem: str | None = None) -> None:
        """Another problem begins, or the labelled parts are over."""
        self.problem, self.levels = problem if problem is not None else self.problem, []

    def enter(self, marker: Marker, coming: Iterable[str] = ()) -> None:
        """Take a marker in; ``coming`` are the keys of the markers that follow, nearest first."""
        if marker.problem is not None:
            self.reset(marker.problem)
        coming = tuple(coming)
        for rank, key in enumerate(marker.keys):
            later = marker.keys[rank + 1 :] + coming
            if rank == 0:
                self._first(key, later, alone=len(marker.keys) == 1)
            else:
                style, index = self._inner(key)
                self.levels.append(_Level(style, index, key))

    def follows(self, key: str) -> bool:
        """Whether ``key`` is the next sibling of some level, or opens a level (a, i, 1)."""
        for style, index in _styles(key):
            if index == 1 or any(level.style == style and level.index + 1 == index for level in self.levels):
                return True
        return False

    def _inner(self, key: str) -> tuple[str, int]:
        """Inside another label a Roman numeral is what it looks like, unless letters were not used yet."""
        options = _styles(key)
        used = {level.style for level in self.levels}
        for style, index in options:
            if style not in used:
                return style, index
        return options[0]

    def _first(self, key: str, later: tuple[str, ...], *, alone: bool) -> None:
        options = _styles(key)
        style, index = self._choose(key, options, later) if len(options) > 1 else options[0]
        for depth, level in enumerate(self.levels):
            if level.style == style:
                del self.levels[depth:]
                break
        self.levels.append(_Level(style, index, key))

    def _choose(self, key: str, options: tuple[tuple[str, int], ...], later: tuple[str, ...]) -> tuple[str, int]:
        by_style = dict(options)
        level_of = {level.style: level for level in self.levels}
        following = later[0] if later else ""
        roman_index, letter_index = by_style["roman"], by_style["letter"]
        roman_level, letter_level = level_of.get("roman"), level_of.get("letter")
        if roman_level is not None and roman_level.index + 1 == roman_index:
            return "roman", roman_index
        if following and roman(following) == roman_index + 1 and len(following) > 1:
            return "roman", roman_index
        if letter_level is not None and letter_level.index + 1 == letter_index:
            return "letter", letter_index
        if following and len(following) == 1 and ord(following) - 96 == letter_index + 1 and key != "i":
            return "letter", letter_index
        return "roman", roman_index


_MENTION = re.compile(rf"(?:{_WORD.pattern})?{_CHAIN}", re.IGNORECASE)
_PART_MENTION = re.compile(
    rf"(?<!\w)(?:{PART_WORDS}|{CASE_WORDS})\s+(?P<m1>[ivx]{{1,5}}|[a-z])(?:[.\-(](?P<m2>[ivx]{{1,5}}))?(?=[\s,.;:?!)]|$)",
    re.IGNORECASE,
)


def mentions(text: str, start: int = 0, stop: int | None = None) -> tuple[Marker, ...]:
    """Every label named in running prose, as a reference or not, in order; ``φ(x)`` and the like are no labels.

    >>> [m.keys for m in mentions("Fix (b) and (e), as in part c.")]
    [('b',), ('e',), ('c',)]
    """
    stop = len(text) if stop is None else stop
    found = []
    for match in _IN_PARENTHESES.finditer(text, start, stop):
        before = text[max(0, match.start() - 1) : match.start()]
        keys = _chain(match, ("p1", "p2", "p3"))
        if before and (before.isalnum() or before in "^_)'′"):
            continue
        if _checked(text, Marker(keys, match.start(), match.end()), stop) is not None:
            found.append(Marker(keys, match.start(), match.end()))
    for match in _PART_MENTION.finditer(text, start, stop):
        if match["m1"].lower() != "a" or re.match(r"\W*(?:\Z|[.,;:?!)])", text[match.end() : match.end() + 2]):
            found.append(Marker(_chain(match, ("m1", "m2")), match.start(), match.end()))
    return tuple(sorted(found, key=lambda marker: marker.start))


_CHAINED = _FIRST.replace("?P<p1>", "") + r"(?:\s?" + _FIRST.replace("?P<p1>", "") + r")?"
_SPOKEN = re.compile(
    r"(?<!as )(?<!like )(?<!from )(?<!used )(?<!seen )(?<!found )(?<!shown )(?<!wie )(?<!como )\b(?:in|for|under|en|para|bei|für|dans|pour)\s+(?:(?:both|all|each|the|ambos|beide|beiden)\s+)?(?:(?:parts?|cases?|casos?|"
    r"fall|fälle|fällen|cas)\s+)?(?P<group>"
    + _CHAINED
    + r"(?:\s*(?:,|and|&|or|y|und|et|o|oder|ou|,\s*and)\s*"
    + _CHAINED
    + r")*)",
    re.IGNORECASE,
)
_SPOKEN_DIGIT = re.compile(
    r"(?<!as )\b(?:in|for|part|question|item|number|no\.|nr\.|exercise|en|para|bei|für|dans|pour)\s+(?P<digit>\d{1,2})(?=\s+[a-zà-ÿ]{2}|[,:;?])"
)


def spoken_of(
    text: str, start: int, stop: int, *, digits: bool = False
) -> tuple[tuple[int, int, tuple[tuple[str, ...], ...]], ...]:
    """Groups of labels that a sentence limits itself to ("in both (ii) and (iii)"), each with its place.

    ``digits``: parts are numbered 1, 2, …, so that "in 3" is one too.

    >>> spoken_of("it moves right in both (ii) and (iii)", 0, 37)[0][2]
    (('ii',), ('iii',))
    """
    found = []
    for match in _SPOKEN.finditer(text, start, stop):
        paths = tuple(marker.keys for marker in mentions(text, match.start("group"), match.end("group")))
        if paths:
            found.append((match.start(), match.end(), paths))
    if digits:
        found += [(m.start(), m.end(), ((m["digit"],),)) for m in _SPOKEN_DIGIT.finditer(text, start, stop)]
    return tuple(sorted(found))


def is_reference(text: str, at: int) -> bool:
    """Whether the word right before ``at`` makes what stands there a reference ("from (d)").

    >>> is_reference("as in (ii)", 6), is_reference("Revised (b)", 8)
    (True, False)
    """
    match = _BEFORE.search(text, max(0, at - 30), at)
    return match is not None and any(found.end() == len(match[1]) for found in REFERENCES.finditer(match[1]))
