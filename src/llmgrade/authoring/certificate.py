"""A trial as the certificate that stands beside the rubric: keyed by the content and by the grader that was tried."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

from llmgrade.authoring.trial import Trial
from llmgrade.rubric.certificate import SCHEMA
from llmgrade.version import VERSION

__all__ = ["certificate", "checker"]

_ROOMS = ("expr", "claims", "attempts", "checking", "authoring", "rubric")


@cache
def checker() -> str:
    """The grader's version and a print of the code that reads and decides."""
    package = Path(__file__).resolve().parent.parent
    found = hashlib.sha256()
    for room in _ROOMS:
        for path in sorted((package / room).rglob("*.py")):
            found.update(path.relative_to(package).as_posix().encode())
            found.update(path.read_bytes())
    return f"llmgrade {VERSION} {found.hexdigest()[:12]}"


def certificate(trial: Trial) -> dict[str, Any]:
    """What reports quote; it holds for this content and this grader."""
    items = list(trial.items)
    return {
        "schema": SCHEMA,
        "rubric": trial.rubric,
        "version": trial.version,
        "checker": checker(),
        "passed": trial.passed,
        "tests": sum(part.tests for part in trial.parts),
        "answers": len(items),
        "derived": sum(i.derived.outcome == "derived" for i in items),
        "underived": [f"{p.id}.{i.id}" for p in trial.parts for i in p.items if i.derived.outcome == "underived"],
        "mutants": {
            "killed": sum(i.killed for i in items),
            "equivalent": sum(i.equivalent for i in items),
            "waived": sum(len(i.waived) for i in items),
            "survivors": sum(len(i.survivors) for i in items),
        },
        "rewrites": {
            "accepted": sum(i.rewritten - len(i.not_accepted) for i in items),
            "of": sum(i.rewritten for i in items),
        },
        "parts": [asdict(part) for part in trial.parts],
    }
