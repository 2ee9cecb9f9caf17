"""ChatGPT's data export: ``conversations.json`` (or its shards), a list of conversations, each a tree of messages."""

from __future__ import annotations

from collections.abc import Iterator

from llmgrade.limits import Limits
from llmgrade.reading.chatgpt_shape import conversation
from llmgrade.reading.conversation import Conversation
from llmgrade.reading.fields import record
from llmgrade.reading.opening import Input

__all__ = ["read", "sniff"]


def sniff(file: Input) -> float:
    """``mapping`` of nodes with ``current_node`` or ``create_time``; DeepSeek's mapping has ``inserted_at`` instead."""
    first = record(file.first)
    nodes = first.get("mapping")
    if not isinstance(nodes, dict) or "inserted_at" in first:
        return 0.0
    return 0.95 if "current_node" in first or "create_time" in first else 0.6


def read(file: Input, limits: Limits) -> Iterator[Conversation]:
    """The conversations of an export, one by one."""
    several = not isinstance(file.value, dict)
    skipped = 0
    for index, item in enumerate(file.items()):
        pointer = f"/{index}" if several else ""
        if not isinstance(record(item).get("mapping"), dict):
            skipped += 1
            file.notes.append(f"record {pointer or '/'} has no messages; left out") if skipped <= 5 else None
            continue
        yield conversation(item, pointer)
