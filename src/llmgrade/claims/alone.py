"""An answer that is one formula, perhaps announced ("The answer is"), and nothing else: its transcript and its one statement, without looking for claims.

Batches are full of them. What is made here is what `reading` and `find_statements` would make, in a fiftieth of the time;
anything that could be said in two ways (a relation, a comma, a word, an unusual command) is refused and takes the long road.
"""

from __future__ import annotations

import re

from llmgrade.claims.model import Label, Manner, Statement
from llmgrade.source import Source, Span
from llmgrade.transcript.model import Formula, Method, Mode, Prose, Role, Transcript, Turn

__all__ = ["alone"]

_LONGEST = 600
_SHAPE = re.compile(r"\$(?P<inline>[^$]+)\$|\$\$(?P<display>[^$]+)\$\$|\\\((?P<round>.+)\\\)|\\\[(?P<square>.+)\\\]")
_CHARACTERS = re.compile(r"(?:\\[,;!:]|[A-Za-z0-9\\^_{}()\[\]+\-*/|.' Α-Ωα-ω†⊤])+")
_COMMAND = re.compile(r"\\(?:([A-Za-z]+)|(.))")
_KNOWN = re.compile(
    r"frac|dfrac|tfrac|left|right|cdot|times|sqrt|exp|ln|log|sin|cos|tan|operatorname|top|dagger|boxed|pi|alpha|beta"
    r"|gamma|delta|epsilon|varepsilon|zeta|eta|theta|kappa|lambda|mu|nu|xi|rho|sigma|tau|phi|varphi|chi|psi|omega"
    r"|Gamma|Delta|Theta|Lambda|Xi|Pi|Sigma|Phi|Psi|Omega|mathbf|mathrm|boldsymbol|hat|bar|tilde|vec|lVert|rVert"
    r"|Vert|bigl|bigr|big|Big|Bigl|Bigr|det|tr"
)
_SPACES = frozenset(",;!: |")
_PLAIN = re.compile(r"(?=.*[\^_+*/\\(])(?:\\[,;!]|[A-Za-z0-9^_{}()\[\]+\-*/|. \\])*")
_WORD = re.compile(r"(?<![\\A-Za-z])[A-Za-z]{3,}|(?<![\\A-Za-z])[A-Za-z]{2} +[A-Za-z]")
_ANNOUNCED = re.compile(
    r"(?:(?:So|Thus|Hence|Therefore),? +)?(?:(?:the|my|our) +)?(?:final +)?answer(?: +is)? *:? *(?=\$)", re.IGNORECASE
)
_BULLET = re.compile(r"(?:[*+]|\d+[.)])\s")


def alone(answer: str) -> tuple[Transcript, Statement] | None:
    """The answer as a chat of one turn, and what it asserts; None where it is not one plain formula."""
    found = _formula(answer)
    if found is None:
        return None
    latex, start, mode = found
    if len(latex) > _LONGEST or not _CHARACTERS.fullmatch(latex) or not _readable(latex):
        return None
    boxed = latex.startswith("\\boxed{")
    if "\\boxed" in latex and not (boxed and _is_one_box(latex)):
        return None
    span = Span(start, start + len(latex))
    formula = Formula(latex, span, latex, mode, Method.SOURCE, boxed=boxed)
    said = _ANNOUNCED.match(answer)
    lead = Span(0, said.end() if said else 0)
    tail = (
        Span(len(answer.rstrip()) - 1, len(answer.rstrip())) if said and answer.rstrip().endswith("$.") else Span(0, 0)
    )
    words = [Prose(answer[at.start : at.stop], at) if at.stop > at.start else None for at in (lead, tail)]
    pieces = tuple(piece for piece in (words[0], formula, words[1]) if piece is not None)
    turn = Turn(0, Role.ASSISTANT, pieces, Span(0, len(answer)))
    statement = Statement(
        Manner.FORMULA,
        0,
        0,
        Label(),
        latex,
        span,
        formula=formula,
        latex=latex,
        boxed=boxed,
        final=True,
        context=f"${latex}$",
    )
    return Transcript(Source("answer", answer), "answer", (turn,)), statement


def _formula(answer: str) -> tuple[str, int, Mode] | None:
    """The LaTeX, where it begins, and how it is set."""
    said = _ANNOUNCED.match(answer)
    text = answer[said.end() :].strip().removesuffix(".") if said else answer.strip()
    if "\n" in text:
        return None
    offset = said.end() if said else len(answer) - len(answer.lstrip())
    match = _SHAPE.fullmatch(text)
    if match is not None:
        kind = match.lastgroup
        assert kind is not None
        inner = match[kind]
        latex = inner.strip()
        mode = Mode.INLINE if kind in {"inline", "round"} else Mode.DISPLAY
        return (latex, offset + match.start(kind) + inner.index(latex), mode) if latex else None
    if _PLAIN.fullmatch(text) and not _WORD.search(text) and not _BULLET.match(text):
        return text, offset, Mode.INLINE
    return None


def _readable(latex: str) -> bool:
    return all(
        (_KNOWN.fullmatch(word) is not None if word else sign in _SPACES) for word, sign in _COMMAND.findall(latex)
    )


def _is_one_box(latex: str) -> bool:
    depth = 0
    for place, char in enumerate(latex):
        depth += (char == "{") - (char == "}")
        if depth == 0 and char == "}":
            return place == len(latex) - 1
    return False
