"""Does an answer say what was expected? The ladder, cheapest rung first.

1. the same expression;
2. both sides at a secret point of a prime field (exact; everything rational);
3. both sides as balls at ordinary points (roots, exponentials, absolute values);
4. a proof, where one is wanted and the answer already agrees;
5. a witness of small exact numbers, where it does not.

Equations, inequalities, sets and their kin are put into a form first (`answers`) and compared piece by piece. Nothing
is dropped to make two answers agree: what was set aside is in the notes. Where nobody knows, the decision says why.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from llmgrade.checking.answers import (
    Answer,
    Many,
    Named,
    Region,
    Statement,
    Value,
    Words,
    as_interval,
    free_names,
    normalise,
)
from llmgrade.checking.corners import looked_at_again
from llmgrade.checking.edges import difference_on_an_edge, has_edges
from llmgrade.checking.evidence import Proved, Refuted, Tested
from llmgrade.checking.forms import antiderivatives, equations, inequalities, numbers, regions, units
from llmgrade.checking.methods.balls import by_balls
from llmgrade.checking.methods.field import by_field, gold_values
from llmgrade.checking.outcome import Decision, different, equal, unknown
from llmgrade.checking.scene import Scene
from llmgrade.checking.witness import with_witness
from llmgrade.errors import ExpressionError, LimitExceeded
from llmgrade.expr.evaluate import rational
from llmgrade.expr.evaluate_algebra import Beyond, OverBudget, ShapeMismatch, Undefined
from llmgrade.expr.nodes import (
    Call,
    Const,
    Expr,
    Identity,
    Infix,
    Interval,
    Logic,
    Matrix,
    Neg,
    Num,
    Relation,
    Seq,
    Set,
    SetBuilder,
    Sym,
    Vector,
    Word,
    kinds_of,
    walk,
)  # fmt: skip
from llmgrade.expr.notation import read_answer
from llmgrade.expr.symbols import SymbolTable
from llmgrade.limits import Deadline, Limits

__all__ = ["Decision", "Ladder", "Question", "Tolerance", "decide", "decide_text", "speaks_of_eigenvalues"]

_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far a number may be off: by ``relative`` times the expected value, or by ``absolute``, whichever allows more."""

    relative: float = 0.0
    absolute: float = 0.0


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked beside the two expressions."""

    symbols: SymbolTable
    limits: Limits = _LIMITS
    seed: str | None = None
    tolerance: Tolerance | None = None
    strata: tuple[str, ...] = ()
    given: tuple[Expr, ...] = ()
    transposed: bool = False
    """A vector may be laid out as a row where a column is expected, and the reverse."""
    proofs: bool = True
    second_opinion: float | None = None
    """Seconds SymPy may take, in a process of its own, over what would stay undecided; None: it is not asked."""


def decide(
    gold: Expr | str,
    answer: Expr | str,
    symbols: SymbolTable | None = None,
    limits: Limits = _LIMITS,
    *,
    seed: str | None = None,
    tolerance: Tolerance | None = None,
    strata: tuple[str, ...] = (),
    given: tuple[Expr, ...] = (),
    transposed: bool = False,
    proofs: bool = True,
    second_opinion: float | None = None,
) -> Decision:
    """Whether ``answer`` says what ``gold`` says, for every value the declarations allow.

    ``strata`` names the proportions under which the claim must hold (``tall``, ``wide``, ``square``; none: all that the
    declarations allow); ``given`` holds further
    conditions. A text that cannot be read makes the decision undecided. Raises ExpressionError only for an unreadable gold.
    """
    table = symbols if symbols is not None else SymbolTable.empty()
    question = Question(table, limits, seed, tolerance, strata, given, transposed, proofs, second_opinion)
    if not isinstance(gold, str):
        return decide_text(gold, answer, question) if isinstance(answer, str) else Ladder(question).decide(gold, answer)
    reading = read_answer(gold, table, limits)

    def under(expected: Expr) -> Decision:
        return (
            decide_text(expected, answer, question)
            if isinstance(answer, str)
            else Ladder(question).decide(expected, answer)
        )

    decision = under(reading.expr)
    if decision.different and isinstance(reading.expr, Word):
        for other in reading.alternatives:  # letters side by side: a word, or a product
            second = under(other.expr)
            if second.equal:
                return second.noting(f"under a second reading of what was expected: {other.why}")
    if decision.different and _COMMA.search(gold):
        others = [(other.expr, other.why) for other in reading.alternatives if other.code in ("list", "decimal-comma")]
        if not isinstance(reading.expr, Seq):
            others.append((read_answer(gold.replace(",", ", "), table, limits).expr, "a list of numbers"))
        for expr, why in others:
            second = under(expr)
            if second.equal:
                return second.noting(f"under a second reading of what was expected: {why}")
    return decision


_COMMA = re.compile(r"^\W*\d+,(?!\d{3}\b)\d+\W*$")
"""A comma that may be a decimal comma or part two numbers; thousands are left alone."""
_EMPTY = re.compile(r"[\s$]*(?:\\boxed\s*\{[\s$]*\}[\s$.]*)?")
"""Nothing, or a box with nothing in it: no answer, rather than one that cannot be read."""
_ONE_READING = re.compile(r"[\s$]*-?(?:\d+(?:\.\d+)?|\\[dt]?frac\{-?\d+\}\{\d+\}|[a-zA-Z]|\d+/\d+)[\s$]*")
"""A number, a fraction, a letter: there is no other way to read it."""
_OWN_BUSINESS = frozenset({"interval"})
"""Second readings the forms already see to."""


def decide_text(gold: Expr, text: str, question: Question) -> Decision:
    if _EMPTY.fullmatch(text):
        return different(Refuted("the answer is empty", kind="form"))
    try:
        reading = read_answer(text, question.symbols, question.limits)
    except LimitExceeded as reason:
        return unknown(f"the answer is beyond the limits: {reason.reason}")
    except ExpressionError as reason:
        return unknown(f"the answer cannot be read: {reason}")
    except RecursionError:
        return unknown("the answer is nested too deep")
    notes = tuple(note.message for note in reading.notes)
    ladder = Ladder(question)
    decision = ladder.decide(gold, reading.expr)
    if decision.equal and not notes:
        return decision
    if decision.different and not _ONE_READING.fullmatch(text):
        for other in reading.alternatives:
            if other.code in _OWN_BUSINESS:
                continue
            second = ladder.decide(gold, other.expr)
            if second.equal:
                return second.noting(f"under a second reading: {other.why}", *notes)
    return decision.noting(*notes)


class Ladder:
    """One comparison under one question."""

    def __init__(self, question: Question) -> None:
        self.question = question
        self.table = question.symbols
        self.deadline = Deadline.once_asked(question.limits.decide_seconds)

    # -- entry ----------------------------------------------------------------------------------------------------------
    def decide(self, gold: Expr, answer: Expr) -> Decision:
        """The decision, with every failure inside turned into an undecided one."""
        found = self._guarded(gold, answer)
        seconds = self.question.second_opinion
        if seconds and found.undecided and not self.table.sizes:
            from llmgrade.checking.worker import second_opinion

            return second_opinion(gold, answer, self.table, seconds) or found
        return found

    def _guarded(self, gold: Expr, answer: Expr) -> Decision:
        try:
            return self._decide(gold, answer)
        except OverBudget as reason:
            return unknown(f"beyond the limits: {reason}")
        except RecursionError:
            return unknown("nested too deep")
        except LimitExceeded as reason:
            return unknown(f"beyond the limits: {reason.reason}")
        except ExpressionError as reason:
            return unknown(f"a definition cannot be read: {reason}")
        except (Beyond, Undefined) as reason:
            return unknown(str(reason) or "it cannot be evaluated")
        except ShapeMismatch as reason:
            return unknown(f"shapes do not fit: {reason}")
        except (ArithmeticError, ValueError, TypeError, AttributeError, KeyError, IndexError) as reason:
            # a combination nobody foresaw is no verdict
            return unknown(f"this kind of comparison is not supported ({type(reason).__name__}: {str(reason)[:80]})")

    def _decide(self, gold: Expr, answer: Expr) -> Decision:
        if gold == answer and not _hopeless(gold):
            return equal(Proved("the same expression"))
        notes: list[str] = []
        gold, answer = self._units(gold, answer, notes)
        decision = self.compare(normalise(gold, self.table), normalise(answer, self.table))
        return decision.noting(*notes)

    def _units(self, gold: Expr, answer: Expr, notes: list[str]) -> tuple[Expr, Expr]:
        one, other = units.has_unit(gold), units.has_unit(answer)
        if not one and not other:
            return gold, answer
        if one and other:
            return units.converted(gold), units.converted(answer)
        if one or other:
            before = gold if one else answer
            if isinstance(before, Call) or _inside_function(before):
                return units.converted(gold), units.converted(answer)
            notes.append("a unit stands on one side only and was set aside")
            return units.stripped(gold), units.stripped(answer)
        return gold, answer

    # -- forms ------------------------------------------------------------------------------------------------------------
    def compare(self, gold: Answer, answer: Answer) -> Decision:
        """Two answers in form."""
        match gold, answer:
            case Words(a), Words(b):
                return _words(a, b)
            case (Words(a), Value(b)) | (Value(b), Words(a)):
                return _word_and_value(a, b)
            case Named(), Named():
                return self._named(gold, answer)
            case (Named(), _) | (_, Named()):
                return self._name_on_one_side(gold, answer)
            case Value(Vector() | Matrix()), Many() | Value(Seq()):
                return self._vector_and_list(gold, answer)
            case Many(), Value(Vector() | Matrix()):
                return self._vector_and_list(answer, gold)
            case Many(), Many():
                return self._many(gold, answer)
            case Region(), _:
                return self._region(gold, answer)
            case _, Region():
                return self._region(gold, answer)
            case Many(), _:
                return self._singleton(gold, answer, True)
            case _, Many():
                return self._singleton(answer, gold, False)
            case Statement(a), Statement(b):
                return self._statements(a, b)
            case (Statement(), _) | (_, Statement()):
                return self._statement_and_value(gold, answer)
            case Value(a), Value(b):
                return self._dots(a, b) or self.values(a, b)
        return different(Refuted("the answer is of another kind than what was expected", kind="form"))

    def _dots(self, gold: Expr, answer: Expr) -> Decision | None:
        """The … of a list stands for nothing that could be compared."""
        dots = Const("dots")
        if dots in (gold, answer):
            return equal(Proved("…")) if gold == answer else different(Refuted("a value where … stands", kind="form"))
        return None

    def _named(self, gold: Named, answer: Named) -> Decision:
        names = [n for n, _ in gold.items]
        if {n for n, _ in answer.items} == set(names):
            other = dict(answer.items)
            return self._all([(n, v, other[n]) for n, v in gold.items])
        if len(gold.items) == 1 == len(answer.items):
            (name, value), (other_name, other_value) = gold.items[0], answer.items[0]
            if isinstance(gold.whole, Relation) and isinstance(answer.whole, Relation):
                shared = free_names(gold.whole) & free_names(answer.whole)
                if free_names(gold.whole) == free_names(answer.whole) and len(shared) > 1:
                    return self._statements(gold.whole, answer.whole)
            if isinstance(name, Sym) and isinstance(other_name, Sym) and _same_letter(name.name, other_name.name):
                return self.compare(value, other_value)
            if _only_a_label(name, gold) and _only_a_label(other_name, answer):
                decision = self.compare(value, other_value)
                if decision.different:
                    return decision
                return different(
                    Refuted(f"the answer is about {_text(other_name)}, asked was {_text(name)}", kind="form")
                )
        return different(Refuted("the answer names other things than were asked for", kind="form"))

    def _all(self, pieces: Sequence[tuple[Expr, Answer, Answer]]) -> Decision:
        worst: Decision | None = None
        found: list[Decision] = []
        for name, gold, answer in pieces:
            decision = self.compare(gold, answer)
            if decision.different:
                return decision.noting(f"{_text(name)} differs") if len(pieces) > 1 else decision
            if decision.undecided and worst is None:
                worst = decision
            found.append(decision)
        return worst or _together(found)

    def _name_on_one_side(self, gold: Answer, answer: Answer) -> Decision:
        named, other, gold_named = (gold, answer, True) if isinstance(gold, Named) else (answer, gold, False)
        assert isinstance(named, Named)
        note = "the name was left out" if gold_named else "the answer gives the value a name"
        if len(named.items) == 1:
            name, value = named.items[0]
            if isinstance(other, Statement):
                return self._ordered_statements(named.whole, other.expr, gold_named)
            if isinstance(other, Region) and not isinstance(value, Region):
                return self._region_and_named(named, other, gold_named)
            if isinstance(name, Sym) and self.table.get(name.name) is not None and name.name in _names_of(other):
                return different(Refuted("an equation is not the value of one side", kind="form"))
            decision = self.compare(value, other) if gold_named else self.compare(other, value)
            return decision.noting(note) if decision.equal else decision
        values = Many(tuple(v for _, v in named.items), "()", named.whole)
        if isinstance(other, Many) and other.brackets == "" and len(other.items) == len(values.items):
            other = replace(other, brackets="()")
        if isinstance(other, Many) and other.brackets == "{}":
            values = replace(values, brackets="{}")
        decision = self.compare(values, other) if gold_named else self.compare(other, values)
        return decision.noting(note) if decision.equal else decision

    def _region_and_named(self, named: Named, region: Region, gold_named: bool) -> Decision:
        """``x = 2`` beside a set of numbers."""
        if gold_named:
            return self._regions(Region(named.whole, _sym(named.items[0][0])), region)
        return self._regions(region, Region(named.whole, _sym(named.items[0][0])))

    def _many(self, gold: Many, answer: Many) -> Decision:
        if self._both_intervals(gold, answer):
            return self._brackets(gold, answer)
        if _has_dots(gold) or _has_dots(answer):
            gold, answer = replace(gold, brackets="()"), replace(answer, brackets="()")
        if len(gold.items) != len(answer.items):
            if not gold.ordered and not answer.ordered:
                return self._sets(gold, answer)
            return different(Refuted(f"{len(answer.items)} values instead of {len(gold.items)}", kind="form"))
        if gold.ordered and answer.ordered and gold.brackets != answer.brackets and len(gold.items) == 2:
            return different(Refuted("other brackets: an interval's ends are kept, not those of a pair", kind="form"))
        if not gold.ordered and not answer.ordered:
            return self._sets(gold, answer)
        if "{}" in (gold.brackets, answer.brackets) and gold.ordered != answer.ordered:
            decision = self._sets(gold, answer)
            return decision.noting("a list in brackets was compared with a set: order was not asked for")
        return self._all([(Num(i + 1), g, a) for i, (g, a) in enumerate(zip(gold.items, answer.items, strict=True))])

    def _both_intervals(self, gold: Many, answer: Many) -> bool:
        return False

    def _brackets(self, gold: Many, answer: Many) -> Decision:
        raise Beyond("brackets")

    def _sets(self, gold: Many, answer: Many) -> Decision:
        """Unordered: every expected value is there, and nothing else."""
        left = list(answer.items)
        found: list[Decision] = []
        doubt: Decision | None = None
        for expected in gold.items:
            for i, got in enumerate(left):
                decision = self.compare(expected, got)
                if decision.equal:
                    found.append(decision)
                    del left[i]
                    break
                if decision.undecided:
                    doubt = decision
            else:
                if any(self.compare(expected, got).equal for got in answer.items):
                    continue  # written twice
                if doubt is not None:
                    return doubt
                return different(Refuted(f"an expected value is missing: {_answer_text(expected)}", kind="form"))
        for got in left:
            if not any(self.compare(expected, got).equal for expected in gold.items):
                return doubt or different(Refuted(f"a value too many: {_answer_text(got)}", kind="form"))
        return _together(found)

    def _singleton(self, many: Many, other: Answer, gold_many: bool) -> Decision:
        if len(many.items) == 1 and isinstance(other, Value):
            decision = self.compare(many.items[0], other) if gold_many else self.compare(other, many.items[0])
            return decision.noting("one value stands for the set that holds it") if decision.equal else decision
        if isinstance(other, Statement | Words):
            return different(Refuted("the answer is of another kind than what was expected", kind="form"))
        if not gold_many:
            return different(Refuted(f"{len(many.items)} values where one is expected", kind="form"))
        return different(Refuted(f"one value where {len(many.items)} are expected", kind="form"))

    def _vector_and_list(self, vector: Answer, other: Answer) -> Decision:
        assert isinstance(vector, Value)
        expr = vector.expr
        items: tuple[Expr, ...] = ()
        if isinstance(expr, Vector):
            items = expr.items
        elif isinstance(expr, Matrix) and len(expr.rows) == 1:
            items = expr.rows[0]
        if isinstance(other, Many) and other.brackets in ("()", "[]", "<>") and len(items) == len(other.items):
            pairs = [
                (Num(i + 1), normalise(g, self.table), a)
                for i, (g, a) in enumerate(zip(items, other.items, strict=True))
            ]
            return self._all(pairs).noting("a vector and a list of its entries")
        if isinstance(other, Many) and len(other.items) == 1:
            return self.compare(vector, other.items[0])
        if isinstance(other, Many) and isinstance(other.whole, Seq | Set):
            return different(Refuted("other entries than expected", kind="form"))
        return (
            self.values(expr, other.expr)
            if isinstance(other, Value)
            else different(Refuted("the answer is of another kind than what was expected", kind="form"))
        )

    # -- sets of numbers and statements -----------------------------------------------------------------------------------
    def _region(self, gold: Answer, answer: Answer) -> Decision:
        one, other = self._as_region(gold, answer), self._as_region(answer, gold)
        if one is None or other is None:
            return different(Refuted("the answer is of another kind than what was expected", kind="form"))
        return self._regions(one, other)

    def _as_region(self, answer: Answer, beside: Answer) -> Region | None:
        match answer:
            case Region():
                return answer
            case Named(items, whole) if len(items) == 1 and isinstance(items[0][0], Sym):
                return Region(whole, items[0][0].name)
            case Many(items, brackets, whole):
                interval = as_interval(whole)
                if interval is not None and isinstance(beside, Region):
                    return Region(interval)
                if all(isinstance(i, Value) for i in items) and brackets in ("{}", ""):
                    return Region(Set(tuple(i.expr for i in items if isinstance(i, Value))))
            case Statement(expr) if isinstance(beside, Region) and beside.name is not None:
                return Region(expr, beside.name) if free_names(expr) == {beside.name} else None
        return None

    def _regions(self, gold: Region, answer: Region) -> Decision:
        if gold.name is not None and answer.name is not None and gold.name != answer.name:
            return different(Refuted(f"the answer is about {answer.name}, asked was {gold.name}", kind="form"))
        if any(isinstance(n, SetBuilder) for e in (gold.expr, answer.expr) for n in walk(e)):
            return self._set_builders(gold, answer)
        ends = self._ends(as_interval(gold.expr), as_interval(answer.expr))
        if ends is not None:
            return ends
        scene = self._scene(gold.expr, answer.expr)
        return regions.compare_regions(scene, gold.expr, answer.expr, gold.name, answer.name, self.deadline)

    def _ends(self, gold: Interval | None, answer: Interval | None) -> Decision | None:
        """Two intervals by their ends; None where that does not settle it in favour."""
        if gold is None or answer is None:
            return None
        if (gold.closed_low, gold.closed_high) != (answer.closed_low, answer.closed_high):
            return None
        found = [self.values(gold.low, answer.low), self.values(gold.high, answer.high)]
        if all(d.equal for d in found):
            return _together(found)
        # (7, 6) is no interval: such pairs are compared as pairs
        for one in (gold, answer):
            order = self._order(one.low, one.high)
            if order is not None and order >= 0:
                return next((d for d in found if d.different), found[0] if found[0].undecided else found[1])
        return None

    def _order(self, low: Expr, high: Expr) -> int | None:
        point = self._scene(low, high).ball_point(0)
        try:
            a, b = point.evaluator.scalar_value(low), point.evaluator.scalar_value(high)
            return -1 if bool(a < b) else 1
        except (Beyond, Undefined, ShapeMismatch, TypeError):
            return None

    def _set_builders(self, gold: Region, answer: Region) -> Decision:
        from llmgrade.checking.forms.set_builders import compare_builders

        scene = self._scene(gold.expr, answer.expr)
        found = compare_builders(scene, gold.expr, answer.expr)
        if found is not None:
            return found
        return regions.compare_regions(scene, gold.expr, answer.expr, gold.name, answer.name, self.deadline)

    def _ordered_statements(self, named: Expr, other: Expr, gold_named: bool) -> Decision:
        return self._statements(named, other) if gold_named else self._statements(other, named)

    def _statements(self, gold: Expr, answer: Expr) -> Decision:
        scene = self._scene(gold, answer)
        if _is_equation(gold) and _is_equation(answer):
            assert isinstance(gold, Relation)
            assert isinstance(answer, Relation)
            decision = equations.compare_equations(scene, gold, answer, self.deadline)
            names = free_names(gold) | free_names(answer)
            if decision.undecided and len(names) == 1:
                (name,) = names  # one unknown: the solutions themselves, where the line shows that they differ
                roots = regions.compare_regions(scene, gold, answer, name, name, self.deadline)
                return roots if roots.different else decision
            return decision
        if _is_equation(gold) != _is_equation(answer) and not isinstance(gold, Logic) and not isinstance(answer, Logic):
            return different(Refuted("another kind of relation", kind="form"))
        odd = _odd_relations(gold), _odd_relations(answer)
        if odd != ((), ()):
            return self._other_relations(gold, answer)
        return inequalities.compare_statements(scene, gold, answer, self.deadline)

    def _other_relations(self, gold: Expr, answer: Expr) -> Decision:
        """∼, ∝, →, ∈ and the like: the same relation between equal sides."""
        if not (isinstance(gold, Relation) and isinstance(answer, Relation)):
            return unknown("statements of this kind are not compared")
        if gold.ops != answer.ops:
            if gold.ops[0] == answer.ops[0] == "!=" and len(gold.ops) == len(answer.ops) == 1:
                pass
            return different(Refuted("another relation", kind="form"))
        pieces = [
            (Num(i + 1), normalise(g, self.table), normalise(a, self.table))
            for i, (g, a) in enumerate(zip(gold.terms, answer.terms, strict=True))
            if g != a
        ]
        if not pieces:
            return equal(Proved("the same expression"))
        if any(Const("unsaid") in (g, a) for g, a in zip(gold.terms, answer.terms, strict=True)):
            return different(Refuted("a relation without its left side", kind="form"))
        return self._all(pieces)

    def _statement_and_value(self, gold: Answer, answer: Answer) -> Decision:
        gold_states = isinstance(gold, Statement)
        statement, other = (gold, answer) if gold_states else (answer, gold)
        assert isinstance(statement, Statement)
        if isinstance(other, Words) and other.text in ("true", "false"):
            return unknown("a statement and a truth value")
        return different(Refuted("a statement and a value are different things", kind="form"))

    # -- values ------------------------------------------------------------------------------------------------------------
    def _scene(self, *expressions: Expr) -> Scene:
        q = self.question
        return Scene(q.symbols, expressions, seed=q.seed, strata=q.strata, given=q.given)

    def values(self, gold: Expr, answer: Expr) -> Decision:
        """Two things that can be evaluated."""
        if gold == answer and not _hopeless(gold):
            return equal(Proved("the same expression"))
        for special in _SPECIAL:
            decision = special(self, gold, answer)
            if decision is not None:
                return decision
        if isinstance(gold, Relation) and isinstance(answer, Relation) and gold.ops == answer.ops == ("=",):
            return self._equations_of_numbers(gold, answer)
        chain = self._true_equation(answer)
        if isinstance(chain, Decision):
            return chain
        if chain is not None:
            return self.values(gold, chain)
        gold_chain = self._true_equation(gold)
        if isinstance(gold_chain, Decision):
            return gold_chain
        if gold_chain is not None:
            return self.values(gold_chain, answer)
        return self._evaluate(gold, answer)

    def _equations_of_numbers(self, gold: Relation, answer: Relation) -> Decision:
        """``2 + 2 = 4`` beside ``4 = 2 + 2``: the same two sides, either way round."""
        (a, b), (c, d) = gold.terms, answer.terms
        for pairs in (((a, c), (b, d)), ((a, d), (b, c))):
            found = [self.values(x, y) for x, y in pairs]
            if all(f.equal for f in found):
                return _together(found)
        return different(Refuted("an equation between other numbers"))

    def _true_equation(self, expr: Expr) -> Expr | Decision | None:
        """``17 mod 5 = 2``: its value, when it is true."""
        if not isinstance(expr, Relation):
            return None
        end = len(expr.terms)
        while end > 1 and expr.ops[end - 2] == "~":
            end -= 1
        exact = expr.terms[end - 1]
        for other in expr.terms[: end - 1]:
            step = self._evaluate(exact, other)
            if step.different:
                return different(Refuted("the equation itself is false", kind="value"))
            if step.undecided:
                return step
        return exact

    def _exact_numbers(self, gold: Expr, answer: Expr) -> Decision | None:
        """Two numbers written without names: exact arithmetic is the proof, either way."""
        try:
            a = rational(gold, {}, {})
            b = None if a is None else rational(answer, {}, {})
        except (Undefined, OverBudget):
            return None
        if a is None or b is None:
            return None
        if a == b:
            return equal(Proved("the same number"))
        if self.question.tolerance is not None or _long_decimal(gold) or _long_decimal(answer):
            return None
        return different(Refuted("the two differ", got=str(b), expected=str(a)))

    def _evaluate(self, gold: Expr, answer: Expr) -> Decision:
        exact = self._exact_numbers(gold, answer)
        if exact is not None:
            return exact
        scene = self._scene(gold, answer)
        q = self.question
        decision: Decision | None = None
        try:
            expected = gold_values(scene, gold)
        except ShapeMismatch as reason:
            return unknown(f"the expected answer does not fit together: {reason}")
        except OverBudget:
            expected = None
        if expected is not None:
            bare = self._bare_scalar(expected, gold, answer, scene)
            if bare is not None:
                return bare
            decision = by_field(scene, expected, answer, transposed=q.transposed)
        if decision is None:
            decision = by_balls(scene, gold, answer, self.deadline, transposed=q.transposed)
        if decision is None:
            return unknown(_why_not(gold, answer))
        if decision.different:
            close = None
            if _long_decimal(gold) or _long_decimal(answer):
                close = numbers.printed_float(scene, gold, answer)
            close = close or self._tolerated(scene, gold, answer)
            if close is not None:
                return close.noting(*scene.notes)
            if scene.has_matrices and any(
                s.name in _SPECTRAL and s.name not in self.table.symbols for s in scene.symbols
            ):
                return unknown("eigenvalues and singular values of a matrix are not computed here")
            return self._refusal(scene, gold, answer, decision).noting(*scene.notes)
        if decision.equal:
            apart = looked_at_again(scene, gold, answer, self.deadline, transposed=q.transposed)
            if apart is not None:
                return (self._refusal(scene, gold, answer, apart) if apart.different else apart).noting(*scene.notes)
        if decision.equal and (has_edges(gold) or has_edges(answer)):
            decision = difference_on_an_edge(scene, gold, answer, self.deadline) or decision
        elif decision.equal and q.proofs:
            decision = self._agreement(scene, gold, answer, decision)
        return decision.noting(*scene.notes)

    def _refusal(self, scene: Scene, gold: Expr, answer: Expr, found: Decision) -> Decision:
        """The verdict now; the witness when somebody looks."""
        seconds = self.question.limits.decide_seconds
        return Decision(
            found.verdict, lambda: with_witness(scene, gold, answer, found, Deadline.once_asked(seconds)), found.notes
        )

    def _agreement(self, scene: Scene, gold: Expr, answer: Expr, tested: Decision) -> Decision:
        """The verdict now; the proof when somebody looks."""
        return Decision(tested.verdict, lambda: self._proved(scene, gold, answer, tested), tested.notes)

    def _tolerated(self, scene: Scene, gold: Expr, answer: Expr) -> Decision | None:
        tolerance = self.question.tolerance
        if tolerance is None:
            return None
        return numbers.within(scene, gold, answer, tolerance.relative, tolerance.absolute)

    def _bare_scalar(self, expected: object, gold: Expr, answer: Expr, scene: Scene) -> Decision | None:
        """A number is no matrix, and no multiple of an identity a number, unless it is 0."""
        wide, one = (_has_identity(e) for e in (gold, answer))
        if not (scene.has_matrices or wide or one):
            return None
        assert isinstance(expected, list)
        for point, value in expected[:1]:
            algebra = point.evaluator.algebra
            value = algebra.plain(value)
            try:
                got = algebra.plain(point.evaluator.value(answer))
                kinds = [algebra.is_matrix(v) for v in (value, got)]
                ones = [
                    has and point.evaluator.is_multiple_of_one(e, v)
                    for has, e, v in ((wide, gold, value), (one, answer, got))
                ]
            except (Beyond, Undefined, ShapeMismatch, OverBudget):
                return None
            if kinds == [True, True] or algebra.is_zero(value) or (not kinds[1] and algebra.is_zero(got)):
                return None
            full = [kind or one for kind, one in zip(kinds, ones, strict=True)]
            if full == [True, False]:
                size = f"{value.nrows()}×{value.ncols()}" if kinds[0] else "a matrix"
                return different(Refuted(f"a scalar instead of {size}", kind="shape"))
            if full == [False, True]:
                return different(Refuted("a matrix instead of a scalar", kind="shape"))
        return None

    def proof(self, scene: Scene, gold: Expr, answer: Expr) -> Proved | None:
        """An exact argument, asked for only after the test: without it a cancelled inverse might not exist."""
        if scene.has_matrices:
            from llmgrade.checking.methods.matrix_form import prove_matrix

            steps = prove_matrix(scene, gold, answer, transposed=self.question.transposed)
            return None if steps is None else Proved("the difference rewrites to 0, for all sizes", steps)
        from llmgrade.checking.methods.normal_form import prove_scalar

        identity = prove_scalar(scene, gold, answer)
        return None if identity is None else Proved("both sides have the same normal form", identity.text())

    def _proved(self, scene: Scene, gold: Expr, answer: Expr, tested: Decision) -> Decision:
        proof = self.proof(scene, gold, answer)
        if proof is None:
            return tested
        assert isinstance(tested.evidence, Tested)
        return equal(proof, *tested.notes)


def _has_identity(expr: Expr) -> bool:
    return Identity in kinds_of(expr)


def _long_decimal(expr: Expr) -> bool:
    return any(isinstance(n, Num) and n.decimals is not None and n.decimals >= 10 for n in walk(expr))


def _has_dots(many: Many) -> bool:
    return any(isinstance(i, Value) and i.expr == Const("dots") for i in many.items)


def _hopeless(expr: Expr) -> bool:
    """Whether an expression has no value to agree with, so that agreeing letter by letter means nothing."""
    return isinstance(expr, Const) and expr.name in ("nan", "unsaid")


def _inside_function(expr: Expr) -> bool:
    from llmgrade.expr.nodes import Quantity

    return any(isinstance(node, Call) and any(isinstance(n, Quantity) for n in walk(node)) for node in walk(expr))


def _is_equation(expr: Expr) -> bool:
    return isinstance(expr, Relation) and expr.ops == ("=",)


_SPECTRAL = frozenset(
    {f"{name}_{which}" for name in ("lambda", "sigma", "mu", "s") for which in ("max", "min", "i", "1", "n")}
    | {"kappa", "rho"}
)
"""What eigenvalues, singular values, condition numbers and spectral radii are called."""


def speaks_of_eigenvalues(table: SymbolTable, *expressions: Expr) -> bool:
    """Whether an undeclared ``λ_max``, ``σ_min``, ``ρ`` or ``κ`` is written: beside matrices most likely a function of one."""
    return any(
        isinstance(n, Sym) and n.name in _SPECTRAL and table.get(n.name) is None for e in expressions for n in walk(e)
    )


_COMPARED = frozenset({"<", "<=", ">", ">=", "=", "!="})


def _odd_relations(expr: Expr) -> tuple[str, ...]:
    found = [op for node in walk(expr) if isinstance(node, Relation) for op in node.ops if op not in _COMPARED]
    if any(node == Const("unsaid") for node in walk(expr)):
        found.append("unsaid")
    return tuple(found)


def _names_of(answer: Answer) -> set[str]:
    return free_names(answer.expr) if isinstance(answer, Value) else set()


def _sym(expr: Expr) -> str | None:
    return expr.name if isinstance(expr, Sym) else None


def _same_letter(a: str, b: str) -> bool:
    """``w`` and ``w_ridge``, ``w^*``, ``hat w``: one quantity under a decoration."""

    def bare(name: str) -> str:
        for mark in ("hat ", "bar ", "tilde ", "vec "):
            name = name.removeprefix(mark)
        return name.rstrip("*'").partition("_")[0]

    return bare(a) == bare(b)


def _only_a_label(name: Expr, named: Named) -> bool:
    """The name stands for nothing else in the equation."""
    value = named.items[0][1]
    return not (free_names(name) & (free_names(value.expr) if isinstance(value, Value) else set())) or isinstance(
        name, Call
    )


def _text(expr: Expr) -> str:
    if isinstance(expr, Sym | Const):
        return expr.name
    if isinstance(expr, Num):
        return f"entry {expr.value}"
    if isinstance(expr, Call):
        return f"{expr.function}(…)"
    try:
        from llmgrade.expr.show import plain

        return plain(expr)
    except (ImportError, ExpressionError, TypeError, ValueError):
        return "a name"


def _answer_text(answer: Answer) -> str:
    match answer:
        case Value(expr) | Statement(expr) | Region(expr):
            return _text(expr)
        case Words(text):
            return text
        case Many(_, _, whole) | Named(_, whole):
            return _text(whole)


def _words(gold: str, answer: str) -> Decision:
    if _plain_word(gold) == _plain_word(answer):
        return equal(Proved("the same word"))
    return different(Refuted(f"“{answer}” instead of “{gold}”", kind="form", got=answer, expected=gold))


_SYNONYMS = {"yes": "true", "no": "false", "correct": "true", "dne": "none", "does not exist": "none", "no solution": "none",
             "undefined": "none", "t": "true", "f": "false"}  # fmt: skip


def _plain_word(text: str) -> str:
    word = " ".join(text.lower().split()).strip(" .")
    return word if len(text) == 1 else _SYNONYMS.get(word, word)


def _word_and_value(word: str, value: Expr) -> Decision:
    spelled = _spelled(value)
    if spelled is not None and _plain_word(spelled) == _plain_word(word):
        return equal(Proved("the same word"))
    return different(Refuted("a word and a value", kind="form", got=spelled, expected=word))


def _spelled(expr: Expr) -> str | None:
    """Letters side by side, as the word they spell."""
    from llmgrade.expr.nodes import Mul

    match expr:
        case Sym(name) | Const(name):
            return name
        case Word(text):
            return text
        case Mul(factors):
            letters = [_spelled(f) for f in factors]
            return "".join(x for x in letters if x) if all(letters) else None
    return None


def _together(found: list[Decision]) -> Decision:
    """Several agreements as one: proved when all are, otherwise the weakest."""
    notes = tuple(dict.fromkeys(n for d in found for n in d.notes))
    weakest: Proved | Tested | None = None
    for decision in found:
        evidence = decision.evidence
        if isinstance(evidence, Tested):
            if (
                not isinstance(weakest, Tested)
                or (evidence.bound is None)
                or (weakest.bound is not None and evidence.bound > weakest.bound)
            ):
                weakest = evidence
        elif weakest is None and isinstance(evidence, Proved):
            weakest = evidence
    if weakest is None:
        return equal(Proved("nothing was asked for, nothing was given"), *notes)
    if isinstance(weakest, Proved) and len(found) > 1:
        texts = [d.evidence.certificate for d in found if isinstance(d.evidence, Proved) and d.evidence.certificate]
        weakest = Proved("each of the parts is proved", "\n----\n".join(texts) or None)
    return equal(weakest, *notes)


def _why_not(gold: Expr, answer: Expr) -> str:
    for whose, expr in (("expected answer", gold), ("answer", answer)):
        for node in walk(expr):
            if type(node).__name__ in ("Integral", "Limit", "Derivative", "BigOp", "Quantity", "Percent"):
                return f"the {whose} holds a {type(node).__name__.lower()} that could not be evaluated"
    return "the two cannot be evaluated in any number system here"


_SPECIAL: tuple[Callable[[Ladder, Expr, Expr], Decision | None], ...] = ()


def _ratio(ladder: Ladder, gold: Expr, answer: Expr) -> Decision | None:
    """``1 : 2 : 3`` is ``2 : 4 : 6``."""
    gold, answer = _as_clock(gold, answer), _as_clock(answer, gold)
    if isinstance(gold, Call) and isinstance(answer, Call) and gold.function == answer.function == "clock":
        return ladder._evaluate(gold, answer)
    one, other = _ratio_parts(gold), _ratio_parts(answer)
    if len(one) == 1 and len(other) == 1:
        return None
    if len(one) != len(other):
        if len(one) == 2 and len(other) == 1:
            return None
        if len(one) == 1 and len(other) == 2:
            return None
        return different(Refuted("ratios of different length", kind="form"))
    from llmgrade.expr.nodes import Mul

    found = []
    if Num(0) in one or Num(0) in other:  # a clock, a score: nothing to scale
        for a, b in zip(one, other, strict=True):
            step = ladder._evaluate(a, b)
            if not step.equal:
                return step
            found.append(step)
        return _together(found)
    for a, b in zip(one[1:], other[1:], strict=True):
        decision = ladder._evaluate(Mul((one[0], b)), Mul((a, other[0])))
        if not decision.equal:
            return decision
        found.append(decision)
    return _together(found)


def _as_clock(expr: Expr, beside: Expr) -> Expr:
    """``20:34`` beside a time of day is one too."""
    if isinstance(beside, Call) and beside.function == "clock" and isinstance(expr, Infix) and expr.op == "ratio":
        return Call("clock", tuple(_ratio_parts(expr)))
    return expr


def _ratio_parts(expr: Expr) -> list[Expr]:
    if isinstance(expr, Infix) and expr.op == "ratio":
        return [*_ratio_parts(expr.left), *_ratio_parts(expr.right)]
    return [expr]


def _undetermined(ladder: Ladder, gold: Expr, answer: Expr) -> Decision | None:
    return antiderivatives.compare(gold, answer, ladder.table, lambda a, b: ladder._evaluate(a, b), ladder._scene)


def _unbounded(ladder: Ladder, gold: Expr, answer: Expr) -> Decision | None:
    """∞ and −∞ are answers, not numbers."""

    def infinite(expr: Expr) -> int:
        if isinstance(expr, Neg):
            return -infinite(expr.arg)
        return int(expr == Const("oo"))

    if infinite(gold) or infinite(answer):
        if infinite(gold) == infinite(answer):
            return equal(Proved("both are infinite, with the same sign"))
        if infinite(gold) and infinite(answer):
            return different(Refuted("the other infinity", kind="value"))
        return (
            None
            if _may_diverge(gold if infinite(answer) else answer)
            else different(Refuted("a finite value and an infinite one", kind="value"))
        )
    return None


def _may_diverge(expr: Expr) -> bool:
    return any(type(node).__name__ in ("Limit", "Integral", "BigOp") for node in walk(expr))


_SPECIAL = (_unbounded, _ratio, _undetermined)
