"""The functions, constants and units every text may use, and the many names they go by."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from llmgrade.expr.nodes import Unit

__all__ = ["CONSTANTS", "FUNCTIONS", "Function", "SPELLINGS", "UNITS", "UnitMeaning", "read_unit"]


@dataclass(frozen=True, slots=True)
class Function:
    """A known function: its canonical name, how many arguments it takes (``most`` None: any number), and its manner."""

    name: str
    least: int = 1
    most: int | None = 1
    latex: str | None = None
    """Its command, where LaTeX has one; otherwise it is written ``\\operatorname{name}``."""
    of: str = "scalar"
    """``scalar`` (acts entry by entry on arrays), ``matrix`` (takes one), ``set``, ``any``."""


def _table() -> dict[str, Function]:
    rows = [
        *(
            Function(n, latex=f"\\{n}")
            for n in ["sin", "cos", "tan", "cot", "sec", "csc", "sinh", "cosh", "tanh", "coth", "exp"]
        ),
        *(Function(n, latex=f"\\{n}") for n in ["arcsin", "arccos", "arctan"]),
        *(
            Function(n)
            for n in ["arccot", "arcsec", "arccsc", "sech", "csch", "arcsinh", "arccosh", "arctanh", "arccoth"]
        ),
        *(Function(n) for n in ["arcsech", "arccsch", "sign", "sigmoid", "relu", "softplus", "erf", "erfc", "cbrt"]),
        *(
            Function(n)
            for n in ["heaviside", "digamma", "zeta", "conj", "arg", "factorial", "factorial2", "sinc", "logit"]
        ),
        Function("log", latex="\\log"),
        Function("ln", latex="\\ln"),
        Function("sqrt", latex="\\sqrt"),
        Function("root", 2, 2),
        Function("abs"),
        Function("gamma", latex="\\Gamma"),
        Function("atan2", 2, 2),
        Function("re", latex="\\Re"),
        Function("im", latex="\\Im"),
        Function("floor"),
        Function("ceil"),
        Function("round"),
        Function("binom", 2, 2),
        Function("clock", 2, 3),
        Function("max", 1, None, "\\max", "any"),
        Function("min", 1, None, "\\min", "any"),
        Function("gcd", 1, None, "\\gcd"),
        Function("lcm", 1, None),
        Function("tr", of="matrix"),
        Function("det", of="matrix", latex="\\det"),
        Function("rank", of="matrix"),
        Function("diag", 1, None, of="matrix"),
        Function("vec", of="matrix"),
        Function("logdet", of="matrix"),
        Function("expm", of="matrix"),
        Function("logm", of="matrix"),
        Function("sqrtm", of="matrix"),
        Function("dim", of="matrix", latex="\\dim"),
        Function("ker", of="matrix", latex="\\ker"),
        Function("span", 1, None, of="any"),
        Function("nullspace", of="matrix"),
        Function("colspace", of="matrix"),
        Function("rowspace", of="matrix"),
        Function("eig", of="matrix"),
        Function("cond", of="matrix"),
        Function("ones", 1, 2, of="any"),
        Function("zeros", 1, 2, of="any"),
        Function("indicator", of="any"),
        Function("small", of="any"),
        Function("large", of="any"),
        Function("sum", 1, None, of="any"),
        Function("mean", 1, None, of="any"),
        Function("softmax", of="any"),
        Function("argmax", 1, None, of="any"),
        Function("argmin", 1, None, of="any"),
        Function("E", of="any"),
        Function("Var", of="any"),
        Function("Cov", 1, 2, of="any"),
        Function("P", 1, None, of="any"),
        Function("O", of="any"),
        Function("o", of="any"),
        Function("Theta", of="any"),
        Function("Omega", of="any"),
    ]
    return {row.name: row for row in rows}


FUNCTIONS: dict[str, Function] = _table()

SPELLINGS: dict[str, str] = {name: name for name in FUNCTIONS if len(name) > 2 and name not in ("Theta", "Omega", "gamma", "beta", "zeta",
    "arg", "root", "factorial2", "Var", "Cov")} | {
    "ln": "ln", "tr": "tr", "Tr": "tr", "trace": "tr", "Trace": "tr", "lg": "log", "asin": "arcsin", "acos": "arccos", "atan": "arctan",
    "arcsinh": "arcsinh", "arsinh": "arcsinh", "arccosh": "arccosh", "arcosh": "arccosh", "arctanh": "arctanh", "artanh": "arctanh",
    "asinh": "arcsinh", "acosh": "arccosh", "atanh": "arctanh", "arccoth": "arccoth", "arcoth": "arccoth", "arccotan": "arccot",
    "arctg": "arctan", "tg": "tan", "ctg": "cot", "cosec": "csc", "sgn": "sign", "signum": "sign", "ReLU": "relu",
    "relu": "relu", "softmax": "softmax", "Sigmoid": "sigmoid", "Diag": "diag", "Rank": "rank", "rk": "rank", "Det": "det",
    "ceiling": "ceil", "comb": "binom", "nCr": "binom", "choose": "binom", "factorial": "factorial", "fact": "factorial",
    "hcf": "gcd", "absolute": "abs", "conjugate": "conj", "conj": "conj", "Re": "re", "Im": "im", "real": "re", "imag": "im",
    "arctan2": "atan2", "slogdet": "logdet", "matrix_rank": "rank", "maximum": "max", "minimum": "min", "amax": "max", "amin": "min",
    "Span": "span", "Null": "nullspace", "Nul": "nullspace", "Col": "colspace", "Row": "rowspace", "Range": "colspace", "image": "colspace", "power": "power",
    "inv": "inv", "pinv": "pinv", "norm": "norm", "transpose": "transpose", "eye": "eye", "dot": "dot", "matmul": "matmul",
    "inner": "inner", "outer": "outer", "solve": "solve", "array": "array", "Matrix": "array", "matrix": "array", "square": "square",
    "argmin": "argmin", "argmax": "argmax", "inverse": "inv", "identity": "eye", "cross": "cross", "multiply": "hadamard", "kron": "kron",
    "asarray": "array", "column_stack": "array", "vdot": "dot", "indicator": "indicator", "Indicator": "indicator", "mod": "mod",
    "log2": "log2", "log10": "log10", "log1p": "log1p", "expm1": "expm1", "Var": "Var", "Cov": "Cov", "argument": "arg",
}  # fmt: skip
"""Written name → canonical name. A few (``inv``, ``norm``, ``eye``, ``solve``, ``log2``) are words the grammar turns into nodes."""

CONSTANTS: dict[str, str] = {
    "pi": "pi", "e": "e", "i": "i", "oo": "oo", "infinity": "oo", "infty": "oo", "inf": "oo", "Inf": "oo", "NaN": "nan", "nan": "nan",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class UnitMeaning:
    """One unit is ``factor`` times the product of ``base`` units; exact where the definition is."""

    factor: Fraction
    base: Unit


def _units() -> tuple[dict[str, UnitMeaning], dict[str, str]]:
    meanings: dict[str, UnitMeaning] = {}
    spellings: dict[str, str] = {}

    def add(name: str, factor: str | int | Fraction, base: Unit, *also: str) -> None:
        meanings[name] = UnitMeaning(Fraction(factor), base)
        for spelling in (name, *also):
            spellings[spelling] = name

    metre, second, gram = (("m", 1),), (("s", 1),), (("kg", 1),)
    prefixes: dict[str, str | int] = {"n": "1/1000000000", "μ": "1/1000000", "u": "1/1000000", "m": "1/1000", "c": "1/100", "d": "1/10", "k": 1000,
                "M": 1000000, "G": 1000000000}  # fmt: skip
    words = {"n": "nano", "u": "micro", "m": "milli", "c": "centi", "d": "deci", "k": "kilo", "M": "mega", "G": "giga"}
    joule: Unit = (("kg", 1), ("m", 2), ("s", -2))
    derived: dict[str, tuple[str, Unit, Fraction | int]] = {
        "m": ("meter", metre, 1), "s": ("second", second, 1), "g": ("gram", gram, Fraction(1, 1000)), "L": ("liter", (("m", 3),), Fraction(1, 1000)),
        "N": ("newton", (("kg", 1), ("m", 1), ("s", -2)), 1), "J": ("joule", joule, 1), "W": ("watt", (("kg", 1), ("m", 2), ("s", -3)), 1),
        "Pa": ("pascal", (("kg", 1), ("m", -1), ("s", -2)), 1), "Hz": ("hertz", (("s", -1),), 1), "A": ("ampere", (("A", 1),), 1),
        "V": ("volt", (("kg", 1), ("m", 2), ("s", -3), ("A", -1)), 1), "K": ("kelvin", (("K", 1),), 1), "mol": ("mole", (("mol", 1),), 1),
        "C": ("coulomb", (("A", 1), ("s", 1)), 1), "cal": ("calorie", joule, Fraction("4.184")), "eV": ("electronvolt", joule, Fraction("1.602176634e-19")),
        "Wh": ("watthour", joule, 3600), "F": ("farad", (("kg", -1), ("m", -2), ("s", 4), ("A", 2)), 1), "Ω": ("ohm", (("kg", 1), ("m", 2), ("s", -3), ("A", -2)), 1),
        "T": ("tesla", (("kg", 1), ("s", -2), ("A", -1)), 1), "bit": ("bit", (("bit", 1),), 1), "B": ("byte", (("bit", 1),), 8),
    }  # fmt: skip
    for symbol, (word, base, factor) in derived.items():
        british = {"meter": "metre", "liter": "litre"}.get(word)
        add(symbol, factor, base, word, word + "s", *((british, british + "s") if british else ()))
        for prefix, scale in prefixes.items():
            if prefix in "μ":
                spellings["μ" + symbol] = "u" + symbol
                continue
            long = words[prefix]
            add(prefix + symbol, Fraction(scale) * factor, base, long + word, long + word + "s",
                *((long + british, long + british + "s") if british else ()))  # fmt: skip
    for name, size, base, also in (
        ("min", 60, second, ("minute", "minutes", "mins")), ("h", 3600, second, ("hour", "hours", "hr", "hrs")),
        ("day", 86400, second, ("days",)), ("week", 604800, second, ("weeks",)), ("year", 31557600, second, ("years", "yr", "yrs")),
        ("month", 2629800, second, ("months",)), ("sec", 1, second, ("secs",)), ("cc", Fraction(1, 1000000), (("m", 3),), ()),
        ("inch", "0.0254", metre, ("inches",)), ("ft", "0.3048", metre, ("foot", "feet")), ("yd", "0.9144", metre, ("yard", "yards")),
        ("mile", "1609.344", metre, ("miles", "mi")), ("lb", "0.45359237", gram, ("lbs", "pound", "pounds")),
        ("oz", "0.028349523125", gram, ("ounce", "ounces")), ("ton", 1000, gram, ("tons", "tonne", "tonnes")),
        ("ha", 10000, (("m", 2),), ("hectare", "hectares")), ("acre", "4046.8564224", (("m", 2),), ("acres",)),
        ("mph", "0.44704", (("m", 1), ("s", -1)), ()), ("kph", Fraction(5, 18), (("m", 1), ("s", -1)), ("kmh",)), ("ml", Fraction(1, 1000000), (("m", 3),), ()),
        ("l", Fraction(1, 1000), (("m", 3),), ()), ("rad", 1, (), ("radian", "radians")), ("unit", 1, (("unit", 1),), ("units",)),
        ("USD", 1, (("USD", 1),), ("dollar", "dollars", "$")), ("cent", Fraction(1, 100), (("USD", 1),), ("cents", "¢")),
        ("EUR", 1, (("EUR", 1),), ("euro", "euros", "€")), ("GBP", 1, (("GBP", 1),), ("£",)), ("JPY", 1, (("JPY", 1),), ("yen", "¥")),
        ("INR", 1, (("INR", 1),), ("rupee", "rupees", "₹")), ("yuan", 1, (("yuan", 1),), ("CNY", "RMB")),
        ("deg", 1, (("deg", 1),), ("degree", "degrees", "°")), ("°C", 1, (("°C", 1),), ("℃",)), ("°F", 1, (("°F", 1),), ("℉",)),
        ("people", 1, (("people", 1),), ("person", "persons")), ("time", 1, (("time", 1),), ("times",)), ("point", 1, (("point", 1),), ("points",)),
        ("way", 1, (("way", 1),), ("ways",)),
    ):  # fmt: skip
        add(name, size, base, *also)
    meanings["h"], meanings["min"] = UnitMeaning(Fraction(3600), second), UnitMeaning(Fraction(60), second)
    spellings |= {"h": "h", "min": "min", "cd": "cd", "ft": "ft", "kg": "kg"}
    meanings["cd"] = UnitMeaning(Fraction(1), (("cd", 1),))
    return meanings, spellings


UNITS, _UNIT_SPELLINGS = _units()
"""Unit name → what one of it is. An unknown noun after a number is a unit of its own, and not in here."""

_UNIT_TOKEN = re.compile(
    r"\s*(?:(square|cubic|sq\.?|cu\.?)\s+)?([A-Za-zμµΩ°℃℉$€£¥₹¢]+)\.?\s*(?:\^?\s*\{?\s*([-−]?\d+|[⁻]?[¹²³⁴])\s*\}?)?\s*(squared|cubed)?\s*(per\b|[/·*⋅.]|\\cdot|)"
)
_SMALL = {"¹": "1", "²": "2", "³": "3", "⁴": "4", "⁻": "-", "−": "-"}


def read_unit(text: str, *, strict: bool = True) -> Unit | None:
    """The unit a text names, or None; ``strict`` allows only units that are in `UNITS`.

    >>> read_unit("km/h"), read_unit("square centimeters"), read_unit("N·m"), read_unit("sheep")
    ((('km', 1), ('h', -1)), (('cm', 2),), (('N', 1), ('m', 1)), None)
    """
    position, sign, powers, text = 0, 1, dict[str, int](), text.strip()
    if not text or len(text) > 60:
        return None
    while position < len(text):
        found = _UNIT_TOKEN.match(text, position)
        if found is None:
            return None
        prefix, word, power, suffix, link = found.groups()
        name = _UNIT_SPELLINGS.get(word) or _UNIT_SPELLINGS.get(word.lower() if len(word) > 3 else word)
        if name is None:
            if strict or position:
                return None
            return ((text.lower(), 1),) if re.fullmatch(r"[A-Za-z][A-Za-z \-]*", text) else None
        exponent = int("".join(_SMALL.get(char, char) for char in power)) if power else 1
        exponent *= {"square": 2, "sq": 2, "cubic": 3, "cu": 3}.get((prefix or "").rstrip("."), 1) * {
            "squared": 2,
            "cubed": 3,
        }.get(suffix or "", 1)
        if not -9 <= exponent <= 9:
            return None
        powers[name] = powers.get(name, 0) + sign * exponent
        position = found.end()
        if link in ("/", "per"):
            sign = -1
        elif not link and position < len(text):
            return None
        if link and position >= len(text) and link != ".":
            return None
    return tuple((name, power) for name, power in powers.items() if power)
