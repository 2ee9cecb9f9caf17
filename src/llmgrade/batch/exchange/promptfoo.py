"""Results of promptfoo: named scores and one more component beside its own assertions, in the JSON export and the JSONL one.

Whether a test passed stays promptfoo's own matter: its assertions asked that.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from llmgrade.batch.exchange.model import NAME, Scored, write_lines
from llmgrade.batch.journal import write_whole
from llmgrade.errors import UnreadableInput

__all__ = ["Promptfoo"]


class Promptfoo:
    """See `exchange.model.Writer`."""

    def knows(self, first: Any) -> bool:
        if not isinstance(first, dict):
            return False
        return bool(_rows(first)) or (isinstance(first.get("prompt"), dict) and "testIdx" in first)

    def write(self, file: Path, scores: dict[str, Scored], out: Path) -> int:
        try:
            whole = json.loads(file.read_text(encoding="utf-8"))
        except ValueError:
            return write_lines(file, out, lambda row: _edit(row, scores))
        except UnicodeDecodeError:
            raise UnreadableInput(str(file), "is not UTF-8") from None
        if not _rows(whole):
            return write_lines(file, out, lambda row: _edit(row, scores))
        count = sum(_edit(row, scores) for row in _rows(whole))
        write_whole(out, json.dumps(whole, ensure_ascii=False, indent=2).encode("utf-8", "surrogatepass"))
        return count


def _rows(value: Any) -> list[dict[str, Any]]:
    """The result rows; promptfoo nests them once more since its version 3."""
    found = value.get("results") if isinstance(value, dict) else None
    found = found.get("results") if isinstance(found, dict) else found
    rows = [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []
    return rows if rows and isinstance(rows[0].get("prompt"), dict) else []


def _edit(row: dict[str, Any], scores: dict[str, Scored]) -> bool:
    found = scores.get(str(row.get("id"))) or scores.get(f"test {row.get('testIdx')}")
    if found is None or found.final is None:
        return False
    named = {NAME: found.final, f"{NAME}-first": found.first}
    row["namedScores"] = {**(row.get("namedScores") or {}), **named}
    grading = row.get("gradingResult")
    if isinstance(grading, dict):
        grading["namedScores"] = {**(grading.get("namedScores") or {}), **named}
        others = [
            one for one in grading.get("componentResults") or [] if (one.get("assertion") or {}).get("metric") != NAME
        ]
        component = {
            "pass": found.final >= 1.0,
            "score": found.final,
            "reason": found.explanation,
            "assertion": {"type": "javascript", "metric": NAME, "value": f"graded by {found.checker}"},
        }
        grading["componentResults"] = [*others, component]
    return True
