"""What an engine is: something that grades the jobs of shards, whatever happens to its workers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from llmgrade.batch.model import Job, Outcome, Settings, Shard
from llmgrade.batch.work import Assignment

__all__ = ["Engine", "Work"]

Work = tuple[Shard, Sequence[Job]]


class Engine(Protocol):
    """One method; the same results to the byte on every engine."""

    def run(
        self, work: Iterable[Work], assignment: Assignment, settings: Settings
    ) -> Iterator[tuple[Shard, list[list[Outcome]]]]:
        """For each shard, as it is done, its jobs' outcomes in the order of its jobs."""
        ...  # pragma: no cover
