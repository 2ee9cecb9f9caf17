"""A turn cut into lines, each under its label: what the finders walk over.

A newline may be a wrapped line or a new one; a run of short lines may be a table that lost its grid on the way through
a printout. Both are settled here, once, so that no finder has to think of layout.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from llmgrade.claims.clauses import is_regime
from llmgrade.claims.flow import BREAK, Cell, Flow, flow_of
from llmgrade.claims.labels import DECORATION, Marker, Nesting, is_reference, mentions, read_marker
from llmgrade.claims.lexicon import FORMULA, OPENERS, REVISIONS, SUBJECTS, SUMMARIES, TASKS, WEAK_TASKS, words
from llmgrade.claims.model import Label
from llmgrade.source import Source
from llmgrade.transcript.model import Mode, Turn

__all__ = ["Kind", "Line", "Speech", "speech_of"]


class Kind(StrEnum):
    """What a line is in the layout."""

    HEADING = "heading"
    BODY = "body"
    DISPLAY = "display"
    CELL = "cell"


@dataclass(slots=True)
class Line:
    """One line of a turn (or one cell), ``[start, stop)`` in the flow, decoration and marker skipped."""

    kind: Kind
    start: int
    stop: int
    label: Label
    marked: bool = False
    """A marker stands at its beginning."""
    header: str = ""
    """A cell's column header, in the writer's words."""
    row: str = ""
    """A cell's whole row, or the open line a display belongs to."""
    regime: str = ""
    """The case a subheading limits this line to ("Case 1: Tall matrix")."""
    lead: tuple[int, int] | None = None
    """The stretch of the unfinished sentence before a display."""
    summary: bool = False
    """Under a heading that announces a summary."""


@dataclass(slots=True)
class Speech:
    """One turn, ready for the finders."""

    turn: Turn
    flow: Flow
    lines: list[Line] = field(default_factory=list)

    def text(self, line: Line) -> str:
        return self.flow.text[line.start : line.stop]


_STOP = re.compile(r"[.:;!?…。：；！？]['\")\]*_]*\s*\Z")
_LIST = re.compile(r"(?:[-*+•·▪◦‣]\s|\d{1,2}[.)]\s|→|⇒|=>|#{1,6}\s|>|\||[\u2600-\u27bf\U0001f000-\U0001faff])")
_LONG = 58
"""From this width (code points) on a line may have been wrapped."""
_LONGEST = 3000
"""The longest line looked at in one piece (code points)."""
_GROUP = re.compile(
    r"\s*(?:,\s*(?:and\s+)?|and|or|&|/|y|und|et|–|to)\s*[(\[]\s*(?:[ivx]{1,5}|[a-z]|\d{1,2})\s*[)\]]", re.IGNORECASE
)
_CASE_HEAD = re.compile(r"(?:case|caso|fall|cas|情况)\b", re.IGNORECASE)
_SENTENCE_INSIDE = re.compile(r"[.!?]\s+\S")


def _raw_lines(flow: Flow) -> Iterator[tuple[int, int]]:
    """Lines after undoing wraps, as ranges of the flow."""
    text = flow.text
    bounds = [(match.start(), match.end()) for match in re.finditer(f"[^\n{BREAK}]+", text)]
    index = 0
    while index < len(bounds):
        start, stop = bounds[index]
        index += 1
        while index < len(bounds):
            between = text[stop : bounds[index][0]]
            if between != "\n" or not _wrapped(text[start:stop], text, stop, bounds[index]):
                break
            stop = bounds[index][1]
            index += 1
        # Nobody writes such lines; the pieces keep every pattern's work in proportion.
        while stop - start > _LONGEST:
            cut = text.rfind(" ", start + _LONGEST // 2, start + _LONGEST) + 1 or start + _LONGEST
            if text[start:cut].strip():
                yield start, cut
            start = cut
        if text[start:stop].strip():
            yield start, stop


def _wrapped(before: str, text: str, stop: int, following: tuple[int, int]) -> bool:
    """Whether the newline at ``stop`` is only a wrap."""
    last = before.rsplit("\n", 1)[-1]
    after = text[following[0] : following[1]]
    bare = after.strip()
    head = last.strip()
    if not bare or not head:
        return False
    if _STOP.search(last):
        # "i.e." at a line's end is no end of a sentence.
        return bool(re.search(r"\b(?:i\.e|e\.g|cf|w\.r\.t|resp|vs)\.\s*\Z", last))
    if bare.startswith(("→", "⇒", "=>")):
        # One step of "If ￼ → ￼ → the elbow shifts right".
        return head[-1] == FORMULA or bool(OPENERS.match(head))
    if _LIST.match(bare):
        return False
    at = following[0] + DECORATION.match(after).end()  # type: ignore[union-attr]
    marker = read_marker(text, at, following[1])
    if marker is not None and marker.strong:
        return (is_reference(text, stop) and len(head) > _LONG // 2) or bool(
            _GROUP.match(text, marker.stop) and len(head) > _LONG
        )
    first = bare[0]
    if first in ",;)].:" or (first == FORMULA and head[-1] != FORMULA and len(head) > 40):
        return True
    if first.islower() or first == "(":
        return (len(bare) > 1 and head[-1] != FORMULA) or len(head) > _LONG
    return first != FORMULA and len(head) >= _LONG and (head[-1].islower() or head[-1] in ",-–(")


_SHORT_VERB = re.compile(
    r"\b(?:is|are|was|gives|give|yields|equals|becomes|has|have|holds|moves|shifts|goes|stays|remains|decreases|increases|"
    r"es|son|da|ist|sind|gibt|est|sont|donne|get|obtain|find|see|conclude|minimi[sz]es?|follows)\b|=",
    re.IGNORECASE,
)


def _is_pseudo_heading(text: str, raw: str) -> bool:
    """A short line that introduces what follows: ends with a colon, is wholly bold, or has no verb and no full stop."""
    bare = text.strip().rstrip("*_ ")
    if not bare or len(bare) > 90 or _SENTENCE_INSIDE.search(bare):
        return False
    if raw.strip().startswith("**") and raw.strip().endswith("**"):
        return True
    if bare.endswith(":"):
        return len(bare.split()) <= 6 or (len(bare.split()) <= 9 and not _SHORT_VERB.search(bare))
    task = TASKS.match(bare)
    if bare.endswith("?") or (task and not (bare.endswith(".") and task[0].casefold() in WEAK_TASKS)):
        return True
    if OPENERS.match(bare):
        return False
    return bare[0].isupper() and bare[-1] not in ".,;!" and not _SHORT_VERB.search(bare) and len(bare.split()) <= 8


@dataclass(slots=True)
class _Pending:
    start: int
    stop: int
    cell: Cell | None
    heading: int
    display: bool


class _Sectioner:
    def __init__(self, speech: Speech, asked_digits: bool) -> None:
        self.speech, self.flow, self.text = speech, speech.flow, speech.flow.text
        self.asked_digits = asked_digits
        self.nest = Nesting()
        self.label = Label()
        self.level = 0
        """Level of the heading the current label came by, 0 for a body line."""
        self.regime = ""
        self.summary = False
        self.shown_alone: Label | None = None
        self.titles: dict[tuple[str | None, tuple[str, ...]], str] = {}
        self.lead: tuple[int, int] | None = None
        self.markers: dict[tuple[int, int], Marker | None] = {}
        self.pending = self._pending()
        self.coming = self._coming()

    def _pending(self) -> list[_Pending]:
        found = []
        for start, stop in _raw_lines(self.flow):
            runs = self.flow.runs_in(start, stop)
            first = runs[0] if runs else None
            formulas = [run for run in runs if run.formula is not None]
            display = (
                len(formulas) == 1 and formulas[0].formula is not None and formulas[0].formula.mode is Mode.DISPLAY
            )
            bare = not self.text[start:stop].replace(FORMULA, "").strip(" *.,;:")
            found.append(
                _Pending(start, stop, first.cell if first else None, first.heading if first else 0, display and bare)
            )
        return found

    def _marker(self, start: int, stop: int) -> Marker | None:
        if (start, stop) not in self.markers:
            self.markers[start, stop] = self._read_marker(start, stop)
        return self.markers[start, stop]

    def _read_marker(self, start: int, stop: int) -> Marker | None:
        at = min(stop, DECORATION.match(self.text, start, stop).end())  # type: ignore[union-attr]
        marker = read_marker(self.text, at, stop)
        if marker is not None and not marker.strong and marker.keys[0].isdigit():
            # "1. **(a)** …": the list's number, then the label.
            behind = min(stop, DECORATION.match(self.text, marker.stop, stop).end())  # type: ignore[union-attr]
            inner = read_marker(self.text, behind, stop)
            if inner is not None and inner.strong and inner.keys and not inner.keys[0].isdigit():
                marker = inner
        if marker is None or _GROUP.match(self.text, marker.stop, stop):
            return None
        return marker

    def _coming(self) -> list[tuple[int, str]]:
        found = []
        for line in self.pending:
            marker = self._marker(line.start, line.stop)
            if marker is not None and marker.keys:
                found.append((line.start, marker.keys[0]))
        return found

    def after(self, at: int) -> list[str]:
        return [key for start, key in self.coming if start > at][:3]

    def accepts(self, marker: Marker, line: _Pending) -> bool:
        """Whether a marker at a line's beginning is a label here, and not a step of a list or a case by number."""
        if not marker.keys:
            return marker.problem is not None
        key = marker.keys[0]
        if key.isdigit():
            parenthesised = self.text[marker.start] in "([" or (not marker.case and marker.strong)
            return self.asked_digits or (parenthesised and not marker.case and not self.nest.levels)
        if marker.strong:
            return True
        return (
            self.nest.follows(key)
            and (key != "i" or self.after(line.start)[:1] == ["ii"])
            and (key not in "a" or self.after(line.start)[:1] == ["b"])
        )

    def run(self) -> None:
        index = 0
        while index < len(self.pending):
            line = self.pending[index]
            if line.cell is not None:
                index = self.table(index)
                continue
            flattened = self.flattened_table(index)
            if flattened is not None:
                index = flattened
                continue
            self.line(line)
            index += 1

    # ── lines ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def line(self, line: _Pending) -> None:
        raw = self.text[line.start : line.stop]
        if line.display:
            # A display under the title of a table belongs to the part before: tables hold cells.
            label = self.shown_alone or self.label
            self.add(
                Line(
                    Kind.DISPLAY, line.start, line.stop, label, lead=self.lead, regime=self.regime, summary=self.summary
                )
            )
            return
        self.lead, self.shown_alone = None, None
        marker = self._marker(line.start, line.stop)
        heading = bool(line.heading)
        if marker is not None and self.accepts(marker, line):
            self.marked(line, marker, heading)
            return
        if heading or _is_pseudo_heading(self.text[self.skip(line.start, line.stop) : line.stop], raw):
            if self.topic(line, heading):
                return
            self.plain_heading(line, heading)
            return
        start = self.skip(line.start, line.stop)
        if start >= line.stop:
            return
        self.open_sentence(start, line.stop)
        self.add(Line(Kind.BODY, start, line.stop, self.label, regime=self.regime, summary=self.summary))

    def skip(self, start: int, stop: int) -> int:
        return min(stop, DECORATION.match(self.text, start, stop).end())  # type: ignore[union-attr]

    def marked(self, line: _Pending, marker: Marker, heading: bool) -> None:
        """A line that begins with a marker, and maybe holds the next ones too ("(a) …  (b) …")."""
        self.regime, self.summary = "", False
        pieces = self.split_markers(line, marker)
        for rank, (mark, start, stop) in enumerate(pieces):
            later = [other.keys[0] for other, _, _ in pieces[rank + 1 :] if other.keys]
            self.nest.enter(mark, later + self.after(line.start))
            self.level = line.heading
            body = self.flow.text[start:stop]
            raw = self.text[line.start : line.stop]
            alone = len(pieces) == 1
            headed = (
                heading
                or self.names_a_case(start, stop)
                or (alone and _is_pseudo_heading(body, raw) and not self.answers(start, stop))
            )
            title = self.title(start, stop, headed)
            span = self.flow.span(mark.start, mark.stop)
            self.label = Label(self.nest.path, span, self.nest.problem, self.titled(title))
            begin = self.skip_close(start, stop)
            if begin < stop:
                if not headed:
                    self.open_sentence(begin, stop)
                kind = Kind.HEADING if headed else Kind.BODY
                self.add(Line(kind, begin, stop, self.label, marked=True))

    def titled(self, title: str) -> str:
        """The title with the conditions this part was introduced with earlier in the message."""
        key = (self.nest.problem, self.nest.path)
        before = self.titles.get(key, "")
        whole = title if "$" in title or "$" not in before else f"{title}; {before}" if title else before
        self.titles[key] = whole
        return whole

    def skip_close(self, start: int, stop: int) -> int:
        """Past emphasis and punctuation that close a marker."""
        match = re.compile(r"[\s*_:.)\]]*(?:[-–—]\s+)?").match(self.text, start, stop)
        return match.end() if match else start

    def answers(self, start: int, stop: int) -> bool:
        """Whether the rest of a marked line is an answer and no title: it holds a formula or says a direction."""
        body = self.text[start:stop].strip(" *_:.)")
        if TASKS.match(body) or _CASE_HEAD.match(body) or body.endswith((":", "?")):
            return False
        if not body:
            return False
        formulas = self.flow.formulas(start, stop)
        if _MATHS.search(body):
            return True
        bare = body.replace(FORMULA, "").strip(" .,;()✅✔🎉*")
        if formulas and len(bare.split()) <= 3 and body.startswith((FORMULA, "=")):
            return True
        return not (
            body[0].isupper()
            and len(body.split()) <= 8
            and not _SHORT_VERB.search(body)
            and not _BIG_DIRECTION.search(body)
        )

    def names_a_case(self, start: int, stop: int) -> bool:
        """Whether nothing but conditions follows the marker: "(ii) $w > 0$, $x > 0$"."""
        formulas = self.flow.formulas(start, stop)
        words = self.text[start:stop].replace(FORMULA, "").strip(" \n*_:.,;()✅—–-")
        latex = [formula.latex or "" for _, formula in formulas]
        if len(formulas) == 1 and latex[0].count(",") == 0:
            return False
        return bool(formulas) and words.lower() in {"", "and", "y", "und", "et"} and all(map(is_regime, latex))

    def title(self, start: int, stop: int, headed: bool) -> str:
        if headed:
            return self.flow.show(start, stop).strip(" :.-–—*()")
        bold = re.compile(r"[\s:.)]*(?:\*\*)?[\s:.)]*([^*\n]{3,80}?)[.:]?\*\*").match(self.text, start, stop)
        return self.flow.show(bold.start(1), bold.end(1)) if bold else ""

    def split_markers(self, line: _Pending, first: Marker) -> list[tuple[Marker, int, int]]:
        """The markers of a line with the stretch after each; later ones must continue the count and not be references."""
        found: list[tuple[Marker, int]] = [(first, first.stop)]
        if line.heading == 0 and first.keys:
            previous, trial = first, self.nest.copy()
            trial.enter(first)
            for marker in mentions(self.text, first.stop, line.stop):
                if marker.keys[0].isdigit() and not self.asked_digits:
                    continue
                siblings = marker.keys[:1] == trial.path[: len(marker.keys) - 1] and trial.follows(marker.keys[-1])
                if not (trial.follows(marker.keys[0]) or siblings) or not self._opens(marker, line, previous):
                    continue
                found.append((marker, marker.stop))
                trial.enter(marker)
                previous = marker
        elif not first.keys:
            rest = self.skip_close(first.stop, line.stop)
            rest = re.compile(r"[\s,:;–—-]*").match(self.text, rest, line.stop).end()  # type: ignore[union-attr]
            second = read_marker(self.text, rest, line.stop)
            if second is not None and second.keys and second.strong:
                joined = Marker(second.keys, first.start, second.stop, problem=first.problem)
                return self.split_markers(line, joined) if line.heading == 0 else [(joined, second.stop, line.stop)]
            for marker in mentions(self.text, rest, line.stop):
                opens = Nesting().follows(marker.keys[0]) and not is_reference(self.text, marker.start)
                announced = self.loose and re.match(r"\s*[*_]*:", self.text[marker.stop : line.stop])
                if announced or (opens and (self.loose or re.search(r"[:.;]\s*\Z", self.text[rest : marker.start]))):
                    inner = self.split_markers(_Pending(marker.start, line.stop, None, 0, False), marker)
                    return [(first, first.stop, marker.start), *inner]
        ends = [marker.start for marker, _ in found[1:]] + [line.stop]
        return [(marker, start, stop) for (marker, start), stop in zip(found, ends, strict=True)]

    def _opens(self, marker: Marker, line: _Pending, previous: Marker) -> bool:
        spoken_of = is_reference(self.text, marker.start) and not (
            self.loose and _LISTING.search(self.text, 0, marker.start)
        )
        if spoken_of or _GROUP.match(self.text, marker.stop, line.stop):
            return False
        between = self.text[previous.stop : marker.start]
        after = self.text[marker.stop : line.stop].lstrip(" *_")
        if not after or after[0] in ",.;)?!":
            return False
        # Directly after its parent ("(a) (i) …"), or after a break in the sentence, or after a wide gap.
        return (
            not between.strip(" *_:")
            or bool(re.search(rf"(?:[.;,:!?{FORMULA}]|\s{{2,}}|[)\]*])[\s*_]*\Z", between))
            or bool(re.search(r"\S\s\Z", between) and self.loose)
        )

    loose = False
    """In a task, parts are strung together with nothing but blanks."""

    def topic(self, line: _Pending, heading: bool) -> bool:
        """A heading that names a part in its middle: "Revised (b): …", "Final verdict for (iv)"."""
        found = list(mentions(self.text, line.start, line.stop))
        if len(found) != 1:
            return False
        marker = found[0]
        before = self.text[line.start : marker.start]
        if len(before.split()) > 6:
            return False
        if not (REVISIONS.search(before) or (heading and not is_reference(self.text, marker.start))):
            return False
        if heading and re.search(r"\b(?:from|by|using|see|as in|desde|aus|selon)\W*\Z", before, re.IGNORECASE):
            return False
        self.regime, self.summary = "", False
        self.nest.enter(marker, self.after(line.start))
        self.level = line.heading
        rest = self.skip_close(marker.stop, line.stop)
        title = self.flow.show(line.start, line.stop)
        title = self.titled(title.strip(" :"))
        self.label = Label(self.nest.path, self.flow.span(marker.start, marker.stop), self.nest.problem, title)
        self.add(Line(Kind.HEADING, self.skip(line.start, line.stop), line.stop, self.label, marked=True))
        if rest >= line.stop:
            self.lead = None
        return True

    def plain_heading(self, line: _Pending, heading: bool) -> None:
        start = self.skip(line.start, line.stop)
        shown = self.flow.show(start, line.stop).strip(" :")
        self.summary = bool(SUMMARIES.search(shown))
        if heading:
            numbered = re.match(r"(\d{1,2})[.)]\s+\S", self.text[start : line.stop])
            if not self.nest.levels or line.heading <= (self.level or 9):
                closed = self.level and line.heading <= self.level
                if numbered and (closed or not self.nest.levels):
                    self.nest.reset(numbered[1])
                    self.label = Label((), None, self.nest.problem, shown)
                elif closed or (self.level == 0 and self.summary):
                    self.nest.levels = []
                    self.label = Label((), None, self.nest.problem, shown)
                elif not self.nest.levels:
                    self.label = Label((), None, self.nest.problem, shown)
                self.level = self.level if self.nest.levels else 0
        if self.summary and _OVERALL.search(shown):
            # What follows sums up several parts; rows with a label of their own still find their place.
            self.shown_alone, self.label = self.label, Label((), None, self.nest.problem, shown)
        limits = _CASE_HEAD.match(shown) or (OPENERS.match(shown) and shown != self.text and len(shown.split()) > 1)
        self.regime = _regime_words(shown) if limits else ""
        self.open_sentence(start, line.stop)
        # A short line that says something is no title: "Old: ￼", "Slope: unchanged", "Elbow shifts".
        speaks = not heading and not self.regime and not self.text[start : line.stop].rstrip(" *_").endswith((":", "?"))
        speaks = speaks or (not heading and not self.regime and bool(self.flow.formulas(start, line.stop)))
        kind = Kind.BODY if speaks else Kind.HEADING
        self.add(Line(kind, start, line.stop, self.label, summary=self.summary, regime=self.regime))

    def open_sentence(self, start: int, stop: int) -> None:
        """Remember the line's last sentence where it goes on into a display."""
        text = self.text[start:stop]
        if not text.strip() or re.search(r"[.!?。]['\")*_\s]*\Z", text):
            self.lead = None
            return
        last = [match.end() for match in re.finditer(r"[.!?]['\")*_]*\s+(?=\S)", text)]
        self.lead = (start + (last[-1] if last else 0), stop)

    def add(self, line: Line) -> None:
        self.speech.lines.append(line)

    # ── tables ────────────────────────────────────────────────────────────────────────────────────────────────────

    def table(self, index: int) -> int:
        first = self.pending[index].cell
        assert first is not None
        rows: dict[int, dict[int, tuple[int, int]]] = {}
        header_row = False
        while index < len(self.pending):
            line = self.pending[index]
            if line.cell is None or line.cell.table != first.table:
                break
            row = rows.setdefault(line.cell.row, {})
            old = row.get(line.cell.column)
            row[line.cell.column] = (old[0] if old else line.start, line.stop)
            header_row = header_row or line.cell.header
            index += 1
        headers: dict[int, str] = {}
        if header_row and 0 in rows:
            headers = {column: self.flow.show(start, stop) for column, (start, stop) in rows.pop(0).items()}
        self.rows([[(column, *cells[column]) for column in sorted(cells)] for cells in rows.values()], headers)
        return index

    def rows(self, rows: Sequence[Sequence[tuple[int, int, int]]], headers: dict[int, str]) -> None:
        """Rows of cells, each under its own label where one of its cells is a marker."""
        nest, outer = self.nest, self.label
        keys = [next((m.keys[0] for _, a, b in row if (m := self._cell_marker(a, b)) and m.keys), "") for row in rows]
        for rank, row in enumerate(rows):
            marker_column, marker, begin = -1, None, 0
            for column, start, stop in row:
                found = self._cell_marker(start, stop)
                if found is not None:
                    marker_column, marker, begin = column, found, self.skip_close(found.stop, stop)
                    break
            titles = [
                self.flow.show(start, stop)
                for column, start, stop in row
                if column != marker_column and self._is_title(column, headers, row)
            ]
            if marker is not None:
                here = nest.copy()
                here.enter(marker, [key for key in keys[rank + 1 :] if key])
                path, span, problem = here.path, self.flow.span(marker.start, marker.stop), here.problem
                nest = here
            else:
                path, span, problem = (() if self.summary else outer.path), None, outer.problem
            label = Label(path, span, problem, "; ".join(t for t in titles if t).strip())
            shown = " | ".join(self.flow.show(start, stop) for _, start, stop in row)
            for column, start, stop in row:
                if column == marker_column:
                    start = begin
                if not self.text[start:stop].strip():
                    continue
                title = self._is_title(column, headers, row)
                self.add(
                    Line(
                        Kind.HEADING
                        if title or (column == marker_column and marker is not None and title)
                        else Kind.CELL,
                        start,
                        stop,
                        label,
                        marked=marker is not None,
                        header=headers.get(column, ""),
                        row=shown,
                        summary=self.summary,
                    )
                )
        self.lead = None

    def _cell_marker(self, start: int, stop: int) -> Marker | None:
        marker = self._marker(start, stop)
        if marker is None:
            bare = self.text[start:stop].strip(" *_`")
            if re.fullmatch(r"[a-z]|[ivx]{1,5}", bare):
                at = self.text.index(bare, start)
                return Marker((bare,), at, at + len(bare))
            return None
        if not marker.keys or (marker.keys[0].isdigit() and not self.asked_digits):
            return None
        return marker

    def _is_title(self, column: int, headers: dict[int, str], row: Sequence[tuple[int, int, int]]) -> bool:
        header = headers.get(column, "")
        if header:
            return bool(_TITLE_HEADER.match(header.strip()))
        return column == min(c for c, _, _ in row) and len(row) > 1

    def flattened_table(self, index: int) -> int | None:
        """A table whose grid was lost: header lines, then label-only lines each followed by its row's cells."""
        labels = []
        at = index
        while at < len(self.pending) and at - index <= 8 and not self._only_marker(self.pending[at]):
            if self.pending[at].cell is not None or self.pending[at].stop - self.pending[at].start > 40:
                return None
            at += 1
        headers = self.pending[index:at]
        if not 2 <= len(headers) <= 8 or at >= len(self.pending):
            return None
        # The header lines are the last ones of few words; a heading above them is no column.
        names = [self.flow.show(line.start, line.stop) for line in headers]
        first = next((i for i, name in enumerate(names) if _TITLE_HEADER.match(name) and not name.endswith(":")), None)
        if first is None or any(name.endswith((":", ".", ",")) for name in names[first:]) or len(names) - first < 2:
            return None
        if first:
            return None
        rows: list[list[tuple[int, int]]] = []
        while at < len(self.pending):
            line = self.pending[at]
            if self._only_marker(line):
                labels.append(at)
                rows.append([(line.start, line.stop)])
            elif self._row_line(line, rows[-1], len(names)):
                self._put_cell(line, rows[-1])
            else:
                break
            at += 1
        if not any(len(row) > 1 for row in rows):
            return None
        placed = []
        for row in rows:
            cells = row[1:]
            shift = len(names) - len(cells)
            marker = self._marker(*row[0])
            start = self.skip_close(marker.stop, row[0][1]) if marker else row[0][0]
            entry = [(0, row[0][0], row[0][1])]
            if self.text[start : row[0][1]].strip() and shift > 1:
                # The conditions' formulas were joined to the label's own line.
                entry = [(0, row[0][0], start), (1, start, row[0][1])]
            entry += [
                (max(shift, 1) + rank, *cell) for rank, cell in enumerate(cells) if max(shift, 1) + rank < len(names)
            ]
            placed.append(entry)
        self.rows(placed, dict(enumerate(names)))
        return at

    def _only_marker(self, line: _Pending) -> bool:
        marker = self._marker(line.start, line.stop)
        if marker is None or not marker.keys or marker.case or line.heading:
            return False
        rest = self.text[marker.stop : line.stop].replace(FORMULA, "").strip(" ,*.:;\u200b")
        return not rest or rest.lower() in {"and", "y", "und", "et"}

    def _row_line(self, line: _Pending, row: list[tuple[int, int]], columns: int) -> bool:
        if line.heading or line.cell is not None or line.stop - line.start > 60:
            return False
        text = self.text[line.start : line.stop].strip()
        if text.endswith((":", "!")) or self._marker(line.start, line.stop):
            return False
        return len(row) < columns or self._joins(text)

    @staticmethod
    def _joins(text: str) -> bool:
        return text[:1].islower() or text[:1] in "(,"

    def _put_cell(self, line: _Pending, row: list[tuple[int, int]]) -> None:
        text = self.text[line.start : line.stop].strip()
        if self._joins(text) and len(row) > 1:
            row[-1] = (row[-1][0], line.stop)
        else:
            row.append((line.start, line.stop))


_TITLE_HEADER = re.compile(
    r"(?:\W*)(?:case|cases|condition|conditions|part|parts|function|input|regime|when|if|caso|casos|condición|condiciones|parte|"
    r"apartado|función|fall|fälle|bedingung|bedingungen|teil|funktion|cas|partie|fonction|情况|条件|部分|函数|objective|problem|setting|scenario|#)\W*\Z",
    re.IGNORECASE,
)
_OVERALL = re.compile(
    r"\b(?:table|tables|overall|results|answers|all|everything|tabla|resultados|tabelle|ergebnisse|tableau|résultats)\b|表",
    re.IGNORECASE,
)
_LISTING = re.compile(r"\b(?:for|if|when|with|cases?|für|wenn|para|si|pour)\s*\Z", re.IGNORECASE)
_MATHS = re.compile(r"[=^_+/≈≤≥<>→∈†ᵀ²³⁻∂∇‖√ΣλσΛ⇒×·]|(?<!\w)[A-Za-z]\Z")
_BIG_DIRECTION = words(
    "|".join(SUBJECTS.values()),
    "left|right|unchanged|increases|decreases|up|down|izquierda|derecha|links|rechts|gauche|droite",
)


def _regime_words(shown: str) -> str:
    """A case's own words: "Case 1: Tall matrix $n>d$" is "Tall matrix $n>d$"."""
    return (
        re.sub(
            r"^\W*(?:case|caso|fall|cas|情况)\s*(?:\d+|[A-Z]|[(]?[ivx]+[)]?)?\s*[:.–—-]?\s*",
            "",
            shown,
            flags=re.IGNORECASE,
        )
        or shown
    )


def speech_of(turn: Turn, source: Source, *, asked_digits: bool = False, task: bool = False) -> Speech:
    """Cut one turn into labelled lines.

    ``asked_digits``: the person numbered the parts, so "1." is a label and not a step. ``task``: the turn sets a task,
    so parts may be strung together in one line.
    """
    speech = Speech(turn, flow_of(turn, source))
    sectioner = _Sectioner(speech, asked_digits)
    sectioner.loose = task
    sectioner.run()
    return speech
