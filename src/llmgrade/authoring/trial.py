"""``rubric test``: what a rubric can prove of itself.

Its own tests run; answers are re-derived from their definitions; every answer is mutated, and a wrong mutant that is accepted
survives; every answer is rewritten in ways that keep its meaning, and a rewrite that is not accepted is a fault. What comes
out is a certificate that holds for this content and this grader.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from llmgrade.authoring.derive import Derived, derive, points
from llmgrade.authoring.mutants import Mutant, directions, mutants
from llmgrade.authoring.numeric import Unknown, differ, value
from llmgrade.authoring.rewrites import rewrites
from llmgrade.checking.bench import Bench, bench_of
from llmgrade.checking.model import JudgedAttempt
from llmgrade.checking.verdict import Verdict
from llmgrade.errors import ExpressionError
from llmgrade.expr.nodes import Expr
from llmgrade.expr.show.plain import plain
from llmgrade.grading import judge_answer
from llmgrade.limits import Limits
from llmgrade.rubric.model import Direction, Item, Part, Rubric

__all__ = ["Failure", "ItemTrial", "PartTrial", "Trial", "WEAKENED", "outcome_of", "try_rubric"]

WEAKENED = ("symmetric", "ones", "unit")
"""Samplers weakened on purpose: square matrices symmetric, all sizes one, positive scalars one."""
_LOOKS = 8
"""Points at which a mutant may show that it is wrong."""


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
    """(mutant, the author's reason)."""
    refused: list[str] = field(default_factory=list)
    """Mutants that mean the same and were not accepted."""
    hidden: dict[str, list[str]] = field(default_factory=dict)
    """Wrong mutants that a weakened sampler could not tell from the answer."""
    on_pitfalls: dict[str, int] = field(default_factory=dict)
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
    def passed(self) -> bool:
        """Whether a certificate can be given."""
        return all(
            not part.failures
            and not part.uncovered
            and all(
                not i.survivors
                and not i.refused
                and i.derived.outcome != "contradicted"
                and not i.undecided
                and len(i.not_accepted) <= 0.01 * i.rewritten
                for i in part.items
            )
            for part in self.parts
        )

    def certificate(self, checker: str) -> dict[str, Any]:
        """What reports quote; it holds for this content and this grader."""
        items = list(self.items)
        return {
            "schema": "llmgrade.certificate/1",
            "rubric": self.rubric,
            "version": self.version,
            "checker": checker,
            "passed": self.passed,
            "tests": sum(part.tests for part in self.parts),
            "derived": sum(i.derived.outcome == "derived" for i in items),
            "underived": [i.id for i in items if i.derived.outcome == "underived"],
            "mutants": {
                "killed": sum(i.killed for i in items),
                "equivalent": sum(i.equivalent for i in items),
                "waived": sum(len(i.waived) for i in items),
                "survivors": sum(len(i.survivors) for i in items),
            },
            "rewrites": {
                "accepted": sum(i.rewritten - len(i.not_accepted) for i in items),
                "of": sum(i.rewritten for i in items),
            },
            "parts": [asdict(part) for part in self.parts],
        }


def try_rubric(rubric: Rubric, limits: Limits | None = None) -> Trial:
    """Try everything a rubric claims."""
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
            found.items.append(_item(bench, item, ItemTrial(item.id, _kind(item), derive(bench, item, how))))
        trial.parts.append(found)
    return trial


# ------------------------------------------------------------------------------------------------- tests of the file


def _tests(rubric: Rubric, part: Part, found: PartTrial, limits: Limits) -> None:
    for outcome, answers in part.tests.items():
        for answer in answers:
            found.tests += 1
            got = outcome_of(judge_answer(rubric, part.id, answer, limits=limits)[1])
            if outcome not in got:
                found.failures.append(Failure(outcome, answer, "/".join(sorted(got))))
    wanted = ["correct", *(p.id for p in rubric.pitfalls_of(part) if not p.side)]
    found.uncovered = [name for name in dict.fromkeys(wanted) if not part.tests.get(name)]


def outcome_of(judged: JudgedAttempt | None) -> set[str]:
    """The outcomes a test may name for what came out."""
    if judged is None:
        return {"unread", "reject"}
    found = set(judged.pitfalls)
    if judged.verdict is Verdict.CORRECT and not found:
        found.add("correct")
    elif judged.verdict in {Verdict.PARTIAL, Verdict.UNDECIDED}:
        found.add(judged.verdict.value)
    if judged.verdict in {Verdict.INCORRECT, Verdict.PARTIAL, Verdict.UNANSWERED}:
        found.add("reject")
    return found


# ------------------------------------------------------------------------------------------------- mutants, rewrites


def _item(bench: Bench, item: Item, found: ItemTrial) -> ItemTrial:
    answer = getattr(item, "answer", None)
    if isinstance(item, Direction):
        found.killed = len(directions(item.answer))  # another word is another answer
        return found
    if not isinstance(answer, str) or found.kind not in {
        "expression",
        "equation",
        "condition",
        "set",
        "limit",
        "number",
    }:
        return found
    gold = bench.gold(answer)
    right = [gold, *bench.golds(getattr(item, "also", ()))]
    for mutant in mutants(gold, bench.table):
        _mutant(bench, item, right, mutant, found)
    for text in rewrites(gold, bench.table):
        found.rewritten += 1
        if not _accepted(bench, gold, text):
            found.not_accepted.append(text)
    return found


def _kind(item: Item) -> str:
    return str(getattr(item, "kind", "item"))


def _mutant(bench: Bench, item: Item, right: list[Expr], mutant: Mutant, found: ItemTrial) -> None:
    shown = plain(mutant.expr)
    decision = bench.decide(right[0], mutant.expr)
    wrong = all(_wrong(bench, gold, mutant.expr) for gold in right)
    found.undecided += decision.undecided
    if not wrong:
        found.equivalent += 1
        if decision.different and not any(bench.decide(gold, mutant.expr).equal for gold in right):
            found.refused.append(shown)
        return
    if decision.equal:
        reason = bench.part.waive.get(shown) or bench.part.waive.get(mutant.operator)
        if reason is None and decision.notes:
            reason = decision.notes[0]  # a reading the grader makes on purpose and says so
        if reason is not None:
            found.waived.append((shown, reason))
        else:
            found.survivors.append((mutant.operator, shown))
        return
    found.killed += 1
    for weak in WEAKENED:
        if not _wrong(bench, right[0], mutant.expr, weak):
            found.hidden.setdefault(weak, []).append(shown)
    for pitfall in bench.rubric.pitfalls_of(bench.part):
        texts = [text for text in pitfall.when if isinstance(text, str)]
        if any(bench.decide(gold, mutant.expr).equal for gold in bench.golds(texts)):
            found.on_pitfalls[pitfall.id] = found.on_pitfalls.get(pitfall.id, 0) + 1
            break


def _wrong(bench: Bench, gold: Expr, mutant: Expr, weak: str = "") -> bool:
    """Whether numpy tells the mutant from the answer; a mutant without a value where the answer has one is wrong."""
    seen = 0
    for tried, at in enumerate(points(bench, weak=weak)):
        if seen >= _LOOKS or tried >= 6 * _LOOKS:
            break
        try:
            expected = value(gold, at)
        except Unknown:
            continue
        try:
            if differ(expected, value(mutant, at)):
                return True
        except Unknown:
            return True
        seen += 1
    return False


def _accepted(bench: Bench, gold: Expr, text: str) -> bool:
    try:
        return bench.decide(gold, bench.gold(text)).equal
    except ExpressionError:
        return False
