"""``llmgrade check`` at the command line."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from llmgrade.cli.front import main


def run(*args: str, stdin: str = "") -> tuple[int, str, str]:
    result = CliRunner().invoke(main, ["check", *args], input=stdin)
    return result.exit_code, result.stdout, result.stderr


def test_a_pair_is_shown_with_its_verdict_and_evidence() -> None:
    code, out, _ = run("--gold", "x^2", "--answer", "2x")
    assert code == 0
    assert out.startswith("incorrect\n  refuted:")
    assert "x = " in out


def test_json_has_the_contracts_evidence() -> None:
    code, out, _ = run("--gold", "(a+b)^2", "--answer", "a^2+2ab+b^2", "--format", "json")
    said = json.loads(out)
    assert code == 0
    assert said["verdict"] == "correct"
    assert said["evidence"]["method"] == "proved"


def test_symbols_come_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "symbols.json"
    file.write_text(
        json.dumps({"A": {"type": "matrix", "shape": ["n", "n"]}, "B": {"type": "matrix", "shape": ["n", "n"]}})
    )
    assert run("--gold", "AB", "--answer", "BA", "--symbols", str(file))[1].startswith("incorrect")


def test_a_gold_that_cannot_be_read_is_wrong_usage() -> None:
    code, out, err = run("--gold", r"\frac{1}{", "--answer", "1")
    assert code == 2
    assert out == ""
    assert "what is expected cannot be read" in err


def test_a_missing_or_broken_symbols_file_is_named(tmp_path: Path) -> None:
    file = tmp_path / "symbols.json"
    file.write_text('{"x": ')
    for path in (file, tmp_path / "none.json"):
        code, _, err = run("--gold", "1", "--answer", "1", "--symbols", str(path))
        assert code == 2
        assert str(path) in err


def test_pairs_stream_through_in_order_and_a_bad_line_is_undecided() -> None:
    lines = [
        '{"id": 1, "gold": "2x", "answer": "x+x"}',
        "no json",
        '{"id": 3, "gold": "X^TX", "answer": "XX^T", "symbols": {"X": {"type": "matrix", "shape": ["n", "d"]}}}',
        '{"id": 4, "gold": "1"}',
        '{"id": 5, "gold": "\\\\frac{", "answer": "1"}',
        '{"id": "six", "gold": "1", "answer": "2"}',
        '{"id": 7, "gold": "1", "answer": "1", "symbols": {"x": {"type": "no such type"}}}',
    ]
    code, out, _ = run("--jsonl", stdin="\n".join(lines) + "\n")
    said = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert [row["id"] for row in said] == [1, None, 3, 4, 5, "six", 7]
    assert [row["verdict"] for row in said] == [
        "correct", "undecided", "incorrect", "undecided", "undecided", "incorrect", "undecided",
    ]  # fmt: skip
    assert all(row["evidence"]["detail"] for row in said)


def test_a_seed_gives_the_same_output_twice() -> None:
    first = run("--gold", "x^2", "--answer", "x^3", "--seed", "7", "--format", "json")
    assert first == run("--gold", "x^2", "--answer", "x^3", "--seed", "7", "--format", "json")


def test_gold_and_answer_belong_together() -> None:
    assert run("--gold", "1")[0] == 2
    assert run("--jsonl", "--gold", "1")[0] == 2
