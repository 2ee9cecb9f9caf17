"""``llmgrade results``: what a batch came to."""

from __future__ import annotations

import csv
import io
import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from llmgrade.cli import options
from llmgrade.errors import UnreadableInput, UsageError

if TYPE_CHECKING:
    from llmgrade.batch.journal import Journal
    from llmgrade.batch.statistics import Estimate
    from llmgrade.batch.summary import PartRow, RunSummary

__all__ = ["results"]


@click.command(
    epilog="""\b
Examples:
  llmgrade results DIR                                     leaderboard, verdicts, pitfalls
  llmgrade results DIR --table parts --where "final = 'incorrect'"
  llmgrade results DIR --table claims --format csv -o claims.csv
  llmgrade results DIR --format json                       stable order, no times, no machine names
  llmgrade results DIR --format html -o report.html        one offline page, down to the transcripts
  llmgrade results DIR --junit junit.xml --github --fail-under 80
  llmgrade results NEW --max-regression 2 --against OLD    fail where the score falls by more than 2 points in 100
  llmgrade results DIR --labels audited.csv                agreement with people, and a corrected score
  llmgrade results DIR --into log.eval -o scored.eval      the tool's own file, with the scores in it
  llmgrade results DIR --format scores -o scores.jsonl     for Inspect's precomputed_scores

The tables are Parquet files in DIR; `--columns` says what stands in them. Scores are shares of the
points in percent, with 95 % intervals over problems."""
)
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), metavar="DIR")
@options.config
@options.rubrics
@click.option("--table", type=click.Choice(["transcripts", "parts", "attempts", "claims"]), help="Show a table.")
@click.option("--where", metavar="CONDITION", help="Rows to show, as a SQL condition over the table's columns.")
@click.option("--columns", is_flag=True, help="Say what the columns of the tables hold.")
@click.option("--ungraded", is_flag=True, help="List what could not be graded, and why.")
@options.report_format("text", "json", "csv", "html", "scores")
@options.output
@click.option("--junit", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write JUnit XML.")
@click.option("--github", is_flag=True, help="Print GitHub annotations.")
@options.fail_under
@click.option("--against", type=click.Path(path_type=Path, file_okay=False), metavar="DIR", help="An earlier run.")
@click.option(
    "--max-regression",
    type=click.FloatRange(0, 100),
    metavar="POINTS",
    help="Exit with 1 where the score fell by more.",
)
@click.option(
    "--labels",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="People's labels: CSV with id, problem, part, verdict, and where it matters credit (0 to 1).",
)
@click.option(
    "--into",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    metavar="FILE",
    help="Write the scores into the file the answers came from: an Inspect log, lm-eval samples, batch output, "
    "exported hosted evals, promptfoo results. It goes to --output; FILE stays as it is.",
)
@options.quiet
def results(
    folder: Path,
    rubric_paths: tuple[Path, ...],
    table: str | None,
    where: str | None,
    columns: bool,
    ungraded: bool,
    form: str,
    output_path: Path | None,
    junit: Path | None,
    github: bool,
    fail_under: float | None,
    against: Path | None,
    max_regression: float | None,
    labels: Path | None,
    into: Path | None,
    quiet: bool,
) -> None:
    """Show, filter and export the results of a batch in DIR."""
    from llmgrade.batch.journal import Journal
    from llmgrade.batch.summary import summarise

    if columns:
        options.write(_columns(), output_path)
        return
    if (max_regression is None) != (against is None):
        raise UsageError("--max-regression and --against go together")
    if where is not None and table is None:
        raise UsageError("--where goes with --table, whose rows it chooses")
    if not folder.is_dir():
        raise UnreadableInput(str(folder), "no such folder", hint="llmgrade batch INPUT --out DIR makes one")
    journal = Journal(folder)
    if junit is not None or github:
        _for_ci(journal, junit, github)
    if into is not None:
        _into(journal, into, output_path, quiet)
        return
    if table is not None:
        options.write(_table(journal, table, where, form), output_path)
        return
    summary = summarise(journal)
    if labels is not None:
        options.write(_audit(journal, labels), output_path)
    elif ungraded:
        options.write("".join(f"{id_}\t{status}\t{reason}\n" for id_, status, reason in summary.ungraded), output_path)
    else:
        options.write(_shown(journal, summary, form, rubric_paths), output_path)
    _gates(summary, fail_under, against, max_regression, quiet)


def _shown(journal: Journal, summary: RunSummary, form: str, rubric_paths: tuple[Path, ...]) -> str:
    if form == "html":
        from llmgrade.batch.page import render
        from llmgrade.grading import same_answer
        from llmgrade.rubric.loading import load_all

        rubrics = load_all(rubric_paths)
        return render(journal, summary, same=lambda *told: same_answer(rubrics, *told))
    if form == "json":
        from dataclasses import asdict

        return (
            json.dumps(
                {"schema": "llmgrade.results/1", **options.finite(asdict(summary))}, ensure_ascii=False, indent=2
            )
            + "\n"
        )
    if form == "scores":
        from llmgrade.batch.exchange.inspect_log import precomputed
        from llmgrade.batch.exchange.model import scored

        return precomputed(scored(journal.outcomes(), journal.folder))
    if form == "csv":
        rows = [
            [m.model, m.first.mean, m.final.mean, m.final.low, m.final.high, m.final.problems, m.final.answers]
            for m in summary.models
        ]
        return _csv(["model", "first", "final", "low", "high", "problems", "answers"], rows)
    return _leaderboard(summary)


def _into(journal: Journal, file: Path, out: Path | None, quiet: bool) -> None:
    from llmgrade.batch import exchange
    from llmgrade.batch.exchange.model import scored

    if out is None or out.resolve() == file.resolve():
        raise UsageError("--into needs --output, another file than the one that is read")
    name, count = exchange.into(file, scored(journal.outcomes(), file), out)
    options.say(f"{count} score{'s' if count != 1 else ''} written into {out} ({name})", quiet=quiet)


def _leaderboard(summary: RunSummary) -> str:
    from rich.console import Console
    from rich.table import Table

    out = io.StringIO()
    console = Console(file=out, width=120, highlight=False, markup=False, no_color=True)
    told = ", ".join(f"{count} {status}" for status, count in summary.statuses.items())
    console.print(f"{told}; seed {summary.seed}")
    names = sorted({name for m in summary.models for name in m.at_k})
    board = Table(box=None, pad_edge=False)
    for head in (
        "model",
        "first try",
        "final",
        "95 % interval",
        "if undecided are wrong … right",
        *names,
        "problems",
        "answers",
    ):
        board.add_column(head, justify="left" if head == "model" else "right")
    for m in summary.models:
        board.add_row(
            m.model,
            _percent(m.first.mean),
            _percent(m.final.mean),
            _interval(m.final),
            f"{_percent(m.bounds[0])} … {_percent(m.bounds[1])}",
            *(_percent(m.at_k.get(name, math.nan)) for name in names),
            str(m.final.problems),
            str(m.final.answers),
        )
    console.print(board)
    parts = Table(box=None, pad_edge=False, title="final score by part", title_justify="left")
    parts.add_column("part")
    for m in summary.models:
        parts.add_column(m.model, justify="right")
    for item in summary.items:
        parts.add_row(item, *(_percent(m.parts.get(item, math.nan)) for m in summary.models))
    console.print(parts)
    for m in summary.models:
        if m.pitfalls:
            top = ", ".join(f"{name} {count}" for name, count in list(m.pitfalls.items())[:8])
            console.print(f"pitfalls of {m.model}: {top}")
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


def _table(journal: Journal, table: str, where: str | None, form: str) -> str:
    from llmgrade.batch.tables import build

    names, rows = _query(build(journal)[table], where)
    if form == "csv":
        return _csv(names, rows)
    if form == "json":
        return "".join(
            json.dumps(options.finite(dict(zip(names, row, strict=True))), ensure_ascii=False) + "\n" for row in rows
        )
    if form in {"html", "scores"}:
        raise UsageError("a single table is shown as text, csv or json")
    from rich.console import Console
    from rich.table import Table

    shown = Table(box=None, pad_edge=False)
    for name in names:
        shown.add_column(name, overflow="ellipsis", max_width=40)
    for row in rows:
        shown.add_row(
            *("" if value is None else ", ".join(value) if isinstance(value, list) else str(value) for value in row)
        )
    out = io.StringIO()
    Console(file=out, width=200, highlight=False, markup=False, no_color=True).print(shown)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


def _query(path: Path, where: str | None) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Rows of a table in the order they were written; the condition is the person's own and sees this one file."""
    import duckdb

    connection = duckdb.connect(":memory:", config={"threads": 2})
    try:
        connection.execute(
            "CREATE TABLE t AS SELECT *, row_number() OVER () AS _rank FROM read_parquet(?)", [str(path)]
        )
        connection.execute("SET enable_external_access = false")
        found = connection.execute(
            f"SELECT * EXCLUDE (_rank) FROM t{f' WHERE {where}' if where else ''} ORDER BY _rank"
        )
        return [column[0] for column in found.description or ()], found.fetchall()
    except duckdb.Error as error:
        raise UsageError(f"--where {where}: {str(error).splitlines()[0]}\nhint: --columns says what there is") from None
    finally:
        connection.close()


def _columns() -> str:
    from llmgrade.batch.tables import TABLES

    lines = []
    for table, columns in TABLES.items():
        lines.append(table)
        lines += [f"  {column.name:13} {column.type:8} {column.about}" for column in columns]
    return "\n".join(lines) + "\n"


def _for_ci(journal: Journal, junit: Path | None, github: bool) -> None:
    from llmgrade.batch import gates
    from llmgrade.batch.tables import rows

    if junit is not None:
        options.write(gates.junit(rows(journal.outcomes())).decode(), junit)
    if github:
        for line in gates.github(rows(journal.outcomes())):
            click.echo(line)


def _audit(journal: Journal, labels: Path) -> str:
    """Agreement with people's labels, and the score corrected by them."""
    from llmgrade.batch import statistics
    from llmgrade.batch.summary import by_problem, read_parts

    told = _read_labels(labels)
    parts = read_parts(journal)
    audited = [
        (part, told[part.id, part.problem, part.part]) for part in parts if (part.id, part.problem, part.part) in told
    ]
    if not audited:
        raise UsageError(f"{labels}: none of its labels is about a part of this run")
    pairs: dict[str, list[tuple[float, float]]] = {}
    for part, label in audited:
        pairs.setdefault(part.problem, []).append((part.final_credit, label.share(part)))
    found = statistics.agreement([part.final for part, _ in audited], [label.verdict for _, label in audited])
    plain = statistics.clustered_mean(by_problem(parts, "final"))
    mended = statistics.corrected(by_problem(parts, "final"), pairs)
    return (
        f"{found.labels} parts labelled by people: agreement {_percent(found.observed)}, "
        f"kappa {found.kappa:.3f} [{found.low:.3f}, {found.high:.3f}]\n"
        f"score as graded {_percent(plain.mean)} {_interval(plain)}\n"
        f"corrected for the grader's error {_percent(mended.mean)} {_interval(mended)}\n"
    )


@dataclass(frozen=True, slots=True)
class _Label:
    """What a person says of one part."""

    verdict: str
    credit: float | None

    def share(self, part: PartRow) -> float:
        """The share of the points it means: the one told, else ours where we agree, else the verdict's usual one."""
        if self.credit is not None:
            return self.credit
        return (
            part.final_credit if self.verdict == part.final else {"correct": 1.0, "partial": 0.5}.get(self.verdict, 0.0)
        )


def _read_labels(path: Path) -> dict[tuple[str, str, str], _Label]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UnreadableInput(str(path), f"cannot be read: {error}") from None
    found = {}
    for line, row in enumerate(rows, 2):
        if not {"id", "problem", "part", "verdict"} <= row.keys():
            raise UnreadableInput(str(path), "needs the columns id, problem, part, verdict", line=1)
        if row["verdict"] not in {"correct", "partial", "incorrect", "unanswered", "undecided"}:
            raise UnreadableInput(str(path), f"`{row['verdict']}` is no verdict", line=line)
        found[row["id"], row["problem"], row["part"]] = _Label(row["verdict"], _credit(path, line, row.get("credit")))
    return found


def _credit(path: Path, line: int, told: str | None) -> float | None:
    if not told:
        return None
    try:
        credit = float(told)
    except ValueError:
        credit = math.nan
    if not 0 <= credit <= 1:
        raise UnreadableInput(str(path), f"the credit `{told}` is no share from 0 to 1", line=line)
    return credit


def _gates(
    summary: RunSummary, fail_under: float | None, against: Path | None, max_regression: float | None, quiet: bool
) -> None:
    missed = []
    if fail_under is not None:
        missed += [
            f"{m.model}: {_percent(m.final.mean)} is below --fail-under {fail_under:g}"
            for m in summary.models
            if 100 * m.final.mean < fail_under
        ]
    if against is not None and max_regression is not None:
        from llmgrade.batch.journal import Journal
        from llmgrade.batch.summary import summarise

        before = {m.model: m.final.mean for m in summarise(Journal(against)).models}
        missed += [
            f"{m.model}: fell from {_percent(before[m.model])} to {_percent(m.final.mean)}, more than {max_regression:g}"
            for m in summary.models
            if m.model in before and 100 * (before[m.model] - m.final.mean) > max_regression
        ]
    for line in missed:
        options.say(line, quiet=quiet)
    if missed:
        click.get_current_context().exit(1)


def _csv(names: list[str], rows: list[Any]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([["|".join(v) if isinstance(v, list) else "" if v is None else v for v in row] for row in rows])
    return out.getvalue()


def _percent(share: float) -> str:
    return "–" if math.isnan(share) else f"{100 * share:.1f}"


def _interval(found: Estimate) -> str:
    return "–" if math.isnan(found.low) else f"[{100 * found.low:.1f}, {100 * found.high:.1f}]"
