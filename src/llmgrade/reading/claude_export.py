"""Claude's data export: conversations of ``chat_messages``, a flat list in old files, a tree in newer ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from llmgrade.limits import Limits
from llmgrade.reading.blocks import fill, joined, role_of
from llmgrade.reading.conversation import Conversation, Message
from llmgrade.reading.fields import record, records, string
from llmgrade.reading.opening import Input
from llmgrade.reading.tree import Node, linked, newest, on_tracks
from llmgrade.transcript.model import Role, Setting

__all__ = ["read", "sniff"]


def sniff(file: Input) -> float:
    """``chat_messages`` beside a ``uuid`` or a name."""
    return 0.95 if isinstance(record(file.first).get("chat_messages"), list) else 0.0


def read(file: Input, limits: Limits) -> Iterator[Conversation]:
    """The conversations of an export, one by one; those without a message are counted and left out."""
    several = not isinstance(file.value, dict)
    empty = 0
    for index, item in enumerate(file.items()):
        pointer = f"/{index}" if several else ""
        if not isinstance(record(item).get("chat_messages"), list):
            file.notes.append(f"record {pointer or '/'} has no messages; left out")
        elif not item["chat_messages"]:
            empty += 1
        else:
            yield _conversation(item, pointer)
    if empty:
        file.notes.append(f"{empty} empty conversation{'s' if empty > 1 else ''} left out")


def _conversation(item: Mapping[str, Any], pointer: str) -> Conversation:
    made = Conversation(
        [], string(item.get("name")) or None, string(item.get("uuid")) or None, string(item.get("model")) or None
    )
    listed = records(item.get("chat_messages"))
    nodes = [
        Node(
            string(value.get("uuid")) or f"#{order}",
            string(value.get("parent_message_uuid")) or None,
            role_of(value.get("sender")),
            (value, f"{pointer}/chat_messages/{order}"),
            string(value.get("created_at")),
            order,
        )
        for order, value in enumerate(listed)
    ]
    treelike = any("parent_message_uuid" in value for value in listed)
    if treelike:
        tree = linked(nodes)
        leaf = item.get("current_leaf_message_uuid")
        found, complaint = on_tracks(tree, leaf if isinstance(leaf, str) and leaf in tree else newest(tree))
        if complaint:
            made.notes.append(complaint)
    else:
        found = [(node, "") for node in nodes]
    messages: list[Message] = []
    for node, track in found:
        value, where = node.said
        if node.role is None:
            made.lost.append((len(messages), f"{where} names no sender that is known"))
            continue
        message = _message(value, node.role, where)
        message.track = track
        if message.parts:
            messages.append(message)
    made.messages = joined(messages)
    return made


def _message(value: Mapping[str, Any], role: Role, pointer: str) -> Message:
    message = Message(role, pointer=pointer)
    blocks = [
        block for block in records(value.get("content")) if string(block.get("type")) not in {"token_budget", "flag"}
    ]
    fill(message, {**value, "content": blocks}, pointer)
    if not any(part.setting is Setting.ANSWER for part in message.parts):
        message.say(string(value.get("text")), pointer=f"{pointer}/text")
    for index, attachment in enumerate(records(value.get("attachments"))):
        where = f"{pointer}/attachments/{index}"
        message.say(string(attachment.get("extracted_content")), Setting.QUOTE, f"{where}/extracted_content")
    for index, file in enumerate(records(value.get("files"))):
        message.say(f"[file {string(file.get('file_name'))}]", Setting.HIDDEN, f"{pointer}/files/{index}")
    return message
