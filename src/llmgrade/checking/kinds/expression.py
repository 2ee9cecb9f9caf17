"""The answer is an expression: the claim that states it is found, and its value compared."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from llmgrade.attempts.stated import Member, Said, key_of, read_member, split_claims, split_members, unboxed
from llmgrade.checking.bench import Bench
from llmgrade.checking.equivalence import Decision, decide
from llmgrade.checking.evidence import Refuted, Tested, Undecided
from llmgrade.checking.points import CannotTell, shown
from llmgrade.checking.ruling import (
    Known,
    Ruling,
    Weighed,
    claim_of,
    in_words,
    is_shape_refusal,
    name_keys,
    named_pitfall,
    names,
    pitfalls_of,
    settle,
    show,
    stands_in,
    symbols_in,
    with_definitions,
)  # fmt: skip
from llmgrade.checking.section import Section
from llmgrade.checking.verdict import Verdict
from llmgrade.claims.model import Statement
from llmgrade.errors import ExpressionError
from llmgrade.expr.names import canonical_name
from llmgrade.expr.nodes import (
    Add,
    Call,
    Const,
    Expr,
    Index,
    Matrix,
    Neg,
    Num,
    Piecewise,
    PInv,
    Relation,
    Seq,
    Sym,
    Transpose,
    Vector,
    children,
    rebuild,
    walk,
)  # fmt: skip
from llmgrade.rubric.model import Expression, Form, Item, Pitfall
from llmgrade.rubric.phrases import find_phrase

__all__ = ["judge", "up_to_constant"]


def judge(item: Expression, section: Section, bench: Bench) -> Ruling:
    """Find the claim that states the answer, compare its value, name the mistake."""
    ruling = Ruling(item)
    gold = bench.gold(item.answer)
    chosen = choose(item, section, bench, gold)
    if chosen is None:
        return _from_words(ruling, item, section, bench)
    value = chosen.value.expr
    statement = chosen.said.statement
    section.use(statement)
    if value is None:
        spoken = (
            _from_words(Ruling(item), item, section, bench) if not statement.boxed and not chosen.said.ops else None
        )
        if spoken is not None and spoken.stated:
            return spoken
        ruling.verdict = Verdict.UNDECIDED
        evidence = Undecided(f"it cannot be read: {chosen.value.why}")
        ruling.claims.append(claim_of(statement, "expression", ruling.verdict, evidence, item=item))
        return ruling
    value = with_definitions(value, section, bench)
    verdict, decision = _compare(item, bench, gold, value)
    if verdict is not Verdict.CORRECT and has_cases(value):
        decision = _in_case(item, bench, gold, value)
        verdict = decision.verdict
    pitfall: Pitfall | None = None
    evidence_ = settle(decision)[1]
    if verdict is not Verdict.CORRECT:
        bare = value if item.plus_constant is None else without_constants(value, bench)
        pitfall = named_pitfall(bench, item, gold, bare)
        if pitfall is not None:
            if verdict is Verdict.UNDECIDED:
                evidence_ = Refuted("it is one of the known wrong answers", kind="form")
            verdict = Verdict(pitfall.verdict)
    if pitfall is None and verdict in _DECIDED and (other := _other_readings(item, bench, gold, statement, verdict)):
        verdict, evidence_ = Verdict.UNDECIDED, other
    loose = item.optional or not item.bare or bench.part.any_of
    if loose and verdict is Verdict.INCORRECT and pitfall is None and (is_shape_refusal(decision) or not chosen.named):
        return Ruling(item)
    form = _form(item, section, value, bench) if verdict is Verdict.CORRECT else None
    if form is not None:
        verdict = Verdict.PARTIAL
        pitfall = next((p for p in pitfalls_of(bench, item) if p.id == form.pitfall), None)
        ruling.credit = pitfall.credit if pitfall else form.credit
    if pitfall is not None:
        ruling.pitfalls.append(pitfall)
        if form is None:
            ruling.credit = pitfall.credit
    if isinstance(evidence_, Refuted):
        ruling.witness = evidence_.witness
    ruling.verdict = verdict
    ruling.claims.append(
        claim_of(
            statement,
            "expression",
            verdict,
            evidence_,
            reading=show(value, chosen.value.text),
            item=item,
            pitfalls=[p.id for p in ruling.pitfalls],
            group=bench.group(value),
        )
    )
    return ruling


def _compare(item: Expression, bench: Bench, gold: Expr, value: Expr) -> tuple[Verdict, Decision]:
    """The answer, or one of the others that are as right."""
    first = bench.decide(gold, value) if item.plus_constant is None else up_to_constant(item, bench, gold, value)
    if first.equal:
        return Verdict.CORRECT, first
    for other in bench.golds(item.also):
        decision = bench.decide(other, value)
        if decision.equal:
            return Verdict.CORRECT, decision
    return settle(first)[0], first


def up_to_constant(item: Expression, bench: Bench, gold: Expr, value: Expr) -> Decision:
    """Whether the two differ by nothing, or by something without the variable: their growth from one place to another is the same."""
    first = bench.decide(gold, value)
    name = canonical_name(item.plus_constant or "")
    symbol = bench.table.get(name)
    if first.equal or symbol is None or not symbol.shape.is_scalar:
        return first
    here, there = f"{name}_7", f"{name}_8"
    said = {"type": "scalar", "assume": sorted(symbol.assume)}
    table = bench.table.extended({here: said, there: said})
    wanted, got = (Add((_put(expr, name, here), Neg(_put(expr, name, there)))) for expr in (gold, value))
    try:
        second = decide(wanted, got, table, bench.limits, seed=bench.seed, strata=bench.strata)
    except ExpressionError:
        return first
    return second.noting("up to a constant") if second.equal else first


def _put(expr: Expr, name: str, other: str) -> Expr:
    if isinstance(expr, Sym):
        return Sym(other) if expr.name == name else expr
    parts = [_put(child, name, other) for child in children(expr)]
    return rebuild(expr, parts) if parts else expr


def without_constants(expr: Expr, bench: Bench) -> Expr:
    """A sum without the undeclared letters in it (``+ C``)."""
    if not isinstance(expr, Add):
        return expr
    kept = [t for t in expr.terms if not (isinstance(t, Sym) and bench.table.get(t.name) is None)]
    return expr if len(kept) == len(expr.terms) or not kept else kept[0] if len(kept) == 1 else Add(tuple(kept))


def has_cases(value: Expr) -> bool:
    """Whether an expression says different things in different cases."""
    return any(
        isinstance(n, Piecewise | Relation) or (isinstance(n, Call) and n.function in {"indicator", "iverson"})
        for n in walk(value)
    )


def _in_case(item: Expression, bench: Bench, gold: Expr, value: Expr) -> Decision:
    """A value with cases in it, compared at exact points of the item's own case."""
    case = bench.case((), item, names=symbols_in(gold) | symbols_in(value))
    checked = 0
    for point in case.points(40):
        try:
            got, wanted = case.value(value, point), case.value(gold, point)
        except CannotTell as reason:
            if str(reason).startswith("division"):
                continue
            return Decision(Verdict.UNDECIDED, Undecided(f"its cases cannot be told apart here: {reason}"))
        checked += 1
        if got != wanted:
            return Decision(
                Verdict.INCORRECT,
                Refuted("in its own case it comes out differently", shown(point), "value", str(got), str(wanted)),
            )
    if checked < 8:
        return Decision(Verdict.UNDECIDED, Undecided("too few points of the case could be worked out"))
    return Decision(Verdict.CORRECT, Tested(checked, 2.0**-checked, "equal at exact points of the case asked for"))


_DECIDED = {Verdict.CORRECT: Verdict.INCORRECT, Verdict.INCORRECT: Verdict.CORRECT}
"""A verdict, and the one that another reading of the same lines would have to get for the difference to matter."""
_LOST_MARK = 0.5
"""What a reading costs that supposes one mark which the browser did not paint; such a one may clear an answer, not condemn it."""


def _other_readings(
    item: Expression, bench: Bench, gold: Expr, statement: Statement, verdict: Verdict
) -> Undecided | None:
    """Readings of torn lines that fit as well and are judged otherwise: neither the convenient one is taken nor the worst."""
    formula = statement.formula
    if formula is None or formula.latex is None:
        return None
    if (
        verdict is Verdict.INCORRECT
        and formula.lines
        and (lowered := _INDEX.sub(r"\1_{\2}", formula.latex)) != formula.latex
    ):
        member = _last_member(lowered, bench)
        if member is not None and _compare(item, bench, gold, member)[0] is Verdict.CORRECT:
            return Undecided("the printed lines do not tell an index from a factor", (formula.latex, lowered))
    most = formula.cost + (1e-9 if verdict is Verdict.CORRECT else _LOST_MARK)
    differing = []
    for alternative in formula.alternatives:
        if alternative.cost > most or alternative.latex == formula.latex:
            continue
        value = _last_member(alternative.latex, bench)
        if value is None or _odd(value, bench):
            continue
        if _compare(item, bench, gold, value)[0] is _DECIDED[verdict]:
            differing.append(alternative.latex)
    if differing:
        return Undecided("the printed lines can be read in more than one way", (formula.latex, *differing))
    return None


_INDEX = re.compile(r"(?<![A-Za-z\\])([A-Za-z])([ijk])(?![A-Za-z])")
"""Two letters side by side that may be a letter and its index."""


def _last_member(latex: str, bench: Bench) -> Expr | None:
    """What a formula comes to, or None where it cannot be read."""
    texts = [text for text, _ in split_claims(unboxed(latex))]
    if not texts:
        return None
    return read_member(split_members(texts[-1])[0][-1], bench.spell, bench.table, bench.limits).expr


def _odd(value: Expr, bench: Bench) -> bool:
    """Whether it has the pseudo-inverse of an orthogonal matrix, which nobody writes: its script belongs to a neighbour."""
    return any(
        isinstance(node, PInv)
        and isinstance(node.arg, Sym)
        and (symbol := bench.table.get(node.arg.name)) is not None
        and symbol.has("orthogonal")
        for node in walk(value)
    )


# ------------------------------------------------------------------------------------------ which claim it is


def choose(item: Expression, section: Section, bench: Bench, gold: Expr) -> Weighed | None:
    """The claim that states the item: by its name, else by being the result and of the right kind."""
    weighed = list(_weigh(item, section, bench, gold))
    if not weighed:
        return None
    return max(enumerate(weighed), key=lambda entry: (entry[1].score, entry[0]))[1]


def _weigh(item: Expression, section: Section, bench: Bench, gold: Expr) -> Iterator[Weighed]:
    known = name_keys(bench, item.of)
    siblings = [other for other in bench.part.expect if other is not item and other.cues]
    alone = sum(1 for claim in section.claims if not _is_trivial(claim)) <= 1
    for claim in section.claims:
        statement = claim.statement
        if claim.ops and not all(op in {"=", "~", "->", "prop"} for op in claim.ops):
            continue
        if item.cues and not _cued(item, claim) and item.optional:
            continue
        value = claim.value
        named = any(names(bench, member, known) for member in claim.left)
        if (
            not named
            and value.expr is not None
            and any(_names_transposed(bench, member, known) for member in claim.left)
        ):
            named, value = True, Member(value.text, Transpose(value.expr), value.why)
        if (item.optional or not item.bare) and not named and not (item.cues and _cued(item, claim)):
            continue
        aside = 3.0 if siblings and _is_siblings(item, siblings, claim, bench) else 0.0
        base = _base(item, claim, value, named, alone, bench, gold)
        if base is None:
            continue
        score = base + 3.0 * statement.boxed + 1.5 * statement.final + 0.25 * claim.last
        score -= aside
        if item.cues and _cued(item, claim):
            score += 1.0
        if statement.from_table:
            score += 0.5
        if named and value.expr is not None and _form_missing(item, value.expr, bench):
            score -= 4.0
        yield Weighed(score, claim, value, named)


def _names_transposed(bench: Bench, member: Member, known: Known) -> bool:
    """``wᵀ = …`` says what w is, lying down."""
    return isinstance(member.expr, Transpose) and key_of(member.expr.arg) in known[1]


def _base(
    item: Expression, claim: Said, value: Member, named: bool, alone: bool, bench: Bench, gold: Expr
) -> float | None:
    statement = claim.statement
    if named:
        return 4.0
    if value.expr is None:
        maths = any(char in value.text for char in "^_\\+-*/=") or alone
        wordy = value.text.count("\\text") > 0 or len(value.text.split()) > 8
        return 0.75 if (statement.boxed or statement.final) and maths and not wordy and not claim.ops else None
    if _is_trivial(claim) and not (alone or statement.boxed or (statement.final and not claim.ops)):
        return None
    fits = _same_kind(item, value.expr, bench, gold)
    if fits is None:
        return None
    if not fits:
        return 0.25 if (statement.boxed or statement.final or alone) and not claim.ops else None
    if not claim.ops:
        return 2.0 if statement.boxed or statement.final or alone else 1.0
    left = claim.left[0].expr
    if isinstance(left, Seq | Vector | Matrix) or (left is not None and _both_are_it(claim, bench)):
        return 2.0 if statement.boxed or statement.final or alone else 1.0
    if left is None or any(bench.table.get(name) is None for name in symbols_in(left)):
        return 1.5 if statement.boxed or statement.final else 0.75
    return 0.75 if statement.boxed else None


def _both_are_it(claim: Said, bench: Bench) -> bool:
    """A chain that rewrites the answer, ``xᵀA + (Ax)ᵀ = xᵀ(A + Aᵀ)``, and names nothing."""
    first, last = claim.members[0].expr, claim.value.expr
    return first is not None and last is not None and not isinstance(first, Sym) and bench.decide(first, last).equal


def _is_trivial(claim: Said) -> bool:
    """A single name or number standing in the prose is a mention, not a result."""
    return not claim.ops and isinstance(claim.value.expr, Sym | Num | Const | Index)


def _same_kind(item: Expression, value: Expr, bench: Bench, gold: Expr) -> bool | None:
    """Whether a value could be meant as this answer: of its shape, or a known mistake; None: surely not."""
    decision = bench.decide(gold, value)
    if not is_shape_refusal(decision):
        return True
    if named_pitfall(bench, item, gold, value) is not None:
        return True
    if bool(symbols_in(value) & symbols_in(gold)) and len(list(walk(value))) > 2:
        return False
    return None


def _is_siblings(item: Expression, siblings: Sequence[Item], claim: Said, bench: Bench) -> bool:
    """Whether the words beside a claim make it another item's; where both are named, its value tells."""
    own, others = named_cue(item, claim), [other for other in siblings if named_cue(other, claim)]
    if others and not own:
        return True
    value = claim.value.expr
    if value is None or own != bool(others) or item.optional:
        return False
    return any(
        isinstance(other, Expression) and other.optional and bench.decide(bench.gold(other.answer), value).equal
        for other in siblings
    )


def named_cue(item: Item, claim: Said) -> bool:
    """Whether the words right beside a claim are an item's."""
    statement = claim.statement
    return (
        find_phrase(item.cues, " ".join(filter(None, (claim.words, statement.condition, statement.label.title))))
        is not None
    )


def _cued(item: Expression, claim: Said) -> bool:
    statement = claim.statement
    text = " ".join(
        filter(None, (claim.words, statement.condition, statement.label.title, statement.context, statement.subject))
    )
    return find_phrase(item.cues, text) is not None


# ------------------------------------------------------------------------------------------------------ forms


def _form_missing(item: Expression, value: Expr, bench: Bench) -> bool:
    return any(not _has(form, value, bench) for form in item.require)


def _has(form: Form, value: Expr, bench: Bench) -> bool:
    present = symbols_in(value)
    if any(name in present for name in _canonical_names(form.symbols)):
        return True
    return any(stands_in(piece, value) for piece in bench.golds(form.contains))


def _canonical_names(symbols: Sequence[str]) -> list[str]:
    return [canonical_name(symbol) for symbol in symbols]


def _form(item: Expression, section: Section, value: Expr, bench: Bench) -> Form | None:
    """The rule of form a right value breaks, or None."""
    present = symbols_in(value)
    for form in item.forbid:
        if not any(name in present for name in _canonical_names(form.symbols)) and not any(
            stands_in(piece, value) for piece in bench.golds(form.contains)
        ):
            continue
        asked = bool(form.when_asked) and find_phrase(form.when_asked, section.attempt.asked) is not None
        objected = bool(form.or_objected) and find_phrase(form.or_objected, section.attempt.objected) is not None
        if asked or objected or not (form.when_asked or form.or_objected):
            return form
    for form in item.require:
        if not _has(form, value, bench):
            return form
    return None


def _from_words(ruling: Ruling, item: Expression, section: Section, bench: Bench) -> Ruling:
    found = in_words(bench, item, section) if item.words or item.against else None
    if found is not None:
        verdict, statement, evidence, wording = found
        section.use(statement)
        ruling.verdict = verdict
        ruling.claims.append(claim_of(statement, "fact", verdict, evidence, reading=wording, item=item))
    return ruling
