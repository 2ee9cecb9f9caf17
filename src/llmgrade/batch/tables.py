"""Results as tables: transcripts, parts, attempts and claims, in Parquet, for DuckDB and everything else that reads it.

The columns are documented here, once; `llmgrade results DIR --columns` prints them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from llmgrade.batch.journal import Journal, write_whole
from llmgrade.batch.model import Outcome, Status

__all__ = ["TABLES", "Column", "build", "rows"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name, its type, and what stands in it, with units."""

    name: str
    type: str
    about: str


_WHO = (
    Column("id", "string", "the row's or conversation's id, unique in the run"),
    Column("problem", "string", "rubric id"),
    Column("model", "string", "who answered; null where it is not known"),
    Column("sample", "string", "which sample of the model; null where there is one"),
)

TABLES: dict[str, tuple[Column, ...]] = {
    "transcripts": (
        *(c for c in _WHO if c.name != "problem"),
        Column("source", "string", "where it came from, e.g. file:line"),
        Column("status", "string", "graded, nothing-to-grade, or why it could not be graded"),
        Column("reason", "string", "the reason in words; empty where it was graded"),
        Column("turns", "int64", "messages in the conversation"),
        Column("first", "float64", "points at first try, over all its problems"),
        Column("final", "float64", "points at last"),
        Column("undecided", "float64", "points that the last verdicts leave open"),
        Column("max", "float64", "points there are"),
    ),
    "parts": (
        *_WHO,
        Column("part", "string", "part id"),
        Column("points", "float64", "points of the part"),
        Column("first", "string", "verdict at first try"),
        Column("final", "string", "verdict at last"),
        Column("first_credit", "float64", "share of the points at first try, 0 to 1"),
        Column("final_credit", "float64", "share of the points at last, 0 to 1"),
        Column("attempts", "int64", "turns that answer the part"),
        Column("pitfalls", "list", "pitfalls of the last attempt"),
        Column("first_pitfalls", "list", "pitfalls of the first attempt"),
        Column(
            "group",
            "string",
            "fingerprint of the last answer's value, equal for equivalent answers; null where it has none",
        ),
        Column("first_group", "string", "fingerprint of the first answer's value"),
    ),
    "attempts": (
        *_WHO,
        Column("part", "string", "part id"),
        Column("attempt", "int64", "1 is the first"),
        Column("turn", "int64", "index of the message"),
        Column("prompt", "string", "what made it answer again: question, hint, objection, answer; null at first"),
        Column("verdict", "string", "correct, partial, incorrect, undecided"),
        Column("credit", "float64", "share of the points, 0 to 1"),
        Column("pitfalls", "list", "pitfalls it fell into"),
    ),
    "claims": (
        *_WHO,
        Column("part", "string", "part id"),
        Column("attempt", "int64", "1 is the first"),
        Column("claim", "int64", "rank in the attempt"),
        Column("kind", "string", "expression, equation, direction, fact, ..."),
        Column("text", "string", "the words it was said in"),
        Column("reading", "string", "what it was taken to say"),
        Column("verdict", "string", "correct, partial, incorrect, undecided"),
        Column("method", "string", "proved, tested, refuted, matched, none"),
        Column("detail", "string", "the evidence in words"),
        Column("witness", "string", "numbers that refute it, as JSON; null where there are none"),
        Column("decisive", "bool", "whether the part's verdict rests on it"),
        Column("group", "string", "fingerprint of the value it states, equal for equivalent answers to the part"),
        Column("page", "int64", "page, where the source has pages"),
        Column("line_start", "int64", "first line"),
        Column("line_end", "int64", "last line"),
    ),
}
_TYPES = {
    "string": pa.string(),
    "int64": pa.int64(),
    "float64": pa.float64(),
    "bool": pa.bool_(),
    "list": pa.list_(pa.string()),
}
_BATCH = 20_000
"""Rows written as one row group."""


def build(journal: Journal) -> dict[str, Path]:
    """Write the four tables beside the shards, each whole; returns their paths."""
    paths = {name: journal.folder / f"{name}.parquet" for name in TABLES}
    sinks = {name: pa.BufferOutputStream() for name in TABLES}
    schemas = {name: pa.schema([(c.name, _TYPES[c.type]) for c in columns]) for name, columns in TABLES.items()}
    writers = {name: pq.ParquetWriter(sinks[name], schemas[name], compression="zstd") for name in TABLES}
    held: dict[str, list[dict[str, Any]]] = {name: [] for name in TABLES}
    for table, row in rows(journal.outcomes()):
        held[table].append(row)
        if len(held[table]) >= _BATCH:
            writers[table].write_table(pa.Table.from_pylist(held[table], schema=schemas[table]))
            held[table] = []
    for name, writer in writers.items():
        writer.write_table(pa.Table.from_pylist(held[name], schema=schemas[name]))
        writer.close()
        write_whole(paths[name], sinks[name].getvalue().to_pybytes())
    return paths


def rows(outcomes: Iterable[Outcome]) -> Iterator[tuple[str, dict[str, Any]]]:
    """``(table, row)`` for every row of every table, in the order of the inputs."""
    for outcome in outcomes:
        report = json.loads(outcome.report) if outcome.report else None
        who = {"id": outcome.id, "model": outcome.model, "sample": outcome.sample}
        yield "transcripts", _transcript(outcome, report, who)
        for problem in report["problems"] if report else ():
            here = {**who, "problem": problem["rubric"]}
            for part in problem["parts"]:
                yield "parts", _part(part, here)
                for attempt in part["attempts"]:
                    yield "attempts", _attempt(attempt, part, here)
                    for rank, claim in enumerate(attempt["claims"]):
                        yield "claims", _claim(claim, rank, attempt, part, here)


def _transcript(outcome: Outcome, report: dict[str, Any] | None, who: dict[str, Any]) -> dict[str, Any]:
    score = report["score"] if report else {"first": None, "final": None, "undecided": None, "max": None}
    told = {
        "source": outcome.source,
        "status": outcome.status.value if isinstance(outcome.status, Status) else outcome.status,
        "reason": outcome.reason,
        "turns": report["transcript"]["turns"] if report else None,
    }
    return {**who, **told, **{key: score[key] for key in ("first", "final", "undecided", "max")}}


def _group(attempts: list[dict[str, Any]], rank: int) -> str | None:
    """The fingerprints of the claims an attempt rests on."""
    claims = [claim for claim in attempts[rank]["claims"] if claim["decisive"]] if attempts else []
    return " ".join(claim["group"] or claim["text"] for claim in claims) or None


def _part(part: dict[str, Any], who: dict[str, Any]) -> dict[str, Any]:
    attempts = part["attempts"]
    return {
        **who,
        "part": part["id"],
        "points": part["points"],
        "first": part["first"],
        "final": part["final"],
        "first_credit": attempts[0]["credit"] if attempts else 0.0,
        "final_credit": attempts[-1]["credit"] if attempts else 0.0,
        "attempts": len(attempts),
        "pitfalls": attempts[-1]["pitfalls"] if attempts else [],
        "first_pitfalls": attempts[0]["pitfalls"] if attempts else [],
        "group": _group(attempts, -1),
        "first_group": _group(attempts, 0),
    }


def _attempt(attempt: dict[str, Any], part: dict[str, Any], who: dict[str, Any]) -> dict[str, Any]:
    return {
        **who,
        "part": part["id"],
        "attempt": attempt["attempt"],
        "turn": attempt["turn"],
        "prompt": attempt["prompt_kind"],
        "verdict": attempt["verdict"],
        "credit": attempt["credit"],
        "pitfalls": attempt["pitfalls"],
    }


def _claim(
    claim: dict[str, Any], rank: int, attempt: dict[str, Any], part: dict[str, Any], who: dict[str, Any]
) -> dict[str, Any]:
    evidence, span = claim["evidence"], claim["span"]
    witness = evidence.get("witness")
    return {
        **who,
        "part": part["id"],
        "attempt": attempt["attempt"],
        "claim": rank,
        "kind": claim["kind"],
        "text": claim["text"],
        "reading": claim["reading"],
        "verdict": claim["verdict"],
        "method": evidence["method"],
        "detail": evidence["detail"],
        "witness": json.dumps(witness, ensure_ascii=False, sort_keys=True) if witness else None,
        "decisive": claim["decisive"],
        "group": claim["group"],
        "page": span["page"],
        "line_start": span["line_start"],
        "line_end": span["line_end"],
    }
