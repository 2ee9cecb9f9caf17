"""Stored reports graded anew: the chat as the report shows it, made into a transcript again.

A report keeps its chat piece by piece, formulas as they were read. That is enough to attribute and judge every attempt under
another rubric, without the file it came from.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from llmgrade.report.model import PieceView, Report
from llmgrade.source import Source, Span
from llmgrade.transcript.model import (
    Block,
    Formula,
    Heading,
    Mode,
    Piece,
    Prose,
    Role,
    Setting,
    Table,
    Transcript,
    Turn,
)

__all__ = ["answer_of", "rebuilt"]


def rebuilt(report: Report) -> Transcript | None:
    """The transcript of a report; None where it keeps no chat."""
    if not report.chat:
        return None
    views = [view for turn in report.chat for view in _all(turn.pieces)]
    stop = max([view.stop for view in views] + [turn.span.stop or 0 for turn in report.chat], default=0)
    text = [" "] * stop
    for view in views:
        if view.kind == "table":
            continue
        for place, char in zip(range(view.start, view.stop), view.text, strict=False):
            text[place] = char
        if view.new_line and view.start:
            text[view.start - 1] = "\n"
    told = report.transcript
    turns = tuple(
        Turn(
            turn.index,
            Role(turn.role),
            tuple(_piece(view) for view in turn.pieces),
            Span(turn.span.start or 0, turn.span.stop or 0),
            turn.track,
            turn.cut_off,
            turn.inferred,
        )
        for turn in report.chat
    )
    return Transcript(
        Source(told.source, "".join(text)), told.format, turns, model=told.model, title=told.title, id=told.id
    )


def answer_of(report: Report) -> str:
    """What was answered last, as text with its formulas as LaTeX; "" where the report keeps no chat."""
    answers = [turn for turn in report.chat if turn.role == Role.ASSISTANT.value and not turn.track]
    return "".join(_told(answers[-1].pieces)).strip() if answers else ""


def _told(views: Sequence[PieceView]) -> Iterator[str]:
    for view in views:
        if view.new_line:
            yield "\n"
        if view.kind == "formula":
            mark = "$$" if view.display else "$"
            yield f" {mark}{view.latex or view.text}{mark} "
        elif view.kind == "table":
            for row in view.rows:
                yield "\n| " + " | ".join("".join(_told(cell)).strip() for cell in row) + " |"
        else:
            yield f"\n{'#' * view.level} {view.text}\n" if view.kind == "heading" else view.text


def _all(views: Iterable[PieceView]) -> Iterator[PieceView]:
    for view in views:
        yield view
        for row in view.rows:
            for cell in row:
                yield from _all(cell)


def _piece(view: PieceView) -> Piece:
    span, setting = Span(view.start, view.stop), Setting(view.setting)
    match view.kind:
        case "heading":
            return Heading(view.text, span, view.level, setting)
        case "formula":
            mode = Mode.DISPLAY if view.display else Mode.INLINE
            return Formula(view.text, span, view.latex, mode, boxed="\\boxed" in view.text, setting=setting)
        case "block":
            return Block(view.text, span, setting=setting)
        case "table":
            rows = tuple(tuple(tuple(_piece(inner) for inner in cell) for cell in row) for row in view.rows)
            return Table(rows, span, setting=setting)
        case _:
            return Prose(view.text, span, setting)
