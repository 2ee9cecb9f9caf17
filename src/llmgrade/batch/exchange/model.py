"""What is written back: a score for each conversation, by the id its own tool gave it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from llmgrade.batch.journal import write_whole
from llmgrade.batch.model import Outcome
from llmgrade.errors import UnreadableInput

__all__ = ["NAME", "Scored", "Writer", "head", "scored", "write_lines"]

NAME = "llmgrade"
"""Under which name scores stand in other tools' files."""
ZIP = b"PK"


@dataclass(frozen=True, slots=True)
class Scored:
    """One conversation's scores, as shares of its points (0 to 1); None where it could not be graded."""

    name: str
    first: float | None
    final: float | None
    undecided: float = 0.0
    """Share of the points that is open: the truth lies in [final, final + undecided]."""
    verdicts: dict[str, str] = field(default_factory=dict)
    """Final verdict by ``rubric:part``."""
    pitfalls: tuple[str, ...] = ()
    answer: str = ""
    """The words the last verdicts rest on."""
    explanation: str = ""
    checker: str = ""

    @property
    def metadata(self) -> dict[str, Any]:
        """What stands beside the score."""
        return {
            "undecided": self.undecided,
            "verdicts": self.verdicts,
            "pitfalls": list(self.pitfalls),
            "checker": self.checker,
        }

    def told(self) -> dict[str, Any]:
        """The score as one object of JSON."""
        return {"first": self.first, "final": self.final, **self.metadata, "explanation": self.explanation}


class Writer(Protocol):
    """One format of another tool."""

    def knows(self, first: Any) -> bool:
        """Whether a file whose first record (or, of an archive, list of members) is this is the tool's."""
        ...  # pragma: no cover

    def write(self, file: Path, scores: dict[str, Scored], out: Path) -> int:
        """Write the file with the scores in it, whole or not at all; returns how many scores found their place."""
        ...  # pragma: no cover


def head(file: Path) -> Any:
    """The members of an archive, the object of a JSON file, or the first object of a JSONL file; None for anything else."""
    with file.open("rb") as opened:
        if opened.read(2) == ZIP:
            import zipfile

            try:
                return zipfile.ZipFile(file).namelist()
            except zipfile.BadZipFile as error:
                raise UnreadableInput(str(file), f"the zip file is damaged ({error})") from None
        opened.seek(0)
        first = next((line for line in opened if line.strip()), b"")
    try:
        return json.loads(first)
    except ValueError:
        pass
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (ValueError, UnicodeDecodeError):
        return None


def scored(outcomes: Iterable[Outcome], file: Path) -> dict[str, Scored]:
    """Scores of the conversations of one file, by their ids; those that could not be graded have none."""
    everything = list(outcomes)
    own = [o for o in everything if Path(o.source.rpartition("#")[0] or o.source).name == file.name] or everything
    found = {}
    for outcome in own:
        report = json.loads(outcome.report) if outcome.report else None
        name = str((report or {}).get("transcript", {}).get("id") or outcome.id)
        found[name] = _scored(name, report) if report else Scored(name, None, None, explanation=outcome.reason)
    return found


def _scored(name: str, report: dict[str, Any]) -> Scored:
    score = report["score"]
    top = score["max"] or 1.0
    verdicts: dict[str, str] = {}
    pitfalls: dict[str, None] = {}
    answers: list[str] = []
    lines: list[str] = []
    for problem in report["problems"]:
        for part in problem["parts"]:
            item = f"{problem['rubric']}:{part['id']}"
            verdicts[item] = part["final"]
            last = part["attempts"][-1] if part["attempts"] else {"pitfalls": [], "claims": []}
            pitfalls.update(dict.fromkeys(last["pitfalls"]))
            decisive = [claim for claim in last["claims"] if claim["decisive"]]
            answers += [claim["text"] for claim in decisive]
            way = part["final"] if part["first"] == part["final"] else f"{part['first']}, then {part['final']}"
            why = "; ".join(claim["evidence"]["detail"] for claim in decisive)
            slips = f" ({', '.join(last['pitfalls'])})" if last["pitfalls"] else ""
            lines.append(f"{item}: {way}{slips}{'. ' + why if why else ''}")
    return Scored(
        name,
        round(score["first"] / top, 6),
        round(score["final"] / top, 6),
        round(score["undecided"] / top, 6),
        verdicts,
        tuple(pitfalls),
        "\n".join(answers),
        "\n".join(lines),
        report["checker"],
    )


def write_lines(file: Path, out: Path, edit: Callable[[dict[str, Any]], bool]) -> int:
    """Rewrite a file of JSON lines; ``edit`` changes a record and says whether it did. Other lines stay as they are."""
    count = 0
    made: list[bytes] = []
    for line in file.read_bytes().splitlines(keepends=True):
        try:
            row = json.loads(line) if line.strip() else None
        except ValueError:
            row = None
        if isinstance(row, dict) and edit(row):
            count += 1
            made.append(json.dumps(row, ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n")
        else:
            made.append(line)
    write_whole(out, b"".join(made))
    return count
