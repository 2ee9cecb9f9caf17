"""What kind of answer an expression is, with its conventions made explicit.

People write ``5``, ``x = 5``, ``x = 5 or x = −5``, ``{5, −5}``, ``±5``, ``x ∈ (−1, 3)``, ``−1 < x < 3``, ``p = 5, q = 2``. Before two answers
are compared each is put into one of a few forms:

* `Value`: one thing that can be evaluated;
* `Named`: one or several values with the names they were given (``x = 1, y = 2``; ``f(x) = x²``);
* `Many`: several answers, in order or not;
* `Region`: a set of numbers: intervals, inequalities in one unknown, unions, ℝ, ∅;
* `Statement`: an equation, inequality or condition about several unknowns;
* `Words`: a word, a truth value, a choice letter.

Policies (each leaves a note where it was used): a name given to a value may be left out; a bare comma list is unordered;
a single value stands for the set that holds it; ± is both values.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from llmgrade.expr.nodes import (
    Abs,
    Add,
    At,
    BigOp,
    Call,
    Const,
    Derivative,
    Div,
    Expr,
    Given,
    Index,
    Infix,
    Integral,
    Interval,
    Limit,
    Logic,
    Mul,
    Norm,
    Num,
    PlusMinus,
    Relation,
    Seq,
    Set,
    SetBuilder,
    SetOp,
    Sym,
    Transpose,
    Vector,
    Word,
    children,
    kinds_of,
    rebuild,
    walk,
)  # fmt: skip
from llmgrade.expr.symbols import SymbolTable

__all__ = ["Answer", "Many", "Named", "Region", "Statement", "Value", "Words", "free_names", "is_name", "normalise"]


@dataclass(frozen=True, slots=True)
class Value:
    expr: Expr


@dataclass(frozen=True, slots=True)
class Named:
    """``items`` in the order written."""

    items: tuple[tuple[Expr, Answer], ...]
    whole: Expr
    """The relation as it stood, for comparing equations as equations."""


@dataclass(frozen=True, slots=True)
class Many:
    items: tuple[Answer, ...]
    brackets: str
    """``()``, ``[]``, ``<>`` keep their order; ``{}`` and ``""`` (a bare list) do not."""
    whole: Expr

    @property
    def ordered(self) -> bool:
        return self.brackets not in ("{}", "")


@dataclass(frozen=True, slots=True)
class Region:
    expr: Expr
    name: str | None = None
    """The unknown the region is about, where it is named."""


@dataclass(frozen=True, slots=True)
class Statement:
    expr: Expr


@dataclass(frozen=True, slots=True)
class Words:
    text: str


Answer = Value | Named | Many | Region | Statement | Words

_ORDER = frozenset({"<", "<=", ">", ">="})
_NUMBER_SETS = frozenset({"R", "empty"})
_TRUTH = {"true": "true", "false": "false", "none": "none"}


def free_names(expr: Expr) -> set[str]:
    """Names of symbols in the expression that no sum, integral or limit binds."""
    names = {node.name for node in walk(expr) if isinstance(node, Sym)}
    bound = {
        node.variable.name
        for node in walk(expr)
        if isinstance(node, BigOp | Integral | Limit)
        and isinstance(node.variable, Sym)
        and not (isinstance(node, Integral) and node.lower is None)
    }
    return names - bound


def is_name(expr: Expr, table: SymbolTable) -> bool:
    """Whether an expression is a name for something: ``k``, ``f(x)``, ``a_3``, ``|AB|``, ``∠B``, ``AB : CD``, ``dy/dx``, ``∇f``."""
    match expr:
        case Sym():
            return True
        case Call(function, args):
            from llmgrade.expr.functions import FUNCTIONS

            return function not in FUNCTIONS and all(isinstance(a, Sym | Num) or is_name(a, table) for a in args)
        case Index(base, _):
            return is_name(base, table)
        case Derivative(body):
            return is_name(body, table)
        case Transpose(arg) | At(arg, _, _):
            return is_name(arg, table)
        case Abs(arg) | Norm(arg):
            return _segment(arg, table)
        case Infix("ratio", left, right) | Div(left, right):
            return _segment(left, table) and _segment(right, table)
        case Mul(factors):
            return _segment(expr, table) or (
                len(factors) == 2
                and is_name(factors[0], table)
                and isinstance(factors[1], Seq)
                and isinstance(factors[0], Sym)
            )
        case Seq(items):
            return bool(items) and all(is_name(item, table) for item in items)
        case Word():
            return True
    return False


def _segment(expr: Expr, table: SymbolTable) -> bool:
    """``AB``: capital letters side by side name a segment, an angle, a figure; a single capital a figure."""
    if isinstance(expr, Sym):
        return table.get(expr.name) is None and expr.name[:1].isupper()
    return isinstance(expr, Mul) and all(
        isinstance(f, Sym) and table.get(f.name) is None and f.name[:1].isupper() for f in expr.factors
    )


def normalise(expr: Expr, table: SymbolTable) -> Answer:
    """The form of an answer."""
    match expr:
        case Given(body):
            return normalise(body, table)
        case Word(text):
            return Words(text)
        case Const(name) if name in _TRUTH:
            return Words(_TRUTH[name])
        case Const(name) if name in _NUMBER_SETS:
            return Region(expr)
        case Interval() | SetBuilder():
            return Region(expr)
        case SetOp():
            return _set_operation(expr, table)
        case Relation():
            return _relation(expr, table)
        case Logic(op, args) if op in ("and", "or"):
            return _logic(expr, op, args, table)
        case Logic():
            return Statement(expr)
        case Set(items):
            return Many(tuple(_each(items, table)), "{}", expr)
        case Seq(items, brackets):
            return _sequence(expr, items, brackets, table)
        case Vector(items):
            return Value(expr)
        case PlusMinus() | Add() | Mul() | Div() | Call() if _has_sign(expr):
            return Many((normalise(side(expr, True), table), normalise(side(expr, False), table)), "", expr)
    return Value(expr)


def _has_sign(expr: Expr) -> bool:
    return PlusMinus in kinds_of(expr)


def side(expr: Expr, upper: bool) -> Expr:
    """The expression with every ± on its upper (or lower) side."""
    if isinstance(expr, PlusMinus):
        inner = side(expr.arg, upper)
        from llmgrade.expr.nodes import Neg

        return inner if expr.upper is upper else Neg(inner)
    if not _has_sign(expr):
        return expr
    return rebuild(expr, [side(part, upper) for part in children(expr)])


def _each(items: tuple[Expr, ...], table: SymbolTable) -> Iterator[Answer]:
    """Answers of a collection; a ± inside gives two."""
    for item in items:
        answer = normalise(item, table)
        if isinstance(answer, Many) and answer.brackets == "" and _has_sign(item):
            yield from answer.items
        else:
            yield answer


def _relation(expr: Relation, table: SymbolTable) -> Answer:
    ops, terms = expr.ops, expr.terms
    if terms[0] == Const("unsaid"):
        return (
            Statement(expr)
            if ops[0] != "=" and ops[0] != "~"
            else _chain(Relation(ops[1:], terms[1:]) if ops[1:] else terms[1], table)
        )
    if all(op in ("=", "~", "->", "mapsto") for op in ops):
        return _equation(expr, table)
    if ops == ("in",) and is_name(terms[0], table):
        inner = normalise(terms[1], table)
        name = terms[0].name if isinstance(terms[0], Sym) else None
        if isinstance(inner, Region):
            return Region(inner.expr, name)
        if isinstance(inner, Many):
            interval = as_interval(terms[1])
            return Region(interval, name) if interval is not None else inner
        return Statement(expr)
    if all(op in _ORDER or op == "!=" for op in ops):
        names = free_names(expr)
        if len(names) == 1 and not any(isinstance(n, Call) and n.function in names for n in walk(expr)):
            return Region(expr, next(iter(names)))
    return Statement(expr)


def _chain(expr: Expr, table: SymbolTable) -> Answer:
    return normalise(expr, table)


def _equation(expr: Relation, table: SymbolTable) -> Answer:
    terms = expr.terms
    first, last = terms[0], terms[-1]
    if (
        isinstance(first, Seq)
        and isinstance(last, Seq)
        and len(first.items) == len(last.items)
        and is_name(first, table)
    ):
        pairs = tuple((n, normalise(v, table)) for n, v in zip(first.items, last.items, strict=True))
        return Named(pairs, expr)
    named_first = is_name(first, table) and not _declared_quantity(first, table)
    if named_first or (is_name(first, table) and not is_name(last, table)):
        rest = terms[1] if len(terms) == 2 else Relation(expr.ops[1:], terms[1:])
        answer = normalise(rest, table) if not isinstance(rest, Relation) else _steps(rest, table)
        return Named(((first, answer),), expr)
    if is_name(last, table) and not free_names(first) & free_names(last) and len(terms) == 2:
        return Named(((last, normalise(first, table)),), expr)
    if not any(free_names(term) for term in terms):
        return Value(expr)  # an equation between numbers: true or false, and its value the last
    return Statement(expr)


def _steps(rest: Relation, table: SymbolTable) -> Answer:
    """``a = b = c``: the value of a chain is its exact end; ``≈`` after an exact value only rounds it."""
    end = len(rest.terms)
    while end > 1 and rest.ops[end - 2] == "~":
        end -= 1
    return normalise(rest.terms[end - 1], table)


def _declared_quantity(expr: Expr, table: SymbolTable) -> bool:
    return isinstance(expr, Sym) and table.get(expr.name) is not None


def _set_operation(expr: SetOp, table: SymbolTable) -> Answer:
    if expr.op in ("union", "minus", "intersection", "complement"):
        members = [normalise(a, table) for a in expr.args]
        if all(isinstance(m, Many) and m.brackets == "{}" for m in members):
            return Region(expr) if expr.op != "union" else _joined(expr, members)
        return Region(expr)
    return Value(expr)


def _joined(expr: SetOp, members: list[Answer]) -> Answer:
    items: list[Answer] = []
    for member in members:
        assert isinstance(member, Many)
        items.extend(i for i in member.items if i not in items)
    return Many(tuple(items), "{}", expr)


def _logic(expr: Logic, op: str, args: tuple[Expr, ...], table: SymbolTable) -> Answer:
    parts = [normalise(a, table) for a in args]
    if any(isinstance(p, Region) for p in parts):
        names = {p.name for p in parts if isinstance(p, Region)} | {
            n.name for p in parts if isinstance(p, Named) for n, _ in p.items if isinstance(n, Sym)
        }
        if len(names - {None}) <= 1:
            return Region(expr, next(iter(names - {None}), None))
        return Statement(expr)
    if any(isinstance(p, Statement) for p in parts):
        return Statement(expr)
    if op == "and":
        return _sequence(expr, args, "", table)
    values = [_unnamed(p) for p in parts]
    return Many(tuple(v for part in values for v in part), "", expr)


def _unnamed(answer: Answer) -> tuple[Answer, ...]:
    """The values behind names; several unnamed answers stay several."""
    if isinstance(answer, Named):
        if len(answer.items) == 1:
            return _unnamed(answer.items[0][1])
        return (Many(tuple(v for _, v in answer.items), "()", answer.whole),)
    if isinstance(answer, Many) and answer.brackets == "":
        return answer.items
    return (answer,)


def _sequence(expr: Expr, items: tuple[Expr, ...], brackets: str, table: SymbolTable) -> Answer:
    answers = list(_each(items, table)) if brackets in ("", "{}") else None
    if answers is None:
        if any(_has_sign(item) for item in items):
            return Many((normalise(side(expr, True), table), normalise(side(expr, False), table)), "", expr)
        return Many(tuple(normalise(item, table) for item in items), brackets, expr)
    if not any(isinstance(a, Named) for a in answers):
        if (
            answers
            and all(isinstance(a, Region | Statement) for a in answers)
            and not all(isinstance(a, Region) and a.name is None for a in answers)
        ):
            return Statement(Logic("and", items)) if len(answers) > 1 else answers[0]
        flat: list[Answer] = []
        for a in answers:
            flat.extend(a.items if isinstance(a, Many) and a.brackets == "" else (a,))
        return Many(tuple(flat), brackets, expr)
    return _assignments(expr, answers, brackets)


def _assignments(expr: Expr, answers: list[Answer], brackets: str) -> Answer:
    named = [a for a in answers if isinstance(a, Named)]
    if len(named) == len(answers):
        keys = [k for a in named for k, _ in a.items]
        if len(set(keys)) == len(keys):
            return Named(tuple(pair for a in named for pair in a.items), expr)
        groups = {tuple(k for k, _ in a.items) for a in named}
        if len(groups) == 1:
            values: list[Answer] = []
            for a in named:
                values.extend(_unnamed(a))
            return Many(tuple(values), "", expr)
        return _grouped(expr, named)
    if isinstance(answers[0], Named) and len(named) == 1 and len(answers[0].items) == 1:
        # a = 4, −8, −10: one name, several values
        name, first = answers[0].items[0]
        values = [*_unnamed(first), *(v for a in answers[1:] for v in _unnamed(a))]
        return Named(((name, Many(tuple(values), brackets, expr)),), expr)
    return Many(tuple(v for a in answers for v in _unnamed(a)), brackets, expr)


def _grouped(expr: Expr, named: list[Named]) -> Answer:
    """``p = 5, q = 2, p = 7, q = 2``: several solutions, each with every name once."""
    solutions: list[list[tuple[Expr, Answer]]] = [[]]
    for a in named:
        for key, value in a.items:
            if any(k == key for k, _ in solutions[-1]):
                solutions.append([])
            solutions[-1].append((key, value))
    if len({tuple(k for k, _ in s) for s in solutions}) == 1:
        return Many(tuple(Many(tuple(v for _, v in s), "()", expr) for s in solutions), "", expr)
    return Named(tuple(pair for a in named for pair in a.items), expr)


def as_interval(expr: Expr) -> Interval | None:
    """Two values in round or square brackets, read as an interval."""
    if isinstance(expr, Interval):
        return expr
    if isinstance(expr, Seq) and len(expr.items) == 2 and expr.brackets in ("()", "[]"):
        closed = expr.brackets == "[]"
        return Interval(expr.items[0], expr.items[1], closed, closed)
    return None
