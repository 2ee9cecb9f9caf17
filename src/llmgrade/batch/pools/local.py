"""A warm pool of killable processes on this machine (Pebble).

A job that spins is killed at its deadline, counted from when a worker began it; one that crashes its worker or eats its
memory costs itself alone. Short answers travel in chunks, because a message costs more than they do. A worker watches
itself: it ends with an exit code that tells which job of the chunk is late, and the others go on together. A chunk that is
lost otherwise (a crash, or a job that lets nothing else in its process run) is sent again job by job. A job that was alone
with its worker when that died is tried again too: perhaps somebody else killed it.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import dataclass

from pebble import ProcessExpired, ProcessPool

from llmgrade.batch.model import Job, Outcome, Settings, Shard, Status
from llmgrade.batch.pools.leash import leashed
from llmgrade.batch.work import Assignment, Grader, failed

__all__ = ["Local"]

CHUNK = 64
SHORT = 2_000
"""Answers up to this many characters travel in chunks."""
AHEAD = 8
"""Chunks waiting per worker."""
TRIES = 3
"""How many workers a job may lose before it is said to crash them."""
TASKS = 800
"""A worker is replaced after this many tasks (50,000 short answers), so that nothing grows: not even the holes in its memory."""

LATE = 64
"""A worker's exit code when the first job of its chunk was late; with `CHUNK` more codes there is one for each job."""
PATIENCE = 2
"""A chunk may take this many times as long as one job before it is killed from outside."""

_grader: Grader | None = None
_watch: _Watch | None = None


class _Watch(threading.Thread):
    """Ends this process when a job takes longer than it may."""

    def __init__(self, seconds: float) -> None:
        super().__init__(daemon=True)
        self.seconds = seconds
        self.at: tuple[int, float] | None = None
        """Rank of the job at work, and when it began."""

    def run(self) -> None:
        while True:
            time.sleep(min(0.2, self.seconds / 10))
            at = self.at
            if at is not None and time.monotonic() - at[1] > self.seconds:
                os._exit(LATE + at[0])


def _start(assignment: Assignment, memory: int, maker: int, seconds: float) -> None:
    """Prepare a worker: its limits, then the rubrics."""
    global _grader, _watch
    leashed(memory, maker)
    _grader = Grader(assignment)
    _watch = _Watch(seconds)
    _watch.start()


def _grade(jobs: Sequence[Job]) -> list[list[Outcome]]:
    assert _grader is not None
    assert _watch is not None
    found = []
    for rank, job in enumerate(jobs):
        _watch.at = rank, time.monotonic()
        found.append(_grader.outcomes(job))
    _watch.at = None
    return found


class _Open:
    """A shard in the making: outcomes by the rank of their job."""

    def __init__(self, shard: Shard, jobs: Sequence[Job]) -> None:
        self.shard, self.jobs = shard, jobs
        self.outcomes: list[list[Outcome] | None] = [None] * len(jobs)
        self.left = len(jobs)
        self.lost: dict[int, int] = {}
        """How many workers a job has lost, by rank."""

    def again(self, ranks: list[int]) -> list[int]:
        """Those of the ranks, lost with a worker, that may be tried again: all of a chunk, or one that has tries left."""
        if len(ranks) > 1:
            return ranks
        (rank,) = ranks
        self.lost[rank] = self.lost.get(rank, 0) + 1
        return ranks if self.lost[rank] < TRIES else []

    def set(self, rank: int, outcomes: list[Outcome]) -> None:
        self.outcomes[rank] = outcomes
        self.left -= 1

    def finished(self) -> tuple[Shard, list[list[Outcome]]]:
        return self.shard, [found for found in self.outcomes if found is not None]


class Local:
    """The default engine."""

    def run(
        self, work: Iterable[tuple[Shard, Sequence[Job]]], assignment: Assignment, settings: Settings
    ) -> Iterator[tuple[Shard, list[list[Outcome]]]]:
        """See `pools.model.Engine`."""
        methods = multiprocessing.get_all_start_methods()
        context = multiprocessing.get_context("forkserver" if "forkserver" in methods else "spawn")
        if "forkserver" in methods:
            context.set_forkserver_preload([__name__])
        here = Grader(assignment)
        pool = ProcessPool(
            max_workers=settings.workers,
            max_tasks=TASKS,
            initializer=_start,
            initargs=(assignment, settings.memory, os.getpid(), settings.seconds),
            context=context,
        )
        with pool:
            try:
                yield from _drive(pool, work, here, settings)
            except BaseException:
                pool.stop()  # type: ignore[no-untyped-call]
                raise


def _drive(
    pool: ProcessPool, work: Iterable[tuple[Shard, Sequence[Job]]], here: Grader, settings: Settings
) -> Iterator[tuple[Shard, list[list[Outcome]]]]:
    source = iter(work)
    waiting: deque[tuple[_Open, list[int]]] = deque()
    running: dict[Future[list[list[Outcome]]], tuple[_Open, list[int]]] = {}
    exhausted = False
    while True:
        while not exhausted and len(waiting) < AHEAD * settings.workers:
            taken = next(source, None)
            if taken is None:
                exhausted = True
                break
            opened = _Open(*taken)
            if not opened.left:
                yield opened.finished()
                continue
            waiting.extend((opened, ranks) for ranks in _chunks(opened.jobs))
        while waiting and len(running) < AHEAD * settings.workers:
            opened, ranks = waiting.popleft()
            chunk = [opened.jobs[rank] for rank in ranks]
            seconds = settings.seconds * (PATIENCE if len(chunk) > 1 else 1)
            running[pool.schedule(_grade, args=[chunk], timeout=seconds)] = (opened, ranks)
        if not running:
            return
        done, _ = wait(running, return_when=FIRST_COMPLETED)
        for future in done:
            opened, ranks = running.pop(future)
            found = _result(future, settings)
            if isinstance(found, Lost) and found.late is not None and len(ranks) > 1:
                late = ranks[found.late]
                opened.set(late, failed(here, opened.jobs[late], found.status, found.reason))
                waiting.appendleft((opened, [rank for rank in ranks if rank != late]))
                continue
            if isinstance(found, Lost):
                again = opened.again(ranks) if found.status is Status.CRASHED or len(ranks) > 1 else []
                waiting.extendleft((opened, [rank]) for rank in reversed(again))
                if again:
                    continue
                found = [failed(here, opened.jobs[ranks[0]], found.status, found.reason)]
            for rank, outcomes in zip(ranks, found, strict=True):
                opened.set(rank, outcomes)
            if not opened.left:
                yield opened.finished()


def _chunks(jobs: Sequence[Job]) -> Iterator[list[int]]:
    """Ranks of jobs that travel together."""
    chunk: list[int] = []
    for rank, job in enumerate(jobs):
        if job.answer is not None and job.part is not None and len(job.answer) <= SHORT:
            chunk.append(rank)
            if len(chunk) == CHUNK:
                yield chunk
                chunk = []
        else:
            yield [rank]
    if chunk:
        yield chunk


@dataclass(frozen=True, slots=True)
class Lost:
    """A task whose worker did not come back."""

    status: Status
    reason: str
    late: int | None = None
    """Rank in the chunk of the job that was late, where the worker told it."""


def _result(future: Future[list[list[Outcome]]], settings: Settings) -> list[list[Outcome]] | Lost:
    """The outcomes of a task, or how it was lost."""
    late = f"not graded within {settings.seconds:g} s"
    try:
        return future.result()
    except FutureTimeout:
        return Lost(Status.TIMEOUT, late)
    except ProcessExpired as error:
        if LATE <= (error.exitcode or 0) < LATE + CHUNK:
            return Lost(Status.TIMEOUT, late, error.exitcode - LATE)
        return Lost(Status.CRASHED, f"its worker ended with {_ending(error.exitcode)}")
    except MemoryError:
        return Lost(Status.MEMORY, f"more than {settings.memory} MiB of memory")


def _ending(code: int | None) -> str:
    """An exit code in words: one below zero is a signal's."""
    if code is not None and -code in set(signal.Signals):
        return signal.Signals(-code).name
    return f"exit code {code}"
