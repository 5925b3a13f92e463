"""The pieces of the desk that an act changes, as HTML: rows, buttons, progress, a sentence."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote

from django.template.defaultfilters import floatformat
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from taxonomy.models import Paper
from taxonomy.progress import Progress
from taxonomy.queues import Queue
from taxonomy.views.desk import Desk, Row
from taxonomy.views.evidence import Suggested
from taxonomy.views.frames import fill
from taxonomy.vocabulary import Vocabulary

MOST_WORDS = 4
ANY = "0801.00001"  # stands for whichever paper in an address


@dataclass(frozen=True)
class Shape:
    """All that decides how a row looks, but for the texts that fill it."""

    verdict: str
    stands: str  # what was decided, also on an earlier text
    reason: str
    reason_label: str
    own_verdict: str
    own_reason: str
    decided_by: str
    on_version: int | None  # the earlier one that was decided on
    is_earlier: bool
    is_settled_by_me: bool
    is_by_person: bool
    is_dropped: bool
    is_suggested: bool
    has_words: bool
    has_near: bool
    has_key: bool
    is_outside: bool

    @property
    def is_accepted(self) -> bool:
        return self.verdict == "accept"

    @property
    def is_rejected(self) -> bool:
        return self.verdict == "reject"

    @property
    def is_unsure(self) -> bool:
        return self.verdict == "unsure"

    @classmethod
    def of(cls, row: Row, paper: Paper) -> "Shape":
        made, own, suggested = row.decision, row.own, row.suggested
        before = made.paper_version if made and row.is_earlier else None
        return cls(
            verdict=row.verdict,
            stands=made.verdict if made else "",
            reason=made.reason if made else "",
            reason_label=str(made.get_reason_display()) if made and made.reason else "",
            own_verdict=own.verdict if own else "",
            own_reason=own.reason if own else "",
            decided_by=row.decided_by,
            on_version=before if before and before < paper.version else None,
            is_earlier=row.is_earlier,
            is_settled_by_me=row.is_settled_by_me,
            is_by_person=bool(made and made.actor_id),
            is_dropped=row.is_dropped,
            is_suggested=suggested is not None,
            has_words=bool(suggested and suggested.words),
            has_near=bool(suggested and suggested.nearest),
            has_key=bool(row.key),
            is_outside=row.is_outside,
        )


def hidden(token: str, desk: Desk | None, queue: Queue) -> SafeString:
    """What every form of the desk sends along; `token` shows that it is one of our pages."""
    slots: dict[str, object] = {"token": token, "queue": queue.query}
    if desk:
        slots |= {
            "key": desk.key,
            "text": desk.paper.text_revision,
            "shown": desk.paper.arxiv_id,
        }
    return fill("review/_hidden.html", slots, is_paper=desk is not None)


def rows(desk: Desk, fields: SafeString) -> SafeString:
    """A list item for each concept; `fields` are the hidden ones."""
    if not desk.rows:
        return fill("review/_no_rows.html", {})
    return mark_safe("".join(item(row, desk, fields) for row in desk.rows))


def item(row: Row, desk: Desk, fields: SafeString) -> SafeString:
    """One of them."""
    return fill(
        "review/_row.html",
        {"hidden": fields, "decide": address("decide", desk.paper), **_texts(row)},
        term=row.term,
        row=Shape.of(row, desk.paper),
        keys=desk.keys,
    )


def actions(desk: Desk, fields: SafeString, *, swap: bool = False) -> SafeString:
    """The buttons below the rows; with `swap`, to take the place of those on the page."""
    addresses = {name: address(name, desk.paper) for name in ("finish", "rest", "skip")}
    return fill(
        "review/_actions.html",
        {**addresses, "hidden": fields},
        keys=desk.keys,
        is_open=desk.open_count > 0,
        is_begun=desk.is_begun,
        swap=swap,
    )


def hairline(
    progress: Progress, queue: Queue, terms: Vocabulary, *, swap: bool = False
) -> SafeString:
    """How far one is, in which queue."""
    return fill(
        "review/_hairline.html",
        {},
        progress=progress,
        queue=queue,
        queue_labels=tuple(queue.labels(terms)),
        swap=swap,
    )


def sentence(text: str, fields: SafeString, *, undo: bool, is_bad: bool) -> SafeString:
    """What an act came to."""
    return fill("review/_said.html", {"text": text, "hidden": fields}, undo=undo, is_bad=is_bad)


def _texts(row: Row) -> dict[str, object]:
    """What of a row is the paper's own."""
    note = row.own.note if row.own else ""
    texts: dict[str, object] = {"key": row.key, "note": note}
    if one := row.suggested:
        words = ", ".join(f"“{word}”" for word in one.words[:MOST_WORDS])
        texts |= {"words": words, "score": floatformat(one.score, 2), "percent": one.percent}
        texts["near"] = mark_safe("".join(_near(one)))
    return texts


def _near(suggested: Suggested) -> Iterator[str]:
    for one in suggested.nearest:
        slots = {
            "url": page_of(one.paper),
            "title": one.paper.title_plain,
            "likeness": floatformat(one.likeness, 2),
        }
        yield fill("review/_near.html", slots)


def page_of(paper: Paper) -> str:
    """The address of the page about a paper."""
    return _pattern("paper", get_language()).replace(ANY, quote(paper.arxiv_id), 1)


def address(name: str, paper: Paper) -> str:
    """Where the desk sends what it does to a paper."""
    return _pattern(f"review-{name}", get_language()).replace(ANY, quote(paper.arxiv_id), 1)


@lru_cache
def _pattern(name: str, language: str) -> str:  # addresses name the language
    return reverse(f"taxonomy:{name}", args=[ANY])
