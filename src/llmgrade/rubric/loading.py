"""Rubric files → rubrics. Every mistake of a file is shown at once, in the file, at its very place.

YAML is read strings-first: no scalar becomes a bool, a date or a number before the model asks for one, so ``no``,
``1:30`` and ``1e3`` stay what the author wrote. Pydantic says what is wrong by a path; the YAML nodes know the places;
`locate` walks one with the other.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, get_args

import yaml
from pydantic import BaseModel, ValidationError

from llmgrade.errors import Diagnostic, ExpressionError, LlmgradeError, RubricError, UnreadableInput, did_you_mean
from llmgrade.limits import Limits
from llmgrade.rubric import model
from llmgrade.rubric.certificate import quoted
from llmgrade.rubric.misread import escapes, misread
from llmgrade.rubric.model import Item, Rubric, Rubrics, Symbol
from llmgrade.rubric.salvage import salvage
from llmgrade.rubric.symbols import declaration, unreadable
from llmgrade.source import Source, Span

__all__ = ["Loaded", "diagnose", "load", "load_all", "locate", "loads", "shipped"]

Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_ITEM_KEYS = frozenset(
    name for kind in get_args(get_args(model.Expected)[0]) for name in (*kind.model_fields, "as") if name != "id"
) | {"kind"}
_PART_KEYS = frozenset(model.Part.model_fields)
_KINDS = tuple(get_args(kind.model_fields["kind"].annotation)[0] for kind in get_args(get_args(model.Expected)[0]))
_MAXIMUM = 2 * 1024 * 1024


class Loaded:
    """A rubric file with its text, its nodes and everything that was found wrong with it."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.node: yaml.Node | None = None
        self.rubric: Rubric | None = None
        self.draft: Rubric | None = None
        """The rubric as far as it can be read: what is wrong in its form is left out of it."""
        self.left_out: list[Span] = []
        """Where what was left out stands."""
        self.touched: frozenset[int] = frozenset()
        """Parts (by index) of which something was left out."""
        self.diagnostics: list[Diagnostic] = []

    def add(self, code: str, message: str, span: Span, hint: str | None = None, severity: str = "error") -> None:
        """Note a mistake (or a warning) at a place of the file."""
        self.diagnostics.append(Diagnostic(code, message, self.source, span, hint, severity))

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        """What makes the rubric unusable, in file order."""
        return tuple(sorted((d for d in self.diagnostics if d.severity == "error"), key=lambda d: d.span.start))

    def flat(self, part: int | str) -> bool:
        """Whether a part says what it expects without ``expect``."""
        return "expect" not in self.keys(("parts", part))

    def misspelt_answer(self, part: int | str | None) -> bool:
        """Whether a part that expects nothing has a key that is nearly one of those that say what is expected."""
        keys = self.keys(("parts", part)) if part is not None else []
        return any(key not in _PART_KEYS and did_you_mean(key.lower(), _ITEM_KEYS) for key in keys)

    def keys(self, where: tuple[int | str, ...]) -> list[str]:
        """The keys of the mapping at ``where``; none where there is no mapping."""
        node = locate(self.node, where) if self.node is not None else None
        return [str(key.value) for key, _ in node.value] if isinstance(node, yaml.MappingNode) else []

    def span(self, where: Iterable[int | str]) -> Span:
        """The place of the value at ``where``."""
        return _span(locate(self.node, tuple(where))) if self.node is not None else Span(0, 0)


def load(path: str | Path) -> Rubric:
    """The rubric in a file. Raises RubricError with every mistake, UnreadableInput where there is no text."""
    loaded = diagnose(path)
    if loaded.errors or loaded.rubric is None:
        raise RubricError(loaded.errors)
    return loaded.rubric


def loads(text: str, name: str = "rubric.yaml") -> Rubric:
    """The rubric in a text. Raises RubricError with every mistake."""
    loaded = diagnose_text(text, name)
    if loaded.errors or loaded.rubric is None:
        raise RubricError(loaded.errors)
    return loaded.rubric


def load_all(paths: Iterable[str | Path] = ()) -> Rubrics:
    """Rubrics of files and folders (``*.yaml``, ``*.yml``), in order; a later file of the same id takes its place.

    Without paths: those that ship with the package, and those in ``./rubrics``, which come first where both have one.
    Raises RubricError with the mistakes of all files, UnreadableInput for a path that is not there.
    """
    paths = tuple(paths)
    ours = shipped()
    if not paths:
        here = Path("rubrics")
        own = (here,) if here.is_dir() and any(here.glob("*.yaml")) and (ours is None or here.resolve() != ours) else ()
        paths = tuple(path for path in (ours, *own) if path is not None)
    found: dict[str, Rubric] = {}
    mistakes: list[Diagnostic] = []
    for path in _files(paths):
        loaded = diagnose(path, maths=path.parent != ours)
        mistakes.extend(loaded.errors)
        if loaded.rubric is not None:
            found[loaded.rubric.id] = loaded.rubric
    if mistakes:
        raise RubricError(mistakes)
    return Rubrics(found)


def shipped() -> Path | None:
    """The folder of the rubrics that ship: beside the package in a checkout, inside it in a wheel; None if absent."""
    package = Path(__file__).resolve().parent.parent
    for folder in (package / "rubrics", package.parent.parent / "rubrics"):
        if folder.is_dir() and any(folder.glob("*.yaml")):
            return folder
    return None


def _files(paths: Iterable[str | Path]) -> Iterator[Path]:
    for given in paths:
        path = Path(given)
        if path.is_dir():
            inside = sorted(p for p in path.iterdir() if p.suffix in {".yaml", ".yml"} and p.is_file())
            if not inside:
                raise UnreadableInput(str(path), "a folder without rubrics (*.yaml)")
            yield from inside
        elif path.exists():
            yield path
        else:
            raise UnreadableInput(str(path), "no such rubric file or folder")


def diagnose(path: str | Path, *, maths: bool = True) -> Loaded:
    """Everything there is to say about a rubric file. Raises UnreadableInput where it is no text.

    Without ``maths`` its mathematics is not read: the rubrics that ship are read by the tests, and loading stays quick.
    """
    path = Path(path)
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise UnreadableInput(str(path), f"cannot be read: {error.strerror or error}") from None
    if len(raw) > _MAXIMUM:
        raise UnreadableInput(str(path), f"too large for a rubric ({len(raw)} bytes, at most {_MAXIMUM})")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise UnreadableInput(str(path), f"not UTF-8 text (byte {error.start})", line=line) from None
    loaded = diagnose_text(text, str(path), stem=path.stem, maths=maths)
    if loaded.rubric is not None:
        told = quoted(path, loaded.rubric.version)
        if told is not None:
            loaded.rubric.certified(told)
    return loaded


def diagnose_text(text: str, name: str = "rubric.yaml", *, stem: str | None = None, maths: bool = True) -> Loaded:
    """Everything there is to say about a rubric's text."""
    text = text.replace("\r\n", "\n")
    loaded = Loaded(Source(name, text))
    data = _compose(loaded)
    if data is None:
        return loaded
    if not isinstance(data, dict):
        loaded.add("not-a-rubric", "a rubric is a mapping of keys to values", loaded.span(()))
        return loaded
    if stem is not None:
        data.setdefault("id", stem)
        if data["id"] != stem:
            loaded.add(
                "id-is-not-the-file",
                f"the id is {data['id']!r} and the file is called {stem!r}",
                loaded.span(("id",)),
                hint=f"call it `{stem}`, or leave `id` out",
            )
    for part in data.get("parts") or () if isinstance(data.get("parts"), list) else ():
        _fold(part)
    _shorten_symbols(data)
    try:
        loaded.rubric = Rubric.model_validate(data)
    except ValidationError as error:
        mistakes = error.errors()
        for mistake in mistakes:
            inside = any(
                other["loc"][: len(mistake["loc"])] == mistake["loc"] and other is not mistake for other in mistakes
            )
            if not (mistake["type"] == "too_short" and inside):  # what it is short of is the entries with mistakes
                _explain(loaded, mistake)
        rest = salvage(data, error) if maths else None
        if rest is not None:
            loaded.draft = rest.rubric
            loaded.left_out = [loaded.span(path) for path in rest.dropped]
            loaded.touched = frozenset(rest.touched)
    _look_for_comments(loaded)
    _look_for_escapes(loaded)
    if "llmgrade" not in data:
        told = "nothing says which version of the format this file is written in"
        loaded.add(
            "no-version", told, _head(loaded.node) if loaded.node else Span(0, 0), "begin with `llmgrade: 1`", "warning"
        )
    loaded.draft = loaded.rubric or loaded.draft
    if loaded.draft is not None and maths:
        _read_maths(loaded, loaded.draft)
    if loaded.errors:
        loaded.rubric = None
    return loaded


# ------------------------------------------------------------------------------------------------------ YAML


def _compose(loaded: Loaded) -> Any:
    text = loaded.source.text
    try:
        loaded.node = yaml.compose(text, Loader=Loader)
    except yaml.MarkedYAMLError as error:
        mark, begun = error.problem_mark or error.context_mark, error.context_mark
        start = min(_offset(loaded.source, mark), max(0, len(text) - 1)) if mark else 0
        problem = (error.problem or "not YAML").strip()
        told = misread(text, problem, start, _offset(loaded.source, begun) if begun else None)
        loaded.add("not-yaml", told.message, told.span, told.hint)
        return None
    except yaml.reader.ReaderError as error:
        start = max(0, min(error.position, len(text) - 1)) if isinstance(error.position, int) else 0
        loaded.add(
            "not-yaml", "a character that no text file has here", Span(start, min(len(text), start + 1)), "take it out"
        )
        return None
    except yaml.YAMLError as error:
        loaded.add("not-yaml", str(error).split("\n")[0], Span(0, min(1, len(text))))
        return None
    if loaded.node is None:
        loaded.add("not-a-rubric", "the file is empty", Span(0, 0))
        return None
    return _plain(loaded, loaded.node, 0)


def _offset(source: Source, mark: Any) -> int:
    if mark.line >= len(source.line_starts):
        return len(source.text)
    start: int = source.line_starts[mark.line]
    return start + int(mark.column)


def _plain(loaded: Loaded, node: yaml.Node, depth: int) -> Any:
    """The node as plain data with string leaves; a doubled key is a mistake, not a silent winner."""
    if depth > 40:
        loaded.add("too-deep", "nested too deep for a rubric", _span(node))
        return None
    if isinstance(node, yaml.MappingNode):
        found: dict[str, Any] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                loaded.add("not-a-key", "a key must be a word", _span(key))
                continue
            if key.value in found:
                loaded.add("double-key", f"the key {key.value!r} stands here twice", _span(key))
            found[key.value] = _plain(loaded, value, depth + 1)
        return found
    if isinstance(node, yaml.SequenceNode):
        return [_plain(loaded, child, depth + 1) for child in node.value]
    return node.value if isinstance(node, yaml.ScalarNode) else None


def _span(node: yaml.Node) -> Span:
    start, stop = node.start_mark.index, node.end_mark.index
    return Span(start, max(start, stop))


def locate(node: yaml.Node, where: tuple[int | str, ...]) -> yaml.Node:
    """The YAML node a path speaks of, or its nearest parent that exists.

    A union's tag (``expression``), a folded ``expect`` and its index are steps of the path but not of the file: the
    walk stays where it is.
    """
    for step in where:
        if isinstance(node, yaml.SequenceNode) and isinstance(step, int):
            if step < len(node.value):
                node = node.value[step]
        elif isinstance(node, yaml.MappingNode):
            node = next((value for key, value in node.value if key.value == step), node)
    return node


def _key_node(node: yaml.Node, where: tuple[int | str, ...]) -> yaml.Node:
    """The key at the end of a path (for what is wrong with the key itself), or the value's node."""
    parent = locate(node, where[:-1])
    if isinstance(parent, yaml.MappingNode):
        for key, _ in parent.value:
            if key.value == where[-1]:
                return key  # type: ignore[no-any-return]
    return locate(node, where)


# ------------------------------------------------------------------------------------- short forms, unfolded


def _fold(part: Any) -> None:
    """A part that expects one thing may say so without ``expect``: its keys go into one item."""
    if not isinstance(part, dict):
        return
    if "expect" not in part:
        moved = {key: part.pop(key) for key in list(part) if key in _ITEM_KEYS and key not in _PART_KEYS - {"given"}}
        if "given" in moved:
            part["given"] = moved.pop("given")
        if moved:
            part["expect"] = [moved]
    items = part.get("expect")
    if isinstance(items, dict):
        part["expect"] = items = [items]
    for item in items if isinstance(items, list) else ():
        if isinstance(item, dict) and "kind" not in item:
            item["kind"] = _kind_of(item)


def _kind_of(item: dict[str, Any]) -> str:
    answer = item.get("answer")
    if isinstance(answer, list):
        return "cases"
    if "options" in item:
        return "choice"
    if "wrt" in item:
        return "objective"
    if "as" in item:
        return "limit"
    if "change" in item or answer in {"left", "right", "up", "down", "either", "unchanged"}:
        return "direction"
    return "expression" if isinstance(answer, str) else "fact"


def _shorten_symbols(data: dict[str, Any]) -> None:
    holders = (
        [data, *(part for part in data.get("parts") or () if isinstance(part, dict))]
        if isinstance(data.get("parts"), list | None)
        else [data]
    )
    for holder in holders:
        symbols = holder.get("symbols")
        if isinstance(symbols, dict):
            for name, value in symbols.items():
                if isinstance(value, str):
                    symbols[name] = {"is": value}


# ------------------------------------------------------------------------------- mistakes in an author's words

_MESSAGES = {
    "missing": "is missing here",
    "string_type": "should be text",
    "tuple_type": "should be a list",
    "dict_type": "should be a mapping",
    "float_parsing": "should be a number",
    "int_parsing": "should be a whole number",
    "bool_parsing": "should be true or false",
    "too_short": "needs at least one entry",
}
_BOUNDS = {
    "gt": "should be more than",
    "ge": "should be at least",
    "le": "should be at most",
    "lt": "should be less than",
}


def _explain(loaded: Loaded, mistake: Any) -> None:
    where: tuple[int | str, ...] = tuple(mistake["loc"])
    kind = mistake["type"]
    node = loaded.node
    assert node is not None
    if kind == "extra_forbidden":
        key = str(where[-1])
        known = _keys_at(where)
        if len(where) == 3 and where[0] == "parts":  # what a part expects may stand in the part itself
            known = sorted({*known, *_ITEM_KEYS} - {"expect"} if loaded.flat(where[1]) else known)
        near = did_you_mean(key, known) or did_you_mean(key.lower(), known)
        if key.isdigit():
            near = "a number has a decimal point, not a comma"
        loaded.add(
            "unknown-key",
            f"unknown key `{key}`",
            _span(_key_node(node, where)),
            near or f"known here: {', '.join(sorted(known))}",
        )
        return
    if kind in {"union_tag_invalid", "union_tag_not_found"}:
        given = mistake.get("ctx", {}).get("tag", "")
        loaded.add(
            "unknown-kind",
            f"no kind of answer is called `{given}`",
            _span(locate(node, (*where, "kind"))),
            did_you_mean(given, _KINDS) or f"the kinds are {', '.join(_KINDS)}",
        )
        return
    if kind == "value_error":
        message = str(mistake["ctx"]["error"])
        loaded.add("not-sound", message, _pointed(loaded, where, message))
        return
    name = str(where[-1]) if where else "the rubric"
    if kind == "missing":
        head = _head(locate(node, where[:-1]))
        if name == "expect":
            if not loaded.misspelt_answer(where[1] if len(where) > 1 else None):
                loaded.add(
                    "missing-key",
                    "this part expects nothing",
                    head,
                    "say what is right: `answer`, or `words` for prose",
                )
            return
        loaded.add("missing-key", f"`{name}` is missing here", head, _example(name))
        return
    if kind == "string_pattern_mismatch":
        loaded.add(
            "not-a-name",
            f"`{mistake['input']}` is not a good id: letters, digits, `-` and `_`"
            + (", dots between" if "part" in str(where) else ""),
            loaded.span(where),
        )
        return
    if kind == "literal_error":
        expected = mistake["ctx"]["expected"]
        words = [word.strip(" '") for word in expected.replace(" or ", ",").split(",")]
        loaded.add(
            "not-one-of",
            f"`{name}` is {mistake['input']!r}, and should be one of {', '.join(words)}",
            loaded.span(where),
            did_you_mean(str(mistake["input"]), words),
        )
        return
    span = loaded.span(where)
    given = mistake["input"] if isinstance(mistake["input"], str) else ""
    limit = mistake.get("ctx", {})
    bound = next((f"{words} {limit[key]:g}" for key, words in _BOUNDS.items() if key in limit), None)
    if where == ("llmgrade",):
        message, hint = (
            f"this is version {given or '?'} of the format, and this program reads version 1",
            "write `llmgrade: 1`",
        )
        loaded.add("wrong-value", message, span, hint)
        return
    number = isinstance(where[-1], int) if where else False
    name = f"an entry of `{where[-2]}`" if number and len(where) > 1 else f"`{name}`"
    said = bound or _MESSAGES.get(kind) or f"is not right: {mistake['msg']}"
    loaded.add("wrong-value", f"{name} {said}", span, _value_hint(kind, given))


_EXAMPLES = {"id": "`id: a`", "parts": "`parts:` and below it an entry for each part", "answer": "`answer: x^2`"}


def _example(name: str) -> str | None:
    return f"such as {_EXAMPLES[name]}" if name in _EXAMPLES else None


def _value_hint(kind: str, given: str) -> str | None:
    """What a value of the wrong kind was probably meant to be."""
    given = given.strip()
    if kind == "float_parsing":
        if re.fullmatch(r"-?\d+,\d+", given):
            return f"a decimal point, not a comma: {given.replace(',', '.')}"
        if percent := re.fullmatch(r"(\d+(?:\.\d+)?)\s*%", given):
            return f"write {float(percent[1]) / 100:g}"
        if (fraction := re.fullmatch(r"(\d+)\s*/\s*(\d+)", given)) and int(fraction[2]):
            return f"write {int(fraction[1]) / int(fraction[2]):.4g}"
    if kind == "int_parsing" and re.fullmatch(r"\d+(?:\s+\d+)+", given):
        return f"several numbers are a list: [{', '.join(given.split())}]"
    return None


def _head(node: yaml.Node) -> Span:
    """The first line of a node: enough to point at a thing from which something is missing."""
    span = _span(node)
    first = node.start_mark.buffer  # None with the C loader
    if first is None and isinstance(node, yaml.MappingNode) and node.value:
        return _span(node.value[0][0])
    return Span(span.start, min(span.stop, span.start + 1))


def _pointed(loaded: Loaded, where: tuple[int | str, ...], message: str) -> Span:
    """The place of the word a message quotes, inside the value it is about."""
    quoted = message.rsplit("'", 2)
    outer = loaded.span(where)
    if len(quoted) == 3:
        named = list(re.finditer(rf"\bid:\s*[\"']?({re.escape(quoted[1])})\b", loaded.source.text[: outer.stop]))
        if "the same id" in message and named and named[-1].start() >= outer.start:
            return Span(*named[-1].span(1))
        if "follows from" in message:
            named = list(
                re.finditer(rf"\bfrom:\s*[\"']?({re.escape(quoted[1])})(?![\w.])", loaded.source.text[: outer.stop])
            )
            if named and named[-1].start() >= outer.start:
                return Span(*named[-1].span(1))
        found = loaded.source.text.rfind(quoted[1], outer.start, outer.stop)
        if found >= 0:
            return Span(found, found + len(quoted[1]))
    assert loaded.node is not None
    return _head(locate(loaded.node, where))


def _keys_at(where: tuple[int | str, ...]) -> list[str]:
    """The keys that are known at a path: the fields of the model that stands there."""
    current: Any = Rubric
    for step in where[:-1]:
        current = _step(current, step)
        if current is None:
            return []
    if not (isinstance(current, type) and issubclass(current, BaseModel)):
        return []
    return [field.alias or name for name, field in current.model_fields.items()]


def _step(current: Any, step: int | str) -> Any:
    if isinstance(current, type) and issubclass(current, BaseModel):
        for name, field in current.model_fields.items():
            if step in (name, field.alias):
                return _inner(field.annotation)
        return current  # an index of a list, or a key of a mapping of models
    if isinstance(current, tuple):  # a union by its tags
        for kind in current:
            if get_args(kind.model_fields["kind"].annotation)[:1] == (step,):
                return kind
        return current
    return current


def _inner(annotation: Any) -> Any:
    """The model inside ``tuple[Model, ...]``, ``dict[str, Model]``, ``Model | None`` or a union of kinds."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    models = [found for arg in get_args(annotation) for found in (_inner(arg),) if found is not None]
    if not models:
        return None
    if len(models) > 1 and all(isinstance(one, type) and issubclass(one, Item) for one in models):
        return tuple(models)
    return models[0]


# ------------------------------------------------------------------------------------- mathematics in the file


def _look_for_comments(loaded: Loaded) -> None:
    """A plain scalar is cut at `` #``: in mathematics that is hardly ever meant."""

    def visit(node: yaml.Node, key: str) -> None:
        if isinstance(node, yaml.MappingNode):
            for name, value in node.value:
                visit(value, str(name.value))
        elif isinstance(node, yaml.SequenceNode):
            for child in node.value:
                visit(child, key)
        elif isinstance(node, yaml.ScalarNode) and not node.style and node.end_mark.line == node.start_mark.line:
            line = loaded.source.line_span(node.end_mark.line + 1)
            rest = loaded.source.text[node.end_mark.index : line.stop]
            if rest.startswith(" #") and not rest.startswith("  #") and key in _MATHS_KEYS:
                start = node.end_mark.index + 1
                loaded.add(
                    "comment-in-maths",
                    "` #` starts a comment here: the mathematics ends before it",
                    Span(start, start + 1),
                    "quote the mathematics, or put two spaces before a comment",
                    "warning",
                )

    if loaded.node is not None:
        visit(loaded.node, "")


def _look_for_escapes(loaded: Loaded) -> None:
    """``"\\frac"`` in double quotes is a form feed and ``rac``; “…” quotes nothing at all."""
    for node in _scalars(loaded.node):
        start, stop = node.start_mark.index, node.end_mark.index
        if node.style == '"':
            for at, command in escapes(loaded.source.text[start:stop]):
                loaded.add(
                    "escape-in-quotes",
                    f"in double quotes `\\{command[1]}` is an escape: this is no `{command}`",
                    Span(start + at, start + at + len(command)),
                    f"write `\\{command}`, or single quotes",
                )
        elif not node.style and node.value[:1] in _CURLY:
            loaded.add(
                "curly-quotes",
                f"{node.value[0]} quotes nothing in YAML: it is part of the text",
                Span(start, start + 1),
                "straight quotes: \" or '",
                "warning",
            )


_CURLY = frozenset("“”„‟«»‘’‚")


def _scalars(node: yaml.Node | None) -> Iterator[yaml.ScalarNode]:
    """All scalars below a node, in file order."""
    if isinstance(node, yaml.ScalarNode):
        yield node
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from _scalars(key)
            yield from _scalars(value)
    elif isinstance(node, yaml.SequenceNode):
        for child in node.value:
            yield from _scalars(child)


_MATHS_KEYS = frozenset(
    {"answer", "also", "when", "then", "given", "of", "setup", "limit", "d", "iff", "value", "terms"}
)


def _read_maths(loaded: Loaded, rubric: Rubric) -> None:
    """Read every piece of mathematics once; what cannot be read is shown with the caret at the token."""
    from llmgrade.expr.notation import read
    from llmgrade.expr.symbols import SymbolTable

    limits = Limits()
    tables: dict[str | None, Any] = {}
    before = len(loaded.errors)
    for holder, symbols in (((), rubric.symbols), *((("parts", i), p.symbols) for i, p in enumerate(rubric.parts))):
        for name, symbol in symbols.items():
            _check_symbol(loaded, (*holder, "symbols", name), symbol)
    if len(loaded.errors) > before:
        return
    for where, text, _ in rubric.maths():
        part = rubric.parts[where[1]].id if where[:1] == ("parts",) and isinstance(where[1], int) else None
        if part not in tables:
            try:
                tables[part] = SymbolTable.from_json(declaration(rubric, part))
            except (LlmgradeError, ValueError) as error:
                loaded.add("unreadable-symbols", f"the symbols cannot be read: {error}", loaded.span(("symbols",)))
                return
        try:
            read(text, tables[part], limits)
        except ExpressionError as error:
            found = _placed(loaded, where, text, error)
            if not any(gone.start <= found.span.start < gone.stop for gone in loaded.left_out):
                loaded.diagnostics.append(found)


def _check_symbol(loaded: Loaded, where: tuple[int | str, ...], symbol: Symbol) -> None:
    wrong = unreadable(symbol)
    if wrong is not None:
        words = [word for word in symbol.is_.replace("(", " ").split() if word.isalpha()][:1]
        near = difflib.get_close_matches(words[0], _type_words(), n=1) if words else []
        if symbol.is_.count("(") > symbol.is_.count(")"):  # a comma cut it off
            hint = f'quote it, for the comma: "{symbol.is_}, …)"'
            loaded.add("unknown-type", f"`{symbol.is_}` ends in the middle", loaded.span(where), hint)
            return
        loaded.add("unknown-type", wrong, loaded.span(where), f"did you mean `{near[0]}`?" if near else None)


def _type_words() -> list[str]:
    from llmgrade.rubric.symbols import TYPES

    return list(TYPES)


def _placed(loaded: Loaded, where: tuple[int | str, ...], text: str, error: ExpressionError) -> Diagnostic:
    """A mistake of an expression in the file: under its token where the scalar stands there letter by letter."""
    outer = loaded.span(where)
    start = loaded.source.text.find(text, outer.start, outer.stop + 1) if text else -1
    if start < 0 or not error.span.stop <= len(text):
        return Diagnostic(error.code, error.reason, loaded.source, outer, error.hint)
    return error.diagnostic(loaded.source, start)
