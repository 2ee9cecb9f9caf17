"""``llmgrade formats``: what is read, and how it is told."""

from __future__ import annotations

import json

import click

from llmgrade.cli import options

__all__ = ["formats"]


@click.command(
    epilog="""\b
Examples:
  llmgrade formats                 a table for people
  llmgrade formats --format json   one object a format
"""
)
@options.report_format("text", "json")
def formats(form: str) -> None:
    """List the formats that chats are read from, and how each one is told.

    A file is told by its content, never by its name. A package can add a reader by the entry point group
    `llmgrade.readers`; it then stands in this list too.
    """
    from llmgrade.reading import FORMATS

    rows = FORMATS
    if form == "json":
        for row in rows:
            click.echo(json.dumps({"id": row.id, "title": row.title, "told_by": row.told_by}, ensure_ascii=False))
        return
    width = max(len(row.id) for row in rows)
    for row in rows:
        click.echo(f"{click.style(row.id.ljust(width), bold=True)}  {row.title}\n{' ' * width}  told by: {row.told_by}")
