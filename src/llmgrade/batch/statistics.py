"""Statistics a reviewer accepts.

Answers to one problem resemble each other, so a problem, not an answer, is the unit that was drawn: every interval and
test here is over problems. Distributions and tests come from scipy and statsmodels; what is here is the clustering.

Sources: Cameron & Miller, "A practitioner's guide to cluster-robust inference" (2015); Miller, "Adding error bars to evals"
(2024); Chen et al. (2021) for pass@k; Angelopoulos et al., "Prediction-powered inference" (Science 2023).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

__all__ = [
    "Agreement",
    "Estimate",
    "Paired",
    "agreement",
    "clustered_mean",
    "corrected",
    "holm",
    "majority_at",
    "mcnemar",
    "more_problems",
    "paired",
    "pass_at",
]

NOTHING = 1e-12
"""A spread below this is none."""
Clusters = Mapping[str, Sequence[float]]
"""Scores (0 to 1) by problem."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean with its interval. ``low`` and ``high`` are NaN where its problems say nothing about others: one alone, or
    several that are all the same."""

    mean: float
    low: float
    high: float
    problems: int
    answers: int


@dataclass(frozen=True, slots=True)
class Paired:
    """The difference of two models over the problems both answered; positive: the first is better."""

    difference: float
    low: float
    """NaN, as ``high``, where there is one problem, or the same difference in all."""
    high: float
    p: float
    """Two-sided, over problems."""
    problems: int
    deviation: float
    """Standard deviation of the per-problem differences."""
    bootstrap: tuple[float, float]
    """Percentile interval from resampling problems."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far two labellers agree beyond chance."""

    kappa: float
    low: float
    high: float
    observed: float
    labels: int


def clustered_mean(scores: Clusters, level: float = 0.95) -> Estimate:
    """The mean over all answers, with an interval that knows that answers to one problem go together.

    The ratio estimator with the cluster-robust variance, its small-sample factor G/(G−1) and t with G−1 degrees of freedom.
    Where every answer is right, or every one wrong, there is no variance to go by: the interval is the exact binomial one
    (Clopper and Pearson) with a problem as one trial.

    >>> e = clustered_mean({"p": [1, 1], "q": [0, 0], "r": [1, 0]})
    >>> e.mean, e.problems, e.answers
    (0.5, 3, 6)
    """
    answers = sum(len(values) for values in scores.values())
    mean, error, count = _mean_error(scores)
    if count < 2:
        return Estimate(mean if count else math.nan, math.nan, math.nan, count, answers)
    if error < NOTHING:
        return Estimate(mean, *_unanimous(mean, count, level), count, answers)
    reach = float(stats.t.ppf((1 + level) / 2, count - 1)) * error
    return Estimate(mean, max(0.0, mean - reach), min(1.0, mean + reach), count, answers)


def _unanimous(mean: float, count: int, level: float) -> tuple[float, float]:
    """The interval of a mean that all problems share."""
    least = ((1 - level) / 2) ** (1 / count)
    if mean > 1 - NOTHING:
        return least, 1.0
    if mean < NOTHING:
        return 0.0, 1 - least
    return math.nan, math.nan


def paired(first: Clusters, second: Clusters, level: float = 0.95, draws: int = 4000, seed: int = 1) -> Paired:
    """Two models on the problems both answered: difference, interval and p over problems.

    Each problem counts once, with the difference of its means; the test is the paired t test on these differences, the
    second interval resamples problems.
    """
    both = [problem for problem in first if len(first[problem]) and len(second.get(problem, ()))]
    differences = np.array([np.mean(first[p]) - np.mean(second[p]) for p in both], dtype=float)
    count = len(differences)
    if count < 2:
        mean = float(differences.mean()) if count else math.nan
        return Paired(mean, math.nan, math.nan, math.nan, count, math.nan, (math.nan, math.nan))
    mean, deviation = float(differences.mean()), float(differences.std(ddof=1))
    if deviation < NOTHING:
        # Every problem says the same, so their spread cannot be the measure: p is that of flipping signs.
        p = 1.0 if abs(mean) < NOTHING else 2.0 ** (1 - count)
        return Paired(mean, math.nan, math.nan, p, count, 0.0, (math.nan, math.nan))
    error = deviation / math.sqrt(count)
    reach = float(stats.t.ppf((1 + level) / 2, count - 1)) * error
    p = float(2 * stats.t.sf(abs(mean) / error, count - 1))
    generator = np.random.default_rng(seed)
    picks = generator.integers(0, count, size=(draws, count))
    means = differences[picks].mean(axis=1)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return Paired(mean, mean - reach, mean + reach, p, count, deviation, (float(low), float(high)))


def mcnemar(only_first: int, only_second: int) -> float:
    """The exact two-sided p of McNemar's test, from the pairs on which just one of the two is right.

    >>> mcnemar(0, 0), round(mcnemar(9, 1), 4)
    (1.0, 0.0215)
    """
    if only_first + only_second == 0:
        return 1.0
    return float(stats.binomtest(only_first, only_first + only_second, 0.5).pvalue)


def holm(values: Mapping[str, float]) -> dict[str, float]:
    """p values corrected for their number (Holm), in the order given; NaN stays NaN.

    >>> holm({"a": 0.01, "b": 0.04, "c": 0.03})
    {'a': 0.03, 'b': 0.06, 'c': 0.06}
    """
    from statsmodels.stats.multitest import multipletests

    known = {name: p for name, p in values.items() if not math.isnan(p)}
    if not known:
        return dict(values)
    adjusted = multipletests(list(known.values()), method="holm")[1]
    told = {name: round(float(p), 12) for name, p in zip(known, adjusted, strict=True)}
    return {name: told.get(name, math.nan) for name in values}


def more_problems(
    deviation: float, difference: float, have: int, power: float = 0.8, alpha: float = 0.05
) -> int | None:
    """How many more problems it takes to see a difference of that size; 0 where there are enough, None for no difference."""
    if not difference or math.isnan(deviation):
        return None
    if deviation == 0:
        return 0
    from statsmodels.stats.power import TTestPower

    need = TTestPower().solve_power(effect_size=abs(difference) / deviation, alpha=alpha, power=power)
    return max(0, math.ceil(float(np.ravel(need)[0])) - have)


def pass_at(right: int, samples: int, k: int) -> float:
    """The chance that at least one of k samples is right, without bias, from ``right`` of ``samples``.

    >>> pass_at(1, 4, 1), pass_at(1, 4, 4), round(pass_at(2, 4, 2), 4)
    (0.25, 1.0, 0.8333)
    """
    if k > samples:
        return math.nan
    if samples - right < k:
        return 1.0
    return 1.0 - math.comb(samples - right, k) / math.comb(samples, k)


def majority_at(votes: Sequence[tuple[str | None, float]], k: int, draws: int = 200, seed: int = 1) -> float:
    """The mean score of the answer that most of k samples give, ties shared; ``votes`` are (answer group, score).

    A sample without a group is an answer of its own. All samples at once where k is their number, else over random subsets.
    """
    if k > len(votes) or not votes:
        return math.nan
    if k == len(votes):
        return _majority(votes)
    generator = np.random.default_rng(seed)
    picks = (generator.choice(len(votes), size=k, replace=False) for _ in range(draws))
    return float(np.mean([_majority([votes[i] for i in pick]) for pick in picks]))


def _majority(votes: Sequence[tuple[str | None, float]]) -> float:
    groups: dict[str, list[float]] = {}
    for rank, (group, score) in enumerate(votes):
        groups.setdefault(group if group is not None else f"alone {rank}", []).append(score)
    most = max(len(scores) for scores in groups.values())
    return float(np.mean([np.mean(scores) for scores in groups.values() if len(scores) == most]))


def agreement(ours: Sequence[str], theirs: Sequence[str], level: float = 0.95) -> Agreement:
    """Cohen's kappa of two lists of labels, with its interval."""
    from statsmodels.stats.inter_rater import cohens_kappa

    words = sorted({*ours, *theirs})
    index = {word: i for i, word in enumerate(words)}
    table = np.zeros((len(words), len(words)))
    for mine, other in zip(ours, theirs, strict=True):
        table[index[mine], index[other]] += 1
    observed = float(np.trace(table) / max(1.0, table.sum()))
    if len(words) < 2:
        return Agreement(1.0, math.nan, math.nan, observed, len(ours))
    with np.errstate(divide="ignore", invalid="ignore"):  # its z value, which nobody asks for
        found = cohens_kappa(table)
    reach = float(stats.norm.ppf((1 + level) / 2)) * math.sqrt(float(found.var_kappa))
    kappa = float(found.kappa)
    return Agreement(kappa, max(-1.0, kappa - reach), min(1.0, kappa + reach), observed, len(ours))


def corrected(graded: Clusters, audited: Mapping[str, Sequence[tuple[float, float]]], level: float = 0.95) -> Estimate:
    """The mean corrected for the grader's own error, from a random sample that people graded too (prediction-powered).

    Args:
        graded: our scores by problem, all answers.
        audited: (our score, people's score) by problem, of a random sample of the answers.
    """
    ours = clustered_mean(graded, level)
    rectifier: dict[str, list[float]] = {
        problem: [human - mine for mine, human in pairs] for problem, pairs in audited.items() if len(pairs)
    }
    shift, shift_error, _ = _mean_error(rectifier)
    _, our_error, clusters = _mean_error(graded)
    mean = ours.mean + shift
    degrees = max(1, min(clusters, len(rectifier)) - 1)
    reach = float(stats.t.ppf((1 + level) / 2, degrees)) * math.hypot(our_error, shift_error)
    return Estimate(mean, max(0.0, mean - reach), min(1.0, mean + reach), ours.problems, ours.answers)


def _mean_error(scores: Clusters) -> tuple[float, float, int]:
    """Ratio mean, its cluster-robust standard error, and the number of clusters."""
    sums: NDArray[np.float64] = np.array([sum(values) for values in scores.values() if len(values)], dtype=float)
    sizes: NDArray[np.float64] = np.array([len(values) for values in scores.values() if len(values)], dtype=float)
    count = len(sizes)
    if not count:
        return 0.0, 0.0, 0
    mean = float(sums.sum() / sizes.sum())
    if count == 1:
        return mean, math.nan, 1
    residuals = sums - mean * sizes
    return mean, math.sqrt(count / (count - 1) * float((residuals**2).sum())) / float(sizes.sum()), count
