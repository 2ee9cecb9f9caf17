"""Options that mean the same everywhere, and the one place where results are written."""

from __future__ import annotations

import math
import os
import sys
import tempfile
import tomllib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

import click

from llmgrade.errors import UnreadableInput, UsageError, did_you_mean

__all__ = ["config", "fail_under", "finite", "output", "quiet", "report_format", "rubrics", "say", "write"]

Command = TypeVar("Command", bound=Callable[..., Any])


def rubrics(command: Command) -> Command:
    """``--rubrics PATH``, repeatable."""
    return click.option(
        "--rubrics",
        "rubric_paths",
        type=click.Path(path_type=Path),
        multiple=True,
        metavar="PATH",
        help="Rubric file or folder (repeatable). Default: ./rubrics, then those that ship with llmgrade.",
    )(command)


def report_format(*formats: str, default: str = "text") -> Callable[[Command], Command]:
    """``--format``, one of ``formats``."""
    return click.option(
        "--format", "form", type=click.Choice(formats), default=default, show_default=True, help="How to print it."
    )


def output(command: Command) -> Command:
    """``--output FILE``: whole or absent, never half written."""
    return click.option(
        "--output",
        "-o",
        "output_path",
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE",
        help="Write to FILE instead of standard output.",
    )(command)


def quiet(command: Command) -> Command:
    """``--quiet``: data only."""
    return click.option("--quiet", "-q", is_flag=True, help="Say nothing but the result.")(command)


def fail_under(command: Command) -> Command:
    """``--fail-under SHARE``: the gate of a CI job."""
    return click.option(
        "--fail-under",
        type=click.FloatRange(0, 100),
        metavar="PERCENT",
        help="Exit with 1 where the final score is below this share of the points (percent).",
    )(command)


def config(command: Command) -> Command:
    """``--config FILE``: defaults for the options, from TOML; what is said on the command line stands above it."""
    return click.option(
        "--config",
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE",
        is_eager=True,
        expose_value=False,
        callback=_read_config,
        help="TOML file with defaults, a table per command (default: ./llmgrade.toml where there is one).",
    )(command)


def _read_config(ctx: click.Context, _: click.Parameter, path: Path | None) -> None:
    default = Path("llmgrade.toml")
    if path is None and not default.is_file():
        return
    chosen = path or default
    try:
        table = tomllib.loads(chosen.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableInput(str(chosen), f"cannot be read: {getattr(error, 'strerror', None) or error}") from None
    except tomllib.TOMLDecodeError as error:
        raise UnreadableInput(str(chosen), f"is not TOML: {error}") from None
    known = {option.opts[0].removeprefix("--"): option for option in ctx.command.params if option.opts}
    values: dict[str, object] = {}
    for key, value in table.get(ctx.info_name or "", {}).items():
        if key not in known:
            raise UsageError(
                f"{chosen}: `{key}` is no option of `llmgrade {ctx.info_name}`"
                + (f"\nhint: {hint}" if (hint := did_you_mean(key, known)) else "")
            )
        values[known[key].name or key] = value
    ctx.default_map = {**values, **(ctx.default_map or {})}


def write(text: str | Iterable[str], path: Path | None) -> None:
    """Data to standard output, or whole into ``path``; in pieces, as they are made.

    Raises:
        UnreadableInput: the file cannot be written.
    """
    pieces = [text] if isinstance(text, str) else text
    if path is None:
        for piece in pieces:
            click.echo(piece, nl=False)
        return
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.writelines(pieces)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except OSError as error:
        raise UnreadableInput(str(path), f"cannot be written: {error.strerror or error}") from None


def finite(value: Any) -> Any:
    """The value with NaN as null, since JSON has no NaN, and no noise in the last digits.

    >>> finite({"a": float("nan"), "b": (0.1 + 0.2,)})
    {'a': None, 'b': [0.3]}
    """
    if isinstance(value, float):
        return None if math.isnan(value) else round(value, 9)
    if isinstance(value, dict):
        return {key: finite(one) for key, one in value.items()}
    return [finite(one) for one in value] if isinstance(value, list | tuple) else value


_LARGE = 32 * 1024 * 1024


def reading_progress(quiet: bool) -> Callable[[int, int], None]:
    """Tells on standard error how much of a large file is read, every tenth of it (or every 64 MB, where its size is unknown)."""
    told = 0

    def progress(done: int, total: int) -> None:
        nonlocal told
        step = max(total // 10, 1) if total else 2 * _LARGE
        if not quiet and max(done, total) > _LARGE and done // step > told:
            told = done // step
            of = f" of {total / 1e6:,.0f}" if total else ""
            say(f"read {done / 1e6:,.0f}{of} MB")

    return progress


def say(text: str, *, quiet: bool = False) -> None:
    """A message for a person: standard error, unless told to be quiet."""
    if not quiet:
        click.echo(text, err=True)
        sys.stderr.flush()
