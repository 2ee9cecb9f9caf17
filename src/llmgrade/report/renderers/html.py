"""One self-contained HTML page: works offline, loads nothing, runs one small script whose hash its policy names."""

from __future__ import annotations

import base64
import hashlib
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import pairwise

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup, escape

from llmgrade.reading.markup import pieces
from llmgrade.report import words
from llmgrade.report.chat import ORDER, Stretch, piece_views, stretches
from llmgrade.report.emphasis import Marked, emphasis
from llmgrade.report.mathml import mathml
from llmgrade.report.model import ClaimReport, PieceView, Report
from llmgrade.source import Source

__all__ = ["body", "render", "script", "style"]


def render(report: Report) -> str:
    """The whole page as text."""
    return (
        _environment()
        .get_template("report.html")
        .render(report=report, style=Markup(style()), script=Markup(script()), policy=_policy(), body=body(report))
    )


def body(report: Report) -> Markup:
    """The report without the page around it, for pages of a service that bring their own frame."""
    page = _environment().get_template("body.html")
    return Markup(page.render(report=report, cut=_Cutter(stretches(report))))


@cache
def style() -> str:
    """The page's style sheet."""
    return _read("report.css")


@cache
def script() -> str:
    """The page's script: links claims to their words, opens what a link points to."""
    return _read("report.js")


def _policy() -> str:
    digest = base64.b64encode(hashlib.sha256(script().encode()).digest()).decode()
    return f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def _read(name: str) -> str:
    return files("llmgrade.report").joinpath("pages", name).read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FunctionLoader(_read), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["math"] = lambda latex, display=False: Markup(mathml(latex, display=display))
    environment.filters["number"] = words.number
    environment.filters["place"] = words.place
    environment.filters["evidence"] = words.evidence
    environment.filters["one_line"] = words.one_line
    environment.filters["said"] = _said
    environment.filters["basename"] = lambda name: name.rsplit("/", 1)[-1]
    environment.globals.update(
        marks=words.MARKS, summary=words.summary, anchor=anchor, apart=_apart, story_class=_story_class, styled=_styled
    )
    return environment


def anchor(claim: ClaimReport) -> str:
    """The id of the words a claim came from."""
    return f"at-{claim.span.start}-{claim.span.stop}"


@dataclass(frozen=True, slots=True)
class _Run:
    """Characters that are shown alike: their styles, and the claim that stands on them (its id once in a page)."""

    text: str
    styles: tuple[str, ...]
    stretch: Stretch | None
    first: bool


class _Cutter:
    """Cuts the chat's pieces into runs, each claim's words beginning with the one that links lead to."""

    def __init__(self, marked: tuple[Stretch, ...]) -> None:
        self._marked = marked
        self._starts = [stretch.start for stretch in marked]
        self._met: set[str] = set()

    def styles(self, pieces: Sequence[PieceView]) -> tuple[Marked, ...]:
        return emphasis(pieces)

    def claim(self, piece: PieceView) -> tuple[Stretch | None, bool]:
        """The gravest claim that touches a formula, and whether it is met for the first time."""
        found = min(self._over(piece.start, piece.stop), key=lambda s: ORDER.index(s.verdict), default=None)
        return found, self._first(found)

    def runs(self, piece: PieceView, styles: tuple[Marked, ...]) -> list[_Run]:
        here = [one for one in styles if one.stop > piece.start and one.start < piece.stop]
        claims = self._over(piece.start, piece.stop)
        places = [(one.start, one.stop) for one in here] + [(claim.start, claim.stop) for claim in claims]
        inside = {edge for place in places for edge in place if piece.start < edge < piece.stop}
        edges = {piece.start, piece.stop} | inside
        made: list[_Run] = []
        for start, stop in pairwise(sorted(edges)):
            over = [one for one in here if one.start <= start and stop <= one.stop]
            if any(one.style is None for one in over):
                continue
            stretch = next((claim for claim in claims if claim.start <= start and stop <= claim.stop), None)
            text = piece.text[start - piece.start : stop - piece.start]
            made.append(_Run(text, tuple(one.style for one in over if one.style), stretch, self._first(stretch)))
        return made

    def _over(self, start: int, stop: int) -> list[Stretch]:
        last = bisect_left(self._starts, stop)
        first = bisect_left(self._starts, start)
        while first > 0 and self._marked[first - 1].stop > start:
            first -= 1
        return list(self._marked[first:last])

    def _first(self, stretch: Stretch | None) -> bool:
        if stretch is None or stretch.id in self._met:
            return False
        self._met.add(stretch.id)
        return True


def _said(text: str) -> Markup:
    """A claim's words on one line, emphasis shown."""
    line = words.one_line(text)
    views = piece_views(pieces(line, 0), Source("claim", line))
    styles, cut = emphasis(views), _Cutter(())
    made = []
    for view in views:
        if view.kind == "formula" and view.latex:
            made.append(Markup(mathml(view.latex)))
        else:
            made.extend(_styled(run) for run in cut.runs(view, styles))
    return Markup("").join(made)


def _styled(run: _Run) -> Markup:
    made = escape(run.text)
    for style in run.styles:
        made = Markup(f"<{style}>%s</{style}>") % made
    return made


def _apart(before: PieceView, piece: PieceView) -> bool:
    """Whether a line ends between two pieces: words after words, and headings and code on lines of their own."""
    own_line = {"heading", "block"}
    both_words = before.kind == piece.kind == "prose"
    ended = before.text.endswith("\n") or piece.text.startswith("\n") or before.display or piece.display
    return not ended and (piece.new_line or both_words or before.kind in own_line or piece.kind in own_line)


def _story_class(story: str) -> str:
    if story.startswith(("right at once", "put right")):
        return "good"
    return "bad" if story.startswith(("wrong", "still wrong", "right answer given up")) else "plain"
