"""``llmgrade serve``, ``worker``, ``backup`` and ``restore``: the service on this machine."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from llmgrade.cli import options

__all__ = ["backup", "restore", "serve", "worker"]

_DATABASE = "sqlite:///llmgrade.sqlite3"


def database(command: Callable[..., Any]) -> Callable[..., Any]:
    """``--database URL``."""
    return click.option(
        "--database",
        default=_DATABASE,
        show_default=True,
        metavar="URL",
        envvar="LLMGRADE_DATABASE",
        help="sqlite:///FILE or postgresql://USER@HOST/NAME.",
    )(command)


def grading(command: Callable[..., Any]) -> Callable[..., Any]:
    """What workers need to know."""
    for option in (
        click.option(
            "--memory", default=2048, show_default=True, type=click.IntRange(256), help="MiB of a grading process."
        ),
        click.option(
            "--lease-seconds",
            default=15.0,
            show_default=True,
            type=click.FloatRange(1),
            help="A worker not heard of for so long has lost its jobs.",
        ),
        click.option(
            "--job-seconds", default=180.0, show_default=True, type=click.FloatRange(1), help="Time for one job."
        ),
    ):
        command = option(command)
    return command


@click.command(
    epilog="""\b
Examples:
  llmgrade serve                                    everything on this machine, http://127.0.0.1:8000
  llmgrade keys add staff --scope admin             a key; then it may listen beyond loopback:
  llmgrade serve --host 0.0.0.0 --workers 4
  llmgrade serve --database postgresql://llmgrade@db/llmgrade --workers 0    the API alone"""
)
@options.config
@options.rubrics
@database
@click.option(
    "--host", default="127.0.0.1", show_default=True, help="Address to listen on; beyond loopback keys are needed."
)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option(
    "--workers", default=1, show_default=True, type=click.IntRange(0, 256), help="Grading processes beside the API."
)
@click.option(
    "--wait",
    "sync_seconds",
    default=2.0,
    show_default=True,
    type=click.FloatRange(0, 60),
    help="How long a request may wait for its report (seconds).",
)
@click.option("--body-bytes", default=8 * 2**20, show_default=True, type=click.IntRange(1024), help="Largest request.")
@grading
def serve(rubric_paths: tuple[Path, ...], **given: Any) -> None:
    """Grade over HTTP, and review in the browser.

    API, pages, a grading worker and the database (SQLite, unless told otherwise) start with this one command. Rubrics are
    put into an empty database once; from then on they are edited in it. Without keys it answers on loopback only.
    """
    from llmgrade.service.serving import serve as start
    from llmgrade.service.settings import Settings

    settings = Settings(rubrics=rubric_paths, **given)
    start(settings, lambda: options.say(f"llmgrade listens on http://{settings.host}:{settings.port}"))


@click.command()
@options.config
@database
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 256), help="Grading processes.")
@click.option("--until-empty", is_flag=True, help="End when nothing waits.")
@click.option("--with-parent", type=int, hidden=True)
@grading
def worker(until_empty: bool, with_parent: int | None, **given: Any) -> None:
    """Grade what waits in a service's database, on this machine.

    As many as you like, on as many machines as you like, may work on one PostgreSQL database. Told to stop (SIGTERM), a
    worker gives back what it holds; killed, it loses what it held to the others after a few seconds.
    """
    from llmgrade.service.serving import work
    from llmgrade.service.settings import Settings

    work(Settings(**given), parent=with_parent, until_empty=until_empty)


@click.command()
@database
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def backup(database: str, file: Path) -> None:
    """Write everything of a service's database into FILE, while it runs."""
    from llmgrade.service.backup import backup as save

    options.say(f"{save(database, file)} rows in {file}")


@click.command()
@database
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def restore(database: str, file: Path) -> None:
    """Fill an empty database, of either kind, from a backup."""
    from llmgrade.service.backup import restore as fill

    options.say(f"{fill(database, file)} rows restored")
