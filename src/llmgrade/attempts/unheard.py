"""Answers that may have been given in two goes, where a print does not say who speaks.

A question between two answers can be taken for a part of the answer, and an answer for a part of the question. What
is then said last seems to have been said at once. Both leave a trace: labels that begin again within one message.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from llmgrade.claims.model import Statement
from llmgrade.source import Source
from llmgrade.transcript.model import Role, Transcript, Turn

__all__ = ["answer_in_question", "earlier_go"]

_MARK = re.compile(r"^[ \t*#>]*(?:\(?([a-h]|\d{1,2})[).]|\(?(i{1,3}|iv|vi{0,3}|ix|x)\))\s", re.MULTILINE)


def earlier_go(statements: Sequence[Statement], turn: Turn) -> tuple[Statement, ...]:
    """The statements of one message that stand before its part's label stands there again; () where turns are labelled."""
    if not turn.inferred:
        return ()
    marks = sorted({s.label.span for s in statements if s.label.span is not None}, key=lambda span: span.start)
    if len(marks) < 2:
        return ()
    return tuple(s for s in statements if s.label.span is not None and s.label.span.start < marks[-1].start)


def answer_in_question(transcript: Transcript, turn: int) -> bool:
    """Whether the question before an answer begins its labels again, as it would with an answer taken into it."""
    before = next((t for t in reversed(transcript.current) if t.index < turn and t.role is Role.USER), None)
    return before is not None and before.inferred and _begins_again(transcript.source, before)


def _begins_again(source: Source, turn: Turn) -> bool:
    """Labels of one kind that go on, begin again and go on again, with no label of another kind between."""
    runs: list[tuple[str, list[str]]] = []
    for match in _MARK.finditer(source[turn.span]):
        kind = "roman" if match[2] else "number" if match[1].isdigit() else "letter"
        if not runs or runs[-1][0] != kind:
            runs.append((kind, []))
        runs[-1][1].append(match[2] or match[1])
    return any(labels[k : k + 2] == labels[:2] for _, labels in runs for k in range(2, len(labels) - 1))
