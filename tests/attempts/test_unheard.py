"""Where a print does not say who speaks, a second answer is not taken for the first."""

from __future__ import annotations

import pytest

from llmgrade.attempts.unheard import answer_in_question, earlier_go
from llmgrade.claims.model import Label, Manner, Statement
from llmgrade.source import Source, Span
from llmgrade.transcript.model import Role, Transcript, Turn


def turn(role: Role, index: int, span: Span, *, inferred: bool = True) -> Turn:
    return Turn(index, role, (), span, inferred=inferred)


def said(order: int, marker: int | None) -> Statement:
    label = Label() if marker is None else Label(("a",), Span(marker, marker + 3))
    return Statement(Manner.FACT, 1, order, label, "x", Span(order, order + 1))


def test_what_stands_under_a_label_that_comes_again_may_be_an_answer_of_its_own() -> None:
    statements = [said(0, 10), said(1, 10), said(2, 90), said(3, None)]
    assert [s.order for s in earlier_go(statements, turn(Role.ASSISTANT, 1, Span(0, 100)))] == [0, 1]


def test_where_turns_are_labelled_or_the_label_stands_once_there_is_one_answer() -> None:
    assert earlier_go([said(0, 10), said(1, 90)], turn(Role.ASSISTANT, 1, Span(0, 100), inferred=False)) == ()
    assert earlier_go([said(0, 10), said(1, 10), said(2, None)], turn(Role.ASSISTANT, 1, Span(0, 100))) == ()


@pytest.mark.parametrize(
    ("question", "again"),
    [
        ("(a) What is f?\n(b) And its root?\n(a) By the chain rule,\n(b) At zero.", True),
        ("(a) What is f?\n(b) And its root, by\n(a) and the rest?\n(c) Its integral?", False),
        ("(a) For the line:\n(i) slope\n(ii) height\n(b) For the curve:\n(i) slope\n(ii) height", False),
        ("1. Find f.\na) Its root\nb) Its slope\n2. Find g.\na) Its root\nb) Its slope", False),
    ],
)
def test_a_question_whose_labels_begin_again_may_hold_an_answer(question: str, again: bool) -> None:
    source = Source("chat", question + "\nIt is one.")
    asked, answer = Span(0, len(question)), Span(len(question) + 1, len(question) + 11)
    for inferred in (True, False):
        chat = (turn(Role.USER, 0, asked, inferred=inferred), turn(Role.ASSISTANT, 1, answer))
        assert answer_in_question(Transcript(source, "pdf-text", chat), 1) == (again and inferred)
