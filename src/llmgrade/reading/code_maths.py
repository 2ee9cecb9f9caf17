"""Code that is mathematics: the assignments and returned expressions of numpy and sympy code, with their comments.

Nothing is run. A line counts as a formula where it is made of names, numbers, operators and the functions of
mathematics only; a comment is prose (it often carries the label); everything else stays a block.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from llmgrade.reading.short_words import words_of

__all__ = ["code_pieces", "is_python", "plain_language"]

_PYTHON = words_of("python py python3 ipython numpy sympy pycon jupyter sage julia jl matlab octave")
_PLAIN = words_of("text txt plain plaintext markdown md ascii asciimath none output")
_LOOKS_PYTHON = re.compile(
    r"^\s*(?:import |from \w+ import |def \w+\(|print\()|\b(?:np|numpy|sp|sympy|torch)\.\w", re.MULTILINE
)
_LOOKS_CODE = re.compile(
    r"^\s*(?:[{\[]\s*[\"{\[]|#include|function\b|class \w|\$ \w|<\w+[ >/]|SELECT\b|var |let |const \w+ =|public |[\w.-]+: ?[|>]$)"
    r"|;\s*$|\{\s*$",
    re.MULTILINE,
)
_ASSIGNMENT = re.compile(
    r"(?P<indent>\s*)(?P<all>(?:[^\W\d]\w*(?:\.T)?(?:\s*,\s*[^\W\d]\w*)*(?:\s*:\s*[\w.\[\]]+)?\s*=(?!=)\s*)+(?P<value>\S.*?))\s*;?\s*$"
)
_RETURN = re.compile(r"\s*return\s+(?P<value>\S.*?)\s*$")
_BARE = re.compile(r"\s*(?P<value>\S.*?)\s*$")
_LINE_LAMBDA = re.compile(r"lambda\b")
_CALL = re.compile(r"([^\W\d][\w.]*)\s*\(")
_ALLOWED = re.compile(r"[\w\s.+\-*/@^()\[\],'|=<>:¹²³⁻⁺ᵀ†·×√]*$")
_MATHEMATICAL = words_of(
    """inv pinv solve lstsq norm sqrt exp log log2 log10 sin cos tan sinh cosh tanh arcsin arccos arctan abs sum prod dot
    matmul transpose eye identity zeros ones diag outer inner trace det svd maximum minimum max min where clip mean var
    sign heaviside array matrix Matrix Rational simplify diff integrate limit kron vstack hstack block concatenate
    column_stack row_stack Identity Transpose Inverse relu softmax sigmoid tensordot einsum cross eigvals eig qr cholesky
    power square multiply add subtract divide isclose rank matrix_rank float int full arange linspace T Symbol
    """
)
_OPERATION = re.compile(r"\*\*|[-+*/@^]|\.T\b|\b(?:inv|pinv|solve|norm|sqrt|exp|log|dot|sum|maximum|diff)\b")


def is_python(language: str, code: str) -> bool:
    """Whether a block is code of the kind whose lines may be formulas."""
    return language in _PYTHON or (language in {"", "code"} and _LOOKS_PYTHON.search(code) is not None)


def plain_language(language: str, text: str) -> bool:
    """Whether a block holds text or plain mathematics rather than code."""
    return language in _PLAIN or (not language and _LOOKS_CODE.search(text) is None)


def code_pieces(code: str) -> Iterator[tuple[int, int, str]]:
    """``(start, stop, kind)`` of a block's stretches in order; kind is ``formula``, ``comment`` or ``code``.

    >>> code = "# (a) minimiser\\nw = np.linalg.inv(X.T @ X + lam * np.eye(d)) @ X.T @ y\\nprint(w)"
    >>> [(code[start:stop], kind) for start, stop, kind in code_pieces(code)][:2]
    [('(a) minimiser', 'comment'), ('w = np.linalg.inv(X.T @ X + lam * np.eye(d)) @ X.T @ y', 'formula')]
    """
    position = 0
    pending: tuple[int, int] | None = None
    for line in code.split("\n"):
        start, stop = position, position + len(line)
        position = stop + 1
        body, comment = _split_comment(line)
        formula = _formula(body)
        said = comment is not None and bool(re.search(r"\w", line[comment:]))
        if formula is None and body.strip():
            pending = (pending[0] if pending else start, start + len(body.rstrip()))
        if (formula is not None or said) and pending is not None:
            yield (*pending, "code")
            pending = None
        if formula is not None:
            yield start + formula[0], start + formula[1], "formula"
        if said and comment is not None:
            words = re.match(r"[#%/\s]*", line[comment:])
            yield start + comment + (words.end() if words else 0), start + len(line.rstrip()), "comment"
    if pending is not None:
        yield (*pending, "code")


def _split_comment(line: str) -> tuple[str, int | None]:
    quote = ""
    for index, char in enumerate(line):
        if quote:
            quote = "" if char == quote and line[index - 1] != "\\" else quote
        elif char == '"' or (
            char == "'" and (index == 0 or not (line[index - 1].isalnum() or line[index - 1] in ")]'"))
        ):
            quote = char
        elif char == "#" or (char == "%" and not line[:index].strip()):
            return line[:index], index
    return line, None


def _formula(body: str) -> tuple[int, int] | None:
    """Where in a line of code a formula stands."""
    if len(body) > 2_000 or not body.strip():
        return None
    match = _ASSIGNMENT.match(body)
    if match is not None:
        whole = match.span("all")
        return whole if _mathematical(match["value"], assigned=True) else None
    match = _RETURN.match(body)
    if match is not None:
        return match.span("value") if _mathematical(match["value"]) else None
    match = _BARE.match(body)
    if match is not None and _OPERATION.search(match["value"]) and _mathematical(match["value"]):
        return match.span("value")
    return None


def _mathematical(value: str, *, assigned: bool = False) -> bool:
    if (
        not _ALLOWED.match(value)
        or _LINE_LAMBDA.search(value)
        or value.count("'") > value.count("]'") + value.count(")'") + 1
    ):
        return False
    if (
        value.endswith((":", ",", "(", "["))
        or value.count("(") != value.count(")")
        or value.count("[") != value.count("]")
    ):
        return False
    for name in _CALL.findall(value):
        last = name.rsplit(".", 1)[-1]
        if "." in name and last not in _MATHEMATICAL:
            return False
        if "." not in name and len(name) > 2 and last not in _MATHEMATICAL:
            return False
    if "random" in value or re.search(r"\b(?:for|if|else|in|import|not|and|or|print|range|True|False|None)\b", value):
        return False
    return bool(_OPERATION.search(value)) or (assigned and bool(re.fullmatch(r"-?[\w.]+", value)) and len(value) <= 12)
