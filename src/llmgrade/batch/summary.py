"""From tables to what a researcher asks: who is how good, on which parts, by which mistakes, and what is not known."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from llmgrade.batch import statistics
from llmgrade.batch.journal import Journal
from llmgrade.batch.model import Status
from llmgrade.batch.statistics import Estimate
from llmgrade.batch.tables import rows

__all__ = ["ModelSummary", "PartRow", "RunSummary", "read_parts", "summarise"]

UNNAMED = "(unnamed)"
When = Literal["first", "final"]


@dataclass(frozen=True, slots=True)
class PartRow:
    """One part of one answer."""

    id: str
    problem: str
    part: str
    model: str
    sample: str | None
    points: float
    first: str
    final: str
    first_credit: float
    final_credit: float
    pitfalls: tuple[str, ...]
    first_pitfalls: tuple[str, ...]
    first_group: str | None

    @property
    def item(self) -> str:
        """What was asked: the part of the problem."""
        return f"{self.problem}:{self.part}"

    def credit(self, when: When) -> float:
        """Share of the points, 0 to 1."""
        return self.first_credit if when == "first" else self.final_credit

    def verdict(self, when: When) -> str:
        """The verdict at first try or at last."""
        return self.first if when == "first" else self.final


@dataclass(frozen=True, slots=True)
class ModelSummary:
    """One model over the whole run."""

    model: str
    first: Estimate
    final: Estimate
    bounds: tuple[float, float]
    """The final score if everything undecided were wrong, and if it were right."""
    verdicts: dict[str, int]
    pitfalls: dict[str, int]
    """How often each pitfall (``problem:pitfall``) was met at first try or at last."""
    at_k: dict[str, float]
    """avg@k, pass@k, maj@k over the samples of each part; empty where there is one sample."""
    parts: dict[str, float]
    """Mean final credit by ``problem:part``."""
    first_parts: dict[str, float]


@dataclass(frozen=True, slots=True)
class RunSummary:
    """A whole run."""

    models: tuple[ModelSummary, ...]
    """The best final score first."""
    statuses: dict[str, int]
    ungraded: tuple[tuple[str, str, str], ...] = ()
    """(id, status, reason) of what could not be graded."""
    items: tuple[str, ...] = ()
    rubrics: dict[str, str] = field(default_factory=dict)
    seed: str = ""


def read_parts(journal: Journal) -> list[PartRow]:
    """Every part of every graded answer, in the order of the inputs."""
    return [_part_row(row) for table, row in rows(journal.outcomes()) if table == "parts"]


def _part_row(row: Mapping[str, Any]) -> PartRow:
    return PartRow(
        id=row["id"],
        problem=row["problem"],
        part=row["part"],
        model=row["model"] or UNNAMED,
        sample=row["sample"],
        points=row["points"],
        first=row["first"],
        final=row["final"],
        first_credit=row["first_credit"],
        final_credit=row["final_credit"],
        pitfalls=tuple(row["pitfalls"]),
        first_pitfalls=tuple(row["first_pitfalls"]),
        first_group=row["first_group"],
    )


def summarise(journal: Journal) -> RunSummary:
    """The run in numbers. Scores are shares of the points, 0 to 1."""
    parts: dict[str, list[PartRow]] = {}
    statuses: Counter[str] = Counter()
    ungraded: list[tuple[str, str, str]] = []
    items: dict[str, None] = {}
    for table, row in rows(journal.outcomes()):
        if table == "transcripts":
            statuses[row["status"]] += 1
            if Status(row["status"]).ungraded:
                ungraded.append((row["id"], row["status"], row["reason"]))
        elif table == "parts":
            found = _part_row(row)
            parts.setdefault(found.model, []).append(found)
            items[found.item] = None
    models = [_model(name, found) for name, found in parts.items()]
    manifest = journal.manifest()
    return RunSummary(
        tuple(sorted(models, key=lambda m: (-m.final.mean, m.model))),
        dict(sorted(statuses.items())),
        tuple(ungraded),
        tuple(items),
        manifest.get("rubrics", {}),
        manifest.get("seed", ""),
    )


def _model(name: str, parts: list[PartRow]) -> ModelSummary:
    verdicts = Counter(part.final for part in parts)
    decided = {id(p): p.final_credit for p in parts}
    low = _mean(0.0 if p.final == "undecided" else decided[id(p)] for p in parts)
    high = _mean(1.0 if p.final == "undecided" else decided[id(p)] for p in parts)
    pitfalls = Counter(f"{p.problem}:{name}" for p in parts for name in dict.fromkeys((*p.first_pitfalls, *p.pitfalls)))
    return ModelSummary(
        name,
        statistics.clustered_mean(by_problem(parts, "first")),
        statistics.clustered_mean(by_problem(parts, "final")),
        (low, high),
        dict(verdicts),
        dict(sorted(pitfalls.items(), key=lambda kv: (-kv[1], kv[0]))),
        _at_k(parts),
        _by_item(parts, "final"),
        _by_item(parts, "first"),
    )


def by_problem(parts: Iterable[PartRow], when: When) -> dict[str, list[float]]:
    """Credits by problem: the clusters."""
    found: dict[str, list[float]] = {}
    for part in parts:
        found.setdefault(part.problem, []).append(part.credit(when))
    return found


def _by_item(parts: Iterable[PartRow], when: When) -> dict[str, float]:
    found: dict[str, list[float]] = {}
    for part in parts:
        found.setdefault(part.item, []).append(part.credit(when))
    return {item: _mean(values) for item, values in found.items()}


def _at_k(parts: Iterable[PartRow]) -> dict[str, float]:
    """Samples of one part, first tries alone: reprompting is another thing than sampling."""
    votes: dict[str, list[tuple[str | None, float]]] = {}
    for part in parts:
        # A wrong answer's group need not be known; a right one's group is "right".
        group = part.first_group or ("right" if part.first == "correct" else None)
        votes.setdefault(part.item, []).append((group, part.first_credit))
    k = min((len(found) for found in votes.values()), default=0)
    if k < 2:
        return {}
    right = {item: sum(credit >= 1.0 for _, credit in found) for item, found in votes.items()}
    return {
        f"avg@{k}": _mean(_mean(credit for _, credit in found) for found in votes.values()),
        f"pass@{k}": _mean(statistics.pass_at(right[item], len(found), k) for item, found in votes.items()),
        f"maj@{k}": _mean(statistics.majority_at(found, k) for found in votes.values()),
    }


def _mean(values: Iterable[float]) -> float:
    found = list(values)
    return sum(found) / len(found) if found else math.nan
