"""``llmgrade rubric``: tools for the people who write rubrics, from an empty file to a certificate."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from llmgrade.cli import options
from llmgrade.errors import UnreadableInput, UsageError, did_you_mean

if TYPE_CHECKING:
    from llmgrade.rubric.model import Part, Rubric

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
        if not inside:
            raise UnreadableInput(str(path), "a folder without rubrics (*.yaml)")
        found.extend(inside)
    return found


@rubric.command(
    epilog="""\b
Examples:
  llmgrade rubric test my-problem.yaml
  llmgrade rubric test rubrics/                 every rubric of a folder
  llmgrade rubric test my-problem.yaml --no-certificate

\b
Exit status: 0 certified, 1 something is not proved, 2 the rubric has mistakes."""
)
@FILES
@click.option("--no-certificate", is_flag=True, help="Write no NAME.cert.json beside the rubric.")
@options.report_format("text", "json")
def test(files: tuple[Path, ...], no_certificate: bool, form: str) -> None:
    """Prove rubrics: own tests, derivations, mutants, rewrites; writes a certificate beside each."""
    import json

    from llmgrade.authoring.certificate import certificate
    from llmgrade.authoring.trial import try_rubric
    from llmgrade.rubric.certificate import beside
    from llmgrade.rubric.loading import load

    failed = False
    for path in _yaml(files):
        trial = try_rubric(load(path))
        said = certificate(trial)
        failed = failed or not trial.passed
        if form == "json":
            click.echo(json.dumps(said, ensure_ascii=False))
        else:
            _show_trial(trial, said)
        if not no_certificate and trial.passed:
            options.write(json.dumps(said, ensure_ascii=False, indent=1) + "\n", beside(path))
        elif not no_certificate:
            beside(path).unlink(missing_ok=True)  # what no longer holds is not left lying there
    if failed:
        click.get_current_context().exit(1)


def _show_trial(trial: Any, said: dict[str, Any]) -> None:
    from llmgrade.authoring.trial import WEAKENED, operators
    from llmgrade.rubric.certificate import sentence

    items = list(trial.items)
    mutants, rewrites = said["mutants"], said["rewrites"]
    wrong = mutants["killed"] + mutants["survivors"]
    failures = sum(len(part.failures) for part in trial.parts)
    click.echo(f"{trial.rubric} ({trial.version})")
    click.echo(f"  tests      {said['tests'] - failures} of {said['tests']} come out as they should")
    click.echo(f"  derived    {said['derived']} of {said['answers']} answers from their definitions")
    for part in trial.parts:
        for item in part.items:
            if item.derived.outcome == "underived":
                click.echo(f"             {part.id}.{item.id} is underived: {item.derived.how}")
    click.echo(
        f"  mutants    {mutants['killed']} of {wrong} wrong ones told apart, {mutants['equivalent']} mean the same"
    )
    told = ", ".join(f"{name} {count}" for name, count in operators(trial).most_common())
    click.echo(f"             {told or 'none'}")
    landed = sum(sum(item.on_pitfalls.values()) for item in items)
    click.echo(f"             {landed} land on a pitfall, {mutants['killed'] - landed} on none")
    for item in items:
        for shown, reason in item.waived:
            click.echo(f"             waived: {shown} ({reason})")
    for weak in WEAKENED:
        hidden = [shown for item in items for shown in item.hidden.get(weak, ())]
        if hidden:
            click.echo(f"  hidden     {len(hidden)} under {_WEAK[weak]}, e.g. {hidden[0]}")
    click.echo(f"  rewrites   {rewrites['accepted']} of {rewrites['of']} accepted")
    for fault in trial.faults:
        click.echo(f"  NOT PROVED {fault}")
    click.echo(f"  {sentence(said)}" if trial.passed else "  no certificate")


_WEAK = {
    "symmetric": "symmetric matrices",
    "ones": "sizes of one",
    "unit": "positive numbers of one",
    "full rank": "full rank only",
}


@rubric.command(
    epilog="""\b
Examples:
  llmgrade rubric mutate my-problem.yaml
  llmgrade rubric mutate my-problem.yaml --part d --unnamed     those no pitfall names"""
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--part", metavar="PART", help="Only this part.")
@click.option("--unnamed", is_flag=True, help="Only wrong answers that no pitfall names.")
def mutate(file: Path, part: str | None, unnamed: bool) -> None:
    """List wrong answers one edit away from the right ones, and the pitfall each lands on."""
    from llmgrade.authoring.trial import mutant_outcomes
    from llmgrade.rubric.loading import load

    loaded = load(file)
    for chosen in (_part(loaded, part),) if part else loaded.parts:
        for item, operator, shown, outcome in mutant_outcomes(loaded, chosen):
            if not unnamed or outcome == "wrong":
                click.echo(f"{chosen.id}.{item:<10} {operator:<22} {outcome:<24} {shown}")


def _part(loaded: Rubric, name: str) -> Part:
    try:
        return loaded.part(name)
    except KeyError:
        ids = [part.id for part in loaded.parts]
        raise UsageError(f"{loaded.id} has no part `{name}`: {did_you_mean(name, ids) or ', '.join(ids)}") from None


@rubric.command(
    epilog="""\b
Examples:
  llmgrade rubric preview my-problem.yaml d "2 x^T A"
  llmgrade rubric preview my-problem.yaml d - < answer.md
  llmgrade rubric preview my-problem.yaml d "V S U^T y" --prompt "without y, please" """
)
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("part")
@click.argument("answer")
@click.option("--prompt", default="", help="What the person asked for.")
def preview(file: Path, part: str, answer: str, prompt: str) -> None:
    """Show how one ANSWER to a PART is read and judged, step by step (- reads it from standard input)."""
    from llmgrade.authoring.preview import preview as steps
    from llmgrade.rubric.loading import load

    loaded = load(file)
    text = sys.stdin.read() if answer == "-" else answer
    for line in steps(loaded, _part(loaded, part).id, text, prompt):
        click.echo(line)


@rubric.command(
    epilog="""\b
Examples:
  llmgrade rubric schema > rubric.schema.json
  and on the first line of a rubric:  # yaml-language-server: $schema=./rubric.schema.json"""
)
@options.output
def schema(output_path: Path | None) -> None:
    """Print the JSON Schema of the format, for completion and hover in an editor."""
    import json

    from llmgrade.authoring.schema import schema as made

    options.write(json.dumps(made(), ensure_ascii=False, indent=1) + "\n", output_path)


@rubric.command(
    epilog="""\b
Examples:
  llmgrade rubric new my-problem.yaml --from worked_solution.md
  llmgrade rubric new my-problem.yaml --from answer_key.tex --title "Heat on a rod" """
)
@click.argument("out", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--from",
    "source",
    type=click.Path(path_type=Path),
    required=True,
    help="A worked solution (Markdown, LaTeX, text), or a chat with it.",
)
@click.option("--title", default="", help="What reports call the problem.")
@click.option("--force", is_flag=True, help="Write over a file that is there.")
def new(out: Path, source: Path, title: str, force: bool) -> None:
    """Begin a rubric from a worked solution; what is not understood says TODO."""
    from llmgrade.authoring.draft import sketch

    if out.exists() and not force:
        raise UsageError(f"{out} is there already\nhint: --force writes over it")
    solution, question = _solution(source)
    made = sketch(solution, out.stem, title, question)
    options.write(made.text, out)
    click.echo(f"{made.parts} parts, {made.answered} with an answer, {made.derived} with a definition")
    click.echo(f"{made.pitfalls} pitfalls suggested; {made.todo} places say TODO")


def _solution(source: Path) -> tuple[str, str]:
    """The worked solution in a file, and the question where there is one; of a chat, what was answered and what was asked."""
    from llmgrade.reading import read
    from llmgrade.transcript.model import Role

    try:
        text = source.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableInput(str(source), f"cannot be read: {getattr(error, 'strerror', None) or error}") from None
    if source.suffix == ".tex":
        return text, ""
    for transcript in read(source):
        answers = [turn for turn in transcript.turns if turn.role is Role.ASSISTANT]
        asked = [turn for turn in transcript.turns if turn.role is Role.USER]
        if answers and asked:
            said, wanted = ("\n\n".join(transcript.source[turn.span] for turn in turns) for turns in (answers, asked))
            return said, wanted
    return text, ""


@rubric.command(
    epilog="""\b
Examples:
  llmgrade rubric infer RUN
  llmgrade rubric infer RUN OTHER_RUN --rubrics my-problem.yaml

\b
RUN is a folder that `llmgrade batch` wrote."""
)
@click.argument("runs", nargs=-1, required=True, type=click.Path(path_type=Path, file_okay=False), metavar="RUN...")
@options.rubrics
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True, help="How many drafts to show.")
def infer(runs: tuple[Path, ...], rubric_paths: tuple[Path, ...], limit: int) -> None:
    """Draft pitfalls for wrong answers of a batch that no pitfall explains, the most frequent first."""
    from llmgrade.authoring.suggestions import WrongAnswers, drafts
    from llmgrade.batch.groups import groups
    from llmgrade.batch.journal import Journal
    from llmgrade.grading import same_answer
    from llmgrade.rubric.loading import load_all

    rubrics = load_all(rubric_paths)
    outcomes = [outcome for run in runs for outcome in Journal(_run(run)).outcomes()]
    found = [g for g in groups(outcomes, lambda *told: same_answer(rubrics, *told)) if g.unexplained]
    lines: list[str] = []
    for name, loaded in rubrics.items():
        mine = [
            WrongAnswers(g.part, g.reading, len(g.members), g.members[0].text if g.members else g.reading)
            for g in found
            if g.problem == name
        ]
        lines += [f"{name}:{draft.part}  {draft.yaml()}" for draft in drafts(loaded, mine)]
    total = sum(len(group.members) for group in found)
    click.echo(f"{total} wrong answers of {len(lines)} kinds have no pitfall")
    for line in lines[:limit]:
        click.echo(line)


def _run(folder: Path) -> Path:
    if not folder.is_dir():
        raise UnreadableInput(str(folder), "no such folder", hint="llmgrade batch INPUT --out DIR makes one")
    return folder


@rubric.command(
    epilog="""\b
Examples:
  llmgrade rubric diff old.yaml new.yaml
  llmgrade rubric diff old.yaml new.yaml --regrade RUN     which stored verdicts change, and by which rule

\b
Exit status: 0 nothing changes, 1 something does."""
)
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@click.option("--regrade", type=click.Path(path_type=Path, file_okay=False), metavar="RUN", help="A batch's folder.")
def diff(old: Path, new: Path, regrade: Path | None) -> None:
    """Show what an edit of a rubric changes: its tests' outcomes, and the stored verdicts of a batch."""
    from llmgrade.authoring.comparison import Answered, changes, regraded
    from llmgrade.rubric.loading import load

    before, after = load(old), load(new)
    chats: list[Any] = []
    answers = [
        Answered(part.id, answer, 1, f"test {outcome}")
        for part in before.parts
        for outcome, several in part.tests.items()
        for answer in several
    ]
    if regrade is not None:
        stored, chats = _stored(_run(regrade), before.id)
        answers = [Answered(*told) for told in stored]
    found = [*changes(before, after, answers), *regraded(before, after, chats)]
    count = sum(change.count for change in found)
    whole = sum(1 for chat in chats for problem, _, _ in chat.attempts() if problem.rubric == before.id)
    click.echo(f"{count} of {sum(a.count for a in answers) + whole} answers change")
    for change in found:
        click.echo(
            f"{change.part}  {change.before} -> {change.after}  x{change.count}  {change.answer[:100]}  ({change.rule})"
        )
    if found:
        click.get_current_context().exit(1)


def _stored(run: Path, problem: str) -> tuple[list[tuple[str, str, int, str]], list[Any]]:
    """What a batch has stored of a problem: single answers as (part, answer, how often, where from), and whole chats' reports.

    Where a report keeps no chat, the words of its claims have to do.
    """
    from collections import Counter

    from llmgrade.authoring.stored import answer_of
    from llmgrade.batch.journal import Journal
    from llmgrade.report.model import Report

    found: Counter[tuple[str, str]] = Counter()
    chats: list[Report] = []
    for outcome in Journal(run).outcomes():
        report = Report.model_validate_json(outcome.report) if outcome.report else None
        if report is None or not any(graded.rubric == problem for graded in report.problems):
            continue
        if outcome.part and answer_of(report):
            found[outcome.part, answer_of(report)] += 1
        elif report.chat:
            chats.append(report)
        else:
            for graded, part, attempt in report.attempts():
                texts = [claim.text for claim in attempt.claims if claim.decisive]
                if graded.rubric == problem and attempt is part.attempts[-1] and texts:
                    found[part.id, "\n\n".join(dict.fromkeys(texts))] += 1
    return [(part, text, count, "stored") for (part, text), count in found.items()], chats
