"""The chat beside its claims: which stretch of text carries which verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from llmgrade.report.model import PieceView, Report, SpanReport, TurnView, VerdictWord
from llmgrade.source import Source, Span
from llmgrade.transcript.model import Block, Formula, Heading, Mode, Piece, Prose, Table, Transcript

__all__ = ["ORDER", "Stretch", "piece_views", "span_report", "stretches", "views"]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Text ``[start, stop)`` of the transcript that a claim stands on."""

    start: int
    stop: int
    verdict: VerdictWord
    id: str
    about: str
    """``relu-elbow b.ii``."""


ORDER = ("incorrect", "partial", "undecided", "correct", "unanswered")
"""Verdicts, the gravest first."""


def stretches(report: Report) -> tuple[Stretch, ...]:
    """Stretches without overlap, in text order; where claims overlap, the graver verdict is shown."""
    found = [
        Stretch(
            claim.span.start,
            claim.span.stop,
            claim.verdict,
            f"at-{claim.span.start}-{claim.span.stop}",
            f"{problem.rubric} {part.id}",
        )
        for problem, part, attempt in report.attempts()
        for claim in attempt.claims
        if claim.span.start is not None and claim.span.stop is not None and claim.span.stop > claim.span.start
    ]
    found += [
        Stretch(
            f.claim.span.start,
            f.claim.span.stop,
            f.claim.verdict,
            f"at-{f.claim.span.start}-{f.claim.span.stop}",
            f.part,
        )
        for f in report.findings
        if f.claim.span.start is not None and f.claim.span.stop is not None and f.claim.span.stop > f.claim.span.start
    ]
    kept: list[Stretch] = []
    for stretch in sorted(found, key=lambda s: (ORDER.index(s.verdict), s.stop - s.start)):
        if all(stretch.stop <= other.start or stretch.start >= other.stop for other in kept):
            kept.append(stretch)
    return tuple(sorted(kept, key=lambda s: s.start))


def span_report(source: Source, span: Span) -> SpanReport:
    """A span with its page and lines."""
    place = source.place(span)
    return SpanReport(
        page=place.page,
        line_start=place.line_start,
        line_end=place.line_end,
        pointer=place.pointer,
        start=span.start,
        stop=span.stop,
    )


def views(transcript: Transcript) -> tuple[TurnView, ...]:
    """The chat's turns as they are shown."""
    return tuple(
        TurnView(
            index=turn.index,
            role=turn.role.value,
            span=span_report(transcript.source, turn.span),
            track=turn.track,
            cut_off=turn.cut_off,
            inferred=turn.inferred,
            pieces=piece_views(turn.pieces, transcript.source),
        )
        for turn in transcript.turns
    )


def piece_views(pieces: Sequence[Piece], source: Source) -> tuple[PieceView, ...]:
    """Pieces as they are shown."""
    made = [_view(piece, source) for piece in pieces]
    for n, (before, piece) in enumerate(pairwise(pieces), 1):
        # A formula put together from lines of a printout stands elsewhere in the text than in the sentence.
        placed = not any(isinstance(each, Formula) and each.lines for each in (before, piece))
        if placed and "\n" in source.text[before.span.stop : piece.span.start]:
            made[n] = made[n].model_copy(update={"new_line": True})
    return tuple(made)


def _view(piece: Piece, source: Source) -> PieceView:
    span, setting = piece.span, piece.setting.value
    match piece:
        case Prose(text=text):
            return PieceView(kind="prose", text=text, start=span.start, stop=span.stop, setting=setting)
        case Heading(text=text, level=level):
            return PieceView(kind="heading", text=text, start=span.start, stop=span.stop, setting=setting, level=level)
        case Formula(written=written, latex=latex, mode=mode):
            return PieceView(
                kind="formula",
                text=written,
                start=span.start,
                stop=span.stop,
                latex=latex,
                display=mode is Mode.DISPLAY,
                setting=setting,
            )
        case Block(text=text):
            return PieceView(kind="block", text=text, start=span.start, stop=span.stop, setting=setting)
        case Table(rows=rows):
            shown = tuple(tuple(piece_views(cell, source) for cell in row) for row in rows)
            return PieceView(
                kind="table", text=source[span], start=span.start, stop=span.stop, setting=setting, rows=shown
            )
