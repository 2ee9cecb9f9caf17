"""The service's log: one JSON object a line on standard error, with ids, times and sizes, never a word of a transcript."""

from __future__ import annotations

import json
import sys
import time

__all__ = ["note"]


def note(event: str, **fields: str | int | float | None) -> None:
    """Write one line; only ids, names of things of ours, and numbers belong here."""
    moment = time.time()
    stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(moment)) + f".{int(moment * 1000) % 1000:03d}Z"
    sys.stderr.write(json.dumps({"time": stamp, "event": event, **fields}) + "\n")
