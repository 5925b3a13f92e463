"""What a queue is: which of the papers that wait, and in which order."""

from dataclasses import dataclass, fields
from datetime import timedelta
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, TextChoices
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from taxonomy import scopes, vocabulary
from taxonomy.models import Order, Paper, QueuePolicy, Skip, Suggestion, User
from taxonomy.models.review import ScreeningQuerySet
from taxonomy.vocabulary import Vocabulary


class Part(TextChoices):
    """Papers that somebody had in hand before."""

    MINE = "mine", _("on which I decided before")
    SKIPPED = "skipped", _("that I passed over")
    DISPUTED = "disputed", _("on which curators disagree")


AGES: dict[str, str | Promise] = {
    "7": _("of the last 7 days"), "30": _("of the last 30 days"), "365": _("of the last year"),
}  # fmt: skip
ARRIVALS: dict[str, str | Promise] = {
    "oldest": _("longest here first"), "newest": _("newest here first")
}  # fmt: skip


@dataclass(frozen=True)
class Queue:
    """What is asked for; empty fields ask for nothing. Concepts are slugs."""

    challenge: str = ""
    domain: str = ""
    q: str = ""  # words of the paper
    days: str = ""
    part: str = ""
    order: str = ""

    @property
    def query(self) -> str:
        """As in an address; the same for the same queue."""
        values = [(field.name, getattr(self, field.name)) for field in fields(self)]
        return urlencode([(name, value) for name, value in values if value])

    @property
    def is_everything(self) -> bool:
        return self in {Queue(), Queue(order=self.order)}

    def labels(self, terms: Vocabulary) -> list[str]:
        """What narrows it, for readers."""
        slugs = [slug for slug in (self.challenge, self.domain) if slug]
        concepts = [terms.by_slug[slug].label for slug in slugs if slug in terms.by_slug]
        parts: dict[str, str | Promise] = {part.value: part.label for part in Part}
        words = [f"“{self.q}”"] if self.q else []
        rest = (AGES.get(self.days), parts.get(self.part))
        return concepts + words + [str(word) for word in rest if word]

    def order_label(self) -> str:
        known: dict[str, str | Promise] = {**dict(Order.choices), **ARRIVALS}
        return str(known.get(self.order, ""))

    def narrow(self, screenings: ScreeningQuerySet, curator: User) -> ScreeningQuerySet:
        """Those that belong to it, and to the curator. An unknown concept has none."""
        screenings = scopes.narrow(screenings, curator)
        for slug, kind in ((self.challenge, "challenge"), (self.domain, "domain")):
            if slug:
                screenings = _about(screenings, slug, kind)
        if self.q:
            found = Paper.objects.matching(self.q).filter(pk=OuterRef("paper"))
            screenings = screenings.filter(Exists(found))
        if self.days:
            since = timezone.now() - timedelta(days=int(self.days))
            screenings = screenings.filter(paper__published_at__gte=since)
        if self.part == Part.MINE:
            screenings = screenings.decided_by(curator)
        elif self.part == Part.SKIPPED:
            skips = Skip.objects.filter(paper=OuterRef("paper"), curator=curator)
            screenings = screenings.filter(Exists(skips))
        elif self.part == Part.DISPUTED:
            screenings = screenings.disputed()
        return screenings

    def ordered(self, screenings: ScreeningQuerySet) -> ScreeningQuerySet:
        """In its order, or in that which an editor has set."""
        if self.order in ARRIVALS:
            return screenings.by_arrival(newest=self.order == "newest")
        order = Order(self.order) if self.order else QueuePolicy.objects.order()
        return screenings.first_in_queue(order)


EVERYTHING = Queue()


def _about(screenings: ScreeningQuerySet, slug: str, kind: str) -> ScreeningQuerySet:
    terms = vocabulary.current()
    term = terms.by_slug.get(slug)
    if term is None or term.kind != kind:
        return screenings.none()
    suggested = Suggestion.objects.filter(
        paper=OuterRef("paper"), concept__in=terms.subtree(term.id)
    )
    return screenings.filter(Exists(suggested))
