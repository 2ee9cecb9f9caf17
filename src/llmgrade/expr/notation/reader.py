"""A reader for one symbol table: text in, `Reading` out, with places for what went wrong."""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Mapping
from typing import Any

from llmgrade.errors import ExpressionError, LimitExceeded
from llmgrade.expr.nodes import Expr
from llmgrade.expr.notation.builder import Builder, TreeBuilder
from llmgrade.expr.notation.grammar import Misread, Parser
from llmgrade.expr.notation.lexicon import Lexicon, Unreadable
from llmgrade.expr.notation.reading import Alternative, Note, Reading
from llmgrade.expr.notation.tokens import LEXEME
from llmgrade.expr.symbols import SymbolTable
from llmgrade.limits import Limits
from llmgrade.source import Span

__all__ = ["Reader", "reader_for"]

_WRAPS = (("$$", "$$"), ("\\[", "\\]"), ("\\(", "\\)"), ("$", "$"))
_ENDINGS = frozenset((".", ",", ";", "$", " ", "\n", "\t", "\r", "]", ")"))
_WIDE = re.compile("[\uff01-\uff5e\U0001d400-\U0001d7ff]")


class Reader:
    """Reads texts under one table with one builder. Safe from several threads: each has its own parser.

    >>> Reader(SymbolTable.empty()).read("2x + 1").expr
    Add(terms=(Mul(factors=(Num(value=2, decimals=None), Sym(name='x'))), Num(value=1, decimals=None)))
    """

    def __init__(self, symbols: SymbolTable, limits: Limits = Limits(), builder: Builder[Any] | None = None) -> None:  # noqa: B008
        self.symbols, self.limits = symbols, limits
        self.builder: Any = builder if builder is not None else TreeBuilder()
        self._local = threading.local()

    def parser(self, *, tight: bool = False) -> Parser:
        """This thread's parser; with ``tight``, the one for which juxtaposition binds tighter than a slash."""
        name = "tight" if tight else "loose"
        found: Parser | None = getattr(self._local, name, None)
        if found is None:
            limits = self.limits
            lexicon = Lexicon(self.symbols, self.builder, limits.digits)
            found = Parser(lexicon, tight=tight, chars=limits.text_chars, most_tokens=limits.tokens, depth=limits.depth)
            setattr(self._local, name, found)
        return found

    def value(self, text: str) -> Any:
        """What the builder makes of a text; no notes, no alternatives. Raises ExpressionError, and what the builder raises."""
        if len(text) > self.limits.text_chars:
            raise self._explain(text)
        try:
            return self.parser().parse(_narrow(text))
        except (Misread, Unreadable, IndexError, RecursionError):
            raise self._explain(text) from None

    def read(self, text: str) -> Reading:
        """The reading of a text. Raises ExpressionError (LimitExceeded where a budget ran out)."""
        if len(text) > self.limits.text_chars:
            raise self._explain(text)
        parser = self.parser()
        try:
            expr = parser.parse(_narrow(text))
        except (Misread, Unreadable, IndexError, RecursionError):
            raise self._explain(text) from None
        notes = tuple(Note(*note) for note in parser.notes) if parser.notes else ()
        return Reading(expr, notes, text)

    def _explain(self, text: str) -> ExpressionError:
        """Reads again, keeping places, and says where and why it failed."""
        if len(text) > self.limits.text_chars:
            reason = f"longer than {self.limits.text_chars} characters"
            return LimitExceeded(reason, text, Span(self.limits.text_chars, len(text)))
        narrow = _narrow(text)
        lexicon = Lexicon(self.symbols, TreeBuilder(), self.limits.digits)
        parser = Parser(lexicon, chars=self.limits.text_chars, most_tokens=self.limits.tokens, depth=self.limits.depth)
        places: list[int] = []
        try:
            parser.parse(narrow, places)  # type: ignore[call-arg]
        except Misread as why:
            spans = [found.span(1) for found in LEXEME.finditer(narrow[: self.limits.text_chars])]
            at = places[min(why.at, len(places) - 1)] if places else 0
            if why.limit and not places:
                span = Span(0, len(text))
            elif at < len(spans):
                span = Span(*spans[at])
            else:
                span = Span(len(text.rstrip()), len(text.rstrip()))
            kind = LimitExceeded if why.limit else ExpressionError
            return kind(why.reason, text, span, hint=why.hint)
        except (IndexError, RecursionError):
            return LimitExceeded("nested too deep", text, Span(0, len(text)))
        return ExpressionError("cannot be read", text, Span(0, len(text)))


def _narrow(text: str) -> str:
    """Full-width and mathematical letters as plain ones, one for one, so that places stay."""
    if not text.isascii():
        text = _WIDE.sub(lambda found: unicodedata.normalize("NFKC", found[0])[:1], text)
    if text[-1:] in _ENDINGS or text[:1] == "$":
        return _unwrap(text)
    return text


def _unwrap(text: str) -> str:
    """Blanks out the delimiters around a formula and the point that ends its sentence; places stay."""
    if text[-1:] in ("]", ")") and not text.endswith(("\\]", "\\)")):
        return text
    start, stop = 0, len(text)
    while True:
        while start < stop and text[start] in " \n\t\r":
            start += 1
        while start < stop and text[stop - 1] in " \n\t\r":
            stop -= 1
        if (
            stop - start > 1
            and text[stop - 1] in ".,;"
            and not text.endswith("..", 0, stop)
            and text[stop - 2] not in "\\"
        ):
            stop -= 1
            continue
        for opener, closer in _WRAPS:
            inner = text[start + len(opener) : stop - len(closer)]
            if (
                text.startswith(opener, start)
                and text.endswith(closer, start + len(opener), stop)
                and closer not in inner
                and inner.strip()
            ):
                start, stop = start + len(opener), stop - len(closer)
                break
        else:
            return " " * start + text[start:stop]


def reader_for(symbols: SymbolTable, limits: Limits = Limits()) -> Reader:  # noqa: B008
    """The reader of a table, compiled once and kept with it."""
    found: Reader | None = symbols.readers.get(limits)
    if found is None:
        found = symbols.readers.setdefault(limits, Reader(symbols, limits))
    return found
