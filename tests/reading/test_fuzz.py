"""Damaged files of every format: whatever happens, it is a transcript in its places or an `UnreadableInput`, soon.

``python tests/reading/test_fuzz.py COUNT [FORMAT...]`` does COUNT files for each format, and says how it went.
"""

from __future__ import annotations

import json
import random
import sys
import time
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from chat_samples import SAMPLES
from test_formats import all_pieces, check_places

from llmgrade.errors import UnreadableInput
from llmgrade.limits import Limits
from llmgrade.reading import read
from llmgrade.transcript.model import Formula, Transcript

STRANGE: list[Any] = [
    None,
    True,
    0,
    -1,
    1e308,
    "",
    "x",
    "\ud800",
    "$$",
    "<think>",
    "```",
    "(" * 50,
    [],
    {},
    [[]],
    [None],
    {"": None},
    [{"role": "user"}],
    {"role": 3},
]
SNIPPETS = [b"\x00", b"\xff", b"\xc3\x28", b'"', b"{", b"}", b"[", b"]", b",", b"\\", b"\n", b"\r", b"$$", b"$", b"\\[", b"```", b"<think>", b"</think>",
            b"<!--", b"-->", b"|---|", b"<math>", b"</math>", b"&#x110000;", b"PK\x03\x04", b"\x1f\x8b", b"**", b"\xe2\x80\x8b", b"User:", b"NaN", b"1e999"]  # fmt: skip
SECONDS = 3.0


def mutated(chance: random.Random, data: bytes) -> bytes:
    """Bytes flipped, cut out, doubled, put in; or, for JSON, values of other kinds put in their places."""
    if chance.random() < 0.4 and data[:1] in b"[{":
        rows = data.split(b"\n") if b"\n{" in data else [data]
        try:
            return b"\n".join(json.dumps(altered(chance, json.loads(row))).encode() if row else row for row in rows)
        except ValueError:
            pass
    found = bytearray(data)
    for _ in range(chance.choice([1, 1, 2, 5, 20])):
        at = chance.randrange(len(found) + 1)
        length = chance.choice([1, 2, 8, 64, 512])
        match chance.randrange(6):
            case 0 if found:
                found[min(at, len(found) - 1)] = chance.randrange(256)
            case 1:
                del found[at : at + length]
            case 2:
                found[at:at] = found[at : at + length]
            case 3:
                found[at:at] = chance.choice(SNIPPETS)
            case 4:
                del found[at:]
            case _:
                found[at:at] = chance.choice(SNIPPETS) * chance.choice([1, 3, 200])
    return bytes(found)


def altered(chance: random.Random, value: Any) -> Any:
    if chance.random() < 0.03:
        return chance.choice(STRANGE)
    if isinstance(value, dict):
        return {
            (key if chance.random() > 0.02 else key + "x"): altered(chance, item)
            for key, item in value.items()
            if chance.random() > 0.02
        }
    if isinstance(value, list):
        found = [altered(chance, item) for item in value if chance.random() > 0.03]
        return found + found if chance.random() < 0.02 else found
    return value


def survives(data: bytes, seed: int, *, seconds: float = SECONDS) -> bool:
    """Whether the file was read; False where it was refused with a reason. Anything else fails."""
    began = time.monotonic()
    refusal: UnreadableInput | None = None
    try:
        found = read(data, name="chat", limits=Limits(input_bytes=4_000_000))
    except UnreadableInput as error:
        refusal = error
    finally:
        assert time.monotonic() - began < seconds, seed
    if refusal is not None:
        assert str(refusal).startswith("chat"), seed
        assert len(refusal.reason) > 5, seed
        return False
    for transcript in found:
        if transcript.format == "pdf-text":
            check_lines(transcript)
        else:
            check_places(transcript)
    return True


def check_lines(transcript: Transcript) -> None:
    """A printout's formula may have a page's furniture or empty lines between its own, which stand in its span in order."""
    for piece in all_pieces(transcript):
        text = piece.written if isinstance(piece, Formula) else getattr(piece, "text", "")
        place = iter(transcript.source[piece.span].split("\n"))
        assert all(any(line in other for other in place) for line in text.split("\n"))


def run(count: int, first: int) -> tuple[int, int]:
    """``count`` mutated files over all formats; how many were read and how many refused."""
    names = sorted(SAMPLES)
    outcomes = []
    for seed in range(first, first + count):
        chance = random.Random(seed)
        data = SAMPLES[names[seed % len(names)]]
        for _ in range(chance.choice([1, 1, 2])):
            data = mutated(chance, data)
        outcomes.append(survives(data, seed))
    return sum(outcomes), len(outcomes) - sum(outcomes)


PRINTED = {"pdf": "*.pdf", "pdf-text": "*.txt"}


@cache
def seeds(format: str) -> tuple[bytes, ...]:
    """Whole files of a format: the sample, those that tools made, and small prints."""
    here = Path(__file__).parent
    if format in PRINTED:
        chats = here.parent / "grading" / "own_chats"
        return tuple(path.read_bytes() for path in sorted(chats.glob(PRINTED[format])))
    made = [path.read_bytes() for path in sorted((here / "made").iterdir())]
    return (SAMPLES[format], *(data for data in made if read(data, name="chat")[0].format == format))


def long_run(count: int, format: str) -> None:
    """``count`` mutated files of one format; an exception of any other kind than `UnreadableInput` ends it."""
    began, read_well, slowest = time.monotonic(), 0, 0.0
    for seed in range(count):
        chance = random.Random(f"{format} {seed}")
        data = chance.choice(seeds(format))
        for _ in range(chance.choice([1, 1, 2])):
            data = mutated(chance, data)
        started = time.process_time()
        read_well += survives(data, seed, seconds=120.0)
        slowest = max(slowest, time.process_time() - started)
    took = time.monotonic() - began
    print(f"{format:19} {count} files, {read_well} read, {count - read_well} refused, {took:.0f} s, slowest {slowest:.2f} s", flush=True)  # fmt: skip


def test_a_few_hundred_damaged_files_are_survived() -> None:
    read_well, refused = run(800, 0)
    assert read_well > 300
    assert refused > 50


@pytest.mark.slow
@pytest.mark.parametrize("first", range(10_000, 20_000, 2_000))
def test_ten_thousand_damaged_files_are_survived(first: int) -> None:
    read_well, refused = run(2_000, first)
    assert read_well > 700
    assert refused > 100


if __name__ == "__main__":
    for each in sys.argv[2:] or [*SAMPLES, *PRINTED]:
        long_run(int(sys.argv[1]), each)
