"""A run of torn-out lines as formulas: parted by its looks, each part read back, and what does not read well read anew.

Reading a whole run as a chain of formulas is sure and slow; parting it by its looks is quick and sometimes wrong. So the
looks come first, every part is read on its own, and only around parts that cannot be read, or that read as a torso (a bracket
that never closes, a relation without its right side, a lone script), the lines of the neighbourhood are read as a chain.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from llmgrade.limits import Deadline
from llmgrade.reading.printout_lines import ZERO_WIDTH
from llmgrade.reading.printout_runs import Part, parted
from llmgrade.typeset.inverse import LineReading, Mode, read_lines
from llmgrade.typeset.inverse_stream import StreamFormula, read_stream

__all__ = ["displayed", "formulas_of", "strain"]

WINDOW = 30
"""Most lines read as one chain."""
PART_SECONDS = 0.15
"""Work for each line of a part that is read as one formula (seconds)."""
GLANCE_SECONDS = 0.15
"""Work for reading a stretch of a part that may be a formula of its own (seconds)."""
CUT_SECONDS = 1.5
"""Work for cutting a part that does not read as one formula (seconds)."""
LONGEST_CUT = 26
"""Most lines of a part that is cut."""
LINE_SECONDS = 0.15
"""Work for each line of a chain (seconds)."""
_DANGLES = re.compile(
    r"(?:[=<>+\-,(\[]|\\(?:le|ge|leq|geq|approx|in|to|cdot|times|neq|ll|gg|pm|sim|propto))\s*$|^\s*(?:[+)\]^_']|\\prime\b)"
)
_SCRIPT = re.compile(r"^\s*(?:T|\\top|\\prime|-1|\\dagger|\*|T\s*-\s*1|\\partial(?:\s*\\?[a-zA-Z]+)?|[=+\-]|\.|,)\s*$")
_STRAINED = re.compile(
    r"\\sqrt\{\s*(?:-|\\partial)|\\quad|\\frac\{[^{}]*\}\{\\frac|\\vec\{[^a-zA-Z]|\^\{[^{}]*\\frac|^\s*=\s*\\?\w{1,3}$|\\sqrt\{[^{}]*(?:=|\\in|\\le|>)"
)
_BOX_OR_ROOT_OF_ONE = re.compile(r"^\s*\\(?:sqrt|boxed|vec|widehat|overline)\{\s*\\?[A-Za-z0-9]+\s*\}\s*$")


def formulas_of(
    lines: Sequence[str], fits: Callable[[Sequence[bool]], float], context: Sequence[str], deadline: Deadline
) -> tuple[StreamFormula, ...]:
    """The formulas of a run, in order. ``fits`` prices so many formulas (each: displayed or not) by the words' places."""
    parts = parted(lines, fits)
    found = [_whole(part, deadline) for part in parts]
    for first, last in _windows(found):
        _read_anew(found, first, last, lines, context, deadline)
    return tuple(one for group in found for one in group)


_SUPPOSED = re.compile(r"\\(?:[,;:!]|(?:quad|qquad|vec|widehat|widetilde|overline|underline)(?![a-zA-Z]))")
_BOX = re.compile(r"\\boxed")


def strain(latex: str) -> float:
    r"""What a reading supposes that leaves no trace in the lines, as an addition to its cost.

    A space typed by hand, a drawn accent, a box in the midst of a formula: where lines fit as well without them, that is how
    they came about.

    >>> strain(r"(X^{T}X)^{-1}"), strain(r"(X\,X^{T})^{-1}") > 0
    (0.0, True)
    """
    boxes_inside = len(_BOX.findall(latex)) - latex.startswith("\\boxed{")
    return 0.1 * (len(_SUPPOSED.findall(latex)) + max(0, boxes_inside))


_SIZED = re.compile(r"\\(?:[dt]?frac|sum|int|prod|lim|min|max|begin)(?![a-zA-Z])")
_LONG = 9
"""Lines from which a formula that sets alike in both modes is taken for a displayed one."""


def displayed(found: StreamFormula) -> bool:
    """Whether a formula looks like a displayed one: boxed, set in display size, or long where size does not tell."""
    latex = found.readings[0].latex if found.readings else ""
    if latex.startswith("\\boxed") or (found.written[0] == ZERO_WIDTH and len(found.written) > 1):
        return True
    if _SIZED.search(latex):
        return found.mode == "display"
    return len(found.written) >= _LONG


_Group = list[StreamFormula]


def _read(part: Part, deadline: Deadline) -> _Group:
    seconds = min(PART_SECONDS * (len(part.written) + 1), deadline.left())
    mode: Mode = "display" if part.shown else "inline"
    readings = read_lines(part.written, seconds=seconds) if seconds > 0 else ()
    return [StreamFormula(part.first, part.last, part.written, readings, readings[0].mode if readings else mode)]


def _whole(part: Part, deadline: Deadline) -> _Group:
    """The part as one formula; where it does not read as one, as several that follow each other, where it does as those."""
    group = _read(part, deadline)
    if not _poor(group) or not 1 < len(part.written) <= LONGEST_CUT:
        return group
    if part.last - part.first + 1 != len(part.written):  # it shares a line with another formula
        return group
    several = _cut(part.written, 0, Deadline.work(min(CUT_SECONDS, deadline.left())), {})
    if several is None:
        return group
    return [
        StreamFormula(part.first + i, part.first + j - 1, tuple(part.written[i:j]), readings, readings[0].mode)
        for i, j, readings in several
    ]


_Pieces = list[tuple[int, int, tuple[LineReading, ...]]]


def _cut(lines: Sequence[str], start: int, deadline: Deadline, dead: dict[int, bool]) -> _Pieces | None:
    """Whole formulas that together are ``lines[start:]``, the first as long as can be; None where there are none."""
    if start == len(lines):
        return []
    if dead.get(start):
        return None
    for stop in range(len(lines), start, -1):
        if deadline.passed():
            return None
        if stop - start == len(lines):
            continue  # the whole was read already, and poorly
        readings = read_lines(lines[start:stop], seconds=min(GLANCE_SECONDS, deadline.left()))
        if not readings or torso(readings[0]) or readings[0].cost + strain(readings[0].latex) > 0.3:
            continue
        rest = _cut(lines, stop, deadline, dead)
        if rest is not None:
            return [(start, stop, readings), *rest]
    dead[start] = True
    return None


def _poor(group: _Group) -> bool:
    return any(not one.readings or torso(one.readings[0]) for one in group)


def torso(reading: LineReading) -> bool:
    """Whether a reading looks like a piece of a formula rather than a whole one."""
    latex = reading.latex
    bare = latex.replace("\\left", "").replace("\\right", "").replace("\\{", "").replace("\\}", "")
    unbalanced = bare.count("(") != bare.count(")") or bare.count("[") != bare.count("]")
    return bool(
        unbalanced
        or _box_beside(latex)
        or reading.cost > 0.9
        or any(odd.search(latex) for odd in (_DANGLES, _SCRIPT, _STRAINED, _BOX_OR_ROOT_OF_ONE))
    )


def _box_beside(latex: str) -> bool:
    """Whether a box stands beside something else: a box is a display of its own."""
    start = latex.find("\\boxed{")
    if start < 0:
        return False
    depth = 0
    for place in range(start + 6, len(latex)):
        depth += (latex[place] == "{") - (latex[place] == "}")
        if not depth:
            return start > 0 or latex[place + 1 :].strip(" .,;") != ""
    return True


def _windows(found: list[_Group]) -> list[tuple[int, int]]:
    """Stretches of parts around those that read poorly, a neighbour on each side, as ``(first, last)``.

    None is longer than `WINDOW` lines, but for a single part that is.
    """
    windows: list[tuple[int, int]] = []
    for place, group in enumerate(found):
        if not _poor(group):
            continue
        first, last = max(0, place - 1), min(len(found) - 1, place + 1)
        if windows and first <= windows[-1][1]:
            merged = windows[-1][0], last
            if found[last][-1].last - found[merged[0]][0].first < WINDOW:
                windows[-1] = merged
                continue
            first = windows[-1][1] + 1
        if first <= last:
            windows.append((first, last))
    return windows


def _read_anew(
    found: list[_Group], first: int, last: int, lines: Sequence[str], context: Sequence[str], deadline: Deadline
) -> None:
    """Read the lines of parts ``first..last`` as a chain; kept where fewer of its formulas are poor."""
    inside = [one for group in found[first : last + 1] for one in group]
    if not inside:
        return
    start, stop = inside[0].first, inside[-1].last
    before_it = next((group[-1] for group in reversed(found[:first]) if group), None)
    after_it = next((group[0] for group in found[last + 1 :] if group), None)
    # A line shared with a formula outside cannot be read anew without it.
    if (before_it is not None and before_it.last >= start) or (after_it is not None and after_it.first <= stop):
        return
    seconds = min(LINE_SECONDS * (stop - start + 1), deadline.left())
    if seconds <= 0:
        return
    chain = read_stream(lines[start : stop + 1], context=context[-200:], seconds=seconds)
    moved = [StreamFormula(f.first + start, f.last + start, f.written, f.readings, f.mode) for f in chain]
    if moved and _badness(moved) < _badness(inside):
        found[first] = moved
        for place in range(first + 1, last + 1):
            found[place] = []


def _badness(formulas: Sequence[StreamFormula]) -> float:
    """Lines that stand in poor formulas, and one for each formula: a chain that ran out of time falls apart into lines."""
    poor = sum(f.last - f.first + 1 for f in formulas if not f.readings or torso(f.readings[0]))
    return float(poor + len(formulas))
