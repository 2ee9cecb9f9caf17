"""Results of promptfoo: prompts with the outputs of each provider, repeats as conversations of their own."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from llmgrade.limits import Limits
from llmgrade.reading.blocks import as_text, chat
from llmgrade.reading.conversation import Conversation, Message, answered
from llmgrade.reading.fields import array, at, record, records, string
from llmgrade.reading.opening import Input
from llmgrade.transcript.model import Role

__all__ = ["read", "sniff"]


def _rows(value: Any) -> tuple[list[Any], str]:
    """The result rows, and their pointer; promptfoo nests them once more since its version 3."""
    for path in (("results", "results"), ("results",)):
        rows = at(value, *path)
        if isinstance(rows, list):
            return rows, "/" + "/".join(path)
    return [], ""


def sniff(file: Input) -> float:
    """``results.results`` (or its lines) with ``prompt.raw`` and ``response``."""
    rows, _ = _rows(file.first)
    for row in records(rows[:4]) or [record(file.first)]:
        if isinstance(row.get("prompt"), dict) and "raw" in row["prompt"] and ("response" in row or "error" in row):
            return 0.95
    return 0.9 if at(file.first, "results", "version") is not None and "evalId" in record(file.first) else 0.0


def read(file: Input, limits: Limits) -> Iterator[Conversation]:
    """One conversation a result; those that failed before answering are counted and left out."""
    return answered(_every(file), file.notes, "result", "results")


def _every(file: Input) -> Iterator[Conversation | None]:
    for index, item in enumerate(file.items()):
        rows, where = _rows(item)
        listed = [(row, f"{where}/{at_row}") for at_row, row in enumerate(rows)] if where else [(item, f"/{index}")]
        for row, pointer in listed:
            yield _conversation(record(row), pointer)


def _conversation(row: Mapping[str, Any], pointer: str) -> Conversation | None:
    output = at(row, "response", "output")
    if output is None:
        return None
    provider = row.get("provider")
    model = string(provider) or string(record(provider).get("label")) or string(record(provider).get("id"))
    made = Conversation(_prompt(at(row, "prompt", "raw"), f"{pointer}/prompt/raw"), model=model or None)
    identity = string(row.get("id"))
    index = row.get("testIdx")
    made.id = identity or (f"test {index}" if isinstance(index, int) else None)
    made.title = string(at(row, "testCase", "description")) or string(row.get("description")) or None
    answer = Message(Role.ASSISTANT, pointer=f"{pointer}/response/output")
    answer.say(as_text(output), pointer=f"{pointer}/response/output")
    answer.cut_off = at(row, "response", "finishReason") == "length"
    if not answer.parts:
        return None
    made.messages.append(answer)
    return made


def _prompt(raw: Any, pointer: str) -> list[Message]:
    text = as_text(raw)
    if text.lstrip().startswith("["):
        try:
            messages, _ = chat(array(json.loads(text)), pointer)
        except (ValueError, RecursionError):
            messages = []
        if messages:
            return messages
    made = Message(Role.USER, pointer=pointer)
    made.say(text, pointer=pointer)
    return [made] if made.parts else []
