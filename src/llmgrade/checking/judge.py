"""One attempt → its verdict: every expected item judged, side statements checked, feedback with its witness.

What a part expects decides its verdict; what is said beside it is checked all the same, and reported as a finding.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from llmgrade.attempts.model import Attempt, PromptKind
from llmgrade.checking.bench import Bench, bench_of
from llmgrade.checking.evidence import Undecided
from llmgrade.checking.follow import followed
from llmgrade.checking.kinds import KINDS
from llmgrade.checking.model import JudgedAttempt, JudgedClaim
from llmgrade.checking.remarks import remarks
from llmgrade.checking.ruling import Ruling, claim_of
from llmgrade.checking.section import Section, section_of
from llmgrade.checking.verdict import Verdict
from llmgrade.limits import Limits
from llmgrade.rubric.model import Pitfall

__all__ = ["judge"]

_LIMITS = Limits()


def judge(attempt: Attempt, limits: Limits = _LIMITS, seed: str = "") -> JudgedAttempt | None:
    """What an attempt comes to; None where the part was asked and nobody answered, or nothing in it answers the part.

    ``seed`` fixes the sample points, so that a run can be replayed; without one they are secret.
    """
    turn = attempt.turn
    if turn is None:
        return None
    bench = bench_of(attempt.rubric, attempt.part, attempt.renamed, limits, seed)
    # An equal rubric loaded twice shares a bench: from here on the bench's own part counts, so that its items are its items.
    attempt = replace(attempt, rubric=bench.rubric, part=bench.part)
    section = section_of(attempt, bench)
    rulings = [KINDS[item.kind](item, section, bench) for item in bench.part.expect]
    rulings = [_if_in_place(ruling, attempt) for ruling in rulings]
    rulings, origin = _carried_forward(rulings, attempt, section, bench)
    wrong = {claim.span for ruling in rulings for claim in ruling.claims if claim.verdict is Verdict.INCORRECT}
    section.failed |= {id(s) for s in attempt.statements if s.span in wrong}
    side, pitfalls, witness = remarks(section, bench)
    verdict, credit, reasons = _together(attempt, rulings)
    if verdict is Verdict.PARTIAL and attempt.scattered and not any(r.stated and _lacks(r) for r in rulings):
        # What is missing may well be there, unread; what is read is right.
        verdict, credit, reasons = Verdict.UNDECIDED, 0.0, [*reasons, _SCATTERED]
    if verdict is Verdict.UNANSWERED:
        return _without_answer(attempt, section, side)
    if verdict is Verdict.CORRECT and _after_another(attempt, limits, seed):
        verdict, credit, reasons = Verdict.UNDECIDED, 0.0, [*reasons, _SECOND]
    if pitfalls and verdict is Verdict.CORRECT:
        credit = min([credit, *(p.credit for p in pitfalls)])
    found = list(dict.fromkeys([*(p for ruling in rulings for p in ruling.pitfalls), *pitfalls]))
    claims = [claim for ruling in rulings for claim in ruling.claims]
    witnesses = {p.id: ruling.witness for ruling in rulings for p in ruling.pitfalls} | {
        p.id: witness for p in pitfalls
    }
    prompt = attempt.prompt
    return JudgedAttempt(
        attempt.number,
        turn,
        verdict,
        round(credit, 4),
        tuple(_ids(found)),
        tuple(_feedback(pitfall, witnesses.get(pitfall.id, {})) for pitfall in found if pitfall.say),
        tuple(sorted([*claims, *side], key=lambda claim: claim.span.start)),
        prompt.text if prompt else None,
        (prompt.kind if prompt else PromptKind.QUESTION).value if prompt else None,
        tuple(reasons),
        origin,
    )


def _carried_forward(
    rulings: list[Ruling], attempt: Attempt, section: Section, bench: Bench
) -> tuple[list[Ruling], str | None]:
    """Wrong rulings replaced where the answer follows from an earlier wrong one, and the part that was wrong."""
    if not bench.part.follow or not attempt.said_before:
        return rulings, None
    origin: str | None = None
    found = []
    for ruling in rulings:
        carried = (
            followed(
                bench,
                ruling.item,
                attempt.said_before,
                lambda item: KINDS[item.kind](item, section, bench),  # type: ignore[attr-defined]
            )
            if ruling.verdict is Verdict.INCORRECT
            else None
        )
        origin = carried.origin if carried is not None else origin
        found.append(ruling if carried is None else carried.ruling)
    return found, origin


_MISPLACED = "formulas on this page could not all be put together again, so it is not sure that this one stands here"


_SCATTERED = "formulas on this page could not all be read: what is missing here may stand among them"


def _lacks(ruling: Ruling) -> bool:
    """Whether a stated item is anything but right."""
    return ruling.verdict is not Verdict.CORRECT or bool(ruling.pitfalls)


def _if_in_place(ruling: Ruling, attempt: Attempt) -> Ruling:
    """A verdict that rests on a formula which may belong elsewhere is left open."""
    if not attempt.unsure or ruling.verdict in {Verdict.UNANSWERED, Verdict.UNDECIDED}:
        return ruling
    doubtful = {s.span for s in attempt.statements if s.order in attempt.unsure}
    if not any(claim.span in doubtful for claim in ruling.claims):
        return ruling
    claims = [
        replace(claim, verdict=Verdict.UNDECIDED, evidence=Undecided(_MISPLACED), pitfalls=())
        if claim.span in doubtful
        else claim
        for claim in ruling.claims
    ]
    return Ruling(ruling.item, Verdict.UNDECIDED, claims, reason=_MISPLACED)


_SECOND = "the print does not say who speaks, and this may be a second answer: one before it seems to have been another"


def _after_another(attempt: Attempt, limits: Limits, seed: str) -> bool:
    """Whether a right answer may have been preceded by a wrong one that the print hides in the same message."""
    if attempt.hidden:
        return True
    if not attempt.earlier:
        return False
    before = judge(replace(attempt, statements=attempt.earlier, earlier=()), limits, seed)
    return before is not None and before.verdict is Verdict.INCORRECT


def _ids(pitfalls: Iterable[Pitfall]) -> list[str]:
    return list(dict.fromkeys(name for pitfall in pitfalls for name in (pitfall.id, *pitfall.counts_as)))


def _together(attempt: Attempt, rulings: list[Ruling]) -> tuple[Verdict, float, list[str]]:
    """The part's verdict, the share of its points, and what is missing."""
    part = attempt.part
    stated = [ruling for ruling in rulings if ruling.stated]
    required = [ruling for ruling in rulings if not ruling.item.optional]
    if not stated:
        return Verdict.UNANSWERED, 0.0, []
    if all(ruling.item.optional for ruling in stated) and not part.any_of:
        verdict = Verdict.together([*(r.verdict for r in stated), *(Verdict.UNANSWERED for _ in required)])
    elif part.any_of:
        verdict = Verdict.together(ruling.verdict for ruling in stated)
    else:
        counted = [ruling for ruling in rulings if ruling.stated or not ruling.item.optional]
        verdict = Verdict.together(ruling.verdict for ruling in counted)
    reasons = [ruling.reason for ruling in rulings if ruling.reason]
    if not part.any_of:
        reasons += [
            f"{ruling.item.id}: not stated" for ruling in required if not ruling.stated and len(part.expect) > 1
        ]
    counted = stated if part.any_of else [r for r in rulings if r.stated or not r.item.optional]
    total = sum(r.item.weight for r in counted)
    credit = sum(r.item.weight * _share(r) for r in counted) / total if total else 0.0
    if verdict is Verdict.CORRECT:
        credit = 1.0
    elif part.any_of:
        credit = min(_share(r) for r in counted)
    return verdict, credit, reasons


def _share(ruling: Ruling) -> float:
    if ruling.verdict is Verdict.CORRECT:
        return 1.0
    if ruling.credit is not None:
        return ruling.credit
    return 0.5 if ruling.verdict is Verdict.PARTIAL else 0.0


def _feedback(pitfall: Pitfall, witness: dict[str, str]) -> str:
    numbers = ", ".join(f"{name} = {value}" for name, value in witness.items() if "[" not in value or len(value) < 40)
    text = pitfall.say
    if "{witness}" in text:
        return (
            text.replace("{witness}", numbers)
            if numbers
            else text.replace(" Try {witness}.", "").replace("({witness})", "").replace("{witness}", "")
        )
    return text


def _without_answer(attempt: Attempt, section: Section, side: list[JudgedClaim]) -> JudgedAttempt | None:
    """Nothing in the section answers the part. What nobody could read makes it undecided, not unanswered."""
    assert attempt.turn is not None
    unread = [c for c in section.claims if c.value.expr is None and (c.statement.boxed or c.statement.final)]
    torn = [s for s in section.formulas if s.latex is None and s.text]
    if unread and not torn:
        where, why = unread[-1].statement, f"it cannot be read: {unread[-1].value.why}"
    elif torn or attempt.scattered:
        where = torn[-1] if torn else attempt.statements[-1]
        why = "nothing that answers this part could be read" if torn else _SCATTERED
    else:
        return None
    claim = claim_of(where, "expression", Verdict.UNDECIDED, Undecided(why))
    prompt = attempt.prompt
    return JudgedAttempt(
        attempt.number, attempt.turn, Verdict.UNDECIDED, 0.0, (), (), (claim, *side), prompt.text if prompt else None,
        prompt.kind.value if prompt else None,
    )  # fmt: skip
