"""A whole formula read back: pieces between relations, one after the other, then every candidate set again and compared.

KaTeX cuts a formula after each relation and binary operator of its outermost level, and each piece is flattened
separately, in order; so a long chain is read in time linear in its length.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Final

from llmgrade.limits import Deadline
from llmgrade.typeset import align
from llmgrade.typeset.boxes import Glyph
from llmgrade.typeset.forward import Mode, stream
from llmgrade.typeset.inverse_fonts import restored
from llmgrade.typeset.inverse_habits import habits
from llmgrade.typeset.inverse_parts import ONLY_IN_LAYERS, OutOfTime, State, glue, unbalanced
from llmgrade.typeset.inverse_prior import END, START
from llmgrade.typeset.inverse_rows import Reader
from llmgrade.typeset.inverse_tokens import MARK, Tokens, fits, own_may_end, wide_gap
from llmgrade.typeset.tree import Node, Row, symbol

__all__ = ["Candidate", "Partial", "bare", "candidates", "extend", "piece_ends", "set_again", "weight"]

PIECES: Final = 8
"""Partial formulas carried on from each place."""
SET_AGAIN: Final = 40
"""Candidates set again at most."""
MISFIT: Final = 9.0
"""Nats for one character or separator that does not fit."""
WRAPPED: Final = 1.0
"""Nats for a line that breaks between two pieces because the page ends there."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A whole reading: ``misfit`` is what `align.cost` finds between its stream and the page, ``cost`` weighs both."""

    row: Row
    misfit: float
    cost: float


@dataclass(slots=True)
class Partial:
    """A formula read up to somewhere."""

    cost: float
    nodes: tuple[Node, ...]
    role: str
    cls: str
    bars: int
    """Which bars are open, as bits."""
    last: Glyph | None
    """The last glyph painted, x counted from the end of the piece."""
    start: int = 0
    """The token it starts at."""
    base: float = 0.0
    """What the formulas before it cost."""

    @property
    def total(self) -> float:
        """What everything read so far costs."""
        return self.base + self.cost


def candidates(reader: Reader, mode: Mode, deadline: Deadline, top: int = 5) -> list[Candidate]:
    """The best readings of all of the reader's tokens as one formula."""
    return set_again(_whole(reader, mode), reader.tokens, mode, top, deadline)


def _whole(reader: Reader, mode: Mode) -> list[Partial]:
    """The readings of all tokens as one formula; what was found when the reader's time is up."""
    n = len(reader.tokens)
    style, alignment = (0, 1) if mode == "display" else (2, 0)
    beams: dict[int, list[Partial]] = {0: [Partial(0.0, (), START, "leftmost", 0, None)]}
    done: dict[int, list[Partial]] = {}
    try:
        for i in range(n):
            beam = beams.pop(i, None)
            if beam is None:
                continue
            beam.sort(key=lambda b: b.cost)
            del beam[PIECES:]
            for before, bars in sorted({(b.cls, b.bars) for b in beam}):
                same = [b for b in beam if b.cls == before and b.bars == bars]
                for e, cut in piece_ends(reader.tokens, i):
                    outer = before if before == "leftmost" else "mrel"
                    for state, j in reader.piece(i, e, style, alignment, outer, bars):
                        extend(same, state, i, e, j, reader, style, beams if cut else None, done if j == n else None)
    except OutOfTime:
        pass
    return done.get(n, [])


OWN: Final = 48
"""Most tokens of a piece's own text."""
BREAKS: Final = 3
"""Most line breaks in a piece's own text, where scripts leave wide gaps; before and behind U+200B they don't count."""
REACH: Final = 60
"""How far behind a piece's own text its first delimiter may stand."""
OPENING: Final = frozenset("([{∣∥⟨⌊⌈⎩")


def piece_ends(tokens: Tokens, i: int) -> list[tuple[int, bool]]:
    """Where the own text of a piece may end, and whether a relation or binary operator may end it there.

    A relation ends a piece unless it stands between ``\\left`` and ``\\right``, whose delimiters come behind the own text.
    """
    out: list[tuple[int, bool]] = [(i, False)]
    chars = tokens.chars
    past = False
    e, breaks = i, 0
    while e < len(tokens) and chars[e] not in ONLY_IN_LAYERS and e - i < OWN:
        char = chars[e]
        if e > i and wide_gap(tokens, e):
            breaks += 1
            if breaks > BREAKS:
                break
        e += 1
        kind = symbol(char).kind
        if (not past or _opened_behind(tokens, e)) and own_may_end(tokens, i, e):
            out.append((e, char not in (MARK, "\xa0") and (kind in ("rel", "bin") or char in "∣⟹⟺⟸\ufffd")))
        past = past or (kind == "rel" and char not in "∥⊥∣:")
        if past and e + REACH >= len(tokens) and not _opened_behind(tokens, e):
            break
    return out


def _opened_behind(tokens: Tokens, e: int) -> bool:
    """Whether a tall delimiter may stand among the layers that begin at token ``e``."""
    return any(tokens.chars[k] in OPENING and tokens.gaps[k] == "n" for k in range(e, min(e + REACH, len(tokens))))


def extend(
    beam: Sequence[Partial],
    state: State,
    i: int,
    e: int,
    j: int,
    reader: Reader,
    style: int,
    beams: dict[int, list[Partial]] | None,
    done: dict[int, list[Partial]] | None,
) -> None:
    """Puts a piece (tokens ``i:j``, own text up to ``e``) behind each partial formula of ``beam``."""
    tokens, prior = reader.tokens, reader.prior
    goes_on = beams is not None and state.cls in ("mrel", "mbin") and j < len(tokens)
    if not goes_on and done is None:
        return
    if (
        j > e
        and state.own is not None
        and state.first_after is not None
        and not fits(state.own, state.first_after, tokens.gaps[e], reader.slack, reader.rise)
    ):
        return
    chain = state.atoms()
    # A relation or operator before the end would have cut the piece.
    if any(s.cls in ("mrel", "mbin") for s in chain[:-1]):
        return
    nodes = tuple(state.nodes())
    first = chain[0]
    assert first.atom is not None
    start = first.atom.box.own[0] if first.atom.box.own else first.atom.box.after[0]
    last = state.after or state.own
    for before in beam:
        cost = before.cost + state.cost
        cost += prior.follow("line", before.role, first.atom.role) - prior.follow("line", START, first.atom.role)
        if before.last is not None:
            x = start[0] + glue(style, before.cls, state.first_cls)
            if not fits(before.last, (x, *start[1:]), tokens.gaps[i], reader.slack, reader.rise):
                if tokens.gaps[i] != "n":
                    continue
                cost += WRAPPED
        end = None if last is None else (last[0] - state.pen, *last[1:])
        new = Partial(cost, before.nodes + nodes, state.role, state.cls, state.bars, end, before.start, before.base)
        if done is not None:
            closed = replace(new, cost=cost + prior.follow("line", state.role, END))
            done.setdefault(j, []).append(closed)
        if goes_on and beams is not None:
            some = beams.setdefault(j, [])
            some.append(new)
            if len(some) > 4 * PIECES:
                some.sort(key=lambda b: b.total)
                del some[PIECES:]


def weight(partial: Partial) -> float:
    """What a whole formula costs, its brackets and symmetries considered."""
    return partial.cost + 3.0 * unbalanced(partial.nodes) + habits(partial.nodes)


def set_again(
    done: Sequence[Partial],
    tokens: Tokens,
    mode: Mode,
    top: int,
    deadline: Deadline,
    bonus: Callable[[Row], float] | None = None,
) -> list[Candidate]:
    """The candidates' own streams against the page: what does not fit costs, and the best are kept.

    ``bonus`` gives a row nats off, for being known from elsewhere.
    """
    chars = list(tokens.chars)
    before = [{"j": 1, "s": 2, "n": 4}[g] for g in tokens.gaps]
    rough = sorted(done, key=lambda p: p.cost)[: 3 * SET_AGAIN]
    ranked = sorted(((weight(p) - (bonus(p.nodes) if bonus else 0.0), p.nodes) for p in rough), key=lambda c: c[0])
    out: list[Candidate] = []
    seen: set[Row] = set()
    for cost, row in ranked[:SET_AGAIN]:
        if len(out) >= top and cost > out[-1].cost:
            break
        plain = bare(row)
        for version, extra in restored(plain):
            if version in seen:
                continue
            seen.add(version)
            misfit = align.cost(stream(version, mode), chars, before, bound=2.5)
            if misfit <= 2.5:
                out.append(Candidate(version, misfit, cost + extra + MISFIT * misfit))
        out.sort(key=lambda c: c.cost)
        del out[2 * top :]
        if deadline.passed() and out:
            break
    return out[:top]


def bare(row: Row) -> Row:
    """The row without the boxes it was measured with."""
    result = _bare(tuple(row))
    assert isinstance(result, tuple)
    return result


def _bare(value: object) -> object:
    if isinstance(value, tuple):
        return tuple(_bare(v) for v in value)
    if not hasattr(value, "__dataclass_fields__"):
        return value
    changes = {}
    for field in fields(value):  # type: ignore[arg-type]
        part = getattr(value, field.name)
        if isinstance(part, tuple) or hasattr(part, "__dataclass_fields__"):
            changes[field.name] = _bare(part)
    return replace(value, **changes) if changes else value  # type: ignore[type-var]
