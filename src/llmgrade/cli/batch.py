"""``llmgrade batch``: grade many outputs, durably."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from llmgrade.cli import options
from llmgrade.errors import UsageError

if TYPE_CHECKING:
    from llmgrade.batch.run import Progress

__all__ = ["batch"]


@click.command(
    epilog="""\b
Examples:
  llmgrade batch runs/ --out results                 every transcript below a folder
  llmgrade batch answers.jsonl --out results         one answer or chat a row: id, problem, part, model, sample, answer
  llmgrade batch 'logs/*.eval' export.zip --out r    logs and exports with many conversations
  llmgrade batch a.parquet --out r --engine ray --address auto
  llmgrade batch a.parquet --out r --shard 3/10      the third tenth, for any cluster's array jobs

\b
A killed run goes on where it was: run the same command again. After a rubric edit the same command
grades again only what the edit can change. `llmgrade results DIR` shows what came out.

\b
Exit status: 0 all graded, 2 wrong usage or unreadable input, 3 some inputs could not be graded (the
rest were, and are kept), 130 stopped with Ctrl-C (what was done is kept)."""
)
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    metavar="DIR",
    help="Where the results go.",
)
@options.config
@options.rubrics
@options.quiet
@click.option(
    "--engine", type=click.Choice(["local", "ray"]), default="local", show_default=True, help="Who does the work."
)
@click.option("--address", metavar="ADDRESS", help="The Ray cluster's address (default: one started on this machine).")
@click.option("--workers", type=click.IntRange(1, 1024), help="Worker processes (default: one a core).")
@click.option(
    "--seconds", type=click.FloatRange(0.1, 3600), default=30.0, show_default=True, help="Time limit for one job."
)
@click.option(
    "--memory",
    type=click.IntRange(256, 1 << 20),
    default=2048,
    show_default=True,
    help="Memory limit of a worker (MiB).",
)
@click.option(
    "--shard-rows", type=click.IntRange(1, 1_000_000), default=1000, show_default=True, help="Jobs written as one."
)
@click.option("--shard", "share", metavar="I/N", help="Grade only every N-th shard, starting with the I-th.")
@click.option("--seed", default="", metavar="SEED", help="Replay a run: what sample points are drawn from.")
@click.option("--id-column", default="id", show_default=True, help="Column with the id of a row.")
@click.option("--problem-column", default="problem", show_default=True, help="Column with the rubric (or rubric:part).")
@click.option("--part-column", default="part", show_default=True, help="Column with the part.")
@click.option("--model-column", default="model", show_default=True, help="Column with the model's name.")
@click.option("--sample-column", default="sample", show_default=True, help="Column with the sample's number.")
@click.option("--answer-column", default="answer", show_default=True, help="Column with the answer's text.")
@click.option("--messages-column", default="messages", show_default=True, help="Column with a chat's messages.")
@click.option("--prompt-column", default="prompt", show_default=True, help="Column with what was asked.")
def batch(
    inputs: tuple[str, ...],
    out: Path,
    rubric_paths: tuple[Path, ...],
    quiet: bool,
    engine: str,
    address: str | None,
    workers: int | None,
    seconds: float,
    memory: int,
    shard_rows: int,
    share: str | None,
    seed: str,
    **columns: str,
) -> None:
    """Grade many model outputs and write the results to a folder.

    INPUT is a file, a folder or a pattern: transcripts and exports in any format that `llmgrade formats` lists, or JSONL and
    Parquet tables with one answer or one chat a row. Bad inputs become rows with their reason; they never stop the rest.
    """
    import os

    from llmgrade.batch.model import Columns, Settings
    from llmgrade.batch.run import run
    from llmgrade.rubric.loading import load_all

    settings = Settings(
        rows=shard_rows,
        workers=workers or os.cpu_count() or 1,
        seconds=seconds,
        memory=memory,
        seed=seed,
        engine=engine,
        address=address,
        part_of=_share(share),
        columns=Columns(**{name.removesuffix("_column"): value for name, value in columns.items()}),
    )
    try:
        rubrics = load_all(rubric_paths)
        with _progress(quiet) as progress:
            summary = run(inputs, out, rubrics, settings, progress=progress)
    except KeyboardInterrupt:
        options.say(f"stopped; what was done is in {out}, and the same command goes on from there", quiet=quiet)
        click.get_current_context().exit(130)
    told = ", ".join(f"{count} {status}" for status, count in sorted(summary.statuses.items()))
    options.say(
        f"{summary.jobs} job{'s' if summary.jobs != 1 else ''}: {summary.graded} graded now, {summary.known} known already; results: {told or 'none'}; in {out}",
        quiet=quiet,
    )
    if summary.changed:
        options.say(f"llmgrade is not the version that filled {out} before: nothing there could be kept", quiet=quiet)
    if summary.ungraded:
        options.say(
            f"{summary.ungraded} could not be graded: llmgrade results {out} --ungraded lists them", quiet=quiet
        )
        click.get_current_context().exit(3)


def _share(text: str | None) -> tuple[int, int]:
    if text is None:
        return 1, 1
    first, _, parts = text.partition("/")
    if not (first.isdecimal() and parts.isdecimal() and 1 <= int(first) <= int(parts)):
        raise UsageError(f"--shard {text}: expected I/N with 1 ≤ I ≤ N, e.g. 3/10")
    return int(first), int(parts)


@contextlib.contextmanager
def _progress(quiet: bool) -> Iterator[Progress]:
    """A live bar with rate and time left on a terminal; silence elsewhere."""
    if quiet or not sys.stderr.isatty():
        yield lambda done, total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    bar = Progress(
        TextColumn("grading"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    )
    with bar:
        task = bar.add_task("grading", total=None, rate="")

        def show(done: int, total: int) -> None:
            speed = bar.tasks[0].speed
            bar.update(task, completed=done, total=total, rate=f"{speed:.0f}/s" if speed else "")

        yield show
