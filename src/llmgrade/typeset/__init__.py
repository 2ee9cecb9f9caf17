"""What KaTeX, a browser's PDF printer and a text extractor do to a formula, and how it is undone.

========================  ==============================================================================
`latex.parse`             LaTeX → tree                          `spelling.spell`, `spelling.canonical`
`forward.flatten`         tree → the lines an extractor gives   `forward.stream`, `forward.score`
`recognise.choose`        lines + candidates → the one stated   `recognise.find` on a page
`inverse.read_lines`      lines alone → LaTeX, best first       `inverse_stream` for a whole page
`glyphs.find_formulas`    a PDF page's glyphs → LaTeX
`extractors`              what each extractor keeps
========================  ==============================================================================
"""
