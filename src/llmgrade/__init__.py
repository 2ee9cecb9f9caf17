"""Grades the mathematics in LLM answers, claim by claim, with evidence anyone can check."""

__version__ = "0.1.0"

__all__ = ["__version__"]
