"""The queue on PostgreSQL: Procrastinate's, spoken to inside our own transactions.

Its jobs carry the ids of ours. A job is queued in the transaction that keeps the submission, and leaves the queue in the one
that writes the report: its own queries do it (``JobManager``), on a connector that stands on our connection. Its workers'
heartbeats tell who is gone. Rows are locked in one order, ours before its own, so that nobody waits in a circle.
"""

from __future__ import annotations

import time
from collections.abc import Coroutine, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

import sqlalchemy as sa
from procrastinate.connector import BaseConnector
from procrastinate.jobs import Job, Status
from procrastinate.manager import JobManager
from procrastinate.schema import SchemaManager
from psycopg.types.json import Jsonb
from sqlalchemy.engine import Connection, Engine

from llmgrade.service.database import jobs, submissions, writing
from llmgrade.service.queues import model
from llmgrade.service.queues.model import ATTEMPTS, GIVEN_UP, Ending, Entered, Taken

__all__ = ["Broker", "install", "remove"]

QUEUE = "llmgrade"
TASK = "llmgrade.grade"
FORGOTTEN = 24 * 3600.0
"""Workers not heard of for so long are struck off (seconds)."""
T = TypeVar("T")
NAMES = [one.name for one in submissions.columns]
_ARRAYS = {sa.String: "text", sa.Text: "text", sa.LargeBinary: "bytea", sa.Float: "float8"}
KEPT = f"""
WITH kept AS (
  INSERT INTO submissions ({", ".join(NAMES)})
  SELECT * FROM unnest({", ".join(f"%(s_{one.name})s::{_ARRAYS[type(one.type)]}[]" for one in submissions.columns)})
), made AS (
  INSERT INTO jobs (id, submission, state, attempts, created)
  SELECT job, submission, 'waiting', 0, created
  FROM unnest(%(made)s::text[], %(s_id)s::text[], %(moments)s::float8[]) AS new (job, submission, created)
), told AS (
  INSERT INTO events (job, kind, detail, created)
  SELECT job, 'accepted', '', created FROM unnest(%(made)s::text[], %(moments)s::float8[]) AS new (job, created)
)
"""
"""What stands before the query that queues."""


class Broker:
    """See `model.Queue`. A worker that has not been heard of for ``lease_seconds`` has lost its jobs."""

    def __init__(self, engine: Engine, lease_seconds: float) -> None:
        self.engine, self.lease = engine, lease_seconds
        self._known: dict[str, int] = {}
        self._next_look = 0.0

    @staticmethod
    def enter(connection: Connection, kept: Sequence[dict[str, Any]], made: Sequence[Entered]) -> None:
        JobManager(_Beside(connection, kept, made)).batch_defer_jobs([_as_job(one.job) for one in made])

    @staticmethod
    def announce(connection: Connection, waiting: Sequence[str]) -> None:
        if waiting:
            _manager(connection).batch_defer_jobs([_as_job(one) for one in waiting])

    def take(self, worker: str, most: int) -> list[Taken]:
        number = self._number(worker)
        try:
            self._return_lost()
            with writing(self.engine) as connection:
                _unhurried(connection)
                manager, tickets = _manager(connection), dict[str, int]()
                while len(tickets) < most:
                    found = _at_once(manager.fetch_job([QUEUE], number))
                    if found is None or found.id is None:
                        break
                    tickets[str(found.task_kwargs["job"])] = found.id
                taken = model.begin(connection, list(tickets), worker, None, tickets)
                for one in taken:
                    if one.attempts > ATTEMPTS:
                        self.end(connection, one, worker, "failed", reason=GIVEN_UP)
        except sa.exc.IntegrityError:
            self._known.pop(worker, None)  # it was struck off: the next time it has a new number
            raise
        return [one for one in taken if one.attempts <= ATTEMPTS]

    def renew(self, worker: str) -> None:
        number = self._number(worker)
        with writing(self.engine) as connection:
            _unhurried(connection)
            _at_once(_manager(connection).update_heartbeat(number))

    def give_back(self, worker: str) -> None:
        number = self._number(worker)
        with writing(self.engine) as connection:
            manager = _manager(connection)
            held = _at_once(manager.list_jobs_async(worker_id=number, status=Status.DOING.value))
            self._put_back(connection, list(held), sa.and_(jobs.c.worker == worker), spent=0)
            _at_once(manager.unregister_worker(number))
        self._known.pop(worker, None)

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
        if not model.end(connection, taken.id, worker, state, reason, rubric_state):
            return False
        if taken.ticket is not None:
            _at_once(
                _manager(connection).finish_job_by_id_async(taken.ticket, Status.SUCCEEDED, delete_job=True)
            )  # a job that failed is ended as well: its row says why
        return True

    def _number(self, worker: str) -> int:
        if worker not in self._known:
            with writing(self.engine) as connection:
                self._known[worker] = _at_once(_manager(connection).register_worker())
        return self._known[worker]

    def _return_lost(self) -> None:
        """Jobs of workers that are gone wait again."""
        if time.monotonic() < self._next_look:
            return
        with writing(self.engine) as connection:
            manager = _manager(connection)
            lost = _at_once(manager.get_stalled_jobs(queue=QUEUE, seconds_since_heartbeat=self.lease))
            self._put_back(connection, list(lost), sa.true(), spent=1)
            _at_once(manager.prune_stalled_workers(max(FORGOTTEN, 2 * self.lease)))
        self._next_look = time.monotonic() + self.lease / 4

    @staticmethod
    def _put_back(connection: Connection, held: Sequence[Job], whose: sa.ColumnElement[bool], spent: int) -> None:
        manager, moment = _manager(connection), datetime.now(UTC)
        for one in sorted(held, key=lambda job: str(job.task_kwargs["job"])):
            mine = sa.and_(jobs.c.id == one.task_kwargs["job"], jobs.c.state == "running", whose)
            if connection.execute(sa.select(jobs.c.id).where(mine).with_for_update()).one_or_none() is None:
                continue  # it is ended
            held_by = [job.worker_id for job in _at_once(manager.list_jobs_async(id=one.id, status=Status.DOING.value))]
            if held_by != [one.worker_id]:
                continue  # somebody else was as quick, and a third may hold it by now
            connection.execute(
                sa.update(jobs).where(mine).values(state="waiting", worker=None, attempts=jobs.c.attempts - (1 - spent))
            )
            _at_once(manager.retry_job_by_id_async(one.id or 0, moment))


def install(connection: Connection) -> None:
    """Put Procrastinate's tables, types and functions into the database."""
    driver: Any = connection.connection.driver_connection
    driver.execute(SchemaManager.get_schema())  # many statements, and no parameters: not even an empty set of them


def remove(connection: Connection) -> None:
    """Take them away again."""
    for kind, catalogue, name in (
        ("TABLE", "pg_class WHERE relkind = 'r' AND", "relname"),
        ("FUNCTION", "pg_proc WHERE", "proname"),
        ("TYPE", "pg_type WHERE typtype IN ('e', 'c') AND", "typname"),
    ):
        oid = {"TABLE": "oid::regclass", "FUNCTION": "oid::regprocedure", "TYPE": "oid::regtype"}[kind]
        found = connection.execute(sa.text(f"SELECT {oid}::text FROM {catalogue} {name} LIKE 'procrastinate\\_%'"))
        for one in list(found.scalars()):
            connection.execute(sa.text(f"DROP {kind} IF EXISTS {one} CASCADE"))


def _unhurried(connection: Connection) -> None:
    """What is written here need not be on the disk at once: a job whose taking is forgotten waits again, for anybody."""
    connection.exec_driver_sql("SET LOCAL synchronous_commit TO off")


def _as_job(job: str) -> Job:
    return Job(id=None, queue=QUEUE, lock=None, queueing_lock=None, task_name=TASK, task_kwargs={"job": job})


def _manager(connection: Connection) -> JobManager:
    return JobManager(_Within(connection))


class _Within(BaseConnector):  # type: ignore[misc, unused-ignore]
    """Procrastinate's queries on a connection of ours, and so in the transaction we are in."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get_sync_connector(self) -> BaseConnector:
        return self

    def execute_query_all(self, query: str, **arguments: Any) -> list[dict[str, Any]]:
        found = self._connection.exec_driver_sql(query, {name: _plain(value) for name, value in arguments.items()})
        return [dict(row) for row in found.mappings()] if found.returns_rows else []

    def execute_query_one(self, query: str, **arguments: Any) -> dict[str, Any]:
        return self.execute_query_all(query, **arguments)[0]

    def execute_query(self, query: str, **arguments: Any) -> None:
        self.execute_query_all(query, **arguments)

    async def execute_query_all_async(self, query: str, **arguments: Any) -> list[dict[str, Any]]:
        return self.execute_query_all(query, **arguments)

    async def execute_query_one_async(self, query: str, **arguments: Any) -> dict[str, Any]:
        return self.execute_query_one(query, **arguments)

    async def execute_query_async(self, query: str, **arguments: Any) -> None:
        self.execute_query(query, **arguments)


class _Beside(_Within):
    """The query that queues, with what it is about kept in the same statement: one journey to the server for all of it."""

    def __init__(self, connection: Connection, kept: Sequence[dict[str, Any]], made: Sequence[Entered]) -> None:
        super().__init__(connection)
        self._rows: dict[str, Any] = {f"s_{name}": [one[name] for one in kept] for name in NAMES}
        self._rows |= {"made": [one.job for one in made], "moments": [one.created for one in made]}

    def execute_query_all(self, query: str, **arguments: Any) -> list[dict[str, Any]]:
        return super().execute_query_all(KEPT + query, **arguments, **self._rows)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return Jsonb(value)
    if isinstance(value, tuple):
        return tuple(_plain(one) for one in value)
    return [_plain(one) for one in value] if isinstance(value, list) else value


def _at_once(coroutine: Coroutine[Any, Any, T]) -> T:
    """What a coroutine of Procrastinate's gives: on our connector none of them ever waits for anything."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        found: T = end.value
        return found
    coroutine.close()
    raise RuntimeError("a query of the queue waited for something")
