"""The HTML report: emphasis shown, nothing of the chat run, every link leads to its words."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cache
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from llmgrade.grading import grade
from llmgrade.reading import read
from llmgrade.report.chat import piece_views
from llmgrade.report.emphasis import emphasis
from llmgrade.report.model import PieceView, Report
from llmgrade.report.renderers.html import render
from llmgrade.rubric.loading import load_all
from llmgrade.source import Source

CHATS = Path(__file__).resolve().parents[1] / "grading" / "own_chats"


@cache
def page(chat: str) -> BeautifulSoup:
    data = (CHATS / chat).read_bytes() if chat.endswith(".md") else chat.encode()
    (transcript,) = read(data, name="chat.md")
    return BeautifulSoup(render(grade(transcript, load_all(()))), "html.parser")


def prose(text: str) -> tuple[PieceView, ...]:
    return (PieceView(kind="prose", text=text, start=0, stop=len(text)),)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("**(a)** so", "<strong>(a)</strong> so"),
        ("the __same__ and *more*", "the <strong>same</strong> and <em>more</em>"),
        ("`w**2` is **w²**", "<code>w**2</code> is <strong>w²</strong>"),
        ("**a *b* c**", "<strong>a <em>b</em> c</strong>"),
        ("2 * 3 * 4 and a*b*c", "2 * 3 * 4 and a*b*c"),
        ("x**2 + y**2", "x**2 + y**2"),
        ("** not ** so", "** not ** so"),
        (r"\*no\*", r"\*no\*"),
        ("snake_case_name and __init__.py", "snake_case_name and <strong>init</strong>.py"),
        ("**one\n\ntwo**", "**one\n\ntwo**"),
        ("<b>**x**</b>", "<b><strong>x</strong></b>"),
    ],
)
def test_emphasis_is_shown_and_its_marks_are_not(text: str, shown: str) -> None:
    starts, stops = defaultdict(str), defaultdict(str)
    hidden = set()
    for one in emphasis(prose(text)):
        if one.style is None:
            hidden.update(range(one.start, one.stop))
        else:
            starts[one.start] += f"<{one.style}>"
            stops[one.stop] = f"</{one.style}>" + stops[one.stop]
    made = [stops[n] + starts[n] + ("" if n in hidden else char) for n, char in enumerate(text)]
    assert "".join(made) + stops[len(text)] == shown


def _report(answer: str) -> Report:
    (transcript,) = read(f"**User:** q\n\n**Assistant:** {answer}".encode(), name="chat.md")
    report = grade(transcript, load_all(()))
    return report.model_copy(update={"chat": tuple(turn for turn in report.chat if turn.role == "assistant")})


@given(st.text(alphabet="ab *_`#\n$(", max_size=60))
def test_only_marks_are_hidden_and_stretches_nest_or_are_apart(text: str) -> None:
    found = emphasis(prose(text))
    hidden = [one for one in found if one.style is None]
    assert all(set(text[one.start : one.stop]) <= set("*_`") for one in hidden)
    styled = [one for one in found if one.style is not None]
    for one in styled:
        assert text[one.start : one.stop].strip()
    for one in styled:
        for mark in hidden:
            assert mark.stop <= one.start or mark.start >= one.stop or (one.start <= mark.start and mark.stop <= one.stop)  # fmt: skip


def test_bold_runs_over_a_formula_and_stops_at_a_paragraph() -> None:
    text = "**The minimiser $w$ is unique.** But **this\n\nis not** bold."
    from llmgrade.reading.markup import pieces

    found = emphasis(piece_views(pieces(text, 0), Source("chat", text)))
    assert [text[one.start : one.stop] for one in found if one.style] == ["The minimiser $w$ is unique."]


@pytest.mark.parametrize("chat", sorted(path.name for path in CHATS.glob("*.md") if path.name != "README.md"))
def test_ids_are_unique_and_every_link_leads_somewhere(chat: str) -> None:
    found = page(chat)
    ids = [node["id"] for node in found.select("[id]")]
    assert len(ids) == len(set(ids))
    assert {node["href"][1:] for node in found.select('a[href^="#"]')} <= set(ids)
    assert not found.select("[src], link[href], img, iframe, object")
    assert found.find("math") is not None
    assert "**" not in found.select_one("aside.chat").get_text()


def test_the_top_says_the_score_the_tally_and_what_prompting_mended() -> None:
    top = page("derivatives.md").select_one("header.top").get_text(" ", strip=True)
    assert re.search(r"6 / 6 final 5 / 6 at first", top)
    assert "5 correct; 1 put right by reprompting" in top
    row = page("derivatives.md").select_one("#vector-calculus-d summary").get_text(" ", strip=True)
    assert "symmetric-only" in row
    assert "put right at attempt 2" in row


def test_lines_of_one_formula_each_stay_apart() -> None:
    words = page("elbow.md").select_one("#turn-1 .words")
    for node in words.find_all("br"):
        node.replace_with("\n")
    starts = [line.split()[0] for line in words.get_text().split("\n") if line.strip()]
    assert starts == ["(a)", "(i)", "(ii)", "(iii)", "(iv)", "(b)", "(i)", "(iii)", "(iv)"]


def test_nothing_of_a_chat_runs_or_is_loaded() -> None:
    hostile = '**<script>alert(1)</script>** <img src=x onerror=alert(1)> `<svg onload=1>` $\\href{javascript:alert(1)}{x}$ "onmouseover="x'
    found = BeautifulSoup(render(_report(hostile)), "html.parser")
    assert len(found.find_all("script")) == 1
    assert not found.select("img, svg, [onerror], [onload], [onmouseover]")
    assert "javascript:" not in "".join(str(node.get("href", "")) for node in found.find_all(True))
    assert "alert(1)</script>" in found.get_text()
