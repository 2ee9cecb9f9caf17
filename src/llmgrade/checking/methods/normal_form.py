"""Scalar normal forms: rational functions over ℚ in the names and in a few kernels (√u, e^m, sin u, log u, |u|).

Two expressions are the same when N₁·D₂ − N₂·D₁ reduces to 0 by the kernels' relations (s² = u, sin² + cos² = 1). Sound and
incomplete: what it cannot express raises `NoNormalForm`. Roots and logarithms are split only where signs are known.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flint import Ordering, fmpq, fmpq_mpoly_ctx, fmpz

from llmgrade.checking.scene import Scene
from llmgrade.expr.evaluate import rational
from llmgrade.expr.evaluate_algebra import OverBudget, Undefined
from llmgrade.expr.nodes import (
    Abs,
    Add,
    Call,
    Const,
    Div,
    Expr,
    Infix,
    Mul,
    Neg,
    Norm,
    Num,
    Percent,
    Pow,
    Sym,
)  # fmt: skip

__all__ = ["Certificate", "NoNormalForm", "Zeros", "prove_scalar", "same_zeros", "zeros"]

Poly = Any
Fractional = tuple[Poly, Poly]
_GENERATORS = 40
_MOST_TERMS = 3000
_NAMES = [f"g{i}" for i in range(_GENERATORS)]


class NoNormalForm(Exception):
    """The expression has no normal form here."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """An identity anyone can check: what each generator stands for, the relations, both sides as fractions."""

    generators: dict[str, str]
    relations: dict[str, str]
    sides: tuple[tuple[str, str], tuple[str, str]]

    def text(self) -> str:
        lines = ["scalar identity"]
        lines += [f"let {name} = {meaning}" for name, meaning in self.generators.items()]
        lines += [f"with {name}^2 = {square}" for name, square in self.relations.items()]
        (n1, d1), (n2, d2) = self.sides
        lines += [
            f"expected = ({n1}) / ({d1})",
            f"answer = ({n2}) / ({d2})",
            "claim: the cross product of the two fractions reduces to 0",
        ]
        return "\n".join(lines)


class _Ring:
    """Polynomials in a fixed pool of generators, handed out by what they stand for."""

    def __init__(self) -> None:
        self.context = fmpq_mpoly_ctx.get(_NAMES, Ordering.degrevlex)
        self.gens = self.context.gens()
        self.known: dict[Any, int] = {}
        self.meaning: dict[int, str] = {}
        self.squares: dict[int, Poly] = {}
        self.one, self.zero = self.context.constant(1), self.context.constant(0)

    def number(self, value: fmpq) -> Poly:
        return self.context.constant(value)

    def generator(self, key: Any, meaning: str) -> Poly:
        index = self.known.get(key)
        if index is None:
            index = len(self.known)
            if index >= _GENERATORS:
                raise NoNormalForm("too many kernels")
            self.known[key] = index
            self.meaning[index] = meaning
        return self.gens[index]

    def index(self, key: Any) -> int:
        return self.known[key]

    def shown(self, p: Poly) -> str:
        """A polynomial over what its generators stand for."""
        return _written(p, self.meaning)

    def reduced(self, p: Poly) -> Poly:
        """With every generator that has a square at most to the first power."""
        for _ in range(60):
            if not self.squares:
                return p
            kept: dict[tuple[int, ...], Any] = {}
            extra = self.zero
            for powers, coefficient in p.to_dict().items():
                for i, square in self.squares.items():
                    if powers[i] >= 2:
                        half = powers[i] // 2
                        rest = list(powers)
                        rest[i] -= 2 * half
                        extra = extra + self.context.from_dict({tuple(rest): coefficient}) * square**half
                        break
                else:
                    kept[powers] = coefficient
            if not extra and len(kept) == len(p):
                return p
            p = self.context.from_dict(kept) + extra
            if len(p) > _MOST_TERMS:
                raise NoNormalForm("too many terms")
        raise NoNormalForm("no end of reductions")


def _written(p: Poly, meaning: dict[int, str]) -> str:
    terms = []
    for powers, coefficient in p.to_dict().items():
        factors = [str(coefficient) if coefficient.q == 1 else f"({coefficient})"]
        for i, power in enumerate(powers):
            if power:
                factors.append(meaning[i] if power == 1 else f"{meaning[i]}^{power}")
        terms.append("*".join(factors))
    return " + ".join(terms) or "0"


def _constant(p: Poly) -> fmpq:
    terms = p.to_dict()
    return fmpq(0) if not terms else next(iter(terms.values()))


class ScalarForm:
    """Expressions of one scene as fractions of polynomials."""

    def __init__(self, scene: Scene) -> None:
        self.ring = _Ring()
        self.positive: set[str] = set()
        self.scene = scene
        for symbol in scene.symbols:
            if symbol.has("positive") or any(b.op in (">", ">=") and _sign(b.value) >= 0 for b in symbol.bounds):
                self.positive.add(symbol.name)
        self.definitions = dict(scene.derived)
        self.whole = {s.name for s in scene.symbols if s.has("integer")}
        self.depth = 0

    # -- the walk ------------------------------------------------------------------------------------------------------
    def fraction(self, expr: Expr) -> Fractional:
        ring = self.ring
        match expr:
            case Num(value):
                return ring.number(_fmpq(value)), ring.one
            case Sym(name):
                return self._name(name)
            case Const("pi" | "e"):
                return ring.generator(expr.name, expr.name), ring.one
            case Const("i"):
                unit = ring.generator("i", "i")
                ring.squares[ring.index("i")] = -ring.one
                return unit, ring.one
            case Neg(arg):
                top, bottom = self.fraction(arg)
                return -top, bottom
            case Percent(arg):
                top, bottom = self.fraction(arg)
                return top, bottom * 100
            case Add(terms):
                total = self.fraction(terms[0])
                for term in terms[1:]:
                    total = self._sum(total, self.fraction(term))
                return total
            case Mul(factors):
                total = self.fraction(factors[0])
                for factor in factors[1:]:
                    other = self.fraction(factor)
                    total = self._product(total[0], other[0]), self._product(total[1], other[1])
                return total
            case Infix("dot" | "inner" | "cross", left, right):
                return self.fraction(Mul((left, right)))
            case Div(top_expr, bottom_expr):
                (a, b), (c, d) = self.fraction(top_expr), self.fraction(bottom_expr)
                if c == 0:
                    raise NoNormalForm("a division by zero")
                return self._product(a, d), self._product(b, c)
            case Pow(base, exponent):
                return self._pow(base, exponent)
            case Abs(arg) | Norm(arg):
                if self.scene.complex:
                    raise NoNormalForm("the size of a complex number")
                return self._absolute(self._lowest(self.fraction(arg)))
            case Call():
                return self._call(expr)
        raise NoNormalForm(type(expr).__name__)

    def _name(self, name: str) -> Fractional:
        if name in self.definitions:
            self.depth += 1
            if self.depth > 50:
                raise NoNormalForm("definitions without end")
            return self.fraction(self.definitions[name])
        return self.ring.generator(("name", name), _identifier(name)), self.ring.one

    def _sum(self, one: Fractional, other: Fractional) -> Fractional:
        (a, b), (c, d) = one, other
        if b == d:
            return a + c, b
        return self._small(self._product(a, d) + self._product(c, b)), self._product(b, d)

    def _product(self, a: Poly, b: Poly) -> Poly:
        if len(a) * len(b) > 60_000:
            raise NoNormalForm("too many terms")
        return self._small(a * b)

    def _small(self, p: Poly) -> Poly:
        if len(p) > _MOST_TERMS:
            raise NoNormalForm("too many terms")
        return p

    def _power(self, f: Fractional, n: int) -> Fractional:
        top, bottom = f
        if abs(n) > 60:
            raise NoNormalForm("a power that large")
        if n < 0:
            if top == 0:
                raise NoNormalForm("a division by zero")
            top, bottom, n = bottom, top, -n
        for p in (top, bottom):
            if math.comb(n + max(1, len(p)) - 1, n) > _MOST_TERMS:
                raise NoNormalForm("a power that large")
        return top**n, bottom**n

    def _lowest(self, f: Fractional) -> Fractional:
        top, bottom = f
        if not bottom.is_constant():
            common = top.gcd(bottom)
            if not common.is_constant():
                top, bottom = top // common, bottom // common
        lead = bottom.leading_coefficient()
        return top / lead, bottom / lead

    def _pow(self, base: Expr, exponent: Expr) -> Fractional:
        number = rational(exponent, {}, {})
        if isinstance(base, Const) and base.name == "e":
            return self._exp(exponent)
        if isinstance(base, Call) and base.function == "exp":
            return self._exp(Mul((base.args[0], exponent)))
        if number is None:
            raise NoNormalForm("a power")
        if number.q == 1:
            return self._power(self.fraction(base), int(number.p))
        if number.q == 2:
            return self._power(self._root(base), int(number.p))
        raise NoNormalForm("a power")

    def _call(self, expr: Call) -> Fractional:
        name, args = expr.function, expr.args
        ring = self.ring
        if name == "log" and expr.sub is not None:
            top, bottom = (
                self._log(self._lowest(self.fraction(args[0]))),
                self._log(self._lowest(self.fraction(expr.sub))),
            )
            return top[0] * bottom[1], top[1] * bottom[0]
        if len(args) != 1:
            raise NoNormalForm(name)
        (arg,) = args
        if name == "sqrt":
            return self._root(arg)
        if name == "exp":
            return self._exp(arg)
        if name == "abs":
            return self.fraction(Abs(arg))
        if name in ("sin", "cos"):
            return self._circle(name, arg)
        if name in _BY_SIN_COS:
            above, below = _BY_SIN_COS[name]
            a = self._circle(above, arg) if above else (ring.one, ring.one)
            b = self._circle(below, arg) if below else (ring.one, ring.one)
            return a[0] * b[1], a[1] * b[0]
        if name in _BY_EXP:
            return self._hyperbolic(name, arg)
        if name == "sigmoid":
            return self.fraction(Div(Num(1), Add((Num(1), Call("exp", (Neg(arg),))))))
        if name in ("log", "ln"):
            return self._log(self._lowest(self.fraction(arg)))
        if name in ("log2", "log10"):
            top, bottom = (
                self._log(self._lowest(self.fraction(arg))),
                self._log((ring.number(fmpq(int(name[3:]))), ring.one)),
            )
            return top[0] * bottom[1], top[1] * bottom[0]
        if name in ("arctan", "arcsin", "arccos", "erf", "gamma"):
            n, d = self._lowest(self.fraction(arg))
            return ring.generator((name, str(n), str(d)), f"{name}(({ring.shown(n)})/({ring.shown(d)}))"), ring.one
        raise NoNormalForm(name)

    # -- kernels ---------------------------------------------------------------------------------------------------------
    def _is_positive(self, p: Poly) -> bool:
        """Certainly > 0: positive coefficients over positive generators and squares, one term without squares of unknowns."""
        good = self._positive_generators()
        terms = p.to_dict()
        return all(c > 0 and all(i in good or not e % 2 for i, e in enumerate(m)) for m, c in terms.items()) and any(
            all(i in good or not e for i, e in enumerate(m)) for m in terms
        )

    def _positive_generators(self) -> set[int]:
        found = set()
        for key, i in self.ring.known.items():
            if key in ("e", "pi") or (
                isinstance(key, tuple)
                and (
                    key[0] in ("E", "exp")
                    or (key[0] == "name" and key[1] in self.positive)
                    or (key[0] == "sqrt" and key[2])
                )
            ):
                found.add(i)
        return found

    def _absolute(self, f: Fractional) -> Fractional:
        found = []
        for p in f:
            if p.is_constant():
                found.append(self.ring.number(abs(_constant(p))))
                continue
            constant, factors = p.factor()
            total = self.ring.number(abs(constant))
            for g, e in factors:
                e = int(e)
                total = total * g ** (e - e % 2)
                if e % 2:
                    total = total * (g if self._is_positive(g) else self._bar(g))
            found.append(total)
        return found[0], found[1]

    def _bar(self, g: Poly) -> Poly:
        canonical = max(g, -g, key=str)
        key = ("abs", str(canonical))
        kernel = self.ring.generator(key, f"abs({self.ring.shown(canonical)})")
        self.ring.squares[self.ring.index(key)] = g * g
        return kernel

    def _number_root(self, c: fmpq) -> Fractional:
        """√c for c > 0, over roots of primes."""
        total = self.ring.one
        if abs(c.p) > 10**15 or c.q > 10**15:
            raise NoNormalForm("the root of a large number")
        for prime, e in fmpz(int(c.p) * int(c.q)).factor():
            total = total * int(prime) ** (int(e) // 2)
            if int(e) % 2:
                key = ("sqrt", int(prime), True)
                total = total * self.ring.generator(key, f"sqrt({int(prime)})")
                self.ring.squares[self.ring.index(key)] = self.ring.number(fmpq(int(prime)))
        return total, self.ring.number(fmpq(int(c.q)))

    def _root(self, expr: Expr) -> Fractional:
        n, d = self._lowest(self.fraction(expr))
        if self.scene.complex:
            raise NoNormalForm("a root among complex numbers")
        if not d.is_constant() and not self._is_positive(d):
            raise NoNormalForm("a root over something of unknown sign")
        u = n * d
        if u.is_constant():
            c = _constant(u)
            if c < 0:
                raise NoNormalForm("a root of a negative number")
            top, bottom = self._number_root(c) if c != 0 else (self.ring.zero, self.ring.one)
            return top, bottom * d
        c, factors = u.factor()
        listed = [(g, int(e)) for g, e in factors]
        if c < 0:
            for i, (g, e) in enumerate(listed):
                if e % 2:
                    listed[i], c = (-g, e), -c
                    break
        if c < 0:
            raise NoNormalForm("a root of a negative number")
        outside, inside = self.ring.one, self.ring.one
        unknown = sum(1 for g, e in listed if e % 2 and not self._is_positive(g))
        for g, e in listed:
            if e // 2:
                known = self._is_positive(g) or (e // 2) % 2 == 0
                outside = outside * (g ** (e // 2) if known else self._bar(g) ** (e // 2))
            if e % 2:
                if unknown <= 1 or self._is_positive(g):
                    outside = outside * self._root_kernel(g)
                else:
                    inside = inside * g
        if not inside.is_constant():
            outside = outside * self._root_kernel(inside)
        top, bottom = self._number_root(fmpq(c))
        return outside * top, d * bottom

    def _root_kernel(self, g: Poly) -> Poly:
        key = ("sqrt", str(g), True)
        kernel = self.ring.generator(key, f"sqrt({self.ring.shown(g)})")
        self.ring.squares[self.ring.index(key)] = g
        return kernel

    def _exp(self, expr: Expr) -> Fractional:
        """e^(Σ c·m): a kernel for each monomial, in twelfths."""
        ring = self.ring
        n, d = self._lowest(self.fraction(expr))
        if self.scene.complex:
            raise NoNormalForm("an exponential among complex numbers")
        if not d.is_constant():
            negative = ("exp", str(-n), str(d))
            if negative in ring.known:
                return ring.one, ring.gens[ring.known[negative]]
            return ring.generator(("exp", str(n), str(d)), f"exp(({ring.shown(n)})/({ring.shown(d)}))"), ring.one
        below = _constant(d)
        top, bottom = ring.one, ring.one
        for powers, coefficient in n.to_dict().items():
            c = coefficient / below
            if not any(powers) and c.q == 1 and abs(c) < 200:
                kernel, count = ring.generator("e", "e"), int(c.p)
            else:
                c = c * 12
                if c.q != 1 or abs(c) > 2000:
                    raise NoNormalForm("an exponential")
                monomial = ring.context.from_dict({powers: fmpq(1)})
                kernel, count = ring.generator(("E", powers), f"exp(({ring.shown(monomial)})/12)"), int(c.p)
            if count > 0:
                top = top * kernel**count
            else:
                bottom = bottom * kernel**-count
        return top, bottom

    def _hyperbolic(self, name: str, arg: Expr) -> Fractional:
        ring = self.ring
        p, m = self._exp(arg), self._exp(Neg(arg))
        sinh = p[0] * m[1] - m[0] * p[1], p[1] * m[1]
        cosh = p[0] * m[1] + m[0] * p[1], p[1] * m[1]
        two = ring.number(fmpq(2))
        fractions = {
            "sinh": (sinh[0], sinh[1] * two), "cosh": (cosh[0], cosh[1] * two), "tanh": (sinh[0], cosh[0]),
            "coth": (cosh[0], sinh[0]), "sech": (two * cosh[1], cosh[0]), "csch": (two * sinh[1], sinh[0]),
        }  # fmt: skip
        return fractions[name]

    def _circle(self, name: str, expr: Expr) -> Fractional:
        """sin and cos of a sum of multiples, by the addition formulas."""
        if self.scene.complex:
            raise NoNormalForm("an angle among complex numbers")
        n, d = self._lowest(self.fraction(expr))
        ring = self.ring
        if not d.is_constant():
            return self._sin_cos((str(n), str(d)), f"({ring.shown(n)})/({ring.shown(d)})")[
                0 if name == "sin" else 1
            ], ring.one
        below = _constant(d)
        s, c = ring.zero, ring.one
        for powers, q in sorted(n.to_dict().items()):
            q = q / below
            times = abs(int(q.p))
            if times > 8:
                raise NoNormalForm("a multiple angle that large")
            monomial = ring.context.from_dict({powers: fmpq(1)})
            s1, c1 = self._sin_cos((powers, int(q.q)), f"({ring.shown(monomial)})/{int(q.q)}")
            if q < 0:
                s1 = -s1
            for _ in range(times):
                s, c = ring.reduced(s * c1 + c * s1), ring.reduced(c * c1 - s * s1)
        return (s if name == "sin" else c), ring.one

    def _sin_cos(self, key: Any, meaning: str) -> tuple[Poly, Poly]:
        ring = self.ring
        c = ring.generator(("cos", key), f"cos({meaning})")
        s = ring.generator(("sin", key), f"sin({meaning})")
        ring.squares[ring.index(("sin", key))] = ring.one - c * c
        return s, c

    def _log(self, f: Fractional) -> Fractional:
        ring = self.ring
        total = ring.zero
        for sign, p in ((1, f[0]), (-1, f[1])):
            if p == 0:
                raise NoNormalForm("log 0")
            constant, factors = p.factor()
            listed = [(g, int(e)) for g, e in factors]
            if constant < 0:
                for i, (g, e) in enumerate(listed):
                    if e % 2:
                        listed[i], constant = (-g, e), -constant
                        break
            if constant <= 0:
                raise NoNormalForm("the logarithm of a negative number")
            unknown = [e for g, e in listed if not self._is_positive(g)]
            if len(unknown) > 1 or (unknown and unknown[0] % 2 == 0):
                raise NoNormalForm("the logarithm of a product of unknown signs")
            if f[1] != 1 and unknown and not f[1].is_constant():
                others = f[1] if sign > 0 else f[0]
                if not self._is_positive(others):
                    raise NoNormalForm("the logarithm of a quotient of unknown signs")
            for number, direction in ((constant.p, 1), (constant.q, -1)):
                if abs(number) > 10**15:
                    raise NoNormalForm("the logarithm of a large number")
                for prime, e in fmpz(int(number)).factor():
                    kernel = ring.generator(("log", int(prime)), f"log({int(prime)})")
                    total = total + kernel * (sign * direction * int(e))
            for g, e in listed:
                total = total + self._log_of_factor(g) * (sign * e)
        return total, ring.one

    def _log_of_factor(self, g: Poly) -> Poly:
        ring = self.ring
        terms = g.to_dict()
        if len(terms) == 1:
            ((powers, coefficient),) = terms.items()
            used = [i for i, x in enumerate(powers) if x]
            if coefficient == 1 and len(used) == 1 and powers[used[0]] == 1:
                key = next(k for k, i in ring.known.items() if i == used[0])
                if key == "e":
                    return ring.one
                if isinstance(key, tuple) and key[0] == "E":
                    return ring.context.from_dict({tuple(key[1]): fmpq(1, 12)})
        return ring.generator(("log", str(g)), f"log({ring.shown(g)})")


_BY_SIN_COS: dict[str, tuple[str, str]] = {
    "tan": ("sin", "cos"), "cot": ("cos", "sin"), "sec": ("", "cos"), "csc": ("", "sin"),
}  # fmt: skip
_BY_EXP = frozenset({"sinh", "cosh", "tanh", "coth", "sech", "csch"})


def _fmpq(value: int | Fraction) -> fmpq:
    return fmpq(value) if isinstance(value, int) else fmpq(value.numerator, value.denominator)


def _sign(expr: Expr) -> int:
    number = rational(expr, {}, {})
    return 0 if number is None else (number > 0) - (number < 0) if number != 0 else 0


def _identifier(name: str) -> str:
    plain = "".join(ch if ch.isalnum() and ch.isascii() else "_" for ch in name)
    return plain if plain == name else f"{plain}__{sum(map(ord, name))}"


def prove_scalar(scene: Scene, gold: Expr, answer: Expr) -> Certificate | None:
    """The identity, or None where the normal forms differ or do not exist."""
    form = ScalarForm(scene)
    try:
        a, b = form.fraction(gold)
        c, d = form.fraction(answer)
        ring = form.ring
        a, b, c, d = (ring.reduced(p) for p in (a, b, c, d))
        if b == 0 or d == 0:
            return None
        if ring.reduced(form._product(a, d) - form._product(c, b)) != 0:
            return None
    except (NoNormalForm, OverBudget, Undefined, ZeroDivisionError, OverflowError):
        return None
    names = {i: f"g{i}" for i in ring.meaning}
    return Certificate(
        {f"g{i}": meaning for i, meaning in ring.meaning.items()},
        {f"g{i}": _written(square, names) for i, square in ring.squares.items()},
        ((_written(a, names), _written(b, names)), (_written(c, names), _written(d, names))),
    )


@dataclass(frozen=True, slots=True)
class Zeros:
    """Where an expression vanishes: the irreducible factors of its numerator, normalised, and how often each stands there."""

    names: dict[str, str]
    numerator: str
    constant: str
    powers: dict[str, int]

    @property
    def factors(self) -> frozenset[str]:
        return frozenset(self.powers)

    def line(self, side: str) -> str:
        """``expected = (2*g0^2 + -2*g0) = (2) (1*g0)^1 (1*g0 + -1)^1``."""
        product = " ".join(f"({factor})^{power}" for factor, power in sorted(self.powers.items()))
        return f"{side} = ({self.numerator}) = ({self.constant}) {product}"


def same_zeros(expected: Zeros, answer: Zeros) -> str | None:
    """The certificate that two expressions vanish at the same places; None where other factors vanish."""
    if expected.factors != answer.factors:
        return None
    names = {**expected.names, **answer.names}
    lines = ["the same zeros", *(f"let {name} = {meaning}" for name, meaning in names.items())]
    lines += [expected.line("expected"), answer.line("answer")]
    return "\n".join([*lines, "claim: each numerator is the product beside it, and the same factors stand in both"])


def zeros(expr: Expr, scene: Scene) -> Zeros:
    """Where an expression vanishes. Raises NoNormalForm where that is not for polynomials to say."""
    form = ScalarForm(scene)
    for name in sorted(s.name for s in scene.symbols):
        form._name(name)  # the same generators for both sides of a comparison
    try:
        top, _ = form._lowest(form.fraction(expr))
        if any(not (isinstance(k, tuple) and k[0] == "name") for k in form.ring.known):
            raise NoNormalForm("a kernel")
        if top == 0:
            raise NoNormalForm("an equation that always holds")
        names = {i: f"g{i}" for i in form.ring.meaning}
        constant, found = top.factor()
        powers = {}
        for factor, power in found:
            lead = factor.leading_coefficient()
            constant = constant * lead ** int(power)
            powers[_written(factor / lead, names)] = int(power)
    except (OverBudget, Undefined, ZeroDivisionError):
        raise NoNormalForm("no polynomial") from None
    meanings = {f"g{i}": meaning for i, meaning in form.ring.meaning.items()}
    return Zeros(meanings, _written(top, names), str(constant), powers)
