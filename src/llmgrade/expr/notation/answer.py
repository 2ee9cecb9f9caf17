r"""The bare answer in a short wrapped text: ``\boxed{…}``, ``$…$``, "Final answer: **73**", "so x = 5.".

Another room than the grammar, with a score of its own: here a piece of the text is chosen, and what was set aside is said in a note.
Whatever is chosen is read whole by the grammar; a number is never fished out of mathematics that could not be read.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from llmgrade.expr.functions import CONSTANTS, SPELLINGS, read_unit
from llmgrade.expr.names import GREEK_NAMES
from llmgrade.expr.notation.reading import Note
from llmgrade.expr.symbols import SymbolTable

__all__ = ["Bare", "find_answer"]


@dataclass(frozen=True, slots=True)
class Bare:
    """The text of an answer and what was done to find it; ``word`` where it is a word and no mathematics."""

    text: str
    notes: tuple[Note, ...] = ()
    word: bool = False
    why: str = ""
    """Why no answer can be told from the text, where none can."""


_THINKING = re.compile(r"<think>.*?(?:</think>|\Z)", re.S)
_CHAT = re.compile(r"(?:<\|[a-z_]+\|>\s*(?:user|assistant|system)?\s*)+\Z")
_TURN = re.compile(r"<\|[a-z_]+\|>\s*(?:user|assistant|system)?")
_MARKED = re.compile(
    r"(?:final\s+answer|the\s+answer|answer|the\s+result|result|the\s+solution|solution)\s*(?:\*\*)?\s*(?:is\s*:?|should\s+be|:|=|\n|->|→|⇒)\s*(?:\*\*)?\s*(?:the\s+(?:final\s+)?answer\s+is\s*:?)?",
    re.I,
)
_MATHS = re.compile(
    r"\$\$(.+?)\$\$|\$((?:[^$\\]|\\.)+?)\$|\\\((.+?)\\\)|\\\[(.+?)\\\]|\\begin\{(?:align|equation|gather)\*?\}(.+?)\\end\{(?:align|equation|gather)\*?\}",
    re.S,
)
_MONEY = re.compile(r"(?<!\\)\$(?=\d[\d,]*(?:\.\d+)?(?![\w^{\\$,]|\.\d|\s*[-+*/=<>$\\]))")
_CONNECTOR = re.compile(
    r"(?:[\s$,;.]|\\[()\[\],;:! ]|\\q?quad|\\text\s*\{\s*(?:and|or|,|for [^{}]*)\s*\}|and|or|\\\\)*"
)
_ENDING = re.compile(r"\s*I hope (?:it|this) is correct\.?\s*\Z", re.I)
_NUMBER = re.compile(
    r"[-−+]?(?:[$€£¥₹]\s?)?\d+(?:,\d{3})*(?:[.,]\d+)?(?:/\d+)?(?:\s?(?:[%€£¥°]|\$(?!\w)|\\%|percent|pct|[a-zµ]{1,2}[²³23]\b|(?:km|cm|mm|kg|mg|ml|mi|ft|in|hours?|minutes?|days?|weeks?|years?|units?|miles?|meters?|dollars?|cents?|degrees?)\b))?"
)
_CODE = re.compile(r"[_{}\[\]|=<>`;#@&^*]|\w\(['\"]|['\"]\)|\(\)")
"""Signs that a text is a program or broken mathematics: nothing is guessed from such."""
_CLOCK = re.compile(r"(\d{1,2}):([0-5]\d)(?::([0-5]\d))?\s*(?:\\text\{\s*)?([AaPp])?\.?\s?(?:[Mm]\.?)?\s*\}?")
_ENDS, _LONGEST_UNIT = 2000, 80
_WORDS_OF_MATHS = frozenset(
    ("and", "or", "mod", "lim", "sum", "prod", "sqrt", "det", "inf", "sup", "arg", "const", "percent", "pct")
)


def find_answer(text: str, symbols: SymbolTable) -> tuple[Bare, ...]:
    """The answers a text may be giving, likeliest first; at least one (the text itself)."""
    notes: list[Note] = []
    trimmed = _THINKING.sub("", text)
    if "<|" in trimmed:
        trimmed = _TURN.sub("\n", _CHAT.sub("", trimmed))
    if not trimmed.strip():
        trimmed = text
    if trimmed != text:
        notes.append(Note("set-aside", "thinking and chat marks before and after the answer"))
    trimmed = _ENDING.sub("", _unescaped(trimmed))
    stripped = _without_ornament(trimmed)
    boxed = _boxed(stripped)
    said_last = [m.start() for m in re.finditer(r"final answer", stripped, re.I)]
    box_last = stripped.rfind("\\boxed")
    if said_last and said_last[-1] > box_last >= 0 and _after_mark(stripped) is not None:
        boxed = None
    if boxed is not None:
        return tuple(_finished(choice, notes, symbols) for choice in boxed)
    if not _is_prose(stripped, symbols) and not stripped.lstrip("* ").lower().startswith(("answer", "final answer")):
        joined = _joined_segments(stripped) if "$" in stripped or "\\(" in stripped or "\\[" in stripped else None
        return (_finished(joined if joined else stripped, notes, symbols),)
    marked = _after_mark(stripped)
    if marked is not None:
        inner = _maths_or(marked, symbols)
        notes.append(Note("set-aside", "the text around the marked answer"))
        return tuple(_finished(choice, notes, symbols) for choice in inner)
    tail = re.search(
        r"(?<![A-Za-z])(?:is|are|by|equals|was|of|to)\s+((?:\\?[$€£])?[-−+]?[\d(\[][^A-Za-z=;:]*)\.?\s*$", stripped
    )
    if tail is not None and "$" not in tail[1].strip("$"):
        notes.append(Note("set-aside", "the prose before the last value"))
        return (_finished(tail[1].strip(" .\n"), notes, symbols),)
    last = re.split(r"(?<=[.!?])\s+(?=[A-Z])", stripped.strip())[-1]
    if (
        re.match(r"(?:therefore|thus|hence|so)\b", last, re.I)
        and not _CODE.search(last)
        and "$" not in last
        and "\\" not in last
    ):
        counts = _NUMBER.findall(last)
        if len(counts) == 1:
            notes.append(Note("guessed", f"the one number of the last sentence, {counts[0].strip()}"))
            return (_finished(counts[0], notes, symbols),)
    segments = [next(g for g in found.groups() if g is not None) for found in _formulas(stripped)]
    if segments:
        notes.append(Note("set-aside", "the prose around the last formula"))
        joined = _joined_segments(stripped)
        return (_finished(joined if joined else segments[-1], notes, symbols),)
    sentence = stripped.rstrip()
    numbers = _NUMBER.findall(sentence)
    formula = re.search(r"[A-Za-z]\s*(?:=|<=|>=|<|>|≤|≥|!=|≠)\s*[-+\d(\[][^a-zA-Z]*", sentence)
    if formula is not None and not numbers:
        return (_finished(formula[0], notes, symbols),)
    if formula is not None and re.search(r"[<>≤≥≠]|!=|<=|>=", formula[0]):
        notes.append(Note("set-aside", "the prose around the formula"))
        return (_finished(formula[0].strip(" ."), notes, symbols),)
    if numbers and not _CODE.search(sentence) and not _inside_mathematics(sentence, numbers[-1]):
        notes.append(Note("guessed", f"the last number of the text, {numbers[-1].strip()}"))
        return (_finished(numbers[-1], notes, symbols),)
    if _CODE.search(sentence):
        return (Bare(stripped, tuple(notes)),)
    if numbers:
        return (Bare(stripped, tuple(notes), why="words around mathematics, with no value set apart"),)
    return (Bare(stripped.strip(" .\n"), tuple(notes), word=True),)


def _inside_mathematics(text: str, number: str) -> bool:
    """Whether the last number of a text is an operand or stands in nested brackets, so that it is no value by itself."""
    start = text.rindex(number)
    before, after = text[:start].rstrip(), text[start + len(number) :].lstrip()
    return (
        before.endswith(("+", "*", "/", "^", "<", ">", "|", "((", "( (", "[["))
        or after.startswith(("+", "*", "/", "^", "<", ">", "|", "=", "))", ") )", "]]"))
        or re.match(r"[-−]\s*[\d(]", after) is not None
    )


def _unescaped(text: str) -> str:
    r"""A text that was escaped once too often has ``\\\\frac`` for ``\\frac`` and ``\\n`` for a line break."""
    if "\x0c" in text or "\x08" in text:
        # An escape that was interpreted: a form feed and "rac" were once \\frac, a backspace and "eta" \\beta.
        text = re.sub(r"\\?\x08(?=[a-z])", r"\\b", re.sub(r"\\?\x0c(?=[a-z])", r"\\f", text))
    if "\\n" in text:
        text = re.sub(r"(?:\\n)+(?=[\s\\*$A-Z]|$)", "\n", text)
    if "\\\\" not in text:
        return text
    if re.search(r"\\\\(?:begin|boxed|left)(?![A-Za-z])", text):
        return text.replace("\\\\", "\\")
    if "\\begin" in text or "&" in text:
        return text
    return re.sub(r"\\\\(?=[A-Za-z]{2})", r"\\", text)


def _without_ornament(text: str) -> str:
    """Without pictures, Markdown emphasis and a lonely backslash at the end."""
    if not text.isascii():
        text = "".join(
            char
            for char in text
            if unicodedata.category(char) != "So" or char in "°℃℉⟨⟩" or unicodedata.decomposition(char)
        ).replace("\ufe0f", "")
    if "**" in text and text.count("**") % 2 == 0 and re.search(r"\*\*[^*\n]+?\*\*(?!\d)", text) is not None:
        text = re.sub(r"\*\*([^*\n]+?)\*\*", r"\1", text)
    text = text.strip().strip("`").strip()
    return text[:-1] if text.endswith("\\") and not text.endswith("\\\\") else text


def _boxed(text: str) -> list[str] | None:
    """The last boxes of a text; boxes that only connectors part are one answer."""
    if "\\boxed" not in text and "\\fbox" not in text:
        return None
    boxes: list[tuple[int, int, str]] = []
    position = 0
    while (start := _next_box(text, position)) >= 0:
        brace = text.find("{", start)
        if brace < 0:
            break
        level, at = 0, brace
        while at < len(text):
            char = text[at]
            if char == "\\":
                at += 2
                continue
            level += (char == "{") - (char == "}")
            if level == 0:
                break
            at += 1
        inner = text[brace + 1 : at] if level == 0 else text[brace + 1 :].rstrip("$} ")
        boxes.append((start, at + 1, inner))
        position = at + 1
        if len(boxes) > 50:
            break
    if not boxes:
        return None
    group = [boxes[-1]]
    for box in boxes[-2::-1]:
        between = text[box[1] : group[0][0]]
        if not _CONNECTOR.fullmatch(between):
            named = re.fullmatch(
                r"(?:[\s$,;.]|\\[()\[\]])*(?:[a-z]{2,15}\s+(?=and))?(?:and|,)?(?:[\s$]|\\[()\[\]])*(?:[A-Za-z](?:_\{?\w\}?)?\s*=\s*)?",
                between,
            )
            if named is None:
                break
        group.insert(0, box)
    contents = [box[2].strip() for box in group]
    values = [piece for index, piece in enumerate(contents) if piece not in contents[:index]]
    if len(values) > 1 and all(value == values[0] for value in values):
        values = values[:1]
    answer = ", ".join(values)
    after = re.match(r"\s*(?:\\[)\]]|\$)?\s*(%|\\%|percent|pct|percentage|°|degrees)(?![A-Za-z])", text[group[-1][1] :])
    if after is not None and len(values) == 1 and "%" not in answer:
        answer += " %" if after[1] not in ("°", "degrees") else "°"
    if answer.startswith("\\boxed") and len(values) == 1:
        return _boxed(answer) if answer.count("\\boxed") < 100 else [answer]
    return [answer]


def _next_box(text: str, position: int) -> int:
    found = [at for at in (text.find("\\boxed", position), text.find("\\fbox", position)) if at >= 0]
    return min(found) if found else -1


def _is_prose(text: str, symbols: SymbolTable) -> bool:
    """Whether there are words beside the mathematics."""
    if len(text) > 2 * _ENDS:
        text = f"{text[:_ENDS]} {text[-_ENDS:]}"  # how a long text begins and ends tells what it is
    bare = re.sub(r"\\(?:text|textbf|mbox|mathrm|operatorname|textit|textrm|textnormal)\s*\{[^{}]*\}", " ", text)
    bare = re.sub(r"\\[A-Za-z]+", " ", bare)
    if not bare.strip(" $.,"):
        return False
    words = re.findall(r"(?<![A-Za-z_\\^'])[A-Za-z][A-Za-z'’]{2,}(?![A-Za-z_^(])", bare)
    strange = [w for w in words if _is_strange(w, symbols)]
    if not strange:
        return False
    whole = text.strip(" .!$")
    if whole == strange[0]:
        return False  # one word: an answer in a word
    if re.fullmatch(r"[-−+$€£\d.,/%\s]+(?:[A-Za-z][A-Za-z\s]*)", whole):
        return False  # "10 weeks", "3 red apples": a quantity
    spoken = [w for w in strange if re.search(rf"(?:^|[\s:;,.$]){re.escape(w)}(?:$|[\s:;,.!?$])", text)]
    return len(spoken) > 1 or any(len(w) > 4 for w in spoken)


def _is_strange(word: str, symbols: SymbolTable) -> bool:
    """Whether a run of letters is a word of a language, and no function, name, unit or product such as ``sinx``."""
    if (
        word in SPELLINGS
        or word in _WORDS_OF_MATHS
        or word in GREEK_NAMES
        or word in CONSTANTS
        or symbols.get(word) is not None
    ):
        return False
    if re.search(r"[aeiouyAEIOUY]", word) is None or read_unit(word) is not None:
        return False
    return not _is_mathy(word)


def _is_mathy(word: str) -> bool:
    """``sinx``, ``ylnx``, ``pir``: a known function or Greek letter among at most two loose letters."""
    found = re.fullmatch(
        r"[a-zA-Z]?(sin|cos|tan|cot|sec|csc|ln|log|exp|sqrt|pi|arcsin|arccos|arctan|theta|alpha|beta|lambda)[a-zA-Z]?",
        word,
    )
    return found is not None


def _after_mark(text: str) -> str | None:
    marks = [found for found in _MARKED.finditer(text) if text[found.end() :].strip()]
    final = [found for found in marks if "final" in found[0].lower()]
    last = final[-1] if final else marks[-1] if marks else None
    if last is None:
        return None
    rest = _ENDING.sub("", text[last.end() :]).strip()
    # The answer is the sentence that follows; what comes after it is commentary.
    first = re.split(r"(?<=[.!?])\s+(?=[A-Z\[])", rest.split("\n\n")[0], maxsplit=1)[0]
    return first.strip() or None


def _maths_or(rest: str, symbols: SymbolTable) -> list[str]:
    """Of "The volume of ABC is 120." the value; of "\\"$12 $ and $13 $\\"" both."""
    rest = re.sub(r"^(?:\\?[\"“”'])+|(?:\\?[\"“”'])+\.?$", "", rest.strip()).strip()
    if not _is_prose(rest, symbols) and "$" not in rest and "\\(" not in rest:
        return [rest.rstrip(".")]
    joined = _joined_segments(rest)
    if joined:
        return [joined]
    segments = [next(g for g in found.groups() if g is not None) for found in _formulas(rest)]
    said = re.split(r"(?<![A-Za-z])(?:is|are|equals|=|be)(?![A-Za-z])", rest)
    tail = said[-1].strip().rstrip(".") if len(said) > 1 else ""
    if tail and not _is_prose(tail, symbols):
        return [tail]
    if segments:
        return [segments[-1]]
    numbers = _NUMBER.findall(rest)
    return [numbers[-1]] if numbers else [rest.rstrip(".")]


def _formulas(text: str) -> list[re.Match[str]]:
    """Formulas between delimiters; where dollars do not pair up, those before an amount are money."""
    if (text.count("$") - text.count("\\$")) % 2:
        text = _MONEY.sub(" ", text)
    return list(_MATHS.finditer(text))


def _joined_segments(text: str) -> str | None:
    """``$21,16$ or $11$``: formulas that only connectors part, at the end of the text, with a unit after them."""
    found = _formulas(text)
    if not found:
        return None
    tail = text[found[-1].end() :].strip(" .\n\"'\\")
    if tail and not (tail in ("%", "percent", "pct") or read_unit(tail) is not None):
        return None
    group = [found[-1]]
    for one in reversed(found[:-1]):
        if not _CONNECTOR.fullmatch(text[one.end() : group[0].start()]):
            break
        group.insert(0, one)
    pieces = [next(g for g in one.groups() if g is not None).strip().strip(",") for one in group]
    unit = "" if not tail else " %" if tail in ("%", "percent", "pct") else rf"\text{{ {tail}}}"
    return ", ".join(pieces) + unit


def _finished(text: str, notes: list[Note], symbols: SymbolTable) -> Bare:
    """The last touches that only a whole answer allows: separators of thousands, a decimal comma, a clock, a word."""
    own = list(notes)
    text = re.sub(r"(?<=\d)\s*\{,\s*\}\s*(?=\d)", "{,}", text)
    text = text.strip().strip("$").strip() if text.count("$") in (0, 2) else text.strip()
    text = re.sub(r"^\\[(\[]|\\[)\]]$", "", text).strip().rstrip(".").strip()
    if "$" in text and not re.fullmatch(r".*\$\s?\d.*|.*\d\s?\$.*|.*\\\$.*", text, re.S):
        text = text.replace("$", " ")
    text = re.sub(r"^(?:\d+\s*[.)]\s+)(?=\S)", "", text) if re.match(r"^\d+[.)]\s+[A-Za-z\\]", text) else text
    if re.fullmatch(r"[+\-−]?\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?:[.,]\d+)?", text):
        own.append(Note("separators", "spaces read as separators of thousands"))
        text = re.sub(r"[ \u00a0\u202f]", "", text)
    if re.fullmatch(r"[+\-−]?(?:0|\d{4,}),\d+(?:\s*(?:%|\\%|[$€£]))?", text) or re.fullmatch(
        r"[+\-−]?\d+,\d{1,2}\s?(?:[$€£]|\\%|%)", text
    ):
        own.append(Note("decimal-comma", "the comma read as a decimal point"))
        text = text.replace(",", ".")
    if re.fullmatch(r"[$€£]?\s*\d{1,3}(?:,\d{3})+(?:\.\d+)?\s*[$€£]?", text):
        text = text.replace(",", "")
    clock = _CLOCK.fullmatch(text)
    if clock is not None and (clock[4] or clock[3] or clock[2] == "00" or clock[1].startswith("0")):
        hour = int(clock[1]) % 12 + 12 if clock[4] in ("P", "p") else int(clock[1]) % 12 if clock[4] else int(clock[1])
        own.append(Note("clock", "read as a time of day"))
        return Bare(f"clock({hour}, {int(clock[2])}, {int(clock[3] or 0)})", tuple(own))
    choice = re.fullmatch(
        r"\(?\s*(?:\\(?:text|textbf|mathrm|mathbf)\s*\{\s*\(?([A-Za-z])\)?\s*\}|([A-Z]))\s*\)?\.?", text
    )
    if choice is not None:
        return Bare(choice[1] or choice[2], tuple(own))
    quantity = re.fullmatch(
        r"([-−+]?[\d.,/]+(?:\s\d+/\d+)?|[-−+]?\\d?frac\{\d+\}\{\d+\})\s*([A-Za-z][A-Za-z\s²³^\d/]*)", text
    )
    if (
        quantity is not None
        and not (len(quantity[2]) < 3 and read_unit(quantity[2]) is None)
        and (
            (read_unit(quantity[2]) is not None and len(quantity[2].strip()) > 1)
            or len(quantity[2].split()) > 1
            or len(quantity[2]) > 5
        )
    ):
        inner = quantity[2].strip()
        if (
            (inner not in SPELLINGS or read_unit(inner) is not None)
            and inner not in CONSTANTS
            and inner not in GREEK_NAMES
            and not re.search(r"\b(?:and|or)\b", inner)
            and symbols.get(inner) is None
            and inner not in ("percent", "pct", "percentage")
            and len(inner) <= _LONGEST_UNIT
            and (
                read_unit(inner) is not None
                or all(read_unit(w) is not None or _is_strange(w, symbols) or w in ("of", "per") for w in inner.split())
            )
        ) and (read_unit(inner) is not None or inner.replace(" ", "").isalpha()):
            return Bare(f"{quantity[1]} \\text{{ {inner}}}", tuple(own))
    plain = re.sub(r"\s+", " ", text)
    if re.fullmatch(r"[A-Za-z][A-Za-z' -]*[A-Za-z]\.?", plain) and _is_word(plain.rstrip("."), symbols):
        return Bare(plain.rstrip("."), tuple(own), word=True)
    return Bare(text, tuple(own))


_ANSWER_WORDS = frozenset(
    [
        "yes",
        "no",
        "odd",
        "even",
        "true",
        "false",
        "none",
        "one",
        "two",
        "six",
        "ten",
        "zero",
        "left",
        "right",
        "up",
        "down",
        "never",
        "always",
        "both",
        "either",
        "neither",
        "all",
        "not",
    ]
)


def _is_word(text: str, symbols: SymbolTable) -> bool:
    if " " in text:
        return (
            any(
                len(w) > 2 and w not in SPELLINGS and w not in GREEK_NAMES and re.search("[aeiouy]", w.lower())
                for w in text.split()
            )
            and symbols.get(text) is None
            and not any(w in ("and", "or") for w in text.split())
        )
    if text in SPELLINGS or text in CONSTANTS or text in GREEK_NAMES or symbols.get(text) is not None:
        return False
    if text.lower() in _ANSWER_WORDS:
        return True
    if len(symbols):
        rest = text
        for name in sorted((s.name for s in symbols), key=len, reverse=True):
            rest = rest.replace(name, "")
        if not rest:
            return False
    return len(text) > 3 and re.search("[aeiouyAEIOUY]", text) is not None and len(set(text.lower())) > 2
