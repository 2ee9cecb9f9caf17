"""HTML → Markdown-like text whose formulas stand between dollar signs, once each.

A page shows a formula to eyes and says it again to machines: TeX in an annotation or attribute, MathML, and drawn
glyphs (``aria-hidden``). TeX is taken where there is some, else MathML is read, and the drawn glyphs are passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from bs4 import BeautifulSoup, Tag
from bs4.element import CData, Comment, Declaration, Doctype, NavigableString, ProcessingInstruction
from bs4.exceptions import ParserRejectedMarkup

from llmgrade.errors import UnreadableInput
from llmgrade.reading.markup import pieces
from llmgrade.reading.mathml import latex_of
from llmgrade.transcript.model import Formula, Method, Piece, Table

__all__ = ["Converted", "classes_of", "convert", "keep_lines", "mark_kept_lines", "shows_raw_text", "soup"]

_DEEPEST = 300
_STRAY = re.compile(r"<(?=[^<>]*(?:<|\Z))")
_MOST_STRAY = 300
_SECTION = re.compile(r"<!\[(?!CDATA\[|(?:if|else|endif)\b)", re.IGNORECASE)
"""The parser gives a page up for a marked section of a kind it does not know."""
_DROPPED = frozenset(
    [
        "style",
        "noscript",
        "template",
        "head",
        "meta",
        "link",
        "svg",
        "canvas",
        "button",
        "input",
        "select",
        "textarea",
        "audio",
        "video",
        "iframe",
        "nav",
        "object",
        "title",
    ]
)
_BLOCKS = frozenset(
    [
        "p",
        "div",
        "section",
        "article",
        "ul",
        "ol",
        "dl",
        "dt",
        "dd",
        "table",
        "blockquote",
        "pre",
        "figure",
        "header",
        "footer",
        "main",
        "aside",
        "form",
        "details",
        "summary",
        "fieldset",
        "hr",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "address",
        "center",
        "user-query",
        "model-response",
        "message-content",
    ]
)
_TEX_ATTRIBUTES = (
    "data-latex",
    "data-tex",
    "data-math",
    "data-formula",
    "data-expr",
    "data-equation",
    "data-original-latex",
    "alttext",
)
_MATHS_CLASS = re.compile(
    r"^(?:katex(?:-display)?|MathJax(?:_Display|_SVG|_SVG_Display|_CHTML|_Preview)?|mjx-.*|math(?:-inline|-block|-display)?|mwe-math-element|tex2jax_ignore)$"
)
_DRAWN = frozenset(
    [
        "MathJax",
        "MathJax_Display",
        "MathJax_SVG",
        "MathJax_SVG_Display",
        "MathJax_CHTML",
        "MathJax_Preview",
        "mjx-chtml",
        "MathJax_SVG_Hidden",
    ]
)
_KEEPS = re.compile(r"white-space\s*:\s*(?:pre\b|pre-wrap|pre-line|break-spaces)")
_KEEPING = frozenset(["pre-wrap", "whitespace-pre-wrap", "whitespace-pre-line", "whitespace-break-spaces"])
_RULE = re.compile(r"([^{}]{1,400})\{([^{}]{0,4000})\}")
_CLASS = re.compile(r"\.([\w-]+)(?=\s*(?:,|$))|\[data-testid=[\"']?([\w-]+)[\"']?\]\s*(?:,|$)")
_SPACES = re.compile(r"[ \t\r\n\f]+")


@dataclass
class Converted:
    """Text, and where in it formulas stand that the page gave (their insides)."""

    text: str
    formulas: list[tuple[int, int]] = field(default_factory=list)

    def pieces(self) -> tuple[Piece, ...]:
        """The pieces of the text; formulas of the page say that they are from HTML."""
        inside = sorted(self.formulas)
        return tuple(_from_page(piece, inside) for piece in pieces(self.text))


def _from_page(piece: Piece, formulas: Sequence[tuple[int, int]]) -> Piece:
    if isinstance(piece, Formula):
        if any(start <= piece.span.start and piece.span.stop <= stop for start, stop in formulas):
            return replace(piece, method=Method.HTML)
        return piece
    if isinstance(piece, Table):
        rows = tuple(tuple(tuple(_from_page(each, formulas) for each in cell) for cell in row) for row in piece.rows)
        return replace(piece, rows=rows)
    return piece


def soup(text: str, name: str) -> BeautifulSoup:
    """The page as a tree.

    Raises:
        UnreadableInput: the markup cannot be parsed at all.
    """
    try:
        return BeautifulSoup(_tame(text), "html.parser")
    except (ParserRejectedMarkup, AssertionError, ValueError, RecursionError, KeyError, TypeError) as error:
        raise UnreadableInput(name, f"the HTML cannot be parsed ({error})") from None


def _tame(text: str) -> str:
    """The page with tags and comments that never close written as text, where there are so many that parsing would crawl."""
    if len(_STRAY.findall(text)) > _MOST_STRAY:
        text = _STRAY.sub("&lt;", text)
    if "<![" in text:
        text = _SECTION.sub("&lt;![", text)
    if text.count("<!--") > text.count("-->") + _MOST_STRAY:
        text = text.replace("<!--", "&lt;!--")
    return text


def mark_kept_lines(page: Tag) -> None:
    """Mark the elements whose line breaks a page's own style sheets show, so that they are kept."""
    keeping: set[str] = set()
    for sheet in page.find_all("style"):
        for rule in _RULE.finditer(sheet.get_text()[:400_000]):
            if _KEEPS.search(rule[2]):
                keeping.update(found[1] or found[2] for found in _CLASS.finditer(rule[1].strip()))
    if not keeping:
        return
    for node in page.find_all(True):
        if not keeping.isdisjoint([*classes_of(node), str(node.get("data-testid", ""))]):
            keep_lines(node)


def keep_lines(node: Tag) -> None:
    """Mark an element as one that shows its line breaks."""
    node["class"] = " ".join([*classes_of(node), "pre-wrap"])


def shows_raw_text(node: Tag) -> bool:
    """Whether an element holds nothing but text of several lines: what a person typed is shown as it was typed."""
    inside = list(node.children)
    return (
        bool(inside)
        and all(isinstance(child, NavigableString) for child in inside)
        and "\n" in "".join(str(child) for child in inside).strip()
    )


def convert(node: Tag) -> Converted:
    """The readable text of an element."""
    writer = _Writer()
    writer.inside(node, 0)
    return writer.done()


class _Writer:
    def __init__(self) -> None:
        self.parts: list[str] = []
        self.size = 0
        self.formulas: list[tuple[int, int]] = []
        self.lists: list[tuple[int, str] | None] = []
        """The lists it stands in: the number of the next item and the kind of numbers, None where they have none."""
        self.numbered = -1
        """Where the last item's number ends: a paragraph that begins there stands beside it."""
        self.preformatted = 0
        self.quote = 0

    def done(self) -> Converted:
        text = "".join(self.parts)
        kept = len(text.rstrip())
        lead = len(text) - len(text.lstrip())
        text = text[lead:kept] if kept > lead else ""
        return Converted(text, [(start - lead, stop - lead) for start, stop in self.formulas])

    def write(self, text: str) -> None:
        if not text:
            return
        self.parts.append(text)
        self.size += len(text)

    @property
    def tail(self) -> str:
        for part in reversed(self.parts):
            if part:
                return part[-1]
        return "\n"

    def ends(self) -> str:
        return "".join(self.parts[-4:])[-4:]

    def break_line(self, lines: int = 1) -> None:
        if not self.parts or self.size == self.numbered:
            return
        end = self.ends()
        present = len(end) - len(end.rstrip("\n"))
        if present < lines:
            self.write("\n" * (lines - present))
            if self.quote:
                self.write("> " * self.quote)

    def children(self, node: Tag, depth: int) -> None:
        for child in node.children:
            if isinstance(child, NavigableString):
                self.string(child)
            elif isinstance(child, Tag):
                self.element(child, depth + 1)

    def string(self, node: NavigableString) -> None:
        if isinstance(node, Comment | Doctype | Declaration | ProcessingInstruction | CData):
            return
        text = str(node)
        if self.preformatted:
            self.write(text.replace("\r\n", "\n").replace("\r", "\n"))
            return
        text = _SPACES.sub(" ", text)
        if self.tail in "\n ":
            text = text.lstrip(" ")
        self.write(text)

    def element(self, node: Tag, depth: int) -> None:
        name = str(node.name)
        if depth > _DEEPEST:
            self.write(_SPACES.sub(" ", node.get_text(" ")))
            return
        if name == "script":
            self._tex_script(node)
            return
        if name in _DROPPED or _hidden(node):
            return
        maths = _maths(node)
        if maths is not None:
            self.formula(*maths)
            return
        match name:
            case "br":
                self.write("\n" + "> " * self.quote)
            case "hr":
                self.break_line(2)
            case "img":
                self._image(node)
            case "h1" | "h2" | "h3" | "h4" | "h5" | "h6":
                self.break_line(2)
                self.write("#" * int(name[1]) + " ")
                self.children(node, depth)
                self.break_line(2)
            case "strong" | "b":
                self._wrapped(node, "**", depth)
            case "sup" | "sub":
                self._script(node, "^" if name == "sup" else "_", depth)
            case "code" if not self.preformatted:
                self._wrapped(node, "`", depth)
            case "pre":
                self._pre(node)
            case "li":
                self._item(node, depth)
            case "ul" | "ol":
                start = str(node.get("start", ""))
                count = int(start) if start.isdecimal() and len(start) < 6 else 1
                self.lists.append((count, str(node.get("type", ""))) if name == "ol" else None)
                self.break_line(1 if len(self.lists) > 1 else 2)
                self.children(node, depth)
                self.lists.pop()
                self.break_line(1 if self.lists else 2)
            case "table":
                self._table(node, depth)
            case "blockquote":
                self.break_line(2)
                self.quote += 1
                self.write("> ")
                self.children(node, depth)
                self.quote -= 1
                self.break_line(2)
            case _ if name in _BLOCKS:
                self.break_line(2 if name in {"p", "div", "section", "article"} else 1)
                self.inside(node, depth)
                self.break_line(2 if name in {"p", "div", "section", "article"} else 1)
            case _:
                self.inside(node, depth)

    def inside(self, node: Tag, depth: int) -> None:
        """The children; line breaks as they are where the element shows them."""
        wrapped = not _KEEPING.isdisjoint(classes_of(node)) or bool(_KEEPS.search(str(node.get("style", ""))))
        self.preformatted += wrapped
        self.children(node, depth)
        self.preformatted -= wrapped

    def _item(self, node: Tag, depth: int) -> None:
        """An item of a list, with the number or letter the page shows before it."""
        self.break_line()
        if not self.lists or self.lists[-1] is None:
            self.write("- ")
        else:
            count, kind = self.lists[-1]
            given = str(node.get("value", ""))
            count = int(given) if given.isdecimal() and len(given) < 6 else count
            self.lists[-1] = count + 1, kind
            lettered = kind in {"a", "A"} and 1 <= count <= 26
            self.write(f"({chr(ord(kind) + count - 1)}) " if lettered else f"{count}. ")
        self.numbered = self.size
        self.children(node, depth)
        self.break_line()

    def formula(self, latex: str, display: bool) -> None:
        latex = latex.strip()
        if not latex:
            return
        mark = "$$" if display else "$"
        if display:
            self.break_line()
        elif self.tail.isalnum():
            self.write(" ")
        self.write(mark)
        start = self.size
        self.write(latex)
        self.formulas.append((start, self.size))
        self.write(mark)
        if display:
            self.break_line()

    def _tex_script(self, node: Tag) -> None:
        kind = str(node.get("type", ""))
        if kind.startswith("math/tex"):
            self.formula(node.get_text(), "mode=display" in kind.replace(" ", ""))

    def _image(self, node: Tag) -> None:
        alt = str(node.get("alt", "") or "").strip()
        classes = " ".join(classes_of(node))
        if re.search(r"latex|tex\b|math|equation", classes) and alt:
            self.formula(re.sub(r"^\{\\displaystyle\s*(.*)\}$", r"\1", alt), False)
        elif alt:
            self.write(f"[{alt}]")

    def _wrapped(self, node: Tag, mark: str, depth: int) -> None:
        if mark == "**" and (self.tail == "*" or self.tail.isalnum()):
            self.children(node, depth)
            return
        inner = _Writer()
        inner.children(node, depth)
        made = inner.done()
        if not made.text or "\n\n" in made.text or "$$" in made.text:
            self._take(made)
            return
        text = node.get_text()
        if text[:1].isspace() and self.tail not in "\n ":
            self.write(" ")
        self.write(mark)
        self._take(made)
        self.write(mark)
        if text[-1:].isspace():
            self.write(" ")

    def _take(self, made: Converted) -> None:
        self.formulas.extend((start + self.size, stop + self.size) for start, stop in made.formulas)
        self.write(made.text)

    def _script(self, node: Tag, mark: str, depth: int) -> None:
        inner = _SPACES.sub(" ", node.get_text()).strip()
        before = "".join(self.parts)[-24:]
        # A raised number after a word is a footnote, after a symbol or bracket a power.
        symbol = re.search(r"(?:(?<![^\W\d_])[^\W\d_]{1,2}|[)\]}\d|‖′]|[α-ωΑ-Ω])$", before)
        if inner and symbol and len(inner) <= 40:
            self.write(f"{mark}{inner}" if len(inner) == 1 else f"{mark}{{{inner}}}")
        else:
            self.children(node, depth)

    def _pre(self, node: Tag) -> None:
        code = node.find("code")
        inner = code if isinstance(code, Tag) else node
        language = next((name[9:] for name in classes_of(inner) if name.startswith("language-")), "")
        text = inner.get_text().strip("\n")
        if not text.strip():
            return
        fence = "`" * max(3, 1 + max((len(run) for run in re.findall(r"`+", text)), default=0))
        self.break_line(2)
        self.write(f"{fence}{language}\n{text}\n{fence}")
        self.break_line(2)

    def _table(self, node: Tag, depth: int) -> None:
        rows: list[list[Converted]] = []
        for row in node.find_all("tr"):
            if row.find_parent("table") is not node:
                continue
            cells = []
            for cell in row.find_all(["td", "th"], recursive=False):
                writer = _Writer()
                writer.children(cell, depth + 1)
                cells.append(writer.done())
            if cells:
                rows.append(cells)
        if not rows:
            self.children(node, depth)
            return
        width = max(len(row) for row in rows)
        self.break_line(2)
        for index, cells in enumerate(rows):
            for made in cells:
                self.write("| ")
                self._take(Converted(made.text.replace("\n", " "), made.formulas))
                self.write(" ")
            self.write("|  " * (width - len(cells)) + "|\n")
            if index == 0:
                self.write("|" + "---|" * width + "\n")
        self.break_line(2)


def classes_of(node: Tag) -> list[str]:
    """The names in an element's ``class``."""
    value = node.get("class")
    if isinstance(value, list):
        return [str(each) for each in value]
    return str(value).split() if value else []


def _hidden(node: Tag) -> bool:
    if node.get("aria-hidden") == "true" and node.name != "math":
        return True
    return node.has_attr("hidden") or "display:none" in str(node.get("style", "")).replace(" ", "")


def _maths(node: Tag) -> tuple[str, bool] | None:
    """The TeX of a formula this element is, and whether it is displayed; None where it is none."""
    name = str(node.name)
    classes = classes_of(node)
    if name == "math":
        display = node.get("display") == "block" or _displayed(node)
        return _tex_of_math(node), display
    if name == "mjx-container":
        display = node.get("display") in {"true", "block"} or node.get("jax-display") == "true"
        return _inside(node, display)
    if any(_MATHS_CLASS.match(each) for each in classes) or any(node.has_attr(each) for each in _TEX_ATTRIBUTES[:7]):
        if _DRAWN & set(classes) and _followed_by_tex(node):
            return "", False
        display = _displayed(node) or any("display" in each or "block" in each for each in classes) or name == "div"
        found = _inside(node, display)
        if found is not None and found[0]:
            return found
        if any(each.startswith("MathJax_Preview") for each in classes):
            return "", False
    return None


def _followed_by_tex(node: Tag) -> bool:
    """Whether a ``script`` holding the TeX of these drawn glyphs comes next."""
    for count, sibling in enumerate(node.find_next_siblings()):
        if sibling.name == "script" and str(sibling.get("type", "")).startswith("math/tex"):
            return True
        if count >= 2:
            break
    return (
        node.find("script", type=re.compile("^math/tex")) is None
        and node.find_parent(class_=lambda c: c in _DRAWN) is not None
    )


def _displayed(node: Tag) -> bool:
    for count, parent in enumerate(node.parents):
        classes = classes_of(parent)
        if any(
            each in {"katex-display", "MathJax_Display", "math-display", "math-block", "katex-block"}
            for each in classes
        ):
            return True
        if count >= 4:
            break
    return False


def _inside(node: Tag, display: bool) -> tuple[str, bool] | None:
    for each in _with_descendants(node):
        for attribute in _TEX_ATTRIBUTES[:7]:
            value = each.get(attribute)
            if isinstance(value, str) and value.strip():
                return _undelimited(value), display
    formulas = node.find_all("math")
    scripts = node.find_all("script", type=re.compile("^math/tex"))
    if scripts:
        return scripts[0].get_text(), display or "mode=display" in str(scripts[0].get("type"))
    if len(formulas) == 1:
        math = formulas[0]
        return _tex_of_math(math), display or math.get("display") == "block"
    annotation = node.find("annotation", encoding="application/x-tex")
    if len(formulas) == 0 and isinstance(annotation, Tag):
        return annotation.get_text(), display
    return None


def _with_descendants(node: Tag) -> Iterator[Tag]:
    yield node
    for count, each in enumerate(node.find_all(True)):
        if count > 3:
            return
        yield each


def _tex_of_math(math: Tag) -> str:
    for annotation in math.find_all(["annotation", "annotation-xml"]):
        if "tex" in str(annotation.get("encoding", "")).lower():
            return annotation.get_text()
    alttext = math.get("alttext")
    if isinstance(alttext, str) and alttext.strip():
        return re.sub(r"^\{\\displaystyle\s*(.*)\}$", r"\1", alttext.strip())
    return latex_of(math)


def _undelimited(tex: str) -> str:
    tex = tex.strip()
    for opening, closing in (("$$", "$$"), ("\\[", "\\]"), ("\\(", "\\)"), ("$", "$")):
        if tex.startswith(opening) and tex.endswith(closing) and len(tex) > len(opening) + len(closing):
            return tex[len(opening) : -len(closing)].strip()
    return tex
