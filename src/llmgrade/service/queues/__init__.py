"""Who grades what next: on SQLite the embedded table, on PostgreSQL Procrastinate, behind the same few methods.

A job is a row of ours, whichever queue it waits in. Results are written in the transaction that ends the job and under the
job's primary key, so a job that two workers finish is done once. Delivery is at least once, effect exactly once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from llmgrade.service.database import jobs
from llmgrade.service.queues import model
from llmgrade.service.queues.model import Entered, Queue, Taken, depth, new_id, note_parts
from llmgrade.service.queues.table import TableQueue

__all__ = ["Entered", "Queue", "Taken", "adopt", "depth", "enter", "new_id", "note_parts", "put", "queue_for"]


def _kind(dialect: str) -> type[Queue]:
    if dialect == "postgresql":
        from llmgrade.service.queues.broker import Broker  # its library is there where PostgreSQL's driver is

        return Broker
    return TableQueue


def queue_for(engine: Engine, lease_seconds: float) -> Queue:
    """The queue of a database. A worker not heard of for ``lease_seconds`` has lost its jobs."""
    kind = _kind(engine.dialect.name)
    return kind(engine, lease_seconds)  # type: ignore[call-arg]


def enter(connection: Connection, kept: Sequence[dict[str, Any]]) -> list[Entered]:
    """Keep submissions (rows of their table), each with a job, in the caller's transaction: accepted and queued are one thing."""
    made = model.entered([str(one["id"]) for one in kept])
    if made:
        _kind(connection.dialect.name).enter(connection, kept, made)
    return made


def put(connection: Connection, submissions: Sequence[str]) -> list[str]:
    """A job for each of these submissions, which are kept already, in the caller's transaction."""
    made = model.entered(submissions)
    if made:
        model.wait(connection, made)
        _kind(connection.dialect.name).announce(connection, [one.job for one in made])
    return [one.job for one in made]


def adopt(connection: Connection) -> int:
    """Queue all jobs that are not ended, whatever their rows say of workers: they come from another database."""
    connection.execute(
        sa.update(jobs).where(jobs.c.state == "running").values(state="waiting", worker=None, lease=None)
    )
    waiting = list(
        connection.execute(sa.select(jobs.c.id).where(jobs.c.state == "waiting").order_by(jobs.c.created)).scalars()
    )
    _kind(connection.dialect.name).announce(connection, waiting)
    return len(waiting)
