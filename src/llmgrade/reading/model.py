"""What a reader is: one row of the table `reading.FORMATS`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from llmgrade.limits import Limits
from llmgrade.reading.conversation import Conversation
from llmgrade.reading.opening import Input
from llmgrade.transcript.model import Transcript

__all__ = ["Format", "Read"]

Read = Callable[[Input, Limits], Iterator["Transcript | Conversation"]]


@dataclass(frozen=True, slots=True)
class Format:
    """One kind of file: what it is, how it is told, and the two functions that tell and read it.

    ``sniff`` looks at the content, never at the name, and says how sure it is: 0 (not this), 1 (this and nothing
    else); it must not raise. ``read`` yields the conversations in the file's own order, one by one.
    """

    id: str
    title: str
    """What it is, in words."""
    told_by: str
    """How it is told from the others, in words."""
    sniff: Callable[[Input], float]
    read: Read
