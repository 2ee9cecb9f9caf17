"""How strongly each node holds its parts together: the one table every printer asks.

A part is bracketed where it binds weaker than its place demands. The numbers are those of the grammar that reads the text back.
"""

from __future__ import annotations

from llmgrade.expr import nodes

__all__ = [
    "ATOM",
    "BARE_LIST",
    "CAP",
    "CONDITION",
    "FACTOR",
    "NEGATION",
    "POSTFIX",
    "RATIO",
    "RELATION",
    "SET",
    "SUM",
    "STRENGTH",
    "strength",
]

BARE_LIST, CONDITION, OR, AND, RELATION, SET, CAP, RATIO, SUM, BODY, NEGATION, FACTOR, POSTFIX, ATOM = (
    0,
    1,
    2,
    3,
    5,
    7,
    8,
    9,
    10,
    14,
    15,
    20,
    45,
    100,
)

STRENGTH: dict[type[nodes.Expr], int] = {
    nodes.Given: CONDITION, nodes.Logic: AND, nodes.Relation: RELATION, nodes.SetOp: SET, nodes.Add: SUM, nodes.PlusMinus: SUM, nodes.Neg: NEGATION,
    nodes.BigOp: BODY, nodes.Integral: BODY, nodes.Limit: BODY, nodes.Derivative: BODY, nodes.Mul: FACTOR, nodes.Div: FACTOR, nodes.Infix: FACTOR, nodes.Quantity: FACTOR,
    nodes.Pow: 40, nodes.Transpose: POSTFIX, nodes.Adjoint: POSTFIX, nodes.PInv: POSTFIX, nodes.Index: POSTFIX, nodes.Percent: POSTFIX, nodes.At: POSTFIX,
}  # fmt: skip
"""Node class → strength; a class that is not here is an atom."""


def strength(expr: nodes.Expr) -> int:
    """How strongly the outermost operator of ``expr`` binds."""
    if isinstance(expr, nodes.Seq):
        return ATOM if expr.brackets and expr.brackets != ";" else BARE_LIST
    if isinstance(expr, nodes.Logic):
        return {"and": AND, "or": OR, "not": AND}.get(expr.op, CONDITION)
    if isinstance(expr, nodes.Infix) and expr.op in ("ratio", "mod"):
        return RATIO
    if isinstance(expr, nodes.Infix) and expr.op == "inner":
        return ATOM
    if isinstance(expr, nodes.SetOp) and expr.op == "intersection":
        return CAP
    if isinstance(expr, nodes.Call) and expr.function in ("factorial", "factorial2"):
        return POSTFIX
    return STRENGTH.get(type(expr), ATOM)
