"""A message's content as the chat APIs write it: a string or a list of blocks, with tool calls and reasoning beside it.

Shared by every reader whose file speaks of ``role`` and ``content``. Thinking, tool calls and results keep their own
settings; an image or a sound is named, not dropped.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from llmgrade.reading.conversation import Message, Part
from llmgrade.reading.fields import array, at, record, records, string
from llmgrade.transcript.model import Role, Setting

__all__ = ["CUT_OFF", "as_text", "chat", "fill", "joined", "message", "role_of"]

CUT_OFF = frozenset(
    {
        "length",
        "max_tokens",
        "MAX_TOKENS",
        "max_output_tokens",
        "model_length",
        "incomplete",
        "model_context_window_exceeded",
    }
)
"""The reasons for stopping that mean the answer was not done."""

_ROLES = {
    "user": Role.USER,
    "human": Role.USER,
    "prompter": Role.USER,
    "assistant": Role.ASSISTANT,
    "gpt": Role.ASSISTANT,
    "chatgpt": Role.ASSISTANT,
    "model": Role.ASSISTANT,
    "bot": Role.ASSISTANT,
    "ai": Role.ASSISTANT,
    "bing": Role.ASSISTANT,
    "bard": Role.ASSISTANT,
    "system": Role.SYSTEM,
    "developer": Role.SYSTEM,
    "tool": Role.TOOL,
    "function": Role.TOOL,
    "observation": Role.TOOL,
    "ipython": Role.TOOL,
    "function_call": Role.ASSISTANT,
}
_PICTURES = {
    "image": "image", "image_url": "image", "input_image": "image", "image_file": "image", "image_asset_pointer": "image",
    "input_audio": "sound", "audio": "sound", "video": "video", "file": "file", "input_file": "file", "document": "file",
    "container_upload": "file",
}  # fmt: skip


def role_of(value: Any) -> Role | None:
    """The role a word names, or None."""
    return _ROLES.get(string(value).strip().lower())


def as_text(value: Any) -> str:
    """Anything as text: strings as they are, the rest as JSON."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    try:
        return json.dumps(value, ensure_ascii=False, indent=1)
    except (RecursionError, ValueError, TypeError):
        return str(type(value).__name__)


def message(value: Mapping[str, Any], pointer: str = "") -> Message | None:
    """The message an object with ``role`` (or ``from``) and ``content`` is, or None where it names no role."""
    role = role_of(value.get("role")) or role_of(value.get("from")) or role_of(value.get("sender"))
    if role is None:
        return None
    made = Message(role, pointer=pointer)
    fill(made, value, pointer)
    return made


def fill(made: Message, value: Mapping[str, Any], pointer: str) -> None:
    """Puts what an API message says into ``made``."""
    for key in ("reasoning_content", "reasoning", "thinking"):
        thought = value.get(key)
        if isinstance(thought, str):
            made.say(thought, Setting.THINKING, f"{pointer}/{key}")
    key = next((key for key in ("content", "value", "text", "parts") if value.get(key) is not None), "content")
    _content(made, value.get(key), f"{pointer}/{key}")
    made.say(string(value.get("refusal")), pointer=f"{pointer}/refusal")
    for index, call in enumerate(records(value.get("tool_calls"))):
        function = record(call.get("function"))
        name = string(function.get("name")) or string(call.get("function")) or string(call.get("name"))
        arguments = function.get("arguments") if function else call.get("arguments")
        made.say(f"{name}({as_text(arguments)})", Setting.TOOL_CALL, f"{pointer}/tool_calls/{index}")
    call = record(value.get("function_call"))
    if call:
        made.say(
            f"{string(call.get('name'))}({as_text(call.get('arguments'))})",
            Setting.TOOL_CALL,
            f"{pointer}/function_call",
        )
    for key in ("finish_reason", "stop_reason", "finishReason", "status"):
        if string(value.get(key)) in CUT_OFF:
            made.cut_off = True


def _content(made: Message, content: Any, pointer: str) -> None:
    plain = Setting.TOOL_RESULT if made.role is Role.TOOL else Setting.ANSWER
    if isinstance(content, str):
        made.say(content, plain, pointer)
        return
    if isinstance(content, dict):
        content = [content]
    tail: Part | None = None
    for index, block in enumerate(array(content)):
        where = f"{pointer}/{index}"
        if isinstance(block, str):
            made.say(block, plain, where)
            tail = None
            continue
        text = _plain_text(record(block))
        if text is not None:
            if tail is not None and made.role is Role.ASSISTANT:
                # Blocks split by citations run on in the middle of a sentence.
                tail.text += text
            elif text.strip() or tail is not None:
                tail = Part(text, plain, where)
                made.parts.append(tail)
            continue
        tail = None
        _block(made, record(block), where)


def _plain_text(block: Mapping[str, Any]) -> str | None:
    kind = block.get("type")
    if string(kind) in {"text", "output_text", "input_text", "summary_text"} or (
        kind is None and isinstance(block.get("text"), str)
    ):
        if block.get("thought") is True:
            return None
        text = block.get("text")
        return string(text) or string(at(text, "value"))
    return None


def _block(made: Message, block: Mapping[str, Any], pointer: str) -> None:
    kind = string(block.get("type"))
    if kind in {"thinking", "reasoning", "redacted_thinking"} or block.get("thought") is True:
        words = string(block.get("thinking")) or string(block.get("reasoning")) or string(block.get("text"))
        if not words:
            words = "\n\n".join(
                string(part.get("text")) for part in [*records(block.get("summary")), *records(block.get("content"))]
            )
        made.say(words or "[thinking, redacted]", Setting.THINKING, pointer)
    elif kind in {
        "tool_use",
        "server_tool_use",
        "mcp_tool_use",
        "function_call",
        "tool-call",
        "custom_tool_call",
    } or kind.endswith("_call"):
        given = next((block[key] for key in ("input", "arguments", "args", "action") if key in block), None)
        made.say(f"{string(block.get('name')) or kind}({as_text(given)})", Setting.TOOL_CALL, pointer)
    elif kind in {"tool_result", "function_call_output", "tool-result"} or kind.endswith(
        ("_tool_result", "_call_output")
    ):
        given = next((block[key] for key in ("content", "output", "result") if key in block), None)
        made.say(_flat(given), Setting.TOOL_RESULT, pointer)
    elif kind == "refusal":
        made.say(string(block.get("refusal")), pointer=pointer)
    elif kind in _PICTURES:
        made.say(f"[{_PICTURES[kind]}]", Setting.HIDDEN, pointer)
    elif "functionCall" in block or "executableCode" in block:
        made.say(as_text(block.get("functionCall") or block.get("executableCode")), Setting.TOOL_CALL, pointer)
    elif "functionResponse" in block or "codeExecutionResult" in block:
        made.say(
            as_text(block.get("functionResponse") or block.get("codeExecutionResult")), Setting.TOOL_RESULT, pointer
        )
    else:
        made.say(f"[{kind or 'something'} not read: {as_text(dict(block))[:200]}]", Setting.HIDDEN, pointer)


def _flat(value: Any) -> str:
    if isinstance(value, list):
        return "\n".join(string(record(item).get("text")) or as_text(item) for item in value)
    return as_text(value)


def chat(values: Iterable[Any], pointer: str) -> tuple[list[Message], list[tuple[int, str]]]:
    """The messages of an array, joined as `joined` does, and what could not be read: ``(message index, why)``."""
    made: list[Message] = []
    lost: list[tuple[int, str]] = []
    for index, value in enumerate(values):
        found = message(record(value), f"{pointer}/{index}")
        if found is None:
            lost.append((len(made), f"{pointer}/{index} names no role that is known"))
            continue
        made.append(found)
    return joined(made), lost


def joined(messages: list[Message]) -> list[Message]:
    """Messages as a person saw them: an assistant's calls, their results and its next words are one turn.

    A user message that holds tool results only is no turn of a person's.
    """
    found: list[Message] = []
    open_call = False
    for each in messages:
        results = bool(each.parts) and all(part.setting is Setting.TOOL_RESULT for part in each.parts)
        last = found[-1] if found else None
        if (
            last is not None
            and last.role is Role.ASSISTANT
            and last.track == each.track
            and (
                each.role is Role.TOOL
                or (each.role is Role.USER and results)
                or (each.role is Role.ASSISTANT and open_call)
            )
        ):
            last.parts.extend(each.parts)
            last.cut_off = each.cut_off
        else:
            if each.role is Role.USER and results:
                each.role = Role.TOOL
            found.append(each)
        setting = found[-1].parts[-1].setting if found[-1].parts else Setting.ANSWER
        open_call = found[-1].role is Role.ASSISTANT and setting in {Setting.TOOL_CALL, Setting.TOOL_RESULT}
    return found
