"""The answer is a function to be minimised: any increasing affine function of it has the same minimiser.

``−log p(w | y) = ‖y − Xw‖²/(2λ) + ‖w‖²/2 + const`` and ``‖y − Xw‖² + λ‖w‖²`` say the same; ``… /(2√λ) + …`` does not. Whether
``f = a·g + c`` with constants a, c is decided exactly, at three independent values of the variable.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from llmgrade.attempts.stated import Member, Said, read_member
from llmgrade.checking.bench import Bench
from llmgrade.checking.equivalence import decide
from llmgrade.checking.evidence import Evidence, Refuted, Tested, Undecided
from llmgrade.checking.ruling import Ruling, claim_of, in_words, name_keys, names, pitfalls_of, show
from llmgrade.checking.section import Section
from llmgrade.checking.verdict import Verdict
from llmgrade.errors import ExpressionError
from llmgrade.expr.names import canonical_name
from llmgrade.expr.nodes import (
    Add,
    BigOp,
    Call,
    Div,
    Expr,
    Infix,
    Mul,
    Neg,
    Norm,
    Num,
    Pow,
    Sym,
    Transpose,
    children,
    rebuild,
    walk,
)
from llmgrade.rubric.model import Objective, Pitfall
from llmgrade.rubric.phrases import find_phrase

__all__ = ["affine", "judge"]


@dataclass(frozen=True)
class _Offer:
    said: Said
    member: Member
    body: Expr
    rank: float
    derived: bool
    """It is more than the objective repeated: a posterior, a likelihood, a squared length."""


def judge(item: Objective, section: Section, bench: Bench) -> Ruling:
    """Every objective stated must be the right one; the statement of it, with what it came from, is the answer."""
    ruling = Ruling(item)
    gold = bench.gold(item.answer)
    variable = canonical_name(item.wrt)
    right: list[tuple[_Offer, Evidence]] = []
    wrong: list[tuple[_Offer, Evidence, Pitfall | None]] = []
    unknown: list[tuple[_Offer, Evidence]] = []
    pieces = 0
    for offer in _offers(item, section, bench, variable):
        if _is_piece(offer.body, item, bench, variable):
            judged = _piece(offer, item, bench, variable)
            if judged is None:
                continue
            verdict, evidence = judged
            pieces += verdict is Verdict.CORRECT
            if verdict is Verdict.CORRECT:
                continue
        else:
            verdict, evidence = affine(bench, gold, offer.body, variable)
            if verdict is Verdict.CORRECT:
                right.append((offer, evidence))
                continue
        if verdict is Verdict.UNDECIDED:
            unknown.append((offer, evidence))
        else:
            wrong.append((offer, evidence, _named(item, bench, offer.body, variable)))
    ruling.pitfalls += [said for said in _said_wrong(section, bench, item) if said not in ruling.pitfalls]
    if wrong:
        offer, evidence, pitfall = next((w for w in wrong if w[2] is not None), wrong[-1])
        section.use(offer.said.statement)
        if pitfall is not None and pitfall not in ruling.pitfalls:
            ruling.pitfalls.insert(0, pitfall)
        ruling.verdict = (
            Verdict.PARTIAL
            if right and not ruling.pitfalls and offer.said.statement.order < right[-1][0].said.statement.order
            else Verdict.INCORRECT
        )
        ruling.credit = pitfall.credit if pitfall else None
        ruling.claims.append(_claim(offer, Verdict.INCORRECT, evidence, item, ruling.pitfalls))
        return ruling
    if ruling.pitfalls and not right:
        statement = section.sentences[-1][0] if section.sentences else section.claims[-1].statement
        ruling.verdict = Verdict.INCORRECT
        ruling.claims.append(
            claim_of(
                statement,
                "fact",
                Verdict.INCORRECT,
                Refuted("a known mistake in words", kind="form"),
                item=item,
                pitfalls=[p.id for p in ruling.pitfalls],
            )
        )
        return ruling
    if right:
        whole = any(offer.derived for offer, _ in right) or pieces >= 2
        offer, evidence = next(((o, e) for o, e in reversed(right) if o.derived), right[-1])
        section.use(offer.said.statement)
        ruling.verdict = Verdict.CORRECT if whole or item.bare == "correct" else Verdict.PARTIAL
        if ruling.verdict is Verdict.PARTIAL:
            ruling.reason, ruling.credit = "the objective stands alone; what it follows from is not shown", 0.5
        if ruling.pitfalls:
            ruling.verdict = Verdict.PARTIAL
        ruling.claims.append(_claim(offer, ruling.verdict, evidence, item, ruling.pitfalls))
        return ruling
    if unknown:
        offer, evidence = unknown[-1]
        section.use(offer.said.statement)
        ruling.verdict = Verdict.UNDECIDED
        ruling.claims.append(_claim(offer, Verdict.UNDECIDED, evidence, item, []))
        return ruling
    return _rest(ruling, item, section, bench, pieces)


def _rest(ruling: Ruling, item: Objective, section: Section, bench: Bench, pieces: int) -> Ruling:
    found = in_words(bench, item, section) if item.words or item.against else None
    if found is not None:
        verdict, statement, evidence, wording = found
        section.use(statement)
        ruling.verdict = verdict
        ruling.claims.append(claim_of(statement, "fact", verdict, evidence, reading=wording, item=item))
    elif pieces >= 2:
        statement = section.claims[-1].statement
        ruling.verdict = Verdict.CORRECT
        ruling.claims.append(
            claim_of(
                statement, "equation", Verdict.CORRECT, Tested(1, 2.0**-55, "each term has its right factor"), item=item
            )
        )
    return ruling


def _claim(offer: _Offer, verdict: Verdict, evidence: Evidence, item: Objective, pitfalls: list[Pitfall]):  # type: ignore[no-untyped-def]
    return claim_of(
        offer.said.statement, "equation", verdict, evidence, reading=show(offer.body, offer.member.text), item=item,
        pitfalls=[p.id for p in pitfalls],
    )  # fmt: skip


def _said_wrong(section: Section, bench: Bench, item: Objective) -> Iterator[Pitfall]:
    for pitfall in pitfalls_of(bench, item):
        for _, text in section.sentences:
            bare = (
                text.replace("$", "")
                .replace("\\sqrt\\lambda", "√λ")
                .replace("\\sqrt{\\lambda}", "√λ")
                .replace("√ λ", "√λ")
            )
            if pitfall.says and find_phrase(pitfall.says, bare, folded=True):
                yield pitfall
                break


# --------------------------------------------------------------------------------------------------- what is said


def _offers(item: Objective, section: Section, bench: Bench, variable: str) -> Iterator[_Offer]:
    known = name_keys(bench, item.of)
    for claim in section.claims:
        if set(claim.ops) & {"<", ">", "<=", ">=", "in", "sim", "!="}:
            continue
        label = " ".join(filter(None, (claim.statement.subject, *(m.text for m in claim.left))))
        probable = any(
            word in label.lower() for word in ("log", "p(", "posterior", "likelihood", "prior", "objective", "exp")
        )
        for rank, member in enumerate(claim.members):
            if member.expr is None and _CONSTANT.search(member.text):
                member = read_member(_CONSTANT.sub("", member.text), bench.spell, bench.table, bench.limits)
            if member.expr is None:
                if (
                    rank == len(claim.members) - 1
                    and claim.ops
                    and (probable or any(names(bench, m, known) for m in claim.left))
                ):
                    yield _Offer(claim, member, Sym("\0unread"), 0.0, False)
                continue
            if len(claim.members) > 1 and names(bench, member, known):
                continue
            body = _body(member.expr)
            if body is None or _unknown_names(body, bench) or not _quadratic(body, variable, bench):
                continue
            if names(bench, Member(member.text, body), known):
                continue
            if rank < len(claim.members) - 1 and _waiting(body, bench.gold(item.answer), bench):
                continue
            derived = (
                probable
                or any(names(bench, m, known) for m in claim.left)
                or _has_factor(body)
                or isinstance(member.expr, Call)
                or any(isinstance(n, Call) and n.function == "exp" for n in walk(member.expr))
            )
            yield _Offer(claim, member, body, float(rank), derived)


def _waiting(body: Expr, gold: Expr, bench: Bench) -> bool:
    """Whether it still holds a name that is to be replaced: ``‖w‖² + ‖z‖²`` on its way."""
    extra = _symbols(body) - _symbols(gold)
    return any(
        (s := bench.table.get(name)) is not None and not s.definition and not s.shape.is_scalar for name in extra
    )


def _unknown_names(body: Expr, bench: Bench) -> bool:
    """Whether it speaks of things the rubric does not declare: ``log p(y | w)`` is a name for an objective, no formula of one."""
    return any(
        (isinstance(n, Sym) and bench.table.get(n.name) is None)
        or (isinstance(n, Call) and n.function not in {"exp", "log", "ln", "sqrt"})
        for n in walk(body)
    )


def _has_factor(expr: Expr) -> bool:
    """``½``, ``1/(2λ)``: the objective as it came out, not as it was set."""
    return any(isinstance(n, Div) for n in walk(expr))


def _body(expr: Expr) -> Expr | None:
    """The function itself: out of a min, a logarithm or a product of exponentials, without added constants."""
    match expr:
        case BigOp(op, body) if op in {"min", "max", "argmin", "argmax"}:
            return _body(body)
        case Call("exp", (arg,)):
            return _body(arg)
        case Call("log" | "ln", (arg,)):
            return _body(arg)
        case Call("min" | "argmin" | "max" | "argmax", (arg,)):
            return _body(arg)
        case Mul(factors):
            exponents = [
                f.args[0] for f in _flat(factors) if isinstance(f, Call) and f.function == "exp" and len(f.args) == 1
            ]
            if exponents:
                return _constants_off(Add(tuple(exponents)) if len(exponents) > 1 else exponents[0])
    return _constants_off(expr)


def _flat(factors: tuple[Expr, ...]) -> list[Expr]:
    found: list[Expr] = []
    for factor in factors:
        if isinstance(factor, Mul):
            found += _flat(factor.factors)
        elif isinstance(factor, Infix) and factor.op == "dot":
            found += _flat((factor.left, factor.right))
        else:
            found.append(factor)
    return found


_CONSTANT = re.compile(
    r"\s*[+\-−]\s*(?:\\(?:text|mathrm|operatorname)\s*\{)?\s*(?:const(?:ant)?s?|constante|cte|cst|konst(?:ante)?|terms? (?:independent|free) of \S+)\.?\s*\}?\s*$",
    re.IGNORECASE,
)
"""``+ const`` at the end: it does not depend on the variable, so it does not matter here (and only here)."""
_CONSTANTS = frozenset({"const", "constant", "C", "c", "constante", "cte", "cst", "konst", "K"})


def _constants_off(expr: Expr) -> Expr:
    """A sum without "+ const"; whatever name the constant has, it does not depend on the variable."""
    if isinstance(expr, Neg):
        return Neg(_constants_off(expr.arg))
    if isinstance(expr, Add):
        kept = tuple(t for t in expr.terms if not _is_constant_word(t))
        if kept and len(kept) < len(expr.terms):
            return Add(kept) if len(kept) > 1 else kept[0]
    return expr


def _is_constant_word(expr: Expr) -> bool:
    if isinstance(expr, Neg):
        return _is_constant_word(expr.arg)
    if isinstance(expr, Sym):
        return expr.name in _CONSTANTS
    text = getattr(expr, "text", None)
    if isinstance(text, str):
        return text.lower().rstrip(".") in _CONSTANTS
    if isinstance(expr, Mul) and all(isinstance(f, Sym) for f in expr.factors):
        return "".join(f.name for f in expr.factors if isinstance(f, Sym)) in _CONSTANTS
    return False


def _quadratic(expr: Expr, variable: str, bench: Bench) -> bool:
    """A number that depends on the variable at least twice: a square, a norm, a product with its transpose."""
    present = any(isinstance(n, Sym) and n.name == variable for n in walk(expr))
    derived = any(
        isinstance(n, Sym) and (s := bench.table.get(n.name)) is not None and s.definition and variable in s.definition
        for n in walk(expr)
    )
    if not (present or derived) or isinstance(expr, Sym):
        return False
    squares = (
        any((isinstance(n, Pow) and isinstance(n.base, Norm)) or isinstance(n, Norm) for n in walk(expr))
        or sum(isinstance(n, Sym) and n.name == variable for n in walk(expr)) >= 2
    )
    if not squares:
        return False
    return bench.decide(Num(1), expr).verdict is not Verdict.UNDECIDED or "scalar instead" not in str(
        getattr(bench.decide(Num(1), expr).evidence, "reason", "")
    )


def _is_piece(body: Expr, item: Objective, bench: Bench, variable: str) -> bool:
    """Only one of the two terms: a likelihood or a prior alone."""
    if not item.terms:
        return False
    whole = _symbols(bench.gold(item.answer))
    here = _symbols(body)
    if len(_squared(body)) == 1 and not any(isinstance(n, Add) and len(n.terms) > 2 for n in walk(body)):
        return not _mixed(body)
    return "y" in whole and "y" not in here


def _squared(body: Expr) -> set[str]:
    """What is squared in it: ``y − Xw`` in a norm, or times itself transposed."""
    found: set[str] = set()
    for node in walk(body):
        if isinstance(node, Norm):
            found.add(_key(node.arg))
        elif isinstance(node, Mul):
            factors = _flat(node.factors)
            found |= {_key(b) for a, b in pairwise(factors) if isinstance(a, Transpose) and a.arg == b}
    return found


def _mixed(body: Expr) -> bool:
    return len(_squared(body)) > 1


def _symbols(expr: Expr) -> set[str]:
    return {n.name for n in walk(expr) if isinstance(n, Sym)}


def _key(expr: Expr) -> str:
    return repr(expr)


def _piece(offer: _Offer, item: Objective, bench: Bench, variable: str) -> tuple[Verdict, Evidence] | None:
    """A likelihood or prior alone, with its exact factor; None where nothing says it is one: a mention."""
    body = offer.body
    for text in item.terms:
        gold = bench.gold(text)
        for form in (body, Neg(body)):
            decision = bench.decide(gold, form)
            if decision.equal:
                return Verdict.CORRECT, decision.evidence
    exponent = any(isinstance(n, Call) and n.function == "exp" for n in walk(offer.member.expr or body))
    if not exponent and (not (offer.derived and offer.said.ops) or not _labelled(offer)):
        return None
    likelihood = "y" in _symbols(body)
    decision = bench.decide(bench.gold(item.terms[0] if likelihood else item.terms[-1]), body)
    return Verdict.INCORRECT, decision.evidence


def _labelled(offer: _Offer) -> bool:
    label = " ".join(m.text for m in offer.said.left).lower()
    return any(word in label for word in ("log", "ln", "p(", "exp", "l(")) or "|" in label


# ----------------------------------------------------------------------------------------------------- the comparison


def affine(bench: Bench, gold: Expr, body: Expr, variable: str, *, proofs: bool = True) -> tuple[Verdict, Evidence]:
    """Whether ``body = a·gold + c`` with a, c free of the variable, and a ≠ 0; without ``proofs`` a refusal has no witness."""
    if any(isinstance(n, Sym) and n.name == "\0unread" for n in walk(body)):
        return Verdict.UNDECIDED, Undecided("it cannot be read")
    gold, body = _written_out(bench, gold, variable), _written_out(bench, body, variable)
    if variable not in _symbols(gold) or variable not in _symbols(body):
        return Verdict.INCORRECT, Refuted(f"it does not depend on {variable}", kind="form")
    g = [_at(gold, variable, i) for i in range(3)]
    f = [_at(body, variable, i) for i in range(3)]
    left = Mul((_minus(f[0], f[1]), _minus(g[0], g[2])))
    right = Mul((_minus(f[0], f[2]), _minus(g[0], g[1])))
    symbol = bench.table.get(variable)
    assert symbol is not None
    table = bench.table.extended(
        {
            f"{variable}_{i}": {"type": symbol.type, "shape": [symbol.shape.rows, symbol.shape.columns]}
            for i in (7, 8, 9)
        }
    )
    try:
        decision = decide(left, right, table, bench.limits, strata=bench.strata, proofs=proofs)
        flat = decision.equal and decide(f[0], f[1], table, bench.limits, strata=bench.strata, proofs=False).equal
    except ExpressionError as error:
        return Verdict.UNDECIDED, Undecided(error.reason)
    if decision.undecided:
        return Verdict.UNDECIDED, decision.evidence
    if decision.equal and not flat:
        return Verdict.CORRECT, Tested(
            1, 2.0**-50, "a constant times the objective plus a constant: the same minimiser"
        )
    witness = decision.evidence.witness if proofs and isinstance(decision.evidence, Refuted) else {}
    return Verdict.INCORRECT, Refuted(
        "no multiple of the objective: the terms do not stand in its proportion", dict(witness), "value"
    )


def _written_out(bench: Bench, expr: Expr, variable: str, depth: int = 0) -> Expr:
    """Symbols that are defined by the variable (``η = [w; z]``) replaced by what they stand for."""
    if isinstance(expr, Sym) and depth < 6:
        symbol = bench.table.get(expr.name)
        if symbol is not None and symbol.definition:
            inner = bench.gold(symbol.definition)
            if variable in _symbols(inner):
                return _written_out(bench, inner, variable, depth + 1)
        return expr
    parts = [_written_out(bench, child, variable, depth) for child in children(expr)]
    return rebuild(expr, parts) if parts else expr


def _at(expr: Expr, variable: str, index: int) -> Expr:
    if isinstance(expr, Sym):
        return Sym(f"{variable}_{index + 7}") if expr.name == variable else expr
    parts = [_at(child, variable, index) for child in children(expr)]
    return rebuild(expr, parts) if parts else expr


def _minus(one: Expr, other: Expr) -> Expr:
    return Add((one, Neg(other)))


def _named(item: Objective, bench: Bench, body: Expr, variable: str) -> Pitfall | None:
    for pitfall in pitfalls_of(bench, item):
        for wrong in bench.golds(text for text in pitfall.when if isinstance(text, str)):
            if _is_piece(wrong, item, bench, variable) != _is_piece(body, item, bench, variable):
                continue
            if _is_piece(body, item, bench, variable):
                if bench.decide(wrong, body).equal or bench.decide(wrong, Neg(body)).equal:
                    return pitfall
            elif affine(bench, wrong, body, variable, proofs=False)[0] is Verdict.CORRECT:
                return pitfall
    return None
