"""A rubric: what a problem asks, what a right answer is, and which mistakes have a name.

A rubric is data that refuses to be wrong: unknown keys, double ids and unreadable mathematics die while it loads, so
that grading never has to wonder. There is one class per thing a part may expect, one ``kind`` to tell them apart.
Mathematics is kept here as the author wrote it; `loading` has read every piece of it once before a rubric exists.
"""

from __future__ import annotations

import difflib
import hashlib
import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PrivateAttr, field_validator, model_validator

from llmgrade.rubric.meanings import MEANINGS
from llmgrade.rubric.phrases import unknown_meaning

__all__ = [
    "Branch",
    "Cases",
    "Choice",
    "Condition",
    "Derivation",
    "Direction",
    "Equation",
    "Expected",
    "Expression",
    "Fact",
    "Follow",
    "Form",
    "Hook",
    "Item",
    "Limit",
    "Maths",
    "MathsAt",
    "Number",
    "Objective",
    "Part",
    "Pitfall",
    "Rubric",
    "Rubrics",
    "SetOf",
    "Symbol",
    "Test",
]

Identifier = Annotated[str, Field(pattern=r"^[a-zA-Z0-9][a-zA-Z0-9_-]*$")]
PartId = Annotated[str, Field(pattern=r"^[a-zA-Z0-9]+([.][a-zA-Z0-9]+)*$")]
Maths: TypeAlias = str
"""Mathematics in any notation `expr.notation` reads: LaTeX, Unicode, plain, numpy-like."""


def _phrase(text: str) -> str:
    stranger = unknown_meaning(text)
    if stranger is not None:
        near = difflib.get_close_matches(stranger[1:], MEANINGS, n=1)
        told = f"did you mean `@{near[0]}`?" if near else f"there are {', '.join('@' + name for name in MEANINGS)}"
        raise ValueError(f"a phrase names a meaning that is not there ({told}): {stranger!r}")
    return text


Phrase: TypeAlias = Annotated[str, AfterValidator(_phrase)]
"""Words to look for in prose: case and accents do not matter, ``*`` ends a stem, ``…`` skips words within a sentence,
``a|b`` are alternatives, ``/…/`` is a regular expression, ``@vanishes`` a meaning with all the ways to say it."""
Share = Annotated[float, Field(ge=0.0, le=1.0)]
Locator = tuple[int | str, ...]
MathsAt = tuple[Locator, Maths, str]
"""Where a piece of mathematics stands in the rubric, its text, and ``expression`` or ``relation``."""


class Value(BaseModel):
    """Frozen, and no strangers."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Symbol(Value):
    """What a letter means: ``{is: "matrix(m, n)", also: [A], assume: [invertible]}``, or in short ``"matrix(m, n)"``.

    Types: ``scalar`` (``real``, ``integer``), ``vector(n)``, ``matrix(m, n)``, ``identity``, and as short words for
    matrices with a property ``orthogonal(n)``, ``symmetric(n)``, ``spd(n)``, ``diagonal(m, n)``. A range follows:
    ``scalar > 0``, ``0 < v < 1``. ``matrix(m, n) = U Σ V^T`` makes it a derived symbol: it means that expression.
    """

    is_: str = Field(default="scalar", alias="is")
    also: tuple[str, ...] = ()
    """Other spellings of the same thing, e.g. ``\\varphi(x)`` beside ``\\phi``."""
    assume: tuple[str, ...] = ()
    note: str = ""

    @property
    def derived(self) -> Maths | None:
        """The expression a derived symbol stands for, or None: what follows a single ``=``."""
        found = re.search(r"(?<![<>!=])=(?!=)", self.is_)
        return self.is_[found.end() :].strip() if found else None

    @property
    def declared(self) -> str:
        """The declaration without the expression: type, sizes, properties."""
        found = re.search(r"(?<![<>!=])=(?!=)", self.is_)
        return (self.is_[: found.start()] if found else self.is_).strip()


class Form(Value):
    """How an answer must or must not be written, beyond its value."""

    symbols: tuple[str, ...] = ()
    """Any one of these names."""
    contains: tuple[Maths, ...] = ()
    """Any one of these as it stands, e.g. ``X X^T``."""
    when_asked: tuple[Phrase, ...] = ()
    """Only where the person's request for the part has one of these; none: always."""
    or_objected: tuple[Phrase, ...] = ()
    """... or where the person's next message has one of these."""
    pitfall: Identifier | None = None
    """The pitfall it counts as; its credit and words are the pitfall's."""
    credit: Share = 0.5
    say: str = ""

    @field_validator("symbols", "contains", "when_asked", "or_objected", mode="before")
    @classmethod
    def _one_or_many(cls, value: Any) -> Any:
        return _many(value)


class Pitfall(Value):
    """A mistake with a name: what lands in it, what it still earns, what a teacher says about it."""

    id: Identifier
    when: tuple[Maths | dict[str, Maths], ...] = ()
    """Answers that land here, in the notation of the item they answer (for cases: by branch; for directions: a word)."""
    says: tuple[Phrase, ...] = ()
    """Wordings in prose that land here."""
    unless: tuple[Phrase, ...] = ()
    """Words in the same sentence that make such a wording true."""
    item: tuple[Identifier, ...] = ()
    """The expected items it is about; none: every item of a fitting kind."""
    credit: Share = 0.0
    say: str = ""
    """Feedback; ``{witness}`` is filled with numbers under which the answer fails."""
    verdict: Literal["incorrect", "partial"] = "incorrect"
    """What an answer that lands here is called: wrong, or right as far as it goes."""
    counts_as: tuple[Identifier, ...] = ()
    """Other names under which the same mistake is reported."""
    erases: Literal["transpose"] | None = None
    """It also catches every answer that is the right one but for lost transposes, whatever their shapes."""
    side: bool = False
    """A false remark beside a right answer: reported, and the answer itself stays as good as it is."""

    @field_validator("when", "says", "unless", "item", "counts_as", mode="before")
    @classmethod
    def _one_or_many(cls, value: Any) -> Any:
        return _many(value)


class Derivation(Value):
    """How the answer can be re-derived by a road that shares nothing with the comparison."""

    d: Maths | None = None
    wrt: str | None = None
    argmin: Maths | None = None
    over: str | None = None
    solve: Maths | None = None
    for_: str | None = Field(default=None, alias="for")
    limit: Maths | None = None
    as_: str | None = Field(default=None, alias="as")
    value: Maths | None = None
    """An expression in other words that must have the same value, e.g. before simplification."""
    simulate: Maths | None = None
    """A quantity whose sign over the case is the direction, e.g. ``e1 - e``."""
    iff: Maths | None = None
    """A statement that is true in exactly the same situations as the condition that is the answer."""
    holds: Maths | None = None
    """A statement with ``{answer}`` in it that is true where the right answer is put in, and only there."""
    grows: Maths | None = None
    """A count whose growth (in ``wrt``) picks the option of a choice among ``O(…)``."""


class Item(Value):
    """One thing a part expects. Every kind may also be answered in words: ``words`` say it right, ``against`` wrong."""

    id: Identifier = "answer"
    optional: bool = False
    """Counts where it is stated; its absence is no fault."""
    cues: tuple[Phrase, ...] = ()
    """Words beside a statement that tell this item from its neighbours."""
    words: tuple[Phrase, ...] = ()
    against: tuple[Phrase, ...] = ()
    given: tuple[Maths, ...] = ()
    """Conditions under which the answer must hold, beyond the part's."""
    weight: Annotated[float, Field(gt=0)] = 1.0
    derive: Derivation | None = None
    say: str = ""

    @field_validator("cues", "words", "against", "given", "also", "of", "one_of", mode="before", check_fields=False)
    @classmethod
    def _one_or_many(cls, value: Any) -> Any:
        return _many(value)

    def maths(self) -> Iterator[MathsAt]:
        """Every piece of mathematics of the item, with its place below the item."""
        yield from ((("given", i), text, "relation") for i, text in enumerate(self.given))
        for name in ("answer", "also"):
            value = getattr(self, name, ())
            if isinstance(value, str):
                yield (name,), value, "expression"
            elif isinstance(value, tuple):
                yield from (((name, i), text, "expression") for i, text in enumerate(value) if isinstance(text, str))


class Expression(Item):
    """The answer is this expression, as mathematics and not as text."""

    kind: Literal["expression"] = "expression"
    answer: Maths
    also: tuple[Maths, ...] = ()
    """Other right answers that are not equal to the first (e.g. the matrix alone beside the matrix times y)."""
    of: tuple[str, ...] = ()
    """What stands left of the equals sign: names and expressions, as written."""
    bare: bool = True
    """Whether a formula without one of these names may be the answer too."""
    forbid: tuple[Form, ...] = ()
    require: tuple[Form, ...] = ()
    layout: Literal["row", "column", "any"] | None = None
    plus_constant: str | None = None
    """The variable of an antiderivative: whatever does not depend on it may be added (``+ C``)."""

    @field_validator("forbid", "require", mode="before")
    @classmethod
    def _forms(cls, value: Any) -> Any:
        return _many(value)


class Equation(Item):
    """The answer is this equation: both sides may be moved about, the statement must be the same."""

    kind: Literal["equation"] = "equation"
    answer: Maths
    also: tuple[Maths, ...] = ()
    of: tuple[str, ...] = ()

    def maths(self) -> Iterator[MathsAt]:
        for where, text, _ in super().maths():
            yield where, text, "relation"


class Condition(Item):
    """The answer is a condition or inequality, true in exactly the same situations."""

    kind: Literal["condition"] = "condition"
    answer: Maths
    also: tuple[Maths, ...] = ()
    names: Literal["exact", "free"] = "exact"

    def maths(self) -> Iterator[MathsAt]:
        for where, text, _ in super().maths():
            yield where, text, "relation"


class SetOf(Item):
    """The answer is a set or interval."""

    kind: Literal["set"] = "set"
    answer: Maths
    also: tuple[Maths, ...] = ()
    of: tuple[str, ...] = ()


Way = Literal["left", "right", "up", "down", "either", "unchanged"]


class Direction(Item):
    """Something moves this way over the whole case, not just at a point of it."""

    kind: Literal["direction"] = "direction"
    change: Maths
    """The quantity whose sign is the direction, e.g. ``e1 - e``; positive is right or up."""
    axis: Literal["left-right", "up-down"] = "left-right"
    subject: tuple[Phrase, ...] = ()
    """How the moving thing is called."""
    answer: Way
    splits: tuple[Maths, ...] = ()
    """Where the direction is ``either``: a condition under which it is right (or up), for conditional answers."""

    @field_validator("subject", "splits", mode="before")
    @classmethod
    def _several(cls, value: Any) -> Any:
        return _many(value)

    def maths(self) -> Iterator[MathsAt]:
        yield ("change",), self.change, "expression"
        yield from ((("given", i), text, "relation") for i, text in enumerate(self.given))
        yield from ((("splits", i), text, "relation") for i, text in enumerate(self.splits))


class Branch(Value):
    """One row of a case answer: under this condition, this value."""

    when: Maths
    then: Maths
    define: dict[str, Maths] = Field(default_factory=dict)
    """What derived symbols come to in this branch, e.g. ``φ: 0``."""
    words: tuple[Phrase, ...] = ()
    """How the branch is called in prose: ``inactive``, ``off``."""
    answers: tuple[Phrase, ...] = ()
    """How its value is said in prose: ``unchanged``."""
    also: tuple[Maths, ...] = ()
    optional: bool = False

    @field_validator("words", "answers", "also", mode="before")
    @classmethod
    def _one_or_many(cls, value: Any) -> Any:
        return _many(value)


class Cases(Item):
    """The answer is a table of cases; it is graded for soundness and for completeness."""

    kind: Literal["cases"] = "cases"
    of: tuple[str, ...] = ()
    answer: tuple[Branch, ...]
    missing: Identifier | None = None
    """The pitfall of a value stated for one case as if it held in all."""

    def maths(self) -> Iterator[MathsAt]:
        yield from ((("given", i), text, "relation") for i, text in enumerate(self.given))
        for i, branch in enumerate(self.answer):
            yield ("answer", i, "when"), branch.when, "relation"
            yield ("answer", i, "then"), branch.then, "expression"
            yield from ((("answer", i, "also", j), text, "expression") for j, text in enumerate(branch.also))


class Limit(Item):
    """What something tends to, or behaves like."""

    kind: Literal["limit"] = "limit"
    of: tuple[str, ...] = ()
    as_: str = Field(alias="as")
    """The regime, e.g. ``λ → ∞`` or ``σ ≪ λ``."""
    regime: tuple[Phrase, ...] = ()
    """Other spellings of the regime, words included."""
    runs: tuple[Phrase, ...] = ()
    """What the variable that runs is called in prose (``penalty``): what is said of it is the regime, and no answer."""
    answer: Maths
    also: tuple[Maths, ...] = ()

    @field_validator("regime", "runs", mode="before")
    @classmethod
    def _several(cls, value: Any) -> Any:
        return _many(value)


class Objective(Item):
    """A function whose minimiser is asked about: any increasing affine function of it is as good.

    ``wrt`` names the variable; factors and constants that do not depend on it do not matter.
    """

    kind: Literal["objective"] = "objective"
    answer: Maths
    wrt: str
    of: tuple[str, ...] = ()
    also: tuple[Maths, ...] = ()
    terms: tuple[Maths, ...] = ()
    """Parts of it that may be stated alone (a likelihood, a prior), each with its right factor."""
    bare: Literal["correct", "partial"] = "correct"
    """What the objective alone is worth where a derivation was asked for."""


class Number(Item):
    """A number within a tolerance, with its unit."""

    kind: Literal["number"] = "number"
    answer: Maths
    also: tuple[Maths, ...] = ()
    of: tuple[str, ...] = ()
    tolerance: Annotated[float, Field(ge=0)] = 0.0
    relative: Annotated[float, Field(ge=0)] = 0.0
    unit: str | None = None
    figures: int | None = None


class Choice(Item):
    """One (or several) of the options."""

    kind: Literal["choice"] = "choice"
    options: dict[str, str]
    answer: tuple[str, ...]

    @field_validator("answer", mode="before")
    @classmethod
    def _several(cls, value: Any) -> Any:
        return _many(value)

    def maths(self) -> Iterator[MathsAt]:
        return iter(())


class Fact(Item):
    """Something said in prose: accepted wordings in ``words``, their opposites in ``against``."""

    kind: Literal["fact"] = "fact"


class Hook(Item):
    """Decided by a function found by entry point ``llmgrade.hooks``."""

    kind: Literal["hook"] = "hook"
    name: Identifier
    options: dict[str, str] = Field(default_factory=dict)


Expected = Annotated[
    Expression | Equation | Condition | SetOf | Direction | Cases | Limit | Objective | Number | Choice | Fact | Hook,
    Field(discriminator="kind"),
]


class Follow(Value):
    """An answer that is right given the person's own earlier wrong one; ``{b}`` stands for what was said in part b."""

    from_: PartId = Field(alias="from")
    answer: Maths
    item: Identifier | None = None
    """The item it is about; none: the first that counts."""
    credit: Share = 0.75
    unless: tuple[Maths, ...] = ()
    """Equations (``{b} = 0``) under which the earlier mistake made the part trivial: no credit where one holds."""
    say: str = ""

    @field_validator("unless", mode="before")
    @classmethod
    def _several(cls, value: Any) -> Any:
        return _many(value)


class Test(Value):
    """Answers by the outcome they must have: ``correct``, ``reject``, or a pitfall's id."""

    __test__ = False  # pytest, this is not a test of ours
    outcome: str
    answers: tuple[str, ...]


class Part(Value):
    """One part of a problem."""

    id: PartId
    title: str = ""
    points: Annotated[float, Field(ge=0)] = 1.0
    cues: tuple[Phrase, ...] = ()
    """By which a prompt's item, or an unlabelled answer, is known to be this part."""
    show: bool = False
    """The answer stands in the prompt; the work is in the way."""
    symbols: dict[str, Symbol] = Field(default_factory=dict)
    define: dict[str, Maths] = Field(default_factory=dict)
    given: tuple[Maths, ...] = ()
    granted: tuple[Maths, ...] = ()
    """What may be taken for granted without being said (a small step); a claim that needs it is reported as a remark."""
    sample: dict[str, tuple[int, ...]] = Field(default_factory=dict)
    derive: Derivation | None = None
    expect: tuple[Expected, ...] = Field(min_length=1)
    any_of: bool = False
    """One of the items is enough."""
    pitfalls: tuple[Pitfall, ...] = ()
    use: tuple[Identifier, ...] = ()
    follow: tuple[Follow, ...] = ()
    tests: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    waive: dict[str, str] = Field(default_factory=dict)
    """Mutants that are allowed to survive, with the reason in writing."""

    @field_validator("cues", "given", "granted", "use", "follow", mode="before")
    @classmethod
    def _one_or_many(cls, value: Any) -> Any:
        return _many(value)

    @field_validator("tests", "sample", mode="before")
    @classmethod
    def _lists(cls, value: Any) -> Any:
        return {key: _many(one) for key, one in value.items()} if isinstance(value, Mapping) else value

    @model_validator(mode="after")
    def _sound(self) -> Part:
        ids = [item.id for item in self.expect]
        if len(set(ids)) < len(ids):
            raise ValueError(f"part {self.id}: two expected items have the same id {_double(ids)!r}")
        named = [pitfall.id for pitfall in self.pitfalls]
        for pitfall in self.pitfalls:
            for item in pitfall.item:
                if item not in ids:
                    raise ValueError(
                        f"part {self.id}: pitfall {pitfall.id!r} is about an item {item!r} that is not there"
                    )
        for follow in self.follow:
            if follow.item is not None and follow.item not in ids:
                raise ValueError(f"part {self.id}: a follow is about an item {follow.item!r} that is not there")
            if "{" + follow.from_ + "}" not in follow.answer:
                raise ValueError(
                    f"part {self.id}: a follow's answer has the earlier answer nowhere in it: write {{{follow.from_}}} for {follow.from_!r}"
                )
        for outcome in self.tests:
            if outcome not in {"correct", "partial", "reject", "undecided", *named, *self.use}:
                raise ValueError(
                    f"part {self.id}: tests name an outcome {outcome!r} that is neither correct, partial, reject nor a pitfall"
                )
        return self

    def item(self, name: str) -> Item:
        """The expected item of that id. Raises KeyError."""
        for item in self.expect:
            if item.id == name:
                return item
        raise KeyError(name)

    @property
    def path(self) -> tuple[str, ...]:
        """``a.ii`` as ``("a", "ii")``."""
        return tuple(self.id.split("."))


class Rubric(Value):
    """A problem and everything needed to grade an answer to it."""

    llmgrade: Annotated[int, Field(ge=1, le=1)] = 1
    """The version of this format."""
    id: Identifier
    title: str = ""
    note: str = ""
    cues: tuple[Phrase, ...] = ()
    """By which a chat about this problem is known; each is one vote."""
    votes: Annotated[int, Field(ge=1)] = 2
    """How many votes make it this problem."""
    setup: tuple[Maths, ...] = ()
    """Formulas of the question, from which a chat's own letters are told (``‖y − Xw‖² + λ‖w‖²``)."""
    symbols: dict[str, Symbol] = Field(default_factory=dict)
    define: dict[str, Maths] = Field(default_factory=dict)
    given: tuple[Maths, ...] = ()
    layout: Literal["row", "column", "any"] = "any"
    sample: dict[str, tuple[int, ...]] = Field(default_factory=dict)
    pitfall_sets: dict[str, Pitfall] = Field(default_factory=dict)
    false: tuple[Pitfall, ...] = ()
    """False remarks that may stand anywhere in an answer; reported as findings."""
    total: Annotated[float, Field(ge=0)] | None = None
    """What the points of all parts should add up to; the author's own check, `rubric check` holds the file to it."""
    parts: tuple[Part, ...] = Field(min_length=1)
    _certificate: str | None = PrivateAttr(None)

    @field_validator("cues", "given", "setup", mode="before")
    @classmethod
    def _one_or_many(cls, value: Any) -> Any:
        return _many(value)

    @field_validator("sample", mode="before")
    @classmethod
    def _lists(cls, value: Any) -> Any:
        return {key: _many(one) for key, one in value.items()} if isinstance(value, Mapping) else value

    @model_validator(mode="after")
    def _sound(self) -> Rubric:
        ids = [part.id for part in self.parts]
        if len(set(ids)) < len(ids):
            raise ValueError(f"two parts have the same id {_double(ids)!r}")
        for part in self.parts:
            for name in part.use:
                if name not in self.pitfall_sets:
                    raise ValueError(f"part {part.id} uses a pitfall set {name!r} that is not there")
            for follow in part.follow:
                if follow.from_ not in ids:
                    raise ValueError(f"part {part.id} follows from a part {follow.from_!r} that is not there")
        return self

    def part(self, name: str) -> Part:
        """The part of that id. Raises KeyError."""
        for part in self.parts:
            if part.id == name:
                return part
        raise KeyError(name)

    def pitfalls_of(self, part: Part) -> tuple[Pitfall, ...]:
        """The part's own pitfalls, then those of the sets it uses."""
        return (*part.pitfalls, *(self.pitfall_sets[name] for name in part.use))

    def symbols_of(self, part: Part | None = None) -> dict[str, Symbol]:
        """Symbols as the part sees them: its own declarations over the rubric's."""
        return {**self.symbols, **(part.symbols if part else {})}

    @property
    def points(self) -> float:
        """Points of all parts."""
        return sum(part.points for part in self.parts)

    @property
    def certificate(self) -> str | None:
        """What the certificate beside the rubric's file says of this very content; None where there is none."""
        return self._certificate

    def certified(self, told: str) -> Rubric:
        """The same rubric, with what its certificate says."""
        self._certificate = told
        return self

    @cached_property
    def version(self) -> str:
        """A hash of the content: the same rubric, the same version, whatever its layout in the file."""
        said = self.model_dump_json(by_alias=True, exclude={"total"} if self.total is None else None)
        said = said.replace(',"plus_constant":null', "")  # younger than certificates that still hold
        return hashlib.sha256(said.encode()).hexdigest()[:12]

    def maths(self) -> Iterator[MathsAt]:
        """Every piece of mathematics, with its place in the file; the second step of a part's place is its index."""
        yield from ((("setup", i), text, "expression") for i, text in enumerate(self.setup))
        yield from _symbol_maths((), self.symbols, self.define, self.given)
        for i, part in enumerate(self.parts):
            yield from _symbol_maths(("parts", i), part.symbols, part.define, part.given)
            yield from ((("parts", i, "granted", j), text, "relation") for j, text in enumerate(part.granted))
            for j, item in enumerate(part.expect):
                for where, text, what in item.maths():
                    yield ("parts", i, "expect", j, *where), text, what


class Rubrics(Mapping[str, Rubric]):
    """Rubrics by id, in the order they were found."""

    def __init__(self, rubrics: Mapping[str, Rubric] | tuple[Rubric, ...] = ()) -> None:
        found = rubrics.values() if isinstance(rubrics, Mapping) else rubrics
        self._by_id = {rubric.id: rubric for rubric in found}

    def __getitem__(self, name: str) -> Rubric:
        return self._by_id[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_id)

    def __len__(self) -> int:
        return len(self._by_id)


def _symbol_maths(
    where: Locator, symbols: Mapping[str, Symbol], define: Mapping[str, Maths], given: tuple[Maths, ...]
) -> Iterator[MathsAt]:
    for name, symbol in symbols.items():
        if symbol.derived is not None:
            yield (*where, "symbols", name), symbol.derived, "expression"
    for name, text in define.items():
        yield (*where, "define", name), text, "expression"
    for i, text in enumerate(given):
        yield (*where, "given", i), text, "relation"


def _many(value: Any) -> Any:
    """``x`` as ``[x]``: where several may stand, one may stand alone."""
    return (value,) if isinstance(value, str | Mapping) else value


def _double(names: list[str]) -> str:
    return next(name for name in names if names.count(name) > 1)
