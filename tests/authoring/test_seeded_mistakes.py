"""Rubrics with one mistake each: it is shown at its very line and column, with the right code, and never as a traceback.

A row changes one text of a sound rubric into another; ``«`` stands before the character the caret must be under.
"""

from __future__ import annotations

import random

import pytest

from llmgrade.authoring.proofread import CODES, proofread_text

VECTORS = """\
llmgrade: 1
id: vectors
layout: row
symbols: {x: vector(n), A: "matrix(n, n)", M: "matrix(m, n)", b: vector(m), λ: scalar > 0}
sample: {n: [2, 3, 5], m: [4, 7]}
total: 7
parts:
  - id: a
    derive: {d: "x^T A x", wrt: x}
    answer: x^T (A + A^T)
    points: 4
    pitfalls:
      - {id: symmetric-only, when: "2 x^T A", credit: 0.5, say: "True only where A = A^T. Try {witness}."}
      - {id: one-term, when: ["x^T A", "x^T A^T"], credit: 0.25, say: "x stands twice."}
    tests:
      correct: ["x^T A + x^T A^T"]
      symmetric-only: ["2 x^T A"]
      one-term: ["x^T A"]
      reject: ["A + A^T"]
  - id: b
    derive: {d: "M x", wrt: x}
    answer: M
    points: 1
    tests: {correct: [M], reject: ["M^T"]}
  - id: c
    kind: expression
    answer: (M^T M + λ I)^{-1} M^T b
    points: 2
    pitfalls:
      - {id: no-penalty, when: "(M^T M)^{-1} M^T b", credit: 0.25}
    tests:
      correct: ["M^T (M M^T + λ I)^{-1} b"]
      no-penalty: ["(M^T M)^{-1} M^T b"]
      reject: ["(M^T M + λ I) M^T b"]
"""
MOTION = """\
llmgrade: 1
id: motion
symbols: {u: scalar, v: scalar, t: scalar > 0}
given: ["u > 0"]
parts:
  - id: a
    kind: direction
    change: u v t
    axis: up-down
    subject: [height]
    given: ["v > 0"]
    answer: up
    pitfalls:
      - {id: wrong-way, when: [down], say: "It rises: {witness}."}
      - {id: open, when: [either], credit: 0.25}
    tests: {correct: ["The height increases."], wrong-way: ["The height decreases."], reject: ["The height stays the same."]}
  - id: b
    answer: u/v
    pitfalls:
      - {id: over, when: "v/u"}
    tests: {correct: ["u v^{-1}"], over: ["v/u"]}
"""

ROWS = [
    # unknown keys and words
    (VECTORS, "layout: row", "«layuot: row", "unknown-key"),
    (VECTORS, "    points: 1\n", "    «ponts: 1\n", "unknown-key"),
    (VECTORS, "credit: 0.5, say", "«credits: 0.5, say", "unknown-key"),
    (VECTORS, '{id: one-term, when:', '{id: one-term, «wehn:', "unknown-key"),
    (VECTORS, 'derive: {d: "M x", wrt: x}', 'derive: {d: "M x", «wtr: x}', "unknown-key"),
    (VECTORS, "    kind: expression", "    kind: «expresion", "unknown-kind"),
    (VECTORS, "layout: row", "layout: «diagonal", "not-one-of"),
    (VECTORS, "points: 1", "points: «many", "wrong-value"),
    (VECTORS, "x: vector(n)", "x: «vectr(n)", "unknown-type"),
    # mathematics
    (VECTORS, "answer: x^T (A + A^T)", "answer: x^T (A + A^T«", "unreadable-maths"),
    (VECTORS, "answer: x^T (A + A^T)", "answer: x^T (A + A^T) «)", "unreadable-maths"),
    (VECTORS, 'when: "2 x^T A"', 'when: "2 x^T A +«"', "unreadable-maths"),
    (VECTORS, 'd: "M x"', 'd: "M x +«/ x"', "unreadable-maths"),
    (VECTORS, "answer: M\n", "answer: M x +«\n", "unreadable-maths"),
    # shapes
    (VECTORS, "answer: x^T (A + A^T)", "answer: «x (A + A^T)", "shape-mismatch"),
    (VECTORS, "answer: M\n", "answer: «M M\n", "shape-mismatch"),
    (VECTORS, "(M^T M + λ I)^{-1} M^T b\n    points", "(«M^T M + λ I_m)^{-1} M^T b\n    points", "shape-mismatch"),
    (VECTORS, "(M^T M + λ I)^{-1} M^T b\n    points", "(«M^T M + λ I)^{-1} M b\n    points", "shape-mismatch"),
    (VECTORS, "answer: M\n", "answer: M «Q\n", "undeclared-symbol"),
    # tests and definitions
    (VECTORS, 'correct: ["x^T A + x^T A^T"]', 'correct: [«"x^T A - x^T A^T"]', "test-fails"),
    (VECTORS, 'reject: ["A + A^T"]', 'reject: ["A + A^T", «"(A^T x + A x)^T"]', "test-fails"),
    (VECTORS, 'symmetric-only: ["2 x^T A"]', 'symmetric-only: [«"3 x^T A"]', "test-fails"),
    (MOTION, 'correct: ["u v^{-1}"]', 'correct: ["u v^{-1}", «"u - v"]', "test-fails"),
    (MOTION, 'wrong-way: ["The height decreases."]', 'wrong-way: [«"The height increases."]', "test-fails"),
    (VECTORS, 'derive: {d: "M x", wrt: x}\n    answer: M', 'derive: {d: "2 M x", wrt: x}\n    answer: «M', "not-derived"),
    (VECTORS, 'd: "x^T A x", wrt: x}\n    answer: x^T (A + A^T)', 'd: "x^T A x", wrt: x}\n    answer: «2 x^T A', "not-derived"),
    (MOTION, "answer: up", "answer: «down", "not-derived"),
    # pitfalls
    (VECTORS, "      - {id: no-penalty", '      - {id: «lost}\n      - {id: no-penalty', "unreachable-pitfall"),
    (VECTORS, 'when: "(M^T M)^{-1} M^T b"', 'when: «"M^T (M M^T + λ I)^{-1} b"', "pitfall-equals-answer"),
    (VECTORS, 'when: ["x^T A", "x^T A^T"]', 'when: ["x^T A", «"(A x + A^T x)^T"]', "pitfall-equals-answer"),
    (VECTORS, "      - {id: one-term", '      - {id: «twice, when: "x^T (A + A)"}\n      - {id: one-term', "shadowed-pitfall"),
    (MOTION, '- {id: over, when: "v/u"}', '- {id: over, when: "v/u"}\n      - {id: «flip, when: "v u^{-1}"}', "shadowed-pitfall"),
    (MOTION, "      - {id: open, when: [either], credit: 0.25}", "      - {id: «falls, when: [down]}", "shadowed-pitfall"),
    (MOTION, "when: [down]", "when: [down, «up]", "pitfall-equals-answer"),
    # assumptions
    (MOTION, 'given: ["v > 0"]', 'given: ["v > 0", «"t < 2"]', "idle-assumption"),
    (MOTION, 'given: ["v > 0"]', 'given: [«"v > 0", "v < 9"]', "load-bearing-assumption"),
    (MOTION, 'given: ["v > 0"]', 'given: ["v > 0", «"v < -1"]', "contradictory-assumptions"),
    # errors carried forward
    (MOTION, "  - id: b\n", '  - id: c\n    answer: 2 u/v\n    follow: {from: b, answer: «"3 {b}"}\n    tests: {correct: ["2 u/v"], reject: [u]}\n  - id: b\n', "follow-differs"),
    (MOTION, "  - id: b\n", '  - id: c\n    answer: 2 u/v\n    follow: {from: b, answer: "2 {b} +«"}\n    tests: {correct: ["2 u/v"], reject: [u]}\n  - id: b\n', "unreadable-maths"),
    # samples, points, tests that must be rejected, comments
    (VECTORS, "n: [2, 3, 5]", "n: [«1, 3, 5]", "blind-sampler"),
    (VECTORS, "m: [4, 7]", "m: [4, «1]", "blind-sampler"),
    (VECTORS, "n: [2, 3, 5], m: [4, 7]", "n: [4], m: «[4]", "blind-sampler"),
    (VECTORS, "total: 7", "total: «8", "points-do-not-add-up"),
    (VECTORS, "total: 7", "total: «6.5", "points-do-not-add-up"),
    (VECTORS, ', reject: ["M^T"]}', "}", "no-rejecting-test"),
    (MOTION, '    tests: {correct: ["u v^{-1}"], over: ["v/u"]}\n', "", "no-rejecting-test"),
    (VECTORS, "answer: M\n", "answer: M «# M^T\n", "comment-in-maths"),
    (VECTORS, "answer: x^T (A + A^T)", "answer: x^T (A + A^T) «# by the product rule", "comment-in-maths"),
    # names and definitions
    (VECTORS, "b: vector(m)", "b: vector(m), p: «scalar = 2 q, q: scalar = p / 2", "circular-symbols"),
    (VECTORS, 'd: "M x", wrt: x', 'd: "M x", wrt: «z', "undeclared-symbol"),
    (VECTORS, 'd: "M x"', 'd: "«N x"', "undeclared-symbol"),
    (VECTORS, 'when: "(M^T M)^{-1} M^T b"', 'when: "(M^T M)^{-1} M^T «c"', "undeclared-symbol"),
    (VECTORS, "    answer: M\n", "    answer: «g = M\n", "shape-mismatch"),
    (MOTION, "    answer: u/v\n", "    answer: u/v\n    plus_constant: «z\n", "undeclared-symbol"),
    (MOTION, "    answer: u/v\n", '    answer: u/v\n    also: [«"2 u/v"]\n', "answers-differ"),
    (MOTION, "  - id: b\n", '  - id: c\n    answer: 2 u/v\n    follow: {from: «z, answer: "2 {z}"}\n    tests: {correct: ["2 u/v"], reject: [u]}\n  - id: b\n', "not-sound"),
    # quotes and escapes
    (VECTORS, 'correct: ["M^T (M M^T + λ I)^{-1} b"]', 'correct: ["«\\frac{1}{λ} b"]', "escape-in-quotes"),
    (VECTORS, 'd: "M x"', 'd: "M x «\\times 1"', "escape-in-quotes"),
    (VECTORS, 'reject: ["M^T"]', "reject: [«“M^T”]", "curly-quotes"),
    (VECTORS, 'say: "x stands twice."', "say: «„x stands twice.“", "curly-quotes"),
    # YAML, where it is to be mended and not where it was noticed
    (VECTORS, "    points: 1\n", "   «points: 1\n", "not-yaml"),
    (VECTORS, "    points: 1\n", "      «points: 1\n", "not-yaml"),
    (VECTORS, "    points: 1\n", "«\tpoints: 1\n", "not-yaml"),
    (VECTORS, "    points: 1\n", "«\u00a0   points: 1\n", "not-yaml"),
    (VECTORS, "    points: 1\n", "    «points 1\n", "not-yaml"),
    (VECTORS, "    points: 1\n", "    «points:1\n", "not-yaml"),
    (VECTORS, 'derive: {d: "M x", wrt: x}', 'derive: «{d: "M x", wrt: x', "not-yaml"),
    (VECTORS, 'one-term: ["x^T A"]', 'one-term: «["x^T A"', "not-yaml"),
    (VECTORS, 'say: "x stands twice."', 'say: «"x stands twice.', "not-yaml"),
    (VECTORS, 'say: "x stands twice."', "say: x stands«: twice.", "not-yaml"),
    (VECTORS, "  - id: b\n", "  «-id: b\n", "not-yaml"),
    (VECTORS, "  - id: a\n", "    id: a\n", "not-yaml"),
    (VECTORS, "    answer: M\n", "    answer: «@M\n", "not-yaml"),
    (VECTORS, "    answer: M\n", "    answer: «*M\n", "not-yaml"),
    (VECTORS, 'd: "M x"', 'd: "«\\sqrt{1} M x"', "not-yaml"),
    (VECTORS, "parts:\n", "«---\nparts:\n", "not-yaml"),
    # values
    (VECTORS, "llmgrade: 1\n", "llmgrade: «2\n", "wrong-value"),
    (VECTORS, "llmgrade: 1\n", "", "no-version"),
    (VECTORS, "credit: 0.5, say", "credit: «1.5, say", "wrong-value"),
    (VECTORS, "credit: 0.5, say", "credit: 0,«5, say", "unknown-key"),
    (VECTORS, "credit: 0.5, say", "credit: «50%, say", "wrong-value"),
    (VECTORS, "points: 4", "points: «-4", "wrong-value"),
    (VECTORS, "n: [2, 3, 5]", "n: «2 3 5", "wrong-value"),
    (VECTORS, 'A: "matrix(n, n)"', "A: «matrix(n, n)", "unknown-type"),
    (VECTORS, "    answer: M\n", "    «Answer: M\n", "unknown-key"),
    (VECTORS, "    answer: M\n", "    answer:«\n", "unreadable-maths"),
    (VECTORS, "  - id: b\n", "  - «title: b\n", "missing-key"),
    # form
    (VECTORS, "credit: 0.25, say", "credit: 0.25, «credit: 0.5, say", "double-key"),
    (VECTORS, "  - id: b\n", "  - id: «a\n", "not-sound"),
    (VECTORS, "one-term: [", "«two-terms: [", "not-sound"),
]  # fmt: skip
POINTED = {
    ', reject: ["M^T"]}': "{correct: [M]}",
    '    tests: {correct: ["u v^{-1}"], over: ["v/u"]}\n': "b\n    answer: u/v",
    "llmgrade: 1\n": "id: vectors",
    "  - id: a\n": "- id: b",
}


@pytest.mark.parametrize("name", ["VECTORS", "MOTION"])
def test_a_sound_rubric_has_no_mistakes(name: str) -> None:
    found = proofread_text(globals()[name])
    assert [d.picture() for d in found.diagnostics if d.severity != "info"] == []


@pytest.mark.parametrize(("base", "old", "new", "code"), ROWS)
def test_a_seeded_mistake_is_shown_at_its_place(base: str, old: str, new: str, code: str) -> None:
    assert base.count(old) == 1, "a row changes one place"
    marked = base.replace(old, new)
    text = marked.replace("«", "")
    at = marked.index("«") if "«" in marked else text.index(POINTED[old])  # what is missing has no place of its own
    line, column = text.count("\n", 0, at) + 1, at - (text.rfind("\n", 0, at) + 1) + 1
    found = proofread_text(text).diagnostics
    pictures = "\n".join(d.picture() for d in found)
    assert f"rubric.yaml:{line}:{column}" in [d.where for d in found if d.code == code], pictures
    assert len({d.span.start for d in found if d.severity == "error"}) <= 1, pictures


HINTS = [
    ("    points: 1\n", "   points: 1\n", "column 5"),
    ("    points: 1\n", "\tpoints: 1\n", "indent with spaces"),
    ("    points: 1\n", "    points:1\n", "`points: `"),
    ('derive: {d: "M x", wrt: x}', 'derive: {d: "M x", wrt: x', "close it: `}`"),
    ('say: "x stands twice."', 'say: "x stands twice.', 'close it: "'),
    ('say: "x stands twice."', "say: x stands: twice.", "the whole text in quotes"),
    ("  - id: b\n", "  -id: b\n", "`- `"),
    ("    answer: M\n", "    answer: @M\n", "put it in quotes"),
    ('d: "M x"', 'd: "\\sqrt{1} M x"', "single quotes"),
    ('d: "M x"', 'd: "M x \\times 1"', "`\\\\times`"),
    ("credit: 0.5, say", "credit: 0,5, say", "a decimal point"),
    ("credit: 0.5, say", "credit: 50%, say", "write 0.5"),
    ("n: [2, 3, 5]", "n: 2 3 5", "[2, 3, 5]"),
    ('A: "matrix(n, n)"', "A: matrix(n, n)", "quote it"),
    ("    answer: M\n", "    Answer: M\n", "`answer`"),
    ("    answer: M\n", "    answer: g = M\n", "`of: [g]`"),
    ("llmgrade: 1\n", "", "`llmgrade: 1`"),
    ('reject: ["M^T"]', "reject: [“M^T”]", "straight quotes"),
]


@pytest.mark.parametrize(("old", "new", "hint"), HINTS)
def test_the_likely_fix_stands_below(old: str, new: str, hint: str) -> None:
    assert VECTORS.count(old) == 1
    found = proofread_text(VECTORS.replace(old, new)).diagnostics
    assert hint in " / ".join(d.hint or "" for d in found if d.severity != "info"), [d.picture() for d in found]


def test_all_kinds_of_mistake_occur_in_the_table() -> None:
    assert len(ROWS) >= 40
    assert set(CODES) <= {row[3] for row in ROWS}


@pytest.mark.parametrize("seed", range(12))
def test_no_vandalised_rubric_ends_in_a_traceback(seed: int) -> None:
    rng = random.Random(seed)
    junk = [
        "{",
        "}",
        "[",
        "^",
        "\\",
        "#",
        ": ",
        "x",
        "λ",
        "- ",
        "'",
        '"',
        "\t",
        "1e999",
        "†",
        "\n",
        "&a",
        "*a",
        "!!python/object",
    ]
    for _ in range(15):
        text = rng.choice([VECTORS, MOTION])
        for _ in range(rng.randint(1, 3)):
            at = rng.randrange(len(text))
            text = text[:at] + rng.choice(junk) + text[at + rng.randint(0, 3) :]
        assert all(d.picture() for d in proofread_text(text).diagnostics)


def test_every_mistake_of_a_file_is_shown_at_once() -> None:
    text = (
        VECTORS.replace("total: 7", "total: 8")
        .replace("n: [2, 3, 5]", "n: [1, 3]")
        .replace("answer: M\n", "answer: M M\n")
    )
    codes = [d.code for d in proofread_text(text).errors]
    assert {"points-do-not-add-up", "blind-sampler", "shape-mismatch"} <= set(codes)


MIXED = [
    # a mistake of form, and one of mathematics elsewhere: both are shown at once
    ("    points: 1\n", "    ponts: 1\n", "answer: x^T (A + A^T)", "answer: «x (A + A^T)", {"unknown-key", "shape-mismatch"}),
    ("layout: row", "layuot: row", "answer: M\n", "answer: M x +«\n", {"unknown-key", "unreadable-maths"}),
    ("points: 1", "points: many", 'when: "(M^T M)^{-1} M^T b"', 'when: "(M^T M)^{-1} M^T b +«"', {"wrong-value", "unreadable-maths"}),
    ("{id: one-term, when:", "{id: one-term, wehn:", "answer: M\n", "answer: «M M\n", {"unknown-key", "shape-mismatch"}),
    ("    kind: expression", "    kind: expresion", "answer: x^T (A + A^T)", "answer: x^T (A + A^T) «)", {"unknown-kind", "unreadable-maths"}),
    ("one-term: [", "two-terms: [", "answer: M\n", "answer: «M M\n", {"not-sound", "shape-mismatch"}),
    ("  - id: c\n", "  - ident: c\n", "answer: M\n", "answer: «M M\n", {"unknown-key", "missing-key", "shape-mismatch"}),
]  # fmt: skip


@pytest.mark.parametrize(("form", "broken", "maths", "marked", "codes"), MIXED)
def test_a_mistake_of_form_hides_no_mistake_of_mathematics(
    form: str, broken: str, maths: str, marked: str, codes: set[str]
) -> None:
    whole = VECTORS.replace(form, broken).replace(maths, marked)
    text = whole.replace("«", "")
    at = whole.index("«")
    found = proofread_text(text)
    assert found.rubric is None
    assert {d.code for d in found.errors} == codes, "\n".join(d.picture() for d in found.diagnostics)
    assert at in {d.span.start for d in found.errors}


def test_what_is_assumed_of_a_symbol_is_taken_away_too() -> None:
    text = (
        VECTORS.replace("λ: scalar > 0", 'λ: scalar > 0, S: "symmetric(n)", k: scalar > 0')
        .replace(
            'reject: ["M^T"]}',
            'reject: ["M^T"]}\n  - {id: s, answer: x^T S, tests: {correct: ["(S x)^T"], reject: ["S"]}}',
        )
        .replace("total: 7", "total: 8")
    )
    told = {(d.code, d.message.split(":")[0]) for d in proofread_text(text).diagnostics if d.severity == "info"}
    assert ("load-bearing-assumption", "part s hangs on S being symmetric") in told
    assert any(code == "idle-assumption" and "k is > 0" in message for code, message in told)
