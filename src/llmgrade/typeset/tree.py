"""A formula as KaTeX parses it: what stands where, before anything is measured.

A formula is a `Row` of nodes. Nodes are frozen and hashable, so any part of one may serve as the key of a cache.
Every argument of a command is a row, even of one symbol; a base of scripts is a single node.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

from llmgrade.typeset.symbols import SYMBOLS, Kind

__all__ = [
    "Accent",
    "Array",
    "BigOperator",
    "Boxed",
    "Brace",
    "ClassOf",
    "Fixed",
    "Font",
    "Fraction",
    "Group",
    "LabelledArrow",
    "LeftRight",
    "LongArrow",
    "Middle",
    "Modulo",
    "Negated",
    "Node",
    "NotIn",
    "Operator",
    "Phantom",
    "Root",
    "Row",
    "Ruled",
    "Scripts",
    "Space",
    "Splice",
    "Stack",
    "Stretchy",
    "Style",
    "Sym",
    "Tag",
    "Text",
    "is_character",
    "rows_of",
    "symbol",
    "with_rows",
]


@dataclass(frozen=True, slots=True)
class Sym:
    """One character."""

    char: str
    kind: Kind
    font: str = "main"


@dataclass(frozen=True, slots=True)
class Space:
    """An explicit space of ``mu`` (1/18 em); `symbols.NO_BREAK` is a blank that is a character of its own."""

    mu: float


@dataclass(frozen=True, slots=True)
class Group:
    """``{...}``: an ordinary atom whatever it holds."""

    body: Row


@dataclass(frozen=True, slots=True)
class Splice:
    """What a macro stands for: its nodes take part in the row around it."""

    body: Row


@dataclass(frozen=True, slots=True)
class Scripts:
    """``base_{sub}^{sup}``; at least one script."""

    base: Node | None
    sub: Row | None
    sup: Row | None


@dataclass(frozen=True, slots=True)
class Fraction:
    """``\\frac`` and kin. ``size``: "" as around, "d" display, "t" text, "c" continued. Delimiters as commands or ""."""

    numerator: Row
    denominator: Row
    size: str = ""
    left: str = ""
    right: str = ""
    bar: bool = True


@dataclass(frozen=True, slots=True)
class Root:
    """``\\sqrt[index]{body}``."""

    body: Row
    index: Row | None = None


@dataclass(frozen=True, slots=True)
class Accent:
    """``\\hat{body}`` and the other accents of one glyph (``\\vec`` too, whose glyph is drawn)."""

    name: str
    body: Row


@dataclass(frozen=True, slots=True)
class Stretchy:
    """``\\widehat{body}`` and the other drawn accents."""

    name: str
    body: Row


@dataclass(frozen=True, slots=True)
class Ruled:
    """``\\overline{body}`` (over) or ``\\underline{body}``."""

    over: bool
    body: Row


@dataclass(frozen=True, slots=True)
class Boxed:
    """``\\boxed{body}``."""

    body: Row


@dataclass(frozen=True, slots=True)
class BigOperator:
    """∑ ∫ and kin; ``limits``: scripts stand above and below in display."""

    char: str
    limits: bool


@dataclass(frozen=True, slots=True)
class Operator:
    """``\\log``, ``\\operatorname{tr}``; a thin space in the name is U+2009."""

    name: str
    limits: bool = False


@dataclass(frozen=True, slots=True)
class Font:
    """``\\mathbb{body}`` and kin; ``name`` is the command."""

    name: str
    body: Row


@dataclass(frozen=True, slots=True)
class Text:
    """``\\text{...}``; ``name`` is the command."""

    text: str
    name: str = r"\text"


@dataclass(frozen=True, slots=True)
class LeftRight:
    """``\\left( body \\right)``; delimiters as commands, "." for none."""

    left: str
    body: Row
    right: str


@dataclass(frozen=True, slots=True)
class Middle:
    """``\\middle|`` inside `LeftRight`."""

    delimiter: str


@dataclass(frozen=True, slots=True)
class Tag:
    """``\\tag{1}``: stands at the right margin of a displayed formula."""

    text: str


@dataclass(frozen=True, slots=True)
class Fixed:
    """``\\big(`` to ``\\Bigg)``: ``size`` 1 to 4, ``cls`` the class of atom."""

    delimiter: str
    size: int
    cls: str


@dataclass(frozen=True, slots=True)
class Array:
    """A matrix, cases or aligned; ``rows`` of cells; ``columns`` is array's letters."""

    env: str
    rows: tuple[tuple[Row, ...], ...]
    columns: str = ""


@dataclass(frozen=True, slots=True)
class Negated:
    """``\\not`` over a relation; ``\\neq`` is its commonest."""

    char: str


@dataclass(frozen=True, slots=True)
class NotIn:
    """``\\notin``."""


@dataclass(frozen=True, slots=True)
class LongArrow:
    """``\\implies`` ⟹, ``\\iff`` ⟺, ``\\impliedby`` ⟸, with their own space."""

    char: str


@dataclass(frozen=True, slots=True)
class Style:
    """``\\displaystyle`` (0), ``\\textstyle`` (2), ``\\scriptstyle`` (4) or smaller (6) for the rest of a row."""

    style: int
    body: Row


@dataclass(frozen=True, slots=True)
class Stack:
    """``\\overset``, ``\\underset`` or ``\\stackrel`` (``name`` without backslash)."""

    name: str
    script: Row
    body: Row


@dataclass(frozen=True, slots=True)
class Brace:
    """``\\underbrace`` or ``\\overbrace``."""

    over: bool
    body: Row


@dataclass(frozen=True, slots=True)
class LabelledArrow:
    """``\\xrightarrow[below]{above}``; the arrow itself is drawn."""

    name: str
    above: Row
    below: Row | None = None


@dataclass(frozen=True, slots=True)
class Modulo:
    """``\\pmod{m}``, ``\\mod{m}``, ``\\pod{m}``, ``\\bmod``."""

    name: str
    body: Row | None


@dataclass(frozen=True, slots=True)
class ClassOf:
    """``\\mathrel{...}`` and kin: the row as an atom of class ``cls``."""

    cls: str
    body: Row


@dataclass(frozen=True, slots=True)
class Phantom:
    """``\\phantom`` (both), ``\\hphantom`` (wide), ``\\vphantom`` (tall), ``\\cancel`` or ``\\smash`` (``shown``)."""

    wide: bool
    tall: bool
    body: Row
    shown: bool = False
    name: str = r"\phantom"


Node: TypeAlias = (
    Sym | Space | Group | Splice | Scripts | Fraction | Root | Accent | Stretchy | Ruled | Boxed | BigOperator | Operator
    | Font | Text | LeftRight | Middle | Tag | Fixed | Array | Negated | NotIn | LongArrow | Style | Stack | Brace | LabelledArrow
    | Modulo | ClassOf | Phantom
)  # fmt: skip
Row: TypeAlias = tuple[Node, ...]


def symbol(char: str) -> Sym:
    """The symbol that a character of the page usually is.

    >>> symbol("λ"), symbol("−").kind, symbol("≤").kind
    (Sym(char='λ', kind='mathord', font='main'), 'bin', 'rel')
    """
    entry = _BY_CHAR.get(char)
    if entry is None:
        return Sym(char, "mathord" if char.isalpha() else "textord")
    return entry


def _usual_symbols() -> dict[str, Sym]:
    found: dict[str, Sym] = {}
    for name, entry in SYMBOLS.items():
        known = found.get(entry.char)
        if known is None or (known.font != "main" and entry.font == "main") or name == entry.char:
            found[entry.char] = Sym(entry.char, entry.kind, entry.font)
    for char, kind in {"∣": "textord", "∥": "textord", "⊥": "rel", "†": "bin", "‡": "bin", "′": "textord"}.items():
        found[char] = Sym(char, kind)  # type: ignore[arg-type]
    return found


_BY_CHAR = _usual_symbols()


def is_character(row_or_node: Row | Node | None) -> bool:
    """Whether KaTeX takes this for a single character, which decides how scripts sit beside it."""
    item: Row | Node | None = row_or_node
    while True:
        if isinstance(item, tuple):
            if len(item) != 1:
                return False
            item = item[0]
        elif isinstance(item, Sym):
            return True
        elif isinstance(item, (Group, Font)):
            item = item.body
        else:
            return False


def rows_of(node: Node) -> Iterator[tuple[tuple[str | int, ...], Row]]:
    """The rows directly inside a node, each with the path that `with_rows` takes; a script's base is not a row."""
    match node:
        case Scripts(_, sub, sup):
            if sub is not None:
                yield ("sub",), sub
            if sup is not None:
                yield ("sup",), sup
        case Fraction(numerator, denominator):
            yield ("numerator",), numerator
            yield ("denominator",), denominator
        case Array(_, rows):
            for r, row in enumerate(rows):
                for c, cell in enumerate(row):
                    yield ("rows", r, c), cell
        case Stack(_, script, body):
            yield ("script",), script
            yield ("body",), body
        case Root(body, index):
            yield ("body",), body
            if index is not None:
                yield ("index",), index
        case LabelledArrow(_, above, below):
            yield ("above",), above
            if below is not None:
                yield ("below",), below
        case Modulo(_, arg):
            if arg is not None:
                yield ("body",), arg
        case (
            Group() | Splice() | Accent() | Stretchy() | Ruled() | Boxed() | Font() | LeftRight() | Style() | Brace()
            | ClassOf() | Phantom()
        ):  # fmt: skip
            yield ("body",), node.body
        case _:
            pass


def with_rows(node: Node, path: tuple[str | int, ...], row: Row) -> Node:
    """``node`` with the row at ``path`` (of `rows_of`) replaced."""
    if isinstance(node, Array):
        _, r, c = path
        assert isinstance(r, int)
        assert isinstance(c, int)
        cells = [list(line) for line in node.rows]
        cells[r][c] = row
        return replace(node, rows=tuple(tuple(line) for line in cells))
    return replace(node, **{str(path[0]): row})  # type: ignore[arg-type]
