"""What a result depends on, as hashes.

A verdict's key is made of the answer, the rubric parts that can touch it, the checker and the limits: change any of them
and the key changes, change anything else and it stays. That is what lets a run skip what it knows.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict
from functools import cache
from pathlib import Path

import llmgrade.limits
from llmgrade.batch.model import Job
from llmgrade.limits import Limits
from llmgrade.rubric.model import Direction, Part, Rubric, Rubrics

__all__ = ["checker", "content", "fingerprints", "grader", "hashed", "key", "recognition"]


def hashed(*parts: str | bytes) -> str:
    """A hash of the parts, each with its length, so that no two lists of parts run together."""
    digest = hashlib.sha256()
    for part in parts:
        raw = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        digest.update(len(raw).to_bytes(8, "big"))
        digest.update(raw)
    return digest.hexdigest()[:32]


@cache
def checker() -> str:
    """A hash of the grader's own code: another version may decide otherwise, so it gets other keys."""
    root = Path(llmgrade.limits.__file__).parent
    rooms = ("checking", "attempts", "claims", "expr", "reading", "rubric", "typeset", "transcript")
    files = sorted(file for room in rooms for file in (root / room).rglob("*.py"))
    return hashed(*(file.read_bytes() for file in (*files, root / "grading.py")))


def content(job: Job) -> str:
    """A hash of what is graded, whatever the job is called."""
    if job.answer is not None:
        return hashed("answer", job.answer, job.prompt or "")
    if job.messages is not None:
        return hashed("messages", json.dumps(job.messages, ensure_ascii=False, sort_keys=True))
    if job.transcript is not None:
        turns = [[t.role.value, t.track, t.cut_off, t.span.start, t.span.stop] for t in job.transcript.turns]
        return hashed("transcript", job.transcript.format, job.transcript.source.text, json.dumps(turns))
    return hashed("data", job.data or b"", job.broken or "")


def fingerprints(rubrics: Rubrics) -> dict[str, str]:
    """``rubric:part`` → a hash of everything of the rubric that can touch the part's verdict."""
    return {f"{rubric.id}:{part.id}": _part(rubric, part) for rubric in rubrics.values() for part in rubric.parts}


def _part(rubric: Rubric, part: Part) -> str:
    shared = rubric.model_dump_json(by_alias=True, exclude={"parts", "title", "note", "cues", "votes"})
    # Tests and waivers speak about the rubric, not about answers; a part that follows another depends on its answer.
    own = [part, *(rubric.part(follow.from_) for follow in part.follow)]
    return hashed(shared, *(one.model_dump_json(by_alias=True, exclude={"tests", "waive"}) for one in own))


_HEARD = {"id", "title", "cues", "votes", "setup", "symbols"}
"""What of a rubric, and of a part, the search for a chat's problem and parts looks at."""
_NAMED = {"kind", "of", "subject"}
"""What of an item it looks at beside that; a direction's answer too."""


def recognition(rubrics: Rubrics) -> str:
    """A hash of what tells which problem and which part a chat is about, over all rubrics."""
    told = [
        [rubric.model_dump(mode="json", include=_HEARD), [_heard(part) for part in rubric.parts]]
        for rubric in rubrics.values()
    ]
    return hashed(json.dumps(told, ensure_ascii=False))


def _heard(part: Part) -> list[object]:
    items = [
        item.model_dump(mode="json", include=_NAMED | ({"answer"} if isinstance(item, Direction) else set()))
        for item in part.expect
    ]
    return [part.model_dump(mode="json", include=_HEARD), items]


def key(job: Job, used: Iterable[str], prints: dict[str, str], recognised: str, graded_by: str) -> str:
    """The key of a job's result, given which rubrics (``id``) or parts (``id:part``) it used.

    A whole rubric counts with all its parts. A job that names its part does not depend on recognition.
    """
    names = sorted(set(used))
    touched = [f"{name}={prints.get(name, '')}" for name in names if ":" in name]
    for name in (name for name in names if ":" not in name):
        touched += [f"{part}={print_}" for part, print_ in sorted(prints.items()) if part.split(":")[0] == name]
    told = "" if job.part is not None and job.problem is not None else recognised
    return hashed(content(job), job.problem or "", job.part or "", told, *touched, graded_by)


def grader(limits: Limits, seed: str) -> str:
    """The part of every key that is the same for a whole run."""
    return hashed(checker(), json.dumps(asdict(limits), sort_keys=True), seed)
