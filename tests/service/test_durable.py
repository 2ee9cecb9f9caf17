"""Nothing that was accepted is lost, and nothing is done twice, whatever dies in between."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from click.testing import CliRunner
from pebble import ProcessExpired

from llmgrade.cli.front import main
from llmgrade.errors import UsageError
from llmgrade.service import database as tables
from llmgrade.service.backup import backup, restore
from llmgrade.service.bench import Bench, Graded
from llmgrade.service.database import connect, now, upgrade, writing
from llmgrade.service.queues import depth, put, queue_for
from llmgrade.service.queues import model as queueing
from llmgrade.service.settings import Settings
from llmgrade.service.worker import Worker

from .conftest import Service


def _waiting(service: Service, count: int) -> list[str]:
    made = []
    for number in range(count):
        body = {"answer": f"{number} x", "rubric": "toy", "part": "a"}
        made.append(service.http.post("/v1/score?wait=0", json=body).json()["id"])
    return made


def test_two_workers_never_hold_one_job(service: Service) -> None:
    ids = _waiting(service, 20)
    taken: list[str] = []

    def take(name: str) -> None:
        queue = queue_for(service.engine, 30)
        while several := queue.take(name, 3):
            taken.extend(job.id for job in several)

    threads = [threading.Thread(target=take, args=(f"w{n}",)) for n in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(taken) == sorted(ids)


def test_a_job_whose_worker_is_gone_is_taken_again_and_the_old_one_may_not_write(service: Service) -> None:
    (job,) = _waiting(service, 1)
    queue = queue_for(service.engine, 0.2)
    (held,) = queue.take("dead", 5)
    assert queue.take("other", 5) == []
    time.sleep(0.3)
    (again,) = queue.take("other", 5)
    assert (again.id, again.attempts) == (job, 2)
    with writing(service.engine) as connection:
        assert not queue.end(connection, held, "dead", "failed", reason="late")
        assert queue.end(connection, again, "other", "failed", reason="in time")
    assert service.http.get(f"/v1/jobs/{job}").json()["reason"] == "in time"


def test_a_worker_that_says_it_lives_keeps_its_job(service: Service) -> None:
    (_,) = _waiting(service, 1)
    queue = queue_for(service.engine, 0.4)
    assert len(queue.take("slow", 5)) == 1
    for _ in range(5):
        time.sleep(0.2)
        queue.renew("slow")
        assert queue.take("other", 5) == []


def test_what_is_given_back_is_taken_by_the_next_at_once(service: Service) -> None:
    (job,) = _waiting(service, 1)
    queue = queue_for(service.engine, 30)
    queue.take("first", 1)
    queue.give_back("first")
    (again,) = queue.take("second", 1)
    assert (again.id, again.attempts) == (job, 1)


def test_a_job_that_kills_every_worker_ends(service: Service) -> None:
    (job,) = _waiting(service, 1)
    queue = queue_for(service.engine, 0.01)
    for _ in range(queueing.ATTEMPTS + 1):
        queue.take("w", 1)
        time.sleep(0.02)
    view = service.http.get(f"/v1/jobs/{job}").json()
    assert view["state"] == "failed"
    assert "workers were lost" in view["reason"]


@dataclass
class _Mortal:
    """A bench whose first processes die over what they are given."""

    bench: Bench
    deaths: int

    def __getattr__(self, name: str) -> Any:
        return getattr(self.bench, name)

    def grade(self, *given: Any) -> Future[Graded]:
        if not self.deaths:
            return self.bench.grade(*given)
        self.deaths -= 1
        dead: Future[Graded] = Future()
        dead.set_exception(ProcessExpired("killed", code=-9))
        return dead


@pytest.mark.parametrize(("deaths", "state"), [(5, "done"), (6, "failed")])
def test_some_killed_processes_cost_a_job_nothing_and_many_end_it(service: Service, deaths: int, state: str) -> None:
    job = service.submit("User: what is twice the number x? (a)\n\nAssistant: (a) $y = 2x$")
    mortal = cast(Bench, _Mortal(service.bench, deaths))
    Worker(service.engine, service.settings, bench=mortal).run(until_empty=True)
    view = service.http.get(job["links"]["self"]).json()
    assert view["state"] == state
    assert (view["reason"] or "").startswith("crashed" if state == "failed" else "")


def test_a_worker_that_is_told_to_stop_gives_back_what_it_holds(service: Service) -> None:
    _waiting(service, 40)
    command = [sys.executable, "-m", "llmgrade", "worker", "--database", service.url, "--lease-seconds", "600"]
    worker = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(4000):
        if depth(service.engine).get("running") or depth(service.engine).get("done"):
            break
        time.sleep(0.02)
    worker.terminate()
    assert worker.wait(60) == 0
    assert depth(service.engine).get("running", 0) == 0


def test_a_service_that_is_told_to_stop_ends_though_somebody_watches(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "llmgrade", "serve", "--port", str(port), "--workers", "0"]
    process = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.DEVNULL)
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as http:
        for _ in range(2000):
            with suppress(httpx.TransportError):
                http.get("/ready")
                break
            time.sleep(0.1)
        job = http.post("/v1/score?wait=0", json={"text": "User: hi"}).json()
        with http.stream("GET", job["links"]["events"]) as stream:
            told = stream.iter_lines()
            assert next(told).startswith("id:")
            asked = time.monotonic()
            process.send_signal(signal.SIGTERM)
            assert [line for line in told if line.startswith("event: done")] == []
    assert process.wait(20) == 0
    assert time.monotonic() - asked < 12  # not the half minute that open connections have otherwise


def _ours(_: object, name: str | None, *__: object) -> bool:
    return not (name or "").startswith("procrastinate")  # the queue's own tables are its own business


def test_migrations_make_the_tables_the_code_means_and_take_them_away_again(database: str) -> None:
    upgrade(database)
    engine = connect(database)
    with engine.connect() as connection:
        assert (
            compare_metadata(MigrationContext.configure(connection, opts={"include_object": _ours}), tables.TABLES)
            == []
        )
    upgrade(database, "base")
    assert sa.inspect(engine).get_table_names() == ["alembic_version"]
    upgrade(database)
    assert "jobs" in sa.inspect(engine).get_table_names()
    engine.dispose()


def test_a_backup_taken_while_it_runs_restores_everything_into_either_database(
    service: Service, tmp_path: Path
) -> None:
    job = service.submit(name="ridge.md")
    service.work()
    _waiting(service, 2)
    file = tmp_path / "backup.zip"
    saved = backup(service.url, file)
    other = f"sqlite:///{tmp_path}/other.sqlite3"
    assert restore(other, file) == saved
    engine = connect(other)
    with engine.connect() as theirs, service.engine.connect() as ours:
        for table in tables.TABLES.sorted_tables:
            rows = sa.select(table).order_by(*table.primary_key.columns)
            assert [tuple(r) for r in theirs.execute(rows)] == [tuple(r) for r in ours.execute(rows)], table.name
    with writing(engine) as connection:
        put(connection, [job["submission"]])  # numbers go on where they were
    engine.dispose()
    with pytest.raises(UsageError, match="not empty"):
        restore(other, file)


def test_a_restore_goes_into_this_database_too(database: str, tmp_path: Path) -> None:
    source = f"sqlite:///{tmp_path}/source.sqlite3"
    upgrade(source)
    engine = connect(source)
    with writing(engine) as connection:
        connection.execute(
            sa.insert(tables.submissions).values(id="1" * 32, owner="o", name="n", data=b"\0\xff", created=now())
        )
        put(connection, ["1" * 32])
    engine.dispose()
    backup(source, tmp_path / "b.zip")
    restore(database, tmp_path / "b.zip")
    again = connect(database)
    with writing(again) as connection:
        assert connection.execute(sa.select(tables.submissions.c.data)).scalar_one() == b"\0\xff"
        put(connection, ["1" * 32])
    again.dispose()


def test_it_refuses_to_listen_beyond_loopback_without_keys(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/x.sqlite3"
    found = CliRunner().invoke(main, ["serve", "--host", "0.0.0.0", "--database", url])
    assert found.exit_code == 2
    assert "without keys" in found.output
    assert "listens" not in found.output
    for host in ("127.0.0.1", "::1", "localhost"):
        Settings(host=host).refuse_open_doors(0)
    with pytest.raises(UsageError):
        Settings(host="::").refuse_open_doors(0)


def test_keys_are_made_listed_and_revoked(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/x.sqlite3"
    run = CliRunner()
    made = run.invoke(main, ["keys", "add", "course", "--scope", "submit", "--quota", "9", "--database", url])
    secret = made.stdout.strip()
    assert secret.startswith("llmg_")
    listed = run.invoke(main, ["keys", "list", "--database", url]).stdout
    assert secret not in listed
    assert "0/9 this hour" in listed
    with connect(url).connect() as connection:
        assert secret not in str(connection.execute(sa.select(tables.keys)).all())
    name = listed.split("\t")[0]
    assert run.invoke(main, ["keys", "revoke", name, "--database", url]).exit_code == 0
    assert run.invoke(main, ["keys", "revoke", name, "--database", url]).exit_code == 2
    assert run.invoke(main, ["keys", "add", "x", "--scope", "root", "--database", url]).exit_code == 2
