"""Samples of lm-evaluation-harness: a metric beside its own, in every row of a document, whatever its filter."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from llmgrade.batch.exchange.model import NAME, Scored, write_lines

__all__ = ["LmEval"]


class LmEval:
    """See `exchange.model.Writer`."""

    def knows(self, first: Any) -> bool:
        return isinstance(first, dict) and "resps" in first and ("doc_id" in first or "doc_hash" in first)

    def write(self, file: Path, scores: dict[str, Scored], out: Path) -> int:
        def edit(row: dict[str, Any]) -> bool:
            found = scores.get(str(row.get("doc_id")))
            if found is None or found.final is None:
                return False
            row[NAME] = found.final
            row[f"{NAME}_first"] = found.first
            row[f"{NAME}_detail"] = found.told()
            metrics = row.get("metrics")
            if isinstance(metrics, list):
                row["metrics"] = [*metrics, *(name for name in (NAME, f"{NAME}_first") if name not in metrics)]
            return True

        return write_lines(file, out, edit)
