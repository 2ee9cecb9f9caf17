"""What convinced the checker: each kind of evidence carries its own reason, so that anyone can check it.

``Proved`` and ``Tested`` speak for a claim, ``Refuted`` against it, ``Matched`` says which of the rubric's wordings a
fact in prose met, ``Undecided`` says why nobody knows. Witness values are exact small numbers as text (``"3/2"``,
``"[[0, 1], [0, 0]]"``), keyed by the symbol's name, so that they survive JSON.
"""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["Evidence", "Matched", "Proved", "Refuted", "Tested", "Undecided"]


@dataclass(frozen=True, slots=True)
class Proved:
    """An exact argument. ``certificate`` is its text, re-checkable by `checking.recheck`."""

    argument: str
    certificate: str | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tested:
    """Agrees at ``points`` random points; ``bound`` is the chance to agree by accident, None where none is known."""

    points: int
    bound: float | None
    argument: str = ""
    seed: str | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refuted:
    """Numbers under which it fails, or the reason in words (``kind``: value, shape, domain, form, ...)."""

    reason: str
    witness: dict[str, str] = field(default_factory=dict)
    kind: str = "value"
    got: str | None = None
    expected: str | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Matched:
    """A fact in prose, matched to one of the rubric's wordings."""

    wording: str
    opposite: bool = False
    """The wording it met is one of the fact's opposites."""


@dataclass(frozen=True, slots=True)
class Undecided:
    """Nobody knows, and why: a budget, an unreadable formula, two readings that matter."""

    reason: str
    readings: tuple[str, ...] = ()


Evidence = Proved | Tested | Refuted | Matched | Undecided
