"""Answers up to a constant: ``x² + C`` and indefinite integrals.

Where ``+ C`` or an integral without limits is expected, an answer may differ by a constant and must say so. The constant
is an undeclared name added at the top (``C``, ``c``, ``K``, ``const``, ``C_1``).
"""

from __future__ import annotations

from collections.abc import Callable

from llmgrade.checking.evidence import Refuted, Tested
from llmgrade.checking.outcome import Decision, different, equal
from llmgrade.checking.scene import Scene
from llmgrade.expr.evaluate_algebra import Beyond, ShapeMismatch, Undefined
from llmgrade.expr.nodes import Add, Derivative, Expr, Integral, Neg, Num, Sym, kinds_of, walk
from llmgrade.expr.symbols import SymbolTable

__all__ = ["compare"]

_CONSTANTS = frozenset({"C", "c", "K", "k", "const", "C_1", "c_1", "C_0", "constant"})


def _split(expr: Expr, table: SymbolTable) -> tuple[Expr, str | None]:
    """The expression without an added constant, and the constant's name."""
    if not isinstance(expr, Add):
        return expr, None
    for i, term in enumerate(expr.terms):
        inner = term.arg if isinstance(term, Neg) else term
        if isinstance(inner, Sym) and inner.name in _CONSTANTS and table.get(inner.name) is None:
            rest = expr.terms[:i] + expr.terms[i + 1 :]
            if not any(isinstance(n, Sym) and n.name == inner.name for r in rest for n in walk(r)):
                return (rest[0] if len(rest) == 1 else Add(rest)), inner.name
    return expr, None


def _open_integrals(expr: Expr) -> list[Integral]:
    if Integral not in kinds_of(expr):
        return []
    return [n for n in walk(expr) if isinstance(n, Integral) and n.lower is None and n.upper is None]


def compare(
    gold: Expr,
    answer: Expr,
    table: SymbolTable,
    evaluate: Callable[[Expr, Expr], Decision],
    scene_of: Callable[..., Scene],
) -> Decision | None:
    """The decision where one of the two is known only up to a constant; None elsewhere."""
    open_gold, open_answer = _open_integrals(gold), _open_integrals(answer)
    gold_rest, gold_constant = _split(gold, table)
    answer_rest, answer_constant = _split(answer, table)
    if open_gold or open_answer:
        variables = {i.variable for i in open_gold + open_answer}
        if len(variables) != 1:
            return different(Refuted("integrals over different variables", kind="form"))
        (variable,) = variables
        rest_gold = gold_rest if open_gold and gold_constant else gold
        rest_answer = answer_rest if open_answer and answer_constant else answer
        return evaluate(
            _derived(gold_rest if gold_constant else rest_gold, variable),
            _derived(answer_rest if answer_constant else rest_answer, variable),
        )
    if gold_constant is None or gold_constant in {n.name for n in walk(answer_rest) if isinstance(n, Sym)}:
        return None
    if not ({n.name for n in walk(gold_rest) if isinstance(n, Sym)}):
        return None
    same = _constant_gap(scene_of(gold_rest, answer_rest), gold_rest, answer_rest)
    if same is None:
        return None
    if not same:
        return different(Refuted("the two differ by more than a constant"))
    if answer_constant is None:
        return different(Refuted("the constant of integration is missing", kind="form"))
    return equal(Tested(4, None, "the same up to the added constant"))


def _derived(expr: Expr, variable: Expr) -> Expr:
    """d/d(variable), with the integrals over it undone."""
    if isinstance(expr, Integral) and expr.variable == variable:
        return expr.body
    if isinstance(expr, Neg):
        return Neg(_derived(expr.arg, variable))
    if isinstance(expr, Add):
        return Add(tuple(_derived(t, variable) for t in expr.terms))
    if not any(isinstance(n, Sym) for n in walk(expr)):
        return Num(0)
    return Derivative(expr, (variable,))


def _constant_gap(scene: Scene, gold: Expr, answer: Expr) -> bool | None:
    gaps = []
    for index in range(40):
        try:
            point = scene.ball_point(index, scene.complex)
            algebra = point.evaluator.algebra
            gap = algebra.sub(point.evaluator.value(gold), point.evaluator.value(answer))
        except (Undefined, ZeroDivisionError):
            continue
        except (Beyond, ShapeMismatch):
            return None
        if algebra.finite(gap):
            gaps.append(gap)
        if len(gaps) == 4:
            break
    if len(gaps) < 3:
        return None
    return all(algebra.same(gaps[0], g) for g in gaps[1:])
