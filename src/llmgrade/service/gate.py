"""The gate every request passes: how large and how slow it may be, what is logged, which headers go out."""

from __future__ import annotations

import asyncio
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from llmgrade.service.house import House
from llmgrade.service.journal import note
from llmgrade.service.problems import response

__all__ = ["Gate", "PAGE_POLICY"]

BODY_SECONDS = 30.0
"""A body that takes longer to arrive is not waited for."""
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"same-origin",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"x-frame-options": b"DENY",
    b"cache-control": b"no-store",
    b"content-security-policy": PAGE_POLICY.encode(),
}


class Gate:
    """ASGI middleware."""

    def __init__(self, app: ASGIApp, house: House) -> None:
        self.app, self.house = app, house

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started, status = time.perf_counter(), 500

        async def out(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                present = {name.lower() for name, _ in message["headers"]}
                message["headers"] = [
                    *message["headers"],
                    *((name, value) for name, value in _HEADERS.items() if name not in present),
                ]
            await send(message)

        try:
            body = await self._body(scope, receive)
            if isinstance(body, tuple):
                code, reason = body
                await response(code, reason, headers={"Connection": "close"})(scope, receive, out)
            else:
                await self.app(scope, _replayed(body, receive), out)
        finally:
            self._tell(scope, status, time.perf_counter() - started)

    async def _body(self, scope: Scope, receive: Receive) -> bytes | tuple[int, str]:
        """The whole body, or why not."""
        headers = dict(scope["headers"])
        if headers.get(b"content-encoding", b"identity").lower() != b"identity":
            return 415, "bodies are taken as they are, without Content-Encoding"
        most = self.house.settings.body_bytes
        length = headers.get(b"content-length", b"0")
        if not length.isdigit() or int(length) > most:
            return 413, f"the body is larger than {most} bytes"
        chunks: list[bytes] = []
        size = 0
        try:
            async with asyncio.timeout(BODY_SECONDS):
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        return 400, "the client went away"
                    chunk = message.get("body", b"")
                    size += len(chunk)
                    if size > most:
                        return 413, f"the body is larger than {most} bytes"
                    chunks.append(chunk)
                    if not message.get("more_body", False):
                        return b"".join(chunks)
        except TimeoutError:
            return 408, f"the body did not arrive within {BODY_SECONDS:g} s"

    def _tell(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "unknown")
        waited = float(scope.get("state", {}).get("waited", 0.0))
        own = max(0.0, seconds - waited)
        self.house.requests.labels(scope["method"][:10], route, str(status)).inc()
        if not route.endswith("/events"):
            self.house.seconds.labels(route).observe(own)
        note(
            "request",
            method=scope["method"][:10],
            route=route,
            status=status,
            ms=round(own * 1000, 1),
            waited_ms=round(waited * 1000, 1),
            key=scope.get("state", {}).get("key"),
        )


def _replayed(body: bytes, receive: Receive) -> Receive:
    given = False

    async def again() -> Message:
        nonlocal given
        if not given:
            given = True
            return {"type": "http.request", "body": body, "more_body": False}
        return await receive()

    return again
