"""Saved pages of chats: the page's own data where it carries them, else elements that say who speaks, else labels.

Formulas come from TeX annotations, attributes, MathJax scripts or MathML, once each.
"""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Callable, Iterator

from bs4 import Tag

from llmgrade.errors import UnreadableInput
from llmgrade.limits import Limits
from llmgrade.reading.blocks import role_of
from llmgrade.reading.chatgpt_shape import conversation
from llmgrade.reading.conversation import Conversation, Message, Part
from llmgrade.reading.html_text import Converted, classes_of, convert, keep_lines, mark_kept_lines, shows_raw_text, soup
from llmgrade.reading.labels import find_labels, model_named
from llmgrade.reading.opening import Input
from llmgrade.reading.page_payload import payloads
from llmgrade.transcript.model import Role, Setting

__all__ = ["read", "sniff"]

_START = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body|main|article)\b",
    re.IGNORECASE | re.DOTALL,
)
_TAGS = re.compile(r"</(?:p|div|span|article|section|li|table|math)>", re.IGNORECASE)
_MHTML = re.compile(r"\A(?:[\w-]+:.*\n(?:[ \t].*\n)*){1,20}", re.MULTILINE)
_WHOLE = re.compile(r"<(?:html|body)\b", re.IGNORECASE)
_PAGE_END = re.compile(r"</(?:html|body)\s*>", re.IGNORECASE)
_ARCHIVE_END = re.compile(r"^--.+--\s*\Z", re.MULTILINE)
_TORN = "the page ends in its middle: it was cut off, and what came after is lost"
_USER_CLASS = re.compile(
    r"(?:^|[-_])(?:user|human|prompt|query|question|you|me)(?:$|[-_](?:message|query|turn|msg|bubble|text|content|prompt|row)$)",
    re.IGNORECASE,
)
_MODEL_CLASS = re.compile(
    r"(?:^|[-_])(?:assistant|bot|ai|model|claude|chatgpt|gpt|gemini|response|answer)(?:$|[-_](?:message|response|turn|msg|bubble|text|content|answer|row)$)",
    re.IGNORECASE,
)
_ROLE_ATTRIBUTES = (
    "data-message-author-role",
    "data-turn",
    "data-role",
    "data-author",
    "data-sender",
    "data-from",
    "data-message-role",
    "data-speaker",
)
_THOUGHT = re.compile(r"thinking|reasoning|thought", re.IGNORECASE)


def sniff(file: Input) -> float:
    """HTML's first tag (or a web archive's header), or many tags of its kind."""
    if file.archive is not None or file.looks_json or file.large:
        return 0.0
    head = file.start[:20_000]
    if _START.match(head):
        return 0.9
    if _mhtml(head):
        return 0.9
    if head.lstrip()[:1] == "<" and len(_TAGS.findall(head)) >= 3:
        return 0.6
    return 0.0


def _mhtml(head: str) -> bool:
    top = head[:3000].lower()
    return (
        "mime-version:" in top
        and ("multipart/related" in top or "content-type: text/html" in top)
        and top.startswith(("from:", "mime-version:", "subject:", "snapshot"))
    )


def read(file: Input, limits: Limits) -> Iterator[Conversation]:
    """The conversations of a page: one, or as many as its data hold."""
    archived = _mhtml(file.start)
    text = _unpacked(file) if archived else file.text
    torn = _torn(text) or (archived and not _ARCHIVE_END.search(file.text[-200:]))
    found = [conversation(item, "") for item in payloads(text)]
    found = [each for each in found if each.messages]
    if found:
        for each in found:
            each.notes.append("read from the data the page carries")
            each.notes.extend([_TORN] * torn)
            yield each
        return
    page = soup(text, file.name)
    mark_kept_lines(page)
    made = _by_elements(page)
    if made is None:
        made = _by_labels(page)
    if not made.messages:
        raise UnreadableInput(file.name, "the page has no text", hint="save it after it has loaded, as a complete page")
    title = page.find("title")
    made.title = " ".join(title.get_text().split()) or None if isinstance(title, Tag) else None
    made.attempts_inferred = True
    made.notes.extend(file.decoded.notes)
    made.notes.extend([_TORN] * torn)
    yield made


def _torn(text: str) -> bool:
    """Whether a whole page ends before its end."""
    return bool(_WHOLE.search(text[:20_000])) and not _PAGE_END.search(text[-4000:])


def _unpacked(file: Input) -> str:
    """The page inside a web archive."""
    message = email.message_from_bytes(file.data, policy=email.policy.default)
    for part in message.walk():
        if part.get_content_type() == "text/html":
            payload = part.get_payload(decode=True)
            if isinstance(payload, bytes):
                return payload.decode(part.get_content_charset() or "utf-8", "replace").replace("\r\n", "\n")
    raise UnreadableInput(file.name, "there is no page in this web archive")


def _by_elements(page: Tag) -> Conversation | None:
    for rule in _RULES:
        found: list[tuple[Tag, Role]] = []
        for node in page.find_all(True):
            role = rule(node)
            if role is not None and not any(parent is other for other, _ in found[-3:] for parent in node.parents):
                found.append((node, role))
        roles = {role for _, role in found}
        if Role.ASSISTANT in roles and (Role.USER in roles or rule is _by_attribute):
            return _conversation(found)
    return None


def _by_attribute(node: Tag) -> Role | None:
    for attribute in _ROLE_ATTRIBUTES:
        value = node.get(attribute)
        if isinstance(value, str):
            role = role_of(value)
            if role is not None:
                return role
    return None


def _by_tag(node: Tag) -> Role | None:
    if node.name == "user-query" or node.get("data-testid") in {"user-message", "user-query"}:
        return Role.USER
    if node.name in {"model-response", "message-content"} or node.get("data-testid") in {
        "assistant-message",
        "bot-message",
        "model-response",
    }:
        return Role.ASSISTANT
    joined = " ".join(classes_of(node))
    if "font-claude-message" in joined or "font-claude-response" in joined:
        return Role.ASSISTANT
    if "font-user-message" in joined:
        return Role.USER
    return None


def _by_class(node: Tag) -> Role | None:
    if node.name in {
        "html",
        "body",
        "script",
        "style",
        "code",
        "span",
        "button",
        "svg",
        "path",
        "img",
        "a",
    }:
        return None
    for name in classes_of(node):
        if len(name) > 40:
            continue
        if _USER_CLASS.search(name):
            return Role.USER
        if _MODEL_CLASS.search(name):
            return Role.ASSISTANT
    return None


_RULES: tuple[Callable[[Tag], Role | None], ...] = (_by_attribute, _by_tag, _by_class)


def _conversation(found: list[tuple[Tag, Role]]) -> Conversation:
    made = Conversation([])
    for node, role in found:
        last = made.messages[-1] if made.messages else None
        one = Message(role, pointer=_pointer(node, len(made.messages) + 1))
        if role is Role.USER:  # pages show a prompt's lines as they were typed, whatever their style sheets are called
            for each in (node, *node.find_all(True)):
                if shows_raw_text(each):
                    keep_lines(each)
        _speak(one, node)
        if not one.parts:
            continue
        slug = node.get("data-message-model-slug")
        if isinstance(slug, str) and slug:
            made.model = slug
        if last is not None and last.role is Role.ASSISTANT and role in {Role.ASSISTANT, Role.TOOL}:
            if role is Role.TOOL:
                for part in one.parts:
                    part.setting = Setting.TOOL_RESULT
            last.parts.extend(one.parts)
        else:
            made.messages.append(one)
    return made


def _speak(message: Message, node: Tag) -> None:
    """An element's words; what it marks as thinking first."""
    marked = [
        *node.find_all(["details", "div", "section"], attrs={"class": _THOUGHT}),
        *node.find_all("model-thoughts"),
    ]
    for thought in marked:
        if any(parent is other for parent in thought.parents for other in marked):
            continue
        converted = convert(thought)
        _add(message, converted, Setting.THINKING)
        thought.extract()
    _add(message, convert(node), Setting.ANSWER)


def _add(message: Message, converted: Converted, setting: Setting) -> None:
    if converted.text.strip():
        message.parts.append(Part(converted.text, setting, message.pointer, pieces=converted.pieces()))


def _pointer(node: Tag, number: int) -> str:
    """What leads to a message in its page: an id of its own or around it, else its number."""
    for each in (node, *list(node.parents)[:3]):
        for attribute in ("data-message-id", "id", "data-turn-id", "data-testid"):
            value = each.get(attribute)
            if isinstance(value, str) and value and (attribute != "data-testid" or value[-1].isdigit()):
                return f"#{value}"
    return f"message {number}"


def _by_labels(page: Tag) -> Conversation:
    """Speakers told by lines of the page's text; else the page is one answer."""
    body = page.find("body")
    converted = convert(body if isinstance(body, Tag) else page)
    text = converted.text
    labels = find_labels(text)
    made = Conversation([])
    if not labels:
        one = Message(Role.ASSISTANT)
        _add(one, converted, Setting.ANSWER)
        made.messages = [one] if one.parts else []
        made.notes.append("the page names no speakers: taken for one answer")
        return made
    for index, label in enumerate(labels):
        stop = labels[index + 1].start if index + 1 < len(labels) else len(text)
        start = label.content
        while start < stop and text[start].isspace():
            start += 1
        formulas = [(a - start, b - start) for a, b in converted.formulas if start <= a and b <= stop]
        one = Message(label.role)
        _add(one, Converted(text[start:stop].rstrip(), formulas), Setting.ANSWER)
        if one.parts:
            made.messages.append(one)
        if label.role is Role.ASSISTANT:
            made.model = made.model or model_named(label.words)
    if text[: labels[0].start].strip():
        made.notes.append(f"before the first speaker: {' '.join(text[: labels[0].start].split())[:200]!r}")
    return made
