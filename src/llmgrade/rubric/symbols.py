"""Short declarations (``matrix(m, n)``, ``scalar > 0``, ``matrix(m, n) = U Σ V^T``) as the contract's symbol JSON."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from llmgrade.rubric.model import Rubric, Symbol

__all__ = ["TYPES", "declaration", "declared", "unreadable"]

_SHORT = re.compile(r"^(?P<type>[a-z][a-z ]*?)\s*(?:\((?P<sizes>[^()]*)\))?\s*(?P<rest>(?:,|<|>|≤|≥|!=|≠).*)?$")
_RANGE = re.compile(r"^(?P<low>[^<>=]+)(?P<lop><=?|≤)\s*\w+\s*(?P<hop><=?|≤)(?P<high>[^<>=]+)$")

TYPES: dict[str, tuple[str, tuple[str, ...], int]] = {
    # short word: (contract type, assumptions, how many sizes at most)
    "scalar": ("scalar", (), 0),
    "real": ("scalar", ("real",), 0),
    "integer": ("scalar", ("integer",), 0),
    "complex": ("scalar", ("complex",), 0),
    "vector": ("vector", (), 1),
    "row": ("matrix", (), 1),
    "matrix": ("matrix", (), 2),
    "identity": ("identity", (), 1),
    "orthogonal": ("matrix", ("orthogonal",), 1),
    "symmetric": ("matrix", ("symmetric",), 1),
    "spd": ("matrix", ("spd",), 1),
    "invertible": ("matrix", ("invertible",), 1),
    "diagonal": ("matrix", ("diagonal",), 2),
    "function": ("function", (), 0),
    "random variable": ("random variable", (), 0),
}


def unreadable(symbol: Symbol) -> str | None:
    """What is wrong with a short declaration, in an author's words; None where nothing is."""
    if symbol.derived == "":
        return "a derived symbol needs an expression after `=`"
    try:
        declared(symbol)
    except ValueError as error:
        return str(error)
    return None


def declared(symbol: Symbol) -> dict[str, Any]:
    """One symbol as the contract's JSON, without its other spellings (`attempts.spelling` turns those into the name).

    Raises ValueError with the reason in an author's words.
    """
    found: dict[str, Any] = _declared_short(symbol.declared) if symbol.declared else {"type": "scalar"}
    if symbol.derived:
        found["is"] = symbol.derived
    if symbol.assume:
        found["assume"] = [*found.get("assume", ()), *symbol.assume]
    return found


def _declared_short(text: str) -> dict[str, Any]:
    ranged = _RANGE.match(text)
    if ranged:
        return {"type": "scalar", "assume": ["real", re.sub(r"\s+", "", text).replace("≤", "<=")]}
    match = _SHORT.match(text)
    if match is None or match["type"] not in TYPES:
        known = ", ".join(TYPES)
        raise ValueError(f"`{text}` is no type: one of {known}, `0 < v < 1`, or `= EXPRESSION`")
    kind, assume, most = TYPES[match["type"]]
    sizes = [size.strip() for size in (match["sizes"] or "").split(",") if size.strip()]
    if len(sizes) > most:
        raise ValueError(f"`{match['type']}` takes {most or 'no'} size{'s' if most != 1 else ''}, not {len(sizes)}")
    if most and not sizes and kind != "identity":
        raise ValueError(f"`{match['type']}` needs its size, as in `{match['type']}({', '.join('mn'[:most])})`")
    found: dict[str, Any] = {"type": kind}
    if kind == "vector":
        found["shape"] = [sizes[0], 1]
    elif match["type"] == "row":
        found["type"], found["shape"] = "matrix", [1, sizes[0]]
    elif kind in {"matrix", "identity"}:
        found["shape"] = [sizes[0], sizes[-1]] if sizes else ["fits", "fits"]
    more = list(assume) + _assumptions(match["rest"] or "")
    if kind == "scalar" and not {"real", "complex", "integer"} & set(more):
        more.insert(0, "real")
    if more:
        found["assume"] = more
    return found


def _assumptions(rest: str) -> list[str]:
    found = []
    for word in filter(None, (piece.strip() for piece in rest.split(","))):
        relation = re.sub(r"\s+", "", word)
        found.append(
            {
                ">0": "positive",
                "<0": "negative",
                ">=0": "nonnegative",
                "≥0": "nonnegative",
                "!=0": "nonzero",
                "≠0": "nonzero",
            }.get(relation, word)
        )
    return found


def declaration(rubric: Rubric, part: str | None = None) -> dict[str, Any]:
    """The contract's symbol JSON for a rubric, as the named part sees it; definitions become derived symbols."""
    chosen = rubric.part(part) if part else None
    symbols: Mapping[str, Symbol] = rubric.symbols_of(chosen)
    found: dict[str, Any] = {name: declared(symbol) for name, symbol in symbols.items()}
    for name, text in {**rubric.define, **(chosen.define if chosen else {})}.items():
        found[name] = {**found.get(name, {"type": "scalar"}), "is": text}
    if rubric.layout != "any":
        found["layout"] = rubric.layout
    return found
