"""``llmgrade check``: one comparison with its evidence, or a stream of them."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from llmgrade.cli import options
from llmgrade.errors import ExpressionError, LlmgradeError, UnreadableInput, UsageError

if TYPE_CHECKING:
    from llmgrade.checking.compiled import Part
    from llmgrade.checking.outcome import Decision

__all__ = ["check"]

_LONGEST_LINE = 1_000_000
_REMEMBERED = 256


@click.command(
    epilog="""\b
Examples:
  llmgrade check --gold '2x^T A' --answer 'x^T(A + A^T)' --symbols symbols.json
  llmgrade check --gold 'w > b x' --answer 'x < w/b' --given 'b > 0'
  llmgrade check --gold '1/3' --answer 0.333 --tolerance 0.01
  llmgrade check --jsonl < pairs.jsonl > verdicts.jsonl
"""
)
@click.option("--gold", metavar="EXPR", help="What is expected: LaTeX, Unicode or plain text.")
@click.option("--answer", metavar="EXPR", help="What was answered.")
@click.option(
    "--symbols", "symbols_path", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
    help='JSON: what names mean, e.g. {"X": {"type": "matrix", "shape": ["n", "d"]}}.',
)  # fmt: skip
@click.option(
    "--given", multiple=True, metavar="CONDITION", help="A condition under which the two must agree (repeatable)."
)
@click.option(
    "--strata", multiple=True, type=click.Choice(["tall", "wide", "square"]), metavar="KIND",
    help="Proportions of matrices under which they must agree: tall, wide, square (repeatable; default: all that can be).",
)  # fmt: skip
@click.option(
    "--tolerance", type=click.FloatRange(0), metavar="SHARE", help="Relative tolerance; without it numbers are exact."
)
@click.option(
    "--second-opinion", type=click.FloatRange(0), metavar="SECONDS",
    help="Ask SymPy, in a process of its own, about what would stay undecided.",
)  # fmt: skip
@click.option("--seed", metavar="SEED", help="Replay a verdict with the seed on its record.")
@click.option(
    "--jsonl",
    is_flag=True,
    help='Read {"id", "gold", "answer", "symbols"?} a line, write {"id", "verdict", "evidence"}.',
)
@options.config
@options.report_format("text", "json")
@options.output
@options.quiet
def check(
    gold: str | None, answer: str | None, symbols_path: Path | None, given: tuple[str, ...], strata: tuple[str, ...],
    tolerance: float | None, second_opinion: float | None, seed: str | None, jsonl: bool, form: str, output_path: Path | None, quiet: bool,
) -> None:  # fmt: skip
    """Compare an answer with what is expected, and show why they agree or differ.

    The verdict is correct, incorrect or undecided. An agreement is proved, or tested at random points with the chance of an
    accident; a difference comes with numbers that show it, or with the reason in words.
    """
    table = _symbols(symbols_path) if symbols_path is not None else None
    manner = {"given": given, "strata": strata, "tolerance": tolerance, "seed": seed}
    if jsonl:
        if gold is not None or answer is not None:
            raise click.UsageError("--jsonl reads its pairs from standard input; --gold and --answer do not go with it")
        _write(_stream(sys.stdin.buffer, table, manner), output_path)
        return
    if gold is None or answer is None:
        raise click.UsageError("name --gold and --answer, or --jsonl with pairs on standard input")
    from llmgrade.checking.public import check as decide

    try:
        decision = decide(gold, answer, table, second_opinion=second_opinion, **manner)  # type: ignore[arg-type]
    except ExpressionError as error:
        raise UsageError(_picture(error)) from None
    shown = json.dumps(_as_json(decision), ensure_ascii=False, indent=2) if form == "json" else _as_text(decision)
    _write([shown], output_path)


def _write(lines: Iterable[str], path: Path | None) -> None:
    if path is None:
        for line in lines:
            click.echo(line)
        return
    options.write("\n".join(lines) + "\n", path)


def _symbols(path: Path) -> dict[str, Any]:
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UnreadableInput(str(path), error.strerror or "cannot be opened") from None
    except UnicodeDecodeError:
        raise UnreadableInput(str(path), "is no UTF-8 text") from None
    except json.JSONDecodeError as error:
        raise UnreadableInput(str(path), error.msg, line=error.lineno, column=error.colno) from None
    if not isinstance(said, dict):
        raise UnreadableInput(str(path), "symbols are one object: name → what it means")
    return said


def _picture(error: ExpressionError) -> str:
    text = error.text.replace("\n", " ")
    caret = " " * error.span.start + "^" * max(1, error.span.stop - error.span.start)
    hint = f"\nhint: {error.hint}" if error.hint else ""
    if len(text) > 200:
        return f"what is expected cannot be read: {error.reason}{hint}"
    return f"what is expected cannot be read: {error.reason}\n  {text}\n  {caret}{hint}"


def _as_json(decision: Decision) -> dict[str, Any]:
    from llmgrade.report.making import evidence_report

    evidence = evidence_report(decision.evidence).model_dump(exclude_none=True, exclude_defaults=True)
    found: dict[str, Any] = {"verdict": decision.verdict.value, "evidence": evidence}
    if decision.notes:
        found["notes"] = list(decision.notes)
    return found


def _as_text(decision: Decision) -> str:
    shown = _as_json(decision)
    evidence = shown["evidence"]
    lines = [shown["verdict"], f"  {evidence['method']}: {evidence['detail']}"]
    for name, value in evidence.get("witness", {}).items():
        lines.append(f"    {name} = {value}")
    if "certificate" in evidence:
        lines.append("  certificate:")
        lines += [f"    {line}" for line in str(evidence["certificate"]).splitlines()]
    if "seed" in evidence:
        lines.append(f"  seed: {evidence['seed']}")
    lines += [f"  note: {note}" for note in shown.get("notes", ())]
    return "\n".join(lines)


def _stream(lines: Iterable[bytes], table: dict[str, Any] | None, manner: dict[str, Any]) -> Iterator[str]:
    """One result for each line that is not blank, in order; a line that cannot be read is undecided."""
    parts: dict[str, Part] = {}
    for raw in lines:
        if not raw.strip():
            continue
        yield json.dumps(_one(raw, table, manner, parts), ensure_ascii=False)


def _one(raw: bytes, table: dict[str, Any] | None, manner: dict[str, Any], parts: dict[str, Part]) -> dict[str, Any]:
    pair: Any = None
    try:
        if len(raw) > _LONGEST_LINE:
            return _undecided(None, f"the line is longer than {_LONGEST_LINE} bytes")
        pair = json.loads(raw)
        if not isinstance(pair, dict):
            return _undecided(None, "the line is no object")
        for key in ("gold", "answer"):
            if not isinstance(pair.get(key), str):
                return _undecided(pair.get("id"), f"the line has no text under {key!r}")
        part = _part(pair["gold"], pair.get("symbols") or table, manner, parts)
        return {"id": pair.get("id"), **_as_json(part.check(pair["answer"]))}
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        return _undecided(pair.get("id") if isinstance(pair, dict) else None, f"the line cannot be read: {error}")
    except ExpressionError as error:
        return _undecided(pair.get("id"), f"what is expected cannot be read: {error}")
    except LlmgradeError as error:
        return _undecided(pair.get("id"), str(error))


def _part(gold: str, symbols: Any, manner: dict[str, Any], parts: dict[str, Part]) -> Part:
    """The compiled question; the same gold under the same symbols is compiled once."""
    from llmgrade.checking.public import compile as compiled

    if symbols is not None and not isinstance(symbols, dict):
        raise UsageError("symbols are one object: name → what it means")
    key = json.dumps([gold, symbols], sort_keys=True)
    part = parts.get(key)
    if part is None:
        if len(parts) >= _REMEMBERED:
            parts.clear()
        part = parts[key] = compiled(gold, symbols, **manner)
    return part


def _undecided(name: Any, reason: str) -> dict[str, Any]:
    return {"id": name, "verdict": "undecided", "evidence": {"method": "none", "detail": reason}}
