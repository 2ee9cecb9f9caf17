"""Jupyter notebooks: Markdown cells are what is said, code cells are code, outputs are results.

Where Markdown cells name speakers in lines, the cells are turns of a chat; else the notebook is one answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from llmgrade.limits import Limits
from llmgrade.reading.conversation import Conversation, Message, Part
from llmgrade.reading.fields import array, at, record, records, string
from llmgrade.reading.labels import find_labels, model_named
from llmgrade.reading.opening import Input
from llmgrade.transcript.model import Role, Setting

__all__ = ["read", "sniff"]


def sniff(file: Input) -> float:
    """``nbformat`` beside ``cells`` (or ``worksheets``)."""
    first = record(file.first)
    return 0.98 if "nbformat" in first and ("cells" in first or "worksheets" in first) else 0.0


def read(file: Input, limits: Limits) -> Iterator[Conversation]:
    """The one conversation of a notebook."""
    for item in file.items():
        yield _conversation(record(item))


def _source(cell: Mapping[str, Any]) -> str:
    for key in ("source", "input"):
        value = cell.get(key)
        if value is not None:
            return (
                "".join(part for part in value if isinstance(part, str)) if isinstance(value, list) else string(value)
            )
    return ""


def _conversation(book: Mapping[str, Any]) -> Conversation:
    made = Conversation([], title=string(at(book, "metadata", "title")) or None, attempts_inferred=True)
    language = (
        string(at(book, "metadata", "kernelspec", "language"))
        or string(at(book, "metadata", "language_info", "name"))
        or "python"
    )
    cells = records(book.get("cells")) or [
        cell for sheet in records(book.get("worksheets")) for cell in records(sheet.get("cells"))
    ]
    spoken = _spoken(cells)
    current = Message(Role.ASSISTANT, pointer="/cells")
    for index, cell in enumerate(cells):
        pointer = f"/cells/{index}"
        text, kind = _source(cell), string(cell.get("cell_type"))
        if kind == "code":
            if text.strip():
                current.parts.append(Part(text, Setting.ANSWER, f"{pointer}/source", language))
            for number, output in enumerate(array(cell.get("outputs"))):
                current.say(_output(record(output)), Setting.TOOL_RESULT, f"{pointer}/outputs/{number}")
            continue
        setting = Setting.HIDDEN if kind == "raw" else Setting.ANSWER
        for start, stop, role, words in spoken.get(index, [(0, len(text), None, "")]):
            if role is not None:
                if current.parts:
                    made.messages.append(current)
                current = Message(role, pointer=pointer)
                made.model = made.model or (model_named(words) if role is Role.ASSISTANT else None)
            current.say(text[start:stop], setting, f"{pointer}/source")
    if current.parts:
        made.messages.append(current)
    if not spoken:
        made.notes.append("the notebook names no speakers: taken for one answer")
    return made


def _spoken(cells: list[dict[str, Any]]) -> dict[int, list[tuple[int, int, Role | None, str]]]:
    """For each Markdown cell its stretches and who speaks them (None: whoever spoke before); empty if nobody is named."""
    texts = [
        (index, _source(cell))
        for index, cell in enumerate(cells)
        if string(cell.get("cell_type")) in {"markdown", "heading"}
    ]
    labels = find_labels("\n".join(text for _, text in texts))
    if not labels:
        return {}
    found: dict[int, list[tuple[int, int, Role | None, str]]] = {}
    offset = 0
    for index, text in texts:
        mine = [label for label in labels if offset <= label.start <= offset + len(text)]
        first = mine[0].start - offset if mine else len(text)
        stretches: list[tuple[int, int, Role | None, str]] = [(0, first, None, "")] if text[:first].strip() else []
        for number, label in enumerate(mine):
            stop = mine[number + 1].start - offset if number + 1 < len(mine) else len(text)
            stretches.append((min(label.content - offset, len(text)), stop, label.role, label.words))
        found[index] = stretches
        offset += len(text) + 1
    return found


def _output(output: Mapping[str, Any]) -> str:
    data = record(output.get("data"))
    kinds = (data.get("text/latex"), data.get("text/markdown"), data.get("text/plain"))
    for value in (*kinds, output.get("latex"), output.get("text")):  # format 3 keeps them beside `output_type`
        text = "".join(part for part in value if isinstance(part, str)) if isinstance(value, list) else string(value)
        if text:
            return text
    if string(output.get("output_type")) in {"error", "pyerr"}:
        return f"{string(output.get('ename'))}: {string(output.get('evalue'))}"
    return ""
