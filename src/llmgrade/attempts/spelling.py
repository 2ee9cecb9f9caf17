"""A chat's way of writing names, turned into the rubric's: ``W_i^{(1)}``, ``W1_i`` and ``W₁ᵢ`` are one weight.

Only names are touched, one lexeme with its accents and scripts at a time; everything else of the text stays letter by
letter as it was, so that a reading's places still make sense.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from llmgrade.rubric.model import Symbol

__all__ = ["Speller", "speller", "tidy"]

_SUB = dict(zip("₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", "0123456789+-=()aehijklmnoprstuvx", strict=True))
_SUP = dict(
    zip(
        "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁱⁿᵀ†⊤",
        ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "+", "-", "=", "(", ")", "i", "n", "T", "†", "T"],
        strict=True,
    )
)
_SUP_MARKS = frozenset(_SUP) - {"†", "⊤"}
_GREEK = {
    "\\lambda": "λ", "\\phi": "φ", "\\varphi": "φ", "ϕ": "φ", "\\sigma": "σ", "\\Sigma": "Σ", "\\eta": "η", "\\alpha": "α",
    "\\ell": "ℓ", "\\theta": "θ", "\\beta": "β", "\\Phi": "Φ", "\\epsilon": "ε", "\\varepsilon": "ε", "\\gamma": "γ", "\\mu": "μ",
    "\\xi": "ξ", "\\tau": "τ", "\\delta": "δ", "\\rho": "ρ", "\\psi": "ψ", "\\omega": "ω", "\\Lambda": "Λ", "\\nu": "ν", "\\kappa": "κ",
    "lambda": "λ", "sigma": "σ", "Sigma": "Σ", "phi": "φ", "eta": "η", "alpha": "α", "theta": "θ", "beta": "β", "lam": "λ", "lmbda": "λ",
    "\\partial": "∂", "\\nabla": "∇",
}  # fmt: skip
_ACCENTS = {"hat": "hat", "widehat": "hat", "tilde": "tilde", "widetilde": "tilde", "bar": "bar", "overline": "bar",
            "check": "check", "dot": "dot", "vec": ""}  # fmt: skip
_COMBINING = {"\u0302": "hat", "\u0303": "tilde", "\u0304": "bar", "\u0305": "bar", "\u030c": "check", "\u0307": "dot"}
_FONTS = re.compile(
    r"\\(?:mathbf|mathrm|boldsymbol|operatorname\*?|mathit|bm|mathsf|mathcal|mathbb|pmb)(?![A-Za-z])\s*"
)
_WORDS = frozenset(
    [
        "exp",
        "log",
        "ln",
        "sqrt",
        "max",
        "min",
        "inv",
        "det",
        "tr",
        "trace",
        "rank",
        "diag",
        "norm",
        "sign",
        "sgn",
        "relu",
        "ReLU",
        "if",
        "otherwise",
        "else",
        "and",
        "or",
        "for",
        "when",
        "with",
        "the",
        "lambda",
        "sigma",
        "Sigma",
        "phi",
        "eta",
        "alpha",
        "theta",
        "beta",
        "lam",
        "lmbda",
        "argmin",
        "argmax",
        "lim",
        "sum",
        "transpose",
        "pinv",
        "np",
        "linalg",
        "dot",
        "eye",
        "zeros",
        "ones",
    ]
)
_LEXEME = re.compile(r"\\[A-Za-z]+|\\.|[^\W\d_]+|\d+(?:\.\d+)?|\s+|.", re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Name:
    """A name with everything that hangs on it, ``[start, stop)`` in the text."""

    base: str
    accents: tuple[str, ...]
    sub: str
    sup: str
    primes: int
    start: int
    stop: int
    base_stop: int
    sup_text: str = ""
    """The superscript as written, for putting it back."""

    def key(self, *, sub: bool = True, sup: bool = True, accents: bool = True) -> tuple[str, ...]:
        return (
            self.base,
            ",".join(self.accents) if accents else "",
            self.sub if sub else "",
            self.sup if sup else "",
            "'" * self.primes,
        )


_FREE_SUPERSCRIPTS = frozenset({"T", "⊤", "2", "-1", "†", "+", "-T", "H", "-2", "1/2", "-1/2", "3"})
_STARS = frozenset({"*", "∗", "\\ast", "\\star", "⋆", "★"})


def tidy(text: str) -> str:
    """LaTeX without what only sets it: sizes of brackets, thin spaces, style switches, a closing full stop."""
    text = unicodedata.normalize("NFC", text).strip()
    text = re.sub(
        r"\\(?:left|right|bigl|bigr|Bigl|Bigr|big|Big|bigg|Bigg|middle|displaystyle|textstyle|limits|nolimits|phantom\{[^{}]*\})(?![A-Za-z])\s*",
        "",
        text,
    )
    text = re.sub(r"(?<!\\)\\[,;:!> ]|\\quad(?![a-z])|\\qquad(?![a-z])|~", " ", text)
    text = re.sub(r"\\[dt]frac(?![A-Za-z])", r"\\frac", text)
    text = text.replace("\u2212", "-").replace("\u2061", "").replace("\u200b", "")
    text = re.sub(r"(?<![\\\w])\\tag\{[^{}]*\}|\\label\{[^{}]*\}|\\nonumber|\\notag", "", text)
    return text.strip().rstrip(".,;").strip()


class Speller:
    """Turns a chat's names into a rubric's. One is made per part and kept."""

    def __init__(self, symbols: Mapping[str, Symbol], renamed: Mapping[str, str] = {}) -> None:
        self.symbols = symbols
        self._exact: dict[tuple[str, ...], str] = {}
        self._phrases: list[tuple[tuple[str, ...], str]] = []
        self._known: dict[str, str] = {}
        """Bases of declared names, for decorated spellings of them."""
        for name in symbols:
            names = _names(name)
            if len(names) == 1 and names[0].stop == len(name):
                self._exact[names[0].key()] = name
                if not (names[0].sub or names[0].sup or names[0].primes or names[0].accents):
                    self._known[names[0].base] = name
        for name, symbol in symbols.items():
            for spelling in symbol.also:
                self._add(spelling, name)
        for spelling, name in renamed.items():
            self._add(spelling, name, first=True)

    def _add(self, spelling: str, name: str, *, first: bool = False) -> None:
        tokens = _tokens(spelling)
        if len(tokens) == 1 and isinstance(tokens[0], _Name):
            key = tokens[0].key()
            if first:
                self._exact[key] = name
            else:
                self._exact.setdefault(key, name)
            return
        # What is read back from print has braces around every script: (W_{1})_{i}.
        for written in dict.fromkeys((spelling, re.sub(r"\)([_^])(\w)", r")\1{\2}", spelling))):
            flat = tuple(_flat(token) for token in _tokens(written))
            if flat:
                self._phrases.append((flat, name))
        self._phrases.sort(key=lambda entry: -len(entry[0]))

    def spell(self, text: str) -> str:
        """The text with the rubric's own names in it."""
        return _rewrite(self, tidy(text))

    def name_of(self, name: _Name) -> tuple[str, str] | None:
        """The declared name a written one stands for, and the superscript to put back; None: leave it alone."""
        exact = self._exact.get(name.key())
        if exact is not None:
            return exact, ""
        if name.sup in _FREE_SUPERSCRIPTS:
            inner = self._exact.get(name.key(sup=False))
            if inner is not None:
                return inner, name.sup_text
        if name.sup and name.sup[0] in "*∗⋆" and len(name.sup) > 1 and name.sup[1:].strip("{}") in _FREE_SUPERSCRIPTS:
            inner = self._exact.get(name.key(sup=False))
            if inner is not None:
                return inner, "^{" + name.sup[1:] + "}"
        base = self._known.get(name.base) or self._exact.get((name.base, "", "", "", ""))
        if base is None or name.primes or not self._decorable(base):
            return None
        wordy = (
            name.sub == ""
            or name.sub in _STARS
            or (len(name.sub) >= 2 and name.sub.isalpha() and name.sub.isascii())
            or name.sub == "λ"
        )
        starred = name.sup in _STARS or name.sup in _FREE_SUPERSCRIPTS or name.sup == ""
        if (
            wordy
            and starred
            and all(accent in {"hat"} for accent in name.accents)
            and (name.sub or name.sup or name.accents)
        ):
            return base, name.sup_text if name.sup in _FREE_SUPERSCRIPTS else ""
        return None

    def _decorable(self, base: str) -> bool:
        """Vectors keep their meaning under a hat, a star or a word (``ŵ_ridge``); a matrix's adjoint does not."""
        return self.symbols[base].is_.startswith(("vector", "scalar")) if base in self.symbols else False


@lru_cache(maxsize=256)
def _cached(symbols: tuple[tuple[str, Symbol], ...], renamed: tuple[tuple[str, str], ...]) -> Speller:
    return Speller(dict(symbols), dict(renamed))


def speller(symbols: Mapping[str, Symbol], renamed: Mapping[str, str] | None = None) -> Speller:
    """The speller of these symbols; kept between calls."""
    return _cached(tuple(symbols.items()), tuple((renamed or {}).items()))


# ----------------------------------------------------------------------------------------------------- lexemes


def _flat(token: _Name | str) -> str:
    return "\0".join(token.key()) if isinstance(token, _Name) else token


@lru_cache(maxsize=4096)
def _names(text: str) -> tuple[_Name, ...]:
    return tuple(token for token in _tokens(text) if isinstance(token, _Name))


def _tokens(text: str) -> tuple[_Name | str, ...]:
    return tuple(token for token, _, _ in _lex(text) if not (isinstance(token, str) and token.isspace()))


@lru_cache(maxsize=512)
def _lex(text: str) -> tuple[tuple[_Name | str, int, int], ...]:
    """Names and everything else, in order, with their places."""
    found: list[tuple[_Name | str, int, int]] = []
    at = 0
    while at < len(text):
        name = _name(text, at)
        if name is not None:
            found.append((name, name.start, name.stop))
            at = name.stop
            continue
        match = _LEXEME.match(text, at)
        assert match is not None
        word = match.group()
        found.append((word, at, match.end()))
        at = match.end()
    return tuple(found)


_NO_NAME = frozenset("0123456789+-*/^_(){}[]|=<>.,:;!& ")
"""What no name begins with."""
_ACCENT = re.compile(r"\\(" + "|".join(_ACCENTS) + r")(?![A-Za-z])\s*")
_WORD_COMMAND = re.compile(r"\\[A-Za-z]+")
_LETTERS = re.compile(r"[^\W\d_]+")


def _name(text: str, at: int) -> _Name | None:
    if text[at] in _NO_NAME:
        return None
    start, accents = at, []
    font = _FONTS.match(text, at)
    braces = 0
    while True:
        if font:
            at = font.end()
        accent = _ACCENT.match(text, at)
        if accent:
            if _ACCENTS[accent[1]]:
                accents.append(_ACCENTS[accent[1]])
            at = accent.end()
        if (accent or font) and at < len(text) and text[at] == "{":
            braces, at = braces + 1, at + 1
        font = _FONTS.match(text, at)
        if not (accent or font):
            break
    base, at = _base(text, at)
    if base is None:
        return None
    while at < len(text) and text[at] in _COMBINING:
        accents.append(_COMBINING[text[at]])
        at += 1
    composed = unicodedata.normalize("NFD", base)
    if len(base) == 1 and len(composed) == 2 and composed[1] in _COMBINING:
        base = composed[0]
        accents.append(_COMBINING[composed[1]])
    inner_sub = inner_sup = ""
    if braces:
        inner_sub, inner_sup, _, at, _ = _scripts(text, at)
        while braces and at < len(text) and text[at] == "}":
            braces, at = braces - 1, at + 1
        if braces:
            return None
    base_stop = at
    sub, sup, primes, at, sup_text = _scripts(text, at)
    if (
        base.isascii()
        and len(base) == 1
        and base.isalpha()
        and not sub
        and at == base_stop
        and re.match(r"\d_?(?:[ij]\b|\{[ij]\})", text[at:])
    ):
        # W1_i, W1i: a layer's number glued to the letter.
        match = re.match(r"(\d)_?\{?([ij])\}?", text[at:])
        assert match is not None
        sub = match[1] + match[2]
        at += match.end()
        _, more_sup, more_primes, at, sup_text = _scripts(text, at)
        sup, primes = more_sup, more_primes
    return _Name(base, tuple(accents), inner_sub + sub, inner_sup + sup, primes, start, at, base_stop, sup_text)


def _base(text: str, at: int) -> tuple[str | None, int]:
    if at >= len(text):
        return None, at
    match = _WORD_COMMAND.match(text, at)
    if match:
        return (_GREEK[match.group()], match.end()) if match.group() in _GREEK else (None, at)
    char = text[at]
    if not char.isalpha() or char in _SUB or char in _SUP:
        return None, at
    word = _LETTERS.match(text, at)
    assert word is not None
    run = word.group()
    cut = next((i for i, c in enumerate(run) if c in _SUB or c in _SUP), len(run))
    run = run[:cut]
    if at == 0 or not (text[at - 1].isalpha() and text[at - 1].isascii()):
        for length in range(len(run), 1, -1):
            if run[:length] in _GREEK:
                return _GREEK[run[:length]], at + length
        if run in _WORDS or (len(run) > 3 and run.isascii()):
            return None, at
    return _GREEK.get(char, char), at + 1


def _scripts(text: str, at: int) -> tuple[str, str, int, int, str]:
    sub = sup = sup_text = ""
    primes = 0
    while at < len(text):
        char = text[at]
        if char in "'′’":
            primes, at = primes + 1, at + 1
        elif char in _SUB:
            sub, at = sub + _SUB[char], at + 1
        elif char in _SUP_MARKS or char == "†":
            first = at
            while at < len(text) and (text[at] in _SUP_MARKS or text[at] == "†"):
                sup, at = sup + _SUP[text[at]], at + 1
            sup_text += text[first:at]
        elif char in "_^":
            first = at
            content, stop = _argument(text, at + 1)
            if content is None:
                break
            bare = _bare(content)
            if char == "_":
                sub += bare
            elif bare.strip("′'") == "" or bare in {"\\prime", "prime"}:
                primes += max(1, len(bare) if "\\" not in bare and "p" not in bare else 1)
            else:
                if bare.endswith(("\\prime", "'")):
                    primes, bare = primes + 1, bare.removesuffix("\\prime").removesuffix("'")
                sup += bare
                sup_text += text[first:stop]
            at = stop
        elif char == " " and at + 1 < len(text) and text[at + 1] in "_^" and "^" not in text[max(0, at - 1) : at]:
            at += 1
        else:
            break
    return sub, sup, primes, at, sup_text


def _argument(text: str, at: int) -> tuple[str | None, int]:
    while at < len(text) and text[at] == " ":
        at += 1
    if at >= len(text):
        return None, at
    if text[at] == "{":
        depth = 0
        for place in range(at, len(text)):
            depth += (text[place] == "{") - (text[place] == "}")
            if depth == 0:
                return text[at + 1 : place], place + 1
        return None, at
    if text[at] == "(":
        match = re.compile(r"\(\s*(\d|[lL]|i)\s*\)").match(text, at)
        return (f"({match[1]})", match.end()) if match else (None, at)
    match = re.compile(r"\\[A-Za-z]+|-?1(?!\d)|[^\s]").match(text, at)
    return (match.group(), match.end()) if match else (None, at)


def _bare(content: str) -> str:
    content = re.sub(r"\\(?:text|mathrm|operatorname|rm|mathsf)\s*\{([^{}]*)\}", r"\1", content)
    content = re.sub(r"\\(?:top|intercal|mathsf\{T\}|transpose)(?![A-Za-z])", "T", content)
    content = re.sub(r"\\(?:dagger|dag)(?![A-Za-z])", "†", content).replace("⊤", "T")
    content = re.sub(r"\\[A-Za-z]+", lambda m: _GREEK.get(m.group(), m.group()), content)
    return re.sub(r"[\s{}]", "", content)


def _rewrite(spell: Speller, text: str) -> str:
    lexemes = _lex(text)
    parts: list[str] = []
    at = 0
    solid = [i for i, (token, _, _) in enumerate(lexemes) if not (isinstance(token, str) and token.isspace())]
    rank = {index: order for order, index in enumerate(solid)}
    while at < len(lexemes):
        token, start, stop = lexemes[at]
        if at in rank and spell._phrases:
            found = _phrase(spell, lexemes, solid, rank[at])
            if found is not None:
                name, length = found
                last = solid[rank[at] + length - 1]
                parts.append(f" {name} ")
                at = last + 1
                continue
        if isinstance(token, _Name):
            named = spell.name_of(token)
            if named is not None:
                name, sup = named
                shown = f" {name}{sup} " if not sup else f" {name}{sup}"
                parts.append(shown if text[start:stop].strip() != name else text[start:stop])
                at += 1
                continue
        parts.append(text[start:stop])
        at += 1
    return "".join(parts)


def _phrase(
    spell: Speller, lexemes: tuple[tuple[_Name | str, int, int], ...], solid: list[int], order: int
) -> tuple[str, int] | None:
    for flat, name in spell._phrases:
        if order + len(flat) > len(solid):
            continue
        if all(_flat(lexemes[solid[order + i]][0]) == want for i, want in enumerate(flat)):
            return name, len(flat)
    return None
