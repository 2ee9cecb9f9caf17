"""The answer is a set of numbers: an interval, a union, a list in braces, or a statement of what is in it."""

from __future__ import annotations

from collections.abc import Iterator

from llmgrade.attempts.stated import Said
from llmgrade.checking.bench import Bench
from llmgrade.checking.evidence import Undecided
from llmgrade.checking.ruling import (
    Ruling,
    claim_of,
    in_words,
    name_keys,
    named_pitfall,
    names,
    settle,
    show,
    symbols_in,
)
from llmgrade.checking.section import Section
from llmgrade.checking.verdict import Verdict
from llmgrade.expr.nodes import Const, Expr, Interval, Num, Relation, Seq, Set, SetBuilder, SetOp, Sym
from llmgrade.rubric.model import SetOf

__all__ = ["judge"]

_COMPARES = frozenset({"<", ">", "<=", ">=", "!="})
_SETS = Interval | Set | SetBuilder | SetOp


def judge(item: SetOf, section: Section, bench: Bench) -> Ruling:
    """The set said last under the item's name or as the result, else the words for it."""
    ruling = Ruling(item)
    gold = bench.gold(item.answer)
    offers = list(_offers(item, section, bench))
    if not offers:
        return _from_words(ruling, item, section, bench)
    _, _, claim, value = max(offers, key=lambda offer: offer[:2])
    section.use(claim.statement)
    if value is None:
        ruling.verdict = Verdict.UNDECIDED
        evidence = Undecided(f"it cannot be read: {claim.value.why}")
        ruling.claims.append(claim_of(claim.statement, "set", ruling.verdict, evidence, item=item))
        return ruling
    decisions = [bench.decide(wanted, value) for wanted in (gold, *bench.golds(item.also))]
    decision = next((one for one in decisions if one.equal), decisions[0])
    verdict, evidence_ = settle(decision)
    if verdict is not Verdict.CORRECT:
        pitfall = named_pitfall(bench, item, gold, value)
        if pitfall is not None:
            verdict = Verdict(pitfall.verdict)
            ruling.pitfalls.append(pitfall)
            ruling.credit = pitfall.credit
    ruling.verdict = verdict
    ruling.claims.append(
        claim_of(
            claim.statement,
            "set",
            verdict,
            evidence_,
            reading=show(value, claim.value.text),
            item=item,
            pitfalls=[p.id for p in ruling.pitfalls],
        )
    )
    return ruling


def _offers(item: SetOf, section: Section, bench: Bench) -> Iterator[tuple[float, int, Said, Expr | None]]:
    """What may be meant as the set: how much speaks for it, its place, and its value (None: it cannot be read)."""
    known = name_keys(bench, item.of)
    for rank, claim in enumerate(section.claims):
        statement = claim.statement
        named = any(names(bench, member, known) for member in claim.left)
        weight = 4.0 * named + 3.0 * statement.boxed + 1.5 * statement.final + 0.25 * claim.last
        value = claim.value.expr
        if claim.ops and set(claim.ops) <= _COMPARES:
            members = [member.expr for member in claim.members]
            read = [expr for expr in members if expr is not None]
            if len(read) == len(members) and any(symbols_in(expr) for expr in read):
                yield 1.0 + weight, rank, claim, Relation(claim.ops, tuple(read))
        elif not claim.ops or set(claim.ops) <= {"=", "in", "->", "~"}:
            if value is None:
                if named:
                    yield weight, rank, claim, None
            elif isinstance(value, _SETS) or (isinstance(value, Const) and (named or "in" in claim.ops)):
                yield 2.0 + weight, rank, claim, value
            elif (
                isinstance(value, Seq)
                and value.brackets in {"()", "[]"}
                and len(value.items) == 2
                and (named or not claim.ops)
            ):
                low, high = value.items  # (0, 1) is a pair to who does not know that a set is asked for
                closed = value.brackets == "[]"
                yield 1.5 + weight, rank, claim, Interval(low, high, closed, closed)
            elif named and isinstance(value, Num | Sym):
                yield weight, rank, claim, value


def _from_words(ruling: Ruling, item: SetOf, section: Section, bench: Bench) -> Ruling:
    found = in_words(bench, item, section) if item.words or item.against else None
    if found is not None:
        verdict, statement, evidence, wording = found
        section.use(statement)
        ruling.verdict = verdict
        ruling.claims.append(claim_of(statement, "set", verdict, evidence, reading=wording, item=item))
    return ruling
