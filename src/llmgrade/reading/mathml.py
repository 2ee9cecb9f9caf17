"""MathML → LaTeX, for pages that carry no TeX beside it.

Characters that are mathematics already (λ, ≤, ∂) stay as they are; only structure becomes commands.
"""

from __future__ import annotations

from bs4 import Tag

__all__ = ["latex_of"]

_DEEPEST = 120
_INVISIBLE = {"\u2061": "", "\u2062": " ", "\u2063": ",", "\u2064": "+", "\u200b": "", "\u2009": " ", "\xa0": " "}
_ACCENTS = {
    "^": "hat", "ˆ": "hat", "̂": "hat", "¯": "bar", "‾": "bar", "_": "bar", "―": "bar", "~": "tilde", "˜": "tilde", "→": "vec", "⃗": "vec",
    "˙": "dot", ".": "dot", "¨": "ddot", "ˇ": "check", "˘": "breve",
}  # fmt: skip
_FUNCTIONS = frozenset(
    [
        "log",
        "ln",
        "exp",
        "sin",
        "cos",
        "tan",
        "cot",
        "sec",
        "csc",
        "sinh",
        "cosh",
        "tanh",
        "arcsin",
        "arccos",
        "arctan",
        "max",
        "min",
        "sup",
        "inf",
        "lim",
        "det",
        "dim",
        "ker",
        "deg",
        "gcd",
        "Pr",
        "arg",
    ]
)
_VARIANTS = {
    "bold": "mathbf",
    "bold-italic": "boldsymbol",
    "double-struck": "mathbb",
    "script": "mathcal",
    "sans-serif": "mathsf",
    "fraktur": "mathfrak",
}
_MATRICES = {
    ("(", ")"): "pmatrix",
    ("[", "]"): "bmatrix",
    ("|", "|"): "vmatrix",
    ("{", "}"): "Bmatrix",
    ("‖", "‖"): "Vmatrix",
}


def latex_of(math: Tag) -> str:
    """The LaTeX of a ``math`` element; TeX in an annotation is preferred to it by those who call this."""
    return _row(math, 0).strip()


def _children(node: Tag) -> list[Tag]:
    return [child for child in node.children if isinstance(child, Tag) and not str(child.name).startswith("annotation")]


def _text(node: Tag) -> str:
    text = (
        "".join(str(part) for part in node.strings).strip() if node.name != "mtext" else "".join(map(str, node.strings))
    )
    for char, other in _INVISIBLE.items():
        text = text.replace(char, other) if node.name != "mtext" else text.replace("\xa0", " ")
    return text


def _row(node: Tag, depth: int) -> str:
    children = _children(node)
    parts: list[str] = []
    index = 0
    while index < len(children):
        child = children[index]
        fence = _matrix_fence(children, index)
        if fence:
            parts.append(_table(children[index + 1], fence, depth + 1))
            index += 3
            continue
        parts.append(_latex(child, depth + 1))
        index += 1
    return _glued(parts)


def _matrix_fence(children: list[Tag], index: int) -> str | None:
    if index + 2 >= len(children) or children[index + 1].name != "mtable":
        return None
    return _MATRICES.get((_text(children[index]), _text(children[index + 2])))


def _glued(parts: list[str]) -> str:
    text = ""
    for part in parts:
        if text and part and _needs_gap(text, part):
            text += " "
        text += part
    return text


def _needs_gap(left: str, right: str) -> bool:
    """Whether two parts would run together: a command and a letter."""
    if not right[0].isalpha():
        return False
    index = len(left)
    while index and left[index - 1].isalpha():
        index -= 1
    return index > 0 and left[index - 1] == "\\"


def _group(text: str) -> str:
    return text if len(text) == 1 else "{" + text + "}"


def _base(text: str) -> str:
    simple = (
        len(text) <= 1
        or (text.startswith("\\") and text[1:].isalpha())
        or (text[:1] == "\\" and text.endswith("}") and text.count("{") == 1)
    )
    return text if simple or text.endswith((")", "|")) else "{" + text + "}"


def _latex(node: Tag, depth: int) -> str:
    if depth > _DEEPEST:
        return _text(node)
    name = str(node.name).rsplit(":", 1)[-1]
    children = _children(node)
    made = [_latex(child, depth + 1) for child in children] if name in _ARITY and len(children) >= _ARITY[name] else []
    match name:
        case "mi":
            return _identifier(node)
        case "mn" | "ms":
            return _text(node)
        case "mo":
            return _operator(node)
        case "mtext":
            text = _text(node)
            return f"\\text{{{text}}}" if text.strip() else " "
        case "mspace":
            return "\\quad " if _wide(str(node.get("width", ""))) else " "
        case "mfrac" if made:
            return f"\\frac{{{made[0]}}}{{{made[1]}}}"
        case "msqrt":
            return f"\\sqrt{{{_row(node, depth)}}}"
        case "mroot" if made:
            return f"\\sqrt[{made[1]}]{{{made[0]}}}"
        case "msup" if made:
            if set(made[1]) <= {"′", "'"} and made[1]:
                return _base(made[0]) + "'" * len(made[1])
            return f"{_base(made[0])}^{_group(made[1])}"
        case "msub" if made:
            return f"{_base(made[0])}_{_group(made[1])}"
        case "msubsup" | "munderover" if made:
            if made[2] and set(made[2]) <= {"′", "'"}:
                return f"{_base(made[0])}_{_group(made[1])}" + "'" * len(made[2])
            return f"{_base(made[0])}_{_group(made[1])}^{_group(made[2])}"
        case "mover" if made:
            accent = _ACCENTS.get(_text(children[1]))
            if accent:
                return f"\\{accent}{{{made[0]}}}"
            return (
                f"\\overset{{{made[1]}}}{{{made[0]}}}"
                if _text(children[0]) not in {"∑", "∏", "∫"}
                else f"{made[0]}^{_group(made[1])}"
            )
        case "munder" if made:
            return f"{_base(made[0])}_{_group(made[1])}"
        case "mtable":
            return _table(node, "matrix", depth)
        case "mfenced":
            separator = str(node.get("separators", ","))[:1] or ","
            inside = separator.join(_latex(child, depth + 1) for child in children)
            return f"{node.get('open', '(')}{inside}{node.get('close', ')')}"
        case "menclose":
            inside = _row(node, depth)
            return f"\\boxed{{{inside}}}" if "box" in str(node.get("notation", "")) else inside
        case "semantics":
            return _latex(children[0], depth + 1) if children else ""
        case "mphantom":
            return ""
        case _:
            return _row(node, depth)


_ARITY = {"mfrac": 2, "mroot": 2, "msup": 2, "msub": 2, "msubsup": 3, "munderover": 3, "mover": 2, "munder": 2}


def _wide(width: str) -> bool:
    number = width.rstrip("emxpt")
    try:
        return float(number) >= 1.0
    except ValueError:
        return False


def _identifier(node: Tag) -> str:
    text = _text(node)
    variant = _VARIANTS.get(str(node.get("mathvariant", "")))
    if variant:
        return f"\\{variant}{{{text}}}"
    if len(text) > 1 and text.isalpha() and text.isascii():
        return f"\\{text} " if text in _FUNCTIONS else f"\\operatorname{{{text}}}"
    return text


def _operator(node: Tag) -> str:
    text = _text(node)
    if text in _FUNCTIONS:
        return f"\\{text} "
    if text in {"{", "}", "%", "#", "&"}:
        return "\\" + text
    if text == "|" or text == "∣":
        return "|"
    return text


def _table(node: Tag, environment: str, depth: int) -> str:
    rows = []
    for row in _children(node):
        cells = [_row(cell, depth + 1) for cell in _children(row)]
        rows.append(" & ".join(cells))
    return f"\\begin{{{environment}}}" + " \\\\ ".join(rows) + f"\\end{{{environment}}}"
