"""``/health``, ``/ready``, ``/metrics`` and ``/v1/admin``: how the service is."""

from __future__ import annotations

import json

import sqlalchemy as sa
from fastapi import APIRouter
from fastapi.responses import Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy.engine import Connection

from llmgrade.service import review
from llmgrade.service.asking import Admin, HouseHere
from llmgrade.service.database import jobs, now, reports
from llmgrade.service.house import House
from llmgrade.service.problems import RESPONSES, Problem
from llmgrade.service.queues import depth
from llmgrade.service.wire import Health, Overview, SlowRubric
from llmgrade.version import VERSION

__all__ = ["overview", "router"]

router = APIRouter(tags=["state"], responses=RESPONSES)
RECENT = 300
"""Jobs that are looked at for slow rubrics."""


@router.get("/health")
def health() -> Health:
    """Whether the process runs."""
    return Health(status="ok", version=VERSION)


@router.get("/ready")
def ready(house: HouseHere) -> Health:
    """Whether it can take requests: the database answers."""
    try:
        with house.reading() as connection:
            connection.execute(sa.select(sa.func.count()).select_from(jobs).where(jobs.c.state == "running"))
    except sa.exc.SQLAlchemyError:
        raise Problem(503, "the database does not answer", headers={"Retry-After": "5"}) from None
    return Health(status="ok", version=VERSION)


@router.get(
    "/metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {}}, "description": "For Prometheus"}},
)
def metrics(house: HouseHere, who: Admin) -> Response:
    """Counters and times for Prometheus; a key with scope `admin` is needed where there are keys."""
    states = depth(house.engine)
    lines = ["# HELP llmgrade_jobs Jobs by state", "# TYPE llmgrade_jobs gauge"]
    lines += [f'llmgrade_jobs{{state="{s}"}} {states.get(s, 0)}' for s in ("waiting", "running", "done", "failed")]
    body = generate_latest(house.registry) + ("\n".join(lines) + "\n").encode()
    return Response(body, headers={"Content-Type": CONTENT_TYPE_LATEST})


@router.get("/v1/admin/overview")
def admin(house: HouseHere, who: Admin) -> Overview:
    """Queue depth, rates, slow rubrics."""
    return overview(house)


def overview(house: House) -> Overview:
    """See `admin`."""
    moment = now()
    states = depth(house.engine)
    # Procrastinate knows by heartbeats who lives, and needs no lease; jobs of the lost wait again soon.
    held = sa.or_(jobs.c.lease.is_(None), jobs.c.lease > moment)
    with house.reading() as connection:
        oldest = connection.execute(sa.select(sa.func.min(jobs.c.created)).where(jobs.c.state == "waiting")).scalar()
        return Overview(
            queue={state: states.get(state, 0) for state in ("waiting", "running", "done", "failed")},
            oldest_waiting=None if oldest is None else round(moment - oldest, 1),
            done_last_minute=_ended(connection, "done", moment - 60),
            done_last_hour=_ended(connection, "done", moment - 3600),
            failed_last_hour=_ended(connection, "failed", moment - 3600),
            workers=list(
                connection.execute(sa.select(jobs.c.worker).distinct().where(jobs.c.state == "running", held)).scalars()
            ),
            open_groups=len(review.groups(connection)),
            slow=_slow(connection),
        )


def _ended(connection: Connection, state: str, since: float) -> int:
    query = sa.select(sa.func.count()).select_from(jobs).where(jobs.c.state == state, jobs.c.finished > since)
    return int(connection.execute(query).scalar_one())


def _slow(connection: Connection) -> list[SlowRubric]:
    rows = connection.execute(
        sa.select(reports.c.text, jobs.c.started, jobs.c.finished)
        .join(jobs, jobs.c.id == reports.c.job)
        .where(jobs.c.finished.is_not(None))
        .order_by(jobs.c.finished.desc())
        .limit(RECENT)
    )
    taken: dict[str, list[float]] = {}
    for text, started, finished in rows:
        for problem in json.loads(text).get("problems", ()):
            taken.setdefault(problem["rubric"], []).append(finished - started)
    slow = [
        SlowRubric(rubric=name, jobs=len(times), mean=round(sum(times) / len(times), 3), slowest=round(max(times), 3))
        for name, times in taken.items()
    ]
    return sorted(slow, key=lambda one: -one.mean)
