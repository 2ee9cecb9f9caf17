"""For every claim of every format, the source's text at its span is the claim's own text; in damaged files too."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from chat_samples import SAMPLES
from test_fuzz import mutated
from tests.making.text_of_prints import pages

from llmgrade.claims import find_statements
from llmgrade.errors import UnreadableInput
from llmgrade.grading import grade
from llmgrade.reading import read
from llmgrade.rubric.loading import load_all
from llmgrade.transcript.model import Block, Formula, Heading, Piece, Prose, Table

READING = Path(__file__).resolve().parents[1] / "reading"
SHIPPED = Path(__file__).resolve().parents[2] / "transcripts"
CHATS = Path(__file__).parent / "own_chats"
FILES = {
    **SAMPLES,
    **{
        path.name: path.read_bytes()
        for folder in ("made", "printed")
        for path in sorted((READING / folder).iterdir())
        if path.suffix != ".txt"  # slow, and one below
    },
    **{
        path.name: path.read_bytes()
        for folder, kinds in (
            (SHIPPED, ("*.md",)),
            (CHATS, ("*.pasted.txt", "b*.html", "e*.html", "parts.*", "waiting.pdf")),
        )
        for kind in kinds
        for path in sorted(folder.glob(kind))
    },
}
EXTRACTORS = ("pdfplumber", "pdfminer", "pypdfium2", "pypdf")


def inner(pieces: Iterable[Piece]) -> Iterator[Prose | Heading | Formula | Block]:
    """Pieces, those in the cells of tables too."""
    for piece in pieces:
        if isinstance(piece, Table):
            for row in piece.rows:
                for cell in row:
                    yield from inner(cell)
        else:
            yield piece


def claims_in_place(data: bytes) -> int:
    """How many claims were found; each is the text at its span."""
    count = 0
    for transcript in read(data, name="chat"):
        for turn in transcript.turns:
            for piece in inner(turn.pieces):
                assert transcript.source[piece.span] == (piece.written if isinstance(piece, Formula) else piece.text)
        for statement in find_statements(transcript):
            assert transcript.source[statement.span] == statement.text
            assert statement.text.strip()
            count += 1
    return count


@pytest.mark.parametrize("name", FILES)
def test_a_claim_is_the_text_at_its_span(name: str) -> None:
    assert claims_in_place(FILES[name]) > 0 or name == "lm_eval_dummy.jsonl"


@pytest.mark.parametrize("extractor", EXTRACTORS)
@pytest.mark.parametrize("name", ["backprop", "ridge"])
def test_a_claim_of_an_extractors_text_is_the_text_at_its_span(name: str, extractor: str) -> None:
    pytest.importorskip("pdfplumber")
    pytest.importorskip(extractor)
    text = "\f".join(pages(CHATS / f"{name}.pdf", extractor)).replace("\r\n", "\n")
    assert claims_in_place(text.encode()) > 0


@pytest.mark.parametrize("name", SAMPLES)
def test_a_claim_of_a_damaged_file_is_the_text_at_its_span(name: str) -> None:
    for seed in range(25):
        try:
            claims_in_place(mutated(random.Random(f"{name} {seed}"), SAMPLES[name]))
        except UnreadableInput:
            continue


@pytest.mark.parametrize("kind", ["md", "html", "pdf", "txt"])
def test_a_claim_of_a_report_is_the_text_at_its_span(kind: str) -> None:
    (transcript,) = read(CHATS / f"least-squares.{kind}")
    report = grade(transcript, load_all(()))
    claims = [claim for _, _, attempt in report.attempts() for claim in attempt.claims]
    assert claims
    for claim in claims:
        start, stop = claim.span.start, claim.span.stop
        assert start is not None
        assert stop is not None
        place = transcript.source.text[start:stop]
        assert all(line in place for line in claim.text.split("\n"))  # a printout's furniture may stand between
