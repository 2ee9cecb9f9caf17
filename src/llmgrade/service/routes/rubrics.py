"""``/v1/rubrics``: versions with ETag, checks, previews."""

from __future__ import annotations

import re
from typing import Annotated, Any

from fastapi import APIRouter, Header, Path, Query
from fastapi.responses import JSONResponse, Response

from llmgrade.rubric.model import Rubric
from llmgrade.service import catalogue
from llmgrade.service.asking import Asking, Author, HouseHere
from llmgrade.service.bench import Bench
from llmgrade.service.catalogue import Row
from llmgrade.service.database import writing
from llmgrade.service.house import EFFECT_SECONDS, TRY_SECONDS, House
from llmgrade.service.problems import RESPONSES, Fault, Problem
from llmgrade.service.wire import (
    CheckAsked,
    Checked,
    Diagnosis,
    PreviewAsked,
    Previewed,
    RubricAsked,
    RubricList,
    RubricVersion,
    RubricView,
)

__all__ = ["publish", "router", "view"]

router = APIRouter(prefix="/v1/rubrics", tags=["rubrics"], responses=RESPONSES)
Name = Annotated[str, Path(pattern=r"^[a-zA-Z0-9][a-zA-Z0-9_-]{0,99}$")]
Tag = Annotated[str | None, Header(max_length=200)]


def view(row: Row, rubric: Rubric | None = None) -> RubricView:
    """A version as it is shown."""
    rubric = rubric or catalogue.parsed(row.id, row.text, maths=False)
    return RubricView(
        id=row.id,
        number=row.number,
        version=row.version,
        title=rubric.title,
        points=rubric.points,
        parts=[part.id for part in rubric.parts],
        text=row.text,
        author=row.author,
        why=row.why,
        created=row.created,
    )


def _tagged(row: Row, status: int = 200) -> Response:
    return JSONResponse(view(row).model_dump(mode="json"), status_code=status, headers={"ETag": row.etag})


def found(house: House, name: str, number: int | None = None) -> Row:
    """A rubric's version.

    Raises:
        Problem: there is none.
    """
    with house.reading() as connection:
        row = catalogue.current(connection, name, number)
    if row is None:
        raise Problem(404, "there is no such rubric")
    return row


@router.get("")
def rubrics(house: HouseHere, who: Asking) -> RubricList:
    """The rubrics in force."""
    with house.reading() as connection:
        rows = catalogue.all_current(connection)
        _, known = catalogue.compiled(connection)
    return RubricList(items=[view(row, known.get(row.id)) for row in rows])


@router.post("/check")
async def check(asked: CheckAsked, house: HouseHere, who: Asking) -> Checked:
    """Check a rubric's text as `llmgrade rubric check` does; nothing is published."""
    diagnostics = await checked(house, asked.id, asked.text)
    ok = not any(one.severity == "error" for one in diagnostics)
    if ok and asked.thorough:
        found = await house.tried(EFFECT_SECONDS, Bench.proofread, asked.id, asked.text)
        diagnostics = [Diagnosis(**one) for one in found]
    parts = await house.run(_parts, asked.id, asked.text) if ok else []
    return Checked(ok=ok, diagnostics=diagnostics, parts=parts)


def _parts(name: str, text: str) -> list[str]:
    return [part.id for part in catalogue.parsed(name, text, maths=False).parts]


@router.post("/preview")
async def preview(asked: PreviewAsked, house: HouseHere, who: Asking) -> Previewed:
    """Judge one answer by a rubric's text that is not published."""
    try:
        made: dict[str, Any] = await house.tried(
            TRY_SECONDS, Bench.preview, asked.id, asked.text, asked.part, asked.answer
        )
    except KeyError:
        raise Problem(422, "the rubric has no such part", field="part") from None
    if "refused" in made:
        raise _faulty([Diagnosis(**one) for one in made["refused"] if one["severity"] == "error"])
    return Previewed(**made)


@router.get("/{name}", response_model=RubricView)
def rubric(
    name: Name,
    house: HouseHere,
    who: Asking,
    number: Annotated[int | None, Query(ge=1, le=1_000_000)] = None,
    if_none_match: Tag = None,
) -> Response:
    """A rubric's version in force, or the one of that number, with its ETag."""
    row = found(house, name, number)
    if if_none_match == row.etag:
        return Response(status_code=304, headers={"ETag": row.etag})
    return _tagged(row)


@router.get("/{name}/versions")
def versions(name: Name, house: HouseHere, who: Asking) -> list[RubricVersion]:
    """A rubric's history, the newest version first."""
    found(house, name)
    with house.reading() as connection:
        rows = catalogue.history(connection, name)
    return [
        RubricVersion(number=r.number, version=r.version, author=r.author, why=r.why, created=r.created) for r in rows
    ]


@router.put(
    "/{name}", response_model=RubricView, responses={201: {"model": RubricView, "description": "The first version"}}
)
async def put(
    name: Name,
    asked: RubricAsked,
    house: HouseHere,
    who: Author,
    if_match: Annotated[Tag, Header(description="The ETag of the version it takes the place of")] = None,
) -> Response:
    """Publish a version: ``If-Match`` names the one it takes the place of; without it, the rubric must be new."""
    row = await publish(house, name, asked.text, who.name, asked.why, if_match)
    return await house.run(_tagged, row, 201 if row.number == 1 else 200)


async def publish(house: House, name: str, text: str, author: str, why: str, base: str | None) -> Row:
    """Check and publish a version.

    Raises:
        Problem: the text has mistakes, or ``base`` (an ETag) is not the version in force.
    """
    mistakes = [one for one in await checked(house, name, text) if one.severity == "error"]
    if mistakes:
        raise _faulty(mistakes)
    return await house.run(_published, house, name, text, author, why, base)


def _published(house: House, name: str, text: str, author: str, why: str, base: str | None) -> Row:
    rubric = catalogue.parsed(name, text, maths=False)
    after = None
    if base is not None:
        number = re.fullmatch(r'"(\d{1,9})-[0-9a-f]{1,64}"', base.strip())
        if number is None:
            raise Problem(412, "If-Match is no ETag of a rubric", field="If-Match")
        after = int(number[1])
    with writing(house.engine) as connection:
        newest = catalogue.current(connection, name)
        if newest is not None and base is None:
            raise Problem(
                428, "the rubric exists: say with If-Match which version this takes the place of", field="If-Match"
            )
        if base is not None and (newest is None or newest.etag != base.strip()):
            raise Problem(412, "another version has been published meanwhile", field="If-Match")
        try:
            return catalogue.add(connection, rubric, text, author, why, after)
        except catalogue.Changed:
            raise Problem(412, "another version has been published meanwhile", field="If-Match") from None


async def checked(house: House, name: str, text: str) -> list[Diagnosis]:
    """Everything there is to say about a text, within a time."""
    return [Diagnosis(**one) for one in await house.tried(TRY_SECONDS, Bench.check, name, text)]


def _faulty(mistakes: list[Diagnosis]) -> Problem:
    faults = [Fault(field=f"text:{one.line}:{one.column}", message=one.message) for one in mistakes[:50]]
    return Problem(422, "the rubric has mistakes", errors=faults)
