"""The grammar: one precedence core for LaTeX, Unicode, plain and numpy-like text; one file for each family of notation.

A hand-written Pratt reader. It keeps a list of tokens and a position (`state`), tells a `Builder` what it finds, and never looks
inside what the builder returns, except for statements and collections, which are always nodes. Precedences are one table.
Nothing is skipped: a token that has no place is a `Misread` with its index, and `read` turns that into a place in the text.
"""

from llmgrade.expr.notation.grammar.parser import Parser
from llmgrade.expr.notation.grammar.state import Misread

__all__ = ["Misread", "Parser"]
