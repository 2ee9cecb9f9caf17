"""Event logs of the open `evals` framework: a line of its ``spec``, then events; what a model said is in those of type ``sampling``.

A sample that was asked several times in one growing chat is one conversation, the longest; other samplings of it are
further ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from llmgrade.limits import Limits
from llmgrade.reading.blocks import chat
from llmgrade.reading.conversation import Conversation, Message, answered
from llmgrade.reading.fields import array, at, record, string
from llmgrade.reading.opening import Input
from llmgrade.transcript.model import Role

__all__ = ["read", "sniff"]


def sniff(file: Input) -> float:
    """A first line with a ``spec`` that names its eval, or events with ``event_id`` and ``sample_id``."""
    first = record(file.first)
    if "eval_name" in record(first.get("spec")):
        return 0.96
    return 0.9 if {"run_id", "event_id", "sample_id", "type", "data"} <= set(first) else 0.0


def read(file: Input, limits: Limits) -> Iterator[Conversation]:
    """One conversation a sample, in the order of the samples' first events; samplings without an answer are counted."""
    return answered(_every(file), file.notes, "sampling", "samplings")


def _every(file: Input) -> Iterator[Conversation | None]:
    model = None
    by_sample: dict[str, list[Conversation]] = {}
    for index, value in enumerate(file.items()):
        item = record(value)
        if "spec" in item:
            model = ", ".join(map(str, array(at(item, "spec", "completion_fns")))) or None
        if item.get("type") != "sampling":
            continue
        made = _conversation(item, f"/{index}")
        if made is None:
            yield None
            continue
        made.model = string(at(item, "data", "model")) or model
        several = by_sample.setdefault(string(item.get("sample_id")), [])
        if several and _grown(several[-1], made):
            several[-1] = made
        else:
            several.append(made)
    for sample, several in by_sample.items():
        for number, made in enumerate(several):
            made.id = f"{sample}#{number}" if number else sample or None
            yield made


def _grown(earlier: Conversation, later: Conversation) -> bool:
    before, after = ([(m.role, _said(m)) for m in c.messages] for c in (earlier, later))
    return len(after) > len(before) and after[: len(before)] == before


def _said(message: Message) -> str:
    return "".join(str(part.text) for part in message.parts)


def _conversation(item: Mapping[str, Any], pointer: str) -> Conversation | None:
    data = record(item.get("data"))
    prompt, where = data.get("prompt"), f"{pointer}/data/prompt"
    asked, lost = chat(array(prompt), where)
    if isinstance(prompt, str) and prompt:
        asked = [Message(Role.USER, pointer=where)]
        asked[0].say(prompt, pointer=where)
    made = Conversation([*asked])
    made.lost = list(lost)
    sampled = data.get("sampled")
    for number, text in enumerate([sampled] if isinstance(sampled, str) else array(sampled)):
        one = Message(Role.ASSISTANT, pointer=f"{pointer}/data/sampled", track="regeneration" if number else "")
        one.say(string(text), pointer=f"{pointer}/data/sampled" + ("" if isinstance(sampled, str) else f"/{number}"))
        if one.parts:
            made.messages.append(one)
    return made if any(message.role is Role.ASSISTANT for message in made.messages[len(asked) :]) else None
