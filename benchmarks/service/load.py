"""The service under load: 50 clients on loopback while the workers are busy, and what `llmgrade batch` does with the same inputs.

``python -m benchmarks.service.load [--seconds 60 --clients 50 --workers 1 --kind sqlite|postgres]``

Told: errors; the p50 and p99 of the API's own part (from its log: waiting for a report is not counted) and of what a client
sees; chats a second through the service and through the batch's pool, the two by turns, graded by processes of the same
niceness. A client is a person or a script with something else to do: it hands in a chat, looks at its job, lists its last
ones, and then rests, a second on average.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import random
import statistics
import tempfile
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import sqlalchemy as sa

from benchmarks.service import machine
from llmgrade.batch.model import Job, Settings, Shard
from llmgrade.batch.pools.local import Local
from llmgrade.batch.work import Assignment
from llmgrade.limits import Limits
from llmgrade.rubric.loading import load_all
from llmgrade.service.bench import NICE
from llmgrade.service.database import connect, jobs

ROOT = Path(__file__).resolve().parents[2]
CHAT = (ROOT / "transcripts" / "ridge_short.md").read_text(encoding="utf-8")
LONGER = (ROOT / "transcripts" / "sources" / "two_problems.md").read_text(encoding="utf-8")
ROUNDS = 3


def chats(count: int, seed: int = 0) -> list[str]:
    """Chats of the kind shipped, each a little different, so that nothing is known from the one before."""
    return [
        (LONGER if number % 4 == 3 else CHAT).replace("ridge", f"sheet {seed}.{number} ridge", 1)
        for number in range(count)
    ]


class Client(threading.Thread):
    """One of the fifty. It keeps its connection, and costs little itself: others' machines are not what is measured."""

    def __init__(self, base: str, rank: int, ends: float) -> None:
        super().__init__(daemon=True)
        self.rank, self.ends = rank, ends
        self._http = HTTPConnection(urlsplit(base).netloc, timeout=30)
        self.seen: list[float] = []
        """Seconds of each request."""
        self.errors = 0

    def run(self) -> None:
        source = random.Random(self.rank)
        time.sleep(source.random() * 2)
        count = 0
        while time.monotonic() < self.ends:
            count += 1
            (text,) = chats(1, self.rank * 1_000_000 + count)
            made = self._ask("POST", "/v1/score?wait=0", {"text": text})
            if made is not None:
                self._ask("GET", made["links"]["self"])
            self._ask("GET", "/v1/jobs?limit=5")
            time.sleep(source.random() * 2)
        self._http.close()

    def _ask(self, method: str, path: str, body: object = None) -> dict[str, dict[str, str]] | None:
        sent = None if body is None else json.dumps(body)
        started = time.perf_counter()
        try:
            self._http.request(method, path, sent, {"Content-Type": "application/json"} if sent else {})
            answer = self._http.getresponse()
            told = answer.read()
        except (OSError, HTTPException):
            self.errors += 1
            self._http.close()
            return None
        self.seen.append(time.perf_counter() - started)
        if answer.status >= 400:
            self.errors += 1
            return None
        found: dict[str, dict[str, str]] = json.loads(told)
        return found


def load(base: str, seconds: float, clients: int) -> list[Client]:
    """Clients that hand in and look, for so long."""
    made = [Client(base, rank, time.monotonic() + seconds) for rank in range(clients)]
    for one in made:
        one.start()
    for one in made:
        one.join()
    return made


def quantiles(values: Sequence[float]) -> str:
    """Median and 99th percentile, of milliseconds."""
    ordered = sorted(values)
    return f"p50 {statistics.median(ordered):.1f} ms, p99 {ordered[int(0.99 * (len(ordered) - 1))]:.1f} ms"


def own_part(log: Path) -> dict[str, list[float]]:
    """Milliseconds of the API's own part, from its log, by route."""
    found: dict[str, list[float]] = {}
    for line in (json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")):
        if line["event"] == "request" and line["route"].startswith("/v1/"):
            found.setdefault(f"{line['method']} {line['route']}", []).append(line["ms"])
    return found


def rate(ended: Sequence[float]) -> float:
    """Chats a second, from when a tenth was done to the last: nobody's start is counted."""
    ordered = sorted(ended)
    tenth = len(ordered) // 10
    return (len(ordered) - 1 - tenth) / (ordered[-1] - ordered[tenth])


def through_service(base: str, database: str, several: list[str]) -> float:
    """Chats a second."""
    answer = httpx.post(f"{base}/v1/batches", json={"items": [{"text": one} for one in several]}, timeout=60)
    name = answer.raise_for_status().json()["id"]
    engine = connect(database)
    while True:
        time.sleep(0.5)
        states = httpx.get(f"{base}/v1/batches/{name}", timeout=30).json()["states"]
        if states.get("done", 0) + states.get("failed", 0) == len(several):
            break
    with engine.connect() as connection:
        newest = sa.select(jobs.c.finished).order_by(jobs.c.created.desc()).limit(len(several))
        ended = list(connection.execute(newest).scalars())
    engine.dispose()
    return rate(ended)


def through_batch(several: list[str], workers: int) -> float:
    """Chats a second through the batch's own pool, its processes as nice as the service's."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), os.nice, (NICE,)) as apart:
        return apart.submit(_batch, several, workers).result()


def _batch(several: list[str], workers: int) -> float:
    assignment = Assignment.of(load_all(), Limits(), "bench")
    work = [
        (Shard(n, str(n), str(n), 1), [Job(id=str(n), data=one.encode(), source="chat")])
        for n, one in enumerate(several)
    ]
    return rate([time.monotonic() for _ in Local().run(work, assignment, Settings(workers=workers, seconds=180))])


def compared(base: str, database: str, workers: int, count: int) -> str:
    """Service and batch by turns."""
    through_service(base, database, chats(4 * workers, 999))  # warm
    pairs = [
        (through_service(base, database, chats(count, turn)), through_batch(chats(count, turn), workers))
        for turn in range(ROUNDS)
    ]
    ratios = [service / batch for service, batch in pairs]
    told = ", ".join(f"{service:.1f} against {batch:.1f}" for service, batch in pairs)
    return f"{workers} grading: chats a second, service against batch: {told}; ratio {statistics.median(ratios):.2f}"


def main(*, quick: bool = False) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=10 if quick else 60)
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--chats", type=int, default=60 if quick else 200, help="for the throughput; 0: not measured")
    parser.add_argument("--kind", choices=["sqlite", "postgres"], default="sqlite")
    asked = parser.parse_args([] if quick else None)
    with tempfile.TemporaryDirectory(prefix="llmgrade-load-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        postgres = machine.Postgres(folder / "pg") if asked.kind == "postgres" else None
        database = postgres.url if postgres else f"sqlite:///{folder}/service.sqlite3"
        port = machine.free_port()
        base = f"http://127.0.0.1:{port}"
        process = machine.api(folder, database, port, asked.workers)
        try:
            machine.ready(base)
            if asked.chats:
                print(f"{asked.kind}, {compared(base, database, asked.workers, asked.chats)}", flush=True)
            if asked.seconds:
                (folder / "log.jsonl").write_text("")
                clients = load(base, asked.seconds, asked.clients)
                seen = [1000 * one for client in clients for one in client.seen]
                errors = sum(client.errors for client in clients)
                by_route = own_part(folder / "log.jsonl")
                times = [one for several in by_route.values() for one in several]
                print(
                    f"{asked.kind}, {asked.clients} clients, {asked.seconds:g} s, {asked.workers} grading, load average "
                    f"{os.getloadavg()[0]:.1f}: {len(seen)} requests ({len(seen) / asked.seconds:.0f}/s), {errors} errors; "
                    f"the API's own part {quantiles(times)}; as clients see it {quantiles(seen)}"
                )
                for route, several in sorted(by_route.items()):
                    print(f"  {route}: {len(several)}, {quantiles(several)}")
        finally:
            process.terminate()
            process.wait(60)
            if postgres:
                postgres.stop()


if __name__ == "__main__":
    main()
