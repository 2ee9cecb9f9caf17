"""Small files of every format, shaped as the tools write them; each holds the same short chat.

`SAMPLES` has one builder a format; `TRAPS` the awkward but valid things each format does.
"""

from __future__ import annotations

import io
import json
import struct
import zipfile
import zlib
from typing import Any

import zstandard

ASKED = "Minimise ‖y − Xw‖² + λ‖w‖². (a) closed form?"
ANSWERED = "**(a)** Setting the gradient to zero,\n$$\\hat w=(X^\\top X+\\lambda I)^{-1}X^\\top y.$$\n"
LATEX = "\\hat w=(X^\\top X+\\lambda I)^{-1}X^\\top y"
THOUGHT = "Maybe $w=X^{-1}y$? No."


def dumps(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def lines(*values: Any) -> bytes:
    return b"\n".join(dumps(value) for value in values) + b"\n"


def zipped(**members: bytes) -> bytes:
    return zipped_members({name.replace("__", "/"): data for name, data in members.items()})


def zipped_members(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def zstd_zip(members: dict[str, bytes]) -> bytes:
    """A zip whose members use method 93, as Inspect writes them and the standard library does not read."""
    out, central = b"", b""
    for name, data in members.items():
        packed = zstandard.ZstdCompressor().compress(data)
        encoded = name.encode()
        common = struct.pack("<HHHHHIIIHH", 63, 0, 93, 0, 33, zlib.crc32(data), len(packed), len(data), len(encoded), 0)
        central += (
            b"PK\x01\x02" + struct.pack("<H", 63) + common + struct.pack("<HHHII", 0, 0, 0, 0, len(out)) + encoded
        )
        out += b"PK\x03\x04" + common + encoded + packed
    end = struct.pack("<HHHHIIH", 0, 0, len(members), len(members), len(central), len(out), 0)
    return out + central + b"PK\x05\x06" + end


def node(
    key: str, parent: str | None, children: list[str], role: str = "", text: Any = None, **more: Any
) -> dict[str, Any]:
    message = None
    if role:
        content = text if isinstance(text, dict) else {"content_type": "text", "parts": [text]}
        message = {
            "id": key, "author": {"role": role, "name": None, "metadata": {}}, "create_time": float(len(key)), "content": content,
            "status": "finished_successfully", "end_turn": True, "weight": 1.0, "recipient": "all", "metadata": {}, **more,
        }  # fmt: skip
    return {"id": key, "message": message, "parent": parent, "children": children}


def chatgpt_conversation(title: str = "Ridge") -> dict[str, Any]:
    nodes = [
        node("root", None, ["s"]),
        node("s", "root", ["u"], "system", "", metadata={"is_visually_hidden_from_conversation": True}),
        node("u", "s", ["a"], "user", ASKED),
        node("a", "u", [], "assistant", ANSWERED, metadata={"model_slug": "gpt-4o"}),
    ]
    return {
        "title": title, "create_time": 1.0, "update_time": 2.0, "mapping": {each["id"]: each for each in nodes}, "moderation_results": [],
        "current_node": "a", "conversation_id": "c1", "id": "c1", "default_model_slug": "auto",
    }  # fmt: skip


def claude_conversation(**more: Any) -> dict[str, Any]:
    def said(uuid: str, sender: str, text: str, parent: str | None) -> dict[str, Any]:
        found = {
            "uuid": uuid, "text": text, "content": [{"type": "text", "text": text, "citations": []}], "sender": sender,
            "created_at": f"2026-01-01T00:00:0{len(uuid)}Z", "attachments": [], "files": [],
        }  # fmt: skip
        return found if parent is None else {**found, "parent_message_uuid": parent}

    root = "00000000-0000-4000-8000-000000000000"
    return {
        "uuid": "c1", "name": "Ridge", "created_at": "2026-01-01T00:00:00Z", "account": {"uuid": "x"},
        "chat_messages": [said("u", "human", ASKED, root), said("aa", "assistant", ANSWERED, "u")], **more,
    }  # fmt: skip


def deepseek_conversation() -> dict[str, Any]:
    def said(model: str, *fragments: tuple[str, str]) -> dict[str, Any]:
        return {
            "files": [], "model": model, "inserted_at": "2026-01-01T00:00:00+08:00",
            "fragments": [{"type": kind, "content": text} for kind, text in fragments],
        }  # fmt: skip

    return {
        "id": "d1", "title": "Ridge", "inserted_at": "2026-01-01T00:00:00+08:00", "updated_at": "2026-01-01T00:00:00+08:00",
        "mapping": {
            "root": {"id": "root", "parent": None, "children": ["1"], "message": None},
            "1": {"id": "1", "parent": "root", "children": ["2"], "message": said("deepseek-chat", ("REQUEST", ASKED))},
            "2": {"id": "2", "parent": "1", "children": [], "message": said("deepseek-reasoner", ("THINK", THOUGHT), ("RESPONSE", ANSWERED))},
        },
    }  # fmt: skip


KATEX = (
    '<span class="katex-display"><span class="katex-base"><span class="katex-mathml"><math xmlns="http://www.w3.org/1998/Math/MathML" display="block">'
    '<semantics><mrow><mi>w</mi></mrow><annotation encoding="application/x-tex">'
    + LATEX
    + "</annotation></semantics></math></span>"
    '<span class="katex-html" aria-hidden="true"><span class="base">ŵ=(X⊤X+λI)−1X⊤y</span></span></span></span>'
)


def chat_page(answer: str = "<p><strong>(a)</strong> Setting the gradient to zero,</p>" + KATEX) -> str:
    return f"""<!DOCTYPE html><html><head><title>Ridge</title><style>p {{color: red}}</style></head><body>
<nav>New chat</nav><main>
<article data-testid="conversation-turn-1"><h5 class="sr-only">You said:</h5>
<div data-message-author-role="user" data-message-id="m1"><div class="whitespace-pre-wrap">{ASKED}</div></div></article>
<article data-testid="conversation-turn-2"><h6 class="sr-only">ChatGPT said:</h6>
<div data-message-author-role="assistant" data-message-id="m2" data-message-model-slug="gpt-4o"><div class="markdown prose">{answer}</div></div>
<button aria-label="Copy">Copy</button></article></main><script>var x = 1;</script></body></html>"""


MESSAGES = [{"role": "user", "content": ASKED}, {"role": "assistant", "content": ANSWERED}]


def inspect_sample(**more: Any) -> dict[str, Any]:
    return {
        "id": "q1", "epoch": 1, "input": ASKED, "target": "x", "messages": [{**MESSAGES[0], "source": "input"}, {**MESSAGES[1], "source": "generate"}],
        "output": {"model": "mockllm/model", "choices": [{"message": MESSAGES[1], "stop_reason": "stop"}]}, "scores": {}, "attachments": {}, "events": [],
        **more,
    }  # fmt: skip


INSPECT_HEADER = {"version": 2, "status": "success", "eval": {"task": "t", "model": "mockllm/model"}, "plan": {}}


def lm_eval_row(filter: str = "none") -> dict[str, Any]:
    return {
        "doc_id": 0, "doc": {"question": ASKED}, "target": "x", "arguments": {"gen_args_0": {"arg_0": ASKED, "arg_1": {"until": []}}},
        "resps": [[ANSWERED]], "filtered_resps": ["y"], "filter": filter, "metrics": ["exact_match"],
        "doc_hash": "a", "prompt_hash": "b", "target_hash": "c", "exact_match": 0.0,
    }  # fmt: skip


def promptfoo_row(**more: Any) -> dict[str, Any]:
    return {
        "id": "r1", "testIdx": 0, "promptIdx": 0, "prompt": {"raw": ASKED, "label": ASKED}, "provider": {"id": "echo", "label": ""},
        "vars": {}, "response": {"output": ANSWERED, "cached": False}, "success": True, "score": 1, "latencyMs": 3, **more,
    }  # fmt: skip


def notebook(*cells: tuple[str, str]) -> dict[str, Any]:
    made = []
    for kind, source in cells:
        cell: dict[str, Any] = {"cell_type": kind, "metadata": {}, "source": source.splitlines(keepends=True)}
        if kind == "code":
            cell |= {
                "execution_count": 1,
                "outputs": [{"output_type": "execute_result", "data": {"text/plain": ["w = 3"]}, "metadata": {}}],
            }
        made.append(cell)
    return {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"kernelspec": {"language": "python", "name": "python3"}},
        "cells": made,
    }


def agent_line(uuid: str, parent: str | None, role: str, content: Any, **more: Any) -> dict[str, Any]:
    message = {"role": role, "content": content}
    if role == "assistant":
        message |= {"model": "claude-sonnet-4", "id": "msg", "type": "message", "stop_reason": None}
    return {"parentUuid": parent, "isSidechain": False, "sessionId": "s1", "type": role, "message": message, "uuid": uuid,
            "timestamp": f"2026-01-01T00:00:{len(uuid):02}Z", **more}  # fmt: skip


def response_object(**more: Any) -> dict[str, Any]:
    return {
        "id": "resp_1", "object": "response", "status": "completed", "model": "gpt-4.1", "input": ASKED,
        "output": [
            {"type": "reasoning", "id": "rs", "summary": [{"type": "summary_text", "text": THOUGHT}]},
            {"type": "message", "id": "m", "status": "completed", "role": "assistant", "content": [{"type": "output_text", "text": ANSWERED, "annotations": []}]},
        ], **more,
    }  # fmt: skip


ANTHROPIC_MESSAGE = {
    "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-sonnet-4-5", "stop_reason": "end_turn",
    "content": [{"type": "thinking", "thinking": THOUGHT, "signature": "x"}, {"type": "text", "text": ANSWERED}],
}  # fmt: skip

SAMPLES: dict[str, bytes] = {
    "chatgpt-export": dumps([chatgpt_conversation()]),
    "claude-export": dumps([claude_conversation()]),
    "deepseek-export": dumps([deepseek_conversation()]),
    "gemini-takeout": dumps(
        [{"header": "Gemini Apps", "title": f"Prompted {ASKED}", "time": "2026-01-01T00:00:00Z", "products": ["Gemini Apps"],
          "safeHtmlItem": [{"html": f"<p><b>(a)</b> Setting the gradient to zero,</p>{KATEX}"}]}]
    ),
    "ai-studio": dumps(
        {"runSettings": {"model": "models/gemini-2.5-pro"}, "systemInstruction": {}, "chunkedPrompt": {"chunks": [
            {"text": ASKED, "role": "user", "tokenCount": 9}, {"text": THOUGHT, "role": "model", "isThought": True},
            {"text": ANSWERED, "role": "model", "finishReason": "STOP"}], "pendingInputs": []}}
    ),
    "openai-chat": dumps({"model": "gpt-4o", "messages": MESSAGES}),
    "openai-responses": dumps(response_object()),
    "anthropic-messages": dumps({"model": "claude-sonnet-4-5", "max_tokens": 9, "system": "Be brief.", "messages": [
        {"role": "user", "content": ASKED}, {"role": "assistant", "content": ANTHROPIC_MESSAGE["content"]}]}),
    "batch-output": lines(
        {"id": "b", "custom_id": "q1", "response": {"status_code": 200, "request_id": "r", "body": {"object": "chat.completion", "model": "gpt-4o",
         "choices": [{"index": 0, "message": MESSAGES[1], "finish_reason": "stop"}]}}, "error": None},
        {"custom_id": "q2", "result": {"type": "succeeded", "message": ANTHROPIC_MESSAGE}},
    ),
    "sharegpt": dumps([{"id": "x", "conversations": [{"from": "human", "value": ASKED}, {"from": "gpt", "value": ANSWERED}]}]),
    "prompt-completion": lines({"prompt": ASKED, "completion": ANSWERED}, {"prompt": ASKED, "completion": ANSWERED}),
    "agent-session": lines(
        {"type": "summary", "summary": "Ridge", "leafUuid": "aa"},
        agent_line("u", None, "user", ASKED),
        agent_line("a", "u", "assistant", [{"type": "thinking", "thinking": THOUGHT, "signature": ""}]),
        agent_line("aa", "a", "assistant", [{"type": "text", "text": ANSWERED}]),
    ),
    "inspect-log": zstd_zip({"header.json": dumps(INSPECT_HEADER), "samples/q1_epoch_1.json": dumps(inspect_sample())}),
    "lm-eval": lines(lm_eval_row()),
    "promptfoo": dumps({"evalId": "e", "results": {"version": 3, "timestamp": "t", "prompts": [], "results": [promptfoo_row()], "stats": {}}}),
    "notebook": dumps(notebook(("markdown", f"**User:**\n{ASKED}"), ("markdown", f"**Assistant:**\n{ANSWERED}"), ("code", "w = inv(X.T @ X) @ X.T @ y"))),
    "html": chat_page().encode(),
    "text": f"User: {ASKED}\n\nAssistant: {ANSWERED}".encode(),
}  # fmt: skip
