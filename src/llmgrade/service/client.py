"""A typed client: hand in a chat, wait for its report, whatever machine grades it.

with Client("http://127.0.0.1:8000", key="llmg_…") as client:
    job = client.wait(client.score(b"User: …", name="chat.txt"))
    for report in client.reports(job.id):
        print(report.score.final)
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator, Sequence
from typing import Any, Self
from urllib.parse import quote

import httpx
from pydantic import TypeAdapter

from llmgrade.errors import LlmgradeError, UsageError
from llmgrade.report.model import Report
from llmgrade.service.wire import (
    AnswerAsked,
    BatchMade,
    Checked,
    DecisionMade,
    GroupView,
    Handing,
    JobPage,
    JobView,
    ProposalMade,
    RubricView,
)

__all__ = ["Client", "Refused"]

_REPORTS = TypeAdapter(list[Report])
TRIES = 4


class Refused(LlmgradeError):
    """The service said no: ``status`` and its words."""

    def __init__(self, status: int, words: str) -> None:
        self.status = status
        super().__init__(f"{words} ({status})")


class Client:
    """One service. Requests that hand something in carry an idempotency key, so that trying again is safe."""

    def __init__(
        self, url: str, key: str | None = None, *, timeout: float = 60.0, transport: httpx.BaseTransport | None = None
    ) -> None:
        if not url.startswith(("http://", "https://")):
            raise UsageError(f"`{url}` is no address of a service\nhint: http://127.0.0.1:8000")
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._http = httpx.Client(base_url=url.rstrip("/"), headers=headers, timeout=timeout, transport=transport)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the connections."""
        self._http.close()

    def score(
        self, data: bytes, *, name: str = "chat", rubric: str | None = None, wait: float | None = None
    ) -> JobView:
        """Hand in a file; the job may be done already.

        Raises:
            Refused: it cannot be taken, or could not be graded within the wait.
        """
        query = {
            "name": name,
            **({"rubric": rubric} if rubric else {}),
            **({"wait": str(wait)} if wait is not None else {}),
        }
        headers = {"Idempotency-Key": secrets.token_hex(16)}
        answer = self._ask("POST", "/v1/score/file", params=query, content=data, headers=headers)
        return JobView.model_validate_json(answer.content)

    def answer(self, answer: str, rubric: str, part: str, *, prompt: str | None = None) -> JobView:
        """Hand in one answer to one part."""
        asked = AnswerAsked(answer=answer, rubric=rubric, part=part, prompt=prompt)
        found = self._ask(
            "POST", "/v1/score", json=asked.model_dump(), headers={"Idempotency-Key": secrets.token_hex(16)}
        )
        return JobView.model_validate_json(found.content)

    def batch(self, items: Sequence[Handing], name: str = "batch") -> BatchMade:
        """Hand in several together."""
        body = {"name": name, "items": [one.model_dump(mode="json", exclude_none=True) for one in items]}
        found = self._ask("POST", "/v1/batches", json=body, headers={"Idempotency-Key": secrets.token_hex(16)})
        return BatchMade.model_validate_json(found.content)

    def batch_state(self, batch: str) -> BatchMade:
        """How far a batch is."""
        return BatchMade.model_validate_json(self._ask("GET", f"/v1/batches/{quote(batch, safe='')}").content)

    def job(self, job: str) -> JobView:
        """A job as it is now."""
        return JobView.model_validate_json(self._ask("GET", f"/v1/jobs/{quote(job, safe='')}").content)

    def wait(self, job: JobView, seconds: float = 600.0) -> JobView:
        """The job once it has ended.

        Raises:
            Refused: it could not be graded.
            LlmgradeError: it has not ended in time.
        """
        ends, pause = time.monotonic() + seconds, 0.1
        while job.state not in {"done", "failed"}:
            if time.monotonic() > ends:
                raise LlmgradeError(f"{job.name}: not graded within {seconds:g} s; it is job {job.id}")
            time.sleep(pause)
            pause = min(2.0, pause * 1.5)
            job = self.job(job.id)
        if job.state == "failed":
            raise Refused(422, f"{job.name}: {job.reason or 'could not be graded'}")
        return job

    def reports(self, job: str) -> list[Report]:
        """The reports of a done job."""
        return _REPORTS.validate_json(self._ask("GET", f"/v1/jobs/{quote(job, safe='')}/report.json").content)

    def jobs(self, **query: str | int) -> Iterator[JobView]:
        """All of the caller's jobs, the newest first; ``state``, ``batch`` and ``q`` narrow them."""
        following: str | None = None
        while True:
            asked = {**query, **({"cursor": following} if following else {})}
            page = JobPage.model_validate_json(self._ask("GET", "/v1/jobs", params=asked).content)
            yield from page.items
            following = page.next
            if following is None:
                return

    def rubric(self, name: str) -> tuple[RubricView, str]:
        """A rubric's version in force, and its ETag."""
        found = self._ask("GET", f"/v1/rubrics/{quote(name, safe='')}")
        return RubricView.model_validate_json(found.content), found.headers["ETag"]

    def publish(self, name: str, text: str, *, why: str = "", etag: str | None = None) -> RubricView:
        """Publish a version of a rubric; ``etag`` is of the one it takes the place of."""
        headers = {"If-Match": etag} if etag else {}
        found = self._ask(
            "PUT", f"/v1/rubrics/{quote(name, safe='')}", json={"text": text, "why": why}, headers=headers
        )
        return RubricView.model_validate_json(found.content)

    def check(self, name: str, text: str) -> Checked:
        """Check a rubric's text."""
        return Checked.model_validate_json(
            self._ask("POST", "/v1/rubrics/check", json={"id": name, "text": text}).content
        )

    def groups(self) -> list[GroupView]:
        """The review queue."""
        return TypeAdapter(list[GroupView]).validate_python(self._ask("GET", "/v1/review/groups").json()["items"])

    def propose(self, group: str, **proposal: Any) -> ProposalMade:
        """What a decision would make of the rubric."""
        return ProposalMade.model_validate_json(
            self._ask("POST", f"/v1/review/groups/{quote(group, safe='')}/proposal", json=proposal).content
        )

    def decide(self, group: str, **decision: Any) -> DecisionMade:
        """Settle a group."""
        return DecisionMade.model_validate_json(
            self._ask("POST", f"/v1/review/groups/{quote(group, safe='')}/decision", json=decision).content
        )

    def _ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        repeatable = method == "GET" or "Idempotency-Key" in more.get("headers", {})
        for attempt in range(TRIES):
            try:
                answer = self._http.request(method, path, **more)
            except httpx.TransportError as error:
                if attempt == TRIES - 1 or not repeatable:
                    raise LlmgradeError(f"the service at {self._http.base_url} does not answer: {error}") from None
                time.sleep(0.2 * 2**attempt)
                continue
            if answer.status_code < 400:
                return answer
            if answer.status_code == 503 and repeatable and attempt < TRIES - 1:
                time.sleep(0.2 * 2**attempt)
                continue
            raise Refused(answer.status_code, _words(answer))
        raise AssertionError("unreachable")  # pragma: no cover


def _words(answer: httpx.Response) -> str:
    try:
        problem = answer.json()
        return str(problem["detail"] or problem["title"])
    except (ValueError, KeyError, TypeError):
        return "the service refused"
