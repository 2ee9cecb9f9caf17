"""The answer is a condition: an equation or inequality that holds in exactly the same situations, or a word for it."""

from __future__ import annotations

import re

from llmgrade.attempts.stated import Said, key_of
from llmgrade.checking.bench import Bench
from llmgrade.checking.evidence import Evidence, Undecided
from llmgrade.checking.ruling import (
    Ruling,
    canonical,
    claim_of,
    denied,
    in_words,
    named_pitfall,
    pitfalls_of,
    settle,
    show,
    symbols_in,
)
from llmgrade.checking.section import Section
from llmgrade.checking.verdict import Verdict
from llmgrade.claims.model import Statement
from llmgrade.expr.nodes import Add as Sum
from llmgrade.expr.nodes import Expr, Index, Neg, Num, Relation, Sym, Transpose
from llmgrade.rubric.model import Condition, Equation, Pitfall
from llmgrade.rubric.phrases import find_phrase, fold

__all__ = ["judge"]

_COMPARES = frozenset({"=", "<", ">", "<=", ">=", "!=", "in"})


def judge(item: Condition | Equation, section: Section, bench: Bench) -> Ruling:
    """The condition said last as the result, else the word for it."""
    ruling = Ruling(item)
    gold = bench.gold(item.answer)
    chosen = _choose(section, bench, gold)
    spoken = in_words(bench, item, section) if item.words or item.against else None
    if chosen is None or (spoken is not None and not chosen[1] and not chosen[0].statement.boxed):
        if spoken is not None:
            verdict, statement, evidence, wording = spoken
            section.use(statement)
            ruling.verdict = verdict
            if verdict is Verdict.INCORRECT:
                ruling.pitfalls += [p for p in pitfalls_of(bench, item) if find_phrase(p.says, wording)][:1]
                ruling.credit = ruling.pitfalls[0].credit if ruling.pitfalls else None
            ruling.claims.append(
                claim_of(
                    statement,
                    "condition",
                    verdict,
                    evidence,
                    reading=wording,
                    item=item,
                    pitfalls=[p.id for p in ruling.pitfalls],
                )
            )
            return ruling
        if chosen is None:
            return _of_sign(ruling, item, section, bench, gold)
    claim, _ = chosen
    said = _of_entries(Relation(claim.ops, tuple(m.expr for m in claim.members if m.expr is not None)))
    section.use(claim.statement)
    verdict, evidence_ = _decide(item, bench, gold, said)
    if verdict is Verdict.UNDECIDED and spoken is not None:
        verdict, statement, evidence_, wording = spoken
        ruling.verdict = verdict
        ruling.claims.append(claim_of(statement, "condition", verdict, evidence_, reading=wording, item=item))
        return ruling
    pitfall = None
    if verdict is not Verdict.CORRECT:
        pitfall = named_pitfall(bench, item, gold, said) or _same_condition_pitfall(bench, item, said)
        if pitfall is not None:
            verdict = Verdict.INCORRECT
            ruling.pitfalls.append(pitfall)
            ruling.credit = pitfall.credit
    ruling.verdict = verdict
    ruling.claims.append(
        claim_of(
            claim.statement,
            item.kind,
            verdict,
            evidence_,
            reading=show(said, claim.text),
            item=item,
            pitfalls=[p.id for p in ruling.pitfalls],
        )
    )
    return ruling


_SIGNS: dict[str, str] = {
    r"non-?negative|at least zero|nicht ?negativ|no negativ[oa]": ">=",
    r"non-?positive|at most zero": "<=",
    r"positive|(?:greater|larger|bigger|more) than (?:zero|0)|above (?:zero|0)|positiv|positiv[oa]|grosser (?:als )?(?:null|0)|mayor (?:que|a) (?:cero|0)": ">",
    r"negative|(?:less|smaller|lower) than (?:zero|0)|below (?:zero|0)|negativ|negativ[oa]|kleiner (?:als )?(?:null|0)|menor (?:que|a) (?:cero|0)": "<",
    r"non-?zero|different from (?:zero|0)|ungleich null|distint[oa] de cero": "!=",
}
_BEING = r"(?:is|be|being|are|was|must be|has to be|needs to be|should be|ist|sei|sein muss|es|sea|debe ser|est|soit)"


def _of_sign(ruling: Ruling, item: Condition | Equation, section: Section, bench: Bench, gold: Expr) -> Ruling:
    """``c is positive``, where the condition is about one number and no formula says it."""
    wanted = symbols_in(gold)
    if len(wanted) != 1 or item.kind != "condition":
        return ruling
    (name,) = wanted
    spelled = rf"(?<![\w\\^_]){re.escape(fold(name))}(?![\w^_])"
    found: list[tuple[Statement, str, str]] = []
    for statement, text in section.sentences:
        for words, op in _SIGNS.items():
            for match in re.finditer(
                rf"{spelled},? (?:{_BEING} )?(?:strictly |strikt |streng |estrictamente )?(?:{words})(?![\w-])|(?<![\w-])(?:strictly )?(?:{words}) (?:values? of )?{spelled}",
                text,
            ):
                about = _about_this(bench, text[: match.start()] + " " + text[match.end() :])
                if about and not denied(text, *match.span()) and not _NOT.search(text):
                    found.append((statement, op, match.group()))
    if len({op for _, op, _ in found}) != 1:
        return ruling  # nothing, or several: nobody can tell which is the answer
    statement, op, words = found[-1]
    said = Relation((op,), (Sym(name), Num(0)))
    verdict, evidence = _decide(item, bench, gold, said)
    section.use(statement)
    ruling.verdict = verdict
    if verdict is Verdict.INCORRECT:
        pitfall = named_pitfall(bench, item, gold, said) or _same_condition_pitfall(bench, item, said)
        ruling.pitfalls += [pitfall] if pitfall is not None else []
        ruling.credit = pitfall.credit if pitfall is not None else None
    ruling.claims.append(
        claim_of(
            statement, item.kind, verdict, evidence, reading=words, item=item, pitfalls=[p.id for p in ruling.pitfalls]
        )
    )
    return ruling


_NOT = re.compile(r"\b(?:not|n't|nicht|no|never)\b")
_FILLING = frozenset(
    [
        "when",
        "whenever",
        "only",
        "exactly",
        "precisely",
        "need",
        "needs",
        "must",
        "have",
        "that",
        "this",
        "then",
        "holds",
        "require",
        "requires",
        "required",
        "condition",
        "answer",
        "function",
        "values",
        "value",
        "case",
        "iff",
        "hence",
        "thus",
        "therefore",
        "just",
        "provided",
        "long",
        "genau",
        "dann",
        "wenn",
        "funktion",
        "solo",
        "cuando",
        "funcion",
    ]
)


def _about_this(bench: Bench, rest: str) -> bool:
    """Whether a sentence speaks of nothing but what the part asks: "it is strictly convex iff …", and not "concave where …"."""
    asked = fold(" ".join([bench.part.title, *bench.part.cues]))
    words = re.findall(r"[^\W\d_]{4,}", rest)
    return all(word in _FILLING or word in asked for word in words)


def _of_entries(relation: Relation) -> Relation:
    """``A_{ij} = A_{ji}``, said of every entry, is ``A = Aᵀ``."""
    pairs = [
        (term.base, [key_of(i) for i in term.indices])
        for term in relation.terms
        if isinstance(term, Index) and len(term.indices) == 2
    ]
    if len(pairs) != len(relation.terms) or not pairs:
        return relation
    first = pairs[0][1]
    terms = tuple(base if order == first else Transpose(base) for base, order in pairs)
    if first[0] == first[1] or any(order not in (first, first[::-1]) for _, order in pairs):
        return relation
    return Relation(relation.ops, terms)


def _choose(section: Section, bench: Bench, gold: Expr) -> tuple[Said, bool] | None:
    """The last readable relation over the condition's own names; whether it was introduced as the result."""
    wanted = symbols_in(gold)
    best: tuple[float, int, Said] | None = None
    for rank, claim in enumerate(sorted((*section.claims, *section.hypotheses), key=lambda c: c.statement.order)):
        if not claim.ops or not set(claim.ops) <= _COMPARES or any(m.expr is None for m in claim.members):
            continue
        present = set().union(*(symbols_in(m.expr) for m in claim.members if m.expr is not None))
        if not present or not present <= wanted | {"i", "j", "I"} or not present & wanted:
            continue
        score = 3.0 * claim.statement.boxed + 1.5 * claim.statement.final + 0.5 * claim.last
        if best is None or (score, rank) >= best[:2]:
            best = (score, rank, claim)
    if best is None:
        return None
    return best[2], best[2].statement.final or best[2].statement.boxed


def _decide(item: Condition | Equation, bench: Bench, gold: Expr, said: Relation) -> tuple[Verdict, Evidence]:
    for wanted in (gold, *bench.golds(item.also)):
        decision = bench.decide(wanted, said)
        if decision.equal or (_difference(wanted) is not None and _same_difference(bench, wanted, said)):
            return Verdict.CORRECT, decision.evidence if decision.equal else bench.decide(wanted, wanted).evidence
    first = bench.decide(gold, said)
    if first.undecided:
        return Verdict.UNDECIDED, Undecided(str(getattr(first.evidence, "reason", "it cannot be compared")))
    return settle(first)


def _difference(relation: Expr) -> Expr | None:
    """``left − right`` of a plain equation."""
    if isinstance(relation, Relation) and relation.ops == ("=",):
        left, right = relation.terms
        return left if right == Num(0) else Sum((left, Neg(right)))
    return None


def _same_difference(bench: Bench, wanted: Expr, said: Relation) -> bool:
    """Two matrix equations are one where their differences agree up to sign and transposition."""
    one, other = _difference(wanted), _difference(said)
    if one is None or other is None:
        return False
    return any(bench.decide(one, form).equal for form in (other, Neg(other), Transpose(other), Neg(Transpose(other))))


def _same_condition_pitfall(bench: Bench, item: Condition | Equation, said: Relation) -> Pitfall | None:
    for pitfall in pitfalls_of(bench, item):
        for wrong in bench.golds(text for text in pitfall.when if isinstance(text, str)):
            if canonical(wrong) == canonical(said) or _same_difference(bench, wrong, said):
                return pitfall
    return None
