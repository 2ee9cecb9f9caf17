"""Mathematics between delimiters: which of them stand for mathematics, and where each formula's inside is.

``$5 and $6`` is money. ``[ x = frac{a}{b} ]`` is what a page's copy leaves of ``\\[ x = \\frac{a}{b} \\]``: its
backslashes are put back, and the formula says so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from llmgrade.reading.short_words import words_of
from llmgrade.transcript.model import Mode

__all__ = ["Maths", "display_stretches", "inline_maths", "restore_backslashes"]

_LONGEST = 20_000

_ENVIRONMENT = (
    "equation|align|aligned|alignat|gather|gathered|multline|flalign|eqnarray|split|cases|array|displaymath|math"
    "|[bpvBV]?matrix|smallmatrix|dcases|dmath"
)
_DISPLAY = re.compile(
    r"(?<![\\$])\$\$(?!\$)(?P<dollars>.+?)(?<!\\)\$\$"
    r"|(?<!\\)\\\[(?P<brackets>.+?)(?<!\\)\\\]"
    r"|\\\\\[(?P<doubled>.+?)\\\\\]"
    rf"|\\begin\{{(?P<name>(?:{_ENVIRONMENT})\*?)\}}.+?\\end\{{(?P=name)\}}",
    re.DOTALL,
)
_BARE_LINES = re.compile(
    r"^[ \t]*\[[ \t]*\n(?P<inside>(?:(?![ \t]*[\[\]][ \t]*$).*\n){1,40}?)[ \t]*\][ \t]*[.,;]?[ \t]*$", re.MULTILINE
)
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
    if "$$" in text or "\\[" in text or "\\begin" in text:
        found = [
            match.span()
            for match in _DISPLAY.finditer(text, start, stop)
            if match.end() - match.start() <= _LONGEST and not _prose_like(match.group())
        ]
    if "[" in text:
        for match in _BARE_LINES.finditer(text, start, stop):
            if _texlike(match["inside"]) and not any(a < match.end() and match.start() < b for a, b in found):
                found.append(match.span())
        found.sort()
    return found


def _prose_like(text: str) -> bool:
    """Whether an unpaired delimiter has run into later paragraphs: empty lines and many words."""
    return "\n\n" in text and len(_WORDS.findall(_TEXT_COMMAND.sub(" ", text))) > 25


def _texlike(text: str) -> bool:
    return bool(_COMMAND.search(text) or _STRIPPED_SIGN.search(text) or re.search(r"[\^_]\{", text))


def inline_maths(text: str, start: int, stop: int, *, cell: bool = False) -> list[Maths]:
    """The delimited formulas of a paragraph (or a table cell), in order, not overlapping."""
    found: list[Maths] = []
    position = start
    while True:
        step = _STEP.search(text, position, stop)
        if step is None:
            return found
        at = step.start()
        maths, position = _at(text, at, start, stop, cell=cell)
        if maths is not None:
            found.append(maths)


def _at(text: str, at: int, start: int, stop: int, *, cell: bool) -> tuple[Maths | None, int]:
    """The formula that begins at ``at``, if one does, and where to go on."""
    char = text[at]
    if char == "`":
        run = len(text[at:stop]) - len(text[at:stop].lstrip("`"))
        close = text.find("`" * run, at + run, stop)
        if close == -1 or text.find("\n\n", at, close) != -1:
            return None, at + run
        inside = text[at + run : close]
        dollars = re.fullmatch(r"\$\$?([^$]+)\$\$?|\\\((.+)\\\)", inside.strip())
        if dollars or re.fullmatch(r"[\w.]*\\[A-Za-z]+.*", inside.strip()):
            first = inside.find(next(group for group in dollars.groups() if group)) if dollars else 0
            length = len(next(group for group in dollars.groups() if group)) if dollars else len(inside)
            begin = at + run + first
            return _maths(text, at, close + run, begin, begin + length, Mode.INLINE), close + run
        return None, at + run if _formula_code(inside) else close + run
    if char == "$":
        return _dollar(text, at, stop, cell=cell)
    if char == "\\":
        return _backslash(text, at, stop)
    return _bracket(text, at, start, stop)


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
    return Maths(start, stop, inner_start, inner_stop, mode, boxed=bool(_BOX.search(inside)), **more)  # type: ignore[arg-type]


def _dollar(text: str, at: int, stop: int, *, cell: bool) -> tuple[Maths | None, int]:
    if text.startswith("$$", at):
        close = text.find("$$", at + 2, stop)
        while close != -1 and text[close - 1] == "\\":
            close = text.find("$$", close + 2, stop)
        if close == -1 or close - at > _LONGEST:
            return None, at + 2
        if close == at + 2:
            return None, at + 4
        return _maths(text, at, close + 2, at + 2, close, Mode.DISPLAY), close + 2
    close = at + 1
    while True:
        close = text.find("$", close, stop)
        if close == -1 or close - at > 2_000:
            return None, at + 1
        if text[close - 1] != "\\":
            break
        close += 1
    inside = text[at + 1 : close]
    after = text[close + 1] if close + 1 < stop else ""
    before = text[at - 1] if at else ""
    if not inside.strip() or "\n\n" in inside or not _is_maths(inside, after, before):
        return None, at + 1
    return _maths(text, at, close + 1, at + 1, close, Mode.INLINE), close + 1


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


def _backslash(text: str, at: int, stop: int) -> tuple[Maths | None, int]:
    following = text[at + 1 : at + 3]
    for opening, closing, mode in (("\\(", "\\)", Mode.INLINE), ("\\[", "\\]", Mode.DISPLAY)):
        if text.startswith("\\" + opening, at):
            close = text.find("\\" + closing, at + 3, stop)
            if close != -1 and close - at <= _LONGEST:
                inside = text[at + 3 : close].strip()
                latex = re.sub(r"\\\\(?=[A-Za-z,;:!{}|()\[\]])", r"\\", inside)
                return _maths(
                    text, at, close + 3, at + 3, close, mode, latex=latex, why="doubled backslashes undone"
                ), close + 3
        elif text.startswith(opening, at):
            close = text.find(closing, at + 2, stop)
            while close != -1 and mode is Mode.DISPLAY and text[close - 1] == "\\":
                close = text.find(closing, close + 2, stop)
            if close != -1 and close - at <= _LONGEST and not _prose_like(text[at:close]):
                return _maths(text, at, close + 2, at + 2, close, mode), close + 2
            return None, at + 2
    if following[:1] in {"$", "\\", "`"}:
        return None, at + 2
    begin = re.compile(rf"\\begin\{{((?:{_ENVIRONMENT})\*?)\}}").match(text, at, stop)
    if begin:
        end = f"\\end{{{begin[1]}}}"
        close = text.find(end, begin.end(), stop)
        if close != -1 and close - at <= _LONGEST:
            finish = close + len(end)
            return _maths(text, at, finish, at, finish, Mode.DISPLAY), finish
    box = _BOX.match(text, at, stop)
    if box:
        closer = _matching(text, box.end() - 1, stop)
        if closer is not None:
            return _maths(text, at, closer + 1, at, closer + 1, Mode.INLINE), closer + 1
    return None, at + 1


def _matching(text: str, at: int, stop: int) -> int | None:
    """The bracket that closes the one at ``at`` (same kind only), or None."""
    opening = text[at]
    closing = {"(": ")", "[": "]", "{": "}"}[opening]
    depth = 0
    for position in range(at, min(stop, at + 4_000)):
        char = text[position]
        if char == opening and text[position - 1] != "\\":
            depth += 1
        elif char == closing and text[position - 1] != "\\":
            depth -= 1
            if depth == 0:
                return position
    return None


def _bracket(text: str, at: int, start: int, stop: int) -> tuple[Maths | None, int]:
    """``( … )`` and ``[ … ]`` that have lost their backslashes."""
    line = text.rfind("\n", start, at) + 1
    line = max(line, start)
    if text[at] == "[":
        for pattern in (_BARE_LINES, _BARE_LINE):
            match = pattern.match(text, line, stop)
            if match and not text[line:at].strip() and _texlike(match["inside"]) and "](" not in match.group():
                return _unstripped(text, at, match.end(), *match.span("inside"), Mode.DISPLAY), match.end()
        return None, at + 1
    before = text[at - 1] if at > start else " "
    if not (before.isspace() or before in '*_-–—:,"“'):
        return None, at + 1
    close = _matching(text, at, stop)
    if close is None or close - at > 600:
        return None, at + 1
    inside = text[at + 1 : close]
    after = text[close + 1 : close + 3]
    spaced = inside[:1] == " " and inside[-1:] == " "
    if (
        "\n\n" in inside
        or "$" in inside
        or "\\(" in inside
        or not (_COMMAND.search(inside) or _STRIPPED_SIGN.search(inside))
    ):
        return None, at + 1
    if after[:1] and not (after[0].isspace() or after[0] in '.,;:!?*_-–—)"”|'):
        return None, at + 1
    if re.match(r"\s*(?:[=+*/^<>−≤≥≈]|-\s|\\[a-z])", text[close + 1 : close + 8]) and not spaced:
        return None, at + 1
    bare = _TEXT_COMMAND.sub(" ", inside)
    words = [
        word
        for word in _WORDS.findall(bare)
        if not re.fullmatch(rf"(?:{_STRIPPED})", word) and word not in _KNOWN_WORDS
    ]
    if words and not (spaced and len(words) < 3):
        return None, at + 1
    return _unstripped(text, at, close + 1, at + 1, close, Mode.INLINE), close + 1


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
