"""Sets, choices, tables and facts: every way of being wrong is made, and found."""

from __future__ import annotations

import pytest

from llmgrade.authoring.certificate import certificate
from llmgrade.authoring.derive import derive
from llmgrade.authoring.mutants import mutants
from llmgrade.authoring.numeric import Values, differ, value
from llmgrade.authoring.spoken import sayings
from llmgrade.authoring.trial import try_rubric
from llmgrade.checking.bench import bench_of
from llmgrade.expr.notation import read
from llmgrade.expr.symbols import SymbolTable
from llmgrade.grading import judge_answer
from llmgrade.limits import Limits
from llmgrade.rubric.loading import loads
from llmgrade.rubric.model import Rubric

np = pytest.importorskip("numpy")

SETS = r"""
llmgrade: 1
id: sets
title: Sets
cues: [sets]
symbols: {x: real, c: scalar}
parts:
  - id: a
    expect: [{kind: set, answer: "(0, 1] \\cup [2, 3)", of: [D]}]
    tests: {correct: ["$D = (0,1] \\cup [2,3)$"], reject: ["$D = (0,1]$"]}
  - id: b
    expect: [{kind: set, answer: "\\{1, 2, 4\\}", of: [R]}]
    tests: {correct: ["$R = \\{1,2,4\\}$"], reject: ["$R=\\{1,2\\}$"]}
  - id: c
    expect: [{kind: condition, answer: "c > 0 \\text{ and } c <= 1"}]
    tests: {correct: ["$0 < c \\le 1$"], reject: ["$c > 0$"]}
  - id: d
    expect: [{kind: choice, options: {A: "injective map", B: "surjective map", C: "linear map", D: "isometry"}, answer: [A, C]}]
    tests: {correct: ["A and C", "The map is an injective map and a linear map."], reject: ["A"]}
  - id: e
    expect: [{kind: fact, words: ["@vanishes"], against: ["@diverges"]}]
    tests: {correct: ["It goes to zero."], reject: ["It diverges."]}
  - id: f
    expect:
      - kind: cases
        answer: [{when: "x > 0", then: "2 x"}, {when: "x <= 0", then: "0"}]
    tests: {correct: ["$2x$ if $x > 0$, $0$ if $x \\le 0$"], reject: ["$2x$ if $x < 0$, $0$ if $x \\ge 0$"]}
"""


def one(part: str, symbols: str = "{x: real, c: scalar, n: integer > 1}") -> Rubric:
    """A rubric of one part."""
    return loads(f"llmgrade: 1\nid: one\nsymbols: {symbols}\nparts:\n  - {{id: a, {part}}}\n")


def test_every_wrong_set_choice_table_and_fact_is_told_from_the_right_one() -> None:
    trial = try_rubric(loads(SETS))
    assert trial.passed, trial.faults
    operators = {name for item in trial.items for name in item.operators}
    assert {
        "intersection for union", "set dropped", "strictness", "end given up", "member dropped", "or for and", "condition dropped",
        "neighbouring choice", "choice added", "choice dropped", "negated wording", "opposite wording", "both at once",
        "condition negated", "conditions swapped", "case dropped", "value of another case",
    } <= operators  # fmt: skip


def test_an_opposite_that_the_grader_would_accept_survives() -> None:
    trial = try_rubric(
        one(
            'expect: [{kind: fact, words: ["grows", "shrinks"], against: ["shrinks fast"]}], tests: {correct: [It grows.]}'
        )
    )
    assert not any("survive" in fault for fault in trial.faults)  # the longer wording wins
    swapped = one(
        'expect: [{kind: fact, words: ["grows fast"], against: ["grows"]}], tests: {correct: [It grows fast.]}'
    )
    assert try_rubric(swapped).faults == []
    blind = one(
        'expect: [{kind: fact, words: ["/no.?thing/", "moves"], against: ["nothing moves"]}], tests: {correct: [It moves.]}'
    )
    assert next(try_rubric(blind).items).survivors == []


def test_a_right_choice_by_letter_and_by_words_and_lists_of_letters() -> None:
    rubric = loads(SETS)
    for answer, verdict in {
        "(A) and (C)": "correct",
        "The answers are A, C.": "correct",
        "The correct options are C and A": "correct",
        "A, B and C": "partial",
        "Not A; the answer is (B).": "incorrect",
        "The answer is a function of the input.": "unanswered",
        "B": "incorrect",
    }.items():
        _, judged = judge_answer(rubric, "d", answer)
        assert (judged.verdict.value if judged else "unanswered") == verdict, answer


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        (r"$D = [2,3) \cup (0,1]$", "correct"),
        (r"$x \in (0,1] \cup [2,3)$", "correct"),
        (r"The domain is $\{x : 0 < x \le 1 \text{ or } 2 \le x < 3\}$.", "correct"),
        (r"$D = (0,1) \cup [2,3)$", "incorrect"),
        (r"$D = (0,3)$", "incorrect"),
        (r"$D = (0,1] \cap [2,3)$", "incorrect"),
        (r"We first note that $x = 1$.", "unanswered"),
    ],
)
def test_a_set_is_found_in_a_chat_and_compared_by_its_members(answer: str, verdict: str) -> None:
    _, judged = judge_answer(loads(SETS), "a", answer)
    assert (judged.verdict.value if judged else "unanswered") == verdict


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        (r"(0,1]", r"[0,1]", False),
        (r"\{1,2\}", r"\{2,1\}", True),
        (r"\{x | x > 0\}", r"(0,\infty)", True),
        (r"\mathbb{R} \setminus \{0\}", r"(-\infty,0) \cup (0,\infty)", True),
        (r"(0,2) \cap (1,3)", r"(1,2)", True),
        (r"(0,2) \cup (1,3)", r"(1,2)", False),
    ],
)
def test_sets_have_members_on_the_second_road_too(left: str, right: str, same: bool) -> None:
    table = SymbolTable.empty()
    at = Values(table, np.random.default_rng(1))
    assert differ(value(read(left, table).expr, at), value(read(right, table).expr, at)) is not same


def test_a_mutated_interval_never_ends_before_it_begins() -> None:
    table = SymbolTable.empty()
    shown = [m.expr for m in mutants(read("[2, 3)", table).expr, table)]
    assert shown
    assert all(
        differ(
            value(e, Values(table, np.random.default_rng(0))),
            value(read("[2, 3)", table).expr, Values(table, np.random.default_rng(0))),
        )
        for e in shown
    )


def test_another_parts_answer_is_what_a_hook_is_tried_with() -> None:
    rubric = loads(
        "llmgrade: 1\nid: h\nparts:\n"
        "  - {id: a, expect: [{kind: hook, name: parity}], tests: {correct: ['It is even.']}}\n"
        "  - {id: b, answer: '3', tests: {correct: ['3']}}\n"
    )
    bench = bench_of(rubric, rubric.parts[0], {}, Limits(), "tests")
    assert [(s.operator, s.text) for s in sayings(bench, rubric.parts[0].expect[0]) if not s.right] == [
        ("another part's answer", "3")
    ]


@pytest.mark.parametrize(
    ("part", "outcome"),
    [
        ('answer: "2 x", derive: {holds: "{answer} + 1 = 2 x + 1"}, tests: {correct: ["2 x"]}', "derived"),
        ('answer: "3 x", derive: {holds: "{answer} + 1 = 2 x + 1"}, tests: {correct: ["3 x"]}', "contradicted"),
        ('answer: "2 x", derive: {holds: "x = x"}, tests: {correct: ["2 x"]}', "contradicted"),
        ('answer: "2 x", derive: {holds: "0 {answer} = 0"}, tests: {correct: ["2 x"]}', "underived"),
        (
            'kind: choice, options: {A: "O(1)", B: "O(log n)", C: "O(n)"}, answer: B, '
            'derive: {grows: "\\\\lfloor \\\\log_2 n \\\\rfloor + 1", wrt: n}, tests: {correct: [B]}',
            "derived",
        ),
        (
            'kind: choice, options: {A: "O(1)", B: "O(log n)", C: "O(n)"}, answer: B, '
            'derive: {grows: "3 n + 5", wrt: n}, tests: {correct: [B]}',
            "contradicted",
        ),
    ],
)
def test_an_answer_is_derived_by_a_statement_it_fulfils_or_by_how_a_count_grows(part: str, outcome: str) -> None:
    rubric = one(part)
    bench = bench_of(rubric, rubric.parts[0], {}, Limits(), "tests")
    item = rubric.parts[0].expect[0]
    assert derive(bench, item, item.derive or rubric.parts[0].derive).outcome == outcome


def test_a_condition_is_derived_where_only_symmetric_matrices_fulfil_it() -> None:
    rubric = one(
        'expect: [{kind: condition, derive: {iff: "x^T A + (A x)^T = 2 x^T A"}, answer: "A = A^T"}], tests: {correct: ["A = A^T"]}',
        '{x: vector(n), A: "matrix(n, n)"}',
    )
    bench = bench_of(rubric, rubric.parts[0], {}, Limits(), "tests")
    item = rubric.parts[0].expect[0]
    assert derive(bench, item, item.derive).outcome == "derived"


def test_why_an_answer_has_no_definition_stands_in_the_certificate() -> None:
    trial = try_rubric(one('answer: "2 x", waive: {underived: "a convention"}, tests: {correct: ["2 x"]}'))
    (item,) = certificate(trial)["parts"][0]["items"]
    assert item["derived"] == {"outcome": "underived", "how": "a convention"}
