"""Answers that mean the same, over the whole run: one decision settles a group.

A group is a fingerprint of the answer's value under the rubric's symbols. Two answers with the same fingerprint are put
together only if their readings are decided to be equal; a collision makes a group of its own.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from llmgrade.batch.model import Outcome

__all__ = ["Group", "Member", "Same", "groups"]

Same = Callable[[str, str, str, str], bool]
"""(problem, part, reading, reading) → whether the two readings are equal."""


@dataclass(frozen=True, slots=True)
class Member:
    """One answer of a group."""

    id: str
    model: str | None
    text: str
    source: str


@dataclass(slots=True)
class Group:
    """Equivalent answers to one part."""

    problem: str
    part: str
    verdict: str
    reading: str
    """How the answer is read, in plain mathematics."""
    pitfalls: tuple[str, ...]
    evidence: str
    members: list[Member] = field(default_factory=list)

    @property
    def unexplained(self) -> bool:
        """Wrong, and no pitfall says why."""
        return self.verdict in {"incorrect", "partial"} and not self.pitfalls


def groups(outcomes: Iterable[Outcome], same: Same) -> list[Group]:
    """Unexplained wrong groups first, then undecided, wrong and right ones; the largest first in each."""
    found: dict[tuple[str, str, str, str], list[Group]] = {}
    known: dict[tuple[str, str, str, str], Group] = {}
    for outcome in outcomes:
        if not outcome.report:
            continue
        for problem in json.loads(outcome.report)["problems"]:
            for part in problem["parts"]:
                for attempt in part["attempts"]:
                    for claim in attempt["claims"]:
                        if claim["decisive"]:
                            _add(found, known, outcome, problem["rubric"], part["id"], claim, same)
    rank = {True: 0, False: 1}
    order = {"undecided": 1, "incorrect": 2, "partial": 2, "correct": 3}
    everything = [group for several in found.values() for group in several]
    return sorted(
        everything,
        key=lambda g: (rank[g.unexplained], order.get(g.verdict, 4), -len(g.members), g.problem, g.part, g.reading),
    )


def _add(
    found: dict[tuple[str, str, str, str], list[Group]],
    known: dict[tuple[str, str, str, str], Group],
    outcome: Outcome,
    problem: str,
    part: str,
    claim: dict[str, object],
    same: Same,
) -> None:
    reading = str(claim.get("reading") or claim.get("latex") or claim["text"])
    print_ = str(claim.get("group") or reading)
    text, verdict = str(claim["text"]), str(claim["verdict"])
    member = Member(outcome.id, outcome.model, text, outcome.source)
    group = known.get((problem, part, verdict, reading))
    if group is not None:
        group.members.append(member)
        return
    several = found.setdefault((problem, part, verdict, print_), [])
    for group in several:
        if same(problem, part, group.reading, reading):
            known[problem, part, verdict, reading] = group
            group.members.append(member)
            return
    pitfalls, evidence = claim["pitfalls"], claim["evidence"]
    assert isinstance(pitfalls, list)
    assert isinstance(evidence, dict)
    group = Group(problem, part, verdict, reading, tuple(pitfalls), str(evidence["detail"]), [member])
    several.append(group)
    known[problem, part, verdict, reading] = group
