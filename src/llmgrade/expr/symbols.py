"""The symbol table: what names mean, which is what makes sloppy text readable.

``wx``, ``XX^T``, ``I_n``, ``e'``, ``f(x)`` against ``a(b+c)`` cannot be decided without declarations, and are trivial with them.
A table is a value: reading, shapes, sampling and proofs all ask the same one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from llmgrade.errors import UsageError, did_you_mean
from llmgrade.expr.names import canonical_name
from llmgrade.expr.nodes import Const, Expr, Mul, Neg, Num
from llmgrade.expr.shapes import SCALAR, Shape, Size, matrix, vector

__all__ = ["ASSUMPTIONS", "Bound", "Symbol", "SymbolTable", "TYPES"]

TYPES: tuple[str, ...] = ("scalar", "vector", "matrix", "identity", "function", "random variable")

ASSUMPTIONS: dict[str, tuple[str, ...]] = {
    "real": (), "complex": (), "rational": ("real",), "integer": ("rational",), "natural": ("integer", "nonnegative"),
    "even": ("integer",), "odd": ("integer", "nonzero"), "prime": ("integer", "positive"),
    "positive": ("nonnegative", "nonzero"), "negative": ("nonpositive", "nonzero"), "nonnegative": ("real",),
    "nonpositive": ("real",), "nonzero": (), "finite": (), "unit": ("nonzero",),
    "symmetric": ("square",), "skew": ("square",), "square": (), "diagonal": ("symmetric",), "triangular": ("square",),
    "invertible": ("square",), "singular": ("square",), "psd": ("symmetric",), "spd": ("psd", "invertible"),
    "orthogonal": ("orthonormal columns", "orthonormal rows", "invertible"), "orthonormal columns": ("full column rank",),
    "orthonormal rows": ("full row rank",), "projection": ("square",), "idempotent": ("square",),
    "full column rank": (), "full row rank": (), "full rank": (), "rank deficient": (), "wide": (), "tall": (),
    "constant": (), "random": (), "linear": (), "differentiable": (), "convex": (), "distinct": (), "unordered": (),
}  # fmt: skip
"""Every word an assumption may be, and what it implies."""

_SAME: dict[str, str] = {
    "positive definite": "spd", "symmetric positive definite": "spd", "pd": "spd", "positive semidefinite": "psd",
    "semi-orthogonal": "orthonormal columns", "orthonormal": "orthonormal columns", "orth": "orthogonal",
    "nonsingular": "invertible", "non-singular": "invertible", "nonneg": "nonnegative", "non-negative": "nonnegative",
    "non-positive": "nonpositive", "non-zero": "nonzero", "int": "integer", "diag": "diagonal", "sym": "symmetric",
    "skew-symmetric": "skew", "antisymmetric": "skew", "unit norm": "unit", "unit vector": "unit", "whole": "integer",
    "rank-deficient": "rank deficient",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Bound:
    """``v op value``, for ``op`` one of ``<``, ``<=``, ``>``, ``>=``, ``!=``; the value is an exact constant."""

    op: str
    value: Expr


@dataclass(frozen=True, slots=True)
class Symbol:
    """One declared name. ``assume`` holds what was said and all it implies."""

    name: str
    type: str = "scalar"
    shape: Shape = SCALAR
    assume: frozenset[str] = frozenset()
    bounds: tuple[Bound, ...] = ()
    definition: str | None = None
    """The text of what a derived symbol stands for, ``U Σ Vᵀ``; of a function, its body."""
    parameters: tuple[str, ...] = ()
    """Names of a function's arguments, where they were declared."""
    aliases: tuple[str, ...] = ()

    @property
    def is_function(self) -> bool:
        """Called, not multiplied, when a bracket follows."""
        return self.type == "function"

    def has(self, assumption: str) -> bool:
        """Whether the symbol is known to be ``positive``, ``orthogonal``, ….

        >>> Symbol.from_json("A", {"type": "matrix", "shape": ["n", "n"], "assume": ["spd"]}).has("symmetric")
        True
        """
        return assumption in self.assume

    @classmethod
    def from_json(cls, name: str, said: Mapping[str, Any] | str) -> Symbol:
        """A symbol from the contract's form, or from a short text: ``matrix(m, n) invertible``, ``real > 0``.

        Raises UsageError for a type, shape or assumption that does not exist.
        """
        if isinstance(said, str):
            said = _from_words(name, said)
        unknown = set(said) - {
            "type",
            "shape",
            "assume",
            "is",
            "definition",
            "parameters",
            "of",
            "aliases",
            "of_type",
            "size",
        }
        if unknown:
            word = sorted(unknown)[0]
            raise UsageError(
                f"symbol {name!r}: no such key {word!r}" + _hint(word, ("type", "shape", "assume", "is", "aliases"))
            )
        kind, words = _type(name, str(said.get("type", "scalar")))
        bounds: list[Bound] = []
        raw = said.get("assume", ())
        for word in [*words, *([raw] if isinstance(raw, str) else raw)]:
            text = str(word).strip().lower()
            if re.search(r"[<>≤≥]|!=|≠", text):
                bounds.extend(_bounds(name, text))
            else:
                words.append(text)
        canonical = canonical_name(name)
        assume = _closure(name, words, bounds)
        shape = _shape(name, kind, said.get("shape", said.get("size")))
        parameters = said.get("parameters", said.get("of", ()))
        parameters = (parameters,) if isinstance(parameters, str) else parameters
        aliases = said.get("aliases", ())
        aliases = (aliases,) if isinstance(aliases, str) else aliases
        if kind in {"vector", "matrix"} and shape.is_scalar and assume & {"positive", "negative"}:
            raise UsageError(f"symbol {name!r}: a {kind} of size 1 is a scalar")
        return cls(
            canonical,
            kind,
            shape,
            assume,
            tuple(bounds),
            said.get("is", said.get("definition")),
            tuple(canonical_name(str(p)) for p in parameters),
            tuple(canonical_name(str(a)) for a in aliases),
        )


@dataclass(frozen=True, eq=False)
class SymbolTable:
    """Names and what they mean; ``layout`` says how a derivative by a vector lies: ``row``, ``column`` or None (not said).

    Tables compare by identity: a reader is compiled once per table and kept with it.
    """

    symbols: Mapping[str, Symbol] = field(default_factory=dict)
    layout: str | None = None
    _aliases: dict[str, str] = field(default_factory=dict, repr=False)
    _sizes: frozenset[str] = field(default=frozenset(), repr=False)
    readers: dict[Any, Any] = field(default_factory=dict, repr=False)
    """Readers compiled for this table, by builder and manner; `notation` fills it."""

    @classmethod
    def of(cls, symbols: Mapping[str, Symbol] | list[Symbol], layout: str | None = None) -> SymbolTable:
        """A table of symbols. Raises UsageError when two mean one name, or the layout is no layout."""
        found: dict[str, Symbol] = {}
        for symbol in symbols.values() if isinstance(symbols, Mapping) else symbols:
            if symbol.name in found:
                raise UsageError(f"symbol {symbol.name!r} is declared twice")
            found[symbol.name] = symbol
        aliases: dict[str, str] = {}
        for symbol in found.values():
            for alias in symbol.aliases:
                if alias in found or aliases.get(alias, symbol.name) != symbol.name:
                    raise UsageError(f"alias {alias!r} of {symbol.name!r} already means something else")
                aliases[alias] = symbol.name
        layouts = {
            "row": "row",
            "numerator": "row",
            "column": "column",
            "denominator": "column",
            "any": None,
            None: None,
        }
        if layout not in layouts:
            raise UsageError(f"layout {layout!r} is neither row nor column")
        sizes = {size for s in found.values() for size in (s.shape.rows, s.shape.columns) if isinstance(size, str)}
        return cls(found, layouts[layout], aliases, frozenset(sizes - {"fits"}))

    @classmethod
    def from_json(cls, said: Mapping[str, Any] | None) -> SymbolTable:
        """A table from the contract's JSON; None and ``{}`` are the empty table.

        >>> table = SymbolTable.from_json({"X": {"type": "matrix", "shape": ["n", "d"]}, "λ": {"assume": ["positive"]}})
        >>> print(table["X"].shape, table["\\\\lambda"].has("real"), "y" in table)
        n×d matrix True False
        """
        if not said:
            return cls.empty()
        if not isinstance(said, Mapping):
            raise UsageError("symbols are an object: name → what it means")
        layout = said.get("layout") if not isinstance(said.get("layout"), Mapping) else None
        return cls.of(
            [Symbol.from_json(k, v) for k, v in said.items() if k != "layout" or isinstance(v, Mapping)], layout
        )

    @classmethod
    def empty(cls) -> SymbolTable:
        """No declarations: the text speaks for itself. One shared table, so that its reader is compiled once."""
        return _EMPTY

    def name_of(self, written: str) -> str | None:
        """The declared canonical name behind a canonical name or alias, or None."""
        if written in self.symbols:
            return written
        return self._aliases.get(written)

    def get(self, name: str) -> Symbol | None:
        """The symbol of a canonical name or alias; a letter used as a size is a positive integer; None otherwise."""
        known = self.name_of(name)
        if known is not None:
            return self.symbols[known]
        if name in self._sizes:
            return Symbol(name, "scalar", SCALAR, _closure(name, ["integer", "positive"], []))
        return None

    def relative(self, name: str) -> Symbol | None:
        """The symbol a decorated name is made of: ``ŵ``, ``w^*``, ``w_ridge``, ``w'`` of ``w``; the symbol itself where it is declared.

        >>> SymbolTable.from_json({"w": {"type": "vector", "shape": ["d"]}}).relative("hat w_ridge").name
        'w'
        """
        found = self.get(name)
        while found is None:
            if name.endswith("^*"):
                name = name[:-2]
            elif name.endswith("'"):
                name = name[:-1]
            elif "_" in name:
                name = name.rpartition("_")[0]
            elif " " in name:
                name = name.partition(" ")[2]
            else:
                return None
            found = self.get(name)
        return found

    def __getitem__(self, name: str) -> Symbol:
        found = self.get(canonical_name(name))
        if found is None:
            raise KeyError(name)
        return found

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self.get(canonical_name(name)) is not None

    def __iter__(self) -> Iterator[Symbol]:
        return iter(self.symbols.values())

    def __len__(self) -> int:
        return len(self.symbols)

    @property
    def sizes(self) -> frozenset[str]:
        """Letters used as sizes."""
        return self._sizes

    @property
    def only_scalars(self) -> bool:
        """No vector, matrix or identity is declared."""
        return all(s.type in {"scalar", "function", "random variable"} and s.shape.is_scalar for s in self)

    def extended(self, more: Mapping[str, Any] | list[Symbol]) -> SymbolTable:
        """A table with further symbols; a name declared again takes its new meaning."""
        new = more if isinstance(more, list) else [Symbol.from_json(k, v) for k, v in more.items()]
        return SymbolTable.of({**self.symbols, **{s.name: s for s in new}}, self.layout)

    def with_layout(self, layout: str | None) -> SymbolTable:
        """The same names, with derivatives laid out another way."""
        return replace(self, layout=layout, readers={})


_EMPTY = SymbolTable()


def _type(name: str, said: str) -> tuple[str, list[str]]:
    words = said.strip().lower().replace("_", " ")
    if words in TYPES:
        return words, (["random"] if words == "random variable" else [])
    if words in ("integer", "int", "real", "complex", "natural", "rational", "positive"):
        return "scalar", [words]
    if words in ("row", "row vector"):
        return "matrix", ["row"]
    raise UsageError(f"symbol {name!r}: no such type {said!r}" + _hint(words, TYPES))


def _hint(word: str, known: tuple[str, ...]) -> str:
    hint = did_you_mean(word, known)
    return f" ({hint})" if hint else f" (one of {', '.join(known)})"


def _closure(name: str, words: list[str], bounds: list[Bound]) -> frozenset[str]:
    found: set[str] = set()
    waiting = [_SAME.get(word, word) for word in words if word and word != "row"]
    for bound in bounds:
        waiting.append("real")
        low = _sign(bound.value)
        if bound.op in (">", ">=") and low is not None and (low > 0 or (low == 0 and bound.op == ">")):
            waiting.append("positive")
        elif bound.op == ">=" and low == 0:
            waiting.append("nonnegative")
        elif bound.op in ("<", "<=") and low is not None and (low < 0 or (low == 0 and bound.op == "<")):
            waiting.append("negative")
        elif bound.op == "<=" and low == 0:
            waiting.append("nonpositive")
        elif bound.op == "!=" and low == 0:
            waiting.append("nonzero")
    while waiting:
        word = waiting.pop()
        if word not in ASSUMPTIONS:
            raise UsageError(f"symbol {name!r}: no such assumption {word!r}" + _hint(word, tuple(ASSUMPTIONS)))
        if word not in found:
            found.add(word)
            waiting.extend(ASSUMPTIONS[word])
    for one, other in (("positive", "negative"), ("even", "odd"), ("symmetric", "skew"), ("invertible", "singular")):
        if one in found and other in found:
            raise UsageError(f"symbol {name!r} cannot be both {one} and {other}")
    return frozenset(found)


def _sign(value: Expr) -> Fraction | None:
    match value:
        case Num(number):
            return Fraction(number)
        case Neg(Num(number)):
            return -Fraction(number)
        case Const("pi" | "e") | Mul():
            return Fraction(1)
        case _:
            return None


_OPS = {"<": "<", "<=": "<=", "≤": "<=", ">": ">", ">=": ">=", "≥": ">=", "!=": "!=", "≠": "!="}
_FLIP = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "!=": "!="}


def _bounds(name: str, text: str) -> list[Bound]:
    """``0<v<1``, ``> 0``, ``v >= 1/2``, ``0 < x < pi``: the letter stands for the symbol itself."""
    parts = re.split(r"(<=|>=|!=|[<>≤≥≠])", text)
    terms, ops = [p.strip() for p in parts[::2]], [_OPS[o] for o in parts[1::2]]
    found: list[Bound] = []
    values = [_constant(term) for term in terms]
    own = [i for i, value in enumerate(values) if value is None]
    if len(own) != 1 or len(terms) > 3:
        raise UsageError(f"symbol {name!r}: cannot read the range {text!r}; write it as 0<v<1")
    at = own[0]
    for i, value in enumerate(values):
        if value is None:
            continue
        if i == at + 1:
            found.append(Bound(ops[at], value))
        elif i == at - 1:
            found.append(Bound(_FLIP[ops[i]], value))
        else:
            raise UsageError(f"symbol {name!r}: cannot read the range {text!r}; write it as 0<v<1")
    return [bound for bound in found if bound.value not in (Const("oo"), Neg(Const("oo")))]


def _constant(text: str) -> Expr | None:
    text = text.replace(" ", "").replace("−", "-").replace("\\", "").replace("π", "pi")
    found = re.fullmatch(r"(-?)(\d+(?:\.\d+)?(?:/\d+)?)?\*?(pi|e|oo|inf|infinity|∞)?(?:/(\d+))?", text)
    if found is None or not (found[2] or found[3]):
        return None
    number = Fraction(found[2] or 1) / int(found[4] or 1)
    value: Expr = Num(int(number) if number.denominator == 1 else number)
    if found[3]:
        constant = Const(found[3] if found[3] in ("pi", "e") else "oo")
        value = constant if number == 1 else Mul((value, constant))
    return Neg(value) if found[1] else value


def _from_words(name: str, text: str) -> dict[str, Any]:
    """``matrix(m,n) invertible``, ``vector(n)``, ``real > 0``, ``integer``."""
    found = re.fullmatch(r"\s*([a-z]+(?: variable)?)\s*(?:\(([^)]*)\))?\s*(.*)", text, re.S)
    if found is None:
        raise UsageError(f"symbol {name!r}: cannot read {text!r}; write it as `matrix(n, d)` or `real > 0`")
    kind, sizes, rest = found.groups()
    said: dict[str, Any] = {"type": kind}
    if sizes is not None:
        said["shape"] = [int(s) if s.isdecimal() else s for s in re.split(r"[\s,x×]+", sizes.strip()) if s]
    if re.match(r"[<>≤≥]|!=", rest.strip()):
        said["assume"] = [f"v {rest}"]
    elif rest.strip():
        said["assume"] = [part.strip() for part in rest.split(",")]
    if kind not in TYPES:
        said["type"], words = "scalar", [kind]
        said["assume"] = [*words, *said.get("assume", ())]
    return said


def _shape(name: str, kind: str, said: Any) -> Shape:
    def size(value: Any) -> Size:
        if isinstance(value, bool) or not isinstance(value, int | str):
            raise UsageError(f"symbol {name!r}: a size is a number or a letter, not {value!r}")
        if isinstance(value, int):
            if value < 1:
                raise UsageError(f"symbol {name!r}: a size is at least 1, not {value}")
            return value
        text = value.strip()
        if text.isdecimal():
            return size(int(text))
        return None if text in ("fits", "?", "") else text

    if said is None:
        if kind == "identity":
            return Shape(None, None)
        if kind in ("vector", "matrix"):
            raise UsageError(f"symbol {name!r}: a {kind} needs a shape")
        return SCALAR
    sizes = [size(value) for value in (said if isinstance(said, list | tuple) else [said])]
    if kind == "vector" and len(sizes) == 1:
        return vector(sizes[0])
    if kind == "identity" and len(sizes) == 1:
        return matrix(sizes[0], sizes[0])
    if len(sizes) == 1 and kind == "function":
        return vector(sizes[0])
    if len(sizes) != 2:
        raise UsageError(f"symbol {name!r}: a shape has two sizes, not {len(sizes)}")
    if kind == "scalar" and sizes != [1, 1]:
        raise UsageError(f"symbol {name!r}: a scalar is 1×1, not {sizes[0]}×{sizes[1]}")
    return matrix(sizes[0], sizes[1])
