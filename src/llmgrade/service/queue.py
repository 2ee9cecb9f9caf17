"""The queue: who grades what next, whatever dies in between.

A job is a row. A worker takes the oldest waiting one in a single statement and holds it by a lease it keeps renewing; when
the lease runs out (the worker was killed), the job is taken again. Results are written in the transaction that ends the job
and under the job's primary key, so a job that two workers finish is done once. Delivery is at least once, effect exactly once.
"""

from __future__ import annotations

import secrets
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from llmgrade.service.database import events, jobs, now, submissions, writing

__all__ = ["Queue", "TableQueue", "Taken", "fail", "new_id", "put", "tell"]

ATTEMPTS = 12
"""A job in the hands of this many workers that were lost is failed: it may have cost them their life."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A job in a worker's hands."""

    id: str
    submission: str
    name: str
    data: bytes
    rubric: str | None
    attempts: int
    part: str | None = None
    prompt: str | None = None


class Queue(Protocol):
    """The few methods every queue has."""

    def take(self, worker: str) -> Taken | None:
        """The next job, leased to ``worker``; None where there is none."""
        ...  # pragma: no cover

    def renew(self, job: str, worker: str) -> bool:
        """Hold on to a job; False where it has been given to another, or is ended."""
        ...  # pragma: no cover

    def give_back(self, job: str, worker: str) -> None:
        """Put a job back undone (a graceful stop)."""
        ...  # pragma: no cover

    def depth(self) -> dict[str, int]:
        """How many jobs are in each state."""
        ...  # pragma: no cover


def new_id() -> str:
    """An id nobody can guess (128 bits)."""
    return secrets.token_hex(16)


def put(connection: Connection, submission: str, rubric_state: str | None = None) -> str:
    """Add a job for a submission, in the caller's transaction: accepted and queued are one thing."""
    job = new_id()
    connection.execute(
        sa.insert(jobs).values(
            id=job, submission=submission, state="waiting", attempts=0, created=now(), rubric_state=rubric_state
        )
    )
    tell(connection, job, "accepted")
    return job


def tell(connection: Connection, job: str, kind: str, detail: str = "") -> None:
    """Note what happened to a job, for those who watch."""
    connection.execute(sa.insert(events).values(job=job, kind=kind, detail=detail, created=now()))


class TableQueue:
    """The queue as a table: embedded on SQLite, and with row locks on PostgreSQL."""

    def __init__(self, engine: Engine, lease_seconds: float) -> None:
        self.engine, self.lease = engine, lease_seconds
        self._skip_locked = engine.dialect.name == "postgresql"

    def take(self, worker: str) -> Taken | None:
        moment = now()
        waiting = sa.or_(jobs.c.state == "waiting", sa.and_(jobs.c.state == "running", jobs.c.lease < moment))
        oldest = sa.select(jobs.c.id).where(waiting).order_by(jobs.c.created).limit(1)
        if self._skip_locked:
            oldest = oldest.with_for_update(skip_locked=True)
        with self._write() as connection:
            moment = now()  # waiting for the one writer may have taken a while
            row = connection.execute(
                sa.update(jobs)
                .where(jobs.c.id == oldest.scalar_subquery())
                .values(
                    state="running",
                    worker=worker,
                    lease=moment + self.lease,
                    started=sa.func.coalesce(jobs.c.started, moment),
                    attempts=jobs.c.attempts + 1,
                )
                .returning(jobs.c.id, jobs.c.submission, jobs.c.attempts)
            ).one_or_none()
            if row is None:
                return None
            if row.attempts > ATTEMPTS:
                fail(connection, row.id, worker, f"given up after {ATTEMPTS} workers were lost over it")
                return None  # the next look finds the next one
            tell(connection, row.id, "started")
            chat = connection.execute(sa.select(submissions).where(submissions.c.id == row.submission)).one()
        return Taken(
            row.id, row.submission, chat.name, chat.data, chat.rubric, row.attempts, part=chat.part, prompt=chat.prompt
        )

    def renew(self, job: str, worker: str) -> bool:
        with self._write() as connection:
            done = connection.execute(
                sa.update(jobs)
                .where(jobs.c.id == job, jobs.c.worker == worker, jobs.c.state == "running")
                .values(lease=now() + self.lease)
            )
            return bool(done.rowcount)

    def give_back(self, job: str, worker: str) -> None:
        with self._write() as connection:
            connection.execute(
                sa.update(jobs)
                .where(jobs.c.id == job, jobs.c.worker == worker, jobs.c.state == "running")
                .values(state="waiting", worker=None, lease=None, attempts=jobs.c.attempts - 1)
            )

    def depth(self) -> dict[str, int]:
        with self.engine.connect() as connection:
            rows = connection.execute(sa.select(jobs.c.state, sa.func.count()).group_by(jobs.c.state))
            return {state: count for state, count in rows}  # noqa: C416

    def _write(self) -> AbstractContextManager[Connection]:
        return writing(self.engine)


def fail(connection: Connection, job: str, worker: str, reason: str) -> bool:
    """End a job without a report; False where another worker has it by now."""
    done = connection.execute(
        sa.update(jobs)
        .where(jobs.c.id == job, jobs.c.worker == worker, jobs.c.state == "running")
        .values(state="failed", reason=reason[:2000], finished=now(), lease=None)
    )
    if done.rowcount:
        tell(connection, job, "failed", reason[:500])
    return bool(done.rowcount)
