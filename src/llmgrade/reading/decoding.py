"""Bytes → text: byte order marks, UTF-16, line ends, broken UTF-8 and text that was decoded wrongly before we met it.

Line numbers are kept: nothing here joins or splits lines, so a place in the decoded text is a place in the file.
Every repair is said in a note.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from llmgrade.errors import UnreadableInput

__all__ = ["Decoded", "decode", "mend_mojibake", "without_surrogates"]

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SIGNATURES = (
    (b"%PDF", "a PDF"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
    (b"SQLite format 3", "an SQLite database"),
    (b"PAR1", "a Parquet file"),
    (b"\xd0\xcf\x11\xe0", "an old Office document"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
)
_LINE_END = re.compile(r"\r\n?")
_SUSPECT = re.compile("[ÃÂâÎÏðŸïäåæçèé€™œž‰‡†][^a-z\\s]|Ã|â€|Î[»±²³µ·¸´]|ï¿½")
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text with ``\\n`` line ends, and what had to be done to get it."""

    text: str
    notes: tuple[str, ...] = ()
    encoding: str = "utf-8"


def decode(data: bytes, name: str, *, mend: bool = True) -> Decoded:
    """The text of a file.

    Raises:
        UnreadableInput: the bytes are no text (a picture, a program, mostly control characters).
    """
    text, encoding, notes = _characters(data, name)
    if "\r" in text:
        text = _LINE_END.sub("\n", text)
    if mend:
        text, mended = mend_mojibake(text)
        if mended:
            notes = (*notes, f"{mended} line{'s' if mended > 1 else ''} decoded wrongly by another program, mended")
    return Decoded(text, notes, encoding)


def _characters(data: bytes, name: str) -> tuple[str, str, tuple[str, ...]]:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            body = data[len(mark) :]
            return _lenient(body, encoding, name)
    for signature, what in _SIGNATURES:
        if data.startswith(signature):
            raise UnreadableInput(name, f"this is {what}, not text", hint="`llmgrade formats` lists what is read")
    head = data[:4096]
    if b"\0" in head:
        even, odd = head[0::2].count(0), head[1::2].count(0)
        if odd > len(head) // 5 and even * 8 < odd:
            return _lenient(data, "utf-16-le", name)
        if even > len(head) // 5 and odd * 8 < even:
            return _lenient(data, "utf-16-be", name)
    if _binary(head):
        raise UnreadableInput(name, "this is a binary file, not text", hint="`llmgrade formats` lists what is read")
    return _lenient(data, "utf-8", name)


def _binary(head: bytes) -> bool:
    """Whether the bytes are no text: more than one in twenty is a control character."""
    control = sum(1 for byte in head if byte < 32 and byte not in b"\t\n\r\f\x1b\b")
    return control * 20 > len(head)


def _lenient(data: bytes, encoding: str, name: str) -> tuple[str, str, tuple[str, ...]]:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        return _broken(data, encoding, error)
    notes = () if encoding == "utf-8" else (f"decoded as {encoding.upper()}",)
    return text, encoding, notes


def _broken(data: bytes, encoding: str, error: UnicodeDecodeError) -> tuple[str, str, tuple[str, ...]]:
    line = data.count(b"\n", 0, error.start) + 1
    text = data.decode(encoding, "replace")
    lost = text.count("\ufffd")
    if encoding == "utf-8":
        wide = sum(1 for char in text if ord(char) > 127) - lost
        if lost > wide:
            other = _eight_bit(data)
            if other is not None:
                found, called = other
                return found, called, (f"not UTF-8 (line {line}); decoded as {called}",)
    return text, encoding, (f"{lost} characters could not be decoded, the first on line {line}; they show as \ufffd",)


def _eight_bit(data: bytes) -> tuple[str, str] | None:
    try:
        chinese = data.decode("gb18030")
    except UnicodeDecodeError:
        pass
    else:
        wide = [char for char in chinese if ord(char) > 127]
        if (
            wide
            and sum("\u4e00" <= char <= "\u9fff" or "\u3000" <= char <= "\u303f" for char in wide) > 0.9 * len(wide)
            and len(wide) > 8
        ):
            return chinese, "gb18030"
    try:
        return data.decode("cp1252"), "cp1252"
    except UnicodeDecodeError:
        return data.decode("latin-1"), "latin-1"


def mend_mojibake(text: str) -> tuple[str, int]:
    """Lines that were decoded wrongly by another program, decoded rightly; and how many they were.

    >>> mend_mojibake("Î» â†’ âˆž")
    ('λ → ∞', 1)
    """
    if not _SUSPECT.search(text):
        return text, 0
    import ftfy  # only here: most text needs no mending, and should not wait for it
    import ftfy.badness

    lines = text.split("\n")
    mended = 0
    for index, line in enumerate(lines):
        if len(line) > 20_000 or not _SUSPECT.search(line) or not ftfy.badness.is_bad(line):
            continue
        fixed = ftfy.fix_encoding(line)
        if fixed != line and "\n" not in fixed and "\r" not in fixed:
            lines[index] = fixed
            mended += 1
    return "\n".join(lines), mended


def without_surrogates(text: str) -> str:
    """``text`` fit for printing: half characters, as broken JSON escapes leave them, become U+FFFD."""
    return _SURROGATE.sub("\ufffd", text) if _SURROGATE.search(text) else text
