"""Twenty near misses of every right answer, judged: ``python -m benchmarks.core.near_misses --rows FILE …``.

Which of them are wrong says an oracle that shares no evaluator with the engine. An accepted one is printed, and the exit
status is 1. Beside them, what became of the mutants that are right after all.
"""

from __future__ import annotations

import argparse
import collections
import json
import random
import time
from pathlib import Path
from typing import Any

from benchmarks.core.mutants import mutants
from benchmarks.core.oracle import agree
from llmgrade.checking.answers import Value, normalise
from llmgrade.checking.compiled import Part
from llmgrade.errors import LlmgradeError
from llmgrade.expr.notation import read_answer
from llmgrade.expr.show import latex
from llmgrade.expr.symbols import SymbolTable

__all__ = ["main"]


def judged(row: dict[str, Any], each: int, rng: random.Random, tally: collections.Counter[str]) -> None:
    """The mutants of one right answer, counted by what the oracle and the engine say."""
    table = SymbolTable.from_json(row.get("symbols"))
    try:
        gold, answer = read_answer(row["gold"], table).expr, read_answer(row["pred"], table).expr
    except LlmgradeError:
        return
    if not all(isinstance(normalise(e, table), Value) for e in (gold, answer)):
        return
    if agree(gold, answer, table) is not True:
        return
    tally["right answers"] += 1
    part = Part.compile(gold, table)
    for mutant in mutants(answer, table, each, rng):
        try:
            text = latex(mutant)
        except (LlmgradeError, ValueError, TypeError):
            continue
        right = agree(gold, mutant, table)
        said = part.check(text).verdict.value
        tally[{True: "right", False: "wrong", None: "unknown"}[right] + ": " + said] += 1
        if right is False and said == "correct":
            print(f"FALSE ACCEPT {row.get('id')}: {row['gold']!r} | {text!r}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=Path, action="append", required=True, metavar="FILE")
    parser.add_argument("--each", type=int, default=20)
    parser.add_argument("--seed", type=int, default=17)
    args = parser.parse_args()
    rng = random.Random(args.seed)
    tally: collections.Counter[str] = collections.Counter()
    start = time.process_time()
    for path in args.rows:
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            if row["expected"] is True:
                judged(row, args.each, rng, tally)
    for name, count in sorted(tally.items()):
        print(f"{count:8,} {name}")
    print(f"{time.process_time() - start:.0f} s")
    raise SystemExit(1 if tally["wrong: correct"] else 0)


if __name__ == "__main__":
    main()
