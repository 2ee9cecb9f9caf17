"""What something tends to, or behaves like, in a regime: as a formula, or in words."""

from __future__ import annotations

import re
from collections.abc import Sequence

from llmgrade.attempts.stated import Said
from llmgrade.checking.bench import Bench
from llmgrade.checking.equivalence import Decision
from llmgrade.checking.evidence import Evidence, Proved, Undecided
from llmgrade.checking.ruling import (
    Ruling,
    claim_of,
    in_words,
    is_shape_refusal,
    name_keys,
    named_pitfall,
    names,
    pitfalls_of,
    settle,
    show,
)
from llmgrade.checking.section import Section, in_own_letters
from llmgrade.checking.verdict import Verdict
from llmgrade.expr.nodes import Const, Expr, Mul, Neg, Num, Sym, Vector
from llmgrade.expr.nodes import Limit as LimitNode
from llmgrade.rubric.model import Limit
from llmgrade.rubric.phrases import find_phrase, find_regime

__all__ = ["judge"]


def judge(item: Limit, section: Section, bench: Bench) -> Ruling:
    """The formula in this regime decides; without one, the words do. Words that deny a right formula make it partial."""
    ruling = Ruling(item)
    chosen = _choose(item, section, bench)
    others = [
        phrase
        for other in bench.part.expect
        if isinstance(other, Limit) and other is not item
        for phrase in other.regime
    ]
    spoken = in_words(bench, item, section, regime=item.regime, others=others) if item.words or item.against else None
    if chosen is not None and spoken is not None and _is_mention(item, chosen, spoken[0], bench):
        chosen = None
    if chosen is None:
        if spoken is not None:
            verdict, statement, evidence, wording = spoken
            section.use(statement)
            ruling.verdict = verdict
            if verdict is Verdict.INCORRECT:
                ruling.pitfalls += [p for p in pitfalls_of(bench, item) if find_phrase(p.says, wording)][:1]
                if not ruling.pitfalls:
                    ruling.pitfalls += [p for p in pitfalls_of(bench, item) if p.says][:1]
                ruling.credit = ruling.pitfalls[0].credit if ruling.pitfalls else None
            ruling.claims.append(
                claim_of(
                    statement,
                    "fact",
                    verdict,
                    evidence,
                    reading=wording,
                    item=item,
                    pitfalls=[p.id for p in ruling.pitfalls],
                )
            )
        return ruling
    statement = chosen.statement
    section.use(statement)
    gold = bench.gold(item.answer)
    verdict, evidence_, value = _value(item, chosen, bench, gold)
    if verdict is not Verdict.CORRECT and value is not None:
        pitfall = named_pitfall(bench, item, gold, value)
        if pitfall is None and verdict is Verdict.INCORRECT and _is_zero(value):
            pitfall = next((p for p in pitfalls_of(bench, item) if "0" in p.when), None)
        if pitfall is not None:
            verdict = Verdict.INCORRECT
            ruling.pitfalls.append(pitfall)
            ruling.credit = pitfall.credit
    ruling.verdict = verdict
    ruling.claims.append(
        claim_of(
            statement,
            "limit",
            verdict,
            evidence_,
            reading=show(value, chosen.value.text),
            item=item,
            pitfalls=[p.id for p in ruling.pitfalls],
        )
    )
    return ruling


def _choose(item: Limit, section: Section, bench: Bench) -> Said | None:
    body = item.derive.limit if item.derive is not None and item.derive.limit is not None else None
    known = name_keys(bench, [*item.of, body] if body else item.of)
    best: tuple[float, int, Said] | None = None
    for rank, claim in enumerate(section.claims):
        if claim.value.expr is None and (not claim.statement.boxed or not claim.value.text.strip()):
            continue
        regime = _in_regime(item, claim, bench)
        if not regime:
            continue
        named = any(names(bench, member, known) for member in claim.left) or isinstance(
            claim.members[0].expr, LimitNode
        )
        if _is_regime_itself(claim):
            continue
        goes = bool(claim.ops) and claim.ops[-1] in {"->", "~"}
        if (
            claim.ops
            and not named
            and not goes
            and claim.left[0].expr is not None
            and (isinstance(claim.left[0].expr, Sym) or (body is not None and set(claim.ops) == {"="}))
        ):
            continue
        if not claim.ops and isinstance(claim.value.expr, Sym) and not claim.statement.final:
            continue
        if claim.ops and set(claim.ops) & {"<", ">", "<=", ">=", "in", "sim", "!="}:
            continue
        if not claim.ops and not _could_be(item, claim.value.expr, bench):
            continue
        score = 2.0 * named + 1.5 * goes + 2.0 * claim.statement.boxed + claim.statement.final + regime
        if best is None or (score, rank) >= best[:2]:
            best = (score, rank, claim)
    return best[2] if best else None


def _is_mention(item: Limit, claim: Said, spoken: Verdict, bench: Bench) -> bool:
    """A formula that stands in a sentence and is no value of the thing: ``at rate 1/λ``, the name of what moves."""
    value = claim.value.expr
    if claim.ops or claim.statement.boxed or claim.statement.label.title:
        return False
    if value is None or isinstance(value, Sym):
        return True
    if spoken is Verdict.CORRECT and _is_zero(bench.gold(item.answer)) and not _is_zero(value):
        return True  # how fast it vanishes: ``tends to 0 like Xᵀy/λ``
    body = _body(item, bench)
    return body is not None and not _is_zero(value) and is_shape_refusal(bench.decide(body, value))


def _body(item: Limit, bench: Bench) -> Expr | None:
    """What the limit is taken of, where the rubric says it."""
    how = item.derive or bench.part.derive
    return bench.gold(how.limit) if how is not None and how.limit is not None else None


def _could_be(item: Limit, value: Expr | None, bench: Bench) -> bool:
    """Whether a formula that stands alone is of the limit's kind, or a known mistake."""
    gold = bench.gold(item.answer)
    body = _body(item, bench) if _is_zero(gold) else None
    if value is None or _is_zero(value) or not is_shape_refusal(bench.decide(gold if body is None else body, value)):
        return True
    return named_pitfall(bench, item, gold, value) is not None


def _is_regime_itself(claim: Said) -> bool:
    """``λ → 0``, ``σ ≪ λ``: the regime, not the answer."""
    if claim.ops and claim.ops[0] in {"<<", ">>"}:
        return True
    first = claim.members[0].expr
    return (
        len(claim.members) == 2
        and claim.ops == ("->",)
        and isinstance(first, Sym)
        and first.name in {"lambda", "sigma"}
    )


def _in_regime(item: Limit, claim: Said, bench: Bench) -> float:
    """How surely a claim is about this regime; 0 where it is about another, or about none and there are several."""
    siblings = [other for other in bench.part.expect if isinstance(other, Limit) and other is not item]
    statement = claim.statement
    near = in_own_letters(" ".join(filter(None, (statement.condition, claim.words, statement.label.title))), bench)
    own = find_regime(item.regime, near) is not None
    others = any(find_regime(other.regime, near) is not None for other in siblings)
    if own and not others:
        return 1.0
    if others and not own:
        return 0.0
    if not siblings:
        return 0.5
    around = in_own_letters(statement.context, bench)
    own, others = find_regime(item.regime, around) is not None, any(find_regime(o.regime, around) for o in siblings)
    if own and not others:
        return 0.75
    if own and others:
        return 0.6 if _nearest(item, siblings, statement.context, claim.value.text) else 0.0
    return 0.0


def _nearest(item: Limit, siblings: Sequence[Limit], context: str, value: str) -> bool:
    """In a sentence with both regimes: the one named last before the value is meant, else the first after it."""
    at = context.find(value)
    if at < 0:
        return False
    for piece, backwards in ((context[:at], True), (context[at:], False)):
        places = [
            (place, one is item)
            for one in (item, *siblings)
            for phrase in one.regime
            for place in _places(phrase, piece)
        ]
        if places:
            return (max if backwards else min)(places)[1]
    return False


def _places(phrase: str, text: str) -> list[int]:
    """Where a regime is named, clause by clause, roughly: enough to tell which comes last."""
    found, at = [], 0
    for piece in re.split(r"(?<=[,;.])\s", text):
        if find_regime([phrase], piece):
            found.append(at)
        at += len(piece) + 1
    return found


def _value(item: Limit, claim: Said, bench: Bench, gold: Expr) -> tuple[Verdict, Evidence, Expr | None]:
    """Every value the chain gives after the thing itself must be right; the last decides."""
    golds = [gold, *bench.golds(item.also)]
    if claim.value.expr is None:
        return Verdict.UNDECIDED, Undecided(f"it cannot be read: {claim.value.why}"), None
    members = _tail(item, claim, bench)
    judged = [(*_one(bench, golds, value), value) for value in members]
    return next((one for one in judged if one[0] is not Verdict.CORRECT), judged[-1])


def _one(bench: Bench, golds: Sequence[Expr], value: Expr) -> tuple[Verdict, Evidence]:
    first: Decision | None = None
    for wanted in golds:
        if _is_zero(wanted) and _is_zero(value):
            return Verdict.CORRECT, Proved("both are zero")
        decision = bench.decide(wanted, value)
        if decision.equal:
            return Verdict.CORRECT, decision.evidence
        first = first or decision
    assert first is not None
    return settle(first)


def _tail(item: Limit, claim: Said, bench: Bench) -> list[Expr]:
    known = name_keys(bench, item.of)
    start = 0
    for rank, member in enumerate(claim.members[:-1]):
        if names(bench, member, known) or isinstance(member.expr, LimitNode):
            start = rank + 1
    for rank, op in enumerate(claim.ops):
        if op == "->":
            start = rank + 1
    if (
        start == 0
        and claim.ops
        and claim.ops[0] in {"~"}
        and len(claim.members) > 1
        and claim.statement.condition is None
    ):
        start = 1
    members = claim.members[start:] or claim.members[-1:]
    if len(members) > 1 and claim.ops[-1] == "=" and claim.ops[0] == "=":
        members = members[-1:]
    return [member.expr for member in members if member.expr is not None]


def _is_zero(expr: Expr) -> bool:
    match expr:
        case Num(0):
            return True
        case Neg(arg):
            return _is_zero(arg)
        case Vector(items):
            return all(_is_zero(i) for i in items)
        case Sym(name):
            return name in {"0", "zero"}
        case Mul(factors):
            return any(_is_zero(f) for f in factors)
        case Const("zero"):
            return True
        case _:
            return False
