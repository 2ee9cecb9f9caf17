"""Answers made by a script, right and wrong in known ways, to forty parts of four rubrics.

A right answer is the gold or another form of it, perhaps with something added and taken away again; a wrong one is a near
miss, or a right one with something added, or several times it. No two texts to a part are the same. Half of them stand in
dollar signs, some in a box, some in a sentence, and the rest as they are.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Row", "questions", "rows", "write_rubrics", "write_rows"]

QUESTIONS = Path(__file__).parents[1] / "core" / "questions.json"
SCALARS = (
    0,
    1,
    2,
    3,
    5,
    6,
    7,
    8,
    9,
    10,
    11,
    13,
    14,
    16,
    17,
    20,
    21,
    23,
    24,
    48,
    49,
    61,
    62,
    70,
    71,
    72,
    73,
    74,
    29,
    33,
)
MATRICES = (0, 3, 4, 5, 9, 10, 11, 20, 39, 43)
TURNED = frozenset({"2(Xw-y)^TX", "((A+A^T)x)^T"})
"""Rows where columns are expected, and the reverse: whether they are right is a rubric's choice."""
RUBRICS = 4
_SIZES = ("\\left", "\\right")
_TOKEN = re.compile(r"\\[A-Za-z]+|.")


@dataclass(frozen=True, slots=True)
class Question:
    """One part: what is right, and near misses."""

    rubric: str
    part: str
    symbols: dict[str, dict[str, object]]
    gold: str
    equal: tuple[str, ...]
    wrong: tuple[str, ...]
    scalar: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One answer, and whether it was made right."""

    id: str
    question: Question
    text: str
    right: bool
    bare: str
    """The mathematics alone."""


def questions() -> list[Question]:
    """The forty parts, ten a rubric."""
    told = json.loads(QUESTIONS.read_text(encoding="utf-8"))
    chosen = [(told["scalars"][i], True) for i in SCALARS] + [(told["matrices"][i], False) for i in MATRICES]
    return [
        Question(
            f"made-{n % RUBRICS + 1}",
            f"q{n // RUBRICS + 1}",
            q["symbols"],
            q["gold"],
            tuple(form for form in q["equal"] if form not in TURNED),
            tuple(q["wrong"]),
            scalar,
        )
        for n, (q, scalar) in enumerate(chosen)
    ]


def _declared(symbol: dict[str, object]) -> dict[str, object]:
    shape = symbol.get("shape")
    kind = str(symbol["type"])
    if kind == "vector" and isinstance(shape, list):
        kind = f"vector({shape[0]})"
    elif kind == "matrix" and isinstance(shape, list):
        kind = f"matrix({shape[0]}, {shape[1]})"
    return {"is": kind, "assume": symbol.get("assume", [])}


def write_rubrics(folder: Path) -> Path:
    """The rubrics as files; each part has a pitfall, as real ones do."""
    folder.mkdir(parents=True, exist_ok=True)
    by_rubric: dict[str, list[Question]] = {}
    for question in questions():
        by_rubric.setdefault(question.rubric, []).append(question)
    for name, several in by_rubric.items():
        parts = [
            {
                "id": q.part,
                "symbols": {n: _declared(s) for n, s in q.symbols.items() if s["type"] != "identity"},
                "answer": q.gold,
                "pitfalls": [{"id": f"slip-{q.part}", "when": [q.wrong[0]], "say": "Look again."}],
            }
            for q in several
        ]
        told = {"llmgrade": 1, "id": name, "title": f"Made questions {name}", "parts": parts}
        (folder / f"{name}.yaml").write_text(json.dumps(told), encoding="utf-8")  # JSON is YAML too
    return folder


PLAIN = 0.18
"""Share of answers that are a form or near miss as it stands; the others have a number of their own worked in."""
TRIES = 20
"""Spellings tried in the usual hand; then spaces may stand anywhere, and after as many again a number is worked in."""


def rows(count: int, seed: int = 7) -> Iterator[Row]:
    """``count`` rows over the forty parts in turn; six of ten are right.

    The mix is the same however many there are, so that a long run's answers are those of a short one and no harder: what
    an answer is made of is drawn before its spelling, although plain forms run out of spellings sooner.
    """
    rng = random.Random(seed)
    asked = questions()
    seen: set[int] = set()
    for n in range(count):
        question = asked[n % len(asked)]
        right, plain = rng.random() < 0.6, rng.random() < PLAIN
        tries = 0
        while True:
            form = rng.choice((question.gold, *question.equal))
            near = form if right else rng.choice(question.wrong)
            plain = plain and tries < 2 * TRIES
            bare = near if plain else _worked(question, form, right, rng)
            bare = _spaced(bare, rng, anywhere=tries >= TRIES)
            text = _dressed(bare, rng)
            key = hash((question.rubric, question.part, text if plain else bare))
            tries += 1
            if key not in seen:
                seen.add(key)
                break
        yield Row(f"r{n}", question, text, right, bare)


def _worked(question: Question, form: str, right: bool, rng: random.Random) -> str:
    """A right form with a number worked in: added and taken away again if it is to stay right."""
    k = rng.randint(2, 999)
    if right:
        ways = [f"{k + 1}({form})-{k}({form})", f"\\frac{{{k}}}{{{k}}}({form})"]
        ways += [f"{form}+{k}-{k}", f"{k}+({form})-{k}"] if question.scalar else []
    else:
        ways = [f"{k}({form})", f"\\frac{{{k + 1}}}{{{k}}}({form})", f"-{k}({form})"]
        ways += [f"{form}+{k}", f"({form})-{k}"] if question.scalar else []
    return rng.choice(ways)


def _spaced(text: str, rng: random.Random, anywhere: bool = False) -> str:
    """Spaces and sizes of brackets as different hands set them; the mathematics stays."""
    if rng.random() < 0.3 and "\\left" not in text:
        text = text.replace("(", "\\left(").replace(")", "\\right)")
    tokens = _TOKEN.findall(text)
    made = []
    for token, following in zip(tokens, [*tokens[1:], ""], strict=True):
        made.append(token)
        if token in "+-=" or following in ("+", "-", "="):
            made.append(rng.choice(("", " ", " ")))
        elif token[0] == "\\" and following[:1].isalpha():
            made.append(" ")
        elif token in ")}" and following not in ("^", "_", "{", "}") and rng.random() < 0.15:
            made.append(rng.choice((" ", "\\,")))
        elif anywhere and not (
            token in "^_.\\" or token.isdigit() or token in _SIZES or following in ("^", "_", "|", "")
        ):
            made.append(rng.choice(("", "", " ", "\\,")))
    return "".join(made).strip()


def _dressed(text: str, rng: random.Random) -> str:
    chance = rng.random()
    if chance < 0.5:
        return f"${text}$"
    if chance < 0.65:
        return f"$\\boxed{{{text}}}$"
    if chance < 0.75:
        return f"So the answer is ${text}$."
    return text


def write_rows(path: Path, made: Iterator[Row]) -> dict[str, bool]:
    """The rows as JSONL; returns which were made right."""
    right: dict[str, bool] = {}
    with path.open("w", encoding="utf-8") as file:
        for n, row in enumerate(made):
            right[row.id] = row.right
            told = {"id": row.id, "problem": row.question.rubric, "part": row.question.part, "model": f"m{n % 2}"}
            file.write(json.dumps({**told, "answer": row.text}) + "\n")
    return right
