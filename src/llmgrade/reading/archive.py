"""Members of a zip file, those compressed with Zstandard (method 93) as well, which the standard library refuses."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from dataclasses import dataclass
from typing import IO

import zstandard

from llmgrade.errors import UnreadableInput

__all__ = ["Archive"]

_ZSTD = 93
_MAX_MEMBERS = 200_000


@dataclass(frozen=True)
class Archive:
    """An open zip file."""

    name: str
    file: IO[bytes]
    zip: zipfile.ZipFile

    @classmethod
    def open(cls, name: str, file: IO[bytes]) -> Archive:
        """Opens an archive.

        Raises:
            UnreadableInput: its directory is damaged.
        """
        try:
            if not file.seekable():
                file = io.BytesIO(file.read())
            return cls(name, file, zipfile.ZipFile(file))
        except (zipfile.BadZipFile, OSError, ValueError, struct.error, NotImplementedError) as error:
            raise UnreadableInput(
                name, f"the zip file is damaged ({error})", hint="download it again; it may have been cut off"
            ) from None

    @property
    def members(self) -> list[str]:
        """The names of the files in it, in the directory's order."""
        names = (info.filename for info in self.zip.infolist()[:_MAX_MEMBERS])
        return [name for name in names if name and not name.endswith("/")]  # a damaged directory has names of nothing

    def size(self, member: str) -> int:
        """A member's size, uncompressed, as the directory has it (bytes)."""
        return self.zip.getinfo(member).file_size

    def stream(self, member: str) -> IO[bytes]:
        """A member's bytes, uncompressed, from the start.

        Raises:
            UnreadableInput: it is locked, or its method is unknown.
        """
        info = self.zip.getinfo(member)
        if info.flag_bits & 1:
            raise UnreadableInput(f"{self.name}/{member}", "this member of the archive is locked with a password")
        try:
            if info.compress_type != _ZSTD:
                return self.zip.open(info)
            return self._zstd(info)
        except (zipfile.BadZipFile, NotImplementedError, OSError, struct.error, RuntimeError, ValueError) as error:
            raise UnreadableInput(f"{self.name}/{member}", f"this member of the archive is damaged ({error})") from None

    def _zstd(self, info: zipfile.ZipInfo) -> IO[bytes]:
        self.file.seek(info.header_offset)
        header = self.file.read(30)
        if len(header) < 30 or header[:4] != b"PK\x03\x04":
            raise zipfile.BadZipFile("no local header")
        name_length, extra_length = struct.unpack("<HH", header[26:30])
        self.file.seek(info.header_offset + 30 + name_length + extra_length)
        packed = self.file.read(info.compress_size)
        return zstandard.ZstdDecompressor().stream_reader(io.BytesIO(packed))

    def read(self, member: str, limit: int) -> bytes:
        """A member's bytes.

        Raises:
            UnreadableInput: damaged, or more than ``limit`` bytes.
        """
        try:
            with self.stream(member) as file:
                data = file.read(limit + 1)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, zstandard.ZstdError, ValueError) as error:
            raise UnreadableInput(f"{self.name}/{member}", f"this member of the archive is damaged ({error})") from None
        if len(data) > limit:
            raise UnreadableInput(f"{self.name}/{member}", f"larger than the limit of {limit // (1024 * 1024)} MB")
        return data
