"""Derivatives, integrals and limits as values at a point.

Derivatives by dual numbers, in any system and exactly; proper integrals by rigorous quadrature, improper ones by a change
of variable that makes them proper; limits by going very near at high precision. The last two say `Beyond` where they
cannot be sure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flint import acb, arb

from llmgrade.expr.evaluate_algebra import Beyond, OverBudget, ShapeMismatch, Undefined
from llmgrade.expr.evaluate_balls import Balls, ComplexBalls, precision
from llmgrade.expr.nodes import BigOp, Const, Derivative, Expr, Integral, Limit, Neg, Sym, walk

if TYPE_CHECKING:
    from llmgrade.expr.evaluate import Evaluator

__all__ = ["derivative_value", "integral_value", "limit_value", "series_value"]

Value = Any


def derivative_value(evaluator: Evaluator, expr: Derivative) -> Value:
    """The derivative of a scalar by scalars, or the gradient by one vector (a column)."""
    from llmgrade.expr.evaluate_dual import differentiate

    return differentiate(evaluator, expr)


def _infinity(expr: Expr | None) -> int:
    if expr == Const("oo"):
        return 1
    return -1 if isinstance(expr, Neg) and expr.arg == Const("oo") else 0


_EVALUATIONS = 1500
_NODE_VISITS = 9000
"""For one integral: what needs more is undecided, not waited for. Counted, not timed, so that a verdict never depends on the
machine."""
_NOTHING = acb("nan")


def _evaluations(body: Expr) -> int:
    return min(_EVALUATIONS, _NODE_VISITS // (1 + sum(1 for _ in walk(body))))


def integral_value(evaluator: Evaluator, expr: Integral) -> Value:
    """A definite integral over a real interval, with its error."""
    from llmgrade.expr.evaluate import Evaluator as Walker

    if evaluator.algebra.exact:
        return _exact_integral(evaluator, expr)
    if expr.lower is None or expr.upper is None or not isinstance(expr.variable, Sym):
        raise Beyond("an integral without limits")
    name = expr.variable.name
    low, high = _infinity(expr.lower), _infinity(expr.upper)
    inner = ComplexBalls()
    values = {k: (acb(v) if isinstance(v, arb) else v) for k, v in evaluator.values.items()}
    values |= {k: (acb(v) if isinstance(v, arb) else v) for k, v in evaluator.bound.items()}
    walker = Walker(inner, values, secret=evaluator.secret, definitions=evaluator.definitions)
    count = 0

    def body(x: Value) -> Value:
        nonlocal count
        count += 1
        if count > 4 * most:
            raise OverBudget("an integral that needs that many evaluations")
        walker.bound = {name: x}
        value = walker.value(expr.body)
        return value if isinstance(value, acb) else acb(value)

    trouble: list[Exception] = []
    most = _evaluations(expr.body)

    def safe(x: Value, analytic: bool) -> Value:
        # the integrator cannot carry an exception: it is kept, and raised once it has returned
        if trouble:
            return _NOTHING
        try:
            return body(x)
        except (Undefined, ZeroDivisionError):
            return _NOTHING
        except OverBudget as reason:
            if count > 4 * most:
                trouble.append(reason)
            return _NOTHING
        except (Beyond, ShapeMismatch, ValueError, TypeError) as reason:
            trouble.append(reason)
            return _NOTHING

    if low == 0 and high == 0:
        a, b = acb(evaluator.scalar_value(expr.lower)), acb(evaluator.scalar_value(expr.upper))
        result = acb.integral(safe, a, b, rel_tol=arb(2) ** -70, abs_tol=arb(2) ** -70, eval_limit=most)
    else:
        result = _whole_line(safe, evaluator, expr, low, high, most)
    if trouble:
        raise trouble[0]
    if not result.is_finite():
        raise Beyond("an integral that could not be evaluated")
    if result.rad() > arb(2) ** -30:
        raise Beyond("an integral that could not be evaluated sharply")
    return result if evaluator.algebra.S is acb else result.real


def _whole_line(f: Any, evaluator: Evaluator, expr: Integral, low: int, high: int, most: int) -> Value:
    """Infinite ends by tanh–sinh-like doubling: the tail beyond ±R is small when R doubles and nothing changes."""
    assert expr.lower is not None
    assert expr.upper is not None
    near = acb(0)
    if low == 0:
        near = acb(evaluator.scalar_value(expr.lower))
    if high == 0:
        near = acb(evaluator.scalar_value(expr.upper))
    sizes = (12, 24, 48, 96)
    before: Value = None
    for size in sizes:
        a = near if low == 0 else acb(-size)
        b = near if high == 0 else acb(size)
        value = acb.integral(f, a, b, rel_tol=arb(2) ** -70, abs_tol=arb(2) ** -70, eval_limit=most)
        if not value.is_finite():
            break
        if before is not None and abs(value - before) < arb(2) ** -60:
            return acb(value.real + arb(0, arb(2) ** -58))
        before = value
    raise Beyond("an integral over an infinite range that converges slowly")


def _exact_integral(evaluator: Evaluator, expr: Integral) -> Value:
    raise Beyond("an integral")


_FIRST, _DOUBLINGS = 8, 7


def series_value(evaluator: Evaluator, expr: BigOp, name: str, start: int) -> Value:
    """An infinite sum: straight where its terms die quickly, otherwise extrapolated from doubled numbers of terms."""
    if evaluator.algebra.exact:
        raise Beyond("an infinite sum")
    algebra = evaluator.algebra
    total = algebra.zero
    partial: list[Value] = []
    small = arb(2) ** -90
    count, mark, quiet = 0, _FIRST, 0
    before: Value = None
    alternating = 0
    if sum(1 for _ in walk(expr.body)) > 40:
        raise OverBudget("an infinite sum of terms that large")
    while len(partial) <= _DOUBLINGS:
        term = algebra.plain(evaluator.with_bound(name, start + count, expr.body))
        if algebra.is_matrix(term):
            raise Beyond("an infinite sum of matrices")
        if not algebra.finite(term):
            raise Undefined("a term of the sum")
        total = total + term
        count += 1
        quiet = quiet + 1 if abs(term) < small else 0
        if quiet >= 12:  # terms that have died geometrically leave no tail worth naming
            return total + arb(0, arb(2) ** -60)
        if before is not None and algebra.S is arb:
            alternating += bool(term * before < 0)
        before = term
        if count == mark:
            partial.append(total)
            mark *= 2
    if alternating > count // 2:
        raise Beyond("an alternating series")
    table = partial
    previous: Value = None
    for order in range(1, len(partial)):
        factor = 2**order
        table = [(factor * b - a) / (factor - 1) for a, b in zip(table, table[1:], strict=False)]
        if previous is not None and abs(table[-1] - previous) < arb(2) ** -46 * (1 + abs(previous)):
            return table[-1] + arb(0, arb(2) ** -40)
        previous = table[-1]
    raise Beyond("a sum that converges slowly or not at all")


def limit_value(evaluator: Evaluator, expr: Limit) -> Value:
    """A limit from values at two places very near, which must agree."""
    if evaluator.algebra.exact:
        raise Beyond("a limit")
    if not isinstance(expr.variable, Sym):
        raise Beyond("a limit")
    name = expr.variable.name
    algebra = evaluator.algebra
    if not isinstance(algebra, Balls):
        raise Beyond("a limit in this number system")
    direction = _infinity(expr.to)
    with precision(1400):
        values = []
        centre = None if direction else evaluator.scalar_value(expr.to)
        sides = (1,) if direction or expr.side == "+" else (-1,) if expr.side == "-" else (1, -1)
        for side in sides:
            for power in (60, 90):
                if direction:
                    at = algebra.scalar(1) * (arb(2) ** power * direction)
                else:
                    at = centre + algebra.scalar(side) * arb(2) ** -power
                values.append(_near(evaluator, name, at, expr.body))
        first = values[0]
        for other in values[1:]:
            if not abs(first - other) < arb(2) ** -45 * (1 + abs(first)):
                if abs(other) > arb(2) ** 40:
                    raise Undefined("a limit that is infinite or does not exist")
                raise Beyond("a limit that converges slowly or does not exist")
        found = values[1] if len(values) > 1 else first
        algebra.strained = False
        return found + arb(0, arb(2) ** -44)


def _near(evaluator: Evaluator, name: str, at: Value, body: Expr) -> Value:
    value = evaluator.algebra.plain(evaluator.with_bound(name, at, body))
    if evaluator.algebra.is_matrix(value):
        raise Beyond("a limit of matrices")
    if not evaluator.algebra.finite(value):
        raise Undefined("a limit along which there is no value")
    return value
