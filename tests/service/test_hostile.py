"""Requests that mean harm: each gets the 4xx it deserves, never a 5xx, never somebody else's data."""

from __future__ import annotations

import io
import json
import time
import zipfile
from typing import Any

import pytest

from .conftest import TOY, Service

MARKUP = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'{{7*7}}"
NOBODY = "f" * 32
DEEP = "[" * 100_000 + "]" * 100_000
JSON = {"Content-Type": "application/json"}


def _bomb(kind: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("conversations.json" if kind == "json" else "chat.txt", b"[" + b" " * 90_000_000 + b"]")
    return file.getvalue()


def _json(body: object) -> dict[str, Any]:
    return {"content": json.dumps(body), "headers": JSON}


SCORE: dict[str, dict[str, Any]] = {
    "an empty body": {"content": b"", "headers": JSON},
    "no JSON": {"content": b"{", "headers": JSON},
    "not UTF-8": {"content": b'{"text": "\xff\xfe"}', "headers": JSON},
    "a bare number": _json(3),
    "a list": _json([1, 2]),
    "null": _json(None),
    "no field": _json({}),
    "an unknown field": _json({"text": "x", "admin": True}),
    "an owner of one's choice": _json({"text": "x", "owner": "someone"}),
    "a number for a text": _json({"text": 1}),
    "a list for a text": _json({"text": ["x"]}),
    "an object for a name": _json({"text": "x", "name": {}}),
    "NUL in a text": _json({"text": "a\0b"}),
    "NUL in a name": _json({"text": "a", "name": "a\0b"}),
    "a lone surrogate": {"content": b'{"text": "\\ud800"}', "headers": JSON},
    "a line break in a name": _json({"text": "a", "name": "a\r\nSet-Cookie: x"}),
    "an endless name": _json({"text": "a", "name": "n" * 301}),
    "a path for a rubric": _json({"text": "a", "rubric": "../../etc/passwd"}),
    "a rubric nobody has": _json({"text": "a", "rubric": "nobody-has-it"}),
    "SQL for a rubric": _json({"text": "a", "rubric": "x' OR '1'='1"}),
    "a part nobody has": _json({"answer": "a", "rubric": "toy", "part": "zz"}),
    "an answer without its part": _json({"answer": "a", "rubric": "toy"}),
    "text and messages together": _json({"text": "a", "messages": [{"role": "user", "content": "a"}]}),
    "no message": _json({"messages": []}),
    "a role nobody has": _json({"messages": [{"role": "root", "content": "a"}]}),
    "a message that is no object": _json({"messages": ["a"]}),
    "data that is no base64": _json({"data": "***"}),
    "2001 messages": _json({"messages": [{"role": "user", "content": ""}] * 2001}),
    "nested too deep": {"content": DEEP[:190_000], "headers": JSON},
    "too large": {"content": b'{"text": "' + b"x" * 200_001 + b'"}', "headers": JSON},
    "gzip": {"content": b"\x1f\x8b", "headers": {**JSON, "Content-Encoding": "gzip"}},
    "a length that is no number": {"content": b"x", "headers": {**JSON, "Content-Length": "9x"}},
    "a key of blanks": {**_json({"text": "a"}), "headers": {**JSON, "Idempotency-Key": "a b"}},
    "an endless key": {**_json({"text": "a"}), "headers": {**JSON, "Idempotency-Key": "k" * 201}},
    "a form": {"content": b"text=a", "headers": {"Content-Type": "application/x-www-form-urlencoded"}},
    "another site's page": {**_json({"text": "a"}), "headers": {**JSON, "Origin": "https://evil.example"}},
    "another site's fetch": {**_json({"text": "a"}), "headers": {**JSON, "Sec-Fetch-Site": "cross-site"}},
    "a name that was rebound": {**_json({"text": "a"}), "headers": {**JSON, "Host": "evil.example"}},
    "a wrong key": {**_json({"text": "a"}), "headers": {**JSON, "Authorization": "Bearer llmg_wrong"}},
    "a key of another kind": {**_json({"text": "a"}), "headers": {**JSON, "Authorization": "Basic YTpi"}},
}
OTHERS: list[tuple[str, str, object]] = [
    ("GET", f"/v1/jobs/{NOBODY}", None),
    ("GET", "/v1/jobs/1", None),
    ("GET", "/v1/jobs/%00", None),
    ("GET", "/v1/jobs/..%2f..%2fetc%2fpasswd", None),
    ("GET", "/v1/jobs/' OR 1=1 --", None),
    ("GET", f"/v1/jobs/{NOBODY}/report.json", None),
    ("GET", f"/v1/jobs/{NOBODY}/report.html?rank=-1", None),
    ("GET", f"/v1/jobs/{NOBODY}/events", None),
    ("GET", "/v1/jobs?cursor=AAAA", None),
    ("GET", "/v1/jobs?cursor=%00%ff", None),
    ("GET", "/v1/jobs?cursor=bmFuOmFh", None),
    ("GET", "/v1/jobs?limit=0", None),
    ("GET", "/v1/jobs?limit=99999999999999999999", None),
    ("GET", "/v1/jobs?state=gone", None),
    ("GET", "/v1/jobs?q=%00", None),
    ("GET", "/v1/jobs?batch=x", None),
    ("GET", f"/v1/batches/{NOBODY}", None),
    ("POST", "/v1/batches", {"items": []}),
    ("POST", "/v1/batches", {"items": [{"text": "a"}] * 1001}),
    ("POST", "/v1/batches", {"items": [{"text": "a"}, {"text": 1}]}),
    ("POST", "/v1/batches", {"items": [{"text": "a", "rubric": "nobody-has-it"}]}),
    ("GET", "/v1/rubrics/nobody-has-it", None),
    ("GET", "/v1/rubrics/..%2fsecret", None),
    ("GET", "/v1/rubrics/toy?number=0", None),
    ("GET", "/v1/rubrics/toy?number=7", None),
    ("PUT", "/v1/rubrics/toy", {"text": TOY}),
    ("PUT", "/v1/rubrics/other", {"text": TOY}),
    ("PUT", "/v1/rubrics/other", {"text": "!!python/object/apply:os.system ['true']"}),
    ("PUT", "/v1/rubrics/other", {"text": "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n"}),
    ("PUT", "/v1/rubrics/other", {"text": "[" * 5000}),
    ("PUT", "/v1/rubrics/other", {"text": 1}),
    ("POST", "/v1/rubrics/check", {"id": "../x", "text": ""}),
    ("POST", "/v1/rubrics/preview", {"id": "toy", "text": "", "part": "a", "answer": "x"}),
    ("POST", "/v1/rubrics/preview", {"id": "toy", "text": TOY, "part": "zz", "answer": "x"}),
    ("POST", "/v1/rubrics/preview", {"id": "toy", "text": TOY, "part": "a", "answer": "x" * 20_001}),
    ("GET", "/v1/review/groups/00000000000000000000", None),
    ("GET", "/v1/review/groups/zz", None),
    ("POST", "/v1/review/groups/00000000000000000000/decision", {"verdict": "correct", "why": "x"}),
    (
        "POST",
        "/v1/review/groups/00000000000000000000/proposal",
        {"verdict": "correct", "become": "test", "answer": "x"},
    ),
    ("POST", f"/v1/jobs/{NOBODY}/disputes", {"rubric": "toy", "part": "a", "why": "x"}),
    ("DELETE", "/v1/rubrics/toy", None),
    ("TRACE", "/v1/jobs", None),
    ("GET", "/static/..%2f..%2fapp.py", None),
    ("GET", "/static/views.py", None),
    ("GET", "/review/zz", None),
    ("GET", f"/jobs/{NOBODY}", None),
    ("GET", "/rubrics/%00", None),
]


@pytest.mark.parametrize("what", SCORE)
def test_what_is_no_chat_is_refused_in_words_that_name_the_field(same_service: Service, what: str) -> None:
    service = same_service
    answer = service.http.post("/v1/score?wait=0", **SCORE[what])
    assert 400 <= answer.status_code < 500, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == answer.status_code
    assert service.http.get("/v1/jobs").json()["items"] == []


@pytest.mark.parametrize(("method", "path", "body"), OTHERS, ids=[f"{m} {p}"[:60] for m, p, _ in OTHERS])
def test_what_is_not_there_or_not_sound_is_refused(same_service: Service, method: str, path: str, body: object) -> None:
    service = same_service
    answer = service.http.request(method, path, json=body) if body is not None else service.http.request(method, path)
    assert 400 <= answer.status_code < 500, answer.text


def test_someone_elses_things_are_not_there(service: Service) -> None:
    mine, other = service.key("submit"), service.key("submit", "author")
    job = service.submit("User: mine, twice the number x\n\nAssistant: $y = 2x$", mine)
    batch = service.http.post("/v1/batches", json={"items": [{"text": "mine"}]}, headers=mine).json()
    service.work()
    for path in (
        f"/v1/jobs/{job['id']}",
        f"/v1/jobs/{job['id']}/report.json",
        f"/v1/jobs/{job['id']}/report.html",
        f"/v1/jobs/{job['id']}/events",
        f"/jobs/{job['id']}",
        f"/jobs/{job['id']}/fragment",
        f"/v1/batches/{batch['id']}",
        f"/batches/{batch['id']}",
    ):
        mine_ = {"Cookie": f"llmgrade_key={mine['Authorization'].split()[1]}"}
        other_ = {"Cookie": f"llmgrade_key={other['Authorization'].split()[1]}"}
        assert service.http.get(path, headers=mine_).status_code == 200, path
        assert service.http.get(path, headers=other_).status_code == 404, path
    assert service.http.get("/v1/jobs?q=mine", headers=other).json()["items"] == []
    asked = {"rubric": "toy", "part": "a", "why": "x"}
    assert service.http.post(f"/v1/jobs/{job['id']}/disputes", json=asked, headers=other).status_code == 404
    assert (
        service.http.post("/v1/score/file?wait=0", content=b"x", headers={**other, "Idempotency-Key": "k"}).status_code
        == 202
    )
    again = service.http.post("/v1/score/file?wait=0", content=b"x", headers={**mine, "Idempotency-Key": "k"})
    assert again.status_code == 202
    assert service.http.get(f"/v1/jobs/{again.json()['id']}", headers=other).status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "body", "scope"),
    [
        ("POST", "/v1/score?wait=0", {"text": "a"}, "review"),
        ("GET", "/v1/review/groups", None, "submit"),
        ("PUT", "/v1/rubrics/toy", {"text": TOY}, "review"),
        ("GET", "/v1/admin/overview", None, "review"),
        ("GET", "/metrics", None, "submit"),
    ],
)
def test_a_key_may_do_what_its_scopes_say(service: Service, method: str, path: str, body: object, scope: str) -> None:
    assert service.http.request(method, path, json=body, headers=service.key(scope)).status_code == 403


def test_a_quota_holds_and_says_when_to_come_back(service: Service) -> None:
    who = service.key("submit", quota=2)
    assert [service.http.post("/v1/score?wait=0", json={"text": "a"}, headers=who).status_code for _ in range(2)] == [
        202
    ] * 2
    refused = service.http.post("/v1/batches", json={"items": [{"text": "a"}]}, headers=who)
    assert refused.status_code == 429
    assert 0 < int(refused.headers["retry-after"]) <= 3601


@pytest.mark.parametrize("name", ["chat.zip", "x.json", "chat.pdf"])
def test_a_bomb_costs_its_own_job_and_nothing_else(service: Service, name: str) -> None:
    data = _bomb("json") if name != "chat.pdf" else b"%PDF-1.7\n" + b"\xff" * 1000
    job = service.submit(data, name=name)
    service.work()
    view = service.http.get(job["links"]["self"]).json()
    assert view["state"] == "failed", view
    assert view["reason"]


def test_markup_in_every_field_stays_text(service: Service) -> None:
    chat = f"User: twice the number {MARKUP}\n\nAssistant: {MARKUP} $y = 5x$ {MARKUP}"
    job = service.submit(chat, name=MARKUP)
    service.http.post("/v1/batches", json={"name": MARKUP, "items": [{"text": chat, "name": MARKUP}]})
    service.work()
    group = service.http.get("/v1/review/groups").json()["items"][0]
    service.http.post(f"/v1/jobs/{job['id']}/disputes", json={"rubric": "toy", "part": "a", "why": MARKUP})
    pages = [
        "/",
        "/jobs",
        "/jobs?q=" + MARKUP.replace("#", ""),
        job["links"]["page"],
        f"/v1/jobs/{job['id']}/report.html",
    ]
    pages += ["/batches", "/review", f"/review/{group['id']}", "/admin", "/rubrics/toy"]
    service.http.post(f"/v1/review/groups/{group['id']}/decision", json={"verdict": "incorrect", "why": MARKUP})
    pages += ["/review", f"/review/{group['id']}", job["links"]["page"]]
    for path in pages:
        answer = service.http.get(path)
        assert answer.status_code == 200, path
        assert "<script>alert" not in answer.text, path
        assert "<img" not in answer.text, path
        assert "unsafe-inline" not in answer.headers["content-security-policy"] or "report.html" in path


def test_the_login_leads_nowhere_else_and_its_cookie_is_kept_close(service: Service) -> None:
    secret = service.key("submit")["Authorization"].split()[1]
    assert service.http.get("/", follow_redirects=False).headers["location"].startswith("/login")
    assert service.http.post("/login", data={"key": "llmg_no"}).status_code == 401
    answer = service.http.post("/login", data={"key": secret, "to": "//evil.example"}, follow_redirects=False)
    assert answer.headers["location"] == "/"
    assert "HttpOnly" in answer.headers["set-cookie"]
    assert "SameSite=strict" in answer.headers["set-cookie"]
    assert service.http.get("/").status_code == 200


def test_a_revoked_key_opens_nothing_even_if_it_was_the_last(service: Service) -> None:
    who = service.key("admin")
    from llmgrade.service import keys
    from llmgrade.service.database import writing

    with writing(service.engine) as connection:
        (only,) = keys.listed(connection)
        keys.revoke(connection, only.id)
    assert service.http.get("/v1/jobs", headers=who).status_code == 401
    assert service.http.get("/v1/jobs").status_code == 401


def test_a_revoked_key_is_taken_for_a_moment_at_most(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    from llmgrade.service import house, keys
    from llmgrade.service.database import writing

    monkeypatch.setattr(house, "RECALLED", 0.3)
    who = service.key("admin")
    assert service.http.get("/v1/jobs", headers=who).status_code == 200
    with writing(service.engine) as connection:
        (only,) = keys.listed(connection)
        keys.revoke(connection, only.id)
    time.sleep(0.35)
    assert service.http.get("/v1/jobs", headers=who).status_code == 401
    unknown = {"Authorization": "Bearer llmg_nobody"}
    assert service.http.get("/v1/jobs", headers=unknown).status_code == 401
