"""DeepSeek's data export: a tree like ChatGPT's under the same file name, told by ``inserted_at``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from llmgrade.limits import Limits
from llmgrade.reading.blocks import as_text, role_of
from llmgrade.reading.conversation import Conversation, Message
from llmgrade.reading.fields import record, records, string
from llmgrade.reading.opening import Input
from llmgrade.reading.tree import Node, linked, newest, on_tracks
from llmgrade.transcript.model import Role, Setting

__all__ = ["read", "sniff"]

_FRAGMENTS = {
    "REQUEST": (Role.USER, Setting.ANSWER),
    "RESPONSE": (Role.ASSISTANT, Setting.ANSWER),
    "THINK": (Role.ASSISTANT, Setting.THINKING),
    "SEARCH": (Role.ASSISTANT, Setting.TOOL_RESULT),
    "TOOL_SEARCH": (Role.ASSISTANT, Setting.TOOL_RESULT),
    "TOOL_OPEN": (Role.ASSISTANT, Setting.TOOL_RESULT),
}


def sniff(file: Input) -> float:
    """A ``mapping`` of nodes beside ``inserted_at``."""
    first = record(file.first)
    return 0.95 if isinstance(first.get("mapping"), dict) and "inserted_at" in first else 0.0


def read(file: Input, limits: Limits) -> Iterator[Conversation]:
    """The conversations of an export, one by one."""
    several = not isinstance(file.value, dict)
    for index, item in enumerate(file.items()):
        pointer = f"/{index}" if several else ""
        if isinstance(record(item).get("mapping"), dict):
            yield _conversation(item, pointer)
        else:
            file.notes.append(f"record {pointer or '/'} has no messages; left out")


def _conversation(item: Mapping[str, Any], pointer: str) -> Conversation:
    nodes = []
    mapping = record(item.get("mapping"))
    for order, (key, value) in enumerate(mapping.items()):
        raw = record(value)
        said = record(raw.get("message"))
        parent = raw.get("parent")
        role = _role(said, raw, mapping)
        nodes.append(
            Node(key, parent if isinstance(parent, str) else None, role, said, string(said.get("inserted_at")), order)
        )
    tree = linked(nodes)
    leaf = item.get("current_node")
    found, complaint = on_tracks(tree, leaf if isinstance(leaf, str) and leaf in tree else newest(tree))
    made = Conversation([], string(item.get("title")) or None, string(item.get("id")) or None)
    if complaint:
        made.notes.append(complaint)
    for node, track in found:
        if node.role is None:
            continue
        message = Message(node.role, track=track, pointer=f"{pointer}/mapping/{node.id}/message")
        _fill(message, record(node.said))
        if message.parts:
            made.messages.append(message)
        model = record(node.said).get("model")
        if node.role is Role.ASSISTANT and not track and isinstance(model, str):
            made.model = model
    return made


def _role(said: Mapping[str, Any], node: Mapping[str, Any], mapping: Mapping[str, Any]) -> Role | None:
    if not said:
        return None
    named = role_of(said.get("role"))
    if named is not None:
        return named
    for fragment in records(said.get("fragments")):
        known = _FRAGMENTS.get(string(fragment.get("type")))
        if known is not None:
            return known[0]
    # Older files name no role: turns alternate from the root down.
    depth, seen, at = 0, set(), node.get("parent")
    while isinstance(at, str) and at in mapping and at not in seen:
        seen.add(at)
        depth += bool(record(record(mapping[at]).get("message")))
        at = record(mapping[at]).get("parent")
    return Role.ASSISTANT if depth % 2 else Role.USER


def _fill(message: Message, said: Mapping[str, Any]) -> None:
    for key in ("reasoning_content", "thinking_content"):
        message.say(string(said.get(key)), Setting.THINKING, f"{message.pointer}/{key}")
    message.say(string(said.get("content")), pointer=f"{message.pointer}/content")
    for index, fragment in enumerate(records(said.get("fragments"))):
        kind = string(fragment.get("type"))
        setting = _FRAGMENTS[kind][1] if kind in _FRAGMENTS else Setting.HIDDEN
        text = fragment.get("content")
        message.say(string(text) or as_text(fragment.get("results")), setting, f"{message.pointer}/fragments/{index}")
    message.cut_off = string(said.get("status")).upper() in {"INCOMPLETE", "INTERRUPTED", "LENGTH"}
