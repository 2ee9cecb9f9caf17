"""Which llmgrade this is: stated once, quoted in every report."""

__all__ = ["VERSION"]

VERSION = "0.1.0"
