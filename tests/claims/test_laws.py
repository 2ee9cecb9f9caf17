"""Laws that hold for every chat: places, order, speed, and the labelled data's own measure."""

from __future__ import annotations

import string
import time
from pathlib import Path

import pytest
import yaml
from claim_chats import chat
from hypothesis import given, settings
from hypothesis import strategies as st

from llmgrade.claims import asked, find_statements
from llmgrade.claims.summary import as_json, as_text, summarise
from llmgrade.reading import read

_WORDS = st.sampled_from(
    [
        "(a)",
        "(ii)",
        "**(b)**",
        "## Part (c)\n",
        "the elbow",
        "slope",
        "moves left",
        "right",
        "unchanged",
        "if",
        "otherwise",
        "$w>bx$",
        "$x=1$",
        "$$y=2$$",
        "\n",
        "\n\n",
        ":",
        ",",
        ". ",
        "not",
        "Wait,",
        "→",
        "- ",
        "| a | b |\n",
        "w=1, b=2",
        "🟢 Answer:",
        "Case 1:",
        "and",
        "As in (ii),",
        "$\\boxed{z}$",
        "$\\text{elbow shifts left}$",
        "Problem 2",
        "1. ",
        "(",
        ")",
        "*",
        "for",
        "depending on",
        "\u2029",
        "\ufffc",
    ]
)
_CHATS = st.lists(_WORDS | st.text(string.printable, max_size=6), max_size=40).map(" ".join)


_MANNERS = {
    "expression": {"formula"},
    "equation": {"formula", "example"},
    "condition": {"formula", "fact", "direction"},
    "limit": {"formula", "fact"},
    "direction": {"direction", "formula"},
    "prose": {"fact", "direction"},
    "shape": {"formula", "fact"},
}


@pytest.mark.shared
def test_nearly_all_labelled_claims_have_a_statement_of_their_manner(shared: Path) -> None:
    """The formulas' readings are not judged here, only that something is found where the claim stands, and under its label."""
    gold = yaml.safe_load((shared / "seed" / "gold.yaml").read_text(encoding="utf-8"))
    (transcript,) = read(shared / "seed" / "transcript.txt")
    source = transcript.source
    found = [
        (s, source.line_of(s.span.start), source.line_of(max(s.span.start, s.span.stop - 1)))
        for s in find_statements(transcript)
    ]
    claims = hits = labelled = 0
    for part, entry in gold["parts"].items():
        path = tuple(part.split(".")[1:])
        for attempt in entry["attempts"]:
            for claim in attempt["claims"]:
                if claim["kind"] not in _MANNERS or "shown)" in claim["latex"]:
                    continue
                claims += 1
                first, last = claim["lines"]
                near = [s for s, a, b in found if s.turn == attempt["turn"] and a <= last and b >= first]
                fit = [s for s in near if s.manner.value in _MANNERS[claim["kind"]]]
                hits += bool(fit)
                labelled += any(s.label.path and path[-len(s.label.path) :] == s.label.path for s in fit)
    assert claims > 150
    assert hits / claims >= 0.9
    # Labels also depend on where the reader puts torn-out formulas back, and on its time.
    assert labelled / claims >= 0.6


@settings(max_examples=200, deadline=None)
@given(_CHATS)
def test_a_statement_quotes_the_very_words_at_its_span(text: str) -> None:
    transcript = chat(text)
    for statement in find_statements(transcript):
        assert statement.text == transcript.source[statement.span]
        assert statement.label.span is None or transcript.source[statement.label.span]


@settings(max_examples=100, deadline=None)
@given(_CHATS)
def test_statements_are_ranked_in_order_and_found_the_same_twice(text: str) -> None:
    transcript = chat(text)
    found = find_statements(transcript)
    for turn in {s.turn for s in found}:
        assert [s.order for s in found if s.turn == turn] == list(range(sum(s.turn == turn for s in found)))
    assert found == find_statements(transcript)


@settings(max_examples=60, deadline=None)
@given(_CHATS)
def test_the_summary_names_every_claim_once(text: str) -> None:
    transcript = chat("User:\n" + text + "\n\nAssistant:\n" + text)
    found = find_statements(transcript)
    summaries = summarise(found, asked(transcript))
    assert sum(len(part.statements) for summary in summaries for part in summary.parts) == len(found)
    assert isinstance(as_text(summaries, transcript.source, facts=True), str)
    assert len(as_json(summaries, transcript.source)) == len(summaries)


def test_long_chats_take_time_in_proportion() -> None:
    """A quadratic pattern would take minutes here."""
    part = "(a) The slope decreases and the elbow moves right if $w>bx$; otherwise $x=1$, so that $y = 2$ holds.\n\n"
    start = time.process_time()
    find_statements(chat(part * 500))
    assert time.process_time() - start < 20


@pytest.mark.parametrize(
    "text",
    ["(" * 20000, "a) " * 8000, "if " * 8000, "$x=1$, " * 1000, "→" * 20000, "* " * 10000, "word " * 10000 + ":"],
)
def test_hostile_text_is_read_in_seconds(text: str) -> None:
    start = time.process_time()
    find_statements(chat(text))
    assert time.process_time() - start < 10
