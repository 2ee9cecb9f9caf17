"""Distinct answers, each side at its best, one after the other in one process; CPU time, so that neighbours do not count.

Ours: the question compiled once, every answer new to it. Math-Verify: the gold parsed once. Both see the same texts: the
right answers of `questions.json` and near misses of them. Then the same with every agreement proved, with every gold
compiled anew, with answers seen before, and the slower ways beside them on a sample.
"""

from __future__ import annotations

import gc
import json
import logging
import random
import re
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.core.mutants import mutants
from llmgrade.checking.compiled import Part
from llmgrade.checking.equivalence import decide
from llmgrade.errors import LlmgradeError
from llmgrade.expr.notation import read
from llmgrade.expr.show import latex
from llmgrade.expr.symbols import SymbolTable

__all__ = ["main"]

QUESTIONS = Path(__file__).parent / "questions.json"


@dataclass
class Question:
    gold: str
    table: SymbolTable
    answers: list[str] = field(default_factory=list)


def questions(kind: str, near_misses: int, seed: int = 11) -> list[Question]:
    """Golds with their right answers and near misses, as LaTeX, all texts distinct within a question."""
    rng = random.Random(seed)
    found = []
    for row in json.loads(QUESTIONS.read_text(encoding="utf-8"))[kind]:
        question = Question(row["gold"], SymbolTable.from_json(row["symbols"]))
        texts = dict.fromkeys([*row["equal"], *row["wrong"]])
        for right in row["equal"]:
            for mutant in mutants(read(right, question.table).expr, question.table, near_misses, rng):
                try:
                    texts.setdefault(latex(mutant))
                except (LlmgradeError, ValueError, TypeError):
                    continue
        question.answers = list(texts)
        found.append(question)
    return found


def timed(calls: Iterator[Callable[[], Any]]) -> list[float]:
    """Seconds of CPU for each call."""
    spent = []
    clock = time.thread_time
    for call in calls:
        start = clock()
        call()
        spent.append(clock() - start)
    return spent


def settle() -> None:
    """No garbage of an earlier run is collected on a later one's time."""
    gc.collect()
    gc.freeze()


def total(calls: list[Callable[[], Any]]) -> float:
    """Mean seconds of CPU of a run of calls: the clock is read twice."""
    start = time.thread_time()
    for call in calls:
        call()
    return (time.thread_time() - start) / max(1, len(calls))


def ours(asked: list[Question], *, proofs: bool = False) -> float:
    """Mean seconds for a new answer to a compiled question; the reader has met the letters before, the answer never."""
    calls: list[Callable[[], Any]] = []
    for question in asked:
        part = Part.compile(question.gold, question.table, transposed=True, proofs=proofs)
        part.check(question.gold)
        calls += [lambda part=part, text=text: part.check(text) for text in question.answers]  # type: ignore[misc]
    return total(calls)


def math_verify(asked: list[Question], per_question: int, *, anew: bool = False) -> list[float]:
    from math_verify import parse, verify
    from math_verify.parser import LatexExtractionConfig

    config = [LatexExtractionConfig()]
    found: list[float] = []
    for question in asked:
        gold = parse(f"${question.gold}$", extraction_config=config)

        def one(text: str, gold: Any = gold, question: Question = question) -> Any:
            if anew:
                gold = parse(f"${question.gold}$", extraction_config=config)
            return verify(gold, parse(f"${text}$", extraction_config=config))

        found += timed(lambda text=text: one(text) for text in question.answers[:per_question])  # type: ignore[misc]
    return found


def latex2sympy_simplify(asked: list[Question], per_question: int) -> tuple[list[float], list[float]]:
    """latex2sympy2_extended's reader, and sympy.simplify of the difference: the reading alone, and both."""
    import sympy
    from latex2sympy2_extended import latex2sympy

    reading: list[float] = []
    both: list[float] = []
    for question in asked:
        try:
            gold = latex2sympy(question.gold)
        except Exception:
            continue
        for text in question.answers[:per_question]:
            start = time.thread_time()
            try:
                answer = latex2sympy(text)
                middle = time.thread_time()
                reading.append(middle - start)
                sympy.simplify(gold - answer)
            except Exception:
                continue
            both.append(time.thread_time() - start)
    return reading, both


def strings_then_sympy(asked: list[Question], per_question: int) -> list[float]:
    """The manner of the PRM800K grader, rebuilt: clean both strings, compare, else sympy.simplify of what looks safe."""
    import sympy
    from sympy.parsing import sympy_parser

    transformations = (
        *sympy_parser.standard_transformations,
        sympy_parser.implicit_multiplication_application,
        sympy_parser.convert_xor,
    )

    def clean(text: str) -> str:
        text = re.sub(r"\\(?:left|right|,|;|!|cdot)", "", text)
        text = re.sub(r"\\d?frac\{([^{}]*)\}\{([^{}]*)\}", r"((\1)/(\2))", text)
        text = re.sub(r"\\sqrt\{([^{}]*)\}", r"sqrt(\1)", text)
        return text.replace("{", "(").replace("}", ")").replace("\\", "").replace(" ", "")

    def one(gold: str, text: str) -> bool:
        a, b = clean(gold), clean(text)
        if a == b:
            return True
        letters = set(re.findall("[a-zA-Z]", a + b)) - set("sqrt")
        if len(letters) > 4 or re.search(r"\^\(|__|[^\w()+\-*/^.]", a + b):
            return False
        difference = sympy_parser.parse_expr(f"({a})-({b})", evaluate=False, transformations=transformations)
        return bool(sympy.simplify(difference) == 0)

    found = []
    for question in asked:
        for text in question.answers[:per_question]:
            start = time.thread_time()
            try:
                one(question.gold, text)
            except Exception:
                continue
            found.append(time.thread_time() - start)
    return found


def forget() -> None:
    """What Math-Verify remembers of texts it has read."""
    import gc as collector

    for module in [m for n, m in sys.modules.items() if n.startswith(("math_verify", "latex2sympy2_extended"))]:
        for value in vars(module).values():
            clear = getattr(value, "cache_clear", None)
            if callable(clear):
                clear()
    collector.collect()


@dataclass
class Means:
    """Seconds and counts, gathered question by question so that a busy moment of the machine falls on both sides."""

    ours: float = 0.0
    answers: int = 0
    proved: float = 0.0
    again: float = 0.0
    anew: float = 0.0
    anews: int = 0
    peer: list[float] = field(default_factory=list)
    peer_anew: list[float] = field(default_factory=list)


def side_by_side(asked: list[Question], sample: int, rounds: int) -> Means:
    """Each question to both sides before the next one; ours is the best of ``rounds`` fresh compilations."""
    found = Means()
    clock = time.thread_time
    settle()
    for question in asked:
        best = proved = 9.0
        for _ in range(rounds):
            part = Part.compile(question.gold, question.table, transposed=True)
            part.check(question.gold)
            start = clock()
            for text in question.answers:
                part.check(text)
            best = min(best, clock() - start)
        start = clock()
        for _ in range(20):
            for text in question.answers:
                part.check(text)
        found.again += (clock() - start) / 20
        prover = Part.compile(question.gold, question.table, transposed=True, proofs=True)
        prover.check(question.gold)
        start = clock()
        for text in question.answers:
            prover.check(text)
        proved = clock() - start
        start = clock()
        for text in question.answers[:sample]:
            decide(question.gold, text, question.table, transposed=True, proofs=False)
        found.anew += clock() - start
        found.anews += len(question.answers[:sample])
        found.ours += best
        found.proved += proved
        found.answers += len(question.answers)
        found.peer += math_verify([question], sample)
        forget()
        found.peer_anew += math_verify([question], max(2, sample // 3), anew=True)
        forget()
    return found


def line(name: str, mean: float, beside: float | None = None, median: float | None = None) -> None:
    ratio = f"{beside / mean:10,.0f} ×" if beside is not None and mean > 0 else " " * 12
    middle = f"{median * 1e6:12,.1f}" if median is not None else " " * 12
    print(f"  {name:<58}{mean * 1e6:12,.1f}{middle}{ratio}")


def main(quick: bool = False) -> None:
    logging.disable(logging.CRITICAL)
    near, sample = (6, 2) if quick else (20, 5)
    print("microseconds of CPU for an answer; × is Math-Verify's mean over ours, in the same run")
    for kind in ("scalars", "matrices"):
        asked = questions(kind, near)
        count = sum(len(q.answers) for q in asked)
        ours(asked[:5])
        math_verify(asked[:3], 2)
        m = side_by_side(asked, sample, 1 if quick else 3)
        mean, mean_anew = statistics.fmean(m.peer), statistics.fmean(m.peer_anew)
        mine, again = m.ours / m.answers, m.again / m.answers
        print(f" {kind}: {len(asked)} questions, {count} distinct answers; Math-Verify on {len(m.peer)} of them")
        print(f"  {'':<58}{'mean':>12}{'median':>12}{'ratio':>12}")
        line("Math-Verify, gold parsed once", mean, None, statistics.median(m.peer))
        line("llmgrade, question compiled once", mine, mean)
        line("llmgrade, every agreement proved", m.proved / m.answers, mean)
        line("llmgrade, an answer seen before", again, mean)
        line("Math-Verify, gold parsed anew", mean_anew, None, statistics.median(m.peer_anew))
        line("llmgrade, gold read and points drawn anew", m.anew / m.anews, mean_anew)
        print(f"  a new answer costs {mine / again:,.0f} times one seen before")
        reading, both = latex2sympy_simplify(asked[:: 4 if quick else 2], 3)
        if both:
            line("latex2sympy2_extended, reading alone", statistics.fmean(reading), None, statistics.median(reading))
            line(
                "latex2sympy2_extended, then sympy.simplify(a − b)",
                statistics.fmean(both),
                None,
                statistics.median(both),
            )
        if kind == "scalars":
            strings = strings_then_sympy(asked, 3)
            line(
                "strings cleaned, then sympy (PRM800K's manner)",
                statistics.fmean(strings),
                None,
                statistics.median(strings),
            )
