"""Who speaks in a printout, line by line, though nothing may say so.

On a page each message prints its words first and then the formulas torn out of them; the next message follows. So the
lines of a page are runs of three kinds: a user's words, an assistant's words, an assistant's formulas. The cheapest way
to give every line a kind is found over the whole document at once (Viterbi). What counts is layout: the narrower width
at which a user's words wrap, the blank that a soft wrap leaves in them, the holes in an assistant's words, formulas
after holes, and that the two take turns. Wording is weak evidence, asked only at a message's first line. Where the
page prints who speaks, that decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise

from llmgrade.reading.printout_lines import ZERO_WIDTH, Line, with_row_labels
from llmgrade.reading.printout_pages import Page

__all__ = ["FormulaRun", "Message", "Stretch", "Talk", "Widths", "speaker_named", "told_apart"]

USER, WORDS, HOLED, MATHS = range(4)
"""The kinds of lines; HOLED is WORDS after a hole on this page that no formula has filled yet."""
_NEVER = 1e6

_SAYS = (
    (
        re.compile(
            r"^(?:you|user|human|me|prompt|question|student|用户|usuario|tú|tu)(?: said| asked| wrote)?\s*:?$", re.I
        ),
        "user",
    ),
    (
        re.compile(
            r"^(?:chatgpt|gpt[\w.\- ]*|claude[\w.\- ]*|gemini[\w.\- ]*|deepseek[\w.\- ]*|copilot|grok|mistral|llama|assistant|"
            r"ai|bot|model|response|助手|asistente)(?: said| answered| wrote| responded)?\s*:?$",
            re.I,
        ),
        "assistant",
    ),
)
_OPENS_ANSWER = re.compile(
    r"^(?:great|sure|certainly|absolutely|of course|happy|thanks|thank you|good|excellent|awesome|let['’]?s|let me|you['’]re|"
    r"you are|yes|no ?[,—]|okay|ok[,!]|perfect|here|below|i['’]ll|i['’]d|we |got it|nice|apolog|sorry|to solve|claro|por supuesto|"
    r"vamos|gracias|当然|好的|understood|right|that['’]s|alright|short answer|gern|natürlich|klar|danke|sie haben recht|bien sûr|merci|vous avez|d['’]accord|certo)",
    re.IGNORECASE,
)
_CLOSES_ANSWER = re.compile(
    r"^(?:let me know|shout if|hope (?:this|that)|feel free|if you(?:['’]d| would| want)? ?(?:like|want|need)?\b.*\b(?:let me|i can)|"
    r"want me to|would you like|do you want|good luck|happy to|just (?:ask|let me)|thanks for|you['’]re welcome|avísame|espero que)",
    re.IGNORECASE,
)
_LISTED = re.compile(r"^(?:\(?[a-z]\)|\([ivx]+\)|\d+[.)]|[-•*])\s", re.IGNORECASE)
_NUMBERED = re.compile(r"^\(?([a-h]|[ivx]{1,4}|\d{1,2})[).](?=\s|$)", re.IGNORECASE)
_ROMAN = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x")
_TITLE = re.compile(
    r"^(?:part|problem|question|step|case|teil|aufgabe|partie|problème|exercice|parte|problema|ejercicio)\b[^.:]{0,30}$",
    re.IGNORECASE,
)
_OPENS_QUESTION = re.compile(
    r"^(?:can you|could you|please|what|why|how|no[ ,(]|now |i (?:think|don|need|want|have)|solve|explain|show|derive|find|prove|"
    r"are you|is |but|wait|hmm|also|it says|podr|por qué|请|为什么)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Widths:
    """Where lines wrap, in em: the assistant's column and the user's bubble."""

    column: float
    bubble: float


@dataclass(slots=True)
class Stretch:
    """A message's words on one page."""

    page: Page
    lines: list[Line] = field(default_factory=list)


@dataclass(slots=True)
class Message:
    """One message: who speaks, and its words page by page; ``label`` is the line that names the speaker."""

    role: str
    stretches: list[Stretch] = field(default_factory=list)
    label: Line | None = None
    orphans: list[Line] = field(default_factory=list)
    """Formula lines of this message on pages where none of its words stand."""


@dataclass(slots=True)
class FormulaRun:
    """Consecutive formula lines of a page, and the words (of one message, or several) they were torn out of."""

    page: Page
    lines: list[Line]
    owners: list[tuple[int, Stretch]]
    """``(index of the message, its words on this page)``, in order."""


@dataclass(slots=True)
class Talk:
    """All messages and formula runs of a printout."""

    messages: list[Message]
    runs: list[FormulaRun]
    widths: Widths
    labelled: bool
    in_sight: bool = False
    """Formulas stand where they were seen, among the words, their scripts on lines of their own: not to be read."""


def told_apart(pages: Sequence[Page], lines: Sequence[str]) -> Talk:
    """The messages of a printout's pages; ``lines`` is the whole text, line by line."""
    sheets = [[Line(n, lines[n - 1].strip("\f")) for n in page.body if lines[n - 1].strip("\f")] for page in pages]
    sheets = [with_row_labels(sheet) for sheet in sheets]
    flat = [line for sheet in sheets for line in sheet]
    widths = _widths(flat)
    labels = _labels(flat)
    empty = sum(not lines[n - 1].strip() for page in pages for n in page.body)
    # An empty line after every other: text boxes in the order of their places, formulas among them.
    in_sight = _formulas_in_sight(flat) or (empty > 0.6 * len(flat) > 12)
    kinds = _kinds(sheets, widths, labels, in_sight)
    talk = _gather(pages, sheets, kinds, widths, labels)
    talk.in_sight = in_sight
    return talk


def _formulas_in_sight(flat: Sequence[Line]) -> bool:
    """Whether an extractor kept formulas where they stood on the page, line by line among the words.

    Torn-out formulas make long runs; what a page shows between its words makes many short ones.
    """
    if any(ZERO_WIDTH in line.text for line in flat):
        return False
    runs: list[int] = []
    for is_maths, group in groupby(flat, key=lambda line: not line.words and line.looks[2] < 2.0):
        if is_maths:
            runs.append(len(list(group)))
    short = [length for length in runs if length <= 5]
    return len(short) >= 8 and max(runs) <= 10 and len(short) > 0.04 * len(flat)


# --- widths ---------------------------------------------------------------------------------------------------------


def _widths(flat: Sequence[Line]) -> Widths:
    """The column's width is that of the widest lines; the bubble's is where most soft wraps of the rest happen."""
    column = max((line.width for line in flat if line.words >= 3), default=0.0)
    if not column:
        return Widths(40.0, 28.0)
    pairs = [
        (line, after) for line, after in pairwise(flat) if line.words >= 2 and after.bare and line.width > 0.35 * column
    ]
    soft = [(a.width, a.width + b.first_word) for a, b in pairs if a.ends_in_blank and not b.begins_with_blank]
    hard = [(a.width, a.width + b.first_word) for a, b in pairs if not a.ends_in_blank and not a.ends_sentence]
    grid = [column * step / 100 for step in range(50, 101)]

    def wraps(width: float) -> float:
        found = sum(1.0 for low, high in soft if low <= width < high)
        if width <= 0.92 * column:
            found += 0.4 * sum(1.0 for low, high in hard if low <= width < high)
        return found

    best = max(wraps(width) for width in grid)
    if best < 2:
        # One line that keeps its blank where the widest lines end: a bubble's soft wrap, and the column unknown.
        widest = [low for low, high in soft if low > 0.93 * column or low < column < high]
        return Widths(max(widest) / 0.75, max(widest)) if widest else Widths(column, 0.7 * column)
    bubble = max(width for width in grid if wraps(width) >= best)
    # Soft wraps that keep their blank are a bubble's: where the widest lines are such, the column is wider than any.
    return Widths(max(column, bubble / 0.75), bubble)


# --- labels ---------------------------------------------------------------------------------------------------------


def speaker_named(text: str) -> str | None:
    """The role that a line names as speaking next ("You said:"), or None."""
    return next((role for pattern, role in _SAYS if pattern.match(text.strip())), None)


def _labels(flat: Sequence[Line]) -> dict[int, str]:
    """Lines that name the speaker (number → role), where they do so in turn."""
    found: dict[int, str] = {}
    for line in flat:
        role = speaker_named(line.bare)
        if role is not None:
            found[line.number] = role
    roles = list(found.values())
    changes = sum(1 for a, b in pairwise(roles) if a != b)
    if set(roles) != {"user", "assistant"} or changes < 0.6 * (len(roles) - 1):
        return {}
    first = next((i for i, line in enumerate(flat) if line.number in found), 0)
    return found if first <= max(3, len(flat) // 10) else {}


# --- kinds ----------------------------------------------------------------------------------------------------------


def _kinds(
    sheets: Sequence[Sequence[Line]], widths: Widths, labels: dict[int, str], in_sight: bool = False
) -> list[int]:
    """The kind of every line, over all pages, by the cheapest path."""
    flat = [line for sheet in sheets for line in sheet]
    if not flat:
        return []
    ends = set()
    position = 0
    for sheet in sheets:
        position += len(sheet)
        ends.add(position - 1)
    price = _Prices(flat, widths, labels, ends, in_sight)
    costs = [0.0, 3.0, 3.0, 8.0]
    if labels:
        costs = [0.0, 0.0, 0.0, 8.0]
    costs = [cost + price.line(0, kind) for kind, cost in enumerate(costs)]
    back: list[tuple[int, ...]] = []
    for i in range(1, len(flat)):
        new: list[float] = []
        came: list[int] = []
        for kind in range(4):
            best, source = min((costs[k] + price.step(i, k, kind), k) for k in range(4))
            new.append(best + price.line(i, kind))
            came.append(source)
        costs = new
        back.append(tuple(came))
    costs = [cost + price.end(kind) for kind, cost in enumerate(costs)]
    kind = costs.index(min(costs))
    path = [kind]
    for sources in reversed(back):
        kind = sources[kind]
        path.append(kind)
    return path[::-1]


class _Prices:
    """What each kind costs a line, and each step from line to line."""

    def __init__(
        self, flat: Sequence[Line], widths: Widths, labels: dict[int, str], ends: set[int], in_sight: bool = False
    ) -> None:
        self.flat, self.widths, self.labels, self.ends, self.in_sight = flat, widths, labels, ends, in_sight
        self.lines = [self._line(i) for i in range(len(flat))]
        self.holes = [self._has_hole(i) for i in range(len(flat))]

    def _next(self, i: int) -> Line | None:
        return self.flat[i + 1] if i + 1 < len(self.flat) and i not in self.ends else None

    def _full(self, i: int) -> bool:
        """Whether a bubble would have wrapped after this line."""
        after = self._next(i)
        line = self.flat[i]
        if line.width > 1.05 * self.widths.bubble:
            return False
        word = after.first_word if after is not None else 3.0
        return line.width + word > 0.97 * self.widths.bubble

    def _has_hole(self, i: int) -> bool:
        line = self.flat[i]
        if self.in_sight:
            return False
        if line.blank or line.ends_in_blank or line.opens_with_punctuation:
            return True
        return line.begins_with_blank and not self._indented(i)

    def _indented(self, i: int) -> bool:
        """Whether a line's leading blank is an item's indent, and not what a formula before it left."""
        if i == 0 or not _LISTED.match(self.flat[i].bare):
            return False
        before = self.flat[i - 1]
        return not (before.blank or before.ends_in_blank)

    def _line(self, i: int) -> tuple[float, float, float, float]:
        line = self.flat[i]
        role = self.labels.get(line.number)
        if role is not None:
            return (0.0, _NEVER, _NEVER, _NEVER) if role == "user" else (_NEVER, 0.0, _NEVER, _NEVER)
        user, words, maths = line.looks
        if self.in_sight and not line.words:
            return 0.3, 0.3, 0.3, 4.0
        after = self._next(i)
        bubble, column = self.widths.bubble, self.widths.column
        if line.words >= 2:
            if line.bare[-1] in "?？":
                words += 0.7
            if line.width > 1.05 * bubble:
                user += min(7.0, 36 * (line.width / bubble - 1.02))
            elif line.ends_in_blank and self._full(i):
                user -= 0.6
                if after is None or not (after.begins_with_blank or after.opens_with_punctuation):
                    words += 1.2
            elif line.ends_in_blank:
                user += 1.2
            elif (
                after is not None
                and after.begins_lower
                and not line.ends_sentence
                and 0.9 * bubble < line.width + after.first_word < 0.9 * column
                and after.words
            ):
                words += 1.2
        elif line.ends_in_blank and not line.blank and not self._full(i):
            user += 0.9
        if line.begins_with_blank and not line.blank and not self._indented(i):
            user += 1.5
        if line.begins_with_emoji:
            user += 0.8
        return user, words, words, maths

    def line(self, i: int, kind: int) -> float:
        return self.lines[i][kind]

    def step(self, i: int, before: int, kind: int) -> float:
        """The cost of going from line ``i - 1``, of kind ``before``, to line ``i``, of kind ``kind``."""
        turned = i - 1 in self.ends
        if (kind == HOLED) != self._holed_after(i, before, kind, turned) and kind in (WORDS, HOLED):
            return _NEVER
        cost = self._turn_of_page(before, kind) if turned else self._within(before, kind)
        previous, line = self.flat[i - 1], self.flat[i]
        told = line.number in self.labels
        if before == USER and kind != USER:
            if previous.ends_in_blank and self._full(i - 1):
                cost += 4.0
            if turned and line.begins_lower:
                cost += 1.5
        if told:
            return 0.0
        if kind == USER and before != USER:
            cost += self._opening(line, question=True)
            if previous.words and turned and not previous.ends_sentence and line.begins_lower:
                cost += 1.5
        if turned and kind in (WORDS, HOLED) and before != USER and self._closed_before(i):
            cost += 1.8
        if kind in (WORDS, HOLED) and before == USER:
            cost += self._opening(line, question=False) + self._numbering(i)
        if before == kind == USER and not turned:
            wrapped = previous.ends_in_blank or (self._full(i - 1) and not previous.ends_sentence)
            if not wrapped and line.words >= 2 and not _LISTED.match(line.bare):
                cost += 0.35
            if not wrapped and ((_OPENS_ANSWER.match(line.bare) and line.words > 2) or _TITLE.match(line.bare)):
                cost += 0.9
        if self.labels and _speaker(before) != _speaker(kind):
            cost += 12.0
        return cost

    def _numbering(self, i: int) -> float:
        """A label that goes on with the prompt's own ("(e)", then "(f)") is the prompt's; one it had already is not."""
        label = _numbered(self.flat[i].bare)
        if label is None:
            return 0.0
        known = [n for j in range(i - 1, max(-1, i - 60), -1) if (n := _numbered(self.flat[j].bare)) is not None]
        alike = [number for kind, number in known if kind == label[0]]
        if not alike:
            return 0.0
        return 2.0 if label[1] == alike[0] + 1 else -0.8 if label[1] < alike[0] and label[1] in alike else 0.0

    def _closed_before(self, i: int) -> bool:
        """Whether the last words before line ``i`` take leave, as answers do at their end."""
        said = [j for j in range(max(0, i - 80), i) if self.flat[j].words >= 2][-2:]
        return any(_CLOSES_ANSWER.match(self.flat[j].bare) for j in said)

    def _holed_after(self, i: int, before: int, kind: int, turned: bool) -> bool:
        """Whether words at line ``i`` leave a hole open on this page."""
        if self.holes[i]:
            return True
        return before == HOLED and not turned

    def _within(self, before: int, kind: int) -> float:
        if before == USER:
            return {USER: 0.0, MATHS: 9.0}.get(kind, 2.2)
        if before == MATHS:
            return {MATHS: 0.0, USER: 1.5}.get(kind, 7.0)
        if kind == USER:
            # Words with holes are followed by their formulas on the same page, before anyone else speaks.
            return (9.0 if before == HOLED else 3.5) if not self.labels else 0.0
        if kind == MATHS:
            return 0.3 if before == HOLED else 0.9
        return 0.0

    def _turn_of_page(self, before: int, kind: int) -> float:
        cost = 3.0 if before == HOLED and not self.labels else 0.0
        if kind == MATHS:
            return cost + {USER: 9.0, MATHS: 2.5}.get(before, 1.2)
        if kind == USER:
            return cost + (0.2 if before == USER else 2.0)
        return cost + (2.0 if before == USER else 0.2)

    def end(self, kind: int) -> float:
        return 3.0 if kind == HOLED and not self.labels else 1.0 if kind == USER else 0.0

    @staticmethod
    def _opening(line: Line, *, question: bool) -> float:
        """Weak evidence: how a message that begins like this line likes to be taken for a question or an answer."""
        if line.begins_with_blank or line.opens_with_punctuation:
            return 2.0
        bare = line.bare.lstrip("*# ")
        if line.begins_with_emoji:
            return 0.5 if question else -0.5
        if _TITLE.match(bare):
            return 0.2 if question else -0.4
        asks, answers = bool(_OPENS_QUESTION.match(bare)), bool(_OPENS_ANSWER.match(bare))
        if question and asks:
            return -0.8 if bare.endswith("?") else -0.3
        if answers:
            return 0.4 if question else -0.8
        if asks:
            return 0.6
        return (1.6, 0.6, 0.0)[min(line.words, 2)]


def _numbered(text: str) -> tuple[str, int] | None:
    """How a line is labelled: the kind of label and its number, ``("a", 2)`` for ``(b)``."""
    match = _NUMBERED.match(text)
    if match is None:
        return None
    label = match[1].lower()
    if label.isdigit():
        return "1", int(label)
    if label in _ROMAN and (len(label) > 1 or label == "i"):
        return "i", _ROMAN.index(label) + 1
    return ("a", ord(label) - 96) if len(label) == 1 else None


def _speaker(kind: int) -> str:
    return "user" if kind == USER else "assistant"


# --- messages -------------------------------------------------------------------------------------------------------


def _gather(
    pages: Sequence[Page],
    sheets: Sequence[Sequence[Line]],
    kinds: Iterable[int],
    widths: Widths,
    labels: dict[int, str],
) -> Talk:
    messages: list[Message] = []
    runs: list[FormulaRun] = []
    kind_of = iter(kinds)
    for page, sheet in zip(pages, sheets, strict=True):
        waiting: list[tuple[int, Stretch]] = []
        run: FormulaRun | None = None
        for line in sheet:
            kind = next(kind_of)
            if kind == MATHS:
                if run is None:
                    run = FormulaRun(page, [], waiting)
                    runs.append(run)
                    waiting = []
                    if not run.owners and messages:
                        # A page that begins with formulas: they go on with the message before.
                        stretch = Stretch(page)
                        messages[-1].stretches.append(stretch)
                        run.owners.append((len(messages) - 1, stretch))
                run.lines.append(line)
                continue
            run = None
            role = _speaker(kind)
            if line.number in labels:
                messages.append(Message(role, label=line))
                continue
            if not messages or messages[-1].role != role:
                messages.append(Message(role))
            message = messages[-1]
            if not message.stretches or message.stretches[-1].page is not page or (role == "assistant" and not waiting):
                stretch = Stretch(page)
                message.stretches.append(stretch)
                if role == "assistant":
                    waiting.append((len(messages) - 1, stretch))
            elif role == "assistant" and waiting and waiting[-1][1] is not message.stretches[-1]:
                waiting.append((len(messages) - 1, message.stretches[-1]))
            message.stretches[-1].lines.append(line)
    return Talk(messages, runs, widths, bool(labels))
