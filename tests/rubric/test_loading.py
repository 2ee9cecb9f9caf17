"""A rubric with mistakes is refused with every mistake at its place; a sound one loads."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from llmgrade.errors import RubricError, UnreadableInput
from llmgrade.grading import judge_answer
from llmgrade.rubric.loading import diagnose, load, load_all, loads
from llmgrade.rubric.model import Rubrics
from llmgrade.rubric.phrases import find_phrase, find_regime, fold, signs

ROOT = Path(__file__).resolve().parents[2]
FOUR = ("vector-calculus", "svd-least-squares", "ridge-regression", "relu-elbow")

SOUND = """\
llmgrade: 1
id: small
symbols: {x: vector(n), A: "matrix(n, n)"}
parts:
  - id: a
    points: 2
    answer: x^T A
    pitfalls: [{id: turned, when: "A x", credit: 0.5}]
    tests: {correct: ["x^T A"], turned: ["A x"]}
"""

MISTAKES = [
    # (what is changed, into what, line, column, code)
    ("points: 2", "pionts: 2", 6, 5, "unknown-key"),
    ("points: 2", "points: two", 6, 13, "wrong-value"),
    ("points: 2", "points: -1", 6, 13, "wrong-value"),
    ("answer: x^T A", "answer: x^T (A", 7, 17, "unreadable-maths"),
    ("answer: x^T A", "answer: x^T A + ", 7, 13, "unreadable-maths"),
    ("when:", "wehn:", 8, 29, "unknown-key"),
    ("id: turned", "id: turned!", 8, 21, "not-a-name"),
    ("credit: 0.5", "credit: 1.5", 8, 50, "wrong-value"),
    ("turned: [", "tuned: [", 9, 13, "not-sound"),
    ("x: vector(n)", "x: wector(n)", 3, 14, "unknown-type"),
    ("x: vector(n)", "x: vector", 3, 14, "unknown-type"),
    ("llmgrade: 1", "llmgrade: 2", 1, 11, "wrong-value"),
    ("points: 2", "points: 2\n    points: 3", 7, 5, "double-key"),
    ("answer: x^T A", "expect: [{kind: directoin, answer: left}]", 7, 21, "unknown-kind"),
    ("answer: x^T A", "answer: 'x^T A", 7, 13, "not-yaml"),
    ("  - id: a", "  - id: a\n    points: 1\n    answer: x\n  - id: a", 8, 9, "not-sound"),
]


def test_a_sound_rubric_loads() -> None:
    rubric = loads(SOUND)
    assert rubric.part("a").points == 2
    assert rubric.part("a").expect[0].kind == "expression"
    assert rubric.points == 2


@pytest.mark.parametrize(
    ("old", "new", "line", "column", "code"), MISTAKES, ids=[f"{m[4]}: {m[1][:30]}" for m in MISTAKES]
)
def test_each_mistake_is_shown_at_its_place(old: str, new: str, line: int, column: int, code: str) -> None:
    with pytest.raises(RubricError) as error:
        loads(SOUND.replace(old, new), "small.yaml")
    found = [(d.code, d.where) for d in error.value.diagnostics]
    assert code in [c for c, _ in found]
    places = [where for c, where in found if c == code]
    assert any(where.split(":")[1] == str(line) for where in places), found
    if code not in {"not-yaml", "not-sound", "unreadable-maths"}:
        assert f"small.yaml:{line}:{column}" in places


def test_all_mistakes_of_a_file_are_told_at_once() -> None:
    text = (
        SOUND.replace("points: 2", "pionts: 2")
        .replace("credit: 0.5", "kredit: 0.5")
        .replace("x: vector(n)", "x: wector(n)")
    )
    with pytest.raises(RubricError) as error:
        loads(text)
    assert [d.code for d in error.value.diagnostics].count("unknown-key") == 2
    assert "did you mean `points`?" in str(error.value)
    assert "did you mean `credit`?" in str(error.value)


def test_scalars_stay_what_the_author_wrote() -> None:
    """YAML would make False of ``no`` and 90 of ``1:30``."""
    rubric = loads(SOUND.replace("llmgrade: 1", "llmgrade: 1\ntitle: no\nnote: 1:30"))
    assert (rubric.title, rubric.note) == ("no", "1:30")


def test_a_hash_that_cuts_mathematics_is_warned_about(tmp_path: Path) -> None:
    file = tmp_path / "small.yaml"
    file.write_text(SOUND.replace("answer: x^T A", "answer: x^T A #1"), encoding="utf-8")
    assert [d.code for d in diagnose(file).diagnostics] == ["comment-in-maths"]


def test_the_version_is_the_contents_and_not_the_layouts() -> None:
    assert loads(SOUND).version == loads(SOUND.replace("points: 2", "points:   2")).version
    assert loads(SOUND).version != loads(SOUND.replace("points: 2", "points: 3")).version


@pytest.mark.parametrize(
    ("name", "content", "word"),
    [("none.yaml", None, "no such"), ("bytes.yaml", b"\xff\xfe\x00", "UTF-8"), ("folder", "", "without rubrics")],
)
def test_a_file_that_is_none_is_one_clear_message(
    tmp_path: Path, name: str, content: bytes | str | None, word: str
) -> None:
    path = tmp_path / name
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content is not None:
        path.mkdir()
    with pytest.raises(UnreadableInput, match=word):
        load_all([path])


@cache
def rubrics() -> Rubrics:
    return load_all([ROOT / "rubrics" / f"{name}.yaml" for name in FOUR])


@pytest.mark.parametrize("name", FOUR)
def test_every_shipped_rubric_reads_all_its_mathematics(name: str) -> None:
    loaded = diagnose(ROOT / "rubrics" / f"{name}.yaml")
    assert loaded.errors == ()
    assert load(ROOT / "rubrics" / f"{name}.yaml").id == name


def _own_tests() -> list[tuple[str, str, str, str]]:
    found = [
        (rubric.id, part.id, outcome, answer)
        for rubric in rubrics().values()
        for part in rubric.parts
        for outcome, answers in part.tests.items()
        for answer in answers
    ]
    assert len(found) > 150
    return found


@pytest.mark.parametrize("row", _own_tests(), ids=lambda row: f"{row[0]}:{row[1]} {row[2]} {row[3][:30]}")
def test_a_shipped_rubric_passes_its_own_tests(row: tuple[str, str, str, str]) -> None:
    name, part, outcome, answer = row
    _, judged = judge_answer(rubrics()[name], part, answer)
    assert judged is not None
    match outcome:
        case "correct":
            assert (judged.verdict.value, judged.pitfalls) == ("correct", ())
        case "reject":
            assert judged.verdict.value in {"incorrect", "partial"}
        case "partial":
            assert judged.verdict.value == "partial"
        case _:
            assert outcome in judged.pitfalls


@pytest.mark.parametrize(
    ("phrase", "text", "found"),
    [
        ("column space", "onto the Column  Space of X", True),
        ("project* … column space", "the projector onto its column space", True),
        ("project* … column space", "A projector. The column space", False),
        ("squared length|squared norm", "the squared norm", True),
        ("active", "an inactive unit", False),
        ("más pequeñ*", "es MAS PEQUENA", True),
        ("/x\\s*\\^T/", "it is x ^T A", True),
    ],
)
def test_phrases_are_found_as_their_author_means(phrase: str, text: str, found: bool) -> None:
    assert bool(find_phrase([phrase], text)) is found


@pytest.mark.parametrize(
    "text", [r"$\sigma_i \ll \lambda$", "σᵢ << λ", "if σ≪λ holds", r"Si $\sigma_i\ll\lambda$, valen"]
)
def test_a_regime_is_known_however_it_is_spelled(text: str) -> None:
    assert find_regime(["σ ≪ λ"], text) == "σ ≪ λ"
    assert find_regime(["σ ≫ λ"], text) is None


def test_folding_keeps_letters_that_mean_something() -> None:
    assert fold("Más **x̂** − Ŷ") == "mas x̂ - ŷ"
    assert signs(r"\lambda \to \infty") == "λ→∞"
