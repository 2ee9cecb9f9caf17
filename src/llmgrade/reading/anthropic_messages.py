"""Anthropic's messages: a request with its ``messages``, a response of ``type: message``, or both."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from llmgrade.limits import Limits
from llmgrade.reading.anthropic_shape import answer
from llmgrade.reading.blocks import chat, fill, joined
from llmgrade.reading.conversation import Conversation, Message
from llmgrade.reading.fields import array, record, records, string
from llmgrade.reading.opening import Input
from llmgrade.transcript.model import Role

__all__ = ["read", "sniff"]

_BLOCKS = frozenset(["thinking", "redacted_thinking", "tool_use", "tool_result", "server_tool_use"])


def sniff(file: Input) -> float:
    """``type: message`` with blocks, or ``messages`` with thinking or tool blocks, a top-level ``system`` or a budget."""
    first = record(file.first)
    if "custom_id" in first or "uuid" in first:
        return 0.0
    for inner in (first, record(first.get("response")), record(first.get("message"))):
        if (
            inner.get("type") == "message"
            and inner.get("role") == "assistant"
            and isinstance(inner.get("content"), list)
        ):
            return 0.9
    request = record(first.get("request")) or first
    messages = records(request.get("messages"))
    if not messages or not any(string(message.get("role")) in {"user", "assistant"} for message in messages):
        return 0.0
    typed = any(
        string(block.get("type")) in _BLOCKS for message in messages for block in records(message.get("content"))
    )
    thinks = isinstance(request.get("thinking"), dict) or string(request.get("model")).startswith("claude")
    if typed or thinks or "anthropic_version" in request or ("system" in request and "max_tokens" in request):
        return 0.85
    return 0.0


def read(file: Input, limits: Limits) -> Iterator[Conversation]:
    """One conversation a record."""
    several = not isinstance(file.value, dict)
    for index, item in enumerate(file.items()):
        pointer = f"/{index}" if several else ""
        found = _conversation(record(item), pointer)
        if not found.messages:
            file.notes.append(f"record {pointer or '/'} has no messages; left out")
        else:
            yield found


def _conversation(item: Mapping[str, Any], pointer: str) -> Conversation:
    made = Conversation([], id=string(item.get("id")) or None, model=string(item.get("model")) or None)
    request, where = (
        (record(item["request"]), f"{pointer}/request") if isinstance(item.get("request"), dict) else (item, pointer)
    )
    messages: list[Message] = []
    if request.get("system"):
        first = Message(Role.SYSTEM, pointer=f"{where}/system")
        fill(first, {"content": request["system"]}, f"{where}/system")
        messages.append(first)
    said, made.lost = chat(array(request.get("messages")), f"{where}/messages")
    messages.extend(said)
    for inner, place in (
        (item, pointer),
        (record(item.get("response")), f"{pointer}/response"),
        (record(item.get("message")), f"{pointer}/message"),
    ):
        if inner.get("type") == "message" and isinstance(inner.get("content"), list):
            messages.append(answer(inner, place))
            made.model = string(inner.get("model")) or made.model
            break
    made.model = made.model or string(request.get("model")) or None
    made.messages = joined(messages)
    return made
