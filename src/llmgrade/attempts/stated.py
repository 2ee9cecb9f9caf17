"""What a statement says, member by member: ``w = (XᵀX)⁻¹Xᵀy = …`` as a chain of readable mathematics.

A statement's text is cut where it joins claims (arrows, "and", commas between equations), each claim is cut at its
relation signs, and every member is read by itself under the rubric's symbols. So a member nobody can read costs only
itself, and is kept with the reason why.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from llmgrade.attempts.spelling import Speller
from llmgrade.claims.model import Statement
from llmgrade.errors import ExpressionError
from llmgrade.expr.nodes import (
    Add,
    Call,
    Derivative,
    Expr,
    Mul,
    Neg,
    Norm,
    Num,
    Pow,
    Relation,
    Sym,
    Transpose,
    children,
)
from llmgrade.expr.notation import read
from llmgrade.expr.symbols import SymbolTable
from llmgrade.limits import Limits

__all__ = ["Member", "Said", "key_of", "read_member", "said", "split_claims", "split_members"]


@dataclass(frozen=True, slots=True)
class Member:
    """One side of a relation."""

    text: str
    expr: Expr | None
    why: str = ""
    """Why it could not be read, where it could not."""


@dataclass(frozen=True, slots=True)
class Said:
    """One claim of a statement: ``members[0] ops[0] members[1] ops[1] …``; a bare expression has one member."""

    statement: Statement
    members: tuple[Member, ...]
    ops: tuple[str, ...]
    words: str = ""
    """Words inside the formula that go with it (``\\text{if } w > 0``)."""
    condition: str | None = None
    """What it is limited to, as written."""
    last: bool = True
    """The statement's last claim: what came before leads up to it."""

    @property
    def value(self) -> Member:
        return self.members[-1]

    @property
    def left(self) -> tuple[Member, ...]:
        return self.members[:-1]

    @property
    def text(self) -> str:
        parts = [self.members[0].text]
        for op, member in zip(self.ops, self.members[1:], strict=True):
            parts += [op, member.text]
        return " ".join(part.strip() for part in parts if part.strip())


_SEPARATORS = re.compile(
    r"\\(?:Rightarrow|Longrightarrow|implies|iff|Leftrightarrow|Longleftrightarrow|therefore|because|leadsto|rightsquigarrow)(?![A-Za-z])"
    r"|[⇒⟹⟺⇔∴;]|=>|<=>|\\\\(?![A-Za-z])|\\(?:q?quad)(?![A-Za-z])|\n"
)
_RELATIONS = re.compile(
    r"\\(?:neq|ne|leq|le|geq|ge|lesssim|gtrsim|gtrless|lessgtr|ll|gg|approx|simeq|sim|equiv|propto|cong|to|rightarrow|longrightarrow|mapsto|in|coloneqq|triangleq|lt|gt|xrightarrow\{[^{}]*\})(?![A-Za-z])"
    r"|:=|==|!=|<=|>=|<<|>>|->|→|≈|≃|≅|∼|∝|≠|≤|≥|≪|≫|≡|∈|≷|≶|[=<>]"
)
_OPS = {
    "\\neq": "!=", "\\ne": "!=", "\\leq": "<=", "\\le": "<=", "\\geq": ">=", "\\ge": ">=", "\\ll": "<<", "\\gg": ">>",
    "\\approx": "~", "\\simeq": "~", "\\sim": "sim", "\\equiv": "=", "\\propto": "prop", "\\cong": "~", "\\to": "->",
    "\\rightarrow": "->", "\\longrightarrow": "->", "\\mapsto": "mapsto", "\\in": "in", ":=": "=", "==": "=", "\\coloneqq": "=",
    "\\triangleq": "=", "→": "->", "≈": "~", "≃": "~", "≅": "~", "∼": "sim", "∝": "prop", "≠": "!=", "≤": "<=", "≥": ">=", "≪": "<<",
    "≫": ">>", "≡": "=", "∈": "in", "\\lt": "<", "\\gt": ">", "\\gtrless": "<>", "\\lessgtr": "><", "≷": "<>", "≶": "><",
}  # fmt: skip
_OPEN, _CLOSE = "({[⟨", ")}]⟩"
_TEXT = re.compile(r"\\(?:text|textbf|textrm|textit|mbox|textnormal)\s*\{((?:[^{}]|\{[^{}]*\})*)\}")
_AND = re.compile(
    r"^\s*(?:and|or|where|with|so|hence|thus|then|y|und|et|also|but|i\.e\.?|that is|since|because|for|if|when|as)\b",
    re.IGNORECASE,
)
_MATHS_WORD = re.compile(
    r"^\s*(?:T|I|OLS|rank|tr|diag|sign|Sign|det|span|range|col|row|null|ker|ReLU|relu|max|min|argmin|argmax|sgn|Var|Cov|new|old|const|const\.|constant|cte|posterior|prior|likelihood|objective|loss|ridge|aug|opt|LS|MAP)\s*$"
)


def said(statement: Statement, spell: Speller, table: SymbolTable, limits: Limits) -> tuple[Said, ...]:
    """The claims of a statement, in order; () where it has no mathematics."""
    if not statement.latex:
        return ()
    found = []
    pieces = list(split_claims(unboxed(statement.latex)))
    for rank, (text, words) in enumerate(pieces):
        members, ops = split_members(text)
        if not any(member.strip() for member in members):
            continue
        found.append(
            Said(
                statement,
                tuple(read_member(member, spell, table, limits) for member in members),
                ops,
                words,
                statement.condition,
                rank == len(pieces) - 1,
            )
        )
    return tuple(found)


def unboxed(text: str) -> str:
    """The text without its boxes: what is in them stays."""
    while True:
        match = re.search(r"\\(?:boxed|fbox|bbox(?:\[[^\]]*\])?|colorbox\{\w+\}|underline|ensuremath)\s*\{", text)
        if match is None:
            return (
                text.replace("&=", "=").replace("&", " ")
                if "\\begin{cases}" not in text and "matrix" not in text and "\\begin{array}" not in text
                else text
            )
        depth, at = 1, match.end()
        while at < len(text) and depth:
            depth += (text[at] == "{") - (text[at] == "}")
            at += 1
        inner = text[match.end() : at - 1] if not depth else text[match.end() :]
        before = _TEXT.sub(" ", text[: match.start()])
        if (
            "boxed" in match.group()
            and text[: match.start()].strip()
            and not _RELATIONS.search(before)
            and not _SEPARATORS.search(before)
        ):
            text = f"{inner} {text[at:] if not depth else ''}"  # words that introduce the box
            continue
        text = f"{text[: match.start()]} {inner} {text[at:] if not depth else ''}"


def split_claims(text: str) -> Iterator[tuple[str, str]]:
    """Claims of a formula with the words that go with each: cut at arrows, line ends and at commas between relations."""
    text = re.sub(
        r"\\begin\{(?:aligned|align\*?|equation\*?|gather\*?|split|gathered)\}|\\end\{(?:aligned|align\*?|equation\*?|gather\*?|split|gathered)\}",
        " ",
        text,
    )
    for piece in _cut(text, _SEPARATORS):
        bare, words = _without_words(piece)
        for part in bare:
            yield from ((one, words) for one in _commas(part))


def _without_words(piece: str) -> tuple[list[str], str]:
    """The mathematics of a piece, cut where running words stand in it, and those words."""
    words: list[str] = []
    parts: list[str] = []
    at = 0
    for start, stop, content in _texts(piece):
        if _MATHS_WORD.match(content) or not content.strip():
            continue
        words.append(content.strip())
        parts.append(piece[at:start])
        at = stop
    parts.append(piece[at:])
    return [part for part in parts if part.strip(" ,.;:()")] or [""], " ".join(words)


def _texts(piece: str) -> Iterator[tuple[int, int, str]]:
    for match in _TEXT.finditer(piece):
        before = piece[: match.start()].rstrip()
        if (
            not before.endswith(("_", "^", "_{", "^{"))
            and _depth(piece, match.start()) == 0
            and "\\begin" not in before
        ):
            yield match.start(), match.end(), match[1]


def _commas(text: str) -> Iterator[str]:
    parts = list(_cut(text, re.compile(r",|，")))
    if len(parts) > 1 and all(_RELATIONS.search(part) for part in parts if part.strip()):
        yield from parts
    elif (
        len(parts) > 1
        and _RELATIONS.search(parts[0])
        and all(_RELATIONS.search(p) or re.search(r"\\forall|∀|\\dots|\\ldots", p) for p in parts[1:] if p.strip())
    ):
        yield from (p for p in parts if _RELATIONS.search(p))
    else:
        yield text


def split_members(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Sides and relation signs of one claim, cut outside all brackets.

    >>> split_members("w = A y \\\\approx 0")
    (('w ', ' A y ', ' 0'), ('=', '~'))
    """
    members: list[str] = []
    ops: list[str] = []
    at = 0
    for start, stop in _outside(text, _RELATIONS):
        members.append(text[at:start])
        sign = text[start:stop]
        ops.append("->" if sign.startswith("\\xrightarrow") else _OPS.get(sign, sign))
        at = stop
    members.append(text[at:])
    return tuple(members), tuple(ops)


def _cut(text: str, pattern: re.Pattern[str]) -> Iterator[str]:
    at = 0
    for start, stop in _outside(text, pattern):
        yield text[at:start]
        at = stop
    yield text[at:]


def _outside(text: str, pattern: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    """Matches of the pattern outside brackets and environments."""
    if pattern.search(text) is None:
        return
    depth = environment = 0
    at = 0
    while at < len(text):
        if text.startswith("\\begin{", at):
            environment += 1
            at += 7
            depth += 1
            continue
        if text.startswith("\\end{", at):
            environment -= 1
            at += 5
            depth += 1
            continue
        if text[at] == "\\" and at + 1 < len(text) and text[at + 1] in "{}|":
            depth += {"{": 1, "}": -1}.get(text[at + 1], 0)
            at += 2
            continue
        if depth <= 0 and environment <= 0:
            match = pattern.match(text, at)
            if match and match.end() > at and not (match.group() == ">" and text[at - 1 : at] in "-="):
                yield match.start(), match.end()
                at = match.end()
                continue
        if text[at] in _OPEN:
            depth += 1
        elif text[at] in _CLOSE:
            depth = max(0, depth - 1)
        if text[at] == "\\":
            command = re.compile(r"\\[A-Za-z]+|\\.").match(text, at)
            at = command.end() if command else at + 1
        else:
            at += 1


def _depth(text: str, at: int) -> int:
    depth = 0
    for char in text[:at]:
        depth += (char in "{") - (char in "}")
    return depth


def read_member(text: str, spell: Speller, table: SymbolTable, limits: Limits) -> Member:
    """One side, read under the rubric's names; kept with the reason where it cannot be."""
    bare = re.sub(r"(?<!\\)\\[,;:!> ]", " ", text).strip().strip("$").strip()
    if bare.endswith(("(\\downarrow)", "(\\uparrow)")):
        bare = bare[: bare.rindex("(")].strip()
    bare = re.sub(r"\\(?:up|down)arrow(?![A-Za-z])|[↑↓]", "", bare).strip(" ,.;:")
    if not bare:
        return Member("", None, "nothing is written here")
    spelled = spell.spell(bare)
    try:
        return Member(bare, read(spelled, table, limits).expr)
    except ExpressionError as error:
        return Member(bare, None, error.reason)
    except RecursionError:
        return Member(bare, None, "nested too deep")


def key_of(expr: Expr) -> object:
    """A form in which names and left-hand sides compare: notation that means the same is the same."""
    match expr:
        case Sym(name):
            return name
        case Num(value):
            return ("n", value)
        case Norm(arg, kind):
            return ("norm", key_of(arg), "" if kind in {"", "2", "F"} else kind)
        case Derivative(body, variables):
            return ("d", key_of(body), tuple(key_of(v) for v in variables))
        case Pow(Norm() as base, Num(2)):
            return ("square", key_of(base))
        case Transpose(Transpose(arg)):
            return key_of(arg)
        case Add(terms):
            return ("+", tuple(sorted((key_of(t) for t in terms), key=repr)))
        case Mul(factors) if len(factors) == 2 and factors[0] == Num(1):
            return key_of(factors[1])
        case Neg(arg):
            return ("-", key_of(arg))
        case Call(function, args):
            return (function, tuple(key_of(a) for a in args))
        case Relation(ops, terms):
            return ("rel", ops, tuple(key_of(t) for t in terms))
        case _:
            return (type(expr).__name__, tuple(key_of(child) for child in children(expr)))
