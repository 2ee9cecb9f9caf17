"""``rubric new``: a worked solution (Markdown, LaTeX or plain text) as the beginning of a rubric.

Sections become parts, their last formulas answers, declared letters symbols, and wrong answers one edit away from each answer
are offered as pitfalls. What is not understood says TODO; what comes out loads.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from llmgrade.authoring.labels import Label, labels_of
from llmgrade.authoring.mutants import mutants
from llmgrade.authoring.outcomes import outcome_of
from llmgrade.authoring.suggestions import slug
from llmgrade.checking.bench import bench_of
from llmgrade.errors import ExpressionError, LlmgradeError
from llmgrade.expr.infer import Misfit, shape
from llmgrade.expr.names import canonical_name
from llmgrade.expr.nodes import Adjoint, Derivative, Expr, PInv, Relation, Sym, Transpose, walk
from llmgrade.expr.notation import read
from llmgrade.expr.show.plain import plain
from llmgrade.expr.symbols import SymbolTable
from llmgrade.grading import judge_answer
from llmgrade.limits import Limits
from llmgrade.rubric.loading import diagnose_text

__all__ = ["Sketch", "sketch"]

_HEADING = re.compile(
    r"^\s*(?:#{1,6}\s+(?P<md>.+?)|\\(?:sub)*section\*?\{(?P<tex>.+?)\}|\*\*(?P<bold>(?:\(?[a-z0-9]{1,2}[).]|Part|Problem).*?)\*\*"
    r"|(?P<item>\(?(?:[a-z]|\d{1,2})[).]\s+.+))\s*$",
    re.I,
)
_FORMULA = re.compile(
    r"\$\$(?P<a>.+?)\$\$|\\\[(?P<b>.+?)\\\]|\\begin\{(?P<env>equation|align|gather)\*?\}(?P<c>.+?)\\end\{(?P=env)\*?\}"
    r"|(?<!\\)\$(?P<d>[^$\n]+?)(?<!\\)\$|\\\((?P<e>.+?)\\\)",
    re.S,
)
_IN = re.compile(
    r"(?P<names>[^∈$]+?)\s*(?:∈|\\in\b)\s*(?:ℝ|\\mathbb\s*\{?R\}?|\\R\b|R)\s*(?:\^\s*(?:\{(?P<long>[^}]*)\}|(?P<short>\w)))?"
)
_PLAIN_IN = re.compile(
    r"(?<![$\\\w])(?P<names>[A-Za-z](?:(?:,| and|, and) [A-Za-z])*) (?:in|∈) (?:R|ℝ)\^?\{?(?P<sizes>\w(?: ?[x×] ?\w)?)\}?(?!\w)"
)
"""Declarations outside formulas: ``w and c in R^n``."""
_RANGE = re.compile(r"^(?P<name>\\?[A-Za-zα-ω]\w*)\s*(?:>|\\gt)\s*0$")
_PART = re.compile(
    r"^(?:part|problem|question|exercise)?\s*\(?(?P<id>[a-z]|\d{1,2}|[ivx]{1,4})[).:]\s*(?P<rest>.*)$", re.I
)


@dataclass(slots=True)
class _Section:
    title: str
    id: str
    text: str = ""
    marked: bool = False
    """Whether it says itself that it is a part: ``(b)``, ``3.``"""
    formulas: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Sketch:
    """A rubric file in the making."""

    text: str
    parts: int
    answered: int
    derived: int
    pitfalls: int
    todo: int


def sketch(solution: str, name: str, title: str = "", question: str = "") -> Sketch:
    """The rubric text for a worked solution; ``name`` becomes its id. A ``question`` lends titles and declarations."""
    solution, question = _untexed(solution), _untexed(_INLINE_ITEM.sub(r"\n(\1) ", question))
    heading, sections = _sections(solution)
    asked = {section.id: section.title for section in _sections(question)[1]} if question else {}
    for section in sections:
        section.title = section.title or asked.get(section.id, "")
    every = [f for text in (question, solution) for _, f in _formulas(text)]
    symbols = _declared(every, f"{question}\n{solution}")
    answers = [_answer(section, symbols) for section in sections]
    guessed = _guessed(answers, symbols)
    table = SymbolTable.from_json({k: _json(v) for k, v in {**symbols, **guessed}.items()})
    lines = ["# yaml-language-server: $schema=./rubric.schema.json", "llmgrade: 1", f"id: {name}"]
    lines.append(f"title: {_quoted(title or heading or 'TODO what the problem is called')}")
    lines.append(
        "cues:  # TODO words by which a chat about this problem is known; each line is one vote, two are needed"
    )
    lines += [f"  - {_quoted(cue)}" for cue in _cues(heading, sections)]
    if symbols or guessed:
        lines.append("symbols:")
        lines += [f"  {_quoted(letter)}: {_quoted(said)}" for letter, said in symbols.items()]
        lines += [f"  {_quoted(letter)}: {_quoted(said)}  # TODO guessed" for letter, said in guessed.items()]
    sizes = sorted(table.sizes)
    if sizes:
        lines.append("sample: {" + ", ".join(f"{size}: [{3 + k}]" for k, size in enumerate(sizes)) + "}")
    lines.append("parts:")
    counts = {"answered": 0, "derived": 0, "pitfalls": 0}
    for section, answer in zip(sections, answers, strict=True):
        lines += _part(section, answer, table, counts)
    text = "\n".join(lines) + "\n"
    text = _with_pitfalls(text, counts)
    return Sketch(text, len(sections), counts["answered"], counts["derived"], counts["pitfalls"], text.count("TODO"))


_INLINE_ITEM = re.compile(r"(?<=\S)[ \t]+\(([a-h])\)[ \t]+")


def _untexed(text: str) -> str:
    """LaTeX's title and enumerated items as lines that say so: ``\\item`` of an ``enumerate`` is ``(a)``."""
    text = re.sub(r"(?s)^.*?\\begin\{document\}", lambda m: "".join(re.findall(r"\\title\{[^{}]*\}", m[0])), text)
    text = re.sub(r"(?s)\\end\{document\}.*$", "", text)
    text = re.sub(r"\\title\{([^{}]*)\}", r"\n# \1\n", text)
    out, letters, depth = [], 0, 0
    for piece in re.split(r"(\\begin\{enumerate\}(?:\[[^\]]*\])?|\\end\{enumerate\}|\\item(?:\[[^\]]*\])?)", text):
        if piece.startswith("\\begin{enumerate}"):
            depth += 1
        elif piece.startswith("\\end{enumerate}"):
            depth -= 1
            out.append("\n")
        elif piece.startswith("\\item") and depth == 1:
            own = re.search(r"\[\(?(\w{1,3})[).]?\]", piece)
            letters += 1
            out.append(f"\n({own[1] if own else chr(ord('a') + letters - 1)}) ")
        elif depth == 1 and letters:
            out.append(re.sub(r"[ \t]*\n(?=[ \t]*\S)", "\n", piece).strip() + "\n")
        else:
            out.append(piece)
    return "".join(out)


def _sections(solution: str) -> tuple[str, list[_Section]]:
    """The title, and the sections with formulas in them."""
    heading, fresh = "", _Section("", "a")
    sections: list[_Section] = []
    for line in solution.splitlines():
        found = _HEADING.match(line)
        said = next((value for value in found.groupdict().values() if value), "") if found else ""
        marked = _PART.match(said.strip("* ")) if said else None
        if found and (found["item"] is None or marked):
            if not heading and not marked and not sections and not fresh.text.strip():
                heading = said.strip("* #")
                continue
            if fresh.text.strip() and ((fresh.id and fresh.marked) or _formulas(fresh.text)):
                sections.append(fresh)
            label = marked["id"].lower() if marked else ""
            rest = (marked["rest"] if marked else said).strip("* #.:")
            fresh = _Section(_worded(rest or said), label, marked=bool(marked))
            if found["item"]:
                fresh.text += said + "\n"
            continue
        fresh.text += line + "\n"
    if fresh.text.strip() and ((fresh.id and fresh.marked) or _formulas(fresh.text)):
        sections.append(fresh)
    sections = _once(sections)
    if len(sections) > 1 and not sections[0].id and not sections[0].title:
        sections = sections[1:]
    if len(sections) > 1 and sections[0].title == "" and sections[1].id == "a":
        sections = sections[1:]  # the statement before the first part
    taken: set[str] = set()
    for index, section in enumerate(sections):
        while not section.id or section.id in taken:
            section.id = chr(ord("a") + index) if section.id != chr(ord("a") + index) else f"p{index + 1}"
        taken.add(section.id)
        section.formulas = [f for _, f in _formulas(section.text)]
    return heading, sections or [_Section(heading or "TODO", "a")]


def _worded(title: str) -> str:
    """A title in words: what it says in formulas may be the answer. Empty where nothing is left."""
    bare = re.sub(r"\s+", " ", _FORMULA.sub("…", re.sub(r"\*\*|__", "", title))).strip(" .:;,-–—=…")
    return bare if len(re.findall(r"[^\W\d_]{2,}", bare)) > 1 and not re.search(r"\\[a-z]", bare) else ""


def _once(sections: list[_Section]) -> list[_Section]:
    """A part that is stated first and solved later is one part: the later one, with the earlier one's title."""
    kept: list[_Section] = []
    for section in sections:
        before = next((s for s in kept if s.marked and s.id and s.id == section.id and not _formulas(s.text)), None)
        if before is not None:
            section.title = section.title or before.title
            kept.remove(before)
        kept.append(section)
    return kept


def _formulas(text: str) -> list[tuple[int, str]]:
    found = []
    for match in _FORMULA.finditer(text):
        inner = next(match[k] for k in "abcde" if match[k])
        for line in re.split(r"\\\\", inner):
            line = re.sub(r"\\(?:label|tag)\{.*?\}|&|\\nonumber", "", line).strip().rstrip(".,;")
            boxed = re.fullmatch(r"(.*?)\\boxed\{(.*)\}", line, re.S)
            line = f"{boxed[1]} {boxed[2]}".strip() if boxed else line
            if line:
                found.append((match.start(), line))
    return found


def _declared(formulas: list[str], text: str) -> dict[str, str]:
    """Letters the text says the nature of: ``x ∈ ℝⁿ``, ``A ∈ ℝ^{m×n}``, ``λ > 0``."""
    found: dict[str, str] = {}
    for formula in formulas:
        for match in _IN.finditer(formula):
            sizes = match["long"] or match["short"]
            for letter in re.split(r"\s*,\s*", match["names"].strip()):
                letter = letter.strip("{} ")
                if re.fullmatch(r"\\?[A-Za-zα-ωΑ-Ω]\w*", letter):
                    found[letter] = _shape(sizes)
        ranged = _RANGE.match(formula.strip())
        if ranged:
            found.setdefault(ranged["name"], "scalar > 0")
    for match in _PLAIN_IN.finditer(text):
        for letter in re.findall(r"\b[A-Za-z]\b", match["names"]):
            found.setdefault(letter, _shape(match["sizes"]))
    for letter, said in list(found.items()):
        if said.startswith("matrix") and re.search(
            rf"symmetric[^.]*\${re.escape(letter)}\b|\${re.escape(letter)}\$ (?:is|be) symmetric", text
        ):
            found[letter] = said.replace("matrix", "symmetric").split(",")[0] + ")"
    return found


def _shape(sizes: str | None) -> str:
    if not sizes:
        return "scalar"
    several = [size.strip() for size in re.split(r"×|\\times|(?<=\w) ?x ?(?=\w)", sizes)]
    return f"vector({several[0]})" if len(several) == 1 else f"matrix({several[0]}, {several[1]})"


def _json(short: str) -> dict[str, object]:
    from llmgrade.rubric.model import Symbol
    from llmgrade.rubric.symbols import declared

    return declared(Symbol.model_validate({"is": short}))


@dataclass(slots=True)
class _Answer:
    of: str = ""
    text: str = ""
    expr: Expr | None = None
    why: str = ""


def _answer(section: _Section, symbols: dict[str, str]) -> _Answer:
    """The last formula of a section that can be read: what stands right of its last equals sign."""
    table = SymbolTable.from_json({k: _json(v) for k, v in symbols.items()})
    why = "no formula in it"
    for formula in reversed(section.formulas):
        if _IN.search(formula) and "=" not in formula:
            continue
        sides = [side.strip() for side in re.split(r"(?<![<>!\\])=(?!=)", formula)]
        try:
            whole = read(formula, table).expr
            if len(sides) > 1 and isinstance(whole, Relation) and set(whole.ops) == {"="}:
                return _Answer(sides[0], sides[-1], read(sides[-1], table).expr)
            if isinstance(whole, Sym) or _is_regime(whole):
                continue
            return _Answer("", formula, whole)
        except ExpressionError as error:
            why = f"`{formula}` cannot be read: {error.reason}"
    typed = _typed(section.text) if not section.formulas else None
    if typed is not None:
        left, _, right = typed.rpartition("=") if typed.count("=") == 1 else ("", "", typed)
        try:
            return _Answer(left.strip(), right.strip(), read(right.strip(), table).expr)
        except ExpressionError:
            why = f"`{typed}` cannot be read"
    said = " ".join(_PART.sub(r"\g<rest>", section.text.strip()).split())
    return _Answer(why=f"{why}: {said}" if said else why)


def _is_regime(whole: Expr) -> bool:
    """``t → ∞`` says where something goes, and is no answer."""
    return isinstance(whole, Relation) and set(whole.ops) == {"->"} and isinstance(whole.terms[0], Sym)


_TYPED = re.compile(r"(?:[\w.]{1,2}|sin|cos|exp|log|ln|sqrt|det|pi|[-+*/^=()<>, ])+")


def _typed(text: str) -> str | None:
    """A formula typed without any marks (``x = 3``), where a section is nothing else."""
    lines = [line for line in text.strip().splitlines() if line.strip()]
    said = _PART.sub(r"\g<rest>", lines[-1].strip()).strip(" .") if lines else ""
    good = _TYPED.fullmatch(said) and re.search(r"\d|=", said) and not re.search(r"[A-Za-z] [A-Za-z]", said)
    return said if good else None


def _guessed(answers: list[_Answer], symbols: dict[str, str]) -> dict[str, str]:
    """Letters nobody declared: transposed capitals are matrices, transposed small letters vectors, the rest numbers."""
    known = {canonical_name(letter) for letter in symbols}
    found: dict[str, str] = {}
    for answer in answers:
        turned = (
            {
                node.arg.name
                for node in walk(answer.expr)
                if isinstance(node, Transpose | Adjoint | PInv) and isinstance(node.arg, Sym)
            }
            if answer.expr is not None
            else set()
        )
        for node in walk(answer.expr) if answer.expr is not None else ():
            if isinstance(node, Sym) and node.name not in known and node.name not in found:
                matrix = "matrix(n, n)" if node.name[:1].isupper() else "vector(n)"
                found[node.name] = matrix if node.name in turned else "scalar"
    return found


def _derivation(answer: _Answer, table: SymbolTable) -> str | None:
    """``∂f/∂x`` on the left is a definition of the answer."""
    if not answer.of:
        return None
    try:
        left = read(answer.of, table).expr
    except LlmgradeError:
        return None
    if isinstance(left, Derivative) and len(left.variables) == 1 and not isinstance(left.body, Sym):
        return f"{{d: {_quoted(plain(left.body))}, wrt: {_quoted(plain(left.variables[0]))}}}"
    return None


def _part(section: _Section, answer: _Answer, table: SymbolTable, counts: dict[str, int]) -> Iterator[str]:
    yield f"  - id: {section.id}"
    yield f"    title: {_quoted(section.title.strip() or 'TODO what is asked')}"
    yield "    points: 1"
    if answer.expr is None:
        yield "    kind: fact  # TODO " + answer.why.replace("\n", " ").replace("#", "")[:160]
        yield '    words: ["TODO"]'
        return
    counts["answered"] += 1
    derivation = _derivation(answer, table)
    if derivation is not None:
        counts["derived"] += 1
        yield f"    derive: {derivation}"
    else:
        yield "    # TODO derive: a definition, so that the answer proves itself"
    if isinstance(answer.expr, Relation):
        yield "    kind: condition" if set(answer.expr.ops) - {"="} else "    kind: equation"
    yield f"    answer: {_quoted(answer.text)}"
    if answer.of:
        yield f"    of: [{_quoted(answer.of)}]"
    yield f"    tests: {{correct: [{_quoted(answer.text)}]}}"


def _with_pitfalls(text: str, counts: dict[str, int]) -> str:
    """Wrong answers one edit away under each part, two of them as tests that must be rejected."""
    loaded = diagnose_text(text, "draft")
    if loaded.rubric is None:
        return text
    for part in loaded.rubric.parts:
        item = part.expect[0]
        answer = getattr(item, "answer", None)
        if not isinstance(answer, str):
            continue
        bench = bench_of(loaded.rubric, part, {}, Limits(), "new")
        gold = bench.gold(answer)
        labels = labels_of(bench, [gold])
        wrong: dict[str, str] = {}
        for mutant in mutants(gold, bench.table):
            told = labels.label(mutant.expr, mutant.operator)
            sure = (
                _fits(mutant.expr, bench.table)
                and told is Label.WRONG
                and labels.label(mutant.expr, mutant.operator, lenient=True) is Label.WRONG
            )
            if sure and mutant.operator not in wrong and not bench.decide(gold, mutant.expr).equal:
                wrong[mutant.operator] = plain(mutant.expr)
        chosen = list(wrong.items())
        counts["pitfalls"] += len(chosen)
        old = f"    tests: {{correct: [{_quoted(answer)}]}}\n"
        drafts = "".join(
            f'    #  - {{id: {slug(operator)}, when: {_quoted(shown)}, credit: 0, say: "TODO {operator}"}}\n'
            for operator, shown in chosen
        )
        rejected = ", ".join(_quoted(shown) for _, shown in chosen[:2])
        new = (
            f"    # TODO pitfalls: those of these that are made, under the key `pitfalls:`\n{drafts}" if drafts else ""
        )
        tests = f"    tests: {{correct: [{_quoted(answer)}], reject: [{rejected}]}}\n" if rejected else old
        if "correct" not in outcome_of(judge_answer(loaded.rubric, part.id, answer, seed="new")[1]):
            tests = f"    # TODO tests: {_quoted(answer)} is not recognised when it is the whole answer\n"
        at = text.index(f"  - id: {part.id}\n")
        text = text[:at] + text[at:].replace(old, new + tests, 1)
    return text


def _fits(expr: Expr, table: SymbolTable) -> bool:
    try:
        shape(expr, table)
    except Misfit:
        return False
    return True


def _cues(heading: str, sections: list[_Section]) -> list[str]:
    words = [heading] if heading else []
    words += [section.title for section in sections if section.title and "…" not in section.title]
    cues = list(dict.fromkeys(re.sub(r"[\\$*_{}^|/]", " ", word).strip().lower() for word in words))
    return [cue for cue in cues if cue][:4] or ["TODO"]


def _quoted(text: str) -> str:
    """A YAML scalar that is surely the text."""
    if re.fullmatch(r"[A-Za-z][A-Za-z0-9 ()]*", text) and text.lower() not in {
        "y",
        "n",
        "yes",
        "no",
        "on",
        "off",
        "true",
        "false",
        "null",
    }:
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ") + '"'
