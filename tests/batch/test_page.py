"""The report page in a real browser: no script errors, from a cell down to the chat, whole on a wide and a narrow screen."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from llmgrade.batch.journal import Journal
from llmgrade.batch.model import Settings
from llmgrade.batch.page import render
from llmgrade.batch.run import run
from llmgrade.batch.summary import summarise
from llmgrade.rubric.loading import load_all

sys.path.insert(0, str(Path(__file__).parent))
from answers import RIGHT, WRONG, write

pytestmark = pytest.mark.browser
TASK = r"Ridge regression: a) What is the closed form of the minimiser $\hat w$ of $\|y-Xw\|^2+\lambda\|w\|^2$ with penalty $\lambda$?"
KEY = ("ridge-regression", "a")
CODE = "<script>document.title = 'owned'</script>"


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two models; one of them is put right in a chat whose text is code-shaped."""
    place = tmp_path_factory.mktemp("page")
    table: list[dict[str, object]] = [
        {"id": f"{model}-{n}", "problem": key[0], "part": key[1], "model": model, "sample": 0, "answer": texts[key]}
        for model, texts in (("large", RIGHT), ("small", WRONG))
        for n, key in enumerate(RIGHT)
    ]
    said = [
        ("user", TASK),
        ("assistant", f"a) {WRONG[KEY]} {CODE}"),
        ("user", "That is wrong. Try a) again."),
        ("assistant", f"a) {RIGHT[KEY]}"),
    ]
    messages = [{"role": role, "content": content} for role, content in said]
    table.append({"id": "put-right", "problem": KEY[0], "model": "small", "sample": 1, "messages": messages})
    table.append({"id": "nobody", "problem": "no-such", "part": "a", "model": "small", "answer": "x"})
    path = write(place / "answers.jsonl", table)
    run([str(path)], place / "out", load_all(()), Settings(workers=1, seed="page"))
    journal = Journal(place / "out")
    page = place / "page.html"
    page.write_text(render(journal, summarise(journal)), encoding="utf-8")
    return page


@pytest.fixture(params=[1280, 390], ids=["wide", "narrow"])
def page(request: pytest.FixtureRequest, browser: Any, file: Path) -> Iterator[Any]:
    """The page, offline; whatever it complains of fails the test."""
    context = browser.new_context(viewport={"width": request.param, "height": 850}, offline=True)
    context.set_default_timeout(90_000)
    made = context.new_page()
    faults: list[str] = []
    made.on("console", lambda said: faults.append(said.text) if said.type in {"error", "warning"} else None)
    made.on("pageerror", lambda error: faults.append(str(error)))
    made.on("request", lambda asked: faults.append(asked.url) if not asked.url.startswith("file:") else None)
    made.goto(file.as_uri())
    yield made
    context.close()
    assert faults == []


def test_from_a_cell_down_to_the_chat(page: Any) -> None:
    page.locator(".heat tbody tr", has_text="small").locator("a").first.click()
    cell = page.locator("details[id^='cell-']:target")
    assert cell.evaluate("element => element.open")
    assert "incorrect" in cell.inner_text()
    cell.locator("a", has_text="the chat").click()
    chat = page.locator("details[id^='chat-']:target")
    assert chat.evaluate("element => element.open")
    assert CODE in chat.inner_text()
    assert "put-right" in chat.inner_text()
    assert page.title() == "Batch results"


def test_nothing_is_cut_off_and_everything_can_be_read(page: Any) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    smallest = page.evaluate(
        "Math.min(...[...document.querySelectorAll('svg text')].filter(t => t.checkVisibility()).map(t => t.getBoundingClientRect().height))"
    )
    assert smallest >= 9
    outside = page.evaluate(
        "[...document.querySelectorAll('section *')].filter(e => !e.closest('.wide') && e.getBoundingClientRect().right > innerWidth + 1).length"
    )
    assert outside == 0


def test_every_section_tells_something(page: Any) -> None:
    board = page.locator("#leaderboard tbody").inner_text()
    assert board.index("large") < board.index("small")
    assert page.locator("#leaderboard svg:visible .whisker").count() == 2
    assert page.locator("#reprompting svg:visible .gain").count() == 2
    assert page.locator("#pitfalls svg:visible rect").count() > 0
    assert page.locator("#groups tbody tr").count() > 5
    assert "no rubric is called" in page.locator("#ungraded").inner_text()
    assert page.locator("math").count() > 0


def test_every_model_has_a_cell_under_every_head(page: Any) -> None:
    heads = page.locator("#leaderboard thead th").count()
    for row in page.locator("#leaderboard tbody tr").all():
        assert row.locator("th, td").count() == heads


def test_a_wrong_group_says_why(page: Any) -> None:
    row = page.locator("#groups tbody tr", has_text="svd-least-squares:a").filter(has_text="incorrect")
    assert "normal-equations-swapped" in row.inner_text()
    assert row.locator(".meta").inner_text()
