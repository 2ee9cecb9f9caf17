"""Answers that mean the same form one group, found by value; `rubric infer` reads the wrong ones nobody explained."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from llmgrade.batch.groups import Group, groups
from llmgrade.batch.journal import Journal
from llmgrade.batch.model import Settings
from llmgrade.batch.run import run
from llmgrade.batch.summary import summarise
from llmgrade.cli.front import main
from llmgrade.grading import same_answer
from llmgrade.rubric.loading import load_all

sys.path.insert(0, str(Path(__file__).parent))
from answers import write

HALF = [
    r"$\frac{1}{2}(X^TX+\lambda I)^{-1}X^Ty$",
    r"$(2X^TX+2\lambda I)^{-1}X^Ty$",
    r"\frac{(X^TX+\lambda I)^{-1}X^Ty}{2}",
]
RIGHT = [r"$(X^TX+\lambda I)^{-1}X^Ty$", r"$(\lambda I+X^TX)^{-1}X^Ty$", r"$X^T(XX^T+\lambda I)^{-1}y$"]
NAMED = [r"$(X^TX)^{-1}X^Ty$"]
OTHER = [r"$3(X^TX+\lambda I)^{-1}X^Ty$"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One model's answers to one part: three wrong in one way, three right, a known mistake, and one wrong in another way."""
    place = tmp_path_factory.mktemp("groups")
    table = [
        {"id": f"r{n}", "problem": "ridge-regression", "part": "a", "model": "m", "sample": n, "answer": text}
        for n, text in enumerate((*HALF, *RIGHT, *NAMED, *OTHER))
    ]
    path = write(place / "answers.jsonl", table)
    run([str(path)], place / "out", load_all(()), Settings(workers=1, seed="groups"))
    return place / "out"


def _groups(folder: Path) -> list[Group]:
    rubrics = load_all(())
    return groups(Journal(folder).outcomes(), lambda *told: same_answer(rubrics, *told))


def test_answers_of_one_value_are_one_group_however_they_are_written(folder: Path) -> None:
    found = _groups(folder)
    assert [sorted(m.id for m in g.members) for g in found] == [["r0", "r1", "r2"], ["r7"], ["r6"], ["r3", "r4", "r5"]]
    assert [g.unexplained for g in found] == [True, True, False, False]


def test_every_claim_carries_its_group(folder: Path) -> None:
    told: dict[str, set[str]] = {}
    for outcome in Journal(folder).outcomes():
        (claim,) = json.loads(outcome.report)["problems"][0]["parts"][0]["attempts"][0]["claims"]
        told.setdefault(claim["group"], set()).add(outcome.id)
    assert sorted(map(sorted, told.values())) == [["r0", "r1", "r2"], ["r3", "r4", "r5"], ["r6"], ["r7"]]


def test_a_fingerprint_met_by_accident_merges_nothing(folder: Path) -> None:
    """Were all fingerprints the same, the readings would still be compared."""
    rubrics = load_all(())

    def collided():  # type: ignore[no-untyped-def]
        from dataclasses import replace

        for outcome in Journal(folder).outcomes():
            report = json.loads(outcome.report)
            for claim in report["problems"][0]["parts"][0]["attempts"][0]["claims"]:
                claim["group"] = "the same"
            yield replace(outcome, report=json.dumps(report))

    found = groups(collided(), lambda *told: same_answer(rubrics, *told))
    assert [sorted(m.id for m in g.members) for g in found] == [["r0", "r1", "r2"], ["r7"], ["r6"], ["r3", "r4", "r5"]]


def test_the_majority_is_counted_over_values(folder: Path) -> None:
    """Three of eight right in three writings, three wrong in three writings: neither side is outvoted by its own spellings."""
    (model,) = summarise(Journal(folder)).models
    assert model.at_k["maj@8"] == pytest.approx(0.5)


def test_groups_and_infer_show_the_largest_unexplained_first(folder: Path) -> None:
    listed = CliRunner().invoke(main, ["groups", str(folder)])
    assert listed.exit_code == 0, listed.output
    assert listed.output.splitlines()[0].split()[:3] == ["3", "incorrect", "ridge-regression:a"]
    drafted = CliRunner().invoke(main, ["rubric", "infer", str(folder)])
    assert drafted.exit_code == 0, drafted.output
    assert drafted.output.startswith("4 wrong answers of 2 kinds have no pitfall")
