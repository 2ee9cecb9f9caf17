"""The answer is a fact in prose: one of its accepted wordings, or one of their opposites."""

from __future__ import annotations

from llmgrade.checking.bench import Bench
from llmgrade.checking.ruling import Ruling, claim_of, in_words, pitfalls_of
from llmgrade.checking.section import Section
from llmgrade.checking.verdict import Verdict
from llmgrade.rubric.model import Fact
from llmgrade.rubric.phrases import find_phrase

__all__ = ["judge"]


def judge(item: Fact, section: Section, bench: Bench) -> Ruling:
    """The last sentence that says it, right or wrong."""
    ruling = Ruling(item)
    found = in_words(bench, item, section)
    if found is None:
        return ruling
    verdict, statement, evidence, wording = found
    section.use(statement)
    ruling.verdict = verdict
    if verdict is Verdict.INCORRECT:
        ruling.pitfalls += [p for p in pitfalls_of(bench, item) if find_phrase(p.says, wording)][:1]
    ruling.claims.append(
        claim_of(
            statement, "fact", verdict, evidence, reading=wording, item=item, pitfalls=[p.id for p in ruling.pitfalls]
        )
    )
    return ruling
