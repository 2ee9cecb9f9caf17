"""``rubric infer``: wrong answers of a batch without a name, drafted as pitfalls.

A group of equivalent wrong answers is compared with every mutant of the part's answers: where one fits, the edit that made it
is the draft of the diagnosis, and the author only edits words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from llmgrade.authoring.labels import labels_of
from llmgrade.authoring.mutants import mutants
from llmgrade.checking.bench import bench_of
from llmgrade.errors import ExpressionError
from llmgrade.limits import Limits
from llmgrade.rubric.model import Rubric

__all__ = ["Draft", "WrongAnswers", "drafts", "slug"]


@dataclass(frozen=True, slots=True)
class WrongAnswers:
    """Equivalent wrong answers that no pitfall explains."""

    part: str
    reading: str
    count: int
    example: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A pitfall that is nearly written."""

    part: str
    item: str
    id: str
    when: str
    say: str
    count: int

    def yaml(self) -> str:
        """The line to put under ``pitfalls:``."""
        when, say = (text.replace("\\", "\\\\").replace('"', '\\"') for text in (self.when, self.say))
        about = f"item: {self.item}, " if self.item not in {"", "answer"} else ""
        count = f"{self.count} answer{'s' if self.count != 1 else ''}"
        return f'- {{id: {self.id}, {about}when: ["{when}"], credit: 0, say: "TODO {say}"}}  # {count}'


def drafts(rubric: Rubric, found: Iterable[WrongAnswers], limits: Limits | None = None) -> Iterator[Draft]:
    """A draft for each group whose part exists, the largest first."""
    for group in sorted(_merged(rubric, found, limits), key=lambda g: (-g.count, g.part, g.reading)):
        try:
            part = rubric.part(group.part)
        except KeyError:
            continue
        bench = bench_of(rubric, part, {}, limits or Limits(), "infer")
        item, operator = "", ""
        try:
            wrong = bench.gold(group.reading)
        except ExpressionError:
            wrong = None
        for expected in part.expect:
            answer = getattr(expected, "answer", None)
            if wrong is None or not isinstance(answer, str) or expected.kind in {"direction", "choice"}:
                continue
            gold = bench.gold(answer)
            labels = labels_of(bench, [gold])
            for mutant in mutants(gold, bench.table):
                if labels.alike(mutant.expr, wrong):
                    item, operator = expected.id, mutant.operator
                    break
            if operator:
                break
        name = slug(operator or "wrong " + group.reading)
        say = f"{operator}: compare with the answer" if operator else f"what is wrong with {group.example[:60]}?"
        yield Draft(group.part, item, name, group.reading, say.replace('"', "'"), group.count)


def _merged(rubric: Rubric, found: Iterable[WrongAnswers], limits: Limits | None) -> list[WrongAnswers]:
    """Groups of one value put together, whatever letters their answers came in."""
    several: list[WrongAnswers] = []
    for group in found:
        for place, other in enumerate(several):
            same = group.part == other.part and (group.reading == other.reading or _same(rubric, group, other, limits))
            if same:
                several[place] = replace(other, count=other.count + group.count)
                break
        else:
            several.append(group)
    return several


def _same(rubric: Rubric, one: WrongAnswers, other: WrongAnswers, limits: Limits | None) -> bool:
    try:
        bench = bench_of(rubric, rubric.part(one.part), {}, limits or Limits(), "infer")
        return bench.decide(bench.gold(one.reading), bench.gold(other.reading)).equal
    except (KeyError, ExpressionError):
        return False


def slug(text: str) -> str:
    """An id made of words."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:40].rstrip("-") or "unnamed"
