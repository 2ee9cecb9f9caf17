"""Mathematics written without delimiters: which stretches of a line are formulas and which are words.

``a) ŵ = (XᵀX + λI)⁻¹Xᵀy, with λ > 0`` holds two formulas. A line is cut into tokens; what cannot belong to a formula
(words, sentence ends) separates runs; a run becomes a formula only where something in it says so. Currency, dates,
versions, units and lettered labels are words. When in doubt it is prose: claims may still read the words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from llmgrade.reading.short_words import ACRONYMS, SHORT_WORDS, UNITS, words_of

__all__ = ["LABEL", "formulas_in"]

_SUP = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱᵀᵗᵈᵏᵐᵇᵃᶜᵉᶠᵍʰʲˡᵒᵖʳˢᵘᵛʷˣʸᶻᴴᵝᵞᵟᶿᵠᵡᴬᴮᴰᴱᴳᴵᴶᴷᴸᴹᴺᴼᴾᴿᵁⱽᵂ"
_SUB = "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₒₓₔₕₖₗₘₙₚₛₜᵢⱼᵣᵤᵥᵦᵧᵨᵩᵪ"
_GREEK = "α-ωΑ-Ωϕϑϵϱϖς"
_LETTERLIKE = "ℓℏℝℕℤℚℂℙ𝔼ℒℋℱℐℛℳℰℬ"
_COMBINING = "\u0300-\u036f\u20d0-\u20ff"
_STRONG_OPERATORS = "√∛∂∇∑∏∫∬∮∞‖∥∈∉⊂⊆⊃⊇∪∩⊤†≪≫⇒⟹⟺⇔⟸⋅∘⊗⊙⊕∝±∓↦⟶⟂⊥∀∃∅⟨⟩⌊⌋⌈⌉≠≤≥≈≡≅≃≜≔⩽⩾∣"
_RELATIONS = "=<>≤≥≠≈≡≅≃≜≔∝∼~≪≫→←⟵⟶⇒⟹⟺⇔⟸↦∈∉⊂⊆⊃⊇⩽⩾⟂⊥"
_INFIX = "-+−–*·⋅×∘/∕÷⊗⊙⊕∪∩±∓@^∧∨"
_INFIX_CLASS = _INFIX.replace("^", "\\^").replace("-", "\\-")
_PREFIX = "√∛∂∇∑∏∫∬∮∀∃Δ"

_FUNCTIONS_SPACED = words_of(
    "log ln lg exp sin cos tan cot sec csc sinh cosh tanh arcsin arccos arctan det tr argmax argmin arg lim sgn ker"
)
"""Names that take an argument after a blank."""
_FUNCTIONS = _FUNCTIONS_SPACED | words_of(
    "max min sup inf rank trace norm sign span dim diag sqrt inv pinv transpose abs softmax sigmoid relu vec Var Cov Pr "
    "null Null col Col Rank Span erf gcd lcm mod ReLU prox proj Tr Re Im sum prod mean var cov prob floor ceil"
)
_CONSTANTS = words_of("const constant")
_VALUES = words_of("infinity infty")
_GREEK_NAMES = words_of(
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau phi chi psi omega "
    "Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega"
)
_NAMED = _FUNCTIONS | _FUNCTIONS_SPACED | _CONSTANTS | _VALUES | _GREEK_NAMES
_MODULES = ("np", "numpy", "sp", "sympy", "torch", "jnp", "jax", "scipy", "la", "linalg", "math", "tf", "nn", "F")

_TOKEN = re.compile(
    rf"""
    (?P<space>[ \t\u00a0\u2000-\u200b\u202f\u2060\u3000]+)
  | (?P<word>https?://\S+ | www\.\S+ | [\w.+-]+@[\w-]+(?:\.[\w-]+)*\.[a-z]{{2,6}}\b
      | [€£¥$]\s?\d[\d.,]*(?:\s?[kKmMbB]\b)? | \d[\d.,]*\s?(?:€|£|%|°\s?[CF]?|‰)
      | \b(?:i\.e\.|e\.g\.|w\.r\.t\.|s\.t\.|a\.k\.a\.|z\.\s?B\.|d\.\s?h\.|p\.\s?ej\.|c\.-à-d\.|vs\.|etc\.|cf\.|resp\.|w\.l\.o\.g\.|i\.i\.d\.)
      | \b(?:w/o|w/|n/a|N/A|I/O|and/or|b/c|A/B|km/h|m/s|TCP/IP|24/7|50/50)(?![\w/])(?=\s+[a-zA-Z]|[,.;]|\s*$)
      | \d+(?:st|nd|rd|th)\b | \d+D\b(?=[ -][a-z]) | \d+x\b(?=\s[a-z]{(3,)}) | [^\W_]{{2,}}(?:[-‑][^\W\d_]{{2,}})+ | [^\W_][-‑](?:th\b|[^\W\d_]{{4,}}) | \d{{4}}-\d{{1,2}}-\d{{1,2}} | \d{{1,2}}/\d{{1,2}}/\d{{2,4}} | \d{{1,2}}\.\d{{1,2}}\.\d{{4}} | \d{{1,2}}:\d{{2}}
      | v?\d+\.\d+\.\d+ | \d+[-–—]\d+\s+(?:years|days|hours|min|minutes|pages|weeks|steps|points)\b
      | [^\W\d_]*[^\W\d_{_GREEK}]{{4,}}[{_SUP}]+ )
  | (?P<tex>\\(?:text|textbf|textit|mathrm|operatorname\*?|mathbf|mathbb|mathcal|boldsymbol|mathsf|mbox)\s*\{{[^{{}}\n]*\}}
      | \\[A-Za-z]+\*? | \\[{{}}|,;:!\ ] )
  | (?P<dotted>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+)
  | (?P<number>\d+(?:[.,]\d+)*(?:[eE][+-]?\d+)? | [½⅓⅔¼¾⅕⅛])
  | (?P<script>[{_SUP}{_SUB}]+)
  | (?P<letters>(?:[^\W\d_{_SUP}{_SUB}][{_COMBINING}]*)+)
  | (?P<prime>[′″‴]+ | '{{1,3}}(?![^\W\d_]) | '(?!(?:s|t|d|m|re|ve|ll)(?![^\W\d_]))(?=[^\W\d_]{{1,2}}(?![^\W\d_])))
  | (?P<relation>:= | == | != | <= | >= | => | ->  | <- | ~= | << | >> | [{_RELATIONS}])
  | (?P<bars>\|\| | [|‖∥∣])
  | (?P<infix>\*\* | \+/- | [{_INFIX_CLASS}])
  | (?P<under>_)
  | (?P<prefix>[{_PREFIX}])
  | (?P<value>[∞∅⊤†‡…⋯⋮⋱] | \.\.\.)
  | (?P<open>[(\[{{⟨⌊⌈])
  | (?P<close>[)\]}}⟩⌋⌉])
  | (?P<comma>[,;:](?=\s|[^\s]))
  | (?P<bang>!)
  | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_RUNNING_WORDS = re.compile(
    rf"(?:(?!(?:{'|'.join(sorted(_FUNCTIONS_SPACED | _GREEK_NAMES | _CONSTANTS))})\b)"
    r"(?:[a-z]{4,}|the|of|to|and|is|in|so|we|it|for|its|at|by|an|as|on|are|if|be|has|not|can|this) +)+(?=[A-Za-z])"
)
"""Words before another word, passed over at once."""
_MARKER = r"\(?(?:[a-zA-Z]|[ivxIVX]{1,5}|\d{1,2})(?:[.][ivx]{1,4}|[.]\d{1,2})?[).]"
_PAREN = r"\((?:[a-zA-Z]|[ivxIVX]{1,5}|\d{1,2})\)"
LABEL = re.compile(
    rf"""\s*(?:[-*+•◦‣–]\s+)?(?:[*_]{{1,3}})?
    (?:(?:{_PAREN}(?:\s*{_PAREN})*|{_MARKER}(?=\s)|(?:[a-h]|[ivx]{{1,4}})\.(?=\s)|\d{{1,2}}[a-h]?[.)](?=\s))
       (?:\s+{_PAREN})*)
    (?:[*_]{{1,3}})?[:.]?(?:[*_]{{1,3}})?(?=\s|$)\s*""",
    re.VERBOSE,
)
"""A marker at the start of a line: ``(a)``, ``b)``, ``(b)(ii)``, ``- **(i)**``, ``3.``."""
_INNER_LABEL = re.compile(r"(?:(?<=\s)|^)(?:\((?:[a-h]|i{1,3}|iv|v|vi{1,3}|ix|\d{1,2})\))+(?=\s|[.,;:]|$)")
_BULLET = re.compile(r"\s*(?:[-*+•◦‣▪–]\s+|#{1,6}\s+|>\s?)*")
_ANSWER_COLON = re.compile(
    r"(?:answer|result|value|solution|total|antwort|ergebnis|respuesta|resultado|réponse|résultat|risposta|答案|结果)"
    r"[*_\s]*[:：][*_]*\s*$",
    re.IGNORECASE,
)
_SPANISH = re.compile(
    r"\b(?:el|la|los|las|es|de|que|para|con|si|por|una?|se|del|son|cuando|entonces|donde)\b", re.IGNORECASE
)
_EMPHASIS = re.compile(r"(?<![\w*\\^.)\]])(\*{1,3})(?=[^\s*])([^*\n]*?[^\s*\\^])(\1)(?![\w*(])")
_TRIGGER = re.compile(
    rf"\d[^\W\d_](?![^\W_])|[=<>^_\\+*/|@−~\[(\-√∂∇]|[{_STRONG_OPERATORS}×·→{_SUP}{_SUB}{_GREEK}{_LETTERLIKE}\U0001d400-\U0001d7ff{_COMBINING}]"
)
_GREEK_RE = re.compile(rf"[{_GREEK}{_LETTERLIKE}]")
_ITALIC = re.compile(r"[\U0001d400-\U0001d7ff]")


@dataclass(slots=True)
class _Token:
    kind: str
    text: str
    start: int
    stop: int
    strong: bool = False
    spaced: bool = False
    """Whether blanks stand before it."""


def formulas_in(line: str, *, starts_line: bool = True, ends_line: bool = True) -> list[tuple[int, int]]:
    """Offsets ``[start, stop)`` of the formulas of one line of prose.

    >>> line = "a) ŵ = (XᵀX + λI)⁻¹Xᵀy, with λ > 0."
    >>> [line[start:stop] for start, stop in formulas_in(line)]
    ['ŵ = (XᵀX + λI)⁻¹Xᵀy', 'λ > 0']
    >>> formulas_in("It costs $5, or 4.50 € (a bargain), and/or 20% more.")
    []
    """
    begin, labelled = 0, False
    if starts_line:
        label = LABEL.match(line)
        if label:
            begin, labelled = label.end(), True
        else:
            bullet = _BULLET.match(line)
            begin = bullet.end() if bullet else 0
    asked = ends_line and ":" in line and _ANSWER_COLON.search(line[: line.rindex(":") + 1])
    if not labelled and not asked and not _TRIGGER.search(line, begin):
        return []
    if len(line) - begin > 8_000:
        return []
    tokens = _classified(_tokens(line, begin))
    found: list[tuple[int, int]] = []
    if " y " in line and len(_SPANISH.findall(line)) > 1:
        _spanish_and(tokens)
    for run, before, after in _runs(tokens):
        whole = _whole(line, run, begin, labelled, ends_line)
        listed = before is not None and before.kind == "word" and _INNER_LABEL.fullmatch(before.text) is not None
        if listed and (
            after is None or after.kind == "comma" or after.text == "." or _INNER_LABEL.fullmatch(after.text)
        ):
            found.extend(span for segment in _balanced(run) if (span := _confident(segment, True, True, line, after)))
            continue
        led = whole and _ANSWER_COLON.search(line[: run[0].start]) is not None
        for segment in _balanced(run):
            span = _confident(segment, whole, labelled or bool(led), line, after)
            if span is not None:
                found.append(span)
    return found


def _spanish_and(tokens: list[_Token]) -> None:
    """``λ → 0 y X es alta``: a y between blanks, before a symbol that a word or a relation follows, is the word."""
    for index in range(1, len(tokens) - 2):
        token, after, beyond = tokens[index], tokens[index + 1], tokens[index + 2]
        if (
            token.text == "y"
            and token.spaced
            and after.spaced
            and tokens[index - 1].kind in {"atom", "suffix", "close"}
        ):
            if after.kind == "atom" and beyond.kind in {"word", "relation", "lone"}:
                token.kind = "word"


def _tokens(line: str, begin: int) -> list[_Token]:
    hidden: set[int] = set()
    if "*" in line:
        for match in _EMPHASIS.finditer(line):
            hidden.update(range(match.start(1), match.end(1)))
            hidden.update(range(match.start(3), match.end(3)))
        hidden.update(_bold_edges(line))
    labels = {match.start(): match.end() for match in _INNER_LABEL.finditer(line)}
    tokens: list[_Token] = []
    position, spaced = begin, False
    while position < len(line):
        if position in labels:
            tokens.append(_Token("word", line[position : labels[position]], position, labels[position], spaced=spaced))
            position, spaced = labels[position], False
            continue
        if position in hidden:
            tokens.append(_Token("other", line[position], position, position + 1, spaced=spaced))
            position, spaced = position + 1, False
            continue
        words = _RUNNING_WORDS.match(line, position) if "a" <= line[position] <= "z" else None
        if words is not None:
            tokens.append(_Token("word", words.group(), position, words.end(), spaced=spaced))
            position, spaced = words.end(), True
            continue
        token = _TOKEN.match(line, position)
        assert token is not None
        assert token.lastgroup is not None
        if token.lastgroup == "space":
            spaced = True
        else:
            tokens.append(_Token(token.lastgroup, token.group(), position, token.end(), spaced=spaced))
            spaced = False
        position = token.end()
    return tokens


def _bold_edges(line: str) -> set[int]:
    """Stars of bold text that the pairing of emphasis missed: ``**`` beside a blank or the line's end."""
    found: set[int] = set()
    for match in re.finditer(r"\*\*+", line):
        before = line[match.start() - 1] if match.start() else " "
        after = line[match.end()] if match.end() < len(line) else " "
        if before.isspace() != after.isspace() or (before in ".,:;!?" or after in ".,:;!?"):
            found.update(range(match.start(), match.end()))
    return found


def _classified(tokens: list[_Token]) -> list[_Token]:
    """Tokens with the kinds a run is made of: atom, infix, relation, prefix, suffix, bars, open, close, comma, word."""
    for index, token in enumerate(tokens):
        before = tokens[index - 1] if index else None
        after = tokens[index + 1] if index + 1 < len(tokens) else None
        match token.kind:
            case "letters" if len(token.text) > 2 and _plural(tokens[index + 1 : index + 4]):
                token.kind = "word"
            case "letters":
                _classify_letters(token, before, after)
            case "dotted":
                _classify_dotted(token, after)
            case "tex":
                token.strong = len(token.text) > 2 or token.text in {"\\|"}
                token.kind = "bars" if token.text == "\\|" else _tex_kind(token.text)
            case "script":
                token.kind, token.strong = "suffix", True
                if token.spaced and not (before and before.kind in {"suffix", "close", "atom"}):
                    token.kind = "atom"
            case "number":
                token.kind = "atom"
            case "prime":
                token.kind = "suffix" if before is not None and not token.spaced else "other"
            case "value":
                token.kind, token.strong = "atom", token.text not in {"...", "…"}
            case "under":
                joined = not token.spaced and _subscripts(before, after)
                token.kind, token.strong = ("infix", True) if joined else ("other", False)
            case "infix":
                _classify_infix(token, before, after)
            case "bars":
                token.strong = token.text != "|"
            case "prefix":
                token.strong = True
            case "open" | "close":
                token.strong = token.text in _STRONG_OPERATORS
            case "bang":
                token.kind = (
                    "suffix"
                    if before is not None and not token.spaced and before.kind in {"atom", "close"}
                    else "other"
                )
    return tokens


def _subscripts(before: _Token | None, after: _Token | None) -> bool:
    """Whether an underscore between these is a subscript: ``w_ridge`` is a symbol, ``max_iter`` a program's variable."""
    if (
        before is None
        or after is None
        or after.spaced
        or before.kind not in {"atom", "suffix", "close", "call", "value", "prefix", "bars"}
    ):
        return False
    return len(before.text) <= 2 or len(after.text) <= 2 or before.kind == "close" or before.text.startswith("\\")


def _plural(following: Sequence[_Token]) -> bool:
    """Whether a word goes on as in ``matrix(s)``."""
    texts = [token.text for token in following]
    return (
        len(texts) == 3
        and texts[0] == "("
        and texts[1] in {"s", "es", "n", "en", "e"}
        and texts[2] == ")"
        and not following[0].spaced
    )


def _tex_kind(text: str) -> str:
    name = text[1:]
    if name in {"{", "}"}:
        return "open" if name == "{" else "close"
    if name in {",", ";", ":", "!", " ", "quad", "qquad"}:
        return "thin"
    if name in {
        "le",
        "leq",
        "ge",
        "geq",
        "ne",
        "neq",
        "approx",
        "equiv",
        "sim",
        "propto",
        "to",
        "rightarrow",
        "in",
        "ll",
        "gg",
        "implies",
        "Rightarrow",
        "iff",
        "subset",
        "subseteq",
        "mapsto",
        "longrightarrow",
        "Longrightarrow",
        "coloneqq",
    }:
        return "relation"
    if name in {"cdot", "times", "pm", "mp", "circ", "odot", "otimes", "cup", "cap", "div", "mid"}:
        return "infix"
    return "atom"


def _classify_letters(token: _Token, before: _Token | None, after: _Token | None) -> None:
    plain, marked = token.text, False
    if (
        len(plain) > 3
        and plain.isascii()
        and plain not in _NAMED
        and (after is None or after.spaced or (after.kind not in {"open", "script", "under"} and after.text != "^"))
        and (before is None or before.text not in {"_", "^"})
    ):
        token.kind = "word"  # most are: all below is for the others
        return
    if not plain.isascii():
        plain = unicodedata.normalize("NFD", token.text)
        plain = "".join(char for char in plain if not unicodedata.combining(char))
        marked = any(unicodedata.combining(char) for char in token.text)
    called = after is not None and after.kind == "open" and not after.spaced
    scripted = after is not None and after.kind in {"script", "under"} and not after.spaced
    scripted = scripted or (after is not None and after.text == "^" and not after.spaced)
    if _ITALIC.search(token.text):
        token.kind, token.strong = "atom", True
        return
    if _GREEK_RE.search(token.text):
        greek_word = len(plain) > 3 and all("\u0370" <= char <= "\u03ff" for char in plain)
        latin = re.sub(rf"[{_GREEK}{_LETTERLIKE}]", " ", plain).split()
        long = any(len(part) > 3 and part not in _FUNCTIONS for part in latin)
        token.kind = "word" if greek_word or long else "atom"
        return
    if not all("a" <= char.lower() <= "z" for char in plain):
        token.kind = "word"
        return
    if len(plain) == 1:
        token.kind = "atom" if not (marked and token.text in "áàâéèêíìîóòôúùûÁÀÉÈ") else "word"
        if marked and token.kind == "atom" and token.text != unicodedata.normalize("NFC", token.text):
            token.strong = True
        return
    if plain in _FUNCTIONS and (called or scripted):
        token.kind = "atom"
        token.strong = called and plain in _FUNCTIONS_SPACED
        return
    if plain in _FUNCTIONS_SPACED and after is not None and after.kind in {"letters", "number", "bars", "tex"}:
        token.kind = "function"
        return
    if plain in _VALUES and before is not None and before.kind == "relation":
        token.kind = "atom"
        return
    if before is not None and before.kind == "infix" and before.text == "_" and not token.spaced:
        # A subscript may be a word: w_ridge, x_max.
        token.kind = "atom"
        return
    if plain in _CONSTANTS:
        token.kind = "constant"
        return
    if plain in _GREEK_NAMES:
        token.kind = "atom"
        return
    if before is not None and before.text == "^" and not token.spaced and plain[0] in "TH" and len(plain) <= 4:
        # A transpose and what it is followed by, which may spell a word: x^TAx, v^Tu.
        token.kind = "atom"
        return
    if called:
        token.kind = "call"
        return
    if len(plain) > 3 or plain.lower() in SHORT_WORDS or plain in ACRONYMS:
        token.kind = "word"
        if (
            scripted
            and after is not None
            and after.kind != "script"
            and len(plain) <= 12
            and plain.lower() not in SHORT_WORDS
        ):
            token.kind = "call"
        return
    if plain in UNITS and before is not None and before.kind in {"number", "atom"} and before.text[:1].isdigit():
        token.kind = "word"
        return
    near = (
        after is not None and after.kind in {"infix", "relation", "script", "under", "close", "bars", "number"}
    ) or (
        before is not None
        and before.kind in {"infix", "relation", "open", "bars", "suffix", "close", "number", "prefix"}
    )
    mixed = plain.lower() != plain
    token.kind = "atom" if near or mixed else "word"
    if not near and mixed and plain.istitle() and len(plain) == 3:
        token.kind = "word"
    if token.kind == "word" and (before is None or after is None):
        token.kind = "lone"


def _classify_dotted(token: _Token, after: _Token | None) -> None:
    first, last = token.text.split(".", 1)[0], token.text.rsplit(".", 1)[1]
    called = after is not None and after.kind == "open" and not after.spaced
    if (
        (last in {"T", "H"} and len(first) <= 3)
        or (first in _MODULES and (called or last in {"pi", "inf"}))
        or (called and len(first) <= 2 and last in {"dot", "transpose", "inv", "norm", "sum", "mean", "T"})
    ):
        token.kind, token.strong = "atom", True
    else:
        token.kind = "word"


def _classify_infix(token: _Token, before: _Token | None, after: _Token | None) -> None:
    follows = after is not None and not after.spaced
    if token.text == "*" and before is not None and before.text in {"^", "_"}:
        token.kind = "atom"
    elif token.text == "*" and before is not None and not token.spaced and not follows:
        # w* at the end of an operand is the optimum; w*x multiplies.
        token.kind = "suffix"
    elif token.text == "^":
        token.strong = before is not None and after is not None and not token.spaced
    elif token.text == "**":
        token.strong = before is not None and follows and not token.spaced
    elif token.text in "/" and before is not None and token.spaced != (after.spaced if after else False):
        token.kind = "other"
    elif token.text == "@":
        token.strong = (
            before is not None
            and after is not None
            and before.kind in {"atom", "close"}
            and token.spaced == after.spaced
        )
        if not token.strong:
            token.kind = "other"
    elif (
        token.text == "–"
        and before is not None
        and before.text[:1].isdigit()
        and after is not None
        and after.text[:1].isdigit()
    ):
        token.kind = "other"
    else:
        token.strong = token.text in _STRONG_OPERATORS


_IN_RUN = words_of("atom infix relation prefix suffix bars open close thin call function constant lone")


def _runs(tokens: list[_Token]) -> list[tuple[list[_Token], _Token | None, _Token | None]]:
    """Maximal stretches without words; commas only inside brackets. With the tokens before and after each."""
    found: list[tuple[list[_Token], _Token | None, _Token | None]] = []
    run: list[_Token] = []
    first_before: _Token | None = None
    closers = _closers(tokens)
    depth_stop = -1
    for index, token in enumerate(tokens):
        inside = index < depth_stop
        keeps = token.kind in _IN_RUN or (token.kind == "comma" and inside)
        if keeps:
            if not run:
                first_before = tokens[index - 1] if index else None
            run.append(token)
            if token.kind == "open" and index in closers:
                depth_stop = max(depth_stop, closers[index])
        else:
            if run:
                found.append((run, first_before, token))
            run = []
    if run:
        found.append((run, first_before, None))
    return found


def _closers(tokens: list[_Token]) -> dict[int, int]:
    """For each opening bracket whose partner is reached without a word between, the partner's index."""
    stack: list[int] = []
    found: dict[int, int] = {}
    for index, token in enumerate(tokens):
        if token.kind == "open":
            stack.append(index)
        elif token.kind == "close" and stack:
            found[stack.pop()] = index
        elif token.kind not in _IN_RUN and token.kind != "comma":
            stack.clear()
    return found


def _whole(line: str, run: Sequence[_Token], begin: int, labelled: bool, ends_line: bool) -> bool:
    """Whether the run is all there is on its line, after the label or a colon, but for closing punctuation."""
    before = line[begin : run[0].start].strip(" \t*_")
    after = line[run[-1].stop :].strip(" \t*_.,;!✅✓")
    if after or not ends_line:
        return False
    return not before or before.endswith((":", "：", "="))


def _balanced(run: list[_Token]) -> list[list[_Token]]:
    """The run cut at brackets that have no partner in it."""
    stack: list[int] = []
    lonely: set[int] = set()
    for index, token in enumerate(run):
        if token.kind == "open":
            stack.append(index)
        elif token.kind == "close":
            if stack:
                stack.pop()
            else:
                lonely.add(index)
    lonely.update(stack)
    lonely.update(_asides(run, lonely))
    segments: list[list[_Token]] = [[]]
    for index, token in enumerate(run):
        if index in lonely:
            segments.append([])
        else:
            segments[-1].append(token)
    return [segment for segment in segments if segment]


def _asides(run: list[_Token], lonely: set[int]) -> set[int]:
    """Brackets set off by a blank that hold a relation of their own: ``symmetric A (A = Aᵀ)``."""
    found: set[int] = set()
    stack: list[int] = []
    related: set[int] = set()
    for index, token in enumerate(run):
        if index in lonely:
            continue
        if token.kind == "open":
            stack.append(index)
        elif token.kind == "relation" and stack:
            related.add(stack[-1])
        elif token.kind == "close" and stack:
            opened = stack.pop()
            before = run[opened - 1] if opened else None
            set_off = (
                run[opened].spaced
                and run[opened].text == "("
                and before is not None
                and before.kind in {"atom", "suffix", "close"}
            )
            if opened in related and set_off and not stack:
                found |= {opened, index}
    return found


def _confident(
    segment: list[_Token], whole: bool, labelled: bool, line: str, after: _Token | None
) -> tuple[int, int] | None:
    segment, related = _trimmed(segment, line)
    if not segment:
        return None
    start, stop = segment[0].start, segment[-1].stop
    operands = [token for token in segment if token.kind in {"atom", "call"}]
    if not operands:
        return None
    lettered = any(not token.text[:1].isdigit() for token in operands)
    strong = any(token.strong for token in segment)
    relations = [token for token in segment if token.kind == "relation"]
    infixes = [token for token in segment if token.kind == "infix"]
    if _unit_or_substance(segment):
        return None
    ends = after is None or after.kind == "comma" or after.text == "."
    if ends and len(segment) == 2 and _multiple(*segment):
        return start, stop
    greek = any(_GREEK_RE.search(token.text) for token in operands)
    if whole and (infixes or relations or (labelled and not _sentence_like(segment))):
        return start, stop
    if strong and (lettered or infixes or any(token.text in "√∑∏∫" for token in segment)) and len(segment) > 1:
        return start, stop
    if relations and lettered and len(operands) > 1:
        return start, stop
    if relations and len(operands) > 1 and any(token.text in {"=", "≈", "≠"} for token in relations):
        return start, stop
    if greek and len(segment) > 1:
        return start, stop
    if related and lettered and len(segment) > 1:
        return start, stop
    if any(token.text == "×" for token in infixes) and lettered:
        return start, stop
    solid = any(token.text in "+−*·" and token.kind == "infix" for token in segment)
    dashed = any(token.text in "-/" and token.spaced for token in infixes)
    if lettered and (solid or dashed) and len(operands) > 1 and not _tag(segment):
        return start, stop
    product = any(token.kind == "open" for token in segment) and infixes and lettered
    if product and len(operands) > 1:
        return start, stop
    return None


def _unit_or_substance(segment: list[_Token]) -> bool:
    """``5 m²``, ``CO₂``: a unit's power, a formula of chemistry."""
    if len(segment) == 3 and segment[0].text[:1].isdigit() and segment[1].spaced and segment[1].text in UNITS:
        return segment[2].kind == "suffix" and segment[2].text in {"²", "³"}
    return (
        len(segment) == 2
        and len(segment[0].text) > 1
        and segment[0].text.isupper()
        and segment[1].text in {"₂", "₃", "₄"}
    )


def _multiple(first: _Token, second: _Token) -> bool:
    """``2x``: a number on a symbol, which is no unit."""
    return (
        first.text.isdigit()
        and second.kind == "atom"
        and not second.spaced
        and len(second.text) == 1
        and second.text.isalpha()
        and second.text not in UNITS | {"k", "M", "B", "D", "G"}
    )


def _sentence_like(segment: list[_Token]) -> bool:
    """Whether a lone token after a label is rather a word: ``(a) I``, yes; ``1. A``, no way to tell, so no."""
    return all(token.kind in {"lone", "constant"} for token in segment)


def _tag(segment: list[_Token]) -> bool:
    """``C++``, ``A+``: letters with a sign that belongs to no second operand."""
    return segment[-1].kind == "infix"


def _trimmed(segment: list[_Token], line: str) -> tuple[list[_Token], bool]:
    """Without what cannot begin or end a formula; and whether a relation was taken off its left."""
    related = False
    changed = True
    while segment and changed:
        changed = False
        first, last = segment[0], segment[-1]
        following = segment[1] if len(segment) > 1 else None
        if first.kind in {"relation", "suffix", "thin", "comma", "constant", "lone"} and not (
            first.kind == "lone" and len(segment) == 1
        ):
            related = related or first.kind == "relation"
            segment, changed = segment[1:], True
        elif (
            first.kind == "infix"
            and not (
                first.text in {"−", "-", "+", "±", "∓", "–"}
                and following is not None
                and (not following.spaced or first.text == "−")
            )
        ) or _article(first, following, line):
            segment, changed = segment[1:], True
        elif (
            last.kind in {"relation", "infix", "prefix", "thin", "comma", "function", "lone"} and len(segment) > 1
        ) or (last.text == "!" and last.kind == "suffix"):
            segment, changed = segment[:-1], True
        elif len(segment) == 1 and last.kind in {"relation", "infix", "prefix", "bars", "function", "constant", "call"}:
            return [], related
        elif last.kind == "bars" and sum(token.kind == "bars" and token.text == last.text for token in segment) % 2:
            index = len(segment) - 1
            segment, changed = segment[:index], True
        elif first.kind == "bars" and sum(token.kind == "bars" and token.text == first.text for token in segment) % 2:
            segment, changed = segment[1:], True
        elif len(segment) > 2 and first.kind == "open" and last.kind == "close" and _wraps(segment) and _aside(segment):
            segment, changed = segment[1:-1], True
    return segment, related


def _article(first: _Token, following: _Token | None, line: str) -> bool:
    """``a 2×2 matrix``, ``for a λ > 0``: the article is no factor."""
    if first.text not in {"a", "A", "I", "y", "e", "o", "à"} or following is None or not following.spaced:
        return False
    if following.kind not in {"atom", "call", "function", "bars", "prefix", "open"}:
        return False
    if following.text[:1].isdigit():
        return True
    before = line[: first.start].rstrip()
    return first.text in {"a", "y", "e", "o", "à"} and bool(before) and before[-1].isalpha()


def _wraps(segment: list[_Token]) -> bool:
    depth = 0
    for index, token in enumerate(segment):
        depth += token.kind == "open"
        depth -= token.kind == "close"
        if depth == 0:
            return index == len(segment) - 1
    return False


def _aside(segment: list[_Token]) -> bool:
    """Whether brackets around a whole segment set an aside off, as in ``(λ > 0)``: a relation stands in them."""
    depth = 0
    for token in segment:
        depth += token.kind == "open"
        depth -= token.kind == "close"
        if depth == 1 and token.kind == "relation" and segment[0].text == "(":
            return True
    return False
