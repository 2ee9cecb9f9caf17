"""Numbers that are meant approximately: a float printed in full, and an explicit tolerance.

A decimal is exact: 0.333 is not 1/3. Two exceptions, both stated. A decimal with twelve or more significant digits is a
double printed by a machine, and agrees with what it rounds to. A tolerance agrees where the question asked for one.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from flint import arb, fmpq

from llmgrade.checking.evidence import Tested
from llmgrade.checking.outcome import Decision, equal
from llmgrade.checking.scene import Scene
from llmgrade.expr.evaluate_algebra import Beyond, OverBudget, ShapeMismatch, Undefined
from llmgrade.expr.nodes import Expr, Num, walk

__all__ = ["MACHINE_DIGITS", "printed_float", "within"]

MACHINE_DIGITS = 12


def _machine_numbers(expr: Expr) -> dict[int | Fraction, int]:
    """Decimals printed in full, with their decimals."""
    found: dict[int | Fraction, int] = {}
    for node in walk(expr):
        if isinstance(node, Num) and node.decimals and node.decimals >= MACHINE_DIGITS - 2:
            digits = len(str(int(abs(node.value) * 10**node.decimals)))
            if MACHINE_DIGITS <= digits <= 20:
                found[node.value] = node.decimals
    return found


def printed_float(scene: Scene, gold: Expr, answer: Expr) -> Decision | None:
    """Agreement once machine decimals are taken as rounded; None where there are none, or they do not help."""
    wide = {**_machine_numbers(gold), **_machine_numbers(answer)}
    if not wide or (_machine_numbers(gold) and _machine_numbers(answer)):
        return None
    for index in range(3 if scene.symbols else 1):
        try:
            point = scene.ball_point(index, scene.complex)
            evaluator = point.evaluator
            evaluator._numbers.clear()
            for value, decimals in wide.items():
                exact = fmpq(value.numerator, value.denominator)
                ball = arb(exact, arb(2) * arb(10) ** -decimals)
                evaluator._numbers[value] = evaluator.algebra.scalar(0) + ball
            expected, got = evaluator.value(gold), evaluator.value(answer)
            evaluator._numbers.clear()
            algebra = evaluator.algebra
            if not (algebra.finite(expected) and algebra.finite(got) and algebra.same(expected, got)):
                return None
        except (Undefined, Beyond, ShapeMismatch, OverBudget, ZeroDivisionError, TypeError):
            return None
    return equal(
        Tested(3 if scene.symbols else 1, None, "to the digits a machine prints", scene.seed),
        "a decimal printed in full was taken as rounded",
    )


def within(scene: Scene, gold: Expr, answer: Expr, relative: float, absolute: float) -> Decision | None:
    """Agreement within a tolerance at a few points; None where it fails."""
    points = 6 if scene.symbols else 1
    for index in range(points):
        try:
            point = scene.ball_point(index, scene.complex)
            algebra = point.evaluator.algebra
            expected, got = algebra.plain(point.evaluator.value(gold)), algebra.plain(point.evaluator.value(answer))
            gap = algebra.sub(expected, got)
        except (Undefined, Beyond, ShapeMismatch, OverBudget, ZeroDivisionError):
            return None
        entries = zip(_entries(algebra, gap), _entries(algebra, expected), strict=True)
        if not all(abs(d) <= arb(relative) * abs(e) + arb(absolute) for d, e in entries):
            return None
    return equal(
        Tested(points, None, f"within the tolerance (relative {relative:g}, absolute {absolute:g})", scene.seed),
        "agrees within the tolerance, not exactly",
    )


def _entries(algebra: Any, value: Any) -> list[Any]:
    return list(algebra.entries(value)) if algebra.is_matrix(value) else [value]
