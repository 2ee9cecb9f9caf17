"""How a text falls into lexemes, and what kinds of token they become.

A lexeme is found by one compiled pattern; a `Token` is ``(kind, value, written)``. Subscripts, primes and a star belong to the lexeme
of their name, so that one look into a dictionary says what ``w_{ridge}^*`` is.
"""

from __future__ import annotations

import re
from typing import Any, TypeAlias

from llmgrade.expr.names import COMBINING, SUBSCRIPTS, SUPERSCRIPTS

__all__ = ["INVISIBLE", "LEXEME", "RELATIONS", "SIMPLE", "SPACED", "STYLES", "Token", "unspaced"]

Token: TypeAlias = tuple[int, Any, Any]

(
    EOF, NUM, SYM, LP, RP, LB, RB, PLUS, MINUS, STAR, SLASH, CARET, POST, REL, COMMA, FUNC, FRAC, SQRT, BAR, DBAR, OBAR, CBAR,
    BIG, AMP, ROW, BEGIN, END, PM, BANG, UNDER, PARTIAL, NABLA, WORD, SETL, SETR, INFIX, LIM, CDOT, LANG, RANG, BINOM, COLON, INT,
    LOGIC, NOT, DOTS, SEMI, UNIT, PERCENT, DEGREE, DIFF, MAYBE, METHOD, COND, SETOP, OVER, BOX, THOUSANDS, MONEY, MOD, UNDERSET, PRIME, ACCENT, REMARK,
) = range(64)  # fmt: skip
"""Kinds of token. MAYBE is a letter that is a function when a bracket follows (f, P); DIFF is ``dx``; COND is if, for, where."""

STYLES = (
    "mathbf|mathrm|boldsymbol|operatorname\\*?|textbf|textrm|textit|textsf|textnormal|text|mathsf|mathcal|mathbb|mathit|bm|rm|bf|mbox|"
    "mathtt|mathfrak|mathscr|mathop|pmb|symbf|up"
)
_ACCENT = "hat|widehat|bar|overline|tilde|widetilde|dot|ddot|check|breve|underline|vec|overrightarrow"
_SMALL = "".join(SUBSCRIPTS)
_HIGH = "".join(SUPERSCRIPTS)
_MARKS = "".join(COMBINING)
_BRACES = r"\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\}"
_SUB = rf"(?:_(?:{_BRACES}|(?=[a-z]*[aeiou])[a-z]{{3,}}(?![A-Za-z_^])|[A-Z]{{2,}}(?![A-Za-z_^])|[i-n]{{2}}(?![A-Za-z_^{{])|\d\d(?!\d)|\\(?:{STYLES})\s*{_BRACES}|\\[A-Za-z]+|[A-Za-z0-9∞α-ω*⋆†])|[{_SMALL}]+)"
_STAR = r"(?:\^(?:\{(?:\*|\\ast|\\star|⋆|∗)\}|\\star(?![A-Za-z])|\\ast(?![A-Za-z])|\*(?!\*)|⋆|∗))"
_RAISED = rf"(?:\^(?:\d|[A-Za-z]|\\top(?![A-Za-z])|\{{[^{{}}]*\}})(?=_){_SUB})"
_TAIL = rf"(?:{_SUB})?(?:{_STAR}(?:{_SUB})?)?['′’″]*(?:{_RAISED})?"

_COMMON = "frac|lambda|top|cdot|times|[Ss]igma|mu|pi|ln|exp|sqrt|alpha|beta|theta|log|sin|cos|dagger"

INVISIBLE = re.compile(
    r"(?:[\s\u200b\u200c\u200d\u2060\u2061\u2062\ufeff\u00ad]|\\[,;:! >/]|\\(?:quad|qquad|displaystyle|textstyle|limits|nolimits|thinspace|medspace|thickspace|negthinspace|"
    r"negmedspace|negthickspace|enspace|hspace\{[^{}]*\}|phantom\{[^{}]*\}|,|bigl?|Bigl?|nonumber|hfill|hline|tag\{[^{}]*\})(?![A-Za-z])|~)+"
)
"""What takes room and says nothing."""

_SKIPPED = (
    r"(?:[\s\u200b-\u200d\u2060-\u2063\ufeff\u00ad~]|\\[,;:! >/]|\\(?:quad|qquad|displaystyle|textstyle|scriptstyle|limits|nolimits|thinspace|medspace|"
    r"thickspace|negthinspace|negmedspace|negthickspace|enspace|nonumber|hfill|hline|big|Big|bigg|Bigg)(?![A-Za-z])|\\[hv]space\*?\{[^{}]*\}|"
    r"(?:np|numpy|torch|scipy|sp|sympy|math|jnp|LA|la|linalg)\.(?=[A-Za-z])(?:(?:linalg|special)\.)?)*"
)
_PLAIN = (
    # what nearly every character is comes first: nothing below begins with these and goes on; each begins with other characters
    r"[()}+^]"
    # a letter by itself, or under a plain exponent; d may begin a derivative, a star belongs to its name
    r"|[A-Zabce-z](?=[ +\-()=}},\\/\s]|$|\^(?:[A-Z0-9](?!_)|\{[^{}\\*⋆∗]*\}(?!_)|\\top(?![A-Za-z_])))|d(?=[\s+\-()=},]|$)"
    rf"|\\(?:{_COMMON})(?![A-Za-z*_^'′’″{_SMALL}])"
    r"|\{(?![:;=<>]\})"
    rf"|\d(?![\d.,{{\\(eE{_SMALL}])"
    r"|-(?!>)"
)
_OTHER = (
    r"\\(?:left|right|middle|[bB]igg?[lrm])(?![A-Za-z])\s*(?:\\[A-Za-z]+|\\.|.)"
    r"|\\arg(?:\\[,;!]|\s)*\\(?:min|max)(?![A-Za-z])"
    r"|(?:for\s+(?:all|every|any|each|some|sufficiently)|if\s+and\s+only\s+if|only\s+if|such\s+that|so\s+that|provided\s+that|as\s+long\s+as|sufficiently|arg\s+min|arg\s+max)(?![A-Za-z])"
    r"|\\(?:begin|end)\s*\{[a-zA-Z*]+\}(?:\[[a-z]\])?"
    rf"|\\(?:{STYLES})(?![A-Za-z])\s*(?:{_BRACES}|\\?[A-Za-z0-9]){_TAIL}"
    rf"|\\(?:{_ACCENT})(?![A-Za-z])\s*(?:{_BRACES}|\\?[A-Za-z0-9]){_TAIL}"
    rf"|\\not\s*(?:\\[A-Za-z]+|.)"
    rf"|\\[A-Za-z]+\*?{_TAIL}"
    r"|\\."
    r"|\{[:;=<>]\}"
    r"|\d+(?:(?:\{,\}|,\\!\s*|\\,|\\!,)\d{3})+(?:\.\d+)?(?!\d)"
    r"|\d*\.\d*(?:\\(?:overline|bar|dot|overset\{\.\})\s*\{?\d+\}?|\(\d+\))"
    r"|\d{1,3}(?:,\d{3})+(?:\.\d+)?(?![\d,])"
    rf"|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+(?![A-Za-z\d]))?(?:[{_SMALL}]+)?"
    rf"|(?:d|∂)(?:\^\{{?\d\}}?|[²³])?/d(?=[A-Za-zα-ω∂])"
    rf"|[A-Za-z]+(?![{_MARKS}]){_TAIL}"
    rf"|[^\W\d_{_HIGH}{_SMALL}][{_MARKS}]*{_TAIL}"
    rf"|[{_HIGH}†⊤]+"
    rf"|[{_SMALL}]+"
    r"|\.(?:T|dot|transpose|inverse|inv|trace|sum|det|H|I|norm)(?![A-Za-z])"
    r"|\*\*|<=>|<->|<=|>=|=<|!=|/=|<>|==>|==|~=|->|=>|:=|\|\||\.\.\.|…|<<|>>|//|&&|."
)
LEXEME = re.compile(f"{_SKIPPED}({_PLAIN}|{_OTHER})", re.S)
"""What may be skipped, then one lexeme (group 1). Every character belongs to a lexeme or to what may be skipped."""
SPACED = re.compile(f"{_PLAIN}| (?:{_PLAIN})|{_SKIPPED}(?:{_PLAIN}|{_OTHER})", re.S)
"""The same lexemes, each with what was skipped before it: no group to keep, and so the faster to find."""
_BEFORE = re.compile(_SKIPPED)


def unspaced(lexeme: str) -> str:
    """A lexeme of `SPACED` without what was skipped before it.

    >>> unspaced(" x"), unspaced(r"\\quad\\lambda"), unspaced("x")
    ('x', '\\\\lambda', 'x')
    """
    skipped = _BEFORE.match(lexeme)
    start = skipped.end() if skipped is not None else 0
    if start < len(lexeme):
        return lexeme[start:]
    found = LEXEME.match(lexeme)  # the end of a text: what may be skipped is its last lexeme
    return found[1] if found is not None else lexeme


RELATIONS: dict[str, str] = {
    "=": "=", "==": "=", "<": "<", ">": ">", "<=": "<=", ">=": ">=", "=<": "<=", "≤": "<=", "≥": ">=", "≦": "<=", "≧": ">=", "⩽": "<=", "⩾": ">=",
    "≠": "!=", "!=": "!=", "<>": "!=", "/=": "!=", "\\le": "<=", "\\leq": "<=", "\\leqq": "<=", "\\ge": ">=", "\\geq": ">=", "\\geqq": ">=",
    "\\lt": "<", "\\gt": ">", "\\ne": "!=", "\\neq": "!=", "\\leqslant": "<=", "\\geqslant": ">=", "\\less": "<", "\\greater": ">",
    "\\to": "->", "\\rightarrow": "->", "→": "->", "->": "->", "\\longrightarrow": "->", "⟶": "->", "\\Rightarrow": "=>", "\\implies": "=>",
    "\\Longrightarrow": "=>", "⇒": "=>", "=>": "=>", "==>": "=>", "⟹": "=>", "\\iff": "<=>", "\\Leftrightarrow": "<=>", "⇔": "<=>", "⟺": "<=>",
    "\\Longleftrightarrow": "<=>", "<=>": "<=>", "\\in": "in", "∈": "in", "\\notin": "notin", "∉": "notin", "\\ni": "ni", "∋": "ni", "≈": "~",
    "\\approx": "~", "~=": "~", "\\approxeq": "~", "\\simeq": "~", "≃": "~", "\\cong": "cong", "≅": "cong", "\\doteq": "~", "\\equiv": "equiv", "≡": "equiv",
    ":=": "=", "≔": "=", "\\coloneqq": "=", "\\triangleq": "=", "≜": "=", "\\stackrel": "=", "\\propto": "prop", "∝": "prop", "\\sim": "sim", "∼": "sim",
    "\\mapsto": "mapsto", "↦": "mapsto", "\\subset": "subset", "⊂": "subset", "\\subseteq": "subseteq", "⊆": "subseteq", "\\subsetneq": "subset",
    "\\supset": "supset", "⊃": "supset", "\\supseteq": "supseteq", "⊇": "supseteq", "\\ll": "<<", "≪": "<<", "\\gg": ">>", "≫": ">>", "<<": "<<", ">>": ">>",
    "\\perp": "perp", "⊥": "perp", "⟂": "perp", "\\parallel": "parallel", "∥": "parallel", "\\succ": "succ", "≻": "succ", "\\succeq": "succeq", "⪰": "succeq", "≽": "succeq",
    "\\prec": "prec", "≺": "prec", "\\preceq": "preceq", "⪯": "preceq", "≼": "preceq", "\\divides": "divides", "∣": "divides", "\\leftarrow": "<-", "←": "<-",
    "\\gets": "<-", "\\gtrless": "gtrless", "≷": "gtrless", "\\lessgtr": "lessgtr", "≶": "lessgtr", "\\uparrow": "up", "↑": "up", "\\downarrow": "down", "↓": "down", "\\searrow": "->", "\\nearrow": "->", "\\succcurlyeq": "succeq", "\\preccurlyeq": "preceq",
}  # fmt: skip
"""Written relation → its name; ``=>`` and ``<=>`` become `Logic`."""

_TRANSPOSE = (POST, "T", "T")
SIMPLE: dict[str, Token] = {
    "+": (PLUS, None, "+"), "-": (MINUS, None, "-"), "−": (MINUS, None, "-"), "–": (MINUS, None, "-"), "‐": (MINUS, None, "-"), "‑": (MINUS, None, "-"),
    "—": (MINUS, None, "-"), "*": (STAR, None, "*"), "·": (CDOT, None, "·"), "⋅": (CDOT, None, "·"), "∙": (CDOT, None, "·"), "•": (CDOT, None, "·"), "×": (STAR, None, "×"),
    "@": (STAR, None, "@"), "∗": (STAR, None, "*"), "/": (SLASH, None, "/"), "÷": (SLASH, None, "÷"), "∕": (SLASH, None, "/"), "⁄": (SLASH, None, "/"), "^": (CARET, None, "^"),
    "**": (CARET, None, "**"), "(": (LP, "(", "("), ")": (RP, ")", ")"), "[": (LP, "[", "["), "]": (RP, "]", "]"), "{": (LB, None, "{"), "}": (RB, None, "}"),
    ",": (COMMA, None, ","), "，": (COMMA, None, ","), "、": (COMMA, None, ","), ";": (SEMI, None, ";"), "；": (SEMI, None, ";"), "|": (BAR, None, "|"), "||": (DBAR, None, "||"),
    "‖": (DBAR, None, "‖"), "∥": (DBAR, None, "‖"), "\\|": (DBAR, None, "‖"), "\\lVert": (OBAR, "norm", "‖"), "\\rVert": (CBAR, "norm", "‖"), "\\lvert": (OBAR, "bar", "|"),
    "\\rvert": (CBAR, "bar", "|"), "\\vert": (BAR, None, "|"), "\\Vert": (DBAR, None, "‖"), "&": (AMP, None, "&"), "\\\\": (ROW, None, "\\\\"), "\\cr": (ROW, None, "\\\\"),
    "\\newline": (ROW, None, "\\\\"), "!": (BANG, None, "!"), "_": (UNDER, None, "_"), ".T": _TRANSPOSE, ".H": (POST, "H", "H"), ".I": (POST, "inv", "I"), "'": (PRIME, 1, "'"),
    "′": (PRIME, 1, "'"), "’": (PRIME, 1, "'"), "″": (PRIME, 2, "''"), "\\prime": (PRIME, 1, "'"), "\\{": (SETL, None, "{"), "\\}": (SETR, None, "}"), "\\lbrace": (SETL, None, "{"), "\\rbrace": (SETR, None, "}"),
    "±": (PM, True, "±"), "\\pm": (PM, True, "±"), "∓": (PM, False, "∓"), "\\mp": (PM, False, "∓"), "\\cdot": (CDOT, None, "·"), "\\cdotp": (CDOT, None, "·"), "\\bullet": (CDOT, None, "·"),
    "\\times": (STAR, None, "×"), "\\ast": (STAR, None, "*"), "\\star": (STAR, "star", "*"), "⋆": (STAR, "star", "*"), "\\div": (SLASH, None, "÷"), "//": (INFIX, "floordiv", "//"),
    "\\odot": (INFIX, "hadamard", "⊙"), "⊙": (INFIX, "hadamard", "⊙"), "∘": (INFIX, "compose", "∘"), "\\circ": (INFIX, "compose", "∘"), "\\otimes": (INFIX, "kron", "⊗"), "⊗": (INFIX, "kron", "⊗"),
    "\\oplus": (INFIX, "oplus", "⊕"), "⊕": (INFIX, "oplus", "⊕"), "\\bmod": (MOD, None, "mod"), "\\mod": (MOD, None, "mod"), "\\pmod": (MOD, "p", "mod"),
    "\\frac": (FRAC, None, "frac"), "\\dfrac": (FRAC, None, "frac"), "\\tfrac": (FRAC, None, "frac"), "\\cfrac": (FRAC, None, "frac"), "\\nicefrac": (FRAC, None, "frac"), "\\sfrac": (FRAC, None, "frac"),
    "\\binom": (BINOM, None, "binom"), "\\dbinom": (BINOM, None, "binom"), "\\tbinom": (BINOM, None, "binom"), "\\choose": (OVER, "binom", "choose"), "\\over": (OVER, "div", "over"),
    "\\sqrt": (SQRT, 2, "√"), "√": (SQRT, 2, "√"), "∛": (SQRT, 3, "∛"), "∜": (SQRT, 4, "∜"), "\\partial": (PARTIAL, None, "∂"), "∂": (PARTIAL, None, "∂"), "\\nabla": (NABLA, None, "∇"), "∇": (NABLA, None, "∇"),
    "\\langle": (LANG, None, "⟨"), "\\rangle": (RANG, None, "⟩"), "⟨": (LANG, None, "⟨"), "⟩": (RANG, None, "⟩"), "〈": (LANG, None, "⟨"), "〉": (RANG, None, "⟩"), "\\mid": (BAR, "mid", "|"),
    "∑": (BIG, "sum", "∑"), "∏": (BIG, "prod", "∏"), "\\sum": (BIG, "sum", "∑"), "\\prod": (BIG, "prod", "∏"), "∫": (INT, 1, "∫"), "\\int": (INT, 1, "∫"), "\\iint": (INT, 2, "∫"), "\\iiint": (INT, 3, "∫"), "\\oint": (INT, 1, "∫"),
    "∬": (INT, 2, "∫"), "\\bigcup": (BIG, "union", "⋃"), "\\bigcap": (BIG, "intersection", "⋂"), "⋃": (BIG, "union", "⋃"), "⋂": (BIG, "intersection", "⋂"), "\\lim": (LIM, None, "lim"),
    "\\top": _TRANSPOSE, "⊤": _TRANSPOSE, "\\intercal": _TRANSPOSE, "\\transpose": _TRANSPOSE, "\\dagger": (POST, "pinv", "†"), "†": (POST, "pinv", "†"), "\\%": (PERCENT, None, "%"), "%": (PERCENT, "mod", "%"),
    "\\degree": (DEGREE, None, "°"), "°": (DEGREE, None, "°"), "º": (DEGREE, None, "°"), "\\lbrack": (LP, "[", "["), "\\rbrack": (RP, "]", "]"), "\\lparen": (LP, "(", "("), "\\rparen": (RP, ")", ")"),
    "\\lfloor": (LP, "floor", "⌊"), "\\rfloor": (RP, "floor", "⌋"), "⌊": (LP, "floor", "⌊"), "⌋": (RP, "floor", "⌋"), "\\lceil": (LP, "ceil", "⌈"), "\\rceil": (RP, "ceil", "⌉"), "⌈": (LP, "ceil", "⌈"), "⌉": (RP, "ceil", "⌉"),
    ":": (COLON, None, ":"), "\\colon": (COLON, None, ":"), "...": (DOTS, None, "…"), "…": (DOTS, None, "…"), "\\ldots": (DOTS, None, "…"), "\\dots": (DOTS, None, "…"), "\\cdots": (DOTS, None, "…"), "⋯": (DOTS, None, "…"),
    "\\dotsc": (DOTS, None, "…"), "\\dotsb": (DOTS, None, "…"), "\\vdots": (DOTS, None, "…"), "\\ddots": (DOTS, None, "…"), "⋮": (DOTS, None, "…"), "⋱": (DOTS, None, "…"),
    "∪": (SETOP, "union", "∪"), "\\cup": (SETOP, "union", "∪"), "∩": (SETOP, "intersection", "∩"), "\\cap": (SETOP, "intersection", "∩"), "\\setminus": (SETOP, "minus", "∖"), "∖": (SETOP, "minus", "∖"), "\\backslash": (SETOP, "minus", "∖"),
    "\\land": (LOGIC, "and", "∧"), "\\wedge": (LOGIC, "and", "∧"), "∧": (LOGIC, "and", "∧"), "&&": (LOGIC, "and", "∧"), "\\lor": (LOGIC, "or", "∨"), "\\vee": (LOGIC, "or", "∨"), "∨": (LOGIC, "or", "∨"), "\\neg": (NOT, None, "¬"), "\\lnot": (NOT, None, "¬"), "¬": (NOT, None, "¬"),
    "\\forall": (COND, "forall", "∀"), "∀": (COND, "forall", "∀"), "\\exists": (COND, "exists", "∃"), "∃": (COND, "exists", "∃"), "\\underset": (UNDERSET, None, "underset"), "\\boxed": (BOX, None, "boxed"), "\\fbox": (BOX, None, "boxed"), "\\$": (MONEY, "USD", "$"), "$": (MONEY, "USD", "$"),
    "€": (MONEY, "EUR", "€"), "£": (MONEY, "GBP", "£"), "¥": (MONEY, "JPY", "¥"), "₹": (MONEY, "INR", "₹"), "¢": (MONEY, "cent", "¢"), "\\euro": (MONEY, "EUR", "€"), "\\pounds": (MONEY, "GBP", "£"), "\\textdollar": (MONEY, "USD", "$"),
}  # fmt: skip
"""Lexemes that mean one thing whatever the symbol table says."""
