"""The answer is one (or several) of the options, by letter or by its words."""

from __future__ import annotations

import re

from llmgrade.checking.bench import Bench
from llmgrade.checking.evidence import Matched
from llmgrade.checking.ruling import Ruling, claim_of, denied, pitfalls_of
from llmgrade.checking.section import Section
from llmgrade.checking.verdict import Verdict
from llmgrade.rubric.model import Choice
from llmgrade.rubric.phrases import find_phrase, fold

__all__ = ["judge"]

_SAYS = r"(?:answers?|options?|choices?|choose|select|correct|respuestas?|opcion(?:es)?|antwort(?:en)?|reponses?|答案|选)[^\d(\[]{0,24}?(?<![\w'])"


def judge(item: Choice, section: Section, bench: Bench) -> Ruling:
    """The options named in the last sentence that names any."""
    ruling = Ruling(item)
    for statement, text in reversed(section.sentences):
        picked = _picked(item, text)
        if not picked:
            continue
        section.use(statement)
        right = set(picked) == set(item.answer)
        ruling.verdict = (
            Verdict.CORRECT if right else Verdict.PARTIAL if set(picked) & set(item.answer) else Verdict.INCORRECT
        )
        if not right:
            ruling.pitfalls += [
                p for p in pitfalls_of(bench, item) if set(picked) & {w for w in p.when if isinstance(w, str)}
            ][:1]
        ruling.claims.append(
            claim_of(statement, "choice", ruling.verdict, Matched(", ".join(picked), not right), reading=", ".join(picked), item=item,
                     pitfalls=[p.id for p in ruling.pitfalls])
        )  # fmt: skip
        break
    return ruling


def _bare(text: str) -> str:
    """A folded text without what TeX puts around letters: ``\\mathcal{o}(\\log n)`` is ``o(log n)``."""
    text = re.sub(
        r"\\(?:mathcal|mathrm|mathbf|operatorname|text|left|right|,|;|!|:)(?![a-z])|\\(?=[a-z])|[{}]", "", text
    )
    return re.sub(r"\s*([()])\s*", r"\1", re.sub(r"\s+", " ", text)).strip()


def _picked(item: Choice, text: str) -> list[str]:
    """The options a folded sentence names: by letter ("the answers are a and c", "(b)"), or by their words."""
    letters = {fold(letter): letter for letter in item.options}
    one = "|".join(sorted(map(re.escape, letters), key=len, reverse=True))
    marked = rf"[(\[]?(?:{one})[)\]]?"
    several = re.compile(
        rf"(?:{_SAYS}|^\W*|\b(?:rather|but|instead|sondern|sino|so|hence|thus|therefore|daher|luego|donc|it is|it's|es ist|es la) )(?P<all>{marked}(?:\s*(?:,|;|&|/|\+|and|y|und|et|sowie|as well as)+\s*{marked})*)(?=\s*(?:$|[).,;:!?\]–—-]|(?:(?:and|y|und|et|or|oder|o|ou)(?!\s+{marked}(?!\w))|because|since|as|are|weil|porque|car|(?:is|ist|es|est)(?= (?:(?:the|my|die|der|la|le) )?(?:correct|right|answer|true|best|richtig|antwort|correct\w|respuesta|bonne)))\b))"
    )
    named: set[str] = set()
    for match in several.finditer(text):
        if not denied(text, match.start("all"), match.end("all")):
            named |= {letters[key] for key in re.findall(rf"(?<![\w'])(?:{one})(?![\w'])", match["all"])}
    bare = _bare(text)
    for letter, words in item.options.items():
        for where, phrase in ((text, words), (bare, _bare(fold(words)))):
            said = find_phrase([phrase], where, folded=True) if len(phrase) > 3 else None
            if said is not None and not denied(where, *said.span()):
                named.add(letter)
    return [letter for letter in item.options if letter in named]
