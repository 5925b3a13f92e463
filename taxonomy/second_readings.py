"""The verbs of second readings: some papers go, unannounced, to one more curator.

What the second one says moves no tag. Where both gave the same concepts the first one's
decisions stand; where they differ an editor settles it by decisions of their own. What each
said is kept as it was said, so that later decisions change no figure of agreement.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from taxonomy import curation
from taxonomy.curation import Actor
from taxonomy.errors import NotYours
from taxonomy.models import (
    Concept,
    Decision,
    GoldPaper,
    Judgement,
    Paper,
    ReadingPolicy,
    SecondReading,
    User,
)

Kind, State, Side = SecondReading.Kind, SecondReading.State, Judgement.Side

HELD = timedelta(hours=1)  # then an unread paper goes to someone else
GOLD_EVERY = 10  # one of so many readings is of a gold paper, while there are unread ones
BATCH = 1_000  # papers opened at once

# Which papers are drawn follows from their identifiers alone: drawing again changes nothing.
_OPEN = """
WITH drawn AS (
    SELECT paper.id, paper.text_revision, screening.screened_by_id
    FROM taxonomy_screening AS screening JOIN taxonomy_paper AS paper ON paper.id = paper_id
    WHERE screening.state = 'screened' AND screening.screened_by_id IS NOT NULL
        AND screening.screened_at >= %(since)s
        AND NOT paper.withdrawn AND paper.removed_at IS NULL
        AND ('x' || substr(md5(paper.arxiv_id), 1, 8))::bit(32)::bigint %% 100 < %(share)s
        AND NOT EXISTS (
            SELECT FROM taxonomy_secondreading AS known
            WHERE known.paper_id = paper.id AND known.kind = 'second'
                AND known.text_revision = paper.text_revision
        )
    ORDER BY screening.screened_at LIMIT %(batch)s
), opened AS (
    INSERT INTO taxonomy_secondreading
        (paper_id, kind, state, text_revision, first_id, opened_at)
    SELECT id, 'second', 'open', text_revision, screened_by_id, now() FROM drawn
    ON CONFLICT DO NOTHING
    RETURNING id, paper_id
)
INSERT INTO taxonomy_judgement (reading_id, side, concept_id)
SELECT opened.id, 'first', tag.concept_id
FROM opened JOIN taxonomy_tag AS tag ON tag.paper_id = opened.paper_id AND tag.direct
RETURNING reading_id
"""


def set_share(*, share: int, editor: User) -> None:
    """Of a hundred papers screened from now on, so many are read twice."""
    ReadingPolicy.objects.update_or_create(
        id=1,
        defaults={
            "share": share, "changed_by": editor.get_username(), "changed_at": timezone.now()
        },
    )  # fmt: skip


@transaction.atomic
def open_drawn() -> int:
    """Open the readings that the policy asks for; how many were opened. Two statements.

    What the first curator gave is noted now. Two at once open each reading once.
    """
    policy = ReadingPolicy.objects.current()
    if policy.share == 0:
        return 0
    before = SecondReading.objects.count()
    asked: dict[str, int | datetime] = {
        "share": policy.share, "since": policy.changed_at, "batch": BATCH
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_OPEN, asked)
    return SecondReading.objects.count() - before


@transaction.atomic
def take_next(curator: User) -> SecondReading | None:
    """The reading this curator has open; else a gold paper where one is due, or the oldest.

    Never a paper on which they decided something, and none that another one is reading.
    """
    own = SecondReading.objects.filter(second=curator, state=State.TAKEN).with_paper()
    if held := own.order_by("taken_at").first():
        return held
    return _gold_for(curator) or _oldest_for(curator)


@transaction.atomic
def judge(*, reading: SecondReading, curator: User, concepts: Iterable[Concept]) -> str:
    """What this curator gives to the paper, in whole; no concept at all is an answer, too.

    The state that the reading has then. NotYours if the reading is not theirs, or was judged
    before.
    """
    locked = SecondReading.objects.select_for_update().get(pk=reading.pk)
    if locked.second_id != curator.pk or locked.state != State.TAKEN:
        raise NotYours(_("This paper is no longer yours to read."))
    given = {concept.pk for concept in concepts}
    Judgement.objects.bulk_create(
        Judgement(reading=locked, side=Side.SECOND, concept_id=pk) for pk in sorted(given)
    )
    first = locked.judgements.filter(side=Side.FIRST).values_list("concept_id", flat=True)
    locked.state = State.AGREED if given == set(first) else State.DISPUTED
    if locked.kind == Kind.GOLD and locked.state == State.DISPUTED:
        locked.state = State.SETTLED  # what is true of it is known
    locked.done_at = timezone.now()
    locked.save(update_fields=["state", "done_at"])
    return locked.state


@transaction.atomic
def settle(
    *, reading: SecondReading, editor: User, verdicts: Mapping[Concept, bool]
) -> list[Decision]:
    """The editor's word on what was disputed, as ordinary decisions. Twice changes nothing."""
    locked = SecondReading.objects.with_paper().select_for_update(of=("self",))
    reading = locked.get(pk=reading.pk)
    if reading.state != State.DISPUTED:
        return []
    made = [
        curation.decide(
            paper=reading.paper,
            concept=concept,
            verdict=Decision.Verdict.ACCEPT if holds else Decision.Verdict.REJECT,
            actor=Actor.person(editor),
            note=_("Settled between two readings"),
        )
        for concept, holds in verdicts.items()
        if not concept.deprecated
    ]
    reading.state, reading.settled_by = State.SETTLED, editor
    reading.save(update_fields=["state", "settled_by"])
    return made


@transaction.atomic
def mark_gold(*, paper: Paper, editor: User) -> GoldPaper:
    """What the paper's own tags say is true of it from now on."""
    gold, _new = GoldPaper.objects.update_or_create(
        paper=paper, defaults={"marked_by": editor, "marked_at": timezone.now()}
    )
    gold.concepts.set(Concept.objects.filter(tags__paper=paper, tags__direct=True))
    return gold


def unmark_gold(*, paper: Paper) -> None:
    """What was read of it stays counted."""
    GoldPaper.objects.filter(paper=paper).delete()


def _gold_for(curator: User) -> SecondReading | None:
    done = SecondReading.objects.filter(second=curator, done_at__isnull=False).count()
    if done % GOLD_EVERY != GOLD_EVERY - 1:
        return None
    read = SecondReading.objects.filter(paper=OuterRef("paper"), second=curator)
    own = Decision.objects.filter(paper=OuterRef("paper"), actor=curator)
    unread = GoldPaper.objects.filter(~Exists(read), ~Exists(own))
    gold = unread.select_related("paper").order_by("marked_at", "pk").first()
    if gold is None:
        return None
    reading, is_new = SecondReading.objects.get_or_create(
        paper=gold.paper,
        second=curator,
        kind=Kind.GOLD,
        defaults={
            "state": State.TAKEN,
            "taken_at": timezone.now(),
            "text_revision": gold.paper.text_revision,
        },
    )
    if is_new:
        Judgement.objects.bulk_create(
            Judgement(reading=reading, side=Side.FIRST, concept=concept)
            for concept in gold.concepts.all()
        )
    return reading


def _oldest_for(curator: User) -> SecondReading | None:
    own = Decision.objects.filter(paper=OuterRef("paper"), actor=curator)
    free = SecondReading.objects.filter(_is_free(timezone.now()), ~Exists(own))
    others = free.exclude(first=curator).with_paper().order_by("opened_at", "pk")
    reading = others.select_for_update(skip_locked=True, of=("self",)).first()
    if reading is not None:
        reading.state, reading.second = State.TAKEN, curator
        reading.taken_at = timezone.now()
        reading.save(update_fields=["state", "second", "taken_at"])
    return reading


def _is_free(now: datetime) -> Q:
    left = Q(state=State.TAKEN, taken_at__lt=now - HELD)
    return Q(kind=Kind.SECOND) & (Q(state=State.OPEN) | left)
