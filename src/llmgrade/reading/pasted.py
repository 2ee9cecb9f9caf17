"""Formulas of a page that was selected and pasted: each stands there twice, token by token and then as it was set.

KaTeX keeps a formula as MathML (one token a line, letters in mathematical italics, in the order of reading) and as HTML
(lines in the order of its boxes: a script on a line of its own, a denominator before its numerator, U+200B where a lower
box ends). The lines say how it is built, the tokens in which order: a reading must explain every line and give every
token in its order. Where none does, or two do, the formula is kept as it stands and called unread.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

__all__ = ["Pasted", "pasted_formulas"]

_TOKEN = re.compile(r"[\U0001D400-\U0001D7FF]")
_ONE = re.compile(r"[\u00a0\u2000-\u200a\u2061-\u2064\u205f]*[^\s\u200b]{0,12}[\u00a0\u2000-\u200a]?(?<!\A)")
_LINE = re.compile(r"[^\n]*\n|[^\n]+\Z")
_BOX = "\u200b"
_STRUCK = "\ue020"
"""The stroke through the sign that follows, in KaTeX's fonts."""
_DEEP = frozenset("fgjpqyQβγζημξρφϕχψςϱ")
"""Letters that reach below the line: an accent's box over one of them has a lower end, and so a mark."""
_LARGE = frozenset(["∑", "∏", "∫", "⋃", "⋂", "lim", "max", "min", "sup", "inf", "argmax", "argmin", "lim\u2061"])
"""What has limits below it and above, where another would be divided by what is below."""
_IGNORED = frozenset("\u2061\u2062\u2063\u2064\u200b\u00a0\u205f \n\t") | {chr(code) for code in range(0x2000, 0x200B)}
_ACCENTS = {"^": "\\hat", "ˉ": "\\bar", "~": "\\tilde", "˙": "\\dot", "¨": "\\ddot", "ˇ": "\\check", "\u20d7": "\\vec", "→": "\\vec"}  # fmt: skip
_BASE = re.compile(r"[^\W_]\Z|[)\]}|∥‖†′∗!∣]\Z|\\[A-Za-z]+ ?\Z|[∑∏∫∂∇]\Z")
_RELATION = re.compile(r"[=<>≤≥≡∈→⟺⇔⇒≈∝≪≫]|\\neq")
_LETTER = re.compile(r"[^\W\d_]\Z|\}\Z|[∑∏∫∥)|]\Z")
_INDEX = re.compile(r"[A-Za-z0-9]{1,3}|[A-Za-z0-9](?: ?[A-Za-z0-9]){0,2}(?:[-+,] ?[A-Za-z0-9]){0,2} ?")
"""What stands below a letter, rather than under a root beside it, although both look alike here."""
_CLOSING = re.compile(rf"(?:[ ]*\n(?:[ ]+\n)*{_BOX})+(?=[ ]*(?:\n|\Z))")
_WIDE = re.compile(r"[\u2000-\u2003\u00a0]+")
_BLANK = re.compile(r"(?:\n[ ]+(?=\n))+")
_MOST_LINES = 90
_MOST_STEPS = 12_000
_MOST_WAYS = 12
_NAMES = frozenset(
    [
        "log",
        "ln",
        "exp",
        "sin",
        "cos",
        "tan",
        "max",
        "min",
        "argmax",
        "argmin",
        "sup",
        "inf",
        "lim",
        "det",
        "rank",
        "tr",
        "diag",
        "Pr",
        "dim",
        "ker",
        "gcd",
        "arg",
        "sinh",
        "cosh",
        "tanh",
    ]
)


@dataclass(frozen=True, slots=True)
class Pasted:
    """A formula at ``[start, stop)`` of the text; ``latex`` is None where its lines don't tell how it is built."""

    start: int
    stop: int
    latex: str | None
    display: bool


def pasted_formulas(text: str) -> tuple[Pasted, ...]:
    """The formulas that stand in the text twice, in order; () for text that was not pasted from a page."""
    if not _TOKEN.search(text):
        return ()
    lines = [(match.start(), match.group().rstrip("\n")) for match in _LINE.finditer(text)]
    found: list[Pasted] = []
    at = 0
    while at < len(lines):
        if not _is_token(lines[at][1]):
            at += 1
            continue
        stop = at
        while stop < len(lines) and stop - at < _MOST_LINES and _is_token(lines[stop][1]):
            stop += 1
        made = _formula(text, lines, at, stop)
        if made is None:
            at += 1
            continue
        found.append(made)
        while at < len(lines) and lines[at][0] < made.stop:
            at += 1
    return tuple(found) if any(_TOKEN.search(text[each.start : each.stop]) for each in found) else ()


def _is_token(line: str) -> bool:
    """Whether a line can be one token of MathML: a letter, a sign, a number, a word of `\\text`, a space of a certain width."""
    return bool(_ONE.fullmatch(line))


def _formula(text: str, lines: Sequence[tuple[int, str]], first: int, last: int) -> Pasted | None:
    """The formula whose tokens begin on line ``first``; they end at the latest before line ``last``."""
    unread: Pasted | None = None
    for split in range(last, first, -1):
        tokens = _plain("".join(line for _, line in lines[first:split]))
        stop = _set_again(text, lines, split, tokens)
        if stop is None:
            continue
        start = lines[first][0]
        display = not text[max(0, start - 2) : start].strip("\n") and start > 0
        if _TOKEN.search(text, lines[split][0], stop):
            continue  # as it was set, letters are letters
        words = {line.strip("".join(_IGNORED)) for _, line in lines[first:split]}
        names = frozenset(word for word in words if len(word) > 1 and word.isalpha())
        written = text[lines[split][0] : stop]
        forms = [written]
        if text.startswith("\n ", stop):
            forms = [written + "\n "]  # the sentence goes on after a box
        elif not text[stop:].strip():
            forms.append(written + "\n ")
        spaced = any(_WIDE.fullmatch(line) for _, line in lines[first:split])
        ways = (_readings(form, tokens, names, spaced) for form in forms)
        readings = next((way for way in ways if way), [])
        if len(readings) == 1:
            return Pasted(start, stop, readings[0], display)
        unread = unread or Pasted(start, stop, None, display)
    if unread is None and last - first > 2 and _TOKEN.search(text, lines[first][0], lines[last - 1][0] + 1):
        stop = lines[last - 1][0] + len(lines[last - 1][1])  # a page of MathML alone: only tokens, nothing set
        return Pasted(lines[first][0], stop, None, False)
    return unread


def _set_again(text: str, lines: Sequence[tuple[int, str]], split: int, tokens: str) -> int | None:
    """Where the characters of ``tokens`` have all come again, from line ``split`` on; None if others come between."""
    left = Counter(tokens)
    for offset, line in lines[split : split + _MOST_LINES]:
        for place, char in enumerate(line):
            for plain in _plain(char):
                if not left[plain]:
                    return None
                left[plain] -= 1
                if not left[plain]:
                    del left[plain]
            if not left:
                stop = offset + place + 1
                return _closed(text, stop)
    return None


def _closed(text: str, stop: int) -> int:
    """Past the marks and empty lines that end the boxes still open at ``stop``."""
    marked = _CLOSING.match(text, stop)
    stop = marked.end() if marked else stop
    blank = _BLANK.match(text, stop)
    return blank.end() if blank else stop


def _plain(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).replace("≠", _STRUCK + "=")
    return "".join(char for char in plain if char not in _IGNORED)


# ---------------------------------------------------------------------------- how the lines are built


def _readings(written: str, tokens: str, names: frozenset[str], spaced: bool) -> list[str]:
    """The LaTeX of every way to build the lines that gives the tokens in their order; at most two are looked for."""
    lines = written.replace(f"\n{_STRUCK}\n=", f"{_STRUCK}=").split("\n")
    if len(lines) > _MOST_LINES:
        return []
    search = _Search(lines, tokens, names, spaced=spaced)
    found: list[str] = []
    for latex, place in search.built(0, len(lines), 0):
        if place == len(tokens) and latex not in found:
            found.append(latex)
            if len(found) == 2:
                break
    return [] if search.steps <= 0 else found


class _Search:
    def __init__(self, lines: Sequence[str], tokens: str, names: frozenset[str], *, spaced: bool = False) -> None:
        self.spaced = spaced
        """Whether a wide space stands somewhere: what follows a letter may then be far from it, and under a root."""
        self.lines = lines
        self.tokens = tokens
        self.names = names
        self.steps = _MOST_STEPS
        self._known: dict[tuple[int, int, int], list[tuple[str, int]]] = {}

    def built(self, first: int, last: int, place: int) -> Sequence[tuple[str, int]]:
        """Ways to read lines ``[first, last)`` as one expression whose tokens begin at ``place``: LaTeX and where they end."""
        asked = (first, last, place)
        if asked not in self._known:
            self._known[asked] = list(islice(dict.fromkeys(self._built(*asked)), _MOST_WAYS))
        return self._known[asked]

    def _built(self, first: int, last: int, place: int) -> Iterator[tuple[str, int]]:
        self.steps -= 1
        if self.steps <= 0:
            return
        if first == last:
            yield "", place
            return
        line = self.lines[first]
        if line == _BOX or (line.startswith(" ") and first):
            return
        if line.strip():
            after = self._taken(line, place)
            if after is not None:
                yield from self._after(self._latex(line), first + 1, last, after)
        yield from self._drawn("", first, last, place)

    def _after(self, said: str, first: int, last: int, place: int) -> Iterator[tuple[str, int]]:
        """What may follow a line of text: scripts of its last letter, an accent on it, a fraction, the next line."""
        if first == last:
            yield said, place
            return
        if _BASE.search(said) and (self.lines[first - 1].endswith(" ") or said.endswith("}")):
            yield from self._scripts(said, first, last, place)
        yield from self._drawn(said, first, last, place)

    def _go_on(self, said: str, first: int, last: int, place: int) -> Iterator[tuple[str, int]]:
        """The line after a script, an accent or a fraction begins with a blank, or ends it all."""
        if first == last:
            return  # a box is always followed by a line, empty or not
        if self.lines[first][:1] == " ":
            line = self.lines[first]
            if not line.strip():
                yield from self._after(said, first + 1, last, place)
            elif (after := self._taken(line, place)) is not None:
                yield from self._after(said + self._latex(line), first + 1, last, after)

    def _scripts(self, said: str, first: int, last: int, place: int) -> Iterator[tuple[str, int]]:
        for middle in range(first + 1, last + 1):
            for one, after in self.built(first, middle, place):
                if not one.strip():
                    continue
                if (
                    middle < last
                    and self.lines[middle] == _BOX
                    and "\\sqrt" not in one
                    and not said.rstrip()[-1:].isdigit()
                ):
                    yield from self._go_on(f"{said}_{{{one}}}", middle + 1, last, after)
                elif not _RELATION.search(one):
                    raised = "'" * len(one) if set(one) <= {"′"} else f"^{{{one}}}"
                    yield from self._go_on(said + raised, middle, last, after)
                    for end in range(middle + 1, last) if "\\sqrt" not in one else ():
                        if self.lines[end] == _BOX:
                            for other, behind in self.built(middle, end, after):
                                if other.strip():
                                    raised = "'" * len(other) if set(other) <= {"′"} else f"^{{{other}}}"
                                    yield from self._go_on(f"{said}_{{{one}}}{raised}", end + 1, last, behind)

    def _drawn(self, said: str, first: int, last: int, place: int) -> Iterator[tuple[str, int]]:
        """What begins on a line of its own: a letter with an accent, limits of a sum, a fraction, a root."""
        line = self.lines[first]
        if first + 1 < last and (accent := _ACCENTS.get(self.lines[first + 1])) and len(line.strip()) == 1:
            after = self._taken(line.strip() + self.lines[first + 1], place)
            if after is not None:
                deep = line.strip() in _DEEP
                if not deep or (first + 2 < last and self.lines[first + 2] == _BOX):
                    yield from self._go_on(f"{said}{accent}{{{line.strip()}}}", first + 2 + deep, last, after)
        for end in range(first + 1, last):
            if self.lines[end] == _BOX:
                yield from self._boxes(said, first, end, last, place)

    def _boxes(self, said: str, first: int, end: int, last: int, place: int) -> Iterator[tuple[str, int]]:
        for under, after in self.built(first, end, place):
            if not any(char.isalnum() for char in under):
                continue
            if (
                first == 0 and not "".join(self.lines[end + 1 : last]).strip(" ") and last == len(self.lines)
            ):  # all of it: a box is as likely
                yield f"\\boxed{{{under}}}", after
            if (
                not _RELATION.search(under)
                and "\\sqrt" not in under
                and not (not self.spaced and _LETTER.search(said) and _INDEX.fullmatch(under))
            ):
                yield from self._go_on(f"{said}\\sqrt{{{under}}}", end + 1, last, after)
        for middle in range(first + 1, end):
            large = self.lines[middle].strip() in _LARGE
            sum_at = self._taken(self.lines[middle], place) if large else None
            if sum_at is not None:
                sign = self._latex(self.lines[middle])
                for below, behind in self.built(first, middle, sum_at):
                    if middle + 1 == end:
                        yield from self._go_on(f"{said}{sign}_{{{below}}}", end + 1, last, behind)
                        continue
                    for over, far in self.built(middle + 1, end, behind):
                        yield from self._go_on(f"{said}{sign}_{{{below}}}^{{{over}}}", end + 1, last, far)
            for above, after in self.built(middle, end, place) if not (large and middle + 1 == end) else ():
                for below, behind in self.built(first, middle, after):
                    if above.strip() and below.strip() and above != below:
                        yield from self._go_on(f"{said}\\frac{{{above}}}{{{below}}}", end + 1, last, behind)

    def _taken(self, line: str, place: int) -> int | None:
        plain = _plain(line)
        return place + len(plain) if self.tokens.startswith(plain, place) else None

    def _latex(self, line: str) -> str:
        """A line's characters: names of functions as commands, words of `\\text` as such, letters apart."""
        text = re.sub(r"[^\W\d_]{2,}", lambda word: self._letters(word[0]), line.strip())
        text = (
            text.replace(_STRUCK + "=", "\\neq ")
            .replace("∣", "|")
            .replace("ℓ", "\\ell ")
            .replace("−", "-")
            .replace("∗", "*")
        )
        return re.sub(r"(?<!\\text)\{|(?<!\w)\}", r"\\\g<0>", text) if "\\text" not in text else text

    def _letters(self, word: str) -> str:
        made = []
        while word:
            name = next((name for name in self.names if word.startswith(name)), word[0])
            made.append(f"\\{name}" if name in _NAMES else f"\\text{{{name}}}" if len(name) > 1 else name)
            word = word[len(name) :]
        return " ".join(made) + " " * (len(made[-1]) > 1)
