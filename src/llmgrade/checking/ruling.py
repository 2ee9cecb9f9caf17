"""What judging one expected item comes to, and the steps every kind shares: naming a mistake, choosing a statement."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from llmgrade.attempts.stated import Member, Said, key_of
from llmgrade.checking.bench import Bench
from llmgrade.checking.equivalence import Decision
from llmgrade.checking.evidence import Evidence, Matched, Refuted, Undecided
from llmgrade.checking.model import JudgedClaim
from llmgrade.checking.section import Section, in_own_letters
from llmgrade.checking.verdict import Verdict
from llmgrade.claims.model import Manner, Statement
from llmgrade.errors import ExpressionError
from llmgrade.expr.names import canonical_name
from llmgrade.expr.nodes import Add, Derivative, Expr, Mul, Num, Relation, Sym, Transpose, children, rebuild, walk
from llmgrade.expr.notation import read
from llmgrade.rubric.meanings import meaning
from llmgrade.rubric.model import Item, Pitfall
from llmgrade.rubric.phrases import find_regime, fold, phrase_pattern

__all__ = [
    "Known",
    "Ruling",
    "Weighed",
    "claim_of",
    "denied",
    "in_words",
    "is_shape_refusal",
    "name_keys",
    "named_pitfall",
    "names",
    "pitfalls_of",
    "settle",
    "show",
    "stands_in",
    "symbols_in",
    "with_definitions",
    "without_transposes",
]


@dataclass
class Ruling:
    """One item's outcome. ``stated`` False: nothing in the section answers it."""

    item: Item
    verdict: Verdict = Verdict.UNANSWERED
    claims: list[JudgedClaim] = field(default_factory=list)
    pitfalls: list[Pitfall] = field(default_factory=list)
    witness: dict[str, str] = field(default_factory=dict)
    credit: float | None = None
    reason: str = ""

    @property
    def stated(self) -> bool:
        return self.verdict is not Verdict.UNANSWERED


@dataclass(frozen=True, slots=True)
class Weighed:
    """A claim that may answer an item, and how much speaks for that."""

    score: float
    said: Said
    value: Member
    named: bool


def show(expr: Expr | None, text: str = "") -> str | None:
    """Plain mathematics for people; the text itself where there is no expression."""
    if expr is None:
        return text or None
    try:
        from llmgrade.expr.show import plain

        return plain(expr)
    except (ImportError, TypeError, ValueError, AttributeError, KeyError, RecursionError):
        return text or None


def claim_of(
    statement: Statement,
    kind: str,
    verdict: Verdict,
    evidence: Evidence,
    *,
    reading: str | None = None,
    item: Item | None = None,
    pitfalls: Iterable[str] = (),
    decisive: bool = True,
    latex: str | None = None,
    group: str | None = None,
) -> JudgedClaim:
    """A judged claim out of a statement."""
    return JudgedClaim(
        kind,
        statement.text,
        statement.span,
        verdict,
        evidence,
        reading if reading is not None else statement.reading,
        latex if latex is not None else statement.latex,
        tuple(pitfalls),
        item.id if item is not None else None,
        decisive,
        group,
    )


Known = tuple[frozenset[str], tuple[object, ...], tuple[tuple[str, str], ...]]


def name_keys(bench: Bench, texts: Iterable[str]) -> Known:
    """An item's names: as bare text, as comparable expressions, and as (what, by what) of derivatives."""
    bare: set[str] = set()
    keys: list[object] = []
    derivatives: list[tuple[str, str]] = []
    for text in texts:
        spelled = bench.spell.spell(text)
        bare.add(_bare(spelled))
        found = derivative_of(spelled)
        if found is not None:
            derivatives.append(found)
            continue
        try:
            keys.append(key_of(bench.gold(text)))
        except ExpressionError:
            continue
    return frozenset(bare), tuple(keys), tuple(derivatives)


def names(bench: Bench, member: Member, known: Known) -> bool:
    """Whether a member is one of an item's names."""
    spelled = bench.spell.spell(member.text)
    if _bare(spelled) in known[0]:
        return True
    found = derivative_of(spelled)
    if found is not None and any(_same_derivative(bench, found, wanted) for wanted in known[2]):
        return True
    if isinstance(member.expr, Derivative) and len(member.expr.variables) <= 1:
        return any(_same_node(bench, member.expr, wanted) for wanted in known[2])
    if found is not None:
        return False
    return member.expr is not None and not isinstance(member.expr, Num) and key_of(member.expr) in known[1]


_PARTIAL = r"(?:\\partial(?![A-Za-z])|∂|\\mathrm\{d\}|d)"
_FRACTION = re.compile(
    rf"^\s*\\frac\s*\{{\s*{_PARTIAL}\s*(?P<top>.*?)\}}\s*\{{\s*{_PARTIAL}\s*(?P<by>[^{{}}]*(?:\{{[^{{}}]*\}}[^{{}}]*)*)\}}\s*(?P<rest>.*)$",
    re.DOTALL,
)
_SLASHED = re.compile(
    rf"^\s*{_PARTIAL}\s*(?P<top>[^/]*?)\s*/\s*{_PARTIAL}\s*(?P<by>\S+?)\s*(?P<rest>(?:[\s(\[|‖].*)?)$", re.DOTALL
)
_NABLA = re.compile(
    r"^\s*(?:\\nabla|∇)\s*_\s*\{?\s*(?P<by>\\?[A-Za-zα-ωφ]+)\s*\}?\s*(?P<rest>(?<![A-Za-z])[^A-Za-z].*|(?<=\s).+)$|^\s*(?:\\nabla|∇)_(?P<by2>\w)(?P<rest2>.+)$",
    re.DOTALL,
)


def derivative_of(spelled: str) -> tuple[str, str] | None:
    """``(what, by what)`` of a derivative however it is written: ``∂ℓ/∂w``, ``\\frac{d}{dx}(Ax)``, ``∇_x f``; None for anything else."""
    text = spelled.strip()
    match = _FRACTION.match(text) or _SLASHED.match(text)
    if match:
        top, rest = _bare(match["top"]), _bare(match["rest"])
        if top and rest:
            return None
        return _peeled(top or rest), _bare(match["by"])
    match = _NABLA.match(text)
    if match:
        return _peeled(_bare(match["rest"] or match["rest2"])), _bare(match["by"] or match["by2"])
    return None


def _peeled(text: str) -> str:
    """Without the brackets around the whole, and without what only sets it."""
    text = text.replace("\\big", "").replace("\\Big", "")
    while len(text) > 1 and text[0] in "([" and text[-1] in ")]" and _closes(text):
        text = text[1:-1]
    for one in ("\\lVert", "\\rVert", "\\Vert", "‖", "∥", "||"):
        text = text.replace(one, "\\|")
    return (
        text.replace("\\|_2^2", "\\|^2")
        .replace("²", "^2")
        .replace("^\\top", "^T")
        .replace("^⊤", "^T")
        .replace("ᵀ", "^T")
        .replace("₂", "")
    )


def _closes(text: str) -> bool:
    depth = 0
    for place, char in enumerate(text):
        depth += (char in "([") - (char in ")]")
        if depth == 0 and place < len(text) - 1:
            return False
    return True


def _same_derivative(bench: Bench, one: tuple[str, str], wanted: tuple[str, str]) -> bool:
    if one[1] != wanted[1]:
        return False
    if one[0] == wanted[0]:
        return True
    anonymous = _anonymous(bench, one[0])
    if anonymous:
        return True  # a function's own letter, which the text made up
    if _anonymous(bench, wanted[0]):
        return False
    try:
        left = read(one[0], bench.table, bench.limits).expr
        return bench.decide(bench.gold(wanted[0]), left).equal
    except ExpressionError:
        return False


def _same_node(bench: Bench, node: Derivative, wanted: tuple[str, str]) -> bool:
    """A derivative that was read, against one of an item's names."""
    if node.variables:
        variable = node.variables[0]
        if not isinstance(variable, Sym) or canonical_name(wanted[1]) != variable.name:
            return False
    elif node.kind != "nabla":
        return False
    body = node.body
    head = body.factors[0] if isinstance(body, Mul) else body
    if isinstance(head, Sym) and bench.table.get(head.name) is None and len(head.name) == 1:
        return True
    try:
        return bench.decide(bench.gold(wanted[0]), body).equal
    except ExpressionError:
        return False


def _anonymous(bench: Bench, text: str) -> bool:
    """``f``, ``\\ell``, ``L(w)``: a letter that the rubric does not declare, perhaps with arguments."""
    match = re.match(r"^(\\?[A-Za-zℓ]+|\\mathcal[A-Z])(?:_\w+)?(?:\(.*\))?$", text)
    if match is None:
        return False
    name = match[1]
    return (len(name) == 1 or name.startswith("\\")) and bench.table.get(canonical_name(name)) is None


def _bare(text: str) -> str:
    return re.sub(r"[\s{}]|\\,|\\left|\\right", "", text)


def is_shape_refusal(decision: Decision) -> bool:
    """Whether the decision fails because things of different shape were compared."""
    evidence = decision.evidence
    return (isinstance(evidence, Refuted) and evidence.kind == "shape") or (
        isinstance(evidence, Undecided) and evidence.reason.startswith("shapes do not fit")
    )


def with_definitions(value: Expr, section: Section, bench: Bench) -> Expr:
    """The value with names the answer itself explains (``with δ = f̂ − y``) replaced by what they stand for."""
    said: dict[str, Expr] = {}
    for claim in section.claims:
        first, last = claim.members[0].expr, claim.value.expr
        if (
            claim.ops
            and claim.ops[0] == "="
            and isinstance(first, Sym)
            and last is not None
            and bench.table.get(first.name) is None
        ):
            said.setdefault(first.name, last)
    for _ in range(3):
        if not said or not symbols_in(value) & set(said):
            break
        value = _put_in(value, said)
    return value


def _put_in(expr: Expr, said: dict[str, Expr]) -> Expr:
    if isinstance(expr, Sym):
        return said.get(expr.name, expr)
    parts = [_put_in(child, said) for child in children(expr)]
    return rebuild(expr, parts) if parts else expr


def settle(decision: Decision) -> tuple[Verdict, Evidence]:
    """A decision as verdict and evidence; things of another shape are refuted for that reason."""
    if isinstance(decision.evidence, Refuted) and "index out of range" in decision.evidence.reason:
        return Verdict.UNDECIDED, Undecided("how far its sum runs is not said")
    if decision.undecided and is_shape_refusal(decision):
        assert isinstance(decision.evidence, Undecided)
        return Verdict.INCORRECT, Refuted(decision.evidence.reason, kind="shape")
    return decision.verdict, decision.evidence


def pitfalls_of(bench: Bench, item: Item) -> list[Pitfall]:
    """The pitfalls that are about an item, in order."""
    return [p for p in bench.rubric.pitfalls_of(bench.part) if not p.item or item.id in p.item]


def named_pitfall(bench: Bench, item: Item, gold: Expr, value: Expr | None) -> Pitfall | None:
    """The first pitfall a wrong value lands in: equal to its answer, or written just so where it has no value."""
    if value is None:
        return None
    key = canonical(value)
    for pitfall in pitfalls_of(bench, item):
        for text in pitfall.when:
            if not isinstance(text, str):
                continue
            try:
                wrong = bench.gold(text)
            except ExpressionError:
                continue
            if canonical(wrong) == key or bench.decide(wrong, value).equal:
                return pitfall
        if pitfall.erases == "transpose":
            bare_gold, bare_value = without_transposes(gold), without_transposes(value)
            fewer = _transposes(value) < _transposes(gold)
            if fewer and canonical(bare_gold) == canonical(bare_value):
                return pitfall
    return None


def canonical(expr: Expr) -> object:
    """A form in which the order of a sum, nesting and doubled transposes do not matter."""
    match expr:
        case Add(terms):
            return ("+", tuple(sorted((canonical(t) for t in _flat(terms, Add)), key=repr)))
        case Mul(factors):
            return ("*", tuple(canonical(f) for f in _flat(factors, Mul)))
        case Transpose(Transpose(arg)):
            return canonical(arg)
        case Relation(("<",) | ("<=",) as ops, (left, right)):
            return canonical(Relation((">" if ops == ("<",) else ">=",), (right, left)))
        case _:
            inner = tuple(canonical(child) for child in children(expr))
            head = rebuild(expr, [Num(0)] * len(inner))  # what is not a child: which function, which sign
            return (head, *inner) if inner else expr


def _flat(parts: Sequence[Expr], kind: type[Add] | type[Mul]) -> list[Expr]:
    found: list[Expr] = []
    for part in parts:
        if isinstance(part, kind):
            found.extend(_flat(part.terms if isinstance(part, Add) else part.factors, kind))
        else:
            found.append(part)
    return found


def stands_in(piece: Expr, whole: Expr) -> bool:
    """Whether a piece stands in an expression as it is written, perhaps among other factors or terms."""
    wanted = canonical(piece)
    run = tuple(canonical(f) for f in _flat((piece,), Mul)) if isinstance(piece, Mul) else (wanted,)
    for node in walk(whole):
        if canonical(node) == wanted:
            return True
        if isinstance(node, Mul):
            factors = [canonical(f) for f in _flat(node.factors, Mul)]
            if any(tuple(factors[i : i + len(run)]) == run for i in range(len(factors) - len(run) + 1)):
                return True
    return False


def without_transposes(expr: Expr) -> Expr:
    """The expression with every transpose taken off."""
    if isinstance(expr, Transpose):
        return without_transposes(expr.arg)
    parts = [without_transposes(child) for child in children(expr)]
    return rebuild(expr, parts) if parts else expr


def _transposes(expr: Expr) -> int:
    return sum(isinstance(node, Transpose) for node in walk(expr))


def symbols_in(expr: Expr) -> set[str]:
    """Names in an expression."""
    return {node.name for node in walk(expr) if isinstance(node, Sym)}


_DENIED = phrase_pattern(
    "not|no|n't|nt|isn't|never|nor|neither|without|hardly|rarely|kein*|nicht|nie|niemals|ni|sin|nunca|jamas|tampoco|pas|jamais|cannot|fails to|fail to|far from|none|nobody|keine*|ningun*|aucun*"
    "|/n['’]t\\b/|except*|apart from|other than|fail* for|fails with|break* for|break* down for|away from|nothing to do with|little to do with|contrary to|refus* to|only approximat*|merely approximat*|resembl*|short of|unlike|instead of"
    "|would expect|might expect|would think|might think|would guess|ausser*|salvo|excepto|sauf"
    "|anything but|everything but|alles andere als|todo menos|tout sauf|/\\b(?:nothing|nichts|nada|rien)(?: (?:is|gets|was|becomes|will be|can be|wird|ist|es|se|est|n'est))?\\s*$/"
)
_NOT_DENIED = re.compile(
    r"\b(?:not|nicht|no|non|pas)[ ]+(?:only|merely|just|simply|nur|bloss|solo|solamente|seulement)\b|\bnot surprising\w*|\bno (?:wonder|surprise|matter)\b|\bno[,:]"
)
_SOFTENED = re.compile(
    r"\b(?:exactly|quite|completely|fully|entirely|necessarily|always|all the way|immediately|identically|literally|truly|ganz|exakt|vollig|vollstandig|genau|unbedingt|"
    r"exactamente|del todo|completamente|necesariamente|exactement|completement|tout a fait)\b"
)
_CONTRAST = re.compile(
    r"\b(?:unlike|in contrast (?:to|with)|as opposed to|instead of|rather than|anders als|im gegensatz zu|anstatt|statt|a diferencia de|en lugar de|en vez de|"
    r"contrairement a|au lieu de)\b[^,.;:!?]*"
)
"""What is only held against the thing: ``unlike least squares``."""
_REACH = 34
"""How far before a wording its denial may stand, within the clause."""


@dataclass(frozen=True, slots=True)
class _Wording:
    """A wording found: where, whether it is a right one, whether it is denied, and how it reads."""

    start: int
    stop: int
    right: bool
    denied: bool
    softened: bool
    text: str


def in_words(
    bench: Bench, item: Item, section: Section, *, regime: Sequence[str] = (), others: Sequence[str] = ()
) -> tuple[Verdict, Statement, Evidence, str] | None:
    """What the section says of an item in prose: the last sentence with one of its wordings, right or wrong.

    Sentences come first, the wider text around a formula only where no sentence speaks. With a ``regime`` only what is
    said of it counts, and ``others`` are the regimes it must not be mixed up with. A sentence that says both a right and
    a wrong thing is left open; one that denies the right thing is wrong where nothing says it is right.
    """
    if not regime and item.cues and item.optional:
        regime = item.cues
        others = [cue for other in bench.part.expect if other is not item for cue in other.cues]
    running = _running(item, bench)
    for facts in (True, False):
        found: tuple[Verdict, Statement, Evidence, str] | None = None
        refused: tuple[Verdict, Statement, Evidence, str] | None = None
        for statement, text in section.sentences:
            if (statement.manner is Manner.FACT) is not facts:
                continue
            near = in_own_letters(f"{statement.condition or ''} {statement.label.title}", bench)
            told = _of_regime(text, near, regime, others)
            if told is None:
                continue
            wordings = _wordings(item, _CONTRAST.sub(" ", running.sub(" ", told) if running else told))
            right = next((w.text for w in wordings if w.right and not w.denied), None)
            wrong = next((w.text for w in wordings if not w.right and not w.denied), None)
            denied = next((w.text for w in wordings if w.right and w.denied and not w.softened), None)
            if right and wrong:
                reason = f"it says both “{right}” and “{wrong}”"
                found = Verdict.UNDECIDED, statement, Undecided(reason), f"{right}; {wrong}"
            elif right and denied:
                reason = f"it says “{right}” and denies “{denied}”"
                found = Verdict.UNDECIDED, statement, Undecided(reason), f"{right}; {denied}"
            elif right:
                found = Verdict.CORRECT, statement, Matched(right), right
            elif wrong:
                found = Verdict.INCORRECT, statement, Matched(wrong, True), wrong
            elif denied:
                refused = Verdict.INCORRECT, statement, Matched(f"not “{denied}”", True), f"not {denied}"
        if found is not None and refused is not None and found[0] is Verdict.CORRECT:
            reason = f"it says “{found[3]}” and denies it ({refused[3]})"
            return Verdict.UNDECIDED, refused[1], Undecided(reason), f"{found[3]}; {refused[3]}"
        if found is not None or refused is not None:
            return found or refused
    return None


def denied(text: str, start: int, stop: int | None = None) -> bool:
    """Whether what begins at ``start`` of a folded sentence is denied just before, in its clause, or right after ``stop``."""
    if stop is not None and _DENIED_AFTER.search(_clause_after(text, stop)):
        return True
    return _denial(text, start) is not None


def _denial(text: str, start: int) -> str | None:
    before = re.split(
        r"[,;:.!?(]|(?<!anything)(?<!everything) but | and (?=(?:the|all|every|so|thus|hence|then|we|it|they|its|their|w) )| und (?=(?:die|der|das|alle|so) )| y (?=(?:los|las|el|la|todos) )| sino | sondern | mais | aber ",
        text[max(0, start - _REACH) : start],
    )[-1]
    before = _NOT_DENIED.sub(" ", before)
    return before if _DENIED.search(before) else None


_DENIED_AFTER = re.compile(
    r"^\W*(?:\w+\W+){0,3}?(?:(?:would|does|do|is|are|will|can|did|was)(?:\W?n't| not)\b|(?:is|are|was) (?:(?:alone )?too \w+|insufficient|inadequate|wrong|false|incorrect|not|no answer|out of the question|ruled out|what \w+ (?:do|does|did)\W?n't)"
    r"|(?:ist|sind) (?:falsch|nicht)|no (?:es|basta|sirve)|es fals\w+|n'est pas|est faux|fails?\b|breaks? down|need not)"
)
"""What denies what was just said: "a symmetric matrix would not do", "B is wrong"."""
_SCALED_BEFORE = re.compile(
    r"(?:\b(?:twice|thrice|half(?: of)?|double|triple|minus|negative|\w+ times|multiples? of|a (?:third|quarter|fraction|tenth) of|(?:some|part|most|many|few) of|not all(?: of)?|"
    r"the opposite of|the inverse of|the negative of|more than|less than|doppelt|halb\w*|negativ\w*|mitad de|doble de|moitie de|double de)\W+(?:of\W+)?(?:(?:the|a|an|this|them|it|die|der|das|el|la|le|l')\W+)*|(?:(?<=\s)|^)[-−])$"
)
_SCALED_AFTER = re.compile(
    r"^[\s,]*(?:matrix|solution|estimate|fit|map)?[\s,]*(?:(?:plus|minus|times|scaled|divided|multiplied|up to (?:(?:a|the) )?(?:sign|factor|scaling|constant)|with (?:a |one |some )?(?:zeros?|missing|extra|additional))\b|[+*×]\s)"
)
"""What makes something else of it: twice, half, minus, plus something."""
_ONLY_IF = re.compile(
    r"\bonly (?:if|when|for|in case|where|under)\b|\bnur (?:wenn|falls|fur)\b|\bsolo (?:si|cuando|para)\b|\bseulement (?:si|quand|pour)\b|\bunless\b|\bes sei denn\b|\ba menos que\b|\ba moins\b"
)
_OF_SOMETHING_ELSE = re.compile(
    r"\b(?:residual\w*|residuum|residuo\w*|residu\w*|intercept\w*|bias|variance|training error|test error|errors?|loss|objective|gradient\w*|derivative\w*|data term|penalty|difference|distance)\b"
)
_OF_THE_WEIGHTS = re.compile(
    r"\b(?:w|weights?|coefficients?|parameters?|solution|estimate\w*|everything|all|gewicht\w*|koeffizient\w*|losung|pesos|coeficientes|solucion|poids|coefficients|it|they)\b"
)


_TURNS_IT = re.compile(
    r"\b(?:unless|least(?![ -]squares?)|escap\w*|resist\w*|half ?way|part(?:ly|ially|way)|avoid\w*|evad\w*|absent|absence|missing|lacks?|lacking|spared|counter-?examples?|permut\w*|multiples?|exception\w*|"
    r"(?:part|row|column|some|piece|half|share)s? of|opposite|ausgenommen|salvo|hardly|barely|scarcely|kaum|apenas)\b"
)
"""Words beside a wording, in its clause, with which it hardly says what it says by itself."""
_TURNED_INSIDE = re.compile(
    r"\b(?:different from|away from|far from|other than|anything but|short of|instead of|rather than)\b"
)


def _clause_after(text: str, stop: int) -> str:
    return re.split(r"[,;:.!?()]| but | and | so ", text[stop : stop + 50])[0]


def _altered(item: Item, text: str, start: int, stop: int) -> bool:
    """Whether something else is said than the wording alone would say: twice it, only where …, of another quantity."""
    clause = re.split(r"[,;:.!?(]", text[max(0, start - 60) : start])[-1]
    if _SCALED_BEFORE.search(text[max(0, start - 40) : start]) or _SCALED_AFTER.search(text[stop : stop + 40]):
        return True
    own = text[start:stop]
    around = f"{clause} {_clause_after(text, stop)}"
    if (
        _TURNS_IT.search(around)
        or _TURNED_INSIDE.search(own)
        or re.match(
            r"-(?!losung|solution|fit|estimat|vector|matrix|map|schatz|regression|abbildung)[^\W\d_]", text[stop:]
        )
    ):
        return True
    if getattr(item, "kind", "") == "condition":
        return False
    if getattr(item, "kind", "") != "limit" and re.match(r"\W*(?:is|are|was) only\b", text[stop:]):
        return True
    if _ONLY_IF.search(re.split(r"[.;!?]", text[stop:])[0]):
        return True
    other = getattr(item, "kind", "") == "limit" and _OF_SOMETHING_ELSE.search(clause)
    return bool(other) and not _OF_THE_WEIGHTS.search(clause)


_UNREAL = re.compile(r"\b(?:would|wurde\w*|hatte\w*|seria\w*|\w+(?:ar|er|ir)ia[ns]?|serait|aurait|\w+rait)\b")


def _unreal(text: str, start: int) -> bool:
    """``what least squares would amplify``: said of how it would be otherwise."""
    return bool(_UNREAL.search(re.split(r"[,;:.!?]", text[max(0, start - _REACH) : start])[-1]))


def _wordings(item: Item, text: str) -> list[_Wording]:
    """Right and wrong wordings of an item in a sentence; one inside a longer one that says otherwise does not count."""
    found: list[_Wording] = []
    for right, phrases in ((True, item.words), (False, item.against)):
        for phrase in phrases:
            for match in phrase_pattern(phrase).finditer(text):
                if match.group() and (right or not _unreal(text, match.start())):
                    if right and _altered(item, text, *match.span()):
                        continue
                    denial = _denial(text, match.start())
                    if denial is None and right and (after := _DENIED_AFTER.search(_clause_after(text, match.end()))):
                        denial = after.group()
                    if denial is None and right and "…" in phrase and _DENIED.search(match.group()):
                        denial = match.group()  # what is skipped denies it: "is not the ambient temperature"
                    soft = denial is not None and bool(_SOFTENED.search(denial + match.group()))
                    found.append(_Wording(*match.span(), right, denial is not None, soft, match.group()))
    return [
        one
        for one in found
        if not any(
            (other.right, other.denied) != (one.right, one.denied)
            and other.start <= one.start
            and one.stop <= other.stop
            and (other.stop - other.start) > (one.stop - one.start)
            for other in found
        )
    ]


def _running(item: Item, bench: Bench) -> re.Pattern[str] | None:
    """What a sentence says of the variable that runs in a limit (``as λ → 0``, ``when the penalty vanishes``)."""
    regime = getattr(item, "as_", "")
    parts = re.split(r"→|->|\\to|\\rightarrow", regime)
    return _runs(parts[0].strip(), parts[1].strip(), tuple(getattr(item, "runs", ()))) if len(parts) == 2 else None


@lru_cache(maxsize=256)
def _runs(name: str, goal: str, called: tuple[str, ...]) -> re.Pattern[str]:
    plain = {"λ": r"\\?lambda\b|λ", "σ": r"\\?sigma\b|σ", "∞": r"\\infty|∞", "ε": r"\\?(?:var)?epsilon\b|ε"}
    names = "|".join(
        [plain.get(name, rf"(?<![\w\\]){re.escape(fold(name))}(?!\w)"), *(phrase_pattern(c).pattern for c in called)]
    )
    far = "∞" in goal or "inf" in goal
    towards = meaning("infinity") if far else meaning("zero")
    way = (
        rf"{towards}|{meaning('grows')}|{meaning('diverges')}|\b(?:very |extremely |infinitely |arbitrarily )?(?:large|huge|strong|big|dominant|heavy|high|infinite|gross|stark|grande|fuerte|infinito|grand|fort)\w*|\bdominat\w*|\btakes over\b|\bwins\b"
        if far
        else rf"{meaning('vanishes')}|\b(?:very |extremely |arbitrarily )?(?:small|tiny|weak|little|klein|schwach|pequen\w*|debil|petit\w*|faible)\b|\b(?:removed|switched off|turned off|dropped|absent|gone)\b"
    )
    size = (
        r"infinite(?:ly \w+)?|large|huge|very large|strong|unendlich\w*|infinit[ao]|grande"
        if far
        else r"zero|no|vanishing|tiny|small|infinitesimal|verschwindend\w*|nula|sin|ohne|without(?: any| the| a)?|pequena"
    )
    return re.compile(
        rf"(?:{names})\s*(?:(?:→|\\to|\\rightarrow|->|\\longrightarrow|=|\\gg|≫)\s*\+?\s*{towards}|[^.;:!?,]{{0,24}}?(?:{way})(?:\s+(?:{towards}|{meaning('diverges')}))?)|\b(?:{size}) (?:\w+ )?(?:{names})",
        re.IGNORECASE,
    )


def _of_regime(text: str, near: str, regime: Sequence[str], others: Sequence[str]) -> str | None:
    """The part of a sentence that is about a regime; None where none is."""
    if not regime:
        return text
    own, other = find_regime(regime, near), find_regime(others, near)
    if own and not other:
        return text
    if other and not own:
        return None
    own, other = find_regime(regime, text), find_regime(others, text)
    if not own:
        return None
    if not other:
        return text
    pieces = re.split(r"(?<=[;:,.])\s+|\s+(?:and|but|while|whereas|y|und|et|mientras)\s+", text)
    kept: list[str] = []
    current: bool | None = None
    waiting: list[str] = []
    for piece in pieces:
        mine, theirs = bool(find_regime(regime, piece)), bool(find_regime(others, piece))
        if mine and theirs:
            return None  # nobody can tell which words belong to which
        if mine or theirs:
            current = mine
            if mine:
                kept += waiting
            waiting = []
        if current:
            kept.append(piece)
        elif current is None:
            waiting.append(piece)
    return " ".join(kept) or None
