"""A scratch database for measuring, filled with made-up papers; kept between runs."""

import os
import random
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

HOME = Path(os.environ.get("KADAI_BENCH_HOME", Path(tempfile.gettempdir()) / "kadai-bench"))

WORDS = (
    "model language attention context token latency retrieval hallucination prompt reasoning "
    "alignment benchmark watermark quantization pruning decoding adapter tuning evaluation "
    "dataset contamination memory agent dialogue protein legal clinical robot synthetic"
).split()


def start() -> None:
    """Point Django at the scratch database, migrated, with the shipped taxonomy."""
    os.environ["KADAI_HOME"] = str(HOME)
    os.environ["DATABASE_URL"] = ""
    os.environ["KADAI_LOG_LEVEL"] = "ERROR"
    os.environ["DJANGO_ALLOWED_HOSTS"] = "testserver"
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    from config import embedded  # noqa: PLC0415  (the environment comes first)

    embedded.ensure_running(HOME)
    import django  # noqa: PLC0415

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415

    call_command("migrate", interactive=False, verbosity=0)
    call_command("load_taxonomy", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)


def stop() -> None:
    from config import embedded  # noqa: PLC0415

    embedded.stop(HOME)


def fill(papers: int) -> None:
    """At least that many made-up papers over four years, nine in ten tagged."""
    from taxonomy import counts, curation  # noqa: PLC0415  (needs Django set up)
    from taxonomy.models import Concept, Paper, Screening  # noqa: PLC0415

    there = Paper.objects.count()
    chance = random.Random(there)
    concepts = list(Concept.objects.all())
    actor = curation.Actor.importing("benchmark")
    newest = datetime(2026, 11, 1, tzinfo=UTC)
    while there < papers:
        batch = [
            _paper(there + n, newest - timedelta(minutes=21 * (there + n)), chance)
            for n in range(2_000)
        ]
        made = Paper.objects.bulk_create(batch, ignore_conflicts=False)
        Screening.objects.bulk_create(Screening(paper=paper) for paper in made)
        counts.add_arrivals(len(made), newest.date())
        pairs = [
            (paper, concept)
            for paper in made
            if chance.random() < 0.9
            for concept in chance.sample(concepts, chance.randint(1, 4))
        ]
        curation.accept_all(pairs=pairs, actor=actor)
        there += len(made)


def _paper(number: int, published: datetime, chance: random.Random) -> object:
    title = " ".join(chance.choices(WORDS, k=9)).capitalize()
    abstract = " ".join(chance.choices(WORDS, k=160)).capitalize() + "."
    authors = [f"Author {chance.randint(1, 9000)}" for _ in range(4)]
    return paper(number, title, abstract, published=published, authors=authors)


def paper(
    number: int,
    title: str,
    abstract: str,
    *,
    published: datetime = datetime(2026, 1, 1, tzinfo=UTC),
    authors: Sequence[str] = ("Author 1",),
) -> Any:
    """One that is not stored yet; its id tells its number."""
    from taxonomy.models import Paper  # noqa: PLC0415

    month, order = divmod(number, 99_999)
    return Paper(
        arxiv_id=f"{801 + month:04d}.{order + 1:05d}",
        title=title,
        title_plain=title,
        abstract=abstract,
        abstract_plain=abstract,
        authors=list(authors),
        categories=["cs.CL", "cs.AI"],
        published_at=published,
        updated_at=published,
        fetched_at=published,
    )
