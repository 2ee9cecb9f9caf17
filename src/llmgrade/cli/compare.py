"""``llmgrade compare``: two models, honestly."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
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
  llmgrade compare RUN --models gpt-x,claude-y         two models of one run
  llmgrade compare NEW OLD --models gpt-x              one model in two runs
  llmgrade compare RUN_A RUN_B --format json

\b
Answers are paired by problem, part and sample. The p value is over problems (answers to one problem go
together); parts and pitfalls have McNemar's exact test, corrected for their number (Holm)."""
)
@click.argument("first", type=click.Path(path_type=Path, file_okay=False), metavar="A")
@click.argument("second", type=click.Path(path_type=Path, file_okay=False), metavar="[B]", required=False)
@options.config
@click.option(
    "--models",
    metavar="ONE[,OTHER]",
    help="Which model of A, and which of B (default: everything in each; in one run, its two).",
)
@click.option(
    "--difference",
    type=click.FloatRange(0, 100, min_open=True),
    default=5,
    show_default=True,
    metavar="POINTS",
    help="Say how many more problems it takes to see a difference of that many points in 100.",
)
@options.report_format("text", "json")
@options.output
def compare(
    first: Path, second: Path | None, models: str | None, difference: float, form: str, output_path: Path | None
) -> None:
    """Compare two batch results, or two models of one: by how much, on which parts and pitfalls, and how sure that is."""
    from llmgrade.batch.compare import compare as against

    one, other = _models(models) if models or second else _both(first)
    if second is None and one == other:
        raise UsageError(f"--models {models}: in one run it takes two, with a comma between them")
    second = second or first
    left, right = _rows(first, one), _rows(second, other)
    names = (one or first.name, other or second.name)
    if names[0] == names[1]:
        names = (f"{names[0]} in {first}", f"{names[1]} in {second}")
    found = against(names[0], left, names[1], right, difference / 100)
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
    if len(names) > 2 or not all(names):
        raise UsageError(f"--models {text}: expected one name, or two with a comma between them")
    return names[0], names[-1]


def _both(folder: Path) -> tuple[str, str]:
    """The two models of a run."""
    there = sorted({row.model for row in _rows(folder, None)})
    if len(there) != 2:
        raise UsageError(f"{folder} has {len(there)} models\nhint: --models ONE,OTHER of {', '.join(there)}")
    return there[0], there[1]


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
    for size, needed in (("this size", found.more_problems), (f"{100 * found.asked:g} points in 100", found.for_asked)):
        if needed:
            problems = f"{needed} more problem{'s' if needed > 1 else ''}"
            lines.append(f"it takes {problems} like these to see a difference of {size} (80 % power)")
        elif needed == 0:
            lines.append(f"these problems are enough to see a difference of {size} (80 % power)")
    for title, rows in (("parts (share correct)", found.parts), ("pitfalls (share that fell into it)", found.pitfalls)):
        if rows:
            lines += ["", *_table(title, sorted(rows, key=lambda r: (r.corrected, r.name)), found)]
    return "\n".join(lines) + "\n"


def _table(title: str, rows: Sequence[ItemDifference], found: Comparison) -> Iterator[str]:
    """What each side has, and on how many pairs just the one or the other."""
    names = max(len(title), *(len(row.name) + 2 for row in rows))
    first, second = (_short(name) for name in (found.first, found.second))
    heads = (first, second, f"only {first}", f"only {second}", "p", "Holm")
    yield f"{title:{names}}" + "".join(f"  {head:>7}" for head in heads)
    for row in rows:
        cells = (
            f"{100 * row.first:.1f}",
            f"{100 * row.second:.1f}",
            str(row.only_first),
            str(row.only_second),
            f"{row.p:.3g}",
            f"{row.corrected:.3g}",
        )
        widths = (max(7, len(head)) for head in heads)
        yield f"  {row.name:{names - 2}}" + "".join(
            f"  {cell:>{width}}" for cell, width in zip(cells, widths, strict=True)
        )


def _short(name: str) -> str:
    return name if len(name) <= 16 else f"{name[:15]}…"


def _line(name: str, found: Paired) -> str:
    if math.isnan(found.low) and not math.isnan(found.p):
        return (
            f"  {name:9} {100 * found.difference:+.1f} points in each of {found.problems} problems: no interval, "
            f"p = {found.p:.3g} (signs)"
        )
    if math.isnan(found.p):
        return f"  {name:9} {100 * found.difference:+.1f} points; {found.problems} problem: no interval"
    low, high = found.bootstrap
    return (
        f"  {name:9} {100 * found.difference:+.1f} points [{100 * found.low:+.1f}, {100 * found.high:+.1f}], "
        f"p = {found.p:.3g} over {found.problems} problems; bootstrap [{100 * low:+.1f}, {100 * high:+.1f}]"
    )
