"""Scores go back into the files other tools wrote, and nothing else in them changes; the tools' own files are in tests/reading/made."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from llmgrade import reading
from llmgrade.batch.model import Settings
from llmgrade.batch.run import run
from llmgrade.cli.front import main
from llmgrade.reading.archive import Archive
from llmgrade.rubric.loading import load_all

MADE = Path(__file__).parents[1] / "reading" / "made"
RIGHT, WRONG = r"$(X^TX+\lambda I)^{-1}X^Ty$", r"$(X^TX)^{-1}X^Ty$"
ASKED = r"Ridge regression: a) What is the closed form of the minimiser $\hat w$ of $\|y-Xw\|^2+\lambda\|w\|^2$ with penalty $\lambda$?"


def _graded(file: Path, place: Path, *options: str) -> tuple[Path, str]:
    """Grade a file, and write the scores back into it."""
    folder, out = place / "results", place / f"scored{file.suffix}"
    run([str(file)], folder, load_all(()), Settings(workers=1, seed="exchange"))
    found = CliRunner().invoke(main, ["results", str(folder), "--into", str(file), "-o", str(out), *options])
    assert found.exit_code == 0, found.output
    return out, found.output


def _without(value: Any, *names: str) -> Any:
    """JSON without the members of these names, wherever they stand."""
    if isinstance(value, dict):
        return {key: _without(item, *names) for key, item in value.items() if key not in names}
    return [_without(item, *names) for item in value] if isinstance(value, list) else value


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines() if line.strip()]


def _members(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        archive = Archive.open(str(path), file)
        return {name: json.loads(archive.read(name, 1 << 26)) for name in archive.members if name.endswith(".json")}


def _messages(path: Path) -> list[list[str]]:
    return [[turn.role for turn in chat.turns] for chat in reading.read(path)]


def test_an_inspect_archive_gains_a_score_in_its_sample_its_summary_and_its_header(tmp_path: Path) -> None:
    out, told = _graded(MADE / "inspect.eval", tmp_path)
    assert "1 score written" in told
    before, after = _members(MADE / "inspect.eval"), _members(out)
    assert set(before) == set(after)
    for name in before:
        assert _without(after[name], "llmgrade", "results", "scorers") == _without(
            before[name], "results", "scorers"
        ), name
    scored = [
        sample["scores"]["llmgrade"]
        for name, sample in after.items()
        if "samples/" in name and "llmgrade" in sample["scores"]
    ]
    assert [score["value"] for score in scored] == [{"first": 1.0, "final": 1.0}]
    assert scored[0]["metadata"]["verdicts"] == {"ridge-regression:a": "correct"}
    metrics = {
        (s["scorer"], s["name"]): s["metrics"]["mean"]["value"] for s in after["header.json"]["results"]["scores"][1:]
    }
    assert metrics == {("llmgrade", "first"): 1.0, ("llmgrade", "final"): 1.0}
    assert _messages(out) == _messages(MADE / "inspect.eval")
    assert {info.compress_type for info in zipfile.ZipFile(out).infolist()} == {zipfile.ZIP_DEFLATED}


def test_an_inspect_log_in_json_is_scored_too_and_again_without_doubling(tmp_path: Path) -> None:
    out, _ = _graded(MADE / "inspect.json", tmp_path)
    again = tmp_path / "again.json"
    found = CliRunner().invoke(main, ["results", str(tmp_path / "results"), "--into", str(out), "-o", str(again)])
    assert found.exit_code == 0, found.output
    assert json.loads(again.read_text()) == json.loads(out.read_text())
    log = json.loads(out.read_text())
    assert [score["scorer"] for score in log["results"]["scores"]] == ["includes", "llmgrade", "llmgrade"]


def test_scores_for_inspect_itself_name_sample_and_epoch(tmp_path: Path) -> None:
    _graded(MADE / "inspect.eval", tmp_path)
    out = tmp_path / "scores.jsonl"
    found = CliRunner().invoke(main, ["results", str(tmp_path / "results"), "--format", "scores", "-o", str(out)])
    assert found.exit_code == 0, found.output
    (row,) = _lines(out)
    assert (row["id"], row["epoch"], row["value"], row["metadata"]["first"]) == ("ridge", 1, 1.0, 1.0)
    assert row["explanation"]


@pytest.mark.parametrize("name", ["lm_eval_plain.jsonl", "lm_eval_chat.jsonl"])
def test_every_row_of_a_document_of_lm_eval_gains_the_metric(name: str, tmp_path: Path) -> None:
    out, _ = _graded(MADE / name, tmp_path)
    before, after = _lines(MADE / name), _lines(out)
    assert [_without(row, "llmgrade", "llmgrade_first", "llmgrade_detail", "metrics") for row in after] == [
        _without(row, "metrics") for row in before
    ]
    scored = [row for row in after if "llmgrade" in row]
    assert {row["doc_id"] for row in scored} == {0}
    assert len(scored) == sum(row["doc_id"] == 0 for row in before)
    assert all(row["llmgrade"] == 1.0 and "llmgrade" in row["metrics"] for row in scored)
    assert _messages(out) == _messages(MADE / name)


@pytest.mark.parametrize("name", ["promptfoo.json", "promptfoo.jsonl"])
def test_results_of_promptfoo_gain_a_named_score_and_a_component(name: str, tmp_path: Path) -> None:
    out, _ = _graded(MADE / name, tmp_path)
    read = _lines if name.endswith("l") else (lambda path: json.loads(path.read_text())["results"]["results"])
    before, after = read(MADE / name), read(out)
    changed = ("namedScores", "componentResults")
    assert [_without(row, *changed) for row in after] == [_without(row, *changed) for row in before]
    scored = [row for row in after if "llmgrade" in row["namedScores"]]
    assert len(scored) == 4
    assert all(row["gradingResult"]["componentResults"][-1]["assertion"]["metric"] == "llmgrade" for row in scored)


def _batch_line(name: str, answer: str) -> dict[str, Any]:
    said = {"role": "assistant", "content": f"{ASKED}\n\na) {answer}"}
    body = {"model": "m-1", "choices": [{"index": 0, "message": said, "finish_reason": "stop"}]}
    return {"id": f"batch_{name}", "custom_id": name, "response": {"status_code": 200, "body": body}, "error": None}


def _evals_item(name: str, answer: str) -> dict[str, Any]:
    sample = {
        "model": "m-1",
        "input": [{"role": "user", "content": ASKED}],
        "output": [{"role": "assistant", "content": f"a) {answer}"}],
        "finish_reason": "stop",
    }
    graders = [{"name": "string check", "sample": None, "passed": False, "score": 0.0}]
    return {
        "object": "eval.run.output_item",
        "id": name,
        "datasource_item": {"q": 1},
        "results": graders,
        "sample": sample,
    }


def test_batch_output_keeps_its_lines_and_gains_the_scores(tmp_path: Path) -> None:
    file = tmp_path / "output.jsonl"
    failed = {"id": "batch_c", "custom_id": "c", "response": None, "error": {"message": "expired"}}
    rows = [_batch_line("b", WRONG), _batch_line("a", RIGHT), failed]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    out, _ = _graded(file, tmp_path)
    after = _lines(out)
    assert [_without(row, "llmgrade") for row in after] == rows
    assert [row.get("llmgrade", {}).get("verdicts") for row in after] == [
        {"ridge-regression:a": "incorrect"}, {"ridge-regression:a": "correct"}, None
    ]  # fmt: skip


def test_exported_items_of_hosted_evals_gain_one_more_result(tmp_path: Path) -> None:
    file = tmp_path / "items.jsonl"
    rows = [_evals_item("outputitem_1", RIGHT), _evals_item("outputitem_2", WRONG)]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    first, _ = reading.read(file)
    assert (first.format, first.id, first.model) == ("openai-evals", "outputitem_1", "m-1")
    out, _ = _graded(file, tmp_path)
    assert [[(r["name"], r["score"]) for r in row["results"]] for row in _lines(out)] == [
        [("string check", 0.0), ("llmgrade", 1.0)], [("string check", 0.0), ("llmgrade", 0.25)]
    ]  # fmt: skip


def test_event_logs_of_evals_are_read_sample_by_sample(tmp_path: Path) -> None:
    def event(number: int, sample: str, kind: str, data: dict[str, object]) -> dict[str, object]:
        return {"run_id": "2611", "event_id": number, "sample_id": sample, "type": kind, "data": data, "created_by": "",
                "created_at": "2026-11-01 10:00:00+00:00"}  # fmt: skip

    asked = [{"role": "system", "content": "Be short."}, {"role": "user", "content": "Minimise the ridge loss."}]
    again = [*asked, {"role": "assistant", "content": WRONG}, {"role": "user", "content": "Look again."}]
    rows: list[dict[str, object]] = [
        {"spec": {"completion_fns": ["m-1"], "eval_name": "ridge.dev.v0", "run_id": "2611"}},
        event(0, "ridge.dev.0", "raw_sample", {"input": asked, "ideal": "w"}),
        event(1, "ridge.dev.1", "sampling", {"prompt": "Minimise the ridge loss.", "sampled": [RIGHT, WRONG]}),
        event(2, "ridge.dev.0", "sampling", {"prompt": asked, "sampled": [WRONG]}),
        event(3, "ridge.dev.0", "sampling", {"prompt": again, "sampled": RIGHT, "model": "m-2"}),
        event(4, "ridge.dev.2", "sampling", {"prompt": asked, "sampled": []}),
        event(5, "ridge.dev.0", "match", {"correct": True, "expected": "w", "picked": "w"}),
        {"final_report": {"accuracy": 0.5}},
    ]
    file = tmp_path / "events.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    found = reading.read(file)
    assert [(one.format, one.id, one.model) for one in found] == [
        ("evals-log", "ridge.dev.1", "m-1"), ("evals-log", "ridge.dev.0", "m-2")
    ]  # fmt: skip
    plain, grown = found
    assert [turn.track for turn in plain.turns] == ["", "", "regeneration"]
    assert [str(turn.role) for turn in grown.turns] == ["system", "user", "assistant", "user", "assistant"]
    assert any("1 sampling without an answer" in note for note in grown.notes)


def test_a_file_no_tool_wrote_is_refused_in_words(tmp_path: Path) -> None:
    folder = tmp_path / "results"
    file = tmp_path / "chat.md"
    file.write_text("hello")
    run([str(file)], folder, load_all(()), Settings(workers=1, seed="exchange"))
    found = CliRunner().invoke(main, ["results", str(folder), "--into", str(file), "-o", str(tmp_path / "o.md")])
    assert found.exit_code == 2
    assert "inspect, lm-eval" in found.output
    same = CliRunner().invoke(main, ["results", str(folder), "--into", str(file), "-o", str(file)])
    assert same.exit_code == 2
    assert file.read_text() == "hello"
