"""Where a comparison takes place: the names in play, what they stand for, and random points for them.

A scene is made once for a rubric's part and serves every answer; the points are drawn when first asked for. All chance
comes from one seed, kept on record, so that a verdict can be replayed; the seed is secret until then.
"""

from __future__ import annotations

import random
import secrets
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from flint import acb, acb_mat, arb, arb_mat, fmpq, fmpq_mat

from llmgrade.checking.sampling import (
    MASKED,
    NOTHING,
    Draws,
    FieldDraws,
    Ordinary,
    Small,
    Stratum,
    draw_symbol,
    draw_values,
    may_lack_rank,
    sizes_for,
)  # fmt: skip
from llmgrade.expr.evaluate import Evaluator
from llmgrade.expr.evaluate_algebra import Algebra, Beyond, ShapeMismatch, Undefined
from llmgrade.expr.evaluate_balls import Balls, ComplexBalls
from llmgrade.expr.evaluate_field import Field, secret_prime
from llmgrade.expr.evaluate_rational import Rationals
from llmgrade.expr.nodes import (
    Adjoint,
    BigOp,
    Call,
    Const,
    Expr,
    Identity,
    Integral,
    Limit,
    Matrix,
    Mul,
    Neg,
    Num,
    PInv,
    Pow,
    Sym,
    Transpose,
    Vector,
    walk,
)  # fmt: skip
from llmgrade.expr.notation import read
from llmgrade.expr.shapes import Shape
from llmgrade.expr.symbols import Symbol, SymbolTable

__all__ = ["Point", "Scene", "new_seed", "to_balls"]

Value = Any
_PROCESS = secrets.randbits(64)
_COUNT = 0
_COUNT_LOCK = threading.Lock()


def new_seed() -> str:
    """A seed nobody can guess; its first half is this process's, so that its prime is drawn once."""
    global _COUNT
    with _COUNT_LOCK:
        _COUNT += 1
        count = _COUNT
    return f"{_PROCESS:016x}-{count:x}"


@dataclass(slots=True)
class Point:
    """Values in one number system, and the evaluator that knows them."""

    evaluator: Evaluator
    values: Mapping[str, Value]
    exact: Mapping[str, Value] | None = None
    """The same point in exact rationals, where it has any."""
    stratum: str = ""
    remembered: tuple[Expr, Value, bool] | None = None
    """The last expression evaluated here as what was expected, its value, and whether that was strained."""


_MASKS = 12
_REAL_FREE = frozenset({"real"})
_WHOLE = frozenset({"integer", "rational", "real", "positive", "nonnegative", "nonzero"})


_UNIT = frozenset({"real", "positive", "nonzero"})


class Scene:
    """The names of some expressions under a table, and points for them."""

    def __init__(
        self,
        table: SymbolTable,
        expressions: Iterable[Expr],
        *,
        seed: str | None = None,
        strata: tuple[str, ...] = (),
        given: tuple[Expr, ...] = (),
    ) -> None:
        self.table = table
        self.seed = seed if seed is not None else new_seed()
        self.prime = secret_prime(int.from_bytes(self.seed.partition("-")[0].encode()[-16:], "big"))
        self.given = given
        self.notes: list[str] = []
        self._rng = random.Random(self.seed)
        self.secret = self._rng.getrandbits(256).to_bytes(32, "little")
        expressions = tuple(expressions) + given
        self.definitions: dict[str, tuple[tuple[str, ...], Expr]] = {}
        self.derived: list[tuple[str, Expr]] = []
        self.columns: dict[str, str] = {}
        self._read_definitions()
        nodes = [node for expr in expressions for node in walk(expr)]
        kinds = {type(node) for node in nodes}
        functions = {node.function for node in nodes if isinstance(node, Call)} if Call in kinds else set()
        self.complex = bool(functions & _COMPLEX) or (Const in kinds and any(node == _I for node in nodes))
        self.symbols = self._in_play(expressions, nodes, kinds, functions)
        self.complex = self.complex or any(s.has("complex") for s in self.symbols)
        letters = {size for s in self.symbols for size in (s.shape.rows, s.shape.columns) if isinstance(size, str)} | {
            s.name for s in self.symbols if s.name in table.sizes
        }
        self.letters = letters
        self.proportions = strata
        """As asked for; empty: whatever the declarations allow."""
        self.strata = [Stratum(kind, sizes_for(table, letters, kind)) for kind in strata or ("tall",)]
        self.has_matrices = any(not s.shape.is_scalar for s in self.symbols)
        self._own_names = frozenset(s.name for s in self.symbols) | letters
        self.free_integers = [s for s in self.symbols if s.has("integer") and s.name not in letters]
        self.facts: tuple[Expr, bool, bool] | None = None
        """The expected expression, and what `methods.balls` asked of it."""
        self.traits: tuple[Expr, Any] | None = None
        """The expected expression, and what `corners` asked of it."""
        self.places: dict[object, list[Any]] = {}
        """Exact points that `corners` looks at, by what they are beside."""
        self.parted: Stratum | None = None
        """Where two expressions that agree at ordinary points were seen to part: witnesses are looked for there."""
        self._corners: dict[tuple[bool, bool], list[Stratum]] = {}
        self._drawn: dict[tuple[bool, bool], tuple[frozenset[str], list[tuple[Stratum, Point]]]] = {}
        self._corner_points: dict[tuple[int, bool], Point | None] = {}
        self._field: list[Point] | None = None
        self._more: list[Point] = []
        self._ordinary: list[tuple[Mapping[str, Value], str]] = []
        self._ball_points: dict[bool, list[Point]] = {False: [], True: []}

    # -- what the names are -----------------------------------------------------------------------------------------
    def _read_definitions(self) -> None:
        for symbol in self.table:
            if symbol.definition is None:
                continue
            body = read(symbol.definition, self.table).expr
            if symbol.is_function or symbol.parameters:
                self.definitions[symbol.name] = (symbol.parameters, body)
            else:
                self.derived.append((symbol.name, body))
        if len(self.table):
            self._infer_decomposition()
            for symbol in self.table:
                base = _lowered(symbol.name)
                if base is None or base in self.table:
                    continue
                if symbol.has("diagonal"):
                    self.columns[base] = symbol.name
                    self.columns[base + "\0diagonal"] = "yes"
                elif symbol.has("orthonormal columns"):
                    self.columns[base] = symbol.name

    def _infer_decomposition(self) -> None:
        """A table with U (orthonormal columns), Σ (diagonal), V (orthonormal columns) and one plain matrix of the shape of
        U Σ Vᵀ means that matrix's singular value decomposition; with a symmetric matrix beside Q and Λ, Q Λ Qᵀ."""
        matrices = [s for s in self.table if s.type == "matrix" and s.definition is None]
        defined = {name for name, _ in self.derived}
        diagonal = [s for s in matrices if s.has("diagonal")]
        frames = [s for s in matrices if s.has("orthonormal columns")]
        rest = [s for s in matrices if s not in diagonal and s not in frames and s.name not in defined]
        if len(diagonal) != 1 or not frames:
            return
        (d,) = diagonal
        found: list[tuple[str, Expr]] = []
        for target in rest:
            for u in frames:
                for v in frames:
                    if (u is v) != (len(frames) == 1) or (u is v and not target.has("symmetric")):
                        continue
                    product = Shape(u.shape.rows, v.shape.rows)
                    fits = u.shape.columns == d.shape.rows and d.shape.columns == v.shape.columns
                    ordered = u is v or u.name < v.name or u.shape != v.shape
                    if fits and ordered and product == target.shape:
                        found.append((target.name, Mul((Sym(u.name), Sym(d.name), Transpose(Sym(v.name))))))
        if len(found) == 1:
            self.derived.extend(found)
            name, body = found[0]
            self.notes.append(f"{name} is read as its decomposition {_product_text(body)}")

    def _in_play(
        self, expressions: tuple[Expr, ...], nodes: list[Expr], kinds: set[type], functions: set[str]
    ) -> list[Symbol]:
        names = {node.name for node in nodes if isinstance(node, Sym)}
        bound: set[str] = set()
        if kinds & _BINDERS or Identity in kinds:
            for node in nodes:
                if isinstance(node, BigOp | Integral | Limit) and isinstance(node.variable, Sym):
                    bound.add(node.variable.name)
                elif isinstance(node, Identity) and isinstance(node.size, Sym):
                    names.add(node.size.name)
        derived = (
            self._with_definitions(names, functions) if self.derived or self.definitions or self.columns else set()
        )
        self.order_derived(derived)
        whole = (
            _whole_names(expressions) if kinds & _COUNTERS or functions & _COUNTING or _ALTERNATING in nodes else set()
        )
        turned = kinds & _TURNERS or functions & _OF_MATRICES
        unsaid = turned and any(self.table.get(name) is None for name in names)
        shapes = _guessed_shapes(expressions, self.table) if unsaid else {}
        symbols: dict[str, Symbol] = {}
        skip = derived | set(self.definitions) | set(self.columns)
        for name in sorted(names):
            declared = self.table.get(name)
            if name in skip:
                continue
            if declared is not None:
                symbols.setdefault(declared.name, declared)
            elif name in bound or ("_" in name and self._is_part(name, bound)) or self._is_conjugate(name):
                continue
            elif name in shapes:
                symbols[name] = Symbol(name, "matrix", shapes[name])
            else:
                assume = _WHOLE if name in whole else _UNIT if name.startswith("unit ") else _REAL_FREE
                symbols[name] = Symbol(name, "scalar", assume=assume)
        return list(symbols.values())

    def _with_definitions(self, names: set[str], functions: set[str]) -> set[str]:
        """Adds to ``names`` what definitions and parts of matrices bring in; returns the derived names in use."""
        bodies = dict(self.derived)
        used: set[str] = set()
        waiting = list(names)
        for function in functions & set(self.definitions):
            parameters, body = self.definitions[function]
            waiting += [n.name for n in walk(body) if isinstance(n, Sym) and n.name not in parameters]
        seen: set[str] = set()
        while waiting:
            name = waiting.pop()
            if name in seen:
                continue
            seen.add(name)
            names.add(name)
            part = self.columns.get(name) or self.columns.get(name.rpartition("_")[0])
            if part is not None:
                waiting.append(part)
            body_of = bodies.get(name)
            if body_of is None and name in self.definitions and not self.definitions[name][0]:
                body_of = self.definitions[name][1]
            if body_of is not None:
                used.add(name)
                waiting += [n.name for n in walk(body_of) if isinstance(n, Sym)]
        return used

    def _is_part(self, name: str, bound: set[str]) -> bool:
        """``x_i`` of a declared x or of a bound index is no free name."""
        base, _, index = name.rpartition("_")
        if not base:
            return False
        whole = self.table.get(base)
        return base in self.columns or (whole is not None and not whole.shape.is_scalar) or index.strip("{}") in bound

    def _is_conjugate(self, name: str) -> bool:
        """``bar z`` of a declared complex z."""
        declared = self.table.get(name.removeprefix("bar ")) if name.startswith("bar ") else None
        return declared is not None and declared.has("complex")

    def order_derived(self, needed: set[str]) -> None:
        """Derived symbols in an order in which each only needs earlier ones; those not needed are left out."""
        bodies = {name: body for name, body in self.derived if name in needed}
        order: list[tuple[str, Expr]] = []
        while bodies:
            ready = [
                n
                for n, body in bodies.items()
                if not any(isinstance(x, Sym) and x.name in bodies and x.name != n for x in walk(body))
            ]
            if not ready:
                break
            for name in sorted(ready):
                order.append((name, bodies.pop(name)))
        self.derived = order

    # -- points -------------------------------------------------------------------------------------------------------
    def evaluator(self, algebra: Algebra, values: dict[str, Value]) -> Evaluator:
        """An evaluator that knows this scene's definitions and the derived symbols' values."""
        algebra.complex_names = self.complex
        evaluator = Evaluator(algebra, values, secret=self.secret, definitions=self.definitions, columns=self.columns)
        for name, body in self.derived:
            evaluator.values[name] = evaluator.value(body)
        return evaluator

    def point_from(self, algebra: Algebra, draws: Draws, stratum: Stratum) -> Point:
        values = draw_values(algebra, self.symbols, stratum, draws)
        return Point(self.evaluator(algebra, values), values, None, stratum.name)

    @property
    def field_points(self) -> list[Point]:
        """One point of F_p for each stratum; four, of all parities, where integer names may stand in exponents."""
        if self._field is None:
            points = []
            for stratum in self.strata:
                for parity in range(2 ** min(4, max(2, len(self.free_integers))) if self.free_integers else 1):
                    field = Field(self.prime)
                    points.append(self.point_from(field, FieldDraws(self._rng, self.prime, parity), stratum))
            self._field = points
        return self._field

    def more_field_points(self, count: int) -> list[Point]:
        """Further points of F_p, all in the first stratum."""
        while len(self._more) < count:
            draws = FieldDraws(self._rng, self.prime, len(self._more))
            self._more.append(self.point_from(Field(self.prime), draws, self.strata[0]))
        return self._more[:count]

    # -- corners ------------------------------------------------------------------------------------------------------
    def corners(self, ranked: bool, volume: bool) -> list[Stratum]:
        """Further strata an agreement must hold in: other sizes, reflections, other ranks; where ranks (``ranked``) or
        determinants (``volume``) are spoken of, also other proportions and matrices that are not of full rank."""
        found = self._corners.get((ranked, volume))
        if found is None:
            found = self._corners[ranked, volume] = self._make_corners(ranked, volume)
        return found

    def drawn_corners(self, ranked: bool, volume: bool, names: frozenset[str]) -> list[tuple[Stratum, Point]]:
        """`corners` with a point of F_p in each where one was found, at which ``names`` have values."""
        known = self._drawn.get((ranked, volume))
        if known is not None:
            if names <= known[0]:
                return known[1]
            names = names | known[0]
        found = []
        for stratum in self.corners(ranked, volume):
            point = self.corner(stratum, names=names)
            if point is not None:
                found.append((stratum, point))
        self._drawn[ranked, volume] = (names, found)
        return found

    def _make_corners(self, ranked: bool, volume: bool) -> list[Stratum]:
        found: list[Stratum] = []
        kinds = [s.name for s in self.strata]
        if not self.proportions and (ranked or volume) and len(self.letters) > 1:
            leaning = any(s.has(word) for s in self.symbols for word in ("tall", "wide"))
            kinds += ["wide"] if leaning else ["wide", "square"]
        orthogonal = any(s.has("orthonormal columns") or s.has("orthonormal rows") for s in self.symbols)
        idempotent = any(s.has("projection") or s.has("idempotent") for s in self.symbols)
        for kind in kinds:
            sizes, larger = (sizes_for(self.table, self.letters, kind, n) for n in (3, 4))
            found.append(Stratum(kind, sizes))
            if self.letters:
                found.append(Stratum(kind, larger, shortage=2, turned=orthogonal))
            if orthogonal or idempotent:
                found.append(Stratum(kind, sizes, shortage=0, turned=orthogonal))
            if idempotent or any(s.has("singular") or s.has("rank deficient") for s in self.symbols):
                found.append(Stratum(kind, sizes, shortage=NOTHING))
            if orthogonal and volume and self.letters:
                found.append(Stratum(kind, larger))
        if ranked and any(may_lack_rank(s) for s in self.symbols if not s.shape.is_scalar):
            for kind in kinds:
                sizes, larger = (sizes_for(self.table, self.letters, kind, n) for n in (3, 4))
                found += [Stratum(kind, sizes, 1), Stratum(kind, larger, 3), Stratum(kind, sizes, NOTHING)]
            larger = sizes_for(self.table, self.letters, kinds[0], 4)
            found += [Stratum(kinds[0], larger, MASKED, turn) for turn in range(_MASKS)]
        seen = {s.key for s in self.strata}
        distinct = []
        for stratum in found:
            if stratum.key not in seen:
                seen.add(stratum.key)
                distinct.append(stratum)
        return distinct

    def corner(self, stratum: Stratum, exact: bool = False, names: frozenset[str] | None = None) -> Point | None:
        """A point of such a stratum, in F_p or in balls; None where none was found. ``names``: those that need a value in F_p."""
        key = (id(stratum), exact)  # `_corners` keeps the stratum
        try:
            point = self._corner_points[key]
        except KeyError:
            try:
                point = self._ball_corner(stratum) if exact else self._field_corner(stratum, names)
            except (Undefined, ZeroDivisionError, Beyond):
                point = None
            self._corner_points[key] = point
            return point
        if point is not None and not exact and not self._completed(point, stratum, names):
            point = self._corner_points[key] = None
        return point

    def _field_corner(self, stratum: Stratum, names: frozenset[str] | None) -> Point:
        if names is None or self.derived or self.definitions or not names <= self._own_names:
            return self.point_from(Field(self.prime), FieldDraws(self._rng, self.prime), stratum)
        evaluator = self.evaluator(Field(self.prime), dict(stratum.sizes))
        point = Point(evaluator, evaluator.values, None, stratum.name)
        if not self._completed(point, stratum, names):
            raise Undefined("no point of that kind")
        return point

    def _completed(self, point: Point, stratum: Stratum, names: frozenset[str] | None) -> bool:
        """Draws the values that the point still lacks: most expressions speak of few of the declared names."""
        values = point.evaluator.values
        if names is not None and names <= values.keys():
            return True
        wanted = self._own_names if names is None or not names <= self._own_names else names
        draws = FieldDraws(self._rng, self.prime)
        try:
            for symbol in self.symbols:
                if symbol.name in wanted and symbol.name not in values and symbol.type not in ("identity", "function"):
                    values[symbol.name] = draw_symbol(point.evaluator.algebra, symbol, stratum, draws)
        except (Undefined, ZeroDivisionError, Beyond):
            return False
        return True

    def _ball_corner(self, stratum: Stratum) -> Point:
        point = self.point_from(Rationals(), Ordinary(self._rng, 5, 1), stratum)
        if not self._satisfied(point.evaluator):
            raise Undefined("no point of that kind")
        return self.in_balls(dict(point.evaluator.values), stratum.name)

    def in_balls(self, exact: Mapping[str, Value], stratum: str, complex_: bool = False) -> Point:
        """An exact point in balls."""
        algebra: Algebra = ComplexBalls() if complex_ else Balls()
        algebra.complex_names = self.complex
        values = {name: to_balls(algebra, value) for name, value in exact.items()}
        evaluator = Evaluator(algebra, values, secret=self.secret, definitions=self.definitions, columns=self.columns)
        evaluator.twin = Evaluator(
            Rationals(), exact, secret=self.secret, definitions=self.definitions, columns=self.columns
        )
        return Point(evaluator, values, exact, stratum)

    @property
    def chance(self) -> random.Random:
        """This scene's own source of chance."""
        return self._rng

    def free_count(self) -> int:
        """How many names have no known sign."""
        return sum(
            1
            for s in self.symbols
            if s.shape.is_scalar
            and not s.bounds
            and not any(s.has(a) for a in ("positive", "negative", "nonnegative", "nonpositive"))
        )

    def ordinary_values(self, index: int) -> tuple[Mapping[str, Value], str]:
        """The ``index``-th exact point of ordinary size that satisfies ``given``; sign patterns in turn, scales large and small."""
        tries = 0
        while len(self._ordinary) <= index:
            k = len(self._ordinary)
            scale = (3, 1, 0, -4, 2)[k % 5] if k < 20 else 2
            draws = Ordinary(self._rng, k + tries, scale)
            stratum = self.strata[k % len(self.strata)]
            tries += 1
            if tries > 400:
                raise Undefined("no point was found where everything that is assumed holds")
            try:
                point = self.point_from(Rationals(), draws, stratum)
                if not self._satisfied(point.evaluator):
                    continue
            except (Undefined, ZeroDivisionError):
                continue
            self._ordinary.append((dict(point.evaluator.values), stratum.name))
            tries = 0
        return self._ordinary[index]

    def _satisfied(self, evaluator: Evaluator) -> bool:
        return all(evaluator.holds(condition) for condition in self.given)

    def ball_point(self, index: int, complex_: bool = False) -> Point:
        """The same point in balls."""
        known = self._ball_points[complex_]
        while len(known) <= index:
            exact, stratum = self.ordinary_values(len(known))
            point = self.in_balls(exact, stratum, complex_)
            if complex_:
                self._complexify(point.evaluator.values, len(known))
            known.append(point)
        return known[index]

    def _complexify(self, values: dict[str, Value], index: int) -> None:
        rng = random.Random(f"{self.seed}/{index}")
        met = 0
        for symbol in self.symbols:
            if symbol.has("complex") and symbol.shape.is_scalar:
                real = values[symbol.name]
                # every quadrant in turn, and beyond ±π too, where logarithms and roots change branch
                size = fmpq(rng.randrange(256) * 2 + 1, 16 if index % 2 else 128)
                values[symbol.name] = acb(real.real, arb(size if index // 3 >> met & 1 else -size))
                met += 1

    def small_points(self, count: int) -> Iterator[Point]:
        """Points of small whole numbers, smallest first, at which ``given`` holds."""
        rng = random.Random(self.seed + "/small")
        for k in range(count):
            size = (2, 3, 5, 9, 20)[min(4, k // 8)]
            smallest = 2 if k < 16 else 3
            parted = self.parted
            if parted is None:
                kind = self.strata[k % len(self.strata)].name
                smallest = smallest if len(self.letters) > 0 else 3
                stratum = Stratum(kind, sizes_for(self.table, self.letters, kind, smallest))
            else:
                less = 2 - min(2, k // 12)
                kind = parted.name
                stratum = replace(parted, sizes={name: max(1, n - less) for name, n in parted.sizes.items()})
            try:
                point = self.point_from(Rationals(), Small(rng, size), stratum)
                if self._satisfied(point.evaluator):
                    yield Point(point.evaluator, point.values, point.values, kind)
            except (Undefined, ZeroDivisionError, ShapeMismatch, Beyond):
                continue


def to_balls(algebra: Algebra, value: Value) -> Value:
    """An exact value as balls; whole numbers stay whole."""
    if type(value) is int:
        return value
    if type(value) is fmpq:
        return algebra.scalar(value)
    if type(value) is fmpq_mat:
        if algebra.M is arb_mat:
            return arb_mat(value)
        return acb_mat(value.nrows(), value.ncols(), [acb(arb(x)) for x in value.entries()])
    return value


_GREEK = {
    "Sigma": "sigma", "Lambda": "lambda", "Gamma": "gamma", "Delta": "delta", "Theta": "theta", "Omega": "omega",
    "Phi": "phi", "Psi": "psi", "Xi": "xi", "Pi": "pi",
}  # fmt: skip


def _lowered(name: str) -> str | None:
    if name in _GREEK:
        return _GREEK[name]
    return name.lower() if len(name) == 1 and name.isupper() else None


def _product_text(expr: Expr) -> str:
    match expr:
        case Mul(factors):
            return " ".join(_product_text(f) for f in factors)
        case Transpose(arg):
            return _product_text(arg) + "ᵀ"
        case Sym(name):
            return name
    return "…"


_COMPLEX = frozenset({"conj", "re", "im", "arg"})
_I = Const("i")
_BINDERS = frozenset((BigOp, Integral, Limit))
_COUNTERS = frozenset((BigOp, Identity))
_COUNTING = frozenset({"factorial", "binom"})
_ALTERNATING = Neg(Num(1))
_TURNERS = frozenset((Transpose, PInv, Adjoint))
_OF_MATRICES = frozenset({"tr", "det", "inv"})


def _whole_names(expressions: Iterable[Expr]) -> set[str]:
    """Undeclared names that can only be whole numbers: in n!, C(n, k), (−1)ⁿ, as the end of a sum."""
    found: set[str] = set()

    def take(expr: Expr | None) -> None:
        if expr is not None:
            found.update(n.name for n in walk(expr) if isinstance(n, Sym))

    for expr in expressions:
        for node in walk(expr):
            match node:
                case Call("factorial" | "binom", args):
                    for arg in args:
                        take(arg)
                case BigOp("sum" | "prod", _, _, lower, upper):
                    take(lower)
                    take(upper)
                case Pow(Neg(Num(1)), exponent):
                    take(exponent)
                case Identity(size):
                    take(size)
    return found


def _guessed_shapes(expressions: Iterable[Expr], table: SymbolTable) -> dict[str, Shape]:
    """Shapes of undeclared names where transposes say that there are matrices: capitals are n×n, small letters under a
    transpose are vectors. Nothing commutes then that need not."""
    transposed: set[str] = set()
    names: set[str] = set()
    for expr in expressions:
        for node in walk(expr):
            if isinstance(node, Sym) and table.get(node.name) is None:
                names.add(node.name)
            if isinstance(node, Transpose | PInv | Adjoint) or (
                isinstance(node, Call) and node.function in ("tr", "det", "inv")
            ):
                inner = node.arg if isinstance(node, Transpose | PInv | Adjoint) else node.args[0]
                if not any(isinstance(n, Matrix | Vector) for n in walk(inner)):
                    transposed.update(n.name for n in walk(inner) if isinstance(n, Sym))
    if not (transposed & names):
        return {}
    shapes: dict[str, Shape] = {}
    for name in names:
        first = name[:1]
        if first.isupper() and (name in transposed or len(name.partition("_")[0]) == 1 or name in _GREEK):
            shapes[name] = Shape(4, 4)
        elif name in transposed:
            shapes[name] = Shape(4, 1)
    return shapes
