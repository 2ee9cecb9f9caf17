"""Google AI Studio's saved prompts (``chunkedPrompt``) and the Gemini API's ``contents`` and ``candidates``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from llmgrade.limits import Limits
from llmgrade.reading.blocks import CUT_OFF, fill, joined, role_of
from llmgrade.reading.conversation import Conversation, Message
from llmgrade.reading.fields import array, at, flag, record, records, string
from llmgrade.reading.opening import Input
from llmgrade.transcript.model import Role, Setting

__all__ = ["read", "sniff"]


def sniff(file: Input) -> float:
    """``chunkedPrompt.chunks``; or ``contents`` and ``candidates`` made of ``parts``."""
    first = record(file.first)
    if isinstance(at(first, "chunkedPrompt", "chunks"), list):
        return 0.95
    request = record(first.get("request")) or first
    if any("parts" in content for content in records(request.get("contents"))):
        return 0.85
    answered = record(first.get("response")) or first
    return 0.85 if any("content" in candidate for candidate in records(answered.get("candidates"))) else 0.0


def read(file: Input, limits: Limits) -> Iterator[Conversation]:
    """One conversation a record."""
    several = not isinstance(file.value, dict)
    for index, item in enumerate(file.items()):
        pointer = f"/{index}" if several else ""
        item = record(item)
        chunked = at(item, "chunkedPrompt", "chunks")
        found = _chunks(item, array(chunked), pointer) if isinstance(chunked, list) else _api(item, pointer)
        if found.messages:
            yield found
        else:
            file.notes.append(f"record {pointer or '/'} has no messages; left out")


def _system(value: Any, pointer: str) -> list[Message]:
    made = Message(Role.SYSTEM, pointer=pointer)
    if isinstance(value, str):
        made.say(value, pointer=pointer)
    else:
        made.say(string(record(value).get("text")), pointer=f"{pointer}/text")
        fill(made, {"content": record(value).get("parts")}, pointer)
    return [made] if made.parts else []


def _chunks(item: Mapping[str, Any], chunks: list[Any], pointer: str) -> Conversation:
    made = Conversation(_system(item.get("systemInstruction"), f"{pointer}/systemInstruction"))
    made.model = string(at(item, "runSettings", "model")).removeprefix("models/") or None
    messages: list[Message] = []
    for index, chunk in enumerate(chunks):
        chunk = record(chunk)
        where = f"{pointer}/chunkedPrompt/chunks/{index}"
        role = role_of(chunk.get("role"))
        if role is None:
            made.lost.append((len(messages), f"{where} names no role that is known"))
            continue
        one = Message(role, pointer=where)
        setting = Setting.THINKING if flag(chunk.get("isThought")) else Setting.ANSWER
        text = string(chunk.get("text")) or "".join(string(part.get("text")) for part in records(chunk.get("parts")))
        one.say(text, setting, f"{where}/text")
        for key in ("driveDocument", "driveImage", "inlineFile", "inlineImage", "youtubeVideo"):
            if key in chunk:
                one.say(f"[{key}]", Setting.HIDDEN, f"{where}/{key}")
        for key, kind in (("executableCode", Setting.TOOL_CALL), ("codeExecutionResult", Setting.TOOL_RESULT)):
            if key in chunk:
                one.say(
                    string(record(chunk[key]).get("code")) or string(record(chunk[key]).get("output")),
                    kind,
                    f"{where}/{key}",
                )
        one.cut_off = string(chunk.get("finishReason")) in CUT_OFF
        last = messages[-1] if messages else None
        if last is not None and last.role is Role.ASSISTANT and role is Role.ASSISTANT and not _answered(last):
            # Thoughts come as chunks of their own before the answer they belong to.
            last.parts.extend(one.parts)
            last.cut_off = one.cut_off
        elif one.parts:
            messages.append(one)
    made.messages.extend(messages)
    return made


def _answered(message: Message) -> bool:
    return any(part.setting is Setting.ANSWER for part in message.parts)


def _api(item: Mapping[str, Any], pointer: str) -> Conversation:
    request = record(item.get("request")) or item
    response = record(item.get("response")) or item
    made = Conversation(
        _system(request.get("systemInstruction") or request.get("system_instruction"), f"{pointer}/systemInstruction")
    )
    made.model = string(response.get("modelVersion")) or string(request.get("model")) or None
    messages: list[Message] = []
    for index, content in enumerate(records(request.get("contents"))):
        where = f"{pointer}/contents/{index}"
        one = Message(role_of(content.get("role")) or Role.USER, pointer=where)
        fill(one, content, where)
        messages.append(one)
    for index, candidate in enumerate(records(response.get("candidates"))):
        where = f"{pointer}/candidates/{index}"
        one = Message(Role.ASSISTANT, pointer=where, track="regeneration" if index else "")
        fill(one, record(candidate.get("content")), f"{where}/content")
        one.cut_off = string(candidate.get("finishReason")) in CUT_OFF
        messages.append(one)
    made.messages.extend(joined([message for message in messages if message.parts]))
    return made
