"""What holds over a whole case: signs, directions, conditions that imply each other.

A case is a list of conditions (``w > 0``, ``x < 0``, ``w x + b > 0``) under a symbol table. Small exact points are tried first: two
of them with different signs settle "either" and are the witnesses. What survives is proved by z3's decision procedure for
polynomials over the reals, within its time; its countermodels come back as witnesses, checked again with exact arithmetic.

"For a small step λ" (``small="lambda"``) means: for every λ > 0 below some bound that may depend on the other names. The sign
is then that of the lowest power of λ that does not vanish.
"""

from __future__ import annotations

import itertools
import random
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flint import fmpq

from llmgrade.checking.evidence import Evidence, Proved, Refuted, Undecided
from llmgrade.checking.polynomials import NotRational, Polynomials, written_out
from llmgrade.checking.sampling import exact
from llmgrade.expr.evaluate import Evaluator
from llmgrade.expr.evaluate_algebra import Beyond, OverBudget, ShapeMismatch, Undefined
from llmgrade.expr.evaluate_rational import Rationals
from llmgrade.expr.names import canonical_name
from llmgrade.expr.nodes import (
    Abs,
    Add,
    Call,
    Const,
    Div,
    Expr,
    Infix,
    Logic,
    Mul,
    Neg,
    Num,
    Piecewise,
    Pow,
    Relation,
    Sym,
    walk,
)  # fmt: skip
from llmgrade.expr.notation import read
from llmgrade.expr.symbols import SymbolTable

__all__ = ["Holds", "SignOver", "always", "equivalent_conditions", "implies", "satisfiable", "sign_over"]

Witness = dict[str, str]
Said = Expr | str
SECONDS = 2.0
_TRIES = 4000
_POINTS = 60


@dataclass(frozen=True, slots=True)
class Holds:
    """``truth`` is True, False or None (nobody knows), with what convinced us."""

    truth: bool | None
    evidence: Evidence

    def __bool__(self) -> bool:
        return self.truth is True


@dataclass(frozen=True, slots=True)
class SignOver:
    """The signs an expression takes over a case: a subset of ``+``, ``-``, ``0``.

    ``decided`` says that these are all; each sign found has a witness, and ``evidence`` is the proof that no other occurs.
    """

    signs: frozenset[str]
    witnesses: Mapping[str, Witness] = field(default_factory=dict)
    decided: bool = False
    evidence: Evidence = field(default_factory=lambda: Undecided("nothing was found out"))

    @property
    def sign(self) -> str | None:
        """``+``, ``-``, ``0``, ``mixed`` (both + and - occur), ``>=0``, ``<=0``, ``empty`` (no such case); None where nobody knows."""
        if {"+", "-"} <= self.signs:
            return "mixed"
        if not self.decided:
            return None
        names = {frozenset(): "empty", frozenset("+"): "+", frozenset("-"): "-", frozenset("0"): "0",
                 frozenset("+0"): ">=0", frozenset("-0"): "<=0"}  # fmt: skip
        return names.get(self.signs)


def sign_over(
    expr: Said,
    given: Iterable[Said] = (),
    symbols: SymbolTable | None = None,
    *,
    small: str | None = None,
    seconds: float = SECONDS,
) -> SignOver:
    """Every sign ``expr`` takes where all of ``given`` (and the table's assumptions) hold.

    >>> table = SymbolTable.from_json({"λ": {"assume": ["positive"]}})
    >>> case = ["w > 0", "x < 0", "w x + b > 0"]
    >>> sign_over("-(b - λ)/(w - λ x) + b/w", case, table).sign
    '+'
    """
    return _Case(given, symbols, [expr], small, seconds).signs(expr)


def always(
    condition: Said,
    given: Iterable[Said] = (),
    symbols: SymbolTable | None = None,
    *,
    small: str | None = None,
    seconds: float = SECONDS,
) -> Holds:
    """Whether ``condition`` is true at every point of the case; a witness where it is not."""
    return _Case(given, symbols, [condition], small, seconds).always(condition)


def implies(
    one: Said, other: Said, given: Iterable[Said] = (), symbols: SymbolTable | None = None, *, seconds: float = SECONDS
) -> Holds:
    """Whether ``other`` holds wherever ``one`` and the case do."""
    return always(other, [*given, one], symbols, seconds=seconds)


def equivalent_conditions(
    one: Said, other: Said, given: Iterable[Said] = (), symbols: SymbolTable | None = None, *, seconds: float = SECONDS
) -> Holds:
    """Whether the two hold at the same points of the case.

    >>> equivalent_conditions("w > b x", "x < w/b", ["b > 0"]).truth, equivalent_conditions("w > b x", "w >= b x").truth
    (True, False)
    """
    given = list(given)
    there = implies(one, other, given, symbols, seconds=seconds)
    if there.truth is False:
        return there
    back = implies(other, one, given, symbols, seconds=seconds)
    if back.truth is False:
        return back
    if there.truth and back.truth:
        certificates = [
            e.certificate for e in (there.evidence, back.evidence) if isinstance(e, Proved) and e.certificate
        ]
        return Holds(True, Proved("each implies the other", "\n;----\n".join(certificates) or None))
    return there if there.truth is None else back


def satisfiable(given: Iterable[Said], symbols: SymbolTable | None = None, *, seconds: float = SECONDS) -> Holds:
    """Whether the case has any point; a witness in the evidence's notes where it has."""
    return _Case(given, symbols, [], None, seconds).satisfiable()


class _Case:
    """Conditions and names of one question."""

    def __init__(
        self,
        given: Iterable[Said],
        symbols: SymbolTable | None,
        more: Sequence[Said],
        small: str | None,
        seconds: float,
    ) -> None:
        self.table = symbols if symbols is not None else SymbolTable.empty()
        self.seconds = seconds
        self.given = [self._read(g) for g in given]
        mentioned = [self._read(m) for m in more]
        names = {n.name for e in [*self.given, *mentioned] for n in walk(e) if isinstance(n, Sym)}
        self.small = None
        if small is not None:
            name = canonical_name(small)
            self.small = self.table.name_of(name) or name
            names.add(self.small)
        self.names = sorted(names)
        self.assumed = list(self._declared())
        self.random = random.Random(20)

    def _read(self, said: Said) -> Expr:
        expr = read(said, self.table).expr if isinstance(said, str) else said
        return written_out(expr, self.table)

    def _declared(self) -> Iterator[Expr]:
        zero = Num(0)
        for name in self.names:
            symbol = self.table.get(name)
            if symbol is None:
                if name == self.small:
                    yield Relation((">",), (Sym(name), zero))
                continue
            words = {"positive": ">", "negative": "<", "nonnegative": ">=", "nonpositive": "<=", "nonzero": "!="}
            for word, op in words.items():
                if symbol.has(word):
                    yield Relation((op,), (Sym(name), zero))
                    if word in ("positive", "negative"):
                        break
            for bound in symbol.bounds:
                yield Relation((bound.op,), (Sym(name), bound.value))
            if name == self.small and not symbol.has("positive"):
                yield Relation((">",), (Sym(name), zero))

    @property
    def conditions(self) -> list[Expr]:
        return [*self.assumed, *self.given]

    # -- exact points ----------------------------------------------------------------------------------------------------
    def points(self, most: int = _POINTS) -> Iterator[Evaluator]:
        """Small exact points of the case, the simplest first. Signs that are simply stated are drawn, not hoped for."""
        signs = self._plain_signs()
        found = 0
        for attempt in range(_TRIES):
            size = 2 + attempt // 40
            values: dict[str, Any] = {}
            for name in self.names:
                sign = signs.get(name)
                magnitude = fmpq(self.random.randrange(1, size + 1), self.random.choice((1, 1, 1, 2, 4, 10)))
                if sign is None:
                    magnitude = magnitude * self.random.choice((1, -1)) if self.random.random() > 0.1 else fmpq(0)
                else:
                    magnitude = magnitude * sign
                symbol = self.table.get(name)
                if symbol is not None and symbol.has("integer"):
                    magnitude = fmpq(magnitude.ceil())
                elif symbol is not None and symbol.bounds:
                    magnitude = self._inside(symbol.bounds, magnitude)
                values[name] = magnitude
            evaluator = Evaluator(Rationals(), values)
            if self._holds_all(evaluator):
                found += 1
                yield evaluator
                if found >= most:
                    return

    def _inside(self, bounds: Any, value: fmpq) -> fmpq:
        ends = [(b.op, e) for b in bounds if (e := exact(b.value)) is not None]
        low = max((e for op, e in ends if op in (">", ">=")), default=None)
        high = min((e for op, e in ends if op in ("<", "<=")), default=None)
        if low is not None and high is not None:
            return low + (high - low) * fmpq(self.random.randrange(1, 16), 16)
        if low is not None:
            return low + abs(value)
        return high - abs(value) if high is not None else value

    def _plain_signs(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for condition in self._flat(self.conditions):
            if isinstance(condition, Relation) and len(condition.ops) == 1 and condition.terms[1] == Num(0):
                name = condition.terms[0]
                if isinstance(name, Sym):
                    if condition.ops[0] in (">", ">="):
                        found[name.name] = 1
                    elif condition.ops[0] in ("<", "<="):
                        found[name.name] = -1
        return found

    def _flat(self, conditions: Iterable[Expr]) -> Iterator[Expr]:
        for condition in conditions:
            if isinstance(condition, Logic) and condition.op == "and":
                yield from self._flat(condition.args)
            else:
                yield condition

    def _holds_all(self, evaluator: Evaluator) -> bool:
        try:
            return all(evaluator.holds(c) for c in self.conditions)
        except (Undefined, Beyond, ShapeMismatch, OverBudget, ZeroDivisionError):
            return False

    def _witness(self, evaluator: Evaluator) -> Witness:
        return {name: str(evaluator.values[name]) for name in self.names if name in evaluator.values}

    # -- questions -----------------------------------------------------------------------------------------------------------
    def satisfiable(self) -> Holds:
        for point in self.points(1):
            witness = self._witness(point)
            return Holds(True, Proved("a point of the case: " + _shown(witness)))
        answer, model, text = self._solve([])
        if answer == "unsat":
            return Holds(False, Proved("no point satisfies every condition (z3)", text))
        if answer == "sat":
            return Holds(True, Proved("a point of the case: " + _shown(model)))
        return Holds(None, Undecided("no point was found, and none was excluded"))

    def always(self, said: Said) -> Holds:
        condition = self._read(said)
        if self.small is not None:
            return self._always_small(condition)
        for point in self.points():
            try:
                if not point.holds(condition):
                    return Holds(False, Refuted("it fails at a point of the case", self._witness(point)))
            except (Undefined, ZeroDivisionError):
                return Holds(False, Refuted("it has no value at a point of the case", self._witness(point), "domain"))
            except (Beyond, ShapeMismatch, OverBudget):
                break
        answer, model, text = self._solve([Logic("not", (condition,))])
        if answer == "unsat":
            return Holds(True, Proved("no point of the case breaks it (z3, polynomials over the reals)", text))
        if answer == "sat":
            return self._confirmed(model, condition)
        return Holds(None, Undecided("neither a proof nor a counterexample was found in time"))

    def _confirmed(self, model: Witness, condition: Expr) -> Holds:
        """A countermodel counts once exact arithmetic agrees."""
        try:
            evaluator = Evaluator(Rationals(), {n: _fraction(v) for n, v in model.items()})
            if self._holds_all(evaluator) and not evaluator.holds(condition):
                return Holds(False, Refuted("it fails at a point of the case", model))
        except (ValueError, Undefined, Beyond, ShapeMismatch, ZeroDivisionError):
            pass
        if any("?" in v or "…" in v or "root" in v for v in model.values()):
            return Holds(False, Refuted("it fails at a point of the case with irrational coordinates", model))
        return Holds(None, Undecided("a counterexample was found but could not be confirmed"))

    def _always_small(self, condition: Expr) -> Holds:
        parts = list(self._flat([condition]))
        proofs: list[str] = []
        for part in parts:
            if not (isinstance(part, Relation) and all(op in _ALLOWED for op in part.ops)):
                return Holds(None, Undecided("only comparisons can be decided for a small step"))
            for op, a, b in zip(part.ops, part.terms, part.terms[1:], strict=False):
                found = self.signs(Add((a, Neg(b))))
                broken = found.signs - _ALLOWED[op]
                if broken:
                    return Holds(False, Refuted("it fails for small steps", dict(found.witnesses[min(broken)])))
                if not found.decided:
                    return Holds(None, found.evidence)
                if isinstance(found.evidence, Proved) and found.evidence.certificate:
                    proofs.append(found.evidence.certificate)
        return Holds(True, Proved("it holds for every small enough step", "\n;----\n".join(proofs) or None))

    def signs(self, said: Said) -> SignOver:
        expr = self._read(said)
        if self.small is not None:
            return self._signs_small(expr)
        witnesses: dict[str, Witness] = {}
        for point in self.points():
            try:
                value = point.algebra.plain(point.value(expr))
                sign = "+" if value > 0 else "-" if value < 0 else "0"
            except (Undefined, ZeroDivisionError):
                continue
            except (Beyond, ShapeMismatch, OverBudget, TypeError):
                break
            witnesses.setdefault(sign, self._witness(point))
        proofs: list[str] = []
        decided = True
        zero = Num(0)
        for sign, op in (("+", ">"), ("-", "<"), ("0", "=")):
            if sign in witnesses:
                continue
            answer, model, text = self._solve([Relation((op,), (expr, zero))])
            if answer == "unsat":
                proofs.append(text)
            elif answer == "sat":
                witnesses[sign] = model
            else:
                decided = False
        evidence: Evidence = (
            Proved("no other sign occurs (z3, polynomials over the reals)", "\n;----\n".join(proofs) or None)
            if decided
            else Undecided("not every other sign could be excluded in time")
        )
        return SignOver(frozenset(witnesses), witnesses, decided, evidence)

    # -- a small step --------------------------------------------------------------------------------------------------------
    def _signs_small(self, expr: Expr) -> SignOver:
        """Signs for all small enough values of the step: those of the lowest power that does not vanish."""
        assert self.small is not None
        try:
            ring = Polynomials(self.names)
            poly, _bottom = ring.sign_polynomial(expr)
            conditions = [self._small_condition(ring, c) for c in self.given]
        except NotRational as reason:
            return SignOver(frozenset(), {}, False, Undecided(f"not a polynomial question: {reason}"))
        outer = [c for c in self.assumed if not _mentions(c, self.small)] + [c for c in conditions if c is not None]
        # the step must leave a value: the lowest coefficient of the denominator must not vanish identically
        levels = ring.coefficients(poly, self.small)
        witnesses: dict[str, Witness] = {}
        proofs: list[str] = []
        decided = True
        vanished: list[Expr] = []
        zero = Num(0)
        for _, coefficient in levels:
            lead = _poly_expr(coefficient, self.names)
            for sign, op in (("+", ">"), ("-", "<")):
                if sign in witnesses:
                    continue
                found = self._point_where([*outer, *vanished, Relation((op,), (lead, zero))])
                if found[0] == "sat":
                    witnesses[sign] = self._with_step(found[1], expr, sign)
                elif found[0] == "unsat":
                    proofs.append(found[2])
                else:
                    decided = False
            vanished.append(Relation(("=",), (lead, zero)))
        found = self._point_where([*outer, *vanished]) if vanished else ("sat", {}, "")
        if found[0] == "sat":
            witnesses["0"] = found[1]
        elif found[0] != "unsat":
            decided = False
        else:
            proofs.append(found[2])
        evidence: Evidence = (
            Proved("the lowest power of the step decides; no other sign occurs (z3)", "\n;----\n".join(proofs) or None)
            if decided
            else Undecided("not every other sign could be excluded in time")
        )
        return SignOver(frozenset(witnesses), witnesses, decided, evidence)

    def _small_condition(self, ring: Polynomials, condition: Expr) -> Expr | None:
        """A condition of the case as the step goes to 0: of a comparison its lowest coefficient, strictly."""
        assert self.small is not None
        if not _mentions(condition, self.small):
            return condition
        if not (isinstance(condition, Relation) and len(condition.ops) == 1):
            raise NotRational("a compound condition on the step")
        poly, _ = ring.sign_polynomial(Add((condition.terms[0], Neg(condition.terms[1]))))
        levels = ring.coefficients(poly, self.small)
        if not levels:
            return condition if condition.ops[0] in (">", "<") else None
        lead = _poly_expr(levels[0][1], self.names)
        if isinstance(lead, Num):
            return None  # holds, or fails, for every small step; a failing one leaves the case empty
        strict = {">=": ">", "<=": "<"}.get(condition.ops[0], condition.ops[0])
        return Relation((strict,), (lead, Num(0)))

    def _point_where(self, conditions: list[Expr]) -> tuple[str, Witness, str]:
        signs = dict(self._plain_signs())
        names = [n for n in self.names if n != self.small]
        for attempt in range(400):
            size = 2 + attempt // 40
            values: dict[str, Any] = {}
            for name in names:
                value = fmpq(self.random.randrange(1, size + 1))
                values[name] = value * (signs.get(name) or self.random.choice((1, -1)))
            evaluator = Evaluator(Rationals(), values)
            try:
                if all(evaluator.holds(c) for c in conditions):
                    return "sat", {n: str(v) for n, v in values.items()}, ""
            except (Undefined, Beyond, ShapeMismatch, OverBudget, ZeroDivisionError):
                continue
        return self._solve([], conditions)

    def _with_step(self, witness: Witness, expr: Expr, sign: str) -> Witness:
        """The witness with a step small enough to show the sign."""
        assert self.small is not None
        try:
            values = {n: _fraction(v) for n, v in witness.items()}
        except ValueError:
            return witness
        for power in range(40):
            for step in (fmpq(1, 10) ** power,):
                evaluator = Evaluator(Rationals(), {**values, self.small: step})
                if not self._holds_all(evaluator):
                    continue
                try:
                    value = evaluator.value(expr)
                except (Undefined, Beyond, ZeroDivisionError):
                    continue
                if (value > 0) == (sign == "+") and value != 0:
                    return {**witness, self.small: str(step)}
        return witness

    # -- z3 ------------------------------------------------------------------------------------------------------------------
    def _solve(self, more: list[Expr], instead: list[Expr] | None = None) -> tuple[str, Witness, str]:
        """``sat`` with a model, ``unsat`` with the question as SMT-LIB text, or ``unknown``."""
        conditions = [*(self.conditions if instead is None else instead), *more]
        return solve(conditions, self.names, self.table, self.seconds)


_ALLOWED: dict[str, frozenset[str]] = {
    ">": frozenset("+"), ">=": frozenset("+0"), "<": frozenset("-"), "<=": frozenset("-0"), "=": frozenset("0"),
    "!=": frozenset("+-"),
}  # fmt: skip


def _mentions(expr: Expr, name: str) -> bool:
    return any(isinstance(n, Sym) and n.name == name for n in walk(expr))


def _shown(witness: Mapping[str, str]) -> str:
    return ", ".join(f"{k} = {v}" for k, v in witness.items())


def _fraction(text: str) -> fmpq:
    top, _, bottom = text.partition("/")
    return fmpq(int(top), int(bottom or 1))


def _poly_expr(poly: Any, names: Sequence[str]) -> Expr:
    """A polynomial as an expression again."""
    terms: list[Expr] = []
    for powers, coefficient in poly.to_dict().items():
        top, bottom = int(coefficient.p), int(coefficient.q)
        number: Expr = Num(abs(top)) if bottom == 1 else Div(Num(abs(top)), Num(bottom))
        factors: list[Expr] = [number]
        for name, power in zip(names, powers, strict=False):
            if power:
                factors.append(Sym(name) if power == 1 else Pow(Sym(name), Num(int(power))))
        term = factors[0] if len(factors) == 1 else Mul(tuple(factors))
        terms.append(Neg(term) if top < 0 else term)
    if not terms:
        return Num(0)
    return terms[0] if len(terms) == 1 else Add(tuple(terms))


_Z3_LOCK = threading.Lock()


def solve(
    conditions: Sequence[Expr], names: Sequence[str], table: SymbolTable, seconds: float = SECONDS
) -> tuple[str, Witness, str]:
    """Whether real values of the names satisfy all conditions: ``sat`` and a model, ``unsat`` and the question as text, ``unknown``."""
    import z3

    with _Z3_LOCK:
        try:
            translator = _Translator(z3, names, table)
            formulas = [translator.formula(c) for c in conditions]
        except (NotRational, OverBudget, Undefined):
            return "unknown", {}, ""
        everything = [*translator.side, *formulas]
        tactic = "qfnra-nlsat" if not translator.whole else "smt"
        solver = z3.Tactic(tactic).solver()
        solver.set("timeout", max(1, int(seconds * 1000)))
        solver.add(*everything)
        try:
            answer = solver.check()
        except z3.Z3Exception:
            return "unknown", {}, ""
        if answer == z3.unsat:
            plain = z3.Solver()
            plain.add(*everything)
            return "unsat", {}, plain.to_smt2()
        if answer == z3.sat:
            return "sat", translator.model(solver.model()), ""
        return "unknown", {}, ""


class _Translator:
    """Expressions as z3 terms. Divisions are kept by their denominators being nonzero; roots and bars by new names."""

    def __init__(self, z3: Any, names: Sequence[str], table: SymbolTable) -> None:
        self.z3 = z3
        self.whole = any((s := table.get(n)) is not None and s.has("integer") for n in names)
        self.names = list(names)
        self.variables = {}
        for i, name in enumerate(names):
            symbol = table.get(name)
            integer = symbol is not None and symbol.has("integer")
            self.variables[name] = z3.ToReal(z3.Int(f"v{i}")) if integer else z3.Real(f"v{i}")
        self.raw = {
            name: (
                z3.Int(f"v{i}")
                if self.whole and (s := table.get(name)) is not None and s.has("integer")
                else z3.Real(f"v{i}")
            )
            for i, name in enumerate(names)
        }
        self.side: list[Any] = []
        self.fresh = itertools.count()

    def formula(self, expr: Expr) -> Any:
        z3 = self.z3
        match expr:
            case Logic("and", args):
                return z3.And(*[self.formula(a) for a in args])
            case Logic("or", args):
                return z3.Or(*[self.formula(a) for a in args])
            case Logic("not", args):
                return z3.Not(self.formula(args[0]))
            case Logic("implies", args):
                return z3.Implies(self.formula(args[0]), self.formula(args[1]))
            case Logic("iff", args):
                return self.formula(args[0]) == self.formula(args[1])
            case Const("true"):
                return z3.BoolVal(True)
            case Const("false"):
                return z3.BoolVal(False)
            case Relation(ops, terms):
                return z3.And(*[self._comparison(op, a, b) for op, a, b in zip(ops, terms, terms[1:], strict=False)])
        raise NotRational(type(expr).__name__)

    def _comparison(self, op: str, a: Expr, b: Expr) -> Any:
        if op not in _ALLOWED:
            raise NotRational(op)
        if Const("oo") in (a, b) or Neg(Const("oo")) in (a, b):
            raise NotRational("∞")
        (at, ab), (bt, bb) = self.fraction(a), self.fraction(b)
        top, bottom = at * bb - bt * ab, ab * bb
        z3 = self.z3
        plain = z3.is_rational_value(z3.simplify(bottom)) and z3.simplify(bottom).as_fraction() == 1
        signed = top if plain else top * bottom
        zero = z3.RealVal(0)
        made = {
            "<": signed < zero,
            "<=": signed <= zero,
            ">": signed > zero,
            ">=": signed >= zero,
            "=": top == zero,
            "!=": top != zero,
        }[op]
        return made if plain else z3.And(bottom != zero, made)

    def fraction(self, expr: Expr) -> tuple[Any, Any]:
        z3 = self.z3
        one = z3.RealVal(1)
        match expr:
            case Num(value):
                return z3.RealVal(str(value)), one
            case Sym(name) if name in self.variables:
                return self.variables[name], one
            case Neg(arg):
                top, bottom = self.fraction(arg)
                return -top, bottom
            case Add(terms):
                top, bottom = self.fraction(terms[0])
                for term in terms[1:]:
                    t, b = self.fraction(term)
                    top, bottom = (
                        (top + t, bottom) if bottom is b or z3.eq(bottom, b) else (top * b + t * bottom, bottom * b)
                    )
                return top, bottom
            case Mul(factors):
                top, bottom = self.fraction(factors[0])
                for factor in factors[1:]:
                    t, b = self.fraction(factor)
                    top, bottom = top * t, self._product(bottom, b)
                return top, bottom
            case Infix("dot", left, right):
                return self.fraction(Mul((left, right)))
            case Div(above, below):
                (t, b), (u, c) = self.fraction(above), self.fraction(below)
                return self._product(t, c), self._product(b, u)
            case Pow(base, exponent):
                return self._power(base, exponent)
            case Abs(arg):
                return self._absolute(arg), one
            case Call("abs", (arg,)):
                return self._absolute(arg), one
            case Call("sqrt", (arg,)):
                return self._root(arg), one
            case Call("max" | "min", args):
                return self._extreme(expr.function, args), one
            case Call("relu", (arg,)):
                return self._extreme("max", (Num(0), arg)), one
            case Piecewise(branches):
                return self._branches(branches), one
        raise NotRational(type(expr).__name__)

    def _product(self, a: Any, b: Any) -> Any:
        z3 = self.z3
        if z3.is_rational_value(b) and b.as_fraction() == 1:
            return a
        if z3.is_rational_value(a) and a.as_fraction() == 1:
            return b
        return a * b

    def _single(self, expr: Expr) -> Any:
        """A value as one term: a new name where it is a quotient."""
        top, bottom = self.fraction(expr)
        z3 = self.z3
        if z3.is_rational_value(bottom) and bottom.as_fraction() == 1:
            return top
        name = z3.Real(f"q{next(self.fresh)}")
        self.side += [bottom != 0, name * bottom == top]
        return name

    def _power(self, base: Expr, exponent: Expr) -> tuple[Any, Any]:
        from llmgrade.expr.evaluate import rational

        number = rational(exponent, {}, {})
        if number is None or abs(number.p) > 12:
            raise NotRational("a power")
        if number.q == 2:
            root = self._root(base)
            return self._whole_power(root, self.z3.RealVal(1), int(number.p))
        if number.q != 1:
            raise NotRational("a power")
        top, bottom = self.fraction(base)
        return self._whole_power(top, bottom, int(number.p))

    def _whole_power(self, top: Any, bottom: Any, n: int) -> tuple[Any, Any]:
        if n < 0:
            top, bottom, n = bottom, top, -n
        one = self.z3.RealVal(1)
        t, b = one, one
        for _ in range(n):
            t, b = self._product(t, top), self._product(b, bottom)
        return t, b

    def _absolute(self, arg: Expr) -> Any:
        value = self._single(arg)
        return self.z3.If(value >= 0, value, -value)

    def _root(self, arg: Expr) -> Any:
        value = self._single(arg)
        root = self.z3.Real(f"r{next(self.fresh)}")
        self.side += [root >= 0, root * root == value]
        return root

    def _extreme(self, which: str, args: Sequence[Expr]) -> Any:
        result = self._single(args[0])
        for arg in args[1:]:
            other = self._single(arg)
            result = self.z3.If(result >= other if which == "max" else result <= other, result, other)
        return result

    def _branches(self, branches: Sequence[tuple[Expr, Expr | None]]) -> Any:
        body, condition = branches[0]
        value = self._single(body)
        if condition is None or len(branches) == 1:
            return value
        return self.z3.If(self.formula(condition), value, self._branches(branches[1:]))

    def model(self, found: Any) -> Witness:
        shown: Witness = {}
        for name in self.names:
            value = found.eval(self.raw[name], model_completion=True)
            shown[name] = _number_text(self.z3, value)
        return shown


def _number_text(z3: Any, value: Any) -> str:
    if z3.is_int_value(value):
        return str(value.as_long())
    if z3.is_rational_value(value):
        top, bottom = value.numerator_as_long(), value.denominator_as_long()
        return str(top) if bottom == 1 else f"{top}/{bottom}"
    if z3.is_algebraic_value(value):
        return f"{value.approx(12).as_decimal(10).rstrip('?')}…"
    return str(value)
