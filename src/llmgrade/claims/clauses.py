"""Sentences, clauses, and the condition each is limited to: "σ ≪ λ: …", "… if w > bx", "for a wide X it gives …"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import cast

from llmgrade.claims.flow import BREAK, Flow
from llmgrade.claims.lexicon import (
    DEPENDS,
    DIRECTIONS,
    FORMULA,
    GIVENS,
    GOALS,
    INTRODUCTIONS,
    OPENERS,
    OTHERWISE,
    REVISIONS,
    SUBJECTS,
    TRAILERS,
    words,
)

__all__ = ["Clause", "clauses", "is_regime", "sentences"]

_END = re.compile(
    rf"(?:[.!?]['\")\]*_]*(?=\s+(?:[A-ZÀ-Þ¿¡\d\"'(\[*_✅🟢{FORMULA}\u0400-\u042f]|$))|[。！？]|(?<=\S);(?=\s)|；|[{BREAK}])\s*"
)
_ABBREVIATION = re.compile(
    r"(?:\b(?:i\.e|e\.g|cf|resp|vs|approx|eq|eqs|fig|no|z\.B|d\.h|p\.ej|bzw|etc|w\.r\.t)|(?<!\w)[A-Za-z])\.\Z",
    re.IGNORECASE,
)
_CLAUSE = re.compile(
    r"(?:[,;:]?\s+|\s*[–—]\s*)(?:and|but|while|whereas|or|y|pero|mientras(?:\s+que)?|und|aber|während|et|mais|tandis\s+que)\s+"
    r"(?=(?:for|if|when|whenever|as|in\s+the|under|with|si|cuando|para|con|wenn|falls|für|bei|quand|lorsque|pour)\b)",
    re.IGNORECASE,
)
_VERB = re.compile(
    r"\b(?:it|we|then|gives|give|yields|use|get|have|becomes|reduces|approaches|tends|converges|the\s+(?:ridge|solution|limit|weights?|"
    r"estimator|answer|result|elbow|slope|expression|rate|derivative|unit|penalty|other)|da|resulta|tiende|valen|vale|queda|la|el|"
    r"ergibt|gilt|strebt|donne|on\s+a|devient|tend|diverge[sn]?|dominates)\b",
    re.IGNORECASE,
)
_REGIME = re.compile(r"\\(?:ll|gg|lesssim|gtrsim|le|leq|leqslant|ge|geq|geqslant|ne|neq|lt|gt)(?![a-zA-Z])|[<>≤≥≪≫≠]")
_LIMIT = re.compile(
    r"\A\s*(?:\\?[A-Za-zΑ-ω]+(?:_\{?\w+\}?)?)\s*(?:\\to|\\rightarrow|\\longrightarrow|→|\\downarrow|\\uparrow|↓|↑)\s*[+-]?\s*(?:\\infty|∞|0|1)\s*(?:\^?\{?[+-]\}?)?\s*\Z"
)
_ASSERTS = re.compile(r"=|\\to(?![a-z])|→|\\approx|\\propto|≈|∝")
_CONCLUSION = re.compile(
    r":\s|[,;]\s*(?:and\s+)?(?:so|thus|hence|therefore|which|luego|así\s+que|por\s+tanto|also|somit|donc)\b",
    re.IGNORECASE,
)
_SYMBOL = re.compile(r"\s*\\?[A-Za-z]+(?:_\{?\w+\}?)?\s*")
_FINITE = re.compile(
    r"\A(?:it|this|that|we|they|i|you)\b|['’]s\b(?!\s+(?:case|side))|\b(?:is|are|was|were|has|have|means|follows|multiply|multiplying|divide|dividing|substitute|substituting|plug|apply|applying|insert|add|"
    r"es|son|está|queda|ist|sind|hat|est|sont|a)\b|ing\b(?!\s*(?:data|layer))",
    re.IGNORECASE,
)
_PREFIX = re.compile(rf"([^:;.!?{BREAK}]{{1,80}}?)\s*(?::(?!=)|⇒|→)\s*(?=\S)")
_MOVES = words(*(group for group in DIRECTIONS.values()))
_SUBJECT = words(*SUBJECTS.values())
_NOT_A_CASE = re.compile(
    r"\b(?:update|updates|elbow|slope|form|step|answer|result|identity|solution|rule|definition|convention|constraint|"
    r"matrix|layout|derivative|gradient|numerator|denominator|old|new|data|model|likelihood|prior|direction|directions)\s*\Z",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Clause:
    """A stretch ``[start, stop)`` of the flow with the conditions it stands under, as stretches of the flow."""

    start: int
    stop: int
    sentence: tuple[int, int]
    before: tuple[tuple[int, int], ...] = ()
    """Conditions said first; they hold for everything after them in the clause."""
    after: tuple[int, int] | None = None
    """A condition said last; it holds for what stands before it, back to ``after_from``."""
    after_from: int = 0

    def body(self) -> tuple[int, int]:
        """What is said under the conditions."""
        start = max((stop for _, stop in self.before), default=self.start)
        return start, self.after[0] if self.after else self.stop

    def conditions(self, at: int) -> tuple[tuple[int, int], ...]:
        """The conditions that something at ``at`` is limited to."""
        found = tuple(condition for condition in self.before if condition[1] <= at)
        if self.after is not None and self.after_from <= at < self.after[0]:
            found += (self.after,)
        return found

    def is_condition(self, at: int) -> bool:
        """Whether ``at`` stands inside a condition."""
        ranges = self.before + ((self.after,) if self.after else ())
        return any(start <= at < stop for start, stop in ranges)


def is_regime(latex: str) -> bool:
    """Whether a formula says where we are and not what holds: an inequality, ``λ → ∞``.

    >>> is_regime(r"\\sigma \\ll \\lambda"), is_regime(r"\\lambda\\to\\infty"), is_regime(r"\\hat w \\to 0")
    (True, True, False)
    """
    if "=" in latex or "\\iff" in latex or "\\Leftrightarrow" in latex or "\\Rightarrow" in latex:
        return False
    return bool(_LIMIT.match(latex)) or bool(_REGIME.search(latex))


def sentences(flow: Flow, start: int, stop: int) -> Iterator[tuple[int, int]]:
    """The sentences of a line, and the parts a semicolon cuts them into."""
    text = flow.text
    at = start
    for match in _END.finditer(text, start, stop):
        if text[match.start()] == "." and _ABBREVIATION.search(text, max(at, match.start() - 6), match.start() + 1):
            continue
        if _inside_parenthesis(text, at, match.start()):
            continue
        if text[at : match.end()].strip():
            yield at, match.end()
        at = match.end()
    if text[at:stop].strip():
        yield at, stop


def _inside_parenthesis(text: str, start: int, at: int) -> bool:
    return text.count("(", start, at) > text.count(")", start, at)


def clauses(flow: Flow, start: int, stop: int) -> tuple[Clause, ...]:
    """The clauses of a line in order."""
    if (start, stop) not in flow.memo:
        flow.memo[start, stop] = tuple(_clauses(flow, start, stop))
    return cast("tuple[Clause, ...]", flow.memo[start, stop])


def _clauses(flow: Flow, start: int, stop: int) -> Iterator[Clause]:
    carried: tuple[tuple[int, int], ...] = ()
    for first, last in sentences(flow, start, stop):
        cuts = [first]
        for match in _CLAUSE.finditer(flow.text, first, last):
            # "right when … and left when …" is cut by the finder of directions, which sees the second half's verb.
            if not _inside_parenthesis(flow.text, first, match.start()):
                cuts.append(match.end())
        cuts = sorted({*cuts, *_between_conditions(flow.text, first, last)})
        cuts.append(last)
        for begin, end in zip(cuts, cuts[1:], strict=False):
            clause = _clause(flow, begin, end, (first, last))
            if (
                carried
                and len(clause.before) == 1
                and not any(_LIMIT.match(f.latex or "") for _, f in flow.formulas(*clause.before[0]))
            ):
                clause = replace(clause, before=carried + clause.before)
            elif len(clause.before) > 1:
                # "λ → 0: tall X: …. Wide X: …": the limit holds for both.
                carried = tuple(
                    c for c in clause.before if any(_LIMIT.match(f.latex or "") for _, f in flow.formulas(*c))
                )[:1]
            yield clause


_LIMITS = words("if|when|whenever|for|si|cuando|wenn|falls|für|quand|lorsque|pour|若|当|если|при")
_JOINT = re.compile(
    r"\s*[,;]\s*(?:(?:and|but|or|y|o|und|oder|et|ou|pero|aber|mais)\s+)?|\s+(?:and|but|or|y|o|und|oder|et|ou)\s+",
    re.IGNORECASE,
)


def _between_conditions(text: str, start: int, stop: int) -> Iterator[int]:
    """Cuts of "A if P, B if Q" and "right when P and left when Q"."""
    marks = sorted(
        [*_LIMITS.finditer(text, start, stop), *OTHERWISE.finditer(text, start, stop)], key=lambda mark: mark.start()
    )
    opened = bool(marks) and not text[start : marks[0].start()].strip(" *_(→")
    for mark in marks[1:]:
        # "for w > 0 it rises, for w < 0 it falls"; "right if w > bx, otherwise left"
        again = (opened or OTHERWISE.match(text, mark.start())) and re.search(r"[,;]\s*\Z", text[start : mark.start()])
        if again and not _inside_parenthesis(text, start, mark.start()):
            yield mark.start()
    for left, right in zip(marks, marks[1:], strict=False):
        if not text[start : left.start()].strip(" *_(") or _inside_parenthesis(text, start, right.start()):
            continue
        joints = [joint for joint in _JOINT.finditer(text, left.end(), right.start()) if joint.end() <= right.start()]
        for joint in joints:
            second = text[joint.end() : right.start()].strip()
            if second and len(second.split()) <= 8 and text[left.end() : joint.start()].strip():
                yield joint.end()
                break


def _clause(flow: Flow, start: int, stop: int, sentence: tuple[int, int]) -> Clause:
    before: list[tuple[int, int]] = []
    at = start
    for _ in range(3):
        found = _opening(flow, at, stop) or _prefix(flow, at, stop)
        if found is None:
            break
        before.append(found[0])
        at = found[1]
    if not before:
        held = _inner_regime(flow, at, stop)
        if held is not None:
            before.append(held)
            at = held[1]
    after = _trailing(flow, at, stop)
    reach = start
    if after is not None:
        # "e' - e = …, so it goes right when w > bx": the condition limits the motion, not the equation.
        for match in _CONCLUSION.finditer(flow.text, at, after[0]):
            reach = match.end()
    return Clause(start, stop, sentence, tuple(before), after, reach)


_LEAD = re.compile(
    r"[\s*_\-–—•→⇒,:(]*(?:(?:and|but|so|then|y|und|et|now|also|thus|pero|aber|mais)\s+)?(?:(?:specifically|moreover|finally),?\s+)?",
    re.IGNORECASE,
)


def _opening(flow: Flow, start: int, stop: int) -> tuple[tuple[int, int], int] | None:
    """A condition that opens the clause: "If ￼, …", "For a tall X …"."""
    text = flow.text
    lead = _LEAD.match(text, start, stop)
    begin = lead.end() if lead else start
    other = OTHERWISE.match(text, begin, stop)
    if other is not None:
        return (begin, other.end()), _past(text, other.end(), stop)
    opener = OPENERS.match(text, begin, stop)
    if opener is None:
        return None
    at = opener.end()
    if (
        re.match(
            r"\s*(?:in|before|above|with|shown|you|we|expected|promised|usual|always|a\s+(?:check|result|consequence))\b",
            text[at : at + 20],
            re.IGNORECASE,
        )
        and opener[0].casefold() == "as"
    ):
        return None
    cases = (
        re.compile(r"[^,:;]{0,40}?\b(?:cases?|regime|limit|setting)\b").match(text, at, stop)
        if opener[0].casefold() in {"in the", "in", "under"}
        else None
    )
    if (
        cases
        and not re.match(r"\s*[,:]", text[cases.end() : stop])
        and not text[cases.end() :].lstrip().startswith(("of", "where", "when"))
    ):
        return (begin, cases.end()), _past(text, cases.end(), stop)
    formulas = re.compile(rf"\s*(?:is\s+)?{FORMULA}(?:\s*(?:,|and|y|und|et|,\s*and|or)\s*{FORMULA}(?!\s*=))*").match(
        text, at, stop
    )
    if formulas and text[at : formulas.end()].strip():
        inner = flow.formulas(at, formulas.end())
        leading = 0
        for _, f in inner:
            # The first formula that is no condition is what is said: "if σ ≫ λ, σ/λ".
            if not (_conditional(f.latex) and (f.latex is None or is_regime(f.latex) or "=" in f.latex)):
                break
            leading += 1
        if leading:
            behind = inner[leading - 1][0] + 1
            return (begin, behind), _past(text, behind, stop)
    depth = 0
    end = None
    place = at
    while place < stop:
        char = text[place]
        if char in "([":
            depth += 1
        elif char in ")]":
            depth -= 1
        elif depth <= 0 and char in ",:→⇒—–" and place > at:
            if (
                char == ","
                and re.compile(rf"\s*(?:and\s+)?{FORMULA}\s*[,:→⇒]").match(text, place + 1, stop)
                and _all_conditional(flow, place, stop)
            ):
                place += 1
                continue
            end = place
            break
        elif depth <= 0 and place > at + 1 and text[place - 1].isspace() and _VERB.match(text, place, stop):
            rest = text[at:place].strip()
            if rest and rest.lower() not in {"a", "an", "the", "every", "any"}:
                end = place
                break
        elif char == FORMULA and place > at + 1:
            formula = flow.formula_at(place)
            given = re.compile(
                r"\b(?:with|where|satisfying|such\s+that|has|have|is|con|mit|avec|i\.e\.,?)\s*\(?\s*\Z", re.IGNORECASE
            )
            latex = formula.latex if formula is not None else None
            if (
                latex is not None
                and not is_regime(latex)
                and _ASSERTS.search(latex)
                and not given.search(text, at, place)
            ):
                end = place
                break
        place += 1
    if end is None or not text[end:stop].strip(" .,:;!?*_\n") or end - begin > 160:
        return None
    return (begin, end), _past(text, end, stop)


def _all_conditional(flow: Flow, start: int, stop: int) -> bool:
    inner = flow.formulas(start, stop)
    return bool(inner) and _conditional(inner[0][1].latex)


def _conditional(latex: str | None) -> bool:
    if latex is None:
        return True
    return (
        is_regime(latex)
        or bool(re.fullmatch(r"\s*[^=]{1,40}=\s*-?\\?[\w.{}^T]{1,12}\s*", latex))
        or not re.search(r"[=<>]|\\to|\\approx", latex)
    )


def _past(text: str, at: int, stop: int) -> int:
    match = re.compile(r"\s*[,:→⇒—–]?\s*(?:then\b|entonces\b|dann\b|alors\b)?[\s,:]*").match(text, at, stop)
    return match.end() if match else at


def _prefix(flow: Flow, start: int, stop: int) -> tuple[tuple[int, int], int] | None:
    """A case named before a colon: "σ ≪ λ: …", "tall: …", "active unit: …"."""
    text = flow.text
    match = _PREFIX.match(text, start, stop)
    if match is None:
        return None
    name = text[match.start(1) : match.end(1)]
    bare = name.strip(" *_-–—•()\n\t→⇒")
    inner = flow.formulas(match.start(1), match.end(1))
    colon = text[match.end(1) : match.end()].strip().startswith(":")
    if inner:
        if not all(_conditional(f.latex) and f.latex is not None and is_regime(f.latex) for _, f in inner):
            if not (colon and len(bare.split()) <= 4 and all(_SYMBOL.fullmatch(f.latex or "") for _, f in inner)):
                return None
        if len(bare.split()) > 10:
            return None
    elif not colon or not bare or len(bare.split()) > 5 or not bare[0].isalpha():
        return None
    if _FINITE.search(bare):
        return None
    if (
        INTRODUCTIONS.match(bare)
        or GOALS.match(bare)
        or GIVENS.match(bare)
        or REVISIONS.match(bare)
        or _SUBJECT.search(bare)
        or _NOT_A_CASE.search(bare)
    ):
        return None
    if bare.endswith((".", ",")):
        return None
    return (match.start(1), match.end(1)), match.end()


def _inner_regime(flow: Flow, start: int, stop: int) -> tuple[int, int] | None:
    """A regime in mid-clause before what it limits: "Directions with σ ≪ λ get about σ/λ"."""
    text = flow.text
    for place, formula in flow.formulas(start, stop):
        if formula.latex is None or not is_regime(formula.latex):
            continue
        before = re.compile(
            r"(?:\b(?:as|when|with|if|for|where|cuando|si|con|para|wenn|für|mit|bei|quand|si|pour|avec)|当|若)\s*\Z",
            re.IGNORECASE,
        )
        lead = before.search(text, max(start, place - 14), place)
        if lead and (
            flow.formulas(start, lead.start())
            or _VERB.search(text, start, lead.start())
            or _MOVES.search(text, start, lead.start())
        ):
            return None
        rest = text[place + 1 : stop].strip(" .,;:!?*_\n")
        if lead and rest and flow.formulas(place + 1, stop):
            return lead.start(), place + 1
    return None


def _trailing(flow: Flow, start: int, stop: int) -> tuple[int, int] | None:
    """A condition said after what it limits."""
    text = flow.text
    last = re.compile(rf"(?:{OTHERWISE.pattern})[\s.,;:*_)]*\Z", re.IGNORECASE).search(text, start, stop)
    if (
        last is not None
        and text[start : last.start()].strip(" *_(,;:")
        and not TRAILERS.search(text, start, last.start())
    ):
        return last.start(), last.end()
    for match in TRAILERS.finditer(text, start, stop):
        word = match[0].lower()
        before = text[start : match.start()].strip(" *_(,;:")
        if not before:
            continue
        rest_stop = stop
        otherwise = OTHERWISE.search(text, match.end(), stop)
        if otherwise:
            rest_stop = otherwise.start()
        close = _closing(text, match.start(), rest_stop)
        rest = text[match.end() : close]
        if not rest.strip(" .,:;*_)"):
            continue
        if word in {"as", "for", "where", "para", "für", "pour", "según", "selon", "under", "in case", "whereas"}:
            # These also mean other things; they limit only where a regime or a quantifier follows.
            inner = flow.formulas(match.end(), close)
            direct = (
                bool(inner)
                and inner[0][1].latex is not None
                and is_regime(inner[0][1].latex)
                and inner[0][0] - match.end() <= 24
            )
            named = re.match(
                r"\s*(?:all|every|any|each|a|an|tall|wide|symmetric|large|small|general|the\s+\w+\s+case|active|inactive)\b",
                rest,
                re.IGNORECASE,
            )
            if word == "where" or not (
                direct or (named and word in {"for", "para", "für", "pour"}) or DEPENDS.match(match[0])
            ):
                continue
        return match.start(), close
    return None


def _closing(text: str, start: int, stop: int) -> int:
    """Where a trailing condition ends: at its own parenthesis, or with the clause."""
    depth = 0
    opened = text.rfind("(", max(0, start - 2), start) != -1
    for place in range(start, stop):
        if text[place] == "(":
            depth += 1
        elif text[place] == ")":
            if depth == 0 and opened:
                return place
            depth = max(0, depth - 1)
    joint = re.compile(
        r"[\s,;:.!?*_]+(?:(?:and|but|or|y|o|und|oder|et|ou|pero|aber|mais)\s*)?\Z", re.IGNORECASE
    ).search(text, start, stop)
    return joint.start() if joint else stop
