"""The PDF of a printed chat itself: turns from bubbles and names, notes from annotations, and files that are no help."""

from __future__ import annotations

import contextlib
import re
import sys
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from llmgrade.errors import UnreadableInput
from llmgrade.limits import Limits
from llmgrade.reading import pdf_file
from llmgrade.reading.opening import Input
from llmgrade.transcript.model import Formula, Heading, Piece, Table, Transcript

pytest.importorskip("pdfplumber")

PRINTED = Path(__file__).parent / "printed"
CHATS = sorted(path.stem for path in PRINTED.glob("*.pdf"))
assert CHATS


def one(name: str) -> Transcript:
    return read((PRINTED / f"{name}.pdf").read_bytes())


def read(data: bytes) -> Transcript:
    (transcript,) = pdf_file.read(Input("chat.pdf", data), Limits())
    return transcript


def flat(pieces: Sequence[Piece]) -> Iterator[Piece]:
    for piece in pieces:
        if isinstance(piece, Table):
            for row in piece.rows:
                for cell in row:
                    yield from flat(cell)
        else:
            yield piece


@pytest.mark.parametrize("chat", CHATS)
def test_the_turns_of_a_pdf_are_those_that_were_printed(chat: str) -> None:
    source = (PRINTED / f"{chat}.md").read_text(encoding="utf-8")
    opened = re.findall(r"^### (user|assistant)\n+(?:#+ )?\W*(\w+)", source, re.MULTILINE)
    transcript = one(chat)
    found = [(str(t.role), re.findall(r"\w+", transcript.source[t.span])[0]) for t in transcript.turns]
    assert found == opened


@pytest.mark.parametrize("chat", CHATS)
def test_every_piece_of_a_pdf_quotes_the_very_text_it_stands_on(chat: str) -> None:
    transcript = one(chat)
    for turn in transcript.turns:
        for piece in flat(turn.pieces):
            quoted = transcript.source[piece.span]
            assert quoted == (piece.written if isinstance(piece, Formula) else piece.text)  # type: ignore[union-attr]
            assert turn.span.start <= piece.span.start <= piece.span.stop <= turn.span.stop


def test_annotations_are_notes_on_their_page() -> None:
    transcript = one("elbow")
    assert [(note.page, note.text) for note in transcript.annotations] == [
        (1, "case ii is done well"),
        (2, "(iii) only proved after asking, the first answer just claims"),
    ]
    assert all(note.anchor is not None for note in transcript.annotations)


def test_headings_and_the_title_are_known_by_their_type() -> None:
    transcript = one("elbow")
    headings = [p.text for t in transcript.turns for p in t.pieces if isinstance(p, Heading)]
    assert {"Setup", "Case (i)", "Summary"} <= {text.strip() for text in headings}
    assert transcript.title == "SGD elbow question"


def test_a_table_of_a_pdf_keeps_rows_and_columns() -> None:
    transcript = one("elbow")
    (table,) = [p for t in transcript.turns for p in t.pieces if isinstance(p, Table)]
    assert {len(row) for row in table.rows} == {4}
    texts = [" ".join(str(getattr(p, "text", "")).strip() for p in row[0]) for row in table.rows]
    assert texts == ["Case", "(i)", "(ii)", "(iii)"]
    last = " ".join(str(getattr(p, "text", "")) for p in table.rows[2][3])
    assert re.sub(r"\s+", " ", last).strip() == "Left or right, depending on the sign of the numerator"


def tiny(content: bytes, extra: bytes = b"", objects: Sequence[bytes] = ()) -> bytes:
    """A PDF of one page with this content."""
    parts = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 400 400]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>"
        + extra
        + b">>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(content), content),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        *objects,
    ]
    data, places = b"%PDF-1.4\n", []
    for number, part in enumerate(parts, 1):
        places.append(len(data))
        data += b"%d 0 obj%s endobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    start = len(data)
    data += b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(parts) + 1, table)
    return data + b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(parts) + 1, start)


WORDS = b"BT /F 12 Tf 40 300 Td (Trace of AB equals trace of BA.) Tj ET"


def test_a_pdf_of_plain_words_is_read() -> None:
    transcript = read(tiny(WORDS))
    assert "Trace of AB equals trace of BA." in transcript.source.text
    assert transcript.source.page_of(0) == 1


def test_a_sticky_note_is_a_note_beside_its_line() -> None:
    note = b"/Annots[<</Type/Annot/Subtype/Text/Rect[300 295 320 315]/Contents(This is right)>>]"
    (found,) = read(tiny(WORDS, note)).annotations
    assert (found.text, found.page) == ("This is right", 1)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (tiny(b""), "holds no text"),
        (b"%PDF-1.7\n" + bytes(range(256)) * 8, "damaged"),
        (tiny(WORDS)[:150], "damaged|no text"),
        (b"%PDF-1.4\n1 0 obj<</Length 9>>stream\n" + zlib.compress(b"x")[:4], "damaged|no text"),
    ],
)
def test_a_pdf_without_words_is_refused_in_words(data: bytes, said: str) -> None:
    with pytest.raises(UnreadableInput, match=said):
        read(data)


def test_an_encrypted_pdf_asks_for_a_copy_without_password(tmp_path: Path) -> None:
    pymupdf = pytest.importorskip("pymupdf")
    document = pymupdf.open(stream=tiny(WORDS), filetype="pdf")
    path = tmp_path / "locked.pdf"
    document.save(path, encryption=pymupdf.PDF_ENCRYPT_AES_256, owner_pw="o", user_pw="u")
    with pytest.raises(UnreadableInput, match="encrypted"):
        read(path.read_bytes())


def test_a_missing_library_is_said_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pdfplumber", None)
    with pytest.raises(UnreadableInput, match=r"needs pdfplumber.*\n.*llmgrade\[pdf\]"):
        read(tiny(WORDS))


@pytest.mark.parametrize("seed", range(24))
def test_a_damaged_pdf_is_read_or_refused_and_never_crashes(seed: int) -> None:
    data = bytearray((PRINTED / f"{CHATS[seed % len(CHATS)]}.pdf").read_bytes())
    for k in range(40):
        place = (seed * 7919 + k * 104729 + k * k * 31) % len(data)
        data[place] = (data[place] + 1 + seed + k) % 256
    if seed % 3 == 0:
        data = data[: len(data) * (seed + 1) // 26]
    with contextlib.suppress(UnreadableInput):
        assert read(bytes(data)).turns
