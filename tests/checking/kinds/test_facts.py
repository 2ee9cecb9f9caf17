"""Facts said in prose, in words no rubric lists: right ones count, opposites never do, the rest answers nothing."""

from __future__ import annotations

import importlib.util
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

from llmgrade.errors import RubricError
from llmgrade.grading import judge_answer
from llmgrade.rubric.loading import load_all, loads
from llmgrade.rubric.model import Rubrics
from llmgrade.rubric.phrases import find_phrase

ROOT = Path(__file__).resolve().parents[3]


def _table() -> ModuleType:
    spec = importlib.util.spec_from_file_location("facts_in_words", Path(__file__).with_name("facts_in_words.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


FACTS = _table().FACTS
NEVER_CORRECT = _table().NEVER_CORRECT


@cache
def rubrics() -> Rubrics:
    names = {fact.rubric for fact in FACTS}
    return load_all([ROOT / "rubrics" / f"{name}.yaml" for name in sorted(names)])


@cache
def told(rubric: str, part: str, item: str, text: str) -> str:
    """What is said of one item of a part."""
    _, judged = judge_answer(rubrics()[rubric], part, text, seed="facts")
    if judged is None:
        return "unanswered"
    if len(rubrics()[rubric].part(part).expect) == 1:
        return judged.verdict.value
    found = [claim.verdict.value for claim in judged.claims if claim.item == item and claim.decisive]
    return found[-1] if found else "unanswered"


@pytest.mark.parametrize("fact", FACTS, ids=lambda f: f"{f.rubric}:{f.part}.{f.item}")
def test_what_is_not_right_is_never_called_correct(fact) -> None:  # type: ignore[no-untyped-def]
    for text in (*fact.opposite, *fact.unrelated):
        assert told(fact.rubric, fact.part, fact.item, text) != "correct", text


@pytest.mark.parametrize("fact", FACTS, ids=lambda f: f"{f.rubric}:{f.part}.{f.item}")
def test_a_right_wording_is_never_called_wrong(fact) -> None:  # type: ignore[no-untyped-def]
    for text in fact.right:
        assert told(fact.rubric, fact.part, fact.item, text) not in {"incorrect", "partial"}, text


@pytest.mark.parametrize(
    ("rubric", "part", "item", "texts"), NEVER_CORRECT, ids=lambda v: v if isinstance(v, str) else ""
)
def test_right_words_with_something_that_changes_them_are_not_correct(
    rubric: str, part: str, item: str, texts: tuple[str, ...]
) -> None:
    for text in texts:
        assert told(rubric, part, item, text) != "correct", text


def test_nearly_every_right_wording_counts() -> None:
    rows = [(fact, text) for fact in FACTS for text in fact.right]
    counted = [told(f.rubric, f.part, f.item, text) == "correct" for f, text in rows]
    assert len(counted) >= 230
    assert sum(counted) >= 0.98 * len(counted)


def test_most_opposites_are_found_wrong_and_the_unrelated_answers_nothing() -> None:
    opposite = [told(f.rubric, f.part, f.item, text) for f in FACTS for text in f.opposite]
    assert sum(verdict in {"incorrect", "partial"} for verdict in opposite) >= 0.95 * len(opposite)
    unrelated = [told(f.rubric, f.part, f.item, text) for f in FACTS for text in f.unrelated]
    assert sum(verdict == "unanswered" for verdict in unrelated) >= 0.95 * len(unrelated)


@pytest.mark.parametrize(
    ("phrase", "text", "found"),
    [
        ("@vanishes", "Both weights shrink all the way to zero.", True),
        ("@vanishes", "where $w x + b > 0$ it moves", False),
        ("@vanishes", "There are two terms.", False),
        ("@is-zero", "if the unit is off, $0$", True),
        ("@is-zero", "because $\\phi(x) = 0$ there", False),
        ("@projects … @column-space", "$AX$ is the projector onto the column space", True),
        ("@symmetric", "an antisymmetric matrix", False),
        ("@diverges", "there are infinitely many exact fits", False),
    ],
)
def test_a_meaning_finds_its_wordings_and_no_others(phrase: str, text: str, found: bool) -> None:
    assert (find_phrase([phrase], text) is not None) is found


def test_a_meaning_that_is_not_there_is_reported_with_the_nearest() -> None:
    text = "llmgrade: 1\nid: r\nparts:\n  - {id: a, expect: [{words: ['@vanish'], against: ['grows']}]}\n"
    with pytest.raises(RubricError) as caught:
        loads(text)
    assert "@vanishes" in str(caught.value)
    assert ":4:" in str(caught.value)
