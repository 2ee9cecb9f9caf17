"""The pool of this machine: what a worker suffers costs the job that did it, within its time, and nobody else."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from llmgrade.batch.model import Job, Outcome, Settings, Shard, Status
from llmgrade.batch.pools.local import CHUNK, Local
from llmgrade.batch.work import Assignment
from llmgrade.limits import Limits
from llmgrade.rubric.loading import load_all

sys.path.insert(0, str(Path(__file__).parent))
from hostile import Allocating, Crashing, Leaving, Spinning

SECONDS = 4.0
GOOD = r"$x^T(A+A^T)$"
BUSY = 3.0 if os.getloadavg()[0] < 1.5 * (os.cpu_count() or 1) else 15.0
"""What starting workers may take here, beside the limit (seconds)."""


def _graded(answers: list[str], seconds: float = SECONDS) -> tuple[list[Outcome], float]:
    jobs = [Job(id=f"r{n}", problem="vector-calculus", part="d", answer=text) for n, text in enumerate(answers)]
    settings = Settings(workers=2, seconds=seconds, memory=512)
    assignment = Assignment.of(load_all(()), Limits(), "a seed")
    start = time.monotonic()
    ((_, found),) = Local().run([(Shard(0, "content", "name", len(jobs)), jobs)], assignment, settings)
    return [outcome for several in found for outcome in several], time.monotonic() - start


@pytest.mark.parametrize(
    ("hostile", "status", "reason"),
    [
        (Spinning, Status.TIMEOUT, "not graded within 4 s"),
        (Allocating, Status.MEMORY, "memory"),
        (Crashing, Status.CRASHED, "SIGSEGV"),
        (Leaving, Status.CRASHED, "exit code 3"),
    ],
)
def test_a_hostile_answer_is_a_row_with_its_reason_and_the_others_are_graded(
    hostile: type[str], status: Status, reason: str
) -> None:
    answers = [GOOD] * 40 + [hostile(GOOD)] + [GOOD] * 40
    limit = SECONDS if status is Status.TIMEOUT else 30.0
    found, seconds = _graded(answers, limit)
    assert [o.id for o in found] == [f"r{n}" for n in range(81)]
    assert (found[40].status, reason in found[40].reason) == (status, True), found[40]
    assert all(o.status is Status.GRADED for n, o in enumerate(found) if n != 40)
    # As many seconds as it may have, not twice as many, although its whole chunk is sent again.
    assert seconds < limit + 1 + BUSY


def test_several_late_answers_of_one_chunk_are_told_one_by_one() -> None:
    answers = [Spinning(GOOD) if n in (3, 20) else GOOD for n in range(CHUNK)]
    found, _ = _graded(answers, seconds=1.5)
    assert [n for n, o in enumerate(found) if o.status is Status.TIMEOUT] == [3, 20]
    assert sum(o.status is Status.GRADED for o in found) == CHUNK - 2
