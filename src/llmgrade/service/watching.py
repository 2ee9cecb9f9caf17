"""Who waits for which job: one look at the database for all of them, however many watch."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeAlias

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from llmgrade.service.database import events

__all__ = ["Watch", "Watching"]

LOOK = 0.05
"""Seconds between two looks."""


Newest: TypeAlias = dict[str, tuple[int, bool]]
"""The newest event of each job, and whether it has ended."""


@dataclass(slots=True, eq=False)
class Watch:
    """Somebody who watches a job: ``news`` is set when something has happened to it."""

    job: str
    news: asyncio.Event = field(default_factory=asyncio.Event)
    seen: int = 0
    """The newest event of the job, as far as is known."""
    ended: bool = False


class Watching:
    """All of them, in one API process."""

    def __init__(self, look: Callable[..., Awaitable[Newest]]) -> None:
        self._ask = look
        self._watches: set[Watch] = set()
        self._looking: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def of(self, job: str) -> AsyncIterator[Watch]:
        """A watch of a job, while it lasts."""
        made = Watch(job)
        self._watches.add(made)
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        try:
            yield made
        finally:
            self._watches.discard(made)

    async def _look(self) -> None:
        while self._watches:
            newest = await self._newest({one.job for one in self._watches})
            for one in self._watches:
                number, ended = newest.get(one.job, (0, False))
                if number > one.seen:
                    one.seen, one.ended = number, ended
                    one.news.set()
            await asyncio.sleep(LOOK)

    async def _newest(self, asked: set[str]) -> Newest:
        try:
            return await self._ask(_newest, asked)
        except sa.exc.SQLAlchemyError:
            return {}  # the database is away for a moment: those who watch go on watching


ENDING = sa.case((events.c.kind.in_(("done", "failed")), 1), else_=0)
NEWEST = (
    sa.select(events.c.job, sa.func.max(events.c.id), sa.func.max(ENDING))
    .where(events.c.job.in_(sa.bindparam("asked", expanding=True)))
    .group_by(events.c.job)
)


def _newest(connection: Connection, asked: set[str]) -> Newest:
    return {job: (number, bool(ended)) for job, number, ended in connection.execute(NEWEST, {"asked": list(asked)})}
