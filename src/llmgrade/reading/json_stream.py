"""JSON values out of a stream: the elements of one huge array, or one value a line, without holding them all.

A growing window of text is handed to the standard decoder, value by value, so the cost stays near that of
`json.loads` and the memory near that of the largest single value.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO, Any, Final

__all__ = ["NOTHING", "Damage", "broken_off", "items", "parse"]

NOTHING: Final = object()
"""No JSON here; None is JSON."""

_CHUNK = 1 << 20
_WINDOW = 64 << 20
_SPACE = " \t\r\n"


@dataclass(frozen=True, slots=True)
class Damage:
    """Where JSON stops being JSON (1-based line and column). ``final``: nothing after it can be read."""

    reason: str
    line: int
    column: int | None = None
    final: bool = True


def parse(text: str) -> tuple[Any, Damage | None]:
    """The value of a whole text, or where it is damaged."""
    try:
        return json.loads(text.lstrip("\ufeff")), None
    except json.JSONDecodeError as error:
        return NOTHING, Damage(f"not JSON: {error.msg}", error.lineno, error.colno)
    except RecursionError:
        return NOTHING, Damage("JSON nested too deeply", 1)
    except ValueError as error:
        return NOTHING, Damage(f"not JSON: {error}", 1)


def broken_off(line: str) -> bool:
    """Whether a line is JSON of its own but clearly only the start of something larger (``[`` or ``{`` alone)."""
    return line.strip() in {"[", "{", "[{", ""}


class _Window:
    """The part of a stream that is being looked at."""

    def __init__(self, file: IO[bytes], tell: Callable[[int], None] | None) -> None:
        self._file, self._tell = file, tell
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")("replace")
        self.text, self.at, self.line, self.read, self.ended = "", 0, 1, 0, False

    def more(self, at_least: int = _CHUNK) -> bool:
        """Reads on; False at the end of the stream. Gives up what has been passed."""
        if self.ended:
            return False
        chunk = self._file.read(at_least)
        self.read += len(chunk)
        if self._tell is not None:
            self._tell(self.read)
        self.ended = not chunk
        self.line += self.text.count("\n", 0, self.at)
        self.text = self.text[self.at :] + self._decoder.decode(chunk, final=self.ended)
        self.at = 0
        return True

    def skip(self, chars: str) -> str:
        """Passes over ``chars``; the next character, or "" at the end."""
        while True:
            text, at = self.text, self.at
            while at < len(text) and text[at] in chars:
                at += 1
            self.at = at
            if at < len(text):
                return text[at]
            if not self.more():
                return ""

    def place(self) -> int:
        return self.line + self.text.count("\n", 0, self.at)


def items(file: IO[bytes], tell: Callable[[int], None] | None = None) -> Iterator[Any]:
    """The elements of an array, or the values of JSON Lines; a `Damage` where one is broken.

    An array's damage is final; a broken line is passed over, and the next line is read.
    """
    window = _Window(file, tell)
    first = window.skip(_SPACE)
    array = False
    if first == "[":
        window.at += 1
        if window.skip(_SPACE) in {"{", "]", ""}:
            array = True
        else:
            window.at = window.text.index("[")
    yield from _elements(window) if array else _lines(window)


def _elements(window: _Window) -> Iterator[Any]:
    decoder = json.JSONDecoder()
    while True:
        char = window.skip(_SPACE + ",")
        if char == "]":
            return
        if not char:
            yield Damage("the JSON array is cut off", window.place())
            return
        reach = _CHUNK
        while True:
            try:
                value, window.at = decoder.raw_decode(window.text, window.at)
                break
            except RecursionError:
                yield Damage("JSON nested too deeply", window.place())
                return
            except ValueError as error:
                # An error well before the end of the window is damage; near the end, the value may go on.
                position = getattr(error, "pos", window.at)
                torn = position < len(window.text) - 64 and "Unterminated string" not in str(error)
                if torn or len(window.text) - window.at > _WINDOW or not window.more(reach):
                    what = "the JSON array is cut off" if window.ended and not torn else "not JSON"
                    yield Damage(what, window.line + window.text.count("\n", 0, max(position, 0)))
                    return
                reach *= 2
        yield value


def _lines(window: _Window) -> Iterator[Any]:
    while window.skip(_SPACE):
        stop = window.text.find("\n", window.at)
        reach = _CHUNK
        while stop == -1 and not window.ended and len(window.text) - window.at < _WINDOW:
            window.more(reach)
            reach *= 2
            stop = window.text.find("\n", window.at)
        stop = len(window.text) if stop == -1 else stop
        line = window.text[window.at : stop].strip()
        number = window.place()
        window.at = stop
        try:
            yield json.loads(line)
        except RecursionError:
            yield Damage("JSON nested too deeply", number, final=False)
        except ValueError as error:
            column = getattr(error, "colno", None)
            yield Damage(f"not JSON: {getattr(error, 'msg', error)}", number, column, final=False)
