"""Decided by a function of somebody else's package, found by its entry point in the group ``llmgrade.hooks``.

A hook takes the section's text, its formulas as LaTeX and the rubric's options, and returns ``(verdict, reason)``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.metadata import entry_points
from typing import Any

from llmgrade.checking.bench import Bench
from llmgrade.checking.evidence import Matched, Undecided
from llmgrade.checking.ruling import Ruling, claim_of
from llmgrade.checking.section import Section
from llmgrade.checking.verdict import Verdict
from llmgrade.rubric.model import Hook

__all__ = ["judge"]

Decider = Callable[[str, tuple[str, ...], Mapping[str, str]], tuple[str, str]]


def judge(item: Hook, section: Section, bench: Bench) -> Ruling:
    """What the hook says; a hook that is not installed or fails leaves the item undecided."""
    ruling = Ruling(item)
    if not section.attempt.statements:
        return ruling
    statement = section.attempt.statements[-1]
    decide = _find(item.name)
    if decide is None:
        verdict, reason = Verdict.UNDECIDED, f"the hook `{item.name}` is not installed"
    else:
        text = "\n".join(text for _, text in section.sentences)
        latex = tuple(s.latex for s in section.formulas if s.latex)
        try:
            said, reason = decide(text, latex, item.options)
            verdict = Verdict(said)
        except Exception as error:
            # Somebody else's code: whatever it raises leaves the item undecided, never wrong.
            verdict, reason = Verdict.UNDECIDED, f"the hook `{item.name}` failed: {error}"
    section.use(statement)
    ruling.verdict = verdict
    evidence = Undecided(reason) if verdict is Verdict.UNDECIDED else Matched(reason, verdict is Verdict.INCORRECT)
    ruling.claims.append(claim_of(statement, "hook", verdict, evidence, item=item))
    return ruling


def _find(name: str) -> Decider | None:
    for entry in entry_points(group="llmgrade.hooks"):
        if entry.name == name:
            loaded: Any = entry.load()
            return loaded  # type: ignore[no-any-return]
    return None
