"""A question prepared once for many answers: points drawn, expected values known, a reader that evaluates as it reads.

The hot path reads a text straight into its value at a secret point and compares. Anything out of the ordinary (a relation,
an unknown name, a second way to read the text, a root) goes down the ladder of `equivalence` instead. A refusal on the hot
path is exact; its witness is worked out when somebody looks at it.
"""

from __future__ import annotations

import re
import threading
from typing import Any

from flint import arb, arb_mat, nmod, nmod_mat

from llmgrade.checking.answers import Value as OneValue
from llmgrade.checking.answers import normalise
from llmgrade.checking.corners import looked_at_again, names_in
from llmgrade.checking.edges import has_edges
from llmgrade.checking.equivalence import Ladder, Question, Tolerance, decide_text, speaks_of_eigenvalues
from llmgrade.checking.evidence import Proved, Refuted, Tested
from llmgrade.checking.forms import units
from llmgrade.checking.methods.balls import by_balls
from llmgrade.checking.methods.field import WEAKEST, by_field, gold_values
from llmgrade.checking.outcome import Decision, different, equal, unknown
from llmgrade.checking.scene import Point, Scene
from llmgrade.checking.verdict import Verdict
from llmgrade.errors import ExpressionError
from llmgrade.expr.evaluate_algebra import (
    Beyond,
    OverBudget,
    ShapeMismatch,
    SquareRoot,
    Undefined,
    shape_text,
)
from llmgrade.expr.evaluate_builder import ValueBuilder
from llmgrade.expr.nodes import (
    BigOp,
    Expr,
    Identity,
    Infix,
    Integral,
    Num,
    Piecewise,
    Relation,
    Seq,
    Set,
    Sym,
    Vector,
    kinds_of,
    nodes_of,
    walk,
)  # fmt: skip
from llmgrade.expr.notation import NeedTree, Reader, read_answer, reader_for
from llmgrade.expr.notation import tokens as t
from llmgrade.expr.notation.grammar import Parser
from llmgrade.expr.notation.tokens import CARET, LB, NUM, POST, RB
from llmgrade.expr.symbols import SymbolTable
from llmgrade.limits import Deadline, Limits

__all__ = ["Part"]

_MEMO = 20_000
_SAMPLING_DEGREE = 64
_ASIDE = (
    NeedTree,
    ExpressionError,
    Beyond,
    Undefined,
    OverBudget,
    TypeError,
    AttributeError,
    ArithmeticError,
    LookupError,
    ValueError,
)
"""Anything that sends an answer down the ladder."""
_DOUBTFUL = re.compile(r"(?<![A-Za-z\\])[A-Za-z]'*\s*\(|\*\s*(?:$|[)\],=^])|log(?!_)|\d,\d")
"""Where no symbols are declared: texts that may be read another way."""
_AGREED = equal(Proved("nothing parts them"))
_MIXED = frozenset(((nmod, nmod_mat), (nmod_mat, nmod)))
_ARITHMETIC = frozenset(
    (t.SYM, t.NUM, t.LP, t.RP, t.LB, t.RB, t.PLUS, t.MINUS, t.STAR, t.SLASH, t.FRAC, CARET, POST, t.EOF)
)
"""Kinds of token that make sums, products, quotients, powers and transposes."""
_BLAND = frozenset((Num(0), Num(1)))
_ODD = frozenset((Integral, Piecewise, Relation, Seq, Set, Infix, Vector))


class _Fast:
    """One point at which texts are read straight into values. For one thread at a time."""

    __slots__ = ("algebra", "expected", "kind", "parse", "parser", "point", "rows")

    def __init__(self, point: Point, expected: Any, question: Question) -> None:
        reader = Reader(question.symbols, question.limits, ValueBuilder(point.evaluator))
        self.point = point
        self.algebra = point.evaluator.algebra
        self.expected = self.algebra.plain(expected)
        self.kind = type(self.expected)
        self.rows = self.expected.nrows() if self.kind is nmod_mat else 1
        self.parser = reader.parser()
        self.parse = reader.attempts(self.parser)


class Part:
    """What was expected, its symbols, and everything about it that does not depend on the answer.

    >>> part = Part.compile(r"(a + b)^2", seed="a")
    >>> part.check("a^2 + 2ab + b^2").equal, part.check("a^2 + b^2").different
    (True, True)
    """

    def __init__(self, gold: Expr, question: Question) -> None:
        self.gold, self.question = gold, question
        self._memo: dict[str, Decision] = {}
        self._lock = threading.Lock()
        self._field: list[_Fast] = []
        self._ball: _Fast | None = None
        self._scene: Scene | None = None
        self._doubtful = len(question.symbols) == 0
        self._turned = question.transposed
        self._deep = self._wide = False
        self._prepare()

    @classmethod
    def compile(
        cls,
        gold: Expr | str,
        symbols: SymbolTable | None = None,
        limits: Limits | None = None,
        *,
        seed: str | None = None,
        tolerance: Tolerance | None = None,
        strata: tuple[str, ...] = (),
        given: tuple[Expr, ...] = (),
        transposed: bool = False,
        proofs: bool = False,
    ) -> Part:
        """A question. Raises ExpressionError for a gold that cannot be read. ``proofs``: every agreement is to be proved."""
        table = symbols if symbols is not None else SymbolTable.empty()
        limits = limits or Limits()
        expr = read_answer(gold, table, limits).expr if isinstance(gold, str) else gold
        return cls(expr, Question(table, limits, seed, tolerance, strata, given, transposed, proofs))

    # -- once -----------------------------------------------------------------------------------------------------------
    def _prepare(self) -> None:
        """Points and readers for the hot path, where the gold is a plain value; otherwise every answer takes the ladder."""
        q = self.question
        plain = isinstance(normalise(self.gold, q.symbols), OneValue) and not any(
            type(n) in _ODD for n in walk(self.gold)
        )
        if not plain or q.tolerance is not None or units.has_unit(self.gold) or _machine_decimal(self.gold):
            return
        try:
            scene = Scene(
                q.symbols, [self.gold, *(Sym(s.name) for s in q.symbols if s.type not in ("identity", "function"))],
                seed=q.seed, strata=q.strata, given=q.given,
            )  # fmt: skip
            if scene.complex or scene.definitions or speaks_of_eigenvalues(q.symbols, self.gold):
                return
            self._scene = scene
            self._arrays = {x.name for x in scene.symbols if not x.shape.is_scalar}
            self._trees = reader_for(q.symbols, q.limits)
            self._names = frozenset(
                {x.name for x in scene.symbols} | set(scene.letters) | {n for n, _ in scene.derived}
            )
            identities = any(x.type == "identity" for x in q.symbols)
            self._deep = scene.has_matrices or bool(scene.letters or scene.free_integers) or identities
            expected = gold_values(scene, self.gold)
            if expected:
                algebra = expected[0][0].evaluator.algebra
                self._wide = algebra.is_matrix(algebra.plain(expected[0][1]))
                self._field = [_Fast(p, v, q) for p, v in expected]
                if any(isinstance(f.expected, SquareRoot) for f in self._field):
                    self._field = []
                    self._prepare_ball(scene)
            elif expected is None:
                self._prepare_ball(scene)
        except (
            ExpressionError,
            Beyond,
            Undefined,
            ShapeMismatch,
            OverBudget,
            ZeroDivisionError,
            ValueError,
            TypeError,
        ):
            self._field, self._ball = [], None

    def _prepare_ball(self, scene: Scene) -> None:
        for index in range(8):
            point = scene.ball_point(index)
            value = point.evaluator.algebra.plain(point.evaluator.value(self.gold))
            if point.evaluator.algebra.finite(value):
                self._ball = _Fast(point, value, self.question)
                return

    # -- for each answer ---------------------------------------------------------------------------------------------------
    def check(self, answer: str | Expr) -> Decision:
        """The decision for one answer; a text seen before costs a look-up."""
        if not isinstance(answer, str):
            return Ladder(self.question).decide(self.gold, answer)
        memo = self._memo
        found = memo.get(answer)
        if found is None:
            found = self._check(answer)
            if len(memo) >= _MEMO:
                memo.clear()  # an evidence not yet looked at holds on to its points
            memo[answer] = found
        return found

    def _check(self, text: str) -> Decision:
        found: Decision | None = None
        fast = self._field[0] if self._field else self._ball
        if fast is not None and len(text) <= self.question.limits.text_chars:
            with self._lock:
                found = self._by_field(text) if self._field else self._by_ball(fast, text)
                if found is None:
                    found = self._by_tree(text, fast.parser.lexemes)
        return found if found is not None else decide_text(self.gold, text, self.question)

    def _by_field(self, text: str) -> Decision | None:
        bound = 0.0
        note: tuple[str, ...] = ()
        try:
            for fast in self._field:
                algebra = fast.algebra
                algebra.degree = 1.0
                value = fast.parse(text)
                if type(value) is not fast.kind or value != fast.expected:
                    value = algebra.plain(value)
                    if type(value) is not fast.kind:
                        return self._of_another_kind(fast, text, value)
                    if self._turned and fast.kind is nmod_mat:
                        rows = value.nrows()
                        if rows != fast.rows and (rows == 1 or value.ncols() == 1):
                            value = value.transpose()
                            note = ("laid out as the transpose of what was expected",)
                    if value != fast.expected:
                        return self._refused(fast, text, value)
                bound += algebra.degree
        except ShapeMismatch as reason:
            return self._misfit(fast, text, reason.args)
        except Undefined:
            return self._refusal(text) if self._clear(fast, text) else None
        except _ASIDE:
            return None
        if fast.parser.notes:
            return None
        bound *= (len(text) + 8) * _SAMPLING_DEGREE / fast.algebra.prime  # type: ignore[attr-defined]
        if bound > WEAKEST:
            return None
        if self._deep:
            apart = self._corners(fast.parser.lexemes)
            if apart is None or not apart.equal:
                return None  # for the ladder to say
        if self.question.proofs:
            return self._proved(text, bound)
        return self._agreed(bound, note)

    def _agreed(self, bound: float, note: tuple[str, ...]) -> Decision:
        return Decision(Verdict.CORRECT, lambda: equal(self._tested(bound)), note)

    def _refusal(self, text: str) -> Decision:
        return Decision(Verdict.INCORRECT, lambda: self._explained(text))

    def _tested(self, bound: float) -> Tested:
        assert self._scene is not None
        return Tested(len(self._field), bound, "at secret points of a prime field", self._scene.seed)

    def _corners(self, lexemes: list[str]) -> Decision | None:
        """What looking again comes to: None where the ladder has to say, an agreement where nothing parts."""
        reader = self._trees
        try:
            expr = reader.attempt_lexemes(lexemes)
        except _ASIDE:
            return None
        return self._looked_again(expr, self._plainly_named(reader.parser())) or _AGREED

    def _plainly_named(self, parser: Parser) -> frozenset[str] | None:
        """The names of the text just read, if it holds nothing but names, numbers and arithmetic; None where it may hold more."""
        assert self._scene is not None
        tokens = parser.tokens
        kinds = {token[0] for token in tokens}
        if not kinds <= _ARITHMETIC:
            return None
        if CARET in kinds or POST in kinds:
            if self._scene.free_integers or parser.t_declared:
                return None
            telling = any(token[0] == NUM and token[1] not in _BLAND for token in tokens)
            for i, (kind, value, _) in enumerate(tokens):
                if kind == POST and value != "T":
                    return None
                if kind == CARET and telling:  # a whole exponent and a transpose have no kink beside them
                    braced = tokens[i + 1][0] == LB
                    raised = tokens[i + 2 if braced else i + 1]
                    if (raised[0] != NUM and raised[2] != "T") or (braced and tokens[i + 3][0] != RB):
                        return None
        return frozenset([token[1].name for token in tokens if type(token[1]) is Sym]) & self._names

    def _looked_again(self, expr: Expr, plain: frozenset[str] | None = None) -> Decision | None:
        scene, q = self._scene, self.question
        assert scene is not None
        if not self._wide and Identity in kinds_of(expr) and self._field:
            evaluator = self._field[0].point.evaluator
            if evaluator.is_multiple_of_one(expr, evaluator.value(expr)):
                return unknown("an identity beside a scalar")
        deadline = Deadline.once_asked(q.limits.decide_seconds)
        return looked_at_again(scene, self.gold, expr, deadline, transposed=q.transposed, plain=plain)

    def _clear(self, fast: _Fast, text: str) -> bool:
        """Whether the text can be read in one way only."""
        parser = fast.parser
        return not (parser.doubts or parser.notes or (self._doubtful and _DOUBTFUL.search(text)))

    def _refused(self, fast: _Fast, text: str, value: Any) -> Decision | None:
        if not self._clear(fast, text):
            return None
        return Decision(Verdict.INCORRECT, lambda: self._parted(fast.expected, text, value))

    def _parted(self, expected: Any, text: str, value: Any) -> Decision:
        """The refusal of a value of the same kind: for its shape, or as the ladder explains it."""
        if type(value) is nmod_mat:
            got, wanted = shape_text(value), shape_text(expected)
            if got != wanted:
                return different(Refuted(f"{got} instead of {wanted}", kind="shape"))
        return self._explained(text)

    def _of_another_kind(self, fast: _Fast, text: str, value: Any) -> Decision | None:
        """A scalar for a matrix, a matrix for a scalar; an identity without a size, 0 and roots are for the ladder."""
        pair = (type(value), fast.kind)
        if pair not in _MIXED or not self._clear(fast, text) or self._names_identity(fast):
            return None
        scalar, matrix = (value, fast.expected) if pair[0] is nmod else (fast.expected, value)
        if scalar == 0 or matrix == matrix * 0:
            return None
        size = f"{matrix.nrows()}×{matrix.ncols()}"
        said = f"a scalar instead of {size}" if pair[0] is nmod else f"{size} instead of a scalar"
        return _misshapen(said)

    def _names_identity(self, fast: _Fast) -> bool:
        """Whether an identity matrix stands in the text just read: without a size it is a 1 there."""
        look_up = self._trees.parser().lexicon.__getitem__
        return any(type(token[1]) is Identity for lexeme in fast.parser.lexemes for token in look_up(lexeme))

    def _misfit(self, fast: _Fast, text: str, reason: tuple[Any, ...]) -> Decision | None:
        if not self._clear(fast, text):
            return None
        return Decision(Verdict.INCORRECT, lambda: different(Refuted(str(ShapeMismatch(*reason)), kind="shape")))

    def _by_ball(self, fast: _Fast, text: str) -> Decision | None:
        """A disjoint ball is a refusal; agreement takes the ladder."""
        algebra, expected = fast.algebra, fast.expected
        try:
            value = fast.parse(text)
            if type(value) is arb and type(expected) is arb:
                apart = not expected.overlaps(value)
            else:
                apart = not algebra.same(expected, value)
            if apart and algebra.finite(value) and self._clear(fast, text):
                return self._refusal(text)
        except (*_ASIDE, ShapeMismatch):
            return None
        return None

    def _by_tree(self, text: str, lexemes: list[str]) -> Decision | None:
        """A plain expression, read as a tree and evaluated at this question's points; None for anything else."""
        reader = self._trees
        try:
            expr = reader.attempt_lexemes(lexemes)
        except NeedTree:
            return None
        parser = reader.parser()
        if parser.doubts or parser.notes or (self._doubtful and _DOUBTFUL.search(text)):
            return None
        kinds = kinds_of(expr)
        if kinds & _ODD:
            return None
        names = names_in(expr)
        others = names - self._names
        if others and not others <= {
            n.variable.name for n in nodes_of(expr) if isinstance(n, BigOp) and isinstance(n.variable, Sym)
        }:
            return None
        if expr == self.gold:
            return equal(Proved("the same expression"))
        try:
            return self._decided(expr, text)
        except (*_ASIDE, ShapeMismatch, RecursionError):
            return None

    def _decided(self, expr: Expr, text: str) -> Decision | None:
        scene = self._scene
        assert scene is not None
        transposed = self.question.transposed
        found: Decision | None = None
        if self._field:
            expected = [(f.point, f.expected) for f in self._field]
            found = by_field(scene, expected, expr, transposed=transposed)
        if found is None:
            if has_edges(expr) or has_edges(self.gold):
                return None
            deadline = Deadline.once_asked(self.question.limits.decide_seconds)
            found = by_balls(scene, self.gold, expr, deadline, transposed=transposed)
        if found is None or found.undecided:
            return None
        if (
            found.equal
            and scene.has_matrices
            and Identity not in kinds_of(expr)
            and names_in(expr).isdisjoint(self._arrays)
        ):
            return None  # a number beside a matrix: the ladder looks closer
        if found.equal:
            apart = self._looked_again(expr)
            if apart is not None:
                return None  # for the ladder to say
        if found.different:
            return found if found.refused_for == "shape" else Decision(Verdict.INCORRECT, lambda: self._explained(text))
        if self.question.proofs:
            proof = Ladder(self.question).proof(scene, self.gold, expr)
            return equal(proof, *found.notes) if proof is not None else found
        return found

    def _explained(self, text: str) -> Decision:
        """The ladder's refusal, with its witness. Should the ladder see it otherwise, the exact refusal stands."""
        found = decide_text(self.gold, text, self.question)
        if found.different:
            return found
        return different(Refuted("the two differ at a secret point of a prime field"))

    def _proved(self, text: str, bound: float) -> Decision:
        scene = self._scene
        assert scene is not None
        expr = reader_for(self.question.symbols, self.question.limits).read(text).expr
        if expr == self.gold:
            return equal(Proved("the same expression"))
        proof = Ladder(self.question).proof(scene, self.gold, expr)
        return equal(proof if proof is not None else self._tested(bound))

    def key(self, answer: str) -> Any:
        """Equal answers have equal keys, and but for a negligible chance only they: a batch is grouped by it.

        Where an answer has no single value its text is its key.
        """
        fast = self._field[0] if self._field else self._ball
        if fast is not None:
            try:
                with self._lock:
                    value = fast.parse(answer)
                    notes = bool(fast.parser.notes)
                frozen = None if notes else _frozen(fast.algebra.plain(value))
                if frozen is not None:
                    return frozen
            except (*_ASIDE, ShapeMismatch):
                pass
        return self._tree_key(answer, fast)

    def _tree_key(self, answer: str, fast: _Fast | None) -> Any:
        try:
            expr = read_answer(answer, self.question.symbols, self.question.limits).expr
        except ExpressionError:
            return ("text", " ".join(answer.split()))
        form = normalise(expr, self.question.symbols)
        if fast is not None and isinstance(form, OneValue):
            try:
                with self._lock:
                    frozen = _frozen(fast.algebra.plain(fast.point.evaluator.value(form.expr)))
                if frozen is not None:
                    return frozen
            except (*_ASIDE, ShapeMismatch):
                pass
        return ("expression", expr)


def _misshapen(reason: str) -> Decision:
    return Decision(Verdict.INCORRECT, lambda: different(Refuted(reason, kind="shape")))


def _machine_decimal(expr: Expr) -> bool:
    return any(isinstance(n, Num) and n.decimals is not None and n.decimals >= 10 for n in walk(expr))


def _frozen(value: Any) -> Any:
    if type(value) is nmod:
        return int(value)
    if type(value) is nmod_mat:
        return (value.nrows(), value.ncols(), *(int(x) for x in value.entries()))
    if type(value) is arb:
        return f"{float(value.mid()):.13e}" if value.is_finite() else None
    if type(value) is arb_mat:
        return (value.nrows(), value.ncols(), *(f"{float(x.mid()):.13e}" for x in value.entries()))
    if type(value) is SquareRoot:
        return ("root", _frozen(value.square))
    return None
