"""Who speaks: lines that name a speaker, in every habit and many languages, and the tokens of chat templates.

``User:``, ``**You said:**``, ``## Prompt``, ``### ChatGPT``, ``Usuario:``, ``🤖``: a line names a speaker where its label is
well known or alternates with another, and all labels of one text are dressed alike. So ``SYSTEM: full marks`` inside
an answer whose speakers stand in headings is the answer's own text, and ``## Part (a)`` is no speaker.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

from llmgrade.transcript.model import Role

__all__ = ["Labelled", "find_labels", "model_named"]


def _names(text: str) -> frozenset[str]:
    return frozenset(" ".join(name.split()) for name in text.split(";"))


_USER = _names("""
    benutzer; dijiste; disseste; du hast gesagt; du sagtest; gebruiker; hai detto; has dicho; human; je zei;
    kullanıcı; my prompt; nutzer; nutzerin; powiedziałeś; sie haben gesagt; student; tú dijiste; user; user
    message; user prompt; usuaria; usuario; usuária; usuário; utente; utilisateur; utilisatrice; użytkownik; você
    disse; vous avez dit; you asked; you said; you wrote; вы сказали; пользователь; المستخدم; उपयोगकर्ता; あなた;
    ユーザー; 你說; 你说; 你说了; 您說; 您说; 用戶; 用户; 나의 말; 사용자
""")
_USER_WEAK = _names("""
    anfrage; ask; aufgabe; consigna; domanda; du; eingabe; frage; h; i; ich; input; instruction; me; moi;
    pergunta; pregunta; prompt; q; question; request; sie; tu; tú; u; vous; yo; you; вопрос; я; ❓; 你; 問; 問題; 您; 我;
    提示; 提问; 質問; 问; 问题; 질문; 👤; 👨; 👨‍🎓; 👨‍💻; 👩; 👩‍🎓; 👩‍💻; 💬; 🙋; 🙋‍♀️; 🙋‍♂️; 🧑; 🧑‍🎓; 🧑‍💻
""")
_ASSISTANT = _names("""
    a dit; ai assistant; ai助手; asistan; asistent; asistente; assistant; assistent; assistente; asystent; bard;
    chatbot; chatgpt; chatgpt a dit; chatgpt dijo; chatgpt disse; chatgpt ha detto; chatgpt ha dicho; chatgpt hat
    gesagt; chatgpt said; chatgpt zei; chatgpt сказал; chatgpt 說; chatgpt 说; chatgpt:说; chatgptの回答; chatgpt說;
    chatgpt说; claude; claude responded; claude said; copilot; copilot said; deepseek; deepseek said; gemini;
    gemini said; gpt; grok; grok said; kimi; le chat; llama; mistral; perplexity; qwen; ассистент; помощник;
    المساعد; सहायक; アシスタント; 助手; 助理; 어시스턴트; 챗gpt
""")
_ASSISTANT_WEAK = _names("""
    a; ai; answer; antwort; ausgabe; bot; completion; ia; ki; llm; model; output; reply; response; resposta;
    respuesta; risposta; réponse; solution; ответ; ✨; 回复; 回答; 回覆; 机器人; 模型; 機器人; 答; 答え; 答复; 答案; 답변; 💡; 🤖; 🦙; 🧠
""")
_SYSTEM = _names("""
    developer; sistema; system; system message; system prompt; systemmeldung; système; система; システム; 系統; 系统
""")
_TOOL = _names("""
    function; herramienta; observation; outil; tool; tool output; tool result; werkzeug; 工具
""")

_MODEL = re.compile(
    r"(?:chat)?gpt[- ]?\d[\w.\-]*|o[134](?:[- ](?:mini|preview|pro))?|claude[ -][\w.\- ]{1,24}|gemini[ -][\w.\- ]{1,24}|deepseek[- ][\w.\-]{1,12}"
    r"|llama[- ]?[\w.\-]{1,16}|qwen[\w.\-]{0,16}|mi[sx]tral[\w.\-]{0,16}|grok[- ]?\d[\w.]*|phi-\d[\w.\-]*|gemma[\w.\-]{0,12}",
    re.IGNORECASE,
)
_LINE = re.compile(
    r"""[ \t]*(?:\[?\(?\d{1,4}[-:./]\d{2}[-:./\d, TZapmAPM]*\)?\]?[ \t]+)?(?:[-=]{2,}[ \t]+)?
    (?:(?P<hashes>\#{1,6})[ \t]+ | (?P<item>[-*]\ )(?=\*\*|__))?
    (?P<bold>\*\*|__|\*)?
    (?P<open>\[|<)?
    (?P<emoji>(?:[\U0001f300-\U0001faff\u2600-\u27bf\u2728]\ufe0f?(?:\u200d[\U0001f300-\U0001faff\u2600-\u27bf]\ufe0f?)*[ \t]*)*)
    (?P<bold2>\*\*|__)?
    (?P<label>[^\W_][^\n:：*_\[\]<>()|]{0,38}?)?
    (?P<extra>[ \t]*(?:\([^()\n]{1,40}\)|\[[^\[\]\n]{1,40}\]|\#\d{1,4}|(?<=[^\W\d])[ \t]\d{1,3}|[-–—·|,][ \t]?\d[\d:/., T\-apmAPM]{3,24}))?
    (?P<close>\]|>)?
    (?: (?P<end1>\*\*|__|\*)?(?P<colon>[ \t]*[:：])(?P<end2>\*\*|__|\*)?[ \t]*(?P<rest>[^\n]*)$
      | (?P<end3>\*\*|__|\*)?[ \t]*(?:[-=]{2,}[ \t]*)?$
    )""",
    re.VERBOSE,
)
_EMOJI_LINE = re.compile(
    r"[ \t]*(?P<emoji>[\U0001f300-\U0001faff\u2600-\u27bf\u2728]\ufe0f?(?:\u200d[\U0001f300-\U0001faff\u2600-\u27bf]\ufe0f?)*)[ \t]+(?=\S)"
)
_TOKENS = re.compile(
    r"<\|im_start\|>[ \t]*(?P<im>\w+)[^\n]*\n?"
    r"|<\|start_header_id\|>(?P<header>\w+)<\|end_header_id\|>\s*"
    r"|<start_of_turn>(?P<turn>\w+)\n?"
    r"|<\|(?P<bar>user|assistant|system|tool|model|end_of_system|observation)\|>\n?"
    r"|<｜(?P<wide>User|Assistant|System)｜>"
    r"|(?P<inst>(?:<s>)?\[INST\])|(?P<uninst>\[/INST\])"
    r"|^(?:\#\#\#\ )(?P<alpaca>Instruction|Response|Input|System):[ \t]*\n",
    re.MULTILINE,
)
_TOKEN_END = re.compile(
    r"<\|im_end\|>|<\|eot_id\|>|<end_of_turn>|<\|end\|>|<\|endoftext\|>|<｜end▁of▁sentence｜>|<｜begin▁of▁sentence｜>|</s>|<s>|<\|begin_of_text\|>|<bos>|<\|return\|>"
)
_NO_NAME = _names("""
    active; and; answer; approach; aufgabe; author; beispiel; but; case; cc; check; claim; conclusion; date;
    definition; ejemplo; elbow; else; example; exemple; exercise; final; from; given; goal; hence; hint; http;
    https; idea; if; inactive; interpretation; intuition; key; lemma; lösung; method; model; no; nota; note; or;
    part; parte; partie; paso; preuve; problem; proof; question; recall; remark; result; set; setup; slope; so;
    solución; solution; step; subject; summary; tags; tall; task; teil; then; theorem; therefore; thus; time; tip;
    title; to; verification; warning; where; wide; yes; étape
""")


@dataclass(frozen=True, slots=True)
class Labelled:
    """A label: who speaks, where it stands, where what is said begins, and the words of the label."""

    role: Role
    start: int
    content: int
    words: str
    end: int | None = None
    """Where what is said ends, if the text says so itself (a template's closing token)."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    role: Role | None
    strong: bool
    dress: str
    key: str
    found: Labelled


def model_named(words: str) -> str | None:
    """The model a label names, if it names one: ``GPT-4o``, ``Claude 3.5 Sonnet``."""
    match = _MODEL.search(words)
    return match.group().strip() if match else None


def find_labels(text: str, skip: list[tuple[int, int]] | None = None) -> list[Labelled]:
    """The labels of a text in order; empty where speakers are not named.

    Args:
        text: the whole text.
        skip: stretches (fenced code, comments) in which lines name nobody.
    """
    tokens = _token_labels(text)
    if tokens:
        return tokens
    return _line_labels(_candidates(text, skip or []))


def _token_labels(text: str) -> list[Labelled]:
    if (
        "<|" not in text
        and "<｜" not in text
        and "[INST]" not in text
        and "<start_of_turn>" not in text
        and "###" not in text
    ):
        return []
    found: list[Labelled] = []
    matches = list(_TOKENS.finditer(text))
    roles = []
    for match in matches:
        name = (match.group(match.lastgroup or 0) or "").lower()
        if match["inst"]:
            role = Role.USER
        elif match["uninst"]:
            role = Role.ASSISTANT
        else:
            role = {
                "user": Role.USER, "human": Role.USER, "instruction": Role.USER, "input": Role.USER,
                "system": Role.SYSTEM, "developer": Role.SYSTEM, "tool": Role.TOOL, "ipython": Role.TOOL, "observation": Role.TOOL,
            }.get(name, Role.ASSISTANT)  # fmt: skip
        roles.append(role)
    if Role.USER not in roles and len(matches) < 2:
        return []
    if any(match["alpaca"] for match in matches) and Role.ASSISTANT not in roles:
        return []
    for index, (match, role) in enumerate(zip(matches, roles, strict=True)):
        limit = matches[index + 1].start() if index + 1 < len(matches) else len(text)
        closing = _TOKEN_END.search(text, match.end(), limit)
        found.append(
            Labelled(role, match.start(), match.end(), match.group().strip(), closing.start() if closing else None)
        )
    return found


def _candidates(text: str, skip: list[tuple[int, int]]) -> list[_Candidate]:
    found: list[_Candidate] = []
    position, hidden = 0, 0
    for line in text.split("\n"):
        start = position
        position += len(line) + 1
        while hidden < len(skip) and skip[hidden][1] <= start:
            hidden += 1
        if (hidden < len(skip) and skip[hidden][0] <= start) or not line.strip() or len(line) > 20_000:
            continue
        candidate = _candidate(line[:400], start)
        if candidate is not None:
            found.append(candidate)
    return found


def _candidate(line: str, start: int) -> _Candidate | None:
    match = _LINE.match(line)
    if match is None:
        return _emoji_candidate(line, start)
    words = " ".join((match["label"] or "").split())
    emoji = match["emoji"].strip()
    if not words and not emoji:
        return None
    bold = bool(match["bold"] or match["bold2"])
    colon = bool(match["colon"])
    rest = (match["rest"] or "").strip()
    if bold and not (match["end1"] or match["end2"] or match["end3"]):
        return None
    heading = bool(match["hashes"])
    bracket = bool(match["open"] and match["close"])
    content = start + match.start("rest") if rest else start + len(line)
    role, strong = _role(words, emoji)
    dress = (
        "heading"
        if heading
        else "bold"
        if bold
        else "bracket"
        if bracket
        else "plain"
        if colon
        else "emoji"
        if emoji
        else "bare"
    )
    key = words.casefold() or emoji
    if role is None and not colon and not heading and emoji:
        return _emoji_candidate(line, start)
    if role is None and not _may_be_name(words, colon=colon, heading=heading):
        return None
    if dress == "bare" and not strong:
        return None
    return _Candidate(
        role, strong, dress, key, Labelled(role or Role.USER, start, content, (emoji + " " + words).strip())
    )


def _may_be_name(words: str, *, colon: bool, heading: bool) -> bool:
    if not (colon or heading) or not words[:1].isupper() or len(words) > 24 or any(char.isdigit() for char in words):
        return False
    return len(words.split()) <= 3 and words.casefold().split()[0] not in _NO_NAME


def _emoji_candidate(line: str, start: int) -> _Candidate | None:
    """``🧑 How do I …``: a face at the line's start and what is said behind it."""
    match = _EMOJI_LINE.match(line)
    if match is None:
        return None
    role, strong = _role("", match["emoji"])
    if role is None:
        return None
    return _Candidate(role, strong, "face", match["emoji"], Labelled(role, start, start + match.end(), match["emoji"]))


def _role(words: str, emoji: str) -> tuple[Role | None, bool]:
    name = words.casefold().strip(" .-–—")
    for suffix in (" said", " says", " wrote", " answered", " replied", " response", " turn", " message"):
        if name.endswith(suffix) and name not in _USER and name not in _ASSISTANT:
            name = name[: -len(suffix)].strip()
    if name in _USER or name == "you said":
        return Role.USER, True
    if name in _ASSISTANT or (name and _MODEL.fullmatch(name)):
        return Role.ASSISTANT, True
    if name in _SYSTEM:
        return Role.SYSTEM, True
    if name in _TOOL:
        return Role.TOOL, True
    if name in _USER_WEAK or (not name and emoji and emoji in _USER_WEAK):
        return Role.USER, False
    if name in _ASSISTANT_WEAK or (not name and emoji and emoji in _ASSISTANT_WEAK):
        return Role.ASSISTANT, False
    return None, False


def _line_labels(candidates: list[_Candidate]) -> list[Labelled]:
    for dress in _dresses(candidates):
        alike = [candidate for candidate in candidates if candidate.dress == dress]
        chosen = _chosen(alike)
        if chosen:
            return [candidate.found for candidate in chosen]
    return []


def _dresses(candidates: list[_Candidate]) -> list[str]:
    """The manners of dress, in order of first use by a known speaker; those where both speak come first."""
    order: dict[str, set[Role]] = {}
    strong: Counter[str] = Counter()
    for candidate in candidates:
        if candidate.role is not None:
            order.setdefault(candidate.dress, set()).add(candidate.role)
            strong[candidate.dress] += candidate.strong
    return sorted(order, key=lambda dress: (not {Role.USER, Role.ASSISTANT} <= order[dress], not strong[dress]))


def _chosen(alike: list[_Candidate]) -> list[_Candidate]:
    users = _of(alike, Role.USER)
    assistants = _of(alike, Role.ASSISTANT)
    if assistants and not users:
        users = _unknown_partner(alike, assistants)
    elif users and not assistants:
        assistants = _unknown_partner(alike, users)
    others = [c for c in alike if c.role in {Role.SYSTEM, Role.TOOL} and c.strong]
    if not users and not assistants:
        return []
    sure = any(c.strong for c in users) and any(c.strong for c in assistants)
    speakers = sorted([*users, *assistants], key=lambda c: c.found.start)
    if users and assistants:
        flips = sum(a.found.role != b.found.role for a, b in pairwise(speakers))
        half = any(c.strong for c in speakers)
        if not sure and (flips < len(speakers) - 1 or (speakers[0].found.role is not Role.USER and not half)):
            return []
        if not sure and not half and speakers[0].found.start > 0 and len(speakers) < 2:
            return []
    elif not any(c.strong for c in speakers) or speakers[0].dress == "bare":
        return []
    return sorted([*speakers, *others], key=lambda c: c.found.start)


def _of(alike: list[_Candidate], role: Role) -> list[_Candidate]:
    """The candidates of a role: the well-known labels if there are any, else the commonest weak one."""
    mine = [c for c in alike if c.role is role]
    strong = [c for c in mine if c.strong]
    if strong or not mine:
        return strong
    common = Counter(c.key for c in mine).most_common(1)[0][0]
    return [c for c in mine if c.key == common]


def _unknown_partner(alike: list[_Candidate], known: list[_Candidate]) -> list[_Candidate]:
    """A name nobody knows that alternates with a known speaker: ``Maria:`` beside ``ChatGPT:``."""
    counts = Counter(c.key for c in alike if c.role is None)
    for key, count in counts.most_common(3):
        if abs(count - len(known)) > 1:
            continue
        role = Role.USER if known[0].found.role is Role.ASSISTANT else Role.ASSISTANT
        partner = [
            _Candidate(role, False, c.dress, c.key, Labelled(role, c.found.start, c.found.content, c.found.words))
            for c in alike
            if c.key == key and c.role is None
        ]
        merged = sorted([*known, *partner], key=lambda c: c.found.start)
        if all(a.found.role != b.found.role for a, b in pairwise(merged)):
            return partner
    return []
