"""Directions: what is said to move, which way, under which condition."""

from __future__ import annotations

import pytest
from claim_chats import chat

from llmgrade.claims import Manner, Standing, Statement, find_statements


def directions(text: str) -> list[Statement]:
    return [s for s in find_statements(chat(text)) if s.manner is Manner.DIRECTION]


# What is said, and what moves which way; a condition after "if".
SAID = [
    ("The slope decreases.", "slope down"),
    ("slope decreases, elbow right", "slope down; elbow right"),
    ("slope up, elbow left", "slope up; elbow left"),
    ("Slope: unchanged", "slope unchanged"),
    ("Both slope and elbow remain unchanged.", "slope unchanged; elbow unchanged"),
    ("slope and elbow stay exactly where they were.", "slope unchanged; elbow unchanged"),
    ("The slope doesn't change and the kink moves to the left.", "slope unchanged; elbow left"),
    ("→ Elbow shifts left", "elbow left"),
    ("The corner can move to the right or to the left.", "elbow either"),
    ("The elbow may travel in either direction.", "elbow either"),
    ("The knee can go both ways.", "elbow either"),
    ("The elbow always shifts left under these conditions.", "elbow left"),
    ("This pushes the elbow left.", "elbow left"),
    ("An increase in the slope and a shift of the corner to the left.", "slope up; elbow left"),
    ("The slope becomes more negative.", "slope down"),
    ("The slope decreases (steeper negative).", "slope down"),
    ("The slope gets steeper.", "slope steeper"),
    ("Slope: ↓, elbow: right", "slope down; elbow right"),
    ("Nothing changes.", "None unchanged"),
    ("The denominator increases and the numerator decreases.", "denominator up; numerator down"),
    ("The break point drifts rightwards while the slope grows.", "elbow right; slope up"),
    ("The slope is lower than before.", "slope down"),
    ("La pendiente disminuye y el codo se mueve a la derecha.", "slope down; elbow right"),
    ("Die Steigung nimmt ab, der Knick wandert nach links.", "slope down; elbow left"),
    ("La pente augmente et le coude se déplace vers la gauche.", "slope up; elbow left"),
    ("斜率减小，拐点向左移动。", "slope down; elbow left"),
    ("La pendiente y el codo permanecen sin cambios.", "slope unchanged; elbow unchanged"),
    ("The elbow shifts slightly right (if $x > 0$).", "elbow right if if $x > 0$"),
    (
        "It goes on: the elbow goes right when $w>bx$ and left when $w<bx$.",
        "elbow right if when $w>bx$; elbow left if when $w<bx$",
    ),
    ("Elbow: right if $w>bx$, left otherwise.", "elbow right if if $w>bx$; elbow left if otherwise"),
    ("If $w>bx$ → $e'>e$ → elbow shifts right.", "elbow right if If $w>bx$; $e'>e$"),
    ("The elbow moves left or right depending on $w$ and $bx$.", "elbow either if depending on $w$ and $bx$"),
    ("For $w>0$ the slope increases, for $w<0$ it decreases.", "slope up if For $w>0$; slope down if for $w<0$"),
    ("$e' > e \\Rightarrow \\text{Elbow shifts right}$", "elbow right if $e' > e$"),
    ("$w' = w - \\lambda x \\quad (\\downarrow)$", "w down"),
]

NOT_SAID = [
    "You're absolutely right.",
    "The matrix on the left is positive definite.",
    "$B$ is a right-inverse and the left factor is $U$.",
    "The right answer is $x=1$.",
    "We want to decrease the loss.",
    "The two closed forms are the same vector.",
    "The answer stays $x^T A$.",
    "I'd rather not change it.",
    "This is larger than $1$.",
    "Multiply from the right by $A$.",
    "With $w=4$, $b=1$ and $x=1$ the elbow moves right.",
]


def shown(statement: Statement) -> str:
    condition = f" if {statement.condition}" if statement.condition else ""
    return f"{statement.subject} {statement.reading}{condition}"


@pytest.mark.parametrize(("text", "expected"), SAID, ids=[row[0][:50] for row in SAID])
def test_what_moves_and_which_way(text: str, expected: str) -> None:
    assert "; ".join(map(shown, directions(f"(b) {text}"))) == expected


@pytest.mark.parametrize("text", NOT_SAID)
def test_words_of_direction_that_say_nothing_of_motion(text: str) -> None:
    assert directions(f"(b) {text}") == []


def test_a_denied_direction_is_rejected_and_the_other_stands() -> None:
    found = directions("(b) The corner does not move to the left; it moves to the right.")
    assert [(s.reading, s.standing, s.subject) for s in found] == [
        ("left", Standing.REJECTED, "elbow"),
        ("right", Standing.ASSERTED, "elbow"),
    ]


def test_table_cells_take_their_columns_subject() -> None:
    table = "| Case | Slope update | Elbow shift |\n|---|---|---|\n| (i) | No change | No change |\n| (ii) | ↓ | left or right depending on ratio |\n| (iii) | Increases | Right |\n| (iv) | decreases | mixed — depends on update ratio |\n"
    assert [(s.label.text, s.subject, s.reading) for s in directions(table)] == [
        ("i", "slope", "unchanged"),
        ("i", "elbow", "unchanged"),
        ("ii", "slope", "down"),
        ("ii", "elbow", "either"),
        ("iii", "slope", "up"),
        ("iii", "elbow", "right"),
        ("iv", "slope", "down"),
        ("iv", "elbow", "undetermined"),
    ]


def test_a_table_that_lost_its_grid_still_has_rows() -> None:
    lines = "Case\nConditions\nSlope Update\nElbow Shift\n(i)\nNo change\nNo change\n(iv)\nDecreases further\n(more negative)\nCan shift left or right depending\non ratio\n"
    assert [(s.label.text, s.subject, s.reading) for s in directions(lines)] == [
        ("i", "slope", "unchanged"),
        ("i", "elbow", "unchanged"),
        ("iv", "slope", "down"),
        ("iv", "elbow", "either"),
    ]


def test_a_direction_said_of_several_parts_belongs_to_each() -> None:
    found = directions("In (ii) and (iii) the elbow moves right; in (iv) it moves left.")
    assert [(s.label.text, s.reading) for s in found] == [("ii", "right"), ("iii", "right"), ("iv", "left")]


def test_a_motion_left_open_is_undetermined() -> None:
    assert [shown(s) for s in directions("(iv) Slope decreases\nElbow shifts\n")] == [
        "slope down",
        "elbow undetermined",
    ]
