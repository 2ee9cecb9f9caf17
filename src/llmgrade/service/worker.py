"""A worker: takes jobs, grades each in a process that can be killed, writes what came out, once.

The grading itself is the batch's: the same killable processes, the same grader. While jobs run, their leases are renewed; a
worker that is told to stop gives back what it holds.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
import threading
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from llmgrade.batch.model import Job
from llmgrade.limits import Limits
from llmgrade.service import catalogue, review
from llmgrade.service.bench import Bench, Graded, Outcome, Status, lost
from llmgrade.service.database import jobs, now, reports, writing
from llmgrade.service.journal import note
from llmgrade.service.queue import Queue, TableQueue, Taken, fail, tell
from llmgrade.service.settings import Settings

__all__ = ["Worker", "limits_of"]

IDLE = 0.1
"""Seconds between two looks at an empty queue."""
AHEAD = 3
"""Jobs in hand for each process, so that none idles while the next is fetched."""


def limits_of(settings: Settings) -> Limits:
    """The grader's budgets under the service's own."""
    return replace(
        Limits(),
        input_bytes=settings.unpacked_bytes,
        transcript_seconds=min(Limits().transcript_seconds, settings.job_seconds * 0.8),
    )


class Worker:
    """One worker over one database, with ``settings.workers`` processes."""

    def __init__(
        self, engine: Engine, settings: Settings, queue: Queue | None = None, bench: Bench | None = None
    ) -> None:
        self.engine, self.settings, self._bench = engine, settings, bench
        self.queue = queue or TableQueue(engine, settings.lease_seconds)
        self.name = f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(4)}"
        self._stop = threading.Event()
        self._held: dict[Future[Graded], tuple[Taken, str]] = {}
        self._renewing = threading.Lock()

    def stop(self) -> None:
        """Ask the worker to give back what it holds, and to end."""
        self._stop.set()

    def run(self, *, until_empty: bool = False) -> int:
        """Work until told to stop (or until nothing waits); returns how many jobs were done."""
        done = 0
        bench = self._bench or Bench(
            max(1, self.settings.workers), memory=self.settings.memory, limits=limits_of(self.settings)
        )
        renewing = threading.Thread(target=self._keep, daemon=True)
        renewing.start()
        try:
            while not self._stop.is_set():
                empty = not self._fetch(bench)
                if empty and not self._held:
                    if until_empty:
                        break
                    self._stop.wait(IDLE)
                    continue
                finished, _ = wait(self._held, timeout=IDLE, return_when=FIRST_COMPLETED)
                for future in finished:
                    taken, state = self._held[future]
                    self._write(taken, self._result(taken, future), state)
                    del self._held[future]
                    done += 1
        finally:
            self._stop.set()
            for taken, _ in list(self._held.values()):
                self.queue.give_back(taken.id, self.name)
            if self._bench is None:
                bench.stop()
        return done

    def _fetch(self, bench: Bench) -> bool:
        """Fill the hands; False where nothing waits."""
        while len(self._held) < bench.pool.workers * AHEAD:
            taken = self.queue.take(self.name)
            if taken is None:
                return False
            with self.engine.connect() as connection:
                state, rubrics = catalogue.compiled(connection)
                known = review.known(connection)
            job = Job(id=taken.submission, source=taken.name, problem=taken.rubric)
            if taken.part is not None:
                job = replace(job, part=taken.part, answer=_text(taken.data), prompt=taken.prompt)
            else:
                job = replace(job, data=taken.data)
            self._held[bench.grade(state, rubrics, job, known, self.settings.job_seconds)] = (taken, state)
        return True

    def _keep(self) -> None:
        while not self._stop.wait(self.settings.lease_seconds / 4):
            for taken, _ in list(self._held.values()):
                try:
                    self.queue.renew(taken.id, self.name)
                except sa.exc.SQLAlchemyError as error:  # the database is away: what is lost is taken again later
                    note("lease-not-renewed", job=taken.id, error=type(error).__name__)

    def _result(self, taken: Taken, future: Future[Graded]) -> Graded | str:
        try:
            return future.result()
        except Exception as error:
            told = lost(error)
            if told is None:
                note("grading-failed", job=taken.id, error=type(error).__name__)
                return f"{Status.FAILED}: {type(error).__name__}"
            status, reason = told
            if status is Status.TIMEOUT:
                reason = f"not graded within {self.settings.job_seconds:g} s"
            return f"{status}: {reason}"

    def _write(self, taken: Taken, graded: Graded | str, state: str) -> None:
        if not isinstance(graded, str) and len(graded.outcomes) == 1 and graded.outcomes[0].status.ungraded:
            graded = f"{graded.outcomes[0].status}: {graded.outcomes[0].reason}"
        with writing(self.engine) as connection:
            if isinstance(graded, str):
                fail(connection, taken.id, self.name, graded)
            elif _finish(connection, taken.id, self.name, state):
                review.forget(connection, taken.submission)
                for rank, outcome in enumerate(graded.outcomes):
                    _store(connection, taken, rank, outcome)
                    review.collect(connection, taken.id, taken.submission, graded.doubts[rank])
        note("job", job=taken.id, state="failed" if isinstance(graded, str) else "done", attempt=taken.attempts)


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _finish(connection: Connection, job: str, worker: str, state: str) -> bool:
    """End a job with its report; False where another worker has it by now, and then nothing may be written."""
    done = connection.execute(
        sa.update(jobs)
        .where(jobs.c.id == job, jobs.c.worker == worker, jobs.c.state == "running")
        .values(state="done", finished=now(), lease=None, rubric_state=state)
    )
    if done.rowcount:
        tell(connection, job, "done")
    return bool(done.rowcount)


def _store(connection: Connection, taken: Taken, rank: int, outcome: Outcome) -> None:
    report = json.loads(outcome.report) if outcome.report else None
    score = report["score"] if report else {"first": 0.0, "final": 0.0, "max": 0.0}
    connection.execute(
        sa.insert(reports).values(
            job=taken.id,
            rank=rank,
            submission=taken.submission,
            first=score["first"],
            final=score["final"],
            max=score["max"],
            text=outcome.report or json.dumps({"nothing": outcome.reason, "status": outcome.status}),
            created=now(),
        )
    )
