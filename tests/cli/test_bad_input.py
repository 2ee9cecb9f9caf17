"""Bad input is told in one message with its place, exits with the contract's status, and never shows a traceback."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

SECONDS = 20


def _run(*arguments: str, stdin: bytes = b"") -> tuple[int, str, float]:
    start = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "llmgrade", *arguments], input=stdin, capture_output=True, timeout=120, check=False
    )
    return done.returncode, done.stderr.decode("utf-8", "replace"), time.monotonic() - start


def _empty(folder: Path) -> Path:
    path = folder / "empty.txt"
    path.write_bytes(b"")
    return path


def _binary(folder: Path) -> Path:
    path = folder / "noise.txt"
    path.write_bytes(bytes(range(256)) * 400)
    return path


def _image(folder: Path) -> Path:
    path = folder / "picture.md"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"\x00" * 4000)
    return path


def _missing(folder: Path) -> Path:
    return folder / "not-there.txt"


def _folder(folder: Path) -> Path:
    path = folder / "a folder"
    path.mkdir()
    return path


def _damaged_pdf(folder: Path) -> Path:
    path = folder / "broken.pdf"
    path.write_bytes(b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog")
    return path


def _damaged_json(folder: Path) -> Path:
    path = folder / "chat.json"
    path.write_text('{"messages": [{"role": "user", "content": "hi"}, {"role": ')
    return path


def _damaged_zip(folder: Path) -> Path:
    path = folder / "export.zip"
    path.write_bytes(b"PK\x03\x04" + b"\x00" * 60)
    return path


@pytest.mark.parametrize("make", [_empty, _binary, _image, _missing, _folder, _damaged_pdf, _damaged_zip])
def test_what_cannot_be_read_is_one_message_and_status_two(make, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    path = make(tmp_path)
    status, told, seconds = _run("score", str(path))
    assert status == 2, told
    assert path.name in told
    assert "Traceback" not in told
    assert len(told.strip().splitlines()) <= 3
    assert seconds < SECONDS


@pytest.mark.parametrize("make", [_damaged_json])
def test_what_is_damaged_is_read_as_far_as_it_goes_or_refused(make, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    status, told, _ = _run("score", str(make(tmp_path)))
    assert status in {0, 2}
    assert "Traceback" not in told


def test_invalid_utf8_is_read_and_the_loss_is_told(tmp_path: Path) -> None:
    path = tmp_path / "latin.txt"
    path.write_bytes("User:\nWhat is the answer?\n\nAssistant:\nVoil\xe0, it is $x^2$.\n".encode("latin-1"))
    status, told, _ = _run("score", str(path))
    assert status == 0, told
    assert "Traceback" not in told


def test_fifty_megabytes_of_text_take_seconds(tmp_path: Path) -> None:
    path = tmp_path / "huge.txt"
    path.write_text("User:\nHow much?\n\nAssistant:\n" + "It is fine weather today and x = 1. " * 1_400_000)
    assert path.stat().st_size > 50_000_000
    status, told, seconds = _run("score", str(path))
    assert status in {0, 2}, told
    assert "Traceback" not in told
    assert seconds < 60


def test_a_rubric_with_mistakes_is_shown_with_every_place(tmp_path: Path) -> None:
    chat = tmp_path / "chat.md"
    chat.write_text("User:\nHi\n\nAssistant:\nHello\n")
    rubric = tmp_path / "mine.yaml"
    rubric.write_text(
        "llmgrade: 1\nid: mine\npartz: []\nparts:\n  - id: a\n    expect: {kind: expresion, answer: 'x'}\n"
    )
    status, told, _ = _run("score", str(chat), "--rubrics", str(rubric))
    assert status == 2
    assert "Traceback" not in told
    assert "mine.yaml:3:" in told
    assert "mine.yaml:6:" in told


def test_standard_input_and_an_unknown_option_are_told_apart() -> None:
    status, told, _ = _run("score", "-", stdin=b"")
    assert status == 2
    assert "standard input" in told
    status, told, _ = _run("score", "--colour", "x.txt")
    assert status == 2
    assert "--colour" in told
