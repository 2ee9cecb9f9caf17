"""Replays a matrix identity: words of letters that do not commute, with the rules its certificate states and no others."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

__all__ = ["matrix_identity_holds"]

Scalar = dict[tuple[tuple[str, int], ...], Fraction]
"""A polynomial in opaque scalars: names, ``tr(…)``, ``(x' A y)``, ``det(A)``."""
Letters = tuple[str, ...]
Sum = dict[Letters, Scalar]


class Broken(Exception):
    """A step that does not follow."""


@dataclass
class _Rules:
    sizes: dict[str, tuple[str, str]] = field(default_factory=dict)
    symmetric: set[str] = field(default_factory=set)
    columns: set[str] = field(default_factory=set)
    rows: set[str] = field(default_factory=set)
    inverses: dict[str, Sum] = field(default_factory=dict)

    def turned(self, letter: str) -> str:
        if letter.rstrip("'") in self.symmetric:
            return letter
        return letter[:-1] if letter.endswith("'") else letter + "'"

    def turned_word(self, word: Letters) -> Letters:
        return tuple(self.turned(a) for a in reversed(word))

    def turned_sum(self, p: Sum) -> Sum:
        return {self.turned_word(w): c for w, c in p.items()}

    def shape(self, letter: str) -> tuple[str, str]:
        rows, cols = self.sizes[letter.rstrip("'")]
        return (cols, rows) if letter.endswith("'") else (rows, cols)


def matrix_identity_holds(lines: Sequence[str]) -> bool:
    """Whether the steps lead from the two stated sides to 0."""
    rules = _Rules()
    sides: dict[str, tuple[Sum, Scalar]] = {}
    current: Sum | None = None
    try:
        for line in lines:
            if line.startswith("letter "):
                _letter(line, rules)
            elif line.startswith("let Z"):
                _inverse(line, rules)
            elif line.startswith(("expected = ", "answer = ")):
                name, _, text = line.partition(" = ")
                top, bottom = text[1:-1].rsplit(") / (", 1)
                sides[name] = _sum(top), _scalar(bottom)
            elif line.startswith("difference: "):
                if current is None:
                    (a, p), (b, q) = sides["expected"], sides["answer"]
                    current = _minus(_scaled(a, q), _scaled(b, p))
                stated = _sum(line[12:])
                current = _normal(current, rules)
                if current != stated and _proportion(current, stated) is None:
                    raise Broken(line)
            elif line.startswith("multiply on the "):
                assert current is not None
                current = _multiplied(line, current, rules)
            elif line.startswith("drop the common "):
                assert current is not None
                current = _dropped(line, current)
        return current is not None and not _normal(current, rules)
    except (Broken, KeyError, ValueError, AssertionError):
        return False


def _letter(line: str, rules: _Rules) -> None:
    found = re.fullmatch(r"letter (\S+): (\S+)×(\S+)(?: (.*))?", line)
    if found is None:
        raise Broken(line)
    name, rows, cols, words = found.groups()
    rules.sizes[name] = rows, cols
    said = (words or "").split(", ")
    if "symmetric" in said:
        rules.symmetric.add(name)
    if "orthonormal columns" in said:
        rules.columns.add(name)
    if "orthonormal rows" in said:
        rules.rows.add(name)


def _inverse(line: str, rules: _Rules) -> None:
    found = re.fullmatch(r"let (Z\d+) be the inverse of (.*?)( \(symmetric\))?", line)
    if found is None:
        raise Broken(line)
    name, text, symmetric = found.groups()
    p = _sum(text)
    longest = max(p, key=len)
    side = rules.shape(longest[0])[0] if longest else "any"
    rules.sizes[name] = side, side
    if symmetric:
        if rules.turned_sum(p) != p:
            raise Broken(line)
        rules.symmetric.add(name)
    rules.inverses[name] = p


def _scalar(text: str) -> Scalar:
    """``3*lambda^2 + -1*(x' y)``."""
    total: Scalar = {}
    for term in _split(text, " + "):
        coefficient = Fraction(1)
        powers: dict[str, int] = {}
        for factor in _split(term, "*"):
            if re.fullmatch(r"-?\d+(/\d+)?", factor):
                coefficient *= Fraction(factor)
                continue
            found = re.fullmatch(r"(.+?)(?:\^(\d+))?", factor)
            if found is None:
                raise Broken(factor)
            powers[found[1]] = powers.get(found[1], 0) + int(found[2] or 1)
        key = tuple(sorted(powers.items()))
        total[key] = total.get(key, Fraction(0)) + coefficient
    return {k: c for k, c in total.items() if c}


def _split(text: str, mark: str) -> list[str]:
    """At marks outside brackets."""
    parts, depth, start = [], 0, 0
    i = 0
    while i < len(text):
        if text[i] in "([":
            depth += 1
        elif text[i] in ")]":
            depth -= 1
        elif not depth and text.startswith(mark, i):
            parts.append(text[start:i])
            start = i = i + len(mark)
            continue
        i += 1
    return [*parts, text[start:]]


def _sum(text: str) -> Sum:
    """``[1] X' X + [1*lambda] 1``."""
    if text == "0":
        return {}
    total: Sum = {}
    for term in _split(text, " + "):
        found = re.fullmatch(r"\[(.*)\] (.*)", term)
        if found is None:
            raise Broken(term)
        word = () if found[2] == "1" else tuple(found[2].split())
        _collect(total, word, _scalar(found[1]))
    return total


def _collect(total: Sum, word: Letters, c: Scalar) -> None:
    kept = _plus(total.get(word, {}), c)
    if kept:
        total[word] = kept
    else:
        total.pop(word, None)


def _plus(a: Scalar, b: Scalar) -> Scalar:
    total = dict(a)
    for k, c in b.items():
        total[k] = total.get(k, Fraction(0)) + c
    return {k: c for k, c in total.items() if c}


def _times(a: Scalar, b: Scalar) -> Scalar:
    total: Scalar = {}
    for k1, c1 in a.items():
        for k2, c2 in b.items():
            powers = dict(k1)
            for name, power in k2:
                powers[name] = powers.get(name, 0) + power
            key = tuple(sorted(powers.items()))
            total[key] = total.get(key, Fraction(0)) + c1 * c2
    return {k: c for k, c in total.items() if c}


_MINUS: Scalar = {(): Fraction(-1)}


def _scaled(a: Sum, c: Scalar) -> Sum:
    return {w: _times(x, c) for w, x in a.items() if _times(x, c)}


def _minus(a: Sum, b: Sum) -> Sum:
    total = dict(a)
    for w, c in b.items():
        _collect(total, w, _times(c, _MINUS))
    return total


def _proportion(a: Sum, b: Sum) -> bool | None:
    """True where one is a scalar multiple of the other (the denominators may have been left out of a stated difference)."""
    if set(a) != set(b):
        return None
    words = list(a)
    first = words[0]
    ok = all(_times(a[w], b[first]) == _times(b[w], a[first]) for w in words)
    return True if ok else None


def _normal(p: Sum, rules: _Rules) -> Sum:
    """Every rule applied until none fits."""
    waiting, done = list(p.items()), dict[Letters, Scalar]()
    for _ in range(20_000):
        if not waiting:
            return done
        word, c = waiting.pop()
        found = _one_rule(word, rules)
        if found is None:
            _collect(done, word, c)
        else:
            waiting += [(w, _times(c, q)) for w, q in found]
    raise Broken("no end of rewriting")


def _one_rule(word: Letters, rules: _Rules) -> list[tuple[Letters, Scalar]] | None:
    one: Scalar = {(): Fraction(1)}
    for i in range(len(word) - 1):
        a, b = word[i], word[i + 1]
        name = a.rstrip("'")
        if name != b.rstrip("'") or name in rules.inverses:
            continue
        if name in rules.symmetric and name in rules.columns and name in rules.rows:
            return [(word[:i] + word[i + 2 :], one)]
        if a.endswith("'") != b.endswith("'") and name in (rules.columns if a.endswith("'") else rules.rows):
            return [(word[:i] + word[i + 2 :], one)]
    for i, z in enumerate(word):
        p = rules.inverses.get(z.rstrip("'"))
        if p is None:
            continue
        if z.endswith("'"):
            p = rules.turned_sum(p)
        found = _beside(word, i, z, p)
        if found is not None:
            return found
    return _stretch(word, rules)


def _beside(word: Letters, i: int, z: str, p: Sum) -> list[tuple[Letters, Scalar]] | None:
    """``Z·lead → 1/c − Z·rest/c`` and its mirror image, for the longest words of P with a number before them."""
    one: Scalar = {(): Fraction(1)}
    longest = max(len(w) for w in p)
    for lead in sorted((w for w in p if len(w) == longest), reverse=True):
        c = p[lead]
        if set(c) != {()}:
            continue
        inverse: Scalar = {(): 1 / c[()]}
        rest = [(w, _times(_times(q, inverse), _MINUS)) for w, q in p.items() if w != lead]
        n = len(lead)
        if n and word[i + 1 : i + 1 + n] == lead:
            tail = word[i + 1 + n :]
            return [(word[:i] + tail, _times(one, inverse)), *((word[: i + 1] + w + tail, q) for w, q in rest)]
        if n and i >= n and word[i - n : i] == lead:
            head, tail = word[: i - n], word[i + 1 :]
            return [(head + tail, _times(one, inverse)), *((head + w + (z,) + tail, q) for w, q in rest)]
    return None


def _stretch(word: Letters, rules: _Rules) -> list[tuple[Letters, Scalar]] | None:
    """A 1×1 stretch inside a word is a scalar."""
    cuts = [i for i in range(len(word)) if rules.shape(word[i])[0] == "1"]
    cuts += [len(word)] if word and rules.shape(word[-1])[1] == "1" else []
    if len(cuts) < 2:
        return None
    i, j = cuts[0], cuts[1]
    stretch = word[i:j]
    name = "(" + min(" ".join(stretch), " ".join(rules.turned_word(stretch))) + ")"
    return [(word[:i] + word[j:], {((name, 1),): Fraction(1)})]


def _multiplied(line: str, p: Sum, rules: _Rules) -> Sum:
    found = re.fullmatch(r"multiply on the (left|right) by (.*)", line)
    if found is None:
        raise Broken(line)
    factor = _sum(found[2])
    known = [*rules.inverses.values(), *(rules.turned_sum(q) for q in rules.inverses.values())]
    if not any(factor == q or _proportion(factor, q) for q in known):
        raise Broken("a factor that is not known to be invertible")
    total: Sum = {}
    for w1, c1 in factor.items():
        for w2, c2 in p.items():
            _collect(total, w1 + w2 if found[1] == "left" else w2 + w1, _times(c1, c2))
    return total


def _dropped(line: str, p: Sum) -> Sum:
    found = re.fullmatch(r"drop the common (first|last) letter (\S+)", line)
    if found is None:
        raise Broken(line)
    place = 0 if found[1] == "first" else -1
    if not all(w and w[place] == found[2] for w in p):
        raise Broken(line)
    return {(w[1:] if place == 0 else w[:-1]): c for w, c in p.items()}
