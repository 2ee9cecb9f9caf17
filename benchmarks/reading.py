"""How fast and in how much memory a ChatGPT export is read: ``python -m benchmarks.reading --megabytes 1000``.

Writes an export of the size asked for into a temporary folder, reads it in a process of its own, and prints seconds per
MB against `json.loads` on the same bytes, and the process's peak memory.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

WORDS = [
    "the",
    "gradient",
    "of",
    "the",
    "objective",
    "vanishes",
    "at",
    "its",
    "minimiser",
    "so",
    "we",
    "set",
    "it",
    "to",
    "zero",
    "and",
    "solve",
    "for",
    "the",
    "weights",
]
FORMULAS = [
    r"$\hat w=(X^\top X+\lambda I)^{-1}X^\top y$",
    r"$$V(\Sigma^\top\Sigma+\lambda I)^{-1}\Sigma^\top U^\top$$",
    "σᵢ/(σᵢ² + λ)",
    "**(a)**",
]


def write_export(path: Path, megabytes: int) -> None:
    """An export of about ``megabytes`` MB: chats of 2 to 60 messages, half their bytes metadata, as in real ones."""
    chance = random.Random(7)
    with path.open("w", encoding="utf-8") as out:
        out.write("[")
        count = 0
        while out.tell() < megabytes * 1_000_000:
            out.write(", " if count else "")
            json.dump(conversation(chance, count), out, ensure_ascii=False)
            count += 1
        out.write("]")


def conversation(chance: random.Random, number: int) -> dict[str, object]:
    length = chance.randint(2, 60)
    mapping: dict[str, object] = {"root": {"id": "root", "message": None, "parent": None, "children": ["n0"]}}
    for index in range(length):
        words = [
            chance.choice(WORDS) if chance.random() < 0.93 else chance.choice(FORMULAS)
            for _ in range(chance.randint(20, 400))
        ]
        lines = [" ".join(words[at : at + 18]) for at in range(0, len(words), 18)]
        mapping[f"n{index}"] = {
            "id": f"n{index}",
            "parent": f"n{index - 1}" if index else "root",
            "children": [f"n{index + 1}"] if index + 1 < length else [],
            "message": {
                "id": f"n{index}-{number}",
                "author": {"role": "assistant" if index % 2 else "user", "name": None, "metadata": {}},
                "create_time": 1_700_000_000.0 + index,
                "content": {"content_type": "text", "parts": ["\n".join(lines)]},
                "status": "finished_successfully",
                "end_turn": True,
                "weight": 1.0,
                "metadata": {
                    "model_slug": "gpt-4o",
                    "request_id": "x" * 32,
                    "citations": [],
                    "gizmo_id": None,
                    "pad": "p" * 600,
                },
                "recipient": "all",
            },
        }
    return {
        "title": f"Chat {number}",
        "create_time": 1.0,
        "mapping": mapping,
        "current_node": f"n{length - 1}",
        "conversation_id": f"c{number}",
    }


def measure(path: Path, how: str) -> None:
    """Reads the export and prints what it took, as JSON."""
    began, worked = time.perf_counter(), time.process_time()
    count = 0
    if how == "json":
        count = len(json.loads(path.read_bytes()))
    else:
        from llmgrade.reading import read_each, read_lazily

        reader = read_lazily if how == "lazy" else read_each
        reports: list[int] = []
        for _ in reader(path, progress=lambda done, total: reports.append(done)):
            count += 1
        assert reports == sorted(reports)
    seconds, cpu = time.perf_counter() - began, time.process_time() - worked
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        json.dumps(
            {"how": how, "chats": count, "seconds": round(seconds, 2), "cpu": round(cpu, 2), "peak_mb": round(peak)}
        )
    )


def main(quick: bool = False, argv: list[str] | None = None) -> None:
    """The command line; ``quick``: a small export."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=10 if quick else 50)
    parser.add_argument(
        "--ways", default="json,lazy,full", help="json: json.loads; lazy: messages; full: marked up as well"
    )
    parser.add_argument("--measure", nargs=2, metavar=("FILE", "HOW"), help=argparse.SUPPRESS)
    given = parser.parse_args(argv if argv is not None else [])
    if given.measure:
        measure(Path(given.measure[0]), given.measure[1])
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "conversations.json"
        write_export(path, given.megabytes)
        for way in given.ways.split(","):
            subprocess.run([sys.executable, "-m", "benchmarks.reading", "--measure", str(path), way], check=True)


if __name__ == "__main__":
    main(argv=sys.argv[1:])
