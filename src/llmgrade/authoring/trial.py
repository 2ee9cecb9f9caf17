"""``rubric test``: what a rubric can prove of itself.

Its own tests run; answers are re-derived from their definitions; every answer is mutated, and a wrong mutant that is accepted
survives; every answer is rewritten in ways that keep its meaning, and a rewrite that is not accepted is a fault. What comes
out is a certificate that holds for this content and this grader.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from llmgrade.authoring.derive import Derived, derive
from llmgrade.authoring.labels import WEAKENED, Label, Labels, affine_labels, labels_of
from llmgrade.authoring.mutants import Mutant, directions, mutants
from llmgrade.authoring.outcomes import outcome_of
from llmgrade.authoring.rewrites import rewrites
from llmgrade.authoring.spoken import sayings
from llmgrade.checking.bench import Bench, bench_of
from llmgrade.checking.equivalence import decide
from llmgrade.checking.model import JudgedAttempt
from llmgrade.checking.verdict import Verdict
from llmgrade.errors import ExpressionError
from llmgrade.expr.infer import Misfit, shape
from llmgrade.expr.names import canonical_name
from llmgrade.expr.nodes import Expr
from llmgrade.expr.show.plain import plain
from llmgrade.grading import judge_answer
from llmgrade.limits import Limits
from llmgrade.rubric.model import Cases, Direction, Expected, Expression, Item, Objective, Part, Rubric

__all__ = ["WEAKENED", "Failure", "ItemTrial", "PartTrial", "Trial", "mutant_outcomes", "try_rubric"]

MOST = 60
"""Mutants tried of one answer; further ones repeat the operators."""
_MATHS = frozenset({"expression", "equation", "condition", "set", "limit", "number"})
_CONVENTION = "a number beside a square matrix is read as that multiple of the identity"


@dataclass(frozen=True, slots=True)
class Failure:
    """A test of the file that came out otherwise."""

    outcome: str
    answer: str
    got: str


@dataclass(slots=True)
class ItemTrial:
    """One expected item."""

    id: str
    kind: str
    derived: Derived
    killed: int = 0
    equivalent: int = 0
    survivors: list[tuple[str, str]] = field(default_factory=list)
    """(operator, mutant) of wrong answers that would be accepted."""
    waived: list[tuple[str, str]] = field(default_factory=list)
    """(mutant, the reason in writing)."""
    refused: list[str] = field(default_factory=list)
    """Mutants that mean the same and were not accepted."""
    hidden: dict[str, list[str]] = field(default_factory=dict)
    """Wrong mutants that a weakened sampler could not tell from the answer."""
    operators: dict[str, int] = field(default_factory=dict)
    """Wrong mutants by operator."""
    on_pitfalls: dict[str, int] = field(default_factory=dict)
    ill_shaped: int = 0
    """Of the killed, those whose sizes do not fit."""
    unlabelled: int = 0
    """Mutants the numeric road has no value for: told from the answer, or not, by the comparison alone."""
    rewritten: int = 0
    not_accepted: list[str] = field(default_factory=list)
    undecided: int = 0

    @property
    def mutation_score(self) -> float:
        """Share of wrong mutants that are told from the answer; 1.0 where there are none."""
        wrong = self.killed + len(self.survivors)
        return self.killed / wrong if wrong else 1.0


@dataclass(slots=True)
class PartTrial:
    """One part."""

    id: str
    tests: int = 0
    failures: list[Failure] = field(default_factory=list)
    uncovered: list[str] = field(default_factory=list)
    """Outcomes no test names."""
    waived: list[tuple[str, str]] = field(default_factory=list)
    """(outcome without a test, the author's reason)."""
    undecided: int = 0
    items: list[ItemTrial] = field(default_factory=list)


@dataclass(slots=True)
class Trial:
    """A whole rubric."""

    rubric: str
    version: str
    parts: list[PartTrial] = field(default_factory=list)

    @property
    def items(self) -> Iterator[ItemTrial]:
        """All items of all parts."""
        return (item for part in self.parts for item in part.items)

    @property
    def faults(self) -> list[str]:
        """What keeps it from a certificate, in words; empty where nothing does."""
        return list(self._faults())

    @property
    def passed(self) -> bool:
        """Whether a certificate can be given."""
        return not self.faults

    def _faults(self) -> Iterator[str]:
        for part in self.parts:
            for failure in part.failures:
                yield f"{part.id}: “{failure.answer}” should be `{failure.outcome}` and is `{failure.got}`"
            for name in part.uncovered:
                yield f"{part.id}: no test names the outcome `{name}`"
            for item in part.items:
                where = f"{part.id}.{item.id}"
                if item.derived.outcome == "contradicted":
                    yield f"{where}: its definition gives something else ({item.derived.how})"
                for operator, shown in item.survivors:
                    yield f"{where}: the wrong answer “{shown}” ({operator}) would be accepted"
                for shown in item.refused:
                    yield f"{where}: “{shown}” means the same and is not accepted"
                if item.undecided:
                    yield f"{where}: {item.undecided} comparisons came to no decision"
                if len(item.not_accepted) > 0.01 * item.rewritten:
                    yield f"{where}: {len(item.not_accepted)} of {item.rewritten} rewrites are not accepted"


def try_rubric(rubric: Rubric, limits: Limits | None = None, *, most: int = MOST) -> Trial:
    """Try everything a rubric claims; ``most`` mutants of an answer at most."""
    limits = limits or Limits()
    trial = Trial(rubric.id, rubric.version)
    for part in rubric.parts:
        bench = bench_of(rubric, part, {}, limits, "trial")
        found = PartTrial(part.id)
        _tests(rubric, part, found, limits)
        derived_once = False
        for item in part.expect:
            how = item.derive or (None if derived_once else part.derive)
            derived_once = derived_once or how is part.derive
            trialled = ItemTrial(item.id, item.kind, derive(bench, item, how))
            _item(bench, item, trialled, most)
            found.items.append(trialled)
        trial.parts.append(found)
    return trial


# ------------------------------------------------------------------------------------------------- tests of the file


def _tests(rubric: Rubric, part: Part, found: PartTrial, limits: Limits) -> None:
    for outcome, answers in part.tests.items():
        for answer in answers:
            found.tests += 1
            got = outcome_of(judge_answer(rubric, part.id, answer, limits=limits, seed="trial")[1])
            if outcome not in got:
                found.failures.append(Failure(outcome, answer, "/".join(sorted(got))))
    wanted = ["correct", *(p.id for p in rubric.pitfalls_of(part) if not p.side)]
    for name in dict.fromkeys(wanted):
        if not part.tests.get(name):
            if name in part.waive:
                found.waived.append((name, part.waive[name]))
            else:
                found.uncovered.append(name)


# ------------------------------------------------------------------------------------------------- mutants, rewrites


def _item(bench: Bench, item: Expected, found: ItemTrial, most: int) -> None:
    _said(bench, item, found)
    if isinstance(item, Direction):
        for way in directions(item.answer):  # another word is another answer; whether it is right was simulated
            found.killed += 1
            found.operators["direction"] = found.operators.get("direction", 0) + 1
            for pitfall in bench.rubric.pitfalls_of(bench.part):
                if way in pitfall.when and (not pitfall.item or item.id in pitfall.item):
                    found.on_pitfalls[pitfall.id] = found.on_pitfalls.get(pitfall.id, 0) + 1
                    break
    elif isinstance(item, Cases):
        for branch in item.answer:
            _answer(bench, item, branch.then, branch.also, found, most // len(item.answer), (branch.when,))
    else:
        answer = getattr(item, "answer", None)
        if isinstance(answer, str) and (item.kind in _MATHS or isinstance(item, Objective)):
            _answer(bench, item, answer, getattr(item, "also", ()), found, most)


def _said(bench: Bench, item: Expected, found: ItemTrial) -> None:
    """Answers in words: each wrong one must not be accepted, each right one should be."""
    for saying in sayings(bench, item):
        judged = judge_answer(bench.rubric, bench.part.id, saying.text, limits=bench.limits, seed="trial")[1]
        accepted = _verdict_of(item, bench.part, judged) is Verdict.CORRECT
        if saying.right:
            found.rewritten += 1
            if not accepted:
                found.not_accepted.append(saying.text)
            continue
        reason = bench.part.waive.get(saying.text) or bench.part.waive.get(saying.operator)
        if not accepted:
            found.killed += 1
            found.operators[saying.operator] = found.operators.get(saying.operator, 0) + 1
            for name in judged.pitfalls[:1] if judged is not None else ():
                found.on_pitfalls[name] = found.on_pitfalls.get(name, 0) + 1
        elif reason is not None:
            found.waived.append((saying.text, reason))
        else:
            found.survivors.append((saying.operator, saying.text))


def _verdict_of(item: Expected, part: Part, judged: JudgedAttempt | None) -> Verdict:
    """What was said of one item of a part."""
    if judged is None:
        return Verdict.UNANSWERED
    if len(part.expect) == 1:
        return judged.verdict
    told = [claim.verdict for claim in judged.claims if claim.item == item.id and claim.decisive]
    return told[-1] if told else Verdict.UNANSWERED


def _answer(
    bench: Bench,
    item: Item,
    answer: str,
    also: tuple[str, ...],
    found: ItemTrial,
    most: int,
    given: tuple[str, ...] = (),
) -> None:
    gold = bench.gold(answer)
    right = [gold, *bench.golds(also)]
    labels = (
        affine_labels(bench, right, canonical_name(item.wrt))
        if isinstance(item, Objective)
        else labels_of(bench, right, given)
    )
    compare = _Comparison(bench, item)
    for mutant in _spread(mutants(gold, bench.table), most):
        _mutant(bench, item, right, mutant, labels, compare, found)
    if isinstance(item, Objective):
        return
    for text in rewrites(gold, bench.table, 104 if not given else 52):
        found.rewritten += 1
        if not compare.accepted(gold, text):
            found.not_accepted.append(text)


def _spread(every: tuple[Mutant, ...], most: int) -> list[Mutant]:
    """At most so many, all operators having their turn."""
    if len(every) <= most:
        return list(every)
    by: dict[str, list[Mutant]] = {}
    for mutant in every:
        by.setdefault(mutant.operator, []).append(mutant)
    chosen: list[Mutant] = []
    while len(chosen) < most and any(by.values()):
        for waiting in by.values():
            if waiting and len(chosen) < most:
                chosen.append(waiting.pop(0))
    return chosen


class _Comparison:
    """Comparisons of a part without proofs: what agrees is tested, what differs needs no witness."""

    def __init__(self, bench: Bench, item: Item) -> None:
        self.bench, self.item = bench, item
        self.table = bench.table
        self._told: dict[tuple[Expr, Expr], Verdict] = {}
        if isinstance(item, Cases):  # what a branch defines anew is a free name to its value
            names = {name for branch in item.answer for name in branch.define}
            self.table = bench.table.extended({name: {"type": "scalar"} for name in names})

    def verdict(self, gold: Expr, answer: Expr) -> Verdict:
        """As the part's kind compares; what was compared once is remembered, for many spellings are one expression."""
        key = (gold, answer)
        if key not in self._told:
            self._told[key] = self._compared(gold, answer)
        return self._told[key]

    def _compared(self, gold: Expr, answer: Expr) -> Verdict:
        bench = self.bench
        if gold == answer:
            return Verdict.CORRECT
        if isinstance(self.item, Objective):
            from llmgrade.checking.kinds.objective import affine

            return affine(bench, gold, answer, canonical_name(self.item.wrt), proofs=False)[0]
        if isinstance(self.item, Expression) and self.item.plus_constant is not None:
            from llmgrade.checking.kinds.expression import up_to_constant

            return up_to_constant(self.item, bench, gold, answer).verdict
        if self.table is bench.table and bench.prints.differ(gold, answer):
            return Verdict.INCORRECT
        try:
            return decide(
                gold, answer, self.table, bench.limits, seed=bench.seed, strata=bench.strata, proofs=False
            ).verdict
        except ExpressionError:
            return Verdict.UNDECIDED

    def ill_shaped(self, expr: Expr) -> bool:
        """Whether its sizes do not fit, so that no comparison is needed."""
        try:
            shape(expr, self.bench.table)
        except Misfit:
            return True
        return False

    def accepted(self, gold: Expr, text: str) -> bool:
        """Whether a text is read and found equal: at the part's secret points, by the whole ladder where they say nothing."""
        try:
            answer = self.bench.gold(text)
            if self.table is self.bench.table:
                wanted = self.bench.prints.key(gold)
                if wanted is not None and wanted == self.bench.prints.key(answer):
                    return True
            return self.verdict(gold, answer) is Verdict.CORRECT
        except ExpressionError:
            return False


def _mutant(
    bench: Bench,
    item: Item,
    right: list[Expr],
    mutant: Mutant,
    labels: Labels,
    compare: _Comparison,
    found: ItemTrial,
) -> None:
    shown = plain(mutant.expr)
    label = labels.label(mutant.expr, mutant.operator)
    if label is Label.WRONG and compare.ill_shaped(mutant.expr) and not _lenient(labels, mutant):
        found.ill_shaped += 1
        found.killed += 1
        found.operators[mutant.operator] = found.operators.get(mutant.operator, 0) + 1
        _hidden(labels, mutant, shown, found)
        return
    verdict = compare.verdict(right[0], mutant.expr)
    if verdict is Verdict.INCORRECT and label is not Label.WRONG:
        for gold in right[1:]:
            verdict = compare.verdict(gold, mutant.expr)
            if verdict is Verdict.CORRECT:
                break
    equal = verdict is Verdict.CORRECT
    if label is Label.UNKNOWN:
        found.unlabelled += 1
        label = Label.SAME if equal else Label.WRONG
    elif verdict is Verdict.UNDECIDED:
        found.undecided += 1
        return
    if label is Label.SAME:
        found.equivalent += 1
        if not equal and verdict is not Verdict.PARTIAL:
            found.refused.append(shown)
        return
    reason = bench.part.waive.get(shown) or bench.part.waive.get(mutant.operator)
    if equal and reason is None and _lenient(labels, mutant):
        reason = _CONVENTION
    _hidden(labels, mutant, shown, found)
    if equal:
        if reason is not None:
            found.waived.append((shown, reason))
        else:
            found.survivors.append((mutant.operator, shown))
        return
    found.killed += 1
    found.operators[mutant.operator] = found.operators.get(mutant.operator, 0) + 1
    landed = _pitfall(bench, item, mutant.expr, labels)
    if landed is not None:
        found.on_pitfalls[landed] = found.on_pitfalls.get(landed, 0) + 1


def _lenient(labels: Labels, mutant: Mutant) -> bool:
    """Whether it is the answer to a grader who reads a number beside a matrix as that multiple of I."""
    return labels.label(mutant.expr, mutant.operator, lenient=True) is Label.SAME


def _hidden(labels: Labels, mutant: Mutant, shown: str, found: ItemTrial) -> None:
    for weak in WEAKENED:
        if labels.hidden(mutant.expr, weak):
            found.hidden.setdefault(weak, []).append(shown)


def _pitfall(bench: Bench, item: Item, wrong: Expr, labels: Labels) -> str | None:
    """The pitfall a wrong answer has the value of; by numpy, which is what the pitfalls of a rubric are tried with."""
    for pitfall in bench.rubric.pitfalls_of(bench.part):
        if pitfall.item and item.id not in pitfall.item:
            continue
        texts = [text for text in pitfall.when if isinstance(text, str)]
        if any(labels.alike(gold, wrong) for gold in bench.golds(texts)):
            return pitfall.id
    return None


def mutant_outcomes(
    rubric: Rubric, part: Part, limits: Limits | None = None, most: int = MOST
) -> Iterator[tuple[str, str, str, str]]:
    """(item, operator, mutant, outcome) of every mutant of a part; the outcome is a pitfall's id, ``wrong``,
    ``survives`` or ``equivalent``."""
    bench = bench_of(rubric, part, {}, limits or Limits(), "trial")
    for item in part.expect:
        answer = getattr(item, "answer", None)
        for saying in sayings(bench, item):
            if not saying.right:
                judged = judge_answer(rubric, part.id, saying.text, limits=bench.limits, seed="trial")[1]
                accepted = _verdict_of(item, part, judged) is Verdict.CORRECT
                named = judged.pitfalls[0] if judged is not None and judged.pitfalls else "wrong"
                yield item.id, saying.operator, saying.text, "survives" if accepted else named
        if isinstance(item, Direction):
            for way in directions(item.answer):
                landed = next((p.id for p in rubric.pitfalls_of(part) if way in p.when), None)
                yield item.id, "direction", way, landed or "wrong"
        elif isinstance(answer, str) and item.kind in _MATHS:
            gold = bench.gold(answer)
            right = [gold, *bench.golds(getattr(item, "also", ()))]
            labels, compare = labels_of(bench, right), _Comparison(bench, item)
            for mutant in _spread(mutants(gold, bench.table), most):
                label = labels.label(mutant.expr, mutant.operator)
                equal = compare.verdict(gold, mutant.expr) is Verdict.CORRECT
                outcome = "equivalent" if label is Label.SAME else "survives" if equal else None
                if outcome == "survives" and labels.label(mutant.expr, mutant.operator, lenient=True) is Label.SAME:
                    outcome = "equivalent"
                outcome = outcome or _pitfall(bench, item, mutant.expr, labels) or "wrong"
                yield item.id, mutant.operator, plain(mutant.expr), outcome


def operators(trial: Trial) -> Counter[str]:
    """Wrong mutants by operator, all items together."""
    found: Counter[str] = Counter()
    for item in trial.items:
        found.update(item.operators)
    return found
