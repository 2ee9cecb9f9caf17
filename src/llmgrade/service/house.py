"""What the routes share: the database, the settings, the processes for previews, and who is waiting for which job."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any, TypeVar

import sqlalchemy as sa
from prometheus_client import CollectorRegistry, Counter, Histogram
from sqlalchemy.engine import Engine
from starlette.concurrency import run_in_threadpool

from llmgrade.limits import Limits
from llmgrade.service.bench import Bench, lost
from llmgrade.service.database import jobs
from llmgrade.service.problems import Problem
from llmgrade.service.settings import Settings

__all__ = ["House"]

LOOK = 0.05
"""Seconds between two looks at the jobs somebody waits for; one query for all of them."""
TRY_SECONDS = 10.0
"""Time for a check or a preview (seconds)."""
EFFECT_SECONDS = 60.0
"""Time for seeing what an edit would change (seconds)."""
T = TypeVar("T")


class House:
    """One API process."""

    def __init__(self, engine: Engine, settings: Settings, bench: Bench | None = None) -> None:
        self.engine, self.settings = engine, settings
        self.stopping = False
        self._own = bench is None
        self._bench = bench
        self._bench_lock = threading.Lock()
        self._waiting: dict[str, list[asyncio.Event]] = {}
        self._watch: asyncio.Task[None] | None = None
        self.registry = CollectorRegistry()
        self.requests = Counter("llmgrade_requests", "Requests", ["method", "route", "status"], registry=self.registry)
        self.seconds = Histogram(
            "llmgrade_request_seconds",
            "Time to answer, waiting for reports not counted",
            ["route"],
            buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5),
            registry=self.registry,
        )

    # ------------------------------------------------------------------------------------------------ waiting

    async def wait(self, job: str, seconds: float) -> bool:
        """Wait until a job is done or failed; False where the time ran out first."""
        done = asyncio.Event()
        self._waiting.setdefault(job, []).append(done)
        if self._watch is None or self._watch.done():
            self._watch = asyncio.create_task(self._look())
        try:
            await asyncio.wait_for(done.wait(), seconds)
        except TimeoutError:
            return False
        finally:
            left = [one for one in self._waiting.get(job, []) if one is not done]
            if left:
                self._waiting[job] = left
            else:
                self._waiting.pop(job, None)
        return True

    async def _look(self) -> None:
        while self._waiting:
            await asyncio.sleep(LOOK)
            for job in await run_in_threadpool(self._ended, list(self._waiting)):
                for event in self._waiting.get(job, []):
                    event.set()

    def _ended(self, asked: list[str]) -> list[str]:
        try:
            with self.engine.connect() as connection:
                query = sa.select(jobs.c.id).where(jobs.c.id.in_(asked), jobs.c.state.in_(("done", "failed")))
                return list(connection.execute(query).scalars())
        except sa.exc.SQLAlchemyError:
            return []  # the database is away for a moment: those who wait go on waiting, in their own budget

    # ------------------------------------------------------------------------------------------------ trying

    def tried(self, seconds: float, call: Callable[..., Any], *args: Any) -> Any:
        """Run a call of the bench (given as ``Bench.check``, …) and wait for it.

        Raises:
            Problem: it took too long, or too much; or its own error.
        """
        try:
            return call(self._started(), *args, seconds).result()
        except Exception as error:
            told = lost(error)
            if told is None:
                raise
            raise Problem(422, f"this could not be tried: {told[1]}", field="text") from None

    def _started(self) -> Bench:
        with self._bench_lock:
            if self._bench is None:
                self._bench = Bench(2, memory=self.settings.memory, limits=Limits())
            return self._bench

    def warm(self) -> None:
        """Start the process for previews ahead of the first: somebody is about to ask."""
        if self._bench is None:
            threading.Thread(target=self._started, daemon=True).start()

    def close(self) -> None:
        """End what was started."""
        if self._bench is not None and self._own:
            self._bench.stop()
        self.engine.dispose()
