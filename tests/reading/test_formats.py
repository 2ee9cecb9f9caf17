"""Every format: a file as its tool writes it is told from all the others and read whole, each formula in its place."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from chat_samples import ASKED, LATEX, SAMPLES, zipped_members

from llmgrade.errors import UnreadableInput, UsageError
from llmgrade.reading import FORMATS, read
from llmgrade.transcript.model import Formula, Piece, Role, Setting, Table, Transcript

WITHOUT_QUESTION = {"batch-output"}


def all_pieces(transcript: Transcript) -> Iterator[Piece]:
    for turn in transcript.turns:
        for piece in turn.pieces:
            yield from inside(piece)


def inside(piece: Piece) -> Iterator[Piece]:
    yield piece
    if isinstance(piece, Table):
        for row in piece.rows:
            for cell in row:
                for each in cell:
                    yield from inside(each)


def check_places(transcript: Transcript) -> None:
    """Each piece's text is the source's text at its span; pieces of a turn do not overlap; indices count the turns."""
    assert [turn.index for turn in transcript.turns] == list(range(len(transcript.turns)))
    for piece in all_pieces(transcript):
        text = piece.written if isinstance(piece, Formula) else getattr(piece, "text", None)
        assert text is None or transcript.source[piece.span] == text
        assert text is None or text.strip()
    for turn in transcript.turns:
        for before, after in pairwise(sorted(piece.span for piece in turn.pieces)):
            assert before.stop <= after.start
        for piece in turn.pieces:
            assert turn.span.start <= piece.span.start
            assert piece.span.stop <= turn.span.stop


def answers(transcript: Transcript) -> list[str]:
    """The LaTeX of the formulas that count as answers."""
    return [
        piece.latex or ""
        for turn in transcript.current
        if turn.role is Role.ASSISTANT
        for whole in turn.pieces
        for piece in inside(whole)
        if isinstance(piece, Formula) and piece.setting is Setting.ANSWER
    ]


@pytest.mark.parametrize("format", SAMPLES)
def test_a_file_of_each_format_is_told_by_its_content_and_read_whole(format: str) -> None:
    found = read(SAMPLES[format], name="chat.bin")
    assert found
    for transcript in found:
        assert transcript.format == format
        assert transcript.source.name == "chat.bin"
        check_places(transcript)
        assert LATEX in answers(transcript)
        assert "w=X^{-1}y" not in answers(transcript)
        if format not in WITHOUT_QUESTION:
            asked = next(turn for turn in transcript.turns if turn.role is Role.USER)
            assert ASKED in transcript.source[asked.span]


@pytest.mark.parametrize("format", sorted(set(SAMPLES) - {"inspect-log"}))
@pytest.mark.parametrize("dress", ["gzip", "byte order mark", "CRLF", "UTF-16"])
def test_how_a_file_is_packed_or_encoded_is_no_matter(format: str, dress: str) -> None:
    data = SAMPLES[format]
    if dress == "gzip":
        data = gzip.compress(data)
    elif dress == "byte order mark":
        data = b"\xef\xbb\xbf" + data
    elif dress == "CRLF":
        data = data.replace(b"\n", b"\r\n")
    else:
        data = data.decode().encode("utf-16")
    found = read(data, name="chat")
    assert [each.format for each in found] == [format] * len(found)
    assert LATEX in answers(found[0])
    check_places(found[0])


@pytest.mark.parametrize("format", ["chatgpt-export", "claude-export", "deepseek-export"])
@pytest.mark.parametrize("names", [["conversations.json"], ["conversations-000.json", "conversations-001.json"]])
def test_an_export_is_read_out_of_its_zip_and_the_rest_is_named(format: str, names: list[str]) -> None:
    members = dict.fromkeys(names, SAMPLES[format]) | {
        "chat.html": b"<html><body>double</body></html>",
        "user.json": b"{}",
    }
    found = read(zipped_members(members), name="export.zip")
    assert [each.format for each in found] == [format] * len(names)
    assert found[0].source.name == f"export.zip/{names[0]}"
    assert "chat.html" in found[-1].notes[-1]


def test_a_zip_of_several_chats_gives_all_of_them_and_says_what_it_left() -> None:
    members = {
        "a.md": SAMPLES["text"],
        "b.json": SAMPLES["openai-chat"],
        "c.json": b'{"broken": ',
        "picture.png": b"\x89PNG",
    }
    found = read(zipped_members(members), name="chats.zip")
    assert [each.format for each in found] == ["text", "openai-chat"]
    assert any("picture.png" in note for note in found[-1].notes)
    assert any("c.json:1" in note for note in found[-1].notes)


def test_every_row_of_the_table_says_in_words_what_it_reads_and_how_it_is_told() -> None:
    ids = [row.id for row in FORMATS]
    assert len(set(ids)) == len(ids)
    assert set(SAMPLES) <= set(ids)
    for row in FORMATS:
        assert len(row.title) > 8
        assert len(row.told_by) > 30


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (b" \n\t ", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "picture"),
        (b"\x7fELF" + bytes(range(256)), "program"),
        (bytes(range(256)) * 20, "binary"),
        (b'{"a": 1, "b": [1, 2]}', "keys are a, b"),
        (b"[]", "no objects"),
        (b'{"messages": [{"role": "user", "content": "x"}, {"role"', "chat:1:56: not JSON"),
        (b'[{"role": "us', "cut off"),
        (b"PK\x03\x04 and so on", "damaged"),
        (gzip.compress(SAMPLES["text"], mtime=0)[:40], "gzip"),
        (b'[{"a":' * 100_000, "JSON"),
        (b'{"a":' * 100_000, "JSON"),
        (b'{"messages": ' + b"9" * 5000 + b"}", "JSON"),
    ],
)
def test_what_cannot_be_read_says_so_with_its_place(data: bytes, says: str) -> None:
    with pytest.raises(UnreadableInput) as caught:
        read(data, name="chat")
    assert says in str(caught.value)
    assert str(caught.value).startswith("chat")


def test_missing_files_and_folders_are_named(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput, match="no such file"):
        read(tmp_path / "none.md")
    with pytest.raises(UnreadableInput, match="folder"):
        read(tmp_path)
    with pytest.raises(UsageError, match="did you mean `chatgpt-export`"):
        read(b"x", format="chatgpt-exprot")


def test_a_path_is_read_like_its_bytes(tmp_path: Path) -> None:
    path = tmp_path / "chat.json"
    path.write_bytes(SAMPLES["openai-chat"])
    (from_path,) = read(path)
    (from_bytes,) = read(SAMPLES["openai-chat"], name=str(path))
    assert from_path == from_bytes
