r"""TeX as it stands in arXiv's titles and abstracts, made readable.

Not a TeX engine: accents, common symbols, simple scripts and fractions become Unicode,
markup goes, and what is not known stays as a word (`\method` -> "method"). Never raises;
each character is looked at a bounded number of times. arXiv writes its own non-ASCII
characters this way, too: `360{\deg}`, `M\"uller`, `$10^{-3}$`.
"""

import re
import unicodedata
from collections.abc import Sequence

from ingest.tex_symbols import (
    ACCENTS,
    MATH_ACCENTS,
    SIGNS,
    SILENT,
    SUBSCRIPTS,
    SUPERSCRIPTS,
    SYMBOLS,
    WRAPPERS,
)

LONGEST_MATHS = 1000  # characters; two dollar signs further apart are money

_PLAIN = r"[^\\^_{}\-`'~$]+"
_TOKEN = re.compile(
    rf"(?P<text>{_PLAIN}(?:[\-`']{_PLAIN})*)"
    r"|\\(?P<word>[A-Za-z]+)\*?|\\(?P<sign>.)|(?P<script>[\^_])|(?P<brace>[{}])"
    r"|(?P<dashes>---?)|(?P<quotes>``|'')|(?P<tie>~)|(?P<rest>.)",
    re.DOTALL,
)
_ACCENT = re.compile(
    r"""\\(?P<accent>["'`^~=.]|[uvHckrdbt](?![A-Za-z])|(?:hat|tilde|bar|vec|dot|ddot)(?![A-Za-z]))"""
    r"""[ ]?(?:\{[ ]?\\?(?P<braced>[A-Za-z])[ ]?\}|\\(?P<dotless>[ij])(?![A-Za-z])"""
    r"""|(?P<bare>[A-Za-z])|(?P<nothing>\{\}))"""
)
_ARGUMENT = r"[ ]?\{(?P<%s>[^{}$]{0,%d})\}"
_FRACTION = re.compile(r"\\[dt]?frac" + _ARGUMENT % ("above", 60) + _ARGUMENT % ("below", 60))
_ROOT = re.compile(r"\\sqrt" + _ARGUMENT % ("inner", 60))
_TEXT_SCRIPT = re.compile(r"\\text(?P<where>super|sub)script" + _ARGUMENT % ("inner", 40))
_URL = re.compile(r"\\url" + _ARGUMENT % ("inner", 500))
_UNICODE = re.compile(r"\\unicode[ ]?\{x(?P<hex>[0-9a-fA-F]{2,6})\}")
_CITE = re.compile(
    r"\\cite[a-z]{0,10}\*?[ ]?(?:\[[^\[\]{}]{0,100}\][ ]?){0,2}" + _ARGUMENT % ("inner", 300)
)
_DROPPED = re.compile(  # commands whose first argument nobody reads
    r"\\(?:href|textcolor|color|label|[cC]?ref|eqref|begin|end|mkern|hspace|vspace)\*?[ ]?"
    r"\{[^{}]{0,500}\}[ ]?"
)
_SCRIPT_ARGUMENT = re.compile(
    r"[ ]?(?:\{[ ]?(?P<braced>\\?[^{}$\\]{1,40})\}|(?P<word>\\[A-Za-z]+)|(?P<bare>[^\s{}\\$]))"
)
_DOLLAR = re.compile(r"\\.|\$\$?", re.DOTALL)
_LOOKS_LIKE_MATHS = re.compile(r"[\\^_=]")
# Controls, halves of characters, and what turns the direction of the text around: whatever
# way a text came in, none of it reaches a reader.
_UNREADABLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)


def to_text(source: str) -> str:
    """`source` for readers: one line, NFC, without control characters."""
    flat = " ".join(source.split())
    is_simple = flat.isascii() and flat.isprintable()
    if not is_simple:
        flat = " ".join(_UNREADABLE.sub(" ", flat).split())
    if not _has_tex(flat):
        return flat if is_simple else _normal(flat)
    out = _Writer()
    at = 0
    for start, end, inner_start, inner_end in _maths(flat):
        out.write(flat[at:start], maths=False)
        out.write(flat[inner_start:inner_end], maths=True)
        at = end
    out.write(flat[at:], maths=False)
    return _normal(out.text())


def to_texts(names: Sequence[str]) -> list[str]:
    """Each as by `to_text`; what is nothing but markup stays as it is."""
    together = " ".join(names)
    is_simple = together.isascii() and together.isprintable() and not _has_tex(together)
    if is_simple and all(names) and " ".join(together.split()) == together:
        return list(names)
    return [to_text(name) or name for name in names]


def _has_tex(flat: str) -> bool:
    """Without any of these, text is text. Spelt out, since most texts have none of them."""
    return (
        "\\" in flat
        or "$" in flat
        or "{" in flat
        or "}" in flat
        or "~" in flat
        or "--" in flat
        or "``" in flat
        or "''" in flat
    )


def _normal(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def _maths(flat: str) -> list[tuple[int, int, int, int]]:
    """Where maths stands: outer and inner span of each pair of dollar signs.

    `$5 and $10` is money: maths has no space inside its signs and no digit after them,
    unless what is between looks like TeX.
    """
    found: list[tuple[int, int, int, int]] = []
    if "$" not in flat:
        return found
    opened: re.Match[str] | None = None
    for mark in _DOLLAR.finditer(flat):
        if not mark[0].startswith("$"):
            continue
        if opened is not None and _closes(flat, opened.end(), mark):
            found.append((opened.start(), mark.end(), opened.end(), mark.start()))
            opened = None
        else:
            opened = mark
    return found


def _closes(flat: str, start: int, mark: re.Match[str]) -> bool:
    end = mark.start()
    if not start < end <= start + LONGEST_MATHS:
        return False
    if _LOOKS_LIKE_MATHS.search(flat, start, end):
        return True
    tight = flat[start] != " " and flat[end - 1] != " "
    return tight and not flat[mark.end() : mark.end() + 1].isdigit()


class _Writer:
    """Collects what is readable; remembers what the open braces close with."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.closers: list[str] = []
        self.next_brace = ("", "")

    def text(self) -> str:
        return "".join(self.parts)

    def write(self, source: str, *, maths: bool) -> None:
        at = 0
        while at < len(source):
            if source[at] == "\\":
                end = self._special(source, at)
                if end:
                    at = end
                    continue
            token = _TOKEN.match(source, at)
            if token is None:  # every character is a token
                break
            at = token.end()
            kind, text = token.lastgroup, token[0]
            if kind in ("text", "rest"):
                self.parts.append(text)
            elif kind == "word":
                at = self._word(token["word"], source, at, maths)
            elif kind == "sign":
                self.parts.append(SIGNS.get(token["sign"], token["sign"]))
            elif kind == "script":
                at = self._script(text, source, at) if maths else self._plain(text, at)
            elif kind == "brace":
                self._brace(text)
            elif maths:
                self.parts.append({"''": "″", "~": " "}.get(text, text))
            elif kind == "dashes":
                self.parts.append("–" if text == "--" else "—")
            elif kind == "quotes":
                self.parts.append("“" if text == "``" else "”")
            else:  # a tie; in an address it is a home directory
                in_address = self.parts and self.parts[-1].endswith("/")
                self.parts.append("~" if in_address else " ")

    def _plain(self, text: str, at: int) -> int:
        self.parts.append(text)
        return at

    def _brace(self, text: str) -> None:
        if text == "{":
            opener, closer = self.next_brace
            self.next_brace = ("", "")
            self.parts.append(opener)
            self.closers.append(closer)
        elif self.closers:
            self.parts.append(self.closers.pop())

    def _word(self, word: str, source: str, at: int, maths: bool) -> int:
        if word in SYMBOLS:
            self.parts.append(SYMBOLS[word])
            if SYMBOLS[word].isalpha() and not maths and source[at : at + 1] == " ":
                at += 1  # TeX eats the space: "Stra\ss e"
        elif word == "footnote":
            self.next_brace = (" (", ")")
        elif word in SILENT:
            if source[at : at + 1] == " " and source[at + 1 : at + 2] not in ("{", ""):
                at += 1
        elif word not in WRAPPERS:
            before = self.parts[-1][-1:] if self.parts else ""
            self.parts.append(f" {word}" if maths and before.isalnum() else word)
        return at

    def _script(self, sign: str, source: str, at: int) -> int:
        found = _SCRIPT_ARGUMENT.match(source, at)
        if found is None:
            self.parts.append(sign)
            return at
        inner = (found["braced"] or found["word"] or found["bare"]).strip()
        if inner in {r"\circ", r"\deg", r"\degree"}:
            self.parts.append("°")
        elif inner in {r"\prime", "'"}:
            self.parts.append("′")
        elif inner.startswith("\\"):
            self.parts.append(sign + (SYMBOLS.get(inner[1:], inner[1:])))
        else:
            self.parts.append(_raised(inner) if sign == "^" else _lowered(inner))
        return found.end()

    def _special(self, source: str, at: int) -> int:
        """Write a command that is understood with its arguments; where it ends, or 0."""
        if found := _ACCENT.match(source, at):
            letter = found["braced"] or found["dotless"] or found["bare"]
            accent = found["accent"]
            mark = ACCENTS.get(accent) or MATH_ACCENTS[accent]
            self.parts.append(letter + mark if letter else accent)
        elif found := _FRACTION.match(source, at):
            self.parts.append(f"{_grouped(found['above'])}/{_grouped(found['below'])}")
        elif found := _ROOT.match(source, at):
            self.parts.append(f"√{_grouped(found['inner'])}")
        elif found := _TEXT_SCRIPT.match(source, at):
            change = _raised if found["where"] == "super" else _lowered
            self.parts.append(change(found["inner"]).lstrip("^_"))
        elif found := _URL.match(source, at):
            self.parts.append(found["inner"])
        elif found := _CITE.match(source, at):
            self.parts.append(f"[{found['inner']}]")
        elif found := _UNICODE.match(source, at):
            self.parts.append(_character(int(found["hex"], 16)))
        elif found := _DROPPED.match(source, at):
            return found.end()
        else:
            return 0
        return found.end()


def _raised(inner: str) -> str:
    if inner in {"st", "nd", "rd", "th"}:
        return inner
    if all(character in SUPERSCRIPTS for character in inner):
        return "".join(SUPERSCRIPTS[character] for character in inner)
    return f"^{inner}" if inner.isalnum() or len(inner) == 1 else f"^({inner})"


def _lowered(inner: str) -> str:
    if all(character in SUBSCRIPTS for character in inner):
        return "".join(SUBSCRIPTS[character] for character in inner)
    return f"_{inner}"


def _grouped(inner: str) -> str:
    """A part of a fraction, in parentheses where it would be misread without."""
    writer = _Writer()
    writer.write(inner, maths=True)  # no braces in it, so this goes one level deep
    text = writer.text().strip()
    return text if len(text) == 1 or text.isalnum() else f"({text})"


def _character(code: int) -> str:
    if code > 0x10FFFF or unicodedata.category(chr(code))[0] == "C":
        return ""
    return chr(code)
