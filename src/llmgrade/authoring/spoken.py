"""Answers in words, right and wrong, made from what a rubric says of them: negated wordings, opposites, neighbouring
choices, tables whose conditions are turned round, another part's answer.

What is right and what is wrong among them is the author's own declaration (a wording under ``words``, its opposite under
``against``) or the value of the table at points of its own; the grader is not asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from llmgrade.authoring.derive import points
from llmgrade.authoring.numeric import Unknown, Values, differ, value
from llmgrade.checking.bench import Bench
from llmgrade.expr.nodes import Expr, Relation
from llmgrade.expr.show.latex import latex
from llmgrade.rubric.meanings import example
from llmgrade.rubric.model import Cases, Choice, Hook, Item, Limit

__all__ = ["Saying", "sayings"]

MOST = 5
"""Wordings of one side of an item that are tried."""
LOOKS = 60


@dataclass(frozen=True, slots=True)
class Saying:
    """An answer in words, what was done to it, and whether it is right."""

    operator: str
    text: str
    right: bool = False


def sayings(bench: Bench, item: Item) -> Iterator[Saying]:
    """Every answer in words that is made of an item."""
    if isinstance(item, Choice):
        yield from _choices(item)
    elif isinstance(item, Cases):
        yield from _tables(bench, item)
    elif isinstance(item, Hook):
        yield from _others(bench, item)
    else:
        yield from _wordings(bench, item)


# ------------------------------------------------------------------------------------------------------ wordings


def _wordings(bench: Bench, item: Item) -> Iterator[Saying]:
    lead = _lead(item)
    right, wrong = _examples(item.words), _examples(item.against)
    for words in right:
        yield Saying("wording", f"{lead}it is {words}.", right=True)
        for denial in ("it is not", "it is never", "it is not true that it is"):
            yield Saying("negated wording", f"{lead}{denial} {words}.")
    for words in wrong:
        yield Saying("opposite wording", f"{lead}it is {words}.")
    if right and wrong:
        yield Saying("both at once", f"{lead}it is {right[0]} and it is {wrong[0]}.")


def _examples(phrases: Sequence[str]) -> list[str]:
    found = (example(phrase) for phrase in phrases)
    return list(dict.fromkeys(islice((words for words in found if words), MOST)))


def _lead(item: Item) -> str:
    """How a sentence says which of several items it is about."""
    phrases: Sequence[str] = ()
    if isinstance(item, Limit):
        phrases = item.regime
    elif item.optional:
        phrases = item.cues
    for phrase in phrases:
        words = example(phrase)
        if words:
            return (
                f"If it is {words}, "
                if words[0].isalpha() and " " not in words and words.isascii()
                else f"For ${words}$: "
            )
    return ""


# ------------------------------------------------------------------------------------------------------- choices


def _choices(item: Choice) -> Iterator[Saying]:
    right = tuple(item.answer)
    others = [letter for letter in item.options if letter not in right]
    yield Saying("wording", f"The answer is {_list(right)}.", right=True)
    for letter in others:
        yield Saying("neighbouring choice", f"The answer is ({letter}).")
        if len(item.options[letter]) > 3:
            yield Saying("neighbouring choice", f"It is {item.options[letter]}.")
    for letter in others:
        yield Saying("choice added", f"The answer is {_list((*right, letter))}.")
    if len(right) > 1:
        for letter in right:
            yield Saying("choice dropped", f"The answer is {_list(tuple(r for r in right if r != letter))}.")


def _list(letters: Sequence[str]) -> str:
    shown = [f"({letter})" for letter in letters]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and the answer is {shown[-1]}"


# -------------------------------------------------------------------------------------------------------- tables

Row = tuple[Expr, Expr]
"""A value and the condition under which it holds."""


def _tables(bench: Bench, item: Cases) -> Iterator[Saying]:
    rows: list[Row] = [(bench.gold(branch.then), bench.gold(branch.when)) for branch in item.answer]
    given = [bench.gold(text) for text in (*bench.rubric.given, *bench.part.given, *item.given)]
    at = [place for place in islice(points(bench, seed=23), LOOKS) if _inside(given, place)]
    for form in (_in_words, _in_braces):
        yield Saying("wording", form(rows), right=True)
    seen: set[str] = set()
    for operator, made in _turned(rows):
        if made and _apart(rows, made, at):
            for form in (_in_words, _in_braces):
                text = form(made)
                if text not in seen:
                    seen.add(text)
                    yield Saying(operator, text)


def _turned(rows: list[Row]) -> Iterator[tuple[str, list[Row]]]:
    for k, (body, condition) in enumerate(rows):
        opposite = _negated(condition)
        if opposite is not None:
            yield "condition negated", [*rows[:k], (body, opposite), *rows[k + 1 :]]
        yield "case dropped", [*rows[:k], *rows[k + 1 :]]
        for j in range(k):
            swapped = list(rows)
            swapped[k], swapped[j] = (rows[j][0], condition), (body, rows[j][1])
            yield "conditions swapped", swapped
        for j, (other, _) in enumerate(rows):
            if j != k:
                yield "value of another case", [*rows[:k], (other, condition), *rows[k + 1 :]]


_NOT = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "=": "!=", "!=": "="}


def _negated(condition: Expr) -> Expr | None:
    if isinstance(condition, Relation) and len(condition.ops) == 1 and condition.ops[0] in _NOT:
        return Relation((_NOT[condition.ops[0]],), condition.terms)
    return None


def _inside(given: Sequence[Expr], at: Values) -> bool:
    try:
        return all(bool(value(condition, at)) for condition in given)
    except Unknown:
        return False


def _apart(rows: Sequence[Row], made: Sequence[Row], at: Sequence[Values]) -> bool:
    """Whether two tables differ somewhere; a table that says nothing where the other has a value differs there."""
    for place in at:
        wanted, got = _looked_up(rows, place), _looked_up(made, place)
        if wanted is not None and (got is None or differ(wanted, got)):
            return True
    return False


def _looked_up(rows: Sequence[Row], at: Values) -> object | None:
    for body, condition in rows:
        try:
            if value(condition, at):
                found: object = value(body, at)
                return found
        except Unknown:
            continue
    return None


def _in_words(rows: Sequence[Row]) -> str:
    return "; ".join(f"${latex(body)}$ if ${latex(condition)}$" for body, condition in rows) + "."


def _in_braces(rows: Sequence[Row]) -> str:
    inner = r" \\ ".join(f"{latex(body)} & {latex(condition)}" for body, condition in rows)
    return rf"$\begin{{cases}} {inner} \end{{cases}}$"


# --------------------------------------------------------------------------------------------------------- hooks


def _others(bench: Bench, item: Hook) -> Iterator[Saying]:
    """What a hook decides is nobody's business; but the right answer to another part should not be right here too."""
    own = {answer for answers in bench.part.tests.values() for answer in answers}
    for text in bench.part.tests.get("correct", ()):
        yield Saying("wording", text, right=True)
    for part in bench.rubric.parts:
        if part.id != bench.part.id:
            for text in islice((t for t in part.tests.get("correct", ()) if t not in own), MOST):
                yield Saying("another part's answer", text)
