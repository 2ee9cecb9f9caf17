"""Where YAML gives up, in an author's words: the quote that is not closed, the tab, the dash without its space.

A parser notices a mistake where it can go on no longer, which is often a line or more below it. Here the lines up to that
place are read once more for what people do wrong, and the place is the one to mend.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from llmgrade.source import Span

__all__ = ["Misread", "escapes", "misread"]

_QUOTE_IT = "quote it: a `:` or `#` inside mathematics needs quotes"
_SPACES = {
    "\t": "a tab",
    "\u00a0": "a no-break space",
    "\u2003": "an em space",
    "\u2009": "a thin space",
    "\u3000": "a wide space",
}
_PAIRS = {"{": "}", "[": "]"}


@dataclass(frozen=True, slots=True)
class Misread:
    """What is wrong, where, and the likely fix."""

    message: str
    span: Span
    hint: str | None = None


@dataclass(frozen=True, slots=True)
class _Open:
    """A quote or a bracket that is not closed where the parser gave up."""

    mark: str
    at: int


def misread(text: str, problem: str, at: int, context: int | None = None) -> Misread:
    """The mistake behind a parser's ``problem``, which it met at offset ``at`` in something begun at ``context``."""
    for look in (_indented_with, _unclosed, _glued_dash, _entry_among_keys, _keyless, _crooked):
        found = look(text, problem, at, context)
        if found is not None:
            return found
    message, hint = _WORDS.get(_kind(problem), (problem, None))
    colon = _inner_colon(text, at) if _kind(problem) == "unquoted" else None
    if colon is not None:
        message, at, hint = "a `: ` inside a text that has no quotes", colon, "put the whole text in quotes"
    return Misread(message, _one(text, at), hint)


def _kind(problem: str) -> str:
    for key, words in _PROBLEMS.items():
        if any(word in problem for word in words):
            return key
    return ""


_PROBLEMS = {
    "mapping": ("mapping values are not allowed",),
    "unquoted": ("expected ',' or", "flow"),
    "alias": ("undefined alias", "alias"),
    "documents": ("another document",),
    "escape": ("escape character",),
    "start": ("cannot start any token",),
    "end": ("end of stream",),
}
_WORDS: dict[str, tuple[str, str | None]] = {
    "mapping": ("a `:` where no key can stand", _QUOTE_IT),
    "unquoted": ("a comma or a closing bracket was expected here", "a text with `,` `:` `{` or `[` in it needs quotes"),
    "alias": (
        "`*` in front of a word refers to something YAML knows, and there is nothing of that name",
        "put it in quotes",
    ),
    "documents": ("`---` begins another document", "one rubric is one file: take the line out"),
    "escape": (
        "in double quotes a backslash begins an escape, and there is none of this name",
        "single quotes keep backslashes as they are: '\\sqrt{x}'; in double quotes write two",
    ),
    "start": ("nothing in YAML begins with this character", 'put it in quotes, as in "@vanishes"'),
    "end": ("the file ends in the middle of something", "a bracket or a quote is not closed"),
}


def _one(text: str, at: int) -> Span:
    at = max(0, min(at, len(text) - 1))
    return Span(at, min(len(text), at + 1))


def _line(text: str, at: int) -> tuple[int, str]:
    """Where the line of an offset starts, and the line."""
    start = text.rfind("\n", 0, at) + 1
    stop = text.find("\n", at)
    return start, text[start : stop if stop >= 0 else len(text)]


def _lines_up_to(text: str, at: int) -> Iterator[tuple[int, str]]:
    """Lines with where they start, the last one that of ``at``."""
    start = 0
    for line in text.split("\n"):
        if start > at:
            return
        yield start, line
        start += len(line) + 1


# ------------------------------------------------------------------------------------------------ what people do wrong


def _indented_with(text: str, problem: str, at: int, context: int | None) -> Misread | None:
    """A tab or a no-break space where a line's indentation should be."""
    for start, line in reversed(list(_lines_up_to(text, at))[-3:]):
        inside = re.match(r"\s*", line)
        for k, char in enumerate(inside[0] if inside else ""):
            if char in _SPACES and line.strip():
                told = f"{_SPACES[char]} indents this line, and YAML knows spaces only"
                return Misread(told, _one(text, start + k), "indent with spaces, as the lines around it")
    return None


def _unclosed(text: str, problem: str, at: int, context: int | None) -> Misread | None:
    """A quote that runs on into the next line, or a bracket whose lines go on as if it were closed."""
    for found in _opened(text, at):
        if found.mark in "\"'":
            return Misread(
                f"this {found.mark} is not closed on its line", _one(text, found.at), f"close it: {found.mark}"
            )
    brackets = [found for found in _opened(text, at) if found.mark in _PAIRS]
    here = _line(text, at)
    if brackets and (at >= len(text.rstrip()) or _begins_anew(text, brackets[-1], *here)):
        found = brackets[-1]
        return Misread(f"this `{found.mark}` is not closed", _one(text, found.at), f"close it: `{_PAIRS[found.mark]}`")
    return None


def _begins_anew(text: str, bracket: _Open, start: int, line: str) -> bool:
    """Whether a line below the bracket's looks like the next key or entry of the block the bracket stands in."""
    first, opening = _line(text, bracket.at)
    outer = len(opening) - len(opening.lstrip(" -"))
    indent = len(line) - len(line.lstrip())
    return start > first and indent <= outer and re.match(r"\s*(?:- |[A-Za-z_]\w*:(?: |$))", line) is not None


def _opened(text: str, at: int) -> list[_Open]:
    """Quotes that run over the end of a line, and brackets that are open at ``at``, as they come."""
    found: list[_Open] = []
    stack: list[_Open] = []
    quote: _Open | None = None
    fresh = True  # at the start of a token: only there a quote quotes
    place, stop = 0, min(at + 1, len(text))
    while place < stop:
        char = text[place]
        if quote is not None:
            if char == "\\" and quote.mark == '"':
                place += 1
            elif char == quote.mark:
                if quote.mark == "'" and text[place + 1 : place + 2] == "'":
                    place += 1
                else:
                    quote, fresh = None, False
            elif char == "\n":
                found.append(quote)
                quote = None
                fresh = True
        elif char in "\"'" and fresh:
            quote = _Open(char, place)
        elif char == "#" and (place == 0 or text[place - 1] in " \n"):
            place = text.find("\n", place)
            if place < 0:
                break
            fresh = True
        elif char in _PAIRS and (fresh or stack):
            stack.append(_Open(char, place))
            fresh = True
        elif char in "}]" and stack:
            stack.pop()
            fresh = False
        elif char == "\n" or (char == "," and stack) or (char in ":-" and text[place + 1 : place + 2] in {" ", "\n"}):
            fresh = True
        elif not char.isspace():
            fresh = False
        place += 1
    if quote is not None and text[at + 1 : at + 2] in {"", "\n"}:
        found.append(quote)
    return found + stack


def _glued_dash(text: str, problem: str, at: int, context: int | None) -> Misread | None:
    start, line = _line(text, at)
    glued = re.match(r"(\s*)-(?=[A-Za-z_]\w*:)", line)
    if glued is None:
        return None
    return Misread(
        "a `-` begins an entry of a list only with a space after it", _one(text, start + len(glued[1])), "write `- `"
    )


def _entry_among_keys(text: str, problem: str, at: int, context: int | None) -> Misread | None:
    start, line = _line(text, at)
    if "expected key" not in problem and "block end" not in problem:
        return None
    entry = re.match(r"(\s*)- ", line)
    if entry is None:
        return None
    return Misread(
        "an entry of a list stands here among keys",
        _one(text, start + len(entry[1])),
        "every entry begins with `- `: does the first one, above?",
    )


def _keyless(text: str, problem: str, at: int, context: int | None) -> Misread | None:
    """``points 1`` or ``points:1``: a word where a key with its colon was due."""
    if "find expected ':'" not in problem:
        return None
    for start, line in reversed(list(_lines_up_to(text, at if context is None else max(at, context)))):
        word = re.match(r"(\s*(?:- )?)([A-Za-z_]\w*)(:?)(?=\s+\S|\S|$)", line)
        if word is None or re.match(r"\s*(?:- )?[A-Za-z_]\w*:(?:\s|$)", line):
            continue
        told = f"`{word[2]}` has no space after its colon" if word[3] else f"`{word[2]}` has no colon"
        return Misread(
            told, Span(start + word.start(2), start + word.end(2)), f"write `{word[2]}: ` and then its value"
        )
    return None


def _crooked(text: str, problem: str, at: int, context: int | None) -> Misread | None:
    """A key that stands under none of the keys above it."""
    if not any(word in problem for word in ("'-' indicator", "expected key", "block end", "mapping values")):
        return None
    start, line = _line(text, at)
    key = re.match(r"(\s*)((?:- )?)[\w.-]+:(?:\s|$)", line)
    if key is None:
        return None
    column = len(key[1])
    above = []
    for _, other in list(_lines_up_to(text, start - 1))[::-1]:
        found = re.match(r"(\s*)((?:- )*)[\w.-]+:(?:\s|$)", other)
        if found is not None:
            above.append(len(found[1]) + len(found[2]))
            if len(above) == 1 and above[0] < column and not other.rstrip().endswith(":"):
                break  # deeper than a key that has its value already
            if not found[1] and not found[2]:
                break
    if column in above[1:] or (above and column == above[0]):
        return None
    if not above:
        return None
    near = min(set(above), key=lambda a: abs(a - column))
    told = f"this line begins at column {column + 1}, and none of the keys above it stands there"
    return Misread(told, _one(text, start + column), f"keys of one thing stand under each other: column {near + 1}?")


def _inner_colon(text: str, at: int) -> int | None:
    """The second ``: `` of a text without quotes, on the line and before the place the parser gave up."""
    start, line = _line(text, at)
    found = re.search(r":\s+[^\"'{\[,\s][^\"'{\[,]*?(:)\s", line[: at - start + 2])
    return start + found.start(1) if found is not None else None


# ------------------------------------------------------------------------------------------------ escapes nobody meant

_ESCAPED = re.compile(r"\\([abefrtv])([A-Za-z]+)|\\(n)(abla|u|e|eq|eg|ot|otin|mid|leq|geq|eg)(?![A-Za-z])")


def escapes(raw: str) -> Iterator[tuple[int, str]]:
    """TeX commands in a text in double quotes, as it stands in the file, that YAML reads as escapes: ``\\frac``, ``\\theta``.

    Yields where the backslash is, and the command.
    """
    place = 0
    while place < len(raw) - 1:
        if raw[place] != "\\":
            place += 1
            continue
        found = _ESCAPED.match(raw, place)
        if found is not None:
            yield place, found[0]
        place += 2
