"""Looking for candidates among the papers that are here, and what editors make of them."""

from collections.abc import Iterator

from django.db import connection, transaction
from django.utils import timezone

from ingest.models import ConceptCandidate
from ingest.suggest import candidates, subjects, topic
from ingest.suggest.lexical import Lexicon
from ingest.suggest.reading import Reading
from taxonomy import vocabulary
from taxonomy.models import Paper, User

RECENT, BEFORE = 4_000, 6_000  # papers about language models
MOST_READ = 60_000  # papers, to find so many among others
CHUNK = 1_000
NEAR = 0.5  # of the topic
_LOCK = 0x6B61_6463


@transaction.atomic
def look() -> int:
    """Replace the candidates that are open; how many there are. Dismissed ones stay dismissed.

    0 as well when another process is looking.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        if not cursor.fetchone()[0]:
            return 0
    papers = list(_about_models(RECENT + BEFORE))
    recent, before = papers[:RECENT], papers[RECENT:]
    found = candidates.find(
        [text for _, text in recent],
        [text for _, text in before],
        Lexicon(subjects.from_vocabulary(vocabulary.current())),
    )
    dismissed = set(ConceptCandidate.objects.dismissed().values_list("phrase", flat=True))
    rows = [
        ConceptCandidate(
            phrase=one.phrases[0][:200],
            others=[phrase[:200] for phrase in one.phrases[1:6]],
            position=position,
            papers=len(one.rows),
            recent=len(recent),
            growth=one.growth,
            sample=[recent[row][0] for row in one.rows[: candidates.SAMPLE]],
        )
        for position, one in enumerate(found)
        if one.phrases[0][:200] not in dismissed
    ]
    ConceptCandidate.objects.open().delete()
    ConceptCandidate.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def dismiss(candidate: ConceptCandidate, user: User) -> None:
    """An editor says that this is no concept. Twice is as good as once."""
    ConceptCandidate.objects.open().filter(pk=candidate.pk).update(
        dismissed_at=timezone.now(), dismissed_by=user.get_username()
    )


def restore(candidate: ConceptCandidate) -> None:
    ConceptCandidate.objects.filter(pk=candidate.pk).update(dismissed_at=None, dismissed_by="")


def _about_models(count: int) -> Iterator[tuple[int, tuple[str, str]]]:
    """Newest papers about language models: (id, (title, abstract))."""
    newest = Paper.objects.filter(fetched_at__isnull=False, withdrawn=False).newest_first()
    rows = newest.values_list("pk", "title_plain", "abstract_plain")[:MOST_READ]
    chunk: list[tuple[int, tuple[str, str]]] = []
    for pk, title, abstract in rows.iterator(chunk_size=CHUNK):
        chunk.append((pk, (title, abstract)))
        if len(chunk) == CHUNK:
            near = _near(chunk)
            yield from near[:count]
            count -= len(near)
            chunk = []
            if count <= 0:
                return
    yield from _near(chunk)[:count]


def _near(
    chunk: list[tuple[int, tuple[str, str]]],
) -> list[tuple[int, tuple[str, str]]]:
    near = topic.closeness(Reading.of([text for _, text in chunk])) >= NEAR
    return [one for one, is_near in zip(chunk, near, strict=True) if is_near]
