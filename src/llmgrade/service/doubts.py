"""Which claims of a report a person should look at, and why."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

__all__ = ["Doubt", "doubts", "group_of", "named", "stated"]

Dispute = Literal["undecided", "disputed", "unexplained"]


@dataclass(frozen=True, slots=True)
class Doubt:
    """One claim, and the group it is in: equivalent answers to one part are one question."""

    rubric: str
    part: str
    item: str | None
    group: str
    reading: str
    text: str
    verdict: str
    dispute: Dispute
    why: str
    readable: bool
    """Whether ``reading`` is mathematics that can be compared."""


def group_of(rubric: str, part: str, reading: str) -> str:
    """The name of a group: nobody has to know the parts of a key to speak of it."""
    return hashlib.sha256(f"{rubric}\0{part}\0{reading}".encode("utf-8", "surrogatepass")).hexdigest()[:20]


def doubts(whole: dict[str, Any]) -> Iterator[Doubt]:
    """Undecided claims; those a person disagrees with; wrong ones that no pitfall explains. ``whole`` is a report's JSON."""
    disputed: dict[str, str] = {}
    for note in whole.get("annotations", ()):
        if note.get("agrees") is False:
            disputed.update(dict.fromkeys(note["parts"], "; ".join(note["disagreements"]) or note["text"]))
    for problem in whole["problems"]:
        for part in problem["parts"]:
            seen: set[str] = set()
            last = len(part["attempts"]) - 1
            for rank, attempt in enumerate(part["attempts"]):
                quarrel = disputed.get(f"{problem['rubric']}:{part['id']}") if rank == last else None
                for claim in attempt["claims"]:
                    doubt = _doubt(problem["rubric"], part["id"], claim, quarrel)
                    if doubt is not None and doubt.group not in seen:
                        seen.add(doubt.group)
                        yield doubt


def stated(whole: dict[str, Any]) -> dict[tuple[str, str, str, str], str]:
    """The group of every claim a verdict rests on, by rubric, part, reading and text."""
    return {
        (problem["rubric"], part["id"], *named(claim)): _group(problem["rubric"], part["id"], claim)
        for problem in whole["problems"]
        for part in problem["parts"]
        for attempt in part["attempts"]
        for claim in attempt["claims"]
        if claim["decisive"]
    }


def _group(rubric: str, part: str, claim: dict[str, Any]) -> str:
    reading = claim.get("group") or claim.get("reading") or claim.get("latex") or claim["text"]
    return group_of(rubric, part, str(reading))


def named(claim: dict[str, Any]) -> tuple[str, str]:
    """What a claim of a report is known by in the review queue: its reading and its text."""
    return _kept(claim.get("latex") or claim.get("reading") or claim["text"]), _kept(claim["text"])


def _kept(text: object) -> str:
    """Text as every database takes it, and not too much of it."""
    return str(text)[:2000].replace("\0", "\ufffd").encode("utf-8", "replace").decode()


def _doubt(rubric: str, part: str, claim: dict[str, Any], quarrel: str | None) -> Doubt | None:
    if not claim["decisive"]:
        return None
    kind: Dispute
    if claim["verdict"] == "undecided":
        kind, why = "undecided", claim["evidence"]["detail"]
    elif quarrel is not None:
        kind, why = "disputed", quarrel
    elif claim["verdict"] in {"incorrect", "partial"} and not claim["pitfalls"]:
        kind, why = "unexplained", claim["evidence"]["detail"]
    else:
        return None
    maths = claim.get("latex") or claim.get("reading")
    reading = str(maths or claim["text"])
    return Doubt(
        rubric,
        part,
        claim.get("item"),
        _group(rubric, part, claim),
        _kept(reading),
        _kept(claim["text"]),
        claim["verdict"],
        kind,
        _kept(why),
        bool(maths) and claim["kind"] in {"expression", "formula", "equation"},
    )
