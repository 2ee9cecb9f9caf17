"""How big things are: scalar, vector of n, matrix of m by n, with letters or numbers as sizes.

A size is an ``int`` or a letter such as ``"d"``; equal letters are equal sizes, different letters are different sizes.
An identity written without a size, or a zero, fits whatever it stands beside: its size is ``None``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

__all__ = ["SCALAR", "Shape", "Size", "matrix", "vector"]

Size: TypeAlias = int | str | None


@dataclass(frozen=True, slots=True)
class Shape:
    """``rows`` by ``columns``; a scalar is 1×1, a (column) vector n×1.

    >>> print(matrix("n", "d"), "|", matrix("n", "d").transposed(), "|", vector("d"), "|", SCALAR)
    n×d matrix | d×n matrix | vector of d | scalar
    """

    rows: Size = 1
    columns: Size = 1

    @property
    def is_scalar(self) -> bool:
        """1×1."""
        return self.rows == 1 and self.columns == 1

    @property
    def is_vector(self) -> bool:
        """A column that is no scalar."""
        return self.columns == 1 and self.rows != 1

    @property
    def is_square(self) -> bool:
        """As many rows as columns, as far as the sizes say."""
        return self.rows == self.columns or self.rows is None or self.columns is None

    def transposed(self) -> Shape:
        """Rows and columns exchanged."""
        return Shape(self.columns, self.rows)

    def sizes(self) -> str:
        """``n×d``; ``?`` for a size that fits."""
        return f"{'?' if self.rows is None else self.rows}×{'?' if self.columns is None else self.columns}"

    def __str__(self) -> str:
        if self.is_scalar:
            return "scalar"
        if self.is_vector:
            return "vector of any size" if self.rows is None else f"vector of {self.rows}"
        if self.rows == 1:
            return f"row of {self.columns}"
        return f"{self.sizes()} matrix"


SCALAR = Shape(1, 1)


def vector(size: Size) -> Shape:
    """A column of ``size``."""
    return Shape(size, 1)


def matrix(rows: Size, columns: Size) -> Shape:
    """``rows`` by ``columns``."""
    return Shape(rows, columns)
