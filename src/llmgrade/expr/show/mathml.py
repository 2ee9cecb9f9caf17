"""An expression as presentation MathML, for pages that show mathematics without a script."""

from __future__ import annotations

from fractions import Fraction
from html import escape
from unicodedata import normalize

from llmgrade.expr import nodes as n
from llmgrade.expr.names import COMBINING, GREEK
from llmgrade.expr.nodes import Expr
from llmgrade.expr.show.numerals import decimal, unit_text
from llmgrade.expr.show.precedence import FACTOR, NEGATION, POSTFIX, RELATION, SET, SUM, strength

__all__ = ["mathml"]

_LETTER = {word: char for char, word in reversed(GREEK.items())}
_MARK = {word: mark for mark, word in reversed(COMBINING.items()) if word}
_CONST = {
    "pi": "π",
    "oo": "∞",
    "empty": "∅",
    "dots": "…",
    "R": "ℝ",
    "C": "ℂ",
    "Q": "ℚ",
    "Z": "ℤ",
    "N": "ℕ",
    "unsaid": "",
}
_OPS = {"!=": "≠", "<=": "≤", ">=": "≥", "~": "≈", "sim": "∼", "prop": "∝", "->": "→", "in": "∈", "notin": "∉", "subset": "⊂", "subseteq": "⊆", "<<": "≪", ">>": "≫",
        "equiv": "≡", "perp": "⟂", "mapsto": "↦", "cong": "≅"}  # fmt: skip
_INFIX = {"dot": "·", "hadamard": "⊙", "kron": "⊗", "compose": "∘", "cross": "×", "ratio": ":", "oplus": "⊕"}
_SETOPS = {"union": "∪", "intersection": "∩", "minus": "∖", "times": "×"}
_BIG = {"sum": "∑", "prod": "∏", "union": "⋃", "intersection": "⋂"}


def mathml(expr: Expr, *, display: bool = False, alt: str = "") -> str:
    """A ``<math>`` element; ``alt`` is what is read aloud where MathML is not known.

    >>> from llmgrade.expr.notation import read
    >>> print(mathml(read("x^2").expr))
    <math><msup><mi>x</mi><mn>2</mn></msup></math>
    """
    shown = ' display="block"' if display else ""
    said = f' alttext="{escape(alt)}"' if alt else ""
    return f"<math{shown}{said}>{_show(expr)}</math>"


def _row(*parts: str) -> str:
    return f"<mrow>{''.join(parts)}</mrow>"


def _op(sign: str) -> str:
    return f"<mo>{escape(sign)}</mo>"


def _fenced(inner: str, left: str = "(", right: str = ")") -> str:
    return _row(_op(left), inner, _op(right))


def _within(expr: Expr, least: int) -> str:
    return _fenced(_show(expr)) if strength(expr) < least else _show(expr)


def _joined(parts: list[str], sign: str) -> str:
    return _row(_op(sign).join(parts))


def _name(text: str) -> str:
    star = text.endswith("^*")
    text = text.removesuffix("^*")
    primes = len(text) - len(text.rstrip("'"))
    base, mark, sub = text.rstrip("'").partition("_")
    *accents, letter = base.split(" ")
    shown = _LETTER.get(letter, letter)
    for accent in accents:
        shown = normalize("NFC", shown + _MARK.get(accent, ""))
    found = f"<mi>{escape(shown)}</mi>"
    if mark:
        inner = f"<mn>{escape(sub)}</mn>" if sub.isdecimal() else f"<mi>{escape(_LETTER.get(sub, sub))}</mi>"
        found = f"<msub>{found}{inner}</msub>"
    if star or primes:
        found = f"<msup>{found}{_op('*' if star else '′' * primes)}</msup>"
    return found


def _show(expr: Expr) -> str:
    match expr:
        case n.Num(value, decimals):
            shown = decimal(value, decimals)
            if shown is None:
                exact = Fraction(value)
                return f"<mfrac><mn>{exact.numerator}</mn><mn>{exact.denominator}</mn></mfrac>"
            return f"<mn>{shown}</mn>"
        case n.Sym(text):
            return _name(text)
        case n.Const(text):
            return f"<mi>{escape(_CONST.get(text, text))}</mi>"
        case n.Identity(size):
            return "<mi>I</mi>" if size is None else f"<msub><mi>I</mi>{_show(size)}</msub>"
        case n.Word(text):
            return f"<mtext>{escape(text)}</mtext>"
        case n.Add(terms):
            parts = [_within(terms[0], SUM + 1)]
            for term in terms[1:]:
                inner = term.arg if isinstance(term, n.Neg | n.PlusMinus) else term
                sign = (
                    "−"
                    if isinstance(term, n.Neg)
                    else ("±" if term.upper else "∓")
                    if isinstance(term, n.PlusMinus)
                    else "+"
                )
                parts += [_op(sign), _within(inner, SUM + 1)]
            return _row(*parts)
        case n.Mul(factors):
            parts = [
                _fenced(_show(f)) if strength(f) <= FACTOR and not isinstance(f, n.Div) else _show(f) for f in factors
            ]
            out = parts[0]
            for factor, part in zip(factors[1:], parts[1:], strict=True):
                out += _op("·" if isinstance(factor, n.Num | n.Div) else "\u2062") + part
            return _row(out)
        case n.Div(top, bottom):
            return f"<mfrac>{_row(_show(top))}{_row(_show(bottom))}</mfrac>"
        case n.Neg(arg):
            return _row(_op("−"), _within(arg, NEGATION + 1))
        case n.Pow(base, exponent):
            return f"<msup>{_base(base)}{_show(exponent)}</msup>"
        case n.PlusMinus(arg, upper):
            return _row(_op("±" if upper else "∓"), _within(arg, SUM + 1))
        case n.Transpose(arg):
            return f"<msup>{_base(arg)}{_op('⊤')}</msup>"
        case n.Adjoint(arg):
            return f"<msup>{_base(arg)}{_op('*')}</msup>"
        case n.PInv(arg):
            return f"<msup>{_base(arg)}{_op('†')}</msup>"
        case n.Percent(arg):
            return _row(_within(arg, POSTFIX), _op("%"))
        case n.Quantity(value, unit):
            return _row(_within(value, FACTOR), f"<mtext>\u00a0{escape(unit_text(unit))}</mtext>")
        case n.Abs(arg):
            return _fenced(_show(arg), "|", "|")
        case n.Norm(arg, kind, weight):
            bars = _fenced(_show(arg), "‖", "‖")
            below = (
                _show(weight)
                if weight is not None
                else f"<mi>{ {'inf': '∞', 'nuc': '∗'}.get(kind, kind) }</mi>"
                if kind
                else ""
            )
            return f"<msub>{bars}{below}</msub>" if below else bars
        case n.Infix("inner", left, right):
            return _fenced(_row(_show(left), _op(","), _show(right)), "⟨", "⟩")
        case n.Infix(op, left, right):
            return _row(_within(left, FACTOR), _op(_INFIX.get(op, op)), _within(right, FACTOR + 1))
        case n.Vector(items):
            return _table([[item] for item in items])
        case n.Matrix(rows):
            return _table([list(row) for row in rows])
        case n.Index(base, indices):
            return f"<msub>{_base(base)}{_joined([_show(i) for i in indices], ',')}</msub>"
        case n.Call("sqrt", (arg,)):
            return f"<msqrt>{_show(arg)}</msqrt>"
        case n.Call("root", (arg, degree)):
            return f"<mroot>{_row(_show(arg))}{_show(degree)}</mroot>"
        case n.Call("factorial", (arg,)):
            return _row(_base(arg), _op("!"))
        case n.Call("binom", (top, bottom)):
            return _fenced(f'<mfrac linethickness="0">{_row(_show(top))}{_row(_show(bottom))}</mfrac>')
        case n.Call(function, args, sub):
            word = f"<mi>{escape(function)}</mi>"
            word = f"<msub>{word}{_show(sub)}</msub>" if sub is not None else word
            return _row(word, _op("\u2061"), _fenced(_joined([_show(a) for a in args], ",")))
        case n.BigOp(op, body, variable, lower, upper, domain):
            below = ""
            if lower is not None and variable is not None:
                below = _row(_show(variable), _op("="), _show(lower))
            elif domain is not None:
                below = _show(domain)
            elif variable is not None:
                below = _show(variable)
            sign = _op(_BIG[op]) if op in _BIG else f"<mi>{escape(op)}</mi>"
            above = _show(upper) if upper is not None else ""
            if below and above:
                sign = f"<munderover>{sign}{below}{above}</munderover>"
            elif below or above:
                sign = f"<munder>{sign}{below}</munder>" if below else f"<mover>{sign}{above}</mover>"
            return _row(sign, _within(body, FACTOR))
        case n.Integral(body, variable, lower, upper):
            sign = _op("∫")
            if lower is not None or upper is not None:
                sign = f"<msubsup>{sign}{_show(lower) if lower else '<mrow/>'}{_show(upper) if upper else '<mrow/>'}</msubsup>"
            return _row(sign, _within(body, SUM), "<mi>d</mi>", _show(variable))
        case n.Limit(body, variable, to, side):
            goal = f"<msup>{_show(to)}{_op(side)}</msup>" if side else _show(to)
            return _row(f"<munder><mi>lim</mi>{_row(_show(variable), _op('→'), goal)}</munder>", _within(body, FACTOR))
        case n.Derivative(body, variables, kind):
            if kind in ("nabla", "hessian", "divergence", "curl") or not variables:
                sign = _op({"hessian": "∇²", "divergence": "∇·", "curl": "∇×"}.get(kind, "∇"))
                return _row(
                    f"<msub>{sign}{_joined([_show(v) for v in variables], ',')}</msub>" if variables else sign,
                    _within(body, FACTOR),
                )
            d = f"<mi>{'∂' if kind == 'partial' else 'd'}</mi>"
            over = d if len(variables) == 1 else f"<msup>{d}<mn>{len(variables)}</mn></msup>"
            return _row(f"<mfrac>{_row(over)}{_row(*(d + _show(v) for v in variables))}</mfrac>", _within(body, FACTOR))
        case n.At(body, variable, value, low):
            below = (
                _row(_show(variable), _op("="), _show(value))
                if variable is not None
                else _show(low)
                if low is not None
                else "<mrow/>"
            )
            above = _show(value) if low is not None else "<mrow/>"
            return f"<msubsup>{_row(_show(body), _op('|'))}{below}{above}</msubsup>"
        case n.Relation(ops, terms):
            out = _within(terms[0], SET)
            for op, term in zip(ops, terms[1:], strict=True):
                out += _op(_OPS.get(op, op)) + _within(term, SET)
            return _row(out)
        case n.Logic("not", (arg,)):
            return _row(_op("¬"), _within(arg, RELATION))
        case n.Logic(op, args):
            word = {"and": "and", "or": "or", "implies": "⇒", "iff": "⇔", "forall": "∀", "exists": "∃"}.get(op, op)
            if len(args) == 1:
                return _row(_op(word), _show(args[0]))
            return _row(f"<mtext>\u00a0{word}\u00a0</mtext>".join(_within(a, RELATION) for a in args))
        case n.Given(body, condition):
            return _row(_show(body), "<mtext>\u00a0if\u00a0</mtext>", _show(condition))
        case n.Piecewise(branches):
            rows_ = "".join(
                f"<mtr><mtd>{_show(b)}</mtd><mtd>{'<mtext>otherwise</mtext>' if c is None else _show(c)}</mtd></mtr>"
                for b, c in branches
            )
            return _row(_op("{"), f"<mtable>{rows_}</mtable>")
        case n.Seq(items, brackets):
            listed = _joined([_show(item) for item in items], ";" if brackets == ";" else ",")
            return _fenced(listed, brackets[0], brackets[1]) if len(brackets) == 2 else listed
        case n.Interval(low, high, closed_low, closed_high):
            return _fenced(
                _row(_show(low), _op(","), _show(high)), "[" if closed_low else "(", "]" if closed_high else ")"
            )
        case n.Set(items):
            return _fenced(_joined([_show(item) for item in items], ","), "{", "}")
        case n.SetBuilder(element, condition):
            return _fenced(_row(_show(element), _op(":"), _show(condition)), "{", "}")
        case n.SetOp(op, args):
            return _joined([_within(a, SUM) for a in args], _SETOPS.get(op, op))
        case _:
            raise TypeError(f"no MathML for {type(expr).__name__}")


def _base(expr: Expr) -> str:
    return _fenced(_show(expr)) if strength(expr) < POSTFIX or isinstance(expr, n.Pow | n.Call) else _show(expr)


def _table(rows: list[list[Expr]]) -> str:
    cells = "".join("<mtr>" + "".join(f"<mtd>{_show(cell)}</mtd>" for cell in row) + "</mtr>" for row in rows)
    return _fenced(f"<mtable>{cells}</mtable>")
