"""What a person decided, written into the rubric's text: an accepted form, a pitfall, a test.

The file stays the author's: its layout and comments are kept, and a few characters are put in at the places the YAML nodes
name. What comes out is read again like any rubric before anyone sees it.
"""

from __future__ import annotations

import difflib
import json
from typing import Literal

import yaml

from llmgrade.errors import UsageError
from llmgrade.rubric.loading import locate

__all__ = ["Become", "amended", "difference"]

Become = Literal["accepted", "pitfall", "test"]
Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def amended(
    text: str,
    part: str,
    become: Become,
    answer: str,
    *,
    item: str | None = None,
    pitfall: str = "",
    credit: float = 0.0,
    say: str = "",
    outcome: str = "correct",
) -> str:
    """The rubric's text with one more accepted form, case of a pitfall, or test of an outcome.

    Raises:
        UsageError: the part or item is not in this text, or its layout leaves no place for it.
    """
    text = text.replace("\r\n", "\n")
    root = yaml.compose(text, Loader=Loader)
    node = _part(root, part)
    if become == "test":
        return _into_list(text, node, ("tests",), outcome, answer)
    if become == "accepted":
        return _append(text, _item(node, item), "also", _quoted(answer))
    return _with_pitfall(text, node, answer, pitfall, credit, say)


def difference(old: str, new: str, name: str) -> str:
    """A unified diff, for people."""
    lines = difflib.unified_diff(
        old.splitlines(), new.splitlines(), f"{name} (in force)", f"{name} (proposed)", lineterm=""
    )
    return "\n".join(lines)


def _part(root: yaml.Node | None, part: str) -> yaml.MappingNode:
    parts = locate(root, ("parts",)) if root is not None else None
    if isinstance(parts, yaml.SequenceNode):
        for node in parts.value:
            if isinstance(node, yaml.MappingNode) and _scalar(node, "id") == part:
                return node
    raise UsageError(f"the rubric has no part `{part}`")


def _item(part: yaml.MappingNode, item: str | None) -> yaml.MappingNode:
    expected = _child(part, "expect")
    if expected is None:
        return part  # what the part expects stands in the part itself
    if isinstance(expected, yaml.MappingNode):
        return expected
    if isinstance(expected, yaml.SequenceNode):
        nodes = [one for one in expected.value if isinstance(one, yaml.MappingNode)]
        chosen = [one for one in nodes if (_scalar(one, "id") or "answer") == (item or "answer")]
        if chosen or len(nodes) == 1:
            return (chosen or nodes)[0]
    raise UsageError("which of the part's expected items is meant is not known")


def _with_pitfall(text: str, part: yaml.MappingNode, answer: str, name: str, credit: float, say: str) -> str:
    listed = _child(part, "pitfalls")
    for one in listed.value if isinstance(listed, yaml.SequenceNode) else ():
        if isinstance(one, yaml.MappingNode) and _scalar(one, "id") == name:
            return _append(text, one, "when", _quoted(answer))
    entry = f"{{id: {name}, when: [{_quoted(answer)}], credit: {credit:g}, say: {_quoted(say)}}}"
    return _append(text, part, "pitfalls", entry)


def _into_list(text: str, node: yaml.MappingNode, where: tuple[str, ...], key: str, answer: str) -> str:
    inner = _child(node, where[0])
    if isinstance(inner, yaml.MappingNode) and inner.value:
        return _append(text, inner, key, _quoted(answer))
    if inner is not None and not isinstance(inner, yaml.MappingNode):
        raise UsageError(f"`{where[0]}` of this part is no mapping")
    if inner is not None:
        raise UsageError(f"`{where[0]}` of this part is empty: give it a first entry by hand")
    return _before_first_key(text, node, f"{where[0]}: {{{key}: [{_quoted(answer)}]}}")


def _append(text: str, node: yaml.MappingNode, key: str, value: str) -> str:
    """The text with ``value`` at the end of the list under ``key``, which is made where there is none."""
    there = _child(node, key)
    if there is None:
        return _before_first_key(text, node, f"{key}: [{value}]")
    if isinstance(there, yaml.SequenceNode) and there.flow_style:
        end = there.end_mark.index - 1
        return text[:end] + (", " if there.value else "") + value + text[end:]
    if isinstance(there, yaml.SequenceNode):
        last = there.value[-1]
        end = last.end_mark.index
        while end > last.start_mark.index and text[end - 1] in " \n":
            end -= 1
        return f"{text[:end]}\n{' ' * there.start_mark.column}- {value}{text[end:]}"
    start, stop = there.start_mark.index, there.end_mark.index
    return f"{text[:start]}[{text[start:stop]}, {value}]{text[stop:]}"


def _before_first_key(text: str, node: yaml.MappingNode, entry: str) -> str:
    first = node.value[0][0]
    at = first.start_mark.index
    between = ", " if node.flow_style else "\n" + " " * first.start_mark.column
    return text[:at] + entry + between + text[at:]


def _child(node: yaml.MappingNode, key: str) -> yaml.Node | None:
    return next((value for name, value in node.value if name.value == key), None)


def _scalar(node: yaml.MappingNode, key: str) -> str | None:
    value = _child(node, key)
    return str(value.value) if isinstance(value, yaml.ScalarNode) else None


def _quoted(text: str) -> str:
    return json.dumps(" ".join(text.split()), ensure_ascii=False)
