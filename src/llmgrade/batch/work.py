"""Grading one job: what a worker does, and the only place where a batch meets the grader."""

from __future__ import annotations

import json
import traceback
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from llmgrade import reading
from llmgrade.batch import keys
from llmgrade.batch.model import Job, Outcome, Status
from llmgrade.batch.moulds import Form, Mould
from llmgrade.errors import LlmgradeError
from llmgrade.grading import Tell, grade, grade_answer
from llmgrade.limits import Limits
from llmgrade.report.model import Report
from llmgrade.rubric.model import Rubric, Rubrics
from llmgrade.transcript.model import Transcript

__all__ = ["Assignment", "Grader", "failed"]

K = TypeVar("K")
V = TypeVar("V")

REMEMBERED = 1_000
"""Answers a worker remembers, and moulds; each is about two kilobytes, and a worker's memory soon stops growing."""
MET = 16_000
"""Formulas a worker knows to have met, by their hashes: a mould is made of one that comes again."""


@dataclass(frozen=True)
class Assignment:
    """What every worker is told once."""

    rubrics: tuple[Rubric, ...]
    limits: Limits
    seed: str
    graded_by: str
    """`keys.grader` as the driver sees it: every worker's keys are the run's."""

    @classmethod
    def of(cls, rubrics: Rubrics, limits: Limits, seed: str) -> Assignment:
        """What workers of a run with these rubrics are told."""
        return cls(tuple(rubrics.values()), limits, seed, keys.grader(limits, seed))


class Grader:
    """Grades jobs one by one; rubrics are compiled on first use and stay compiled."""

    def __init__(self, assignment: Assignment) -> None:
        self.rubrics = Rubrics(assignment.rubrics)
        self.limits, self.seed = assignment.limits, assignment.seed
        self.prints = keys.fingerprints(self.rubrics)
        self.recognised = keys.recognition(self.rubrics)
        self._grader_hash = assignment.graded_by
        self._remembered: dict[tuple[str, str, str, str], tuple[str, str]] = {}
        self._moulds: dict[tuple[str, str, str, str], Mould] = {}
        self._met: dict[int, None] = {}
        self._versions: dict[str, str] = {}

    def outcomes(self, job: Job, tell: Tell | None = None) -> list[Outcome]:
        """What becomes of a job: one outcome, or one for each conversation of a file. Never raises.

        ``tell`` hears of a chat's answers as they are judged.
        """
        try:
            return self._outcomes(job, tell)
        except LlmgradeError as error:
            return [self.unmade(job, Status.UNREADABLE, f"{error}{_as_table(job)}")]
        except MemoryError:
            return [self.unmade(job, Status.MEMORY, "the worker's memory limit was reached")]
        except RecursionError:
            return [self.unmade(job, Status.FAILED, "nested too deeply")]
        except Exception as error:  # one bad job must not lose the others; a bug of ours is told as one
            where = traceback.extract_tb(error.__traceback__)[-1]
            return [self.unmade(job, Status.FAILED, f"{type(error).__name__}: {error} ({where.name}:{where.lineno})")]

    def key(self, job: Job, used: tuple[str, ...]) -> str:
        """The key of a job's result, given what it used."""
        return keys.key(job, used, self.prints, self.recognised, self._grader_hash)

    def unmade(self, job: Job, status: Status, reason: str) -> Outcome:
        """The outcome of a job without a verdict."""
        used = (f"{job.problem}:{job.part}",) if job.problem and job.part else tuple(self.rubrics)
        return self._outcome(job, status, reason, used)

    def _outcome(
        self, job: Job, status: Status, reason: str, used: tuple[str, ...], report: str = "", group: str | None = None
    ) -> Outcome:
        return Outcome(
            job.id,
            job.id,
            self.key(job, used),
            status,
            reason[:2000],
            used,
            report,
            job.problem,
            job.part,
            job.model,
            job.sample,
            job.source,
            group,
        )

    def _outcomes(self, job: Job, tell: Tell | None) -> list[Outcome]:
        if job.broken is not None:
            return [self.unmade(job, Status.UNREADABLE, job.broken)]
        if job.answer is not None and job.problem is not None:
            part = job.part or self._only_part(job.problem)
            if part is not None:
                return [self._part(job, job.problem, part, job.answer)]
        rubrics = self._chosen(job)
        if job.transcript is not None:
            return [self._chat(job, job.transcript, rubrics, tell)]
        data = job.data if job.data is not None else _as_messages(job)
        found = reading.read(data, name=job.source or job.id, limits=self.limits)
        outcomes = []
        for number, transcript in enumerate(found):
            outcome = self._chat(job, transcript, rubrics, tell)
            name = job.id if len(found) == 1 else f"{job.id}#{number}"
            outcomes.append(_named(outcome, name, job.model or transcript.model))
        return outcomes or [self.unmade(job, Status.NOTHING, "no conversation in it")]

    def _chosen(self, job: Job) -> Rubrics:
        if job.problem is None:
            return self.rubrics
        return Rubrics((self._rubric(job.problem),))

    def _only_part(self, problem: str) -> str | None:
        """The part a row means that names a rubric of one part alone."""
        parts = self._rubric(problem).parts
        return parts[0].id if len(parts) == 1 else None

    def _rubric(self, name: str) -> Rubric:
        if name not in self.rubrics:
            raise LlmgradeError(f"no rubric is called `{name}`")
        return self.rubrics[name]

    def _part(self, job: Job, problem: str, part: str, answer: str) -> Outcome:
        rubric = self._rubric(problem)
        if part not in {p.id for p in rubric.parts}:
            raise LlmgradeError(f"the rubric `{problem}` has no part `{part}`")
        report, group = self._judged(problem, part, answer, job.prompt or "")
        return self._outcome(job, Status.GRADED, "", (f"{problem}:{part}",), report, group or None)

    def _judged(self, problem: str, part: str, answer: str, prompt: str) -> tuple[str, str]:
        """The report (JSON) of one answer, and its group. Models repeat themselves, so answers are remembered; one that is a
        formula alone also by how it is set, so that a space or a larger bracket costs nothing."""
        known = (problem, part, answer, prompt)
        found = self._remembered.get(known)
        if found is not None:
            return found
        form = Form.of(answer)
        set_ = (problem, part, form.key, prompt) if form else None
        mould = self._moulds.get(set_) if set_ else None
        if mould is not None and form is not None and set_ is not None:
            _remember(self._moulds, set_, mould)  # what comes again and again is not forgotten
            found = mould.filled(form), mould.group
        else:
            report, group = grade_answer(
                self.rubrics[problem], part, answer, prompt=prompt, limits=self.limits, seed=self.seed
            )
            report = self._versioned(report, [f"{problem}:{part}"])
            if form is not None and set_ is not None and self._again(set_):
                mould = Mould.of(report, form, group)
                if mould is not None:
                    _remember(self._moulds, set_, mould)
            found = report.to_json(indent=None), group
        _remember(self._remembered, known, found)
        return found

    def _again(self, set_: tuple[str, str, str, str]) -> bool:
        """Whether such a formula was met before. Most that come once never come again, and leave no room for those that do."""
        number = hash(set_)
        if number in self._met:
            return True
        _remember(self._met, number, None, MET)
        return False

    def _chat(self, job: Job, transcript: Transcript, rubrics: Rubrics, tell: Tell | None = None) -> Outcome:
        report: Report = grade(transcript, rubrics, self.limits, seed=self.seed, tell=tell)
        if not report.problems and job.problem is not None:
            report = grade(transcript, _told(rubrics), self.limits, seed=self.seed, tell=tell)
        used = tuple(problem.rubric for problem in report.problems)
        if not used:
            why = (
                f"no answer to a part of `{job.problem}` in it" if job.problem is not None else "no known problem in it"
            )
            return self._outcome(job, Status.NOTHING, why, (), "")
        return self._outcome(
            job, Status.GRADED, "", used, self._versioned(report, used).to_json(chat=True, indent=None)
        )

    def _versioned(self, report: Report, used: Iterable[str]) -> Report:
        """The report as it is kept. Its rubric versions are those of what it depends on, as its key's are: an edit that
        can't change a verdict must not change the row either."""
        names = tuple(used)
        problems = tuple(
            problem.model_copy(update={"rubric_version": self._version(problem.rubric, names)})
            for problem in report.problems
        )
        return report.model_copy(update={"problems": problems})

    def _version(self, rubric: str, used: tuple[str, ...]) -> str:
        own = sorted(name for name in used if name.startswith(f"{rubric}:"))
        told = " ".join(own) or rubric
        known = self._versions.get(told)
        if known is None:
            parts = own or sorted(name for name in self.prints if name.startswith(f"{rubric}:"))
            known = self._versions[told] = keys.hashed(*(self.prints[name] for name in parts))[:12]
        return known


def _told(rubrics: Rubrics) -> Rubrics:
    """The same rubrics for a chat that is known to be about them, whatever its words: no cue has to be heard."""
    return Rubrics(tuple(rubric.model_copy(update={"votes": 0}) for rubric in rubrics.values()))


def _remember(known: dict[K, V], key: K, value: V, most: int = REMEMBERED) -> None:
    """Keep a value as the newest; the oldest half is forgotten when there are too many."""
    known.pop(key, None)
    if len(known) >= most:
        for old in list(islice(known, most // 2)):
            del known[old]
    known[key] = value


def failed(grader: Grader, job: Job, status: Status, reason: str) -> list[Outcome]:
    """What becomes of a job whose worker did not come back."""
    return [grader.unmade(job, status, reason)]


def _as_table(job: Job) -> str:
    """A word for whoever meant a table, under a file that reads as no chat."""
    if job.data is None or not job.source.endswith((".jsonl", ".ndjson")):
        return ""
    return "\nhint: a table has the columns id, problem, and answer or messages; --answer-column and its sisters name others"


def _as_messages(job: Job) -> bytes:
    if job.messages is not None:
        messages = list(job.messages)
    else:
        asked = [{"role": "user", "content": job.prompt}] if job.prompt else []
        messages = [*asked, {"role": "assistant", "content": job.answer or ""}]
    return json.dumps({"messages": messages, **({"model": job.model} if job.model else {})}).encode()


def _named(outcome: Outcome, name: str, model: str | None) -> Outcome:
    from dataclasses import replace

    return replace(outcome, id=name, model=model)
