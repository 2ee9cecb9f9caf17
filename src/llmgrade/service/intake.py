"""Taking things in and finding them again: submissions, their jobs, their reports."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from llmgrade.service import catalogue, keys
from llmgrade.service.asking import following
from llmgrade.service.database import batches, events, idempotency, jobs, now, reports, submissions
from llmgrade.service.keys import Caller
from llmgrade.service.problems import Problem
from llmgrade.service.queues import Entered, enter, new_id
from llmgrade.service.wire import AnswerAsked, BatchMade, Handing, JobView, Links, MessagesAsked, ScoreView, TextAsked

__all__ = [
    "Handed",
    "accept",
    "accept_batch",
    "alone",
    "as_handed",
    "batch_listing",
    "batch_view",
    "find",
    "job_events",
    "listing",
    "report_texts",
]


@dataclass(frozen=True, slots=True)
class Handed:
    """One thing handed in."""

    data: bytes
    name: str
    rubric: str | None = None
    part: str | None = None
    prompt: str | None = None

    def digest(self) -> str:
        """A hash of all of it: two requests are the same or they are not."""
        told = json.dumps([self.name, self.rubric, self.part, self.prompt]).encode()
        return hashlib.sha256(len(told).to_bytes(4, "big") + told + self.data).hexdigest()


def as_handed(asked: Handing) -> Handed:
    """A request's chat or answer as it is kept."""
    if isinstance(asked, AnswerAsked):
        return Handed(asked.answer.encode(), asked.name or "answer", asked.rubric, asked.part, asked.prompt)
    name = asked.name or "chat"
    if isinstance(asked, TextAsked):
        return Handed(asked.text.encode(), name, asked.rubric)
    if isinstance(asked, MessagesAsked):
        data = json.dumps({"messages": [one.model_dump() for one in asked.messages]}, ensure_ascii=False).encode()
        return Handed(data, name, asked.rubric)
    return Handed(base64.b64decode(asked.data, validate=True), name, asked.rubric)


def _spend(connection: Connection, who: Caller, amount: int) -> None:
    left = keys.spend(connection, who, amount)
    if left is not None:
        raise Problem(
            429, f"the quota of {who.quota_per_hour} submissions an hour is used up", headers={"Retry-After": str(left)}
        )


def _known_rubric(connection: Connection, handed: Handed, field: str = "") -> None:
    if handed.rubric is None:
        return
    row = catalogue.current(connection, handed.rubric)
    if row is None:
        raise Problem(422, "there is no such rubric", field=f"{field}rubric")
    if handed.part is not None:
        rubric = catalogue.compiled(connection)[1].get(handed.rubric)
        if rubric is None or all(one.id != handed.part for one in rubric.parts):
            raise Problem(422, "the rubric has no such part", field=f"{field}part")


def _keep(connection: Connection, who: Caller, several: Sequence[Handed], batch: str | None) -> list[Entered]:
    rows: list[dict[str, Any]] = [
        {
            "id": new_id(),
            "owner": who.id,
            "name": handed.name[:300],
            "batch": batch,
            "data": handed.data,
            "rubric": handed.rubric,
            "part": handed.part,
            "prompt": handed.prompt,
            "created": now(),
        }
        for handed in several
    ]
    return enter(connection, rows)


def _once(connection: Connection, who: Caller, key: str | None, digest: str) -> str | None:
    """What the same request made earlier, if it was made.

    Raises:
        Problem: the key was used for another request.
    """
    if key is None:
        return None
    made = connection.execute(
        sa.select(idempotency.c.request, idempotency.c.job).where(
            idempotency.c.owner == who.id, idempotency.c.key == key
        )
    ).one_or_none()
    if made is None:
        return None
    if made.request != digest:
        raise Problem(409, "this Idempotency-Key was used for another request", field="Idempotency-Key")
    return str(made.job)


def _remember(connection: Connection, who: Caller, key: str | None, digest: str, made: str) -> None:
    if key is None:
        return
    try:
        with connection.begin_nested():
            connection.execute(
                sa.insert(idempotency).values(owner=who.id, key=key, request=digest, job=made, created=now())
            )
    except sa.exc.IntegrityError:
        raise Problem(
            409, "the same Idempotency-Key is being used right now: ask again", field="Idempotency-Key"
        ) from None


def alone(who: Caller, handed: Handed, key: str | None) -> bool:
    """Whether nothing has to be asked or counted before this is kept: then that is one statement."""
    return key is None and handed.rubric is None and not who.quota_per_hour


def accept(connection: Connection, who: Caller, handed: Handed, key: str | None) -> JobView:
    """Keep a submission and queue it, in one transaction; returns the job. The same request twice is one job."""
    digest = handed.digest() if key is not None else ""
    made = _once(connection, who, key, digest)
    if made is not None:
        return find(connection, who, made)
    _known_rubric(connection, handed)
    _spend(connection, who, 1)
    (entered,) = _keep(connection, who, [handed], None)
    _remember(connection, who, key, digest, entered.job)
    return JobView(
        id=entered.job,
        submission=entered.submission,
        batch=None,
        name=handed.name[:300],
        state="waiting",
        reason=None,
        created=entered.created,
        started=None,
        finished=None,
        score=None,
        reports=0,
        links=_links(entered.job),
    )


def accept_batch(connection: Connection, who: Caller, name: str, items: list[Handed], key: str | None) -> str:
    """Keep and queue a whole batch in one transaction; returns its id."""
    digest = hashlib.sha256("".join((name, *(one.digest() for one in items))).encode()).hexdigest()
    made = _once(connection, who, key, digest)
    if made is not None:
        return made
    for rank, one in enumerate(items):
        _known_rubric(connection, one, f"items.{rank}.")
    _spend(connection, who, len(items))
    batch = new_id()
    connection.execute(
        sa.insert(batches).values(id=batch, owner=who.id, name=name or "batch", size=len(items), created=now())
    )
    _keep(connection, who, items, batch)
    _remember(connection, who, key, digest, batch)
    return batch


# ------------------------------------------------------------------------------------------------- finding again


def _owned(who: Caller, column: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    """Everybody sees their own; an admin, everybody's."""
    return sa.true() if who.may("admin") else column == who.id


JOBS = sa.select(jobs, submissions.c.name, submissions.c.batch, submissions.c.owner).join(
    submissions, submissions.c.id == jobs.c.submission
)
ONE_JOB = JOBS.where(jobs.c.id == sa.bindparam("sought"))


def _views(connection: Connection, rows: Sequence[Any]) -> list[JobView]:
    """Jobs with their points: summed for these jobs alone, however many reports there are."""
    done = [row.id for row in rows if row.state == "done"]
    points: dict[str, Any] = {}
    if done:
        summed = (
            sa.select(
                reports.c.job,
                sa.func.count().label("reports"),
                sa.func.sum(reports.c.first).label("first"),
                sa.func.sum(reports.c.final).label("final"),
                sa.func.sum(reports.c.max).label("max"),
            )
            .where(reports.c.job.in_(done))
            .group_by(reports.c.job)
        )
        points = {row.job: row for row in connection.execute(summed)}
    return [_view(row, points.get(row.id)) for row in rows]


def _view(row: Any, points: Any) -> JobView:
    score = ScoreView(first=points.first, final=points.final, max=points.max) if points is not None else None
    return JobView(
        id=row.id,
        submission=row.submission,
        batch=row.batch,
        name=row.name,
        state=row.state,
        reason=row.reason,
        created=row.created,
        started=row.started,
        finished=row.finished,
        score=score,
        reports=points.reports if points is not None else 0,
        links=_links(row.id),
    )


def _links(job: str) -> Links:
    return Links(
        self=f"/v1/jobs/{job}",
        events=f"/v1/jobs/{job}/events",
        report=f"/v1/jobs/{job}/report.json",
        page=f"/jobs/{job}",
    )


def find(connection: Connection, who: Caller, job: str) -> JobView:
    """A job the caller may see; a reviewer may see those with a claim in the queue.

    Raises:
        Problem: there is none, or it is somebody else's: nobody learns which.
    """
    row = connection.execute(ONE_JOB, {"sought": job}).one_or_none()
    if row is None or not (row.owner == who.id or who.may("review")):
        raise Problem(404, "there is no such job")
    return _views(connection, [row])[0]


def listing(
    connection: Connection,
    who: Caller,
    *,
    after: tuple[float, str] | None = None,
    limit: int = 50,
    state: str | None = None,
    batch: str | None = None,
    q: str | None = None,
) -> tuple[list[JobView], str | None]:
    """A page of jobs, the newest first, and the cursor of the next one."""
    query = JOBS.where(_owned(who, submissions.c.owner))
    if state is not None:
        query = query.where(jobs.c.state == state)
    if batch is not None:
        query = query.where(submissions.c.batch == batch)
    if q:
        inside = sa.select(reports.c.job).where(reports.c.text.icontains(json.dumps(q)[1:-1], autoescape=True))
        plain = sa.select(reports.c.job).where(reports.c.text.icontains(q, autoescape=True))
        query = query.where(
            sa.or_(submissions.c.name.icontains(q, autoescape=True), jobs.c.id.in_(inside), jobs.c.id.in_(plain))
        )
    if after is not None:
        created, name = after
        query = query.where(sa.or_(jobs.c.created < created, sa.and_(jobs.c.created == created, jobs.c.id < name)))
    rows = connection.execute(query.order_by(jobs.c.created.desc(), jobs.c.id.desc()).limit(limit + 1)).all()
    page = _views(connection, rows[:limit])
    return page, following(page[-1].created, page[-1].id) if len(rows) > limit else None


def report_texts(connection: Connection, job: str) -> list[str]:
    """The reports of a job as JSON, in the order of its conversations."""
    return list(
        connection.execute(sa.select(reports.c.text).where(reports.c.job == job).order_by(reports.c.rank)).scalars()
    )


def job_events(connection: Connection, job: str, after: int) -> list[tuple[int, str, str]]:
    """What happened to a job after event ``after``: (id, kind, detail)."""
    rows = connection.execute(
        sa.select(events.c.id, events.c.kind, events.c.detail)
        .where(events.c.job == job, events.c.id > after)
        .order_by(events.c.id)
    )
    return [(number, kind, detail) for number, kind, detail in rows]


def batch_view(connection: Connection, who: Caller, batch: str) -> BatchMade:
    """A batch and how far it is.

    Raises:
        Problem: there is none, or it is somebody else's.
    """
    row = connection.execute(
        sa.select(batches).where(batches.c.id == batch, _owned(who, batches.c.owner))
    ).one_or_none()
    if row is None:
        raise Problem(404, "there is no such batch")
    return _batch(connection, row)


def batch_listing(
    connection: Connection, who: Caller, after: tuple[float, str] | None, limit: int
) -> tuple[list[BatchMade], str | None]:
    """A page of batches, the newest first."""
    query = sa.select(batches).where(_owned(who, batches.c.owner))
    if after is not None:
        created, name = after
        query = query.where(
            sa.or_(batches.c.created < created, sa.and_(batches.c.created == created, batches.c.id < name))
        )
    rows = connection.execute(query.order_by(batches.c.created.desc(), batches.c.id.desc()).limit(limit + 1)).all()
    page = [_batch(connection, row) for row in rows[:limit]]
    return page, following(page[-1].created, page[-1].id) if len(rows) > limit else None


def _batch(connection: Connection, row: Any) -> BatchMade:
    newest = (
        sa.select(jobs.c.submission, sa.func.max(jobs.c.created).label("created"))
        .join(submissions, submissions.c.id == jobs.c.submission)
        .where(submissions.c.batch == row.id)
        .group_by(jobs.c.submission)
        .subquery()
    )
    last = sa.and_(newest.c.submission == jobs.c.submission, newest.c.created == jobs.c.created)
    counted = connection.execute(sa.select(jobs.c.state, sa.func.count()).join(newest, last).group_by(jobs.c.state))
    states = {state: count for state, count in counted}  # noqa: C416
    score = connection.execute(
        sa.select(sa.func.sum(reports.c.first), sa.func.sum(reports.c.final), sa.func.sum(reports.c.max))
        .join(jobs, jobs.c.id == reports.c.job)
        .join(newest, last)
    ).one()
    return BatchMade(
        id=row.id,
        name=row.name,
        size=row.size,
        created=row.created,
        states=states,
        score=ScoreView(first=score[0] or 0.0, final=score[1] or 0.0, max=score[2] or 0.0),
    )
