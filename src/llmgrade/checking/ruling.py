"""What judging one expected item comes to, and the steps every kind shares: naming a mistake, choosing a statement."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from llmgrade.attempts.stated import Member, Said, key_of
from llmgrade.checking.bench import Bench
from llmgrade.checking.equivalence import Decision
from llmgrade.checking.evidence import Evidence, Matched, Refuted, Undecided
from llmgrade.checking.model import JudgedClaim
from llmgrade.checking.section import Section
from llmgrade.checking.verdict import Verdict
from llmgrade.claims.model import Statement
from llmgrade.errors import ExpressionError
from llmgrade.expr.nodes import Add, Expr, Mul, Sym, Transpose, children, rebuild, walk
from llmgrade.rubric.model import Item, Pitfall
from llmgrade.rubric.phrases import find_phrase, phrase_pattern

__all__ = [
    "Ruling",
    "Weighed",
    "claim_of",
    "in_words",
    "is_shape_refusal",
    "name_keys",
    "named_pitfall",
    "names",
    "pitfalls_of",
    "settle",
    "show",
    "without_transposes",
]


@dataclass
class Ruling:
    """One item's outcome. ``stated`` False: nothing in the section answers it."""

    item: Item
    verdict: Verdict = Verdict.UNANSWERED
    claims: list[JudgedClaim] = field(default_factory=list)
    pitfalls: list[Pitfall] = field(default_factory=list)
    witness: dict[str, str] = field(default_factory=dict)
    credit: float | None = None
    reason: str = ""

    @property
    def stated(self) -> bool:
        return self.verdict is not Verdict.UNANSWERED


@dataclass(frozen=True, slots=True)
class Weighed:
    """A claim that may answer an item, and how much speaks for that."""

    score: float
    said: Said
    value: Member
    named: bool


def show(expr: Expr | None, text: str = "") -> str | None:
    """Plain mathematics for people; the text itself where there is no expression."""
    if expr is None:
        return text or None
    try:
        from llmgrade.expr.show import plain

        return plain(expr)
    except (ImportError, TypeError, ValueError, AttributeError, KeyError, RecursionError):
        return text or None


def claim_of(
    statement: Statement,
    kind: str,
    verdict: Verdict,
    evidence: Evidence,
    *,
    reading: str | None = None,
    item: Item | None = None,
    pitfalls: Iterable[str] = (),
    decisive: bool = True,
    latex: str | None = None,
) -> JudgedClaim:
    """A judged claim out of a statement."""
    return JudgedClaim(
        kind,
        statement.text,
        statement.span,
        verdict,
        evidence,
        reading if reading is not None else statement.reading,
        latex if latex is not None else statement.latex,
        tuple(pitfalls),
        item.id if item is not None else None,
        decisive,
    )


def name_keys(bench: Bench, texts: Iterable[str]) -> tuple[frozenset[str], tuple[object, ...]]:
    """An item's names: as bare text and as comparable expressions."""
    bare: set[str] = set()
    keys: list[object] = []
    for text in texts:
        bare.add(_bare(bench.spell.spell(text)))
        try:
            keys.append(key_of(bench.gold(text)))
        except ExpressionError:
            continue
    return frozenset(bare), tuple(keys)


def names(bench: Bench, member: Member, known: tuple[frozenset[str], tuple[object, ...]]) -> bool:
    """Whether a member is one of an item's names."""
    if _bare(bench.spell.spell(member.text)) in known[0]:
        return True
    return member.expr is not None and key_of(member.expr) in known[1]


def _bare(text: str) -> str:
    return (
        "".join(text.split()).replace("{", "").replace("}", "").replace("\\,", "").lower()
        if len(text) > 40
        else "".join(text.split()).replace("{", "").replace("}", "").replace("\\,", "")
    )


def is_shape_refusal(decision: Decision) -> bool:
    """Whether the decision fails because things of different shape were compared."""
    evidence = decision.evidence
    return (isinstance(evidence, Refuted) and evidence.kind == "shape") or (
        isinstance(evidence, Undecided) and evidence.reason.startswith("shapes do not fit")
    )


def settle(decision: Decision) -> tuple[Verdict, Evidence]:
    """A decision as verdict and evidence; things of another shape are refuted for that reason."""
    if decision.undecided and is_shape_refusal(decision):
        assert isinstance(decision.evidence, Undecided)
        return Verdict.INCORRECT, Refuted(decision.evidence.reason, kind="shape")
    return decision.verdict, decision.evidence


def pitfalls_of(bench: Bench, item: Item) -> list[Pitfall]:
    """The pitfalls that are about an item, in order."""
    return [p for p in bench.rubric.pitfalls_of(bench.part) if not p.item or item.id in p.item]


def named_pitfall(bench: Bench, item: Item, gold: Expr, value: Expr | None) -> Pitfall | None:
    """The first pitfall a wrong value lands in: equal to its answer, or written just so where it has no value."""
    if value is None:
        return None
    key = canonical(value)
    for pitfall in pitfalls_of(bench, item):
        for text in pitfall.when:
            if not isinstance(text, str):
                continue
            try:
                wrong = bench.gold(text)
            except ExpressionError:
                continue
            if canonical(wrong) == key or bench.decide(wrong, value).equal:
                return pitfall
        if pitfall.erases == "transpose":
            bare_gold, bare_value = without_transposes(gold), without_transposes(value)
            fewer = _transposes(value) < _transposes(gold)
            if fewer and canonical(bare_gold) == canonical(bare_value):
                return pitfall
    return None


def canonical(expr: Expr) -> object:
    """A form in which the order of a sum, nesting and doubled transposes do not matter."""
    match expr:
        case Add(terms):
            return ("+", tuple(sorted((canonical(t) for t in _flat(terms, Add)), key=repr)))
        case Mul(factors):
            return ("*", tuple(canonical(f) for f in _flat(factors, Mul)))
        case Transpose(Transpose(arg)):
            return canonical(arg)
        case _:
            inner = tuple(canonical(child) for child in children(expr))
            return (type(expr).__name__, *inner) if inner else expr


def _flat(parts: Sequence[Expr], kind: type[Add] | type[Mul]) -> list[Expr]:
    found: list[Expr] = []
    for part in parts:
        if isinstance(part, kind):
            found.extend(_flat(part.terms if isinstance(part, Add) else part.factors, kind))  # type: ignore[union-attr]
        else:
            found.append(part)
    return found


def without_transposes(expr: Expr) -> Expr:
    """The expression with every transpose taken off."""
    if isinstance(expr, Transpose):
        return without_transposes(expr.arg)
    parts = [without_transposes(child) for child in children(expr)]
    return rebuild(expr, parts) if parts else expr


def _transposes(expr: Expr) -> int:
    return sum(isinstance(node, Transpose) for node in walk(expr))


def symbols_in(expr: Expr) -> set[str]:
    """Names in an expression."""
    return {node.name for node in walk(expr) if isinstance(node, Sym)}


_DENIED = phrase_pattern("not|no|n't|isn't|never|nor|neither|without|instead of|rather than|unlike|kein*|nicht|ni|sin")


def in_words(
    bench: Bench, item: Item, section: Section, *, regime: Sequence[str] = (), only: bool = False
) -> tuple[Verdict, Statement, Evidence, str] | None:
    """What the section says of an item in prose: the last sentence with one of its wordings, right or wrong."""
    found: tuple[Verdict, Statement, Evidence, str] | None = None
    for statement, text in section.sentences:
        if regime and not (
            find_phrase(regime, text, folded=True)
            or find_phrase(regime, f"{statement.condition or ''} {statement.label.title}")
        ):
            continue
        for wording, verdict in ((item.words, Verdict.CORRECT), (item.against, Verdict.INCORRECT)):
            match = find_phrase(wording, text, folded=True)
            if match is None or _DENIED.search(text[max(0, match.start() - 22) : match.start()]):
                continue
            if (
                verdict is Verdict.INCORRECT
                and found is not None
                and found[1] is statement
                and found[0] is Verdict.CORRECT
            ):
                continue
            evidence = Matched(match.group(), verdict is Verdict.INCORRECT)
            found = (verdict, statement, evidence, match.group())
    return found
