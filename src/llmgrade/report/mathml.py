"""LaTeX as MathML that is safe to put into a page.

The conversion is `latex2mathml`'s. Formulas come from a chat, so what it returns is parsed again and only MathML
elements and harmless attributes are let through; a formula that can't be converted is shown as code.
"""

from __future__ import annotations

import re
from functools import lru_cache
from html import escape
from xml.etree import ElementTree

__all__ = ["mathml"]

LONGEST = 4_000
"""Formulas beyond this many characters are shown as code."""
ELEMENTS = frozenset(
    [
        "math",
        "mrow",
        "mi",
        "mo",
        "mn",
        "mtext",
        "mspace",
        "msup",
        "msub",
        "msubsup",
        "mfrac",
        "msqrt",
        "mroot",
        "mover",
        "munder",
        "munderover",
        "mtable",
        "mtr",
        "mtd",
        "mstyle",
        "mpadded",
        "mphantom",
        "menclose",
        "merror",
        "mfenced",
        "mmultiscripts",
        "none",
        "mprescripts",
    ]
)
ATTRIBUTES = frozenset(
    [
        "display",
        "displaystyle",
        "scriptlevel",
        "stretchy",
        "accent",
        "accentunder",
        "fence",
        "separator",
        "form",
        "mathvariant",
        "columnalign",
        "rowspacing",
        "columnspacing",
        "columnlines",
        "rowlines",
        "frame",
        "notation",
        "linethickness",
        "lspace",
        "rspace",
        "width",
        "height",
        "depth",
        "voffset",
        "minsize",
        "maxsize",
        "symmetric",
        "movablelimits",
        "largeop",
        "open",
        "close",
        "separators",
    ]
)
NAMESPACE = "{http://www.w3.org/1998/Math/MathML}"


@lru_cache(maxsize=4096)
def mathml(latex: str, *, display: bool = False) -> str:
    r"""``latex`` as a ``<math>`` element, or as escaped ``<code>`` where that fails.

    >>> mathml(r"x^2")[:5], mathml(r"\frac{")[:5]
    ('<math', '<code')
    """
    if len(latex) > LONGEST:
        return _code(latex)
    from latex2mathml.converter import convert

    try:
        found = convert(latex, display="block" if display else "inline")
        tree = ElementTree.fromstring(found)
    except Exception:  # the converter raises whatever its parser meets; the formula is then shown as written
        return _code(latex)
    if not _harmless(tree):
        return _code(latex)
    ElementTree.register_namespace("", NAMESPACE.strip("{}"))
    text = ElementTree.tostring(tree, encoding="unicode")
    return f'{text[:5]} aria-label="{escape(latex, quote=True)}"{text[5:]}'


def _harmless(element: ElementTree.Element) -> bool:
    tag = element.tag.removeprefix(NAMESPACE)
    if tag not in ELEMENTS:
        return False
    for name, value in list(element.attrib.items()):
        if name not in ATTRIBUTES or not re.fullmatch(r"[\w .,%#+\-()\[\]{}|/‖⟨⟩]*", value):
            del element.attrib[name]
    return all(_harmless(child) for child in element)


def _code(latex: str) -> str:
    return f"<code>{escape(latex)}</code>"
