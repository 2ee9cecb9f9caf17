"""Answers written to fool the checker, and work that might not end."""

from __future__ import annotations

import threading
import time

import pytest

from llmgrade import check
from llmgrade import compile as compiled
from llmgrade.errors import LlmgradeError
from llmgrade.expr.evaluate_field import secret_prime

HOSTILE = [
    "9**9**9",
    "9^{9^{9^{9}}}",
    r"\frac{100000000!}{99999999!+1}",
    "(x+1)^{100000}-(x-1)^{100000}",
    "((((x+1)^{50}+1)^{50}+1)^{50}+1)^{50}",
    "1e999999999",
    "0." + "3" * 60_000,
    r"\boxed{" * 3_000,
    "$" * 10_000,
    "(" * 5_000 + "x" + ")" * 5_000,
    r"\frac{1}{1+" * 400 + "1" + "}" * 400,
    r"\sqrt{1+" * 400 + "1" + "}" * 400,
    r"\int_0^1 x^{x^{x^{x}}}\sin(e^{x^2})\ln(1+x^x)\,dx",
    r"\int\sqrt{\tan x+\sqrt{\cot x+\sqrt{\sin x}}}\,dx",
    r"\lim_{x\to0}\frac{\sin(\tan x)-\tan(\sin x)}{\arcsin(\arctan x)-\arctan(\arcsin x)}",
    r"\sum_{n=1}^{\infty}\frac{1}{n}",
    r"\sum_{i=1}^{10^9} i",
    r"\binom{10^9}{5\cdot10^8}",
    "A" * 19_000,
    r"\frac{0}{0}",
    "NaN",
    "__import__('os').system('true')",
    r"\input{/etc/passwd}",
    "x" + "^x" * 300,
    "+".join(["x"] * 3_900),
]


@pytest.mark.parametrize("text", HOSTILE, ids=[t[:24] for t in HOSTILE])
def test_hostile_text_is_answered_quickly_and_never_accepted(text: str) -> None:
    check("5", "4")  # imports are not the answer's time
    start = time.process_time()
    decision = check("5", text)
    took = time.process_time() - start
    assert not decision.equal
    assert took < 0.4, f"{took:.2f} s"  # 0.1 s is asked for on a quiet machine; see the benchmark


def test_fermat_does_not_turn_a_power_into_one() -> None:
    """x^(p−1) is 1 in the field; no answer reaches such a degree within the budget, and the bound would refuse it."""
    tower = r"(((x^{18})^{10^6}x^{446744})^{10^6}x^{73709})^{10^6}x^{551556}"
    assert not check("1", tower, {"x": {}}).equal


def test_a_multiple_of_a_published_prime_is_not_zero() -> None:
    for prime in (2**64 - 59, 2**61 - 1, 18446744069414584321):
        assert check("5", str(5 + prime)).different


def test_the_prime_is_another_one_for_every_seed() -> None:
    assert len({secret_prime(n) for n in range(20)}) == 20


@pytest.mark.parametrize(
    ("gold", "answer"),
    [
        (r"\sin x", r"\sin x + 10^{-50}"),
        (r"\sin x", r"\sin x + e^{-1000}"),
        ("1", r"\cos(10^{-30})"),
        ("1", r"\tanh(10^9)"),
        (r"e^x", r"e^x(1 + 10^{-60})"),
        (r"\sqrt{x}", r"\sqrt{x + 10^{-80}}"),
        ("9^{9^9}", "9^{9^9} + 1"),
        (r"\frac{x}{|x|}", r"\tanh(10^{12}x)"),
    ],
)
def test_what_precision_could_hide_is_never_accepted(gold: str, answer: str) -> None:
    assert not check(gold, answer).equal


@pytest.mark.parametrize(
    ("gold", "answer"),
    [
        ("(-1)^n", "1"),
        (r"\binom{n}{k}", r"\binom{n}{k}^2"),
        (r"x^{\binom{n}{k}}", r"y^{\binom{n}{k}}"),
        ("0^n", "0^{2n} + (-1)^n - 1"),
    ],
)
def test_whole_numbers_are_tried_where_they_tell(gold: str, answer: str) -> None:
    whole = {name: {"assume": ["integer", "positive"]} for name in ("n", "k")} | {"x": {}, "y": {}}
    for seed in range(5):
        assert not check(gold, answer, whole, seed=str(seed)).equal


def test_small_matrices_that_commute_too_much_are_not_used() -> None:
    a = {"A": {"type": "matrix", "shape": ["n", "n"]}, "B": {"type": "matrix", "shape": ["n", "n"]}}
    # the square of a commutator is a multiple of I for 2×2 matrices, and so commutes with everything
    assert check("(AB-BA)^2A", "A(AB-BA)^2", a).different


def test_threads_share_a_compiled_question() -> None:
    part = compiled(r"(a+b)^3", {"a": {}, "b": {}}, seed="threads")
    wrong: list[str] = []

    def work(k: int) -> None:
        for i in range(40):
            right = f"a^3+3a^2b+3ab^2+b^3+{i * k}-{i * k}"
            if not part.check(right).equal or not part.check(f"a^3+b^3+{i * k}").different:
                wrong.append(right)

    threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


FOUND_BY_FUZZING = [
    (r"\Gamma(\right)", "-5"),
    ("[1, 2] \\cup [3, 4]1", "f(2) = f(3) + 4"),
    (r"\max()", "5"),
    (r"\det()", "5"),
    (r"\sum_{k=1}^{n}", "5"),
]


@pytest.mark.parametrize(("text", "gold"), FOUND_BY_FUZZING)
def test_what_once_crashed_is_answered(text: str, gold: str) -> None:
    for one, other in ((gold, text), (text, gold)):
        try:
            decision = compiled(one).check(other)
        except LlmgradeError:
            continue  # a gold may be refused
        assert not decision.equal
