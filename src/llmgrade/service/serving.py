"""Running the service on one machine: the API here, the grading beside it in a process of its own."""

from __future__ import annotations

import gc
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from types import FrameType

import sqlalchemy as sa
import uvicorn

from llmgrade.errors import UsageError
from llmgrade.service import catalogue, keys
from llmgrade.service.app import create
from llmgrade.service.database import away, connect, tended, upgrade, writing
from llmgrade.service.house import House
from llmgrade.service.journal import note
from llmgrade.service.settings import Settings
from llmgrade.service.worker import Worker

__all__ = ["prepare", "serve", "work"]

GRACE = 10.0
"""Seconds a worker has to give back what it holds."""
PATIENCE = 30.0
"""Seconds a database is waited for."""
SWITCH = 0.0005
"""Seconds after which a thread that works lets another one: the one that answers must not wait for those that compute."""
DRAIN = 15
"""Seconds open requests have to end."""


def prepare(settings: Settings) -> int:
    """Bring the database up to date and fill an empty catalogue; returns how many keys there are.

    A database that does not answer yet is waited for, half a minute: it may have been started with the service.
    """
    ends = time.monotonic() + PATIENCE
    while True:
        try:
            return _prepared(settings)
        except sa.exc.SQLAlchemyError as error:
            if not away(error) or time.monotonic() > ends:
                raise UsageError(f"the database cannot be used: {type(error).__name__}") from error
            note("database-away", error=type(error).__name__)
            time.sleep(0.5)


def _prepared(settings: Settings) -> int:
    upgrade(settings.database)
    engine = connect(settings.database)
    try:
        with writing(engine) as connection:
            catalogue.fill(connection, settings.rubrics)
            return len(keys.listed(connection))
    finally:
        engine.dispose()


def serve(settings: Settings, listening: Callable[[], None]) -> None:
    """Serve until told to stop; ``listening`` is called once requests are taken.

    Raises:
        UsageError: it would listen beyond loopback without keys, or the database cannot be used.
    """
    known = prepare(settings)
    settings.refuse_open_doors(known)
    engine = connect(settings.database)
    hand = _Hand(settings) if settings.workers else None
    sys.setswitchinterval(SWITCH)
    app = create(engine, settings)
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        http="h11",  # it limits what a request's head may hold
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=DRAIN,
        timeout_keep_alive=30,
        server_header=False,
        h11_max_incomplete_event_size=64 * 1024,
    )
    gc.collect()
    gc.freeze()  # what has been made by now stays: nobody has to look through it again in the middle of a request
    try:
        _Server(config, app.state.house, listening).run()
    finally:
        if hand is not None:
            hand.stop()


class _Server(uvicorn.Server):
    """Told to stop, it ends the streams of events as well: whoever watches comes back."""

    def __init__(self, config: uvicorn.Config, house: House, listening: Callable[[], None]) -> None:
        super().__init__(config)
        self._house, self._listening = house, listening

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._listening()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        # Not the framework's own: it would raise the signal again at the end, and the worker would not be told.
        self._house.stopping = True
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self.should_exit = True


class _Hand:
    """The worker's process: started again when it dies, stopped with the service."""

    def __init__(self, settings: Settings) -> None:
        self._command = [
            sys.executable,
            "-m",
            "llmgrade",
            "worker",
            *_options(settings),
            "--with-parent",
            str(os.getpid()),
        ]
        self._stopping = threading.Event()
        self._process = subprocess.Popen(self._command)
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        while not self._stopping.wait(0.5):
            if self._process.poll() is not None and not self._stopping.is_set():
                note("worker-died", code=self._process.returncode)
                time.sleep(1.0)
                self._process = subprocess.Popen(self._command)

    def stop(self) -> None:
        self._stopping.set()
        self._process.terminate()
        try:
            self._process.wait(GRACE)
        except subprocess.TimeoutExpired:
            self._process.kill()


def _options(settings: Settings) -> list[str]:
    return [
        *("--database", settings.database),
        *("--workers", str(settings.workers)),
        *("--job-seconds", str(settings.job_seconds)),
        *("--lease-seconds", str(settings.lease_seconds)),
        *("--memory", str(settings.memory)),
    ]


def work(settings: Settings, *, parent: int | None = None, until_empty: bool = False) -> int:
    """Grade until told to stop; returns how many jobs were done. With ``parent``, ends when that process has."""
    if parent is None:
        prepare(settings)
    engine = connect(settings.database, lasting=False)
    worker = Worker(engine, settings)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: worker.stop())
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent, worker), daemon=True).start()
    try:
        with tended(engine):
            return worker.run(until_empty=until_empty)
    finally:
        engine.dispose()


def _end_with(parent: int, worker: Worker) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    worker.stop()
