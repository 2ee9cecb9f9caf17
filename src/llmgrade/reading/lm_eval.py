"""Samples of lm-evaluation-harness: one row a document and filter; the responses themselves are what is graded."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator, Mapping
from typing import Any

from llmgrade.limits import Limits
from llmgrade.reading.blocks import as_text, chat
from llmgrade.reading.conversation import Conversation, Message
from llmgrade.reading.fields import array, record, string
from llmgrade.reading.labels import find_labels
from llmgrade.reading.opening import Input
from llmgrade.transcript.model import Role

__all__ = ["read", "sniff"]


def sniff(file: Input) -> float:
    """``doc_id`` beside ``resps``; newer files have ``doc_hash`` and ``prompt_hash`` too."""
    first = record(file.first)
    return 0.95 if "resps" in first and ("doc_id" in first or "doc_hash" in first) else 0.0


def read(file: Input, limits: Limits) -> Iterator[Conversation]:
    """One conversation a document; further rows of the same document (other filters) are the same responses."""
    seen: set[str] = set()
    repeated = 0
    for index, item in enumerate(file.items()):
        item = record(item)
        key = f"{item.get('doc_id')!r}|{item.get('doc_hash')!r}|{item.get('prompt_hash')!r}"
        if key in seen:
            repeated += 1
            continue
        seen.add(key)
        found = _conversation(item, f"/{index}")
        if found.messages:
            yield found
        else:
            file.notes.append(f"record /{index} has no response; left out")
    if repeated:
        file.notes.append(
            f"{repeated} further row{'s' if repeated > 1 else ''} of the same documents under other filters left out"
        )


def _conversation(item: Mapping[str, Any], pointer: str) -> Conversation:
    made = Conversation(_prompt(item, pointer), id=str(item.get("doc_id")))
    for index, response in enumerate(_responses(item.get("resps"))):
        one = Message(Role.ASSISTANT, pointer=f"{pointer}/resps", track="regeneration" if index else "")
        one.say(response, pointer=f"{pointer}/resps/{index}")
        if one.parts:
            made.messages.append(one)
    if not any(message.role is Role.ASSISTANT for message in made.messages):
        made.messages = []
    return made


def _responses(value: Any) -> list[str]:
    """The texts in ``resps``, however deeply listed; some versions write the list as a string."""
    if isinstance(value, str):
        value = _unquoted(value)
    if isinstance(value, str):
        return [value]
    found: list[str] = []
    for each in array(value):
        if isinstance(each, list):
            found.extend(_responses(each))
        elif isinstance(each, str):
            found.append(each)
    return found


def _unquoted(text: str) -> Any:
    if not text.lstrip().startswith("[") or len(text) > 2_000_000:
        return text
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        pass
    try:
        # literal_eval reads constants only; nothing is run.
        return ast.literal_eval(text.strip())
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return text


def _prompt(item: Mapping[str, Any], pointer: str) -> list[Message]:
    arguments = item.get("arguments")
    first: Any = None
    if isinstance(arguments, dict):
        first = record(next(iter(arguments.values()), None)).get("arg_0")
    elif isinstance(arguments, list) and arguments:
        first = arguments[0][0] if isinstance(arguments[0], list) and arguments[0] else arguments[0]
    if isinstance(first, list):
        first = first[0] if first and isinstance(first[0], str) else first
    text = string(first)
    where = f"{pointer}/arguments"
    if not text:
        document = record(item.get("doc"))
        text = next(
            (
                string(document.get(key))
                for key in ("question", "problem", "prompt", "input", "query")
                if document.get(key)
            ),
            "",
        )
        text, where = text or as_text(item.get("doc")), f"{pointer}/doc"
    if text.lstrip().startswith("["):
        try:
            messages, _ = chat(array(json.loads(text)), where)
        except (ValueError, RecursionError):
            messages = []
        if messages:
            return messages
    return _split(text, where)


def _split(text: str, pointer: str) -> list[Message]:
    """The turns of a flattened chat, where a template's tokens tell them; else one question."""
    labels = find_labels(text) if "<" in text or "[INST]" in text else []
    made: list[Message] = []
    for index, label in enumerate(labels):
        stop = labels[index + 1].start if index + 1 < len(labels) else len(text)
        one = Message(label.role, pointer=pointer)
        one.say(text[label.content : min(stop, label.end or stop)].strip(), pointer=pointer)
        if one.parts:
            made.append(one)
    if not made:
        one = Message(Role.USER, pointer=pointer)
        one.say(text, pointer=pointer)
        made = [one] if one.parts else []
    return made
