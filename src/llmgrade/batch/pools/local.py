"""A warm pool of killable processes on this machine (Pebble).

A job that spins is killed at its deadline, counted from when a worker took it; one that crashes its worker or eats its
memory costs itself alone. Short answers travel in chunks, because a message costs more than they do; when a chunk is
lost, its jobs are sent again one by one.
"""

from __future__ import annotations

import multiprocessing
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures import TimeoutError as FutureTimeout

from pebble import ProcessExpired, ProcessPool

from llmgrade.batch.model import Job, Outcome, Settings, Shard, Status
from llmgrade.batch.work import Assignment, Grader, failed

__all__ = ["Local"]

CHUNK = 64
SHORT = 2_000
"""Answers up to this many characters travel in chunks."""
AHEAD = 4
"""Chunks waiting per worker."""
TASKS = 5_000
"""A worker is replaced after this many tasks, so that no leak grows."""

_grader: Grader | None = None


def _start(assignment: Assignment, memory: int) -> None:
    """Prepare a worker: its memory limit, then the rubrics."""
    global _grader
    try:
        import resource

        limit = memory * 1024 * 1024
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    except (ImportError, ValueError, OSError):
        pass  # not every system can limit a process; the deadline still holds
    _grader = Grader(assignment)


def _grade(jobs: Sequence[Job]) -> list[list[Outcome]]:
    assert _grader is not None
    return [_grader.outcomes(job) for job in jobs]


class _Open:
    """A shard in the making: outcomes by the rank of their job."""

    def __init__(self, shard: Shard, jobs: Sequence[Job]) -> None:
        self.shard, self.jobs = shard, jobs
        self.outcomes: list[list[Outcome] | None] = [None] * len(jobs)
        self.left = len(jobs)

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
            initargs=(assignment, settings.memory),
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
            # A chunk of short answers has the time of one job: each of them takes a thousandth of it.
            running[pool.schedule(_grade, args=[chunk], timeout=settings.seconds)] = (opened, ranks)
        if not running:
            return
        done, _ = wait(running, return_when=FIRST_COMPLETED)
        for future in done:
            opened, ranks = running.pop(future)
            found = _result(future, [opened.jobs[rank] for rank in ranks], here, settings)
            if found is None:  # the chunk was lost: its jobs go again, one by one
                waiting.extendleft((opened, [rank]) for rank in reversed(ranks))
                continue
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


def _result(
    future: Future[list[list[Outcome]]], jobs: list[Job], here: Grader, settings: Settings
) -> list[list[Outcome]] | None:
    """The outcomes of a task; None where a chunk was lost and must be taken apart."""
    try:
        return future.result()
    except FutureTimeout:
        status, reason = Status.TIMEOUT, f"not graded within {settings.seconds:g} s"
    except ProcessExpired as error:
        status, reason = Status.CRASHED, f"its worker ended with exit code {error.exitcode}"
    except MemoryError:
        status, reason = Status.MEMORY, f"more than {settings.memory} MiB of memory"
    if len(jobs) > 1:
        return None
    return [failed(here, jobs[0], status, reason)]
