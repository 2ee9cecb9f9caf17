"""The symbols, operators and fonts of KaTeX, and the measures of their glyphs.

``katex.json`` holds KaTeX's own tables (see NOTICE): per font and code point ``[depth, height, italic, skew, width]``
in em, and per command ``[character, group, font]``. Everything here is loaded once and only read afterwards.
"""

from __future__ import annotations

import json
from importlib import resources
from typing import Final, Literal, NamedTuple

__all__ = [
    "ACCENTS",
    "BIG_OPERATORS",
    "DELIMITERS",
    "ENVIRONMENTS",
    "FONTS",
    "METRICS",
    "NAMED_OPERATORS",
    "SPACES",
    "STRETCHY",
    "SYMBOLS",
    "ZERO_WIDTH",
    "Kind",
    "Measure",
    "SymbolEntry",
    "command_of",
    "measure",
]

Kind = Literal["mathord", "textord", "bin", "rel", "open", "close", "punct", "inner"]

ZERO_WIDTH: Final = "\u200b"
"""What KaTeX puts beside every vertical list that goes below the baseline."""


class Measure(NamedTuple):
    """A glyph's measures in em of its font."""

    depth: float
    height: float
    italic: float
    skew: float
    width: float


class SymbolEntry(NamedTuple):
    """What a command or character typesets: a character of a kind, from the main or the AMS fonts."""

    char: str
    kind: Kind
    font: str


def _load() -> tuple[dict[str, dict[str, Measure]], dict[str, SymbolEntry]]:
    text = resources.files(__package__).joinpath("katex.json").read_text(encoding="utf-8")
    data = json.loads(text)
    metrics = {font: {chr(int(c)): Measure(*v) for c, v in table.items()} for font, table in data["metrics"].items()}
    return metrics, {name: SymbolEntry(*entry) for name, entry in data["symbols"].items()}


METRICS, SYMBOLS = _load()

SYMBOLS["-"] = SymbolEntry("−", "bin", "main")
SYMBOLS["*"] = SymbolEntry("∗", "bin", "main")
SYMBOLS["⋅"] = SYMBOLS[r"\cdot"]
SYMBOLS["·"] = SYMBOLS[r"\cdot"]
for _alias, _name in {
    r"\lang": r"\langle", r"\rang": r"\rangle", r"\darr": r"\downarrow", r"\uarr": r"\uparrow", r"\bull": r"\bullet",
    r"\larr": r"\leftarrow", r"\rarr": r"\rightarrow", r"\Rarr": r"\Rightarrow", r"\infin": r"\infty",
    r"\isin": r"\in", r"\sdot": r"\cdot", r"\empty": r"\emptyset", r"\exist": r"\exists",
    r"\lbrace": r"\{", r"\rbrace": r"\}", r"\lbrack": "[", r"\rbrack": "]", r"\imath": r"\@imath", r"\jmath": r"\@jmath",
    r"\lq": "`", r"\&": r"\&", r"\owns": r"\ni", r"\vdots": r"\varvdots",
    r"\nleqslant": r"\@nleqslant", r"\ngeqslant": r"\@ngeqslant", r"\nleqq": r"\@nleqq", r"\ngeqq": r"\@ngeqq",
    r"\varsubsetneq": r"\@varsubsetneq", r"\varsupsetneq": r"\@varsupsetneq",
}.items():  # fmt: skip
    if _name in SYMBOLS:
        SYMBOLS.setdefault(_alias, SYMBOLS[_name])
SYMBOLS.setdefault(r"\imath", SymbolEntry("ı", "textord", "main"))
SYMBOLS.setdefault(r"\jmath", SymbolEntry("ȷ", "textord", "main"))
SYMBOLS[r"\vdots"] = SymbolEntry("⋮", "textord", "main")
for _char in "([":
    SYMBOLS[_char] = SymbolEntry(_char, "open", "main")
for _char in ")]":
    SYMBOLS[_char] = SymbolEntry(_char, "close", "main")
for _char in '0123456789./@"`':
    SYMBOLS[_char] = SymbolEntry(_char, "textord", "main")
for _char in "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ":
    SYMBOLS[_char] = SymbolEntry(_char, "mathord", "main")

BIG_OPERATORS: Final[dict[str, tuple[str, bool]]] = {
    r"\sum": ("∑", True), r"\prod": ("∏", True), r"\coprod": ("∐", True), r"\bigcup": ("⋃", True),
    r"\bigcap": ("⋂", True), r"\bigoplus": ("⨁", True), r"\bigotimes": ("⨂", True), r"\bigvee": ("⋁", True),
    r"\bigwedge": ("⋀", True), r"\biguplus": ("⨄", True), r"\bigsqcup": ("⨆", True), r"\bigodot": ("⨀", True),
    r"\int": ("∫", False), r"\intop": ("∫", True), r"\oint": ("∮", False), r"\iint": ("∬", False),
    r"\iiint": ("∭", False), r"\oiint": ("∯", False), r"\oiiint": ("∰", False),
}  # fmt: skip
"""Command → (character, whether limits stand above and below in display)."""

NAMED_OPERATORS: Final[dict[str, bool]] = dict.fromkeys(
    [
        "arccos",
        "arcsin",
        "arctan",
        "arctg",
        "arcctg",
        "arg",
        "ch",
        "cos",
        "cosec",
        "cosh",
        "cot",
        "cotg",
        "coth",
        "csc",
        "ctg",
        "cth",
        "deg",
        "dim",
        "exp",
        "hom",
        "ker",
        "lg",
        "ln",
        "log",
        "sec",
        "sin",
        "sinh",
        "sh",
        "tan",
        "tanh",
        "tg",
        "th",
    ],
    False,
) | dict.fromkeys(["det", "gcd", "inf", "lim", "max", "min", "Pr", "sup"], True)
"""Name → whether limits stand below it in display."""

ACCENTS: Final[dict[str, str]] = {
    r"\hat": "^", r"\tilde": "~", r"\bar": "ˉ", r"\dot": "˙", r"\ddot": "¨", r"\check": "ˇ", r"\acute": "ˊ",
    r"\grave": "ˋ", r"\breve": "˘", r"\mathring": "˚", r"\vec": "",
}  # fmt: skip
"""Accent → the character on the page; ``\\vec`` is drawn and leaves none."""

STRETCHY: Final = frozenset(
    {r"\widehat", r"\widetilde", r"\widecheck", r"\overrightarrow", r"\overleftarrow", r"\overleftrightarrow"}
)

FONTS: Final[dict[str, str]] = {
    r"\mathbf": "Main-Bold", r"\mathrm": "Main-Regular", r"\mathbb": "AMS-Regular", r"\mathcal": "Caligraphic-Regular",
    r"\mathscr": "Script-Regular", r"\mathfrak": "Fraktur-Regular", r"\mathsf": "SansSerif-Regular",
    r"\mathtt": "Typewriter-Regular", r"\mathit": "Main-Italic", r"\mathnormal": "", r"\boldsymbol": "BOLD",
    r"\bm": "BOLD", r"\bold": "Main-Bold", r"\Bbb": "AMS-Regular", r"\frak": "Fraktur-Regular",
    r"\rm": "Main-Regular", r"\bf": "Main-Bold", r"\it": "Main-Italic", r"\sf": "SansSerif-Regular",
    r"\tt": "Typewriter-Regular", r"\cal": "Caligraphic-Regular",
}  # fmt: skip

NO_BREAK: Final = -1000.0
"""The ``mu`` of a blank that is a character of its own (``~``, ``\\ ``)."""

SPACES: Final[dict[str, float]] = {
    r"\,": 3, r"\:": 4, r"\>": 4, r"\;": 5, r"\!": -3, r"\thinspace": 3, r"\medspace": 4, r"\thickspace": 5,
    r"\negthinspace": -3, r"\negmedspace": -4, r"\negthickspace": -5, r"\enspace": 9, r"\enskip": 9, r"\quad": 18,
    r"\qquad": 36, "~": NO_BREAK, r"\ ": NO_BREAK, r"\space": NO_BREAK, r"\nobreakspace": NO_BREAK,
}  # fmt: skip
"""Command → width in mu (1/18 em)."""

DELIMITERS: Final[dict[str, str]] = {
    r"\{": "{", r"\}": "}", "|": "∣", r"\|": "∥", r"\langle": "⟨", r"\rangle": "⟩", r"\lfloor": "⌊", r"\rfloor": "⌋",
    r"\lceil": "⌈", r"\rceil": "⌉", r"\backslash": "\\", r"\uparrow": "↑", r"\downarrow": "↓", r"\updownarrow": "↕",
    r"\Uparrow": "⇑", r"\Downarrow": "⇓", r"\Updownarrow": "⇕", r"\lgroup": "⟮", r"\rgroup": "⟯",
    r"\lmoustache": "⎰", r"\rmoustache": "⎱",
}  # fmt: skip
"""Delimiter command → its character; a delimiter not listed is its own character."""

ENVIRONMENTS: Final[dict[str, tuple[str, str]]] = {
    "matrix": ("", ""), "pmatrix": ("(", ")"), "bmatrix": ("[", "]"), "Bmatrix": (r"\{", r"\}"), "vmatrix": ("|", "|"),
    "Vmatrix": (r"\|", r"\|"), "smallmatrix": ("", ""), "cases": (r"\{", "."), "dcases": (r"\{", "."),
    "rcases": (".", r"\}"), "drcases": (".", r"\}"), "array": ("", ""), "aligned": ("", ""), "align": ("", ""),
    "split": ("", ""), "alignedat": ("", ""), "alignat": ("", ""), "gathered": ("", ""), "gather": ("", ""),
    "equation": ("", ""), "subarray": ("", ""), "darray": ("", ""), "eqnarray": ("", ""), "multline": ("", ""),
}  # fmt: skip
"""Environment → its delimiters, "" for none at all."""


def measure(font: str, char: str) -> Measure | None:
    """The measures of ``char`` in a font, or None where the font lacks it."""
    table = METRICS.get(font)
    return None if table is None else table.get(char)


def _usual_commands() -> dict[str, str]:
    found: dict[str, str] = {}
    for name, entry in SYMBOLS.items():
        if name.startswith(r"\@") or not name.isascii():
            continue
        known = found.get(entry.char)
        if known is None or name == entry.char or (SYMBOLS[known].font != "main" and entry.font == "main"):
            found[entry.char] = name
    found.update(
        {
            "∣": "|", "∥": r"\|", "∗": "*", "−": "-", "†": r"\dagger", "‡": r"\ddagger", "→": r"\to", "←": r"\leftarrow",
            "≤": r"\leq", "≥": r"\geq", "<": "<", ">": ">", "{": r"\{", "}": r"\}", "¬": r"\neg", "∧": r"\wedge",
            "∨": r"\vee", "′": r"\prime", "∅": r"\emptyset", "…": r"\ldots", "⋯": r"\cdots", "⋮": r"\vdots",
            "⋱": r"\ddots", "⊤": r"\top", "⊥": r"\perp", "∘": r"\circ", "⋅": r"\cdot", ":": ":", "[": "[", "]": "]",
            "(": "(", ")": ")", "∖": r"\setminus", "ϵ": r"\epsilon", "ε": r"\varepsilon", "ϕ": r"\phi",
            "φ": r"\varphi", "⟹": r"\Longrightarrow", "⟺": r"\Longleftrightarrow", "∈": r"\in", "▽": r"\triangledown",
            "□": r"\square", "∙": r"\bullet", "⋆": r"\star", "⊂": r"\subset", "Δ": r"\Delta", "≠": r"\neq",
        }
    )  # fmt: skip
    return found


_COMMANDS: Final = _usual_commands()


def command_of(char: str) -> str:
    """The usual LaTeX for a character of the page; the character itself where there is no command.

    >>> command_of("λ"), command_of("x"), command_of("≤")
    ('\\\\lambda', 'x', '\\\\leq')
    """
    return _COMMANDS.get(char, char)
