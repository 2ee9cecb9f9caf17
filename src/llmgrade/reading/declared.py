"""Letters that a chat declares itself: ``let Φ be the data matrix``, ``where t denotes the targets``, ``Φ ∈ ℝ^{n×d}``.

Only what is said in so many words is taken; whoever reads a formula may ask what its letters were said to be.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from llmgrade.source import Span
from llmgrade.transcript.model import Formula, Prose, Setting, Transcript, Turn

__all__ = ["Declared", "declared"]

_NAME = r"\\?[A-Za-z]+(?:_\{?\w+\}?)?|[^\W\d_](?:[\u0300-\u036f])*[₀-₉ᵢⱼ]*|\\(?:hat|bar|tilde|mathbf|boldsymbol)\s*\{?\\?\w+\}?"
_SYMBOL = re.compile(rf"\s*(?:{_NAME})\s*\Z")
_MEMBER = re.compile(rf"\s*(?P<name>{_NAME})\s*(?:\\in\b|∈)\s*(?P<set>.+?)\s*\Z")
_BEFORE = re.compile(
    r"(?:\blet|\bwhere|\bwith|\bcall|\bdenote(?:\s+by)?|\bsea|\bsean|\bdonde|\bsoit|\boù|\bsei|\bwobei|设|令|[,;(]|\band|\by|\bet|\bund)\s*\Z",
    re.IGNORECASE,
)
_AFTER = re.compile(
    r"\s*(?:be|is|are|denotes?|stands? for|means|the|for|es|son|la|el|est|désigne|ist|sind|bezeichnet|die|der|das|:|=|为|是|表示)?\s*"
    r"(?P<words>(?:be |is |are |denotes? )?(?:the|an?|our|la|el|los|las|una?|le|les|die|der|das|eine?|its)\s[^.,;:()\n$]{2,80})",
    re.IGNORECASE,
)
_PLAIN = re.compile(
    r"\b(?:[Ll]et|[Ww]here|[Ww]ith|[Ss]ea|[Ss]oit|[Ss]ei)\s+(?P<name>[^\W\d_][\u0300-\u036f]*(?:_\w{1,8}|[₀-₉ᵢⱼ])?)\s+(?:be|is|denotes?|stands? for|la|el|le|die|der|das)\s+"
    r"(?P<words>[^.,;:()\n$]{3,80})"
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Declared:
    """A name, what it was said to be, where, and in which turn."""

    name: str
    words: str
    span: Span
    turn: int


def declared(transcript: Transcript) -> tuple[Declared, ...]:
    """What the chat's current path says its letters are, in order."""
    return tuple(found for turn in transcript.current for found in _of_turn(turn))


def _of_turn(turn: Turn) -> list[Declared]:
    found: list[Declared] = []
    pieces = [piece for piece in turn.pieces if piece.setting is Setting.ANSWER]
    for index, piece in enumerate(pieces):
        before = pieces[index - 1] if index else None
        after = pieces[index + 1] if index + 1 < len(pieces) else None
        if isinstance(piece, Prose):
            for match in _PLAIN.finditer(piece.text):
                span = Span(piece.span.start + match.start("name"), piece.span.start + match.end("name"))
                found.append(Declared(match["name"], _tidy(match["words"]), span, turn.index))
        elif isinstance(piece, Formula) and piece.latex is not None and len(piece.latex) <= 80:
            member = _MEMBER.match(piece.latex)
            if member:
                found.append(Declared(member["name"].strip(), member["set"], piece.span, turn.index))
            elif _SYMBOL.match(piece.latex) and isinstance(before, Prose) and isinstance(after, Prose):
                words = _AFTER.match(after.text)
                if words and _BEFORE.search(before.text):
                    found.append(Declared(piece.latex.strip(), _tidy(words["words"]), piece.span, turn.index))
    return found


def _tidy(words: str) -> str:
    words = re.sub(r"\s+(?:and|or|with|in|y|con|et|avec|und|mit)\Z", "", " ".join(words.split()))
    return re.sub(r"^(?:(?:be|is|are|denotes?)\s+)?(?:the|an?|our|its)\s+", "", words, flags=re.IGNORECASE)
