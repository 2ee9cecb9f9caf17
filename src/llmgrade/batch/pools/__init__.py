"""The index of engines: one file, one row; a heavy one is imported when it is asked for."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llmgrade.batch.pools.model import Engine

__all__ = ["ENGINES", "engine"]

ENGINES: dict[str, str] = {
    "local": "llmgrade.batch.pools.local:Local",
    "ray": "llmgrade.batch.pools.ray_cluster:RayCluster",
}


def engine(name: str) -> Engine:
    """The engine of that name; KeyError for one that is not in the table."""
    module, _, attribute = ENGINES[name].partition(":")
    found: Engine = getattr(import_module(module), attribute)()
    return found
