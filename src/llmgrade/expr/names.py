"""How names are spelt: one canonical name for every way a symbol may be written.

``\\lambda``, ``λ``, ``lambda`` are ``lambda``; ``w_{\\text{ridge}}`` is ``w_ridge``; ``\\hat{w}`` and ``ŵ`` are ``hat w``; ``x′`` is ``x'``;
``w^{*}`` and ``w^\\star`` are ``w^*``. Fonts (bold, upright, calligraphic) do not change a name.
"""

from __future__ import annotations

import re
import unicodedata

__all__ = ["ACCENTS", "COMBINING", "GREEK", "GREEK_NAMES", "SUBSCRIPTS", "SUPERSCRIPTS", "canonical_name"]

GREEK: dict[str, str] = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "ϵ": "epsilon", "ζ": "zeta", "η": "eta",
    "θ": "theta", "ϑ": "theta", "ι": "iota", "κ": "kappa", "ϰ": "kappa", "λ": "lambda", "μ": "mu", "µ": "mu", "ν": "nu",
    "ξ": "xi", "π": "pi", "ϖ": "pi", "ρ": "rho", "ϱ": "rho", "σ": "sigma", "ς": "sigma", "τ": "tau", "υ": "upsilon",
    "φ": "phi", "ϕ": "phi", "χ": "chi", "ψ": "psi", "ω": "omega", "Γ": "Gamma", "Δ": "Delta", "Θ": "Theta",
    "Λ": "Lambda", "Ξ": "Xi", "Π": "Pi", "Σ": "Sigma", "Υ": "Upsilon", "Φ": "Phi", "Ψ": "Psi", "Ω": "Omega", "ℓ": "ell",
    "ϴ": "Theta",
}  # fmt: skip
"""Letter to name. Letters that differ in shape only (ε ϵ, φ ϕ) are one name."""

_VARIANTS = {"varepsilon": "epsilon", "varphi": "phi", "vartheta": "theta", "varrho": "rho", "varsigma": "sigma",
             "varpi": "pi", "varkappa": "kappa", "lam": "lambda", "lmbda": "lambda", "lamda": "lambda"}  # fmt: skip

GREEK_NAMES: frozenset[str] = (
    frozenset(GREEK.values()) | frozenset(_VARIANTS) | {"Pi", "Xi"} - {"lam", "lmbda", "lamda"}
)

SUBSCRIPTS: dict[str, str] = dict(zip("₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ", [*"0123456789+-=()aehijklmnoprstuvx", "beta", "gamma",
                                "rho", "phi", "chi"], strict=True))  # fmt: skip

SUPERSCRIPTS: dict[str, str] = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂ",
                                        "0123456789+-=()abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVW", strict=True))  # fmt: skip

ACCENTS: dict[str, str] = {"hat": "hat", "widehat": "hat", "bar": "bar", "overline": "bar", "tilde": "tilde", "widetilde": "tilde",
                           "dot": "dot", "ddot": "ddot", "check": "check", "breve": "breve", "underline": "",
                           "vec": "", "overrightarrow": ""}  # fmt: skip
"""LaTeX accent to the word before the name; an arrow or an underline only says "vector"."""

COMBINING: dict[str, str] = {"\u0302": "hat", "\u0304": "bar", "\u0305": "bar", "\u0303": "tilde", "\u0307": "dot",
                             "\u0308": "ddot", "\u20d7": "", "\u030c": "check", "\u0332": "", "\u0306": "breve"}  # fmt: skip

_FONTS = re.compile(
    r"\\(?:mathbf|mathrm|boldsymbol|operatorname\*?|text|textbf|textrm|textit|textsf|mathsf|mathcal|mathbb|mathit|bm|rm|bf|"
    r"mathtt|mathfrak|mathscr|textnormal|mathop|pmb|symbf|up|mbox)(?![A-Za-z])\s*"
)
_ACCENT = re.compile(r"\\(" + "|".join(ACCENTS) + r")(?![A-Za-z])\s*(\{(?:[^{}]|\{[^{}]*\})*\}|\\?[A-Za-z]+)")


def canonical_name(written: str) -> str:
    """The canonical spelling of a name, however it was written.

    >>> [canonical_name(w) for w in (r"\\lambda", "λ", r"w_{\\text{ridge}}", r"\\hat{w}", "ŵ", "σᵢ", r"\\mathbf{x}'", "w^{*}")]
    ['lambda', 'lambda', 'w_ridge', 'hat w', 'hat w', 'sigma_i', "x'", 'w^*']
    """
    text = _FONTS.sub("", written.strip().strip("$"))
    accents: list[str] = []
    while (found := _ACCENT.match(text)) is not None:
        accents.append(ACCENTS[found.group(1)])
        text = found.group(2).removeprefix("{").removesuffix("}") + text[found.end() :]
    plain, combining = split_accents(text)
    words = [word for word in (*accents, *combining) if word]
    return " ".join([*words, _plain(plain)])


def split_accents(text: str) -> tuple[str, list[str]]:
    """The text with its Unicode accents (``ŵ``, ``x̄``, ``𝑥``) taken off, and their words."""
    if text.isascii():
        return text, []
    words: list[str] = []
    kept: list[str] = []
    for char in unicodedata.normalize("NFD", text):
        if char in COMBINING:
            words.append(COMBINING[char])
        elif char in SUBSCRIPTS or char in SUPERSCRIPTS or char in GREEK:
            kept.append(char)
        else:
            kept.append(unicodedata.normalize("NFKC", char))
    return "".join(kept), words


_PARTS = re.compile(
    r"(?P<base>\\?[^\W\d_]+|[^\W_]+)(?P<sub>_(?:\{.*\}|\\?\w+)|)(?P<primes>['′’]*)(?P<star>\^\{?(?:\*|\\ast|\\star)\}?)?(?P<late>_.*)?",
    re.S,
)


def _plain(text: str) -> str:
    small = "".join(SUBSCRIPTS[char] for char in text if char in SUBSCRIPTS)
    text = "".join(char for char in text if char not in SUBSCRIPTS)
    found = _PARTS.fullmatch(text)
    if found is None:
        return re.sub(r"[\s{}\\]", "", text) + (f"_{small}" if small else "")
    sub = subscript(found["sub"] or found["late"] or "") or small
    star = "^*" if found["star"] else ""
    return base_name(found["base"]) + (f"_{sub}" if sub else "") + "'" * len(found["primes"]) + star


def base_name(base: str) -> str:
    """``\\varphi``, ``φ``, ``phi`` → ``phi``."""
    name = base.removeprefix("\\")
    name = GREEK.get(name, name)
    return _VARIANTS.get(name, name)


def subscript(written: str) -> str:
    """``_{\\text{ridge}}`` → ``ridge``; ``_{i, j}`` → ``i,j``; ``_\\max`` → ``max``."""
    text = _FONTS.sub("", written.removeprefix("_"))
    if not text.isascii():
        text = "".join(GREEK.get(char, char) for char in split_accents(text)[0])
    return re.sub(r"[\s{}\\$]", "", text)
