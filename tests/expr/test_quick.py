"""The quick pass over plain texts says what the grammar says, or nothing."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llmgrade.checking.compiled import Part
from llmgrade.expr.evaluate import Evaluator
from llmgrade.expr.evaluate_algebra import Beyond, OverBudget, ShapeMismatch, Undefined
from llmgrade.expr.evaluate_builder import ValueBuilder
from llmgrade.expr.notation import NeedTree, Reader, tokens
from llmgrade.expr.notation.quick import PASS, quick_reader
from llmgrade.expr.symbols import SymbolTable

SCALARS = SymbolTable.from_json({name: {} for name in ("a", "b", "x", "n")})
ARRAYS = SymbolTable.from_json(
    {
        "A": "matrix(n, n)",
        "B": "matrix(n, n)",
        "X": "matrix(m, n)",
        "v": "vector(n)",
        "\\lambda": {"assume": ["positive"]},
        "c": {},
    }
)
PIECES = {
    "scalars": ["a", "b", "x", "2", "10", "+", "-", "(", ")", "^2", "^{-1}", "^{", "}", "\\frac{a}{", "}{b}", "*", "/", "\\cdot ", "\\ln ", "\\exp(", "|", ",", "\\|", "=", "\\sum_{x}"],
    "arrays": ["A", "B", "X", "v", "c", "\\lambda", "2", "+", "-", "(", ")", "^T", "^\\top", "^{-1}", "^2", "\\frac{1}{", "}", "\\cdot ", "\\det(", "I", "{", "f", "_1", "\\|", "_F", "^{-T}", "|"],
}  # fmt: skip
TABLES = {"scalars": SCALARS, "arrays": ARRAYS}


class GrammarOnly(ValueBuilder):
    """Values without the quick pass."""

    def __init__(self, evaluator: Evaluator) -> None:
        super().__init__(evaluator)
        self.refusals = None  # type: ignore[assignment]


def outcome(read: Any, text: str) -> tuple[str, Any]:
    """What reading comes to. What sends an answer to its tree is one outcome, whatever the reason."""
    try:
        value = read(text)
    except ShapeMismatch:
        return "misfit", None
    except Undefined:
        return "undefined", None
    except (NeedTree, Beyond, OverBudget, TypeError, ValueError, AttributeError, ArithmeticError):
        return "aside", None
    return "value", repr(value) if hasattr(value, "nrows") or "flint" in type(value).__module__ else None


@pytest.mark.parametrize("kind", sorted(TABLES))
def test_the_quick_pass_and_the_grammar_agree(kind: str) -> None:
    table = TABLES[kind]
    part = Part.compile("a + b" if kind == "scalars" else "A + B", table, seed="quick")
    fast = part._field[0]
    slow = Reader(table, builder=GrammarOnly(fast.point.evaluator))
    met = set()

    @settings(max_examples=400, deadline=None, derandomize=True, database=None)
    @given(st.lists(st.sampled_from(PIECES[kind]), min_size=1, max_size=9).map("".join))
    def law(text: str) -> None:
        quickly, slowly = outcome(fast.parse, text), outcome(slow.attempt, text)
        met.add(quickly[0])
        # of two things that are wrong with one text, either may be met first
        if {quickly[0], slowly[0]} != {"misfit", "aside"}:
            assert quickly == slowly
            if quickly[0] == "value":
                assert fast.parser.doubts == slow.parser().doubts

    law()
    assert {"value", "aside"} <= met


@pytest.mark.parametrize("text", ["a/b x", "a(b + x", "2 3", "a b)", "a + ", "2 \\frac{1}{2}", "a, b", "a * -b"])
def test_what_is_not_plain_is_left_to_the_grammar(text: str) -> None:
    """Second readings, open brackets, relations, lists: the loop passes them on rather than guess."""
    evaluator = Part.compile("a + b", SCALARS, seed="quick")._field[0].point.evaluator
    loop = quick_reader(ValueBuilder(evaluator), t_declared=False, plain_products=True, most_depth=40)
    lexicon = Reader(SCALARS, builder=ValueBuilder(evaluator)).parser().lexicon
    end = (tokens.EOF, None, "")
    assert loop([*lexicon.tokens(text), end, end, end, end]) is PASS


_BITS = st.sampled_from(
    ["x", "d", "X^T", "^{-1}", "\\frac", "{", "}", " ", "  ", "\\,", "\\quad ", "~", "np.", "d/d", "x_1", "2", "3.5", "->",
     "{:}", "\n", "\\big", "\\left(", "\\lambda", "_", "'", "-", "sin ", "½", "\\hspace{1em}", "if and only if"]
)  # fmt: skip


@given(st.lists(_BITS, max_size=12).map("".join))
@settings(max_examples=300, deadline=None)
def test_lexemes_found_with_what_stands_before_them_are_the_same_lexemes(text: str) -> None:
    assert [tokens.unspaced(found) for found in tokens.SPACED.findall(text)] == tokens.LEXEME.findall(text)
