"""What every worker process begins with: a limit to its memory, and an end when the one that made it ends."""

from __future__ import annotations

import os
import threading
import time

__all__ = ["leashed"]

WATCH = 1.0
"""Seconds between two looks at whether the maker still lives."""


def leashed(memory: int, maker: int) -> None:
    """Limit this process to ``memory`` (MiB), and let it end with ``maker`` (a process id), even in the middle of a job."""
    try:
        import resource

        limit = memory * 1024 * 1024
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    except (ImportError, ValueError, OSError):
        pass  # not every system can limit a process; the deadline still holds
    threading.Thread(target=_end_with, args=(maker,), daemon=True).start()


def _end_with(maker: int) -> None:
    while True:
        time.sleep(WATCH)
        try:
            os.kill(maker, 0)
        except ProcessLookupError:
            os._exit(0)
        except OSError:
            return
