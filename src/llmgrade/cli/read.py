"""``llmgrade read``: what was understood of a chat, without grading it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from llmgrade.cli import options
from llmgrade.errors import UnreadableInput

if TYPE_CHECKING:
    from collections.abc import Iterable

    from llmgrade.transcript.model import Transcript

__all__ = ["read"]


@click.command(
    epilog="""\b
Examples:
  llmgrade read chat.pdf                       turns, formulas, notes, claims, and what was not understood
  llmgrade read chat.pdf --format json         the same with spans, as `llmgrade.read/1`
  llmgrade read export.zip --all --format json one object a line for every conversation
  llmgrade read --lines-jsonl < lines.jsonl    flattened formulas read back, one a line
"""
)
@click.argument("transcript", required=False)
@options.config
@options.report_format("text", "json")
@options.output
@options.quiet
@click.option("--all", "every", is_flag=True, help="Show every conversation of the file, not just the first.")
@click.option(
    "--lines-jsonl",
    is_flag=True,
    help='Read {"id", "lines", "mode"?} objects from standard input, write {"id", "readings"} for each.',
)
def read(
    transcript: str | None, form: str, output_path: Path | None, quiet: bool, every: bool, lines_jsonl: bool
) -> None:
    """Show what was read: turns, formulas, margin notes, problems and parts, claims; nothing is graded.

    Stretches that were set aside or not understood are marked, with the reason: nothing is dropped silently.
    """
    from llmgrade import reading
    from llmgrade.limits import Limits

    if lines_jsonl:
        for line in _lines(sys.stdin, Limits().formula_seconds):
            click.echo(line)
        return
    if transcript is None:
        raise click.UsageError("name a TRANSCRIPT, or `-` for standard input")
    limits = Limits()
    file: Path | bytes = sys.stdin.buffer.read(limits.input_bytes + 1) if transcript == "-" else Path(transcript)
    name = "standard input" if transcript == "-" else transcript
    progress = options.reading_progress(quiet)
    if every:
        found = reading.read_each(file, name=name, limits=limits, progress=progress)
        options.write((_shown(one, form, indent=None) + "\n" for one in found), output_path)
        return
    first, more = reading.read_first(file, name=name, limits=limits, progress=progress)
    options.write(_shown(first, form, indent=2) + "\n", output_path)
    if more:
        options.say(f"{more} more conversations in this file; --all shows them", quiet=quiet)


def _shown(transcript: Transcript, form: str, indent: int | None) -> str:
    if form == "json":
        from llmgrade.report.reading_view import read_json

        return json.dumps(read_json(transcript), ensure_ascii=False, indent=indent)
    return _page(transcript)


def _page(transcript: Transcript) -> str:
    from llmgrade.report.reading_view import read_text

    return read_text(transcript, colour=sys.stdout.isatty())


def _lines(rows: Iterable[str], seconds: float) -> Iterable[str]:
    """One answer a row, in order; a row that can't be read has no readings and says why."""
    from llmgrade.typeset.inverse import read_lines

    for number, row in enumerate(rows, 1):
        if not row.strip():
            continue
        try:
            item = json.loads(row)
            lines, mode = item["lines"], item.get("mode")
            if not (isinstance(lines, list) and all(isinstance(line, str) for line in lines)):
                raise TypeError("`lines` is a list of strings")
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            found = UnreadableInput("standard input", f"not a row of lines: {error}", line=number)
            yield json.dumps({"id": None, "readings": [], "why": str(found)}, ensure_ascii=False)
            continue
        readings = read_lines(lines, mode if mode in {"inline", "display"} else None, seconds=seconds)
        told = [{"latex": reading.latex, "cost": reading.cost} for reading in readings[:5]]
        yield json.dumps({"id": item.get("id"), "readings": told}, ensure_ascii=False)
