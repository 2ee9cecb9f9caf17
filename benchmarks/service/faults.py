"""Kills at random moments: what was accepted is graded, once, whatever dies.

``python -m benchmarks.service.faults --kind sqlite|postgres [--kills 30 --jobs 1000 --seed 1]``

Clients hand in chats and answers, each under an idempotency key, and ask again where they get no answer. Meanwhile the API
process, a worker, one of the processes that grade, and the PostgreSQL server are killed (``kill -9``) at random moments and
started again. Afterwards there must be one submission, one job, one report and one event of its end for each thing handed
in, under the id that the client was told, and nothing left in the queue. Exit code 1 where it is not so.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

import httpx
import sqlalchemy as sa

from benchmarks.service import machine
from benchmarks.service.load import CHAT
from llmgrade.service.database import connect, events, jobs, reports, submissions

LEASE = ["--lease-seconds", "2"]
CLIENTS = 8
SHORTEST = 0.3
"""Seconds between two kills, at least."""


class Stage:
    """The processes, and what happens to them."""

    def __init__(self, folder: Path, kind: str, source: random.Random) -> None:
        self.folder, self.source = folder, source
        self.postgres = machine.Postgres(folder / "pg") if kind == "postgres" else None
        self.database = self.postgres.url if self.postgres else f"sqlite:///{folder}/service.sqlite3"
        self.port = machine.free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        self.api = machine.api(folder, self.database, self.port, 0)
        machine.ready(self.base)
        self.workers = [machine.worker(folder, self.database, *LEASE) for _ in range(2)]
        self.victims = ["api", "worker", "grader", *(["database"] if self.postgres else [])]
        self.killed: Counter[str] = Counter()

    def kill(self) -> None:
        """Kill one of them, and start it again after a moment."""
        victim = self.source.choice(self.victims)
        rank = self.source.randrange(len(self.workers))
        if victim == "grader":
            graders = _children(self.workers[rank].pid)
            if not graders:  # it has only just been started
                victim = "worker"
            else:
                os.kill(self.source.choice(graders), signal.SIGKILL)
        if victim == "api":
            _end(self.api)
            time.sleep(self.source.random())
            self.api = machine.api(self.folder, self.database, self.port, 0)
        elif victim == "worker":
            _end(self.workers[rank])
            time.sleep(self.source.random())
            self.workers[rank] = machine.worker(self.folder, self.database, *LEASE)
        elif victim == "database" and self.postgres:
            self.postgres.kill()
            time.sleep(self.source.random())
            self.postgres.start()
        self.killed[victim] += 1
        for number, one in enumerate(self.workers):  # as a supervisor would
            if one.poll() is not None:
                self.workers[number] = machine.worker(self.folder, self.database, *LEASE)
        if self.api.poll() is not None:
            self.api = machine.api(self.folder, self.database, self.port, 0)

    def stop(self) -> None:
        """End all, properly."""
        for one in (self.api, *self.workers):
            one.terminate()
        for one in (self.api, *self.workers):
            try:
                one.wait(30)
            except subprocess.TimeoutExpired:
                one.kill()
        if self.postgres:
            self.postgres.stop()


def _end(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGKILL)
    process.wait()


def _children(parent: int) -> list[int]:
    """The processes that grade for a worker: grandchildren, by way of the one that forks them."""
    told = subprocess.run(["ps", "-e", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    pairs = [tuple(map(int, line.split())) for line in told.splitlines()]
    own = {pid for pid, ppid in pairs if ppid == parent}
    return [pid for pid, ppid in pairs if ppid in own]


class Clients:
    """Who hands in, and does not give up."""

    def __init__(self, base: str, count: int, allowed: threading.Semaphore) -> None:
        self.base, self.allowed = base, allowed
        self.left = list(range(count))[::-1]
        self.told: dict[int, str] = {}
        self.retries = 0
        self._lock = threading.Lock()
        self.threads = [threading.Thread(target=self._client, daemon=True) for _ in range(CLIENTS)]
        for one in self.threads:
            one.start()

    def _client(self) -> None:
        with httpx.Client(base_url=self.base, timeout=20) as http:
            while True:
                with self._lock:
                    if not self.left:
                        return
                    number = self.left.pop()
                self.allowed.acquire()
                self.told[number] = self._accepted(http, number)

    def _accepted(self, http: httpx.Client, number: int) -> str:
        body: dict[str, str] = {"text": CHAT.replace("Ridge regression", f"Ridge regression, sheet {number}")}
        if number % 2:
            body = {"answer": f"X^T X + {number} \\lambda I", "rubric": "ridge-regression", "part": "a"}
        while True:
            try:
                answer = http.post("/v1/score?wait=0", json=body, headers={"Idempotency-Key": f"thing-{number}"})
                if answer.status_code in {200, 202}:
                    return str(answer.json()["id"])
                if answer.status_code < 500 and answer.status_code != 409:
                    raise AssertionError(f"{answer.status_code} {answer.text}")
            except httpx.TransportError:
                pass
            self.retries += 1
            time.sleep(0.2)


def run(kind: str, kills: int, count: int, seed: int, pause: float, folder: Path) -> tuple[bool, str]:
    """Whether all is well, and a line that says what happened."""
    started = time.monotonic()
    source = random.Random(seed)
    stage = Stage(folder, kind, source)
    try:
        allowed = threading.Semaphore(count // (kills + 1) + CLIENTS)
        clients = Clients(stage.base, count, allowed)
        for _ in range(kills):
            time.sleep(source.uniform(SHORTEST, pause))
            stage.kill()
            for _ in range(count // (kills + 1) + 1):
                allowed.release()
        for _ in range(count):
            allowed.release()
        for one in clients.threads:
            one.join(300)
        found = _drained(stage, count, clients.told)
    finally:
        stage.stop()
    killed = ", ".join(f"{name} {number}" for name, number in sorted(stage.killed.items()))
    line = f"{kind}: {sum(stage.killed.values())} kills ({killed}) over {count} submissions in {time.monotonic() - started:.0f} s, "
    return found[0], line + f"{clients.retries} requests asked again: {found[1]}"


def _drained(stage: Stage, count: int, told: dict[int, str]) -> tuple[bool, str]:
    """Wait for the rest, then count."""
    engine = connect(stage.database)
    ends = time.monotonic() + 600
    while time.monotonic() < ends:
        with engine.connect() as connection:
            states = Counter(connection.execute(sa.select(jobs.c.state)).scalars())
        if states["done"] + states["failed"] >= len(told) >= count and not states["waiting"] + states["running"]:
            break
        time.sleep(0.5)
    with engine.connect() as connection:
        written = Counter(connection.execute(sa.select(reports.c.job)).scalars())
        handed = connection.execute(sa.select(sa.func.count()).select_from(submissions)).scalar_one()
        made = set(connection.execute(sa.select(jobs.c.id)).scalars())
        ended = Counter(connection.execute(sa.select(events.c.job).where(events.c.kind == "done")).scalars())
        reasons = Counter(connection.execute(sa.select(jobs.c.reason).where(jobs.c.state == "failed")).scalars())
        again = connection.execute(sa.select(sa.func.count()).where(jobs.c.attempts > 1)).scalar_one()
        queued = 0
        if engine.dialect.name == "postgresql":
            queued = connection.execute(sa.text("SELECT count(*) FROM procrastinate_jobs")).scalar_one()
    engine.dispose()
    ids = set(told.values())
    lost = len(ids - written.keys()) + count - len(ids)
    double = sum(number - 1 for number in written.values()) + handed - count + len(made) - count
    wrong = states["failed"] + sum(ended[job] != 1 for job in ids) + queued
    line = f"{len(written)} reports, {lost} lost, {double} double; {again} were taken up again after a loss"
    return not (lost or double or wrong), line + (
        f"; NOT WELL: {dict(states)}, {dict(reasons)}, {wrong} wrong" if wrong else ""
    )


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kind", choices=["sqlite", "postgres"], default="sqlite")
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--jobs", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--pause", type=float, default=6.0, help="most seconds between two kills")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="llmgrade-faults-", ignore_cleanup_errors=True) as name:
        well, line = run(asked.kind, asked.kills, asked.jobs, asked.seed, asked.pause, Path(name))
        print(line)
        if not well:
            for log in ("log.jsonl", "worker.jsonl"):
                sys.stderr.write("".join((Path(name) / log).open(encoding="utf-8").readlines()[-40:]))
    sys.exit(0 if well else 1)


if __name__ == "__main__":
    main()
