"""What was accepted is graded once, whatever is killed: API, worker, grading process, database server.

Short here; as long as one likes with ``LLMGRADE_KILLS=30 LLMGRADE_SUBMISSIONS=1000``.
"""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from .conftest import KINDS, ROOT

KILLS = int(os.environ.get("LLMGRADE_KILLS", "4"))
SUBMISSIONS = int(os.environ.get("LLMGRADE_SUBMISSIONS", "60"))


@pytest.mark.parametrize("kind", KINDS)
def test_kills_at_random_moments_lose_nothing_and_double_nothing(kind: str, request: pytest.FixtureRequest) -> None:
    if kind == "postgres":
        request.getfixturevalue("postgres")  # skips where there is none, or fails where there must be one
    command = [sys.executable, "-m", "benchmarks.service.faults", "--kind", kind, "--pause", "2" if KILLS < 10 else "6"]
    command += ["--kills", str(KILLS), "--jobs", str(SUBMISSIONS)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=1800)
    assert ended.returncode == 0, ended.stdout + ended.stderr[-4000:]
    assert f"{SUBMISSIONS} reports, 0 lost, 0 double" in ended.stdout
