"""The bench a part is judged on: its symbols, its names, its answers read once, and comparisons that are remembered."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from llmgrade.attempts.spelling import Speller, speller
from llmgrade.checking.equivalence import Decision, decide
from llmgrade.checking.evidence import Evidence, Undecided
from llmgrade.checking.points import Case
from llmgrade.checking.prints import Prints
from llmgrade.checking.verdict import Verdict
from llmgrade.errors import ExpressionError
from llmgrade.expr.names import canonical_name
from llmgrade.expr.nodes import Expr, Sym, walk
from llmgrade.expr.notation import read
from llmgrade.expr.symbols import SymbolTable
from llmgrade.limits import Limits
from llmgrade.rubric.model import Item, Part, Rubric
from llmgrade.rubric.symbols import declaration

__all__ = ["Bench", "bench_of"]


@dataclass(frozen=True, slots=True)
class _Key:
    gold: Expr
    answer: Expr


class Bench:
    """Everything about a part that does not depend on the answer."""

    def __init__(self, rubric: Rubric, part: Part, renamed: Mapping[str, str], limits: Limits, seed: str = "") -> None:
        self.rubric, self.part, self.limits = rubric, part, limits
        self.seed = seed or None
        self.symbols = rubric.symbols_of(part)
        self.renamed = dict(renamed)
        self.table: SymbolTable = SymbolTable.from_json(declaration(rubric, part.id))
        self.spell: Speller = speller(self.symbols, renamed)
        self._own: Speller = speller(self.symbols, {})
        self.strata = self._strata()
        self.prints = Prints(self.table, self.seed, self.strata)
        self._read: dict[str, Expr] = {}
        self._decided: dict[_Key, Decision] = {}
        self._cases: dict[tuple[tuple[str, ...], frozenset[str]], Case] = {}
        self.proofs: dict[tuple[str, str], Evidence] = {}
        """What was proved of the part's own items, by item and what was proved."""

    def _strata(self) -> tuple[str, ...]:
        words = " ".join(symbol.is_ for symbol in self.symbols.values())
        if "wide" in words:
            return ("wide",)
        return ("tall",) if "tall" in words else ("tall", "wide")

    def gold(self, text: str) -> Expr:
        """A piece of the rubric's own mathematics. Raises ExpressionError."""
        found = self._read.get(text)
        if found is None:
            found = self._read[text] = read(self._own.spell(text), self.table, self.limits).expr
        return found

    def golds(self, texts: Iterable[str]) -> list[Expr]:
        """Those of the texts that can be read."""
        found = []
        for text in texts:
            try:
                found.append(self.gold(text))
            except ExpressionError:
                continue
        return found

    def decide(self, gold: Expr, answer: Expr) -> Decision:
        """Whether the answer equals the gold under the part's symbols; remembered."""
        key = _Key(gold, answer)
        found = self._decided.get(key)
        if found is None:
            if self.prints.differ(gold, answer):
                found = Decision(Verdict.INCORRECT, lambda: self._climb(gold, answer))
            else:
                found = self._climb(gold, answer)
            if len(self._decided) >= _REMEMBERED:
                self._decided.clear()  # a batch has no end of answers; a decision holds on to its points
            self._decided[key] = found
        return found

    def group(self, value: Expr | None) -> str | None:
        """A fingerprint that equivalent answers to the part share under one seed; None where there is no value, or where
        the points are secret and so another process would tell another one."""
        told = self.prints.key(value) if value is not None and self.seed is not None else None
        return hashlib.sha256(told.encode()).hexdigest()[:16] if told else None

    def _climb(self, gold: Expr, answer: Expr) -> Decision:
        try:
            return decide(gold, answer, self.table, self.limits, seed=self.seed, strata=self.strata)
        except ExpressionError as error:
            return Decision(Verdict.UNDECIDED, Undecided(error.reason))

    def case(
        self, given: Iterable[str] = (), item: Item | None = None, *, granted: bool = True, names: Iterable[str] = ()
    ) -> Case:
        """The case of these conditions, over the real scalars of the table; what is ``granted`` is a condition too."""
        own = [*self.rubric.given, *self.part.given, *(self.part.granted if granted else ())]
        texts = tuple(dict.fromkeys([*own, *given, *(item.given if item else ())]))
        wanted = frozenset(names)
        found = self._cases.get((texts, wanted))
        if found is None:
            found = self._cases[texts, wanted] = self.make_case(self.golds(texts), names=wanted)
        return found

    def make_case(
        self, conditions: Iterable[Expr], definitions: Mapping[str, Expr] | None = None, names: Iterable[str] = ()
    ) -> Case:
        """A case of conditions already read; ``names`` are needed at every point though no condition speaks of them."""
        wanted = set(names)
        conditions = list(conditions)
        derived = (
            {canonical_name(s.name): self.gold(s.definition) for s in self.table if s.definition}
            if definitions is None
            else dict(definitions)
        )
        free = [s.name for s in self.table if not s.definition and s.shape.is_scalar and s.name not in derived]
        used = wanted
        for expr in (*conditions, *derived.values()):
            used |= {node.name for node in walk(expr) if isinstance(node, Sym)}
        for name in list(used):
            if name in derived:
                used |= {node.name for node in walk(derived[name]) if isinstance(node, Sym)}
        positive = [s.name for s in self.table if s.has("positive")]
        return Case([n for n in free if n in used], conditions, derived, [n for n in positive if n in free])


_BENCHES: OrderedDict[tuple[str, str, str, tuple[tuple[str, str], ...]], Bench] = OrderedDict()
_LOCK = threading.Lock()
_MOST = 256
_REMEMBERED = 64


def bench_of(rubric: Rubric, part: Part, renamed: Mapping[str, str], limits: Limits, seed: str = "") -> Bench:
    """The bench of a part; made once per rubric content and seed, and kept. No seed: a secret one."""
    key = (rubric.version, part.id, seed, tuple(sorted(renamed.items())))
    with _LOCK:
        found = _BENCHES.get(key)
        if found is None:
            found = _BENCHES[key] = Bench(rubric, part, renamed, limits, seed)
            if len(_BENCHES) > _MOST:
                _BENCHES.popitem(last=False)
        else:
            _BENCHES.move_to_end(key)
    return found
