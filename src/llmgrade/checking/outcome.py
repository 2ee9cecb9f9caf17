"""What one rung of the ladder found, before it becomes a verdict."""

from __future__ import annotations

from dataclasses import dataclass, replace

from llmgrade.checking.evidence import Evidence, Matched, Proved, Refuted, Tested, Undecided
from llmgrade.checking.verdict import Verdict

__all__ = ["Decision", "different", "equal", "unknown"]


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether an answer says what was expected, what convinced us, and what a reader should know beside it."""

    verdict: Verdict
    evidence: Evidence
    notes: tuple[str, ...] = ()

    @property
    def equal(self) -> bool:
        return self.verdict is Verdict.CORRECT

    @property
    def different(self) -> bool:
        return self.verdict is Verdict.INCORRECT

    @property
    def undecided(self) -> bool:
        return self.verdict is Verdict.UNDECIDED

    def noting(self, *notes: str) -> Decision:
        """The same decision with further notes."""
        new = tuple(n for n in notes if n and n not in self.notes)
        return replace(self, notes=self.notes + new) if new else self


def equal(evidence: Proved | Tested | Matched, *notes: str) -> Decision:
    return Decision(Verdict.CORRECT, evidence, tuple(n for n in notes if n))


def different(evidence: Refuted | Matched, *notes: str) -> Decision:
    return Decision(Verdict.INCORRECT, evidence, notes)


def unknown(reason: str, *notes: str, readings: tuple[str, ...] = ()) -> Decision:
    return Decision(Verdict.UNDECIDED, Undecided(reason, readings), notes)
