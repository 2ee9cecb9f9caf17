"""Reading texts: what they say, what they cannot say, and that no text is too wicked."""

from __future__ import annotations

import pickle
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llmgrade.errors import ExpressionError, LimitExceeded
from llmgrade.expr import nodes as n
from llmgrade.expr.notation import NeedTree, Reader, Reading, TreeBuilder, read, shape_of
from llmgrade.expr.show import plain
from llmgrade.expr.symbols import SymbolTable
from llmgrade.limits import Limits

from .expressions import statements

TABLE = Path(__file__).parent / "cases" / "reading.cases"


def cases() -> list[tuple[str, str, str, str]]:
    """``(where, symbols, text, shown)`` of every row."""
    found, symbols = [], ""
    for number, line in enumerate(TABLE.read_text(encoding="utf-8").splitlines(), 1):
        if line.startswith("symbols:"):
            symbols = line.removeprefix("symbols:").strip()
        elif line.strip() and not line.startswith("#"):
            text, _, shown = line.partition(" reads ")
            found.append((f"reading.cases:{number}", symbols, text.strip(), shown.strip()))
    assert found
    return found


def table(symbols: str) -> SymbolTable:
    return SymbolTable.from_json(dict(part.strip().split(": ", 1) for part in symbols.split(";")) if symbols else {})


@pytest.mark.parametrize(
    ("symbols", "text", "shown"), [case[1:] for case in cases()], ids=[case[0] for case in cases()]
)
def test_a_text_says_what_the_table_says(symbols: str, text: str, shown: str) -> None:
    assert plain(read(text, table(symbols)).expr) == shown


@pytest.mark.parametrize(
    ("text", "reason", "place"),
    [
        ("(a + b", "a bracket is not closed", ""),
        ("a + b)", "closes what was never opened", ")"),
        (r"\frac{a}{", "the text ends", ""),
        ("a + * b", "an operator with nothing before it", "*"),
        ("x +", "the text ends", ""),
        ("2 3", "two numbers side by side", "3"),
        ("", "nothing to read", ""),
        (r"\foo{x}", "no command we know", r"\foo"),
        ("a # b", "has no meaning here", "#"),
        (r"\input{/etc/passwd}", "no command we know", r"\input"),
        (r"\int x^2", "without its d", ""),
        ("108_3", "has no meaning in base 3", "3"),
        ("|x", "a bar is not closed", ""),
        (r"\begin{pmatrix} 1 & 2 \\ 3 \end{pmatrix}", "rows of different lengths", r"\end{pmatrix}"),
        ("sin", "sin of what", ""),
        (r"\lim x", "a limit of what", "x"),
        (r"A^{-}", "which generalized inverse", "{"),
    ],
)
def test_a_mistake_has_a_place_and_a_reason(text: str, reason: str, place: str) -> None:
    with pytest.raises(ExpressionError) as found:
        read(text)
    assert reason in found.value.reason
    assert text[found.value.span.start : found.value.span.stop] == place


def test_a_word_is_no_product_where_names_are_declared() -> None:
    declared = table("w: real; b: real")
    with pytest.raises(ExpressionError, match="neither a declared name"):
        read("the weight w", declared)
    assert read("wb", declared).expr == n.Mul((n.Sym("w"), n.Sym("b")))


@pytest.mark.parametrize(
    "text",
    [
        "x" * 20_001,
        "(" * 5_000,
        "-" * 3_000 + "x",
        "{" * 500 + "x" + "}" * 500,
        "x" + "^x" * 1_500,
        r"\frac{1}{1+" * 400 + "x" + "}" * 400,
        r"\sqrt{" * 300 + "x" + "}" * 300,
        r"\sin" * 1_000 + "x",
        "1+" * 4_001 + "1",
        "9" * 500,
        "1e999999999",
        "|" * 1_000,
        "a" * 19_000,
        r"\sum_{i=1}^{n}" * 300 + "i",
        "[" * 200 + "1" + "]" * 200,
    ],
    ids=lambda text: text[:12],
)
def test_a_budget_runs_out_at_once(text: str) -> None:
    started = time.perf_counter()
    with pytest.raises(ExpressionError):
        read(text)
    assert time.perf_counter() - started < 1.0


def test_running_out_is_not_being_wrong() -> None:
    with pytest.raises(LimitExceeded):
        read("(" * 200 + "x" + ")" * 200)
    with pytest.raises(LimitExceeded):
        read("x + y + z", limits=Limits(tokens=4))


def attempt(text: str) -> tuple[ExpressionError | None, Reading | None]:
    """The refusal or the reading of a text; any other exception is a bug and passes through."""
    try:
        return None, read(text)
    except ExpressionError as why:
        return why, None


_PIECES = st.sampled_from(
    [
        r"x",
        r"y",
        r"w",
        r"λ",
        r"Σ",
        r"1",
        r"23",
        r"0.5",
        r"+",
        r"-",
        r"*",
        r"/",
        r"^",
        r"_",
        r"(",
        r")",
        r"[",
        r"]",
        r"{",
        r"}",
        r"|",
        r"‖",
        r",",
        r";",
        r":",
        r"=",
        r"<",
        r"≤",
        r"∈",
        r"→",
        r"!",
        r"'",
        r"²",
        r"⁻¹",
        r"ᵀ",
        r"†",
        r"\frac",
        r"\sqrt",
        r"\sum",
        r"\int",
        r"\left(",
        r"\right)",
        r"\|",
        r"\text{if}",
        r"\begin{cases}",
        r"\end{cases}",
        r"&",
        r"\\",
        r"d",
        r"dx",
        r"\partial",
        r"∇",
        r"sin",
        r"log_2",
        r"\lim",
        r".",
        r"$",
        r"%",
        r"√",
        r"∑",
        r"∫",
        r"f",
        r"np.",
        r"@",
        r".T",
        r"\{",
        r"\}",
        r"\hat{x}",
        r"±",
        r"\cdot",
        r"\mid",
        r"{,}",
        r"1,000",
        r"e",
        r"i",
        r"I",
        r"\boxed{",
    ]
)


@settings(max_examples=400, deadline=None)
@given(pieces=st.lists(_PIECES, max_size=14), glue=st.sampled_from(["", " "]))
def test_any_heap_of_tokens_is_read_or_refused_with_its_place(pieces: list[str], glue: str) -> None:
    text = glue.join(pieces)
    refusal, reading = attempt(text)
    if refusal is not None:
        assert 0 <= refusal.span.start <= refusal.span.stop <= len(text)
    if reading is not None:
        located = reading.located()
        assert located is not None
        assert located.expr == reading.expr
        assert isinstance(reading.alternatives, tuple)


@settings(max_examples=300, deadline=None)
@given(text=st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    refusal, reading = attempt(text)
    assert (refusal is None) != (reading is None)
    assert refusal is None or refusal.reason


@settings(max_examples=100, deadline=None)
@given(expr=statements)
def test_an_expression_is_hashable_and_travels(expr: n.Expr) -> None:
    assert pickle.loads(pickle.dumps(expr)) == expr
    assert hash(expr) == hash(pickle.loads(pickle.dumps(expr)))


@pytest.mark.parametrize(
    ("text", "code"),
    [("1/2x", "slash"), ("3\\frac12", "mixed-number"), ("1,234", "list"), ("sin x y", "run"), ("1,22", "decimal-comma"), ("(0, 1)", "interval"), ("odd", "word"), ("f(x)", "product"), ("log x", "log"), ("A^* x", "star")],
)  # fmt: skip
def test_a_second_reading_is_listed(text: str, code: str) -> None:
    assert code in [other.code for other in read(text).alternatives]


def test_a_scalar_beside_a_matrix_may_mean_its_multiple_of_the_identity() -> None:
    declared = table("X: matrix(n,d); λ: real > 0")
    reading = read("(XᵀX + λ)⁻¹", declared)
    assert [plain(other.expr) for other in reading.alternatives] == ["(Xᵀ X + λ I)⁻¹"]
    assert not read("(XᵀX + λI)⁻¹", declared).alternatives


def test_a_clear_text_has_one_reading() -> None:
    assert read("2x + 1").alternatives == ()


def test_a_shape_mistake_stands_where_it_was_written() -> None:
    declared = table("X: matrix(n,d); y: vector(n); λ: real > 0")
    with pytest.raises(ExpressionError) as found:
        shape_of(read("w = (XᵀX + λ)⁻¹Xᵀy", declared), declared)
    assert found.value.text[found.value.span.start : found.value.span.stop] == "XᵀX + λ"
    assert found.value.reason == "cannot add a scalar to a d×d matrix"
    assert found.value.hint == "did you mean `λI`?"


def test_a_builder_of_values_computes_without_a_tree() -> None:
    class Numbers(TreeBuilder):
        """Computes; refuses whatever is no arithmetic."""

        num = staticmethod(float)  # type: ignore[assignment]
        add = staticmethod(sum)  # type: ignore[assignment]
        neg = staticmethod(lambda a: -a)  # type: ignore[assignment]
        div = staticmethod(lambda a, b: a / b)  # type: ignore[assignment]
        powi = staticmethod(lambda a, k: a**k)  # type: ignore[assignment]

        def mul(self, factors):  # type: ignore[no-untyped-def]
            product = 1.0
            for factor in factors:
                product *= factor
            return product

        def node(self, kind, *fields):  # type: ignore[no-untyped-def]
            raise NeedTree

    reader = Reader(SymbolTable.empty(), builder=Numbers())
    assert reader.value("2(3 + 4)^2/7 - 1") == 13.0
    with pytest.raises(NeedTree):
        reader.value("1 = 1")
