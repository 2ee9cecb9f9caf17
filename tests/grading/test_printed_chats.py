"""Chats of our own, set with KaTeX, printed and extracted as text: what is said of each attempt against what its maker knows.

Each ``*.gold.json`` beside them holds the verdicts in the contract's words; a list names those that are as good. The
chats have other letters, languages, tables and prompts than the transcripts that ship. ``OPEN`` lists what is not
answered for yet; every other attempt must come out, and none may be called right that is not.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from llmgrade.grading import grade
from llmgrade.reading import read
from llmgrade.rubric.loading import load_all

CHATS = Path(__file__).with_name("printed_chats")
NAMES = sorted(path.stem for path in CHATS.glob("*.txt"))
OPEN: dict[str, set[str]] = {}


def known(name: str) -> dict[str, list[str]]:
    """``part/attempt`` → the verdicts that are right."""
    gold = json.loads((CHATS / f"{name}.gold.json").read_text(encoding="utf-8"))
    found = {}
    for problem in gold["problems"]:
        for part in problem["parts"]:
            for attempt in part["attempts"]:
                verdict = attempt["verdict"]
                key = f"{problem['rubric']} {part['id']}/{attempt['attempt']}"
                found[key] = verdict if isinstance(verdict, list) else [verdict]
    return found


@pytest.mark.parametrize("name", NAMES)
def test_a_printed_chat_is_graded_as_its_maker_knows(name: str) -> None:
    (transcript,) = read(CHATS / f"{name}.txt")
    report = grade(transcript, load_all(()))
    said = {
        f"{problem.rubric} {part.id}/{attempt.attempt}": attempt.verdict
        for problem in report.problems
        for part in problem.parts
        for attempt in part.attempts
    }
    gold = known(name)
    wrong = {key for key, right in gold.items() if said.get(key, "unanswered") not in right}
    assert not {key for key in wrong if said.get(key) == "correct"}
    assert wrong <= OPEN.get(name, set()), {key: (said.get(key), gold[key]) for key in wrong}
