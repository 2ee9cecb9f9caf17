"""A batch as one page: its reports laid out as the results of a run, and shown as `llmgrade batch` shows them."""

from __future__ import annotations

import html
import json
import re
import shutil
import tempfile
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from llmgrade.batch.journal import Journal
from llmgrade.batch.model import Outcome, Shard, Status
from llmgrade.service.database import jobs, reports, submissions

__all__ = ["lay_out", "policy", "render"]


def lay_out(connection: Connection, batch: str, name: str) -> str:
    """A new folder with the newest results of a batch's chats; whoever renders it removes it."""
    rows = connection.execute(
        sa.select(jobs.c.id, jobs.c.state, jobs.c.reason, submissions.c.name, submissions.c.id.label("submission"))
        .join(submissions, submissions.c.id == jobs.c.submission)
        .where(submissions.c.batch == batch, jobs.c.state.in_(("done", "failed")))
        .order_by(jobs.c.created)
    ).all()
    newest = {row.submission: row for row in rows}
    outcomes: list[Outcome] = []
    for number, row in enumerate(newest.values(), 1):
        texts = connection.execute(sa.select(reports.c.text).where(reports.c.job == row.id).order_by(reports.c.rank))
        told = [_outcome(f"{number}. {row.name}", row.name, text) for text in texts.scalars()]
        outcomes += told or [Outcome(row.id, f"{number}. {row.name}", row.id, Status.FAILED, row.reason or "")]
    journal = Journal(Path(tempfile.mkdtemp(prefix="llmgrade-sheet-")))
    shard = Shard(0, "batch", batch, len(outcomes))
    journal.write(shard, outcomes)
    listed = [{"index": 0, "content": shard.content, "name": shard.name, "count": shard.count}]
    journal.write_manifest((1, 1), seed="", checker="", rubrics={}, inputs=[name], finished=True, shards=listed)
    return str(journal.folder)


def _outcome(name: str, source: str, text: str) -> Outcome:
    whole = json.loads(text)
    if "nothing" in whole:
        return Outcome(name, name, name, Status(whole["status"]), str(whole["nothing"] or ""))
    used = tuple(problem["rubric"] for problem in whole["problems"])
    model = whole["transcript"].get("model")
    return Outcome(name, name, name, Status.GRADED, "", used, text, model=model, source=source)


def policy(page: str) -> str:
    """What the page may do: what it says of itself, before any word of a chat, and it may stand in no frame."""
    head = page[: page.index("<title>")]
    said = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', head)
    allowed = html.unescape(said[1]) if said else "default-src 'none'"
    return f"{allowed}; frame-ancestors 'none'"


def render(folder: str) -> str:
    """The page of a folder that `lay_out` made; the folder is gone afterwards."""
    from llmgrade.batch.page import render as page
    from llmgrade.batch.summary import summarise

    try:
        journal = Journal(Path(folder))
        (name,) = journal.manifest()["inputs"]
        return page(journal, summarise(journal), name).replace(folder, "FOLDER")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
