"""Looking into JSON that may have any shape: what is missing or of another kind reads as empty."""

from __future__ import annotations

from typing import Any

__all__ = ["array", "at", "flag", "number", "record", "records", "string"]


def record(value: Any) -> dict[str, Any]:
    """The object ``value`` is, else an empty one."""
    return value if isinstance(value, dict) else {}


def array(value: Any) -> list[Any]:
    """The array ``value`` is, else an empty one."""
    return value if isinstance(value, list) else []


def records(value: Any) -> list[dict[str, Any]]:
    """The objects among the elements of an array."""
    return [item for item in array(value) if isinstance(item, dict)]


def string(value: Any) -> str:
    """The string ``value`` is, else ""."""
    return value if isinstance(value, str) else ""


def number(value: Any) -> float | None:
    """The number ``value`` is, else None."""
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def flag(value: Any) -> bool:
    """Whether ``value`` is true itself, not merely something."""
    return value is True


def at(value: Any, *path: str) -> Any:
    """What stands at ``path`` in nested objects, or None."""
    for step in path:
        value = record(value).get(step)
    return value
