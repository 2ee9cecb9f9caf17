"""What can still be read of a rubric whose form has mistakes: the wrong values are taken out, one by one, until the rest stands.

Places stay what they were: an entry of a list is replaced and not removed. So the mathematics of what is sound can be proofread
together with the form of what is not, and an author sees every mistake of a file at once.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from llmgrade.rubric.model import Rubric

__all__ = ["Salvaged", "salvage"]

Path = tuple[int | str, ...]
_ROUNDS = 40
_SECOND_TRY = ("tests", "pitfalls", "follow", "use")
"""What is given up of a part that is not sound in itself, one after the other."""


@dataclass
class Salvaged:
    """The rubric that is left, what was taken out of it, and the parts it was taken out of."""

    rubric: Rubric
    dropped: list[Path] = field(default_factory=list)
    touched: set[int] = field(default_factory=set)


def salvage(data: dict[str, Any], error: ValidationError) -> Salvaged | None:
    """What is left of a rubric's data; None where nothing is worth reading."""
    data = copy.deepcopy(data)
    dropped: list[Path] = []
    for _ in range(_ROUNDS):
        paths = [_path(data, tuple(mistake["loc"]), mistake["type"]) for mistake in error.errors()]
        taken = False
        for path in sorted(set(paths), key=len, reverse=True):
            if any(path[: len(gone)] == gone for gone in dropped if len(gone) < len(path)):
                continue
            place = _take(data, path)
            if place is not None:
                dropped.append(place)
                taken = True
        if not taken:
            return None
        try:
            rubric = Rubric.model_validate(data)
        except ValidationError as again:
            error = again
            continue
        touched = {p[1] for p in dropped if len(p) > 1 and p[0] == "parts" and isinstance(p[1], int)}
        whole = {p[1] for p in dropped if len(p) == 2 and p[0] == "parts"}
        return Salvaged(rubric, dropped, touched) if len(whole) < len(rubric.parts) else None
    return None


def _path(data: Any, where: Path, kind: str) -> Path:
    """The steps of a mistake's place that exist in the data; of what is missing, the thing it is missing in."""
    found: list[int | str] = []
    here = data
    for step in where:
        inside = step < len(here) if isinstance(here, list) and isinstance(step, int) else False
        if inside or (isinstance(here, dict) and step in here):
            here = here[step]
            found.append(step)
    return tuple(found)


def _take(data: Any, path: Path) -> Path | None:
    """Take out what stands at a path, and say what was; None where nothing can be."""
    if not path:
        return None
    parent: Any = data
    for step in path[:-1]:
        parent = parent[step]  # a list's index or a mapping's key, as the path says
    last = path[-1]
    if isinstance(parent, dict):
        del parent[last]
        return path
    assert isinstance(parent, list)
    assert isinstance(last, int)
    if path[:-1] == ("parts",) and isinstance(parent[last], dict):
        for key in _SECOND_TRY:
            if key in parent[last]:
                del parent[last][key]
                return (*path, key)
    parent[last] = _stand_in(path)
    return path


def _stand_in(path: Sequence[int | str]) -> Any:
    """Something harmless in the place of an entry."""
    name = f"dropped-{'-'.join(str(step) for step in path if isinstance(step, int))}"
    key = path[-2]
    if key == "parts":
        return {"id": name.replace("-", ""), "expect": [{"kind": "fact"}]}
    if key == "expect":
        return {"kind": "fact", "id": name}
    if key in {"pitfalls", "false"}:
        return {"id": name, "says": [name]}
    return "0"
