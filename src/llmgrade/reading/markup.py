"""The text of one message → its pieces: headings, formulas, tables, code, quotes, thinking, and the words between.

`pieces` is what every reader of text calls. Mathematics is found by its delimiters (``$ $$ \\( \\[``, environments,
``[ … ]`` lines that hold TeX), by `plain_maths` where there are none, and by `code_maths` inside code. A formula's span
is its inside, without delimiters; a prose piece keeps its own characters, asterisks too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from llmgrade.reading.code_maths import code_pieces, is_python, plain_language
from llmgrade.reading.delimiters import Maths, display_stretches, inline_maths
from llmgrade.reading.plain_maths import formulas_in
from llmgrade.source import Span
from llmgrade.transcript.model import Block, Formula, Heading, Method, Mode, Piece, Prose, Setting, Table

__all__ = ["code", "fences", "pieces"]

_REGION = re.compile(
    r"<!--.*?(?:-->|\Z)"
    r"|^[ \t>]*<(?P<tag>think|thinking|thought|thoughts|reasoning|scratchpad|antThinking|analysis)>.*?(?:</(?P=tag)>|\Z)"
    r"|^[ \t]*<details[^>\n]*>\s*<summary>[^<\n]*(?:thought|thinking|reasoning)[^<\n]*</summary>.*?(?:</details>|\Z)"
    r"|◁think▷.*?(?:◁/think▷|\Z)",
    re.DOTALL | re.MULTILINE | re.IGNORECASE,
)
_CLOSE_ONLY = re.compile(r"</(?:think|thinking|reasoning)>", re.IGNORECASE)
_TAGS = re.compile(
    r"</?(?:think|thinking|thought|thoughts|reasoning|scratchpad|antThinking|analysis)>|◁/?think▷", re.IGNORECASE
)
_FENCE = re.compile(r"[ \t>]*(?:[-*+]\s+|\d+\.\s+)?(?P<mark>`{3,}|~{3,})[ \t]*(?P<language>[^`\n]*)$")
_ATX = re.compile(r"[ \t]{0,3}(?P<marks>#{1,6})[ \t]+(?P<text>.*?)[ \t]*#*[ \t]*$")
_BOLD_LINE = re.compile(r"[ \t]*(?P<mark>\*\*|__)(?P<text>(?:(?!\*\*|__).){1,120})(?P=mark)[ \t]*[:：]?[ \t]*$")
_NAMED_LINE = re.compile(
    r"[ \t]*(?P<text>(?:Problem|Part|Question|Exercise|Task|Set|Section|Aufgabe|Teil|Frage|Problema|Parte|Pregunta|Ejercicio"
    r"|Apartado|Problème|Partie|Exercice|Domanda|Esercizio|问题|题目|題目|問題)[ \t]*#?[ \t]*(?:\d{1,3}|[A-Z]|[IVX]{1,5}|\([a-z]\))"
    r"(?:[ \t]*\([^()\n]{1,60}\)|[ \t]*[:.–—-][ \t]+[^\n]{1,60})?)[ \t]*[:.)]?[ \t]*$"
)
_SETEXT = re.compile(r"[ \t]{0,3}={3,}[ \t]*$")
_RULE = re.compile(r"[ \t]{0,3}(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,}|[─━═⸻—]{3,}|⸻)[ \t]*$")
_QUOTE = re.compile(r"[ \t]{0,3}(?:>[ \t]?)+")
_TABLE_RULE = re.compile(r"[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$")
_THOUGHT = re.compile(
    r"[ \t]*(?:[*_⚡🧠💭]+\s*)?(?:(?:Thought|Reasoned|Thinking|Reasoning|Worked) (?:for|about) .{1,40}|Thought process|Show thinking"
    r"|Nachgedacht für .{1,30}|Überlegt .{1,30}|Pensado durante .{1,30}|Pensó durante .{1,30}"
    r"|Réflexion (?:durant|pendant) .{1,30}|已(?:深度)?思考.{0,20}|思考了.{0,20})[*_ \t›>]*$",
    re.IGNORECASE,
)
_CITATION = re.compile(
    r"【[^】\n]{1,80}】|\ue200[^\ue201\n]{0,200}\ue201|[\ue200-\ue206]|\[\^\w{1,20}\]|(?<!\w)cite(?:turn\d+[a-z]+\d+)+"
)
_NOTHING_SAID = re.compile(r"[\s*_~`\u200b]*")


@dataclass(slots=True)
class _Line:
    """A line of the text; several lines where a displayed formula runs across them."""

    start: int
    stop: int


def pieces(text: str, offset: int = 0, *, setting: Setting = Setting.ANSWER) -> tuple[Piece, ...]:
    """The pieces of one message, in order.

    Args:
        text: the message.
        offset: where ``text`` stands in the source (code points); spans count in the source.
        setting: what kind of speech the message is; quotes, thinking and comments inside an answer get their own.
    """
    return tuple(_Marker(text, offset).all(setting))


def code(text: str, offset: int, language: str, *, setting: Setting = Setting.ANSWER) -> tuple[Piece, ...]:
    """The pieces of a text that is code as a whole, as in a notebook's cell."""
    if setting is not Setting.ANSWER:
        return (Block(text, Span(offset, offset + len(text)), language, setting),) if text.strip() else ()
    return tuple(_Marker(text, offset).code(0, len(text), language, setting))


class _Marker:
    def __init__(self, text: str, offset: int) -> None:
        self.text = text
        self.offset = offset

    def span(self, start: int, stop: int) -> Span:
        return Span(self.offset + start, self.offset + stop)

    # Regions: thinking and comments, which may hold anything.

    def all(self, setting: Setting) -> Iterator[Piece]:
        for start, stop, kind in self._regions():
            if kind is None:
                yield from self.blocks(start, stop, setting)
            else:
                yield from self._region(start, stop, kind if setting is Setting.ANSWER else setting)

    def _region(self, start: int, stop: int, kind: Setting) -> Iterator[Piece]:
        if kind is Setting.HIDDEN:
            yield Prose(self.text[start:stop], self.span(start, stop), kind)
            return
        position = start
        for tag in _TAGS.finditer(self.text, start, stop):
            yield from self.blocks(position, tag.start(), kind)
            position = tag.end()
        yield from self.blocks(position, stop, kind)

    def _regions(self) -> Iterator[tuple[int, int, Setting | None]]:
        text = self.text
        if "<" not in text and "◁" not in text:
            yield 0, len(text), None
            return
        position = 0
        fenced: list[tuple[int, int]] | None = None
        closing = _CLOSE_ONLY.search(text)
        opening = re.search(r"<(?:think|thinking|reasoning)>", text, re.IGNORECASE)
        if closing and (opening is None or opening.start() > closing.start()):
            # The opening tag stood in the prompt's template.
            yield 0, closing.end(), Setting.THINKING
            position = closing.end()
        for match in _REGION.finditer(text, position):
            if match.start() < position:
                continue
            if fenced is None:
                fenced = list(fences(text))
            if any(start <= match.start() < stop for start, stop in fenced):
                continue
            yield position, match.start(), None
            kind = Setting.HIDDEN if match.group().startswith("<!--") else Setting.THINKING
            yield match.start(), match.end(), kind
            position = match.end()
        yield position, len(text), None

    # Blocks: what a line begins.

    def blocks(self, start: int, stop: int, setting: Setting) -> Iterator[Piece]:
        if not self.text[start:stop].strip():
            return
        lines = self._lines(start, stop)
        index = 0
        paragraph: list[_Line] = []
        while index < len(lines):
            line = lines[index]
            taken, found = self._block(lines, index, setting)
            if taken:
                yield from self._paragraph(paragraph, setting)
                paragraph = []
                yield from found
                index += taken
                continue
            if self.text[line.start : line.stop].strip():
                paragraph.append(line)
            else:
                yield from self._paragraph(paragraph, setting)
                paragraph = []
            index += 1
        yield from self._paragraph(paragraph, setting)

    def _lines(self, start: int, stop: int) -> list[_Line]:
        """Lines; a displayed formula over several lines makes them one."""
        displays = display_stretches(self.text, start, stop)
        lines: list[_Line] = []
        position, shown = start, 0
        while position < stop:
            end = self.text.find("\n", position, stop)
            end = stop if end == -1 else end
            while shown < len(displays) and displays[shown][0] < end:
                if displays[shown][1] > end:
                    end = self.text.find("\n", displays[shown][1], stop)
                    end = stop if end == -1 else end
                shown += 1
            lines.append(_Line(position, end))
            position = end + 1
        return lines

    def _block(self, lines: list[_Line], index: int, setting: Setting) -> tuple[int, list[Piece]]:
        """How many lines the block that begins here takes (0: none begins), and its pieces."""
        line = lines[index]
        text = self.text[line.start : line.stop]
        stripped = text.lstrip()
        if not stripped:
            return 0, []
        first = stripped[0]
        if first in "`~-*+>0123456789" and ("```" in text or "~~~" in text):
            fence = _FENCE.match(text)
            if fence:
                return self._fenced(lines, index, fence, setting)
        if first == "#":
            heading = _ATX.match(text)
            if heading:
                begin = line.start + heading.start("text")
                return 1, list(self._heading(begin, line.start + heading.end("text"), len(heading["marks"]), setting))
        if first == ">":
            return self._quoted(lines, index, setting)
        if first in "-*_─━═⸻—" and _RULE.match(text):
            return 1, []
        if "|" in text or "\t" in text:
            taken, table = self._table(lines, index, setting)
            if taken:
                return taken, table
        if first in "*_":
            bold = _BOLD_LINE.match(text)
            if bold and not inline_maths(self.text, line.start, line.stop) and not formulas_in(bold["text"]):
                begin = line.start + bold.start("text")
                return 1, [Heading(bold["text"], self.span(begin, begin + len(bold["text"])), 4, setting)]
        if len(text) < 90:
            named = _NAMED_LINE.match(text)
            if named:
                begin = line.start + named.start("text")
                return 1, list(self._heading(begin, line.start + named.end("text"), 3, setting))
            if index + 1 < len(lines):
                following = lines[index + 1]
                if _SETEXT.match(self.text[following.start : following.stop]):
                    begin, end = self._bare(line.start, line.stop)
                    return 2, list(self._heading(begin, end, 1, setting))
            if _THOUGHT.match(text):
                kind = Setting.THINKING if setting is Setting.ANSWER else setting
                return 1, [Prose(text, self.span(line.start, line.stop), kind)]
        return 0, []

    def _bare(self, start: int, stop: int) -> tuple[int, int]:
        while start < stop and self.text[start].isspace():
            start += 1
        while stop > start and self.text[stop - 1].isspace():
            stop -= 1
        return start, stop

    def _heading(self, start: int, stop: int, level: int, setting: Setting) -> Iterator[Piece]:
        """A heading. Its formulas stay in its words, but for a boxed one or one that is all of it."""
        text = self.text[start:stop]
        if not text:
            return
        maths = inline_maths(self.text, start, stop)
        alone = len(maths) == 1 and not re.search(r"\w", text.replace(self.text[maths[0].start : maths[0].stop], ""))
        if any(found.boxed for found in maths) or alone:
            begin, end = self._bare(start, maths[0].start)
            if re.search(r"\w", self.text[begin:end]):
                yield Heading(self.text[begin:end], self.span(begin, end), level, setting)
                start = maths[0].start
            yield from self.inline(start, stop, setting)
        else:
            yield Heading(text, self.span(start, stop), level, setting)

    def _fenced(
        self, lines: list[_Line], index: int, fence: re.Match[str], setting: Setting
    ) -> tuple[int, list[Piece]]:
        mark, language = fence["mark"], fence["language"].strip()
        closing = re.compile(rf"[ \t>]*{re.escape(mark[0])}{{{len(mark)},}}[ \t]*$")
        last = index + 1
        begin = min(lines[index].stop + 1, lines[-1].stop)
        position = begin
        end = lines[-1].stop
        # Lines may have been joined by a formula; inside a fence they are lines again.
        while position <= end:
            stop = self.text.find("\n", position, end)
            stop = end if stop == -1 else stop
            if closing.match(self.text[position:stop]):
                inside = max(begin, position - 1)
                while last < len(lines) and lines[last].start <= position:
                    last += 1
                rest = lines[last - 1].stop if last else stop
                found = list(self.code(begin, inside, language, setting))
                if rest > stop:
                    found.extend(self.blocks(stop, rest, setting))
                return last - index, found
            position = stop + 1
        return len(lines) - index, list(self.code(begin, end, language, setting))

    def code(self, start: int, stop: int, language: str, setting: Setting) -> Iterator[Piece]:
        if not self.text[start:stop].strip():
            return
        inside = self.text[start:stop]
        name = language.split()[0].lower() if language else ""
        if name in {"math", "latex", "tex", "katex"} and "\\documentclass" not in inside:
            if inline_maths(self.text, start, stop):
                yield from self.blocks(start, stop, setting)
            else:
                begin, end = self._bare(start, stop)
                yield self._formula(Maths(begin, end, begin, end, Mode.DISPLAY), setting)
        elif is_python(name, inside):
            for piece_start, piece_stop, kind in code_pieces(inside):
                yield self._code_piece(start + piece_start, start + piece_stop, kind, language, setting)
        elif plain_language(name, inside):
            yield from self.blocks(start, stop, setting)
        else:
            yield Block(inside, self.span(start, stop), language, setting)

    def _code_piece(self, start: int, stop: int, kind: str, language: str, setting: Setting) -> Piece:
        text, span = self.text[start:stop], self.span(start, stop)
        if kind == "formula":
            return Formula(text, span, text, Mode.DISPLAY, Method.SOURCE, setting=setting)
        if kind == "comment":
            return Prose(text, span, setting)
        return Block(text, span, language, setting)

    def _quoted(self, lines: list[_Line], index: int, setting: Setting) -> tuple[int, list[Piece]]:
        found: list[Piece] = []
        kind = Setting.QUOTE if setting is Setting.ANSWER else setting
        taken = 0
        for line in lines[index:]:
            prefix = _QUOTE.match(self.text, line.start, line.stop)
            if not prefix:
                break
            taken += 1
            begin, end = self._bare(prefix.end(), line.stop)
            if begin < end:
                found.extend(self.inline(begin, end, kind))
        return taken, found

    # Tables

    def _table(self, lines: list[_Line], index: int, setting: Setting) -> tuple[int, list[Piece]]:
        texts = [self.text[line.start : line.stop] for line in lines[index : index + 2]]
        if "|" in texts[0] and len(texts) == 2 and "-" in texts[1] and _TABLE_RULE.match(texts[1]):
            width = len(self._cells(lines[index], 0))
            if "|" not in texts[1] and width > 1:
                return 0, []
            rows = [self._cells(lines[index], 0)]
            taken = 2
            for line in lines[index + 2 :]:
                if "|" not in self.text[line.start : line.stop]:
                    break
                rows.append(self._cells(line, width))
                taken += 1
            return taken, [self._made_table(rows, lines[index].start, lines[index + taken - 1].stop, setting)]
        return self._tabbed(lines, index, setting)

    def _tabbed(self, lines: list[_Line], index: int, setting: Setting) -> tuple[int, list[Piece]]:
        """A table as it comes through the clipboard: cells between tabs, at least two rows of as many."""
        tabs = self.text[lines[index].start : lines[index].stop].strip().count("\t")
        if not tabs:
            return 0, []
        rows: list[list[tuple[int, int]]] = []
        for line in lines[index:]:
            text = self.text[line.start : line.stop]
            if text.startswith("\t") or text.rstrip().count("\t") != tabs:
                break
            cells, begin = [], line.start
            for cell in text.split("\t"):
                cells.append(self._bare(begin, begin + len(cell)))
                begin += len(cell) + 1
            rows.append(cells)
        if len(rows) < 2:
            return 0, []
        return len(rows), [self._made_table(rows, lines[index].start, lines[index + len(rows) - 1].stop, setting)]

    def _made_table(self, rows: list[list[tuple[int, int]]], start: int, stop: int, setting: Setting) -> Table:
        made = tuple(tuple(tuple(self.inline(*cell, setting, cell=True)) for cell in row) for row in rows)
        start, stop = self._bare(start, stop)
        return Table(made, self.span(start, stop), True, setting)

    def _cells(self, line: _Line, width: int) -> list[tuple[int, int]]:
        """The cells of a row; a bar inside a formula or after a backslash separates nothing, if that fits ``width``."""
        start, stop = self._bare(line.start, line.stop)
        if self.text[start] == "|":
            start += 1
        if stop > start and self.text[stop - 1] == "|" and self.text[stop - 2] != "\\":
            stop -= 1
        guarded: set[int] = set()
        for found in inline_maths(self.text, start, stop):
            guarded.update(range(found.start, found.stop))
        for code in re.finditer(r"`[^`\n]+`", self.text[start:stop]):
            guarded.update(range(start + code.start(), start + code.end()))
        careful = self._split(start, stop, guarded)
        if width and len(careful) != width:
            plain = self._split(start, stop, set())
            if len(plain) == width:
                return plain
        return careful

    def _split(self, start: int, stop: int, guarded: set[int]) -> list[tuple[int, int]]:
        cells, begin = [], start
        for position in range(start, stop):
            if self.text[position] == "|" and position not in guarded and self.text[position - 1] != "\\":
                cells.append(self._bare(begin, position))
                begin = position + 1
        cells.append(self._bare(begin, stop))
        return cells

    # Inside a paragraph

    def _paragraph(self, lines: list[_Line], setting: Setting) -> Iterator[Piece]:
        if lines:
            yield from self.inline(lines[0].start, lines[-1].stop, setting)

    def inline(self, start: int, stop: int, setting: Setting, *, cell: bool = False) -> Iterator[Piece]:
        """Formulas and the words between them."""
        position = start
        for found in inline_maths(self.text, start, stop):
            yield from self._words(position, found.start, setting, cell=cell)
            yield self._formula(found, setting)
            position = found.stop
        yield from self._words(position, stop, setting, cell=cell)

    def _formula(self, found: Maths, setting: Setting) -> Formula:
        written = self.text[found.inner_start : found.inner_stop]
        return Formula(
            written,
            self.span(found.inner_start, found.inner_stop),
            found.latex if found.latex is not None else written,
            found.mode,
            Method.SOURCE,
            cost=found.cost,
            boxed=found.boxed,
            why=found.why,
            setting=setting,
        )

    def _words(self, start: int, stop: int, setting: Setting, *, cell: bool) -> Iterator[Piece]:
        """Prose, the formulas without delimiters in it, and citations."""
        position = start
        for match in _CITATION.finditer(self.text, start, stop):
            yield from self._prose(position, match.start(), setting, cell=cell)
            kind = Setting.CITATION if setting is Setting.ANSWER else setting
            yield Prose(match.group(), self.span(match.start(), match.end()), kind)
            position = match.end()
        yield from self._prose(position, stop, setting, cell=cell)

    def _prose(self, start: int, stop: int, setting: Setting, *, cell: bool) -> Iterator[Piece]:
        position = start
        for begin, end in self._plain(start, stop, cell=cell):
            yield from self._said(position, begin, setting)
            written = self.text[begin:end]
            yield Formula(written, self.span(begin, end), written, Mode.INLINE, Method.SOURCE, setting=setting)
            position = end
        yield from self._said(position, stop, setting)

    def _plain(self, start: int, stop: int, *, cell: bool) -> Iterator[tuple[int, int]]:
        text = self.text
        position = start
        while position < stop:
            end = text.find("\n", position, stop)
            end = stop if end == -1 else end
            starts = position == 0 or text[position - 1] == "\n" or (cell and position == start)
            line_end = end == len(text) or text[end] == "\n" or (cell and end == stop)
            line = text[position:end]
            if cell and line.strip(" *_`") != line:
                line = line.replace("`", " ")
            for begin, finish in formulas_in(line, starts_line=starts, ends_line=line_end):
                yield position + begin, position + finish
            position = end + 1

    def _said(self, start: int, stop: int, setting: Setting) -> Iterator[Piece]:
        match = _NOTHING_SAID.match(self.text, start, stop)
        if match is not None and match.end() == stop:
            return
        yield Prose(self.text[start:stop], self.span(start, stop), setting)


def fences(text: str) -> Iterator[tuple[int, int]]:
    """Where fenced code stands."""
    position = 0
    opening: tuple[int, str] | None = None
    for line in text.split("\n"):
        match = _FENCE.match(line)
        if match:
            if opening is None:
                opening = (position, match["mark"])
            elif (
                match["mark"][0] == opening[1][0]
                and len(match["mark"]) >= len(opening[1])
                and not match["language"].strip()
            ):
                yield opening[0], position + len(line)
                opening = None
        position += len(line) + 1
    if opening is not None:
        yield opening[0], len(text)
