"""One expectation per file, under the names of the rubric's classes. `KINDS` is the table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llmgrade.checking.bench import Bench
from llmgrade.checking.kinds import (
    cases,
    choice,
    condition,
    direction,
    expression,
    fact,
    hook,
    limit,
    number,
    objective,
    set_of,
)
from llmgrade.checking.ruling import Ruling
from llmgrade.checking.section import Section

__all__ = ["KINDS"]

KINDS: dict[str, Callable[[Any, Section, Bench], Ruling]] = {
    "expression": expression.judge,
    "equation": condition.judge,
    "condition": condition.judge,
    "set": set_of.judge,
    "direction": direction.judge,
    "cases": cases.judge,
    "limit": limit.judge,
    "objective": objective.judge,
    "number": number.judge,
    "choice": choice.judge,
    "fact": fact.judge,
    "hook": hook.judge,
}
