"""From lexeme to tokens, under a symbol table; remembered per lexeme, so that a word is thought about once.

Here is decided what only declarations can decide: ``wx`` is ``w`` times ``x`` unless ``wx`` was declared, ``A_{ij}`` an entry of a declared matrix
and a name otherwise, ``X'`` a transpose, ``f`` a function, ``T`` a transposition mark unless it was declared.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from llmgrade.expr.functions import CONSTANTS, SPELLINGS, read_unit
from llmgrade.expr.names import ACCENTS, COMBINING, GREEK, GREEK_NAMES, SUBSCRIPTS, SUPERSCRIPTS, base_name, subscript
from llmgrade.expr.nodes import Expr
from llmgrade.expr.notation.builder import Builder
from llmgrade.expr.notation.tokens import (
    ACCENT,
    BEGIN,
    BIG,
    CARET,
    CBAR,
    COND,
    DIFF,
    END,
    FUNC,
    INFIX,
    INVISIBLE,
    LB,
    LEXEME,
    LIM,
    LOGIC,
    MAYBE,
    METHOD,
    MOD,
    NUM,
    OBAR,
    PERCENT,
    POST,
    PRIME,
    RB,
    REL,
    RELATIONS,
    REMARK,
    SIMPLE,
    STYLES,
    SYM,
    THOUSANDS,
    UNDER,
    UNIT,
    WORD,
    Token,
    unspaced,
)
from llmgrade.expr.symbols import SymbolTable

__all__ = ["Lexicon", "Unreadable"]

MOST_LEXEMES = 2_000
"""A memory of lexemes is emptied when it has grown to this many, so that endless new names cannot fill it."""
MOST_SIGNS = 500
MOST_LETTERS = 400


class Unreadable(Exception):
    """A lexeme that means nothing, or a number beyond the budget (``limit``)."""

    def __init__(self, reason: str, *, limit: bool = False) -> None:
        super().__init__(reason)
        self.limit = limit


_SUBSET = r"(?:_(?:\{.*\}|\\[A-Za-z]+\s*(?:\{[^{}]*\})?|[A-Za-z]+|\d+|.)|[" + "".join(SUBSCRIPTS) + r"]+)"
_STAR = r"\^(?:\{(?:\*|\\ast|\\star|⋆|∗)\}|\\star|\\ast|\*|⋆|∗)"
_TAIL = re.compile(
    rf"(?P<sub>{_SUBSET})?(?P<star>{_STAR})?(?P<late>{_SUBSET})?(?P<primes>['′’″]*)(?:\^(?P<raised>\d|[A-Za-z]|\\top|\{{[^{{}}]*\}})(?P<under>{_SUBSET}))?",
    re.S,
)
_NAME = re.compile(r"\\?[A-Za-z]+(?![" + "".join(COMBINING) + r"])\*?|.[" + "".join(COMBINING) + r"]*", re.S)
_STYLED = re.compile(
    rf"\\(?P<style>{STYLES})(?![A-Za-z])\s*(?P<body>\{{(?:[^{{}}]|\{{(?:[^{{}}]|\{{[^{{}}]*\}})*\}})*\}}|\\?[A-Za-z0-9])",
    re.S,
)
_ACCENTED = re.compile(
    rf"\\(?P<accent>{'|'.join(ACCENTS)})(?![A-Za-z])\s*(?P<body>\{{(?:[^{{}}]|\{{(?:[^{{}}]|\{{[^{{}}]*\}})*\}})*\}}|\\?[A-Za-z0-9])",
    re.S,
)
_MARKS = re.compile(r"(?:[+-]?\d+|[T⊤†H]|-(?=[T⊤]))+")
_SIDED = re.compile(r"\\(left|right|middle|[bB]igg?[lrm])\s*(.+)", re.S)
_NUMBER = re.compile(r"(\d+\.?\d*|\.\d+)((?:[eE][+-]?\d+)?)([" + "".join(SUBSCRIPTS) + r"]*)")
_REPEATING = re.compile(r"(\d*)\.(\d*)(?:\\(?:overline|bar|dot|overset\{\.\})\s*\{?(\d+)\}?|\((\d+)\))")

_WORDS: dict[str, Token] = {
    "and": (LOGIC, "and", "and"), "or": (LOGIC, "or", "or"), "if": (COND, "if", "if"), "for": (COND, "if", "for"), "when": (COND, "if", "when"), "where": (COND, "if", "where"),
    "as": (COND, "if", "as"), "provided": (COND, "if", "provided"), "with": (COND, "if", "with"), "whenever": (COND, "if", "whenever"), "given": (COND, "if", "given"), "unless": (COND, "unless", "unless"),
    "otherwise": (COND, "otherwise", "otherwise"), "else": (COND, "else", "else"), "elsewhere": (COND, "otherwise", "elsewhere"), "mod": (MOD, None, "mod"), "to": (REL, "->", "to"),
    "in": (REL, "in", "in"), "lim": (LIM, None, "lim"), "sum": (BIG, "sum", "sum"), "prod": (BIG, "prod", "prod"), "percent": (PERCENT, None, "%"), "pct": (PERCENT, None, "%"), "percentage": (PERCENT, None, "%"),
    "xor": (LOGIC, "xor", "xor"), "iff": (LOGIC, "iff", "iff"), "implies": (LOGIC, "implies", "implies"), "suchthat": (COND, "if", "such that"), "forall": (COND, "forall", "∀"), "forsome": (COND, "exists", "∃"), "forevery": (COND, "forall", "∀"), "foreach": (COND, "forall", "∀"),
    "argmin": (BIG, "argmin", "argmin"), "argmax": (BIG, "argmax", "argmax"), "approaches": (REL, "->", "→"), "equals": (REL, "=", "="), "isproportionalto": (REL, "prop", "∝"), "onlyif": (COND, "if", "only if"), "assuming": (COND, "if", "assuming"),
    "evenif": (COND, "if", "even if"),
    "s.t.": (COND, "if", "s.t."),
    "s.t": (COND, "if", "s.t."),
    "subjectto": (COND, "if", "subject to"),
}  # fmt: skip
_PHRASES: dict[str, Token] = {
    **{"for" + word: _WORDS["forall"] for word in ("all", "every", "any", "each")},
    "forsome": _WORDS["forsome"],
    "forsufficiently": _WORDS["for"],
    "ifandonlyif": _WORDS["iff"],
    **dict.fromkeys(("onlyif", "suchthat", "sothat", "providedthat", "aslongas"), _WORDS["if"]),
    "argmin": _WORDS["argmin"],
    "argmax": _WORDS["argmax"],
}
_SPLIT_WORDS = (
    "and",
    "or",
    "if",
    "for",
    "when",
    "where",
    "otherwise",
    "else",
    "mod",
    "lim",
    "sum",
    "prod",
    "in",
    "percent",
    "argmin",
    "argmax",
    "pct",
    "to",
    "percentage",
)
_TRANSPOSE: Token = (POST, "T", "T")
_BLACKBOARD = {"ℝ": "R", "ℂ": "C", "ℚ": "Q", "ℤ": "Z", "ℕ": "N"}
_SETS = {"R": "R", "C": "C", "Q": "Q", "Z": "Z", "N": "N"}
_MAYBE = {
    "f",
    "g",
    "h",
    "F",
    "G",
    "H",
    "P",
    "p",
    "q",
    "Q",
    "O",
    "o",
    "Pr",
    "E",
    "Gamma",
    "zeta",
    "Theta",
    "Omega",
    "erf",
    "Var",
    "Cov",
    "u",
    "v",
    "y",
    "N",
}
_MATRIX_WORDS = {"Transpose": "T"}
_CONSTANT_NAMES = {"pi": "pi", "e": "e", "i": "i", "oo": "oo"}


class Lexicon(dict[str, tuple[Token, ...]]):
    """Lexeme → tokens, for one table and one builder. Asking for an unknown lexeme thinks about it and remembers.

    Raises Unreadable for a lexeme that means nothing, and what the builder raises.
    """

    def __init__(
        self, table: SymbolTable, builder: Builder[Any], digits: int = 400, model: Lexicon | None = None
    ) -> None:
        super().__init__()
        self.atom: Any = getattr(builder, "atom", None)
        self.model = model
        """The lexicon of trees for the same table: what it has thought about needs only the values of its names."""
        self.signs: dict[str, tuple[Token, ...]] = {}
        """Lexemes of this lexicon that have no values at all: they are the same for every builder."""
        if model is not None:
            self.update(model.signs)
        self.table, self.builder, self.digits = table, builder, digits
        self.bare = len(table) == 0
        """No declarations: the text speaks for itself."""
        self.plain_products = table.only_scalars

    def __missing__(self, lexeme: str) -> tuple[Token, ...]:
        bare = unspaced(lexeme)
        if bare != lexeme:
            found = self[bare]
        else:
            found = (self._of_model(lexeme) if self.model is not None else None) or self.think(lexeme)
        if len(self) >= MOST_LEXEMES:
            self.clear()
        if len(lexeme) <= 200 and not (len(bare) > 2 and bare[0].isdigit()):  # there is no end of numbers
            self[lexeme] = found
            if self.model is not None and len(self.model.signs) < MOST_SIGNS and self.model.get(bare) is found:
                self.model.signs[lexeme] = found
        return found

    def _of_model(self, lexeme: str) -> tuple[Token, ...] | None:
        """The model's tokens with values of this lexicon's builder; None where they hold more than names and numbers."""
        assert self.model is not None
        tokens = self.model[lexeme]
        found: list[Token] | None = None
        for i, (kind, value, written) in enumerate(tokens):
            if isinstance(value, Expr):
                value = self.atom(value)
                if value is None:
                    return None
                if found is None:
                    found = list(tokens)
                found[i] = (kind, value, written)
            elif isinstance(value, tuple):
                return None
        return tokens if found is None else tuple(found)

    def tokens(self, text: str) -> list[Token]:
        """All tokens of a text."""
        return [token for lexeme in LEXEME.findall(text) for token in self[lexeme]]

    # --- one lexeme ---------------------------------------------------------------------------------------------------
    def think(self, lexeme: str) -> tuple[Token, ...]:
        """The tokens of a lexeme, without memory."""
        first = lexeme[0]
        if INVISIBLE.fullmatch(lexeme) is not None:
            return ()
        if len(lexeme) == 3 and lexeme[0] == "{" and lexeme[2] == "}":
            return self[lexeme[1]]  # `{:}`, `{=}`: braces that only change the spacing
        if self._known(lexeme) is not None:
            return (self._sym(lexeme),)
        if " " in lexeme or "\n" in lexeme or lexeme == "sufficiently" or lexeme.startswith("\\arg"):
            compact = re.sub(r"[\s\\,;!]", "", lexeme)
            if compact == "sufficiently":
                return ()
            if compact in _PHRASES:
                return (_PHRASES[compact],)
        if (token := SIMPLE.get(lexeme)) is not None:
            if token[0] == MOD and token[1] is None:
                return (token,)
            return (token,)
        if (relation := RELATIONS.get(lexeme)) is not None:
            return (self._relation(relation, lexeme),)
        if first.isdecimal() or (first == "." and len(lexeme) > 1 and (lexeme[1].isdecimal() or lexeme[1] in "\\(")):
            return self._number(lexeme)
        if first == "\\":
            return self._command(lexeme)
        if first in SUPERSCRIPTS or first in "†⊤":
            return self._raised(lexeme)
        if first in SUBSCRIPTS:
            return (UNDER, None, "_"), *self._grouped("".join(SUBSCRIPTS[c] for c in lexeme))
        if first == "." and lexeme[1:] in ("dot", "transpose", "inverse", "inv", "trace", "sum", "det", "norm"):
            return ((METHOD, lexeme[1:], lexeme),)
        if re.match(r"[d∂](?:\^\{?\d\}?|[²³])?/d", lexeme):
            order = re.search(r"[\d²³]", lexeme)
            return ((DIFF, ("over", int(SUPERSCRIPTS.get(order[0], order[0])) if order else 1), lexeme),)
        if lexeme in _BLACKBOARD:
            return (self._const(_BLACKBOARD[lexeme], lexeme),)
        if first.isalpha():
            return self._word(lexeme)
        decomposed = unicodedata.normalize("NFKC", lexeme)
        if decomposed != lexeme and len(decomposed) <= 6:
            return self._spelt_out(lexeme, decomposed)
        if first == "∞":
            return (self._const("oo", lexeme),)
        if first == "∅":
            return (self._const("empty", lexeme),)
        raise Unreadable(f"{lexeme!r} has no meaning here")

    def _spelt_out(self, lexeme: str, decomposed: str) -> tuple[Token, ...]:
        """``½`` is 1⁄2, and one number to what stands beside it."""
        if unicodedata.category(lexeme[0]) == "No" and "⁄" in decomposed:
            top, _, bottom = decomposed.partition("⁄")
            if not (top.isdecimal() and bottom.isdecimal()):
                raise Unreadable(f"{lexeme!r} has no meaning here")
            value = self.builder.div(self.builder.num(top), self.builder.num(bottom))
            return ((NUM, value, lexeme),)
        return tuple(self.tokens(decomposed))

    def _known(self, name: str) -> str | None:
        """The declared name behind a canonical spelling; letters of sizes count."""
        known = self.table.name_of(name)
        if known is not None:
            return known
        return name if name in self.table.sizes else None

    def _is_array(self, name: str) -> bool:
        symbol = self.table.get(name)
        return symbol is not None and symbol.type in ("vector", "matrix", "identity")

    def _sym(self, name: str) -> Token:
        """A declared name's token."""
        known = self._known(name) or name
        symbol = self.table.get(known)
        if symbol is not None and symbol.type == "function":
            return (FUNC, known, known)
        if symbol is not None and symbol.type == "identity":
            rows = symbol.shape.rows
            size = (
                None
                if rows is None
                else self.builder.num(str(rows))
                if isinstance(rows, int)
                else self.builder.sym(rows)
            )
            return (SYM, self.builder.identity(size), known)
        return (SYM, self.builder.sym(known), known)

    def _const(self, name: str, written: str) -> Token:
        return (SYM, self.builder.const(name), "=" + name)

    @staticmethod
    def _relation(relation: str, lexeme: str) -> Token:
        if relation == "=>":
            return (LOGIC, "implies", lexeme)
        if relation == "<=>":
            return (LOGIC, "iff", lexeme)
        return (REL, relation, lexeme)

    def _grouped(self, text: str) -> tuple[Token, ...]:
        return ((LB, None, "{"), *self.tokens(text), (RB, None, "}"))

    # --- numbers ------------------------------------------------------------------------------------------------------
    def _number(self, lexeme: str) -> tuple[Token, ...]:
        if (found := _REPEATING.fullmatch(lexeme)) is not None:
            return (self._repeating(*found.groups()),)
        plain = re.sub(r"\{,\}|,\\!\s*|\\,|\\!,", "", lexeme)
        if len(plain) > self.digits + 2:
            raise Unreadable(f"a number of {len(plain)} digits", limit=True)
        if "," in plain:
            parts: list[Token] = []
            for part in plain.split(","):
                parts += [*self._number(part), SIMPLE[","]]
            value = self.builder.num(plain.replace(",", ""))
            return ((THOUSANDS, value, tuple(parts[:-1])),)
        found = _NUMBER.fullmatch(plain)
        if found is None:
            raise Unreadable(f"{lexeme!r} is no number")
        digits, exponent, base = found.groups()
        if exponent:
            if self._known("e") is not None or (self._known("E") is not None and "E" in exponent):
                return (self._digits(digits), *self.tokens(exponent))
            if len(exponent) > 6 or abs(int(exponent[1:])) > self.digits:
                raise Unreadable(f"a number of 10^{exponent[1:]}", limit=True)
        if base:
            return (
                self._digits(digits + exponent),
                (UNDER, None, "_"),
                *self._grouped("".join(SUBSCRIPTS[c] for c in base)),
            )
        return (self._digits(digits + exponent),)

    def _digits(self, text: str) -> Token:
        return (NUM, self.builder.num(text), text)

    def _repeating(self, whole: str, fixed: str, bar: str | None, bracket: str | None) -> Token:
        period = bar or bracket or ""
        if len(whole) + len(fixed) + len(period) > self.digits:
            raise Unreadable("a number of too many digits", limit=True)
        all_digits, kept = int(whole + fixed + period or "0"), int((whole + fixed) or "0")
        bottom = int("9" * len(period) + "0" * len(fixed))
        value = self.builder.div(self.builder.num(str(all_digits - kept)), self.builder.num(str(bottom)))
        return (NUM, value, "repeating")

    # --- superscripts -------------------------------------------------------------------------------------------------
    def _raised(self, lexeme: str) -> tuple[Token, ...]:
        text = "".join(SUPERSCRIPTS.get(char, char) for char in lexeme)
        if text == "t":
            return (_TRANSPOSE,)
        if text == "+":
            return ((POST, "pinv", "+"),)
        if text == "-":
            return ((POST, "below", "⁻"),)
        if _MARKS.fullmatch(text) is not None:
            # `A⁻¹ᵀ`, `X†ᵀ`, `A⁻ᵀ`: each mark applies to all before it.
            out: list[Token] = []
            for mark in re.findall(r"[T⊤]|†|H|[+-]?\d+|-", text):
                if len(mark) > self.digits:
                    raise Unreadable(f"an exponent of {len(mark)} digits", limit=True)
                known = {
                    "T": _TRANSPOSE,
                    "⊤": _TRANSPOSE,
                    "†": (POST, "pinv", "†"),
                    "H": (POST, "H", "H"),
                    "-": (POST, "inv", "-1"),
                }
                out.append(known[mark] if mark in known else (POST, int(mark), mark))
            return tuple(out)
        return ((CARET, None, "^"), *self._grouped(text))

    # --- commands -----------------------------------------------------------------------------------------------------
    def _command(self, lexeme: str) -> tuple[Token, ...]:
        if (sided := _SIDED.fullmatch(lexeme)) is not None and not lexeme.startswith(
            ("\\leftarrow", "\\rightarrow", "\\leftright")
        ):
            return self._sided(*sided.groups())
        if lexeme.startswith("\\begin"):
            return ((BEGIN, lexeme[6:].strip().split("}")[0].strip("{").rstrip("*"), lexeme),)
        if lexeme.startswith("\\end"):
            return ((END, lexeme[4:].strip().strip("{}").rstrip("*"), lexeme),)
        if lexeme.startswith("\\not") and not lexeme.startswith("\\notin"):
            relation = RELATIONS.get(lexeme[4:].strip())
            negated = {"=": "!=", "in": "notin", "<": ">=", ">": "<=", "<=": ">", ">=": "<"}.get(relation or "")
            if negated is not None:
                return ((REL, negated, lexeme),)
        if (styled := _STYLED.match(lexeme)) is not None:
            return self._styled(styled["style"], _unbraced(styled["body"]), lexeme[styled.end() :], lexeme)
        if (accented := _ACCENTED.match(lexeme)) is not None:
            return self._accented(accented["accent"], _unbraced(accented["body"]), lexeme[accented.end() :], lexeme)
        if len(lexeme) == 2 and not lexeme[1].isalpha():
            raise Unreadable(f"{lexeme!r} is no command we know")
        return self._word(lexeme)

    def _sided(self, side: str, delimiter: str) -> tuple[Token, ...]:
        delimiter = delimiter.strip()
        if delimiter == ".":
            return ((LB, "left", "."),) if side == "left" else ((RB, "right", "."),) if side == "right" else ()
        if delimiter in ("|", "\\|", "\\vert", "\\Vert", "‖", "\\lVert", "\\rVert", "\\lvert", "\\rvert", "||"):
            double = delimiter in ("\\|", "\\Vert", "‖", "\\lVert", "\\rVert", "||")
            kind = "norm" if double else "bar"
            if side == "left" or side.endswith("l"):
                return ((OBAR, kind, "|"),)
            if side == "right" or side.endswith("r"):
                return ((CBAR, kind, "|"),)
            return (SIMPLE["\\mid"],)
        if delimiter in ("<", ">"):
            return (SIMPLE["⟨" if delimiter == "<" else "⟩"],)
        if delimiter in ("/", "\\backslash"):
            return (SIMPLE["/"],)
        if delimiter not in SIMPLE:
            raise Unreadable(f"{delimiter!r} is no delimiter")
        return (SIMPLE[delimiter],)

    def _styled(self, style: str, body: str, tail: str, lexeme: str) -> tuple[Token, ...]:
        style = style.rstrip("*")
        wordy = style in (
            "text",
            "textrm",
            "textit",
            "textbf",
            "textsf",
            "textnormal",
            "mathrm",
            "operatorname",
            "mbox",
            "mathop",
            "rm",
        )
        inner = body.strip()
        compact = re.sub(r"[\s\\,;:~]", "", inner)
        if style == "mathbb":
            if inner in _SETS and self._known(inner) is None:
                return (self._const(_SETS[inner], lexeme), *self._tail_tokens(tail))
            if inner in ("1", "𝟙"):
                return self._indicator(tail)
            if inner in ("E", "P", "V"):
                return ((FUNC, {"E": "E", "P": "P", "V": "Var"}[inner], inner), *self._tail_tokens(tail))
        if inner in ("1", "0") and style != "text":
            return (
                self._indicator(tail)
                if inner == "1" and tail
                else (
                    self._digits(inner)
                    if inner == "0"
                    else (SYM, self.builder.call("ones", [self.builder.const("all")], None), "1"),
                    *self._tail_tokens(tail),
                )
            )
        if (
            inner in ("T", "⊤", "\\top")
            and not tail
            and style
            in ("mathsf", "mathrm", "rm", "mathtt", "text", "textrm", "intercal", "textsf", "mathit", "operatorname")
        ):
            return (_TRANSPOSE,) if self._known("T") is None else (self._sym("T"),)
        if inner == "H" and not tail and style in ("mathsf", "mathrm", "rm") and self._known("H") is None:
            return ((POST, "H", "H"),)
        if wordy:
            if style in ("mathrm", "rm", "operatorname", "mathop", "mathit") and re.fullmatch(r"\\?[A-Za-z]+", inner):
                if inner == "d" and self.table.name_of("d") is None:
                    return ((SYM, self.builder.sym("d"), "d"), *self._tail_tokens(tail))
                if (
                    compact in SPELLINGS
                    or compact in CONSTANTS
                    or compact in _WORDS
                    or len(compact) == 1
                    or self._known(base_name(compact)) is not None
                    or compact in GREEK_NAMES
                ):
                    return self._word(compact + tail)
            return self._text(body, tail)
        if not re.fullmatch(r"\\?[A-Za-z]+|[^\W\d_].?", inner):
            return (*self._grouped(inner), *self._tail_tokens(tail)) if inner else ()
        canonical = base_name(inner)
        styled_name = {"mathcal": "cal ", "mathfrak": "frak "}.get(style, "") + canonical
        if self._known(styled_name) is not None:
            return self._named(styled_name, tail)
        if len(inner) > 1 and not inner.startswith("\\") and self._known(canonical) is None:
            return self._word(inner + tail)
        return self._named(canonical, tail) if inner not in _CONSTANT_NAMES else self._word(inner + tail)

    def _indicator(self, tail: str) -> tuple[Token, ...]:
        """``\\mathbf 1_{x>0}`` says when; ``\\mathbf 1_n`` how long; ``\\mathbb 1[…]`` is followed by its condition."""
        if (tail and tail[0] in "_") or (tail and tail[0] in SUBSCRIPTS):
            found = _TAIL.fullmatch(tail)
            sub = (found["sub"] if found else tail) or ""
            inside = _unbraced(sub[1:]) if sub.startswith("_") else "".join(SUBSCRIPTS[c] for c in sub)
            if re.search(r"[<>=≤≥≠∈]|\\(?:leq?|geq?|neq?|in|lt|gt|text)(?![A-Za-z])", inside):
                return ((FUNC, "indicator", "1"), *self._grouped(inside), *self._tail_tokens(tail[len(sub) :]))
            return ((FUNC, "ones", "1"), *self._grouped(inside), *self._tail_tokens(tail[len(sub) :]))
        return ((FUNC, "indicator", "1"), *self._tail_tokens(tail))

    def _text(self, inner: str, tail: str) -> tuple[Token, ...]:
        """What stands in ``\\text{…}``: a word of logic, a unit, a function's name, mathematics between dollars, or an answer in words."""
        compact = re.sub(r"[\s\\,;:~]", "", inner).lower()
        words = inner.strip().strip(".;:").strip()
        if compact in _WORDS:
            return (_WORDS[compact], *self._tail_tokens(tail))
        if (
            words in SPELLINGS
            and len(words) > 1
            and words not in ("min", "square", "array", "real", "image", "power", "identity", "inner", "outer")
        ):
            return self._word(words + tail)
        stripped = words.strip(",").strip()
        lead = re.match(
            r"(?:,\s*)?(if|for|when|where|and|or|as|otherwise|else|for all|if and only if|iff|such that|with|unless|given|only if)(?![A-Za-z])\s*(.*)",
            stripped,
            re.S | re.I,
        )
        if lead is not None:
            rest_words = [
                w
                for w in re.findall(r"[A-Za-z]{2,}", lead[2])
                if w not in SPELLINGS and w not in GREEK_NAMES and self._known(w) is None and w not in _WORDS
            ]
            if "$" not in lead[2] and any(
                w.lower() not in ("all", "every", "any", "sufficiently", "very", "real", "large", "enough")
                for w in rest_words
            ):
                raise Unreadable(f"“{lead[2].strip()}” is no mathematics")
            lead_rest = re.sub(r"(?<![A-Za-z])(?:sufficiently|very|all|every|any)(?![A-Za-z])\s*", "", lead[2])
            word = _WORDS[
                {"for all": "forall", "if and only if": "iff", "such that": "suchthat", "only if": "onlyif"}.get(
                    lead[1].lower(), lead[1].lower()
                )
            ]
            rest = lead_rest.strip()
            inner_tokens = tuple(self.tokens(rest.replace("$", ""))) if rest else ()
            return (word, *inner_tokens, *self._tail_tokens(tail))
        if not stripped:
            return tuple(self.tokens(tail)) if tail else ()
        if stripped[0] == "(" and stripped[-1] == ")" and len(stripped) > 3 and " " in stripped and not tail:
            return ((REMARK, stripped, stripped),)
        if not tail and stripped in ("m", "s", "g", "h", "l"):
            return ((UNIT, ((stripped, 1),), stripped),)
        if len(stripped) == 1 and stripped.isalpha() and (tail or inner == stripped):
            return self._word(stripped + tail)  # a choice letter, or a letter set upright
        if (constant := {"undefined": "none", "none": "none", "dne": "none", "does not exist": "none", "no solution": "none", "no solutions": "none", "no real solutions": "none", "no real solution": "none", "infinity": "oo", "true": "true", "false": "false",
                         "all real numbers": "R", "all reals": "R", "const": "", "constant": "", "nan": "nan"}.get(stripped.lower())):  # fmt: skip
            return (self._const(constant, stripped), *self._tail_tokens(tail))
        unit = read_unit(stripped + _plain_power(tail))
        if unit is not None:
            return ((UNIT, unit, stripped), *(() if _plain_power(tail) else self._tail_tokens(tail)))
        if re.fullmatch(r"[\d\s,.+\-*/=<>()^%$]+", stripped):
            return (*self.tokens(stripped.replace("$", "")), *self._tail_tokens(tail))
        return ((WORD, stripped if len(stripped) == 1 else stripped.lower(), stripped), *self._tail_tokens(tail))

    def _accented(self, accent: str, body: str, tail: str, lexeme: str) -> tuple[Token, ...]:
        word = ACCENTS[accent]
        plain = re.sub(rf"\\(?:{STYLES})(?![A-Za-z])\s*|[{{}}\s]", "", body)
        if plain.startswith("\\") and plain[1:].split("_")[0] in ACCENTS:
            raise Unreadable(f"one accent on another in {lexeme!r}")
        split = re.fullmatch(r"(\\?[A-Za-z]+|[^\W\d_])(_\w+)?", plain)
        if split is not None and (
            len(split[1]) == 1 or split[1].startswith("\\") or self._known(f"{word} {split[1]}".strip()) is not None
        ):
            sub = split[2] or ""
            return self._named(" ".join(filter(None, [word, base_name(split[1])])), sub + tail)
        if accent in ("overline", "bar"):
            return ((ACCENT, "conj", accent), *self._grouped(body), *self._tail_tokens(tail))
        if word == "" and split is not None:
            return self._named(split[1], (split[2] or "") + tail)
        raise Unreadable(f"an accent over {body!r}")

    # --- names --------------------------------------------------------------------------------------------------------
    def _word(self, lexeme: str) -> tuple[Token, ...]:
        """A command, a letter or a run of letters, with subscript, star and primes."""
        found = _NAME.match(lexeme)
        assert found is not None
        base, tail = found[0], lexeme[found.end() :]
        if base.endswith("*"):
            base, tail = base[:-1], tail
        command = base.startswith("\\")
        accents: list[str] = []
        if not lexeme.isascii():
            composed = unicodedata.normalize("NFD", base)
            accents = [COMBINING[c] for c in composed if c in COMBINING]
            base = "".join(unicodedata.normalize("NFKC", c) for c in composed if c not in COMBINING)
        name = base_name(base)
        words = [word for word in accents if word]
        if words:
            return self._named(" ".join([*words, name]), tail)
        if command and len(base) > 1 and base in SIMPLE:
            return (SIMPLE[base], *self._tail_tokens(tail))
        if command and base in RELATIONS:
            return (self._relation(RELATIONS[base], base), *self._tail_tokens(tail))
        if not tail and self._known(name) is not None:
            return (self._sym(name),)
        if tail and (exact := self._exact(name, tail)) is not None:
            return (exact,)
        if self._known(name) is not None:
            return self._named(name, tail)
        if command or len(name) > 1:
            special = self._special(name, tail, command)
            if special is not None:
                return special
            if name in GREEK_NAMES or base in GREEK:
                return self._named(base_name(name), tail)
            if command:
                return self._unknown_command(name, tail)
            return self._run(name, tail)
        return self._named(name, tail)

    def _unknown_command(self, name: str, tail: str) -> tuple[Token, ...]:
        if name in ("ell", "hbar", "imath", "jmath", "Re", "Im", "aleph", "wp"):
            return self._named({"imath": "i", "jmath": "j"}.get(name, name), tail)
        for length in range(len(name) - 1, 1, -1):
            head = name[:length]
            if ("\\" + head in SIMPLE and SIMPLE["\\" + head][0] not in (BEGIN,) and length > 3) or head == "quad":
                # `\quadx`, `\cdotx`: a space was lost on the way.
                return (*(() if head == "quad" else (SIMPLE["\\" + head],)), *self._word(name[length:] + tail))
        raise Unreadable(f"\\{name} is no command we know")

    def _special(self, name: str, tail: str, command: bool) -> tuple[Token, ...] | None:
        """Functions, big operators, constants, words of logic."""
        if command and name in ("max", "min", "sup", "inf", "argmin", "argmax", "arg"):
            if name == "arg":
                return ((FUNC, "arg", "arg"), *self._tail_tokens(tail))
            return ((BIG, name, name), *self._tail_tokens(tail))
        if name in ("max", "min", "sup", "argmin", "argmax"):
            return ((BIG, name, name), *self._tail_tokens(tail))
        if name in ("Gamma", "zeta", "Theta", "Omega") or (command and name == "Pr"):
            return ((MAYBE, self.builder.sym(name), name), *self._tail_tokens(tail)) if not tail else None
        if command and name in ("infty", "emptyset", "varnothing", "Re", "Im", "square", "blacksquare", "qed"):
            if name in ("square", "blacksquare", "qed"):
                raise Unreadable(f"\\{name} is an empty place")
            if name in ("Re", "Im"):
                return ((FUNC, name.lower(), name), *self._tail_tokens(tail))
            return (self._const("oo" if name == "infty" else "empty", name), *self._tail_tokens(tail))
        if command and name in ("mathbbm", "R", "N", "Z", "Q", "C", "reals", "Reals", "Bbb"):
            key = name[0].upper()
            return (self._const(key, name), *self._tail_tokens(tail)) if key in _SETS else None
        if not command and name in _WORDS and not tail:
            return (_WORDS[name],)
        if name == "circ":
            return ((INFIX, "compose", "∘"),)
        if (function := SPELLINGS.get(name)) is not None:
            return ((FUNC, function, name), *self._tail_tokens(tail))
        if name in CONSTANTS and len(name) > 1 and not tail:
            return (self._const(CONSTANTS[name], name),)
        if not command and name in ("sum", "prod", "lim") and tail:
            return (_WORDS[name], *self._tail_tokens(tail))
        if not command and name.startswith("sqrt") and len(name) > 4:
            return None
        return None

    def _exact(self, name: str, tail: str) -> Token | None:
        """The declared symbol of a name with its whole tail, if there is one."""
        found = _TAIL.fullmatch(tail)
        if found is None or found["raised"]:
            return None
        sub = subscript(found["sub"] or found["late"] or "")
        if not sub and found["sub"]:
            sub = "".join(SUBSCRIPTS.get(c, c) for c in found["sub"])
        full = name + (f"_{sub}" if sub else "") + "'" * _count(found["primes"]) + ("^*" if found["star"] else "")
        return self._sym(full) if self._known(full) is not None else None

    def _named(self, name: str, tail: str) -> tuple[Token, ...]:
        """A single name with its tail: declared, an entry of a declared array, or a name of its own."""
        if not tail:
            return (self._single(name),)
        found = _TAIL.fullmatch(tail)
        if found is None:
            return (self._single(name), *self._tail_tokens(tail))
        if found["raised"]:
            # σ^2_i is (σ_i)^2: TeX lets the two stand in either order.
            before = tail[: tail.index("^" + found["raised"])]
            return (
                *self._named(name, before + found["under"]),
                (CARET, None, "^"),
                *self._grouped(_unbraced(found["raised"])),
            )
        if (exact := self._exact(name, tail)) is not None:
            return (exact,)
        written = found["sub"] or found["late"] or ""
        sub = (
            "".join(SUBSCRIPTS.get(c, c) for c in written)
            if written and written[0] in SUBSCRIPTS
            else subscript(written)
        )
        primes, star = _count(found["primes"]), bool(found["star"])
        full = name + (f"_{sub}" if sub else "")
        after: list[Token] = []
        if (
            sub
            and self._known(full) is None
            and ((self._is_array(name) and not self._is_word(sub)) or (name == "I" and self._known("I") is None))
        ):
            if name == "I" or ((symbol := self.table.get(name)) is not None and symbol.type == "identity"):
                head: tuple[Token, ...] = ((FUNC, "eye", "I"), *self._grouped(_inside(written)))
            else:
                head = (self._single(name), (UNDER, None, "_"), *self._grouped(_inside(written)))
        elif self._known(full + "^*") is not None and star:
            head, star = (self._sym(full + "^*"),), False
        elif self._known(full) is not None:
            head = (self._sym(full),)
        else:
            suffix = ""
            if primes and not self._is_array(full):
                suffix, primes = "'" * primes, 0
            if star and not self._is_matrix(full):
                suffix, star = suffix + "^*", False
            head = (self._single(full + suffix),)
        if star:
            if self._is_matrix(full):
                after.append((POST, "H", "*"))
            else:
                head = ((SYM, self.builder.sym(full + "^*"), full + "^*"),)
        if primes:
            # A prime on a declared array is a transpose; on a declared scalar or function, another name.
            if self._is_array(full) and primes == 1:
                after.append(_TRANSPOSE)
            elif head[0][0] == FUNC:
                head = ((FUNC, full + "'" * primes, full), *head[1:])
            elif len(head) == 1:
                head = ((SYM, self.builder.sym(full + "'" * primes), full),)
            else:
                after.append((PRIME, primes, "'"))
        return (*head, *after)

    def _is_word(self, sub: str) -> bool:
        """Whether a subscript is a word (``ridge``, ``new``), which makes another object, and no index (``i``, ``i+1``, ``ij``)."""
        return (
            sub.isalpha()
            and len(sub) > 2
            and sub not in GREEK_NAMES
            and not all(self._known(char) is not None for char in sub)
        )

    def _is_matrix(self, name: str) -> bool:
        symbol = self.table.get(name)
        return symbol is not None and (symbol.type == "matrix" or symbol.has("complex"))

    def _single(self, name: str) -> Token:
        """A bare canonical name."""
        if self._known(name) is not None:
            return self._sym(name)
        if name in _CONSTANT_NAMES:
            return self._const(_CONSTANT_NAMES[name], name)
        if name == "I" and not self.bare and not self.plain_products:
            return (SYM, self.builder.identity(None), "I")
        bare_name = name.rstrip("'").split("_")[0]
        if bare_name in _MAYBE and not (bare_name in ("u", "v", "y", "N") and not name.endswith("'")):
            return (MAYBE, self.builder.sym(name), name)
        if name == "d":
            return (SYM, self.builder.sym("d"), "d")
        return (SYM, self.builder.sym(name), name)

    def _tail_tokens(self, tail: str) -> tuple[Token, ...]:
        """A tail that is not part of a name: subscript and superscript as grammar."""
        if not tail:
            return ()
        found = _TAIL.fullmatch(tail)
        if found is None:
            return tuple(self.tokens(tail))
        out: list[Token] = []
        for part in (found["sub"], found["late"]):
            if part:
                out += [(UNDER, None, "_"), *self._grouped(_inside(part))]
        if found["star"]:
            out.append((POST, "H", "*"))
        if found["primes"]:
            out.append((PRIME, _count(found["primes"]), found["primes"]))
        if found["raised"]:
            out += [
                (UNDER, None, "_"),
                *self._grouped(_inside(found["under"])),
                (CARET, None, "^"),
                *self._grouped(_unbraced(found["raised"])),
            ]
        return tuple(out)

    def _run(self, run: str, tail: str) -> tuple[Token, ...]:
        """A run of letters: greedily the longest declared name, function or Greek word at each place, else single letters."""
        if len(run) > MOST_LETTERS:
            raise Unreadable(f"a word of {len(run)} letters", limit=True)
        out: list[Token] = []
        if len(run) > 2 and not self.bare and self._is_prose(run):
            raise Unreadable(f"“{run}” is neither a declared name nor a product of declared names")
        position, end = 0, len(run)
        if self.table.name_of("d") is None and end >= 2 and run[0] == "d" and not self._pieces(run):
            rest = run[1:]
            if len(rest) == 1 or self._known(rest) is not None or rest in GREEK_NAMES:
                return ((DIFF, (self.builder.sym("d"), self._named(rest, tail)), run + tail),)
        while position < end:
            for stop in range(min(end, position + 24), position, -1):
                piece = run[position:stop]
                rest = tail if stop == end else ""
                if stop - position > 1:
                    found = self._piece(piece, rest, position)
                    if found is None:
                        continue
                    out += found
                else:
                    out += self._named(piece, rest)
                position = stop
                break
        return tuple(out)

    def _is_prose(self, run: str) -> bool:
        """Whether a run of letters is more likely a word than a product: it has a vowel and most of its letters were not declared."""
        rest, position = 0, 0
        while position < len(run):
            for stop in range(min(len(run), position + 24), position, -1):
                piece = run[position:stop]
                if self._known(piece) is not None or (
                    stop - position > 1 and (piece in SPELLINGS or piece in GREEK_NAMES)
                ):
                    break
            else:
                stop = position + 1
                rest += 1
            position = stop
        return rest >= 2 and re.search(r"[aeiouyAEIOUY]", run) is not None

    def _pieces(self, run: str) -> bool:
        return run in SPELLINGS or self._known(run) is not None

    def _piece(self, piece: str, tail: str, position: int) -> tuple[Token, ...] | None:
        if self._known(piece) is not None or (tail and self._exact(piece, tail) is not None):
            return self._named(piece, tail)
        if piece in SPELLINGS and (len(piece) > 2 or piece in ("ln", "tr", "lg", "Tr", "tg")):
            if piece in ("max", "min", "sup", "argmin", "argmax"):
                return ((BIG, piece, piece), *self._tail_tokens(tail))
            return ((FUNC, SPELLINGS[piece], piece), *self._tail_tokens(tail))
        if piece in GREEK_NAMES:
            return self._named(base_name(piece), tail)
        if piece in _SPLIT_WORDS and len(piece) > 2 and position == 0 and piece in _WORDS:
            return (_WORDS[piece], *self._tail_tokens(tail))
        if piece in ("sqrt",):
            return ((FUNC, "sqrt", "sqrt"), *self._tail_tokens(tail))
        return None


def _unbraced(text: str) -> str:
    return text[1:-1] if text.startswith("{") and text.endswith("}") else text


def _inside(written: str) -> str:
    """The text of a subscript."""
    if written[0] in SUBSCRIPTS:
        return "".join(SUBSCRIPTS[c] for c in written)
    return _unbraced(written[1:])


def _count(primes: str) -> int:
    return sum(2 if char == "″" else 1 for char in primes)


def _plain_power(tail: str) -> str:
    return tail if re.fullmatch(r"\^(?:\d|\{\d\})", tail) else ""
