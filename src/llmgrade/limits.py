"""How long, how deep, how many: the budgets of everything that reads or decides.

Limits are passed down, never global: a service, a batch and a test can each have their own at the same time.
They bound the work before it is done, so they hold in threads, event loops and workers alike; no signal is used.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

__all__ = ["Deadline", "Limits"]


@dataclass(frozen=True, slots=True)
class Limits:
    """Budgets. The defaults suffice for every answer we have seen and stop every hostile one we could think of."""

    input_bytes: int = 24 * 1024 * 1024
    """Largest transcript read into memory (bytes); larger exports are streamed conversation by conversation."""
    text_chars: int = 20_000
    """Longest formula (code points)."""
    tokens: int = 4_000
    """Most lexemes in a formula."""
    depth: int = 120
    """Deepest nesting of a formula."""
    nodes: int = 20_000
    """Most nodes an expression may grow to, sums expanded."""
    digits: int = 400
    """Longest number (digits)."""
    exponent: int = 1_000_000
    """Largest absolute exponent evaluated."""
    bits: int = 50_000
    """Largest exact power (bits)."""
    decide_seconds: float = 2.0
    """Time for one comparison (seconds), all rungs together."""
    formula_seconds: float = 5.0
    """Time for reading one flattened formula back (seconds)."""
    transcript_seconds: float = 120.0
    """Time for grading one transcript (seconds); what is not decided by then is ``undecided``."""
    turns: int = 5_000
    """Most turns of one conversation."""


class _Work(threading.local):
    """Work done by a thread, counted in questions asked of its deadlines."""

    done = 0.0


_WORK = _Work()
_ASKED = 0.001
"""Work between two questions (seconds): search loops ask about this often on a machine of today."""


def _work_done() -> float:
    return _WORK.done


@dataclass(slots=True)
class Deadline:
    """A point in time that loops ask about; asking is cheap enough for inner loops.

    >>> Deadline.after(60).passed(), Deadline.work(60).passed()
    (False, False)
    """

    at: float
    clock: Callable[[], float] = field(default=time.thread_time, repr=False)
    waiting: float = field(default=0.0, repr=False)
    """Seconds to run from the first question; 0: it runs already."""

    @classmethod
    def after(cls, seconds: float) -> Deadline:
        """The deadline after ``seconds`` of this thread's own time: what others do on the machine changes no verdict."""
        return cls(time.thread_time() + seconds)

    @classmethod
    def once_asked(cls, seconds: float) -> Deadline:
        """The deadline ``seconds`` of this thread's own time after somebody first asks about it; until then it costs nothing."""
        return cls(math.inf, waiting=seconds)

    @classmethod
    def work(cls, seconds: float) -> Deadline:
        """The deadline after about ``seconds`` of this thread's work, counted in steps and not by any clock.

        The same text is read to the same end on a fast machine, a slow one and a loaded one: a verdict can be replayed.
        """
        return cls(_WORK.done + seconds, _work_done)

    def passed(self) -> bool:
        """Whether the time is up. Where work is counted, asking is what counts it."""
        if self.clock is _work_done:
            _WORK.done += _ASKED
        elif self.waiting:
            self._start()
        return self.clock() >= self.at

    def left(self) -> float:
        """Seconds left, never negative."""
        self._start()
        return max(0.0, self.at - self.clock())

    def sooner(self, seconds: float) -> Deadline:
        """The earlier of this deadline and ``seconds`` from now, on the same clock."""
        self._start()
        return Deadline(min(self.at, self.clock() + seconds), self.clock)

    def _start(self) -> None:
        if self.waiting:
            self.at, self.waiting = self.clock() + self.waiting, 0.0
