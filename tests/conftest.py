"""What a machine must have for a test, and what happens where it has not.

A test that needs Chromium, PostgreSQL or Ray is skipped on a laptop without it. Where ``LLMGRADE_REQUIRE`` names the
need (as the project's CI does), the skip is a failure: nothing is passed over in silence there.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

collect_ignore_glob = ["making/*", "typeset/make_prints/*"]
"""Scripts that make test files; they need what nobody else does."""
ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
REQUIRED = frozenset(os.environ.get("LLMGRADE_REQUIRE", "").split())


@pytest.fixture(scope="session")
def shared() -> Path:
    """The labelled data beside the checkout; the test is skipped where it is absent."""
    if not SHARED.is_dir():
        pytest.skip("no labelled data beside the checkout")
    return SHARED


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Debian's Chromium, without a window; the test is skipped where there is none."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="no playwright here")
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no Chromium here")
    with sync_api.sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"] if os.geteuid() == 0 else [])
        yield found
        found.close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if SHARED.is_dir():
        return
    for item in items:
        if item.get_closest_marker("shared"):
            item.add_marker(pytest.mark.skip(reason="no labelled data beside the checkout"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    needs = sorted(mark for mark in REQUIRED if item.get_closest_marker(mark))
    if report.skipped and needs and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped where {', '.join(needs)} must be there: {report.longrepr}"
    return report
