"""A right answer made wrong by one edit is not called correct, and nothing else becomes right by it."""

from __future__ import annotations

import importlib.util
import re
import sys
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

from llmgrade.grading import grade
from llmgrade.reading import read
from llmgrade.rubric.loading import load_all
from llmgrade.rubric.model import Rubrics

ROOT = Path(__file__).resolve().parents[2]


def _sibling(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


chats = _sibling("clean_chats")
FOUR = ("vector-calculus", "svd-least-squares", "ridge-regression", "relu-elbow")


@cache
def rubrics() -> Rubrics:
    return load_all([ROOT / "rubrics" / f"{name}.yaml" for name in FOUR])


def verdicts(text: str) -> dict[str, str]:
    """Final verdict by ``rubric:part``."""
    (transcript,) = read(text.encode(), name="chat.md")
    report = grade(transcript, rubrics())
    return {f"{problem.rubric}:{part.id}": part.final for problem in report.problems for part in problem.parts}


def test_every_answer_of_the_clean_chat_is_correct() -> None:
    found = verdicts(chats.CLEAN)
    assert len(found) == sum(len(rubric.parts) for rubric in rubrics().values())
    assert {part: verdict for part, verdict in found.items() if verdict != "correct"} == {}


@pytest.mark.parametrize("edit", chats.EDITS, ids=lambda edit: f"{edit[0]} {edit[2][:28]}")
def test_one_wrong_sign_transpose_or_word_is_noticed_where_it_stands(edit: tuple[str, str, str]) -> None:
    part, right, wrong = edit
    question, answer = chats.CLEAN.split("**Assistant:**")
    assert answer.count(right) == 1, "the words of an edit stand once"
    found = verdicts(question + "**Assistant:**" + answer.replace(right, wrong))
    assert found[part] in {"incorrect", "partial", "undecided"}
    assert {name for name, verdict in found.items() if verdict != "correct"} == {part}


def test_at_least_forty_edits_are_tried() -> None:
    assert len(chats.EDITS) >= 40


def test_problems_in_another_order_are_graded_the_same() -> None:
    question, answer = chats.CLEAN.split("**Assistant:**")
    sections = re.split(r"(?m)^(?=## Problem)", answer)[1:]
    shuffled = question + "**Assistant:**\n\n" + "".join(sections[i] for i in (2, 0, 3, 1))
    assert verdicts(shuffled) == verdicts(chats.CLEAN)


@pytest.mark.parametrize(
    ("letters", "rubric"),
    [
        ({"X": r"\Phi", "w": r"\theta", "y": "t", r"\lambda": r"\alpha"}, "ridge-regression"),
        ({"X": "A", "w": r"\beta", "y": "b", r"\lambda": r"\mu"}, "ridge-regression"),
    ],
)
def test_the_chats_own_letters_are_understood(letters: dict[str, str], rubric: str) -> None:
    """Everything right stays right under other letters, and an edit still shows."""

    def renamed(latex: str) -> str:
        return re.sub(
            r"\\[A-Za-z]+|[A-Za-z]",
            lambda m: letters.get(m.group(), m.group()) + (" " if m.group() in letters else ""),
            latex,
        )

    question, answer = chats.CLEAN.split("**Assistant:**")
    task = re.search(r"(?s)Problem 3\..*?(?=Problem 4)", question)
    reply = re.search(r"(?s)## Problem 3.*?(?=## Problem 4)", answer)
    assert task is not None
    assert reply is not None
    chat = f"**User:**\n\n{task.group()}\n\n**Assistant:**\n\n{reply.group()}"
    other = re.sub(r"\$([^$]+)\$", lambda m: f"${renamed(m[1])}$", chat)
    found = {part: verdict for part, verdict in verdicts(other).items() if part.startswith(rubric)}
    assert set(found.values()) == {"correct"}, found
    minus = renamed(r"(X^TX+\lambda I)^{-1}X^Ty$, ").strip("$, ")
    broken = other.replace(minus, minus.replace("+", "-"), 1)
    assert broken != other
    assert verdicts(broken)[f"{rubric}:a"] != "correct"
