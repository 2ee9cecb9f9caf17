"""What is said beside the answer: worked examples against their own case, equations that do not hold, false remarks."""

from __future__ import annotations

from llmgrade.attempts.stated import read_member
from llmgrade.checking.bench import Bench
from llmgrade.checking.evidence import Matched, Refuted
from llmgrade.checking.model import JudgedClaim
from llmgrade.checking.points import CannotTell, Case, shown, truth
from llmgrade.checking.ruling import claim_of, is_shape_refusal, show
from llmgrade.checking.section import Section
from llmgrade.checking.verdict import Verdict
from llmgrade.claims.model import Statement
from llmgrade.expr.names import canonical_name
from llmgrade.expr.nodes import Derivative, Expr, Matrix, Num, Relation, Seq, Set, Sym, Vector, walk
from llmgrade.rubric.model import Direction, Pitfall
from llmgrade.rubric.phrases import find_phrase

__all__ = ["remarks"]

_OUTSIDE = "example-outside-case"


def remarks(section: Section, bench: Bench) -> tuple[list[JudgedClaim], list[Pitfall], dict[str, str]]:
    """Side claims, the pitfalls they show, and a witness for the last of these."""
    claims: list[JudgedClaim] = []
    pitfalls: list[Pitfall] = []
    witness: dict[str, str] = {}
    for statement in section.examples:
        claim, numbers = _example(statement, bench)
        if claim is None:
            continue
        claims.append(claim)
        if claim.pitfalls:
            pitfalls += [
                p for p in bench.rubric.pitfalls_of(bench.part) if p.id in claim.pitfalls and p not in pitfalls
            ]
            witness = numbers
    for pitfall, claim in _false_remarks(section, bench):
        claims.append(claim)
        if pitfall not in pitfalls:
            pitfalls.append(pitfall)
    claims += _false_equations(section, bench)
    claims += _false_inequalities(section, bench)
    return claims, pitfalls, witness


# ------------------------------------------------------------------------------------------------------ examples


def _example(statement: Statement, bench: Bench) -> tuple[JudgedClaim | None, dict[str, str]]:
    """A worked example against the conditions of its own case."""
    if not any(isinstance(item, Direction) for item in bench.part.expect):
        return None, {}
    point = {}
    for name, text in statement.numbers.items():
        member = read_member(text, bench.spell, bench.table, bench.limits)
        if member.expr is None:
            return None, {}
        try:
            point[canonical_name(bench.spell.spell(name).strip())] = Case((), (), {}).value(member.expr, {})
        except CannotTell:
            return None, {}
    if len(point) < 2:
        return None, {}
    case = bench.case(())
    numbers = shown(point)
    for condition in case.given:
        if {n.name for n in walk(condition) if isinstance(n, Sym)} - set(point) - set(case.definitions):
            continue
        try:
            holds = truth(condition, point, case.definitions)
        except CannotTell:
            continue
        if not holds:
            known = [p.id for p in bench.rubric.pitfalls_of(bench.part) if p.id == _OUTSIDE]
            reason = f"the numbers break the case's own condition {show(condition) or ''}".strip()
            return (
                claim_of(
                    statement,
                    "example",
                    Verdict.INCORRECT,
                    Refuted(reason, numbers, "domain"),
                    pitfalls=known,
                    decisive=False,
                ),
                numbers,
            )
    return None, {}


# -------------------------------------------------------------------------------------------------- false remarks


def _false_remarks(section: Section, bench: Bench) -> list[tuple[Pitfall, JudgedClaim]]:
    """Wordings the rubric knows to be false here, wherever they stand in the section; each wording once."""
    found: list[tuple[Pitfall, JudgedClaim]] = []
    said: set[tuple[str, str]] = set()
    for pitfall in (*bench.rubric.pitfalls_of(bench.part), *bench.rubric.false):
        if not (pitfall.side and pitfall.says):
            continue
        for statement, text in section.sentences:
            for phrase in pitfall.says:
                match = find_phrase([phrase], text, folded=True)
                if match is None or (pitfall.id, match.group()) in said:
                    continue
                if find_phrase(_DENIALS, text[max(0, match.start() - 20) : match.start()], folded=True):
                    continue
                if pitfall.unless and find_phrase(pitfall.unless, text, folded=True):
                    continue
                said.add((pitfall.id, match.group()))
                evidence = Refuted(pitfall.say, kind="form") if pitfall.say else Matched(match.group(), True)
                claim = claim_of(
                    statement,
                    "fact",
                    Verdict.INCORRECT,
                    evidence,
                    pitfalls=[pitfall.id],
                    decisive=False,
                    reading=match.group(),
                )
                found.append((pitfall, claim))
                break
    return found


_DENIALS = ("not", "n't", "instead of", "rather than", "no", "never")


# ------------------------------------------------------------------------------------------------- false equations


def _false_equations(section: Section, bench: Bench) -> list[JudgedClaim]:
    """Equations between declared things that do not hold, or hold between things of different shape."""
    found = []
    for claim in section.claims:
        if not claim.ops or set(claim.ops) != {"="} or id(claim.statement) in section.failed:
            continue
        for left, right in zip(claim.members, claim.members[1:], strict=False):
            if left.expr is None or right.expr is None:
                continue
            reason = _refuted(left.expr, right.expr, bench)
            if reason is not None:
                found.append(
                    claim_of(
                        claim.statement,
                        "equation",
                        Verdict.INCORRECT,
                        reason,
                        decisive=False,
                        reading=f"{left.text.strip()} = {right.text.strip()}",
                    )
                )
                break
    return found


def _refuted(left: Expr, right: Expr, bench: Bench) -> Refuted | None:
    if not (_declared(left, bench) and _declared(right, bench)) or any(
        isinstance(n, _WRITTEN_OUT) for e in (left, right) for n in walk(e)
    ):
        return None
    free = _free_name(left, bench), _free_name(right, bench)
    decision = bench.decide(left, right)
    if is_shape_refusal(decision):
        evidence = decision.evidence
        reason = (
            evidence.reason if isinstance(evidence, Refuted) else str(getattr(evidence, "reason", "shapes do not fit"))
        )
        return Refuted(reason, kind="shape") if any(free) else None
    if any(free):
        return None  # a name that stands for itself: the equation says what it is
    if not decision.different or not isinstance(decision.evidence, Refuted):
        return None
    if decision.evidence.kind != "value" or _free_names(left, bench) != _free_names(right, bench):
        return None  # a name on one side only: the equation introduces it
    if _unknowns(left, bench) or _unknowns(right, bench):
        return None
    return decision.evidence


_WRITTEN_OUT = (Derivative, Vector, Matrix, Seq, Set)


def _free_names(expr: Expr, bench: Bench) -> set[str]:
    """Names that stand for themselves, those inside definitions included."""
    found: set[str] = set()
    waiting, seen = [expr], set()
    while waiting:
        for node in walk(waiting.pop()):
            if isinstance(node, Sym) and node.name not in seen:
                seen.add(node.name)
                symbol = bench.table.get(node.name)
                if symbol is not None and symbol.definition:
                    waiting.append(bench.gold(symbol.definition))
                else:
                    found.add(node.name)
    return found


# ---------------------------------------------------------------------------------------------- false inequalities


def _false_inequalities(section: Section, bench: Bench) -> list[JudgedClaim]:
    """Inequalities about the case that fail somewhere in it, e.g. for a large step nobody excluded."""
    if not any(isinstance(item, Direction) for item in bench.part.expect) or not bench.part.granted:
        return []
    found = []
    case = bench.case((), granted=False)
    granted = bench.case(())
    for claim in section.claims:
        if claim.condition or claim.words or not claim.ops or not set(claim.ops) <= {"<", ">", "<=", ">="}:
            continue
        parts = [m.expr for m in claim.members if m.expr is not None]
        if len(parts) < len(claim.members) or not all(_declared(e, bench) or isinstance(e, Num) for e in parts):
            continue
        relation = Relation(claim.ops, tuple(parts))
        if len({n.name for n in walk(relation) if isinstance(n, Sym)}) < 2:
            continue
        try:
            if not all(truth(relation, point, granted.definitions) for point in granted.points(30)):
                continue  # it depends on more than what is granted: a case distinction, no remark
            point = next((p for p in case.points(200) if not truth(relation, p, case.definitions)), None)
        except CannotTell:
            continue
        if point is not None:
            reason = f"it needs {' and '.join(bench.part.granted)}, which nobody says"
            found.append(
                claim_of(
                    claim.statement,
                    "condition",
                    Verdict.INCORRECT,
                    Refuted(reason, shown(point)),
                    decisive=False,
                    reading=claim.text,
                )
            )
    return found


def _declared(expr: Expr, bench: Bench) -> bool:
    names = {n.name for n in walk(expr) if isinstance(n, Sym)}
    return bool(names) and all(bench.table.get(name) is not None for name in names)


def _free_name(expr: Expr, bench: Bench) -> bool:
    if not isinstance(expr, Sym):
        return False
    symbol = bench.table.get(expr.name)
    return symbol is not None and not symbol.definition


def _unknowns(expr: Expr, bench: Bench) -> bool:
    """Whether the equation may be one to be solved: it holds the thing that is asked for."""
    asked = {
        canonical_name(bench.spell.spell(name).strip())
        for item in bench.part.expect
        for name in getattr(item, "of", ())
    }
    return any(
        isinstance(n, Sym) and n.name in asked | {"w", "z", "eta", "x"} and _free_name(n, bench) for n in walk(expr)
    )
