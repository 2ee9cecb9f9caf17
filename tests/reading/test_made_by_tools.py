"""Files that the tools themselves wrote (`tests/making/tools`) are read as what they are, with all that is in them."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_formats import answers, check_places

from llmgrade.errors import UnreadableInput
from llmgrade.expr.notation import read as read_formula
from llmgrade.expr.symbols import SymbolTable
from llmgrade.limits import Limits
from llmgrade.reading import read
from llmgrade.transcript.model import Formula, Role, Setting, Table, Transcript

MADE = Path(__file__).parent / "made"
RIDGE = "\\hat w=(X^\\top X+\\lambda I)^{-1}X^\\top y"


def texts(transcript: Transcript, setting: Setting) -> str:
    return "\n".join(
        transcript.source[piece.span] for turn in transcript.turns for piece in turn.pieces if piece.setting is setting
    )


@pytest.mark.parametrize("form", ["eval", "json"])
def test_inspect_writes_tool_calls_reasoning_and_a_cut_off_answer(form: str) -> None:
    first, second = read(MADE / f"inspect.{form}")
    for each in (first, second):
        assert each.format == "inspect-log"
        assert each.model == "mockllm/model"
        check_places(each)
    assert [turn.role for turn in first.turns] == [Role.SYSTEM, Role.USER, Role.ASSISTANT]
    assert answers(first) == [RIDGE]
    assert "X^{-1}y" in texts(first, Setting.THINKING)
    assert "2+2" in texts(first, Setting.TOOL_CALL)
    assert texts(first, Setting.TOOL_RESULT) == "4"
    assert not first.turns[-1].cut_off
    assert second.turns[-1].cut_off
    assert (first.id, second.id) == ("ridge (epoch 1)", "ridge (epoch 2)")


def test_lm_eval_writes_a_row_for_each_filter_and_they_are_one_document() -> None:
    for name in ("dummy", "plain", "chat"):
        found = read(MADE / f"lm_eval_{name}.jsonl")
        assert [each.format for each in found] == ["lm-eval"] * 2
        assert any("2 further rows" in note for note in found[-1].notes)
        assert [[turn.track for turn in each.turns if turn.role is Role.ASSISTANT] for each in found] == [
            ["", "regeneration"],
            ["", "regeneration"],
        ]
    (plain, limit), (chat, _) = read(MADE / "lm_eval_plain.jsonl"), read(MADE / "lm_eval_chat.jsonl")
    assert answers(plain) == answers(chat) == [RIDGE]
    assert answers(limit) == ["\\hat w\\to 0"]
    assert [str(turn.role) for turn in chat.current] == ["system", "user", "assistant"]
    assert "<|im_start|>" not in chat.source.text


@pytest.mark.parametrize("form", ["json", "jsonl"])
def test_promptfoo_writes_each_repeat_and_prompt_as_a_result(form: str) -> None:
    found = read(MADE / f"promptfoo.{form}")
    assert [each.format for each in found] == ["promptfoo"] * 8
    assert [each.model for each in found] == ["echo"] * 8
    assert sum(answers(each) == [RIDGE] for each in found) == 4
    assert sum(each.turns[0].role is Role.SYSTEM for each in found) == 4
    for each in found:
        check_places(each)


@pytest.mark.parametrize("name", ["notebook.ipynb", "notebook_3.json"])
def test_jupyter_writes_cells_and_what_they_printed(name: str) -> None:
    (found,) = read(MADE / name)
    assert found.format == "notebook"
    assert [str(turn.role) for turn in found.turns] == ["user", "assistant", "user", "assistant"]
    assert RIDGE in answers(found)
    assert texts(found, Setting.TOOL_RESULT).split("\n") == [
        "w is 1.0",
        "1.0",
        "ZeroDivisionError: division by zero",
    ]
    assert texts(found, Setting.HIDDEN) == "raw: not said"
    check_places(found)


PAGES = [
    "page_bubbles.html", "page_column.html", "page_serif.html", "page_mathjax.html", "page_mathjax_svg.html", "page_mathml.html", "page.mhtml", "page.pdf",
]  # fmt: skip
SYMBOLS = SymbolTable.from_json({})


def meant(latex: str) -> object:
    return read_formula(latex, SYMBOLS, Limits()).expr


@pytest.mark.parametrize("page", PAGES)
def test_chromium_saves_and_prints_pages_and_each_formula_is_had_once(page: str) -> None:
    """KaTeX with and without MathML, MathJax in both outputs, MathML alone, a web archive, a print: the same formulas."""
    (found,) = read(MADE / page)
    assert found.title == "Ridge, briefly"
    assert [str(turn.role) for turn in found.turns] == ["user", "assistant"]
    asked = found.source[found.turns[0].span].strip()
    assert [line.strip() for line in asked.split("\n")] == [
        "Minimise ‖y − Xw‖² + λ‖w‖².",
        "(a) closed form?",
        "(b) λ → ∞?",
    ]
    expected = [RIDGE, r"\hat w\to 0", r"\frac{1}{\sqrt{\lambda}}\sum_{i=1}^{n}x_i'", r"\|w\|_2^2\le\epsilon"]
    assert [meant(latex) for latex in answers(found)] == [meant(latex) for latex in expected]
    check_places(found)


@pytest.mark.parametrize("page", [page for page in PAGES if page != "page.pdf"])
def test_numbers_of_a_list_stand_beside_their_words_and_tables_stay_tables(page: str) -> None:
    (found,) = read(MADE / page)
    said = found.source[found.turns[1].span]
    assert said.startswith("1. Setting the gradient to zero,")
    assert "\n2. Then $" in said
    (table,) = [piece for piece in found.turns[1].pieces if isinstance(piece, Table)]
    assert any(isinstance(piece, Formula) for piece in table.rows[1][1])


@pytest.mark.parametrize("name", sorted(path.name for path in MADE.iterdir()))
@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_a_file_cut_off_on_its_way_gives_what_is_whole_or_says_what_is_wrong(name: str, share: float) -> None:
    data = (MADE / name).read_bytes()
    refusal = ""
    try:
        found = read(data[: int(share * len(data))], name=name)
    except UnreadableInput as error:
        found, refusal = (), error.reason
    if not found:
        assert len(refusal) > 5
        return
    for each in found:
        check_places(each)
    whole = read(data, name=name)
    lost = sum(len(each.source.text) for each in found) < sum(len(each.source.text) for each in whole)
    told = any(each.notes or each.unread or any(turn.cut_off for turn in each.turns) for each in found)
    assert told or not lost
