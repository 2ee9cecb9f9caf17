"""The answer is a table of cases: every case stated must be right, and none may be left out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from weakref import WeakKeyDictionary

from llmgrade.attempts.stated import Said, read_member, split_claims, split_members, unboxed
from llmgrade.checking.bench import Bench
from llmgrade.checking.evidence import Evidence, Matched, Refuted, Tested, Undecided
from llmgrade.checking.points import CannotTell, Case, shown, truth
from llmgrade.checking.ruling import Ruling, claim_of, denied, name_keys, names, pitfalls_of, show
from llmgrade.checking.section import Section
from llmgrade.checking.verdict import Verdict
from llmgrade.claims.model import Statement
from llmgrade.expr.nodes import Expr, Num, Piecewise, Relation, Sym, walk
from llmgrade.expr.show.plain import plain
from llmgrade.rubric.model import Branch, Cases, Pitfall
from llmgrade.rubric.phrases import Wording, find_phrase, phrase_pattern, signs

__all__ = ["judge"]

_POINTS = 40


@dataclass(frozen=True)
class _Offer:
    """A value said to hold somewhere."""

    statement: Statement
    value: Expr | None
    why: str
    condition: str
    relations: tuple[Expr, ...]
    whole: bool
    """A value with its cases in it: a table or an indicator."""
    rank: float
    text: str


def judge(item: Cases, section: Section, bench: Bench) -> Ruling:
    """What is said for each branch, at points of that branch; a branch nobody speaks of is missing."""
    ruling = Ruling(item)
    offers = list(_offers(item, section, bench))
    readable = [offer for offer in offers if offer.value is not None]
    if not readable:
        if offers:
            section.use(offers[-1].statement)
            ruling.verdict = Verdict.UNDECIDED
            ruling.claims.append(
                claim_of(
                    offers[-1].statement,
                    "cases",
                    Verdict.UNDECIDED,
                    Undecided(f"it cannot be read: {offers[-1].why}"),
                    item=item,
                )
            )
        return ruling
    verdicts: list[Verdict] = []
    for branch in item.answer:
        verdict = _branch(ruling, item, branch, readable, section, bench)
        if not (branch.optional and verdict is Verdict.UNANSWERED):
            verdicts.append(verdict)
    if Verdict.UNANSWERED in verdicts and item.missing:
        missing = next((p for p in pitfalls_of(bench, item) if p.id == item.missing), None)
        if missing is not None:
            ruling.pitfalls.append(missing)
            ruling.credit = missing.credit
    ruling.verdict = Verdict.together(verdicts)
    ruling.reason = (
        "a case is missing" if Verdict.UNANSWERED in verdicts and ruling.verdict is not Verdict.INCORRECT else ""
    )
    return ruling


def _branch(
    ruling: Ruling, item: Cases, branch: Branch, offers: Sequence[_Offer], section: Section, bench: Bench
) -> Verdict:
    case, points = _case(item, branch, bench)
    gold = bench.gold(branch.then)
    for offer in sorted(offers, key=lambda o: -o.rank):
        covers = _covers(offer, branch, item, case, points)
        if not covers:
            continue
        section.use(offer.statement)
        if (
            not offer.whole
            and not offer.relations
            and not find_phrase(branch.words, offer.condition)
            and branch is not item.answer[0]
        ):
            # A bare value was meant for the first branch; for the others it counts only if nothing else is said.
            elsewhere = _silent_rest(section, item, branch, bench)
            if elsewhere is not None:
                return _said_in_words(ruling, item, branch, elsewhere)
            denied = _everywhere(section, bench, item)
            if denied is None:
                return Verdict.UNANSWERED
            ruling.pitfalls.append(denied)
            ruling.credit = denied.credit
            evidence: Evidence = Refuted(
                f"where {branch.when} the value is {branch.then}",
                shown(points[0]) if points else {},
                "value",
                offer.text,
                branch.then,
            )
            ruling.witness = evidence.witness if isinstance(evidence, Refuted) else {}
            ruling.claims.append(
                claim_of(
                    offer.statement,
                    "cases",
                    Verdict.INCORRECT,
                    evidence,
                    reading=f"{offer.text} everywhere",
                    item=item,
                    pitfalls=[denied.id],
                )
            )
            return Verdict.INCORRECT
        return _compare(ruling, item, branch, offer, case, points, gold, bench)
    elsewhere = _silent_rest(section, item, branch, bench)
    if elsewhere is not None:
        return _said_in_words(ruling, item, branch, elsewhere)
    return Verdict.UNANSWERED


_CASES: WeakKeyDictionary[Bench, dict[tuple[str, str], tuple[Case, tuple[dict[str, Fraction], ...]]]] = (
    WeakKeyDictionary()
)


def _case(item: Cases, branch: Branch, bench: Bench) -> tuple[Case, Sequence[dict[str, Fraction]]]:
    """A branch's case and its points, worked out once per bench."""
    known = _CASES.setdefault(bench, {})
    key = (item.id, branch.when)
    if key not in known:
        definitions = {name: bench.gold(text) for name, text in branch.define.items()}
        derived = {s.name: bench.gold(s.definition) for s in bench.table if s.definition}
        derived.update(definitions)
        case = Case(
            sorted(
                {
                    n.name
                    for text in (branch.then, branch.when, *(b.then for b in item.answer))
                    for n in walk(bench.gold(text))
                    if isinstance(n, Sym)
                }
                - set(derived)
                | {n.name for d in derived.values() for n in walk(d) if isinstance(n, Sym)} - set(derived)
            ),
            [bench.gold(branch.when)],
            derived,
        )
        known[key] = case, tuple(case.points(_POINTS))
    return known[key]


def _compare(
    ruling: Ruling,
    item: Cases,
    branch: Branch,
    offer: _Offer,
    case: Case,
    points: Sequence[dict[str, Fraction]],
    gold: Expr,
    bench: Bench,
) -> Verdict:
    assert offer.value is not None
    checked = 0
    for point in points:
        try:
            got, wanted = case.value(offer.value, point), case.value(gold, point)
        except CannotTell as reason:
            ruling.claims.append(
                claim_of(
                    offer.statement, "cases", Verdict.UNDECIDED, Undecided(f"where {branch.when}: {reason}"), item=item
                )
            )
            return Verdict.UNDECIDED
        checked += 1
        if got != wanted:
            evidence = Refuted(
                f"where {branch.when} it should be {branch.then}", shown(point), "value", str(got), str(wanted)
            )
            ruling.witness = ruling.witness or evidence.witness
            pitfall = _pitfall(bench, item, branch, offer.value, case, points) or (
                _missing(bench, item) if branch is not item.answer[0] else None
            )
            if pitfall is not None and pitfall not in ruling.pitfalls:
                ruling.pitfalls.append(pitfall)
                ruling.credit = pitfall.credit if ruling.credit is None else min(ruling.credit, pitfall.credit)
            ruling.claims.append(
                claim_of(
                    offer.statement,
                    "cases",
                    Verdict.INCORRECT,
                    evidence,
                    reading=show(offer.value, offer.text),
                    item=item,
                    pitfalls=[pitfall.id] if pitfall else [],
                )
            )
            return Verdict.INCORRECT
    if checked < 8:
        ruling.claims.append(
            claim_of(
                offer.statement,
                "cases",
                Verdict.UNDECIDED,
                Undecided("too few points of the case could be worked out"),
                item=item,
            )
        )
        return Verdict.UNDECIDED
    ruling.claims.append(
        claim_of(
            offer.statement,
            "cases",
            Verdict.CORRECT,
            Tested(checked, 2.0**-checked, f"equal to {branch.then} at {checked} exact points where {branch.when}"),
            reading=show(offer.value, offer.text),
            item=item,
        )
    )
    return Verdict.CORRECT


def _pitfall(
    bench: Bench, item: Cases, branch: Branch, value: Expr, case: Case, points: Sequence[dict[str, Fraction]]
) -> Pitfall | None:
    for pitfall in pitfalls_of(bench, item):
        for text in pitfall.when:
            if not isinstance(text, str):
                continue
            try:
                wrong = bench.gold(text)
                if points and all(case.value(wrong, p) == case.value(value, p) for p in points[:12]):
                    return pitfall
            except (CannotTell, ValueError):
                continue
    return None


def _missing(bench: Bench, item: Cases) -> Pitfall | None:
    return next((p for p in pitfalls_of(bench, item) if p.id == item.missing), None)


# ------------------------------------------------------------------------------------------------- what is said


def _offers(item: Cases, section: Section, bench: Bench) -> Iterator[_Offer]:
    known = name_keys(bench, item.of)
    several = {m.text.strip() for claim in section.claims for m in claim.left if names(bench, m, known)}
    for order, claim in enumerate(section.claims):
        if claim.ops and not set(claim.ops) <= {"=", "~"}:
            continue
        statement = claim.statement
        named = any(names(bench, member, known) for member in claim.left)
        if not named and claim.ops:
            continue
        if not named and several:
            continue
        value = claim.value
        if (
            not named
            and (value.expr is None or _is_mention(value.expr, claim))
            and not (statement.final or statement.boxed)
        ):
            continue
        whole = value.expr is not None and _has_cases(value.expr)
        condition = " ".join(filter(None, (claim.words, statement.condition or "", statement.label.title)))
        rank = order / 1000 + 3.0 * statement.boxed + 1.0 * statement.final + 1.5 * whole
        yield _Offer(
            statement,
            value.expr,
            value.why,
            condition,
            tuple(_relations(condition, bench)),
            whole,
            rank,
            value.text.strip(),
        )


def _is_mention(expr: Expr, claim: Said) -> bool:
    return isinstance(expr, Sym) and not claim.statement.final


def _has_cases(expr: Expr) -> bool:
    return any(isinstance(node, Piecewise | Relation) for node in walk(expr)) or any(
        type(node).__name__ == "Call"
        and getattr(node, "function", "") in {"indicator", "iverson", "heaviside", "step", "H", "Theta"}
        for node in walk(expr)
    )


_LATEX = re.compile(r"\$([^$]*)\$")


def _relations(condition: str, bench: Bench) -> Iterator[Expr]:
    for piece in _LATEX.findall(condition) or ([condition] if re.search(r"[<>≤≥=]|\\l|\\g", condition) else []):
        for text, _ in split_claims(
            unboxed(re.sub(r"^\s*(?:if|when|for|where|si|cuando|wenn)\b", "", piece, flags=re.IGNORECASE))
        ):
            members, ops = split_members(text)
            if not ops:
                continue
            read = [read_member(member, bench.spell, bench.table, bench.limits) for member in members]
            if all(member.expr is not None for member in read):
                yield Relation(tuple(ops), tuple(m.expr for m in read if m.expr is not None))


def _covers(offer: _Offer, branch: Branch, item: Cases, case: Case, points: Sequence[dict[str, Fraction]]) -> bool:
    """Whether what is offered speaks of this branch."""
    if offer.whole:
        return True
    if offer.relations:
        try:
            inside = [
                all(truth(relation, point, case.definitions) for relation in offer.relations) for point in points[:20]
            ]
        except CannotTell:
            return False
        return bool(inside) and all(inside)
    for other in item.answer:
        if other is not branch and find_phrase(other.words, offer.condition):
            return bool(find_phrase(branch.words, offer.condition))
    return True


def _silent_rest(section: Section, item: Cases, branch: Branch, bench: Bench) -> tuple[Statement, str] | None:
    """A sentence that says what happens in this branch: "zero if the unit is off"; of several branches named, the nearest.

    A branch is named by its words or by its condition as it stands; that a value is zero needs no words of the rubric's.
    """
    answers = branch.answers or (("@is-zero",) if bench.gold(branch.then) == Num(0) else ())
    if not answers:
        return None
    conditions: list[tuple[Branch, re.Pattern[str] | Wording]]
    conditions = [(other, re.compile(_standing(bench.gold(other.when)))) for other in item.answer]
    spoken: list[tuple[Branch, re.Pattern[str] | Wording]]
    spoken = [(other, phrase_pattern(phrase)) for other in item.answer for phrase in other.words]
    for statement, folded in section.sentences:
        for text, patterns in ((folded, spoken), (signs(folded), [*spoken, *conditions])):
            named = [
                (match.start(), match.end(), other is branch, match.group())
                for other, pattern in patterns
                for match in pattern.finditer(text)
                if match.group()
            ]
            if not any(ours for _, _, ours, _ in named):
                continue
            for phrase in answers:
                for match in phrase_pattern(phrase).finditer(text):
                    if not match.group() or denied(text, match.start()):
                        continue
                    _, ours, words = min(
                        (_apart(match.span(), (start, stop), text), mine, said) for start, stop, mine, said in named
                    )
                    if ours:
                        return statement, words
    return None


def _standing(condition: Expr) -> str:
    """A condition as a text of signs may have it: ``x≤0``, ``xw+b>0``."""
    return rf"(?<![\w^]){re.escape(signs(plain(condition)))}(?![\w^])"


_GIVEN = re.compile(r"\s*(?:if|for|when|whenever|where|falls|wenn|für|fur|si|cuando|para|quand|lorsque|pour)\s*")


def _apart(one: tuple[int, int], other: tuple[int, int], text: str) -> int:
    """How far two stretches are from each other; a clause's end between them counts as far."""
    low, high = sorted((one, other))
    between = text[low[1] : high[0]]
    if low == one and _GIVEN.fullmatch(between):
        return 0  # "0 if x ≤ 0": it says itself where it holds
    return len(between) + 40 * len(re.findall(r"[,;]\s|\b(?:and|but|und|y|et|while)\b", between)) * (len(between) > 3)


def _said_in_words(ruling: Ruling, item: Cases, branch: Branch, found: tuple[Statement, str]) -> Verdict:
    statement, wording = found
    ruling.claims.append(
        claim_of(
            statement,
            "fact",
            Verdict.CORRECT,
            Matched(wording),
            reading=f"{branch.then} where {branch.when}",
            item=item,
        )
    )
    return Verdict.CORRECT


def _everywhere(section: Section, bench: Bench, item: Cases) -> Pitfall | None:
    """A pitfall's wording that the value holds in every case ("also when φ = 0")."""
    for pitfall in pitfalls_of(bench, item):
        for _, text in section.sentences:
            bare = text.replace("$", "")
            if pitfall.says and find_phrase(pitfall.says, bare, folded=True):
                return pitfall
    return None
