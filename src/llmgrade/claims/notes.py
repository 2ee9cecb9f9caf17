"""Margin notes read as judgements: which labels a note names, and whether it praises or objects.

A note is a few words somebody wrote beside an answer: "(ii) and (iii) are wrong", "d) correct now, but (iv) was right
before!". It is cut into clauses; every clause has its own labels and polarity. No rubric is known here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

__all__ = ["Judgement", "Polarity", "judgements", "polarity"]

Polarity = Literal["positive", "negative", "mixed", "none"]

# Stems, so that inflected forms and several languages are met; a leading \b is understood.
_POSITIVE = re.compile(
    r"\b(?:correct(?!ion)|right\b|fine\b|good\b|great\b|nice|perfect|ok\b|okay\b|works?\b|check(?:s|ed)? out|matches|agree|"
    r"fixed|corrected|one.?shot|well done|excellent|true\b|solved|sound\b|clear\b|valid\b|"
    r"bien\b|correct[oa]s?\b|richtig|stimmt|gut\b|juste\b|exact|对|正确)|[✓✔✅👍]",
    re.IGNORECASE,
)
_NEGATIVE = re.compile(
    r"\b(?:wrong|incorrect|mistake|error\b|errors\b|false\b|miss(?:ing|ed|es)|forg[oe]t|skipped|backwards?|lost\b|loses\b|"
    r"lacks?\b|dropp?ed|drops\b|omit|fail|bad\b|unclear|confus|off by|sloppy|incomplete|unjustified|nonsense|"
    r"should (?:be|have|not)|shouldn|doesn|does not|isn'?t|is not|aren|wasn|didn|can'?t be|cannot be|never\b|no proof|"
    r"uphill|caved|gave up|contradict|added (?:an )?(?:additional|extra)|instead of|swapped|the other way|where is|why not|"
    r"falsch|fehl|mal\b|faux|incorrect[oa]|equivocad|错)|[✗✘❌👎]",
    re.IGNORECASE,
)
_NOT_POSITIVE = re.compile(
    r"\b(?:not|isn'?t|aren'?t|wasn'?t|never|hardly|nicht|pas|no)\s+(?:\w+\s+){0,2}?(?:correct|right|fine|good|ok|clear|true)",
    re.I,
)
_NOT_NEGATIVE = re.compile(
    r"\b(?:not|isn'?t|aren'?t|nothing|no|never)\s+(?:\w+\s+){0,2}?(?:wrong|incorrect|missing|mistakes?|errors?)", re.I
)
_PARTLY = re.compile(r"\b(?:mostly|generally|almost|nearly|partly|partially|largely|halfway|half)\b", re.IGNORECASE)
_COMPLAINT = re.compile(
    r"\b(?:but|yet|however|although|though|aber|pero|mais)\b\s+(?!i\b|we\b|had\b|needed\b|only after\b)", re.I
)
_LABEL = re.compile(
    r"\(([a-h]|[ivx]{1,4})\)(?:\s*\(([ivx]{1,4})\))?"  # (b), (ii), (b)(ii)
    r"|(?<![\w(])([a-h]|[ivx]{1,4})\)"  # b)
    r"|(?<![\w^_\\])(ii|iii|iv|vi|vii|viii|ix)(?![\w(])"  # a bare roman number that is no word
    r"|\b(?:[Pp]arts?|in)\s+([b-h])\b"
    r"|(?:(?<![\w^_\\])|(?<=and\s))([a-h])(?=\s*(?:,|\+|&|and\b|/)\s*\(?[a-h]\b|\s+(?:is|are|was|were|ok|fine|right|wrong|correct)\b)"
    r"|(?<=[a-h],\s)([a-h])\b|(?<=[a-h]\sand\s)([a-h])\b|(?<=[a-h]\s[&+]\s)([a-h])\b"
)
_NO_LONGER = re.compile(
    r"\b(?:was|were)\s+(?:\w+\s+)?(?:right|correct|fine|ok)\s+(?:before|first|earlier|at first|originally)", re.I
)
_AGAIN = re.compile(
    r"\b(?:now|finally|fixed|corrected|re-?prompt\w*|after (?:one|a|two|the)|eventually|at last)\b", re.I
)
_WHOLE = re.compile(r"\b(?:problem|question|exercise|everything|all of (?:it|them|this)|whole)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one clause of a note says. ``labels`` are paths such as ``("b", "ii")``; () means what stands beside it."""

    labels: tuple[tuple[str, ...], ...]
    polarity: Polarity
    again: bool = False
    """It speaks of something put right after an earlier attempt."""
    whole: bool = False
    """It speaks of the whole problem."""
    words: frozenset[str] = frozenset()
    """Content words, lower case, by which the parts it is about may be known."""


def polarity(text: str) -> Polarity:
    """Praise, objection, both, or neither.

    >>> polarity("These are mostly right"), polarity("(ii) is wrong"), polarity("Fixed after one hint")
    ('mixed', 'negative', 'positive')
    >>> polarity("not wrong"), polarity("not quite right"), polarity("see above")
    ('positive', 'negative', 'none')
    """
    bare = _NO_LONGER.sub(" wrong ", _NOT_NEGATIVE.sub(" correct ", text))
    denied = bool(_NOT_POSITIVE.search(bare))
    bare = _NOT_POSITIVE.sub(" wrong ", bare)
    good, bad = bool(_POSITIVE.search(bare)), bool(_NEGATIVE.search(bare)) or denied
    if not bad and not good and _COMPLAINT.search(bare):
        return "negative"
    if good and (bad or _PARTLY.search(bare) or _COMPLAINT.search(bare)):
        return "mixed"
    return "positive" if good else "negative" if bad else "none"


def judgements(text: str) -> tuple[Judgement, ...]:
    """The note clause by clause; a clause without a judgement of its own belongs to the one before it."""
    whole = polarity(text)
    found: list[Judgement] = []
    for clause in re.split(r"(?<=[.!?;])\s+|,\s+but\s+|\n{2,}|\bbut\b(?=\s*\()", " ".join(text.split())):
        labels = _labels(clause)
        said = polarity(clause)
        if not labels or said == "none":
            continue
        found.append(_judgement(clause, labels, said))
    if found:
        return tuple(found)
    return (_judgement(text, _labels(text), whole),)


def _judgement(text: str, labels: tuple[tuple[str, ...], ...], said: Polarity) -> Judgement:
    words = frozenset(word.lower().rstrip("s") for word in re.findall(r"[^\W\d_]{4,}", text))
    return Judgement(labels, said, bool(_AGAIN.search(text)), bool(_WHOLE.search(text)) and not labels, words)


def _labels(text: str) -> tuple[tuple[str, ...], ...]:
    paths = (tuple(group for group in match.groups() if group) for match in _LABEL.finditer(text))
    return tuple(dict.fromkeys(path for path in paths if path))
