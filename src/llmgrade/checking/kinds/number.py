"""The answer is a number, within a tolerance and with its unit."""

from __future__ import annotations

import re

from llmgrade.checking.bench import Bench
from llmgrade.checking.equivalence import Tolerance, decide
from llmgrade.checking.evidence import Undecided
from llmgrade.checking.ruling import Ruling, claim_of, denied, name_keys, named_pitfall, names, settle, show
from llmgrade.checking.section import Section
from llmgrade.checking.verdict import Verdict
from llmgrade.expr.nodes import Expr, Num, Quantity, walk
from llmgrade.rubric.model import Number

__all__ = ["judge"]


def judge(item: Number, section: Section, bench: Bench) -> Ruling:
    """The number named by the item, else the last one introduced as the result."""
    ruling = Ruling(item)
    gold = bench.gold(f"{item.answer} \\text{{ {item.unit}}}" if item.unit else item.answer)
    known = name_keys(bench, item.of)
    best = None
    for rank, claim in enumerate(section.claims):
        if claim.ops and not set(claim.ops) <= {"=", "~"}:
            continue
        named = any(names(bench, member, known) for member in claim.left)
        numeric = claim.value.expr is not None and any(isinstance(n, Num | Quantity) for n in walk(claim.value.expr))
        if not (named or numeric):
            continue
        score = 3.0 * named + 2.0 * claim.statement.boxed + claim.statement.final
        if best is None or (score, rank) >= best[:2]:
            best = (score, rank, claim)
    if best is None:
        return _from_words(ruling, item, section, bench, gold)
    claim = best[2]
    section.use(claim.statement)
    if claim.value.expr is None:
        ruling.verdict = Verdict.UNDECIDED
        ruling.claims.append(
            claim_of(
                claim.statement, "number", ruling.verdict, Undecided(f"it cannot be read: {claim.value.why}"), item=item
            )
        )
        return ruling
    tolerance = Tolerance(item.relative, item.tolerance) if item.relative or item.tolerance else None
    decision = decide(gold, claim.value.expr, bench.table, bench.limits, seed=bench.seed, tolerance=tolerance)
    typed = (f"{item.answer} {item.unit}",) if item.unit else ()  # a unit typed without markup is read as letters
    for other in bench.golds((*item.also, *typed)):
        if not decision.equal:
            second = decide(other, claim.value.expr, bench.table, bench.limits, seed=bench.seed, tolerance=tolerance)
            decision = second if second.equal else decision
    ruling.verdict, evidence = settle(decision)
    if (
        ruling.verdict is Verdict.INCORRECT
        and (pitfall := named_pitfall(bench, item, gold, claim.value.expr)) is not None
    ):
        ruling.pitfalls.append(pitfall)
        ruling.credit = pitfall.credit
    ruling.claims.append(
        claim_of(
            claim.statement,
            "number",
            ruling.verdict,
            evidence,
            reading=show(claim.value.expr),
            item=item,
            group=bench.group(claim.value.expr),
            pitfalls=[p.id for p in ruling.pitfalls],
        )
    )
    return ruling


_BOUND = re.compile(
    r"\b(?:more|less|greater|smaller|higher|lower|larger|bigger|shorter|longer) than|\b(?:at least|at most|over|under|below|above|beyond|twice|half|double|minus|mehr als|weniger als|mindestens|hochstens|"
    r"mas de|menos de|plus de|moins de)\W*(?:the\W+)?$"
)
"""A bound on a number, or a multiple of it, is not the number."""
_UNIT_WORDS = {
    "m": "met(?:er|re)s?|metros?", "cm": "centimet(?:er|re)s?", "km": "kilomet(?:er|re)s?", "s": "sec(?:ond)?s?|sekunden?|segundos?|secondes?",
    "kg": "kilograms?|kilos?|kilogramm", "g": "grams?|gramm", "N": "newtons?", "J": "joules?", "W": "watts?", "h": "hours?|stunden?|horas?|heures?",
    "min": "minutes?|minuten?|minutos?",
}  # fmt: skip


def _from_words(ruling: Ruling, item: Number, section: Section, bench: Bench, gold: Expr) -> Ruling:
    """A number with its unit in a sentence ("it rises about 7.3 metres"), where no formula says one."""
    if not item.unit:
        return ruling
    unit = rf"(?:{re.escape(item.unit.casefold())}|{_UNIT_WORDS.get(item.unit, '(?!)')})"
    quantity = re.compile(rf"(?<![\w.,^/])(-?\d+(?:\.\d+)?)\s*{unit}(?![\w²³/^·*]| per\b| pro\b| por\b| par\b)")
    for statement, text in reversed(section.sentences):
        found = [
            match
            for match in quantity.finditer(text)
            if not denied(text, *match.span()) and not _BOUND.search(text[: match.start()])
        ]
        if len({match[1] for match in found}) != 1:
            if found:
                return ruling  # several: nobody can tell which is the answer
            continue
        value = bench.gold(f"{found[0][1]} \\text{{ {item.unit}}}")
        tolerance = Tolerance(item.relative, item.tolerance) if item.relative or item.tolerance else None
        decision = decide(gold, value, bench.table, bench.limits, seed=bench.seed, tolerance=tolerance)
        ruling.verdict, evidence = settle(decision)
        typed = bench.golds([f"{found[0][1]} {item.unit}"])
        named = [pitfall for one in (value, *typed) for pitfall in [named_pitfall(bench, item, gold, one)] if pitfall]
        if ruling.verdict is Verdict.INCORRECT and named:
            ruling.pitfalls.append(named[0])
            ruling.credit = named[0].credit
        section.use(statement)
        ruling.claims.append(
            claim_of(
                statement,
                "number",
                ruling.verdict,
                evidence,
                reading=found[0][0],
                item=item,
                pitfalls=[p.id for p in ruling.pitfalls],
            )
        )
        return ruling
    return ruling
