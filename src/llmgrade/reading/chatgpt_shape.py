"""A conversation as ChatGPT keeps it, in its export and in the pages it serves: a ``mapping`` of nodes, a tree."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from llmgrade.reading.blocks import as_text, joined, role_of
from llmgrade.reading.conversation import Conversation, Message, Part
from llmgrade.reading.fields import array, at, flag, number, record, records, string
from llmgrade.reading.tree import Node, linked, newest, on_tracks
from llmgrade.transcript.model import Role, Setting

__all__ = ["conversation"]

_RESULTS = frozenset(
    [
        "execution_output",
        "tether_browsing_display",
        "tether_quote",
        "sonic_webpage",
        "system_error",
        "computer_output",
        "browsing_display",
    ]
)
_CONTEXT = frozenset(["user_editable_context", "model_editable_context", "app_pairing_content"])


def conversation(item: Mapping[str, Any], pointer: str = "") -> Conversation:
    """One conversation of the export."""
    nodes = []
    for order, (key, value) in enumerate(record(item.get("mapping")).items()):
        raw = record(value)
        said = raw.get("message")
        role = role_of(at(said, "author", "role")) if isinstance(said, dict) else None
        when = number(record(said).get("create_time")) or 0.0
        parent = raw.get("parent")
        nodes.append(Node(key, parent if isinstance(parent, str) else None, role, said, when, order))
    tree = linked(nodes)
    made = Conversation(
        [], string(item.get("title")) or None, string(item.get("conversation_id")) or string(item.get("id")) or None
    )
    leaf = item.get("current_node")
    if not isinstance(leaf, str) or leaf not in tree:
        leaf = newest(tree)
        made.notes.append("the export names no current message; the newest branch is taken")
    order_and_tracks, complaint = on_tracks(tree, leaf)
    if complaint:
        made.notes.append(complaint)
    messages: list[Message] = []
    for node, track in order_and_tracks:
        if not isinstance(node.said, dict):
            continue
        found = _message(node.said, f"{pointer}/mapping/{node.id}/message")
        if found is None:
            if node.said.get("author"):
                made.lost.append(
                    (len(messages), f"a message of {at(node.said, 'author', 'role')!r} was not understood")
                )
            continue
        found.track = track
        if found.parts:
            messages.append(found)
        slug = at(node.said, "metadata", "model_slug")
        if not track and found.role is Role.ASSISTANT and isinstance(slug, str):
            made.model = slug
    made.model = made.model or string(item.get("default_model_slug")) or None
    made.messages = _turns(messages)
    return made


def _turns(messages: list[Message]) -> list[Message]:
    """What the assistant thought, called, got and said in answer to one question is one turn."""
    found: list[Message] = []
    for each in messages:
        last = found[-1] if found else None
        if (
            last is not None
            and last.track == each.track
            and last.role in {Role.ASSISTANT, Role.TOOL}
            and each.role in {Role.ASSISTANT, Role.TOOL}
            and not (each.track and _answered(last) and each.role is Role.ASSISTANT and not _calls(last))
        ):
            last.role = Role.ASSISTANT
            last.parts.extend(each.parts)
            last.cut_off = each.cut_off
        else:
            found.append(each)
    return joined(found)


def _answered(message: Message) -> bool:
    return any(part.setting is Setting.ANSWER for part in message.parts)


def _calls(message: Message) -> bool:
    return bool(message.parts) and message.parts[-1].setting in {Setting.TOOL_CALL, Setting.TOOL_RESULT}


def _message(said: Mapping[str, Any], pointer: str) -> Message | None:
    role = role_of(at(said, "author", "role"))
    if role is None:
        return None
    made = Message(role, pointer=pointer)
    metadata = record(said.get("metadata"))
    recipient = string(said.get("recipient")) or "all"
    plain = Setting.ANSWER
    if flag(metadata.get("is_visually_hidden_from_conversation")):
        plain = Setting.HIDDEN
    elif role is Role.TOOL:
        plain = Setting.TOOL_RESULT
    elif role is Role.ASSISTANT and recipient != "all":
        plain = Setting.TOOL_CALL
    content = record(said.get("content"))
    if plain is Setting.TOOL_CALL and recipient.startswith("canmore."):
        _canvas(made, content, f"{pointer}/content")
    else:
        _content(made, content, plain, f"{pointer}/content")
    finish = string(at(metadata, "finish_details", "type"))
    made.cut_off = role is Role.ASSISTANT and (
        finish in {"max_tokens", "interrupted"} or said.get("status") == "in_progress"
    )
    return made


def _content(made: Message, content: Mapping[str, Any], plain: Setting, pointer: str) -> None:
    kind = string(content.get("content_type"))
    if kind == "thoughts":
        for index, thought in enumerate(records(content.get("thoughts"))):
            words = "\n\n".join(filter(None, (string(thought.get("summary")), string(thought.get("content")))))
            made.say(words, Setting.THINKING, f"{pointer}/thoughts/{index}")
        return
    if kind == "reasoning_recap":
        made.say(string(content.get("content")), Setting.THINKING, f"{pointer}/content")
        return
    if kind in _CONTEXT:
        words = "\n\n".join(value for key, value in content.items() if key != "content_type" and isinstance(value, str))
        made.say(words, Setting.HIDDEN, pointer)
        return
    setting = Setting.TOOL_RESULT if kind in _RESULTS and plain is not Setting.HIDDEN else plain
    if kind == "code" and isinstance(content.get("text"), str):
        language = string(content.get("language"))
        if content["text"].strip():
            made.parts.append(
                Part(content["text"], setting, f"{pointer}/text", "" if language == "unknown" else language)
            )
        return
    for index, part in enumerate(array(content.get("parts"))):
        _part(made, part, setting, f"{pointer}/parts/{index}")
    for key in ("text", "result"):
        made.say(string(content.get(key)), setting, f"{pointer}/{key}")
    if kind not in {"text", "multimodal_text"} and not made.parts and len(content) > 1:
        made.say(f"[{kind or 'something'} not read]", Setting.HIDDEN, pointer)


def _part(made: Message, part: Any, setting: Setting, pointer: str) -> None:
    if isinstance(part, str):
        made.say(part, setting, pointer)
    elif isinstance(part, dict):
        kind = string(part.get("content_type"))
        if isinstance(part.get("text"), str):
            made.say(part["text"], setting, f"{pointer}/text")
        else:
            made.say(
                f"[{kind.replace('_asset_pointer', '').replace('_', ' ') or 'something'}]", Setting.HIDDEN, pointer
            )


def _canvas(made: Message, content: Mapping[str, Any], pointer: str) -> None:
    """A document the assistant wrote beside the chat: its words are an answer."""
    texts = [string(content.get("text")), *(part for part in array(content.get("parts")) if isinstance(part, str))]
    for text in filter(None, texts):
        try:
            document = record(json.loads(text))
        except (ValueError, RecursionError):
            document = {}
        body = string(document.get("content"))
        if body:
            kind = string(document.get("type"))
            language = kind.partition("/")[2] if kind.startswith("code") else None
            made.parts.append(Part(body, Setting.ANSWER, pointer, language))
            continue
        updates = records(document.get("updates"))
        if updates:
            for update in updates:
                made.say(string(update.get("replacement")), Setting.ANSWER, pointer)
        else:
            made.say(as_text(text), Setting.TOOL_CALL, pointer)
