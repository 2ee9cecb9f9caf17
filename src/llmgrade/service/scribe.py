"""What is handed in at the same moment is written in one transaction: a commit costs more than a submission.

Each piece of work stands in a savepoint of its own, so that one that is refused takes none of the others with it. Nobody is
told that something is written before it is committed.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy.engine import Connection, Engine

from llmgrade.service.database import writing

__all__ = ["Scribe"]

TOGETHER = 32
"""Most pieces of work in one transaction."""
T = TypeVar("T")


def _tell(several: Sequence[_Piece]) -> None:
    for piece in several:
        piece.tell()


@dataclass(slots=True, eq=False)
class _Piece:
    work: Callable[[Connection], Any]
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Any]
    value: Any = None
    error: BaseException | None = None

    def tell(self) -> None:
        if self.future.cancelled():
            return
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.value)


class Scribe:
    """One thread that writes."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._pieces: queue.SimpleQueue[_Piece | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    async def write(self, work: Callable[[Connection], T]) -> T:
        """What the work gives, once it is committed; its own error, if it is refused."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._serve, name="scribe", daemon=True)
            self._thread.start()
        loop = asyncio.get_running_loop()
        piece = _Piece(work, loop, loop.create_future())
        self._pieces.put(piece)
        found: T = await piece.future
        return found

    def close(self) -> None:
        """End when all is written."""
        if self._thread is not None:
            self._pieces.put(None)
            self._thread.join(10)

    def _serve(self) -> None:
        while (first := self._pieces.get()) is not None:
            several: list[_Piece] = [first]
            while len(several) < TOGETHER and not self._pieces.empty():
                following = self._pieces.get()
                if following is None:
                    self._pieces.put(None)
                    break
                several.append(following)
            self._write(several)
            with suppress(RuntimeError):  # the loop has ended: nobody waits any more
                first.loop.call_soon_threadsafe(_tell, several)

    def _write(self, several: list[_Piece]) -> None:
        try:
            with writing(self._engine) as connection:
                for piece in several:
                    try:
                        with connection.begin_nested():
                            piece.value = piece.work(connection)
                    except Exception as error:
                        piece.error = error
        except Exception as error:  # nothing of it is committed
            for piece in several:
                piece.error = piece.error or error
