"""Matrix normal forms: polynomials in letters that do not commute, with transposes and inverses. They hold for all sizes.

A value is a sum of words with scalar coefficients. An inverse is an atom Z of its polynomial P, with two rules:
``lead(P)·Z → 1 − rest·Z`` and ``Z·lead(P) → 1 − Z·rest``. Orthogonal letters cancel beside their transposes, symmetric ones are
their transposes, 1×1 stretches and traces become commuting scalars. Two sides agree when their difference comes to 0,
after multiplying by some P at an end where a Z stands; P is invertible, so nothing is lost.

Sound only for expressions whose inverses exist: it is asked after both sides have been evaluated.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from flint import fmpq

from llmgrade.checking.free_words import Atom, Word, spelled
from llmgrade.checking.scalar_ring import ScalarRing
from llmgrade.checking.scene import Scene
from llmgrade.expr.evaluate import rational
from llmgrade.expr.evaluate_algebra import OverBudget, Undefined
from llmgrade.expr.nodes import (
    Abs,
    Add,
    Call,
    Const,
    Div,
    Expr,
    Identity,
    Infix,
    Mul,
    Neg,
    Norm,
    Num,
    PInv,
    Pow,
    Sym,
    Transpose,
)  # fmt: skip
from llmgrade.expr.symbols import Symbol

__all__ = ["NoMatrixForm", "prove_matrix"]

Poly = Any
Size = Any
_ANY = "any"
_MOST_WORDS, _MOST_STEPS = 400, 3000


class NoMatrixForm(Exception):
    """The expression has no normal form here."""


@dataclass(slots=True)
class Form:
    """``Σ coefficient·word`` over a common scalar denominator, ``rows``×``cols``; sizes are letters, numbers or `_ANY`."""

    words: dict[Word, Poly]
    below: Poly
    rows: Size
    cols: Size


@dataclass(slots=True)
class _Inverse:
    lead: Word
    rest: list[tuple[Word, Poly]]
    size: Size
    symmetric: bool


@dataclass(slots=True)
class _Trace:
    """What was done, for the certificate."""

    steps: list[str] = field(default_factory=list)


class MatrixForm:
    """Expressions of one scene as sums of words."""

    def __init__(self, scene: Scene) -> None:
        self.ring = ScalarRing()
        self.one, self.zero = self.ring.one, self.ring.zero
        self.symbols: dict[str, Symbol] = {s.name: s for s in scene.symbols}
        self.derived = dict(scene.derived)
        self.inverses: list[_Inverse] = []
        self._by_polynomial: dict[Any, int] = {}
        self.trace = _Trace()
        self.depth = 0

    # -- atoms --------------------------------------------------------------------------------------------------------
    def sizes(self, atom: Atom) -> tuple[Size, Size]:
        if atom.inverse is not None:
            size = self.inverses[atom.inverse].size
            return size, size
        shape = self.symbols[atom.name].shape
        return (shape.columns, shape.rows) if atom.turned else (shape.rows, shape.columns)

    def turned(self, atom: Atom) -> Atom:
        if atom.inverse is not None:
            return atom if self.inverses[atom.inverse].symmetric else Atom(atom.name, not atom.turned, atom.inverse)
        return atom if self.symbols[atom.name].has("symmetric") else Atom(atom.name, not atom.turned)

    def turned_word(self, word: Word) -> Word:
        return tuple(self.turned(a) for a in reversed(word))

    # -- sums and products ---------------------------------------------------------------------------------------------
    def scalar(self, top: Poly, below: Poly | None = None) -> Form:
        return Form({(): top} if top != 0 else {}, self.one if below is None else below, 1, 1)

    def add(self, a: Form, b: Form, sign: int = 1) -> Form:
        rows, cols = self._common(a, b)
        if a.below == b.below:
            words, below, factor = dict(a.words), a.below, None
        else:
            words = {w: p * b.below for w, p in a.words.items()}
            below, factor = a.below * b.below, a.below
        for word, p in b.words.items():
            q = p if factor is None else p * factor
            total = words.get(word, self.zero) + (q if sign > 0 else -q)
            if total == 0:
                words.pop(word, None)
            else:
                words[word] = total
        self._bounded(words)
        return Form(words, below, rows, cols)

    def _common(self, a: Form, b: Form) -> tuple[Size, Size]:
        one, other = (a.rows, a.cols), (b.rows, b.cols)
        if one == other:
            return one
        if one == (_ANY, _ANY) and b.rows == b.cols:
            return other
        if other == (_ANY, _ANY) and a.rows == a.cols:
            return one
        if one == (1, 1) and set(a.words) <= {()} and b.rows == b.cols:
            return other  # a scalar added to a matrix is that multiple of I
        if other == (1, 1) and set(b.words) <= {()} and a.rows == a.cols:
            return one
        if not a.words:
            return other
        if not b.words:
            return one
        raise NoMatrixForm("shapes")

    def mul(self, a: Form, b: Form) -> Form:
        if (a.rows, a.cols) == (1, 1):
            rows, cols = b.rows, b.cols
        elif (b.rows, b.cols) == (1, 1):
            rows, cols = a.rows, a.cols
        elif a.rows == _ANY:
            rows, cols = b.rows, b.cols
        elif b.rows == _ANY:
            rows, cols = a.rows, a.cols
        elif a.cols != b.rows:
            raise NoMatrixForm("shapes")
        else:
            rows, cols = a.rows, b.cols
        words: dict[Word, Poly] = {}
        if len(a.words) * len(b.words) > 4 * _MOST_WORDS:
            raise NoMatrixForm("too many words")
        for w1, p1 in a.words.items():
            for w2, p2 in b.words.items():
                self._collect(words, w1 + w2, p1 * p2)
        return self.reduced(Form(words, a.below * b.below, rows, cols))

    def _collect(self, words: dict[Word, Poly], word: Word, p: Poly) -> None:
        total = words.get(word)
        total = p if total is None else total + p
        if total == 0:
            words.pop(word, None)
        else:
            words[word] = total

    def _bounded(self, words: dict[Word, Poly]) -> None:
        if len(words) > _MOST_WORDS:
            raise NoMatrixForm("too many words")

    def transpose(self, a: Form) -> Form:
        return Form({self.turned_word(w): p for w, p in a.words.items()}, a.below, a.cols, a.rows)

    # -- rewriting -----------------------------------------------------------------------------------------------------
    def reduced(self, form: Form) -> Form:
        """No rule applies any more, and no 1×1 stretch is left inside a word."""
        waiting = list(form.words.items())
        done: dict[Word, Poly] = {}
        steps = 0
        while waiting:
            word, p = waiting.pop()
            steps += 1
            if steps > _MOST_STEPS or len(word) > 60:
                raise NoMatrixForm("no end of rewriting")
            found = self._rewritten(word)
            if found is not None:
                waiting.extend((w, p * q) for w, q in found)
                continue
            word, scalar = self._split(word, form.rows, form.cols)
            if scalar is not None:
                p = p * scalar
                if word and self._rewritten(word) is not None:
                    waiting.append((word, p))
                    continue
            self._collect(done, word, p)
        self._bounded(done)
        return Form(done, form.below, form.rows, form.cols)

    def _rewritten(self, word: Word) -> list[tuple[Word, Poly]] | None:
        for i in range(len(word) - 1):
            a, b = word[i], word[i + 1]
            if a.inverse is None and b.inverse is None and a.name == b.name and self._cancel(a, b):
                return [(word[:i] + word[i + 2 :], self.one)]
        for i, z in enumerate(word):
            if z.inverse is None:
                continue
            lead, rest = self._polynomial(z)
            n = len(lead)
            if word[i + 1 : i + 1 + n] == lead:
                tail = word[i + 1 + n :]
                return [(word[:i] + tail, self.one), *((word[: i + 1] + w + tail, -q) for w, q in rest)]
            if i >= n and word[i - n : i] == lead:
                head, tail = word[: i - n], word[i + 1 :]
                return [(head + tail, self.one), *((head + w + (z,) + tail, -q) for w, q in rest)]
        return None

    def _cancel(self, a: Atom, b: Atom) -> bool:
        """QᵀQ = I for orthonormal columns, QQᵀ = I for orthonormal rows; a symmetric orthogonal letter squares to I."""
        symbol = self.symbols[a.name]
        if symbol.has("symmetric"):
            return symbol.has("orthogonal")
        if a.turned == b.turned:
            return False
        return symbol.has("orthonormal columns") if a.turned else symbol.has("orthonormal rows")

    def _polynomial(self, z: Atom) -> tuple[Word, list[tuple[Word, Poly]]]:
        assert z.inverse is not None
        known = self.inverses[z.inverse]
        if not z.turned:
            return known.lead, known.rest
        return self.turned_word(known.lead), [(self.turned_word(w), q) for w, q in known.rest]

    def _split(self, word: Word, rows: Size, cols: Size) -> tuple[Word, Poly | None]:
        """1×1 stretches as scalars."""
        if not word:
            return word, None
        cuts = [0] if rows == 1 else []
        cuts += [i for i in range(1, len(word)) if self.sizes(word[i])[0] == 1]
        if cols == 1:
            cuts.append(len(word))
        if len(cuts) < 2:
            return word, None
        total = self.one
        for i, j in zip(cuts, cuts[1:], strict=False):
            total = total * self._stretch(word[i:j])
        return word[: cuts[0]] + word[cuts[-1] :], total

    def _stretch(self, word: Word) -> Poly:
        canonical = min(word, self.turned_word(word), key=spelled)
        return self.ring.generator(("word", canonical), f"({spelled(canonical)})")

    # -- inverses ------------------------------------------------------------------------------------------------------
    def inverse(self, a: Form) -> Form:
        if not a.words:
            raise NoMatrixForm("the inverse of zero")
        if set(a.words) == {()}:
            return Form({(): a.below}, a.words[()], a.rows, a.cols)
        if a.rows != a.cols:
            raise NoMatrixForm("shapes")
        if len(a.words) == 1:
            single = self._inverse_of_product(a)
            if single is not None:
                return single
        conjugated = self._inverse_in_frame(a)
        if conjugated is not None:
            return conjugated
        return self._new_inverse(a)

    def _inverse_of_product(self, a: Form) -> Form | None:
        ((word, p),) = a.words.items()
        if not all(self.sizes(atom)[0] == self.sizes(atom)[1] for atom in word):
            return None
        total = Form({(): self.one}, self.one, a.rows, a.cols)
        for atom in reversed(word):
            total = self.mul(total, Form({(self._inverse_atom(atom),): self.one}, self.one, a.rows, a.cols))
        return Form({w: q * a.below for w, q in total.words.items()}, total.below * p, a.rows, a.cols)

    def _inverse_in_frame(self, a: Form) -> Form | None:
        """(Q M Qᵀ)⁻¹ = Q M⁻¹ Qᵀ for orthogonal Q, the identity standing for Q Qᵀ."""
        for name, symbol in self.symbols.items():
            if not symbol.has("orthogonal") or symbol.shape.rows != a.rows or symbol.has("symmetric"):
                continue
            for turned in (False, True):
                q, t = Atom(name, turned), Atom(name, not turned)
                if not any(a.words) or not all(not w or (len(w) > 2 and w[0] == q and w[-1] == t) for w in a.words):
                    continue
                core = self.inverse(Form({w[1:-1]: p for w, p in a.words.items()}, a.below, a.rows, a.cols))
                left, right = (
                    Form({(q,): self.one}, self.one, a.rows, a.rows),
                    Form({(t,): self.one}, self.one, a.rows, a.rows),
                )
                return self.mul(self.mul(left, core), right)
        return None

    def _new_inverse(self, a: Form) -> Form:
        lead = self._leading(a)
        head = self.ring.constant(a.words[lead])
        rest = sorted(((w, p / head) for w, p in a.words.items() if w != lead), key=lambda x: spelled(x[0]))
        key = (lead, tuple((w, str(p)) for w, p in rest))
        index, turned = self._by_polynomial.get(key), False
        if index is None:
            flipped = {self.turned_word(w): p for w, p in [(lead, self.one), *rest]}
            symmetric = flipped == dict([(lead, self.one), *rest])
            other = self.turned_word(lead)
            if not symmetric and other in flipped:
                rest_flipped = sorted(((w, p) for w, p in flipped.items() if w != other), key=lambda x: spelled(x[0]))
                index = self._by_polynomial.get((other, tuple((w, str(p)) for w, p in rest_flipped)))
                turned = index is not None
            if index is None:
                index = self._register(key, lead, rest, a.rows, symmetric)
        return Form({(Atom("", turned, index),): a.below}, self.ring.number(head), a.rows, a.cols)

    def _register(self, key: Any, lead: Word, rest: list[tuple[Word, Poly]], size: Size, symmetric: bool) -> int:
        index = self._by_polynomial[key] = len(self.inverses)
        self.inverses.append(_Inverse(lead, rest, size, symmetric))
        if index >= 12:
            raise NoMatrixForm("too many inverses")
        return index

    def _leading(self, a: Form) -> Word:
        """The longest word whose coefficient is a number: rewriting by it always ends."""
        longest = max(len(w) for w in a.words)
        good = [w for w, p in a.words.items() if len(w) == longest and p.is_constant()]
        if not good:
            raise NoMatrixForm("a leading coefficient that is no number")
        return max(good, key=spelled)

    def _inverse_atom(self, atom: Atom) -> Atom:
        if atom.inverse is not None:
            raise NoMatrixForm("the inverse of an inverse")
        if self.symbols[atom.name].has("orthogonal"):
            return self.turned(atom)
        for candidate, turned in ((atom, False), (self.turned(atom), True)):
            index = self._by_polynomial.get(((candidate,), ()))
            if index is not None:
                return Atom("", turned, index)
        index = self._register(((atom,), ()), (atom,), [], self.sizes(atom)[0], self.turned(atom) == atom)
        return Atom("", False, index)

    # -- traces and determinants ------------------------------------------------------------------------------------------
    def tr(self, a: Form) -> Form:
        if a.rows != a.cols:
            raise NoMatrixForm("shapes")
        if a.rows == 1:
            return a
        total = self.zero
        for word, p in a.words.items():
            if not word:
                if a.rows == _ANY:
                    raise NoMatrixForm("the trace of an identity of unknown size")
                total = total + p * self.ring.size(a.rows)
                continue
            thin = next((i for i, atom in enumerate(word) if self.sizes(atom)[0] == 1), None)
            if thin is not None:
                _, scalar = self._split(word[thin:] + word[:thin], 1, 1)
                assert scalar is not None
                total = total + p * scalar
                continue
            total = total + p * self._trace_of(word)
        return self.scalar(total, a.below)

    def _trace_of(self, word: Word) -> Poly:
        for _ in range(20):
            for i in range(len(word)):
                found = self._rewritten(word[i:] + word[:i])
                if found is not None and len(found) == 1:
                    word = found[0][0]
                    break
            else:
                break
        if not word:
            raise NoMatrixForm("a trace of an identity of unknown size")
        turns = []
        for one in (word, self.turned_word(word)):
            turns += [one[i:] + one[:i] for i in range(len(one))]
        canonical = min(turns, key=spelled)
        return self.ring.generator(("tr", canonical), f"tr({spelled(canonical)})")

    def det(self, a: Form) -> Form:
        if a.rows == 1 == a.cols:
            return a
        if a.rows != a.cols:
            raise NoMatrixForm("shapes")
        if len(a.words) == 1:
            ((word, p),) = a.words.items()
            square = all(self.sizes(atom)[0] == self.sizes(atom)[1] for atom in word)
            if p == 1 and a.below == 1 and word and square:
                return self._det_of_product(word)
        if a.below == 1 and len(a.words) == 2:
            return self._det_of_update(a)
        raise NoMatrixForm("a determinant")

    def _det_of_product(self, word: Word) -> Form:
        top, below = self.one, self.one
        for atom in word:
            if atom.inverse is None:
                top = top * self.ring.generator(("det", atom.name), f"det({atom.name})")
                continue
            known = self.inverses[atom.inverse]
            if known.rest or len(known.lead) != 1:
                raise NoMatrixForm("the determinant of an inverse of a sum")
            name = known.lead[0].name
            below = below * self.ring.generator(("det", name), f"det({name})")
        return self.scalar(top, below)

    def _det_of_update(self, a: Form) -> Form:
        """det(A + u vᵀ) = det(A)(1 + vᵀA⁻¹u)."""
        short, long = sorted(a.words, key=len)
        if len(short) != 1 or a.words[short] != 1 or len(long) != 2 or self.sizes(long[1])[0] != 1:
            raise NoMatrixForm("a determinant")
        atom, (u, v) = short[0], long
        if atom.inverse is not None or self.sizes(atom)[0] != self.sizes(atom)[1]:
            raise NoMatrixForm("a determinant")
        inner = self._stretch((v, self._inverse_atom(atom), u))
        det = self.ring.generator(("det", atom.name), f"det({atom.name})")
        return self.scalar(det * (self.one + a.words[long] * inner))

    # -- the walk ---------------------------------------------------------------------------------------------------------
    def form(self, expr: Expr) -> Form:
        match expr:
            case Num(value):
                return self.scalar(
                    self.ring.number(
                        fmpq(value) if isinstance(value, int) else fmpq(value.numerator, value.denominator)
                    )
                )
            case Const("pi" | "e"):
                return self.scalar(self.ring.generator(expr.name, expr.name))
            case Sym(name):
                return self._name(name)
            case Identity(size):
                letter = size.name if isinstance(size, Sym) else size.value if isinstance(size, Num) else _ANY
                return Form({(): self.one}, self.one, letter, letter)
            case Neg(arg):
                a = self.form(arg)
                return Form({w: -p for w, p in a.words.items()}, a.below, a.rows, a.cols)
            case Add(terms):
                total = self.form(terms[0])
                for term in terms[1:]:
                    total = self.add(total, self.form(term))
                return total
            case Mul(factors):
                total = self.form(factors[0])
                for factor in factors[1:]:
                    total = self.mul(total, self.form(factor))
                return total
            case Infix("dot", left, right):
                a, b = self.form(left), self.form(right)
                if a.cols == 1 == b.cols and a.rows == b.rows != 1:
                    a = self.transpose(a)
                return self.mul(a, b)
            case Infix("inner", left, right):
                return self.tr(self.mul(self.transpose(self.form(left)), self.form(right)))
            case Div(top, bottom):
                return self._quotient(self.form(top), self.form(bottom))
            case Transpose(arg):
                return self.transpose(self.form(arg))
            case PInv(arg):
                return self._pseudo_inverse(self.form(arg))
            case Pow(base, exponent):
                return self._pow(base, exponent)
            case Call(function, args) if len(args) == 1 and function in ("tr", "det", "inv", "transpose"):
                a = self.form(args[0])
                return {"tr": self.tr, "det": self.det, "inv": self.inverse, "transpose": self.transpose}[function](a)
            case Abs(arg):
                return self.det(self._square(self.form(arg)))
        raise NoMatrixForm(type(expr).__name__)

    def _square(self, a: Form) -> Form:
        if a.rows != a.cols or a.rows == 1:
            raise NoMatrixForm("bars")
        return a

    def _name(self, name: str) -> Form:
        if name in self.derived:
            self.depth += 1
            if self.depth > 200:
                raise NoMatrixForm("definitions without end")
            return self.form(self.derived[name])
        symbol = self.symbols.get(name)
        if symbol is not None and not symbol.shape.is_scalar:
            return self.reduced(
                Form({(Atom(name, False),): self.one}, self.one, symbol.shape.rows, symbol.shape.columns)
            )
        return self.scalar(self.ring.generator(("name", name), name))

    def _quotient(self, a: Form, b: Form) -> Form:
        if (b.rows, b.cols) != (1, 1) or set(b.words) != {()}:
            raise NoMatrixForm("a quotient")
        return Form({w: p * b.below for w, p in a.words.items()}, a.below * b.words[()], a.rows, a.cols)

    def _pseudo_inverse(self, a: Form) -> Form:
        """By the normal equations, where the declarations give full column (or row) rank."""
        if len(a.words) != 1:
            raise NoMatrixForm("the pseudo-inverse of a sum")
        ((word, _),) = a.words.items()
        t = self.transpose(a)
        if all(self._full(atom, columns=True) for atom in word):
            return self.mul(self.inverse(self.mul(t, a)), t)
        if all(self._full(atom, columns=False) for atom in word):
            return self.mul(t, self.inverse(self.mul(a, t)))
        raise NoMatrixForm("a pseudo-inverse of unknown rank")

    def _full(self, atom: Atom, *, columns: bool) -> bool:
        """Full column (row) rank, as declared."""
        if atom.inverse is not None:
            return True
        symbol = self.symbols[atom.name]
        if symbol.has("invertible") or (symbol.has("diagonal") and symbol.has("nonzero") and symbol.shape.is_square):
            return True
        return symbol.has("full column rank" if columns != atom.turned else "full row rank")

    def _pow(self, base: Expr, exponent: Expr) -> Form:
        number = rational(exponent, {}, {})
        if number is None or number.q != 1 or abs(number.p) > 12:
            raise NoMatrixForm("a power")
        n = int(number.p)
        if (
            isinstance(base, Norm | Abs)
            and n % 2 == 0
            and n > 0
            and not (isinstance(base, Norm) and base.weight is not None)
        ):
            inner = self.form(base.arg)
            if isinstance(base, Norm) and base.kind not in ("", "2", "F"):
                raise NoMatrixForm("a norm")
            thin = 1 in (inner.rows, inner.cols)
            if not thin and (isinstance(base, Abs) or base.kind != "F"):
                raise NoMatrixForm("a spectral norm")
            square = self.tr(self.mul(self.transpose(inner), inner))
            return self._whole_power(square, n // 2)
        a = self.form(base)
        if n == 2 and a.rows != a.cols and 1 in (a.rows, a.cols):
            return self.mul(self.transpose(a), a) if a.cols == 1 else self.mul(a, self.transpose(a))
        return self._whole_power(a, n)

    def _whole_power(self, a: Form, n: int) -> Form:
        if n < 0:
            a, n = self.inverse(a), -n
        if n == 0:
            return Form({(): self.one}, self.one, a.rows, a.cols)
        total = a
        for _ in range(n - 1):
            total = self.mul(total, a)
        return total

    # -- the question ------------------------------------------------------------------------------------------------------
    def vanishes(self, form: Form) -> bool:
        """Whether a sum of words is 0, multiplying by invertible polynomials at an end where an inverse stands."""
        if form.below == 0:
            return False
        for _ in range(8):
            form = self.reduced(form)
            self.trace.steps.append("difference: " + self.shown(form.words))
            if not form.words:
                return True
            form = self._without_common_ends(form)
            left = self._end(form, 0)
            right = self._end(form, -1) if left is None else None
            z = left if left is not None else right
            if z is None:
                return False
            lead, rest = self._polynomial(z)
            assert z.inverse is not None
            size = self.inverses[z.inverse].size
            p = Form({lead: self.one, **dict(rest)}, self.one, size, size)
            self.trace.steps.append(
                f"multiply on the {'left' if left is not None else 'right'} by {self.shown(p.words)}"
            )
            form = self.mul(p, form) if left is not None else self.mul(form, p)
        return False

    def _end(self, form: Form, place: int) -> Atom | None:
        """An inverse at that end of some word, the inverses of sums first."""
        found = [w[place] for w in form.words if w and w[place].inverse is not None]
        sums = [z for z in found if z.inverse is not None and self.inverses[z.inverse].rest]
        return next(iter(sums), next(iter(found), None))

    def _without_common_ends(self, form: Form) -> Form:
        """A first (or last) letter shared by every word may go: if the rest vanishes, so does the whole."""
        words = list(form.words)
        rows, cols = form.rows, form.cols
        while all(words) and len({w[0] for w in words}) == 1:
            self.trace.steps.append(f"drop the common first letter {spelled(words[0][:1])}")
            rows = self.sizes(words[0][0])[1]
            words = [w[1:] for w in words]
        while all(words) and len({w[-1] for w in words}) == 1:
            self.trace.steps.append(f"drop the common last letter {spelled(words[0][-1:])}")
            cols = self.sizes(words[0][-1])[0]
            words = [w[:-1] for w in words]
        return Form(dict(zip(words, form.words.values(), strict=True)), form.below, rows, cols)

    def shown(self, words: dict[Word, Poly]) -> str:
        return " + ".join(f"[{self.ring.shown(p)}] {spelled(w) or '1'}" for w, p in words.items()) or "0"

    def certificate(self, gold: Form, answer: Form) -> str:
        lines = ["matrix identity, for all sizes"]
        for name, symbol in self.symbols.items():
            words = [w for w in ("symmetric", "orthonormal columns", "orthonormal rows") if symbol.has(w)]
            if not symbol.shape.is_scalar:
                lines.append(f"letter {name}: {symbol.shape.sizes()}" + (f" {', '.join(words)}" if words else ""))
        for i, known in enumerate(self.inverses):
            p = {known.lead: self.one, **dict(known.rest)}
            lines.append(f"let Z{i} be the inverse of {self.shown(p)}" + (" (symmetric)" if known.symmetric else ""))
        for name, form in (("expected", gold), ("answer", answer)):
            lines.append(f"{name} = ({self.shown(form.words)}) / ({self.ring.shown(form.below)})")
        lines += self.trace.steps
        return "\n".join(lines)


def prove_matrix(scene: Scene, gold: Expr, answer: Expr, *, transposed: bool = False) -> str | None:
    """The certificate, or None where the difference does not come to 0 or there is no normal form."""
    form = MatrixForm(scene)
    try:
        a, b = form.form(gold), form.form(answer)
        if transposed and (a.rows, a.cols) == (b.cols, b.rows) and a.rows != a.cols and 1 in (a.rows, a.cols):
            b = form.transpose(b)
        if not form.vanishes(form.add(a, b, -1)):
            return None
    except (NoMatrixForm, OverBudget, Undefined, ZeroDivisionError, KeyError, OverflowError):
        return None
    return form.certificate(a, b)
