"""`tree.Row` → boxes: where KaTeX puts every glyph, and in which order a browser paints them.

All lengths are em of the formula's base font (KaTeX sets it at 1.21 times the text around). x runs right, y runs up,
the baseline is 0. A box keeps two lists of glyphs, because a PDF lists text as it is painted: ``own`` is painted with
the parent, ``after`` belongs to positioned descendants and is painted once the parent's own text is done. Every child
of a vertical list is positioned; that is why denominators come before numerators and scripts after the whole line.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from itertools import pairwise
from typing import Final, TypeAlias

from llmgrade.source import Span
from llmgrade.typeset import tree
from llmgrade.typeset.latex import LatexError, parse
from llmgrade.typeset.symbols import ACCENTS, DELIMITERS, FONTS, METRICS, NO_BREAK, ZERO_WIDTH, Measure
from llmgrade.typeset.tree import Node, Row, is_character

__all__ = [
    "CRAMPED",
    "DENOMINATOR",
    "NUMERATOR",
    "PIXEL",
    "SCALE",
    "SUBSCRIPT",
    "SUPERSCRIPT",
    "Box",
    "Drawn",
    "Glyph",
    "MeasuredRow",
    "Setting",
    "bases",
    "build",
    "hcat",
    "row_box",
    "row_boxes",
    "setting",
]

Glyph: TypeAlias = tuple[float, float, float, str, float, str]
"""x, y, size, character, advance, font."""
Drawn: TypeAlias = tuple[str, float, float, float, float]
"""Kind (bar, root, over, under, box, mark, delimiter), x, y of its lower left corner, width, height."""

PIXEL: Final = 1 / (1.21 * 16)
"""One CSS pixel where the text around is 16 px."""

# Styles: 0 display, 1 display cramped, 2 text, 3 text cramped, 4 script, 5, 6 script of script, 7.
SIZE: Final = (0, 0, 1, 1, 2, 2, 3, 3)
SCALE: Final = (1.0, 1.0, 1.0, 1.0, 0.7, 0.7, 0.5, 0.5)
_ROW: Final = (0, 0, 0, 0, 1, 1, 2, 2)
SUPERSCRIPT: Final = (4, 5, 4, 5, 6, 7, 6, 7)
SUBSCRIPT: Final = (5, 5, 5, 5, 7, 7, 7, 7)
NUMERATOR: Final = (2, 3, 4, 5, 6, 7, 6, 7)
DENOMINATOR: Final = (3, 3, 5, 5, 7, 7, 7, 7)
CRAMPED: Final = (1, 1, 3, 3, 5, 5, 7, 7)
_TEXT: Final = (0, 1, 2, 3, 2, 3, 2, 3)

# The font dimensions of TeX's symbol and extension fonts in text, script and scriptscript size.
_SIGMA: Final[dict[str, tuple[float, float, float]]] = {
    "x_height": (0.431, 0.431, 0.431), "quad": (1.0, 1.171, 1.472), "num1": (0.677, 0.732, 0.925),
    "num2": (0.394, 0.384, 0.387), "num3": (0.444, 0.471, 0.504), "denom1": (0.686, 0.752, 1.025),
    "denom2": (0.345, 0.344, 0.532), "sup1": (0.413, 0.503, 0.504), "sup2": (0.363, 0.431, 0.404),
    "sup3": (0.289, 0.286, 0.294), "sub1": (0.15, 0.143, 0.2), "sub2": (0.247, 0.286, 0.4),
    "sup_drop": (0.386, 0.353, 0.494), "sub_drop": (0.05, 0.071, 0.1), "delim1": (2.39, 1.7, 1.98),
    "delim2": (1.01, 1.157, 1.42), "axis": (0.25, 0.25, 0.25), "rule": (0.04, 0.049, 0.049),
    "big1": (0.111, 0.111, 0.111), "big2": (0.166, 0.166, 0.166), "big3": (0.2, 0.2, 0.2), "big4": (0.6, 0.611, 0.611),
    "big5": (0.1, 0.143, 0.143),
}  # fmt: skip

# Glue between classes of atoms, in mu.
_GLUE: Final[dict[str, dict[str, int]]] = {
    "mord": {"mop": 3, "mbin": 4, "mrel": 5, "minner": 3},
    "mop": {"mord": 3, "mop": 3, "mrel": 5, "minner": 3},
    "mbin": {"mord": 4, "mop": 4, "mopen": 4, "minner": 4},
    "mrel": {"mord": 5, "mop": 5, "mopen": 5, "minner": 5},
    "mopen": {},
    "mclose": {"mop": 3, "mbin": 4, "mrel": 5, "minner": 3},
    "mpunct": {"mord": 3, "mop": 3, "mrel": 5, "mopen": 3, "mclose": 3, "mpunct": 3, "minner": 3},
    "minner": {"mord": 3, "mop": 3, "mbin": 4, "mrel": 5, "mopen": 3, "mpunct": 3, "minner": 3},
}
_TIGHT_GLUE: Final[dict[str, dict[str, int]]] = {
    "mord": {"mop": 3},
    "mop": {"mord": 3, "mop": 3},
    "mclose": {"mop": 3},
    "minner": {"mop": 3},
}
_NO_GLUE: Final[dict[str, int]] = {}
_CLASS: Final = {
    "mathord": "mord", "textord": "mord", "bin": "mbin", "rel": "mrel", "open": "mopen", "close": "mclose",
    "punct": "mpunct", "inner": "minner",
}  # fmt: skip
_NOT_BINARY_AFTER: Final = frozenset({"leftmost", "mbin", "mopen", "mrel", "mop", "mpunct"})
_NOT_BINARY_BEFORE: Final = frozenset({"rightmost", "mrel", "mclose", "mpunct"})


class Box:
    """A measured piece: class of atom, width, height, depth, glyphs in two lists, and what is drawn beside them."""

    __slots__ = ("after", "character", "cls", "depth", "drawn", "height", "italic", "key", "own", "skew", "width")

    def __init__(
        self,
        cls: str = "mord",
        width: float = 0.0,
        height: float = 0.0,
        depth: float = 0.0,
        own: list[Glyph] | None = None,
        after: list[Glyph] | None = None,
        drawn: list[Drawn] | None = None,
    ) -> None:
        self.cls, self.width, self.height, self.depth = cls, width, height, depth
        self.own: list[Glyph] = [] if own is None else own
        self.after: list[Glyph] = [] if after is None else after
        self.drawn: list[Drawn] = [] if drawn is None else drawn
        self.italic = 0.0
        self.skew = 0.0
        self.character = False
        self.key: tuple[str, float, float] | None = None
        """What must agree for KaTeX to set two neighbours in one span."""

    def like(self, cls: str) -> Box:
        """The same box as an atom of another class."""
        return Box(cls, self.width, self.height, self.depth, self.own, self.after, self.drawn)


class Setting:
    """Style, font and inherited alignment (0 left, 1 centre, 2 right: it moves U+200B inside its own small cell)."""

    __slots__ = ("align", "font", "row", "scale", "style")

    def __init__(self, style: int, font: str | None, align: int) -> None:
        self.style, self.font, self.align = style, font, align
        self.scale, self.row = SCALE[style], _ROW[style]

    def dimension(self, name: str) -> float:
        return _SIGMA[name][self.row] * self.scale

    def styled(self, style: int) -> Setting:
        return setting(style, self.font, self.align)

    def aligned(self, style: int, align: int) -> Setting:
        return setting(style, self.font, align)


@cache
def setting(style: int, font: str | None = None, align: int = 0) -> Setting:
    """The one `Setting` of these values."""
    return Setting(style, font, align)


_OUTER_DISPLAY: Final = setting(0, None, 1)
_OUTER_INLINE: Final = setting(2, None, 0)


def moved(glyphs: list[Glyph], dx: float, dy: float) -> list[Glyph]:
    """The glyphs shifted; the same list where nothing moves."""
    if not glyphs or (not dx and not dy):
        return glyphs
    return [(x + dx, y + dy, s, c, a, f) for x, y, s, c, a, f in glyphs]


def _moved_drawn(drawn: list[Drawn], dx: float, dy: float) -> list[Drawn]:
    return [(kind, x + dx, y + dy, w, h) for kind, x, y, w, h in drawn]


def hcat(boxes: Sequence[Box], cls: str = "mord") -> Box:
    """Boxes side by side."""
    x = height = depth = 0.0
    own: list[Glyph] = []
    after: list[Glyph] = []
    drawn: list[Drawn] = []
    for b in boxes:
        if b.own:
            own += moved(b.own, x, 0.0)
        if b.after:
            after += moved(b.after, x, 0.0)
        if b.drawn:
            drawn += _moved_drawn(b.drawn, x, 0.0)
        x += b.width
        if b.height > height:
            height = b.height
        if b.depth > depth:
            depth = b.depth
    return Box(cls, x, height, depth, own, after, drawn)


def _padded(b: Box, left: float, width: float, cls: str = "mord") -> Box:
    return Box(
        cls,
        width,
        b.height,
        b.depth,
        moved(b.own, left, 0.0),
        moved(b.after, left, 0.0),
        _moved_drawn(b.drawn, left, 0.0),
    )


def _blank(width: float, cls: str = "mspace") -> Box:
    return Box(cls, width)


def _rule(kind: str, width: float, height: float) -> Box:
    return Box("mord", width, height, 0.0, drawn=[(kind, 0.0, 0.0, width, height)])


_FALLBACK: Final = Measure(0.0, 0.7, 0.0, 0.0, 0.6)
_MAIN: Final = METRICS["Main-Regular"]
_AMS: Final = METRICS["AMS-Regular"]


def glyph(char: str, font: str, scale: float, cls: str, italic: bool = True) -> Box:
    """One character of a font."""
    found = METRICS[font].get(char) or _MAIN.get(char)
    if found is None:
        found = _AMS.get(char) or _FALLBACK
    depth, height, slant, skew, width = found
    slant = max(slant, 0.0) if italic else 0.0
    b = Box(
        cls,
        (width + slant) * scale,
        height * scale,
        depth * scale,
        [(0.0, 0.0, scale, char, width * scale, font)],
    )
    b.italic, b.skew, b.character, b.key = slant * scale, skew * scale, True, (font, skew, scale)
    return b


Item: TypeAlias = tuple[Box, float, float] | float
"""A child of a vertical list with its left and right margins, or a kern."""


def vlist(items: Sequence[Item], bottom: float, align: float = 0.0, inherited: int = 0) -> Box:
    """A vertical list, bottom first; ``bottom`` is where its lower edge stands; ``align`` 0 left, .5 centre, 1 right.

    A list that goes below the baseline has a U+200B in a cell of its own at its right.
    """
    position = low = high = bottom
    width = 0.0
    for item in items:
        if isinstance(item, tuple):
            width = max(width, item[0].width + item[1] + item[2])
    after: list[Glyph] = []
    drawn: list[Drawn] = []
    for item in items:
        if isinstance(item, tuple):
            b, left, right = item
            x = left + (width - b.width - left - right) * align
            y = position + b.depth
            after += moved(b.own, x, y)
            if b.after:
                after += moved(b.after, x, y)
            for kind, bx, by, bw, bh in b.drawn:
                # A bar or box runs the whole width of its list.
                drawn.append((kind, bx + (x if bw else 0.0), by + y, bw or width, bh))
            position += b.height + b.depth
        else:
            position += item
        low, high = min(low, position), max(high, position)
    own: list[Glyph] = []
    if low < -1e-9:
        own = [(width + inherited * PIXEL, 0.0, PIXEL, ZERO_WIDTH, 0.25 * PIXEL, "Main-Regular")]
    return Box("mord", width, high, -low, own, after, drawn)


def shifted(children: Sequence[tuple[Box, float, float, float]], align: float = 0.0, inherited: int = 0) -> Box:
    """A vertical list of boxes at given downward shifts: ``(box, shift, left margin, right margin)``, bottom first."""
    first, shift, left, right = children[0]
    bottom = position = -shift - first.depth
    items: list[Item] = [(first, left, right)]
    for k in range(1, len(children)):
        before = children[k - 1][0]
        b, shift, left, right = children[k]
        difference = -shift - position - b.depth
        items.append(difference - (before.height + before.depth))
        position += difference
        items.append((b, left, right))
    return vlist(items, bottom, align, inherited)


# ---------------------------------------------------------------------------------------------------------- rows


def build(node: Node, o: Setting) -> Box:
    """The box of one node."""
    return _BUILD[type(node)](node, o)


class MeasuredRow(tuple[Node, ...]):
    """A row that brings its box along, measured for the place it will stand in: for building from the inside out."""

    box: Box


def row_box(row: Row, o: Setting) -> Box:
    """The box of a row as a group: glue inside, no breaks."""
    if isinstance(row, MeasuredRow):
        return row.box
    return hcat(row_boxes(row, o))


def row_boxes(row: Row, o: Setting, before: str = "leftmost", behind: str = "rightmost") -> list[Box]:
    """The boxes of a row with the glue between them (class ``mspace``); ``before``/``behind``: the classes around."""
    boxes = _atoms(row, o)
    for a, b in pairwise(boxes):
        # A run of like symbols is one span, and only its last letter keeps the italic correction.
        if a.italic and a.key == b.key and a.cls == "mord" == b.cls and a.character:
            a.width -= a.italic
    _settle_binaries(boxes, before, behind)
    table = _TIGHT_GLUE if o.style >= 4 else _GLUE
    mu = _SIGMA["quad"][o.row] / 18 * o.scale
    out: list[Box] = []
    previous, last = before, -1
    for b in boxes:
        if b.cls == "mspace":
            out.append(b)
            continue
        space = table.get(previous, _NO_GLUE).get(b.cls)
        if space:
            out.insert(last + 1, _blank(space * mu))
        out.append(b)
        last, previous = len(out) - 1, b.cls
    space = table.get(previous, _NO_GLUE).get(behind)
    if space:
        out.insert(last + 1, _blank(space * mu))
    return out


def _atoms(row: Row, o: Setting) -> list[Box]:
    boxes: list[Box] = []
    for node in row:
        several = _SEVERAL.get(type(node))
        if several is None:
            boxes.append(_BUILD[type(node)](node, o))
        else:
            boxes += several(node, o)
    return boxes


def _settle_binaries(boxes: list[Box], before: str, behind: str) -> None:
    """A binary operator without an operand on both sides is an ordinary symbol."""
    previous = Box(before)
    for b in [*boxes, Box(behind)]:
        if b.cls == "mspace":
            continue
        if previous.cls == "mbin" and b.cls in _NOT_BINARY_BEFORE:
            previous.cls = "mord"
        elif b.cls == "mbin" and previous.cls in _NOT_BINARY_AFTER:
            b.cls = "mord"
        previous = b


def bases(row: Row, mode: str) -> list[tuple[list[Glyph], float, list[Drawn]]]:
    """The pieces KaTeX cuts a formula into after relations and binary operators, where a line may break.

    Per piece its glyphs in paint order with x counted from the formula's start, its width, and what is drawn.
    """
    outer = _OUTER_DISPLAY if mode == "display" else _OUTER_INLINE
    tags = [node for node in row if isinstance(node, tree.Tag)]
    boxes = row_boxes(tuple(node for node in row if not isinstance(node, tree.Tag)) if tags else row, outer)
    pieces: list[list[Box]] = []
    piece: list[Box] = []
    i = 0
    while i < len(boxes):
        piece.append(boxes[i])
        if boxes[i].cls in ("mbin", "mrel"):
            while i + 1 < len(boxes) and boxes[i + 1].cls == "mspace":
                i += 1
                piece.append(boxes[i])
            pieces.append(piece)
            piece = []
        i += 1
    if piece:
        pieces.append(piece)
    out = []
    x = 0.0
    for piece in pieces:
        b = hcat(piece)
        out.append((moved(b.own, x, 0.0) + moved(b.after, x, 0.0), b.width, _moved_drawn(b.drawn, x, 0.0)))
        x += b.width
    for tag in tags:
        b = _text(tree.Text(tag.text), outer)
        out.append((moved(b.own, x + 10.0, 0.0), b.width, []))
    return out


# ---------------------------------------------------------------------------------------------------------- leaves


def _sym(node: tree.Sym, o: Setting) -> Box:
    cls = _CLASS[node.kind]
    ordinary = node.kind == "mathord"
    if o.font and (ordinary or node.kind == "textord"):
        font = o.font
        if font == "BOLD":
            font = "Math-BoldItalic" if ordinary else "Main-Bold"
        if node.char in METRICS[font]:
            return glyph(node.char, font, o.scale, cls, font != "Main-Italic")
    if node.font == "centred":
        b = glyph(node.char, "Main-Regular", o.scale, cls)
        shift = (b.height - b.depth) / 2 - o.dimension("axis")
        return Box("mop", b.width, b.height - shift, b.depth + shift, [], moved(b.own, 0.0, -shift))
    if ordinary:
        return glyph(node.char, "Math-Italic", o.scale, cls)
    return glyph(node.char, "AMS-Regular" if node.font == "ams" else "Main-Regular", o.scale, cls)


def _space(node: tree.Space, o: Setting) -> Box:
    mu = node.mu
    if mu == NO_BREAK:
        return Box("mspace", 0.25 * o.scale, own=[(0.0, 0.0, o.scale, "\xa0", 0.25 * o.scale, "Main-Regular")])
    if mu >= 9:
        return _blank(mu / 18 * o.scale)
    return _blank(mu * _SIGMA["quad"][o.row] / 18 * o.scale)


_TEXT_FONTS: Final = {
    r"\textbf": "Main-Bold", r"\textit": "Main-Italic", r"\emph": "Main-Italic", r"\texttt": "Typewriter-Regular",
    r"\textsf": "SansSerif-Regular",
}  # fmt: skip
_TEXT_CHARS: Final = {" ": "\xa0", "'": "’", "~": "\xa0", "`": "‘"}


def _text(node: tree.Text, o: Setting) -> Box:
    font = _TEXT_FONTS.get(node.name, "Main-Regular")
    boxes: list[Box] = []
    for k, part in enumerate(re.split(r"\$([^$]*)\$", node.text)):
        if k % 2:
            boxes += row_boxes(parse(part), setting(2, None, o.align))
            continue
        for char in _plain_text(part):
            char = _TEXT_CHARS.get(char, char)
            if char == "\xa0":
                boxes.append(Box("mord", 0.25 * o.scale, own=[(0.0, 0.0, o.scale, char, 0.25 * o.scale, font)]))
            else:
                boxes.append(glyph(char, font, o.scale, "mord", False))
    return hcat(boxes)


@lru_cache(maxsize=1024)
def _plain_text(text: str) -> str:
    for written, printed in (("``", "“"), ("''", "”"), ("---", "—"), ("--", "–"), (r"\ldots", "…"), (r"\dots", "…")):
        text = text.replace(written, printed)
    text = re.sub(r"\\text(?:bf|it|rm|tt|sf)\b|\\(?:rm|bf|it)\b|\\emph\b|[{}]", "", text)
    text = re.sub(r"\\([%_&#$ {}])", r"\1", text)
    return re.sub(r"\s+", " ", text)


def _operator(node: tree.Operator, o: Setting) -> Box:
    boxes = []
    for char in node.name:
        if char == "\u2009":
            boxes.append(_space(tree.Space(3), o))
        elif char == "-":
            boxes.append(glyph("−", "Main-Regular", o.scale, "mord"))
        else:
            boxes.append(glyph(char, "Main-Regular", o.scale, "mord"))
    return hcat(boxes, "mop")


def _big_symbol(char: str, o: Setting) -> tuple[Box, float]:
    large = SIZE[o.style] == 0
    font = "Size2-Regular" if large else "Size1-Regular"
    b = glyph(char, font, o.scale, "mop")
    return b, (b.height - b.depth) / 2 - o.dimension("axis")


def _big_operator(node: tree.BigOperator, o: Setting) -> Box:
    b, shift = _big_symbol(node.char, o)
    box = Box("mop", b.width, b.height, b.depth, [], moved(b.own, 0.0, -shift))
    box.italic, box.character = b.italic, True
    return box


def _negated(node: tree.Negated, o: Setting) -> Box:
    b = _sym(tree.Sym(node.char, "rel"), o)
    slash: Glyph = (0.0, 0.0, o.scale, "\ue020", 0.7778 * o.scale, "Main-Regular")
    return Box("mrel", b.width, 0.716 * o.scale, 0.215 * o.scale, b.own, [slash])


def _not_in(_node: tree.NotIn, o: Setting) -> Box:
    element = glyph("∈", "Main-Regular", o.scale, "mrel")
    slash = glyph("/", "Main-Regular", o.scale, "mord")
    after = moved(slash.own, element.width - slash.width - o.scale / 18, 0.0)
    return Box("mrel", element.width, 0.75 * o.scale, 0.25 * o.scale, element.own, after)


# ---------------------------------------------------------------------------------------------------------- wrappers


def _group(node: tree.Group, o: Setting) -> Box:
    return row_box(node.body, o)


def _font(node: tree.Font, o: Setting) -> Box:
    inner = setting(o.style, FONTS[node.name] or None, o.align)
    if len(node.body) == 1:
        return build(node.body[0], inner)
    return row_box(node.body, inner)


def _class_of(node: tree.ClassOf, o: Setting) -> Box:
    return row_box(node.body, o).like(node.cls)


def _phantom(node: tree.Phantom, o: Setting) -> Box:
    b = row_box(node.body, o)
    width = b.width if node.wide else 0.0
    height, depth = (b.height, b.depth) if node.tall else (0.0, 0.0)
    cls = "mord" if len(node.body) != 1 else b.cls
    if node.name.endswith("cancel") or node.name == r"\sout":
        # The stroke is a drawn child of the same list and reaches below the body.
        v = shifted([(b, 0.0, 0.0, 0.0), (Box("mord", 0.0, height + depth + 0.4), depth + 0.2, 0.0, 0.0)], 0.0, o.align)
        return Box("mord", v.width, height, depth, v.own, v.after, b.drawn)
    if node.shown:
        return Box(cls, width, height, depth, b.own, b.after, b.drawn)
    return Box(cls, width, height, depth)


def _boxed(node: tree.Boxed, o: Setting) -> Box:
    inner = row_box(node.body, setting(0, None, o.align))
    inner = _padded(inner, 0.3, inner.width + 0.6)
    frame = _rule("box", 0.0, inner.height + inner.depth + 0.68)
    return hcat([shifted([(inner, 0.0, 0.0, 0.0), (frame, inner.depth + 0.34, 0.0, 0.0)], 0.0, o.align)])


def _ruled(node: tree.Ruled, o: Setting) -> Box:
    rule = o.dimension("rule")
    line = _rule("over" if node.over else "under", 0.0, rule)
    if node.over:
        body = row_box(node.body, o.styled(CRAMPED[o.style]))
        return hcat([vlist([(body, 0.0, 0.0), 3 * rule, (line, 0.0, 0.0), rule], -body.depth, 0.0, o.align)])
    body = row_box(node.body, o)
    bottom = -body.depth - 5 * rule
    return hcat([vlist([rule, (line, 0.0, 0.0), 3 * rule, (body, 0.0, 0.0)], bottom, 0.0, o.align)])


def _accent(node: tree.Accent, o: Setting) -> Box:
    body = row_box(node.body, o.aligned(CRAMPED[o.style], 1))
    skew = 0.0
    if is_character(node.body):
        inner: Row | Node = node.body
        while isinstance(inner, (tuple, tree.Group, tree.Font)):
            if isinstance(inner, tree.Font):
                skew = build(inner, o.aligned(CRAMPED[o.style], 1)).skew
                break
            inner = inner[0] if isinstance(inner, tuple) else inner.body
        else:
            skew = build(inner, o.aligned(CRAMPED[o.style], 1)).skew
    clearance = min(body.height, o.dimension("x_height"))
    char = ACCENTS[node.name]
    if char:
        mark = glyph(char, "Main-Regular", o.scale, "mord", False)
        accent = Box("mord", 0.0, mark.height, mark.depth, [], moved(mark.own, skew - mark.width / 2, 0.0))
    else:
        accent = Box("mord", 0.0, 0.714 * o.scale, 0.0)
        accent.drawn = [("mark", skew - 0.2355 * o.scale, 0.0, 0.471 * o.scale, 0.714 * o.scale)]
    return hcat([vlist([(body, 0.0, 0.0), -clearance, (accent, 0.0, 0.0)], -body.depth, 0.5, 1)])


def _stretchy(node: tree.Stretchy, o: Setting) -> Box:
    body = row_box(node.body, o.aligned(CRAMPED[o.style], 1))
    return hcat([vlist([(body, 0.0, 0.0), (_rule("mark", 0.0, 0.3 * o.scale), 0.0, 0.0)], -body.depth, 0.5, 1)])


# ---------------------------------------------------------------------------------------------------------- scripts


def _scripts(node: tree.Scripts, o: Setting) -> Box:
    base, sub, sup = node.base, node.sub, node.sup
    display = SIZE[o.style] == 0
    match base:
        case tree.BigOperator(char, True) if display:
            b, shift = _big_symbol(char, o)
            return _limits(b, sub, sup, o, b.italic, shift)
        case tree.Operator(_, True) if display:
            return _limits(_operator(base, o), sub, sup, o)
        case tree.Brace(over) if (sub is None) == over or (sup is None) != over:
            script = sup if over else sub
            if script is not None and (sub is None or sup is None):
                return _brace_box(base, script, o)
        case tree.Accent(_, body) if is_character(body):
            inner = body[0]
            return hcat([_accent(base, o), _script_box(build(inner, o), inner, sub, sup, o)])
        case _:
            pass
    b = Box("mord") if base is None else build(base, o)
    return hcat([b, _script_box(b, base, sub, sup, o)], b.cls if b.cls in _GLUE else "mord")


def _script_box(b: Box, base: Node | None, sub: Row | None, sup: Row | None, o: Setting) -> Box:
    """The scripts beside a base box (TeX's rule 18)."""
    character = is_character(base)
    sup_shift = sub_shift = 0.0
    sup_box = sub_box = None
    if sup is not None:
        inner = setting(SUPERSCRIPT[o.style], o.font, 0)
        sup_box = row_box(sup, inner)
        if not character:
            sup_shift = b.height - _SIGMA["sup_drop"][inner.row] * inner.scale
    if sub is not None:
        inner = setting(SUBSCRIPT[o.style], o.font, 0)
        sub_box = row_box(sub, inner)
        if not character:
            sub_shift = b.depth + _SIGMA["sub_drop"][inner.row] * inner.scale
    least = o.dimension("sup1" if o.style == 0 else "sup3" if o.style % 2 else "sup2")
    margin = 0.05
    left = -b.italic if b.character else 0.0
    x_height = o.dimension("x_height")
    if sup_box is not None and sub_box is not None:
        sup_shift = max(sup_shift, least, sup_box.depth + 0.25 * x_height)
        sub_shift = max(sub_shift, o.dimension("sub2"))
        apart = 4 * o.dimension("rule")
        if (sup_shift - sup_box.depth) - (sub_box.height - sub_shift) < apart:
            sub_shift = apart - (sup_shift - sup_box.depth) + sub_box.height
            psi = 0.8 * x_height - (sup_shift - sup_box.depth)
            if psi > 0:
                sup_shift += psi
                sub_shift -= psi
        return shifted([(sub_box, sub_shift, left, margin), (sup_box, -sup_shift, 0.0, margin)])
    if sub_box is not None:
        sub_shift = max(sub_shift, o.dimension("sub1"), sub_box.height - 0.8 * x_height)
        return vlist([(sub_box, left, margin)], -sub_box.depth - sub_shift)
    assert sup_box is not None
    sup_shift = max(sup_shift, least, sup_box.depth + 0.25 * x_height)
    return vlist([(sup_box, 0.0, margin)], -sup_box.depth + sup_shift)


def _limits(base: Box, sub: Row | None, sup: Row | None, o: Setting, slant: float = 0.0, shift: float = 0.0) -> Box:
    """Limits above and below an operator."""
    core = base.like("mop")
    edge = o.dimension("big5")
    low: list[Item] = []
    high: list[Item] = []
    bottom = -(base.depth + shift)
    if sub is not None:
        sub_box = row_box(sub, o.aligned(SUBSCRIPT[o.style], 1))
        kern = max(o.dimension("big2"), o.dimension("big4") - sub_box.height)
        low = [edge, (sub_box, -slant, 0.0), kern]
        if sup is not None:
            bottom = -(edge + sub_box.height + sub_box.depth + kern + base.depth + shift)
        else:
            bottom = base.height - shift - (edge + sub_box.height + sub_box.depth + kern + base.height + base.depth)
    if sup is not None:
        sup_box = row_box(sup, o.aligned(SUPERSCRIPT[o.style], 1))
        kern = max(o.dimension("big1"), o.dimension("big3") - sup_box.depth)
        high = [kern, (sup_box, slant, 0.0), edge]
    return vlist([*low, (core, 0.0, 0.0), *high], bottom, 0.5, 1).like("mop")


# ---------------------------------------------------------------------------------------------------------- fractions


def _fraction(node: tree.Fraction, o: Setting) -> Box:
    style = o.style
    display_size = node.size in ("d", "c")
    if display_size:
        style = _TEXT[style] if style >= 4 else 0
    elif node.size == "t" and SIZE[style] == 0:
        style = 2
    numerator = row_box(node.numerator, o.aligned(NUMERATOR[style], 1))
    if node.size == "c":
        numerator.height, numerator.depth = max(numerator.height, 0.85), max(numerator.depth, 0.35)
    denominator = row_box(node.denominator, o.aligned(DENOMINATOR[style], 1))
    rule = o.dimension("rule")
    if SIZE[style] == 0 or display_size:
        up, clear, down = o.dimension("num1"), (3 if node.bar else 7) * rule, o.dimension("denom1")
    elif node.bar:
        up, clear, down = o.dimension("num2"), rule, o.dimension("denom2")
    else:
        up, clear, down = o.dimension("num3"), 3 * rule, o.dimension("denom2")
    axis = o.dimension("axis")
    if node.bar:
        up += max(0.0, clear - ((up - numerator.depth) - (axis + 0.5 * rule)))
        down += max(0.0, clear - ((axis - 0.5 * rule) - (denominator.height - down)))
        line = _rule("bar", 0.0, rule)
        children = [
            (denominator, down, 0.0, 0.0),
            (line, -(axis - 0.5 * rule), 0.0, 0.0),
            (numerator, -up, 0.0, 0.0),
        ]
    else:
        gap = (up - numerator.depth) - (denominator.height - down)
        if gap < clear:
            up += 0.5 * (clear - gap)
            down += 0.5 * (clear - gap)
        children = [(denominator, down, 0.0, 0.0), (numerator, -up, 0.0, 0.0)]
    middle = shifted(children, 0.5, 1)
    size = _SIGMA["delim1"][0] if SIZE[style] == 0 else _SIGMA["delim2"][_ROW[style]]
    inner = setting(style, None, o.align)
    left = _delimiter(node.left, size, inner, "mopen") if node.left else _blank(0.12, "mopen")
    right = _delimiter(node.right, size, inner, "mclose") if node.right else _blank(0.12, "mclose")
    return hcat([left, middle, right])


# ---------------------------------------------------------------------------------------------------------- delimiters

_ALWAYS_STACKED: Final = frozenset(
    {"|", r"\|", r"\uparrow", r"\downarrow", r"\updownarrow", r"\Uparrow", r"\Downarrow", r"\Updownarrow", r"\lgroup",
     r"\rgroup", r"\lmoustache", r"\rmoustache"}
)  # fmt: skip
_NEVER_STACKED: Final = frozenset({r"\langle", r"\rangle", "/", r"\backslash"})
_DRAWN_WIDTH: Final = {
    "|": 0.333, r"\|": 0.556, "[": 0.667, "]": 0.667, r"\lfloor": 0.667, r"\rfloor": 0.667, r"\lceil": 0.667,
    r"\rceil": 0.667, "(": 0.875, ")": 0.875,
}  # fmt: skip
_PIECES: Final = {
    "(": "⎛⎝⎜", ")": "⎞⎠⎟", "[": "⎡⎣⎢", "]": "⎤⎦⎥", "|": "∣∣∣", r"\|": "∥∥∥", r"\lfloor": "⎢⎣⎢", r"\lceil": "⎡⎢⎢",
    r"\rfloor": "⎥⎦⎥", r"\rceil": "⎤⎥⎥",
}  # fmt: skip
_BRACE_PIECES: Final = {r"\{": "⎩⎨⎧", r"\}": "⎭⎬⎫"}
_FIXED_HEIGHT: Final = (0.0, 1.2, 1.8, 2.4, 3.0)


def _delimiter(name: str, height: float, o: Setting, cls: str) -> Box:
    """A delimiter at least ``height`` tall, centred on the axis."""
    char = DELIMITERS.get(name, name)
    sizes: list[tuple[str, float]] = [("Main-Regular", 0.5), ("Main-Regular", 0.7), ("Main-Regular", 1.0)]
    if name not in _ALWAYS_STACKED:
        sizes += [(f"Size{k}-Regular", 1.0) for k in (1, 2, 3, 4)]
    chosen = None
    for font, scale in sizes[min(2, 3 - SIZE[o.style]) :]:
        found = METRICS[font].get(char)
        if found is not None and (found.depth + found.height) * scale > height:
            chosen = font, scale
            break
    if chosen is None:
        if name not in _NEVER_STACKED:
            return _stacked(name, height, True, o, cls)
        chosen = sizes[-1]
    font, scale = chosen
    b = glyph(char, font, scale, cls)
    shift = (1 - o.scale / scale) * 0.25 * scale
    return Box(cls, b.width, b.height - shift, b.depth + shift, [], moved(b.own, 0.0, -shift))


def _stacked(name: str, height: float, centred: bool, o: Setting, cls: str) -> Box:
    """A delimiter made of pieces: tall braces leave three characters, everything else is drawn."""
    axis = 0.25 * (o.scale if centred else 1.0)
    if name in _BRACE_PIECES:
        font = "Size4-Regular"
        low, mid, top = (glyph(c, font, 1.0, "mord") for c in _BRACE_PIECES[name])
        solid = sum(b.height + b.depth for b in (low, mid, top))
        filler = METRICS[font].get("⎪") or METRICS["Size1-Regular"]["⎪"]
        filler_height = filler.height + filler.depth
        count = max(0, math.ceil((height - solid) / (2 * filler_height)))
        real = solid + count * 2 * filler_height
        gap = Box("mord", 0.889, (real - solid) / 2 + 0.016)
        lap = -0.008
        items: list[Item] = [(low, 0.0, 0.0), lap, (gap, 0.0, 0.0), lap, (mid, 0.0, 0.0), lap, (gap, 0.0, 0.0), lap]
        return vlist([*items, (top, 0.0, 0.0)], -(real / 2 - axis), 0.0, o.align).like(cls)
    font = "Size1-Regular" if name in _ALWAYS_STACKED else "Size4-Regular"
    pieces = _PIECES.get(name, "∣∣∣")
    found = [
        METRICS[font].get(c) or METRICS["Size1-Regular"].get(c) or Measure(0.0, 0.6, 0.0, 0.0, 0.667) for c in pieces
    ]
    top_h, bottom_h, repeat_h = (m.depth + m.height for m in found)
    count = max(0, math.ceil((height - top_h - bottom_h) / repeat_h))
    real = top_h + bottom_h + count * repeat_h
    drawn = Box("mord", _DRAWN_WIDTH.get(name, 0.667), real)
    drawn.drawn = [("delimiter", 0.0, 0.0, drawn.width, real)]
    return vlist([(drawn, 0.0, 0.0)], -(real / 2 - axis), 0.0, o.align).like(cls)


def _left_right(node: tree.LeftRight, o: Setting) -> Box:
    middles = any(isinstance(n, tree.Middle) for n in node.body)
    measured = isinstance(node.body, MeasuredRow) and not middles
    boxes = [row_box(node.body, o)] if measured else row_boxes(node.body, o, "mopen", "mclose")
    height = max((b.height for b in boxes), default=0.0)
    depth = max((b.depth for b in boxes), default=0.0)
    axis = 0.25 * o.scale
    reach = max(height - axis, depth + axis)
    total = max(reach / 500 * 901, 2 * reach - 0.5)
    if middles:
        names = iter([n.delimiter for n in node.body if isinstance(n, tree.Middle)])
        boxes = [_delimiter(next(names), total, o, "") if b.cls == "middle" else b for b in boxes]
    left = _blank(0.12, "mopen") if node.left == "." else _delimiter(node.left, total, o, "mopen")
    right = _blank(0.12, "mclose") if node.right == "." else _delimiter(node.right, total, o, "mclose")
    return hcat([left, *boxes, right], "minner")


def _middle(node: tree.Middle, o: Setting) -> Box:
    b = _fixed(tree.Fixed(node.delimiter, 1, "middle"), o)
    b.cls = "middle"
    return b


def _fixed(node: tree.Fixed, o: Setting) -> Box:
    if node.delimiter == ".":
        return _blank(0.12, node.cls)
    if node.delimiter in _ALWAYS_STACKED:
        return _stacked(node.delimiter, _FIXED_HEIGHT[node.size], False, setting(2, None, o.align), node.cls)
    char = DELIMITERS.get(node.delimiter, node.delimiter)
    b = glyph(char, f"Size{node.size}-Regular", 1.0, node.cls)
    return Box(node.cls, b.width, b.height, b.depth, b.own)


# ---------------------------------------------------------------------------------------------------------- roots


def _root(node: tree.Root, o: Setting) -> Box:
    inner = row_box(node.body, o.styled(CRAMPED[o.style]))
    height = inner.height or o.dimension("x_height")
    theta = o.dimension("rule")
    clear = theta + (o.dimension("x_height") if o.style < 2 else theta) / 4
    total, advance, least, rule = _surd(height + inner.depth + clear + theta, o)
    room = total - rule
    if room > height + inner.depth + clear:
        clear = (clear + room - height - inner.depth) / 2
    shift = total - height - clear - rule
    body = _padded(inner, advance, inner.width + advance)
    body.height = height
    surd = _rule("root", least, total)
    surd.drawn = [("root", 0.0, 0.0, 0.0, total)]
    v = vlist([(body, 0.0, 0.0), -(height + shift), (surd, 0.0, 0.0), rule], -inner.depth, 0.0, o.align)
    if node.index is None:
        return hcat([v])
    index = row_box(node.index, setting(6, o.font, o.align))
    raised = vlist([(index, 0.0, 0.0)], -index.depth + 0.6 * (v.height - v.depth), 0.0, o.align)
    return hcat([_blank(5 / 18 * o.scale), raised, _blank(-10 / 18 * o.scale), v])


def _surd(least: float, o: Setting) -> tuple[float, float, float, float]:
    """The drawn radical sign: total height, advance, minimum width, rule."""
    wanted = least / o.scale
    base = {4: 0.7, 5: 0.7, 6: 0.5, 7: 0.5}.get(o.style, 1.0)
    scale = base
    size = None
    for k, font in enumerate(("Main-Regular", "Size1-Regular", "Size2-Regular", "Size3-Regular", "Size4-Regular")):
        found = METRICS[font].get("√")
        if found is not None and found.depth + found.height > wanted * base:
            size = k
            break
    if size == 0:
        scale = 1.0 if wanted < 1.0 else 0.7 if wanted < 1.4 else base
        total, advance, width = 1.0 / scale, 0.833 / scale, 0.853
    elif size is not None:
        total, advance, width = _FIXED_HEIGHT[size] / base, 1.0 / base, 1.02
    else:
        total, advance, width = wanted, 1.056, 0.742
    return total * o.scale, advance * o.scale, width * o.scale, 0.04 * scale * o.scale


# ---------------------------------------------------------------------------------------------------------- stacks


def _stack(node: tree.Stack, o: Setting) -> Box:
    base = row_box(node.body, o)
    if len(node.body) == 1:
        base = build(node.body[0], o)
    shift = (base.height - base.depth) / 2 - o.dimension("axis") if node.name == "stackrel" and base.character else 0.0
    under = node.name == "underset"
    b = _limits(base.like("mop"), node.script if under else None, None if under else node.script, o, 0.0, shift)
    kind = node.body[0].kind if len(node.body) == 1 and isinstance(node.body[0], tree.Sym) else ""
    return b.like("mrel" if node.name == "stackrel" else {"bin": "mbin", "rel": "mrel"}.get(kind, "mord"))


def _brace(node: tree.Brace, o: Setting) -> Box:
    return _brace_box(node, None, o)


def _brace_box(node: tree.Brace, script: Row | None, o: Setting) -> Box:
    body = row_box(node.body, setting(0, o.font, 1))
    mark = Box("mord", 1.6, 0.548)
    mark.drawn = [("mark", 0.0, 0.0, 0.0, 0.548)]
    if node.over:
        v = vlist([(body, 0.0, 0.0), 0.1, (mark, 0.0, 0.0)], -body.depth, 0.5, 1)
    else:
        v = vlist([(mark, 0.0, 0.0), 0.1, (body, 0.0, 0.0)], -(body.depth + 0.1 + mark.height), 0.5, 1)
    if script is not None:
        s = row_box(script, o.aligned(SUPERSCRIPT[o.style] if node.over else SUBSCRIPT[o.style], 1))
        if node.over:
            v = vlist([(v, 0.0, 0.0), 0.2, (s, 0.0, 0.0)], -v.depth, 0.5, 1)
        else:
            v = vlist([(s, 0.0, 0.0), 0.2, (v, 0.0, 0.0)], -(v.depth + 0.2 + s.height + s.depth), 0.5, 1)
    return hcat([v])


def _labelled_arrow(node: tree.LabelledArrow, o: Setting) -> Box:
    style = SUPERSCRIPT[o.style]
    pad = 0.5 * SCALE[style]
    above = row_box(node.above, o.aligned(style, 1))
    above = _padded(above, pad, above.width + 2 * pad)
    arrow = Box("mord", 1.469, 0.522)
    arrow.drawn = [("mark", 0.0, 0.0, 0.0, 0.522)]
    axis = 0.25 * o.scale
    up = -axis - 0.5 * arrow.height - 0.111 - (above.depth if above.depth > 0.25 else 0.0)
    middle = (arrow, -axis + 0.5 * arrow.height, 0.0, 0.0)
    if node.below is None:
        children = [(above, up, 0.0, 0.0), middle]
    else:
        below = row_box(node.below, o.aligned(SUBSCRIPT[o.style], 1))
        below = _padded(below, pad, below.width + 2 * pad)
        down = -axis + below.height + 0.5 * arrow.height + 0.111
        children = [(above, up, 0.0, 0.0), middle, (below, down, 0.0, 0.0)]
    return shifted(children, 0.5, 1).like("mrel")


# ---------------------------------------------------------------------------------------------------------- arrays


def _array(node: tree.Array, o: Setting) -> Box:
    env = node.env
    aligned = env in ("aligned", "align", "split", "alignedat", "alignat", "eqnarray")
    gathered = env in ("gathered", "gather", "multline")
    cases = "cases" in env
    small = env in ("smallmatrix", "subarray")
    stretch = 1.2 if cases else 0.5 if small else 1.0
    style = 0 if aligned or gathered or env in ("dcases", "drcases", "darray") else 4 if small else 2
    letters = [c for c in node.columns if c in "lcr"] if env in ("array", "darray", "subarray") else []
    em = o.scale
    point = 0.1 * em
    strut = stretch * 12 * point
    columns = max(len(line) for line in node.rows)

    def alignment(c: int) -> int:
        if aligned:
            return 0 if c % 2 else 2
        if cases:
            return 0
        return {"l": 0, "c": 1, "r": 2}[letters[c]] if c < len(letters) else 1

    lines: list[tuple[list[Box], float, float, float]] = []
    total = 0.0
    empty: Row = (tree.Group(()),)
    for line in node.rows:
        height, depth = 0.7 * strut, 0.3 * strut
        cells = []
        for c, cell in enumerate(line):
            b = row_box(empty + cell if aligned and c % 2 else cell, setting(style, None, alignment(c)))
            cells.append(b)
            height, depth = max(height, b.height), max(depth, b.depth)
        if aligned or gathered:
            depth += 3 * point
        total += height
        lines.append((cells, height, depth, total))
        total += depth
    offset = total / 2 + o.dimension("axis")
    gap = 0.2778 * 0.7 if small else 5 * point
    boxes: list[Box] = []
    outer = env in ("array", "darray")
    for c in range(columns):
        before = behind = gap
        if aligned:
            before, behind = (em if c and c % 2 == 0 else 0.0), 0.0
        elif cases:
            before, behind = 0.0, em if c == 0 else 0.0
        if (c > 0 or outer) and before:
            boxes.append(_blank(before))
        children = [
            (
                Box("mord", cells[c].width, height, depth, cells[c].own, cells[c].after, cells[c].drawn),
                at - offset,
                0.0,
                0.0,
            )
            for cells, height, depth, at in lines
            if c < len(cells)
        ]
        boxes.append(shifted(children, alignment(c) / 2, alignment(c)))
        if (c < columns - 1 or outer) and behind:
            boxes.append(_blank(behind))
    return hcat(boxes)


# ---------------------------------------------------------------------------------------------------------- several


def _splice_boxes(node: tree.Splice, o: Setting) -> list[Box]:
    return _atoms(node.body, o)


def _style_boxes(node: tree.Style, o: Setting) -> list[Box]:
    return row_boxes(node.body, o.styled(node.style))


def _long_arrow_boxes(node: tree.LongArrow, o: Setting) -> list[Box]:
    space = tree.Space(5)
    return [_space(space, o), glyph(node.char, "Main-Regular", o.scale, "mrel"), _space(space, o)]


def _modulo_boxes(node: tree.Modulo, o: Setting) -> list[Box]:
    word = hcat([glyph(c, "Main-Regular", o.scale, "mord") for c in "mod"])
    if node.name == "bmod":
        return [word.like("mbin")]
    mu = o.scale / 18
    display = SIZE[o.style] == 0
    body = row_box(node.body or (), o)
    if node.name == "mod":
        return [_blank((18 if display else 12) * mu), word, _blank(6 * mu), body]
    left, right = (glyph("(", "Main-Regular", o.scale, "mopen"), glyph(")", "Main-Regular", o.scale, "mclose"))
    inside = [word, _blank(6 * mu), body] if node.name == "pmod" else [body]
    return [_blank((18 if display else 8) * mu), left, *inside, right]


_SEVERAL: Final[dict[type, Callable[..., list[Box]]]] = {
    tree.Splice: _splice_boxes,
    tree.Style: _style_boxes,
    tree.LongArrow: _long_arrow_boxes,
    tree.Modulo: _modulo_boxes,
}


def _as_one(node: Node, o: Setting) -> Box:
    return hcat(row_boxes((node,), o), "mrel" if isinstance(node, tree.LongArrow) else "mord")


def _tag(node: tree.Tag, _o: Setting) -> Box:
    raise LatexError(r"\tag stands outside everything", node.text, Span(0, len(node.text)))


_BUILD: Final[dict[type, Callable[..., Box]]] = {
    tree.Sym: _sym, tree.Space: _space, tree.Group: _group, tree.Splice: _as_one, tree.Scripts: _scripts,
    tree.Fraction: _fraction, tree.Root: _root, tree.Accent: _accent, tree.Stretchy: _stretchy, tree.Ruled: _ruled,
    tree.Boxed: _boxed, tree.BigOperator: _big_operator, tree.Operator: _operator, tree.Font: _font, tree.Text: _text,
    tree.LeftRight: _left_right, tree.Middle: _middle, tree.Tag: _tag, tree.Fixed: _fixed, tree.Array: _array,
    tree.Negated: _negated, tree.NotIn: _not_in, tree.LongArrow: _as_one, tree.Style: _as_one, tree.Stack: _stack,
    tree.Brace: _brace, tree.LabelledArrow: _labelled_arrow, tree.Modulo: _as_one, tree.ClassOf: _class_of,
    tree.Phantom: _phantom,
}  # fmt: skip
