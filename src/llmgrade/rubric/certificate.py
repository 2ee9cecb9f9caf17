"""``NAME.cert.json`` beside ``NAME.yaml``: what was proved of a rubric, and the one line that reports quote of it.

A certificate holds for one content: where the rubric's version is another, it says nothing.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

__all__ = ["SCHEMA", "beside", "quoted", "sentence"]

SCHEMA = "llmgrade.certificate/1"


def beside(path: Path) -> Path:
    """Where a rubric's certificate stands."""
    return path.with_name(f"{path.stem}.cert.json")


def quoted(path: Path, version: str) -> str | None:
    """The line to quote for a rubric file of this version, or None."""
    try:
        said = json.loads(beside(path).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(said, dict) or said.get("schema") != SCHEMA or said.get("version") != version:
        return None
    try:
        return sentence(said) if said["passed"] is True else None
    except (KeyError, TypeError, ValueError):
        return None


def sentence(said: dict[str, Any]) -> str:
    """A certificate in one line."""
    mutants, rewrites = said["mutants"], said["rewrites"]
    wrong = int(mutants["killed"]) + int(mutants["survivors"])
    waived = f", {int(mutants['waived'])} waived" if mutants["waived"] else ""
    return (
        f"certified: {int(said['tests'])} tests, {int(said['derived'])} of {int(said['answers'])} answers derived, "
        f"{int(mutants['killed'])} of {wrong} wrong mutants told apart{waived}, "
        f"{int(rewrites['accepted'])} of {int(rewrites['of'])} rewrites accepted"
    )
