"""The guide for authors: every command in it is run, and prints what stands there."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from llmgrade.cli.front import main
from llmgrade.rubric.meanings import MEANINGS

GUIDE = Path(__file__).parents[2] / "docs" / "rubrics.md"


def steps(text: str) -> Iterator[tuple[str, str, str]]:
    """(``file``, name, content) and (``run``, command, output), in order."""
    blocks = re.compile(r"<!-- file: (\S+) -->\n```\w+\n(.*?)^```$|^```console\n(.*?)^```$", re.S | re.M)
    for block in blocks.finditer(text):
        if block[1]:
            yield "file", block[1], block[2]
            continue
        for command in re.split(r"^\$ llmgrade ", block[3], flags=re.M)[1:]:
            words, _, output = command.partition("\n")
            yield "run", words, output


def test_every_command_of_the_guide_prints_what_the_guide_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    commands = 0
    for what, name, content in steps(GUIDE.read_text(encoding="utf-8")):
        if what == "file":
            Path(name).write_text(content, encoding="utf-8")
            continue
        commands += 1
        result = CliRunner().invoke(main, shlex.split(name), catch_exceptions=False)
        assert result.output == content, f"$ llmgrade {name}"
    assert commands >= 8
    assert Path("projection.cert.json").exists()


def test_the_guide_names_every_meaning() -> None:
    named = set(re.findall(r"`@([\w-]+)`", GUIDE.read_text(encoding="utf-8")))
    assert named == set(MEANINGS)
