"""The OpenAPI document is true: requests made from it never break the service, and its answers are as it says."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import uvicorn
from hypothesis import HealthCheck, Phase, given, settings

from llmgrade.service import catalogue
from llmgrade.service.app import create
from llmgrade.service.bench import Bench
from llmgrade.service.database import connect, upgrade, writing
from llmgrade.service.settings import Settings

from .conftest import KINDS, TOY

schemathesis = pytest.importorskip("schemathesis", reason="no schemathesis here")
EXAMPLES = 12
"""Requests for each operation, bad ones among them."""


@pytest.fixture(scope="module", params=KINDS)
def base(request: pytest.FixtureRequest, bench: Bench) -> Iterator[str]:
    """The API on a socket, without a worker: what it answers is what is looked at."""
    url = request.getfixturevalue("sqlites" if request.param == "sqlite" else "postgreses").make(filled=False)
    upgrade(url)
    engine = connect(url)
    with writing(engine) as connection:
        catalogue.add(connection, catalogue.parsed("toy", TOY), TOY, "test", "", None)
    app = create(engine, Settings(database=url, sync_seconds=0.01), bench)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", access_log=False))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()), daemon=True)
    thread.start()
    while not server.started:
        threading.Event().wait(0.05)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)
    engine.dispose()


def test_requests_made_from_the_schema_are_answered_as_the_schema_says(base: str) -> None:
    schema = schemathesis.openapi.from_dict(httpx.get(f"{base}/v1/openapi.json").json())
    checks = schemathesis.checks
    from schemathesis.specs.openapi import checks as openapi

    # What a request means (a rubric that is not there) may still be refused where its shape is as the schema says.
    chosen = [
        checks.not_a_server_error,
        openapi.status_code_conformance,
        openapi.content_type_conformance,
        openapi.response_headers_conformance,
        openapi.response_schema_conformance,
        openapi.negative_data_rejection,
    ]
    names = []
    for found in schema.get_all_operations():
        operation = found.ok()
        if operation.path.endswith("/events"):
            continue  # a stream: it ends when its job does
        names.append(operation.label)
        for mode in ("positive", "negative"):
            _one(operation, getattr(schemathesis.GenerationMode, mode.upper()), chosen, base)
    assert len(names) > 20


def _one(operation: Any, mode: Any, chosen: list[Any], base: str) -> None:
    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        phases=[Phase.generate],
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    def ask(case: Any) -> None:
        case.call_and_validate(base_url=base, checks=chosen)

    try:
        ask()
    except schemathesis.errors.InvalidSchema:
        raise
    except Exception as error:
        if "Unsatisfiable" in type(error).__name__ or "Skip" in type(error).__name__:
            return  # nothing of this kind can be made: the operation takes no input
        raise
