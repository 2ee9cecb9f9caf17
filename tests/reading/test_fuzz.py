"""Damaged files of every format: whatever happens, it is a transcript in its places or an `UnreadableInput`, soon."""

from __future__ import annotations

import json
import random
import time
from typing import Any

import pytest
from chat_samples import SAMPLES
from test_formats import check_places

from llmgrade.errors import UnreadableInput
from llmgrade.limits import Limits
from llmgrade.reading import read

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


def survives(data: bytes, seed: int) -> bool:
    """Whether the file was read; False where it was refused with a reason. Anything else fails."""
    began = time.monotonic()
    refusal: UnreadableInput | None = None
    try:
        found = read(data, name="chat", limits=Limits(input_bytes=4_000_000))
    except UnreadableInput as error:
        refusal = error
    finally:
        assert time.monotonic() - began < SECONDS, seed
    if refusal is not None:
        assert str(refusal).startswith("chat"), seed
        assert len(refusal.reason) > 5, seed
        return False
    for transcript in found:
        check_places(transcript)
    return True


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
