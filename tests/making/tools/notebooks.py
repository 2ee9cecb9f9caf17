"""Notebooks as Jupyter's own library writes them, run by a real kernel: format 4, and the old format 3.

pip install nbformat nbclient ipykernel
python notebooks.py FOLDER
"""

import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_raw_cell

CELLS = [
    new_markdown_cell(r"**User:** Minimise $\|Xw-y\|^2+\lambda\|w\|^2$."),
    new_markdown_cell(
        "**Assistant:** Setting the gradient to zero,\n\n$$\\hat w=(X^\\top X+\\lambda I)^{-1}X^\\top y.$$"
    ),
    new_code_cell("lam = 2\nw = 3 / (1 + lam)\nprint('w is', w)\nw"),
    new_code_cell("1 / 0"),
    new_raw_cell("raw: not said"),
    new_markdown_cell(r"**User:** And for large $\lambda$?"),
    new_markdown_cell(r"**Assistant:** $\hat w\to 0$."),
]


def main(folder: Path) -> None:
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    book = new_notebook(cells=CELLS, metadata={"kernelspec": kernel})
    NotebookClient(book, allow_errors=True).execute()
    nbformat.validate(book)
    nbformat.write(book, folder / "notebook.ipynb")
    nbformat.write(nbformat.convert(book, 3), folder / "notebook_3.json")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
