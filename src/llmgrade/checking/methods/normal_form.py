"""stub"""
from __future__ import annotations
class NoNormalForm(Exception): pass
def zero_factors(expr, scene): raise NoNormalForm
