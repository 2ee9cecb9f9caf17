"""Answers in known ways right and wrong, as a table for batches."""

from __future__ import annotations

import json
from pathlib import Path

RIGHT = {
    ("ridge-regression", "a"): r"$\hat w=(X^TX+\lambda I)^{-1}X^Ty$",
    ("vector-calculus", "d"): r"$x^T(A+A^T)$",
    ("vector-calculus", "b"): r"$2x^T$",
    ("relu-elbow", "a.i"): r"$e=-\frac{b}{w}$",
    ("svd-least-squares", "a"): r"$(X^TX)^{-1}X^Ty$",
    ("svd-least-squares", "d"): r"$X^T(XX^T)^{-1}y$",
}
WRONG = {
    ("ridge-regression", "a"): r"$\hat w=(X^TX)^{-1}X^Ty$",
    ("vector-calculus", "d"): r"$2x^TA$",
    ("vector-calculus", "b"): r"$x^T$",
    ("relu-elbow", "a.i"): r"$e=\frac{b}{w}$",
    ("svd-least-squares", "a"): r"$X^T(XX^T)^{-1}y$",
    ("svd-least-squares", "d"): r"$(X^TX)^{-1}X^Ty$",
}


def rows(count: int) -> list[dict[str, object]]:
    """``count`` rows of two models, four samples; ``good`` says how each was made."""
    keys = list(RIGHT)
    made = []
    for n in range(count):
        key = keys[n % len(keys)]
        good = (n * 7919) % 5 < 3
        text = (RIGHT if good else WRONG)[key]
        made.append(
            {
                "id": f"r{n}",
                "problem": key[0],
                "part": key[1],
                "model": f"m{n % 2}",
                "sample": n % 4,
                "answer": f"{text}" if n % 3 else f"So we get {text}.",
                "good": good,
            }
        )
    return made


def write(path: Path, table: list[dict[str, object]]) -> Path:
    """The rows as JSONL."""
    path.write_text("".join(json.dumps(row) + "\n" for row in table), encoding="utf-8")
    return path
