"""Errors carried forward, from a chat to the report; and errors that travel between processes."""

from __future__ import annotations

import pickle

import pytest

from llmgrade.errors import ExpressionError, LimitExceeded, LlmgradeError, RubricError, UnreadableInput
from llmgrade.grading import grade
from llmgrade.reading.markup import pieces
from llmgrade.report.model import AttemptReport
from llmgrade.rubric.loading import loads
from llmgrade.rubric.model import Rubrics
from llmgrade.source import Source, Span
from llmgrade.transcript.model import Role, Transcript, Turn

CHAIN = """
llmgrade: 1
id: chain
title: Two steps
cues: [quadratic, slope]
votes: 1
symbols: {x: real, k: scalar > 0}
parts:
  - id: a
    title: First derivative
    points: 1
    expect: [{answer: "2 k x", of: [p]}]
    tests: {correct: ["p = 2 k x"], reject: ["p = k x"]}
  - id: b
    title: Twice its square
    points: 4
    expect: [{answer: "8 k^2 x^2", of: [q]}]
    pitfalls: [{id: not-doubled, when: ["4 k^2 x^2", "k^2 x^2"], credit: 0.25, say: "Double it."}]
    follow: {from: a, answer: "2 {a}^2", credit: 0.75, unless: ["{a} = 1"], say: "Right given your p."}
    tests: {correct: ["q = 8 k^2 x^2"], reject: ["q = x"]}
"""
TASK = "The quadratic has slope $p$. (a) What is $p$? (b) What is $q=2p^2$?"


def second(*replies: str, rubric: str = CHAIN) -> AttemptReport:
    """The last attempt at part b of a chat with these replies."""
    turns = [(Role.USER, TASK)]
    for reply in replies:
        turns += [(Role.ASSISTANT, reply), (Role.USER, "Please go on.")]
    text, made = "", []
    for index, (role, said) in enumerate(turns):
        made.append(Turn(index, role, pieces(said, len(text)), Span(len(text), len(text) + len(said))))
        text += said + "\n"
    report = grade(
        Transcript(Source("chat.md", text), "markdown", tuple(made)), Rubrics((loads(rubric, "chain.yaml"),)), seed="s"
    )
    (part,) = [part for part in report.problems[0].parts if part.id == "b"]
    return part.attempts[-1]


def test_an_answer_that_follows_from_a_wrong_one_earns_the_follows_credit() -> None:
    attempt = second("(a) $p = 3kx$\n\n(b) $q = 18k^2x^2$")
    assert (attempt.verdict, attempt.credit, attempt.follows) == ("partial", 0.75, "a")
    assert "Right given your p." in attempt.feedback
    assert attempt.pitfalls == ()


def test_a_right_answer_needs_no_following() -> None:
    attempt = second("(a) $p = 3kx$\n\n(b) $q = 8k^2x^2$")
    assert (attempt.verdict, attempt.follows) == ("correct", None)


def test_a_wrong_answer_after_a_right_one_follows_from_nothing() -> None:
    attempt = second("(a) $p = 2kx$\n\n(b) $q = 4k^2x^2$")
    assert (attempt.verdict, attempt.credit, attempt.follows) == ("incorrect", 0.25, None)


def test_a_wrong_answer_that_does_not_follow_stays_wrong() -> None:
    attempt = second("(a) $p = 3kx$\n\n(b) $q = 9k^2x^2$")
    assert (attempt.verdict, attempt.follows) == ("incorrect", None)


@pytest.mark.parametrize(("first", "then"), [("0", "0"), ("1", "2")])
def test_a_mistake_that_makes_the_part_trivial_earns_nothing(first: str, then: str) -> None:
    attempt = second(f"(a) $p = {first}$\n\n(b) $q = {then}$")
    assert (attempt.verdict, attempt.follows) == ("incorrect", None)


def test_what_was_answered_before_counts_when_it_was_said_in_an_earlier_turn() -> None:
    attempt = second("(a) $p = 3kx$", "(b) $q = 18k^2x^2$")
    assert (attempt.verdict, attempt.follows) == ("partial", "a")


def test_a_mended_first_part_is_followed_no_more() -> None:
    attempt = second("(a) $p = 3kx$", "(a) I was wrong: $p = 2kx$.\n\n(b) $q = 18k^2x^2$")
    assert attempt.verdict == "incorrect"


def test_a_follow_without_the_earlier_answer_in_it_is_a_mistake_of_the_file() -> None:
    with pytest.raises(RubricError, match="nowhere in it"):
        loads(CHAIN.replace("2 {a}^2", "2 x"))


@pytest.mark.parametrize(
    "error",
    [
        UnreadableInput("r.yaml", "no text", line=3, column=2, hint="save it as UTF-8"),
        ExpressionError("no such command", r"\foo x", Span(0, 4), hint="spell it out", code="unreadable-maths"),
        LimitExceeded("too deep", "((((x))))", Span(0, 3)),
    ],
    ids=lambda e: type(e).__name__,
)
def test_an_error_comes_whole_out_of_another_process(error: LlmgradeError) -> None:
    found = pickle.loads(pickle.dumps(error))
    assert type(found) is type(error)
    assert str(found) == str(error)
    assert vars(found) == vars(error)


def test_a_rubrics_mistakes_come_whole_out_of_another_process() -> None:
    with pytest.raises(RubricError) as caught:
        loads("llmgrade: 1\nid: r\nparts:\n  - {id: a, wehn: 3}\n")
    found = pickle.loads(pickle.dumps(caught.value))
    assert isinstance(found, RubricError)
    assert [d.where for d in found.diagnostics] == [d.where for d in caught.value.diagnostics]
