"""What OpenAI's APIs answer: ``choices`` of the chat API, ``items`` of the Responses API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from llmgrade.reading.blocks import CUT_OFF, fill, role_of
from llmgrade.reading.conversation import Message
from llmgrade.reading.fields import array, record, string
from llmgrade.transcript.model import Role

__all__ = ["choices", "items_said"]


def choices(response: Mapping[str, Any], pointer: str) -> list[Message]:
    """The answers of a response: the first on the current path, further samples as regenerations."""
    made: list[Message] = []
    for index, choice in enumerate(array(response.get("choices"))):
        choice = record(choice)
        where = f"{pointer}/choices/{index}"
        answer = Message(Role.ASSISTANT, pointer=where, track="" if index == 0 else "regeneration")
        if isinstance(choice.get("message"), dict):
            fill(answer, choice["message"], f"{where}/message")
        else:
            answer.say(string(choice.get("text")), pointer=f"{where}/text")
        answer.cut_off = answer.cut_off or string(choice.get("finish_reason")) in CUT_OFF
        made.append(answer)
    return made


def items_said(items: list[Any], pointer: str) -> list[Message]:
    """The messages of a list of items."""
    made: list[Message] = []
    for index, item in enumerate(items):
        item = record(item)
        where = f"{pointer}/{index}"
        kind = string(item.get("type")) or "message"
        if kind == "message":
            one = Message(role_of(item.get("role")) or Role.ASSISTANT, pointer=where)
            fill(one, item, where)
            one.cut_off = one.cut_off or string(item.get("status")) in CUT_OFF
        else:
            one = Message(Role.TOOL if kind.endswith("_output") else Role.ASSISTANT, pointer=where)
            fill(one, {"content": [item]}, where)
        if one.parts:
            made.append(one)
    return made
