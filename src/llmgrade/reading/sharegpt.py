"""ShareGPT: ``conversations`` of ``from`` and ``value``."""

from __future__ import annotations

from collections.abc import Iterator

from llmgrade.limits import Limits
from llmgrade.reading.blocks import chat, role_of
from llmgrade.reading.conversation import Conversation, Message
from llmgrade.reading.fields import record, records, string
from llmgrade.reading.opening import Input
from llmgrade.transcript.model import Role

__all__ = ["read", "sniff"]

_KEYS = ("conversations", "conversation", "items", "messages")


def _turns(value: object) -> tuple[list[dict[str, object]], str] | None:
    item = record(value)
    for key in _KEYS:
        turns = records(item.get(key))
        if any(role_of(turn.get("from")) is not None and "value" in turn for turn in turns[:4]):
            return turns, key
    return None


def sniff(file: Input) -> float:
    """``conversations`` whose elements have ``from`` and ``value``."""
    if isinstance(file.first, list):
        return 0.8 if _turns({"conversations": file.first}) else 0.0
    return 0.9 if _turns(file.first) else 0.0


def read(file: Input, limits: Limits) -> Iterator[Conversation]:
    """One conversation a record."""
    several = not isinstance(file.value, dict)
    for index, item in enumerate(file.items()):
        pointer = f"/{index}" if several else ""
        outer = {"conversations": item} if isinstance(item, list) else record(item)
        found = _turns(outer)
        if found is None:
            file.notes.append(f"record {pointer or '/'} has no turns; left out")
            continue
        turns, key = found
        messages, lost = chat(turns, f"{pointer}/{key}")
        system = string(outer.get("system"))
        if system:
            first = Message(Role.SYSTEM, pointer=f"{pointer}/system")
            first.say(system)
            messages.insert(0, first)
            lost = [(at + 1, why) for at, why in lost]
        yield Conversation(
            messages, id=string(outer.get("id")) or None, model=string(outer.get("model")) or None, lost=lost
        )
