"""Numbers put in for symbols: "w = 2, b = 1, x = −1: from −0.25 to −0.231, right"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from llmgrade.claims.clauses import sentences
from llmgrade.claims.flow import Flow
from llmgrade.claims.found import Found, quoted
from llmgrade.claims.lexicon import words
from llmgrade.claims.model import Manner, Statement
from llmgrade.claims.motion import hits_of
from llmgrade.claims.sections import Kind, Line, Speech
from llmgrade.claims.values import assignments, is_number
from llmgrade.source import Span
from llmgrade.transcript.model import Formula

__all__ = ["find"]

_IN_WORDS = re.compile(r"(?<![\w\\'′)])([A-Za-zα-ω](?:_\w)?)\s*=\s*([-−]?\d+(?:\.\d+)?)(?![\w.]*\d|\s*[-+*/^=≈])")
_BETWEEN = re.compile(r"[\s,;&*_]*(?:and|y|und|et|with|mit|con|avec)?[\s,*_]*\Z", re.IGNORECASE)
_TAKES = re.compile(
    r"\b(?:take|taking|let|use|using|say|try|set|put|pick|choose|with|for|example|e\.g\.|for instance|suppose|plug|numerical(?:ly)?|toma|tomemos|"
    r"usando|uso|ejemplo|con|nimm|wähle|beispiel|mit|prenons|prenez|exemple|avec|取|例)\W*(?:\w+\W+){0,3}\Z",
    re.IGNORECASE,
)
_ENDS = words(
    "answer|final|summary|conclusion|verdict|result|respuesta|resumen|conclusión|antwort|ergebnis|réponse|résumé|答案|总结"
)
_MAX_LINES = 8


@dataclass(slots=True)
class _Group:
    start: int
    stop: int
    numbers: dict[str, str]
    latex: str
    spans: list[Span]
    formula: Formula | None
    results: list[str] = field(default_factory=list)
    lines: int = 0
    end: int = 0
    """Where in the flow what belongs to this example ends."""


def find(speech: Speech) -> Iterator[Found]:
    """Every worked example with its values, what it says comes out, and the way it says something moves."""
    flow = speech.flow
    usual: dict[str, str] = {}
    current: tuple[_Group, Line] | None = None
    for line in speech.lines:
        if line.kind is Kind.HEADING and not line.marked and current and not _ENDS.search(speech.text(line)):
            continue
        if line.kind is Kind.HEADING or (current and (line.marked or line.label.path != current[1].label.path)):
            if current:
                yield _found(flow, *current)
                current = None
            if line.kind is Kind.HEADING and not flow.formulas(line.start, line.stop):
                continue
        groups = _groups(flow, line)
        if not groups and current:
            _collect(flow, current[0], line.start, line.stop)
            current[0].lines += 1
            if current[0].lines >= _MAX_LINES:
                yield _found(flow, *current)
                current = None
            continue
        if groups and current and line.start > current[0].stop:
            # What stands before the next example still belongs to this one.
            _collect(flow, current[0], line.start, groups[0].start)
        for index, group in enumerate(groups):
            alone = len(group.numbers) == 1
            before = flow.text[max(line.start, group.start - 60) : group.start]
            stop = groups[index + 1].start if index + 1 < len(groups) else line.stop
            results = _results(flow, group.stop, stop)
            if alone and current is not None and not _TAKES.search(before):
                current[0].results.append(group.latex)
                current[0].spans += group.spans
                continue
            if alone and not (_TAKES.search(before) and results):
                if _TAKES.search(before):
                    usual.update(group.numbers)
                continue
            if current:
                yield _found(flow, *current)
            group.numbers = {**{k: v for k, v in usual.items() if k not in group.numbers}, **group.numbers}
            current = (group, line)
            _collect(flow, group, group.stop, stop)
    if current:
        yield _found(flow, *current)


def _groups(flow: Flow, line: Line) -> list[_Group]:
    """Runs of assignments in a line, in order."""
    found: list[_Group] = []
    marks: list[tuple[int, int, dict[str, str], str, Span, Formula | None]] = []
    for place, written in flow.formulas(line.start, line.stop):
        values = assignments(written.latex)
        if values:
            marks.append((place, place + 1, values, written.latex or "", written.span, written))
    for match in _IN_WORDS.finditer(flow.text, line.start, line.stop):
        span = flow.span(match.start(), match.end())
        marks.append((match.start(), match.end(), {match[1]: match[2].replace("−", "-")}, match[0], span, None))
    for start, stop, numbers, latex, span, formula in sorted(marks, key=lambda mark: mark[0]):
        last = found[-1] if found else None
        joined = (
            last is not None
            and bool(_BETWEEN.match(flow.text[last.stop : start]))
            and not (set(numbers) & set(last.numbers))
        )
        if last is not None and joined:
            last.numbers.update(numbers)
            last.latex = f"{last.latex}, {latex}"
            last.stop = last.end = stop
            last.spans.append(span)
        else:
            found.append(_Group(start, stop, dict(numbers), latex, [span], formula, end=stop))
    return [group for group in found if not _is_condition(flow, line, group)]


def _is_condition(flow: Flow, line: Line, group: _Group) -> bool:
    """``if x = 0`` names a case; it is no example."""
    before = flow.text[max(line.start, group.start - 8) : group.start]
    return len(group.numbers) == 1 and bool(
        re.search(r"\b(?:if|when|where|si|wenn|cuando|quand|at|case)\W*\Z", before, re.IGNORECASE)
    )


def _results(flow: Flow, start: int, stop: int) -> list[str]:
    return [formula.latex for _, formula in flow.formulas(start, stop) if formula.latex and is_number(formula.latex)]


def _collect(flow: Flow, group: _Group, start: int, stop: int) -> None:
    for place, formula in flow.formulas(start, stop):
        if formula.latex and is_number(formula.latex):
            group.results.append(formula.latex)
            group.spans.append(formula.span)
            group.end = max(group.end, place + 1)
    said = [hit for hit in hits_of(flow.text[start:stop]) if hit.reading in {"left", "right"}]
    if said:
        group.end = max(group.end, start + said[0].stop)


def _found(flow: Flow, group: _Group, line: Line) -> Found:
    after = flow.text[group.stop : group.end]
    said = [hit.reading for hit in hits_of(after) if hit.reading in {"left", "right"}]
    inner = [f.latex or "" for _, f in flow.formulas(group.stop, group.end)]
    said += [
        hit.reading
        for latex in inner
        for hit in hits_of(" ".join(re.findall(r"\\text\s*\{([^{}]*)\}", latex)))
        if hit.reading in {"left", "right"}
    ]
    cover = Span(min(s.start for s in group.spans), max(s.stop for s in group.spans))
    span = cover if cover.stop - cover.start < 800 else group.spans[0]
    same_line = line.start <= group.end <= line.stop
    if same_line:
        own = flow.span(group.start, group.end)
        span = own | span if own.stop - own.start < 400 and abs(own.start - span.start) < 200 else span
    whole = next(
        ((a, b) for a, b in sentences(flow, line.start, line.stop) if a <= group.start < b), (line.start, line.stop)
    )
    return Found(
        group.start,
        max(group.stop, group.end),
        Statement(
            Manner.EXAMPLE,
            0,
            0,
            line.label,
            quoted(flow, span),
            span,
            formula=group.formula,
            latex=group.latex,
            reading=said[0] if said else None,
            from_table=line.kind is Kind.CELL,
            context=flow.show(whole[0], max(whole[1], group.end)) if same_line else flow.show(whole[0], group.end),
            numbers=group.numbers,
            results=tuple(dict.fromkeys(group.results)),
        ),
        line,
    )
