"""The answer is one (or several) of the options, by letter or by its words."""

from __future__ import annotations

import re

from llmgrade.checking.bench import Bench
from llmgrade.checking.evidence import Matched
from llmgrade.checking.ruling import Ruling, claim_of, pitfalls_of
from llmgrade.checking.section import Section
from llmgrade.checking.verdict import Verdict
from llmgrade.rubric.model import Choice
from llmgrade.rubric.phrases import find_phrase, fold

__all__ = ["judge"]

_SAYS = r"(?:answer|option|choice|choose|select|correct|respuesta|opci[oó]n|antwort|r[eé]ponse|答案|选)\D{0,24}?"


def judge(item: Choice, section: Section, bench: Bench) -> Ruling:
    """The options named in the last sentence that names any."""
    ruling = Ruling(item)
    for statement, text in reversed(section.sentences):
        picked = _picked(item, text)
        if not picked:
            continue
        section.use(statement)
        right = set(picked) == set(item.answer)
        ruling.verdict = (
            Verdict.CORRECT if right else Verdict.PARTIAL if set(picked) & set(item.answer) else Verdict.INCORRECT
        )
        if not right:
            ruling.pitfalls += [
                p for p in pitfalls_of(bench, item) if set(picked) & {w for w in p.when if isinstance(w, str)}
            ][:1]
        ruling.claims.append(
            claim_of(statement, "choice", ruling.verdict, Matched(", ".join(picked), not right), reading=", ".join(picked), item=item,
                     pitfalls=[p.id for p in ruling.pitfalls])
        )  # fmt: skip
        break
    return ruling


def _picked(item: Choice, text: str) -> list[str]:
    found = []
    for letter, words in item.options.items():
        key = re.escape(fold(letter))
        if re.search(rf"(?:{_SAYS}|^\W*)[(\[]?{key}(?![\w'])", text) or (
            len(words) > 3 and find_phrase([words], text, folded=True)
        ):
            found.append(letter)
    return found
