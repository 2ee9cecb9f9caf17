"""Output of the batch APIs, OpenAI's and Anthropic's: one answer a line under a ``custom_id``, in no order.

The questions stand in the request file; a request line (``body.messages``) is read as a question without an answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from llmgrade.limits import Limits
from llmgrade.reading.anthropic_shape import answer
from llmgrade.reading.blocks import chat
from llmgrade.reading.conversation import Conversation
from llmgrade.reading.fields import array, at, record, string
from llmgrade.reading.openai_shape import choices, items_said
from llmgrade.reading.opening import Input

__all__ = ["read", "sniff"]


def sniff(file: Input) -> float:
    """``custom_id`` beside ``response``, ``result``, ``error`` or ``body``."""
    first = record(file.first)
    if "custom_id" not in first:
        return 0.0
    return 0.95 if any(key in first for key in ("response", "result", "error", "body", "params")) else 0.0


def read(file: Input, limits: Limits) -> Iterator[Conversation]:
    """One conversation a line; failed requests are counted and left out."""
    failed: list[str] = []
    for index, item in enumerate(file.items()):
        found = _conversation(record(item), f"/{index}")
        if found is None or not found.messages:
            failed.append(string(record(item).get("custom_id")) or f"line {index + 1}")
        else:
            yield found
    if failed:
        listed = ", ".join(failed[:8]) + (" and more" if len(failed) > 8 else "")
        file.notes.append(f"{len(failed)} request{'s' if len(failed) > 1 else ''} without an answer left out: {listed}")


def _conversation(item: Mapping[str, Any], pointer: str) -> Conversation | None:
    made = Conversation([], id=string(item.get("custom_id")) or None)
    request = record(item.get("body")) or record(item.get("params"))
    if request:
        messages, made.lost = chat(array(request.get("messages")), f"{pointer}/body/messages")
        made.messages.extend(messages)
        made.messages.extend(items_said(array(request.get("input")), f"{pointer}/body/input"))
    body = record(at(item, "response", "body"))
    if body:
        made.model = string(body.get("model")) or None
        made.messages.extend(choices(body, f"{pointer}/response/body"))
        said = items_said(array(body.get("output")), f"{pointer}/response/body/output")
        if said and body.get("status") == "incomplete":
            said[-1].cut_off = True
        made.messages.extend(said)
    result = record(item.get("result"))
    if result.get("type") == "succeeded":
        message = record(result.get("message"))
        made.model = string(message.get("model")) or None
        made.messages.append(answer(message, f"{pointer}/result/message"))
    made.messages = [message for message in made.messages if message.parts]
    if not request and made.messages:
        made.notes.append("the question stands in the batch's request file")
    return made
