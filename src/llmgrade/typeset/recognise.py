"""Which of some candidate formulas do these flattened lines state? Recognition by synthesis.

Every candidate is set anew (`forward`) and laid over the text. To be accepted all its characters must be there, in
order, with blanks and line breaks where the layout allows them; one dropped U+200B is forgiven. Wrong candidates
compete with right ones on equal terms: the cheapest fit wins, and a tie between different meanings is no choice.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from llmgrade.typeset import tree
from llmgrade.typeset.align import cost
from llmgrade.typeset.extractors import EXTRACTORS
from llmgrade.typeset.forward import BREAK, Mode, Stream, stream, tokenize
from llmgrade.typeset.latex import LatexError, parse
from llmgrade.typeset.symbols import BIG_OPERATORS, NAMED_OPERATORS, ZERO_WIDTH
from llmgrade.typeset.tree import Row
from llmgrade.typeset.variants import moves, plain, respelled, with_moved_scripts, with_script, with_space

__all__ = ["ACCEPTED", "Candidate", "Choice", "Match", "choose", "find"]

ACCEPTED: Final = 0.5
"""The dearest fit accepted: one missing U+200B, no missing character, no impossible separator."""
MARGIN: Final = 0.05
"""Fits closer than this are a tie."""
RESPELLED: Final = 0.02
"""What a fit costs that needed another layout than the candidate's own."""
_TRIALS: Final = 45
"""Layouts tried per candidate and stretch of text whose characters agree."""
_SPACES: Final = 3
"""Explicit spaces guessed in one formula."""
_LOST: Final = "\ufffd"
_LEFTOVER_LINES: Final = 2
_LEFTOVER_SIZE: Final = 6
"""How much of what follows may be an unclaimed script."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A formula to look for. Candidates of the same ``meaning`` may tie: either is then the right answer."""

    latex: str
    meaning: Hashable = None


@dataclass(frozen=True, slots=True)
class Choice:
    """The candidate that some lines state."""

    index: int
    cost: float
    mode: Mode
    ties: tuple[int, ...] = ()
    """Others of the same meaning that fit as well."""


@dataclass(frozen=True, slots=True)
class Match:
    """A candidate found in a stream of lines, on lines ``[first, last)``."""

    index: int
    cost: float
    mode: Mode
    first: int
    last: int
    ties: tuple[int, ...] = ()


def choose(
    lines: Sequence[str],
    candidates: Sequence[Candidate | str],
    *,
    mode: Mode | None = None,
    commuted: bool = False,
    extractor: str = "pymupdf",
) -> Choice | None:
    """The candidate that the lines of one formula state; None where none fits or different ones fit equally well.

    ``extractor``: a name in `extractors.EXTRACTORS`; one that loses the order of paint gives None.
    ``commuted``: sums in another order, and the sides of an equation exchanged, count as the same formula.

    >>> choose(["M Mv =", "T", "M k", "T"], ["M^T M v = M k^T", "M^T M v = M^T k", "M M^T v = M^T k"]).index
    1
    """
    text = _Text(lines, extractor)
    if not text.ordered:
        return None
    fits = []
    for index, candidate in enumerate(candidates):
        best = min(
            (fit for fit in _fits(_as_candidate(candidate).latex, text, mode, commuted) if text.whole(fit)),
            key=lambda fit: fit.cost,
            default=None,
        )
        if best is not None:
            fits.append((best.cost, index, best))
    fits.sort(key=lambda f: f[:2])
    if not fits:
        return None
    lowest, winner, best = fits[0]
    tied = [index for found, index, _ in fits[1:] if found - lowest < MARGIN]
    if any(not _same_meaning(candidates[winner], candidates[index]) for index in tied):
        return None
    return Choice(winner, lowest, best.mode, tuple(tied))


def find(
    lines: Sequence[str],
    candidates: Sequence[Candidate | str],
    *,
    mode: Mode | None = None,
    strict: bool = True,
    commuted: bool = False,
    extractor: str = "pymupdf",
) -> tuple[Match, ...]:
    """Where the candidates stand in a stream of lines (a page, a turn), in order of place.

    ``strict``: both ends must look like the ends of a formula; without it a match only says where to look.
    Of overlapping matches the longest wins; stretches on which different meanings tie are left out.
    """
    text = _Text(lines, extractor)
    if not text.ordered:
        return ()
    found = [
        (fit, index)
        for index, candidate in enumerate(candidates)
        for fit in _fits(_as_candidate(candidate).latex, text, mode, commuted)
        if not strict or text.ends_well(fit)
    ]
    return _settled(found, text, candidates)


_LIKELY_ABOVE: Final = re.compile(
    r"[T⊤H∗†‡⊥∘∞+−cN]|′+|−[T⊤]|−?\d+(?:/\d+)?|[ijklmnopqrst](?:[+−]\d)?|\d?[nkmt]|−[a-z]|\([a-z\d](?:[+−]\d)?\)[′T]?"
    r"|\[[a-z\d](?:[+−]\d)?\]|[a-z]/\d"
)
_DIMENSION: Final = re.compile(r"[a-z\d+]+(?:×[a-z\d+]+)?")


def _likely_script(script: str, base: str, above: bool) -> bool:
    """Whether people write this above (or below) that: any formula on its own line could else be a script.

    Below there was a U+200B, which a new formula seldom begins with; above there is nothing but the characters.
    """
    if not above or base in _TAKES_ANY_POWER:
        return True
    if base in "RCNZ" and base:
        return _DIMENSION.fullmatch(script) is not None
    return script not in ("0", "1") and _LIKELY_ABOVE.fullmatch(script) is not None


_TAKES_ANY_POWER: Final = frozenset({"e", "exp", *(char for char, _ in BIG_OPERATORS.values())})


def is_prose(line: str) -> bool:
    """Two or more ordinary words with plain blanks between them; text inside a formula has U+00A0 there.

    >>> is_prose("Each variable appears twice, hence"), is_prose("log p(y ∣ x) ≤ 0"), is_prose("T")
    (True, False, False)
    """
    words = 0
    for word in re.split(r"[ .,;:()!?'’\-]+", line):
        words += len(word) >= 3 and word.isascii() and word.isalpha() and word not in NAMED_OPERATORS
    return words >= 2


def _as_candidate(candidate: Candidate | str) -> Candidate:
    return Candidate(candidate) if isinstance(candidate, str) else candidate


def _same_meaning(a: Candidate | str, b: Candidate | str) -> bool:
    a, b = _as_candidate(a), _as_candidate(b)
    return a.latex == b.latex or (a.meaning is not None and a.meaning == b.meaning)


# ---------------------------------------------------------------------------------------------------------- fits


@dataclass(frozen=True, slots=True)
class _Fit:
    """Tokens ``[start, stop)`` of the text read as ``row``."""

    start: int
    stop: int
    cost: float
    mode: Mode
    row: Row
    size: int
    """Visible characters."""


@lru_cache(maxsize=4096)
def _weight(char: str) -> int:
    return random.Random(ord(char)).getrandbits(60)


class _Text:
    """Tokens of some lines; ``solid`` are the positions of all but U+200B, ``sums`` their running fingerprint."""

    def __init__(self, lines: Sequence[str], extractor: str = "pymupdf") -> None:
        kept = EXTRACTORS[extractor]
        self.marks, self.gaps, self.ordered = kept.marks, kept.gaps, kept.ordered
        if not kept.marks:
            lines = [line.replace(ZERO_WIDTH, "") for line in lines]
        self.lines = lines
        self.chars, self.before = tokenize(lines)
        self.line_of: list[int] = []
        for number, line in enumerate(lines):
            self.line_of += [number] * (len(line) - line.count(" "))
        self.prose = {number for number, line in enumerate(lines) if is_prose(line)}
        self.solid = [k for k, c in enumerate(self.chars) if c != ZERO_WIDTH]
        self.visible = [self.chars[k] for k in self.solid]
        self.sums = [0]
        for char in self.visible:
            self.sums.append(self.sums[-1] + _weight(char))
        self.lost = [k for k, c in enumerate(self.visible) if c == _LOST]
        self.present = frozenset(self.visible)

    def laid(self, row: Row, mode: Mode) -> Stream:
        """The stream of a row as this text's extractor keeps it."""
        return stream(row, mode, self.marks, self.gaps)

    def windows(self, visible: Sequence[str]) -> Iterator[int]:
        """Places (in visible characters) where the same characters stand in some order."""
        n = len(visible)
        sums = self.sums
        target = sum(map(_weight, visible))
        for i in range(len(sums) - n):
            if sums[i + n] - sums[i] == target:
                yield i
        if self.lost:
            wanted = Counter(visible)
            for i in sorted({i for k in self.lost for i in range(max(0, k - n + 1), min(k + 1, len(sums) - n))}):
                here = Counter(self.visible[i : i + n])
                if not (here - wanted).keys() - {_LOST}:
                    yield i

    def whole(self, fit: _Fit) -> bool:
        return fit.start == 0 and fit.stop == len(self.chars)

    def ends_well(self, fit: _Fit) -> bool:
        return self.starts_well(fit.start) and self.stops_well(fit)

    def starts_well(self, start: int) -> bool:
        return start == 0 or self.before[start] == BREAK

    def stops_well(self, fit: _Fit) -> bool:
        stop = fit.stop
        if stop == len(self.chars):
            return True
        if self.before[stop] != BREAK:
            return False
        return not self.continues(fit)

    def continues(self, fit: _Fit) -> bool:
        """Whether the lines that follow could be a script of this formula: then it need not end here."""
        stop = fit.stop
        for _ in range(_LEFTOVER_LINES):
            if stop == len(self.chars) or self.line_of[stop] in self.prose:
                return False
            line = self.line_of[stop]
            while stop < len(self.chars) and self.line_of[stop] == line:
                stop += 1
            script = [c for c in self.chars[fit.stop : stop] if c != ZERO_WIDTH]
            if len(script) > _LEFTOVER_SIZE or any(tree.symbol(c).kind == "rel" for c in script):
                return False
            if not script:
                continue
            for grown, base, above in with_script(fit.row, tuple(map(tree.symbol, script))):
                if not _likely_script("".join(script), base, above):
                    continue
                laid = self.laid(grown, fit.mode)
                if (
                    len(laid) == stop - fit.start
                    and cost(laid, self.chars[fit.start : stop], self.before[fit.start : stop], ACCEPTED) <= ACCEPTED
                ):
                    return True
        return False


def _fits(latex: str, text: _Text, mode: Mode | None, commuted: bool) -> Iterator[_Fit]:
    """The accepted fits of a candidate anywhere in the text."""
    try:
        row = parse(latex)
    except LatexError:
        return
    done: set[tuple[int, int]] = set()
    for spelling in respelled(row, text.present):
        try:
            visible = [c for c, _ in text.laid(spelling, mode or "display") if c != ZERO_WIDTH]
        except LatexError:
            continue
        if not visible:
            continue
        for i in text.windows(visible):
            fit = _fit(spelling, text, i, len(visible), mode, commuted)
            if fit is not None and (fit.start, fit.stop) not in done:
                done.add((fit.start, fit.stop))
                yield fit


def _fit(row: Row, text: _Text, first: int, size: int, mode: Mode | None, commuted: bool) -> _Fit | None:
    """The best layout of ``row`` on the visible characters ``[first, first + size)``, if one is accepted."""
    modes: tuple[Mode, ...] = ("display", "inline") if mode is None else (mode,)
    best: _Fit | None = None
    near: list[tuple[float, Row]] = []
    for penalty, layout in ((0.0, row), (RESPELLED, plain(row))):
        if penalty and layout == row:
            continue
        for m in modes:
            got = _laid(text.laid(layout, m), text, first, size)
            if got is not None and (best is None or got[2] + penalty < best.cost):
                best = _Fit(got[0], got[1], got[2] + penalty, m, layout, size)
        if best is None:
            near.append((min(_rough(text.laid(layout, m), text, first, size) for m in modes), layout))
        if best is not None and best.cost <= RESPELLED:
            return best
    if best is not None:
        return best
    return _search(near, text, first, size, modes, commuted)


def _search(
    near: list[tuple[float, Row]], text: _Text, first: int, size: int, modes: tuple[Mode, ...], commuted: bool
) -> _Fit | None:
    """Downhill over layouts: take the move that helps, until one fits."""
    trials = 0
    for current, row in sorted(near, key=lambda n: n[0]):
        seen = {row}
        given = row
        while trials < _TRIALS:
            best, chosen = current, None
            for changed in moves(row, commuted):
                if changed in seen:
                    continue
                seen.add(changed)
                trials += 1
                if trials > _TRIALS:
                    break
                fit, lowest = _tried(changed, text, first, size, modes, best)
                if fit is not None:
                    return fit
                if lowest < best - 1e-9:
                    best, chosen = lowest, changed
            if chosen is None:
                break
            current, row = best, chosen
        fit = _spaced(given, text, first, size, modes)
        if fit is not None:
            return fit
    return None


def _tried(
    row: Row, text: _Text, first: int, size: int, modes: tuple[Mode, ...], bound: float
) -> tuple[_Fit | None, float]:
    lowest = bound
    for m in modes:
        try:
            laid = text.laid(row, m)
        except LatexError:
            continue
        got = _laid(laid, text, first, size)
        if got is not None:
            return _Fit(got[0], got[1], got[2] + RESPELLED, m, row, size), got[2]
        lowest = min(lowest, _rough(laid, text, first, size, lowest))
    return None, lowest


def _spaced(row: Row, text: _Text, first: int, size: int, modes: tuple[Mode, ...]) -> _Fit | None:
    """Explicit spaces where only gaps disagree, provided that no superscript could have made the gap instead."""
    for m in modes:
        gaps = _gaps(row, text, first, size, m)
        if not gaps or len(gaps) > _SPACES:
            continue
        letters = frozenset(a for a, _ in gaps)
        rivals = list(with_moved_scripts(row, letters))
        if any(_gaps(rival, text, first, size, other) == [] for rival in rivals for other in modes):
            return None
        fit = _spaced_in(row, gaps, text, first, size, m)
        if fit is not None:
            return fit
    return None


def _spaced_in(row: Row, gaps: list[tuple[str, str]], text: _Text, first: int, size: int, mode: Mode) -> _Fit | None:
    while gaps:
        for changed in with_space(row, *gaps[0]):
            left = _gaps(changed, text, first, size, mode)
            if left is not None and len(left) < len(gaps):
                row, gaps = changed, left
                break
        else:
            return None
    laid = text.laid(row, mode)
    start, stop = _span(laid, text, first, size) or (0, 0)
    return _Fit(start, stop, RESPELLED, mode, row, size)


def _gaps(row: Row, text: _Text, first: int, size: int, mode: Mode) -> list[tuple[str, str]] | None:
    """Where separators disagree, as the characters before and behind; None where characters disagree."""
    try:
        laid = text.laid(row, mode)
    except LatexError:
        return None
    span = _span(laid, text, first, size)
    if span is None or span[1] - span[0] != len(laid):
        return None
    start = span[0]
    wrong = []
    for k, (char, mask) in enumerate(laid):
        if text.chars[start + k] != char:
            return None
        if k and not text.before[start + k] & mask:
            wrong.append((laid[k - 1][0], char))
    return wrong


def _span(laid: Stream, text: _Text, first: int, size: int) -> tuple[int, int] | None:
    """The tokens under a stream whose first visible character falls on visible character ``first``.

    U+200B before it belong to the stream as far as the stream begins with them. None where the sizes differ.
    """
    if sum(1 for char, _ in laid if char != ZERO_WIDTH) != size:
        return None
    lead = 0
    while lead < len(laid) and laid[lead][0] == ZERO_WIDTH:
        lead += 1
    start = text.solid[first]
    while lead and start and text.chars[start - 1] == ZERO_WIDTH:
        start -= 1
        lead -= 1
    return start, text.solid[first + size - 1] + 1


def _rough(laid: Stream, text: _Text, first: int, size: int, bound: float = 1e9) -> float:
    """How far a layout is from fitting; says which of two layouts is nearer."""
    span = _span(laid, text, first, size)
    if span is None:
        return 1e9
    start, stop = span
    return cost(laid, text.chars[start:stop], text.before[start:stop], bound)


def _laid(laid: Stream, text: _Text, first: int, size: int) -> tuple[int, int, float] | None:
    """The tokens ``[start, stop)`` under a stream and the cost, or None where it does not fit."""
    span = _span(laid, text, first, size)
    if span is None or not 0 <= len(laid) - (span[1] - span[0]) <= 1:
        return None
    start, stop = span
    if start and text.chars[start - 1] == ZERO_WIDTH:
        return None  # the mark of a box or fraction that this layout does not have
    total = cost(laid, text.chars[start:stop], text.before[start:stop], ACCEPTED)
    return (start, stop, total) if total <= ACCEPTED else None


# ---------------------------------------------------------------------------------------------------------- overlaps


def _settled(found: list[tuple[_Fit, int]], text: _Text, candidates: Sequence[Candidate | str]) -> tuple[Match, ...]:
    """Longest first, then cheapest; nothing where equals of different meaning claim the same stretch."""
    found.sort(key=lambda f: (-f[0].size, f[0].cost, f[1]))
    taken: list[tuple[_Fit, int, bool]] = []
    ties: dict[int, list[int]] = {}
    for fit, index in found:
        clash = next((k for k, t in enumerate(taken) if fit.start < t[0].stop and t[0].start < fit.stop), None)
        if clash is None:
            taken.append((fit, index, True))
            continue
        other, winner, good = taken[clash]
        if (
            other.size == fit.size
            and fit.cost - other.cost < MARGIN
            and (other.start, other.stop) == (fit.start, fit.stop)
        ):
            if _same_meaning(candidates[winner], candidates[index]):
                ties.setdefault(clash, []).append(index)
            else:
                taken[clash] = (other, winner, False)
    out = []
    for k, (fit, index, good) in enumerate(taken):
        if good:
            lines = text.line_of
            out.append(
                Match(index, fit.cost, fit.mode, lines[fit.start], lines[fit.stop - 1] + 1, tuple(ties.get(k, ())))
            )
    return tuple(sorted(out, key=lambda m: (m.first, m.last)))
