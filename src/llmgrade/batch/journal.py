"""The folder of a run: a manifest, and shard files that are whole or absent.

::

    DIR/manifest.json            what was asked, the seed, and the shards in order
    DIR/shards/CONTENT-NAME.parquet   outcomes of one shard, one row a job

A shard's file is written under another name and then renamed, so a killed run leaves none that is half written. Its name
says what it depends on, so a second run finds what is done by looking, and needs no log.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from llmgrade.batch.model import Outcome, Shard, Status
from llmgrade.errors import UnreadableInput

__all__ = ["Journal", "write_whole"]

SCHEMA = "llmgrade.batch/1"
OUTCOME = pa.schema(
    [
        ("job", pa.string()),
        ("id", pa.string()),
        ("key", pa.string()),
        ("status", pa.string()),
        ("reason", pa.string()),
        ("rubrics", pa.list_(pa.string())),
        ("report", pa.string()),
        ("problem", pa.string()),
        ("part", pa.string()),
        ("model", pa.string()),
        ("sample", pa.string()),
        ("source", pa.string()),
        ("group", pa.string()),
    ]
)


def write_whole(path: Path, data: bytes) -> None:
    """Write ``data`` so that ``path`` is either as before or whole, whatever happens in between."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    with temporary.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)


class Journal:
    """One run's folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.shards = folder / "shards"
        self._listed: dict[str, list[Path]] | None = None
        try:
            self.shards.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UnreadableInput(str(folder), f"cannot hold results: {error.strerror or error}") from None

    def manifest(self) -> dict[str, Any]:
        """What the folder says of itself, over all parts of the run; empty where nothing has run yet.

        Raises:
            UnreadableInput: there is a manifest, and it is not ours.
        """
        found = [self._read(path) for path in sorted(self.folder.glob("manifest*.json"))]
        if not found:
            return {}
        rows = {(row["index"], row["name"]): row for one in found for row in one["shards"]}
        return {**found[0], "shards": [rows[key] for key in sorted(rows)]}

    def _read(self, path: Path) -> dict[str, Any]:
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise UnreadableInput(str(path), error.strerror or str(error)) from None
        except ValueError:
            raise UnreadableInput(str(path), "is not a manifest of llmgrade") from None
        if not isinstance(found, dict) or found.get("schema") != SCHEMA:
            raise UnreadableInput(str(path), "is not a manifest of this version of llmgrade")
        return found

    def write_manifest(self, part_of: tuple[int, int], **facts: Any) -> None:
        """Write the manifest of this part of the run, whole."""
        part, parts = part_of
        name = "manifest.json" if parts == 1 else f"manifest.{part}-of-{parts}.json"
        text = json.dumps({"schema": SCHEMA, **facts}, ensure_ascii=False, indent=1, sort_keys=True)
        write_whole(self.folder / name, text.encode())

    def path(self, shard: Shard) -> Path:
        """The file of a shard."""
        return self.shards / f"{shard.content}-{shard.name}.parquet"

    def done(self, shard: Shard) -> bool:
        """Whether the shard's results are there."""
        return self.path(shard).exists()

    def write(self, shard: Shard, outcomes: Iterable[Outcome]) -> None:
        """Write a shard's results, whole, then drop older results of the same jobs."""
        several = list(outcomes)
        columns = [
            pa.array([_plain(getattr(outcome, field.name)) for outcome in several], field.type) for field in OUTCOME
        ]
        buffer = pa.BufferOutputStream()
        pq.write_table(pa.Table.from_arrays(columns, schema=OUTCOME), buffer, compression="zstd")
        write_whole(self.path(shard), buffer.getvalue().to_pybytes())
        for older in self._others(shard):
            older.unlink(missing_ok=True)

    def _others(self, shard: Shard) -> list[Path]:
        """Files of the same jobs that were there when this run began, under another rubric or checker."""
        if self._listed is None:
            self._listed = {}
            for file in self.shards.glob("*-*.parquet"):
                self._listed.setdefault(file.name.partition("-")[0], []).append(file)
        return [file for file in self._listed.get(shard.content, ()) if file != self.path(shard)]

    def earlier(self, shard: Shard) -> dict[str, list[Outcome]]:
        """Outcomes of the same jobs under another rubric or checker, by job: some of them may still hold."""
        found: dict[str, list[Outcome]] = {}
        for file in sorted(self._others(shard), key=lambda f: f.stat().st_mtime):
            rows: dict[str, list[Outcome]] = {}
            for outcome in _read(file):
                rows.setdefault(outcome.job, []).append(outcome)
            found.update(rows)
        return found

    def statuses(self) -> dict[Status, int]:
        """How many outcomes of the run have each status; raises as `outcomes` does."""
        counted: dict[Status, int] = {}
        for file in self._files():
            try:
                for row in pq.read_table(file, columns=["status"])["status"].value_counts().to_pylist():
                    status = Status(row["values"])
                    counted[status] = counted.get(status, 0) + row["counts"]
            except (pa.ArrowInvalid, OSError, ValueError) as error:
                raise _damaged(file, error) from None
        return counted

    def outcomes(self) -> Iterator[Outcome]:
        """Every outcome of the run, in the order of its inputs.

        Raises:
            UnreadableInput: the run is not finished, or there is none.
        """
        for file in self._files():
            yield from _read(file)

    def _files(self) -> list[Path]:
        manifest = self.manifest()
        if not manifest:
            raise UnreadableInput(
                str(self.folder), "holds no results", hint="llmgrade batch INPUT --out DIR makes them"
            )
        named = (self.shards / f"{row['content']}-{row['name']}.parquet" for row in manifest["shards"])
        return [file for file in named if file.exists()]


def _read(file: Path) -> Iterator[Outcome]:
    try:
        table = pq.ParquetFile(file)
        for batch in table.iter_batches():
            for row in batch.to_pylist():
                yield Outcome(**{**row, "status": Status(row["status"]), "rubrics": tuple(row["rubrics"] or ())})
    except (pa.ArrowInvalid, OSError, TypeError, ValueError) as error:
        raise _damaged(file, error) from None


def _damaged(file: Path, error: Exception) -> UnreadableInput:
    return UnreadableInput(str(file), f"is damaged: {error}", hint="delete it; the next run makes it anew")


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else str(value) if isinstance(value, Status) else value
