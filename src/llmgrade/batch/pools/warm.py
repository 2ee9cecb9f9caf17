"""A pool of killable processes that stays warm between calls, whatever it is asked to run.

A call that spins is killed at its deadline, counted from when a process took it; one that crashes its process or eats its
memory costs itself alone. Processes end with the one that made them, even where that one was killed.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from typing import Any, ParamSpec, TypeVar

from pebble import ProcessExpired, ProcessPool

from llmgrade.batch.model import Status
from llmgrade.batch.pools.leash import leashed

__all__ = ["WarmPool", "lost"]

TASKS = 5_000
"""A process is replaced after this many calls, so that no leak grows."""
P = ParamSpec("P")
T = TypeVar("T")


def _start(memory: int, nice: int, maker: int) -> None:
    leashed(memory, maker)
    if nice and hasattr(os, "nice"):
        os.nice(nice)


def _safely(function: Callable[..., T], args: Any, kwargs: Any) -> T:
    """The call; an exception that cannot travel back goes as one that can."""
    try:
        return function(*args, **kwargs)
    except Exception as error:
        try:
            pickle.loads(pickle.dumps(error))
        except Exception:
            raise RuntimeError(f"{type(error).__name__}: {error}") from None
        raise


class WarmPool:
    """Processes that run functions of importable modules. ``preload`` is imported once for all of them."""

    def __init__(self, workers: int, *, memory: int, nice: int = 0, preload: tuple[str, ...] = ()) -> None:
        methods = multiprocessing.get_all_start_methods()
        context = multiprocessing.get_context("forkserver" if "forkserver" in methods else "spawn")
        if preload and "forkserver" in methods:
            context.set_forkserver_preload(list(preload))
        self.workers = workers
        self._made = (context, memory, nice)
        self._pool = self._new()

    def _new(self) -> ProcessPool:
        context, memory, nice = self._made
        return ProcessPool(
            max_workers=self.workers,
            max_tasks=TASKS,
            initializer=_start,
            initargs=(memory, nice, os.getpid()),
            context=context,
        )

    def submit(self, seconds: float, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Run the function in a process; killed after ``seconds``. What the future raises, `lost` has words for."""
        try:
            return self._scheduled(seconds, function, args, kwargs)
        except RuntimeError:  # the pool broke: another one takes its place
            self._pool.stop()  # type: ignore[no-untyped-call]
            self._pool = self._new()
            return self._scheduled(seconds, function, args, kwargs)

    def _scheduled(self, seconds: float, function: Callable[..., T], args: Any, kwargs: Any) -> Future[T]:
        future: Future[T] = self._pool.schedule(_safely, args=[function, args, kwargs], timeout=seconds)
        return future

    def stop(self) -> None:
        """End now: what runs is killed."""
        self._pool.stop()  # type: ignore[no-untyped-call]
        self._pool.join()


def lost(error: BaseException) -> tuple[Status, str] | None:
    """What became of a call that did not come back, in words; None for an exception of the function's own."""
    if isinstance(error, FutureTimeout):
        return Status.TIMEOUT, "it did not end in time"
    if isinstance(error, ProcessExpired):
        return Status.CRASHED, f"its process ended with exit code {error.exitcode}"
    if isinstance(error, MemoryError):
        return Status.MEMORY, "it needed too much memory"
    return None
