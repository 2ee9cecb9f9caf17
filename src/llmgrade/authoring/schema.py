"""``rubric schema``: the format as JSON Schema (draft 7), short forms included, so that an editor completes and explains it.

The model's own schema knows only the long forms; here every short form that `rubric.loading` unfolds gets its line: a symbol
as a string, one where many may stand, the keys of a single item directly in its part, numbers and switches as text.
"""

from __future__ import annotations

import copy
import inspect
from collections.abc import Iterator
from typing import Any

from llmgrade.rubric import model
from llmgrade.rubric.model import Rubric

__all__ = ["schema"]

_TEXT = {"type": ["string", "number", "boolean"]}
"""A scalar of YAML: the loader takes every one as the text it was written as."""
_OWN = frozenset({"title", "description", "default"})


def schema() -> dict[str, Any]:
    """The JSON Schema of a rubric file."""
    found = Rubric.model_json_schema(by_alias=True)
    definitions = found.pop("$defs")
    for name, definition in definitions.items():
        _describe(definition, getattr(model, name, None))
        _loosen(definition)
        definition.pop("title", None)
    _describe(found, Rubric)
    _loosen(found)
    kinds = [name for name, one in definitions.items() if "kind" in one.get("properties", {})]
    _items(definitions, kinds)
    symbol = definitions["Symbol"]
    definitions["Symbol"] = {
        "description": symbol.get("description", ""),
        "anyOf": [{**_TEXT, "description": "In short: `matrix(m, n)`, `scalar > 0`, `vector(n)`"}, symbol],
    }
    part = definitions["Part"]
    part["properties"] = {**definitions["AnyItem"]["properties"], **part["properties"]}
    part["required"] = ["id"]
    found["required"] = ["parts"]
    found["properties"]["llmgrade"] = {"type": "integer", "const": 1, "description": "The version of this format."}
    found.pop("title", None)
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": "rubric.schema.json",
        "title": "llmgrade rubric",
        **_draft7(found),
        "definitions": _draft7(definitions),
    }


def _items(definitions: dict[str, Any], kinds: list[str]) -> None:
    """One definition for an item of any kind: editors complete it without having to guess the kind first."""
    merged: dict[str, Any] = {}
    words: list[str] = []
    for name in kinds:
        properties = definitions[name]["properties"]
        words.append(properties["kind"].get("const", properties["kind"].get("default")))
        for key, said in properties.items():
            if key == "kind":
                continue
            several = merged.setdefault(key, {"description": said.get("description", ""), "anyOf": []})
            bare = {k: v for k, v in said.items() if k not in _OWN}
            if bare not in several["anyOf"]:
                several["anyOf"].append(bare)
    for said in merged.values():
        if len(said["anyOf"]) == 1:
            said.update(said.pop("anyOf")[0])
    kind = {"enum": words, "description": "What sort of answer it is; left out, the other keys tell."}
    definitions["AnyItem"] = {
        "type": "object",
        "description": "One thing a part expects.",
        "additionalProperties": False,
        "properties": {"kind": kind, **merged},
    }
    for name in kinds:
        del definitions[name]
    expect = definitions["Part"]["properties"]["expect"]
    one = {"$ref": "#/$defs/AnyItem"}
    definitions["Part"]["properties"]["expect"] = {
        "description": expect.get("description", "What the part expects; one item may stand without a list."),
        "anyOf": [one, {"type": "array", "items": one, "minItems": 1}],
    }


def _describe(definition: dict[str, Any], owner: Any) -> None:
    """Hover texts: what the model's own lines under a field say of it."""
    if owner is None or not inspect.isclass(owner):
        return
    told = {**_field_notes(owner)}
    for key, said in definition.get("properties", {}).items():
        said.pop("title", None)
        if key in told:
            said["description"] = told[key]
        elif "description" not in said:
            said["description"] = _PLAIN.get(key, f"{key.replace('_', ' ')} of the {owner.__name__.lower()}")


def _field_notes(owner: type) -> dict[str, str]:
    import ast
    import textwrap

    found: dict[str, str] = {}
    for cls in reversed(owner.__mro__):
        if cls.__module__ != model.__name__:
            continue
        body = ast.parse(textwrap.dedent(inspect.getsource(cls))).body[0]
        assert isinstance(body, ast.ClassDef)
        for line, after in zip(body.body, body.body[1:], strict=False):
            if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name) and isinstance(after, ast.Expr):
                if isinstance(after.value, ast.Constant) and isinstance(after.value.value, str):
                    found[line.target.id.rstrip("_")] = inspect.cleandoc(after.value.value)
    return found


_PLAIN = {
    "id": "The name by which tests, reports and other parts speak of it.",
    "title": "What a report calls it.",
    "note": "For people who read the rubric.",
    "symbols": "What the letters mean: `x: vector(n)`, `λ: scalar > 0`.",
    "define": "Names that stand for expressions: an executable model of the question.",
    "given": "Conditions under which answers are compared.",
    "layout": "How a derivative by a vector lies: as a row, as a column, or either.",
    "sample": "Sizes the letters take when answers are compared at numbers.",
    "parts": "What is asked, part by part.",
    "points": "What the part is worth.",
    "answer": "The right answer, in any notation the grader reads.",
    "also": "Further spellings of a name, or further right answers.",
    "of": "What stands left of the equals sign.",
    "tests": "Answers by the outcome they must have: correct, partial, reject, or a pitfall's id.",
    "pitfalls": "Wrong answers with a name, tried in order after the right one.",
    "derive": "A definition the answer is re-derived from.",
    "credit": "The share of the points it still earns.",
    "say": "What a teacher says about it; {witness} becomes numbers under which it fails.",
    "words": "Wordings in prose that say it right.",
    "against": "Wordings in prose that say it wrong.",
    "use": "Pitfall sets the part shares with others.",
    "follow": "Answers that are right given an earlier wrong one.",
    "expect": "What the part expects; a single item's keys may stand directly in the part.",
    "setup": "Formulas of the question, from which a chat's own letters are told.",
    "d": "The expression that is differentiated.",
    "wrt": "By which variable.",
    "argmin": "The function the answer minimises.",
    "over": "The variable that runs.",
    "solve": "The equation the answer solves.",
    "for": "The unknown.",
    "limit": "The expression the answer is the limit of.",
    "as": "The regime: `λ → 0`, `n → ∞`, `σ ≪ λ`.",
    "simulate": "A quantity whose sign over the case is the direction.",
    "iff": "A statement that must be true exactly where the answer is.",
    "unit": "The unit of the number.",
    "tolerance": "How far the number may be off, absolutely.",
    "relative": "How far the number may be off, as a share of it.",
    "figures": "How many significant figures are asked for.",
    "options": "The options, by letter.",
}


def _loosen(node: Any) -> None:
    """Short forms: one where many may stand, every scalar as text."""
    for said in _properties(node):
        kept = {key: said[key] for key in said if key in _OWN}
        loose = _loose({key: value for key, value in said.items() if key not in _OWN})
        said.clear()
        said.update(kept | loose)


def _properties(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from node.get("properties", {}).values()


def _loose(said: dict[str, Any]) -> dict[str, Any]:
    if "enum" in said or "const" in said or "$ref" in said or "discriminator" in said:
        return said
    match said.get("type"):
        case "array":
            items = _loose(said.get("items", {}))
            return {"anyOf": [items, {"type": "array", "items": items}]}
        case "string" if "pattern" not in said:
            return dict(_TEXT)
        case "string":
            return {**said, "type": ["string", "number"]}
        case "object" if isinstance(said.get("additionalProperties"), dict):
            return {**said, "additionalProperties": _loose(said["additionalProperties"])}
    if "anyOf" in said:
        return {**said, "anyOf": [_loose(one) for one in said["anyOf"] if one != {"type": "null"}]}
    return said


def _draft7(node: Any) -> Any:
    """References and tags in the words of draft 7."""
    if isinstance(node, dict):
        found = {key: _draft7(value) for key, value in node.items() if key not in {"discriminator", "oneOf"}}
        if "oneOf" in node:
            found["anyOf"] = _draft7(node["oneOf"])
        if isinstance(found.get("$ref"), str):
            found["$ref"] = found["$ref"].replace("#/$defs/", "#/definitions/")
        return found
    return [_draft7(one) for one in node] if isinstance(node, list) else copy.copy(node)
