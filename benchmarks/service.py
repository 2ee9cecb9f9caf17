"""The service under load: 50 clients on loopback, and what `llmgrade batch` does with the same inputs.

``python -m benchmarks.service --seconds 60 --clients 50 [--database URL] [--kills 30 --jobs 1000]``

Told: errors, the p50 and p99 of the API's own part (from its own histogram's source: the log, waiting not counted), chats
a second through the service, and chats a second through the batch. With ``--kills``: how many reports there are after
workers were killed at random moments, and whether one is missing or double.
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import httpx
import sqlalchemy as sa

from llmgrade.batch.model import Job, Settings, Shard
from llmgrade.batch.pools.local import Local
from llmgrade.batch.work import Assignment
from llmgrade.limits import Limits
from llmgrade.rubric.loading import load_all
from llmgrade.service.database import connect, reports

ROOT = Path(__file__).resolve().parents[1]
CHAT = (ROOT / "transcripts" / "ridge_short.md").read_text(encoding="utf-8")


def chats(count: int) -> list[str]:
    """Chats of the kind shipped, each a little different, so that nothing is known from the one before."""
    return [CHAT.replace("Ridge regression", f"Ridge regression, sheet {n}") for n in range(count)]


def start(folder: Path, database: str, workers: int) -> tuple[subprocess.Popen[bytes], str]:
    """A service as a user starts it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "llmgrade", "serve", "--port", str(port), "--database", database]
    command += ["--workers", str(workers), "--lease-seconds", "2"]
    process = subprocess.Popen(command, cwd=folder, stderr=(folder / "log.jsonl").open("ab"))
    base = f"http://127.0.0.1:{port}"
    while True:
        try:
            if httpx.get(f"{base}/ready").status_code == 200:
                return process, base
        except httpx.TransportError:
            time.sleep(0.1)


def load(base: str, seconds: float, clients: int) -> tuple[int, int]:
    """Clients that hand in and look, for so long; returns (requests, errors)."""
    ends = time.monotonic() + seconds
    done, errors = [0] * clients, [0] * clients

    def client(rank: int) -> None:
        source = random.Random(rank)
        with httpx.Client(base_url=base, timeout=30) as http:
            while time.monotonic() < ends:
                try:
                    job = http.post("/v1/score?wait=0", json={"text": CHAT.replace("five", str(source.random()))})
                    answers = [job, http.get(job.json()["links"]["self"]), http.get("/v1/jobs?limit=5")]
                except (httpx.HTTPError, KeyError, ValueError):
                    errors[rank] += 1
                    continue
                done[rank] += len(answers)
                errors[rank] += sum(one.status_code >= 400 for one in answers)
                time.sleep(source.random() * 2)  # a person or a script with something to do

    threads = [threading.Thread(target=client, args=(rank,)) for rank in range(clients)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return sum(done), sum(errors)


def own_part(log: Path) -> list[float]:
    """Milliseconds of the API's own part, from its log."""
    lines = (json.loads(line) for line in log.read_text().splitlines() if line.startswith("{"))
    return [line["ms"] for line in lines if line["event"] == "request" and line["route"].startswith("/v1/")]


def drained(base: str, ends: float = 600.0) -> float:
    """Seconds until nothing waits or runs."""
    started = time.monotonic()
    while time.monotonic() - started < ends:
        told = httpx.get(f"{base}/metrics", timeout=30).text
        if 'llmgrade_jobs{state="waiting"} 0' in told and 'llmgrade_jobs{state="running"} 0' in told:
            break
        time.sleep(0.2)
    return time.monotonic() - started


def throughput(base: str, workers: int, count: int) -> tuple[float, float]:
    """Chats a second through the service, and through `llmgrade batch`, both warm."""
    several = chats(count)
    with httpx.Client(base_url=base, timeout=60) as http:
        http.post("/v1/batches", json={"items": [{"text": one} for one in several[:workers]]})
        drained(base)  # warm
        started = time.monotonic()
        http.post("/v1/batches", json={"items": [{"text": one} for one in several]})
        drained(base)
    service = count / (time.monotonic() - started)
    return service, _batch(several, workers)


def _batch(several: list[str], workers: int) -> float:
    """Chats a second through the batch's own pool, from its first result to its last: its start is not counted."""
    assignment = Assignment.of(load_all(), Limits(), "bench")
    work = [
        (Shard(n, str(n), str(n), 1), [Job(id=str(n), data=one.encode(), source="chat")])
        for n, one in enumerate(several)
    ]
    ended = [time.monotonic() for _ in Local().run(work, assignment, Settings(workers=workers, seconds=180))]
    return (len(ended) - workers) / (ended[-1] - ended[workers - 1])


def killed(base: str, database: str, kills: int, jobs: int) -> tuple[int, int]:
    """Reports and distinct jobs with one, after workers were killed at random moments."""
    moments = random.Random(11)
    command = [sys.executable, "-m", "llmgrade", "worker", "--database", database, "--lease-seconds", "2"]
    items = [{"answer": f"X {n} y", "rubric": "ridge-regression", "part": "a"} for n in range(jobs)]
    httpx.post(f"{base}/v1/batches", json={"items": items}, timeout=60).raise_for_status()
    workers = [subprocess.Popen(command, stderr=subprocess.DEVNULL) for _ in range(2)]
    for number in range(kills):
        time.sleep(moments.random() * 4)
        worker = workers[number % 2]
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        workers[number % 2] = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    drained(base)
    for worker in workers:
        worker.terminate()
    engine = connect(database)
    with engine.connect() as connection:
        rows = list(connection.execute(sa.select(reports.c.job)).scalars())
    engine.dispose()
    return len(rows), len(set(rows))


def main(*, quick: bool = False, argv: list[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=10 if quick else 60)
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--chats", type=int, default=20 if quick else 60)
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=1000)
    parser.add_argument("--database")
    asked = parser.parse_args(argv or [])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        database = asked.database or f"sqlite:///{folder}/service.sqlite3"
        process, base = start(folder, database, 0 if asked.kills else asked.workers)
        try:
            if asked.kills:
                rows, distinct = killed(base, database, asked.kills, asked.jobs)
                print(f"{asked.kills} kills, {asked.jobs} submissions: {rows} reports, {distinct} distinct")
                return
            service, batch = throughput(base, asked.workers, asked.chats)
            print(f"throughput: service {service:.1f} chats/s, batch {batch:.1f} chats/s, ratio {service / batch:.2f}")
            (folder / "log.jsonl").write_text("")
            requests, errors = load(base, asked.seconds, asked.clients)
            times = sorted(own_part(folder / "log.jsonl"))
            p99 = times[int(0.99 * (len(times) - 1))]
            print(
                f"load: {asked.clients} clients, {asked.seconds:g} s, {requests} requests ({requests / asked.seconds:.0f}/s), "
                f"{errors} errors, own part p50 {statistics.median(times):.1f} ms, p99 {p99:.1f} ms"
            )
        finally:
            process.terminate()
            process.wait(30)


if __name__ == "__main__":
    main(argv=sys.argv[1:])
