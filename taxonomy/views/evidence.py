"""Suggestions as a curator sees them, and the text marked where they rest on it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from taxonomy.highlighting import Piece, Span, segments
from taxonomy.likeness import Near, nearest_of
from taxonomy.models import Paper, Suggestion
from taxonomy.vocabulary import Term, Vocabulary


@dataclass(frozen=True)
class Suggested:
    """A suggestion as a curator sees it: how sure, the words it rests on, papers like it."""

    term: Term
    row: Suggestion
    spans: tuple[tuple[str, Span], ...]  # field, span
    words: tuple[str, ...]
    nearest: tuple[Near, ...] = ()

    @property
    def score(self) -> float:
        return self.row.score

    @property
    def percent(self) -> int:
        return round(100 * self.score)

    @property
    def vocabulary(self) -> int | None:
        """The version of the vocabulary it was made with; None: not noted."""
        number: int | None = self.row.evidence.get("vocabulary")
        return number


def suggested_on(
    paper: Paper, rows: Sequence[Suggestion], terms: Vocabulary, only: int | None = None
) -> list[Suggested]:
    """What these suggestions for the paper show, in their order. One query at most.

    With `only`, papers like it are looked up just for the suggestion of that concept.
    """
    near = nearest_of([row for row in rows if only in (None, row.concept_id)])
    return [
        replace(
            _with_words(row, terms.by_id[row.concept_id], paper),
            nearest=tuple(near.get(row.pk, ())),
        )
        for row in rows
    ]


def marked(text: str, field: str, suggested: Iterable[Suggested]) -> list[Piece]:
    """The text in pieces, those marked that speak for a suggestion."""
    spans = [span for one in suggested for at, span in one.spans if at == field]
    return segments(text, spans)


def _with_words(row: Suggestion, term: Term, paper: Paper) -> Suggested:
    texts = {"title": paper.title_plain, "abstract": paper.abstract_plain}
    spans: list[tuple[str, Span]] = []
    words: dict[str, str] = {}  # as first written, whatever the case of the later ones
    # Offsets in another text would mark words that mean nothing.
    same_text = row.text_revision == paper.text_revision
    evidence = row.evidence.get("spans", []) if same_text else []
    for span in evidence:
        field, start, end = span["field"], span["start"], span["end"]
        marked_span = Span(start, end, term.hue, term.label, row.score * span["weight"])
        spans.append((field, marked_span))
        word = texts.get(field, "")[start:end]
        words.setdefault(word.casefold(), word)
    return Suggested(
        term=term,
        row=row,
        spans=tuple(spans),
        words=tuple(words.values()),
    )
