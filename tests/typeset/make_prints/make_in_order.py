"""Makes ``../prints_in_order.jsonl`` anew: formulas.txt → MathJax and MathML → Chromium's PDF → glyphs and lines.

    npm install mathjax-full temml playwright-core
    for style in mathjax mathml; do node render_in_order.mjs $style formulas.txt /tmp/$style.pdf; done
    python make_in_order.py /tmp/mathjax.pdf /tmp/mathml.pdf

Every fifth formula of each.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pdfplumber

HERE = Path(__file__).parent


def main(pdfs: list[str]) -> None:
    text = (HERE / "formulas.txt").read_text(encoding="utf-8")
    rows = [line.split(" | ", 2) for line in text.splitlines() if line.strip() and not line.startswith("#")]
    with (HERE.parent / "prints_in_order.jsonl").open("w", encoding="utf-8") as out:
        for pdf in pdfs:
            with pdfplumber.open(pdf) as document:
                for (_, mode, latex), page in list(zip(rows, document.pages, strict=False))[::5]:
                    glyphs = [
                        [c["text"], c["fontname"][7:],
                         *(round(v, 2) for v in (c["size"], c["matrix"][4], c["matrix"][5], c["x1"] - c["x0"]))]
                        for c in page.chars
                    ]  # fmt: skip
                    rules = [[*(round(o[k], 2) for k in ("x0", "y0", "x1", "y1")), "rect"] for o in page.rects]
                    row = {"style": Path(pdf).stem, "mode": "display" if mode == "d" else "inline", "latex": latex,
                           "glyphs": glyphs, "rules": rules}  # fmt: skip
                    out.write(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
