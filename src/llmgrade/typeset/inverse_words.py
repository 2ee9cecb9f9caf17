"""Words inside formulas: ``\\text{}``, whose blanks are U+00A0, and named operators."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from llmgrade.typeset import tree
from llmgrade.typeset.inverse_tokens import MARK, Tokens
from llmgrade.typeset.symbols import NAMED_OPERATORS
from llmgrade.typeset.tree import Node

__all__ = ["word_at"]

_OPERATORS: Final = (
    "rank tr Tr diag sign sgn softmax Var Cov Corr span Null null KL vec erf prox proj col row Row Col im adj Re Im cov var "
    "argmin argmax supp conv dom ReLU logit relu sinc Sign MSE std sd cl int vol grad div curl lcm ord Aut Hom End id"
)
_WORDS: Final = (
    "if otherwise else and with for or where when then while is of on in to at as by so be an we a the all any some from "
    "are not than no yes since else let such that MLE MAP OLS iid const subject given s.t. i.e. e.g. w.r.t. a.s. iff "
    "even odd mod cte cst konst falls wenn sonst und sinon pour avec para caso donde rang rango rg"
)
OPERATORS: Final = frozenset(_OPERATORS.split())
WORDS: Final = frozenset(_WORDS.split())
BLANK: Final = "\xa0"
LETTER_COST: Final = 1.3
LONE_LETTER: Final = 5.0
"""Nats for a single letter taken for a word."""
OPERATOR_COST: Final = 2.0
_LETTERS: Final = re.compile(r"[A-Za-z]+")


def _english(word: str) -> bool:
    """Whether this may be a word of a sentence rather than a product of letters."""
    bare = word.strip("().,;:!?\"'’“”*‘")
    if not bare:
        return bool(word)
    if bare in WORDS or word in WORDS or word.strip("().,") in WORDS:
        return True
    if not all(part.isalpha() for part in re.split(r"[-’'.]", bare) if part):
        return False
    return (len(bare) >= 3 and bare.isascii()) or (len(bare) == 2 and bare.islower() and bare in WORDS)


def word_at(tokens: Tokens, p: int, e: int) -> Iterator[tuple[Node, int, float]]:
    """The words and operators that own text ``p:e`` may start with: the node, where it ends, its cost."""
    chars, gaps = tokens.chars, tokens.gaps
    first = chars[p]
    if not ((first.isalpha() and first.isascii()) or first == BLANK or first in "(\"“'‘*"):
        return
    end = p + 1
    while end < e and gaps[end] == "j" and chars[end] != MARK:
        end += 1
    run = chars[p:end]
    if BLANK in run:
        yield from _sentence(run, p)
    elif run in WORDS and "." in run:
        yield tree.Text(run), p + len(run), 1.0 + len(run)
    found = _LETTERS.match(run)
    if found is None:
        return
    word = found.group()
    for length in range(len(word), 1, -1):
        part = word[:length]
        if part in NAMED_OPERATORS:
            yield tree.Operator(part, NAMED_OPERATORS[part]), p + length, OPERATOR_COST if length > 2 else 5.0
        elif part in OPERATORS:
            yield tree.Operator(part, part.startswith("arg")), p + length, OPERATOR_COST + 0.5
            yield tree.Text(part), p + length, OPERATOR_COST + 1.0
    if (word in WORDS and len(word) > 1) or (len(word) >= 4 and re.search("[aeiouy]", word.lower())):
        yield tree.Text(word), p + len(word), 1.0 + LETTER_COST * len(word)
    elif len(word) >= 2 and word.isupper():
        yield tree.Text(word), p + len(word), 3.0 + 4.0 * len(word)
    for arg in ("argmin", "argmax"):
        if word.startswith(arg):
            yield tree.Operator(f"arg\u2009{arg[3:]}", True), p + 6, OPERATOR_COST


def _sentence(run: str, p: int) -> Iterator[tuple[Node, int, float]]:
    """``run`` holds U+00A0: the longest text at its start, and the shorter ones that end where mathematics may begin."""
    words = run.split(BLANK)
    if (
        run[0] in '("“'
        and run[-1] in ')"”.,;'
        and run.count("(") == run.count(")")
        and _english(words[0])
        and (_english(words[-1]) or words[-1].strip("().,;").isdigit())
    ):
        yield tree.Text(run.replace(BLANK, " ")), p + len(run), 1.0 + 0.9 * len(run)
    if words[0] and not _english(words[0]):
        return
    last = -1
    for k, word in enumerate(words):
        if _english(word) or not word:
            last = k
        elif k + 1 < len(words) and len(word) == 1 and word.isalpha() and word not in "aA":
            break
    ends: set[int] = set()
    at = 0
    for k, word in enumerate(words):
        if k > last:
            break
        if k and not word and k == len(words) - 1:
            ends.add(len(run))
            break
        at = len(BLANK.join(words[: k + 1]))
        following = words[k + 1] if k + 1 < len(words) else None
        if following is None:
            ends.add(at)
        elif not _english(following) or len(following) == 1:
            ends.add(at + 1)
    if not ends and last >= 0:
        ends.add(len(run))
    for end in ends:
        text = run[:end].replace(BLANK, " ")
        words_in = text.strip().split(" ")
        letters = int(words_in[-1] == "a" and len(words_in) > 1)
        letters += sum(len(w) == 1 and w.isalpha() and w != "a" for w in words_in)
        yield tree.Text(text), p + end, 1.0 + 0.9 * len(text) + LONE_LETTER * letters
