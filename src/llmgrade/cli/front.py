"""The command group. A command is a doorway: options in, one call, a number out; errors become words here."""

from __future__ import annotations

import importlib

import click

from llmgrade.errors import LlmgradeError
from llmgrade.version import VERSION

__all__ = ["COMMANDS", "main"]

COMMANDS: dict[str, str] = {
    # Each command is one file of this room; it is imported only when called, so that `--help` is quick.
    "score": "llmgrade.cli.score:score",
    "check": "llmgrade.cli.check:check",
    "read": "llmgrade.cli.read:read",
    "formats": "llmgrade.cli.formats:formats",
    "batch": "llmgrade.cli.batch:batch",
    "results": "llmgrade.cli.results:results",
    "compare": "llmgrade.cli.compare:compare",
    "groups": "llmgrade.cli.groups:groups",
    "rubric": "llmgrade.cli.rubric:rubric",
    "serve": "llmgrade.cli.serve:serve",
    "worker": "llmgrade.cli.serve:worker",
    "keys": "llmgrade.cli.keys:keys",
    "backup": "llmgrade.cli.serve:backup",
    "restore": "llmgrade.cli.serve:restore",
}


class Front(click.Group):
    """Finds a command by name in `COMMANDS`, and turns our errors into one message and exit status 2."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[name].partition(":")
        command = getattr(importlib.import_module(module), attribute)
        assert isinstance(command, click.Command)
        return command

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except LlmgradeError as error:
            click.echo(error, err=True)  # data goes to standard output, everything else here
            ctx.exit(2)


@click.group(cls=Front, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(VERSION, prog_name="llmgrade")
def main() -> None:
    """Grade the mathematics in LLM answers, claim by claim, with evidence anyone can check."""
