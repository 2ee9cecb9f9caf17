"""The whole program on a page: a transcript and rubrics in, a report out. It knows every stage and decides nothing.

No file, no socket, no state of its own: it runs the same in a loop, a pool or a service.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

from llmgrade import claims
from llmgrade.attempts.attribution import attribute
from llmgrade.attempts.model import Attempt
from llmgrade.checking.bench import bench_of
from llmgrade.checking.judge import judge
from llmgrade.checking.model import JudgedAttempt, JudgedPart, JudgedProblem
from llmgrade.checking.verdict import Verdict
from llmgrade.claims.alone import alone
from llmgrade.errors import ExpressionError
from llmgrade.limits import Deadline, Limits
from llmgrade.reading.markup import pieces
from llmgrade.report.making import make
from llmgrade.report.model import Report
from llmgrade.rubric.model import Rubric, Rubrics
from llmgrade.source import Source, Span
from llmgrade.transcript.model import Role, Transcript, Turn
from llmgrade.version import VERSION

__all__ = ["Tell", "grade", "grade_answer", "judge_answer", "same_answer"]

_LIMITS = Limits()


Tell: TypeAlias = Callable[[Attempt, JudgedAttempt], None]
"""Is told of each answer as soon as it is judged: for whoever watches a long chat being graded."""


def grade(
    transcript: Transcript, rubrics: Rubrics, limits: Limits = _LIMITS, *, seed: str = "", tell: Tell | None = None
) -> Report:
    """The report of one chat; a chat about something else has no problems in it."""
    statements = claims.find_statements(transcript)  # what is said, and exactly where
    attempts = attribute(transcript, statements, rubrics, limits)  # which part, which turn, prompted by what
    return make(transcript, _judged(attempts, limits, seed, tell), checker=f"llmgrade {VERSION}", seed=seed)


def _judged(attempts: tuple[Attempt, ...], limits: Limits, seed: str, tell: Tell | None) -> tuple[JudgedProblem, ...]:
    deadline = Deadline.after(limits.transcript_seconds)
    problems: OrderedDict[str, tuple[Rubric, OrderedDict[str, list[JudgedAttempt]]]] = OrderedDict()
    for attempt in attempts:
        _, parts = problems.setdefault(attempt.rubric.id, (attempt.rubric, OrderedDict()))
        made = parts.setdefault(attempt.part.id, [])
        judged = _late(attempt) if deadline.passed() else judge(attempt, limits, seed)
        if judged is not None:
            made.append(replace(judged, number=len(made) + 1))
            if tell is not None:
                tell(attempt, made[-1])
    return tuple(
        JudgedProblem(
            rubric.id,
            rubric.version,
            rubric.title,
            tuple(
                JudgedPart(name, rubric.part(name).title, rubric.part(name).points, tuple(found))
                for name, found in parts.items()
            ),
            rubric.certificate,
        )
        for rubric, parts in problems.values()
    )


def _late(attempt: Attempt) -> JudgedAttempt | None:
    if attempt.turn is None:
        return None
    reason = "the time for this transcript ran out before this answer was checked"
    return JudgedAttempt(attempt.number, attempt.turn, Verdict.UNDECIDED, 0.0, reasons=(reason,))


# ------------------------------------------------------------------------------------------- one answer to one part


def judge_answer(
    rubric: Rubric, part: str, answer: str, *, prompt: str = "", limits: Limits = _LIMITS, seed: str = ""
) -> tuple[Transcript, JudgedAttempt | None]:
    """One answer's text judged as the part's, with the transcript it was read as. Raises KeyError for no such part."""
    lone = alone(answer)
    if lone is not None:
        return lone[0], _judged_statements((lone[1],), rubric, part, prompt, limits, seed)
    bare = "$" not in answer and "\n" not in answer.strip()
    if bare and _COMMAND.search(answer) and not _PROSE.search(answer):
        return _judged_as(f"${answer.strip()}$", rubric, part, prompt, limits, seed)
    found = _judged_as(answer, rubric, part, prompt, limits, seed)
    if found[1] is None and bare:
        # A bare formula without a dollar sign: taken as mathematics, which is what a part that asks for it expects.
        return _judged_as(f"${answer.strip()}$", rubric, part, prompt, limits, seed)
    return found


_COMMAND = re.compile(r"\\[A-Za-z]{2,}")
_PROSE = re.compile(r"(?<![\\A-Za-z{])[A-Za-z]{3,}\s+[A-Za-z]{2,}")


def _judged_as(
    text: str, rubric: Rubric, part: str, prompt: str, limits: Limits, seed: str
) -> tuple[Transcript, JudgedAttempt | None]:
    transcript = _as_transcript(text)
    said = claims.find_statements(transcript)
    kept = tuple(s for s in said if s.standing in {claims.Standing.ASSERTED, claims.Standing.HEDGED})
    return transcript, _judged_statements(kept, rubric, part, prompt, limits, seed)


def _judged_statements(
    kept: tuple[claims.Statement, ...], rubric: Rubric, part: str, prompt: str, limits: Limits, seed: str
) -> JudgedAttempt | None:
    attempt = Attempt(rubric, rubric.part(part), 1, 0, kept, asked=prompt)
    return judge(attempt, limits, seed) if kept else None


def grade_answer(
    rubric: Rubric, part: str, answer: str, *, prompt: str = "", limits: Limits = _LIMITS, seed: str = ""
) -> tuple[Report, str]:
    """The report of one answer to one part, and a key that answers of the same meaning share ("" where there is none)."""
    transcript, judged = judge_answer(rubric, part, answer, prompt=prompt, limits=limits, seed=seed)
    chosen = rubric.part(part)
    problem = JudgedProblem(
        rubric.id,
        rubric.version,
        rubric.title,
        (JudgedPart(chosen.id, chosen.title, chosen.points, (judged,) if judged else ()),),
        rubric.certificate,
    )
    report = make(transcript, (problem,), checker=f"llmgrade {VERSION}", seed=seed)
    groups = [c.group or c.text for _, _, attempt in report.attempts() for c in attempt.claims if c.decisive]
    return report, " ".join(groups)


def same_answer(rubrics: Rubrics, problem: str, part: str, one: str, other: str, limits: Limits = _LIMITS) -> bool:
    """Whether two readings of answers to one part mean the same under its symbols; what cannot be read is itself alone."""
    if one == other:
        return True
    rubric = rubrics.get(problem)
    if rubric is None:
        return False
    bench = bench_of(rubric, rubric.part(part), {}, limits)
    try:
        return bench.decide(bench.gold(one), bench.gold(other)).equal
    except ExpressionError:
        return False


def _as_transcript(answer: str) -> Transcript:
    source = Source("answer", answer)
    span = Span(0, len(answer))
    return Transcript(source, "answer", (Turn(0, Role.ASSISTANT, pieces(answer, 0), span),))
