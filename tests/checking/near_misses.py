"""Pairs that agree at ordinary points and part in a corner, beside pairs that agree everywhere; numpy is the judge.

Each row holds declarations, two texts, the same two as numpy functions, and whether they are the same. The functions share
no code with the product: they are evaluated at points drawn here, singular, empty-handed, far away and turned ones included.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np

__all__ = ["ROWS", "Row", "TABLES", "oracle"]

Env = dict[str, Any]
Judge = Callable[[SimpleNamespace], Any]


def _m(rows: str, cols: str, *words: str) -> dict[str, Any]:
    return {"type": "matrix", "shape": [rows, cols], "assume": list(words)}


def _v(size: str, *words: str) -> dict[str, Any]:
    return {"type": "vector", "shape": [size, 1], "assume": list(words)}


_ONE = {"type": "identity", "shape": ["fits", "fits"]}
_WHOLE = {"assume": ["integer"]}
TABLES: dict[str, dict[str, Any]] = {
    "square": {"A": _m("n", "n"), "B": _m("n", "n"), "C": _m("n", "n"), "b": _v("n"), "x": _v("n"), "I": _ONE, "c": {}},
    "tall or wide": {"X": _m("n", "d"), "Y": _m("d", "m"), "y": _v("n"), "w": _v("d"), "I": _ONE},
    "turned": {"Q": _m("n", "n", "orthogonal"), "U": _m("n", "d", "orthonormal columns"), "A": _m("n", "n"), "I": _ONE},
    "special": {
        "P": _m("n", "n", "projection"), "E": _m("n", "n", "idempotent"), "G": _m("n", "n", "singular"),
        "K": _m("n", "n", "skew"), "H": _m("n", "n", "psd"), "J": _m("n", "n", "spd"), "D": _m("n", "n", "diagonal"),
        "N": _m("n", "n", "symmetric"), "L": _m("n", "n", "triangular"), "I": _ONE,
    },
    "real": {"x": {}, "y": {}},
    "whole": {"n": _WHOLE, "m": _WHOLE, "k": _WHOLE, "j": _WHOLE},
    "complex": {"z": {"assume": ["complex"]}, "w": {"assume": ["complex"]}},
    "natural": {"n": {"assume": ["integer", "positive"]}},
}  # fmt: skip


@dataclass(frozen=True)
class Row:
    """Two texts and what numpy makes of them."""

    table: str
    gold: str
    answer: str
    gold_value: Judge
    answer_value: Judge
    same: bool


def inv(a: Any) -> Any:
    if a.shape[0] == 0 or np.linalg.cond(a) > 1e10:
        raise np.linalg.LinAlgError("singular")
    return np.linalg.inv(a)


def pinv(a: Any) -> Any:
    return np.linalg.pinv(a, rcond=1e-9)


def rank(a: Any) -> Any:
    return np.linalg.matrix_rank(a, tol=1e-8)


det, tr, eye, fro = np.linalg.det, np.trace, np.eye, np.linalg.norm


def square_env(rng: np.random.Generator) -> Env:
    n = int(rng.integers(2, 6))
    return {"n": n, "A": _any(rng, n, n), "B": _any(rng, n, n), "C": _any(rng, n, n), "b": _any(rng, n, 1), "x": _any(rng, n, 1),
            "c": float(rng.normal())}  # fmt: skip


def _any(rng: np.random.Generator, rows: int, cols: int) -> Any:
    """Of any rank, now and then with empty rows or nothing in it."""
    kind = rng.integers(0, 5)
    if kind == 0:
        return np.zeros((rows, cols)) if rng.random() < 0.4 else rng.normal(size=(rows, cols))
    if kind == 1 and min(rows, cols) > 1:
        r = int(rng.integers(1, min(rows, cols)))
        return rng.normal(size=(rows, r)) @ rng.normal(size=(r, cols))
    if kind == 2 and min(rows, cols) > 1:
        return np.diag(rng.integers(0, 2, rows)) @ rng.normal(size=(rows, cols)) @ np.diag(rng.integers(0, 2, cols))
    return rng.normal(size=(rows, cols))


def rectangular_env(rng: np.random.Generator) -> Env:
    n, d, m = (int(k) for k in rng.integers(1, 6, 3))
    return {
        "n": n,
        "d": d,
        "m": m,
        "X": _any(rng, n, d),
        "Y": _any(rng, d, m),
        "y": _any(rng, n, 1),
        "w": _any(rng, d, 1),
    }


def _frame(rng: np.random.Generator, n: int, d: int) -> Any:
    q, _ = np.linalg.qr(rng.normal(size=(n, n)))
    return (q @ np.diag(rng.choice([-1.0, 1.0], n)))[:, :d]


def turned_env(rng: np.random.Generator) -> Env:
    n = int(rng.integers(2, 6))
    d = int(rng.integers(1, n + 1))
    return {"n": n, "d": d, "Q": _frame(rng, n, n), "U": _frame(rng, n, d), "A": _any(rng, n, n)}


def special_env(rng: np.random.Generator) -> Env:
    n = int(rng.integers(2, 6))
    r = int(rng.integers(0, n + 1))
    u = _frame(rng, n, r)
    left, right = rng.normal(size=(n, r)), rng.normal(size=(n, r))
    a, g = rng.normal(size=(n, n)), rng.normal(size=(n, n))
    short = int(rng.integers(1, n))
    return {
        "n": n, "P": u @ u.T, "E": left @ np.linalg.inv(right.T @ left) @ right.T, "G": g[:, :short] @ g[:short, :], "K": a - a.T,
        "H": left @ left.T, "J": a @ a.T + eye(n), "D": np.diag(rng.integers(-2, 3, n).astype(float)), "N": u @ np.diag(rng.normal(size=r)) @ u.T,
        "L": np.triu(a) * rng.integers(0, 2, (n, 1)),
    }  # fmt: skip


def real_env(rng: np.random.Generator) -> Env:
    scale = 10.0 ** rng.integers(-4, 5)
    return {"x": float(rng.normal() * scale), "y": float(rng.normal() * scale)}


def whole_env(rng: np.random.Generator) -> Env:
    return {name: int(rng.integers(-40, 41)) for name in "nmkj"}


def natural_env(rng: np.random.Generator) -> Env:
    return {"n": int(rng.integers(1, 400))}


def complex_env(rng: np.random.Generator) -> Env:
    scale = 10.0 ** rng.integers(-1, 2)
    return {name: complex(rng.normal() * scale, rng.normal() * scale) for name in "zw"}


DRAWS = {
    "square": square_env, "tall or wide": rectangular_env, "turned": turned_env, "special": special_env, "real": real_env,
    "whole": whole_env, "complex": complex_env,
    "natural": natural_env,
}  # fmt: skip


def oracle(row: Row, points: int = 400) -> bool:
    """Whether the two agree at every point where the first has a value, as numpy sees it."""
    rng = np.random.default_rng(random.Random(row.gold + row.answer).randrange(2**32))
    seen = 0
    for _ in range(points):
        env = SimpleNamespace(**DRAWS[row.table](rng))
        with np.errstate(all="ignore"):
            try:
                gold = np.asarray(row.gold_value(env))
            except (np.linalg.LinAlgError, ValueError, ZeroDivisionError, OverflowError):
                continue
            if not np.all(np.isfinite(gold)):
                continue
            seen += 1
            try:
                answer = np.asarray(row.answer_value(env))
            except (np.linalg.LinAlgError, ValueError, ZeroDivisionError):
                return False
        if answer.shape != gold.shape or not np.allclose(gold, answer, rtol=1e-6, atol=1e-7):
            return False
    assert seen > points // 20, "the oracle met too few points"
    return True


def _rows(table: str, same: bool, *lines: tuple[str, str, Judge, Judge]) -> list[Row]:
    return [Row(table, gold, answer, g, a, same) for gold, answer, g, a in lines]


ROWS: list[Row] = [
    *_rows(
        "square", False,
        (r"A A^\dagger b", r"A^\dagger A b", lambda e: e.A @ pinv(e.A) @ e.b, lambda e: pinv(e.A) @ e.A @ e.b),
        (r"A^\dagger", "A^{-1}", lambda e: pinv(e.A), lambda e: inv(e.A)),
        (r"A^\dagger A", "I", lambda e: pinv(e.A) @ e.A, lambda e: eye(e.n)),
        (r"A A^\dagger", "I", lambda e: e.A @ pinv(e.A), lambda e: eye(e.n)),
        (r"A A^\dagger b", "b", lambda e: e.A @ pinv(e.A) @ e.b, lambda e: e.b),
        (r"(AB)^\dagger", r"B^\dagger A^\dagger", lambda e: pinv(e.A @ e.B), lambda e: pinv(e.B) @ pinv(e.A)),
        (r"(A^2)^\dagger", r"(A^\dagger)^2", lambda e: pinv(e.A @ e.A), lambda e: pinv(e.A) @ pinv(e.A)),
        (r"A^\dagger", r"(A^TA)^{-1}A^T", lambda e: pinv(e.A), lambda e: inv(e.A.T @ e.A) @ e.A.T),
        (r"A^\dagger A", r"A A^\dagger", lambda e: pinv(e.A) @ e.A, lambda e: e.A @ pinv(e.A)),
        (r"(A+B)^\dagger", r"A^\dagger + B^\dagger", lambda e: pinv(e.A + e.B), lambda e: pinv(e.A) + pinv(e.B)),
        (r"\operatorname{rank}(A)", "n", lambda e: rank(e.A), lambda e: e.n),
        (r"\operatorname{rank}(AB)", r"\operatorname{rank}(A)", lambda e: rank(e.A @ e.B), lambda e: rank(e.A)),
        (r"\operatorname{rank}(AB)", r"\operatorname{rank}(BA)", lambda e: rank(e.A @ e.B), lambda e: rank(e.B @ e.A)),
        (r"\operatorname{rank}(A^2)", r"\operatorname{rank}(A)", lambda e: rank(e.A @ e.A), lambda e: rank(e.A)),
        (r"\operatorname{rank}(A+B)", r"\operatorname{rank}(A)+\operatorname{rank}(B)", lambda e: rank(e.A + e.B), lambda e: rank(e.A) + rank(e.B)),
        (r"\operatorname{tr}(A^\dagger A)", "n", lambda e: tr(pinv(e.A) @ e.A), lambda e: e.n),
        (r"\det(2A)", r"8\det(A)", lambda e: det(2 * e.A), lambda e: 8 * det(e.A)),
        (r"\det(2A)", r"2\det(A)", lambda e: det(2 * e.A), lambda e: 2 * det(e.A)),
        (r"\det(-A)", r"-\det(A)", lambda e: det(-e.A), lambda e: -det(e.A)),
        (r"\det(-A)", r"\det(A)", lambda e: det(-e.A), lambda e: det(e.A)),
        (r"\operatorname{tr}(I_n)", "3", lambda e: e.n, lambda e: 3),
        (r"\operatorname{tr}(AA^{-1})", "3", lambda e: tr(e.A @ inv(e.A)), lambda e: 3),
        (r"\operatorname{tr}(AA^{-1})", "1", lambda e: tr(e.A @ inv(e.A)), lambda e: 1),
        (r"\det(c I_n)", "c^3", lambda e: e.c ** e.n, lambda e: e.c ** 3),
        (r"\|I_n\|_F^2", "4", lambda e: e.n, lambda e: 4),
        (r"\det(A+B)", r"\det(A)+\det(B)", lambda e: det(e.A + e.B), lambda e: det(e.A) + det(e.B)),
        (r"A^3-\operatorname{tr}(A)A^2+\frac12(\operatorname{tr}(A)^2-\operatorname{tr}(A^2))A-\det(A)I", "0", lambda e: e.A @ e.A @ e.A - tr(e.A) * e.A @ e.A + (tr(e.A) ** 2 - tr(e.A @ e.A)) / 2 * e.A - det(e.A) * eye(e.n), lambda e: 0 * e.A),
        ("c", "c I", lambda e: e.c, lambda e: e.c * eye(e.n)),
        (r"\operatorname{tr}(A)", r"\operatorname{tr}(A) I", lambda e: tr(e.A), lambda e: tr(e.A) * eye(e.n)),
        ("x^Tx", "x^Tx I", lambda e: (e.x.T @ e.x)[0, 0], lambda e: (e.x.T @ e.x) * eye(e.n)),
        (r"x^\dagger x", "1", lambda e: (pinv(e.x) @ e.x)[0, 0], lambda e: 1.0),
        (r"\operatorname{tr}(ABC)", r"\operatorname{tr}(ACB)", lambda e: tr(e.A @ e.B @ e.C), lambda e: tr(e.A @ e.C @ e.B)),
        ("(A+B)(A-B)", "A^2-B^2", lambda e: (e.A + e.B) @ (e.A - e.B), lambda e: e.A @ e.A - e.B @ e.B),
        ("x^Tb", "bx^T", lambda e: (e.x.T @ e.b)[0, 0], lambda e: e.b @ e.x.T),
    ),
    *_rows(
        "square", True,
        (r"A A^\dagger A", "A", lambda e: e.A @ pinv(e.A) @ e.A, lambda e: e.A),
        (r"A^\dagger", r"(A^TA)^\dagger A^T", lambda e: pinv(e.A), lambda e: pinv(e.A.T @ e.A) @ e.A.T),
        (r"A^\dagger", r"A^T(AA^T)^\dagger", lambda e: pinv(e.A), lambda e: e.A.T @ pinv(e.A @ e.A.T)),
        (r"(A^T)^\dagger", r"(A^\dagger)^T", lambda e: pinv(e.A.T), lambda e: pinv(e.A).T),
        (r"(A^\dagger)^\dagger", "A", lambda e: pinv(pinv(e.A)), lambda e: e.A),
        (r"\operatorname{rank}(A^TA)", r"\operatorname{rank}(A)", lambda e: rank(e.A.T @ e.A), lambda e: rank(e.A)),
        (r"\operatorname{rank}(A^\dagger)", r"\operatorname{rank}(A)", lambda e: rank(pinv(e.A)), lambda e: rank(e.A)),
        (r"\operatorname{tr}(A^\dagger A)", r"\operatorname{rank}(A)", lambda e: tr(pinv(e.A) @ e.A), lambda e: rank(e.A)),
        (r"\det(2A)", r"2^n\det(A)", lambda e: det(2 * e.A), lambda e: 2 ** e.n * det(e.A)),
        (r"\det(-A)", r"(-1)^n\det(A)", lambda e: det(-e.A), lambda e: (-1) ** e.n * det(e.A)),
        (r"\det(c I_n)", "c^n", lambda e: e.c ** e.n, lambda e: e.c ** e.n),
        (r"\operatorname{tr}(I_n)", "n", lambda e: e.n, lambda e: e.n),
        (r"\|I_n\|_F^2", "n", lambda e: e.n, lambda e: e.n),
        (r"\operatorname{tr}(ABC)", r"\operatorname{tr}(BCA)", lambda e: tr(e.A @ e.B @ e.C), lambda e: tr(e.B @ e.C @ e.A)),
        (r"\|A\|_F^2", r"\operatorname{tr}(A^TA)", lambda e: fro(e.A) ** 2, lambda e: tr(e.A.T @ e.A)),
        (r"\det(AB)", r"\det(BA)", lambda e: det(e.A @ e.B), lambda e: det(e.B @ e.A)),
    ),
    *_rows(
        "tall or wide", False,
        (r"X^\dagger X", "I", lambda e: pinv(e.X) @ e.X, lambda e: eye(e.d)),
        (r"X X^\dagger", "I", lambda e: e.X @ pinv(e.X), lambda e: eye(e.n)),
        (r"X^\dagger y", "(X^TX)^{-1}X^Ty", lambda e: pinv(e.X) @ e.y, lambda e: inv(e.X.T @ e.X) @ e.X.T @ e.y),
        (r"X^\dagger y", "X^T(XX^T)^{-1}y", lambda e: pinv(e.X) @ e.y, lambda e: e.X.T @ inv(e.X @ e.X.T) @ e.y),
        (r"(XY)^\dagger", r"Y^\dagger X^\dagger", lambda e: pinv(e.X @ e.Y), lambda e: pinv(e.Y) @ pinv(e.X)),
        (r"\det(XX^T)", "0", lambda e: det(e.X @ e.X.T), lambda e: 0.0),
        (r"\det(X^TX)", "0", lambda e: det(e.X.T @ e.X), lambda e: 0.0),
        (r"\det(XX^T)", r"\det(X^TX)", lambda e: det(e.X @ e.X.T), lambda e: det(e.X.T @ e.X)),
        (r"\operatorname{rank}(X)", "d", lambda e: rank(e.X), lambda e: e.d),
        (r"\operatorname{rank}(X)", r"\min(n,d)", lambda e: rank(e.X), lambda e: min(e.n, e.d)),
        (r"\operatorname{rank}(XY)", r"\operatorname{rank}(X)", lambda e: rank(e.X @ e.Y), lambda e: rank(e.X)),
        (r"\operatorname{tr}(XX^\dagger)", "d", lambda e: tr(e.X @ pinv(e.X)), lambda e: e.d),
        (r"\|X^\dagger X\|_F^2", "d", lambda e: fro(pinv(e.X) @ e.X) ** 2, lambda e: e.d),
        (r"X(X^TX)^\dagger X^T", "I", lambda e: e.X @ pinv(e.X.T @ e.X) @ e.X.T, lambda e: eye(e.n)),
        (r"X^\dagger X w", "w", lambda e: pinv(e.X) @ e.X @ e.w, lambda e: e.w),
    ),
    *_rows(
        "tall or wide", True,
        (r"X^\dagger", r"(X^TX)^\dagger X^T", lambda e: pinv(e.X), lambda e: pinv(e.X.T @ e.X) @ e.X.T),
        (r"X(X^TX)^\dagger X^T", r"XX^\dagger", lambda e: e.X @ pinv(e.X.T @ e.X) @ e.X.T, lambda e: e.X @ pinv(e.X)),
        (r"\det(I+XX^T)", r"\det(I+X^TX)", lambda e: det(eye(e.n) + e.X @ e.X.T), lambda e: det(eye(e.d) + e.X.T @ e.X)),
        (r"X^T(XX^T+2I)^{-1}y", "(X^TX+2I)^{-1}X^Ty", lambda e: e.X.T @ inv(e.X @ e.X.T + 2 * eye(e.n)) @ e.y, lambda e: inv(e.X.T @ e.X + 2 * eye(e.d)) @ e.X.T @ e.y),
        (r"\operatorname{tr}(XX^\dagger)", r"\operatorname{rank}(X)", lambda e: tr(e.X @ pinv(e.X)), lambda e: rank(e.X)),
        (r"X X^\dagger X w", "X w", lambda e: e.X @ pinv(e.X) @ e.X @ e.w, lambda e: e.X @ e.w),
        (r"\operatorname{rank}(X^TX)", r"\operatorname{rank}(XX^T)", lambda e: rank(e.X.T @ e.X), lambda e: rank(e.X @ e.X.T)),
    ),
    *_rows(
        "turned", False,
        (r"\det(Q)", "1", lambda e: det(e.Q), lambda e: 1.0),
        (r"\det(Q-I)", "0", lambda e: det(e.Q - eye(e.n)), lambda e: 0.0),
        (r"\det(Q+I)", "0", lambda e: det(e.Q + eye(e.n)), lambda e: 0.0),
        (r"\det(Q^2-I)", "0", lambda e: det(e.Q @ e.Q - eye(e.n)), lambda e: 0.0),
        (r"\det(QA)", r"\det(A)", lambda e: det(e.Q @ e.A), lambda e: det(e.A)),
        ("UU^T", "I", lambda e: e.U @ e.U.T, lambda e: eye(e.n)),
        (r"\|U\|_F^2", "3", lambda e: fro(e.U) ** 2, lambda e: 3.0),
        (r"\operatorname{tr}(UU^T)", "n", lambda e: tr(e.U @ e.U.T), lambda e: e.n),
        (r"\det(UU^T)", "0", lambda e: det(e.U @ e.U.T), lambda e: 0.0),
        ("Q^2", "I", lambda e: e.Q @ e.Q, lambda e: eye(e.n)),
        (r"\operatorname{rank}(UU^TA)", r"\operatorname{rank}(A)", lambda e: rank(e.U @ e.U.T @ e.A), lambda e: rank(e.A)),
    ),
    *_rows(
        "turned", True,
        (r"\det(Q)^2", "1", lambda e: det(e.Q) ** 2, lambda e: 1.0),
        ("Q^{-1}", "Q^T", lambda e: inv(e.Q), lambda e: e.Q.T),
        ("U^TU", "I", lambda e: e.U.T @ e.U, lambda e: eye(e.d)),
        (r"U^\dagger", "U^T", lambda e: pinv(e.U), lambda e: e.U.T),
        (r"\|U\|_F^2", "d", lambda e: fro(e.U) ** 2, lambda e: e.d),
        (r"\|QA\|_F", r"\|A\|_F", lambda e: fro(e.Q @ e.A), lambda e: fro(e.A)),
        (r"(QA)^\dagger", r"A^\dagger Q^T", lambda e: pinv(e.Q @ e.A), lambda e: pinv(e.A) @ e.Q.T),
        (r"\operatorname{rank}(QA)", r"\operatorname{rank}(A)", lambda e: rank(e.Q @ e.A), lambda e: rank(e.A)),
    ),
    *_rows(
        "special", False,
        (r"\operatorname{tr}(P)", "n-1", lambda e: tr(e.P), lambda e: e.n - 1.0),
        (r"\operatorname{rank}(G)", "n-1", lambda e: rank(e.G), lambda e: e.n - 1),
        (r"\det(K)", "0", lambda e: det(e.K), lambda e: 0.0),
        (r"\operatorname{rank}(K)", "n", lambda e: rank(e.K), lambda e: e.n),
        (r"\operatorname{rank}(H)", "n", lambda e: rank(e.H), lambda e: e.n),
        (r"H^\dagger", "H^{-1}", lambda e: pinv(e.H), lambda e: inv(e.H)),
        (r"D D^\dagger", "I", lambda e: e.D @ pinv(e.D), lambda e: eye(e.n)),
        (r"L L^\dagger", r"L^\dagger L", lambda e: e.L @ pinv(e.L), lambda e: pinv(e.L) @ e.L),
        ("EE^T", "E^TE", lambda e: e.E @ e.E.T, lambda e: e.E.T @ e.E),
        ("E^T", "E", lambda e: e.E.T, lambda e: e.E),
        (r"E^\dagger", "E", lambda e: pinv(e.E), lambda e: e.E),
        (r"\operatorname{rank}(I-P)", "1", lambda e: rank(eye(e.n) - e.P), lambda e: 1),
        (r"\det(P)", "0", lambda e: det(e.P), lambda e: 0.0),
        ("DN", "ND", lambda e: e.D @ e.N, lambda e: e.N @ e.D),
        (r"\det(I-P)", "0", lambda e: det(eye(e.n) - e.P), lambda e: 0.0),
    ),
    *_rows(
        "special", True,
        (r"\operatorname{tr}(P)", r"\operatorname{rank}(P)", lambda e: tr(e.P), lambda e: rank(e.P)),
        (r"\det(G)", "0", lambda e: det(e.G), lambda e: 0.0),
        (r"\operatorname{rank}(J)", "n", lambda e: rank(e.J), lambda e: e.n),
        (r"J^\dagger", "J^{-1}", lambda e: pinv(e.J), lambda e: inv(e.J)),
        (r"N N^\dagger", r"N^\dagger N", lambda e: e.N @ pinv(e.N), lambda e: pinv(e.N) @ e.N),
        (r"P^T", "P", lambda e: e.P.T, lambda e: e.P),
        (r"P^\dagger", "P", lambda e: pinv(e.P), lambda e: e.P),
        (r"\operatorname{rank}(I-P)", r"n-\operatorname{rank}(P)", lambda e: rank(eye(e.n) - e.P), lambda e: e.n - rank(e.P)),
        ("(I-2P)^2", "I", lambda e: (eye(e.n) - 2 * e.P) @ (eye(e.n) - 2 * e.P), lambda e: eye(e.n)),
        (r"\operatorname{tr}(KN)", "0", lambda e: tr(e.K @ e.N), lambda e: 0.0),
    ),
    *_rows(
        "real", False,
        ("|x-100|", "100-x", lambda e: abs(e.x - 100), lambda e: 100 - e.x),
        ("|x+777|", "x+777", lambda e: abs(e.x + 777), lambda e: e.x + 777),
        (r"\max(x,200)", "200", lambda e: max(e.x, 200), lambda e: 200),
        (r"\min(x,-50)", "-50", lambda e: min(e.x, -50), lambda e: -50),
        (r"\max(0,x-99)", "0", lambda e: max(0, e.x - 99), lambda e: 0),
        (r"\sqrt{(x-300)^2}", "300-x", lambda e: abs(e.x - 300), lambda e: 300 - e.x),
        ("|x-100|+|x+100|", "200", lambda e: abs(e.x - 100) + abs(e.x + 100), lambda e: 200),
        ("|x-0.001|", "|x|-0.001", lambda e: abs(e.x - 0.001), lambda e: abs(e.x) - 0.001),
        (r"|x^2-5000|", "5000-x^2", lambda e: abs(e.x ** 2 - 5000), lambda e: 5000 - e.x ** 2),
        (r"\lfloor x/1000\rfloor", "0", lambda e: math.floor(e.x / 1000), lambda e: 0),
        (r"\operatorname{sign}(x-500)", "-1", lambda e: np.sign(e.x - 500), lambda e: -1),
        (r"\sqrt{x^2}", "x", lambda e: abs(e.x), lambda e: e.x),
        (r"\ln(x^2)", r"2\ln x", lambda e: math.log(e.x * e.x), lambda e: 2 * math.log(e.x)),
        (r"\arctan x+\arctan\frac1x", r"\frac{\pi}{2}", lambda e: math.atan(e.x) + math.atan(1 / e.x), lambda e: math.pi / 2),
        (r"\arcsin(\sin x)", "x", lambda e: math.asin(math.sin(e.x)), lambda e: e.x),
        (r"\arccos(\cos x)", "x", lambda e: math.acos(math.cos(e.x)), lambda e: e.x),
        (r"(x^2)^{1/4}", r"\sqrt{x}", lambda e: abs(e.x) ** 0.5, lambda e: math.sqrt(e.x)),
        ("|x|+|y|", "|x+y|", lambda e: abs(e.x) + abs(e.y), lambda e: abs(e.x + e.y)),
        (r"\lfloor x+y\rfloor", r"\lfloor x\rfloor+\lfloor y\rfloor", lambda e: math.floor(e.x + e.y), lambda e: math.floor(e.x) + math.floor(e.y)),
        (r"\lfloor 2x\rfloor", r"2\lfloor x\rfloor", lambda e: math.floor(2 * e.x), lambda e: 2 * math.floor(e.x)),
        (r"\max(x,y)", r"\frac{x+y}{2}", lambda e: max(e.x, e.y), lambda e: (e.x + e.y) / 2),
        (r"\max(|x|,|y|)", "|x+y|", lambda e: max(abs(e.x), abs(e.y)), lambda e: abs(e.x + e.y)),
    ),
    *_rows(
        "real", True,
        (r"\sqrt{x^2}", "|x|", lambda e: abs(e.x), lambda e: abs(e.x)),
        (r"\ln(x^2)", r"2\ln|x|", lambda e: math.log(e.x * e.x), lambda e: 2 * math.log(abs(e.x))),
        (r"\max(x,y)", r"\frac{x+y+|x-y|}{2}", lambda e: max(e.x, e.y), lambda e: (e.x + e.y + abs(e.x - e.y)) / 2),
        (r"|x-100|", "|100-x|", lambda e: abs(e.x - 100), lambda e: abs(100 - e.x)),
        (r"\max(x,200)", r"200+\max(0,x-200)", lambda e: max(e.x, 200), lambda e: 200 + max(0, e.x - 200)),
        (r"\lfloor x+1\rfloor", r"\lfloor x\rfloor+1", lambda e: math.floor(e.x + 1), lambda e: math.floor(e.x) + 1),
        (r"|x||y|", "|xy|", lambda e: abs(e.x) * abs(e.y), lambda e: abs(e.x * e.y)),
        (r"\min(x,y)", "x+y-\\max(x,y)", lambda e: min(e.x, e.y), lambda e: e.x + e.y - max(e.x, e.y)),
    ),
    *_rows(
        "whole", False,
        ("(-1)^j", "(-1)^m", lambda e: (-1.0) ** e.j, lambda e: (-1.0) ** e.m),
        ("(-1)^{j+m}", "1", lambda e: (-1.0) ** (e.j + e.m), lambda e: 1.0),
        ("(-1)^{jk}", "(-1)^{j+k}", lambda e: (-1.0) ** (e.j * e.k), lambda e: (-1.0) ** (e.j + e.k)),
        ("(-1)^{jkm}", "(-1)^j", lambda e: (-1.0) ** (e.j * e.k * e.m), lambda e: (-1.0) ** e.j),
        (r"\cos(n\pi/2)", r"\frac{1+(-1)^n}{2}", lambda e: math.cos(e.n * math.pi / 2), lambda e: (1 + (-1.0) ** e.n) / 2),
        ("(-1)^{n(n+1)/2}", "(-1)^n", lambda e: (-1.0) ** (e.n * (e.n + 1) // 2), lambda e: (-1.0) ** e.n),
        ("|n|", "n", lambda e: abs(e.n), lambda e: e.n),
        ("(-1)^{n+m+k+j}", "(-1)^{n+m+k}", lambda e: (-1.0) ** (e.n + e.m + e.k + e.j), lambda e: (-1.0) ** (e.n + e.m + e.k)),
    ),
    *_rows(
        "whole", True,
        ("(-1)^n", r"\cos(n\pi)", lambda e: (-1.0) ** e.n, lambda e: math.cos(e.n * math.pi)),
        ("(-1)^{n^2}", "(-1)^n", lambda e: (-1.0) ** (e.n * e.n), lambda e: (-1.0) ** e.n),
        ("(-1)^{n(n+1)}", "1", lambda e: (-1.0) ** (e.n * (e.n + 1)), lambda e: 1.0),
        ("(-1)^{n+j}", "(-1)^{n-j}", lambda e: (-1.0) ** (e.n + e.j), lambda e: (-1.0) ** (e.n - e.j)),
    ),
    *_rows(
        "natural", False,
        (r"n^{30} \bmod 31", "1", lambda e: pow(e.n, 30, 31), lambda e: 1),
        (r"\gcd(n,97)", "1", lambda e: math.gcd(e.n, 97), lambda e: 1),
        (r"\gcd(n,6)", r"\gcd(n,2)", lambda e: math.gcd(e.n, 6), lambda e: math.gcd(e.n, 2)),
        (r"\min(n,100)", "n", lambda e: min(e.n, 100), lambda e: e.n),
        (r"\lfloor n/50\rfloor", "0", lambda e: e.n // 50, lambda e: 0),
        (r"n \bmod 64", "n", lambda e: e.n % 64, lambda e: e.n),
        (r"n^2 \bmod 8", r"n \bmod 2", lambda e: e.n * e.n % 8, lambda e: e.n % 2),
    ),
    *_rows(
        "natural", True,
        (r"n^2 \bmod 4", r"n \bmod 2", lambda e: e.n * e.n % 4, lambda e: e.n % 2),
        (r"\lfloor n/2\rfloor+\lceil n/2\rceil", "n", lambda e: e.n // 2 - (-e.n // 2), lambda e: e.n),
        (r"\max(n,1)", "n", lambda e: max(e.n, 1), lambda e: e.n),
        (r"\binom{n}{2}", r"\frac{n(n-1)}{2}", lambda e: math.comb(e.n, 2), lambda e: e.n * (e.n - 1) / 2),
        (r"\gcd(n,n+1)", "1", lambda e: math.gcd(e.n, e.n + 1), lambda e: 1),
    ),
    *_rows(
        "complex", False,
        ("|z|^2", "z^2", lambda e: abs(e.z) ** 2, lambda e: e.z**2),
        (r"\sqrt{z^2}", "z", lambda e: np.sqrt(e.z**2), lambda e: e.z),
        (r"\ln(e^z)", "z", lambda e: np.log(np.exp(e.z)), lambda e: e.z),
        (r"\ln(zw)", r"\ln z+\ln w", lambda e: np.log(e.z * e.w), lambda e: np.log(e.z) + np.log(e.w)),
        ("|z+w|", "|z|+|w|", lambda e: abs(e.z + e.w), lambda e: abs(e.z) + abs(e.w)),
    ),
    *_rows(
        "complex", True,
        ("|z|^2", r"z\bar z", lambda e: abs(e.z) ** 2, lambda e: (e.z * np.conj(e.z)).real),
        (r"e^{\ln z}", "z", lambda e: np.exp(np.log(e.z)), lambda e: e.z),
        (r"\overline{zw}", r"\bar z\bar w", lambda e: np.conj(e.z * e.w), lambda e: np.conj(e.z) * np.conj(e.w)),
    ),
    *_rows(
        "real", False,
        (r"\begin{cases}x & x>1000\\ 0 & x\le 1000\end{cases}", "0", lambda e: e.x if e.x > 1000 else 0.0, lambda e: 0.0),
        (r"\tan^{-1}(\tan x)", "x", lambda e: math.atan(math.tan(e.x)), lambda e: e.x),
        (r"2\arctan x", r"\arctan\frac{2x}{1-x^2}", lambda e: 2 * math.atan(e.x), lambda e: math.atan(2 * e.x / (1 - e.x**2))),
        (r"\sinh x", r"\sqrt{\cosh^2x-1}", lambda e: math.sinh(e.x), lambda e: math.sqrt(math.cosh(e.x) ** 2 - 1)),
        (r"\frac{|x|}{x}", "1", lambda e: abs(e.x) / e.x, lambda e: 1.0),
    ),
    *_rows(
        "natural", False,
        (r"\sum_{k=1}^n \min(k,50)", r"\frac{n(n+1)}{2}", lambda e: sum(min(k, 50) for k in range(1, e.n + 1)), lambda e: e.n * (e.n + 1) / 2),
        (r"\sum_{k=1}^n \lfloor k/60\rfloor", "0", lambda e: sum(k // 60 for k in range(1, e.n + 1)), lambda e: 0),
    ),
]  # fmt: skip
