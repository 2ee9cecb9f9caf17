"""Short words of common languages, acronyms and units: letters that stand together and are no product of symbols."""

from __future__ import annotations

__all__ = ["ACRONYMS", "SHORT_WORDS", "UNITS", "words_of"]


def words_of(text: str) -> frozenset[str]:
    """The words of a list written as running text."""
    return frozenset(text.split())


SHORT_WORDS = words_of(
    # English
    """am an as at be by do go he hi if in is it me my no of oh ok on or so to up us we ye all and any are ask bad bit
    box but can cut did due end est etc few fit fix for get got had has her him his how its let lot low may met mid mix
    new nor not now odd off old one our out own per put ran raw run sat saw say see set she six sum ten the them then
    too top try two use via was way who why yes yet you add age ago aid aim air act big buy car cat day dog eat era eye
    far fun gap hit hot job key law led lie log map nth pay pre pro red row sea sit sky sub tax tie tip toy van war web
    wet win won zip max min sup inf arg out top bot mean ith jth kth left step case part plus true half also when
    """
    # Spanish, Portuguese, Italian
    """al de el en es la le lo mi ni nos os por que se si sin son su te tu un una uno las los del con mas más muy
    hay fue ser era eso esa así sus tal vez dos tres fin aun di da do dos das na no em ao um uma com não nao por sem
    il gli per che non una uno con dal del sul nel tra fra più piu ed od
    """
    # French
    """au aux ce ces car des donc du elle en est et eux il ils je la le les leur lui ma mes moi ne ni nos on ou où
    par pas pour puis qui que sa ses si soi son sur ta tes ton tu un une va vos vu y
    """
    # German
    """ab am an auf aus bei bis da das dem den der des die du ein er es für fur hat ich ihr im in ist ja man mit nun
    nur ob oft sei sie so um und uns vom von vor was weg wer wie wir wo zu zum zur als
    """
)

ACRONYMS = words_of(
    """SVD PCA MAP OLS MLE MSE RSS SSE SGD KKT ODE PDE CDF PDF GPU CPU LLM API QED FYI AND THE NOT IID SPD PSD RHS LHS
    GPT AI ML NN CNN RNN URL HTML JSON CSV USA UK EU OK TV ID IQ VS FAQ PS NB AM PM TA TL DR ReLU LaTeX PhD Ph Dr Mr Ms
    Mrs St Jr Sr No Vs Fig Eq Eqs Sec Ex Thm Def Lem Cor Hmm Hey Wow Yes You The And For But Let Now So
    """
)

UNITS = words_of("m cm mm km kg g mg s ms h min l ml ft in lb oz kW W V Hz dB GB MB kB Pa J N K mol")
