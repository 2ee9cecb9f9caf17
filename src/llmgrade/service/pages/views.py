"""The pages: server-rendered, every word escaped; what they do they do through the API, with a little plain JavaScript."""

from __future__ import annotations

import json
import time
from functools import cache
from importlib.resources import files
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from llmgrade.report import words
from llmgrade.report.mathml import mathml
from llmgrade.report.renderers import html
from llmgrade.service import catalogue, intake, keys, rendering, review
from llmgrade.service.asking import COOKIE, Cursor, HouseHere, Id, caller, cursor
from llmgrade.service.house import House
from llmgrade.service.keys import Caller
from llmgrade.service.problems import Problem
from llmgrade.service.routes.rubrics import found as found_rubric
from llmgrade.service.routes.state import overview

__all__ = ["router"]

router = APIRouter()
YEAR = 365 * 24 * 3600
_FILES = {"app.css": "text/css", "app.js": "text/javascript", "icon.svg": "image/svg+xml"}
STARTER = """llmgrade: 1
id: {name}
title: What the problem asks
cues:
  - words by which a chat about it is known
votes: 1
symbols:
  x: scalar
parts:
  - id: a
    title: What part a asks
    points: 1
    expect:
      - answer: "2 x"
    pitfalls:
      - {{id: sign-lost, when: ["-2 x"], say: "Look at the sign once more."}}
    tests:
      correct: ["x + x"]
      reject: ["x"]
"""


async def visitor(request: Request, house: HouseHere) -> Caller | None:
    """Who looks at a page; None where a key is needed first."""
    try:
        return await caller(request, house)
    except Problem as problem:
        if problem.status == 401:
            return None
        raise


Visitor = Annotated[Caller | None, Depends(visitor)]


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("llmgrade.service", "pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["moment"] = lambda t: time.strftime("%Y-%m-%d %H:%M", time.gmtime(t)) + " UTC"
    environment.filters["number"] = words.number
    environment.filters["one_line"] = words.one_line
    environment.filters["math"] = lambda latex: Markup(mathml(latex))
    environment.globals.update(marks=words.MARKS)
    return environment


def _page(file: str, who: Caller | None, status: int = 200, /, **values: Any) -> HTMLResponse:
    template = _environment().get_template(file)
    return HTMLResponse(template.render(who=who, **values), status_code=status)


def _login(request: Request) -> Response:
    return RedirectResponse(f"/login?to={request.url.path}", status_code=303)


def _need(who: Caller, scope: str) -> None:
    if not who.may(scope):
        raise Problem(403, f"this key has no scope `{scope}`")


@router.get("/static/{name}")
def static(name: str) -> Response:
    """Style sheets and scripts."""
    if name == "report.css":
        return Response(html.style(), media_type="text/css", headers={"Cache-Control": "max-age=300"})
    if name == "report.js":
        return Response(html.script(), media_type="text/javascript", headers={"Cache-Control": "max-age=300"})
    if name not in _FILES:
        raise Problem(404, "there is no such file")
    text = files("llmgrade.service.pages").joinpath(name).read_text(encoding="utf-8")
    return Response(text, media_type=_FILES[name], headers={"Cache-Control": "max-age=300"})


@router.get("/login")
def login(to: Annotated[str, Query(max_length=300)] = "/") -> Response:
    """Where a key is entered."""
    return _page("login.html", None, to=_inside(to), wrong=False)


@router.post("/login")
async def logged_in(request: Request, house: HouseHere) -> Response:
    """Keep the key in a cookie no script can read and no other site can send."""
    form = await request.form(max_files=0, max_fields=5)
    secret, to = str(form.get("key", "")).strip(), _inside(str(form.get("to", "/")))
    if await house.run(_holder, house, secret) is None:
        return _page("login.html", None, 401, to=to, wrong=True)
    answer = RedirectResponse(to, status_code=303)
    secure = request.url.scheme == "https"
    answer.set_cookie(COOKIE, secret, max_age=YEAR, httponly=True, samesite="strict", secure=secure, path="/")
    return answer


def _holder(house: House, secret: str) -> Caller | None:
    with house.reading() as connection:
        return keys.caller(connection, secret)


@router.post("/logout")
def logout() -> Response:
    """Forget the key."""
    answer = RedirectResponse("/login", status_code=303)
    answer.delete_cookie(COOKIE, path="/")
    return answer


def _inside(to: str) -> str:
    """A path of ours, never another site."""
    return to if to.startswith("/") and not to.startswith(("//", "/\\")) and to.isprintable() else "/"


@router.get("/")
def home(request: Request, house: HouseHere, who: Visitor) -> Response:
    """Submit a chat; what was submitted before."""
    if who is None:
        return _login(request)
    with house.reading() as connection:
        recent, _ = intake.listing(connection, who, limit=8)
        rubrics = [row.id for row in catalogue.all_current(connection)]
    return _page("home.html", who, recent=recent, rubrics=rubrics, megabytes=house.settings.body_bytes // 2**20)


@router.get("/jobs")
def jobs(
    request: Request,
    house: HouseHere,
    who: Visitor,
    q: Annotated[str, Query(max_length=200)] = "",
    at: Annotated[Cursor, Query(alias="cursor")] = None,
) -> Response:
    """Search in what was submitted."""
    if who is None:
        return _login(request)
    words_ = "".join(char for char in q if char.isprintable())
    with house.reading() as connection:
        items, following = intake.listing(connection, who, after=cursor(at), limit=30, q=words_ or None)
    return _page("jobs.html", who, items=items, following=following, q=words_)


@router.get("/jobs/{job}")
def job_(request: Request, job: Id, house: HouseHere, who: Visitor) -> Response:
    """A job: its progress, then its report."""
    if who is None:
        return _login(request)
    with house.reading() as connection:
        view = intake.find(connection, who, job)
        texts = intake.report_texts(connection, job)
        decided = review.decided_of(connection, job)
    parts = [(p["rubric"], q["id"]) for t in texts for p in json.loads(t).get("problems", ()) for q in p["parts"]]
    return _page(
        "job.html", who, job=view, fragments=[rendering.fragment(t) for t in texts], decided=decided, parts=parts
    )


@router.get("/jobs/{job}/fragment")
def fragment(job: Id, house: HouseHere, who: Visitor) -> Response:
    """The reports of a job, to be put into its page."""
    if who is None:
        raise Problem(401, "a key is needed")
    with house.reading() as connection:
        intake.find(connection, who, job)
        texts = intake.report_texts(connection, job)
    return HTMLResponse("".join(rendering.fragment(text) for text in texts))


@router.get("/batches")
def batches(
    request: Request, house: HouseHere, who: Visitor, at: Annotated[Cursor, Query(alias="cursor")] = None
) -> Response:
    """The batches, and a way to hand one in."""
    if who is None:
        return _login(request)
    with house.reading() as connection:
        items, following = intake.batch_listing(connection, who, cursor(at), 30)
    return _page("batches.html", who, items=items, following=following)


@router.get("/batches/{batch}")
def batch_(
    request: Request, batch: Id, house: HouseHere, who: Visitor, at: Annotated[Cursor, Query(alias="cursor")] = None
) -> Response:
    """A batch with its chats."""
    if who is None:
        return _login(request)
    with house.reading() as connection:
        made = intake.batch_view(connection, who, batch)
        items, following = intake.listing(connection, who, after=cursor(at), limit=100, batch=batch)
    return _page("batch.html", who, batch=made, items=items, following=following)


@router.get("/review")
def queue(request: Request, house: HouseHere, who: Visitor) -> Response:
    """The review queue."""
    if who is None:
        return _login(request)
    _need(who, "review")
    with house.reading() as connection:
        groups = review.groups(connection, limit=100)
        decided = review.decided(connection, limit=20)
    return _page("review.html", who, groups=groups, decided=decided)


@router.get("/review/{name}")
def group_(request: Request, name: str, house: HouseHere, who: Visitor) -> Response:
    """One group, and the decision on it."""
    if who is None:
        return _login(request)
    _need(who, "review")
    house.warm()
    if len(name) != 20 or not name.isalnum() or not name.isascii():
        raise Problem(404, "there is no such group")
    with house.reading() as connection:
        group = review.group(connection, name)
        decided = review.decided(connection, limit=5, name=name)
        others = [one.id for one in review.groups(connection, limit=100) if one.id != name]
        row = catalogue.current(connection, group.rubric) if group else None
        suggested = review.suggested(connection, group) if group else ""
    if group is None and decided:
        return _page("settled.html", who, decided=decided, following=others[0] if others else None)
    if group is None or row is None:
        raise Problem(404, "there is no such group")
    rubric = catalogue.parsed(row.id, row.text, maths=False)
    part = next((one for one in rubric.parts if one.id == group.part), None)
    pitfalls = [one.id for one in rubric.pitfalls_of(part)] if part else []
    return _page(
        "group.html",
        who,
        group=group,
        decided=decided,
        part=part,
        pitfalls=pitfalls,
        suggested=suggested,
        following=others[0] if others else None,
    )


@router.get("/rubrics")
def rubrics(request: Request, house: HouseHere, who: Visitor) -> Response:
    """The rubrics in force."""
    if who is None:
        return _login(request)
    with house.reading() as connection:
        rows = catalogue.all_current(connection)
        known = catalogue.compiled(connection)[1]
    return _page("rubrics.html", who, rows=rows, known=known)


@router.get("/rubrics/{name}")
def rubric(request: Request, name: str, house: HouseHere, who: Visitor) -> Response:
    """The editor of a rubric; `new` begins one."""
    if who is None:
        return _login(request)
    house.warm()
    if name == "new":
        return _page("editor.html", who, name="", text=STARTER.format(name="my-problem"), etag="", versions=[])
    row, versions = _rubric(house, name)
    return _page("editor.html", who, name=row.id, text=row.text, etag=row.etag, versions=versions)


def _rubric(house: House, name: str) -> tuple[catalogue.Row, list[catalogue.Row]]:
    if not name.isascii() or not name.isprintable():
        raise Problem(404, "there is no such rubric")
    row = found_rubric(house, name)
    with house.reading() as connection:
        return row, catalogue.history(connection, name)


@router.get("/admin")
def admin(request: Request, house: HouseHere, who: Visitor) -> Response:
    """How the service is."""
    if who is None:
        return _login(request)
    _need(who, "admin")
    return _page("admin.html", who, state=overview(house))
