"""What a comparison came to."""

from __future__ import annotations

from collections.abc import Callable

from llmgrade.checking.evidence import Evidence, Matched, Proved, Refuted, Tested, Undecided
from llmgrade.checking.verdict import Verdict

__all__ = ["Decision", "different", "equal", "unknown"]


class Decision:
    """Whether an answer says what was expected, what convinced us, and what a reader should know beside it.

    ``evidence`` may be worked out when first looked at: a witness costs more than the verdict it explains.
    """

    __slots__ = ("_evidence", "_notes", "verdict")

    def __init__(
        self, verdict: Verdict, evidence: Evidence | Callable[[], Decision], notes: tuple[str, ...] = ()
    ) -> None:
        self.verdict = verdict
        self._evidence = evidence
        self._notes = notes

    def _explained(self) -> Evidence:
        found = self._evidence
        if callable(found):
            told = found()
            self._evidence = found = told.evidence
            self._notes = tuple(dict.fromkeys((*self._notes, *told.notes)))
        return found

    @property
    def evidence(self) -> Evidence:
        return self._explained()

    @property
    def notes(self) -> tuple[str, ...]:
        self._explained()
        return self._notes

    @property
    def refused_for(self) -> str | None:
        """The kind of a refusal (``shape``, ``domain``, ``value``, ``form``); None where it is still to be worked out."""
        found = self._evidence
        return found.kind if isinstance(found, Refuted) else None

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
        new = tuple(n for n in notes if n and n not in self._notes)
        return Decision(self.verdict, self._evidence, self._notes + new) if new else self

    def __repr__(self) -> str:
        return f"Decision({self.verdict.value}, {self.evidence!r}, {self.notes!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Decision) and (self.verdict, self.evidence, self.notes) == (
            other.verdict,
            other.evidence,
            other.notes,
        )

    def __hash__(self) -> int:
        return hash(self.verdict)


def equal(evidence: Proved | Tested | Matched, *notes: str) -> Decision:
    return Decision(Verdict.CORRECT, evidence, tuple(n for n in notes if n))


def different(evidence: Refuted | Matched, *notes: str) -> Decision:
    return Decision(Verdict.INCORRECT, evidence, notes)


def unknown(reason: str, *notes: str, readings: tuple[str, ...] = ()) -> Decision:
    return Decision(Verdict.UNDECIDED, Undecided(reason, readings), notes)
