"""Chats as the APIs write them: ``messages`` of ``role`` and ``content``, requests, responses, or both in one record.

Reads JSON and JSON Lines: one record a conversation, or one message a line; lists of bare messages; responses with
``choices`` (several choices are samples of one answer, kept as regenerations).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from llmgrade.limits import Limits
from llmgrade.reading.blocks import CUT_OFF, chat, fill, joined, message, role_of
from llmgrade.reading.conversation import Conversation, Message
from llmgrade.reading.fields import at, record, records, string
from llmgrade.reading.openai_shape import choices
from llmgrade.reading.opening import Input
from llmgrade.transcript.model import Role

__all__ = ["conversation", "read", "sniff"]

_KEYS = (
    "messages",
    "conversation",
    "conversations",
    "history",
    "chat",
    "turns",
    "dialog",
    "dialogue",
    "trajectory",
    "prompt",
)
_WRAPPERS = ((), ("request",), ("body",), ("request", "body"), ("input",), ("data",), ("inputs",), ("kwargs",))


def sniff(file: Input) -> float:
    """``messages`` whose elements have a ``role``, a list of such messages, or ``choices`` with a ``message``."""
    first = file.first
    if _a_message(first):
        return 0.75
    if isinstance(first, list) and any(_a_message(item) for item in first[:4]):
        return 0.7
    found = record(first)
    if at(found, "response", "body") is not None or "custom_id" in found:
        return 0.0
    if _messages(found) is not None:
        return 0.8
    return 0.8 if _response(found) is not None else 0.0


def read(file: Input, limits: Limits) -> Iterator[Conversation]:
    """The conversations of the file."""
    if _a_message(file.first) and (isinstance(file.value, list) or file.lines):
        messages, lost = chat(file.items(), "")
        yield Conversation(messages, lost=lost)
        return
    several = not isinstance(file.value, dict)
    for index, item in enumerate(file.items()):
        pointer = f"/{index}" if several else ""
        if isinstance(item, list):
            messages, lost = chat(item, pointer)
            found: Conversation | None = Conversation(messages, lost=lost)
        elif _a_message(item):
            single = message(item, pointer)
            found = Conversation([single]) if single else None
        else:
            found = conversation(record(item), pointer)
        if found is None or not found.messages:
            file.notes.append(f"record {pointer or '/'} has no messages; left out")
        else:
            yield found


def _a_message(value: Any) -> bool:
    found = record(value)
    return role_of(found.get("role")) is not None and any(key in found for key in ("content", "parts", "tool_calls"))


def _messages(item: Mapping[str, Any]) -> tuple[list[Any], str] | None:
    """The list of messages in a record, and its pointer."""
    for wrapper in _WRAPPERS:
        inner = at(item, *wrapper) if wrapper else item
        if not isinstance(inner, dict):
            if isinstance(inner, list) and any(_a_message(value) for value in inner[:4]):
                return inner, "/" + "/".join(wrapper)
            continue
        for key in _KEYS:
            values = inner.get(key)
            if isinstance(values, list) and any(_a_message(value) for value in values[:4]):
                return values, "".join(f"/{step}" for step in (*wrapper, key))
    return None


def _response(item: Mapping[str, Any]) -> tuple[Mapping[str, Any], str] | None:
    """The object with ``choices`` in a record, and its pointer."""
    for wrapper in ((), ("response",), ("response", "body"), ("output",), ("completion",), ("result",)):
        inner = record(at(item, *wrapper)) if wrapper else item
        if any(isinstance(choice.get("message"), dict) or "text" in choice for choice in records(inner.get("choices"))):
            return inner, "".join(f"/{step}" for step in wrapper)
    return None


def conversation(item: Mapping[str, Any], pointer: str = "") -> Conversation | None:
    """The conversation one record holds, or None."""
    made = Conversation([])
    made.id = next(
        (string(item.get(key)) for key in ("id", "conversation_id", "uuid", "custom_id") if item.get(key)), None
    )
    made.model = _model(item)
    made.title = string(item.get("title")) or None
    messages: list[Message] = []
    found = _messages(item)
    if found is not None:
        values, where = found
        outer = record(at(item, *where.split("/")[1:-1])) if where.count("/") > 1 else item
        system = outer.get("system")
        if system:
            first = Message(Role.SYSTEM, pointer=f"{pointer}/system")
            fill(first, {"content": system}, f"{pointer}/system")
            messages.append(first)
        said, made.lost = chat(values, pointer + where)
        messages.extend(said)
    answer = _response(item)
    if answer is not None:
        inner, where = answer
        messages.extend(choices(inner, pointer + where))
        made.model = string(inner.get("model")) or made.model
    single = item.get("response") if answer is None else None
    if found is not None and _a_message(single):
        reply = message(record(single), f"{pointer}/response")
        if reply is not None:
            messages.append(reply)
    made.messages = joined(messages)
    if (
        made.messages
        and string(item.get("stop_reason")) in CUT_OFF | {"length"}
        and made.messages[-1].role is Role.ASSISTANT
    ):
        made.messages[-1].cut_off = True
    return made if made.messages else None


def _model(item: Mapping[str, Any]) -> str | None:
    for wrapper in ((), ("request",), ("body",), ("metadata",), ("response",)):
        found = at(item, *wrapper, "model") if wrapper else item.get("model")
        if isinstance(found, str) and found:
            return found
    return None
