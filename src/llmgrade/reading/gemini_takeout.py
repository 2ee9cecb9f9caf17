"""Gemini in Google Takeout: one activity a record, newest first, answers as HTML, and no conversation to join them.

Records are never joined: nothing in the file says which question followed which.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from llmgrade.limits import Limits
from llmgrade.reading.conversation import Conversation, Message, Part, answered
from llmgrade.reading.fields import array, record, records, string
from llmgrade.reading.opening import Input
from llmgrade.transcript.model import Role, Setting

__all__ = ["read", "sniff"]

_PROMPTED = re.compile(
    r"^(?:Prompted|Asked|Said|Eingegebener Prompt:?|Prompt eingegeben:?|Preguntaste|Le preguntaste a Gemini|Has preguntado|Requête|Invite"
    r"|Vous avez demandé|Prompt inserito:?|Enviou o comando|已提示|已输入提示|プロンプト)[:：]?\s+",
    re.IGNORECASE,
)


def sniff(file: Input) -> float:
    """Records with ``header: Gemini Apps`` (or Bard) and ``title``."""
    for item in file.some:
        found = record(item)
        gemini = re.match(r"(?:Gemini|Bard)\b", string(found.get("header"))) or any(
            re.match(r"(?:Gemini|Bard)\b", string(product)) for product in array(found.get("products"))
        )
        if gemini and "title" in found:
            return 0.95
    return 0.0


def read(file: Input, limits: Limits) -> Iterator[Conversation]:
    """One conversation a prompt; activities without an answer are counted and left out."""
    several = not isinstance(file.value, dict)
    found = (
        _conversation(record(item), f"/{index}" if several else "", file.name)
        for index, item in enumerate(file.items())
    )
    yield from answered(found, file.notes, "activity", "activities")


def _conversation(item: Mapping[str, Any], pointer: str, name: str) -> Conversation | None:
    from llmgrade.reading.html_text import convert, soup  # the HTML library is loaded for no other JSON

    answers = records(item.get("safeHtmlItem"))
    if not answers:
        return None
    made = Conversation([], id=string(item.get("time")) or None, attempts_inferred=True)
    title = string(item.get("title"))
    asked = Message(Role.USER, pointer=f"{pointer}/title")
    asked.say(_PROMPTED.sub("", title) or title, pointer=f"{pointer}/title")
    for index, attached in enumerate(array(item.get("attachedFiles"))):
        asked.say(f"[file {attached}]", Setting.HIDDEN, f"{pointer}/attachedFiles/{index}")
    if asked.parts:
        made.messages.append(asked)
    for index, answer in enumerate(answers):
        where = f"{pointer}/safeHtmlItem/{index}/html"
        converted = convert(soup(string(answer.get("html")), name))
        if converted.text:
            one = Message(Role.ASSISTANT, track="regeneration" if index else "", pointer=where)
            one.parts.append(Part(converted.text, pointer=where, pieces=converted.pieces()))
            made.messages.append(one)
    if made.messages:
        made.notes.append("Takeout does not say which prompts belong to one conversation; each stands alone")
    return made if any(message.role is Role.ASSISTANT for message in made.messages) else None
