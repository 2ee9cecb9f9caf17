"""``llmgrade rubric``: tools for the people who write rubrics, from an empty file to a certificate."""

from __future__ import annotations

from pathlib import Path

import click

from llmgrade.cli import options

__all__ = ["rubric"]

FILES = click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")


@click.group(
    epilog="""\b
From nothing to a certified rubric:
  llmgrade rubric new my-problem.yaml --from worked_solution.md
  llmgrade rubric check my-problem.yaml
  llmgrade rubric preview my-problem.yaml a "2 x^T A"
  llmgrade rubric test my-problem.yaml

\b
After a batch:
  llmgrade rubric infer RUN                     wrong answers without a name, as pitfall drafts
  llmgrade rubric diff OLD NEW --regrade RUN    which stored verdicts an edit changes

\b
docs/rubrics.md walks through all of it."""
)
def rubric() -> None:
    """Write rubrics, and prove them right."""


@rubric.command(
    epilog="""\b
Examples:
  llmgrade rubric check rubrics/*.yaml
  llmgrade rubric check my-problem.yaml --quiet      only what makes it unusable

\b
Exit status: 0 nothing worse than a warning, 2 a mistake."""
)
@FILES
@options.quiet
def check(files: tuple[Path, ...], quiet: bool) -> None:
    """Show every mistake of rubric files at its place, with the likely fix."""
    from llmgrade.authoring.proofread import proofread

    counts = {"error": 0, "warning": 0, "info": 0}
    for path in _yaml(files):
        for found in proofread(path).diagnostics:
            counts[found.severity] = counts.get(found.severity, 0) + 1
            if not quiet or found.severity == "error":
                click.echo(found.picture() + "\n")
    told = ", ".join(f"{n} {_plural(word, n)}" for word, n in counts.items() if n)
    click.echo(told or "no mistakes found")
    if counts["error"]:
        click.get_current_context().exit(2)


def _plural(word: str, n: int) -> str:
    return {"error": "mistake", "warning": "warning", "info": "remark"}[word] + ("" if n == 1 else "s")


def _yaml(files: tuple[Path, ...]) -> list[Path]:
    """Files as given, folders as the rubrics in them."""
    found: list[Path] = []
    for path in files:
        inside = sorted(p for p in path.glob("*.y*ml") if p.suffix in {".yaml", ".yml"}) if path.is_dir() else [path]
        found.extend(inside)
    return found
