"""Mojibake, undone: UTF-8 that somebody read as Windows-1252, with the bytes that went missing on the way.

Windows-1252 has no character for the bytes 81, 8D, 8F, 90 and 9D, so a text that went through it lost them for good. A
character that had one of them comes back where only one common character fits what is left; where several fit, it
becomes U+FFFD, which the reading of formulas treats as "any character". Nothing else is changed: no normalisation, no
quotes straightened, no blank touched, no line break moved.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

__all__ = ["Repaired", "repair"]

WILDCARD = "\ufffd"
_LOST = frozenset((0x81, 0x8D, 0x8F, 0x90, 0x9D))
_COMMON = (
    "ÁÍρ”←∝∏⇐\ufe0f♀✏✍➡⬅☝"  # what people write; rarer characters that share the bytes stay unknown
    "⁰⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱ"
    "αβγδεζηθικλμνξοπρστυφχψωΓΔΘΛΞΠΣΥΦΨΩ∂∇∈∉∑√∞∥∣≤≥≠≈≪≫→⇒⇔⟹⟺′″−×·⋅†…–—‘’“•"
)
_LEAD = {2: (0xC2, 0xDF), 3: (0xE0, 0xEF), 4: (0xF0, 0xF4)}


@dataclass(frozen=True, slots=True)
class Repaired:
    """A text with its mojibake undone: as many lines as before; ``recovered`` and ``lost`` count characters."""

    text: str
    rounds: int = 0
    recovered: int = 0
    lost: int = 0

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know of the repair."""
        if not self.rounds:
            return ()
        said = "mojibake repaired: the text was UTF-8 read as Windows-1252"
        if self.rounds > 1:
            said += f", {self.rounds} times over"
        if self.recovered:
            said += f"; {self.recovered} characters with a lost byte recovered"
        if self.lost:
            said += f"; {self.lost} characters are lost for good and stand as {WILDCARD}"
        return (said,)


def repair(text: str) -> Repaired:
    """``text`` with mojibake undone, at most twice over; the text itself where there is none.

    >>> repair("x âˆˆ A").text
    'x ∈ A'
    """
    rounds = recovered = lost = 0
    while rounds < 2 and _is_mojibake(text):
        text, found, gone = _undo(text)
        rounds, recovered, lost = rounds + 1, recovered + found, lost + gone
    return Repaired(text, rounds, recovered, lost)


@cache
def _byte_of() -> dict[str, int]:
    table = {chr(code): code for code in range(0x80, 0x100)}
    for code in range(0x80, 0xA0):
        try:
            table[bytes([code]).decode("cp1252")] = code
        except UnicodeDecodeError:
            continue
    return table


@cache
def _runs() -> re.Pattern[str]:
    """A lead byte of UTF-8 and the continuation bytes after it, all in their Windows-1252 characters."""
    table = _byte_of()
    lead = "".join(re.escape(char) for char, code in table.items() if 0xC2 <= code <= 0xF4)
    tail = "".join(re.escape(char) for char, code in table.items() if code < 0xC0)
    return re.compile(f"[{lead}][{tail}{WILDCARD}]{{0,3}}")


def _is_mojibake(text: str) -> bool:
    whole = stray = 0
    for match in _runs().finditer(text):
        for size, _ in _decoded(match[0]):
            if size:
                whole += 1
            else:
                stray += 1
    if not whole:
        return False
    table = _byte_of()
    # Characters beyond Windows-1252 that stand in the text as they are: a text with many of them was decoded rightly.
    foreign = sum(1 for char in text if ord(char) > 0x7F and char not in table and char != WILDCARD)
    return whole > 2 * foreign + stray // 2


def _undo(text: str) -> tuple[str, int, int]:
    found = gone = 0

    def mend(match: re.Match[str]) -> str:
        nonlocal found, gone
        out = []
        for size, char in _decoded(match[0], _neighbours(match)):
            if size == 0 and char == WILDCARD:
                gone += 1
            elif size == -1:
                found += 1
            out.append(char)
        return "".join(out)

    return _runs().sub(mend, text), found, gone


def _neighbours(match: re.Match[str]) -> tuple[str, str]:
    text = match.string
    return text[max(0, match.start() - 2) : match.start()], text[match.end() : match.end() + 1]


def _decoded(run: str, around: tuple[str, str] = ("", "")) -> Iterator[tuple[int, str]]:
    """``(size, character)``: size is the character's bytes, -1 where a lost byte was recovered, 0 where it was not."""
    table = _byte_of()
    codes = bytes(table[char] for char in run if char != WILDCARD)
    for size, (low, high) in _LEAD.items():
        if not low <= codes[0] <= high:
            continue
        if len(codes) >= size:
            try:
                yield size, codes[:size].decode("utf-8")
                # What is left are characters of their own: a sequence of UTF-8 has no more continuation bytes.
                yield from ((0, char) for char in run[size:])
                return
            except UnicodeDecodeError:
                break
        yield _recovered(codes, around)
        return
    yield from ((0, char) for char in run)


def _recovered(codes: bytes, around: tuple[str, str]) -> tuple[int, str]:
    candidates = _by_remains().get(codes, ())
    if len(candidates) > 1 and codes == b"\xe2\x88":
        # ∏ is set as an operator in a layer of its own and so begins a line; ∝ stands between its sides.
        before, after = around
        if before.strip("\n") and not before.endswith("\n") and after not in ("", "\n"):
            return -1, "∝"
    if "ℝ" in candidates and around[0].rstrip().endswith("ˆ"):
        return -1, "ℝ"  # after ∈, whose last byte shows as ˆ
    if len(candidates) == 1:
        return -1, candidates[0]
    return 0, WILDCARD


@cache
def _by_remains() -> dict[bytes, tuple[str, ...]]:
    """Surviving bytes → the common characters they may have been."""
    found: dict[bytes, list[str]] = {}
    # 𝟎 to 𝟿 would share their remains with emoji, which are far more common.
    mathematical = [chr(code) for code in range(0x1D400, 0x1D7C0)]
    for char in [*dict.fromkeys(_COMMON), "ℝ", "ℏ", *_EMOJI, *mathematical]:
        codes = char.encode("utf-8")
        left = bytes(code for code in codes if code not in _LOST)
        if left != codes and left:
            found.setdefault(left, []).append(char)
    return {left: tuple(chars) for left, chars in found.items()}


_EMOJI = "👍👏🎁🏁🏆🐍🔁🔍🔐🔑🖐📝📍📐📏🙏🚀❌❗❓✏☝➡👉💡🌍🌐🎉🎯🧠🧪🧩🟢🟩🟦✅"
