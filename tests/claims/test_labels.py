"""Labels: which part a statement stands under, in every habit of writing."""

from __future__ import annotations

import pytest
from claim_chats import chat

from llmgrade.claims import Manner, find_statements
from llmgrade.claims.labels import Marker, Nesting, mentions, read_marker

MARKERS = [
    # written                         keys           problem
    ("(a) $x$", ("a",), None),
    ("(a)(i) b/w", ("a", "i"), None),
    ("(b) (ii) slope", ("b", "ii"), None),
    ("a) x", ("a",), None),
    ("a.i elbow", ("a", "i"), None),
    ("b-ii: elbow", ("b", "ii"), None),
    ("(b.ii) foo", ("b", "ii"), None),
    ("b(ii) foo", ("b", "ii"), None),
    ("3.b.ii foo", ("b", "ii"), "3"),
    ("Part b (ii): x", ("b", "ii"), None),
    ("Part b.ii", ("b", "ii"), None),
    ("Part (a)", ("a",), None),
    ("part c:", ("c",), None),
    ("1a) x", ("a",), "1"),
    ("Q3(b) foo", ("b",), "Q3"),
    ("Question 2(c): y", ("c",), "Question 2"),
    ("Case (iii): w", ("iii",), None),
    ("Case iii", ("iii",), None),
    ("Problem 2 (svd)", (), "Problem 2"),
    ("Set 1", (), "Set 1"),
    ("Ejercicio 3", (), "Ejercicio 3"),
    ("Apartado a)", ("a",), None),
    ("Teil b)", ("b",), None),
]

NO_MARKERS = [
    "x^T c",
    "2x^T",
    "c^T",
    "i.e. this",
    "part of the sum",
    "A. Smith says",
    "f(i) = 2",
    "a matrix",
    "(φ − y) x",
    "(a)^T x",
]

# A chat, and the labels of its formulas in order.
HABITS = [
    ("## Part (a)\n$x=1$\n## Part (b)\n(i) $y=2$\n(ii) $z=3$", ["a", "b.i", "b.ii"]),
    ("**(a)** $x=1$\n\n**(b)** $y=2$", ["a", "b"]),
    ("- **(i)** $x=1$\n- **(ii)** $y=2$", ["i", "ii"]),
    ("a) $x=1$\nb) $y=2$", ["a", "b"]),
    ("a. $x=1$\nb. $y=2$\nc. $z=3$", ["a", "b", "c"]),
    ("(a)(i) $x=1$\n(a)(ii) $y=2$\n(b)(i) $z=3$", ["a.i", "a.ii", "b.i"]),
    ("1. **(a)** $x=1$\n2. **(b)** $y=2$", ["a", "b"]),
    ("(a) $x=1$, (b) $y=2$, (c) $z=3$", ["a", "b", "c"]),
    ("(a) (i) $x=1$\n(ii) $y=2$\n(b) $z=3$", ["a.i", "a.ii", "b"]),
    ("**(h)** $x=1$\n\n**(g)** $y=2$\n\n**(a)** $z=3$", ["h", "g", "a"]),
    ("(g) $x=1$\n(h) $y=2$\n(i) $z=3$\n(j) $u=4$", ["g", "h", "i", "j"]),
    ("(h) We look at two cases.\n(i) $y=2$\n(ii) $z=3$", ["h.i", "h.ii"]),
    ("(iv) $x=1$\n(v) $y=2$", ["iv", "v"]),
    ("(b) $x=1$\n(c) $y=2$\n(d) $z=3$", ["b", "c", "d"]),
    ("🟦 (a) Tall matrix: Solve\n$x=1$\n🟩 (b) Wide matrix\n$y=2$", ["a", "b"]),
    ("Revised (b): Simplify\n\n$$x=1$$", ["b"]),
    ("✅ Final Verdict for (iv):\n\n$$x=1$$", ["iv"]),
    ("### Checking (d) once more\n$x=1$", ["d"]),
    ("(d) From part (c) we have $x=1$. By (a), $y=2$.", ["d", "d"]),
    ("(e) As in\n(ii) and (iii) this gives $x=1$.", ["e"]),
    ("(a) First, 1. expand.\n1. $x=1$\n2. $y=2$", ["a", "a"]),
    ("## (a) Derivation\n### Setup\n$x=1$\n## Closing remarks\n$y=2$", ["a", ""]),
    ("| Part | Result |\n|---|---|\n| (a) | $x=1$ |\n| (b) | $y=2$ |", ["a", "b"]),
    ("**Set 2, part (b)**\n\n| Case | Result |\n|---|---|\n| **(i)** | $x=1$ |\n| **(ii)** | $y=2$ |", ["b.i", "b.ii"]),
    ("Parte (a)\n$x=1$\nParte (b)\n$y=2$", ["a", "b"]),
]


@pytest.mark.parametrize(("written", "keys", "problem"), MARKERS, ids=[row[0] for row in MARKERS])
def test_a_marker_is_read_in_every_habit(written: str, keys: tuple[str, ...], problem: str | None) -> None:
    marker = read_marker(written, 0)
    assert marker is not None
    assert (marker.keys, marker.problem) == (keys, problem)


@pytest.mark.parametrize("written", NO_MARKERS)
def test_mathematics_and_words_are_no_markers(written: str) -> None:
    assert read_marker(written, 0) is None


@pytest.mark.parametrize(("text", "labels"), HABITS, ids=[row[0][:40] for row in HABITS])
def test_every_formula_stands_under_its_label(text: str, labels: list[str]) -> None:
    found = [s.label.text for s in find_statements(chat(text)) if s.manner is Manner.FORMULA]
    assert found == labels


def test_problems_begin_the_count_anew() -> None:
    found = find_statements(chat("Problem 1\n(a) $x=1$\n(b) $y=2$\n\nProblem 2\n(a) $z=3$"))
    assert [(s.label.problem, s.label.text) for s in found if s.manner is Manner.FORMULA] == [
        ("Problem 1", "a"),
        ("Problem 1", "b"),
        ("Problem 2", "a"),
    ]


def test_digits_are_labels_where_the_person_numbers_with_digits() -> None:
    text = "User:\n1. Find x\n2. Find y\n\nAssistant:\n1. $x=1$\n2. $y=2$\n"
    assert [s.label.text for s in find_statements(chat(text)) if s.manner is Manner.FORMULA] == ["1", "2"]


def test_a_cases_conditions_are_the_labels_title() -> None:
    found = find_statements(chat("(ii) Case: $w > 0$, $x > 0$\nSlope decreases.\n"))
    direction = next(s for s in found if s.manner is Manner.DIRECTION)
    assert direction.label.title == "Case: $w > 0$, $x > 0$"


@pytest.mark.parametrize(
    ("before", "key", "after", "path"),
    [
        (["h"], "i", [], ("i",)),
        (["h"], "i", ["ii"], ("h", "i")),
        (["b", "iv"], "v", [], ("b", "v")),
        (["b"], "c", [], ("c",)),
        (["b", "ii"], "c", [], ("c",)),
        ([], "v", [], ("v",)),
        (["u"], "v", ["w"], ("v",)),
    ],
)
def test_sequence_tells_letters_from_roman_numerals(
    before: list[str], key: str, after: list[str], path: tuple[str, ...]
) -> None:
    nest = Nesting()
    for earlier in before:
        nest.enter(Marker((earlier,), 0, 0))
    nest.enter(Marker((key,), 0, 0), after)
    assert nest.path == path


def test_arguments_of_functions_are_not_mentioned_as_labels() -> None:
    assert [m.keys for m in mentions("φ(x) > 0 in (ii), f(a), and as (b) says")] == [("ii",), ("b",)]
