"""``/v1/review``: groups of doubtful claims, what a decision would change, and the decision."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query

from llmgrade.service import amend, catalogue, review, rulings
from llmgrade.service.asking import HouseHere, Reviewer
from llmgrade.service.bench import Bench
from llmgrade.service.catalogue import Row
from llmgrade.service.database import writing
from llmgrade.service.house import EFFECT_SECONDS, House
from llmgrade.service.problems import RESPONSES, Problem
from llmgrade.service.review import Decision, Group
from llmgrade.service.routes.rubrics import checked, publish
from llmgrade.service.wire import DecisionAsked, DecisionMade, Effect, GroupPage, GroupView, ProposalAsked, ProposalMade

__all__ = ["router"]

router = APIRouter(prefix="/v1/review", tags=["review"], responses=RESPONSES)
Name = Annotated[str, Path(pattern=r"^[0-9a-f]{20}$")]
ANSWERS = 60
"""Distinct answers that are judged before and after an edit."""


def shown(group: Group) -> GroupView:
    """A group as it is shown."""
    return GroupView(
        id=group.id,
        rubric=group.rubric,
        part=group.part,
        item=group.item,
        reading=group.reading,
        verdict=group.verdict,
        dispute=group.dispute,
        why=group.why,
        count=group.count,
        texts=list(group.texts),
        jobs=list(group.submissions),
    )


def made(decision: Decision, reports: int = 0, regraded: int = 0) -> DecisionMade:
    """A decision as it is shown."""
    return DecisionMade(**asdict(decision), reports=reports, regraded=regraded)


def found(house: House, name: str) -> Group:
    """A group.

    Raises:
        Problem: there is none.
    """
    with house.reading() as connection:
        group = review.group(connection, name)
    if group is None:
        raise Problem(404, "there is no such group")
    return group


@router.get("/groups")
def groups(
    house: HouseHere,
    who: Reviewer,
    rubric: Annotated[str | None, Query(pattern=r"^[a-zA-Z0-9][a-zA-Z0-9_-]{0,99}$")] = None,
    dispute: Annotated[Literal["undecided", "disputed", "unexplained"] | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 100,
) -> GroupPage:
    """Open groups: undecided first, then disputed, then wrong ones no pitfall explains; the largest first."""
    with house.reading() as connection:
        items = review.groups(connection, rubric=rubric, dispute=dispute, limit=limit)
    return GroupPage(items=[shown(one) for one in items])


@router.get("/groups/{group}")
def group_(group: Name, house: HouseHere, who: Reviewer) -> GroupView:
    """A group."""
    chosen = found(house, group)
    with house.reading() as connection:
        return shown(chosen).model_copy(update={"suggested": review.suggested(connection, chosen)})


@router.get("/decisions")
def decisions(house: HouseHere, who: Reviewer, limit: Annotated[int, Query(ge=1, le=200)] = 100) -> list[DecisionMade]:
    """What people decided, the newest first."""
    with house.reading() as connection:
        return [made(one) for one in review.decided(connection, limit=limit)]


@router.post("/groups/{group}/proposal")
async def proposal(group: Name, asked: ProposalAsked, house: HouseHere, who: Reviewer) -> ProposalMade:
    """The rubric as a decision would make it, and which answers of the newest reports it would change."""
    return await propose(house, await house.run(found, house, group), asked)


async def propose(house: House, group: Group, asked: ProposalAsked) -> ProposalMade:
    """See `proposal`."""
    row, stated = await house.run(_beside, house, group)
    if row is None:
        raise Problem(404, "the group's rubric is gone")
    outcome = "correct" if asked.verdict == "correct" else "partial" if asked.verdict == "partial" else "reject"
    text = amend.amended(
        row.text,
        group.part,
        asked.become,
        asked.answer,
        item=group.item,
        pitfall=asked.pitfall or "",
        credit=asked.credit,
        say=asked.say,
        outcome=asked.pitfall if asked.pitfall and asked.become == "test" else outcome,
    )
    diagnostics = await checked(house, row.id, text)
    effects: list[Effect] = []
    answers = list(dict.fromkeys([asked.answer, *stated]))
    if not any(one.severity == "error" for one in diagnostics):
        verdicts: list[tuple[str, str]] = await house.tried(
            EFFECT_SECONDS, Bench.effect, (row.id, row.text), text, group.part, answers
        )
        effects = [
            Effect(answer=answer, count=stated.get(answer, 0), before=before, after=after)
            for answer, (before, after) in zip(answers, verdicts, strict=True)
            if before != after
        ]
    return ProposalMade(
        rubric=row.id,
        base=row.etag,
        text=text,
        diff=amend.difference(row.text, text, row.id),
        diagnostics=diagnostics,
        looked_at=len(answers),
        effects=effects,
    )


@router.post("/groups/{group}/decision", status_code=201)
async def decision(group: Name, asked: DecisionAsked, house: HouseHere, who: Reviewer) -> DecisionMade:
    """Settle a group. With a proposal it is published (scope `author`) and chats with the rubric are graded again."""
    chosen = await house.run(found, house, group)
    if asked.proposal is not None and not who.may("author"):
        raise Problem(403, "this key has no scope `author`: it can settle groups, not publish rubrics")
    if asked.proposal is None:
        return await house.run(_settled, house, chosen, asked, who.name)
    proposed = await propose(house, chosen, asked.proposal)
    if asked.base is not None and asked.base != proposed.base:
        raise Problem(412, "another version has been published since this was proposed", field="base")
    row = await publish(house, chosen.rubric, proposed.text, who.name, asked.why, proposed.base)
    return await house.run(_settled, house, chosen, asked, who.name, asked.proposal.become, row.number)


def _beside(house: House, group: Group) -> tuple[Row | None, dict[str, int]]:
    with house.reading() as connection:
        row = catalogue.current(connection, group.rubric)
        return row, review.stated(connection, group.rubric, group.part, ANSWERS)


def _settled(
    house: House, group: Group, asked: DecisionAsked, who: str, became: str = "nothing", number: int | None = None
) -> DecisionMade:
    with writing(house.engine) as connection:
        kept = review.decide(connection, group, asked.verdict, who, asked.why, became, number, asked.credit)
        written = rulings.settle(connection, kept)
        again = 0 if number is None else review.regrade(connection, group.rubric)
        return made(kept, written, again)
