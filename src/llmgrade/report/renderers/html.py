"""One self-contained HTML page: works offline, loads nothing, runs one small script whose hash its policy names."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from llmgrade.report import words
from llmgrade.report.chat import Stretch, stretches
from llmgrade.report.mathml import mathml
from llmgrade.report.model import ClaimReport, PieceView, Report

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
    return Markup(page.render(report=report, marked=stretches(report)))


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
    environment.filters["pieces"] = _with_marks
    environment.filters["basename"] = lambda name: name.rsplit("/", 1)[-1]
    environment.globals.update(
        marks=words.MARKS, summary=words.summary, anchor=anchor, apart=_apart, story_class=_story_class
    )
    return environment


def anchor(claim: ClaimReport) -> str:
    """The id of the words a claim came from."""
    return f"at-{claim.span.start}-{claim.span.stop}"


def _with_marks(piece: PieceView, marked: tuple[Stretch, ...]) -> list[tuple[str, Stretch | None]]:
    """The piece's text cut at the claims that stand in it: ``(text, claim or None)``."""
    cut: list[tuple[str, Stretch | None]] = []
    position = piece.start
    for stretch in marked:
        if stretch.stop <= position or stretch.start >= piece.stop:
            continue
        start, stop = max(stretch.start, position), min(stretch.stop, piece.stop)
        if start > position:
            cut.append((piece.text[position - piece.start : start - piece.start], None))
        cut.append((piece.text[start - piece.start : stop - piece.start], stretch))
        position = stop
    if position < piece.stop:
        cut.append((piece.text[position - piece.start :], None))
    return [(text, stretch) for text, stretch in cut if text]


def _apart(before: PieceView, piece: PieceView) -> bool:
    """Whether a line ends between two pieces: words after words, and headings and code on lines of their own."""
    own_line = {"heading", "block"}
    both_words = before.kind == piece.kind == "prose"
    ended = before.text.endswith("\n") or piece.text.startswith("\n")
    return not ended and (both_words or before.kind in own_line or piece.kind in own_line)


def _story_class(story: str) -> str:
    if story.startswith(("right at once", "put right")):
        return "good"
    return "bad" if story.startswith(("wrong", "still wrong", "right answer given up")) else "plain"
