"""The service's tables, on SQLite and PostgreSQL alike, and how a connection to them is made.

Times are UTC seconds since the epoch (float), so that both databases keep and compare them in the same way. Long texts
(chats, reports, rubrics) are stored as text; nothing here is ever logged.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Engine, make_url

from llmgrade.errors import UsageError

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

try:
    import fcntl
except ImportError:  # not on Windows: there one process writes at a time as SQLite itself sees to it
    fcntl = None  # type: ignore[assignment]

__all__ = [
    "TABLES",
    "asynchronous",
    "away",
    "batches",
    "connect",
    "decisions",
    "events",
    "idempotency",
    "jobs",
    "keys",
    "now",
    "reports",
    "review_items",
    "rubrics",
    "submissions",
    "tended",
    "upgrade",
    "writing",
]

TABLES = sa.MetaData()

keys = sa.Table(
    "keys",
    TABLES,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("hash", sa.String(64), nullable=False, unique=True),
    sa.Column("scopes", sa.String(200), nullable=False),
    sa.Column("quota_per_hour", sa.Integer, nullable=False),
    sa.Column("created", sa.Float, nullable=False),
    sa.Column("revoked", sa.Float),
    sa.Column("used_hour", sa.Integer, nullable=False, server_default="0"),
    sa.Column("used", sa.Integer, nullable=False, server_default="0"),
)
"""API keys: only a hash is kept."""

rubrics = sa.Table(
    "rubrics",
    TABLES,
    sa.Column("id", sa.String(100), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("version", sa.String(64), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("author", sa.String(200), nullable=False),
    sa.Column("why", sa.Text, nullable=False),
    sa.Column("created", sa.Float, nullable=False),
)
"""Rubric files, every version of each: the highest number is in force."""

submissions = sa.Table(
    "submissions",
    TABLES,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("owner", sa.String(32), nullable=False, index=True),
    sa.Column("name", sa.String(300), nullable=False),
    sa.Column("batch", sa.String(32), index=True),
    sa.Column("data", sa.LargeBinary, nullable=False),
    sa.Column("rubric", sa.String(100)),
    sa.Column("part", sa.String(100)),
    sa.Column("prompt", sa.Text),
    sa.Column("created", sa.Float, nullable=False, index=True),
)
"""What was handed in, exactly as it came: a chat, or one answer to one part (then ``rubric`` and ``part`` say which)."""

batches = sa.Table(
    "batches",
    TABLES,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("owner", sa.String(32), nullable=False, index=True),
    sa.Column("name", sa.String(300), nullable=False),
    sa.Column("size", sa.Integer, nullable=False),
    sa.Column("created", sa.Float, nullable=False),
)
"""Submissions handed in together."""

jobs = sa.Table(
    "jobs",
    TABLES,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column(
        "submission", sa.String(32), sa.ForeignKey("submissions.id", ondelete="CASCADE"), nullable=False, index=True
    ),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("reason", sa.Text),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("created", sa.Float, nullable=False),
    sa.Column("started", sa.Float),
    sa.Column("finished", sa.Float),
    sa.Column("lease", sa.Float),
    sa.Column("worker", sa.String(64)),
    sa.Column("rubric_state", sa.String(64)),
    sa.Index("jobs_waiting", "state", "created"),
    sa.Index("jobs_newest", "created", "id"),
)
"""One grading of one submission. ``state``: waiting, running, done, failed."""

reports = sa.Table(
    "reports",
    TABLES,
    sa.Column("job", sa.String(32), sa.ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("rank", sa.Integer, primary_key=True),
    sa.Column("submission", sa.String(32), nullable=False, index=True),
    sa.Column("final", sa.Float, nullable=False),
    sa.Column("first", sa.Float, nullable=False),
    sa.Column("max", sa.Float, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("created", sa.Float, nullable=False),
)
"""Reports as JSON, one for each conversation of a submission. The primary key makes a second writing impossible."""

events = sa.Table(
    "events",
    TABLES,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("job", sa.String(32), nullable=False, index=True),
    sa.Column("kind", sa.String(32), nullable=False),
    sa.Column("detail", sa.Text, nullable=False),
    sa.Column("created", sa.Float, nullable=False),
)
"""What happened to a job, for those who watch it."""

idempotency = sa.Table(
    "idempotency",
    TABLES,
    sa.Column("owner", sa.String(32), primary_key=True),
    sa.Column("key", sa.String(200), primary_key=True),
    sa.Column("request", sa.String(64), nullable=False),
    sa.Column("job", sa.String(32), nullable=False),
    sa.Column("created", sa.Float, nullable=False),
)
"""Requests that were made once already, by the caller's own key."""

review_items = sa.Table(
    "review_items",
    TABLES,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("job", sa.String(32), nullable=False, index=True),
    sa.Column("submission", sa.String(32), nullable=False),
    sa.Column("rubric", sa.String(100), nullable=False),
    sa.Column("part", sa.String(100), nullable=False),
    sa.Column("print", sa.String(64), nullable=False, index=True),
    sa.Column("item", sa.String(100)),
    sa.Column("reading", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("verdict", sa.String(16), nullable=False),
    sa.Column("dispute", sa.String(32), nullable=False, server_default=""),
    sa.Column("why", sa.Text, nullable=False),
    sa.Column("created", sa.Float, nullable=False),
    sa.Index("review_group", "rubric", "part", "print"),
)
"""Claims that a person should look at; those with the same ``print`` under one part are one group."""

decisions = sa.Table(
    "decisions",
    TABLES,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("rubric", sa.String(100), nullable=False),
    sa.Column("part", sa.String(100), nullable=False),
    sa.Column("print", sa.String(64), nullable=False),
    sa.Column("reading", sa.Text, nullable=False),
    sa.Column("verdict", sa.String(16), nullable=False),
    sa.Column("who", sa.String(200), nullable=False),
    sa.Column("why", sa.Text, nullable=False),
    sa.Column("became", sa.String(32), nullable=False),
    sa.Column("rubric_number", sa.Integer),
    sa.Column("created", sa.Float, nullable=False),
    sa.Column("credit", sa.Float),
    sa.Index("decisions_group", "rubric", "part", "print"),
    sa.Index("decisions_print", "print"),
)
"""What people decided of a group: by whom, why, and what became of it (nothing, accepted form, pitfall, test)."""


def now() -> float:
    """UTC, in seconds."""
    return time.time()


def connect(url: str, *, lasting: bool = True) -> Engine:
    """An engine for the database at ``url``; SQLite is put into WAL mode with full durability.

    Without ``lasting``, what is committed to SQLite need not be on the disk at once: for a worker, whose jobs are graded
    again where the power fails. A process that is killed loses nothing either way, and others' commits bring it to the disk.

    Raises:
        UsageError: the URL is no database of ours, or its driver is not installed.
    """
    try:
        parsed = make_url(url)
    except sa.exc.ArgumentError:
        raise UsageError(f"`{url}` is no database URL\nhint: sqlite:///FILE or postgresql://USER@HOST/NAME") from None
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(parsed, "FULL" if lasting else "NORMAL")
    if parsed.get_backend_name() == "postgresql":
        try:
            return _postgresql(parsed)
        except ModuleNotFoundError:
            raise UsageError("PostgreSQL needs the extra: pip install 'llmgrade[postgres]'") from None
    raise UsageError(f"`{parsed.get_backend_name()}` is not supported: SQLite or PostgreSQL")


LINES = 10
"""Connections an event loop has to PostgreSQL: more of them would only share its processors."""
RESTED = 1.0
"""Seconds after which a connection that was not used is tried before it is used again."""


def _postgresql(url: sa.URL) -> Engine:
    return _tried(sa.create_engine(url.set(drivername="postgresql+psycopg"), pool_size=20, max_overflow=20))


def asynchronous(engine: Engine) -> AsyncEngine | None:
    """Connections to the same PostgreSQL that an event loop waits for, each statement a transaction; None for SQLite."""
    if engine.dialect.name != "postgresql":
        return None
    from sqlalchemy.ext.asyncio import create_async_engine  # what it needs is there where PostgreSQL's driver is

    made = create_async_engine(engine.url, pool_size=LINES, max_overflow=0, isolation_level="AUTOCOMMIT")
    _tried(made.sync_engine)
    return made


def _tried(engine: Engine) -> Engine:
    """The engine; a connection that rested is tried before it is used."""

    @event.listens_for(engine, "checkin")
    def _put_down(_: Any, record: Any) -> None:
        record.info["used"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def _taken_up(connection: Any, record: Any, __: Any) -> None:
        if time.monotonic() - record.info.get("used", time.monotonic()) > RESTED:
            try:
                engine.dialect.do_ping(connection)
            except engine.dialect.loaded_dbapi.Error:
                raise sa.exc.DisconnectionError from None  # the pool makes a new one

    return engine


CHECKPOINT = 30.0
"""Seconds between two emptyings of SQLite's log: seldom, because whoever writes meanwhile has to share the disk."""
LOG_PAGES = 50_000
"""Pages of SQLite's log at which a writer empties it after all: whoever should have done it is not there."""
_turns: dict[str, _Turn] = {}
_making = threading.Lock()


class _Turn:
    """Whose turn it is to write to an SQLite file, among threads and among processes.

    SQLite has one writer, and those who wait for it sleep, longer each time, while others overtake. Here they stand in a
    queue and are woken at once. The lock is the kernel's: it ends with the process that held it.
    """

    def __init__(self, path: str) -> None:
        self._threads = threading.Lock()
        self._file = os.open(f"{path}.lock", os.O_CREAT | os.O_RDWR, 0o600) if fcntl is not None else -1

    def __enter__(self) -> None:
        self._threads.acquire()
        if fcntl is not None:
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX)
            except BaseException:
                self._threads.release()
                raise

    def __exit__(self, *_: object) -> None:
        if fcntl is not None:
            fcntl.flock(self._file, fcntl.LOCK_UN)
        self._threads.release()


def _turn(engine: Engine) -> AbstractContextManager[None]:
    path = engine.url.database
    if engine.dialect.name != "sqlite" or not path or path == ":memory:":
        return nullcontext()
    key = os.path.realpath(path)
    with _making:
        if key not in _turns:
            _turns[key] = _Turn(key)
        return _turns[key]


@contextmanager
def writing(engine: Engine) -> Iterator[sa.Connection]:
    """A transaction that writes: committed at the end, undone by an exception."""
    with _turn(engine), engine.connect().execution_options(write=True) as connection, connection.begin():
        yield connection


def _sqlite(url: sa.URL, synchronous: str) -> Engine:
    if url.database and url.database != ":memory:":
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(url, connect_args={"timeout": 30, "check_same_thread": False}, pool_size=20)

    @event.listens_for(engine, "connect")
    def _pragmas(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # transactions are begun below, explicitly
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            f"synchronous={synchronous}",
            "foreign_keys=ON",
            "busy_timeout=30000",
            f"wal_autocheckpoint={LOG_PAGES}",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        # A reader that turns writer in mid-transaction would fail at once where a waiting writer succeeds.
        connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get("write") else "BEGIN")

    return engine


@contextmanager
def tended(engine: Engine) -> Iterator[None]:
    """While it lasts, SQLite's log is emptied by a thread of its own, so that nobody who writes has to wait for it."""
    if engine.dialect.name != "sqlite":
        yield
        return
    stop = threading.Event()
    thread = threading.Thread(target=_empty_log, args=(engine, stop), daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(5)


def _empty_log(engine: Engine, stop: threading.Event) -> None:
    connection = engine.raw_connection()
    try:
        while not stop.wait(CHECKPOINT):
            with suppress(sqlite3.Error):  # busy: the next time
                connection.cursor().execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
    finally:
        connection.close()


def away(error: BaseException) -> bool:
    """Whether this error says that the database does not answer: it may be asked again later."""
    return isinstance(error, sa.exc.OperationalError | sa.exc.InterfaceError | sa.exc.TimeoutError) or (
        isinstance(error, sa.exc.DBAPIError) and error.connection_invalidated
    )


def upgrade(url: str, revision: str = "head") -> None:
    """Bring the database's tables up to date (``head``), or down to an earlier revision (``base`` removes them)."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["engine"] = engine = connect(url)
    try:
        if revision == "head":
            command.upgrade(config, "head")
        else:
            command.downgrade(config, revision)
    finally:
        engine.dispose()
