"""``llmgrade compare``: two models, honestly."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING

import click

from llmgrade.cli import options
from llmgrade.errors import UnreadableInput, UsageError, did_you_mean

if TYPE_CHECKING:
    from llmgrade.batch.compare import Comparison, ItemDifference
    from llmgrade.batch.statistics import Paired
    from llmgrade.batch.summary import PartRow

__all__ = ["compare"]


@click.command(
    epilog="""\b
Examples:
  llmgrade compare RUN_A RUN_B                         two runs
  llmgrade compare RUN RUN --models gpt-x,claude-y     two models of one run
  llmgrade compare RUN_A RUN_B --format json

\b
Answers are paired by problem, part and sample. The p value is over problems (answers to one problem go
together); parts and pitfalls have McNemar's exact test, corrected for their number (Holm)."""
)
@click.argument("first", type=click.Path(path_type=Path, file_okay=False), metavar="A")
@click.argument("second", type=click.Path(path_type=Path, file_okay=False), metavar="B")
@options.config
@click.option("--models", metavar="ONE,OTHER", help="Which model of A, and which of B (default: everything in each).")
@options.report_format("text", "json")
@options.output
def compare(first: Path, second: Path, models: str | None, form: str, output_path: Path | None) -> None:
    """Compare two batch results: by how much, on which parts and pitfalls, and how sure that is."""
    from llmgrade.batch.compare import compare as against

    one, other = _models(models)
    left, right = _rows(first, one), _rows(second, other)
    names = (one or first.name, other or second.name)
    found = against(names[0], left, names[1], right)
    if form == "json":
        from dataclasses import asdict

        text = (
            json.dumps(
                {"schema": "llmgrade.comparison/1", **options.finite(asdict(found))}, ensure_ascii=False, indent=2
            )
            + "\n"
        )
    else:
        text = _told(found)
    options.write(text, output_path)


def _models(text: str | None) -> tuple[str | None, str | None]:
    if text is None:
        return None, None
    names = [name.strip() for name in text.split(",")]
    if len(names) != 2 or not all(names):
        raise UsageError(f"--models {text}: expected two names with a comma between them")
    return names[0], names[1]


def _rows(folder: Path, model: str | None) -> list[PartRow]:
    from llmgrade.batch.journal import Journal
    from llmgrade.batch.summary import read_parts

    if not folder.is_dir():
        raise UnreadableInput(str(folder), "no such folder", hint="llmgrade batch INPUT --out DIR makes one")
    rows = read_parts(Journal(folder))
    if model is None:
        return rows
    there = {row.model for row in rows}
    if model not in there:
        hint = did_you_mean(model, there) or f"there are: {', '.join(sorted(there))}"
        raise UsageError(f"{folder} has no model `{model}`\nhint: {hint}")
    return [row for row in rows if row.model == model]


def _told(found: Comparison) -> str:
    lines = [
        f"{found.first} against {found.second}",
        _line("final", found.final),
        _line("first try", found.first_try),
    ]
    if found.unpaired:
        lines.append(f"{found.unpaired} answers have no counterpart and are left out")
    if found.more_problems:
        lines.append(f"{found.more_problems} more problems would show a difference of this size (80 % power)")
    if found.for_five:
        lines.append(f"{found.for_five} more problems would show a difference of 5 points in 100")
    for title, rows in (("parts (share correct)", found.parts), ("pitfalls (share that fell into it)", found.pitfalls)):
        if rows:
            lines += ["", title, *(_row(row) for row in sorted(rows, key=lambda r: (r.corrected, r.name)))]
    return "\n".join(lines) + "\n"


def _line(name: str, found: Paired) -> str:
    if math.isnan(found.p):
        return f"  {name:9} {100 * found.difference:+.1f} points; {found.problems} problem: no interval"
    low, high = found.bootstrap
    return (
        f"  {name:9} {100 * found.difference:+.1f} points [{100 * found.low:+.1f}, {100 * found.high:+.1f}], "
        f"p = {found.p:.3g} over {found.problems} problems; bootstrap [{100 * low:+.1f}, {100 * high:+.1f}]"
    )


def _row(row: ItemDifference) -> str:
    return (
        f"  {row.name:40} {100 * row.first:5.1f} {100 * row.second:5.1f}   only one: {row.only_first} / {row.only_second}"
        f"   p = {row.p:.3g}, Holm {row.corrected:.3g}"
    )
