"""What a script sees of the service, on both databases."""

from __future__ import annotations

import base64
import json
import threading
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest

from llmgrade import reading
from llmgrade.grading import grade
from llmgrade.report.model import Report
from llmgrade.rubric.model import Rubrics
from llmgrade.service import bench as benching
from llmgrade.service import keys, review
from llmgrade.service.bench import Bench, Graded
from llmgrade.service.catalogue import parsed
from llmgrade.service.client import Client, Refused
from llmgrade.service.database import writing
from llmgrade.service.queues import queue_for
from llmgrade.service.wire import AnswerAsked, TextAsked
from llmgrade.service.worker import Worker

from .conftest import RIDGE, ROOT, TOY, Service


def test_a_chat_is_accepted_graded_and_its_report_read_in_every_form(service: Service) -> None:
    job = service.submit(name="ridge.md")
    assert service.http.get(f"/v1/jobs/{job['id']}/report.json").status_code == 409
    assert service.work() == 1
    view = service.http.get(job["links"]["self"]).json()
    assert (view["state"], view["score"]["max"]) == ("done", 4.0)
    report = Report.model_validate(service.http.get(job["links"]["report"]).json()[0])
    assert report.problems[0].rubric == "ridge-regression"
    assert report.score.final + report.score.undecided == 4.0  # a busy machine may leave one undecided
    page = service.http.get(f"/v1/jobs/{job['id']}/report.html")
    assert "text/html" in page.headers["content-type"]
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert service.http.get(job["links"]["page"]).status_code == 200
    events = service.http.get(f"/v1/jobs/{job['id']}/events").text
    told = [line for line in events.splitlines() if line.startswith("event:")]
    assert [line for line in told if line != "event: part"] == [
        "event: accepted",
        "event: started",
        "event: done",
    ]


@dataclass
class _Slow:
    """A bench that has graded only when somebody has seen what the first answer came to."""

    bench: Bench
    line: str
    asked: Any = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self.bench, name)

    def grade(self, *given: Any) -> Future[Graded]:
        self.asked = (self.bench.grade(*given), Future())
        found: Future[Graded] = self.asked[1]
        return found

    def told(self, _: str, after: int) -> tuple[list[str], int]:
        if not after:
            real, shown = self.asked
            real.add_done_callback(lambda done: shown.set_result(done.result()))
        return ([] if after else [self.line]), 1


def test_what_answers_come_to_is_told_while_the_rest_is_graded(service: Service) -> None:
    job = service.submit()
    line = json.dumps({"rubric": "ridge-regression", "part": "a", "attempt": 1, "verdict": "incorrect"})
    bench = cast(Bench, _Slow(service.bench, line))
    assert Worker(service.engine, service.settings, bench=bench).run(until_empty=True) == 1
    events = service.http.get(job["links"]["events"]).text.split("\n\n")
    kinds = [event.split("\n")[1] for event in events if event.startswith("id:")]
    assert kinds == ["event: accepted", "event: started", "event: part", "event: done"]
    (part,) = [event for event in events if "event: part" in event]
    assert json.loads(json.loads(part.split("data: ")[1])["detail"])["verdict"] == "incorrect"


def test_a_grading_process_writes_what_it_has_judged_and_whole_lines_of_it_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ridge = parsed("ridge-regression", (ROOT / "rubrics" / "ridge-regression.yaml").read_text("utf-8"), maths=False)
    (chat,) = reading.read(RIDGE, name="chat.md")
    bench = Bench.__new__(Bench)
    bench._folder = SimpleNamespace(name=str(tmp_path))  # type: ignore[assignment]
    assert bench.told("x", 0) == ([], 0)
    monkeypatch.setattr(benching, "PATIENT", 0.0)
    report = grade(chat, Rubrics((ridge,)), tell=benching._teller(str(tmp_path / "told-x"), 0.0))
    lines, place = bench.told("x", 0)
    seen = [(one["part"], one["attempt"], one["verdict"]) for one in map(json.loads, lines)]
    parts = report.problems[0].parts
    assert sorted(seen) == sorted((p.id, n, a.verdict) for p in parts for n, a in enumerate(p.attempts, 1))
    with (tmp_path / "told-x").open("a") as file:
        file.write('{"half')
    assert bench.told("x", place) == ([], place)
    bench.forget("x")
    assert bench.told("x", 0) == ([], 0)


def test_the_report_comes_at_once_where_a_worker_is_quick(service: Service) -> None:
    service.http.app.state.house.settings = type(service.settings)(database=service.url, sync_seconds=30)  # type: ignore[attr-defined]
    worker = threading.Timer(0.3, service.work)
    worker.start()
    answer = service.http.post("/v1/score", json={"answer": "y = x + x", "rubric": "toy", "part": "a"})
    worker.join()
    assert answer.status_code == 200, answer.text
    assert answer.json()["report"][0]["problems"][0]["parts"][0]["final"] == "correct"


@pytest.mark.parametrize(
    "asked",
    [
        {"text": RIDGE.decode()},
        {
            "messages": [
                {"role": "user", "content": "Ridge regression (a)?"},
                {"role": "assistant", "content": "(a) $w=0$"},
            ]
        },
        {"data": base64.b64encode(RIDGE).decode(), "name": "r.md", "rubric": "ridge-regression"},
        {"answer": "2x", "rubric": "toy", "part": "a", "prompt": "twice?"},
    ],
    ids=["text", "messages", "file", "answer"],
)
def test_every_way_to_hand_something_in_makes_a_job(service: Service, asked: dict[str, object]) -> None:
    assert service.http.post("/v1/score?wait=0", json=asked).status_code == 202


def test_the_same_idempotency_key_makes_one_job_and_another_request_under_it_is_refused(service: Service) -> None:
    headers = {"Idempotency-Key": "k1"}
    first = service.submit("User: hi", headers)
    assert service.submit("User: hi", headers)["id"] == first["id"]
    other = service.http.post("/v1/score/file?wait=0", content=b"User: ho", headers=headers)
    assert other.status_code == 409
    assert other.json()["errors"][0]["field"] == "Idempotency-Key"


def test_pages_of_jobs_neither_repeat_nor_lose_one(service: Service) -> None:
    made = {service.submit(f"User: {n}", name=f"n{n}")["id"] for n in range(7)}
    seen: list[str] = []
    query = {"limit": "3"}
    while True:
        page = service.http.get("/v1/jobs", params=query).json()
        seen += [job["id"] for job in page["items"]]
        if page["next"] is None:
            break
        query["cursor"] = page["next"]
    assert len(seen) == 7
    assert set(seen) == made
    assert [job["name"] for job in service.http.get("/v1/jobs?q=N5").json()["items"]] == ["n5"]


def test_a_batch_tells_how_far_it_is_and_what_it_scored(service: Service) -> None:
    items = [{"answer": a, "rubric": "toy", "part": "a"} for a in ("2x", "-2x", "x+x")]
    made = service.http.post("/v1/batches", json={"name": "three", "items": items}).json()
    assert made["states"] == {"waiting": 3}
    service.work()
    found = service.http.get(f"/v1/batches/{made['id']}").json()
    assert (found["states"], found["score"]["final"], found["score"]["max"]) == ({"done": 3}, 2.0, 3.0)
    assert service.http.get(f"/batches/{made['id']}").status_code == 200
    assert len(service.http.get(f"/v1/jobs?batch={made['id']}").json()["items"]) == 3
    assert service.http.get("/v1/batches").json()["items"][0]["id"] == made["id"]


def test_a_batch_is_shown_as_one_page(service: Service) -> None:
    items = [{"text": RIDGE.decode(), "name": "<b>one</b>.md"}, {"text": "User: hi", "name": "two.md"}]
    batch = service.http.post("/v1/batches", json={"name": "Sheet <i>3", "items": items}).json()["id"]
    assert service.http.get(f"/v1/batches/{batch}/report.html").status_code == 409
    service.work()
    page = service.http.get(f"/v1/batches/{batch}/report.html")
    assert page.status_code == 200
    assert "Leaderboard" in page.text
    assert "1. &lt;b&gt;one" in page.text
    assert "<h1>Sheet &lt;i&gt;3</h1>" in page.text
    assert "sha256-" in page.headers["content-security-policy"]
    assert f"/v1/batches/{batch}/report.html" in service.http.get(f"/batches/{batch}").text


def test_rubrics_have_versions_and_nobody_overwrites_anothers(service: Service) -> None:
    found = service.http.get("/v1/rubrics/toy")
    etag = found.headers["etag"]
    assert service.http.get("/v1/rubrics/toy", headers={"If-None-Match": etag}).status_code == 304
    text = TOY.replace("Twice a number", "Double")
    assert service.http.put("/v1/rubrics/toy", json={"text": text}).status_code == 428
    made = service.http.put("/v1/rubrics/toy", json={"text": text, "why": "shorter"}, headers={"If-Match": etag})
    assert (made.status_code, made.json()["number"]) == (200, 2)
    assert service.http.put("/v1/rubrics/toy", json={"text": TOY}, headers={"If-Match": etag}).status_code == 412
    assert service.http.get("/v1/rubrics/toy?number=1").json()["title"] == "Twice a number"
    assert [one["number"] for one in service.http.get("/v1/rubrics/toy/versions").json()] == [2, 1]
    new = service.http.put("/v1/rubrics/toy2", json={"text": TOY.replace("id: toy", "id: toy2")})
    assert new.status_code == 201


def test_mistakes_of_a_rubric_are_told_with_their_places(service: Service) -> None:
    text = TOY.replace("answer:", "anwser:")
    found = service.http.post("/v1/rubrics/check", json={"id": "toy", "text": text}).json()
    assert not found["ok"]
    assert {one["line"] for one in found["diagnostics"]} & {10, 11}
    refused = service.http.put("/v1/rubrics/toy3", json={"text": text})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"].startswith("text:")


def test_an_answer_is_tried_against_a_rubric_that_is_not_published(service: Service) -> None:
    body = {"id": "toy", "text": TOY.replace("2 x", "3 x", 1), "part": "a", "answer": "$y = x+x+x$"}
    assert service.http.post("/v1/rubrics/preview", json=body).json()["verdict"] == "correct"
    assert service.http.post("/v1/rubrics/preview", json={**body, "part": "z"}).status_code == 422


def _doubtful(service: Service) -> dict[str, object]:
    for answer in ("5 x", "x + 4 x", "x*5"):
        service.http.post("/v1/score?wait=0", json={"answer": answer, "rubric": "toy", "part": "a"})
    service.work()
    groups = service.http.get("/v1/review/groups").json()["items"]
    assert len(groups) == 1, groups
    found: dict[str, object] = groups[0]
    return found


def test_equivalent_claims_are_one_group_and_one_decision_settles_it(service: Service) -> None:
    group = _doubtful(service)
    assert (group["count"], group["dispute"]) == (3, "unexplained")
    made = service.http.post(
        f"/v1/review/groups/{group['id']}/decision", json={"verdict": "incorrect", "why": "five is not two"}
    )
    assert (made.status_code, made.json()["who"], made.json()["became"]) == (201, "local", "nothing")
    assert service.http.get("/v1/review/groups").json()["items"] == []
    assert "five is not two" in service.http.get("/review").text


def _last_part(service: Service, number: int = 0) -> tuple[dict[str, Any], dict[str, Any]]:
    """The newest job but ``number``, and the one part of its report."""
    job = service.http.get("/v1/jobs").json()["items"][number]
    report = service.http.get(job["links"]["report"]).json()[0]
    return job, report["problems"][0]["parts"][0]


def test_a_decision_alone_counts_in_the_reports_there_are_and_in_those_to_come(service: Service) -> None:
    group = _doubtful(service)
    address = f"/v1/review/groups/{group['id']}/decision"
    made = service.http.post(
        address, json={"verdict": "partial", "why": "five was asked before", "credit": 0.25}
    ).json()
    assert (made["reports"], made["regraded"], made["rubric_number"]) == (3, 0, None)
    job, part = _last_part(service, 2)
    assert (job["score"]["final"], part["final"], part["attempts"][0]["credit"]) == (0.25, "partial", 0.25)
    claim = part["attempts"][0]["claims"][0]
    assert (claim["verdict"], claim["decided"]["by"], claim["decided"]["before"]) == ("partial", "local", "incorrect")
    assert part["attempts"][0]["feedback"] == ["Settled by local: partial, not incorrect. five was asked before"]
    assert "five was asked before" in service.http.get(job["links"]["page"]).text
    assert "five was asked before" in service.http.get(job["links"]["report"].replace("json", "html")).text
    service.http.post("/v1/score?wait=0", json={"answer": "2 x + 3 x", "rubric": "toy", "part": "a"})
    service.work()
    assert _last_part(service)[0]["score"]["final"] == 0.25  # an equal answer, handed in later
    assert service.http.get("/v1/review/groups").json()["items"] == []
    service.http.post(address, json={"verdict": "correct", "why": "on second thoughts"})
    job, part = _last_part(service)
    assert (job["score"]["final"], part["final"]) == (1.0, "correct")
    assert part["attempts"][0]["feedback"] == ["Settled by local: correct, not incorrect. on second thoughts"]


def test_what_a_dispute_came_to_stays_when_the_chat_is_graded_again(service: Service) -> None:
    job = service.submit(name="ridge.md")
    service.work()
    asked = {"rubric": "ridge-regression", "part": "a", "why": "it was given away"}
    group = service.http.post(f"/v1/jobs/{job['id']}/disputes", json=asked).json()
    service.http.post(f"/v1/review/groups/{group['id']}/decision", json={"verdict": "incorrect", "why": "so it was"})
    assert service.http.get(f"/v1/jobs/{job['id']}").json()["score"]["final"] == 3.0
    with writing(service.engine) as connection:
        assert review.regrade(connection, "ridge-regression") == 1
    service.work()
    newest, part = _last_part(service)
    assert (newest["id"] != job["id"], newest["score"]["final"], part["final"]) == (True, 3.0, "incorrect")


@pytest.mark.parametrize(
    ("become", "after"), [("accepted", "correct"), ("pitfall", "incorrect (five-times)"), ("test", None)]
)
def test_a_decision_becomes_a_rubric_version_and_what_it_changes_is_shown_first(
    service: Service, become: str, after: str | None
) -> None:
    group = _doubtful(service)
    verdict = "correct" if become == "accepted" else "incorrect"
    proposal = {"verdict": verdict, "become": become, "answer": "5 x", "say": "Why five?"}
    if become == "pitfall":
        proposal["pitfall"] = "five-times"
    shown = service.http.post(f"/v1/review/groups/{group['id']}/proposal", json=proposal)
    assert shown.status_code == 200, shown.text
    assert "+" in shown.json()["diff"]
    assert {one["after"] for one in shown.json()["effects"]} == ({after} if after else set())
    decision = {"verdict": verdict, "why": "seen often", "proposal": proposal, "base": shown.json()["base"]}
    made = service.http.post(f"/v1/review/groups/{group['id']}/decision", json=decision).json()
    assert (made["rubric_number"], made["regraded"], made["became"]) == (2, 3, become)
    assert service.work() == 3
    newest = service.http.get("/v1/jobs").json()["items"][0]
    part = service.http.get(newest["links"]["report"]).json()[0]["problems"][0]["parts"][0]
    assert part["final"] == verdict
    assert (part["attempts"][-1]["pitfalls"] == ["five-times"]) == (become == "pitfall")


def test_a_dispute_puts_an_answer_into_the_queue(service: Service) -> None:
    job = service.submit(name="ridge.md")
    service.work()
    asked = {"rubric": "ridge-regression", "part": "a", "why": "the first was right"}
    made = service.http.post(f"/v1/jobs/{job['id']}/disputes", json=asked)
    assert made.status_code == 201, made.text
    queue = service.http.get("/v1/review/groups?dispute=disputed").json()["items"]
    assert [one["why"] for one in queue] == ["the first was right"]
    assert service.http.post(f"/v1/jobs/{job['id']}/disputes", json={**asked, "part": "zz"}).status_code == 422


def test_the_typed_client_speaks_for_all_of_it(service: Service) -> None:
    transport = httpx.MockTransport(
        lambda request: httpx.Response(
            (found := service.http.request(request.method, str(request.url), content=request.content, headers=request.headers)).status_code,
            content=found.content,
            headers={k: v for k, v in found.headers.items() if k in {"etag", "content-type"}},
        )
    )  # fmt: skip
    with Client("http://testserver", transport=transport) as client:
        job = client.score(RIDGE, name="ridge.md", wait=0)
        assert client.answer("2x", "toy", "a").state == "waiting"
        batch = client.batch([TextAsked(text="User: hi"), AnswerAsked(answer="2x", rubric="toy", part="a")])
        service.work()
        assert client.wait(job).state == "done"
        assert client.reports(job.id)[0].score.max == 4.0
        assert client.batch_state(batch.id).states == {"done": 2}
        assert len(list(client.jobs())) == 4
        view, etag = client.rubric("toy")
        assert client.publish("toy", view.text.replace("Twice", "Two times"), etag=etag).number == 2
        assert client.check("toy", "nonsense").ok is False
        assert client.groups() == []
        with pytest.raises(Refused, match="no such job"):
            client.job("0" * 32)


def test_metrics_health_and_admin_tell_how_it_is(service: Service) -> None:
    service.submit()
    assert service.http.get("/health").json()["status"] == "ok"
    assert service.http.get("/ready").status_code == 200
    assert 'llmgrade_jobs{state="waiting"} 1' in service.http.get("/metrics").text
    service.work()
    state = service.http.get("/v1/admin/overview").json()
    assert (state["queue"]["done"], state["slow"][0]["rubric"]) == (1, "ridge-regression")


def test_the_log_has_ids_and_times_and_no_word_of_a_chat(service: Service, capfd: pytest.CaptureFixture[str]) -> None:
    service.submit("User: my secret diary, double\n\nAssistant: y = 2x", name="diary-name.txt")
    service.work()
    told = capfd.readouterr().err
    assert "secret" not in told
    assert "diary" not in told
    assert {json.loads(line)["event"] for line in told.splitlines()} == {"request", "job"}


def test_the_log_says_whose_key_it_was(service: Service, capfd: pytest.CaptureFixture[str]) -> None:
    who = service.key("submit")
    service.http.get("/v1/jobs", headers=who)
    with service.engine.connect() as connection:
        (key,) = keys.listed(connection)
    last = [json.loads(line) for line in capfd.readouterr().err.splitlines() if line.startswith("{")][-1]
    assert (last["route"], last["key"]) == ("/v1/jobs", key.id)


def test_the_admin_page_names_who_is_at_work(service: Service) -> None:
    service.submit()
    (taken,) = queue_for(service.engine, 15).take("machine:7", 1)
    assert service.http.get("/v1/admin/overview").json()["workers"] == ["machine:7"]
    assert "machine:7" in service.http.get("/admin").text
    assert taken.attempts == 1


def test_a_browser_gets_a_page_where_a_program_gets_a_problem(same_service: Service) -> None:
    for path, status in (("/nowhere", 404), ("/jobs/" + "0" * 32, 404), ("/jobs/<b>", 422)):
        page = same_service.http.get(path, headers={"Accept": "text/html"})
        assert (page.status_code, page.headers["content-type"]) == (status, "text/html; charset=utf-8")
        assert "<b>" not in page.text
        problem = same_service.http.get(path)
        assert (problem.status_code, problem.headers["content-type"]) == (status, "application/problem+json")
    api = same_service.http.get("/v1/jobs/" + "0" * 32, headers={"Accept": "text/html"})
    assert api.headers["content-type"] == "application/problem+json"


def test_the_openapi_document_describes_every_route(service: Service) -> None:
    paths = service.http.get("/v1/openapi.json").json()["paths"]
    assert {"/v1/score", "/v1/score/file", "/v1/jobs/{job}/events", "/v1/rubrics/{name}"} <= set(paths)
