"""`tree.Row` → LaTeX that parses back to it, and the form in which two spellings of one formula agree."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, TypeAlias

from llmgrade.typeset import tree
from llmgrade.typeset.latex import parse
from llmgrade.typeset.symbols import BIG_OPERATORS, DELIMITERS, NAMED_OPERATORS, NO_BREAK, SYMBOLS, command_of
from llmgrade.typeset.tree import Node, Row

__all__ = ["Canon", "canonical", "same_formula", "spell"]

_BIG_COMMAND: Final = {char: name for name, (char, _) in reversed(BIG_OPERATORS.items())}
_SPACE_COMMAND: Final = {3: r"\,", 4: r"\:", 5: r"\;", -3: r"\!", 9: r"\enspace", 18: r"\quad", 36: r"\qquad"}
_STYLE_COMMAND: Final = {0: r"\displaystyle ", 2: r"\textstyle ", 4: r"\scriptstyle ", 6: r"\scriptscriptstyle "}
_FIXED_COMMAND: Final = {1: r"\big", 2: r"\Big", 3: r"\bigg", 4: r"\Bigg"}
_FIXED_SIDE: Final = {"mopen": "l", "mclose": "r", "mrel": "m"}
_MATRIX: Final = {
    ("(", ")"): "pmatrix", ("[", "]"): "bmatrix", ("|", "|"): "vmatrix", (r"\{", r"\}"): "Bmatrix",
    (r"\|", r"\|"): "Vmatrix",
}  # fmt: skip


def _braced(command: str, *rows: Row) -> str:
    return command + "".join(f"{{{spell(row)}}}" for row in rows)


def spell(row: Row) -> str:
    r"""The LaTeX of a row.

    >>> from llmgrade.typeset.latex import parse
    >>> spell(parse(r"\lambda x^{T}_1 = \frac12"))
    '\\lambda x_{1}^{T} = \\frac{1}{2}'
    """
    out = ""
    for node in row:
        part = _spell(node)
        if not part:
            continue
        if isinstance(node, tree.Sym) and node.kind in ("bin", "rel") and out:
            out = out.rstrip() + f" {part} "
            continue
        if part[0].isalpha() and re.search(r"\\[A-Za-z]+$", out):
            out += " "
        out += part
    return out.strip(" ")


def _spell(node: Node) -> str:
    match node:
        case tree.Sym():
            return _spell_symbol(node)
        case tree.Space(mu):
            return "~" if mu == NO_BREAK else _SPACE_COMMAND.get(int(mu)) or rf"\mkern{mu:g}mu "
        case tree.Group(body):
            return _braced("", body)
        case tree.Splice(body):
            return spell(body)
        case tree.Scripts():
            return _spell_scripts(node)
        case tree.Fraction():
            return _spell_fraction(node)
        case tree.Root(body, index):
            return _braced(r"\sqrt" + ("" if index is None else f"[{spell(index)}]"), body)
        case tree.Accent(name, body) | tree.Stretchy(name, body):
            return _braced(name, body)
        case tree.Font(name, body):
            return _braced(name, body) if name.startswith(r"\math") or len(name) > 4 else f"{{{name} {spell(body)}}}"
        case tree.Ruled(over, body):
            return _braced(r"\overline" if over else r"\underline", body)
        case tree.Boxed(body):
            return _braced(r"\boxed", body)
        case tree.BigOperator(char, limits):
            name = _BIG_COMMAND[char]
            usual = BIG_OPERATORS[name][1]
            return name if usual == limits else name + (r"\limits" if limits else r"\nolimits")
        case tree.Operator():
            return _spell_operator(node)
        case tree.Text(text, name):
            return f"{name}{{{text}}}"
        case tree.LeftRight():
            return _spell_left_right(node)
        case tree.Middle(delimiter):
            return rf"\middle{delimiter} "
        case tree.Fixed(delimiter, size, cls):
            return f"{_FIXED_COMMAND[size]}{_FIXED_SIDE.get(cls, '')}{delimiter} "
        case tree.Array(env):
            return _environment(env, node)
        case tree.Negated(char):
            return r" \neq " if char == "=" else rf" \not{command_of(char)} "
        case tree.NotIn():
            return r" \notin "
        case tree.LongArrow(char):
            return {"⟹": r" \implies ", "⟺": r" \iff ", "⟸": r" \impliedby "}[char]
        case tree.Style(style, body):
            return _STYLE_COMMAND[style] + spell(body)
        case tree.Stack(name, script, body):
            return _braced(f"\\{name}", script, body)
        case tree.Brace(over, body):
            return _braced(r"\overbrace" if over else r"\underbrace", body)
        case tree.LabelledArrow(name, above, below):
            return _braced(name + ("" if below is None else f"[{spell(below)}]"), above)
        case tree.Modulo(name, arg):
            return r" \bmod " if arg is None else _braced(f" \\{name}", arg)
        case tree.ClassOf(cls, body):
            return _braced(rf"\math{cls[1:]}", body)
        case tree.Phantom(_, _, body):
            return _braced(node.name, body)
        case tree.Tag(text):
            return rf"\tag*{{{text}}}"


def _spell_symbol(node: tree.Sym) -> str:
    if node.char == "∣" and node.kind == "rel":
        return r"\mid"
    if node.char == "⊥" and node.kind == "textord":
        return r"\bot"
    if node.font == "centred":
        return r"\vcentcolon"
    if node.font == "ams" and node.char == "∅":
        return r"\varnothing"
    name = command_of(node.char)
    entry = SYMBOLS.get(name)
    if entry is not None and entry.kind == "punct" and node.kind == "rel":
        return node.char
    return name


def _spell_scripts(node: tree.Scripts) -> str:
    base = "{}" if node.base is None else _spell(node.base).strip()
    if isinstance(node.base, (tree.Splice, tree.Style)):
        base = f"{{{base}}}"
    out = base
    if node.sub is not None:
        out += _braced("_", node.sub)
    if node.sup is not None:
        primes = node.sup and all(isinstance(n, tree.Sym) and n.char == "′" for n in node.sup)
        out += "'" * len(node.sup) if primes else _braced("^", node.sup)
    return out


def _spell_fraction(node: tree.Fraction) -> str:
    if node.bar:
        return _braced(rf"\{node.size}frac", node.numerator, node.denominator)
    if (node.left, node.right) == ("(", ")"):
        return _braced(rf"\{node.size}binom", node.numerator, node.denominator)
    infix = {r"\{": r"\brace", "[": r"\brack"}.get(node.left, r"\atop")
    return f"{{{spell(node.numerator)} {infix} {spell(node.denominator)}}}"


def _spell_operator(node: tree.Operator) -> str:
    if node.name in NAMED_OPERATORS:
        usual = NAMED_OPERATORS[node.name]
        return (
            rf"\{node.name}"
            if usual == node.limits
            else rf"\{node.name}" + (r"\limits" if node.limits else r"\nolimits")
        )
    name = node.name.replace("\u2009", r"\,")
    return rf"\operatorname{'*' if node.limits else ''}{{{name}}}"


def _spell_left_right(node: tree.LeftRight) -> str:
    if len(node.body) == 1 and isinstance(node.body[0], tree.Array):
        array = node.body[0]
        if array.env in ("cases", "dcases") and node.left == r"\{" and node.right == ".":
            return _environment(array.env, array)
        if array.env in ("rcases", "drcases"):
            return _environment(array.env, array)
        name = _MATRIX.get((node.left, node.right))
        if name is not None and array.env in ("matrix", *_MATRIX.values()):
            return _environment(name, array)
    return rf"\left{node.left} {spell(node.body)} \right{node.right} "


def _environment(env: str, array: tree.Array) -> str:
    if env == "subarray":
        lines = r" \\ ".join(" & ".join(spell(cell) for cell in line) for line in array.rows)
        return rf"\substack{{{lines}}}"
    body = r" \\ ".join(" & ".join(spell(cell) for cell in line) for line in array.rows)
    columns = f"{{{array.columns}}}" if env in ("array", "darray") else ""
    if env in ("alignedat", "alignat"):
        columns = f"{{{max(1, (max(len(line) for line in array.rows) + 1) // 2)}}}"
    if env in _MATRIX.values() and not columns:
        return rf"\begin{{{env}}} {body} \end{{{env}}}"
    return rf"\begin{{{env}}}{columns} {body} \end{{{env}}}"


# ---------------------------------------------------------------------------------------------------------- canonical

Canon: TypeAlias = "str | tuple[Canon, ...] | None"


@lru_cache(maxsize=4096)
def canonical(row: Row) -> tuple[Canon, ...]:
    r"""What the page shows of a formula: without spaces, fonts, brace groups, ``\left`` and display sizes.

    >>> from llmgrade.typeset.latex import parse
    >>> canonical(parse(r"\left(\mathbb{R}^{n}\right)")) == canonical(parse("(R^n)"))
    True
    """
    out: list[Canon] = []
    for node in row:
        for part in _canonical(node):
            if (
                out
                and isinstance(part, tuple)
                and part[:1] == ("word",)
                and isinstance(out[-1], tuple)
                and out[-1][:1] == ("word",)
            ):
                out[-1] = ("word", str(out[-1][1]) + str(part[1]))
            else:
                out.append(part)
    return tuple(out)


def _delimiter(name: str) -> tuple[Canon, ...]:
    return () if name in (".", "") else (DELIMITERS.get(name, name),)


def _word(text: str) -> tuple[Canon, ...]:
    letters = re.sub(r"[\s\u2009\xa0~]+", "", text)
    return (("word", letters),) if letters else ()


def _canonical(node: Node) -> tuple[Canon, ...]:
    match node:
        case tree.Sym(char):
            return (char,)
        case tree.Space():
            return ()
        case tree.Group(body) | tree.Splice(body) | tree.Style(_, body) | tree.ClassOf(_, body):
            return canonical(body)
        case tree.Font(name, body):
            if name == r"\mathrm" and len(body) > 1 and all(isinstance(n, tree.Sym) and n.char.isalpha() for n in body):
                return _word("".join(n.char for n in body if isinstance(n, tree.Sym)))
            return canonical(body)
        case tree.Scripts():
            return _canonical_scripts(node)
        case tree.Fraction():
            inner: Canon = ("frac" if node.bar else "stack", canonical(node.numerator), canonical(node.denominator))
            return (*_delimiter(node.left), inner, *_delimiter(node.right))
        case tree.Root(body, index):
            return (("sqrt", canonical(body), None if index is None else canonical(index)),)
        case tree.Accent(name, body) | tree.Stretchy(name, body):
            name = {r"\widehat": r"\hat", r"\widetilde": r"\tilde", r"\widecheck": r"\check"}.get(name, name)
            return (("accent", name, canonical(body)),)
        case tree.Ruled(over, body):
            return (("over" if over else "under", canonical(body)),)
        case tree.Boxed(body):
            return (("boxed", canonical(body)),)
        case tree.BigOperator(char):
            return (char,)
        case tree.Operator(name):
            return _word(name)
        case tree.Text(text):
            return _word(text)
        case tree.LeftRight(left, body, right):
            return (*_delimiter(left), *canonical(body), *_delimiter(right))
        case tree.Middle(delimiter) | tree.Fixed(delimiter):
            return _delimiter(delimiter)
        case tree.Array(_, rows):
            return (("array", *(tuple(canonical(cell) for cell in line) for line in rows)),)
        case tree.Negated(char):
            return (("not", char),)
        case tree.NotIn():
            return (("not", "∈"),)
        case tree.LongArrow(char):
            return (char,)
        case tree.Stack(name, script, body):
            return (("under" if name == "underset" else "overset", canonical(script), canonical(body)),)
        case tree.Brace(over, body):
            return (("overbrace" if over else "underbrace", canonical(body)),)
        case tree.LabelledArrow(_, above, below):
            return (("arrow", canonical(above), None if below is None else canonical(below)),)
        case tree.Modulo(name, arg):
            word = _word("mod") if name != "pod" else ()
            inside = canonical(arg) if arg is not None else ()
            return ("(", *word, *inside, ")") if name in ("pmod", "pod") else (*word, *inside)
        case tree.Phantom(_, _, body):
            return canonical(body) if node.shown else ()
        case tree.Tag(text):
            return _word(text)


def _canonical_scripts(node: tree.Scripts) -> tuple[Canon, ...]:
    base: tuple[Canon, ...] = () if node.base is None else _canonical(node.base)
    sub = None if node.sub is None else canonical(node.sub)
    sup = None if node.sup is None else canonical(node.sup)
    loose = isinstance(node.base, tree.LeftRight) or len(base) == 1
    if loose and base:
        return (*base[:-1], ("scripts", base[-1], sub, sup))
    return (("scripts", base, sub, sup),)


def same_formula(a: str, b: str) -> bool:
    """Whether two spellings show the same formula (`canonical`)."""
    return canonical(parse(a)) == canonical(parse(b))
