"""The application: routes, pages, gate and house put together."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from anyio import to_thread
from fastapi import FastAPI
from sqlalchemy.engine import Engine

from llmgrade.service import problems
from llmgrade.service.bench import Bench
from llmgrade.service.database import tended
from llmgrade.service.gate import Gate
from llmgrade.service.house import House
from llmgrade.service.pages import views
from llmgrade.service.routes import jobs, review, rubrics, state
from llmgrade.service.settings import Settings
from llmgrade.version import VERSION

__all__ = ["create"]

THREADS = 8
"""Threads of the routes: none of them waits for anything but the database."""


def create(engine: Engine, settings: Settings, bench: Bench | None = None) -> FastAPI:
    """The API and its pages over one database. Workers are no part of it: they meet it in the queue."""
    house = House(engine, settings, bench)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        to_thread.current_default_thread_limiter().total_tokens = THREADS
        with tended(engine):
            yield
        house.stopping = True
        await house.close()

    app = FastAPI(
        title="llmgrade",
        version=VERSION,
        description="Grades the mathematics in LLM answers, claim by claim.",
        docs_url=None,  # they would load scripts from elsewhere
        redoc_url=None,
        openapi_url="/v1/openapi.json",
        lifespan=lifespan,
    )
    app.state.house = house
    problems.install(app)
    for routes in (jobs, rubrics, review, state):
        app.include_router(routes.router)
    app.include_router(views.router, include_in_schema=False)
    app.add_middleware(Gate, house=house)
    _describe(app)
    return app


def _describe(app: FastAPI) -> None:
    """The schema with our problem body in it, and not the framework's own."""
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            schema = generate()
            models = schema.setdefault("components", {}).setdefault("schemas", {})
            body = problems.ProblemBody.model_json_schema(ref_template="#/components/schemas/{model}")
            models["Fault"] = body.pop("$defs")["Fault"]
            models["ProblemBody"] = body
            for unused in ("HTTPValidationError", "ValidationError"):
                models.pop(unused, None)
            schema["components"]["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
            schema["security"] = [{"key": []}, {}]
            app.openapi_schema = schema
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]
