"""Kills at random moments over a run of a batch: the driver, a worker, or a whole node of a Ray cluster.

``python tests/batch/chaos.py --kills 20 [--rows 3000] [--engine ray] [--seed 5]`` tells how many of whom were killed, and
whether an outcome was lost, came twice, or is not what an undisturbed run gives. The suite runs a short one.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from answers import rows, write

from llmgrade.batch.journal import Journal

SEED = "chaos"
TRIES = 5
"""How often a node is started that does not come up."""


@dataclass
class Told:
    """What became of a run with kills in it."""

    kills: Counter[str]
    expected: int
    found: int
    twice: int
    different: int

    @property
    def sound(self) -> bool:
        """Nothing lost, nothing twice, nothing else than an undisturbed run gives."""
        return self.found == self.expected and not self.twice and not self.different


def distinct(count: int) -> list[dict[str, object]]:
    """Answers none of which is known from another: the numbers added are all different."""
    table = rows(count)
    for n, row in enumerate(table):
        row["answer"] = f"{row['answer']} (sheet {n})"
    return table


def command(table: Path, folder: Path, *more: str) -> list[str]:
    """The batch as a person starts it."""
    return [
        sys.executable, "-m", "llmgrade", "batch", str(table), "--out", str(folder), "--seed", SEED, "--shard-rows", "20",
        "--workers", "2", *more,
    ]  # fmt: skip


def descendants(pid: int) -> list[int]:
    """Every process below one (Linux)."""
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = [int(child) for child in task.read_text().split()]
        except OSError:
            continue
        for child in children:
            found += [child, *descendants(child)]
    return found


def disturbed(
    arguments: list[str],
    kills: int,
    moments: random.Random,
    victims: dict[str, Callable[[subprocess.Popen[bytes]], bool]],
    longest: float = 3.0,
) -> Counter[str]:
    """Run until it ends by itself, with kills at most ``longest`` seconds apart; a killed driver is started again."""
    done: Counter[str] = Counter()
    process = _started(arguments)
    while True:
        left = kills - sum(done.values())
        try:
            process.wait(timeout=moments.uniform(0.3, longest) if left > 0 else 900)
            if process.returncode == 0:
                return done
            process = _started(arguments)  # it ended because of what was killed
            continue
        except subprocess.TimeoutExpired:
            pass
        victim = moments.choice(list(victims))
        while process.poll() is None:
            if victims[victim](process):
                done[victim] += 1
                break
            time.sleep(0.1)  # it is not there yet
        if process.poll() is not None and process.returncode != 0:
            process = _started(arguments)


def _started(arguments: list[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)


def driver(process: subprocess.Popen[bytes]) -> bool:
    """Kill the driver alone; its workers are left to themselves."""
    if process.poll() is not None:
        return False
    process.kill()
    process.wait()
    return True


def worker(process: subprocess.Popen[bytes]) -> bool:
    """Kill one of the driver's processes."""
    below = descendants(process.pid)
    if not below:
        return False
    try:
        os.kill(random.choice(below), signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


def compared(kills: Counter[str], folder: Path, undisturbed: Path) -> Told:
    """The outcomes of both runs, one by one."""
    expected = {outcome.id: outcome for outcome in Journal(undisturbed).outcomes()}
    found = list(Journal(folder).outcomes())
    names = Counter(outcome.id for outcome in found)
    return Told(
        kills,
        len(expected),
        len(names),
        sum(count > 1 for count in names.values()),
        sum(expected.get(outcome.id) != outcome for outcome in found),
    )


def local(kills: int, count: int, seed: int, place: Path, longest: float = 3.0) -> Told:
    """Kills of the driver and of workers on this machine."""
    table = write(place / "answers.jsonl", distinct(count))
    subprocess.run(command(table, place / "calm"), check=True, capture_output=True)
    arguments = command(table, place / "out")
    done = disturbed(arguments, kills, random.Random(seed), {"driver": driver, "worker": worker}, longest)
    return compared(done, place / "out", place / "calm")


def on_ray(kills: int, count: int, seed: int, place: Path, longest: float = 8.0) -> Told:
    """Kills of the driver, of Ray's workers, and of whole nodes, of which there are two beside the head."""
    os.environ.setdefault("RAY_raylet_start_wait_time_s", "300")  # a busy machine starts nodes slowly
    from ray.cluster_utils import Cluster

    table = write(place / "answers.jsonl", distinct(count))
    subprocess.run(command(table, place / "calm"), check=True, capture_output=True)
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, "include_dashboard": False})

    def added() -> object:
        for _ in range(TRIES - 1):
            try:
                return cluster.add_node(num_cpus=1)
            except Exception as error:  # Ray says so with a bare exception where a busy machine starts it too slowly
                print(f"a node did not start: {error}", file=sys.stderr)
        return cluster.add_node(num_cpus=1)

    nodes = [added() for _ in range(2)]

    def node(_: subprocess.Popen[bytes]) -> bool:
        cluster.remove_node(nodes.pop(0), allow_graceful=False)
        nodes.append(added())
        return True

    def ray_worker(_: subprocess.Popen[bytes]) -> bool:
        at_work = [pid for pid in descendants(os.getpid()) if b"ray::_shard" in _title(pid)]
        if not at_work:
            return False
        os.kill(random.choice(at_work), signal.SIGKILL)
        return True

    try:
        arguments = command(table, place / "out", "--engine", "ray", "--address", cluster.address)
        done = disturbed(
            arguments, kills, random.Random(seed), {"driver": driver, "worker": ray_worker, "node": node}, longest
        )
    finally:
        cluster.shutdown()
    return compared(done, place / "out", place / "calm")


def _title(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def main() -> None:
    """Run it, and say what came out."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--rows", type=int, default=3_000)
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--longest", type=float, default=8.0, help="most seconds between two kills")
    parser.add_argument("--engine", choices=["local", "ray"], default="local")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        start = time.monotonic()
        told = (on_ray if asked.engine == "ray" else local)(
            asked.kills, asked.rows, asked.seed, Path(name), asked.longest
        )
    kills = ", ".join(f"{count} {who}" for who, count in sorted(told.kills.items()))
    print(
        f"{sum(told.kills.values())} kills ({kills}) in {time.monotonic() - start:.0f} s: {told.expected - told.found} lost, "
        f"{told.twice} twice, {told.different} different of {told.expected}"
    )
    sys.exit(0 if told.sound else 1)


if __name__ == "__main__":
    main()
