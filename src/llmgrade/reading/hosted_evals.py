"""Output items of OpenAI's hosted evals (read-only since autumn 2026): one sampled answer an item, with its graders' results.

As exported through the API: a list ``{"object": "list", "data": [...]}`` a page, or one item a line.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from llmgrade.limits import Limits
from llmgrade.reading.blocks import CUT_OFF, chat
from llmgrade.reading.conversation import Conversation, answered
from llmgrade.reading.fields import array, at, record, records, string
from llmgrade.reading.opening import Input
from llmgrade.transcript.model import Role

__all__ = ["read", "sniff"]


def sniff(file: Input) -> float:
    """``datasource_item`` beside ``sample``, or a page of such items."""
    first = record(file.first)
    item = next(iter(records(array(first.get("data"))[:1])), first)
    return 0.96 if "datasource_item" in item and "sample" in item else 0.0


def read(file: Input, limits: Limits) -> Iterator[Conversation]:
    """One conversation an item; items without an answer are counted and left out."""
    return answered(_every(file), file.notes, "item", "items")


def _every(file: Input) -> Iterator[Conversation | None]:
    for index, value in enumerate(file.items()):
        page = record(value)
        items = array(page.get("data"))
        listed = [(record(item), f"/{index}/data/{n}") for n, item in enumerate(items)] or [(page, f"/{index}")]
        for item, pointer in listed:
            yield _conversation(item, pointer)


def _conversation(item: Mapping[str, Any], pointer: str) -> Conversation | None:
    asked, made_lost = chat(array(at(item, "sample", "input")), f"{pointer}/sample/input")
    answers, lost = chat(array(at(item, "sample", "output")), f"{pointer}/sample/output")
    if not any(message.role is Role.ASSISTANT for message in answers):
        return None
    if string(at(item, "sample", "finish_reason")) in CUT_OFF:
        answers[-1].cut_off = True
    made = Conversation([*asked, *answers], id=string(item.get("id")) or None)
    made.lost = [*made_lost, *((len(asked) + place, why) for place, why in lost)]
    made.model = string(at(item, "sample", "model")) or None
    return made
