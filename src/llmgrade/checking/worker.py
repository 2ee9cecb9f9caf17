"""A second opinion from SymPy, in a process that is killed when its time is up.

It is asked only where the ladder knows no answer (an integral without numbers, a series that converges slowly) and only
where the caller wants it: starting a process costs a fifth of a second, and SymPy may take for ever.
"""

from __future__ import annotations

import multiprocessing
from multiprocessing.connection import Connection

from llmgrade.checking.evidence import Tested
from llmgrade.checking.outcome import Decision, equal
from llmgrade.expr.nodes import Expr
from llmgrade.expr.symbols import Symbol, SymbolTable

__all__ = ["second_opinion"]


def second_opinion(gold: Expr, answer: Expr, symbols: SymbolTable, seconds: float) -> Decision | None:
    """Equal where SymPy brings the difference of two scalars to 0 within the time; None where it does not.

    That it finds no way to 0 proves nothing, so there is no refusal. The process is gone when this returns.
    """
    context = multiprocessing.get_context("spawn")
    mine, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(theirs, gold, answer, tuple(symbols)), daemon=True)
    process.start()
    theirs.close()
    try:
        said = mine.recv() if mine.poll(seconds) else None
    except EOFError:
        said = None
    finally:
        process.kill()
        process.join()
        mine.close()
    if said is not True:
        return None
    return equal(Tested(0, None, "SymPy simplifies the difference to 0"), "decided by a second opinion")


def _work(answer_to: Connection, gold: Expr, answer: Expr, symbols: tuple[Symbol, ...]) -> None:
    from llmgrade.expr.sympy_bridge import difference_vanishes

    try:
        answer_to.send(difference_vanishes(gold, answer, SymbolTable.of(list(symbols))))
    except Exception:  # whatever SymPy trips over, it has no opinion
        answer_to.send(None)
