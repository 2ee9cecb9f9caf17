"""The pages of a printout: where they begin, what the printer put around them, and what somebody wrote in the margin.

Furniture (page number, date, title, address) is found by what it does, not by what it says: it counts up, it tells a
time, or it stands in the same words at the same edge of page after page. It is set aside with its reason. What follows
the last line of the furniture at a page's end was put on the page after the printer was done: notes in the margin.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

__all__ = ["Note", "Page", "Pages", "furnished", "notes_of", "pages_of"]

_MARKER = re.compile(
    r"^[\s\-=*#_~<\[(—–]*(?:page|pg\.?|p\.|seite|página|pagina|strona|sida|side|第|страница)\s*(\d{1,4})"
    r"(?:\s*(?:of|/|von|de|di|из)\s*\d{1,4})?\s*(?:页|頁)?[\s\-=*#_~>\])—–:]*$",
    re.IGNORECASE,
)
_COUNT = re.compile(r"^\s*(?:page\s*)?(\d{1,4})\s*(?:/|of|von|de|di)\s*(\d{1,4})\s*$", re.IGNORECASE)
_TIME = r"\d{1,2}[:.]\d{2}(?:[:.]\d{2})?(?:\s*[AaPp]\.?\s?[Mm]\.?)?"
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|ene|abr|ago|dic|mai|okt|dez|fév|avr|août|déc)\w*\.?"
_DATE = re.compile(
    rf"^\s*(?:\d{{1,4}}[/.\-]\d{{1,2}}[/.\-]\d{{2,4}}|\d{{4}}年\d{{1,2}}月\d{{1,2}}日"
    rf"|\d{{1,2}}\.?\s+(?:de\s+)?{_MONTH}\s+(?:de\s+)?\d{{4}}|{_MONTH}\s+\d{{1,2}},?\s+\d{{4}})"
    rf"(?:,?\s*(?:at\s+)?(?:上午|下午)?\s*{_TIME})?",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"^\s*(?:https?://|file://|www\.)\S+|^\s*[\w-]+(?:\.[\w-]+)+/\S+", re.IGNORECASE)
_EDGE = 5
"""How many lines from the top of a page furniture may stand."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its lines (1-based), its furniture with reasons, and the lines that follow it at the page's end."""

    number: int
    first: int
    last: int
    body: tuple[int, ...]
    furniture: tuple[tuple[int, str], ...] = ()
    margin: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Pages:
    """All pages in order; ``paged`` is False where the text shows none (one page stands for all of it then)."""

    pages: tuple[Page, ...]
    paged: bool
    title: str | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """A note in the margin: its lines (1-based, consecutive) and whether it was cut off in mid-sentence."""

    lines: tuple[int, ...]
    text: str
    fragment: bool


def pages_of(lines: Sequence[str]) -> Pages:
    """The pages of a text, given as its lines (a form feed may stand at a line's start)."""
    starts = _cuts(lines)
    if starts is None:
        starts = _cuts_by_count(lines)
    if starts is None:
        body = tuple(n for n, line in enumerate(lines, 1))
        return Pages((Page(1, 1, len(lines), body),), paged=False)
    bounds = [*(first for first, _ in starts), len(lines) + 1]
    sheets = [
        _Sheet(number, first, after - 1, lines)
        for (first, number), after in zip(starts, bounds[1:], strict=True)
        if after > first
    ]
    title = _furnish(sheets)
    return Pages(tuple(sheet.page() for sheet in sheets), paged=True, title=title)


def furnished(text: str) -> str | None:
    """What a printer's line is (its number, date or address), or None where the text is no such line."""
    if _COUNT.match(text):
        return "page number"
    match = _DATE.match(text)
    if match and (match.end() == len(text.rstrip()) or re.search(_TIME, match[0])):
        return "print date" if match.end() == len(text.rstrip()) else "print date and title"
    if _trailing_count(text):
        return "page address and number"
    address = _ADDRESS.match(text)
    return "page address" if address and address.end() == len(text.rstrip()) else None


def _cuts(lines: Sequence[str]) -> list[tuple[int, int]] | None:
    """Where pages begin, by markers or form feeds: ``(line, number)``."""
    marked = [(n, int(m[1])) for n, line in enumerate(lines, 1) if (m := _MARKER.match(line.strip("\f")))]
    # Not "Page 3 of 5" in the running text: the numbers go up, and the first page is (nearly) the first line.
    marked = _ascending(marked)
    if marked and (len(marked) > 1 or marked[0][0] <= 3) and _decorated(lines, marked):
        return (
            marked
            if marked[0][0] == 1 or not any(line.strip() for line in lines[: marked[0][0] - 1])
            else [
                (1, max(1, marked[0][1] - 1)),
                *marked,
            ]
        )
    feeds = [n for n, line in enumerate(lines, 1) if "\f" in line]
    if not feeds:
        return None
    starts = [1]
    for n in feeds:
        begins = n if lines[n - 1].lstrip(" ").startswith("\f") and lines[n - 1].strip() else n + 1
        if begins <= len(lines) and begins > starts[-1] and any(line.strip() for line in lines[begins - 1 :]):
            starts.append(begins)
    return [(first, number) for number, first in enumerate(starts, 1)]


def _decorated(lines: Sequence[str], marked: list[tuple[int, int]]) -> bool:
    """Markers are all drawn alike; a bare "Page 2" counts only where the same line stands on every page."""
    shapes = Counter(re.sub(r"\d+", "#", lines[n - 1].strip("\f ")) for n, _ in marked)
    shape, count = shapes.most_common(1)[0]
    return count >= 0.8 * len(marked) and ("/" not in shape and " of " not in shape)


def _ascending(marked: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    kept: list[tuple[int, int]] = []
    for n, number in marked:
        if not kept or number > kept[-1][1]:
            kept.append((n, number))
    return kept


def _cuts_by_count(lines: Sequence[str]) -> list[tuple[int, int]] | None:
    """Where pages begin, by the printer's own count ("3/25") on every page."""
    counted = [(n, int(m[1]), int(m[2])) for n, line in enumerate(lines, 1) if (m := _trailing_count(line))]
    totals = Counter(total for _, number, total in counted if 1 <= number <= total)
    for total, _ in totals.most_common(3):
        run = _ascending((n, number) for n, number, of in counted if of == total and number <= total)
        if len(run) < max(1, 0.8 * total) or run[0][1] != 1:
            continue
        dated = [n for n, line in enumerate(lines, 1) if _DATE.match(line)]
        if total == 1 and not dated:
            continue
        before = [line for line in lines[: run[0][0] - 1] if line.strip() and not _looks_furnished(line)]
        if len(before) <= 1:  # the number comes first on its page (a title may stand above it)
            return [(1 if i == 0 else n, number) for i, (n, number) in enumerate(run)]
        starts = [(1, 1)]
        for n, number in run[:-1]:
            after = n + 1
            while after <= len(lines) and _looks_furnished(lines[after - 1]):
                after += 1
            starts.append((after, number + 1))
        return starts
    return None


def _trailing_count(line: str) -> re.Match[str] | None:
    match = _COUNT.match(line.strip("\f"))
    if match is None and (address := _ADDRESS.match(line.strip("\f"))):
        return _COUNT.match(line.strip("\f")[address.end() :])
    return match


def _looks_furnished(line: str) -> bool:
    return bool(_DATE.match(line) or _ADDRESS.match(line) or _COUNT.match(line))


class _Sheet:
    """A page while its furniture is being found."""

    def __init__(self, number: int, first: int, last: int, lines: Sequence[str]) -> None:
        self.number, self.first, self.last = number, first, last
        self.texts = {n: lines[n - 1].strip("\f") for n in range(first, last + 1)}
        self.why: dict[int, str] = {}
        for n, text in self.texts.items():
            if _MARKER.match(text) and n == first:
                self.why[n] = "page marker"

    def filled(self) -> list[int]:
        """The lines that say something and are not yet set aside."""
        return [n for n, text in self.texts.items() if text.strip() and n not in self.why]

    def top(self) -> list[int]:
        return self.filled()[:_EDGE]

    def page(self) -> Page:
        low = [n for n in self.why if self.why[n] != "page marker"]
        filled = [n for n, text in self.texts.items() if text.strip()]
        margin: list[int] = []
        # Only furniture that ends the body has a margin behind it: some of the page's own text must stand before.
        if low and (last := max(low)) and any(n < last and n not in self.why for n in filled):
            margin = [n for n in filled if n > last]
        ends = min(margin, default=self.last + 1)
        content = [n for n in range(self.first, ends) if n not in self.why]
        return Page(
            self.number,
            self.first,
            self.last,
            tuple(_trimmed(content, self.texts, self.why)),
            tuple(sorted(self.why.items())),
            tuple(margin),
        )


def _trimmed(content: list[int], texts: dict[int, str], why: dict[int, str]) -> list[int]:
    """Without the empty lines at either end; a line of blanks may be a hole and stays."""
    while content and not texts[content[-1]].strip(" "):
        content.pop()
    while content and not texts[content[0]]:
        content.pop(0)
    return content


def _furnish(sheets: list[_Sheet]) -> str | None:
    """Set every sheet's furniture aside; returns the title that the printer put on every page."""
    total = max(sheet.number for sheet in sheets)
    for sheet in sheets:
        _set_numbers_aside(sheet, total)
        _set_dates_aside(sheet)
    title = _title(sheets)
    if title is not None:
        for sheet in sheets:
            for n in _near_furniture(sheet, title):
                sheet.why[n] = "page title"
        first = sheets[0].filled()
        if first and sheets[0].texts[first[0]].strip() == title:
            sheets[0].why[first[0]] = "page title"
    _set_repeats_aside(sheets)
    return title


def _set_numbers_aside(sheet: _Sheet, total: int) -> None:
    filled = sheet.filled()
    for n in [*filled[:_EDGE], *filled[-16:]]:
        match = _trailing_count(sheet.texts[n])
        if match and int(match[1]) == sheet.number and int(match[2]) >= total:
            sheet.why[n] = "page number"
            return


def _set_dates_aside(sheet: _Sheet) -> None:
    filled = sheet.filled()
    # The date nearest to the page's end: a chat may speak of dates too.
    for n in [*reversed(filled[-16:]), *filled[:_EDGE]]:
        text = sheet.texts[n]
        match = _DATE.match(text)
        if match and (match.end() == len(text.rstrip()) or re.search(_TIME, match[0])):
            sheet.why[n] = "print date" if match.end() == len(text.rstrip()) else "print date and title"
            break
    for n in [*reversed(sheet.filled()[-16:]), *sheet.filled()[:_EDGE]]:
        text = sheet.texts[n].strip()
        if (match := _ADDRESS.match(text)) and match.end() == len(text) and _touches(sheet, n):
            sheet.why[n] = "page address"
            break


def _touches(sheet: _Sheet, n: int) -> bool:
    """Whether furniture already found stands within two lines."""
    return any(abs(n - other) <= 2 for other, why in sheet.why.items() if why != "page marker")


def _near_furniture(sheet: _Sheet, title: str) -> list[int]:
    return [n for n in sheet.filled() if sheet.texts[n].strip() == title and _touches(sheet, n)][-2:]


def _title(sheets: list[_Sheet]) -> str | None:
    """The line that stands beside the date (or number, or address) of most pages in the same words."""
    seen: Counter[str] = Counter()
    for sheet in sheets:
        beside = {
            sheet.texts[n].strip()
            for n in sheet.filled()
            for other, why in sheet.why.items()
            if why != "page marker" and abs(n - other) == 1
        }
        seen.update(beside)
    dated = [n for n, why in sheets[0].why.items() if why == "print date"]
    for text, count in seen.most_common(4):
        if len(sheets) > 1 and count >= max(2, 0.6 * len(sheets)) and len(text) > 2:
            return text
    if len(sheets) <= 2 and dated:
        below = sheets[0].texts.get(dated[-1] + 1, "").strip()
        return below or None
    return None


def _set_repeats_aside(sheets: list[_Sheet]) -> None:
    """Other lines at the same edge of most pages in the same words (a course's name, a browser's banner)."""
    if len(sheets) < 3:
        return
    tops = Counter(text for sheet in sheets for text in {sheet.texts[n].strip() for n in sheet.filled()[:2]})
    ends = Counter(text for sheet in sheets for text in {sheet.texts[n].strip() for n in _before_furniture(sheet)})
    for counts, pick in ((tops, lambda s: s.filled()[:2]), (ends, _before_furniture)):
        for text, count in counts.items():
            if count >= 0.8 * len(sheets) and sum(char.isalpha() for char in text) >= 8:
                for sheet in sheets:
                    for n in pick(sheet):
                        if sheet.texts[n].strip() == text:
                            sheet.why[n] = "repeated on every page"


def _before_furniture(sheet: _Sheet) -> list[int]:
    low = [n for n, why in sheet.why.items() if why != "page marker"]
    filled = sheet.filled()
    if not low:
        return filled[-2:]
    return [n for n in filled if n < max(low)][-2:] + [n for n in filled if n > max(low)][:1]


def notes_of(pages: Sequence[Page], lines: Sequence[str]) -> list[tuple[Page, Note]]:
    """The notes in the margins, page by page; the lines of one note joined."""
    width = max((len(lines[n - 1].rstrip()) for page in pages for n in page.margin), default=0)
    found = []
    for page in pages:
        group: list[int] = []
        for n in page.margin:
            if group and not _continues(lines[group[-1] - 1], lines[n - 1], width):
                found.append((page, _note(group, lines)))
                group = []
            group.append(n)
        if group:
            found.append((page, _note(group, lines)))
    return found


def _note(group: list[int], lines: Sequence[str]) -> Note:
    texts = [lines[n - 1].strip("\f") for n in group]
    joined = " ".join(text.strip() for text in texts)
    # A line that the box wrapped ends with its blank; the last line of a finished note does not.
    return Note(tuple(group), joined, fragment=texts[-1] != texts[-1].rstrip(" ") and joined[-1:] not in ".!?")


def _continues(line: str, following: str, width: int) -> bool:
    """Whether ``following`` goes on with the note that ``line`` belongs to."""
    if line.endswith(" "):
        return True
    said, word = line.rstrip(), (following.split() or [""])[0]
    if said[-1:] in ".!?" or word.endswith(":") or not following[:1].islower():
        return False
    # A box wraps where the next word does not fit: after a line far shorter than any other a new note begins.
    return len(said) + 1 + len(word) >= 0.7 * width
