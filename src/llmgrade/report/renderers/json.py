"""The contract's JSON."""

from __future__ import annotations

from llmgrade.report.model import Report

__all__ = ["render"]


def render(report: Report) -> str:
    """`llmgrade.report/1`, indented, without the chat itself."""
    return report.to_json() + "\n"
