"""The processes of a service, as its users start them, and a PostgreSQL server of one's own: to be started, killed, started again."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import httpx
import psycopg

__all__ = ["Postgres", "api", "free_port", "ready", "worker"]


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def api(folder: Path, database: str, port: int, workers: int, *options: str) -> subprocess.Popen[bytes]:
    """``llmgrade serve``; its log is ``folder/log.jsonl``."""
    command = [sys.executable, "-m", "llmgrade", "serve", "--port", str(port), "--database", database]
    command += ["--workers", str(workers), *options]
    return subprocess.Popen(command, cwd=folder, stderr=(folder / "log.jsonl").open("ab"))


def worker(folder: Path, database: str, *options: str) -> subprocess.Popen[bytes]:
    """``llmgrade worker``; its log is ``folder/worker.jsonl``."""
    command = [sys.executable, "-m", "llmgrade", "worker", "--database", database, *options]
    return subprocess.Popen(command, cwd=folder, stderr=(folder / "worker.jsonl").open("ab"))


def ready(base: str, seconds: float = 120.0) -> None:
    """Wait until a service answers."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        try:
            if httpx.get(f"{base}/ready").status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise TimeoutError(f"{base} is not ready after {seconds:g} s")


def _binaries() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    on_path = shutil.which("initdb")
    if not found and on_path is None:
        raise SystemExit("PostgreSQL is not installed here")
    return found[-1].parent if found else Path(str(on_path)).parent


def _as_nobody_special(command: list[str]) -> list[str]:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return command
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", *command]


def _share_alike(server: Callable[[], int | None]) -> None:
    """Linux gives each session its share of the processors, and every PostgreSQL process is a session: each gets what we have."""
    done: set[str] = set()
    while (pid := server()) is not None:
        time.sleep(0.2)
        with suppress(OSError, ValueError, IndexError):
            nice = Path("/proc/self/autogroup").read_text().split()[-1]
            children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
            for one in {str(pid), *children} - done:
                Path(f"/proc/{one}/autogroup").write_text(nice)
                done.add(one)


class Postgres:
    """A server on a socket in a folder, as durable as it comes."""

    def __init__(self, folder: Path) -> None:
        self.folder, self._binaries = folder, _binaries()
        folder.mkdir(exist_ok=True)
        if os.geteuid() == 0:
            owner = pwd.getpwnam("postgres")
            os.chown(folder, owner.pw_uid, owner.pw_gid)
            folder.parent.chmod(0o755)
        self.data = folder / "data"
        command = [str(self._binaries / "initdb"), "-D", str(self.data), "-U", "postgres", "-A", "trust"]
        subprocess.run(_as_nobody_special(command), check=True, capture_output=True, cwd=folder)
        self.url = f"postgresql://postgres@/postgres?host={folder}"
        self._process: subprocess.Popen[bytes] | None = None
        self.start()
        threading.Thread(target=_share_alike, args=(self._running,), daemon=True).start()

    def _running(self) -> int | None:
        return None if self._process is None else self._process.pid

    def start(self) -> None:
        """Start, or start again; waits until it answers (after a kill, until what is left of it is gone)."""
        ends = time.monotonic() + 120
        while time.monotonic() < ends:
            if self._process is None or self._process.poll() is not None:
                options = ["-c", "listen_addresses=", "-c", "max_connections=200"]
                command = [str(self._binaries / "postgres"), "-D", str(self.data), "-k", str(self.folder), *options]
                self._process = subprocess.Popen(
                    _as_nobody_special(command),
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    cwd=self.folder,
                )
            try:
                psycopg.connect(self.url, connect_timeout=5).close()
                return
            except psycopg.OperationalError:
                time.sleep(0.1)
        raise TimeoutError("PostgreSQL does not answer")

    def kill(self) -> None:
        """As by a power cut of its process: no goodbye."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def stop(self) -> None:
        """Properly, without waiting for those who are connected."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(60)
            self._process = None
