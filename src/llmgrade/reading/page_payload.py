"""Conversations that a page carries as data: a ``__NEXT_DATA__`` script, or the stream a share page is fed from.

The stream is one flat array in which objects and lists hold the places of their keys and values.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from llmgrade.reading.fields import record

__all__ = ["payloads"]

_SCRIPT = re.compile(r"<script[^>]*\bid=[\"']__NEXT_DATA__[\"'][^>]*>(.*?)</script>", re.DOTALL)
_ENQUEUE = re.compile(r"streamController\.enqueue\(\s*(\"(?:[^\"\\]|\\.)*\")\s*\)", re.DOTALL)
_DEEPEST = 200
_MOST = 400_000


def payloads(html: str) -> Iterator[dict[str, Any]]:
    """Objects with a ``mapping`` of messages found in a page's data."""
    for match in _SCRIPT.finditer(html):
        try:
            yield from _with_mapping(json.loads(match[1]))
        except (ValueError, RecursionError):
            continue
    streamed = ""
    for match in _ENQUEUE.finditer(html):
        try:
            streamed += json.loads(match[1])
        except (ValueError, RecursionError):
            continue
    for line in streamed.split("\n"):
        if line.startswith("["):
            try:
                flat = json.loads(line)
            except (ValueError, RecursionError):
                continue
            if isinstance(flat, list) and "mapping" in flat:
                yield from _with_mapping(_Unflattened(flat).value(0, 0))


class _Unflattened:
    """Objects out of a flat array: ``{"_3": 7}`` is the string at 3, standing for the value at 7."""

    def __init__(self, flat: list[Any]) -> None:
        self.flat = flat
        self.made = 0

    def value(self, index: Any, depth: int) -> Any:
        self.made += 1
        if not isinstance(index, int) or index < 0 or index >= len(self.flat) or depth > _DEEPEST or self.made > _MOST:
            return None
        value = self.flat[index]
        if isinstance(value, dict):
            found: dict[str, Any] = {}
            for key, place in value.items():
                name = (
                    self.flat[int(key[1:])]
                    if key[:1] == "_" and key[1:].isdigit() and int(key[1:]) < len(self.flat)
                    else key
                )
                if isinstance(name, str):
                    found[name] = self.value(place, depth + 1)
            return found
        if isinstance(value, list):
            if value and isinstance(value[0], str):
                # A typed value such as a promise or a date; its payload is no message.
                return self.value(value[1], depth + 1) if len(value) > 1 and isinstance(value[1], int) else None
            return [self.value(place, depth + 1) for place in value]
        return value


def _with_mapping(value: Any) -> Iterator[dict[str, Any]]:
    waiting: list[tuple[Any, int]] = [(value, 0)]
    while waiting:
        found, depth = waiting.pop()
        if isinstance(found, dict):
            mapping = found.get("mapping")
            if isinstance(mapping, dict) and any("message" in record(node) for node in mapping.values()):
                yield found
                continue
            waiting.extend((item, depth + 1) for item in found.values() if depth < _DEEPEST)
        elif isinstance(found, list):
            waiting.extend((item, depth + 1) for item in found if depth < _DEEPEST)
