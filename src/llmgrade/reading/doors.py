"""From a path or bytes to transcripts: what the file is, and which reader takes it."""

from __future__ import annotations

import re
import warnings
import zlib
from collections.abc import Iterator
from functools import cached_property
from importlib.metadata import entry_points
from pathlib import Path

from llmgrade.errors import UnreadableInput, UsageError, did_you_mean
from llmgrade.limits import Limits
from llmgrade.reading.conversation import Conversation
from llmgrade.reading.model import Format
from llmgrade.reading.opening import Input, Progress
from llmgrade.transcript.model import Transcript

__all__ = ["Door"]

_EXPORT = re.compile(r"(?:^|/)conversations(?:-\d+)?\.json$")
_READABLE = re.compile(
    r"\.(?:json|jsonl|ndjson|md|markdown|txt|text|html?|mhtml|ipynb|pdf|eval|log)(?:\.gz)?$", re.IGNORECASE
)
_LISTED = 12


class Door:
    """Reads files by a table of formats."""

    def __init__(self, formats: tuple[Format, ...]) -> None:
        self._own = formats

    @cached_property
    def formats(self) -> tuple[Format, ...]:
        """The table, with those of installed plug-ins; a plug-in that fails to load is warned of and left out."""
        found = list(self._own)
        for entry in entry_points(group="llmgrade.readers"):
            try:
                row = entry.load()
            except Exception as error:  # whatever a guest's import raises
                warnings.warn(f"the reader {entry.name!r} could not be loaded: {error}", stacklevel=2)
                continue
            if isinstance(row, Format):
                found.append(row)
        return tuple(found)

    def read(
        self,
        source: Path | str | bytes,
        *,
        name: str | None = None,
        format: str | None = None,
        limits: Limits | None = None,
        progress: Progress | None = None,
    ) -> tuple[Transcript, ...]:
        """All conversations of a file.

        Args:
            source: a path, or the bytes themselves.
            name: what to call it in messages; a path's own spelling if not given.
            format: the id of a format, where the file shall not be looked at to tell.
            limits: budgets.
            progress: called with bytes read and bytes in all while a large file is read.

        Raises:
            UnreadableInput: the file is missing, a folder, empty, binary, too large or of no kind known.
            UsageError: there is no format of that id.
        """
        found = tuple(self.read_each(source, name=name, format=format, limits=limits, progress=progress))
        if not found:
            raise UnreadableInput(_called(source, name), "there is no conversation in it")
        return found

    def read_each(
        self,
        source: Path | str | bytes,
        *,
        name: str | None = None,
        format: str | None = None,
        limits: Limits | None = None,
        progress: Progress | None = None,
    ) -> Iterator[Transcript]:
        """The conversations of a file one by one; a huge export is never held whole. Raises as `read` does."""
        limits = limits or Limits()
        for row, called, found in self._found(source, name, format, limits, progress):
            yield found.transcript(called, row.id, limits) if isinstance(found, Conversation) else found

    def read_first(
        self,
        source: Path | str | bytes,
        *,
        name: str | None = None,
        format: str | None = None,
        limits: Limits | None = None,
        progress: Progress | None = None,
    ) -> tuple[Transcript, int]:
        """The first conversation of a file, and how many more there are; those are counted and not marked up.

        Raises:
            UnreadableInput: as `read` does.
            UsageError: there is no format of that id.
        """
        limits = limits or Limits()
        more, first = -1, None
        for row, called, found in self._found(source, name, format, limits, progress):
            more += 1
            if first is None:
                first = found.transcript(called, row.id, limits) if isinstance(found, Conversation) else found
        if first is None:
            raise UnreadableInput(_called(source, name), "there is no conversation in it")
        return first, more

    def read_lazily(
        self,
        source: Path | str | bytes,
        *,
        name: str | None = None,
        format: str | None = None,
        limits: Limits | None = None,
        progress: Progress | None = None,
    ) -> Iterator[Transcript | Conversation]:
        """As `read_each`, but structured files give `Conversation`: messages whose text is not marked up yet."""
        for _, _, found in self._found(source, name, format, limits or Limits(), progress):
            yield found

    def _found(
        self,
        source: Path | str | bytes,
        name: str | None,
        format: str | None,
        limits: Limits,
        progress: Progress | None,
    ) -> Iterator[tuple[Format, str, Transcript | Conversation]]:
        file = self.open(source, name=name, limits=limits, progress=progress)
        yield from self._from(file, format, limits)

    def open(
        self,
        source: Path | str | bytes,
        *,
        name: str | None = None,
        limits: Limits | None = None,
        progress: Progress | None = None,
    ) -> Input:
        """The file, looked at only so far as to say that there is one.

        Raises:
            UnreadableInput: missing, a folder, empty, or not to be opened.
        """
        if isinstance(source, bytes):
            file = Input(name or "input", source, limits=limits, progress=progress)
        else:
            path = Path(source)
            called = name or str(source)
            try:
                if path.is_dir():
                    raise UnreadableInput(called, "this is a folder", hint="`llmgrade batch` takes folders")
                if not path.exists():
                    raise UnreadableInput(called, "there is no such file")
                with path.open("rb"):
                    pass
            except (OSError, ValueError) as error:
                raise UnreadableInput(called, f"cannot be opened ({error})") from None
            file = Input(called, path=path, limits=limits, progress=progress)
        if not file.head.strip(b"\0 \t\r\n\xef\xbb\xbf\xff\xfe"):
            raise UnreadableInput(file.name, "the file is empty")
        return file

    def detect(self, file: Input, format: str | None = None) -> Format | None:
        """The row that reads ``file``, or None.

        Raises:
            UsageError: there is no format of the id ``format``.
        """
        if format is not None:
            for row in self.formats:
                if row.id == format:
                    return row
            raise UsageError(
                f"there is no format {format!r}"
                + (f"; {near}" if (near := did_you_mean(format, [row.id for row in self.formats])) else "")
            )
        best: Format | None = None
        surest = 0.0
        for row in self.formats:
            if file.looks not in row.looks:
                continue
            sure = row.sniff(file)
            if sure > surest:
                best, surest = row, sure
            if surest >= 1.0:  # this and nothing else: nobody need look at a binary file as text
                break
        return best

    def _from(
        self, file: Input, format: str | None, limits: Limits
    ) -> Iterator[tuple[Format, str, Transcript | Conversation]]:
        row = self.detect(file, format)
        if row is None:
            if file.archive is not None:
                yield from self._members(file, limits)
                return
            raise self._unknown(file)
        last: Transcript | Conversation | None = None
        try:
            for found in row.read(file, limits):
                if last is not None:
                    yield row, file.name, last
                last = found
        except (EOFError, zlib.error, OSError) as error:
            raise UnreadableInput(file.name, f"the file is damaged ({error})") from None
        if last is not None:
            yield row, file.name, _with_notes(last, file.notes)

    def _members(self, file: Input, limits: Limits) -> Iterator[tuple[Format, str, Transcript | Conversation]]:
        """The conversations of an archive's members: of an export's own list if there is one, else of all that can be read."""
        archive = file.archive
        assert archive is not None
        names = [member for member in archive.members if not member.startswith("__MACOSX/")]
        chosen = sorted(member for member in names if _EXPORT.search(member)) or [
            member for member in names if _READABLE.search(member)
        ]
        if not chosen:
            listed = ", ".join(names[:_LISTED]) or "nothing"
            raise UnreadableInput(file.name, f"no chat in this archive; it holds {listed}")
        aside = [member for member in names if member not in set(chosen)]
        note = f"left aside in the archive: {', '.join(aside[:_LISTED])}" + (
            f" and {len(aside) - _LISTED} more" if len(aside) > _LISTED else ""
        )
        failures: list[UnreadableInput] = []
        count = 0
        pending: tuple[Format, str, Transcript | Conversation] | None = None
        for member in chosen:
            inner = Input(
                f"{file.name}/{member}",
                limits=limits,
                progress=file.progress,
                opener=lambda member=member: archive.stream(member),  # type: ignore[misc]
                size=archive.size(member),
            )
            if archive.size(member) <= limits.input_bytes:
                try:
                    inner = Input(
                        inner.name, archive.read(member, limits.input_bytes), limits=limits, progress=file.progress
                    )
                except UnreadableInput as error:
                    failures.append(error)
                    continue
            try:
                if not inner.head.strip():
                    continue
                if inner.archive is not None:
                    failures.append(UnreadableInput(inner.name, "an archive in an archive is not opened"))
                    continue
                for found in self._from(inner, None, limits):
                    if pending is not None:
                        yield pending
                    pending = found
                    count += 1
            except UnreadableInput as error:
                failures.append(error)
        if pending is None:
            raise failures[0] if failures else UnreadableInput(file.name, "there is no conversation in this archive")
        notes = [*([note] if aside else []), *(f"not read: {error}" for error in failures[:_LISTED])]
        yield pending[0], pending[1], _with_notes(pending[2], notes)

    def _unknown(self, file: Input) -> UnreadableInput:
        hint = "`llmgrade formats` lists what is read"
        if file.looks_json:
            if file.damage is not None and not file.lines:
                damage = file.damage
                return UnreadableInput(
                    file.name,
                    damage.reason,
                    line=damage.line,
                    column=damage.column,
                    hint="the JSON may have been cut off",
                )
            first = file.first
            keys = (
                f"its keys are {', '.join(list(map(str, first))[:_LISTED])}"
                if isinstance(first, dict) and first
                else "it holds no objects"
            )
            return UnreadableInput(file.name, f"JSON, but no kind of chat that is known; {keys}", hint=hint)
        return UnreadableInput(file.name, "no kind of chat that is known", hint=hint)


def _called(source: Path | str | bytes, name: str | None) -> str:
    """What a file is called in messages."""
    return name or (source if isinstance(source, str) else source.name if isinstance(source, Path) else "input")


def _with_notes(found: Transcript | Conversation, notes: list[str]) -> Transcript | Conversation:
    if not notes:
        return found
    if isinstance(found, Conversation):
        found.notes.extend(notes)
        return found
    from dataclasses import replace

    return replace(found, notes=(*found.notes, *notes))
