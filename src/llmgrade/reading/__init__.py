"""Files → transcripts. `FORMATS` is the table of what is read; `read` and `read_each` are the doors.

A format is told by its content, never by its name: every row's ``sniff`` looks, and the surest is taken. A new format
is one new file and one row here, or a package with an entry point in the group ``llmgrade.readers`` whose value is a
`Format`.
"""

from __future__ import annotations

from llmgrade.reading import (
    agent_session,
    ai_studio,
    anthropic_messages,
    batch_output,
    chatgpt_export,
    claude_export,
    deepseek_export,
    gemini_takeout,
    html_page,
    inspect_log,
    lm_eval,
    notebook,
    openai_chat,
    openai_responses,
    pdf_file,
    pdf_text,
    plain_text,
    prompt_completion,
    promptfoo,
    sharegpt,
)
from llmgrade.reading.doors import Door
from llmgrade.reading.model import Format

__all__ = ["FORMATS", "Format", "read", "read_each", "read_lazily"]

FORMATS: tuple[Format, ...] = (
    Format(
        "chatgpt-export",
        "ChatGPT data export (conversations.json, its shards, or the zip)",
        "conversations with a `mapping` of nodes and a `current_node`; streamed, so the size does not matter; regenerations and "
        "edited prompts are kept apart from the current branch",
        chatgpt_export.sniff,
        chatgpt_export.read,
    ),
    Format(
        "claude-export",
        "Claude data export (conversations.json or the zip)",
        "conversations with `chat_messages`: a flat list in old files, a tree by `parent_message_uuid` in newer ones",
        claude_export.sniff,
        claude_export.read,
    ),
    Format(
        "deepseek-export",
        "DeepSeek data export",
        "a `mapping` of nodes beside `inserted_at`, under the same file name as ChatGPT's",
        deepseek_export.sniff,
        deepseek_export.read,
    ),
    Format(
        "gemini-takeout",
        "Gemini activity from Google Takeout",
        "records with `header: Gemini Apps` and `safeHtmlItem`; each prompt stands alone, for Takeout names no conversations",
        gemini_takeout.sniff,
        gemini_takeout.read,
    ),
    Format(
        "ai-studio",
        "Google AI Studio prompt, or Gemini API request and response",
        "`chunkedPrompt.chunks`, or `contents` and `candidates` made of `parts`",
        ai_studio.sniff,
        ai_studio.read,
    ),
    Format(
        "openai-chat",
        "OpenAI chat messages, requests and responses (JSON or JSONL)",
        "`messages` of `role` and `content`, a bare list or lines of such messages, or `choices` with a `message`",
        openai_chat.sniff,
        openai_chat.read,
    ),
    Format(
        "openai-responses",
        "OpenAI Responses API (JSON or JSONL)",
        "`object: response`, or `output` items of type `message`, `reasoning`, `function_call`",
        openai_responses.sniff,
        openai_responses.read,
    ),
    Format(
        "anthropic-messages",
        "Anthropic messages, requests and responses (JSON or JSONL)",
        "`type: message` with blocks, or `messages` with thinking or tool blocks, a `claude` model or a top-level `system`",
        anthropic_messages.sniff,
        anthropic_messages.read,
    ),
    Format(
        "batch-output",
        "Batch API output of OpenAI or Anthropic (JSONL)",
        "lines with a `custom_id` beside `response.body` or `result`; several `choices` are samples",
        batch_output.sniff,
        batch_output.read,
    ),
    Format(
        "sharegpt",
        "ShareGPT conversations (JSON or JSONL)",
        "`conversations` whose elements have `from` and `value`",
        sharegpt.sniff,
        sharegpt.read,
    ),
    Format(
        "prompt-completion",
        "records of a question and its answer (JSON or JSONL)",
        "`prompt` and `completion`, `instruction` and `output`, `question` and `response`, and their kin; a list of answers is samples",
        prompt_completion.sniff,
        prompt_completion.read,
    ),
    Format(
        "agent-session",
        "session of a coding agent (JSONL)",
        "lines chained by `uuid` and `parentUuid`, or lines of `type: response_item` with a `payload`",
        agent_session.sniff,
        agent_session.read,
    ),
    Format(
        "inspect-log",
        "Inspect AI log (.eval or JSON)",
        "a zip with `header.json` and `samples/`, Zstandard too, or JSON with `version`, `eval` and `samples`",
        inspect_log.sniff,
        inspect_log.read,
    ),
    Format(
        "lm-eval",
        "lm-evaluation-harness samples (JSONL)",
        "`doc_id` beside `resps`; the raw responses are read, once a document whatever the filters",
        lm_eval.sniff,
        lm_eval.read,
    ),
    Format(
        "promptfoo",
        "promptfoo results (JSON or JSONL)",
        "`results.results` rows with `prompt.raw` and `response`",
        promptfoo.sniff,
        promptfoo.read,
    ),
    Format(
        "notebook",
        "Jupyter notebook",
        "`nbformat` beside `cells`; Markdown cells are what is said, code cells code, outputs results",
        notebook.sniff,
        notebook.read,
    ),
    Format(
        "html",
        "saved page of a chat (HTML or MHTML)",
        "HTML's first tag; speakers by the page's data, by elements that name a role, or by labels; formulas from TeX annotations, "
        "attributes, MathJax scripts or MathML, once each",
        html_page.sniff,
        html_page.read,
    ),
    Format(
        "pdf",
        "PDF of a printed chat page",
        "begins with %PDF; formulas are rebuilt from the glyphs' places, turns told by bubbles, indents or speakers' names; needs "
        "the `pdf` extra",
        pdf_file.sniff,
        pdf_file.read,
    ),
    Format(
        "pdf-text",
        "text out of a PDF printout of a chat page",
        "pages with the printer's furniture, and formulas torn out of the prose into short lines after it",
        pdf_text.sniff,
        pdf_text.read,
    ),
    Format(
        "text",
        "Markdown or plain text",
        "any text nothing else claims; speakers by lines such as “User:”, “**You said:**”, “## Prompt”, “Usuario:”, 🤖, or a chat "
        "template's tokens; without such lines it is one answer, or a request and its answer, and says so",
        plain_text.sniff,
        plain_text.read,
    ),
)

_door = Door(FORMATS)
read = _door.read
read_each = _door.read_each
read_lazily = _door.read_lazily
