"""Random texts, broken formulas and shuffled tokens through the reader and both ways of checking.

``python -m benchmarks.core.fuzz --inputs 100000 --rows pairs.jsonl``: with ``--rows``, labelled pairs give further texts to
break and further questions to ask. No crash, no hang over the budget, memory flat. The finds are printed, and those of the
past are regression cases of the test suite.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import resource
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from llmgrade.checking.compiled import Part
from llmgrade.checking.verdict import Verdict
from llmgrade.errors import LlmgradeError
from llmgrade.expr.notation import read_answer
from llmgrade.expr.show import latex, plain
from llmgrade.expr.symbols import SymbolTable

__all__ = ["main", "texts"]

PIECES = (
    *"0123456789abcdefghnkxyzwABXUVIT+-*/^_=<>()[]{}|,.;:!'&%$#~ \\", "\\frac", "\\sqrt", "\\left", "\\right", "\\sum", "\\int",
    "\\lim", "\\prod", "\\infty", "\\to", "\\lambda", "\\sigma", "\\Sigma", "\\pi", "\\sin", "\\cos", "\\ln", "\\log", "\\exp",
    "\\cdot", "\\times", "\\pm", "\\le", "\\ge", "\\ne", "\\in", "\\cup", "\\cap", "\\mathbb{R}", "\\begin{pmatrix}", "\\end{pmatrix}",
    "\\begin{cases}", "\\end{cases}", "\\\\", "\\text{if }", "\\operatorname{tr}", "\\det", "\\|", "^T", "^{-1}", "^\\top", "^+", "_{ij}",
    "_i", "dx", "\\partial", "\\nabla", "\\binom", "\\boxed{", "\\text{ cm}", "\\%", "°", "²", "ᵀ", "⁻¹", "λ", "Σ", "√", "≤", "∞", "∈", "·",
    "½", "𝐱", "é", "\u200b", "1e9", "10^{10^{10}}", "9**9**9", "0.333", "\\overline{3}", "factorial", "n!", "C", "O(n)", "f(x)", "f'(x)",
    "=", "+", "-", "(", ")", "{", "}",
)  # fmt: skip
QUESTIONS: tuple[tuple[str, dict[str, object]], ...] = (
    ("5", {}),
    (r"\frac{1}{1+e^{-x}}", {}),
    (r"(X^TX+\lambda I)^{-1}X^Ty", {
        "X": {"type": "matrix", "shape": ["n", "d"]}, "y": {"type": "vector", "shape": ["n", 1]},
        "\\lambda": {"assume": ["positive"]}, "I": {"type": "identity", "shape": ["fits", "fits"]}}),
    ("-1 < x \\le 3", {}),
    ("x = 1, y = 2", {}),
    (r"\sqrt{a^2+b^2}", {"a": {}, "b": {}}),
    (r"\{1, 2, 3\}", {}),
    (r"x^2 + C", {}),
    (r"5 \text{ km}", {}),
    (r"A^\dagger A b + \operatorname{rank}(A) b", {
        "A": {"type": "matrix", "shape": ["n", "n"]}, "b": {"type": "vector", "shape": ["n", 1]},
        "I": {"type": "identity", "shape": ["fits", "fits"]}}),
    (r"\det(Q) + \operatorname{tr}(P)", {
        "Q": {"type": "matrix", "shape": ["n", "n"], "assume": ["orthogonal"]},
        "P": {"type": "matrix", "shape": ["n", "n"], "assume": ["projection"]}}),
    (r"(-1)^n \lfloor n/2 \rfloor", {"n": {"assume": ["integer"]}}),
    (r"|x-100| + \max(x, y)", {"x": {}, "y": {}}),
    ("y = 2x + 1", {}),
    (r"\begin{cases} x & x > 0 \\ 0 & x \le 0 \end{cases}", {"x": {}}),
)  # fmt: skip


def texts(rng: random.Random, sources: list[str], count: int) -> list[str]:
    """Token soups; formulas with tokens exchanged, doubled, swapped and dropped; truncated, spliced and peppered ones."""
    return [_text(rng, sources) for _ in range(count)]


def _text(rng: random.Random, sources: list[str]) -> str:
    kind = rng.random()
    if kind < 0.2 or not sources:
        return "".join(rng.choice(PIECES) for _ in range(rng.randrange(1, rng.choice((6, 20, 60)))))
    text = rng.choice(sources)
    if kind < 0.65:
        return _by_token(rng, text, rng.choice(sources))
    if kind < 0.75:
        a = rng.randrange(len(text) + 1)
        return text[:a] if rng.random() < 0.5 else text[a:]
    if kind < 0.9:
        for _ in range(rng.randrange(1, 5)):
            a = rng.randrange(len(text) + 1)
            text = text[:a] + rng.choice(PIECES) + text[a + rng.randrange(0, 3) :]
        return text
    other = rng.choice(sources)
    return text[: rng.randrange(len(text) + 1)] + other[rng.randrange(len(other) + 1) :]


_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|\d+|[A-Za-z]+|\s+|.", re.S)


def _by_token(rng: random.Random, text: str, other: str) -> str:
    tokens, pool = _TOKEN.findall(text), [*_TOKEN.findall(other), rng.choice(PIECES)]
    for _ in range(rng.randrange(1, 4)):
        if not tokens:
            break
        a, b = rng.randrange(len(tokens)), rng.randrange(len(tokens))
        change = rng.randrange(5)
        if change == 0:
            tokens[a] = rng.choice(pool)
        elif change == 1:
            tokens.insert(a, rng.choice(pool))
        elif change == 2:
            tokens[a], tokens[b] = tokens[b], tokens[a]
        elif change == 3:
            del tokens[a]
        else:
            low, high = sorted((a, b))
            tokens[low:low] = tokens[low : min(high, low + 8)]
    return "".join(tokens)


def sources() -> list[str]:
    rows = json.loads((Path(__file__).parent / "questions.json").read_text(encoding="utf-8"))
    return [t for kind in rows.values() for row in kind for t in (row["gold"], *row["equal"], *row["wrong"])]


def labelled(paths: list[Path]) -> list[dict[str, Any]]:
    """Rows of ``gold``, ``pred`` and perhaps ``symbols``; texts of more than 2,000 characters are cut."""
    return [json.loads(line) for path in paths for line in path.read_text(encoding="utf-8").splitlines()]


class _Run:
    """Tallies, finds and the worst of a run."""

    def __init__(self, slow: float) -> None:
        self.slow = slow
        self.tally = dict.fromkeys(Verdict, 0)
        self.read = self.done = self.finds = 0
        self.worst = 0.0
        self.stopped = False

    def stop(self) -> None:
        """Ends the run after the question at hand; what it came to is still printed."""
        self.stopped = True

    def ask(self, what: str, text: str, call: Callable[..., Any], *given: Any) -> Any:
        """What the call gives; a crash or a hang is a find."""
        began = time.thread_time()
        found = None
        try:
            found = call(*given)
        except LlmgradeError:
            pass
        except Exception as error:  # a crash is what we are looking for
            self._find(f"CRASH of {what}: {type(error).__name__}: {error}", text)
        took = time.thread_time() - began
        self.worst = max(self.worst, took)
        if took > self.slow:
            self._find(f"SLOW {what}: {took:.2f} s", text)
        return found

    def _find(self, what: str, text: str) -> None:
        self.finds += 1
        print(f"{what} on {text[:400]!r}", flush=True)

    def line(self) -> str:
        return f"{self.done} inputs, {self.finds} finds, slowest {self.worst * 1000:.0f} ms, {memory()} MB"


def memory() -> int:
    """Megabytes this process holds now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1]) if Path("/proc/self/statm").exists() else 0
    return pages * resource.getpagesize() >> 20


def run(count: int, seed: int, slow: float, paths: list[Path]) -> int:
    rng = random.Random(seed)
    rows = labelled(paths)
    known = [*sources(), *(text[:2000] for row in rows for text in (row["gold"], row["pred"]))]
    questions = list(QUESTIONS)
    for row in rows:
        questions.append((row["gold"], row.get("symbols") or {}))
    found = _Run(slow)
    start, first, mark = time.monotonic(), 0, 20_000
    signal.signal(signal.SIGTERM, lambda *_: found.stop())
    while found.done < count and not found.stopped:
        gold, symbols = rng.choice(QUESTIONS if rng.random() < 0.3 else questions)
        table = SymbolTable.from_json(symbols)
        part = found.ask("compile", gold, lambda gold, table: Part.compile(gold, table, seed="fuzz"), gold, table)
        for text in texts(rng, known, 100):
            decision = found.ask("check", text, part.check, text) if part is not None else None
            if decision is not None:
                found.tally[decision.verdict] += 1
                if rng.random() < 0.02:
                    found.ask("evidence", text, lambda decision: decision.evidence, decision)
            if part is None or rng.random() < 0.1:
                reading = found.ask("read", text, read_answer, text, table)
                if reading is not None:
                    found.read += 1
                    found.ask("print", text, lambda reading: (plain(reading.expr), latex(reading.expr)), reading)
                    found.ask("other readings", text, lambda reading: reading.alternatives, reading)
            found.done += 1
        first = first or (memory() if found.done >= 10_000 else 0)
        if found.done >= mark:
            mark += 20_000
            print(found.line(), flush=True)
    counts = ", ".join(f"{n} {v.value}" for v, n in found.tally.items() if n)
    print(f"{found.line()} (after the first 10,000: {first} MB); {time.monotonic() - start:.0f} s: {counts}")
    return found.finds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--slow", type=float, default=0.5, help="seconds of CPU that count as a hang")
    parser.add_argument(
        "--rows", type=Path, action="append", default=[], metavar="FILE", help="labelled pairs, a JSON object a line"
    )
    args = parser.parse_args()
    raise SystemExit(1 if run(args.inputs, args.seed, args.slow, args.rows) else 0)


if __name__ == "__main__":
    main()
