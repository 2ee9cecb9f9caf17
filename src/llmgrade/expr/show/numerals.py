"""Numbers and units as every printer writes them."""

from __future__ import annotations

from fractions import Fraction

from llmgrade.expr.nodes import Unit

__all__ = ["decimal", "unit_text"]


def decimal(value: int | Fraction, decimals: int | None) -> str | None:
    """``0.50`` with its two decimals, ``12``; None for a fraction that no such decimal holds.

    >>> decimal(Fraction(1, 2), 2), decimal(12, None), decimal(Fraction(1, 3), None)
    ('0.50', '12', None)
    """
    if decimals is None:
        return str(value) if isinstance(value, int) else None
    scaled = value * 10**decimals
    if scaled != int(scaled):
        return None
    digits = str(abs(int(scaled))).rjust(decimals + 1, "0")
    sign = "-" if value < 0 else ""
    cut = len(digits) - decimals
    return f"{sign}{digits[:cut]}.{digits[cut:]}"


def unit_text(unit: Unit) -> str:
    """``m/s^2``."""
    over = [f"{name}^{power}" if power != 1 else name for name, power in unit if power > 0]
    under = [f"{name}^{-power}" if power != -1 else name for name, power in unit if power < 0]
    return (
        "·".join(over) + "".join(f"/{part}" for part in under)
        if over
        else "·".join(f"{name}^{power}" for name, power in unit)
    )
