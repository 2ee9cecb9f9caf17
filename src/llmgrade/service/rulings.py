"""What people decided, in the reports: a settled claim counts as it was settled, and says by whom and why.

The claim keeps the grader's evidence; its verdict becomes the decision's, and the verdicts and points above it are added up
anew, as the grader adds them up. A decision is written into the reports there are, and into those to come.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from llmgrade.checking.verdict import Verdict
from llmgrade.rubric.model import Part, Rubrics
from llmgrade.service import catalogue, review
from llmgrade.service.bench import Found
from llmgrade.service.database import reports, review_items
from llmgrade.service.doubts import named
from llmgrade.service.review import Decision

__all__ = ["applied", "settle"]

Marks = dict[tuple[str, str, str, str], Decision]
"""Decisions by rubric, part, and the claim's reading and text."""
ADVISORY = 7_146_001
"""PostgreSQL's lock on what is being decided: a report is written wholly before a decision, or wholly after it."""


def applied(connection: Connection, found: Iterable[Found]) -> list[Found]:
    """Reports that are about to be written, under the decisions there are."""
    several = list(found)
    groups = {group for one in several for group in one.groups.values()}
    if not groups:
        return several
    _in_turn(connection, shared=True)
    decided = review.settled(connection, groups)
    if not decided:
        return several
    rubrics = catalogue.compiled(connection)[1]
    return [_applied(one, decided, rubrics) for one in several]


def _applied(found: Found, decided: dict[str, Decision], rubrics: Rubrics) -> Found:
    marks = {claim: decided[group] for claim, group in found.groups.items() if group in decided}
    if not marks:
        return found
    whole = json.loads(found.report)
    _rule(whole, marks, rubrics)
    score = whole["score"]
    return replace(found, report=_told(whole), first=score["first"], final=score["final"], max=score["max"])


def settle(connection: Connection, decision: Decision) -> int:
    """Write a decision into the newest reports with a claim of its group; returns how many."""
    _in_turn(connection, shared=False)
    items = connection.execute(sa.select(review_items).where(review_items.c.print == decision.group)).all()
    rubrics = catalogue.compiled(connection)[1]
    by_job: dict[str, Marks] = {}
    for item in items:
        by_job.setdefault(item.job, {})[(item.rubric, item.part, item.reading, item.text)] = decision
    changed = 0
    for job, marks in sorted(by_job.items()):
        rows = connection.execute(sa.select(reports.c.rank, reports.c.text).where(reports.c.job == job)).all()
        for rank, text in rows:
            whole = json.loads(text)
            if "problems" not in whole or not _rule(whole, marks, rubrics):
                continue
            score = whole["score"]
            connection.execute(
                sa.update(reports)
                .where(reports.c.job == job, reports.c.rank == rank)
                .values(text=_told(whole), first=score["first"], final=score["final"], max=score["max"])
            )
            changed += 1
    return changed


def _in_turn(connection: Connection, *, shared: bool) -> None:
    if connection.dialect.name == "postgresql":
        lock = sa.func.pg_advisory_xact_lock_shared if shared else sa.func.pg_advisory_xact_lock
        connection.execute(sa.select(lock(ADVISORY)))


def _told(whole: dict[str, Any]) -> str:
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":"))


def _rule(whole: dict[str, Any], marks: Marks, rubrics: Rubrics) -> bool:
    """Put decisions into a report's JSON; whether there was a claim to put them to."""
    touched = False
    for problem in whole["problems"]:
        known = rubrics.get(problem["rubric"])
        parts = {one.id: one for one in known.parts} if known else {}
        for part in problem["parts"]:
            for attempt in part["attempts"]:
                touched |= _rule_attempt(attempt, (problem["rubric"], part["id"]), marks, parts.get(part["id"]))
            if part["attempts"]:
                part["first"], part["final"] = (part["attempts"][rank]["verdict"] for rank in (0, -1))
        problem["score"] = _score(problem["parts"])
    for name in whole["score"]:
        whole["score"][name] = round(sum(problem["score"][name] for problem in whole["problems"]), 6)
    return touched


def _score(parts: list[dict[str, Any]]) -> dict[str, float]:
    answered = [part for part in parts if part["attempts"]]
    return {
        "first": round(sum(part["points"] * part["attempts"][0]["credit"] for part in answered), 6),
        "final": round(sum(part["points"] * part["attempts"][-1]["credit"] for part in answered), 6),
        "max": round(sum(part["points"] for part in parts), 6),
        "undecided": round(sum(part["points"] for part in parts if part["final"] == "undecided"), 6),
    }


def _rule_attempt(attempt: dict[str, Any], where: tuple[str, str], marks: Marks, part: Part | None) -> bool:
    claims = [claim for claim in attempt["claims"] if claim["decisive"]]
    chosen = [(claim, marks[where + named(claim)]) for claim in claims if where + named(claim) in marks]
    if not chosen:
        return False
    machine = _verdict(_items(claims), part) == attempt["verdict"]
    said = [_sentence(claim) for claim, _ in chosen]
    feedback = [text for text in attempt["feedback"] if text not in said]
    for claim, decision in chosen:
        before = claim["decided"]["before"] if claim.get("decided") else claim["verdict"]
        claim["decided"] = {
            "by": decision.who,
            "why": decision.why,
            "when": decision.created,
            "before": before,
            "credit": decision.credit if decision.verdict == "partial" else None,
        }
        claim["verdict"] = decision.verdict
        feedback.append(_sentence(claim))
    attempt["feedback"] = list(dict.fromkeys(feedback))
    # Where an item's verdict is its last word's and not all its claims' together, it stays so.
    items = _items(claims) if machine else {name: several[-1:] for name, several in _items(claims).items()}
    attempt["verdict"] = _verdict(items, part)
    attempt["credit"] = _credit(items, part, attempt["verdict"])
    return True


def _sentence(claim: dict[str, Any]) -> str:
    decided = claim.get("decided")
    if not decided:
        return ""
    instead = f", not {decided['before']}" if decided["before"] != claim["verdict"] else ""
    return f"Settled by {decided['by']}: {claim['verdict']}{instead}. {decided['why']}"


def _items(claims: list[dict[str, Any]]) -> dict[str | None, list[dict[str, Any]]]:
    found: dict[str | None, list[dict[str, Any]]] = {}
    for claim in claims:
        found.setdefault(claim["item"], []).append(claim)
    return found


def _together(claims: list[dict[str, Any]]) -> Verdict:
    return Verdict.together(Verdict(claim["verdict"]) for claim in claims)


def _verdict(items: dict[str | None, list[dict[str, Any]]], part: Part | None) -> Verdict:
    """Of an attempt, from what it states and what the part asks for."""
    verdicts = [_together(claims) for claims in items.values()]
    if part is not None and not part.any_of:
        verdicts += [Verdict.UNANSWERED for item in part.expect if item.id not in items and not item.optional]
    return Verdict.together(verdicts)


def _credit(items: dict[str | None, list[dict[str, Any]]], part: Part | None, verdict: str) -> float:
    """The share of the part's points."""
    if verdict == "correct":
        return 1.0
    pitfalls = {one.id: one.credit for one in part.pitfalls} if part else {}
    shares = {name: _share(claims, pitfalls) for name, claims in items.items()}
    if part is None:
        return round(sum(shares.values()) / len(shares), 4)
    if part.any_of:
        return round(min(shares.values()), 4)
    counted = [item for item in part.expect if item.id in items or not item.optional]
    total = sum(item.weight for item in counted)
    return round(sum(item.weight * shares.get(item.id, 0.0) for item in counted) / total, 4) if total else 0.0


def _share(claims: list[dict[str, Any]], pitfalls: dict[str, float]) -> float:
    verdict = _together(claims)
    if verdict is Verdict.CORRECT:
        return 1.0
    told = [claim["decided"]["credit"] for claim in claims if claim.get("decided") and claim["verdict"] == "partial"]
    if told and verdict is Verdict.PARTIAL:
        return min(0.5 if one is None else float(one) for one in told)
    known = [pitfalls[name] for claim in claims for name in claim["pitfalls"] if name in pitfalls]
    return min(known) if known else 0.5 if verdict is Verdict.PARTIAL else 0.0
