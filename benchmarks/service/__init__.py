"""The service under load and under fire. ``python -m benchmarks.service.load --help``, ``….faults --help``."""

from __future__ import annotations


def main(*, quick: bool = False) -> None:
    """The load; faults take minutes and are asked for by name."""
    from benchmarks.service.load import main as load

    load(quick=quick)
