"""``/v1/score``, ``/v1/jobs`` and ``/v1/batches``: handing in, and what becomes of it."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Annotated, Literal

import sqlalchemy as sa
from fastapi import APIRouter, Header, Path, Query, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse
from sqlalchemy.engine import Connection

from llmgrade.report.model import Report
from llmgrade.service import catalogue, intake, review, sheets
from llmgrade.service.asking import Asking, Cursor, HouseHere, Id, Submitter, cursor
from llmgrade.service.bench import Bench
from llmgrade.service.database import writing
from llmgrade.service.house import EFFECT_SECONDS, House
from llmgrade.service.intake import Handed
from llmgrade.service.keys import Caller
from llmgrade.service.problems import RESPONSES, Problem
from llmgrade.service.rendering import page_policy, whole_page
from llmgrade.service.wire import (
    BatchAsked,
    BatchMade,
    BatchPage,
    DisputeAsked,
    GroupView,
    Handing,
    JobPage,
    JobView,
    Line,
    RubricId,
)

__all__ = ["router"]

router = APIRouter(prefix="/v1", tags=["jobs"], responses=RESPONSES)
EVENT_SECONDS = 600.0
"""A stream of events ends after this long; whoever still watches comes back with Last-Event-ID."""
FEW = 50
"""Rows that are looked up without a thread of their own."""
LOOK = 1.0
"""Seconds after which a stream looks whether the service is being stopped."""
SIGN_OF_LIFE = 10.0
"""Seconds of silence after which a stream says that it is still there."""
Key = Annotated[
    str | None,
    Header(alias="Idempotency-Key", pattern=r"^[\x21-\x7e]{1,200}$", description="The same request twice is one job"),
]
Wait = Annotated[float | None, Query(ge=0, le=60, description="How long to wait for the report (seconds)")]
Limit = Annotated[int, Query(ge=1, le=200)]
ACCEPTED: dict[int | str, dict[str, object]] = {202: {"model": JobView, "description": "Accepted: not done yet"}}


@router.post("/score", response_model=JobView, responses=ACCEPTED)
async def score(
    asked: Handing,
    request: Request,
    house: HouseHere,
    who: Submitter,
    key: Key = None,
    wait: Wait = None,
) -> Response:
    """Grade a chat, or one answer to one part. The report comes at once if it is done in time; else 202 and a job."""
    return await _scored(request, house, who, intake.as_handed(asked), key, wait)


@router.post(
    "/score/file",
    response_model=JobView,
    responses=ACCEPTED,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary", "minLength": 1}}},
        }
    },
)
async def score_file(
    request: Request,
    house: HouseHere,
    who: Submitter,
    name: Annotated[Line, Query()] = "chat",
    rubric: Annotated[RubricId | None, Query()] = None,
    key: Key = None,
    wait: Wait = None,
) -> Response:
    """Grade the file that is the request's body, in any format `llmgrade formats` lists."""
    data = await request.body()
    if not data:
        raise Problem(422, "the body is empty", field="body")
    return await _scored(request, house, who, Handed(data, name or "chat", rubric), key, wait)


async def _scored(
    request: Request, house: House, who: Caller, handed: Handed, key: str | None, wait: float | None
) -> Response:
    if handed.part is not None:
        await house.run(_rubrics_read, house)
    alone = intake.alone(who, handed, key)
    view = await house.write(lambda connection: intake.accept(connection, who, handed, key), alone=alone)
    job = view.id
    seconds = min(house.settings.sync_seconds if wait is None else wait, house.settings.sync_seconds)
    started = time.perf_counter()
    ended = seconds > 0 and await house.wait(job, seconds)
    request.state.waited = time.perf_counter() - started
    if ended:
        view = await house.look(_view, who, job, True)
    if ended and view.state == "failed":
        raise Problem(422, view.reason or "it could not be graded", field="body", headers={"Location": view.links.self})
    status = 200 if ended else 202
    return JSONResponse(view.model_dump(mode="json"), status_code=status, headers={"Location": view.links.self})


def _rubrics_read(house: House) -> None:
    """Whoever writes must not be the one who reads all rubrics, after one of them has changed."""
    with house.reading() as connection:
        catalogue.compiled(connection)


def _view(connection: Connection, who: Caller, job: str, with_report: bool = False) -> JobView:
    view = intake.find(connection, who, job)
    if with_report and view.state == "done":
        view.report = [_bare(json.loads(text)) for text in intake.report_texts(connection, job)]
    return view


def _bare(report: dict[str, object]) -> dict[str, object]:
    report.pop("chat", None)
    return report


@router.get("/jobs")
async def jobs_(
    house: HouseHere,
    who: Asking,
    cursor_: Annotated[Cursor, Query(alias="cursor")] = None,
    limit: Limit = 50,
    state: Annotated[Literal["waiting", "running", "done", "failed"] | None, Query()] = None,
    batch: Annotated[str | None, Query(pattern="^[0-9a-f]{32}$")] = None,
    q: Annotated[Line | None, Query(description="Words of the name or the report")] = None,
) -> JobPage:
    """The caller's jobs, the newest first."""

    after = cursor(cursor_)

    def listed(connection: Connection) -> JobPage:
        items, following = intake.listing(connection, who, after=after, limit=limit, state=state, batch=batch, q=q)
        return JobPage(items=items, next=following)

    def beside() -> JobPage:
        with house.reading() as connection:
            return listed(connection)

    # Words are looked for in every report: that takes a thread's time, not the loop's.
    return await (house.run(beside) if q or limit > FEW else house.look(listed))


@router.get("/jobs/{job}")
async def job_(job: Id, house: HouseHere, who: Asking) -> JobView:
    """A job."""
    return await house.look(_view, who, job)


@router.get("/jobs/{job}/report.json", response_model=list[Report])
def report_json(job: Id, house: HouseHere, who: Asking) -> Response:
    """The reports of a done job, one for each conversation of the file. A conversation without a known problem has none."""
    texts = _texts(house, who, job)
    kept = [_bare(report) for report in map(json.loads, texts) if "nothing" not in report]
    return JSONResponse(kept)


@router.get(
    "/jobs/{job}/report.html",
    response_class=Response,
    responses={200: {"content": {"text/html": {}}, "description": "The page"}},
)
def report_html(job: Id, house: HouseHere, who: Asking, rank: Annotated[int, Query(ge=0, le=10_000)] = 0) -> Response:
    """The report as one page that needs nothing else; ``rank`` is the conversation's."""
    texts = _texts(house, who, job)
    if rank >= len(texts):
        raise Problem(404, "there is no such conversation")
    return Response(whole_page(texts[rank]), media_type="text/html", headers={"Content-Security-Policy": page_policy()})


def _texts(house: House, who: Caller, job: str) -> list[str]:
    with house.reading() as connection:
        view = intake.find(connection, who, job)
        if view.state == "failed":
            raise Problem(409, view.reason or "it could not be graded")
        if view.state != "done":
            raise Problem(409, "the job is not done yet", headers={"Retry-After": "1"})
        return intake.report_texts(connection, job)


@router.get(
    "/jobs/{job}/events",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {}}, "description": "Events until the job has ended"}},
)
async def events(
    job: Id,
    house: HouseHere,
    who: Asking,
    last: Annotated[int | None, Header(alias="Last-Event-ID", ge=0, le=2**31 - 1)] = None,
) -> StreamingResponse:
    """What happens to a job, as it happens (Server-Sent Events): accepted, started, done or failed.

    Of a chat that takes a while, ``part`` tells what each answer came to as soon as it is judged.
    """
    await house.look(_view, who, job)
    return StreamingResponse(_stream(house, job, last or 0), media_type="text/event-stream")


async def _stream(house: House, job: str, after: int) -> AsyncIterator[str]:
    ends = time.monotonic() + EVENT_SECONDS
    quiet = time.monotonic()
    async with house.watching.of(job) as watch:
        while time.monotonic() < ends and not house.stopping:
            watch.news.clear()
            found = await _events(house, job, after)
            for number, kind, detail in found:
                after = number
                yield f"id: {number}\nevent: {kind}\ndata: {json.dumps({'job': job, 'detail': detail})}\n\n"
                if kind in {"done", "failed"}:
                    return
            if found or time.monotonic() - quiet > SIGN_OF_LIFE:
                quiet = time.monotonic()
                yield ": still here\n\n"
            with suppress(TimeoutError):
                await asyncio.wait_for(watch.news.wait(), LOOK)


async def _events(house: House, job: str, after: int) -> list[tuple[int, str, str]]:
    try:
        return await house.look(intake.job_events, job, after)
    except sa.exc.SQLAlchemyError:
        return []  # the database is away for a moment: whoever watches goes on watching


@router.post("/jobs/{job}/disputes", status_code=201)
def dispute(job: Id, asked: DisputeAsked, house: HouseHere, who: Submitter) -> GroupView:
    """Disagree with the verdict on an answer: it goes into the review queue."""
    with writing(house.engine) as connection:
        view = intake.find(connection, who, job)
        made = review.dispute(connection, view.id, view.submission, asked.rubric, asked.part, asked.why)
        if made is None:
            raise Problem(422, "the job has no answer to this part", field="part")
        chosen = review.group(connection, made)
    assert chosen is not None
    return GroupView(
        id=chosen.id,
        rubric=chosen.rubric,
        part=chosen.part,
        item=chosen.item,
        reading=chosen.reading,
        verdict=chosen.verdict,
        dispute=chosen.dispute,
        why=asked.why,
        count=1,
        texts=[],
        jobs=[view.id],
    )


@router.post("/batches", status_code=202)
def make_batch(asked: BatchAsked, house: HouseHere, who: Submitter, key: Key = None) -> BatchMade:
    """Hand in several chats or answers together."""
    handed = [intake.as_handed(one) for one in asked.items]
    with writing(house.engine) as connection:
        batch = intake.accept_batch(connection, who, asked.name, handed, key)
        return intake.batch_view(connection, who, batch)


@router.get("/batches")
def batches(
    house: HouseHere, who: Asking, cursor_: Annotated[Cursor, Query(alias="cursor")] = None, limit: Limit = 50
) -> BatchPage:
    """The caller's batches, the newest first."""
    with house.reading() as connection:
        items, following = intake.batch_listing(connection, who, cursor(cursor_), limit)
    return BatchPage(items=items, next=following)


@router.get(
    "/batches/{batch}/report.html",
    response_class=Response,
    responses={200: {"content": {"text/html": {}}, "description": "The page"}},
)
async def batch_html(batch: Annotated[str, Path(pattern="^[0-9a-f]{32}$")], house: HouseHere, who: Asking) -> Response:
    """The batch as one page that needs nothing else, as `llmgrade batch` makes it, from what is done by now."""

    def laid_out() -> str:
        with house.reading() as connection:
            made = intake.batch_view(connection, who, batch)
            if not made.states.get("done"):
                raise Problem(409, "nothing of the batch is done yet", headers={"Retry-After": "1"})
            return sheets.lay_out(connection, batch, made.name)

    page: str = await house.tried(EFFECT_SECONDS, Bench.sheet, await house.run(laid_out))
    return Response(page, media_type="text/html", headers={"Content-Security-Policy": sheets.policy(page)})


@router.get("/batches/{batch}")
def batch_(batch: Annotated[str, Path(pattern="^[0-9a-f]{32}$")], house: HouseHere, who: Asking) -> BatchMade:
    """A batch, how far it is, and its points so far."""
    with house.reading() as connection:
        return intake.batch_view(connection, who, batch)
