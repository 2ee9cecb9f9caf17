"""The integers modulo a secret prime: exact, fast, and enough for everything rational.

Two rational expressions that differ, differ at a random point of F_p except with probability degree/p. The prime is
drawn anew for every run, so that nobody can write an answer that is right only modulo a published number. It is 1
modulo 840, so that −1, 2, 3, 5 and 7 have square roots: √2 and i are then numbers of the field, chosen once for each
prime, and an identity between such numbers holds in the field whenever it holds.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, ClassVar

from flint import fmpq, fmpz, nmod, nmod_mat
from flint.utils.flint_exceptions import DomainError

from llmgrade.expr.evaluate_algebra import Algebra, Beyond, SquareRoot, Undefined

__all__ = ["Field", "secret_prime"]

Value = Any
_STEP = 840
_LARGEST_RADICAND = 10**12


@lru_cache(maxsize=256)
def secret_prime(seed: int) -> int:
    """A prime just below 2⁶⁴, 1 modulo 840, drawn by ``seed`` among about 2⁵⁰."""
    rng = random.Random(seed)
    while True:
        candidate = rng.randrange(2**63 // _STEP, 2**64 // _STEP) * _STEP + 1
        if fmpz(candidate).is_prime():
            return candidate


class Field(Algebra):
    """F_p."""

    S: ClassVar[Any] = nmod
    M: ClassVar[Any] = nmod_mat
    modular = True

    def __init__(self, prime: int) -> None:
        self.prime = prime
        self.roots: dict[int, Value] = {}
        self._constants: dict[str, Value] = {}
        self.trig: dict[str, Value] = {}
        super().__init__()

    def scalar(self, number: int | fmpq) -> Value:
        if type(number) is fmpq:
            try:
                return nmod(int(number.p), self.prime) / nmod(int(number.q), self.prime)
            except ZeroDivisionError:
                raise Undefined("division by zero") from None
        return nmod(int(number), self.prime)

    def coerce(self, value: Value) -> Value:
        return value if type(value) is nmod else nmod(int(value), self.prime)

    def matrix(self, rows: int, cols: int, entries: Sequence[Value]) -> Value:
        try:
            return nmod_mat(rows, cols, [int(x) for x in entries], self.prime)
        except TypeError:
            raise Beyond("a matrix of roots") from None

    def constant(self, name: str) -> Value:
        """π and e are independent of everything algebraic as far as anyone knows: any secret value will do. i² = −1."""
        found = self._constants.get(name)
        if found is None:
            if name == "i":
                found = self.prime_root(-1)
            elif name in ("pi", "e"):
                digest = hashlib.blake2b(name.encode(), digest_size=8, key=str(self.prime).encode()).digest()
                found = nmod(int.from_bytes(digest, "little"), self.prime)
            else:
                raise Beyond(name)
            self._constants[name] = found
        return found

    def prime_root(self, radicand: int) -> Value:
        found = self.roots.get(radicand)
        if found is None:
            try:
                found = nmod(radicand, self.prime).sqrt()
            except (DomainError, ValueError, ArithmeticError):
                raise Beyond(f"√{radicand} modulo this prime") from None
            if len(self.roots) >= 200:  # answers bring new ones without end
                self.roots.clear()
            self.roots[radicand] = found
        return found

    def number_root(self, number: fmpq) -> Value:
        """√number: one root for each prime number makes it a homomorphism."""
        if number < 0:
            return self.prime_root(-1) * self.number_root(-number)
        if number == 0:
            return self.zero
        if max(int(number.p), int(number.q)) > _LARGEST_RADICAND:
            raise Beyond("the root of a large number")
        result = self.one
        for part, below in ((number.p, False), (number.q, True)):
            for prime, exponent in fmpz(part).factor():
                factor = self.scalar(int(prime)) ** (int(exponent) // 2)
                if exponent % 2:
                    factor = factor * self.prime_root(int(prime))
                result = result / factor if below else result * factor
        return result

    def absolute(self, value: Value) -> Value:
        if self.complex_names:
            raise Beyond("the size of a complex number")
        return SquareRoot(value * value)

    def square_sum(self, a: Value) -> Value:
        if self.complex_names:
            raise Beyond("the length of a complex vector")
        return super().square_sum(a)

    def function(self, name: str, args: Sequence[Value]) -> Value:
        raise Beyond(name)
