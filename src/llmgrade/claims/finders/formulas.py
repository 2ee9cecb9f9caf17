"""Mathematics that is asserted: equations, chains, expressions that stand as answers, limits, conditions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from llmgrade.claims.clauses import Clause, clauses
from llmgrade.claims.flow import BREAK, Flow
from llmgrade.claims.found import Found, condition_of, context_of, normal_subject, quoted
from llmgrade.claims.lexicon import FINAL, FORMULA, INTRODUCTIONS, OTHERWISE, TRAILERS
from llmgrade.claims.model import Manner, Statement
from llmgrade.claims.sections import Kind, Line, Speech
from llmgrade.claims.values import has_relation
from llmgrade.source import Span
from llmgrade.transcript.model import Formula, Mode

__all__ = ["find"]

_TRIVIAL = re.compile(
    r"\s*(?:\\?(?:[^\W\d_]|[a-z]{2,12})[\u0300-\u036f]?|\\(?:mathbf|mathrm|vec|hat|tilde|bar|check|mathcal|boldsymbol)\s*\{?\s*\\?[A-Za-z]+\s*\}?)"
    r"(?:\s*[_^]\s*(?:\{[^{}]{1,8}\}|\\[A-Za-z]+|[A-Za-z0-9*†])|['′*†ᵀᵢⱼₖₙ₀-₉]){0,3}(?:\s*\(\s*[^()=+]{1,8}\s*\))?\s*\Z"
)
_CONTINUES = re.compile(
    r"\s*(?:&\s*)?(?:=|≈|∝|≤|≥|<|>|\\(?:approx|propto|to|le|leq|ge|geq|equiv|sim|simeq)(?![A-Za-z]))"
)
_COPULA = re.compile(
    r"([^,.;:!?(]{2,70}?)\s*(?:\b(?:is|are|was|equals?|becomes?|stays|remains|reads|be|gives|yields|to|es|son|vale|valen|queda|resulta|ist|sind|lautet|"
    r"est|sont|vaut|devient|satisfies)\b|:|=|是|为|等于|равно|равен)\s*(?:then|thus|simply|just|exactly|again|therefore|the\s+row|about|approximately|also|"
    r"aproximadamente|einfach|simplement|\*\*|_)*\s*\Z",
    re.IGNORECASE,
)
_FINITE = frozenset(
    [
        "is",
        "are",
        "was",
        "were",
        "has",
        "have",
        "gives",
        "it",
        "this",
        "that",
        "we",
        "i",
        "they",
        "es",
        "son",
        "ist",
        "sind",
        "est",
        "sont",
    ]
)
# How far back (code points) the words may begin that a formula is said of.
_REACH = 90
_INTRODUCED = re.compile(r"[\s*_\-–—•→⇒✅🟢✨💡\U0001f300-\U0001faff\u2600-\u27bf]*")


@dataclass(frozen=True, slots=True)
class _Piecewise:
    start: int
    stop: int
    latex: str
    used: frozenset[int]


def find(speech: Speech) -> Iterator[Found]:
    """Every formula the writer puts forward; single symbols only where they stand as the answer."""
    flow = speech.flow
    previous: tuple[int, Formula, Line] | None = None
    introduced = False
    for line in speech.lines:
        final_line = introduced and line.kind is Kind.DISPLAY
        for clause in clauses(flow, line.start, line.stop):
            cases = _piecewise(flow, clause)
            used = cases.used if cases else frozenset()
            for place, formula in flow.formulas(clause.start, clause.stop):
                if place in used and (cases is None or place != cases.start):
                    continue
                if cases is not None and place == cases.start:
                    yield _found(flow, line, clause, place, formula, cases=cases, final=final_line)
                    previous = None
                    continue
                if _is_put_forward(flow, line, clause, place, formula):
                    chained = _chained(flow, previous, place, formula, line)
                    yield _found(flow, line, clause, place, formula, chained=chained, final=final_line)
                    yield from _inner_box(flow, line, clause, place, formula)
                previous = (place, formula, line)
        introduced = _introduces(speech.text(line)) or (introduced and line.kind is Kind.DISPLAY)


def _introduces(text: str) -> bool:
    """Whether a line announces a result: "✅ Final answer:", "So"."""
    lead = _INTRODUCED.match(text)
    at = lead.end() if lead else 0
    if FINAL.match(text, at):
        return True
    last = re.split(r"(?<=[.!?])\s+", text.strip())[-1]
    return bool(FINAL.match(last)) and bool(re.search(r"[:,]?\s*\Z", last))


def _is_put_forward(flow: Flow, line: Line, clause: Clause, place: int, formula: Formula) -> bool:
    latex = formula.latex
    if latex is None or formula.boxed or has_relation(latex):
        return True
    trivial = bool(_TRIVIAL.match(latex)) or bool(re.fullmatch(r"\s*-?\d+(?:\.\d+)?\s*", latex))
    if not trivial:
        return True
    if line.kind is Kind.CELL or formula.mode is Mode.DISPLAY:
        return True
    bare = flow.text[line.start : line.stop].replace(FORMULA, "", 1).strip(" .,;:*_✅✔()\n")
    if line.kind is not Kind.HEADING and not bare:
        return True
    start = clause.body()[0] if clause.body()[0] <= place else clause.start
    return bool(_COPULA.search(flow.text[max(start, place - _REACH) : place])) and _closes(
        flow.text, place, clause.stop
    )


def _inner_box(flow: Flow, line: Line, clause: Clause, place: int, formula: Formula) -> Iterator[Found]:
    """The boxed end of a longer formula, as a statement of its own."""
    latex = formula.latex
    at = latex.find("\\boxed") if latex else -1
    if latex is None or formula.boxed or at == -1:
        return
    start = latex.find("{", at)
    depth, stop = 0, start
    for stop in range(start, len(latex)):
        depth += {"{": 1, "}": -1}.get(latex[stop], 0)
        if depth == 0:
            break
    inner = latex[start + 1 : stop].strip()
    if start != -1 and inner and not inner.startswith("\\text"):
        whole = _found(flow, line, clause, place, formula, final=True)
        yield Found(whole.start, whole.stop, replace(whole.statement, latex=inner, boxed=True), line)


def _closes(text: str, place: int, stop: int) -> bool:
    """Whether the clause ends with this formula, or goes on only with a remark."""
    return bool(
        re.match(rf"\s*[*_]*(?:[.,;:)!]|i\.e|and\b|if\b|when\b|for\b|\Z|[{BREAK}\n])", text[place + 1 : stop] + BREAK)
    )


def _chained(
    flow: Flow, previous: tuple[int, Formula, Line] | None, place: int, formula: Formula, line: Line
) -> str | None:
    """The whole chain, where this formula begins with the relation that ties it to the one before."""
    latex = formula.latex
    if latex is None or previous is None or not _CONTINUES.match(latex):
        return None
    at, before, above = previous
    between = flow.text[at + 1 : place].strip(f" \n{BREAK},;*_")
    if between or before.latex is None or above.label.path != line.label.path or not before.latex.strip():
        return None
    return f"{before.latex.rstrip(' ,;.')} {latex.strip()}"


def _found(
    flow: Flow,
    line: Line,
    clause: Clause,
    place: int,
    formula: Formula,
    *,
    chained: str | None = None,
    cases: _Piecewise | None = None,
    final: bool = False,
) -> Found:
    span: Span = formula.span
    latex = chained or formula.latex
    stop = place + 1
    if cases is not None:
        latex, stop = cases.latex, cases.stop
        cover = flow.span(cases.start, cases.stop)
        # A printout tears formulas out of the prose: there the first formula alone is quoted.
        if cover.start <= span.start and span.stop <= cover.stop and cover.stop - cover.start < 400:
            span = cover
    start = clause.body()[0] if clause.body()[0] <= place else clause.start
    said = flow.text[start:place]
    lead = _INTRODUCED.match(flow.text, clause.sentence[0])
    announced = bool(FINAL.match(flow.text, lead.end() if lead else clause.sentence[0], place))
    return Found(
        place,
        stop,
        Statement(
            Manner.FORMULA,
            0,
            0,
            line.label,
            quoted(flow, span),
            span,
            formula=formula,
            latex=latex,
            subject=_subject(flow, line, said),
            condition=None if cases is not None else condition_of(flow, clause, line, place),
            boxed=formula.boxed,
            final=formula.boxed or final or announced,
            from_table=line.kind is Kind.CELL,
            context=context_of(flow, clause, line),
            hypothesis=clause.is_condition(place),
        ),
        line,
    )


def _subject(flow: Flow, line: Line, said: str) -> str | None:
    """What the formula is said of: its column's header, or the words before "is"."""
    if line.kind is Kind.CELL:
        return normal_subject(line.header) if line.header else None
    match = _COPULA.search(said[-_REACH:])
    if match is None and line.kind is Kind.DISPLAY and line.lead is not None:
        match = _COPULA.search(flow.text[line.lead[0] : line.lead[1]][-_REACH:])
    if match is None:
        return None
    words = re.split(
        rf"[,;:→⇒(—–{FORMULA}]|\b(?:that|which|so|because|since|hence|where|whose|que|cuyos|deren)\b", match[1]
    )[-1].split()
    if words and words[0].startswith(("'", "’")):
        return None
    if words and INTRODUCTIONS.match(" ".join(words)):
        return None
    finite = any(word.casefold() in _FINITE for word in words)
    return normal_subject(" ".join(words)) if 0 < len(words) <= 5 and not finite else None


def _piecewise(flow: Flow, clause: Clause) -> _Piecewise | None:
    """``A if C, otherwise B`` in words around formulas, as one ``cases``."""
    text = flow.text
    start, stop = clause.sentence
    other = OTHERWISE.search(text, max(start, clause.start), stop)
    if other is None:
        return None
    tail = re.compile(rf"[\s,:]*(?:and\s+|it\s+is\s+|is\s+|it's\s+)?(?:{FORMULA}|(zero|0|cero|null|zéro)\b)").match(
        text, other.end(), stop
    )
    head = re.compile(
        rf"({FORMULA})[\s,*_]*\(?([a-zA-Zü]+(?:\s+\w+)?)\s+({FORMULA})[\s,;.)*_]*(?:(?:and|y|und|et)\s+)?(?:is\s+)?(?:{FORMULA}|0|zero)?[\s,;]*\Z"
    ).search(text, start, other.start())
    if head is None:
        return None
    condition = TRAILERS.fullmatch(head[2].split()[0]) or TRAILERS.fullmatch(head[2])
    first, given = flow.formula_at(head.start(1)), flow.formula_at(head.start(3))
    if condition is None or first is None or given is None or first.latex is None or given.latex is None:
        return None
    used = {head.start(1), head.start(3)}
    before = text[head.end(3) : other.start()].strip(" ,;.)*_")
    value: str | None = None
    if before in {"0", "zero"}:
        value, end = "0", other.end()
    elif before == FORMULA:
        at = text.index(FORMULA, head.end(3))
        inner = flow.formula_at(at)
        value, end = (inner.latex if inner else None), other.end()
        used.add(at)
    elif tail is not None:
        end = tail.end()
        if tail[1]:
            value = "0"
        else:
            inner = flow.formula_at(tail.end() - 1)
            value = inner.latex if inner else None
            used.add(tail.end() - 1)
    if value is None:
        return None
    left, right = _split_equation(first.latex)
    latex = f"{left}\\begin{{cases}} {right} & \\text{{if }} {given.latex} \\\\ {value} & \\text{{otherwise}} \\end{{cases}}"
    return _Piecewise(head.start(1), end, latex, frozenset(used))


def _split_equation(latex: str) -> tuple[str, str]:
    """``(left side with its "=", right side)``; the left side is empty where there is no equation."""
    depth = 0
    cut = -1
    for index, char in enumerate(latex):
        if char in "{([":
            depth += 1
        elif char in "})]":
            depth -= 1
        elif char == "=" and depth == 0 and latex[index - 1 : index] not in {"\\", "<", ">", ":", "!"}:
            cut = index
    return ("", latex) if cut == -1 else (latex[: cut + 1] + " ", latex[cut + 1 :].strip(" .,;"))
