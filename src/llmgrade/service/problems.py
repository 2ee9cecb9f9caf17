"""What went wrong, for programs and people: ``application/problem+json`` (RFC 9457), with the field that is at fault."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import sqlalchemy as sa
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from markupsafe import escape
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from llmgrade.errors import LlmgradeError
from llmgrade.service.database import away
from llmgrade.service.journal import note

__all__ = ["Fault", "Problem", "ProblemBody", "RESPONSES", "install", "response"]

MEDIA = "application/problem+json"


class Fault(BaseModel):
    """One thing that is wrong, and where in the request."""

    field: str
    message: str


class ProblemBody(BaseModel):
    """The body of every answer that is not a success."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str = ""
    errors: list[Fault] = []


class Problem(Exception):
    """Raised by a route to answer with a problem."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        field: str | None = None,
        errors: list[Fault] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.status, self.detail, self.headers = status, detail, dict(headers or {})
        self.errors = errors or ([Fault(field=field, message=detail)] if field else [])
        super().__init__(detail)


RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {
        "description": HTTPStatus(status).phrase,
        "content": {MEDIA: {"schema": {"$ref": "#/components/schemas/ProblemBody"}}},
    }
    for status in (400, 401, 403, 404, 405, 406, 409, 412, 413, 415, 422, 428, 429, 503)
}


def response(
    status: int, detail: str, errors: list[Fault] | None = None, headers: Mapping[str, str] | None = None
) -> Response:
    """A problem as a response."""
    body = ProblemBody(title=HTTPStatus(status).phrase, status=status, detail=detail, errors=errors or [])
    content = body.model_dump_json().encode("utf-8", "replace")
    return Response(content, status_code=status, media_type=MEDIA, headers=dict(headers or {}))


PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} · llmgrade</title><link rel="icon" href="/static/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/static/report.css"><link rel="stylesheet" href="/static/app.css"></head>
<body><nav class="menu" aria-label="Pages"><a class="home" href="/">llmgrade</a></nav>
<div class="page"><main class="narrow"><h1>{title}</h1><p>{detail}</p></main></div></body></html>
"""
_MACHINES = ("/v1/", "/health", "/ready", "/metrics", "/static/")


def _answered(
    request: Request,
    status: int,
    detail: str,
    errors: list[Fault] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A problem for programs; a page for whoever came to one with a browser."""
    told = response(status, detail, errors, headers)
    if request.url.path.startswith(_MACHINES) or "text/html" not in request.headers.get("accept", ""):
        return told
    words = detail if detail != HTTPStatus(status).phrase else "There is nothing at this address."
    page = PAGE.format(title=HTTPStatus(status).phrase, detail=escape(words[:1].upper() + words[1:]))
    return Response(page, status, dict(headers or {}), "text/html")


def install(app: FastAPI) -> None:
    """Make every error of the application a problem."""

    @app.exception_handler(Problem)
    async def _problem(request: Request, error: Problem) -> Response:
        return _answered(request, error.status, error.detail, error.errors, error.headers)

    @app.exception_handler(RequestValidationError)
    async def _invalid(request: Request, error: RequestValidationError) -> Response:
        faults = [Fault(field=_field(one["loc"]), message=str(one["msg"])) for one in error.errors()[:20]]
        return _answered(request, 422, "the request is not as it should be", faults)

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> Response:
        return _answered(request, error.status_code, str(error.detail), headers=error.headers)

    @app.exception_handler(LlmgradeError)
    async def _ours(_: Request, error: LlmgradeError) -> Response:
        return response(422, str(error)[:2000])

    @app.exception_handler(sa.exc.SQLAlchemyError)
    async def _database(_: Request, error: sa.exc.SQLAlchemyError) -> Response:
        if away(error):
            note("database-away", error=type(error).__name__)
            return response(503, "the database does not answer: ask again", headers={"Retry-After": "1"})
        note("bug", error=type(error).__name__)
        return response(500, "an error of ours; it is in the log, without the content of the request")

    @app.exception_handler(Exception)
    async def _bug(_: Request, error: Exception) -> JSONResponse | Response:
        note("bug", error=type(error).__name__)
        return response(500, "an error of ours; it is in the log, without the content of the request")


def _field(where: tuple[int | str, ...]) -> str:
    steps = [str(step) for step in where[1:]]
    told = [step for rank, step in enumerate(steps) if not (step in _TAGS and rank + 1 < len(steps) and rank in {0, 2})]
    return ".".join(told) or "body"


_TAGS = frozenset({"text", "messages", "data", "answer"})
"""Names of the ways to hand something in: steps of a path inside, and no field of the request."""
