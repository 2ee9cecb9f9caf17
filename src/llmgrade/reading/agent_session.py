"""Sessions of coding agents as JSON Lines: lines chained by ``uuid`` and ``parentUuid``, or ``payload`` items."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from llmgrade.limits import Limits
from llmgrade.reading.blocks import CUT_OFF, fill, joined, role_of
from llmgrade.reading.conversation import Conversation, Message
from llmgrade.reading.fields import at, flag, record, string
from llmgrade.reading.openai_shape import items_said
from llmgrade.reading.opening import Input
from llmgrade.reading.tree import Node, linked, on_tracks
from llmgrade.transcript.model import Role, Setting

__all__ = ["read", "sniff"]


def sniff(file: Input) -> float:
    """Lines with ``uuid`` and ``parentUuid``, or with ``type: response_item`` and a ``payload``."""
    if not file.lines and not isinstance(file.value, dict):
        return 0.0
    for item in file.some:
        found = record(item)
        if "parentUuid" in found and "uuid" in found:
            return 0.95
        if string(found.get("type")) in {"response_item", "session_meta"} and isinstance(found.get("payload"), dict):
            return 0.9
    return 0.0


def read(file: Input, limits: Limits) -> Iterator[Conversation]:
    """The sessions of the file, in order of their first lines."""
    sessions: dict[str, list[tuple[int, dict[str, Any]]]] = {}
    for index, item in enumerate(file.items()):
        found = dict(record(item))
        sessions.setdefault(string(found.get("sessionId")), []).append((index, found))
    stray = sessions.pop("", []) if len(sessions) > 1 else []
    for key, lines in sessions.items():
        if any("payload" in line for _, line in lines):
            yield _payloads(lines, key)
        else:
            made = _chained([*lines, *stray] if lines is next(iter(sessions.values())) else lines, key)
            if made.messages:
                yield made


def _payloads(lines: list[tuple[int, dict[str, Any]]], key: str) -> Conversation:
    made = Conversation([], id=key or None)
    messages: list[Message] = []
    for index, line in lines:
        payload = record(line.get("payload"))
        if line.get("type") == "session_meta":
            made.id = string(payload.get("id")) or made.id
        model = payload.get("model")
        made.model = model if isinstance(model, str) else made.model
        if line.get("type") == "response_item":
            messages.extend(items_said([payload], f"/{index}/payload"))
    made.messages = joined(_one_turn(messages))
    return made


def _chained(lines: list[tuple[int, dict[str, Any]]], key: str) -> Conversation:
    made = Conversation([], id=key or None)
    nodes: list[Node] = []
    leaf: str | None = None
    for index, line in lines:
        if line.get("type") == "summary":
            made.title = string(line.get("summary")) or made.title
        uuid = string(line.get("uuid"))
        if not uuid:
            continue
        role = role_of(at(line, "message", "role")) or role_of(line.get("type"))
        parent = string(line.get("parentUuid")) or string(line.get("logicalParentUuid")) or None
        nodes.append(Node(uuid, parent, role, (line, index), string(line.get("timestamp")), index))
        if not flag(line.get("isSidechain")) and role in {Role.USER, Role.ASSISTANT}:
            leaf = uuid
    found, complaint = on_tracks(linked(nodes), leaf)
    if complaint:
        made.notes.append(complaint)
    messages: list[Message] = []
    for node, track in found:
        line, index = node.said
        one = _message(line, node.role, f"/{index}/message")
        if one is None:
            continue
        one.track = "sidechain" if flag(line.get("isSidechain")) else track
        model = at(line, "message", "model")
        if one.role is Role.ASSISTANT and not one.track and isinstance(model, str) and not model.startswith("<"):
            made.model = model
        messages.append(one)
    made.messages = joined(_one_turn(messages))
    return made


def _message(line: dict[str, Any], role: Role | None, pointer: str) -> Message | None:
    if role is None:
        return None
    said = record(line.get("message"))
    one = Message(role, pointer=pointer)
    if said:
        fill(one, said, pointer)
    elif isinstance(line.get("content"), str):
        one.say(line["content"], Setting.HIDDEN if role is Role.SYSTEM else Setting.ANSWER, pointer)
    if flag(line.get("isMeta")) or flag(line.get("isCompactSummary")):
        for part in one.parts:
            part.setting = Setting.HIDDEN
    one.cut_off = string(said.get("stop_reason")) in CUT_OFF
    return one if one.parts else None


def _one_turn(messages: list[Message]) -> list[Message]:
    """Consecutive lines of the assistant, tools between them or not, are one turn."""
    found: list[Message] = []
    for each in messages:
        last = found[-1] if found else None
        tools = all(part.setting is Setting.TOOL_RESULT for part in each.parts)
        if (
            last is not None
            and last.track == each.track
            and last.role is Role.ASSISTANT
            and (each.role in {Role.ASSISTANT, Role.TOOL} or tools)
        ):
            last.parts.extend(each.parts)
            last.cut_off = each.cut_off
        else:
            found.append(each)
    return found
