"""Small exact points inside a case: where a claim about real numbers can be put to the test.

Conditions of a case (``w > 0``, ``w x + b > 0``) are true or false at a rational point without any doubt, so a point that
breaks a claim is a witness a person can check by hand.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from flint import fmpq

from llmgrade.expr.evaluate import Evaluator
from llmgrade.expr.evaluate_algebra import Beyond, OverBudget, ShapeMismatch, Undefined
from llmgrade.expr.evaluate_rational import Rationals
from llmgrade.expr.nodes import (
    Add,
    Call,
    Const,
    Expr,
    Infix,
    Logic,
    Mul,
    Num,
    Piecewise,
    Relation,
    Seq,
    Set,
    Sym,
    children,
    rebuild,
)  # fmt: skip

__all__ = ["CannotTell", "Case", "shown", "truth", "value_at"]

_SMALL = (1, 2, 3, -1, -2, 4, Fraction(1, 2), 5, -3, Fraction(1, 10), -5, Fraction(-1, 2), 10, -4, 0)
_STEPS = (Fraction(1, 10), Fraction(1, 2), 1, Fraction(1, 100), 2)


class CannotTell(Exception):
    """A condition or value that has no exact answer here; the text says why."""


class Case:
    """Conditions over real names, with names that stand for expressions; points inside are found once and kept."""

    def __init__(
        self, names: Sequence[str], given: Sequence[Expr], definitions: Mapping[str, Expr], steps: Sequence[str] = ()
    ) -> None:
        self.names, self.given, self.definitions, self.steps = (
            tuple(names),
            tuple(given),
            dict(definitions),
            frozenset(steps),
        )
        self._points: list[dict[str, Fraction]] = []
        self._source = self._search()

    def points(self, count: int) -> list[dict[str, Fraction]]:
        """Up to ``count`` points inside the case, the simplest first."""
        while len(self._points) < count:
            found = next(self._source, None)
            if found is None:
                break
            self._points.append(found)
        return self._points[:count]

    def holds(self, point: Mapping[str, Fraction]) -> bool:
        """Whether the point lies in the case. Raises CannotTell."""
        return all(truth(condition, point, self.definitions) for condition in self.given)

    def value(self, expr: Expr, point: Mapping[str, Fraction]) -> Fraction:
        """The exact value of an expression at a point. Raises CannotTell."""
        return value_at(expr, point, self.definitions)

    def _search(self) -> Iterator[dict[str, Fraction]]:
        seen: set[tuple[Fraction, ...]] = set()
        rng = random.Random(
            20
        )  # points are witnesses, not secrets: a claim is never accepted for agreeing at them alone
        for trial in range(4000):
            spread = 4 + trial // 40
            point: dict[str, Fraction] = {}
            for name in self.names:
                if name in self.steps:
                    point[name] = Fraction(_STEPS[0] if trial < 400 else rng.choice(_STEPS))
                elif trial < 1500:
                    point[name] = Fraction(_SMALL[rng.randrange(min(len(_SMALL), 4 + trial // 30))])
                else:
                    point[name] = Fraction(rng.randint(-spread, spread), rng.choice((1, 1, 2, 3, 10)))
            key = tuple(point.values())
            if key in seen:
                continue
            seen.add(key)
            try:
                inside = self.holds(point)
            except CannotTell:
                continue
            if inside:
                yield point


def value_at(expr: Expr, point: Mapping[str, Fraction], definitions: Mapping[str, Expr]) -> Fraction:
    """The exact value at a point. Raises CannotTell where it is none."""
    plain = _plain(expr, point, definitions, 0)
    evaluator = Evaluator(
        Rationals(),
        {name: fmpq(value.numerator, value.denominator) for name, value in point.items()},
        definitions={name: ((), body) for name, body in definitions.items()},
    )
    try:
        found = evaluator.scalar_value(plain)
    except (Beyond, Undefined, ShapeMismatch, OverBudget, ArithmeticError, TypeError, ValueError) as reason:
        raise CannotTell(str(reason) or "no exact value") from None
    if evaluator.unknown:
        raise CannotTell(f"`{next(iter(evaluator.unknown))}` is not known here")
    try:
        return Fraction(int(found.p), int(found.q))
    except AttributeError:
        raise CannotTell("no exact value") from None


def _plain(expr: Expr, point: Mapping[str, Fraction], definitions: Mapping[str, Expr], depth: int) -> Expr:
    """The expression with its cases and indicators decided at the point."""
    if depth > 60:
        raise CannotTell("nested too deep")
    match expr:
        case Piecewise(branches):
            for value, condition in branches:
                if condition is None or truth(condition, point, definitions):
                    return _plain(value, point, definitions, depth + 1)
            raise CannotTell("no branch holds at this point")
        case Call("indicator" | "iverson" | "1", (condition,)) if isinstance(condition, Relation | Logic | Set):
            return Num(1 if truth(condition, point, definitions) else 0)
        case Call("ones", (Const("all"),)):
            return Num(1)
        case Mul(factors):
            return Mul(tuple(_plain(f, point, definitions, depth + 1) for f in _switches(factors)))
        case Relation() | Logic() | Set((Relation(),)):
            return Num(1 if truth(expr, point, definitions) else 0)
        case Call("heaviside" | "step" | "H" | "u" | "Theta", (arg,)):
            return Num(1 if value_at(arg, point, definitions) > 0 else 0)
        case Call("relu", (arg,)):
            return Call("max", (Num(0), _plain(arg, point, definitions, depth + 1)))
        case Sym(name) if name in definitions and name not in point:
            return _plain(definitions[name], point, {k: v for k, v in definitions.items() if k != name}, depth + 1)
        case Infix("dot", left, right):
            return _plain(_times(left, right), point, definitions, depth + 1)
        case Sym() | Num() | Const():
            return expr
        case _:
            return rebuild(expr, [_plain(child, point, definitions, depth + 1) for child in children(expr)])


def _times(left: Expr, right: Expr) -> Expr:
    return Mul((left, right))


_STEPS_CALLED = frozenset({"H", "u", "Theta", "theta", "step", "phi'", "ReLU'", "relu'", "sigma'", "g'"})


def _switches(factors: Sequence[Expr]) -> list[Expr]:
    """Factors with ``I(c)``, ``1[c]`` and ``H(z)``, ``φ'(z)`` made indicators: a letter before a condition is one."""
    found: list[Expr] = []
    at = 0
    while at < len(factors):
        here = factors[at]
        after = factors[at + 1] if at + 1 < len(factors) else None
        if (
            isinstance(here, Sym)
            and here.name in {"I", "1", "chi", "delta"}
            and isinstance(after, Relation | Logic | Set)
        ):
            at += 1
            continue
        if isinstance(here, Sym) and here.name in _STEPS_CALLED and isinstance(after, Add | Sym):
            found.append(Call("indicator", (Relation((">",), (after, Num(0))),)))
            at += 2
            continue
        found.append(here)
        at += 1
    return found


def truth(condition: Expr, point: Mapping[str, Fraction], definitions: Mapping[str, Expr]) -> bool:
    """Whether a condition holds at a point. Raises CannotTell."""
    match condition:
        case Relation(ops, terms):
            values = [value_at(term, point, definitions) for term in terms]
            return all(_compare(op, values[i], values[i + 1]) for i, op in enumerate(ops))
        case Logic("and", args):
            return all(truth(arg, point, definitions) for arg in args)
        case Logic("or", args):
            return any(truth(arg, point, definitions) for arg in args)
        case Logic("not", (arg,)):
            return not truth(arg, point, definitions)
        case Const("true"):
            return True
        case Const("false"):
            return False
    if isinstance(condition, Seq | Set):
        return all(truth(item, point, definitions) for item in condition.items)
    raise CannotTell("not a condition that can be tested at a point")


def _compare(op: str, left: Fraction, right: Fraction) -> bool:
    match op:
        case "<" | "<<":
            return left < right
        case "<=":
            return left <= right
        case ">" | ">>":
            return left > right
        case ">=":
            return left >= right
        case "=" | "equiv":
            return left == right
        case "!=":
            return left != right
        case _:
            raise CannotTell(f"`{op}` is not tested at a point")


def shown(point: Mapping[str, Fraction]) -> dict[str, str]:
    """The point for people: small fractions as they are, tenths as decimals."""
    return {name: _decimal(value) for name, value in point.items()}


def _decimal(value: Fraction) -> str:
    return f"{float(value):g}" if value.denominator in {10, 100, 5, 2} else str(value)
