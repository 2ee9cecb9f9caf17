"""Whole chats through the command line, in units of ``python -c "import sympy"`` measured in the same run."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CHATS = {
    "our printed chat": ROOT / "transcripts" / "two_problems.txt",
    "a short Markdown chat": ROOT / "transcripts" / "ridge_short.md",
    "a 25-page printout": ROOT.parent / "shared" / "seed" / "transcript.txt",
}


def _seconds(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - start


def main(*, quick: bool = False) -> None:
    rounds = 3 if quick else 7
    python = [sys.executable, "-c", "import sympy"]
    _seconds(python)
    for name, chat in CHATS.items():
        if not chat.exists():
            print(f"{name}: not here")
            continue
        score = [sys.executable, "-m", "llmgrade", "score", str(chat), "--format", "json"]
        pairs = [(_seconds(python), _seconds(score)) for _ in range(rounds)]
        unit, ours = (statistics.median(column) for column in zip(*pairs, strict=True))
        print(f"{name}: {ours:.2f} s, {ours / unit:.1f} times importing sympy ({unit:.2f} s)")
