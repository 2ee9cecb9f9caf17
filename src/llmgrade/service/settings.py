"""How a service runs. Every field is an option of ``llmgrade serve``; nothing is read from anywhere else."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from pathlib import Path

from llmgrade.errors import UsageError

__all__ = ["Settings"]


@dataclass(frozen=True, slots=True)
class Settings:
    """One service, whatever machine it is on."""

    database: str = "sqlite:///llmgrade.sqlite3"
    """SQLAlchemy URL: ``sqlite:///FILE`` or ``postgresql://…``."""
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 1
    """Grading workers started beside the API; 0: they run elsewhere (``llmgrade worker``)."""
    rubrics: tuple[Path, ...] = ()
    """Rubrics put into an empty database; none: those that ship."""
    body_bytes: int = 8 * 1024 * 1024
    """Largest request body (bytes)."""
    unpacked_bytes: int = 64 * 1024 * 1024
    """Largest unpacked upload (bytes)."""
    sync_seconds: float = 2.0
    """How long ``POST /v1/score`` waits for the report before it answers 202 (seconds)."""
    job_seconds: float = 180.0
    """Time for one job, from when a worker takes it (seconds)."""
    lease_seconds: float = 15.0
    """A job whose worker has not been heard of for this long is given to another (seconds)."""
    memory: int = 2048
    """Memory of one grading process (MiB)."""
    open_to_all: bool = field(default=False)
    """No key is asked for. Only ever on loopback."""

    @property
    def loopback(self) -> bool:
        """Whether nobody but this machine can reach it."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    def refuse_open_doors(self, keys: int) -> None:
        """Refuse to listen beyond loopback without keys.

        Raises:
            UsageError: anyone on the network could read students' chats.
        """
        if not self.loopback and (self.open_to_all or not keys):
            raise UsageError(
                f"refusing to listen on {self.host} without keys: anyone could read what is submitted\n"
                "hint: `llmgrade keys add NAME --scope submit` makes one"
            )
