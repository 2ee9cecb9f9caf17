"""A file being looked at: its bytes, text, JSON or archive members, each made once and only when asked for.

Sniffers and readers share one `Input`, so a file is decoded and parsed once however many readers look at it.
What is larger than the limit is never held whole: `Input.stream` and `Input.items` go through it piece by piece.
"""

from __future__ import annotations

import gzip
import io
import re
import zlib
from collections.abc import Callable, Iterator
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import IO, Any

from llmgrade.errors import UnreadableInput
from llmgrade.limits import Limits
from llmgrade.reading.archive import Archive
from llmgrade.reading.decoding import Decoded, decode
from llmgrade.reading.json_stream import NOTHING, Damage, broken_off, items, parse

__all__ = ["NOTHING", "Input", "Looks", "Progress"]

Progress = Callable[[int, int], None]
"""Called with bytes read and bytes in all (0 where that is unknown)."""

_HEAD = 65536
_STREAMED = 12 * 1024 * 1024
_JSON_START = re.compile(r'\s*(?:\{\s*"[^"\n]*"\s*:|\[\s*(?:\{\s*"|\[\s*\{|\]))')
_PDF_OBJECT = re.compile(rb"^\d{1,6} 0 obj\s*(?:\n\s*)?<<.*?(?:endobj|stream)", re.MULTILINE | re.DOTALL)
"""What no other file has at the start of a line: a PDF whose first line is damaged."""
_PAGE_START = re.compile(r"<|(?:from|mime-version|subject|snapshot[\w-]*):", re.IGNORECASE)


class Looks(StrEnum):
    """What the first bytes of a file look like; enough to know which readers need not be asked."""

    ARCHIVE = "archive"
    JSON = "json"
    PAGE = "page"
    PDF = "pdf"
    TEXT = "text"


class Input:
    """One named file, from disk or from memory."""

    def __init__(
        self,
        name: str,
        data: bytes | None = None,
        path: Path | None = None,
        limits: Limits | None = None,
        progress: Progress | None = None,
        opener: Callable[[], IO[bytes]] | None = None,
        size: int | None = None,
    ) -> None:
        self.name = name
        self.limits = limits or Limits()
        self.progress = progress
        self._data, self._path, self._opener = data, path, opener
        self._size = size
        self.notes: list[str] = []

    def raw(self) -> IO[bytes]:
        """The bytes as they are stored, from the start; seekable unless they come out of an archive."""
        if self._data is not None:
            return io.BytesIO(self._data)
        if self._path is not None:
            return self._path.open("rb")
        assert self._opener is not None
        return self._opener()

    @cached_property
    def raw_size(self) -> int:
        """How many bytes are stored; 0 where that is unknown."""
        if self._data is not None:
            return len(self._data)
        if self._path is not None:
            return self._path.stat().st_size
        return self._size or 0

    @cached_property
    def _zipped(self) -> bool:
        with self.raw() as file:
            return file.read(2) == b"\x1f\x8b"

    def stream(self) -> IO[bytes]:
        """The bytes, gunzipped, from the start."""
        file = self.raw()
        return gzip.GzipFile(fileobj=file) if self._zipped else file  # type: ignore[return-value]

    @cached_property
    def head(self) -> bytes:
        """The first 64 kB, gunzipped."""
        return self._up_to(_HEAD)

    def _up_to(self, count: int) -> bytes:
        try:
            with self.stream() as file:
                return file.read(count)
        except (EOFError, OSError, zlib.error) as error:
            if not self._zipped:
                raise
            raise UnreadableInput(self.name, f"the gzip data are damaged ({error})") from None

    @cached_property
    def large(self) -> bool:
        """Whether the file is too large to be held whole."""
        if not self._zipped and self.raw_size:
            return self.raw_size > self.limits.input_bytes
        return len(self._whole_or_more) > self.limits.input_bytes

    @cached_property
    def _whole_or_more(self) -> bytes:
        return self._up_to(self.limits.input_bytes + 1)

    @cached_property
    def data(self) -> bytes:
        """All bytes, gunzipped.

        Raises:
            UnreadableInput: they are more than the limit allows.
        """
        if self.large:
            limit = self.limits.input_bytes // (1024 * 1024)
            raise UnreadableInput(
                self.name,
                f"too large to be read in one piece (limit {limit} MB)",
                hint="exports of many conversations are streamed; other files must be split",
            )
        return self._data if self._data is not None and not self._zipped else self._whole_or_more

    @cached_property
    def decoded(self) -> Decoded:
        """The text, with notes on what had to be mended."""
        return decode(self.data, self.name)

    @property
    def text(self) -> str:
        """The text."""
        return self.decoded.text

    @cached_property
    def archive(self) -> Archive | None:
        """The archive this file is, or None."""
        if not self.head.startswith((b"PK\x03\x04", b"PK\x05\x06")) or self._zipped:
            return None
        return Archive.open(self.name, self.raw())

    # JSON

    @cached_property
    def looks_json(self) -> bool:
        """Whether the first characters are those of a JSON object or array, or of a line of JSON."""
        start = self.start
        if start[:1] == "{":
            return start[1:].lstrip()[:1] in {'"', "}"}
        if start[:1] == "[":
            return start[1:].lstrip()[:1] in {"{", "[", '"', "]"} and ("{" in start[:200] or "]" in start[:200])
        return False

    @cached_property
    def looks(self) -> Looks:
        """What the first bytes look like: a tag or a mail's header for a page, text where it is nothing else."""
        if self.archive is not None:
            return Looks.ARCHIVE
        if self.looks_json:
            return Looks.JSON
        if b"%PDF-" in self.head[:1024] or _PDF_OBJECT.search(self.head):
            return Looks.PDF
        return Looks.PAGE if _PAGE_START.match(self.start) else Looks.TEXT

    @cached_property
    def is_json(self) -> bool:
        """Whether the file is JSON, or was before it was damaged: no Markdown begins so."""
        return self.looks_json and (self.value is not NOTHING or _JSON_START.match(self.start) is not None)

    @cached_property
    def start(self) -> str:
        """The first 64 kB as text, as well as can be told, without leading blanks."""
        head = self.head
        if head.startswith((b"\xff\xfe", b"\xfe\xff")):
            return decode(head[: len(head) // 2 * 2], self.name, mend=False).text.lstrip("\ufeff \n\t")
        return head.decode("utf-8", "replace").lstrip("\ufeff \r\n\t")

    @cached_property
    def streamed(self) -> bool:
        """Whether the file is an array long enough to be read element by element, so that memory stays small."""
        if not self.start.startswith("[") or self.head.startswith((b"\xff\xfe", b"\xfe\xff")):
            return False
        return self.large or len(self._up_to(_STREAMED + 1)) > _STREAMED

    @cached_property
    def _json_text(self) -> str:
        return decode(self.data, self.name, mend=False).text

    @cached_property
    def _parsed(self) -> tuple[Any, Damage | None]:
        if not self.looks_json or self.large or self.streamed:
            return NOTHING, None
        return parse(self._json_text)

    @property
    def value(self) -> Any:
        """The one JSON value the file is, or NOTHING."""
        return self._parsed[0]

    @property
    def damage(self) -> Damage | None:
        """Where and why the file is no JSON value, if it looks like one."""
        return self._parsed[1]

    @cached_property
    def lines(self) -> bool:
        """Whether the file is JSON Lines: several JSON values, one a line (one alone is taken for plain JSON)."""
        if not self.looks_json:
            return False
        if self.streamed or (not self.large and self._parsed[0] is not NOTHING):
            return False
        first = self.start.split("\n", 1)[0]
        value, damage = parse(first)
        if damage is None:
            return isinstance(value, dict | list) and not broken_off(first)
        return False

    @cached_property
    def first(self) -> Any:
        """The first record: of an array its first element, of JSON Lines the first line, else the value; or NOTHING."""
        if self.value is not NOTHING:
            value = self.value
            return value[0] if isinstance(value, list) and value else value
        if not self.looks_json:
            return NOTHING
        for item in self.items(report=False):
            return item
        return NOTHING

    @cached_property
    def some(self) -> tuple[Any, ...]:
        """The first few records, as `first` counts them."""
        if isinstance(self.value, list):
            return tuple(self.value[:8])
        if self.value is not NOTHING:
            return (self.value,)
        if not self.looks_json:
            return ()
        found = []
        for item in self.items(report=False):
            found.append(item)
            if len(found) == 8:
                break
        return tuple(found)

    def _telling(self) -> Callable[[int], None] | None:
        progress = self.progress
        if progress is None:
            return None
        size = 0 if self._zipped else self.raw_size
        return lambda done: progress(done, size)

    def items(self, *, report: bool = True) -> Iterator[Any]:
        """The records, one by one, without holding the file whole where it is large.

        Damage ends the stream; it is added to `notes` with its line (and raised where nothing could be read).
        """
        if self.value is not NOTHING:
            yield from self.value if isinstance(self.value, list) else [self.value]
            return
        tell = self._telling() if report else None
        stream = (
            io.BytesIO(self._json_text.encode("utf-8", "surrogatepass"))
            if not self.large and not self.streamed
            else self.stream()
        )
        count = 0
        with stream as file:
            for item in items(file, tell):
                if isinstance(item, Damage):
                    if report:
                        self.notes.append(
                            f"line {item.line}: {item.reason}"
                            + ("; the rest of the file is lost" if item.final else "; this line is left out")
                        )
                        if item.final and count == 0:
                            raise UnreadableInput(self.name, item.reason, line=item.line, column=item.column)
                    continue
                count += 1
                yield item
