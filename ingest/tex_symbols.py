"""What TeX commands look like in Unicode."""

# Accents above or below the next letter, as combining characters.
ACCENTS = {
    '"': "\u0308", "'": "\u0301", "`": "\u0300", "^": "\u0302", "~": "\u0303",
    "=": "\u0304", ".": "\u0307", "u": "\u0306", "v": "\u030c", "H": "\u030b",
    "c": "\u0327", "k": "\u0328", "r": "\u030a", "d": "\u0323", "b": "\u0331",
    "t": "\u0361",
}  # fmt: skip
MATH_ACCENTS = {
    "hat": "\u0302", "tilde": "\u0303", "bar": "\u0304", "vec": "\u20d7",
    "dot": "\u0307", "ddot": "\u0308",
}  # fmt: skip

SUPERSCRIPTS = dict(zip("0123456789+-−=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿ", strict=True))
SUBSCRIPTS = dict(zip("0123456789+-−=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎", strict=True))

# Backslash and one other character. Escaped characters stand for themselves.
SIGNS = {
    ",": " ", ";": " ", ":": " ", ">": " ", "\\": " ", "|": "‖",
    "!": "", "-": "", "/": "", "@": "", "(": "", ")": "", "[": "", "]": "",
}  # fmt: skip

# Commands that only change how their argument looks.
WRAPPERS = frozenset(
    "emph textbf textit texttt textsc textsf textrm textmd textup textsl textnormal text "
    "underline uline mathrm mathbf mathit mathcal mathbb mathsf mathtt mathfrak mathscr bm "
    "boldsymbol operatorname operatornamewithlimits mbox hbox fbox ensuremath overline "
    "widehat widetilde underbrace overbrace hat tilde bar vec dot ddot sqrt frac dfrac "
    "tfrac binom href url textsuperscript textsubscript lowercase uppercase title not".split()
)

# Commands that leave nothing behind.
SILENT = frozenset(
    "em it bf tt sc sf rm sl itshape bfseries ttfamily scshape sffamily rmfamily mdseries "
    "upshape slshape normalfont tiny scriptsize footnotesize small normalsize large Large "
    "LARGE huge Huge left right big Big bigg Bigg bigl bigr Bigl Bigr limits nolimits "
    "displaystyle textstyle scriptstyle noindent indent centering protect relax xspace "
    "newblock nonumber cal mathstrut null".split()
)

SYMBOLS = {
    # letters
    "ss": "ß", "ae": "æ", "AE": "Æ", "oe": "œ", "OE": "Œ", "o": "ø", "O": "Ø", "l": "ł",
    "L": "Ł", "aa": "å", "AA": "Å", "i": "ı", "j": "ȷ", "dh": "ð", "DH": "Ð", "th": "þ",
    "TH": "Þ", "dj": "đ", "DJ": "Đ", "ng": "ŋ", "NG": "Ŋ",
    # Greek
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε",
    "varepsilon": "ε", "zeta": "ζ", "eta": "η", "theta": "θ", "vartheta": "ϑ", "iota": "ι",
    "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ", "omicron": "ο", "pi": "π",
    "varpi": "ϖ", "rho": "ρ", "varrho": "ϱ", "sigma": "σ", "varsigma": "ς", "tau": "τ",
    "upsilon": "υ", "phi": "φ", "varphi": "φ", "chi": "χ", "psi": "ψ", "omega": "ω",
    "Gamma": "Γ", "Delta": "Δ", "Theta": "Θ", "Lambda": "Λ", "Xi": "Ξ", "Pi": "Π",
    "Sigma": "Σ", "Upsilon": "Υ", "Phi": "Φ", "Psi": "Ψ", "Omega": "Ω",
    # relations and operators
    "sim": "~", "simeq": "≃", "approx": "≈", "cong": "≅", "equiv": "≡", "propto": "∝",
    "leq": "≤", "le": "≤", "leqslant": "≤", "geq": "≥", "ge": "≥", "geqslant": "≥",
    "neq": "≠", "ne": "≠", "lt": "<", "gt": ">", "ll": "≪", "gg": "≫", "lesssim": "≲",
    "gtrsim": "≳", "pm": "±", "mp": "∓", "times": "×", "div": "÷", "cdot": "·", "circ": "∘",
    "bullet": "•", "star": "⋆", "ast": "*", "oplus": "⊕", "otimes": "⊗", "odot": "⊙",
    "wedge": "∧", "land": "∧", "vee": "∨", "lor": "∨", "neg": "¬", "lnot": "¬",
    "sum": "∑", "prod": "∏", "int": "∫", "partial": "∂", "nabla": "∇", "infty": "∞",
    "forall": "∀", "exists": "∃", "in": "∈", "notin": "∉", "ni": "∋", "subset": "⊂",
    "subseteq": "⊆", "supset": "⊃", "supseteq": "⊇", "cup": "∪", "cap": "∩",
    "setminus": "∖", "emptyset": "∅", "varnothing": "∅", "perp": "⊥", "parallel": "∥",
    "mid": "|", "vert": "|", "Vert": "‖", "top": "⊤", "bot": "⊥", "models": "⊨",
    "vdash": "⊢", "langle": "⟨", "rangle": "⟩", "lceil": "⌈", "rceil": "⌉", "lfloor": "⌊",
    "rfloor": "⌋", "lbrace": "{", "rbrace": "}", "ell": "ℓ", "hbar": "ħ", "Re": "ℜ",
    "Im": "ℑ", "aleph": "ℵ", "angle": "∠", "triangle": "△", "square": "□", "prime": "′",
    "triangleq": "≜", "colon": ":",
    # arrows
    "to": "→", "rightarrow": "→", "longrightarrow": "→", "leftarrow": "←", "gets": "←",
    "leftrightarrow": "↔", "Rightarrow": "⇒", "implies": "⇒", "Leftarrow": "⇐",
    "Leftrightarrow": "⇔", "iff": "⇔", "uparrow": "↑", "downarrow": "↓", "mapsto": "↦",
    "hookrightarrow": "↪", "nearrow": "↗", "searrow": "↘",
    # text
    "ldots": "…", "dots": "…", "cdots": "…", "textellipsis": "…", "textemdash": "—",
    "textendash": "–", "textquotedblleft": "“", "textquotedblright": "”",
    "textquoteleft": "‘", "textquoteright": "’", "lq": "‘", "rq": "’",
    "textquotesingle": "'", "textbackslash": "\\", "textasciitilde": "~",
    "textasciicircum": "^", "textunderscore": "_", "textbar": "|", "textless": "<",
    "textgreater": ">", "textdollar": "$", "textpercent": "%", "textbullet": "•",
    "textperiodcentered": "·", "textdegree": "°", "degree": "°", "deg": "°",
    "textmu": "µ", "textregistered": "®", "texttrademark": "™", "textcopyright": "©",
    "copyright": "©", "pounds": "£", "textsterling": "£", "euro": "€", "texteuro": "€",
    "S": "§", "P": "¶", "dag": "†", "dagger": "†", "ddag": "‡", "ddagger": "‡",
    "checkmark": "✓", "cmark": "✓", "xmark": "✗", "item": "• ",
    # spaces
    "quad": " ", "qquad": " ", "par": " ", "newline": " ", "linebreak": " ",
    "hfill": " ", "space": " ", "thinspace": " ", "nobreakspace": " ",
}  # fmt: skip
