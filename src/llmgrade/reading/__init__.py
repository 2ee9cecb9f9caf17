"""Files → transcripts. `FORMATS` is the table of what is read; `read` and `read_each` are the doors.

A format is told by its content, never by its name: every row's ``sniff`` looks, and the surest is taken. A new format
is one new file and one row here, or a package with an entry point in the group ``llmgrade.readers`` whose value is a
`Format`.
"""

from __future__ import annotations

from llmgrade.reading import pdf_text, plain_text
from llmgrade.reading.doors import Door
from llmgrade.reading.model import Format

__all__ = ["FORMATS", "Format", "read", "read_each", "read_lazily"]

FORMATS: tuple[Format, ...] = (
    Format(
        "pdf-text",
        "text out of a PDF printout of a chat page",
        "pages with the printer's furniture, and formulas torn out of the prose into short lines after it",
        pdf_text.sniff,
        pdf_text.read,
    ),
    Format(
        "text",
        "Markdown or plain text",
        "any text nothing else claims; speakers by lines such as “User:”, “**You said:**”, “## Prompt”, “Usuario:”, 🤖, or a chat "
        "template's tokens; without such lines it is one answer, or a request and its answer, and says so",
        plain_text.sniff,
        plain_text.read,
    ),
)

_door = Door(FORMATS)
read = _door.read
read_each = _door.read_each
read_lazily = _door.read_lazily
