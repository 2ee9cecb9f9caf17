"""A chat about a gallery's problem is known to be about it, however the question is put; one about something else is not."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from llmgrade import claims
from llmgrade.attempts.attribution import attribute
from llmgrade.reading.markup import pieces
from llmgrade.rubric.loading import load_all
from llmgrade.rubric.model import Rubrics
from llmgrade.source import Source, Span
from llmgrade.transcript.model import Role, Transcript, Turn

ROOT = Path(__file__).resolve().parents[2]
ANSWER = "\nHere it is.\n\n(a) $1$\n\n(b) $2$\n"

ASKED = {
    "complexity-classes": [
        "What is the time complexity of binary search on a sorted array of n elements? (a) Choose A: O(1), B: O(log n), C: O(n), D: O(n log n). (b) How many comparisons does merge sort need, to leading order? (c) How often does the inner body of `for i<j` over all pairs run?",
        "Algorithms homework: (a) binary search - which class? (b) comparisons of mergesort, leading order (c) nested loops over i<j: exact count",
        "How do these grow with n? (a) looking up a key by binary search (b) sorting with merge sort, comparisons (c) a double loop over i < j.",
    ],
    "conditional-probability": [
        "A disease affects a share q of the population. A test is positive for the sick with probability s and for healthy people with probability f. (a) What is the probability of a positive test? (b) Given a positive test, what's the probability of having the disease?",
        "Using Bayes' rule: prevalence q, sensitivity s, false positive rate f. (a) P(+) (b) P(D|+)",
        "People get a medical test. A fraction q is ill; s is the chance the test is positive if ill, f if healthy. (a) probability that the test is positive (b) posterior of being ill given a positive test",
    ],
    "convexity-conditions": [
        "Let f(x) = x^4 + c x^2. (a) Compute the second derivative. (b) For which c is c x^2 + x strictly convex? (c) With c>0, how does the slope of f change at 0?",
        "Convexity: (a) f''(x) for $f(x)=x^4+cx^2$; (b) when is $cx^2+x$ strictly convex? (c) Does the slope at 0 increase or decrease for c>0?",
        "(a) second derivative of $x^4 + c x^2$? (b) condition on c such that $c x^2 + x$ is strictly convex (c) slope at 0: up or down when c > 0?",
    ],
    "eigenvalues-2x2": [
        "Find the eigenvalues of the symmetric matrix [[a, b],[b, a]] with b>0. (a) characteristic polynomial (b) the larger eigenvalue",
        "For $\\begin{pmatrix} a & b \\\\ b & a\\end{pmatrix}$ with $b>0$: (a) compute $\\det(A - rI)$ (b) what is its largest eigenvalue?",
        "Dada la matriz [[a, b], [b, a]], (a) polinomio característico (b) el mayor de los autovalores",
    ],
    "exponential-distribution": [
        "T is an exponential waiting time with rate ρ. (a) What's its density? (b) P(T > t+s | T > s)? (c) the median?",
        "Let $T\\sim \\mathrm{Exp}(\\rho)$, the lifetime of a bulb. (a) Give the pdf. (b) Show memorylessness by computing $P(T>t+s\\mid T>s)$. (c) Median.",
        "Exponentialverteilung mit Rate ρ: (a) Dichte (b) Gedächtnislosigkeit: P(T > t+s | T > s) (c) Median",
    ],
    "gaussian-mle": [
        "Given n i.i.d. draws from a normal distribution with S = sum x_i and Q = sum x_i^2, find the maximum likelihood estimates: (a) of the mean (b) of the variance, in n, S and Q.",
        "MLE for a Gaussian. (a) $\\hat\\mu$ (b) $\\hat\\sigma^2$ in terms of $n$, $S=\\sum x_i$, $Q=\\sum x_i^2$.",
        "We observe x_1..x_n from N(μ, σ²). Write S for the sum and Q for the sum of squares. What are the maximum likelihood estimators of (a) the mean, (b) the variance?",
    ],
    "integral-by-parts": [
        "(a) Find an antiderivative of x e^{kx} by parts. (b) What's the area under ln from 1 to x?",
        "Integrate by parts: (a) $\\int x e^{kx}\\,dx$ (b) $\\int_1^x \\ln t\\,dt$",
        "Calcula por partes: (a) la integral de $x e^{kx}$, (b) $\\int_1^x \\ln(t) dt$",
    ],
    "kinematics": [
        "A ball is thrown straight up at 12 m/s (no drag, g = 9.81). (a) maximum height in letters (b) in metres (c) how long is it in the air?",
        "A stone is tossed upwards with initial speed $v_0 = 12$ m/s, gravity $g=9.81$. (a) What height does it reach, in terms of v and g? (b) numerically? (c) time of flight?",
        "You throw a ball vertically upward, v = 12 m/s, ignoring drag. (a) formula for the maximum height in terms of v, g (b) value in metres (c) total time in the air",
    ],
    "linear-layer-backprop": [
        "Backprop through Y = H W + b with upstream gradient G = dL/dY. (a) dL/dW (b) dL/dH",
        "For a fully connected layer $Y = HW$ (rows are examples), given $G=\\partial L/\\partial Y$, derive the gradients of the loss (a) by the weights (b) by the input.",
        "Dense layer Y = HW + 1b^T, batch in rows. With G the gradient of the loss with respect to Y, what are (a) the gradient with respect to W and (b) with respect to H?",
    ],
    "linear-ode": [
        "A coffee cools according to T' = -k (T - E), T(0) = H. (a) Solve. (b) What happens for t → ∞? (c) When is the difference halved?",
        "Newton's law of cooling, ambient temperature E, start H: (a) T(t)? (b) long run limit (c) half-life of the difference",
        "Solve $\\dot T = -k(T-E)$, $T(0)=H$ (a). (b) limit as $t\\to\\infty$. (c) time until the temperature difference is halved",
    ],
    "pca": [
        "Rows of Z (n×d) are centred. (a) What is the covariance? (b) variance along a unit vector g (c) gradient of the Lagrangian for PCA",
        "PCA of centered data $Z$: (a) covariance matrix (b) variance of the projection onto $g$ (c) the gradient of $g^T C g - \\kappa(g^T g - 1)$",
        "For centred data Z, (a) write the covariance C, (b) the variance along direction g, (c) set up the Lagrangian with multiplier κ and take its gradient",
    ],
    "softmax-cross-entropy": [
        "Softmax with two logits u, v. (a) derivative of ln(e^u + e^v) by u (b) derivative of the cross-entropy loss with respect to u",
        "Binary classification with softmax p and target t: (a) $\\partial/\\partial u \\ln(e^u+e^v)$ (b) gradient of the cross entropy by the logit u",
        "Two-class softmax, logits u and v, target t. (a) d/du of log-sum-exp (b) dL/du for the cross entropy",
    ],
}
ELSEWHERE = [
    "What is the capital of France and how do trains work?",
    "Compute the area of a circle of radius r and its circumference.",
    "(a) Explain attention in transformers. (b) What is the softmax temperature?",
    "Prove that the sum of the first n odd numbers is n^2. (a) base case (b) induction step",
    "Find the eigenvalues of a 3x3 rotation matrix. (a) characteristic polynomial",
    "Explain gradient descent with momentum and its learning rate.",
    "(a) Mean of a Poisson distribution (b) its variance (c) maximum likelihood for its rate",
    "A train moves with constant acceleration 2 m/s^2. (a) speed after 5 s (b) distance",
    "Integrate x^2 from 0 to 1. (a) antiderivative (b) value",
    "Sort a list: describe quicksort and its worst case running time.",
    "Solve y'' + y = 0. (a) general solution",
    "Is the intersection of convex sets convex? (a) proof (b) union?",
]


@cache
def rubrics() -> Rubrics:
    return load_all([ROOT / "rubrics"])


def known_as(question: str) -> set[str]:
    """The rubrics a chat of this question and some answer is attributed to."""
    source = Source("chat", question + ANSWER)
    asked, whole = Span(0, len(question)), Span(len(question), len(source.text))
    turns = (
        Turn(0, Role.USER, pieces(question, 0), asked),
        Turn(1, Role.ASSISTANT, pieces(ANSWER, len(question)), whole),
    )
    chat = Transcript(source, "chat", turns)
    return {attempt.rubric.id for attempt in attribute(chat, claims.find_statements(chat), rubrics())}


@pytest.mark.parametrize("name", ASKED)
def test_a_question_is_known_by_its_own_words(name: str) -> None:
    for question in ASKED[name]:
        assert known_as(question) == {name}, question


def test_questions_about_something_else_are_no_problem_of_ours() -> None:
    for question in ELSEWHERE:
        assert known_as(question) == set(), question
