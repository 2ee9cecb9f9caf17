"""Text out of printed chats: repair, pages, margin notes, speakers, and formulas back in their places."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llmgrade.errors import UnreadableInput
from llmgrade.limits import Limits
from llmgrade.reading import pdf_text
from llmgrade.reading.opening import Input
from llmgrade.reading.printout_lines import Line, with_row_labels
from llmgrade.reading.printout_pages import notes_of, pages_of
from llmgrade.reading.printout_places import Look, alike, place, slots_of
from llmgrade.reading.printout_repair import repair
from llmgrade.reading.printout_scraps import rejoined
from llmgrade.reading.printout_tables import filled, grids
from llmgrade.reading.printout_turns import told_apart
from llmgrade.transcript.model import Formula, Heading, Piece, Prose, Table, Transcript
from llmgrade.typeset.forward import stream
from llmgrade.typeset.inverse import LineReading, Mode
from llmgrade.typeset.inverse_stream import StreamFormula

PRINTED = Path(__file__).parent / "printed"
CHATS = sorted(path.stem for path in PRINTED.glob("*.md"))
assert CHATS


def cp1252(text: str) -> str:
    """``text`` as a program shows it that reads UTF-8 as Windows-1252 and drops what it cannot show."""
    return "".join(bytes([byte]).decode("cp1252", "ignore") for byte in text.encode("utf-8"))


# --- repair ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "comes_back_as"),
    [
        ("∂f/∂x ∈ ℝⁿ, Σ† and ‖w‖² — “so”", "∂f/∂x ∈ ℝⁿ, Σ† and ‖w‖² — “so”"),
        ("p(y) ∝exp(−y²), x ← x − η∇f", "p(y) ∝exp(−y²), x ← x − η∇f"),
        ("ρ(μ) < 1 and 𝑥 ≠ 𝑦", "ρ(μ) < 1 and 𝑥 ≠ 𝑦"),
        ("x\u200by and a\u00a0b", "x\u200by and a\u00a0b"),
        ("the relations ≍ and ≐ share their bytes", "the relations \ufffd and \ufffd share their bytes"),
        ("✅ ja, größer", "✅ ja, größer"),
    ],
)
def test_mojibake_is_undone_and_lost_bytes_come_back_where_one_reading_is_possible(
    text: str, comes_back_as: str
) -> None:
    context = "\nund weiter: Ä Ö Ü ß é — ok"
    assert repair(cp1252(text + context)).text == comes_back_as + context


@pytest.mark.parametrize("text", ["", "plain", "déjà vu — “fine” ∈ ℝ", "Ã alone is Portuguese: Ão", "λ → ∞ 甲乙 🚀"])
def test_text_that_was_decoded_rightly_is_left_alone(text: str) -> None:
    assert repair(text) == repair(repair(text).text)
    assert repair(text).text == text


@given(st.text(max_size=60))
@settings(max_examples=150, deadline=None)
def test_repair_never_moves_a_line_break(text: str) -> None:
    assert repair(cp1252(text)).text.count("\n") == cp1252(text).count("\n")


# --- pages ----------------------------------------------------------------------------------------------------------

BODY = [["The first page says this.", "And that."], ["The second page says more."], ["The third is short."]]
NOTE = "looks fine to me"


def printed(style: str) -> list[str]:
    lines: list[str] = []
    for k, body in enumerate(BODY, 1):
        note = [NOTE] if k == 2 else []
        ending = [f"3/4/2026, 9:0{k} PM", "A chat about bread"]
        match style:
            case "marker, number first":
                lines += [f"--- Page {k} ---", f"{k}/3", *body, *ending, *note, "", ""]
            case "marker, number last":
                lines += [f"=== Seite {k} ===", *body, *ending, "https://chat.example/c/1", f"{k}/3", *note, ""]
            case "form feed":
                first, *rest = [*body, *ending, f"{k}/3", *note]
                lines += [first if k == 1 else "\f" + first, *rest]
            case "number first, no marker":
                lines += [f"{k}/3", *body, *ending, *note]
            case "header first":
                lines += [
                    f"--- Page {k} ---",
                    "3/4/2026, 9:00 PM   A chat about bread",
                    *body,
                    f"https://chat.example {k}/3",
                ]
                lines += note
    return lines


@pytest.mark.parametrize(
    "style",
    ["marker, number first", "marker, number last", "form feed", "number first, no marker", "header first"],
)
def test_furniture_is_set_aside_and_what_follows_it_is_a_note(style: str) -> None:
    lines = printed(style)
    pages = pages_of(lines)
    assert [page.number for page in pages.pages] == [1, 2, 3]
    assert [[lines[n - 1].strip("\f") for n in page.body] for page in pages.pages] == BODY
    assert [(page.number, note.text, note.fragment) for page, note in notes_of(pages.pages, lines)] == [
        (2, NOTE, False)
    ]
    aside = {n for page in pages.pages for n, _ in page.furniture}
    assert all(why for page in pages.pages for _, why in page.furniture)
    told = aside | {n for page in pages.pages for n in (*page.body, *page.margin)}
    assert all(n in told for n, line in enumerate(lines, 1) if line.strip())


def test_a_text_without_pages_is_one_page() -> None:
    lines = ["Page 3 of the book says so.", "It is 1/2 of the truth.", "On 3/4/2026 we met."]
    pages = pages_of(lines)
    assert not pages.paged
    assert pages.pages[0].body == (1, 2, 3)


@pytest.mark.parametrize(
    ("margin", "notes"),
    [
        (["Generally fine, but one more", "term"], [("Generally fine, but one more term", False)]),
        (["which is right, but ", "I had to ask"], [("which is right, but I had to ask", False)]),
        (["It works out.", "nothing to add"], [("It works out.", False), ("nothing to add", False)]),
        (["First note here", "These "], [("First note here", False), ("These", True)]),
        (
            ["too short", "a much longer note stands below it"],
            [("too short", False), ("a much longer note stands below it", False)],
        ),
    ],
)
def test_lines_of_one_note_are_joined_and_fragments_are_known(margin: list[str], notes: list[tuple[str, bool]]) -> None:
    lines = ["--- Page 1 ---", "1/1", "Some words of the chat.", "3/4/2026, 9:00 PM", "A title", *margin]
    assert [(note.text, note.fragment) for _, note in notes_of(pages_of(lines).pages, lines)] == notes


# --- speakers -------------------------------------------------------------------------------------------------------


def speakers(lines: Sequence[str]) -> list[tuple[str, int, int]]:
    """Who says which lines (first and last), formulas not counted."""
    talk = told_apart(pages_of(lines).pages, lines)
    spoken = []
    for message in talk.messages:
        numbers = [line.number for stretch in message.stretches for line in stretch.lines]
        spoken.append((message.role, numbers[0], numbers[-1]))
    return spoken


QUESTION = [
    "I have a question about the trace of a product of two ",
    "square matrices. Why is it the same both ways round, and ",
    "does it hold for three?",
]
ANSWER = [
    "Good question. The trace of a product is a double sum over both indices, and the sum does",
    "not care about the order in which the two indices are called. For two matrices ",
    " and ",
    " this gives:",
]
FORMULAS = ["A", "B", "tr(AB) =", "\u200b A", "\u200bB", "\u200b", "i,j", "∑", "ij", "ji"]


def test_turns_are_told_apart_though_nothing_labels_them() -> None:
    lines = [
        *QUESTION,
        *ANSWER,
        *FORMULAS,
        "and for three?",
        "Then only cyclic shifts are allowed, as the same sum shows at once.",
        "Fine.",
    ]
    assert speakers(lines)[:3] == [("user", 1, 3), ("assistant", 4, 7), ("user", 18, 18)]
    assert speakers(lines)[3][0] == "assistant"


def test_pasted_mathematics_does_not_end_a_prompt() -> None:
    pasted = [
        *QUESTION,
        "tr(AB) = X",
        "i,j",
        "aij",
        "bji",
        "(a) Show that the trace of a commutator vanishes, for all ",
        "pairs.",
    ]
    assert speakers([*pasted, *ANSWER, *FORMULAS]) == [("user", 1, 9), ("assistant", 10, 13)]


def test_speakers_that_are_named_are_believed() -> None:
    lines = [
        "You said:",
        "trace of AB?",
        "ChatGPT said:",
        "It is the trace of BA.",
        "You said:",
        "ok",
        "ChatGPT said:",
        "Glad to help.",
    ]
    assert speakers(lines) == [("user", 2, 2), ("assistant", 4, 4), ("user", 6, 6), ("assistant", 8, 8)]


# --- places ---------------------------------------------------------------------------------------------------------


INLINE, SHOWN = Look(0.0, 6.0), Look(6.0, 0.0)


def test_formulas_fill_holes_in_order_and_displays_stand_between_lines() -> None:
    lines = [Line(n, text) for n, text in enumerate(["Since ", " is large, we get", "for every ", ".", "Done."], 1)]
    slots = slots_of(lines, 40.0)
    place(slots, [INLINE, SHOWN, INLINE])
    assert [(slot.index, slot.formulas) for slot in slots if slot.formulas] == [(0, [0]), (1, [1]), (2, [2])]


def test_a_narrow_formula_left_two_blanks() -> None:
    lines = [Line(1, "the first  entries of the vector.")]
    slots = slots_of(lines, 40.0)
    place(slots, [INLINE])
    assert [(slot.index, slot.offset) for slot in slots if slot.formulas] == [(0, len("the first "))]


def test_every_formula_gets_a_place_even_without_words() -> None:
    slots = slots_of([Line(1, "Done.")], 40.0)
    place(slots, [SHOWN] * 40)
    assert sorted(f for slot in slots for f in slot.formulas) == list(range(40))


def test_a_sentence_that_a_comma_leaves_open_leads_to_a_display() -> None:
    slots = slots_of(
        lines_of("(b) With the longer data,", "which is what we wanted to show.", "(c) Nothing else is left."), 40.0
    )
    place(slots, [SHOWN])
    assert [slot.index for slot in slots if slot.formulas] == [0]


def torn(first: int, last: int, latex: str, *written: str) -> StreamFormula:
    readings = (LineReading(latex, 0.0, "inline"),) if latex else ()
    return StreamFormula(first, last, written, readings, "inline")


def test_pieces_in_a_row_are_one_formula_that_is_not_read() -> None:
    lines = ["p", "f(q", "=)", "⊤", "r", "2s"]
    pieces = [torn(1, 1, "f(q", "f(q"), torn(2, 2, "=)", "=)"), torn(3, 3, "\\top", "⊤")]
    found = rejoined([torn(0, 0, "p", "p"), *pieces, torn(4, 4, "r", "r"), torn(5, 5, "2s", "2s")], lines)
    assert [(f.first, f.last, f.written, bool(f.readings)) for f in found] == [
        (0, 0, ("p",), True), (1, 3, ("f(q", "=)", "⊤"), False), (4, 4, ("r",), True), (5, 5, ("2s",), True)
    ]  # fmt: skip


def test_a_hole_that_no_formula_is_left_for_says_so() -> None:
    words = ["Good question. The slope of the line is ", ", and where it meets the axis is ", "."]
    found = pdf_text.transcript_of("\n".join([*QUESTION, *words, "t = 3k"]), "chat.txt", Limits())
    formulas = [piece for piece in found.turns[-1].pieces if isinstance(piece, Formula)]
    assert sorted(formula.latex or "" for formula in formulas) == ["", "t = 3k"]


def test_what_stands_alone_is_no_piece() -> None:
    alone = [torn(0, 0, "p", "p"), torn(1, 1, "=2q", "=2q"), torn(2, 2, "r", "r"), torn(3, 3, "[0,1)", "[0,1)")]
    assert rejoined(alone, ["p", "=2q", "r", "[0,1)"]) == alone


def test_steps_of_one_kind_are_alike() -> None:
    assert alike("a =\n′\na −ηx", "c =\n′\nc −ηy")
    assert not alike("a = −0.5", "∑")


def test_a_table_with_labels_gives_its_formula_column_back() -> None:
    cells = ["Case", "Given", "Slope", "Kink", "(i)", "same", "same", "(ii)", "falls (a bit", "more)", "left or right"]
    (grid,) = grids([Line(n, text) for n, text in enumerate(cells, 1)], 40.0)
    assert grid.header == [0, 1, 2, 3]
    assert [(row.label, row.cells) for row in grid.rows] == [(4, [[5], [6]]), (7, [[8, 9], [10]])]
    assert [grid.formula_cells(row) for row in grid.rows] == [1, 1]


def lines_of(*texts: str) -> list[Line]:
    return with_row_labels([Line(n, text) for n, text in enumerate(texts, 1)])


def test_a_table_that_follows_another_keeps_its_header() -> None:
    first, second = grids(
        lines_of("Part", "Given", "Value", "(a)", "(b)", "none", "Sheet 2, part (c)", "Case", "Trend", "(i)", "plus", "(ii)", "minus"),
        40.0,
    )  # fmt: skip
    assert (first.header, [row.label for row in first.rows]) == ([0, 1, 2], [3, 4])
    assert (second.header, [row.label for row in second.rows]) == ([7, 8], [9, 11])


def test_words_in_a_table_of_formulas_stand_before_them() -> None:
    (grid,) = grids(lines_of("Part", "Given", "Value", "(a)", "(b)", "(c)", "none"), 40.0)
    assert [grid.formulas_last(row) for row in grid.rows] == [False, False, True]


def test_bare_letters_label_rows_only_under_a_header_that_says_so() -> None:
    (grid,) = grids(lines_of("Question", "Answer", "a", "c", "v"), 40.0)
    assert [row.label for row in grid.rows] == [2, 3]
    assert not any(line.row_label for line in lines_of("Value", "Answer", "a", "c"))


def test_a_condition_may_stand_beside_a_rows_label() -> None:
    cells = ("Case", "Trend", "(i) ", "plus", "(ii) ", "minus")
    (grid,) = grids(lines_of(*cells), 40.0)
    assert [(row.label, row.cells) for row in grid.rows] == [(2, [[3]]), (4, [[5]])]
    assert grids(lines_of(*(cell.replace("Case", "Cases") for cell in cells)), 40.0) == []


def test_a_table_without_labels_is_filled_row_by_row() -> None:
    cells = ["Point", "Value", "Kind", "largest", "smallest", "any other ", "neither"]
    table = filled([Line(n, text) for n, text in enumerate(cells, 1)], range(7), 6)
    assert table is not None
    assert table.rows[1] == ((None, (0,)), (None, (1,)), (3, ()))
    assert table.rows[3] == ((5, (4,)), (None, (5,)), (6, ()))


# --- whole printouts ------------------------------------------------------------------------------------------------


def spoken(path: Path) -> list[tuple[str, list[str | tuple[str, Mode]]]]:
    """The truth: per turn, its words and formulas in order, from the Markdown that was printed."""
    turns = []
    text = path.read_text(encoding="utf-8")
    for match in re.finditer(
        r"^### (user|assistant)\n(.*?)(?=^### (?:user|assistant)\n|\Z)", text, re.MULTILINE | re.DOTALL
    ):
        said: list[str | tuple[str, Mode]] = []
        for part in (
            re.split(r"(\\\[.*?\\\]|\\\(.*?\\\))", match[2], flags=re.DOTALL) if match[1] != "user" else [match[2]]
        ):
            if part.startswith(("\\[", "\\(")) and match[1] != "user":
                said.append((part[2:-2].strip(), "display" if part[1] == "[" else "inline"))
            else:
                said.extend(words(re.sub(r"^\s*(?:#+|[-*])\s|\*\*|\||^[|\s:-]+$", " ", part, flags=re.MULTILINE)))
        turns.append((match[1], said))
    return turns


def words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text)


def known(formulas: Iterator[tuple[str, Mode]]):
    """A reader that knows the formulas and only finds their lines: what is tested is the places, not the reading."""

    def read_stream(lines: Sequence[str], **_: object) -> tuple[StreamFormula, ...]:
        cells = [(i, j, char) for i, line in enumerate(lines) for j, char in enumerate(line) if char != " "]
        found: list[StreamFormula] = []
        at = 0
        while at < len(cells):
            latex, mode = next(formulas)
            start = at
            for char, _mask in stream(latex, mode):
                if at < len(cells) and cells[at][2] in (char, "\ufffd"):
                    at += 1
                else:
                    assert char == "\u200b", (latex, cells[start : start + 20])
            (first, low, _), (last, high, _) = cells[start], cells[at - 1]
            written = [
                lines[i][low if i == first else 0 : high + 1 if i == last else None] for i in range(first, last + 1)
            ]
            found.append(StreamFormula(first, last, tuple(written), (LineReading(latex, 0.0, mode),), mode))
        return tuple(found)

    return read_stream


def flat(pieces: Sequence[Piece]) -> Iterator[Piece]:
    for piece in pieces:
        if isinstance(piece, Table):
            for row in piece.rows:
                for cell in row:
                    yield from flat(cell)
        else:
            yield piece


def in_order(transcript: Transcript) -> list[tuple[str, list[tuple[int, str]]]]:
    """Per turn, each formula with how many words stand before it."""
    turns = []
    for turn in transcript.turns:
        count, places = 0, []
        for piece in flat(turn.pieces):
            if isinstance(piece, Formula) and piece.lines:
                places.append((count, piece.latex or ""))
            elif isinstance(piece, Formula):  # typed, as a person types it
                count += len(words(piece.written))
            elif isinstance(piece, Prose | Heading):
                count += len(words(piece.text))
        turns.append((str(turn.role), places))
    return turns


def test_every_formula_of_a_printout_stands_where_it_stood(monkeypatch: pytest.MonkeyPatch) -> None:
    placed = total = 0
    for chat in CHATS:
        truth = spoken(PRINTED / f"{chat}.md")
        formulas = iter([part for _, said in truth for part in said if isinstance(part, tuple)])
        stream = known(formulas)
        monkeypatch.setattr(pdf_text.RunReader, "formulas", lambda _, lines, *__, stream=stream: stream(lines))
        transcript = one(f"{chat}.txt")
        assert [str(turn.role) for turn in transcript.turns] == [role for role, _ in truth]
        for (_, said), (_, places) in zip(truth, in_order(transcript), strict=True):
            expected, count = [], 0
            for part in said:
                if isinstance(part, tuple):
                    expected.append((count, part[0]))
                else:
                    count += 1
            assert [latex for _, latex in places] == [latex for _, latex in expected]
            total += len(expected)
            placed += sum(a == b for a, b in zip(places, expected, strict=True))
    assert placed >= 0.97 * total, (placed, total)


def one(name: str) -> Transcript:
    (transcript,) = pdf_text.read(Input(name, (PRINTED / name).read_bytes()), Limits())
    return transcript


@pytest.mark.parametrize("chat", CHATS)
def test_every_piece_quotes_the_very_text_it_stands_on(chat: str) -> None:
    transcript = one(f"{chat}.txt")
    for turn in transcript.turns:
        for piece in flat(turn.pieces):
            quoted = transcript.source[piece.span]
            assert quoted == (piece.written if isinstance(piece, Formula) else piece.text)  # type: ignore[union-attr]
            assert turn.span.start <= piece.span.start <= piece.span.stop <= turn.span.stop
    for note in transcript.annotations:
        assert transcript.source.page_of(note.span.start) == note.page
        assert words(transcript.source[note.span]) == words(note.text)


@pytest.mark.parametrize("chat", CHATS)
def test_nothing_of_a_printout_is_dropped_silently(chat: str) -> None:
    transcript = one(f"{chat}.txt")
    source = transcript.source
    kept = [piece.span for turn in transcript.turns for piece in turn.pieces]
    kept += [piece.span for turn in transcript.turns for piece in flat(turn.pieces)]
    kept += [unread.span for unread in transcript.unread] + [note.span for note in transcript.annotations]
    covered = set().union(*(range(span.start, span.stop) for span in kept))
    lost = "".join(char for at, char in enumerate(source.text) if at not in covered and char not in " \n\f\u200b")
    assert lost == ""


@pytest.mark.parametrize("chat", CHATS)
def test_a_printout_is_told_from_other_text(chat: str) -> None:
    assert pdf_text.sniff(Input("x", (PRINTED / f"{chat}.txt").read_bytes())) > 0.5
    assert pdf_text.sniff(Input("x", (PRINTED / f"{chat}.md").read_bytes())) == 0
    assert pdf_text.sniff(Input("x", (PRINTED / f"{chat}.pdf").read_bytes())) == 0


def test_an_empty_printout_is_refused_in_words() -> None:
    with pytest.raises(UnreadableInput, match="empty"):
        list(pdf_text.read(Input("x.txt", b"\n \n\f\n"), Limits()))


SAMPLE = (PRINTED / f"{CHATS[0]}.txt").read_text(encoding="utf-8")


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_a_printout_in_pieces_is_read_without_a_crash(data: st.DataObject) -> None:
    lines = SAMPLE.split("\n")
    start = data.draw(st.integers(0, len(lines) - 1))
    stop = data.draw(st.integers(start, len(lines)))
    mixed = lines[start:stop] + data.draw(st.lists(st.text(max_size=20), max_size=6))
    text = "\n".join(data.draw(st.permutations(mixed)) if data.draw(st.booleans()) else mixed)
    if not text.strip():
        return
    talk = told_apart(pages_of(text.split("\n")).pages, text.split("\n"))
    shown = [n.number for m in talk.messages for s in m.stretches for n in s.lines]
    shown += [line.number for run in talk.runs for line in run.lines]
    shown += [m.label.number for m in talk.messages if m.label]
    assert len(shown) == len(set(shown))
