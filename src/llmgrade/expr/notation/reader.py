"""A reader for one symbol table: text in, `Reading` out, with places for what went wrong."""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Callable
from typing import Any

from llmgrade.errors import ExpressionError, LimitExceeded
from llmgrade.expr.nodes import Expr
from llmgrade.expr.notation.builder import Builder, NeedTree, TreeBuilder
from llmgrade.expr.notation.doubts import other_readings
from llmgrade.expr.notation.grammar import Misread, Parser
from llmgrade.expr.notation.lexicon import Lexicon, Unreadable
from llmgrade.expr.notation.reading import Alternative, Located, Note, Reading
from llmgrade.expr.notation.tokens import LEXEME, Token, unspaced
from llmgrade.expr.symbols import SymbolTable
from llmgrade.limits import Limits
from llmgrade.source import Span

__all__ = ["Reader", "reader_for"]

_WRAPS = (("$$", "$$"), ("\\[", "\\]"), ("\\(", "\\)"), ("$", "$"))
_SURE: frozenset[str] = frozenset()
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
            model = None
            if hasattr(self.builder, "atom"):
                model = reader_for(self.symbols, limits).parser().lexicon
            lexicon = Lexicon(self.symbols, self.builder, limits.digits, model)
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

    def attempt(self, text: str) -> Any:
        """Like `value`, for callers that will `read` what cannot be read this way: any trouble is a NeedTree, unexplained."""
        if len(text) > self.limits.text_chars:
            raise NeedTree
        try:
            return self.parser().parse(_narrow(text))
        except (Misread, Unreadable, IndexError, RecursionError):
            raise NeedTree from None

    def attempt_lexemes(self, lexemes: list[str]) -> Any:
        """`attempt` of a text whose lexemes another reader has found."""
        try:
            return self.parser().unplaced("", lexemes)
        except (Misread, Unreadable, IndexError, RecursionError):
            raise NeedTree from None

    def attempts(self, parser: Parser) -> Callable[[str], Any]:
        """`attempt` with a parser of one's own: nothing is looked up, and only one thread may call it at a time."""
        parse, most, endings = parser.unplaced, min(self.limits.text_chars, parser.chars), _ENDINGS

        def attempt(text: str) -> Any:
            if len(text) > most:
                raise NeedTree
            last = text[-1:]
            if (last in endings and (last != ")" or text[-2:-1] == "\\")) or not text.isascii() or text[:1] == "$":
                text = _narrow(text)
            try:
                return parse(text)
            except (Misread, Unreadable, IndexError, RecursionError):
                raise NeedTree from None

        return attempt

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
        return _Read(expr, notes, text, self, frozenset(parser.doubts) if parser.doubts else _SURE)

    def again(self, text: str, *, tight: bool) -> Expr | None:
        """The text read with juxtaposition binding tighter than a slash, or None where that reads nothing."""
        try:
            found: Expr = self.parser(tight=tight).parse(_narrow(text))
        except (Misread, Unreadable, IndexError, RecursionError):
            return None
        return found

    def located(self, text: str) -> Located:
        """The expression of a readable text, with the place of every node."""
        narrow = _narrow(text)
        spans = [found.span(1) for found in LEXEME.finditer(narrow)]
        builder = _LocatingBuilder()
        lexicon = _LocatingLexicon(self.symbols, builder, self.limits.digits, spans)
        limits = self.limits
        parser = Parser(lexicon, chars=limits.text_chars, most_tokens=limits.tokens, depth=limits.depth)
        expr: Expr = parser.parse(narrow)
        return Located(expr, builder.spans, Span(0, len(text)))

    def _explain(self, text: str) -> ExpressionError:
        """Reads again, keeping places, and says where and why it failed."""
        if len(text) > self.limits.text_chars:
            reason = f"longer than {self.limits.text_chars} characters"
            return LimitExceeded(reason, text, Span(self.limits.text_chars, len(text)))
        narrow = _narrow(text)
        parser = self.parser() if type(self.builder) is TreeBuilder else reader_for(self.symbols, self.limits).parser()
        places: list[int] = []
        try:
            parser.parse(narrow, places)
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


class _Read(Reading):
    """A reading that knows its reader, and asks it for more when asked itself."""

    __slots__ = ("_doubts", "_reader")

    def __init__(self, expr: Expr, notes: tuple[Note, ...], text: str, reader: Reader, doubts: frozenset[str]) -> None:
        self.expr, self.notes, self.text = expr, notes, text
        self._reader, self._doubts = reader, doubts
        self._alternatives = self._located = None

    @property
    def alternatives(self) -> tuple[Alternative, ...]:
        if self._alternatives is None:
            again = self._reader.again(self.text, tight=True) if "slash" in self._doubts else None
            self._alternatives = other_readings(self.expr, self.text, self._doubts, self._reader.symbols, again)
        return self._alternatives

    def located(self) -> Located | None:
        if self._located is None:
            self._located = self._reader.located(self.text)
        return self._located

    def with_notes(self, before: tuple[Note, ...]) -> Reading:
        return _Read(self.expr, (*before, *self.notes), self.text, self._reader, self._doubts)


class _LocatingBuilder(TreeBuilder):
    """Remembers where nodes stand: a name by its lexeme, anything else by its parts."""

    def __init__(self) -> None:
        self.here = Span(0, 0)
        self.spans: dict[int, Span] = {}
        self.kept: list[Expr] = []

    def _seen(self, node: Expr) -> Expr:
        self.spans[id(node)] = self.here
        self.kept.append(node)  # an id is only an address: the node must outlive its entry
        return node

    def num(self, text: str) -> Expr:
        return self._seen(super().num(text))

    def sym(self, name: str) -> Expr:
        return self._seen(super().sym(name))

    def const(self, name: str) -> Expr:
        return self._seen(super().const(name))

    def identity(self, size: Expr | None) -> Expr:
        return self._seen(super().identity(size)) if size is None else super().identity(size)


class _LocatingLexicon(Lexicon):
    """Thinks about every lexeme anew, so that every name is a node of its own with a place of its own."""

    def __init__(
        self, table: SymbolTable, builder: _LocatingBuilder, digits: int, spans: list[tuple[int, int]]
    ) -> None:
        super().__init__(table, builder, digits)
        self._spans, self._next, self._inside, self._locating = spans, 0, False, builder

    def __missing__(self, lexeme: str) -> tuple[Token, ...]:
        if self._inside:
            return self.think(lexeme)
        lexeme = unspaced(lexeme)
        self._locating.here = Span(*self._spans[self._next])
        self._next += 1
        self._inside = True
        try:
            return self.think(lexeme)
        finally:
            self._inside = False


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
