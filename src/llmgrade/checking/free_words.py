"""Letters that do not commute, and words of them."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

__all__ = ["Atom", "Word", "spelled"]


class Atom(NamedTuple):
    """A matrix letter, perhaps transposed; or the inverse number ``inverse``."""

    name: str
    turned: bool
    inverse: int | None = None


Word: TypeAlias = tuple[Atom, ...]


def spelled(word: Word) -> str:
    """``X' y Z0``: transposes with a prime, inverses as Z and a number."""
    return " ".join((f"Z{a.inverse}" if a.inverse is not None else a.name) + ("'" if a.turned else "") for a in word)
