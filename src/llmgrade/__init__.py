"""Grades the mathematics in LLM answers, claim by claim, with evidence anyone can check."""

from typing import TYPE_CHECKING, Any

from llmgrade.version import VERSION

if TYPE_CHECKING:
    from llmgrade.checking.public import check as check
    from llmgrade.checking.public import compile as compile

__version__ = VERSION

__all__ = ["__version__", "check", "compile"]

_LAZY = {"check": "llmgrade.checking.public", "compile": "llmgrade.checking.public"}
"""Names loaded when first used, so that ``import llmgrade`` stays light."""


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(_LAZY[name]), name)
