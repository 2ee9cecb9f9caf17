"""``llmgrade groups``: answers that mean the same."""

from __future__ import annotations

import json
from pathlib import Path

import click

from llmgrade.cli import options
from llmgrade.errors import UnreadableInput

__all__ = ["groups"]


@click.command(
    epilog="""\b
Examples:
  llmgrade groups DIR                   unexplained wrong answers first, the largest groups first
  llmgrade groups DIR --part ridge-regression:a --limit 50
  llmgrade groups DIR --format json | less

\b
A large wrong group without a pitfall is a pitfall that the rubric lacks: `llmgrade rubric infer` drafts it."""
)
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), metavar="DIR")
@options.config
@options.rubrics
@click.option("--part", metavar="RUBRIC:PART", help="Only this part.")
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True, help="How many groups to show.")
@options.report_format("text", "json")
@options.output
def groups(
    folder: Path, rubric_paths: tuple[Path, ...], part: str | None, limit: int, form: str, output_path: Path | None
) -> None:
    """Group equivalent answers of a batch, largest first, unexplained wrong ones before the rest."""
    from dataclasses import asdict

    from llmgrade.batch.groups import groups as grouped
    from llmgrade.batch.journal import Journal
    from llmgrade.grading import same_answer
    from llmgrade.rubric.loading import load_all

    if not folder.is_dir():
        raise UnreadableInput(str(folder), "no such folder", hint="llmgrade batch INPUT --out DIR makes one")
    rubrics = load_all(rubric_paths)
    found = grouped(Journal(folder).outcomes(), lambda *told: same_answer(rubrics, *told))
    if part is not None:
        found = [group for group in found if f"{group.problem}:{group.part}" == part]
    if form == "json":
        text = "".join(json.dumps(asdict(group), ensure_ascii=False) + "\n" for group in found[:limit])
    else:
        text = "".join(
            f"{len(group.members):6}  {group.verdict:10} {group.problem}:{group.part}  {group.reading}"
            f"{'' if not group.pitfalls else '  [' + ', '.join(group.pitfalls) + ']'}"
            f"{'  (unexplained)' if group.unexplained else ''}\n        {group.evidence}\n"
            for group in found[:limit]
        )
        if len(found) > limit:
            text += f"{len(found) - limit} more groups; --limit shows them\n"
    options.write(text or "no answers to group\n", output_path)
