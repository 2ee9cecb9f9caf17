"""The third rung: both sides as balls at points of ordinary size, in every region of signs.

Disjoint balls are a proof of difference. Agreement counts where the values are sharp and nothing was strained; a few
points in every sign pattern of the free names are asked for, because |x|, √ and log are only piecewise what they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flint import acb, arb, ctx

from llmgrade.checking.evidence import Refuted, Tested
from llmgrade.checking.outcome import Decision, different, equal, unknown
from llmgrade.checking.scene import Point, Scene
from llmgrade.checking.verdict import Verdict
from llmgrade.checking.wording import value_text, witness_text
from llmgrade.expr.evaluate_algebra import Beyond, ShapeMismatch, Undefined
from llmgrade.expr.evaluate_balls import BITS, Balls, precision
from llmgrade.expr.nodes import (
    Abs,
    Add,
    BigOp,
    Call,
    Const,
    Div,
    Expr,
    Integral,
    Limit,
    Mul,
    Neg,
    Norm,
    Num,
    Piecewise,
    Pow,
    Relation,
    Sym,
    nodes_of,
)  # fmt: skip
from llmgrade.limits import Deadline

__all__ = ["by_balls"]

_PRECISIONS = (0, 640, 4096)
_SHARP_BITS = 60
_REGIONAL = frozenset(
    [
        "sqrt",
        "abs",
        "log",
        "ln",
        "log1p",
        "logit",
        "arccosh",
        "arctanh",
        "arccoth",
        "arcsech",
        "frac_part",
        "heaviside",
        "log2",
        "log10",
        "max",
        "min",
        "sign",
        "relu",
        "floor",
        "ceil",
        "cbrt",
        "arcsin",
        "arccos",
        "arctan",
        "root",
        "round",
        "arg",
        "arcosh",
        "artanh",
        "indicator",
        "atan2",
        "arccot",
        "arcsec",
        "arccsc",
    ]
)


def _facts(expr: Expr) -> tuple[bool, bool]:
    """Whether an expression is only piecewise analytic, so that every sign pattern needs points; and whether it holds a limit,
    an integral or a series, which are found numerically and are less sharp."""
    regional = numerical = False
    for node in nodes_of(expr):
        kind = type(node)
        if kind in _PLAIN:
            continue
        if kind is Call:
            regional = regional or node.function in _REGIONAL  # type: ignore[attr-defined]
        elif kind in _PIECES:
            regional = True
        elif kind is Pow:
            regional = regional or (type(node.exponent) is not Num and node.base != _E)  # type: ignore[attr-defined]
        elif kind is Integral or kind is Limit or (kind is BigOp and node.upper == Const("oo")):  # type: ignore[attr-defined]
            numerical = True
    return regional, numerical


_PLAIN = frozenset((Num, Sym, Const, Add, Mul, Neg, Div))
_PIECES = frozenset((Abs, Norm, Piecewise, Relation))
_E = Const("e")


@dataclass(slots=True)
class _Seen:
    """How one point came out."""

    kind: str
    """``same``, ``differ``, ``strained``, ``gold-undefined``, ``undefined``, ``shape`` (``got`` says why)."""
    got: Any = None
    expected: Any = None


def by_balls(
    scene: Scene, gold: Expr, answer: Expr, deadline: Deadline, *, transposed: bool = False
) -> Decision | None:
    """Equal, different, or unknown with the reason; None where balls cannot express one of the two."""
    complex_ = scene.complex
    wanted = 4
    if scene.facts is None or scene.facts[0] is not gold:
        scene.facts = (gold, *_facts(gold))
    _, regional, numerical = scene.facts
    also_regional, also_numerical = _facts(answer)
    if regional or also_regional:
        wanted = 16 if complex_ else max(6, min(16, 2 ** scene.free_count()))
    if not scene.symbols:
        wanted = 1
    bits = 32 if numerical or also_numerical else _SHARP_BITS
    good = bland = blank = 0
    index = 0
    refusal = ""
    last: Point | None = None
    while good < wanted and index < 6 * wanted + 12:
        if index % 4 == 3 and deadline.passed():
            return unknown("the time for one comparison was up")
        try:
            point = scene.ball_point(index, complex_)
        except Undefined as reason:
            return unknown(str(reason))
        index += 1
        seen = _at(scene, point, index - 1, gold, answer, complex_, transposed, bits)
        if seen is None:
            return None
        if seen.kind == "gold-undefined":
            blank += 1
            if blank >= 12 and good == 0 and not complex_:
                complex_, index, blank = True, 0, 0  # no real value anywhere: principal complex values
            continue
        last = point
        if seen.kind == "same":
            if scene.free_integers and _bland(seen.expected):
                bland += 1  # 0 and ±1 are what binomials and signs come to at most points; they tell little
            else:
                good += 1
        elif seen.kind == "strained":
            refusal = "the numbers are too extreme for agreement to be seen"
        elif seen.kind == "shape":
            return different(Refuted(seen.got, kind="shape"))
        elif seen.kind == "undefined":
            witness = witness_text(point.exact or {})
            return different(
                Refuted(
                    "the answer has no value there, the expected one has",
                    witness,
                    "domain",
                    None,
                    value_text(seen.expected),
                )
            )
        else:
            return _told_apart(scene, point, seen)
    if bland >= 3 * wanted:
        good += bland
    if good >= min(wanted, 3):
        what = "complex" if complex_ else "real"
        return equal(Tested(good, None, f"at {what} points, to at least {bits} bits", scene.seed))
    if last is None:
        return unknown("the expected value is not defined anywhere it was tried")
    return unknown(refusal or "too few points where both sides have a value")


def _told_apart(scene: Scene, point: Point, seen: _Seen) -> Decision:
    """A refusal whose numbers are written out when somebody looks at them."""
    values = dict(point.evaluator.values if scene.complex else point.exact or {})

    def shown() -> Decision:
        names = {s.name for s in scene.symbols} | set(scene.letters)
        witness = witness_text({n: v for n, v in values.items() if n in names})
        return different(Refuted("the two differ", witness, "value", value_text(seen.got), value_text(seen.expected)))

    return Decision(Verdict.INCORRECT, shown)


def _bland(value: Any) -> bool:
    kind: Any = type(value)
    return kind in (arb, acb) and any(bool(value.overlaps(kind(n))) for n in (0, 1, -1))


def _at(
    scene: Scene, point: Point, index: int, gold: Expr, answer: Expr, complex_: bool, transposed: bool, sharp: int
) -> _Seen | None:
    """One point, at rising precision until the two are told apart or are sharply the same."""
    seen: _Seen | None = None
    for bits in _PRECISIONS:
        if bits:
            with precision(bits):
                seen = _once(point, gold, answer, transposed, sharp)
        else:
            seen = _once(point, gold, answer, transposed, sharp)
        if seen is None or seen.kind != "strained":
            break
    if seen is not None and seen.kind == "undefined" and not complex_:
        return _principal(scene, index, gold, answer, transposed, sharp)
    return seen


def _principal(scene: Scene, index: int, gold: Expr, answer: Expr, transposed: bool, sharp: int) -> _Seen | None:
    """Where the answer leaves the reals, principal values decide: ln x − ln y at two negative numbers is ln(x/y)."""
    point = scene.ball_point(index, True)
    try:
        seen = _once(point, gold, answer, transposed, sharp)
    except Beyond:
        seen = None
    if seen is None or seen.kind == "gold-undefined":
        return _Seen("undefined", None, None)
    return seen


def _once(point: Point, gold: Expr, answer: Expr, transposed: bool, sharp: int) -> _Seen | None:
    evaluator = point.evaluator
    algebra = evaluator.algebra
    assert isinstance(algebra, Balls)
    algebra.strained = False
    evaluator.work = 0
    remembered = point.remembered
    if remembered is not None and remembered[0] is gold and ctx.prec == BITS:
        expected, strained = remembered[1], remembered[2]
    else:
        evaluator._numbers.clear()
        try:
            expected = algebra.plain(evaluator.value(gold))
        except (Undefined, ZeroDivisionError):
            expected = None
        except (Beyond, ShapeMismatch):
            return None
        strained = algebra.strained
        if ctx.prec == BITS:
            point.remembered = (gold, expected, strained)
    if expected is None or not algebra.finite(expected):
        return _Seen("gold-undefined")
    algebra.strained = strained
    try:
        got = algebra.plain(evaluator.value(answer))
        if not algebra.finite(got):
            return _Seen("undefined", None, expected)
        try:
            same = algebra.same(expected, got)
        except ShapeMismatch:
            if not (transposed and algebra.is_matrix(got) and 1 in (got.nrows(), got.ncols())):
                raise
            same = algebra.same(expected, algebra.transpose(got))
    except (Undefined, ZeroDivisionError):
        return _Seen("undefined", None, expected)
    except ShapeMismatch as reason:
        return _Seen("shape", str(reason), expected)
    except Beyond:
        return None
    if not same:
        return _Seen("differ", got, expected)
    if algebra.strained or not _sharp(algebra, expected, sharp) or not _sharp(algebra, got, sharp):
        return _Seen("strained", got, expected)
    return _Seen("same", got, expected)


def _sharp(algebra: Balls, value: Any, bits: int) -> bool:
    entries = algebra.entries(value) if algebra.is_matrix(value) else [value]
    return all(x.rel_accuracy_bits() >= bits or _radius(x) < arb(2) ** -(bits + 4) for x in entries)


def _radius(x: Any) -> Any:
    return x.rad() if isinstance(x, arb) else x.real.rad() + x.imag.rad()
