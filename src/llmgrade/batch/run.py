"""The driver: which shards are missing, which of their jobs are known already, and the rest to the engine."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from llmgrade.batch import keys, plan
from llmgrade.batch.journal import Journal
from llmgrade.batch.model import Job, Outcome, Settings, Shard, Status
from llmgrade.batch.pools import engine
from llmgrade.batch.work import Assignment, Grader
from llmgrade.limits import Limits
from llmgrade.rubric.model import Rubrics

__all__ = ["Summary", "run"]

BEHIND = 4
"""Shards that may wait to be written."""
MANIFEST = 5.0
"""Seconds between two manifests of an unfinished run; what is done is told by the shards' own names."""
Progress = Callable[[int, int], None]
"""Called with jobs done (graded or known) and jobs in all."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What a run did."""

    jobs: int
    """All jobs of this run's shards."""
    graded: int
    """Jobs graded now."""
    known: int
    """Jobs whose results were there."""
    statuses: dict[Status, int]
    """Outcomes by status, over the whole run."""
    folder: Path
    changed: bool = False
    """Whether the grader is another one than when the folder was last filled, so that nothing in it held."""

    @property
    def ungraded(self) -> int:
        """Outcomes without a verdict because the input could not be graded."""
        return sum(count for status, count in self.statuses.items() if status.ungraded)


def run(
    inputs: Sequence[str],
    folder: Path,
    rubrics: Rubrics,
    settings: Settings,
    limits: Limits | None = None,
    progress: Progress = lambda done, total: None,
) -> Summary:
    """Grade everything the inputs hold into ``folder``; what is there already is not graded again.

    Raises:
        UnreadableInput: an input or the folder cannot be used at all. A bad job is a row with its reason.
    """
    limits = limits or Limits()
    journal = Journal(folder)
    settings = replace(settings, seed=_seed(journal, settings))
    assignment = Assignment.of(rubrics, limits, settings.seed)
    driver = _Driver(journal, assignment, settings, progress, inputs)
    paths = plan.files(inputs)
    driver.total = plan.count(paths, settings.columns)
    stream = plan.shards(plan.jobs(paths, settings.columns, limits), settings.rows, driver.grader_hash())
    # A slow disk must not keep workers waiting: shards are written beside the grading, a few at most behind it.
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="journal") as writing:
        behind: deque[Future[None]] = deque()
        for shard, outcomes in engine(settings.engine).run(driver.missing(stream), assignment, settings):
            behind.append(writing.submit(driver.finish, shard, outcomes))
            while len(behind) > BEHIND or (behind and behind[0].done()):
                behind.popleft().result()
        for last in behind:
            last.result()
    driver.write_manifest(finished=True)
    return driver.summary()


def _seed(journal: Journal, settings: Settings) -> str:
    """The seed asked for, else the one this folder began with, else a new secret one."""
    import secrets

    recorded = journal.manifest().get("seed")
    return settings.seed or (recorded if isinstance(recorded, str) else secrets.token_hex(8))


class _Driver:
    """Keeps count while shards come and go."""

    def __init__(
        self, journal: Journal, assignment: Assignment, settings: Settings, progress: Progress, inputs: Sequence[str]
    ) -> None:
        self.journal, self.assignment, self.settings, self.progress = journal, assignment, settings, progress
        self.inputs = list(inputs)
        self.grader = Grader(assignment)
        self.shards: list[Shard] = []
        self.known_rows: dict[int, dict[int, list[Outcome]]] = {}
        self.sizes: dict[int, int] = {}
        self._told = -MANIFEST
        self.changed = journal.manifest().get("checker", keys.checker()) != keys.checker()
        self.total = self.jobs = self.graded = self.known = 0

    def grader_hash(self) -> str:
        """Everything but the jobs that a shard's results depend on."""
        prints = self.grader.prints
        told = [f"{name}={prints[name]}" for name in sorted(prints)]
        return keys.hashed(self.grader.recognised, *told, self.assignment.graded_by)

    def missing(self, stream: Iterator[tuple[Shard, list[Job]]]) -> Iterator[tuple[Shard, list[Job]]]:
        """Shards without results, with only those of their jobs that nothing is known about."""
        first, step = self.settings.part_of
        for shard, jobs in stream:
            if shard.index % step != first - 1:
                continue
            self.shards.append(shard)
            self.jobs += len(jobs)
            if self.journal.done(shard):
                self._count(known=len(jobs))
                continue
            known = self._still_valid(shard, jobs)
            self.known_rows[shard.index] = known
            self.sizes[shard.index] = len(jobs)
            self._count(known=len(known))
            yield shard, [job for rank, job in enumerate(jobs) if rank not in known]

    def _still_valid(self, shard: Shard, jobs: list[Job]) -> dict[int, list[Outcome]]:
        """Earlier outcomes of this shard's jobs whose key is what it would be now."""
        earlier = self.journal.earlier(shard)
        if not earlier:
            return {}
        return {
            rank: rows
            for rank, job in enumerate(jobs)
            if (rows := earlier.get(job.id)) and all(self._holds(job, row) for row in rows)
        }

    def _holds(self, job: Job, row: Outcome) -> bool:
        # What failed by an accident of the machine is tried again.
        accident = row.status in {Status.CRASHED, Status.TIMEOUT, Status.MEMORY, Status.FAILED}
        return not accident and self.grader.key(job, row.rubrics) == row.key

    def finish(self, shard: Shard, outcomes: list[list[Outcome]]) -> None:
        """Write a shard: known and new outcomes in the order of its jobs."""
        known = self.known_rows.pop(shard.index)
        fresh = iter(outcomes)
        size = self.sizes.pop(shard.index)
        rows = [row for rank in range(size) for row in (known[rank] if rank in known else next(fresh))]
        self.journal.write(shard, rows)
        if time.monotonic() - self._told >= MANIFEST:
            self.write_manifest(finished=False)
        self._count(graded=size - len(known))

    def _count(self, known: int = 0, graded: int = 0) -> None:
        self.known += known
        self.graded += graded
        self.progress(self.known + self.graded, max(self.total, self.known + self.graded))

    def write_manifest(self, *, finished: bool) -> None:
        """Record which shards make up the run, as far as it has come."""
        self._told = time.monotonic()
        self.journal.write_manifest(
            self.settings.part_of,
            seed=self.settings.seed,
            checker=keys.checker(),
            rubrics={rubric.id: rubric.version for rubric in self.assignment.rubrics},
            inputs=self.inputs,
            finished=finished,
            shards=[
                {"index": s.index, "content": s.content, "name": s.name, "count": s.count}
                for s in sorted(self.shards, key=lambda s: s.index)
            ],
        )

    def summary(self) -> Summary:
        """What was done."""
        return Summary(self.jobs, self.graded, self.known, self.journal.statuses(), self.journal.folder, self.changed)
