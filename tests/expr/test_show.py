"""What is shown reads back: the law every printer keeps."""

from __future__ import annotations

import xml.dom.minidom
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings

from llmgrade.expr.nodes import Expr
from llmgrade.expr.notation import read
from llmgrade.expr.show import latex, mathml, plain

from .expressions import statements, values

WRITERS: dict[str, Callable[[Expr], str]] = {"plain": plain, "latex": latex}
law = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


@pytest.mark.parametrize("writer", WRITERS)
@law
@given(expr=values)
def test_a_value_reads_back_as_it_was(writer: str, expr: Expr) -> None:
    shown = WRITERS[writer](expr)
    assert read(shown).expr == expr, shown


@pytest.mark.parametrize("writer", WRITERS)
@law
@given(expr=statements)
def test_a_statement_reads_back_as_it_was(writer: str, expr: Expr) -> None:
    shown = WRITERS[writer](expr)
    assert read(shown).expr == expr, shown


@law
@given(expr=statements)
def test_mathml_is_well_formed(expr: Expr) -> None:
    document = xml.dom.minidom.parseString(mathml(expr, display=True))
    assert document.documentElement.tagName == "math"
