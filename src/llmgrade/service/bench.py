"""What runs in processes that can be killed: grading, trying an answer, seeing what an edit would change.

Rubrics travel as a file that is named by their state and read once by each process; a call carries only the name. The
file is made by the process that asks, in a folder nobody else may enter.
"""

from __future__ import annotations

import json
import os
import pickle
import secrets
import tempfile
import time
from collections import OrderedDict
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from llmgrade.attempts.model import Attempt
from llmgrade.batch.model import Job, Outcome, Status
from llmgrade.batch.pools.warm import WarmPool, lost
from llmgrade.batch.work import Assignment, Grader
from llmgrade.checking.model import JudgedAttempt
from llmgrade.errors import RubricError
from llmgrade.grading import Tell, grade_answer, judge_answer, same_answer
from llmgrade.limits import Limits
from llmgrade.rubric.loading import Loaded
from llmgrade.rubric.model import Rubric, Rubrics
from llmgrade.service import catalogue, sheets
from llmgrade.service.doubts import Doubt, doubts, stated

__all__ = ["NICE", "Bench", "Found", "Graded", "Known", "Status", "lost"]

KEPT = 3
"""States of the catalogue a process keeps compiled."""
_graders: OrderedDict[str, Grader] = OrderedDict()
NICE = 10
"""How much a grading process yields to those that answer: it takes what they leave."""
PATIENT = 0.5
"""Seconds after which somebody who waits wants to see something."""
OLD = 50
"""Files of groups that are kept: jobs in hand may still name them."""
MET = 200
"""Groups of a part that a process remembers to have made."""
_met: dict[tuple[str, str], dict[str, str]] = {}
"""Groups this process has made: jobs in hand at the same time do not know of each other's otherwise."""


Known = dict[tuple[str, str], list[tuple[str, str]]]
"""Groups there are already: (rubric, part) → (group, reading)."""


@dataclass(frozen=True, slots=True)
class Found:
    """What became of one conversation: its report (JSON), its points, and the claims a person should look at."""

    status: Status
    reason: str
    report: str
    first: float = 0.0
    final: float = 0.0
    max: float = 0.0
    doubts: tuple[Doubt, ...] = ()
    groups: dict[tuple[str, str, str, str], str] = field(default_factory=dict)
    """The group of each claim a verdict rests on, by rubric, part, reading and text."""


@dataclass(frozen=True, slots=True)
class Graded:
    """What became of a job, one for each conversation of it, and the seconds that took."""

    found: tuple[Found, ...]
    seconds: float


class Bench:
    """A warm pool that knows the rubrics."""

    def __init__(self, workers: int, *, memory: int, limits: Limits, nice: int = NICE) -> None:
        self.limits = limits
        self.pool = WarmPool(workers, memory=memory, nice=nice, preload=("llmgrade.service.bench",))
        self._folder = tempfile.TemporaryDirectory(prefix="llmgrade-", ignore_cleanup_errors=True)
        self._sent: dict[str, str] = {}
        self._asked: tuple[Known, str] = ({}, "")
        self._count = 0
        self._seed = secrets.token_hex(8)  # nobody can know the sample points beforehand; reports record it

    def grade(self, state: str, rubrics: Rubrics, job: Job, known: Known, seconds: float) -> Future[Graded]:
        """Grade a job with the rubrics of a state, and find the group of each claim a person should look at."""
        told = self._told(job.id)
        told.unlink(missing_ok=True)
        return self.pool.submit(seconds, _grade, self._file(state, rubrics), job, self._groups(known), str(told))

    def told(self, job: str, after: int) -> tuple[list[str], int]:
        """What a job that is being graded has come to since place ``after`` (JSON, one for each answer), and the next place."""
        try:
            with self._told(job).open("rb") as file:
                file.seek(after)
                whole, _, _ = file.read().rpartition(b"\n")
        except FileNotFoundError:
            return [], after
        return whole.decode().splitlines(), after + len(whole) + (1 if whole else 0)

    def forget(self, job: str) -> None:
        """The job has ended: nobody asks any more."""
        self._told(job).unlink(missing_ok=True)

    def _told(self, job: str) -> Path:
        return Path(self._folder.name, f"told-{job}")

    def check(self, name: str, text: str, seconds: float) -> Future[list[dict[str, Any]]]:
        """Everything there is to say about a rubric's text."""
        return self.pool.submit(seconds, _check, name, text)

    def proofread(self, name: str, text: str, seconds: float) -> Future[list[dict[str, Any]]]:
        """The same, and what a colleague would say: this may take a while."""
        return self.pool.submit(seconds, _proofread, name, text)

    def preview(self, name: str, text: str, part: str, answer: str, seconds: float) -> Future[dict[str, Any]]:
        """How one answer would be judged by a rubric's text."""
        return self.pool.submit(seconds, _preview, name, text, part, answer)

    def effect(
        self, old: tuple[str, str], new: str, part: str, answers: list[str], seconds: float
    ) -> Future[list[tuple[str, str]]]:
        """Verdicts of answers before and after an edit; ``old`` is (id, text)."""
        return self.pool.submit(seconds, _effect, old[0], old[1], new, part, answers)

    def sheet(self, folder: str, seconds: float) -> Future[str]:
        """The page of a batch that was laid out in a folder."""
        return self.pool.submit(seconds, sheets.render, folder)

    def stop(self) -> None:
        """End now: what runs is killed."""
        self.pool.stop()
        self._folder.cleanup()

    def _file(self, state: str, rubrics: Rubrics) -> str:
        if state not in self._sent:
            self._sent[state] = self._laid(state, Assignment.of(rubrics, self.limits, self._seed))
        return self._sent[state]

    def _groups(self, known: Known) -> str:
        """The groups as a file, read by those alone who have a doubt; jobs on their way may still name the one before."""
        if known and known is not self._asked[0]:
            self._count += 1
            self._asked = (known, self._laid(f"groups-{self._count}", known))
            Path(self._folder.name, f"groups-{self._count - OLD}").unlink(missing_ok=True)
        return self._asked[1] if known else ""

    def _laid(self, name: str, value: object) -> str:
        path = Path(self._folder.name) / name
        temporary = path.with_suffix(".part")
        temporary.write_bytes(pickle.dumps(value))
        os.replace(temporary, path)
        return str(path)


# ------------------------------------------------------------------------------------------- in the other process


def _grade(assignment: str, job: Job, known: str, told: str) -> Graded:
    started = time.perf_counter()
    if assignment not in _graders:
        _graders[assignment] = Grader(pickle.loads(Path(assignment).read_bytes()))  # written by our own maker
        while len(_graders) > KEPT:
            _graders.popitem(last=False)
    grader = _graders[assignment]
    found = tuple(_found(outcome, grader, known) for outcome in grader.outcomes(job, _teller(told, started)))
    return Graded(found, time.perf_counter() - started)


def _teller(path: str, started: float) -> Tell:
    """Writes down what each answer came to, for whoever watches: of a chat that takes a while."""
    lines: list[str] = []

    def tell(attempt: Attempt, judged: JudgedAttempt) -> None:
        said = {"rubric": attempt.rubric.id, "part": attempt.part.id, "attempt": judged.number}
        lines.append(json.dumps({**said, "verdict": judged.verdict.value}) + "\n")
        if time.perf_counter() - started > PATIENT:
            with suppress(OSError), open(path, "a", encoding="utf-8") as file:
                file.write("".join(lines))
            lines.clear()

    return tell


def _found(outcome: Outcome, grader: Grader, known: str) -> Found:
    if not outcome.report:
        return Found(outcome.status, outcome.reason, json.dumps({"nothing": outcome.reason, "status": outcome.status}))
    whole = json.loads(outcome.report)
    score = whole["score"]
    doubtful = tuple(_grouped(doubt, grader, known) for doubt in doubts(whole))
    groups = stated(whole) | {(one.rubric, one.part, one.reading, one.text): one.group for one in doubtful}
    points = score["first"], score["final"], score["max"]
    return Found(outcome.status, outcome.reason, outcome.report, *points, doubtful, groups)


@lru_cache(maxsize=2)
def _read(path: str) -> Known:
    try:
        found: Known = pickle.loads(Path(path).read_bytes()) if path else {}  # written by our own maker
    except FileNotFoundError:  # a newer one has long taken its place
        return {}
    return found


def _grouped(doubt: Doubt, grader: Grader, known: str) -> Doubt:
    """The doubt in the group of an equivalent reading, where there is one."""
    mine = _met.setdefault((doubt.rubric, doubt.part), {})
    groups = {**dict(_read(known).get((doubt.rubric, doubt.part), ())), **mine}
    for group, reading in groups.items():
        if group == doubt.group or (
            doubt.readable
            and same_answer(grader.rubrics, doubt.rubric, doubt.part, reading, doubt.reading, grader.limits)
        ):
            return replace(doubt, group=group)
    if len(mine) < MET:
        mine[doubt.group] = doubt.reading
    return doubt


def _check(name: str, text: str) -> list[dict[str, Any]]:
    from llmgrade.rubric import loading

    return _told(loading.diagnose_text(text, name, stem=name))


def _proofread(name: str, text: str) -> list[dict[str, Any]]:
    from llmgrade.authoring.proofread import proofread_text

    return _told(proofread_text(text, name))


def _told(loaded: Loaded) -> list[dict[str, Any]]:
    found = []
    for one in sorted(loaded.diagnostics, key=lambda d: d.span.start):
        place = loaded.source.place(one.span)
        found.append(
            {
                "code": one.code,
                "message": one.message,
                "severity": one.severity,
                "line": place.line_start,
                "column": place.column,
                "start": one.span.start,
                "stop": one.span.stop,
                "hint": one.hint,
            }
        )
    return found


def _preview(name: str, text: str, part: str, answer: str) -> dict[str, Any]:
    try:
        rubric = catalogue.parsed(name, text)
    except RubricError:
        return {"refused": _check(name, text)}
    rubric.part(part)
    report, _ = grade_answer(rubric, part, answer)
    whole: dict[str, Any] = json.loads(report.to_json())
    parts = whole["problems"][0]["parts"] if whole["problems"] else []
    attempts = parts[0]["attempts"] if parts else []
    if not attempts:
        return {"verdict": "unanswered", "credit": 0.0, "pitfalls": [], "feedback": [], "claims": []}
    attempt = attempts[-1]
    return {key: attempt[key] for key in ("verdict", "credit", "pitfalls", "feedback", "claims")}


def _effect(name: str, old: str, new: str, part: str, answers: list[str]) -> list[tuple[str, str]]:
    before, after = catalogue.parsed(name, old, maths=False), catalogue.parsed(name, new)
    return [(_verdict(before, part, answer), _verdict(after, part, answer)) for answer in answers]


def _verdict(rubric: Rubric, part: str, answer: str) -> str:
    if all(part != one.id for one in rubric.parts):
        return "unanswered"
    _, judged = judge_answer(rubric, part, answer)
    if judged is None:
        return "unanswered"
    return " ".join((judged.verdict.value, *(f"({name})" for name in judged.pitfalls)))
