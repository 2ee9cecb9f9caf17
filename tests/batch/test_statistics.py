"""Intervals cover what they say, and equal models look equal: checked by simulation."""

from __future__ import annotations

import numpy as np
import pytest

from llmgrade.batch import statistics

TRIALS = 2_000


def _answers(generator: np.random.Generator, problems: int, samples: int) -> tuple[dict[str, list[float]], float]:
    """Right or wrong answers; problems differ in difficulty. The truth is the mean difficulty of all problems: 1/2."""
    ease = generator.beta(1.0, 1.0, size=problems)
    return {str(p): list((generator.random(samples) < ease[p]).astype(float)) for p in range(problems)}, 0.5


def test_intervals_clustered_by_problem_cover_what_they_say() -> None:
    generator = np.random.default_rng(7)
    covered = 0
    for _ in range(TRIALS):
        scores, truth = _answers(generator, 40, 4)
        found = statistics.clustered_mean(scores)
        covered += found.low <= truth <= found.high
    assert 0.93 <= covered / TRIALS <= 0.97


def test_two_equal_models_differ_no_more_often_than_they_may() -> None:
    generator = np.random.default_rng(11)
    false_alarms = 0
    for _ in range(TRIALS):
        ease = generator.beta(0.8, 0.8, size=60)
        first = {str(p): list((generator.random(8) < e).astype(float)) for p, e in enumerate(ease)}
        second = {str(p): list((generator.random(8) < e).astype(float)) for p, e in enumerate(ease)}
        false_alarms += statistics.paired(first, second, draws=2).p < 0.05
    assert false_alarms / TRIALS <= 0.06


def test_a_real_difference_is_seen() -> None:
    generator = np.random.default_rng(3)
    first = {str(p): list((generator.random(8) < 0.75).astype(float)) for p in range(60)}
    second = {str(p): list((generator.random(8) < 0.55).astype(float)) for p in range(60)}
    found = statistics.paired(first, second)
    assert found.p < 0.001
    assert found.low < 0.2 < found.high
    assert found.bootstrap[0] < 0.2 < found.bootstrap[1]


def test_problems_that_all_say_the_same_do_not_make_sure() -> None:
    found = statistics.clustered_mean({str(p): [1.0, 1.0] for p in range(4)})
    assert (round(found.low, 3), found.high) == (0.398, 1.0)  # as four tries that all came off
    wrong = statistics.clustered_mean({str(p): [0.0] for p in range(4)})
    assert (wrong.low, round(wrong.high, 3)) == (0.0, 0.602)
    assert np.isnan(statistics.clustered_mean({str(p): [1.0, 0.0] for p in range(4)}).low)
    ahead = statistics.paired({str(p): [1.0] for p in range(3)}, {str(p): [0.5] for p in range(3)})
    assert (ahead.difference, ahead.p) == (0.5, 0.25)
    assert np.isnan(ahead.low)


def test_an_audited_sample_corrects_for_a_grader_that_misses_right_answers() -> None:
    """The grader calls 10 % of right answers wrong: the plain interval misses the truth, the corrected one covers it."""
    generator = np.random.default_rng(5)
    covered = plain = 0
    trials = 600
    for _ in range(trials):
        truth, graded, audited = 0.6, {}, {}
        for p in range(200):
            human = (generator.random(10) < truth).astype(float)
            mine = human * (generator.random(10) > 0.1)
            graded[str(p)] = list(mine)
            audited[str(p)] = [(mine[i], human[i]) for i in generator.choice(10, size=2, replace=False)]
        found, naive = statistics.corrected(graded, audited), statistics.clustered_mean(graded)
        covered += found.low <= truth <= found.high
        plain += naive.low <= truth <= naive.high
    assert 0.93 <= covered / trials <= 0.97
    assert plain / trials < 0.2


@pytest.mark.parametrize(
    ("right", "samples", "k", "chance"), [(0, 5, 3, 0.0), (5, 5, 1, 1.0), (1, 2, 2, 1.0), (2, 4, 1, 0.5)]
)
def test_pass_at_k_is_the_chance_of_one_right_among_k(right: int, samples: int, k: int, chance: float) -> None:
    assert statistics.pass_at(right, samples, k) == pytest.approx(chance)


def test_the_majority_answer_counts_by_its_group() -> None:
    assert statistics.majority_at([("g", 1.0), ("g", 1.0), ("h", 0.0)], 3) == 1.0
    assert statistics.majority_at([("g", 1.0), ("h", 0.0)], 2) == 0.5
    assert statistics.majority_at([(None, 0.0), (None, 0.0), ("g", 1.0)], 3) == pytest.approx(1 / 3)


def test_agreement_is_kappa_with_an_interval() -> None:
    ours = ["correct"] * 50 + ["incorrect"] * 50
    theirs = ["correct"] * 45 + ["incorrect"] * 50 + ["correct"] * 5
    found = statistics.agreement(ours, theirs)
    assert found.kappa == pytest.approx(0.8)
    assert found.low < 0.8 < found.high


def test_more_problems_says_when_there_are_enough() -> None:
    assert statistics.more_problems(0.3, 0.1, have=1_000) == 0
    few = statistics.more_problems(0.3, 0.1, have=10)
    assert few is not None
    assert 55 <= few <= 75
    assert statistics.more_problems(0.3, 0.0, have=10) is None
