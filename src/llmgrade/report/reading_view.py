"""What was read of a chat, for people and as the contract's `llmgrade.read/1`."""

from __future__ import annotations

import io
import re
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from llmgrade.claims import find_statements
from llmgrade.claims.model import Statement
from llmgrade.report import words
from llmgrade.report.chat import span_report
from llmgrade.report.model import SpanReport
from llmgrade.source import Source, Span
from llmgrade.transcript.model import Block, Formula, Heading, Mode, Piece, Prose, Setting, Table, Transcript, Turn

__all__ = ["formulas", "read_json", "read_text"]


def formulas(pieces: tuple[Piece, ...]) -> list[Formula]:
    """The formulas among the pieces, tables' cells included, in reading order."""
    found: list[Formula] = []
    for piece in pieces:
        if isinstance(piece, Formula):
            found.append(piece)
        elif isinstance(piece, Table):
            found += [f for row in piece.rows for cell in row for f in formulas(cell)]
    return found


def read_json(transcript: Transcript) -> dict[str, Any]:
    """The transcript as `llmgrade.read/1`, with its statements as an addition."""
    source = transcript.source
    return {
        "schema": "llmgrade.read/1",
        "transcript": {
            "source": source.name,
            "format": transcript.format,
            "turns": len(transcript.turns),
            "model": transcript.model,
            "title": transcript.title,
            "id": transcript.id,
        },
        "turns": [_turn(turn, source) for turn in transcript.turns],
        "annotations": [
            {"text": note.text, "span": _span(source, note.span), "fragment": note.fragment}
            for note in transcript.annotations
        ],
        "claims": [_claim(statement, source) for statement in find_statements(transcript)],
        "unread": [{"span": _span(source, gap.span), "why": gap.why} for gap in transcript.unread],
        "notes": list(transcript.notes),
    }


def _turn(turn: Turn, source: Source) -> dict[str, Any]:
    return {
        "index": turn.index,
        "role": turn.role.value,
        "span": _span(source, turn.span),
        "track": turn.track,
        "cut_off": turn.cut_off,
        "inferred": turn.inferred,
        "text": _reading_order(turn.pieces),
        "formulas": [_formula(formula, source) for formula in formulas(turn.pieces)],
    }


def _formula(formula: Formula, source: Source) -> dict[str, Any]:
    return {
        "latex": formula.latex,
        "written": formula.written,
        "mode": formula.mode.value,
        "method": formula.method.value,
        "cost": formula.cost,
        "boxed": formula.boxed,
        "alternatives": [{"latex": other.latex, "cost": other.cost} for other in formula.alternatives],
        "span": _span(source, formula.span),
        **({"why": formula.why} if formula.why else {}),
    }


def _claim(statement: Statement, source: Source) -> dict[str, Any]:
    return {
        "turn": statement.turn,
        "label": statement.label.text,
        "kind": statement.manner.value,
        "standing": statement.standing.value,
        "text": statement.text,
        "latex": statement.latex,
        "reading": statement.reading,
        "span": _span(source, statement.span),
    }


def _span(source: Source, span: Span) -> dict[str, Any]:
    return span_report(source, span).model_dump(exclude_none=True)


def _reading_order(pieces: tuple[Piece, ...]) -> str:
    """The turn's words in reading order, formulas as ``$…$``, tables as rows of cells."""
    parts: list[str] = []
    for before, piece in zip((None, *pieces), pieces, strict=False):
        if before is not None and _apart(before, piece) and parts and not parts[-1].endswith("\n"):
            parts.append("\n")
        match piece:
            case Formula(latex=latex, written=written):
                parts.append(f"${latex}$" if latex is not None else f"⟦{words.one_line(written)}⟧")
            case Table(rows=rows):
                parts.append("\n".join(" | ".join(_reading_order(cell).strip() for cell in row) for row in rows))
            case Prose(text=text) | Heading(text=text) | Block(text=text):
                parts.append(text)
    return "".join(parts)


def read_text(transcript: Transcript, *, width: int = 100, colour: bool = False) -> str:
    """What was understood, turn by turn, at a glance."""
    out = io.StringIO()
    console = Console(file=out, width=width, force_terminal=colour, no_color=not colour, highlight=False, markup=False)
    source = transcript.source
    head = Text(source.name, style="bold")
    head.append(f"  {transcript.format}, {len(transcript.turns)} turns", style="not bold")
    head.append(f", {transcript.model}" if transcript.model else "")
    console.print(head)
    for note in transcript.notes:
        console.print(Text(f"note: {note}", style="dim"))
    claims: dict[int, list[Statement]] = {}
    for statement in find_statements(transcript):
        claims.setdefault(statement.turn, []).append(statement)
    for turn in transcript.turns:
        _show_turn(console, turn, source, claims.get(turn.index, []))
    if transcript.annotations:
        console.print(Text("\nmargin notes", style="bold"))
        for margin in transcript.annotations:
            tail = "  (cut off)" if margin.fragment else ""
            said = f"“{words.one_line(margin.text)}”  {_where(source, margin.span)}{tail}"
            console.print(Padding(Text(said), (0, 0, 0, 2)))
    if transcript.unread:
        console.print(Text("\nset aside or not understood", style="bold"))
        for gap in transcript.unread:
            line = Text(f"{_where(source, gap.span)}: {gap.why}", style="yellow")
            console.print(Padding(line, (0, 0, 0, 2)))
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines())


def _show_turn(console: Console, turn: Turn, source: Source, claims: list[Statement]) -> None:
    flags = [
        flag for flag, on in ((turn.track, turn.track), ("cut off", turn.cut_off), ("inferred", turn.inferred)) if on
    ]
    head = Text(f"\nturn {turn.index}  {turn.role.value}", style="bold cyan" if turn.role == "assistant" else "bold")
    head.append(f"  {_where(source, turn.span)}" + (f"  ({', '.join(flags)})" if flags else ""), style="not bold dim")
    console.print(head)
    shown = Text()
    for before, piece in zip((None, *turn.pieces), turn.pieces, strict=False):
        if before is not None and _apart(before, piece) and not shown.plain.endswith("\n"):
            shown.append("\n")
        _show_piece(shown, piece)
    console.print(Padding(shown, (0, 0, 0, 2)))
    if claims:
        console.print(Padding(Text("claims", style="dim"), (0, 0, 0, 2)))
    for statement in claims:
        line = Text(f"{statement.label.text or '·':6} {statement.manner.value:10}", style="dim")
        line.append(words.one_line(statement.latex or statement.reading or statement.text, 90), style="not dim")
        if statement.standing.value != "asserted":
            line.append(f"  [{statement.standing.value}]", style="yellow")
        line.append(f"  {_where(source, statement.span)}")
        console.print(Padding(line, (0, 0, 0, 4)))


def _apart(before: Piece, piece: Piece) -> bool:
    """Whether two pieces stand on lines of their own: words after words, displays, tables, headings, code."""
    words_twice = isinstance(before, Prose) and isinstance(piece, Prose)
    own_line = (Heading, Block, Table)
    display = any(isinstance(p, Formula) and p.mode is Mode.DISPLAY for p in (before, piece))
    labelled = isinstance(before, Formula) and isinstance(piece, Prose) and _LABEL.match(piece.text) is not None
    return words_twice or display or labelled or isinstance(before, own_line) or isinstance(piece, own_line)


_LABEL = re.compile(r"\(?(?:[a-h]|[ivx]{1,4}|\d{1,2})[).]\s|[-•*]\s", re.IGNORECASE)


def _show_piece(shown: Text, piece: Piece) -> None:
    style = "" if piece.setting is Setting.ANSWER else "dim italic"
    match piece:
        case Formula(latex=latex) if latex is not None:
            mark = "?" if piece.alternatives else ""
            shown.append(f"⟨{latex}⟩{mark}", style=style or "green")
        case Formula(written=written):
            shown.append(f"⟦not read: {words.one_line(written, 60)}⟧", style="bold red")
        case Heading(text=text):
            shown.append(text, style=style or "bold")
        case Table(rows=rows):
            for row in rows:
                for cell in row:
                    for inner in cell:
                        _show_piece(shown, inner)
                    shown.append(" │ ", style="dim")
                shown.append("\n")
        case Prose(text=text) | Block(text=text):
            shown.append(text.replace("\u200b", ""), style=style)


def _where(source: Source, span: Span) -> str:
    return words.place(SpanReport.model_validate(_span(source, span)))
