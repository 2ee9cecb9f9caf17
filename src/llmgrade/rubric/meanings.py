r"""Meanings a rubric may name instead of listing wordings: ``@vanishes``, ``@unaffected``, ``@identity``.

Each is a pattern for folded text (lower case, no accents, no dollar signs) that covers the ways people say one thing in
English, German, Spanish and French. They are made of word classes rather than of sentences, so that nobody's own phrasing
has to be foreseen. A phrase may be a meaning alone, or hold one among its words: ``@projects … @column-space``.
"""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["MEANINGS", "example", "meaning"]

_UP_TO = r"(?:[^\w.;:!?]+(?!(?:not|no|never|nicht|nie)\b)\w+(?:'\w+)?){{0,{0}}}?[^\w.;:!?]+"
"""Up to so many words between, none of them a denial, and no end of a sentence."""


def _gap(most: int) -> str:
    return _UP_TO.format(most)


def _any(*words: str) -> str:
    return "(?:" + "|".join(words) + ")"


def _word(*words: str) -> str:
    """Whole words; ``*`` ends a stem."""
    spelled = "|".join(word.replace("*", r"\w*").replace(" ", r"[\s-]+") for word in words)
    return rf"\b(?:{spelled})\b"


_ZERO = (
    r"(?:\b(?:the |el |la |die |den |das |le |l')?(?:(?:all|exactly|exakt|exactamente)[ -])?"
    r"(?:zero(?:es|s)?|nought|naught|nil|null(?:vektor)?|cero|origin|origen|ursprung|origine|nothing(?:ness)?|nichts|nada|rien)\b"
    r"|(?<![\w.,^_{/+=<>≤≥-])(?<![=<>≤≥] )(?<!\\le )(?<!\\ge )(?<!\\leq )(?<!\\geq )(?<!\\lt )(?<!\\gt )"
    r"(?:\\vec |\\mathbf ?|\\boldsymbol ?)?[{(]*0[})]*(?![\w.,]?\d|[\w^]|\s*[<>+*/=≤≥]|\s*\\(?!boxed))|零)"
)
"""Zero as a value; not the 0 of ``x > 0`` or ``φ = 0``, which says something of another thing."""
_MOVES = _word(
    "go", "goes", "going", "gone", "went", "tend*", "shrink*", "shrunk*", "shrank", "drive*", "driven", "drove", "pull*", "force*", "push*",
    "collaps*", "converg*", "approach*", "near*", "decay*", "drop*", "fall*", "decreas*", "get", "gets", "come*", "reduc*", "become*",
    "squash*", "squeez*", "crush*", "press*", "sink*", "degenerat*", "contract*", "dwindl*", "send*", "sent", "bring*", "brought", "flow*",
    "taper*", "slide*", "head*", "move*", "turn*", "make*", "made", "set*", "equal*", "is", "are", "leav*", "reach*", "end*", "settle*", "predict*", "compress*", "damp*", "diminish*",
    "geh*", "streb*", "konvergier*", "schrumpf*", "gedruckt", "gezogen", "fall*", "wird", "werden", "ist", "sind", "lauf*", "nahert", "nahern", "driften",
    "tiend*", "tender*", "va", "van", "converg*", "se hace*", "se vuelve*", "se acerca*", "se aproxim*", "se encoge*", "se reduc*", "encoge*", "llev*", "es", "son", "cae*",
    "tend", "tendent", "vont", "s'approch*", "devien*", "est", "sont", "tombe*",
)  # fmt: skip
_DISAPPEAR = _word(
    "vanish*", "disappear*", "dies? (?:out|away)", "dying out", "fad(?:e|es|ing) (?:out|away)", "fades?", "wip(?:e|es|ed|ing) (?:out|away)",
    "kill(?:s|ed)?(?: off)?", "annihilat*", "eliminat*", "extinguish*", "zeroed(?: out)?", "snuffed out", "nullif*", "die out", "dies",
    "(?:damped|shrunk|squeezed|pushed|filtered|washed|crushed) (?:out|away)", "nothing (?:survives|remains|is left)",
    "verschwind*", "erlisch*", "sterben aus", "ausgeloscht", "herausgefiltert", "se anula*", "desaparec*", "se desvanec*", "se extingu*", "nul[oa]s?", "nulles?",
    "disparai*", "s'annul*", "s'evanoui*", "s'eteign*",
)  # fmt: skip
_DAMPED = _word(
    "suppress*", "damp*", "attenuat*", "squash*", "crush*", "shrink*", "shrunk*", "negligibl*", "mute[ds]?", "quash*", "dimm*", "weaken*", "choked",
    "tiny", "minuscule", "(?:turned|switched|shut|cut) (?:off|down|out)", "filtered(?: out)?", "washed out", "heavily penal*", "strongly penal*",
    "(?:strongly|heavily|greatly|drastically|severely|much|very) reduced", "next to nothing", "discount*", "ignored", "discarded",
    "(?:hardly|barely|scarcely|no longer) (?:count*|contribut*|matter*|play*)", "(?:hardly|barely) any (?:weight|influence|contribution)",
    "gedampft", "abgedampft", "unterdruck*", "abgeschwacht", "dampft", "schwacht", "vernachlassigbar*", "winzig*", "kaum noch",
    "amortigu*", "atenua*", "suprim*", "aplasta*", "despreciabl*", "insignificant*", "reprim*", "encoge*",
    "ecras*", "attenu*", "amorti*", "suppri*", "etouff*", "reduit*",
)  # fmt: skip
_NEAR_ZERO = (
    rf"(?:(?:\\approx|≈|\\simeq|≃|~)\s*{_ZERO}|(?:→|\\to|\\rightarrow|->|\\longrightarrow)\s*{_ZERO}"
    rf"|\b(?:close|near|next|almost|nearly|practically|essentially|virtually|approximately|effectively|fast|beinahe|nahezu|praktisch|nahe|casi|practicamente|cerca|presque|pratiquement|quasi(?:ment)?)"
    rf"(?:[ -](?:to|bei|an|de|a))?[ -]+{_ZERO}|接近于?零|趋(?:近)?于零|消失)"
)
_VANISHES = _any(
    rf"{_MOVES}{_gap(5)}{_ZERO}",
    rf"{_ZERO}[\s-]+(?:vector|solution|vektor|losung)\b|\b(?:null|zero)[\s-]?(?:vector|solution)\b|\b(?:vector|solucion)[\s-](?:nul[oa]|cero)\b|\b(?:vecteur|solution) null?e?\b|\bnullvektor\b",
    rf"\b(?:to|towards?|gegen|hacia|vers|auf) {_ZERO}",
    _NEAR_ZERO,
    _DISAPPEAR,
)
_INFINITY = r"(?:\binfinity\b|\\infty|∞|\bunendlich\w*|\binfinito\b|\bl'infini\b|无穷)"
_BOUNDLESS = _any(
    r"\bwithout (?:any )?(?:bound|limit)s?\b",
    r"\bunbound\w*\b",
    r"\bunbeschrankt\w*",
    r"\bunbegrenzt\w*",
    r"\buber alle (?:grenzen|massen)\b",
    r"\bsin (?:cota|limite)\w*",
    r"\bno acotad\w+",
    r"\bsans (?:borne|limite)s?\b",
    rf"\b(?:to|towards?|gegen|hacia|a|vers) {_INFINITY}",
    rf"(?:→|\\to|\\rightarrow|->)\s*\+?\s*{_INFINITY}",
    r"\binfinit\w*(?! (?:many|number|set|dimension|viel|much))\b",
    r"\bindefinite\w*",
    r"\barbitrarily large\b",
)
_NO_LIMIT = _any(
    r"\bno (?:finite )?limit\b",
    r"\blimit" + _gap(3) + r"(?:not|n't|never|fails to)(?:\W+\w+){0,2}?\W+(?:exist|defined|converge|finite)\w*",
    r"\b(?:does|do|is|will|would|can)(?: not|n't|not) (?:\w+ )?(?:exist|converge|well[ -]defined|defined)\w*\b",
    r"\b(?:undefined|ill[ -]defined|nonexistent)\b",
    r"\bno existe\w*|\bno (?:esta )?defin\w+|\bno converge\w*",
    r"\bexistiert\w* nicht|\bkein\w* (?:grenzwert|limes)|\bnicht definiert|\bkonvergiert nicht",
    r"\bn'existe pas|\bpas de limite|\bn'est pas defini\w*|\bne converge pas",
    r"\bno solution\b|\bkeine losung\b|\bno (?:tiene|hay) solucion\b",
)
_DIVERGES = _any(
    _word("diverg*", "blow* up", "blew up", "blowing up", "explod*", "explot*", "explosion*", "unstable", "inestable*", "instabil*", "instable*"),
    _BOUNDLESS,
    _NO_LIMIT,
    _word("wachst ins unermessliche", "divergier*"),
)  # fmt: skip
_AMPLIFIED = _any(
    _word("amplif*", "magnif*", "boost*", "enlarg*", "inflate*", "blown up", "strengthen*", "huge", "enormous*", "verstark*", "vergrosser*", "riesig*", "aumenta*", "agrand*", "crece*", "wachs*", "grow", "grows", "growing"),
)  # fmt: skip
_HARDLY = r"(?:hardly|barely|scarcely|almost not|kaum|apenas|a peine|fast nicht|casi no|presque pas)"
_CHANGES = r"(?:chang\w*|mov(?:e|es|ed|ing)|shift\w*|affect\w*|alter\w*|influenc\w*|budge[sd]?|differ\w*|touch\w*|modif\w*|budg\w*)\b"
_STAY = r"(?:stays?|stayed|staying|remains?|remained|remaining|keeps?|kept|is|are|be|sits?|rests?|left|leaves?|bleib\w*|ist|sind|queda\w*|permanec\w*|sigue\w*|se mantien\w*|es|reste\w*|est|demeure\w*)"
_UNAFFECTED = _any(
    _word(
        "unchang*", "unaffect*", "untouch*", "intact", "preserv*", "unalter*", "unmoved", "undisturb*", "unmodif*", "unharmed", "unscathed", "unimpeded", "unhindered",
        "unverandert*", "unberuhrt*", "unbeeinflusst*", "erhalten", "intact[oa]s?", "inalterad[oa]s?", "invariable*", "inchang*", "intactes?",
        "(?:left|let) alone", "pass(?:es|ed)? (?:straight |right )?through", "go(?:es)? through", "let through", "survive[sd]?(?! only)", "carr(?:y|ies) over", "spared",
    ),
    rf"\b(?:nothing|little|almost nothing|practically nothing|nichts|fast nichts|nada|casi nada|rien|presque rien)\W+(?:\w+\W+){{0,2}}?(?:{_CHANGES}|happens?|passier\w*|geschieht|andert\w*|cambia\w*|se mueve\w*|pasa|change\w*|bouge\w*)",
    r"\b(?:andert|bewegt|verschiebt)\w* sich (?:\w+ ){0,3}?(?:nichts|nicht|kaum)\b|\bnicht (?:verschoben|bewegt|verandert|geandert)\b",
    rf"\b{_HARDLY}\W+(?:\w+\W+){{0,2}}?(?:{_CHANGES}|damp\w*|shrunk|reduced|verandert\w*|geandert|andert\w*|cambia\w*|afecta\w*|gedampft)\b",
    rf"\b(?:does|do|did|is|are|was|were|will|can|need|ca|wo|does|has|have)(?:\W?n't| not|not) (?:\w+ ){{0,2}}?{_CHANGES}\b",
    r"\b(?:not|n't|never|no longer|nicht|nie|no|pas) (?:(?:really|at all|much|se|significantly|noticeably|visibly|be|being|get|gets|getting) ){0,2}?(?:damp(?:s|ed|ing|en|ened)?|suppress(?:es|ed|ing)?|attenuate[sd]?|shrinks?|shrunk|shrunken|penali[sz]ed|gedampft|unterdruckt|atenua\w*|amortigua\w*|attenue\w*|amorti\w*)\b",
    r"\bno (?:se )?(?:\w+ )?(?:cambia\w*|mueve\w*|desplaza\w*|varia\w*|afecta\w*|altera\w*|modifica\w*)",
    r"\bne (?:\w+ )?(?:bouge\w*|change\w*|varie\w*|se deplace\w*) (?:pas|plus|pratiquement)\b|\bne (?:bouge|change)\b",
    rf"\b(?:neither|nor|weder|noch|ni|nothing)\b[^.;:!?]{{0,60}}?\b{_CHANGES}",
    rf"\b{_STAY}\W+(?:\w+\W+){{0,3}}?(?:put|(?:the )?same\b(?! (?!(?:as|place|position|location|spot|value|for|no matter|regardless|irrespective|whatever|whether|even|throughout|always|under)\b)\w)|as (?:it|they) (?:is|are|was|were)|as before|as is|where (?:it|they) (?:is|are|was|were)|in place|fixed|constant|still|stehen|gleich|wie (?:zuvor|vorher)|fest|igual\w*|donde estaba|fij[oa]s?|constante\w*|quiet[oa]s?|en place|identique\w*|le meme|la meme|own place|its place|their place|(?:its|their) (?:old |original )?(?:position|place|location))\b",
    r"\b(?:the |very |exactly )?same (?:as|place|position|location|spot|value) ?(?:before|as before)?\b",
    r"\bno (?:noticeable |visible |real |appreciable |significant |practical )?(?:change|movement|shift|motion|update|displacement)s?\b|\b(?:without|with no) (?:any )?(?:change|modification|alteration|loss|attenuation|damping|shrinkage)s?\b|\bsin (?:cambio|moverse|variacion)\w*|\bkeine (?:anderung|veranderung|bewegung|verschiebung)\b|\bsans changement\b|\baucun (?:changement|mouvement)\b|\bninguna? (?:cambio|movimiento|variacion)\b",
    r"\b(?:no|little|negligible|hardly any|almost no|practically no|virtually no|scarcely any|without|kaum|keinen?|fast keinen|sin|ningun|poco|apenas|aucun|peu d'|sans)[ ']?(?:\w+ ){0,2}?(?:effect|influence|impact|efecto|influencia|einfluss|wirkung|effet|influence)s?\b",
    r"\b(?:penal\w*|regulari[sz]\w*|regulariz\w*|ridge term|shrinkage|bestrafung|strafterm|penalizacion|penalite|\\?lambda|λ)\b(?:(?! (?:they|it|these|those|sie|es|ellos|estos|ils|on) )[^.;:!?]){0,30}?\b(?:irrelevan\w*|negligib\w*|unimportant|immaterial|insignificant|ignor\w*|drops? out|does not matter|hardly matters|barely matters|vernachlassig\w*|despreciab\w*|no importa|no influye|negligeab\w*|n'influe pas|no longer matters)\b",
)  # fmt: skip
_SQUARES = r"(?:least[\s-]?squares?|kleinst\w*[\s-]?(?:fehler)?n?[\s-]?quadrat\w*|minimos[\s-]cuadrados|moindres[\s-]carres|minimi quadrati|最小二乘)"
_ORDINARY = r"(?:ordinary|usual|plain|classical?|standard|normal|regular|familiar|conventional|unweighted|naive|gewohnlich\w*|normal\w*|ordinari\w*|usual\w*|habitual\w*|ordinaire\w*|classique\w*|clasic\w*)"
_LEAST_SQUARES = _any(
    r"\b(?:ols|olsq|lse|ls)\b(?![\w_}])",
    _SQUARES,
    rf"\b{_ORDINARY} (?:\w+ )?(?:regression|regresion|fit|estimator|estimate|solution|losung|regresseur)\w*",
    r"\b(?:solution|losung|solucion)\w* (?:of|der|de|to) (?:the |las |les )?(?:normal equations|normalengleichungen?|ecuaciones normales|equations normales)\b",
    r"\bmethode der kleinsten quadrate\b",
    r"\bmaximum[ -]likelihood (?:estimate|estimator|solution)\b",
)
_UNPENALISED = _any(
    r"\b(?:un|non|de)[ -]?(?:penali[sz]\w*|regulari[sz]\w*|ridged|shrunk\w*|damped)\b",
    r"\b(?:without|no|ohne|sin|sans|removing|dropping|before)[ ](?:\w+ ){0,2}?(?:penalt\w*|penali\w*|regulari\w*|shrinkage|ridge|strafterm|bestrafung|penalizacion|penalite)\b",
)
_MINIMUM_NORM = _any(
    r"\b(?:minim(?:um|al|ale|aler|a|ales)?|min|least|smallest|shortest|lowest|kleinst\w*|kurzest\w*|geringst\w*|menor|mas cort\w+|plus petite|plus courte|mindest\w*)[\s-]+(?:possible )?(?:(?:euclidean|euklidisch\w*|l_?2|ℓ_?2|\\ell_?2|2|weight)[\s-]+)?(?:norm\w*|length\w*|lange|longitud|longueur|magnitude)\b",
    r"\bnorm\w*[\s-]+(?:minim\w*|la plus petite|mas pequena|euclidea minima)\b",
    r"\bnorm(?:kleinst|minimal|minimier|minimis|minimiz)\w*",
    r"\b(?:smallest|shortest|least|minimal|minimum)(?: \w+){0,2}? (?:in|by|of) (?:\w+ )?(?:norm|length|size|magnitude)\b",
    r"\b(?:shortest|smallest)[ -](?:possible )?(?:solution|vector|interpolant|interpolator|w|weights?|fit|one|among|exact)\b",
    r"\bkurzeste\w* (?:losung|vektor)|\bsolucion mas corta|\bsolution la plus courte|\bvector mas corto",
    r"\bclosest to (?:the )?(?:origin|zero|0)\b",
    r"\bpseudo[\s-]?invers\w*|\bmoore[\s-]+penrose\b|\bridgeless\b",
    r"最小范数|伪逆",
)
_TRANSPOSE = r"(?:transpos\w*|transponiert\w*|traspuest\w*|transpuest\w*)"
_SYMMETRIC = _any(
    r"(?<![\w-])(?<!skew )(?<!anti )(?<!non )(?<!not )s[yi]mm?etr\w*",
    r"对称",
    r"\bself[\s-]adjoint\b|\bselbstadjungiert\b|\bautoadjunt[ao]\b|\bhermit\w*",
    rf"\b(?:equals?|equal to|same as|identical (?:to|with)|coincid\w*(?: with)?|agrees? with|matches|gleich|stimmt mit|igual a|coincide con|egale? a)\W+(?:\w+\W+){{0,3}}?{_TRANSPOSE}",
    rf"\b{_TRANSPOSE}\W+(?:\w+\W+){{0,4}}?(?:changes nothing|nothing changes|no effect|does not change|unchanged|does nothing|(?:the )?same|no difference|itself)\b",
    rf"\b(?:own|invariant under|unchanged by|unchanged under) {_TRANSPOSE}\w*",
    r"\b(?:coincid\w* with|identical (?:to|with)|the same (?:matrix )?as|equal to|ubereinstimm\w* mit|coincidir con|coincider avec)\W+\w\s*\^\s*\{?\\?(?:t\b|top|intercal)",
    r"\b\w_\{?ij\}?\s*=\s*\w_\{?ji\b",
    r"\b(?:skew|anti)[\s-]?(?:s[yi]m+etr\w*)?[\s-]?(?:part|component|teil|anteil|parte|partie)\b[^.;:!?]{0,60}?(?:\bvanish\w*|\bdisappears?|\bis (?:zero|0|null)\b|=\s*0\b|\bist (?:null|0)\b|\bverschwindet|\bse anula|\bs'annule)",
)
_ANTISYMMETRIC = r"\b(?:skew|anti|schief)[\s-]?s[yi]m+etr\w*"
_ASYMMETRIC = (
    r"\b(?:not|non|n't|nicht|no|pas|never)[\s-]+(?:\w+ )?s[yi]mm?etr\w*|\b(?:asymm?etr|unsymmetr|nonsymmetr)\w*"
)
_IDENTITY = _any(
    r"\b(?:identity|identitat|einheitsmatrix|identidad|identite|identita|identitatsmatrix)\b",
    r"\bunit matrix\b|\bmatriz unidad\b|\bmatriz identidad\b|\bmatrice (?:identite|unite)\b|单位矩阵|单位阵",
    r"\b(?:does|do) nothing to (?:any|every|all)\b|\bleaves? (?:every|any|each|all) vectors? (?:unchanged|alone|as it is|fixed)\b",
)
_EVERYWHERE = _any(
    r"\bregardless\b|\birrespective\b|\bwhether (?:or not|it|the)\b|\bno matter\b|\bin (?:both|all|every|each|either) (?:cases?|regimes?|situations?)\b",
    r"\balways (?:holds?|valid|true|the same|applies)\b|\b(?:holds?|applies|valid|true) (?:always|everywhere|in general|throughout)\b|\beverywhere\b|\bfor (?:all|every|any) (?:inputs?|values?|cases?)\b",
    r"\b(?:also|even|still|too)\b[^.;:!?]{0,12}\b(?:when|if|for|in|at)\b|\bindependent\w* of (?:whether|the sign|the activ|the state)\w*",
    r"\bunabhangig (?:davon|vom)\b|\bin (?:jedem|beiden|allen) fall\w*|\buberall\b|\bauch (?:wenn|falls|im)\b|\begal ob\b|\bstets\b",
    r"\bsiempre\b|\ben (?:todos los|ambos|cualquier|todo) casos?\b|\bindependientemente\b|\bincluso (?:si|cuando)\b|\btambien (?:si|cuando)\b|\bsin importar\b",
    r"\btoujours\b|\bdans (?:tous|les deux|chaque) (?:les )?cas\b|\bpartout\b|\bmeme (?:si|quand|lorsque)\b|\bindependamment\b",
)  # fmt: skip
_OTHERWISE = _any(
    r"\b(?:otherwise|else|elsewhere|in the other case|for the rest|if not|when not|if it is not|when it is not|if it does(?: not|n't)|when it does(?: not|n't)|unless)\b",
    r"\b(?:sonst|andernfalls|ansonsten|wenn nicht|falls nicht)\b",
    r"\b(?:en otro caso|en caso contrario|de lo contrario|de otro modo|si no|en los demas casos)\b",
    r"\b(?:sinon|autrement|dans le cas contraire|altrimenti)\b|否则",
)
_UNIT = r"(?:unit|neuron|relu|it|einheit|unidad|unite|neurone?)"
_INACTIVE = _any(
    r"\b(?:inactiv\w*|inaktiv\w*|deactivat\w*|deaktiviert|dead|dormant|silent|asleep|saturated|tot|muert[ao]s?|mort[es]?|apagad\w*|eteint\w*|desactivad\w*|desactive\w*|ausgeschaltet)\b",
    r"\b(?:is|are|was|switched|turned|shut|stays?|remains?|unit|units)[ ]off\b|\boff\b(?= (?:unit|units|state|side)\b)",
    r"\b(?:not|n't|never|nicht|no|no esta|n'est pas|pas)[ ](?:an? )?(?:activ\w*|aktiv\w*|fir(?:e|es|ing)|on|activad\w*|encendid\w*)\b",
    r"\bbelow (?:the |its )?(?:threshold|elbow|kink)\b|\b(?:flat|zero|dead|left|off)[ -](?:side|part|region|branch|regime|zone|segment)\b|\bunter der schwelle\b|\bflache\w* (?:seite|teil|bereich)\b|\bparte plana\b|\bpartie plate\b",
    r"\bpre[ -]?activation (?:is )?(?:negative|nonpositive|non-positive|below zero)\b",
)
_ACTIVE = _any(
    r"\b(?:activ(?!ation)\w*|aktiv\w*|firing|fires?|alive|awake|encendid\w*|allume\w*|eingeschaltet)\b",
    r"\b(?:is|are|was|switched|turned|stays?|unit)[ ]on\b(?! (?:the|a)\b)",
    r"\babove (?:the |its )?(?:threshold|elbow|kink)\b|\b(?:sloped|rising|linear|on)[ -](?:side|part|region|branch|regime)\b",
    r"\bpre[ -]?activation (?:is )?positive\b",
)
_IS_ZERO = _any(
    _ZERO,
    r"\b(?:vanish\w*|no (?:gradient|dependence|slope|update|signal|contribution)|disappears?|verschwind\w*|se anula\w*|s'annule\w*|nul[oa]?|nulle|kein gradient|sin gradiente|pas de gradient|zero)\b",
)
_MOVES_AWAY = _any(
    r"\b(?:move[sd]?|shift(?:s|ed)?|slides?|travels?|wanders?|change[sd]?|drift(?:s|ed)?|update[sd]?|jump(?:s|ed)?|verschiebt|verschieben|bewegt sich|wandert|andert sich|se mueve\w*|se desplaza\w*|cambia\w*|se deplace\w*|bouge\w*|change\w*)\b",
    r"\b(?:same|this|that|above|gleiche|misma|meme) (?:formula|expression|formel|formula|formule|update|result) (?:holds|applies|is valid|gilt|vale|s'applique)\b",
)
_COLUMN_SPACE = _any(
    r"\bcol(?:umn)?s?[\s-]?(?:space|span)\b|\bspan of (?:the |its )?columns\b|\bspaltenraum\b|\bespacio (?:de )?(?:las )?columnas?\b|\bespace (?:des )?colonnes?\b|列空间",
    r"\b(?:range|image|bild|imagen|rango|rank space)[\s{}]+(?:of|von|de|space of)[\s{}$]*(?:the )?(?:matrix )?x\b(?!\s*\^)|\\(?:mathrm|operatorname|text|mathcal)\s*\{?\s*(?:col|range|im|r|c)\w*\}?\s*(?:\\left)?\(\s*x\s*(?:\\right)?\)|\b(?:col|range|im|colspan)\s*\(\s*x\s*\)",
)
_ROW_SPACE = _any(
    r"\brows?[\s-]?(?:space|span)\b|\bspan of (?:the |its )?rows\b|\bzeilenraum\b|\bespacio (?:de )?(?:las )?filas?\b|\bespace (?:des )?lignes?\b|行空间",
    r"\b(?:range|image|bild|imagen)[\s{}]+(?:of|von|de)[\s{}$]*x\s*\^\s*\{?\\?(?:t\b|top|intercal)|\\(?:mathrm|operatorname|text)\s*\{?\s*row\w*\}?\s*(?:\\left)?\(\s*x\s*(?:\\right)?\)|\brow\s*\(\s*x\s*\)",
)
_PROJECTS = _any(
    r"\b(?:project\w*|projekt\w*|projizier\w*|proyec\w*|projett\w*|projet\w*)\b",
    r"\b(?:is |acts (?:as |like )?)?(?:an? |the |die |la |l')?(?:identity|einheitsmatrix|identitat|identidad|identite)(?: matrix| map)? (?:only )?(?:on|restricted to|auf|en|sobre|sur)\b",
)
_TALL = _any(
    r"\btall\b|\bskinny\b|\bnarrow\b|\bover[\s-]?determined\b|\bfull column rank\b|\b(?:linearly )?independent columns\b|\bcolumns are (?:linearly )?independent\b|\bmore (?:rows|equations|observations|samples|data(?: points)?|examples) than\b|\bfewer (?:columns|unknowns|features|parameters|variables) than\b",
    r"\bhoh?e?[nsr]?\b(?= (?:matri\w*|x\b|designmatri\w*|und|matriz))|\b(?:ist|x) hoch\b|\bhochformat\w*|\buberbestimmt\w*|\bmehr (?:zeilen|gleichungen|daten\w*|beobachtungen) als\b|\bvolle[nrm]? spaltenrang\b",
    r"\balt[ao]s?\b|\bsobredeterminad\w*|\bmas (?:filas|ecuaciones|datos|observaciones) que\b|\bcolumnas (?:linealmente )?independientes\b",
    r"\bhaute?s?\b|\bsurdetermine\w*|\bplus de (?:lignes|equations|donnees) que\b|\bcolonnes (?:lineairement )?independantes\b|高",
)
_WIDE = _any(
    r"\bwide\b|\bfat\b|\bshort(?: and fat)?\b(?= (?:x|matri\w*))|\bunder[\s-]?determined\b|\bfull row rank\b|\b(?:linearly )?independent rows\b|\brows are (?:linearly )?independent\b|\bmore (?:columns|unknowns|features|parameters|variables|weights) than\b|\bfewer (?:rows|equations|observations|samples|examples|data(?: points)?) than\b|\bover[\s-]?parameteri[sz]ed\b",
    r"\bbreit\w*|\bunterbestimmt\w*|\bmehr (?:spalten|unbekannte|merkmale|parameter) als\b|\bvolle[nrm]? zeilenrang\b|\bquerformat\w*",
    r"\banch[ao]s?\b|\b(?:sub|in)determinad\w*|\bmas (?:columnas|incognitas|variables|parametros) que\b|\bfilas (?:linealmente )?independientes\b",
    r"\blarge\b(?= (?:matri\w*|x\b)| *[:,;.])|\b(?:est|x) large\b|\bsous[\s-]determine\w*|\bplus de (?:colonnes|inconnues|variables|parametres) que\b|\blignes (?:lineairement )?independantes\b|宽",
)
_LEFT_OUT = r"\b(?:without|no|not in terms of|leave|leaves|leaving|drop\w*|omit\w*|free of|remove|take out|get rid of|except|minus|strip\w*|sin|quita\w*|ohne|weglass\w*|sans|enlev\w*)\b"

MEANINGS: Mapping[str, str] = {
    "vanishes": _VANISHES,
    "damped": _any(_DAMPED, _NEAR_ZERO, _DISAPPEAR, rf"{_MOVES}{_gap(5)}{_ZERO}", rf"\b(?:to|towards?|gegen|hacia|vers) {_ZERO}"),
    "diverges": _DIVERGES,
    "amplified": _AMPLIFIED,
    "unaffected": _UNAFFECTED,
    "least-squares": _LEAST_SQUARES,
    "unpenalised": _UNPENALISED,
    "minimum-norm": _MINIMUM_NORM,
    "symmetric": _SYMMETRIC,
    "antisymmetric": _ANTISYMMETRIC,
    "asymmetric": _ASYMMETRIC,
    "identity": _IDENTITY,
    "everywhere": _EVERYWHERE,
    "always": r"\b(?:always|in every case|in all cases|no matter|regardless|irrespective|whatever|immer|stets|egal|siempre|sin importar|toujours|quel(?:le)? que soit)\b",
    "otherwise": _OTHERWISE,
    "inactive": _INACTIVE,
    "active": _ACTIVE,
    "is-zero": _IS_ZERO,
    "moves": _MOVES_AWAY,
    "column-space": _COLUMN_SPACE,
    "row-space": _ROW_SPACE,
    "projects": _PROJECTS,
    "tall": _TALL,
    "wide": _WIDE,
    "left-out": _LEFT_OUT,
    "infinity": _INFINITY,
    "zero": _ZERO,
    "goes-to": _any(_MOVES, r"→|\\to|\\rightarrow|->|\\longrightarrow"),
    "nonzero": r"\b(?:non-?zero|(?:away|far|different|bounded away|positive distance) from (?:the )?(?:zero|0|origin)|verschieden von null|ungleich null|no nul\w+|distint[oa]s? de cero|non nul\w*)\b",
    "differs": r"\b(?:differ\w*|deviat\w*|far|different|depart\w*|weicht|weichen|unterscheid\w*|difiere\w*|distint\w*|s'ecarte\w*|different\w*)\b",
    "approximately": r"\b(?:approximate\w*|nearly|almost|roughly|close to|not quite|ungefahr|beinahe|fast|annahernd|aproximad\w*|casi|presque|approximativ\w*)\b",
    "not-needed": r"\b(?:(?:not|n't|no longer|nicht|no (?:es|hace)|pas) (?:\w+ )?(?:needed|required|necessary|matter|relevant|notig|notwendig|erforderlich|falta|necesari\w*|necessaire)|irrelevant|unnecessary|unnotig|superfluous)\b",
    "grows": _any(_word("grow", "grows", "growing", "increas*", "wachst", "wachsend*", "crece*", "croit"), _BOUNDLESS),
}  # fmt: skip
"""Every meaning by its name."""


def meaning(name: str) -> str:
    """The pattern of a meaning, for folded text. Raises KeyError."""
    return MEANINGS[name]


_EXAMPLES: Mapping[str, str] = {
    "vanishes": "shrinking to zero",
    "damped": "strongly damped",
    "diverges": "unbounded",
    "amplified": "amplified",
    "unaffected": "left unchanged",
    "least-squares": "the ordinary least squares solution",
    "unpenalised": "the unpenalised solution",
    "minimum-norm": "the minimum-norm solution",
    "symmetric": "symmetric",
    "antisymmetric": "antisymmetric",
    "asymmetric": "not symmetric",
    "identity": "the identity",
    "everywhere": "the same in all cases",
    "always": "always so",
    "otherwise": "otherwise",
    "inactive": "inactive",
    "active": "active",
    "is-zero": "zero",
    "moves": "such that it moves",
    "column-space": "column space",
    "row-space": "row space",
    "projects": "the projector",
    "tall": "tall",
    "wide": "wide",
    "left-out": "without",
    "infinity": "infinity",
    "zero": "zero",
    "goes-to": "goes to",
    "grows": "growing",
    "nonzero": "nonzero",
    "differs": "different from",
    "approximately": "approximately",
    "not-needed": "not needed",
}


def example(phrase: str) -> str | None:
    """One wording of a phrase, as it may stand after "it is"; None for a regular expression.

    >>> example("@projects … @column-space"), example("shrunk*|damped"), example("/x/")
    ('the projector of column space', 'shrunk', None)
    """
    if phrase.startswith("/"):
        return None
    words = []
    for word in phrase.split("|")[0].split():
        if word == "…":
            words.append("of")
        elif word.startswith("@") and word[1:] in _EXAMPLES:
            words.append(_EXAMPLES[word[1:]])
        else:
            words.append(word.rstrip("*"))
    return " ".join(words) or None
