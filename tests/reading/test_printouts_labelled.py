"""The labelled printouts: every turn, note and formula line where the gold has it."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
import yaml

from llmgrade.limits import Limits
from llmgrade.reading import pdf_file, pdf_text
from llmgrade.reading.opening import Input
from llmgrade.reading.printout_pages import notes_of, pages_of
from llmgrade.reading.printout_repair import repair
from llmgrade.reading.printout_turns import Talk, told_apart
from llmgrade.transcript.model import Formula, Piece, Table, Transcript

pytestmark = pytest.mark.shared


def text_of(path: Path) -> list[str]:
    return repair(path.read_text(encoding="utf-8")).text.split("\n")


def stretches(numbers: Sequence[int]) -> list[list[int]]:
    """Runs of consecutive lines, first and last."""
    runs: list[list[int]] = []
    for n in numbers:
        if runs and n == runs[-1][1] + 1:
            runs[-1][1] = n
        else:
            runs.append([n, n])
    return runs


def said(talk: Talk) -> list[tuple[str, list[list[int]], list[list[int]]]]:
    found = []
    for index, message in enumerate(talk.messages):
        words = [line.number for stretch in message.stretches for line in stretch.lines]
        runs = [run for run in talk.runs if any(owner == index for owner, _ in run.owners)]
        found.append((message.role, stretches(words), [[run.lines[0].number, run.lines[-1].number] for run in runs]))
    return found


def test_every_turn_of_the_seed_has_its_role_words_and_formula_lines(shared: Path) -> None:
    gold = yaml.safe_load((shared / "seed" / "gold.yaml").read_text(encoding="utf-8"))["structure"]["turns"]
    lines = text_of(shared / "seed" / "transcript.txt")
    found = said(told_apart(pages_of(lines).pages, lines))
    assert found == [(turn["role"], turn["prose"], turn["formulas"]) for turn in gold]


def test_every_margin_note_of_the_seed_is_found_whole(shared: Path) -> None:
    gold = yaml.safe_load((shared / "seed" / "gold.yaml").read_text(encoding="utf-8"))["margin_notes"]
    lines = text_of(shared / "seed" / "transcript.txt")
    found = [
        (page.number, [note.lines[0], note.lines[-1]], note.text.split(), note.fragment)
        for page, note in notes_of(pages_of(lines).pages, lines)
    ]
    assert found == [(n["page"], n["lines"], n["text"].split(), n["polarity"] == "none") for n in gold]


@pytest.mark.parametrize(
    "name",
    ["all_four_terse", "examples_outside_case_relu", "gpt4o_vector", "out_of_order_ridge", "prompt_injection_svd"],
)
def test_the_turns_of_a_printed_chat_begin_as_they_were_written(shared: Path, name: str) -> None:
    source = (shared / "transcripts_pdf" / "src" / f"{name}.md").read_text(encoding="utf-8")
    opened = re.findall(r"^### (user|assistant)\n+\W*(\w+)", source, re.MULTILINE)
    for transcript in (read_text(shared, name), read_pdf(shared, name)):
        turns = [(str(turn.role), first_words(transcript, turn.span.start)) for turn in transcript.turns]
        assert [role for role, _ in turns] == [role for role, _ in opened]
        for (_, found), (_, expected) in zip(turns, opened, strict=True):
            assert re.findall(r"\w+", found)[0] == expected


def first_words(transcript: Transcript, at: int) -> str:
    return transcript.source.text[at : at + 40].lstrip()


def read_text(shared: Path, name: str) -> Transcript:
    data = (shared / "transcripts_pdf" / "text" / f"{name}.txt").read_bytes()
    return next(iter(pdf_text.read(Input(name, data), Limits())))


def read_pdf(shared: Path, name: str) -> Transcript:
    data = (shared / "transcripts_pdf" / "file" / f"{name}.pdf").read_bytes()
    return next(iter(pdf_file.read(Input(name, data), Limits())))


def formulas(pieces: Sequence[Piece]) -> Iterator[Formula]:
    for piece in pieces:
        if isinstance(piece, Formula):
            yield piece
        elif isinstance(piece, Table):
            for row in piece.rows:
                for cell in row:
                    yield from formulas(cell)


def test_the_seed_is_read_in_seconds_and_its_formulas_stand_on_their_lines(shared: Path) -> None:
    gold = [json.loads(row) for row in (shared / "seed" / "formulas.jsonl").read_text(encoding="utf-8").splitlines()]
    started = time.process_time()
    data = (shared / "seed" / "transcript.txt").read_bytes()
    transcript = next(iter(pdf_text.read(Input("transcript.txt", data), Limits())))
    assert time.process_time() - started < 150  # the budget is 60 s of work; a shared machine counts more
    places = [transcript.source.place(f.span) for turn in transcript.turns for f in formulas(turn.pieces)]
    found = sorted((place.line_start, place.line_end) for place in places)
    expected = sorted((row["first_line"], row["last_line"]) for row in gold)
    hit = sum(min(found.count(pair), expected.count(pair)) for pair in set(expected))
    assert hit >= 0.5 * len(expected), (hit, len(expected))
