"""Logs of Inspect AI: ``.eval`` archives (Zstandard too) and their JSON, one conversation a sample and epoch."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from llmgrade.errors import UnreadableInput
from llmgrade.limits import Limits
from llmgrade.reading.blocks import CUT_OFF, chat, joined, message
from llmgrade.reading.conversation import Conversation, Message
from llmgrade.reading.fields import array, at, record, records, string
from llmgrade.reading.json_stream import NOTHING, parse
from llmgrade.reading.opening import Input
from llmgrade.transcript.model import Role

__all__ = ["read", "sniff"]

_SAMPLE = re.compile(r"(?:^|/)samples/[^/]+\.json$")
_ATTACHMENT = "attachment://"


def sniff(file: Input) -> float:
    """A zip with ``header.json`` (or ``_journal/``) and ``samples/``; or JSON with ``version``, ``eval`` and ``samples``."""
    if file.archive is not None:
        names = file.archive.members
        sampled = any(_SAMPLE.search(name) for name in names)
        return 0.98 if sampled and any(name == "header.json" or name.startswith("_journal/") for name in names) else 0.0
    first = record(file.value if file.value is not NOTHING else None)
    if isinstance(first.get("eval"), dict) and "version" in first and ("samples" in first or "plan" in first):
        return 0.95
    return 0.0


def read(file: Input, limits: Limits) -> Iterator[Conversation]:
    """The samples, in the log's order."""
    archive = file.archive
    if archive is None:
        log = record(file.value)
        for index, sample in enumerate(records(log.get("samples"))):
            yield _sample(sample, string(at(log, "eval", "model")), f"/samples/{index}")
        return
    model = ""
    if "header.json" in archive.members:
        header, _ = parse(_text(archive.read("header.json", limits.input_bytes)))
        model = string(at(header, "eval", "model"))
    count = 0
    failures: list[str] = []
    for name in archive.members:
        if not _SAMPLE.search(name):
            continue
        try:
            value, damage = parse(_text(archive.read(name, limits.input_bytes)))
        except UnreadableInput as error:
            failures.append(error.reason + f" ({name})")
            continue
        if damage is not None:
            failures.append(f"{name}:{damage.line}: {damage.reason}")
            continue
        count += 1
        yield _sample(record(value), model, f"/{name}")
    file.notes.extend(f"not read: {failure}" for failure in failures[:12])
    if not count:
        raise UnreadableInput(file.name, failures[0] if failures else "the log holds no samples")


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _sample(sample: Mapping[str, Any], model: str, pointer: str) -> Conversation:
    attachments = record(sample.get("attachments"))
    sample = record(_resolved(sample, attachments, 0))
    epoch = sample.get("epoch")
    identity = str(sample.get("id", ""))
    made = Conversation([], id=f"{identity} (epoch {epoch})" if isinstance(epoch, int) else identity or None)
    made.model = string(at(sample, "output", "model")) or model or None
    values = array(sample.get("messages")) or _pooled(sample)
    messages, made.lost = chat(values, f"{pointer}/messages")
    output = records(at(sample, "output", "choices"))
    if not any(each.role is Role.ASSISTANT for each in messages):
        if not messages:
            messages = _input(sample.get("input"), f"{pointer}/input")
        for index, choice in enumerate(output):
            one = message(record(choice.get("message")), f"{pointer}/output/choices/{index}/message")
            if one is not None:
                one.track = "regeneration" if index else ""
                messages.append(one)
    last = next((each for each in reversed(messages) if each.role is Role.ASSISTANT), None)
    if last is not None and output and string(output[0].get("stop_reason")) in CUT_OFF:
        last.cut_off = True
    made.messages = joined(messages)
    error = at(sample, "error", "message")
    if isinstance(error, str) and error:
        made.notes.append(f"the sample ended with an error: {error[:200]}")
    return made


def _input(value: Any, pointer: str) -> list[Message]:
    if isinstance(value, str):
        one = Message(Role.USER, pointer=pointer)
        one.say(value, pointer=pointer)
        return [one] if one.parts else []
    return chat(array(value), pointer)[0]


def _pooled(sample: Mapping[str, Any]) -> list[Any]:
    """Messages kept once in a pool of the sample's events."""
    pool = at(sample, "events_data", "messages")
    if isinstance(pool, dict):
        return list(pool.values())
    return array(pool)


def _resolved(value: Any, attachments: Mapping[str, Any], depth: int) -> Any:
    """``value`` with references to attachments replaced by what they stand for."""
    if not attachments or depth > 24:
        return value
    if isinstance(value, str):
        if value.startswith(_ATTACHMENT):
            found = attachments.get(value.removeprefix(_ATTACHMENT))
            return found if isinstance(found, str) else value
        return value
    if isinstance(value, list):
        return [_resolved(item, attachments, depth + 1) for item in value]
    if isinstance(value, dict):
        return {
            key: item if key in {"attachments", "events"} else _resolved(item, attachments, depth + 1)
            for key, item in value.items()
        }
    return value
