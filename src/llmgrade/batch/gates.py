"""Results for a CI system: JUnit XML, GitHub annotations, and the gates that fail a job."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any
from xml.etree import ElementTree

__all__ = ["github", "junit"]

SHOWN = 10
"""GitHub shows this many annotations of a kind for a step; the worst come first, and the rest are counted."""


def junit(rows: Iterable[tuple[str, dict[str, Any]]]) -> bytes:
    """A test suite a transcript, a test case a part; the failure says what was wrong and how that is known."""
    root = ElementTree.Element("testsuites", name="llmgrade")
    suites: dict[str, ElementTree.Element] = {}
    reasons: dict[tuple[str, str, str], str] = {}
    parts: list[dict[str, Any]] = []
    for table, row in rows:
        if table == "transcripts":
            suites[row["id"]] = suite = ElementTree.SubElement(root, "testsuite", name=row["id"])
            if row["status"] not in {"graded", "nothing-to-grade"}:
                case = ElementTree.SubElement(suite, "testcase", classname=row["id"], name="graded")
                ElementTree.SubElement(case, "error", message=_clean(f"{row['status']}: {row['reason']}"))
        elif table == "claims" and row["decisive"] and row["verdict"] not in {"correct"}:
            reasons[row["id"], row["problem"], row["part"]] = f"{row['text']}\n{row['detail']}"
        elif table == "parts":
            parts.append(row)
    for row in parts:
        case = ElementTree.SubElement(
            suites[row["id"]], "testcase", classname=f"{row['id']}.{row['problem']}", name=row["part"]
        )
        why = _clean(reasons.get((row["id"], row["problem"], row["part"]), ""))
        if row["final"] in {"incorrect", "partial", "unanswered"}:
            failure = ElementTree.SubElement(case, "failure", message=_clean(_told(row)), type=row["final"])
            failure.text = why
        elif row["final"] == "undecided":
            ElementTree.SubElement(case, "skipped", message=why or "undecided")
    for suite in suites.values():
        cases = suite.findall("testcase")
        suite.set("tests", str(len(cases)))
        suite.set("failures", str(sum(case.find("failure") is not None for case in cases)))
        suite.set("errors", str(sum(case.find("error") is not None for case in cases)))
        suite.set("skipped", str(sum(case.find("skipped") is not None for case in cases)))
    ElementTree.indent(root)
    found: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return found


def github(rows: Iterable[tuple[str, dict[str, Any]]]) -> Iterator[str]:
    """``::error`` and ``::warning`` lines: wrong parts, then what could not be graded or decided."""
    wrong: list[tuple[float, str]] = []
    open_: list[str] = []
    at: dict[str, str] = {}
    for table, row in rows:
        if table == "transcripts":
            at[row["id"]] = f"{_place(row['source'])}title={_data(row['id'])}"
        if table == "parts" and row["final"] in {"incorrect", "partial"}:
            wrong.append((row["final_credit"], f"::error {at[row['id']]}::{_message(_told(row))}"))
        elif table == "parts" and row["final"] == "undecided":
            open_.append(f"::warning {at[row['id']]}::{_message(_told(row))}")
        elif table == "transcripts" and row["status"] not in {"graded", "nothing-to-grade"}:
            open_.append(f"::warning {at[row['id']]}::{_message(row['status'] + ': ' + row['reason'])}")
    yield from (line for _, line in sorted(wrong, key=lambda pair: pair[0])[:SHOWN])
    yield from open_[:SHOWN]
    left = max(0, len(wrong) - SHOWN) + max(0, len(open_) - SHOWN)
    if left:
        yield f"::notice::{left} more; see the results"


def _place(source: str) -> str:
    """The file, and the line of a table's row, where the runner is to show it."""
    file, _, line = source.rpartition(":")
    if file and line.isdecimal():
        return f"file={_data(file)},line={line},"
    return f"file={_data(source.partition('#')[0])}," if source else ""


def _told(row: dict[str, Any]) -> str:
    pitfalls = f" ({', '.join(row['pitfalls'])})" if row["pitfalls"] else ""
    return f"{row['problem']}:{row['part']} is {row['final']}{pitfalls}"


def _clean(text: str) -> str:
    """XML 1.0 has no place for control characters."""
    return "".join(char for char in text if char in "\t\n" or (ord(char) >= 32 and not 0xD800 <= ord(char) < 0xE000))


def _message(text: str) -> str:
    """Escaped as the runner wants what it shows."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _data(text: str) -> str:
    """Escaped as the runner wants a property."""
    return _message(text).replace(":", "%3A").replace(",", "%2C")
