"""What goes wrong, and how it is said.

::

    LlmgradeError                  anything a person can mend; the command line prints it and exits with 2
    ├── UsageError                 the call itself is wrong (an option, a name)
    ├── UnreadableInput            a file that cannot be read as what it should be
    ├── RubricError                a rubric with mistakes: carries every Diagnostic of the file
    └── ExpressionError            mathematics that cannot be read, with its place in its own text
    LimitExceeded(ExpressionError) a budget of `limits.Limits` ran out: never counted as wrong

An unreadable *claim* is not an error: it is `undecided`, with the reason. A bug is any other exception.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from llmgrade.source import Source, Span, cells

__all__ = [
    "Diagnostic",
    "ExpressionError",
    "LimitExceeded",
    "LlmgradeError",
    "RubricError",
    "UnreadableInput",
    "UsageError",
    "did_you_mean",
]


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One mistake in one file: what is wrong, where, and the likely fix.

    >>> source = Source("r.yaml", "parts:\\n  - gold: (XᵀX + λ)⁻¹Xᵀy\\n")
    >>> print(Diagnostic("shape-mismatch", "cannot add a scalar to a d×d matrix", source, Span(17, 24),
    ...                  hint="did you mean `λI`?").picture())
    r.yaml:2:11: cannot add a scalar to a d×d matrix [shape-mismatch]
      2 |   - gold: (XᵀX + λ)⁻¹Xᵀy
                    ^^^^^^^
    hint: did you mean `λI`?
    """

    code: str
    message: str
    source: Source
    span: Span
    hint: str | None = None
    severity: str = "error"
    """``error`` (the rubric is refused), ``warning`` or ``info``."""

    @property
    def where(self) -> str:
        """``file:line:column``, 1-based."""
        place = self.source.place(self.span)
        return f"{self.source.name}:{place.line_start}:{place.column}"

    def picture(self) -> str:
        """The message with its line and a caret under the very characters it is about."""
        place = self.source.place(self.span)
        line = self.source.line(place.line_start)
        before = line[: place.column - 1]
        shown = self.source[self.span].split("\n", 1)[0]
        number = str(place.line_start)
        carets = "^" * max(1, cells(shown))
        label = "" if self.severity == "error" else f"{self.severity}: "
        lines = [
            f"{self.where}: {label}{self.message} [{self.code}]",
            f"  {number} | {line}",
            f"  {' ' * len(number)}   {' ' * cells(before)}{carets}",
        ]
        if self.hint:
            lines.append(f"hint: {self.hint}")
        return "\n".join(lines)


class LlmgradeError(Exception):
    """Anything a person can mend. ``str()`` of it is the message to show."""


class UsageError(LlmgradeError):
    """The call itself is wrong: an unknown option value, a name that does not exist."""


class UnreadableInput(LlmgradeError):
    """A file that cannot be read as what it should be."""

    def __init__(
        self, name: str, reason: str, *, line: int | None = None, column: int | None = None, hint: str | None = None
    ) -> None:
        self.name, self.reason, self.line, self.column, self.hint = name, reason, line, column, hint
        place = name if line is None else f"{name}:{line}" if column is None else f"{name}:{line}:{column}"
        super().__init__(f"{place}: {reason}" + (f"\nhint: {hint}" if hint else ""))

    def __reduce__(self) -> Any:
        """Pickled by what it was made of, so that it comes whole out of another process."""
        return partial(type(self), line=self.line, column=self.column, hint=self.hint), (self.name, self.reason)


class RubricError(LlmgradeError):
    """A rubric file with mistakes; ``diagnostics`` holds all of them, in file order."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__("\n".join(d.picture() for d in self.diagnostics))

    def __reduce__(self) -> Any:
        """Pickled with its diagnostics."""
        return type(self), (self.diagnostics,)


class ExpressionError(LlmgradeError):
    """Mathematics that cannot be read, or has no shape: ``span`` counts in ``text``, the expression's own text."""

    code = "unreadable-maths"

    def __init__(self, reason: str, text: str, span: Span, *, hint: str | None = None, code: str | None = None) -> None:
        self.reason, self.text, self.span, self.hint = reason, text, span, hint
        if code is not None:
            self.code = code
        super().__init__(f"{reason} (at {span.start}: {text[span.start : span.stop][:40]!r})")

    def __reduce__(self) -> Any:
        """Pickled with its text and place."""
        return partial(type(self), hint=self.hint, code=vars(self).get("code")), (self.reason, self.text, self.span)

    def diagnostic(self, source: Source, offset: int) -> Diagnostic:
        """The same mistake as a picture in ``source``, where this text stands at ``offset``."""
        span = Span(offset + self.span.start, offset + self.span.stop)
        return Diagnostic(self.code, self.reason, source, span, self.hint)


class LimitExceeded(ExpressionError):
    """A budget ran out. Never counted as wrong: the claim is undecided."""

    code = "limit-exceeded"


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """A suggestion in words, or None where nothing is near.

    >>> did_you_mean("wehn", ["when", "say"])
    'did you mean `when`?'
    """
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"did you mean `{near[0]}`?" if near else None
