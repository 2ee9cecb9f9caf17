"""One service per test, on SQLite and on a PostgreSQL that a fixture starts; one warm grading process for all of them."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient
from sqlalchemy.engine import Engine

from llmgrade.limits import Limits
from llmgrade.service import catalogue, house, keys
from llmgrade.service.app import create
from llmgrade.service.bench import Bench
from llmgrade.service.database import connect, upgrade, writing
from llmgrade.service.settings import Settings
from llmgrade.service.worker import Worker

ROOT = Path(__file__).resolve().parents[2]
RIDGE = (ROOT / "transcripts" / "ridge_short.md").read_bytes()
TOY = """llmgrade: 1
id: toy
title: Twice a number
cues: [twice the number, double]
votes: 1
symbols: {x: scalar}
parts:
  - id: a
    title: The double
    expect:
      - answer: "2 x"
        of: [y]
    pitfalls:
      - {id: sign-lost, when: ["-2 x"], say: "Look at the sign once more."}
    tests:
      correct: ["x + x"]
      reject: ["x"]
"""


def _postgres_bin() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).parent if on_path else None


def _as_nobody_special(command: list[str]) -> list[str]:
    """PostgreSQL refuses to run as root."""
    return (
        ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", *command]
        if os.geteuid() == 0
        else command
    )


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """A URL without a database name, of a server that lives for the session."""
    binaries = _postgres_bin()
    if binaries is None:
        pytest.skip("no PostgreSQL here")
    folder = Path(tempfile.mkdtemp(prefix="llmgrade-pg-", dir="/tmp"))
    if os.geteuid() == 0:
        owner = pwd.getpwnam("postgres")
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    data = folder / "data"
    subprocess.run(
        _as_nobody_special([str(binaries / "initdb"), "-D", str(data), "-U", "postgres", "-A", "trust", "-N", "--no-instructions"]),
        check=True, capture_output=True, cwd=folder,
    )  # fmt: skip
    server = subprocess.Popen(
        _as_nobody_special(
            [str(binaries / "postgres"), "-D", str(data), "-k", str(folder), "-c", "listen_addresses=", "-c", "max_connections=200", "-c", "fsync=off"]
        ),
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder,
    )  # fmt: skip
    engine = sa.create_engine(f"postgresql+psycopg://postgres@/postgres?host={folder}", isolation_level="AUTOCOMMIT")
    try:
        for _ in range(100):
            try:
                engine.connect().close()
                break
            except sa.exc.OperationalError:
                threading.Event().wait(0.2)
        yield f"postgresql://postgres@/{{name}}?host={folder}"
    finally:
        engine.dispose()
        server.send_signal(signal.SIGINT)  # it does not wait for those who are still connected
        server.wait(20)
        subprocess.Popen(["rm", "-rf", str(folder)])  # a hundred databases are many files: nobody has to wait for them


KINDS = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]


def _rubrics_in(url: str) -> None:
    """The tables, the toy rubric, and the one of the short ridge chat."""
    upgrade(url)
    engine = connect(url)
    ridge = (ROOT / "rubrics" / "ridge-regression.yaml").read_text(encoding="utf-8")
    with writing(engine) as connection:
        for name, text in (("ridge-regression", ridge), ("toy", TOY)):
            catalogue.add(connection, catalogue.parsed(name, text, maths=False), text, "test", "", None)
    engine.dispose()


class Databases:
    """Makes databases of one kind; those with rubrics in them are copies of one that was made with care."""

    def __init__(self, kind: str, folder: Path, template: str = "") -> None:
        self.kind, self.folder, self.template, self.count, self.filled = kind, folder, template, 0, ""

    def make(self, *, filled: bool) -> str:
        """The URL of a new one."""
        if filled and not self.filled:
            self.filled = self._empty("")
            _rubrics_in(self.filled)
        if self.kind == "sqlite":
            url = self._empty("")
            if filled:
                shutil.copy(self.filled.removeprefix("sqlite:///"), url.removeprefix("sqlite:///"))
            return url
        return self._empty(self.filled.split("?")[0].rsplit("/", 1)[1] if filled else "")

    def _empty(self, template: str) -> str:
        self.count += 1
        name = f"t{self.count}"
        if self.kind == "sqlite":
            return f"sqlite:///{self.folder}/{name}.sqlite3"
        control = connect(self.template.format(name="postgres")).execution_options(isolation_level="AUTOCOMMIT")
        with control.connect() as connection:
            connection.execute(sa.text(f"CREATE DATABASE {name}" + (f" TEMPLATE {template}" if template else "")))
        control.dispose()
        return self.template.format(name=name)


@pytest.fixture(scope="session")
def sqlites(tmp_path_factory: pytest.TempPathFactory) -> Databases:
    return Databases("sqlite", tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgreses(postgres: str, tmp_path_factory: pytest.TempPathFactory) -> Databases:
    return Databases("postgres", tmp_path_factory.mktemp("postgres"), postgres)


def _kind(request: pytest.FixtureRequest) -> Databases:
    found: Databases = request.getfixturevalue("sqlites" if request.param == "sqlite" else "postgreses")
    return found


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest) -> str:
    """The URL of an empty database."""
    return _kind(request).make(filled=False)


@pytest.fixture(scope="session")
def bench() -> Iterator[Bench]:
    """One grading process, warm."""
    made = Bench(1, memory=2048, limits=Limits())
    yield made
    made.stop()


@dataclass
class Service:
    """An API without a socket, and a worker that works when asked."""

    http: TestClient
    engine: Engine
    settings: Settings
    bench: Bench
    url: str

    def work(self) -> int:
        """Grade all that waits."""
        return Worker(self.engine, self.settings, bench=self.bench).run(until_empty=True)

    def key(self, *scopes: str, quota: int = 0) -> dict[str, str]:
        """Headers of a new key."""
        with writing(self.engine) as connection:
            _, secret = keys.add(connection, "+".join(scopes), scopes, quota)
        return {"Authorization": f"Bearer {secret}"}

    def submit(self, text: bytes | str = RIDGE, headers: dict[str, str] | None = None, **query: str) -> dict[str, Any]:
        """Hand in a chat without waiting for it."""
        answer = self.http.post("/v1/score/file", params={"wait": "0", **query}, content=text, headers=headers or {})
        assert answer.status_code == 202, answer.text
        found: dict[str, Any] = answer.json()
        return found


@contextmanager
def _running(url: str, bench: Bench) -> Iterator[Service]:
    engine = connect(url)
    house.RECALLED = 0.0  # tests make and revoke keys faster than anybody else
    settings = Settings(database=url, sync_seconds=0.2, body_bytes=200_000)
    with TestClient(create(engine, settings, bench), raise_server_exceptions=False) as http:
        yield Service(http, engine, settings, bench, url)
    engine.dispose()


@pytest.fixture(params=KINDS)
def service(request: pytest.FixtureRequest, bench: Bench) -> Iterator[Service]:
    """A service of the test's own."""
    with _running(_kind(request).make(filled=True), bench) as made:
        yield made


@pytest.fixture(params=KINDS, scope="module")
def same_service(request: pytest.FixtureRequest, bench: Bench) -> Iterator[Service]:
    """A service for tests that leave nothing behind."""
    with _running(_kind(request).make(filled=True), bench) as made:
        yield made
