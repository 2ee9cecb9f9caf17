"""LaTeX → `tree.Row`, as KaTeX reads it.

Covers what language models write: KaTeX's symbols, scripts, fractions, roots, accents, operators, fonts, text,
delimiters of every size, matrices, cases and alignments. Anything else is a `LatexError` with its place.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from llmgrade.errors import ExpressionError
from llmgrade.source import Span
from llmgrade.typeset import symbols as known
from llmgrade.typeset import tree
from llmgrade.typeset.tree import Node, Row

__all__ = ["LatexError", "parse"]

DEPTH: Final = 48
"""Deepest nesting parsed: layout recurses several calls per level."""
LENGTH: Final = 20_000


class LatexError(ExpressionError):
    """LaTeX that KaTeX (or this subset of it) would refuse."""

    code = "unreadable-latex"


MACROS: Final[dict[str, str]] = {
    r"\R": r"\mathbb{R}", r"\N": r"\mathbb{N}", r"\Z": r"\mathbb{Z}", r"\Reals": r"\mathbb{R}", r"\cnums": r"\mathbb{C}",
    r"\Complex": r"\mathbb{C}", r"\reals": r"\mathbb{R}", r"\natnums": r"\mathbb{N}",
    r"\limsup": r"\operatorname*{lim\,sup}", r"\liminf": r"\operatorname*{lim\,inf}",
    r"\argmin": r"\operatorname*{arg\,min}", r"\argmax": r"\operatorname*{arg\,max}",
    r"\plim": r"\mathop{\operatorname{plim}}\limits", r"\varlimsup": r"\operatorname*{\overline{lim}}",
    r"\coloneqq": r"\mathrel{\vcentcolon\mathrel{\mkern-1.2mu}=}", r"\eqqcolon": r"\mathrel{=\mathrel{\mkern-1.2mu}\vcentcolon}",
    r"\vcentcolon": r"\mathrel{\@vcentcolon}", r"\colonequals": r"\mathrel{\vcentcolon\mathrel{\mkern-1.2mu}=}",
    r"\bra": r"\langle", r"\mathstrut": r"\vphantom{(}", r"\dfracbar": "",
    r"\Alpha": r"\mathrm{A}", r"\Beta": r"\mathrm{B}", r"\varDelta": r"\mathit{\Delta}",
    r"\nobreak": "", r"\allowbreak": "", r"\nonumber": "", r"\notag": "", r"\hline": "", r"\relax": "",
    r"\dotsm": r"\cdots", r"\DeclareMathOperator": "", r"\centerdot": r"\cdot", r"\mathellipsis": r"\ldots",
    r"\normalsize": "", r"\bigstrut": "", r"\leavevmode": "", r"\displaylimits": "",
}  # fmt: skip

_TOKEN: Final = re.compile(r"\\[A-Za-z]+|\\[\s\S]|\s+|%[^\n]*\n?|[\s\S]")
_FRACTIONS: Final[dict[str, tuple[str, str, str, bool]]] = {
    r"\frac": ("", "", "", True), r"\dfrac": ("d", "", "", True), r"\tfrac": ("t", "", "", True),
    r"\cfrac": ("c", "", "", True), r"\binom": ("", "(", ")", False), r"\dbinom": ("d", "(", ")", False),
    r"\tbinom": ("t", "(", ")", False),
}  # fmt: skip
_INFIX: Final[dict[str, tuple[str, str, bool]]] = {
    r"\over": ("", "", True), r"\choose": ("(", ")", False), r"\brace": (r"\{", r"\}", False),
    r"\brack": ("[", "]", False), r"\atop": ("", "", False),
}  # fmt: skip
_STYLES: Final = {r"\displaystyle": 0, r"\textstyle": 2, r"\scriptstyle": 4, r"\scriptscriptstyle": 6}
_OLD_FONTS: Final = frozenset({r"\rm", r"\bf", r"\it", r"\sf", r"\tt", r"\cal"})
_CLASSES: Final = {
    rf"\math{name}": f"m{name}" for name in ("rel", "bin", "op", "ord", "open", "close", "punct", "inner")
}
_TEXTS: Final = frozenset(
    {r"\text", r"\textrm", r"\textbf", r"\textit", r"\textsf", r"\texttt", r"\textup", r"\textnormal", r"\mbox", r"\emph",
     r"\textmd", r"\hbox"}
)  # fmt: skip
_ARROWS: Final = frozenset(
    {r"\xrightarrow", r"\xleftarrow", r"\xRightarrow", r"\xLeftarrow", r"\xleftrightarrow", r"\xLeftrightarrow",
     r"\xmapsto", r"\xlongequal", r"\xhookrightarrow", r"\xhookleftarrow"}
)  # fmt: skip
_SIZES: Final = {
    rf"\{name}{side}": (size, cls)
    for size, name in enumerate(("big", "Big", "bigg", "Bigg"), start=1)
    for side, cls in (("", "mord"), ("l", "mopen"), ("r", "mclose"), ("m", "mrel"))
}
_DELIMITERS: Final = {
    r"\lvert": "|", r"\rvert": "|", r"\vert": "|", "∣": "|", r"\lVert": r"\|", r"\rVert": r"\|", r"\Vert": r"\|",
    "∥": r"\|", "<": r"\langle", ">": r"\rangle", r"\lt": r"\langle", r"\gt": r"\rangle", r"\lang": r"\langle",
    r"\rang": r"\rangle", "⟨": r"\langle", "⟩": r"\rangle", r"\lbrace": r"\{", r"\rbrace": r"\}", r"\lbrack": "[",
    r"\rbrack": "]", "⌊": r"\lfloor", "⌋": r"\rfloor", "⌈": r"\lceil", "⌉": r"\rceil",
}  # fmt: skip
_DELIMITER_NAMES: Final = frozenset(
    {"(", ")", "[", "]", ".", "/", "|", r"\|", r"\{", r"\}", r"\langle", r"\rangle", r"\lfloor", r"\rfloor", r"\lceil",
     r"\rceil", r"\backslash", r"\uparrow", r"\downarrow", r"\updownarrow", r"\Uparrow", r"\Downarrow",
     r"\Updownarrow", r"\lgroup", r"\rgroup", r"\lmoustache", r"\rmoustache"}
)  # fmt: skip
_CLOSING: Final = frozenset(
    {")", "]", r"\rbrack", r"\}", r"\rbrace", r"\rangle", r"\rceil", r"\rfloor", r"\right", r"\bigr", r"\biggr",
     r"\Bigr", r"\Biggr", "$", ";", ".", ","}
)  # fmt: skip
_DOTS_BETWEEN: Final = frozenset({r"\not", r"\neq", r"\ne", r"\implies", r"\iff", r"\notin", r"\mathbin", r"\mathrel"})
_EM: Final = {"em": 18.0, "ex": 18 * 0.431, "mu": 1.0, "pt": 1.8, "px": 18 / 19.36, "cm": 51.2, "mm": 5.12, "in": 130.1}


@lru_cache(maxsize=20_000)
def parse(latex: str) -> Row:
    """The tree of a formula. Raises `LatexError` where KaTeX would refuse it or it is beyond this subset.

    >>> [type(node).__name__ for node in parse(r"x^2 + \\frac{1}{2}")]
    ['Scripts', 'Sym', 'Fraction']
    """
    if len(latex) > LENGTH:
        raise LatexError(f"longer than {LENGTH} characters", latex, Span(0, len(latex)))
    parser = _Parser(latex)
    row = parser.row(frozenset())
    if parser.peek() is not None:
        raise parser.error(f"nothing opens this {parser.peek()}")
    return row


class _Parser:
    """Recursive descent over tokens; ``i`` is the next token."""

    def __init__(self, latex: str) -> None:
        self.latex = latex
        self.tokens: list[str] = []
        self.starts: list[int] = []
        for match in _TOKEN.finditer(latex):
            token = match.group()
            if token[0] == "%":
                continue
            self.tokens.append(" " if token.isspace() else token)
            self.starts.append(match.start())
        self.i = 0
        self.depth = 0

    # ---- tokens

    def error(self, reason: str) -> LatexError:
        at = self.starts[self.i] if self.i < len(self.starts) else len(self.latex)
        end = at + len(self.tokens[self.i]) if self.i < len(self.tokens) else at
        return LatexError(reason, self.latex, Span(at, min(end, len(self.latex)) if end >= at else at))

    def peek(self) -> str | None:
        tokens, end = self.tokens, len(self.tokens)
        while self.i < end:
            token = tokens[self.i]
            if token == " ":
                self.i += 1
                continue
            macro = MACROS.get(token)
            if macro is None:
                return token
            body = _TOKEN.findall(macro)
            if end + len(body) > 4 * LENGTH:
                raise self.error("expands beyond all bounds")
            start = self.starts[self.i]
            tokens[self.i : self.i + 1] = body
            self.starts[self.i : self.i + 1] = [start] * len(body)
            end = len(tokens)
        return None

    def take(self) -> str:
        token = self.peek()
        if token is None:
            raise self.error("ends too early")
        self.i += 1
        return token

    def expect(self, token: str) -> None:
        if self.peek() != token:
            raise self.error(f"expected {token}")
        self.i += 1

    def star(self) -> bool:
        if self.i < len(self.tokens) and self.tokens[self.i] == "*":
            self.i += 1
            return True
        return False

    def raw(self) -> str:
        """The text of a braced group, unparsed."""
        self.expect("{")
        depth, first = 1, self.i
        while depth:
            if self.i >= len(self.tokens):
                raise self.error("a { that is never closed")
            depth += {"{": 1, "}": -1}.get(self.tokens[self.i], 0)
            self.i += 1
        if first >= self.i - 1:
            return ""
        return "".join(self.tokens[first : self.i - 1])

    def length(self) -> float:
        """A dimension such as ``1em`` or ``{-3mu}``, in mu."""
        braced = self.peek() == "{"
        text = self.raw() if braced else ""
        if not braced:
            while not text.rstrip().endswith(tuple(_EM)):
                if self.i >= len(self.tokens) or len(text) > 12:
                    raise self.error("expected a length such as 1em")
                text += self.tokens[self.i]
                self.i += 1
        found = re.fullmatch(r"\s*([+-]?\s*(?:\d+\.?\d*|\.\d+))\s*([a-z]{2})\s*", text)
        if found is None or found.group(2) not in _EM:
            raise self.error("expected a length such as 1em")
        return float(found.group(1).replace(" ", "")) * _EM[found.group(2)]

    # ---- rows

    def row(self, stop: frozenset[str]) -> Row:
        nodes: list[Node] = []
        while True:
            token = self.peek()
            if token is None or token in stop or token == "}":
                return tuple(nodes)
            if token in _STYLES:
                self.i += 1
                nodes.append(tree.Style(_STYLES[token], self.row(stop)))
                return tuple(nodes)
            if token in _OLD_FONTS:
                self.i += 1
                nodes.append(tree.Font(token, self.row(stop)))
                return tuple(nodes)
            if token in _INFIX:
                self.i += 1
                left, right, bar = _INFIX[token]
                return (tree.Fraction(tuple(nodes), self.row(stop), "", left, right, bar),)
            node = self.atom()
            if node is not None:
                nodes.append(node)

    def group(self) -> Row:
        self.expect("{")
        self.depth += 1
        if self.depth > DEPTH:
            raise self.error("nested too deeply")
        row = self.row(frozenset())
        self.expect("}")
        self.depth -= 1
        return row

    def argument(self) -> Row:
        if self.peek() == "{":
            return self.group()
        self.depth += 1
        if self.depth > DEPTH:
            raise self.error("nested too deeply")
        node = self.nucleus()
        self.depth -= 1
        return () if node is None else (node,)

    def option(self) -> Row | None:
        """``[...]`` where there is one."""
        if self.peek() != "[":
            return None
        self.i += 1
        row = self.row(frozenset({"]"}))
        self.expect("]")
        return row

    # ---- atoms

    def atom(self) -> Node | None:
        base = None if self.peek() in ("^", "_", "'") else self.nucleus()
        if isinstance(base, (tree.Space, tree.Tag)):
            return base
        bare = base is None
        sub: Row | None = None
        sup: Row | None = None
        while True:
            token = self.peek()
            if token == "'":
                sup = (sup or ()) + self.primes()
            elif token == "^":
                self.i += 1
                sup = (sup or ()) + self.argument()
            elif token == "_":
                self.i += 1
                sub = (sub or ()) + self.argument()
            elif token in (r"\limits", r"\nolimits"):
                self.i += 1
                base = _with_limits(base, token == r"\limits")
            else:
                break
        if sub is None and sup is None:
            return None if bare else base
        return tree.Scripts(base, sub, sup)

    def primes(self) -> Row:
        count = 0
        while self.peek() == "'":
            self.i += 1
            count += 1
        return (tree.Sym("′", "textord"),) * count

    def delimiter(self) -> str:
        token = self.take()
        token = _DELIMITERS.get(token, token)
        if token not in _DELIMITER_NAMES:
            self.i -= 1
            raise self.error(f"{token} is no delimiter")
        return token

    def nucleus(self) -> Node | None:
        token = self.peek()
        if token is None:
            raise self.error("ends too early")
        if token == "{":
            return tree.Group(self.group())
        entry = known.SYMBOLS.get(token)
        if entry is not None:
            self.i += 1
            return tree.Sym(*entry)
        if token[0] != "\\":
            return self.other_character(token)
        self.i += 1
        if token in known.SPACES:
            return tree.Space(known.SPACES[token])
        for reader in (self.construct, self.letters, self.enclosure, self.relation, self.layout_only):
            found = reader(token)
            if found is not _NOT_MINE:
                assert not isinstance(found, _NotMine)
                return found
        self.i -= 1
        raise self.error(f"unknown command {token}")

    def other_character(self, token: str) -> Node | None:
        if token in known.SPACES:
            self.i += 1
            return tree.Space(known.SPACES[token])
        if token == "≠":
            self.i += 1
            return tree.Negated("=")
        if token == "∉":
            self.i += 1
            return tree.NotIn()
        if token in "}&$#^_'" or not token.isprintable():
            raise self.error(f"{token} cannot stand here")
        self.i += 1
        return tree.Sym(token, "mathord" if token.isalpha() else "textord")

    def construct(self, token: str) -> Node | _NotMine | None:
        """Fractions, roots, operators, arrays."""
        if token in _FRACTIONS:
            size, left, right, bar = _FRACTIONS[token]
            if token == r"\cfrac" and self.peek() == "[":
                self.option()
            numerator = self.argument()
            return tree.Fraction(numerator, self.argument(), size, left, right, bar)
        if token == r"\sqrt":
            index = self.option()
            return tree.Root(self.argument(), index)
        if token in known.BIG_OPERATORS:
            return tree.BigOperator(*known.BIG_OPERATORS[token])
        if token[1:] in known.NAMED_OPERATORS:
            return tree.Operator(token[1:], known.NAMED_OPERATORS[token[1:]])
        if token in (r"\operatorname", r"\operatornamewithlimits"):
            limits = self.star() or token != r"\operatorname"
            return tree.Operator(self.operator_name(), limits)
        if token == r"\begin":
            return self.environment()
        if token == r"\substack":
            self.expect("{")
            rows = self.cells(frozenset({"}"}))
            self.expect("}")
            return tree.Array("subarray", rows, "c")
        return _NOT_MINE

    def operator_name(self) -> str:
        name = self.raw() if self.peek() == "{" else self.take()
        name = name.replace(r"\,", "\u2009").replace(r"\;", "\u2009").replace(r"\ ", "\u2009").replace("~", "\u2009")
        name = re.sub(r"\\(?:mathrm|text|rm|textrm|overline|underline)\b", "", name)
        return re.sub(r"[ {}\\]", "", name)

    def letters(self, token: str) -> Node | _NotMine | None:
        """Fonts, text, accents."""
        if token in known.FONTS:
            return tree.Font(token, self.argument())
        if token in _TEXTS:
            return tree.Text(self.raw() if self.peek() == "{" else self.take(), token)
        if token in known.ACCENTS:
            return tree.Accent(token, self.argument())
        if token in known.STRETCHY:
            return tree.Stretchy(token, self.argument())
        if token in (r"\overline", r"\underline", r"\underbar"):
            return tree.Ruled(token == r"\overline", self.argument())
        if token in (r"\overbrace", r"\underbrace"):
            return tree.Brace(token == r"\overbrace", self.argument())
        if token in (r"\overset", r"\underset", r"\stackrel"):
            script = self.argument()
            return tree.Stack(token[1:], script, self.argument())
        if token in (r"\textcolor", r"\colorbox"):
            self.raw()
            return tree.Splice(self.argument())
        return _NOT_MINE

    def enclosure(self, token: str) -> Node | _NotMine | None:
        """Delimiters and boxes."""
        if token == r"\left":
            left = self.delimiter()
            self.depth += 1
            if self.depth > DEPTH:
                raise self.error("nested too deeply")
            body = self.row(frozenset({r"\right"}))
            self.expect(r"\right")
            self.depth -= 1
            return tree.LeftRight(left, body, self.delimiter())
        if token == r"\middle":
            return tree.Middle(self.delimiter())
        if token in _SIZES:
            size, cls = _SIZES[token]
            return tree.Fixed(self.delimiter(), size, cls)
        if token in (r"\boxed", r"\fbox"):
            if token == r"\fbox":
                return tree.Boxed((tree.Text(self.raw()),))
            return tree.Boxed(self.argument())
        return _NOT_MINE

    def relation(self, token: str) -> Node | _NotMine | None:
        """Relations that are more than one glyph, dots, classes."""
        if token in (r"\neq", r"\ne"):
            return tree.Negated("=")
        if token == r"\not":
            if self.peek() == r"\in":
                self.i += 1
                return tree.Negated("∈")
            node = self.nucleus()
            if not isinstance(node, tree.Sym):
                raise self.error(r"\not strikes a single symbol")
            return tree.Negated(node.char)
        if token == r"\notin":
            return tree.NotIn()
        if token in (r"\implies", r"\iff", r"\impliedby"):
            return tree.LongArrow({r"\implies": "⟹", r"\iff": "⟺", r"\impliedby": "⟸"}[token])
        if token in (r"\cdots", r"\dots", r"\dotsc", r"\dotsb", r"\dotso", r"\dotsi", r"\hdots"):
            return self.dots(token)
        if token in _ARROWS:
            below = self.option()
            return tree.LabelledArrow(token, self.argument(), below)
        if token in (r"\pmod", r"\mod", r"\pod"):
            return tree.Modulo(token[1:], self.argument())
        if token == r"\bmod":
            return tree.Modulo("bmod", None)
        if token == r"\colon":
            return tree.Splice(
                (tree.Space(2), tree.ClassOf("mpunct", ()), tree.Space(-3), tree.Sym(":", "textord"), tree.Space(6))
            )
        if token == r"\@vcentcolon":
            return tree.Sym(":", "textord", "centred")
        if token in _CLASSES:
            return tree.ClassOf(_CLASSES[token], self.argument())
        return _NOT_MINE

    def dots(self, token: str) -> Node:
        following = self.peek()
        if token == r"\dots":
            entry = known.SYMBOLS.get(following or "")
            centred = (
                (entry is not None and entry.kind in ("bin", "rel"))
                or following in known.BIG_OPERATORS
                or following in _DOTS_BETWEEN
            )
            token = r"\cdots" if centred else r"\dotso"
        centred = token in (r"\cdots", r"\dotsb", r"\dotsi")
        closing = following in _CLOSING and not (token == r"\dotsc" and following == ",")
        dots = tree.Sym("⋯" if centred else "…", "inner")
        body: Row = (dots, tree.Space(3)) if closing and token != r"\hdots" else (dots,)
        if token == r"\dotsi":
            body = (tree.Space(-3), *body)
        return body[0] if len(body) == 1 else tree.Splice(body)

    def layout_only(self, token: str) -> Node | _NotMine | None:
        """Commands that only move things."""
        if token in (r"\phantom", r"\hphantom", r"\vphantom"):
            return tree.Phantom(token != r"\vphantom", token != r"\hphantom", self.argument(), name=token)
        if token in (r"\cancel", r"\bcancel", r"\xcancel", r"\sout"):
            return tree.Phantom(True, True, self.argument(), shown=True, name=token)
        if token == r"\smash":
            self.option()
            return tree.Phantom(True, False, self.argument(), shown=True, name=token)
        if token in (r"\hspace", r"\kern", r"\mkern", r"\mskip", r"\hskip"):
            self.star()
            return tree.Space(self.length())
        if token == r"\color":
            self.raw()
            return None
        if token in (r"\label",):
            self.raw()
            return None
        if token == r"\tag":
            star = self.star()
            text = self.raw()
            return tree.Tag(text if star else f"({text})")
        return _NOT_MINE

    # ---- arrays

    def cells(self, stop: frozenset[str]) -> tuple[tuple[Row, ...], ...]:
        rows: list[tuple[Row, ...]] = []
        line: list[Row] = []
        ends = stop | {"&", r"\\", r"\cr", r"\newline"}
        while True:
            line.append(self.row(ends))
            token = self.peek()
            if token == "&":
                self.i += 1
            elif token in (r"\\", r"\cr", r"\newline"):
                self.i += 1
                self.star()
                if self.i < len(self.tokens) and self.tokens[self.i] == "[":
                    while self.take() != "]":
                        pass
                rows.append(tuple(line))
                line = []
            else:
                break
        rows.append(tuple(line))
        if len(rows) > 1 and not any(rows[-1]):
            rows.pop()
        return tuple(rows)

    def environment(self) -> Node:
        at = self.i
        name = self.raw()
        plain = name.removesuffix("*")
        if plain not in known.ENVIRONMENTS:
            self.i = at
            raise self.error(f"unknown environment {name}")
        self.depth += 1
        if self.depth > DEPTH:
            raise self.error("nested too deeply")
        columns = ""
        if plain in ("array", "subarray", "darray"):
            columns = self.raw()
        elif plain in ("alignedat", "alignat"):
            self.raw()
        elif name.endswith("*") and "matrix" in name and self.peek() == "[":
            self.option()
        rows = self.cells(frozenset({r"\end"}))
        self.expect(r"\end")
        if self.raw() != name:
            raise self.error(f"expected the end of {name}")
        self.depth -= 1
        if plain == "equation":
            return tree.Splice(rows[0][0])
        array = tree.Array(plain, rows, columns)
        left, right = known.ENVIRONMENTS[plain]
        return tree.LeftRight(left, (array,), right) if left else array


class _NotMine:
    """Said by a reader of commands that a command is another's."""


_NOT_MINE: Final = _NotMine()


def _with_limits(base: Node | None, limits: bool) -> Node | None:
    if isinstance(base, tree.BigOperator):
        return tree.BigOperator(base.char, limits)
    if isinstance(base, tree.Operator):
        return tree.Operator(base.name, limits)
    if isinstance(base, tree.ClassOf) and base.cls == "mop" and len(base.body) == 1:
        inner = base.body[0]
        if isinstance(inner, (tree.Operator, tree.BigOperator)):
            return _with_limits(inner, limits)
        if isinstance(inner, (tree.Text, tree.Font)):
            text = (
                inner.text
                if isinstance(inner, tree.Text)
                else "".join(n.char for n in inner.body if isinstance(n, tree.Sym))
            )
            return tree.Operator(text.replace(" ", "\u2009"), limits)
    return base
