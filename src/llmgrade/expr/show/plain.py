"""An expression as one line of Unicode: ``(XᵀX + λI)⁻¹Xᵀy``. What is shown reads back as the same expression."""

from __future__ import annotations

import unicodedata
from fractions import Fraction

from llmgrade.expr import nodes as n
from llmgrade.expr.names import COMBINING, GREEK, SUBSCRIPTS, SUPERSCRIPTS
from llmgrade.expr.nodes import Expr
from llmgrade.expr.show.numerals import decimal, unit_text
from llmgrade.expr.show.precedence import FACTOR, NEGATION, POSTFIX, RELATION, SET, SUM, strength

__all__ = ["plain"]

_LETTER = {word: char for char, word in reversed(GREEK.items())}
_HIGH = {char: sign for sign, char in SUPERSCRIPTS.items()}
_LOW = {char: sign for sign, char in SUBSCRIPTS.items() if len(char) == 1}
_MARK = {word: mark for mark, word in reversed(COMBINING.items()) if word}
_CONST = {"pi": "π", "oo": "∞", "empty": "∅", "dots": "…", "R": "ℝ", "C": "ℂ", "Q": "ℚ", "Z": "ℤ", "N": "ℕ", "none": "\\text{no solution}", "true": "\\text{true}",
          "false": "\\text{false}", "nan": "NaN", "all": ":", "unsaid": "", "otherwise": "otherwise"}  # fmt: skip
_OPS = {"=": "=", "!=": "≠", "<": "<", "<=": "≤", ">": ">", ">=": "≥", "~": "≈", "sim": "∼", "prop": "∝", "->": "→", "in": "∈", "notin": "∉", "subset": "⊂", "subseteq": "⊆",
        "<<": "≪", ">>": "≫", "equiv": "≡", "perp": "⟂", "mapsto": "↦", "cong": "≅", "divides": "\\divides", "parallel": "\\parallel", "succ": "≻", "succeq": "≽", "prec": "≺",
        "preceq": "≼", "up": "↑", "down": "↓", "gtrless": "≷", "lessgtr": "≶", "ni": "∋", "supset": "⊃", "supseteq": "⊇", "<-": "←"}  # fmt: skip
_INFIX = {
    "dot": "·",
    "hadamard": "⊙",
    "kron": "⊗",
    "compose": "∘",
    "mod": "mod",
    "floordiv": "//",
    "ratio": ":",
    "oplus": "⊕",
}
_SETOPS = {"union": "∪", "intersection": "∩", "minus": "∖"}
_BIG = {"sum": "∑", "prod": "∏", "union": "⋃", "intersection": "⋂"}


def plain(expr: Expr) -> str:
    """The expression as one line.

    >>> from llmgrade.expr.notation import read
    >>> plain(read("\\\\frac{\\\\sigma_i}{\\\\sigma_i^2 + \\\\lambda}").expr)
    'σᵢ/(σᵢ² + λ)'
    """
    return _show(expr)


def name(text: str) -> str:
    """A canonical name with its own letters: ``hat w_ridge`` → ``ŵ_{ridge}``."""
    star = text.endswith("^*")
    text = text.removesuffix("^*")
    primes = len(text) - len(text.rstrip("'"))
    text = text.rstrip("'")
    base, mark, sub = text.partition("_")
    *accents, letter = base.split(" ")
    shown = _LETTER.get(letter, letter)
    for accent in accents:
        shown = unicodedata.normalize("NFC", shown + _MARK[accent]) if accent in _MARK else f"{accent} {shown}"
    if mark:
        sub = _LETTER.get(sub, sub)
        low = "".join(_LOW.get(char, "?") for char in sub)
        shown += low if "?" not in low and len(sub) <= 3 else f"_{sub}" if len(sub) == 1 else f"_{{{sub}}}"
    return shown + ("^*" if star else "") + "'" * primes


def _within(expr: Expr, least: int) -> str:
    """The text of a part, in brackets where it binds weaker than ``least``."""
    text = _show(expr)
    return f"({text})" if strength(expr) < least else text


def _show(expr: Expr) -> str:
    match expr:
        case n.Num(value, decimals):
            return decimal(value, decimals) or f"({Fraction(value).numerator}/{Fraction(value).denominator})"
        case n.Sym(text):
            return name(text)
        case n.Const(text):
            return _CONST.get(text, text)
        case n.Identity(size):
            return "I" if size is None else f"I_{{{_show(size)}}}"
        case n.Word(text):
            return f"\\text{{{text}}}"
        case n.Add(terms):
            return _sum(terms)
        case n.Mul(factors):
            return _product(factors)
        case n.Neg(arg):
            return "-" + _within(arg, NEGATION + 1)
        case n.Div(top, bottom):
            return f"{_quotient(top)}/{_within(bottom, FACTOR + 1)}"
        case n.Pow(base, exponent):
            return _base(base) + _exponent(exponent)
        case n.PlusMinus(arg, upper):
            return ("±" if upper else "∓") + _within(arg, SUM + 1)
        case n.Infix("inner", left, right):
            return f"⟨{_within(left, RELATION)}, {_within(right, RELATION)}⟩"
        case n.Infix("cross", left, right):
            return f"cross({_show(left)}, {_show(right)})"
        case n.Infix("ratio" | "mod" as op, left, right):
            return f"{_within(left, SUM)} {_INFIX[op]} {_within(right, FACTOR)}"
        case n.Infix(op, left, right):
            return f"{_within(left, FACTOR)} {_INFIX.get(op, op)} {_within(right, FACTOR + 1)}"
        case n.Percent(arg):
            return _base(arg) + "\\%"
        case n.Quantity(value, unit):
            return f"{_within(value, FACTOR + 1)} \\text{{ {unit_text(unit)}}}"
        case n.Transpose(arg):
            return _base(arg) + "ᵀ"
        case n.Adjoint(arg):
            return _base(arg) + "ᴴ"
        case n.PInv(arg):
            return _base(arg) + "†"
        case n.Abs(arg):
            inner = _show(arg)
            return f"abs({inner})" if "|" in inner or "‖" in inner else f"|{inner}|"
        case n.Norm(arg, kind, weight):
            below = _show(weight) if weight is not None else {"inf": "∞", "nuc": "*"}.get(kind, kind)
            inner = _show(arg)
            bars = f"\\left‖{inner}\\right‖" if "|" in inner or "‖" in inner else f"‖{inner}‖"
            return bars + (f"_{{{below}}}" if below else "")
        case n.Vector(items):
            return (
                "[" + "; ".join(map(_show, items)) + "]"
                if len(items) > 1
                else "\\begin{pmatrix}" + _show(items[0]) + "\\end{pmatrix}"
            )
        case n.Matrix(rows):
            if len(rows) == 1:
                return "\\begin{pmatrix}" + " & ".join(map(_show, rows[0])) + "\\end{pmatrix}"
            return "[" + "; ".join(", ".join(map(_show, row)) for row in rows) + "]"
        case n.Index(base, indices):
            return _base(base) + "_{" + ", ".join(map(_show, indices)) + "}"
        case n.Call():
            return _call(expr)
        case n.BigOp():
            return _big(expr)
        case n.Integral(body, variable, lower, upper):
            low = f"_{{{_show(lower)}}}" if lower is not None else ""
            high = f"^{{{_show(upper)}}}" if upper is not None else ""
            return (
                f"∫{low}{high} {_within(body, SUM)} d{_show(variable)}"
                if _simple(variable)
                else f"∫{low}{high} {_within(body, SUM)} d {_show(variable)}"
            )
        case n.Limit(body, variable, to, side):
            return f"lim_{{{_show(variable)} → {_within(to, SET)}{'^' + side if side else ''}}} {_within(body, FACTOR)}"
        case n.Derivative():
            return _derivative(expr)
        case n.At(body, variable, value, low):
            if variable is None or low is not None:
                return f"\\left.{_show(body)}\\right._{{{_show(low) if low is not None else ''}}}^{{{_show(value)}}}"
            return f"({_show(body)})_{{{_show(variable)} = {_show(value)}}}"
        case n.Relation(ops, terms):
            shown = [_within(term, SET) for term in terms]
            if isinstance(terms[-1], n.Seq) and not terms[-1].brackets:
                shown[-1] = " and ".join(_within(item, SET) for item in terms[-1].items)
            return "".join([shown[0], *map(_related, ops, shown[1:])]).strip()
        case n.Logic(op, args):
            return _logic(op, args)
        case n.Given(body, condition):
            return f"{_within(body, RELATION)} if {_within(condition, 2)}"
        case n.Piecewise(branches):
            rows_ = [
                f"{_show(body)} & " + ("\\text{otherwise}" if wanted is None else _show(wanted))
                for body, wanted in branches
            ]
            return "\\begin{cases} " + " \\\\ ".join(rows_) + " \\end{cases}"
        case n.Seq(items, brackets):
            separator = "; " if brackets == ";" else ", "
            inner = separator.join(_within(item, 1) if brackets != ";" else _show(item) for item in items)
            return {"()": f"({inner})", "[]": f"[{inner}]", "<>": f"⟨{inner}⟩"}.get(brackets, inner)
        case n.Interval(low, high, closed_low, closed_high):
            return f"{'[' if closed_low else '('}{_show(low)}, {_show(high)}{']' if closed_high else ')'}"
        case n.Set(items):
            return "\\{" + ", ".join(_within(item, 1) for item in items) + "\\}"
        case n.SetBuilder(element, condition):
            return f"\\{{{_show(element)} : {_show(condition)}\\}}"
        case n.SetOp(op, args):
            if op in _SETOPS:
                return f" {_SETOPS[op]} ".join(_within(arg, SUM) for arg in args)
            return f"{op}({', '.join(map(_show, args))})"
        case _:
            raise TypeError(f"no plain text for {type(expr).__name__}")


def _related(op: str, text: str) -> str:
    return f" → {text}^{op[-1]}" if op in ("->+", "->-") else f" {_OPS.get(op, op)} {text}"


def _simple(expr: Expr) -> bool:
    return isinstance(expr, n.Sym) and len(name(expr.name)) == 1


def _sum(terms: tuple[Expr, ...]) -> str:
    parts = [_within(terms[0], SUM + 1)]
    for term in terms[1:]:
        match term:
            case n.Neg(arg):
                parts.append(" - " + _within(arg, SUM + 1))
            case n.PlusMinus(arg, upper):
                parts.append((" ± " if upper else " ∓ ") + _within(arg, SUM + 1))
            case _:
                parts.append(" + " + _within(term, SUM + 1))
    return "".join(parts)


def _quotient(top: Expr) -> str:
    # A product is what a slash divides; a quotient or a sign before it needs brackets.
    return _within(top, FACTOR) if not isinstance(top, n.Quantity) else f"({_show(top)})"


def _product(factors: tuple[Expr, ...]) -> str:
    shown: list[str] = []
    for factor in factors:
        bracket = (strength(factor) <= FACTOR and not (isinstance(factor, n.Call))) or strength(factor) < FACTOR
        text = f"({_show(factor)})" if bracket else _show(factor)
        shown.append(text)
    out = shown[0]
    for before, factor, text in zip(factors, factors[1:], shown[1:], strict=False):
        sign = _between(before, out, factor, text)
        out += (" * " if sign == "*" and out.endswith("*") else sign) + text  # w^* times 2 is no w^**2
    return out


def _between(before: Expr, left: str, factor: Expr, right: str) -> str:
    """Nothing, a space, or a sign of multiplication, so that the product reads back."""
    if right[0].isdigit() or right[0] in ".∂∇" or right.startswith(("\\text", "[", "otherwise")):
        return "*"
    if right[0] == "(" and not isinstance(before, n.Num) and not left.endswith((")", "ᵀ", "†")):
        return "*"
    if right[0] in "([" and left[-1] == ")" and isinstance(before, n.Call):
        return "*"
    if right.startswith("\\{"):
        return "*"
    if isinstance(before, n.Num):
        return "" if (right[0].isalpha() and right[0] not in "eEdE") or right[0] in "(√" else "*"
    return " "


def _base(expr: Expr) -> str:
    if isinstance(expr, n.Num) and not (isinstance(expr.value, int) or expr.decimals is not None):
        return _show(expr)
    if isinstance(expr, n.Call | n.Index | n.At | n.Percent):
        return f"({_show(expr)})"
    if isinstance(expr, n.Pow):
        return f"({_show(expr)})"
    return _within(expr, POSTFIX)


def _exponent(expr: Expr) -> str:
    text = _show(expr)
    high = (
        "".join(_HIGH.get(char, "?") for char in text)
        if isinstance(expr, n.Num) or (isinstance(expr, n.Neg) and isinstance(expr.arg, n.Num))
        else "?"
    )
    if "?" not in high and "." not in text:
        return high
    return f"^{{{text}}}"


def _call(expr: n.Call) -> str:
    args = ", ".join(
        f"{_within(a.body, RELATION)} | {_show(a.condition)}" if isinstance(a, n.Given) else _show(a) for a in expr.args
    )
    match expr.function, len(expr.args):
        case "sqrt", 1:
            return f"√({args})"
        case "root", 2:
            return f"√[{_show(expr.args[1])}]({_show(expr.args[0])})"
        case "factorial", 1:
            return _base(expr.args[0]) + "!"
        case "factorial2", 1:
            return _base(expr.args[0]) + "!!"
        case "binom", 2:
            return f"\\binom{{{_show(expr.args[0])}}}{{{_show(expr.args[1])}}}"
        case "indicator", 1:
            return f"\\mathbf{{1}}_{{{args}}}" if isinstance(expr.args[0], n.Relation) else f"indicator({args})"
        case "gamma", _:
            return f"Γ({args})"
        case "zeta", _:
            return f"ζ({args})"
        case "Theta", _:
            return f"Θ({args})"
        case "Omega", _:
            return f"Ω({args})"
        case "ones", 1:
            return "\\mathbf{1}" if expr.args[0] == n.Const("all") else f"ones({args})"
        case "floor", 1:
            return f"⌊{args}⌋"
        case "ceil", 1:
            return f"⌈{args}⌉"
        case "conj", 1:
            return f"conj({args})"
        case "arg", 1:
            return f"\\arg({args})"
        case _:
            below = f"_{{{_show(expr.sub)}}}" if expr.sub is not None else ""
            return f"{expr.function}{below}({args})"


def _big(expr: n.BigOp) -> str:
    sign = _BIG.get(expr.op, expr.op)
    sign = f"\\{sign}" if sign in ("max", "min", "sup", "inf") else sign
    if expr.lower is not None and expr.variable is not None:
        below = f"{_show(expr.variable)} = {_show(expr.lower)}"
        if expr.domain is not None:
            below += f", {_show(expr.domain)}"
    elif expr.domain is not None:
        below = _show(expr.domain)
    else:
        below = _show(expr.variable) if expr.variable is not None else ""
    above = f"^{{{_show(expr.upper)}}}" if expr.upper is not None else ""
    return f"{sign}{f'_{{{below}}}' if below else ''}{above} {_within(expr.body, FACTOR)}"


def _derivative(expr: n.Derivative) -> str:
    body = _within(expr.body, FACTOR)
    if expr.kind in ("nabla", "hessian", "divergence", "curl"):
        below = f"_{{{', '.join(map(_show, expr.variables))}}}" if expr.variables else ""
        sign = {"nabla": "∇", "hessian": "∇²", "divergence": "∇·", "curl": "∇×"}[expr.kind]
        return f"{sign}{below} {_base(expr.body)}"
    d = "\\partial" if expr.kind == "partial" else "\\mathrm{d}"
    order = len(expr.variables)
    top = d + (f"^{{{order}}}" if order > 1 else "")
    below = " ".join(f"{d} {_show(v)}" for v in expr.variables)
    return f"\\frac{{{top}}}{{{below}}} {body}"


def _logic(op: str, args: tuple[Expr, ...]) -> str:
    if op == "not":
        return "¬" + _within(args[0], 4)
    if op in ("forall", "exists"):
        return ("∀" if op == "forall" else "∃") + " " + _show(args[0])
    sign = {"and": "and", "or": "or", "implies": "⇒", "iff": "⇔", "xor": "xor"}[op]
    least = {"and": 4, "or": 3}.get(op, 2)
    return f" {sign} ".join(_within(arg, least) for arg in args)
