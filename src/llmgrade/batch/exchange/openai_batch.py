"""Output of the batch APIs (OpenAI's and Anthropic's): the scores beside each response, under its ``custom_id``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from llmgrade.batch.exchange.model import NAME, Scored, write_lines

__all__ = ["OpenAIBatch"]


class OpenAIBatch:
    """See `exchange.model.Writer`."""

    def knows(self, first: Any) -> bool:
        return isinstance(first, dict) and "custom_id" in first and ("response" in first or "result" in first)

    def write(self, file: Path, scores: dict[str, Scored], out: Path) -> int:
        def edit(row: dict[str, Any]) -> bool:
            found = scores.get(str(row.get("custom_id")))
            if found is None or found.final is None:
                return False
            row[NAME] = found.told()
            return True

        return write_lines(file, out, edit)
