"""Logs of Inspect AI: a score ``llmgrade`` with ``first`` and ``final`` in every sample, and its metrics in the header.

Members of an ``.eval`` archive that hold no scores are carried over; it is packed with deflate, which every reader knows.
"""

from __future__ import annotations

import io
import json
import math
import re
import statistics
import zipfile
from pathlib import Path
from typing import Any

from llmgrade.batch.exchange.model import NAME, Scored
from llmgrade.batch.journal import write_whole
from llmgrade.errors import UnreadableInput
from llmgrade.reading.archive import Archive

__all__ = ["InspectLog", "precomputed"]

_SAMPLE = re.compile(r"(?:^|/)samples/[^/]+\.json$")
_SUMMARIES = re.compile(r"(?:^|/)(?:summaries\.json|_journal/summaries/[^/]+\.json)$")
_LARGEST = 1 << 31
_METRICS = ("mean", "stderr")


class InspectLog:
    """See `exchange.model.Writer`."""

    def knows(self, first: Any) -> bool:
        if isinstance(first, list):
            return any(_SAMPLE.search(name) for name in first) and any(
                name == "header.json" or name.startswith("_journal/") for name in first
            )
        return isinstance(first, dict) and isinstance(first.get("eval"), dict) and "samples" in first

    def write(self, file: Path, scores: dict[str, Scored], out: Path) -> int:
        if zipfile.is_zipfile(file):
            return _archive(file, scores, out)
        try:
            log = json.loads(file.read_text(encoding="utf-8"))
        except ValueError as error:
            raise UnreadableInput(str(file), f"is not a whole log: {error}") from None
        placed = [found for sample in log["samples"] if (found := _score(sample, scores)) is not None]
        _header(log, placed, len(log["samples"]))
        write_whole(out, json.dumps(log, ensure_ascii=False, indent=2).encode("utf-8", "surrogatepass"))
        return len(placed)


def _archive(file: Path, scores: dict[str, Scored], out: Path) -> int:
    made = io.BytesIO()
    placed: list[Scored] = []
    samples = 0
    header: dict[str, Any] | None = None
    with file.open("rb") as opened, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed:
        archive = Archive.open(str(file), opened)
        for name in archive.members:
            data = archive.read(name, _LARGEST)
            if _SAMPLE.search(name):
                sample = json.loads(data)
                samples += 1
                found = _score(sample, scores)
                if found is not None:
                    placed.append(found)
                    data = _bytes(sample)
            elif _SUMMARIES.search(name):
                summaries = json.loads(data)
                for summary in summaries if isinstance(summaries, list) else []:
                    _score(summary, scores, brief=True)
                data = _bytes(summaries)
            elif name == "header.json":
                header = json.loads(data)
                continue  # last, when all samples are known
            packed.writestr(name, data)
        if header is not None:
            _header(header, placed, samples)
            packed.writestr("header.json", _bytes(header))
    write_whole(out, made.getvalue())
    return len(placed)


def _bytes(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")


def _name(sample: dict[str, Any]) -> str:
    epoch = sample.get("epoch")
    identity = str(sample.get("id", ""))
    return f"{identity} (epoch {epoch})" if isinstance(epoch, int) else identity


def _score(sample: dict[str, Any], scores: dict[str, Scored], *, brief: bool = False) -> Scored | None:
    """Put the sample's score beside its others; None where there is none."""
    found = scores.get(_name(sample))
    if found is None or found.final is None:
        return None
    told: dict[str, Any] = {"value": {"first": found.first, "final": found.final}}
    if not brief:
        told |= {"answer": found.answer, "explanation": found.explanation, "metadata": found.metadata, "history": []}
    sample["scores"] = {**(sample.get("scores") or {}), NAME: told}
    return found


def _header(log: dict[str, Any], placed: list[Scored], samples: int) -> None:
    """The metrics over all scored samples, beside those of other scorers."""
    if not placed:
        return
    columns = {"first": [s.first or 0.0 for s in placed], "final": [s.final or 0.0 for s in placed]}
    results = log.get("results") or {"total_samples": samples, "completed_samples": samples, "scores": []}
    others = [score for score in results.get("scores") or [] if score.get("scorer") != NAME]
    results["scores"] = [
        *others,
        *(
            {
                "name": name,
                "scorer": NAME,
                "scored_samples": len(values),
                "unscored_samples": samples - len(values),
                "params": {},
                "metrics": {
                    "mean": {"name": "mean", "value": statistics.fmean(values), "params": {}},
                    "stderr": {"name": "stderr", "value": _stderr(values), "params": {}},
                },
            }
            for name, values in columns.items()
        ),
    ]
    log["results"] = results
    scorers = [one for one in log["eval"].get("scorers") or [] if one.get("name") != NAME]
    metrics = [{"name": f"inspect_ai/{name}", "options": {}} for name in _METRICS]
    log["eval"]["scorers"] = [
        *scorers, {"name": NAME, "options": {}, "metrics": dict.fromkeys(columns, metrics), "metadata": {}}
    ]  # fmt: skip


def _stderr(values: list[float]) -> float:
    return statistics.stdev(values) / math.sqrt(len(values)) if len(values) > 1 else 0.0


def precomputed(scores: dict[str, Scored]) -> str:
    """Lines for Inspect's ``precomputed_scores``: id and epoch, value, answer, explanation, metadata."""
    lines = []
    for name, found in scores.items():
        if found.final is None:
            continue
        match = re.fullmatch(r"(.*) \(epoch (\d+)\)", name, re.DOTALL)
        row = {
            "id": match[1] if match else name,
            "epoch": int(match[2]) if match else 1,
            "value": found.final,
            "answer": found.answer,
            "explanation": found.explanation,
            "metadata": {"first": found.first, **found.metadata},
        }
        lines.append(json.dumps(row, ensure_ascii=False) + "\n")
    return "".join(lines)
