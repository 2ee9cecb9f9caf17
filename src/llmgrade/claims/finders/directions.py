"""Something moves: "the elbow shifts right", "slope decreases", "left or right depending on …", "nothing changes"."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from llmgrade.claims.clauses import Clause, clauses
from llmgrade.claims.flow import Flow
from llmgrade.claims.found import Found, condition_of, context_of, normal_subject, quoted
from llmgrade.claims.lexicon import (
    ADVERBS,
    DEPENDS,
    DETERMINERS,
    FORMULA,
    MOTION,
    NEGATION,
    NOUN_AFTER_SIDE,
    SOFT,
    SUBJECTS,
    words,
)
from llmgrade.claims.model import Manner, Standing, Statement
from llmgrade.claims.motion import Hit, hits_of
from llmgrade.claims.sections import Kind, Line, Speech
from llmgrade.claims.values import assignments
from llmgrade.transcript.model import Formula

__all__ = ["find"]

_SUBJECT = words(*SUBJECTS.values())
_ANY_OR = re.compile(
    r"[\s,*_]*(?:or|/|and/or|o|u|oder|ou|或|或者|или|and|y|und|et)?[\s,*_]*(?:(?:to|towards?|a|hacia|nach|à|vers)\s+)?(?:(?:the|la|the\s+kink\s+to\s+the)\s+)?(?:also\s+)?\Z",
    re.IGNORECASE,
)
_OR = re.compile(r"(?<!\w)(?:or|and/or|o|u|oder|ou|or\s+to)(?!\w)|/|或|или", re.IGNORECASE)
_AND = re.compile(
    r"[\s,*_&]*(?:and|y|und|et|&|和|与|и|both|the|la|el|die|der|le|also)?(?:[\s*_]+(?:the|both|la|el|die|der|das|le|its))?[\s*_]*\Z",
    re.IGNORECASE,
)
_BEING_RIGHT = re.compile(
    r"(?:\b(?:are|is|was|were|be|been|absolutely|quite|completely|totally|all|exactly|'re|’re|that['’]s|it['’]s|just|got|get|the|a)\s+)\Z",
    re.IGNORECASE,
)
_ON_THE = re.compile(
    r"\b(?:on|from|at|in|of|an|auf|sur|en)\s+(?:the\s+|its\s+|der\s+|la\s+)?(?:far\s+)?\Z", re.IGNORECASE
)
_TO_THE = re.compile(r"\b(?:to|towards?|a|hacia|nach|à|vers)\s+(?:the\s+|la\s+)?(?:far\s+)?\Z", re.IGNORECASE)
_CHANGE = re.compile(
    r"\b(?:becomes?|became|gets?|got|grows?|is|are|turns?|moves?|goes|stays?|remains?|makes?|made|making|gives?|gave|vuelve|hace|es|queda|wird|ist|werden|devient|est|rend|an?|the|no|une?|un)"
    r"(?:\s+(?:slightly|strictly|always|even|much|a\s+bit|a\s+little|exactly|therefore|thus|also|both|completely|further|más|etwas|plus|un\s+peu))?\s*[*_]*\Z",
    re.IGNORECASE,
)
_STANDS_ALONE = re.compile(r"[\s*_.,;:!✅✔)(]*\Z")
_AS_BEFORE = re.compile(
    r"\s*(?:exactly|both|completely|precisely|the\s+same|the|same|unchanged|fixed|put|constant|where|as\s+(?:it|they|is|before)|still|igual|sin|"
    r"donde|gleich|unverändert|fest|wo|konstant|inchangé|constant|identi|fijo|fija|constante|invariable|$|[.,;:)✅*])",
    re.IGNORECASE,
)
_EVERYTHING = re.compile(r"nothing|no change|no movement|aucun|keine|sin cambio|没有|无|без")
_BOTH = re.compile(
    r"(?:\A|[\s(.:])(?:both|ambos|ambas|beide|les\s+deux|everything|todo|alles|tout)\s+(?:of\s+them\s+)?\Z",
    re.IGNORECASE,
)
# A clause with more words of direction than this is no speech.
_MOST = 40
_ARROWS = frozenset("→←➡⬅")
_STAYING = frozenset(
    ["stays", "stay", "remains", "remain", "permanece", "permanecen", "bleibt", "bleiben", "reste", "restent"]
) | {
    "se mantiene",
    "se mantienen",
}
_INFINITIVE = re.compile(
    r"\b(?:to|should|must|let['’]?s|please|para|zu|pour)\s+(?:further\s+|slightly\s+)?\Z", re.IGNORECASE
)
_TENDS = re.compile(
    r"\b(?:tends?|appears?|seems?|going|continues?|causes?|forces?|lead(?:s|ing)?|\w+s\s+(?:it|the\s+\w+|both))\s+(?:\w+\s+)?to\s+\Z",
    re.IGNORECASE,
)
_THAN = re.compile(
    r"\s*(?:than(?!\s+(?:before|it\s+was|originally))|que(?!\s+antes)|als(?!\s+(?:vorher|zuvor))|or\s+equal|to\b(?!\s+the\b)|por\s+a\b)",
    re.IGNORECASE,
)
_PRONOUN = words("it|they|this|that|these|which|he|ella|ello|lo|es|sie|il|elle|ils|它|оно")
_TEXT = re.compile(r"\\(?:text|mathrm|textbf|textit|mbox|operatorname)\s*\{([^{}]*)\}")
_ARROW = re.compile(r"\\(uparrow|downarrow|nearrow|searrow)(?![a-z])|([↑↓])")
_IMPLIES = re.compile(r"\\(?:Rightarrow|implies|Longrightarrow|iff|Leftrightarrow|to)(?![a-z])|⇒|⟹|→")


@dataclass(frozen=True, slots=True)
class _Noun:
    start: int
    stop: int
    normal: str


def _nouns(text: str) -> list[_Noun]:
    return [_Noun(m.start(), m.end(), normal_subject(m[0]) or m[0]) for m in _SUBJECT.finditer(text)]


def find(speech: Speech) -> Iterator[Found]:
    """The directions said in a turn, one statement for each thing that moves and each way it is said to."""
    flow = speech.flow
    hits, nouns = hits_of(flow.text), _nouns(flow.text)
    starts, noun_starts = [hit.start for hit in hits], [noun.start for noun in nouns]
    last: tuple[str, ...] = ()
    section: object = None
    for line in speech.lines:
        if (line.label.path, line.label.problem) != section:
            section, last = (line.label.path, line.label.problem), ()
        for _place, formula in flow.formulas(line.start, line.stop):
            yield from _in_formula(flow, line, _place, formula)
        inside = hits[bisect_left(starts, line.start) : bisect_left(starts, line.stop)]
        if not inside and not DEPENDS.search(flow.text, line.start, line.stop) and line.stop - line.start > 60:
            continue
        own = nouns[bisect_left(noun_starts, line.start) : bisect_left(noun_starts, line.stop)]
        for clause in clauses(flow, line.start, line.stop):
            for found in _in_clause(flow, line, clause, inside, own, last):
                if found.statement.subject is not None:
                    last = (found.statement.subject,)
                yield found


def _in_clause(
    flow: Flow, line: Line, clause: Clause, hits: Sequence[Hit], nouns: Sequence[_Noun], last: tuple[str, ...]
) -> Iterator[Found]:
    inside = [hit for hit in hits if clause.start <= hit.start < clause.stop and not clause.is_condition(hit.start)]
    if len(inside) > _MOST:
        return
    own = [noun for noun in nouns if clause.start <= noun.start < clause.stop and not clause.is_condition(noun.start)]
    kept = [hit for hit in inside if _means_motion(flow, line, clause, hit, own) and not _is_worked(flow, clause, hit)]
    kept = _open_pairs(flow.text, [hit for hit in hits if _in(hit, clause.sentence)], kept)
    merged = _merge(flow.text, _without_denied_motion(flow.text, kept))
    if not merged:
        merged = _open_direction(flow, line, clause, own)
    before, start = None, clause.start
    for index, hit in enumerate(merged):
        following = merged[index + 1] if index + 1 < len(merged) else None
        subjects = _subjects(flow, line, clause, hit, before, following, own, last)
        if not subjects:
            before = hit
            continue
        stop = _segment_stop(flow.text, hit, following, clause)
        span = flow.span(start, stop)
        # "The slope falls and the elbow moves right if …": the condition is the last motion's.
        shared = following is not None and clause.after is not None and following.start < clause.after[0]
        limits = replace(clause, after=None) if shared else clause
        negated = _negated(flow.text, max(clause.start, before.stop if before else clause.start), hit)
        for subject in subjects:
            yield Found(
                start,
                stop,
                Statement(
                    Manner.DIRECTION,
                    0,
                    0,
                    line.label,
                    quoted(flow, span),
                    span,
                    Standing.REJECTED if negated else Standing.ASSERTED,
                    subject=subject,
                    reading=hit.reading,
                    condition=condition_of(flow, limits, line, hit.start),
                    from_table=line.kind is Kind.CELL,
                    context=context_of(flow, clause, line),
                ),
                line,
            )
        last = tuple(subject for subject in subjects if subject is not None) or last
        before, start = hit, _after_joint(flow.text, stop, clause.stop)


def _without_denied_motion(text: str, hits: Sequence[Hit]) -> list[Hit]:
    """ "Does not move to the left" denies the way, not the motion."""
    return [
        hit
        for hit, following in zip(hits, [*hits[1:], None], strict=False)
        if not (
            following is not None
            and hit.reading == "unchanged"
            and re.search(r"not|n['’]t|\bno\b|nicht|\bne\b", hit.word)
            and following.reading in {"left", "right", "up", "down"}
            and re.fullmatch(r"\s*(?:(?:to|towards?)\s+)?(?:the\s+)?", text[hit.stop : following.start])
        )
    ]


def _is_worked(flow: Flow, clause: Clause, hit: Hit) -> bool:
    """Whether the word tells what one worked example does; that is no claim about the whole case."""
    values: set[str] = set()
    for _, formula in flow.formulas(clause.sentence[0], hit.start):
        values.update(assignments(formula.latex))
    return len(values) >= 2


def _after_joint(text: str, at: int, stop: int) -> int:
    match = re.compile(r"[\s,;:.*_)→⇒]*(?:(?:and|but|y|und|et|pero|aber|mais)\s+)?", re.IGNORECASE).match(
        text, at, stop
    )
    return match.end() if match else at


def _segment_stop(text: str, hit: Hit, following: Hit | None, clause: Clause) -> int:
    if following is None:
        return clause.stop
    joint = re.compile(r"[,;→⇒]|\s(?:and|but|y|und|et|pero|aber|mais)\s", re.IGNORECASE).search(
        text, hit.stop, following.start
    )
    return joint.start() if joint else hit.stop


_DENYING = re.compile(
    r"\b(?:not|no|nothing|neither|nor|sin|nada|kein\w*|nicht\w*|ne|pas|rien|sans)\b|n['’]t\b", re.IGNORECASE
)
_LEFT_AS = re.compile(
    r"\s+(?:un(?:changed|touched|affected|altered|moved|modified)|alone|intact|fixed|constant|the\s+same|as\s+(?:it|they)|in\s+place)\b",
    re.IGNORECASE,
)
"""After "left", which then is no side: "left unchanged"."""


def _negated(text: str, start: int, hit: Hit) -> bool:
    """Whether the word is denied ("does not move left"); "unchanged" has its own denials in it."""
    if hit.reading in {"undetermined", "either"} or (hit.reading == "unchanged" and _DENYING.search(hit.word)):
        return False
    window = text[start : hit.start]
    window = re.split(r"[,;:→⇒]|\bbut\b|\bsino\b|\bsondern\b|\bmais\b", window)[-1]
    found = list(NEGATION.finditer(window))
    return (
        bool(found)
        and len(window[found[-1].end() :].split()) <= (2 if hit.reading == "unchanged" else 5)
        and not re.match(r"\s*only\b", window[found[-1].end() :])
    )


def _means_motion(flow: Flow, line: Line, clause: Clause, hit: Hit, nouns: Sequence[_Noun]) -> bool:
    """Whether a word is used of motion here: "right" is also a praise, "same" a comparison."""
    text = flow.text
    before, after = (
        text[max(clause.start, hit.start - 40) : hit.start],
        text[hit.stop : min(clause.stop, hit.stop + 30)],
    )
    noun_before = any(noun.start < hit.start for noun in nouns)
    moving = bool(MOTION.search(text, *clause.sentence))
    in_cell = line.kind is Kind.CELL and line.header.strip() != ""
    short_cell = in_cell and len(text[line.start : line.stop].split()) <= 14
    if hit.word in _ARROWS:
        direct = (
            bool(nouns) and not re.search(r"\w", text[max(n.stop for n in nouns if n.stop <= hit.start) : hit.start])
            if noun_before
            else False
        )
        return (short_cell or direct) and bool(
            re.match(r"[\s*_]*(?:\Z|[.,;)|]|or\b|/|o\b|oder\b|if\b|when\b|depending\b)", after)
        )
    if hit.reading in {"left", "right"}:
        if hit.word == "left" and _LEFT_AS.match(after):
            return False
        if NOUN_AFTER_SIDE.match(after) and not (noun_before and re.match(r"\s*(?:now|here|on)\b", after)):
            return False
        if _ON_THE.search(before):
            return False
        if (
            hit.word in {"right", "correct", "links", "droite"}
            and _BEING_RIGHT.search(before)
            and not _TO_THE.search(before)
        ):
            return False
        alone = bool(re.search(r"(?:[:,→⇒(]|\A)[\s*_]*\Z", before)) and bool(
            re.match(r"[\s*_.,;:)!✅]*(?:again|\Z|[.,;)])", after)
        )
        begins = not before.strip(" ,;:*_(") and bool(_SUBJECT.search(text, clause.sentence[0], hit.start))
        return begins or moving or noun_before or short_cell or bool(_TO_THE.search(before)) or alone
    if hit.reading in {"up", "down", "steeper", "flatter"} and _INFINITIVE.search(before) and not _TENDS.search(before):
        return False
    if _THAN.match(after) and hit.reading != "unchanged":
        return False
    if hit.word in _STAYING or hit.word.endswith(("stays", "remains")):
        ends = not after.strip(" .,;:*_")
        return bool(_AS_BEFORE.match(after)) and (noun_before or short_cell or (not ends and _named(text, clause, hit)))
    if hit.word in SOFT:
        if short_cell and len(text[line.start : line.stop].split()) <= 6:
            return True
        if hit.word in {"increase", "decrease", "drop", "drops", "rise", "falls"} and not _CHANGE.search(before):
            return bool(nouns) or _named(text, clause, hit)
        if noun_before and not re.search(r"\w", text[max(n.stop for n in nouns if n.stop <= hit.start) : hit.start]):
            return True
        return bool(nouns) and (
            bool(_CHANGE.search(before))
            or bool(_STANDS_ALONE.match(after))
            or (
                noun_before and hit.reading in {"unchanged", "undetermined"} and bool(re.search(r":\s*[*_]*\Z", before))
            )
        )
    return True


def _named(text: str, clause: Clause, hit: Hit) -> bool:
    """Whether words stand before the hit in its clause that may name what moves."""
    start = clause.body()[0] if clause.body()[0] <= hit.start else clause.start
    return bool(re.search(rf"[^\W\d_]|{FORMULA}", text[start : hit.start]))


_UPRIGHT = {"up": "down", "down": "up", "steeper": "flatter", "flatter": "steeper"}


def _in(hit: Hit, where: tuple[int, int]) -> bool:
    return where[0] <= hit.start < where[1]


def _open_pairs(text: str, every: Sequence[Hit], kept: Sequence[Hit]) -> list[Hit]:
    """ "May grow or shrink", "rises or falls depending on x": where one of the two is no motion by itself, or stands in
    another clause, the other is still half of a choice."""
    pairs = {}
    for one, other in zip(every, every[1:], strict=False):
        between = text[one.stop : other.start]
        opposed = _UPRIGHT.get(one.reading) == other.reading and (one in kept) != (other in kept)
        if opposed and _ALTERNATIVE.fullmatch(between):
            half = one if one in kept else other
            pairs[half] = Hit(half.start, half.stop, "either", "either")
    return [pairs.get(hit, hit) for hit in kept]


_ALTERNATIVE = re.compile(
    rf"\s*(?:,\s*(?:it\s+|its?\s+)?(?:could|can|may|might)|,?\s*(?:{_OR.pattern}))(?:\s+(?!if\b|when\b)[\w*]+){{0,4}}\s*",
    re.IGNORECASE,
)
"""What stands between two ways that are left open."""


def _merge(text: str, hits: Sequence[Hit]) -> list[Hit]:
    """Two ways joined by "or" are one reading, either; the same reading said twice running is one."""
    merged: list[Hit] = []
    opposite = {
        "left": "right",
        "right": "left",
        "up": "down",
        "down": "up",
        "steeper": "flatter",
        "flatter": "steeper",
    }
    for hit in hits:
        previous = merged[-1] if merged else None
        if previous is not None:
            between = text[previous.stop : hit.start]
            joined = (
                bool(_OR.search(between) or _ALTERNATIVE.fullmatch(between))
                and len(between.split()) <= 6
                and not re.search(r"[;:.]", between)
            )
            both = (
                opposite.get(previous.reading) == hit.reading
                and len(between.split()) <= 3
                and re.search(
                    r"\bboth\b|\bsowohl\b|\btanto\b", text[max(0, previous.start - 30) : previous.start], re.IGNORECASE
                )
            )
            if opposite.get(previous.reading) == hit.reading and (joined or both):
                merged[-1] = Hit(previous.start, hit.stop, "either", "either")
                continue
            apart = bool(_SUBJECT.search(between)) or len(between.split()) > 5
            same = previous.reading == hit.reading or (
                previous.reading == "either" and hit.reading in {"left", "right", "undetermined"}
            )
            if same and not apart and not re.search(rf"{FORMULA}", between):
                merged[-1] = Hit(previous.start, hit.stop, previous.reading, previous.word)
                continue
            # "steeper (more negative)", "decreases, steeper": the second word explains the first.
            explains = (
                {previous.reading, hit.reading} <= {"down", "up", "steeper", "flatter"}
                and not apart
                and not re.search(r"\b(?:and|then)\b", between)
            )
            if explains:
                clear = next((r for r in (previous.reading, hit.reading) if r in {"up", "down"}), previous.reading)
                merged[-1] = Hit(previous.start, hit.stop, clear, previous.word)
                continue
        merged.append(hit)
    return merged


def _open_direction(flow: Flow, line: Line, clause: Clause, nouns: Sequence[_Noun]) -> list[Hit]:
    """A motion whose way is left open: a cell "depends on …", a line "Elbow shifts"."""
    text = flow.text
    start, stop = clause.body()
    depends = DEPENDS.search(text, clause.start, clause.stop)
    moving = MOTION.search(text, start, clause.stop)
    known = bool(nouns) or (line.kind is Kind.CELL and bool(_SUBJECT.search(line.header)))
    if (
        depends
        and known
        and (
            moving
            or line.kind is Kind.CELL
            or re.search(r"direction|sentido|richtung|方向", text[clause.start : clause.stop], re.IGNORECASE)
        )
    ):
        return [Hit(depends.start(), depends.end(), "undetermined", "depends")]
    bare = text[start:stop].strip(" .*_→⇒\n")
    if (
        nouns
        and moving
        and len(bare.split()) <= 3
        and not flow.formulas(start, stop)
        and moving.start() > nouns[0].start
        and line.kind is not Kind.HEADING
    ):
        return [Hit(moving.start(), moving.end(), "undetermined", moving[0].casefold())]
    return []


def _subjects(
    flow: Flow,
    line: Line,
    clause: Clause,
    hit: Hit,
    before: Hit | None,
    following: Hit | None,
    nouns: Sequence[_Noun],
    last: tuple[str, ...],
) -> tuple[str | None, ...]:
    """What moves, in normal form; None where it is understood."""
    text = flow.text
    floor = before.stop if before is not None else clause.start
    preceding = [noun for noun in nouns if floor <= noun.start < hit.start]
    if preceding:
        return _joined(text, preceding)
    limit = following.start if following is not None else clause.stop
    behind = [noun for noun in nouns if hit.stop <= noun.start < min(limit, hit.stop + 40)]
    if (
        behind
        and re.match(
            r"\s*[*_]*(?:in|of|the|its|both|for|en|de|la|el|del|der|die|des|du|le|su)?\b[\s*_]*(?:the\s+|la\s+|el\s+)?[*_]*\Z",
            text[hit.stop : behind[0].start],
            re.IGNORECASE,
        )
        and not (following and text[hit.stop : behind[0].start].strip() == ",")
    ):
        return _joined(text, [behind[0], *behind[1:]], after=True)
    if line.kind is Kind.CELL and line.header:
        normal = normal_subject(line.header)
        if normal is not None:
            return (normal,)
    noun = _noun_phrase(flow, max(floor, _body_start(clause, hit)), hit.start, hit)
    if noun is not None:
        return (noun,)
    if last:
        return last[-1:]
    if _EVERYTHING.match(hit.word) or _BOTH.search(text[floor : hit.start]):
        return (None,)
    titled = _heading_subject(line)
    if titled or hit.reading not in {"left", "right", "either"}:
        return titled
    # "it is supposed to just move left": what moves is understood.
    return (None,) if MOTION.search(text, clause.start, hit.stop) else ()


def _body_start(clause: Clause, hit: Hit) -> int:
    start = clause.body()[0]
    return start if start <= hit.start else clause.start


def _heading_subject(line: Line) -> tuple[str, ...]:
    found = [normal_subject(m[0]) for m in _SUBJECT.finditer(line.label.title)]
    return tuple(noun for noun in found[:1] if noun)


def _joined(text: str, nouns: Sequence[_Noun], *, after: bool = False) -> tuple[str, ...]:
    """The nearest known subject, and those joined to it by "and"."""
    ordered = list(nouns) if after else list(reversed(nouns))
    kept = [ordered[0]]
    for noun in ordered[1:]:
        first, second = (kept[-1], noun) if after else (noun, kept[-1])
        if not _AND.match(text[first.stop : second.start]):
            break
        kept.append(noun)
    if not after:
        kept.reverse()
    return tuple(dict.fromkeys(noun.normal for noun in kept))


def _noun_phrase(flow: Flow, start: int, stop: int, hit: Hit) -> str | None:
    """The noun phrase right before a verb of change, or the symbol an arrow leaves from."""
    text = flow.text[start:stop]
    match = re.search(r"[,;:→⇒(—–]\s*[^,;:→⇒(—–]*\Z", text.rstrip(" ,;:→⇒(—–*_"))
    segment = text[match.start() + 1 :] if match else text
    offset = start + (match.start() + 1 if match else 0)
    formulas = flow.formulas(offset, stop)
    if formulas:
        place, formula = formulas[-1]
        rest = flow.text[place + 1 : stop].strip(" →⇒*_,:(")
        if all(word.casefold() in ADVERBS | DETERMINERS or MOTION.match(word) for word in rest.split()):
            return _symbol(formula)
    tokens = re.findall(r"[^\W\d_][\w'’-]*", segment.replace(FORMULA, " "))
    while tokens and (
        tokens[-1].casefold() in ADVERBS or MOTION.fullmatch(tokens[-1]) or tokens[-1].casefold() in DETERMINERS
    ):
        tokens.pop()
    while tokens and (tokens[0].casefold() in ADVERBS or tokens[0].casefold() in DETERMINERS):
        tokens.pop(0)
    if not tokens or len(tokens) > 7 or _PRONOUN.fullmatch(tokens[-1]):
        return None
    if hit.reading in {"left", "right"} and len(tokens) > 3:
        return None
    return normal_subject(" ".join(tokens))


def _symbol(formula: Formula) -> str | None:
    """The quantity a formula is about: the base of its left side (``w`` of ``w' = w - λx``)."""
    latex = formula.latex
    if latex is None:
        return None
    left = re.split(r"=|\\approx|\\to(?![a-z])|\\in(?![a-z])|<|>", latex)[0].strip()
    left = re.sub(r"(?:\^\{?\\prime\}?|'|′)+\s*\Z", "", left).strip(" {}\\,;")
    return left if 0 < len(left) <= 30 else None


def _in_formula(flow: Flow, line: Line, place: int, formula: Formula) -> Iterator[Found]:
    """Words and arrows set inside a formula: ``\\text{Elbow shifts right}``, ``w' = w - λx \\downarrow``."""
    latex = formula.latex
    if latex is None or (
        "\\text" not in latex
        and "arrow" not in latex
        and "\\mathrm" not in latex
        and "↑" not in latex
        and "↓" not in latex
    ):
        return
    clause = Clause(place, place + 1, (place, place + 1))
    for match in _TEXT.finditer(latex):
        inner = match[1].replace("\u00a0", " ").replace("~", " ")
        hits, nouns = hits_of(inner), _nouns(inner)
        given = _condition_before(latex, match.start())
        at = 0
        merged = _merge(
            inner, [h for h in hits if not (h.reading in {"left", "right"} and not (MOTION.search(inner) or nouns))]
        )
        for index, hit in enumerate(merged):
            before = [noun for noun in nouns if at <= noun.start < hit.start]
            following = merged[index + 1].start if index + 1 < len(merged) else len(inner)
            behind = [noun for noun in nouns if hit.stop <= noun.start < following]
            subjects: tuple[str, ...]
            if before or behind:
                subjects = _joined(inner, before) if before else _joined(inner, behind, after=True)
            else:
                phrase = normal_subject(
                    " ".join(t for t in re.findall(r"[^\W\d_]+", inner[at : hit.start]) if t.casefold() not in ADVERBS)
                )
                subjects = (phrase,) if phrase and hit.word not in SOFT else ()
            at = hit.stop
            for subject in subjects:
                yield _formula_direction(flow, line, clause, place, formula, subject, hit.reading, given)
    for match in _ARROW.finditer(latex):
        if (
            match[1]
            and re.match(r"\s*[_^{]?\s*[0\\]", latex[match.end() :])
            and re.match(r"\s*0|\s*\\infty", latex[match.end() :])
        ):
            continue
        segment = re.split(r"\\quad|\\qquad|;|\\Rightarrow|\\implies|⇒", latex[: match.start()])
        left = [part for part in segment if part.strip(" (,\\")]
        if not left:
            continue
        subject = re.split(r"=|\\approx|<|>", left[-1])[0].strip()
        subject = re.sub(r"(?:\^\{?\\prime\}?|'|′)+\s*\Z", "", subject).strip(" {}\\,;(")
        if subject and len(subject) <= 30:
            reading = "up" if (match[1] or match[2]) in {"uparrow", "nearrow", "↑"} else "down"
            yield _formula_direction(flow, line, clause, place, formula, subject, reading, None)


def _condition_before(latex: str, at: int) -> str | None:
    arrows = list(_IMPLIES.finditer(latex, 0, at))
    if not arrows:
        return None
    given = latex[: arrows[-1].start()].strip(" ,;\\")
    return f"${given}$" if given else None


def _formula_direction(
    flow: Flow, line: Line, clause: Clause, place: int, formula: Formula, subject: str, reading: str, given: str | None
) -> Found:
    span = formula.span
    return Found(
        place,
        place + 1,
        Statement(
            Manner.DIRECTION,
            0,
            0,
            line.label,
            quoted(flow, span),
            span,
            formula=formula,
            latex=formula.latex,
            subject=subject,
            reading=reading,
            condition=given or condition_of(flow, clause, line, place),
            boxed=formula.boxed,
            from_table=line.kind is Kind.CELL,
            context=context_of(flow, clause, line),
        ),
        line,
    )
