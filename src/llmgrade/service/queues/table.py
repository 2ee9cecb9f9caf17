"""The embedded queue, on SQLite: the jobs themselves, held by a lease that is renewed.

Writers take turns there, so that what one transaction reads is so until it is committed: no row needs a lock of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from llmgrade.service.database import jobs, now, submissions, writing
from llmgrade.service.queues import model
from llmgrade.service.queues.model import ATTEMPTS, GIVEN_UP, Ending, Entered, Taken

__all__ = ["TableQueue"]


class TableQueue:
    """See `model.Queue`. A job whose lease has run out is taken again."""

    def __init__(self, engine: Engine, lease_seconds: float) -> None:
        self.engine, self.lease = engine, lease_seconds

    @staticmethod
    def enter(connection: Connection, kept: Sequence[dict[str, Any]], made: Sequence[Entered]) -> None:
        connection.execute(sa.insert(submissions), kept)
        model.wait(connection, made)

    @staticmethod
    def announce(connection: Connection, waiting: Sequence[str]) -> None:
        """Their rows say it."""

    def take(self, worker: str, most: int) -> list[Taken]:
        with self.engine.connect() as connection:
            if not self._next(connection, 1):
                return []  # nobody has to wait for a writer who would write nothing
        with writing(self.engine) as connection:
            taken = model.begin(connection, self._next(connection, most), worker, self.lease, {})
            for one in taken:
                if one.attempts > ATTEMPTS:
                    self.end(connection, one, worker, "failed", reason=GIVEN_UP)
        return [one for one in taken if one.attempts <= ATTEMPTS]

    def _next(self, connection: Connection, most: int) -> list[str]:
        lost = sa.select(jobs.c.id).where(jobs.c.state == "running", jobs.c.lease < now()).limit(most)
        found = list(connection.execute(lost).scalars())
        if len(found) < most:
            waiting = sa.select(jobs.c.id).where(jobs.c.state == "waiting").order_by(jobs.c.created)
            found += connection.execute(waiting.limit(most - len(found))).scalars()
        return found

    def renew(self, worker: str) -> None:
        with writing(self.engine) as connection:
            connection.execute(_held(worker).values(lease=now() + self.lease))

    def give_back(self, worker: str) -> None:
        with writing(self.engine) as connection:
            connection.execute(
                _held(worker).values(state="waiting", worker=None, lease=None, attempts=jobs.c.attempts - 1)
            )

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
        return model.end(connection, taken.id, worker, state, reason, rubric_state)


def _held(worker: str) -> sa.Update:
    return sa.update(jobs).where(jobs.c.worker == worker, jobs.c.state == "running")
