"""Records of a question and its answer: ``prompt`` and ``completion``, ``instruction`` and ``output``, and their kin."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from llmgrade.limits import Limits
from llmgrade.reading.blocks import chat
from llmgrade.reading.conversation import Conversation, Message
from llmgrade.reading.fields import array, record, string
from llmgrade.reading.opening import Input
from llmgrade.transcript.model import Role

__all__ = ["read", "sniff"]

_PAIRS = (
    ("prompt", "completion"), ("prompt", "response"), ("prompt", "output"), ("prompt", "answer"), ("prompt", "chosen"),
    ("instruction", "output"), ("instruction", "response"), ("question", "response"), ("question", "model_answer"),
    ("question", "answer"), ("query", "response"), ("input", "output"), ("problem", "solution"), ("user", "assistant"),
    ("prompt", "completions"), ("prompt", "responses"), ("problem", "response"), ("question", "output"), ("prompt", "generation"),
    ("problem", "generation"), ("request", "response"),
)  # fmt: skip


def _pair(item: Mapping[str, Any]) -> tuple[str, str] | None:
    for asked, answered in _PAIRS:
        if _text_like(item.get(asked)) and _text_like(item.get(answered)):
            return asked, answered
    return None


def _text_like(value: Any) -> bool:
    if isinstance(value, list):
        return bool(value) and all(
            isinstance(each, str) or isinstance(record(each).get("content"), str) for each in value
        )
    return isinstance(value, str) and bool(value)


def sniff(file: Input) -> float:
    """``prompt`` and ``completion``, ``instruction`` and ``output``, ``question`` and ``response`` … in one record."""
    first = record(file.first)
    return 0.5 if _pair(first) and "messages" not in first and "doc_hash" not in first else 0.0


def read(file: Input, limits: Limits) -> Iterator[Conversation]:
    """One conversation a record; a list of answers is samples of one answer."""
    several = not isinstance(file.value, dict)
    for index, item in enumerate(file.items()):
        pointer = f"/{index}" if several else ""
        item = record(item)
        keys = _pair(item)
        if keys is None:
            file.notes.append(f"record {pointer or '/'} has no question with an answer; left out")
            continue
        asked, answered = keys
        made = Conversation(
            [],
            id=str(item["id"]) if isinstance(item.get("id"), str | int) else None,
            model=string(item.get("model")) or None,
        )
        system = string(item.get("system")) or string(item.get("system_prompt"))
        if system:
            made.messages.append(_said(Role.SYSTEM, system, f"{pointer}/system"))
        made.messages.extend(_side(item[asked], Role.USER, f"{pointer}/{asked}"))
        more = string(item.get("input")) if asked == "instruction" else ""
        if more:
            made.messages[-1].say(more, pointer=f"{pointer}/input")
        made.messages.extend(_side(item[answered], Role.ASSISTANT, f"{pointer}/{answered}"))
        yield made


def _said(role: Role, text: str, pointer: str, track: str = "") -> Message:
    made = Message(role, pointer=pointer, track=track)
    made.say(text, pointer=pointer)
    return made


def _side(value: Any, role: Role, pointer: str) -> list[Message]:
    if isinstance(value, str):
        return [_said(role, value, pointer)]
    if all(isinstance(each, str) for each in array(value)):
        return [
            _said(role, each, f"{pointer}/{i}", "regeneration" if i and role is Role.ASSISTANT else "")
            for i, each in enumerate(value)
        ]
    return chat(array(value), pointer)[0]
