"""text_of_prints.py CHAT.pdf...: the text of each PDF as PyMuPDF extracts it, into CHAT.txt beside it.

With EXTRACTOR=pypdf, pdfminer, pdfplumber, pypdfium2, pdftotext, pdftotext-layout or pdftotext-raw as that one does,
into CHAT.EXTRACTOR.txt. For making test files only: PyMuPDF is no dependency.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def pages(path: Path, extractor: str) -> Iterator[str]:
    match extractor:
        case "pymupdf":
            import pymupdf

            pdf: Any = pymupdf
            yield from (page.get_text() for page in pdf.open(path))
        case "pypdf":
            from pypdf import PdfReader

            yield from (page.extract_text() for page in PdfReader(path).pages)
        case "pdfminer":
            from pdfminer.high_level import extract_text

            yield from extract_text(path).removesuffix("\f").split("\f")
        case "pdfplumber":
            import pdfplumber

            with pdfplumber.open(path) as file:
                yield from (page.extract_text() for page in file.pages)
        case "pypdfium2":
            import pypdfium2

            document = pypdfium2.PdfDocument(path)
            yield from (document[n].get_textpage().get_text_bounded() for n in range(len(document)))
        case _:
            flag = [f"-{extractor.removeprefix('pdftotext-')}"] if "-" in extractor else []
            found = subprocess.run(["pdftotext", *flag, str(path), "-"], capture_output=True, text=True, check=True)
            yield from found.stdout.removesuffix("\f").split("\f")


def main(files: list[str]) -> None:
    extractor = os.environ.get("EXTRACTOR", "pymupdf")
    for name in files:
        path = Path(name)
        out = path.with_suffix(".txt" if extractor == "pymupdf" else f".{extractor}.txt")
        text = "\n".join(f"--- Page {n} ---\n{page}\n" for n, page in enumerate(pages(path, extractor), 1))
        out.write_text(text.replace("\r\n", "\n"), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
