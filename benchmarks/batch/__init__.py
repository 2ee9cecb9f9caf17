"""A batch of made answers on two workers, beside the same answers through Math-Verify in the same run.

``python -m benchmarks batch`` grades 20,000 answers to 40 parts, all texts different, and compares: answers a second (from
the first byte read to the last table written, starting of workers included), verdicts with how the answers were made, and
Math-Verify's verdicts and speed on a sample, on two processes too, half of it before our run and half after, so that a busy
moment of the machine falls on both. With ``--long`` the same again with 200,000: what an answer costs, and a worker's memory.
Then one part's rubric is edited: what was graded again, and whether the results are those of a run from scratch.
"""

from __future__ import annotations

import argparse
import json
import logging
import multiprocessing
import os
import resource
import sys
import tempfile
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.batch import made
from llmgrade.batch.journal import Journal
from llmgrade.batch.model import Settings
from llmgrade.batch.run import Summary, run
from llmgrade.rubric.loading import load_all
from llmgrade.rubric.model import Rubrics

__all__ = ["main"]

WORKERS = 2
SEED = "benchmark"


@dataclass
class Memory(threading.Thread):
    """Resident memory of our worker processes while a run lasts: (share of the run done, MiB of the largest)."""

    done: float = 0.0
    seen: list[tuple[float, float]] = field(default_factory=list)
    cpu: dict[int, float] = field(default_factory=dict)
    """Seconds of CPU by process."""
    spent: list[tuple[float, float]] = field(default_factory=list)
    """(share of the run done, seconds of CPU so far, the driver's included)."""
    over: bool = False

    def __post_init__(self) -> None:
        super().__init__(daemon=True)

    def __hash__(self) -> int:
        return id(self)

    def run(self) -> None:
        while not self.over:
            pids = _descendants(os.getpid())
            self.cpu.update((pid, used) for pid in pids if (used := _used(pid)))
            self.spent.append((self.done, sum(self.cpu.values()) + time.process_time()))
            sizes = [size for pid in pids if (size := _resident(pid))]
            if sizes:
                self.seen.append((self.done, max(sizes)))
            time.sleep(0.25)

    def at(self, low: float, high: float) -> float:
        """The largest between two shares of the run (MiB)."""
        return max((size for share, size in self.seen if low <= share <= high), default=float("nan"))

    def cost(self, low: float, high: float) -> float:
        """Seconds of CPU between two shares of the run, for one whole run at that pace."""
        within = [(share, cpu) for share, cpu in self.spent if low <= share <= high]
        if len(within) < 2 or within[0][0] == within[-1][0]:
            return float("nan")
        return (within[-1][1] - within[0][1]) / (within[-1][0] - within[0][0])


def _descendants(pid: int) -> list[int]:
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = [int(child) for child in task.read_text().split()]
        except OSError:
            continue
        for child in children:
            found += [child, *_descendants(child)]
    return found


def _resident(pid: int) -> float:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize() / 2**20
    except (OSError, IndexError, ValueError):
        return 0.0


def _used(pid: int) -> float:
    try:
        told = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")
    except (OSError, IndexError, ValueError):
        return 0.0


@dataclass(frozen=True)
class Graded:
    """One run of ours."""

    seconds: float
    cpu: float
    """Seconds of CPU of driver and workers together."""
    summary: Summary
    memory: Memory


def graded(table: Path, folder: Path, rubrics: Rubrics) -> Graded:
    """Grade a table as `llmgrade batch` does."""
    memory = Memory()
    memory.start()

    def progress(done: int, total: int) -> None:
        before, memory.done = memory.done, done / max(1, total)
        if total >= 100_000 and int(20 * before) < int(20 * memory.done) and memory.spent:
            cpu, size = memory.spent[-1][1], memory.seen[-1][1]
            print(f"  … {done} after {cpu:.0f} s of CPU, a worker has {size:.0f} MiB", file=sys.stderr, flush=True)

    before = time.process_time()
    start = time.perf_counter()
    settings = Settings(workers=WORKERS, seed=SEED)
    summary = run([str(table)], folder, rubrics, settings, progress=progress)
    seconds = time.perf_counter() - start
    memory.over = True
    memory.join()
    return Graded(seconds, time.process_time() - before + sum(memory.cpu.values()), summary, memory)


def not_as_made(folder: Path, right: dict[str, bool]) -> list[str]:
    """Answers whose verdict is not the one they were made for."""
    found = []
    seen = set()
    for outcome in Journal(folder).outcomes():
        seen.add(outcome.id)
        told = json.loads(outcome.report)["problems"][0]["parts"][0] if outcome.report else {"final": outcome.status}
        if told["final"] != ("correct" if right[outcome.id] else "incorrect"):
            found.append(f"{outcome.id} {outcome.problem}:{outcome.part} is {told['final']}")
    return found + [f"{name} is missing" for name in right if name not in seen]


# --------------------------------------------------------------------------------------------------- Math-Verify

_golds: dict[str, object] = {}


def _verify(question: tuple[str, str]) -> tuple[bool | None, float]:
    """Math-Verify's verdict, the gold parsed once a process, None where it reads nothing; and its seconds of CPU."""
    from math_verify import parse, verify  # type: ignore[import-untyped]

    start = time.process_time()
    gold, text = question
    if gold not in _golds:
        _golds[gold] = parse(f"${gold}$")
    answer = parse(text if "$" in text else f"${text}$")
    verdict = bool(verify(_golds[gold], answer)) if answer else None
    return verdict, time.process_time() - start


def _quiet() -> None:
    logging.disable(logging.CRITICAL)


@dataclass
class Peer:
    """Math-Verify on two processes."""

    seconds: float = 0.0
    cpu: float = 0.0
    asked: int = 0
    read: int = 0
    as_made: int = 0

    def ask(self, sample: list[made.Row]) -> None:
        """Time a sample; its processes are warm and have met every gold before the clock starts."""
        context = multiprocessing.get_context("spawn")
        with context.Pool(WORKERS, initializer=_quiet) as pool:
            golds = [(q.gold, f"${q.gold}$") for q in made.questions()]
            pool.map(_verify, golds * WORKERS, chunksize=len(golds))
            start = time.perf_counter()
            told = pool.map(_verify, [(row.question.gold, row.text) for row in sample], chunksize=8)
            self.seconds += time.perf_counter() - start
        verdicts = [verdict for verdict, _ in told]
        self.cpu += sum(cpu for _, cpu in told)
        self.asked += len(sample)
        self.read += sum(verdict is not None for verdict in verdicts)
        self.as_made += sum(verdict is row.right for verdict, row in zip(verdicts, sample, strict=True))

    @property
    def rate(self) -> float:
        """Answers read a second."""
        return self.read / self.seconds


# ------------------------------------------------------------------------------------------------------ a rubric edit


def edited(rubrics: Rubrics) -> Rubrics:
    """The same rubrics with another mark for one part."""
    first = next(iter(rubrics.values()))
    parts = tuple(
        part.model_copy(update={"points": part.points + 1}) if n == 0 else part for n, part in enumerate(first.parts)
    )
    return Rubrics((first.model_copy(update={"parts": parts}), *list(rubrics.values())[1:]))


def _same(one: Path, other: Path) -> bool:
    return all(a == b for a, b in zip(Journal(one).outcomes(), Journal(other).outcomes(), strict=True))


# --------------------------------------------------------------------------------------------------------------- told


def main(quick: bool = False, argv: Iterable[str] = ()) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--answers", type=int, default=2_000 if quick else 20_000)
    parser.add_argument("--peer", type=int, default=100 if quick else 600, help="answers for Math-Verify")
    parser.add_argument("--long", type=int, default=0, help="a longer run beside it, e.g. 200000")
    parser.add_argument("--no-edit", action="store_true", help="leave the rubric edit out")
    asked = parser.parse_args(list(argv))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rubrics = load_all((made.write_rubrics(folder / "rubrics"),))
        table = folder / "answers.jsonl"
        right = made.write_rows(table, made.rows(asked.answers))
        step = max(1, asked.answers // asked.peer)
        sample = [row for n, row in enumerate(made.rows(asked.answers)) if n % step == n // step % step][: asked.peer]
        peer = Peer()
        peer.ask(sample[::2])
        ours = graded(table, folder / "out", rubrics)
        peer.ask(sample[1::2])
        _told(ours, asked.answers, not_as_made(folder / "out", right), peer)
        if not asked.no_edit:
            _edit_told(table, folder, rubrics)
        if asked.long:
            long = folder / "long.jsonl"
            right = made.write_rows(long, made.rows(asked.long, seed=11))
            longer = graded(long, folder / "long", rubrics)
            _long_told(ours, asked.answers, longer, asked.long, not_as_made(folder / "long", right))


def _told(ours: Graded, answers: int, wrong: list[str], peer: Peer) -> None:
    rate = answers / ours.seconds
    print(f"llmgrade batch: {answers} answers in {ours.seconds:.1f} s on {WORKERS} workers: {rate:.0f}/s")
    print(f"  {1e3 * ours.cpu / answers:.2f} ms of CPU an answer, driver and starting included")
    print(f"  verdicts not as made: {len(wrong)}{': ' + '; '.join(wrong[:5]) if wrong else ''}")
    low, high = ours.memory.at(0.1, 0.5), ours.memory.at(0.5, 1.0)
    print(f"  a worker's memory: {low:.0f} MiB in the first half, {high:.0f} MiB in the second")
    print(
        f"Math-Verify: {peer.asked} of them, {peer.read} read, on {WORKERS} processes: {peer.rate:.1f}/s; "
        f"{peer.asked - peer.as_made} not as made"
    )
    print(
        f"ratio: {rate / peer.rate:.0f} times its answers a second by the clock, "
        f"{peer.cpu / peer.read / (ours.cpu / answers):.0f} times by CPU ({1e3 * peer.cpu / peer.read:.1f} ms an answer)"
    )


def _edit_told(table: Path, folder: Path, rubrics: Rubrics) -> None:
    changed = edited(rubrics)
    again = graded(table, folder / "out", changed)
    scratch = graded(table, folder / "scratch", changed)
    share = again.summary.graded / again.summary.jobs
    print(
        f"one part of 40 edited: {again.summary.graded} of {again.summary.jobs} graded again ({100 * share:.1f} %) in "
        f"{again.seconds:.1f} s; from scratch {scratch.seconds:.1f} s; results equal: {_same(folder / 'out', folder / 'scratch')}"
    )


def _long_told(ours: Graded, answers: int, longer: Graded, count: int, wrong: list[str]) -> None:
    short_wall, long_wall = 1e3 * ours.seconds / answers, 1e3 * longer.seconds / count
    short_cpu, long_cpu = 1e3 * ours.cpu / answers, 1e3 * longer.cpu / count
    print(f"{count} answers in {longer.seconds:.1f} s; verdicts not as made: {len(wrong)} {'; '.join(wrong[:5])}")
    print(
        f"  an answer costs {long_wall:.2f} ms ({short_wall:.2f} at {answers}: {100 * (long_wall / short_wall - 1):+.0f} %), "
        f"{long_cpu:.2f} ms of CPU ({short_cpu:.2f}: {100 * (long_cpu / short_cpu - 1):+.0f} %)"
    )
    first, last = longer.memory.cost(0.02, 0.1), longer.memory.cost(0.1, 1.0)
    print(
        f"  CPU of an answer within the long run: {1e3 * first / count:.2f} ms over its first tenth, {1e3 * last / count:.2f} ms "
        f"over the rest ({100 * (last / first - 1):+.0f} %)"
    )
    tenths = [longer.memory.at(n / 10, (n + 1) / 10) for n in range(10)]
    print(f"  a worker's memory by tenths of the run (MiB): {', '.join(f'{size:.0f}' for size in tenths)}")
