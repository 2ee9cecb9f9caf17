"""A run as one offline page: pictures first, and from every cell down to the answers.

The page holds what fits: per cell the answers that went wrong come first, up to `SHOWN`; what is left out is counted, with
the command that lists it. Text from answers is text, never markup.
"""

from __future__ import annotations

import base64
import hashlib
import json
import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from llmgrade.batch.charts import intervals, slopes, stacks
from llmgrade.batch.groups import Same, groups
from llmgrade.batch.journal import Journal
from llmgrade.batch.statistics import Estimate
from llmgrade.batch.summary import UNNAMED, RunSummary
from llmgrade.report import words
from llmgrade.report.mathml import mathml

__all__ = ["render"]

SHOWN = 20
"""Answers shown in a cell."""
CHATS = 400
"""Answers whose text is in the page at all."""
GROUPS = 40


@dataclass(slots=True)
class Answer:
    """One answer to one part, as it is shown below its cell."""

    id: str
    verdict: str
    first: str
    text: str
    latex: str | None
    evidence: str
    pitfalls: list[str]
    chat: str | None = None


@dataclass(frozen=True, slots=True)
class Chat:
    """A conversation as it is shown below the answers."""

    name: str
    turns: list[tuple[str, str]]


@dataclass(slots=True)
class Cell:
    """One model's answers to one part."""

    score: float
    answers: list[Answer] = field(default_factory=list)
    left_out: int = 0


def render(journal: Journal, summary: RunSummary, title: str = "Batch results", same: Same = lambda *_: False) -> str:
    """The page as text. Groups of equal readings are joined where ``same`` says that they mean the same."""
    cells, chats = _cells(journal, summary)
    found = groups(journal.outcomes(), same)
    return (
        _environment()
        .get_template("batch.html")
        .render(
            title=title,
            summary=summary,
            cells=cells,
            chats=chats,
            groups=found[:GROUPS],
            undecided=sum(len(group.members) for group in found if group.verdict == "undecided"),
            at_k=sorted({name for model in summary.models for name in model.at_k}),
            charts={
                "intervals": Markup(intervals(summary.models)),
                "slopes": Markup(slopes(summary.models)),
                "pitfalls": Markup(stacks(summary.models)),
            },
            style=Markup(_read("batch.css")),
            script=Markup(_read("batch.js")),
            policy=_policy(),
            folder=str(journal.folder),
        )
    )


def _cells(journal: Journal, summary: RunSummary) -> tuple[dict[tuple[str, str], Cell], dict[str, Chat]]:
    found: dict[tuple[str, str], list[Answer]] = defaultdict(list)
    chats: dict[str, Chat] = {}
    for outcome in journal.outcomes():
        report = json.loads(outcome.report) if outcome.report else None
        if report is None:
            continue
        chat = None
        if report.get("chat") and len(chats) < CHATS:
            chat = f"chat-{len(chats)}"
            turns = [(turn["role"], "".join(p["text"] for p in turn["pieces"])) for turn in report["chat"]]
            chats[chat] = Chat(f"{outcome.model or UNNAMED} · {outcome.id}", turns)
        for problem in report["problems"]:
            for part in problem["parts"]:
                key = (outcome.model or UNNAMED, f"{problem['rubric']}:{part['id']}")
                found[key].append(_answer(outcome.id, part, chat))
    scores = {(m.model, item): score for m in summary.models for item, score in m.parts.items()}
    cells = {}
    for key, answers in found.items():
        ranked = sorted(
            answers, key=lambda a: ("incorrect", "partial", "undecided", "unanswered", "correct").index(a.verdict)
        )
        cells[key] = Cell(scores.get(key, math.nan), ranked[:SHOWN], max(0, len(ranked) - SHOWN))
    return cells, chats


def _answer(name: str, part: dict[str, object], chat: str | None) -> Answer:
    attempts = part["attempts"]
    assert isinstance(attempts, list)
    last = attempts[-1] if attempts else None
    claims = [c for c in last["claims"] if c["decisive"]] if last else []
    shown = next((c for c in claims if c["verdict"] != "correct"), claims[-1] if claims else None)
    return Answer(
        name,
        str(part["final"]),
        str(part["first"]),
        words.one_line(shown["text"], 300) if shown else "",
        shown["latex"] if shown else None,
        shown["evidence"]["detail"] if shown else "",
        last["pitfalls"] if last else [],
        chat,
    )


def _policy() -> str:
    digest = base64.b64encode(hashlib.sha256(_read("batch.js").encode()).digest()).decode()
    return f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


@cache
def _read(name: str) -> str:
    return files("llmgrade.batch").joinpath("pages", name).read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FunctionLoader(_read), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["math"] = lambda latex: Markup(mathml(latex))
    environment.filters["percent"] = _percent
    environment.filters["interval"] = _interval
    environment.filters["shade"] = _shade
    environment.globals.update(marks=words.MARKS, rubrics_of=_rubrics_of)
    return environment


def _percent(share: float) -> str:
    return "–" if math.isnan(share) else f"{100 * share:.0f}"


def _interval(found: Estimate) -> str:
    return "–" if math.isnan(found.low) else f"{_percent(found.low)} – {_percent(found.high)}"


def _shade(share: float) -> int:
    """A step of the heat map's scale, 0 to 10; -1 for no answer."""
    return -1 if math.isnan(share) else round(10 * share)


def _rubrics_of(items: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for item in items:
        found.setdefault(item.split(":", 1)[0], []).append(item)
    return found
