"""What the routes share: the database, the settings, the processes for previews, and who is waiting for which job."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, TypeVar

from prometheus_client import CollectorRegistry, Counter, Histogram
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.util import greenlet_spawn

from llmgrade.limits import Limits
from llmgrade.service.bench import Bench, lost
from llmgrade.service.database import asynchronous
from llmgrade.service.problems import Problem
from llmgrade.service.scribe import Scribe
from llmgrade.service.settings import Settings
from llmgrade.service.watching import Watching

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

__all__ = ["House"]

THREADS = 4
"""Threads for what takes the database a while."""
TRY_SECONDS = 10.0
"""Time for a check or a preview (seconds)."""
EFFECT_SECONDS = 60.0
"""Time for seeing what an edit would change (seconds)."""
RECALLED = 1.0
"""Seconds for which PostgreSQL is not asked again who holds a key: so long a key that is revoked may still be taken."""
MOST_RECALLED = 1000
T = TypeVar("T")


def _told(engine: Engine, work: Callable[..., T], *args: Any) -> T:
    with engine.connect() as connection:
        return work(connection, *args)


def _written(engine: Engine, work: Callable[[Connection], T]) -> T:
    with engine.connect().execution_options(isolation_level="READ COMMITTED") as connection, connection.begin():
        return work(connection)


class House:
    """One API process."""

    def __init__(self, engine: Engine, settings: Settings, bench: Bench | None = None) -> None:
        self.engine, self.settings = engine, settings
        self.stopping = False
        self._own = bench is None
        self._bench = bench
        self._bench_lock = threading.Lock()
        self._server: AsyncEngine | None = asynchronous(engine)
        self.watching = Watching(self.look)
        self._scribe = Scribe(engine)
        # What is only read there needs no transaction, which would be two more journeys to the server.
        self._reads = engine if self._server is None else engine.execution_options(isolation_level="AUTOCOMMIT")
        self._recalled: dict[Hashable, tuple[float, Any]] = {}
        self._threads = ThreadPoolExecutor(THREADS, "database")
        self.registry = CollectorRegistry()
        self.requests = Counter("llmgrade_requests", "Requests", ["method", "route", "status"], registry=self.registry)
        self.seconds = Histogram(
            "llmgrade_request_seconds",
            "Time to answer, waiting for reports not counted",
            ["route"],
            buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5),
            registry=self.registry,
        )

    async def run(self, work: Callable[..., T], *args: Any) -> T:
        """Run what asks the database much, beside the loop, in one of a few threads: more would only take turns."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, *args)

    async def look(self, work: Callable[..., T], *args: Any) -> T:
        """What the work finds, a few rows by their keys, in the loop itself: a thread would have to wait for its turn twice.

        SQLite finds them in its own memory, sooner than a thread is asked; a server's answer is waited for by the loop.
        """
        if self._server is None:
            with self.engine.connect() as connection:
                return work(connection, *args)
        return await greenlet_spawn(_told, self._server.sync_engine, work, *args)

    async def recalled(self, about: Hashable, work: Callable[..., tuple[T, bool]], *args: Any) -> T:
        """What `look` gives, with whether it may be recalled: then a server is not asked again in the next moment."""
        if self._server is None:
            return (await self.look(work, *args))[0]
        moment, found = self._recalled.get(about, (0.0, None))
        if time.monotonic() - moment < RECALLED:
            known: T = found
            return known
        fresh, lasting = await self.look(work, *args)
        if lasting:
            if len(self._recalled) >= MOST_RECALLED:
                self._recalled.clear()
            self._recalled[about] = (time.monotonic(), fresh)
        return fresh

    def reading(self) -> AbstractContextManager[Connection]:
        """A connection to look things up with."""
        return self._reads.connect()

    async def write(self, work: Callable[[Connection], T], *, alone: bool = False) -> T:
        """What the work gives, once it is committed: together with others' on SQLite, beside theirs on PostgreSQL.

        ``alone``: on PostgreSQL it is one statement, which is a transaction by itself: one journey instead of three.
        """
        if self._server is None:
            return await self._scribe.write(work)
        if alone:
            return await self.look(work)
        return await greenlet_spawn(_written, self._server.sync_engine, work)

    async def wait(self, job: str, seconds: float) -> bool:
        """Wait until a job is done or failed; False where the time ran out first."""
        try:
            async with asyncio.timeout(seconds), self.watching.of(job) as watch:
                while not watch.ended:
                    watch.news.clear()
                    await watch.news.wait()
        except TimeoutError:
            return False
        return True

    async def tried(self, seconds: float, call: Callable[..., Any], *args: Any) -> Any:
        """Run a call of the bench (given as ``Bench.check``, …) and wait for it.

        Raises:
            Problem: it took too long, or too much; or its own error.
        """
        try:
            begun = await asyncio.to_thread(lambda: call(self._started(), *args, seconds))
            return await asyncio.wrap_future(begun)
        except Exception as error:
            told = lost(error)
            if told is None:
                raise
            raise Problem(422, f"this could not be tried: {told[1]}", field="text") from None

    def _started(self) -> Bench:
        with self._bench_lock:
            if self._bench is None:
                self._bench = Bench(2, memory=self.settings.memory, limits=Limits(), nice=0)
            return self._bench

    def warm(self) -> None:
        """Start the process for previews ahead of the first: somebody is about to ask."""
        if self._bench is None:
            threading.Thread(target=self._started, daemon=True).start()

    async def close(self) -> None:
        """End what was started."""
        if self._server is not None:
            await self._server.dispose()
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        if self._bench is not None and self._own:
            self._bench.stop()
        self._scribe.close()
        self._threads.shutdown(wait=False, cancel_futures=True)
        self.engine.dispose()
