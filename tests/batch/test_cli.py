"""A batch from the command line: what is printed, where, and with which exit status."""

from __future__ import annotations

import csv
import io
import json
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result

from llmgrade.batch import gates
from llmgrade.cli.front import main

sys.path.insert(0, str(Path(__file__).parent))
from answers import RIGHT, WRONG, write


def _table(right: dict[str, int]) -> list[dict[str, object]]:
    """Four samples a part; of each model so many are right as told."""
    return [
        {
            "id": f"{model}-{n}-{sample}",
            "problem": key[0],
            "part": key[1],
            "model": model,
            "sample": sample,
            "answer": (RIGHT if sample < count else WRONG)[key],
        }
        for model, count in right.items()
        for n, key in enumerate(RIGHT)
        for sample in range(4)
    ]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two runs: in `new`, `strong` is right on three samples of four and `weak` on one; in `old`, on all and on one."""
    folder = tmp_path_factory.mktemp("runs")
    for name, right in (("new", {"strong": 3, "weak": 1}), ("old", {"strong": 4, "weak": 1})):
        table = write(folder / f"{name}.jsonl", _table(right))
        done = _call("batch", table, "--out", folder / name, "--seed", "s")
        assert done.exit_code == 0, done.output
        assert done.stderr == f"48 jobs: 48 graded now, 0 known already; results: 48 graded; in {folder / name}\n"
        assert not done.stdout
    return folder


def _call(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def test_equal_runs_print_equal_bytes(place: Path, tmp_path: Path) -> None:
    assert _call("batch", place / "new.jsonl", "--out", tmp_path / "r", "--seed", "s", "-q").output == ""
    for more in ([], ["--table", "parts"], ["--table", "claims"], ["--table", "transcripts"]):
        one, other = (_call("results", run, *more, "--format", "json") for run in (place / "new", tmp_path / "r"))
        assert one.exit_code == 0
        assert one.stdout == other.stdout


def test_a_table_is_filtered_and_exported(place: Path) -> None:
    told = _call("results", place / "new", "--table", "parts", "--where", "final = 'incorrect'", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(told.stdout)))
    assert len(rows) == 6 * (1 + 3)
    assert {row["final"] for row in rows} == {"incorrect"}
    shown = _call("results", place / "new", "--table", "parts", "--where", "final = 'incorrect'").stdout
    assert "['" not in shown
    wrong = _call("results", place / "new", "--table", "parts", "--where", "finale = 'x'")
    assert wrong.exit_code == 2
    assert "--columns" in wrong.output


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["new", "--fail-under", "20"], 0, ""),
        (["new", "--fail-under", "80"], 1, "below --fail-under 80"),
        (["new", "--against", "old", "--max-regression", "2"], 1, "strong: fell from 100.0 to"),
        (["old", "--against", "new", "--max-regression", "2"], 0, ""),
        (["new", "--max-regression", "2"], 2, "go together"),
        (["new", "--where", "final = 'correct'"], 2, "--where goes with --table"),
    ],
)
def test_gates_have_their_exit_status(place: Path, arguments: list[str], status: int, said: str) -> None:
    told = [str(place / word) if word in {"new", "old"} else word for word in arguments]
    done = _call("results", *told)
    assert done.exit_code == status, done.output
    assert said in done.stderr


def test_ci_gets_junit_and_annotations_with_their_place(place: Path, tmp_path: Path) -> None:
    done = _call("results", place / "new", "--junit", tmp_path / "j.xml", "--github")
    cases = ElementTree.parse(tmp_path / "j.xml").getroot().iter("testcase")
    assert sum(case.find("failure") is not None for case in cases) == 24
    (first, *_) = done.stdout.splitlines()
    assert first.startswith(f"::error file={str(place).replace(':', '%3A')}/new.jsonl,line=")
    assert ":" in first.rpartition("::")[2]  # only in properties is a colon written otherwise


def test_annotations_name_the_file_where_there_is_no_line() -> None:
    chat = {"id": "c", "source": "a,b.md", "status": "unreadable", "reason": "50 % of it: gone"}
    assert list(gates.github([("transcripts", chat)])) == [
        "::warning file=a%2Cb.md,title=c::unreadable: 50 %25 of it: gone"
    ]


def test_two_models_of_one_run_are_compared(place: Path) -> None:
    told = _call("compare", place / "new")
    assert told.stdout.startswith("strong against weak\n  final ")
    assert "only strong" in told.stdout
    found = json.loads(_call("compare", place / "new", "--format", "json", "--difference", "10").stdout)
    assert found["final"]["difference"] > 0.3
    assert {row["name"]: (row["only_first"], row["only_second"]) for row in found["parts"]} == {
        f"{problem}:{part}": (2, 0) for problem, part in RIGHT
    }
    assert found["asked"] == 0.1
    one = _call("compare", place / "new", place / "old", "--models", "weak").stdout
    assert one.startswith(f"weak in {place / 'new'} against weak in {place / 'old'}\n")


def test_comparing_one_model_with_itself_is_refused(place: Path) -> None:
    assert _call("compare", place / "new", "--models", "weak").exit_code == 2
    assert "there are: strong, weak" in _call("compare", place / "new", "--models", "weak,other").output


def test_labels_that_agree_correct_nothing_and_those_that_do_not_do(place: Path, tmp_path: Path) -> None:
    def told(*rows: str) -> str:
        labels = tmp_path / "labels.csv"
        labels.write_text("id,problem,part,verdict,credit\n" + "\n".join(rows) + "\n")
        done = _call("results", place / "new", "--labels", labels)
        assert done.exit_code == 0, done.output
        return done.stdout

    keys = list(enumerate(RIGHT))
    agreed = [f"weak-{n}-{s},{p},{q},{'correct' if s < 1 else 'incorrect'}," for n, (p, q) in keys for s in range(4)]
    graded, mended = told(*agreed).splitlines()[1:]
    assert "kappa 1.000" in told(*agreed)
    assert graded.split()[3] == mended.split()[5]  # an incorrect answer has the points that its pitfall leaves it
    generous = [row.replace("incorrect,", "correct,1") for row in agreed]
    graded, mended = told(*generous).splitlines()[1:]
    assert float(graded.split()[3]) + 10 < float(mended.split()[5])
    labels = tmp_path / "bad.csv"
    labels.write_text("id,problem,part,verdict,credit\nweak-0-0,ridge-regression,a,correct,2\n")
    assert "no share from 0 to 1" in _call("results", place / "new", "--labels", labels).output


def test_a_table_with_other_columns_says_how_to_name_them(tmp_path: Path) -> None:
    table = tmp_path / "odd.jsonl"
    table.write_text('{"uid": "r", "what": "ridge-regression:a", "said": "x"}\n')
    done = _call("batch", table, "--out", tmp_path / "out")
    assert done.exit_code == 3
    assert "1 job: 1 graded now" in done.stderr
    assert "--answer-column" in _call("results", tmp_path / "out", "--ungraded").stdout
    named = ["--id-column", "uid", "--problem-column", "what", "--answer-column", "said"]
    assert _call("batch", table, "--out", tmp_path / "named", *named).exit_code == 0


def test_another_version_of_the_grader_is_told(place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = write(tmp_path / "one.jsonl", _table({"m": 1})[:1])
    assert "before" not in _call("batch", table, "--out", tmp_path / "out").stderr
    assert "before" not in _call("batch", table, "--out", tmp_path / "out").stderr
    monkeypatch.setattr("llmgrade.batch.keys.checker", lambda: "another")
    assert "not the version that filled" in _call("batch", table, "--out", tmp_path / "out").stderr


def test_a_ray_cluster_that_is_not_there_is_told_at_once(place: Path, tmp_path: Path) -> None:
    pytest.importorskip("ray")
    done = _call("batch", place / "new.jsonl", "--out", tmp_path / "out", "--engine", "ray", "--address", "127.0.0.1:1")
    assert done.exit_code == 2
    assert "no Ray cluster at `127.0.0.1:1`" in done.stderr


def test_a_folder_without_files_says_so(tmp_path: Path) -> None:
    done = _call("batch", tmp_path, "--out", tmp_path.parent / "nothing")
    assert done.exit_code == 2
    assert "no file in it" in done.stderr
