"""Whoever is killed, nothing is lost, nothing comes twice, and the results are those of an undisturbed run.

The long versions: ``python tests/batch/chaos.py --kills 20`` and the same with ``--engine ray``, or LLMGRADE_CHAOS=20 here.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import chaos
from answers import rows, write

KILLS = int(os.environ.get("LLMGRADE_CHAOS", "4"))


def test_kills_of_driver_and_workers_lose_nothing(tmp_path: Path) -> None:
    told = chaos.local(KILLS, 300 * KILLS, 5, tmp_path)
    assert told.sound, told
    assert told.kills, told  # a quick machine is done before all of them


def test_workers_end_with_a_killed_driver_even_in_the_middle_of_a_job(tmp_path: Path) -> None:
    import subprocess

    spinning = [
        {
            "id": f"tower{n}",
            "problem": "relu-elbow",
            "part": "a.i",
            "answer": "(" * 40 + f"b^{{{n}}}" + "+1)^{99999}" * 40,
        }
        for n in range(4)
    ]
    table = write(tmp_path / "answers.jsonl", [*spinning, *rows(200)])
    process = subprocess.Popen(chaos.command(table, tmp_path / "out"), stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 30
    while len(below := chaos.descendants(process.pid)) < 3 and time.monotonic() < deadline:
        time.sleep(0.1)
    assert below
    chaos.driver(process)
    while any(_runs(pid) for pid in below) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not [pid for pid in below if _runs(pid)]


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.skipif("LLMGRADE_CHAOS" not in os.environ, reason="a cluster of three nodes takes a minute")
def test_kills_of_ray_nodes_lose_nothing(tmp_path: Path) -> None:
    pytest.importorskip("ray")
    told = chaos.on_ray(KILLS, 150 * KILLS, 5, tmp_path)
    assert told.sound, told
