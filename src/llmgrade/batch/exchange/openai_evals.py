"""Output items of OpenAI's hosted evals, as exported before they ended: one more result beside the graders' own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from llmgrade.batch.exchange.model import NAME, Scored, write_lines

__all__ = ["OpenAIEvals"]


class OpenAIEvals:
    """See `exchange.model.Writer`."""

    def knows(self, first: Any) -> bool:
        return isinstance(first, dict) and "datasource_item" in first and "sample" in first

    def write(self, file: Path, scores: dict[str, Scored], out: Path) -> int:
        def edit(row: dict[str, Any]) -> bool:
            found = scores.get(str(row.get("id")))
            if found is None or found.final is None:
                return False
            results = row.get("results")
            own = [one for one in results if one.get("name") != NAME] if isinstance(results, list) else []
            row["results"] = [
                *own,
                {
                    "name": NAME,
                    "type": NAME,
                    "score": found.final,
                    "passed": found.final >= 1.0,
                    "sample": found.told(),
                },
            ]
            return True

        return write_lines(file, out, edit)
