"""Stored reports → HTML. Everything of a transcript is text on the way: the report's own templates escape it."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from functools import cache, lru_cache

from markupsafe import Markup, escape

from llmgrade.report.model import Report
from llmgrade.report.renderers import html

__all__ = ["fragment", "page_policy", "whole_page"]

_GROW = re.compile(r'style="flex-grow: (\d{1,4})"')


def whole_page(text: str) -> str:
    """A stored report as a page that needs nothing else."""
    report = _report(text)
    if report is None:
        return f"<!DOCTYPE html><html lang=en><title>Nothing graded</title><p>{_nothing(text)}</p></html>"
    return html.render(report)


@lru_cache(maxsize=64)
def fragment(text: str) -> Markup:
    """A stored report without the page around it, and without style attributes: the pages' policy allows none."""
    report = _report(text)
    if report is None:
        return Markup('<p class="nothing">{}</p>').format(_nothing(text))
    return Markup(_GROW.sub(r'data-grow="\1"', html.body(report)))  # quotes of a transcript are escaped: no match there


@cache
def page_policy() -> str:
    """What the self-contained page may do: show itself, and run its own script."""
    digest = base64.b64encode(hashlib.sha256(html.script().encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'"
    )


def _report(text: str) -> Report | None:
    whole = json.loads(text)
    return None if "nothing" in whole else Report.model_validate(whole)


def _nothing(text: str) -> Markup:
    whole = json.loads(text)
    return escape(whole["nothing"] or whole["status"])
