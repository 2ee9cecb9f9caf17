"""Who is asking, and whether they may: shared by routes and pages."""

from __future__ import annotations

import base64
import binascii
import hmac
from typing import Annotated
from urllib.parse import urlsplit

import sqlalchemy as sa
from fastapi import Depends, Path, Query, Request
from sqlalchemy.engine import Connection

from llmgrade.service import keys
from llmgrade.service.database import keys as key_rows
from llmgrade.service.house import House
from llmgrade.service.keys import Caller
from llmgrade.service.problems import Problem

__all__ = [
    "COOKIE",
    "Admin",
    "Asking",
    "Author",
    "Cursor",
    "HouseHere",
    "Id",
    "Reviewer",
    "Submitter",
    "caller",
    "cursor",
    "following",
    "here",
]

COOKIE = "llmgrade_key"
ANY_KEY = sa.select(key_rows.c.id).limit(1)
LOCAL = frozenset({"localhost", "127.0.0.1", "::1", "testserver"})
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
Id = Annotated[str, Path(pattern="^[0-9a-f]{32}$")]


async def here(request: Request) -> House:
    """The house the request came to."""
    house: House = request.app.state.house
    return house


HouseHere = Annotated[House, Depends(here)]


async def caller(request: Request, house: HouseHere) -> Caller:
    """Who calls: the holder of a key, by header or (a page's) cookie; whoever sits here where there are no keys."""
    authorization = request.headers.get("authorization")
    secret = _secret(request, authorization)
    found, keyless = await house.recalled(secret, _known, secret)
    if found is not None:
        request.state.key = found.id  # for the log
        if authorization is None:
            _same_origin(request)
        return found
    if keyless and house.settings.loopback and secret is None:
        _local_host(request)
        _same_origin(request)
        return keys.EVERYTHING
    raise Problem(401, "a valid key is needed: `Authorization: Bearer llmg_…`", headers={"WWW-Authenticate": "Bearer"})


def _known(connection: Connection, secret: str | None) -> tuple[tuple[Caller | None, bool], bool]:
    """Whose secret it is, and whether there has never been a key; with whether this may be recalled."""
    found = keys.caller(connection, secret) if secret is not None else None
    if found is not None:
        return (found, False), True
    keyless = connection.execute(ANY_KEY).one_or_none() is None
    return (None, keyless), keyless and secret is None


def _secret(request: Request, authorization: str | None) -> str | None:
    if authorization is not None:
        scheme, _, secret = authorization.partition(" ")
        return secret.strip() if scheme.lower() == "bearer" else ""
    return request.cookies.get(COOKIE)


def _local_host(request: Request) -> None:
    # Without keys a page of another site must not reach us under a name it made point here.
    host = urlsplit(f"//{request.headers.get('host', '')}").hostname or ""
    if host not in LOCAL:
        raise Problem(403, "without keys, this service answers on loopback names only")


def _same_origin(request: Request) -> None:
    """What a browser sends along by itself must come from our own pages."""
    if request.method in SAFE:
        return
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host", ""):
        raise Problem(403, "this request comes from another site")
    if request.headers.get("sec-fetch-site") in {"cross-site", "same-site"}:
        raise Problem(403, "this request comes from another site")


def _needs(scope: str) -> object:
    async def check(who: Annotated[Caller, Depends(caller)]) -> Caller:
        if not who.may(scope):
            raise Problem(403, f"this key has no scope `{scope}`")
        return who

    return Depends(check)


Asking = Annotated[Caller, Depends(caller)]
Submitter = Annotated[Caller, _needs("submit")]
Reviewer = Annotated[Caller, _needs("review")]
Author = Annotated[Caller, _needs("author")]
Admin = Annotated[Caller, _needs("admin")]

Cursor = Annotated[str | None, Query(max_length=200, description="`next` of the page before")]


def cursor(value: str | None) -> tuple[float, str] | None:
    """Where a page begins: (created, id).

    Raises:
        Problem: it is no cursor of ours.
    """
    if value is None:
        return None
    try:
        created, _, name = base64.urlsafe_b64decode(value.encode("ascii")).decode("ascii").partition(":")
        moment = float(created)
    except (ValueError, binascii.Error, UnicodeError):
        raise Problem(422, "this is no cursor", field="cursor") from None
    plain = len(name) == 32 and all(char in "0123456789abcdef" for char in name)
    if not plain or not 0 <= moment < 1e12 or not hmac.compare_digest(following(moment, name), value):
        raise Problem(422, "this is no cursor", field="cursor")
    return moment, name


def following(created: float, name: str) -> str:
    """The cursor of what comes after this one."""
    return base64.urlsafe_b64encode(f"{created!r}:{name}".encode()).decode("ascii")
