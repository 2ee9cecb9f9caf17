"""The transcripts that ship are graded, and their reports say what their makers know."""

from __future__ import annotations

from pathlib import Path

from llmgrade.claims import find_statements
from llmgrade.grading import grade
from llmgrade.reading import read
from llmgrade.report.model import PartReport, Report
from llmgrade.rubric.loading import load_all

TRANSCRIPTS = Path(__file__).resolve().parents[2] / "transcripts"


def _report(name: str) -> Report:
    (transcript,) = read(TRANSCRIPTS / name)
    assert all(transcript.source[one.span] == one.text for one in find_statements(transcript))
    return grade(transcript, load_all(()))


def _parts(report: Report, rubric: str) -> dict[str, PartReport]:
    return {part.id: part for problem in report.problems if problem.rubric == rubric for part in problem.parts}


def test_the_printed_chat_shows_what_was_right_and_what_prompting_mended() -> None:
    report = _report("two_problems.txt")
    parts = _parts(report, "vector-calculus")
    assert (parts["c"].first, parts["c"].final) == ("incorrect", "correct")
    assert "symmetric-only" in parts["d"].attempts[0].pitfalls
    assert all(part.final in {"correct", "undecided"} for part in parts.values())
    elbow = _parts(report, "relu-elbow")
    assert [elbow[part].first for part in ("a.i", "a.ii", "a.iii", "a.iv", "c")] == ["correct"] * 5
    assert (elbow["d"].first, elbow["d"].final) == ("incorrect", "correct")
    assert elbow["b.iii"].attempts[0].pitfalls == ("elbow-direction-wrong",)
    assert elbow["b.iv"].first == "correct"
    assert elbow["b.iv"].final != "correct"  # a right answer given up under pressure
    assert report.annotations[0].polarity == "positive"


def test_the_short_chat_is_put_right_after_one_objection() -> None:
    parts = _parts(_report("ridge_short.md"), "ridge-regression")
    assert (parts["a"].first, parts["a"].final) == ("incorrect", "correct")
    assert parts["a"].attempts[0].pitfalls == ("lambda-outside-inverse",)
    assert parts["g"].final == parts["h"].final == "correct"
