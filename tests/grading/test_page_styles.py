"""Whoever speaks is told from a print's layout, whatever the chat page looks like, and the verdicts are those of the chat."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.grading.test_own_chats import from_markdown, turns, verdicts

from llmgrade.reading import read
from llmgrade.transcript.model import Formula, Setting, Transcript

PRINTS = sorted((Path(__file__).parent / "page_styles").glob("*.pdf"))
assert PRINTS
UNSAID = re.compile(
    r"^(?:Show thinking\W*|Thought for \d+ seconds\W*|Let me see what is asked.*?in\s+turn\.)\s*", re.DOTALL
)
"""What the pages themselves say in an answer's place."""


def said(transcript: Transcript) -> list[tuple[str, str]]:
    """Who speaks, and the first words."""
    found = []
    for turn in transcript.turns:
        words = transcript.source[turn.span]
        while UNSAID.match(words):
            words = UNSAID.sub("", words, count=1)
        found.append((str(turn.role), " ".join(re.findall(r"[^\W\d_]+", words)[:2])))
    return found


@pytest.mark.parametrize("path", PRINTS, ids=lambda path: path.stem)
def test_who_speaks_is_told_by_the_layout(path: Path) -> None:
    (transcript,) = read(path, name="chat")
    wanted = [
        (turn["role"], " ".join(re.findall(r"[^\W\d_]+", turn["content"])[:2]))
        for turn in turns(path.stem.split(".")[1])
    ]
    assert said(transcript) == wanted


@pytest.mark.parametrize("path", [path for path in PRINTS if "svg" not in path.stem], ids=lambda path: path.stem)
def test_a_print_is_graded_as_the_chat_is(path: Path) -> None:
    assert verdicts(path) == from_markdown(path.stem.split(".")[1])


def test_what_is_thought_is_kept_and_is_no_answer() -> None:
    (transcript,) = read(PRINTS[0].parent / "thinking.logits.pdf", name="chat")
    thought = [piece for turn in transcript.turns for piece in turn.pieces if piece.setting is Setting.THINKING]
    assert len(thought) == 2
    assert all(transcript.source[piece.span].startswith("Let me see what is asked") for piece in thought)


def test_formulas_that_are_pictures_are_said_to_be_unread_and_what_they_answer_is_undecided() -> None:
    path = PRINTS[0].parent / "mathjax_svg.ball.pdf"
    (transcript,) = read(path, name="chat")
    unread = [piece for turn in transcript.turns for piece in turn.pieces if isinstance(piece, Formula)]
    assert unread
    assert all(formula.latex is None and "picture" in formula.why for formula in unread)
    assert {one for said in verdicts(path).values() for one in said} == {"undecided"}
