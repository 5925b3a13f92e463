"""Words as every signal sees them: one cut into words, one normal form of a word."""

import re
from collections.abc import Sequence

_COMPOUND = re.compile(r"[^\W_]+(?:-[^\W_]+)*")
_BETWEEN_TOKENS = str.maketrans(
    {chr(code): " " for code in range(128) if not chr(code).isalnum() and chr(code) != "-"}
)
# What people write together, with a hyphen or apart: one word. Other compounds are several.
_JOINED = ("pre-", "fine-tun", "re-", "multi-", "non-", "sub-", "inter-", "anti-", "meta-")

# Too frequent in any abstract to tell one concept from another.
STOP_WORDS = frozenset(
    "a about above across after again against all almost also although among an and another "
    "any are as at available based be because been before being below best better between "
    "both but by can could current demonstrate different do does doing down due during each "
    "either et al etc even existing few find first for from further furthermore given had "
    "has have having he her here high higher his how however i if in including into is it "
    "its itself just last less like many may might more moreover most much must my new no "
    "nor not novel now of off on once one only or other our out over own paper per propose "
    "proposed provide recent recently respectively result results same second several shall "
    "she should show shows significant significantly since so some specifically still such "
    "than that the their them then there therefore these they this those though three "
    "through thus to too toward towards two under until up upon us use used using various "
    "very via was we well were what when where whether which while who whom whose why will "
    "with within without work works would yet you your approach method methods https http "
    "com github code-base io www".split()
)

_MOST_WORDS = 300_000  # the cache of normal forms is emptied when it holds as many
_normal_forms: dict[str, str] = {}


def raw_words(text: str) -> list[str]:
    """The words of a text, as they stand there."""
    found: list[str] = _COMPOUND.findall(text)
    if "-" not in text:
        return found
    return [word for one in found for word in (_parts(one) if "-" in one else (one,))]


def tokens(text: str) -> list[str]:
    """A text in pieces that hold its `raw_words`, one or several each, and nothing else.

    Several times as fast as they are, and a piece comes again and again.
    """
    if text.isascii():
        return text.translate(_BETWEEN_TOKENS).split()
    return _COMPOUND.findall(text)


def _parts(compound: str) -> list[str]:
    if compound.lower().startswith(_JOINED):
        first, second, *others = compound.split("-")
        return [f"{first}-{second}", *others]
    return compound.split("-")


def stems(raw: Sequence[str]) -> list[str]:
    """The normal form of each word."""
    try:
        return [*map(_normal_forms.__getitem__, raw)]
    except KeyError:
        return [stem(word) for word in raw]


def stem(word: str) -> str:
    """One form for the inflections of a word and for British and American spelling.

    Light on purpose: two words that share a form must mean the same to a reader.
    """
    found = _normal_forms.get(word)
    if found is None:
        if len(_normal_forms) >= _MOST_WORDS:
            _normal_forms.clear()
        found = _normal_forms[word] = form_of(word)
    return found


def form_of(word: str) -> str:
    """As `stem`, found out anew each time."""
    return _stem(word.lower().replace("-", ""))


def _stem(word: str) -> str:
    if len(word) < 4 or not word.isascii():
        return word[:-1] if len(word) == 4 and word.endswith("s") else word
    if word.endswith("ies") and len(word) > 4:
        word = word[:-3] + "y"
    elif word.endswith("sses") or word.endswith(("xes", "ches", "shes")):
        word = word[:-2]
    elif word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    for ending, shorter in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word[: len(word) - len(ending)] + shorter
            break
    if word.endswith("e") and len(word) > 3:
        word = word[:-1]
    if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "aeious":
        word = word[:-1]
    return re.sub(r"is$", "iz", word) if len(word) > 5 else word


_ENDINGS = (
    ("isation", "iz"),
    ("ization", "iz"),
    ("ational", "at"),
    ("ation", "at"),
    ("ative", "at"),
    ("ied", "y"),
    ("ingly", ""),
    ("ing", ""),
    ("edly", ""),
    ("ed", ""),
    ("our", "or"),
)
