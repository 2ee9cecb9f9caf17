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
OPEN: dict[str, set[str]] = {
    "relu_german_table": {"relu-elbow b.iii/1", "relu-elbow b.iv/1"},
    "ridge_spanish": {"ridge-regression a/1", "ridge-regression c/1", "ridge-regression d/1", "ridge-regression d/2"},
    "svd_caves": {"svd-least-squares c/1", "svd-least-squares f/1"},
    "svd_french_prose": {"svd-least-squares a/1"},
    "two_problems": {
        "ridge-regression c/1",
        "ridge-regression d/1",
        "vector-calculus a/1",
        "vector-calculus b/1",
        "vector-calculus d/1",
        "vector-calculus e/1",
    },
    "vector_quotes": {"vector-calculus a/1", "vector-calculus a/2", "vector-calculus c/1", "vector-calculus c/2"},
}


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
