"""Who speaks in text whose lines say little: no soft wraps, no holes, maybe indents.

Where an extractor follows the page or joins lines, the signs that `printout_turns` lives on are gone. What is left:
mathematics that a page set is an answer's, mathematics that is typed (``x^T``) is a person's, questions end in a
question mark, a list of parts that begins again is somebody else's, a bubble is indented. Paragraph by paragraph, the
cheapest way to give them to two speakers in turn.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from llmgrade.reading.extractor_habits import STRONG, Habit, is_maths, only_marks, types_maths
from llmgrade.reading.printout_lines import Line
from llmgrade.reading.printout_turns import speaker_named

__all__ = ["Said", "speeches"]

USER, ASSISTANT = "user", "assistant"
_LISTED = re.compile(r"^\(?([a-h]|[ivx]{1,4}|\d{1,2})[).](?=\s|$)", re.IGNORECASE)
_PART = re.compile(
    r"^\W{0,3}(?:part|question|problem|teil|aufgabe|partie|parte|exercice|ejercicio)?\s*(?:\(([a-h]|[ivx]{1,4}|\d{1,2})\)"
    r"|([a-h]|[ivx]{1,4}|\d{1,2})[).](?=\s|$))",
    re.IGNORECASE,
)
_ROMAN = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x")
_ASKS = re.compile(
    r"^(?:can you|could you|please|what|why|how|now |i (?:think|don|need|want|have)|solve|explain|find|prove|are you|is(?:n['’]t)? |"
    r"but|wait|hmm|check|have (?:another|a) look|you (?:used|forgot|wrote|said)|for \(|isn['’]t|does|podr|por qué|请|为什么)"
    r"|\bplease\b",
    re.IGNORECASE,
)
_ANSWERS = re.compile(
    r"^(?:great|sure|certainly|absolutely|of course|thanks|thank you|good|let['’]?s|let me|you['’]re (?:right|welcome)|you are right|yes|"
    r"perfect|here|below|i['’]ll|we |nice|apolog|sorry|so it|true|quite|that is right|that['’]s right|it does not|right|claro|gracias|"
    r"natürlich|sie haben recht|bien sûr|vous avez|d['’]accord|certo|当然|好的)",
    re.IGNORECASE,
)


@dataclass(slots=True)
class Said:
    """What one speaker says: lines, in order; ``label`` is the line that names the speaker."""

    role: str
    lines: list[Line] = field(default_factory=list)
    label: Line | None = None


@dataclass(slots=True)
class _Unit:
    """A paragraph, or a stretch of set mathematics."""

    lines: list[Line]
    maths: bool
    page: int
    part: tuple[str, int] | None = None
    indented: bool | None = None
    """Whether its words are set in where others are not; None where indents say nothing."""

    @property
    def text(self) -> str:
        return " ".join(line.bare for line in self.lines)


def speeches(sheets: Sequence[Sequence[Line]], habit: Habit) -> tuple[list[Said], bool]:
    """What is said, speaker by speaker, and whether lines name the speakers. ``sheets`` are the lines of each page."""
    flat = [line for sheet in sheets for line in sheet]
    named = {line.number: role for line in flat if (role := speaker_named(line.bare)) is not None}
    if set(named.values()) == {USER, ASSISTANT} and any(line.number in named for line in flat[:4]):
        return _by_names(flat, named), True
    units = [unit for page, sheet in enumerate(sheets) for unit in _units(sheet, page)]
    if not units:
        return [], False
    out: list[Said] = []
    for unit, role in zip(units, _roles(units, habit), strict=True):
        if not out or out[-1].role != role:
            out.append(Said(role))
        out[-1].lines.extend(unit.lines)
    return out, False


def _by_names(flat: Sequence[Line], named: dict[int, str]) -> list[Said]:
    out: list[Said] = []
    for line in flat:
        role = named.get(line.number)
        if role is not None:
            out.append(Said(role, label=line))
        elif out:
            out[-1].lines.append(line)
    return out


# --- paragraphs -----------------------------------------------------------------------------------------------------


def _units(sheet: Sequence[Line], page: int) -> list[_Unit]:
    """The paragraphs and the set mathematics of a page."""
    gaps = sum(1 for a, b in zip(sheet, sheet[1:], strict=False) if b.number > a.number + 1)
    telling = gaps < 0.6 * len(sheet)
    widest = max((line.width - _indent(line) * 0.29 for line in sheet if line.words >= 2), default=40.0)
    worded = [_indent(line) for line in sheet if line.words >= 2]
    low = min(worded, default=0)
    far = [indent for indent in worded if indent >= low + 6]
    split = 0 < len(far) < len(worded) or (low >= 14 and bool(worded))
    units: list[_Unit] = []
    for line in sheet:
        maths = is_maths(line) or only_marks(line.text)
        last = units[-1] if units else None
        if last is not None and last.maths == maths and (maths or _goes_on(last.lines[-1], line, widest, telling)):
            last.lines.append(line)
            continue
        indented = (_indent(line) >= (low + 6 if far else 14)) if split and not maths and line.words >= 2 else None
        units.append(_Unit([line], maths, page, None if maths else _part(line.bare), indented))
    return units


def _indent(line: Line) -> int:
    return len(line.text) - len(line.text.lstrip(" "))


def _goes_on(before: Line, line: Line, widest: float, telling: bool) -> bool:
    if _LISTED.match(line.bare) or before.is_label or line.begins_with_emoji or line.is_title:
        return False
    if telling and line.number > before.number + 1:
        return False
    if line.begins_lower or line.opens_with_punctuation:
        return True
    if before.bare[-1:] in ".!?:":
        # A paragraph's last line is short; a full one may end with its sentence.
        return before.bare[-1] != ":" and before.width - 0.29 * _indent(before) + line.first_word > 0.85 * widest and not _ANSWERS.match(line.bare)  # fmt: skip
    return before.width - 0.29 * _indent(before) + line.first_word > (0.85 if line.bare[:1].isupper() else 0.6) * widest


def _part(text: str) -> tuple[str, int] | None:
    match = _PART.match(text)
    if match is None:
        return None
    label = (match[1] or match[2]).lower()
    if label.isdigit():
        return "1", int(label)
    if label in _ROMAN and (len(label) > 1 or label == "i"):
        return "i", _ROMAN.index(label) + 1
    return ("a", ord(label) - 96) if len(label) == 1 else None


# --- speakers -------------------------------------------------------------------------------------------------------

_Part = tuple[str, int]
_State = tuple[str, frozenset[_Part], bool]
"""Who speaks, the labels of parts that the message has had, and whether set mathematics came last."""


def _roles(units: Sequence[_Unit], habit: Habit) -> list[str]:
    """Who says each unit, by the cheapest path."""
    reached: dict[_State, tuple[float, tuple[str, ...]]] = {}
    asked = _asked_until(units)
    for n, unit in enumerate(units):
        costs = {role: _cost(unit, role, habit, n < asked) for role in (USER, ASSISTANT)}
        fresh: dict[_State, tuple[float, tuple[str, ...]]] = {}
        if not n:
            for role, cost in costs.items():
                fresh[role, _with_part(frozenset(), unit.part), unit.maths] = (
                    cost + (8.0 if role == ASSISTANT else 0.0),
                    (role,),
                )
        for (speaker, parts, shown), (spent, path) in reached.items():
            for role, cost in costs.items():
                if role == speaker:
                    # In the order of painting, a message's words all stand before its formulas.
                    painted = habit is Habit.JOINED and role == ASSISTANT and shown and not unit.maths
                    painted = painted and unit.page == units[n - 1].page
                    step = (6.0 if unit.part in parts else 0.0) + (8.0 if painted else 0.0)
                    labels = _with_part(parts, unit.part)
                else:
                    step = _turn(units[n - 1], unit, role)
                    labels = _with_part(frozenset(), unit.part)
                state = (role, labels, unit.maths)
                total = spent + cost + step
                if state not in fresh or total < fresh[state][0]:
                    fresh[state] = (total, (*path, role))
        reached = dict(sorted(fresh.items(), key=lambda entry: entry[1][0])[:40])
    best = min(reached.items(), key=lambda entry: entry[1][0] + (2.0 if entry[0][0] == USER else 0.0))
    return list(best[1][1])


def _with_part(parts: frozenset[_Part], part: _Part | None) -> frozenset[_Part]:
    """The labels with one more; (i), (ii) begin again under every (a), (b)."""
    if part is None:
        return parts
    return frozenset({part} | {one for one in parts if one[0] != "i" or part[0] == "i"})


def _asked_until(units: Sequence[_Unit]) -> int:
    """Where a label of a part comes again: what stands before may be the question, and show formulas that were pasted into it."""
    seen: frozenset[_Part] = frozenset()
    for n, unit in enumerate(units):
        if unit.part in seen:
            return n
        seen = _with_part(seen, unit.part)
    return 0


def _cost(unit: _Unit, role: str, habit: Habit, asked: bool = False) -> float:
    if unit.maths:
        return (0.6 if asked else 6.0) if role == USER else 0.0
    text = unit.text
    cost = 0.0
    if unit.lines[0].begins_with_emoji:
        cost += 2.5 if role == USER else 0.0
    if unit.indented is not None:
        cost += 4.0 if unit.indented != (role == USER) else 0.0
    if types_maths(text):
        cost += 3.0 if role == ASSISTANT else 0.0
    elif set(text) & STRONG:
        cost += (0.4 if asked else 3.0) if role == USER else 0.0
    if text.rstrip()[-1:] in "?？":
        cost += 2.0 if role == ASSISTANT else 0.0
    if habit is Habit.JOINED and re.search(r"\w [.,;:)](?:\s|$)|\w  +\w", text):
        cost += 2.0 if role == USER else 0.0
    if (text.rstrip()[-1:] == ":" and unit.part is not None) or unit.lines[0].is_label:
        cost += 1.0 if role == USER else 0.0
    return cost


def _turn(before: _Unit, unit: _Unit, role: str) -> float:
    """What it costs that ``role`` begins to speak with this unit."""
    cost = 2.2 if role == USER else 1.0
    text = unit.text
    if unit.lines[0].begins_lower or unit.lines[0].opens_with_punctuation:
        cost += 9.0
    if not before.maths and before.text[-1:] in ":,":
        cost += 4.0 if role == USER else 3.0
    elif not before.maths and before.text[-1:] not in ".!?。？！" and before.part is None and role == USER:
        cost += 1.5
    if role == USER:
        cost += (-0.8 if _ASKS.search(text) else 0.0) + (1.5 if _ANSWERS.match(text) else 0.0)
        cost += 1.5 if unit.part is not None else 0.0
    else:
        cost += (-0.9 if _ANSWERS.match(text) else 0.0) + (0.6 if _ASKS.search(text) else 0.0)
        cost += 2.0 if unit.maths else 0.0
        cost -= 0.5 if before.part is not None and unit.part is None else 0.0
    return cost
