"""Mathematics between delimiters: which of them stand for mathematics, and where each formula's inside is.

``$5 and $6`` is money. ``[ x = frac{a}{b} ]`` is what a page's copy leaves of ``\\[ x = \\frac{a}{b} \\]``: its
backslashes are put back, and the formula says so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from llmgrade.reading.short_words import words_of
from llmgrade.transcript.model import Mode

__all__ = ["Maths", "display_stretches", "inline_maths", "restore_backslashes"]

_LONGEST = 20_000

_ENVIRONMENT = (
    "equation|align|aligned|alignat|gather|gathered|multline|flalign|eqnarray|split|cases|array|displaymath|math"
    "|[bpvBV]?matrix|smallmatrix|dcases|dmath"
)
_OPENING = re.compile(
    rf"(?P<dollars>(?<![\\$])\$\$(?!\$))|(?P<doubled>\\\\\[)|(?P<brackets>(?<!\\)\\\[)|\\begin\{{(?P<name>(?:{_ENVIRONMENT})\*?)\}}"
)
_CLOSING = {"dollars": "$$", "doubled": "\\\\]", "brackets": "\\]"}
_BARE_LINES = re.compile(
    r"^[ \t]*\[[ \t]*\n(?P<inside>(?:(?![ \t]*[\[\]][ \t]*$).*\n){1,40}?)[ \t]*\][ \t]*[.,;]?[ \t]*$", re.MULTILINE
)
_CLOSING_LINE = re.compile(r"^[ \t]*\][ \t]*[.,;]?[ \t]*$", re.MULTILINE)
_BARE_LINE = re.compile(r"^[ \t]*\[[ \t]+(?P<inside>[^\n]+?)[ \t]+\][ \t]*[.,;:]?[ \t]*$", re.MULTILINE)
_STRIPPED = (
    "frac|dfrac|tfrac|sqrt|mathbf|mathbb|mathrm|mathcal|boldsymbol|operatorname|boxed|text|left|right|partial|nabla|infty"
    "|sum|prod|int|lim|top|dagger|cdot|cdots|ldots|times|leq|geq|neq|approx|quad|qquad|hat|bar|tilde|vec|lVert|rVert|Vert"
    "|alpha|beta|gamma|delta|epsilon|varepsilon|zeta|eta|theta|iota|kappa|lambda|mu|nu|xi|pi|rho|sigma|tau|phi|varphi|chi"
    "|psi|omega|Gamma|Delta|Theta|Lambda|Xi|Pi|Sigma|Phi|Psi|Omega|ell|Rightarrow|Longrightarrow|rightarrow|implies|to"
    "|log|exp|max|min|sin|cos|tan|ln|det|begin|end|in|ll|gg|propto|sim|equiv|pm"
)
_STRIPPED_WORD = re.compile(rf"(?<![\\A-Za-z])(?:{_STRIPPED})(?![A-Za-z])")
_STRIPPED_SIGN = re.compile(
    r"(?<![\\A-Za-z])(?:(?:frac|dfrac|tfrac|sqrt|mathbf|mathbb|mathrm|boxed|text|hat|bar|begin|boldsymbol|operatorname)\{|left[(\[|]|partial\b|nabla\b|lVert\b)"
)
_COMMAND = re.compile(r"\\[A-Za-z]{2,}|\\[|{}]")
_STEP = re.compile(r"[\\$`(\[]")
_WORDS = re.compile(r"(?<![\\A-Za-z{])[^\W\d_]{3,}")
_TEXT_COMMAND = re.compile(
    r"\\(?:text|mathrm|operatorname\*?|textbf|textit|mbox|mathbf|mathsf|mathit|label|tag)\s*\{[^{}]*\}|\\[A-Za-z]+"
)
_BEGIN = re.compile(rf"\\begin\{{((?:{_ENVIRONMENT})\*?)\}}")
_BRACKETS = re.compile(r"\\[(){}]|[(){}]")
_DOUBLED = re.compile(
    r"\\\\(?=(?:frac|dfrac|tfrac|sqrt|text|left|right|hat|top|lambda|sigma|Sigma|partial|nabla|mathbf|begin|end)\b)"
)
_BOX = re.compile(r"\\(?:boxed|fbox|bbox(?:\[[^\]]*\])?)\s*\{")
_END = re.compile(r"(?:(?<!\\)[.,;:]|\\[,;!]|\s|(?<=[\s.,])\\quad)+\Z")
_KNOWN_WORDS = words_of("max min log exp sin cos tan det rank trace arg inf sup lim dim diag sign mod var cov inv norm")


@dataclass(frozen=True, slots=True)
class Maths:
    """A delimited formula: the stretch with its delimiters, and its inside."""

    start: int
    stop: int
    inner_start: int
    inner_stop: int
    mode: Mode
    latex: str | None = None
    """What it reads as, where that is not the text itself."""
    cost: float = 0.0
    why: str | None = None
    boxed: bool = False


def display_stretches(text: str, start: int, stop: int) -> list[tuple[int, int]]:
    """Where displayed formulas stand, blank lines inside them or not."""
    found: list[tuple[int, int]] = []
    missing: set[str] = set()
    position = start
    while (opening := _OPENING.search(text, position, stop)) is not None:
        kind = opening.lastgroup or ""
        closing = f"\\end{{{opening['name']}}}" if opening["name"] else _CLOSING[kind]
        close = -1 if closing in missing else _closed(text, closing, opening.end(), min(stop, opening.end() + _LONGEST))
        if close == -1:
            if closing not in missing and text.find(closing, opening.end(), stop) == -1:
                missing.add(closing)
            position = opening.end()
        elif _prose_like(text[opening.start() : close]):
            position = opening.end()
        else:
            position = close + len(closing)
            found.append((opening.start(), position))
    if "[" in text and _CLOSING_LINE.search(text, start, stop):
        for match in _BARE_LINES.finditer(text, start, stop):
            if _texlike(match["inside"]) and not any(a < match.end() and match.start() < b for a, b in found):
                found.append(match.span())
        found.sort()
    return found


def _closed(text: str, closing: str, start: int, stop: int) -> int:
    """Where ``closing`` stands, not after a backslash of its own; -1 if nowhere."""
    close = text.find(closing, start, stop)
    while (
        close > start and text[close - 1] == "\\" and not closing.startswith("\\\\") and not closing.startswith("\\end")
    ):
        close = text.find(closing, close + 1, stop)
    return close


def _prose_like(text: str) -> bool:
    """Whether an unpaired delimiter has run into later paragraphs: empty lines and many words."""
    return "\n\n" in text and len(_WORDS.findall(_TEXT_COMMAND.sub(" ", text))) > 25


def _texlike(text: str) -> bool:
    return bool(_COMMAND.search(text) or _STRIPPED_SIGN.search(text) or re.search(r"[\^_]\{", text))


def inline_maths(text: str, start: int, stop: int) -> list[Maths]:
    """The delimited formulas of a paragraph (or a table cell), in order, not overlapping."""
    found: list[Maths] = []
    scan = _Scan(text, start, stop)
    position = start
    while (step := _STEP.search(text, position, stop)) is not None:
        maths, position = scan.at(step.start())
        if maths is not None:
            found.append(maths)
    return found


class _Scan:
    """One paragraph being scanned; it remembers which closers do not come, so that no text is searched twice for them."""

    def __init__(self, text: str, start: int, stop: int) -> None:
        self.text, self.start, self.stop = text, start, stop
        self._missing: set[str] = set()

    def at(self, at: int) -> tuple[Maths | None, int]:
        """The formula that begins at ``at``, if one does, and where to go on."""
        match self.text[at]:
            case "`":
                return self._code(at)
            case "$":
                return self._dollar(at)
            case "\\":
                return self._backslash(at)
            case "[":
                return self._square(at)
            case _:
                return self._round(at)

    def _find(self, closing: str, at: int, within: int = _LONGEST) -> int:
        """Where ``closing`` stands after ``at``; -1 if it does not, or not ``within`` so many characters."""
        if closing in self._missing:
            return -1
        close = self.text.find(closing, at, self.stop)
        if close == -1:
            self._missing.add(closing)
        return close if close - at <= within else -1

    @cached_property
    def _pairs(self) -> dict[int, int]:
        """For each opening bracket, round or curly, the one of its kind that closes it."""
        found: dict[int, int] = {}
        open_at: dict[str, list[int]] = {"(": [], "{": []}
        for match in _BRACKETS.finditer(self.text, self.start, self.stop):
            char = match.group()
            if char in open_at:
                open_at[char].append(match.start())
            elif len(char) == 1 and open_at["(" if char == ")" else "{"]:
                found[open_at["(" if char == ")" else "{"].pop()] = match.start()
        return found

    def _code(self, at: int) -> tuple[Maths | None, int]:
        text = self.text
        run = 1
        while at + run < self.stop and text[at + run] == "`":
            run += 1
        close = self._find("`" * run, at + run, 2_000)
        if close == -1 or text.find("\n\n", at, close) != -1:
            return None, at + run
        inside = text[at + run : close]
        bare = inside.strip()
        dollars = re.fullmatch(r"\$\$?([^$]+)\$\$?|\\\((.+)\\\)", bare)
        if dollars or re.fullmatch(r"[\w.]*\\[A-Za-z]+.*", bare):
            formula = next(group for group in dollars.groups() if group) if dollars else bare
            begin = at + run + inside.find(formula)
            return _maths(text, at, close + run, begin, begin + len(formula), Mode.INLINE), close + run
        return None, at + run if _formula_code(inside) else close + run

    def _dollar(self, at: int) -> tuple[Maths | None, int]:
        text = self.text
        if text.startswith("$$", at):
            close = self._find("$$", at + 2)
            while close != -1 and text[close - 1] == "\\":
                close = self._find("$$", close + 2)
            if close == -1:
                return None, at + 2
            if close == at + 2:
                return None, at + 4
            return _maths(text, at, close + 2, at + 2, close, Mode.DISPLAY), close + 2
        close = self._find("$", at + 1, 2_000)
        while close != -1 and text[close - 1] == "\\":
            close = self._find("$", close + 1, 2_000)
        if close == -1:
            return None, at + 1
        inside = text[at + 1 : close]
        after = text[close + 1] if close + 1 < self.stop else ""
        before = text[at - 1] if at > self.start else ""
        if not inside.strip() or "\n\n" in inside or not _is_maths(inside, after, before):
            return None, at + 1
        return _maths(text, at, close + 1, at + 1, close, Mode.INLINE), close + 1

    def _backslash(self, at: int) -> tuple[Maths | None, int]:
        text = self.text
        for opening, closing, mode in (("\\(", "\\)", Mode.INLINE), ("\\[", "\\]", Mode.DISPLAY)):
            if text.startswith("\\" + opening, at):
                close = self._find("\\" + closing, at + 3)
                if close != -1:
                    return _maths(text, at, close + 3, at + 3, close, mode), close + 3
            elif text.startswith(opening, at):
                close = self._find(closing, at + 2)
                while close != -1 and mode is Mode.DISPLAY and text[close - 1] == "\\":
                    close = self._find(closing, close + 2)
                if close != -1 and not _prose_like(text[at:close]):
                    return _maths(text, at, close + 2, at + 2, close, mode), close + 2
                return None, at + 2
        if text[at + 1 : at + 2] in {"$", "\\", "`"}:
            return None, at + 2
        begin = _BEGIN.match(text, at, self.stop)
        if begin:
            end = f"\\end{{{begin[1]}}}"
            close = self._find(end, begin.end())
            if close != -1:
                finish = close + len(end)
                return _maths(text, at, finish, at, finish, Mode.DISPLAY), finish
        box = _BOX.match(text, at, self.stop)
        if box:
            closer = self._pairs.get(box.end() - 1)
            if closer is not None:
                return _maths(text, at, closer + 1, at, closer + 1, Mode.INLINE), closer + 1
        return None, at + 1

    def _square(self, at: int) -> tuple[Maths | None, int]:
        """``[ … ]`` on lines of its own that has lost its backslashes."""
        text = self.text
        line = max(text.rfind("\n", self.start, at) + 1, self.start)
        if text[line:at].strip() or "]" in self._missing or text.find("]", at, self.stop) == -1:
            return None, at + 1
        for pattern in (_BARE_LINES, _BARE_LINE):
            match = pattern.match(text, line, self.stop)
            if match and _texlike(match["inside"]) and "](" not in match.group():
                return _unstripped(text, at, match.end(), *match.span("inside"), Mode.DISPLAY), match.end()
        return None, at + 1

    def _round(self, at: int) -> tuple[Maths | None, int]:
        """``( … )`` that holds TeX and has lost its backslashes."""
        text = self.text
        before = text[at - 1] if at > self.start else " "
        if not (before.isspace() or before in '*_-–—:,"“'):
            return None, at + 1
        close = self._pairs.get(at)
        if close is None or close - at > 600:
            return None, at + 1
        inside = text[at + 1 : close]
        if "\n\n" in inside or "$" in inside or "\\(" in inside:
            return None, at + 1
        if not (_COMMAND.search(inside) or _STRIPPED_SIGN.search(inside)) or not _set_off(text, close + 1, inside):
            return None, at + 1
        words = [word for word in _WORDS.findall(_TEXT_COMMAND.sub(" ", inside)) if word not in _KNOWN_WORDS]
        words = [word for word in words if not _STRIPPED_WORD.fullmatch(word)]
        if words and not (_spaced(inside) and len(words) < 3):
            return None, at + 1
        return _unstripped(text, at, close + 1, at + 1, close, Mode.INLINE), close + 1


def _spaced(inside: str) -> bool:
    return inside[:1] == " " and inside[-1:] == " "


def _set_off(text: str, at: int, inside: str) -> bool:
    """Whether nothing after the closing bracket makes it a factor of something longer."""
    after = text[at : at + 1]
    if after and not (after.isspace() or after in '.,;:!?*_-–—)"”|'):
        return False
    goes_on = re.match(r"\s*(?:[=+*/^<>−≤≥≈]|-\s|\\[a-z])", text[at : at + 8])
    return not goes_on or _spaced(inside)


def _formula_code(inside: str) -> bool:
    """Whether a code span may hold mathematics (it is then read as words are)."""
    return bool(re.search(r"[-+*/@=^()\[\]²ᵀ]|\.T\b", inside)) and not re.search(r"[\"'/\\]{2}|\.\w{2,4}$|--", inside)


def _maths(
    text: str, start: int, stop: int, inner_start: int, inner_stop: int, mode: Mode, **more: object
) -> Maths | None:
    while inner_start < inner_stop and text[inner_start].isspace():
        inner_start += 1
    closing = _END.search(text[inner_start:inner_stop])
    inner_stop = inner_start + closing.start() if closing else inner_stop
    inside = text[inner_start:inner_stop]
    if not inside:
        return None
    if "latex" not in more and _DOUBLED.search(inside):
        latex = re.sub(r"\\\\(?=[A-Za-z,;:!{}|()\[\]])", r"\\", inside)
        more = {**more, "latex": latex, "why": "doubled backslashes undone"}
    return Maths(start, stop, inner_start, inner_stop, mode, boxed=bool(_BOX.search(inside)), **more)  # type: ignore[arg-type]


def _is_maths(inside: str, after: str, before: str = "") -> bool:
    """Whether what stands between two dollar signs is mathematics and not money, shell or prose."""
    bare = _TEXT_COMMAND.sub(" ", inside)
    words = [word for word in _WORDS.findall(bare) if word not in _KNOWN_WORDS]
    money = bool(re.match(r"\s?\d[\d.,]*(?:\s|[kKmMbB]\b|[-–]|$)", inside))
    if "\\" in inside:
        return not (money and len(words) > 2) and len(words) < 8
    if before.isalpha() and before.isupper() and money:
        return False
    if money and (after.isdigit() or (words and (inside[-1:].isspace() or len(words) > 1))):
        return False
    if money and inside[-1:] in " (-–~/" and after.strip():
        return False
    if inside[-1:].isspace() and not inside[:1].isspace() and words:
        return False
    if re.search(r"[=^_<>+*/|]|[^\x00-\x7f]", bare):
        return len(words) <= 2
    return len(words) == 0 or (len(words) == 1 and len(inside) <= 12 and not money)


def _unstripped(text: str, start: int, stop: int, inner_start: int, inner_stop: int, mode: Mode) -> Maths | None:
    inside = text[inner_start:inner_stop].strip()
    if _STRIPPED_SIGN.search(inside):
        return _maths(
            text, start, stop, inner_start, inner_stop, mode,
            latex=restore_backslashes(_END.sub("", inside)), cost=0.5, why="backslashes were lost and are put back",
        )  # fmt: skip
    return _maths(text, start, stop, inner_start, inner_stop, mode)


def restore_backslashes(text: str) -> str:
    """TeX whose backslashes were lost, with them.

    >>> restore_backslashes("x = frac{1}{sqrt{lambda}}")
    'x = \\\\frac{1}{\\\\sqrt{\\\\lambda}}'
    """
    return _STRIPPED_WORD.sub(lambda match: "\\" + match.group(), text)
