"""Answers that do to a worker what no answer should be able to do; to everybody else they are texts."""

from __future__ import annotations

import multiprocessing
import os
import signal

__all__ = ["Allocating", "Crashing", "Leaving", "Spinning"]


class _Text(str):
    """A text that shows what it is when a worker looks it up."""

    __slots__ = ()

    def __hash__(self) -> int:
        if multiprocessing.parent_process() is not None:
            self.strike()
        return str.__hash__(self)

    def strike(self) -> None:
        """What it does."""


class Spinning(_Text):
    """Never ends."""

    __slots__ = ()

    def strike(self) -> None:
        while True:
            pass


class Allocating(_Text):
    """Takes all the memory it is given."""

    __slots__ = ()

    def strike(self) -> None:
        held = []
        while True:
            held.append(bytearray(1 << 24))


class Crashing(_Text):
    """Dies as a fault in a library would make it die."""

    __slots__ = ()

    def strike(self) -> None:
        os.kill(os.getpid(), signal.SIGSEGV)


class Leaving(_Text):
    """Ends its process without a word."""

    __slots__ = ()

    def strike(self) -> None:
        os._exit(3)
