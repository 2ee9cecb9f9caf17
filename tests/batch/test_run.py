"""A batch loses nothing, does nothing twice, and grades again only what an edit can change."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from llmgrade.batch import keys, pools
from llmgrade.batch.journal import Journal
from llmgrade.batch.model import Outcome, Settings, Status
from llmgrade.batch.run import Summary, run
from llmgrade.rubric.loading import load_all
from llmgrade.rubric.model import Part, Rubrics

sys.path.insert(0, str(Path(__file__).parent))
from answers import rows, write

SEED = "a seed"


def _run(inputs: Path, folder: Path, rubrics: Rubrics | None = None, **changes: object) -> Summary:
    settings = Settings(rows=40, workers=2, seconds=20, seed=SEED, **changes)  # type: ignore[arg-type]
    return run([str(inputs)], folder, rubrics or load_all(()), settings)


def _outcomes(folder: Path) -> list[Outcome]:
    return list(Journal(folder).outcomes())


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("answers") / "answers.jsonl", rows(180))


@pytest.fixture(scope="module")
def whole(table: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An undisturbed run, to compare others with."""
    folder = tmp_path_factory.mktemp("whole") / "out"
    _run(table, folder)
    return folder


def test_every_answer_is_graded_as_it_was_made(whole: Path) -> None:
    made = {str(row["id"]): row["good"] for row in rows(180)}
    found = _outcomes(whole)
    assert [outcome.id for outcome in found] == list(made)
    for outcome in found:
        (problem,) = json.loads(outcome.report)["problems"]
        assert (problem["parts"][0]["final"] == "correct") is made[outcome.id], outcome


def test_a_second_run_does_no_work(table: Path, whole: Path) -> None:
    summary = _run(table, whole)
    assert (summary.graded, summary.known) == (0, 180)


def test_a_rubric_edit_grades_again_only_what_it_can_change(table: Path, whole: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    shutil.copytree(whole, folder)
    rubrics = load_all(())
    edited = Rubrics(tuple(_edited(rubrics)))
    summary = _run(table, folder, edited)
    assert summary.graded == 30  # the answers to vector-calculus b, a sixth of all
    scratch = tmp_path / "scratch"
    _run(table, scratch, edited)
    assert _outcomes(folder) == _outcomes(scratch)


def _edited(rubrics: Rubrics):  # type: ignore[no-untyped-def]
    for rubric in rubrics.values():
        if rubric.id != "vector-calculus":
            yield rubric
            continue
        parts = tuple(p.model_copy(update={"points": p.points + 1}) if p.id == "b" else p for p in rubric.parts)
        yield rubric.model_copy(update={"parts": parts})


def test_shards_of_a_run_make_the_whole(table: Path, whole: Path, tmp_path: Path) -> None:
    for part in (1, 2, 3):
        _run(table, tmp_path / "out", part_of=(part, 3))
    assert _outcomes(tmp_path / "out") == _outcomes(whole)


def test_hostile_rows_cost_themselves_alone(tmp_path: Path) -> None:
    table = rows(30)
    hostile: list[dict[str, object]] = [
        {"id": "tower", "problem": "relu-elbow", "part": "a.i", "answer": "$9^{9^{9^{9^9}}}$"},
        {"id": "deep", "problem": "relu-elbow", "part": "a.i", "answer": "$" + "(" * 5000 + "b" + ")" * 5000 + "$"},
        {"id": "large", "problem": "relu-elbow", "part": "a.i", "answer": "b + " * 2_500_000},
        {"id": "code", "problem": "relu-elbow", "part": "a.i", "answer": "__import__('os').system('touch /tmp/owned')"},
        {"id": "half", "problem": "relu-elbow", "part": "a.i", "answer": "$b\ud800$ \x00 \ud83d\ude00"},
        {"id": "nobody", "problem": "no-such-rubric", "part": "a", "answer": "x"},
        {"id": "nowhere", "problem": "relu-elbow", "part": "z", "answer": "x"},
        {"id": "empty", "problem": "relu-elbow", "part": "a.i"},
    ]
    path = write(tmp_path / "answers.jsonl", table[:15] + hostile + table[15:])
    with path.open("a") as file:
        file.write("{not json\n")
    start = time.monotonic()
    summary = run([str(path)], tmp_path / "out", load_all(()), Settings(rows=100, workers=2, seconds=5, seed=SEED))
    assert time.monotonic() - start < 90
    found = {outcome.id: outcome for outcome in _outcomes(tmp_path / "out")}
    assert len(found) == 30 + len(hostile) + 1
    assert all(found[str(row["id"])].status is Status.GRADED for row in table)
    for row in hostile:
        outcome = found[str(row["id"])]
        if outcome.status is Status.GRADED:
            assert json.loads(outcome.report)["problems"][0]["parts"][0]["final"] != "correct"
        else:
            assert outcome.reason
    assert summary.ungraded >= 3


def _kill_at_random(arguments: list[str], generator: random.Random, times: int) -> int:
    """Start the same batch again and again, killing it with all its workers; returns how often it was killed."""
    killed = 0
    for _ in range(times):
        process = subprocess.Popen(
            arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        try:
            process.wait(timeout=generator.uniform(0.3, 1.5))
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            killed += 1
    return killed


def test_a_killed_run_goes_on_where_it_was(table: Path, whole: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    arguments = [
        sys.executable, "-m", "llmgrade", "batch", str(table), "--out", str(folder), "--seed", SEED, "--shard-rows", "10", "--workers", "2",
    ]  # fmt: skip
    killed = _kill_at_random(arguments, random.Random(5), 3)
    assert killed
    done = subprocess.run(arguments, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    found = _outcomes(folder)
    assert sorted(o.id for o in found) == sorted(o.id for o in _outcomes(whole))
    assert {o.id: o.report for o in found} == {o.id: o.report for o in _outcomes(whole)}


def test_the_table_of_engines_names_what_is_there() -> None:
    make: Callable[[str], object] = pools.engine
    assert type(make("local")).__name__ == "Local"
    with pytest.raises(KeyError):
        make("no-such-engine")


@pytest.mark.ray
def test_ray_gives_the_same_results_to_the_byte(table: Path, whole: Path, tmp_path: Path) -> None:
    pytest.importorskip("ray")
    _run(table, tmp_path / "out", engine="ray")
    assert _outcomes(tmp_path / "out") == _outcomes(whole)


def test_one_part_of_forty_edited_costs_a_fortieth_and_gives_what_a_run_from_scratch_gives(tmp_path: Path) -> None:
    rubrics = load_all(())
    parts = [(rubric, part) for rubric in rubrics.values() for part in rubric.parts][:40]
    assert len(parts) == 40
    table: list[dict[str, object]] = [
        {"id": f"{rubric.id}-{part.id}-{n}", "problem": rubric.id, "part": part.id, "answer": f"${text}$"}
        for rubric, part in parts
        for n, text in enumerate((_an_answer(part), "x + 1"))
    ]
    path = write(tmp_path / "answers.jsonl", table)
    _run(path, tmp_path / "out")
    before = {outcome.id: outcome for outcome in _outcomes(tmp_path / "out")}
    rubric, part = parts[25]
    others = tuple(p.model_copy(update={"points": p.points + 1}) if p.id == part.id else p for p in rubric.parts)
    edited = Rubrics(
        tuple(r.model_copy(update={"parts": others}) if r.id == rubric.id else r for r in rubrics.values())
    )
    summary = _run(path, tmp_path / "out", edited)
    assert (summary.graded, summary.jobs) == (2, 80)  # 2.5 %
    after = _outcomes(tmp_path / "out")
    changed = {outcome.id for outcome in after if outcome != before[outcome.id]}
    assert changed == {f"{rubric.id}-{part.id}-{n}" for n in (0, 1)}
    _run(path, tmp_path / "scratch", edited)
    assert after == _outcomes(tmp_path / "scratch")


def _an_answer(part: Part) -> str:
    answer = getattr(part.expect[0], "answer", "x")
    return answer if isinstance(answer, str) else "x"


def test_a_row_that_names_its_rubric_is_about_it_whatever_its_words(tmp_path: Path) -> None:
    answers = ["(a) $w=(X^TX+\\lambda I)^{-1}X^Ty$", "(a) $w=(X^TX)^{-1}X^Ty$", "I do not know."]
    told: list[dict[str, object]] = [
        {"id": f"told-{n}", "problem": "ridge-regression", "answer": text} for n, text in enumerate(answers)
    ]
    path = write(tmp_path / "answers.jsonl", [*told, {"id": "untold", "answer": answers[0], "sample": 1}])
    _run(path, tmp_path / "out")
    found = {outcome.id: outcome for outcome in _outcomes(tmp_path / "out")}
    finals = [json.loads(found[f"told-{n}"].report)["problems"][0]["parts"][0]["final"] for n in (0, 1)]
    assert finals == ["correct", "incorrect"]
    assert found["told-2"].reason == "no answer to a part of `ridge-regression` in it"
    assert found["untold"].status is Status.NOTHING


def test_a_rubric_of_one_part_needs_no_part_in_the_row(tmp_path: Path) -> None:
    (ridge,) = (r for r in load_all(()).values() if r.id == "ridge-regression")
    alone = Rubrics((ridge.model_copy(update={"parts": ridge.parts[:1]}),))
    told: list[dict[str, object]] = [{"id": "r", "problem": ridge.id, "answer": "(X^TX+\\lambda I)^{-1}X^Ty"}]
    _run(write(tmp_path / "answers.jsonl", told), tmp_path / "out", alone)
    (outcome,) = _outcomes(tmp_path / "out")
    assert outcome.rubrics == ("ridge-regression:a",)
    assert json.loads(outcome.report)["problems"][0]["parts"][0]["final"] == "correct"


def test_a_chat_is_graded_again_where_an_edit_may_change_what_it_is_taken_to_be_about() -> None:
    rubrics = load_all(())
    others = [rubric for rubric in rubrics.values() if rubric.id != "ridge-regression"]
    first = rubrics["ridge-regression"]
    part = first.parts[0]

    def recognised(**changes: object) -> str:
        changed = first.model_copy(update={"parts": (part.model_copy(update=changes), *first.parts[1:])})
        return keys.recognition(Rubrics((changed, *others)))

    now = keys.recognition(Rubrics((first, *others)))
    assert recognised(points=part.points + 1) == recognised(pitfalls=()) == now
    assert recognised(cues=("another",)) != now
    assert recognised(expect=(part.expect[0].model_copy(update={"of": ("q",)}),)) != now
    assert keys.recognition(Rubrics((first.model_copy(update={"symbols": {}}), *others))) != now


def test_a_damaged_parquet_file_is_one_row_and_stops_nothing(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    few = rows(3)
    pq.write_table(pa.Table.from_pylist(few), tmp_path / "whole.parquet")
    (tmp_path / "cut.parquet").write_bytes((tmp_path / "whole.parquet").read_bytes()[:-100])
    _run(tmp_path, tmp_path.parent / f"{tmp_path.name}-out")
    found = _outcomes(tmp_path.parent / f"{tmp_path.name}-out")
    assert [outcome.id for outcome in found] == ["cut.parquet", *(str(row["id"]) for row in few)]
    assert found[0].status is Status.UNREADABLE
    assert "not a whole Parquet file" in found[0].reason
