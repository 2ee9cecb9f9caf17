"""Random texts, broken formulas and shuffled tokens against the whole of `Part.check`: ``python -m benchmarks.core.fuzz --inputs 100000``.

No crash, no hang over the budget, memory flat. A find is printed with the seed that makes it again; the finds of the past
are regression cases of the test suite.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import time
from pathlib import Path

from llmgrade.checking.compiled import Part
from llmgrade.checking.verdict import Verdict
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
)  # fmt: skip


def texts(rng: random.Random, sources: list[str], count: int) -> list[str]:
    """Token soups, truncated, spliced and peppered formulas."""
    found = []
    for _ in range(count):
        kind = rng.random()
        if kind < 0.4 or not sources:
            found.append("".join(rng.choice(PIECES) for _ in range(rng.randrange(1, rng.choice((6, 20, 60))))))
            continue
        text = rng.choice(sources)
        if kind < 0.55:
            a = rng.randrange(len(text) + 1)
            text = text[:a] if rng.random() < 0.5 else text[a:]
        elif kind < 0.8:
            for _ in range(rng.randrange(1, 5)):
                a = rng.randrange(len(text) + 1)
                text = text[:a] + rng.choice(PIECES) + text[a + rng.randrange(0, 3) :]
        else:
            other = rng.choice(sources)
            text = text[: rng.randrange(len(text) + 1)] + other[rng.randrange(len(other) + 1) :]
        found.append(text)
    return found


def sources() -> list[str]:
    rows = json.loads((Path(__file__).parent / "questions.json").read_text(encoding="utf-8"))
    return [t for kind in rows.values() for row in kind for t in (row["gold"], *row["equal"], *row["wrong"])]


def run(count: int, seed: int, slow: float) -> int:
    rng = random.Random(seed)
    known = sources()
    parts = [Part.compile(gold, SymbolTable.from_json(symbols), seed="fuzz") for gold, symbols in QUESTIONS]
    tally = dict.fromkeys(Verdict, 0)
    finds = 0
    start = time.monotonic()
    first = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    done = 0
    worst = 0.0
    while done < count:
        part = rng.choice(parts)
        part._memo.clear()
        for text in texts(rng, known, 200):
            began = time.process_time()
            try:
                tally[part.check(text).verdict] += 1
            except Exception as error:  # a crash is what we are looking for
                finds += 1
                print(f"CRASH {type(error).__name__}: {error} on {text!r}", flush=True)
            took = time.process_time() - began
            worst = max(worst, took)
            if took > slow:
                finds += 1
                print(f"SLOW {took:.2f} s on {text!r}", flush=True)
            done += 1
        if done % 20_000 == 0:
            print(f"{done} inputs, {finds} finds, slowest {worst * 1000:.0f} ms, "
                  f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB", flush=True)  # fmt: skip
    last = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    counts = ", ".join(f"{n} {v.value}" for v, n in tally.items() if n)
    print(f"{done} inputs in {time.monotonic() - start:.0f} s: {counts}; {finds} finds; slowest {worst * 1000:.0f} ms; "
          f"memory {first // 1024} → {last // 1024} MB")  # fmt: skip
    return finds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--slow", type=float, default=0.5, help="seconds of CPU that count as a hang")
    args = parser.parse_args()
    raise SystemExit(1 if run(args.inputs, args.seed, args.slow) else 0)


if __name__ == "__main__":
    main()
