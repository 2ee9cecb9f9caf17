"""Backup and restore: every table as JSON lines in one zip, the same from SQLite and PostgreSQL and into either."""

from __future__ import annotations

import base64
import json
import os
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from llmgrade.errors import UnreadableInput, UsageError
from llmgrade.service.database import TABLES, connect, upgrade, writing
from llmgrade.service.queues import adopt

__all__ = ["backup", "restore"]

FORMAT = "llmgrade.backup/1"
ROWS = 500


def backup(url: str, path: Path) -> int:
    """Write everything of one moment into ``path`` (whole or not at all), while the service runs; returns the rows.

    Raises:
        UnreadableInput: the file cannot be written.
    """
    engine = connect(url)
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise UnreadableInput(str(path), f"cannot be written: {error.strerror or error}") from None
    try:
        with os.fdopen(handle, "wb") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            rows = _save(engine, archive)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    finally:
        engine.dispose()
    return rows


def _save(engine: Engine, archive: zipfile.ZipFile) -> int:
    rows = 0
    # One snapshot: SQLite's read transaction is one; PostgreSQL's becomes one by its isolation level.
    options = {"isolation_level": "REPEATABLE READ"} if engine.dialect.name == "postgresql" else {}
    with engine.connect().execution_options(**options) as connection:
        archive.writestr("format", FORMAT)
        for table in TABLES.sorted_tables:
            with archive.open(f"{table.name}.jsonl", "w", force_zip64=True) as out:
                for row in connection.execution_options(yield_per=ROWS).execute(sa.select(table)).mappings():
                    out.write(json.dumps({k: _plain(v) for k, v in row.items()}, ensure_ascii=False).encode() + b"\n")
                    rows += 1
    return rows


def restore(url: str, path: Path) -> int:
    """Fill an empty database from ``path``, in one transaction; returns the rows.

    Raises:
        UsageError: the database holds something already.
        UnreadableInput: the file is no backup of ours.
    """
    try:
        archive = zipfile.ZipFile(path)
        told = archive.read("format").decode()
    except (OSError, KeyError, zipfile.BadZipFile, UnicodeDecodeError):
        raise UnreadableInput(str(path), "is no backup of llmgrade") from None
    if told != FORMAT:
        raise UnreadableInput(str(path), f"is a backup of another kind ({told[:40]})")
    upgrade(url)
    engine = connect(url)
    rows = 0
    try:
        with archive, writing(engine) as connection:
            for table in TABLES.sorted_tables:
                if connection.execute(sa.select(sa.literal(1)).select_from(table).limit(1)).first() is not None:
                    raise UsageError("the database is not empty\nhint: restore into a new one")
            for table in TABLES.sorted_tables:
                for rows_ in _read(archive, table):
                    connection.execute(sa.insert(table), rows_)
                    rows += len(rows_)
            adopt(connection)
            if engine.dialect.name == "postgresql":
                connection.execute(
                    sa.text(
                        "SELECT setval(pg_get_serial_sequence('events', 'id'), (SELECT coalesce(max(id), 1) FROM events))"
                    )
                )
    finally:
        engine.dispose()
    return rows


def _read(archive: zipfile.ZipFile, table: sa.Table) -> Iterator[list[dict[str, Any]]]:
    binary = {column.name for column in table.columns if isinstance(column.type, sa.LargeBinary)}
    try:
        member = archive.open(f"{table.name}.jsonl")
    except KeyError:
        return
    several: list[dict[str, Any]] = []
    with member:
        for line in member:
            row = json.loads(line)
            for name in binary & row.keys():
                row[name] = base64.b64decode(row[name])
            several.append(row)
            if len(several) == ROWS:
                yield several
                several = []
    if several:
        yield several


def _plain(value: Any) -> Any:
    return base64.b64encode(bytes(value)).decode("ascii") if isinstance(value, bytes | memoryview) else value
