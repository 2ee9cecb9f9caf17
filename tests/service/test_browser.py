"""The pages, end to end in Chromium: with the mouse, with the keyboard alone, on a phone, and read by axe."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from .conftest import KINDS, RIDGE, ROOT, TOY

axe_module = pytest.importorskip("axe_playwright_python.sync_playwright", reason="no axe here")
pytestmark = pytest.mark.browser
SECONDS = 240_000
"""Most that a page may take on a slow machine (milliseconds)."""


@pytest.fixture(scope="module", params=KINDS)
def served(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """`llmgrade serve` as a user starts it."""
    folder = tmp_path_factory.mktemp("serve")
    rubrics = folder / "rubrics"
    rubrics.mkdir()
    (rubrics / "toy.yaml").write_text(TOY, encoding="utf-8")
    for name in ("ridge-regression", "relu-elbow", "vector-calculus"):
        shutil.copy(ROOT / "rubrics" / f"{name}.yaml", rubrics)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    databases = request.getfixturevalue("sqlites" if request.param == "sqlite" else "postgreses")
    command = [sys.executable, "-m", "llmgrade", "serve", "--port", str(port), "--rubrics", str(rubrics)]
    command += ["--database", databases.make(filled=False)]
    process = subprocess.Popen(command, cwd=folder, stderr=(folder / "log").open("w"))
    base = f"http://127.0.0.1:{port}"
    for _ in range(300):
        try:
            if httpx.get(f"{base}/ready").status_code == 200:
                break
        except httpx.TransportError:
            time.sleep(0.2)
    yield base
    process.send_signal(signal.SIGTERM)
    process.wait(30)


@pytest.fixture
def page(browser: Any, served: str) -> Iterator[Any]:
    context = browser.new_context(base_url=served, viewport={"width": 1280, "height": 900})
    context.set_default_timeout(SECONDS)
    made = context.new_page()
    faults: list[str] = []
    made.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    made.on("pageerror", lambda error: faults.append(str(error)))
    yield made
    context.close()
    # The report's formulas may carry a style; that the policy refuses it is meant.
    assert [fault for fault in faults if "inline style" not in fault] == []


def _submit(page: Any, text: str) -> None:
    page.goto("/")
    page.fill("#chat", text)
    page.click("text=Grade it")
    page.wait_for_selector("#state .done")


def _until_done(page: Any, count: int) -> None:
    for _ in range(300):
        if page.locator(".state.done").count() >= count:
            return
        time.sleep(0.3)
        page.reload()
    raise AssertionError("never done")


def test_a_pasted_chat_becomes_a_report_with_the_chat_beside_its_claims(page: Any) -> None:
    _submit(page, RIDGE.decode())
    assert page.locator(".score .of").first.inner_text() == "/ 4"
    page.locator("#ridge-regression-a summary").click()
    page.locator("#ridge-regression-a .claim a.where").first.click()
    assert page.locator(".mark:target").count() == 1
    assert page.locator(".chat .turn").count() == 4


def test_a_group_is_settled_its_rubric_published_and_the_chats_graded_again(page: Any) -> None:
    _submit(page, "User: what is twice the number x? (a)\n\nAssistant: (a) $y = 7x$")
    page.goto("/review")
    page.locator("a.whole", has_text="7").first.click()
    page.check("input[value=incorrect]")
    page.fill("#why", "seven is not two")
    page.check("input[value=pitfall]")
    page.fill("#pitfall", "seven-times")
    page.fill("#say", "Why seven?")
    page.click("#show")
    page.wait_for_selector("#proposal .diff .add")
    assert "seven-times" in page.inner_text("#proposal .diff")
    assert "(seven-times)" in page.inner_text("#proposal ul")
    page.click("#settle")
    page.wait_for_selector("#settled")
    assert "Version 2 of toy" in page.inner_text("#settled")
    page.goto("/jobs?q=twice")
    _until_done(page, 2)
    newest = httpx.get(page.url.split("/jobs")[0] + "/v1/jobs?q=twice").json()["items"][0]
    page.goto(newest["links"]["page"])
    page.locator("#toy-a summary").click()
    assert page.locator("#toy-a .pitfall").first.inner_text() == "seven-times"


def test_the_keyboard_alone_submits_reads_and_settles(page: Any) -> None:
    page.goto("/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "chat":
            break
    page.keyboard.type("User: double the number x (a)\n\nAssistant: (a) $y = 9x$")
    for _ in range(2):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector("#state .done")
    page.goto("/review")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_selector("#decide")
    page.locator("input[name=verdict]").first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Tab")
    page.keyboard.type("no double")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector("#settled")


def _tab_to(page: Any, selector: str) -> None:
    """As somebody without a mouse gets there."""
    for _ in range(400):
        if page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the keyboard does not reach {selector}")


def test_a_printed_chat_goes_all_the_way_by_keyboard(page: Any) -> None:
    """The shipped printout: handed in, watched, read, a group of it settled, the rubric published, the chat graded again.

    One of its answers is changed to one that no pitfall names, so that somebody has to look at it.
    """
    chat = (ROOT / "transcripts" / "two_problems.txt").read_text(encoding="utf-8").replace("ϕ(x) −y", "ϕ(x) −3y", 1)
    page.goto("/")
    _tab_to(page, "#chat")
    page.keyboard.insert_text(chat)
    _tab_to(page, "button.primary")
    with page.expect_response(lambda answer: "/v1/score/file" in answer.url) as sent:
        page.keyboard.press("Enter")
    assert sent.value.status == 202
    page.wait_for_selector("#events li:has-text('reading and grading')")
    page.wait_for_selector("#state .done")
    job = page.url
    assert page.locator(".score .of").first.inner_text() == "/ 17"
    api = f"{job.split('/jobs')[0]}/v1/review/groups"
    open_groups = httpx.get(api).json()["items"]
    chosen = next(one for one in open_groups if one["verdict"] == "incorrect" and one["part"] == "a.ii")
    chosen = httpx.get(f"{api}/{chosen['id']}").json()
    place = f"#{chosen['rubric']}-{chosen['part']}".replace(".", "\\.")
    _tab_to(page, f"{place} summary")
    page.keyboard.press("Enter")
    page.locator(f"{place} .claim .chip.incorrect").first.wait_for()
    page.goto("/review")
    _tab_to(page, f"a[href='/review/{chosen['id']}']")
    page.keyboard.press("Enter")
    page.wait_for_selector("#decide")
    _tab_to(page, "input[name=verdict]")
    page.keyboard.press("ArrowLeft")  # round to the last one: incorrect
    _tab_to(page, "#why")
    page.keyboard.type("that is not what was asked")
    _tab_to(page, "input[name=become]")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert page.input_value("#answer") == chosen["suggested"] != chosen["reading"]
    _tab_to(page, "#pitfall")
    page.keyboard.type("something-else-instead")
    _tab_to(page, "#say")
    page.keyboard.type("Look at the question once more, please.")
    _tab_to(page, "#show")
    page.keyboard.press("Enter")
    page.wait_for_selector("#proposal .diff .add")
    assert "(something-else-instead)" in page.inner_text("#proposal ul")
    _tab_to(page, "#settle")
    page.keyboard.press("Enter")
    page.wait_for_selector("#settled")
    assert f"Version 2 of {chosen['rubric']} is published; 1 chat is graded again." in page.inner_text("#settled")
    page.goto("/jobs?q=at+the+question+once+more")
    _until_done(page, 1)
    _tab_to(page, "td.main a")
    page.keyboard.press("Enter")
    page.wait_for_selector(place)
    assert page.url != job
    _tab_to(page, f"{place} summary")
    page.keyboard.press("Enter")
    assert "something-else-instead" in page.locator(f"{place} .pitfall").all_inner_texts()
    assert "that is not what was asked" in page.inner_text(place)


def test_the_editor_checks_and_tries_as_one_types_and_publishes(page: Any) -> None:
    page.goto("/rubrics/toy")
    page.locator("#part option").first.wait_for(state="attached")
    page.fill("#answer", "$y = x + x$")
    page.wait_for_selector("#preview .chip.correct")
    text = page.input_value("#text")
    page.fill("#text", text.replace("answer:", "anwser:"))
    page.wait_for_selector("#checks .finding")
    page.fill("#text", text.replace("Twice a number", "Two times a number"))
    page.wait_for_selector("#preview .chip.correct")
    page.wait_for_selector("#checks .finding", state="detached")
    page.fill("#why", "said otherwise")
    page.click("text=Publish this version")
    page.locator("#publish .said", has_text="is published").wait_for()


def test_files_make_a_batch(page: Any, tmp_path: Path) -> None:
    for number in range(2):
        (tmp_path / f"c{number}.txt").write_text(f"User: twice the number (a)\n\nAssistant: (a) $y = {number + 1}x$")
    page.goto("/batches")
    page.set_input_files("#files", [str(tmp_path / "c0.txt"), str(tmp_path / "c1.txt")])
    page.click("text=Grade them")
    page.wait_for_selector("h1:has-text('batch')")
    page.locator(".state.done").nth(1).wait_for()  # the page looks again by itself


PAGES = ["/", "/jobs", "/batches", "/review", "/rubrics", "/rubrics/toy", "/admin", "/login", "job", "group"]


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_axe_finds_nothing_serious_and_nothing_is_cut_off(browser: Any, served: str, width: int, scheme: str) -> None:
    httpx.post(f"{served}/v1/score?wait=0", json={"answer": "11 x", "rubric": "toy", "part": "a"})
    done: list[dict[str, Any]] = []
    for _ in range(300):
        done = httpx.get(f"{served}/v1/jobs?state=done").json()["items"]
        queue = httpx.get(f"{served}/v1/admin/overview").json()["queue"]
        if httpx.get(f"{served}/v1/review/groups").json()["items"] and done and not queue["waiting"] + queue["running"]:
            break
        time.sleep(0.2)
    best = next((job for job in done if job["score"] and job["score"]["max"] == 4), done[0])  # a short one: axe is slow
    group = httpx.get(f"{served}/v1/review/groups").json()["items"][0]
    paths = {"job": best["links"]["page"], "group": f"/review/{group['id']}"}
    context = browser.new_context(base_url=served, viewport={"width": width, "height": 844}, color_scheme=scheme)
    context.set_default_timeout(SECONDS)
    page, axe = context.new_page(), axe_module.Axe()
    found = {}
    for name in PAGES:
        page.goto(paths.get(name, name))
        if name == "job":
            page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        violations = axe.run(page).response["violations"]
        serious = [(v["id"], v["nodes"][0]["html"][:120]) for v in violations if v["impact"] in {"serious", "critical"}]
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        if serious or wide > 0:
            found[name] = (serious, wide)
    context.close()
    assert found == {}
