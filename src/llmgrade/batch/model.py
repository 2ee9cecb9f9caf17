"""A batch: jobs in shards, each job graded on its own, results as rows.

A `Job` is one conversation, or one answer to one part. What a job's result depends on is its `key`; equal keys, equal
results, so that a rubric edit grades again only what it can change.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from llmgrade.transcript.model import Transcript

__all__ = ["Columns", "Job", "Outcome", "Settings", "Shard", "Status"]


class Status(StrEnum):
    """How a job ended. Only ``GRADED`` has verdicts; the others say why there are none."""

    GRADED = "graded"
    NOTHING = "nothing-to-grade"
    UNREADABLE = "unreadable"
    TIMEOUT = "timeout"
    CRASHED = "crashed"
    MEMORY = "out-of-memory"
    FAILED = "failed"
    """A bug of ours: an exception that no bad input may cause."""

    @property
    def ungraded(self) -> bool:
        """Whether the input could not be graded at all (exit status 3)."""
        return self not in {Status.GRADED, Status.NOTHING}


@dataclass(frozen=True, slots=True)
class Columns:
    """Names of the columns of a table of answers."""

    id: str = "id"
    problem: str = "problem"
    part: str = "part"
    model: str = "model"
    sample: str = "sample"
    answer: str = "answer"
    messages: str = "messages"
    prompt: str = "prompt"


@dataclass(frozen=True, slots=True)
class Job:
    """One thing to grade.

    Exactly one of ``answer`` (one text), ``messages`` (a chat as role/content pairs), ``transcript`` (a conversation of
    a large export, already read) and ``data`` (the bytes of a file, with all its conversations) is there.
    """

    id: str
    problem: str | None = None
    part: str | None = None
    model: str | None = None
    sample: str | None = None
    answer: str | None = None
    prompt: str | None = None
    messages: tuple[dict[str, Any], ...] | None = None
    data: bytes | None = None
    transcript: Transcript | None = None
    source: str = ""
    """Where it came from, for people: ``answers.jsonl:12``."""
    broken: str | None = None
    """Why it can't be read, where that is known before grading."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one job: rows for the tables, and the key they hang on."""

    job: str
    """The job's id; several outcomes share it where a file holds several conversations."""
    id: str
    """The outcome's own id, unique in the run."""
    key: str
    status: Status
    reason: str = ""
    rubrics: tuple[str, ...] = ()
    """Rubrics and parts (``id`` or ``id:part``) the result depends on."""
    report: str = ""
    """The report's JSON, chat included; empty where there is none."""
    problem: str | None = None
    part: str | None = None
    model: str | None = None
    sample: str | None = None
    source: str = ""
    group: str | None = None
    """Fingerprint of the answer's value, where it has one."""


@dataclass(frozen=True, slots=True)
class Shard:
    """A run of jobs that is graded, written and resumed as one."""

    index: int
    content: str
    """Hash of the jobs alone."""
    name: str
    """Hash of the jobs and everything else the results depend on: the file's name."""
    count: int


@dataclass(frozen=True, slots=True)
class Settings:
    """How a batch runs. Nothing here but ``seed`` and ``seconds`` can change a result."""

    rows: int = 1000
    """Jobs in a shard."""
    workers: int = 2
    seconds: float = 30.0
    """Time for one job, from dispatch (seconds)."""
    memory: int = 2048
    """Memory of one worker (MiB)."""
    seed: str = ""
    """What sample points are drawn from; recorded, so that a run can be replayed."""
    engine: str = "local"
    address: str | None = None
    part_of: tuple[int, int] = (1, 1)
    """``(i, n)``: grade only every n-th shard, starting with the i-th."""
    columns: Columns = field(default_factory=Columns)
