"""Transcripts as tests: pytest collects ``NAME.transcript.*`` and holds every part to the verdict that was approved.

Beside ``ridge.transcript.md`` stands ``ridge.verdicts.json``, written by ``pytest --llmgrade-update`` and looked over by a
person. Rubrics are the ``*.rubric.yaml`` of the same folder, else those that ship. A test is a part: it fails where its
first or final verdict or its pitfalls are others than approved, and says on what they rest.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

__all__ = ["ChatFile", "PartItem", "pytest_addoption", "pytest_collect_file"]

SEED = "pytest"
"""Sample points are the same every time, so that a verdict changes only with the code or the rubric."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """The option that approves."""
    group = parser.getgroup("llmgrade")
    group.addoption(
        "--llmgrade-update", action="store_true", help="approve the verdicts of *.transcript.* as they are now"
    )


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Every transcript; everything else is somebody else's."""
    if ".transcript." not in file_path.name:
        return None
    return ChatFile.from_parent(parent, path=file_path)


class ChatFile(pytest.File):
    """One transcript, graded once when it is collected."""

    def collect(self) -> Iterator[pytest.Item]:
        """A test for every part, those included that were approved and are no longer found."""
        from llmgrade.errors import LlmgradeError

        try:
            found = verdicts(self.path)
        except LlmgradeError as error:
            raise self.CollectError(str(error)) from None
        approved_in = self.path.with_name(self.path.name.partition(".transcript.")[0] + ".verdicts.json")
        if self.config.getoption("--llmgrade-update"):
            _write(approved_in, {name: told["verdict"] for name, told in found.items()})
        approved = json.loads(approved_in.read_text(encoding="utf-8")) if approved_in.exists() else None
        for name in sorted({*found, *(approved or {})}):
            yield PartItem.from_parent(
                self, name=name, found=found.get(name), approved=approved, approved_in=approved_in.name
            )


class PartItem(pytest.Item):
    """One part of one transcript."""

    def __init__(self, *, found: dict[str, Any] | None, approved: dict[str, Any] | None, approved_in: str, **more: Any):
        super().__init__(**more)
        self.found, self.approved, self.approved_in = found, approved, approved_in

    def runtest(self) -> None:
        """Compare."""
        if self.approved is None:
            raise NotAsApprovedError(f"nothing is approved yet: pytest --llmgrade-update writes {self.approved_in}")
        wanted = self.approved.get(self.name)
        if self.found is None:
            raise NotAsApprovedError(f"approved as {_told(wanted)}, and no longer found in the transcript")
        if wanted is None:
            raise NotAsApprovedError(f"is {_told(self.found['verdict'])}, and nothing is approved for it")
        if wanted != self.found["verdict"]:
            raise NotAsApprovedError(
                f"approved as {_told(wanted)}, and is {_told(self.found['verdict'])}\n{self.found['evidence']}"
            )

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The words alone; a traceback would say nothing."""
        if isinstance(excinfo.value, NotAsApprovedError):
            return f"{self.name}: {excinfo.value}"
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Where it stands."""
        return self.path, None, f"{self.path.name} {self.name}"


class NotAsApprovedError(Exception):
    """A verdict that nobody approved."""


def verdicts(path: Path) -> dict[str, dict[str, Any]]:
    """``rubric:part`` → its verdict (first, final, pitfalls) and the evidence in words. Raises LlmgradeError."""
    from llmgrade import reading
    from llmgrade.grading import grade
    from llmgrade.rubric.loading import load_all

    own = tuple(sorted(path.parent.glob("*.rubric.yaml")))
    rubrics = load_all(own)
    found: dict[str, dict[str, Any]] = {}
    for number, transcript in enumerate(reading.read(path.read_bytes(), name=path.name)):
        report = grade(transcript, rubrics, seed=SEED)
        for problem in report.problems:
            for part in problem.parts:
                last = part.attempts[-1] if part.attempts else None
                evidence = [f"{c.text}\n  {c.evidence.detail}" for c in last.claims if c.decisive] if last else []
                name = f"{problem.rubric}:{part.id}" if not number else f"{number}:{problem.rubric}:{part.id}"
                told = {"first": part.first, "final": part.final, "pitfalls": list(last.pitfalls) if last else []}
                found[name] = {"verdict": told, "evidence": "\n".join(evidence)}
    return found


def _told(verdict: dict[str, Any] | None) -> str:
    if verdict is None:
        return "nothing"
    way = verdict["final"] if verdict["first"] == verdict["final"] else f"{verdict['first']}, then {verdict['final']}"
    return way + (f" ({', '.join(verdict['pitfalls'])})" if verdict["pitfalls"] else "")


def _write(path: Path, told: dict[str, Any]) -> None:
    """Whole or not at all: several workers may collect the same file, and write the same."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    temporary.write_text(json.dumps(told, indent=2, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")
    os.replace(temporary, path)
