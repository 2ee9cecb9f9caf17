"""Errors carried forward: an answer that is right given what was wrongly answered in an earlier part.

A rubric's ``follow`` says how an answer is made of an earlier one (``2 ({b}) M``). Where the earlier answer was wrong and this
one is what follows from it, it earns the credit the rubric says. It earns none where the mistake made the part trivial: where
what follows is nothing at all, or one of the rubric's own guards (``unless``) holds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from llmgrade.attempts.stated import read_member, split_claims, split_members, unboxed
from llmgrade.checking.bench import Bench, bench_of
from llmgrade.checking.evidence import Evidence, Matched
from llmgrade.checking.ruling import Ruling
from llmgrade.checking.verdict import Verdict
from llmgrade.errors import ExpressionError
from llmgrade.expr.nodes import Expr, Num, Relation
from llmgrade.expr.show.plain import plain
from llmgrade.rubric.model import Follow, Item

__all__ = ["Followed", "followed", "put_in"]

Judge = Callable[[Item], Ruling]


@dataclass(frozen=True, slots=True)
class Followed:
    """A ruling that credits an answer for following from a wrong one."""

    ruling: Ruling
    origin: str
    """The part whose wrong answer it follows from."""
    told: str
    """For the person, in words."""


def followed(bench: Bench, item: Item, said_before: Mapping[str, str], judge: Judge) -> Followed | None:
    """Whether an item's wrong answer is right given an earlier wrong one; ``judge`` rules on the item with another answer."""
    for follow in bench.part.follow:
        if (follow.item or _first(bench)) != item.id or not isinstance(getattr(item, "answer", None), str):
            continue
        earlier = _earlier(bench, follow, said_before)
        if earlier is None or _is_trivial(bench, follow, earlier):
            continue
        text = put_in(follow.answer, follow.from_, plain(earlier))
        try:
            value = bench.gold(text)
        except ExpressionError:
            continue
        if _is_nothing(bench, value):
            continue
        ruling = judge(item.model_copy(update={"answer": text, "also": ()}))
        if ruling.verdict is not Verdict.CORRECT:
            continue
        told = follow.say or f"right given the answer to {follow.from_}, which was wrong"
        return Followed(_credited(ruling, item, follow, told), follow.from_, told)
    return None


def put_in(text: str, part: str, value: str) -> str:
    """A follow's mathematics with an earlier answer in its place.

    >>> put_in("2 {b} M", "b", "A x")
    '2 (A x) M'
    """
    return text.replace("{" + part + "}", f"({value})")


def _first(bench: Bench) -> str:
    """The item a follow is about where it does not say: the first that counts."""
    return next((one.id for one in bench.part.expect if not one.optional), bench.part.expect[0].id)


def _earlier(bench: Bench, follow: Follow, said_before: Mapping[str, str]) -> Expr | None:
    """What was answered in the earlier part, where it can be read and was wrong."""
    latex = said_before.get(follow.from_)
    if latex is None:
        return None
    theirs = bench_of(bench.rubric, bench.rubric.part(follow.from_), bench.renamed, bench.limits, bench.seed or "")
    claims = [text for text, _ in split_claims(unboxed(latex))]
    members = split_members(claims[-1])[0] if claims else ()
    if not members:
        return None
    value = read_member(members[-1], theirs.spell, theirs.table, theirs.limits).expr
    if value is None:
        return None
    for item in theirs.part.expect:
        answer = getattr(item, "answer", None)
        if isinstance(answer, str):
            for right in theirs.golds((answer, *getattr(item, "also", ()))):
                if not theirs.decide(right, value).different:
                    return None  # right, or nobody knows: nothing is carried forward
    return value


def _is_trivial(bench: Bench, follow: Follow, earlier: Expr) -> bool:
    """Whether a guard holds. One that can't be read or decided holds: no credit on a doubt."""
    if _is_nothing(bench, earlier):
        return True
    for guard in follow.unless:
        try:
            relation = bench.gold(put_in(guard, follow.from_, plain(earlier)))
        except ExpressionError:
            return True
        if not isinstance(relation, Relation) or len(relation.terms) != 2:
            return True
        decision = bench.decide(*relation.terms)
        op = relation.ops[0]
        if op in {"=", "!="}:
            if decision.undecided or decision.equal is (op == "="):
                return True
        else:
            return True
    return False


def _is_nothing(bench: Bench, value: Expr) -> bool:
    """Whether a value is zero: whatever is multiplied by it comes out right."""
    return value == Num(0) or bench.decide(value, Num(0)).equal


def _credited(ruling: Ruling, item: Item, follow: Follow, told: str) -> Ruling:
    """The ruling with the follow's credit: partial, and its claims say why."""
    evidence: Evidence = Matched(told)
    claims = [
        replace(claim, verdict=Verdict.PARTIAL, evidence=evidence, pitfalls=()) if claim.decisive else claim
        for claim in ruling.claims
    ]
    return Ruling(item, Verdict.PARTIAL, claims, credit=follow.credit, reason=told)
