"""The contract's five words, and how several become one."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

__all__ = ["Verdict"]


class Verdict(StrEnum):
    """Of a claim, an attempt and a part alike."""

    CORRECT = "correct"
    PARTIAL = "partial"
    INCORRECT = "incorrect"
    UNANSWERED = "unanswered"
    UNDECIDED = "undecided"

    @staticmethod
    def together(verdicts: Iterable[Verdict]) -> Verdict:
        """The verdict over everything one part asked for.

        All correct is ``correct``. A fault makes it ``partial`` beside something right and ``incorrect`` alone. What
        is undecided stays so unless a fault already shows: an attempt is never called correct while a piece is open.
        """
        everything = list(verdicts)
        found = [v for v in everything if v is not Verdict.UNANSWERED]
        if not found:
            return Verdict.UNANSWERED
        wrong = Verdict.INCORRECT in found
        good = Verdict.CORRECT in found or Verdict.PARTIAL in found
        if wrong:
            return Verdict.PARTIAL if good else Verdict.INCORRECT
        if Verdict.UNDECIDED in found:
            return Verdict.UNDECIDED
        if Verdict.PARTIAL in found or len(found) < len(everything):
            return Verdict.PARTIAL
        return Verdict.CORRECT
