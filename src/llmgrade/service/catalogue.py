"""The rubrics of the database: every version is kept, the newest of each is in force."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from llmgrade.errors import Diagnostic, RubricError
from llmgrade.rubric import loading
from llmgrade.rubric.model import Rubric, Rubrics
from llmgrade.service.database import now, rubrics

__all__ = ["Changed", "Row", "add", "all_current", "compiled", "current", "fill", "history", "parsed", "state"]

KEPT = 8
"""States of the catalogue that stay parsed."""


class Changed(Exception):
    """Somebody else has published a version meanwhile: the caller's is not the newest."""


@dataclass(frozen=True, slots=True)
class Row:
    """One version of a rubric."""

    id: str
    number: int
    version: str
    text: str
    author: str
    why: str
    created: float

    @property
    def etag(self) -> str:
        """What ``If-Match`` must say."""
        return f'"{self.number}-{self.version}"'


def _newest() -> sa.Subquery:
    return sa.select(rubrics.c.id, sa.func.max(rubrics.c.number).label("number")).group_by(rubrics.c.id).subquery()


def all_current(connection: Connection) -> list[Row]:
    """The version in force of every rubric, by id."""
    newest = _newest()
    found = connection.execute(
        sa.select(rubrics)
        .join(newest, sa.and_(rubrics.c.id == newest.c.id, rubrics.c.number == newest.c.number))
        .order_by(rubrics.c.id)
    )
    return [_row(one) for one in found]


def current(connection: Connection, name: str, number: int | None = None) -> Row | None:
    """A rubric's version in force, or the one of that number."""
    query = sa.select(rubrics).where(rubrics.c.id == name).order_by(rubrics.c.number.desc()).limit(1)
    if number is not None:
        query = query.where(rubrics.c.number == number)
    found = connection.execute(query).one_or_none()
    return None if found is None else _row(found)


def history(connection: Connection, name: str) -> list[Row]:
    """All versions, the newest first."""
    found = connection.execute(sa.select(rubrics).where(rubrics.c.id == name).order_by(rubrics.c.number.desc()))
    return [_row(one) for one in found]


def state(connection: Connection) -> str:
    """A hash of which versions are in force: what a report depends on."""
    newest = _newest()
    found = connection.execute(
        sa.select(rubrics.c.id, rubrics.c.number, rubrics.c.version)
        .join(newest, sa.and_(rubrics.c.id == newest.c.id, rubrics.c.number == newest.c.number))
        .order_by(rubrics.c.id)
    )
    versions = " ".join(f"{name}:{number}:{version}" for name, number, version in found)
    return hashlib.sha256(versions.encode()).hexdigest()[:16]


def parsed(name: str, text: str, *, maths: bool = True) -> Rubric:
    """The rubric in a text under that id.

    Raises:
        RubricError: with every mistake.
    """
    loaded = loading.diagnose_text(text, name, stem=name, maths=maths)
    if loaded.errors or loaded.rubric is None:
        raise RubricError(loaded.errors)
    return loaded.rubric


_compiled: OrderedDict[str, Rubrics] = OrderedDict()
_lock = Lock()


def compiled(connection: Connection) -> tuple[str, Rubrics]:
    """The state, and all rubrics in force, parsed once for each state."""
    now_in_force = state(connection)
    with _lock:
        if now_in_force in _compiled:
            _compiled.move_to_end(now_in_force)
            return now_in_force, _compiled[now_in_force]
    rows = all_current(connection)
    # Their mathematics was read when they were published.
    found = Rubrics(tuple(parsed(row.id, row.text, maths=False) for row in rows))
    with _lock:
        _compiled[now_in_force] = found
        while len(_compiled) > KEPT:
            _compiled.popitem(last=False)
    return now_in_force, found


def add(connection: Connection, rubric: Rubric, text: str, author: str, why: str, after: int | None) -> Row:
    """Publish a version that takes the place of number ``after`` (None: the first of its id).

    Raises:
        Changed: ``after`` is not the newest any more.
    """
    newest = current(connection, rubric.id)
    if (newest.number if newest else None) != after:
        raise Changed
    row = Row(rubric.id, (after or 0) + 1, rubric.version, text, author[:200], why, now())
    try:
        with connection.begin_nested():
            connection.execute(
                sa.insert(rubrics).values(
                    id=row.id,
                    number=row.number,
                    version=row.version,
                    text=text,
                    author=row.author,
                    why=why,
                    created=row.created,
                )
            )
    except sa.exc.IntegrityError:  # another one was as quick
        raise Changed from None
    return row


def fill(connection: Connection, paths: tuple[Path, ...]) -> int:
    """Put rubric files into an empty catalogue; returns how many there are now.

    Raises:
        RubricError: with the mistakes of all files.
    """
    known = connection.execute(sa.select(sa.func.count(sa.distinct(rubrics.c.id)))).scalar_one()
    if known:
        return int(known)
    files = _files(paths)
    mistakes: list[Diagnostic] = []
    for file in files:
        loaded = loading.diagnose(file, maths=bool(paths))
        mistakes.extend(loaded.errors)
        if loaded.rubric is not None:
            add(connection, loaded.rubric, loaded.source.text, "llmgrade", f"from {file.name}", None)
    if mistakes:
        raise RubricError(mistakes)
    return len(files)


def _files(paths: tuple[Path, ...]) -> list[Path]:
    shipped = loading.shipped()
    roots = paths or ((shipped,) if shipped else ())
    found: dict[str, Path] = {}
    for root in roots:
        inside = sorted(p for p in root.iterdir() if p.suffix in {".yaml", ".yml"}) if root.is_dir() else [root]
        found.update({path.stem: path for path in inside})
    return list(found.values())


def _row(found: sa.Row[tuple[object, ...]]) -> Row:
    return Row(**found._mapping)
