"""Files → transcripts. `FORMATS` is the table of what is read; `read` and `read_each` are the doors.

A format is told by its content, never by its name: every row's ``sniff`` looks, and the surest is taken. A new format
is one new file and one row here, or a package with an entry point in the group ``llmgrade.readers`` whose value is a
`Format`. A reader is imported only when a file is there that could be its own: short text should not wait for PDF.
"""

from __future__ import annotations

from llmgrade.reading.doors import Door
from llmgrade.reading.model import Format, Looks, reader, sniffer

__all__ = ["FORMATS", "Format", "read", "read_each", "read_first", "read_lazily"]

_JSON = frozenset({Looks.JSON})
_PAGE = frozenset({Looks.PAGE})
_PDF = frozenset({Looks.PDF})
_TEXT = frozenset({Looks.TEXT})
_ANY = frozenset({Looks.JSON, Looks.PAGE, Looks.TEXT})

FORMATS: tuple[Format, ...] = (
    Format(
        "chatgpt-export",
        "ChatGPT data export (conversations.json, its shards, or the zip)",
        "conversations with a `mapping` of nodes and a `current_node`; streamed, so the size does not matter; regenerations and "
        "edited prompts are kept apart from the current branch",
        sniffer("llmgrade.reading.chatgpt_export"),
        reader("llmgrade.reading.chatgpt_export"),
        _JSON,
    ),
    Format(
        "claude-export",
        "Claude data export (conversations.json or the zip)",
        "conversations with `chat_messages`: a flat list in old files, a tree by `parent_message_uuid` in newer ones",
        sniffer("llmgrade.reading.claude_export"),
        reader("llmgrade.reading.claude_export"),
        _JSON,
    ),
    Format(
        "deepseek-export",
        "DeepSeek data export",
        "a `mapping` of nodes beside `inserted_at`, under the same file name as ChatGPT's",
        sniffer("llmgrade.reading.deepseek_export"),
        reader("llmgrade.reading.deepseek_export"),
        _JSON,
    ),
    Format(
        "gemini-takeout",
        "Gemini activity from Google Takeout",
        "records with `header: Gemini Apps` and `safeHtmlItem`; each prompt stands alone, for Takeout names no conversations",
        sniffer("llmgrade.reading.gemini_takeout"),
        reader("llmgrade.reading.gemini_takeout"),
        _JSON,
    ),
    Format(
        "ai-studio",
        "Google AI Studio prompt, or Gemini API request and response",
        "`chunkedPrompt.chunks`, or `contents` and `candidates` made of `parts`",
        sniffer("llmgrade.reading.ai_studio"),
        reader("llmgrade.reading.ai_studio"),
        _JSON,
    ),
    Format(
        "openai-evals",
        "OpenAI hosted evals, exported output items (JSON or JSONL)",
        "`datasource_item` beside a `sample` with its `input` and `output` messages",
        sniffer("llmgrade.reading.hosted_evals"),
        reader("llmgrade.reading.hosted_evals"),
        _JSON,
    ),
    Format(
        "evals-log",
        "Event log of OpenAI's open `evals` framework (JSONL)",
        "a first line with a `spec` that has an `eval_name`, or events with `event_id` and `sample_id`",
        sniffer("llmgrade.reading.eval_events"),
        reader("llmgrade.reading.eval_events"),
        _JSON,
    ),
    Format(
        "openai-chat",
        "OpenAI chat messages, requests and responses (JSON or JSONL)",
        "`messages` of `role` and `content`, a bare list or lines of such messages, or `choices` with a `message`",
        sniffer("llmgrade.reading.openai_chat"),
        reader("llmgrade.reading.openai_chat"),
        _JSON,
    ),
    Format(
        "openai-responses",
        "OpenAI Responses API (JSON or JSONL)",
        "`object: response`, or `output` items of type `message`, `reasoning`, `function_call`",
        sniffer("llmgrade.reading.openai_responses"),
        reader("llmgrade.reading.openai_responses"),
        _JSON,
    ),
    Format(
        "anthropic-messages",
        "Anthropic messages, requests and responses (JSON or JSONL)",
        "`type: message` with blocks, or `messages` with thinking or tool blocks, a `claude` model or a top-level `system`",
        sniffer("llmgrade.reading.anthropic_messages"),
        reader("llmgrade.reading.anthropic_messages"),
        _JSON,
    ),
    Format(
        "batch-output",
        "Batch API output of OpenAI or Anthropic (JSONL)",
        "lines with a `custom_id` beside `response.body` or `result`; several `choices` are samples",
        sniffer("llmgrade.reading.batch_output"),
        reader("llmgrade.reading.batch_output"),
        _JSON,
    ),
    Format(
        "sharegpt",
        "ShareGPT conversations (JSON or JSONL)",
        "`conversations` whose elements have `from` and `value`",
        sniffer("llmgrade.reading.sharegpt"),
        reader("llmgrade.reading.sharegpt"),
        _JSON,
    ),
    Format(
        "prompt-completion",
        "records of a question and its answer (JSON or JSONL)",
        "`prompt` and `completion`, `instruction` and `output`, `question` and `response`, and their kin; a list of answers is samples",
        sniffer("llmgrade.reading.prompt_completion"),
        reader("llmgrade.reading.prompt_completion"),
        _JSON,
    ),
    Format(
        "agent-session",
        "session of a coding agent (JSONL)",
        "lines chained by `uuid` and `parentUuid`, or lines of `type: response_item` with a `payload`",
        sniffer("llmgrade.reading.agent_session"),
        reader("llmgrade.reading.agent_session"),
        _JSON,
    ),
    Format(
        "inspect-log",
        "Inspect AI log (.eval or JSON)",
        "a zip with `header.json` and `samples/`, Zstandard too, or JSON with `version`, `eval` and `samples`",
        sniffer("llmgrade.reading.inspect_log"),
        reader("llmgrade.reading.inspect_log"),
        _JSON | {Looks.ARCHIVE},
    ),
    Format(
        "lm-eval",
        "lm-evaluation-harness samples (JSONL)",
        "`doc_id` beside `resps`; the raw responses are read, once a document whatever the filters",
        sniffer("llmgrade.reading.lm_eval"),
        reader("llmgrade.reading.lm_eval"),
        _JSON,
    ),
    Format(
        "promptfoo",
        "promptfoo results (JSON or JSONL)",
        "`results.results` rows with `prompt.raw` and `response`",
        sniffer("llmgrade.reading.promptfoo"),
        reader("llmgrade.reading.promptfoo"),
        _JSON,
    ),
    Format(
        "notebook",
        "Jupyter notebook",
        "`nbformat` beside `cells`; Markdown cells are what is said, code cells code, outputs results",
        sniffer("llmgrade.reading.notebook"),
        reader("llmgrade.reading.notebook"),
        _JSON,
    ),
    Format(
        "html",
        "saved page of a chat (HTML or MHTML)",
        "HTML's first tag; speakers by the page's data, by elements that name a role, or by labels; formulas from TeX annotations, "
        "attributes, MathJax scripts or MathML, once each",
        sniffer("llmgrade.reading.html_page"),
        reader("llmgrade.reading.html_page"),
        _PAGE,
    ),
    Format(
        "pdf",
        "PDF of a printed chat page",
        "begins with %PDF; formulas are rebuilt from the glyphs' places, turns told by bubbles, indents or speakers' names; needs "
        "the `pdf` extra",
        sniffer("llmgrade.reading.pdf_file"),
        reader("llmgrade.reading.pdf_file"),
        _PDF,
    ),
    Format(
        "pdf-text",
        "text out of a PDF printout of a chat page",
        "pages with the printer's furniture, and formulas torn out of the prose into short lines after it",
        sniffer("llmgrade.reading.printout_told"),
        reader("llmgrade.reading.pdf_text"),
        _TEXT | _PAGE,
    ),
    Format(
        "text",
        "Markdown or plain text",
        "any text nothing else claims; speakers by lines such as “User:”, “**You said:**”, “## Prompt”, “Usuario:”, 🤖, or a chat "
        "template's tokens; formulas of a copied page, which stand twice, are put together; without such lines it is one answer, or a request and its answer, and says so",
        sniffer("llmgrade.reading.plain_text"),
        reader("llmgrade.reading.plain_text"),
        _ANY,
    ),
)

_door = Door(FORMATS)
read = _door.read
read_each = _door.read_each
read_first = _door.read_first
read_lazily = _door.read_lazily
