"""Which concepts someone means who has typed a few letters, in either language."""

import unicodedata
from dataclasses import dataclass

from taxonomy.vocabulary import Term, Vocabulary

MOST = 12

# How well a label answers: as a whole, from its start, from the start of a word, inside.
WHOLE, START, WORD, INSIDE, NOT_AT_ALL = range(5)


@dataclass(frozen=True)
class Match:
    """A concept, and the label that answered where it is not the one shown."""

    term: Term
    label: str

    @property
    def other_name(self) -> str:
        return "" if self.label == self.term.label else self.label


def folded(text: str) -> str:
    """Full width, half width, capital and small letters are the same to a reader."""
    return unicodedata.normalize("NFKC", text).casefold().strip()


def matching(text: str, terms: Vocabulary, most: int = MOST) -> list[Match]:
    """Concepts with a label that contains the text, the closest first; retired ones never.

    Among equals the broader concept and the shorter label come first.
    """
    asked = folded(text)
    if not asked:
        return []
    found = []
    for term in terms:
        if term.deprecated:
            continue
        labels = (label for labels in term.labels.values() for label in labels)
        ranked = ((_rank(asked, label), len(label), label) for label in labels)
        answers = [answer for answer in ranked if answer[0] < NOT_AT_ALL]
        if answers:
            rank, length, label = min(answers)
            found.append((rank, not term.is_top, length, term.position, term.id, label))
    return [Match(terms.by_id[id_], label) for *_, id_, label in sorted(found)[:most]]


def _rank(asked: str, label: str) -> int:
    known = folded(label)
    at = known.find(asked)
    if at < 0:
        return NOT_AT_ALL
    if known == asked:
        return WHOLE
    if at == 0:
        return START
    return WORD if f" {asked}" in known.replace("-", " ") else INSIDE
