"""Labelled pairs, every gold read anew, beside Math-Verify: ``python -m benchmarks.core.pairs --rows pairs.jsonl [--step 5]``.

Each row goes to both before the next one. Math-Verify is given what it asks for: mathematics between dollars, and nothing it
remembers of earlier texts. CPU time; ``--step`` takes every so many rows.
"""

from __future__ import annotations

import argparse
import json
import logging
import statistics
import time
from pathlib import Path

from benchmarks.core.against_peers import forget, settle
from llmgrade.checking.equivalence import decide
from llmgrade.errors import LlmgradeError
from llmgrade.expr.symbols import SymbolTable

__all__ = ["main"]


def _dollars(text: str) -> str:
    return text if "$" in text or "\\boxed" in text else f"${text}$"


def _peer(gold: str, answer: str) -> bool:
    from math_verify import parse, verify

    try:
        return bool(verify(parse(_dollars(gold)), parse(_dollars(answer))))
    except Exception:
        return False


def _ours(gold: str, answer: str, table: SymbolTable) -> bool:
    try:
        return decide(gold, answer, table).equal
    except LlmgradeError:
        return False


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=Path, required=True, metavar="FILE")
    parser.add_argument("--step", type=int, default=1)
    args = parser.parse_args()
    logging.disable(logging.CRITICAL)
    rows = [json.loads(line) for line in args.rows.read_text(encoding="utf-8").splitlines()][:: args.step]
    table = SymbolTable.empty()
    for row in rows[:20]:
        _peer(row["gold"], row["pred"])
        _ours(row["gold"], row["pred"], table)
    settle()
    peer: list[float] = []
    ours: list[float] = []
    right = [0, 0]
    for row in rows:
        forget()
        start = time.thread_time()
        said = _peer(row["gold"], row["pred"])
        middle = time.thread_time()
        peer.append(middle - start)
        right[0] += said == (row["expected"] is True)
        middle = time.thread_time()
        said = _ours(row["gold"], row["pred"], table)
        ours.append(time.thread_time() - middle)
        right[1] += said == (row["expected"] is True)
    for name, times, count in (("Math-Verify", peer, right[0]), ("llmgrade", ours, right[1])):
        mean, median = statistics.fmean(times), statistics.median(times)
        print(f"{name:12} {count}/{len(rows)} as labelled; mean {mean * 1e6:9,.1f} µs, median {median * 1e6:9,.1f} µs")
    print(f"{statistics.fmean(peer) / statistics.fmean(ours):.0f} times Math-Verify's pairs per second")


if __name__ == "__main__":
    main()
