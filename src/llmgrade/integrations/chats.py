"""What every guest needs: a chat as its host keeps it, graded, as shares of its points."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from llmgrade import reading
from llmgrade.errors import LlmgradeError
from llmgrade.grading import grade, grade_answer
from llmgrade.report.model import Report
from llmgrade.rubric.loading import load_all
from llmgrade.rubric.model import Rubrics

__all__ = ["Measured", "measure", "rubrics_of"]


@dataclass(frozen=True, slots=True)
class Measured:
    """What a chat came to; shares of its points, 0 to 1. What is undecided counts nothing in them."""

    first: float
    final: float
    undecided: float
    """The truth of the final share lies in [final, final + undecided]."""
    answer: str
    explanation: str
    verdicts: dict[str, str] = field(default_factory=dict)
    """Final verdict by ``rubric:part``."""
    pitfalls: tuple[str, ...] = ()


@lru_cache(maxsize=8)
def _loaded(paths: tuple[str, ...]) -> Rubrics:
    return load_all(tuple(Path(path) for path in paths))


def rubrics_of(paths: str | Sequence[str] | None) -> Rubrics:
    """Rubrics of files and folders, read once a process; None are those that ship. Raises RubricError."""
    return _loaded((paths,) if isinstance(paths, str) else tuple(paths or ()))


def measure(
    chat: str | Iterable[Mapping[str, Any]],
    rubrics: Rubrics,
    problem: str | None = None,
    part: str | None = None,
    *,
    seed: str = "",
) -> Measured | None:
    """The measure of a chat (messages of ``role`` and ``content``) or of one answer's text; None where no rubric fits.

    With ``problem`` and ``part`` the last message is taken as the answer to that part, whatever was asked. An unknown
    problem or part raises LlmgradeError.
    """
    if problem is not None and problem not in rubrics:
        raise LlmgradeError(f"no rubric is called `{problem}`")
    if problem is not None and part is not None:
        if part not in {one.id for one in rubrics[problem].parts}:
            raise LlmgradeError(f"the rubric `{problem}` has no part `{part}`")
        report, _ = grade_answer(rubrics[problem], part, _last(chat), seed=seed)
        return _measured(report)
    messages = [{"role": "assistant", "content": chat}] if isinstance(chat, str) else [dict(one) for one in chat]
    found = reading.read(json.dumps({"messages": messages}).encode(), name="chat")
    chosen = rubrics if problem is None else Rubrics((rubrics[problem],))
    return _measured(grade(found[0], chosen, seed=seed)) if found else None


def _last(chat: str | Iterable[Mapping[str, Any]]) -> str:
    if isinstance(chat, str):
        return chat
    said = [one for one in chat if one.get("role") == "assistant"]
    content = said[-1].get("content") if said else ""
    if isinstance(content, list):
        return "\n".join(str(piece.get("text", "")) for piece in content if isinstance(piece, Mapping))
    return str(content or "")


def _measured(report: Report) -> Measured | None:
    if not report.problems or not report.score.max:
        return None
    top = report.score.max
    answers: list[str] = []
    lines: list[str] = []
    verdicts: dict[str, str] = {}
    pitfalls: dict[str, None] = {}
    for problem in report.problems:
        for part in problem.parts:
            name = f"{problem.rubric}:{part.id}"
            verdicts[name] = part.final
            decisive = [claim for claim in part.attempts[-1].claims if claim.decisive] if part.attempts else []
            named = part.attempts[-1].pitfalls if part.attempts else ()
            pitfalls.update(dict.fromkeys(named))
            answers += [claim.text for claim in decisive]
            way = part.final if part.first == part.final else f"{part.first}, then {part.final}"
            slips = f" ({', '.join(named)})" if named else ""
            why = "; ".join(claim.evidence.detail for claim in decisive)
            lines.append(f"{name}: {way}{slips}{'. ' + why if why else ''}")
    return Measured(
        round(report.score.first / top, 6),
        round(report.score.final / top, 6),
        round(report.score.undecided / top, 6),
        "\n".join(answers),
        "\n".join(lines),
        verdicts,
        tuple(pitfalls),
    )
