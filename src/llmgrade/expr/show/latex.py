"""An expression as LaTeX. What is shown reads back as the same expression; `Style` holds the spellings a writer may choose between."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from llmgrade.expr import nodes as n
from llmgrade.expr.functions import FUNCTIONS
from llmgrade.expr.names import GREEK
from llmgrade.expr.nodes import Expr
from llmgrade.expr.show.numerals import decimal, unit_text
from llmgrade.expr.show.precedence import FACTOR, NEGATION, POSTFIX, RELATION, SET, SUM, strength

__all__ = ["Style", "latex"]

_GREEK = frozenset(GREEK.values())
_CONST = {"pi": "\\pi", "oo": "\\infty", "empty": "\\emptyset", "dots": "\\ldots", "R": "\\mathbb{R}", "C": "\\mathbb{C}", "Q": "\\mathbb{Q}", "Z": "\\mathbb{Z}", "N": "\\mathbb{N}",
          "none": "\\text{no solution}", "true": "\\text{true}", "false": "\\text{false}", "nan": "\\text{nan}", "all": ":", "unsaid": "", "otherwise": "\\text{otherwise}"}  # fmt: skip
_OPS = {"=": "=", "!=": "\\neq", "<": "<", "<=": "\\leq", ">": ">", ">=": "\\geq", "~": "\\approx", "sim": "\\sim", "prop": "\\propto", "->": "\\to", "in": "\\in", "notin": "\\notin",
        "subset": "\\subset", "subseteq": "\\subseteq", "<<": "\\ll", ">>": "\\gg", "equiv": "\\equiv", "perp": "\\perp", "mapsto": "\\mapsto", "cong": "\\cong", "divides": "\\divides",
        "parallel": "\\parallel", "succ": "\\succ", "succeq": "\\succeq", "prec": "\\prec", "preceq": "\\preceq", "up": "\\uparrow", "down": "\\downarrow", "gtrless": "\\gtrless", "lessgtr": "\\lessgtr", "ni": "\\ni", "supset": "\\supset",
        "supseteq": "\\supseteq", "<-": "\\leftarrow"}  # fmt: skip
_INFIX = {
    "dot": "\\cdot",
    "hadamard": "\\odot",
    "kron": "\\otimes",
    "compose": "\\circ",
    "mod": "\\bmod",
    "floordiv": "//",
    "ratio": ":",
    "oplus": "\\oplus",
}
_SETOPS = {"union": "\\cup", "intersection": "\\cap", "minus": "\\setminus"}
_BIG = {
    "sum": "\\sum",
    "prod": "\\prod",
    "union": "\\bigcup",
    "intersection": "\\bigcap",
    "argmin": "\\operatorname{argmin}",
    "argmax": "\\operatorname{argmax}",
}


@dataclass(frozen=True, slots=True)
class Style:
    """How a writer spells what may be spelt in several ways; the meaning is the same for all."""

    transpose: str = "\\top"
    """``\\top``, ``T``, ``\\intercal`` or ``\\mathsf{T}``."""
    fraction: str = "\\frac"
    sized: bool = True
    """``\\left( … \\right)`` instead of plain brackets."""
    times: str = " "
    """Between factors: a space, ``\\cdot``."""
    norm: str = "\\|"
    """``\\|`` or ``\\lVert``."""
    bold: frozenset[str] = frozenset()
    """Names written bold."""


_STYLE = Style()


def latex(expr: Expr, style: Style = _STYLE) -> str:
    r"""The expression as LaTeX.

    >>> from llmgrade.expr.notation import read
    >>> print(latex(read("(x + 1)/√2").expr))
    \frac{x + 1}{\sqrt{2}}
    """
    return _Writer(style).show(expr)


def _name(text: str, style: Style) -> str:
    star = text.endswith("^*")
    text = text.removesuffix("^*")
    primes = len(text) - len(text.rstrip("'"))
    text = text.rstrip("'")
    base, mark, sub = text.partition("_")
    *accents, letter = base.split(" ")
    shown = "\\" + letter if letter in _GREEK else letter if len(letter) == 1 else f"\\mathrm{{{letter}}}"
    if base in style.bold or text in style.bold:
        shown = f"\\boldsymbol{{{shown}}}" if letter in _GREEK else f"\\mathbf{{{shown}}}"
    for accent in accents:
        shown = (
            f"\\mathcal{{{shown}}}"
            if accent == "cal"
            else f"\\mathfrak{{{shown}}}"
            if accent == "frak"
            else f"\\{accent}{{{shown}}}"
        )
    if mark:
        inner = f"\\{sub}" if sub in _GREEK else f"\\text{{{sub}}}" if sub.isalpha() and len(sub) > 2 else sub
        shown += f"_{inner}" if len(inner) == 1 else f"_{{{inner}}}"
    return shown + ("^*" if star else "") + "'" * primes


class _Writer:
    def __init__(self, style: Style) -> None:
        self.style = style

    def brackets(self, text: str, left: str = "(", right: str = ")") -> str:
        if self.style.sized and ("\\frac" in text or "\\sum" in text or "\\begin" in text or "\\dfrac" in text):
            return f"\\left{left}{text}\\right{right}"
        return f"{left}{text}{right}"

    def within(self, expr: Expr, least: int) -> str:
        text = self.show(expr)
        return self.brackets(text) if strength(expr) < least else text

    def show(self, expr: Expr) -> str:
        match expr:
            case n.Num(value, decimals):
                return (
                    decimal(value, decimals)
                    or f"\\frac{{{Fraction(value).numerator}}}{{{Fraction(value).denominator}}}"
                )
            case n.Sym(text):
                return _name(text, self.style)
            case n.Const(text):
                return _CONST.get(text, text)
            case n.Identity(size):
                return "I" if size is None else f"I_{{{self.show(size)}}}"
            case n.Word(text):
                return f"\\text{{{text}}}"
            case n.Add(terms):
                return self.sum(terms)
            case n.Mul(factors):
                return self.product(factors)
            case n.Neg(arg):
                return "-" + self.within(arg, NEGATION + 1)
            case n.Div(top, bottom):
                if _differential(top) or _differential(bottom):
                    return f"{self.brackets(self.show(top))}/{self.brackets(self.show(bottom))}"
                return f"{self.style.fraction}{{{self.show(top)}}}{{{self.show(bottom)}}}"
            case n.Pow(base, exponent):
                return self.base(base) + self.raised(self.show(exponent))
            case n.PlusMinus(arg, upper):
                return ("\\pm " if upper else "\\mp ") + self.within(arg, SUM + 1)
            case n.Infix("inner", left, right):
                return f"\\langle {self.within(left, RELATION)}, {self.within(right, RELATION)} \\rangle"
            case n.Infix("cross", left, right):
                return f"\\operatorname{{cross}}({self.show(left)}, {self.show(right)})"
            case n.Infix("ratio" | "mod" as op, left, right):
                return f"{self.within(left, SUM)} {_INFIX[op]} {self.within(right, FACTOR)}"
            case n.Infix(op, left, right):
                return f"{self.within(left, FACTOR)} {_INFIX.get(op, op)} {self.within(right, FACTOR + 1)}"
            case n.Percent(arg):
                return self.base(arg) + "\\%"
            case n.Quantity(value, unit):
                return f"{self.within(value, FACTOR + 1)} \\text{{ {unit_text(unit)}}}"
            case n.Transpose(n.Pow(base, n.Neg(n.Num(1)))):
                return self.base(base) + f"^{{-{self.style.transpose}}}"
            case n.Transpose(arg):
                return self.base(arg) + self.raised(self.style.transpose)
            case n.Adjoint(arg):
                return self.base(arg) + "^{\\mathsf{H}}"
            case n.PInv(arg):
                return self.base(arg) + "^{\\dagger}"
            case n.Abs(arg):
                return f"\\left|{self.show(arg)}\\right|"
            case n.Norm():
                return self.norm(expr)
            case n.Vector(items):
                return "\\begin{pmatrix} " + " \\\\ ".join(map(self.show, items)) + " \\end{pmatrix}"
            case n.Matrix(rows):
                return (
                    "\\begin{pmatrix} "
                    + " \\\\ ".join(" & ".join(map(self.show, row)) for row in rows)
                    + " \\end{pmatrix}"
                )
            case n.Index(base, indices):
                return self.base(base) + "_{" + ", ".join(map(self.show, indices)) + "}"
            case n.Call():
                return self.call(expr)
            case n.BigOp():
                return self.big(expr)
            case n.Integral(body, variable, lower, upper):
                low = f"_{{{self.show(lower)}}}" if lower is not None else ""
                high = f"^{{{self.show(upper)}}}" if upper is not None else ""
                return f"\\int{low}{high} {self.within(body, SUM)} \\, d {self.show(variable)}"
            case n.Limit(body, variable, to, side):
                return f"\\lim_{{{self.show(variable)} \\to {self.within(to, SET)}{'^' + side if side else ''}}} {self.within(body, FACTOR)}"
            case n.Derivative():
                return self.derivative(expr)
            case n.At(body, variable, value, low):
                if variable is None or low is not None:
                    return f"\\left.{self.show(body)}\\right._{{{self.show(low) if low is not None else ''}}}^{{{self.show(value)}}}"
                return f"{self.brackets(self.show(body))}_{{{self.show(variable)} = {self.show(value)}}}"
            case n.Relation(ops, terms):
                return self.relation(ops, terms)
            case n.Logic(op, args):
                return self.logic(op, args)
            case n.Given(body, condition):
                return f"{self.within(body, RELATION)} \\text{{ if }} {self.within(condition, 2)}"
            case n.Piecewise(branches):
                rows_ = [
                    f"{self.show(body)} & " + ("\\text{otherwise}" if wanted is None else self.show(wanted))
                    for body, wanted in branches
                ]
                return "\\begin{cases} " + " \\\\ ".join(rows_) + " \\end{cases}"
            case n.Seq(items, brackets):
                inner = ("; " if brackets == ";" else ", ").join(
                    self.within(item, 1) if brackets != ";" else self.show(item) for item in items
                )
                if brackets in ("()", "[]"):
                    return self.brackets(inner, *brackets)
                return f"\\langle {inner} \\rangle" if brackets == "<>" else inner
            case n.Interval(low, high, closed_low, closed_high):
                return self.brackets(
                    f"{self.show(low)}, {self.show(high)}", "[" if closed_low else "(", "]" if closed_high else ")"
                )
            case n.Set(items):
                return "\\{" + ", ".join(self.within(item, 1) for item in items) + "\\}"
            case n.SetBuilder(element, condition):
                return f"\\{{{self.show(element)} : {self.show(condition)}\\}}"
            case n.SetOp(op, args):
                if op in _SETOPS:
                    return f" {_SETOPS[op]} ".join(self.within(arg, SUM) for arg in args)
                return f"\\operatorname{{{op}}}({', '.join(map(self.show, args))})"
            case _:
                raise TypeError(f"no LaTeX for {type(expr).__name__}")

    def relation(self, ops: tuple[str, ...], terms: tuple[Expr, ...]) -> str:
        shown = [self.within(term, SET) for term in terms]
        if isinstance(terms[-1], n.Seq) and not terms[-1].brackets:
            shown[-1] = " \\text{ and } ".join(self.within(item, SET) for item in terms[-1].items)
        out = shown[0]
        for op, text in zip(ops, shown[1:], strict=True):
            out += f" \\to {text}^{op[-1]}" if op in ("->+", "->-") else f" {_OPS.get(op, op)} {text}"
        return out.strip()

    def norm(self, expr: n.Norm) -> str:
        weight = self.show(expr.weight) if expr.weight is not None else ""
        below = weight or {"inf": "\\infty", "nuc": "*"}.get(expr.kind, expr.kind)
        inner = self.show(expr.arg)
        left = right = self.style.norm
        if "|" in inner or "Vert" in inner:
            left, right = "\\left\\|", "\\right\\|"
        elif self.style.norm == "\\lVert":
            left, right = "\\lVert ", " \\rVert"
        return f"{left}{inner}{right}" + (f"_{below}" if len(below) == 1 else f"_{{{below}}}" if below else "")

    def sum(self, terms: tuple[Expr, ...]) -> str:
        parts = [self.within(terms[0], SUM + 1)]
        for term in terms[1:]:
            match term:
                case n.Neg(arg):
                    parts.append(" - " + self.within(arg, SUM + 1))
                case n.PlusMinus(arg, upper):
                    parts.append((" \\pm " if upper else " \\mp ") + self.within(arg, SUM + 1))
                case _:
                    parts.append(" + " + self.within(term, SUM + 1))
        return "".join(parts)

    def product(self, factors: tuple[Expr, ...]) -> str:
        out = ""
        for index, factor in enumerate(factors):
            whole = isinstance(factor, n.Div)
            loose = strength(factor) <= FACTOR and not whole
            text = self.brackets(self.show(factor)) if loose else self.show(factor)
            if index == 0:
                out = text
                continue
            before = factors[index - 1]
            out += self.between(before, out, factor, text) + text
        return out

    def between(self, before: Expr, left: str, factor: Expr, right: str) -> str:
        """What stands between two factors so that the product reads back; a number before a fraction would be a mixed number."""
        sign = " \\times "
        if (
            right[0].isdigit()
            or right[0] == "."
            or right.startswith(("\\text", "[", "\\left[", "\\{", "\\nabla", "\\partial", "\\mathbf{1}"))
        ):
            return sign
        if isinstance(before, n.Num) and right.startswith(("\\frac", "\\dfrac", "\\tfrac")):
            return sign
        if right.startswith(("(", "\\left(")) and not (
            isinstance(before, n.Num) or (left.endswith((")", "}")) and not isinstance(before, n.Call))
        ):
            return sign
        if isinstance(before, n.Num):
            return (
                ""
                if not right[0].isascii() or right[0] in "\\(abcdfghijklmnopqrstuvwxyzABCDFGHIJKLMNOPQRSTUVWXYZ"
                else sign
            )
        return " " if self.style.times == " " else f" {self.style.times} "

    def base(self, expr: Expr) -> str:
        if isinstance(expr, n.Num) and isinstance(expr.value, Fraction) and expr.decimals is None:
            return self.show(expr)
        if isinstance(expr, n.Call | n.Index | n.At | n.Percent | n.Pow):
            return self.brackets(self.show(expr))
        if isinstance(expr, n.Transpose | n.Adjoint | n.PInv):
            return self.brackets(self.show(expr))
        if isinstance(expr, n.Sym) and expr.name.endswith(("^*", "'")):
            return "{" + self.show(expr) + "}"
        return self.within(expr, POSTFIX)

    @staticmethod
    def raised(text: str) -> str:
        return f"^{text}" if len(text) == 1 or text in ("\\top", "\\intercal") else f"^{{{text}}}"

    def call(self, expr: n.Call) -> str:
        args = ", ".join(
            f"{self.within(a.body, RELATION)} \\mid {self.show(a.condition)}"
            if isinstance(a, n.Given)
            else self.show(a)
            for a in expr.args
        )
        match expr.function, len(expr.args):
            case "sqrt", 1:
                return f"\\sqrt{{{args}}}"
            case "root", 2:
                return f"\\sqrt[{self.show(expr.args[1])}]{{{self.show(expr.args[0])}}}"
            case "factorial", 1:
                return self.base(expr.args[0]) + "!"
            case "factorial2", 1:
                return self.base(expr.args[0]) + "!!"
            case "binom", 2:
                return f"\\binom{{{self.show(expr.args[0])}}}{{{self.show(expr.args[1])}}}"
            case "indicator", 1 if isinstance(expr.args[0], n.Relation):
                return f"\\mathbf{{1}}_{{{args}}}"
            case "ones", 1:
                return "\\mathbf{1}" if expr.args[0] == n.Const("all") else f"\\operatorname{{ones}}({args})"
            case "floor", 1:
                return f"\\lfloor {args} \\rfloor"
            case "ceil", 1:
                return f"\\lceil {args} \\rceil"
            case "conj", 1:
                return f"\\operatorname{{conj}}({args})"
            case "arg", 1:
                return f"\\arg({args})"
            case _:
                special = {"Theta": "\\Theta", "Omega": "\\Omega", "gamma": "\\Gamma", "zeta": "\\zeta"}.get(
                    expr.function
                )
                known = FUNCTIONS.get(expr.function)
                word = special or (known.latex if known is not None and known.latex else None)
                if word is None:
                    word = (
                        expr.function if len(expr.function.rstrip("'")) == 1 else f"\\operatorname{{{expr.function}}}"
                    )
                below = f"_{{{self.show(expr.sub)}}}" if expr.sub is not None else ""
                return f"{word}{below}" + self.brackets(args)

    def big(self, expr: n.BigOp) -> str:
        sign = _BIG.get(expr.op, f"\\{expr.op}")
        if expr.lower is not None and expr.variable is not None:
            below = f"{self.show(expr.variable)} = {self.show(expr.lower)}"
            if expr.domain is not None:
                below += f", {self.show(expr.domain)}"
        elif expr.domain is not None:
            below = self.show(expr.domain)
        else:
            below = self.show(expr.variable) if expr.variable is not None else ""
        above = f"^{{{self.show(expr.upper)}}}" if expr.upper is not None else ""
        return f"{sign}{f'_{{{below}}}' if below else ''}{above} {self.within(expr.body, FACTOR)}"

    def derivative(self, expr: n.Derivative) -> str:
        if expr.kind in ("nabla", "hessian", "divergence", "curl"):
            below = f"_{{{', '.join(map(self.show, expr.variables))}}}" if expr.variables else ""
            sign = {
                "nabla": "\\nabla",
                "hessian": "\\nabla^2",
                "divergence": "\\nabla \\cdot",
                "curl": "\\nabla \\times",
            }[expr.kind]
            return f"{sign}{below} {self.base(expr.body)}"
        d = "\\partial" if expr.kind == "partial" else "d"
        order = len(expr.variables)
        top = d + (f"^{{{order}}}" if order > 1 else "")
        below = " \\, ".join(f"{d} {self.show(v)}" for v in expr.variables)
        return f"\\frac{{{top}}}{{{below}}} {self.within(expr.body, FACTOR)}"

    def logic(self, op: str, args: tuple[Expr, ...]) -> str:
        if op == "not":
            return "\\neg " + self.within(args[0], 4)
        if op in ("forall", "exists"):
            return f"\\{op} {self.show(args[0])}"
        sign = {
            "and": "\\text{ and }",
            "or": "\\text{ or }",
            "implies": "\\implies",
            "iff": "\\iff",
            "xor": "\\text{ xor }",
        }[op]
        least = {"and": 4, "or": 3}.get(op, 2)
        return f" {sign} ".join(self.within(arg, least) for arg in args)


def _differential(expr: Expr) -> bool:
    """A fraction of d's would read back as a derivative."""
    first = expr
    while isinstance(first, n.Mul | n.Pow):
        first = first.factors[0] if isinstance(first, n.Mul) else first.base
    return first == n.Sym("d")
