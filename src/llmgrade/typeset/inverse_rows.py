"""Rows read back from flattened text: own text and layers, left to right, with every gap checked against the layout.

The flattening of a group is its own text, in which a U+200B stands for every vertical list with depth, followed by the
flattenings of its layers in document order. So a row is read with two pointers: ``p`` over its own text, ``q`` over the
layers behind it; atoms are consumed in order, and each takes what it needs of both. As boxes are measured on the way,
a superscript that nothing on the page makes room for is refused at once, not when the formula is complete.
"""

from __future__ import annotations

import math
from bisect import insort
from itertools import accumulate
from operator import attrgetter
from typing import Final

from llmgrade.limits import Deadline
from llmgrade.typeset import boxes, tree
from llmgrade.typeset.boxes import Box
from llmgrade.typeset.inverse_atoms import RELATIONS, Atoms
from llmgrade.typeset.inverse_parts import (
    BARE_END_BAR,
    BLANK,
    CLOSER,
    DEPTH,
    ONLY_IN_LAYERS,
    OPENING_ROLES,
    SPACES,
    Atom,
    Effort,
    Group,
    LossyRow,
    OutOfTime,
    State,
    bar_bit,
    glue,
    is_given,
    point,
    space_cost,
    unbalanced,
    usual_costs,
)
from llmgrade.typeset.inverse_prior import END, END_BAR, Prior, flat
from llmgrade.typeset.inverse_tokens import MARK, NOT, Tokens, fits, own_may_end, wide_gap

__all__ = ["Reader"]

_COST: Final = attrgetter("cost")
SPREAD: Final = 1.0
"""How much more may be paid for what is long: nats by the root of what is usual."""
SHORTEST: Final = 2
"""Tokens of a group that is kept however well longer ones read: an index, a power, a root's letter."""


class Reader:
    """Reads the groups of one stream of tokens; everything read is remembered."""

    slack: Final = 0.02
    rise: Final = 0.2

    def __init__(self, tokens: Tokens, prior: Prior, effort: Effort, deadline: Deadline) -> None:
        self.tokens = tokens
        self.chars, self.gaps, self.n = tokens.chars, tokens.gaps, len(tokens)
        self.prior, self.effort, self.deadline = prior, effort, deadline
        self.atoms = Atoms(self)
        self.paid = [0.0, *accumulate(usual_costs(tokens))]
        self._depth = 0
        self._pieces: dict[tuple[int, int, int, str, int], list[tuple[State, int]]] = {}
        self._groups: dict[tuple[int, int, int, str], list[Group]] = {}
        self._steps = 0

    def tick(self) -> None:
        """Counts a step of work."""
        self._steps += 1
        if not self._steps & 31 and self.deadline.passed():
            raise OutOfTime

    def dear(self, cost: float, i: int, j: int) -> bool:
        """Whether layers ``i:j`` read at ``cost`` are too far from the usual to go on with."""
        read = self.paid[j] - self.paid[i]
        return cost > read + self.effort.margin + 1.0 + SPREAD * math.sqrt(read)

    # ---- groups

    def groups(self, i: int, style: int, align: int, place: str) -> list[Group]:
        """The readings of a group that starts at token ``i``, cheapest first (longer ones get their due).

        Cramped styles count as their roomy ones and alignment goes by place: that is within the tolerances here.
        """
        style &= 6
        if place == "part":
            align = 1
        key = (i, style, align, place)
        found = self._groups.get(key)
        if found is not None:
            return found
        by_end: dict[int, list[Group]] = {}
        if self._depth > DEPTH:
            return []
        self.tick()
        self._depth += 1
        if i < self.n:
            self._groups[key] = []
            for e, leaf in self._ends(i, style, place):
                for state, j in self.rows(i, e, e, style, align, place, "leftmost", e if leaf else self.n):
                    if state.atom is None:
                        continue
                    self._keep(by_end, state, i, e, j, place)
        self._depth -= 1
        out = [g for some in by_end.values() for g in some]
        paid = self.paid
        out.sort(key=lambda g: g.cost - paid[g.end])
        if out:
            most = self.effort.margin + 1.0 - paid[i]
            near = min(most, out[0].cost - paid[out[0].end] + self.effort.margin)
            wide = self.effort.groups
            out = [
                g
                for k, g in enumerate(out)
                # What is cheap for its length may yet have taken what belongs elsewhere: the shortest stay too.
                if g.cost - paid[g.end] <= (most if k < 4 or g.end - i <= SHORTEST else near if k < wide else -math.inf)
            ]
        self._groups[key] = out
        return out

    def _keep(self, by_end: dict[int, list[Group]], state: State, i: int, e: int, j: int, place: str) -> None:
        if (
            j > e
            and state.own is not None
            and state.first_after is not None
            and not fits(state.own, state.first_after, self.gaps[e], self.slack, self.rise)
        ):
            return
        if j < self.n and self.gaps[j] == "j" and self.chars[j].isdigit() and self.chars[j - 1].isdigit():
            return
        cost = state.cost + self.prior.follow(place, state.role, END)
        some = by_end.setdefault(j, [])
        if len(some) >= self.effort.copies and cost >= some[-1].cost:
            return
        row = LossyRow(state.nodes())
        row.lost = state.lost
        if any(g.row == row for g in some):
            return
        cost += unbalanced(row) * 3.0
        row.box = state.box()
        some.append(Group(row, cost, j, flat(row) if j - i <= 12 else None))
        some.sort(key=lambda g: g.cost)
        del some[self.effort.copies :]

    def _ends(self, i: int, style: int, place: str) -> list[tuple[int, bool]]:
        """Where the own text of a group may end, and whether nothing may follow it (then it has no layers)."""
        chars = self.chars
        limit = {0: 60, 1: 60, 2: 60, 3: 60, 4: 30, 5: 24}.get(style, 12)
        out: list[tuple[int, bool]] = [(i, False)]
        depth = breaks = 0
        for e in range(i + 1, min(self.n, i + limit) + 1):
            char = chars[e - 1]
            if char in ONLY_IN_LAYERS:
                break
            depth += (char in "([{⟨") - (char in ")]}⟩")
            if depth < 0:
                break
            if e - 1 > i and wide_gap(self.tokens, e - 1):
                breaks += 1
                if breaks > (0 if place in ("b", "p") else 3 if style < 4 else 1):
                    break
            if (depth == 0 or style < 4) and own_may_end(self.tokens, i, e):
                out.append((e, not self._layers_may_start(e)))
        return out

    def _layers_may_start(self, e: int) -> bool:
        """Whether token ``e`` can be the first of a layer: on its line it must touch what it is raised on."""
        if e >= self.n:
            return False
        if self.gaps[e] == "n" or self.effort.lost_marks or self.chars[e] == NOT:
            return True
        char = self.chars[e - 1]
        if char == MARK or char in ONLY_IN_LAYERS:
            return True
        kind = tree.symbol(char).kind
        return not (kind in ("rel", "open", "punct") or (kind == "bin" and char not in "∗†"))

    # ---- rows

    def piece(self, i: int, e: int, style: int, align: int, before: str, bars: int) -> list[tuple[State, int]]:
        """`rows` of a piece of a line: own text ``i:e`` and its layers; remembered. ``bars``: those open before it."""
        key = (i, e, style, before, bars)
        found = self._pieces.get(key)
        if found is None:
            q_max = self.n if e == i or self._layers_may_start(e) else e
            states = self.rows(i, e, e, style, align, "line", before, q_max, bars)
            found = self._pieces[key] = [(s, j) for s, j in states if s.atom is not None]
        return found

    def rows(
        self, p0: int, e: int, q0: int, style: int, align: int, place: str, before: str, q_max: int, bars: int = 0
    ) -> list[tuple[State, int]]:
        """Readings of own text ``p0:e`` with layers from ``q0`` on: the states at ``e``, each with where it ends."""
        reached = self.spread(p0, e, q0, style, align, place, before, q_max, bars)
        return [(state, q) for q, states in reached.get(e, {}).items() for state in states]

    def spread(
        self, p0: int, e: int, q0: int, style: int, align: int, place: str, before: str, q_max: int, bars: int = 0
    ) -> dict[int, dict[int, list[State]]]:
        """Every state reached from (``p0``, ``q0``), by ``p`` and ``q``."""
        reached: dict[int, dict[int, list[State]]] = {p0: {q0: [State(before, bars)]}}
        copies, margin, paid = self.effort.copies, self.effort.margin, self.paid
        start = paid[p0] + paid[q0]
        follow = self.prior.follower(place)
        for p in range(p0, e + 1):
            here = reached.get(p)
            if not here:
                continue
            queue = sorted(here)
            at = 0
            while at < len(queue):
                q = queue[at]
                at += 1
                states = here[q]
                self.tick()
                for atom in self.atoms.at(p, e, q, style, align, place, q_max):
                    if place in ("part", "p") and atom.role in RELATIONS and not is_given(atom.node):
                        # Nobody writes an equation under a root, in a fraction or as a power.
                        continue
                    read = paid[atom.p] + paid[atom.q] - start
                    most = read + margin + 0.5 * SPREAD * math.sqrt(read)
                    row = reached.get(atom.p)
                    some = row.get(atom.q) if row is not None else None
                    if some is not None and len(some) >= copies:
                        most = min(most, some[copies - 1].cost)
                    for state in states:
                        if atom.role == "bar" and state.bars & bar_bit(atom.node):
                            cost = state.cost + follow(state.role, END_BAR) + atom.cost
                            cost += 0.0 if isinstance(atom.node, tree.Scripts) else BARE_END_BAR
                        elif atom.role is BLANK:
                            cost = state.cost + atom.cost
                        else:
                            cost = state.cost + follow(state.role, atom.role) + atom.cost
                        if cost > most:
                            continue
                        new = self._append(state, atom, cost, p, q, style, place)
                        if new is None:
                            continue
                        if row is None:
                            row = reached[atom.p] = {}
                        if some is None:
                            some = row[atom.q] = [new]
                            if atom.p == p:
                                insort(queue, atom.q, at)
                            continue
                        insort(some, new, key=_COST)
                        if len(some) >= copies:
                            del some[copies:]
                            most = min(most, some[-1].cost)
            if len(here) > self.effort.wide:
                best = sorted(here, key=lambda q: here[q][0].cost - paid[q])
                for q in best[self.effort.wide :]:
                    del here[q]
        return reached

    def _joins(self, state: State, box: Box, at: float, p: int, q: int) -> bool:
        """Whether the gaps before a box set at ``at`` are what the page has, in own text and in the layers."""
        if box.own and state.own is not None:
            first = box.own[0]
            if not fits(state.own, (first[0] + at, *first[1:]), self.gaps[p], self.slack, self.rise):
                return False
        if box.after and state.after is not None:
            first = box.after[0]
            return fits(state.after, (first[0] + at, *first[1:]), self.gaps[q], self.slack, self.rise)
        return True

    def _append(self, state: State, atom: Atom, total: float, p: int, q: int, style: int, place: str) -> State | None:
        """The state with one more atom at cost ``total``, or None where the page leaves no room for it."""
        if (atom.lost and state.lost) or (atom.role is BLANK and state.atom is None):
            return None
        box = atom.box
        cls = box.cls
        if cls == "mbin" and state.cls in boxes._NOT_BINARY_AFTER:
            cls = "mord"
        at = state.pen + glue(style, state.cls, cls)
        last = state.last
        if (
            last is not None
            and last.italic
            and last.character
            and box.character
            and last.key == box.key
            and last.cls == "mord" == cls
        ):
            at -= last.italic
        space = cost = 0.0
        if not self._joins(state, box, at, p, q):
            if self.gaps[p if box.own else q] == "j":
                return None
            scale = boxes.SCALE[style]
            for mu, em, price in CLOSER if atom.role in OPENING_ROLES else SPACES:
                if self._joins(state, box, at + em * scale, p, q):
                    usual = space_cost(place, mu, state.role, atom.role)
                    space, cost = mu, price + usual + (self.effort.joining if usual and mu > 5 else 0.0)
                    at += em * scale
                    break
            else:
                return None
        new = State.__new__(State)
        new.before, new.atom, new.at, new.space, new.cls = state, atom, at, space, cls
        new.cost = total + cost
        new.pen = at + box.width
        new.first_cls = state.first_cls or cls
        new.last = box
        new.role = atom.role
        new.own = point(box.own[-1], at) if box.own else state.own
        if box.after:
            new.after = point(box.after[-1], at)
            new.first_after = state.first_after or point(box.after[0], at)
        else:
            new.after, new.first_after = state.after, state.first_after
        if atom.role is BLANK:
            new.role, new.cls = state.role, state.cls
        new.bars = state.bars
        new.lost = state.lost + atom.lost
        if atom.role == "bar":
            bit = bar_bit(atom.node)
            if new.bars & bit:
                new.role = END_BAR
            elif isinstance(atom.node, tree.Scripts):
                # Nothing is raised or lowered on a bar that opens.
                new.cost += 8.0
            new.bars ^= bit
        return new
