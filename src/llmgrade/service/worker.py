"""A worker: takes jobs, grades each in a process that can be killed, writes what came out, once.

The grading itself is the batch's: the same killable processes, the same grader. While jobs run, the worker says that it
lives; one that is told to stop gives back what it holds. A database that is away is waited for: what is graded is written
when it is back, if the job is still the worker's.
"""

from __future__ import annotations

import os
import secrets
import socket
import threading
import time
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, replace

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from llmgrade.batch.model import Job
from llmgrade.limits import Limits
from llmgrade.rubric.model import Rubrics
from llmgrade.service import catalogue, review, rulings
from llmgrade.service.bench import Bench, Found, Graded, Known, Status, lost
from llmgrade.service.database import away, now, reports, writing
from llmgrade.service.journal import note
from llmgrade.service.queues import Queue, Taken, note_parts, queue_for
from llmgrade.service.settings import Settings

__all__ = ["Worker", "limits_of"]

IDLE = 0.05
"""Seconds between two looks at an empty queue."""
AWAY = 0.5
"""Seconds until a database that is away is tried again."""
GATHER = 0.05
"""Seconds for which quick jobs are gathered, to be written together."""
TOGETHER = 16
"""Most jobs that are written together."""
STOCK = 0.25
"""Seconds of work in hand for each process, so that none idles while the next is fetched."""
MOST = 8
"""Most jobs in hand for each process: what is in hand here, no other worker can take."""
LOSSES = 6
"""A job that has lost so many of our processes, one after the other, is failed: they were not killed by chance."""
LOOK = 0.3
"""Seconds between two looks at what slow jobs have come to so far."""
FRESH = 1.0
"""Seconds for which what is known of the review queue is not asked for again."""


def limits_of(settings: Settings) -> Limits:
    """The grader's budgets under the service's own."""
    return replace(
        Limits(),
        input_bytes=settings.unpacked_bytes,
        transcript_seconds=min(Limits().transcript_seconds, settings.job_seconds * 0.8),
    )


@dataclass(frozen=True, slots=True)
class _Finished:
    """A job whose grading has ended, and when."""

    taken: Taken
    graded: Graded | str
    """What came out, or why nothing did."""
    state: str
    moment: float


class Worker:
    """One worker over one database, with ``settings.workers`` processes."""

    def __init__(
        self, engine: Engine, settings: Settings, queue: Queue | None = None, bench: Bench | None = None
    ) -> None:
        self.engine, self.settings, self._bench = engine, settings, bench
        self.queue = queue or queue_for(engine, settings.lease_seconds)
        self.name = f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(4)}"
        self._stop = threading.Event()
        self._held: dict[Future[Graded], tuple[Taken, str]] = {}
        self._finished: list[_Finished] = []
        self._again: list[Taken] = []
        self._losses: dict[str, int] = {}
        """Processes that each job in hand has lost."""
        self._pace = 1.0
        """Seconds of one process for one job, lately."""
        self._known: tuple[float, Known] = (0.0, {})
        self._next_look = 0.0
        self._places: dict[str, int] = {}
        """How much has been noted of what each job in hand has come to."""

    def stop(self) -> None:
        """Ask the worker to give back what it holds, and to end."""
        self._stop.set()

    def run(self, *, until_empty: bool = False) -> int:
        """Work until told to stop (or until nothing waits); returns how many jobs were done."""
        done = 0
        bench = self._bench or Bench(
            max(1, self.settings.workers), memory=self.settings.memory, limits=limits_of(self.settings)
        )
        threading.Thread(target=self._keep, daemon=True).start()
        try:
            while not self._stop.is_set():
                try:
                    empty = not self._fetch(bench)
                    self._collect(bench)
                    self._watched(bench)
                    done += self._write()
                except sa.exc.SQLAlchemyError as error:
                    if not away(error):
                        raise
                    note("database-away", error=type(error).__name__)
                    self._stop.wait(AWAY)
                    continue
                if empty and not (self._held or self._finished or self._again):
                    if until_empty:
                        break
                    self._stop.wait(IDLE)
        finally:
            self._stop.set()
            self._part(bench)
        return done

    def _part(self, bench: Bench) -> None:
        """Write what is graded, give back the rest."""
        try:
            self._write(all_of_it=True)
            self.queue.give_back(self.name)
        except sa.exc.SQLAlchemyError as error:
            note("not-given-back", error=type(error).__name__)  # it is taken again when the lease runs out
        self._held.clear()
        if self._bench is None:
            bench.stop()

    def _fetch(self, bench: Bench) -> bool:
        """Fill the hands; False where nothing waits."""
        most = bench.pool.workers * (1 + min(MOST, int(STOCK / self._pace)))
        room = most - len(self._held)
        if room < (most + 1) // 2:
            return True
        again, self._again = self._again, []
        fresh = self.queue.take(self.name, room - len(again)) if room > len(again) else []
        several = [*again, *fresh]
        if not several:
            return False
        with self.engine.connect() as connection:
            state, rubrics = catalogue.compiled(connection)
            known = self._groups(connection)
        for taken in several:
            self._held[self._begun(bench, taken, state, rubrics, known)] = (taken, state)
        return len(several) >= room

    def _begun(self, bench: Bench, taken: Taken, state: str, rubrics: Rubrics, known: Known) -> Future[Graded]:
        job = Job(id=taken.submission, source=taken.name, problem=taken.rubric)
        if taken.part is not None:
            job = replace(job, part=taken.part, answer=_text(taken.data), prompt=taken.prompt)
        else:
            job = replace(job, data=taken.data)
        return bench.grade(state, rubrics, job, known, self.settings.job_seconds)

    def _groups(self, connection: Connection) -> Known:
        """Groups of the review queue; a process knows those it has made itself."""
        if time.monotonic() - self._known[0] > FRESH:
            self._known = (time.monotonic(), review.known(connection))
        return self._known[1]

    def _keep(self) -> None:
        while not self._stop.wait(self.settings.lease_seconds / 4):
            if self._held or self._finished or self._again:
                try:
                    self.queue.renew(self.name)
                except sa.exc.SQLAlchemyError as error:  # the database is away: what is lost is taken again later
                    note("lease-not-renewed", error=type(error).__name__)

    def _collect(self, bench: Bench) -> None:
        """Wait a moment for what runs, and keep what has ended."""
        if not self._held:
            return
        ended, _ = wait(self._held, timeout=IDLE, return_when=FIRST_COMPLETED)
        for future in ended:
            taken, state = self._held.pop(future)
            bench.forget(taken.submission)
            graded = self._result(taken, future)
            if graded is None:
                self._again.append(taken)
                continue
            if isinstance(graded, Graded):
                self._pace += 0.2 * (max(0.001, graded.seconds) - self._pace)
            self._finished.append(_Finished(taken, graded, state, time.monotonic()))

    def _watched(self, bench: Bench) -> None:
        """Note what slow jobs have come to so far, for those who watch them."""
        if time.monotonic() < self._next_look:
            return
        self._next_look = time.monotonic() + LOOK
        places: dict[str, int] = {}
        news: list[tuple[str, str]] = []
        for taken, _ in self._held.values():
            lines, places[taken.id] = bench.told(taken.submission, self._places.get(taken.id, 0))
            news += [(taken.id, line) for line in lines]
        if news:
            with writing(self.engine) as connection:
                note_parts(connection, news)
        self._places = places

    def _result(self, taken: Taken, future: Future[Graded]) -> Graded | str | None:
        """What came out, or why nothing did; None where its process was lost: it need not have been the job's fault."""
        try:
            graded = future.result()
            self._losses.pop(taken.id, None)
        except Exception as error:
            status, reason = lost(error) or (Status.FAILED, type(error).__name__)
            if status in {Status.CRASHED, Status.FAILED}:
                note("grading-lost", job=taken.id, error=type(error).__name__)
                self._losses[taken.id] = self._losses.get(taken.id, 0) + 1
                if self._losses[taken.id] < LOSSES:
                    return None
            self._losses.pop(taken.id, None)
            if status is Status.TIMEOUT:
                reason = f"not graded within {self.settings.job_seconds:g} s"
            return f"{status}: {reason}"
        if len(graded.found) == 1 and graded.found[0].status.ungraded:
            return f"{graded.found[0].status}: {graded.found[0].reason}"
        return graded

    def _write(self, *, all_of_it: bool = False) -> int:
        """Write what has ended: at once where nothing else runs, else several quick ones together; returns how many."""
        several = self._finished
        if not several:
            return 0
        early = len(several) < TOGETHER and time.monotonic() - several[0].moment < GATHER and self._held
        if early and not all_of_it:
            return 0
        try:
            self._write_these(several)
        except sa.exc.SQLAlchemyError as error:
            if away(error):
                raise
            self._one_by_one(several)
        self._finished = []
        for one in several:
            kept = "failed" if isinstance(one.graded, str) else "done"
            note("job", job=one.taken.id, state=kept, attempt=one.taken.attempts)
        return len(several)

    def _write_these(self, several: Sequence[_Finished]) -> None:
        with writing(self.engine) as connection:
            # In one order everywhere, so that nobody waits in a circle.
            ordered = sorted(several, key=lambda finished: finished.taken.id)
            graded = [(one.taken, one.graded) for one in ordered if self._ended(connection, one)]
            flat = [
                (taken, rank, found)
                for taken, each in graded
                if isinstance(each, Graded)
                for rank, found in enumerate(each.found)
            ]
            if not flat:
                return
            review.forget(connection, [taken.submission for taken, _, _ in flat])
            ruled = rulings.applied(connection, [found for _, _, found in flat])
            placed = [(taken, rank, found) for (taken, rank, _), found in zip(flat, ruled, strict=True)]
            connection.execute(sa.insert(reports), [_row(taken, rank, found) for taken, rank, found in placed])
            review.collect(
                connection,
                [(taken.id, taken.submission, doubt) for taken, _, found in placed for doubt in found.doubts],
            )

    def _ended(self, connection: Connection, one: _Finished) -> bool:
        if isinstance(one.graded, str):
            return self.queue.end(connection, one.taken, self.name, "failed", reason=one.graded)
        return self.queue.end(connection, one.taken, self.name, "done", rubric_state=one.state)

    def _one_by_one(self, several: Sequence[_Finished]) -> None:
        """One of them cannot be kept: the others are, and it says why."""
        for one in several:
            try:
                self._write_these([one])
            except sa.exc.SQLAlchemyError as error:
                if away(error):
                    raise
                note("not-kept", job=one.taken.id, error=type(error).__name__)
                with writing(self.engine) as connection:
                    reason = f"{Status.FAILED}: its report could not be kept"
                    self.queue.end(connection, one.taken, self.name, "failed", reason=reason)


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _row(taken: Taken, rank: int, found: Found) -> dict[str, object]:
    return {
        "job": taken.id,
        "rank": rank,
        "submission": taken.submission,
        "first": found.first,
        "final": found.final,
        "max": found.max,
        "text": found.report,
        "created": now(),
    }
