"""API keys: who may do what, and how often. Only a hash of a key is kept; the key itself is shown once."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from llmgrade.errors import UsageError
from llmgrade.service.database import keys, now

__all__ = ["EVERYTHING", "SCOPES", "Caller", "Key", "add", "caller", "count", "listed", "revoke", "spend"]

SCOPES = {
    "submit": "hand in chats and read what becomes of one's own",
    "review": "read the review queue and settle groups",
    "author": "publish rubric versions",
    "admin": "everything, and everybody's",
}
PREFIX = "llmg_"
BY_HASH = sa.select(keys).where(keys.c.hash == sa.bindparam("sought"), keys.c.revoked.is_(None))


@dataclass(frozen=True, slots=True)
class Key:
    """A key as it is listed."""

    id: str
    name: str
    scopes: tuple[str, ...]
    quota_per_hour: int
    created: float
    revoked: float | None
    used_this_hour: int


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: ``id`` owns what it submits."""

    id: str
    name: str
    scopes: frozenset[str]
    quota_per_hour: int
    """0: without limit."""

    def may(self, scope: str) -> bool:
        """Whether the caller has a scope."""
        return scope in self.scopes or "admin" in self.scopes


EVERYTHING = Caller("local", "local", frozenset(SCOPES), 0)
"""Whoever sits at a machine whose service has no keys."""


def _hash(secret: str) -> str:
    # The secret is 256 random bits, so one round is enough: there is nothing to guess.
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def add(connection: Connection, name: str, scopes: tuple[str, ...], quota_per_hour: int) -> tuple[str, str]:
    """Make a key: (id, the secret, which is shown this once).

    Raises:
        UsageError: there is no such scope.
    """
    wrong = [scope for scope in scopes if scope not in SCOPES]
    if wrong or not scopes:
        raise UsageError(f"`{', '.join(wrong)}` is no scope: {', '.join(SCOPES)}")
    secret = PREFIX + secrets.token_urlsafe(32)
    name_of_key = secrets.token_hex(6)
    connection.execute(
        sa.insert(keys).values(
            id=name_of_key,
            name=name[:200],
            hash=_hash(secret),
            scopes=" ".join(sorted(set(scopes))),
            quota_per_hour=quota_per_hour,
            created=now(),
        )
    )
    return name_of_key, secret


def listed(connection: Connection) -> list[Key]:
    """All keys, revoked ones too."""
    hour = int(now() // 3600)
    return [
        Key(
            row.id,
            row.name,
            tuple(row.scopes.split()),
            row.quota_per_hour,
            row.created,
            row.revoked,
            row.used if row.used_hour == hour else 0,
        )
        for row in connection.execute(sa.select(keys).order_by(keys.c.created))
    ]


def revoke(connection: Connection, name: str) -> bool:
    """End a key, by its id; False where there is no such key."""
    done = connection.execute(sa.update(keys).where(keys.c.id == name, keys.c.revoked.is_(None)).values(revoked=now()))
    return bool(done.rowcount)


def count(connection: Connection) -> int:
    """How many keys are in force."""
    return int(
        connection.execute(sa.select(sa.func.count()).select_from(keys).where(keys.c.revoked.is_(None))).scalar_one()
    )


def caller(connection: Connection, secret: str) -> Caller | None:
    """Who holds this secret; None for nobody."""
    if not secret.startswith(PREFIX) or len(secret) > 200:
        return None
    row = connection.execute(BY_HASH, {"sought": _hash(secret)}).one_or_none()
    return None if row is None else Caller(row.id, row.name, frozenset(row.scopes.split()), row.quota_per_hour)


def spend(connection: Connection, who: Caller, amount: int) -> int | None:
    """Count submissions against the hour's quota; None if they fit, else the seconds until the next hour."""
    if not who.quota_per_hour:
        return None
    moment = now()
    hour = int(moment // 3600)
    used = sa.case((keys.c.used_hour == hour, keys.c.used), else_=0)
    done = connection.execute(
        sa.update(keys)
        .where(keys.c.id == who.id, used + amount <= keys.c.quota_per_hour)
        .values(used=used + amount, used_hour=hour)
    )
    return None if done.rowcount else max(1, int((hour + 1) * 3600 - moment) + 1)
