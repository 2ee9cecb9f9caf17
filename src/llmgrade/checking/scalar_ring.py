"""The commuting scalars inside matrix expressions: names, traces, 1×1 words, sizes, as polynomial generators."""

from __future__ import annotations

from typing import Any

from flint import Ordering, fmpq, fmpq_mpoly_ctx

__all__ = ["ScalarRing"]

Poly = Any
_GENERATORS = 40
_NAMES = [f"g{i}" for i in range(_GENERATORS)]


class ScalarRing:
    """Polynomials over ℚ whose generators are handed out by what they stand for."""

    def __init__(self) -> None:
        self.context = fmpq_mpoly_ctx.get(_NAMES, Ordering.degrevlex)
        self.gens = self.context.gens()
        self.known: dict[Any, int] = {}
        self.meaning: dict[int, str] = {}
        self.one, self.zero = self.context.constant(1), self.context.constant(0)

    def number(self, value: fmpq) -> Poly:
        return self.context.constant(value)

    def size(self, size: str | int) -> Poly:
        """A size as a scalar: the trace of an identity."""
        return self.number(fmpq(size)) if isinstance(size, int) else self.generator(("name", size), size)

    def generator(self, key: Any, meaning: str) -> Poly:
        index = self.known.get(key)
        if index is None:
            index = len(self.known)
            if index >= _GENERATORS:
                raise OverflowError("too many scalars")
            self.known[key] = index
            self.meaning[index] = meaning
        return self.gens[index]

    def constant(self, p: Poly) -> fmpq:
        terms = p.to_dict()
        return fmpq(0) if not terms else next(iter(terms.values()))

    def shown(self, p: Poly) -> str:
        terms = []
        for powers, coefficient in p.to_dict().items():
            factors = [str(coefficient)]
            for i, power in enumerate(powers):
                if power:
                    factors.append(self.meaning[i] if power == 1 else f"{self.meaning[i]}^{power}")
            terms.append("*".join(factors))
        return " + ".join(terms) or "0"
