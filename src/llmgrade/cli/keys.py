"""``llmgrade keys``: who may use a service."""

from __future__ import annotations

import click

from llmgrade.cli import options
from llmgrade.cli.serve import database
from llmgrade.errors import UsageError

__all__ = ["keys"]


@click.group()
def keys() -> None:
    """Make, list and revoke the keys of a service."""


@keys.command(
    epilog="""\b
Scopes: submit (hand in chats, read one's own), review (settle groups; sees chats in the queue),
        author (publish rubrics), admin (everything, and everybody's)."""
)
@database
@click.argument("name")
@click.option("--scope", "scopes", multiple=True, default=("submit",), show_default=True, help="Repeatable.")
@click.option("--quota", default=0, show_default=True, type=click.IntRange(0), help="Submissions an hour; 0: no limit.")
def add(database: str, name: str, scopes: tuple[str, ...], quota: int) -> None:
    """Make a key. It is printed once; only a hash of it is kept."""
    from llmgrade.service import keys as kept
    from llmgrade.service.database import connect, upgrade, writing

    upgrade(database)
    with writing(connect(database)) as connection:
        key, secret = kept.add(connection, name, scopes, quota)
    options.say(f"key {key} of {name}, scopes {', '.join(scopes)}; it is shown this once:")
    click.echo(secret)


@keys.command("list")
@database
def list_(database: str) -> None:
    """List the keys, one a line: id, name, scopes, quota, use, state."""
    from llmgrade.service import keys as kept
    from llmgrade.service.database import connect, upgrade

    upgrade(database)
    with connect(database).connect() as connection:
        for key in kept.listed(connection):
            quota = f"{key.used_this_hour}/{key.quota_per_hour or '∞'} this hour"
            state = "revoked" if key.revoked else "in force"
            click.echo("\t".join((key.id, key.name, ",".join(key.scopes), quota, state)))


@keys.command()
@database
@click.argument("key")
def revoke(database: str, key: str) -> None:
    """End a key, by the id that `keys list` shows."""
    from llmgrade.service import keys as kept
    from llmgrade.service.database import connect, upgrade, writing

    upgrade(database)
    with writing(connect(database)) as connection:
        if not kept.revoke(connection, key):
            raise UsageError(f"no key in force has the id `{key}`")
    options.say(f"key {key} is revoked")
