"""The index of renderers: one format, one file, one row."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from llmgrade.report.model import Report

__all__ = ["RENDERERS", "Renderer", "renderer"]

Renderer = Callable[[Report], str]

RENDERERS: dict[str, str] = {
    # format -> module:function, imported when asked for
    "text": "llmgrade.report.renderers.text:render",
    "json": "llmgrade.report.renderers.json:render",
    "md": "llmgrade.report.renderers.markdown:render",
    "html": "llmgrade.report.renderers.html:render",
}


def renderer(name: str) -> Renderer:
    """The renderer of a format; KeyError for a format that is not in the table."""
    module, _, function = RENDERERS[name].partition(":")
    found: Renderer = getattr(import_module(module), function)
    return found
