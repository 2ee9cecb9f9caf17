"""Printouts whose extractor kept formulas in sight or joined their lines: turns, words, and what can be read of formulas.

What the extractor lost is said so: such a formula is there, unread, and no answer is judged wrong by it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from llmgrade.reading.extractor_clusters import clustered, derived, read_line, read_with_scraps
from llmgrade.reading.extractor_habits import STRONG, Habit, is_maths, only_marks, short_scraps, types_maths
from llmgrade.reading.extractor_linear import Habits
from llmgrade.reading.extractor_stream import stream_readings
from llmgrade.reading.extractor_turns import Said, speeches
from llmgrade.reading.printout_lines import ZERO_WIDTH, Line
from llmgrade.reading.printout_pages import Page
from llmgrade.reading.printout_typed import typed
from llmgrade.source import Source, Span
from llmgrade.transcript.model import Formula, Heading, Method, Mode, Piece, Prose, Reading

__all__ = ["LOST", "Laid", "laid_out"]

LOST = "the extractor lost where its parts stood (what is raised, and what is above what); give the PDF itself"
_TITLED = re.compile(r"[.!?:;,]$")
_DATES = ("print date",)


@dataclass(frozen=True, slots=True)
class Laid:
    """A printout's turns as ``(role, pieces, cover)``, and what else was found."""

    turns: tuple[tuple[str, tuple[Piece, ...], Span], ...]
    labelled: bool
    aside: tuple[tuple[int, str], ...]
    """Lines set aside, with reasons."""
    notes: tuple[str, ...]


def laid_out(pages: Sequence[Page], lines: Sequence[str], source: Source, habit: Habit) -> Laid:
    """The turns of a printout of this habit (not `Habit.TORN`)."""
    titles = _titles(pages, lines) if habit is Habit.SIGHT else {}
    sheets = [[Line(n, lines[n - 1].strip("\f")) for n in page.body if lines[n - 1].strip("\f ") and n not in titles] for page in pages]  # fmt: skip
    said, labelled = speeches(sheets, habit)
    page_of = {line.number: number for number, sheet in enumerate(sheets) for line in sheet}
    writer = _Writer(source, _habits(sheets, lines), page_of, habit, lines)
    turns = []
    aside = [(number, "page title") for number in titles]
    for speech in said:
        if speech.label is not None:
            aside.append((speech.label.number, f"names the speaker ({speech.role})"))
        pieces = writer.pieces(speech)
        numbers = [line.number for line in speech.lines] + ([speech.label.number] if speech.label else [])
        cover = Span.cover(source.line_span(n) for n in numbers)
        if cover is not None:
            turns.append((speech.role, pieces, cover))
    notes = [_NOTES[habit]]
    if writer.unread:
        notes.append(f"{writer.unread} formulas could not be read back; their lines are kept")
    return Laid(tuple(turns), labelled, tuple(aside), tuple(notes))


_NOTES = {
    Habit.SIGHT: "the extractor left formulas among the words as they were seen, their fractions on lines of their own: what "
    "has one reading is read, the rest is kept unread; give the PDF itself, or its text as PyMuPDF extracts it",
    Habit.JOINED: "the extractor took formulas out of the words and joined their lines: what is raised and what is a fraction "
    "is lost, and only the simplest are read; give the PDF itself, or its text as PyMuPDF extracts it",
}


def _titles(pages: Sequence[Page], lines: Sequence[str]) -> dict[int, str]:
    """The printer's title where it stands at the top of the page, below the date and an empty line."""
    found = {}
    for page in pages:
        dated = [n for n, why in page.furniture if why in _DATES]
        if dated and page.body and min(dated) < page.body[0]:
            first = next((n for n in page.body if lines[n - 1].strip("\f ")), None)
            if first is not None and first - max(n for n in dated if n < page.body[0]) <= 2:
                found[first] = lines[first - 1].strip()
    seen = Counter(found.values())
    return {n: text for n, text in found.items() if seen[text] >= 0.6 * len(pages)}


def _habits(sheets: Sequence[Sequence[Line]], lines: Sequence[str]) -> Habits:
    flat = [line for sheet in sheets for line in sheet]
    words = [line.text for line in flat if line.words >= 2]
    letters = frozenset("T") if any(_NAMED_T.search(text) for text in words) else frozenset[str]()
    maths = " ".join(line.text for line in flat if set(line.text) & (STRONG | {"="}))
    indexed = frozenset(re.findall(r"([^\W\d_])[01](?!\d)", maths))
    glued = sum(len(re.findall(r"[A-DF-Za-df-z)][+−][A-Za-z(]", line.text)) for line in flat if is_maths(line))
    return Habits(letters, indexed, spaced=glued == 0)


_NAMED_T = re.compile(r"(?:[a-zäöüé]{2,}[ ,(]+)T(?=[\s,.)(]|$)")
"""``T`` behind a word: a temperature, a period."""


class _Writer:
    """Lays the pieces of what is said."""

    def __init__(
        self, source: Source, habits: Habits, page_of: dict[int, int], habit: Habit, lines: Sequence[str]
    ) -> None:
        self.source, self.habits, self.page_of, self.habit = source, habits, page_of, habit
        self.marked = habit is Habit.SIGHT and any(ZERO_WIDTH in line for line in lines)
        self.torn = habit is Habit.JOINED or _scrambled(lines)
        self.moved = habit is Habit.JOINED and any(is_maths(Line(n, lines[n - 1].strip("\f"))) for n in page_of)
        """Whether formulas stand elsewhere than in their words."""
        set_lines = [lines[n - 1].strip("\f\r") for n in page_of if is_maths(Line(n, lines[n - 1].strip("\f")))]
        self.painted = (
            self.moved
            and any(re.search(r"\S  +\S|\S $", line.strip("\f\r")) for line in lines)
            and any(_LAYERED.search(line) for line in set_lines)
        )
        """Whether every character keeps its place in the order of painting (who sorts them within a line drops blanks too)."""
        self.unread = 0

    def pieces(self, speech: Said) -> tuple[Piece, ...]:
        """What one speaker says, in reading order."""
        if speech.role == "user":
            return tuple(
                piece
                for first, last in _paragraphs(speech.lines)
                for piece in self._typed(speech.lines[first : last + 1])
            )
        return tuple(self._joined(speech.lines) if self.habit is Habit.JOINED else self._in_sight(speech.lines))

    def _typed(self, lines: Sequence[Line]) -> list[Piece]:
        span = self._span(lines)
        return list(typed(Prose(self.source[span], span, wrapped=True)))

    def _span(self, lines: Sequence[Line]) -> Span:
        return self.source.lines_span(lines[0].number, lines[-1].number)

    # formulas among the words

    def _in_sight(self, lines: Sequence[Line]) -> list[Piece]:
        out: list[Piece] = []
        rest: list[Line] = []
        pairs = _accented(lines)
        for n, line in enumerate(lines):
            if n in pairs:
                out.extend(self._in_groups(rest))
                rest = []
                words, column, accent = pairs[n]
                out.extend(self._borne(lines[words], column, lines[accent]))
            elif not any(n in (words, accent) for words, _, accent in pairs.values()):
                rest.append(line)
        out.extend(self._in_groups(rest))
        return self._without_debris(out)

    def _in_groups(self, lines: Sequence[Line]) -> list[Piece]:
        out: list[Piece] = []
        groups = _groups(lines, self.page_of)
        for k, (maths, group) in enumerate(groups):
            if not maths:
                out.extend(self._paragraphs(groups, k))
            elif not self._taken(groups, k):
                shown = group[: len(group) - self._displaced(groups, k)]
                if shown:
                    out.extend(self._cluster(shown))
        return out

    def _borne(self, words: Line, column: int, accent: Line) -> list[Piece]:
        """A line whose accents the extractor put on another: the words up to the letter that bears the first, then the other line."""
        span, other = self.source.line_span(words.number), _inner(self.source, self.source.line_span(accent.number))
        head = Span(span.start, span.start + column)
        out: list[Piece] = [Prose(self.source[head], head)] if self.source[head].strip() else []
        text = words.text[column] + self.source[other]
        for piece in typed(Prose(text, Span(0, len(text)))):
            here = Span(other.start + max(0, piece.span.start - 1), other.start + max(0, piece.span.stop - 1))
            if isinstance(piece, Formula):
                out.append(
                    self._formula(here, read_line(piece.written, self.habits, torn=self.torn), Mode.INLINE, False)
                )
            elif piece.span.start == 0:
                out.append(self._formula(other, (), Mode.INLINE, False))
                break
            else:
                out.append(Prose(self.source[here], here, flows=True))
        return out

    def _without_debris(self, pieces: Sequence[Piece]) -> list[Piece]:
        """Pieces of formulas that nothing claims, and the formulas beside them, which they may belong to, are unread."""
        out = list(pieces)
        for k, piece in enumerate(pieces):
            if not isinstance(piece, Formula) or not _is_debris(piece.written, letters=not self.torn):
                continue
            beside = [j for j in (k - 2, k - 1, k + 1, k + 2) if 0 <= j < len(out) and isinstance(out[j], Formula)]
            for j in [k, *beside]:
                doubted = out[j]
                assert isinstance(doubted, Formula)
                if doubted.latex is not None:
                    out[j] = self._formula(doubted.span, (), doubted.mode, False)
        return out

    def _displaced(self, groups: Sequence[tuple[bool, list[Line]]], k: int) -> int:
        """How many last lines of a group stand in the next words, whose line the extractor wrote behind them."""
        if k + 1 >= len(groups) or groups[k + 1][0]:
            return 0
        holes = len(_GAP.findall(groups[k + 1][1][0].text.rstrip()))
        own = sum(not only_marks(line.text) for line in groups[k][1])
        return holes if holes and own >= holes else 0

    def _paragraphs(self, groups: Sequence[tuple[bool, list[Line]]], k: int) -> list[Piece]:
        group = groups[k][1]
        above, below = self._scraps(groups, k)
        moved = groups[k - 1][1][-self._displaced(groups, k - 1) :] if k and groups[k - 1][0] and self._displaced(groups, k - 1) else []  # fmt: skip
        out: list[Piece] = []
        for first, last in _paragraphs(group):
            part = group[first : last + 1]
            if not first and moved:
                out.extend(self._around(part, moved))
                continue
            out.extend(self._words(part, above if not first else (), below if last == len(group) - 1 else ()))
        return out

    def _around(self, lines: Sequence[Line], moved: Sequence[Line]) -> list[Piece]:
        """Words with the formulas that belong into their holes."""
        span = self._span(lines)
        start = span.start
        out: list[Piece] = []
        for hole, line in zip(_GAP.finditer(self.source[span]), moved, strict=False):
            here = Span(start, max(start, span.start + hole.start() + 1))
            if self.source[here].strip():
                out.append(Prose(self.source[here], here, flows=start > span.start, wrapped=True))
            place = _inner(self.source, self.source.line_span(line.number))
            out.append(
                self._formula(place, read_line(self.source[place], self.habits, torn=self.torn), Mode.INLINE, False)
            )
            start = here.stop
        rest = Span(start, span.stop)
        if self.source[rest].strip():
            out.append(Prose(self.source[rest], rest, flows=True, wrapped=True))
        return out

    def _taken(self, groups: Sequence[tuple[bool, list[Line]]], k: int) -> bool:
        """Whether a group of lines only completes the formulas of the words beside it."""
        lines = [line for line in groups[k][1] if not only_marks(line.text)]
        if not lines:
            return True
        if not all(short_scraps(line.bare) for line in lines) or len(lines) > 2:
            return False
        return any(0 <= j < len(groups) and _has_set_maths(groups[j][1][-1 if j < k else 0]) for j in (k - 1, k + 1))

    def _scraps(self, groups: Sequence[tuple[bool, list[Line]]], k: int) -> tuple[Sequence[str], Sequence[str]]:
        """Short lines above and below words that complete their formulas; marks stand for unknown ones."""
        found: list[list[str]] = []
        for j in (k - 1, k + 1):
            near = 0 <= j < len(groups) and groups[j][0] and self._taken(groups, j)
            found.append([line.bare for line in groups[j][1]] if near else [])
        above, below = found
        if above and k >= 2 and _has_set_maths(groups[k - 2][1][-1]) and (below or not _has_set_maths(groups[k][1][0])):
            above = []  # they complete the line before
        return above, below

    def _words(self, lines: Sequence[Line], above: Sequence[str], below: Sequence[str]) -> list[Piece]:
        span = self._span(lines)
        if len(lines) == 1 and _is_heading(lines[0]):
            return [Heading(self.source[span].strip(), _inner(self.source, span), 2)]
        pieces = list(typed(Prose(self.source[span], span, wrapped=True)))
        formulas = [p for p in pieces if isinstance(p, Formula) and not types_maths(p.written)]
        halves = [p for p in formulas if read_with_scraps(p.written, above, below, self.habits)]
        split = (
            halves[0] if len(halves) == 1 and (len(formulas) == 1 or derived(halves[0].written, above, below)) else None
        )
        out: list[Piece] = []
        for piece in pieces:
            if not isinstance(piece, Formula) or piece not in formulas:
                out.append(piece)
                continue
            if piece is split:
                readings = read_with_scraps(piece.written, above, below, self.habits)
            elif (above or below) and split is None:
                readings = ()
            else:
                readings = read_line(piece.written, self.habits, torn=self.torn)
            out.append(self._formula(piece.span, readings, Mode.INLINE, "\n" in piece.written))
        if (above or below) and not formulas and _has_set_maths(lines[-1 if below else 0]):
            out.append(self._formula(span, (), Mode.INLINE, False))
        return out

    def _cluster(self, lines: Sequence[Line]) -> list[Piece]:
        found = clustered([line.text for line in lines], self.habits, marked=self.marked, torn=self.torn)
        out: list[Piece] = []
        for each in found:
            span = _inner(self.source, self._span(lines[each.first : each.last + 1]))
            out.append(self._formula(span, each.readings, Mode.DISPLAY, False))
        return out

    def _formula(self, span: Span, readings: Sequence[tuple[str, float]], mode: Mode, broken: bool) -> Formula:
        written = self.source[span]
        if not readings or broken:
            self.unread += 1
            return Formula(written, span, None, mode, Method.UNREAD, lines=tuple(written.split("\n")), why=LOST)
        (latex, cost), *others = readings
        return Formula(
            written,
            span,
            latex,
            mode,
            Method.INVERSE,
            cost,
            tuple(Reading(text, price) for text, price in others),
            lines=tuple(written.split("\n")),
        )

    # formulas taken out of the words, their lines joined

    def _joined(self, lines: Sequence[Line]) -> list[Piece]:
        out: list[Piece] = []
        words: list[Line] = []
        run: list[Line] = []
        for line in [*lines, None]:
            if line is not None and is_maths(line):
                run.append(line)
                continue
            if run:
                out.extend(self._filled(words, run))
                words, run = [], []
            if line is not None:
                words.append(line)
        out.extend(self._filled(words, run))
        return out

    def _filled(self, words: Sequence[Line], run: Sequence[Line]) -> list[Piece]:
        """The words of a page and the formulas torn out of them, each at the place it left."""
        paragraphs = _paragraphs(words)
        holes: list[tuple[int, int]] = []
        for n, (first, last) in enumerate(paragraphs):
            text = self.source[self._span(words[first : last + 1])]
            holes.extend((n, hole.start() + 1) for hole in _GAP.finditer(text.rstrip(" ")))
            behind = words[last + 1] if last + 1 < len(words) else None
            labels = (
                words[last].is_label
                and behind is not None
                and not _LISTED.match(behind.bare)
                and not _is_heading(behind)
            )
            if _left_open(words[last]) and not labels:  # a label's words may stand below it
                holes.append((n, len(text)))
        if not run:
            return self._left_empty(words, paragraphs)
        if not holes:
            holes = [(len(paragraphs) - 1, 1 << 30)] if paragraphs else [(-1, 0)]
        out: list[Piece] = []
        formulas = self._run(run, len(holes))
        if holes and holes[0][0] == -1:
            return [*formulas]
        waiting = list(zip(holes, formulas, strict=False))
        for n, (first, last) in enumerate(paragraphs):
            span = self._span(words[first : last + 1])
            if first == last and _is_heading(words[first]):
                out.append(Heading(self.source[span].strip(), _inner(self.source, span), 2))
                out.extend(formula for (paragraph, _), formula in waiting if paragraph == n)
                continue
            start = span.start
            for (paragraph, offset), formula in waiting:
                if paragraph != n:
                    continue
                stop = min(span.stop, span.start + offset)
                if self.source.text[start:stop].strip():
                    here = Span(start, stop)
                    out.append(Prose(self.source[here], here, flows=start > span.start, wrapped=True))
                out.append(formula)
                start = stop
            if self.source.text[start : span.stop].strip():
                here = Span(start, span.stop)
                out.append(Prose(self.source[here], here, flows=start > span.start, wrapped=True))
        return out

    def _left_empty(self, words: Sequence[Line], paragraphs: Sequence[tuple[int, int]]) -> list[Piece]:
        """Words whose formulas were painted with those of another message: what is missing is said where it stood."""
        out: list[Piece] = []
        for first, last in paragraphs:
            part = words[first : last + 1]
            span = self._span(part)
            if len(part) == 1 and _is_heading(part[0]):
                out.append(Heading(self.source[span].strip(), _inner(self.source, span), 2))
                continue
            out.extend(self._typed(part))
            if (
                self.moved
                and not part[-1].is_label
                and (_left_open(part[-1]) or _GAP.search(self.source[span].rstrip(" ")))
            ):
                out.append(
                    self._formula(_inner(self.source, self.source.line_span(part[-1].number)), (), Mode.UNKNOWN, False)
                )
        return out

    def _run(self, run: Sequence[Line], count: int) -> list[Formula]:
        """The formulas of lines in the order of painting, as many as there are places for them."""
        whole = self._span(run)
        units = [self.source.line_span(line.number) for line in run]
        if not self.painted:
            return [
                self._apart(run, k) if len(run) == count else self._formula(whole, (), Mode.UNKNOWN, False)
                for k in range(count)
            ]
        if len(units) < count:
            units = [unit for line in run for unit in self._units(line)]
        parts = self._parted([self.source[unit] for unit in units], count)
        found: list[Formula] = []
        for k in range(count):
            if parts is None:
                found.append(self._formula(whole, (), Mode.UNKNOWN, False))
                continue
            first, last, readings = parts[k]
            found.append(self._formula(_inner(self.source, units[first] | units[last]), readings, Mode.UNKNOWN, False))
        return found

    def _apart(self, run: Sequence[Line], k: int) -> Formula:
        """A line that is a formula by itself: nothing beside it can be a piece of it."""
        span = _inner(self.source, self.source.line_span(run[k].number))
        alone = (k + 1 == len(run) or not short_scraps(run[k + 1].bare)) and (not k or not short_scraps(run[k].bare))
        readings = read_line(self.source[span], self.habits, torn=True) if alone else ()
        return self._formula(span, readings, Mode.UNKNOWN, False)

    def _units(self, line: Line) -> list[Span]:
        """A line, without a lone letter or number at its ends: those may be formulas of their own."""
        span = self.source.line_span(line.number)
        match = _LONE_ENDS.match(self.source[span])
        if match is None:
            return [span]
        cuts = [0, match.end(1), match.start(3), span.stop - span.start]
        pairs = [(a, b) for a, b in zip(cuts, cuts[1:], strict=False) if b > a]
        return [Span(span.start + a, span.start + b) for a, b in pairs]

    def _parted(self, texts: Sequence[str], count: int) -> list[_Part] | None:
        """First and last line and the readings of each of ``count`` formulas; None where lines can be shared out in no or several ways."""
        known: dict[tuple[int, int], tuple[tuple[str, float], ...]] = {}

        def read(first: int, last: int) -> tuple[tuple[str, float], ...]:
            if (first, last) not in known:
                joined = " ".join(texts[first : last + 1])
                single = read_line(joined, self.habits, torn=True) if first == last else ()
                named = not self.habits.letters.isdisjoint(joined)  # a T that is no transpose
                known[first, last] = single or (() if named else stream_readings(joined))
            return known[first, last]

        # for each number of units so far: the fewest unread ones, and the parts
        reached: dict[int, tuple[int, list[_Part]]] = {0: (0, [])}
        for n in range(count):
            row: dict[int, tuple[int, list[_Part]]] = {}
            for start, (lost, parts) in reached.items():
                for stop in range(start, min(start + _TALLEST, len(texts) - (count - n - 1))):
                    readings = read(start, stop)
                    now = lost + (0 if readings else stop - start + 1)
                    before = row.get(stop + 1)
                    if before is None or now < before[0]:
                        row[stop + 1] = (now, [*parts, (start, stop, readings)])
                    elif now == before[0]:
                        row[stop + 1] = (now, _agreed(before[1], [*parts, (start, stop, readings)]))
            reached = row
        end = reached.get(len(texts))
        return None if end is None or end[0] else end[1]  # all lines are explained, or none is trusted


def _nested(label: str, behind: str) -> bool:
    """Whether a label's parts begin below it: (i) under (a)."""
    return bool(re.match(r"\(?i\b", behind) or re.match(r"\(?[ivx]{2,4}\b", behind)) and not re.match(
        r"\(?[ivx]{1,4}\b", label
    )


def _agreed(one: Sequence[_Part], other: Sequence[_Part]) -> list[_Part]:
    """Two ways to share lines out: what differs between them is not read."""
    return [a if a == b else (min(a[0], b[0]), max(a[1], b[1]), ()) for a, b in zip(one, other, strict=True)]


_LAYERED = re.compile(r"^ ?[=→]|[=+−][T†∗∂]|\S  +\S|\S $")
"""Something painted behind the sign that follows it on the page, or the blank that U+200B leaves: layers, as KaTeX has them."""
_LONE_ENDS = re.compile(r"(\w (?![=<>]))?(.*?)((?<![=<>+−⋅]) [^\W\dT])?$", re.DOTALL)
_Part = tuple[int, int, tuple[tuple[str, float], ...]]
_TALLEST = 5
"""Most lines of one formula."""
_GAP = re.compile(r"(?<=[\w)])  +(?=\w)|(?<=[\w,]) (?=[.,;:)](?:\s|$))|^(?= +\w)")


_BORNE = re.compile(r"^\s*([\^ˆˉ~ˇ˙])")
_DEBRIS = re.compile(r"[+−]\s?\w{1,3}|\d{1,2}|\w(?:\s+\w)+|[∂d]\w|[†⊤∗′]|\w|−1\s?\w?")


def _is_debris(written: str, *, letters: bool) -> bool:
    """Whether a formula can only be a script or half a fraction that lost its place."""
    bare = written.replace(ZERO_WIDTH, "").strip().rstrip(".,")
    return bool(_DEBRIS.fullmatch(bare)) and (letters or len(bare) > 1 or not bare.isalpha())


def _stands_alone(text: str, column: int) -> bool:
    match = re.fullmatch(r"\s*([^\W\d_])\s*", text)
    return match is not None and abs(match.start(1) - column) <= 1


def _accented(lines: Sequence[Line]) -> dict[int, tuple[int, int, int]]:
    """Words with a letter whose accent begins the line before or behind: by the first line, words, column and accent line."""
    found: dict[int, tuple[int, int, int]] = {}
    for n, line in enumerate(lines):
        match = _BORNE.match(line.text)
        if match is None:
            continue
        column = match.start(1)
        if not column and n and lines[n - 1].words and re.search(r"(?:^|[\s(])[^\W\d_]$", lines[n - 1].text):
            found[n - 1] = (n - 1, len(lines[n - 1].text) - 1, n)
        elif any(_stands_alone(lines[j].text, column) for j in (n - 1, n + 1) if 0 <= j < len(lines)):
            continue  # the letter has a line of its own: no words are concerned
        elif column and n + 1 < len(lines) and lines[n + 1].words:
            text = lines[n + 1].text
            near = [c for c in (column, column - 1, column + 1) if 0 <= c < len(text)]
            alone = [c for c in near if re.fullmatch(r"\s?[^\W\d_]\s?", text[c - 1 : c + 2]) and text[c].isalpha()]
            if alone:
                found[n] = (n + 1, alone[0], n)
    return found


def _left_open(line: Line) -> bool:
    """Whether a paragraph's last line calls for a formula behind it."""
    bare = line.bare
    return line.is_label or bare[-1] in ":,=" or (bare[-1] not in ".!?;" and not _is_heading(line))


def _scrambled(lines: Sequence[str]) -> bool:
    """Whether the extractor puts scripts elsewhere than behind their letters (an empty line behind nearly every line)."""
    filled = [n for n, line in enumerate(lines) if line.strip()]
    apart = sum(b > a + 1 for a, b in zip(filled, filled[1:], strict=False))
    return apart > 0.6 * len(filled) > 8


def _groups(lines: Sequence[Line], page_of: dict[int, int]) -> list[tuple[bool, list[Line]]]:
    """Lines of words and of set mathematics in turn, page by page."""
    out: list[tuple[bool, list[Line]]] = []
    for line in lines:
        maths = is_maths(line) or only_marks(line.text)
        if out and out[-1][0] == maths and page_of[out[-1][1][-1].number] == page_of[line.number]:
            out[-1][1].append(line)
        else:
            out.append((maths, [line]))
    return out


def _has_set_maths(line: Line) -> bool:
    return bool(set(line.text) & (STRONG | set("=<>"))) and not types_maths(line.text)


_LISTED = re.compile(r"^\(?(?:[a-h]|[ivx]{1,4}|\d{1,2})[).](?:\s|$)|^[•\-–]\s", re.IGNORECASE)


def _paragraphs(lines: Sequence[Line]) -> list[tuple[int, int]]:
    """First and last index of each paragraph: a label begins one, a sentence's end before a capital ends one."""
    out: list[tuple[int, int]] = []
    for n, line in enumerate(lines):
        before = lines[n - 1] if n else None
        anew = before is None or _LISTED.match(line.bare) or before.is_label or line.is_title or before.is_title
        if not anew and before is not None:
            anew = (before.bare[-1] in ".!?:" and not line.begins_lower) or line.number - before.number > 2
        if anew:
            out.append((n, n))
        else:
            out[-1] = (out[-1][0], n)
    return out


def _is_heading(line: Line) -> bool:
    return line.is_title and not line.is_label and not _TITLED.search(line.bare)


def _inner(source: Source, span: Span) -> Span:
    """The span without blanks at its ends."""
    text = source[span]
    start = span.start + len(text) - len(text.lstrip())
    return replace(span, start=start, stop=max(start, span.stop - (len(text) - len(text.rstrip()))))
