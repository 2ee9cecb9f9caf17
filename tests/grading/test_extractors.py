"""Text of the same prints by other extractors: what they lost is undecided, never wrong and never right by accident."""

from __future__ import annotations

import shutil
from collections import Counter

import pytest
from tests.grading.test_own_chats import CHATS, NAMES, Outcome, compared, from_markdown, verdicts, wrongly_right
from tests.making.text_of_prints import pages

pytest.importorskip("pdfplumber")

AGREE = {"pdfplumber": 40, "pdftotext": 32, "pdftotext-layout": 25, "pdfminer": 5, "pypdfium2": 4, "pypdf": 9}
"""How many of the 56 verdicts are those of the chat's Markdown, at least; a wrong `incorrect` is in none of the others."""
NEEDS = {"pypdf": "pypdf", "pypdfium2": "pypdfium2"}


@pytest.mark.parametrize("extractor", AGREE)
def test_an_extractors_text_agrees_or_says_what_it_lost(extractor: str) -> None:
    if extractor in NEEDS:
        pytest.importorskip(NEEDS[extractor])
    if extractor.startswith("pdftotext") and shutil.which("pdftotext") is None:
        pytest.skip("poppler is not installed")
    total: Outcome = Counter()
    wrong: set[tuple[str, str]] = set()
    condemned = []
    for name in NAMES:
        text = "\f".join(pages(CHATS / f"{name}.pdf", extractor)).replace("\r\n", "\n")
        found = verdicts(text.encode())
        outcome, others = compared(from_markdown(name), found)
        total += outcome
        wrong |= wrongly_right(name, found)
        condemned += [f"{name}: {one}" for one in others if one.endswith("correct, here incorrect")]
    print(extractor, dict(total), *condemned, sep="\n  ")
    assert not wrong
    assert not condemned
    assert total["same"] >= AGREE[extractor]
