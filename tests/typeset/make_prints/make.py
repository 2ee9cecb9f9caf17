"""Makes ``../prints.jsonl`` and ``../prints_glyphs.jsonl`` anew: formulas.txt → KaTeX → Chromium's PDF → PyMuPDF's lines.

    npm install --prefix /tmp/katex katex@0.16.22
    python tests/typeset/make_prints/make.py /tmp/katex/node_modules/katex [formulas.txt [out.jsonl]]

Needs node, chromium and pymupdf; only the makers of the tests need them.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent


def print_pdf(katex: str, formulas: Path, pdf: Path) -> None:
    page = pdf.with_suffix(".html")
    with page.open("w", encoding="utf-8") as out:
        subprocess.run(["node", str(HERE / "render.mjs"), katex, str(formulas)], stdout=out, check=True)
    subprocess.run(
        ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--allow-file-access-from-files",
         "--no-pdf-header-footer", "--virtual-time-budget=20000", f"--print-to-pdf={pdf}", page.as_uri()],
        check=True, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def write_glyphs(pdf: Path, rows: list[list[str]], target: Path) -> None:
    """Every fourth page's glyphs and drawn lines, for the tests of `typeset.glyphs`."""
    import pdfplumber

    with pdfplumber.open(pdf) as document, target.open("w", encoding="utf-8") as out:
        for (_, mode, latex), page in list(zip(rows, document.pages, strict=False))[::4]:
            glyphs = []
            for c in page.chars:
                char = "\u200b" if c["text"] == " " and c["size"] < 2 and "KaTeX" in c["fontname"] else c["text"]
                places = [round(v, 2) for v in (c["size"], c["matrix"][4], c["matrix"][5], c["x1"] - c["x0"])]
                glyphs.append([char, c["fontname"][7:], *places])
            rules = [
                [*(round(o[k], 2) for k in ("x0", "y0", "x1", "y1")), kind]
                for kind, drawn in (("rect", page.rects), ("line", page.lines), ("path", page.curves))
                for o in drawn
            ]
            row = {"mode": "display" if mode == "d" else "inline", "latex": latex, "glyphs": glyphs, "rules": rules}
            out.write(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n")


def main() -> None:
    import pymupdf

    katex = sys.argv[1]
    formulas = Path(sys.argv[2]) if len(sys.argv) > 2 else HERE / "formulas.txt"
    target = Path(sys.argv[3]) if len(sys.argv) > 3 else HERE.parent / "prints.jsonl"
    rows = [
        line.split(" | ", 2)
        for line in formulas.read_text(encoding="utf-8").splitlines()
        if line.strip() and not line.startswith("#")
    ]
    with tempfile.TemporaryDirectory() as folder:
        pdf = Path(sys.argv[4]) if len(sys.argv) > 4 else Path(folder) / "prints.pdf"
        print_pdf(katex, formulas, pdf.resolve())
        write_glyphs(pdf, rows, target.with_name(target.stem + "_glyphs.jsonl"))
        document = pymupdf.open(pdf)
        if len(document) not in (len(rows), len(rows) + 1):
            raise SystemExit(f"{len(document)} pages for {len(rows)} formulas")
        with target.open("w", encoding="utf-8") as out:
            for (family, mode, latex), page in zip(rows, document, strict=False):
                lines = page.get_text().split("\n")[:-1]
                row = {"family": family, "mode": "display" if mode == "d" else "inline", "latex": latex, "lines": lines}
                out.write(json.dumps(row, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
