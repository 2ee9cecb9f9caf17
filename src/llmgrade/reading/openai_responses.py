"""OpenAI's Responses API: ``output`` items of messages, reasoning and calls, with the ``input`` where it was kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from llmgrade.limits import Limits
from llmgrade.reading.blocks import fill, joined
from llmgrade.reading.conversation import Conversation, Message
from llmgrade.reading.fields import array, at, record, records, string
from llmgrade.reading.openai_shape import items_said
from llmgrade.reading.opening import Input
from llmgrade.transcript.model import Role, Setting

__all__ = ["conversation", "is_response", "read", "sniff"]

_ITEMS = frozenset(
    [
        "message",
        "reasoning",
        "function_call",
        "function_call_output",
        "web_search_call",
        "file_search_call",
        "code_interpreter_call",
    ]
)


def is_response(item: Any) -> bool:
    """Whether an object is a response: its ``output`` holds typed items."""
    found = record(item)
    if found.get("object") == "response":
        return True
    return any(string(value.get("type")) in _ITEMS for value in records(found.get("output")))


def sniff(file: Input) -> float:
    """``object: response``, or ``output`` holding ``message`` and ``reasoning`` items."""
    first = record(file.first)
    if "custom_id" in first:
        return 0.0
    return 0.9 if is_response(first) or is_response(first.get("response")) else 0.0


def read(file: Input, limits: Limits) -> Iterator[Conversation]:
    """One conversation a record."""
    several = not isinstance(file.value, dict)
    for index, item in enumerate(file.items()):
        pointer = f"/{index}" if several else ""
        outer = record(item)
        found = conversation(outer, pointer)
        if not found.messages:
            file.notes.append(f"record {pointer or '/'} has no messages; left out")
        else:
            yield found


def conversation(item: Mapping[str, Any], pointer: str = "") -> Conversation:
    """The conversation of a response, with its request where the record has both."""
    inner, where = (item, pointer) if is_response(item) else (record(item.get("response")), f"{pointer}/response")
    request = record(item.get("request")) or item
    made = Conversation(
        [], id=string(inner.get("id")) or None, model=string(inner.get("model")) or string(request.get("model")) or None
    )
    messages: list[Message] = []
    instructions = inner.get("instructions") or request.get("instructions")
    if instructions:
        first = Message(Role.SYSTEM, pointer=f"{where}/instructions")
        fill(first, {"content": instructions} if isinstance(instructions, str) else {}, f"{where}/instructions")
        messages.append(first)
    given = inner.get("input", request.get("input"))
    if isinstance(given, str):
        asked = Message(Role.USER, pointer=f"{where}/input")
        asked.say(given, pointer=f"{where}/input")
        messages.append(asked)
    else:
        messages.extend(items_said(array(given), f"{where}/input"))
    answered = items_said(array(inner.get("output")), f"{where}/output")
    if (
        inner.get("status") == "incomplete"
        and at(inner, "incomplete_details", "reason") != "content_filter"
        and answered
    ):
        answered[-1].cut_off = True
    made.messages = joined([*messages, *_one_turn(answered)])
    return made


def _one_turn(messages: list[Message]) -> list[Message]:
    """Reasoning, calls and words of one response are one turn."""
    found: list[Message] = []
    for each in messages:
        if found and found[-1].role is Role.ASSISTANT and each.role in {Role.ASSISTANT, Role.TOOL}:
            found[-1].parts.extend(each.parts)
            found[-1].cut_off = found[-1].cut_off or each.cut_off
        else:
            found.append(each)
    return [each for each in found if any(part.setting is not Setting.HIDDEN for part in each.parts)] or found
