"""A whole formula read back: pieces between relations, one after the other, then every candidate set again and compared.

KaTeX cuts a formula after each relation and binary operator of its outermost level, and each piece is flattened
separately, in order; so a long chain is read in time linear in its length.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from llmgrade.limits import Deadline
from llmgrade.typeset import align, boxes
from llmgrade.typeset.boxes import MeasuredRow
from llmgrade.typeset.forward import Mode, stream
from llmgrade.typeset.inverse_fonts import restored
from llmgrade.typeset.inverse_habits import habits
from llmgrade.typeset.inverse_prior import END, START, Prior
from llmgrade.typeset.inverse_rows import ONLY_IN_LAYERS, Effort, OutOfTime, Point, Reader, State, glue, unbalanced
from llmgrade.typeset.inverse_tokens import MARK, Tokens, fits
from llmgrade.typeset.tree import Node, Row, symbol

__all__ = ["Candidate", "candidates"]

PIECES: Final = 8
"""Partial formulas carried on from each place."""
SET_AGAIN: Final = 40
"""Candidates set again at most."""
MISFIT: Final = 6.0
"""Nats for one character or separator that does not fit."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A whole reading: ``misfit`` is what `align.cost` finds between its stream and the page, ``cost`` weighs both."""

    row: Row
    misfit: float
    cost: float


@dataclass(slots=True)
class _Partial:
    cost: float
    nodes: tuple[Node, ...]
    role: str
    cls: str
    last: Point | None
    """The last glyph painted, x counted from the end of the piece."""


def candidates(
    tokens: Tokens, mode: Mode, prior: Prior, effort: Effort, deadline: Deadline, top: int = 5
) -> tuple[list[Candidate], bool]:
    """The best readings of the tokens as one formula, and whether time sufficed."""
    done, in_time = _pieces(tokens, mode, prior, effort, deadline)
    return _set_again(done, tokens, mode, top, deadline), in_time


def _pieces(
    tokens: Tokens, mode: Mode, prior: Prior, effort: Effort, deadline: Deadline
) -> tuple[list[_Partial], bool]:
    style, alignment = (0, 1) if mode == "display" else (2, 0)
    reader = Reader(tokens, prior, effort, deadline)
    beams: dict[int, list[_Partial]] = {0: [_Partial(0.0, (), START, "leftmost", None)]}
    done: list[_Partial] = []
    try:
        for i in range(len(tokens)):
            beam = beams.pop(i, None)
            if beam is None:
                continue
            beam.sort(key=lambda b: b.cost)
            del beam[PIECES:]
            for cls in sorted({b.cls for b in beam}):
                same = [b for b in beam if b.cls == cls]
                for e, cut in _piece_ends(tokens, i):
                    before = cls if cls == "leftmost" else "mrel"
                    for state, j in reader.rows(i, e, e, style, alignment, "line", before, len(tokens)):
                        if state.atom is None or j != len(tokens) and not (cut and state.cls in ("mrel", "mbin")):
                            continue
                        _extend(same, state, i, e, j, reader, style, beams, done)
    except OutOfTime:
        return done, False
    return done, True


def _piece_ends(tokens: Tokens, i: int) -> list[tuple[int, bool]]:
    """Where the own text of a piece may end, and whether a relation or binary operator may end it there."""
    out: list[tuple[int, bool]] = [(i, False)]
    chars = tokens.chars
    delimited = any(c in ")]}∣∥⟩" for c in chars[i:])
    e = i
    while e < len(tokens) and chars[e] not in ONLY_IN_LAYERS and e - i < 80:
        char = chars[e]
        e += 1
        kind = symbol(char).kind
        out.append((e, char not in (MARK, "\xa0") and (kind in ("rel", "bin") or char in "∣⟹⟺⟸\ufffd")))
        if kind == "rel" and char not in "∥⊥∣:" and not delimited:
            break
    return out


def _extend(
    beam: list[_Partial],
    state: State,
    i: int,
    e: int,
    j: int,
    reader: Reader,
    style: int,
    beams: dict[int, list[_Partial]],
    done: list[_Partial],
) -> None:
    tokens, prior = reader.tokens, reader.prior
    if j > e and state.own is not None and state.first_after is not None and not fits(
        state.own, state.first_after, tokens.gaps[e], reader.slack, reader.rise
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
    ended = j == len(tokens)
    for before in beam:
        cost = before.cost + state.cost
        cost += prior.follow("line", before.role, first.atom.role) - prior.follow("line", START, first.atom.role)
        if before.last is not None:
            x = start[0] + glue(style, before.cls, state.first_cls)
            if not fits(before.last, (x, *start[1:]), tokens.gaps[i], reader.slack, reader.rise):
                if tokens.gaps[i] != "n":
                    continue
                cost += 1.0
        if ended:
            cost += prior.follow("line", state.role, END)
        new = _Partial(
            cost,
            before.nodes + nodes,
            state.role,
            state.cls,
            None if last is None else (last[0] - state.pen, *last[1:]),
        )
        if ended:
            done.append(new)
        else:
            some = beams.setdefault(j, [])
            some.append(new)
            if len(some) > 4 * PIECES:
                some.sort(key=lambda b: b.cost)
                del some[PIECES:]


def _set_again(done: list[_Partial], tokens: Tokens, mode: Mode, top: int, deadline: Deadline) -> list[Candidate]:
    """The candidates' own streams against the page: what does not fit costs, and the best are kept."""
    chars = list(tokens.chars)
    before = [{"j": 1, "s": 2, "n": 4}[g] for g in tokens.gaps]
    ranked: list[tuple[float, Row]] = []
    for partial in done:
        ranked.append((partial.cost + 3.0 * unbalanced(partial.nodes) + habits(partial.nodes), partial.nodes))
    ranked.sort(key=lambda c: c[0])
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
    from dataclasses import fields, replace

    def of(value: object) -> object:
        if isinstance(value, tuple):
            return tuple(of(v) for v in value)
        if hasattr(value, "__dataclass_fields__"):
            changes = {
                f.name: of(v)
                for f in fields(value)  # type: ignore[arg-type]
                if isinstance(v := getattr(value, f.name), tuple) or hasattr(v, "__dataclass_fields__")
            }
            return replace(value, **changes) if changes else value  # type: ignore[type-var]
        return value

    result = of(tuple(row))
    assert isinstance(result, tuple)
    return result


_ = (boxes, MeasuredRow)
