"""Something moves this way over the whole case: decided for every point of it, not at one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction

from llmgrade.attempts.stated import read_member, split_claims, split_members, unboxed
from llmgrade.checking.bench import Bench
from llmgrade.checking.conditions import sign_over
from llmgrade.checking.evidence import Evidence, Proved, Refuted, Tested, Undecided
from llmgrade.checking.points import CannotTell, Case, shown, truth
from llmgrade.checking.ruling import Ruling, claim_of, in_words, pitfalls_of
from llmgrade.checking.section import Section
from llmgrade.checking.verdict import Verdict
from llmgrade.claims.model import Statement
from llmgrade.expr.nodes import Expr, Logic, Relation, Sym, walk
from llmgrade.rubric.model import Direction, Pitfall
from llmgrade.rubric.phrases import find_phrase, fold

__all__ = ["judge"]

_SIGN = {"right": 1, "up": 1, "left": -1, "down": -1, "unchanged": 0}
_POINTS = 60


def judge(item: Direction, section: Section, bench: Bench) -> Ruling:
    """The direction said last of this thing, against what happens everywhere in the case."""
    ruling = Ruling(item)
    change = bench.gold(item.change)
    case = bench.case((), item, names={node.name for node in walk(change) if isinstance(node, Sym)})
    alone = sum(isinstance(i, Direction) and i.axis == item.axis for i in bench.part.expect) == 1
    said = [s for s in section.directions if _about(item, s, alone=alone)]
    if not said:
        return _from_words(ruling, item, section, bench)
    way, statements, reason = _way(item, said, section, bench, case)
    last = statements[-1]
    for statement in said:
        section.use(statement)
    if way is None:
        ruling.verdict = Verdict.UNDECIDED
        ruling.claims.append(claim_of(last, "direction", Verdict.UNDECIDED, Undecided(reason), item=item))
        return ruling
    verdict, evidence = _against(item, way, case, change, bench)
    split_wrong = False
    if verdict is Verdict.CORRECT and way == "either":
        wrong = _wrong_condition(statements, item, bench, case, change)
        if wrong is not None:
            verdict, evidence, split_wrong = Verdict.INCORRECT, wrong, True
    if isinstance(evidence, Refuted):
        ruling.witness = evidence.witness
        pitfall = _pitfall(bench, item, "swapped" if split_wrong else way)
        if pitfall is not None:
            ruling.pitfalls.append(pitfall)
            ruling.credit = pitfall.credit
    ruling.verdict = verdict
    ruling.claims.append(
        claim_of(last, "direction", verdict, evidence, reading=way, item=item, pitfalls=[p.id for p in ruling.pitfalls])
    )
    return ruling


def _from_words(ruling: Ruling, item: Direction, section: Section, bench: Bench) -> Ruling:
    found = in_words(bench, item, section) if item.words or item.against else None
    if found is not None:
        verdict, statement, evidence, wording = found
        section.use(statement)
        ruling.verdict = verdict
        ruling.claims.append(claim_of(statement, "direction", verdict, evidence, reading=wording, item=item))
    return ruling


def _about(item: Direction, statement: Statement, *, alone: bool = False) -> bool:
    subject = statement.subject or ""
    reading = statement.reading or ""
    if not subject:
        # "nothing moves": everything that could is meant; "it moves left": what alone can go that way
        return reading == "unchanged" or (
            item.axis == "left-right" and alone and reading in {"left", "right", "either"}
        )
    if (
        item.axis == "left-right"
        and reading in {"up", "down", "steeper", "flatter"}
        and not _GROWS.search(fold(statement.text))
    ):
        return False
    if item.axis == "up-down" and reading in {"left", "right"}:
        return False
    plain = subject.strip("$\\{} ")
    return plain in item.subject or find_phrase([s for s in item.subject if len(s) > 1], subject) is not None


def _way(
    item: Direction, said: Sequence[Statement], section: Section, bench: Bench, case: Case
) -> tuple[str | None, list[Statement], str]:
    """What the statements come to: the last one that holds in the whole case, or several that share it out."""
    readings = [(_reading(s, item, case), s) for s in said]
    limited = [(way, s) for way, s in readings if s.condition and not _always(s.condition, bench, case)]
    whole = [(way, s) for way, s in readings if not (s.condition and not _always(s.condition, bench, case))]
    if whole:
        way, statement = whole[-1]
        if way == "either":
            return way, [*(s for _, s in limited), statement], ""
        later = [(w, s) for w, s in limited if s.order > statement.order]
        ways = {w for w, _ in later if w in {"left", "right", "up", "down"}}
        if len(ways) > 1:
            return "either", [s for _, s in later], ""
        if later and way in {"either", "undetermined"}:
            return "either", [s for _, s in (*later,)] + [statement], ""
        if way == item.answer and _OPEN.search(fold(statement.context or statement.text)):
            return None, [statement], "it leaves open whether it is so"
        return (None, [statement], "what it says has no direction") if way is None else (way, [statement], "")
    ways = {w for w, _ in limited if w is not None}
    if "either" in ways or len(ways & {"left", "right", "up", "down"}) > 1:
        return "either", [s for _, s in limited], ""
    way, statement = limited[-1]
    if way is None:
        return None, [statement], "what it says has no direction"
    told = fold(statement.context or statement.text)
    if way == item.answer and (_ONLY.search(statement.condition or "") or _OPEN.search(told)):
        return None, [statement], "it says so for a part of the case only"
    return way, [statement], ""


_ONLY = re.compile(r"\b(?:only|nur|solo|seulement|unless|es sei denn|a menos que)\b", re.IGNORECASE)


_OPEN = re.compile(
    r"\b(?:could|might|may|konnte|podria|pourrait) (?:\w+ ){0,1}(?!be seen)\w+|\bunless\b|\bor (?:not at all|not|stays?|remains?|nothing|neither)\b|\bfirst\b.{1,40}\b(?:then|afterwards|later|subsequently)\b"
    r"|\bwould\b.{1,40}\bif\b.{1,30}\bwere\b|\banything but\b|\bes sei denn\b|\ba menos que\b"
)
"""With these a way is possible, and not said to be taken."""


def _reading(statement: Statement, item: Direction, case: Case) -> str | None:
    reading = statement.reading
    if reading == "undetermined":
        return "either"
    if reading == "either" and not statement.condition and _STAYS.search(fold(statement.context)):
        return "unchanged"
    if item.axis == "left-right" and reading in {"up", "down"}:
        return "right" if reading == "up" else "left"  # a place on the axis that grows
    if reading in {"steeper", "flatter"}:
        # Steeper is up where the slope is positive and down where it is negative; the case says which.
        signs = {Fraction(point["w"]) > 0 for point in case.points(6) if "w" in point}
        if len(signs) != 1:
            return None
        return "up" if (reading == "steeper") == signs.pop() else "down"
    return reading


_GROWS = re.compile(
    r"\b(?:increas|decreas|grow|larger|bigger|greater|smaller|shrink|aument|crec|decrec|disminu|mayor|menor|wachst|steigt|sinkt|grosser|kleiner|nimmt|augment|diminu|croit|plus (?:grand|petit))"
)
"""Words for a number that grows or falls, where "up" and "down" would be a way to go."""
_STAYS = re.compile(
    r"\b(?:not|n.t|neither|never|nor)\s+(?:\w+\s+)?(?:move|shift|go|change)\w*\s+(?:to\s+the\s+)?(?:left|right|either)"
)
_LATEX = re.compile(r"\$([^$]*)\$")


def _conditions(text: str, bench: Bench) -> list[Expr] | None:
    """The relations a condition names; None where one cannot be read or it is words alone."""
    found: list[Expr] = []
    pieces = _LATEX.findall(text)
    if not pieces:
        pieces = [
            re.sub(
                r"^\s*(?:if|when|for|where|as long as|whenever|si|cuando|wenn|falls)\b", "", text, flags=re.IGNORECASE
            )
        ]
    for piece in pieces:
        for claim, _ in split_claims(unboxed(piece)):
            members, ops = split_members(claim)
            if not ops:
                continue
            read = [read_member(member, bench.spell, bench.table, bench.limits) for member in members]
            if any(member.expr is None for member in read) or not set(ops) <= {
                "<",
                ">",
                "<=",
                ">=",
                "=",
                "!=",
                "<<",
                ">>",
            }:
                return None
            found.append(Relation(tuple(ops), tuple(m.expr for m in read if m.expr is not None)))
    return found or None


def _always(condition: str, bench: Bench, case: Case) -> bool:
    """Whether a condition holds all over the case, so that it limits nothing."""
    relations = _conditions(condition, bench)
    if relations is None:
        return not re.search(r"\bif\b|\bwhen\b|depend|\bsi\b|\bwenn\b", condition, re.IGNORECASE) or bool(
            re.search(r"\bactive\b|\bthis case\b|\bunit\b|gradient|\bstep\b|update", condition, re.IGNORECASE)
        )
    points = case.points(_POINTS)
    try:
        known = [r for r in relations if _sized(r, points)]
        return all(case_truth(case, relation, point) for relation in known for point in points)
    except CannotTell:
        return False


def _sized(relation: Expr, points: Sequence[object]) -> bool:
    """Whether the relation says how large something is, and not only that a step is small (``λ ≪ 1``)."""
    return not (isinstance(relation, Relation) and set(relation.ops) & {"<<", ">>"})


def case_truth(case: Case, condition: Expr, point: dict[str, Fraction]) -> bool:
    """Whether a condition holds at a point of the case. Raises CannotTell."""
    return truth(condition, point, case.definitions)


def _against(item: Direction, way: str, case: Case, change: Expr, bench: Bench) -> tuple[Verdict, Evidence]:
    """The direction against the sign of the change over the case."""
    points = case.points(_POINTS)
    signs: dict[int, dict[str, Fraction]] = {}
    checked = 0
    for point in points:
        try:
            value = case.value(change, point)
        except CannotTell:
            continue
        checked += 1
        signs.setdefault((value > 0) - (value < 0), point)
    if not checked:
        return Verdict.UNDECIDED, Undecided("no point of the case could be worked out")
    if way == item.answer:
        if way == "either":
            both = "; ".join(f"{_name(sign, item)} at {_at(signs[sign])}" for sign in (1, -1) if sign in signs)
            return Verdict.CORRECT, Proved(f"both happen within the case: {both}")
        return Verdict.CORRECT, _certain(item, way, case, checked, bench)
    if way == "either":
        sign = _SIGN.get(item.answer, 0)
        point = signs.get(sign) or points[0]
        return Verdict.INCORRECT, Refuted(
            f"it is never open: all over the case it is {item.answer}", shown(point), "value", "either", item.answer
        )
    claimed = _SIGN.get(way)
    for sign, point in signs.items():
        if sign != claimed and (sign != 0 or item.answer == "unchanged"):
            before_after = _moved(case, point)
            return Verdict.INCORRECT, Refuted(
                f"within the case it also goes {_name(sign, item)}{before_after}"
                if item.answer == "either"
                else f"it goes {_name(sign, item)}{before_after}",
                shown(point),
                "value",
                way,
                item.answer,
            )
    return Verdict.UNDECIDED, Undecided("no point of the case speaks against it, and the rubric says otherwise")


def _certain(item: Direction, way: str, case: Case, checked: int, bench: Bench) -> Evidence:
    """A proof over the whole case where there is one in time, else the points that were tried."""
    known = bench.proofs.get((item.id, way))
    if known is None:
        over = sign_over(bench.gold(item.change), case.given, bench.table)
        wanted = {"right": "+", "up": "+", "left": "-", "down": "-", "unchanged": "0"}.get(way)
        tested = Tested(checked, None, f"{way} at every point of the case that was tried")
        known = bench.proofs[item.id, way] = over.evidence if over.decided and over.sign == wanted else tested
    return known


def _name(sign: int, item: Direction) -> str:
    words = {1: "right", -1: "left", 0: "nowhere"} if item.axis == "left-right" else {1: "up", -1: "down", 0: "nowhere"}
    return words[sign]


def _at(point: dict[str, Fraction]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in shown(point).items())


def _moved(case: Case, point: dict[str, Fraction]) -> str:
    """``: from −3/2 to −29/21`` for the quantities before and after, where the rubric names them."""
    before, after = case.definitions.get("e"), case.definitions.get("e'")
    if before is None or after is None:
        return ""
    try:
        return f": from {float(case.value(before, point)):.4g} to {float(case.value(after, point)):.4g}"
    except CannotTell:
        return ""


def _wrong_condition(
    statements: Sequence[Statement], item: Direction, bench: Bench, case: Case, change: Expr
) -> Refuted | None:
    """A conditional direction that fails somewhere: "right if w < bx"."""
    for statement in statements:
        if not statement.condition or statement.reading not in {"left", "right", "up", "down"}:
            continue
        relations = _conditions(statement.condition, bench)
        if not relations:
            continue
        condition = relations[0] if len(relations) == 1 else Logic("and", tuple(relations))
        sign = _SIGN[statement.reading]
        narrowed = bench.make_case([*case.given, condition], case.definitions)
        for point in narrowed.points(30):
            try:
                value = case.value(change, point)
            except CannotTell:
                continue
            if value != 0 and (value > 0) != (sign > 0):
                return Refuted(
                    f"under its own condition ({statement.condition}) it goes {_name(-sign, item)}{_moved(case, point)}",
                    shown(point),
                    "value",
                    statement.reading,
                    _name(-sign, item),
                )
    return None


def _pitfall(bench: Bench, item: Direction, way: str) -> Pitfall | None:
    return next((p for p in pitfalls_of(bench, item) if way in p.when), None)
