"""What lies on the review desk: a paper, what is suggested and what was decided."""

import secrets
from dataclasses import dataclass, field

from django.urls import reverse

from taxonomy import scopes
from taxonomy.desk_keys import Keymap
from taxonomy.dossiers import Dossier
from taxonomy.highlighting import Piece
from taxonomy.models import Decision, Paper, Screening, User
from taxonomy.queues import Queue
from taxonomy.typeahead import Match, matching
from taxonomy.views.evidence import Suggested, marked, suggested_on
from taxonomy.views.lines import PaperLine, similar_papers, who_decided
from taxonomy.views.versions import Named, Since, named_by, since_decided
from taxonomy.vocabulary import Term, Vocabulary

SIMILAR = 3
LIKELY = 3  # suggestions that say which decided papers are like this one
FIRST_AUTHORS = 8


@dataclass(frozen=True)
class Row:
    """One concept on the desk: suggested, added or decided before."""

    term: Term
    key: str
    suggested: Suggested | None
    decision: Decision | None
    is_mine: bool  # decided by who sits at the desk
    is_earlier: bool  # decided on an earlier text of the paper
    is_outside: bool = False  # of what a limited curator decides on

    @property
    def is_open(self) -> bool:
        """Still to be decided: not yet, or not on the text that the suggestion read."""
        if self.suggested:
            return self.suggested.row.is_open(self.decision)
        return self.decision is None

    @property
    def verdict(self) -> str:
        """What holds; empty where a decision on an earlier text is asked for anew."""
        return self.decision.verdict if self.decision and not self.is_open else ""

    @property
    def is_accepted(self) -> bool:
        return self.verdict == Decision.Verdict.ACCEPT

    @property
    def is_rejected(self) -> bool:
        return self.verdict == Decision.Verdict.REJECT

    @property
    def is_unsure(self) -> bool:
        return self.verdict == Decision.Verdict.UNSURE

    @property
    def own(self) -> Decision | None:
        """What whoever sits at the desk said on this text: its reason and note are theirs."""
        return self.decision if self.is_settled_by_me else None

    @property
    def is_settled_by_me(self) -> bool:
        """The same key once more takes it back."""
        return self.is_mine and not self.is_earlier

    @property
    def is_dropped(self) -> bool:
        """Accepted as suggested for an earlier text, and not suggested for this one."""
        earlier = self.decision if self.is_accepted and self.is_earlier else None
        return bool(earlier and earlier.suggester and not self.suggested)

    @property
    def decided_by(self) -> str:
        """The name of whoever else decided."""
        if self.decision is None or self.is_mine:
            return ""
        return who_decided(self.decision, names=True)


@dataclass(frozen=True)
class Desk:
    """A paper laid out for a curator."""

    paper: Paper
    state: str
    rows: list[Row]
    keys: Keymap
    key: str = field(default_factory=lambda: secrets.token_hex(8))

    @property
    def is_waiting(self) -> bool:
        return self.state == Screening.State.WAITING

    @property
    def is_closed(self) -> bool:
        return self.state == Screening.State.SCREENED

    @property
    def suggester(self) -> str:
        return next((row.suggested.row.suggester for row in self.rows if row.suggested), "")

    @property
    def vocabulary(self) -> int | None:
        """The version of the vocabulary that the suggestions were made with."""
        return next((row.suggested.vocabulary for row in self.rows if row.suggested), None)

    @property
    def open_count(self) -> int:
        """To be decided by who sits here."""
        return sum(row.is_open and not row.is_outside for row in self.rows)

    @property
    def is_begun(self) -> bool:
        return not all(row.is_open for row in self.rows)

    @property
    def read_version(self) -> int | None:
        """The version whose text the suggestions read, if the text is another one now."""
        rows = [row.suggested.row for row in self.rows if row.suggested]
        old = [row for row in rows if row.text_revision < self.paper.text_revision]
        return min((row.paper_version for row in old), default=None)


@dataclass(frozen=True)
class Reading:
    """What of a paper is read, and looked up only when it is laid out anew."""

    title: list[Piece]
    abstract: list[Piece]
    first_authors: list[str]
    more_authors: int
    since: list[Since]
    named: Named | None
    similar: list[PaperLine]
    matches: list[Match]
    asked: str


def queue_url(queue: Queue) -> str:
    """Where the desk works on it, for anyone; what waits and is leased comes by itself."""
    address = reverse("taxonomy:review")
    return f"{address}?{queue.query}" if queue.query else address


def desk_of(
    screening: Screening,
    beside: Dossier,
    curator: User,
    keys: Keymap,
    terms: Vocabulary,
    only: int | None = None,
) -> Desk:
    """The paper, with what lies beside it. One query at most.

    With `only`, just the row of that concept has all that it shows.
    """
    return Desk(
        paper=screening.paper,
        state=screening.state,
        rows=_rows(screening.paper, beside, curator, keys.for_rows, terms, only),
        keys=keys,
    )


def reading_of(desk: Desk, terms: Vocabulary, asked: str = "") -> Reading:
    """The texts with their evidence, what changed in them, and decided papers like it.

    Four queries at most.
    """
    suggested = [row.suggested for row in desk.rows if row.suggested]
    likely = [one.term.id for one in suggested[:LIKELY]]
    return Reading(
        title=marked(desk.paper.title_plain, "title", suggested),
        abstract=marked(desk.paper.abstract_plain, "abstract", suggested),
        first_authors=desk.paper.authors[:FIRST_AUTHORS],
        more_authors=max(len(desk.paper.authors) - FIRST_AUTHORS, 0),
        named=named_by(desk.paper),
        since=since_decided(desk.paper, [row.decision for row in desk.rows if row.decision]),
        similar=similar_papers(desk.paper, likely, terms, SIMILAR),
        matches=matching(asked, terms),
        asked=asked,
    )


def _rows(
    paper: Paper,
    beside: Dossier,
    curator: User,
    letters: str,
    terms: Vocabulary,
    only: int | None,
) -> list[Row]:
    """Suggestions, surest first; below them what was decided without one, oldest first.

    Decided rows keep their place: the keys of a paper do not move while one decides. What
    lies outside of the curator's scope is there to be read, and has none.
    """
    suggested = suggested_on(paper, beside.suggestions, terms, only)
    standing = beside.standing
    known = {one.term.id for one in suggested}
    added = [decision for id_, decision in standing.items() if id_ not in known]
    pairs: list[tuple[Term, Suggested | None]] = [(one.term, one) for one in suggested]
    pairs += [
        (terms.by_id[decision.concept_id], None)
        for decision in sorted(added, key=lambda decision: decision.pk)
    ]
    keys = letters.ljust(len(pairs))
    within = scopes.concepts_of(curator) if curator.scope else None
    rows = []
    for (term, one), key in zip(pairs, keys, strict=False):
        decision = standing.get(term.id)
        is_mine = decision is not None and decision.actor_id == curator.pk
        is_earlier = decision is not None and not decision.has_read(paper.text_revision)
        is_outside = within is not None and term.id not in within and not is_mine
        own_key = "" if is_outside else key.strip()
        rows.append(Row(term, own_key, one, decision, is_mine, is_earlier, is_outside))
    return rows
