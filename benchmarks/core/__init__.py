"""Deciding answers, beside the verifiers people use today: ``python -m benchmarks core``."""

from benchmarks.core.against_peers import main

__all__ = ["main"]
