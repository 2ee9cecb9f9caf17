"""What one attempt says, ready to be judged: claims read, directions, worked examples and sentences apart."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

from llmgrade.attempts.model import Attempt
from llmgrade.attempts.stated import Said, said
from llmgrade.checking.bench import Bench
from llmgrade.claims.model import Manner, Statement
from llmgrade.rubric.phrases import fold

__all__ = ["Section", "in_own_letters", "section_of"]


@dataclass
class Section:
    """The statements of one attempt by what they are."""

    attempt: Attempt
    claims: tuple[Said, ...]
    """Mathematics, claim by claim, in reading order; hypotheses and examples left out."""
    directions: tuple[Statement, ...]
    examples: tuple[Statement, ...]
    facts: tuple[Statement, ...]
    formulas: tuple[Statement, ...]
    hypotheses: tuple[Said, ...] = ()
    """What something else is limited to: no results, but where a condition is asked for they may be it."""
    in_own_letters: Callable[[str], str] = str
    """Words with the rubric's letters in their formulas."""
    used: set[int] = field(default_factory=set)
    """``id`` of statements that some item has judged."""

    failed: set[int] = field(default_factory=set)
    """... and found wrong."""

    @cached_property
    def sentences(self) -> tuple[tuple[Statement, str], ...]:
        """Every stretch of words with the statement it comes from, folded for matching, each once."""
        found: list[tuple[Statement, str]] = []
        seen: set[str] = set()
        others = (s for s in self.attempt.statements if s.manner is not Manner.FACT)
        for statement in (*self.facts, *others):
            text = statement.reading if statement.manner is Manner.FACT else statement.context
            folded = fold(self.in_own_letters(text or ""))
            if folded and folded not in seen:
                seen.add(folded)
                found.append((statement, folded))
        return tuple(found)

    def use(self, statement: Statement) -> None:
        """Note that an item rests on this statement, so that it is no side statement."""
        self.used.add(id(statement))


_SIZE = re.compile(r"^[\w+()]+\s*(?:\\times|×)\s*[\w+()]+$")
"""``n × m`` is a size and no product."""
_SPACE = re.compile(r"^(?:\\(?:mathbb|mathbf|Bbb)\s*\{?\s*[RCN]\s*\}?|[ℝℂℕ])\s*(?:\^.*|[ⁿᵐᵈ⁰-⁹]+)?$")
"""``ℝⁿ`` is where something lives and no value."""
_LATEX = re.compile(r"\$([^$]*)\$")


def in_own_letters(text: str, bench: Bench) -> str:
    """Words with the rubric's letters in their formulas, where the chat has letters of its own."""
    if not bench.renamed:
        return text
    return _LATEX.sub(lambda match: f"${bench.spell.spell(match[1])}$", text)


def section_of(attempt: Attempt, bench: Bench) -> Section:
    """The attempt's statements, sorted and read."""
    statements = attempt.statements
    formulas = tuple(s for s in statements if s.manner is Manner.FORMULA and not s.hypothesis)
    claims = tuple(
        one
        for s in formulas
        for one in said(s, bench.spell, bench.table, bench.limits)
        if not _SIZE.match(one.members[0].text.strip()) and not _SPACE.match(one.members[0].text.strip())
    )
    facts = tuple(s for s in statements if s.manner is Manner.FACT)
    return Section(
        attempt,
        claims,
        tuple(s for s in statements if s.manner is Manner.DIRECTION),
        tuple(s for s in statements if s.manner is Manner.EXAMPLE),
        facts,
        formulas,
        tuple(
            one
            for s in statements
            if s.manner is Manner.FORMULA and s.hypothesis
            for one in said(s, bench.spell, bench.table, bench.limits)
        ),
        in_own_letters=lambda text: in_own_letters(text, bench),
    )
