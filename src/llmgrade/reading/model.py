"""What a reader is: one row of the table `reading.FORMATS`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib import import_module

from llmgrade.limits import Limits
from llmgrade.reading.conversation import Conversation
from llmgrade.reading.opening import Input, Looks
from llmgrade.transcript.model import Transcript

__all__ = ["Format", "Looks", "Read", "Sniff", "reader", "sniffer"]

Read = Callable[[Input, Limits], Iterator["Transcript | Conversation"]]
Sniff = Callable[[Input], float]


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
    sniff: Sniff
    read: Read
    looks: frozenset[Looks] = field(default=frozenset(Looks))
    """What the first bytes of such a file can look like: ``sniff`` is asked of no other file, and need not be loaded."""


def sniffer(module: str) -> Sniff:
    """The ``sniff`` of a module, which is imported when a file is there to be told."""
    return lambda file: import_module(module).sniff(file)


def reader(module: str) -> Read:
    """The ``read`` of a module, which is imported when a file is there to be read."""
    return lambda file, limits: import_module(module).read(file, limits)
