"""A rubric tried: what is right passes, and every way of being wrong is found."""

from __future__ import annotations

import pytest

from llmgrade.authoring.certificate import certificate
from llmgrade.authoring.derive import points
from llmgrade.authoring.labels import Label, labels_of
from llmgrade.authoring.mutants import mutants
from llmgrade.authoring.numeric import differ, value
from llmgrade.authoring.rewrites import rewrites
from llmgrade.authoring.trial import try_rubric
from llmgrade.checking.bench import Bench, bench_of
from llmgrade.limits import Limits
from llmgrade.rubric.certificate import sentence
from llmgrade.rubric.loading import load_all, loads
from llmgrade.rubric.model import Rubric

QUADRATIC = """\
llmgrade: 1
id: quadratic
layout: row
symbols: {x: vector(n), A: "matrix(n, n)"}
sample: {n: [3, 4]}
parts:
  - id: a
    derive: {d: "x^T A x", wrt: x}
    answer: x^T (A + A^T)
    tests: {correct: ["x^T A + x^T A^T"], reject: ["2 x^T A"]}
"""


def one(symbols: str, answer: str, more: str = "") -> Rubric:
    """A rubric of one part."""
    return loads(
        f"llmgrade: 1\nid: one\nsymbols: {symbols}\nparts:\n  - id: a\n    answer: {answer}\n"
        f"    tests: {{correct: [{answer}]}}\n{more}"
    )


def bench(rubric: Rubric) -> Bench:
    """The bench of its first part."""
    return bench_of(rubric, rubric.parts[0], {}, Limits(), "tests")


def test_a_right_rubric_is_certified() -> None:
    trial = try_rubric(loads(QUADRATIC))
    assert trial.passed, trial.faults
    said = certificate(trial)
    assert said["derived"] == 1
    assert said["rewrites"]["of"] >= 100
    assert sentence(said).startswith("certified: 2 tests, 1 of 1 answers derived")


def test_a_wrong_key_is_contradicted_by_its_definition() -> None:
    trial = try_rubric(
        loads(QUADRATIC.replace("answer: x^T (A + A^T)", "answer: 2 x^T A").replace('"2 x^T A"', '"x^T A"'))
    )
    assert any("its definition gives something else" in fault for fault in trial.faults)


def test_a_failing_test_of_the_file_is_a_fault() -> None:
    trial = try_rubric(loads(QUADRATIC.replace('reject: ["2 x^T A"]', 'reject: ["x^T (A^T + A)"]')))
    assert any("should be `reject`" in fault for fault in trial.faults)


def test_a_pitfall_without_a_test_is_a_fault() -> None:
    trial = try_rubric(loads(QUADRATIC + '    pitfalls: [{id: one-slot, when: "x^T A"}]\n'))
    assert "a: no test names the outcome `one-slot`" in trial.faults


def test_a_pitfall_without_a_test_may_be_waived_in_writing() -> None:
    more = '    pitfalls: [{id: one-slot, when: "x^T A"}]\n    waive: {one-slot: "seen only in print"}\n'
    trial = try_rubric(loads(QUADRATIC + more))
    assert trial.passed, trial.faults
    assert trial.parts[0].waived == [("one-slot", "seen only in print")]


@pytest.mark.parametrize(
    ("weak", "symbols", "answer", "hidden"),
    [
        ("symmetric", '{x: vector(n), A: "matrix(n, n)"}', "x^T (A + A^T)", "xᵀ (A + A)"),
        ("ones", '{x: vector(n), A: "matrix(n, n)"}', "x^T (A + A^T)", "x (A + Aᵀ)"),
        ("unit", "{σ: scalar, λ: scalar > 0}", "λ σ/(σ^2 + λ)", "σ/(σ² + λ)"),
        ("full rank", '{b: vector(n), A: "matrix(n, n)"}', "A A^† b", "A⁺ A b"),
    ],
)
def test_a_weakened_sampler_that_hides_a_wrong_answer_is_noticed(
    weak: str, symbols: str, answer: str, hidden: str
) -> None:
    found = {w for item in try_rubric(one(symbols, answer)).items for w in item.hidden}
    assert weak in found, hidden


def test_lambda_for_lambda_times_identity_is_waived_with_its_reason() -> None:
    rubric = one('{X: "matrix(n, d)", y: vector(n), λ: scalar > 0, I: identity}', '"(X^T X + λ I)^{-1} X^T y"')
    (item,) = try_rubric(rubric).items
    assert [reason for _, reason in item.waived] == [
        "a number beside a square matrix is read as that multiple of the identity"
    ]
    assert not item.survivors


@pytest.mark.parametrize(
    "derive",
    [
        ("{limit: 'sin(q)/q', as: q → 0}", "1"),
        ("{limit: 's/(s^2 + λ)', as: s ≪ λ}", "s/λ"),
        ("{limit: 's/(s^2 + λ)', as: s ≫ λ}", "1/s"),
        ("{solve: 's q = λ', for: q}", "λ/s"),
        ("{value: '(λ + s)^2 - λ^2'}", "s^2 + 2 s λ"),
        ("{d: 's^3', wrt: s}", "3 s^2"),
    ],
)
def test_answers_are_derived_from_their_definitions(derive: tuple[str, str]) -> None:
    how, answer = derive
    rubric = one("{s: scalar > 0, λ: scalar > 0, q: scalar}", answer, f"    derive: {how}\n")
    (item,) = try_rubric(rubric, most=1).items
    assert item.derived.outcome == "derived", item.derived.how
    wrong = one("{s: scalar > 0, λ: scalar > 0, q: scalar}", f"{answer} + s", f"    derive: {how}\n")
    (item,) = try_rubric(wrong, most=1).items
    assert item.derived.outcome == "contradicted", item.derived.how


def test_rewrites_keep_the_value_and_there_are_a_hundred() -> None:
    desk = bench(loads(QUADRATIC))
    gold = desk.gold("x^T (A + A^T)")
    texts = rewrites(gold, desk.table)
    at = next(points(desk))
    assert len(texts) >= 100
    assert not [text for text in texts if differ(value(gold, at), value(desk.gold(text), at))]


def test_mutants_are_labelled_without_the_comparison_under_test() -> None:
    desk = bench(loads(QUADRATIC))
    gold = desk.gold("x^T (A + A^T)")
    labels = labels_of(desk, [gold])
    found = {m.operator: labels.label(m.expr, m.operator) for m in mutants(gold, desk.table)}
    assert found["transpose dropped"] is Label.WRONG
    assert labels.label(desk.gold("x^T A + (A x)^T"), "") is Label.SAME


def test_a_strict_inequality_is_told_from_the_other_though_random_points_cannot() -> None:
    rubric = loads(
        "llmgrade: 1\nid: one\nsymbols: {c: scalar, d: scalar}\nparts:\n  - id: a\n    kind: condition\n    answer: c > d\n"
        '    tests: {correct: ["d < c"], reject: ["c >= d"]}\n'
    )
    trial = try_rubric(rubric)
    assert trial.passed, trial.faults
    assert next(iter(trial.items)).operators["strictness"] == 1


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(load_all(())))
def test_a_shipped_rubric_proves_itself(name: str) -> None:
    trial = try_rubric(load_all(())[name])
    assert trial.faults == []
    assert all(len(i.not_accepted) <= 0.01 * i.rewritten for i in trial.items)
    assert not any(i.undecided for i in trial.items)
