"""margin_notes.py CHAT.pdf NOTES.json OUT.txt: notes written beside the text, then the text as PyMuPDF extracts it.

NOTES.json is a list of ``{"near": "words on the page", "text": "the note"}``. For making test files only.
"""

import json
import sys
from pathlib import Path

import pymupdf


def main(printed: str, notes: str, out: str) -> None:
    document = pymupdf.open(printed)
    for note in json.loads(Path(notes).read_text(encoding="utf-8")):
        page, place = next((p, found[0]) for p in document if (found := p.search_for(note["near"])))
        box = pymupdf.Rect(page.rect.width - 62, place.y0, page.rect.width - 4, place.y0 + 140)
        page.insert_textbox(box, note["text"], fontsize=7, color=(0.8, 0, 0))
    Path(printed).with_suffix(".noted.pdf").write_bytes(document.tobytes())
    pages = (f"--- Page {page.number + 1} ---\n{page.get_text()}\n" for page in document)
    Path(out).write_text("\n".join(pages), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
