"""Transcripts are tests: approved verdicts hold, others fail with their evidence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]
CHAT = (Path(__file__).parents[2] / "transcripts" / "ridge_short.md").read_text(encoding="utf-8")


@pytest.fixture
def place(pytester: pytest.Pytester) -> pytest.Pytester:
    """A folder with one transcript."""
    (pytester.path / "ridge.transcript.md").write_text(CHAT, encoding="utf-8")
    (pytester.path / "notes.md").write_text("not a test", encoding="utf-8")
    return pytester


def _run(place: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    known = any(one.name == "llmgrade" for one in _entry_points())
    more = () if known else ("-p", "llmgrade.integrations.pytest_plugin")
    return place.runpytest_inprocess("-p", "no:cacheprovider", *more, *arguments)


def _entry_points():  # type: ignore[no-untyped-def]
    from importlib.metadata import entry_points

    return entry_points(group="pytest11")


def test_nothing_is_approved_at_first_then_it_is_and_holds(place: pytest.Pytester) -> None:
    first = _run(place)
    first.assert_outcomes(
        failed=len(first.reprec.getfailures()) if hasattr(first, "reprec") else first.parseoutcomes()["failed"]
    )
    first.stdout.fnmatch_lines(["*nothing is approved yet: pytest --llmgrade-update writes ridge.verdicts.json*"])
    assert "passed" in _run(place, "--llmgrade-update").parseoutcomes()
    approved = json.loads((place.path / "ridge.verdicts.json").read_text())
    assert approved
    held = _run(place).parseoutcomes()
    assert held == {"passed": len(approved)}


def test_another_verdict_fails_with_what_it_rests_on(place: pytest.Pytester) -> None:
    _run(place, "--llmgrade-update")
    file = place.path / "ridge.verdicts.json"
    approved = json.loads(file.read_text())
    name = next(iter(approved))
    approved[name]["final"] = "undecided"
    approved["ridge-regression:zz"] = {"first": "correct", "final": "correct", "pitfalls": []}
    file.write_text(json.dumps(approved))
    found = _run(place)
    assert found.parseoutcomes()["failed"] == 2
    found.stdout.fnmatch_lines_random(
        [f"*{name}: approved as *undecided*", "*zz: approved as correct, and no longer found*"]
    )


def test_a_broken_rubric_beside_it_is_told_in_words(place: pytest.Pytester) -> None:
    (place.path / "own.rubric.yaml").write_text("llmgrade: 1\nid: own\nparts: []\n")
    found = _run(place)
    assert found.parseoutcomes()["errors"] == 1
    assert "Traceback" not in found.stdout.str()
