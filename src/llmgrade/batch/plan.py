"""Inputs → jobs → shards, as a stream: nothing is held but the shard being filled."""

from __future__ import annotations

import glob
import json
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from llmgrade import reading
from llmgrade.batch.keys import content, hashed
from llmgrade.batch.model import Columns, Job, Shard
from llmgrade.errors import LlmgradeError, UnreadableInput
from llmgrade.limits import Limits

__all__ = ["count", "files", "jobs", "shards"]

IN_WORKER = 4 * 1024 * 1024
"""Files up to this size (bytes) are read by a worker, where a damaged one costs itself alone."""
PARQUET = b"PAR1"


def files(inputs: Iterable[str]) -> list[Path]:
    """The files that paths, folders and patterns name, in order, each once.

    Raises:
        UnreadableInput: a path or pattern names nothing.
    """
    found: dict[Path, None] = {}
    for name in inputs:
        path = Path(name)
        if path.is_dir():
            below = [p for p in sorted(path.rglob("*")) if p.is_file() and not p.name.startswith(".")]
        elif path.exists():
            below = [path]
        else:
            below = [Path(p) for p in sorted(glob.glob(name, recursive=True)) if Path(p).is_file()]
        if not below:
            why = (
                "there is no file in it"
                if path.is_dir()
                else "no such file or folder, and no file fits it as a pattern"
            )
            raise UnreadableInput(name, why)
        found.update(dict.fromkeys(below))
    return list(found)


def count(paths: Iterable[Path], columns: Columns) -> int:
    """About how many jobs there are, without reading them: for the time left."""
    total = 0
    for path in paths:
        kind = _table_kind(path, columns)
        if kind == "parquet":
            total += _parquet_rows(path)
        elif kind == "jsonl":
            with path.open("rb") as file:
                total += sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(1 << 20), b""))
        else:
            total += 1
    return total


def _parquet_rows(path: Path) -> int:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return int(pq.ParquetFile(path).metadata.num_rows)
    except (pa.ArrowInvalid, OSError):
        return 1  # one job that says so


def jobs(paths: Iterable[Path], columns: Columns, limits: Limits) -> Iterator[Job]:
    """Every job, in order. Ids that come twice get a number, so that no result hides another."""
    seen: dict[str, int] = {}
    for path in paths:
        for job in _jobs_of(path, columns, limits):
            times = seen[job.id] = seen.get(job.id, 0) + 1
            yield job if times == 1 else _renamed(job, f"{job.id}~{times}")


def shards(stream: Iterable[Job], rows: int, grader: str) -> Iterator[tuple[Shard, list[Job]]]:
    """Runs of ``rows`` jobs with the names their results will have; ``grader`` is everything else they depend on."""
    source = iter(stream)
    index = 0
    while chunk := list(islice(source, rows)):
        told = hashed(
            *(hashed(j.id, j.problem or "", j.part or "", j.model or "", j.sample or "", content(j)) for j in chunk)
        )
        yield Shard(index, told, hashed(told, grader), len(chunk)), chunk
        index += 1


def _renamed(job: Job, name: str) -> Job:
    from dataclasses import replace

    return replace(job, id=name)


def _table_kind(path: Path, columns: Columns) -> str | None:
    """``parquet`` or ``jsonl`` for a table of answers or chats; None for a transcript."""
    with path.open("rb") as file:
        head = file.read(1 << 16)
    if head.startswith(PARQUET):
        return "parquet"
    first = head.lstrip().split(b"\n", 1)[0]
    if not first.startswith(b"{"):
        return None
    try:
        row = json.loads(first)
    except ValueError:
        # A first row longer than the head can still be a table's, told by its column names.
        cut = head.decode("utf-8", "replace")
        return (
            "jsonl" if f'"{columns.answer}":' in cut and f'"{columns.problem}":' in cut and b"\n" not in head else None
        )
    if not isinstance(row, dict):
        return None
    answers = columns.answer in row and (columns.problem in row or columns.id in row)
    chats = columns.messages in row and (columns.problem in row or columns.id in row or columns.sample in row)
    return "jsonl" if answers or chats else None


def _jobs_of(path: Path, columns: Columns, limits: Limits) -> Iterator[Job]:
    kind = _table_kind(path, columns)
    if kind == "parquet":
        try:
            for n, row in enumerate(_parquet(path), 1):
                yield _row_job(row, f"{path}:{n}", f"{path.name}:{n}", columns)
        except UnreadableInput as error:
            yield Job(id=path.name, source=str(path), broken=str(error))
    elif kind == "jsonl":
        yield from _jsonl(path, columns)
    elif path.stat().st_size <= IN_WORKER:
        yield Job(id=path.name, data=path.read_bytes(), source=str(path))
    else:
        yield from _export(path, limits)


def _parquet(path: Path) -> Iterator[dict[str, Any]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        for batch in pq.ParquetFile(path).iter_batches(batch_size=1024):
            yield from batch.to_pylist()
    except (pa.ArrowInvalid, OSError) as error:
        raise UnreadableInput(str(path), f"is not a whole Parquet file: {error}") from None


def _jsonl(path: Path, columns: Columns) -> Iterator[Job]:
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            source, fallback = f"{path}:{number}", f"{path.name}:{number}"
            try:
                row = json.loads(line)
                if not isinstance(row, dict):
                    raise ValueError("not an object")
            except (ValueError, RecursionError) as error:
                yield Job(id=fallback, source=source, broken=f"not a row of JSON: {error}")
                continue
            if b"\\ud" in line.lower():
                row = _whole(row)
            yield _row_job(row, source, fallback, columns)


def _whole(value: Any) -> Any:
    """JSON whose texts can be written: half a surrogate pair, which only an escape can be, is a replacement character."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        return {_whole(key): _whole(item) for key, item in value.items()}
    return [_whole(item) for item in value] if isinstance(value, list) else value


def _row_job(row: dict[str, Any], source: str, fallback: str, columns: Columns) -> Job:
    def text(name: str) -> str | None:
        value = row.get(name)
        return None if value is None else str(value)

    problem, part = text(columns.problem), text(columns.part)
    if problem is not None and part is None and ":" in problem:
        problem, part = problem.split(":", 1)
    told: dict[str, Any] = {
        "id": text(columns.id) or fallback,
        "problem": problem,
        "part": part,
        "model": text(columns.model),
        "sample": text(columns.sample),
        "source": source,
        "prompt": text(columns.prompt),
    }
    messages = row.get(columns.messages)
    if isinstance(messages, str) and messages.lstrip().startswith("["):
        try:
            messages = json.loads(messages)
        except ValueError:
            return Job(**told, broken=f"the column `{columns.messages}` is not a list of messages")
    if isinstance(messages, list) and all(isinstance(m, dict) for m in messages):
        return Job(**told, messages=tuple(messages))
    answer = row.get(columns.answer)
    if isinstance(answer, str):
        return Job(**told, answer=answer)
    if answer is not None:
        return Job(**told, answer=json.dumps(answer, ensure_ascii=False))
    return Job(
        **told,
        broken=f"neither `{columns.answer}` nor `{columns.messages}` is there; --answer-column and --messages-column name others",
    )


def _export(path: Path, limits: Limits) -> Iterator[Job]:
    """Every conversation of a large file; reading stops at damage, and the damage is a job of its own."""
    try:
        for number, transcript in enumerate(reading.read_each(path, limits=limits)):
            yield Job(
                id=transcript.id or f"{path.name}#{number}",
                model=transcript.model,
                transcript=transcript,
                source=f"{path}#{number}",
            )
    except LlmgradeError as error:
        yield Job(id=path.name, source=str(path), broken=str(error))
