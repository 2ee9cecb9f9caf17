"""Numbers put in for symbols, in one formula: ``w = 2, b = 1, x = -1``; and formulas that come down to a number."""

from __future__ import annotations

import re

__all__ = ["assignments", "has_relation", "is_number"]

_NUMBER = r"[-−+]?\s*(?:\d+(?:\.\d+)?|\.\d+|\\d?frac\s*\{?\d+\}?\s*\{?\d+\}?)(?:\s*/\s*\d+)?(?:\s*(?:\\times|\\cdot|·|×)\s*10\^\{?-?\d+\}?)?"
_SYMBOL = r"\\?[A-Za-zΑ-Ωα-ωϕℓ]{1,8}(?:\s*[_^]\s*(?:\{[^{}]{1,8}\}|[A-Za-z0-9]))*"
_ASSIGNMENT = re.compile(rf"\s*({_SYMBOL})\s*(?::?=)\s*({_NUMBER})\s*\.?\s*\Z")
_CUT = re.compile(r",|;|\\quad|\\qquad|\\ (?=[A-Za-z\\])|\\;|\\text\s*\{\s*(?:and|,)\s*\}")
_RELATION = re.compile(
    r"=|<|>|≤|≥|≠|≈|∝|→|⇒|≪|≫|\\(?:to|approx|le|leq|ge|geq|ne|neq|propto|equiv|sim|in|ll|gg|iff|Rightarrow|Leftrightarrow|"
    r"implies|gtrless|lessgtr|rightarrow|mapsto|subset|subseteq|perp|longrightarrow|Longrightarrow|simeq|cong)(?![A-Za-z])"
)
_NUMERIC = re.compile(r"\d")
_LETTERS = re.compile(r"(?<!\\)(?<![A-Za-z\\])[A-Za-z](?![A-Za-z])")


def assignments(latex: str | None) -> dict[str, str]:
    """The values of a formula that is nothing but assignments.

    >>> assignments(r"w=4,\\ b=1,\\ x=-1")
    {'w': '4', 'b': '1', 'x': '-1'}
    """
    if latex is None or "=" not in latex or len(latex) > 400:
        return {}
    found: dict[str, str] = {}
    for part in _CUT.split(latex):
        bare = part.strip(" ,;")
        bare = bare[:-1].rstrip() if bare.endswith("\\") else bare
        if not bare:
            continue
        match = _ASSIGNMENT.match(bare)
        if match is None:
            return {}
        found[match[1].strip()] = re.sub(r"\s+", "", match[2]).replace("−", "-")
    return found


def is_number(latex: str | None) -> bool:
    """A number, or an equation that ends in one."""
    if latex is None or not _NUMERIC.search(latex):
        return False
    last = re.split(r"=|\\approx|≈", latex)[-1]
    return bool(_NUMERIC.search(last)) and not _LETTERS.search(re.sub(r"\\[a-zA-Z]+|[_^]\{[^{}]*\}", "", last))


def has_relation(latex: str | None) -> bool:
    """Whether something is said of something: an equation, an inequality, a limit, a membership."""
    return latex is not None and bool(_RELATION.search(latex))
