"""The review queue: claims that a person should look at, by groups of equal meaning, and what people decided of them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from llmgrade.service.bench import Known
from llmgrade.service.database import decisions, jobs, now, reports, review_items, submissions
from llmgrade.service.doubts import Doubt, named
from llmgrade.service.doubts import stated as stated_by
from llmgrade.service.queues import new_id, put

__all__ = [
    "Decision",
    "Group",
    "collect",
    "decide",
    "decided",
    "decided_of",
    "dispute",
    "forget",
    "group",
    "groups",
    "known",
    "regrade",
    "settled",
    "stated",
    "suggested",
]

KNOWN = 400
"""Groups a new claim is compared with."""
MATHS = re.compile(r"[\\^_=+*/<>]|\d|^\s*\S{1,2}\s*$")
"""By which a reading is known to be set as a formula; words are shown as words."""
LOOKED_THROUGH = 500
"""Newest reports that are looked through for what an edit would change."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What somebody decided of a group."""

    id: str
    group: str
    rubric: str
    part: str
    reading: str
    verdict: str
    who: str
    why: str
    became: str
    rubric_number: int | None
    created: float
    credit: float | None = None
    """Share of the points, where the verdict is partial and somebody said so."""


@dataclass(frozen=True, slots=True)
class Group:
    """Claims of equal meaning under one part: one decision settles them all."""

    id: str
    rubric: str
    part: str
    item: str | None
    reading: str
    verdict: str
    dispute: str
    why: str
    count: int
    texts: tuple[str, ...]
    submissions: tuple[str, ...]

    @property
    def maths(self) -> bool:
        """Whether the reading is mathematics, and not words."""
        return bool(MATHS.search(self.reading))


def known(connection: Connection) -> Known:
    """The newest open groups with a reading each."""
    rows = connection.execute(
        sa.select(
            review_items.c.rubric,
            review_items.c.part,
            review_items.c.print,
            sa.func.min(review_items.c.reading),
            sa.func.max(review_items.c.created),
        )
        .group_by(review_items.c.rubric, review_items.c.part, review_items.c.print)
        .order_by(sa.func.max(review_items.c.created).desc())
        .limit(KNOWN)
    )
    found: Known = {}
    for rubric, part, name, reading, _ in rows:
        found.setdefault((rubric, part), []).append((name, reading))
    return found


def collect(connection: Connection, found: Iterable[tuple[str, str, Doubt]]) -> None:
    """Add doubts to the queue, in the transaction that ends their jobs; each with its job and submission."""
    rows = [
        {
            "id": new_id(),
            "job": job,
            "submission": submission,
            "rubric": doubt.rubric,
            "part": doubt.part,
            "print": doubt.group,
            "item": doubt.item,
            "reading": doubt.reading,
            "text": doubt.text,
            "verdict": doubt.verdict,
            "dispute": doubt.dispute,
            "why": doubt.why,
            "created": now(),
        }
        for job, submission, doubt in found
    ]
    if rows:
        connection.execute(sa.insert(review_items), rows)


def forget(connection: Connection, several: Sequence[str]) -> None:
    """Submissions are graded anew: what their earlier reports were asked about is asked no more."""
    connection.execute(sa.delete(review_items).where(review_items.c.submission.in_(several)))


def dispute(connection: Connection, job: str, submission: str, rubric: str, part: str, why: str) -> str | None:
    """Put the last answer to a part into the queue because its owner disagrees; None where there is no such answer."""
    for (text,) in connection.execute(sa.select(reports.c.text).where(reports.c.job == job).order_by(reports.c.rank)):
        whole = json.loads(text)
        for problem in whole.get("problems", ()):
            for one in problem["parts"]:
                if (problem["rubric"], one["id"]) != (rubric, part) or not one["attempts"]:
                    continue
                for claim in one["attempts"][-1]["claims"]:
                    if claim["decisive"]:
                        reading, text = named(claim)
                        name = stated_by(whole)[(rubric, part, reading, text)]
                        found = Doubt(
                            rubric,
                            part,
                            claim.get("item"),
                            name,
                            reading,
                            text,
                            claim["verdict"],
                            "disputed",
                            why,
                            True,
                        )
                        collect(connection, [(job, submission, found)])
                        return name
    return None


def groups(
    connection: Connection, *, rubric: str | None = None, dispute: str | None = None, limit: int = 200
) -> list[Group]:
    """Open groups: undecided ones first, then disputed, then unexplained; the largest first in each."""
    settled = sa.select(decisions.c.print)
    query = sa.select(review_items).where(review_items.c.print.not_in(settled))
    if rubric:
        query = query.where(review_items.c.rubric == rubric)
    if dispute:
        query = query.where(review_items.c.dispute == dispute)
    rows = connection.execute(query.order_by(review_items.c.created.desc()).limit(20 * limit)).all()
    order = {"undecided": 0, "disputed": 1, "unexplained": 2}
    found = sorted(_gathered(rows), key=lambda g: (order.get(g.dispute, 3), -g.count, g.rubric, g.part, g.id))
    return found[:limit]


def group(connection: Connection, name: str) -> Group | None:
    """One group, settled or not."""
    rows = connection.execute(
        sa.select(review_items).where(review_items.c.print == name).order_by(review_items.c.created.desc())
    ).all()
    return next(iter(_gathered(rows)), None)


def suggested(connection: Connection, chosen: Group) -> str:
    """The answer as the rubric would have it: the value that was read, without what it was set equal to."""
    texts = connection.execute(sa.select(reports.c.text).where(reports.c.job.in_(chosen.submissions[:1]))).scalars()
    for whole in map(json.loads, texts):
        for problem in whole.get("problems", ()):
            for part in problem["parts"]:
                for attempt in (
                    part["attempts"] if (problem["rubric"], part["id"]) == (chosen.rubric, chosen.part) else ()
                ):
                    for claim in attempt["claims"]:
                        if named(claim)[0] == chosen.reading and claim.get("reading"):
                            return str(claim["reading"])
    return chosen.reading


def _gathered(rows: Iterable[sa.Row[tuple[object, ...]]]) -> list[Group]:
    by_group: dict[str, list[sa.Row[tuple[object, ...]]]] = {}
    for row in rows:
        by_group.setdefault(row.print, []).append(row)
    return [
        Group(
            name,
            members[0].rubric,
            members[0].part,
            members[0].item,
            members[0].reading,
            members[0].verdict,
            next((m.dispute for m in members if m.dispute == "disputed"), members[0].dispute),
            next((m.why for m in members if m.dispute == "disputed"), members[0].why),
            len(members),
            tuple(dict.fromkeys(m.text for m in members))[:8],
            tuple(dict.fromkeys(m.job for m in members))[:20],
        )
        for name, members in by_group.items()
    ]


def decide(
    connection: Connection,
    chosen: Group,
    verdict: str,
    who: str,
    why: str,
    became: str,
    number: int | None,
    credit: float | None = None,
) -> Decision:
    """Record a decision: it settles the group, for the claims there are and for those to come."""
    made = Decision(
        new_id(),
        chosen.id,
        chosen.rubric,
        chosen.part,
        chosen.reading,
        verdict,
        who,
        why,
        became,
        number,
        now(),
        credit,
    )
    connection.execute(
        sa.insert(decisions).values(
            id=made.id,
            rubric=made.rubric,
            part=made.part,
            print=made.group,
            reading=made.reading,
            verdict=verdict,
            who=who[:200],
            why=why,
            became=became,
            rubric_number=number,
            created=made.created,
            credit=credit,
        )
    )
    return made


def settled(connection: Connection, groups_: Iterable[str]) -> dict[str, Decision]:
    """The decision in force on each of these groups that has one: the newest."""
    query = sa.select(decisions).where(decisions.c.print.in_(list(groups_))).order_by(decisions.c.created)
    return {one.group: one for one in _decisions(connection, query)}


def decided_of(connection: Connection, job: str) -> list[Decision]:
    """The decisions in force on the claims of a job's reports."""
    groups_ = connection.execute(sa.select(review_items.c.print).where(review_items.c.job == job).distinct()).scalars()
    return list(settled(connection, groups_).values())


def decided(connection: Connection, *, limit: int = 100, name: str | None = None) -> list[Decision]:
    """The newest decisions, or those on one group."""
    query = sa.select(decisions).order_by(decisions.c.created.desc()).limit(limit)
    if name is not None:
        query = query.where(decisions.c.print == name)
    return _decisions(connection, query)


def _decisions(connection: Connection, query: sa.Select[Any]) -> list[Decision]:
    return [
        Decision(
            row.id,
            row.print,
            row.rubric,
            row.part,
            row.reading,
            row.verdict,
            row.who,
            row.why,
            row.became,
            row.rubric_number,
            row.created,
            row.credit,
        )
        for row in connection.execute(query)
    ]


def _newest_jobs() -> sa.Subquery:
    return (
        sa.select(jobs.c.submission, sa.func.max(jobs.c.created).label("created"))
        .where(jobs.c.state == "done")
        .group_by(jobs.c.submission)
        .subquery()
    )


def _reports_with(connection: Connection, rubric: str) -> list[tuple[str, str]]:
    """(submission, report) of the newest report of each submission in which the rubric is used."""
    newest = _newest_jobs()
    rows = connection.execute(
        sa.select(reports.c.submission, reports.c.text)
        .join(jobs, jobs.c.id == reports.c.job)
        .join(newest, sa.and_(newest.c.submission == jobs.c.submission, newest.c.created == jobs.c.created))
        .where(reports.c.text.contains(f'"rubric":"{rubric}"', autoescape=True))
        .order_by(reports.c.created.desc())
        .limit(LOOKED_THROUGH)
    )
    return [(submission, text) for submission, text in rows]


def stated(connection: Connection, rubric: str, part: str, limit: int) -> dict[str, int]:
    """The answers to a part in the newest reports, the most frequent first, and how many state each."""
    count: dict[str, int] = {}
    for _, text in _reports_with(connection, rubric):
        for problem in json.loads(text)["problems"]:
            for one in problem["parts"]:
                if problem["rubric"] == rubric and one["id"] == part:
                    for attempt in one["attempts"]:
                        for claim in attempt["claims"]:
                            if claim["decisive"]:
                                said = str(claim.get("latex") or claim["text"])
                                count[said] = count.get(said, 0) + 1
    return dict(sorted(count.items(), key=lambda pair: -pair[1])[:limit])


def regrade(connection: Connection, rubric: str) -> int:
    """Queue the submissions again in which the rubric is used; returns how many."""
    found = list(dict.fromkeys(submission for submission, _ in _reports_with(connection, rubric)))
    waiting = set(
        connection.execute(
            sa.select(jobs.c.submission).where(jobs.c.state == "waiting", jobs.c.submission.in_(found))
        ).scalars()
    )
    put(connection, [submission for submission in found if submission not in waiting])
    return len(found)


def owner_of(connection: Connection, submission: str) -> str:
    """Whose it is."""
    return str(connection.execute(sa.select(submissions.c.owner).where(submissions.c.id == submission)).scalar_one())
