"""What every queue is: a few methods, the job it hands out, and the rows that tell everybody else where a job stands."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, Protocol

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from llmgrade.service.database import events, jobs, now, submissions

__all__ = [
    "ATTEMPTS",
    "Ending",
    "Entered",
    "Queue",
    "Taken",
    "begin",
    "depth",
    "end",
    "entered",
    "new_id",
    "note_parts",
    "tell",
    "wait",
]

ATTEMPTS = 12
"""A job in the hands of this many workers that were lost is failed: it may have cost them their life."""
GIVEN_UP = f"given up after {ATTEMPTS} workers were lost over it"
Ending = Literal["done", "failed"]


class Entered(NamedTuple):
    """A submission's new job, and its moment."""

    job: str
    submission: str
    created: float


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
    ticket: int | None = None
    """What the queue knows it by, where that is something of its own."""


class Queue(Protocol):
    """Who grades what next, whatever dies in between. A worker's name is its own alone."""

    @staticmethod
    def enter(connection: Connection, kept: Sequence[dict[str, Any]], made: Sequence[Entered]) -> None:
        """Keep submissions with the jobs made for them, and queue these: in the caller's transaction."""
        ...  # pragma: no cover

    @staticmethod
    def announce(connection: Connection, waiting: Sequence[str]) -> None:
        """Put jobs, whose rows say that they wait, into the queue: in the caller's transaction."""
        ...  # pragma: no cover

    def take(self, worker: str, most: int) -> list[Taken]:
        """The next jobs, held by ``worker`` from now on; those of workers that are gone come first."""
        ...  # pragma: no cover

    def renew(self, worker: str) -> None:
        """Say that the worker lives: it goes on holding what it holds."""
        ...  # pragma: no cover

    def give_back(self, worker: str) -> None:
        """Put back, undone, all that the worker holds (a graceful stop)."""
        ...  # pragma: no cover

    def end(
        self,
        connection: Connection,
        taken: Taken,
        worker: str,
        state: Ending,
        *,
        reason: str = "",
        rubric_state: str = "",
    ) -> bool:
        """End a job in the caller's transaction; False where another worker has it by now: then nothing may be written.

        ``reason`` is why it failed, ``rubric_state`` the state of the catalogue it was graded by.
        """
        ...  # pragma: no cover


def new_id() -> str:
    """An id nobody can guess (128 bits)."""
    return secrets.token_hex(16)


def depth(engine: Engine) -> dict[str, int]:
    """How many jobs are in each state."""
    with engine.connect() as connection:
        rows = connection.execute(sa.select(jobs.c.state, sa.func.count()).group_by(jobs.c.state))
        return {state: count for state, count in rows}  # noqa: C416


def entered(kept: Sequence[str]) -> list[Entered]:
    """A new job for each of these submissions, in their order; nothing is written yet."""
    moment = now()
    return [Entered(new_id(), one, moment + rank * 1e-6) for rank, one in enumerate(kept)]


def wait(connection: Connection, made: Sequence[Entered]) -> None:
    """The rows of jobs that wait from now on."""
    rows = [
        {"id": one.job, "submission": one.submission, "state": "waiting", "attempts": 0, "created": one.created}
        for one in made
    ]
    connection.execute(sa.insert(jobs), rows)
    tell(connection, [one.job for one in made], "accepted")


def tell(connection: Connection, told: Iterable[str], kind: str, detail: str = "") -> None:
    """Note what happened to jobs, for those who watch."""
    moment = now()
    rows = [{"job": job, "kind": kind, "detail": detail, "created": moment} for job in told]
    if rows:
        connection.execute(sa.insert(events), rows)


def note_parts(connection: Connection, judged: Sequence[tuple[str, str]]) -> None:
    """Note what answers of jobs that are being graded came to: (job, JSON), for those who watch."""
    moment = now()
    rows = [{"job": job, "kind": "part", "detail": detail, "created": moment} for job, detail in judged]
    connection.execute(sa.insert(events), rows)


def begin(
    connection: Connection, chosen: Sequence[str], worker: str, lease: float | None, tickets: dict[str, int]
) -> list[Taken]:
    """Mark jobs as running in the worker's hands; those that were taken too often are failed instead."""
    if not chosen:
        return []
    moment = now()
    rows = connection.execute(
        sa.update(jobs)
        .where(jobs.c.id.in_(chosen))
        .values(
            state="running",
            worker=worker,
            lease=None if lease is None else moment + lease,
            started=sa.func.coalesce(jobs.c.started, moment),
            attempts=jobs.c.attempts + 1,
        )
        .returning(jobs.c.id, jobs.c.submission, jobs.c.attempts)
    ).all()
    by_id = {row.id: row for row in rows}
    chats = connection.execute(sa.select(submissions).where(submissions.c.id.in_([row.submission for row in rows])))
    by_submission = {chat.id: chat for chat in chats}
    tell(connection, by_id, "started")
    taken = []
    for job in chosen:
        if job in by_id:
            row = by_id[job]
            chat = by_submission[row.submission]
            taken.append(
                Taken(
                    job,
                    row.submission,
                    chat.name,
                    chat.data,
                    chat.rubric,
                    row.attempts,
                    chat.part,
                    chat.prompt,
                    tickets.get(job),
                )
            )
    return taken


def end(connection: Connection, job: str, worker: str, state: Ending, reason: str, rubric_state: str) -> bool:
    """See `Queue.end`: the row's part of it, the same for all."""
    done = connection.execute(
        sa.update(jobs)
        .where(jobs.c.id == job, jobs.c.worker == worker, jobs.c.state == "running")
        .values(
            state=state,
            reason=reason[:2000] or None,
            finished=now(),
            lease=None,
            rubric_state=rubric_state or jobs.c.rubric_state,
        )
    )
    if done.rowcount:
        tell(connection, [job], state, reason[:500])
    return bool(done.rowcount)
