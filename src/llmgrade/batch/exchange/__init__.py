"""The index of files that results can be written back into: one format a file, told by what is in it.

Every writer takes the tool's own file and gives it back with scores added; nothing that was there is changed or lost.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from llmgrade.batch.exchange.model import Scored, Writer, head
from llmgrade.errors import UnreadableInput

__all__ = ["WRITERS", "into", "writer"]

WRITERS: dict[str, str] = {
    "inspect": "llmgrade.batch.exchange.inspect_log:InspectLog",
    "lm-eval": "llmgrade.batch.exchange.lm_eval:LmEval",
    "openai-batch": "llmgrade.batch.exchange.openai_batch:OpenAIBatch",
    "openai-evals": "llmgrade.batch.exchange.openai_evals:OpenAIEvals",
    "promptfoo": "llmgrade.batch.exchange.promptfoo:Promptfoo",
}


def writer(name: str) -> Writer:
    """The writer of that name; KeyError for one that is not in the table."""
    module, _, attribute = WRITERS[name].partition(":")
    found: Writer = getattr(import_module(module), attribute)()
    return found


def into(file: Path, scores: dict[str, Scored], out: Path) -> tuple[str, int]:
    """Write ``file`` to ``out`` with the scores in it; returns the format's name and how many scores found their place.

    Raises:
        UnreadableInput: the file cannot be read, or no tool we know wrote it.
    """
    try:
        first = head(file)
        for name in WRITERS:
            found = writer(name)
            if found.knows(first):
                return name, found.write(file, scores, out)
    except OSError as error:
        raise UnreadableInput(str(file), error.strerror or str(error)) from None
    raise UnreadableInput(
        str(file), "no scores can be written into this kind of file", hint=f"these can hold them: {', '.join(WRITERS)}"
    )
