"""The words claims are made with, in the languages chats are held in. Data only: one table per kind of word.

Words are matched without regard to case. A word of another language goes into the row it belongs to; nothing else
has to be told. Patterns are plain regular expressions over running text in which ``\\ufffc`` stands for a formula.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = [
    "ADVERBS",
    "CASE_WORDS",
    "CLOSERS",
    "DEPENDS",
    "DETERMINERS",
    "DENIALS",
    "DIRECTIONS",
    "DOUBTS",
    "EITHER_WORDS",
    "ENUMERABLE",
    "FINAL",
    "FORMULA",
    "GIVENS",
    "GOALS",
    "HEDGES",
    "INSTEAD",
    "INTRODUCTIONS",
    "MOTION",
    "NEGATION",
    "NOUN_AFTER_SIDE",
    "OBJECTIONS",
    "OPENERS",
    "OTHERWISE",
    "PART_WORDS",
    "PRAISE",
    "PROBLEM_WORDS",
    "PUSHBACK",
    "REFERENCES",
    "REJECTIONS",
    "RETRACTIONS",
    "REVISIONS",
    "SOFT",
    "SUBJECTS",
    "SUMMARIES",
    "TASKS",
    "TRAILERS",
    "WEAK_TASKS",
    "words",
]

FORMULA: Final = "\ufffc"
"""Stands for a formula in running text."""


def words(*alternatives: str) -> re.Pattern[str]:
    """One pattern out of many words; Latin words match whole, Chinese and Japanese ones anywhere."""
    whole: list[str] = []
    anywhere: list[str] = []
    for group in alternatives:
        for word in group.split("|"):
            spelled = r"\s+".join(re.escape(part) for part in word.split())
            closed = word[0].isalnum() and word[0] < "\u2e80"
            (whole if closed and word[-1].isalnum() else anywhere).append(spelled)
    # Longest first, so that "more negative" is found before "negative".
    parts = [r"(?<![\w-])(?:" + "|".join(sorted(whole, key=len, reverse=True)) + r")(?!\w)"] if whole else []
    parts += ["|".join(sorted(anywhere, key=len, reverse=True))] if anywhere else []
    return re.compile("|".join(parts), re.IGNORECASE)


# ── labels ────────────────────────────────────────────────────────────────────────────────────────────────────────

PART_WORDS: Final = (
    "part|subpart|sub-part|parts|section|item|subproblem|sub-problem|apartado|parte|inciso|literal|teil|teilaufgabe|"
    "partie|question|punto|部分|小题|часть|пункт"
)
CASE_WORDS: Final = "case|caso|fall|cas|情况|情形|случай"
PROBLEM_WORDS: Final = (
    "problem|exercise|question|task|set|q|ex|problem set|ejercicio|problema|pregunta|tarea|conjunto|aufgabe|übung|frage|"
    "exercice|problème|esercizio|exercício|问题|题目|задача|задание"
)
ENUMERABLE: Final = words("parts|cases|items|apartados|partes|casos|teile|fälle|parties|both|either|and|or|y|und|et")
"""Words after which labels are spoken of, not begun."""
REFERENCES: Final = words(
    "from|by|see|using|use|as in|in|like|than|since|because|with|unlike|recall|of|to|and|or|part|parts|case|cases|"
    "equation|eq|via|both|between|for|on|desde|por|véase|como en|según|en|con|aus|nach|siehe|wie in|mit|und|"
    "d'après|selon|voir|dans|et|avec|由|见|根据"
)
"""Words right before a label that make it a reference."""
REVISIONS: Final = words(
    "revised|revisit|revisiting|corrected|correction|final|answer|verdict|checking|rechecking|fix|fixed|fixing|redo|"
    "redone|updated|update|again|once more|solution|result|now|back|second|clean|revisado|corregido|respuesta|final|"
    "corrección|korrigiert|korrektur|antwort|lösung|corrigé|réponse|修正|答案|更正"
)
SUMMARIES: Final = words(
    "summary|recap|overview|final answers|final results|final table|conclusion|in short|resumen|conclusión|"
    "respuestas finales|zusammenfassung|überblick|résumé|récapitulatif|总结|小结|итог"
)

# ── motion ────────────────────────────────────────────────────────────────────────────────────────────────────────

SUBJECTS: Final[dict[str, str]] = {
    "weight": "weight|weights|peso|pesos|gewicht|poids",
    "line": "line|ramp|graph|gerade|recta",
    "slope": "slope|slopes|steepness|gradient of the line|pendiente|steigung|pente|pendenza|declive|斜率|наклон",
    "elbow": (
        "elbow|elbows|kink|kinks|corner|corners|knee|knees|breakpoint|break point|break-point|breakpoints|hinge|hinges|hinge point|turning point|transition point|knot|"
        "bend|codo|quiebre|esquina|knick|knickpunkt|knickstelle|ecke|coude|point de cassure|coin|gomito|拐点|折点|излом"
    ),
}
"""Normal form → the words for it. Any other noun is its own normal form."""

DIRECTIONS: Final[dict[str, str]] = {
    "right": "→|➡|in the positive direction|in positive direction|in the positive x-direction|in positive x-direction|towards larger|toward larger|towards bigger|to larger x|to larger values|to larger \ufffc|to bigger values|to bigger \ufffc|"
    "towards greater|to greater values|towards higher|to higher values|to higher \ufffc|towards more positive|hacia valores mayores|hacia valores más grandes|a valores mayores|zu größeren|zu größerem|in positiver richtung|"
    "in positive richtung|vers des valeurs plus grandes|vers les grands|en dirección positiva|right|rightward|rightwards|derecha|rechts|droite|destra|direita|右移|向右|右|вправо",
    "left": "←|⬅|in the negative direction|in negative direction|in the negative x-direction|in negative x-direction|towards smaller|toward smaller|to smaller x|to smaller values|to smaller \ufffc|towards lower|to lower values|to lower \ufffc|"
    "towards more negative|to more negative|hacia valores menores|hacia valores más pequeños|a valores menores|zu kleineren|zu kleinerem|in negativer richtung|in negative richtung|"
    "vers des valeurs plus petites|vers les petits|en dirección negativa|left|leftward|leftwards|izquierda|links|gauche|sinistra|esquerda|左移|向左|左|влево",
    "up": (
        "up|rose|climbs|climb|gets higher|becomes higher|increases|increase|increased|increasing|grows|grow|grew|growing|rises|rise|rising|gets larger|get larger|gets bigger|"
        "becomes larger|become larger|becomes bigger|goes up|go up|moves up|larger|bigger|upward|upwards|less negative|"
        "more positive|aumenta|aumentan|crece|crecen|sube|mayor|menos negativa|menos negativo|steigt|wächst|nimmt zu|"
        "vergrößert sich|größer|weniger negativ|augmente|augmentent|croît|grandit|plus grand|plus grande|moins négative|"
        "aumento|cresce|增大|增加|上升|变大|увеличивается|растёт|↑|⬆|▲"
    ),
    "down": (
        "down|decreases|decrease|decreased|decreasing|shrinks|shrink|shrinking|drops|drop|dropping|fall|fell|falls|falling|declines|decline|declining|sinks|sink|gets lower|becomes lower|reduces|"
        "is reduced|are reduced|reduced|diminishes|gets smaller|get smaller|becomes smaller|become smaller|goes down|go down|moves down|"
        "smaller|lower|lowered|downward|downwards|more negative|less positive|steeper negative|disminuye|disminuyen|"
        "decrece|decrecen|baja|se reduce|menor|más negativa|más negativo|sinkt|fällt|nimmt ab|verkleinert sich|kleiner|"
        "negativer|diminue|diminuent|décroît|baisse|plus petit|plus petite|plus négative|diminuisce|diminui|减小|减少|"
        "下降|变小|уменьшается|↓|⬇|▼"
    ),
    "steeper": "steeper|steepens|más empinada|más pronunciada|steiler|plus raide|更陡|变陡|круче",
    "flatter": "flatter|flattens|shallower|less steep|más plana|menos empinada|flacher|moins raide|plus plate|更平|变缓|变平",
    "unchanged": (
        "unchanged|no change|no changes|nothing changes|nothing moves|nothing happens|does not change|do not change|"
        "doesn't change|don't change|doesn’t change|don’t change|did not change|not changed|will not change|won't change|does not move|do not move|doesn't move|don't move|"
        "doesn’t move|don’t move|does not shift|do not shift|doesn't shift|doesn’t shift|not affected|unaffected|stays|stay|stays put|stays fixed|"
        "stays the same|stay the same|remains|remain|remains the same|remain the same|same as before|the same|same|"
        "stays where it was|stay where they were|stationary|fixed|constant|no movement|no shift|not moved|"
        "sin cambios|sin cambio|no cambia|no cambian|no se mueve|no se mueven|permanece|permanecen|se mantiene|"
        "se mantienen|igual|inalterada|inalterado|unverändert|bleibt|bleiben|keine änderung|ändert sich nicht|"
        "ändern sich nicht|inchangé|inchangée|inchangés|inchangées|reste|restent|ne change pas|ne changent pas|ne bouge pas|aucun changement|"
        "invariata|invariato|inalterados|不变|保持不变|没有变化|无变化|не меняется|не изменяется|без изменений"
    ),
    "undetermined": (
        "mixed|ambiguous|indeterminate|undetermined|undefined direction|cannot be determined|can't be determined|"
        "not determined|unclear|inconclusive|varies|mixto|indeterminado|ambiguo|unbestimmt|uneindeutig|unklar|indéterminé|"
        "ambigu|不确定|неопределённо"
    ),
}
SOFT: Final = frozenset(
    [
        "larger",
        "bigger",
        "smaller",
        "lower",
        "same",
        "fixed",
        "constant",
        "stays",
        "stay",
        "remains",
        "remain",
        "mayor",
        "menor",
        "igual",
        "bleibt",
        "bleiben",
        "reste",
        "restent",
        "permanece",
        "permanecen",
        "increase",
        "decrease",
        "increasing",
        "decreasing",
        "growing",
        "falls",
        "drop",
        "drops",
        "mixed",
        "varies",
        "reduced",
        "rise",
        "größer",
        "kleiner",
        "up",
        "down",
        "shrinking",
        "shrink",
        "grow",
        "unclear",
        "undefined",
        "steeper",
        "flatter",
        "baja",
        "sube",
    ]
) | {"the same", "same as before", "no movement", "goes up", "goes down", "go up", "go down"}
"""Readings that need a subject they are known to belong to, or a verb of change: too common otherwise."""
EITHER_WORDS: Final = (
    "either direction|either way|both ways|both directions|one of two ways|one of two directions|in two directions|"
    "any direction|cualquier dirección|ambas direcciones|ambos sentidos|en cualquier sentido|beide richtungen|"
    "in beide richtungen|in jede richtung|dans les deux sens|les deux directions|两个方向|任一方向"
)
MOTION: Final = words(
    "shift|shifts|shifted|shifting|creep|creeps|crept|crawl|crawls|wander|wanders|migrate|migrates|roll|rolls|nudged|nudges|rutscht|gleitet|desliza|desliza|se corre|glisse|move|moves|moved|moving|go|goes|going|went|travel|travels|slide|slides|push|pushes|pushed|pushing|pull|"
    "pulls|pulled|jump|jumps|drift|drifts|swing|swings|turn|turns|tilt|tilts|translate|translates|relocates|displaced|ends up|"
    "mueve|mueven|moverse|mover|desplaza|desplazan|desplazarse|va|van|ir|corre|wandert|verschiebt|verschieben|bewegt|bewegen|rückt|geht|gehen|"
    "se déplace|se déplacer|déplace|bouge|va|glisse|sposta|desloca|移动|移|平移|сдвигается|смещается"
)
"""Verbs that say that something moves, whatever the way."""
NOUN_AFTER_SIDE: Final = re.compile(
    r"\s*(?:[-‐‑]|(?:hand|side|inverse|inverses|invertible|factor|factors|half|end|column|columns|block|multipl|singular|null|"
    r"kernel|eigen|answer|answers|track|formula|formulas|expression|result|idea|approach|direction|derivative|form|on|away|now|"
    r"here|there|side|term|terms|about|before|after\s+(?:the|that)\s+(?:line|equation)|lado|seite|côté|margin|matrix|inversa|triangle)\b)",
    re.IGNORECASE,
)
"""What follows ``right`` or ``left`` where no motion is meant."""
DEPENDS: Final = words(
    "depending on|depends on|depend on|depending|depends|dependent on|according to|dependiendo de|depende de|según|"
    "je nachdem|abhängig von|hängt von|abhängig|selon|dépend de|en fonction de|取决于|视|зависит от"
)
NEGATION: Final = words(
    "not|never|n't|doesn't|don't|doesn’t|don’t|isn't|isn’t|aren't|cannot|can't|won't|no longer|refuses to|refuse to|refused to|fails to|fail to|hardly|barely|scarcely|anything but|neither|rather than|instead of|"
    "nunca|tampoco|en vez de|nicht|nie|niemals|statt|ne|jamais|au lieu de|不|而不是|не"
)
DETERMINERS: Final = frozenset(
    [
        "the",
        "a",
        "an",
        "this",
        "that",
        "these",
        "those",
        "its",
        "their",
        "his",
        "our",
        "your",
        "my",
        "all",
        "each",
        "every",
        "both",
        "some",
        "any",
        "such",
        "same",
        "el",
        "la",
        "los",
        "las",
        "un",
        "una",
        "but",
        "so",
        "then",
        "thus",
        "hence",
        "however",
        "este",
        "esta",
        "su",
        "sus",
        "ambos",
        "ambas",
        "der",
        "die",
        "das",
        "den",
        "dem",
        "des",
        "ein",
        "eine",
        "einer",
        "dieser",
        "diese",
        "beide",
        "beiden",
        "le",
        "la",
        "les",
        "un",
        "une",
        "ce",
        "cette",
        "ces",
        "son",
        "sa",
        "ses",
        "l",
        "both",
        "und",
        "y",
        "et",
        "and",
    ]
)
ADVERBS: Final = frozenset(
    [
        "now",
        "then",
        "also",
        "so",
        "hence",
        "thus",
        "therefore",
        "always",
        "only",
        "just",
        "still",
        "slightly",
        "here",
        "again",
        "therefore",
        "clearly",
        "simply",
        "exactly",
        "thereby",
        "consequently",
        "indeed",
        "actually",
        "further",
        "generally",
        "usually",
        "both",
        "will",
        "would",
        "can",
        "could",
        "may",
        "might",
        "must",
        "should",
        "is",
        "are",
        "be",
        "been",
        "being",
        "was",
        "were",
        "has",
        "have",
        "had",
        "does",
        "do",
        "did",
        "to",
        "gets",
        "get",
        "becomes",
        "become",
        "remains",
        "remain",
        "stays",
        "stay",
        "but",
        "and",
        "or",
        "as",
        "entonces",
        "también",
        "siempre",
        "solo",
        "sólo",
        "ligeramente",
        "se",
        "puede",
        "pueden",
        "debe",
        "es",
        "son",
        "está",
        "están",
        "pero",
        "también",
        "dann",
        "also",
        "immer",
        "nur",
        "leicht",
        "kann",
        "können",
        "wird",
        "werden",
        "ist",
        "sind",
        "sich",
        "alors",
        "donc",
        "toujours",
        "légèrement",
        "peut",
        "peuvent",
        "est",
        "sont",
    ]
)

# ── speech ────────────────────────────────────────────────────────────────────────────────────────────────────────

OPENERS: Final = words(
    "if|when|whenever|as|for|under|assuming|suppose|supposing|provided|with|where|given that|once|in case|in the case|in the limit|in the|unless|"
    "letting|directions with|si|cuando|para|con|siempre que|en el caso|suponiendo|wenn|falls|für|sobald|im fall|angenommen|quand|lorsque|"
    "pour|dans le cas|supposons|当|若|如果|при|если|когда"
)
TRAILERS: Final = words(
    "if and only if|exactly when|exactly if|only if|only when|iff|if|when|whenever|provided that|provided|as long as|"
    "assuming|as|for|where|whereas|unless|depending on|depends on|in case|under|si y solo si|si|cuando|siempre que|para|"
    "dependiendo de|según|genau dann wenn|wenn|falls|für|sofern|je nachdem|abhängig von|si et seulement si|quand|lorsque|"
    "pour|selon|当|若|如果|取决于|если|когда|при"
)
OTHERWISE: Final = words(
    "otherwise|else|or else|and zero otherwise|en otro caso|si no|de lo contrario|sonst|andernfalls|sinon|autrement|否则|иначе"
)
FINAL: Final = words(
    "final answer|final result|final verdict|final corrected answer|corrected answer|answer|result|so|thus|hence|"
    "therefore|consequently|in conclusion|we conclude|finally|we get|we obtain|we have|this gives|gives|yields|solution is|"
    "the solution|respuesta|respuesta final|resultado|por tanto|por lo tanto|así que|luego|en conclusión|finalmente|"
    "se obtiene|resulta|antwort|ergebnis|endergebnis|also|somit|folglich|daher|damit|schließlich|réponse|résultat|donc|"
    "ainsi|par conséquent|finalement|on obtient|答案|因此|所以|结果|最终|ответ|итак|следовательно"
)
INTRODUCTIONS: Final = words(
    "final answer|answer|result|final|note|notes|remark|proof|approach|update|then|so|thus|hence|also|setup|given|we "
    "have|let|recall|reminder|summary|goal|example|numerical example|old|new|solution|step|component-wise|type analysis|"
    "where|next|now|next step|compute|substitute|identity|prior|objective|means|observation model|original|expand|because|therefore|"
    "derivation|check|conclusion|verdict|corrected answer|we want|we get|we find|label|reason|case|caso|use|use chain rule|use identity|also recall|key point|intuition|respuesta|"
    "resultado|nota|ejemplo|entonces|demostración|antwort|ergebnis|beispiel|beweis|bemerkung|also|réponse|résultat|"
    "exemple|preuve|remarque|答案|结果|例|注|证明|ответ"
)
"""Words before a colon that introduce, and limit nothing."""
GIVENS: Final = words(
    "given|we are given|you are given|recall|recall that|reminder|setup|let|suppose|assume|we are told|define|we define|"
    "where|notation|convention|conventions|dado|dados|recordemos|sea|sean|supongamos|gegeben|sei|seien|erinnerung|soit|"
    "soient|rappel|rappelons|étant donné|设|已知|回忆|пусть|дано"
)
GOALS: Final = words(
    "we want|we need to show|we want to show|goal|our goal|our goal is|to show|to prove|we're solving|we are solving|we're "
    "analyzing|we are analyzing|we must show|we wish to|claim|task|the task|question|queremos|hay que demostrar|objetivo|"
    "zu zeigen|ziel|wir wollen|on veut|il faut montrer|but|objectif|求证|目标|要证|доказать"
)
TASKS: Final = words(
    "show|prove|find|derive|compute|calculate|determine|solve|evaluate|simplify|plug in|verify|describe|explain|give|"
    "state|what|which|when is|under what|how|why|define|use|let|does|is it|express|rewrite|substitute|write|"
    "demuestra|demostrar|halla|hallar|encuentra|calcula|deriva|resuelve|obtén|prueba|qué|cuál|cuándo|cómo|zeige|zeigen|"
    "beweise|bestimme|berechne|finde|löse|leite|was|welche|wann|wie|montrer|démontrer|trouver|calculer|déterminer|"
    "résoudre|quelle|quel|证明|求|计算|推导|докажите|найдите|вычислите"
)
"""First words of a task said again."""
WEAK_TASKS: Final = frozenset(
    ["let", "use", "define", "write", "express", "rewrite", "substitute", "give", "does", "how", "why"]
)
"""Those that open a line of an answer as readily as one of a task."""
CLOSERS: Final = words(
    "let me know|happy to|hope this|feel free|shout if|would you like|if you'd like|if you want|want me to|"
    "avísame|espero que|si quieres|no dudes|melde dich|lass mich wissen|sag bescheid|n'hésite|n'hésitez|dis-moi|"
    "如果你|希望|дай знать"
)
HEDGES: Final = words(
    "probably|likely|perhaps|maybe|presumably|i think|i believe|i guess|it seems|it appears|not sure|not entirely sure|"
    "unsure|in general|typically|roughly speaking|if i am not mistaken|if i'm not mistaken|probablemente|quizás|quizá|tal vez|creo que|parece que|"
    "supongo que|wahrscheinlich|vielleicht|vermutlich|ich glaube|ich denke|es scheint|probablement|peut-être|sans doute|"
    "je pense|je crois|il semble|可能|也许|大概|我认为|вероятно|возможно|наверное"
)
REJECTIONS: Final = re.compile(
    r"(?:is|are|was|were|would\s+be)(?:n['’]t|\s+not|\s+never)\s+(?:the\b|a\s+valid|an?\s+correct|correct|true|right|valid|equal|what|general|"
    r"in\s+general|how|legitimate|justified)"
    r"|\b(?:(?:is|are|was|would\s+be|'s|’s)\s+(?:simply\s+|just\s+|also\s+|clearly\s+|actually\s+)?"
    r"(?:wrong|false|incorrect|mistaken|invalid|untrue|a\s+mistake|an\s+error))\b"
    r"|\b(?:common|typical|frequent|classic|popular|easy|tempting)\s+(?:mistake|error|slip|misconception|pitfall|trap)\b"
    r"|\bit\s+is\s+(?:tempting|not\s+true|not\s+the\s+case|false|wrong)\b|\bit['’]s\s+(?:tempting|not\s+true|wrong)\b"
    r"|\b(?:one|you|some|many|people|students)\s+(?:might|may|could)\s+(?:think|be\s+tempted|believe|expect|write|guess|argue)\b"
    r"|\bdoes(?:n['’]t|\s+not)\s+(?:hold|work|equal|follow|give|agree)\b|\b(?:can(?:not|['’]t)|could\s+not)\s+be\s+(?:right|correct|true)\b"
    r"|\b(?:shortcut|formula|claim|version|suggestion|answer|expression|proposal)\s+(?:(?:that|which)\s+)?(?:you|your|he|she|they|the\s+user)\b"
    r"|\byour\s+(?:friend|professor|teacher|colleague|tutor|classmate|formula|claim|version|suggestion|proposal|answer)\b"
    r"|\bno\s+es\s+(?:cierto|verdad|correct[oa]|válid[oa]|la\b|el\b)|\bes\s+(?:fals[oa]|incorrect[oa]|erróne[oa])\b|\berror\s+(?:común|típico|frecuente)\b"
    r"|\b(?:ist|sind)\s+(?:nicht\s+(?:richtig|wahr|korrekt|der|die|das)|falsch)\b|\bhäufiger\s+fehler\b"
    r"|\b(?:n['’]est|ne\s+sont)\s+pas\s+(?:vrai|correct|le\b|la\b|exact)|\best\s+(?:faux|fausse|incorrect)|\berreur\s+(?:courante|fréquente)\b"
    r"|是错误的|不正确|不成立|常见错误|неверно|ошибочно",
    re.IGNORECASE,
)
DENIALS: Final = re.compile(
    r"(?:is|are|was|were)(?:n['’]t|\s+not|\s+never)\s+the(?!\s+(?:case|way|answer|right|correct|true|same|whole|end|problem|issue|question)\b)"
    r"|does(?:n['’]t|\s+not)\s+(?:equal|give)(?!\s+(?:the\s+(?:right|correct|same)|us\b))"
    r"|no\s+es\s+(?:la|el)\b(?!\s+(?:respuesta|misma|mismo|correcta|caso))|(?:ist|sind)\s+nicht\s+(?:der|die|das)\b(?!\s+(?:gleiche|richtige|selbe|fall))"
    r"|(?:n['’]est|ne\s+sont)\s+pas\s+(?:le|la)\b(?!\s+(?:meme|même|bonne|cas))",
    re.IGNORECASE,
)
"""Of what refuses, what may as well be the statement itself: "it is not the identity"."""
INSTEAD: Final = re.compile(
    r"(?:\b(?:not|instead\s+of|rather\s+than|as\s+opposed\s+to|no|en\s+vez\s+de|y\s+no|nicht|statt|anstatt|et\s+non|au\s+lieu\s+de)|而不是|не)"
    r"\s*(?:\*\*|_|the\s+|just\s+|simply\s+|by\s+)*$",
    re.IGNORECASE,
)
"""Right before a formula that is named to be refused."""
RETRACTIONS: Final = re.compile(
    r"(?:^|[.!?:;…—–(\n]\s{0,4}|\*\*)[\s*_—–(]{0,4}(?P<cue>wait|hold\s+on|hmm|oops|scratch\s+that|correction|actually[, ]+(?:no\b|that(?:['’]s|\s+is|\s+was)|i\s+(?:made|was|need))|no[, ]+(?:wait|that)|"
    r"let\s+me\s+(?:correct|fix|redo|re-?check|reconsider|take\s+that\s+back)|i\s+(?:made|have\s+made)\s+(?:a|an)\s+(?:mistake|error|slip)|"
    r"i\s+need\s+to\s+correct|i\s+must\s+correct|sorry|apologies|my\s+mistake|strike\s+that|on\s+second\s+thought|i\s+take\s+(?:that|it)\s+back|"
    r"(?:that|this)(?:['’]s|\s+(?:is|was))\s+(?:wrong|not\s+right|incorrect|a\s+mistake|not\s+correct)|"
    r"espera|un\s+momento|corrección|me\s+equivoqué|perdón|rectifico|moment|halt|korrektur|ich\s+habe\s+mich\s+(?:geirrt|vertan|verrechnet)|"
    r"attend|attendez|je\s+me\s+suis\s+trompé|rectification|等等|等一下|更正|我错了|подождите|стоп|поправка)(?!\w)",
    re.IGNORECASE,
)
PRAISE: Final = words(
    "great|amazing|perfect|awesome|excellent|nice|good job|well done|correct|thanks|thank you|brilliant|impressive|"
    "one shot|looks good|that's right|genial|perfecto|excelente|gracias|muy bien|super|toll|perfekt|danke|sehr gut|"
    "parfait|merci|génial|très bien|很好|谢谢|太棒了|отлично|спасибо"
)
OBJECTIONS: Final = words(
    "wrong|incorrect|mistake|mistakes|error|errors|not right|not correct|isn't right|is off|fix|correct this|check your|"
    "recheck|double check|redo|supposed to|should be|should not|shouldn't|can't be|cannot be|no inverse|fishy|doesn't match|"
    "does not match|you forgot|you missed|you dropped|actually|no|mal|incorrecto|incorrecta|equivocado|corrige|revisa|"
    "falta|debería|falsch|fehler|prüfe|korrigiere|sollte|fehlt|faux|erreur|corrige|vérifie|devrait|错|不对|应该|неверно|ошибка|исправь"
)
DOUBTS: Final = words(
    "are you sure|sure about|really|why|what about|what would|how come|could you check|can you check|isn't it|wouldn't|"
    "estás seguro|seguro que|por qué|bist du sicher|wirklich|warum|es-tu sûr|vraiment|pourquoi|你确定|为什么|вы уверены|почему"
)
PUSHBACK: Final = words(
    "friend|professor|teacher|textbook|solution manual|answer key|tutor|phd|expert|i'm certain|i am certain|i insist|"
    "is certain|everyone knows|i still think|i disagree|i don't agree|i do not agree|my notes|amigo|amiga|profesor|profesora|libro|"
    "no estoy de acuerdo|freund|lehrbuch|ich bin mir sicher|ami|professeur|manuel|je ne suis pas d'accord|朋友|教授|教材|друг|профессор"
)
