"""Where in the words of a page each of its formulas stood.

An inline formula leaves a hole: the line breaks there, and the words around it keep their blanks. Narrow formulas leave
two blanks in mid-line, or a blank before a mark. A displayed formula stands between two lines and leaves nothing. The
formulas of a page come in reading order, so the cheapest order-keeping way to put them into the places between the
words is found; the number of holes is only a lower bound on the number of inline formulas.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from itertools import pairwise
from typing import NamedTuple

from llmgrade.reading.printout_lines import Line

__all__ = ["UNFILLED", "Look", "Slot", "alike", "place", "slots_of"]

_GAP = re.compile(r"(?<=\S)(?:  +(?=\S)| (?=[.,;:!?)\]](?:\s|$))| (?=-[^\W\d_]{2}))")
_LABELLED = re.compile(r"^(?:\(?[a-z]\)|\([ivx]+\)|\d+[.)])\s+\S", re.IGNORECASE)
_OPEN_END = re.compile(
    r"\b(?:on|of|to|by|with|for|than|when|if|where|is|are|equals|and|then|so|hence|thus|gives?|yields?|gets?|becomes?|obtain|have"
    r"|reads|satisf(?:y|ies)|obeys?|minimi[sz]es?|maximi[sz]es?"
    r"|de|por|con|que|es|si|y|entonces|luego|tenemos|queda|obtenemos|obtiene|resulta|cumple|satisface|vale|minimiza|maximiza"
    r"|ist|sind|gilt|und|dann|also|somit|folgt|ergibt|liefert|lautet|erfüllt|minimiert|donc|est|et|alors|donne|obtient|vérifie|vaut|devient)$",
    re.IGNORECASE,
)
"""A word that something must follow."""
UNFILLED = 4.0
"""What leaving a hole without a formula costs: something was taken out there."""
_MOST = 12
"""Most formulas in one place."""


class Look(NamedTuple):
    """What supposing that a formula is an inline one, and that it is a displayed one, costs by its own looks."""

    inline: float
    shown: float


@dataclass(slots=True)
class Slot:
    """A place between words: after ``offset`` code points of line ``index`` (-1: before the first line).

    ``first`` and ``further`` are the costs of an inline formula there, ``shown`` and ``next_shown`` of a displayed one,
    ``empty`` of leaving the place empty.
    """

    index: int
    offset: int
    empty: float
    first: float
    further: float
    shown: float
    next_shown: float = 0.6
    since: int = 0
    """Characters of words between the place before and this one."""
    formulas: list[int] = field(default_factory=list)

    def price(self, look: Look, *, first: bool) -> float:
        """What a formula with this look costs here, as the ``first`` one or after another."""
        return min(self._prices(look, first=first))

    def shows(self, look: Look, *, first: bool) -> bool:
        """Whether a formula with this look is more likely a displayed one here."""
        inline, shown = self._prices(look, first=first)
        return shown < inline

    def _prices(self, look: Look, *, first: bool) -> tuple[float, float]:
        """The same as an inline formula and as a displayed one."""
        inline, shown = (self.first, self.shown) if first else (self.further, self.next_shown)
        return inline + look.inline, shown + look.shown


def slots_of(
    lines: Sequence[Line], column: float, cells: dict[int, str] | None = None, before: Line | None = None
) -> list[Slot]:
    """All places of a page's words in order.

    ``cells`` marks lines of a table (index → as `printout_tables` says); ``before`` is the message's last line on the
    page before, where nothing stands after it there.
    """
    cells = cells or {}
    found = []
    if lines:
        found.append(_opening(lines[0], before))
    for index, line in enumerate(lines):
        gaps = _GAP.finditer(line.text)
        found.extend(Slot(index, gap.start() + 1, 0.9, 0.0, 1.2, 4.0, 4.0) for gap in gaps)
        after = lines[index + 1] if index + 1 < len(lines) else None
        kind = cells.get(index)
        if kind is None or kind == "cell":
            found.append(_between(index, line, after, column, kind=kind, table_next=_begins_table(index + 1, cells)))
        else:
            found.extend(_cell(index, line, part) for part in kind.split())
    for earlier, later in pairwise(found):
        later.since = _between_places(lines, earlier, later)
    return found


def _between_places(lines: Sequence[Line], before: Slot, slot: Slot) -> int:
    """How many characters stand between two places that follow each other."""
    if before.index == slot.index:
        return len(lines[slot.index].text[before.offset : slot.offset].strip())
    rest = lines[before.index].text[before.offset :].strip() if before.index >= 0 else ""
    return len(rest) + len(lines[slot.index].text[: slot.offset].strip())


def _begins_table(index: int, cells: dict[int, str]) -> bool:
    return index in cells and index - 1 not in cells


def _opening(line: Line, before: Line | None) -> Slot:
    if line.begins_with_blank or line.opens_with_punctuation:
        return Slot(-1, 0, 0.5, 0.0, 0.9, 1.0)
    if before is not None:
        if before.ends_in_blank:
            return Slot(-1, 0, 1.0, 0.0, 0.9, 0.5)
        if before.is_title or before.bare[-1:] in (":", "：") or (not before.ends_sentence and not line.begins_lower):
            return Slot(-1, 0, 0.3, 1.0, 0.8, 0.1)
    anew = line.is_title or (line.words >= 1 and not line.begins_lower)
    return Slot(-1, 0, 0.0, 1.8, 1.0, 0.9 if anew else 0.3)


def _cell(index: int, line: Line, kind: str) -> Slot:
    end = len(line.text)
    if kind == "loose" and not line.ends_in_blank:
        return Slot(index, end, 0.0, 0.35, 0.35, 2.0)
    if kind == "header":
        return Slot(index, end, 0.0, 3.0, 3.0, 4.0)
    if kind in ("formula", "spare"):
        return Slot(index, end, 0.6 if kind == "formula" else 0.0, 0.0, 0.9, 2.0)
    if line.ends_in_blank:
        return Slot(index, end, UNFILLED, 0.0, 0.9, 2.0)
    if _OPEN_END.search(line.bare):
        return Slot(index, end, 0.8, 0.1, 0.9, 1.0)
    return Slot(index, end, 0.0, 0.45 if kind == "end" else 1.0, 1.2, 3.0)


def _between(
    index: int, line: Line, after: Line | None, column: float, *, kind: str | None = None, table_next: bool = False
) -> Slot:
    end = len(line.text)
    resumes = after is not None and (after.begins_with_blank or after.opens_with_punctuation)
    leads = line.ends_in_blank or line.bare[-1:] in ("(", "[", "“", "=")
    if leads or resumes:
        return _hole(index, line, after, leads=leads, resumes=resumes, cell=kind == "cell")
    if kind == "cell":
        return Slot(index, end, 0.0, 0.5, 0.5, 2.0)
    if table_next:
        return Slot(index, end, 0.0, 1.5, 1.0, 0.3)
    if line.is_title and line.bare[-1:] not in (":", "：") and after is not None and (after.is_title or line.is_label):
        # A heading with nothing under it, a label with nothing after it: its formula is what is missing.
        return Slot(index, end, 1.2, 0.3, 0.8, 0.1)
    shown, expected = _display_after(line, after, column)
    if line.bare[-1:] in (":", "：") and not line.is_label:
        # A colon may be followed by several displays, or by a list of formulas.
        return Slot(index, end, expected, 0.7, 0.5, shown, 0.5)
    return Slot(index, end, expected, 1.3 + 0.3 * min(shown, 4.0), 0.8, shown)


def _hole(index: int, line: Line, after: Line | None, *, leads: bool, resumes: bool, cell: bool) -> Slot:
    end = len(line.text)
    if not leads and line.ends_sentence and line.bare[-1:] != "…":
        # The paragraph is over: the next one begins with a formula, and formulas alone may stand between.
        return Slot(index, end, UNFILLED, 0.0, 0.45, 0.6, 0.6)
    if line.bare[-1:] in ("(", "[") and after is not None and after.bare[:1] in (")", "]"):
        return Slot(index, end, UNFILLED, 0.0, 2.0, 1.5, 2.0)
    if cell:
        return Slot(index, end, UNFILLED, 0.0, 0.4, 1.5, 1.5)
    if leads and not resumes:
        # A hole at a paragraph's end, or at a line's: another may open the next paragraph, or a display follow.
        return Slot(index, end, UNFILLED, 0.0, 0.9, 1.5, 0.9)
    further = 0.9
    if leads and after is not None:
        further = 0.7 if after.begins_with_blank else 0.8
    return Slot(index, end, UNFILLED, 0.0, further, 1.5, 1.5)


def _display_after(line: Line, after: Line | None, column: float) -> tuple[float, float]:
    """What it costs to set a displayed formula between two lines without a hole, and what to set none."""
    mark = line.bare[-1:]
    if mark in (":", "："):
        if line.is_label:
            return 0.0, 0.0
        if after is not None and after.words and not _has_hole(after):
            if after.bare[-1] in (":", "："):
                # Two colons in a row: what the first announces stands between, unless it is a heading.
                return 0.0, 0.1 if line.begins_with_emoji else 0.8
            if len(after.bare.split()) <= 4 and not after.begins_lower:
                return 0.15, 0.05  # a list of words follows
        return 0.0, 0.8
    # Words that stop in mid-sentence, far from the column's end, lead up to something; a heading does not.
    stops = mark not in ".!?…。" and not line.is_title
    heading = stops and mark != "," and bool(_LABELLED.match(line.bare)) and len(line.bare.split()) <= 7
    leads_up = (0.4 if len(line.bare.split()) >= 4 else 0.1) if stops and not heading else 0.0
    if stops and _OPEN_END.search(line.bare):
        if after is None:  # what it leads up to may be on the next page
            return 0.1, 0.3
        if not after.begins_lower:
            return 0.0, 0.6
        # After a hole nobody knows how wide the line was on the page: this need not be a soft wrap.
        if line.begins_with_blank or line.opens_with_punctuation:
            return 0.2, 0.3
    if after is None:
        return 0.3, 0.75 * leads_up
    if heading and (_LABELLED.match(after.bare) or after.is_title):
        return 0.1, 0.2  # a heading with nothing under it
    if not stops or heading:
        return 0.5, 0.0
    if line.width + after.first_word > 0.95 * column:  # a soft wrap
        return (3.5 if after.begins_lower else 1.5), 0.0
    if after.begins_lower and (line.begins_with_blank or line.opens_with_punctuation):
        return 0.5, 0.0  # after a hole nobody knows how wide the line was on the page
    if mark == ",":
        return 0.0, leads_up
    return (0.6 if after.begins_lower else 0.2), leads_up


def _has_hole(line: Line) -> bool:
    return line.ends_in_blank or line.begins_with_blank or line.opens_with_punctuation


def alike(written: str, before: str) -> bool:
    """Whether two formulas are built alike, as those of a list or of an aligned step are.

    >>> alike("w =\\n′\\nw −λx", "b =\\n′\\nb −λ"), alike("e = −0.5", "X X")
    (True, False)
    """
    shapes = [re.sub(r"\d+(?:\.\d+)?", "0", re.sub(r"[^\W\d_]", "a", text)) for text in (written, before)]
    return len(shapes[0]) > 4 and SequenceMatcher(None, shapes[0], shapes[1], autojunk=False).ratio() > 0.75


def place(slots: Sequence[Slot], looks: Sequence[Look], paired: Sequence[bool] = ()) -> None:
    """Put the formulas (in order, by their ``looks``) into the slots, so that all cost least together.

    ``paired`` marks formulas built like the one before, which are likely to stand together. Every formula gets a place: where the words have none left, it goes to the last.
    """
    count = len(looks)
    if not slots:
        return
    inf = float("inf")
    best = [0.0] + [inf] * count
    choices: list[list[int]] = []
    for slot in slots:
        new = [inf] * (count + 1)
        took = [0] * (count + 1)
        for used, cost in enumerate(best):
            if cost == inf:
                continue
            total = cost
            for taken in range(min(_MOST, count - used) + 1):
                if taken:
                    total += slot.price(looks[used + taken - 1], first=taken == 1)
                    if taken > 1 and used + taken - 1 < len(paired) and paired[used + taken - 1]:
                        total -= 0.2
                price = total + (slot.empty if not taken else 0.0)
                if price < new[used + taken]:
                    new[used + taken] = price
                    took[used + taken] = taken
        best = new
        choices.append(took)
    used = count
    if best[count] == inf:
        used = max(i for i, cost in enumerate(best) if cost < inf)
        slots[-1].formulas.extend(range(used, count))
    for slot, took in zip(reversed(slots), reversed(choices), strict=True):
        taken = took[used]
        slot.formulas[:0] = range(used - taken, used)
        used -= taken
