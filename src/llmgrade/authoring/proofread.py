"""``rubric check``: what is wrong with a rubric beyond its form, each mistake at its place in the file.

`rubric.loading` reads the file; this room reads it as a colleague would: do the shapes fit, does the answer pass its own
tests, can every pitfall be reached, does every assumption do something, would the sample sizes hide a lost transpose, do the
points add up, is there a test that must be rejected. Codes are part of the contract: `CODES` names them all.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations
from pathlib import Path

from llmgrade.authoring.ablation import Assumption, ablate, ablate_symbols
from llmgrade.authoring.derive import derive
from llmgrade.authoring.outcomes import outcome_of
from llmgrade.checking.bench import Bench, bench_of
from llmgrade.checking.follow import put_in
from llmgrade.errors import Diagnostic, ExpressionError, LlmgradeError, did_you_mean
from llmgrade.expr.names import canonical_name
from llmgrade.expr.nodes import Relation, Sym, walk
from llmgrade.expr.notation import read, shape_of
from llmgrade.grading import judge_answer
from llmgrade.limits import Limits
from llmgrade.rubric.loading import Loaded, diagnose, diagnose_text
from llmgrade.rubric.model import (
    Choice,
    Derivation,
    Direction,
    Expression,
    Fact,
    Hook,
    Item,
    Number,
    Part,
    Pitfall,
    Rubric,
)
from llmgrade.source import Span

__all__ = ["CODES", "proofread", "proofread_text"]

CODES: dict[str, str] = {
    "unknown-key": "a key this format does not have",
    "unreadable-maths": "mathematics that cannot be read, the caret at the token",
    "shape-mismatch": "sizes that do not fit",
    "undeclared-symbol": "a letter that no symbol declares",
    "test-fails": "an answer that fails its own test",
    "not-derived": "an answer its own definition contradicts",
    "unreachable-pitfall": "a pitfall no answer can land in",
    "shadowed-pitfall": "a pitfall an earlier one always takes",
    "pitfall-equals-answer": "a pitfall that catches the right answer",
    "idle-assumption": "an assumption that does nothing",
    "load-bearing-assumption": "an assumption everything hangs on",
    "contradictory-assumptions": "assumptions no point satisfies",
    "blind-sampler": "sample sizes under which a transpose is invisible",
    "points-do-not-add-up": "points that are not the total",
    "no-rejecting-test": "a part without a test that must be rejected",
    "comment-in-maths": "` #` inside mathematics",
    "escape-in-quotes": "a TeX command in double quotes that YAML reads as an escape",
    "curly-quotes": "typographic quotes, which quote nothing",
    "circular-symbols": "symbols that are defined by each other",
    "answers-differ": "a second right answer of another value than the first",
    "follow-differs": "an answer that follows from a right one and is not right",
}
_WORDY = (Direction, Choice, Fact, Hook)
Where = tuple[int | str, ...]


def proofread(path: str | Path, limits: Limits | None = None) -> Loaded:
    """Everything there is to say about a rubric file, in file order. Raises UnreadableInput where it is no text."""
    return _proofread(diagnose(path), limits or Limits())


def proofread_text(text: str, name: str = "rubric.yaml", limits: Limits | None = None) -> Loaded:
    """The same, for a text."""
    return _proofread(diagnose_text(text, name), limits or Limits())


_OF_MATHS = frozenset({"unreadable-maths", "shape-mismatch", "undeclared-symbol", "limit-exceeded", "not-derived"})
"""What can still be said of a part of which something had to be left out."""


def _proofread(loaded: Loaded, limits: Limits) -> Loaded:
    rubric = loaded.draft
    if rubric is not None:
        _circles(loaded, rubric)
    form = list(loaded.diagnostics)
    if rubric is not None and not any(
        d.code in {"unknown-type", "unreadable-symbols", "circular-symbols"} for d in loaded.diagnostics
    ):
        if loaded.rubric is not None or not loaded.left_out:
            _points(loaded, rubric)
        _sampler(loaded, rubric)
        _symbols(loaded, rubric, limits)
        for index, part in enumerate(rubric.parts):
            try:
                bench = bench_of(rubric, part, {}, limits, "proofread")
            except (LlmgradeError, ValueError) as error:
                loaded.add("unreadable-symbols", f"the symbols cannot be read: {error}", loaded.span(("symbols",)))
                break
            _Part(loaded, rubric, index, bench, limits).read()
    cut = [d.span for d in loaded.diagnostics if d.code == "escape-in-quotes"]
    loaded.diagnostics = [
        d
        for d in loaded.diagnostics
        if d.code == "escape-in-quotes" or not any(d.span.start <= at.start < d.span.stop for at in cut)
    ]
    if loaded.left_out:
        loaded.diagnostics = form + [d for d in loaded.diagnostics if d not in form and _stands(loaded, d)]
    found = {(d.span.start, d.code, d.message): d for d in loaded.diagnostics}
    loaded.diagnostics = sorted(found.values(), key=lambda d: (d.span.start, d.severity, d.code))
    if loaded.errors:
        loaded.rubric = None
    return loaded


def _circles(loaded: Loaded, rubric: Rubric) -> None:
    """Symbols that are defined by each other: none of them ever has a value."""
    holders: list[tuple[Where, Rubric | Part]] = [((), rubric)]
    holders += [(("parts", i), part) for i, part in enumerate(rubric.parts)]
    bodies: dict[str, tuple[Where, str]] = {}
    for where, holder in holders:
        own = {
            canonical_name(name): ((*where, "symbols", name), symbol.derived)
            for name, symbol in holder.symbols.items()
            if symbol.derived is not None
        } | {canonical_name(name): ((*where, "define", name), text) for name, text in holder.define.items()}
        scope = {**(bodies if where else {}), **own}
        needs = {name: _names(text) & set(scope) for name, (_, text) in scope.items()}
        for name in own:
            circle = _way_back(name, needs)
            if circle:
                told = f"`{name}` is defined by itself" if len(circle) == 1 else f"{' by '.join([*circle, name])}"
                told = told if len(circle) == 1 else f"these symbols are defined by each other: {told}"
                loaded.add("circular-symbols", told, loaded.span(own[name][0]), "define one of them by what is given")
                break
        if not where:
            bodies = scope


def _names(text: str) -> set[str]:
    try:
        return {node.name for node in walk(read(text).expr) if isinstance(node, Sym)}
    except ExpressionError:
        return set()


def _way_back(name: str, needs: dict[str, set[str]]) -> list[str]:
    """A chain of definitions from a name to itself, the name first; empty where there is none."""
    waiting, seen = [[name]], {name}
    while waiting:
        chain = waiting.pop(0)
        for other in sorted(needs.get(chain[-1], ())):
            if other == name:
                return chain
            if other not in seen:
                seen.add(other)
                waiting.append([*chain, other])
    return []


def _stands(loaded: Loaded, found: Diagnostic) -> bool:
    """Whether what was found does not only come of what had to be left out."""
    if any(gone.start <= found.span.start < max(gone.stop, gone.start + 1) for gone in loaded.left_out):
        return False
    parts = {i: loaded.span(("parts", i)) for i in loaded.touched}
    inside = any(span.start <= found.span.start < span.stop for span in parts.values())
    return found.code in _OF_MATHS or not inside


def _symbols(loaded: Loaded, rubric: Rubric, limits: Limits) -> None:
    """What is assumed of each symbol taken away, and what becomes of answers, pitfalls and tests."""
    for found in ablate_symbols(rubric, limits):
        where: Where = (*(() if found.part is None else ("parts", found.part)), "symbols", found.name)
        if found.effect == "idle":
            loaded.add(
                "idle-assumption",
                f"that {found.name} is {found.text} does nothing: without it every answer, test and pitfall comes out the same",
                loaded.span(where),
                "leave it out, or see whether the question says it",
                "info",
            )
        else:
            loaded.add(
                "load-bearing-assumption",
                f"part {found.hangs} hangs on {found.name} being {found.text}: {found.why}",
                loaded.span(where),
                "does the question say so?",
                "info",
            )


def _points(loaded: Loaded, rubric: Rubric) -> None:
    if rubric.total is not None and abs(rubric.total - rubric.points) > 1e-9:
        several = " + ".join(f"{part.points:g}" for part in rubric.parts)
        loaded.add(
            "points-do-not-add-up",
            f"the points of the parts add up to {several} = {rubric.points:g}, the total says {rubric.total:g}",
            loaded.span(("total",)),
            f"write `total: {rubric.points:g}`, or mend the points of a part",
        )


def _sampler(loaded: Loaded, rubric: Rubric) -> None:
    """Sizes of one hide every transpose; two letters that always have one size hide those between them."""
    holders: list[tuple[Where, dict[str, tuple[int, ...]]]] = [((), rubric.sample)]
    holders += [(("parts", i), part.sample) for i, part in enumerate(rubric.parts)]
    for where, sample in holders:
        for letter, sizes in sample.items():
            if 1 in sizes:
                at = loaded.span((*where, "sample", letter, sizes.index(1)))
                loaded.add(
                    "blind-sampler",
                    f"at {letter} = 1 a matrix is a number, and a lost transpose cannot be seen",
                    at,
                    "leave 1 out: sizes from 2 on, different letters different sizes",
                )
        for one, other in combinations(sample, 2):
            if sample[one] == sample[other] and len(set(sample[one])) == 1:
                loaded.add(
                    "blind-sampler",
                    f"{one} and {other} are always {sample[one][0]}: every matrix is square, and a wrong order or a lost "
                    "transpose still fits",
                    loaded.span((*where, "sample", other)),
                    f"give {other} another size than {one}",
                )


class _Part:
    """One part, read with its bench at hand."""

    def __init__(self, loaded: Loaded, rubric: Rubric, index: int, bench: Bench, limits: Limits) -> None:
        self.loaded, self.rubric, self.index, self.bench, self.limits = loaded, rubric, index, bench, limits
        self.part: Part = rubric.parts[index]

    def read(self) -> None:
        """Everything about it."""
        for j, item in enumerate(self.part.expect):
            self.shapes(j, item)
            self.others(j, item)
            self.constant(j, item)
        self.definitions()
        self.rejecting()
        if self.own_errors() or not self.derived():  # what hangs on such a mistake would only repeat it
            return
        caught = len(self.loaded.errors)
        self.follows()
        self.pitfalls()
        self.assumptions()
        if len(self.loaded.errors) == caught:
            self.tests()

    def own_errors(self) -> bool:
        """Whether the part's mathematics has mistakes already."""
        span = self.loaded.span(("parts", self.index))
        codes = {"unreadable-maths", "shape-mismatch", "limit-exceeded", "escape-in-quotes"}
        return any(
            d.severity == "error" and d.code in codes and span.start <= d.span.start < max(span.stop, span.start + 1)
            for d in self.loaded.diagnostics
        )

    def place(self, *where: int | str) -> Where:
        """A place inside the part."""
        return ("parts", self.index, *where)

    def add(self, code: str, message: str, where: Where, hint: str | None = None, severity: str = "error") -> None:
        """A mistake at a place inside the part."""
        self.loaded.add(code, message, self.loaded.span(where), hint, severity)

    def at(self, where: Where, text: str, inner: Span) -> Span:
        """A place inside a text of the file."""
        outer = self.loaded.span(where)
        start = self.loaded.source.text.find(text, outer.start, outer.stop + 1) if text else -1
        return outer if start < 0 else Span(start + inner.start, start + inner.stop)

    # ------------------------------------------------------------------------------------------------- mathematics

    def shapes(self, j: int, item: Item) -> None:
        """Sizes that do not fit, letters that nobody declared."""
        for where, text, _ in item.maths():
            path = self.place("expect", j, *where)
            try:
                reading = read(text, self.bench.table, self.limits)
                shape_of(reading, self.bench.table)
            except ExpressionError as error:
                if error.code == "shape-mismatch":
                    span, name = self.at(path, text, error.span), self.label(text, item)
                    hint = (
                        f"is `{name}` what the answer is called? Then the answer alone, and `of: [{name}]`"
                        if name
                        else error.hint
                    )
                    self.loaded.add("shape-mismatch", error.reason, span, hint)
                continue
            self.undeclared(path, text)

    def label(self, text: str, item: Item) -> str | None:
        """The undeclared name an expression's answer begins with: ``g`` of ``g = 2 t b``."""
        expr = read(text, self.bench.table, self.limits).expr
        left = expr.terms[0] if isinstance(expr, Relation) and isinstance(item, Expression) else None
        if isinstance(left, Sym) and self.bench.table.get(left.name) is None:
            return left.name
        return None

    def undeclared(self, where: Where, text: str, own: Iterable[str] = ()) -> None:
        """Letters that no symbol declares; bound ones, and the ``own`` of a definition, are none."""
        declared = {*self.bench.symbols, *self.rubric.define, *self.part.define}
        if not declared or where[-1] in {"also"}:
            return
        expr = self.bench.gold(text)
        spelled = {alias for symbol in self.bench.symbols.values() for alias in symbol.also}
        known = {canonical_name(name) for name in (*declared, *spelled)} | set(self.bench.table.sizes)
        known |= {canonical_name(name) for name in own}
        reading = read(text, self.bench.table, self.limits)
        variables = [getattr(node, "variable", None) for node in walk(expr)]
        bound = {variable.name for variable in variables if isinstance(variable, Sym)}
        for node in walk(expr):
            if not isinstance(node, Sym) or node.name in known | bound or self.bench.table.relative(node.name):
                continue
            located = reading.located()
            span = reading.whole
            if located is not None:
                span = next(
                    (located.span(n) for n in walk(located.expr) if isinstance(n, Sym) and n.name == node.name), span
                )
            self.loaded.add(
                "undeclared-symbol",
                f"`{node.name}` is declared nowhere: it is taken for a number",
                self.at(where, text, span),
                did_you_mean(node.name, known) or "declare it under `symbols`",
                "warning",
            )
            known.add(node.name)

    def constant(self, j: int, item: Item) -> None:
        """The variable of an antiderivative has to be a declared number."""
        name = getattr(item, "plus_constant", None)
        if name is not None and self.bench.table.get(canonical_name(name)) is None:
            self.variable(self.place("expect", j, "plus_constant"), "plus_constant", name)

    def others(self, j: int, item: Item) -> None:
        """Another right answer that has the sizes of the first, and another value: both are accepted."""
        answer = getattr(item, "answer", None)
        if not isinstance(item, Expression | Number) or not isinstance(answer, str):
            return
        for i, text in enumerate(item.also):
            try:
                first, second = (read(one, self.bench.table, self.limits) for one in (answer, text))
                alike = shape_of(first, self.bench.table) == shape_of(second, self.bench.table)
                differ = alike and self.bench.decide(self.bench.gold(answer), self.bench.gold(text)).different
            except ExpressionError:
                continue
            if differ:
                self.add(
                    "answers-differ",
                    f"this is accepted as well as `{answer}`, and it is not equal to it",
                    self.place("expect", j, "also", i),
                    "is it right too, under another reading of the question? Otherwise take it out",
                    "warning",
                )

    def definitions(self) -> None:
        """Derivations that can't be read, or speak of names nobody declared."""
        holders: list[tuple[Where, Derivation | None]] = [(self.place("derive"), self.part.derive)]
        holders += [(self.place("expect", j, "derive"), item.derive) for j, item in enumerate(self.part.expect)]
        for where, how in holders:
            if how is None:
                continue
            variables = {key: name for key, name in (("wrt", how.wrt), ("over", how.over), ("for", how.for_)) if name}
            spoken: set[str] = set()
            for key in ("d", "argmin", "solve", "limit", "value", "simulate", "iff", "grows"):
                text = getattr(how, key)
                if text is not None and self.readable((*where, key), text):
                    spoken |= {node.name for node in walk(self.bench.gold(text)) if isinstance(node, Sym)}
                    self.undeclared((*where, key), text, variables.values())
            for key, name in variables.items():
                if canonical_name(name) not in spoken:
                    self.variable((*where, key), key, name)

    def variable(self, where: Where, key: str, name: str) -> None:
        """A definition's variable that no symbol declares."""
        declared = {*self.bench.symbols, *self.rubric.define, *self.part.define}
        if declared and self.bench.table.get(canonical_name(name)) is None and name not in self.bench.table.sizes:
            self.add(
                "undeclared-symbol",
                f"`{key}` names `{name}`, which is declared nowhere",
                where,
                did_you_mean(name, declared) or "declare it under `symbols`",
            )

    def readable(self, where: Where, text: str) -> bool:
        """Whether a text can be read; if not, it is said where."""
        try:
            self.bench.gold(text)
        except ExpressionError as error:
            error = self.unspelled(text) or error
            span = self.at(where, text, error.span)
            self.loaded.diagnostics.append(
                Diagnostic("unreadable-maths", error.reason, self.loaded.source, span, error.hint)
            )
            return False
        return True

    def unspelled(self, text: str) -> ExpressionError | None:
        """The mistake of a text as the author wrote it, other spellings not yet put in."""
        try:
            read(text, self.bench.table, self.limits)
        except ExpressionError as error:
            return error
        return None

    # ------------------------------------------------------------------------------------------------- pitfalls

    def pitfalls(self) -> None:
        """Unreachable, shadowed, the answer itself."""
        wordy = all(isinstance(item, _WORDY) or item.__class__.__name__ == "Cases" for item in self.part.expect)
        earlier: list[tuple[Pitfall, int]] = []
        for k, pitfall in enumerate(self.part.pitfalls):
            where = self.place("pitfalls", k)
            texts = [(i, text) for i, text in enumerate(pitfall.when) if isinstance(text, str)]
            if not wordy:
                texts = [(i, t) for i, t in texts if t in _WAYS or self.readable((*where, "when", i), t)]
                for i, text in texts:
                    if text not in _WAYS and not any(isinstance(item, Number) for item in self.part.expect):  # units
                        self.undeclared((*where, "when", i), text)
            self.reach(pitfall, where)
            if wordy:
                self.wordy_shadow(pitfall, earlier, where)
            else:
                self.compared(pitfall, texts, earlier, where)
            earlier.append((pitfall, k))

    def reach(self, pitfall: Pitfall, where: Where) -> None:
        """A pitfall without a way in."""
        named = {
            form.pitfall
            for item in self.part.expect
            for form in (*getattr(item, "forbid", ()), *getattr(item, "require", ()))
        } | {getattr(item, "missing", None) for item in self.part.expect}
        if not (
            pitfall.when
            or pitfall.says
            or pitfall.erases
            or pitfall.side
            or pitfall.id in named
            or pitfall.id in self.part.tests
        ):
            self.add(
                "unreachable-pitfall",
                f"no answer can land in `{pitfall.id}`: it has neither `when` nor `says`",
                (*where, "id"),
                "say under `when` which wrong answers it is about",
            )

    def wordy_shadow(self, pitfall: Pitfall, earlier: list[tuple[Pitfall, int]], where: Where) -> None:
        """Directions and choices: an earlier pitfall on the same item with the same words."""
        for before, _ in earlier:
            same = not before.item or not pitfall.item or set(before.item) & set(pitfall.item)
            if same and pitfall.when and set(map(str, pitfall.when)) <= set(map(str, before.when)):
                self.shadowed(pitfall, before, where)
                return
        for item in self.part.expect:
            if isinstance(item, Direction) and (not pitfall.item or item.id in pitfall.item):
                for i, way in enumerate(pitfall.when):
                    if way == item.answer and (pitfall.item or len(self.part.expect) == 1):
                        self.equals(pitfall, (*where, "when", i))

    def compared(
        self, pitfall: Pitfall, texts: list[tuple[int, str]], earlier: list[tuple[Pitfall, int]], where: Where
    ) -> None:
        """Against the answers of its items, then against earlier pitfalls."""
        items = [item for item in self.part.expect if not pitfall.item or item.id in pitfall.item]
        for i, text in texts:
            if text in _WAYS:
                continue
            if any(self.same(item, text) for item in items) and (pitfall.item or len(items) == 1):
                self.equals(pitfall, (*where, "when", i))
                return
        if not texts or pitfall.says or pitfall.erases:
            return
        for before, _ in earlier:
            shared = not before.item or not pitfall.item or set(before.item) & set(pitfall.item)
            if not shared or before.id == pitfall.id:
                continue
            theirs = self.bench.golds(text for text in before.when if isinstance(text, str) and text not in _WAYS)
            if all(any(self.bench.decide(one, self.bench.gold(text)).equal for one in theirs) for _, text in texts):
                self.shadowed(pitfall, before, where)
                return

    def same(self, item: Item, text: str) -> bool:
        """Whether a wrong answer is a right one of the item."""
        if isinstance(item, _WORDY) or item.__class__.__name__ in {"Cases", "Objective"}:
            return False
        answers = [getattr(item, "answer", ""), *getattr(item, "also", ())]
        wrong = self.bench.gold(text)
        return any(self.bench.decide(gold, wrong).equal for gold in self.bench.golds(answers))

    def equals(self, pitfall: Pitfall, where: Where) -> None:
        self.add(
            "pitfall-equals-answer",
            f"`{pitfall.id}` catches the right answer: this is equal to it under the declared symbols",
            where,
            "write the wrong answer here, or drop an assumption that makes them equal",
        )

    def shadowed(self, pitfall: Pitfall, before: Pitfall, where: Where) -> None:
        self.add(
            "shadowed-pitfall",
            f"`{pitfall.id}` never gets its turn: whatever lands in it lands in `{before.id}` first",
            (*where, "id"),
            f"put it before `{before.id}`, or give it wrong answers of its own",
        )

    # ------------------------------------------------------------------------------------------------- what it proves

    def rejecting(self) -> None:
        """A part whose tests accept everything proves nothing."""
        worth = {p.id: p.credit for p in self.rubric.pitfalls_of(self.part)}
        rejects = self.part.tests.get("reject") or any(worth.get(name, 1.0) < 1.0 for name in self.part.tests)
        if not rejects:
            self.add(
                "no-rejecting-test",
                f"part {self.part.id} has no test that must be rejected",
                self.place("tests") if self.part.tests else self.place("id"),
                "add `tests: {reject: [...]}` with an answer that looks right and is not",
                "warning",
            )

    def derived(self) -> bool:
        """Whether no answer is contradicted by its definition; those that are, are shown."""
        own = self.part.derive
        right = True
        for j, item in enumerate(self.part.expect):
            found = derive(self.bench, item, item.derive or (own if j == 0 else None))
            if found.outcome == "contradicted":
                told, right = found.how, False
                self.add(
                    "not-derived",
                    f"the answer is not what its definition gives: {told}",
                    self.place("expect", j, "answer"),
                    "one of the two is wrong: derive it once more by hand",
                )
        return right

    def follows(self) -> None:
        """What follows from the right answer to an earlier part must be the right answer here."""
        for k, follow in enumerate(self.part.follow):
            where = self.place("follow", k, "answer")
            named = follow.item or next((i.id for i in self.part.expect if not i.optional), self.part.expect[0].id)
            mine, theirs = (
                getattr(item, "answer", None)
                for item in (self.part.item(named), self.rubric.part(follow.from_).expect[0])
            )
            if not isinstance(mine, str) or not isinstance(theirs, str):
                self.add("follow-differs", "only answers that are one piece of mathematics can be followed", where)
                continue
            text = put_in(follow.answer, follow.from_, theirs)
            try:
                read(put_in(follow.answer, follow.from_, "1" * len(follow.from_)), self.bench.table, self.limits)
                self.bench.gold(text)
            except ExpressionError as error:  # the number is as long as the braces: places are the author's
                if error.code != "shape-mismatch":
                    span = self.at(where, follow.answer, error.span)
                    self.loaded.add("unreadable-maths", error.reason, span, error.hint)
                    continue
            if not self.bench.decide(self.bench.gold(mine), self.bench.gold(text)).equal:
                self.add(
                    "follow-differs",
                    f"from the right answer to {follow.from_} this comes to `{text}`, which is not the right answer here",
                    where,
                    f"`{{{follow.from_}}}` is replaced by the whole answer to {follow.from_}",
                )

    def assumptions(self) -> None:
        """Each assumption taken away, and what becomes of answers, pitfalls and tests."""
        for found in ablate(self.bench):
            where: Where = ("given", found.index) if found.shared else self.place("given", found.index)
            self.assumption(found, where)

    def assumption(self, found: Assumption, where: Where) -> None:
        if found.effect == "idle" and not found.shared:
            self.add(
                "idle-assumption",
                f"`{found.text}` does nothing here: without it every answer, test and pitfall comes out the same",
                where,
                "leave it out, or see whether another condition was meant",
                "warning",
            )
        elif found.effect == "load-bearing":
            self.add(
                "load-bearing-assumption",
                f"part {self.part.id} hangs on `{found.text}`: {found.why}",
                where,
                "does the question say so?",
                "info",
            )
        elif found.effect == "contradictory":
            self.add(
                "contradictory-assumptions",
                f"no point was found at which `{found.text}` holds together with the other conditions",
                where,
                "one of the conditions contradicts another",
            )

    def tests(self) -> None:
        """Answers that fail their own test."""
        for outcome, answers in self.part.tests.items():
            for i, answer in enumerate(answers):
                try:
                    _, judged = judge_answer(self.rubric, self.part.id, answer, limits=self.limits, seed="proofread")
                except ExpressionError:  # of the rubric's own mathematics, which is shown elsewhere
                    return
                got = outcome_of(judged)
                if outcome not in got:
                    said = ", ".join(sorted(got - {"reject"}) or sorted(got))
                    self.add(
                        "test-fails",
                        f"this should come out as `{outcome}` and comes out as `{said}`",
                        self.place("tests", outcome, i),
                        _mend(outcome, got),
                    )


def _mend(outcome: str, got: Iterable[str]) -> str:
    if outcome == "correct":
        return "is the answer of the part right? `llmgrade rubric preview` shows how this one is read and judged"
    if "correct" in got:
        return "this answer is right: no wrong answer, or the part's answer is not the one that was meant"
    return "`llmgrade rubric preview` shows how it is read, and which pitfall takes it"


_WAYS = frozenset({"left", "right", "up", "down", "either", "unchanged", "swapped"})
