"""``llmgrade score``: grade chats and print a report."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from llmgrade.cli import options

if TYPE_CHECKING:
    from llmgrade.report.model import Report

__all__ = ["score"]


@click.command(
    epilog="""\b
Examples:
  llmgrade score chat.txt                     a report for people
  llmgrade score chat.txt --format html -o report.html
  llmgrade score export.zip --format json     every conversation of an export, one object a line
  pbpaste | llmgrade score -                  what is on the clipboard
  llmgrade score chat.md --fail-under 80      exit with 1 below 80 % of the points

Exit status: 0 graded, 1 graded and below --fail-under, 2 wrong usage or unreadable input."""
)
@click.argument("transcripts", nargs=-1, required=True, metavar="TRANSCRIPT...")
@options.config
@options.rubrics
@options.report_format("text", "json", "md", "html")
@options.output
@options.quiet
@options.fail_under
@click.option(
    "--server",
    metavar="URL",
    help="Let the service at URL grade, with its rubrics; its key is in LLMGRADE_KEY.",
)
def score(
    transcripts: tuple[str, ...],
    rubric_paths: tuple[Path, ...],
    form: str,
    output_path: Path | None,
    quiet: bool,
    fail_under: float | None,
    server: str | None,
) -> None:
    """Grade chats, claim by claim, against the rubrics that fit them.

    TRANSCRIPT is a file in any format that `llmgrade formats` lists, or `-` for standard input. For every part of every
    problem the report says what was claimed and where, whether it is right and how that is known, which known pitfall
    it fell into, and how much prompting it took. What can't be decided is called undecided, with the reason.
    """
    from llmgrade import reading
    from llmgrade.errors import UnreadableInput
    from llmgrade.grading import grade
    from llmgrade.limits import Limits
    from llmgrade.rubric.loading import load_all

    limits = Limits()
    rubrics = load_all(rubric_paths) if server is None else None
    written = _Written(form)
    for name in transcripts:
        file: Path | bytes = sys.stdin.buffer.read(limits.input_bytes + 1) if name == "-" else Path(name)
        if server is not None or rubrics is None:
            for report in _served(server or "", file, name, rubric_paths):
                written.add(report)
            continue
        called = "standard input" if name == "-" else name
        before = written.count
        for transcript in reading.read_each(file, name=called, limits=limits, progress=options.reading_progress(quiet)):
            written.add(grade(transcript, rubrics, limits))
        if written.count == before:
            raise UnreadableInput(called, "there is no conversation in it")
    options.write(written.text(), output_path)
    if output_path is not None:
        options.say(f"{written.count} report{'s' if written.count != 1 else ''} in {output_path}", quiet=quiet)
    if fail_under is not None:
        share = 100 * written.points / written.best if written.best else 100.0
        if share < fail_under:
            options.say(f"{share:.1f} % of the points, below --fail-under {fail_under:g}", quiet=quiet)
            click.get_current_context().exit(1)


class _Written:
    """Reports as text: an export has thousands of chats, and what is graded need not be held."""

    def __init__(self, form: str) -> None:
        self.form = form
        self.count, self.points, self.best = 0, 0.0, 0.0
        self._texts: list[str] = []
        self._first: Report | None = None

    def add(self, report: Report) -> None:
        self.count += 1
        self.points += report.score.final
        self.best += report.score.max
        if self.count == 1:
            self._first = report
            return
        if self._first is not None:
            self._texts.append(self._several(self._first))
            self._first = None
        self._texts.append(self._several(report))

    def text(self) -> str:
        """All of them: one JSON object a line, or one report after the other."""
        if self._first is not None:
            return self._render(self._first)
        return ("" if self.form == "json" else "\n").join(self._texts)

    def _render(self, report: Report) -> str:
        from llmgrade.report.renderers import renderer

        return renderer(self.form)(report)

    def _several(self, report: Report) -> str:
        import json

        if self.form == "json":
            return json.dumps(json.loads(report.to_json()), ensure_ascii=False) + "\n"
        return self._render(report)


def _served(server: str, file: Path | bytes, name: str, rubric_paths: tuple[Path, ...]) -> list[Report]:
    """The reports a service makes of a file."""
    import os

    from llmgrade.errors import UnreadableInput, UsageError
    from llmgrade.service.client import Client

    if rubric_paths:
        raise UsageError("--rubrics and --server do not go together: a service grades with its own rubrics")
    try:
        data = file if isinstance(file, bytes) else file.read_bytes()
    except OSError as error:
        raise UnreadableInput(name, f"cannot be read: {error.strerror or error}") from None
    with Client(server, key=os.environ.get("LLMGRADE_KEY")) as client:
        return client.reports(client.wait(client.score(data, name=Path(name).name)).id)
